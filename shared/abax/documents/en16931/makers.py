"""Makers of tests: what most rules ask for, so that a rule is a line of data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from abax.documents.contracts import Address, Adjustment, Line, Party
from abax.documents.rules.model import Result, Severity, Subject, Test

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal(0)

Items = Callable[[Subject], Iterable[tuple[str, Any]]]
"""Paths and parts of a document that a rule looks at one by one."""


def at(value: Any, path: str) -> Any:
    """The value under a path of names; None where it is empty."""
    for name in path.split("."):
        value = getattr(value, name, None)
    if isinstance(value, (Address, Party)):
        return None if value == type(value)() else value
    return None if value in ("", ()) else value


def must(*paths: str) -> Test:
    """One of the paths has a value."""

    def test(subject: Subject) -> Iterator[Result]:
        found = next((path for path in paths if at(subject.contract, path) is not None), None)
        shown = f"{found} {_short(at(subject.contract, found))}" if found else f"no {' or '.join(paths)}"
        yield Result(found is not None, shown, paths)

    return test


def each(items: Items, *names: str) -> Test:
    """Every part has one of the names."""

    def has(part: Any) -> bool:
        return any(at(part, name) is not None for name in names)

    return every(items, has, lambda part: f"has no {' or '.join(names)}", names)


def every(
    items: Items, holds: Callable[[Any], bool], told: Callable[[Any], str], names: Collection[str] = ()
) -> Test:
    """Something holds for every part; parts for which it does not are told one by one."""

    def test(subject: Subject) -> Iterator[Result]:
        count = 0
        for path, part in items(subject):
            count += 1
            if not holds(part):
                paths = tuple(f"{path}.{name}" for name in names) or (path,)
                yield Result(False, f"{path} {told(part)}", paths)
        if count:
            yield Result(True, f"{count} looked at")

    return test


def lines(subject: Subject) -> Iterator[tuple[str, Line]]:
    """All lines."""
    for place, line in enumerate(subject.contract.lines):
        yield f"lines[{place}]", line


def top_lines(subject: Subject) -> Iterator[tuple[str, Line]]:
    """The lines that add to the total."""
    for place, line in subject.counted_lines:
        yield f"lines[{place}]", line


def adjustments(*, charge: bool) -> Items:
    """The document's allowances, or its charges."""

    def items(subject: Subject) -> Iterator[tuple[str, Adjustment]]:
        for place, one in enumerate(subject.contract.adjustments):
            if one.is_charge is charge:
                yield f"adjustments[{place}]", one

    return items


def line_adjustments(*, charge: bool) -> Items:
    """The lines' allowances, or charges."""

    def items(subject: Subject) -> Iterator[tuple[str, Adjustment]]:
        for path, line in lines(subject):
            for place, one in enumerate(line.adjustments):
                if one.is_charge is charge:
                    yield f"{path}.adjustments[{place}]", one

    return items


def group(name: str) -> Items:
    """The parts of a list of the contract."""

    def items(subject: Subject) -> Iterator[tuple[str, Any]]:
        for place, part in enumerate(getattr(subject.contract, name)):
            yield f"{name}[{place}]", part

    return items


def part(name: str) -> Items:
    """One part of the contract, where it is there."""

    def items(subject: Subject) -> Iterator[tuple[str, Any]]:
        found = at(subject.contract, name)
        if found is not None:
            yield name, found

    return items


def agree(said: Decimal, worked_out: Decimal, how: str, path: str, *, slack: Decimal = ZERO) -> Result:
    """Equal to the cent. Within ``slack`` a difference is only worth a look."""
    rounded = worked_out.quantize(CENT, ROUND_HALF_UP)
    off = abs(said - rounded)
    severity = Severity.WARNING if off < slack else None
    return Result(off == 0, f"{how} = {rounded:f}, {path} {said:f}", (path,), severity)


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum of those that are there."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def _short(value: Any) -> str:
    text = str(value) if not isinstance(value, (tuple, Address, Party)) else "given"
    return text if len(text) <= 40 else f"{text[:40]}…"
