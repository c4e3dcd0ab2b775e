"""A group's close, step by step: every member's books closed, then all of them as one.

::

    plan_group ─► a close of each member ─► consolidate ─► publish

Each member's close is a job of its own under a token of the group's job, so that a group that was interrupted
goes on where it stopped, and books that have not changed are not read again. A member that fails does not
keep the others from being closed; the group then fails and says which it was, and why. In one process their
words are written by rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from abax.errors import (
    AbaxError,
    CheckFailed,
    Conflict,
    JobCancelled,
    MemberFailed,
    ObjectMissing,
    UnknownCurrency,
    UnknownYear,
    listed,
)
from abax.ledger.consolidation import GroupPackage, consolidate
from abax.ledger.group import Group, kin_of, read_members, require_sound
from abax.money import ISO_4217
from abax.ports import Job, JobState
from abax.workflow import jobs
from abax.workflow.books import year_asked_for
from abax.workflow.close import Step, retried, run_close, run_step
from abax.workflow.context import CloseContext, Services
from abax.workflow.group_request import GroupRequest, MemberRequest, requested
from abax.workflow.outcome import manifest_of
from abax.workflow.request import CloseRequest
from abax.workflow.task import Task, opened_source

if TYPE_CHECKING:
    from abax.ledger.model import LedgerManifest
    from abax.ledger.translation import Rates

GROUP_RESULTS: Final = {"group.json": "application/json", "group.html": "text/html; charset=utf-8"}
"""What a group's close leaves for its user: name to content type."""

_HISTORY: Final = 3


class MemberClose(BaseModel):
    """The job that closes a member's books."""

    model_config = ConfigDict(frozen=True)

    name: str
    job_id: str


def request_group(services: Services, request: GroupRequest) -> tuple[Job, bool]:
    """The job of this request and whether it is new; its work has been started either way. Raises
    InvalidRequest, TokenReused."""
    require_sound(request.group)
    job, is_new = jobs.create(services.jobs, request)
    if job.execution is None and not job.state.finished:
        job = services.jobs.update(job.job_id, execution=services.workflow.start(job))
    return job, is_new


# --- the steps ------------------------------------------------------------------------------------------


def plan_group(task: Task) -> dict[str, Any]:
    """Look at every member's source, and make the jobs that will close their books.

    Gives ``{"members": [{"name": …, "job_id": …}, …]}``, the parent first. Raises InvalidRequest,
    MemberFailed naming everyone whose books cannot be closed, and SourceError where a server is away.
    """
    task.progress.begin("plan", 0.01, "looking at the members' books")
    request = requested(task.job)
    require_sound(request.group)
    key = jobs.parts_key(task.job.job_id)
    if not task.objects.exists(key):
        closes = _closes(task, request)
        _require_currency(task, request, closes)
        made = [(name, jobs.create(task.context.jobs, close)[0].job_id) for name, close in closes.items()]
        planned = {"members": [{"name": name, "job_id": job_id} for name, job_id in made]}
        task.put_json(key, json.dumps(planned))
        _require_wanted(task)
    return {"members": [member.model_dump() for member in _members(task)]}


def _require_currency(task: Task, request: GroupRequest, closes: Mapping[str, CloseRequest]) -> None:
    """Raises UnknownCurrency for a code that is no standard one and that no member's source lists."""
    if request.currency in ISO_4217:
        return
    known: set[str] = set()
    for close in closes.values():
        with opened_source(task.context.secrets, close) as source:
            known |= source.currencies(source.company(close.company))
    if request.currency not in known:
        raise UnknownCurrency(request.currency, known)


def _require_wanted(task: Task) -> None:
    """Raises JobCancelled where the group was called off while the jobs were made: they are ended."""
    try:
        task.progress.begin("plan", 0.02, "found all members' books")
    except JobCancelled:
        jobs.cancel_parts(task.context.jobs, task.objects, task.job)
        raise


def _closes(task: Task, request: GroupRequest) -> dict[str, CloseRequest]:
    """The close of each member: of the parent's year; of others that of the year that holds its last day, or
    of the last one before it that has postings."""
    found: dict[str, CloseRequest] = {}
    failed: dict[str, AbaxError] = {}
    end: date | None = None
    for member in sorted(request.members, key=lambda own: own.name != request.parent):
        try:
            found[member.name], last = _close_of(task, request, member, end)
            end = end or last
        except AbaxError as error:
            if error.retryable:
                raise
            failed[member.name] = error
            if end is None:  # without the parent's year, theirs are not known either
                break
    if failed:
        raise MemberFailed({name: str(error) for name, error in failed.items()})
    return found


def _close_of(
    task: Task, request: GroupRequest, member: MemberRequest, end: date | None
) -> tuple[CloseRequest, date]:
    """A member's close, and the last day of its year."""
    close = CloseRequest(
        secret=member.secret,
        company=member.company,
        year=request.year,
        erp=member.erp,
        mapping=member.mapping,
        settings=member.settings,
        client_token=f"{task.job.job_id}-{member.name}",
    )
    with opened_source(task.context.secrets, close) as source:
        company = source.company(member.company)
        years = source.posted_years(company)
    if end is None:
        year = year_asked_for(close, company, years)
    else:
        wanted = company.calendar.year_of(end)
        year = max((own for own in years if own <= wanted), default=0)
        if not year:
            raise UnknownYear(company.name, wanted, years)
    return close.model_copy(update={"year": year}), company.calendar.end_of(year)


