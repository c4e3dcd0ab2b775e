"""A group's close: every member's books closed, or their close taken up again, then all of them as one.

Each member's close is a job of its own under a token of the group's job, so that a group that was
interrupted goes on where it stopped, and books that have not changed are not read again. Their words are
written by rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ConfigDict, Field, ValidationError, field_validator

from abax.errors import AbaxError, CheckFailed, Conflict, InvalidRequest, UnknownYear, listed
from abax.ledger.consolidation import GroupPackage, consolidate
from abax.ledger.group import (
    BALANCES_BETWEEN,
    RESULTS_BETWEEN,
    Group,
    Member,
    kin_of,
    read_members,
    require_sound,
)
from abax.ports import Job, JobState
from abax.workflow import jobs
from abax.workflow.close import run_close
from abax.workflow.context import CloseContext, Services
from abax.workflow.outcome import manifest_of
from abax.workflow.request import CloseRequest, Order
from abax.workflow.task import settings_in

if TYPE_CHECKING:
    from abax.erp import Source
    from abax.ledger.model import Company, LedgerManifest
    from abax.ledger.translation import Rates

GROUP_RESULTS: Final = {"group.json": "application/json", "group.html": "text/html; charset=utf-8"}
"""What a group's close leaves for its user: name to content type."""

_HISTORY: Final = 3


