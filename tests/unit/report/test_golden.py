"""The reports of fixed books are what they were when last looked at."""

from __future__ import annotations

import io
import json

from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex, render_html, render_json
from abax.report.json_ import CloseReport
from abax.report.terminal import print_package
from rich.console import Console

from tests.golden.files import assert_golden

Closed = tuple[ClosePackage, Forecast, LineIndex]


def test_the_page_is_what_it_was(closed: Closed) -> None:
    assert_golden("report.html", render_html(*closed))


def test_the_data_is_what_it_was_and_reads_back(closed: Closed) -> None:
    package, forecast, _ = closed
    body = render_json(package, forecast)
    assert_golden("report.json", body.decode() + "\n")
    assert CloseReport.model_validate_json(body) == CloseReport(package=package, forecast=forecast)
    assert isinstance(json.loads(body)["package"]["statements"][0]["lines"][0]["values"][0], str)


def test_the_terminal_shows_what_it_did_in_a_hundred_columns(closed: Closed) -> None:
    out = io.StringIO()
    print_package(Console(file=out, width=140, color_system=None), *closed[:2])
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= 100
    assert_golden("terminal.txt", "\n".join(lines) + "\n")
