"""The methods of libraries and of machine learning, lumpy lines, and which are tried when."""

from __future__ import annotations

import importlib.util
import math
import random

import pytest
from abax.forecast.backtest import backtest, one_sided, origins, within_reason
from abax.forecast.choose import COMBINATION, choose, combination, run_tests
from abax.forecast.intermittent import INTERMITTENT_METHODS, fit_croston, fit_tsb, is_lumpy
from abax.forecast.learned import LEARNED_METHODS
from abax.forecast.library import ARIMA, LIBRARY_METHODS, PROPHET
from abax.forecast.methods import SEASONAL_METHODS, Method, MethodFailed, fit_drift, plain
from abax.forecast.toolbox import Reach, Tools, methods_for

NOISE = random.Random(4)
SEASON = [100.0, 102, 98, 105, 110, 120, 118, 112, 104, 101, 130, 160]
GROWING = [value * 1.01**year + NOISE.uniform(-2, 2) for year in range(4) for value in SEASON]
NEEDS = {
    **dict.fromkeys((method.name for method in (*LIBRARY_METHODS, ARIMA)), "statsforecast"),
    **dict.fromkeys((method.name for method in LEARNED_METHODS), "sklearn"),
    PROPHET.name: "prophet",
}
LARGE = [*LIBRARY_METHODS, ARIMA, *LEARNED_METHODS, PROPHET]


def needed(method: Method) -> None:
    if importlib.util.find_spec(NEEDS[method.name]) is None:
        pytest.skip(f"{NEEDS[method.name]} is not installed: pip install 'abax[forecast]'")


@pytest.mark.parametrize("method", LARGE, ids=lambda method: method.name)
def test_a_season_is_found_and_the_constants_are_told(method: Method) -> None:
    needed(method)
    fitted = method.fit(GROWING)
    ahead = fitted.predict(12)
    assert sum(abs(a - p) for a, p in zip(GROWING[-12:], ahead, strict=True)) / sum(GROWING[-12:]) < 0.1
    assert ahead.index(max(ahead)) == 11
    assert fitted.explain() and "no constants" not in fitted.explain()


@pytest.mark.parametrize("method", LARGE, ids=lambda method: method.name)
def test_quantiles_rise_and_hold_the_prediction(method: Method) -> None:
    needed(method)
    fitted = method.fit(GROWING)
    for value, (low, middle, high) in zip(
        fitted.predict(6), fitted.quantiles(6, (0.1, 0.5, 0.9)), strict=True
    ):
        assert low < middle < high
        assert middle == pytest.approx(value, abs=0.5)


@pytest.mark.parametrize(
    "method", [*LIBRARY_METHODS, ARIMA, *LEARNED_METHODS], ids=lambda method: method.name
)
def test_constants_go_on_with_a_longer_history(method: Method) -> None:
    needed(method)
    fitted = method.fit(GROWING[:36])
    assert fitted.onwards is not None
    assert fitted.onwards(GROWING[:36])(3) == pytest.approx(fitted.predict(3), rel=1e-6)
    assert fitted.onwards(GROWING)(3) != pytest.approx(fitted.predict(3), rel=1e-6)


def test_quantiles_of_plain_methods_widen() -> None:
    for method in SEASONAL_METHODS:
        rows = method.fit(GROWING).quantiles(6, (0.05, 0.95))
        widths = [high - low for low, high in rows]
        assert widths == sorted(widths) and widths[0] > 0


def test_drift_goes_from_the_first_value_through_the_last() -> None:
    assert fit_drift([2.0, 9.0, 6.0])(2) == [8.0, 10.0]


# --- lumpy lines ----------------------------------------------------------------------------------------


def test_a_line_that_is_posted_to_every_quarter_is_lumpy() -> None:
    assert is_lumpy([0.0, 0, 30] * 8)
    assert not is_lumpy(GROWING)
    assert not is_lumpy([0.0] * 12)
    assert not is_lumpy([*[0.0] * 24, *GROWING])


def test_croston_is_size_over_interval() -> None:
    assert fit_croston([0.0, 0, 30] * 8)(2) == pytest.approx([10.0, 10.0])
    assert fit_croston([0.0, 0, 30] * 8, 1.0)(1)[0] < 10


def test_a_line_that_has_died_out_fades() -> None:
    alive = [0.0, 0, 30] * 8
    assert fit_tsb([*alive, *[0.0] * 18])(1)[0] < 0.4 * fit_tsb(alive)(1)[0]
    assert fit_croston([*alive, *[0.0] * 18])(1)[0] == pytest.approx(10.0)


