"""Reinforcement beside DPO: a reward model learnt from pairs with proximal policy optimisation, and a group
baseline with the true score.

Reward model (Ouyang et al. 2022, "Training language models to follow instructions with human feedback",
equation 1): a linear head on the last hidden state of the adapter, -log sigmoid(r(chosen) - r(rejected)).

PPO (Schulman, Wolski, Dhariwal, Radford and Klimov 2017, "Proximal Policy Optimization Algorithms",
equation 7): of each token min(ratio A, clip(ratio, 1 - e, 1 + e) A), with A by generalised advantage
estimation (Schulman et al. 2016, equation 16; gamma 1) over a value head; the reward of each token is
-kl (log p - log q), q the adapter at the start, and the last one's has the reward model's added.

Group baseline (Ahmadian et al. 2024, "Back to Basics", RLOO): the advantage of an answer is its score less
the mean score of the other answers to the same question; no reward model, no value head.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

import torch
from abax_runtime.engine import Engine
from abax_runtime.gguf import Gguf
from abax_runtime.merge import write_adapter
from abax_runtime.request import Request
from abax_runtime.sampler import Sampling
from torch.nn import Linear, functional

from training.adapters import evaluate
from training.adapters.batches import END, Row, row_of
from training.adapters.examples import Example
from training.adapters.loop import Answers
from training.adapters.prefer import Two
from training.adapters.train import Supervised, writing

LONGEST: Final = 160
"""Tokens of an answer that is drawn."""


@dataclass(frozen=True)
class Course:
    """The settings of both."""

    questions: int = 2
    """Of an update."""
    answers: int = 4
    """To each question."""
    epochs: int = 2
    """Of PPO, over the same answers."""
    rate: float = 5e-5
    """Of the adapter."""
    head_rate: float = 1e-3
    """Of the reward's and the value's head."""
    reward_share: float = 0.35
    """Of PPO's time, for the reward model."""
    pairs: int = 4
    """Of a step of the reward model."""
    clip: float = 0.2
    kl: float = 0.05
    smoothing: float = 0.95
    """Lambda of the advantages."""
    length: int = 2048
    """Tokens of question and answer, at most."""
    seed: int = 1


@dataclass(frozen=True)
class Drawn:
    """An answer of the adapter as it is, and what it is worth."""

    row: Row
    score: float
    """True: F1."""


