"""Payroll: gross pay, levies, net pay at the month's end, and the levies paid over the next month."""

from __future__ import annotations

from datetime import date
from functools import partial

from abax.sample.books import Line
from abax.sample.firm import Firm, months_after, workday_before
from abax.sample.rates import divided


def pay_people(firm: Firm, month: date) -> None:
    """Book and pay the month's wages; plan the payment of what is withheld."""
    profile, books = firm.profile, firm.books
    day, label = workday_before(month.replace(day=profile.wage_pay_day)), f"Payroll {month:%m/%Y}"
    lines: list[Line] = []
    gross = employer = 0
    for crew in profile.crews:
        pay = _gross(firm, crew.monthly, month)
        levy = divided(pay * profile.employer_social, 1000)
        gross, employer = gross + pay, employer + levy
        lines.append(books.line(crew.role, pay, f"{label}, {crew.label}", analytic=crew.analytic))
        lines.append(
            books.line(crew.social_role, levy, f"{label}, {crew.label}, employer", analytic=crew.analytic)
        )
    tax = divided(gross * profile.wage_tax, 1000)
    social = employer + divided(gross * profile.employee_social, 1000)
    lines.append(books.line("wage_tax", -tax, f"Wage tax {month:%m/%Y}"))
    lines.append(books.line("social", -social, f"Social security {month:%m/%Y}"))
    firm.bank(day, label, lines)
    later = months_after(month, 1).replace(day=profile.levy_pay_day)
    firm.later(later, partial(_pay_over, firm, "wage_tax", tax, f"Wage tax {month:%m/%Y}"))
    firm.later(later, partial(_pay_over, firm, "social", social, f"Social security {month:%m/%Y}"))


def _gross(firm: Firm, monthly: int, month: date) -> int:
    pay = firm.grown(monthly, month, 32) * firm.dice("payroll").randint(985, 1015) // 1000
    bonus = firm.profile.bonus if month.month == firm.profile.bonus_month else 0
    return pay * (1000 + bonus) // 1000


def _pay_over(firm: Firm, role: str, amount: int, label: str, day: date) -> None:
    firm.bank(day, label, [firm.books.line(role, amount, label)])
