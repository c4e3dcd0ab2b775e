"""Takes documents off their queue: what a bucket tells of, or a message names, becomes a job of the state
machine. A bad message goes back, and so to its dead-letter queue in the end, while the rest goes on."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from abax.compose import cloud_intake
from abax.errors import AbaxError
from abax.settings import DocumentStarterSettings
from abax.workflow.context import Services
from abax.workflow.intake import request_key, sent_in
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

logger = Logger(service="start_document")
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: Any) -> Any:
    """Answers which messages are to come back."""
    return process_partial_response(event, start, processor, context)


def start(record: Mapping[str, Any]) -> None:
    """Start the work on each document that one message names."""
    try:
        for sent in sent_in(record["body"]):
            job, is_new = request_key(services(), sent.key, sent.name)
            logger.info("document taken in", key=sent.key, job_id=job.job_id, is_new=is_new)
    except AbaxError as error:
        logger.error("message refused", message_id=record["messageId"], error=error.as_dict())
        raise
    except Exception:
        logger.exception("message not handled", message_id=record["messageId"])
        raise


@cache
def services() -> Services:
    """The ports, once for all invocations."""
    return cloud_intake(DocumentStarterSettings.from_env())