class Clock:
    """Seconds of processor time since it was made; all arms have as many."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._begun = seconds, time.process_time()

    @property
    def spent(self) -> float:
        """So far."""
        return time.process_time() - self._begun

    def over(self, share: float = 1.0) -> bool:
        """Whether a share of the time is spent."""
        return self.spent > share * self.seconds


# --- weights that one model wears in turn ---------------------------------------------------------------

Weights = Mapping[str, torch.Tensor]


def taken(run: Supervised) -> Weights:
    """A copy of the adapter as it is."""
    return {name: value.detach().clone() for name, value in run.learnt.items()}


@contextmanager
def wearing(run: Supervised, weights: Weights) -> Iterator[None]:
    """The model with another adapter for a while, and nothing learnt."""
    own = taken(run)
    _put_on(run, weights)
    try:
        with torch.no_grad():
            yield
    finally:
        _put_on(run, own)


def _put_on(run: Supervised, weights: Weights) -> None:
    for name, value in run.learnt.items():
        value.data.copy_(weights[name])


# --- the reward model -----------------------------------------------------------------------------------


class Reward:
    """An adapter and a head, learnt from pairs."""

    def __init__(self, run: Supervised) -> None:
        """Begins with the adapter that ``run`` has."""
        self.run, self.weights = run, taken(run)
        self.head = _head(run)
        self.mean, self.spread = 0.0, 1.0

    def learn(self, pairs: Sequence[Two], course: Course, over: Callable[[], bool]) -> list[float]:
        """Until the time is over, at least one step; the losses. Leaves ``run`` as it was."""
        own, losses, rng = taken(self.run), [], random.Random(course.seed)
        optimizer = torch.optim.AdamW(
            [
                {"params": list(self.run.learnt.values()), "lr": course.rate},
                {"params": self.head.parameters(), "lr": course.head_rate},
            ],
            weight_decay=0.0,
        )
        while not losses or not over():
            part = rng.sample(list(pairs), min(course.pairs, len(pairs)))
            chosen, rejected = self._raw([one.chosen for one in part] + [one.rejected for one in part]).chunk(
                2
            )
            loss = -functional.logsigmoid(chosen - rejected).mean()
            _step(loss, optimizer)
            losses.append(float(loss.detach()))
        self.weights = taken(self.run)
        _put_on(self.run, own)
        self._scale(pairs)
        return losses

    def _raw(self, rows: Sequence[Row]) -> torch.Tensor:
        answers = self.run.answers(rows)
        counts = torch.bincount(answers.row, minlength=len(rows))
        return self.head(answers.hidden[counts.cumsum(0) - 1].float())[:, 0]

    def _scale(self, pairs: Sequence[Two], most: int = 16) -> None:
        """Rewards of the answers of pairs have mean 0 and spread 1."""
        rows = [row for one in pairs[:most] for row in (one.chosen, one.rejected)]
        raw = torch.cat([self._worn(rows[at : at + 8]) for at in range(0, len(rows), 8)])
        self.mean, self.spread = float(raw.mean()), max(float(raw.std()), 1e-3)

    def _worn(self, rows: Sequence[Row]) -> torch.Tensor:
        with wearing(self.run, self.weights):
            return self._raw(rows)

    def of(self, rows: Sequence[Row]) -> torch.Tensor:
        """Of each answer, scaled."""
        return (self._worn(rows) - self.mean) / self.spread

    def right(self, pairs: Sequence[Two]) -> float:
        """Share of the pairs in which the better answer has the higher reward."""
        found = [self._worn([one.chosen, one.rejected]) for one in pairs]
        return fmean(float(chosen > rejected) for chosen, rejected in found)


def _head(run: Supervised) -> Linear:
    head = Linear(run.model.config.hidden_size, 1).to(run.device)
    torch.nn.init.zeros_(head.weight)
    return head


def _step(loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    loss.backward()
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


# --- answers of the adapter as it is --------------------------------------------------------------------


class Drawing:
    """Draws answers through the runtime, without grammar, so that they are the policy's own."""

    def __init__(
        self, file: Gguf, run: Supervised, ones: Sequence[Example], folder: Path, course: Course
    ) -> None:
        self._file, self._run, self._ones, self._course = file, run, list(ones), course
        self._path = folder / "policy.gguf"
        self._writing = writing(file)
        self._rng, self._drawn = random.Random(course.seed), 0

    def draw(self) -> list[Drawn]:
        """Answers to the next questions, those to one question beside each other."""
        course, halves = self._course, self._run.halves()
        names = sorted({name.rpartition("/")[0] for name in halves})
        pairs = {name: (halves[f"{name}/a"], halves[f"{name}/b"]) for name in names}
        write_adapter(self._path, self._file, pairs, alpha=self._run.plan.alpha, hugging_face=True)
        asked = [
            one
            for one in self._rng.sample(self._ones, min(course.questions, len(self._ones)))
            for _ in range(course.answers)
        ]
        with Engine.open(
            self._file.path, length=course.length, sequences=len(asked), threads=1, adapters=[self._path]
        ) as engine:
            made = engine.generate_all([self._request(one) for one in asked])
        found = []
        for one, each in zip(asked, made, strict=True):
            if isinstance(each, Exception):
                raise each
            row = self._row(one, each.tokens, each.finish == "stop")
            found.append(Drawn(row, evaluate.score(one.kind, each.text, one.answer)))
        return found

    def _request(self, one: Example) -> Request:
        self._drawn += 1
        seed = self._course.seed * 1_000_003 + self._drawn
        heat = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, seed=seed)
        messages = [dict(message) for message in one.messages]
        return Request(messages=messages, max_tokens=LONGEST, sampling=heat, adapter=self._path.stem)

    def _row(self, one: Example, tokens: Sequence[int], ended: bool) -> Row:
        asked = row_of(one, *self._writing)
        [end] = self._writing[0].encode(END, special=True, bos=False)
        said = [token for token in tokens if token != end]
        return Row((*asked.tokens[: asked.start], *said, *([end] if ended or not said else [])), asked.start)


# --- PPO ------------------------------------------------------------------------------------------------


