"""Money and stock: loans, cards, cash box, bank charges, insurance, dividends, cost of sales."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from abax.sample.books import Line
from abax.sample.documents import Item, match
from abax.sample.firm import Firm, Loan, day_in, month_end, workday, workday_before
from abax.sample.purchasing import bill
from abax.sample.rates import divided


def settle_card(firm: Firm, month: date) -> None:
    """Pay last month's card spending on the fifth."""
    spent = -firm.books.balance("card")
    if spent > 0:
        firm.later(month.replace(day=5), partial(_pay_off, firm, spent))


def _pay_off(firm: Firm, amount: int, day: date) -> None:
    firm.bank(day, "Card settlement", [firm.books.line("card", amount, "Card settlement")])


def bank_month(firm: Firm, month: date) -> None:
    """All that the bank does of its own accord, and the yearly payments."""
    for loan in firm.profile.loans:
        _serve(firm, loan, month)
    _credit_line(firm, month)
    _charges(firm, month)
    _cash_box(firm, month)
    if month.month == firm.profile.insurance_month:
        _insure(firm, month)
    if month.month == firm.profile.dividend_month:
        firm.later(month.replace(day=18), partial(_distribute, firm))


def outstanding(firm: Firm, loan: Loan, month: date) -> int:
    """Principal owed when ``month`` begins, in cents; nothing before it is drawn."""
    served = (month.year - loan.drawn.year) * 12 + month.month - loan.drawn.month - 1
    return max(0, firm.cents(loan.amount) - firm.cents(loan.monthly) * max(0, served)) if served >= 0 else 0


def _serve(firm: Firm, loan: Loan, month: date) -> None:
    if loan.drawn == month:
        firm.bank(
            workday(month.replace(day=4)),
            loan.label,
            [firm.books.line("loan", -firm.cents(loan.amount), loan.label)],
        )
    owed = outstanding(firm, loan, month)
    principal, interest = min(owed, firm.cents(loan.monthly)), divided(owed * loan.rate, 120_000)
    if owed:
        lines = [firm.books.line("loan", principal, f"{loan.label}, repayment")]
        lines.append(firm.books.line("interest_expense", interest, f"{loan.label}, interest {month:%m/%Y}"))
        firm.bank(workday_before(month_end(month)), f"{loan.label} {month:%m/%Y}", lines)


_LINE_UNITS = 420_000


def _credit_line(firm: Firm, month: date) -> None:
    """Drawn in February for the spring's purchases, repaid in October, with interest each month."""
    if "credit_line" not in firm.profile.chart:
        return
    drawn, label = -firm.books.balance("credit_line"), "Revolving credit line"
    if drawn:
        interest = divided(drawn * 545, 120_000)
        fee = firm.books.line("interest_expense", interest, f"{label}, interest {month:%m/%Y}")
        firm.bank(workday_before(month_end(month)), f"{label}, interest", [fee])
    move = {2: -firm.cents(_LINE_UNITS), 10: drawn}.get(month.month, 0)
    if move:
        firm.bank(workday(month.replace(day=15)), label, [firm.books.line("credit_line", move, label)])


def _charges(firm: Firm, month: date) -> None:
    rng = firm.dice("bank")
    fee = firm.cents(rng.randint(780, 1_240)) * (1 if firm.profile.company_id == 1 else 0) + firm.cents(
        rng.randint(90, 160)
    )
    day = workday_before(month_end(month))
    firm.bank(
        day, f"Bank charges {month:%m/%Y}", [firm.books.line("bank_fees", fee, "Account and payment charges")]
    )
    if month.month % 3 == 0:
        earned = divided(firm.books.balance("savings") * rng.randint(35, 55), 10_000)
        firm.bank(
            day,
            "Credit interest",
            [firm.books.line("interest_income", -earned, "Credit interest")],
            "savings",
        )


def _cash_box(firm: Firm, month: date) -> None:
    """Stamps, flowers, parking; refilled from the bank through the transfer account."""
    rng, books = firm.dice("cash"), firm.books
    for label in rng.sample(("Stamps", "Flowers", "Parking", "Coffee", "Small tools"), 2):
        spent = books.line("office", firm.cents(rng.randint(25, 110)), label, analytic=(("ADMIN", 100),))
        firm.bank(day_in(rng, month, 2, 26), label, [spent], "petty_cash")
    if books.balance("petty_cash") < firm.cents(900 if firm.profile.company_id == 1 else 250):
        _refill(
            firm, workday(month.replace(day=9)), firm.cents(1_500 if firm.profile.company_id == 1 else 400)
        )


def _refill(firm: Firm, day: date, amount: int) -> None:
    out = firm.books.line("transfer", amount, "Cash withdrawal")
    into = firm.books.line("transfer", -amount, "Cash withdrawal")
    firm.bank(day, "Cash withdrawal", [out])
    firm.bank(workday(day + timedelta(days=1)), "Cash withdrawal", [into], "petty_cash")
    match(firm, out, into)


def _insure(firm: Firm, month: date) -> None:
    broker = next(s for s in firm.profile.suppliers if s.supplies == "insurance")
    amount = firm.grown(firm.profile.insurance, month, 40)
    item = Item(f"Insurance policies {month:%Y}", "prepaid", amount, "P_NONE")
    bill(firm, firm.dice("insurance"), broker, workday(month.replace(day=4)), [item])


def release_insurance(firm: Firm, day: date) -> None:
    """A twelfth of the premium becomes expense each month; the last month takes what is left."""
    prepaid = firm.books.balance("prepaid")
    left = 12 - (day.month - firm.profile.insurance_month) % 12
    if prepaid > 0:
        label = f"Insurance {day:%m/%Y}"
        amount = divided(prepaid, left)
        expense = firm.books.line("insurance", amount, label, analytic=(("ADMIN", 100),))
        firm.misc(day, label, [expense, firm.books.line("prepaid", -amount, label)])


def _distribute(firm: Firm, day: date) -> None:
    amount, label = firm.cents(firm.profile.dividend), "Profit distribution"
    firm.bank(day, label, [firm.books.line("retained", amount, f"{label} {day.year - 1}")])


def consume_stock(firm: Firm, day: date) -> None:
    """Cost of what was sold this month leaves the stock."""
    rng, profile = firm.dice("stock"), firm.profile
    revenue = -firm.books.moved("income")
    lines: list[Line] = []
    for stock, cost, share in (
        ("materials", "cost_materials", profile.material_share),
        ("goods", "cost_goods", profile.goods_share),
    ):
        used = min(
            revenue * share // 1000 * rng.randint(975, 1025) // 1000,
            firm.books.balance(stock) * 9 // 10 if share else 0,
        )
        if used > 0:
            label = f"Consumption {day:%m/%Y}"
            lines += [
                firm.books.line(cost, used, label, analytic=(("PROD", 100),)),
                firm.books.line(stock, -used, label),
            ]
    firm.misc(day, f"Cost of sales {day:%m/%Y}", lines)


def show_current_portion(firm: Firm, day: date) -> None:
    """Show what is due of the loans within a year on its own account, for the balance sheet only."""
    first = day + timedelta(days=1)
    due = sum(
        min(outstanding(firm, loan, first), 12 * firm.cents(loan.monthly)) for loan in firm.profile.loans
    )
    label = "Current portion of bank loans"
    entry = firm.misc(
        day, label, [firm.books.line("loan", due, label), firm.books.line("loan_current", -due, label)]
    )
    if day < firm.profile.ends:
        firm.later(first, partial(firm.take_back, entry, first, "start of year"))
