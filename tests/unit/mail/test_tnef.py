import struct

from abax.mail import tnef
from abax.mail.tnef import decompressed, open_envelope, text_of_rtf


def attribute(level: int, identifier: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, identifier, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*entries: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(entries))
    for identifier, kind, value in entries:
        out += struct.pack("<HH", kind, identifier)
        if identifier >= 0x8000:
            out += bytes(16) + struct.pack("<II", 0, 7)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
        else:
            out += value
    return out


def winmail(*attributes: bytes) -> bytes:
    return tnef.SIGNATURE + b"\x01\x00" + b"".join(attributes)


FILE = (
    attribute(2, 0x00069002, bytes(14))
    + attribute(2, 0x00018010, b"RECHNU~1.PDF\0")
    + attribute(2, 0x0006800F, b"%PDF-1.7 content")
    + attribute(
        2,
        0x00069005,
        properties(
            (0x3707, 0x1F, "Rechnung März.pdf".encode("utf-16-le") + b"\0\0"),
            (0x370E, 0x1E, b"application/pdf\0"),
        ),
    )
)


def test_the_files_come_out_with_their_long_names() -> None:
    envelope = open_envelope(winmail(attribute(1, 0x00018004, b"Subject\0"), FILE, FILE))
    assert [(file.name, file.content, file.media_type) for file in envelope.files] == [
        ("Rechnung März.pdf", b"%PDF-1.7 content", "application/pdf")
    ] * 2
    assert envelope.problems == ()


def test_the_body_is_read_in_its_code_page() -> None:
    page = attribute(1, 0x00069007, struct.pack("<II", 1250, 0))
    body = attribute(
        1,
        0x00069003,
        properties(
            (0x0037, 0x1E, b"s\0"),
            (0x8005, 3, bytes(4)),
            (0x1000, 0x1E, "za\u017c\u00f3\u0142\u0107".encode("cp1250")),
        ),
    )
    assert open_envelope(winmail(page, body)).text == "za\u017c\u00f3\u0142\u0107"


def test_html_is_handed_on() -> None:
    body = attribute(1, 0x00069003, properties((0x1013, 0x102, b"<p>Hello</p>")))
    assert open_envelope(winmail(body)).html == "<p>Hello</p>"


def test_a_cut_envelope_keeps_what_came_before_the_cut() -> None:
    envelope = open_envelope(winmail(FILE, FILE)[:-60])
    assert envelope.files[0].name == "Rechnung März.pdf"
    assert any("damaged" in problem for problem in envelope.problems)


def test_more_files_than_may_be_are_left_out() -> None:
    envelope = open_envelope(winmail(*[FILE] * 9), most_files=5)
    assert len(envelope.files) == 5
    assert envelope.problems == ("more than 5 files in winmail.dat: the others were not read",)


def test_compressed_rtf_is_unpacked_as_its_specification_shows() -> None:
    """The example of MS-OXRTFCP 4.1.1 and the one of a repetition that writes what it reads (4.1.2)."""
    first = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0".replace(
            " ", ""
        )
    )
    assert decompressed(first) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    second = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompressed(second) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_rtf_becomes_the_text_that_it_shows() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}\pard Gr\'fc\'dfe\par Preis: 5 "
        rb"\u8364?\tab netto\line "
        rb"\{ok\}}"
    )
    assert text_of_rtf(rtf) == "Grüße\nPreis: 5 €\tnetto\n{ok}"


def test_html_within_rtf_loses_its_tags() -> None:
    rtf = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hello\htmlrtf }\htmlrtf0 "
        rb"{\*\htmltag72 </p>}}"
    )
    assert text_of_rtf(rtf) == "Hello"
