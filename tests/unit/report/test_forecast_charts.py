"""Charts of a forecast, and the section that they stand in."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from abax.dates import FiscalCalendar
from abax.ledger.model import (
    BridgeStep,
    Check,
    ClosePackage,
    Forecast,
    ForecastAlert,
    ForecastAssumption,
    ForecastDriver,
    ForecastLine,
    ForecastScore,
)
from abax.report import LineIndex, forecast_charts, render_html
from abax.report.forecast_charts import Course, courses, headline, months_until, verdicts
from abax.report.forecast_section import (
    Section,
    alert_text,
    assumption_words,
    driver_figure,
    render_forecast,
)
from abax.report.view import View
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.files import assert_golden
from tests.golden.outlook import bare, golden_outlook
from tests.unit.report.test_html import Outline

Closed = tuple[ClosePackage, Forecast, LineIndex]
AMOUNTS = st.decimals(-(10**9), 10**9, places=2)


@pytest.fixture(scope="module")
def package(closed: Closed) -> ClosePackage:
    return closed[0]


@pytest.fixture(scope="module")
def outlook(package: ClosePackage) -> Forecast:
    """A forecast that tells all that one may tell."""
    return golden_outlook(package)


def course(outlook: Forecast, package: ClosePackage, line: str) -> Course:
    return next(one for one in courses(package, outlook) if one.line.line == line)


def changed(outlook: Forecast, **update: object) -> Forecast:
    return outlook.model_copy(update={"lines": [one.model_copy(update=update) for one in outlook.lines]})


def test_the_section_is_what_it_was(package: ClosePackage, outlook: Forecast) -> None:
    assert_golden("forecast.html", str(render_forecast(package, outlook)))


def test_the_golden_statements_ahead_add_up(outlook: Forecast) -> None:
    result, position, flow = outlook.statements
    assert position.row("total_assets").values == position.row("total_liabilities_and_equity").values
    assert flow.row("closing_cash").values == position.row("cash").values
    assert flow.row("net_result").values == result.row("net_result").values
    assert sum(step.amount for step in outlook.bridge[:-1]) == outlook.bridge[-1].amount


def test_elements_nest_and_ids_are_unique_in_the_whole_page(closed: Closed, outlook: Forecast) -> None:
    outline = Outline(render_html(closed[0], outlook, closed[2]))
    assert outline.open == []
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not [tag for tag, attributes in outline.tags if "style" in attributes]


def test_every_drawing_says_what_it_shows(package: ClosePackage, outlook: Forecast) -> None:
    section = str(render_forecast(package, outlook))
    drawings = re.findall(r'<svg class="chart(?: rows)?" .*?</svg>', section)
    assert len(drawings) == 3 + 1 + 1 + 3 + len(outlook.lines)  # fans, bridge, scores, backtests, all lines
    for drawn in drawings:
        named = re.search(r'aria-labelledby="(\S+) (\S+)"', drawn)
        assert named
        assert f'<title id="{named[1]}">' in drawn
        described = re.search(f'<desc id="{named[2]}">(.*?)</desc>', drawn)
        assert described and len(described[1]) > 30


def test_every_hatching_that_is_used_is_there(package: ClosePackage, outlook: Forecast) -> None:
    section = str(render_forecast(package, outlook))
    used = set(re.findall(r'fill="url\(#([^)]+)\)"', section))
    assert used and used <= set(re.findall(r'<pattern id="([^"]+)"', section))


def test_a_fan_has_a_plain_and_a_hatched_interval_and_a_dashed_line(
    package: ClosePackage, outlook: Forecast
) -> None:
    chart = forecast_charts.fan(course(outlook, package, "revenue"), outlook)
    assert chart is not None
    for mark in ('<polygon class="far" fill="url(', '<polygon class="fan"', '<polyline class="ahead-line"'):
        assert chart.svg.count(mark) == 1
    assert [words for _, words in chart.legend] == ["Known", "Forecast", "80% interval", "95% interval"]
    assert chart.svg.count('<circle class="ahead"') == 12


def test_a_fan_of_an_older_forecast_has_one_interval(package: ClosePackage, outlook: Forecast) -> None:
    points = [point.model_copy(update={"lowest": None, "highest": None}) for point in outlook.lines[0].points]
    old = outlook.lines[0].model_copy(update={"points": points, "history": []})
    older = outlook.model_copy(update={"lines": [old]})
    chart = forecast_charts.fan(courses(package, older)[0], older)
    assert chart is not None
    assert 'class="far"' not in chart.svg
    assert "95" not in str(chart.legend)


def test_history_that_a_forecast_did_not_keep_comes_from_the_close(
    package: ClosePackage, outlook: Forecast
) -> None:
    kept = courses(package, outlook)
    found = courses(package, changed(outlook, history=[]))
    assert [list(one.known) for one in found] == [list(one.known) for one in kept]
    assert kept[0].known[-1][0] == "2026-09"


def test_a_line_without_a_forecast_has_no_charts(package: ClosePackage, outlook: Forecast) -> None:
    empty = changed(outlook, points=[], tested=[], mase=None)
    found = courses(package, empty)
    assert [forecast_charts.fan(one, empty) for one in found] == [None] * len(found)
    assert [forecast_charts.backtest(one, empty) for one in found] == [None] * len(found)
    assert forecast_charts.overview(found, empty) == []
    assert forecast_charts.scores(empty) is None
    assert "No forecast: the history is too short." in render_forecast(package, empty)


def test_a_forecast_of_one_month_after_one_month_is_drawn(package: ClosePackage, outlook: Forecast) -> None:
    line = outlook.lines[0]
    brief = outlook.model_copy(
        update={
            "lines": [line.model_copy(update={"points": line.points[:1], "history": line.history[:1]})],
            "statements": [],
        }
    )
    chart = forecast_charts.fan(courses(package, brief)[0], brief)
    assert chart is not None and "nan" not in chart.svg
    assert Outline(render_html(package, brief)).open == []


def test_what_a_forecast_does_not_tell_leaves_no_empty_headings(closed: Closed) -> None:
    section = str(render_forecast(closed[0], bare(closed[1])))
    for heading in ("Statements ahead", "What moves the result", "Backtest ", "What it is made of", "Taken"):
        assert heading not in section
    assert "Every line with its interval" in section and "<details open>" in section
    assert "How far it can be trusted" in section


def test_months_before_a_day_cross_fiscal_years() -> None:
    assert months_until(FiscalCalendar(6, 30), date(2026, 8, 31), 4) == [
        "2026-05",
        "2026-06",
        "2026-07",
        "2026-08",
    ]
    assert months_until(FiscalCalendar(12, 27), date(2026, 1, 27), 2) == ["2025-P12", "2026-P01"]


def test_a_year_is_compared_by_size_so_that_a_larger_cost_is_more(
    package: ClosePackage, outlook: Forecast
) -> None:
    assert headline(course(outlook, package, "cost_of_sales")).endswith("5.0\u202f% more than the last 12")
    assert headline(course(outlook, package, "interest_expense")).endswith("less than the last 12")
    assert headline(course(outlook, package, "depreciation")).endswith(", as the last 12")
    assert headline(course(outlook, package, "cash")).startswith("In 12 months ")


def test_a_loss_after_a_profit_is_told_in_amounts(package: ClosePackage, outlook: Forecast) -> None:
    one = course(outlook, package, "net_result")
    points = [point.model_copy(update={"value": Decimal(-100)}) for point in one.line.points]
    turned = Course(one.line.model_copy(update={"points": points}), one.known)
    assert headline(turned) == "Next 12 months −1.20k; the last 12 27.6k"


def test_a_short_forecast_has_no_year_to_compare(package: ClosePackage, outlook: Forecast) -> None:
    one = course(outlook, package, "revenue")
    assert headline(Course(one.line.model_copy(update={"points": one.line.points[:6]}), one.known)) == ""


def test_the_backtest_counts_and_marks_what_came_outside(package: ClosePackage, outlook: Forecast) -> None:
    one = course(outlook, package, "revenue")
    outside = [t for t in one.line.tested if not t.low <= t.actual <= t.high]
    chart = forecast_charts.backtest(one, outlook)
    assert chart is not None and outside
    assert chart.svg.count('<path class="missed"') == len(outside)
    assert chart.note.startswith(f"{12 - len(outside)} of 12 months came inside the 80% interval")
    assert chart.legend[-1] == ("missed", "Outside")


@given(st.lists(AMOUNTS, min_size=1, max_size=40))
def test_a_bridge_shows_few_steps_and_loses_no_cent(amounts: list[Decimal]) -> None:
    names = [BridgeStep(line=f"l{n}", label=f"Line {n}", amount=a) for n, a in enumerate(amounts)]
    first = BridgeStep(line="net_result", label="Last", amount=Decimal(5))
    last = BridgeStep(line="net_result", label="Next", amount=Decimal(5) + sum(amounts))
    shown = forecast_charts.gathered([first, *names, last])
    assert len(shown) <= forecast_charts.MOST_STEPS + 2
    assert (shown[0], shown[-1]) == (first, last)
    assert sum(step.amount for step in shown[:-1]) == last.amount
    chart = forecast_charts.bridge([first, *names, last], "EUR")
    assert chart is not None
    rows = re.findall(
        r'<rect class="(?:whole|up|down)"[^>]* x="([\d.]+)" y="\d+" width="([\d.]+)"', chart.svg
    )
    assert len(rows) == len(shown)
    for x, width in rows:
        assert forecast_charts.ROWS.left <= float(x) <= float(x) + float(width) <= 560


def test_steps_down_are_hatched_and_steps_up_are_not(outlook: Forecast) -> None:
    chart = forecast_charts.bridge(outlook.bridge, "EUR")
    assert chart is not None
    for kind, mark in re.findall(r'<rect class="(up|down|whole)"( fill="url\(#down-bridge\)")? x', chart.svg):
        assert bool(mark) == (kind == "down")
    assert ">+8.52k<" in chart.svg and ">−2.91k<" in chart.svg


def test_a_bridge_of_nothing_is_none() -> None:
    assert forecast_charts.bridge([], "EUR") is None


@given(st.lists(st.floats(0, 300), min_size=1, max_size=5).map(sorted))
def test_words_at_the_edge_keep_their_order_and_their_distance(places: list[float]) -> None:
    moved = forecast_charts.apart(places, 20)
    assert len(moved) == len(places)
    assert all(after - before >= 19.9 for before, after in pairwise(moved))


def score(method: str, mase: float | None, weight: float = 0.0) -> ForecastScore:
    return ForecastScore(
        method=method, label=method, mase=mase, smape=10.0, bias=0.1, coverage=0.8, weight=weight
    )


def judged(outlook: Forecast, *scores: ForecastScore, mase: float | None = None) -> forecast_charts.Verdict:
    line: ForecastLine = outlook.lines[0].model_copy(
        update={"scores": list(scores), "mase": mase if mase is not None else scores[0].mase}
    )
    return verdicts(outlook.model_copy(update={"lines": [line]}))[0]


def test_the_best_beaten_is_the_next_that_was_not_taken_in(outlook: Forecast) -> None:
    found = judged(
        outlook, score("combined", 0.5), score("ets", 0.55, 0.6), score("theta", 0.6), score("drift", 0.9)
    )
    assert found.chosen.method == "combined"
    assert found.beaten is not None and found.beaten.method == "theta"
    assert found.better and not found.nothing_better


def test_naive_that_was_chosen_was_beaten_by_nothing(package: ClosePackage, outlook: Forecast) -> None:
    found = judged(outlook, score("seasonal_naive", 1.0, 1.0), score("theta", 1.2))
    assert found.nothing_better and not found.better
    assert found.beaten is not None and found.beaten.method == "theta"
    seen = Section(View(package, False), outlook, [])
    assert seen.verdict == (
        "10 of 11 lines did better than seasonal naive in the backtest; nothing beat it for Interest expense"
    )


def test_scores_of_an_older_forecast_are_its_lines_own(outlook: Forecast) -> None:
    line = outlook.lines[0].model_copy(update={"scores": []})
    found = verdicts(outlook.model_copy(update={"lines": [line]}))[0]
    assert (found.chosen.label, found.chosen.mase, found.naive) == ("Theta, deseasonalised", 0.42, 1.0)
    assert found.beaten is None


def test_a_terrible_error_does_not_squeeze_the_others(outlook: Forecast) -> None:
    wild = changed(outlook, naive_mase=250.0)
    chart = forecast_charts.scores(wild)
    assert chart is not None
    places = [
        float(x)
        for x in re.findall(
            r'<(?:circle|path) class="(?:ahead|hollow|naive)"[^>]*?[xM]="?([\d.]+)', chart.svg
        )
    ]
    assert places and max(places) <= 560 - forecast_charts.ROWS.right
    assert ">3+<" in chart.svg


def test_many_months_are_told_by_quarter_and_sum_to_the_same(
    package: ClosePackage, outlook: Forecast
) -> None:
    result, position, flow = outlook.statements
    years = [
        column.model_copy(
            update={
                "label": f"{column.fiscal_year + 1}-{column.start.month:02d}",
                "start": column.start.replace(year=column.start.year + 1),
                "end": column.end.replace(year=column.end.year + 1, day=28),
                "fiscal_year": column.fiscal_year + 1,
            }
        )
        for column in result.periods
    ]
    longer = [
        statement.model_copy(
            update={
                "periods": [*statement.periods, *years],
                "lines": [
                    row.model_copy(update={"values": [*row.values, *row.values]}) for row in statement.lines
                ],
            }
        )
        for statement in (result, position, flow)
    ]
    tables = Section(View(package, False), outlook.model_copy(update={"statements": longer}), []).statements
    assert tables[0].heads[:2] == ["2026-Q4", "2027-Q1"] and len(tables[0].heads) == 8
    revenue = longer[0].row("revenue").values
    told = [amount_of(figure.whole + figure.decimals) for figure in tables[0].rows[0].figures]
    assert told == [*(sum(revenue[place : place + 3]) for place in range(0, 24, 3)), sum(revenue)]
    cash = [amount_of(figure.whole + figure.decimals) for figure in tables[1].rows[0].figures]
    assert cash == longer[1].row("cash").values[2::3]


def amount_of(shown: str) -> Decimal:
    return Decimal(shown.replace("\u202f", "").replace("−", "-"))


def test_sums_of_the_cash_flow_begin_with_the_first_and_end_with_the_last_cash(
    package: ClosePackage, outlook: Forecast
) -> None:
    table = Section(View(package, False), outlook, []).statements[2]
    last = {row.label: amount_of(row.figures[-1].whole + row.figures[-1].decimals) for row in table.rows[-3:]}
    cash = outlook.statements[2]
    assert last["Cash at the beginning"] == cash.row("opening_cash").values[0]
    assert last["Cash at the end"] == cash.row("closing_cash").values[-1]
    assert last["Cash at the beginning"] + last["Net change in cash"] == last["Cash at the end"]


def test_a_failed_check_of_the_statements_ahead_shows(package: ClosePackage, outlook: Forecast) -> None:
    failed = Check(
        check="balance",
        label="assets = liabilities",
        passed=False,
        difference=Decimal("3.10"),
        detail="in May",
    )
    section = str(render_forecast(package, outlook.model_copy(update={"checks": [failed]})))
    assert "0 of 1 checks passed" in section
    assert "off by 3.10 EUR: in May" in section


def test_texts_cannot_become_markup(package: ClosePackage, outlook: Forecast) -> None:
    evil = "<img src=x onerror=alert(1)>"
    worse = changed(outlook, label=evil, method=evil, note=evil).model_copy(
        update={
            "assumptions": [ForecastAssumption(driver=evil, change=evil, text=evil)],
            "bridge": [step.model_copy(update={"label": evil}) for step in outlook.bridge],
            "alerts": [one.model_copy(update={"label": evil}) for one in outlook.alerts],
            "notes": [evil],
        }
    )
    section = str(render_forecast(package, worse))
    assert "<img" not in section
    assert "&lt;img" in section


def test_alerts_assumptions_and_drivers_are_told_in_words(package: ClosePackage, outlook: Forecast) -> None:
    assert alert_text(outlook.alerts[0], package) == (
        "31\u202f% likely in 2026-11; 57.9k is expected then, the limit is 52k"
    )
    covenant = ForecastAlert(
        alert="equity_ratio",
        label="Equity ratio",
        month="2027-01",
        limit=Decimal(30),
        value=Decimal("28.41"),
        probability=0.5,
    )
    assert alert_text(covenant, package).endswith("28.4\u202f% is expected then, the limit is 30.0\u202f%")
    told = assumption_words(ForecastAssumption(driver="dso", change="45", start="2027-01", text="later"))
    assert told == {"driver": "Days sales outstanding 45", "text": " from 2027-01 on: later"}
    days = ForecastDriver(driver="dso", label="Days", value=Decimal("45.2"), unit="days")
    assert driver_figure(days, "EUR") == "45\u202fdays"
    assert driver_figure(days.model_copy(update={"unit": "currency"}), "EUR") == "45.20"
