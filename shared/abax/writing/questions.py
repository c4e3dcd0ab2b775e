"""A question about a close, answered from its figures alone: found by name, said to the cent, or refused.

No model takes part in finding a figure. A word that nothing here understands refuses the whole question: an
answer to half of it ("revenue per employee") would be an answer to another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pydantic import Field

from abax.dates import Granularity
from abax.errors import listed
from abax.ledger.model import AGING_BUCKETS, ClosePackage, Forecast, Frozen, StatementClass
from abax.writing import say
from abax.writing.asked import Asked, taken_apart
from abax.writing.check import fault, unnamed
from abax.writing.figures import BEYOND, DAYS, FORECAST, PERCENT, RATIOS, TIMES, Figure, Figures
from abax.writing.lexicon import Lexicon, Line
from abax.writing.reading import MONTH_NAMES, When, claims

MOST_FIGURES: Final = 6
"""Figures in one answer."""


class Refusal(Frozen):
    """Why there is no answer."""

    type: str
    """``NotUnderstood``, ``NoFigure``, ``NoPeriod``, ``Ambiguous``, ``NotInFigures`` or ``NotComparable``."""
    message: str


class Answer(Frozen):
    """What the close says to a question, or why it says nothing."""

    question: str
    answered: bool
    answer: str = ""
    figures: list[Figure] = Field(default_factory=list)
    """The figures cited, in order; ``opens`` of each are the paths that explain it."""
    reason: Refusal | None = None


class Refused(Exception):
    """Raised inside: the question has no answer here."""

    def __init__(self, kind: str, message: str) -> None:
        self.refusal = Refusal(type=kind, message=message)
        super().__init__(message)


def answer(package: ClosePackage, forecast: Forecast | None, question: str) -> Answer:
    """Answer a question about a close, or refuse: never a number that the close does not hold."""
    figures = Figures(package, forecast)
    try:
        text, cited = _Reply(figures).to(taken_apart(question, figures, Lexicon(package)))
        whens = {claim.label for claim in claims(unnamed(text, cited)) if isinstance(claim, When)}
        if why := fault(text, cited, whens, figures):
            raise Refused("NotInFigures", why)
    except Refused as refused:
        return Answer(question=question, answered=False, reason=refused.refusal)
    return Answer(question=question, answered=True, answer=text, figures=cited)


@dataclass
class _Reply:
    """Builds the answer to one question."""

    figures: Figures
    cited: list[Figure] = field(default_factory=list)

    def to(self, asked: Asked) -> tuple[str, list[Figure]]:
        """Text and figures. Raises Refused."""
        self._understood(asked)
        if most := next((name for name in asked.intents if name.startswith("most:")), ""):
            text = self._most(most.removeprefix("most:"), asked)
        elif "ahead" in asked.intents or "next" in asked.periods:
            text = self._ahead(self._lines(asked), asked)
        elif "share" in asked.intents:
            text = self._share(self._lines(asked), asked)
        elif "change" in asked.intents:
            text = " ".join(self._change(line, asked) for line in self._lines(asked))
        else:
            text = self._values(self._lines(asked), asked)
        return text, self.cited

    def _understood(self, asked: Asked) -> None:
        if "cause" in asked.intents:
            raise Refused("NotInFigures", "figures say how much, not why or what to do")
        if asked.strange:
            raise Refused("NotUnderstood", f"these words name nothing in this close: {listed(asked.strange)}")
        kinds = [name for name in asked.intents if name in ("share", "change", "ahead")]
        if len(kinds) > 1 or (kinds and any(name.startswith("most:") for name in asked.intents)):
            raise Refused(
                "NotUnderstood", f"this asks for several things at once: {listed(sorted(asked.intents))}"
            )

    def _lines(self, asked: Asked) -> list[Line]:
        if not asked.lines:
            known = [row.label for row in self.figures.package.statement("income_statement", "year").lines]
            raise Refused(
                "NoFigure", f"no line of this close is named; there are, among others, {listed(known, 6)}"
            )
        for meant in asked.lines:
            if len(meant) > 1:
                ways = listed(f"{line.report}/{line.line}" for line in meant)
                raise Refused("Ambiguous", f"one name stands for several figures: {ways}")
        return [meant[0] for meant in asked.lines]

    # --- kinds of answers

    def _values(self, lines: Sequence[Line], asked: Asked) -> str:
        wanted = [(line, period) for line in lines for period in asked.periods or [self._closed]]
        if len(wanted) > MOST_FIGURES:
            raise Refused(
                "NotUnderstood", f"this asks for {len(wanted)} figures; ask for {MOST_FIGURES} at most"
            )
        found = [self._figure(line, period) for line, period in wanted]
        if "many" in asked.intents and any(figure.unit != DAYS for figure in found):
            raise Refused("NotInFigures", "a close counts money, and no things")
        return " ".join(
            f"{_named(one)} {self._was(one)} {self._cite(one)} {self._when(one)}." for one in found
        )

    def _change(self, line: Line, asked: Asked) -> str:
        if len(asked.periods) > 2:
            raise Refused("NotUnderstood", "a change is between two periods")
        labels = sorted(asked.periods or [self._closed])
        old, new = labels if len(labels) == 2 else (self._year_before(labels[0]), labels[0])
        if len(old) != len(new) or ("Q" in old) != ("Q" in new):
            raise Refused("NotComparable", f"{old} and {new} are periods of different length")
        if (
            self.figures.unfinished
            and self._closed in (old, new)
            and line.report in ("income_statement", "cash_flow")
        ):
            raise Refused(
                "NotComparable", f"fiscal year {self._closed} is not finished; ask for months or quarters"
            )
        after, before = self._figure(line, new), self._figure(line, old)
        return self._moved(before, after)

    def _moved(self, before: Figure, after: Figure) -> str:
        name, compute = _named(after), self.figures.compute
        if before.value == after.value:
            return f"{name} did not change: {self._cite(after)} {self._when(before)} and {self._when(after)}."
        if before.value * after.value <= 0 or after.unit in (PERCENT, DAYS, TIMES):
            start = f"{name} went from {self._cite(before)} {self._when(before)}"
            return f"{start} to {self._cite(after)} {self._when(after)}."
        grown = compute("growth", f"Growth of {name}", after.unit, after, before)
        rate = compute("change", f"Change of {name}", PERCENT, after, before)
        verb = "rose" if grown.value > 0 else "fell"
        start = f"{name} {verb} by {self._cite(grown, size=True)}"
        if abs(rate.value) < BEYOND:
            start += f", or {self._cite(rate, size=True)}"
        towards = f"from {self._cite(before)} {self._when(before)} to {self._cite(after)} {self._when(after)}"
        return f"{start}, {towards}."

    def _share(self, lines: Sequence[Line], asked: Asked) -> str:
        if len(lines) != 2:
            raise Refused("NotUnderstood", "a share is of one line in one other")
        if len(asked.periods) > 1:
            raise Refused("NotUnderstood", "ask for the share in one period")
        period = (asked.periods or [self._closed])[0]
        found = [self._figure(line, period) for line in lines]
        whole, part = sorted(found, key=lambda figure: -abs(figure.value))
        if (
            not whole.value
            or {whole.unit, part.unit} != {self.figures.currency}
            or whole.period != part.period
        ):
            raise Refused("NotComparable", f"{part.label} is no part of {whole.label}")
        rate = self.figures.compute("share", f"{part.label} in {whole.label}", PERCENT, part, whole)
        sizes = f"{self._cite(part)} against {self._cite(whole)}"
        is_of = f"came to {self._cite(rate, size=True)} of {_named(whole)}"
        return f"{_named(part)} {is_of} {self._when(part)}: {sizes}."

    def _ahead(self, lines: Sequence[Line], asked: Asked) -> str:
        outlook = self.figures.forecast
        if outlook is None:
            raise Refused("NoFigure", "this close has no forecast")
        wanted = [label for label in asked.periods if label != "next"]
        if len(wanted) > 1:
            raise Refused("NotUnderstood", "ask for one period ahead")
        return " ".join(self._forecast(line, outlook, wanted) for line in lines)

    def _forecast(self, line: Line, outlook: Forecast, wanted: Sequence[str]) -> str:
        known = next((one for one in outlook.lines if one.line == line.line and one.points), None)
        if known is None or line.report not in ("income_statement", "balance_sheet"):
            lines = listed(one.label for one in outlook.lines if one.points)
            raise Refused("NoFigure", f"{line.line} is not forecast; there are {lines}")
        labels = [point.label for point in known.points]
        picked = [
            label for label in labels if not wanted or label == wanted[0] or self._year_of(label) == wanted[0]
        ]
        whole_year = bool(wanted) and wanted[0].isdigit()
        if not picked or (whole_year and len(picked) < 12):
            raise Refused(
                "NoPeriod", f"the forecast reaches from {labels[0]} to {labels[-1]}, month by month"
            )
        points = [self._figure(Line(FORECAST, line.line), label) for label in picked]
        if line.report == "balance_sheet":
            end = _period(picked[-1])
            return f"{known.label} of {self._cite(points[-1])} is forecast for the end of {end}."
        whole = points[0]
        span = _period(picked[0])
        if len(points) > 1:
            whole = self.figures.sum(f"{known.label}, forecast", f"{picked[0]} to {picked[-1]}", *points)
            span = f"{span} to {_period(picked[-1])}"
        return f"{known.label} of {self._cite(whole)} is forecast for {span}."

    def _most(self, of: str, asked: Asked) -> str:
        if asked.lines or len(asked.periods) > 1:
            raise Refused("NotUnderstood", "ask for the largest of all, in one period at most")
        if of == "expenses":
            return self._largest_expense((asked.periods or [self._closed])[0])
        report = next(one for one in self.figures.package.aged if one.report == of)
        day = report.as_of.isoformat()
        if asked.periods not in ([], [self._closed], [day]):
            raise Refused("NoPeriod", f"open items are known as of {day}")
        partners = sorted(report.partners, key=lambda one: -abs(one.total))
        if not partners or not partners[0].total:
            raise Refused("NoFigure", f"nothing is open on {day}")
        figure = self._figure(Line(of, partners[0].partner), day)
        whose = "owed most to us" if of == "aged_receivables" else "was owed most by us"
        return f"{figure.label} {whose}: {self._cite(figure, size=True)} on {say.day(report.as_of)}."

    def _largest_expense(self, year: str) -> str:
        balance = next((one for one in self.figures.package.trial_balances if str(one.year) == year), None)
        rows = [row for row in balance.rows if row.statement_class in _EXPENSES] if balance else []
        if not rows:
            raise Refused(
                "NoPeriod", f"expenses by account are known for {listed(self.figures.years)}, not {year}"
            )
        row = max(rows, key=lambda one: one.closing)
        figure = self._figure(Line("trial_balance", row.code), year)
        much = self._cite(figure, size=True)
        return f"The largest expense account was {row.name}, with {much} in {_period(year)}."

    # --- finding

    @property
    def _closed(self) -> str:
        return str(self.figures.package.year)

    def _figure(self, line: Line, period: str) -> Figure:
        """The figure of a line in a period. Raises Refused, saying which periods there are."""
        if line.report.startswith("aged_"):
            return self._aged(line, period)
        found = self.figures.find(line.report, line.line, self._known_period(line, period))
        if found is None:
            raise self._no_period(line, period)
        return found

    def _known_period(self, line: Line, period: str) -> str:
        """A day that ends a month, quarter or year stands for it, where balances are asked for."""
        if len(period) < 10 or line.report != "balance_sheet":
            return period
        for granularity in Granularity:
            for column in self.figures.package.statement(line.report, granularity).periods:
                if column.end.isoformat() == period:
                    return column.label
        return period

    def _aged(self, line: Line, period: str) -> Figure:
        report = next(one for one in self.figures.package.aged if one.report == line.report)
        day = report.as_of.isoformat()
        if period not in (day, self._closed):
            raise Refused("NoPeriod", f"open items are known as of {day}, not of {period}")
        if line.line != "overdue":
            figure = self.figures.find(line.report, line.line, day)
            if figure is None:
                raise Refused("NoFigure", f"nothing of {line.line} is open on {day}")
            return figure
        late = [self.figures.find(line.report, bucket, day) for bucket in AGING_BUCKETS[1:]]
        side = "receivables" if line.report == "aged_receivables" else "payables"
        return self.figures.sum(f"overdue {side}", day, *(one for one in late if one is not None))

    def _no_period(self, line: Line, period: str) -> Refused:
        known = [
            figure.period
            for figure in self.figures
            if (figure.report, figure.line) == (line.report, line.line)
        ]
        if not known:
            return Refused("NoFigure", f"this close has no {line.line.replace('_', ' ')}")
        return Refused(
            "NoPeriod", f"{line.line.replace('_', ' ')} is not known for {period}; {_known(known)}"
        )

    def _year_before(self, label: str) -> str:
        year, dash, rest = label.partition("-")
        return f"{int(year) - 1}{dash}{rest}"

    def _year_of(self, label: str) -> str:
        return label.partition("-")[0]

    # --- saying

    def _cite(self, figure: Figure, size: bool = False) -> str:
        self.cited.append(figure)
        if size or _by_size(figure):
            return say.exact(figure.model_copy(update={"value": abs(figure.value)}))
        return say.exact(figure)

    def _was(self, figure: Figure) -> str:
        if figure.report == "trial_balance" and figure.value:
            return f"had a {'debit' if figure.value > 0 else 'credit'} balance of"
        if figure.report == RATIOS:
            return "was"
        return "stood at" if figure.report == "balance_sheet" else "came to"

    def _when(self, figure: Figure) -> str:
        """The figure's period inside a sentence."""
        if len(figure.period) == 10:
            return f"on {say.day(date.fromisoformat(figure.period))}"
        at = "at the end of" if figure.report in ("balance_sheet", "trial_balance") else "in"
        cut_short = figure.period == self._closed and self.figures.unfinished
        end = f" up to {say.day(self.figures.package.as_of)}" if cut_short else ""
        return f"{at} {_period(figure.period)}{end}"


