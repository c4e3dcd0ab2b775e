"""The reports of fixed books are what they were when last looked at."""

from __future__ import annotations

import io
import json

import pytest
from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex, render_html, render_json
from abax.report.json_ import CloseReport
from abax.report.terminal import print_package
from abax.writing import Narrative, write_narrative
from rich.console import Console

from tests.golden.files import assert_golden
from tests.golden.outlook import golden_outlook

Closed = tuple[ClosePackage, Forecast, LineIndex]


@pytest.fixture(scope="module")
def words(closed: Closed) -> Narrative:
    """The close in words, as rules put it."""
    return write_narrative(*closed[:2], why_plain="no model is part of this step")


def test_the_page_is_what_it_was(closed: Closed, words: Narrative) -> None:
    assert_golden("report.html", render_html(*closed, words))


def test_the_data_is_what_it_was_and_reads_back(closed: Closed, words: Narrative) -> None:
    package, forecast, _ = closed
    body = render_json(package, forecast, words)
    assert_golden("report.json", body.decode() + "\n")
    assert CloseReport.model_validate_json(body) == CloseReport(
        package=package, forecast=forecast, narrative=words
    )
    assert isinstance(json.loads(body)["package"]["statements"][0]["lines"][0]["values"][0], str)


def test_the_terminal_shows_what_it_did_in_a_hundred_columns(closed: Closed, words: Narrative) -> None:
    out = io.StringIO()
    print_package(Console(file=out, width=140, color_system=None), *closed[:2], words)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= 100
    assert_golden("terminal.txt", "\n".join(lines) + "\n")


def test_the_terminal_shows_all_that_a_forecast_tells(closed: Closed) -> None:
    out = io.StringIO()
    print_package(Console(file=out, width=140, color_system=None), closed[0], golden_outlook(closed[0]))
    told = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, told)) <= 100
    revenue = next(line for line in told if line.startswith(" Revenue") and "/" in line)
    assert revenue.split() == ["Revenue", "12,783.82", "150,608.17", "0.42", "/", "1.00", "83%"]
    assert "Seasonal naive: Interest expense" in told
    assert "taken for given: Revenue +6%: revenue is 6 % above what its own history says" in told
    alert = "! Cash below its floor: 31\u202f% likely in 2026-11; 57.9k is expected then, the limit is 52k"
    assert alert in told
