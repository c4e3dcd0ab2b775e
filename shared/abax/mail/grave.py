"""Grave matters: what a person must see at once, whatever classifiers say of it, from ``grave.toml``.

A matter is found by what a sentence says, in any language: phrases that say it alone, or two that say it
together. A sentence that speaks of it for some day (a clause, a lecture, a threat, ``no data breach``) does
not count. A fraud is found by signs that come together: a payment, secrecy, haste, a chief, an address that
is anybody's.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from abax.mail.contracts import Action, Asked, Claim, Message, Priority
from abax.mail.entities import Named
from abax.mail.known import is_public
from abax.mail.phrases import Phrases, folded, words_of
from abax.mail.reading import Reading, Sentence

FRAUD: Final = "fraud"
_ASIDE: Final = "aside"
_NEAR: Final = 2
"""Words before a phrase among which a denial counts."""
_SURE: Final = 0.9
_LONGEST: Final = 300
_DELETED: Final = re.compile(
    r"\b(?:delet|eras|forgotten|losch|vergessen|effac|supprim|suppress|oubli|supres|borr|elimin|olvido|cancell"
    r"|oblio|wis|verwijder|vergetel|usun|zapomni)"
)
_FIRST: Final = 3
"""Sentences, the subject among them, that make a lecture of a mail."""


@dataclass(frozen=True)
class Matter:
    """A kind of grave matter."""

    name: str
    why: str
    """Why a person must look, for people."""
    priority: Priority
    departments: tuple[str, ...]
    """Who may take it; the first of them does where somebody else would."""
    category: str
    """What it is where it would be nothing."""
    months: int = 0
    """The months that the law gives for an answer; 0 where no such term is told."""


@dataclass(frozen=True)
class Grave:
    """A grave matter with the sentence that speaks of it."""

    matter: Matter
    evidence: str

    @property
    def rule(self) -> str:
        """The name under which it stands among the rules that had a say."""
        return f"grave-{self.tag}"

    @property
    def tag(self) -> str:
        """What it marks a message with."""
        return self.matter.name.replace("_", "-")


def grave_matters(
    reading: Reading, language: str, names: Named, wants: Asked, partner: str
) -> tuple[Grave, ...]:
    """The grave matters that a message speaks of, each with its first sentence; ``partner`` is who writes by
    the books, empty where they know nobody."""
    if _is_lecture(reading):
        return ()
    found: dict[str, Grave] = {}
    for sentence in reading.sentences:
        for name in _spoken_of(sentence, language):
            found.setdefault(name, Grave(_tables().matters[name], sentence.evidence))
    if deceit := _fraud(reading, names, wants, partner):
        found[FRAUD] = Grave(_tables().matters[FRAUD], deceit)
    return tuple(sorted(found.values(), key=lambda one: one.matter.priority))


def with_term(wants: Asked, graves: Sequence[Grave], day: date) -> Asked:
    """What is asked, with the day until which the law gives time, counted from the day of the mail, where the
    mail names none."""
    grave = next((one for one in graves if one.matter.months), None)
    if grave is None:
        return wants
    due = months_after(day, grave.matter.months)
    actions = wants.actions or (
        Action(
            kind=_kind(grave.evidence),
            text=grave.evidence[:_LONGEST],
            evidence=grave.evidence,
            confidence=_SURE,
            due=due,
        ),
    )
    wanted = wants.wanted
    if not wanted.value:
        wanted = Claim(value=True, confidence=_SURE, evidence=grave.evidence, method="words")
    timed = tuple(one if one.due else one.model_copy(update={"due": due}) for one in actions)
    return Asked(wanted=wanted, actions=timed)


def _kind(evidence: str) -> str:
    """What a data subject wants: that data is changed or deleted, else what there is."""
    return "change_data" if _DELETED.search(folded(evidence)) else "send_document"


def months_after(day: date, months: int) -> date:
    """The same day of a later month, its last one where it has no such day (Regulation 1182/71, art. 3)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _is_lecture(reading: Reading) -> bool:
    lecture = _tables().lecture
    return any(next(lecture.find(one.words), None) for one in reading.sentences[:_FIRST])


def _spoken_of(sentence: Sentence, language: str) -> Iterator[str]:
    """The matters that a sentence says to be so."""
    tables = _tables()
    hits = list(tables.matter_phrases.find(sentence.words))
    alone = [hit for hit in hits if hit.label[1] == "alone" and not _is_denied(sentence, hit.first)]
    named = dict.fromkeys(hit.label[0] for hit in alone)
    halves = {hit.label for hit in hits if hit.label[1] != "alone"}
    named |= dict.fromkeys(name for name, half in halves if half == "first" and (name, "second") in halves)
    if not named:
        return
    asides = tables.asides.get(language) or tables.asides["en"]
    taken_out = {hit.label for hit in asides.find(sentence.words)}
    if _ASIDE not in taken_out:
        yield from (name for name in named if name not in taken_out)


