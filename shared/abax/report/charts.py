"""Charts as inline SVG, drawn by hand: readable in light, dark and print (colours are classes of the page)
and by screen readers (each has a title and a description; every mark names its value)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from abax.dates import Granularity
from abax.ledger.layout import Scope
from abax.ledger.model import AGING_BUCKETS, ClosePackage, Forecast, Statement, StatementClass
from abax.money import ZERO
from abax.report import numbers
from abax.report.drawing import (
    FRAME,
    Chart,
    Frame,
    Slots,
    axis,
    bar,
    caption,
    dot,
    grid,
    polygon,
    polyline,
    short,
    svg,
)
from abax.report.lines import LineIndex
from abax.report.view import View

COST_CLASSES: Final = (
    StatementClass.COST_OF_SALES,
    StatementClass.OPERATING_EXPENSES,
    StatementClass.DEPRECIATION,
    StatementClass.INTEREST_EXPENSE,
    StatementClass.INCOME_TAX,
)
MOST_COSTS: Final = 8


def all_charts(view: View, forecast: Forecast, index: LineIndex | None) -> list[Chart]:
    """Every chart that the close has the figures for."""
    package = view.package
    made = [
        revenue_and_result(view),
        cash_outlook(package, forecast),
        cost_structure(view, index) if index else None,
        aged_bars(package),
        working_capital(package),
    ]
    return [chart for chart in made if chart]


def revenue_and_result(view: View) -> Chart | None:
    """The latest year's months before those of the year before, and the result of both."""
    statement = view.package.statement("income_statement", Granularity.MONTH)
    revenue, result = _values(statement, "revenue"), _values(statement, "net_result")
    if not revenue or not result:
        return None
    year = view.package.year
    months = {
        age: [place for place, column in enumerate(statement.periods) if column.fiscal_year == year - age]
        for age in (0, 1)
    }
    shown = [place for places in months.values() for place in places]
    scale = axis([row[place] for row in (revenue, result) for place in shown])
    slots = Slots(12)
    marks = [grid(scale)]
    for age, half, kind in ((1, 0.38, "prior"), (0, 0.24, "now")):
        for slot, place in enumerate(months[age]):
            title = (
                f"Revenue {statement.periods[place].label}: {numbers.amount(revenue[place], view.currency)}"
            )
            marks.append(bar(slots.x(slot), slots.width * half, scale, revenue[place], kind, title))
    for age, kind in ((1, "prior-line"), (0, "result-line")):
        points = [(slots.x(slot), scale.y(result[place])) for slot, place in enumerate(months[age])]
        marks.append(polyline(points, kind))
        if not age:
            marks += [
                dot(
                    x,
                    y,
                    "result",
                    f"Net result {statement.periods[place].label}: "
                    f"{numbers.amount(result[place], view.currency)}",
                )
                for (x, y), place in zip(points, months[0], strict=True)
            ]
    marks.append(_month_labels(slots, view))
    legend = [("now", f"Revenue {year}"), ("result-line", f"Net result {year}")]
    if months[1]:
        legend[1:1] = [("prior", f"Revenue {year - 1}")]
        legend.append(("prior-line", f"Net result {year - 1}"))
    described = f"Revenue and net result of {year} by month, beside {year - 1}, in {view.currency}."
    return Chart(
        "revenue",
        "Revenue and net result",
        svg("revenue", "Revenue and net result", described, marks),
        legend,
    )


def cash_outlook(package: ClosePackage, forecast: Forecast) -> Chart | None:
    """Cash at the end of each month, and where the forecast sees it."""
    statement = package.statement("balance_sheet", Granularity.MONTH)
    cash = _values(statement, "cash")
    ahead = next((line for line in forecast.lines if line.line == "cash"), None)
    known = [
        (column.label, value)
        for column, value in zip(statement.periods, cash, strict=False)
        if column.end <= forecast.history_end
    ]
    if not known:
        return None
    points = ahead.points if ahead else []
    scale = axis([value for _, value in known] + [v for p in points for v in (p.low, p.high)])
    slots = Slots(len(known) + len(points))
    marks = [grid(scale)]
    start = len(known) - 1
    if points:
        upper = [(slots.x(start), scale.y(known[-1][1]))]
        upper += [(slots.x(start + step), scale.y(p.high)) for step, p in enumerate(points, 1)]
        lower = [(slots.x(start + step), scale.y(p.low)) for step, p in enumerate(points, 1)]
        marks.append(polygon([*upper, *reversed(lower)], "fan"))
        middle = [upper[0], *((slots.x(start + step), scale.y(p.value)) for step, p in enumerate(points, 1))]
        marks.append(polyline(middle, "ahead-line"))
        marks += [
            dot(
                x,
                y,
                "ahead",
                " ".join(
                    [f"{p.label}:", *map(numbers.compact, (p.value, p.low)), "to", numbers.compact(p.high)]
                ),
            )
            for (x, y), p in zip(middle[1:], points, strict=True)
        ]
    marks.append(
        polyline([(slots.x(slot), scale.y(value)) for slot, (_, value) in enumerate(known)], "now-line")
    )
    marks.append(_period_labels(slots, [label for label, _ in known] + [p.label for p in points]))
    legend = [("now-line", "Cash at month end")]
    if points:
        legend += [("ahead-line", "Forecast"), ("fan", f"{forecast.level:.0%} interval")]
    described = f"Cash by month in {package.company.currency}" + (
        f", then {len(points)} months ahead." if points else "."
    )
    return Chart(
        "cash", "Cash and its outlook", svg("cash", "Cash and its outlook", described, marks), legend
    )


