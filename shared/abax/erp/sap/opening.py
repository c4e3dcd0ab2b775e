"""Balances with which the books begin, where the postings behind them are gone: archived, or never taken over
from the system before. What is carried forward to the first year with postings is then an entry like others.
"""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, literal_column, select

from abax.erp.dialects import DateOf, Joined
from abax.erp.sap.lines import CARRIED_FORWARD, FromUniversalJournal, Lines
from abax.erp.sap.reader import STORED, ZERO, Reader, nothing
from abax.erp.sap.totals import Totals
from abax.erp.source import Query
from abax.ledger.model import Company

LEFT_OUT: Final = "none"
FIRST: Final = "first"
_ONE: Final[ColumnElement[Any]] = literal_column("1")


class Opening:
    """What is carried forward to a company's first year."""

    def __init__(self, reader: Reader, lines: Lines, totals: Totals) -> None:
        self._reader, self._lines, self._totals = reader, lines, totals

    def first_year(self, company: Company) -> str:
        """The first fiscal year with postings; empty where there are none."""
        lines = self._lines.posted(company).subquery("lines_of_all_days")
        found = self._reader.rows(select(func.min(lines.c.posting_date)))
        if not found or not found[0][0]:
            return ""
        return str(company.calendar.year_of(date.fromisoformat(str(found[0][0])[:10])))

    def entry(self, company: Company) -> Query | None:
        """``source_columns("journal_lines")``: one line per account, on the first day of the first year."""
        year = self.first_year(company)
        carried = self._carried(company, year) if year else None
        if carried is None:
            return None
        rows = carried.subquery("carried_forward")
        amount, first_day = rows.c.amount, company.calendar.start_of(int(year))
        key: ColumnElement[Any] = literal_column(f"'{year}/{CARRIED_FORWARD}'")
        return select(
            Joined(key, literal_column("'/'"), rows.c.account_id).label("line_id"),
            key.label("entry_id"),
            literal_column(f"'{CARRIED_FORWARD}'").label("entry_name"),
            nothing().label("journal"),
            rows.c.account_id,
            nothing().label("partner_id"),
            DateOf(literal_column(f"'{first_day:%Y%m%d}'")).label("posting_date"),
            DateOf(nothing()).label("due_date"),
            case((amount > 0, amount), else_=ZERO).label("debit"),
            case((amount < 0, -amount), else_=ZERO).label("credit"),
            literal_column(f"'{company.currency}'").label("document_currency"),
            amount.label("document_amount"),
            nothing().label("label"),
            nothing().label("dimensions"),
            _ONE.label("is_opening"),
            ZERO.label("is_closing"),
        ).where(amount != 0)

    def _carried(self, company: Company, year: str) -> Query | None:
        """From period 000 of the universal journal, else from the totals."""
        if not isinstance(self._lines, FromUniversalJournal):
            return self._totals.carried(company, year)
        rows = self._reader.table("ACDOCA")
        amount = self._reader.real_in(func.round(func.sum(rows.c.HSL), STORED), company.currency)
        return (
            select(rows.c.RACCT.label("account_id"), amount.label("amount"))
            .where(
                self._reader.of(company, rows, "RCLNT", "RBUKRS"),
                rows.c.RLDNR.in_(self._lines.ledgers),
                rows.c.POPER == CARRIED_FORWARD,
                rows.c.GJAHR == year,
            )
            .group_by(rows.c.RACCT)
        )
