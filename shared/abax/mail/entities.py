"""Numbers, amounts, days, accounts and names that a message states, each with its sentence.

A number is known by the word before it (``Rechnung Nr. RE-2026/0815``), by its own shape
(``INV-2026-0042``), or since the books have it. What the books have goes before shapes, and labels before
prefixes, but for labels such as ``reference`` that may stand before anything. A day is an entity where it is
named by its date; one that is reckoned (``by Friday``) is part of what is asked, and no entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from abax.documents.amounts import Amount, currency_of, find_amounts
from abax.documents.identifiers import find_ibans, find_national_vat_ids, find_vat_ids, vat_is_valid
from abax.mail.contracts import Entity
from abax.mail.known import Known, Match, bare
from abax.mail.phrases import Hit, folded
from abax.mail.reading import Reading, Sentence
from abax.mail.when import When, whens
from abax.mail.wording import Wording, numbers

MOST: Final = 60
"""Entities of one message; a list longer than that is an attachment's matter."""

_CODE: Final = re.compile(
    r"(?=(?:[A-Z]{1,6}[ ])?[\w./-]*\d)(?:[A-Z]{1,6}[ ](?=\d{3}))?"
    r"[A-Za-z0-9]+(?:[-/._#][A-Za-z0-9]+)*(?![\w@])"
)
_SHAPED: Final = re.compile(
    r"(?<![\w@./-])(?P<prefix>[A-Za-z]{1,8})(?P<mark>[-/._#]|\s?#?)(?P<rest>\d[A-Za-z0-9]*(?:[-/._][A-Za-z0-9]+)*)"
    r"(?![\w@])"
)
_ANY: Final = re.compile(r"(?<![\w@./-])(?=[\w/.-]*\d)[A-Za-z0-9]+(?:[-/._][A-Za-z0-9]+)*(?![\w@])")
_GROUPED: Final = re.compile(r"(?:[A-Z]{0,4}\d{2,})(?:[ ]\d{2,})+[A-Z]{0,2}(?![\w])")
_BETWEEN: Final = re.compile(r"[\s:#№.°º()\"'„“”«»\[\]=-]*")
_NEXT: Final = re.compile(
    r"\s*(?:[,;&/+]|,?\s(?:and|und|et|y|e|i|en|oraz|sowie|or|as well as|ed))\s*#?", re.IGNORECASE
)
_TICKET: Final = re.compile(r"\[(?:[A-Za-z ]{0,20})?#\s?:?(?P<number>[A-Z0-9-]*\d{3,}[A-Z0-9-]*)\]")
_UNIT: Final = re.compile(
    r"\s?(?:[%€$£¥₹]|(?:eur|usd|gbp|chf|pln|zł|euros?|kg|pcs|stk|h|km|x)\b)", re.IGNORECASE
)
_CURRENCY: Final = re.compile(
    r"[€$£¥₹]|zł|(?<![^\W\d_])(?:EUR|USD|GBP|CHF|PLN|CZK|SEK|NOK|DKK|HUF|RON|CAD|AUD|JPY|CNY|INR|SFr\.?|Fr\.)(?![^\W\d_])",
    re.IGNORECASE,
)
_PER: Final = re.compile(r"(?<=[A-Z]{3})/|(?<=[€$£])/")
"""A unit may follow a price: ``0,42 EUR/Stück``."""
_SHORT: Final = re.compile(
    r"(?<![\w.,])(?P<before>[€$£]|[A-Z]{3})?\s?(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s?"
    r"(?P<times>k|tsd|tys|mio|mln|million(?:s|en|i|es)?|millones|milioni|miljoen)\.?(?!\w)\s?"
    r"(?P<after>[€$£]|[^\W\d_]+)?",
    re.IGNORECASE,
)
_THOUSANDS: Final = frozenset({"k", "tsd", "tys"})
_YEARS: Final = range(1990, 2041)
_FEWEST: Final = {"invoice": 3}
"""Digits of a number that stands right behind its label, by kind; four else: ``order 500 pieces``."""
_IS: Final = frozenset({"is", "ist", "lautet", "est", "es", "e", "jest", "to"})
_GENERIC: Final = frozenset({"ticket"})
_VAT_WORDS: Final = re.compile(
    r"(?i)\b(?:VAT|USt|UID|TVA|N\.?I\.?F|C\.?I\.?F|P\.?\s?IVA|partita\s+iva|BTW|NIP|tax\s+id|steuer)"
)
_IBAN_LIKE: Final = re.compile(r"[A-Z]{2}\d{2}[ A-Z0-9]{8}")
_LEAST: Final = Decimal("0.01")


