"""The ports that the workflow and its edges work through, bundled; ``abax.compose`` fills them in."""

from __future__ import annotations

from dataclasses import dataclass

from abax.ports import (
    Callbacks,
    JobStore,
    ObjectStore,
    Ocr,
    Queue,
    RecordStore,
    SecretStore,
    TaskTokens,
    TextModel,
    TextRunner,
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
