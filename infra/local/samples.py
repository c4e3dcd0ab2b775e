"""Sample events for ``invoke``: a function's default one, and what must exist before it makes sense."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from abax.adapters.aws.session import forget_clients
from abax.compose import cloud_context
from abax.sample import SampleBooks, build
from abax.settings import StepSettings
from abax.workflow.document_request import DocumentRequest, digest_of
from abax.workflow.drafts import content_key
from abax.workflow.intake import INBOX
from abax.workflow.jobs import create
from abax.workflow.request import CloseRequest

from infra.local.engine import ROOT, LocalEngine

EVENTS: Final = ROOT / "events"

DEFAULTS: Final = {
    "extract_erp": "states/plan.json",
    "build_statements": "states/statements.json",
    "forecast_metrics": "states/forecast.json",
    "generate_text": "states/narrate.json",
    "render_report": "states/report.json",
    "serve_api": "apigateway/post_close.json",
    "start_close": "sqs/close_request.json",
    "start_document": "sqs/document_sent.json",
    "process_document": "states/take_in.json",
    "train_adapters": "states/learning_status.json",
    "process_mail": "sqs/mail_received.json",
    "deliver_mail": "sqs/mail_out.json",
}

SECRET: Final = "abax/sample"  # noqa: S105 (a name)
JOB: Final = "sample"
"""The job id that stands for a close of the sample company, or for the sample document."""

DOCUMENT: Final = EVENTS / "documents" / "invoice.xml"
MAIL: Final = EVENTS / "mail" / "question.eml"
MAIL_KEY: Final = "mail/ses/question"

_ORDER: Final = {
    "plan": "extract_erp",
    "extract": "extract_erp",
    "settle": "extract_erp",
    "check": "build_statements",
    "statements": "build_statements",
    "forecast": "forecast_metrics",
    "narrate": "generate_text",
    "report": "render_report",
    "finish": "render_report",
}


class PreparationError(RuntimeError):
    """A step before the one that was asked for did not succeed."""


def default_event(function: str) -> Path:
    """The sample event of a function, which must be one of DEFAULTS."""
    return EVENTS / DEFAULTS[function]


def prepare(
    engine: LocalEngine, event: dict[str, Any], folder: Path = ROOT / "build" / "local"
) -> dict[str, Any]:
    """Put the sample document into the bucket, the sample mail where the event names it, and the sample
    company's books behind the secret SECRET. Where the event names the job JOB, make it and do the steps
    before the event's own, or all of them for a question. Gives back the event with the job's true id.

    Raises:
        PreparationError: one of those steps failed.
    """
    bucket = engine.resources["StorageBucket"]
    engine.client("s3").put_object(Bucket=bucket, Key=f"{INBOX}{DOCUMENT.name}", Body=DOCUMENT.read_bytes())
    if MAIL_KEY in json.dumps(event):
        engine.client("s3").put_object(Bucket=bucket, Key=MAIL_KEY, Body=MAIL.read_bytes())
    if event.get("job_id") == JOB and event.get("step") == "take_in":
        return {**event, "job_id": _make_document_job(engine)}
    folder.mkdir(parents=True, exist_ok=True)
    books = build(folder / "sample.sqlite")
    engine.put_secret(SECRET, {"url": books.url})
    if event.get("job_id") == JOB:
        job_id = _make_job(engine, books)
        _run_up_to(engine, str(event.get("step")), job_id)
        return {**event, "job_id": job_id}
    asked = f'"job_id": "{JOB}"'
    if asked in event.get("body", ""):
        job_id = _make_job(engine, books)
        _run_up_to(engine, "", job_id)
        return {**event, "body": event["body"].replace(asked, f'"job_id": "{job_id}"')}
    if f"jobs/{JOB}" in event.get("rawPath", ""):
        job_id = _make_job(engine, books)
        prepared: dict[str, Any] = json.loads(json.dumps(event).replace(f"jobs/{JOB}", f"jobs/{job_id}"))
        return prepared
    return event


def _make_job(engine: LocalEngine, books: SampleBooks) -> str:
    """A job that nothing works on yet; its id."""
    company, year = books.companies[0], books.years[-1]
    request = CloseRequest(secret=SECRET, company=company, year=year, mapping=books.mapping[company])
    settings = StepSettings(engine.resources["StorageBucket"], engine.resources["StorageJobsTable"])
    with patch.dict(os.environ, engine.environment()):
        forget_clients()
        job, _ = create(cloud_context(settings).jobs, request)
    forget_clients()
    return job.job_id


def _make_document_job(engine: LocalEngine) -> str:
    """A job of the sample document that nothing works on yet; its id."""
    content = DOCUMENT.read_bytes()
    digest = digest_of(content)
    settings = StepSettings(engine.resources["StorageBucket"], engine.resources["StorageJobsTable"])
    with patch.dict(os.environ, engine.environment()):
        forget_clients()
        context = cloud_context(settings)
        context.objects.put(content_key(digest), content)
        request = DocumentRequest(name=DOCUMENT.name, digest=digest, key=content_key(digest))
        job, _ = create(context.jobs, request)
    forget_clients()
    return job.job_id


def _run_up_to(engine: LocalEngine, last: str, job_id: str) -> None:
    """Do the steps of a close that come before ``last``; all where it is none of them."""
    parts: list[dict[str, int | None]] = []
    for step, function in _ORDER.items():
        if step == last:
            return
        for extra in parts if step == "extract" else [{}]:
            outcome = engine.invoke(function, {"step": step, "job_id": job_id, **extra})
            if outcome.failed:
                raise PreparationError(f"step {step} before it failed: {outcome.payload.decode()}")
            if step == "plan":
                parts = outcome.value["parts"]
