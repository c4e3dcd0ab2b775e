import base64
import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from abax.mail.contracts import Message
from abax.mail.gate import why_unanswerable
from abax.mail.message import Limits, Parsed, is_document, messages_in, moment_of, read
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.data import development_data
from tests.unit.mail.test_tnef import FILE, attribute, properties, winmail

PDF = b"%PDF-1.7 a paper"
HEAD = (
    "From: Ann Lee <ann@Example.COM>",
    "To: office@acme.example",
    "Subject: Order 12",
    "Message-ID: <1@example.com>",
    "Date: Mon, 2 Mar 2026 10:12:00 +0100",
)


def mail(*lines: str, head: Sequence[str] = HEAD) -> bytes:
    return "\r\n".join([*head, *lines]).encode()


def message(*lines: str, head: Sequence[str] = HEAD) -> Message:
    return read(mail(*lines, head=head)).message


def with_part(media_type: str, content: bytes, *more: str, subject: str = "Order 12") -> Parsed:
    return read(
        mail(
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "",
            "See below.",
            "--b",
            f"Content-Type: {media_type}",
            "Content-Transfer-Encoding: base64",
            *more,
            "",
            base64.encodebytes(content).decode(),
            "--b--",
        )
    )


# --- who, what, when ------------------------------------------------------------------------------------


def test_a_usual_mail_is_read() -> None:
    found = message(
        'Cc: =?utf-8?Q?J=C3=BCrgen?= <j@x.example>, "Doe, Jane" <jane@x.example>',
        "Reply-To: desk@example.com",
        "In-Reply-To: <0@acme.example>",
        "References: <a@acme.example> <0@acme.example>",
        "X-Mailer: M",
        "Received: from x by y; Mon, 2 Mar 2026 09:12:05 +0000",
        "",
        "Where is our order 12?",
        "",
        "Regards",
        "Ann",
    )
    assert (found.sender.address, found.sender.name) == ("ann@example.com", "Ann Lee")
    assert [(box.name, box.address) for box in found.cc] == [
        ("Jürgen", "j@x.example"),
        ("Doe, Jane", "jane@x.example"),
    ]
    assert found.reply_to[0].address == "desk@example.com"
    assert (found.message_id, found.in_reply_to, found.thread_id) == (
        "1@example.com",
        "0@acme.example",
        "a@acme.example",
    )
    assert found.sent_at == datetime(2026, 3, 2, 9, 12, tzinfo=UTC)
    assert found.received_at == datetime(2026, 3, 2, 9, 12, 5, tzinfo=UTC)
    assert (found.text, found.signature) == ("Where is our order 12?", "Regards\nAnn")
    assert (found.header("X-Mailer"), found.language, found.problems) == ("M", "en", ())


def test_a_message_without_an_id_is_known_by_its_content() -> None:
    content = b"From: a@example.com\n\nHello"
    found = read(content).message
    assert found.message_id == f"{hashlib.sha256(content).hexdigest()}@missing.invalid"
    assert "it has no Message-ID" in found.problems


@pytest.mark.parametrize("given", ["", "<>", "<1>", "12", "< >", "<" + "x" * 500 + "@y>"])
def test_an_id_that_is_none_is_no_key(given: str) -> None:
    found = message("", "Hello", head=["From: a@example.com", f"Message-ID: {given}"])
    assert found.message_id.endswith("@missing.invalid")
    assert "its Message-ID is none" in found.problems


def test_of_several_ids_the_first_counts() -> None:
    found = message("Message-ID: <2@example.com>", "", "Hello")
    assert found.message_id == "1@example.com"
    assert "it has several Message-IDs: the first one counts" in found.problems


@pytest.mark.parametrize(
    ("given", "address", "name"),
    [
        ('"Lee, Ann" <ann@example.com>', "ann@example.com", "Lee, Ann"),
        ("Lee, Ann <ann@example.com>", "ann@example.com", "Lee, Ann"),
        ("ann@example.com (Ann Lee)", "ann@example.com", "Ann Lee"),
        ("ann@example.com", "ann@example.com", ""),
        ("<ann@example.com>", "ann@example.com", ""),
        ("Ann Lee ann@example.com", "ann@example.com", "Ann Lee"),
        ("=?utf-8?B?QW5uIEzDqWU=?= <ann@example.com>", "ann@example.com", "Ann Lée"),
        ('"=?utf-8?Q?L=C3=A9e=2C_Ann?=" <ann@example.com>', "ann@example.com", "Lée, Ann"),
        ("Ann <@relay.example:ann@example.com>", "ann@example.com", "Ann"),
        ("Ann <ann @ example.com>", "ann@example.com", "Ann"),
        ("Ann Lee <ann@example.com", "ann@example.com", "Ann Lee"),
        ("Ann Lee", "", "Ann Lee"),
        ('"ceo@acme.example" <thief@example.com>', "thief@example.com", "ceo@acme.example"),
        ("", "", ""),
        ("undisclosed-recipients:;", "", ""),
    ],
)
def test_a_sender_is_read_however_it_is_written(given: str, address: str, name: str) -> None:
    sender = message("", "Hello", head=[f"From: {given}"]).sender
    assert (sender.address, sender.name) == (address, name)


