"""Whether a letter that a model wrote makes the claims of its facts, and no others.

``abax.writing.truth`` finds numbers, dates and names that are not among the facts. This finds what true
figures can still be made to say, and what is said in words alone:

- *which belongs to which*: an amount, a due date or a delay stands by the invoice that it is a fact of, a
  task's day and owner by the task;
- *what a day is*: the day to pay by, the day an invoice was due, the day of an earlier letter;
- *words*: each is an ordinary one of such letters (``sense.toml``), or of the template's own text, or part of
  a fact; a discount, a fee, a threat or another language is none of these;
- *open or not*: a sentence about an invoice says that it is open or asks for it; only that a payment has come
  may be denied, and that it has come only be supposed.

A letter that is refused here costs nicer words, since the template's stands in; so what is not understood is
refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final

from abax.writing.claims import Claim, Count, Day, Sum, cleaned
from abax.writing.ordinary import GREETINGS
from abax.writing.spelling import LANGUAGES, plain
from abax.writing.spelling import words as spelled
from abax.writing.truth import Facts, claims_of


@dataclass(frozen=True)
class Bound:
    """Something that is named, and what belongs to it alone."""

    key: str
    """Its number, reference or words, as they are said."""
    amounts: frozenset[tuple[Decimal, str]] = frozenset()
    dates: frozenset[date] = frozenset()
    days: frozenset[int] = frozenset()
    owner: str = ""


@dataclass(frozen=True)
class Sense:
    """What belongs together in the facts of one letter."""

    kind: str
    """``reminder`` or ``follow_up``: which words of ``sense.toml`` it may use."""
    language: str
    bound: tuple[Bound, ...] = ()
    roles: tuple[tuple[str, frozenset[date]], ...] = ()
    """What each day is: ``pay``, ``due``, ``issued``, ``wrote``, ``promised``, ``met``, ``valid``, ``task``,
    ``stand``."""
    totals: frozenset[tuple[Decimal, str]] = frozenset()
    delay: int = 0
    """Days overdue of the oldest."""
    prose: tuple[str, ...] = ()
    """What somebody wrote: said word for word or not at all."""
    writer: str = ""
    """Who writes, and so is not written to."""
    readers: tuple[str, ...] = ()
    """Who is written to, and so is not paid."""

    def has(self, role: str) -> bool:
        """Whether any day has that role."""
        return any(name == role and days for name, days in self.roles)


def sense_faults(subject: str, text: str, template: str, sense: Sense, facts: Facts) -> list[str]:
    """Why a letter does not make the claims of its facts; empty where it does. Its numbers, dates and names
    are known to be among them. ``template`` is our own text of the same facts."""
    if re.search("[\ue000-\uf8ff]", subject + text):
        return ["it has characters that stand for none"]
    words = _words(sense.language)
    ours = _read(template, sense, facts, words)
    allowed = _vocabulary(words, sense) | {token for one in ours for token in one.tokens}
    told = frozenset(_skeleton(one, clause) for one in ours for clause in one.clauses)
    parts = [_read(part, sense, facts, words) for part in (subject, text) if part]
    found = [why for sentences in parts for why in _sentence_faults(sentences, sense, words, allowed, told)]
    return list(dict.fromkeys(found))


def _sentence_faults(
    sentences: Sequence[_Sentence],
    sense: Sense,
    words: _Words,
    allowed: frozenset[str],
    told: frozenset[str],
) -> Iterator[str]:
    last: frozenset[int] = frozenset()
    for one in sentences:
        last = last if not one.starts else frozenset()
        yield from _strange_words(one, words, allowed)
        yield from _denials(one, words, sense, told)
        yield from _days(one, words, sense)
        yield from _pairs(one, sense, last)
        yield from _people(one, sense)
        last = one.keys or last


# --- reading --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mark:
    """A fact in a text."""

    kind: str
    """``k`` what something belongs to, ``a`` an amount, ``d`` a day, ``c`` days, ``n`` a name or a number."""
    shown: str
    key: int = -1
    claim: Claim | None = None


@dataclass(frozen=True)
class _Sentence:
    """A sentence or line, its facts taken out."""

    text: str
    marks: dict[str, _Mark]
    starts: bool
    """A paragraph begins with it."""
    clauses: tuple[tuple[str, ...], ...]

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Its words, plain, with a character of its own for each fact."""
        return tuple(token for clause in self.clauses for token in clause)

    @cached_property
    def found(self) -> list[_Mark]:
        """Its facts, in order."""
        return [self.marks[token] for token in self.tokens if token in self.marks]

    @cached_property
    def keys(self) -> frozenset[int]:
        """The places of what is named."""
        return frozenset(mark.key for mark in self.found if mark.kind == "k")


