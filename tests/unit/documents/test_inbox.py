import email
import io
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import default

import pytest
from abax.documents.inbox import FileKind, Limits, Received, Refused, receive
from abax.errors import (
    DamagedFile,
    DocumentError,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    UnknownFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.data import development_data
from tests.unit.documents.made import pdf_of, picture, saved, zip_of

PDF = pdf_of(["Invoice 1"])
XML = b'<?xml version="1.0"?><Invoice xmlns="urn:x"><ID>1</ID></Invoice>'
HTML = b"<!DOCTYPE html><html><body><p>Invoice</p></body></html>"
SMALL = picture(["Invoice 1"], (200, 80), 12)


def docx() -> bytes:
    from docx import Document

    out = io.BytesIO()
    document = Document()
    document.add_paragraph("Invoice 1")
    document.save(out)
    return out.getvalue()


def mail(*attachments: tuple[str, str, bytes], text: str = "See below.", html: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Invoice"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, media_type, content in attachments:
        kind, _, subtype = media_type.partition("/")
        message.add_attachment(content, kind, subtype, filename=name)
    return message.as_bytes()


def refusal(name: str, content: bytes, limits: Limits | None = None) -> DocumentError:
    (entry,) = receive(name, content, limits)
    assert isinstance(entry, Refused)
    return entry.error


def names(entries: list[Received | Refused]) -> list[tuple[str, str]]:
    return [
        (entry.name, entry.kind if isinstance(entry, Received) else entry.error.code) for entry in entries
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.PDF),
        (b"\n\n" + PDF, FileKind.PDF),
        (saved(SMALL, "PNG"), FileKind.PNG),
        (saved(SMALL, "JPEG"), FileKind.JPEG),
        (saved(SMALL, "TIFF"), FileKind.TIFF),
        (saved(SMALL, "WEBP"), FileKind.WEBP),
        (XML, FileKind.XML),
        ("\ufeff<Rechnung/>".encode("utf-16-le"), FileKind.XML),
        (b"<p:FatturaElettronica xmlns:p='urn:p'/>", FileKind.XML),
        (HTML, FileKind.HTML),
        (b"<table><tr><td>1</td></tr></table>", FileKind.HTML),
        (docx(), FileKind.DOCX),
        (b"Invoice 1\nTotal: 12.00\n", FileKind.TEXT),
        ("Faktura nr 1, zażółć gęślą jaźń".encode("cp1250"), FileKind.TEXT),
    ],
)
def test_what_a_file_is_says_its_content_and_not_its_name(content, kind):
    (entry,) = receive("whatever.exe", content)
    assert isinstance(entry, Received)
    assert entry.kind is kind
    assert entry.content == content


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"MZ\x90\0" + bytes(60), "program"),
        (b"GIF89a" + bytes(60), "GIF"),
        (bytes(range(256)) * 4, "binary data"),
        (zip_of({"xl/workbook.xml": b"<x/>"}), "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Office"),
    ],
)
def test_a_file_of_no_kind_that_is_read_is_refused_by_what_it_is(content, what):
    error = refusal("invoice.pdf", content)
    assert isinstance(error, UnknownFormat)
    assert what in str(error)


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_a_file_of_nothing_is_refused_as_empty(content):
    assert isinstance(refusal("a.pdf", content), EmptyFile)


def test_a_pdf_that_asks_for_a_password_is_refused():
    assert isinstance(refusal("a.pdf", pdf_of(["Invoice"], password="secret")), EncryptedFile)


def test_an_office_file_that_asks_for_a_password_is_refused():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert isinstance(refusal("a.docx", content), EncryptedFile)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    "content",
    [
        pdf_of(["Invoice"] * 30, ["More"] * 30),
        saved(picture(["Invoice"]), "PNG"),
        saved(picture(["Invoice"]), "JPEG"),
        saved(picture(["Invoice"]), "WEBP", lossless=True),
        docx(),
        XML,
    ],
    ids=["pdf", "png", "jpeg", "webp", "docx", "xml"],
)
def test_a_file_cut_off_is_refused_as_damaged(content, share):
    assert isinstance(refusal("a", content[: int(len(content) * share)]), DamagedFile)


def test_too_many_pages_are_refused_with_both_figures():
    error = refusal("a.pdf", pdf_of(*[["x"]] * 12), Limits(pages=10))
    assert isinstance(error, FileTooLarge)
    assert "12 pages" in str(error) and "10" in str(error)


