"""What every training of an adapter does: batches, steps, checkpoints, a curve, and what is kept at the end.

A run lives in a folder: ``checkpoint.pt`` every few minutes, from which the same command goes on as if
nothing had been; ``curve.csv`` and ``curve.svg``; ``adapter.npz`` and ``training.json`` at the end.
"""

from __future__ import annotations

import csv
import json
import math
import random
import resource
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np
import torch
from abax_runtime.config import Config
from abax_runtime.gguf import Gguf
from peft import LoraConfig, get_peft_model
from peft.tuners.tuners_utils import BaseTunerLayer

from training.adapters import base, curve
from training.adapters.batches import Row, batches, waste
from training.adapters.losses import frozen_cross_entropy
from training.adapters.plan import Limits, Plan
from training.adapters.start import ARRAYS, TOLD, Start

CHECKPOINT: Final = "checkpoint.pt"
IGNORED: Final = -100
LIBRARIES: Final = 700 << 20
"""Bytes of torch and what it brings."""
VALIDATED: Final = 48
"""Examples that the loss of validation is of."""
COLUMNS: Final = ("step", "batch", "tokens", "seconds", "loss", "valid", "norm", "rate")
"""Of ``curve.csv``; a run may measure more."""


class TooLittleMemory(Exception):
    """Says what is needed and what there is."""


class OtherRun(Exception):
    """The folder holds a checkpoint of other data or settings."""


class NothingToLearn(Exception):
    """The set is empty, or nothing of it is short enough."""


@dataclass
class State:
    """Where a run stands."""

    step: int = 0
    """Of the optimizer."""
    batch: int = 0
    """Batches that have been learnt from."""
    tokens: int = 0
    seconds: float = 0.0
    points: list[dict[str, float]] = field(default_factory=list)


def needed(config: Config, plan: Plan, free: int | None = None) -> int:
    """Bytes that training takes, about. ``free``: None asks the machine. Raises TooLittleMemory."""
    matrices = config.layers * (
        2 * config.width * (config.query_width + config.key_width) + 3 * config.width * config.feed_forward
    )
    weights = 6 * (config.vocabulary * config.width + matrices)  # bfloat16, and once float32 on the way
    values = 10 * config.width + 6 * config.feed_forward + 2 * config.query_width
    scores = 2 * config.heads * min(plan.longest, plan.batch_tokens) // 2
    kept = 2 * plan.batch_tokens * config.layers * (values + scores)
    logits = 10 * config.vocabulary * min(plan.batch_tokens, plan.longest) // 2
    wanted = weights + kept + logits + LIBRARIES
    have = _free() if free is None else free
    if wanted > have:
        raise TooLittleMemory(
            f"training takes about {wanted / 1e9:.1f} GB, and {have / 1e9:.1f} GB are free: "
            f"{(wanted - have) / 1e9:.1f} GB are missing; --batch-tokens {plan.batch_tokens // 2} takes less"
        )
    return wanted


def _free() -> int:
    return torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else base.available_memory()


One = TypeVar("One", bound=Sized)
"""What is learnt from; its length is its tokens."""


@dataclass(frozen=True)
class Answers:
    """The answers of some rows, token by token."""

    hidden: torch.Tensor
    """[tokens][width]: what the model makes of all that is before each token."""
    wanted: torch.Tensor
    """[tokens]"""
    row: torch.Tensor
    """[tokens]: which row each is of."""


