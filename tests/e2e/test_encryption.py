"""Encrypted connections to real servers: the certificate is checked, and one that is not ours is refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from abax.erp.connect import connected
from abax.errors import SourceRefused
from sqlalchemy import text

from tests.support import mariadb as maria
from tests.support import postgres as pg


@dataclass(frozen=True)
class Keys:
    """A server's certificate for ``localhost``, and one of somebody else."""

    certificate: Path
    key: Path
    stranger: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "stranger"):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", f"/CN={name}"),
                *("-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:TRUE"),
                *("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")),
            ],
            check=True,
            capture_output=True,
        )
    return Keys(folder / "ours.pem", folder / "ours.key", folder / "stranger.pem")


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def encrypted(request: pytest.FixtureRequest, keys: Keys) -> Iterator[str]:
    """The URL, without options, of a server that encrypts; it calls itself ``localhost``."""
    yield from (_postgresql if request.param == "postgresql" else _mariadb)(keys)


def _postgresql(keys: Keys) -> Iterator[str]:
    try:
        with pg.running() as server:
            for file, name in ((keys.certificate, "server.crt"), (keys.key, "server.key")):
                shutil.copy(file, server.data / name)
                (server.data / name).chmod(0o600)
                shutil.chown(server.data / name, *_owner(server.data))
            server.psql("postgres", "ALTER SYSTEM SET ssl = on")
            server.psql("postgres", "SELECT pg_reload_conf()")
            yield server.create("locked").replace("127.0.0.1", "localhost")
    except pg.PostgresMissingError as missing:
        pytest.skip(str(missing))


def _mariadb(keys: Keys) -> Iterator[str]:
    try:
        with maria.running(f"--ssl-cert={keys.certificate}", f"--ssl-key={keys.key}") as server:
            server.sql(f"CREATE USER {maria.USER}@'localhost' IDENTIFIED BY '{maria.PASSWORD}' REQUIRE SSL")
            server.sql(f"ALTER USER {maria.USER}@'127.0.0.1' REQUIRE SSL")
            yield server.create("locked").replace("127.0.0.1", "localhost")
    except maria.MariaDbMissingError as missing:
        pytest.skip(str(missing))


def _owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def cipher(url: str) -> str:
    asked = (
        "SELECT coalesce(cipher, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        if url.startswith("postgresql")
        else "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
    )
    with connected(url) as database:
        return str(database.connection.execute(text(asked)).scalar())


def test_a_certificate_that_is_trusted_opens_the_way(encrypted: str, keys: Keys) -> None:
    for mode in ("verify-full", "verify-ca"):
        assert cipher(f"{encrypted}?sslmode={mode}&sslrootcert={keys.certificate}")


def test_encryption_without_a_check_has_to_be_asked_for(encrypted: str) -> None:
    assert cipher(f"{encrypted}?sslmode=require")


def test_a_certificate_that_is_not_trusted_is_refused(encrypted: str, keys: Keys) -> None:
    for trusted in (f"&sslrootcert={keys.stranger}", ""):
        url = f"{encrypted}?sslmode=verify-full{trusted}"
        with pytest.raises(SourceRefused, match=r"(?i)certificate"), connected(url):
            pass


def test_a_certificate_of_another_name_is_refused(encrypted: str, keys: Keys) -> None:
    url = encrypted.replace("localhost", "127.0.0.1") + f"?sslrootcert={keys.certificate}"
    with pytest.raises(SourceRefused, match=r"(?i)certificate"), connected(url + "&sslmode=verify-full"):
        pass
    assert cipher(url + "&sslmode=verify-ca")
