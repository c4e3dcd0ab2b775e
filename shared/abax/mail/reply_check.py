"""What speaks against a drafted reply. Three checks, whoever drafted it:

- each fact that it claims to take from the books is in them, under the partner who is written to;
- once all facts are struck out, no digit, address, or name of another partner is left in the text;
- the whole text says only what its facts hold (``abax.writing.truth``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from abax.mail.contracts import UsedFact
from abax.mail.reply_accounts import Accounts, Entry
from abax.mail.reply_letter import LEDGER, Letter
from abax.mail.reply_texts import Wording, wording
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, faults


def letter_faults(letter: Letter, accounts: Accounts, partner: str) -> list[str]:
    """What speaks against a letter of ours; nothing where it may be returned."""
    return text_faults(letter.body, letter.facts, letter.words, accounts, partner)


def text_faults(
    body: str,
    facts: Sequence[UsedFact],
    words: Wording,
    accounts: Accounts,
    partner: str,
    *,
    own: bool = True,
    ours: str = "",
) -> list[str]:
    """What speaks against a text that states ``facts``. The capital letters of our wording are no names where
    it is our own; of a model's, those of ``ours`` are none, which is our letter of the same facts."""
    held = truth_of(facts, words.language) | Facts.of(words=ours)
    held = held | _wording_facts(words.language) if own else held
    return [
        *_not_in_books(facts, accounts, partner),
        *_unbacked(body, facts, accounts, partner),
        *faults(body, held),
    ]


def model_faults(body: str, letter: Letter, accounts: Accounts, partner: str, mail: str) -> list[str]:
    """What speaks against a model's words for a letter that answers ``mail``: faults, facts left out,
    another language, questions, what only repeats the mail, or much more or less than it had to say."""
    problems = text_faults(body, letter.facts, letter.words, accounts, partner, own=False, ours=letter.body)
    told = _flat(body)
    stated = [fact.shown for fact in letter.facts if fact.name != "company"]
    problems += [f"{shown} is left out" for shown in stated if _flat(shown) not in told]
    if language_of(body) not in ("", letter.words.language):
        problems.append(f"it is not written in {letter.words.language}")
    if "?" in body and "?" not in letter.body:
        problems.append("it asks something")
    if _repeats(body, mail):
        problems.append("it repeats what it is to answer")
    if not sum(map(len, letter.stated)) / 2 <= len(body) <= 3 * len(letter.body):
        problems.append("it says much more or less than it had to")
    return problems


_REPEATED: Final = 6
"""Words in a row that nobody happens to choose twice."""


def _repeats(body: str, mail: str) -> bool:
    said, heard = (re.findall(r"\w+", text.casefold()) for text in (body, mail))
    runs = {tuple(heard[place : place + _REPEATED]) for place in range(len(heard) - _REPEATED + 1)}
    return any(tuple(said[place : place + _REPEATED]) in runs for place in range(len(said)))


def truth_of(facts: Sequence[UsedFact], language: str) -> Facts:
    """The facts of a reply as ``abax.writing.truth`` compares them."""
    return Facts.of(*(value for fact in facts for value in _values(fact)), language=language)


@cache
def _wording_facts(language: str) -> Facts:
    return Facts.of(words=wording(language).words)


def _values(fact: UsedFact) -> Iterator[object]:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", fact.value):
        yield date.fromisoformat(fact.value)
    elif match := re.fullmatch(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})", fact.value):
        yield (Decimal(match[1]), match[2])
    else:
        yield fact.value
        if fact.value.isdecimal():
            yield Decimal(fact.value)  # a reference that reads as a number


# --- against the books ----------------------------------------------------------------------------------


def _not_in_books(facts: Sequence[UsedFact], accounts: Accounts, partner: str) -> Iterator[str]:
    allowed = set(_allowed(accounts, partner))
    for fact in facts:
        if fact.source.startswith(LEDGER) and (fact.name, fact.value) not in allowed:
            yield f"{fact.name} is not {fact.value} in the books of {partner or 'nobody known'}"


def _allowed(accounts: Accounts, partner: str) -> Iterator[tuple[str, str]]:
    """All that may be told to a partner: names of facts with their values."""
    yield "company", accounts.books.company
    if accounts.books.as_of is not None:
        yield "books.as_of", accounts.books.as_of.isoformat()
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in accounts.entries(partner):
        yield from _of_entry(entry)
        for item in entry.items:
            sums[item.side, item.currency] += item.residual
    for (_, currency), total in sums.items():
        yield from _amount(f"statement.total.{currency}", total, currency)


def _of_entry(entry: Entry) -> Iterator[tuple[str, str]]:
    stem = f"invoice.{entry.number}"
    yield f"{stem}.number", entry.number
    yield from ((f"{stem}.reference", one) for one in entry.references)
    for item in entry.items:
        yield from _amount(f"{stem}.residual", item.residual, item.currency)
        if item.due_date is not None:
            yield f"{stem}.due_date", item.due_date.isoformat()
    for done in entry.settled:
        yield f"{stem}.settled_on", done.settled_on.isoformat()
    for payment in entry.paid:
        yield f"{stem}.paid_on", payment.paid_on.isoformat()
        yield from _amount(f"{stem}.paid", payment.amount, payment.currency)


def _amount(name: str, value: Decimal, currency: str) -> Iterator[tuple[str, str]]:
    """As facts write it: with the decimals of its currency, or all that it has."""
    size = abs(value)
    yield name, f"{size:f} {currency}"
    for places in range(5):
        fixed = size.quantize(Decimal(1).scaleb(-places))
        if fixed == size:
            yield name, f"{fixed:f} {currency}"


def _unbacked(body: str, facts: Sequence[UsedFact], accounts: Accounts, partner: str) -> Iterator[str]:
    left = _flat(body)
    for fact in sorted(facts, key=lambda one: -len(one.shown)):
        if fact.shown:
            left = re.sub(rf"(?<!\w){re.escape(_flat(fact.shown))}(?!\w)", " ", left)
    if digits := re.findall(r"\S*\d\S*", left):
        yield f"{digits[0]!r} is none of its facts"
    if strange := re.search(r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+", left):
        yield f"{strange.group()!r} is none of its facts"
    others = accounts.named_in(left) - {partner, accounts.books.company}
    yield from (f"it names another partner, {other}" for other in sorted(others))


def _flat(text: str) -> str:
    return " ".join(text.split())
