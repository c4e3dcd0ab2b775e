"""The opening entry: what a company brings along from its old books, open items by partner."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from abax.sample.assets import book_values
from abax.sample.books import Entry, Line
from abax.sample.documents import Part, pay
from abax.sample.finance import outstanding
from abax.sample.firm import Firm, months_after
from abax.sample.partners import Partner
from abax.sample.sales import take_first_orders


def open_books(firm: Firm) -> None:
    """Post the opening entry and plan what is to be paid of it."""
    profile, books = firm.profile, firm.books
    day, first = profile.opens, profile.opens + timedelta(days=1)
    lines = [
        books.line(role, firm.cents(units), "Opening balance") for role, units in profile.opening.items()
    ]
    lines += [
        books.line(role, amount, "Opening balance") for role, amount in book_values(firm, first) if amount
    ]
    lines.append(
        books.line("loan", -sum(outstanding(firm, loan, first) for loan in profile.loans), "Opening balance")
    )
    deposits = take_first_orders(firm, first)
    lines += [books.line("deposits", -deposits, "Opening balance")] if deposits else []
    items = _open_items(firm, firm.dice("opening"))
    lines += items
    lines.append(books.line("share_capital", -firm.cents(profile.share_capital), "Opening balance"))
    lines.append(books.line("retained", -sum(line.amount for line in lines), "Opening balance"))
    books.post(Entry("MISC", day, lines, "Opening balances", opening=True))
    books.close_year(profile.calendar.year_of(day))
    books.close_month(day)
    for line in items:
        _plan_payment(firm, line)
    _plan_levies(firm, first)


def _open_items(firm: Firm, rng: Random) -> list[Line]:
    profile = firm.profile
    owed = _spread(firm, rng, "receivables", profile.customers, firm.cents(profile.opening_receivables), 34)
    return owed + _spread(firm, rng, "payables", profile.suppliers, -firm.cents(profile.opening_payables), 26)


def _spread(
    firm: Firm, rng: Random, role: str, partners: list[Partner], total: int, count: int
) -> list[Line]:
    """Divide a total over invoices of domestic partners, each due somewhere around the opening day."""
    home = [partner for partner in partners if partner.currency == firm.profile.currency]
    chosen = rng.choices(home, [partner.weight for partner in home], k=count)
    sizes = [rng.randint(10, 100) for _ in chosen]
    lines: list[Line] = []
    for partner, size in zip(chosen, sizes, strict=True):
        due = firm.profile.opens + timedelta(days=rng.randint(-18, partner.terms))
        label = f"Opening balance {partner.name}, {rng.randint(10_000, 99_999)}"
        amount = (
            total * size // sum(sizes)
            if len(lines) < count - 1
            else total - sum(line.amount for line in lines)
        )
        lines.append(firm.books.line(role, amount, label, partner=partner, due=due))
    return lines


def _plan_payment(firm: Firm, line: Line) -> None:
    assert line.due is not None and line.partner is not None
    late = max(2, line.partner.late) if line.amount > 0 else 6
    day = max(line.due + timedelta(days=late), firm.profile.opens + timedelta(days=4))
    firm.later(day, partial(_pay_item, firm, line))


def _pay_item(firm: Firm, line: Line, day: date) -> None:
    pay(firm, day, [Part(line)], "Payment of opening balance")


def _plan_levies(firm: Firm, first: date) -> None:
    """Pay the levies, taxes and accruals that stood open."""
    profile = firm.profile
    days = {
        "wage_tax": first.replace(day=profile.levy_pay_day),
        "social": first.replace(day=profile.levy_pay_day),
        "vat_due": months_after(first, profile.vat_paid_after - 1).replace(day=10),
        "tax_provision": months_after(first, profile.tax_settled_after - 1).replace(day=20),
        "accruals": months_after(first, 1).replace(day=14),
    }
    for role, day in days.items():
        firm.later(day, partial(_pay_over, firm, role, -firm.cents(profile.opening[role])))


def _pay_over(firm: Firm, role: str, amount: int, day: date) -> None:
    label = f"{firm.profile.chart[role].name}, last year"
    firm.bank(day, label, [firm.books.line(role, amount, label)])
