"""The ratios that analysts read books by. A ratio without a meaningful denominator is nothing, not zero."""

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
_HUNDRED: Final = Decimal(100)


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


Formula = Callable[[Facts], Decimal | None]


@dataclass(frozen=True)
class Definition:
    """A ratio, and how it is computed; ``formula`` is the same in words."""

    ratio: str
    label: str
    unit: str
    formula: str
    compute: Formula


def ratios(ledger: Ledger, balances: Balances, coverage: Coverage) -> list[Ratio]:
    """Every ratio for every fiscal year covered, rounded to four decimals; percentages are in percent."""
    years = [year for year in range(coverage.first_year, coverage.last_year + 1) if year in ledger.years]
    facts = {str(year): Facts(ledger, balances, coverage, year) for year in years}
    partial = [year for year, own in facts.items() if own.days < own.year_days]
    note = "".join(f"; flows of {year} annualised from {facts[year].days} days" for year in partial)
    return [
        Ratio(
            ratio=own.ratio,
            label=own.label,
            group=group,
            unit=own.unit,
            formula=own.formula + (note if "annual" in own.formula else ""),
            values={year: _rounded(own.compute(known)) for year, known in facts.items()},
        )
        for group, definitions in DEFINITIONS.items()
        for own in definitions
    ]


def _year(ledger: Ledger, year: int) -> Period:
    return ledger.calendar.periods(year, Granularity.YEAR)[0]


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_PLACES) + 0  # never minus zero


def _over(top: Decimal, bottom: Decimal) -> Decimal | None:
    return top / bottom if bottom else None


def _over_positive(top: Decimal, bottom: Decimal) -> Decimal | None:
    """For denominators that mean nothing below zero, such as equity that losses have used up."""
    return top / bottom if bottom > 0 else None


def _percent(value: Decimal | None) -> Decimal | None:
    return None if value is None else value * _HUNDRED


def _margin(line: str) -> Formula:
    return lambda f: _percent(_over(f.flow(line), f.flow("revenue")))


def _debt(f: Facts) -> Decimal:
    return f.closing("credit_cards", "short_term_debt", "long_term_debt")


def _quick_assets(f: Facts) -> Decimal:
    return f.closing("current_assets") - f.closing("inventory", "prepayments")


def _days(position: str, flow: str, sign: int) -> Formula:
    def compute(f: Facts) -> Decimal | None:
        share = _over(f.average(position), sign * f.flow(flow))
        return None if share is None else share * f.days

    return compute


_DSO: Final = _days("receivables", "revenue", 1)
_DIO: Final = _days("inventory", "cost_of_sales", -1)
_DPO: Final = _days("payables", "cost_of_sales", -1)


def _cash_conversion(f: Facts) -> Decimal | None:
    sales, stock, purchases = _DSO(f), _DIO(f), _DPO(f)
    return None if sales is None or stock is None or purchases is None else sales + stock - purchases


_R = Definition
DEFINITIONS: Final[dict[str, tuple[Definition, ...]]] = {
    "liquidity": (
        _R("current_ratio", "Current ratio", "x", "current assets / current liabilities",
           lambda f: _over(f.closing("current_assets"), f.closing("current_liabilities"))),
        _R("quick_ratio", "Quick ratio", "x", "(current assets - inventory - prepayments) / current liabilities",
           lambda f: _over(_quick_assets(f), f.closing("current_liabilities"))),
        _R("cash_ratio", "Cash ratio", "x", "cash / current liabilities",
           lambda f: _over(f.closing("cash"), f.closing("current_liabilities"))),
        _R("working_capital_to_revenue", "Working capital to revenue", "%",
           "(current assets - current liabilities) / annual revenue",
           lambda f: _percent(_over(f.closing("current_assets") - f.closing("current_liabilities"),
                                    f.annual("revenue")))),
    ),
    "leverage": (
        _R("debt_to_equity", "Debt to equity", "x",
           "(credit cards + short-term debt + long-term debt) / equity, where equity is positive",
           lambda f: _over_positive(_debt(f), f.closing("total_equity"))),
        _R("liabilities_to_assets", "Liabilities to assets", "%", "total liabilities / total assets",
           lambda f: _percent(_over(f.closing("total_liabilities"), f.closing("total_assets")))),
        _R("equity_ratio", "Equity ratio", "%", "total equity / total assets",
           lambda f: _percent(_over(f.closing("total_equity"), f.closing("total_assets")))),
        _R("interest_coverage", "Interest coverage", "x", "EBIT / interest expense",
           lambda f: _over(f.flow("ebit"), -f.flow("interest_expense"))),
        _R("net_debt_to_ebitda", "Net debt to EBITDA", "x",
           "(debt - cash) / annual EBITDA, where EBITDA is positive",
           lambda f: _over_positive(_debt(f) - f.closing("cash"), f.annual("ebitda"))),
    ),
    "profitability": (
        _R("gross_margin", "Gross margin", "%", "gross profit / revenue", _margin("gross_profit")),
        _R("ebitda_margin", "EBITDA margin", "%", "EBITDA / revenue", _margin("ebitda")),
        _R("ebit_margin", "EBIT margin", "%", "EBIT / revenue", _margin("ebit")),
        _R("net_margin", "Net margin", "%", "net result / revenue", _margin("net_result")),
        _R("return_on_assets", "Return on assets", "%", "annual net result / average total assets",
           lambda f: _percent(_over(f.annual("net_result"), f.average("total_assets")))),
        _R("return_on_equity", "Return on equity", "%",
           "annual net result / average equity, where that is positive",
           lambda f: _percent(_over_positive(f.annual("net_result"), f.average("total_equity")))),
        _R("return_on_capital_employed", "Return on capital employed", "%",
           "annual EBIT / average (equity + non-current liabilities), where that is positive",
           lambda f: _percent(_over_positive(f.annual("ebit"), f.average("total_equity", "non_current_liabilities")))),
    ),
    "efficiency": (
        _R("asset_turnover", "Asset turnover", "x", "annual revenue / average total assets",
           lambda f: _over(f.annual("revenue"), f.average("total_assets"))),
        _R("fixed_asset_turnover", "Fixed-asset turnover", "x", "annual revenue / average fixed assets",
           lambda f: _over(f.annual("revenue"), f.average("fixed_assets"))),
        _R("receivables_turnover", "Receivables turnover", "x", "annual revenue / average trade receivables",
           lambda f: _over(f.annual("revenue"), f.average("receivables"))),
        _R("payables_turnover", "Payables turnover", "x", "annual cost of sales / average trade payables",
           lambda f: _over(-f.annual("cost_of_sales"), f.average("payables"))),
        _R("inventory_turnover", "Inventory turnover", "x", "annual cost of sales / average inventory",
           lambda f: _over(-f.annual("cost_of_sales"), f.average("inventory"))),
    ),
    "cash cycle": (
        _R("days_sales_outstanding", "Days sales outstanding", "days",
           "average trade receivables / revenue × days covered", _DSO),
        _R("days_inventory_outstanding", "Days inventory outstanding", "days",
           "average inventory / cost of sales × days covered", _DIO),
        _R("days_payables_outstanding", "Days payables outstanding", "days",
           "average trade payables / cost of sales × days covered", _DPO),
        _R("cash_conversion_cycle", "Cash conversion cycle", "days",
           "days sales outstanding + days inventory outstanding - days payables outstanding", _cash_conversion),
    ),
}  # fmt: skip
"""By group, in the order in which reports show them. An average is that of the balances at the beginning and
the end of the year; in the first year of the books, which has no beginning, it is the balance at the end."""
