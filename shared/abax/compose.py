"""Picks a side: AWS for functions, a folder for the edge. The only importer of both kinds of adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from abax.errors import InvalidRequest, UnknownSecret
from abax.forecast.toolbox import tools_named
from abax.settings import (
    ApiSettings,
    DocumentSettings,
    DocumentStarterSettings,
    ForecastSettings,
    LearningSettings,
    LocalSettings,
    MailOutSettings,
    MailSettings,
    ModelSettings,
    StarterSettings,
    StepSettings,
    TextSettings,
    WorkerSettings,
)
from abax.workflow.context import (
    CloseContext,
    DocumentContext,
    Documents,
    MailContext,
    MailOutContext,
    Mails,
    Services,
    TextContext,
    Texts,
)
from abax.workflow.jobs import CLOSE, DOCUMENT, GROUP

if TYPE_CHECKING:
    from abax.adapters.imap import ImapSource
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.secrets import FileSecrets
    from abax.adapters.runtime import RuntimeModel
    from abax.learning.work import Trainer, Worker
    from abax.ports import MailSender, ObjectStore, RecordStore, SecretStore, TextModel, TicketSink
    from abax.workflow.learning import LearningContext

OUT_TRIES: Final = 20
OUT_PAUSE: Final = 60.0
"""How often edge mode tries to tell a ticket or send a reply, and how many seconds it waits, times the tries
so far: three hours in all."""


def cloud_context(settings: StepSettings) -> CloseContext:
    """What the functions behind the state machine work with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.secrets import ManagedSecrets

    return CloseContext(S3Objects(settings.bucket), DynamoJobs(settings.jobs_table), ManagedSecrets())


def cloud_forecasts(settings: ForecastSettings) -> CloseContext:
    """What the function that forecasts works with. Raises InvalidRequest."""
    return replace(
        cloud_context(settings), tools=tools_named(settings.forecast_methods, settings.forecast_country)
    )


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
    mails = Mails(documents.records, SqsQueue(settings.mail_queue), SqsQueue(settings.mail_outs_queue))
    return replace(cloud_services(settings), workflow=machines, texts=texts, documents=documents, mails=mails)


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

    objects, records = S3Objects(settings.bucket), DynamoRecords(settings.records_table)
    return DocumentContext(
        objects,
        DynamoJobs(settings.jobs_table),
        records,
        ocr=choose(settings.ocr),
        model=helping_model(ModelSettings.of(settings), objects, ManagedSecrets(), records),
        tokens=StepTokens(),
        review_seconds=int(settings.review_seconds),
    )


def helping_model(
    settings: ModelSettings, objects: ObjectStore, secrets: SecretStore, records: RecordStore | None = None
) -> TextModel | None:
    """The models that help with documents or mail; by ``none:`` none, whatever the tiers are. Raises
    InvalidRequest."""
    return None if settings.model_url == "none:" else text_model(settings, objects, secrets, records)


def cloud_texts(settings: TextSettings) -> tuple[CloseContext, TextContext]:
    """What the function that writes works with: for the narrative of a close, and for texts of their own."""
    from abax.adapters.callbacks import SignedCallbacks

    close = cloud_context(StepSettings(settings.bucket, settings.jobs_table))
    records = _cloud_records(settings.records_table) if settings.records_table else None
    model = text_model(ModelSettings.of(settings), close.objects, close.secrets, records)
    callbacks = SignedCallbacks(close.secrets, settings.callback_network)
    return replace(close, model=model), TextContext(close.objects, close.jobs, model, callbacks)


def _cloud_records(table: str) -> RecordStore:
    from abax.adapters.aws.records import DynamoRecords

    return DynamoRecords(table)


