"""Charts of a forecast: history and fan, backtest, bridge, scores, and all lines side by side.

They are told apart by solid and dashed lines, plain and hatched areas, filled and hollow marks, and by words
at the marks themselves, so that they can be read in grey and on paper. Colours add to that, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Final

from markupsafe import Markup

from abax.dates import Calendar, Granularity
from abax.forecast.statements import POSITIONS
from abax.ledger.model import BridgeStep, ClosePackage, Forecast, ForecastLine, ForecastScore, ForecastTest
from abax.money import ZERO
from abax.report import numbers
from abax.report.drawing import (
    Axis,
    Chart,
    Frame,
    Slots,
    axis,
    dot,
    grid,
    polygon,
    polyline,
    short,
    svg,
    text,
)

SHOWN_MONTHS: Final = 36
"""Months of history before a fan."""
MAIN_LINES: Final = ("revenue", "ebitda", "net_result", "cash")
MOST_STEPS: Final = 12
"""Rows of a bridge between its two ends; the least stand in one row together."""
NAIVE: Final = "seasonal_naive"
"""The method that all others are measured by."""
WORST_SHOWN: Final = Decimal(3)
"""A scaled error beyond this stands at the edge of the chart of scores."""

FAN: Final = Frame(height=300, left=62, right=60, top=26, bottom=50)
SMALL: Final = Frame(width=260, height=104, left=6, right=6, top=8, bottom=20)
ROWS: Final = Frame(left=196, right=84, top=24, bottom=8)
STEP: Final = 28
"""From one row of a chart to the next."""

Known = tuple[str, Decimal]
"""A month's label and its value."""


@dataclass(frozen=True)
class Course:
    """A line with the months that are known of it, oldest first."""

    line: ForecastLine
    known: Sequence[Known]

    @property
    def flow(self) -> bool:
        """Whether months add up to a year's figure, as they do for all but a balance."""
        return self.line.line not in POSITIONS

    def ahead(self, months: int = 12) -> Decimal | None:
        """The next ``months`` together, or where a balance then is; None where that many are not forecast."""
        return _together([point.value for point in self.line.points[:months]], months, self.flow)

    def before(self, months: int = 12) -> Decimal | None:
        """The same of the last ``months`` that are known."""
        return _together([value for _, value in self.known[-months:]], months, self.flow)


def courses(package: ClosePackage, forecast: Forecast) -> list[Course]:
    """All lines of a forecast with their history: their own where the forecast kept it, else the close's."""
    labels = months_until(package.company.calendar, forecast.history_end, SHOWN_MONTHS)
    return [Course(line, _known(package, forecast, line, labels)) for line in forecast.lines]


def months_until(calendar: Calendar, end: date, count: int) -> list[str]:
    """Labels of the last ``count`` fiscal months up to ``end``, oldest first."""
    year, found = calendar.year_of(end), list[str]()
    while len(found) < count:
        found = [month.label for month in calendar.months(year) if month.end <= end] + found
        year -= 1
    return found[-count:]


def main_courses(found: Sequence[Course]) -> list[Course]:
    """Revenue, the result that is forecast, and cash, as far as they are."""
    by_name = {course.line.line: course for course in found if course.line.points}
    names = [name for name in MAIN_LINES if name in by_name]
    if "net_result" in names and "ebitda" in names:
        names.remove("ebitda")
    return [by_name[name] for name in names]


def fan(course: Course, forecast: Forecast) -> Chart | None:
    """What is known, what is expected, and how far off it may be. None for a line without a forecast."""
    line = course.line
    if not line.points:
        return None
    plot = _Plot.over(course.known[-SHOWN_MONTHS:], line, FAN)
    name, title = f"fan-{line.line}", line.label
    marks = [_hatching(name), grid(plot.scale), *_months(plot), *_fan(plot, name)]
    marks += [
        dot(x, y, "ahead", _point_title(line, place, forecast))
        for place, (x, y) in enumerate(plot.middle[-len(line.points) :])
    ]
    marks += _divided(plot) + _ends(plot)
    legend = [("now-line", "Known"), ("ahead-line", "Forecast"), ("fan", f"{forecast.level:.0%} interval")]
    if plot.outer:
        legend.append(("far", f"{forecast.outer_level:.0%} interval"))
    drawn = svg(name, title, _fan_in_words(course, forecast), marks, FAN)
    return Chart(name, title, drawn, legend, headline(course), width=FAN.width, height=FAN.height)


