"""The financial close, step by step: the same steps under a state machine, a worker or a command line.

Every step reads its input from the job and from objects and writes its output as objects, so any of them may
run twice, or be killed and run again: what is there already is not done again.

::

    plan ─► extract (each part) ─► settle ─► check ─► statements ─► forecast ─► narrate ─► report ─► finish
      └── the same books were closed before: reused ─────────────────────────────────────────────────┘

Imports of the rooms below sit inside the steps, so that a function loads only what its own steps need.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from abax import __version__
from abax.disk import named_when_full
from abax.errors import AbaxError, Conflict, InvalidRequest, ObjectMissing, UnknownYear
from abax.ports import Job, ObjectStore, SecretStore, TextModel
from abax.workflow import jobs
from abax.workflow.context import CloseContext
from abax.workflow.outcome import (
    RESULTS,
    close_of,
    forecast_of,
    narrative_of,
    open_ledger,
    package_of,
    pointer_key,
)
from abax.workflow.request import CloseRequest

if TYPE_CHECKING:
    from abax.erp import Source
    from abax.ledger.model import Check, Company, LedgerManifest
    from abax.writing import Narrative

logger = logging.getLogger("abax.close")

HISTORY: Final = 3
"""Fiscal years side by side in the statements."""

READERS: Final = 2
"""Parts of a large ledger that are read at once: one comes from the server while another is converted."""

_SETTING: Final = "set."

EXTRACT_FROM, EXTRACT_TO = 0.05, 0.60
"""The part of the progress bar that reading the books takes."""


@dataclass(frozen=True)
class Task:
    """One step's work for one job."""

    context: CloseContext
    job: Job
    progress: jobs.Progress
    event: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> CloseRequest:
        """What the user asked for."""
        return jobs.requested(self.job)

    @property
    def objects(self) -> ObjectStore:
        """Where inputs and outputs lie."""
        return self.context.objects


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


# --- the steps ------------------------------------------------------------------------------------------


def plan(task: Task) -> dict[str, Any]:
    """Look at the source: which company, which years, and were these very books closed before?

    Gives ``{"parts": [{"year": …, "period": … or None}, …], "reused": bool}``. Raises UnknownCompany,
    UnknownYear, UnknownSecret or any SourceError.
    """
    task.progress.begin("plan", 0.01, "looking at the source")
    with _source(task) as source:
        company = source.company(task.request.company)
        planned = _look(task, source, company)
    if task.request.year is None:
        task.context.jobs.update(task.job.job_id, request={**task.job.request, "year": planned.closing})
    _put_json(task.objects, f"jobs/{task.job.job_id}/plan.json", planned.model_dump_json())
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
    closing = _year_asked_for(request, company, list(dict.fromkeys(summary.year for summary in found)))
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


def _year_asked_for(request: CloseRequest, company: Company, found: list[int]) -> int:
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
    with _source(task) as source:
        company = Company.model_validate(planned.company)
        summary = source.part(company, *part)
        if summary is None and part.period is None:
            raise UnknownYear(company.name, part.year, sorted({known.year for known in planned.years}))
        if summary is None:  # what was posted in that month is gone since: settling will find the same
            return {**part._asdict(), "lines": 0}
        partition = extract_year(source, company, summary, task.objects, on_rows=step.rows)
    _put_json(task.objects, _part_key(task.job, part), partition.model_dump_json())
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
    with _source(task) as source:
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
    _put_json(task.objects, _manifest_key(task.job), manifest.model_dump_json())
    _point_to(task, _close_key(task.request, now))
    return {"again": [str(year.part) for year in now.years if before.get(year.part) != year.watermark]}


def check(task: Task) -> dict[str, Any]:
    """Open the ledger and hold it to the hard checks. Raises any LedgerError, naming the entries."""
    task.progress.begin("check", 0.62, "checking the books")
    from abax.ledger import Ledger, require, run_checks

    manifest, close_key = _manifest(task), close_of(task.objects, task.job)
    _put_json(task.objects, f"closes/{close_key}/manifest.json", manifest.model_dump_json())
    if not task.objects.exists(f"closes/{close_key}/checks.json"):
        with Ledger.open(manifest, task.objects.fetch) as ledger:
            checks = run_checks(ledger)
            require(ledger, checks, manifest.closed_year)
        _put(task.objects, close_key, "checks.json", _checks().dump_json(checks))
    return {"close": close_key}


def statements(task: Task) -> dict[str, Any]:
    """Statements, ratios, aged reports and trial balances, as ``statements.json``."""
    task.progress.begin("statements", 0.70, "drawing up the statements")
    from abax.ledger import build_package

    close_key = close_of(task.objects, task.job)
    if not task.objects.exists(f"closes/{close_key}/statements.json"):
        request = task.request
        with open_ledger(task.objects, task.job) as ledger:
            package = build_package(ledger, ledger.manifest.closed_year, as_of=request.as_of, history=HISTORY)
        _put(task.objects, close_key, "statements.json", package.model_dump_json().encode())
    return {"close": close_key}


