"""What a line's backtest says, as a reader sees it: scores, the last year foretold, what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from abax.forecast.backtest import Backtest, naive_scale
from abax.forecast.choose import Choice, Score, Spread, coverage, least_growth
from abax.forecast.methods import SEASON, Method, fit_last_value, plain
from abax.ledger.model import ForecastDriver, ForecastScore, ForecastTest
from abax.money import rounded

Errors = Mapping[int, Sequence[float]]

NAIVE: Final = ("seasonal_naive", "last_value")
"""What the others are measured by: the second where no season can be told."""
_LEAST_SEASON: Final = 0.02
"""A season that moves the year's months by less than this share of their mean is none worth a word."""


def scores_of(choice: Choice, label: str, values: Sequence[float], errors: Errors) -> list[ForecastScore]:
    """What was chosen first, with the errors that it has once lines and totals add up, then the rest.

    Coverage is told of the chosen and of the naive one: it takes a backtest of the interval itself.
    """
    if not errors:
        return []
    name = choice.scores[0].method.name if choice.scores else ""
    chosen = Backtest(_named(name, label), errors, naive_scale(values), values)
    first = _score(Score(chosen.method, chosen, 1.0), len(values), covered=True)
    rest = [
        _score(one, len(values), covered=one.method.name in NAIVE)
        for one in choice.scores
        if one.method.name != name or one.method.label != label
    ]
    if choice.scores and choice.scores[0].method.label == label:
        first = first.model_copy(update={"note": choice.scores[0].words})
    return [first, *rest]


def _named(name: str, label: str) -> Method:
    return Method(name or "statements", label, 1, plain(fit_last_value))


def _score(one: Score, months: int, *, covered: bool) -> ForecastScore:
    test = one.test
    if test is None:
        return ForecastScore(
            method=one.method.name,
            label=one.method.label,
            mase=None,
            smape=None,
            bias=None,
            coverage=None,
            note=one.note,
        )
    return ForecastScore(
        method=one.method.name,
        label=one.method.label,
        mase=shown(test.mase),
        smape=shown(test.smape),
        bias=shown(test.relative_bias),
        coverage=shown(coverage(test.errors, least_growth(months))) if covered else None,
        weight=round(one.weight, 3),
        note=one.words,
    )


def tests_of(
    values: Sequence[float], errors: Errors, spread: Spread | None, labels: Sequence[str], currency: str
) -> list[ForecastTest]:
    """The last year (or what was tested of it) as it would have been forecast from its beginning.

    ``labels`` name the months of ``values``, of the last of them at least.
    """
    if spread is None:
        return []
    back = max((one for one in errors if one <= min(SEASON, len(labels))), default=0)
    found = []
    for step, error in enumerate(errors.get(back, ())):
        actual = values[len(values) - back + step]
        value, reach = actual - error, spread.reach(step + 1)
        found.append(
            ForecastTest(
                label=labels[len(labels) - back + step],
                ahead=step + 1,
                actual=money(actual, currency),
                value=money(value, currency),
                low=money(value - reach, currency),
                high=money(value + reach, currency),
            )
        )
    return found


def drivers_of(
    values: Sequence[float], ahead: Sequence[Decimal], months: Sequence[str], currency: str, *, flow: bool
) -> list[ForecastDriver]:
    """Level, trend and season of a forecast beside its history: the last twelve months, the next twelve, and
    the months that stand out. Empty with less than a year on either side."""
    if len(values) < SEASON or len(ahead) < SEASON:
        return []
    before = [money(value, currency) for value in values[-SEASON:]]
    after = list(ahead[:SEASON])
    level, reached = (sum(before, Decimal(0)), sum(after, Decimal(0))) if flow else (before[-1], after[-1])
    span = "the last twelve months together" if flow else "at the end of the history"
    found = [ForecastDriver(driver="level", label="Level", value=level, unit="currency", text=span)]
    if level:
        change = (100 * (reached - level) / abs(level)).quantize(Decimal("0.1"))
        text = "the next twelve months beside them" if flow else "twelve months later"
        found.append(ForecastDriver(driver="trend", label="Trend", value=change, unit="percent", text=text))
    mean = sum(map(abs, after), Decimal(0)) / SEASON
    usual = sum(after, Decimal(0)) / SEASON
    peak = max(range(SEASON), key=lambda place: abs(after[place] - usual))
    apart = after[peak] - usual
    if flow and mean and abs(apart) / mean >= Decimal(repr(_LEAST_SEASON)):
        found.append(
            ForecastDriver(
                driver="season",
                label="Season",
                value=(100 * apart / mean).quantize(Decimal("0.1")),
                unit="percent",
                text=f"{months[peak]} beside the mean month: it stands out most",
            )
        )
    return found


def money(value: float, currency: str) -> Decimal:
    """The nearest amount of the currency."""
    return rounded(Decimal(repr(value)), currency)


def shown(value: float | None) -> float | None:
    """Three decimals: more would pretend."""
    return None if value is None else round(value, 3)
