"""Preference tuning: an adapter goes on learning which of two answers is better.

Direct preference optimisation (Rafailov, Sharma, Mitchell, Ermon, Manning and Finn 2023, "Direct Preference
Optimization: Your Language Model is Secretly a Reward Model", equation 7), for a prompt x, the chosen answer
w and the rejected one l::

    margin = (log p(w|x) - log q(w|x)) - (log p(l|x) - log q(l|x))
    loss   = -log sigmoid(beta * margin)  [ - sft * log p(w|x) / tokens of w ]

p is the adapter as it learns, q the same adapter frozen as it was at the start. q never changes, so its
log-probabilities are computed once, before training, and kept (``reference.npz``): no second model is held.
The part in brackets holds what is chosen likely in itself, which the margin alone does not (Pang, Yuan, Cho,
He, Sukhbaatar and Weston 2024, "Iterative Reasoning Preference Optimization", equation 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from abax_runtime.chat import ChatTemplate
from abax_runtime.gguf import Gguf, open_gguf
from abax_runtime.models import default_model
from abax_runtime.tokenizer import Tokenizer
from torch.nn import functional

from training.adapters import base, preferences
from training.adapters.batches import Row, batches, fitting, row_of
from training.adapters.loop import Loop, OtherRun, State, needed
from training.adapters.plan import Limits, Preferring
from training.adapters.preferences import Pair
from training.adapters.train import begin, fingerprint, writing

REFERENCE: Final = "reference.npz"


@dataclass(frozen=True)
class Two:
    """A pair as tokens, with how likely the start says that each answer is."""

    chosen: Row
    rejected: Row
    reference: tuple[float, float] = (0.0, 0.0)
    """log q of both answers."""

    def __len__(self) -> int:
        """What the two take in a batch, where both are filled up to the longer."""
        return 2 * max(len(self.chosen), len(self.rejected))


def prefer(data: Path, out: Path, plan: Preferring, limits: Limits, start: Path) -> State:
    """Tune the adapter ``start`` on the pairs of ``data`` (``train.jsonl``, ``valid.jsonl``) into ``out``,
    going on where it was interrupted; the plan's rank and alpha are the start's.

    Raises TooLittleMemory, OtherRun, NothingToLearn, UnfitStart, and what ``start.read`` does.
    """
    if limits.threads:
        torch.set_num_threads(limits.threads)
    out.mkdir(parents=True, exist_ok=True)
    with open_gguf(default_model()) as file:
        begun, told = begin(start, file, plan)
        plan = replace(plan, rank=told.rank, alpha=told.alpha)
        print(f"about {needed(base.config_of(file), plan) / 1e9:.1f} GB of memory are needed", flush=True)
        files = [data / f"{split}.jsonl" for split in ("train", "valid")]
        twos, valid = (pairs_of(path, file, plan.longest) for path in files)
        run = PreferenceRun(file, twos, valid, out, plan, limits, fingerprint(files, plan, begun), begun)
    run.refer()
    run.resume()
    run.go()
    return run.state


def pairs_of(path: Path, file: Gguf, longest: int) -> list[Two]:
    """The pairs of a file as tokens; those with an answer that is too long are left out, and said."""
    tokenizer, template = writing(file)
    found = [two_of(pair, tokenizer, template) for pair in preferences.read(path)]
    kept, dropped = fitting(found, 2 * longest)
    if dropped:
        print(f"{path.name}: {dropped} pairs are longer than {longest} tokens, and left out")
    return kept


def two_of(pair: Pair, tokenizer: Tokenizer, template: ChatTemplate) -> Two:
    """A pair as the runtime reads its answers."""
    chosen, rejected = (
        row_of(pair.example(answer), tokenizer, template) for answer in (pair.chosen, pair.rejected)
    )
    return Two(chosen, rejected)


class PreferenceRun(Loop[Two]):
    """Learns margins."""

    plan: Preferring

    def likely(self, ones: Sequence[Two]) -> torch.Tensor:
        """log p of the answers [2][pairs]: those chosen, those rejected."""
        rows = [one.chosen for one in ones] + [one.rejected for one in ones]
        answers = self.answers(rows)
        sums = torch.zeros(len(rows), device=self.device).index_add(0, answers.row, -self.surprise(answers))
        return sums.reshape(2, len(ones))

    def loss(self, ones: Sequence[Two]) -> torch.Tensor:
        """As the module says, summed over the pairs."""
        chosen, rejected = self.likely(ones)
        reference = torch.tensor([one.reference for one in ones], device=self.device).T
        margin = (chosen - reference[0]) - (rejected - reference[1])
        tokens = torch.tensor([one.chosen.answers for one in ones], device=self.device)
        self._measure(margin.detach())
        told = -functional.logsigmoid(self.plan.beta * margin) - self.plan.sft * chosen / tokens
        return told.sum()

    def weight(self, one: Two) -> int:
        """Pairs are counted."""
        return 1

    def _measure(self, margin: torch.Tensor) -> None:
        for name, total in (("margin", margin.sum()), ("right", (margin > 0).sum())):
            self.measured[name] = self.measured.get(name, 0.0) + float(total)

    # --- the reference

    def refer(self) -> None:
        """Have the reference beside each pair: as it is kept, else computed now and kept. Before ``resume``,
        for the weights are the start's then. Raises OtherRun."""
        path = self.out / REFERENCE
        if not path.exists():
            both = [self._referred(ones) for ones in (self.ones, self.valid)]
            np.savez(path, fingerprint=self.fingerprint, train=both[0], valid=both[1])
        with np.load(path) as kept:
            if str(kept["fingerprint"]) != self.fingerprint:
                raise OtherRun(f"{path} is of other data or settings: another --out, or remove it")
            self.ones = _with(self.ones, kept["train"])
            self.valid = _with(self.valid, kept["valid"])

    @torch.no_grad()
    def _referred(self, ones: Sequence[Two]) -> np.ndarray:
        """log q [pairs][2]."""
        found = np.zeros((len(ones), 2))
        for batch in batches(ones, self.plan.batch_tokens, self.plan.seed):
            found[batch] = self.likely([ones[place] for place in batch]).T.cpu().numpy()
        return found


def _with(ones: Sequence[Two], reference: np.ndarray) -> list[Two]:
    return [
        replace(one, reference=(float(chosen), float(rejected)))
        for one, (chosen, rejected) in zip(ones, reference, strict=True)
    ]
