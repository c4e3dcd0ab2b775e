"""A forecast of the golden books with all that a forecast may tell, by plain arithmetic instead of methods:
figures that never change, and statements that add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from abax.dates import Granularity, Period
from abax.forecast.series import components, months_after
from abax.ledger.model import (
    BridgeStep,
    Check,
    ClosePackage,
    Column,
    Forecast,
    ForecastAlert,
    ForecastAssumption,
    ForecastDriver,
    ForecastLine,
    ForecastPoint,
    ForecastScore,
    ForecastTest,
    LineKind,
    Statement,
    StatementLine,
)

from tests.golden.books import AS_OF

MONTHS = 12
GROWTH = {
    "revenue": "1.06",
    "cost_of_sales": "1.05",
    "operating_expenses": "1.03",
    "interest_expense": "0.87",
}
SPREAD = {"revenue": 700, "cost_of_sales": 300, "operating_expenses": 260, "cash": 2400}
FLOOR = Decimal(52000)


def golden_outlook(package: ClosePackage) -> Forecast:
    """Twelve months beyond the golden close."""
    months = months_after(package.company.calendar, AS_OF, MONTHS)
    result = _income_statement(package, months)
    flow = _cash_flow(package, result)
    position = _balance_sheet(package, result, flow)
    known = _known(package)
    ahead = {row.line: row.values for row in result.lines} | {"cash": position.row("cash").values}
    labels = {row.line: row.label for row in result.lines} | {"cash": "Cash"}
    lines = [_line(name, labels[name], known[name], ahead[name], months) for name in labels]
    return Forecast(
        currency="EUR",
        horizon=MONTHS,
        level=0.8,
        outer_level=0.95,
        history_end=AS_OF,
        lines=lines,
        notes=["2026-10 is unfinished and left out of the history"],
        statements=[result, position, flow],
        checks=[
            Check(check=name, label=words, passed=True, difference=Decimal(0), detail="")
            for name, words in (
                ("sums", "forecast lines add up to their totals"),
                ("balance", "assets = liabilities + equity in every month ahead"),
                ("cash_flow", "the cash flow ahead equals the change in cash"),
            )
        ],
        assumptions=[
            ForecastAssumption(
                driver="revenue", change="+6%", text="revenue is 6 % above what its own history says"
            ),
            ForecastAssumption(
                driver="dso", change="60", start="2027-01", text="customers pay after 60 days from then on"
            ),
        ],
        bridge=_bridge(result, known),
        alerts=[
            ForecastAlert(
                alert="cash_floor",
                label="Cash below its floor",
                month="2026-11",
                limit=FLOOR,
                value=ahead["cash"][1],
                probability=0.31,
            )
        ],
    )


def bare(forecast: Forecast) -> Forecast:
    """As forecasts were before they told more than lines and their errors."""
    told = {"scores": [], "tested": [], "drivers": [], "history": []}
    empty = {"statements": [], "checks": [], "assumptions": [], "bridge": [], "alerts": []}
    lines = [
        line.model_copy(
            update={
                **told,
                "points": [p.model_copy(update={"lowest": None, "highest": None}) for p in line.points],
            }
        )
        for line in forecast.lines
    ]
    return forecast.model_copy(update={**empty, "lines": lines})


def _known(package: ClosePackage) -> dict[str, list[Decimal]]:
    """All complete months by line."""
    result = package.statement("income_statement", Granularity.MONTH)
    cash = package.statement("balance_sheet", Granularity.MONTH).row("cash")
    return {row.line: row.values for row in [*result.lines, cash]}


def _income_statement(package: ClosePackage, months: Sequence[Period]) -> Statement:
    """Last year's months, grown."""
    statement = package.statement("income_statement", Granularity.MONTH)
    values: dict[str, list[Decimal]] = {}
    for row in statement.lines:
        parts = components(statement, row)
        if parts:
            columns = zip(*(values[part] for part in parts), strict=True)
            values[row.line] = [sum(column, Decimal(0)) for column in columns]
        else:
            factor = Decimal(GROWTH.get(row.line, "1"))
            values[row.line] = [_cents(value * factor) for value in row.values[-12:]]
    return _statement(statement, [(row, values[row.line]) for row in statement.lines], months)


