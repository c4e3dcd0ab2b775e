"""The steps of a close that make something of the books: checks, statements, forecast, words, report."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from abax import __version__
from abax.ports import ObjectStore, TextModel
from abax.workflow import jobs
from abax.workflow.books import manifest_read
from abax.workflow.outcome import (
    PARTNERS,
    RESULTS,
    close_of,
    forecast_of,
    narrative_of,
    open_ledger,
    package_of,
)
from abax.workflow.task import Task

if TYPE_CHECKING:
    from abax.ledger.model import Check
    from abax.writing import Narrative

logger = logging.getLogger("abax.close")

_NOBODY_ASKED: Final = "no model is part of this step"

HISTORY: Final = 3
"""Fiscal years side by side in the statements."""


def check(task: Task) -> dict[str, Any]:
    """Open the ledger and hold it to the hard checks. Raises any LedgerError, naming the entries."""
    task.progress.begin("check", 0.62, "checking the books")
    from abax.ledger import Ledger, require, run_checks

    manifest, close_key = manifest_read(task), close_of(task.objects, task.job)
    task.put_json(f"closes/{close_key}/manifest.json", manifest.model_dump_json())
    if not task.objects.exists(f"closes/{close_key}/checks.json"):
        with Ledger.open(manifest, task.objects.fetch) as ledger:
            checks = run_checks(ledger)
            require(ledger, checks, manifest.closed_year)
        _put(task.objects, close_key, "checks.json", _checks().dump_json(checks))
    return {"close": close_key}


def statements(task: Task) -> dict[str, Any]:
    """Statements, ratios, aged reports and trial balances, as ``statements.json``; and what partners may be
    told of their accounts, as of the day of the aged reports."""
    task.progress.begin("statements", 0.70, "drawing up the statements")
    from abax.ledger import build_package, partner_accounts

    close_key = close_of(task.objects, task.job)
    parts = [f"closes/{close_key}/{name}" for name in (PARTNERS, "statements.json")]
    if not all(map(task.objects.exists, parts)):
        request = task.request
        with open_ledger(task.objects, task.job) as ledger:
            package = build_package(ledger, ledger.manifest.closed_year, as_of=request.as_of, history=HISTORY)
            accounts = partner_accounts(ledger, package.aged[0].as_of)
        task.put_json(parts[0], accounts.model_dump_json())
        _put(task.objects, close_key, "statements.json", package.model_dump_json().encode())
    return {"close": close_key}


def forecast(task: Task) -> dict[str, Any]:
    """Twelve months ahead from the statements alone, as ``forecast.json``."""
    task.progress.begin("forecast", 0.80, "forecasting")
    from abax.forecast import forecast_package

    close_key = close_of(task.objects, task.job)
    if not task.objects.exists(f"closes/{close_key}/forecast.json"):
        outlook = forecast_package(package_of(task.objects, task.job), tools=task.context.tools)
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
        words = _narrated(task, close_key, why_plain=_NOBODY_ASKED)
    elif task.objects.exists(begun):
        words = _narrated(task, close_key, why_plain="the model did not come back from an earlier try")
    else:
        task.put_json(begun, json.dumps({"job_id": task.job.job_id, "model": model.name}))
        words = _narrated(task, close_key, model)
    return {"close": close_key, "words": words.counts, "way": words.way}


def _narrated(task: Task, close_key: str, model: TextModel | None = None, why_plain: str = "") -> Narrative:
    from abax.writing import write_narrative

    package, outlook = package_of(task.objects, task.job), forecast_of(task.objects, task.job)
    words = write_narrative(package, outlook, model, why_plain)
    if words.problems or words.why_plain not in ("", _NOBODY_ASKED):
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
        task.put_json(done, json.dumps({"job_id": task.job.job_id, "version": __version__}))
    results = {name: f"closes/{close_key}/{name}" for name in RESULTS}
    message = "these books were closed before: nothing to do again" if reused else "closed"
    jobs.finish(task.context.jobs, task.job.job_id, results, message)
    return {"close": close_key, "reused": reused}


def _put(objects: ObjectStore, close_key: str, name: str, body: bytes) -> None:
    objects.put(f"closes/{close_key}/{name}", body, RESULTS[name])


@lru_cache(maxsize=1)
def _checks() -> TypeAdapter[list[Check]]:
    from abax.ledger.model import Check

    return TypeAdapter(list[Check])
