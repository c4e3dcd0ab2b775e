"""Documents, step by step: the same steps under the state machine, a worker or a command line.

A file that somebody sends in is a job; a file may hold several files, and each of these several documents.
Every step writes what it found as objects, so any of them may run twice, or be killed and run again: what is
there already is not done again, and the same content is never read twice.

::

    take_in ─┬─ what is simple goes through all stages at once ────────────┐
             ├─ fast (the same, for one of many files) ────────────────────┤
             └─ read ─► classify ─► identify ─► extract ─► quality ─► validate ─► route
                                                                           ├─ touchless
                                                    settle ◄─ (a person) ◄─┴─ review
    finish: once nothing is open
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from abax.disk import named_when_full
from abax.errors import (
    AbaxError,
    DocumentError,
    EmptyFile,
    InvalidRequest,
    NotFound,
    ObjectMissing,
    OcrUnavailable,
    StorageError,
)
from abax.ports import Job, JobState, ObjectStore, PutBack
from abax.workflow import drafts, jobs
from abax.workflow.context import DocumentContext
from abax.workflow.document_known import context_for
from abax.workflow.document_request import DocumentRequest

if TYPE_CHECKING:
    from abax.documents.inbox import Received
    from abax.documents.pipeline import Draft, Fact, Source

logger = logging.getLogger("abax.documents")

AT_ONCE: Final = 5
"""Simple files of one upload that are read while it is taken in; more are read one by one."""


@dataclass(frozen=True)
class Work:
    """One step's work for one job."""

    context: DocumentContext
    job: Job
    progress: jobs.Progress
    event: Mapping[str, Any] = field(default_factory=dict)
    came_out: dict[str, Fact] = field(default_factory=dict)
    """What this very step has found, by document."""

    @property
    def request(self) -> DocumentRequest:
        """What was sent in."""
        return DocumentRequest.model_validate(self.job.request)

    @property
    def document_id(self) -> str:
        """The document that the step is about. Raises InvalidRequest."""
        return self._named("document_id")

    @property
    def file(self) -> str:
        """The digest of the file that the step is about. Raises InvalidRequest."""
        return self._named("file")

    def _named(self, name: str) -> str:
        if not self.event.get(name):
            raise InvalidRequest(f"names no {name}", name)
        return str(self.event[name])


# --- files ----------------------------------------------------------------------------------------------


def take_in(work: Work) -> dict[str, Any]:
    """Stage 1: what the upload is. What is simple goes through all stages at once.

    Gives ``{"files": [{"file", "path", "documents": [{"document_id", "way"}]}], "finished"}``: what is left
    to do. ``path`` is ``full`` or ``fast``, or ``done`` where only reviews are left.
    """
    from abax.documents.inbox import Refused, receive

    work.progress.begin("take_in", 0.05, f"looking at {work.request.name}")
    objects = work.context.objects
    found = receive(work.request.name, objects.get(work.request.key))
    received = {one.digest: one for one in found if not isinstance(one, Refused)}
    about: dict[str, dict[str, Any]] = {
        one.digest: {"name": one.name, "digest": one.digest, "origin": list(one.origin)} for one in found
    }
    files: list[dict[str, Any]] = []
    for one in found:
        if isinstance(one, Refused):
            about[one.digest]["error"] = one.error.as_dict()
    for file in received.values():
        if file.digest != work.request.digest:
            drafts.put_content(objects, file)
        files += _taken(work, file, about[file.digest], len(received) <= AT_ONCE)
    drafts.put_json(objects, files_key(work.job.job_id), {"files": list(about.values())})
    if not files:
        _finish(work, *_outcomes(work.context, list(about.values()), work.came_out))
    return {"files": files, "finished": not files, "review_seconds": work.context.review_seconds}


def _taken(work: Work, file: Received, about: dict[str, Any], now: bool) -> list[dict[str, Any]]:
    """What is left to do of a file; nothing where all its documents are through. ``about`` is told which
    documents it holds, where that is known by now."""
    documents = _all_stages(work, file) if now else None
    if documents is None:
        drafts.put_about(work.context.objects, file)
        return [{"file": file.digest, "path": "full" if now else "fast", "documents": []}]
    about["documents"] = [one["document_id"] for one in documents] or [file.digest]
    waiting = [one for one in documents if one["way"] == "review"]
    return [{"file": file.digest, "path": "done", "documents": waiting}] if waiting else []