class Loop(ABC, Generic[One]):
    """One run at work; what it learns from, and by which loss, is for those that are made of it."""

    clock: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds, of which ``Limits.minutes`` are."""

    def __init__(
        self,
        file: Gguf,
        ones: Sequence[One],
        valid: Sequence[One],
        out: Path,
        plan: Plan,
        limits: Limits,
        fingerprint: str,
        start: Start | None = None,
    ) -> None:
        self.ones, self.out, self.plan, self.limits = ones, out, plan, limits
        self.valid = valid[:: -(-len(valid) // VALIDATED) or 1]  # files are sorted by source: some of each
        self.fingerprint, self.start, self.state = fingerprint, start, State()
        self.measured: dict[str, float] = {}
        torch.manual_seed(plan.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = base.load(file, torch.bfloat16).to(self.device)
        targets = sorted({name.rpartition(".")[2] for name in base.MATRICES.values()})
        lora = LoraConfig(r=plan.rank, lora_alpha=plan.alpha, target_modules=targets, lora_dropout=0.0)
        self.adapted = get_peft_model(self.model, lora)
        self.learnt = {n: p for n, p in self.adapted.named_parameters() if p.requires_grad}
        for name, parameter in self.learnt.items():
            parameter.data = parameter.data.float()
            if start is not None:
                parameter.data.copy_(torch.from_numpy(start.halves[half_of(name)]))
        for module in self.adapted.modules():
            if isinstance(module, BaseTunerLayer):
                module.cast_input_dtype_enabled = False  # autocast casts the small matrices instead
        self.optimizer = torch.optim.AdamW(self.learnt.values(), lr=plan.rate, weight_decay=0.0)
        self.one_pass = len(batches(ones, plan.batch_tokens, plan.seed))
        self.batches = max(1, round(self.one_pass * plan.passes))
        self.started = self.clock()

    @abstractmethod
    def loss(self, ones: Sequence[One]) -> torch.Tensor:
        """Of a batch, summed."""

    @abstractmethod
    def weight(self, one: One) -> int:
        """How much of the loss is of one: what its mean is taken over."""

    # --- what the model says

    def answers(self, rows: Sequence[Row]) -> Answers:
        """The hidden states before each token of the answers, from one pass over the rows.
        Rows are filled up on the right, where nothing that counts looks."""
        width = max(map(len, rows))
        tokens = torch.zeros(len(rows), width, dtype=torch.long)
        wanted = torch.full((len(rows), width), IGNORED, dtype=torch.long)
        for place, row in enumerate(rows):
            tokens[place, : len(row)] = torch.tensor(row.tokens)
            wanted[place, row.start - 1 : len(row) - 1] = torch.tensor(row.tokens[row.start :])
        tokens, wanted = tokens.to(self.device), wanted.to(self.device)
        counts = wanted != IGNORED
        with torch.autocast(self.device.type, torch.bfloat16):
            hidden = self.model.model(tokens, use_cache=False).last_hidden_state
        return Answers(hidden[counts], wanted[counts], counts.nonzero()[:, 0])

    def surprise(self, answers: Answers) -> torch.Tensor:
        """-log p of each token [tokens]. Logits are made for the answers alone: the vocabulary is a fifth of
        the work, and the prompt most of the tokens."""
        return frozen_cross_entropy(answers.hidden, self.model.lm_head.weight, answers.wanted)

    # --- the loop

    def go(self) -> None:
        """Until the passes are done, the time is up, or this sitting's steps are. Raises NothingToLearn."""
        if not self.ones:
            raise NothingToLearn(f"there is nothing to learn for {self.out}: see card.json and refused.jsonl")
        count = sum(parameter.numel() for parameter in self.learnt.values())
        first = batches(self.ones, self.plan.batch_tokens, self.plan.seed)
        print(
            f"{len(self.ones)} examples, {sum(map(len, self.ones)):,} tokens a pass, "
            f"{self.batches} batches in all ({waste(self.ones, first):.1%} filling), {count:,} parameters, "
            f"{self.device}, {torch.get_num_threads()} threads; batch {self.state.batch} is next",
            flush=True,
        )
        saved, self.started = time.monotonic(), self.clock() - self.state.seconds
        for steps, group in enumerate(self._groups(), 1):
            self.step(group)
            if time.monotonic() - saved > self.limits.checkpoint_minutes * 60:
                self.save()
                saved = time.monotonic()
            if self.limits.steps is not None and steps >= self.limits.steps:
                self.save()
                return
            if self.state.seconds > self.limits.minutes * 60:
                break
        self.save()
        self.finish()

    def _groups(self) -> Iterator[list[list[int]]]:
        """The batches of each step from where the run stands."""
        group: list[list[int]] = []
        for number in range(self.state.batch, self.batches):
            pass_, place = divmod(number, self.one_pass)
            group.append(self._pass(pass_)[place])
            if len(group) == self.plan.accumulate or number == self.batches - 1:
                yield group
                group = []

    def _pass(self, number: int) -> list[list[int]]:
        if getattr(self, "_number", None) != number:
            self._number = number
            made = batches(self.ones, self.plan.batch_tokens, self.plan.seed + number)
            self._made = (made * 2)[: self.one_pass]
        return self._made

    def step(self, group: list[list[int]]) -> None:
        """Learn from the batches of one step."""
        rate = self.rate()
        for one in self.optimizer.param_groups:
            one["lr"] = rate
        weight = sum(self.weight(self.ones[n]) for batch in group for n in batch)
        lost, self.measured = 0.0, {}
        for batch in group:
            loss = self.loss([self.ones[n] for n in batch]) / weight
            loss.backward()
            lost += float(loss.detach())
        norm = float(torch.nn.utils.clip_grad_norm_(self.learnt.values(), self.plan.clip))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.seconds = self.clock() - self.started
        self.state.step += 1
        self.state.batch += len(group)
        self.state.tokens += sum(len(self.ones[n]) for batch in group for n in batch)
        self._tell(lost, norm, rate, weight)

    # --- what is told

    def progress(self) -> float:
        """From 0 to 1, by batches or by time, whichever ends first."""
        by_time = self.state.seconds / (self.limits.minutes * 60)
        return min(1.0, max(self.state.batch / self.batches, by_time))

    def rate(self) -> float:
        """Warm-up, then half a cosine down to a tenth."""
        done, warm = self.progress(), self.plan.warmup
        if done < warm:
            return self.plan.rate * min(1.0, (done + 1 / self.batches) / warm)
        down = 0.5 * (1 + math.cos(math.pi * (done - warm) / max(1 - warm, 1e-9)))
        return self.plan.rate * (0.1 + 0.9 * down)

    def _tell(self, loss: float, norm: float, rate: float, weight: int) -> None:
        state = self.state
        seconds = state.seconds
        point = {
            "step": state.step,
            "batch": state.batch,
            "tokens": state.tokens,
            "seconds": round(seconds, 1),
            "loss": round(loss, 5),
            "norm": round(norm, 4),
            "rate": rate,
            **{name: round(total / weight, 5) for name, total in self.measured.items()},
        }
        if state.step % max(20, self.batches // self.plan.accumulate // 12) == 0 and self.valid:
            point["valid"] = round(self.validated(), 5)
        state.points.append(point)
        if state.step % 10 == 0 or "valid" in point or state.step < 4:
            speed = state.tokens / seconds
            left = seconds * (1 / self.progress() - 1) / 60
            shown = " ".join(
                f"{name} {point[name]:.4g}"
                for name in ("loss", "valid", *self.measured, "rate")
                if name in point
            )
            print(f"step {state.step} {shown}, {speed:.0f} tokens/s, {left:.0f} min left", flush=True)

    @torch.no_grad()
    def validated(self) -> float:
        """Mean loss of what is not learnt from."""
        total = sum(float(self.loss([one])) for one in self.valid)
        return total / sum(map(self.weight, self.valid))

    # --- what is kept

    def save(self) -> None:
        """Everything that going on needs; the old checkpoint stays until the new one is whole."""
        draft = self.out / f"{CHECKPOINT}.new"
        told = {
            "fingerprint": self.fingerprint,
            "state": asdict(self.state),
            "learnt": {name: value.detach().cpu() for name, value in self.learnt.items()},
            "optimizer": self.optimizer.state_dict(),
            "torch": torch.get_rng_state(),
            "python": random.getstate(),
        }
        torch.save(told, draft)
        draft.replace(self.out / CHECKPOINT)
        self._write_curve()

    def resume(self) -> None:
        """Go on from the folder's checkpoint, if there is one. Raises OtherRun."""
        path = self.out / CHECKPOINT
        if not path.exists():
            return
        told: Mapping[str, Any] = torch.load(path, weights_only=False)
        if told["fingerprint"] != self.fingerprint:
            raise OtherRun(f"{path} is of other data or settings: another --out, or remove it")
        for name, parameter in self.learnt.items():
            parameter.data.copy_(told["learnt"][name])
        self.optimizer.load_state_dict(told["optimizer"])
        torch.set_rng_state(told["torch"])
        random.setstate(told["python"])
        self.state = State(**told["state"])

    def _write_curve(self) -> None:
        more = {name: None for point in self.state.points for name in point if name not in COLUMNS}
        with (self.out / "curve.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*COLUMNS, *more])
            writer.writeheader()
            writer.writerows(self.state.points)
        (self.out / "curve.svg").write_text(curve.svg(self.state.points), encoding="utf-8")

    def finish(self) -> None:
        """Write what was learnt, by the names of the GGUF file's matrices, and what made it."""
        np.savez(self.out / ARRAYS, **self.halves())  # type: ignore[arg-type]
        started = {"started_from": self.start.sha256} if self.start is not None else {}
        told = (
            asdict(self.plan)
            | started
            | {
                "data": self.fingerprint,
                "steps": self.state.step,
                "tokens": self.state.tokens,
                "minutes": round(self.state.seconds / 60, 1),
                "device": str(self.device),
                "torch": torch.__version__,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
        (self.out / TOLD).write_text(json.dumps(told, indent=1), "utf-8")

    def halves(self) -> dict[str, base.Floats]:
        """What was learnt so far, by the names of ``Start.halves``."""
        return {half_of(name): value.detach().float().cpu().numpy() for name, value in self.learnt.items()}


def half_of(name: str) -> str:
    """A parameter's name, of torch, as ``Start.halves`` has it: ``blk.0.attn_q.weight/a``."""
    matrix, _, half = name.partition(".lora_")
    return f"{base.our_name(matrix)}/{half[0].lower()}"