def headline(course: Course) -> str:
    """``Next 12 months 1.24m, 4.2 % more than the last 12``; nothing where that many are not forecast."""
    new, old = course.ahead(), course.before()
    if new is None:
        return ""
    words = f"{'Next' if course.flow else 'In'} 12 months {numbers.compact(new)}"
    than = "the last 12" if course.flow else "today"
    return words + _moved(new, old, than)


def brief(course: Course) -> str:
    """``1.24m, 4.2 % more``: the same where there is little room."""
    new = course.ahead()
    return numbers.compact(new) + _moved(new, course.before(), "") if new is not None else ""


def _moved(new: Decimal, old: Decimal | None, than: str) -> str:
    """How much more or less in size ``new`` is; both where percent would say nothing."""
    if old is None:
        return ""
    moved = numbers.change(abs(new), abs(old))
    if moved is None or (old < 0) != (new < 0) or abs(moved) >= numbers.BEYOND:
        return f"; {than or 'before'} {numbers.compact(old)}"
    if abs(moved) < _NO_CHANGE:
        return f", as {than or 'before'}"
    words = f", {numbers.percent(abs(moved))} {'more' if moved > 0 else 'less'}"
    return f"{words} than {than}" if than else words


_NO_CHANGE: Final = Decimal("0.05")
"""In percent: what would be shown as nothing."""


def backtest(course: Course, forecast: Forecast) -> Chart | None:
    """A year that is known, beside what would have been forecast for it. None for a line without one."""
    tested = course.line.tested
    if not tested:
        return None
    name = f"test-{course.line.line}"
    before = _before(course.known, tested[0].label)
    ahead = [(one.label, one.value, one.low, one.high) for one in tested]
    plot = _Plot.of(before, ahead, FAN, also=[one.actual for one in tested])
    actual = [(x, plot.scale.y(one.actual)) for x, one in zip(plot.xs[len(before) :], tested, strict=True)]
    known = [*plot.known, *actual]
    marks = [_hatching(name), grid(plot.scale), *_months(plot), *_fan(plot, name, known)]
    for (x, y), (_, said), one in zip(actual, plot.middle[-len(tested) :], tested, strict=True):
        marks.append(dot(x, said, "hollow", f"{one.label}: {numbers.compact(one.value)} forecast"))
        inside = one.low <= one.actual <= one.high
        words = f"{one.label}: {numbers.compact(one.actual)}" + ("" if inside else ", outside the interval")
        marks.append((dot if inside else _cross)(x, y, "known" if inside else "missed", words))
    legend = [
        ("now-line", "What came"),
        ("ahead-line", "Forecast then"),
        ("fan", f"{forecast.level:.0%} interval"),
    ]
    if held(tested) < len(tested):
        legend.append(("missed", "Outside"))
    words = tested_in_words(tested, forecast)
    title = f"{course.line.label}, backtest"
    drawn = svg(name, title, words, marks, FAN)
    return Chart(name, title, drawn, legend, words, width=FAN.width, height=FAN.height)


def held(tested: Sequence[ForecastTest]) -> int:
    """Months that came inside their interval."""
    return sum(one.low <= one.actual <= one.high for one in tested)


def tested_in_words(tested: Sequence[ForecastTest], forecast: Forecast) -> str:
    """How far off the method would have been."""
    off = sum((abs(one.actual - one.value) for one in tested), ZERO)
    size = sum((abs(one.actual) for one in tested), ZERO)
    words = f"{held(tested)} of {len(tested)} months came inside the {forecast.level:.0%} interval"
    return words + (f"; {numbers.percent(off / size * 100)} off on average" if size else "")


