"""Working days of months: what is sold and worked by the day has longer and shorter months.

Monday to Friday, less the public holidays of a country where one is named (``DE``, ``DE-BY``, ``US``; the
package holidays knows them). A method that divides by them takes part in the backtest like any other: rent,
which knows no working days, gives it no weight.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from abax.errors import InvalidRequest
from abax.forecast.methods import Fitted, Method, Predict

Span = tuple[date, date]
"""First and last day of a month, both counted."""

_WEEKEND: Final = 5


def workdays(months: Iterable[Span], country: str = "") -> list[int]:
    """How many working days each month has, at least one. Raises InvalidRequest for a country that is not
    known, or where the package that knows them is missing."""
    spans = list(months)
    free = _holidays(country, {day.year for span in spans for day in span}) if country else frozenset()
    return [max(_days(start, end, free), 1) for start, end in spans]


def _days(start: date, end: date, free: Container[date]) -> int:
    every = (start + timedelta(days=step) for step in range((end - start).days + 1))
    return sum(day.weekday() < _WEEKEND and day not in free for day in every)


def _holidays(country: str, years: Iterable[int]) -> Container[date]:
    if importlib.util.find_spec("holidays") is None:
        raise InvalidRequest("public holidays need pip install 'abax[forecast]'", "forecast_country")
    import holidays

    code, _, part = country.partition("-")
    try:
        return holidays.country_holidays(code, subdiv=part or None, years=sorted(years))
    except NotImplementedError as error:
        raise InvalidRequest(
            f"no public holidays are known for {country!r}: {error}", "forecast_country"
        ) from error


def by_the_day(method: Method, days: Sequence[int]) -> Method:
    """A method on what a series is per working day. ``days`` are those of every month of the history and of
    the months ahead; a history that is cut short ends earlier, and begins where ``days`` do."""
    mean = sum(days) / len(days)

    def adjusted(history: Sequence[float]) -> list[float]:
        return [value * mean / count for value, count in zip(history, days, strict=False)]

    def put_back(predict: Predict, known: int) -> Predict:
        return lambda horizon: [
            value * count / mean
            for value, count in zip(predict(horizon), days[known : known + horizon], strict=True)
        ]

    def fit(history: Sequence[float]) -> Fitted:
        inner = method.fit(adjusted(history))
        again = inner.onwards

        def onwards(longer: Sequence[float]) -> Predict:
            predict: Callable[[int], list[float]] = (
                again(adjusted(longer)) if again else method.fit(adjusted(longer)).predict
            )
            return put_back(predict, len(longer))

        return Fitted(
            put_back(inner.predict, len(history)),
            put_back(inner.deviation, len(history)),
            inner.words,
            onwards if again else None,
        )

    return Method(f"{method.name}_by_day", f"{method.label}, by working day", method.least, fit, joins=True)
