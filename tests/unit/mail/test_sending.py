"""What may leave: approved by a person or a rule, never to machines, once a day, only as it was approved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from abax.adapters.local.records import SqliteRecords
from abax.mail.contracts import Mailbox, Message, Reply, ReplyState, Triage
from abax.mail.replies import draft, rendered
from abax.mail.sending import SendPolicy, answered_key, approve, claim, is_approved, may_send

from tests.support.replies import NOW, OWN, FakeDesk, message, triage_of, with_contacts

RULES = SendPolicy(kinds={"invoice_status": 0.8, "receipt": 0.5})
PARTNER = with_contacts(("Bergmann Technik GmbH", "@bergmann-technik.example"))


@pytest.fixture
def memory(tmp_path: Path) -> SqliteRecords:
    return SqliteRecords(tmp_path / "abax.db")


def drafted(text: str = "Is INV-2041 still open?", **changes: object) -> tuple[Reply, Message, Triage]:
    mail = message(text, **changes)  # type: ignore[arg-type]
    triage = triage_of(mail, numbers=("INV-2041",))
    reply = draft(mail, triage, FakeDesk(books=PARTNER))
    assert reply is not None
    return reply, mail, triage


def decided(
    memory: SqliteRecords, reply: Reply, mail: Message, triage: Triage, policy: SendPolicy = RULES
) -> tuple[bool, str]:
    decision = may_send(reply, mail, triage, policy, memory, now=NOW, own_addresses=[OWN.address])
    return decision.allowed, decision.why


def test_by_default_nothing_leaves_without_a_person(memory: SqliteRecords) -> None:
    allowed, why = decided(memory, *drafted(), policy=SendPolicy())
    assert not allowed
    assert "without a person" in why


def test_a_rule_lets_its_kind_go(memory: SqliteRecords) -> None:
    decision = may_send(*drafted(), RULES, memory, now=NOW, own_addresses=[OWN.address])
    assert (decision.allowed, decision.automatic, decision.by) == (True, True, "rule:invoice_status")


def test_a_person_lets_anything_go_that_may_be_answered(memory: SqliteRecords) -> None:
    reply, mail, triage = drafted()
    approved, _ = approve(reply, mail, OWN, "person:anna")
    decision = may_send(approved, mail, triage, SendPolicy(), memory, now=NOW, own_addresses=[OWN.address])
    assert decision.allowed and not decision.automatic


def test_a_rule_does_not_let_go_what_is_less_sure_than_it_asks(memory: SqliteRecords) -> None:
    reply, mail, triage = drafted()
    doubtful = reply.model_copy(update={"confidence": 0.79})
    assert decided(memory, doubtful, mail, triage) == (False, "it is not sure enough to go without a person")


def test_an_account_is_told_without_a_person_only_to_addresses_on_record(memory: SqliteRecords) -> None:
    mail = message("Is INV-2041 still open?")
    triage = triage_of(mail, numbers=("INV-2041",))
    colleague = with_contacts(("Bergmann Technik GmbH", "otto@bergmann-technik.example"))
    reply = draft(mail, triage, FakeDesk(books=colleague))
    assert reply is not None
    assert "not known well enough" in decided(memory, reply, mail, triage)[1]


def test_what_a_person_is_to_look_at_does_not_go_by_a_rule(memory: SqliteRecords) -> None:
    reply, mail, triage = drafted()
    doubted = triage.model_copy(update={"needs_person": True, "why_person": ("it may be a fraud",)})
    assert "it may be a fraud" in decided(memory, reply, mail, doubted)[1]


@pytest.mark.parametrize(
    "headers",
    [
        {"auto-submitted": ("auto-replied",)},
        {"precedence": ("bulk",)},
        {"list-id": ("<news.example>",)},
        {"x-auto-response-suppress": ("All",)},
        {"return-path": ("<>",)},
    ],
)
def test_machines_and_lists_get_nothing_even_where_a_person_says_so(
    memory: SqliteRecords, headers: dict[str, tuple[str, ...]]
) -> None:
    reply, mail, triage = drafted(headers=headers)
    approved, _ = approve(reply, mail, OWN, "person:anna")
    assert not decided(memory, approved, mail, triage)[0]


@pytest.mark.parametrize(
    "address", ["no-reply@shop.example", "mailer-daemon@x.example", OWN.address, OWN.address.upper()]
)
def test_no_reply_addresses_and_our_own_get_nothing(memory: SqliteRecords, address: str) -> None:
    reply, mail, triage = drafted()
    to = Mailbox(address=address)
    approved, _ = approve(reply.model_copy(update={"to": to}), mail, OWN, "person:anna")
    assert not decided(memory, approved, mail.model_copy(update={"sender": to}), triage)[0]


def test_one_sender_gets_one_automatic_answer_a_day(memory: SqliteRecords) -> None:
    first = drafted()
    assert decided(memory, *first)[0]
    assert claim(first[0], first[1], RULES, memory, NOW)
    second = drafted("Is INV-2041 open by now?", message_id="m2@bergmann-technik.example")
    assert decided(memory, *second) == (False, "its sender has had an automatic answer today")
    assert not claim(second[0], second[1], RULES, memory, NOW)
    tomorrow = NOW + timedelta(days=1)
    assert may_send(*second, RULES, memory, now=tomorrow, own_addresses=[OWN.address]).allowed


def test_the_same_reply_may_claim_its_day_again_after_a_crash(memory: SqliteRecords) -> None:
    reply, mail, triage = drafted()
    assert claim(reply, mail, RULES, memory, NOW) and claim(reply, mail, RULES, memory, NOW)
    assert decided(memory, reply, mail, triage)[0]


def test_a_person_may_answer_a_sender_who_has_had_an_automatic_answer(memory: SqliteRecords) -> None:
    claim(*drafted()[:2], RULES, memory, NOW)
    reply, mail, triage = drafted(message_id="m2@bergmann-technik.example")
    approved, _ = approve(reply, mail, OWN, "person:anna")
    assert decided(memory, approved, mail, triage)[0]


def test_addresses_that_change_each_time_run_out_of_answers_by_domain(memory: SqliteRecords) -> None:
    policy = RULES.model_copy(update={"domain_a_day": 3})
    allowed = 0
    for place in range(10):
        text = f"{'please ' * place}is INV-2041 open?"
        given = drafted(
            text,
            sender=f"robot{place}@bergmann-technik.example",
            message_id=f"{place}@bergmann-technik.example",
        )
        if decided(memory, *given, policy=policy)[0] and claim(given[0], given[1], policy, memory, NOW):
            allowed += 1
    assert allowed == 3


def test_the_same_words_get_no_second_automatic_answer_on_another_day(memory: SqliteRecords) -> None:
    assert claim(*drafted()[:2], RULES, memory, NOW)
    again = drafted(sender="other@bergmann-technik.example", message_id="m3@bergmann-technik.example")
    later = NOW + timedelta(days=9)
    decision = may_send(*again, RULES, memory, now=later, own_addresses=[OWN.address])
    assert (decision.allowed, decision.why) == (False, "the same words have had an automatic answer before")
    assert not claim(*again[:2], RULES, memory, later)


def test_a_plus_and_capital_letters_make_no_other_sender() -> None:
    assert answered_key("Anna+1@X.example", NOW) == answered_key("anna@x.example", NOW)
    assert answered_key("anna@x.example", NOW) != answered_key("berta@x.example", NOW)
    assert "anna" not in answered_key("anna@x.example", NOW)


def test_what_is_sent_is_byte_for_byte_what_was_approved() -> None:
    reply, mail, _ = drafted()
    approved, content = approve(reply, mail, OWN, "person:anna")
    assert approved.state is ReplyState.APPROVED
    assert is_approved(approved, content)
    assert rendered(approved, mail, OWN) == content
    assert not is_approved(approved, content.replace(b"1,250.00", b"1,520.00"))
    changed = approved.model_copy(update={"body": "Everything is paid.\n"})
    assert not is_approved(approved, rendered(changed, mail, OWN))
    assert not is_approved(reply, content)


@pytest.mark.parametrize("state", [ReplyState.SENT, ReplyState.REJECTED, ReplyState.WITHHELD])
def test_what_is_sent_or_rejected_does_not_go_again(memory: SqliteRecords, state: ReplyState) -> None:
    reply, mail, triage = drafted()
    assert decided(memory, reply.model_copy(update={"state": state}), mail, triage) == (
        False,
        f"it is {state} already",
    )


def test_a_reply_answers_its_own_message_alone(memory: SqliteRecords) -> None:
    reply, mail, triage = drafted()
    other = mail.model_copy(update={"message_id": "other@x.example"})
    assert decided(memory, reply, other, triage) == (False, "it answers another message")
