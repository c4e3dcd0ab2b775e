"""Texts that somebody waits for, written in this process."""

from __future__ import annotations

import time

from abax.workflow.context import TextContext
from abax.workflow.texts import run_texts


class InProcess:
    """The TextRunner port without any function: the work is done here and now."""

    def __init__(self, context: TextContext) -> None:
        self._context = context

    def run(self, job_id: str, seconds: float) -> None:
        """Work on the job for at most so long."""
        run_texts(self._context, [job_id], time.monotonic() + seconds, cut=False)
