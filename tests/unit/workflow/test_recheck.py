"""Late and back-dated postings after a close: found, named, and read again at the price of their part."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from abax import cli
from abax.compose import Edge, edge
from abax.erp import opened
from abax.errors import Conflict, InvalidRequest
from abax.ports import Job
from abax.workflow import jobs
from abax.workflow.close import run_step
from abax.workflow.recheck import recheck
from abax.workflow.request import CloseRequest

from tests.support import sample

LABEL = f"UPDATE account_move_line SET name = 'changed later' WHERE id = {sample.SOME_LINE}"


@dataclass
class Closed:
    """A close that has read its books, and the books."""

    house: Edge
    job: Job
    path: Path

    def again(self, **options: Any) -> Any:
        return recheck(self.house.context, self.job, **options)


@pytest.fixture(scope="module", params=["by year", "by month"])
def read_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("recheck")
    path = sample.broken_books(folder)
    house = edge(folder / "home", {"erp": {"url": sample.url(path)}})
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    asked = CloseRequest(secret="erp", company=sample.COMPANY, year=2024, mapping=mapping)
    job = jobs.create(house.services.jobs, asked)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opened, "SPLIT_LINES", 500 if request.param == "by month" else 10**9)
        parts = run_step(house.context, {"step": "plan", "job_id": job.job_id})["parts"]
        for event in [{"step": "extract", **part} for part in parts] + [
            {"step": "settle"},
            {"step": "check"},
        ]:
            run_step(house.context, {**event, "job_id": job.job_id})
        yield Closed(house, house.services.jobs.get(job.job_id), path)


@pytest.fixture
def closed(read_once: Closed) -> Closed:
    """The books as they were when they were read."""
    shutil.copy(sample.small_books().path, read_once.path)
    return read_once


def test_books_that_nobody_touched_are_the_same(closed: Closed) -> None:
    found = closed.again()
    assert (found.same, found.parts, found.chart_moved, found.lines.same) == (True, [], False, True)


def test_a_changed_line_is_named_and_so_is_its_part(closed: Closed) -> None:
    assert sample.changed(closed.path, LABEL) == 1
    found = closed.again()
    [part] = found.parts
    assert part.name in ("2024", "2024-05")
    assert part.before == part.after > 0
    assert (found.lines.added, found.lines.removed, found.lines.changed) == (0, 0, 1)


def test_a_posting_moved_to_an_earlier_month_is_found_in_both(closed: Closed) -> None:
    query = f"SELECT move_id FROM account_move_line WHERE id = {sample.SOME_LINE}"
    [move] = sample.column(closed.path, query)
    for table, key in (("account_move_line", "move_id"), ("account_move", "id")):
        sample.changed(closed.path, f"UPDATE {table} SET date = '2024-02-10' WHERE {key} = {move}")
    found = closed.again(lines=2)
    names = [part.name for part in found.parts]
    assert names in (["2024"], ["2024-02", "2024-05"])
    assert found.lines.changed > 1
    assert len(found.lines.lines) == 2
    assert str(found.lines.lines[0].posting_date) == "2024-02-10"


def test_a_posting_after_the_closed_year_is_none_of_its_business(closed: Closed) -> None:
    later = "UPDATE account_move_line SET name = 'x' WHERE company_id = 1 AND date >= '2025-01-01'"
    assert sample.changed(closed.path, later) > 0
    assert closed.again().same


def test_a_renamed_account_moves_no_posting_but_is_told(closed: Closed) -> None:
    sample.changed(closed.path, 'UPDATE account_account SET name = \'{"en_US": "Renamed"}\' WHERE id = 1')
    found = closed.again()
    assert (found.same, found.chart_moved) == (True, True)


def test_another_database_is_refused(closed: Closed, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = edge(closed.house.home, {"erp": {"url": sample.url(sample.broken_books(tmp_path / "other"))}})
    with pytest.raises(InvalidRequest, match="is not the database that close"):
        recheck(other.context, closed.job)


def test_books_that_were_never_read_cannot_be_compared(closed: Closed) -> None:
    asked = CloseRequest(secret="erp", company=sample.COMPANY, year=2023, mapping={})
    job = jobs.create(closed.house.services.jobs, asked)[0]
    with pytest.raises(Conflict):
        recheck(closed.house.context, job)


def test_the_command_line_ends_with_one_when_anything_moved(
    closed: Closed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--job", closed.job.job_id, "--url", sample.url(closed.path), "--home", str(closed.house.home)]
    monkeypatch.setattr("sys.argv", ["abax", "ledger", "recheck", *options])
    assert ended() == 0
    assert "nothing has moved since" in capsys.readouterr().out
    sample.changed(closed.path, LABEL)
    assert ended() == 1
    assert "has moved" in capsys.readouterr().out


def ended() -> int:
    """The exit code of the command line."""
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