def text_model(
    settings: ModelSettings,
    objects: ObjectStore,
    secrets: SecretStore,
    records: RecordStore | None = None,
) -> TextModel:
    """The model that the settings name, or several: one for each tier. Nothing is loaded before it is used.
    Answers that are to be kept lie in ``records``, else in memory.

    Raises:
        InvalidRequest: a setting names no kind of model, or is no such JSON.
    """
    default = _model(settings.model_url, settings.model_name, objects, _keys(settings.model_url, "", secrets))
    make = _runtime(settings.model_url, objects)
    if settings.adapters == "registry" and records is not None and make is not None:
        default = _rolling(make, objects, records)
    seconds = _seconds(settings.model_cache_seconds)
    plain = ModelSettings(settings.model_url, settings.model_name, adapters=settings.adapters)
    if not seconds and settings == plain:
        return default
    from abax.writing.cache import MemoryCache, RecordCache
    from abax.writing.metrics import Prices
    from abax.writing.prompts import Tier, shares_of
    from abax.writing.tiers import Models

    named = {tier: getattr(settings, f"model_{tier}") for tier in Tier}
    tiers = {
        tier: _model(*_named(url), objects, _keys(url, tier, secrets, settings.model_url))
        for tier, url in named.items()
        if url
    }
    prices, shares = Prices.parse(settings.model_prices), shares_of(settings.prompt_shares)
    cache = RecordCache(records, seconds) if records is not None else MemoryCache(seconds=seconds)
    return Models(default, tiers, prices, shares, cache if seconds else None)


def _seconds(told: str) -> float:
    try:
        return max(float(told or 0), 0.0)
    except ValueError as error:
        raise InvalidRequest(f"is {told!r}, which is no number", "model_cache_seconds") from error


def _named(url: str) -> tuple[str, str]:
    """A tier's address, and the name behind ``#``."""
    address, _, name = url.partition("#")
    return address, name


def _keys(url: str, tier: str, secrets: SecretStore, main: str = "") -> Callable[[], str]:
    """What gives the key of an endpoint: the secret's ``key_<tier>``, or ``key``, which goes to the default
    model's host alone."""
    from abax.workflow.texts import MODEL_SECRET

    def key() -> str:
        try:
            fields = secrets.get(MODEL_SECRET)
        except UnknownSecret:
            return ""  # an endpoint in the house may ask for none
        is_same = not tier or urlsplit(url).netloc == urlsplit(main).netloc
        return str(fields.get(f"key_{tier}") or (fields.get("key", "") if is_same else ""))

    return key


def _model(url: str, name: str, objects: ObjectStore, key: Callable[[], str]) -> TextModel:
    """One model. Raises InvalidRequest."""
    from abax.adapters.scripted import NoModel, ScriptedModel

    make = _runtime(url, objects)
    if make is not None:
        return make(())
    scheme, _, rest = url.partition(":")
    match scheme:
        case "http" | "https":
            from abax.adapters.endpoint import EndpointModel

            return EndpointModel(url, name, key)
        case "script":
            return ScriptedModel.read(Path(rest.removeprefix("//")))
        case "none":
            return NoModel()
    raise InvalidRequest(f"ABAX_MODEL_URL {url!r} names no kind of model", "model_url")


def _runtime(url: str, objects: ObjectStore) -> Callable[[Sequence[Path]], RuntimeModel] | None:
    """What makes the model of our own runtime, with these adapters besides its own; None for another kind."""
    from abax.adapters.runtime import RuntimeModel

    scheme, _, rest = url.partition(":")
    path = Path(rest.removeprefix("//"))
    match scheme:
        case "" | "default":
            return lambda adapters: RuntimeModel(adapters=adapters)
        case "file":
            return lambda adapters: RuntimeModel(lambda: path, path.stem, adapters)
        case "object":
            return lambda adapters: RuntimeModel(lambda: objects.fetch(rest), Path(rest).stem, adapters)
    return None


def _rolling(
    make: Callable[[Sequence[Path]], RuntimeModel], objects: ObjectStore, records: RecordStore
) -> TextModel:
    """The runtime's model, with the adapters of the registry."""
    import tempfile

    from abax.learning.models import RollingModel
    from abax.learning.registry import Registry

    return RollingModel(make, Registry(objects), records, Path(tempfile.gettempdir()) / "abax-adapters")


