"""Edge mode: the API and the workers in one process, on one folder. Nothing of it needs a cloud."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from abax.api import BearerKey, create_app
from abax.compose import Edge, edge, edge_learning, trainer
from abax.errors import AbaxError, Conflict, InvalidRequest
from abax.ports import Job, JobState, JobStore, PutBack, Queue
from abax.settings import LocalSettings
from abax.workflow.close import run_close
from abax.workflow.context import CloseContext, Mails
from abax.workflow.events import parse_close, parse_wanted
from abax.workflow.jobs import CLOSE, OnProgress, request_close
from abax.workflow.texts import call_back, order_text, run_texts

if TYPE_CHECKING:
    from abax.workflow.mail_fetch import Fetched

logger = logging.getLogger("abax.serve")

IDLE_SECONDS: Final = 0.3
"""Between two looks at an empty queue."""

OVERDUE_SECONDS: Final = 60.0
"""Between two looks for reviews whose deadline has passed."""

TEXT_SECONDS: Final = 300.0
"""How long a text out of the queue may take."""

MAILS_AT_ONCE: Final = 10
"""Messages of the queue of mail that are read together."""

STOP_SECONDS: Final = 15.0
"""How long a worker may take to reach a point where it can stop."""


class Worker(threading.Thread):
    """Takes messages off one queue one by one."""

    def __init__(
        self, name: str, queue: Queue, handle: Callable[[Mapping[str, Any], threading.Event], None]
    ) -> None:
        """``handle`` is given each message, and the event that tells it to stop."""
        super().__init__(name=f"abax-{name}", daemon=True)
        self._queue = queue
        self._handle = handle
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopping.is_set():
            if not self._one():
                self._stopping.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Finish what cannot be interrupted, put the rest back into the queue, and end."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    def _one(self) -> bool:
        try:
            return self._queue.receive(lambda message: self._handle(message, self._stopping))
        except AbaxError as error:
            logger.error("message refused: %s", error)
        except Exception:
            # This is the worker's edge: the queue has counted the failure, the log keeps the details.
            logger.exception("message not handled")
        return True


def close_books(house: Edge, message: Mapping[str, Any], stopping: threading.Event) -> None:
    """Handle a message of the queue ``closes``: a job to run, or a request for a close."""

    def stop_if_told(job: Job) -> None:
        if stopping.is_set():
            raise PutBack

    if "job_id" not in message:
        job, _ = request_close(house.services, parse_close(message))
        logger.info("job %s queued", job.job_id)
        return
    try:
        job = _run_of(house, message["job_id"])(house.context, message["job_id"], stop_if_told)
        logger.info("job %s %s", job.job_id, job.state)
    except AbaxError as error:
        # It is recorded in the job, where its user looks: the message has done its work.
        logger.warning("job %s: %s", message["job_id"], error)


def _run_of(house: Edge, job_id: str) -> Callable[[CloseContext, str, OnProgress], Job]:
    """What works on a job of the queue ``closes``."""
    if house.context.jobs.get(job_id).kind == CLOSE:
        return run_close
    from abax.workflow.group import run_group

    return run_group


def write_text(house: Edge, message: Mapping[str, Any], stopping: threading.Event) -> None:
    """Handle a message of the queue ``texts``: a job to run, or a request for a text. Raises what comes back:
    a model or a receiver that could not be reached."""
    job_id = message.get("job_id")
    if job_id is None:
        job_id = order_text(house.texts.objects, house.texts.jobs, parse_wanted(message))[0].job_id
    if stopping.is_set():
        raise PutBack
    error = run_texts(house.texts, [job_id], time.monotonic() + TEXT_SECONDS)[job_id]
    if error is not None:
        raise error
    call_back(house.texts, job_id)
    logger.info("job %s %s", job_id, house.texts.jobs.get(job_id).state)


def read_document(house: Edge, message: Mapping[str, Any], stopping: threading.Event) -> None:
    """Handle a message of the queue ``documents``: a job to run, a document that was decided on
    (``document_id``), or one that is sent in."""
    from abax.workflow.documents import finish_if_settled, run_document, run_step
    from abax.workflow.intake import request_key, sent_in

    def stop_if_told(job: Job) -> None:
        if stopping.is_set():
            raise PutBack

    if "job_id" not in message:
        for sent in sent_in(message):
            request_key(house.services, sent.key, sent.name)
        return
    try:
        if "document_id" in message:
            run_step(house.documents, {"step": "settle", **message})
            job = finish_if_settled(house.documents, message["job_id"])
        else:
            job = run_document(house.documents, message["job_id"], stop_if_told)
        logger.info("job %s %s", job.job_id, job.state)
    except AbaxError as error:
        if error.retryable:
            raise
        # It is recorded in the job, where its user looks: the message has done its work.
        logger.warning("job %s: %s", message["job_id"], error)


def read_mails(
    house: Edge, messages: Sequence[Mapping[str, Any]], stopping: threading.Event
) -> dict[int, Exception]:
    """Handle messages of the queue ``mail``, which name mail that has come in, together: the error of each
    that must come back, by its place."""
    from abax.workflow.mail_batch import take_batch

    if stopping.is_set():
        raise PutBack
    failed = take_batch(house.mail, {str(place): message for place, message in enumerate(messages)})
    for error in failed.values():
        logger.error("mail not taken in", exc_info=error)
    logger.info("%s messages of mail handled, %s failed", len(messages), len(failed))
    return {int(place): error for place, error in failed.items()}


class MailWorker(Worker):
    """Takes mail off its queue, several messages at a time: a language model reads them together."""

    def __init__(self, house: Edge) -> None:
        """For the house's queue of mail."""
        super().__init__("mail", house.mail_queue, lambda message, stopping: None)
        self._house = house

    def _one(self) -> bool:
        try:
            return self._house.mail_queue.receive_many(self._read, MAILS_AT_ONCE) > 0
        except Exception:
            # This is the worker's edge: the queue has counted the failure, the log keeps the details.
            logger.exception("mail not handled")
            return True

    def _read(self, messages: Sequence[Mapping[str, Any]]) -> dict[int, Exception]:
        return read_mails(self._house, messages, self._stopping)


