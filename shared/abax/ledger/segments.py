"""Profitability by segment: the income statement cut by any dimension that journal lines carry.

A line may be shared out between values of a dimension in percent. It is shared to the cent, the cents that
are left going to the largest remainders, and what no value takes stands in a column of its own: columns add
up to the income statement exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Final, NamedTuple

from abax.dates import Granularity, Period
from abax.errors import CheckFailed, UnknownFigure
from abax.ledger.layout import RESULT_CLASSES, Row, month_number
from abax.ledger.model import Frozen, LineKind
from abax.ledger.statements import INCOME_STATEMENT, Balances
from abax.ledger.store import Ledger
from abax.money import STORED_DECIMALS, ZERO, decimals, rounded, trimmed

PLAIN: Final = "analytic"
"""The dimension of values that come without one."""

_WHOLE: Final = Decimal(100)
_STORED: Final = Decimal(1).scaleb(-STORED_DECIMALS)


class Segment(Frozen):
    """A column: one value of the dimension."""

    value_id: str
    code: str
    name: str
    parent_id: str | None = None


class SegmentLine(Frozen):
    """A line of the income statement; ``values`` runs parallel to the report's ``segments``."""

    line: str
    label: str
    kind: LineKind
    level: int
    values: list[Decimal]
    unassigned: Decimal
    total: Decimal


class SegmentReport(Frozen):
    """The income statement of a period by the values of a dimension."""

    dimension: str
    period: str
    start: date
    end: date
    currency: str
    segments: list[Segment]
    lines: list[SegmentLine]

    def row(self, line: str) -> SegmentLine:
        """The line of that name. Raises KeyError."""
        for own in self.lines:
            if own.line == line:
                return own
        raise KeyError(line)

    def margin(self, line: str, place: int) -> Decimal | None:
        """A line of one segment in percent of its revenue; None without any."""
        revenue = next((own.values[place] for own in self.lines if own.line == "revenue"), ZERO)
        return rounded(self.row(line).values[place] * 100 / revenue, "XXX") if revenue else None


class Slice(NamedTuple):
    """What accounts moved by in a month, for one value of a dimension; None: for none."""

    account_id: str
    month_no: int
    value_id: str | None
    amount: Decimal


def segments(
    ledger: Ledger, dimension: str, period: str, as_of: date | None = None, *, top: bool = False
) -> SegmentReport:
    """The income statement of a period (2025, 2025-Q1, 2025-03) by the values of ``dimension``; with ``top``
    each value counts for the one at the top of its hierarchy.

    Raises UnknownFigure for a dimension or a period that is not there.
    """
    cut = _period(ledger, period)
    known = Dimensions.of(ledger, cut.end)
    known.require(dimension)
    moved = _by_class(ledger, slices(ledger, known, dimension, cut, as_of), known if top else None)
    values = [known.segment(key) for key in moved if key is not None]
    values.sort(key=lambda own: (own.code, own.name, own.value_id))
    balances, lines = Balances(ledger, as_of), []
    for row in INCOME_STATEMENT.rows:
        columns = [_value(row, moved.get(key, {}), ledger) for key in (*(v.value_id for v in values), None)]
        total = trimmed(balances.value(row, cut), ledger.currency)
        if sum(columns, ZERO) != total:
            raise CheckFailed(f"{row.line} by {dimension}", sum(columns, ZERO) - total)
        if row.kind is not LineKind.FIGURE or any(columns):
            lines.append(_line(row, columns, total))
    return SegmentReport(
        dimension=dimension,
        period=cut.label,
        start=cut.start,
        end=min(cut.end, as_of) if as_of else cut.end,
        currency=ledger.currency,
        segments=values,
        lines=lines,
    )


def _line(row: Row, columns: Sequence[Decimal], total: Decimal) -> SegmentLine:
    *values, rest = columns
    return SegmentLine(
        line=row.line,
        label=row.label,
        kind=row.kind,
        level=row.level,
        values=values,
        unassigned=rest,
        total=total,
    )


