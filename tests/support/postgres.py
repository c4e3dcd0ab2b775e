"""A real PostgreSQL server for tests and benchmarks, thrown away afterwards.

It is started from the distribution's packages (``apt-get install postgresql``), in a temporary folder, on a
free port of 127.0.0.1, with a role that has to give its password.
"""

import gzip
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "abax", "correct horse"
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "20",
    "password_encryption": "scram-sha-256",
}


class PostgresMissingError(Exception):
    """No PostgreSQL server program is installed."""


@dataclass(frozen=True)
class Server:
    """A running server. ``url`` gives the address of one of its databases."""

    programs: Path
    data: Path
    port: int

    def url(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        """Where ``database`` is, as Abax takes it."""
        return f"postgresql+pg8000://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *scripts: str | Path) -> str:
        """Make a database and run SQL texts, or ``.sql`` and ``.sql.gz`` files, in it; its URL."""
        self.psql("postgres", f'DROP DATABASE IF EXISTS "{database}"')
        self.psql("postgres", f"CREATE DATABASE \"{database}\" ENCODING 'UTF8' TEMPLATE template0")
        for script in scripts:
            self.psql(database, script)
        return self.url(database)

    def psql(self, database: str, script: str | Path, *options: str) -> str:
        """Run a SQL text or file with psql; what it printed."""
        return self._run(["psql", *self._psql_options(database), *options], _text(script))

    def copy(self, database: str, query: str, file: Path) -> None:
        """psql's own ``\\copy`` of a query into a CSV file."""
        flat = " ".join(query.split())
        self.psql(database, f"\\copy ({flat}) TO '{file}' WITH (FORMAT csv)\n")

    def stop(self, how: str = "fast") -> None:
        """Stop the server, ``immediate`` as if it crashed."""
        self._run(["pg_ctl", "-D", str(self.data), "-m", how, "-w", "stop"])

    def start(self) -> None:
        """Start the server, again after a stop."""
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        options += (
            f" -c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.data}"
        )
        log = str(self.data / "log")
        self._run(["pg_ctl", "-D", str(self.data), "-w", "-l", log, "-o", options, "start"])

    def kill_backends(self, database: str) -> None:
        """End every connection to the database from the server's side."""
        self.psql(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )

    def _psql_options(self, database: str) -> list[str]:
        return [
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            USER,
            "-d",
            database,
            "-qtAX",
            "-v",
            "ON_ERROR_STOP=1",
        ]

    def _run(self, command: Sequence[str], script: str = "") -> str:
        return run_as_server([str(self.programs / command[0]), *command[1:]], script)


def run_as_server(command: Sequence[str], script: str = "") -> str:
    """Run a server program; as the user ``postgres`` where this process is root, which the server refuses."""
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    environment = {**os.environ, "PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"}
    # Output goes to a file: a server started here would hold a pipe open for as long as it lives.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            input=script,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
        )
        output.seek(0)
        said = output.read()
    if done.returncode:
        raise RuntimeError(f"{command}: {said[-2000:]}")
    return said


@contextmanager
def running() -> Iterator[Server]:
    """A fresh server with the superuser role USER. Raises PostgresMissingError."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="abax-pg-"))
    data, secret = folder / "data", folder / "password"
    try:
        secret.write_text(PASSWORD)
        for path in (folder, secret):
            _give_to_server(path)
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", USER, f"--pwfile={secret}"]
        run_as_server([*initdb, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        server = Server(programs, data, free_port())
        server.start()
        try:
            yield server
        finally:
            _end(data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for the session; skips where none is installed."""
    try:
        with running() as server:
            yield server
    except PostgresMissingError as missing:
        pytest.skip(str(missing))


def _programs() -> Path:
    """The folder of the newest server programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise PostgresMissingError("no PostgreSQL server here: apt-get install postgresql")


def _text(script: str | Path) -> str:
    if isinstance(script, str):
        return script
    return gzip.decompress(script.read_bytes()).decode() if script.suffix == ".gz" else script.read_text()


def _give_to_server(path: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(path, owner.pw_uid, owner.pw_gid)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(data: Path) -> None:
    """Stop whatever still runs on ``data``; nothing may be left behind, even by a test that crashed it."""
    lock = data / "postmaster.pid"
    if lock.exists():
        os.kill(int(lock.read_text().split()[0]), signal.SIGQUIT)
