"""A real IMAP server for tests, thrown away afterwards: Dovecot, from the distribution's package
(``apt-get install dovecot-imapd``), in a temporary folder, without any privilege, on a free port."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import free_port

PASSWORD = "correct-horse"
PATIENCE = 20.0

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class DovecotMissingError(Exception):
    """No IMAP server program is installed."""


@dataclass(frozen=True)
class Mailbox:
    """A mailbox on a running server."""

    port: int
    user: str

    def secret(self, port: int = 0) -> dict[str, str]:
        """How Abax is told of it; ``port`` names one that stands before the server's."""
        user = self.user.replace("@", "%40")
        return {"url": f"imap://{user}@127.0.0.1:{port or self.port}", "password": PASSWORD}

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Somebody else at the same mailbox."""
        client = imaplib.IMAP4("127.0.0.1", self.port, 10)
        client.login(self.user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Have messages arrive."""
        with self.client() as client:
            for message in messages:
                state, said = client.append(folder, "", imaplib.Time2Internaldate(time.time()), message)
                assert state == "OK", said

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The flags of each message, in order."""
        with self.client() as client:
            client.select(folder, readonly=True)
            answer = client.uid("FETCH", "1:*", "(FLAGS)")[1]
            return [part.decode() for part in answer if isinstance(part, bytes)]

    def renew(self, folder: str) -> None:
        """Throw a folder away and make it anew, with another UIDVALIDITY."""
        with self.client() as client:
            client.delete(folder)
            time.sleep(1.1)  # its UIDVALIDITY is the second that it was made in
            client.create(folder)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[int]:
    """The port of an IMAP server for the session; skips where none is installed."""
    try:
        with running() as port:
            yield port
    except DovecotMissingError as missing:
        pytest.skip(str(missing))


@contextmanager
def running() -> Iterator[int]:
    """A fresh server; the port that it listens on. Raises DovecotMissingError."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise DovecotMissingError("no IMAP server here: apt-get install dovecot-imapd")
    folder = Path(tempfile.mkdtemp(prefix="abax-imap-"))
    port = free_port()
    server = _started(program, folder, port)
    try:
        _wait(server, port, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _started(program: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The server as this user; as ``nobody`` where this is root, whose mail no server would keep."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(owner.pw_gid).gr_name
    text = CONFIGURATION.format(
        folder=folder,
        user=owner.pw_name,
        group=group,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        password=PASSWORD,
        port=port,
    )
    path = folder / "dovecot.conf"
    path.write_text(text)
    command = [program, "-F", "-c", str(path)]
    if os.geteuid() == 0:
        for one in (folder, path):
            os.chown(one, owner.pw_uid, owner.pw_gid)
        command = [
            "setpriv",
            f"--reuid={owner.pw_uid}",
            f"--regid={owner.pw_gid}",
            "--clear-groups",
            *command,
        ]
    return subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            imaplib.IMAP4("127.0.0.1", port, 5).logout()
            return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.1)
    said = log.read_text(errors="replace") if log.exists() else "nothing in its log"
    raise RuntimeError(f"the IMAP server did not start: {said[-2000:]}")


class Breaking:
    """A stretch of line before a server, which breaks: after so many bytes from the server, or at a word of
    the client's. Each break is spent once."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.breaks: list[bytes | int] = []
        """What the line breaks at next: a count of bytes, or a word."""
        self.broken = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            line = _Line(self, client, server)
            threading.Thread(target=line.up, daemon=True).start()
            threading.Thread(target=line.down, daemon=True).start()


class _Line:
    """One connection through it."""

    def __init__(self, owner: Breaking, client: socket.socket, server: socket.socket) -> None:
        self._owner, self._client, self._server = owner, client, server
        self._left: int | None = None

    def up(self) -> None:
        """From the client to the server."""
        self._pump(self._client, self._server, self._word)

    def down(self) -> None:
        """From the server to the client."""
        self._pump(self._server, self._client, self._count)

    def _word(self, data: bytes) -> bytes | None:
        at = self._owner.breaks[0] if self._owner.breaks else None
        return None if isinstance(at, bytes) and at in data else data

    def _count(self, data: bytes) -> bytes | None:
        if self._left is None and self._owner.breaks and isinstance(self._owner.breaks[0], int):
            self._left = self._owner.breaks[0]
        if self._left is None:
            return data
        self._left -= len(data)
        return data if self._left > 0 else None

    def _pump(self, source: socket.socket, target: socket.socket, passed: object) -> None:
        try:
            while data := source.recv(4096):
                through = passed(data)  # type: ignore[operator]
                if through is None:
                    self._owner.breaks.pop(0)
                    self._owner.broken += 1
                    break
                target.sendall(through)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@pytest.fixture
def mailbox(dovecot: int, request: pytest.FixtureRequest) -> Mailbox:
    """A mailbox of the test's own."""
    name = "".join(letter for letter in request.node.name if letter.isalnum())[:40].lower()
    return Mailbox(dovecot, f"{name}@example.test")


@pytest.fixture
def line(mailbox: Mailbox) -> Iterator[Breaking]:
    """A line to that server that can break."""
    breaking = Breaking(mailbox.port)
    yield breaking
    breaking.close()
