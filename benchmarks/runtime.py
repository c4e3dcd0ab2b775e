"""Speed and memory of the runtime beside llama.cpp's: the same files, machine and threads, taking turns.

Each side runs in a process of its own and sleeps while the other works. A figure is the best of ``ROUNDS``
rounds: what else the machine does can only slow a run down. Prefill is one prompt of 512 tokens up to the
first chosen token; decode is 128 tokens after it, one by one, each chosen greedily from the logits before it:
whole steps, everything included. The memory ceiling is what reading the weights alone would take, at the
bandwidth measured between the same rounds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from abax_runtime.gguf import open_gguf

from benchmarks.support.bandwidth import gigabytes_per_second
from benchmarks.support.models import llama_1b, variant
from benchmarks.support.sides import PEER_NAME, peer_missing
from benchmarks.support.worker import Worker

PROMPT, LENGTH, CONTEXT = 512, 128, 2048
ROUNDS: Final = int(os.environ.get("ABAX_BENCH_ROUNDS", "5"))
DEFAULT: Final = ("Q4_1", "Q8_0", "Q4_0")
LARGE: Final = ("Q8_0", "Q4_0")
THREADS: Final = (1, 2)


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer, as speeds)."""
    missing = peer_missing()
    if missing:
        yield _row("llama.cpp", f"missing: {missing}", "", 0.0, None)
    sides = ("ours",) if missing else ("ours", "peer")
    cases = [(f"SmolLM2 135M {kind}", lambda kind=kind: variant(kind), ROUNDS) for kind in DEFAULT]
    if not os.environ.get("ABAX_BENCH_QUICK"):
        cases += [(f"Llama 1.1B {kind}", lambda kind=kind: llama_1b(kind), -(-ROUNDS // 2)) for kind in LARGE]
    for name, path, rounds in cases:
        for threads in THREADS:
            yield from _speeds(name, path(), threads, rounds, sides)
        yield from _memory(name, path(), sides)


def _speeds(
    name: str, path: Path, threads: int, rounds: int, sides: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    best: dict[str, dict[str, float]] = {side: {"prefill": 1e9, "decode": 1e9} for side in sides}
    bandwidth = 0.0
    with ExitStack() as stack:
        workers = {side: stack.enter_context(Worker(side, path, threads, CONTEXT)) for side in sides}
        for _ in range(rounds):
            bandwidth = max(bandwidth, gigabytes_per_second(threads))
            for side, worker in workers.items():
                time.sleep(0.2)  # until the other's threads have gone to sleep
                found = {"prefill": worker.prefill(PROMPT), "decode": worker.decode(PROMPT, LENGTH)}
                best[side] = {what: min(best[side][what], seconds) for what, seconds in found.items()}
    case = f"{name}, {threads} thread{'s' * (threads > 1)}"
    speeds = {side: (PROMPT / found["prefill"], LENGTH / found["decode"]) for side, found in best.items()}
    prefill, decode = zip(*speeds.values(), strict=True)
    ceiling = bandwidth * 1e9 / bytes_per_token(path)
    yield _row(case, f"prefill of {PROMPT}", "tokens/s", *_pair(prefill))
    yield _row(case, f"decode of {LENGTH}", "tokens/s", *_pair(decode))
    share = [speed / ceiling * 100 for speed in decode]
    yield _row(case, f"decode by the ceiling at {bandwidth:.1f} GB/s", "%", *_pair(share))


def bytes_per_token(path: Path) -> int:
    """What must be read for one token: every weight, but of a separate embedding only one row."""
    with open_gguf(path) as file:
        embedding = file.tensors["token_embd.weight"]
        skipped = embedding.nbytes if "output.weight" in file.tensors else 0
        return sum(tensor.nbytes for tensor in file.tensors.values()) - skipped


def _memory(name: str, path: Path, sides: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """After a prompt that fills the context."""
    found = []
    for side in sides:
        with Worker(side, path, max(THREADS), CONTEXT) as worker:
            worker.prefill(CONTEXT)
            found.append(worker.peak())
    for what, title in (("resident", "peak memory"), ("own", "of it no mapped file")):
        yield _row(f"{name}, context {CONTEXT}", title, "MB", *_pair([side[what] for side in found]))


def _pair(values: Any) -> tuple[float, float | None]:
    ours, *peer = (round(float(value), 1) for value in values)
    return ours, peer[0] if peer else None


def _row(case: str, metric: str, unit: str, ours: float, peer: float | None) -> dict[str, Any]:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": PEER_NAME if peer is not None else "",
        "ratio": round(ours / peer, 2) if peer else None,
    }
