"""What a trained model is shown of a mail, and the form of its answers."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from abax.mail import answering
from abax.mail.answering import CUT, Sender, Sorted
from abax.mail.datasets import Labelled
from abax.mail.deeds import __doc__ as deeds
from abax.mail.message import read
from abax.mail.taxonomy import Taxonomy
from abax.writing.prompts import prompt
from abax.writing.prompts.prompt import tokens_in
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError


def _message(subject: str, body: str):
    told = {"id": "one", "from": "Ann <ann@buyer.example>", "subject": subject, "body": body}
    return read(Labelled.model_validate(told).content()).message


def test_vocabulary_is_that_of_the_contract() -> None:
    taxonomy = Taxonomy.default()
    takers = {taxonomy.category(name).department for name in taxonomy.names}

    assert set(get_args(answering.Category)) == set(taxonomy.names)
    assert set(get_args(answering.Department)) == takers | {"accounts_payable"}
    assert all(f"``{kind}``" in (deeds or "") for kind in get_args(answering.Deed))


def test_only_what_is_asked_is_answered_in_a_fixed_order() -> None:
    told = {"actions": ["pay"], "category": "payment", "by": "5 May"}

    assert answering.answer(told) == '{"category":"payment","actions":["pay"],"by":"5 May"}'


def test_a_label_of_another_house_is_no_answer() -> None:
    with pytest.raises(ValidationError):
        answering.answer({"category": "gossip"})


def test_history_and_personal_data_are_not_shown() -> None:
    body = "Please call +44 20 7946 0991 about RE-12.\n\nOn Mon, 2 Mar 2026, Bob wrote:\n> the old story\n"

    shown = answering.variables(_message("Call", body), Sender.CUSTOMER, ("category",), mask=True)

    assert shown["tasks"] == "category"
    assert shown["sender"] == "a customer"
    assert "RE-12" in shown["mail"]
    assert "7946" not in shown["mail"]
    assert "old story" not in shown["mail"]


def test_a_long_mail_keeps_its_beginning_and_its_end() -> None:
    text = "\n".join(
        ["First things first.", *(f"Line {number} of the long story." for number in range(90)), "Pay now!"]
    )

    short = answering.shortened(text)

    assert short.startswith("First things first.")
    assert short.endswith("Pay now!")
    assert CUT in short
    assert tokens_in(short) <= answering.BUDGET + 5


@given(st.text(max_size=1500))
def test_what_is_shown_keeps_to_its_budget_and_invents_no_word(text: str) -> None:
    short = answering.shortened(text, 60)

    assert tokens_in(short) <= 60 + 5
    assert set(short.split()) <= {*text.split(), CUT}


def test_the_grammar_admits_answers_and_nothing_else() -> None:
    schema = prompt(answering.PROMPT).schema

    assert list(schema["properties"]) == list(answering.TASKS)
    assert "required" not in schema
    assert schema["properties"]["by"]["x-grounded"] == "words"
    assert schema["additionalProperties"] is False


def test_names_are_told_with_their_kinds() -> None:
    made = Sorted.model_validate(json.loads('{"names":{"invoice":["A-1","A-2"],"amount":["5 EUR"]}}'))

    assert made.names is not None
    assert made.names.pairs == (("invoice", "A-1"), ("invoice", "A-2"), ("amount", "5 EUR"))