def let_out(house: Edge, message: Mapping[str, Any], stopping: threading.Event) -> None:
    """Handle a message of the queue ``mailouts``: a ticket to be told, or a reply to be sent."""
    from abax.workflow.mail_out import run_out

    if stopping.is_set():
        raise PutBack
    logger.info("%s: %s", message.get("task"), run_out(house.mail_outs, message))


class Postman(threading.Thread):
    """Looks into the mailbox of the settings every so often."""

    def __init__(self, house: Edge, settings: LocalSettings) -> None:
        super().__init__(name="abax-postman", daemon=True)
        self._house = house
        self._settings = settings
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look now and then, until told to stop."""
        while True:
            for folder in self._settings.mailbox_folders.split(","):
                self._look(folder.strip())
            if self._stopping.wait(float(self._settings.mailbox_seconds)):
                return

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    def _look(self, folder: str) -> None:
        try:
            found = fetch_mail(self._house, self._settings.mailbox, folder)
        except AbaxError as error:
            logger.error("mailbox %s, %s: %s", self._settings.mailbox, folder, error)
            return
        if found.taken or found.skipped:
            logger.info("%s: %s fetched, %s not", folder, found.taken, len(found.skipped))


def postmen(house: Edge) -> list[Postman]:
    """Who looks into the mailbox of the settings; nobody where none is set."""
    settings = LocalSettings.from_env()
    return [Postman(house, settings)] if settings.mailbox else []


def fetch_mail(house: Edge, secret: str, folder: str, deadline: float = float("inf")) -> Fetched:
    """Fetch what is new in a folder of the mailbox that the secret opens, and leave it to the queue ``mail``.

    Raises:
        UnknownSecret: there is no such mailbox.
        MailboxUnreachable, MailboxRefused: nothing, or not all, could be fetched.
    """
    from abax.compose import mailbox
    from abax.workflow.mail_fetch import Folder, fetch

    mails = house.services.mails
    assert mails is not None
    place = Folder(secret, folder, lambda: mailbox(secret, house.secrets))
    return fetch(place, mails.records, lambda body: _sent_in(house, mails, body), deadline)


def _sent_in(house: Edge, mails: Mails, body: bytes) -> None:
    from abax.workflow.mail import send_in

    if body.strip():
        send_in(house.services.objects, mails, body)


class Learner(threading.Thread):
    """Lets adapters learn: looks every so often what is next for each."""

    def __init__(self, house: Edge, settings: LocalSettings) -> None:
        super().__init__(name="abax-learner", daemon=True)
        self._house = house
        self._settings = settings
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look now and then, until told to stop."""
        from abax.learning.registry import ADAPTERS

        while not self._stopping.wait(float(self._settings.learning_seconds)):
            for name in ADAPTERS:
                self._advance(name)

    def stop(self) -> None:
        """End; a training that is stopped goes on with the next one."""
        self._stopping.set()
        self.join(STOP_SECONDS)

    def _advance(self, name: str) -> None:
        from abax.learning.work import work
        from abax.workflow.learning import advance

        context = edge_learning(self._house)
        command, home = self._settings.trainer, self._house.home / "training"
        hands = trainer(context.objects, command, home, self._stopping.is_set)
        try:
            done = advance(context, name, lambda order: work(context.objects, hands, order))
        except AbaxError as error:
            logger.error("adapter %s: %s", name, error)
            return
        except PutBack:  # told to stop
            return
        if done["done"] != "nothing":
            logger.info("adapter %s: %s (%s)", name, done["done"], done["why"])


