"""What a close leaves behind, read back by its job: statements, results, the ledger that opens figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from abax.errors import Conflict, NotFound, ObjectMissing
from abax.ports import Job, JobState, JobStore, ObjectStore
from abax.workflow.jobs import requested

if TYPE_CHECKING:
    from abax.ledger import Ledger
    from abax.ledger.model import ClosePackage, Forecast, LedgerManifest, Lineage, PartnerAccounts
    from abax.writing import Answer, Narrative

RESULTS: Final = {
    "report.html": "text/html; charset=utf-8",
    "report.json": "application/json",
    "report.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "statements.json": "application/json",
    "forecast.json": "application/json",
    "narrative.json": "application/json",
    "checks.json": "application/json",
}
"""What a close leaves for its user: name to content type."""


PARTNERS: Final = "partners.json"
"""What mail may know of a close: names and addresses of people are in it, so that it is no result."""


def pointer_key(job_id: str) -> str:
    """The object that says which close a job led to: jobs that ask for the same share one."""
    return f"jobs/{job_id}/close.json"


def close_of(objects: ObjectStore, job: Job) -> str:
    """The key of the job's close. Raises Conflict before its books are read."""
    try:
        return str(json.loads(objects.get(pointer_key(job.job_id)))["close"])
    except ObjectMissing:
        raise _too_early(job, "no ledger") from None


def manifest_of(objects: ObjectStore, job: Job) -> LedgerManifest:
    """Where the tables of the job's ledger lie. Raises Conflict before they are read."""
    from abax.ledger.model import LedgerManifest

    return LedgerManifest.model_validate_json(_part(objects, job, "manifest.json"))


def package_of(objects: ObjectStore, job: Job) -> ClosePackage:
    """The statements of the job's close. Raises Conflict before they are drawn up."""
    from abax.ledger.model import ClosePackage

    return ClosePackage.model_validate_json(_part(objects, job, "statements.json"))


def partners_of(objects: ObjectStore, job: Job) -> PartnerAccounts | None:
    """What those who write may be told of their accounts; None of a close from before this was kept."""
    from abax.ledger.model import PartnerAccounts

    try:
        return PartnerAccounts.model_validate_json(_part(objects, job, PARTNERS))
    except Conflict:
        return None


def close_asked(jobs: JobStore, job_id: str = "") -> Job:
    """The job of a close: the newest that succeeded where none is named. Raises NotFound."""
    if job_id:
        return jobs.get(job_id)
    job = next((one for one in jobs.recent(20, "close") if one.state is JobState.SUCCEEDED), None)
    if job is None:
        raise NotFound("no close has succeeded yet; POST /v1/closes starts one")
    return job


def forecast_of(objects: ObjectStore, job: Job) -> Forecast:
    """The forecast of the job's close. Raises Conflict before it is made."""
    from abax.ledger.model import Forecast

    return Forecast.model_validate_json(_part(objects, job, "forecast.json"))


def narrative_of(objects: ObjectStore, job: Job) -> Narrative:
    """The words of the job's close. Raises Conflict before they are written."""
    from abax.writing.narrative import Narrative

    return Narrative.model_validate_json(_part(objects, job, "narrative.json"))


def ask_close(objects: ObjectStore, job: Job, question: str) -> Answer:
    """The answer to a question about the job's close, or why there is none. Raises Conflict before its
    figures are there."""
    from abax.writing import answer

    return answer(package_of(objects, job), forecast_of(objects, job), question)


def open_ledger(objects: ObjectStore, job: Job) -> Ledger:
    """The ledger behind a close, a context manager. Raises Conflict before it is read."""
    from abax.ledger import Ledger

    return Ledger.open(manifest_of(objects, job), objects.fetch)


def explain_figure(
    objects: ObjectStore, job: Job, report: str, line: str, period: str, limit: int | None = None
) -> Lineage:
    """The journal lines behind one figure of the job's statements. Raises UnknownFigure, or Conflict."""
    from abax.ledger import explain

    with open_ledger(objects, job) as ledger:
        return explain(ledger, report, line, period, limit, requested(job).as_of)


def _part(objects: ObjectStore, job: Job, name: str) -> bytes:
    try:
        return objects.get(f"closes/{close_of(objects, job)}/{name}")
    except ObjectMissing:
        raise _too_early(job, f"no {name}") from None


def _too_early(job: Job, what: str) -> Conflict:
    at = f" at step {job.step}" if job.state in (JobState.RUNNING, JobState.FAILED) else ""
    return Conflict(f"job {job.job_id} has {what} yet: it is {job.state}{at}")
