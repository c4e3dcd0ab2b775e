"""What the Lambda functions share at their edge: structured logs, metrics, and the steps of a close."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from abax.compose import cloud_context
from abax.errors import AbaxError, InvalidRequest
from abax.settings import StepSettings
from abax.workflow.close import run_step
from abax.workflow.context import CloseContext

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


def step_handler(service: str, *steps: str) -> Handler:
    """The handler of a function that does ``steps`` of the close: the event is that of ``run_step``.

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
            outcome = _run(logger, event)
        finally:
            metrics.add_metric("StepSeconds", MetricUnit.Seconds, time.perf_counter() - begun)
        if "lines" in outcome:
            metrics.add_metric("LinesExtracted", MetricUnit.Count, outcome["lines"])
        logger.info("step done", outcome=outcome)
        return outcome

    return handler


def _run(logger: Logger, event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return run_step(_context(), event)
    except AbaxError as error:
        logger.error("step failed", error=error.as_dict(), retryable=error.retryable)
        raise
    except Exception:
        logger.exception("step crashed")
        raise


@cache
def _context() -> CloseContext:
    return cloud_context(StepSettings.from_env())
