import base64
import email
import email.policy
import json
from pathlib import Path

import pytest
from abax.mail.charsets import from_base64, from_quoted_printable, header_text, text_of, transferred
from abax.mail.mime import Limits, Notes, Part, parameters, parse

from tests.support.data import development_data
from tests.unit.mail.expected import differences


def parsed(*lines: str, limits: Limits | None = None) -> tuple[Part, list[str]]:
    notes = Notes()
    return parse("\r\n".join(lines).encode(), limits, notes), notes.lines


def texts(part: Part) -> list[str]:
    return [leaf.content(Notes()).decode() for leaf in part.leaves()]


@pytest.mark.parametrize("folder", ["malformed", "rfc"])
def test_each_oddity_is_read_at_least_as_well_as_by_another_parser(folder: str) -> None:
    cases = sorted(development_data(f"mail/mime/{folder}").glob("*.eml"))
    found = {
        path.name: wrong
        for path in cases
        if (wrong := differences(json.loads(path.with_suffix(".json").read_text()), path.read_bytes()))
    }
    assert len(cases) >= 10
    assert found == {}


def test_the_comparison_finds_what_is_missing() -> None:
    path: Path = development_data("mail/mime/rfc/006.eml")
    expected = json.loads(path.with_suffix(".json").read_text())
    assert len(differences(expected, path.read_bytes().replace(b"fallback", b"fallbook"))) == 2
    assert len(differences(expected, path.read_bytes().replace(b"sender@", b"seller@"))) == 1


def test_sound_mails_have_the_parts_that_the_standard_library_finds() -> None:
    compared = 0
    for path in sorted(development_data("mail/spamassassin").glob("*/*.txt")):
        content = path.read_bytes()
        theirs = email.message_from_bytes(content, policy=email.policy.compat32)
        leaves = [part for part in theirs.walk() if not part.is_multipart()]
        notes = Notes()
        ours = [
            (leaf.media_type, leaf.file_name, leaf.content(notes).strip())
            for leaf in parse(content, None, notes).leaves()
        ]
        if notes.lines or any(
            part.defects or part.get_content_maintype() == "message" for part in theirs.walk()
        ):
            continue
        compared += 1
        assert ours == [
            (
                part.get_content_type(),
                part.get_filename() or "",
                (part.get_payload(decode=True) or b"").strip(),
            )
            for part in leaves
        ]
    assert compared > 350


def test_a_boundary_that_another_begins_with_does_not_end_its_part() -> None:
    part, problems = parsed(
        "Content-Type: multipart/mixed; boundary=X",
        "",
        "--X",
        "Content-Type: multipart/mixed; boundary=XY",
        "",
        "--XY",
        "",
        "one",
        "--XY--",
        "--X",
        "",
        "two",
        "--X--",
    )
    assert texts(part) == ["one", "two"]
    assert problems == []


def test_an_outer_boundary_ends_an_inner_part_that_has_no_end() -> None:
    part, _ = parsed(
        "Content-Type: multipart/mixed; boundary=1", "", "--1",
        "Content-Type: multipart/mixed; boundary=2", "", "--2", "", "a", "--1", "", "b", "--1--",
    )  # fmt: skip
    assert texts(part) == ["a", "b"]


def test_the_boundary_of_a_multipart_that_names_none_is_guessed() -> None:
    part, problems = parsed(
        "Subject: x",
        "Content-Type: multipart/mixed",
        "",
        "--abc",
        "Content-Type: text/plain",
        "",
        "a",
        "--abc--",
    )
    assert texts(part) == ["a"]
    assert problems == ["the boundary between its parts was guessed"]


def test_parts_beyond_the_limit_are_left_unread_and_the_figure_is_told() -> None:
    many = [line for _ in range(50) for line in ("--b", "", "x")]
    part, problems = parsed(
        "Subject: x", "Content-Type: multipart/mixed; boundary=b", "", *many, limits=Limits(parts=10)
    )
    assert len(list(part.leaves())) == 9
    assert "more than 10 parts: the others were not read" in problems


def test_parts_inside_parts_beyond_the_limit_are_left_unread() -> None:
    lines = ["Subject: x"]
    for depth in range(40):
        lines += [f"Content-Type: multipart/mixed; boundary=b{depth}", "", f"--b{depth}"]
    part, problems = parsed(*lines, "", "deep", limits=Limits(depth=8))
    assert any(problem.startswith("more than 8 parts inside each other") for problem in problems)
    assert "deep" not in texts(part)


def test_headers_beyond_the_limits_are_cut() -> None:
    part, problems = parsed(
        "Subject: " + "s" * 5000,
        *(f"X-{n}: y" for n in range(50)),
        "",
        "text",
        limits=Limits(fields=20, field_bytes=100),
    )
    assert len(part.fields) == 20
    assert len(part.value("subject")) == 100
    assert "more than 20 headers: the others were left out" in problems


def test_a_mail_of_many_lines_of_dashes_is_read_in_no_time() -> None:
    lines = b"--x\n" * 200_000
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(15))
    part = parse(b"Subject: x\n" + nested + lines)
    assert part.value("subject") == "x"


def test_the_line_of_a_mailbox_before_the_headers_is_none_of_them() -> None:
    part, problems = parsed("From a@example.com Mon Jan  1 00:00:00 2024", "Subject: x", "", "text")
    assert (part.value("subject"), texts(part), problems) == ("x", ["text"], [])


def test_a_line_among_the_headers_that_is_none_is_left_out() -> None:
    part, problems = parsed("Subject: x", "what is this", "To: a@example.com", "", "text")
    assert part.value("to") == "a@example.com"
    assert problems == ["a line among its headers that is none was left out"]


