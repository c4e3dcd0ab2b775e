"""Answers to mail, drafted from the facts: the open items and payments of the books, and the message itself.

::

    message ─► sender (reply_accounts) ─► items (reply_facts) ─┐             wording (reply_texts) ─┐
    triage ────────────────────────────────────────────────────┴─► kind (reply_kinds) ─► letter ────┴─► checks

A draft states nothing that is not among its facts. Each of these is held against the books once more, as
belonging to the very partner who is written to, and the whole text against its facts. What does not pass is
not returned: the plain acknowledgement is, and says why. What a message demands changes none of this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest, ModelError, NotFound
from abax.mail.contracts import Mailbox, Message, Model, Reply, Tone, Triage, UsedFact
from abax.mail.privacy import masked
from abax.mail.reading import Reading, read
from abax.mail.reply_accounts import PAYABLE, RECEIVABLE, Entry, Sender, accounts_of
from abax.mail.reply_bytes import is_address, rendered, subject_of
from abax.mail.reply_check import letter_faults, model_faults
from abax.mail.reply_facts import Found, found_in
from abax.mail.reply_kinds import Kind, Wishes, is_owed, kind_of, promised_day, wishes_of
from abax.mail.reply_letter import Letter
from abax.mail.reply_texts import Wording, wording
from abax.writing.services.proven import is_proven

if TYPE_CHECKING:
    from abax.mail.desk import Desk
    from abax.writing.client import Client

__all__ = ["ReplyPolicy", "draft", "rendered"]


class ReplyPolicy(Model):
    """How replies are worded."""

    model_words: bool | None = None
    """A language model may put the facts into its own words, which are checked: where it is proven to do this
    well (``abax.writing.services.proven``), unless told."""
    prompt: str = "mail.reply"

    def words_by(self, client: Client) -> bool:
        """Whether that client's model is asked for its words. Raises NotFound for a prompt that there is
        not."""
        if self.model_words is not None:
            return self.model_words
        return is_proven(self.prompt, client)


DEFAULT: Final = ReplyPolicy()
OLD: Final = 45
"""Days after which a person looks at what is told of the books: those of a month that is closed within two
weeks are no older."""


@dataclass(frozen=True)
class Case:
    """All that an answer depends on."""

    kind: Kind
    message: Message
    triage: Triage
    reading: Reading
    words: Wording
    wishes: Wishes
    sender: Sender
    found: Found
    desk: Desk

    @property
    def owed(self) -> bool:
        """Whether it is about what we owe."""
        return is_owed(self.wishes, self.found)

    @property
    def open(self) -> tuple[Entry, ...]:
        """What is open on the account; of a customer who is a supplier too, on the side he asks about."""
        open_ = self.found.open
        own = PAYABLE if self.owed else RECEIVABLE
        several = len({entry.side for entry in open_}) > 1
        return tuple(entry for entry in open_ if entry.side == own) if several else open_


def draft(message: Message, triage: Triage, desk: Desk, policy: ReplyPolicy = DEFAULT) -> Reply | None:
    """The answer to a message, in its language and the desk's tone, as a draft; None where none is due."""
    if not triage.answerable or not is_address(_recipient(message).address):
        return None
    case = _case(message, triage, desk)
    if case is None:
        return None
    letter = _letter(case)
    problems = letter_faults(letter, accounts_of(desk.books), case.sender.partner)
    if problems:
        return _plain(case, f"the drafted answer did not pass its check: {problems[0]}")
    reply = _reply(case, letter)
    if desk.client is None or not policy.words_by(desk.client):
        return reply
    return _worded(reply, case, letter, desk.client, policy.prompt)


def _case(message: Message, triage: Triage, desk: Desk) -> Case | None:
    reading, words = read(message, desk.now), wording(triage.language.value)
    accounts = accounts_of(desk.books)
    sender = accounts.sender(message)
    found = found_in(message, triage, accounts.entries(sender.partner))
    wishes = wishes_of(reading, triage, words)
    kind = kind_of(wishes, triage, found)
    if kind is None:
        return None
    return Case(kind, message, triage, reading, words, wishes, sender, found, desk)


# --- letters --------------------------------------------------------------------------------------------


def _letter(case: Case) -> Letter:
    letter = Letter(case.words, case.desk.tone, case.desk.books, case.desk.now.date())
    letter.open()
    _BY_KIND[case.kind](letter, case)
    if case.kind is not Kind.INVOICE_COPY and case.wishes.asks("copy", besides=("statement",)):
        _copy(letter, case)
    if case.kind is not Kind.INSTALMENTS and case.wishes.asks_instalments and not case.owed:
        letter.say("instalments")
    letter.close()
    return letter