def _cash_flow(package: ClosePackage, result: Statement) -> Statement:
    """Customers' and suppliers' open amounts swing a little with revenue; debt is paid back."""
    template = package.statement("cash_flow", Granularity.MONTH)
    revenue = result.row("revenue").values
    net, zero = result.row("net_result").values, [Decimal(0)] * MONTHS
    steps = [now - before for before, now in zip([revenue[0], *revenue], revenue, strict=False)]
    values = {
        "net_result": net,
        "depreciation": [-value for value in result.row("depreciation").values],
        "change_in_receivables": [_cents(step * Decimal("-1.4")) for step in steps],
        "change_in_payables": [_cents(step * Decimal("0.4")) for step in steps],
        "investment_in_fixed_assets": [
            Decimal(-900) if place == 5 else Decimal(0) for place in range(MONTHS)
        ],
        "change_in_long_term_debt": [Decimal(-400)] * MONTHS,
    }
    groups = {
        "operating_cash_flow": ("net_result", "depreciation", "change_in_receivables", "change_in_payables"),
        "investing_cash_flow": ("investment_in_fixed_assets",),
        "financing_cash_flow": ("change_in_long_term_debt",),
    }
    for name, parts in groups.items():
        values[name] = [sum(column) for column in zip(*(values[part] for part in parts), strict=True)]
    values["net_change_in_cash"] = [
        sum(column) for column in zip(*(values[name] for name in groups), strict=True)
    ]
    opening = package.statement("balance_sheet", Granularity.MONTH).row("cash").values[-1]
    closing = list(accumulate(values["net_change_in_cash"], initial=opening))
    values |= {"opening_cash": closing[:-1], "closing_cash": closing[1:]}
    rows = [(row, values.get(row.line, zero)) for row in template.lines]
    return _statement(template, rows, result.periods)


def _balance_sheet(package: ClosePackage, result: Statement, flow: Statement) -> Statement:
    """Rolled forward from the close by the cash flow."""
    template = package.statement("balance_sheet", Granularity.MONTH)

    def rolled(line: str, *changes: Sequence[Decimal]) -> list[Decimal]:
        moved = [sum(column) for column in zip(*changes, strict=True)]
        return list(accumulate(moved, initial=template.row(line).values[-1]))[1:]

    def less(line: str) -> list[Decimal]:
        return [-value for value in flow.row(line).values]

    own = {
        "cash": flow.row("closing_cash").values,
        "receivables": rolled("receivables", less("change_in_receivables")),
        "fixed_assets": rolled("fixed_assets", less("depreciation"), less("investment_in_fixed_assets")),
        "payables": rolled("payables", flow.row("change_in_payables").values),
        "long_term_debt": rolled("long_term_debt", flow.row("change_in_long_term_debt").values),
        "current_year_result": rolled("current_year_result", result.row("net_result").values),
    }
    for row in template.lines:
        if row.kind is LineKind.FIGURE and row.line not in own:
            own[row.line] = [row.values[-1]] * MONTHS
    groups = {
        "current_assets": ("cash", "receivables"),
        "non_current_assets": ("fixed_assets",),
        "total_assets": ("current_assets", "non_current_assets"),
        "current_liabilities": ("payables",),
        "non_current_liabilities": ("long_term_debt",),
        "total_liabilities": ("current_liabilities", "non_current_liabilities"),
        "total_equity": ("equity", "retained_earnings", "current_year_result"),
        "total_liabilities_and_equity": ("total_liabilities", "total_equity"),
    }
    for name, parts in groups.items():
        own[name] = [sum(column) for column in zip(*(own[part] for part in parts), strict=True)]
    return _statement(template, [(row, own[row.line]) for row in template.lines], result.periods)


def _statement(
    like: Statement, rows: Sequence[tuple[StatementLine, list[Decimal]]], months: Sequence[Period | Column]
) -> Statement:
    columns = [
        month
        if isinstance(month, Column)
        else Column(label=month.label, start=month.start, end=month.end, fiscal_year=month.year)
        for month in months
    ]
    lines = [row.model_copy(update={"values": list(values)}) for row, values in rows]
    return like.model_copy(update={"periods": columns, "lines": lines})


