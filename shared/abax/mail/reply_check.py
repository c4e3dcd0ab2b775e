"""What speaks against a drafted reply. Three checks that share nothing with what drafts it:

- each fact that it claims to take from the books is in them, under the partner who is written to;
- once all facts are struck out, no digit, address, or name of another partner is left in the text;
- the whole text says only what its facts hold (``abax.writing.truth``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from abax.mail.contracts import Books, UsedFact
from abax.mail.phrases import folded
from abax.mail.reply_letter import LEDGER, Letter
from abax.mail.reply_texts import Wording
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, faults


def letter_faults(letter: Letter, books: Books, partner: str) -> list[str]:
    """What speaks against a letter of ours; nothing where it may be returned."""
    return text_faults(letter.body, letter.facts, letter.words, books, partner)


def text_faults(
    body: str, facts: Sequence[UsedFact], words: Wording, books: Books, partner: str, *, own: bool = True
) -> list[str]:
    """What speaks against a text that states ``facts``. The capital letters of our wording are no names where
    it is our own."""
    held = truth_of(facts, words.language, words.words if own else "")
    return [
        *_not_in_books(facts, books, partner),
        *_unbacked(body, facts, books, partner),
        *faults(body, held),
    ]


def model_faults(body: str, letter: Letter, books: Books, partner: str) -> list[str]:
    """What speaks against a model's words for a letter: faults, facts that are left out, another language, or
    much more or less than it had to say."""
    problems = text_faults(body, letter.facts, letter.words, books, partner, own=False)
    told = _flat(body)
    problems += [
        f"{fact.shown} is left out"
        for fact in letter.facts
        if fact.name != "company" and _flat(fact.shown) not in told
    ]
    if language_of(body) not in ("", letter.words.language):
        problems.append(f"it is not written in {letter.words.language}")
    if not sum(map(len, letter.stated)) / 2 <= len(body) <= 3 * len(letter.body):
        problems.append("it says much more or less than it had to")
    return problems


def truth_of(facts: Sequence[UsedFact], language: str, words: str = "") -> Facts:
    """The facts of a reply as ``abax.writing.truth`` compares them."""
    return Facts.of(*(value for fact in facts for value in _values(fact)), language=language, words=words)


def _values(fact: UsedFact) -> Iterator[object]:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", fact.value):
        yield date.fromisoformat(fact.value)
    elif match := re.fullmatch(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})", fact.value):
        yield (Decimal(match[1]), match[2])
    else:
        yield fact.value


# --- against the books ----------------------------------------------------------------------------------


def _not_in_books(facts: Sequence[UsedFact], books: Books, partner: str) -> Iterator[str]:
    allowed = set(_allowed(books, partner))
    for fact in facts:
        if fact.source.startswith(LEDGER) and (fact.name, fact.value) not in allowed:
            yield f"{fact.name} is not {fact.value} in the books of {partner or 'nobody known'}"


def _allowed(books: Books, partner: str) -> Iterator[tuple[str, str]]:
    """All that may be told to a partner: names of facts with their values."""
    yield "company", books.company
    if books.as_of is not None:
        yield "books.as_of", books.as_of.isoformat()
    sums: dict[str, Decimal] = {}
    for item in books.items:
        if not partner or item.partner != partner:
            continue
        stem = f"invoice.{item.number}"
        yield f"{stem}.number", item.number
        yield from _amount(f"{stem}.residual", item.residual, item.currency)
        if item.due_date is not None:
            yield f"{stem}.due_date", item.due_date.isoformat()
        for sides in (item.side, "both"):
            key = f"{sides} {item.currency}"
            sums[key] = sums.get(key, Decimal(0)) + item.residual
    for payment in books.paid:
        if partner and payment.partner == partner:
            stem = f"invoice.{payment.number}"
            yield f"{stem}.number", payment.number
            yield f"{stem}.paid_on", payment.paid_on.isoformat()
            yield from _amount(f"{stem}.paid", payment.amount, payment.currency)
    for key, total in sums.items():
        currency = key.rpartition(" ")[2]
        yield from _amount(f"statement.total.{currency}", total, currency)


def _amount(name: str, value: Decimal, currency: str) -> Iterator[tuple[str, str]]:
    """As facts write it: with the decimals of its currency, or all that it has."""
    size = abs(value)
    yield name, f"{size:f} {currency}"
    for places in range(5):
        fixed = size.quantize(Decimal(1).scaleb(-places))
        if fixed == size:
            yield name, f"{fixed:f} {currency}"


def _unbacked(body: str, facts: Sequence[UsedFact], books: Books, partner: str) -> Iterator[str]:
    left = _flat(body)
    for fact in sorted(facts, key=lambda one: -len(one.shown)):
        if fact.shown:
            left = re.sub(rf"(?<!\w){re.escape(_flat(fact.shown))}(?!\w)", " ", left)
    if digits := re.findall(r"\S*\d\S*", left):
        yield f"{digits[0]!r} is none of its facts"
    if strange := re.search(r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+", left):
        yield f"{strange.group()!r} is none of its facts"
    plain = f" {' '.join(re.findall(r'[a-z0-9]+', folded(left)))} "
    others = {one.partner for one in (*books.items, *books.paid)} | set(books.partners)
    for other in sorted(others - {partner, books.company}):
        name = " ".join(re.findall(r"[a-z0-9]+", folded(other)))
        if len(name) > 3 and f" {name} " in plain:
            yield f"it names another partner, {other}"


def _flat(text: str) -> str:
    return " ".join(text.split())
