"""What is wanted: which sentences ask, what for, and by when."""

from __future__ import annotations

import pytest
from abax.mail.asks import asked
from abax.mail.contracts import Asked, Books
from abax.mail.entities import named
from abax.mail.known import Known

from tests.support.letters import reading, words


def wants(text: str, language: str = "en", subject: str = "", **more) -> Asked:
    read, wording = reading(text, subject, language), words(language)
    return asked(read, wording, named(read, wording, Known(Books())), **more)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "Could you send us a copy of the invoice?", "send_document"),
        ("en", "Please settle the outstanding amount.", "pay"),
        ("en", "Please confirm the date in writing.", "confirm"),
        ("en", "Please send us a corrected invoice.", "correct"),
        ("en", "I want my money back.", "refund"),
        ("en", "Give me a call when you are in.", "call_back"),
        ("en", "Why were we charged a fee?", "explain"),
        ("en", "Please deliver the missing parts.", "deliver"),
        ("en", "Kindly update your records with our new address.", "change_data"),
        ("en", "We would like to cancel the order.", "cancel"),
        ("en", "Would you approve a payment plan?", "decide"),
        ("en", "We would like to order 250 pieces.", "deliver"),
        ("de", "Bitte schicken Sie mir eine Rechnungskopie.", "send_document"),
        ("de", "Wir bitten um Begleichung des offenen Betrags.", "pay"),
        ("de", "Könnten Sie den Termin bestätigen?", "confirm"),
        ("de", "Hiermit kündigen wir den Vertrag.", "cancel"),
        ("fr", "Merci de nous envoyer un duplicata.", "send_document"),
        ("fr", "Veuillez procéder au règlement.", "pay"),
        ("fr", "Pourriez-vous me rappeler ?", "call_back"),
        ("es", "Rogamos procedan al pago.", "pay"),
        ("es", "¿Pueden restablecer mi contraseña?", "change_data"),
        ("it", "Potreste inviarci copia della fattura?", "send_document"),
        ("it", "Chiedo il rimborso.", "refund"),
        ("nl", "Kunt u ons een offerte sturen?", "send_document"),
        ("nl", "Wij verzoeken u het bedrag over te maken.", "pay"),
        ("pl", "Proszę o przesłanie duplikatu faktury.", "send_document"),
        ("pl", "Żądam zwrotu pieniędzy.", "refund"),
    ],
)
def test_an_ask_is_found_with_its_kind(language, text, kind):
    found = wants(text, language)
    assert found.wanted.value
    assert found.wanted.evidence == text
    assert [action.kind for action in found.actions] == [kind]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please do not hesitate to contact us."),
        ("en", "Please find attached our invoice."),
        ("en", "Let me know if you have any questions."),
        ("en", "We have transferred the amount today."),
        ("en", "Thank you for your help."),
        ("de", "Bei Fragen stehen wir Ihnen gerne zur Verfügung."),
        ("de", "Anbei finden Sie unsere Rechnung."),
        ("de", "Wir haben heute 300 EUR überwiesen."),
        ("fr", "Veuillez agréer nos salutations distinguées."),
        ("fr", "N'hésitez pas à nous contacter."),
        ("es", "Quedamos a su disposición para cualquier duda."),
        ("es", "Hemos realizado la transferencia."),
        ("it", "Restiamo a disposizione per qualsiasi chiarimento."),
        ("nl", "Heeft u vragen, neem gerust contact op."),
        ("pl", "W razie pytań prosimy o kontakt."),
        ("pl", "Dziękujemy za wpłatę."),
    ],
)
def test_courtesy_and_news_ask_for_nothing(language, text):
    found = wants(text, language)
    assert not found.wanted.value
    assert not found.actions
    assert not found.wanted.evidence


def test_courtesy_asks_for_nothing_whatever_a_classifier_says():
    assert not wants("Please do not hesitate to contact us.", classified={0: 0.5, 1: 0.999}).wanted.value


def test_a_classifier_finds_what_no_form_tells():
    text = "Somebody ought to see to it that the machine runs."
    assert not wants(text).wanted.value
    assert not wants(text, classified={0: 0.1, 1: 0.1}).wanted.value
    assert wants(text, classified={0: 0.1, 1: 0.9999}).wanted.confidence < 0.9


def test_what_is_missing_asks_where_nothing_is_asked_outright():
    assert wants("We still have not seen the money.").wanted.value
    found = wants("We still have not received the goods. Please call me back.")
    assert [action.kind for action in found.actions] == ["call_back"]


@pytest.mark.parametrize(
    ("language", "text", "due"),
    [
        ("en", "Please pay by 4 December 2026.", "2026-12-04"),
        ("en", "Please pay within 7 days.", "2026-11-30"),
        ("en", "Please answer by Friday.", "2026-11-27"),
        ("en", "Please pay the invoice of 30 November 2026.", None),
        ("en", "Please pay the invoice of 4 November 2026.", None),
        ("en", "Please send it. The deadline is 1 December.", "2026-12-01"),
        ("en", "We want to cancel the contract as of 31 March 2027.", None),
        ("de", "Bitte überweisen Sie bis Ende der Woche.", "2026-11-27"),
        ("de", "Bitte senden Sie die Rechnung vom 12.11.2026 bis zum 30.11.2026.", "2026-11-30"),
        ("fr", "Merci de régler avant le 30 novembre.", "2026-11-30"),
        ("pl", "Proszę o odpowiedź do piątku.", "2026-11-27"),
    ],
)
def test_by_when_is_what_the_sentence_or_the_one_beside_it_says(language, text, due):
    [action] = wants(text, language).actions
    assert (action.due.isoformat() if action.due else None) == due


def test_an_ask_that_says_nothing_means_what_was_said_before():
    found = wants("Our auditors want a copy of the statement. Could you do that for us?")
    assert found.actions[-1].kind == "send_document"


def test_the_subject_asks_only_where_the_text_does_not():
    both = wants("Please call me back.", subject="Please confirm")
    assert [action.kind for action in both.actions] == ["call_back"]
    alone = wants("Regards, Jane", subject="Please confirm the order")
    assert [(action.kind, action.evidence) for action in alone.actions] == [
        ("confirm", "Subject: Please confirm the order")
    ]


def test_what_a_machine_writes_asks_for_less():
    text = "You should check the details."
    assert wants(text).wanted.confidence > 0.5
    assert wants(text, machine=True).wanted.confidence > 0.5
    assert wants(text).wanted.value != wants(text, machine=True).wanted.value
