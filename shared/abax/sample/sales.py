"""Selling: orders, down payments, invoices, credit notes, and customers who pay when it suits them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from abax.sample.books import Entry, Line
from abax.sample.documents import Item, Part, draft, issue, match, pay
from abax.sample.firm import Firm, Order, day_in, month_end, months_after
from abax.sample.partners import Partner
from abax.sample.rates import MILLION, divided

# Share of orders, and how their sizes run against each other: spare parts, modules, whole machines.
_TIERS = ((620, 10, 60), (300, 110, 300), (80, 700, 1250))

_PRODUCTS = {
    "sales_machines": (
        ("Case packer NM-400", 6_400_000), ("Palletising cell PZ-12", 9_800_000),
        ("Belt conveyor module FB-6", 740_000),
        ("Rotary indexing table RT-8", 1_850_000), ("Control cabinet SC-3", 920_000),
        ("Lifting station HS-2", 1_260_000),
    ),
    "sales_parts": (
        ("Gear motor 1.5 kW", 48_000), ("Conveyor belt, per metre", 11_500), ("Suction cup set", 7_900),
        ("Pneumatic cylinder 63/200", 18_400), ("Bearing unit UCF 208", 5_600),
        ("Servo drive 750 W", 112_000),
    ),
    "sales_service": (
        ("Service engineer, hours", 11_800), ("Commissioning, days", 98_000), ("Annual inspection", 145_000),
    ),
    "sales_books": (("Operating manual, printed", 8_900), ("Maintenance handbook", 6_400)),
}  # fmt: skip
_TOOLS = {
    "sales_parts": (
        ("Torque wrench set", 14_900), ("Hydraulic puller", 38_500), ("Cordless riveter", 27_900),
        ("Chain hoist 2 t", 61_000),
        ("Socket set 94 pcs", 11_200), ("Workshop press 30 t", 124_000), ("Pneumatic impact wrench", 21_900),
    ),
    "sales_service": (
        ("Tool repair, hours", 5_400), ("Calibration", 8_800), ("Equipment hire, days", 12_500),
    ),
}  # fmt: skip


def take_first_orders(firm: Firm, month: date) -> int:
    """Orders for the first two months, taken before the books start; returns the deposits paid on them."""
    rng = firm.dice("sales")
    for ahead in (0, 1):
        firm.order_book[months_after(month, ahead)] = _take_orders(firm, rng, months_after(month, ahead))
    return sum(order.deposit for taken in firm.order_book.values() for order in taken)


def sell(firm: Firm, month: date) -> None:
    """Deliver and invoice what was ordered for this month, and take the orders for the month after next."""
    rng = firm.dice("sales")
    ahead = months_after(month, 2)
    firm.order_book[ahead] = _take_orders(firm, rng, ahead)
    for order in firm.order_book[ahead]:
        if order.deposit:
            _invoice_deposit(firm, rng, order, month)
    for order in firm.order_book.pop(month):
        _deliver(firm, rng, order, day_in(rng, month, 2, 28))
    _refund_some(firm, rng, month)


def _take_orders(firm: Firm, rng: Random, month: date) -> list[Order]:
    """Orders for one month; most whole machines sold at home carry a deposit of 30 %."""
    taken = orders(firm, rng, month)
    for order in taken:
        if order.big and order.partner.region == "domestic" and "deposits" in firm.profile.chart:
            order.deposit = order.net * 30 // 100 * (rng.randrange(100) < 70)
            order.number = rng.randint(2000, 8999)
    return taken


def monthly_target(firm: Firm, month: date) -> int:
    """Revenue aimed at outside the group, in cents."""
    profile = firm.profile
    year = firm.grown(profile.revenue, month, profile.growth)
    within = 1000 + profile.growth * (2 * month.month - 13) // 24
    return year * profile.season[month.month - 1] // 12_000 * within // 1000


def orders(firm: Firm, rng: Random, month: date) -> list[Order]:
    """Who takes how much: the month's target with a little luck, spread over orders of uneven size."""
    target = monthly_target(firm, month) * rng.randint(960, 1040) // 1000
    season = firm.profile.season[month.month - 1]
    number = firm.count(firm.profile.invoices, (1000 + season) // 2)
    sizes = [_size(rng, (place * 1000 + rng.randrange(1000)) // number) for place in range(number)]
    customers = rng.choices(firm.profile.customers, [c.weight for c in firm.profile.customers], k=len(sizes))
    whole = sum(sizes)
    return [Order(c, target * s // whole, s >= _TIERS[2][1]) for c, s in zip(customers, sizes, strict=True)]


def _size(rng: Random, lot: int) -> int:
    """A size by its place (permille) among the month's orders, so that each month has its whole machines."""
    for share, low, high in _TIERS:
        if lot < share:
            return rng.randint(low, high)
        lot -= share
    return _TIERS[0][1]


def _deliver(firm: Firm, rng: Random, order: Order, day: date) -> None:
    partner, net = order.partner, order.net
    if partner.currency != firm.profile.currency:
        net = divided(net * firm.rates.on(day), MILLION)
    items = _items(firm, rng, partner, net, order.big)
    if order.deposit:
        items.append(Item(f"Less down payment, order {order.number}", "deposits", -order.deposit, "S"))
    expect_payment(firm, rng, issue(firm, "out_invoice", partner, day, items, _customer_ref(rng)))


def _invoice_deposit(firm: Firm, rng: Random, order: Order, month: date) -> None:
    item = Item(f"Down payment 30 %, order {order.number}", "deposits", order.deposit, "S")
    day = day_in(rng, month, 2, 27)
    expect_payment(firm, rng, issue(firm, "out_invoice", order.partner, day, [item], _customer_ref(rng)))


def _customer_ref(rng: Random) -> str:
    return f"PO {rng.randint(40_000, 79_999)}" if rng.randrange(10) < 7 else ""


def _items(firm: Firm, rng: Random, partner: Partner, net: int, big: bool) -> list[Item]:
    """Split a net amount over products; the prices follow from it."""
    roles = _roles(firm, rng, big)
    shares = [rng.randint(1, 2) if role == "sales_books" else rng.randint(30, 100) for role in roles]
    nets = [net * share // sum(shares) for share in shares]
    nets[0] += net - sum(nets)
    items = [_product(firm, rng, partner, role, part) for role, part in zip(roles, nets, strict=True)]
    if len(items) > 2 and rng.randrange(3) == 0:
        items.insert(0, Item("Delivery", "", 0, heading="line_section", quantity=0))
        items.append(Item("Delivered as agreed, with our thanks.", "", 0, heading="line_note", quantity=0))
    return items


def _roles(firm: Firm, rng: Random, big: bool) -> list[str]:
    """Which kinds of products share an order."""
    second, third = rng.randrange(2), rng.randrange(3) == 0
    if "sales_machines" not in firm.profile.chart:
        return ["sales_parts", *["sales_parts"] * second, *["sales_service"] * third]
    if big:
        return ["sales_machines", *["sales_machines"] * second, *["sales_service"] * third]
    first = rng.choice(("sales_machines", "sales_parts", "sales_parts", "sales_service"))
    return [first, *["sales_parts"] * second, *["sales_books"] * (rng.randrange(14) == 0)]


def _product(firm: Firm, rng: Random, partner: Partner, role: str, net: int) -> Item:
    """A product that the amount can buy at least one of; spare parts where it buys no machine."""
    catalogue = _PRODUCTS if "sales_machines" in firm.profile.chart else _TOOLS
    if role == "sales_machines" and net < min(price for _, price in catalogue[role]):
        role = "sales_parts"
    within = [product for product in catalogue[role] if product[1] <= net] or catalogue[role][:1]
    name, price = rng.choice(within)
    sold_as = {"eu": "sales_eu", "export": "sales_export"}.get(partner.region, role)
    analytic = ((_market(partner), 100),)
    return Item(name, sold_as, net, sale_tax(partner, role), max(1, divided(net, price)), analytic)


def sale_tax(partner: Partner, role: str) -> str:
    """The tax of a sale: by where the customer sits, then by what it is."""
    if partner.region != "domestic":
        return "S_EU" if partner.region == "eu" else "S_EXPORT"
    return "S_LOW" if role == "sales_books" else "S"


def _market(partner: Partner) -> str:
    """Every sale belongs to a market; those to key accounts also to the sales department."""
    market = {"domestic": "HOME", "eu": "EU", "export": "EXPORT"}[partner.region]
    return market if partner.weight % 3 else f"SALES,{market}"


_MOST_AT_RISK = 2_500_000
"""Cents above which a claim is pursued until it is paid."""
_MOST_TAKEN_BACK = 3_000_000
"""Cents above which a delivery is put right rather than cancelled."""


def expect_payment(firm: Firm, rng: Random, invoice: Entry) -> None:
    """Decide now when, and how much of, an invoice its customer will pay."""
    line = invoice.control()
    assert line.partner is not None and line.due is not None
    partner, lot = line.partner, rng.randrange(1000)
    if partner.discount and lot < 650:
        firm.later(
            invoice.day + timedelta(days=rng.randint(6, 10)), partial(_discounted, firm, invoice, line)
        )
        return
    day = line.due + timedelta(days=max(-6, partner.late + rng.randint(-partner.spread, partner.spread)))
    small = line.amount < _MOST_AT_RISK
    if lot >= 992 and small and partner.late > 5:
        firm.later(line.due + timedelta(days=rng.randint(360, 430)), partial(_write_off, firm, line))
    elif lot >= 965:
        firm.later(day, partial(_paid, firm, [Part(line, rng.randint(350, 750))]))
        if rng.randrange(10) < 7 or not small:
            firm.later(day + timedelta(days=rng.randint(35, 120)), partial(_paid, firm, [Part(line)]))
    else:
        firm.later(max(day, invoice.day), partial(_paid, firm, [Part(line)]))


def _paid(firm: Firm, parts: list[Part], day: date) -> None:
    partner = parts[0].line.partner
    pay(firm, day, parts, f"Payment {partner.name if partner else ''}")


def _discounted(firm: Firm, invoice: Entry, line: Line, day: date) -> None:
    """Paid at once, less 2 %: the allowance and the tax on it go back."""
    if line.residual != line.amount or line.currency != firm.profile.currency:
        return _paid(firm, [Part(line)], day)
    label = "Cash discount 2 %"
    lines: list[Line] = []
    for key in dict.fromkeys(key for row in invoice.lines for key in row.taxes):
        tax = firm.tax(key)
        base = -sum(row.amount for row in invoice.lines if key in row.taxes)
        vat = divided(divided(base * tax.percent, 100), 50)
        lines += [firm.books.line("reductions", divided(base, 50), label, partner=line.partner)]
        lines += [firm.books.line(tax.role, vat, f"{label}, {tax.name}", partner=line.partner)] if vat else []
    pay(firm, day, [Part(line)], f"Payment less discount {invoice.ref}".strip(), lines)
    return None


def _write_off(firm: Firm, line: Line, day: date) -> None:
    """Give up a claim: expense for the net amount, the tax is claimed back."""
    if not line.residual or line.currency != firm.profile.currency:
        return
    tax = firm.tax("S") if line.partner and line.partner.region == "domestic" else firm.tax("S_EXPORT")
    vat = divided(line.residual * tax.percent, 100 + tax.percent)
    books, label = firm.books, "Uncollectible claim written off"
    credit = books.line(
        line.account.role if line.account else "", -line.residual, label, partner=line.partner, due=day
    )
    lines = [books.line("bad_debt", line.residual - vat, label, partner=line.partner)]
    firm.misc(day, label, [*lines, books.line(tax.role, vat, label), credit])
    match(firm, line, credit)


def _refund_some(firm: Firm, rng: Random, month: date) -> None:
    """Credit notes: some for the whole of a recent invoice, most for a part."""
    recent = [line for line in firm.books.open_items if _may_be_credited(firm, line, month)]
    whole_notes, luck = divmod(firm.profile.invoices * firm.permille * 45, MILLION)
    for line in rng.sample(recent, min(len(recent), whole_notes + (rng.randrange(MILLION) < luck))):
        invoice = line.entry
        if invoice is not None:
            day = day_in(rng, month, 20, 28)
            whole = rng.randrange(4) == 0 and invoice.total < _MOST_TAKEN_BACK
            _credit(firm, invoice, line, 1000 if whole else rng.randint(30, 150), max(day, invoice.day))


def _may_be_credited(firm: Firm, line: Line, month: date) -> bool:
    """An untouched invoice of this or the last month, in own currency, to a customer outside the group."""
    entry, partner = line.entry, line.partner
    if entry is None or partner is None or entry.kind != "out_invoice" or line.residual != line.amount:
        return False
    if partner.region == "group" or partner.discount or line.currency != firm.profile.currency:
        return False
    return months_after(month, -1) <= entry.day <= month_end(month)


def _credit(firm: Firm, invoice: Entry, line: Line, permille: int, day: date) -> None:
    assert invoice.partner is not None
    reason = "Cancelled delivery" if permille == 1000 else "Price allowance"
    items = [
        Item(
            f"{reason}: {row.label}",
            row.account.role,
            divided(-row.amount * permille, 1000),
            row.taxes[0],
            row.quantity,
        )
        for row in invoice.lines
        if row.kind == "product" and row.account and row.account.role != "deposits" and row.taxes
    ]
    if not items:
        return
    note = draft(firm, "out_refund", invoice.partner, day, items, reason.lower())
    note.reverses = invoice
    firm.books.post(note)
    match(firm, line, note.control())