def consolidate_group(task: Task) -> dict[str, Any]:
    """Make one of all members' ledgers, as ``group.json``. Raises MemberFailed where a close did not succeed,
    and what consolidation raises."""
    task.progress.begin("consolidate", 0.9, "making one of all books")
    package = consolidated(task.context, requested(task.job), _manifests(task))
    base = f"groups/{package.input_hash[:32]}"
    _put(task, base, "group.json", package.model_dump_json())
    task.put_json(_pointer_key(task.job), json.dumps({"group": base}))
    return {"group": base}


def _manifests(task: Task) -> dict[str, LedgerManifest]:
    """Every member's ledger. Raises MemberFailed."""
    closes = {member.name: task.context.jobs.get(member.job_id) for member in _members(task)}
    failed = {name: _why(job) for name, job in closes.items() if job.state is not JobState.SUCCEEDED}
    if failed:
        raise MemberFailed(failed)
    return {name: manifest_of(task.objects, job) for name, job in closes.items()}


def _why(job: Job) -> str:
    told = job.error["message"] if job.error else f"it is {job.state}"
    return f"{told} (job {job.job_id})"


def publish_group(task: Task) -> dict[str, Any]:
    """Write the page, and end the job. Raises CheckFailed where a check of the group did not hold; what was
    written stays with the job even then."""
    task.progress.begin("publish", 0.97, "writing the report")
    from abax.report.group import render_group_html

    base = _base(task)
    package = GroupPackage.model_validate_json(task.objects.get(f"{base}/group.json"))
    _put(task, base, "group.html", render_group_html(package))
    results = {name: f"{base}/{name}" for name in GROUP_RESULTS}
    failed = [check for check in package.checks if not check.passed]
    if failed:
        task.context.jobs.update(task.job.job_id, results=results)
        raise CheckFailed(f"{failed[0].label} ({failed[0].detail})", failed[0].difference)
    jobs.finish(task.context.jobs, task.job.job_id, results, "consolidated")
    return {"group": base}


GROUP_STEPS: Final[dict[str, Step]] = {
    "plan_group": plan_group,
    "consolidate": consolidate_group,
    "publish": publish_group,
}

run_group_step = partial(run_step, steps=GROUP_STEPS)
"""One step of a group's job, as ``run_step`` does one of a close."""


# --- running them ---------------------------------------------------------------------------------------


def run_group(
    context: CloseContext, job_id: str, on_progress: jobs.OnProgress | None = None, attempts: int = 3
) -> Job:
    """The whole of a group's job, in this process. One that has ended is given back as it is.

    Raises:
        AbaxError: recorded in the job, then raised on. What was written stays with the job even where
            intercompany differences fail it.
    """
    job = context.jobs.get(job_id)
    if job.state.finished:
        return job
    run = retried(partial(run_group_step, context, on_progress=on_progress), attempts)
    try:
        planned = run({"step": "plan_group", "job_id": job_id})
        _close_members(
            context, planned["members"], jobs.Progress(context.jobs, job_id, on_progress), attempts
        )
        for step in ("consolidate", "publish"):
            run({"step": step, "job_id": job_id})
    except AbaxError as error:
        jobs.fail(context.jobs, job_id, error)
        raise
    return context.jobs.get(job_id)


def _close_members(
    context: CloseContext, members: Sequence[Mapping[str, str]], progress: jobs.Progress, attempts: int
) -> None:
    """Close the books of each; a close that fails is told of by the step that needs it."""
    for number, member in enumerate(members):
        progress.begin("close", 0.02 + 0.85 * number / len(members), f"closing {member['name']}")
        with suppress(AbaxError):
            run_close(replace(context, model=None), member["job_id"], attempts=attempts)


# --- helpers --------------------------------------------------------------------------------------------


def consolidated(
    context: CloseContext, request: GroupRequest, manifests: Mapping[str, LedgerManifest]
) -> GroupPackage:
    """The members' ledgers as one."""
    group = _named(request.group, manifests)
    kin = kin_of(
        group,
        [
            (own, manifests[own.name].source_id, manifests[own.name].company.company_id)
            for own in group.members
        ],
    )
    books = read_members(group, manifests, context.objects.fetch, kin)
    return consolidate(group, books, manifests[group.parent].closed_year, _rates(request), history=_HISTORY)


def _named(group: Group, manifests: Mapping[str, LedgerManifest]) -> Group:
    """Each member known by its company's name too."""
    members = [
        own.model_copy(update={"known_as": [*own.known_as, manifests[own.name].company.name]})
        for own in group.members
    ]
    return group.model_copy(update={"members": members})


def _rates(request: GroupRequest) -> Rates | None:
    from abax.ledger.translation import Rates

    return Rates.of_csv(request.rates, request.group.currency) if request.rates else None


def _members(task: Task) -> list[MemberClose]:
    try:
        content = json.loads(task.objects.get(jobs.parts_key(task.job.job_id)))
    except ObjectMissing:
        raise Conflict(f"job {task.job.job_id} has not been planned yet: run step plan_group first") from None
    return [MemberClose.model_validate(member) for member in content["members"]]


def _base(task: Task) -> str:
    try:
        return str(json.loads(task.objects.get(_pointer_key(task.job)))["group"])
    except ObjectMissing:
        raise Conflict(f"job {task.job.job_id} is not consolidated yet: run step consolidate first") from None


def _pointer_key(job: Job) -> str:
    return f"jobs/{job.job_id}/group.json"


def _put(task: Task, base: str, name: str, body: str) -> None:
    task.objects.put(f"{base}/{name}", body.encode(), GROUP_RESULTS[name])


def group_package(context: CloseContext, job: Job) -> GroupPackage:
    """What a group's close computed. Raises Conflict before it has."""
    if "group.json" not in job.results:
        raise Conflict(f"job {job.job_id} has no group.json; it has {listed(job.results) or 'nothing yet'}")
    return GroupPackage.model_validate(json.loads(context.objects.get(job.results["group.json"])))
