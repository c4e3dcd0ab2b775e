"""What makes real books untidy: accruals and their reversals, corrections, drafts, cancelled entries."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from abax.sample.books import Entry
from abax.sample.documents import Item, draft
from abax.sample.firm import Firm, day_in, months_between
from abax.sample.purchasing import purchase_tax
from abax.sample.sales import sale_tax


def accrue(firm: Firm, day: date) -> None:
    """Costs of the quarter without a bill yet; taken back on the first of the next month. At the year's end
    also what the year must bear for warranties."""
    if day.month % 3 == 0:
        rng, label = firm.dice("accruals"), f"Accrual {day:%m/%Y}, bills to come"
        lines = [
            firm.books.line(role, firm.cents(rng.randint(low, high)), label, analytic=(("ADMIN", 100),))
            for role, low, high in _accrued(firm)
        ]
        total = sum(line.amount for line in lines)
        entry = firm.misc(day, label, [*lines, firm.books.line("accruals", -total, label)])
        first = day + timedelta(days=1)
        firm.later(first, partial(firm.take_back, entry, first, "bills received"))
    if day == firm.profile.calendar.end_of(day.year) and "warranty" in firm.profile.chart:
        _provide_warranty(firm, day)


def _accrued(firm: Firm) -> tuple[tuple[str, int, int], ...]:
    if firm.profile.company_id == 1:
        return (("energy", 9_000, 16_000), ("legal", 4_000, 15_000), ("freight_out", 6_000, 12_000))
    return (("energy", 900, 2_400), ("audit", 2_000, 5_000))


def _provide_warranty(firm: Firm, day: date) -> None:
    amount, label = (
        firm.cents(firm.dice("accruals").randint(14_000, 26_000)),
        f"Warranty provision {day.year}",
    )
    lines = [firm.books.line("warranty_cost", amount, label), firm.books.line("warranty", -amount, label)]
    firm.misc(day, label, lines)


def correct(firm: Firm, month: date) -> None:
    """Now and then an expense lands on the wrong account; it is reversed and booked again."""
    rng = firm.dice("corrections")
    if rng.randrange(100) < 55:
        wrong, right = rng.sample(("office", "maintenance", "it_services", "travel", "marketing"), 2)
        amount = firm.cents(rng.randint(300, 4_200))
        day = day_in(rng, month, 6, 20)
        label = f"Reclassification {rng.randint(100, 999)}"
        mistaken = firm.misc(
            day, label, [firm.books.line(wrong, amount, label), firm.books.line(right, -amount, label)]
        )
        firm.reverse(mistaken, day_in(rng, month, 21, 28), "wrong account")
        lines = [firm.books.line(right, amount, label), firm.books.line(wrong, -amount, label)]
        firm.misc(day_in(rng, month, 22, 28), f"{label}, corrected", lines)
    if (month.year, month.month) == (2024, 6) and "guarantees" in firm.profile.chart:
        _guarantee(firm, month.replace(day=17))


def _guarantee(firm: Firm, day: date) -> None:
    """A guarantee given for the subsidiary: a statistical entry off the balance sheet."""
    amount, label = firm.cents(150_000), "Guarantee for Harbour Tools Ltd"
    lines = [
        firm.books.line("guarantees", amount, label),
        firm.books.line("guarantees_contra", -amount, label),
    ]
    firm.misc(day, label, lines)


def leave_unposted(firm: Firm) -> None:
    """Drafts never finished and entries cancelled, large enough to spoil any figure that counts them."""
    rng = firm.dice("unposted")
    for month in months_between(firm.profile.opens + timedelta(days=1), firm.profile.ends):
        for state, kind in (("draft", "out_invoice"), ("cancel", "in_invoice"), ("cancel", "out_invoice")):
            if rng.randrange(100) < (80 if state == "draft" else 45):
                _unposted(firm, rng, kind, state, day_in(rng, month))
    for state in ("draft", "cancel"):
        _unposted_misc(firm, rng, state)


def _unposted(firm: Firm, rng: Random, kind: str, state: str, day: date) -> None:
    net = firm.cents(rng.randint(9_000, 240_000))
    if kind == "out_invoice":
        partner = rng.choice(firm.profile.customers)
        role = "sales_parts" if partner.region == "domestic" else "sales_export"
        items = [Item("Quoted, not ordered", role, net, sale_tax(partner, role))]
    else:
        partner = rng.choice(firm.profile.suppliers)
        items = [Item("Entered twice", "marketing", net, purchase_tax(partner))]
    firm.books.note(_in_state(draft(firm, kind, partner, day, items), state))


def _unposted_misc(firm: Firm, rng: Random, state: str) -> None:
    amount, label = firm.cents(rng.randint(150_000, 400_000)), "Revaluation, under discussion"
    day = day_in(rng, firm.profile.ends.replace(day=1))
    lines = [firm.books.line("bad_debt", amount, label), firm.books.line("bank", -amount, label)]
    firm.books.note(_in_state(Entry("MISC", day, lines, label), state))


def _in_state(entry: Entry, state: str) -> Entry:
    entry.state = state
    return entry