def bridge(steps: Sequence[BridgeStep], currency: str) -> Chart | None:
    """From the result of the last twelve months to that of the next, by what each line adds."""
    if len(steps) < 2:
        return None
    shown = gathered(steps)
    ends = [*accumulate(step.amount for step in shown[:-1]), shown[-1].amount]
    starts = [ZERO, *ends[: len(shown) - 2], ZERO]
    frame = replace(ROWS, height=ROWS.top + STEP * len(shown) + ROWS.bottom)
    scale = axis([*starts, *ends], 3, frame)
    marks = [_hatching("bridge", "down"), *_rules(scale)]
    for row, (step, start, end) in enumerate(zip(shown, starts, ends, strict=True)):
        whole = row in (0, len(shown) - 1)
        marks += _step(scale, row, step, (start, end), whole, currency)
    for row, end in enumerate(ends[:-1]):
        marks.append(_upright(scale.x(end), _row_y(row) + 17, _row_y(row + 1) + 3, "joint"))
    title = f"{steps[0].label} to {steps[-1].label.lower()}"
    words = "; ".join(f"{step.label} {numbers.amount(step.amount, currency)}" for step in shown)
    legend = [("whole", "Net result"), ("up", "Adds"), ("down", "Takes away")]
    drawn = svg("bridge", "Bridge of the net result", f"{words}; in {currency}.", marks, frame, "chart rows")
    return Chart("bridge", "What moves the result", drawn, legend, title, height=frame.height)


@dataclass(frozen=True)
class Verdict:
    """What the backtest says of a line: the chosen method, the best that it beat, and seasonal naive."""

    line: ForecastLine
    chosen: ForecastScore
    beaten: ForecastScore | None
    naive: float | None

    @property
    def better(self) -> bool:
        """Whether the chosen one did better than naive."""
        return self.chosen.mase is not None and self.naive is not None and self.chosen.mase < self.naive

    @property
    def nothing_better(self) -> bool:
        """Whether no method did, so that naive itself, or what is no better, was taken."""
        return self.chosen.mase is not None and self.naive is not None and not self.better


def verdicts(forecast: Forecast) -> list[Verdict]:
    """Of every line that was tested, in the order of the forecast."""
    return [_verdict(line) for line in forecast.lines if line.mase is not None]


def scores(forecast: Forecast) -> Chart | None:
    """The scaled error of each line's method beside the best one beaten and seasonal naive."""
    told = verdicts(forecast)
    if not told:
        return None
    frame = replace(ROWS, height=ROWS.top + STEP * len(told) + ROWS.bottom)
    errors = [value for one in told for value in _errors(one)]
    scale = axis((_error(value) for value in errors), 4, frame)
    marks = _rules(scale, max(errors) > WORST_SHOWN)
    for row, one in enumerate(told):
        marks += _score_marks(scale, row, one)
    legend = [("ahead", "Chosen"), ("hollow", "Best beaten"), ("naive", "Seasonal naive")]
    words = "; ".join(f"{one.line.label} {one.chosen.mase:.2f}, naive {_told(one.naive)}" for one in told)
    title = "Error in the backtest"
    drawn = svg(
        "scores", title, f"Mean absolute scaled error, less is better: {words}.", marks, frame, "chart rows"
    )
    note = "Mean absolute scaled error: further left is better"
    return Chart("scores", title, drawn, legend, note, height=frame.height)


def overview(found: Iterable[Course], forecast: Forecast) -> list[Chart]:
    """Each line with a forecast, small, to one look: the course of two years and the fan."""
    return [_small(course, forecast) for course in found if course.line.points]


def key(kind: str, name: str) -> Markup:
    """The legend's sign of a class, drawn as the chart ``name`` draws it."""
    return Markup('<svg class="chart key" viewBox="0 0 24 14" aria-hidden="true">{}</svg>').format(
        key_marks(kind, name)
    )


def key_marks(kind: str, name: str) -> Markup:
    """The sign's marks, in a box of 24 by 14."""
    if kind.endswith("line"):
        return polyline([(1, 7), (23, 7)], kind)
    if kind == "missed":
        return _cross(12, 7, kind, "")
    if kind in ("ahead", "known", "hollow"):
        return Markup('<circle class="{}" cx="12" cy="7" r="3.5"/>').format(kind)
    if kind == "naive":
        return _upright(12, 1, 13, kind)
    fill = Markup(' fill="url(#{}-{})"').format(kind, name) if kind in _TURNED else Markup("")
    return Markup('<rect class="{}"{} x="2" y="2" width="20" height="10"/>').format(kind, fill)


