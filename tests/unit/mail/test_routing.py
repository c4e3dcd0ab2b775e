"""Which department takes mail: who owes whom, and what a complaint, an account or a contract is about."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from abax.errors import InvalidTaxonomy
from abax.mail.contracts import Books, Claim, Open
from abax.mail.datasets import Labelled
from abax.mail.desk import Desk
from abax.mail.entities import named
from abax.mail.message import read
from abax.mail.routing import department_of, whose
from abax.mail.taxonomy import Taxonomy
from abax.mail.triage import triage
from abax.mail.wording import wording

from tests.support.letters import desk, letter, reading

EXAMPLES = [
    json.loads(line)
    for line in Path(__file__).with_name("routing_examples.jsonl").read_text(encoding="utf-8").splitlines()
]
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def judged():
    messages = [read(Labelled.model_validate(row).content()).message for row in EXAMPLES]
    return list(zip([row["truth"] for row in EXAMPLES], triage(messages, desk(now=NOW)), strict=True))


def test_examples_are_of_seven_languages_and_six_departments_or_none():
    assert len(EXAMPLES) >= 60
    assert {row["language"] for row in EXAMPLES} == {"en", "de", "fr", "es", "it", "nl", "pl"}
    assert len({row["truth"]["department"] for row in EXAMPLES}) == 7


def test_examples_reach_their_department_by_words_alone(judged):
    right = [found.department.value == truth["department"] for truth, found in judged]
    assert sum(right) / len(right) >= 0.93


def test_examples_are_told_by_category_by_words_alone(judged):
    right = [found.category.value == truth["category"] for truth, found in judged]
    assert sum(right) / len(right) >= 0.9


def test_what_the_examples_want_done_is_told(judged):
    wanted = [
        ({one["kind"] for one in truth["actions"]}, found) for truth, found in judged if "actions" in truth
    ]
    found = [{one.kind for one in triaged.asked.actions} for _, triaged in wanted]
    both = sum(len(want & got) for (want, _), got in zip(wanted, found, strict=True))
    assert 2 * both / sum(len(want) + len(got) for (want, _), got in zip(wanted, found, strict=True)) >= 0.9


def department(text: str, category: str, language: str = "en", **changes) -> Claim[str]:
    said = Claim[str](value=category, confidence=0.9, method="words")
    now = desk(**changes)
    names = named(reading(text, language=language), wording(language), now.known)
    return department_of(said, reading(text, language=language), wording(language), names, "", now)


@pytest.mark.parametrize(
    ("text", "language", "side"),
    [
        ("our two open invoices", "en", "supplier"),
        ("our accountant does not have your invoice", "en", "customer"),
        ("Ihre letzte Rechnung", "de", "customer"),
        ("votre commande", "fr", "supplier"),
        ("nuestro pedido", "es", "customer"),
        ("la vostra ultima fattura", "it", "customer"),
        ("onze factuur", "nl", "supplier"),
        ("faktura Państwa", "pl", "customer"),
    ],
)
def test_whose_a_thing_is_tells_who_writes(text, language, side):
    [sentence] = reading(text, language=language).body
    assert list(whose(sentence, wording(language))) == [side]


def test_a_claim_for_a_department_names_its_sentence():
    claim = department("Hello. Our invoice 44 is unpaid. Bye.", "payment")
    assert (claim.value, claim.evidence) == ("accounts_payable", "Our invoice 44 is unpaid.")
    assert claim.confidence < 0.9


def test_the_books_outweigh_what_is_said():
    item = Open(
        number="INV-2026-44", partner="Brightwater", posting_date=date(2026, 10, 1), due_date=None,
        residual=Decimal("10"), currency="EUR", side="receivable",
    )  # fmt: skip
    said = "Please pay our invoice INV-2026-44."
    assert department(said, "payment").value == "accounts_payable"
    claim = department(said, "payment", books=Books(items=(item,)))
    assert (claim.value, claim.method) == ("accounts_receivable", "ledger")


def test_a_word_that_is_said_ten_times_counts_once():
    once = department("The driver was rude.", "complaint")
    often = department("The driver was rude. " * 10, "complaint")
    assert once == often
    assert once.value == "logistics"


def test_a_taxonomy_without_routes_keeps_to_its_departments():
    shipped = (resources.files("abax.mail") / "taxonomy.toml").read_text(encoding="utf-8")
    own = Taxonomy.parsed(shipped[: shipped.index("[[route]]")], "own.toml")
    plain = Desk(taxonomy=own, now=NOW)
    [found] = triage([letter("I complain about your driver, he was rude.")], plain)
    assert found.department.value == "support"


def test_a_route_to_nowhere_is_refused_with_its_place():
    text = """
name = "club"
unsure = "rest"
[[department]]
name = "board"
[[category]]
name = "fees"
department = "board"
[[category]]
name = "rest"
department = "board"
[[route]]
department = "bored"
categories = ["fees"]
words = { en = ["fee"] }
"""
    with pytest.raises(InvalidTaxonomy, match=r"route 1: there is no 'bored'.*board is meant"):
        Taxonomy.parsed(text, "club.toml")
    good = Taxonomy.parsed(text.replace("bored", "board"), "club.toml")
    assert good.routes_of("fees", "en") is not None
    assert good.routes_of("rest", "en") is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("We paid invoice 4411 on 3 November. Please check your records.", {"confirm"}),
        ("Invoice 4411 has not been paid. Please pay it by Friday.", {"pay"}),
        ("Please send us a copy of the order and confirm the price list.", {"send_document", "confirm"}),
        ("Please confirm the quantity and the delivery date.", {"confirm"}),
    ],
)
def test_what_is_wanted_is_told_from_what_is_said_to_be_done(text, kinds):
    [found] = triage([letter(text)], desk())
    assert {one.kind for one in found.asked.actions} == kinds


@pytest.mark.parametrize(
    ("text", "category", "department"),
    [
        ("This is an automated message. Payment advice: EUR 40.00 follow.", "payment", "accounts_receivable"),
        (
            "This is an automated message. The certificate of host ab12 expires in ten days.",
            "technical",
            "support",
        ),
        ("This is an automated message. Your survey is closed.", "automatic", "none"),
    ],
)
def test_what_a_machine_says_of_money_and_faults_is_for_somebody(text, category, department):
    [found] = triage([letter(text, "Automatic notification")], desk())
    assert (found.category.value, found.department.value) == (category, department)
