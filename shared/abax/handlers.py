"""What the Lambda functions share at their edge: logs, metrics, steps of closes, documents, texts, mail."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from abax.compose import (
    cloud_context,
    cloud_documents,
    cloud_forecasts,
    cloud_learning,
    cloud_mail,
    cloud_mail_outs,
    cloud_texts,
)
from abax.errors import AbaxError, InvalidRequest
from abax.settings import (
    DocumentSettings,
    ForecastSettings,
    LearningSettings,
    MailOutSettings,
    MailSettings,
    StepSettings,
    TextSettings,
)
from abax.workflow.close import STEPS, run_step
from abax.workflow.context import CloseContext, DocumentContext, MailContext, MailOutContext, TextContext
from abax.workflow.events import parse_object, parse_wanted
from abax.workflow.texts import call_back, order_text, run_texts, text_job

if TYPE_CHECKING:
    from abax.ports import TextModel
    from abax.workflow.learning import LearningContext

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]
Contexts = Callable[[], CloseContext]

MARGIN: Final = 5.0
"""Seconds before a function's end by which texts must be done, so that what was written is kept."""


def step_handler(
    service: str, *steps: str, context_of: Contexts | None = None, reads_erps: bool = False
) -> Handler:
    """The handler of a function that does ``steps`` of the close: the event is that of ``run_step``. One that
    ``reads_erps`` keeps its connection for the next call.

    Errors leave by their class name, which the state machine's Retry and Catch go by; one that Abax did not
    raise on purpose is logged with its traceback first.
    """
    logger = Logger(service=service)
    metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "abax"), service=service)

    @logger.inject_lambda_context(correlation_id_path="job_id", clear_state=True)
    @metrics.log_metrics
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        logger.append_keys(step=event.get("step"), year=event.get("year"))
        metrics.add_dimension("step", str(event.get("step")))
        begun = time.perf_counter()
        try:
            if event.get("step") not in steps:
                raise InvalidRequest(
                    f"{service} does {' or '.join(steps)}, not {event.get('step')!r}", "step"
                )
            if reads_erps:
                _keep_connections()
            outcome = _run(logger, (context_of or _context)(), event)
        finally:
            metrics.add_metric("StepSeconds", MetricUnit.Seconds, time.perf_counter() - begun)
        if "lines" in outcome:
            metrics.add_metric("LinesExtracted", MetricUnit.Count, outcome["lines"])
        logger.info("step done", outcome=outcome)
        return outcome

    return handler


def _run(logger: Logger, context: CloseContext, event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _runner(str(event["step"]))(context, event)
    except AbaxError as error:
        logger.error("step failed", error=error.as_dict(), retryable=error.retryable)
        raise
    except Exception:
        logger.exception("step crashed")
        raise


def _runner(step: str) -> Callable[[CloseContext, Mapping[str, Any]], dict[str, Any]]:
    """What does a step: of a close, or of a group's."""
    if step in STEPS:
        return run_step
    from abax.workflow.group import run_group_step

    return run_group_step


def _keep_connections() -> None:
    from abax.erp.connect import keep_open

    keep_open()


@cache
def _context() -> CloseContext:
    return cloud_context(StepSettings.from_env())


@cache
def forecasting() -> CloseContext:
    """What the step that forecasts works with."""
    return cloud_forecasts(ForecastSettings.from_env())


# --- documents ------------------------------------------------------------------------------------------


def document_handler(service: str) -> Handler:
    """The handler of the function that does the steps of documents: the event is that of
    ``abax.workflow.documents.run_step``."""
    logger = Logger(service=service)
    metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "abax"), service=service)

    @logger.inject_lambda_context(correlation_id_path="job_id", clear_state=True)
    @metrics.log_metrics
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        from abax.workflow.documents import run_step

        logger.append_keys(step=event.get("step"), document_id=event.get("document_id"))
        metrics.add_dimension("step", str(event.get("step")))
        begun = time.perf_counter()
        try:
            outcome = run_step(_document_context(), event)
        except AbaxError as error:
            logger.error("step failed", error=error.as_dict(), retryable=error.retryable)
            raise
        except Exception:
            logger.exception("step crashed")
            raise
        finally:
            metrics.add_metric("StepSeconds", MetricUnit.Seconds, time.perf_counter() - begun)
            if _document_context.cache_info().currsize:
                tell_usage(_document_context().model)
        logger.info("step done", outcome=outcome)
        return outcome

    return handler


