"""How fast an endpoint may be asked: pauses between tries, and the limits that its headers tell.

Read are ``Retry-After`` (RFC 9110: seconds or a date), ``retry-after-ms``, and ``x-ratelimit-remaining-*``
with ``x-ratelimit-reset-*`` as OpenAI and those after it send them (``1s``, ``6m0s``, ``250ms``, or seconds).
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Final

from abax.errors import ModelUnreachable

PATIENCE: Final = 30.0
"""Seconds that a call waits for a limit to pass, where no deadline says less."""
LONGEST: Final = 3600.0
"""Seconds beyond which no header is believed."""
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")


@dataclass(frozen=True)
class Retries:
    """How often what may pass is tried, and how long the pauses are: exponential, with full jitter."""

    attempts: int = 3
    first: float = 0.5
    """Seconds of the first pause, at most."""
    longest: float = 8.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int, until: datetime | None, deadline: float | None) -> bool:
        """Pause before the next try; False where none is left, or it would come too late. ``until`` is the
        instant before which asking is of no use."""
        if attempt >= self.attempts:
            return False
        pause = random.uniform(0, min(self.longest, self.first * 2 ** (attempt - 1)))  # noqa: S311 (jitter)
        if until is not None:
            pause += max((until - datetime.now(UTC)).total_seconds(), 0)
        left = PATIENCE if deadline is None else deadline - time.monotonic()
        if pause >= left:
            return False
        self.sleep(pause)
        return True


class Pace:
    """The instant from which on an endpoint takes requests again. May be used from several threads."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._lock = Lock()
        self._from: datetime | None = None

    def wait(self, deadline: float | None) -> None:
        """Wait for the limit to pass.

        Raises:
            ModelUnreachable: that takes longer than there is time; says until when.
        """
        with self._lock:
            until = self._from
        if until is None:
            return
        pause = (until - datetime.now(UTC)).total_seconds()
        left = PATIENCE if deadline is None else deadline - time.monotonic()
        if pause >= left:
            raise ModelUnreachable(self._host, "its rate limit is used up", until=until)
        if pause > 0:
            time.sleep(pause)

    def learn(self, headers: Mapping[str, str]) -> None:
        """From an answer: nothing is to be asked before a limit that is used up is there again."""
        waits = [
            _seconds(headers.get(f"x-ratelimit-reset-{what}", ""))
            for what in ("requests", "tokens")
            if headers.get(f"x-ratelimit-remaining-{what}") == "0"
        ]
        self._hold(max((wait for wait in waits if wait is not None), default=None))

    def refused(self, status: int, headers: Mapping[str, str]) -> datetime | None:
        """From a refusal that may pass: the instant from which on asking is of use, where it says so. A rate
        limit (429) holds for all requests."""
        wait = _retry_after(headers)
        if status == 429:
            self._hold(wait)
        return None if wait is None else _from_now(wait)

    def _hold(self, seconds: float | None) -> None:
        with self._lock:
            if seconds is not None and 0 < seconds <= LONGEST:
                self._from = max(_from_now(seconds), self._from or datetime.min.replace(tzinfo=UTC))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the headers of a refusal."""
    if milliseconds := _seconds(headers.get("retry-after-ms", "")):
        return milliseconds / 1000
    told = headers.get("retry-after", "")
    found = _seconds(told)
    if found is None and told:
        try:
            found = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            found = None
    if found is None:
        resets = (_seconds(headers.get(f"x-ratelimit-reset-{what}", "")) for what in ("requests", "tokens"))
        found = max((wait for wait in resets if wait is not None), default=None)
    return found if found is not None and 0 <= found <= LONGEST else None


def _seconds(told: str) -> float | None:
    """``1.5``, ``250ms`` or ``6m0s`` as seconds."""
    told = told.strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    parts = _DURATION.findall(told)
    if not parts or "".join(number + unit for number, unit in parts) != told:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _from_now(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
