"""What a reader takes for given instead of what history says: ``revenue growth=+5%``, ``dso=45 from
2026-03``.

==========================  ==============================================================================
``revenue growth=+5%``      each month is the same month of the year before, plus 5 %; after twelve months it
                            grows on what was assumed, so that it compounds per year. So for any line of the
                            income statement
``revenue=+5%``             5 % more than the forecast, every month; the cost of sales follows
``price=+3%``               revenue 3 % above the forecast at the same cost: nothing more is sold
``headcount=+2@4500``       two more people at 4,500 a month each, in operating expenses
``dso=45``, ``dpo=+5``      days outstanding of sales, of payables; ``inventory days`` or ``dio`` of inventory
``capex=10000``             investment in fixed assets, a month
``operating_expenses=-2000``  any line of the income statement, a month: of a cost, 2,000 less cost
``long_term_debt=+50000``   any balance that follows nothing: 50,000 more from then on
==========================  ==============================================================================

With a sign a figure is added, without one it is what holds; a percentage changes what the forecast says.
Costs, repayments and balances are named as people name them: more cost is a plus. ``from 2026-03`` names
the first month that it holds for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from abax.errors import InvalidAssumption, UnknownDriver
from abax.forecast.checks import TOTALS
from abax.ledger.model import ForecastAssumption, LineKind
from abax.ledger.statements import BALANCE_SHEET

GROWTH: Final = " growth"
PRICE: Final = "price"
HEADCOUNT: Final = "headcount"
CAPEX: Final = "capex"
DAYS: Final = {"dso": "receivables", "dio": "inventory", "dpo": "payables"}
"""Days outstanding → the balance that they make."""

_ALIASES: Final = {
    "days sales outstanding": "dso",
    "receivables days": "dso",
    "days payables outstanding": "dpo",
    "payables days": "dpo",
    "inventory days": "dio",
    "days inventory outstanding": "dio",
    "investment": CAPEX,
    "investment in fixed assets": CAPEX,
    "sales": "revenue",
    "sales growth": "revenue growth",
}
COSTS: Final = frozenset(
    {"cost_of_sales", "operating_expenses", "depreciation", "interest_expense", "income_tax"}
)
"""Lines that the statement shows negative, and that people name by their size."""
FLOWS: Final = ("revenue", *sorted(COSTS), "interest_income", "other_income")
_MADE: Final = {
    "cash": "cash is what the cash flow leaves",
    "fixed_assets": "fixed assets follow from investment and depreciation; assume capex",
    "retained_earnings": "retained earnings follow from the result",
    "current_year_result": "it is the result so far; assume what that is made of",
    "non_controlling_interest": "it follows from the result; assume what that is made of",
}
_PATTERN: Final = re.compile(
    r"\s*(?P<driver>[^=<>]+?)\s*=\s*(?P<change>[-+−]?[\d_., ]*\d\s*[km%]?(?:\s*@\s*[\d_.,]+[km]?)?)\s*"
    r"(?:from\s+(?P<start>\S+)\s*)?",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(r"(?P<sign>[-+−]?)(?P<number>\d[\d_]*(?:,\d{3})*(?:\.\d+)?)(?P<unit>[km%]?)")
_SCALES: Final = {"": Decimal(1), "%": Decimal(1), "k": Decimal(1000), "m": Decimal(1000000)}


class Way(StrEnum):
    """How a change is meant."""

    ADD = "add"
    SET = "set"
    PERCENT = "percent"


@dataclass(frozen=True)
class Change:
    """A change that was read: ``+5%``, ``45``, ``+2@4500``."""

    way: Way
    amount: Decimal
    """In percent, or in what the driver is counted in."""
    each: Decimal | None = None
    """What one costs a month."""

    def applied(self, value: Decimal) -> Decimal:
        """The value once changed; not rounded."""
        if self.way is Way.PERCENT:
            return value * (1 + self.amount / 100)
        return value + self.amount if self.way is Way.ADD else self.amount


def parse_assumption(text: str, known_lines: Iterable[str]) -> ForecastAssumption:
    """Read ``DRIVER=CHANGE`` or ``DRIVER=CHANGE from MONTH``; ``known_lines`` are the lines of the forecast.

    Raises UnknownDriver, which names the nearest and lists all, and InvalidAssumption.
    """
    found = _PATTERN.fullmatch(text)
    if not found:
        raise InvalidAssumption(
            text, "write DRIVER=CHANGE, like 'revenue growth=+5%', 'dso=45' or 'capex=10000 from 2026-03'"
        )
    drivers = drivers_of(known_lines)
    driver = _named(found["driver"], drivers)
    change = found["change"].strip()
    read = read_change(change, text)
    _refuse(text, driver, read)
    return ForecastAssumption(
        driver=driver, change=change, start=found["start"] or "", text=_told(driver, read, found["start"])
    )


def drivers_of(known_lines: Iterable[str]) -> list[str]:
    """All that may be assumed of a forecast with these lines; lines that are nil so far are among it."""
    totals = {total for report in TOTALS.values() for total in report}
    figures = [row.line for row in BALANCE_SHEET.rows if row.kind is LineKind.FIGURE]
    lines = dict.fromkeys((*FLOWS, *figures, *known_lines))
    free = [line for line in lines if line not in totals and line not in _MADE]
    return [*(line + GROWTH for line in FLOWS), PRICE, HEADCOUNT, *DAYS, CAPEX, *free]


def _named(given: str, drivers: Iterable[str]) -> str:
    plain = " ".join(given.lower().replace("_", " ").split())
    plain = _ALIASES.get(plain, plain)
    names = {name.replace("_", " "): name for name in drivers}
    if plain in names:
        return names[plain]
    made = {name.replace("_", " "): why for name, why in _MADE.items()}
    if plain in made:
        raise InvalidAssumption(given, made[plain])
    if plain in {total.replace("_", " ") for report in TOTALS.values() for total in report}:
        raise InvalidAssumption(given, "it is a total; assume what it is made of")
    raise UnknownDriver(given, names.values())


def read_change(change: str, text: str = "") -> Change:
    """A change as it was written. Raises InvalidAssumption."""
    size, _, each = change.replace(" ", "").replace("−", "-").lower().partition("@")
    found, per = _AMOUNT.fullmatch(size), _AMOUNT.fullmatch(each) if each else None
    if not found or (each and (not per or per["sign"] or per["unit"] == "%")):
        raise InvalidAssumption(text or change, f"{change!r} is no figure like +5%, 45, -2000 or 10k")
    amount = _number(found)
    way = Way.PERCENT if found["unit"] == "%" else Way.ADD if found["sign"] else Way.SET
    return Change(way, amount, _number(per) if per else None)


def _number(found: re.Match[str]) -> Decimal:
    digits = found["number"].replace(",", "").replace("_", "")
    return Decimal((found["sign"] or "+") + digits) * _SCALES[found["unit"]]


def _refuse(text: str, driver: str, change: Change) -> None:
    """Raise InvalidAssumption where a change makes no sense for its driver."""
    percent, growth = change.way is Way.PERCENT, driver.endswith(GROWTH)
    signed = read_sign(text)
    why = ""
    if (growth or driver == PRICE) and not percent:
        why = f"{driver} is a percentage: {driver}=+5%"
    elif driver == HEADCOUNT and (change.each is None or change.way is not Way.ADD):
        why = (
            "the books tell neither how many people there are nor what one costs; say what one costs a month:"
            " headcount=+2@4500"
        )
    elif driver != HEADCOUNT and change.each is not None:
        why = "only headcount has a price (@)"
    elif percent and not growth and not signed:
        why = "say whether more or less: +5% or -5%"
    elif percent and change.amount < -100:
        why = "less than nothing would be left"
    elif driver in DAYS and change.way is Way.SET and change.amount > 730:
        why = "days outstanding of more than two years"
    if why:
        raise InvalidAssumption(text, why)


def read_sign(text: str) -> bool:
    """Whether the change has a sign of its own."""
    return text.partition("=")[2].strip()[:1] in ("+", "-", "−")


def _told(driver: str, change: Change, start: str | None) -> str:
    """What an assumption does, in words."""
    name, size = driver.replace("_", " "), f"{abs(change.amount):,f}"
    more = "more" if change.amount >= 0 else "less"
    if driver.endswith(GROWTH):
        line = name.removesuffix(GROWTH)
        said = f"{line} {size} % {more} than in the same month of the year before"
    elif driver == PRICE:
        said = f"prices {size} % {'up' if change.amount >= 0 else 'down'}: revenue changes, its cost does not"
    elif driver == HEADCOUNT:
        said = f"{size} people {more} at {change.each:,f} a month each, in operating expenses"
    elif change.way is Way.PERCENT:
        said = f"{name} {size} % {more} than forecast"
    elif driver in DAYS:
        said = (
            f"{DAYS[driver]} of {size} days"
            if change.way is Way.SET
            else f"{size} days {more} of {DAYS[driver]}"
        )
    elif change.way is Way.ADD:
        each = " a month" if driver in FLOWS or driver == CAPEX else ""
        said = f"{name} {size}{each} {more} than forecast"
    else:
        each = " a month" if driver in FLOWS or driver == CAPEX else ""
        said = f"{name} of {change.amount:,f}{each}"
    return f"{said}, from {start} on" if start else said