def plus(shown: str) -> str:
    """With its sign, also where it is above zero."""
    return shown if shown.startswith((numbers.MINUS, "-")) else f"+{shown}"


@dataclass(frozen=True)
class _Plot:
    """Places of a line's months, known and ahead, and of its intervals; the last known month joins both."""

    scale: Axis
    slots: Slots
    labels: Sequence[str]
    xs: Sequence[float]
    known: Sequence[tuple[float, float]]
    middle: Sequence[tuple[float, float]]
    inner: Sequence[tuple[float, float]]
    """The interval's outline."""
    outer: Sequence[tuple[float, float]]
    last: tuple[Decimal, Decimal, Decimal] | None = None
    """Value, lower and upper end of the last month."""

    @classmethod
    def over(cls, known: Sequence[Known], line: ForecastLine, frame: Frame) -> _Plot:
        """Of a forecast."""
        points = line.points
        told = all(point.lowest is not None and point.highest is not None for point in points)
        bounds = [
            (p.low if p.lowest is None else p.lowest, p.high if p.highest is None else p.highest)
            for p in points
        ]
        ahead = [(point.label, point.value, point.low, point.high) for point in points]
        plot = cls.of(known, ahead, frame, bounds if told else [])
        return replace(plot, last=(points[-1].value, points[-1].low, points[-1].high))

    @classmethod
    def of(
        cls,
        known: Sequence[Known],
        ahead: Sequence[tuple[str, Decimal, Decimal, Decimal]],
        frame: Frame,
        bounds: Sequence[tuple[Decimal, Decimal]] = (),
        also: Sequence[Decimal] = (),
    ) -> _Plot:
        """Of known months, and of months ahead as label, value, low and high, with the wider ``bounds`` where
        they are told; ``also`` must have a place on the axis."""
        labels = [*(label for label, _ in known), *(label for label, *_ in ahead)]
        slots = Slots(len(labels), frame)
        values = [value for _, value in known] + [value for _, *found in ahead for value in found]
        scale = axis([*values, *also, *(value for pair in bounds for value in pair)], 4, frame)
        xs = [slots.x(slot) for slot in range(len(labels))]
        past = [(x, scale.y(value)) for x, (_, value) in zip(xs, known, strict=False)]
        joint, own = past[-1:], xs[len(known) :]

        def outline(pairs: Sequence[tuple[Decimal, Decimal]]) -> list[tuple[float, float]]:
            upper = [*joint, *((x, scale.y(high)) for x, (_, high) in zip(own, pairs, strict=True))]
            lower = [(x, scale.y(low)) for x, (low, _) in zip(own, pairs, strict=True)]
            return [*upper, *reversed(lower)]

        middle = [*joint, *((x, scale.y(value)) for x, (_, value, *_) in zip(own, ahead, strict=True))]
        inner = outline([(low, high) for *_, low, high in ahead])
        return cls(scale, slots, labels, xs, past, middle, inner, outline(bounds) if bounds else [])


def _known(
    package: ClosePackage, forecast: Forecast, line: ForecastLine, labels: Sequence[str]
) -> list[Known]:
    """The line's own history, or where an older forecast kept none, that of the close's statements."""
    if line.history:
        kept = line.history[-len(labels) :]
        return list(zip(labels[-len(kept) :], kept, strict=True))
    report = "balance_sheet" if line.line in POSITIONS else "income_statement"
    statement = package.statement(report, Granularity.MONTH)
    values = next((row.values for row in statement.lines if row.line == line.line), [])
    found = [
        (column.label, value)
        for column, value in zip(statement.periods, values, strict=False)
        if column.end <= forecast.history_end
    ]
    return found[-len(labels) :]


def _together(values: Sequence[Decimal], months: int, flow: bool) -> Decimal | None:
    if len(values) < months:
        return None
    return sum(values, ZERO) if flow else values[-1]


