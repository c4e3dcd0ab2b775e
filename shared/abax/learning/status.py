"""Whether it is time to train: what people corrected since the last training, by type and issuer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from abax.learning.registry import Book

SHOWN: Final = 20
"""Rows that people are shown of an adapter."""


class Said(StrEnum):
    """What a person said of a document or mail."""

    NOTHING = "nothing"
    RIGHT = "right"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class Handled:
    """A document, mail or draft that was handled."""

    adapter: str
    """Whose work it is: ``extract``, ``triage``, ``write``."""
    kind: str
    """The type of document, the task of mail, the kind of reply."""
    key: str
    """Its id."""
    issuer: str = ""
    at: datetime | None = None
    """When it was handled, or a person said something of it; None where nobody wrote it down."""
    said: Said = Said.NOTHING
    values: int = 0
    """How many of its values were corrected."""


@dataclass(frozen=True)
class Threshold:
    """When it is time to train."""

    corrections: int = 100
    error_rate: float = 0.05
    least: int = 50
    """Documents before an error rate counts."""

    def reason(self, corrections: int, processed: int) -> str:
        """Why it is time; empty where it is not."""
        if corrections >= self.corrections:
            return f"{corrections} corrections, {self.corrections} are enough"
        rate = rate_of(corrections, processed)
        if rate is not None and processed >= self.least and rate >= self.error_rate:
            return f"{rate:.1%} of {processed} corrected, {self.error_rate:.1%} is enough"
        return ""


def rate_of(corrections: int, processed: int) -> float | None:
    """The error rate; None of nothing."""
    return corrections / processed if processed else None


@dataclass(frozen=True)
class Row:
    """One type's, of one issuer, since the last training."""

    kind: str
    issuer: str
    processed: int
    reviewed: int
    corrected: int
    values: int

    @property
    def error_rate(self) -> float | None:
        """Corrected of all that was processed: what nobody looked at counts as right."""
        return rate_of(self.corrected, self.processed)

    def as_dict(self) -> dict[str, Any]:
        """With its error rate."""
        rate = self.error_rate
        return {**vars(self), "error_rate": None if rate is None else round(rate, 4)}


@dataclass(frozen=True)
class Report:
    """One adapter's."""

    adapter: str
    since: datetime | None
    """What people said until then has been learnt from; None: nothing has."""
    rows: tuple[Row, ...]
    """The most corrected first."""
    due: str
    """Why it is time to train; empty where it is not."""

    @property
    def total(self) -> Row:
        """All rows as one."""
        sums = [sum(column) for column in zip(*map(_counts, self.rows), strict=True)] or [0, 0, 0, 0]
        return Row("all", "", *sums)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "adapter": self.adapter,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
            "due": bool(self.due),
            "why": self.due,
            "total": self.total.as_dict(),
            "rows": [row.as_dict() for row in self.rows],
        }


def _counts(row: Row) -> tuple[int, int, int, int]:
    return row.processed, row.reviewed, row.corrected, row.values


def learnt_until(book: Book) -> datetime | None:
    """Up to when what people said has been learnt from: by the newest version, whatever became of it, for the
    next one would learn from the same. None where there is none that says."""
    known = [one.lineage.data_until for one in book.entries.values() if one.lineage.data_until is not None]
    return max(known, default=None)


def report(adapter: str, handled: Iterable[Handled], since: datetime | None, threshold: Threshold) -> Report:
    """What was handled since then. What has no time counts where nothing has been learnt yet."""
    rows: dict[tuple[str, str], list[int]] = {}
    for one in handled:
        if one.adapter != adapter or (since is not None and (one.at is None or one.at <= since)):
            continue
        sums = rows.setdefault((one.kind, one.issuer), [0, 0, 0, 0])
        corrected = one.said is Said.CORRECTED
        for at, count in enumerate((1, one.said is not Said.NOTHING, corrected, one.values)):
            sums[at] += count
    found = sorted((Row(*key, *sums) for key, sums in rows.items()), key=_order)
    total = Report(adapter, since, tuple(found), "").total
    return Report(adapter, since, tuple(found), threshold.reason(total.corrected, total.processed))


def _order(row: Row) -> tuple[int, int, str, str]:
    return -row.corrected, -row.processed, row.kind, row.issuer


def reports(handled: Iterable[Handled], books: Mapping[str, Book], threshold: Threshold) -> list[Report]:
    """One for each adapter of which anything was handled, or that has a version."""
    all_of_it = list(handled)
    names = sorted({*books, *(one.adapter for one in all_of_it)})
    return [report(name, all_of_it, learnt_until(books.get(name, Book(name))), threshold) for name in names]
