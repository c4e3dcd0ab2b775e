"""Texts of the writer as jobs: they go the way of other texts (``abax.workflow.texts``), and end in one
result for each context, in order."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from abax.errors import AbaxError
from abax.ports import Job, JobState, TextModel
from abax.workflow import jobs
from abax.workflow.context import TextContext
from abax.workflow.writing_request import WritingRequest
from abax.writing.client import Budget, Client
from abax.writing.services import Desk, Failed, Written, contexts_of, write_all

SECONDS: Final = 240.0
"""How long wording by a model may take where nothing sets an end."""
TOKENS: Final = 100_000
"""How many a job may have a model write."""


def written(
    request: WritingRequest, model: TextModel | None, deadline: float | None = None
) -> dict[str, Any]:
    """What the request asks for: the result of its context, or ``results`` with one for each, where a context
    that nothing can be written for has its ``index`` and ``error`` instead, and ``failed`` says how many did.

    Raises:
        NotFound: there is no such service.
        InvalidRequest: the only context has a fault, or cannot be written for.
    """
    contexts = contexts_of(request.service, request.all)
    seconds = SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
    client = None if model is None or request.model == "never" else Client(model, Budget(seconds, TOKENS))
    found = write_all(request.service, contexts, Desk(client, request.model, request.at_most))
    if request.contexts is None:
        [one] = found
        if isinstance(one, Failed):
            raise one.error
        return one.model_dump(mode="json")
    failed = sum(isinstance(one, Failed) for one in found)
    return {"results": [_shown(one, index) for index, one in enumerate(found)], "failed": failed}


def _shown(one: Written | Failed, index: int) -> dict[str, Any]:
    return one.at(index) if isinstance(one, Failed) else one.model_dump(mode="json")


def run_writing(
    context: TextContext, job: Job, request: WritingRequest, key: str, deadline: float | None, cut: bool
) -> None:
    """Write the texts of a job, keep them under ``key`` and end the job; a fault in its contexts ends it too.

    Where time runs out on a model, templates stand in for it; with ``cut`` False the job stays unfinished
    instead, for somebody with more time.
    """
    context.jobs.update(job.job_id, state=JobState.RUNNING, step="write", message="writing")
    try:
        content = written(request, context.model, deadline)
    except AbaxError as error:
        jobs.fail(context.jobs, job.job_id, error)
        return
    if not cut and deadline is not None and time.monotonic() >= deadline and _has_refused(content):
        late = "takes longer than a caller can wait"
        context.jobs.update(job.job_id, state=JobState.QUEUED, message=late)
        return
    body = json.dumps({"job_id": job.job_id, **content}, ensure_ascii=False).encode()
    context.objects.put(key, body, "application/json")
    failed = content.get("failed", 0)
    told = f"written: {len(request.all) - failed}" + (f", failed: {failed}" if failed else "")
    jobs.finish(context.jobs, job.job_id, {"text.json": key}, told)


def _has_refused(content: dict[str, Any]) -> bool:
    return any(one.get("refused") for one in content.get("results", [content]))