def test_lumpy_lines_are_tried_with_their_methods() -> None:
    names = {method.name for method in methods_for([0.0, 0, 30] * 12, Tools())}
    assert names >= {method.name for method in INTERMITTENT_METHODS}
    assert not names & {method.name for method in LARGE}


# --- which are tried, and what comes of it --------------------------------------------------------------


def test_a_method_that_fails_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(history: object) -> None:
        raise MethodFailed("singular")

    broken = Method("broken", "Broken", 12, fail)  # type: ignore[arg-type]
    monkeypatch.setattr("abax.forecast.choose.methods_for", lambda *_: [*SEASONAL_METHODS, broken])
    choice = choose(GROWING, 12)
    assert len(choice.values) == 12
    assert [(score.method.name, score.note) for score in choice.scores if score.note] == [
        ("broken", "singular")
    ]


def test_forecasts_that_run_away_are_stopped() -> None:
    assert within_reason([10.0, 12, 11], [1e9, -1e9]) == [60.0, 2.0]
    assert within_reason([-10.0, -12, -11], [1e9, -1e9]) == [-2.0, -60.0]
    assert within_reason([-10.0, 12, 11], [7.0, -8.0]) == [7.0, -8.0]
    with pytest.raises(MethodFailed):
        within_reason([10.0, 12, 11], [math.nan])


def test_months_that_never_saw_a_posting_stay_empty() -> None:
    quarterly = [value if month % 3 == 2 else 0.0 for month, value in enumerate(GROWING)]
    ahead = choose(quarterly, 12).values
    assert [bool(value) for value in ahead] == [month % 3 == 2 for month in range(12)]
    assert within_reason([0.0, 5.0] * 6, [3.0, 4.0]) == [3.0, 4.0]


def test_an_interval_does_not_cross_zero_where_the_history_never_did() -> None:
    assert one_sided([0.0, 5.0], 1.0, -3.0, 4.0) == (0.0, 4.0)
    assert one_sided([0.0, -5.0], -1.0, -3.0, 4.0) == (-3.0, 0.0)
    assert one_sided([2.0, -5.0], 1.0, -3.0, 4.0) == (-3.0, 4.0)
    assert one_sided([2.0, 5.0], -1.0, -3.0, 4.0) == (-3.0, 4.0)
    assert within_reason([0.0, 5.0] * 3, [-2.0, 3.0]) == [0.0, 3.0]


def test_the_combination_is_the_mean_by_inverse_squared_error() -> None:
    def law(value: float) -> Method:
        return Method(str(value), "", 12, plain(lambda _: lambda horizon: [value] * horizon), joins=True)

    history = [10.0] * 30
    tests = [backtest(law(value), history, origins(30, 24), 6) for value in (9.0, 12.0)]
    together, weights = combination(tests)
    assert weights == pytest.approx({"9.0": 0.8, "12.0": 0.2})
    assert together is not None and together.method.name == COMBINATION
    assert together.flat == pytest.approx([10 - 0.8 * 9 - 0.2 * 12] * len(together.flat))


def test_the_choice_tells_the_score_of_the_chosen_and_of_the_beaten() -> None:
    choice = choose(GROWING, 12)
    names = [score.method.name for score in choice.scores]
    assert names[0] == choice.method
    assert {"seasonal_naive", "theta", "damped_trend", "blend"} <= set(names)
    assert sum(score.weight for score in choice.scores[1:]) == pytest.approx(
        1.0 if choice.method == COMBINATION else 0.0
    )
    assert all(score.test is not None and score.test.smape is not None for score in choice.scores)


def test_wider_levels_reach_further() -> None:
    choice = choose(GROWING, 12)
    assert choice.reach_at(0.8) == choice.reach
    assert all(inner < outer for inner, outer in zip(choice.reach, choice.reach_at(0.95), strict=True))


def test_everything_can_be_tried_on_one_line() -> None:
    for method in LARGE:
        needed(method)
    tried = run_tests(GROWING[:30], 3, Tools(Reach.ALL))
    assert {test.method.name for test in tried.tests} >= {method.name for method in LARGE}
    assert not tried.failed


def test_a_constant_line_says_that_it_knows_no_change() -> None:
    choice = choose([250.0] * 36, 6)
    assert choice.values == [250.0] * 6
    assert "the same amount every month" in choice.note
