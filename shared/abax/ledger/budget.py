"""A budget beside what was booked.

The budget is a file with the columns ``account, month, amount``, and if need be ``dimension, version``.
``account`` is a code, ``47*``, ``4000-4999``, ``type:NAME``, or a statement class such as ``revenue``; of
several that fit an account the most specific one counts, so that nothing counts twice. Amounts are positive
on their own side: income as income, costs as costs. ``dimension`` is a value that lines carry, such as
``cost_center:100``; a row without one stands for all that no other row of the same account names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from abax.dates import Granularity, Period
from abax.errors import InvalidRequest, listed
from abax.ledger.layout import LABELS, RESULT_CLASSES, month_number
from abax.ledger.mapping import Patterns
from abax.ledger.model import Column, Company, Frozen, Side, StatementClass
from abax.ledger.segments import Dimensions, slices, year_of
from abax.ledger.store import Ledger
from abax.money import ZERO, trimmed

_NEEDED: Final = ("account", "month", "amount")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2]|P\d{2})")
_PERCENT: Final = Decimal("0.1")
_CREDIT: Final = (StatementClass.REVENUE, StatementClass.OTHER_INCOME, StatementClass.INTEREST_INCOME)
"""Result classes whose accounts grow by credits."""


class BudgetRow(Frozen):
    """One row of the file."""

    line: int
    account: str
    month: str
    amount: Decimal
    dimension: str = ""
    version: str = ""


class BudgetLine(Frozen):
    """A budget beside what was booked; the lists run parallel to the report's ``periods``."""

    account: str
    """As the file names it; empty for the sum, and for accounts that it says nothing of."""
    label: str
    statement_class: StatementClass | None
    """None where accounts of several are meant, and for the sum."""
    dimension: str
    budget: list[Decimal]
    actual: list[Decimal]
    difference: list[Decimal]
    """What was booked beyond the budget."""
    percent: list[Decimal | None]
    """The difference in percent of the budget; None without any."""
    favourable: list[bool | None]
    """Whether it makes the result better; None where it does neither, or is no part of the result."""


class BudgetReport(Frozen):
    """Budget against actual over a fiscal year."""

    company: Company
    year: int
    as_of: date | None
    granularity: str
    currency: str
    version: str
    periods: list[Column]
    lines: list[BudgetLine]
    net_result: BudgetLine


# --- the file -------------------------------------------------------------------------------------------