def test_a_body_without_a_blank_line_before_it_is_kept() -> None:
    part, _ = parsed("Subject: x", "Good morning, here is the text.", "More.")
    assert texts(part) == ["Good morning, here is the text.\r\nMore."]


def test_text_without_any_header_is_text() -> None:
    part, problems = parsed("Hello: there", "", "world")
    assert texts(part) == ["Hello: there\r\n\r\nworld"]
    assert problems == ["no headers: all of it was read as text"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('; name="a b.pdf"', {"name": "a b.pdf"}),
        ("; name=my file.pdf; size=3", {"name": "my file.pdf", "size": "3"}),
        ('\n\tboundary="x"', {"boundary": "x"}),
        ("; filename*=utf-8''R%C3%A9sum%C3%A9.pdf", {"filename": "Résumé.pdf"}),
        (
            "; filename*0*=iso-8859-1'de'M%FC; filename*1=ller; filename*2*=%20x.pdf",
            {"filename": "Müller x.pdf"},
        ),
        ("; filename*1=b.pdf; filename*0=a", {"filename": "ab.pdf"}),
        ('; name="=?utf-8?Q?R=C3=A9sum=C3=A9=2Epdf?="', {"name": "Résumé.pdf"}),
        (r'; name="C:\docs\a.pdf"', {"name": r"C:\docs\a.pdf"}),
        (r'; name="say \"hi\".txt"', {"name": 'say "hi".txt'}),
        ("; charset=utf-8; charset=latin1", {"charset": "utf-8"}),
    ],
)
def test_parameters_are_read_as_they_come(value: str, expected: dict[str, str]) -> None:
    assert parameters(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?Q?_aus_Ulm?=", "Grüße aus Ulm"),
        ("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
        ("=?iso-8859-1?q?caf=E9?= au lait", "café au lait"),
        ("=?utf-8?Q?Was ist das??=", "Was ist das?"),
        ("=?windows-1252*en?Q?=80_5?=", "€ 5"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?no-such-set?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        (b"Gr\xfc\xdfe", "Grüße"),
        ("Grüße".encode(), "Grüße"),
        ("a\x00b\x1b[31m\u202ec", "ab[31mc"),
    ],
)
def test_words_in_headers_are_decoded_as_they_come(value: bytes | str, expected: str) -> None:
    assert header_text(value) == expected


@pytest.mark.parametrize(
    ("content", "charset", "expected", "wrong"),
    [
        (
            "Zahlung überfällig".encode(),
            "iso-8859-1",
            "Zahlung überfällig",
            "it is not in iso-8859-1, as it says",
        ),
        (
            "Zahlung überfällig".encode("cp1252"),
            "utf-8",
            "Zahlung überfällig",
            "it is not in utf-8, as it says",
        ),
        ("5 € netto".encode("cp1252"), "iso-8859-1", "5 € netto", ""),
        ("za\u017c\u00f3\u0142\u0107".encode("iso-8859-2"), "iso-8859-2", "za\u017c\u00f3\u0142\u0107", ""),
        ("caf\u00e9".encode(), "klingon", "café", "the character set klingon is unknown"),
        ("caf\u00e9".encode(), "", "café", ""),
        ("płatność już była, dziękuję".encode("cp1250"), "", "płatność już była, dziękuję", ""),
        ("płatność już była, dziękuję".encode("iso-8859-2"), "", "płatność już była, dziękuję", ""),
        ("¿Cuándo? l’été à 20 °C – 5 €".encode("cp1252"), "", "¿Cuándo? l’été à 20 °C – 5 €", ""),
        (b"plain", "utf-16", "plain", "it is not in utf-16, as it says"),
        ("caf\u00e9".encode("utf-16"), "", "café", ""),
        (b"abc", "rot13", "abc", ""),
    ],
)
def test_wrong_character_sets_are_seen_through(
    content: bytes, charset: str, expected: str, wrong: str
) -> None:
    assert text_of(content, charset) == (expected, wrong)


def test_base64_without_its_end_gives_what_is_there() -> None:
    whole = base64.b64encode(b"hello world")
    assert from_base64(whole[:-3]) == (b"hello wor", "base64 without its end")


def test_strange_letters_in_base64_are_left_out() -> None:
    whole = base64.encodebytes(b"hello world, " * 20)
    assert from_base64(whole[:40] + b"\x00!" + whole[40:])[0] == b"hello world, " * 20


def test_text_that_a_list_appended_to_base64_is_kept() -> None:
    content, _ = from_base64(base64.b64encode(b"hello!!") + b"\r\n\r\n____\r\nThe list's footer.\r\n")
    assert content == b"hello!!\n____\r\nThe list's footer."


def test_base64_in_pieces_is_one_content() -> None:
    assert from_base64(b"aGVsbG8=\naGVsbG8=\n")[0] == b"hellohello"


def test_what_says_it_is_base64_and_is_not_stays_as_it_came() -> None:
    assert from_base64(b"Dear sir, I am no base64.")[0] == b"Dear sir, I am no base64."


def test_damaged_quoted_printable_keeps_what_is_no_escape() -> None:
    assert from_quoted_printable(b"a=3Db=ZZ c= \nd =\r\ne 100=") == b"a=b=ZZ cd e 100"


def test_an_unknown_transfer_encoding_is_told() -> None:
    assert transferred(b"abc", "x-secret") == (
        b"abc",
        "the transfer encoding x-secret is unknown: read as it came",
    )
