"""The economic story: two companies, month after month, from their opening entry to the end of 2025."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from abax.sample import assets, finance, group, noise, opening, payroll, profiles, purchasing, sales, tax
from abax.sample.firm import Firm, month_end, months_between
from abax.sample.rates import euro_and_pound


@dataclass(frozen=True)
class Story:
    """What happened: both firms with their books."""

    firms: tuple[Firm, Firm]

    @property
    def posted_lines(self) -> int:
        """Journal lines that count, over both companies."""
        return sum(year.posted_lines for firm in self.firms for year in firm.books.truth.values())


def simulate(seed: int, permille: int) -> Story:
    """Let both companies live through their years. ``permille`` is the scale."""
    pounds, euros = euro_and_pound(seed)
    parent = Firm(profiles.NORDLICHT, pounds, seed, permille)
    child = Firm(profiles.HARBOUR, euros, seed, permille)
    deals = group.plan(seed, permille, profiles.NORDLICHT.season, profiles.ENDS)
    _live(parent, child, deals)
    _live(child, parent, deals)
    for deal in deals:
        if deal.bill is not None and deal.invoice is not None:
            deal.bill.ref = deal.invoice.name
    return Story((parent, child))


def _live(firm: Firm, other: Firm, deals: list[group.Deal]) -> None:
    profile = firm.profile
    opening.open_books(firm)
    for month in months_between(profile.opens + timedelta(days=1), profile.ends):
        group.trade(firm, other, deals, month)
        _work(firm, month)
        _close(firm, month_end(month))
    noise.leave_unposted(firm)
    firm.books.number()


def _work(firm: Firm, month: date) -> None:
    """What happens in the course of a month."""
    finance.settle_card(firm, month)
    sales.sell(firm, month)
    purchasing.buy(firm, month)
    payroll.pay_people(firm, month)
    assets.invest(firm, month)
    finance.bank_month(firm, month)
    noise.correct(firm, month)
    tax.prepay(firm, month)
    firm.keep_diary(month_end(month))


def _close(firm: Firm, day: date) -> None:
    """The entries of the month's last day, and of the year's where it ends."""
    noise.accrue(firm, day)
    assets.depreciate(firm, day)
    finance.consume_stock(firm, day)
    finance.release_insurance(firm, day)
    tax.file_vat(firm, day)
    year = firm.profile.calendar.year_of(day)
    if day == firm.profile.calendar.end_of(year):
        finance.show_current_portion(firm, day)
        tax.provide(firm, day)
    if day in (firm.profile.calendar.end_of(year), firm.profile.ends):
        firm.books.close_year(year)
    firm.books.close_month(day)