class Found(NamedTuple):
    """An entity before it is put into one form."""

    kind: str
    start: int
    end: int
    value: str
    confidence: float
    labelled: bool = False


@dataclass(frozen=True)
class Named:
    """What a message names, and the days among it for whoever asks by when."""

    entities: tuple[Entity, ...]
    days: tuple[tuple[int, When], ...]
    """Each with the place of its sentence."""

    def of(self, *kinds: str) -> list[Entity]:
        """Entities of these kinds, in order."""
        return [entity for entity in self.entities if entity.kind in kinds]

    def days_of(self, sentence: Sentence) -> list[When]:
        """The days that a sentence names."""
        return [when for place, when in self.days if place == sentence.place]


def named(reading: Reading, wording: Wording, known: Known, writer: str = "") -> Named:
    """All entities of a message that ``writer``, a partner, has written, each value once, where it says
    most."""
    entities: dict[tuple[str, str], Entity] = {}
    days: list[tuple[int, When]] = []
    for sentence in reading.sentences:
        found = whens(sentence, reading.day, wording)
        days += [(sentence.place, when) for when in found]
        for entity in _of_sentence(sentence, found, wording, known, writer):
            key = (entity.kind, entity.value)
            if key not in entities or entities[key].confidence < entity.confidence:
                entities[key] = entity
        if len(entities) >= MOST:
            break
    return Named(tuple(_without_parts(entities.values()))[:MOST], tuple(days))


