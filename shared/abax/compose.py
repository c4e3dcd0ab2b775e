"""Picks a side: AWS for functions, a folder for the edge. The only importer of both kinds of adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abax.errors import InvalidRequest, UnknownSecret
from abax.settings import (
    ApiSettings,
    DocumentSettings,
    DocumentStarterSettings,
    LocalSettings,
    ModelSettings,
    StarterSettings,
    StepSettings,
    TextSettings,
)
from abax.workflow.context import (
    CloseContext,
    DocumentContext,
    Documents,
    Services,
    TextContext,
    Texts,
)
from abax.workflow.jobs import CLOSE, DOCUMENT, GROUP

if TYPE_CHECKING:
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.secrets import FileSecrets
    from abax.ports import ObjectStore, SecretStore, TextModel


def cloud_context(settings: StepSettings) -> CloseContext:
    """What the functions behind the state machine work with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.secrets import ManagedSecrets

    return CloseContext(S3Objects(settings.bucket), DynamoJobs(settings.jobs_table), ManagedSecrets())


def cloud_services(settings: StarterSettings) -> Services:
    """What the functions that take orders work with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.workflow import StateMachines

    return Services(
        S3Objects(settings.bucket),
        DynamoJobs(settings.jobs_table),
        StateMachines({CLOSE: settings.close_state_machine}),
    )


def cloud_api(settings: ApiSettings) -> Services:
    """What the HTTP API works with: all that takes orders, and the way to the function that writes."""
    from abax.adapters.aws.queue import SqsQueue
    from abax.adapters.aws.texts import FunctionRunner
    from abax.adapters.aws.workflow import StateMachines

    machines = StateMachines({CLOSE: settings.close_state_machine, GROUP: settings.group_state_machine})
    texts = Texts(
        FunctionRunner(settings.text_function),
        SqsQueue(settings.texts_queue),
        callback_network=settings.callback_network,
    )
    documents = _cloud_documents(settings.records_table, settings.document_state_machine)
    return replace(cloud_services(settings), workflow=machines, texts=texts, documents=documents)


def cloud_intake(settings: DocumentStarterSettings) -> Services:
    """What the function that takes documents off their queue works with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects

    documents = _cloud_documents(settings.records_table, settings.document_state_machine)
    objects, jobs = S3Objects(settings.bucket), DynamoJobs(settings.jobs_table)
    return Services(objects, jobs, documents.workflow, documents=documents)


def _cloud_documents(records_table: str, state_machine: str) -> Documents:
    from abax.adapters.aws.records import DynamoRecords
    from abax.adapters.aws.tokens import StepTokens
    from abax.adapters.aws.workflow import StateMachines

    return Documents(StateMachines({DOCUMENT: state_machine}), DynamoRecords(records_table), StepTokens())