@cache
def _document_context() -> DocumentContext:
    return cloud_documents(DocumentSettings.from_env())


# --- learning -------------------------------------------------------------------------------------------


def learning_handler(service: str) -> Handler:
    """The handler of the function that lets adapters learn: the event is that of
    ``abax.workflow.learning.run_step``."""
    logger = Logger(service=service)

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        from abax.workflow.learning import run_step

        logger.append_keys(step=event.get("step"), adapter=event.get("name"), version=event.get("version"))
        try:
            outcome = run_step(_learning_context(), event)
        except AbaxError as error:
            logger.error("step failed", error=error.as_dict(), retryable=error.retryable)
            raise
        except Exception:
            logger.exception("step crashed")
            raise
        logger.info("step done", outcome=outcome)
        return outcome

    return handler


@cache
def _learning_context() -> LearningContext:
    return cloud_learning(LearningSettings.from_env())


# --- texts ----------------------------------------------------------------------------------------------


def text_handler(service: str, step: str) -> Handler:
    """The handler of the function that has the model. What it does depends on who calls:

    - a queue (``Records``): the texts of the batch, decoded together; answers which messages come back;
    - somebody who wants a text of the writer at once (``{"service": …, "context": …}``): its result;
    - somebody who waits (``{"job_id": …, "seconds": …}``): that text, if it can be done in time;
    - the state machine (``{"step": …}``): that step of a close, its narrative.
    """
    logger = Logger(service=service)
    narrate = step_handler(service, step, context_of=lambda: _text_contexts()[0])

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        try:
            if "Records" in event:
                return _batch(logger, event["Records"], context)
            if "step" in event:
                return narrate(event, context)
            if "service" in event:
                return _written(logger, event, context)
            return _awaited(logger, event)
        finally:
            if _text_contexts.cache_info().currsize:
                tell_usage(_text_contexts()[1].model)

    return handler


def tell_usage(model: TextModel | None) -> None:
    """What was asked of models since it was told last, as lines of the log that become metrics by prompt and
    model."""
    if model is None or "abax.writing.metrics" not in sys.modules:
        return  # nothing was asked
    from abax.writing.metrics import metrics_of

    metrics = metrics_of(model)
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "abax")
    for document in metrics.embedded(int(time.time() * 1000), namespace):
        sys.stdout.write(json.dumps(document) + "\n")
    metrics.clear()


def _awaited(logger: Logger, event: Mapping[str, Any]) -> dict[str, Any]:
    if not event.get("job_id"):
        raise InvalidRequest("names no job", "job_id")
    deadline = time.monotonic() + float(event.get("seconds", 0))
    run_texts(_text_contexts()[1], [event["job_id"]], deadline, cut=False)
    logger.info("text awaited", job_id=event["job_id"])
    return {"job_id": event["job_id"]}


