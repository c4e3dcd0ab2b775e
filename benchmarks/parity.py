"""Is it the same model? Logits, greedy text and perplexity beside llama.cpp's, on the same files.

Small random models of every tensor type and architecture are held to the plain float32 computation, both ours
and llama.cpp: the error is what rounding activations costs. So they are with a low-rank adapter, against the
merged weights. On the default model and its re-quantised
variants both write 64 tokens for twenty prompts. A first difference counts as a near-tie when neither side
puts its own token as far as ``NEAR`` ahead of the other's. What was found is kept in
``build/bench/parity.details.json``, with the choice that the float32 computation would make. Perplexity is
over a story of ours and a stretch of Python's language reference, in windows of 2,048 tokens. llama.cpp runs
without flash attention, which would round keys and values once more; both keep them as float16.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import RESULTS
from benchmarks.support.models import variant
from benchmarks.support.sides import BATCH, PEER_NAME, opened, peer_missing
from benchmarks.support.texts import losses, prose, reference
from tests.runtime.reference import Reference
from tests.support.adapters import random_adapter
from tests.support.models import ARCHITECTURES, Small, write_small
from tests.support.prompts import PROMPTS
from tests.support.quants import TYPES

CHARACTERS: Final = 30_000
LENGTH: Final = 64
NEAR: Final = 0.5
"""In units of logits, whose spread is 6.5; the less likely token is then at least 0.6 times as likely."""
WINDOW: Final = 2048
THREADS: Final = 1
VARIANTS: Final = ("Q4_1", "Q8_0", "Q4_0", "F16")
Logits = NDArray[np.float32]


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer)."""
    peer = not (missing := peer_missing())
    if missing:
        yield _row("llama.cpp", "missing: " + missing, "", 0, None)
    details: dict[str, Any] = {}
    for adapted in (False, True):
        yield from _small_models(peer, adapted, details)
    for kind in VARIANTS:
        yield from _default_model(kind, peer, details)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "parity.details.json").write_text(json.dumps(details, indent=1, ensure_ascii=False) + "\n")


def _row(case: str, metric: str, unit: str, ours: float, peer: float | None) -> dict[str, Any]:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": PEER_NAME if peer is not None else "",
        "ratio": round(ours / peer, 4) if peer else None,
    }