def cloud_documents(settings: DocumentSettings) -> DocumentContext:
    """What the function that reads documents works with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.records import DynamoRecords
    from abax.adapters.aws.secrets import ManagedSecrets
    from abax.adapters.aws.tokens import StepTokens
    from abax.adapters.ocr import choose

    objects = S3Objects(settings.bucket)
    return DocumentContext(
        objects,
        DynamoJobs(settings.jobs_table),
        DynamoRecords(settings.records_table),
        ocr=choose(settings.ocr),
        model=helping_model(settings.model_url, settings.model_name, objects, ManagedSecrets()),
        tokens=StepTokens(),
        review_seconds=int(settings.review_seconds),
    )


def helping_model(url: str, name: str, objects: ObjectStore, secrets: SecretStore) -> TextModel | None:
    """The model that looks where rules find nothing sure; none where it is said so. Raises InvalidRequest."""
    return None if url == "none:" else text_model(ModelSettings(url, name), objects, secrets)


def cloud_texts(settings: TextSettings) -> tuple[CloseContext, TextContext]:
    """What the function that writes works with: for the narrative of a close, and for texts of their own."""
    from abax.adapters.callbacks import SignedCallbacks

    close = cloud_context(StepSettings(settings.bucket, settings.jobs_table))
    model = text_model(ModelSettings(settings.model_url, settings.model_name), close.objects, close.secrets)
    callbacks = SignedCallbacks(close.secrets, settings.callback_network)
    return replace(close, model=model), TextContext(close.objects, close.jobs, model, callbacks)


def text_model(settings: ModelSettings, objects: ObjectStore, secrets: SecretStore) -> TextModel:
    """The model that the settings name; nothing is loaded before it is used. Raises InvalidRequest."""
    from abax.adapters.endpoint import EndpointModel
    from abax.adapters.runtime import RuntimeModel
    from abax.adapters.scripted import NoModel, ScriptedModel
    from abax.workflow.texts import MODEL_SECRET

    def key() -> str:
        try:
            return str(secrets.get(MODEL_SECRET).get("key", ""))
        except UnknownSecret:
            return ""  # an endpoint in the house may ask for none

    scheme, _, rest = settings.model_url.partition(":")
    path = Path(rest.removeprefix("//"))
    match scheme:
        case "" | "default":
            return RuntimeModel()
        case "file":
            return RuntimeModel(lambda: path, path.stem)
        case "object":
            return RuntimeModel(lambda: objects.fetch(rest), Path(rest).stem)
        case "http" | "https":
            return EndpointModel(settings.model_url, settings.model_name, key)
        case "script":
            return ScriptedModel.read(path)
        case "none":
            return NoModel()
    raise InvalidRequest(f"ABAX_MODEL_URL {settings.model_url!r} names no kind of model", "model_url")


@dataclass(frozen=True)
class Edge:
    """Everything on one folder: ``objects/``, ``abax.db`` with jobs and queue, ``secrets.json``."""

    home: Path
    context: CloseContext
    services: Services
    secrets: FileSecrets
    queue: SqliteQueue
    texts: TextContext
    text_queue: SqliteQueue
    documents: DocumentContext
    document_queue: SqliteQueue


def edge(
    home: Path,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    on_dead: Callable[[Mapping[str, Any], str], None] = lambda message, reason: None,
) -> Edge:
    """Edge mode in ``home``; ``secrets`` adds some that live in memory only, ``on_dead`` hears of messages
    that the queue gives up."""
    from abax.adapters.callbacks import SignedCallbacks
    from abax.adapters.local.jobs import SqliteJobs
    from abax.adapters.local.objects import FolderObjects
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.records import SqliteRecords
    from abax.adapters.local.secrets import FileSecrets
    from abax.adapters.local.texts import InProcess
    from abax.adapters.local.tokens import QueueTokens
    from abax.adapters.local.workflow import QueueWorkflow
    from abax.adapters.ocr import choose

    settings = LocalSettings.from_env()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = home / "abax.db"
    objects, jobs = FolderObjects(home / "objects"), SqliteJobs(database)
    kept = FileSecrets(home / "secrets.json", secrets)
    queue, text_queue, document_queue = (
        SqliteQueue(database, name, on_dead=on_dead) for name in ("closes", "texts", "documents")
    )
    model = text_model(ModelSettings(settings.model_url, settings.model_name), objects, kept)
    writing = TextContext(objects, jobs, model, SignedCallbacks(kept, settings.callback_network))
    texts = Texts(InProcess(writing), text_queue, model, settings.callback_network)
    reading = DocumentContext(
        objects,
        jobs,
        SqliteRecords(database),
        ocr=choose(settings.ocr),
        model=helping_model(settings.document_model, settings.model_name, objects, kept),
        tokens=QueueTokens(document_queue),
        review_seconds=int(settings.review_seconds),
    )
    documents = Documents(QueueWorkflow(document_queue), reading.records, QueueTokens(document_queue))
    services = Services(objects, jobs, QueueWorkflow(queue), texts, kept, documents)
    close = CloseContext(objects, jobs, kept, model)
    return Edge(home, close, services, kept, queue, writing, text_queue, reading, document_queue)
