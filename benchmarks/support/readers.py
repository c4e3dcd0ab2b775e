"""Processes that take documents off edge mode's queue, some of them killed while they work.

``python -m benchmarks.support.readers HOME SHARE SEED`` is one of them: it works until the queue is empty.
With that ``SHARE`` of its messages the whole process is killed, at a random moment: while it works on them,
or when all is done but the queue does not know it yet.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abax.adapters.local.queue import SqliteQueue
from abax.compose import Edge, edge
from abax.serve import read_document

LEASE = 6.0
"""Seconds until the message of a killed process is somebody else's."""
MOMENTS = 0.12
"""Seconds within which a process is killed."""


def queue_of(home: Path) -> SqliteQueue:
    """Edge mode's queue of documents, with a short lease, so that nobody waits long for the dead."""
    return SqliteQueue(home / "abax.db", "documents", lease=LEASE)


class Doomed:
    """Handles messages until fate strikes."""

    def __init__(self, house: Edge, share: float, seed: int) -> None:
        self._house, self._share = house, share
        self._dice = random.Random(seed)
        self._stopping = threading.Event()

    def __call__(self, message: Mapping[str, Any]) -> None:
        """Work on a message; a doomed one never returns."""
        moment = self._dice.random() * MOMENTS
        doomed = self._dice.random() < self._share
        if doomed:
            threading.Timer(moment, _die).start()
        read_document(self._house, message, self._stopping)
        if doomed:
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(home: Path, share: float, seed: int) -> None:
    """Take messages until there are none, leased ones included."""
    queue, handle = queue_of(home), Doomed(edge(home), share, seed)
    while queue.waiting():
        if not queue.receive(handle):
            time.sleep(0.2)


def work_through(home: Path, processes: int, share: float, seed: int, seconds: float) -> int:
    """Let so many processes work until the queue is empty; each that is killed is followed by another. How
    many were killed. Raises TimeoutError."""
    deadline, killed, started = time.monotonic() + seconds, 0, 0
    running: list[subprocess.Popen[bytes]] = []
    queue = queue_of(home)
    try:
        while queue.waiting():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{queue.waiting()} documents wait after {seconds:.0f} s")
            for one in [one for one in running if one.poll() is not None]:
                killed += one.returncode == -signal.SIGKILL
                running.remove(one)
            while len(running) < processes:
                command = [sys.executable, "-m", "benchmarks.support.readers", str(home), str(share)]
                running.append(subprocess.Popen([*command, str(seed + started)]))
                started += 1
            time.sleep(0.1)
    finally:
        for one in running:
            one.wait(60)
            killed += one.returncode == -signal.SIGKILL
    return killed


if __name__ == "__main__":
    work(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
