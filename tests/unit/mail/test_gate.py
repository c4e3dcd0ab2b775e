from base64 import b64encode

import pytest
from abax.mail.contracts import Message
from abax.mail.gate import MARKS, why_unanswerable
from abax.mail.message import read

OWN = ("office@acme.example", "Billing@Acme.example")


def reason(*lines: str, sender: str = "Ann <ann@example.com>", subject: str = "Invoice 12") -> str:
    return why_unanswerable(mail(*lines, sender=sender, subject=subject), OWN)


def mail(*lines: str, sender: str = "Ann <ann@example.com>", subject: str = "Invoice 12") -> Message:
    head = [
        f"From: {sender}",
        "To: office@acme.example",
        f"Subject: {subject}",
        "Message-ID: <1@example.com>",
        *lines,
    ]
    return read("\r\n".join([*head, "", "Has it been paid?"]).encode()).message


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Auto-Submitted: no"],
        ["Precedence: normal"],
        ["X-Auto-Response-Suppress: DR, RN"],
        ["Return-Path: <ann@example.com>"],
        ["X-Loop: somebody@else.example"],
        ["Reply-To: desk@example.com"],
        ["X-Priority: 1", "In-Reply-To: <0@acme.example>"],
    ],
)
def test_a_persons_mail_may_be_answered(lines: list[str]) -> None:
    assert reason(*lines) == ""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Auto-Submitted: auto-replied", "it was sent by a machine, Auto-Submitted: auto-replied"),
        (
            "Auto-Submitted: auto-generated; owner-email=x",
            "it was sent by a machine, Auto-Submitted: auto-generated",
        ),
        ("Auto-submitted: AUTO-NOTIFIED", "it was sent by a machine, Auto-Submitted: auto-notified"),
        ("X-Autoreply: yes", "it was sent by a machine, X-Autoreply: yes"),
        ("X-Autorespond: Invoice", "it was sent by a machine, X-Autorespond: Invoice"),
        ("X-Ricevuta: avvenuta-consegna", "it was sent by a machine, X-Ricevuta: avvenuta-consegna"),
        ("Precedence: bulk", "it went to many, Precedence: bulk"),
        ("Precedence: List", "it went to many, Precedence: list"),
        ("Precedence: junk", "it went to many, Precedence: junk"),
        ("List-Id: <news.example.com>", "it came through a list, List-Id: <news.example.com>"),
        (
            "List-Unsubscribe: <mailto:x@y.example>",
            "it came through a list, List-Unsubscribe: <mailto:x@y.example>",
        ),
        ("Mailing-List: x", "it came through a list, Mailing-List: x"),
        ("X-Auto-Response-Suppress: All", "it asks for no automatic answer, X-Auto-Response-Suppress: All"),
        (
            "X-Auto-Response-Suppress: DR, OOF, AutoReply",
            "it asks for no automatic answer, X-Auto-Response-Suppress: DR, OOF, AutoReply",
        ),
        ("Return-Path: <>", "its return path is empty, as that of reports of delivery"),
        ("Return-Path:", "its return path is empty, as that of reports of delivery"),
        (
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            "it is a report of delivery or of reading",
        ),
        ("X-Loop: office+desk@acme.example", "it carries our own mark, X-Loop: office+desk@acme.example"),
        (
            "Reply-To: billing@acme.example",
            "it comes from one of our own addresses, or its answer would go there",
        ),
        ("Reply-To: noreply@example.com", "nobody reads what is sent to noreply@example.com"),
        ("X-Spam-Flag: YES", "it is marked as spam, X-Spam-Flag: YES"),
    ],
)
def test_machines_lists_and_ourselves_are_not_answered(line: str, why: str) -> None:
    assert reason(line) == why


@pytest.mark.parametrize(
    "local",
    [
        "mailer-daemon",
        "MAILER-DAEMON",
        "postmaster",
        "no-reply",
        "noreply",
        "no_reply",
        "no.reply",
        "donotreply",
        "do-not-reply",
        "bounce",
        "bounces+12=a",
        "noreply-billing",
        "shop.noreply",
        "nicht-antworten",
        "ne-pas-repondre",
        "noresponder",
        "non-rispondere",
        "niet-beantwoorden",
        "nie-odpowiadac",
        "invoice+noreply",
        "auto-responder",
        "notifications-noreply",
    ],
)
def test_addresses_that_nobody_reads_are_not_answered(local: str) -> None:
    assert reason(sender=f"Acme <{local}@example.com>") == f"nobody reads what is sent to {local}@example.com"


@pytest.mark.parametrize(
    "local", ["norbert", "noah", "reply", "bouncey", "postal", "nora.epley", "info", "listen"]
)
def test_addresses_that_only_look_alike_are_answered(local: str) -> None:
    assert reason(sender=f"{local}@example.com") == ""


@pytest.mark.parametrize(
    "sender", ["office@acme.example", "OFFICE@ACME.EXAMPLE", "Us <billing+reply@acme.example>"]
)
def test_our_own_mail_is_not_answered(sender: str) -> None:
    assert "our own addresses" in reason(sender=sender)


@pytest.mark.parametrize(
    "sender", ["", "Ann Lee", "undisclosed-recipients:;", "x@missing.invalid", "root@localhost"]
)
def test_nobody_is_not_answered(sender: str) -> None:
    assert reason(sender=sender) != ""


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Invoice 12",
        "Out of Office: Invoice 12",
        "Re: Out of the office",
        "Undeliverable: Invoice 12",
        "Mail delivery failed: returning message",
        "Abwesenheitsnotiz: Rechnung",
        "Automatische Antwort: Rechnung 12",
        "Unzustellbar: Rechnung",
        "AW: Abwesend bis 3.3.",
        "Réponse automatique : Facture",
        "Absence du bureau",
        "Respuesta automática: Factura",
        "Fuera de la oficina",
        "Risposta automatica: Fattura",
        "Fuori ufficio",
        "Automatisch antwoord: Factuur",
        "Afwezig: Factuur",
        "Autoodpowiedź: Faktura",
        "Odpowiedź automatyczna: Faktura",
        "Poza biurem",
    ],
)
def test_automatic_answers_in_seven_languages_are_not_answered(subject: str) -> None:
    assert reason(subject=f"=?utf-8?B?{b64encode(subject.encode()).decode()}?=").startswith(
        "its subject is that of an automatic"
    )


@pytest.mark.parametrize(
    "subject",
    [
        "Reply to your out of office",
        "Invoice for automatic doors",
        "Question on delivery",
        "Outside delivery",
    ],
)
def test_subjects_that_only_name_such_things_are_answered(subject: str) -> None:
    assert reason(subject=subject) == ""


def test_what_we_send_is_not_answered_by_ourselves() -> None:
    lines = [f"{name}: {value}" for name, value in MARKS.items()]
    assert reason(*lines) != ""
    for line in lines:
        assert reason(line) != ""