def _before(known: Sequence[Known], label: str) -> list[Known]:
    """The year before a month, as far as it is known."""
    labels = [name for name, _ in known]
    place = labels.index(label) if label in labels else 0
    return list(known[max(0, place - 12) : place])


def _hatching(name: str, *kinds: str) -> Markup:
    """Patterns of this drawing: hatched areas stay apart from plain ones in grey."""
    pattern = Markup(
        '<pattern id="{0}-{1}" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate({2})"><rect class="{0}-ground" width="5" height="5"/>'
        '<path class="{0}-stroke" d="M0 0V5"/></pattern>'
    )
    drawn = Markup("").join(pattern.format(kind, name, _TURNED[kind]) for kind in kinds or ("far",))
    return Markup("<defs>{}</defs>").format(drawn)


_TURNED: Final = {"far": 45, "down": -45}
"""Hatched kinds of area, and by how much their lines are turned."""


def _hatched(points: Sequence[tuple[float, float]], name: str) -> Markup:
    places = " ".join(f"{x},{y}" for x, y in points)
    return Markup('<polygon class="far" fill="url(#far-{})" points="{}"/>').format(name, places)


def _fan(plot: _Plot, name: str, known: Sequence[tuple[float, float]] = ()) -> list[Markup]:
    """Intervals, the widest at the back, then the lines."""
    marks = [_hatched(plot.outer, name)] if plot.outer else []
    marks.append(polygon(plot.inner, "fan"))
    marks.append(polyline(plot.middle, "ahead-line"))
    past = known or plot.known
    return [*marks, polyline(past, "now-line")] if past else marks


def _months(plot: _Plot) -> list[Markup]:
    """Months below the plot, and a year's number below its first."""
    frame = plot.scale.frame
    named = [_month(label) for label in plot.labels]
    every = next((step for step in (1, 2, 3, 6) if step * plot.slots.width >= _LABEL_ROOM), 12)
    marks, reached = [], float(-frame.width)
    for place, (year, number, word) in enumerate(named):
        x = plot.xs[place]
        begins = place > 0 and named[place - 1][0] != year
        if begins:
            edge = round(x - plot.slots.width / 2, 1)
            marks.append(_upright(edge, frame.floor + 25, frame.floor + 40, "grid"))
        if (number - 1) % every == 0:
            marks.append(text(x, frame.floor + 17, word, "label"))
        if (begins or not place) and x - reached >= _LABEL_ROOM + 6 and _year_fits(named, place, plot):
            marks.append(text(x - plot.slots.width / 2 + 4, frame.floor + 37, year, "year"))
            reached = x
    return marks


_LABEL_ROOM: Final = 38
"""What the name of a month needs, also where a narrow page has larger letters."""
_YEAR_ROOM: Final = 54
"""The same of a year's number in a small chart."""


def _year_fits(named: Sequence[tuple[str, int, str]], place: int, plot: _Plot) -> bool:
    """Whether the months of that year are wide enough for its number."""
    return sum(year == named[place][0] for year, *_ in named) * plot.slots.width >= _LABEL_ROOM + 6


def _month(label: str) -> tuple[str, int, str]:
    """Year, number and name of a month: ``2026-03`` is March, ``2026-P03`` the third of a fiscal year."""
    year, _, rest = label.partition("-")
    if rest.isdigit() and 1 <= int(rest) <= 12:
        return year, int(rest), f"{date(2000, int(rest), 1):%b}"
    number = rest.removeprefix("P")
    return (year, int(number), f"P{int(number)}") if number.isdigit() else (year, 1, rest)


def _divided(plot: _Plot) -> list[Markup]:
    """Where what is known ends."""
    if not plot.known:
        return []
    x, frame = plot.known[-1][0], plot.scale.frame
    return [
        _upright(x, frame.top - 16, frame.floor, "today"),
        text(x - 6, frame.top - 8, "known", "before"),
        text(x + 6, frame.top - 8, "forecast", "after"),
    ]


