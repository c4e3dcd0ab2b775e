"""Envelopes of signatures, as programs for signing write them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from abax.documents.inbox import FileKind, Received, Refused, receive
from abax.documents.signed import UNVERIFIED, is_sealed, is_signed, unwrapped
from abax.errors import DamagedFile, EncryptedFile, UnknownFormat
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.documents.made import pdf_of, zip_of

XML = b'<?xml version="1.0"?><Invoice xmlns="urn:x"><ID>1</ID></Invoice>'
AUTHENTICATED = bytes.fromhex("060b2a864886f70d0109100117")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
ENVELOPED = bytes.fromhex("06092a864886f70d010703")
DATA = bytes.fromhex("06092a864886f70d010701")


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x83" + size.to_bytes(3, "big")
    return bytes([tag]) + length + body


def open_ended(tag: int, *parts: bytes) -> bytes:
    """A value whose length is not told, but its end."""
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def envelope(*strings: bytes, wrap=der, kind: bytes = SIGNED_DATA) -> bytes:
    content = [wrap(0xA0, *strings)] if strings else []
    signed = wrap(0x30, der(2, b"\1"), wrap(0x31), wrap(0x30, DATA, *content), wrap(0x31))
    return wrap(0x30, kind, wrap(0xA0, signed))


def really_signed(content: bytes, encoding: Encoding = Encoding.DER, *options: PKCS7Options) -> bytes:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mario Rossi")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    signer = PKCS7SignatureBuilder().set_data(content)
    signer = signer.add_signer(builder.sign(key, SHA256()), key, SHA256())
    return signer.sign(encoding, [PKCS7Options.Binary, *options])


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_what_was_signed_is_taken_out_and_said_to_be_unverified(encoding: Encoding) -> None:
    [entry] = receive("IT01234567890_00001.xml.p7m", really_signed(XML, encoding))
    assert isinstance(entry, Received)
    assert (entry.name, entry.kind, entry.content) == ("IT01234567890_00001.xml", FileKind.XML, XML)
    assert entry.origin == ("IT01234567890_00001.xml.p7m",)
    assert entry.notes == (UNVERIFIED,)


@pytest.mark.parametrize(
    "content",
    [
        envelope(der(4, XML)),
        envelope(der(4, XML), wrap=open_ended),
        envelope(open_ended(0x24, der(4, XML[:20]), der(4, XML[20:])), wrap=open_ended),
        envelope(der(0x24, der(4, XML[:20]), der(0x24, der(4, XML[20:])))),
        envelope(der(4, XML[:9]), der(4, XML[9:])),
        base64.b64encode(envelope(der(4, XML * 90))),
        b"\n" + base64.encodebytes(envelope(der(4, XML * 90))) + b"\n",
        b"-----BEGIN CMS-----\r\n"
        + base64.encodebytes(envelope(der(4, XML * 90)))
        + b"-----END CMS-----\r\n",
    ],
    ids=["der", "open ended", "in pieces", "nested pieces", "two strings", "base64", "base64 lines", "pem"],
)
def test_every_way_to_write_an_envelope_is_read(content: bytes) -> None:
    assert is_signed(content)
    assert unwrapped("a.p7m", content).replace(XML, b"") == b""


def test_a_signed_archive_of_signed_files_is_unpacked() -> None:
    pdf = pdf_of(["Invoice 1"])
    inner = zip_of({"a.pdf.p7m": envelope(der(4, pdf)), "b.xml": XML})
    entries = receive("all.zip.p7m", envelope(der(4, inner)))
    assert [(entry.name, entry.notes) for entry in entries if isinstance(entry, Received)] == [
        ("a.pdf", (UNVERIFIED,)),
        ("b.xml", (UNVERIFIED,)),
    ]


def error_of(content: bytes) -> Exception:
    [entry] = receive("a.p7m", content)
    assert isinstance(entry, Refused)
    return entry.error


def test_a_signature_without_what_was_signed_says_so() -> None:
    assert isinstance(
        error_of(really_signed(XML, Encoding.DER, PKCS7Options.DetachedSignature)), UnknownFormat
    )
    assert "without what was signed" in str(error_of(envelope()))


@pytest.mark.parametrize("kind", [ENVELOPED, AUTHENTICATED])
def test_an_envelope_for_one_addressee_alone_is_refused_as_protected(kind: bytes) -> None:
    sealed = envelope(der(4, XML), kind=kind)
    assert is_sealed(sealed) and not is_signed(sealed)
    assert isinstance(error_of(sealed), EncryptedFile)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_envelope_cut_off_is_damaged(share: float) -> None:
    content = envelope(der(4, XML * 9), wrap=open_ended)
    assert isinstance(error_of(content[: int(len(content) * share)]), DamagedFile)


@pytest.mark.parametrize(
    "content", [b"MILANO 12 marzo\nFattura 7\n" * 9, b"MI" + b" " * 500_000 + b"!", b"0\x80"]
)
def test_what_only_begins_like_an_envelope_is_none(content: bytes) -> None:
    assert not is_signed(content) and not is_sealed(content)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_wrong_within_an_envelope_is_told(data: st.DataObject) -> None:
    content = bytearray(envelope(open_ended(0x24, der(4, XML)), wrap=open_ended))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        unwrapped("a.p7m", bytes(content))
    except (DamagedFile, UnknownFormat):
        return
