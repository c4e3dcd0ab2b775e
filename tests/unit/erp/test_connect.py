"""Connections: what they are called, what they refuse, and what becomes of drivers' errors."""

import sqlite3
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from abax.erp import backends, connect, copying, open_source
from abax.erp.connect import connected, label_of, source_id_of
from abax.erp.driver_errors import errors_of
from abax.errors import (
    InvalidRequest,
    MalformedValue,
    SourceError,
    SourceInterrupted,
    SourceRefused,
    SourceUnreachable,
    UnsupportedSchema,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.unit.erp.books import Books

Write = Callable[[Books], str]


# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "label"),
    [
        (
            "postgresql+pg8000://me:s3cret@db.example:6543/odoo?sslmode=require",
            "postgresql://db.example:6543/odoo",
        ),
        ("postgresql://me:s3cret@db.example/odoo", "postgresql://db.example:5432/odoo"),
        ("mysql+pymysql://me:s3cret@db.example/erp", "mysql://db.example:3306/erp"),
        ("sqlite:////var/books.db", "sqlite:////var/books.db"),
    ],
)
def test_the_label_says_where_and_never_who(url: str, label: str) -> None:
    assert label_of(make_url(url)) == label


def test_the_source_id_is_the_same_for_every_user_and_fits_a_key() -> None:
    one, other, elsewhere = (
        source_id_of(make_url(f"postgresql+pg8000://{who}@{host}/Ödoo_17 prod"))
        for who, host in (("me:s3cret", "a"), ("you", "a"), ("me:s3cret", "b"))
    )
    assert one == other != elsewhere
    assert one.startswith("doo-17-prod-")
    assert all(character.isascii() and (character.isalnum() or character == "-") for character in one)


# --- what makes no sense ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["", "no url", "nonsense://x/y", "oracle+nosuchdriver://h/x", "sqlite://", "postgresql://h:port/x"]
)
def test_a_url_that_makes_no_sense_is_an_invalid_request(url: str) -> None:
    with pytest.raises(InvalidRequest, match=r"url: "), connected(url):
        pass


def test_an_unknown_sslmode_is_an_invalid_request_naming_the_known() -> None:
    with pytest.raises(InvalidRequest, match="verify-full"), connected("postgresql://h/x?sslmode=tls"):
        pass


def test_certificates_that_cannot_be_read_are_an_invalid_request(tmp_path: Path) -> None:
    url = f"postgresql://h/x?sslmode=verify-full&sslrootcert={tmp_path}/none.pem"
    with pytest.raises(InvalidRequest, match=r"none\.pem"), connected(url):
        pass


@pytest.mark.parametrize(
    ("mode", "insists", "checks_name"),
    [("verify-ca", ssl.CERT_REQUIRED, False), ("verify-full", ssl.CERT_REQUIRED, True)],
)
def test_verifying_modes_check_certificates(mode: str, insists: ssl.VerifyMode, checks_name: bool) -> None:
    context = backends.ssl_context(make_url(f"postgresql://h/x?sslmode={mode}"), mode)
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (insists, checks_name)


# --- SQLite ----------------------------------------------------------------------------------------------


def test_a_missing_file_is_unreachable_and_not_made(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceUnreachable, match="no such file; check the path"),
        open_source(f"sqlite:///{tmp_path}/none.db"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable), open_source(f"sqlite:///{tmp_path}"):
        pass


def test_another_kind_of_file_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    file.write_text("date,amount\n2024-01-01,1\n" * 100)
    with (
        pytest.raises(UnsupportedSchema, match="header of an SQLite database"),
        open_source(f"sqlite:///{file}"),
    ):
        pass


def test_an_empty_file_is_no_erp(tmp_path: Path) -> None:
    file = tmp_path / "empty.db"
    file.touch()
    with pytest.raises(UnsupportedSchema, match="no ERP known here"), open_source(f"sqlite:///{file}"):
        pass


def test_nothing_can_be_written_to_a_source(written: Write) -> None:
    with connected(written(Books())) as database, pytest.raises(OperationalError, match="readonly"):
        database.connection.execute(text("DELETE FROM account_move_line"))


