"""Text in the cloud, as the API sees it: the function that has the model."""

from __future__ import annotations

import json
import logging
from typing import Final

from abax.adapters.aws.session import client

logger = logging.getLogger("abax.model")

MARGIN: Final = 3.0
"""Seconds that starting the function and the way to it may take on top of the work."""


class FunctionRunner:
    """The TextRunner port on a Lambda function; what keeps it from answering leaves the job to the queue."""

    def __init__(self, function: str) -> None:
        self._function = function

    def run(self, job_id: str, seconds: float) -> None:
        """Invoke the function with the job, and wait."""
        from botocore.exceptions import BotoCoreError, ClientError

        payload = json.dumps({"job_id": job_id, "seconds": seconds})
        try:
            answer = client("lambda", timeout=seconds + MARGIN).invoke(
                FunctionName=self._function, Payload=payload.encode()
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("job %s is left to the queue: %s", job_id, error)
            return
        if "FunctionError" in answer:
            logger.warning("job %s is left to the queue: %s", job_id, answer["Payload"].read().decode())