def _without_parts(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Without numbers that are the end of a longer one of the same kind: ``4711`` beside ``PO-4711``."""
    listed = list(entities)
    for one in listed:
        ends = (
            other.kind == one.kind and other is not one and _is_end(bare(one.value), bare(other.value))
            for other in listed
        )
        if one.kind in ("amount", "date", "iban") or not any(ends):
            yield one


def _is_end(short: str, long: str) -> bool:
    return len(short) < len(long) and long.endswith(short) and not long[: -len(short)][-1:].isdigit()


def _of_sentence(
    sentence: Sentence, found_days: Sequence[When], wording: Wording, known: Known, writer: str
) -> Iterator[Entity]:
    taken: list[tuple[int, int]] = []
    for found in _all(sentence, found_days, wording, known, writer):
        if any(found.start < end and start < found.end for start, end in taken):
            continue
        taken.append((found.start, found.end))
        yield _entity(sentence, found, known, writer)
    for hit in known.names.longest(sentence.words):
        yield _partner(sentence, hit, known)


def _all(
    sentence: Sentence, days: Sequence[When], wording: Wording, known: Known, writer: str
) -> Iterator[Found]:
    """What a sentence names, what is surest first."""
    text = sentence.text
    digits = any(letter.isdigit() for letter in text)
    if digits:
        yield from _accounts(text, wording)
        yield from _parcels(text)
        yield from _books(text, known, writer)
    printed = [when for when in days if not when.relative]
    yield from (Found("date", when.start, when.end, when.value.isoformat(), 0.9) for when in printed)
    if digits:
        yield from _amounts(text, sentence, wording)
        yield from _labelled(sentence, wording, [(when.start, when.end) for when in printed])
        yield from _shaped(text)


def _accounts(text: str, wording: Wording) -> Iterator[Found]:
    if _IBAN_LIKE.search(text):
        for iban in find_ibans(text):
            yield Found("iban", iban.start, iban.end, iban.value, 0.99 if iban.valid else 0.4)
    if _VAT_WORDS.search(text) or re.search(r"\b[A-Z]{2,3}[ ]?[U\d]\d{7}", text):
        labelled = _VAT_WORDS.search(text) is not None
        for vat in find_vat_ids(text):
            if vat.valid or labelled:
                yield Found("tax_id", vat.start, vat.end, vat.value, 0.98 if vat.valid else 0.4)
        for vat in find_national_vat_ids(text, wording.language) if labelled else ():
            yield Found("tax_id", vat.start, vat.end, vat.value, 0.95 if vat_is_valid(vat.value) else 0.4)


@cache
def _parcel_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(numbers()['tracking']['patterns'])})(?!\w)")


def _parcels(text: str) -> Iterator[Found]:
    for match in _parcel_pattern().finditer(text):
        number = match.group()
        if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number) or _is_postal(number):
            yield Found("tracking", *match.span(), number, 0.95)


def _is_postal(number: str) -> bool:
    """Whether the check digit of a number by the Universal Postal Union's S10 is right."""
    weighed = sum(
        int(digit) * weight for digit, weight in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    return {10: 0, 11: 5}.get(11 - weighed % 11, 11 - weighed % 11) == int(number[10])


def _books(text: str, known: Known, writer: str) -> Iterator[Found]:
    if not known.holds_items:
        return
    for pattern in (_SHAPED, _ANY):
        for match in pattern.finditer(text):
            written = match.group().rstrip("._-/")
            digits = sum(letter.isdigit() for letter in written)
            if digits < 3 or _is_plain_year(written):
                continue
            if hit := known.number(written, writer=writer):
                end = match.start() + len(written)
                if not _UNIT.match(text, end):
                    yield Found("invoice", match.start(), end, hit.number, 0.97)


def _amounts(text: str, sentence: Sentence, wording: Wording) -> Iterator[Found]:
    if _CURRENCY.search(text) is None and not any(word.text in wording.currencies for word in sentence.words):
        return
    yield from _short_amounts(text, wording)
    text = _PER.sub(" ", text)
    for amount in find_amounts(text):
        currency = _currency(amount, text, wording)
        if currency and abs(amount.value) >= _LEAST:
            yield Found("amount", amount.start, amount.end, f"{_money(abs(amount.value))} {currency}", 0.95)


def _short_amounts(text: str, wording: Wording) -> Iterator[Found]:
    """``5k EUR``, ``€ 2.5 Mio``."""
    for match in _SHORT.finditer(text):
        names = [name for name in (match["before"], match["after"]) if name]
        known = [wording.currencies.get(folded(name)) or currency_of(name) for name in names]
        currency = next((code for code in known if code), None)
        if currency:
            times = 1_000 if match["times"].lower() in _THOUSANDS else 1_000_000
            value = Decimal(match["number"].replace(",", ".")) * times
            yield Found("amount", match.start(), match.end(), f"{_money(value)} {currency}", 0.9)


def _currency(amount: Amount, text: str, wording: Wording) -> str | None:
    """The currency beside an amount. ``Fr 28`` may be a Friday's date."""
    if amount.currency:
        plain = amount.text.lower()
        doubtful = ("fr", "ft", "rp", "dh", "kr", "rm", "pen", "try", "mad")
        name = re.match(r"[^\d\s.,-]+", plain) or re.search(r"[^\d\s.,-]+$", plain)
        if name and name.group() in doubtful and amount.places != 2:
            return None
        return amount.currency
    behind = re.match(r"\s?([^\W\d_]+|[€$£])", text[amount.end :])
    return wording.currencies.get(folded(behind.group(1))) if behind else None


def _money(value: Decimal) -> str:
    return f"{value.quantize(_LEAST):f}"


def _labelled(sentence: Sentence, wording: Wording, dates: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Numbers behind the words for what they number, and those that follow them in a list."""
    hits = sorted(wording.labels.find(sentence.words), key=lambda hit: (hit.first - hit.last, hit.first))
    for hit in hits:
        place, numbered = _behind_label(sentence, hit, wording)
        first = _number_at(sentence.text, place, hit.label, numbered, dates)
        if first is None:
            continue
        yield first
        while more := _NEXT.match(sentence.text, first.end):
            following = _number_at(sentence.text, more.end(), hit.label, True, dates)
            if following is None or not _alike(first.value, following.value):
                break
            yield following
            first = following


def _behind_label(sentence: Sentence, hit: Hit[str], wording: Wording) -> tuple[int, bool]:
    """Where the number behind a label may begin, and whether something said that it is one."""
    text = sentence.text
    place = sentence.words[hit.last - 1].end
    if re.match(r"[-/_]\w*\d", text[place:]):  # the label is a part of the number: PO-4711
        return sentence.words[hit.last - 1].start, True
    numbered = hit.last - hit.first > 1 or text[place : place + 1] in ("#", ":")
    by_start = {word.start: word for word in sentence.words[hit.last : hit.last + 5]}
    for _ in range(4):
        marks = _BETWEEN.match(text, place)
        place = marks.end() if marks else place
        numbered = numbered or (marks is not None and any(mark in marks.group() for mark in "#:№°º"))
        word = by_start.get(place)
        if word is None or not (word.text in wording.number_words or (numbered and word.text in _IS)):
            break
        numbered, place = True, word.end
    return place, numbered


def _number_at(
    text: str, place: int, kind: str, numbered: bool, dates: Sequence[tuple[int, int]]
) -> Found | None:
    match = (_GROUPED.match(text, place) if kind == "tracking" else None) or _CODE.match(text, place)
    if match is None or any(start < match.end() and match.start() < end for start, end in dates):
        return None
    written = match.group().rstrip("._-/")
    digits = sum(letter.isdigit() for letter in written)
    if _UNIT.match(text, match.start() + len(written)) or _is_plain_year(written):
        return None
    fewest = 2 if numbered else _FEWEST.get(kind, 4)
    if digits < fewest and not (digits >= 2 and re.search(r"[A-Za-z]", written)):
        return None
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{2}", written) or re.match(
        r"\d+(?:st|nd|rd|th|x|er)$", written
    ):
        return None
    by_prefix = _kind_by_prefix(written)
    if kind in _GENERIC and by_prefix:
        kind = by_prefix
    sure = 0.9 if numbered or re.search(r"[A-Za-z/-]", written) else 0.75
    return Found(kind, match.start(), match.start() + len(written), _tidy(written), sure, True)


def _alike(one: str, other: str) -> bool:
    """Whether two numbers are of one list: the same letters before them, or about as long."""
    letters = [re.match(r"[A-Za-z]*", number) for number in (one, other)]
    same = letters[0] and letters[1] and letters[0].group().upper() == letters[1].group().upper()
    return bool(same) and abs(len(one) - len(other)) <= 2 and len(other) >= 3


@cache
def _prefixes() -> dict[str, str]:
    return {prefix: kind for kind, row in numbers()["prefixes"].items() for prefix in row.split()}


def _kind_by_prefix(number: str) -> str | None:
    match = re.match(r"[A-Za-z]+", number)
    return _prefixes().get(match.group().upper()) if match else None


def _shaped(text: str) -> Iterator[Found]:
    """Numbers by their prefix. Without a mark they need four digits; one letter alone needs a mark, too."""
    for match in _TICKET.finditer(text):
        yield Found("ticket", *match.span("number"), match["number"], 0.85)
    for match in _SHAPED.finditer(text):
        prefix, mark, rest = match["prefix"], match["mark"].strip(), match["rest"]
        kind = _prefixes().get(prefix.upper())
        digits = sum(letter.isdigit() for letter in rest)
        if kind is None or digits < (3 if mark else 4) or _is_plain_year(rest) or not _is_cased(prefix, mark):
            continue
        if len(prefix) == 1 and (not mark or digits < 4):
            continue
        if _UNIT.match(text, match.end()) or re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{2}", rest):
            continue
        sure = 0.85 if len(prefix) > 1 and mark else 0.7
        yield Found(
            kind, match.start(), match.start() + len(match.group().rstrip("._-/")), _tidy(match.group()), sure
        )


def _is_cased(prefix: str, mark: str) -> bool:
    return prefix.isupper() or (bool(mark) and mark in "-/" and len(prefix) > 1)


def _is_plain_year(number: str) -> bool:
    return number.isdigit() and len(number) == 4 and int(number) in _YEARS


def _tidy(number: str) -> str:
    """A number as it is written, without blanks at its ends and a dot behind it."""
    return " ".join(number.split()).rstrip("._-/")


def _entity(sentence: Sentence, found: Found, known: Known, writer: str) -> Entity:
    value, partner, confidence, is_known = found.value, "", found.confidence, None
    if found.kind == "invoice" and known.holds_items:
        match: Match | None = known.number(found.value, by_end=found.labelled, writer=writer)
        is_known = match is not None
        if match:
            value, partner = match.number, match.partner
            confidence = max(confidence, 0.97) if match.exact else min(confidence, 0.8)
    return Entity(
        kind=found.kind,
        value=value,
        text=sentence.text[found.start : found.end],
        evidence=sentence.evidence,
        confidence=confidence,
        known=is_known,
        partner=partner,
    )


def _partner(sentence: Sentence, hit: Hit[str], known: Known) -> Entity:
    start, end = sentence.words[hit.first].start, sentence.words[hit.last - 1].end
    return Entity(
        kind="supplier" if known.partners.get(hit.label) == "payable" else "customer",
        value=hit.label,
        text=sentence.text[start:end],
        evidence=sentence.evidence,
        confidence=0.9,
        known=True,
        partner=hit.label,
    )
