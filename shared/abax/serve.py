"""Edge mode: the API and the workers in one process, on one folder. Nothing of it needs a cloud."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from abax.api import BearerKey, create_app
from abax.compose import Edge, edge
from abax.errors import AbaxError, Conflict, InvalidRequest
from abax.ports import Job, JobState, JobStore, PutBack
from abax.settings import LocalSettings
from abax.workflow.close import run_close
from abax.workflow.events import parse_close
from abax.workflow.jobs import request_close

logger = logging.getLogger("abax.serve")

IDLE_SECONDS: Final = 0.3
"""Between two looks at an empty queue."""

STOP_SECONDS: Final = 15.0
"""How long a worker may take to reach a point where it can stop."""


class Worker(threading.Thread):
    """Takes messages off the queue one by one: a job to run, or a request for a close."""

    def __init__(self, house: Edge) -> None:
        super().__init__(name="abax-worker", daemon=True)
        self._house = house
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
            return self._house.queue.receive(self._handle)
        except AbaxError as error:
            logger.error("message refused: %s", error)
        except Exception:
            # This is the worker's edge: the queue has counted the failure, the log keeps the details.
            logger.exception("message not handled")
        return True

    def _handle(self, message: Mapping[str, Any]) -> None:
        if "job_id" not in message:
            job, _ = request_close(self._house.services, parse_close(message))
            logger.info("job %s queued", job.job_id)
            return
        try:
            job = run_close(self._house.context, message["job_id"], self._stop_if_told)
            logger.info("job %s %s", job.job_id, job.state)
        except AbaxError as error:
            # run_close has recorded it in the job, where its user looks: the message has done its work.
            logger.warning("job %s: %s", message["job_id"], error)

    def _stop_if_told(self, job: Job) -> None:
        if self._stopping.is_set():
            raise PutBack


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
        key = key or kept_key(home)
        app = BearerKey(create_app(house.services), key)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        worker = Worker(house)
        worker.start()
        announce(f"http://{host}:{door.getsockname()[1]}", key)
        try:
            with _signals_left_to_the_server():
                server.run(sockets=[door])
        finally:
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
