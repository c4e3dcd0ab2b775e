"""Small books for tests: compact entries in, an opened ledger out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from abax.ledger import Ledger
from abax.ledger.model import YEAR_TABLES, Company, LedgerManifest, Side, StatementClass, YearPartition
from abax.ledger.store import write_tables
from hypothesis import strategies as st

COMPANY = Company(company_id="1", name="Acme", currency="EUR")

CHART: dict[str, str | None] = {
    "1000": "cash",
    "1100": "receivables",
    "1200": "inventory",
    "1300": "prepayments",
    "1400": "other_current_assets",
    "1500": "fixed_assets",
    "1600": "other_non_current_assets",
    "2000": "payables",
    "2100": "credit_cards",
    "2200": "short_term_debt",
    "2300": "other_current_liabilities",
    "2400": "long_term_debt",
    "2500": "other_non_current_liabilities",
    "3000": "equity",
    "3900": "retained_earnings",
    "4000": "revenue",
    "4900": "other_income",
    "5000": "cost_of_sales",
    "6000": "operating_expenses",
    "6500": "depreciation",
    "7000": "interest_income",
    "7100": "interest_expense",
    "8000": "income_tax",
    "9000": "off_balance",
}
"""One account of each statement class: code to class."""


@dataclass(frozen=True)
class Entry:
    """A journal entry: ``lines`` is account code to signed amount, debit positive, as text or number."""

    day: str
    lines: Sequence[tuple[str, str | int | Decimal | None]]
    partner: str | None = None
    due: str | None = None
    closing: bool = False
    opening: bool = False
    name: str | None = None
    dimensions: Mapping[int, str] = field(default_factory=dict)
    """Place of a line to the JSON of its dimensions."""
    reference: str | None = None
    """What a supplier calls it."""


@dataclass(frozen=True)
class Settlement:
    """Line numbers of a debit and a credit line (see ``line_id``), the day and the amount matched."""

    debit: str
    credit: str
    day: str
    amount: str | Decimal
    paid: bool | None = None
    """Whether one of the lines is of a payment."""


@dataclass
class Books:
    """What ``build_ledger`` writes."""

    entries: Sequence[Entry]
    accounts: Mapping[str, str | None] = field(default_factory=lambda: CHART)
    settlements: Sequence[Settlement] = ()
    partners: Mapping[str, str] = field(default_factory=dict)
    company: Company = COMPANY
    mapping: Mapping[str, str] = field(default_factory=dict)
    later_years: bool = False
    accept_unbalanced: Sequence[str] = ()
    kin: Mapping[str, str] = field(default_factory=dict)
    """Partner to the company of the group that it is."""
    rates: Sequence[tuple[str, str, str]] = ()
    """Currency, day and rate."""
    dimensions: Sequence[tuple[str | None, ...]] = ()
    addresses: Sequence[tuple[str, str]] = ()
    """Partner and e-mail address."""


def line_id(entry: int, line: int) -> str:
    """The id of the ``line``-th line of the ``entry``-th entry, both from 0."""
    return f"L{entry}.{line}"


def build_ledger(tmp_path: Path, entries: Sequence[Entry], **more: object) -> Ledger:
    """Write the books as Parquet below ``tmp_path`` and open them; ``more`` as in Books."""
    books = Books(entries, **more)  # type: ignore[arg-type]
    return Ledger.open(write_books(tmp_path, books), tmp_path.joinpath)


def write_books(folder: Path, books: Books) -> LedgerManifest:
    """Write Parquet files as an extraction would, a folder per fiscal year; keys are paths in ``folder``."""
    chart = [(code, code, f"Account {code}", None, given) for code, given in books.accounts.items()]
    tables: dict[str, list[tuple[object, ...]]] = {
        "accounts": chart,
        "partners": [(key, name, books.kin.get(key)) for key, name in books.partners.items()],
        "fx_rates": list(books.rates),
        "dimensions": list(books.dimensions),
        "addresses": list(books.addresses),
    }
    master = {table: f"{table}.parquet" for table in tables}
    partitions = []
    lines = list(_lines(books))
    for year in sorted({line[8] for line in lines}):
        own = [line for line in lines if line[8] == year]
        keys = {table: f"{year}/{table}" for table in YEAR_TABLES}
        tables |= {keys["journal_lines"]: own, keys["settlements"]: _settlements(books, year)}
        if called := _references(books, year):
            keys["entry_references"] = f"{year}/entry_references"
            tables[keys["entry_references"]] = called
        files = {table: f"{key}.parquet" for table, key in keys.items()}
        partitions.append(YearPartition(year=year, watermark=f"w{len(own)}", lines=len(own), keys=files))
    write_tables(folder, tables)
    return LedgerManifest(
        erp="test",
        erp_version="1",
        source_id="books",
        company=books.company,
        master=master,
        years=partitions,
        mapping=dict(books.mapping),
        later_years=books.later_years,
        accept_unbalanced=tuple(books.accept_unbalanced),
    )


def rewrite(file: Path, change: str) -> None:
    """Change a Parquet file by SQL statements on the table ``stored``."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE stored AS FROM '{file}'; {change}; COPY stored TO '{file}'")


