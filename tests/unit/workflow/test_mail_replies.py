"""A reply is sent as it was approved, at most once; a ticket is told until somebody takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.tickets import RoutedTickets
from abax.compose import Edge, edge
from abax.errors import (
    CallbackFailed,
    Conflict,
    InvalidRequest,
    MailRefused,
    MailUnreachable,
    MailUnsure,
    NotFound,
    OwnAddressNeeded,
    StorageError,
    UnknownSecret,
)
from abax.ports import Notice
from abax.workflow import mail_replies
from abax.workflow.context import MailOutContext
from abax.workflow.mail import row_of, take_in
from abax.workflow.mail_out import run_out, soonest
from abax.workflow.mail_practice import set_practice
from abax.workflow.mail_replies import SENDING, SENT, bytes_key, decide_reply, reply_of, reply_state
from abax.workflow.mail_request import ReplyRequest
from pydantic import ValidationError

from tests.support.mails import OWN, eml, plain_desk  # noqa: F401 (a fixture)

pytestmark = pytest.mark.usefixtures("plain_desk")


class Post:
    """Sends mail, or does not, and tells tickets likewise."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, str, list[str]]] = []
        self.told: list[Notice] = []
        self.fails: Exception | None = None

    def send(self, content: bytes, sender: str, recipients: Sequence[str]) -> str:
        if self.fails is not None:
            raise self.fails
        self.sent.append((content, sender, list(recipients)))
        return "id-1"

    def tell(self, notice: Notice) -> str:
        if self.fails is not None:
            raise self.fails
        self.told.append(notice)
        return "https://desk.example/tickets"


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    made = edge(tmp_path / "home")
    set_practice(made.mail.records, {"own": OWN, "own_addresses": ["info@house.example"]})
    return made


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def outs(house: Edge, post: Post) -> MailOutContext:
    return replace(house.mail_outs, sender=post, tickets=post)


def drafted(house: Edge, number: int = 1, **how: Any) -> str:
    """The id of the draft that answers a message."""
    return take_in(house.mail, [eml(number, **how)])[0].mail_id


def decide(house: Edge, reply_id: str, verdict: str, **more: Any) -> dict[str, Any]:
    request = ReplyRequest.model_validate({"verdict": verdict, **more})
    return decide_reply(house.services.objects, house.mail.records, house.mail.outs, reply_id, request)


def send(outs: MailOutContext, reply_id: str) -> str:
    return run_out(outs, {"task": "send", "reply_id": reply_id})


# --- approving ------------------------------------------------------------------------------------------


def test_what_is_sent_is_byte_for_byte_what_was_approved(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    _, draft = reply_of(house.mail.records, reply_id)
    looked_at = house.services.objects.get(bytes_key(draft.digest))
    state = decide(house, reply_id, "approve", digest=draft.digest, by="Ana")
    assert (state["state"], state["by"]) == ("approved", "person:Ana")
    assert send(outs, reply_id) == "sent"
    [(content, sender, to)] = post.sent
    assert content == looked_at and hashlib.sha256(content).hexdigest() == draft.digest
    assert (sender, to) == (OWN, ["ana@customer.example"])
    assert reply_state(house.mail.records, reply_id)["state"] == "sent"


def test_nothing_is_sent_that_nobody_has_approved(house: Edge, outs: MailOutContext, post: Post) -> None:
    reply_id = drafted(house)
    with pytest.raises(Conflict, match="nobody has approved"):
        send(outs, reply_id)
    decide(house, reply_id, "reject", note="I shall call them")
    with pytest.raises(Conflict):
        send(outs, reply_id)
    state = reply_state(house.mail.records, reply_id)
    assert (state["state"], state["why"], post.sent) == ("rejected", "I shall call them", [])


def test_who_decides_first_is_heard(house: Edge) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "reject")
    for verdict in ({"verdict": "approve"}, {"verdict": "reject"}, {"verdict": "edit", "body": "Hello."}):
        with pytest.raises(Conflict, match="decided"):
            decide(house, reply_id, **verdict)


