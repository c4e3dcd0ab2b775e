"""How long a step may work on one document: a paper that was made to keep the reader busy costs no other.

What counts is the time of the processor that the step's own thread takes, so that a busy machine refuses
nothing. One thread watches all steps and interrupts the one whose time is up; work inside of a C library is
interrupted once it returns.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from abax.errors import StageOverran

_EVERY: Final = 0.25
"""Seconds after which each step is looked at again."""
_IDLE: Final = 40
"""Looks without any step after which nobody watches any more."""


class _TimeUp(BaseException):
    """Raised inside of the step; no error, so that nothing on the way takes it for one of its own."""


@contextmanager
def within(seconds: float, name: str, stage: str) -> Iterator[None]:
    """Let a step take so much of the processor. Raises StageOverran where it takes more."""
    step = _Step(seconds)
    try:
        try:
            _watcher.add(step)
            yield
        finally:
            _watcher.drop(step)
            step.end()
    except _TimeUp:
        _watcher.drop(step)
        raise StageOverran(name, stage, seconds) from None


class _Step:
    """What works in the thread that it was made in."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._until = time.clock_gettime(self._clock) + seconds
        self._lock = threading.Lock()
        self._over = self._interrupted = False

    def look(self) -> None:
        """Interrupt it where its time is up."""
        with self._lock:
            if not self._over and time.clock_gettime(self._clock) > self._until:
                self._over = self._interrupted = True
                _raise_in(self._thread, _TimeUp)

    def end(self) -> None:
        """It is done: nothing interrupts it from now on."""
        with self._lock:
            self._over = True
            if self._interrupted:
                _raise_in(self._thread, None)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raise in a thread at its next step in Python; with None, take back what was not raised yet."""
    told = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), told)


class _Watcher:
    """Looks at all steps now and then; its thread is there as long as there is work."""

    def __init__(self) -> None:
        self._steps: set[_Step] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, step: _Step) -> None:
        """Watch a step."""
        with self._lock:
            self._steps.add(step)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="budgets", daemon=True)
                self._thread.start()

    def drop(self, step: _Step) -> None:
        """Watch it no more."""
        with self._lock:
            self._steps.discard(step)

    def _watch(self) -> None:
        idle = 0
        while True:
            time.sleep(_EVERY)
            with self._lock:
                steps = list(self._steps)
                idle = 0 if steps else idle + 1
                if idle > _IDLE:
                    self._thread = None
                    return
            for step in steps:
                step.look()


_watcher = _Watcher()
