from collections.abc import Iterator
from pathlib import Path

import pytest
from abax.compose import Edge, edge
from abax.errors import JobCancelled, JobFinished, TokenReused, UnknownJob, UnmappedAccount
from abax.ports import Job, JobState
from abax.workflow import jobs
from abax.workflow.request import CloseRequest

REQUEST = CloseRequest(secret="erp", company="Acme", year=2025, client_token="t1")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Edge]:
    yield edge(tmp_path)


def test_a_new_request_makes_a_job_and_starts_it(house: Edge) -> None:
    job, is_new = jobs.request_close(house.services, REQUEST)
    assert is_new
    assert job.state is JobState.QUEUED
    assert job.execution == job.job_id
    assert jobs.requested(job) == REQUEST.model_copy(update={"client_token": None})
    assert house.queue.waiting() == 1


def test_the_same_token_again_is_the_same_job_and_starts_nothing(house: Edge) -> None:
    first, _ = jobs.request_close(house.services, REQUEST)
    second, is_new = jobs.request_close(house.services, REQUEST)
    assert not is_new
    assert second == first
    assert house.queue.waiting() == 1


def test_a_token_used_for_another_request_is_refused(house: Edge) -> None:
    jobs.request_close(house.services, REQUEST)
    with pytest.raises(TokenReused, match="'t1'"):
        jobs.request_close(house.services, REQUEST.model_copy(update={"year": 2024}))


def test_without_a_token_each_request_is_a_job(house: Edge) -> None:
    request = REQUEST.model_copy(update={"client_token": None})
    assert jobs.create(house.services.jobs, request)[0] != jobs.create(house.services.jobs, request)[0]


def test_a_job_whose_start_was_lost_is_started_by_the_repeated_request(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, REQUEST)
    again, is_new = jobs.request_close(house.services, REQUEST)
    assert (again.job_id, is_new) == (job.job_id, False)
    assert again.execution == job.job_id
    assert house.queue.waiting() == 1


def test_a_cancelled_job_stays_cancelled(house: Edge) -> None:
    job, _ = jobs.request_close(house.services, REQUEST)
    assert jobs.cancel(house.services, job.job_id).state is JobState.CANCELLED
    assert jobs.cancel(house.services, job.job_id).state is JobState.CANCELLED
    late = jobs.fail(house.services.jobs, job.job_id, UnmappedAccount(["6999"]))
    assert late.state is JobState.CANCELLED
    assert jobs.finish(house.services.jobs, job.job_id, {}, "closed").state is JobState.CANCELLED


def test_a_finished_job_cannot_be_cancelled(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, REQUEST)
    jobs.finish(house.services.jobs, job.job_id, {"report.html": "k"}, "closed")
    with pytest.raises(JobFinished, match="already succeeded"):
        jobs.cancel(house.services, job.job_id)


def test_an_unknown_job_cannot_be_cancelled(house: Edge) -> None:
    with pytest.raises(UnknownJob):
        jobs.cancel(house.services, "nothing")


def test_a_failure_is_kept_by_its_code_and_message(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, REQUEST)
    failed = jobs.fail(house.services.jobs, job.job_id, UnmappedAccount(["6999 Mystery"]))
    assert failed.error is not None
    assert failed.error["type"] == "UnmappedAccount"
    assert "6999 Mystery" in failed.error["message"]


def test_an_unfinished_job_of_the_same_request_is_found_again(house: Edge) -> None:
    store = house.services.jobs
    assert jobs.unfinished(store, REQUEST) is None
    job, _ = jobs.create(store, REQUEST)
    other = REQUEST.model_copy(update={"client_token": "t2", "year": 2024})
    jobs.create(store, other)
    assert jobs.unfinished(store, REQUEST) == job
    jobs.finish(store, job.job_id, {}, "closed")
    assert jobs.unfinished(store, REQUEST) is None


def test_a_job_that_workers_own_is_not_taken_up_by_a_command(house: Edge) -> None:
    jobs.request_close(house.services, REQUEST)
    assert jobs.unfinished(house.services.jobs, REQUEST) is None


def test_asking_for_a_failed_job_again_makes_one_new_job(house: Edge) -> None:
    store = house.services.jobs
    job, _ = jobs.create(store, REQUEST)
    anew = jobs.again(store, job)
    assert anew.job_id != job.job_id
    assert anew.fingerprint == job.fingerprint
    assert jobs.again(store, job) == anew


def test_progress_is_written_at_most_so_often(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, REQUEST)
    seen: list[Job] = []
    progress = jobs.Progress(house.services.jobs, job.job_id, seen.append, every=60)
    progress.begin("extract", 0.1, "reading")
    progress.within(0.2, "more")
    progress.begin("check", 0.6, "checking")
    assert [(one.step, one.progress) for one in seen] == [("extract", 0.1), ("check", 0.6)]
    eager = jobs.Progress(house.services.jobs, job.job_id, seen.append, every=0)
    eager.within(0.7, "more")
    assert house.services.jobs.get(job.job_id).progress == 0.7


def test_progress_on_a_cancelled_job_stops_the_work(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, REQUEST)
    progress = jobs.Progress(house.services.jobs, job.job_id, every=0)
    progress.begin("extract", 0.1, "reading")
    jobs.cancel(house.services, job.job_id)
    with pytest.raises(JobCancelled):
        progress.within(0.2, "more")
    with pytest.raises(JobCancelled):
        progress.begin("check", 0.6, "checking")
