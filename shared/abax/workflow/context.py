"""The ports that the workflow and its edges work through, bundled; ``abax.compose`` fills them in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from abax.forecast.toolbox import BASELINE, Tools
from abax.ports import (
    Callbacks,
    JobStore,
    MailSender,
    MailSource,
    ObjectStore,
    Ocr,
    Queue,
    RecordStore,
    SecretStore,
    TaskTokens,
    TextModel,
    TextRunner,
    TicketSink,
    Workflow,
)


@dataclass(frozen=True)
class CloseContext:
    """What the steps of a close need."""

    objects: ObjectStore
    jobs: JobStore
    secrets: SecretStore
    model: TextModel | None = None
    """Who words the narrative; nobody leaves it to rules."""
    tools: Tools = BASELINE
    """What forecasts try."""


@dataclass(frozen=True)
class TextContext:
    """What writing texts needs."""

    objects: ObjectStore
    jobs: JobStore
    model: TextModel
    callbacks: Callbacks


@dataclass(frozen=True)
class DocumentContext:
    """What the steps of a document need."""

    objects: ObjectStore
    jobs: JobStore
    records: RecordStore
    ocr: Ocr | None = None
    model: TextModel | None = None
    """Who looks where rules find nothing sure."""
    tokens: TaskTokens | None = None
    review_seconds: int = 7 * 24 * 3600
    """How long a document may wait for a person; then it is rejected."""


@dataclass(frozen=True)
class Documents:
    """Where an edge turns to with a document, and with what a person says of one."""

    workflow: Workflow
    records: RecordStore
    tokens: TaskTokens


@dataclass(frozen=True)
class Texts:
    """Where an edge turns to for a text."""

    runner: TextRunner
    """For one that is waited for."""
    queue: Queue
    """For one that is not, or that takes too long."""
    model: TextModel | None = None
    """The model in this very process, where texts can be streamed."""
    callback_network: str = "public"


@dataclass(frozen=True)
class Mails:
    """Where an edge turns to with mail, and with what a person says of a drafted reply."""

    records: RecordStore
    queue: Queue
    """Of mail that has come in."""
    outs: Queue
    """Of tickets and replies."""
    ready: Callable[[], None] = lambda: None
    """Raises an AbaxError that says what is missing where no reply could be sent."""


@dataclass(frozen=True)
class Services:
    """What an edge that takes orders (HTTP, queue, command line) needs."""

    objects: ObjectStore
    jobs: JobStore
    workflow: Workflow
    texts: Texts | None = None
    secrets: SecretStore | None = None
    """Where an order's secret is looked up before it is taken; an edge that may not read secrets has none,
    and the close says it."""
    documents: Documents | None = None
    mails: Mails | None = None


# --- mail -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MailContext:
    """What taking mail in needs."""

    services: Services
    """Objects, jobs (for the newest close), and where attachments go."""
    records: RecordStore
    outs: Queue
    """For tickets that are to be told, and replies that are to be sent."""
    model: TextModel | None = None
    """Who is asked where classifiers are unsure, as far as it may decide."""
    seconds: float = 120.0
    """How long the model may take for all messages of a batch."""


@dataclass(frozen=True)
class MailOutContext:
    """What telling tickets, sending replies and looking into mailboxes needs."""

    objects: ObjectStore
    records: RecordStore
    sender: MailSender
    tickets: TicketSink
    mailbox: Callable[[str], MailSource] | None = None
    """The mailbox that a secret opens, where mail is fetched by the queue."""
    place: str = ""
    """Where replies are kept that the sender takes to nobody; empty where it sends."""
