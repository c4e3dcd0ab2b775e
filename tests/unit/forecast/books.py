"""Closes with hand-made monthly statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from abax.dates import Calendar, Granularity
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.group_layout import LAYOUTS as GROUP_LAYOUTS
from abax.ledger.group_layout import MINORITY_RESULT
from abax.ledger.layout import RESULT_CLASSES, month_number
from abax.ledger.model import ClosePackage, Column, Company, LineKind, Statement, StatementLine
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Balances, Coverage, build
from abax.money import rounded

YEARS = (2023, 2024, 2025)
LAYOUT = (
    ("revenue", LineKind.FIGURE),
    ("cost_of_sales", LineKind.FIGURE),
    ("gross_profit", LineKind.SUBTOTAL),
    ("operating_expenses", LineKind.FIGURE),
    ("net_result", LineKind.TOTAL),
)


def close(
    lines: Mapping[str, Sequence[Decimal]],
    cash: Sequence[Decimal],
    as_of: date = date(2025, 12, 31),
    currency: str = "EUR",
    end_month: int = 12,
) -> ClosePackage:
    """A close whose figures are ``lines`` and ``cash`` by month from the first month of 2023 on."""
    company = Company(
        company_id="1", name="Hand Made Ltd", currency=currency, fiscal_year_end_month=end_month
    )
    months = [month for year in YEARS for month in company.calendar.months(year)][: len(cash)]
    columns = [
        Column(label=m.label, start=m.start, end=min(m.end, as_of), fiscal_year=m.year) for m in months
    ]
    nothing = [Decimal(0)] * len(cash)
    rows, so_far = [], nothing
    for line, kind in LAYOUT:
        own = list(lines.get(line, nothing))
        values = own if kind is LineKind.FIGURE else so_far
        if kind is LineKind.FIGURE:
            so_far = [a + b for a, b in zip(so_far, own, strict=True)]
        rows.append(StatementLine(line=line, label=line, kind=kind, values=values))
    position = _balance_sheet(so_far, list(cash), [column.fiscal_year for column in columns])
    statements = [
        Statement(
            report=report,
            title=report,
            granularity=Granularity.MONTH,
            currency=currency,
            periods=columns,
            lines=kept,
        )
        for report, kept in (("income_statement", rows), ("balance_sheet", position))
    ]
    return ClosePackage(
        company=company,
        year=2025,
        as_of=as_of,
        input_hash="0" * 64,
        statements=statements,
        trial_balances=[],
        aged=[],
        ratios=[],
        checks=[],
        notices=[],
    )


def _balance_sheet(
    results: Sequence[Decimal], cash: Sequence[Decimal], years: Sequence[int]
) -> list[StatementLine]:
    """Cash as given, the results so far, and paid-in capital for whatever is left."""
    earlier, current = [], []
    for place, result in enumerate(results):
        new = not place or years[place] != years[place - 1]
        before = (earlier[-1] if place else Decimal(0), current[-1] if place else Decimal(0))
        earlier.append(before[0] + before[1] if new else before[0])
        current.append(result if new else before[1] + result)
    paid = [whole - one - other for whole, one, other in zip(cash, earlier, current, strict=True)]
    figure, total = LineKind.FIGURE, LineKind.TOTAL
    rows = (
        ("cash", figure, cash),
        ("current_assets", LineKind.SUBTOTAL, cash),
        ("total_assets", total, cash),
        ("equity", figure, paid),
        ("retained_earnings", figure, earlier),
        ("current_year_result", figure, current),
        ("total_equity", total, cash),
        ("total_liabilities_and_equity", total, cash),
    )
    return [
        StatementLine(line=line, label=line.replace("_", " ").capitalize(), kind=kind, values=list(values))
        for line, kind, values in rows
    ]


@dataclass(frozen=True)
class Frame:
    """What statements are cut by."""

    calendar: Calendar
    currency: str


def books(
    moves: Mapping[str, Sequence[Decimal]],
    company: Company,
    as_of: date,
    minority: Decimal | None = None,
) -> ClosePackage:
    """A close whose statement classes moved by ``moves`` a month (debit positive) up to the month of
    ``as_of``; cash is what balances them. With ``minority``, that of a group, of whose result others own
    that share."""
    months, calendar = max(map(len, moves.values())), company.calendar
    last = month_number(calendar.year_of(as_of), calendar.month_of(as_of))
    entries = [
        (name, False, last - months + 1 + place, amount)
        for name, amounts in moves.items()
        for place, amount in enumerate(amounts)
    ]
    entries += [("cash", False, month, -amount) for _, _, month, amount in entries]
    others = []
    if minority is not None:
        results = {own.value for own in RESULT_CLASSES}
        earned = [
            (month, rounded(-amount * minority, company.currency))
            for name, _, month, amount in entries
            if name in results
        ]
        others = [(MINORITY_RESULT, False, month, amount) for month, amount in earned]
        others += [("non_controlling_interest", False, month, -amount) for month, amount in earned]
    layouts = (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW) if minority is None else GROUP_LAYOUTS
    frame = Frame(calendar, company.currency)
    year = calendar.year_of(as_of)
    coverage = Coverage(year - (months + 10) // 12, year, as_of)
    statements = [
        build(frame, Balances.of_cells(cells), layout, coverage, granularity)
        for layout, cells in zip(layouts, (entries + others, entries + others, entries), strict=True)
        for granularity in Granularity
    ]
    return ClosePackage(
        company=company,
        year=year,
        as_of=as_of,
        input_hash="0" * 64,
        statements=statements,
        trial_balances=[],
        aged=[],
        ratios=[],
        checks=[],
        notices=[],
    )