def test_an_edited_draft_has_other_bytes_and_is_still_to_be_approved(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    before = reply_of(house.mail.records, reply_id)[1].digest
    after = decide(house, reply_id, "edit", body="We shall call you.", by="Ana")
    assert after["state"] == "drafted" and after["digest"] != before
    with pytest.raises(Conflict, match="look at it again"):
        decide(house, reply_id, "approve", digest=before)
    decide(house, reply_id, "approve", digest=after["digest"])
    assert send(outs, reply_id) == "sent"
    assert b"We shall call you." in post.sent[0][0]


def test_bytes_that_are_not_those_approved_are_never_sent(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    digest = decide(house, reply_id, "approve")["digest"]
    house.services.objects.put(bytes_key(digest), b"From: somebody else\r\n\r\n")
    with pytest.raises(StorageError, match="is not what its name says"):
        send(outs, reply_id)
    assert post.sent == []


@pytest.mark.parametrize(
    "said",
    [
        {"verdict": "maybe"},
        {"verdict": "edit"},
        {"verdict": "edit", "body": "  "},
        {"verdict": "approve", "body": "x"},
        {"verdict": "reject", "subject": "x"},
        {"verdict": "reject", "again": True},
        {"verdict": "approve", "digest": "short"},
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReplyRequest.model_validate(said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"verdict": "edit", "body": " "}, "an edit needs the new words"),
        ({"verdict": "approve", "body": "x"}, "goes with verdict edit alone"),
    ],
)
def test_a_verdict_is_told_what_it_lacks(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ReplyRequest.model_validate(said)


# --- sending once ---------------------------------------------------------------------------------------


def test_a_reply_is_sent_once_however_often_its_message_comes(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: send(outs, reply_id), range(16)))
    assert len(post.sent) == 1


def test_a_server_that_is_down_is_tried_again(house: Edge, outs: MailOutContext, post: Post) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailUnreachable("mail.example", "nobody there")
    with pytest.raises(MailUnreachable):
        send(outs, reply_id)
    assert reply_state(house.mail.records, reply_id)["state"] == "approved"
    post.fails = None
    assert send(outs, reply_id) == "sent" and len(post.sent) == 1


def test_what_may_have_been_sent_is_not_sent_again_but_by_a_person(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailUnsure("mail.example", "the line broke")
    assert send(outs, reply_id) == "unsure"
    post.fails = None
    assert send(outs, reply_id) == "unsure" and post.sent == []
    state = reply_state(house.mail.records, reply_id)
    assert state["sending"]["state"] == "unsure" and "the line broke" in state["why"]
    decide(house, reply_id, "approve", again=True)
    assert send(outs, reply_id) == "sent" and len(post.sent) == 1
    with pytest.raises(Conflict, match="nothing to send again"):
        decide(house, reply_id, "approve", again=True)


def test_a_sender_that_died_while_sending_leaves_it_to_a_person(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    house.mail.records.put(SENT, reply_id, {"state": SENDING, "at": "2026-11-20T10:00:00+00:00", "why": ""})
    assert send(outs, reply_id) == SENDING and post.sent == []
    decide(house, reply_id, "approve", again=True)
    assert send(outs, reply_id) == "sent"


def test_a_server_that_will_not_have_it_ends_it_with_its_reason(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailRefused("mail.example", "550 no such user")
    assert send(outs, reply_id) == "refused"
    state = reply_state(house.mail.records, reply_id)
    assert state["state"] == "withheld" and "no such user" in state["why"]


def test_nothing_is_sent_to_ourselves(house: Edge, outs: MailOutContext, post: Post) -> None:
    reply_id = drafted(house, sender="Us <INFO@house.example>")
    decide(house, reply_id, "approve")
    assert send(outs, reply_id) == "withheld" and post.sent == []


def test_without_an_address_of_our_own_nothing_is_sent(tmp_path: Path, post: Post) -> None:
    house = edge(tmp_path / "other")
    reply_id = drafted(house)
    with pytest.raises(OwnAddressNeeded, match=r"own = .*abax mail settings"):
        decide(house, reply_id, "approve")
    assert reply_state(house.mail.records, reply_id)["state"] == "drafted"
    set_practice(house.mail.records, {"own": OWN})
    decide(house, reply_id, "approve")
    assert send(replace(house.mail_outs, sender=post), reply_id) == "sent"
    assert post.sent[0][0].startswith(f"From: {OWN}".encode())


def test_who_looked_at_a_draft_before_our_address_was_set_looks_again(tmp_path: Path) -> None:
    house = edge(tmp_path / "other")
    reply_id = drafted(house)
    before = reply_of(house.mail.records, reply_id)[1].digest
    set_practice(house.mail.records, {"own": OWN})
    with pytest.raises(Conflict, match="look at it again"):
        decide(house, reply_id, "approve", digest=before)
    now = reply_of(house.mail.records, reply_id)[1].digest
    assert now != before and decide(house, reply_id, "approve", digest=now)["digest"] == now


def test_an_address_that_is_taken_away_withholds_an_approved_reply_until_it_is_back(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    set_practice(house.mail.records, {"own": ""})
    assert send(outs, reply_id) == "withheld"
    assert "no address" in reply_state(house.mail.records, reply_id)["why"]
    set_practice(house.mail.records, {"own": OWN})
    assert decide(house, reply_id, "approve", by="Bo")["state"] == "approved"
    assert send(outs, reply_id) == "sent"
    assert reply_state(house.mail.records, reply_id)["by"] == "person:Bo"


# --- anew -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edited", [False, True])
def test_what_a_server_refused_is_worded_and_approved_anew(
    house: Edge, outs: MailOutContext, post: Post, edited: bool
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailRefused("mail.example", "550 no such user")
    assert send(outs, reply_id) == "refused"
    with pytest.raises(Conflict, match="nothing to send again"):
        decide(house, reply_id, "approve", again=True)
    post.fails = None
    if edited:
        assert decide(house, reply_id, "edit", body="Other words.")["state"] == "drafted"
    assert send(outs, reply_id) == "refused" and post.sent == []  # its message comes late
    state = decide(house, reply_id, "approve")
    assert (state["state"], state["sending"], state["why"]) == ("approved", None, "")
    for _ in range(2):
        assert send(outs, reply_id) == "sent"
    assert len(post.sent) == 1 and (b"Other words." in post.sent[0][0]) is edited
    with pytest.raises(Conflict, match="decided"):
        decide(house, reply_id, "approve")


def test_of_many_who_approve_a_refused_reply_anew_one_is_heard_and_it_is_sent_once(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailRefused("mail.example", "550 no such user")
    send(outs, reply_id)
    post.fails = None

    def approve_and_send(number: int) -> bool:
        try:
            decide(house, reply_id, "approve", by=str(number))
        except Conflict:
            return False
        finally:
            send(outs, reply_id)
        return True

    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(approve_and_send, range(16)))
    assert (sum(heard), len(post.sent)) == (1, 1)


def test_of_many_who_have_an_unsure_reply_sent_again_one_is_heard(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailUnsure("mail.example", "the line broke")
    send(outs, reply_id)
    assert reply_state(house.mail.records, reply_id)["state"] == "unsure"
    with pytest.raises(Conflict, match="decided"):
        decide(house, reply_id, "approve")
    with pytest.raises(Conflict, match="decided"):
        decide(house, reply_id, "edit", body="Other words.")
    post.fails = None

    def again(number: int) -> None:
        try:
            decide(house, reply_id, "approve", again=True)
        except Conflict:
            return
        send(outs, reply_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(again, range(16)))
    assert len(post.sent) == 1


def test_a_reply_that_somebody_is_sending_is_not_sent_again_beside_him(house: Edge, post: Post) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    begun = {"state": SENDING, "at": datetime.now(UTC).isoformat(), "why": ""}
    house.mail.records.put(SENT, reply_id, begun)
    with pytest.raises(Conflict, match="being sent at this moment"):
        decide(house, reply_id, "approve", again=True)
    assert post.sent == []


def test_a_reply_that_was_refused_may_be_rejected(house: Edge, outs: MailOutContext, post: Post) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = MailRefused("mail.example", "550 no such user")
    send(outs, reply_id)
    assert decide(house, reply_id, "reject", note="called them")["state"] == "rejected"
    assert send(outs, reply_id) == "refused" and post.sent == []


@pytest.mark.parametrize(
    "missing", [UnknownSecret("smtp/house", "this home", "with: …"), InvalidRequest("is no server", "url")]
)
def test_a_sender_that_is_not_set_up_sends_once_it_is(
    house: Edge, outs: MailOutContext, post: Post, missing: Exception
) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    post.fails = missing
    with pytest.raises(type(missing)):
        send(outs, reply_id)
    assert reply_state(house.mail.records, reply_id)["state"] == "approved"
    post.fails = None
    assert send(outs, reply_id) == "sent" and len(post.sent) == 1


def test_nothing_is_approved_while_the_server_that_sends_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAX_MAIL_SENDER", "smtp:house/smtp")
    house = edge(tmp_path / "other")
    set_practice(house.mail.records, {"own": OWN})
    reply_id = drafted(house)
    mails = house.services.mails
    assert mails is not None
    request = ReplyRequest.model_validate({"verdict": "approve"})
    given = (house.services.objects, mails.records, mails.outs, reply_id, request, mails.ready)
    with pytest.raises(UnknownSecret, match="house/smtp"):
        decide_reply(*given)
    house.secrets.put("house/smtp", {"url": "smtps://ar@mail.example"})
    assert decide_reply(*given)["state"] == "approved"


# --- whose mail it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize("edited", [False, True])
def test_what_a_person_approves_is_a_person_s_mail_whoever_worded_it(
    house: Edge, outs: MailOutContext, post: Post, edited: bool
) -> None:
    reply_id = drafted(house)
    if edited:
        decide(house, reply_id, "edit", body="Other words.")
    decide(house, reply_id, "approve")
    send(outs, reply_id)
    assert b"Auto-Submitted" not in post.sent[0][0] and b"X-Loop" in post.sent[0][0]


def test_what_a_rule_let_go_and_was_kept_back_is_a_person_s_mail_once_a_person_approves(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    set_practice(house.mail.records, {"answers": {"kinds": {"receipt": 0.9}}})
    first, second = drafted(house, 1), drafted(house, 2, body="And now?")
    assert (send(outs, first), send(outs, second)) == ("sent", "withheld")
    decide(house, second, "approve")
    assert send(outs, second) == "sent"
    assert [b"Auto-Submitted" in content for content, *_ in post.sent] == [True, False]


def test_a_reply_that_is_only_kept_says_where(house: Edge) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "approve")
    assert send(house.mail_outs, reply_id) == "sent"
    where = reply_state(house.mail.records, reply_id)["sending"]["where"]
    assert where == f"kept in the outbox, {house.home / 'outbox'}"


# --- by rule --------------------------------------------------------------------------------------------


def test_a_kind_that_may_go_by_itself_goes_once_a_sender_and_day(
    house: Edge, outs: MailOutContext, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_practice(house.mail.records, {"answers": {"kinds": {"receipt": 0.9}}})
    first, second = drafted(house, 1), drafted(house, 2, body="And now?", sender="Ana <ANA@customer.example>")
    other = drafted(house, 3, body="And mine?", sender="bob@customer.example")
    assert send(outs, first) == "sent" and send(outs, other) == "sent"
    assert send(outs, second) == "withheld"
    assert "today" in reply_state(house.mail.records, second)["why"]
    assert b"Auto-Submitted: auto-replied" in post.sent[0][0]

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(UTC) + timedelta(days=1)

    monkeypatch.setattr(mail_replies, "datetime", Tomorrow)
    third = drafted(house, 4, body="Good morning, where is it?")
    assert send(outs, third) == "sent"


def test_a_person_may_answer_as_often_as_they_like(house: Edge, outs: MailOutContext, post: Post) -> None:
    for number in (1, 2):
        reply_id = drafted(house, number)
        decide(house, reply_id, "approve", by="Ana")
        assert send(outs, reply_id) == "sent"
    assert len(post.sent) == 2


def test_no_kind_goes_by_itself_unless_the_settings_name_it(house: Edge) -> None:
    reply_id = drafted(house)
    assert reply_state(house.mail.records, reply_id)["state"] == "drafted"
    set_practice(house.mail.records, {"answers": {"kinds": {"receipt": 0.99}}})
    assert reply_state(house.mail.records, drafted(house, 2))["state"] == "drafted"


# --- tickets --------------------------------------------------------------------------------------------


def test_a_ticket_is_told_once_with_what_the_department_needs(
    house: Edge, outs: MailOutContext, post: Post
) -> None:
    mail_id = drafted(house)
    for _ in range(2):
        assert run_out(outs, {"task": "ticket", "mail_id": mail_id}) == "told"
    [notice] = post.told
    assert (notice.key, notice.queue) == (f"mail-{mail_id}", "ar")
    assert "where is it" in notice.subject and "P2" in notice.text
    assert b'"reply_id":"' + mail_id.encode() in notice.body


def test_a_system_that_is_down_delays_the_ticket_alone(house: Edge, outs: MailOutContext, post: Post) -> None:
    mail_id = drafted(house)
    post.fails = CallbackFailed("https://desk.example", "it answered 503")
    for _ in range(2):
        with pytest.raises(CallbackFailed):
            run_out(outs, {"task": "ticket", "mail_id": mail_id})
    ticket = row_of(house.mail.records, mail_id)["ticket"]
    assert (ticket["state"], ticket["tries"], ticket["error"]["type"]) == ("waiting", 2, "CallbackFailed")
    post.fails = None
    assert run_out(outs, {"task": "ticket", "mail_id": mail_id}) == "told"
    assert row_of(house.mail.records, mail_id)["ticket"]["error"] is None


@pytest.mark.parametrize(
    "message", ["x", {}, {"task": "ticket"}, {"task": "send", "reply_id": 7}, {"task": "dance"}]
)
def test_a_message_that_asks_for_nothing_is_refused(outs: MailOutContext, message: Any) -> None:
    with pytest.raises(InvalidRequest):
        run_out(outs, message)


def test_a_ticket_or_reply_of_nothing_is_not_found(outs: MailOutContext) -> None:
    with pytest.raises(NotFound):
        run_out(outs, {"task": "ticket", "mail_id": "none"})
    with pytest.raises(NotFound):
        run_out(outs, {"task": "send", "reply_id": "none"})


# --- who waits for whom ---------------------------------------------------------------------------------


def test_a_reply_goes_before_all_tickets_that_wait(house: Edge) -> None:
    queue, done = house.mail_out_queue, []
    for number in range(3):
        queue.send({"task": "ticket", "mail_id": str(number)})
    queue.send({"task": "send", "reply_id": "r"})
    while queue.receive(lambda message: done.append(message["task"])):
        pass
    assert done == ["send", "ticket", "ticket", "ticket"]


def test_of_a_batch_replies_go_first_and_looks_into_mailboxes_last() -> None:
    batch = {"1": '{"task": "fetch"}', "2": '{"task": "ticket"}', "3": '{"task": "send"}', "4": "{broken"}
    assert soonest(batch) == ["3", "4", "2", "1"]


def test_an_approved_reply_does_not_wait_for_webhooks_that_hang(house: Edge, post: Post) -> None:
    """One ticket may be under way when the reply comes; the others are not waited for."""
    hanging = Hanging()
    outs = replace(house.mail_outs, sender=post, tickets=hanging.sink)
    reply_id, *_ = [drafted(house, number) for number in range(1, 7)]
    queue = house.mail_out_queue
    with pytest.raises(CallbackFailed):
        queue.receive(lambda message: run_out(outs, message))
    decide(house, reply_id, "approve")
    queue.receive(lambda message: run_out(outs, message))
    assert len(post.sent) == 1
    for _ in range(5):
        with pytest.raises(CallbackFailed):
            queue.receive(lambda message: run_out(outs, message))
    assert (hanging.tries, hanging.now, queue.waiting()) == (1, 5.0, 6)


class Hanging:
    """A webhook that keeps us waiting for five seconds and then fails."""

    def __init__(self) -> None:
        self.now, self.tries = 0.0, 0
        routes = {"*": "https://desk.example/tickets"}
        self.sink = RoutedTickets(lambda: routes, self, Post(), clock=lambda: self.now)

    def send(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.now += 5
        self.tries += 1
        raise CallbackFailed(url, "timed out")
