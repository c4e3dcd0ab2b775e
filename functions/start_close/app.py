"""Starts a close for each message of the queue ``closes``; a bad message goes back, and so to its dead-letter
queue in the end, while the rest of the batch goes on."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from abax.compose import cloud_services
from abax.errors import AbaxError
from abax.settings import StarterSettings
from abax.workflow.context import Services
from abax.workflow.events import parse_close
from abax.workflow.jobs import request_close
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

logger = Logger(service="start_close")
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: Any) -> Any:
    """Answers which messages are to come back."""
    return process_partial_response(event, start, processor, context)


def start(record: Mapping[str, Any]) -> None:
    """Start the close that one message asks for."""
    try:
        job, is_new = request_close(services(), parse_close(record["body"], record["messageId"]))
    except AbaxError as error:
        logger.error("message refused", message_id=record["messageId"], error=error.as_dict())
        raise
    except Exception:
        logger.exception("message not handled", message_id=record["messageId"])
        raise
    logger.info("close requested", message_id=record["messageId"], job_id=job.job_id, is_new=is_new)


@cache
def services() -> Services:
    """The ports, once for all invocations."""
    return cloud_services(StarterSettings.from_env())
