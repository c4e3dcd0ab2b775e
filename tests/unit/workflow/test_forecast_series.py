"""Series that are handed in over HTTP, forecast by what a zip function has."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.api import create_app
from abax.compose import edge
from fastapi.testclient import TestClient

SEASON = [100, 102, 98, 105, 110, 120, 118, 112, 104, 101, 130, 160]
SALES = {"name": "sales", "start": "2022-01", "values": SEASON * 3, "currency": "EUR"}


@pytest.fixture
def api(tmp_path: Path) -> TestClient:
    return TestClient(create_app(edge(tmp_path / "home").services))


def asked(api: TestClient, *series: dict[str, Any], **more: Any) -> Any:
    return api.post("/v1/forecasts/series", json={"series": series, **more})


def test_a_season_goes_on_with_intervals_and_scores(api: TestClient) -> None:
    [told] = asked(api, SALES, horizon=12).raise_for_status().json()
    assert (told["series"], told["currency"], told["start"], told["end"]) == (
        "sales",
        "EUR",
        "2022-01",
        "2024-12",
    )
    points = told["line"]["points"]
    assert [point["label"] for point in points][::11] == ["2025-01", "2025-12"]
    assert [Decimal(point["value"]) for point in points] == [Decimal(value) for value in SEASON]
    assert {"seasonal_naive", "theta"} <= {score["method"] for score in told["line"]["scores"]}


def test_a_gap_is_filled_and_told(api: TestClient) -> None:
    values: list[int | None] = [*SALES["values"]]  # type: ignore[misc]
    values[20] = None
    [told] = asked(api, SALES | {"values": values}).raise_for_status().json()
    assert any("2023-09" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("series", "more", "words"),
    [
        ([SALES, SALES], {}, "is there twice"),
        ([SALES | {"start": "2022-13"}], {}, "2022-13"),
        ([SALES | {"start": "2999-01"}], {}, "2999-01"),
        ([SALES | {"values": [1, 2, 3]}], {"horizon": 12}, "horizon"),
        ([SALES | {"values": []}], {}, "values"),
        ([], {}, "series"),
    ],
)
def test_what_cannot_be_forecast_is_refused_by_name(
    api: TestClient, series: list[dict[str, Any]], more: dict[str, Any], words: str
) -> None:
    answer = asked(api, *series, **more)
    assert answer.status_code == 422
    assert words in answer.text


def test_nothing_but_python_is_loaded_for_it(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import date\n"
        "from abax.workflow.forecast_series import SeriesRequest, series_ahead\n"
        "request = SeriesRequest.model_validate({'series': [{'name': 'a', 'start': '2022-01',"
        f" 'values': {SEASON * 3}}}]}})\n"
        "assert len(series_ahead(request, date(2026, 1, 1))[0]['line']['points']) == 12\n"
        "print(sorted({'numpy', 'pandas', 'statsforecast', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
