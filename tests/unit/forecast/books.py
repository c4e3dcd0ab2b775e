"""Closes with hand-made monthly statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from abax.dates import Granularity
from abax.ledger.model import ClosePackage, Column, Company, LineKind, Statement, StatementLine

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
    balance = StatementLine(line="cash", label="Cash", kind=LineKind.FIGURE, values=list(cash))
    statements = [
        Statement(
            report=report,
            title=report,
            granularity=Granularity.MONTH,
            currency=currency,
            periods=columns,
            lines=kept,
        )
        for report, kept in (("income_statement", rows), ("balance_sheet", [balance]))
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
