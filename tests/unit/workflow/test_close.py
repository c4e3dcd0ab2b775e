"""The steps of a close on a small sample company, on both sides of the adapters."""

import errno
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.scripted import NoModel, ScriptedModel
from abax.errors import (
    AbaxError,
    Conflict,
    InvalidRequest,
    JobCancelled,
    MissingRate,
    SourceInterrupted,
    SourceUnreachable,
    StorageFull,
    UnbalancedEntry,
    UnknownCompany,
    UnknownJob,
    UnknownSecret,
    UnknownYear,
    UnmappedAccount,
    UnsupportedSchema,
)
from abax.ledger.model import ClosePackage, Forecast
from abax.ports import Job, JobState
from abax.workflow import jobs
from abax.workflow.close import READERS, STEPS, run_close, run_step, side_by_side
from abax.workflow.context import CloseContext
from abax.workflow.outcome import RESULTS, explain_figure, narrative_of, open_ledger, package_of
from abax.workflow.request import CloseRequest
from abax.workflow.task import Task

from tests.support import sample
from tests.support.sides import REGION, Side, aws_side, local_side


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Side]:
    with local_side(tmp_path) as side:
        side.put_secret("erp", {"url": sample.url()})
        yield side


@pytest.fixture(params=["local", "aws"])
def side(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    monkeypatch.setenv("AWS_REGION", REGION)
    with (local_side if request.param == "local" else aws_side)(tmp_path) as side:
        side.put_secret("erp", {"url": sample.url()})
        yield side


def context_of(side: Side) -> CloseContext:
    return CloseContext(side.objects, side.jobs, side.secrets)


def order(side: Side, **changes: Any) -> Job:
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    fields = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR, "mapping": mapping, **changes}
    return jobs.create(side.jobs, CloseRequest.model_validate(fields))[0]


def _noted(done: list[str], name: str, step: Any, task: Task) -> dict[str, Any]:
    done.append(name)
    result: dict[str, Any] = step(task)
    return result