def ppo(
    run: Supervised, reward: Reward, drawing: Drawing, course: Course, clock: Clock
) -> list[dict[str, float]]:
    """Until the time is over; of each round the mean reward, score, distance from the start, and seconds."""
    start, head, told = taken(run), _head(run), []
    optimizer = torch.optim.AdamW(
        [
            {"params": list(run.learnt.values()), "lr": course.rate},
            {"params": head.parameters(), "lr": course.head_rate},
        ],
        weight_decay=0.0,
    )
    while not clock.over():
        drawn = drawing.draw()
        rows = [one.row for one in drawn]
        with wearing(run, start):
            reference = -run.surprise(run.answers(rows))
        rewards = reward.of(rows)
        old, values, row = _before(run, head, rows)
        apart = old - reference
        advantages = _advantages(rewards, -course.kl * apart, values, row, course.smoothing)
        returns = advantages + values
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-6)
        for _ in range(course.epochs):
            answers = run.answers(rows)
            loss = clipped(-run.surprise(answers) - old, advantages, course.clip)
            loss = loss + 0.5 * ((head(answers.hidden.detach().float())[:, 0] - returns) ** 2).mean()
            _step(loss, optimizer)
        told.append(_round(drawn, float(rewards.mean()), float(apart.sum()) / len(rows), clock))
    return told


@torch.no_grad()
def _before(
    run: Supervised, head: Linear, rows: Sequence[Row]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of each token log p as it was drawn, the value, and its row."""
    answers: Answers = run.answers(rows)
    return -run.surprise(answers), head(answers.hidden.float())[:, 0], answers.row


def clipped(change: torch.Tensor, advantages: torch.Tensor, clip: float) -> torch.Tensor:
    """PPO's loss, the mean over tokens; ``change`` is log p now less log p as drawn."""
    ratio = change.exp()
    bounded = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * advantages, bounded * advantages).mean()


def _advantages(
    rewards: torch.Tensor, each: torch.Tensor, values: torch.Tensor, row: torch.Tensor, smoothing: float
) -> torch.Tensor:
    """[tokens], of the rewards of whole answers, of each token, and its value."""
    found = torch.zeros_like(values)
    for number, reward in enumerate(rewards):
        places = (row == number).nonzero()[:, 0]
        found[places] = generalised(each[places], values[places], float(reward), smoothing)
    return found


def generalised(each: torch.Tensor, values: torch.Tensor, last: float, smoothing: float) -> torch.Tensor:
    """Generalised advantages of one answer's tokens; ``last`` is added to the last one's reward."""
    rewards = each.clone()
    rewards[-1] += last
    after = torch.cat([values[1:], values.new_zeros(1)])
    gained, running = rewards + after - values, values.new_zeros(())
    found = torch.zeros_like(values)
    for place in range(len(values) - 1, -1, -1):
        running = gained[place] + smoothing * running
        found[place] = running
    return found


def _round(drawn: Sequence[Drawn], reward: float, apart: float, clock: Clock) -> dict[str, float]:
    score = fmean(one.score for one in drawn)
    print(
        f"reward {reward:.3f} score {score:.3f} from the start {apart:.3f}, {clock.spent:.0f} s", flush=True
    )
    return {"reward": reward, "score": score, "apart": apart, "seconds": clock.spent}


# --- the group baseline ---------------------------------------------------------------------------------


def group(run: Supervised, drawing: Drawing, course: Course, clock: Clock) -> list[dict[str, float]]:
    """Until the time is over; of each round as ``ppo``, where the reward is the score."""
    optimizer, told = torch.optim.AdamW(run.learnt.values(), lr=course.rate, weight_decay=0.0), []
    while not clock.over():
        drawn = drawing.draw()
        advantages = left_out([one.score for one in drawn], course.answers)
        score = fmean(one.score for one in drawn)
        if advantages.abs().max() > 0:
            answers = run.answers([one.row for one in drawn])
            weights = advantages.to(run.device)[answers.row]
            _step((weights * run.surprise(answers)).sum() / len(answers.row), optimizer)
        told.append(_round(drawn, score, 0.0, clock))
    return told


def left_out(scores: Sequence[float], answers: int) -> torch.Tensor:
    """Each answer's score less the mean of the others to the same question."""
    table = torch.tensor(scores).reshape(-1, answers)
    others = (table.sum(1, keepdim=True) - table) / (answers - 1)
    return (table - others).reshape(-1)
