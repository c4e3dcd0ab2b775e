"""Which methods a series is tried with: by its length, its gaps, what is installed, and what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from abax.errors import InvalidRequest
from abax.forecast import learned, library
from abax.forecast.intermittent import INTERMITTENT_METHODS, is_lumpy
from abax.forecast.methods import PLAIN_METHODS, SEASON, SEASONAL_METHODS, Method
from abax.forecast.workdays import by_the_day

_TWO_YEARS_TO_FIT: Final = 30
"""From this length on, origins leave two years to fit and six months to test."""
_SHORTEST_TO_FIT: Final = 4
_BY_DAY: Final = ("theta", "dynamic_theta")
"""The best of them that is there goes by the working day, too."""
_STAND_INS: Final = ("theta", "damped_trend")
"""They take part in the combination where statsforecast's are not there."""


class Reach(StrEnum):
    """How many methods are tried."""

    BASELINE = "baseline"
    """Those that need nothing but Python."""
    USUAL = "usual"
    """What is quick beside: exponential smoothing, Theta and complex smoothing of statsforecast."""
    ALL = "all"
    """ARIMA, Prophet, linear, forest and boosting too: seconds for every line."""


@dataclass(frozen=True)
class Tools:
    """What a forecast may use. What is not installed is left out."""

    reach: Reach = Reach.BASELINE
    country: str = ""
    """Whose public holidays count; none: Monday to Friday are working days."""


BASELINE: Final = Tools()


def tools_named(methods: str, country: str = "") -> Tools:
    """``baseline``, ``usual`` or ``all``, and a country. Raises InvalidRequest for any other methods."""
    try:
        return Tools(Reach(methods), country)
    except ValueError:
        known = ", ".join(Reach)
        raise InvalidRequest(f"forecasts know {known}, not {methods!r}", "forecast_methods") from None


def least_months(length: int) -> int:
    """How many months the first origin of a backtest knows, of a history of ``length``."""
    if length < 2 * SEASON:
        return _SHORTEST_TO_FIT
    return 2 * SEASON if length >= _TWO_YEARS_TO_FIT else SEASON


def methods_for(values: Sequence[float], tools: Tools, days: Sequence[int] = ()) -> list[Method]:
    """The methods to try, the naive one first. With the working ``days`` of the months of ``values`` and of
    those ahead, one of them goes by the day."""
    short = len(values) < 2 * SEASON
    found: list[Method] = [*(PLAIN_METHODS if short else SEASONAL_METHODS)]
    if is_lumpy(values):
        found += INTERMITTENT_METHODS
    if not short and tools.reach is not Reach.BASELINE and library.is_installed():
        found = [replace(method, joins=method.name not in _STAND_INS and method.joins) for method in found]
        found += library.LIBRARY_METHODS
        if tools.reach is Reach.ALL:
            found.append(library.ARIMA)
    if days and not short:
        found.append(by_the_day(next(method for method in reversed(found) if method.name in _BY_DAY), days))
    if not short and tools.reach is Reach.ALL:
        found += [library.PROPHET] if library.has_prophet() else []
        found += learned.LEARNED_METHODS if learned.is_installed() else []
    return found
