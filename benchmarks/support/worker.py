"""One side in a process of its own, told over its standard input what to do next, so that two can take turns.

``python -m benchmarks.support.worker SIDE PATH THREADS LENGTH SEQUENCES`` answers each line of JSON, the name
and the arguments of a method, with a line of JSON. In between it sleeps. It imports no numpy, so that its
memory is the side's own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from benchmarks.support.sides import BATCH, SIDES


class Worker:
    """The parent's end: ``worker.prefill(count)`` and so on run over there."""

    def __init__(self, side: str, path: Path, threads: int, length: int = 2048, sequences: int = 1) -> None:
        words = [side, str(path), str(threads), str(length), str(sequences)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self._ask(name, arguments)

    def _ask(self, name: str, arguments: Sequence[Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker ended with {self._process.wait()}")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Bench:
    """The worker's end. Times are seconds."""

    def __init__(self, side: str, path: str, threads: int, length: int, sequences: int) -> None:
        self._model = SIDES[side](Path(path), threads=threads, length=length, sequences=sequences)
        self._sequences = sequences

    def prefill(self, count: int) -> float:
        """Compute a prompt of so many tokens and choose the next."""
        tokens = self._tokens(count)
        begun = time.perf_counter()
        for start in range(0, count, BATCH):
            self._model.feed(tokens[start : start + BATCH], start)
        self._model.choose()
        return time.perf_counter() - begun

    def decode(self, start: int, count: int) -> float:
        """After so many tokens, compute so many more, one by one, each chosen from the logits before it."""
        token = self._tokens(1)[0]
        begun = time.perf_counter()
        for position in range(start, start + count):
            self._model.feed([token], position)
            token = self._model.choose()
        return time.perf_counter() - begun

    def decode_together(self, start: int, count: int) -> float:
        """The same for all sequences at once, each from ``start`` made-up tokens on."""
        for sequence in range(self._sequences):
            self._model.step(self._tokens(start), range(start), [sequence] * start)
        slots = range(self._sequences)
        tokens = self._tokens(self._sequences)
        begun = time.perf_counter()
        for position in range(start, start + count):
            self._model.step(tokens, [position] * len(slots), slots)
            tokens = [self._model.choose(row) for row in slots]
        return time.perf_counter() - begun

    def peak(self) -> dict[str, float]:
        """Megabytes: the most that was resident, and how much of what is resident now is no mapped file."""
        status = Path("/proc/self/status").read_text()
        kept = {name: int(value) / 1024 for name, value in re.findall(r"(\w+):\s+(\d+) kB", status)}
        return {"resident": kept["VmHWM"], "own": kept["RssAnon"]}

    def _tokens(self, count: int) -> list[int]:
        """Made-up tokens, the same every time."""
        return [(1000 + 7919 * n) % (self._model.vocabulary - 300) + 260 for n in range(count)]


def main(side: str, path: str, *sizes: str) -> None:
    """Answer until the input ends."""
    bench = Bench(side, path, *(int(size) for size in sizes))
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(getattr(bench, name)(*arguments)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