def _period(ledger: Ledger, label: str) -> Period:
    found = ledger.find_period(label)
    if found is None:
        years = [str(year) for year in ledger.years]
        raise UnknownFigure("period", label, years)
    return found


def _value(row: Row, amounts: Mapping[str, Decimal], ledger: Ledger) -> Decimal:
    found = sum((part.sign * amounts.get(name, ZERO) for part in row.parts for name in part.classes), ZERO)
    return trimmed(found, ledger.currency)


def _by_class(
    ledger: Ledger, found: Iterable[Slice], fold: Dimensions | None
) -> dict[str | None, dict[str, Decimal]]:
    sums: dict[str | None, dict[str, Decimal]] = {}
    for account_id, _, value, amount in found:
        key = fold.top(value) if fold and value is not None else value
        name = ledger.accounts[account_id].statement_class.value
        own = sums.setdefault(key, {})
        own[name] = own.get(name, ZERO) + amount
    return sums


# --- dimensions -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dimensions:
    """The values of dimensions that a ledger knows, as they are called on a day."""

    values: Mapping[str, Segment]
    dimension_of: Mapping[str, str]

    @classmethod
    def of(cls, ledger: Ledger, day: date) -> Dimensions:
        """Those of the master table, named as on ``day``, and those that only lines know of."""
        values: dict[str, Segment] = {}
        dimension_of: dict[str, str] = {}
        for value_id, dimension, code, name, parent in ledger.rows(
            "SELECT value_id, dimension, code, name, parent_id FROM dimensions "
            "ORDER BY coalesce(valid_from <= $day, true) AND coalesce(valid_to >= $day, true), valid_from",
            day=day,
        ):
            dimension_of[value_id] = dimension
            values[value_id] = Segment(
                value_id=value_id, code=code or _own_key(value_id), name=name or "", parent_id=parent
            )
        for text in _texts(ledger):
            for key in _percents(text):
                dimension_of.setdefault(key, _dimension(key))
                values.setdefault(key, Segment(value_id=key, code=_own_key(key), name=""))
        return cls(values, dimension_of)

    @property
    def names(self) -> list[str]:
        """The dimensions there are."""
        return sorted(set(self.dimension_of.values()))

    def require(self, dimension: str) -> None:
        """Raises UnknownFigure, naming those there are."""
        if dimension not in self.names:
            raise UnknownFigure("dimension", dimension, self.names)

    def segment(self, value_id: str) -> Segment:
        """The value of that id."""
        return self.values.get(value_id) or Segment(value_id=value_id, code=_own_key(value_id), name="")

    def top(self, value_id: str) -> str:
        """The value above all others that this one belongs to."""
        seen = [value_id]
        while (parent := self.segment(seen[-1]).parent_id) and parent in self.values and parent not in seen:
            seen.append(parent)
        return seen[-1]

    def shares(self, text: str, dimension: str) -> dict[str, Decimal]:
        """What a line's ``dimensions`` say of one of them: value to percent."""
        return {
            key: percent
            for key, percent in _percents(text).items()
            if self.dimension_of.get(key) == dimension
        }


def _texts(ledger: Ledger) -> list[str]:
    return [
        text
        for (text,) in ledger.rows("SELECT DISTINCT dimensions FROM journal_lines WHERE dimensions <> ''")
    ]


def _percents(text: str) -> dict[str, Decimal]:
    """A JSON object of shares in percent; a key may name values of several dimensions, by commas."""
    found: dict[str, Decimal] = {}
    for keys, percent in json.loads(text, parse_float=Decimal, parse_int=Decimal).items():
        for key in keys.split(",") if ":" not in keys else [keys]:
            found[key.strip()] = found.get(key.strip(), ZERO) + percent
    return found


def _dimension(value_id: str) -> str:
    name, colon, _ = value_id.partition(":")
    return name if colon else PLAIN


