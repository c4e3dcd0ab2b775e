"""A small ledger in Oracle's tables, and the way from there to a ledger here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from abax.adapters.local.objects import FolderObjects
from abax.erp import Source, extract_master, extract_year, open_source
from abax.ledger import Ledger, aged
from abax.ledger.model import LedgerManifest

from tests.support.scenario.oracle_ebs_books import EbsBooks

MAPPING: Final = {
    "1000": "cash",
    "1200": "receivables",
    "2500": "other_current_liabilities",
    "3300": "payables",
    "9999": "other_current_assets",
}
SETTINGS: Final = {"ledger": "1", "org": "204"}
CHART: Final = (
    ("1000", "Bank", "A"),
    ("1200", "Receivables", "A"),
    ("2000", "Capital", "O"),
    ("2100", "Retained earnings", "O"),
    ("2500", "Unapplied cash", "L"),
    ("3300", "Payables", "L"),
    ("4000", "Sales", "R"),
    ("6100", "Rent", "E"),
)


def small_books() -> EbsBooks:
    """Two years; capital in each, sales and rent in both. Balances are to be reckoned yet."""
    books = EbsBooks(name="Acme")
    for code, name, kind in CHART:
        books.account(code, name, kind)
    books.value("cost", "100", "Shop", "Laden")
    books.retained("2100")
    for year in (2024, 2025):
        books.year(year, date(year, 1, 1))
    books.customer(501, "Kunde Eins")
    books.add("AP_SUPPLIERS", VENDOR_ID=601, VENDOR_NAME="Lieferant Eins")
    books.transaction("FIRST", 501, date(2024, 1, 1), date(2024, 1, 1), Decimal(0), "1200")
    move(books, "Capital", date(2024, 1, 2), ("1000", "1000"), ("2000", "-1000"))
    move(books, "Sale 1", date(2024, 3, 5), ("1000", "300.10"), ("4000", "-300.10"))
    move(books, "Rent 1", date(2024, 3, 6), ("6100", "120"), ("1000", "-120"))
    move(books, "Sale 2", date(2025, 2, 1), ("1000", "50"), ("4000", "-50"))
    return books


def move(books: EbsBooks, name: str, day: date, *lines: tuple[str, str], **header: Any) -> None:
    """A journal of natural accounts and amounts."""
    books.journal(name, day, [(books.code(code), Decimal(amount)) for code, amount in lines], **header)


@contextmanager
def source_of(url: str, settings: Mapping[str, str] = SETTINGS) -> Iterator[Source]:
    """The source, open."""
    with open_source(url, erp="oracle_ebs", settings=settings) as source:
        yield source


@contextmanager
def ledger_of(url: str, folder: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[Ledger]:
    """The books at ``url`` as a ledger."""
    objects = FolderObjects(folder / "objects")
    with source_of(url, settings) as source:
        company = source.company(source.companies()[0].company_id)
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, MAPPING, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
            mapping=MAPPING,
            settings=dict(settings),
        )
    with Ledger.open(manifest, objects.fetch) as ledger:
        yield ledger


def balances(ledger: Ledger) -> dict[str, Decimal]:
    """Sum of the lines by account, nil left out."""
    query = "SELECT account_id, sum(amount) FROM journal_lines GROUP BY 1 HAVING sum(amount) <> 0"
    return dict(ledger.rows(query))


def opened(ledger: Ledger, day: date, report: str = "aged_receivables") -> dict[str, Decimal]:
    """What is open of each document on a day."""
    found: dict[str, Decimal] = {}
    for item in aged(ledger, report, day).items:
        found[item.entry_name] = found.get(item.entry_name, Decimal(0)) + item.residual
    return {document: amount for document, amount in found.items() if amount}