def _line(
    name: str, label: str, known: Sequence[Decimal], ahead: Sequence[Decimal], months: Sequence[Period]
) -> ForecastLine:
    spread = Decimal(SPREAD.get(name, 500))
    points = []
    for place, (value, month) in enumerate(zip(ahead, months, strict=True)):
        reach = _cents(spread * (1 + place * Decimal("0.12")))
        wide = _cents(reach * Decimal("1.55"))
        points.append(
            ForecastPoint(
                label=month.label,
                value=value,
                low=value - reach,
                high=value + reach,
                lowest=value - wide,
                highest=value + wide,
            )
        )
    told = _scores(name)
    return ForecastLine(
        line=name,
        label=label,
        method=told[0].label,
        points=points,
        mase=told[0].mase,
        naive_mase=next(one.mase for one in told if one.method == "seasonal_naive"),
        coverage=told[0].coverage,
        note="nothing beat seasonal naive in the backtest" if told[0].method == "seasonal_naive" else "",
        scores=told,
        tested=_tested(known, spread, months),
        drivers=_drivers(name, known),
        history=list(known),
    )


def _scores(name: str) -> list[ForecastScore]:
    naive = ForecastScore(
        method="seasonal_naive", label="Seasonal naive", mase=1.0, smape=9.4, bias=0.031, coverage=0.75
    )
    if name == "interest_expense":
        return [naive.model_copy(update={"weight": 1.0, "mase": 0.64}), _score("theta", "Theta", "0.71")]
    beaten = _score("ets", "Damped trend", "0.58" if name == "revenue" else "0.77")
    chosen = _score("theta", "Theta, deseasonalised", "0.42" if name == "revenue" else "0.61", 1.0)
    untried = ForecastScore(
        method="prophet",
        label="Prophet",
        mase=None,
        smape=None,
        bias=None,
        coverage=None,
        note="not installed",
    )
    return [chosen, beaten, naive, untried]


def _score(method: str, label: str, mase: str, weight: float = 0.0) -> ForecastScore:
    error = float(mase)
    return ForecastScore(
        method=method,
        label=label,
        mase=error,
        smape=round(error * 9.4, 1),
        bias=-0.012,
        coverage=0.833,
        weight=weight,
    )


def _tested(known: Sequence[Decimal], spread: Decimal, months: Sequence[Period]) -> list[ForecastTest]:
    """The last twelve months as the twelve before them, a little grown; every fifth is far off."""
    found = []
    for place, (actual, before) in enumerate(zip(known[-12:], known[-24:-12], strict=True)):
        value = _cents(before * Decimal("1.04"))
        reach = _cents(spread * (Decimal("0.2") if place % 5 == 3 else 1 + place * Decimal("0.1")))
        year, number = (2025, 10 + place) if place < 3 else (2026, place - 2)
        found.append(
            ForecastTest(
                label=f"{year}-{number:02d}",
                ahead=place + 1,
                actual=actual,
                value=value,
                low=value - reach,
                high=value + reach,
            )
        )
    return found


def _drivers(name: str, known: Sequence[Decimal]) -> list[ForecastDriver]:
    level = sum(known[-12:], Decimal(0)) / 12
    if name == "cost_of_sales":
        return [
            ForecastDriver(
                driver="revenue",
                label="Revenue",
                value=Decimal("-41"),
                unit="percent",
                text="follows revenue",
            )
        ]
    if name not in ("revenue", "cash"):
        return []
    return [
        ForecastDriver(driver="level", label="Level", value=_cents(level), unit="currency", text="a month"),
        ForecastDriver(driver="trend", label="Trend", value=Decimal("5.8"), unit="percent", text="a year"),
        ForecastDriver(
            driver="season", label="Season", value=Decimal("1.14"), unit="times", text="at most, in November"
        ),
    ]


def _bridge(result: Statement, known: dict[str, list[Decimal]]) -> list[BridgeStep]:
    old, new = sum(known["net_result"][-12:]), sum(result.row("net_result").values)
    between = [
        BridgeStep(line=row.line, label=row.label, amount=sum(row.values) - sum(known[row.line][-12:]))
        for row in result.lines
        if row.kind is LineKind.FIGURE
    ]
    return [
        BridgeStep(line="net_result", label="Last 12 months", amount=old),
        *between,
        BridgeStep(line="net_result", label="Next 12 months", amount=new),
    ]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