def test_a_picture_of_a_hundred_megapixels_is_refused_from_its_head_alone():
    head = saved(Image.new("1", (10, 10)), "PNG")
    size = (12_500).to_bytes(4, "big") + (8_000).to_bytes(4, "big")
    chunk = b"IHDR" + size + head[24:29]
    content = head[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + head[33:]
    error = refusal("a.png", content)
    assert isinstance(error, FileTooLarge)
    assert "100 megapixels" in str(error)


def test_a_file_of_too_many_bytes_is_refused():
    assert isinstance(refusal("a.pdf", PDF + bytes(2000), Limits(file_bytes=2000)), FileTooLarge)


def test_a_zip_gives_its_members_each_with_where_it_lay():
    content = zip_of({"in/a.pdf": PDF, "../../b.xml": XML, "__MACOSX/._a.pdf": b"junk", "c.bin": bytes(99)})
    entries = receive("all.zip", content)
    assert names(entries) == [("in/a.pdf", "pdf"), ("b.xml", "xml"), ("c.bin", "UnknownFormat")]
    assert {entry.origin for entry in entries} == {("all.zip",)}


def test_containers_inside_containers_are_unpacked_to_a_depth():
    content = zip_of({"a.pdf": PDF})
    for level in range(5):
        content = zip_of({f"{level}.zip": content})
    assert names(receive("top.zip", content, Limits(depth=6))) == [("a.pdf", "pdf")]
    assert isinstance(refusal("top.zip", content), FileTooLarge)


def test_a_zip_of_too_many_members_is_refused_whole():
    content = zip_of({f"{place}.txt": b"x" for place in range(20)})
    assert isinstance(refusal("a.zip", content, Limits(members=10)), FileTooLarge)


def test_a_zip_that_unpacks_to_far_more_than_it_packs_is_refused():
    content = zip_of({"a.txt": b"0" * 20_000_000, "b.pdf": PDF})
    refused, kept = receive("bomb.zip", content)
    assert isinstance(refused, Refused) and isinstance(refused.error, FileTooLarge)
    assert kept.name == "b.pdf"


def test_all_members_together_may_not_unpack_to_more_than_the_limit():
    line = b"".join(b"%d invoices\n" % place for place in range(50_000))
    content = zip_of({f"{place}.txt": line for place in range(10)})
    entries = receive("a.zip", content, Limits(unpacked_bytes=2_000_000))
    assert [entry.name for entry in entries if isinstance(entry, Received)] == ["0.txt", "1.txt"]
    assert isinstance(entries[-1], Refused) and len(entries) == 3


def test_a_member_that_claims_to_be_small_is_not_unpacked_beyond_the_limit():
    content = zip_of({"a.txt": b"0123456789" * 300_000})
    lying = content.replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    assert isinstance(refusal("a.zip", lying), DocumentError)


def test_a_member_with_a_password_is_refused_and_its_siblings_are_not():
    content = bytearray(zip_of({"a.pdf": PDF, "b.xml": XML}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert names(receive("a.zip", bytes(content))) == [("a.pdf", "EncryptedFile"), ("b.xml", "xml")]


def test_a_broken_member_is_refused_and_its_siblings_are_not():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"one invoice")
        archive.writestr("b.txt", b"two invoices")
    content = out.getvalue().replace(b"one invoice", b"one Invoice", 1)
    assert names(receive("a.zip", content)) == [("a.txt", "DamagedFile"), ("b.txt", "text")]


def test_a_mail_gives_its_attachments_and_not_its_covering_text():
    content = mail(("a.pdf", "application/pdf", PDF), ("b.dat", "application/octet-stream", XML))
    entries = receive("m.eml", content)
    assert names(entries) == [("a.pdf", "pdf"), ("b.dat", "xml")]
    assert entries[0].origin == ("m.eml",)


def test_what_certified_mail_brings_along_is_no_document():
    inner = mail(
        ("IT1_1.xml", "application/xml", XML),
        ("IT1_1_MT_001.xml", "application/xml", b"<MetadatiInvioFile/>"),
    )
    message = email.message_from_bytes(
        mail(("daticert.xml", "application/xml", b"<postacert/>")), policy=default
    )
    message.add_attachment(email.message_from_bytes(inner, policy=default), filename="postacert.eml")
    message.add_attachment("BEGIN:VCARD", subtype="vcard", filename="anna.vcf")
    assert names(receive("m.eml", message.as_bytes())) == [("IT1_1.xml", "xml")]


def test_a_mail_without_attachments_is_a_document_itself():
    assert names(receive("m.eml", mail(text="Total: 12.00"))) == [("body.txt", "text")]
    assert names(receive("m.eml", mail(html="<html><p>Total: 12</p></html>"))) == [("body.html", "html")]


def test_a_mail_in_a_mail_in_a_zip_gives_what_lies_in_it():
    content = zip_of({"m.eml": mail(("in.eml", "application/octet-stream", mail(("a.pdf", "a/b", PDF))))})
    (entry,) = receive("z.zip", content)
    assert (entry.name, entry.origin) == ("a.pdf", ("z.zip", "m.eml", "in.eml"))


def test_the_same_content_has_the_same_digest_under_any_name():
    (one,), (other,) = receive("a.pdf", PDF), receive("b.pdf", PDF)
    assert one.digest == other.digest and len(one.digest) == 64


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.text(max_size=20))
def test_whatever_comes_is_received_or_refused(content, name):
    for entry in receive(name, content):
        assert entry.name and len(entry.digest) == 64


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PDF, zip_of({"a.pdf": PDF}), mail(("a", "a/b", PDF)), docx(), saved(SMALL, "TIFF")]),
    st.data(),
)
def test_whatever_is_wrong_within_a_file_is_a_refusal(content, data):
    at = data.draw(st.integers(0, len(content) - 1))
    patch = data.draw(st.binary(min_size=1, max_size=8))
    assert receive("a", content[:at] + patch + content[at + len(patch) :])


def test_real_mails_are_unpacked():
    folder = development_data("mail/spamassassin")
    for path in sorted(folder.glob("*/*.txt"))[:60]:
        entries = receive(path.name, path.read_bytes())
        assert entries and all(entry.origin[:1] == (path.name,) for entry in entries)


def test_all_invoices_of_the_sample_are_received():
    files = sorted(development_data("documents").rglob("*.pdf")) + sorted(
        development_data("documents/xrechnung_xml").glob("*.xml")
    )
    for path in files:
        (entry,) = receive(path.name, path.read_bytes())
        assert isinstance(entry, Received), entry
