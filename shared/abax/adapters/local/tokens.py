"""Edge mode's waiting work: a job whose worker goes on when a message tells it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abax.ports import Queue


class QueueTokens:
    """The TaskTokens port on a queue; a token is the id of the job that waits."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def answer(self, token: str, result: Mapping[str, Any]) -> bool:
        """Send the job and the result to the worker."""
        self._queue.send({"job_id": token, **result})
        return True
