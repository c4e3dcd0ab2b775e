"""What is wanted: which sentences ask, what for, and by when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.mail.asks import asked
from abax.mail.contracts import Asked, Books
from abax.mail.entities import named
from abax.mail.known import Known
from abax.mail.triage import triage

from tests.support.letters import desk, letter, reading, words

EXAMPLES = [
    json.loads(line)
    for line in Path(__file__).with_name("asks_examples.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Sentences with the kinds of action that they ask for, and by when, as of Monday, 23 November 2026."""


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


def _f1(pairs: list[tuple[set[str], set[str]]]) -> float:
    right = sum(len(wanted & found) for wanted, found in pairs)
    return 2 * right / sum(len(wanted) + len(found) for wanted, found in pairs)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pl"])
def test_of_written_sentences_kinds_days_and_whether_they_ask_are_told(language):
    rows = [row for row in EXAMPLES if row["language"] == language]
    found = [wants(row["text"], language) for row in rows]
    kinds = [
        (set(row["kinds"]), {one.kind for one in got.actions}) for row, got in zip(rows, found, strict=True)
    ]
    days = [
        ({row["by"]} - {None}, {one.due.isoformat() for one in got.actions if one.due})
        for row, got in zip(rows, found, strict=True)
    ]
    asks = [bool(row["kinds"]) == got.wanted.value for row, got in zip(rows, found, strict=True)]
    assert len(rows) >= 100
    assert _f1(kinds) >= 0.97
    assert _f1(days) >= 0.97
    assert sum(asks) / len(asks) >= 0.98


def test_every_kind_is_asked_for_in_every_language_of_the_examples():
    told = {(row["language"], kind) for row in EXAMPLES for kind in row["kinds"]}
    assert len(told) == 7 * 12


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Please advise when the goods will be delivered.", ["explain"]),
        ("When will you pay, and could you send us a statement?", ["explain", "send_document"]),
        ("Please confirm that you will pay and deliver.", ["confirm"]),
        ("Please check and correct the invoice.", ["correct"]),
        ("Please send the invoice as soon as possible.", ["send_document"]),
        ("The VAT is wrong. Please send us the invoice again.", ["correct"]),
        ("The tax rate is right. Please send us the invoice again.", ["send_document"]),
        ("May we pay in January?", ["decide"]),
        ("Please let us know whether that is possible.", ["decide"]),
        ("Please transfer the amount back to our account.", ["refund"]),
        ("Please change the delivery date of the order.", ["other"]),
        ("Please find out where the parcel is.", ["explain"]),
        ("Please find attached the contract, which we ask you to sign.", ["send_document"]),
    ],
)
def test_the_verb_behind_the_form_of_asking_says_what_is_wanted(text, kinds):
    assert [one.kind for one in wants(text).actions] == kinds


def test_points_of_a_list_are_asked_for_as_the_sentence_above_them():
    found = wants(
        "Please send us:\n- a copy of the contract\n- confirmation of the balance\n\nThe goods came."
    )
    assert [one.kind for one in found.actions] == ["send_document", "confirm"]


def test_a_deadline_in_a_sentence_of_its_own_is_that_of_what_was_asked_before():
    text = "Please send us the certificate. Our auditors are here. They have to have it by Friday. Thank you."
    [action] = wants(text).actions
    assert action.due.isoformat() == "2026-11-27"


def test_an_order_is_wanted_for_the_day_that_stands_below_it():
    found = wants("Attached is our purchase order.\n\nGate 4, ramp 2.\n\nDelivery on 9 December 2026")
    assert [(one.kind, one.due.isoformat()) for one in found.actions] == [("deliver", "2026-12-09")]


def test_a_day_that_somebody_asks_about_is_no_deadline():
    [action] = wants("Where is the delivery that was promised for 27 November?").actions
    assert (action.kind, action.due) == ("explain", None)


def test_what_is_asked_for_in_words_that_say_nothing_more_counts_only_alone():
    assert [one.kind for one in wants("Would instalments be possible? Please let us know.").actions] == [
        "decide"
    ]
    assert [one.kind for one in wants("Please let us know.").actions] == ["explain"]


THANKS = [
    ("en", "Re: Please send a copy of invoice 4711", "Many thanks, received. Have a nice weekend."),
    ("de", "AW: Frage zur Rechnung", "Vielen Dank für die schnelle Hilfe! Alles geklärt.\n\nPetra Vogt"),
    ("fr", "Re: Demande de copie", "Merci beaucoup, c'est parfait. Bonne journée !"),
    ("es", "Re: Consulta", "Muchas gracias por la rápida ayuda. Todo aclarado."),
    ("it", "Re: Richiesta", "Grazie per l'aiuto, tutto chiarito."),
    ("nl", "Re: Vraag over factuur", "Hartelijk dank voor de snelle hulp! Alles is duidelijk."),
    ("pl", "Odp: Pytanie", "Bardzo dziękuję za szybką pomoc. Wszystko jasne."),
]
MORE_THAN_THANKS = [
    ("en", "Re: Invoice 4711", "Thanks. Please send me a copy as well."),
    ("de", "AW: Rechnung", "Danke, aber die Rechnung ist nicht angekommen."),
    ("fr", "Re: Facture", "Merci de nous envoyer la facture."),
    ("es", "Re: Pedido", "Gracias. ¿Cuándo llega el pedido?"),
    ("it", "Re: Ordine", "Grazie. Potete confermare la data?"),
    ("nl", "Re: Order", "Bedankt. Kunt u de datum bevestigen?"),
    ("pl", "Odp: Faktura", "Dziękuję. Proszę o korektę faktury."),
]


@pytest.mark.parametrize(("language", "subject", "text"), THANKS)
def test_who_only_thanks_wants_nothing_whatever_the_subject_asked_before(language, subject, text):
    [found] = triage([letter(text, subject, language)], desk())
    assert (found.asked.wanted.value, found.asked.actions) == (False, ())
    assert not found.needs_person


@pytest.mark.parametrize(("language", "subject", "text"), MORE_THAN_THANKS)
def test_who_thanks_and_asks_wants_something(language, subject, text):
    [found] = triage([letter(text, subject, language)], desk())
    assert found.asked.wanted.value
