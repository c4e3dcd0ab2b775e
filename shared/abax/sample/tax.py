"""Taxes: the quarterly return of value-added tax, prepayments and the year's charge for income tax."""

from __future__ import annotations

from datetime import date
from functools import partial

from abax.sample.books import Line
from abax.sample.firm import Firm, months_after, workday
from abax.sample.rates import divided


def file_vat(firm: Firm, day: date) -> None:
    """At a quarter's end, clear the tax accounts into one debt and plan its payment."""
    if day.month % 3:
        return
    roles = dict.fromkeys(role for tax in firm.profile.taxes for role in (tax.role, tax.contra) if role)
    label = f"VAT return {day.year} Q{day.month // 3}"
    lines = [firm.books.line(role, -firm.books.balance(role), label) for role in roles]
    due = sum(line.amount for line in lines)
    firm.misc(day, label, [*lines, firm.books.line("vat_due", -due, label)])
    pay_day = months_after(day, firm.profile.vat_paid_after).replace(day=10)
    firm.later(pay_day, partial(_pay, firm, "vat_due", due, label))


def _pay(firm: Firm, role: str, amount: int, label: str, day: date) -> None:
    if amount:
        firm.bank(day, label, [firm.books.line(role, amount, label)])


def prepay(firm: Firm, month: date) -> None:
    """Prepayments of income tax each quarter."""
    if month.month % 3 == 0 and firm.profile.tax_prepayment:
        label = f"Income tax prepayment Q{month.month // 3} {month.year}"
        amount = firm.grown(firm.profile.tax_prepayment, month, 60)
        firm.bank(workday(month.replace(day=10)), label, _split(firm, amount, label))


def _split(firm: Firm, amount: int, label: str) -> list[Line]:
    """The charge over the kinds of income tax that the country levies."""
    roles = firm.profile.tax_roles
    parts = [amount // len(roles)] * len(roles)
    parts[0] += amount - sum(parts)
    return [firm.books.line(role, part, label) for role, part in zip(roles, parts, strict=True)]


def provide(firm: Firm, day: date) -> None:
    """Charge the year's tax on its profit, less what was prepaid, and plan the final payment."""
    books = firm.books
    charged = books.balance(*firm.profile.tax_roles)
    rest = max(0, divided((books.result() + charged) * firm.profile.tax_rate, 1000)) - charged
    label = f"Income tax {firm.profile.calendar.year_of(day)}"
    firm.misc(day, label, [*_split(firm, rest, label), books.line("tax_provision", -rest, label)])
    settled = months_after(day, firm.profile.tax_settled_after).replace(day=20)
    firm.later(settled, partial(_assess, firm, rest, label))


def _assess(firm: Firm, provided: int, label: str, day: date) -> None:
    """The authority's figure differs a little from ours."""
    difference = provided * firm.dice("tax").randint(-18, 24) // 1000
    lines = [
        firm.books.line("tax_provision", provided, label),
        *_split(firm, difference, f"{label}, prior year"),
    ]
    firm.bank(day, f"{label}, assessment", [line for line in lines if line.amount])
