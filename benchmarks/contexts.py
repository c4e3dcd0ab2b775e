"""Long contexts: time and perplexity of each attention pattern at 8,192 positions, beside llama.cpp in full.

The text is Python's own language reference, as ``pydoc_data`` carries it in every interpreter. Perplexity is
of the last 1,024 tokens of the prompt, which have the most to look back on. The sparse patterns are those of
``Attention``'s defaults; the model was trained with full attention.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from benchmarks.support.models import default_model
from benchmarks.support.sides import BATCH, PEER_NAME, opened, peer_missing
from benchmarks.support.texts import losses, reference

LENGTH: Final = int(os.environ.get("ABAX_BENCH_CONTEXT", "8192"))
DECODED: Final = 32
JUDGED: Final = 1024
THREADS: Final = 2
PATTERNS: Final = ("full", "local_window", "strided", "block_local_global")


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer)."""
    from abax_runtime.cache import Attention

    peer = None if peer_missing() else _measured("peer")
    cases = [("f16", pattern) for pattern in PATTERNS] + [("q8_0", "full")]
    for form, pattern in cases:
        ours = _measured("ours", attention=Attention(pattern), kv=form)
        case = f"{LENGTH:,} positions, {pattern}" + f", cache of {form}" * (form != "f16")
        for what, (metric, unit) in FIGURES.items():
            theirs = peer[what] if peer else None
            yield {
                "case": case,
                "metric": metric,
                "unit": unit,
                "ours": round(ours[what], 2),
                "peer": theirs and round(theirs, 2),
                "peer_name": f"{PEER_NAME}, full" if theirs else "",
                "ratio": round(ours[what] / theirs, 3) if theirs else None,
            }


FIGURES: Final = {
    "prefill": ("prefill", "s"),
    "decode": (f"decode at the end, {DECODED} tokens", "tokens/s"),
    "perplexity": (f"perplexity of the last {JUDGED:,}", ""),
}


def _measured(side: str, **how: Any) -> dict[str, float]:
    with opened(side, default_model(), threads=THREADS, length=LENGTH, **how) as model:
        tokens = _tokens(model)[: LENGTH - DECODED]
        begun = time.perf_counter()
        for start in range(0, len(tokens), BATCH):
            model.feed(tokens[start : start + BATCH], start)
        prefill = time.perf_counter() - begun
        begun = time.perf_counter()
        for position in range(len(tokens), LENGTH):
            model.feed(tokens[:1], position)
        decode = DECODED / (time.perf_counter() - begun)
        return {"prefill": prefill, "decode": decode, "perplexity": _perplexity(model, tokens)}


def _perplexity(model: Any, tokens: Sequence[int]) -> float:
    """Of the last tokens, each from the logits before it; the cache already holds all before them."""
    first = len(tokens) - JUDGED - 1
    found = []
    for start in range(first, len(tokens) - 1, BATCH):
        part = tokens[start : min(start + BATCH, len(tokens) - 1)]
        model.feed(part, start, every=True)
        found.append(losses(np.array(model.logits()), tokens[start + 1 : start + 1 + len(part)]))
    return float(np.exp(np.concatenate(found).mean()))


def _tokens(model: Any) -> list[int]:
    tokens: list[int] = model.tokens(reference(LENGTH * 8))
    if len(tokens) < LENGTH:
        raise ValueError(f"the text has {len(tokens)} tokens, {LENGTH} are needed")
    return tokens
