"""What the two companies sell each other: one deal, two sets of books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random

from abax.sample.books import Entry
from abax.sample.documents import Item, Part, issue, pay
from abax.sample.firm import Firm, day_in, months_after, months_between, workday

FIRST = date(2023, 1, 1)
"""The month in which the companies began to trade."""


@dataclass(eq=False)
class Deal:
    """A sale within the group: ``net`` in cents of ``currency``, paid whole on ``paid_on``."""

    seller: int
    """Company id."""
    day: date
    label: str
    net: int
    currency: str
    paid_on: date
    received_on: date
    invoice: Entry | None = None
    bill: Entry | None = None


def plan(seed: int, permille: int, season: tuple[int, ...], ends: date) -> list[Deal]:
    """All deals: the parent's goods in euros, the subsidiary's quarterly commission in pounds."""
    rng = Random(f"{seed}/group")  # noqa: S311
    deals: list[Deal] = []
    for month in months_between(FIRST, ends):
        level = season[month.month - 1] * (1000 + 45 * (month.year - 2023)) // 1000
        for number in range(max(1, 2 * permille // 1000)):
            net = 43_000 * 100 * level // 1000 * rng.randint(800, 1200) // 1000 * min(permille, 1000) // 1000
            label = rng.choice(
                ("Spare part kits", "Lifting station HS-2", "Servo drives", "Conveyor modules")
            )
            deals.append(_deal(rng, 1, day_in(rng, month, 2 + 11 * (number % 2), 26), label, net, "EUR"))
        if month.month % 3 == 0:
            net = 9_500 * level * rng.randint(900, 1100) // 10_000 * permille // 1000
            deals.append(_deal(rng, 2, day_in(rng, month, 24, 28), f"Commission {month:%m/%Y}", net, "GBP"))
    return deals


def _deal(rng: Random, seller: int, day: date, label: str, net: int, currency: str) -> Deal:
    paid = workday(day + timedelta(days=30 + rng.randint(3, 24)))
    return Deal(seller, day, label, net, currency, paid, workday(paid + timedelta(days=1)))


def trade(firm: Firm, other: Firm, deals: list[Deal], month: date) -> None:
    """Enter this company's side of the month's deals."""
    for deal in deals:
        if month <= deal.day < months_after(month, 1):
            if deal.seller == firm.profile.company_id:
                _sold(firm, other, deal)
            else:
                _bought(firm, other, deal)


def _sold(firm: Firm, other: Firm, deal: Deal) -> None:
    item = Item(deal.label, "sales_ic", deal.net, "S_EXPORT")
    deal.invoice = _issue(firm, "out_invoice", other, deal, item)
    firm.later(deal.received_on, partial(_settle, firm, deal.invoice))


def _bought(firm: Firm, other: Firm, deal: Deal) -> None:
    role = "goods" if deal.seller == 1 else "commission"
    deal.bill = _issue(firm, "in_invoice", other, deal, Item(deal.label, role, deal.net, "P_NONE"))
    if role == "goods":
        firm.from_group[deal.day.replace(day=1)] += deal.bill.total
    firm.later(deal.paid_on, partial(_settle, firm, deal.bill))


def _issue(firm: Firm, kind: str, other: Firm, deal: Deal, item: Item) -> Entry:
    return issue(firm, kind, other.profile.partner, deal.day, [item], currency=deal.currency)


def _settle(firm: Firm, entry: Entry, day: date) -> None:
    pay(firm, day, [Part(entry.control())], "Group settlement")