def test_a_group_of_recipients_is_its_members() -> None:
    to = message(
        "", "x", head=["From: a@b.example", "To: Team: x@b.example, Y <y@b.example>;, z@b.example"]
    ).to
    assert [box.address for box in to] == ["x@b.example", "y@b.example", "z@b.example"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Mon, 2 Mar 2026 10:12:00 +0100", datetime(2026, 3, 2, 9, 12, tzinfo=UTC)),
        ("2 Mar 26 10:12 GMT", datetime(2026, 3, 2, 10, 12, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 10:12:00 -0000", datetime(2026, 3, 2, 10, 12, tzinfo=UTC)),
        ("2026-03-02T10:12:00+01:00", datetime(2026, 3, 2, 9, 12, tzinfo=UTC)),
        ("Tue, 10 Sep 0102 19:03:14 +1200", datetime(2002, 9, 10, 7, 3, 14, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 10:12:00 +9999", datetime(2026, 3, 2, 10, 12, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 99:99:99 +0000", None),
        ("yesterday", None),
        ("Mon, 2 Mar 99999 10:12:00", None),
        ("", None),
        ("\x00\ud800 , , ,", None),
    ],
)  # fmt: skip
def test_dates_are_read_or_are_none(given: str, expected: datetime | None) -> None:
    assert moment_of(given) == expected


def test_a_thread_without_references_begins_with_what_is_answered() -> None:
    assert (
        message("In-Reply-To: Your message of Monday <0@acme.example>", "", "x").thread_id == "0@acme.example"
    )


# --- forms of mail --------------------------------------------------------------------------------------


def test_a_mail_of_html_alone_has_text() -> None:
    found = message(
        "Content-Type: text/html; charset=utf-8",
        "",
        "<p>Wo ist <b>unsere</b> Bestellung?</p><p>Danke für Ihre Antwort</p>",
    )
    assert found.text.startswith("Wo ist unsere Bestellung?")
    assert found.language == "de"


def test_of_two_forms_the_plain_one_is_the_text() -> None:
    made = EmailMessage()
    made["From"], made["Message-ID"] = "a@example.com", "<1@x.example>"
    made.set_content("Plain words")
    made.add_alternative("<p>Marked words</p>", subtype="html")
    made.add_attachment(PDF, "application", "pdf", filename="Rechnung März.pdf")
    parsed = read(made.as_bytes())
    assert parsed.message.whole_text == "Plain words"
    (attachment,) = parsed.message.attachments
    assert (attachment.name, attachment.media_type, attachment.size) == (
        "Rechnung März.pdf",
        "application/pdf",
        len(PDF),
    )
    assert parsed.contents[attachment.digest] == PDF
    assert is_document(attachment)


HTML_ANSWERS = {
    "gmail": '<div dir="ltr">Please correct it.</div><br><div class="gmail_quote"><div dir="ltr" '
    'class="gmail_attr">On Mon, Mar 2, '
    '2026 at 10:12 AM Acme &lt;<a href="mailto:office@acme.example">office@acme.example</a>&gt; '
    "wrote:<br></div>"
    '<blockquote class="gmail_quote" style="margin:0"><div>Here is invoice 12.</div></blockquote></div>',
    "outlook": '<div class="WordSection1"><p class="MsoNormal">Please correct it.<o:p></o:p></p><p '
    'class="MsoNormal"><o:p>&nbsp;</o:p></p>'
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Acme '
    "&lt;office@acme.example&gt; <br>"
    "<b>Sent:</b> Monday, March 2, 2026 10:12 AM<br><b>To:</b> Ann Lee<br><b>Subject:</b> Invoice "
    "12</p></div>"
    '<p class="MsoNormal">Here is invoice 12.</p></div>',
    "outlook on the web": '<div>Please correct it.</div><div id="appendonsend"></div><hr '
    'style="display:inline-block;width:98%">'
    '<div id="divRplyFwdMsg" dir="ltr"><b>Von:</b> Acme &lt;office@acme.example&gt;<br><b>Gesendet:</b> '
    "Montag, 2. M&auml;rz 2026 10:12<br>"
    "<b>An:</b> Ann Lee<br><b>Betreff:</b> Invoice 12</div><div>Here is invoice 12.</div>",
    "apple": '<html><body>Please correct it.<br><div><br><blockquote type="cite"><div>Il giorno 2 mar 2026, '
    "alle ore 10:12, Acme "
    "&lt;office@acme.example&gt; ha scritto:</div><br><div>Here is invoice "
    "12.</div></blockquote></div></body></html>",
    "thunderbird": '<div class="moz-cite-prefix">Le 02/03/2026 &agrave; 10:12, Acme a '
    "&eacute;crit&nbsp;:<br></div>"
    '<blockquote type="cite"><p>Here is invoice 12.</p></blockquote><p>Please correct it.</p>',
}


@pytest.mark.parametrize("program", HTML_ANSWERS)
def test_history_in_html_is_split_off_whoever_wrote_it(program: str) -> None:
    found = message("Content-Type: text/html; charset=utf-8", "", HTML_ANSWERS[program])
    assert found.text == "Please correct it."
    assert "Here is invoice 12." in found.quoted
    assert found.signature == ""


@pytest.mark.parametrize("plain", ["", "Your program cannot show HTML."])
def test_an_idle_plain_form_gives_way_to_the_html(plain: str) -> None:
    made = EmailMessage()
    made.set_content(plain)
    made.add_alternative("<p>Marked words.</p>" * 150, subtype="html")
    assert read(made.as_bytes()).message.text.startswith("Marked words.")


def test_a_picture_within_the_text_is_no_document() -> None:
    made = EmailMessage()
    made.set_content("<p>Hello</p><img src='cid:logo'>", subtype="html")
    made.add_related(b"\x89PNG" * 10, "image", "png", cid="<logo>")
    (attachment,) = read(made.as_bytes()).message.attachments
    assert (attachment.inline, attachment.content_id, is_document(attachment)) == (True, "logo", False)


def test_an_invitation_says_what_when_and_where() -> None:
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\nEND:VTIMEZONE\r"
        "\nBEGIN:VEVENT\r\n"
        "SUMMARY:Review\\, March\r\nDTSTART;TZID=Europe/Berlin:20260302T100000\r\nDTEND;TZID=Europe/Berlin:2"
        "0260302T110000\r\n"
        "LOCATION:Room\r\n  7\r\nORGANIZER;CN=Ann:mailto:ann@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    parsed = with_part("text/calendar; method=REQUEST", calendar.encode())
    assert parsed.message.invitation
    assert parsed.message.text == (
        "See below.\n\nInvitation: Review, March\nWhen: 2026-03-02 10:00 to 2026-03-02 11:00 "
        "(Europe/Berlin)\n"
        "Where: Room 7\nOrganizer: ann@example.com"
    )
    assert not is_document(parsed.message.attachments[0])


def test_an_attached_mail_is_a_file_and_what_it_says_is_history() -> None:
    inner = mail("", "The first mail's words.", head=["From: bob@example.com", "Subject: Offer"])
    found = with_part("message/rfc822", inner).message
    assert found.text == "See below."
    assert found.quoted == "From: bob@example.com\nSubject: Offer\n\nThe first mail's words."
    assert [(one.name, one.media_type) for one in found.attachments] == [("Offer.eml", "message/rfc822")]


def test_mails_within_mails_without_end_are_read_down_to_a_depth() -> None:
    inner = b"Subject: end\n\ndeep"
    for _ in range(60):
        inner = b"Subject: x\nContent-Type: message/rfc822\n\n" + inner
    parsed = read(inner, Limits(depth=5))
    assert len(parsed.message.attachments) == 1
    assert "deep" not in parsed.message.quoted


def test_the_files_of_a_winmail_dat_come_out() -> None:
    body = attribute(1, 0x00069003, properties((0x1000, 0x1E, b"The text of Outlook.")))
    parsed = with_part("application/ms-tnef", winmail(body, FILE))
    assert [one.name for one in parsed.message.attachments] == ["Rechnung März.pdf"]
    assert parsed.message.text == "See below."
    alone = read(
        mail(
            "Content-Type: application/ms-tnef; name=winmail.dat",
            "Content-Transfer-Encoding: base64",
            "",
            base64.encodebytes(winmail(body)).decode(),
        )
    )
    assert alone.message.text == "The text of Outlook."


def test_what_is_sealed_by_smime_is_encrypted_and_kept() -> None:
    sealed = bytes.fromhex("3080 06092a864886f70d010703 a080 0000 0000".replace(" ", ""))
    parsed = with_part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", sealed)
    assert (parsed.message.encrypted, parsed.message.signed) == (True, False)
    assert parsed.contents[parsed.message.attachments[0].digest] == sealed


def test_what_is_signed_by_smime_is_opened() -> None:
    inner = b"Content-Type: text/plain\r\n\r\nSigned words."
    octets = b"\x24\x80\x04" + bytes([len(inner)]) + inner + b"\0\0"
    content = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80" + octets + b"\0\0\0\0"
    signed = (
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00"
        + content
        + b"\0\0" * 3
    )
    found = read(
        mail(
            "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            "Content-Transfer-Encoding: base64",
            "",
            base64.encodebytes(signed).decode(),
        )
    ).message
    assert (found.text, found.signed, found.encrypted) == ("Signed words.", True, False)


def test_a_signed_file_stays_a_file() -> None:
    signed = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80"
    parsed = with_part(
        "application/pkcs7-mime; name=fattura.xml.p7m", signed, "Content-Disposition: attachment"
    )
    assert (parsed.message.text, parsed.message.encrypted, parsed.message.problems) == (
        "See below.",
        False,
        (),
    )
    assert [one.name for one in parsed.message.attachments if is_document(one)] == ["fattura.xml.p7m"]


def test_in_certified_mail_the_mail_inside_is_the_message() -> None:
    inner = mail(
        "",
        "Vi diffidiamo a pagare la fattura 12.",
        head=["From: Mario <mario@pec.example>", "Subject: Diffida"],
    )
    found = with_part("message/rfc822; name=postacert.eml", inner).message
    assert (found.text, found.quoted) == ("Vi diffidiamo a pagare la fattura 12.", "See below.")
    assert not any(map(is_document, found.attachments))


def test_damaged_signed_content_is_kept_with_its_reason() -> None:
    damaged = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80"
    parsed = with_part("application/pkcs7-mime; name=smime.p7m", damaged)
    assert parsed.message.signed
    assert any(problem.startswith("its signed content cannot be read") for problem in parsed.message.problems)
    assert parsed.contents[parsed.message.attachments[0].digest] == damaged


def test_openpgp_is_known_in_parts_and_in_the_text() -> None:
    found = message(
        "Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b",
        "",
        "--b",
        "Content-Type: application/pgp-encrypted",
        "",
        "Version: 1",
        "--b",
        "Content-Type: application/octet-stream",
        "",
        "-----BEGIN PGP MESSAGE-----",
        "--b--",
    )
    assert found.encrypted
    assert message("", "-----BEGIN PGP MESSAGE-----", "", "hQEMA", "-----END PGP MESSAGE-----").encrypted
    clear = message(
        "",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "Hash: SHA256",
        "",
        "The words",
        "- -- ",
        "Ann",
        "-----BEGIN PGP SIGNATURE-----",
        "",
        "iQ",
        "-----END PGP SIGNATURE-----",
    )
    assert (clear.signed, clear.text, clear.signature) == (True, "The words", "--\nAnn")


def test_files_in_the_text_come_out_of_it() -> None:
    parsed = read(mail("", "Here it is:", "begin 644 a/b.txt", "+:&5L;&\\@=V]R;&0 ", "`", "end", "Regards"))
    assert parsed.contents[parsed.message.attachments[0].digest] == b"hello world"
    assert parsed.message.attachments[0].name == "b.txt"
    assert "M" not in parsed.message.whole_text
    assert parsed.message.whole_text.split() == ["Here", "it", "is:", "Regards"]


def test_lines_that_flow_are_one_paragraph() -> None:
    found = message(
        "Content-Type: text/plain; format=flowed",
        "",
        "The goods of order ",
        "12 have not come.",
        " >not quoted",
        "> quoted ",
        "> words",
    )
    assert found.text == "The goods of order 12 have not come.\n>not quoted".replace("\n>not quoted", "")
    assert "> quoted words" in found.quoted


def test_text_that_is_html_in_truth_is_read_as_such() -> None:
    assert message("Content-Type: text/plain", "", "<html><body><p>Hello</p></body></html>").text == "Hello"


@pytest.mark.parametrize(
    "prefix", [b"\xef\xbb\xbf", b"\r\n\r\n", b"From a@example.com Mon Mar  2 10:12:00 2026\n", b"\0"]
)
def test_what_stands_before_the_headers_is_passed_over(prefix: bytes) -> None:
    assert read(prefix + mail("", "Hello")).message.subject == "Order 12"


def test_a_mail_saved_in_utf_16_is_read() -> None:
    assert read(mail("", "Grüße").decode().encode("utf-16")).message.text == "Grüße"


def test_zero_bytes_in_the_text_are_left_out() -> None:
    assert message("", "Hel\0lo").text == "Hello"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\Users\\x\\passwd", "/passwd", "pass\u202ewd\x00", "  passwd.  "]
)
def test_the_names_of_files_lead_nowhere(name: str) -> None:
    (attachment,) = with_part(
        "application/octet-stream", b"x", f'Content-Disposition: attachment; filename="{name}"'
    ).message.attachments
    assert attachment.name.replace(" ", "") == "passwd"


# --- more than may be -----------------------------------------------------------------------------------


def test_thirty_megabytes_are_read_in_seconds() -> None:
    content = bytes(range(256)) * (22 << 12)
    raw = mail(
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "See below.",
        "--b",
        "Content-Type: application/pdf; name=big.pdf",
        "Content-Transfer-Encoding: base64",
        "",
        "",
    ).replace(b"\n\n", b"\n")
    raw += b"\r\n" + base64.encodebytes(content) + b"--b--\r\n"
    start = time.process_time()
    parsed = read(raw)
    assert time.process_time() - start < 4
    assert len(raw) > 30_000_000
    assert parsed.contents[parsed.message.attachments[0].digest] == content


def test_five_hundred_recipients_are_read() -> None:
    to = ",\r\n ".join(f'"Person, {n}" <p{n}@example.com>' for n in range(500))
    found = message(f"Cc: {to}", "", "Hello")
    assert [box.address for box in found.cc] == [f"p{n}@example.com" for n in range(500)]


def test_more_than_may_be_is_left_out_with_its_figure() -> None:
    limits = Limits(decoded_bytes=100, recipients=3, text_letters=50)
    lines = [
        "Cc: " + ", ".join(f"p{n}@example.com" for n in range(9)),
        "Content-Type: multipart/mixed; boundary=b",
        "",
    ]
    for n in range(4):
        lines += ["--b", f"Content-Type: application/pdf; name={n}.pdf", "", "x" * 60]
    found = read(mail(*lines, "--b", "", "word " * 30, "--b--"), limits).message
    assert [one.name for one in found.attachments] == ["0.pdf"]
    assert len(found.cc) == 3
    assert len(found.whole_text) == 50
    assert "more than 3 addresses in cc: the others were left out" in found.problems
    assert "only the first 50 letters of 150 were kept" in found.problems


BOMBS = {
    "fields": b"X: y\n" * 100_000 + b"\nHello",
    "one field": b"Subject: " + b"x" * 5_000_000 + b"\n\nHello",
    "folded": b"Subject: x\n" + b" y\n" * 300_000 + b"\nHello",
    "words": b"Subject: " + b"=?utf-8?q?a" * 20_000 + b"\n\nHello",
    "addresses": b"To: " + b"a@b.c, " * 50_000 + b"\n\nHello",
    "comments": b"From: " + b"(" * 50_000 + b"a@b.c\n\nHello",
    "quotes": b"From: " + b'"\\' * 50_000 + b"\n\nHello",
    "parameters": b"Content-Type: text/plain; " + b"a*0=b; " * 10_000 + b"\n\nHello",
    "equals": b"Content-Type: text/plain; " + b"a=" * 50_000 + b'"\n\nHello',
    "multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3_000)
    ),
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "mails": b"Content-Type: message/rfc822\n\n" * 3_000,
    "references": b"References: " + b"<a@b> " * 20_000 + b"\n\nHello",
    "lines": b"Subject: x\n\n" + b"\n" * 1_000_000,
    "words in the text": b"Subject: x\n\n" + b"word " * 400_000,
    "html": b"Content-Type: text/html\n\n" + b"<p>x" * 400_000,
    "many forms": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + (b"--b\nContent-Type: text/html\n\n" + b"<p>x" * 90_000 + b"\n") * 60,
    "mails beside mails": b"Content-Type: multipart/mixed; boundary=a\n\n"
    + (
        b"--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: message/rfc822\n\nContent-Type: text/html\n\n<p>x\n" * 400
    )
    * 400,
    "flowing": b"Content-Type: text/plain; format=flowed\n\n" + b"word \n" * 1_000_000,
    "signed texts": b"Subject: x\n\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000,
    "telephones": b"Subject: x\n\n" + b"Sent from my iPhone\n" * 100_000,
    "uuencoded": b"Subject: x\n\n" + b"begin 644 a\n" * 50_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_mail_takes_long(bomb: str) -> None:
    start = time.process_time()
    found = read(BOMBS[bomb]).message
    assert time.process_time() - start < 6
    assert found.size == len(BOMBS[bomb])


# --- anything -------------------------------------------------------------------------------------------


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(content: bytes) -> None:
    found = read(content).message
    assert len(found.digest) == 64 and found.message_id


PIECES = [
    b"Content-Type: ",
    b"multipart/mixed; boundary=b",
    b"text/html",
    b"message/rfc822",
    b"\n",
    b"\n\n",
    b"--b",
    b"--b--",
    b"base64",
    b"=?utf-8?q?",
    b"?=",
    b"From: ",
    b"Date: ",
    b"<a@b.c>",
    b"<p",
    b">",
    b"application/ms-tnef",
    b"x\x9f\x3e\x22",
    b"Content-Transfer-Encoding: ",
    b"> ",
    b"\xff",
    b"\0",
    b"begin 644 x\n",
    b"On 1.1.2026 a@b.c wrote:",
    b"text/calendar",
    b"BEGIN:VCALENDAR\n",
    b"; name*0*=",
    b"utf-8''%",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_pieces_of_mail_raise(pieces: list[bytes]) -> None:
    parsed = read(b"".join(pieces))
    assert {one.digest for one in parsed.message.attachments} == set(parsed.contents)


def test_all_real_mails_are_read_and_have_text() -> None:
    paths = sorted(development_data("mail/spamassassin").glob("*/*.txt"))
    mute = [path.name for path in paths if not read(path.read_bytes()).message.text.strip()]
    assert len(paths) == 397
    assert mute == ["00307.7ed50c6d80c6e37c8cc1b132f4a19e4d.txt"]  # pictures alone


# --- files of many mails --------------------------------------------------------------------------------


def test_a_mailbox_is_its_mails() -> None:
    box = (
        b"From a@example.com Mon Mar  2 10:12:00 2026\nSubject: 1\n\nHello\n>From here on\n\n"
        b"From b@example.com Mon Mar  2 10:13:00 2026\r\nSubject: 2\r\n\r\nFrom Monday on\r\n\r\n"
        b"From here on we write 2026\n"
    )
    assert [(read(one).message.subject, read(one).message.whole_text) for one in messages_in(box)] == [
        ("1", "Hello\nFrom here on"),
        ("2", "From Monday on\n\nFrom here on we write 2026"),
    ]


def test_any_other_file_is_one_mail() -> None:
    assert list(messages_in(mail("", "Hello"))) == [mail("", "Hello")]
    assert list(messages_in(b"\n\n")) == []


# --- whole mails, as programs write them ----------------------------------------------------------------

MAILS = Path(__file__).parents[2] / "golden" / "mail" / "eml"
EXPECTED = json.loads((MAILS / "expected.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mail_says_what_a_reader_makes_of_it(name: str) -> None:
    found = read((MAILS / name).read_bytes()).message
    assert {
        "text": found.text,
        "signature": found.signature,
        "quoted": found.quoted,
        "language": found.language,
        "sender": f"{found.sender.name} <{found.sender.address}>",
        "subject": found.subject,
        "sent_at": found.sent_at.isoformat() if found.sent_at else None,
        "received_at": found.received_at.isoformat() if found.received_at else None,
        "thread_id": "MISSING" if found.thread_id.endswith("@missing.invalid") else found.thread_id,
        "documents": [one.name for one in found.attachments if is_document(one)],
        "why": why_unanswerable(found, ["accounts@acme.example"]),
    } == EXPECTED[name]


def test_each_of_these_mails_is_expected_to_say_something() -> None:
    assert {path.name for path in MAILS.glob("*.eml")} == set(EXPECTED)