def _ends(plot: _Plot) -> list[Markup]:
    """The last month's figures behind the fan, apart from each other."""
    if plot.last is None:
        return []
    value, low, high = plot.last
    wanted = sorted({(plot.scale.y(amount), amount) for amount in (value, low, high)})
    places = apart([y for y, _ in wanted], 20)
    x = plot.xs[-1] + 8
    return [
        text(x, y + 4, numbers.compact(amount), "end" if amount == value else "bound")
        for y, (_, amount) in zip(places, wanted, strict=True)
    ]


def apart(places: Sequence[float], least: float) -> list[float]:
    """Ascending places, moved from the middle one on so that none is nearer than ``least`` to the next."""
    moved, middle = list(places), len(places) // 2
    for at in range(middle + 1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + least)
    for at in range(middle - 1, -1, -1):
        moved[at] = min(moved[at], moved[at + 1] - least)
    return [round(place, 1) for place in moved]


def _upright(x: float, top: float, bottom: float, kind: str) -> Markup:
    return Markup('<path class="{}" d="M{} {}V{}"/>').format(kind, x, top, bottom)


def _point_title(line: ForecastLine, place: int, forecast: Forecast) -> str:
    point = line.points[place]
    low, high = numbers.compact(point.low), numbers.compact(point.high)
    return f"{point.label}: {numbers.compact(point.value)}, {forecast.level:.0%} between {low} and {high}"


def _fan_in_words(course: Course, forecast: Forecast) -> str:
    line = course.line
    words = f"{line.label} by month in {forecast.currency}"
    if course.known:
        words += f", known up to {course.known[-1][0]}"
    words += f", then {len(line.points)} months ahead. "
    words += _point_title(line, 0, forecast)
    if len(line.points) > 1:
        words += "; " + _point_title(line, -1, forecast)
    shown = headline(course)
    return f"{words}. {shown}." if shown else f"{words}."


def gathered(steps: Sequence[BridgeStep]) -> list[BridgeStep]:
    """Both ends and the largest steps, in their own order; the least as one."""
    first, *between, last = steps
    between = [step for step in between if step.amount]
    if len(between) > MOST_STEPS:
        largest = sorted(between, key=lambda step: -abs(step.amount))[: MOST_STEPS - 1]
        rest = [step for step in between if step not in largest]
        others = sum((step.amount for step in rest), ZERO)
        between = [step for step in between if step in largest]
        between.append(BridgeStep(line="", label=f"{len(rest)} other lines", amount=others))
    return [first, *between, last]


def _row_y(row: int) -> int:
    return ROWS.top + row * STEP


def _rules(scale: Axis, beyond: bool = False) -> list[Markup]:
    """Upright lines at round numbers, which stand above them; ``beyond`` if the last stands for more, too."""
    frame = scale.frame
    marks = []
    for place, tick in enumerate(scale.ticks):
        x = scale.x(tick)
        marks.append(_upright(x, frame.top - 4, frame.height - frame.bottom, "grid" if tick else "zero"))
        words = numbers.tick(tick) + ("+" if beyond and place == len(scale.ticks) - 1 else "")
        marks.append(text(x, frame.top - 9, words, "label" if place % 2 == 0 else "label odd"))
    return marks


def _step(
    scale: Axis, row: int, step: BridgeStep, span: tuple[Decimal, Decimal], whole: bool, currency: str
) -> list[Markup]:
    """A row of a bridge: its name, its bar, and what it adds."""
    kind = "whole" if whole else "up" if step.amount >= 0 else "down"
    left, right = sorted(scale.x(value) for value in span)
    y = _row_y(row)
    title = f"{step.label}: {numbers.amount(step.amount, currency)}"
    fill = Markup(' fill="url(#down-bridge)"') if kind == "down" else Markup("")
    box = Markup('<rect class="{}"{} x="{}" y="{}" width="{}" height="16"><title>{}</title></rect>')
    shown = numbers.compact(step.amount)
    return [
        text(ROWS.left - 10, y + 15, short(step.label), "name strong" if whole else "name"),
        box.format(kind, fill, left, y + 2, max(round(right - left, 1), 1), title),
        text(right + 6, y + 15, shown if whole else plus(shown), "value strong" if whole else "value"),
    ]