def cost_structure(view: View, index: LineIndex) -> Chart | None:
    """The largest cost accounts of the year so far, beside the same months of the year before."""
    costs = _costs_by_account(view, index)
    if not any(now or before for _, now, before in costs):
        return None
    shown = costs[:MOST_COSTS]
    rest = costs[MOST_COSTS:]
    if rest:
        others = (
            f"{len(rest)} other accounts",
            sum((c[1] for c in rest), ZERO),
            sum((c[2] for c in rest), ZERO),
        )
        shown.append(others)
    rows = []
    for name, now, before in shown:
        title = (
            f"{name}: {numbers.amount(now, view.currency)}, before {numbers.amount(before, view.currency)}"
        )
        bars = (Bar(before, "prior", title), Bar(now, "now", title, offset=5, thick=12))
        rows.append(Row(name, bars, numbers.compact(now)))
    year = view.package.year
    described = f"The largest cost accounts of {year} in {view.currency}, beside {year - 1}."
    legend = [("now", f"{year}{' so far' if view.unfinished else ''}")]
    legend.append(("prior", f"same months of {year - 1}" if view.unfinished else str(year - 1)))
    return Chart(
        "costs",
        "Where the money goes",
        lying_bars("costs", "Where the money goes", described, rows),
        legend,
    )


def aged_bars(package: ClosePackage) -> Chart | None:
    """What customers owe and what is owed to suppliers, by days overdue."""
    by_name = {report.report: report for report in package.aged}
    receivables, payables = by_name.get("aged_receivables"), by_name.get("aged_payables")
    if not receivables or not payables or not (any(receivables.buckets) or any(payables.buckets)):
        return None
    owed = [-value for value in payables.buckets]
    scale = axis([*receivables.buckets, *owed])
    slots = Slots(len(AGING_BUCKETS))
    marks = [grid(scale)]
    for slot, bucket in enumerate(AGING_BUCKETS):
        for values, side, kind, word in (
            (receivables.buckets, -1, "now", "Receivables"),
            (owed, 1, "result", "Payables"),
        ):
            title = f"{word}, {bucket}: {numbers.amount(values[slot], package.company.currency)}"
            x = slots.x(slot) + side * slots.width * 0.17
            marks.append(bar(x, slots.width * 0.15, scale, values[slot], kind, title))
        marks.append(caption(slots.x(slot), bucket))
    described = (
        f"Receivables and payables by days overdue on {receivables.as_of}, in {package.company.currency}."
    )
    legend = [("now", "Receivables"), ("result", "Payables")]
    title = "Open items by days overdue"
    return Chart("aged", title, svg("aged", title, described, marks), legend)


def working_capital(package: ClosePackage) -> Chart | None:
    """Receivables and inventory less payables, month by month."""
    statement = package.statement("balance_sheet", Granularity.MONTH)
    count = len(statement.periods)
    held = {
        line: _values(statement, line) or [ZERO] * count for line in ("receivables", "inventory", "payables")
    }
    if not any(any(values) for values in held.values()):
        return None
    net = [
        r + i - p for r, i, p in zip(held["receivables"], held["inventory"], held["payables"], strict=True)
    ]
    scale = axis(value for values in (*held.values(), net) for value in values)
    slots = Slots(count)
    marks = [grid(scale)]
    zero = scale.y(ZERO)
    outline = [(slots.x(slot), scale.y(value)) for slot, value in enumerate(net)]
    marks.append(polygon([(outline[0][0], zero), *outline, (outline[-1][0], zero)], "fan"))
    legend = [("now-line", "Trade working capital")]
    for line, kind, word in (
        ("receivables", "thin-line", "Receivables"),
        ("inventory", "ahead-line", "Inventory"),
        ("payables", "result-line", "Payables"),
    ):
        if any(held[line]):
            marks.append(
                polyline([(slots.x(slot), scale.y(value)) for slot, value in enumerate(held[line])], kind)
            )
            legend.append((kind, word))
    marks.append(polyline(outline, "now-line"))
    marks.append(_period_labels(slots, [column.label for column in statement.periods]))
    described = f"Receivables plus inventory less payables at each month end, in {package.company.currency}."
    return Chart("capital", "Working capital", svg("capital", "Working capital", described, marks), legend)