def _own_key(value_id: str) -> str:
    return value_id.partition(":")[2] or value_id


# --- sharing out ----------------------------------------------------------------------------------------

_LINES: Final = """
    FROM journal_lines JOIN chart USING (account_id)
    WHERE NOT coalesce(is_closing, false) AND month_no BETWEEN $first AND $last AND {posted}
    AND list_contains($classes::VARCHAR[], statement_class)"""

_WHOLE_LINES: Final = """
    WITH wholly AS (SELECT unnest($texts::VARCHAR[]) AS dimensions, unnest($values::VARCHAR[]) AS value_id)
    SELECT account_id, month_no, value_id, sum(amount) FROM (
        SELECT account_id, month_no, dimensions, amount {lines}
        AND NOT coalesce(list_contains($shared::VARCHAR[], dimensions), false))
    LEFT JOIN wholly USING (dimensions) GROUP BY ALL"""

_SHARED_LINES: Final = """
    SELECT account_id, month_no, dimensions, amount, count(*) {lines}
    AND list_contains($shared::VARCHAR[], dimensions) GROUP BY ALL"""


def slices(
    ledger: Ledger,
    known: Dimensions,
    dimension: str,
    period: Period,
    as_of: date | None = None,
    classes: Sequence[str] = RESULT_CLASSES,
) -> list[Slice]:
    """What accounts of some classes moved by within a period, by month and value of a dimension."""
    by_text = {text: known.shares(text, dimension) for text in _texts(ledger)}
    wholly = {
        text: key
        for text, own in by_text.items()
        for key, percent in own.items()
        if percent == _WHOLE and len(own) == 1
    }
    shared = [text for text, own in by_text.items() if own and text not in wholly]
    lines = _LINES.format(posted=ledger.posted_by(as_of))
    places = {
        "first": month_number(period.year, period.first_month),
        "last": month_number(period.year, period.last_month),
        "classes": [str(own) for own in classes],
        "shared": shared,
    }
    whole = _WHOLE_LINES.format(lines=lines)
    rows = ledger.rows(whole, **places, texts=list(wholly), values=list(wholly.values()))
    found = [Slice(*row) for row in rows if row[-1]]
    for account, month, text, amount, count in (
        ledger.rows(_SHARED_LINES.format(lines=lines), **places) if shared else ()
    ):
        parts = allocated(amount, list(by_text[text].values()), ledger.currency)
        for value, part in zip((*by_text[text], None), parts, strict=True):
            if part:
                found.append(Slice(account, month, value, part * count))
    return found


def allocated(amount: Decimal, shares: Sequence[Decimal], currency: str) -> list[Decimal]:
    """``amount`` by shares in percent, to the cent, and last what is left: they add up to it exactly. Cents
    that rounding down leaves go to the largest remainders, the first of several. Of shares beyond a hundred
    each takes its own, and what is left has the other sign."""
    rest = _WHOLE - sum(shares, ZERO)
    step = Decimal(1).scaleb(-decimals(currency)) if rounded(amount, currency) == amount else _STORED
    exact = [amount * share / _WHOLE for share in (*shares, rest)]
    if rest < 0 or any(share < 0 for share in shares):
        parts = [own.quantize(step) for own in exact[:-1]]
        return [*parts, amount - sum(parts, ZERO)]
    parts = [own.quantize(step, rounding=ROUND_DOWN) for own in exact]
    left = int((amount - sum(parts, ZERO)) / step)
    order = sorted(range(len(exact)), key=lambda place: (-abs(exact[place] - parts[place]), place))
    for place in order[: abs(left)]:
        parts[place] += step.copy_sign(amount)
    return [part + ZERO for part in parts]  # no minus before nothing


def year_of(ledger: Ledger, year: int) -> Period:
    """A fiscal year as a period."""
    [period] = ledger.calendar.periods(year, Granularity.YEAR)
    return period