_EXPENSES: Final = {
    StatementClass.COST_OF_SALES,
    StatementClass.OPERATING_EXPENSES,
    StatementClass.DEPRECIATION,
    StatementClass.INTEREST_EXPENSE,
    StatementClass.INCOME_TAX,
}


def _by_size(figure: Figure) -> bool:
    """Costs and debts, which people name without the sign that makes statements add up; an account's balance
    says its side in words."""
    if figure.report in ("trial_balance", "aged_payables"):
        return True
    side = figure.line.startswith("sum_of_") and figure.label.endswith("payables")
    return side or (figure.value < 0 and figure.line in {kind.value for kind in _EXPENSES})


def _named(figure: Figure) -> str:
    label = figure.label.removesuffix(", forecast")
    return label[:1].upper() + label[1:]


def _period(label: str) -> str:
    """``March 2025``, ``Q1 2025``, ``2025``; fiscal months keep their label."""
    year, _, part = label.partition("-")
    if part.startswith("Q"):
        return f"{part} {year}"
    return f"{MONTH_NAMES[int(part) - 1].capitalize()} {year}" if part.isdigit() else label


def _known(periods: Sequence[str]) -> str:
    years = sorted({label for label in periods if label.isdigit()})
    finer = " and their quarters and months" if any("Q" in label for label in periods) else ""
    return f"it is for {listed(years or sorted(set(periods)))}{finer}"
