"""The ratios that analysts read books by. A ratio without a positive denominator is nothing, not zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.dates import Granularity, Period
from abax.ledger.model import Ratio
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT, Balances, Coverage
from abax.ledger.store import Ledger

_FLOWS: Final = {row.line: row for row in INCOME_STATEMENT.rows}
_POSITIONS: Final = {row.line: row for row in BALANCE_SHEET.rows}
_PLACES: Final = Decimal("0.0001")


class Facts:
    """One fiscal year's figures, as the ratios need them."""

    def __init__(self, ledger: Ledger, balances: Balances, coverage: Coverage, year: int) -> None:
        self._balances = balances
        self._year = _year(ledger, year)
        self._before = _year(ledger, year - 1) if ledger.years[0] < year else None
        covered = min(self._year.end, coverage.as_of)
        self.days = Decimal((covered - self._year.start).days + 1)
        self.year_days = Decimal((self._year.end - self._year.start).days + 1)

    def flow(self, *lines: str) -> Decimal:
        """The sum of income-statement lines over the days covered, signed as the statement is."""
        return sum((self._balances.value(_FLOWS[line], self._year) for line in lines), Decimal(0))

    def annual(self, line: str) -> Decimal:
        """An income-statement line scaled from the days covered to the whole year."""
        return self.flow(line) * self.year_days / self.days

    def closing(self, *lines: str) -> Decimal:
        """The sum of balance-sheet lines at the end."""
        return self._at(self._year, lines)

    def average(self, *lines: str) -> Decimal:
        """The mean of the balances at the beginning and at the end; in the books' first year the latter."""
        closing = self.closing(*lines)
        return closing if self._before is None else (self._at(self._before, lines) + closing) / 2

    def _at(self, period: Period, lines: tuple[str, ...]) -> Decimal:
        return sum((self._balances.value(_POSITIONS[line], period) for line in lines), Decimal(0))


Quantity = Callable[[Facts], Decimal]


@dataclass(frozen=True)
class Definition:
    """A ratio: ``top`` over ``bottom``; ``formula`` is the same in words."""

    ratio: str
    label: str
    unit: str
    formula: str
    top: Quantity
    bottom: Quantity

    def value(self, facts: Facts) -> Decimal | None:
        """The ratio of one year, in its unit. Below zero a denominator means as little as at zero: a loss
        over equity that losses have used up would read as a gain."""
        bottom = self.bottom(facts)
        if bottom <= 0:
            return None
        scale = {"x": Decimal(1), "%": Decimal(100), "days": facts.days}[self.unit]
        return self.top(facts) * scale / bottom


def ratios(ledger: Ledger, balances: Balances, coverage: Coverage) -> list[Ratio]:
    """Every ratio for every fiscal year covered, rounded to four decimals; percentages are in percent."""
    years = [year for year in range(coverage.first_year, coverage.last_year + 1) if year in ledger.years]
    facts = {str(year): Facts(ledger, balances, coverage, year) for year in years}
    partial = [year for year, own in facts.items() if own.days < own.year_days]
    note = "".join(f"; flows of {year} annualised from {facts[year].days} days" for year in partial)
    found = [
        Ratio(
            ratio=own.ratio,
            label=own.label,
            group=group,
            unit=own.unit,
            formula=own.formula + (note if "annual" in own.formula else ""),
            values={year: _rounded(own.value(known)) for year, known in facts.items()},
        )
        for group, definitions in DEFINITIONS.items()
        for own in definitions
    ]
    return [*found, _cash_conversion_cycle({ratio.ratio: ratio.values for ratio in found})]


def _cash_conversion_cycle(known: dict[str, dict[str, Decimal | None]]) -> Ratio:
    sales, stock, purchases = (
        known[f"days_{kind}_outstanding"] for kind in ("sales", "inventory", "payables")
    )
    return Ratio(
        ratio="cash_conversion_cycle",
        label="Cash conversion cycle",
        group="cash cycle",
        unit="days",
        formula="days sales outstanding + days inventory outstanding - days payables outstanding",
        values={year: _cycle(sales[year], stock[year], purchases[year]) for year in sales},
    )


def _cycle(sales: Decimal | None, stock: Decimal | None, purchases: Decimal | None) -> Decimal | None:
    return None if sales is None or stock is None or purchases is None else sales + stock - purchases


def _year(ledger: Ledger, year: int) -> Period:
    return ledger.calendar.periods(year, Granularity.YEAR)[0]


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_PLACES) + 0  # never minus zero


def _flow(line: str) -> Quantity:
    return lambda facts: facts.flow(line)


def _annual(line: str) -> Quantity:
    return lambda facts: facts.annual(line)


def _closing(*lines: str) -> Quantity:
    return lambda facts: facts.closing(*lines)


def _average(*lines: str) -> Quantity:
    return lambda facts: facts.average(*lines)


def _less(one: Quantity, other: Quantity) -> Quantity:
    return lambda facts: one(facts) - other(facts)


def _minus(quantity: Quantity) -> Quantity:
    """Costs are negative in the income statement, positive in a ratio."""
    return lambda facts: -quantity(facts)