def _is_denied(sentence: Sentence, first: int) -> bool:
    before = sentence.words[max(0, first - _NEAR) : first]
    return next(_tables().denied.find(before), None) is not None


# --- fraud ----------------------------------------------------------------------------------------------


def _fraud(reading: Reading, names: Named, wants: Asked, partner: str) -> str:
    """The sentence that speaks most for a fraud; empty where too little does."""
    said: dict[str, Sentence] = {}
    for sentence in reading.sentences:
        for hit in _tables().fraud.find(sentence.words):
            said.setdefault(hit.label, sentence)
    pay, secret = said.get("pay"), said.get("secret")
    if pay is None or not (wants.wanted.value or secret):
        return ""
    message = reading.message
    astray = is_public(message.sender.domain) or _answers_elsewhere(message)
    chief = "chief" in said or _is_chief(message)
    haste, account = "haste" in said, bool(names.of("iban"))
    if partner and not astray:
        return secret.evidence if secret and chief and haste else ""
    if secret and (haste or chief or account or astray):
        return secret.evidence
    hidden = "away" in said and (chief or astray) and haste
    return pay.evidence if hidden or (astray and chief and (haste or account)) else ""


def _answers_elsewhere(message: Message) -> bool:
    """Whether answers would go to an address that is anybody's, though it comes from a house's."""
    return any(
        is_public(box.domain) and box.domain != message.sender.domain
        for box in message.reply_to
        if box.address
    )


def _is_chief(message: Message) -> bool:
    said = words_of(f"{message.sender.name}\n{message.signature}")
    return any(hit.label == "chief" for hit in _tables().fraud.find(said))


# --- the file -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Tables:
    matters: Mapping[str, Matter]
    matter_phrases: Phrases[tuple[str, str]]
    """Labels are a matter's name and ``alone``, or the half of a pair: ``first``, ``second``."""
    asides: Mapping[str, Phrases[str]]
    """By language: many are everyday words of another one. Labels are ``aside``, which takes a sentence out,
    or the matter that it is taken out for."""
    denied: Phrases[str]
    lecture: Phrases[str]
    fraud: Phrases[str]
    """``pay``, ``secret``, ``away``, ``chief``, ``haste``."""


@cache
def _tables() -> _Tables:
    text = (resources.files("abax.mail") / "grave.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    fraud = content[FRAUD]
    matters = [*(_matter(one) for one in content["matter"]), _matter({"name": FRAUD, **fraud})]
    return _Tables(
        matters={one.name: one for one in matters},
        matter_phrases=Phrases(_matter_phrases(content["matter"])),
        asides={language: Phrases(_asides(content, language)) for language in content[_ASIDE]},
        denied=_listed(content["denied"]["words"]),
        lecture=_listed(content["lecture"]["words"]),
        fraud=Phrases(
            (phrase, sign)
            for sign in ("pay", "secret", "away", "chief", "haste")
            for phrase in _all(fraud[sign].values())
        ),
    )


def _matter(row: Mapping[str, Any]) -> Matter:
    return Matter(
        name=row["name"],
        why=row["why"],
        priority=Priority(row["priority"]),
        departments=tuple(row["departments"]),
        category=row["category"],
        months=row.get("months", 0),
    )


def _matter_phrases(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, str]]]:
    for row in rows:
        name = row["name"]
        yield from ((phrase, (name, "alone")) for phrase in _all(row["alone"].values()))
        for first, second in row.get("pairs", {}).values():
            yield from ((phrase, (name, "first")) for phrase in first)
            yield from ((phrase, (name, "second")) for phrase in second)


def _asides(content: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    yield from ((phrase, _ASIDE) for phrase in content[_ASIDE][language])
    for row in content["matter"]:
        yield from ((phrase, row["name"]) for phrase in row.get("not", {}).get(language, ()))


def _all(lists: Iterable[Iterable[str]]) -> list[str]:
    """The phrases of all languages, each once."""
    return list(dict.fromkeys(phrase for phrases in lists for phrase in phrases))


def _listed(phrases: Iterable[str]) -> Phrases[str]:
    return Phrases((phrase, phrase) for phrase in phrases)


__all__ = ["FRAUD", "Grave", "Matter", "grave_matters", "months_after", "with_term"]