def fast(work: Work) -> dict[str, Any]:
    """All stages of one file, if it is simple: what is left to do of it, as ``take_in`` gives it."""
    documents = _all_stages(work, drafts.get_file(work.context.objects, work.file))
    if documents is not None:
        _put_documents(work, work.file, [one["document_id"] for one in documents])
    return _left(work, "full" if documents is None else "done", documents or [])


def _left(work: Work, path: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "job_id": work.job.job_id,
        "file": work.file,
        "path": path,
        "documents": documents,
        "review_seconds": work.context.review_seconds,
    }


def _all_stages(work: Work, file: Received) -> list[dict[str, Any]] | None:
    """All documents of a file that needs no recognition; None where it does."""
    from abax.documents import pipeline

    context = context_for(work.context)
    try:
        with pipeline.contained(file.name):
            parts = pipeline.read(file, replace(context, ocr=None))
    except OcrUnavailable:
        return None
    except DocumentError as error:
        _fail(work, file.digest, file.name, error)
        return []
    if not pipeline.is_whole(parts):
        return None
    return [_through(work, draft, source) for draft, source in parts]


def _through(work: Work, draft: Draft, source: Source) -> dict[str, Any]:
    """One document through all stages, unless it has been."""
    from abax.documents import pipeline

    objects = work.context.objects
    if drafts.has_fact(objects, draft.document_id):
        return _outcome(drafts.get_fact(objects, draft.document_id))
    try:
        with pipeline.contained(draft.name):
            fact = pipeline.run(draft, source, context_for(work.context))
    except DocumentError as error:
        _fail(work, draft.document_id, draft.name, error)
        return {"document_id": draft.document_id, "way": "failed"}
    return _came_out(work, fact)


def _came_out(work: Work, fact: Fact) -> dict[str, Any]:
    drafts.put_fact(work.context.objects, fact)
    work.came_out[fact.document_id] = fact
    return _outcome(fact)


def _outcome(fact: Fact) -> dict[str, Any]:
    return {"document_id": fact.document_id, "way": str(fact.decision.way)}


def read(work: Work) -> dict[str, Any]:
    """Stage 2 of one file, with recognition: what is left to do; the documents are ``open``."""
    from abax.documents import pipeline

    objects = work.context.objects
    file = drafts.get_file(objects, work.file)
    with pipeline.contained(file.name):
        parts = pipeline.read(file, context_for(work.context))
    for draft, source in parts:
        drafts.put_source(objects, draft.document_id, source)
        drafts.put_draft(objects, "preprocess", draft)
    _put_documents(work, work.file, [draft.document_id for draft, _ in parts])
    return _left(work, "done", [{"document_id": draft.document_id, "way": "open"} for draft, _ in parts])


# --- documents ------------------------------------------------------------------------------------------

STAGE_ORDER: Final = ("preprocess", "classify", "identify", "extract", "quality", "validate", "route")
"""Stages 2 to 8; each step of one document works on the draft of the one before."""


def stage(name: str, work: Work) -> dict[str, Any]:
    """One of stages 3 to 8 of one document: ``{"document_id", "way"}``; ``open`` until it is routed."""
    from abax.documents import pipeline

    objects, document_id = work.context.objects, work.document_id
    if drafts.has_fact(objects, document_id):
        return _outcome(drafts.get_fact(objects, document_id))
    draft = drafts.get_draft(objects, STAGE_ORDER[STAGE_ORDER.index(name) - 1], document_id)
    source = drafts.get_source(objects, draft)
    with pipeline.contained(draft.name):
        done = pipeline.run_stage(name, draft, source, context_for(work.context))
    if name == STAGE_ORDER[-1]:
        return _came_out(work, done.fact())
    drafts.put_draft(objects, name, done)
    return {"document_id": document_id, "way": "open"}


def give_up(work: Work) -> dict[str, Any]:
    """Keep why a file or document could not be read, whatever its siblings do."""
    error = work.event.get("error") or {}
    name = str(work.event.get("document_id") or work.file)
    told = {
        "type": str(error.get("type", "InternalError")),
        "message": _message(str(error.get("message", ""))),
    }
    drafts.put_json(work.context.objects, drafts.key_of(name, "failed"), {"error": told})
    return {"document_id": name, "way": "failed"}