def written(side: Side, prefix: str) -> dict[str, int]:
    """Key to the time it was written."""
    return {key: side.objects.fetch(key).stat().st_mtime_ns for key in side.objects.keys(prefix)}


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that takes no time, where a test is about something else."""
    monkeypatch.setattr("abax.report.line_index", lambda ledger, package: None)
    monkeypatch.setattr("abax.report.render_html", lambda package, outlook, index, words: "<html></html>")
    monkeypatch.setattr("abax.report.render_xlsx", lambda package, outlook: b"xlsx")


def closed(side: Side, **changes: Any) -> Job:
    return run_close(context_of(side), order(side, **changes).job_id)


def test_a_close_leaves_all_its_results(side: Side) -> None:
    seen: list[Job] = []
    job = run_close(context_of(side), order(side).job_id, seen.append)
    assert (job.state, job.step, job.progress, job.error) == (JobState.SUCCEEDED, "done", 1.0, None)
    assert set(job.results) == set(RESULTS)
    for key in job.results.values():
        assert side.objects.get(key)
    package = ClosePackage.model_validate_json(side.objects.get(job.results["statements.json"]))
    assert (package.company.name, package.year) == (sample.COMPANY, sample.YEAR)
    assert all(check.passed for check in package.checks)
    truth = sample.small_books().truth[sample.COMPANY][sample.YEAR]
    assert package.statement("income_statement", "year").value("net_result", "2025") == truth.net_result
    assert Forecast.model_validate_json(side.objects.get(job.results["forecast.json"])).horizon == 12
    assert b"<html" in side.objects.get(job.results["report.html"])[:200]
    steps = [one.step for one in seen]
    assert list(dict.fromkeys(steps)) == list(STEPS)
    assert [one.progress for one in seen] == sorted(one.progress for one in seen)


def test_a_close_that_names_no_year_is_of_the_newest_that_has_begun(local: Side, light: None) -> None:
    job = closed(local, year=None)
    assert job.request["year"] == sample.YEAR
    assert package_of(local.objects, job).year == sample.YEAR
    again = run_step(context_of(local), {"step": "plan", "job_id": order(local, year=sample.YEAR).job_id})
    assert again["reused"] is True


def test_every_year_up_to_the_one_asked_for_is_read(local: Side) -> None:
    job = order(local, year=2024)
    planned = run_step(context_of(local), {"step": "plan", "job_id": job.job_id})
    assert planned == {
        "parts": [{"year": year, "period": None} for year in (2022, 2023, 2024)],
        "reused": False,
    }


@pytest.mark.usefixtures("light")
def test_the_same_books_again_do_no_second_work(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    first = closed(side)
    done: list[str] = []
    for name, step in list(STEPS.items()):
        noted = partial(_noted, done, name, step)
        monkeypatch.setitem(STEPS, name, noted)
    second = closed(side)
    assert done == ["plan", "finish"]
    assert second.job_id != first.job_id
    assert second.results == first.results
    assert "closed before" in second.message


@pytest.mark.usefixtures("light")
def test_books_that_changed_are_closed_anew_and_only_what_changed_is_read(
    local: Side, tmp_path: Path
) -> None:
    path = sample.broken_books(tmp_path)
    local.put_secret("erp", {"url": sample.url(path)})
    first = closed(local)
    before = written(local, "ledger/")
    rename = (
        "SET name = 'renamed', write_date = '2031-01-01' WHERE date BETWEEN '2025-03-01' AND '2025-03-31'"
    )
    assert sample.changed(path, f"UPDATE account_move_line {rename}") > 0
    second = closed(local)
    assert second.results != first.results
    after = written(local, "ledger/")
    assert before.items() <= after.items()
    assert {key.split("/")[3] for key in after.keys() - before.keys()} == {"2025"}


@pytest.mark.usefixtures("light")
def test_an_entry_that_moves_between_years_while_they_are_read_counts_once(
    local: Side, tmp_path: Path
) -> None:
    path = sample.broken_books(tmp_path)
    local.put_secret("erp", {"url": sample.url(path)})
    context, job = context_of(local), order(local)
    parts = run_step(context, {"step": "plan", "job_id": job.job_id})["parts"]
    for part in parts[:-1]:
        run_step(context, {"step": "extract", "job_id": job.job_id, **part})
    [move] = sample.column(path, f"SELECT move_id FROM account_move_line WHERE id = {sample.SOME_LINE}")
    for table, key in (("account_move_line", "move_id"), ("account_move", "id")):
        sample.changed(path, f"UPDATE {table} SET date = '2025-06-01' WHERE {key} = {move}")
    run_step(context, {"step": "extract", "job_id": job.job_id, **parts[-1]})
    assert run_step(context, {"step": "settle", "job_id": job.job_id}) == {"again": ["2024", "2025"]}
    for step in ("check", "statements"):
        run_step(context, {"step": step, "job_id": job.job_id})
    with open_ledger(local.objects, job) as ledger:
        found = ledger.rows("SELECT DISTINCT fiscal_year FROM journal_lines WHERE entry_id = ?", str(move))
        [(twice,)] = ledger.rows("SELECT count(*) - count(DISTINCT line_id) FROM journal_lines")
    assert (found, twice) == ([(2025,)], 0)


def test_a_month_whose_postings_are_taken_back_while_it_is_read_leaves_no_part(
    local: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abax.erp.opened.SPLIT_LINES", 500)
    path = sample.broken_books(tmp_path)
    local.put_secret("erp", {"url": sample.url(path)})
    context, job = context_of(local), order(local, year=2024)
    parts = run_step(context, {"step": "plan", "job_id": job.job_id})["parts"]
    may = {"year": 2024, "period": 5}
    assert may in parts
    in_may = "company_id = 1 AND date BETWEEN '2024-05-01' AND '2024-05-31'"
    sample.changed(path, f"UPDATE account_move_line SET parent_state = 'draft' WHERE {in_may}")
    settled = "max_date BETWEEN '2024-05-01' AND '2024-05-31'"
    sample.changed(path, f"DELETE FROM account_partial_reconcile WHERE {settled}")
    sample.changed(path, f"UPDATE account_move SET state = 'draft' WHERE {in_may}")
    assert run_step(context, {"step": "extract", "job_id": job.job_id, **may}) == {**may, "lines": 0}
    run_step(context, {"step": "settle", "job_id": job.job_id})
    manifest = json.loads(local.objects.get(f"jobs/{job.job_id}/manifest.json"))
    read = [(part["year"], part["period"]) for part in manifest["years"]]
    assert (2024, 5) not in read
    assert (2024, 4) in read


@pytest.mark.usefixtures("light")
def test_open_items_of_a_day_after_the_closed_year_know_what_came_since(local: Side) -> None:
    late = closed(local, year=2024, as_of="2025-06-30")
    within = closed(local, year=2025, as_of="2025-06-30")
    assert package_of(local.objects, late).year == 2024
    assert package_of(local.objects, late).aged == package_of(local.objects, within).aged


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": "2025-06-30"},
        {"year": 2024},
        {"mapping": {"6999": "revenue"}},
        {"accept_unbalanced": ["MISC/2025/1"]},
        {"company": "Harbour Tools Ltd", "mapping": {}},
    ],
)
def test_another_question_is_another_close(local: Side, change: dict[str, Any]) -> None:
    context = context_of(local)
    keys = []
    for changes in ({}, change):
        job = order(local, **changes)
        parts = run_step(context, {"step": "plan", "job_id": job.job_id})["parts"]
        for part in parts:
            run_step(context, {"step": "extract", "job_id": job.job_id, **part})
        run_step(context, {"step": "settle", "job_id": job.job_id})
        keys.append(run_step(context, {"step": "check", "job_id": job.job_id})["close"])
    assert keys[0] != keys[1]


@pytest.mark.usefixtures("light")
def test_each_step_may_run_twice(local: Side) -> None:
    context, job = context_of(local), order(local)
    for event in ({"step": "plan"}, {"step": "extract", "year": 2022}):
        first = run_step(context, {**event, "job_id": job.job_id})
        assert run_step(context, {**event, "job_id": job.job_id}) == first
    for year in (2023, 2024, 2025):
        run_step(context, {"step": "extract", "job_id": job.job_id, "year": year})
    for step in ("settle", "check", "statements", "forecast", "narrate", "report"):
        first = run_step(context, {"step": step, "job_id": job.job_id})
        before = written(local, "closes/")
        assert run_step(context, {"step": step, "job_id": job.job_id}) == first
        again = {key for key, at in written(local, "closes/").items() if at != before[key]}
        assert all(key.endswith("manifest.json") for key in again)
    run_step(context, {"step": "finish", "job_id": job.job_id})
    run_step(context, {"step": "finish", "job_id": job.job_id})
    assert context.jobs.get(job.job_id).state is JobState.SUCCEEDED


@pytest.mark.usefixtures("light")
def test_a_figure_of_a_close_opens_to_lines_that_sum_to_it(side: Side) -> None:
    job = closed(side)
    package = package_of(side.objects, job)
    figure = package.statement("income_statement", "month").value("revenue", "2025-03")
    lineage = explain_figure(side.objects, job, "income_statement", "revenue", "2025-03")
    assert lineage.figure == figure == sum(line.amount for line in lineage.lines)


@pytest.mark.usefixtures("light")
def test_an_interrupted_read_is_retried_and_then_goes_through(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [SourceInterrupted("books", "connection reset"), SourceUnreachable("books", "timed out")]
    extract = STEPS["extract"]

    def flaky(task: Task) -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return extract(task)

    monkeypatch.setitem(STEPS, "extract", flaky)
    job = run_close(context_of(local), order(local).job_id, longest_wait=0.01)
    assert job.state is JobState.SUCCEEDED
    assert not failures


def test_a_source_that_stays_away_fails_the_job_after_the_last_try(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def away(task: Task) -> dict[str, Any]:
        tries.append(1)
        raise SourceUnreachable("books", "no route to host")

    monkeypatch.setitem(STEPS, "plan", away)
    job = order(local)
    with pytest.raises(SourceUnreachable):
        run_close(context_of(local), job.job_id, attempts=3, longest_wait=0.01)
    assert len(tries) == 3
    failed = local.jobs.get(job.job_id)
    assert failed.state is JobState.FAILED
    assert failed.error == SourceUnreachable("books", "no route to host").as_dict()


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"company": "Nobody"}, UnknownCompany, sample.COMPANY),
        ({"year": 2031}, UnknownYear, "2025"),
        ({"year": 2001}, UnknownYear, "2022"),
        ({"secret": "lost"}, UnknownSecret, "lost"),
        ({"erp": "sap9"}, InvalidRequest, "odoo"),
        ({"mapping": {"1000": "treasure"}}, InvalidRequest, "treasure"),
    ],
)
def test_what_the_plan_finds_wrong_ends_the_job(
    side: Side, change: dict[str, Any], error: type[AbaxError], says: str
) -> None:
    job = order(side, **change)
    with pytest.raises(error, match=says):
        run_close(context_of(side), job.job_id)
    failed = side.jobs.get(job.job_id)
    assert failed.state is JobState.FAILED
    assert failed.error is not None
    assert failed.error["type"] in (error.__name__, "InvalidMapping")


@pytest.mark.parametrize(
    ("statements", "error", "says"),
    [
        (sample.UNBALANCED, UnbalancedEntry, r"off by 10"),
        (sample.UNMAPPED, UnmappedAccount, "Mystery"),
        (sample.NO_TABLE, UnsupportedSchema, "account_move_line.*Odoo 17"),
        (sample.NO_COLUMN, UnsupportedSchema, r"account_account\.account_type"),
        (sample.NO_RATE, MissingRate, "no USD rate to EUR"),
        (sample.NOTHING_POSTED, UnknownYear, "no posted entry"),
    ],
)
def test_broken_books_fail_the_job_and_name_the_spot(
    local: Side, tmp_path: Path, statements: tuple[str, ...], error: type[AbaxError], says: str
) -> None:
    local.put_secret("erp", {"url": sample.url(sample.broken_books(tmp_path, *statements))})
    job = order(local)
    with pytest.raises(error, match=says):
        run_close(context_of(local), job.job_id)
    failed = local.jobs.get(job.job_id)
    assert failed.error is not None
    assert failed.error["type"] == error.__name__
    assert not [key for key in local.objects.keys("closes/") if key.endswith("done.json")]


@pytest.mark.usefixtures("light")
def test_books_that_were_put_right_go_on_from_what_was_read(local: Side, tmp_path: Path) -> None:
    path = sample.broken_books(tmp_path, *sample.UNBALANCED)
    local.put_secret("erp", {"url": sample.url(path)})
    with pytest.raises(UnbalancedEntry):
        closed(local)
    before = set(local.objects.keys("ledger/"))
    sample.changed(path, *(sql.replace("+ 10", "- 10") for sql in sample.UNBALANCED))
    assert closed(local).state is JobState.SUCCEEDED
    added = set(local.objects.keys("ledger/")) - before
    assert {key.split("/")[3] for key in added} == {"2024"}


@pytest.mark.usefixtures("light")
def test_unbalanced_books_are_closed_once_their_entries_are_accepted(local: Side, tmp_path: Path) -> None:
    local.put_secret("erp", {"url": sample.url(sample.broken_books(tmp_path, *sample.UNBALANCED))})
    with pytest.raises(UnbalancedEntry) as caught:
        closed(local)
    [(entry, off)] = caught.value.entries
    package = package_of(local.objects, closed(local, accept_unbalanced=[entry]))
    failed = {check.check: check.difference for check in package.checks if not check.passed}
    assert failed["entries_balance"] == off == 10
    assert entry in next(notice.message for notice in package.notices if notice.code == "unbalanced_entries")
    with pytest.raises(UnbalancedEntry):
        closed(local, accept_unbalanced=["another"])


@pytest.mark.usefixtures("light")
def test_a_close_is_told_in_words_with_a_model_or_without(local: Side) -> None:
    plain = narrative_of(local.objects, closed(local))
    assert plain.way == "worded by rules: no model is part of this step"
    model = ScriptedModel([("(?s).*", r'{"sentence": "\g<0>"}')])
    job = run_close(replace(context_of(local), model=model), order(local, as_of="2025-12-30").job_id)
    words = narrative_of(local.objects, job)
    assert words.model == "scripted" and len(words.sentences) > 5


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("model", [NoModel("none is unpacked"), ScriptedModel(["nonsense"] * 20)])
def test_no_close_fails_for_want_of_words_and_the_narrative_says_why(
    local: Side, model: NoModel | ScriptedModel, caplog: pytest.LogCaptureFixture
) -> None:
    job = run_close(replace(context_of(local), model=model), order(local).job_id)
    words = narrative_of(local.objects, job)
    assert job.state is JobState.SUCCEEDED
    assert words.why_plain.startswith("Model") and words.sentences
    assert words.why_plain in caplog.text


@pytest.mark.usefixtures("light")
def test_a_model_that_took_its_process_down_is_not_asked_again(local: Side) -> None:
    class Killed(BaseException):
        """What nobody catches."""

    class Deadly(ScriptedModel):
        def generate_all(self, requests: Any, deadline: float | None = None) -> Any:
            raise Killed

    job = order(local)
    context = replace(context_of(local), model=Deadly([]))
    with pytest.raises(Killed):
        run_close(context, job.job_id)
    assert run_close(context, job.job_id).state is JobState.SUCCEEDED
    assert "did not come back" in narrative_of(local.objects, local.jobs.get(job.job_id)).why_plain


@pytest.mark.usefixtures("light")
def test_a_report_without_its_narrative_writes_a_plain_one(local: Side) -> None:
    context, job = context_of(local), order(local, year=2022)
    for event in (
        {"step": "plan"},
        {"step": "extract", "year": 2022},
        *({"step": s} for s in ("settle", "check", "statements", "forecast", "report", "finish")),
    ):
        run_step(context, {**event, "job_id": job.job_id})
    assert "did not come to its end" in narrative_of(local.objects, context.jobs.get(job.job_id)).way


def test_a_cancelled_job_stops_at_its_next_step(local: Side) -> None:
    context, job = context_of(local), order(local)
    run_step(context, {"step": "plan", "job_id": job.job_id})
    local.jobs.update(job.job_id, state=JobState.CANCELLED)
    with pytest.raises(JobCancelled):
        run_step(context, {"step": "extract", "job_id": job.job_id, "year": 2022})
    assert run_close(context, job.job_id).state is JobState.CANCELLED


@pytest.mark.usefixtures("light")
def test_a_large_ledger_is_read_several_parts_at_a_time_and_is_the_same(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_of(local)
    plain = run_close(context, order(local, year=2024).job_id)
    seen: list[set[str]] = []

    def watched(work: Any, parts: Any, readers: int) -> Any:
        seen.append({f"{part['year']}/{part['period']}" for part in parts} | {f"{readers} readers"})
        return side_by_side(work, parts, readers)

    monkeypatch.setattr("abax.workflow.close.side_by_side", watched)
    monkeypatch.setattr("abax.erp.opened.SPLIT_LINES", 500)
    split = run_close(context, order(local, year=2024).job_id)
    assert {f"{READERS} readers", "2024/5", "2024/12"} <= seen[0]
    assert package_of(local.objects, split).statements == package_of(local.objects, plain).statements


def test_of_parts_that_are_worked_on_at_once_the_first_error_ends_all() -> None:
    begun: list[int] = []

    def work(part: int) -> int:
        begun.append(part)
        if part == 1:
            raise KeyError(part)
        time.sleep(0.001)
        return part * 2

    with pytest.raises(KeyError):
        side_by_side(work, range(1_000), 2)
    assert len(begun) < 1_000
    assert side_by_side(lambda part: part * 2, range(5), 2) == [0, 2, 4, 6, 8]


@pytest.mark.usefixtures("light")
def test_a_job_cancelled_while_it_reads_stops_between_rows(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, job = context_of(local), order(local)
    monkeypatch.setattr(jobs.Progress.__init__, "__defaults__", (None, 0.0))

    def cancel_while_reading(seen: Job) -> None:
        if seen.step == "extract" and "of" in seen.message:
            local.jobs.update(job.job_id, state=JobState.CANCELLED)

    with pytest.raises(JobCancelled):
        run_close(context, job.job_id, cancel_while_reading)
    assert local.jobs.get(job.job_id).state is JobState.CANCELLED


@pytest.mark.usefixtures("light")
def test_a_full_disk_fails_the_job_and_keeps_what_was_finished(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(local.objects).put_file

    def full_at_2024(self: Any, key: str, path: Path) -> None:
        if "/2024/" in key:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(self, key, path)

    monkeypatch.setattr(type(local.objects), "put_file", full_at_2024)
    job = order(local)
    with pytest.raises(StorageFull, match="finished parts are kept"):
        run_close(context_of(local), job.job_id)
    assert local.jobs.get(job.job_id).error is not None
    kept = [key for key in local.objects.keys("ledger/") if key.endswith("partition.json")]
    assert sorted(key.split("/")[3] for key in kept) == ["2022", "2023"]
    monkeypatch.undo()
    assert closed(local).state is JobState.SUCCEEDED


@pytest.mark.usefixtures("light")
def test_a_crash_leaves_the_job_running_for_the_next_to_take_up(
    local: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(task: Task) -> dict[str, Any]:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setitem(STEPS, "check", crash)
        job = order(local)
        with pytest.raises(RuntimeError):
            run_close(context_of(local), job.job_id)
    assert local.jobs.get(job.job_id).state is JobState.RUNNING
    assert run_close(context_of(local), job.job_id).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    ("event", "error", "says"),
    [
        ({"step": "dance", "job_id": "x"}, InvalidRequest, "step: 'dance' is no step"),
        ({"job_id": "x"}, InvalidRequest, "step: None"),
        ({"step": "plan"}, InvalidRequest, "job_id: names no job"),
        ({"step": "plan", "job_id": "x"}, UnknownJob, "'x'"),
    ],
)
def test_a_malformed_event_is_refused(
    local: Side, event: dict[str, Any], error: type[AbaxError], says: str
) -> None:
    with pytest.raises(error, match=says):
        run_step(context_of(local), event)


def test_a_step_out_of_order_says_which_is_missing(local: Side) -> None:
    context, job = context_of(local), order(local)
    with pytest.raises(Conflict, match="run step plan first"):
        run_step(context, {"step": "extract", "job_id": job.job_id, "year": 2025})
    run_step(context, {"step": "plan", "job_id": job.job_id})
    with pytest.raises(InvalidRequest, match="year: step extract needs a year"):
        run_step(context, {"step": "extract", "job_id": job.job_id})
    with pytest.raises(UnknownYear):
        run_step(context, {"step": "extract", "job_id": job.job_id, "year": 1999})
    with pytest.raises(Conflict, match="run step settle first"):
        run_step(context, {"step": "check", "job_id": job.job_id})
    for step in ("statements", "forecast", "report", "finish"):
        with pytest.raises(Conflict, match="no ledger yet"):
            run_step(context, {"step": step, "job_id": job.job_id})


def test_a_secret_without_a_url_is_refused(local: Side) -> None:
    local.put_secret("erp", {"host": "here"})
    with pytest.raises(InvalidRequest, match="secret 'erp' has no url"):
        closed(local)


@pytest.mark.usefixtures("light")
def test_no_credential_reaches_the_job_or_the_objects(local: Side) -> None:
    job = closed(local)
    assert "sqlite:" not in json.dumps(job.model_dump(mode="json"))
    plan = json.loads(local.objects.get(f"jobs/{job.job_id}/plan.json"))
    assert set(plan) == {
        *(
            "erp",
            "erp_version",
            "source_id",
            "label",
            "company",
            "master",
            "years",
            "closing",
            "later_years",
            "settings",
        )
    }
