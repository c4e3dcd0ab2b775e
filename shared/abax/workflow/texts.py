"""Texts as jobs: asked for over HTTP or by message, written one by one or many at once, told by callback.

::

    request ──► job ──► waited for? ──► runner, in time ──────────────────────► result
                           └── else, or not in time ──► queue ──► run_texts ──► result ──► callback

The request and the text lie in objects, since both may be larger than a job may hold.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Union
from urllib.parse import urlsplit

from abax.errors import AbaxError, InvalidRequest, ModelError, StorageError, UnknownJob
from abax.ports import (
    Job,
    JobState,
    JobStore,
    ObjectStore,
    TextModel,
    TextPiece,
    TextRequest,
    TextResult,
)
from abax.workflow import jobs
from abax.workflow.context import Services, TextContext, Texts
from abax.workflow.text_request import GenerateRequest

if TYPE_CHECKING:
    from abax.workflow.writing_request import WritingRequest

Wanted = Union[GenerateRequest, "WritingRequest"]

logger = logging.getLogger("abax.texts")

TEXT: Final = GenerateRequest.kind
WRITING: Final = "writing"
"""What the writer's jobs are called: they go the same way."""
RESULT: Final = "text.json"

SECONDS: Final = 20.0
"""How long an API answer waits for its text: the gateway gives up after 30, and the way there takes some."""

STREAM_SECONDS: Final = 600.0
"""How long a stream may take."""

CALLBACK_SECRET: Final = "abax/text/callback"  # noqa: S105 (a name)
"""The secret whose ``key`` signs callbacks."""
MODEL_SECRET: Final = "abax/text/model"  # noqa: S105 (a name)
"""The secret whose ``key`` opens the model's endpoint."""

GENERATE: Final = "generate"
"""What texts that come with words of their own, and no prompt of ours, are counted as."""
LEFT_OFF: Final = ("deadline", "cancelled")
"""How a text ends that is less than what was asked for."""

QUEUED: Final = "queue"
"""The execution of a job whose message is in the queue."""


# --- asking ---------------------------------------------------------------------------------------------


def order_text(objects: ObjectStore, store: JobStore, request: Wanted) -> tuple[Job, bool]:
    """The job of this request and whether it is new. Nothing works on it yet.

    Raises:
        TokenReused: the client token belongs to a different request.
    """
    fingerprint = request.fingerprint()
    body = request.model_dump_json(exclude={"client_token"}, by_alias=True).encode()
    objects.put(_request_key(fingerprint), body, "application/json")
    return jobs.create(store, request)


def request_text(services: Services, texts: Texts, request: Wanted) -> Job:
    """The job of this request: finished where it was waited for and done in time, else in the queue.

    Raises:
        InvalidRequest: its callback may not be called.
        TokenReused: the client token belongs to a different request.
    """
    if request.callback:
        require_allowed(request.callback, texts.callback_network)
    job, is_new = order_text(services.objects, services.jobs, request)
    if is_new and request.wait and not request.callback:
        texts.runner.run(job.job_id, SECONDS)
        job = services.jobs.get(job.job_id)
    return job if job.state.finished else send_to_queue(services.jobs, texts, job)


def stream_text(model: TextModel, request: GenerateRequest) -> Iterator[TextPiece]:
    """The text piece by piece, without a job. Raises InvalidRequest, ModelError, while it is read."""
    begun = time.monotonic()
    for piece in model.stream(_text_request(request), begun + STREAM_SECONDS):
        if piece.result is not None:
            _count(model, [piece.result], time.monotonic() - begun)
        yield piece


def send_to_queue(store: JobStore, texts: Texts, job: Job) -> Job:
    """Leave the job to the queue, unless it is there."""
    if job.execution:
        return job
    texts.queue.send({"job_id": job.job_id})
    return store.update(job.job_id, execution=QUEUED)


def again(objects: ObjectStore, store: JobStore, job: Job) -> Job:
    """A fresh job for the text of one that failed; asking twice gives the same one. Others are given back."""
    if job.state is not JobState.FAILED:
        return job
    request = requested(objects, job).model_copy(update={"client_token": f"{job.job_id}-again"})
    return order_text(objects, store, request)[0]


def result_of(objects: ObjectStore, job: Job) -> dict[str, Any]:
    """What was written for a job that has succeeded."""
    content: dict[str, Any] = json.loads(objects.get(job.results[RESULT]))
    return content


def require_allowed(url: str, network: str) -> None:
    """Raises InvalidRequest for a callback that may not be called: anything but https to a public host,
    unless ``network`` is ``private``. What a name stands for is looked at when it is called."""
    from ipaddress import ip_address

    parts = urlsplit(url)
    try:
        literal = ip_address(parts.hostname or "")
    except ValueError:
        literal = None
    problem = ""
    if parts.scheme not in (("http", "https") if network == "private" else ("https",)) or not parts.hostname:
        problem = "must be an https URL"
    elif parts.username or parts.password:
        problem = "must not carry a user or a password"
    elif network != "private" and literal is not None and not literal.is_global:
        problem = f"{literal} is no public address"
    if problem:
        raise InvalidRequest(problem, "callback")


# --- writing --------------------------------------------------------------------------------------------


