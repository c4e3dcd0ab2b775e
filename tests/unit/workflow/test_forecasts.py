"""Forecasts that are asked for, through the routes of edge mode and the command line, of a close whose
statements were made by hand."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from abax.api import create_app
from abax.cli import app
from abax.commands.forecast import scenario_in
from abax.compose import Edge, edge
from abax.errors import AbaxError, HorizonTooLong, InvalidRequest, InvalidSeries, UnknownFigure
from abax.forecast import forecast_package
from abax.ports import Job, JobState
from abax.workflow import forecasts, jobs
from abax.workflow.close import run_close
from abax.workflow.events import parse_close
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tests.support import sample
from tests.unit.forecast.test_forecast import a_close

Run = Callable[..., str]


def a_job(name: str = "close-1", token: str = "t") -> Job:
    now = datetime.now(UTC)
    return Job(
        job_id=name,
        kind="close",
        state=JobState.SUCCEEDED,
        request={"secret": "erp", "company": "Hand Made Ltd", "year": 2025},
        client_token=token,
        fingerprint=f"f-{name}",
        results={"forecast.json": "closes/k/forecast.json"},
        created_at=now,
        updated_at=now,
    )


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    made = edge(tmp_path / "home")
    objects, package = made.services.objects, a_close()
    objects.put("jobs/close-1/close.json", b'{"close": "k"}')
    objects.put("closes/k/statements.json", package.model_dump_json().encode())
    objects.put("closes/k/forecast.json", forecast_package(package).model_dump_json().encode())
    made.services.jobs.create(a_job())
    return made


@pytest.fixture
def api(house: Edge) -> TestClient:
    return TestClient(create_app(house.services))


@pytest.fixture
def run(house: Edge, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ABAX_HOME", str(house.home))

    def call(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["forecast", *arguments])
        if isinstance(done.exception, AbaxError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return call


def by_line(forecast: dict[str, Any]) -> dict[str, list[Decimal]]:
    return {line["line"]: [Decimal(p["value"]) for p in line["points"]] for line in forecast["lines"]}


# --- the routes -----------------------------------------------------------------------------------------


def test_the_forecast_of_a_close_is_told_whole_or_by_line(api: TestClient) -> None:
    whole = api.get("/v1/closes/close-1/forecast").json()
    assert whole["horizon"] == 12
    one = api.get("/v1/closes/close-1/forecast", params={"line": "revenue"}).json()
    assert one == next(line for line in whole["lines"] if line["line"] == "revenue")
    answer = api.get("/v1/closes/close-1/forecast", params={"line": "revenu"})
    assert answer.status_code == 404
    assert "did you mean 'revenue'" in answer.text
    assert api.get("/v1/closes/nothing/forecast").status_code == 404


def test_a_forecast_is_kept_and_the_same_request_has_the_same_id(api: TestClient) -> None:
    found = api.post("/v1/forecasts", json={}).json()
    assert by_line(found["forecast"]) == by_line(api.get("/v1/closes/close-1/forecast").json())
    assert (found["company"], found["comparison"], found["segments"]) == ("Hand Made Ltd", None, None)
    assert api.get(f"/v1/forecasts/{found['id']}").json() == found
    assert api.post("/v1/forecasts", json={}).json()["id"] == found["id"]
    assert api.post("/v1/forecasts", json={"horizon": 6}).json()["id"] != found["id"]
    assert api.get(f"/v1/forecasts/{'0' * 32}").status_code == 404


def test_fewer_months_are_the_first_of_the_close_s_own(api: TestClient) -> None:
    whole = by_line(api.get("/v1/closes/close-1/forecast").json())
    few = by_line(api.post("/v1/forecasts", json={"horizon": 5}).json()["forecast"])
    assert few == {line: values[:5] for line, values in whole.items()}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"horizon": 0}, "horizon"),
        ({"horizon": 18}, "abax forecast --horizon 18"),
        ({"horizon": 37}, "36 months of history do not reach 37 months ahead; ask for 36 at most"),
        ({"segment": "cc"}, "abax forecast --segment cc"),
        ({"by": "week"}, "by"),
        ({"floor": "much"}, "floor"),
        ({"scenarios": [{"name": "bad", "assumptions": []}]}, "scenarios"),
        ({"scenarios": [{"name": "bad", "assumptions": ["revenue growth=-5%"]}] * 2}, "'bad' is there twice"),
        ({"scenarios": [{"name": "assumed", "assumptions": ["dso=5"]}]}, "is what all of them assume"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(api: TestClient, body: dict[str, Any], words: str) -> None:
    answer = api.post("/v1/forecasts", json=body)
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]


def test_a_member_of_a_group_is_told_that_its_forecast_is_its_own(house: Edge, api: TestClient) -> None:
    house.services.objects.put("jobs/close-2/close.json", b'{"close": "k"}')
    house.services.jobs.create(a_job("close-2", "20260101T000000-0123456789-Hand Made Ltd"))
    [note] = api.post("/v1/forecasts", json={"job_id": "close-2"}).json()["notes"]
    assert "member of a group" in note
    assert api.post("/v1/forecasts", json={"job_id": "close-1"}).json()["notes"] == []


def test_books_with_postings_of_months_to_come_are_told(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "date", SimpleNamespace(today=lambda: date(2025, 6, 1)))
    [note] = api.post("/v1/forecasts", json={"by": "year"}).json()["notes"]
    assert note.startswith("the books reach to 2025-12-31, after 2025-06-01")


def test_what_the_api_needs_for_forecasts_loads_neither_numpy_nor_a_database() -> None:
    code = (
        "import sys, abax.forecasts\n"
        "from abax.forecast import alerts, assumptions, compare, whatif\n"
        "print({'numpy', 'pandas', 'duckdb', 'statsforecast', 'sklearn', 'prophet'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "set()\n"


def test_books_too_young_to_be_forecast_say_so_line_by_line(house: Edge, run: Run) -> None:
    package = a_close(months=4, as_of=date(2023, 4, 30))
    objects = house.services.objects
    objects.put("closes/k/statements.json", package.model_dump_json().encode())
    objects.put("closes/k/forecast.json", forecast_package(package).model_dump_json().encode())
    shown = run()
    assert "4 months of history, 6 are needed" in shown
    assert "4 months of history" in run("--line", "revenue")
    with pytest.raises(InvalidRequest, match="no statements that assumptions could change"):
        run("--assume", "revenue growth=+5%")
    with pytest.raises(HorizonTooLong, match="ask for 4 at most"):
        run("--horizon", "5")


# --- what if --------------------------------------------------------------------------------------------


def test_what_is_assumed_changes_the_figures_and_is_told_beside_history(api: TestClient) -> None:
    base = by_line(api.post("/v1/forecasts", json={}).json()["forecast"])
    found = api.post("/v1/forecasts", json={"assumptions": ["revenue growth=+5%"]}).json()
    assumed = by_line(found["forecast"])
    assert sum(assumed["revenue"]) > sum(base["revenue"])
    [own] = found["forecast"]["assumptions"]
    assert own["text"]
    revenue = next(line for line in found["comparison"]["lines"] if line["line"] == "revenue")
    assert Decimal(revenue["base"][-1]) == sum(base["revenue"])
    assert Decimal(revenue["scenarios"][0]["values"][-1]) == sum(assumed["revenue"])


def test_scenarios_stand_side_by_side_on_top_of_what_all_assume(api: TestClient) -> None:
    body = {
        "assumptions": ["operating_expenses=+2%"],
        "scenarios": [
            {"name": "good", "assumptions": ["revenue growth=+10%"]},
            {"name": "bad", "assumptions": ["revenue growth=-10%"]},
        ],
    }
    found = api.post("/v1/forecasts", json=body).json()
    assert [one["name"] for one in found["scenarios"]] == ["assumed", "good", "bad"]
    assert [len(one["assumptions"]) for one in found["scenarios"]] == [1, 2, 2]
    revenue = next(line for line in found["comparison"]["lines"] if line["line"] == "revenue")
    assumed, good, bad = (Decimal(own["difference"][-1]) for own in revenue["scenarios"])
    assert assumed == 0
    assert bad < 0 < good


def test_an_unknown_driver_is_refused(api: TestClient) -> None:
    answer = api.post("/v1/forecasts", json={"assumptions": ["sunshine=+5%"]})
    assert answer.status_code == 422
    assert "sunshine" in answer.text


def test_a_floor_that_cash_may_fall_below_is_an_alert_and_exit_code_1(api: TestClient, run: Run) -> None:
    found = api.post("/v1/forecasts", json={"floor": "1000000"}).json()
    assert found["forecast"]["alerts"][0]["alert"] == "cash_floor"
    assert found["forecast"]["alerts"][0]["probability"] > 0.9
    assert api.post("/v1/forecasts", json={"floor": "-100000000"}).json()["forecast"]["alerts"] == []
    assert "100% likely" in run("--floor", "1000000", code=1)


# --- the command line -----------------------------------------------------------------------------------


def test_the_command_line_shows_lines_by_period(run: Run, api: TestClient) -> None:
    shown = run()
    assert "Hand Made Ltd, 12 months beyond 2025-12-31, in EUR" in shown
    assert "2026-Q4" in shown and "12 months" in shown and "error / naive" in shown
    assert "2026-11" in run("--by", "month")
    found = json.loads(run("--json"))
    assert api.get(f"/v1/forecasts/{found['id']}").json() == found


def test_one_line_is_shown_in_detail(run: Run) -> None:
    shown = run("--line", "revenue")
    assert "80% from" in shown and "2026-12" in shown
    assert len(json.loads(run("--line", "revenue", "--json"))["points"]) == 12
    with pytest.raises(UnknownFigure, match="did you mean 'revenue'"):
        run("--line", "revenu")


def test_more_months_are_fitted_anew_as_far_as_history_reaches(run: Run) -> None:
    found = json.loads(run("--horizon", "18", "--json"))["forecast"]
    assert {len(values) for values in by_line(found).values()} == {18}
    assert any("made anew for 18 months" in note for note in found["notes"])
    with pytest.raises(HorizonTooLong, match="ask for 36 at most"):
        run("--horizon", "37")


def test_charts_are_written_into_a_folder(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("abax.report.chart_files")
    run("--chart", str(tmp_path / "charts"))
    assert (tmp_path / "charts" / "revenue.svg").read_text().lstrip().startswith("<svg")


def test_a_scenario_is_a_text_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_text("# a bad year\nrevenue growth=-10%\n\ndso=60  # they pay late\n")
    wanted = {"name": "bad", "assumptions": ["revenue growth=-10%", "dso=60"]}
    assert scenario_in(f"bad={file}") == wanted
    assert scenario_in("bad=revenue growth=-10%; dso=60") == wanted
    file.write_text("# nothing\n")
    for text, words in (
        ("bad", "is no scenario"),
        ("=dso=5", "is no scenario"),
        ("bad=missing.txt", "neither a file nor one"),
        (f"bad={file}", "holds no assumption"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            scenario_in(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "week"), "by: "),
        (("--floor", "much"), "floor: "),
        (("--job", "nothing"), "no job 'nothing'"),
    ],
)
def test_options_that_make_no_sense_are_refused(run: Run, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(AbaxError, match=words):
        run(*arguments)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Edge:
    """A house in which the sample company's books were closed."""
    house = edge(tmp_path_factory.mktemp("closed"), {"erp": {"url": sample.url()}})
    body = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR}
    run_close(house.context, jobs.create(house.services.jobs, parse_close(body))[0].job_id)
    return house


