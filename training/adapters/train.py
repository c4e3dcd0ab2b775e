"""Training of an adapter: low-rank matrices beside all linear layers of the frozen base, loss on the answer.

Runs on CPUs in bfloat16, on CUDA where there is one; ``loop`` says what a run keeps, and how it goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from abax_runtime.chat import CHATML, ChatTemplate
from abax_runtime.gguf import Gguf, open_gguf
from abax_runtime.models import default_model
from abax_runtime.tokenizer import Tokenizer, load_tokenizer

from training.adapters import base, examples
from training.adapters import start as starts
from training.adapters.batches import Row, fitting, row_of
from training.adapters.loop import Loop, State, needed
from training.adapters.plan import Limits, Plan
from training.adapters.start import Start


def train(data: Path, out: Path, plan: Plan, limits: Limits, start: Path | None = None) -> State:
    """Train on ``data`` (``train.jsonl``, ``valid.jsonl``) into ``out``, going on where it was interrupted.
    ``start``: the adapter to begin with, whose rank and alpha hold then; else a fresh one.

    Raises TooLittleMemory, OtherRun, NothingToLearn, UnfitStart, and what ``start.read`` does.
    """
    if limits.threads:
        torch.set_num_threads(limits.threads)
    out.mkdir(parents=True, exist_ok=True)
    with open_gguf(default_model()) as file:
        begun, plan = begin(start, file, plan)
        print(f"about {needed(base.config_of(file), plan) / 1e9:.1f} GB of memory are needed", flush=True)
        rows, valid = (
            _rows(data / "train.jsonl", file, plan, plan.real),
            _rows(data / "valid.jsonl", file, plan),
        )
        run = Supervised(
            file, rows, valid, out, plan, limits, fingerprint([data / "train.jsonl"], plan, begun), begun
        )
    run.resume()
    run.go()
    return run.state


def begin(start: Path | None, file: Gguf, plan: Plan) -> tuple[Start | None, Plan]:
    """The adapter to begin with, and the plan with its rank and alpha. Raises what ``start.read`` does."""
    if start is None:
        return None, plan
    begun = starts.read(start, file)
    return begun, replace(plan, rank=begun.rank, alpha=begun.alpha)


def writing(file: Gguf) -> tuple[Tokenizer, ChatTemplate]:
    """How the base reads a conversation."""
    template = ChatTemplate(str(file.metadata.get("tokenizer.chat_template", CHATML)))
    return load_tokenizer(file.metadata), template


def _rows(path: Path, file: Gguf, plan: Plan, real: int = 1) -> list[Row]:
    """The examples of a file as tokens, real documents several times."""
    tokenizer, template = writing(file)
    found = (
        row
        for one in examples.read(path)
        for row in [row_of(one, tokenizer, template)] * (1 if one.source == "synthetic" else real)
    )
    kept, dropped = fitting(found, plan.longest)
    if dropped:
        print(f"{path.name}: {dropped} examples are longer than {plan.longest} tokens, and left out")
    return kept


def fingerprint(files: Iterable[Path], plan: Plan, start: Start | None) -> str:
    """Of all that decides a run's result."""
    digest = hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode())
    for file in files:
        digest.update(file.read_bytes())
    if start is not None:
        digest.update(start.sha256.encode())
    return digest.hexdigest()


class Supervised(Loop[Row]):
    """Learns answers by heart, as a language model does."""

    def loss(self, ones: Sequence[Row]) -> torch.Tensor:
        """-log p of the answers' tokens."""
        return self.surprise(self.answers(ones)).sum()

    def weight(self, one: Row) -> int:
        """The answer's tokens."""
        return one.answers
