"""Grave matters come to a person with their priority and sentence, and everyday mail raises no alarm."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from abax.mail.contracts import Asked, Claim, Mailbox, Priority, Triage
from abax.mail.desk import Desk
from abax.mail.entities import Named
from abax.mail.grave import grave_matters, months_after
from abax.mail.reading import sentences_of
from abax.mail.rules import Rules
from abax.mail.taxonomy import Taxonomy
from abax.mail.triage import triage

from tests.support.letters import BOOKS, NOW, desk, letter, reading

EXAMPLES = [
    json.loads(line)
    for line in Path(__file__).with_name("grave_examples.jsonl").read_text(encoding="utf-8").splitlines()
]
GRAVE = [row for row in EXAMPLES if row["matter"]]
EVERYDAY = [row for row in EXAMPLES if not row["matter"]]
TAGS = {"bank": "bank-details"}
BREACH = "Customer data was stolen. We must notify the authority within 72 hours."
BOSS = "I need a bank transfer of EUR 40,000 today. Tell nobody. Peter Stone, Managing Director"


def judged(rows: list[dict], looked_at_by: Desk) -> list[tuple[dict, Triage]]:
    letters = [letter(row["text"], row["subject"], row["language"], row["sender"]) for row in rows]
    return list(zip(rows, triage(letters, looked_at_by), strict=True))


def one(text: str, subject: str = "", language: str = "en", **more) -> Triage:
    changes = more.pop("changes", {})
    [found] = triage([letter(text, subject, language, **more)], desk(**changes))
    return found


@pytest.fixture(scope="module", params=["words", "classifiers"])
def looker(request: pytest.FixtureRequest) -> Desk:
    own = ("office@ourhouse.example",)
    return desk() if request.param == "words" else Desk.default(now=NOW, own_addresses=own)


def alarms(found: Triage) -> list[str]:
    return [rule for rule in found.rules if rule.startswith("grave-")]


def test_there_are_examples_of_all_matters_in_seven_languages():
    assert len(GRAVE) >= 100
    assert len(EVERYDAY) >= 120
    by_matter = Counter((row["matter"], row["language"]) for row in GRAVE)
    assert len(by_matter) == 9 * 7
    assert len({row["language"] for row in EVERYDAY}) == 7


def test_grave_matters_come_to_a_person_first_whatever_classifiers_say(looker):
    for row, found in judged(GRAVE, looker):
        expected = Priority.P2 if row["matter"] == "data_request" else Priority.P1
        tag = TAGS.get(row["matter"], row["matter"].replace("_", "-"))
        assert (tag in found.tags, found.needs_person, found.priority.value) == (True, True, expected), row
        assert found.priority.evidence in (f"Subject: {row['subject']}", *sentences_of(row["text"])), row
        assert found.category.value != "automatic", row
        assert found.next_step.value.startswith("A person must look first"), row


def test_everyday_mail_that_speaks_of_courts_breaches_and_data_protection_raises_no_alarm(looker):
    assert [(row["id"], alarms(found)) for row, found in judged(EVERYDAY, looker) if alarms(found)] == []


def test_a_data_subject_has_an_answer_within_a_month():
    found = one("Under Article 15 GDPR I ask for my personal data.", "Request")
    assert [action.due for action in found.asked.actions] == [date(2026, 12, 23)]
    assert found.next_step.value.endswith("It is wanted by 2026-12-23.")
    assert found.department.value == "legal"


def test_a_data_subject_that_names_an_earlier_day_keeps_it():
    found = one("Please delete all my data by 1 December 2026.", "Request")
    assert [action.due for action in found.asked.actions] == [date(2026, 12, 1)]


def test_a_month_after_the_last_of_january_is_the_last_of_february():
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)


def test_the_reason_stands_with_its_sentence():
    found = one(BREACH)
    [reason] = [reason for reason in found.reasons if reason.kind == "rule"]
    assert reason.text.startswith("a breach of personal data")
    assert reason.evidence == "We must notify the authority within 72 hours." or "stolen" in reason.evidence
    assert found.why_person[0] == reason.text


def test_a_supposed_chief_is_neither_answered_nor_believed():
    found = one(BOSS, sender="boss.private@gmail.com")
    assert "fraud" in found.tags
    assert not found.answerable
    assert "Do not pay and do not answer" in found.next_step.value


def test_a_known_customer_who_announces_a_transfer_is_no_fraud():
    text = "I am in a meeting. We made the bank transfer today, please confirm."
    assert not alarms(one(text, sender="jane@brightwater.example", changes={"books": BOOKS}))


def test_answers_that_would_go_to_an_address_of_anybodys_speak_for_a_fraud():
    text = "Please arrange a payment of EUR 9,000 today. The Managing Director"
    elsewhere = (Mailbox(address="boss@gmail.com"),)
    assert alarms(one(text, sender="boss@ourhouse.example", reply_to=elsewhere)) == ["grave-fraud"]


def test_a_denied_breach_is_none():
    assert not alarms(one("There was no data breach."))
    assert alarms(one("There was a data breach."))


def test_what_goes_to_many_raises_alarm_only_from_a_partner():
    listed = {"list-unsubscribe": ("<mailto:x@y.example>",)}
    assert not alarms(one(BREACH, headers=listed, sender="news@somebody.example"))
    partner = {"books": BOOKS}
    assert alarms(one(BREACH, headers=listed, sender="it@brightwater.example", changes=partner))


def test_an_answering_machine_raises_no_alarm():
    headers = {"auto-submitted": ("auto-replied",)}
    assert not alarms(one(BREACH, headers=headers))


def test_an_authority_that_sends_by_machine_is_heard():
    headers = {"auto-submitted": ("auto-generated",)}
    found = one("We will carry out a VAT inspection at your premises.", headers=headers)
    assert (alarms(found), found.needs_person) == (["grave-tax-audit"], True)
    assert found.category.value != "automatic"


def test_a_house_with_a_taxonomy_of_its_own_is_warned_too():
    toml = """
name = "small"
unsure = "rest"
[[department]]
name = "office"
[[category]]
name = "rest"
department = "office"
[[category]]
name = "offers"
department = "office"
[category.words]
en = ["offer"]
"""
    own = {"taxonomy": Taxonomy.parsed(toml, "own.toml"), "rules": Rules(())}
    found = one(BREACH, changes=own)
    assert (found.priority.value, found.needs_person, found.department.value) == (Priority.P1, True, "office")


def test_a_rule_of_the_house_may_send_a_grave_matter_elsewhere_and_a_person_still_looks():
    when, then = 'words = ["authority"]', 'department = "support"'
    toml = f'[[rule]]\nid = "ours"\nwhen = {{ {when} }}\nthen = {{ {then} }}\nstop = true'
    found = one(BREACH, changes={"rules": Rules.default().and_(Rules.parsed(toml, "own.toml"))})
    assert found.department.value == "support"
    assert found.needs_person


def test_signs_of_fraud_need_a_payment():
    said = reading("Tell nobody that I asked. Peter Stone, Managing Director")
    wanted = Asked(wanted=Claim(value=True, confidence=1.0))
    assert grave_matters(said, "en", Named((), ()), wanted, "") == ()


def test_the_next_step_for_new_bank_details_is_not_to_pay():
    found = one("Our bank details have changed. Please pay invoice 4711 to the new account today.")
    assert "Pay nothing to the new account" in found.next_step.value