def read_budget(text: str) -> list[BudgetRow]:
    """The rows of a budget file. Raises InvalidRequest naming the line at fault."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    names = [name.strip() for name in reader.fieldnames or ()]
    lacking = [name for name in _NEEDED if name not in names]
    if lacking:
        raise InvalidRequest(f"the file has no column {listed(lacking)}{_instead(names)}", "budget")
    rows = [_row(reader.line_num, row) for row in reader]
    if not rows:
        raise InvalidRequest("the file has no rows", "budget")
    return rows


def _instead(names: Sequence[str]) -> str:
    """What the first line of a file without the columns says."""
    if len(names) == 1 and ";" in names[0]:
        return "; set columns apart by commas"
    return f"; it has {listed(names)}" if names else ""


def _row(line: int, given: Mapping[str, str | None]) -> BudgetRow:
    row = {str(name).strip(): str(value or "").strip() for name, value in given.items()}
    if not row["account"]:
        raise InvalidRequest(f"line {line} names no account", "budget")
    if not _MONTH.fullmatch(row["month"]):
        raise InvalidRequest(f"line {line}: {row['month']!r} is no month; write 2025-03", "budget")
    try:
        amount = Decimal(row["amount"])
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise InvalidRequest(f"line {line}: {row['amount']!r} is no amount", "budget")
    known = {name: row[name] for name in ("account", "month", "dimension", "version") if name in row}
    return BudgetRow(line=line, amount=amount, **known)


def of_version(rows: Sequence[BudgetRow], version: str | None) -> list[BudgetRow]:
    """The rows of one version. Raises InvalidRequest where there are several to choose from, or not this."""
    known = list(dict.fromkeys(row.version for row in rows))
    if version is None and len(known) > 1:
        raise InvalidRequest(f"the file holds the versions {listed(known)}; say which", "version")
    wanted = known[0] if version is None else version
    if wanted not in known:
        raise InvalidRequest(f"no version {version!r}; the file holds {listed(known)}", "version")
    return [row for row in rows if row.version == wanted]


# --- beside what was booked -----------------------------------------------------------------------------

Cell = tuple[str, str]
"""An account as the file names it, and a value of a dimension or none."""


@dataclass(frozen=True)
class _Meant:
    """Which rows of the file an account of the chart belongs to."""

    ledger: Ledger
    of_account: Mapping[str, str]
    """Account id to the account as the file names it."""

    def accounts(self, key: str) -> list[str]:
        return [account for account, own in self.of_account.items() if own == key]

    def classes(self, key: str) -> list[StatementClass]:
        """The classes of all accounts that a key stands for."""
        found = {self.ledger.accounts[account].statement_class for account in self.accounts(key)}
        return sorted(found or ({StatementClass(key)} if key in _NAMES else ()))


def variance(
    ledger: Ledger,
    rows: Sequence[BudgetRow],
    year: int,
    granularity: Granularity = Granularity.MONTH,
    version: str | None = None,
    as_of: date | None = None,
) -> BudgetReport:
    """The budget of fiscal ``year`` beside what was booked, by month, quarter or year.

    Raises InvalidRequest naming the file's line where an account or a dimension's value is not known.
    """
    chosen = of_version(rows, version)
    period = year_of(ledger, year)
    months = [month.label for month in ledger.calendar.months(year)]
    if not any(row.month in months for row in chosen):
        raise InvalidRequest(f"no row is of fiscal year {year}, {months[0]} to {months[-1]}", "budget")
    known = Dimensions.of(ledger, period.end)
    meant = _meant(ledger, chosen)
    signs = {row.account: _sign(meant, row) for row in chosen}
    budget = _budgeted([row for row in chosen if row.month in months], months, known, ledger)
    cells = dict.fromkeys((row.account, _dimension(row, known)) for row in chosen)
    actual = _booked(ledger, meant, known, list(cells), period, as_of)
    cuts = ledger.calendar.periods(year, granularity)
    lines = [
        _line(ledger, meant, cell, signs[cell[0]], _cut(budget.get(cell), cuts), _cut(actual.get(cell), cuts))
        for cell in cells
    ]
    lines.sort(
        key=lambda line: list(StatementClass).index(line.statement_class or StatementClass.OFF_BALANCE)
    )
    lines += _without_budget(ledger, meant, actual, cuts)
    return BudgetReport(
        company=ledger.company,
        year=year,
        as_of=as_of,
        granularity=granularity.value,
        currency=ledger.currency,
        version=chosen[0].version,
        periods=[Column(label=cut.label, start=cut.start, end=cut.end, fiscal_year=year) for cut in cuts],
        lines=lines,
        net_result=_net(ledger, meant, lines, cuts),
    )


def _meant(ledger: Ledger, rows: Sequence[BudgetRow]) -> _Meant:
    """Raises InvalidRequest for a row that no account of the chart belongs to."""
    keys = dict.fromkeys(row.account for row in rows)
    classes = {own.value for own in StatementClass}
    patterns = Patterns({key: key for key in keys if key not in classes})
    found = {}
    for account, code, kind in ledger.rows("SELECT account_id, code, source_type FROM accounts"):
        if account in ledger.accounts:
            given = ledger.accounts[account].statement_class
            key = patterns.of(code, kind) or (given.value if given in keys else None)
            if key is not None:
                found[account] = key
    for row in rows:
        if row.account not in found.values() and row.account not in classes:
            problem = f"no account {row.account!r} in the chart, or all such have rows of their own"
            raise InvalidRequest(f"line {row.line}: {problem}", "budget")
    return _Meant(ledger, found)


def _sign(meant: _Meant, row: BudgetRow) -> int:
    """Turns debit positive amounts into amounts of the accounts' own side."""
    classes = meant.classes(row.account)
    signs = {_own_side(own) for own in classes}
    if len(signs) > 1:
        raise InvalidRequest(
            f"line {row.line}: {row.account!r} takes in accounts of both sides ({listed(classes)}); "
            "budget them apart",
            "budget",
        )
    return signs.pop() if signs else 1


_NAMES: Final = frozenset(own.value for own in StatementClass)


def _own_side(given: StatementClass) -> int:
    if given.side is Side.RESULT:
        return -1 if given in _CREDIT else 1
    return 1 if given.side in (Side.ASSET, Side.OFF_BALANCE) else -1


def _dimension(row: BudgetRow, known: Dimensions) -> str:
    """The value's id. Raises InvalidRequest for one that neither the master data nor any line knows."""
    if not row.dimension or row.dimension in known.values:
        return row.dimension
    for value_id, dimension in known.dimension_of.items():
        segment = known.segment(value_id)
        if row.dimension in (f"{dimension}:{segment.code}", f"{dimension}:{segment.name}"):
            return value_id
    raise InvalidRequest(f"line {row.line}: no dimension value {row.dimension!r}", "budget")


def _budgeted(
    rows: Iterable[BudgetRow], months: Sequence[str], known: Dimensions, ledger: Ledger
) -> dict[Cell, list[Decimal]]:
    found: dict[Cell, list[Decimal]] = {}
    for row in rows:
        cell = (row.account, _dimension(row, known))
        found.setdefault(cell, [ZERO] * len(months))[months.index(row.month)] += row.amount
    return found