def test_paths_with_odd_characters_open(tmp_path: Path) -> None:
    folder = tmp_path / "Büro #1 100%"
    folder.mkdir()
    Books().sqlite(folder / "a?b.sqlite")
    url = "sqlite:///" + str(folder / "a?b.sqlite").replace("%", "%25").replace("?", "%3F")
    with open_source(url) as source:
        assert source.companies()


def test_a_source_shows_one_moment(written: Write, tmp_path: Path) -> None:
    url = written(Books())
    with open_source(url) as source:
        before = source.years(source.company("1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)
            with other:
                other.execute("DELETE FROM account_move_line")
        other.close()
        assert source.years(source.company("1")) == before


# --- errors ----------------------------------------------------------------------------------------------


def postgres_error(state: str) -> Exception:
    from pg8000.exceptions import DatabaseError

    return DatabaseError({"S": "ERROR", "C": state, "M": f"said {state}"})


@pytest.mark.parametrize(
    ("raised", "while_connecting", "while_reading"),
    [
        (postgres_error("28P01"), SourceRefused, SourceRefused),
        (postgres_error("3D000"), SourceRefused, SourceRefused),
        (postgres_error("42501"), SourceRefused, SourceRefused),
        (postgres_error("57P03"), SourceUnreachable, SourceInterrupted),
        (postgres_error("53300"), SourceUnreachable, SourceInterrupted),
        (postgres_error("57014"), SourceUnreachable, SourceInterrupted),
        (postgres_error("57P01"), SourceUnreachable, SourceInterrupted),
        (postgres_error("40001"), SourceUnreachable, SourceInterrupted),
        (postgres_error("42P01"), UnsupportedSchema, UnsupportedSchema),
        (postgres_error("42703"), UnsupportedSchema, UnsupportedSchema),
        (postgres_error("22P02"), MalformedValue, MalformedValue),
        (postgres_error("42601"), SourceError, SourceError),
        (sqlite3.OperationalError("no such column: x"), UnsupportedSchema, UnsupportedSchema),
        (sqlite3.OperationalError("database is locked"), SourceUnreachable, SourceInterrupted),
        (sqlite3.OperationalError("Could not decode to UTF-8 column"), MalformedValue, MalformedValue),
        (sqlite3.DatabaseError("database disk image is malformed"), SourceUnreachable, SourceInterrupted),
        (ConnectionResetError(104, "reset"), SourceUnreachable, SourceInterrupted),
        (TimeoutError("timed out"), SourceUnreachable, SourceInterrupted),
        (struct.error("unpack requires 5 bytes"), SourceUnreachable, SourceInterrupted),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), SourceRefused, SourceRefused),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, Exception) else value.__name__,
)
def test_drivers_errors_become_ours(raised: Exception, while_connecting: type, while_reading: type) -> None:
    for reading, expected in ((False, while_connecting), (True, while_reading)):
        for error in (raised, DBAPIError("SELECT 1", {}, raised)):
            with (
                pytest.raises(SourceError, match="the place") as caught,
                errors_of("the place", reading=reading),
            ):
                raise error
            assert type(caught.value) is expected


class MariaDBError(Exception):
    """As PyMySQL raises them: a code and a message."""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1045, SourceRefused),
        (1049, SourceRefused),
        (2003, SourceUnreachable),
        (2013, SourceUnreachable),
        (1146, UnsupportedSchema),
        (9999, SourceError),
    ],
)
def test_mariadb_codes_are_known(code: int, expected: type) -> None:
    with pytest.raises(expected, match=r"the place.*what it said"), errors_of("the place", reading=False):
        raise DBAPIError("SELECT 1", {}, MariaDBError(code, "what it said"))


def test_an_error_of_ours_passes_unchanged() -> None:
    with pytest.raises(KeyError), errors_of("x", reading=True):
        raise KeyError


