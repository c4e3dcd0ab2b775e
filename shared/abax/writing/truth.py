"""Whether a text says only what its facts hold: each number, date, amount, address and name, in any of seven
languages.

::

    text ──► claims (abax.writing.claims) ──┐
         ──► names  (abax.writing.names)  ──┴─► each derivable from the facts? ──► faults, [] for none

A claim is derivable where a fact has the same value, however it is spelled: ``1.234,50 EUR`` is
``Decimal("1234.5")`` euros, ``5 mars`` a fact's 5 March 2026. Nothing is reckoned: a sum, a difference or
days overdue may be told only if they are facts. What this cannot see: an ordinary word in small letters used
as a name, and a claim made in words alone (``he has paid``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from abax.writing.claims import Claim, Count, Day, Reading, Sheet, Sum, cleaned, compact, ordered, read_claims
from abax.writing.names import Known, blank_known, find_names
from abax.writing.spelling import LANGUAGES, language_of

UNITS: Final = ("day", "week", "month", "year", "hour", "minute", "%")
"""What a number may count by name; everything else is counted by a plain number."""


@dataclass(frozen=True)
class Unit:
    """Metadata of a number field: what it counts, one of ``UNITS``. ``Annotated[int, Unit("day")]``."""

    name: str


@dataclass(frozen=True)
class Passage:
    """Metadata of a string field that holds prose: what it claims may be said again. Any other string is a
    name: it may be said as it is, or some of its words in a row, but a number in it is no number."""


@dataclass(frozen=True)
class Facts:
    """What a text may say."""

    amounts: frozenset[tuple[Decimal, str]] = frozenset()
    """With ISO 4217 codes."""
    numbers: frozenset[tuple[Decimal, str]] = frozenset()
    """With their unit of ``UNITS``, or nothing."""
    dates: frozenset[date] = frozenset()
    times: frozenset[time] = frozenset()
    names: frozenset[str] = frozenset()
    """People, companies, products, references, addresses, accounts: said in these characters."""
    words: frozenset[str] = frozenset()
    """Further words, small, that may begin with a capital letter without being a name."""
    claims: frozenset[Reading] = frozenset()
    """Readings of passages that are none of the above: ``5 March`` of no year."""
    language: str = ""
    """ISO 639-1 of the text, which decides what ``1.234`` is; found out from it where empty."""

    @classmethod
    def of(cls, *values: object, language: str = "", words: str = "") -> Facts:
        """Facts of values of any of these kinds, and sequences and mappings of them:

        - ``Decimal`` and ``int``: plain numbers; a pair of ``Decimal`` and ISO code: an amount; a pair of a
          number and one of ``UNITS``: a count of that;
        - ``date``, ``time``; ``datetime``: its date and its time;
        - ``str``: a name, reference or address;
        - a pydantic model: its fields; decimals beside a field ``currency`` are amounts, and the metadata
          ``Unit`` and ``Passage`` say more.

        ``words`` are wording whose capital letters mean nothing, such as a template's.
        """
        facts = cls(language=language, words=frozenset(_small_words(words)))
        for value in values:
            facts |= _facts_of(value)
        return facts

    def __or__(self, other: Facts) -> Facts:
        """All that either holds; the language of the first that has one."""
        return Facts(
            self.amounts | other.amounts,
            self.numbers | other.numbers,
            self.dates | other.dates,
            self.times | other.times,
            self.names | other.names,
            self.words | other.words,
            self.claims | other.claims,
            self.language or other.language,
        )

    def also(self, *values: object, words: str = "") -> Facts:
        """With more facts."""
        return self | Facts.of(*values, words=words)

    def passage(self, text: str) -> Facts:
        """With all that a text claims, which may then be said again, and with its words."""
        return self | passage_facts(text, self.language)

    @cached_property
    def known(self) -> Known:
        """The names as they are looked for."""
        return Known(self.names, self.words | {code.lower() for _, code in self.amounts})

    @cached_property
    def _sizes(self) -> Mapping[str, frozenset[Decimal]]:
        """The amounts of each currency."""
        found: defaultdict[str, set[Decimal]] = defaultdict(set)
        for value, code in self.amounts:
            found[code].add(value)
        return {code: frozenset(sizes) for code, sizes in found.items()}

    @cached_property
    def _counted(self) -> frozenset[Decimal]:
        """All numbers and amounts, with their sizes where they are below nought."""
        held = {value for value, _ in self.numbers | self.amounts}
        return frozenset(held | {abs(value) for value in held})

    @cached_property
    def _compact(self) -> frozenset[str]:
        return frozenset(compact(name) for name in self.names)

    def hold(self, reading: Reading) -> bool:
        """Whether one reading of a claim is true by these facts."""
        if reading in self.claims:
            return True
        match reading:
            case Count():
                return self._counts(reading)
            case Sum():
                sizes = [self._sizes.get(code, frozenset[Decimal]()) for code in reading.currencies]
                either = {reading.value, min(-reading.value, reading.value)}
                return any(not either.isdisjoint(own) for own in sizes)
            case Day():
                return any(reading.tells(value) for value in self.dates)
            case time():
                return any((t.hour, t.minute) == (reading.hour, reading.minute) for t in self.times)
        return reading in self._compact

    def _counts(self, count: Count) -> bool:
        if count.unit == "week" and (count.value * 7, "day") in self.numbers:
            return True
        if count.unit:
            return (count.value, count.unit) in self.numbers
        return count.value in self._counted


def faults(text: str, facts: Facts, given: Iterable[str] = ()) -> list[str]:
    """What ``text`` says that its facts do not hold, one sentence for each, in the order of the text; empty
    where it is true. ``text`` is in one of seven languages (en de fr es it nl pl).

    ``given`` are values that a text of ours was put together from: where they stand in it they claim nothing,
    whatever they look like (an invoice number ``12.10.2026``), unless a place that nobody filled.
    """
    claims = claims_of(text, facts)
    wrong = [claim for claim in claims if not any(facts.hold(reading) for reading in claim.readings)]
    if wrong and (spans := _spans(cleaned(text), given)):
        wrong = [claim for claim in wrong if claim.kind == "placeholder" or not _within(claim, spans)]
    return list(dict.fromkeys(map(_fault, wrong)))


def _spans(text: str, given: Iterable[str]) -> list[tuple[int, int]]:
    values = {cleaned(value) for value in given if value.strip()}
    found = [re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text) for value in values]
    return [match.span() for matches in found for match in matches]


def _within(claim: Claim, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= claim.start and claim.end <= end for start, end in spans)


def claims_of(text: str, facts: Facts) -> list[Claim]:
    """All that ``text`` claims, in order; names, references and addresses that the facts hold are left
    out."""
    language = facts.language if facts.language in LANGUAGES else language_of(text)
    sheet = Sheet(text)
    blank_known(sheet, facts.known)
    read_claims(sheet, language)
    find_names(sheet, facts.known, language)
    return ordered(sheet.claims)


def passage_facts(text: str, language: str = "") -> Facts:
    """What a text claims, as facts, and all its words: who may say these may say what it says."""
    language = language if language in LANGUAGES else language_of(text)
    facts = Facts(language=language, words=frozenset(_small_words(text)))
    told = [_of_reading(reading, claim) for claim in claims_of(text, facts) for reading in claim.readings]
    return Facts(
        frozenset().union(*(one.amounts for one in told)),
        frozenset().union(*(one.numbers for one in told)),
        frozenset().union(*(one.dates for one in told)),
        frozenset().union(*(one.times for one in told)),
        frozenset().union(*(one.names for one in told)),
        facts.words.union(*(one.words for one in told)),
        frozenset().union(*(one.claims for one in told)),
    )


def _of_reading(reading: Reading, claim: Claim) -> Facts:
    match reading:
        case Count():
            return Facts(numbers=frozenset([(reading.value, reading.unit)]))
        case Sum():
            return Facts(amounts=frozenset((reading.value, code) for code in reading.currencies))
        case time():
            return Facts(times=frozenset([reading]))
        case Day() if reading.year and reading.month and reading.day:
            return _full(reading)
        case Day():
            return Facts(claims=frozenset([reading]))
    return Facts(names=frozenset([claim.text]), claims=frozenset([reading]))


def _full(day: Day) -> Facts:
    try:
        return Facts(dates=frozenset([date(day.year, day.month, day.day)]), claims=frozenset([day]))
    except ValueError:
        return Facts(claims=frozenset([day]))


_SAID: Final = {
    "amount": "the amount",
    "number": "the number",
    "date": "the date",
    "time": "the time",
    "address": "the address",
    "account": "the account",
    "reference": "the reference",
    "relative date": "the date",
    "name": "the name",
}


def _fault(claim: Claim) -> str:
    if claim.kind == "placeholder":
        return f"{claim.text!r} is a place that nobody has filled"
    return f"{_SAID[claim.kind]} {claim.text!r} is not among the facts"


def _small_words(text: str) -> list[str]:
    return [word for word in "".join(c if c.isalpha() else " " for c in text).casefold().split() if word]


# --- facts of values ------------------------------------------------------------------------------------


def _facts_of(value: object) -> Facts:
    match value:
        case None | bool():
            return Facts()
        case Facts():
            return value
        case BaseModel():
            return _of_model(value)
        case str():
            return Facts(names=frozenset([value.strip()] if value.strip() else []))
        case Decimal() | int():
            return Facts(numbers=frozenset([(Decimal(value), "")]))
        case datetime():
            moment = time(value.hour, value.minute)
            return Facts(dates=frozenset([value.date()]), times=frozenset([moment]))
        case date():
            return Facts(dates=frozenset([value]))
        case time():
            return Facts(times=frozenset([value]))
    return _of_many(value)


def _of_many(value: object) -> Facts:
    match value:
        case (Decimal() | int() as size, str() as unit) if unit in UNITS:
            return Facts(numbers=frozenset([(Decimal(size), unit)]))
        case (Decimal() | int() as size, str() as code):
            return Facts(amounts=frozenset([(Decimal(size), code)]))
        case Mapping():
            return _joined(value.values())
        case float():
            raise TypeError("a float is no fact: give a Decimal")
    if isinstance(value, Iterable):
        return _joined(value)
    raise TypeError(f"{type(value).__name__} is no kind of fact")


def _joined(values: Iterable[object]) -> Facts:
    facts = Facts()
    for value in values:
        facts |= _facts_of(value)
    return facts


def _of_model(model: BaseModel) -> Facts:
    currency = getattr(model, "currency", None)
    facts = Facts()
    for name, info in type(model).model_fields.items():
        facts |= _of_field(
            getattr(model, name), _metadata(info), currency if isinstance(currency, str) else ""
        )
    return facts


def _metadata(info: FieldInfo) -> list[Any]:
    """What is said of a field, and of the entries of one that holds several."""
    found = list(info.metadata)
    for part in get_args(info.annotation):
        found += getattr(part, "__metadata__", ())
    return found


def _of_field(value: Any, metadata: Iterable[Any], currency: str) -> Facts:
    """One field: its unit, that it is prose, or the currency of its model say more than its type."""
    for one in metadata:
        if isinstance(one, Unit) and isinstance(value, Decimal | int):
            return Facts.of((value, one.name))
        if isinstance(one, Passage):
            return _joined(
                passage_facts(text) for text in ([value] if isinstance(value, str) else value or ())
            )
    if isinstance(value, Decimal) and currency:
        return Facts.of((value, currency))
    return _facts_of(value)
