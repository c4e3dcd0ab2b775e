"""Sentences of reports said again: the facts of closes and answers from figures, in other plain words.

The closes are of small books that are made up: sales, costs, wages, a loan, customers who pay late. What the
report's own check refuses is not learnt.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from abax.forecast import forecast_package
from abax.ledger import Ledger, build_package, write_tables
from abax.ledger.model import Company, LedgerManifest, YearPartition
from abax.writing.check import rewording_fault
from abax.writing.facts import close_facts
from abax.writing.figures import Figure, Figures
from abax.writing.questions import answer

from training.adapters.write_contexts import World

FIRST: Final = 2023
MONTHS: Final = 34
CHART: Final = {
    "1000": ("Bank", "cash"),
    "1100": ("Trade debtors", "receivables"),
    "1500": ("Plant", "fixed_assets"),
    "2000": ("Trade creditors", "payables"),
    "2300": ("Loan", "long_term_debt"),
    "3000": ("Capital", "equity"),
    "3100": ("Earnings brought forward", "retained_earnings"),
    "4000": ("Sales", "revenue"),
    "5000": ("Goods", "cost_of_sales"),
    "6000": ("Wages", "operating_expenses"),
    "6800": ("Depreciation", "depreciation"),
    "7300": ("Interest", "interest_expense"),
}
QUESTIONS: Final = (
    "revenue in {year}", "revenue in {before}", "net result in {year}", "cash at the end of {year}",
    "how did revenue change from {before} to {year}", "how did cash change from {before} to {year}",
    "cost of sales in {year}", "equity at the end of {year}", "how did equity change in {year}",
    "gross margin in {year}", "operating cash flow in {year}", "payroll in {year}", "payables in {year}",
    "receivables at the end of {year}", "share of cost of sales in revenue in {year}", "EBITDA in {year}",
    "revenue in March {year}", "net result in Q2 {year}", "who owes us the most", "largest expense in {year}",
    "revenue next month", "depreciation in {before}", "how did depreciation change in {year}",
)  # fmt: skip
OTHERWISE: Final = (
    (r"\bcame to\b", ("amounted to", "reached", "totalled", "came in at")),
    (r"\bstood at\b", ("came to", "reached", "was")),
    (r"\bwas (?=[A-Z]{3} |\d)", ("came to ", "stood at ", "reached ")),
    (r"\bwere outstanding\b", ("had been outstanding", "stood outstanding")),
    (r"\brose by\b", ("grew by", "increased by", "climbed by")),
    (r"\bfell by\b", ("declined by", "decreased by", "dropped by")),
    (r"\bmore than in\b", ("higher than in", "more than recorded in")),
    (r"\bless than in\b", ("lower than in", "less than recorded in")),
    (r", (?:against|after) (?=[A-Z]{3} |\d)", (", compared with ", ", versus ", ", in comparison with ")),
)
"""Words of the report, and what may stand for them."""


@dataclass(frozen=True)
class Told:
    """A true sentence with its figures."""

    text: str
    figures: tuple[Figure, ...]
    of: Figures
    company: str


class _Books:
    """Rows of the canonical tables."""

    def __init__(self, currency: str) -> None:
        self.lines: dict[int, list[list[object]]] = {}
        self.settlements: dict[int, list[tuple[object, ...]]] = {}
        self._entries, self._currency = 0, currency

    def post(self, day: date, *lines: tuple[str, Decimal, str | None, date | None]) -> list[str]:
        """An entry of account, amount (debit positive), partner and due date; gives the ids of its lines."""
        self._entries += 1
        ids = []
        for place, (account, value, partner, due) in enumerate(lines):
            ids.append(f"{self._entries}-{place}")
            row: list[object] = [
                ids[-1],
                str(self._entries),
                f"E/{self._entries:05d}",
                "MISC",
                account,
                partner,
            ]
            row += [day, due, day.year, day.month, value, max(value, Decimal(0)), max(-value, Decimal(0))]
            row += [self._currency, value, "entry", None, False, False]
            self.lines.setdefault(day.year, []).append(row)
        return ids

    def trade(
        self, day: date, amount: Decimal, partner: str, due: date, paid: date | None, buys: bool
    ) -> None:
        """A sale or a purchase, and its payment if there was one."""
        sign = -1 if buys else 1
        own, result = ("2000", "5000") if buys else ("1100", "4000")
        claim, _ = self.post(day, (own, sign * amount, partner, due), (result, -sign * amount, partner, None))
        if paid is None:
            return
        _, other = self.post(paid, ("1000", sign * amount, None, None), (own, -sign * amount, partner, None))
        pair = (other, claim) if buys else (claim, other)
        self.settlements.setdefault(paid.year, []).append((*pair, paid, amount, None))


def _money(value: float) -> Decimal:
    return Decimal(round(value * 100)) / 100


def _written(rng: random.Random, currency: str) -> _Books:
    """Some years of a company: its size, growth, margin and habits are drawn."""
    books = _Books(currency)
    size, growth, margin = rng.uniform(2e3, 9e5), rng.uniform(-0.02, 0.03), rng.uniform(0.35, 0.75)
    start = date(FIRST, 1, 1)
    books.post(start, ("1000", _money(size * 6), None, None), ("3000", -_money(size * 6), None, None))
    loan = _money(size * rng.uniform(1, 5))
    books.post(start, ("1000", loan, None, None), ("2300", -loan, None, None))
    plant = _money(size * 3)
    books.post(start, ("1500", plant, None, None), ("1000", -plant, None, None))
    for number in range(MONTHS):
        first = date(FIRST + number // 12, number % 12 + 1, 1)
        sales = size * (1 + growth) ** number * rng.uniform(0.8, 1.25)
        sold = first + timedelta(days=rng.randint(2, 20))
        paid = sold + timedelta(days=rng.randint(15, 70)) if rng.random() < 0.85 else None
        last = date(FIRST + MONTHS // 12, MONTHS % 12, 28)
        paid = paid if paid and paid < last else None
        books.trade(sold, _money(sales), f"c{number % 3}", sold + timedelta(days=30), paid, buys=False)
        bought = first + timedelta(days=3)
        settled = bought + timedelta(days=20) if number < MONTHS - 1 else None
        books.trade(
            bought, _money(sales * (1 - margin)), "s0", bought + timedelta(days=30), settled, buys=True
        )
        end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        wages, interest = _money(size * rng.uniform(0.1, 0.3)), _money(float(loan) * 0.004)
        books.post(end, ("6000", wages, None, None), ("1000", -wages, None, None))
        books.post(
            end,
            ("6800", _money(float(plant) / 120), None, None),
            ("1500", -_money(float(plant) / 120), None, None),
        )
        books.post(end, ("7300", interest, None, None), ("1000", -interest, None, None))
    return books


@contextmanager
def _opened(books: _Books, company: Company, partners: Sequence[tuple[str, str]]) -> Iterator[Ledger]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        accounts = [(code, code, label, "", kind) for code, (label, kind) in CHART.items()]
        rows: dict[str, Sequence[Sequence[object]]] = {
            "accounts": accounts,
            "partners": [(key, label, None) for key, label in partners],
        }
        master = {table: str(path) for table, path in write_tables(folder / "master", rows).items()}
        years = []
        for year, lines in sorted(books.lines.items()):
            tables: dict[str, Sequence[Sequence[object]]] = {
                "journal_lines": lines,
                "settlements": books.settlements.get(year, []),
            }
            keys = {table: str(path) for table, path in write_tables(folder / str(year), tables).items()}
            years.append(YearPartition(year=year, watermark="made", lines=len(lines), keys=keys))
        manifest = LedgerManifest(
            erp="odoo", erp_version="17.0", source_id="made", company=company, master=master, years=years
        )
        with Ledger.open(manifest, Path) as ledger:
            yield ledger


def told(seed: int, ledgers: int) -> Iterator[Told]:
    """The facts of closes of so many companies, and answers to questions about them."""
    rng = random.Random(f"figures/{seed}")
    world = World(rng)
    for number in range(ledgers):
        company = world.made_up()
        currency = world.currency()
        own = Company(company_id=str(number), name=company, currency=currency, fiscal_year_end_month=12)
        partners = [(key, world.company()) for key in ("c0", "c1", "c2", "s0")]
        with _opened(_written(rng, currency), own, partners) as ledger:
            for year in (FIRST + 1, FIRST + 2):
                whole = date(year, 12, 31) if year == FIRST + 1 else date(year, MONTHS % 12, 28)
                package = build_package(ledger, year, as_of=whole)
                outlook = forecast_package(package)
                figures = Figures(package, outlook)
                for fact in close_facts(figures):
                    yield Told(fact.text, tuple(fact.figures), figures, company)
                for question in rng.sample(QUESTIONS, 12):
                    found = answer(package, outlook, question.format(year=year, before=year - 1))
                    if found.answered:
                        yield Told(found.answer, tuple(found.figures), figures, company)


def reworded(one: Told, rng: random.Random, tries: int = 8) -> tuple[str, str]:
    """The sentence in other words that pass the check of the report, and why the last try did not; the words
    are empty where none pass."""
    why = "nothing can be exchanged"
    for _ in range(tries):
        text = one.text
        for words, others in OTHERWISE:
            if rng.random() < 0.85:
                text = re.sub(words, rng.choice(others), text, count=1)
        if text == one.text:
            continue
        why = rewording_fault(text, one.text, one.figures, one.of)
        if not why:
            return text, ""
    return "", re.sub(r"\s+", " ", why)