def learners(house: Edge) -> list[Learner]:
    """Who lets adapters learn; nobody where no trainer is set, and nothing was ever registered."""
    settings = LocalSettings.from_env()
    registered = bool(edge_learning(house).registry.names())
    return [Learner(house, settings)] if settings.trainer or registered else []


class Reminder(threading.Thread):
    """Rejects what nobody has decided in time."""

    def __init__(self, house: Edge) -> None:
        super().__init__(name="abax-reminder", daemon=True)
        self._house = house
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look now and then, until told to stop."""
        while True:
            reject_overdue(self._house)
            if self._stopping.wait(OVERDUE_SECONDS):
                return

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self.join(STOP_SECONDS)


def reject_overdue(house: Edge) -> int:
    """Wake the work behind each review whose deadline has passed; says how many there were."""
    from abax.workflow.reviews import overdue

    found = overdue(house.documents.records, datetime.now(UTC))
    for review in found:
        house.document_queue.send({"job_id": review["job_id"], "document_id": review["document_id"]})
    return len(found)


def serve(home: Path, host: str, port: int, key: str, announce: Callable[[str, str], None]) -> None:
    """Serve until interrupted. ``announce`` is told the address and the key once the door is open.

    Raises:
        Conflict: another process serves this folder.
        InvalidRequest: the port is taken.
    """
    import uvicorn

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home), _listening(host, port) as door:
        house = edge(home, on_dead=lambda message, reason: _given_up(house.context.jobs, message, reason))
        house.queue.release()
        house.text_queue.release()
        house.document_queue.release()
        house.mail_queue.release()
        house.mail_out_queue.release()
        key = key or kept_key(home)
        app = BearerKey(create_app(house.services), key)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        workers: list[Worker | Reminder | Postman | Learner] = [
            Worker("closes", house.queue, partial(close_books, house)),
            Worker("texts", house.text_queue, partial(write_text, house)),
            Worker("documents", house.document_queue, partial(read_document, house)),
            MailWorker(house),
            Worker("mailouts", house.mail_out_queue, partial(let_out, house)),
            Reminder(house),
            *postmen(house),
            *learners(house),
        ]
        for worker in workers:
            worker.start()
        announce(f"http://{host}:{door.getsockname()[1]}", key)
        try:
            with _signals_left_to_the_server():
                server.run(sockets=[door])
        finally:
            for worker in workers:
                worker.stop()


def kept_key(home: Path) -> str:
    """The folder's API key, made up at the first call and readable by its owner alone."""
    path = home / "api_key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()


def settings_home() -> Path:
    """The folder that edge mode uses unless told otherwise."""
    return Path(LocalSettings.from_env().home).expanduser()


def _given_up(jobs: JobStore, message: Mapping[str, Any], reason: str) -> None:
    if "job_id" in message:
        error = {"type": "InternalError", "message": f"{reason}; see the log, then: abax queue redrive"}
        jobs.update(message["job_id"], state=JobState.FAILED, message=reason, error=error)


@contextmanager
def _signals_left_to_the_server() -> Iterator[None]:
    """The server stops at a signal and then raises it again; by then it has done its work."""
    kept = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _ignore(number: int, frame: object) -> None:
    """Nothing."""


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go of however this process ends."""
    with (home / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"another abax serve works on {home}; stop it, or give this one its own --home"
            ) from None
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        door = socket.create_server((host, port))
    except OSError as error:
        raise InvalidRequest(f"cannot listen on {host}:{port}: {error.strerror}", "port") from None
    with door:
        yield door