class MemberRequest(Member):
    """A company of the group, and where its books are."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[
        str, Field(min_length=1, description="Reference of the connection: a secret with a url")
    ]
    company: Annotated[str, Field(min_length=1, description="Name or id of the company in the source")]
    erp: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)
    settings: dict[str, str] = Field(default_factory=dict)


class GroupRequest(Order):
    """A consolidated close of one fiscal year of the parent: body of ``POST /v1/groups``, content of a
    group's file. ``members`` is a list, or a table by name."""

    kind = "group"

    name: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    parent: str
    members: Annotated[list[MemberRequest], Field(min_length=1)]
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    balances: Annotated[list[str], Field(default_factory=lambda: list(BALANCES_BETWEEN))]
    results: Annotated[list[str], Field(default_factory=lambda: list(RESULTS_BETWEEN))]
    stays: Annotated[list[str], Field(default_factory=list)]
    year: Annotated[int | None, Field(ge=1900, le=2200)] = None
    rates: Annotated[str, Field(description="CSV: currency,month,closing,average")] = ""

    @field_validator("members", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return [{"name": name, **own} if isinstance(own, Mapping) else own for name, own in given.items()]

    @property
    def group(self) -> Group:
        """Who is consolidated, and how."""
        return Group.model_validate(self.model_dump(include=set(Group.model_fields)))


def parse_group(content: Mapping[str, Any]) -> GroupRequest:
    """Raises InvalidRequest naming the field at fault."""
    try:
        return GroupRequest.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = _TOLD.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise InvalidRequest(told, ".".join(_steps(content, first["loc"]))) from None


_TOLD: Final = {"extra_forbidden": "there is no such setting; is it misspelt?", "missing": "is missing"}


def _steps(content: Mapping[str, Any], place: Sequence[int | str]) -> list[str]:
    """Where something is, a member by its name, not by its number."""
    members = content.get("members")
    if place[:1] == ("members",) and isinstance(members, Mapping) and len(place) > 1:
        place = ("members", list(members)[int(place[1])], *place[2:])
    return [str(step) for step in place]


def request_group(services: Services, request: GroupRequest) -> tuple[Job, bool]:
    """The job of this request and whether it is new; its work has been started either way. Raises
    InvalidRequest, TokenReused."""
    require_sound(request.group)
    if not services.groups:
        raise InvalidRequest(
            "groups are closed in edge mode (abax serve) and by abax group close, not here", "group"
        )
    job, is_new = jobs.create(services.jobs, request)
    if job.execution is None and not job.state.finished:
        job = services.jobs.update(job.job_id, execution=services.workflow.start(job))
    return job, is_new


def run_group(
    context: CloseContext, job_id: str, on_progress: jobs.OnProgress | None = None, attempts: int = 3
) -> Job:
    """The whole of a group's job. One that has ended is given back as it is.

    Raises:
        AbaxError: recorded in the job, then raised on. What was written stays with the job even where
            intercompany differences fail it.
    """
    job = context.jobs.get(job_id)
    if job.state.finished:
        return job
    try:
        _run(context, job, on_progress, attempts)
    except AbaxError as error:
        jobs.fail(context.jobs, job_id, error)
        raise
    return context.jobs.get(job_id)


def _run(context: CloseContext, job: Job, on_progress: jobs.OnProgress | None, attempts: int) -> None:
    request = GroupRequest.model_validate(job.request)
    require_sound(request.group)
    progress = jobs.Progress(context.jobs, job.job_id, on_progress)
    manifests = _closed(context, job, request, progress, attempts)
    progress.begin("consolidate", 0.9, "making one of all books")
    package = consolidated(context, request, manifests)
    results = _written(context, package)
    failed = [check for check in package.checks if not check.passed]
    if failed:
        context.jobs.update(job.job_id, results=results)
        raise CheckFailed(f"{failed[0].label} ({failed[0].detail})", failed[0].difference)
    jobs.finish(context.jobs, job.job_id, results, "consolidated")


def _closed(
    context: CloseContext, job: Job, request: GroupRequest, progress: jobs.Progress, attempts: int
) -> dict[str, LedgerManifest]:
    """Every member's ledger, the parent's first: its fiscal year says which of theirs."""
    found: dict[str, LedgerManifest] = {}
    end: date | None = None
    order = sorted(request.members, key=lambda own: own.name != request.group.parent)
    for number, member in enumerate(order):
        progress.begin("close", 0.02 + 0.85 * number / len(order), f"closing {member.name}")
        manifest = _closed_member(context, job, request, member, end, attempts)
        found[member.name] = manifest
        end = end or manifest.company.calendar.end_of(manifest.closed_year)
    return found


def _closed_member(
    context: CloseContext,
    job: Job,
    request: GroupRequest,
    member: MemberRequest,
    end: date | None,
    attempts: int,
) -> LedgerManifest:
    """The ledger behind a member's close of the year that holds ``end``, or of the last one before it that
    has postings; of the year asked for, where it is the parent."""
    year = request.year if end is None else _year(context, member, end)
    asked = CloseRequest(
        secret=member.secret,
        company=member.company,
        year=year,
        erp=member.erp,
        mapping=member.mapping,
        settings=member.settings,
        client_token=f"{job.job_id}-{member.name}",
    )
    close, _ = jobs.create(context.jobs, asked)
    done = run_close(replace(context, model=None), close.job_id, attempts=attempts)
    if done.state is not JobState.SUCCEEDED:
        raise Conflict(f"the close of {member.name}, job {done.job_id}, was {done.state}")
    return manifest_of(context.objects, done)


def _year(context: CloseContext, member: MemberRequest, end: date) -> int:
    with _source(context, member) as source:
        company: Company = source.company(member.company)
        wanted = company.calendar.year_of(end)
        years = [found.year for found in source.years(company)]
    before = [year for year in years if year <= wanted]
    if not before:
        raise UnknownYear(company.name, wanted, years)
    return before[-1]


@contextmanager
def _source(context: CloseContext, member: MemberRequest) -> Iterator[Source]:
    from abax.erp import open_source

    secret = context.secrets.get(member.secret)
    settings = {**settings_in(secret), **member.settings}
    with open_source(secret["url"], member.erp or secret.get("erp"), settings) as source:
        yield source


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


def _written(context: CloseContext, package: GroupPackage) -> dict[str, str]:
    from abax.report.group import render_group_html

    base = f"groups/{package.input_hash[:32]}"
    bodies = {"group.json": package.model_dump_json(), "group.html": render_group_html(package)}
    for name, body in bodies.items():
        context.objects.put(f"{base}/{name}", body.encode(), GROUP_RESULTS[name])
    return {name: f"{base}/{name}" for name in GROUP_RESULTS}


def group_package(context: CloseContext, job: Job) -> GroupPackage:
    """What a group's close computed. Raises Conflict before it has."""
    if "group.json" not in job.results:
        raise Conflict(f"job {job.job_id} has no group.json; it has {listed(job.results) or 'nothing yet'}")
    return GroupPackage.model_validate(json.loads(context.objects.get(job.results["group.json"])))
