"""What structure costs and brings: schemas, steps of several rows, forced tokens, drafting, batches.

Invoices are turned into JSON by the default model, greedily, after one worked example. "effective" counts
every token of the answer, forced and drafted ones too, by the time after the first. The schema's cost is the
time by token of the right answers that masks and forced tokens take; its peer is what llama.cpp's sampler
chain takes longer with the grammar, which it holds every token of the vocabulary to, than without.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final

from abax_runtime.engine import Engine
from abax_runtime.grammar import compile_schema
from abax_runtime.model import Model

from benchmarks.support.invoices import SCHEMA, invoice, prompt
from benchmarks.support.models import default_model
from benchmarks.support.sides import PEER_NAME, Peer, peer_missing
from benchmarks.support.worker import Worker

INVOICES: Final = range(5)
ROUNDS: Final = int(os.environ.get("ABAX_BENCH_ROUNDS", "3"))
THREADS: Final = 2
PLAIN: Final = "ours, plain decode"
LONGEST: Final = 320
PAST: Final = 200
FEW_ROWS: Final = (2, 4, 8, 16)


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer)."""
    yield from _masks()
    yield from _steps()
    yield from _drafting()
    yield from _batches()


def _row(
    case: str, metric: str, unit: str, ours: float, peer: float | None, name: str = PEER_NAME
) -> dict[str, Any]:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": round(ours, 4),
        "peer": None if peer is None else round(peer, 4),
        "peer_name": name if peer is not None else "",
        "ratio": round(ours / peer, 2) if peer else None,
    }


def _masks() -> Iterator[dict[str, Any]]:
    """Walk the right answers token by token; choose each from the same made-up logits."""
    peer = None if peer_missing() else _peer_cost()
    with Model.load(default_model()) as model:
        begun = time.perf_counter()
        compile_schema(SCHEMA, model.tokenizer).matcher().mask()
        first = time.perf_counter() - begun
        mask, whole, forced, count = _our_cost(model)
    yield _row("invoice schema", "first compilation, vocabulary included", "ms", first * 1e3, None)
    yield _row("invoice schema", "one mask, median", "ms", mask, None)
    yield _row("invoice schema", "cost by token", "ms", whole, peer)
    yield _row(f"invoice schema, {count} tokens of answers", "tokens that are forced", "%", forced, None)


def _answers(encode: Any) -> list[list[int]]:
    texts = [json.dumps(invoice(n)[1], ensure_ascii=False, separators=(",", ":")) for n in INVOICES]
    return [encode(text) for text in texts]


def _our_cost(model: Model) -> tuple[float, float, float, int]:
    """Milliseconds of a mask, and of all by token of the answers; per cent forced; tokens."""
    masks: list[float] = []
    spent, forced, count = 0.0, 0, 0
    for answer in _answers(model.tokenizer.encode):
        matcher = compile_schema(SCHEMA, model.tokenizer).matcher()
        at = 0
        while at < len(answer):
            begun = time.perf_counter()
            follow = matcher.forced()
            if not follow:
                matcher.mask()
                masks.append(time.perf_counter() - begun)
            step = len(follow) if follow and answer[at : at + len(follow)] == follow else 1
            forced += step if follow else 0
            for token in answer[at : at + step]:
                matcher.accept(token)
            spent += time.perf_counter() - begun
            at += step
        count += len(answer)
    return statistics.median(masks) * 1e3, spent / count * 1e3, forced / count * 100, count


def _peer_cost() -> float:
    """Milliseconds that llama.cpp's grammar sampler takes longer than its greedy one, by token."""
    peer = Peer(default_model(), threads=THREADS)
    try:
        answers = _answers(peer.tokens)
        plain, bound = peer.timed_sampling(answers, None), peer.timed_sampling(answers, SCHEMA)
        return (bound - plain) / sum(map(len, answers)) * 1e3
    finally:
        peer.close()


def _steps() -> Iterator[dict[str, Any]]:
    """What steps of several rows cost: the drafts of one text, each row with its logits."""
    best: dict[int, float] = {}
    with Model.load(default_model()) as model, model.context(length=1024, threads=THREADS) as context:
        context.step(range(1, PAST + 1), range(PAST), [0] * PAST, [])
        for _ in range(ROUNDS * 10):
            for rows in (1, *FEW_ROWS):
                begun = time.perf_counter()
                context.step(range(1, rows + 1), range(PAST, PAST + rows), [0] * rows, range(rows))
                best[rows] = min(best.get(rows, 1e9), time.perf_counter() - begun)
    for rows in FEW_ROWS:
        case = f"step of {rows} rows after {PAST}"
        yield _row(case, "time", "ms", best[rows] * 1e3, best[1] * 1e3, "ours, one row")


def _drafting() -> Iterator[dict[str, Any]]:
    """Effective tokens a second, the best round of each way; all ways take turns."""
    ways: dict[str, dict[str, Any]] = {
        "plain": {"draft": False, "stop": ("\n",)},
        "schema": {"draft": False, "schema": SCHEMA},
        "drafting": {"draft": True, "stop": ("\n",)},
        "both": {"draft": True, "schema": SCHEMA},
    }
    best = dict.fromkeys(ways, 0.0)
    with Engine.open(default_model(), threads=THREADS, sequences=1) as engine:
        for _ in range(ROUNDS):
            found = {way: _generations(engine, options) for way, options in ways.items()}
            best = {way: max(best[way], _effective(found[way])) for way in ways}
    case = f"invoice to JSON, {len(INVOICES)} invoices"
    yield _row(case, "effective, with schema", "tokens/s", best["schema"], best["plain"], PLAIN)
    yield _row(case, "effective, drafting", "tokens/s", best["drafting"], best["plain"], PLAIN)
    yield _row(case, "effective, schema and drafting", "tokens/s", best["both"], best["plain"], PLAIN)
    drafted, accepted = (sum(getattr(one, name) for one in found["both"]) for name in ("drafted", "accepted"))
    yield _row(case, "drafted tokens that were accepted", "%", accepted / max(1, drafted) * 100, None)
    for one, other in (("plain", "drafting"), ("schema", "both")):
        same = sum(a.tokens == b.tokens for a, b in zip(found[one], found[other], strict=True))
        yield _row(case, f"same text with drafting, {one}", "invoices", same, len(INVOICES), "all")
    valid = sum(one.parsed is not None for one in found["both"])
    yield _row(case, "valid JSON", "invoices", valid, len(INVOICES), "all")


def _generations(engine: Engine, options: dict[str, Any]) -> list[Any]:
    return [engine.generate(prompt(n), max_tokens=LONGEST, **options) for n in INVOICES]


def _effective(found: Sequence[Any]) -> float:
    tokens = sum(one.completion_tokens - 1 for one in found)
    return tokens / sum(one.timings.decode_s for one in found)


def _batches() -> Iterator[dict[str, Any]]:
    """Several sequences in one step, 64 tokens each after 32."""
    sides = ("ours",) if peer_missing() else ("ours", "peer")
    for sequences in (1, 4, 8):
        with ExitStack() as stack:
            workers = {
                side: stack.enter_context(Worker(side, default_model(), THREADS, 2048, sequences))
                for side in sides
            }
            best = dict.fromkeys(sides, 0.0)
            for _ in range(ROUNDS):
                for side, worker in workers.items():
                    time.sleep(0.2)
                    best[side] = max(best[side], sequences * 64 / worker.decode_together(32, 64))
        case = f"{sequences} sequence{'s' * (sequences > 1)} together"
        yield _row(case, "decode, all of them", "tokens/s", best["ours"], best.get("peer"))
