"""Which version of an adapter answers a request, and whether the one that is tried out may go on.

All of it is arithmetic on what is known: a ``Plan`` says which versions there are to choose from, the hash of
a request's key chooses, and ``verdict`` looks at what was counted since the trial began.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from abax.learning.registry import Book, Entry, Status

SHADOWED: Final = 1.0
"""Share of the requests that a shadow answers as well."""
SHARE: Final = 0.2
"""Share of the requests that a version on trial gets."""


@dataclass(frozen=True)
class Plan:
    """Which versions of a name there are to answer."""

    name: str
    live: Entry | None = None
    """None: what ships."""
    trial: Entry | None = None

    @classmethod
    def of(cls, book: Book) -> Plan:
        """As the registry says."""
        return cls(book.name, book.live, book.trial)


@dataclass(frozen=True)
class Choice:
    """Who answers a request."""

    answers: Entry | None
    """None: what ships."""
    shadow: Entry | None = None
    """Who answers as well, unheard."""


def choose(plan: Plan, key: str, shadowed: float = SHADOWED) -> Choice:
    """Who answers the request of that natural key: the same one each time while the plan is the same, and
    of a share that grows none goes back."""
    trial = plan.trial
    if trial is None:
        return Choice(plan.live)
    point = point_of(trial.label, key)
    if trial.status is Status.SHADOW:
        return Choice(plan.live, trial if point < shadowed else None)
    return Choice(trial if point < trial.share else plan.live)


def point_of(label: str, key: str) -> float:
    """From 0 up to 1, spread evenly over keys, another for each version."""
    digest = hashlib.sha256(f"{label}\0{key}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def differing(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Paths at which two JSON values differ, in order."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        inner = [
            differing(ours.get(name), theirs.get(name), f"{path}.{name}" if path else str(name))
            for name in dict.fromkeys((*ours, *theirs))
        ]
        return [one for found in inner for one in found]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        places = enumerate(zip(ours, theirs, strict=True))
        return [one for at, (left, right) in places for one in differing(left, right, f"{path}[{at}]")]
    return [] if ours == theirs else [path or "."]


# --- watching -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What became of a request that a version answered."""

    version: int
    """0 is what ships."""
    key: str
    at: datetime
    shadow: bool = False
    """Nobody heard it."""
    failed: bool = False
    """It gave no answer that could be used."""
    differs: tuple[str, ...] = ()
    """Where a shadow's answer is another than the live one's."""


@dataclass(frozen=True)
class Counts:
    """What was counted of a version in a window."""

    answered: int = 0
    failed: int = 0
    differs: int = 0
    corrected: int = 0
    """Answers that a person corrected later."""

    @property
    def failures(self) -> float:
        """Share of the answers; 0 of none."""
        return self.failed / self.answered if self.answered else 0.0

    @property
    def disagreement(self) -> float:
        """Share of the answers that could be compared."""
        compared = self.answered - self.failed
        return self.differs / compared if compared > 0 else 0.0

    @property
    def corrections(self) -> float:
        """Share of the answers."""
        return self.corrected / self.answered if self.answered else 0.0


def counts_of(
    seen: Iterable[Seen], version: int, since: datetime, corrected: frozenset[str] = frozenset()
) -> Counts:
    """What a version did from an instant on. What it was asked of one key counts once: as failed, or as
    another answer, where one of its answers is."""
    by_key: dict[str, list[Seen]] = {}
    for one in seen:
        if one.version == version and one.at >= since:
            by_key.setdefault(one.key, []).append(one)
    return Counts(
        answered=len(by_key),
        failed=sum(any(one.failed for one in own) for own in by_key.values()),
        differs=sum(
            any(one.differs for one in own) and not any(one.failed for one in own) for own in by_key.values()
        ),
        corrected=sum(key in corrected and not own[-1].shadow for key, own in by_key.items()),
    )


@dataclass(frozen=True)
class Limits:
    """What a version on trial must hold."""

    least: int = 50
    """Answers before it may go on."""
    soon: int = 10
    """Answers before it may be rolled back."""
    failures: float = 0.05
    """How much larger than the live version's share of failures its own may be."""
    corrections: float = 0.05
    """The same of the answers that people correct."""
    disagreement: float = 0.5
    """The share of a shadow's answers that may be others than the live version's."""
    patience: timedelta = timedelta(days=14)
    """How long a trial may wait for so many answers."""


class Course(StrEnum):
    """What is to become of a trial."""

    ON = "on"
    STAY = "stay"
    BACK = "back"


@dataclass(frozen=True)
class Verdict:
    """What is to become of a trial, and why."""

    course: Course
    why: str


def verdict(
    trial: Counts, other: Counts, limits: Limits, waited: timedelta, *, live: bool = False
) -> Verdict:
    """What is to become of a version that has been watched for so long, beside the one that it is to replace,
    or has replaced (``live``; what shows no fault then stays, however few have asked)."""
    if trial.answered >= limits.soon:
        for name, ours, allowed in (
            ("failed", trial.failures, other.failures + limits.failures),
            ("were corrected", trial.corrections, other.corrections + limits.corrections),
            ("differ from the live version's", trial.disagreement, limits.disagreement),
        ):
            if ours > allowed:
                told = f"{ours:.1%} of {trial.answered} answers {name}, at most {allowed:.1%} may"
                return Verdict(Course.BACK, told)
    if trial.answered >= limits.least:
        return Verdict(Course.ON, f"{trial.answered} answers without a drop")
    if waited >= limits.patience:
        told = f"{trial.answered} of {limits.least} answers in {waited.days} days"
        return Verdict(Course.ON if live else Course.BACK, told)
    return Verdict(Course.STAY, f"{trial.answered} of {limits.least} answers so far")
