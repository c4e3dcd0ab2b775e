"""A rule, what it is tested on, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Line, Model, TradeDocument
from abax.documents.extract import Extraction
from abax.documents.rules.known import Known
from abax.money import decimals

_SHOWN = 5
"""Comparisons that a result names; of more, it gives the number."""


class Severity(StrEnum):
    """What a failed rule means."""

    INFO = "info"
    WARNING = "warning"
    """A person should look."""
    ERROR = "error"
    """The document cannot be booked as it is."""
    ALARM = "alarm"
    """Possible fraud: raised loudly, never passed."""


class Outcome(StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    """What it needs is not there."""


class Check(Model):
    """One rule's result."""

    rule: str
    severity: Severity
    outcome: Outcome
    text: str
    """The rule in words."""
    compared: str = ""
    """What was compared, with the values: ``lines 100.00 + 20.00 = 120.00, totals.net 120.00``."""
    paths: tuple[str, ...] = ()
    """The values at issue."""


class Result(NamedTuple):
    """One comparison that a rule made. A rule that compares nothing does not apply."""

    passed: bool
    compared: str
    paths: tuple[str, ...] = ()
    severity: Severity | None = None
    """Where it differs from the rule's own."""


@dataclass(frozen=True)
class Subject:
    """What rules are tested on: one document, and what is known besides."""

    extraction: Extraction
    classification: Classification | None = None
    known: Known = field(default_factory=Known)

    @property
    def contract(self) -> Any:
        """The contract; of which type, the rule's ``types`` say."""
        return self.extraction.contract

    @property
    def type(self) -> DocumentType:
        """What the document was classified as, or else what the contract says."""
        return self.classification.type if self.classification else self.extraction.contract.type

    @cached_property
    def unit(self) -> Decimal:
        """The smallest unit of the document's currency."""
        return Decimal(1).scaleb(-decimals(self.contract.currency or ""))

    @cached_property
    def counted_lines(self) -> tuple[tuple[int, Line], ...]:
        """The lines that add to the total, with their places: no mere information, and no parts of others,
        save of groups that have no amount of their own."""
        lines = self.contract.lines if isinstance(self.contract, TradeDocument) else ()
        empty = {line.position for line in lines if line.role == "group" and not line.net_amount}
        return tuple(
            (place, line)
            for place, line in enumerate(lines)
            if line.role != "information"
            and (line.parent is None or line.parent in empty)
            and not (line.role == "group" and line.position in empty)
        )

    @cached_property
    def tax_categories(self) -> frozenset[str]:
        """Of the lines, allowances and charges."""
        parts = (*self.contract.lines, *self.contract.adjustments)
        return frozenset(part.tax_category for part in parts if part.tax_category is not None)


Test = Callable[[Subject], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What must be true of a document."""

    id: str
    text: str
    severity: Severity
    test: Test
    needs: tuple[str, ...] = ()
    """Paths of the contract, or ``known.…``, without which there is nothing to compare."""
    types: frozenset[DocumentType] = frozenset()
    """The types of document that it is about; none means all."""


def run(rules: Iterable[Rule], subject: Subject) -> Iterator[Check]:
    """Each rule's result, in the rules' order."""
    for rule in rules:
        yield _check(rule, subject)


def _check(rule: Rule, subject: Subject) -> Check:
    def check(outcome: Outcome, compared: str, paths: tuple[str, ...], severity: Severity) -> Check:
        return Check(
            rule=rule.id, severity=severity, outcome=outcome, text=rule.text, compared=compared, paths=paths
        )

    if rule.types and subject.type not in rule.types:
        return check(Outcome.NOT_APPLICABLE, f"not for {subject.type}", (), rule.severity)
    absent = [need for need in rule.needs if not _there(subject, need)]
    if absent:
        return check(Outcome.NOT_APPLICABLE, f"without {', '.join(absent)}", (), rule.severity)
    results = tuple(rule.test(subject))
    if not results:
        return check(Outcome.NOT_APPLICABLE, "nothing to compare", (), rule.severity)
    failed = tuple(result for result in results if not result.passed)
    severity = max(
        (result.severity or rule.severity for result in failed), key=_RANK.index, default=rule.severity
    )
    paths = tuple(dict.fromkeys(path for result in failed or results for path in result.paths))
    outcome = Outcome.FAILED if failed else Outcome.PASSED
    return check(outcome, _told(failed or results), paths, severity)


_RANK = tuple(Severity)


def _told(results: tuple[Result, ...]) -> str:
    text = "; ".join(dict.fromkeys(result.compared for result in results[:_SHOWN]))
    return f"{text}; and {len(results) - _SHOWN} more" if len(results) > _SHOWN else text


def _there(subject: Subject, need: str) -> bool:
    value: Any = subject if need.startswith("known.") else subject.contract
    for name in need.split("."):
        value = getattr(value, name, None)
        if value is None:
            return False
    return value is not False and value not in ((), "", {})
