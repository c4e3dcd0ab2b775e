"""Fixed assets: bought by bill, written off each month, one of them sold."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import partial

from abax.sample.books import Line
from abax.sample.documents import Item, issue
from abax.sample.firm import Asset, Firm, day_in
from abax.sample.purchasing import bill, purchase_tax
from abax.sample.sales import expect_payment


def _age(asset: Asset, month: date) -> int:
    """Months written off before ``month`` begins: none in the month of purchase itself."""
    return max(0, min(asset.months, (month.year - asset.bought.year) * 12 + month.month - asset.bought.month))


def _written_off(firm: Firm, asset: Asset, age: int) -> int:
    return firm.cents(asset.cost) * age // asset.months


def book_values(firm: Firm, first: date) -> list[tuple[str, int]]:
    """Cost and accumulated depreciation by role at the opening."""
    totals: defaultdict[str, int] = defaultdict(int)
    for asset in firm.profile.assets:
        if not asset.bill:
            totals[asset.role] += firm.cents(asset.cost)
            totals[f"{asset.role}_dep"] -= _written_off(firm, asset, _age(asset, first))
    return list(totals.items())


def invest(firm: Firm, month: date) -> None:
    """Buy and sell what this month brings."""
    rng = firm.dice("assets")
    for asset in firm.profile.assets:
        if asset.bill and asset.bought == month:
            supplier = next(s for s in firm.profile.suppliers if s.supplies == "assets")
            item = Item(asset.name, asset.role, firm.cents(asset.cost), purchase_tax(supplier))
            bill(firm, rng, supplier, day_in(rng, month, 3, 20), [item])
        if asset.sold == month:
            firm.later(month.replace(day=16), partial(_sell, firm, asset))


def _sell(firm: Firm, asset: Asset, day: date) -> None:
    """Invoice the buyer, and take cost and depreciation off the books."""
    buyer = next(c for c in firm.profile.customers if c.region == "domestic" and not c.discount)
    item = Item(f"Used {asset.name}", "disposal_proceeds", firm.cents(asset.proceeds), "S")
    expect_payment(
        firm, firm.dice("assets"), issue(firm, "out_invoice", buyer, day, [item], f"Sale {asset.name}")
    )
    cost, gone = firm.cents(asset.cost), _written_off(firm, asset, _age(asset, day))
    label, books = f"Disposal {asset.name}", firm.books
    book_value = books.line("disposal_loss", cost - gone, label)
    off = [books.line(f"{asset.role}_dep", gone, label), books.line(asset.role, -cost, label)]
    firm.misc(day, label, [book_value, *off])


def depreciate(firm: Firm, day: date) -> None:
    """One entry for the month: a pair of lines for each class of assets."""
    totals: defaultdict[str, int] = defaultdict(int)
    for asset in firm.profile.assets:
        if asset.bought <= day and not (asset.sold and asset.sold <= day):
            age = _age(asset, day)
            totals[asset.role] += _written_off(firm, asset, min(age + 1, asset.months)) - _written_off(
                firm, asset, age
            )
    lines: list[Line] = []
    for role, amount in totals.items():
        label = f"Depreciation {day:%m/%Y}, {firm.profile.chart[role].name.lower()}"
        expense = "amortisation" if role == "software" else "depreciation"
        department = "PROD" if role == "machinery" else "ADMIN"
        lines.append(firm.books.line(expense, amount, label, analytic=((department, 100),)))
        lines.append(firm.books.line(f"{role}_dep", -amount, label))
    firm.misc(day, f"Depreciation {day:%m/%Y}", lines)