def _lines(books: Books) -> Iterable[tuple[object, ...]]:
    calendar = books.company.calendar
    for number, entry in enumerate(books.entries):
        day = date.fromisoformat(entry.day)
        name = entry.name or f"MISC/{number:04d}"
        for place, (code, given) in enumerate(entry.lines):
            amount = None if given is None else Decimal(given)
            sides = (None, None) if amount is None else (max(amount, Decimal(0)), max(-amount, Decimal(0)))
            yield (
                line_id(number, place), f"E{number}", name, "MISC", code, entry.partner, day, entry.due,
                calendar.year_of(day), calendar.month_of(day), amount, *sides, books.company.currency, amount,
                f"line {place}", entry.dimensions.get(place), entry.opening, entry.closing,
            )  # fmt: skip


def _settlements(books: Books, year: int) -> list[tuple[object, ...]]:
    return [
        (settled.debit, settled.credit, settled.day, Decimal(settled.amount), settled.paid)
        for settled in books.settlements
        if books.company.calendar.year_of(date.fromisoformat(settled.day)) == year
    ]


def _references(books: Books, year: int) -> list[tuple[object, ...]]:
    return [
        (f"E{number}", entry.day, entry.reference)
        for number, entry in enumerate(books.entries)
        if entry.reference and books.company.calendar.year_of(date.fromisoformat(entry.day)) == year
    ]


POSTABLE = [code for code, given in CHART.items() if given != StatementClass.OFF_BALANCE]
AMOUNTS = st.decimals(min_value=-99999, max_value=99999, places=2, allow_nan=False, allow_infinity=False)
DAYS = st.integers(min_value=0, max_value=3 * 365).map(
    lambda n: (date(2023, 1, 1) + timedelta(n)).isoformat()
)


@st.composite
def balanced_entries(draw: st.DrawFn) -> Entry:
    """One entry of two to four lines that sum to zero; a few close a year."""
    amounts = draw(st.lists(AMOUNTS, min_size=1, max_size=3))
    codes = draw(st.lists(st.sampled_from(POSTABLE), min_size=len(amounts) + 1, max_size=len(amounts) + 1))
    lines = list(zip(codes, [*amounts, -sum(amounts)], strict=True))
    partner = draw(st.sampled_from([None, "p1", "p2"]))
    pure = all(StatementClass(CHART[code]).side in (Side.RESULT, Side.EQUITY) for code in codes)
    closing = pure and draw(st.booleans())
    return Entry(draw(DAYS), lines, partner=partner, due=draw(DAYS), closing=closing)


balanced_books = st.lists(balanced_entries(), min_size=1, max_size=12)
"""Random balanced books over three fiscal years."""
