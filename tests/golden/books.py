"""Small books that never change: what the golden reports, and the tests of the report page, are made from.

Two full years and nine months, one company with names that try to break things, and every kind of posting
that a report treats differently: late payments, depreciation, a loan, a closing entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from abax.ledger import Ledger, build_package, write_tables
from abax.ledger.model import ClosePackage, Company, LedgerManifest, YearPartition
from abax.report import LineIndex, line_index

COMPANY = Company(
    company_id="7", name="Kestrel & Rowe <Instruments> Ltd", currency="EUR", fiscal_year_end_month=12
)
AS_OF = date(2026, 9, 30)
CHART = {
    "1000": ("Bank", "cash"),
    "1100": ("Customers", "receivables"),
    "1500": ("Machines and a name that is much too long to fit into any column of a table", "fixed_assets"),
    "2000": ("Suppliers", "payables"),
    "2300": ("Bank loan", "long_term_debt"),
    "3000": ("Share capital", "equity"),
    "3100": ("Retained earnings", "retained_earnings"),
    "4000": ("Sales", "revenue"),
    "5000": ("Materials", "cost_of_sales"),
    "6000": ("Wages </script><script>alert(1)</script>", "operating_expenses"),
    "6800": ("Depreciation", "depreciation"),
    "7300": ("Interest", "interest_expense"),
}
PARTNERS = {
    "c1": "<img src=x onerror=alert(1)> & Sons",
    "c2": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH",
    "s1": "O'Brien Supplies",
}
Line = tuple[str, str, str | None, date | None]


class _Books:
    """Rows of the canonical tables, entry by entry."""

    def __init__(self) -> None:
        self.lines: dict[int, list[list[object]]] = {}
        self.settlements: dict[int, list[tuple[object, ...]]] = {}
        self.entries = 0

    def post(self, day: date, journal: str, *lines: Line, closing: bool = False) -> list[str]:
        """An entry of (account, amount, partner, due) lines; gives their ids."""
        self.entries += 1
        ids = []
        for number, (account, amount, partner, due) in enumerate(lines):
            value = Decimal(amount)
            ids.append(f"{self.entries}-{number}")
            debit, credit = max(value, Decimal(0)), max(-value, Decimal(0))
            name = f"{journal}/{day.year}/{self.entries:04d}"
            row: list[object] = [ids[-1], str(self.entries), name, journal, account, partner, day, due]
            row += [day.year, day.month, value, debit, credit, "EUR", value, f"{journal.lower()} of {day:%B}"]
            self.lines.setdefault(day.year, []).append([*row, None, False, closing])
        return ids

    def settle(self, day: date, debit: str, credit: str, amount: str) -> None:
        """Match a debit with a credit line."""
        self.settlements.setdefault(day.year, []).append((debit, credit, day, Decimal(amount), None))


def _months() -> Iterator[tuple[int, date]]:
    for number in range(33):
        yield number, date(2024 + number // 12, number % 12 + 1, 1)


def _written() -> _Books:
    books = _Books()
    books.post(date(2024, 1, 1), "OPEN", ("1000", "60000", None, None), ("3000", "-60000", None, None))
    books.post(date(2024, 1, 2), "LOAN", ("1000", "24000", None, None), ("2300", "-24000", None, None))
    books.post(date(2024, 1, 3), "BUY", ("1500", "36000", None, None), ("1000", "-36000", None, None))
    for number, first in _months():
        _trade(books, number, first)
        _costs(books, number, first)
    books.post(
        date(2024, 12, 31),
        "CLOSE",
        ("4000", "126633.33", None, None),
        ("3100", "-126633.33", None, None),
        closing=True,
    )
    return books


def _trade(books: _Books, number: int, first: date) -> None:
    """A sale, paid late or not at all, and what it took to make."""
    season = (0, -600, 900, 300, 0, 500, -900, -1200, 600, 800, 1500, 1100)[number % 12]
    sale = f"{10_000 + 60 * number + season}.{number:02d}"
    customer = "c1" if number % 3 else "c2"
    sold = first + timedelta(days=8)
    claim, _ = books.post(
        sold, "INV", ("1100", sale, customer, sold + timedelta(days=30)), ("4000", f"-{sale}", customer, None)
    )
    if number < 30 and number % 10 != 7:
        paid = sold + timedelta(days=25 + number % 4 * 9)
        _, credit = books.post(paid, "BNK", ("1000", sale, None, None), ("1100", f"-{sale}", customer, None))
        books.settle(paid, claim, credit, sale)
    cost = str((Decimal(sale) * Decimal("0.41")).quantize(Decimal("0.01")))
    bought = first + timedelta(days=3)
    _, debt = books.post(
        bought, "BILL", ("5000", cost, "s1", None), ("2000", f"-{cost}", "s1", bought + timedelta(days=14))
    )
    if number < 32:
        paid = bought + timedelta(days=17)
        debit, _ = books.post(paid, "BNK", ("2000", cost, "s1", None), ("1000", f"-{cost}", None, None))
        books.settle(paid, debit, debt, cost)


def _costs(books: _Books, number: int, first: date) -> None:
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    wages = f"{3600 + 20 * number + (1800 if first.month == 11 else 0)}.50"
    books.post(end, "PAY", ("6000", wages, None, None), ("1000", f"-{wages}", None, None))
    books.post(end, "DEP", ("6800", "333.33", None, None), ("1500", "-333.33", None, None))
    interest = str(100 - number)
    books.post(
        end,
        "LOAN",
        ("7300", interest, None, None),
        ("2300", "400", None, None),
        ("1000", f"-{400 + int(interest)}", None, None),
    )


@contextmanager
def golden_ledger(folder: Path) -> Iterator[Ledger]:
    """The books as an open ledger, their Parquet files under ``folder``."""
    books = _written()
    accounts = [(code, code, name, "", kind) for code, (name, kind) in CHART.items()]
    files = write_tables(
        folder / "master",
        {"accounts": accounts, "partners": [(*partner, None) for partner in PARTNERS.items()]},
    )
    master = {table: str(path) for table, path in files.items()}
    years = []
    for year in sorted(books.lines):
        tables = {"journal_lines": books.lines[year], "settlements": books.settlements.get(year, [])}
        keys = {table: str(path) for table, path in write_tables(folder / str(year), tables).items()}
        years.append(YearPartition(year=year, watermark="golden", lines=len(books.lines[year]), keys=keys))
    manifest = LedgerManifest(
        erp="odoo", erp_version="17.0", source_id="golden", company=COMPANY, master=master, years=years
    )
    with Ledger.open(manifest, Path) as ledger:
        yield ledger


def golden_close(folder: Path, most: int = 30_000) -> tuple[ClosePackage, LineIndex]:
    """The close of 2026 with everything behind its figures; its hash does not depend on where it was made."""
    with golden_ledger(folder) as ledger:
        package = build_package(ledger, 2026, as_of=AS_OF)
        return package.model_copy(update={"input_hash": "5eed" * 16}), line_index(ledger, package, most)