def forecast(task: Task) -> dict[str, Any]:
    """Twelve months ahead from the statements alone, as ``forecast.json``."""
    task.progress.begin("forecast", 0.80, "forecasting")
    from abax.forecast import forecast_package

    close_key = close_of(task.objects, task.job)
    if not task.objects.exists(f"closes/{close_key}/forecast.json"):
        outlook = forecast_package(package_of(task.objects, task.job))
        _put(task.objects, close_key, "forecast.json", outlook.model_dump_json().encode())
    return {"close": close_key}


def narrate(task: Task) -> dict[str, Any]:
    """The close in sentences, as ``narrative.json``: every number in them is checked against the statements.

    No close fails for want of words. A model that is missing, breaks or is late leaves the plain sentences,
    and the narrative says why; so does one that took an earlier attempt at this step down with it.
    """
    task.progress.begin("narrate", 0.85, "putting it into words")
    close_key, model = close_of(task.objects, task.job), task.context.model
    begun = f"closes/{close_key}/narrate_begun.json"
    if task.objects.exists(f"closes/{close_key}/narrative.json"):
        words = narrative_of(task.objects, task.job)
    elif model is None:
        words = _narrated(task, close_key, why_plain="no model is part of this step")
    elif task.objects.exists(begun):
        words = _narrated(task, close_key, why_plain="the model did not come back from an earlier try")
    else:
        _put_json(task.objects, begun, json.dumps({"job_id": task.job.job_id, "model": model.name}))
        words = _narrated(task, close_key, model)
    return {"close": close_key, "words": words.counts, "way": words.way}


def _narrated(task: Task, close_key: str, model: TextModel | None = None, why_plain: str = "") -> Narrative:
    from abax.writing import write_narrative

    package, outlook = package_of(task.objects, task.job), forecast_of(task.objects, task.job)
    words = write_narrative(package, outlook, model, why_plain)
    if words.why_plain or words.problems:
        logger.warning("narrative of close %s: %s %s", close_key, words.way, words.problems)
    _put(task.objects, close_key, "narrative.json", words.model_dump_json().encode())
    return words


def report(task: Task) -> dict[str, Any]:
    """The report as a page, as data and as a workbook; the ledger is open so that figures open to lines."""
    task.progress.begin("report", 0.90, "writing the report")
    from abax.report import line_index, render_html, render_json, render_xlsx

    close_key = close_of(task.objects, task.job)
    missing = [
        name
        for name in ("report.json", "report.xlsx", "report.html")
        if not task.objects.exists(f"closes/{close_key}/{name}")
    ]
    if not missing:
        return {"close": close_key}
    package, outlook = package_of(task.objects, task.job), forecast_of(task.objects, task.job)
    words = _words(task, close_key)
    with open_ledger(task.objects, task.job) as ledger:
        render: dict[str, Callable[[], bytes]] = {
            "report.json": lambda: render_json(package, outlook, words),
            "report.xlsx": lambda: render_xlsx(package, outlook),
            "report.html": lambda: render_html(package, outlook, line_index(ledger, package), words).encode(),
        }
        for name in missing:
            _put(task.objects, close_key, name, render[name]())
    return {"close": close_key}


def _words(task: Task, close_key: str) -> Narrative:
    """The narrative, written by rules where its own step came to nothing."""
    if not task.objects.exists(f"closes/{close_key}/narrative.json"):
        return _narrated(task, close_key, why_plain="step narrate did not come to its end")
    return narrative_of(task.objects, task.job)


def finish(task: Task) -> dict[str, Any]:
    """Mark the close as done, for whoever asks for the same again, and the job as succeeded."""
    close_key = close_of(task.objects, task.job)
    done = f"closes/{close_key}/done.json"
    reused = task.objects.exists(done)
    if not reused:
        task.progress.begin("finish", 0.99, "finishing")
        _put_json(task.objects, done, json.dumps({"job_id": task.job.job_id, "version": __version__}))
    results = {name: f"closes/{close_key}/{name}" for name in RESULTS}
    message = "these books were closed before: nothing to do again" if reused else "closed"
    jobs.finish(task.context.jobs, task.job.job_id, results, message)
    return {"close": close_key, "reused": reused}


STEPS: Final[dict[str, Callable[[Task], dict[str, Any]]]] = {
    "plan": plan,
    "extract": extract,
    "settle": settle,
    "check": check,
    "statements": statements,
    "forecast": forecast,
    "narrate": narrate,
    "report": report,
    "finish": finish,
}


# --- running them ---------------------------------------------------------------------------------------