_END: Final = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*")
_CLAUSE: Final = re.compile(r"[,;:()\n]+|\s-+\s|[.!?]+(?=\s|$)")
_TOKEN: Final = re.compile("[\ue000-\uf8ff]|[^\\W\\d_]+")
_NUMBER_SIGN: Final = re.compile("\\b(?:no\\.|n°|n\\.|nr\\.?)\\s*(?=[\ue000-\uf8ff])", re.IGNORECASE)
_CONTRACTED: Final = (
    (re.compile(r"\bcan['’]?t\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"(?<=\w)['’](?:ve|ll|re|s|d|m)\b", re.IGNORECASE), ""),
)


def _read(text: str, sense: Sense, facts: Facts, words: _Words) -> list[_Sentence]:
    """The sentences of a text."""
    marked, marks = _marked(text.replace("º", "°"), sense, facts)
    marked = _NUMBER_SIGN.sub("", marked)
    for pattern, plainly in _CONTRACTED if sense.language == "en" else ():
        marked = pattern.sub(plainly, marked)
    sentences = []
    for paragraph in re.split(r"\n\s*\n", marked):
        parts = [part for part in _END.split(paragraph) if part.strip()]
        sentences += [
            _Sentence(part, marks, not place, tuple(_clauses(part, words)))
            for place, part in enumerate(parts)
        ]
    return sentences


def _clauses(text: str, words: _Words) -> Iterator[tuple[str, ...]]:
    for part in _CLAUSE.split(text):
        tokens = words.plainly(_TOKEN.findall(part))
        clause: list[str] = []
        for token in tokens:
            if token in words.joints and clause:
                yield tuple(clause)
                clause = []
            else:
                clause.append(token)
        if clause:
            yield tuple(clause)


def _marked(text: str, sense: Sense, facts: Facts) -> tuple[str, dict[str, _Mark]]:
    """The text with a character of its own for each fact, and what these stand for."""
    whole = cleaned(text)
    spans: list[tuple[int, int, _Mark]] = []
    for start, end, mark in _facts_in(whole, sense, facts):
        if all(end <= begun or done <= start for begun, done, _ in spans):
            spans.append((start, end, mark))
    parts, marks, done = [], {}, 0
    for place, (start, end, mark) in enumerate(sorted(spans, key=lambda span: span[0])):
        sign = chr(0xE000 + place)
        parts += [whole[done:start], sign]
        marks[sign] = mark
        done = end
    return "".join((*parts, whole[done:])), marks


def _facts_in(text: str, sense: Sense, facts: Facts) -> Iterator[tuple[int, int, _Mark]]:
    """The facts in a text, surest first; of those that overlap the first counts."""
    prose = [bare for one in sense.prose if (bare := one.strip().rstrip("."))]
    keys = {cleaned(one.key).strip().rstrip("."): place for place, one in enumerate(sense.bound)}
    for start, end, shown in _occurrences(text, prose):
        place = keys.get(cleaned(shown), -1)
        yield start, end, _Mark("k" if place >= 0 else "n", shown, place)
    claims = [claim for claim in claims_of(text, facts) if claim.kind != "name"]
    for claim in claims:
        if claim.kind in ("amount", "date"):
            yield claim.start, claim.end, _mark(claim)
    for start, end, shown in _occurrences(text, keys):
        yield start, end, _Mark("k", shown, keys[cleaned(shown)])
    for claim in claims:
        yield claim.start, claim.end, _mark(claim)
    for pattern in facts.known.numbered(text):
        yield from ((*match.span(), _Mark("n", match.group())) for match in pattern.finditer(text))
    for start, end, shown in _occurrences(text, facts.names):
        yield start, end, _Mark("n", shown)
    parts = {word for name in facts.names if len(name.split()) <= _NAME for word in re.findall(r"\w+", name)}
    for start, end, shown in _occurrences(text, parts, cased=True):
        if shown[0].isupper() and plain(shown) not in _COMMON:
            yield start, end, _Mark("n", shown)


_NAME: Final = 5
"""Words of a name of which each may stand for it."""


def _occurrences(text: str, values: Iterable[str], cased: bool = False) -> Iterator[tuple[int, int, str]]:
    """Where each value stands whole, longest first."""
    for value in sorted((one for one in values if one.strip()), key=len, reverse=True):
        body = r"\s+".join(map(re.escape, cleaned(value).split()))
        for match in re.finditer(rf"(?<!\w){body}(?!\w)", text, 0 if cased else re.IGNORECASE):
            yield *match.span(), value


def _mark(claim: Claim) -> _Mark:
    kinds = {type(reading) for reading in claim.readings}
    if Sum in kinds:
        return _Mark("a", claim.text, claim=claim)
    if Day in kinds and claim.kind == "date":
        return _Mark("d", claim.text, claim=claim)
    counted = any(isinstance(one, Count) and one.unit in ("day", "week") for one in claim.readings)
    return _Mark("c" if counted else "n", claim.text, claim=claim)


# --- words ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """The table of one language."""

    lists: dict[str, frozenset[str]]
    never: tuple[re.Pattern[str], ...]
    idioms: tuple[tuple[str, str], ...]
    joints: frozenset[str] = field(default_factory=frozenset)

    def tells_done(self, word: str) -> bool:
        """Whether it says that something came, in any form."""
        done = self.lists["done"]
        return word in done or (not self._harmless(word) and len(word) > 1 and _is_form(word, done))

    def _harmless(self, word: str) -> bool:
        return any(word in self.lists[name] for name in ("words", "reminder", "ask", "money", "open"))

    def plainly(self, tokens: Iterable[str]) -> list[str]:
        """The tokens of a clause, plain, idioms replaced by what they mean."""
        said = f" {' '.join('essere' if word in 'èÈ' else plain(word) for word in tokens)} "
        for idiom, meaning in self.idioms:
            said = said.replace(f" {idiom} ", f" {meaning} ")
        return said.split()


_JOINTS: Final = {
    "en": "and but",
    "de": "und aber",
    "fr": "et mais",
    "es": "y pero",
    "it": "e ed ma",
    "nl": "en maar",
    "pl": "i oraz ale",
}


@cache
def _words(language: str) -> _Words:
    content: dict[str, Any] = _file()[language]
    idioms = {plain(key): plain(value) for key, value in content["idioms"].items()}
    return _Words(
        lists={
            name: frozenset(plain(text).split()) for name, text in content.items() if isinstance(text, str)
        },
        never=tuple(re.compile(pattern) for pattern in content["never"]),
        idioms=tuple(sorted(idioms.items(), key=lambda pair: -len(pair[0]))),
        joints=frozenset(_JOINTS[language].split()),
    )


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "sense.toml").read_text(encoding="utf-8"))


_ALWAYS: Final = ("words", "by", "ask", "due", "thanks", "advance", "stand", "if")
_OF_PAYMENTS: Final = ("open", "bare", "about", "polite", "not", "done", "not_with", "drop", "money")
_OF_DAYS: Final = ("wrote", "promised", "met", "valid")


def _vocabulary(words: _Words, sense: Sense) -> frozenset[str]:
    """The words that such a letter may use."""
    lists = [*_ALWAYS, sense.kind, *(_OF_PAYMENTS if sense.kind == "reminder" else ("not", "not_with"))]
    lists += [role for role in _OF_DAYS if sense.has(role)]
    found: frozenset[str] = frozenset().union(*(words.lists[name] for name in lists))
    asking = words.lists["open"] | words.lists["money"] if sense.kind != "reminder" else frozenset()
    return found - (asking - words.lists["words"] - words.lists["follow_up"] - words.lists["valid"])


def common_words(sense: Sense) -> Facts:
    """The words of such letters as facts: with a capital letter none of them is a name."""
    return Facts(words=_vocabulary(_words(sense.language), sense))


_COMMON: Final = frozenset(
    word
    for code in LANGUAGES
    for name in ("words", "not", "done")
    for word in plain(_file()[code][name]).split()
)
"""Words that are no names even where a name has them."""


def _strange_words(one: _Sentence, words: _Words, allowed: frozenset[str]) -> Iterator[str]:
    for token in one.tokens:
        if token not in one.marks and len(token) > 1 and not _is_form(token, allowed):
            yield f"the word {token!r} is none of its facts' and no ordinary one"


_STEM: Final = 5
_ENDING: Final = 3


def _is_form(token: str, known: frozenset[str]) -> bool:
    """Whether a word is known, or another form of one: long enough, and alike but for its last letters."""
    if token in known:
        return True
    stem = token[: max(_STEM, len(token) - _ENDING)]
    if len(token) <= _STEM:
        return False
    return any(word.startswith(stem) and abs(len(word) - len(token)) <= _ENDING for word in known)


def _denials(one: _Sentence, words: _Words, sense: Sense, told: frozenset[str]) -> Iterator[str]:
    """What is denied, granted or taken back, but in clauses that the template has."""
    lists = words.lists
    for clause in one.clauses:
        if _skeleton(one, clause) in told:
            continue
        said = set(clause)
        denied, done = said & lists["not"], {word for word in said if words.tells_done(word)}
        if denied and not (done and sense.kind == "reminder") and not said & lists["not_with"]:
            yield f"{_shown(one, clause)!r} denies something"
        if done and sense.kind == "reminder" and not denied and not _supposed(clause, words):
            yield f"{_shown(one, clause)!r} says that something has come"
        if any(pattern.search(_skeleton(one, clause)) for pattern in words.never):
            yield f"{_shown(one, clause)!r} claims something else"
    said = set(one.tokens)
    ours = all(_skeleton(one, clause) in told for clause in one.clauses)
    if sense.kind == "reminder" and not ours and not _is_demand(one, said, words):
        yield f"{_shown(one, one.tokens)!r} neither asks nor is courtesy"
    if sense.kind == "follow_up" and not ours and not _is_talk(one, said, words, sense):
        yield f"{_shown(one, one.tokens)!r} is neither of the facts nor courtesy"
    if said & lists["drop"] and not (said & lists["if"] and any(map(words.tells_done, said))):
        yield f"{_shown(one, one.tokens)!r} takes it back"
    paid = said & lists["money"] and said & lists["thanks"] and sense.kind == "reminder"
    if paid and not said & (lists["advance"] | lists["by"]):
        yield f"{_shown(one, one.tokens)!r} thanks for a payment"


def _is_demand(one: _Sentence, said: set[str], words: _Words) -> bool:
    """Whether a sentence about an invoice or an amount says that it is open, or asks for it, and any other is
    one of courtesy."""
    lists = words.lists
    told = said - one.marks.keys()
    if said & (lists["open"] | lists["drop"]) or all(
        word in lists["bare"] or len(word) == 1 for word in told
    ):
        return True
    if not any(mark.kind in "ka" for mark in one.found) and not said & lists["about"]:
        return bool(said & (lists["polite"] | lists["due"] | lists["wrote"]))
    if said & lists["thanks"] and said & lists["advance"]:
        return True
    if said & lists["wrote"] and not any(mark.kind == "a" for mark in one.found):
        return any(mark.kind == "d" for mark in one.found) or bool(said & lists["not"])
    return bool(said & (lists["not"] | lists["if"])) and any(map(words.tells_done, said))


def _is_talk(one: _Sentence, said: set[str], words: _Words, sense: Sense) -> bool:
    """Whether a sentence of a follow-up tells what was said or offered, heads a list, or is of courtesy."""
    lists = words.lists
    prose = {text.strip().rstrip(".") for text in sense.prose}
    heads = one.text.rstrip().endswith(":")
    if any(_is_form(word, lists["agreed"]) for word in said - one.marks.keys()):
        return heads or any(mark.shown in prose for mark in one.found)
    if heads or one.found or said <= lists["bare"]:
        return True
    return bool(said & (lists["polite"] | lists["met"] | (lists["ask"] - lists["open"])))


def _supposed(clause: Sequence[str], words: _Words) -> bool:
    """Whether a condition stands before each word of a payment that came."""
    first = next((place for place, word in enumerate(clause) if word in words.lists["if"]), len(clause))
    return all(place > first for place, word in enumerate(clause) if words.tells_done(word))


def _skeleton(one: _Sentence, clause: Sequence[str]) -> str:
    return " ".join(f"<{one.marks[token].kind}>" if token in one.marks else token for token in clause)


def _shown(one: _Sentence, tokens: Sequence[str]) -> str:
    return " ".join(one.marks[token].shown if token in one.marks else token for token in tokens)


# --- days -----------------------------------------------------------------------------------------------


def _days(one: _Sentence, words: _Words, sense: Sense) -> Iterator[str]:
    for place, token in enumerate(one.tokens):
        mark = one.marks.get(token)
        if mark is None or mark.kind != "d" or mark.claim is None:
            continue
        told = [reading for reading in mark.claim.readings if isinstance(reading, Day)]
        if all(not day.month and not day.day and not day.weekday for day in told):
            continue
        roles = {
            name for name, days in sense.roles if any(day.tells(value) for day in told for value in days)
        }
        if roles and not any(_FITS[role](one, place, words.lists) for role in roles):
            yield f"{mark.shown!r} is not said as what it is: {', '.join(sorted(roles))}"


_Lists = dict[str, frozenset[str]]


def _near(one: _Sentence, place: int, words: frozenset[str], left: int, right: int = 0) -> bool:
    beside = one.tokens[max(0, place - left) : place] + one.tokens[place + 1 : place + 1 + right]
    return not words.isdisjoint(beside)


def _to_pay(one: _Sentence, place: int, lists: _Lists) -> bool:
    asked = not lists["ask"].isdisjoint(one.tokens)
    return (
        asked
        and _near(one, place, lists["by"], 4, 3)
        and not _near(one, place, lists["due"] - lists["by"], 2)
    )


def _was_due(one: _Sentence, place: int, lists: _Lists) -> bool:
    if _near(one, place, lists["due"], 4, 3):
        return True
    return bool(one.keys) and not _near(one, place, lists["by"] | lists["ask"], 3)


def _said_with(name: str) -> Callable[[_Sentence, int, _Lists], bool]:
    return lambda one, place, lists: not lists[name].isdisjoint(one.tokens)


_FITS: Final[dict[str, Callable[[_Sentence, int, _Lists], bool]]] = {
    "pay": _to_pay,
    "due": _was_due,
    "issued": lambda one, place, lists: (
        bool(one.keys) and not _near(one, place, lists["by"] | lists["due"], 2)
    ),
    "task": lambda one, place, lists: bool(one.keys),
    "wrote": _said_with("wrote"),
    "promised": _said_with("promised"),
    "met": _said_with("met"),
    "valid": _said_with("valid"),
    "stand": lambda one, place, lists: (
        len(one.tokens) == 1
        or (not lists["stand"].isdisjoint(one.tokens) and not _near(one, place, lists["by"], 3))
    ),
}


# --- what belongs to what -------------------------------------------------------------------------------


def _pairs(one: _Sentence, sense: Sense, last: frozenset[int]) -> Iterator[str]:
    """What stands by something that it is no fact of."""
    facts = [
        (place, mark) for place, mark in enumerate(one.found) if mark.kind in ("acdn" if one.keys else "acd")
    ]
    owned = [(place, mark, of) for place, mark in facts if (of := _owners(mark, sense)) is not None]
    ways = [[_assigned(one.found, place, way, last) for place, _, _ in owned] for way in (-1, 1)]
    wrong = [
        [
            mark
            for (_, mark, of), key in zip(owned, keys, strict=True)
            if not _belongs(mark, of, key, one, sense)
        ]
        for keys in ways
    ]
    for mark in min(wrong, key=len):
        yield f"{mark.shown!r} does not belong to what it is said of"


def _owners(mark: _Mark, sense: Sense) -> frozenset[int] | None:
    """The places of what a fact belongs to; None for one that belongs to the letter as a whole."""
    if mark.kind == "n":
        return (
            frozenset(place for place, one in enumerate(sense.bound) if _is_called(mark.shown, one.owner))
            or None
        )
    readings = mark.claim.readings if mark.claim else ()
    found = {
        place
        for place, one in enumerate(sense.bound)
        for reading in readings
        if _is_of(reading, one.amounts, one.dates, one.days)
    }
    free = {day for name, days in sense.roles if name not in ("due", "issued", "task") for day in days}
    if mark.kind == "d" and any(_is_of(reading, frozenset(), free, frozenset()) for reading in readings):
        return None
    return frozenset(found) if found or mark.kind == "a" else None


def _is_called(shown: str, name: str) -> bool:
    return bool(name) and (shown == name or shown in name.split())


def _is_of(
    reading: object, amounts: Iterable[tuple[Decimal, str]], dates: Iterable[date], days: Iterable[int]
) -> bool:
    match reading:
        case Sum():
            return any(value == reading.value and code in reading.currencies for value, code in amounts)
        case Day():
            return any(reading.tells(value) for value in dates)
        case Count(unit="day" | "week"):
            return int(reading.value * (7 if reading.unit == "week" else 1)) in set(days)
    return False


def _assigned(found: Sequence[_Mark], place: int, way: int, last: frozenset[int]) -> frozenset[int]:
    """What a fact is said of: the nearest that is named before it (``way`` -1) or behind it (1), else the
    nearest on the other side, else that of the sentence before."""
    before = [mark.key for mark in reversed(found[:place]) if mark.kind == "k"]
    behind = [mark.key for mark in found[place + 1 :] if mark.kind == "k"]
    nearest = (before or behind) if way < 0 else (behind or before)
    return frozenset(nearest[:1]) or last


def _belongs(mark: _Mark, of: frozenset[int], keys: frozenset[int], one: _Sentence, sense: Sense) -> bool:
    if len(sense.bound) < 2 and (of or sense.kind == "reminder"):
        return True
    if mark.kind == "n":
        return keys <= of
    if len(keys) == 1 and keys <= of:
        return True
    if mark.kind == "a" and mark.claim and (len(one.keys) == len(sense.bound) or not one.keys):
        return any(_is_of(reading, sense.totals, (), ()) for reading in mark.claim.readings)
    oldest = mark.kind == "c" and mark.claim and len(keys) != 1
    if oldest and any(_is_of(reading, (), (), (sense.delay,)) for reading in mark.claim.readings):  # type: ignore[union-attr]
        return True
    return len(of) == len(sense.bound)


def _people(one: _Sentence, sense: Sense) -> Iterator[str]:
    paid = {mark.shown for mark in one.found if mark.kind == "n"} & set(sense.readers)
    if sense.kind == "reminder" and one.tokens[0] not in _GREETINGS:
        yield from (f"it asks to pay {shown!r}" for shown in sorted(paid) if len(one.tokens) > 1)
    greeted = [mark.shown for mark in one.found if mark.kind == "n"] if one.tokens[0] in _GREETINGS else []
    for shown in greeted:
        if _is_called(shown, sense.writer):
            yield f"it greets {shown!r}, who writes it"


_GREETINGS: Final = frozenset(map(plain, GREETINGS)) | frozenset(
    spelled("sehr good bonsoir buenos buenas buongiorno buonasera salve goedendag goedemorgen dzien witam")
)
