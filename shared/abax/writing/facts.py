"""What is worth saying about a close, worked out from its figures, each fact with one plain sentence.

The order is that in which a reader asks: sales, result, margin, cash, what moved most, who owes, what next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from abax.dates import Granularity
from abax.ledger.model import AGING_BUCKETS, LineKind
from abax.money import ZERO
from abax.writing import say
from abax.writing.figures import BEYOND, DAYS, FORECAST, PERCENT, RATIOS, Figure, Figures
from abax.writing.narrative import Cited
from abax.writing.reading import MONTH_NAMES, When, claims


@dataclass(frozen=True)
class Fact:
    """One thing that the figures say."""

    name: str
    text: str
    cited: tuple[Cited, ...]

    @property
    def figures(self) -> list[Figure]:
        """The cited figures, in the sentence's order."""
        return [one.figure for one in self.cited]

    @property
    def whens(self) -> set[str]:
        """The periods that the sentence names."""
        return {claim.label for claim in claims(self.text) if isinstance(claim, When)}


@dataclass
class Telling:
    """Builds one sentence: calling it with a figure sets the figure into the sentence and notes it."""

    cited: list[Cited] = field(default_factory=list)

    def __call__(self, figure: Figure) -> str:
        """The figure in words; to be called in the order of the sentence."""
        self.cited.append(Cited(shown=say.short(figure), figure=figure))
        return self.cited[-1].shown

    def fact(self, name: str, text: str) -> Fact:
        """The finished sentence."""
        return Fact(name, text, tuple(self.cited))