def test_segments_of_the_books_add_up_and_are_kept_for_whoever_asks_by_http(
    closed: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAX_HOME", str(closed.home))
    done = CliRunner().invoke(app, ["forecast", "--segment", "department", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    segments = found["segments"]["segments"]
    assert {"Production", "Sales", "unassigned"} <= {own["name"] for own in segments}
    for line, values in by_line(found["forecast"]).items():
        rows = [row for own in segments if own["level"] == 0 for row in own["lines"] if row["line"] == line]
        sums = [sum(Decimal(row["points"][place]["value"]) for row in rows) for place in range(len(values))]
        assert not rows or sums == values
    told = TestClient(create_app(closed.services)).get(f"/v1/forecasts/{found['id']}")
    assert told.json()["segments"] == found["segments"]
    shown = CliRunner().invoke(app, ["forecast", "--segment", "department"]).output
    assert "By Departments, 12 months" in shown
    detail = CliRunner().invoke(app, ["forecast", "--segment", "Departments", "--line", "revenue"]).output
    assert "SALES Sales" in detail
    refused = CliRunner().invoke(app, ["forecast", "--segment", "colour"])
    assert "there are Departments, Markets" in str(refused.exception)


# --- series of files ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "series"
    made.mkdir()
    months = [f"{2022 + n // 12}-{n % 12 + 1:02d}" for n in range(30)]
    rows = [
        "month;sales;costs",
        *(f"{month};{100 + n},50;-{60 + n % 5},25" for n, month in enumerate(months)),
    ]
    (made / "shop.csv").write_text("\n".join(rows))
    (made / "young.csv").write_text("series,month,value\nnew,2024-01,5\nnew,2024-02,6\nnew,2024-03,7\n")
    (made / "readme.md").write_text("not a series")
    return made


def test_any_file_or_folder_of_monthly_series_is_forecast(run: Run, folder: Path, tmp_path: Path) -> None:
    shown = run("series", str(folder))
    assert "sales" in shown and "costs" in shown
    assert "new: no forecast: 3 months of history" in shown
    out = tmp_path / "ahead.csv"
    found = json.loads(
        run("series", str(folder / "shop.csv"), "--horizon", "18", "--json", "--out", str(out))
    )
    assert [(one["series"], len(one["line"]["points"])) for one in found] == [("sales", 18), ("costs", 18)]
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [row["month"] for row in rows[:2]] == ["2024-07", "2024-08"]
    assert Decimal(rows[0]["low"]) <= Decimal(rows[0]["value"]) <= Decimal(rows[0]["high"])
    assert (
        run("series", str(folder), "--line", "costs", "--csv").splitlines()[1].startswith("costs,2024-07,-")
    )
    assert "80% from" in run("series", str(folder), "--line", "sales")
    assert "3 months after 2024-03-31 are left out" in run(
        "series", str(folder / "shop.csv"), "--as-of", "2024-03"
    )
    run("series", str(folder / "young.csv"), code=1)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("{folder}", "--horizon", "31"), HorizonTooLong, "30 months of history do not reach 31"),
        (("{folder}/missing.csv",), InvalidSeries, r"missing\.csv: cannot be read: No such file"),
        (("{folder}/shop.csv", "--as-of", "soon"), InvalidRequest, "'soon' is no day and no month"),
        (("{folder}/shop.csv", "--missing", "guess"), InvalidRequest, "'guess' is none of fill, zero, error"),
        (("{folder}/shop.csv", "--decimal", "dot"), InvalidRequest, "neither point nor comma"),
        (("{folder}", "--line", "sale"), UnknownFigure, "did you mean 'sales'"),
    ],
)
def test_files_and_options_that_make_no_sense_are_refused(
    run: Run, folder: Path, arguments: tuple[str, ...], error: type[AbaxError], words: str
) -> None:
    with pytest.raises(error, match=words):
        run("series", *(text.format(folder=folder) for text in arguments))


def test_a_folder_without_files_says_so(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidSeries, match=r"holds no \.csv"):
        run("series", str(tmp_path / "home"))