def _written(logger: Logger, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """The writer's text for a state machine or another function, without a job."""
    from abax.workflow.writing_request import WritingRequest
    from abax.workflow.writings import written

    request = parse_wanted(event)
    assert isinstance(request, WritingRequest)
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN
    found = written(request, _text_contexts()[1].model, deadline)
    logger.info("text written", service=request.service, contexts=len(request.all))
    return found


def _batch(logger: Logger, records: list[Mapping[str, Any]], context: Any) -> dict[str, Any]:
    """Nothing is lost: what fails for now comes back, and in the end lies in the dead-letter queue."""
    texts = _text_contexts()[1]
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN
    jobs = {record["messageId"]: _job_of(logger, texts, record) for record in records}
    outcome = run_texts(texts, [job_id for job_id in jobs.values() if job_id], deadline)
    failed = [
        message for message, job_id in jobs.items() if not job_id or not _told(logger, texts, job_id, outcome)
    ]
    logger.info("texts written", messages=len(records), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _job_of(logger: Logger, texts: TextContext, record: Mapping[str, Any]) -> str | None:
    """The job that a message names, or that its request makes; None for one that cannot be used."""
    try:
        content = parse_object(record["body"])
        if "job_id" in content:
            return text_job(texts.jobs, str(content["job_id"])).job_id
        return order_text(texts.objects, texts.jobs, parse_wanted(content, record["messageId"]))[0].job_id
    except AbaxError as error:
        logger.error("message refused", message_id=record["messageId"], error=error.as_dict())
        return None


def _told(logger: Logger, texts: TextContext, job_id: str, outcome: Mapping[str, AbaxError | None]) -> bool:
    """Whether a job is done with: ended, and whoever asked to be told has been."""
    error = outcome[job_id]
    try:
        if error is None:
            call_back(texts, job_id)
    except AbaxError as failure:
        error = failure
    if error is not None:
        logger.error("text to be tried again", job_id=job_id, error=error.as_dict())
    return error is None


@cache
def _text_contexts() -> tuple[CloseContext, TextContext]:
    return cloud_texts(TextSettings.from_env())


# --- mail -----------------------------------------------------------------------------------------------


def mail_handler(service: str) -> Handler:
    """The handler of the function that takes mail in: a batch of its queue, read together. Answers which
    messages come back; what went wrong with one of them is no other's business."""
    logger = Logger(service=service)
    metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "abax"), service=service)

    @logger.inject_lambda_context(clear_state=True)
    @metrics.log_metrics
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        from abax.workflow.mail_batch import take_batch

        begun = time.perf_counter()
        seconds = context.get_remaining_time_in_millis() / 1000 - MARGIN
        records = event["Records"]
        bodies = {record["messageId"]: record["body"] for record in records}
        failed = take_batch(replace(_mail_context(), seconds=seconds), bodies)
        for message, error in failed.items():
            logger.error("mail not taken in", message_id=message, exc_info=error)
        tell_usage(_mail_context().model)
        metrics.add_metric("MailSeconds", MetricUnit.Seconds, time.perf_counter() - begun)
        metrics.add_metric("MailsTaken", MetricUnit.Count, len(records) - len(failed))
        logger.info("mail taken in", messages=len(records), failed=len(failed))
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    return handler


@cache
def _mail_context() -> MailContext:
    return cloud_mail(MailSettings.from_env())


def mail_out_handler(service: str) -> Handler:
    """The handler of the function that tells tickets, sends replies and looks into mailboxes, off its queue.
    Answers which messages come back."""
    logger = Logger(service=service)

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        from abax.workflow.mail_out import soonest

        deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN
        records = {record["messageId"]: record for record in event["Records"]}
        order = soonest({message: record["body"] for message, record in records.items()})
        failed = [message for message in order if not _left(logger, records[message], deadline)]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    return handler


def _left(logger: Logger, record: Mapping[str, Any], deadline: float) -> bool:
    from abax.workflow.mail_out import run_out

    try:
        outcome = run_out(_mail_out_context(), record["body"], deadline)
    except AbaxError as error:
        logger.error("to be tried again", message_id=record["messageId"], error=error.as_dict())
        return False
    except Exception:
        logger.exception("message not handled", message_id=record["messageId"])
        return False
    logger.info("done", message_id=record["messageId"], outcome=outcome)
    return True


@cache
def _mail_out_context() -> MailOutContext:
    return cloud_mail_outs(MailOutSettings.from_env())