def _message(cause: str) -> str:
    """The words in what a state machine knows of an error: a function's error arrives as JSON."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause


def _fail(work: Work, name: str, shown: str, error: AbaxError) -> None:
    logger.warning("%s: %s", shown, error)
    content = {"name": shown, "error": error.as_dict()}
    drafts.put_json(work.context.objects, drafts.key_of(name, "failed"), content)


def _put_documents(work: Work, digest: str, documents: list[str]) -> None:
    content = {"documents": documents or [digest]}
    drafts.put_json(work.context.objects, documents_key(digest), content)


# --- the end --------------------------------------------------------------------------------------------


def finish(work: Work) -> dict[str, Any]:
    """Sum up an upload whose documents are all through; one of nothing but refused files has failed."""
    return _finish(work, *outcomes(work.context, work.job.job_id))


def _finish(work: Work, documents: list[dict[str, Any]], refused: list[dict[str, Any]]) -> dict[str, Any]:
    key = f"jobs/{work.job.job_id}/documents.json"
    drafts.put_json(work.context.objects, key, {"documents": documents, "refused": refused})
    if not documents:
        error = refused[0]["error"] if refused else EmptyFile(work.request.name).as_dict()
        work.context.jobs.update(
            work.job.job_id,
            state=JobState.FAILED,
            message=error["message"],
            error=error,
            results={"documents.json": key},
        )
        return {"documents": 0}
    counts = Counter(one["way"] for one in documents)
    told = [f"{count} {way}" for way, count in counts.items()]
    told += [f"{len(refused)} refused"] if refused else []
    jobs.finish(work.context.jobs, work.job.job_id, {"documents.json": key}, ", ".join(told))
    return {"documents": len(documents)}


def outcomes(context: DocumentContext, job_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What came out of an upload so far, and what was refused. Raises ObjectMissing before it is taken in."""
    return _outcomes(context, drafts.get_json(context.objects, files_key(job_id))["files"], {})