_DEBT: Final = _closing("credit_cards", "short_term_debt", "long_term_debt")
_WORKING_CAPITAL: Final = _less(_closing("current_assets"), _closing("current_liabilities"))
_QUICK_ASSETS: Final = _less(_closing("current_assets"), _closing("inventory", "prepayments"))

DEFINITIONS: Final[dict[str, tuple[Definition, ...]]] = {
    "liquidity": (
        Definition(
            "current_ratio",
            "Current ratio",
            "x",
            "current assets / current liabilities",
            _closing("current_assets"),
            _closing("current_liabilities"),
        ),
        Definition(
            "quick_ratio",
            "Quick ratio",
            "x",
            "(current assets - inventory - prepayments) / current liabilities",
            _QUICK_ASSETS,
            _closing("current_liabilities"),
        ),
        Definition(
            "cash_ratio",
            "Cash ratio",
            "x",
            "cash / current liabilities",
            _closing("cash"),
            _closing("current_liabilities"),
        ),
        Definition(
            "working_capital_to_revenue",
            "Working capital to revenue",
            "%",
            "(current assets - current liabilities) / annual revenue",
            _WORKING_CAPITAL,
            _annual("revenue"),
        ),
    ),
    "leverage": (
        Definition(
            "debt_to_equity",
            "Debt to equity",
            "x",
            "(credit cards + short-term debt + long-term debt) / equity",
            _DEBT,
            _closing("total_equity"),
        ),
        Definition(
            "liabilities_to_assets",
            "Liabilities to assets",
            "%",
            "total liabilities / total assets",
            _closing("total_liabilities"),
            _closing("total_assets"),
        ),
        Definition(
            "equity_ratio",
            "Equity ratio",
            "%",
            "total equity / total assets",
            _closing("total_equity"),
            _closing("total_assets"),
        ),
        Definition(
            "interest_coverage",
            "Interest coverage",
            "x",
            "EBIT / interest expense",
            _flow("ebit"),
            _minus(_flow("interest_expense")),
        ),
        Definition(
            "net_debt_to_ebitda",
            "Net debt to EBITDA",
            "x",
            "(debt - cash) / annual EBITDA",
            _less(_DEBT, _closing("cash")),
            _annual("ebitda"),
        ),
    ),
    "profitability": (
        Definition(
            "gross_margin",
            "Gross margin",
            "%",
            "gross profit / revenue",
            _flow("gross_profit"),
            _flow("revenue"),
        ),
        Definition(
            "ebitda_margin", "EBITDA margin", "%", "EBITDA / revenue", _flow("ebitda"), _flow("revenue")
        ),
        Definition("ebit_margin", "EBIT margin", "%", "EBIT / revenue", _flow("ebit"), _flow("revenue")),
        Definition(
            "net_margin", "Net margin", "%", "net result / revenue", _flow("net_result"), _flow("revenue")
        ),
        Definition(
            "return_on_assets",
            "Return on assets",
            "%",
            "annual net result / average total assets",
            _annual("net_result"),
            _average("total_assets"),
        ),
        Definition(
            "return_on_equity",
            "Return on equity",
            "%",
            "annual net result / average equity",
            _annual("net_result"),
            _average("total_equity"),
        ),
        Definition(
            "return_on_capital_employed",
            "Return on capital employed",
            "%",
            "annual EBIT / average (equity + non-current liabilities)",
            _annual("ebit"),
            _average("total_equity", "non_current_liabilities"),
        ),
    ),
    "efficiency": (
        Definition(
            "asset_turnover",
            "Asset turnover",
            "x",
            "annual revenue / average total assets",
            _annual("revenue"),
            _average("total_assets"),
        ),
        Definition(
            "fixed_asset_turnover",
            "Fixed-asset turnover",
            "x",
            "annual revenue / average fixed assets",
            _annual("revenue"),
            _average("fixed_assets"),
        ),
        Definition(
            "receivables_turnover",
            "Receivables turnover",
            "x",
            "annual revenue / average trade receivables",
            _annual("revenue"),
            _average("receivables"),
        ),
        Definition(
            "payables_turnover",
            "Payables turnover",
            "x",
            "annual cost of sales / average trade payables",
            _minus(_annual("cost_of_sales")),
            _average("payables"),
        ),
        Definition(
            "inventory_turnover",
            "Inventory turnover",
            "x",
            "annual cost of sales / average inventory",
            _minus(_annual("cost_of_sales")),
            _average("inventory"),
        ),
    ),
    "cash cycle": (
        Definition(
            "days_sales_outstanding",
            "Days sales outstanding",
            "days",
            "average trade receivables / revenue × days covered",
            _average("receivables"),
            _flow("revenue"),
        ),
        Definition(
            "days_inventory_outstanding",
            "Days inventory outstanding",
            "days",
            "average inventory / cost of sales × days covered",
            _average("inventory"),
            _minus(_flow("cost_of_sales")),
        ),
        Definition(
            "days_payables_outstanding",
            "Days payables outstanding",
            "days",
            "average trade payables / cost of sales × days covered",
            _average("payables"),
            _minus(_flow("cost_of_sales")),
        ),
    ),
}
"""By group, in the order in which reports show them; the cash conversion cycle follows from the last three.
An average is that of the balances at the beginning and the end of the year; in the first year of the books,
which has no beginning, it is the balance at the end."""
