"""Sending documents in: by an upload, by a key in the bucket, or by the bucket's own event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus

from abax.errors import EmptyFile, FileTooLarge, InvalidRequest, NotFound, ObjectMissing
from abax.ports import Job, JobState, ObjectStore
from abax.workflow import drafts, jobs
from abax.workflow.context import Services
from abax.workflow.document_request import MOST_BYTES, DocumentRequest, digest_of
from abax.workflow.events import CloudEvent, parse_object

INBOX: Final = "inbox/"
"""Prefix of the keys that documents are sent in under."""

DOCUMENT_SENT: Final = "abax.document.sent"

UPLOADS: Final = "uploads"
"""Space of the uploads: digest to job."""


class Sent(NamedTuple):
    """A document that a message names."""

    key: str
    name: str


def request_document(services: Services, name: str, content: bytes) -> tuple[Job, bool]:
    """The job that reads this content, and whether it is new; its work has been started either way. The same
    content is read once, unless reading it failed.

    Raises:
        EmptyFile, FileTooLarge: nothing that could be read.
    """
    assert services.documents is not None
    if not content:
        raise EmptyFile(name)
    if len(content) > MOST_BYTES:
        raise FileTooLarge(name, f"{len(content):,} bytes", f"{MOST_BYTES:,}")
    digest = digest_of(content)
    key = drafts.content_key(digest)
    services.objects.put(key, content)
    request = DocumentRequest(name=name, digest=digest, key=key, client_token=f"document-{digest}")
    job, is_new = jobs.create(services.jobs, request)
    while job.state is JobState.FAILED:
        job, is_new = jobs.again(services.jobs, job), True
    services.documents.records.put(UPLOADS, digest, {"job_id": job.job_id, "name": name})
    if job.execution is None and not job.state.finished:
        job = services.jobs.update(job.job_id, execution=services.documents.workflow.start(job))
    return job, is_new


def request_key(services: Services, key: str, name: str = "") -> tuple[Job, bool]:
    """The same for what lies under ``inbox/`` in the object store. Raises NotFound, InvalidRequest."""
    if not key.startswith(INBOX) or ".." in PurePosixPath(key).parts:
        raise InvalidRequest(f"must begin with {INBOX}", "key")
    return request_document(services, name or PurePosixPath(key).name, content_of(services.objects, key))


def content_of(objects: ObjectStore, key: str) -> bytes:
    """What lies under a key. Raises NotFound."""
    try:
        return objects.get(key)
    except ObjectMissing:
        raise NotFound(f"there is no object {key!r}") from None


def sent_in(body: str | bytes | Mapping[str, Any]) -> Iterator[Sent]:
    """The documents that a message names: an event of the bucket, a CloudEvent, or ``{"key": …, "name": …}``.

    Raises:
        InvalidRequest: it names none.
    """
    content = parse_object(body)
    if content.get("Event") == "s3:TestEvent":  # what a bucket sends when its notification is set up
        return
    if "Records" in content:
        for record in content["Records"]:
            key = unquote_plus(str(record["s3"]["object"]["key"]))
            yield Sent(key, PurePosixPath(key).name)
        return
    if "specversion" in content:
        event = CloudEvent.model_validate(content)
        if event.type != DOCUMENT_SENT:
            raise InvalidRequest(f"{event.type!r} is not {DOCUMENT_SENT!r}", "type")
        content = event.data if isinstance(event.data, Mapping) else {}
    if not content.get("key"):
        raise InvalidRequest("names no object", "key")
    yield Sent(str(content["key"]), str(content.get("name", "")))