def _booked(
    ledger: Ledger,
    meant: _Meant,
    known: Dimensions,
    cells: Sequence[Cell],
    period: Period,
    as_of: date | None,
) -> dict[Cell, list[Decimal]]:
    """What was booked for each row by month, debit positive, and under ("", class) what no row stands for."""
    found: dict[Cell, list[Decimal]] = {}
    first, length = month_number(period.year, 1), period.last_month

    def add(cell: Cell, number: int, amount: Decimal) -> None:
        found.setdefault(cell, [ZERO] * length)[number - first] += amount

    for account, number, amount in ledger.rows(
        f"SELECT account_id, month_no, sum(amount) FROM {ledger.cube(as_of)} "
        "WHERE NOT coalesce(is_closing, false) AND fiscal_year = $year GROUP BY ALL",
        year=period.year,
    ):
        key = meant.of_account.get(account)
        add((key, "") if key else ("", ledger.accounts[account].statement_class.value), number, amount)
    for account, number, value, amount in _named(ledger, meant, known, cells, period, as_of):
        key = meant.of_account[account]
        add((key, value), number, amount)
        add((key, ""), number, -amount)
    return found


def _named(
    ledger: Ledger,
    meant: _Meant,
    known: Dimensions,
    cells: Sequence[Cell],
    period: Period,
    as_of: date | None,
) -> Iterator[tuple[str, int, str, Decimal]]:
    """What was booked for values of dimensions that the file names."""
    wanted = {cell for cell in cells if cell[1]}
    classes = [own.value for own in StatementClass]
    for dimension in {known.dimension_of[value] for _, value in wanted}:
        for account, number, value, amount in slices(ledger, known, dimension, period, as_of, classes):
            if value is not None and (meant.of_account.get(account), value) in wanted:
                yield account, number, value, amount


def _cut(months: Sequence[Decimal] | None, cuts: Sequence[Period]) -> list[Decimal]:
    own = months or [ZERO] * cuts[-1].last_month
    return [sum(own[cut.first_month - 1 : cut.last_month], ZERO) for cut in cuts]


def _line(
    ledger: Ledger, meant: _Meant, cell: Cell, sign: int, budget: list[Decimal], moved: list[Decimal]
) -> BudgetLine:
    key, value = cell
    accounts, classes = meant.accounts(key), meant.classes(key)
    label = ledger.accounts[accounts[0]].name if len(accounts) == 1 else _label(key)
    only = classes[0] if len(classes) == 1 else None
    result = bool(classes) and all(own.side is Side.RESULT for own in classes)
    better = -sign if result else 0
    return _compared(key, label, only, value, budget, [sign * own for own in moved], better, ledger.currency)


def _label(key: str) -> str:
    return LABELS[StatementClass(key)] if key in _NAMES else f"Accounts {key}"


def _compared(
    key: str,
    label: str,
    given: StatementClass | None,
    value: str,
    budget: list[Decimal],
    actual: list[Decimal],
    better: int,
    currency: str,
) -> BudgetLine:
    """``better``: 1 where more is better, -1 where less is, 0 where neither."""
    difference = [trimmed(one - other, currency) for one, other in zip(actual, budget, strict=True)]
    return BudgetLine(
        account=key,
        label=label,
        statement_class=given,
        dimension=value,
        budget=budget,
        actual=[trimmed(own, currency) for own in actual],
        difference=difference,
        percent=[
            (off * 100 / abs(own)).quantize(_PERCENT) if own else None
            for off, own in zip(difference, budget, strict=True)
        ],
        favourable=[(off * better > 0) if off and better else None for off in difference],
    )


def _without_budget(
    ledger: Ledger, meant: _Meant, actual: Mapping[Cell, list[Decimal]], cuts: Sequence[Period]
) -> Iterator[BudgetLine]:
    """What was booked on accounts of the income statement that the file says nothing of."""
    for given in RESULT_CLASSES:
        moved = _cut(actual.get(("", given.value)), cuts)
        if any(moved):
            sign = _own_side(given)
            booked = [sign * own for own in moved]
            nothing = [ZERO] * len(cuts)
            label = f"{LABELS[given]} without a budget"
            yield _compared("", label, given, "", nothing, booked, -sign, ledger.currency)


def _net(ledger: Ledger, meant: _Meant, lines: Sequence[BudgetLine], cuts: Sequence[Period]) -> BudgetLine:
    """All lines of the income statement: it is its net result."""
    budget, actual = [ZERO] * len(cuts), [ZERO] * len(cuts)
    for line in lines:
        classes = meant.classes(line.account) or ([line.statement_class] if line.statement_class else [])
        if classes and all(own.side is Side.RESULT for own in classes):
            sign = -_own_side(classes[0])
            budget = [one + sign * other for one, other in zip(budget, line.budget, strict=True)]
            actual = [one + sign * other for one, other in zip(actual, line.actual, strict=True)]
    return _compared("", "Net result", None, "", budget, actual, 1, ledger.currency)
