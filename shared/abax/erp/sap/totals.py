"""SAP's own totals by account and year: FAGLFLEXT of the new general ledger, GLT0 of the classic one.

A row holds a year's sixteen periods, and what was carried forward to it.
"""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Numeric, case, cast, func, null, select, union_all

from abax.erp.sap.lines import ACTUAL
from abax.erp.sap.reader import STORED, Reader
from abax.erp.source import Query
from abax.ledger.model import Company

_MOVED: Final = tuple(f"HSL{period:02d}" for period in range(1, 17))
_COLUMNS: Final = ("RYEAR", "RLDNR", "RRCTY", "RACCT", "HSLVT", *_MOVED)
TOTALS: Final = {
    "FAGLFLEXT": ("RBUKRS", *_COLUMNS),
    "GLT0": ("BUKRS", *_COLUMNS),
}
CLIENTS: Final = ("RCLNT", "MANDT")
"""What the client is called: in SAP, and in some copies."""
CLASSIC: Final = "00"
"""The ledger of the classic general ledger, in GLT0."""
LEADING: Final = "0L"
"""That of the new one."""


class Totals:
    """The totals of a client."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def by_year(self, company: Company, opened: str = "") -> Query | None:
        """``source_columns("balances")``; where the books begin with what was carried forward to the year
        ``opened``, that counts as moved in it, and no year has an opening balance of its own."""
        parts: list[Query] = []
        for total, mine in self._tables(company):
            moved = sum((total.c[name] for name in _MOVED[1:]), total.c[_MOVED[0]])
            if opened:
                moved = case((total.c.RYEAR == opened, moved + total.c.HSLVT), else_=moved)
            parts.append(
                select(
                    total.c.RACCT.label("account_id"),
                    total.c.RYEAR.label("fiscal_year"),
                    (self._sum(company, total.c.HSLVT) if not opened else cast(null(), Numeric())).label(
                        "opening"
                    ),
                    self._sum(company, moved).label("amount"),
                )
                .where(*mine)
                .group_by(total.c.RACCT, total.c.RYEAR)
            )
        return select(union_all(*parts).subquery("totals")) if parts else None

    def carried(self, company: Company, year: str) -> Query | None:
        """Account and amount of what was carried forward to a year."""
        parts = [
            select(total.c.RACCT.label("account_id"), self._sum(company, total.c.HSLVT).label("amount"))
            .where(*mine, total.c.RYEAR == year)
            .group_by(total.c.RACCT)
            for total, mine in self._tables(company)
        ]
        return select(union_all(*parts).subquery("carried")) if parts else None

    def _tables(self, company: Company) -> Iterator[tuple[Any, list[ColumnElement[bool]]]]:
        """The tables that hold any of the ledger, and which rows: of the classic ledger's, years before those
        of the new one, and only where the leading ledger is asked for."""
        first = ""
        for name, ledger, code in (("FAGLFLEXT", self._reader.ledger, "RBUKRS"), ("GLT0", CLASSIC, "BUKRS")):
            is_kept = name == "FAGLFLEXT" or self._reader.ledger == LEADING
            if not self._reader.has(name, *TOTALS[name]) or not is_kept:
                continue
            total = self._reader.table(name)
            client = next((column for column in CLIENTS if column in total.c), None)
            if client is None:
                continue
            mine = [
                self._reader.of(company, total, client, code),
                total.c.RLDNR == ledger,
                total.c.RRCTY.in_(ACTUAL),
                *([total.c.RYEAR < first] if first else []),
            ]
            found = self._reader.rows(select(func.min(total.c.RYEAR)).where(*mine))
            if found and found[0][0]:
                first = str(found[0][0])
                yield total, mine

    def _sum(self, company: Company, amount: Any) -> ColumnElement[Any]:
        return self._reader.real_in(func.round(func.sum(amount), STORED), company.currency)
