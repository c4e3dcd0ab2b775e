"""Every figure that words may use: where it stands in the close, and how it is opened or recomputed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final
from urllib.parse import quote, unquote

from pydantic import Field

from abax.dates import Granularity
from abax.ledger.model import AGING_BUCKETS, AgedReport, ClosePackage, Forecast, Frozen
from abax.money import ZERO

OPENED: Final = (
    "income_statement",
    "balance_sheet",
    "cash_flow",
    "trial_balance",
    "aged_receivables",
    "aged_payables",
)
"""Reports whose figures ``abax explain`` opens."""
RATIOS: Final = "ratios"
FORECAST: Final = "forecast"
COMPUTED: Final = "computed"

PERCENT: Final = "%"
TIMES: Final = "x"
DAYS: Final = "days"
MONTHS: Final = "months"

_PLACES: Final = Decimal("0.0001")


class Figure(Frozen):
    """One number of a close: in a report, or computed from figures that are."""

    report: str
    """A report that opens, or ``ratios``, ``forecast``, ``computed``."""
    line: str
    period: str
    label: str
    value: Decimal
    unit: str
    """ISO 4217 code, ``%`` (5.5 is 5.5 %), ``x``, ``days`` or ``months``."""
    formula: str = ""
    """How it follows from ``of``: a key of FORMULAS. Empty for a figure that stands in the close."""
    of: list[list[str]] = Field(default_factory=list)
    """What it follows from: operands, each the sum of the figures at these paths."""

    @property
    def path(self) -> str:
        """``report/line/period``, as ``abax explain`` and the report's links take them."""
        return path_of(self.report, self.line, self.period)

    @property
    def opens(self) -> list[str]:
        """The paths that open down to journal lines: its own, or those of the figures behind it."""
        own = [self.path] if self.report in OPENED else []
        return own or [path for paths in self.of for path in paths if path.partition("/")[0] in OPENED]


def path_of(report: str, line: str, period: str) -> str:
    """The three names as one path; a partner's name may hold anything."""
    return "/".join(quote(part, safe="") for part in (report, line, period))


def change(new: Decimal, old: Decimal) -> Decimal:
    """How much ``new`` is above ``old``, in percent of the size of ``old``, which is not zero."""
    return ((new - old) / abs(old) * 100).quantize(_PLACES)


BEYOND: Final = Decimal(1000)
"""Percent from which on a change says less than what it is from and to: the base was small."""


def share(part: Decimal, whole: Decimal) -> Decimal:
    """``part`` in percent of ``whole``, which is not zero."""
    return (part / whole * 100).quantize(_PLACES)


def difference(new: Decimal, old: Decimal) -> Decimal:
    """``new`` less ``old``."""
    return new - old


def growth(new: Decimal, old: Decimal) -> Decimal:
    """``new`` less ``old`` in size, whatever their sign: costs are negative and may grow."""
    return abs(new) - abs(old)


def itself(value: Decimal) -> Decimal:
    """The one operand, which is a sum already."""
    return value


FORMULAS: Final[dict[str, Callable[..., Decimal]]] = {
    "change": change,
    "share": share,
    "difference": difference,
    "growth": growth,
    "sum": itself,
}

RATIO_LINES: Final = {
    "current_ratio": "balance_sheet: current_assets current_liabilities",
    "quick_ratio": "balance_sheet: current_assets inventory prepayments current_liabilities",
    "cash_ratio": "balance_sheet: cash current_liabilities",
    "working_capital_to_revenue": "balance_sheet: current_assets current_liabilities",
    "debt_to_equity": "balance_sheet: credit_cards short_term_debt long_term_debt total_equity",
    "liabilities_to_assets": "balance_sheet: total_liabilities total_assets",
    "equity_ratio": "balance_sheet: total_equity total_assets",
    "interest_coverage": "income_statement: ebit interest_expense",
    "net_debt_to_ebitda": "balance_sheet: credit_cards short_term_debt long_term_debt cash",
    "gross_margin": "income_statement: gross_profit revenue",
    "ebitda_margin": "income_statement: ebitda revenue",
    "ebit_margin": "income_statement: ebit revenue",
    "net_margin": "income_statement: net_result revenue",
    "return_on_assets": "balance_sheet: total_assets",
    "return_on_equity": "balance_sheet: total_equity",
    "return_on_capital_employed": "income_statement: ebit",
    "asset_turnover": "balance_sheet: total_assets",
    "fixed_asset_turnover": "balance_sheet: fixed_assets",
    "receivables_turnover": "balance_sheet: receivables",
    "payables_turnover": "balance_sheet: payables",
    "inventory_turnover": "balance_sheet: inventory",
    "days_sales_outstanding": "balance_sheet: receivables",
    "days_inventory_outstanding": "balance_sheet: inventory",
    "days_payables_outstanding": "balance_sheet: payables",
    "cash_conversion_cycle": "balance_sheet: receivables inventory payables",
}
"""The lines of one statement that open a ratio, as far as the close shows them."""