def cloud_mail(settings: MailSettings) -> MailContext:
    """What the function that takes mail in works with."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.queue import SqsQueue
    from abax.adapters.aws.secrets import ManagedSecrets

    objects, jobs = S3Objects(settings.bucket), DynamoJobs(settings.jobs_table)
    documents = _cloud_documents(settings.records_table, settings.document_state_machine)
    return MailContext(
        Services(objects, jobs, documents.workflow, documents=documents),
        documents.records,
        SqsQueue(settings.mail_outs_queue),
        helping_model(ModelSettings.of(settings), objects, ManagedSecrets(), documents.records),
    )


def cloud_mail_outs(settings: MailOutSettings) -> MailOutContext:
    """What the function that tells tickets, sends replies and looks into mailboxes works with."""
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.records import DynamoRecords
    from abax.adapters.aws.secrets import ManagedSecrets

    secrets, records = ManagedSecrets(), DynamoRecords(settings.records_table)
    sender = mail_sender(settings.mail_sender, secrets, Path("/tmp/outbox"))  # noqa: S108 (never in the cloud)
    tickets = ticket_sink(records, secrets, sender, settings.callback_network)
    objects = S3Objects(settings.bucket)
    return MailOutContext(objects, records, sender, tickets, lambda reference: mailbox(reference, secrets))


def mail_sender(name: str, secrets: SecretStore, outbox: Path) -> MailSender:
    """Who sends mail, by its setting. Raises InvalidRequest."""
    kind, _, reference = name.partition(":")
    match kind:
        case "ses":
            from abax.adapters.aws.mail import SesSender

            return SesSender()
        case "outbox":
            from abax.adapters.local.outbox import FolderOutbox

            return FolderOutbox(Path(reference) if reference else outbox)
        case "smtp":
            from abax.adapters.smtp import SmtpSender

            return SmtpSender(lambda: secrets.get(reference))
    raise InvalidRequest(f"ABAX_MAIL_SENDER {name!r} is no ses:, smtp:NAME or outbox:", "mail_sender")


def ticket_sink(records: RecordStore, secrets: SecretStore, sender: MailSender, network: str) -> TicketSink:
    """Where tickets go, as the mail settings have it by then."""
    from abax.adapters.callbacks import SignedCallbacks
    from abax.adapters.tickets import TICKET_SECRET, TIMEOUT, RoutedTickets
    from abax.workflow.mail_practice import practice_of

    posts = SignedCallbacks(secrets, network, secret=TICKET_SECRET, timeout=TIMEOUT)
    return RoutedTickets(
        lambda: practice_of(records).tickets, posts, sender, lambda: practice_of(records).own
    )


def mailbox(reference: str, secrets: SecretStore) -> ImapSource:
    """The mailbox of a secret, not connected. Raises UnknownSecret, InvalidRequest."""
    from abax.adapters.imap import ImapSource

    return ImapSource(secrets.get(reference))


def cloud_learning(settings: LearningSettings) -> LearningContext:
    """What the function that lets adapters learn works with. Raises InvalidRequest."""
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.records import DynamoRecords
    from abax.learning.practice import Practice
    from abax.workflow.learning import LearningContext

    practice, records = Practice.parse(settings.learning), DynamoRecords(settings.records_table)
    return LearningContext(S3Objects(settings.bucket), records, practice, settings.trainer)


def edge_learning(house: Edge) -> LearningContext:
    """The same in edge mode, where a trainer is a command of this machine. Raises InvalidRequest."""
    from abax.learning.practice import Practice
    from abax.workflow.learning import LearningContext

    settings, documents = LocalSettings.from_env(), house.documents
    how = "here" if settings.trainer else ""
    return LearningContext(documents.objects, documents.records, Practice.parse(settings.learning), how)


def trainer(
    objects: ObjectStore, command: str, home: Path, stop: Callable[[], bool] = lambda: False
) -> Trainer:
    """The command that trains, which works in folders below ``home``."""
    from functools import partial

    from abax.adapters.adapter_files import inspect
    from abax.learning.work import Trainer
    from abax.workflow.learnt import hand

    return Trainer(command, home, partial(hand, objects), inspect, stop)


def cloud_worker(settings: WorkerSettings) -> Worker:
    """A trainer of the cloud: a container task, or a machine of the house."""
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.queue import SqsQueue
    from abax.adapters.aws.tokens import StepTokens
    from abax.learning.work import Worker

    objects, queue = S3Objects(settings.bucket), SqsQueue(settings.trainings_queue)
    return Worker(
        objects, trainer(objects, settings.trainer, Path.cwd() / "training-orders"), queue, StepTokens()
    )


def teacher_model(url: str, objects: ObjectStore, secrets: SecretStore) -> TextModel:
    """The larger model that labels documents, its name at an endpoint behind ``#``. Raises InvalidRequest."""
    from abax.learning.distil import SECRET

    def key() -> str:
        try:
            return str(secrets.get(SECRET).get("key", ""))
        except UnknownSecret:
            return ""  # an endpoint in the house may ask for none

    return _model(*_named(url), objects, key)


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
    mail: MailContext
    mail_queue: SqliteQueue
    mail_outs: MailOutContext
    mail_out_queue: SqliteQueue


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
    from abax.workflow.mail_request import OutTask

    settings = LocalSettings.from_env()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = home / "abax.db"
    objects, jobs = FolderObjects(home / "objects"), SqliteJobs(database)
    kept = FileSecrets(home / "secrets.json", secrets)
    queue, text_queue, document_queue, mail_queue = (
        SqliteQueue(database, name, on_dead=on_dead) for name in ("closes", "texts", "documents", "mail")
    )
    mail_out_queue = SqliteQueue(
        database, "mailouts", max_tries=OUT_TRIES, pause=OUT_PAUSE, on_dead=on_dead, first=OutTask.SEND
    )
    records = SqliteRecords(database)
    model = text_model(ModelSettings.of(settings), objects, kept, records)
    writing = TextContext(objects, jobs, model, SignedCallbacks(kept, settings.callback_network))
    texts = Texts(InProcess(writing), text_queue, model, settings.callback_network)
    alone = ModelSettings(settings.document_model, settings.model_name, adapters=settings.adapters)
    helping = helping_model(alone, objects, kept, records)
    tokens, seconds = QueueTokens(document_queue), int(settings.review_seconds)
    reading = DocumentContext(
        objects, jobs, records, ocr=choose(settings.ocr), model=helping, tokens=tokens, review_seconds=seconds
    )
    documents = Documents(QueueWorkflow(document_queue), records, tokens)
    mails = Mails(records, mail_queue, mail_out_queue, lambda: _require_sender(settings, kept))
    services = Services(objects, jobs, QueueWorkflow(queue), texts, kept, documents, mails)
    helper = helping_model(
        replace(ModelSettings.of(settings), model_url=settings.mail_model), objects, kept, records
    )
    tools = tools_named(settings.forecast_methods, settings.forecast_country)
    return Edge(
        home,
        CloseContext(objects, jobs, kept, model, tools),
        services,
        kept,
        queue,
        writing,
        text_queue,
        reading,
        document_queue,
        MailContext(services, records, mail_out_queue, helper),
        mail_queue,
        _edge_outs(home, settings, services, records),
        mail_out_queue,
    )


def _edge_outs(
    home: Path, settings: LocalSettings, services: Services, records: RecordStore
) -> MailOutContext:
    assert services.secrets is not None
    sender = mail_sender(settings.mail_sender, services.secrets, home / "outbox")
    sink = ticket_sink(records, services.secrets, sender, settings.callback_network)
    return MailOutContext(services.objects, records, sender, sink, place=_kept_in(sender))


def _kept_in(sender: MailSender) -> str:
    from abax.adapters.local.outbox import FolderOutbox

    return f"kept in the outbox, {sender.folder}" if isinstance(sender, FolderOutbox) else ""


def _require_sender(settings: LocalSettings, secrets: SecretStore) -> None:
    """Raises UnknownSecret, InvalidRequest where replies are sent by SMTP and no server is known."""
    from abax.adapters.smtp import SmtpSender

    kind, _, reference = settings.mail_sender.partition(":")
    if kind == "smtp":
        SmtpSender(lambda: secrets.get(reference)).ready()