def _small_models(peer: bool, adapted: bool, details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Root mean square error of the logits against float32, by their spread: one row for each type."""
    title = "small random models with an adapter" if adapted else "small random models"
    for kind in TYPES:
        errors: dict[str, list[float]] = {"ours": [], "peer": []}
        for architecture in ARCHITECTURES:
            tokenizer = "pieces" if architecture == "llama" else "bytes"
            make = Small(architecture=architecture, type=kind, tokenizer=tokenizer)
            for side, error in _errors(make, peer, adapted).items():
                errors[side].append(error)
        details[f"small {kind}{' with an adapter' * adapted}"] = {
            side: dict(zip(ARCHITECTURES, found, strict=False)) for side, found in errors.items()
        }
        ours, theirs = (float(np.mean(found)) if found else None for found in errors.values())
        assert ours is not None
        yield _row(f"{title}, {kind}", "error of the logits", "of their spread", ours, theirs)


def _errors(make: Small, peer: bool, adapted: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="abax-bench-") as folder:
        made = write_small(Path(folder) / "model.gguf", make)
        tokens = [int(token) for token in np.random.default_rng(make.seed).integers(260, 330, 48)]
        weights, adapter = made.weights, None
        if adapted:
            adapter, added = random_adapter(Path(folder) / "adapter.gguf", made.path)
            weights = {name: one + added.get(name, np.float32(0)) for name, one in weights.items()}
        right = Reference(made.metadata, weights).logits(tokens)
        return {
            side: float(
                np.sqrt(np.mean((_logits(side, made.path, tokens, adapter) - right) ** 2)) / right.std()
            )
            for side in (("ours", "peer") if peer else ("ours",))
        }


def _how(side: str) -> dict[str, Any]:
    return {"threads": THREADS, **({"flash": False} if side == "peer" else {})}


def _logits(side: str, path: Path, tokens: Sequence[int], adapter: Path | None = None) -> Logits:
    """[T, vocabulary]"""
    with opened(side, path, length=max(64, len(tokens)), **_how(side)) as model:
        model.adapt(adapter)
        return _all_logits(model, tokens)


def _all_logits(model: Any, tokens: Sequence[int]) -> Logits:
    parts = []
    for start in range(0, len(tokens), BATCH):
        model.feed(tokens[start : start + BATCH], start, every=True)
        parts.append(np.array(model.logits()))
    return np.concatenate(parts)


def _default_model(kind: str, peer: bool, details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    path = variant(kind)
    case = f"default model as {kind}"
    with opened("ours", path, **_how("ours")) as ours:
        if not peer:
            yield _perplexities(case, ours, None, details)
            return
        with opened("peer", path, **_how("peer")) as theirs:
            yield _perplexities(case, ours, theirs, details)
            compared = {name: _compared(ours, theirs, prompt) for name, prompt in PROMPTS.items()}
    for found in compared.values():
        _judge(path, found)
    details[case] = compared
    same = sum(found["differs_at"] is None for found in compared.values())
    ties = sum(found.get("near_tie", False) for found in compared.values())
    case = f"{case}, {len(PROMPTS)} prompts of {LENGTH} tokens"
    yield _row(case, "greedy text the same", "prompts", same, len(PROMPTS))
    yield _row(case, "the same, or first parted at a near-tie", "prompts", same + ties, len(PROMPTS))
    parted = [found for found in compared.values() if found["differs_at"] is not None]
    most = [max((found[f"margin_{side}"] for found in parted), default=0.0) for side in ("ours", "peer")]
    yield _row(case, "largest margin at a first difference", "logits", *(round(one, 3) for one in most))


def _perplexities(case: str, ours: Any, theirs: Any, details: dict[str, Any]) -> dict[str, Any]:
    """e to the mean loss of both; in the details, how sure their ratio is."""
    tokens: list[int] = ours.tokens(prose() + reference(CHARACTERS))
    if theirs and theirs.tokens(prose() + reference(CHARACTERS)) != tokens:
        raise ValueError("the two tokenizers differ on the text")
    losses = [_losses(side, tokens) for side in (ours, theirs) if side]
    found = [round(float(np.exp(own.mean())), 4) for own in losses]
    if theirs:
        apart = losses[0] - losses[1]
        details[f"{case}, perplexity"] = {
            "ours": found[0],
            "peer": found[1],
            "log of the ratio": float(apart.mean()),
            "its standard error": float(apart.std() / len(apart) ** 0.5),
        }
    return _row(f"{case}, {len(tokens)} tokens", "perplexity", "", found[0], found[1] if theirs else None)


def _losses(model: Any, tokens: Sequence[int]) -> NDArray[np.float64]:
    """Negative log-probability of each token but the first of each window."""
    found = []
    for first in range(0, len(tokens), WINDOW):
        window = tokens[first : first + WINDOW]
        for start in range(0, len(window) - 1, BATCH):
            part = window[start : start + BATCH]
            model.feed(part, start, every=True)
            following = window[start + 1 : start + 1 + len(part)]
            found.append(losses(np.array(model.logits())[: len(following)], following))
    return np.concatenate(found)


def _compared(ours: Any, theirs: Any, prompt: str) -> dict[str, Any]:
    """Both sides' greedy tokens, and what stood where they first part."""
    tokens = theirs.tokens(prompt, special=True)
    if ours.tokens(prompt, special=True) != tokens:
        raise ValueError(f"the two tokenizers differ on {prompt!r}")
    written, logits = zip(*(_greedy(model, tokens) for model in (ours, theirs)), strict=True)
    at = next((n for n in range(LENGTH) if written[0][n] != written[1][n]), None)
    found: dict[str, Any] = {"prompt": tokens, "tokens": written[0], "differs_at": at}
    if at is not None:
        one, other = written[0][at], written[1][at]
        mine, peers = logits[0][at], logits[1][at]
        found |= {
            "ours": one,
            "peer": other,
            "margin_ours": float(mine[one] - mine[other]),
            "margin_peer": float(peers[other] - peers[one]),
            "rms_difference": float(np.sqrt(np.mean((mine - peers) ** 2))),
        }
        most = max(found["margin_ours"], found["margin_peer"])
        found["near_tie"] = most < NEAR
    return found


def _judge(path: Path, found: dict[str, Any]) -> None:
    """Where the two part: by how much the float32 computation would choose our token over the peer's."""
    if found["differs_at"] is None or os.environ.get("ABAX_BENCH_QUICK"):
        return
    seen = found["prompt"] + found["tokens"][: found["differs_at"]]
    right = _exact(path).logits(seen)[-1]
    found["float32_prefers_ours_by"] = float(right[found["ours"]] - right[found["peer"]])


@lru_cache(maxsize=1)
def _exact(path: Path) -> Reference:
    return Reference.open(path, rounded=())


def _greedy(model: Any, prompt: Sequence[int]) -> tuple[list[int], list[Logits]]:
    """The likeliest token, LENGTH times, and the logits it was chosen from; stop tokens do not stop it."""
    model.feed(prompt, 0)
    tokens: list[int] = []
    logits: list[Logits] = []
    while True:
        logits.append(np.array(model.logits())[0])
        tokens.append(int(logits[-1].argmax()))
        if len(tokens) == LENGTH:
            return tokens, logits
        model.feed(tokens[-1:], len(prompt) + len(tokens) - 1)