def run_texts(
    context: TextContext, job_ids: Sequence[str], deadline: float | None, cut: bool = True
) -> dict[str, AbaxError | None]:
    """Write the texts of jobs, all together, and end the jobs; those that have ended are left alone.

    A text that time ran out on is kept as far as it came, and says so; with ``cut`` False its job stays
    unfinished instead, for somebody with more time. Gives the retryable error of each job that stays
    unfinished because of one, and the error of a job whose request is lost, else None; any other error has
    ended its job, and is its own. Raises UnknownJob.
    """
    found = [text_job(context.jobs, job_id) for job_id in dict.fromkeys(job_ids)]
    outcome: dict[str, AbaxError | None] = dict.fromkeys(job_ids)
    waiting: list[tuple[Job, TextRequest]] = []
    for job in (one for one in found if not one.state.finished):
        try:
            request = requested(context.objects, job)
        except AbaxError as error:
            jobs.fail(context.jobs, job.job_id, error)
            outcome[job.job_id] = error
            continue
        if isinstance(request, GenerateRequest):
            waiting.append((job, _text_request(request)))
            context.jobs.update(job.job_id, state=JobState.RUNNING, step="write", message="writing")
        else:
            _write(context, job, request, deadline, cut)
    results = _generated(context.model, [request for _, request in waiting], deadline) if waiting else []
    for (job, _), result in zip(waiting, results, strict=True):
        outcome[job.job_id] = _ended(context, job, result, cut)
    return outcome


def text_job(store: JobStore, job_id: str) -> Job:
    """The job of a text, the writer's too. Raises UnknownJob, for the job of anything else too."""
    job = store.get(job_id)
    if job.kind not in (TEXT, WRITING):
        raise UnknownJob(job_id)
    return job


def requested(objects: ObjectStore, job: Job) -> Wanted:
    """The request that made the job. Raises StorageError where it is lost or damaged."""
    key = _request_key(job.fingerprint)
    try:
        return _request_type(job.kind).model_validate_json(objects.get(key))
    except ValueError as error:
        raise StorageError(f"the object {key!r} is no request for a text: {error}") from error


def call_back(context: TextContext, job_id: str) -> None:
    """Tell whoever asked to be told that the job has ended. May happen twice: the body names the job.

    Raises:
        CallbackFailed: nobody took it.
        UnknownSecret: there is no key to sign it with.
    """
    job = context.jobs.get(job_id)
    if job.kind not in (TEXT, WRITING) or job.state not in (JobState.SUCCEEDED, JobState.FAILED):
        return
    url = requested(context.objects, job).callback
    if url is None:
        return
    body = {"job_id": job.job_id, "state": job.state, "error": job.error}
    if job.state is JobState.SUCCEEDED:
        body["result"] = result_of(context.objects, job)
    context.callbacks.send(url, json.dumps(body, ensure_ascii=False).encode())


def _request_type(kind: str) -> type[Wanted]:
    if kind == TEXT:
        return GenerateRequest
    from abax.workflow.writing_request import WritingRequest

    return WritingRequest


def _write(
    context: TextContext, job: Job, request: WritingRequest, deadline: float | None, cut: bool
) -> None:
    from abax.workflow.writings import run_writing

    run_writing(context, job, request, f"texts/{job.job_id}/{RESULT}", deadline, cut)


def _generated(
    model: TextModel, requests: Sequence[TextRequest], deadline: float | None
) -> list[TextResult | InvalidRequest | ModelError]:
    """All texts together, and counted."""
    begun = time.monotonic()
    results = model.generate_all(requests, deadline)
    _count(model, results, time.monotonic() - begun)
    return results


def _count(
    model: TextModel, results: Sequence[TextResult | InvalidRequest | ModelError], seconds: float
) -> None:
    """Count texts among what models are asked, as prompts are."""
    from abax.writing.metrics import count

    whole = sum(isinstance(one, TextResult) and one.finish not in LEFT_OFF for one in results)
    count(GENERATE, model, results, seconds, whole)


def _ended(
    context: TextContext, job: Job, result: TextResult | InvalidRequest | ModelError, cut: bool
) -> AbaxError | None:
    if isinstance(result, AbaxError):
        if result.retryable:
            context.jobs.update(job.job_id, state=JobState.QUEUED, message=f"to be tried again: {result}")
            return result
        logger.warning("job %s failed: %s", job.job_id, result)
        jobs.fail(context.jobs, job.job_id, result)
        return None
    if result.finish == "deadline" and not cut:
        context.jobs.update(job.job_id, state=JobState.QUEUED, message="takes longer than a caller can wait")
        return None
    key = f"texts/{job.job_id}/{RESULT}"
    context.objects.put(key, _result_json(job, result), "application/json")
    jobs.finish(context.jobs, job.job_id, {RESULT: key}, f"written, {result.finish}")
    return None


def _text_request(request: GenerateRequest) -> TextRequest:
    turns = request.messages or []
    messages = [turn.model_dump() for turn in turns] or [{"role": "user", "content": request.prompt or ""}]
    return TextRequest(
        messages=messages,
        max_tokens=request.max_tokens,
        schema=request.json_schema,
        source=request.source,
        stop=tuple(request.stop),
        temperature=request.temperature,
        seed=request.seed,
        adapter=request.adapter,
    )


def _result_json(job: Job, result: TextResult) -> bytes:
    content = {"job_id": job.job_id, **asdict(result)}
    return json.dumps(content, ensure_ascii=False, default=str).encode()


def _request_key(fingerprint: str) -> str:
    return f"texts/requests/{fingerprint}.json"
