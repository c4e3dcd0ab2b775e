"""Buying: materials that keep the stock level, recurring costs, card spending, and Thursday's payment run."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from abax.sample.books import Entry, Line
from abax.sample.documents import Item, Part, issue, pay
from abax.sample.firm import Firm, Recurring, day_in
from abax.sample.partners import Partner
from abax.sample.rates import MILLION, divided
from abax.sample.sales import monthly_target

_GOODS = {
    "materials": (
        "Sheet steel S235", "Aluminium profile 80x80", "Castings, housing", "Gear motors", "PLC modules",
        "Ball screws", "Hydraulic units", "Cable harness", "Stainless tube 1.4301", "Fasteners, assorted",
    ),
    "goods": (
        "Conveyor belts", "Seal kits", "Filter cartridges", "Bearings", "Hand tools", "Abrasive discs",
        "Drill sets",
    ),
}  # fmt: skip


def buy(firm: Firm, month: date) -> None:
    """All supplier bills of a month, and their payment later."""
    rng = firm.dice("purchasing")
    for role in firm.profile.stock:
        _restock(firm, rng, role, month)
    for cost in firm.profile.costs:
        if month.month in cost.months:
            _recurring(firm, rng, cost, month)
    _swipe(firm, firm.dice("card"), month)


def _restock(firm: Firm, rng: Random, role: str, month: date) -> None:
    """Buy what will be used, and a third of what the stock is off its level."""
    share = firm.profile.material_share if role == "materials" else firm.profile.goods_share
    level = firm.grown(firm.profile.stock[role], month, firm.profile.growth)
    wanted = monthly_target(firm, month) * share // 1000 + (level - firm.books.balance(role)) // 3
    suppliers = [supplier for supplier in firm.profile.suppliers if supplier.supplies == role]
    bills = firm.count(firm.profile.material_bills, 1000 if role == "materials" else 500)
    wanted -= firm.from_group[month] if role == "goods" else 0
    if wanted <= 0:
        return
    sizes = [rng.randint(20, 100) for _ in range(bills)]
    chosen = rng.choices(suppliers, [supplier.weight for supplier in suppliers], k=bills)
    for supplier, size in zip(chosen, sizes, strict=True):
        _bill_for_stock(firm, rng, supplier, role, wanted * size // sum(sizes), day_in(rng, month))


def _bill_for_stock(firm: Firm, rng: Random, supplier: Partner, role: str, net: int, day: date) -> None:
    if supplier.currency != firm.profile.currency:
        net = divided(net * firm.rates.on(day), MILLION)
    first = net * rng.randint(40, 80) // 100
    parts = [first, net - first] if rng.randrange(3) else [net]
    tax = purchase_tax(supplier)
    items = [
        Item(name, role, part, tax, rng.randint(2, 400))
        for name, part in zip(rng.sample(_GOODS[role], len(parts)), parts, strict=True)
    ]
    bill(firm, rng, supplier, day, items)


def purchase_tax(supplier: Partner) -> str:
    """Domestic, reverse charge within the union, or none."""
    return {"domestic": "P", "eu": "P_EU"}.get(supplier.region, "P_NONE")


def bill(firm: Firm, rng: Random, supplier: Partner, day: date, items: list[Item], ref: str = "") -> Entry:
    """Enter a supplier's bill and plan its payment in a Thursday run, when this company gets round to it."""
    entry = issue(firm, "in_invoice", supplier, day, items, ref or f"{rng.randint(100_000, 999_999)}")
    line = entry.control()
    assert line.due is not None
    if rng.randrange(1000) < 4:
        return entry  # in dispute, never paid
    late = max(0, supplier.late + rng.randint(-supplier.spread, supplier.spread))
    part = Part(line, 1000 if rng.randrange(100) else rng.randint(400, 800))
    pay_day = next_thursday(line.due + timedelta(days=late))
    if part.permille < 1000:
        firm.later(pay_day, partial(_instalment, firm, part))
        pay_day += timedelta(days=28)
    firm.later(pay_day, partial(_run, firm, line))
    return entry


def next_thursday(day: date) -> date:
    """That day if it is a Thursday, or the next."""
    return day + timedelta(days=(3 - day.weekday()) % 7)


def _run(firm: Firm, line: Line, day: date) -> None:
    """Pay a bill, and with it everything else that is due to the same supplier."""
    open_lines = [
        other for other in firm.books.open_items
        if other.partner is line.partner and other.account is line.account and other.currency == line.currency
        and other.due is not None and other.due <= day and other.residual_foreign < 0
    ]  # fmt: skip
    if line.residual_foreign and open_lines:
        pay(firm, day, [Part(other) for other in open_lines], f"Payment run {day:%d.%m.%Y}")


def _instalment(firm: Firm, part: Part, day: date) -> None:
    pay(firm, day, [part], "Instalment")


def _recurring(firm: Firm, rng: Random, cost: Recurring, month: date) -> None:
    suppliers = [supplier for supplier in firm.profile.suppliers if supplier.supplies == cost.supplies]
    year = firm.grown(cost.yearly, month, 25)
    whole = year * cost.season[month.month - 1] // (1000 * len(cost.months))
    bills = firm.count(cost.bills) if cost.bills > 1 else 1
    for number in range(bills):
        supplier = suppliers[0] if cost.steady else rng.choice(suppliers)
        net = whole // bills * (1000 if cost.steady else rng.randint(850, 1150)) // 1000
        day = month if cost.steady else day_in(rng, month, 1 + 27 * number // bills, 27)
        items = [Item(f"{cost.label} {month:%m/%Y}", cost.role, net, cost.tax, analytic=cost.analytic)]
        bill(firm, rng, supplier, day, items)


def _swipe(firm: Firm, rng: Random, month: date) -> None:
    """Purchases on the company card, each with its tax."""
    for habit in firm.profile.card:
        for _ in range(firm.count(habit.count)):
            net = rng.randint(habit.low, habit.high) * 100 + rng.randrange(100)
            tax = firm.tax(habit.tax)
            vat = divided(net * tax.percent, 100)
            lines = [firm.books.line(habit.role, net, habit.label, analytic=habit.analytic)]
            lines += [firm.books.line(tax.role, vat, tax.name)] if vat else []
            firm.bank(day_in(rng, month), habit.label, lines, "card")
