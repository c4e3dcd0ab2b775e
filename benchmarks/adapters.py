"""What a low-rank adapter of rank 16 costs: prefill and decode with one, without one, and with a mixture.

All in one process and context, step by step in turn, so that whatever else the machine does meets all alike.
Single-threaded, a step's time is the thread's own, which leaves out what others take of the processor; with
two threads it is by the clock. A figure is the median of all rounds.

``ours`` is the speed with an adapter, ``peer`` the one without (the same runtime), ``ratio`` the first by the
second. Where llama.cpp is there, its own two speeds with the same adapter follow, by the clock.
"""

from __future__ import annotations

import os
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from abax_runtime.adapter import Adapter
from abax_runtime.gguf import open_gguf
from abax_runtime.merge import write_adapter
from abax_runtime.model import Model

from benchmarks.support.models import FOLDER, default_model
from benchmarks.support.sides import opened, peer_missing

PROMPT, TOGETHER, CONTEXT, RANK = 512, 8, 1024, 16
ROUNDS: Final = int(os.environ.get("ABAX_BENCH_ROUNDS", "5"))
TIMES: Final = {"prefill": 2, "decode": 60, "decode together": 30}
"""Steps of each kind in a round."""
WITHOUT = "without"

Step = Callable[[], float]


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio."""
    warnings.simplefilter("ignore")
    path = adapter_file()
    with Model.load(default_model()) as model:
        model.gguf.prefault()
        begun = time.process_time()
        adapter = Adapter.load(path, model)
        seconds = time.process_time() - begun
        yield _row("loading", "of 4.9 M parameters", "ms", seconds * 1e3, None, "")
        for threads in (1, 2):
            yield from _ours(model, adapter, Adapter.load(path, model), threads)
    if missing := peer_missing():
        yield _row("llama.cpp", f"missing: {missing}", "", 0.0, None, "")
        return
    for threads in (1, 2):
        yield from _peers(path, threads)


def adapter_file() -> Path:
    """A random adapter of every matrix of the default model's layers."""
    import numpy as np
    from abax_runtime.adapter import SITES

    path = FOLDER / f"adapter-{RANK}.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        random, pairs = np.random.default_rng(5), {}
        with open_gguf(default_model()) as gguf:
            for name, tensor in gguf.tensors.items():
                if any(f".{target}." in name for site in SITES for target in site):
                    rows, columns = tensor.shape
                    a = random.standard_normal((RANK, columns), np.float32) * np.float32(columns**-0.5)
                    b = random.standard_normal((rows, RANK), np.float32) * np.float32(0.02)
                    pairs[name] = a, b
            write_adapter(path, gguf, pairs, alpha=2.0 * RANK)
    return path


def _ours(model: Model, adapter: Adapter, second: Adapter, threads: int) -> Iterator[dict[str, Any]]:
    clock = time.thread_time if threads == 1 else time.perf_counter
    with model.context(length=CONTEXT, sequences=TOGETHER, batch=PROMPT, threads=threads) as context:
        prompt = [1 + at % (model.config.vocabulary - 1) for at in range(PROMPT)]

        def prefill(adapters: Mapping[int, Adapter]) -> float:
            begun = clock()
            context.step(prompt, range(PROMPT), [0] * PROMPT, [PROMPT - 1], adapters)
            return clock() - begun

        def decode(count: int, adapters: Mapping[int, Adapter]) -> float:
            slots = range(count)
            begun = clock()
            context.step([1 + slot for slot in slots], [PROMPT] * count, slots, slots, adapters)
            return clock() - begun

        every = dict.fromkeys(range(TOGETHER), adapter)
        some = dict.fromkeys(range(0, TOGETHER, 2), adapter)
        two = {slot: second if slot % 2 else adapter for slot in range(TOGETHER)}
        kinds: dict[str, tuple[int, dict[str, Step]]] = {
            "prefill": (PROMPT, {WITHOUT: lambda: prefill({}), "all": lambda: prefill(every)}),
            "decode": (1, {WITHOUT: lambda: decode(1, {}), "all": lambda: decode(1, every)}),
            "decode together": (
                TOGETHER,
                {
                    WITHOUT: lambda: decode(TOGETHER, {}),
                    "all": lambda: decode(TOGETHER, every),
                    "every second text": lambda: decode(TOGETHER, some),
                    "each of two in turn": lambda: decode(TOGETHER, two),
                },
            ),
        }
        for kind, (tokens, steps) in kinds.items():
            middle = _in_turn(steps, ROUNDS * TIMES[kind])
            for which in list(steps)[1:]:
                case = f"{threads} thread{'s' * (threads > 1)}, {which} with an adapter"
                title = f"{kind} of {tokens}"
                found = (tokens / middle[which], tokens / middle[WITHOUT])
                yield _row(case, title, "tokens/s", *found, "without an adapter")


def _in_turn(steps: Mapping[str, Step], times: int) -> dict[str, float]:
    """The median time of each, after one that does not count; the order turns round each time."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(times + 1):
        for name, step in list(steps.items())[:: 1 if number % 2 else -1]:
            found[name].append(step())
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}


def _peers(path: Path, threads: int) -> Iterator[dict[str, Any]]:
    with opened("peer", default_model(), threads=threads, length=CONTEXT) as peer:
        prompt = [260 + at for at in range(PROMPT)]

        def timed(tokens: list[int], start: int, adapted: bool) -> float:
            peer.adapt(path if adapted else None)
            begun = time.perf_counter()
            peer.feed(tokens, start)
            peer.choose()
            return time.perf_counter() - begun

        kinds = {"prefill": (prompt, 0), "decode": ([260], PROMPT)}
        for kind, (tokens, start) in kinds.items():
            steps: dict[str, Step] = {
                name: lambda on=on, tokens=tokens, start=start: timed(tokens, start, on)  # type: ignore[misc]
                for name, on in ((WITHOUT, False), ("all", True))
            }
            middle = _in_turn(steps, ROUNDS * TIMES[kind])
            case = f"llama.cpp, {threads} thread{'s' * (threads > 1)}, with an adapter"
            found = (len(tokens) / middle["all"], len(tokens) / middle[WITHOUT])
            yield _row(case, f"{kind} of {len(tokens)}", "tokens/s", *found, "llama.cpp without an adapter")


def _row(
    case: str, metric: str, unit: str, ours: float, peer: float | None, peer_name: str
) -> dict[str, Any]:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": round(ours, 1),
        "peer": None if peer is None else round(peer, 1),
        "peer_name": peer_name,
        "ratio": round(ours / peer, 3) if peer else None,
    }
