"""A small company in SAP, of any shape, and what Abax makes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.erp.source import Query
from abax.ledger import Ledger
from abax.ledger.model import Company, LedgerManifest

from tests.support.scenario.sap_tables import COMPANY, RETAINED, SHAPES, Books, Fiscal, Post

Row = dict[str, Any]

MAPPING: Final = {
    "1000": "cash",
    "2000": "equity",
    "4000": "revenue",
    "6000": "operating_expenses",
}
CUSTOMER, VENDOR = "D0000000001", "K0000000002"
ALL_SHAPES: Final = tuple(SHAPES)
IN_LEDGERS: Final = ("flexa", "s4")
BEGUN: Final = {
    "1000": Decimal(1000),
    "1200": Decimal("119.5"),
    "2000": Decimal(-1000),
    "4000": Decimal("-119.5"),
}


def company(shape: str, currency: str = "EUR", fiscal: Fiscal | None = None) -> Books:
    """Set up, and nothing posted."""
    books = Books(shape, currency, fiscal)
    books.add("T000", MTEXT="Production")
    books.company(COMPANY, "Acme AG")
    books.variant()
    books.decimals()
    for code, name, balance, recon in (
        ("1000", "Bank", True, ""),
        ("1200", "Debtors", True, "D"),
        ("2000", "Capital", True, ""),
        ("2100", "Retained", True, ""),
        ("3300", "Creditors", True, "K"),
        ("4000", "Sales", False, ""),
        ("6000", "Rent", False, ""),
    ):
        books.account(code, name, balance, recon)
    books.add("T030", KTOPL="INT", KTOSL="BIL", KONTS=RETAINED)
    books.add("KNA1", KUNNR=CUSTOMER[1:], NAME1="Kunde Eins")
    books.add("LFA1", LIFNR=VENDOR[1:], NAME1="Vendor Two")
    return books


def begun(shape: str) -> Books:
    """With its capital and a sale."""
    books = company(shape)
    books.document(1, date(2024, 1, 2), *moved("1000", "2000", "1000"))
    books.document(2, date(2024, 3, 1), *sale("119.50"))
    return books


def moved(debit: str, credit: str, amount: str) -> tuple[Post, Post]:
    """So much from one account to another."""
    return Post(debit, Decimal(amount)), Post(credit, -Decimal(amount))


def sale(amount: str, day: date = date(2024, 3, 1)) -> tuple[Post, Post]:
    """Something sold, to be paid in 30 days."""
    owed = Post("1200", Decimal(amount), partner=CUSTOMER, baseline=day, terms=(30, 0, 0))
    return owed, Post("4000", -Decimal(amount))


def ledger_of(
    books: Books,
    folder: Path,
    mapping: Mapping[str, str] = MAPPING,
    settings: Mapping[str, str] | None = None,
    url: str = "",
) -> Ledger:
    """Everything, extracted and opened."""
    objects = FolderObjects(folder / "objects")
    with open_source(url or sqlite(books, folder), settings=settings) as source:
        found = source.company("Acme AG")
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=found,
            master=extract_master(source, found, mapping, objects),
            years=[extract_year(source, found, year, objects) for year in source.years(found)],
            mapping=dict(mapping),
        )
    return Ledger.open(manifest, objects.fetch)


@dataclass(frozen=True)
class Told:
    """What is read of a company, before anything is made of it: rows by column."""

    company: Company
    lines: list[Row]
    items: list[Row]
    cleared: list[Row]

    @property
    def balances(self) -> dict[str, Decimal]:
        """Of the lines, by account code."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            found[line["account_id"].lstrip("0")] += line["debit"] - line["credit"]
        return dict(found)


def told(books: Books, folder: Path, settings: Mapping[str, str] | None = None) -> Told:
    """Read lines, items and what cleared them. This takes a quarter of the time of a ledger."""
    with open_source(sqlite(books, folder), settings=settings) as source:
        found = source.company("Acme AG")

        def read(query: Query | None) -> list[Row]:
            return [_row(query, row) for row in source.database.rows(query)] if query is not None else []

        declared = source.books
        return Told(
            found,
            sorted(read(declared.posted_lines(found)), key=lambda line: str(line["line_id"])),
            sorted(read(declared.all_items(found)), key=lambda item: str(item["document"])),
            read(declared.all_item_settlements(found)),
        )


def _row(query: Query, row: Sequence[Any]) -> Row:
    """Amounts as decimals, without what SQLite's binary fractions add; dates as dates."""
    found = dict(zip(query.selected_columns.keys(), row, strict=True))
    for name, value in found.items():
        if name in ("debit", "credit", "amount", "document_amount"):
            found[name] = round(Decimal(str(value)), 4)
        if name in ("posting_date", "due_date", "settled_on") and value:
            found[name] = date.fromisoformat(value)
    return found


def sqlite(books: Books, folder: Path) -> str:
    """The books, with their totals, as a file; its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    return books.finish().sqlite(folder / "books.sqlite")


def balances(ledger: Ledger) -> dict[str, Decimal]:
    """By account code."""
    sql = "SELECT code, sum(amount) FROM journal_lines JOIN accounts USING (account_id) GROUP BY 1"
    return dict(ledger.rows(sql))
