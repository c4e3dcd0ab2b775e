"""A circuit breaker: what fails time and again is left alone for a while, then tried with one call.

::

    closed ── n failures in a row ──► open ── its time is over ──► half open ── a probe is answered ──► closed
                                        ▲                              └─ it fails ─┐
                                        └────────── for twice as long ◄─────────────┘
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

from abax.errors import ModelUnreachable

FAILURES: Final = 5
"""In a row, after which it opens."""
SECONDS: Final = 15.0
"""How long it stays open the first time."""
LONGEST: Final = 300.0
"""Seconds that it stays open at most."""


class State(StrEnum):
    """What a breaker lets through: all, nothing, or one call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """One for each thing that may fail. May be used from several threads."""

    def __init__(
        self,
        what: str,
        failures: int = FAILURES,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``what`` is named in errors; ``clock`` counts seconds."""
        self._what = what
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._opened = 0
        self._until = 0.0
        self._probe_until = 0.0

    @property
    def state(self) -> State:
        """As of now."""
        with self._lock:
            return self._state()

    def enter(self, patience: float) -> None:
        """Before a call that takes at most ``patience`` seconds; ``succeed`` or ``fail`` is to follow.

        Raises:
            ModelUnreachable: it is open, or its one probe is under way; says until when.
        """
        with self._lock:
            state = self._state()
            if state is State.CLOSED:
                return
            now = self._clock()
            until = self._until if state is State.OPEN else self._probe_until
            if state is State.HALF_OPEN and now >= self._probe_until:
                self._probe_until = now + patience
                return
            reason = f"{self._failures} calls in a row have failed, and it is left alone for now"
            raise ModelUnreachable(self._what, reason, until=_instant(until - now))

    def succeed(self) -> None:
        """The call was answered."""
        with self._lock:
            self._failures = self._opened = 0
            self._until = self._probe_until = 0.0

    def fail(self) -> None:
        """The call was not answered."""
        with self._lock:
            self._failures += 1
            if self._failures < self._most:
                return
            wait = min(self._seconds * 2**self._opened, LONGEST)
            if self._state() is not State.OPEN:
                self._opened += 1
                self._until, self._probe_until = self._clock() + wait, 0.0

    def _state(self) -> State:
        if self._failures < self._most:
            return State.CLOSED
        return State.OPEN if self._clock() < self._until else State.HALF_OPEN


def _instant(seconds: float) -> datetime:
    """So many seconds from now, to the second, rounded up."""
    return (datetime.now(UTC) + timedelta(seconds=max(seconds, 0) + 1)).replace(microsecond=0)