def _verdict(line: ForecastLine) -> Verdict:
    known = {one.method: one for one in line.scores}
    own = ForecastScore(
        method="", label=line.method, mase=line.mase, smape=None, bias=None, coverage=line.coverage
    )
    chosen = next((one for one in line.scores if one.mase is not None), own)
    chosen = chosen if line.scores and chosen is line.scores[0] else own
    others = [
        one
        for one in line.scores
        if one is not chosen and one.mase is not None and one.method != NAIVE and not one.weight
    ]
    naive = line.naive_mase if line.naive_mase is not None or NAIVE not in known else known[NAIVE].mase
    return Verdict(line, chosen, others[0] if others else None, naive)


def _errors(one: Verdict) -> list[Decimal]:
    told = (one.chosen.mase, one.beaten.mase if one.beaten else None, one.naive)
    return [Decimal(repr(value)) for value in told if value is not None]


def _error(value: Decimal) -> Decimal:
    return min(value, WORST_SHOWN)


def _told(value: float | None) -> str:
    return numbers.NOTHING if value is None else f"{value:.2f}"


def _score_marks(scale: Axis, row: int, one: Verdict) -> list[Markup]:
    y = _row_y(row) + 10
    errors = {"ahead": one.chosen.mase, "hollow": one.beaten.mase if one.beaten else None, "naive": one.naive}
    places = {kind: scale.x(_error(Decimal(repr(v)))) for kind, v in errors.items() if v is not None}
    marks = [text(ROWS.left - 10, y + 4, short(one.line.label), "name")]
    marks.append(
        Markup('<path class="grid" d="M{} {}H{}"/>').format(min(places.values()), y, max(places.values()))
    )
    words = {
        "ahead": one.chosen.label,
        "hollow": one.beaten.label if one.beaten else "",
        "naive": "Seasonal naive",
    }
    for kind in ("naive", "hollow", "ahead"):
        if kind in places:
            title = f"{one.line.label}, {words[kind]}: {_told(errors[kind])}"
            draw = _tick if kind == "naive" else dot
            marks.append(draw(places[kind], y, kind, title))
    shown = _told(one.chosen.mase) if one.better else f"{_told(one.chosen.mase)} naive"
    marks.append(text(scale.frame.width - ROWS.right + 10, y + 4, shown, "value"))
    return marks


def _cross(x: float, y: float, kind: str, title: str) -> Markup:
    drawn = Markup('<path class="{}" d="M{} {}l9 9m0 -9l-9 9"><title>{}</title></path>')
    return drawn.format(kind, round(x - 4.5, 1), round(y - 4.5, 1), title)


def _tick(x: float, y: float, kind: str, title: str) -> Markup:
    return Markup('<path class="{}" d="M{} {}V{}"><title>{}</title></path>').format(
        kind, x, y - 7, y + 7, title
    )


def _small(course: Course, forecast: Forecast) -> Chart:
    line, name = course.line, f"small-{course.line.line}"
    plot = _Plot.over(course.known[-24:], line, SMALL)
    zero = Markup('<path class="zero" d="M{} {}H{}"/>').format(
        SMALL.left, plot.scale.y(ZERO), SMALL.width - SMALL.right
    )
    marks = [_hatching(name), zero, *_fan(plot, name)]
    if plot.known:
        marks.append(_upright(plot.known[-1][0], SMALL.top - 6, SMALL.floor, "today"))
    years = [place for place, label in enumerate(plot.labels) if _month(label)[1] == 1]
    every = 1 if 12 * plot.slots.width >= _YEAR_ROOM else 2
    for number, place in enumerate(years):
        edge = round(plot.xs[place] - plot.slots.width / 2, 1)
        marks.append(_upright(edge, SMALL.floor, SMALL.height - 4, "grid"))
        if number % every == 0 and edge < SMALL.width - _YEAR_ROOM:
            marks.append(text(edge + 4, SMALL.height - 5, _month(plot.labels[place])[0], "year"))
    drawn = svg(name, line.label, _fan_in_words(course, forecast), marks, SMALL)
    return Chart(name, line.label, drawn, (), brief(course), width=SMALL.width, height=SMALL.height)