def sparkline(values: Sequence[Decimal]) -> Markup:
    """A tile's course over the months, without axes: decoration for eyes that can see it."""
    if len(values) < 2:
        return Markup("")
    low, high = min(*values, ZERO), max(*values, ZERO)
    size = (high - low) or Decimal(1)
    step = 120 / (len(values) - 1)
    points = " ".join(
        f"{slot * step:.1f},{float(30 - (value - low) / size * 28):.1f}" for slot, value in enumerate(values)
    )
    zero = f"{float(30 - (ZERO - low) / size * 28):.1f}"
    return Markup(
        '<svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="base" d="M0 {}H120"/><polyline points="{}"/></svg>'
    ).format(zero, points)


def _costs_by_account(view: View, index: LineIndex) -> list[tuple[str, Decimal, Decimal]]:
    """Name, cost so far, cost in the same months of the year before; largest first."""
    months = view.package.statement("income_statement", Granularity.MONTH)
    current, before = view.so_far(months)
    when = [
        {index.spans[months.periods[place].label][Scope.PERIOD][0] for place in places}
        for places in (current, before)
    ]
    sums: dict[int, list[Decimal]] = {}
    for group in index.groups:
        if group.closing or index.accounts[group.account].statement_class not in COST_CLASSES:
            continue
        for place in (0, 1):
            if group.month in when[place]:
                sums.setdefault(group.account, [ZERO, ZERO])[place] += group.amount
    named = [(index.accounts[account].name, now, old) for account, (now, old) in sums.items()]
    return sorted(named, key=lambda cost: (-cost[1], cost[0]))


@dataclass(frozen=True)
class Bar:
    """A bar of a row: from ``start`` on, ``value`` long."""

    value: Decimal
    kind: str
    """Its class."""
    title: str
    start: Decimal = ZERO
    offset: int = 1
    thick: int = 20


@dataclass(frozen=True)
class Row:
    """What a row is of, its bars, each before the last, and what stands behind them."""

    name: str
    bars: Sequence[Bar]
    shown: str


def lying_bars(name: str, title: str, described: str, rows: Sequence[Row]) -> Markup:
    """A drawing of rows of bars, all to one scale."""
    most = max((abs(bar.start + bar.value) for row in rows for bar in row.bars), default=ZERO) or Decimal(1)
    marks: list[Markup] = []
    for slot, row in enumerate(rows):
        y = 6 + slot * _STEP
        text = Markup('<text class="name" x="{}" y="{}">{}</text>')
        marks.append(text.format(_NAMES - 10, y + 15, short(row.name)))
        marks += [_lying(bar, y, most) for bar in row.bars]
        end = _NAMES + _length(max(bar.start + bar.value for bar in row.bars), most)
        text = Markup('<text class="value" x="{}" y="{}">{}</text>')
        marks.append(text.format(round(end + 6, 1), y + 15, row.shown))
    return svg(name, title, described, marks, Frame(height=_STEP * len(rows) + 8))


_NAMES, _BEHIND, _STEP = 196, 66, 30
"""Room for names and for what stands behind the bars; from one row to the next."""


def _lying(bar: Bar, y: int, most: Decimal) -> Markup:
    begin = round(_NAMES + _length(bar.start, most), 1) if bar.start else _NAMES
    length = round(_length(bar.value, most), 1)
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
    ).format(bar.kind, begin, y + bar.offset, length, bar.thick, bar.title)


def _length(value: Decimal, most: Decimal) -> float:
    return float(max(value, ZERO) / most) * (FRAME.width - _NAMES - _BEHIND)


def _values(statement: Statement, line: str) -> list[Decimal]:
    return next((row.values for row in statement.lines if row.line == line), [])


def _month_labels(slots: Slots, view: View) -> Markup:
    months = view.package.company.calendar.months(view.package.year)
    texts = [f"{m.start:%b}" if "-P" not in m.label else m.label[-3:] for m in months]
    return Markup("").join(
        caption(slots.x(slot), text, "label" if slot % 2 == 0 else "label odd")
        for slot, text in enumerate(texts)
    )


def _period_labels(slots: Slots, labels: Sequence[str]) -> Markup:
    """Every sixth period is named, counted back from the last."""
    every = 6 if len(labels) > 8 else 1
    return Markup("").join(
        caption(slots.x(slot), label, "label" if slot // every % 2 == 0 else "label odd")
        for slot, label in enumerate(labels)
        if slot % every == every // 2
    )