def test_nothing_answering_is_tried_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def refuse(address: Any, timeout: float) -> None:
        calls.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(connect.socket, "create_connection", refuse)
    with pytest.raises(SourceUnreachable, match="Connection refused"), connected("postgresql://u:p@h:1/x"):
        pass
    assert calls == [("h", 1)] * 3


# --- rows of a COPY --------------------------------------------------------------------------------------


_AWKWARD = st.sampled_from([b"\n", b"d", b"\nd", b"x" * 0x0A60, b"y" * 0xA63F8, b"z" * 0x10000, b'"\nd"'])
_ROWS = st.lists(st.lists(st.one_of(_AWKWARD, st.binary(max_size=20)), max_size=4), max_size=6)


@settings(deadline=None)
@given(_ROWS, st.integers(min_value=0, max_value=60))
def test_whole_rows_are_taken_from_a_block_and_the_rest_left(parts: list[list[bytes]], cut: int) -> None:
    rows = [b"".join(part).replace(b"\0", b"") + b"\n" for part in parts]
    messages = [b"d" + struct.pack("!i", 4 + len(row)) + row for row in rows]
    stream = b"".join(messages) + b"c\0\0\0\4"
    taken, count, end = copying._whole_rows(stream[: max(len(stream) - cut, 0)])
    assert taken == b"".join(rows[:count])
    assert end == sum(map(len, messages[:count]))


@pytest.mark.parametrize("size", [0x0A60, 0x0A64, 0xA6400, 0x010A64])
def test_a_size_that_reads_like_the_end_of_a_row_is_none(size: int) -> None:
    rows = [b"1\n", b"r" * (size - 5) + b"\n", b"2\n", b"3\n"]
    block = b"".join(b"d" + struct.pack("!i", 4 + len(row)) + row for row in rows)
    assert copying._whole_rows(block) == (b"".join(rows[:3]), 3, len(block) - 7)


# --- lines of MariaDB ------------------------------------------------------------------------------------


def packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number % 256]) + content


def text_packet(number: int, text: bytes) -> bytes:
    size = len(text)
    if size < 251:
        return packet(number, bytes([size]) + text)
    kind, width = (252, 2) if size < 1 << 16 else (253, 3)
    return packet(number, bytes([kind]) + size.to_bytes(width, "little") + text)


_TEXTS = st.one_of(
    st.binary(min_size=1, max_size=20), st.sampled_from([b"x" * 250, b"y" * 251, b"z" * 70_000])
)


@settings(deadline=None)
@given(st.lists(_TEXTS, max_size=6), st.integers(min_value=0, max_value=40))
def test_whole_texts_are_taken_from_a_block_up_to_one_that_is_long(texts: list[bytes], cut: int) -> None:
    packets = [text_packet(number, text) for number, text in enumerate(texts)]
    stream = b"".join(packets) + packet(len(texts), b"\xfe\0\0\2\0")
    taken, end = copying._whole_texts(stream[: max(len(stream) - cut, 0)])
    count = len(taken)
    assert taken == texts[:count]
    assert end == sum(map(len, packets[:count]))
    long = next((place for place, text in enumerate(texts) if len(text) >= 1 << 16), len(texts))
    assert count <= long
    assert cut or count == long


@pytest.mark.parametrize("content", [b"\xfe\0\0\2\0", b"\xff\x28\x04#HY000lost", b"\xfb"])
def test_what_is_no_line_is_left_to_the_driver(content: bytes) -> None:
    block = text_packet(3, b"1,2\n") + packet(4, content)
    assert copying._whole_texts(block) == ([b"1,2\n"], 9)


def test_a_port_that_refuses_is_told_so_by_a_driver_without_words() -> None:
    def silent() -> None:
        """As python-tds gives up: its last error is behind one that says nothing."""
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except ConnectionRefusedError as refused:
            raise TimeoutError from refused

    with (
        pytest.raises(SourceUnreachable, match="Connection refused"),
        errors_of("mssql://h/x", reading=False),
    ):
        silent()
    with pytest.raises(SourceUnreachable, match="no answer came"), errors_of("mssql://h/x", reading=False):
        raise TimeoutError
