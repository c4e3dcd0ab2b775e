"""Edge mode's workflow: a message on the queue that the workers of ``abax serve`` take."""

from __future__ import annotations

from abax.ports import Job, Queue


class QueueWorkflow:
    """The Workflow port on a queue. Starting twice enqueues twice, which is harmless: a job that has ended is
    not run again, and every step of one that has not skips what is there."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def start(self, job: Job) -> str:
        """Enqueue the job; the execution is named after it."""
        self._queue.send({"job_id": job.job_id})
        return job.job_id

    def stop(self, execution: str, reason: str) -> None:
        """Nothing to do: a step sees the cancelled job at its next look at it."""
