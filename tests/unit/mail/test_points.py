"""Key points are sentences of the message; the next step follows from what is asked and from the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.mail.contracts import Settled
from abax.mail.triage import triage

from tests.support.letters import BOOKS, desk, letter

TEXT = """Dear Jane,

I hope this finds you well. It was nice to meet you at the fair in spring.
Our invoice INV/2026/0042 over EUR 1,250.00 is still open in your portal. We think that it was paid.
The weather here is lovely. Could you send us a statement by Friday? Please do not hesitate to call.

Kind regards
Tom
"""


def test_key_points_are_sentences_that_carry_something_in_their_order():
    [found] = triage([letter(TEXT)], desk())
    points = [point.value for point in found.key_points]
    assert points == [
        "Our invoice INV/2026/0042 over EUR 1,250.00 is still open in your portal.",
        "Could you send us a statement by Friday?",
    ]
    for point in found.key_points:
        assert point.evidence == point.value


def test_there_are_at_most_four_and_of_nothing_much_the_first_sentence():
    many = " ".join(f"Please pay invoice no. {number}." for number in range(4711, 4731))
    [first, second] = triage([letter(many), letter("All is well with us. We are glad.")], desk())
    assert len(first.key_points) == 4
    assert [point.value for point in second.key_points] == ["All is well with us."]


def test_a_very_long_sentence_is_cut_and_its_evidence_is_whole():
    text = "Please check " + "the goods and " * 60 + "answer."
    [found] = triage([letter(text)], desk())
    [point] = found.key_points
    assert point.value.endswith("…")
    assert point.evidence == text


def test_an_empty_message_has_no_points():
    [found] = triage([letter("")], desk())
    assert found.key_points == ()


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Is INV/2026/0042 paid?", "INV/2026/0042 is open with 1,250.00 EUR, due 2026-10-04."),
        ("Is invoice INV/2026/0031 paid?", "INV/2026/0031 was paid on 2026-09-30."),
        ("Is invoice INV/2026/9999 paid?", "The books do not have INV/2026/9999."),
        ("Please send a copy by Friday.", "Send what is asked for. It is wanted by 2026-11-27."),
        ("We received the goods on Monday.", "Nothing is asked for: file it."),
    ],
)
def test_the_next_step_says_what_to_do_and_what_the_books_know(text, step):
    [found] = triage([letter(text)], desk(books=BOOKS))
    assert step in found.next_step.value


def test_the_next_step_says_since_when_an_invoice_is_settled_whose_payments_are_not_known():
    done = Settled(
        number="INV/2026/0030",
        partner="Brightwater Ltd",
        posting_date=date(2026, 8, 1),
        settled_on=date(2026, 9, 2),
        gross=Decimal(50),
        currency="EUR",
        side="receivable",
    )
    books = BOOKS.model_copy(update={"settled": (done,)})
    [found] = triage([letter("Is invoice INV/2026/0030 paid?")], desk(books=books))
    assert "INV/2026/0030 has been settled since 2026-09-02." in found.next_step.value
    [number] = [one for one in found.entities if one.kind == "invoice"]
    assert number.known


def test_the_next_step_is_in_the_language_of_who_reads_it():
    mail = letter("Please send a copy of the invoice by Friday.")
    steps = [triage([mail], desk(language=language))[0].next_step.value for language in ("de", "pl", "xx")]
    assert steps[0] == "Das Gewünschte zusenden. Gewünscht bis 2026-11-27."
    assert steps[1].startswith("Wysłać")
    assert steps[2].startswith("Send")


def test_the_next_step_names_why_a_person_must_look_first():
    [found] = triage([letter("Our bank details have changed. Please update them.")], desk())
    assert found.next_step.value.startswith("A person must look first: bank details")