def _outcomes(
    context: DocumentContext, files: list[dict[str, Any]], known: Mapping[str, Fact]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The same for files that were looked into; ``known`` spares looking facts up."""
    documents: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for file in files:
        about = {"name": file["name"], "digest": file["digest"]}
        if "error" in file:
            refused.append(about | {"error": file["error"]})
            continue
        for document_id in file.get("documents") or _documents_of(context.objects, file["digest"]):
            fact = known.get(document_id) or _fact_of(context.objects, document_id)
            _add_outcome(context, about | {"document_id": document_id}, fact, documents, refused)
    return documents, refused


def _documents_of(objects: ObjectStore, digest: str) -> list[str]:
    """The documents of a file; the file itself, as long as nobody has looked into it."""
    try:
        return list(drafts.get_json(objects, documents_key(digest))["documents"])
    except ObjectMissing:
        return [digest]


def _add_outcome(
    context: DocumentContext,
    about: dict[str, Any],
    fact: Fact | None,
    documents: list[Any],
    refused: list[Any],
) -> None:
    objects, document_id = context.objects, about["document_id"]
    failed = drafts.key_of(document_id, "failed")
    if fact is not None and not (fact.decision.way == "review" and objects.exists(failed)):
        told = {"type": str(fact.contract.type), "way": str(fact.decision.way)}
        documents.append(about | told | {"reasons": list(fact.decision.reasons)})
    elif objects.exists(failed):  # not read, or not put before the person who should have looked
        refused.append(about | drafts.get_json(objects, failed))


def _fact_of(objects: ObjectStore, document_id: str) -> Fact | None:
    try:
        return drafts.get_fact(objects, document_id)
    except NotFound:
        return None


def files_key(job_id: str) -> str:
    """The object that says which files an upload holds."""
    return f"jobs/{job_id}/files.json"


def documents_key(digest: str) -> str:
    """The object that says which documents a file holds."""
    return f"documents/files/{digest}/documents.json"


# --- running them ---------------------------------------------------------------------------------------


def _review(work: Work) -> dict[str, Any]:
    from abax.workflow.reviews import open_review

    return open_review(work)


def _settle(work: Work) -> dict[str, Any]:
    from abax.workflow.reviews import settle

    return settle(work)


Step = Callable[[Work], dict[str, Any]]

STEPS: Final[dict[str, Step]] = {
    "take_in": take_in,
    "fast": fast,
    "read": read,
    **{name: partial(stage, name) for name in STAGE_ORDER[1:]},
    "review": _review,
    "settle": _settle,
    "give_up": give_up,
    "finish": finish,
}


def run_step(
    context: DocumentContext, event: Mapping[str, Any], on_progress: jobs.OnProgress | None = None
) -> dict[str, Any]:
    """One step of one job: ``{"step": …, "job_id": …}``, with the ``file`` or ``document_id`` it is about.

    Raises:
        InvalidRequest: the event names no step, no job, or not what the step is about.
        JobCancelled: the job was cancelled.
        AbaxError: whatever the step itself finds wrong.
    """
    step = STEPS.get(str(event.get("step")))
    if step is None:
        raise InvalidRequest(f"{event.get('step')!r} is no step; use one of {', '.join(STEPS)}", "step")
    if not event.get("job_id"):
        raise InvalidRequest("names no job", "job_id")
    job = context.jobs.get(str(event["job_id"]))
    if job.kind != jobs.DOCUMENT:
        raise InvalidRequest(f"job {job.job_id} is a {job.kind}, no document", "job_id")
    progress = jobs.Progress(context.jobs, job.job_id, on_progress)
    with named_when_full(f"the disk that step {event['step']} writes to"):
        return step(Work(context, job, progress, event))


def run_document(context: DocumentContext, job_id: str, on_progress: jobs.OnProgress | None = None) -> Job:
    """All steps of a job, in this process: command line and edge mode. One that has ended is given back as it
    is; one of whose documents a person must look at stays unfinished until that was done.

    Raises:
        AbaxError: recorded in the job, then raised on; what may pass by itself is only raised.
    """
    job = context.jobs.get(job_id)
    if job.state.finished:
        return job
    run = partial(run_step, context, on_progress=on_progress)
    try:
        taken = run({"step": "take_in", "job_id": job_id})
        if taken["finished"]:
            return context.jobs.get(job_id)
        for item in taken["files"]:
            _run_file(run, job_id, item)
    except AbaxError as error:
        if not error.retryable:
            jobs.fail(context.jobs, job_id, error)
        raise
    return finish_if_settled(context, job_id)


def finish_if_settled(context: DocumentContext, job_id: str) -> Job:
    """End a job none of whose documents waits for a person."""
    documents, _ = outcomes(context, job_id)
    waiting = [one for one in documents if one["way"] == "review"]
    if waiting:
        told = f"{len(waiting)} for a person to look at"
        return context.jobs.update(job_id, step="review", progress=0.9, message=told)
    run_step(context, {"step": "finish", "job_id": job_id})
    return context.jobs.get(job_id)


Run = Callable[[Mapping[str, Any]], dict[str, Any]]


def _run_file(run: Run, job_id: str, item: Mapping[str, Any]) -> None:
    """What is left to do of a file; its documents go on beside one that fails."""
    about = {"job_id": job_id, "file": item["file"]}
    documents: Any = item["documents"]
    path = item["path"]
    with_file = _Contained(run, about)
    if path == "fast":
        done = with_file({"step": "fast"})
        path, documents = done.get("path", "done"), done.get("documents", [])
    if path == "full":
        documents = with_file({"step": "read"}).get("documents", [])
    for one in documents:
        with_document = _Contained(run, {"job_id": job_id, "document_id": one["document_id"]})
        if one["way"] == "open":
            for name in STAGE_ORDER[1:]:
                one = with_document({"step": name})
                if one.get("way") == "failed":
                    break
        if one.get("way") == "review":
            with_document({"step": "review", "token": job_id})


class _Contained:
    """Runs steps about one file or document, and gives that one up where they fail."""

    def __init__(self, run: Run, about: Mapping[str, Any]) -> None:
        self._run = run
        self._about = about

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the step gives; ``{"way": "failed"}`` where it failed."""
        try:
            return self._run({**self._about, **event})
        except (PutBack, StorageError):
            raise
        except AbaxError as error:
            if error.retryable or not isinstance(error, DocumentError):
                raise
            return self._run({**self._about, "step": "give_up", "error": error.as_dict()})
