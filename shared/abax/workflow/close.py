"""The financial close, step by step: the same steps under a state machine, a worker or a command line.

Every step reads its input from the job and from objects and writes its output as objects, so any of them may
run twice, or be killed and run again: what is there already is not done again.

::

    plan ─► extract (each part) ─► settle ─► check ─► statements ─► forecast ─► narrate ─► report ─► finish
      └── the same books were closed before: reused ─────────────────────────────────────────────────┘

Imports of the rooms below sit inside the steps, so that a function loads only what its own steps need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from abax.disk import named_when_full
from abax.errors import AbaxError, InvalidRequest
from abax.ports import Job
from abax.workflow import jobs
from abax.workflow.books import extract, plan, settle
from abax.workflow.context import CloseContext
from abax.workflow.reports import check, finish, forecast, narrate, report, statements
from abax.workflow.task import Task

READERS: Final = 3
"""Parts of a large ledger that are read at once: some come from the server while others are converted."""

Step = Callable[[Task], dict[str, Any]]

STEPS: Final[dict[str, Step]] = {
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


def run_step(
    context: CloseContext,
    event: Mapping[str, Any],
    on_progress: jobs.OnProgress | None = None,
    steps: Mapping[str, Step] = STEPS,
) -> dict[str, Any]:
    """One step of one job: ``{"step": …, "job_id": …}``, with ``year`` and ``period`` to extract.

    Raises:
        InvalidRequest: the event names no step or no job.
        JobCancelled: the job was cancelled before or while the step ran.
        StorageFull: there was no space left for the step's output or for its scratch files.
        AbaxError: whatever the step itself finds wrong.
    """
    step = steps.get(str(event.get("step")))
    if step is None:
        raise InvalidRequest(f"{event.get('step')!r} is no step; use one of {', '.join(steps)}", "step")
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
    run = retried(partial(run_step, context, on_progress=on_progress), attempts, longest_wait)
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


def retried(
    run: Callable[[Mapping[str, Any]], dict[str, Any]], attempts: int, longest_wait: float = 10.0
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """``run``, tried again where its error is retryable: up to ``attempts`` times, with growing pauses."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, AbaxError) and error.retryable),
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=0.5, max=longest_wait),
        reraise=True,
    )
    return lambda event: retrying(run, event)
