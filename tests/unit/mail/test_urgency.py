"""How urgent messages are, and every reason for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.mail.asks import asked
from abax.mail.contracts import Asked, Books, Claim, Urgency
from abax.mail.entities import named
from abax.mail.known import Known
from abax.mail.reading import read
from abax.mail.urgency import Judged, _asked_for, _working, urgency

from tests.support.letters import BOOKS, NOW, letter, words


def judged(text: str, language: str = "en", books: Books | None = None, day=None, **more) -> Judged:
    message = letter(text, language=language, **more)
    reading, wording, known = read(message, NOW), words(language), Known(books or Books())
    names = named(reading, wording, known)
    wants = asked(reading, wording, names)
    return urgency(reading, wording, names, wants, known, day or NOW.date(), Decimal(50000))


@pytest.mark.parametrize(
    ("language", "text", "level"),
    [
        ("en", "Our production line is down. We need the parts today.", Urgency.CRITICAL),
        ("de", "Die Produktion steht. Bitte liefern Sie heute noch.", Urgency.CRITICAL),
        ("it", "La linea è ferma, aspettiamo la merce.", Urgency.CRITICAL),
        ("en", "Final notice: please pay within 3 days or we will take legal action.", Urgency.HIGH),
        ("en", "Please confirm by tomorrow.", Urgency.HIGH),
        ("de", "Bitte antworten Sie dringend.", Urgency.HIGH),
        ("fr", "C'est urgent, merci de répondre dès que possible.", Urgency.HIGH),
        ("en", "Please send us a copy of the invoice.", Urgency.NORMAL),
        ("en", "Please pay within 14 days.", Urgency.NORMAL),
        ("nl", "Kunt u ons een kopie sturen?", Urgency.NORMAL),
        ("en", "No rush, whenever convenient: could you send a copy?", Urgency.LOW),
        ("en", "We have received the goods. Regards", Urgency.LOW),
        ("pl", "Informujemy, że towar dotarł.", Urgency.LOW),
    ],
)
def test_the_level_follows_from_what_happens_if_nobody_acts(language, text, level):
    assert judged(text, language).claim.value is level


def test_a_deadline_says_how_many_days_are_left():
    [reason] = judged("Please pay by 25 November 2026.").reasons
    assert (reason.kind, reason.text) == ("deadline", "asks for it by 25 Nov 2026, in 2 days")
    assert reason.evidence == "Please pay by 25 November 2026."


def test_a_deadline_that_passed_in_the_queue_is_told_as_passed():
    found = judged("Please confirm by tomorrow.", day=NOW.date().replace(day=26))
    assert found.reasons[0].text == "asks for it by 24 Nov 2026, 2 days ago"
    assert found.claim.value is Urgency.HIGH


def test_not_urgent_is_not_urgent():
    assert {reason.text for reason in judged("It is not urgent.").reasons} == {"says that there is no hurry"}


def test_a_large_amount_is_a_reason():
    kinds = {reason.kind for reason in judged("Please check the EUR 80,000.00.").reasons}
    assert kinds == {"amount"}
    assert not judged("Please check the EUR 800.00.").reasons


def test_its_sender_may_mark_it():
    found = judged("Please check it.", headers={"importance": ("high",)})
    assert [(reason.kind, reason.evidence) for reason in found.reasons] == [("sender", "Importance: high")]


def test_the_books_say_what_is_overdue_and_who_owes_it():
    [reason] = judged("Any news on RE-77120?", books=BOOKS).reasons
    assert (reason.kind, reason.text) == ("ledger", "RE-77120 is 22 days overdue by the books, and we owe it")


def test_further_reasons_say_less():
    one = judged("Please answer urgently.").claim
    more = judged("Please answer urgently, this is the third reminder and it is a priority.").claim
    assert one.value is more.value is Urgency.HIGH


def test_a_message_again_and_again_says_so():
    assert "history" in {
        reason.kind for reason in judged("I wrote to you several times. Please answer.").reasons
    }


def test_a_classifier_is_heard():
    text = "Please send us a copy of the invoice."
    reading = read(letter(text), NOW)
    wording, known = words(), Known(Books())
    names = named(reading, wording, known)
    wants = asked(reading, wording, names)
    loud = {"low": 0.0, "normal": 0.001, "high": 0.998, "critical": 0.001}
    found = urgency(reading, wording, names, wants, known, NOW.date(), Decimal(50000), loud)
    assert found.claim.method == "classifier"
    assert found.claim.confidence < judged(text).claim.confidence


def test_what_is_due_on_monday_is_due_tomorrow_on_a_friday():
    friday = date(2026, 11, 20)
    monday = judged("Please confirm by 23 November.", day=friday)
    tuesday = judged("Please confirm by 24 November.", day=friday)
    assert monday.claim.value is Urgency.HIGH
    assert shares_of(monday) > shares_of(tuesday)


def test_a_deadline_at_the_weekend_is_not_today_s():
    assert [_working(date(2026, 11, 20), date(2026, 11, day)) for day in (20, 21, 22, 23, 24, 19)] == [
        *(0, 1, 1, 1, 2, -1)
    ]
    assert _working(date(2026, 11, 20), date(2027, 11, 20)) == 365


def test_a_classifier_is_told_that_nothing_is_wanted():
    undecided = {"critical": 0.05, "high": 0.05, "low": 0.4, "normal": 0.5}
    assert _asked_for(undecided, Asked(wanted=Claim(value=True, confidence=1.0, method="words"))) == undecided
    idle = _asked_for(undecided, Asked(wanted=Claim(value=False, confidence=1.0, method="words")))
    assert max(idle, key=lambda name: idle[name]) == "low"
    assert sum(idle.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The bank has blocked our account and nothing goes out. Please call us."),
        ("de", "Unser Fahrer wartet vor dem Tor und darf nicht abladen. Bitte melden Sie sich."),
        ("fr", "L'huissier est à l'accueil, rappelez-nous."),
        ("es", "El camión está en la puerta y no puede descargar. Llámennos."),
        ("it", "Il camion è al cancello e non può scaricare. Chiamateci."),
        ("nl", "De bank heeft onze rekening geblokkeerd, er gaat niets meer uit. Bel ons alstublieft."),
        ("pl", "Komornik stoi w recepcji, proszę o telefon."),
    ],
)
def test_harm_that_is_there_is_critical_without_the_word_urgent(language, text):
    assert judged(text, language).claim.value is Urgency.CRITICAL


def shares_of(found: Judged) -> float:
    """How sure it is that there is haste."""
    return found.claim.confidence if found.claim.value is Urgency.HIGH else 0.0
