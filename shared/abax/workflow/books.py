"""The steps of a close that read the books: planning, extracting each part, holding all to one moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from abax import __version__
from abax.errors import Conflict, InvalidRequest, ObjectMissing, UnknownYear
from abax.ports import Job
from abax.workflow.outcome import pointer_key
from abax.workflow.request import CloseRequest
from abax.workflow.task import Task

if TYPE_CHECKING:
    from abax.erp import Source
    from abax.ledger.model import Company, LedgerManifest

EXTRACT_FROM, EXTRACT_TO = 0.05, 0.60
"""The part of the progress bar that reading the books takes."""


class Part(NamedTuple):
    """A fiscal year, or a fiscal month of it."""

    year: int
    period: int | None = None

    def __str__(self) -> str:
        from abax.ledger.model import part_name

        return part_name(*self)


class PlannedYear(BaseModel):
    """A fiscal year to read, or a month of a large one, as the source stood when the close was planned."""

    model_config = ConfigDict(frozen=True)

    year: int
    period: int | None = None
    lines: int
    watermark: str

    @property
    def part(self) -> Part:
        """Which one it is."""
        return Part(self.year, self.period)


class Plan(BaseModel):
    """What a close will read: the content of ``jobs/<job_id>/plan.json``."""

    model_config = ConfigDict(frozen=True)

    erp: str
    erp_version: str
    source_id: str
    label: str
    company: dict[str, Any]
    master: dict[str, str]
    years: list[PlannedYear]
    closing: int
    later_years: bool
    settings: dict[str, str] = {}


def plan(task: Task) -> dict[str, Any]:
    """Look at the source: which company, which years, and were these very books closed before?

    Gives ``{"parts": [{"year": …, "period": … or None}, …], "reused": bool}``. Raises UnknownCompany,
    UnknownYear, UnknownSecret or any SourceError.
    """
    task.progress.begin("plan", 0.01, "looking at the source")
    with task.source as source:
        company = source.company(task.request.company)
        planned = _look(task, source, company)
    if task.request.year is None:
        task.context.jobs.update(task.job.job_id, request={**task.job.request, "year": planned.closing})
    task.put_json(f"jobs/{task.job.job_id}/plan.json", planned.model_dump_json())
    close_key = _close_key(task.request, planned)
    reused = task.objects.exists(f"closes/{close_key}/done.json")
    if reused:
        _point_to(task, close_key)
    return {"parts": [year.part._asdict() for year in planned.years], "reused": reused}


def _look(task: Task, source: Source, company: Company) -> Plan:
    """The source as it stands at this moment: the years up to the closed one and the day of the aged reports,
    and the chart, which is small and read at once."""
    from abax.erp import extract_master

    request = task.request
    found = source.parts(company)
    closing = year_asked_for(request, company, list(dict.fromkeys(summary.year for summary in found)))
    newest = max(closing, company.calendar.year_of(request.as_of)) if request.as_of else closing
    return Plan(
        erp=source.erp,
        erp_version=source.version,
        source_id=source.source_id,
        label=source.label,
        company=company.model_dump(mode="json"),
        master=extract_master(source, company, request.mapping, task.objects),
        years=[PlannedYear(**summary.model_dump()) for summary in found if summary.year <= newest],
        closing=closing,
        later_years=found[-1].year > newest,
        settings=dict(source.books.settings),
    )


def year_asked_for(request: CloseRequest, company: Company, found: list[int]) -> int:
    """The year of the request, or the newest with postings that has begun: what a schedule asks for."""
    if request.year is None:
        current = company.calendar.year_of(datetime.now(UTC).date())
        begun = [year for year in found if year <= current]
        if not begun:
            raise UnknownYear(company.name, current, found)
        return begun[-1]
    if request.year not in found:
        raise UnknownYear(company.name, request.year, found)
    return request.year


def extract(task: Task) -> dict[str, Any]:
    """Read one part (the event's ``year`` and, of a large year, ``period``) into Parquet, unless it is there
    already.

    It is kept under the watermark that it has now, which may be newer than the plan's: books go on being
    written while they are read. Gives ``{"year": …, "period": …, "lines": …}``.
    """
    from abax.erp import extract_year
    from abax.ledger.model import Company

    planned = _plan(task)
    part = _part(task.event)
    step = _ExtractProgress(task, planned, part)
    step.begin()
    with task.source as source:
        company = Company.model_validate(planned.company)
        summary = source.part(company, *part)
        if summary is None and part.period is None:
            raise UnknownYear(company.name, part.year, sorted({known.year for known in planned.years}))
        if summary is None:  # what was posted in that month is gone since: settling will find the same
            return {**part._asdict(), "lines": 0}
        partition = extract_year(source, company, summary, task.objects, on_rows=step.rows)
    task.put_json(_part_key(task.job, part), partition.model_dump_json())
    return {**part._asdict(), "lines": partition.lines}


def settle(task: Task) -> dict[str, Any]:
    """Hold all parts and the chart to one moment of the source.

    Each part was read at a moment of its own. Here one snapshot says what every part should be by now; what
    has changed meanwhile is read again within it, so that no entry can stand in two parts, or in none.
    Gives ``{"again": [names of the parts read again]}``.
    """
    task.progress.begin("settle", EXTRACT_TO, "holding all years to one moment")
    from abax.erp import YearSummary, extract_year
    from abax.ledger.model import Company, LedgerManifest

    before = {year.part: year.watermark for year in _plan(task).years}
    with task.source as source:
        company = Company.model_validate(_plan(task).company)
        now = _look(task, source, company)
        partitions = [
            extract_year(source, company, YearSummary(**year.model_dump()), task.objects)
            for year in now.years
        ]
    manifest = LedgerManifest(
        **now.model_dump(exclude={"label", "years"}),
        years=partitions,
        mapping=task.request.mapping,
        accept_unbalanced=task.request.accept_unbalanced,
    )
    task.put_json(_manifest_key(task.job), manifest.model_dump_json())
    _point_to(task, _close_key(task.request, now))
    return {"again": [str(year.part) for year in now.years if before.get(year.part) != year.watermark]}


class _ExtractProgress:
    """How far all parts together have come, seen from the one being read."""

    def __init__(self, task: Task, planned: Plan, part: Part) -> None:
        self._task = task
        self._part = part
        self._expected = sum(other.lines for other in planned.years) or 1
        self._own = next((other.lines for other in planned.years if other.part == part), 0)
        self._before = sum(
            other.lines
            for other in planned.years
            if other.part != part and task.objects.exists(_part_key(task.job, other.part))
        )

    def begin(self) -> None:
        self._task.progress.begin("extract", self._fraction(0), f"reading {self._part}")

    def rows(self, rows: int) -> None:
        """``rows`` lines of the part have been read so far."""
        self._task.progress.within(
            self._fraction(rows), f"reading {self._part}: {rows:,} of {self._own:,} lines"
        )

    def _fraction(self, rows: int) -> float:
        share = min(1.0, (self._before + rows) / self._expected)
        return EXTRACT_FROM + (EXTRACT_TO - EXTRACT_FROM) * share


def _part(event: Mapping[str, Any]) -> Part:
    try:
        period = event.get("period")
        return Part(int(event["year"]), None if period is None else int(period))
    except (KeyError, TypeError, ValueError):
        raise InvalidRequest("step extract needs a year, and a period or none", "year") from None


def _part_key(job: Job, part: Part) -> str:
    return f"jobs/{job.job_id}/years/{part}.json"


def _plan(task: Task) -> Plan:
    try:
        return Plan.model_validate_json(task.objects.get(f"jobs/{task.job.job_id}/plan.json"))
    except ObjectMissing:
        raise Conflict(f"job {task.job.job_id} has not been planned yet: run step plan first") from None


def manifest_read(task: Task) -> LedgerManifest:
    from abax.ledger.model import LedgerManifest

    try:
        return LedgerManifest.model_validate_json(task.objects.get(_manifest_key(task.job)))
    except ObjectMissing:
        raise Conflict(
            f"the years of job {task.job.job_id} are not settled yet: run step settle first"
        ) from None


def _manifest_key(job: Job) -> str:
    return f"jobs/{job.job_id}/manifest.json"


def _close_key(request: CloseRequest, planned: Plan) -> str:
    """Names a close by everything that its outcome depends on; master keys carry their watermark."""
    parts = {
        "source": planned.source_id,
        "company": planned.company,
        "year": planned.closing,
        "as_of": str(request.as_of),
        "mapping": request.mapping,
        "accept_unbalanced": sorted(request.accept_unbalanced),
        "master": planned.master,
        "years": {str(year.part): year.watermark for year in planned.years},
        "later_years": planned.later_years,
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _point_to(task: Task, close_key: str) -> str:
    task.put_json(pointer_key(task.job.job_id), json.dumps({"close": close_key}))
    return close_key
