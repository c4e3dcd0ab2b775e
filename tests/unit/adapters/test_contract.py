"""What every implementation of the ports must do, on a folder as on AWS."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from abax.errors import ObjectMissing, UnknownJob, UnknownSecret
from abax.ports import Job, JobState

from tests.support.sides import Side


def job(number: int = 1, token: str | None = None) -> Job:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return Job(
        job_id=f"job-{number}",
        kind="close",
        request={"secret": "erp", "company": "Ämber & Sons", "year": 2025, "mapping": {"400000": "revenue"}},
        client_token=token or f"token-{number}",
        fingerprint="f" * 64,
        created_at=at,
        updated_at=at,
    )


# --- objects


def test_an_object_comes_back_as_it_was_put(side: Side) -> None:
    side.objects.put("a/b/c.json", b'{"x": 1}', "application/json")
    assert side.objects.get("a/b/c.json") == b'{"x": 1}'
    assert side.objects.fetch("a/b/c.json").read_bytes() == b'{"x": 1}'


def test_a_file_is_kept_under_its_key(side: Side, tmp_path: Path) -> None:
    path = tmp_path / "lines.parquet"
    path.write_bytes(b"PAR1" * 1000)
    side.objects.put_file("ledger/lines.parquet", path)
    assert side.objects.get("ledger/lines.parquet") == b"PAR1" * 1000
    assert side.objects.fetch("ledger/lines.parquet").suffix == ".parquet"


def test_writing_a_key_twice_keeps_the_latest(side: Side) -> None:
    side.objects.put("k", b"one")
    side.objects.put("k", b"two")
    assert side.objects.get("k") == b"two"


def test_a_key_is_created_once_and_stays_as_it_was(side: Side) -> None:
    assert side.objects.create("log/1.json", b"one")
    assert not side.objects.create("log/1.json", b"two")
    assert side.objects.get("log/1.json") == b"one"


def test_of_many_who_create_a_key_at_once_one_succeeds(side: Side) -> None:
    bodies = [str(number).encode() for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda body: side.objects.create("log/2.json", body), bodies))
    assert done.count(True) == 1
    assert side.objects.get("log/2.json") == bodies[done.index(True)]
    assert list(side.objects.keys("log/")) == ["log/2.json"]


def test_a_missing_object_is_named(side: Side) -> None:
    assert not side.objects.exists("no/such")
    with pytest.raises(ObjectMissing, match="no/such"):
        side.objects.get("no/such")
    with pytest.raises(ObjectMissing, match="no/such"):
        side.objects.fetch("no/such")


def test_keys_are_listed_in_order_by_prefix(side: Side) -> None:
    for key in ("p/b", "p/a/x", "q/c", "p/a/w", "pz"):
        side.objects.put(key, b"")
    assert list(side.objects.keys("p/")) == ["p/a/w", "p/a/x", "p/b"]
    assert list(side.objects.keys("p/a/x")) == ["p/a/x"]
    assert list(side.objects.keys("nothing/here")) == []
    assert side.objects.exists("p/b")
    assert not side.objects.exists("p")


# --- jobs


def test_a_job_comes_back_as_it_was_created(side: Side) -> None:
    assert side.jobs.create(job()) == job()
    assert side.jobs.get("job-1") == job()


def test_a_taken_token_gives_back_the_job_that_has_it(side: Side) -> None:
    first = side.jobs.create(job(1, "same"))
    assert side.jobs.create(job(2, "same")) == first
    with pytest.raises(UnknownJob):
        side.jobs.get("job-2")


def test_an_unknown_job_is_named(side: Side) -> None:
    with pytest.raises(UnknownJob, match="job-9"):
        side.jobs.get("job-9")
    with pytest.raises(UnknownJob, match="job-9"):
        side.jobs.update("job-9", step="plan")


def test_a_client_token_is_no_job(side: Side) -> None:
    side.jobs.create(job(1, "abc"))
    with pytest.raises(UnknownJob):
        side.jobs.get("token#abc")


def test_an_update_changes_what_it_names_and_the_time(side: Side) -> None:
    side.jobs.create(job())
    changed = side.jobs.update("job-1", state=JobState.RUNNING, step="extract", progress=0.4321, message="…")
    assert (changed.state, changed.step, changed.progress) == (JobState.RUNNING, "extract", 0.4321)
    assert changed.updated_at > job().updated_at
    assert changed.request == job().request
    assert side.jobs.get("job-1") == changed


def test_results_and_errors_survive_the_round_trip(side: Side) -> None:
    side.jobs.create(job(1))
    side.jobs.create(job(2))
    results = {"report.html": "closes/k/report.html"}
    done = side.jobs.update("job-1", state=JobState.SUCCEEDED, results=results)
    error = {"type": "UnbalancedEntry", "message": "journal entries do not balance: MISC/7"}
    failed = side.jobs.update("job-2", state=JobState.FAILED, error=error)
    assert side.jobs.get("job-1").results == done.results == results
    assert side.jobs.get("job-2").error == failed.error == error


@pytest.mark.parametrize("end", [JobState.CANCELLED, JobState.FAILED, JobState.SUCCEEDED])
def test_a_late_step_cannot_revive_a_finished_job(side: Side, end: JobState) -> None:
    side.jobs.create(job())
    ended = side.jobs.update("job-1", state=end)
    assert side.jobs.update("job-1", state=JobState.RUNNING, step="report") == ended
    assert side.jobs.get("job-1").state is end


def test_recent_jobs_are_listed_newest_first(side: Side) -> None:
    for number in (2, 1, 3):
        side.jobs.create(job(number))
    assert [one.job_id for one in side.jobs.recent()] == ["job-3", "job-2", "job-1"]
    assert [one.job_id for one in side.jobs.recent(2)] == ["job-3", "job-2"]


# --- queue


def test_a_message_is_handed_over_once_and_is_gone(side: Side) -> None:
    side.queue.send({"job_id": "job-1", "note": "ä"})
    seen: list[object] = []
    assert side.queue.receive(seen.append)
    assert seen == [{"job_id": "job-1", "note": "ä"}]
    assert not side.queue.receive(seen.append)


def test_a_message_comes_back_when_its_handler_fails(side: Side) -> None:
    side.queue.send({"n": 1})

    def fail(message: object) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        side.queue.receive(fail)
    seen: list[object] = []
    assert side.queue.receive(seen.append)
    assert seen == [{"n": 1}]


# --- secrets


def test_a_secret_comes_back_by_its_reference(side: Side) -> None:
    side.put_secret("erp/main", {"url": "sqlite:///books", "erp": "odoo"})
    assert dict(side.secrets.get("erp/main")) == {"url": "sqlite:///books", "erp": "odoo"}


def test_an_unknown_secret_is_named_with_what_to_do(side: Side) -> None:
    with pytest.raises(UnknownSecret, match=r"no secret 'erp/none'.*create it"):
        side.secrets.get("erp/none")


# --- records


def test_a_record_comes_back_as_it_was_kept(side: Side) -> None:
    item = {"name": "Müller & Söhne", "amounts": ["1.00", "2.50"], "seen": None, "deep": {"a": [1, True]}}
    assert side.records.put("suppliers", "DE123", item)
    assert side.records.get("suppliers", "DE123") == item
    assert side.records.get("suppliers", "DE1") is None
    assert side.records.get("orders", "DE123") is None


def test_a_record_that_is_kept_again_is_the_newer_one(side: Side) -> None:
    side.records.put("s", "k", {"n": 1})
    assert side.records.put("s", "k", {"n": 2})
    assert side.records.get("s", "k") == {"n": 2}


def test_of_many_who_keep_a_record_where_there_is_none_one_succeeds(side: Side) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: side.records.put("s", "k", {"n": n}, if_absent=True), range(8)))
    assert kept.count(True) == 1
    assert side.records.get("s", "k") == {"n": kept.index(True)}


def test_records_are_listed_in_order_by_prefix_and_space(side: Side) -> None:
    for key in ("b#2", "a", "b#10", "b", "ü", "b_"):
        side.records.put("s", key, {"key": key})
    side.records.put("t", "b#3", {})
    assert [key for key, _ in side.records.items("s")] == ["a", "b", "b#10", "b#2", "b_", "ü"]
    assert list(side.records.items("s", "b#")) == [("b#10", {"key": "b#10"}), ("b#2", {"key": "b#2"})]
    assert list(side.records.items("s", "c")) == []


def test_all_of_many_records_are_listed(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abax.adapters.local.records.PAGE", 7)
    for number in range(30):
        side.records.put("s", f"{number:05}", {"text": "x" * 50_000})
    assert [key for key, _ in side.records.items("s")] == [f"{number:05}" for number in range(30)]


def test_a_deleted_record_is_gone_and_may_be_deleted_again(side: Side) -> None:
    side.records.put("s", "k", {})
    side.records.delete("s", "k")
    side.records.delete("s", "k")
    assert side.records.get("s", "k") is None
    assert side.records.put("s", "k", {"new": True}, if_absent=True)
