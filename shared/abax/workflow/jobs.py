"""The life of a job, from the request that makes it to its end. State changes happen here alone."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from abax.errors import AbaxError, JobCancelled, JobFinished, TokenReused
from abax.ports import Job, JobState, JobStore, ObjectStore
from abax.workflow.context import Services
from abax.workflow.request import CloseRequest, Order

CLOSE: Final = CloseRequest.kind
GROUP: Final = "group"
DOCUMENT: Final = "document"

OnProgress = Callable[[Job], None]


def request_close(services: Services, request: CloseRequest) -> tuple[Job, bool]:
    """The job of this request and whether it is new; its work has been started either way.

    Raises:
        TokenReused: the client token belongs to a different request.
    """
    job, is_new = create(services.jobs, request)
    if job.execution is None and not job.state.finished:
        job = services.jobs.update(job.job_id, execution=services.workflow.start(job))
    return job, is_new


def create(jobs: JobStore, request: Order) -> tuple[Job, bool]:
    """Keep a new job for the request, or find the one that its client token already has.

    Raises:
        TokenReused: the client token belongs to a different request.
    """
    wanted = _new_job(request)
    job = jobs.create(wanted)
    if job.fingerprint != wanted.fingerprint:
        raise TokenReused(wanted.client_token)
    return job, job.job_id == wanted.job_id


def _new_job(request: Order) -> Job:
    token = request.client_token or uuid.uuid4().hex
    return _fresh(request.kind, request.shown(), token, request.fingerprint())


def _fresh(kind: str, request: dict[str, Any], token: str, fingerprint: str) -> Job:
    now = datetime.now(UTC)
    return Job(
        job_id=f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:10]}",
        kind=kind,
        request=request,
        client_token=token,
        fingerprint=fingerprint,
        created_at=now,
        updated_at=now,
    )


def requested(job: Job) -> CloseRequest:
    """The request that made the job."""
    return CloseRequest.model_validate(job.request)


def unfinished(jobs: JobStore, request: CloseRequest) -> Job | None:
    """The newest job of the same request that has not ended and that no workflow was started for: one that a
    command was running when it stopped, so that its rerun can take it up again."""
    wanted = request.fingerprint()
    left = (job for job in jobs.recent(100) if not job.state.finished and job.execution is None)
    return next((job for job in left if job.fingerprint == wanted), None)


def again(jobs: JobStore, job: Job) -> Job:
    """A fresh job for the request of one that failed, of whatever kind; asking twice gives the same one."""
    return jobs.create(_fresh(job.kind, job.request, f"{job.job_id}-again", job.fingerprint))


def cancel(services: Services, job_id: str) -> Job:
    """End a job that still waits or runs; what it has finished so far stays for the next one.

    Raises:
        UnknownJob: there is no such job.
        JobFinished: it had already succeeded or failed.
    """
    job = services.jobs.update(job_id, state=JobState.CANCELLED, message="cancelled on request")
    if job.state is not JobState.CANCELLED:
        raise JobFinished(job_id, job.state)
    if job.execution and job.kind in (CLOSE, GROUP):
        services.workflow.stop(job.execution, "cancelled on request")
    if job.execution and job.kind == DOCUMENT and services.documents is not None:
        services.documents.workflow.stop(job.execution, "cancelled on request")
    cancel_parts(services.jobs, services.objects, job)
    return job


def cancel_parts(jobs: JobStore, objects: ObjectStore, job: Job) -> None:
    """End the closes that a group's job has made for its members."""
    for part in _parts(objects, job):
        jobs.update(part, state=JobState.CANCELLED, message="cancelled with its group")


def parts_key(job_id: str) -> str:
    """The object that says which jobs of their own a group's job has for its members."""
    return f"jobs/{job_id}/members.json"


def _parts(objects: ObjectStore, job: Job) -> list[str]:
    key = parts_key(job.job_id)
    if job.kind != GROUP or not objects.exists(key):
        return []
    return [str(member["job_id"]) for member in json.loads(objects.get(key))["members"]]


def fail(jobs: JobStore, job_id: str, error: AbaxError) -> Job:
    """End a job with the error that stopped it; one that has ended already stays as it is."""
    return jobs.update(job_id, state=JobState.FAILED, message=str(error), error=error.as_dict())


def finish(jobs: JobStore, job_id: str, results: Mapping[str, str], message: str) -> Job:
    """End a job with the keys of its results."""
    return jobs.update(
        job_id, state=JobState.SUCCEEDED, step="done", progress=1.0, message=message, results=dict(results)
    )


class Progress:
    """Writes a job's progress for its followers, and learns from the same write whether it was cancelled."""

    def __init__(
        self, jobs: JobStore, job_id: str, on_progress: OnProgress | None = None, every: float = 0.5
    ) -> None:
        """Writes from ``within`` go out at most once in ``every`` seconds."""
        self._jobs = jobs
        self._job_id = job_id
        self._on_progress = on_progress
        self._every = every
        self._written = 0.0

    def begin(self, step: str, fraction: float, message: str) -> None:
        """A step begins. Raises JobCancelled."""
        self._write(state=JobState.RUNNING, step=step, progress=round(fraction, 4), message=message)

    def within(self, fraction: float, message: str) -> None:
        """A step has got this far. Raises JobCancelled."""
        if time.monotonic() - self._written >= self._every:
            self._write(progress=round(fraction, 4), message=message)

    def _write(self, **changes: object) -> None:
        job = self._jobs.update(self._job_id, **changes)
        self._written = time.monotonic()
        if job.state is JobState.CANCELLED:
            raise JobCancelled(self._job_id)
        if self._on_progress:
            self._on_progress(job)
