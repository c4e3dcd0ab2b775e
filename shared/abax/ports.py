"""What the domain needs from the outside world, and nothing about who provides it.

``abax.adapters.aws`` and ``abax.adapters.local`` implement these; ``abax.compose`` hands them in at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from abax.errors import InvalidRequest, ModelError


class JobState(StrEnum):
    """The life of a job: queued → running → succeeded, failed or cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Job(BaseModel):
    """One unit of long work that a user asked for and can follow."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    kind: str
    state: JobState = JobState.QUEUED
    step: str = "queued"
    progress: float = 0.0
    """From 0 to 1."""
    message: str = ""
    request: dict[str, Any]
    client_token: str
    fingerprint: str
    """Hash of the request: tells a repeated request from a token used twice."""
    execution: str | None = None
    """Whatever names the running workflow to its engine."""
    results: dict[str, str] = Field(default_factory=dict)
    """Result name to object key."""
    error: dict[str, str] | None = None
    """``type`` and ``message`` of the error that ended the job."""
    created_at: datetime
    updated_at: datetime


class ObjectStore(Protocol):
    """Immutable objects by key. Writing a key twice with the same content is harmless."""

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Keep ``body`` under ``key``. Raises StorageFull."""

    def create(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> bool:
        """Keep ``body`` under a key that holds nothing yet; False and no change where it does: of many that
        try at once, one succeeds. Raises StorageFull."""

    def put_file(self, key: str, path: Path) -> None:
        """Keep a file's content under ``key``, streaming. Raises StorageFull."""

    def get(self, key: str) -> bytes:
        """Raises ObjectMissing."""

    def fetch(self, key: str) -> Path:
        """A local file with the object's content, to be read only and kept while the process lives.
        Raises ObjectMissing."""

    def exists(self, key: str) -> bool:
        """Whether ``key`` holds an object."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that start with ``prefix``, in order."""

    def link(self, key: str, filename: str) -> str | None:
        """A time-limited URL from which anyone can download the object; None where there is no such thing."""

    def upload_link(self, key: str, size: int) -> str | None:
        """A time-limited URL under which anyone can PUT so many bytes as the object; None where there is no
        such thing."""


class JobStore(Protocol):
    """Jobs by id and by client token."""

    def create(self, job: Job) -> Job:
        """Keep a new job; when its client token is taken, give back the job that has it, unchanged."""

    def get(self, job_id: str) -> Job:
        """Raises UnknownJob."""

    def update(self, job_id: str, **changes: Any) -> Job:
        """Change fields of an unfinished job (``updated_at`` follows by itself). A finished job stays as it
        is and is given back, so that a late step cannot revive a cancelled one. Raises UnknownJob."""

    def recent(self, limit: int = 20, kind: str = "close") -> list[Job]:
        """The newest jobs of a kind, newest first."""


class Workflow(Protocol):
    """Starts and stops the work behind a job."""

    def start(self, job: Job) -> str:
        """Begin; starting the same job again is harmless. Gives back the execution's name."""

    def stop(self, execution: str, reason: str) -> None:
        """Stop a running execution; one that has ended stays as it is."""


class PutBack(Exception):
    """Raised by a queue's handler that was told to stop: the message waits for the next consumer."""


class Queue(Protocol):
    """At-least-once messages with a dead-letter queue behind."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Enqueue one JSON message."""

    def receive(self, handle: Callable[[Mapping[str, Any]], None]) -> bool:
        """Hand the next message to ``handle``. It is gone once ``handle`` returns, comes back when it raises,
        and lands in the dead-letter queue after the last try. False when there was none."""


class SecretStore(Protocol):
    """Connection settings by reference, so that no credential travels in a request or a job."""

    def get(self, reference: str) -> Mapping[str, str]:
        """The secret's fields. Raises UnknownSecret."""


@dataclass(frozen=True)
class TextRequest:
    """What a model is to write: the answer to a conversation."""

    messages: Sequence[Mapping[str, str]]
    """Each with ``role`` (system, user, assistant) and ``content``."""
    max_tokens: int = 256
    schema: Mapping[str, Any] | None = None
    """JSON schema that the text must meet; ``TextResult.parsed`` is then the value."""
    source: str | None = None
    """The text that fields marked ``x-grounded`` must be taken from."""
    stop: Sequence[str] = ()
    temperature: float = 0.0
    """0 always takes the likeliest token."""
    seed: int | None = None
    prefix: str = ""
    """What the fixed beginning of the messages is stored under, where a model may have read it beforehand."""
    adapter: str = ""
    """The low-rank adapter to answer with, one of the model's ``adapters``; none is the model as it is."""
    key: str = ""
    """What it is about, such as a document's id: where versions of an adapter share the work, the same key
    meets the same version. Empty: the messages stand for it."""
    likelihoods: bool = False
    """Whether to tell how likely each piece of the text was, where the model can."""


@dataclass(frozen=True)
class TextResult:
    """What a model wrote, and what it took."""

    text: str
    finish: str
    """``stop``, ``stop_string``, ``length``, ``deadline`` (time ran out: it is cut) or ``cancelled``."""
    model: str
    parsed: Any = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by phase."""
    adapter: str = ""
    """What the model answered with; none is the model as it is."""
    pieces: Sequence[tuple[bytes, float]] = ()
    """The text's tokens in UTF-8, and the logarithm of how likely the model held each: 0 where nothing else
    could stand. Empty where nobody asked, or the model does not tell."""


@dataclass(frozen=True)
class TextPiece:
    """A part of a text that is being written; the last one carries the whole result."""

    text: str
    result: TextResult | None = None


class TextModel(Protocol):
    """Writes text. Deadlines are instants of ``time.monotonic()``. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Which model, as results and reports name it; asking for it loads nothing."""

    @property
    def adapters(self) -> frozenset[str]:
        """The names that ``TextRequest.adapter`` may have. Asking may open the model, and raises nothing: of
        one that cannot be opened or reached none is known, and the next request says why."""

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises InvalidRequest for what cannot be asked, ModelError for what went wrong."""

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts, decoded together where the model can; one's error takes its place in the list."""

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text as it is written; setting ``cancel`` ends it. Raises as ``generate``."""


def unknown_adapter(name: str, model: str, known: Collection[str]) -> InvalidRequest:
    """What a model says that is asked with an adapter which it does not have."""
    have = f"it has {', '.join(sorted(known))}" if known else "it has none"
    return InvalidRequest(f"{model} has no adapter {name[:80]!r}; {have}", "adapter")


class TextRunner(Protocol):
    """Works on text jobs at once, while somebody waits."""

    def run(self, job_id: str, seconds: float) -> None:
        """Work on the job for at most so long. It has ended afterwards, or waits to be queued. Raises
        nothing of what the work itself may raise: that is in the job."""


class Callbacks(Protocol):
    """Tells the outside world that a job has ended."""

    def send(self, url: str, body: bytes) -> None:
        """POST a signed JSON body once. Raises CallbackFailed, InvalidRequest for a forbidden address, and
        UnknownSecret without a key to sign with."""


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word and its rectangle: left, top, right, bottom from the page's top left corner, in its units."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float = 1.0
    """From 0 to 1; 1 where nothing had to be recognised."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a picture: rows from the top, 8-bit grey, ``width * height`` bytes."""

    width: int
    height: int
    grey: bytes
    dpi: float = 0.0
    """0 where it is not known."""


class Ocr(Protocol):
    """Recognises the words of a picture."""

    @property
    def name(self) -> str:
        """Which engine, with its version, as results and reports name it; asking for it loads nothing."""

    def read(self, image: PageImage, languages: Sequence[str] = ()) -> list[OcrWord]:
        """Words with boxes in pixels, in no particular order. ``languages`` are ISO 639-1 codes that are
        likely. Raises OcrUnavailable, OcrFailed."""


class RecordStore(Protocol):
    """Small JSON items that outlive a job: known suppliers, documents seen, orders, reviews.

    An item lies in a space under a key; keys of a space are in order.
    """

    def put(self, space: str, key: str, item: Mapping[str, Any], *, if_absent: bool = False) -> bool:
        """Keep ``item``. With ``if_absent``, False and no change where the key is taken: of many that try at
        once, one succeeds."""

    def get(self, space: str, key: str) -> dict[str, Any] | None:
        """The item, or None."""

    def items(self, space: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Key and item of all whose key starts with ``prefix``, in order."""

    def delete(self, space: str, key: str) -> None:
        """Forget the item, if it is there."""


class TaskTokens(Protocol):
    """Work that waits until somebody outside has decided something."""

    def answer(self, token: str, result: Mapping[str, Any]) -> bool:
        """Let the work that waits under the token go on with ``result``. False where none waits any more."""


# --- mail -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MailHead:
    """What is known of a message in a mailbox before it is fetched."""

    uid: int
    size: int
    """Bytes."""
    message_id: str = ""
    """As its header has it, with angle brackets; empty without one."""


class MailSource(Protocol):
    """A mailbox, folder by folder. A context manager: it is connected inside."""

    def __enter__(self) -> MailSource:
        """Connect. Raises MailboxUnreachable, MailboxRefused."""

    def __exit__(self, *error: object) -> None:
        """Leave, whatever state the connection is in."""

    def select(self, folder: str) -> int:
        """Open a folder: its UIDVALIDITY, with which its UIDs lose their meaning. Raises MailboxUnreachable,
        MailboxRefused."""

    def heads(self, after: int) -> Iterator[MailHead]:
        """The messages with a higher UID, lowest first. Raises MailboxUnreachable, MailboxRefused."""

    def content(self, uid: int) -> bytes | None:
        """A message's bytes, read without marking it; None where it is gone. Raises MailboxUnreachable,
        MailboxRefused."""

    def mark(self, uid: int) -> None:
        """Mark a message as processed, so that people at the mailbox see it. Raises MailboxUnreachable."""


class MailSender(Protocol):
    """Sends mail."""

    def send(self, content: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Send these very bytes (RFC 5322) once, and give back what the server calls it, where it says so.

        Raises:
            MailUnreachable: nothing was sent; later it may be.
            MailRefused: nothing was sent, and it makes no sense to try again.
            MailUnsure: it may have been sent.
        """


@dataclass(frozen=True)
class Notice:
    """What a department's system is told."""

    key: str
    """The idempotency key: telling the same twice is one ticket."""
    queue: str
    subject: str
    text: str
    """For people."""
    body: bytes
    """For programs: JSON."""


class TicketSink(Protocol):
    """Where tickets go."""

    def tell(self, notice: Notice) -> str:
        """Tell once; says where it went, empty where tickets go nowhere. Raises CallbackFailed, MailError,
        InvalidRequest for a forbidden address, UnknownSecret without a key to sign with."""