class Story:
    """The facts of one close."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.package = figures.package
        self.year = str(self.package.year)
        self.before = str(self.package.year - 1)
        self.day = say.day(self.package.as_of)

    def facts(self) -> list[Fact]:
        """All facts that these books have, in order."""
        made = (one(self) for one in _FACTS)
        return [fact for fact in made if fact is not None]

    # --- periods to compare

    @property
    def when(self) -> str:
        """The closed year, as a sentence names it."""
        return f"in {self.year} up to {self.day}" if self.figures.unfinished else f"in {self.year}"

    @property
    def when_before(self) -> str:
        """What the closed year is held against."""
        return f"in the same months of {self.before}" if self.figures.unfinished else f"in {self.before}"

    def flow(self, report: str, line: str) -> Figure | None:
        """A flow of the closed year, as far as it goes."""
        return self.figures.find(report, line, self.year)

    def flow_before(self, report: str, line: str) -> Figure | None:
        """The same of the year before: all of it, or the months that the closed year has so far. None when
        there is none, or when the closed year ends within a month, which no month is comparable with."""
        if not self.figures.unfinished:
            return self.figures.find(report, line, self.before)
        statement = self.package.statement(report, Granularity.MONTH)
        columns = [c for c in statement.periods if c.fiscal_year == self.package.year]
        earlier = [c for c in statement.periods if c.fiscal_year == self.package.year - 1][: len(columns)]
        if not columns or len(earlier) < len(columns) or not self._whole_months:
            return None
        months = [self.figures.find(report, line, column.label) for column in earlier]
        known = [month for month in months if month is not None]
        if len(known) < len(months):
            return None
        return self.figures.sum(known[0].label, f"same months of {self.before}", *known)

    def standing(self, line: str, year: str) -> Figure | None:
        """A balance at the end of what ``year`` covers."""
        return self.figures.find("balance_sheet", line, year)

    @property
    def _whole_months(self) -> bool:
        calendar = self.package.company.calendar
        next_day = self.package.as_of + timedelta(days=1)
        return calendar.month_of(next_day) != calendar.month_of(self.package.as_of)


# --- the facts ------------------------------------------------------------------------------------------


def revenue(story: Story) -> Fact | None:
    """Sales, and how they compare."""
    new, old = (
        story.flow("income_statement", "revenue"),
        story.flow_before("income_statement", "revenue"),
    )
    if new is None or not new.value:
        return None
    tell = Telling()
    start = f"Revenue came to {tell(new)} {story.when}"
    if old is None or old.value <= 0 or new.value < 0:
        return tell.fact("revenue", f"{start}.")
    moved = story.figures.compute("change", "Change of revenue", PERCENT, new, old)
    if not moved.value:
        return tell.fact("revenue", f"{start}.")
    if abs(moved.value) >= BEYOND:
        return tell.fact("revenue", f"{start}, after {tell(old)} {story.when_before}.")
    word = "more" if moved.value > 0 else "less"
    return tell.fact("revenue", f"{start}, {tell(moved)} {word} than {story.when_before}.")


def result(story: Story) -> Fact | None:
    """Profit or loss, beside the year before."""
    new, old = (
        story.flow("income_statement", "net_result"),
        story.flow_before("income_statement", "net_result"),
    )
    if new is None or not new.value:
        return None
    tell = Telling()
    text = f"The net result {story.when} was {_profit(new)} of {tell(new)}"
    if old is not None and old.value:
        text += f", after {_profit(old)} of {tell(old)} {story.when_before}"
    return tell.fact("result", f"{text}.")


def margin(story: Story) -> Fact | None:
    """What is left of sales: after cost of sales where the books have such, else before depreciation."""
    name = "gross_margin" if story.flow("income_statement", "cost_of_sales") else "ebitda_margin"
    new = story.figures.find(RATIOS, name, story.year)
    old = story.figures.find(RATIOS, name, story.before)
    if new is None or new.value < 0:
        return None
    tell = Telling()
    subject = "gross margin" if name == "gross_margin" else "EBITDA margin"
    text = f"The {subject} was {tell(new)} of revenue in {story.year}"
    if old is not None and old.value >= 0:
        text += f", against {tell(old)} in {story.before}"
    return tell.fact("margin", f"{text}.")


def movement(story: Story) -> Fact | None:
    """The line of the income statement besides revenue that moved most."""
    statement = story.package.statement("income_statement", Granularity.YEAR)
    lines = [row.line for row in statement.lines if row.kind is LineKind.FIGURE and row.line != "revenue"]
    found = [
        (new, old)
        for line in lines
        if (new := story.flow("income_statement", line))
        and (old := story.flow_before("income_statement", line))
    ]
    largest = _largest(found)
    if largest is None:
        return None
    tell, (new, old) = Telling(), largest
    moved = story.figures.compute("growth", f"Movement of {new.label}", new.unit, new, old)
    subject, verb = _name(new), "rose" if moved.value > 0 else "fell"
    text = f"{_first_upper(subject)} {verb} by {tell(moved)} to {tell(new)} {story.when}"
    return tell.fact("movement", f"{text}, the largest movement apart from revenue.")


def balance(story: Story) -> Fact | None:
    """The line of the balance sheet besides cash and equity that moved most since the year before."""
    statement = story.package.statement("balance_sheet", Granularity.YEAR)
    own = {"cash", "equity", "retained_earnings", "current_year_result"}
    lines = [row.line for row in statement.lines if row.kind is LineKind.FIGURE and row.line not in own]
    largest = _largest(
        [
            (new, old)
            for line in lines
            if (new := story.standing(line, story.year)) and (old := story.standing(line, story.before))
        ]
    )
    if largest is None:
        return None
    tell, (new, old) = Telling(), largest
    moved = story.figures.compute("growth", f"Movement of {new.label}", new.unit, new, old)
    verb = "rose" if moved.value > 0 else "fell"
    subject = _name(new)
    text = f"On the balance sheet, {subject} {verb} by {tell(moved)} to {tell(new)} by {story.day}"
    return tell.fact("balance", f"{text}.")


def cash(story: Story) -> Fact | None:
    """What is in the bank."""
    new, old = story.standing("cash", story.year), story.standing("cash", story.before)
    if new is None:
        return None
    tell = Telling()
    text = f"{_overdrawn('Cash stood at', 'Cash was overdrawn by', new)} {tell(new)} on {story.day}"
    if old is not None:
        after = _overdrawn("after", "after being overdrawn by", old)
        text += f", {after} {tell(old)} at the end of {story.before}"
    return tell.fact("cash", f"{text}.")


def operations(story: Story) -> Fact | None:
    """Cash from the business itself."""
    flow = story.flow("cash_flow", "operating_cash_flow")
    if flow is None or not flow.value:
        return None
    tell = Telling()
    verb = "brought in" if flow.value > 0 else "used up"
    text = f"Operating activities {verb} {tell(flow)} of cash {story.when}."
    return tell.fact("operations", text)


def overdue(story: Story) -> Fact | None:
    """What customers owe, and how much of it is late."""
    report = next((one for one in story.package.aged if one.report == "aged_receivables"), None)
    if report is None or report.total <= 0:
        return None
    day = report.as_of.isoformat()
    owed = story.figures.find(report.report, "total", day)
    late = [story.figures.find(report.report, bucket, day) for bucket in AGING_BUCKETS[1:]]
    whole = story.figures.sum("overdue receivables", day, *(one for one in late if one is not None))
    if owed is None:
        return None
    tell = Telling()
    text = f"Customers owed {tell(owed)} on {say.day(report.as_of)}"
    if whole.value <= 0:
        return tell.fact("overdue", f"{text}.")
    part = story.figures.compute("share", "Share overdue", PERCENT, whole, owed)
    return tell.fact("overdue", f"{text}, of which {tell(whole)} or {tell(part)} was overdue.")


def collection(story: Story) -> Fact | None:
    """How long customers take to pay."""
    new = story.figures.find(RATIOS, "days_sales_outstanding", story.year)
    old = story.figures.find(RATIOS, "days_sales_outstanding", story.before)
    if new is None or old is None or new.unit != DAYS or say.short(new) == say.short(old):
        return None
    tell = Telling()
    text = f"Sales were outstanding for {tell(new)} in {story.year}, against {tell(old)} in {story.before}."
    return tell.fact("collection", text)


def outlook(story: Story) -> Fact | None:
    """The forecast of revenue."""
    forecast = story.figures.forecast
    line = (
        next((one for one in forecast.lines if one.line == "revenue" and one.points), None)
        if forecast
        else None
    )
    if line is None:
        return None
    points = [story.figures.find(FORECAST, "revenue", point.label) for point in line.points]
    known = [point for point in points if point is not None]
    first, last = known[0].period, known[-1].period
    whole = story.figures.sum("Revenue, forecast", f"{first} to {last}", *known)
    tell = Telling()
    text = f"Revenue of {tell(whole)} is forecast for {_month(first)} to {_month(last)}"
    year = story.before if story.figures.unfinished else story.year
    known_year = story.figures.find("income_statement", "revenue", year)
    if known_year is not None and known_year.value > 0:
        text += f", after {tell(known_year)} in {year}"
    return tell.fact("outlook", f"{text}.")


_FACTS: Final[tuple[Callable[[Story], Fact | None], ...]] = (
    revenue,
    result,
    margin,
    cash,
    operations,
    movement,
    balance,
    overdue,
    collection,
    outlook,
)


def close_facts(figures: Figures) -> list[Fact]:
    """The facts of a close, most asked for first."""
    return Story(figures).facts()


def _largest(pairs: list[tuple[Figure, Figure]]) -> tuple[Figure, Figure] | None:
    """The pair that moved most in size; one that changed its sign, or was nothing before, has no size."""
    moved = [(new, old) for new, old in pairs if new.value * old.value > 0 and new.value != old.value]
    return max(moved, key=lambda pair: abs(abs(pair[0].value) - abs(pair[1].value)), default=None)


def _name(figure: Figure) -> str:
    """The label inside a sentence: ``EBIT`` stays, ``Cost of sales`` is no name."""
    return figure.label if figure.label[:2].isupper() else figure.label[:1].lower() + figure.label[1:]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _month(label: str) -> str:
    """``January 2026`` for ``2026-01``; fiscal months that are none of the calendar's keep their label."""
    year, _, number = label.partition("-")
    return f"{MONTH_NAMES[int(number) - 1].capitalize()} {year}" if number.isdigit() else label


def _profit(figure: Figure) -> str:
    return "a profit" if figure.value > 0 else "a loss"


def _overdrawn(stood: str, under: str, figure: Figure) -> str:
    return stood if figure.value >= ZERO else under