def run_step(
    context: CloseContext, event: Mapping[str, Any], on_progress: jobs.OnProgress | None = None
) -> dict[str, Any]:
    """One step of one job: ``{"step": …, "job_id": …}``, with ``year`` and ``period`` to extract.

    Raises:
        InvalidRequest: the event names no step or no job.
        JobCancelled: the job was cancelled before or while the step ran.
        StorageFull: there was no space left for the step's output or for its scratch files.
        AbaxError: whatever the step itself finds wrong.
    """
    step = STEPS.get(str(event.get("step")))
    if step is None:
        raise InvalidRequest(f"{event.get('step')!r} is no step; use one of {', '.join(STEPS)}", "step")
    if not event.get("job_id"):
        raise InvalidRequest("names no job", "job_id")
    job = context.jobs.get(str(event["job_id"]))
    progress = jobs.Progress(context.jobs, job.job_id, on_progress)
    with named_when_full(f"the disk that step {event['step']} writes to"):
        return step(Task(context, job, progress, event))


def run_close(
    context: CloseContext,
    job_id: str,
    on_progress: jobs.OnProgress | None = None,
    attempts: int = 3,
    longest_wait: float = 10.0,
) -> Job:
    """All steps of a job in order, in this process: command line and edge mode.

    A step whose error is retryable is tried up to ``attempts`` times with growing pauses of at most
    ``longest_wait`` seconds. A job that has ended is given back as it is.

    Raises:
        AbaxError: recorded in the job, then raised on. Anything else leaves the job to be run again.
    """
    job = context.jobs.get(job_id)
    if job.state.finished:
        return job
    run = _retried(partial(run_step, context, on_progress=on_progress), attempts, longest_wait)
    try:
        planned = run({"step": "plan", "job_id": job_id})
        if not planned["reused"]:
            parts = [{"step": "extract", "job_id": job_id, **part} for part in planned["parts"]]
            is_large = any(part["period"] for part in planned["parts"])
            side_by_side(run, parts, READERS if is_large else 1)
        for step in ("finish",) if planned["reused"] else _AFTER_EXTRACT:
            run({"step": step, "job_id": job_id})
    except AbaxError as error:
        jobs.fail(context.jobs, job_id, error)
        raise
    return context.jobs.get(job_id)


_Item = TypeVar("_Item")
_Done = TypeVar("_Done")
_AFTER_EXTRACT: Final = ("settle", "check", "statements", "forecast", "narrate", "report", "finish")


def side_by_side(
    work: Callable[[_Item], _Done], parts: Sequence[_Item], readers: int = READERS
) -> list[_Done]:
    """Do ``work`` for all parts, as many at a time as there are readers; what it gave, in order.

    The first error, or an interruption, is raised once the parts that are being worked on have ended; those
    that wait are not begun.
    """
    if readers == 1:
        return [work(part) for part in parts]
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(readers, thread_name_prefix="part") as pool:
        working = [pool.submit(work, part) for part in parts]
        try:
            for done in as_completed(working):
                done.result()
        except BaseException:
            for waiting in working:
                waiting.cancel()
            raise
    return [done.result() for done in working]


def _retried(
    run: Callable[[Mapping[str, Any]], dict[str, Any]], attempts: int, longest_wait: float
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, AbaxError) and error.retryable),
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=0.5, max=longest_wait),
        reraise=True,
    )
    return lambda event: retrying(run, event)


# --- helpers --------------------------------------------------------------------------------------------


def _source(task: Task) -> AbstractContextManager[Source]:
    return opened_source(task.context.secrets, task.request)


@contextmanager
def opened_source(secrets: SecretStore, request: CloseRequest) -> Iterator[Source]:
    """The source that a request is about, open for reading. Raises UnknownSecret, InvalidRequest and any
    SourceError."""
    from abax.erp import open_source

    secret = secrets.get(request.secret)
    if not secret.get("url"):
        raise InvalidRequest(f"secret {request.secret!r} has no url", "secret")
    settings = {**settings_in(secret), **request.settings}
    with open_source(secret["url"], request.erp or secret.get("erp"), settings) as source:
        yield source


def settings_in(secret: Mapping[str, str]) -> dict[str, str]:
    """What a connection chooses of its source: the fields ``set.<setting>``."""
    return {
        field.removeprefix(_SETTING): value for field, value in secret.items() if field.startswith(_SETTING)
    }


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


def _manifest(task: Task) -> LedgerManifest:
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
    _put_json(task.objects, pointer_key(task.job.job_id), json.dumps({"close": close_key}))
    return close_key


def _put(objects: ObjectStore, close_key: str, name: str, body: bytes) -> None:
    objects.put(f"closes/{close_key}/{name}", body, RESULTS[name])


def _put_json(objects: ObjectStore, key: str, body: str) -> None:
    objects.put(key, body.encode(), "application/json")


@lru_cache(maxsize=1)
def _checks() -> TypeAdapter[list[Check]]:
    from abax.ledger.model import Check

    return TypeAdapter(list[Check])