def _status(letter: Letter, case: Case) -> None:
    if not case.sender.partner:
        _no_account(letter, case)
        return
    for match in case.found.matches:
        letter.match(match)
        letter.entry(match.entry, owed=match.entry.side == PAYABLE or (not match.entry.side and case.owed))
    for number in case.found.unknown:
        letter.say("owed_unknown" if case.owed else "unknown", number=letter.written("invoice", number))
    if not case.found.matches and not case.found.unknown:
        _unnamed(letter, case)
    _follow_up(letter, case)


def _no_account(letter: Letter, case: Case) -> None:
    """The same to every stranger, whether the books have what he names or not."""
    if numbers := _numbers(letter, case):
        letter.say("no_account_number", number=numbers)
    else:
        letter.say("no_account")


def _unnamed(letter: Letter, case: Case) -> None:
    """Nothing is named: what is open tells which may be meant."""
    open_ = case.open
    if len(open_) == 1:
        letter.say("only")
        letter.entry(open_[0], owed=open_[0].side == PAYABLE)
    elif open_:
        letter.say("choose")
        letter.items(open_)
    else:
        letter.say("none_open")


def _follow_up(letter: Letter, case: Case) -> None:
    """What is to happen next: a proof of what is said to be paid, a payment of what is overdue."""
    if not letter.stated:
        letter.say("passed_on")
        return
    letter.state_of_books()
    if case.owed:
        if letter.overdue:
            letter.say("passed_on")
    elif letter.unpaid and case.wishes.has("paid_claim"):
        letter.say("passed_on" if case.wishes.has("brings") else "proof")
    elif letter.overdue and not case.wishes.asks_instalments:
        letter.request()


def _statement(letter: Letter, case: Case) -> None:
    if not case.sender.partner:
        _no_account(letter, case)
        return
    if case.open:
        letter.say("statement")
        letter.items(case.open, total=True)
    else:
        letter.say("none_open")
    letter.state_of_books()


def _copy(letter: Letter, case: Case) -> None:
    if numbers := _numbers(letter, case):
        letter.say("copy", number=numbers)
    else:
        letter.say("copy_any")


def _promise(letter: Letter, case: Case) -> None:
    day = promised_day(case.reading, case.triage, case.wishes.sentences["promise"])
    slots = {}
    if day is not None:
        slots["day"] = letter.day("message.promised", day, "message")
    if numbers := _numbers(letter, case):
        slots["number"] = numbers
    key = {(): "promise", ("day",): "promise_day", ("number",): "promise_number"}.get(
        tuple(slots), "promise_both"
    )
    letter.say(key, **slots)


def _dispute(letter: Letter, case: Case) -> None:
    letter.regret()
    if numbers := _numbers(letter, case):
        letter.say("dispute_number", number=numbers)
    else:
        letter.say("dispute")


def _instalments(letter: Letter, case: Case) -> None:
    if numbers := _numbers(letter, case):
        letter.say("instalments_number", number=numbers)
    else:
        letter.say("instalments")


def _receipt(letter: Letter, case: Case) -> None:
    """That an order has come is told to those who place one: whoever waits for goods would take it for
    them."""
    key = "order" if case.wishes.places_order else "cancel" if case.wishes.has("cancel") else ""
    if not key:
        letter.say("receipt")
        return
    orders = [one.text for one in case.triage.entities if one.kind == "order"]
    number = letter.number_of("order", orders[0]) if len(set(orders)) == 1 else ""
    letter.say(f"{key}_number", number=number) if number else letter.say(key)


def _numbers(letter: Letter, case: Case) -> str:
    """The numbers that a message names, listed: as the books have them, else as the message writes them."""
    known = [letter.reference(match.entry) for match in case.found.matches if match.how in ("same", "short")]
    unknown = [letter.written("invoice", number) for number in case.found.unknown]
    return ", ".join(dict.fromkeys((*known, *unknown)))


_BY_KIND: Final = {
    Kind.INVOICE_STATUS: _status,
    Kind.PAYMENT_STATUS: _status,
    Kind.INVOICE_COPY: _copy,
    Kind.PAYMENT_PROMISE: _promise,
    Kind.STATEMENT: _statement,
    Kind.DISPUTE: _dispute,
    Kind.INSTALMENTS: _instalments,
    Kind.RECEIPT: _receipt,
}


# --- the reply ------------------------------------------------------------------------------------------


def _reply(case: Case, letter: Letter) -> Reply:
    about = UsedFact(name="sender.partner", value=case.sender.partner, shown="", source=case.sender.how)
    return Reply(
        reply_id=hashlib.sha256(f"reply:{case.message.message_id}".encode()).hexdigest()[:32],
        message_id=case.message.message_id,
        thread_id=case.message.thread_id,
        kind=str(case.kind),
        to=_recipient(case.message),
        subject=subject_of(case.message),
        body=letter.body,
        language=case.words.language,
        tone=case.desk.tone,
        facts=(*letter.facts, about) if letter.states_account else tuple(letter.facts),
        stated=tuple(letter.stated),
        confidence=_confidence(case, letter),
        method=f"template:{case.kind}",
        why=_why(case, letter),
        written_at=case.desk.now.astimezone(UTC),
    )


