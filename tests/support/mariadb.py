"""A real MariaDB server for tests and benchmarks, thrown away afterwards.

It is started from the distribution's programs (``apt-get install mariadb-server-core mariadb-client-core``),
in a temporary folder, on a free port of 127.0.0.1, with a role that may only read and has a password.
"""

import gzip
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import PASSWORD, USER, free_port

SERVER = "/usr/sbin/mariadbd"
START_SECONDS = 60


class MariaDbMissingError(Exception):
    """No MariaDB server program is installed."""


@dataclass
class Server:
    """A running server. ``url`` gives the address of one of its databases."""

    data: Path
    port: int
    options: Sequence[str] = ()
    """Of the server program, besides those that it always gets."""
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        """Where ``database`` is, as Abax takes it."""
        return f"mariadb://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *scripts: str | Path) -> str:
        """Make a database and run SQL texts, or ``.sql`` and ``.sql.gz`` files, in it; its URL."""
        self.sql(
            f"DROP DATABASE IF EXISTS `{database}`; CREATE DATABASE `{database}` "
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
            f"GRANT SELECT ON `{database}`.* TO {USER}@'127.0.0.1';"
        )
        for script in scripts:
            self.sql(script, database)
        return self.url(database)

    def sql(self, script: str | Path, database: str = "") -> str:
        """Run a SQL text or file as the server's owner; what it printed."""
        command = ["mariadb", "--no-defaults", f"--socket={self._socket}", "--user=root", "-N", "-B"]
        command += [database] if database else []
        done = subprocess.run(command, input=_bytes(script), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"mariadb: {done.stderr.decode()[-2000:]}")
        return done.stdout.decode()

    def start(self) -> None:
        """Start the server, again after it was killed."""
        options = [
            *("--no-defaults", f"--datadir={self.data}", f"--socket={self._socket}", f"--port={self.port}"),
            *("--bind-address=127.0.0.1", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"),
            *("--innodb-buffer-pool-size=128M", f"--tmpdir={self.data.parent}", "--user=root"),
            *self.options,
        ]
        log = (self.data.parent / "log").open("ab")
        self.process = subprocess.Popen([SERVER, *options], stdout=log, stderr=subprocess.STDOUT)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.data.parent / "log").read_text()[-2000:])
            try:
                self.sql("SELECT 1")
                return
            except RuntimeError:
                time.sleep(0.1)

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    @property
    def _socket(self) -> Path:
        return self.data.parent / "socket"


def _install(data: Path) -> None:
    """Make a data folder; scratch beside it, for servers that share one take each other's files."""
    scratch = str(data.parent)
    command = [
        *(
            "mariadb-install-db",
            "--no-defaults",
            "--basedir=/usr",
            f"--datadir={data}",
            f"--tmpdir={scratch}",
        ),
        *("--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"),
    ]
    done = subprocess.run(
        command, env={**os.environ, "TMPDIR": scratch}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"mariadb-install-db: {done.stdout[-2000:]} {done.stderr[-2000:]}")


@contextmanager
def running(*options: str) -> Iterator[Server]:
    """A fresh server with the role USER. Raises MariaDbMissingError."""
    if not (Path(SERVER).exists() and shutil.which("mariadb-install-db")):
        raise MariaDbMissingError(
            "no MariaDB server here: apt-get install mariadb-server-core mariadb-client-core"
        )
    folder = Path(tempfile.mkdtemp(prefix="abax-maria-"))
    server = Server(folder / "data", free_port(), options)
    try:
        _install(server.data)
        server.start()
        server.sql(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A MariaDB server for the session; skips where none is installed."""
    try:
        with running() as server:
            yield server
    except MariaDbMissingError as missing:
        pytest.skip(str(missing))


def _bytes(script: str | Path) -> bytes:
    if isinstance(script, str):
        return script.encode()
    return gzip.decompress(script.read_bytes()) if script.suffix == ".gz" else script.read_bytes()