class Figures:
    """All figures of one close, by path."""

    def __init__(self, package: ClosePackage, forecast: Forecast | None = None) -> None:
        self.package = package
        self.forecast = forecast
        self.currency = package.company.currency
        self._shown = {
            path_of(statement.report, row.line, column.label)
            for statement in package.statements
            for row in statement.lines
            for column in statement.periods
        }
        self._known = {figure.path: figure for figure in self._all()}

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._known.values())

    def get(self, path: str) -> Figure | None:
        """The figure at ``path``."""
        return self._known.get(path)

    def find(self, report: str, line: str, period: str) -> Figure | None:
        """The figure of that report, line and period."""
        return self._known.get(path_of(report, line, period))

    def compute(self, formula: str, label: str, unit: str, *of: Figure) -> Figure:
        """A figure computed from others, which stand in the close or are sums of such."""
        first = of[0]
        return Figure(
            report=COMPUTED,
            line=f"{formula}_of_{first.line}",
            period=first.period,
            label=label,
            value=FORMULAS[formula](*(figure.value for figure in of)),
            unit=unit,
            formula=formula,
            of=[figure.of[0] if figure.formula == "sum" else [figure.path] for figure in of],
        )

    def sum(self, label: str, period: str, *of: Figure) -> Figure:
        """The sum of figures of one unit that stand in the close."""
        return Figure(
            report=COMPUTED,
            line=f"sum_of_{of[0].line}",
            period=period,
            label=label,
            value=sum((figure.value for figure in of), ZERO),
            unit=of[0].unit,
            formula="sum",
            of=[[figure.path for figure in of]],
        )

    def holds(self, figure: Figure) -> bool:
        """Whether the close has this very figure, or it follows from figures that the close has."""
        if not figure.formula:
            known = self.get(figure.path)
            return known is not None and (known.value, known.unit) == (figure.value, figure.unit)
        return figure.formula in FORMULAS and bool(figure.of) and self._follows(figure)

    def _follows(self, figure: Figure) -> bool:
        operands = [[self.get(path) for path in paths] for paths in figure.of]
        if any(one is None for operand in operands for one in operand):
            return False
        values = [sum((one.value for one in operand if one), ZERO) for operand in operands]
        return all(values[1:]) and FORMULAS[figure.formula](*values) == figure.value

    # --- what there is

    def _all(self) -> Iterator[Figure]:
        yield from self._statements()
        yield from self._accounts()
        for report in self.package.aged:
            yield from self._aged(report)
        yield from self._ratios()
        yield from self._forecast()

    def _statements(self) -> Iterator[Figure]:
        for statement in self.package.statements:
            for row in statement.lines:
                for column, value in zip(statement.periods, row.values, strict=True):
                    yield self._money(statement.report, row.line, column.label, row.label, value)

    def _accounts(self) -> Iterator[Figure]:
        for balance in self.package.trial_balances:
            for row in balance.rows:
                yield self._money("trial_balance", row.code, str(balance.year), row.name, row.closing)

    def _aged(self, report: AgedReport) -> Iterator[Figure]:
        day, side = report.as_of.isoformat(), report.report.removeprefix("aged_")
        for partner in report.partners:
            yield self._money(report.report, partner.partner, day, partner.partner, partner.total)
        for bucket, value in zip(AGING_BUCKETS, report.buckets, strict=True):
            yield self._money(report.report, bucket, day, f"{side}, {bucket}", value)
        yield self._money(report.report, "total", day, f"open {side}", report.total)

    def _ratios(self) -> Iterator[Figure]:
        for ratio in self.package.ratios:
            for year, value in ratio.values.items():
                if value is not None:
                    yield Figure(
                        report=RATIOS,
                        line=ratio.ratio,
                        period=year,
                        label=ratio.label,
                        value=value,
                        unit=ratio.unit,
                        of=[[path] for path in self._behind(ratio.ratio, year)],
                    )

    def _behind(self, ratio: str, year: str) -> list[str]:
        report, _, lines = RATIO_LINES.get(ratio, ": ").partition(": ")
        paths = [path_of(report, line, year) for line in lines.split()]
        return [path for path in paths if path in self._shown]

    def _forecast(self) -> Iterator[Figure]:
        for line in self.forecast.lines if self.forecast else ():
            for point in line.points:
                yield self._money(FORECAST, line.line, point.label, f"{line.label}, forecast", point.value)

    def _money(self, report: str, line: str, period: str, label: str, value: Decimal) -> Figure:
        return Figure.model_construct(
            report=report,
            line=line,
            period=period,
            label=label,
            value=value,
            unit=self.currency,
            formula="",
            of=[],
        )

    # --- periods

    @property
    def years(self) -> list[str]:
        """Fiscal years shown, oldest first."""
        return [column.label for column in self.package.statement("income_statement", "year").periods]

    def labels(self, granularity: Granularity) -> list[str]:
        """Periods of that kind, oldest first."""
        return [c.label for c in self.package.statement("income_statement", granularity).periods]

    @property
    def unfinished(self) -> bool:
        """Whether the closed year stops before its end."""
        return self.package.as_of < self.package.company.calendar.end_of(self.package.year)


def names_of(path: str) -> tuple[str, str, str]:
    """Report, line and period of a path."""
    report, line, period = (unquote(part) for part in path.split("/"))
    return report, line, period