def _plain(case: Case, why: str) -> Reply:
    """The acknowledgement that states nothing."""
    letter = Letter(case.words, case.desk.tone, case.desk.books, case.desk.now.date())
    letter.open()
    letter.say("receipt")
    letter.close()
    reply = _reply(case, letter)
    changes = {"kind": str(Kind.RECEIPT), "method": f"template:{Kind.RECEIPT}", "why": why}
    return reply.model_copy(update=changes)


def _recipient(message: Message) -> Mailbox:
    """Who is answered: the one address of ``Reply-To`` if it is of the sender's domain, else the sender."""
    wanted = [one for one in message.reply_to if one.address]
    own = len(wanted) == 1 and wanted[0].domain == message.sender.domain
    return wanted[0] if own else message.sender


_HOW_SURE: Final = {"contact": 0.98, "domain": 0.9, "same": 0.98, "short": 0.85, "spelling": 0.6}
_LESS: Final = {"amount": 0.7, "only": 0.75}


def _confidence(case: Case, letter: Letter) -> float:
    """The least sure of all steps; by rule of thumb, not measured. Without figures, only its kind counts."""
    steps = [0.9 if case.wishes.sentences else 0.7]
    if letter.states_account:
        steps.append(_HOW_SURE.get(case.sender.how, 0.5))
        steps += [(_HOW_SURE | _LESS)[match.how] for match in case.found.matches]
    return min(steps)


def _why(case: Case, letter: Letter) -> str:
    """What a person should know before approving it."""
    about_account = case.kind in (Kind.INVOICE_STATUS, Kind.PAYMENT_STATUS, Kind.STATEMENT)
    notes = [case.sender.why] if case.sender.why and (about_account or case.sender.resembles) else []
    if case.kind is Kind.RECEIPT and _is_of_orders(case) and not case.wishes.places_order:
        notes.append("it answers nothing: its message does not clearly place an order")
    notes += [_stale(case)] if letter.states_account and _stale(case) else []
    notes += [
        f"{match.entry.number} is taken for what the message means by {match.asked or 'its amount'}"
        for match in case.found.matches
        if match.how in ("spelling", "amount") and letter.states_account
    ]
    if case.found.unknown and case.sender.partner:
        notes.append(f"the account of {case.sender.partner} has no {', '.join(case.found.unknown)}")
    return "; ".join([*notes, *_of_others(case)])


def _is_of_orders(case: Case) -> bool:
    """Whether a message is about an order, by its words, its category or a number that it names."""
    named = any(one.kind == "order" for one in case.triage.entities)
    return named or case.wishes.is_of_orders or case.triage.category.value in ("order", "delivery")


def _of_others(case: Case) -> Iterator[str]:
    """The invoices that the message names and the books have of somebody else."""
    for one in case.triage.entities:
        theirs = one.partner if one.kind == "invoice" and one.known else ""
        if theirs and case.sender.partner not in ("", theirs):
            yield f"{one.value} is of {theirs}, not of {case.sender.partner} who writes"


def _stale(case: Case) -> str:
    """That the books are too old to answer from without a look; empty where they are not."""
    as_of = case.desk.books.as_of
    if as_of is None:
        return "the books do not say of which day they are"
    days = (case.desk.now.date() - as_of).days
    return f"the books are {days} days old" if days > OLD else ""


# --- a model's words ------------------------------------------------------------------------------------

LANGUAGE_NAMES: Final = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pl": "Polish",
}  # fmt: skip


def _worded(reply: Reply, case: Case, letter: Letter, client: Client, name: str) -> Reply:
    """The reply in a model's words where they say the same, else as it is."""
    variables: dict[str, Any] = {
        "language": LANGUAGE_NAMES[reply.language],
        "tone": str(Tone(reply.tone)),
        "facts": {str(place): text for place, text in enumerate(letter.stated, 1)},
        "mail": masked(case.message.text) if case.desk.mask else case.message.text,
    }
    try:
        asked = client.prompt(name, reply.reply_id)
        answer = client.ask(asked, **variables)
    except (InvalidRequest, ModelError, NotFound) as error:
        return reply.model_copy(update={"why": _joined(reply.why, f"the model gave no words: {error}")})
    body = str(getattr(answer, "body", "")).strip()
    if problems := model_faults(
        body, letter, accounts_of(case.desk.books), case.sender.partner, case.message.text
    ):
        return reply.model_copy(
            update={"why": _joined(reply.why, f"the model's words were dropped: {problems[0]}")}
        )
    return reply.model_copy(update={"body": f"{body}\n", "method": f"model:{asked.label}"})


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
