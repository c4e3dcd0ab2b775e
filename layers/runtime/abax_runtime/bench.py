"""How fast a model reads and writes here: whole steps, sampling left out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from abax_runtime.errors import ContextOverflow
from abax_runtime.model import Model

if TYPE_CHECKING:
    from argparse import Namespace

    from abax_runtime.cache import Attention
    from abax_runtime.context import Context


class Measured(NamedTuple):
    """The best of some runs. Tokens per second of all texts together."""

    model: str
    threads: int
    prompt_tokens: int
    tokens: int
    sequences: int
    prefill_per_s: float
    decode_per_s: float


def measure(chosen: Namespace, threads: int | None, length: int, attention: Attention | None) -> Measured:
    """Reads ``prompt_tokens`` in one text, then writes ``tokens`` in each of ``sequences`` at once."""
    read, written, texts = chosen.prompt_tokens, chosen.tokens, chosen.sequences
    length = max(length, read + written)
    with Model.load(chosen.model) as model:
        if length > model.config.context_length:
            raise ContextOverflow(length, model.config.context_length)
        with model.context(
            length=length,
            sequences=texts,
            batch=chosen.batch,
            threads=threads,
            kv=chosen.kv,
            attention=attention,
        ) as context:
            prompt = [1 + at % (model.config.vocabulary - 1) for at in range(read)]
            runs = [
                (_prefill(context, prompt), _decode(context, read, written)) for _ in range(chosen.repeat)
            ]
            used = context.threads
        name = model.gguf.path.name
    prefill = read / min(run[0] for run in runs)
    decode = written * texts / min(run[1] for run in runs)
    return Measured(name, used, read, written, texts, prefill, decode)


def _prefill(context: Context, prompt: list[int]) -> float:
    """Seconds to read a prompt into the first slot, up to its logits; the others get copies, untimed."""
    begun = time.perf_counter()
    for first in range(0, len(prompt), context.batch):
        part = prompt[first : first + context.batch]
        last = first + len(part) == len(prompt)
        context.step(part, range(first, first + len(part)), [0] * len(part), [len(part) - 1] if last else [])
    seconds = time.perf_counter() - begun
    for slot in range(1, context.sequences):
        context.copy(0, slot, len(prompt))
    return seconds


def _decode(context: Context, start: int, count: int) -> float:
    """Seconds to write ``count`` tokens in every slot, one step at a time."""
    slots = list(range(context.sequences))
    begun = time.perf_counter()
    for position in range(start, start + count):
        context.step([1 + position % 997] * len(slots), [position] * len(slots), slots, slots)
    return time.perf_counter() - begun
