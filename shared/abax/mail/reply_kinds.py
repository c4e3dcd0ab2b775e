"""Which answer a message is due: what it asks and says, by the patterns of its language, and by its triage.

::

    sentences ──► wishes (status, copy, promise …) ──┐
    triage: category, what is asked ─────────────────┼──► kind of reply, or none
    what the account has of it ──────────────────────┘
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from abax.documents.dates import find_dates
from abax.mail.contracts import Triage
from abax.mail.phrases import folded
from abax.mail.reading import Reading, Sentence
from abax.mail.reply_accounts import PAYABLE
from abax.mail.reply_facts import Found
from abax.mail.reply_texts import Wording


class Kind(StrEnum):
    """The cases of answer."""

    INVOICE_STATUS = "invoice_status"
    PAYMENT_STATUS = "payment_status"
    """A supplier asks when we pay."""
    INVOICE_COPY = "invoice_copy"
    PAYMENT_PROMISE = "payment_promise"
    STATEMENT = "statement"
    DISPUTE = "dispute"
    INSTALMENTS = "instalments"
    """Somebody asks to pay in parts, or later: people decide."""
    RECEIPT = "receipt"
    """The message has arrived, and somebody sees to it."""


SILENT: Final = frozenset({"spam", "automatic"})
"""Categories that nobody answers, where they are sure enough: whatever is a machine's by its headers is not
answered anyhow."""
SURE: Final = 0.5
MONEY: Final = frozenset({"billing", "payment"})
TRADE: Final = MONEY | {"order", "delivery", "product", "contract"}
"""Where what is wrong may be a claim; elsewhere things are wrong without anybody disputing what he owes."""


@dataclass(frozen=True)
class Wishes:
    """What a message asks and says, with the sentences that do."""

    sentences: dict[str, tuple[Sentence, ...]]
    requests: frozenset[int]
    """Places of the sentences that ask for something."""
    only_thanks: bool = False
    """Whether nothing is said but thanks, and that all is well."""

    @property
    def places_order(self) -> bool:
        """Whether an order is placed: neither asked after, nor changed, nor cancelled."""
        return self.has("order") and not any(self.has(name) for name in _OF_ORDERS)

    @property
    def is_of_orders(self) -> bool:
        """Whether an order is placed, asked after, changed or cancelled."""
        return any(self.has(name) for name in ("order", *_OF_ORDERS))

    @property
    def asks_instalments(self) -> bool:
        """Whether somebody wants to pay in parts, or later, and has neither done nor announced it."""
        others = {one.place for name in _CLAIMS for one in self.sentences.get(name, ())}
        return any(one.place not in others for one in self.sentences.get("instalments", ()))

    def has(self, name: str) -> bool:
        """Whether any sentence says it."""
        return bool(self.sentences.get(name))

    def asks(self, name: str, besides: Collection[str] = ()) -> bool:
        """Whether a sentence asks it that says none of ``besides``."""
        others = {one.place for other in besides for one in self.sentences.get(other, ())}
        return any(
            one.place in self.requests and one.place not in others for one in self.sentences.get(name, ())
        )


_OF_ORDERS: Final = ("arrival", "cancel", "change")


def wishes_of(reading: Reading, triage: Triage, words: Wording) -> Wishes:
    """What the sentences of a message ask and say."""
    found = {
        name: tuple(one for one in reading.sentences if _says(one, name, words))
        for name in words.patterns
        if name != "doubt"
    }
    promised = found.get("promise", ())
    found["paid_claim"] = tuple(one for one in found["paid_claim"] if one not in promised)
    evidence = {action.evidence for action in triage.asked.actions}
    asking = [
        one
        for one in reading.sentences
        if one.is_question or one.evidence in evidence or one in found.get("request", ())
    ]
    said = {name: ones for name, ones in found.items() if ones}
    return Wishes(said, frozenset(one.place for one in asking), _only_thanks(reading, said))


_FEW: Final = 5
"""Words of a sentence that may be a greeting, a name or a closing."""


def _only_thanks(reading: Reading, said: dict[str, tuple[Sentence, ...]]) -> bool:
    """Whether all sentences thank, say that all is well, or are short and ask for nothing. Thanks for what is
    yet to be done are a request."""
    places = {name: {one.place for one in ones} for name, ones in said.items()}
    kind = places.get("thanks", set()) | places.get("settled", set())
    if not places.get("thanks") or places.get("ahead") or any(one.is_question for one in reading.body):
        return False
    others = {name for name in places if name not in _OF_THANKS}
    wanted = set().union(*(places[name] for name in others)) - (kind if places.get("settled") else set())
    return all(
        one.place not in wanted and (one.place in kind or len(one.words) < _FEW) for one in reading.body
    )


_OF_THANKS: Final = frozenset({"thanks", "settled", "money"})


_CLAIMS: Final = frozenset({"promise", "paid_claim"})
"""What counts only where it is said outright, neither asked nor doubted."""
_CLAUSE: Final = re.compile(r"[,;:\u2013\u2014(]")


def _says(sentence: Sentence, name: str, words: Wording) -> bool:
    plain = folded(sentence.text)
    if name not in _CLAIMS:
        return words.patterns[name].search(plain) is not None
    if sentence.is_question or words.patterns["doubt"].match(plain):
        return False
    return any(not _doubted(match, plain, words) for match in words.patterns[name].finditer(plain))


def _doubted(match: re.Match[str], plain: str, words: Wording) -> bool:
    """Whether its clause makes a condition or a question of it, or denies it."""
    begin = max((mark.end() for mark in _CLAUSE.finditer(plain, 0, match.start())), default=0)
    return words.patterns["doubt"].search(plain[begin : match.end()]) is not None


def kind_of(wishes: Wishes, triage: Triage, found: Found) -> Kind | None:
    """The kind of answer that is due; None for what wants none, or what only people should touch: new bank
    details are never acknowledged by machine."""
    category = triage.category.value
    silent = category in SILENT and triage.category.confidence >= SURE
    if silent or wishes.has("bank_change") or wishes.only_thanks:
        return None
    if category == "complaint" or (wishes.has("dispute") and (category in TRADE or found.named)):
        return Kind.DISPUTE
    money = _of_money(wishes, triage, found)
    told = money in _TOLD or wishes.asks("status", besides=("instalments",))
    if wishes.asks_instalments and not told and not is_owed(wishes, found):
        return Kind.INSTALMENTS
    return money or _of_action(triage, found) or _receipt(wishes, triage)


_TOLD: Final = (Kind.STATEMENT, Kind.INVOICE_COPY)
"""What is asked for beside a request to pay later, which such an answer notes too."""


def _of_money(wishes: Wishes, triage: Triage, found: Found) -> Kind | None:
    """An answer about invoices and payments."""
    status = Kind.PAYMENT_STATUS if is_owed(wishes, found) else Kind.INVOICE_STATUS
    if wishes.has("statement") and not (found.named and wishes.asks("status", besides=("statement",))):
        return Kind.STATEMENT
    money = triage.category.value in MONEY or wishes.has("money")
    if wishes.has("copy") and (money or found.named):
        return status if wishes.asks("status", besides=("copy",)) else Kind.INVOICE_COPY
    if wishes.has("promise") and not wishes.asks("status", besides=("promise",)):
        return Kind.PAYMENT_PROMISE
    if wishes.has("brings") and not wishes.asks("status", besides=("brings",)):
        return None  # an invoice or a proof that is sent in: that it has arrived is all there is to say
    wanted = triage.asked.wanted.value or bool(wishes.requests) or wishes.has("owed")
    says = wishes.has("status") or wishes.has("paid_claim")
    due = (money and says) or (bool(found.matches) and (money or says))
    return status if wanted and due else None


def _of_action(triage: Triage, found: Found) -> Kind | None:
    """By what the triage has found to be wanted, where the words of the message tell nothing."""
    if not found.named:
        return None
    kinds = (_BY_ACTION.get(action.kind) for action in triage.asked.actions)
    return next((kind for kind in kinds if kind is not None), None)


_BY_ACTION: Final = {
    "send_document": Kind.INVOICE_COPY,
    "correct": Kind.DISPUTE,
    "refund": Kind.DISPUTE,
}


def is_owed(wishes: Wishes, found: Found) -> bool:
    """Whether the sender asks for our money, by the books where they say, else by his words."""
    if found.side:
        return found.side == PAYABLE
    return wishes.has("owed") and not wishes.has("paid_claim")


def _receipt(wishes: Wishes, triage: Triage) -> Kind | None:
    about_orders = wishes.is_of_orders or triage.category.value == "order"
    return Kind.RECEIPT if about_orders or triage.asked.wanted.value or wishes.requests else None


def promised_day(reading: Reading, triage: Triage, sentences: Sequence[Sentence]) -> date | None:
    """The day for which a payment is announced, where it is written as a date, and not before the message."""
    evidence = {one.evidence for one in sentences}
    told = [
        date.fromisoformat(entity.value)
        for entity in triage.entities
        if entity.kind == "date" and entity.evidence in evidence and _is_date(entity.text)
    ]
    printed = [one.value for sentence in sentences for one in find_dates(sentence.text) if not one.unsure]
    ahead = [day for day in (told or printed) if day >= reading.day]
    return ahead[0] if len(set(ahead)) == 1 else None


def _is_date(text: str) -> bool:
    """Whether a date is written as one: ``30.11.``, ``30 November``; not ``in 7 days``, ``Friday``."""
    return bool(re.search(r"\d{1,2}\s?[./-]\s?\d{1,2}|\d{4}", text)) or bool(
        re.search(r"\d{1,2}(?:st|nd|rd|th|er)?\.? (?:of |de |d.)?[^\W\d_]{3,}|[^\W\d_]{3,} \d{1,2}\b", text)
        and not re.search(r"\b(?:days?|tagen?|jours?|dias?|giorni|dagen|dni|weeks?|wochen)\b", folded(text))
    )
