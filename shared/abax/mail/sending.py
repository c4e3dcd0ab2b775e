"""Whether a reply may leave: who has approved it, whom it goes to, and what that sender has had already.

Nothing goes out that neither a person nor a rule has approved, and what goes out are the approved bytes. What
a rule approves goes to one sender once a day, to one domain a few times a day, and never twice to the same
words. So an exchange of two machines comes to rest, whatever becomes of the headers that ask for silence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import Field

from abax.mail.contracts import Mailbox, Message, Model, Reply, ReplyState, Share, Triage
from abax.mail.gate import why_unanswerable
from abax.mail.phrases import folded
from abax.mail.reply_bytes import digest_of, is_address, rendered
from abax.ports import RecordStore

ANSWERED: Final = "mail_answered"
"""The space of automatic answers: by address and day; by domain, day and number; by domain and words."""
PERSON: Final = "person:"
RULE: Final = "rule:"


class SendPolicy(Model):
    """What may leave without a person: by default nothing."""

    kinds: dict[str, Share] = Field(default_factory=dict)
    """Kinds of reply, each with the least confidence of the reply and of its message's category."""
    known_by: tuple[str, ...] = ("contact",)
    """How a sender must be known to be told anything of an account (see ``abax.mail.reply_facts``)."""
    domain_a_day: Annotated[int, Field(ge=1)] = 20
    """Automatic answers to one domain: ends exchanges with machines that change their address each time."""


@dataclass(frozen=True)
class Decision:
    """Whether a reply may leave."""

    allowed: bool
    why: str = ""
    """Why not; for people."""
    by: str = ""
    """``person:<who>`` or ``rule:<kind>``."""

    @property
    def automatic(self) -> bool:
        """Whether no person has looked at it: ``claim`` it then before it is sent."""
        return self.by.startswith(RULE)


def may_send(
    reply: Reply,
    message: Message,
    triage: Triage,
    policy: SendPolicy,
    memory: RecordStore,
    *,
    now: datetime,
    own_addresses: Collection[str],
) -> Decision:
    """Whether a reply to a message may leave now. Changes nothing."""
    if why := _misdirected(reply, message, triage, own_addresses):
        return Decision(False, why)
    if reply.state in (ReplyState.SENT, ReplyState.REJECTED, ReplyState.WITHHELD):
        return Decision(False, f"it is {reply.state} already")
    if reply.approved_by.startswith(PERSON):
        return Decision(True, by=reply.approved_by)
    if why := _unruled(reply, triage, policy):
        return Decision(False, why)
    why = _had(reply, message, policy, memory, now)
    return Decision(not why, why, f"{RULE}{reply.kind}")


def claim(reply: Reply, message: Message, policy: SendPolicy, memory: RecordStore, now: datetime) -> bool:
    """Take the day's one automatic answer to an address for this reply. Of many who try at once, one
    succeeds; the same reply may claim again, after a crash. False where there is none left to take."""
    mine = {"reply_id": reply.reply_id}
    for key in (answered_key(reply.to.address, now), _words_key(message)):
        if not memory.put(ANSWERED, key, mine, if_absent=True) and _holder(memory, key) != reply.reply_id:
            return False
    slots = [_domain_key(reply.to, now, place) for place in range(policy.domain_a_day)]
    return any(
        memory.put(ANSWERED, slot, mine, if_absent=True) or _holder(memory, slot) == reply.reply_id
        for slot in slots
    )


def approve(reply: Reply, message: Message, own: Mailbox, by: str) -> tuple[Reply, bytes]:
    """The reply as approved by ``person:<who>`` or ``rule:<kind>``, and the bytes that this covers."""
    approved = reply.model_copy(update={"state": ReplyState.APPROVED, "approved_by": by})
    content = rendered(approved, message, own)
    return approved.model_copy(update={"digest": digest_of(content)}), content


def is_approved(reply: Reply, content: bytes) -> bool:
    """Whether these are the very bytes that were approved."""
    approved = reply.approved_by.startswith((PERSON, RULE))
    return approved and bool(reply.digest) and digest_of(content) == reply.digest


def answered_key(address: str, now: datetime) -> str:
    """Where the automatic answer to an address on a day (UTC) is kept. ``anna+orders@…`` is ``anna@…``; the
    address itself is not written down."""
    local, _, domain = address.strip().lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return f"{_hashed(plain)}#{now.astimezone(UTC).date()}"


def _domain_key(to: Mailbox, now: datetime, place: int) -> str:
    return f"{_hashed(to.domain)}#{now.astimezone(UTC).date()}#{place}"


def _words_key(message: Message) -> str:
    """What a message says, whoever of a domain says it and when: numbers and dates do not count."""
    words = " ".join(re.findall(r"[^\W\d_]+", folded(message.text)))
    return f"{_hashed(message.sender.domain)}#words#{_hashed(words)}"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _holder(memory: RecordStore, key: str) -> object:
    return (memory.get(ANSWERED, key) or {}).get("reply_id")


def _misdirected(reply: Reply, message: Message, triage: Triage, own_addresses: Collection[str]) -> str:
    """Why nobody may send it, not even a person."""
    if reply.message_id != message.message_id:
        return "it answers another message"
    if not is_address(reply.to.address):
        return "it goes to no address"
    if reply.to.address.lower() in {one.lower() for one in own_addresses}:
        return "it would go to ourselves"
    if why := why_unanswerable(message, own_addresses):
        return why
    if not triage.answerable:
        return triage.why_unanswerable or "its message may not be answered"
    return ""


def _unruled(reply: Reply, triage: Triage, policy: SendPolicy) -> str:
    """Why no rule lets it go; empty where one does."""
    least = policy.kinds.get(reply.kind)
    if least is None:
        return "no rule lets answers of its kind go without a person"
    if triage.needs_person:
        return f"a person is to look at its message: {'; '.join(triage.why_person)}"
    if min(reply.confidence, triage.category.confidence) < least:
        return "it is not sure enough to go without a person"
    known = [fact.source for fact in reply.facts if fact.name == "sender.partner"]
    if known and known[0] not in policy.known_by:
        return "it states what is on an account, and its sender is not known well enough"
    if reply.why:
        return f"a person is to look at it: {reply.why}"
    return ""


def _had(reply: Reply, message: Message, policy: SendPolicy, memory: RecordStore, now: datetime) -> str:
    """Why its sender gets no automatic answer any more; empty where he may."""
    had = {
        answered_key(reply.to.address, now): "its sender has had an automatic answer today",
        _words_key(message): "the same words have had an automatic answer before",
        _domain_key(
            reply.to, now, policy.domain_a_day - 1
        ): "its domain has had all automatic answers of today",
    }
    return next((why for key, why in had.items() if _holder(memory, key) not in (None, reply.reply_id)), "")
