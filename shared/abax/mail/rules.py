"""Rules: the user's last word on where a message goes, from a TOML file.

::

    [[rule]]
    id = "dunning-from-landlord"
    order = 20                      # smaller ones go first; 100 where none is given
    why = "The landlord's reminders go to facilities."
    when = { sender = ["*@hausverwaltung.example"], any = [{ words = ["mahn*"] }, { amount_over = 5000 }] }
    then = { department = "legal", priority = "P1", tag = ["facilities"] }
    stop = true                     # no rule after it is looked at

All that a ``when`` names must hold; of a list one is enough. ``any`` and ``all`` take further conditions,
``not`` one. Each rule sees what those before it have made of the message. Regular expressions are given a
twentieth of a second: one that takes longer does not hold, and the message goes to a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError, field_validator, model_validator

from abax.errors import InvalidRules, listed, nearest
from abax.mail.contracts import Asked, Model, Priority, Sentiment, Urgency
from abax.mail.entities import Named
from abax.mail.phrases import Phrases
from abax.mail.reading import LONGEST, Reading, Sentence
from abax.mail.taxonomy import Taxonomy, place_of

SECONDS: Final = 0.05
"""What one regular expression may take for one message."""
_LONGEST_PATTERN: Final = 500

Texts = Annotated[tuple[str, ...], Field(min_length=1)]


class Condition(Model):
    """What must hold. Everything that is given must; of a list, one entry."""

    sender: Texts | None = None
    """Globs of the sender's address, or of its domain: ``*@bank.example``, ``bank.example``."""
    to: Texts | None = None
    """Globs of any address that it was sent to, copies too."""
    subject_words: Texts | None = None
    """Phrases in the subject, as the taxonomy writes them."""
    words: Texts | None = None
    """Phrases in subject or text."""
    subject_regex: str | None = None
    regex: str | None = None
    """A regular expression over subject and text, without regard to case."""
    header: dict[str, str] | None = None
    """Globs of headers' values by small name; ``*`` for any."""
    category: Texts | None = None
    department: Texts | None = None
    language: Texts | None = None
    sentiment: tuple[Sentiment, ...] | None = None
    urgency: tuple[Urgency, ...] | None = None
    asks: Texts | None = None
    """Kinds of actions wanted."""
    wanted: bool | None = None
    """Whether anything is wanted."""
    names: Texts | None = None
    """Kinds of entities."""
    amount_over: Decimal | None = None
    """An amount named is larger, whatever its currency."""
    attachment: Texts | None = None
    """Globs of names or media types of attachments: ``*.exe``, ``application/pdf``."""
    known_partner: bool | None = None
    """Whether the books know who writes."""
    known_number: bool | None = None
    """Whether the books have a number that it names."""
    automatic: bool | None = None
    """Whether a machine sent it, by its headers."""
    unsure: Annotated[float | None, Field(ge=0, le=1)] = None
    """The category is less sure than this."""
    any: Annotated[tuple[Condition, ...] | None, Field(min_length=1)] = None
    all: Annotated[tuple[Condition, ...] | None, Field(min_length=1)] = None
    not_: Annotated[Condition | None, Field(alias="not")] = None

    @field_validator("subject_regex", "regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            if len(pattern) > _LONGEST_PATTERN:
                raise ValueError(f"a regular expression of more than {_LONGEST_PATTERN} letters")
            _compiled(pattern)
        return pattern

    @field_validator("subject_words", "words")
    @classmethod
    def _are_phrases(cls, phrases: tuple[str, ...] | None) -> tuple[str, ...] | None:
        Phrases((phrase, phrase) for phrase in phrases or ())
        return phrases

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.model_fields_set:
            raise ValueError("says nothing, and would hold for every message")
        return self


class Outcome(Model):
    """What a rule makes of the message. What is not given stays."""

    category: str | None = None
    department: str | None = None
    queue: str | None = None
    priority: Priority | None = None
    urgency: Urgency | None = None
    tag: tuple[str, ...] = ()
    no_reply: str = ""
    """Why no reply may go out."""
    needs_person: str = ""
    """Why a person must look."""

    @model_validator(mode="after")
    def _does_something(self) -> Outcome:
        if not self.model_fields_set:
            raise ValueError("does nothing")
        return self


class Rule(Model):
    """One rule."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
    order: int = 100
    why: str = ""
    """For people."""
    when: Condition
    then: Outcome
    stop: bool = False


@dataclass(frozen=True)
class Standing:
    """What is said of a message so far, with who said it last."""

    category: str
    sure: float
    department: str
    queue: str
    priority: Priority | None
    """Set by a rule; else it follows from the urgency."""
    urgency: Urgency
    sentiment: Sentiment
    evidence: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By field that a rule set: the rule's id and the sentence that it held for."""
    tags: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    no_reply: str = ""
    why_person: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """A message as rules look at it."""

    reading: Reading
    language: str
    names: Named
    asked: Asked
    partner: str
    """Who writes, by the books; empty where they know nobody."""
    automatic: bool
    """A machine sent it, by its headers."""


class Rules:
    """All rules in their order."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.order))

    @classmethod
    def default(cls) -> Rules:
        """Those that ship: what no company would want otherwise."""
        return _default()

    @classmethod
    def read(cls, path: Path, taxonomy: Taxonomy | None = None) -> Rules:
        """A user's own, which may name only what the taxonomy has. Raises InvalidRules, saying where."""
        try:
            return cls.parsed(path.read_text(encoding="utf-8"), path.name, taxonomy)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRules(str(error), path.name) from error

    @classmethod
    def parsed(cls, text: str, origin: str, taxonomy: Taxonomy | None = None) -> Rules:
        """The rules of a TOML text. Raises InvalidRules, saying where in ``origin``."""
        try:
            return _checked(tomllib.loads(text), origin, taxonomy or Taxonomy.default())
        except tomllib.TOMLDecodeError as error:
            raise InvalidRules(str(error), origin) from error

    def and_(self, others: Rules) -> Rules:
        """These and others, all in one order; of equal order these first."""
        return Rules((*self.rules, *others.rules))

    def apply(self, subject: Subject, standing: Standing, taxonomy: Taxonomy) -> Standing:
        """What the rules make of a message, the last of them to say something having the last word."""
        for rule in self.rules:
            look = _Look(subject, standing)
            holds = look.holds(rule.when)
            if look.overran:
                slow = f"the rule {rule.id} took too long to look at it"
                standing = replace(standing, why_person=(*standing.why_person, slow))
            elif holds:
                standing = _done(rule, standing, taxonomy, look.evidence)
                if rule.stop:
                    break
        return standing


def _done(rule: Rule, standing: Standing, taxonomy: Taxonomy, evidence: str) -> Standing:
    then, changes = rule.then, dict[str, Any]()
    if then.category is not None:
        changes |= {"category": then.category, "sure": 1.0}
        if then.department is None:
            changes["department"] = taxonomy.category(then.category).department
    if then.department is not None:
        changes["department"] = then.department
    if "department" in changes:
        changes["queue"] = taxonomy.queue(changes["department"])
    for name in ("queue", "priority", "urgency"):
        value = getattr(then, name)
        if value is not None:
            changes[name] = value
    said = dict(standing.evidence) | dict.fromkeys(changes.keys() - {"sure"}, (rule.id, evidence))
    if then.needs_person:
        changes["why_person"] = (*standing.why_person, then.needs_person)
    if then.no_reply:
        changes["no_reply"] = then.no_reply
    tags = tuple(dict.fromkeys((*standing.tags, *then.tag)))
    return replace(standing, **changes, evidence=said, tags=tags, applied=(*standing.applied, rule.id))


class _Look:
    """One rule's look at one message: what held, and the sentence that it held for."""

    def __init__(self, subject: Subject, standing: Standing) -> None:
        self.subject = subject
        self.standing = standing
        self.evidence = ""
        self.overran = False

    def holds(self, condition: Condition) -> bool:
        """Whether all that the condition names does hold."""
        for name in condition.model_fields_set:
            value = getattr(condition, name)
            if value is not None and not _TESTS[name](self, value):
                return False
        return True

    @cached_property
    def message(self) -> Any:
        """The message itself."""
        return self.subject.reading.message

    def _rest(self, evidence: str) -> bool:
        self.evidence = self.evidence or evidence
        return True

    def _sender(self, globs: tuple[str, ...]) -> bool:
        sender = self.message.sender
        held = any(_fits(name, globs) for name in (sender.address.lower(), sender.domain) if name)
        return held and self._rest(f"From: {sender.address}")

    def _to(self, globs: tuple[str, ...]) -> bool:
        return any(_fits(box.address.lower(), globs) for box in (*self.message.to, *self.message.cc))

    def _subject_words(self, phrases: tuple[str, ...]) -> bool:
        return self._found(phrases, self.subject.reading.sentences[:1])

    def _words(self, phrases: tuple[str, ...]) -> bool:
        return self._found(phrases, self.subject.reading.sentences)

    def _found(self, phrases: tuple[str, ...], sentences: tuple[Sentence, ...]) -> bool:
        sought = _phrases(phrases)
        for sentence in sentences:
            if next(sought.find(sentence.words), None) is not None:
                return self._rest(sentence.evidence)
        return False

    def _subject_regex(self, pattern: str) -> bool:
        return self._searched(pattern, self.message.subject)

    def _regex(self, pattern: str) -> bool:
        return self._searched(pattern, f"{self.message.subject}\n{self.message.text[:LONGEST]}")

    def _searched(self, pattern: str, text: str) -> bool:
        try:
            match = _compiled(pattern).search(text, timeout=SECONDS)
        except TimeoutError:
            self.overran = True
            return False
        if match is None:
            return False
        found = " ".join(match.group().split())
        bearing = (one.evidence for one in self.subject.reading.sentences if found and found in one.text)
        return self._rest(next(bearing, ""))

    def _header(self, globs: Mapping[str, str]) -> bool:
        for name, glob in globs.items():
            values = self.message.headers.get(name.lower(), ())
            if not any(fnmatchcase(value.strip().lower(), glob.lower()) for value in values):
                return False
            self._rest(f"{name.title()}: {values[0].strip()}")
        return True

    def _amount_over(self, least: Decimal) -> bool:
        for entity in self.subject.names.of("amount"):
            if Decimal(entity.value.split()[0]) > least:
                return self._rest(entity.evidence)
        return False

    def _asks(self, kinds: tuple[str, ...]) -> bool:
        found = next((one for one in self.subject.asked.actions if one.kind in kinds), None)
        return found is not None and self._rest(found.evidence)

    def _names(self, kinds: tuple[str, ...]) -> bool:
        found = next(iter(self.subject.names.of(*kinds)), None)
        return found is not None and self._rest(found.evidence)

    def _attachment(self, globs: tuple[str, ...]) -> bool:
        return any(
            _fits(one.name.lower(), globs) or _fits(one.media_type.lower(), globs)
            for one in self.message.attachments
        )

    def _known_number(self, wanted: bool) -> bool:
        return any(entity.known for entity in self.subject.names.of("invoice")) is wanted


_TESTS: Final[dict[str, Callable[[_Look, Any], bool]]] = {
    "sender": _Look._sender,
    "to": _Look._to,
    "subject_words": _Look._subject_words,
    "words": _Look._words,
    "subject_regex": _Look._subject_regex,
    "regex": _Look._regex,
    "header": _Look._header,
    "category": lambda look, names: look.standing.category in names,
    "department": lambda look, names: look.standing.department in names,
    "language": lambda look, names: look.subject.language in names,
    "sentiment": lambda look, names: look.standing.sentiment in names,
    "urgency": lambda look, names: look.standing.urgency in names,
    "asks": _Look._asks,
    "wanted": lambda look, wanted: look.subject.asked.wanted.value is wanted,
    "names": _Look._names,
    "amount_over": _Look._amount_over,
    "attachment": _Look._attachment,
    "known_partner": lambda look, wanted: bool(look.subject.partner) is wanted,
    "known_number": _Look._known_number,
    "automatic": lambda look, wanted: look.subject.automatic is wanted,
    "unsure": lambda look, least: look.standing.sure < least,
    "any": lambda look, conditions: any(look.holds(one) for one in conditions),
    "all": lambda look, conditions: all(look.holds(one) for one in conditions),
    "not_": lambda look, condition: not _Look(look.subject, look.standing).holds(condition),
}


def _checked(content: Mapping[str, Any], origin: str, taxonomy: Taxonomy) -> Rules:
    try:
        rules = _File.model_validate(content).rules
    except ValidationError as error:
        raise InvalidRules(place_of(error, content), origin) from error
    for fault in _faults(rules, taxonomy):
        raise InvalidRules(fault, origin)
    return Rules(rules)


class _File(Model):
    rules: Annotated[tuple[Rule, ...], Field(alias="rule")] = ()


def _faults(rules: tuple[Rule, ...], taxonomy: Taxonomy) -> Iterator[str]:
    """What rules name that there is not."""
    seen: set[str] = set()
    departments = [department.name for department in taxonomy.departments]
    for place, rule in enumerate(rules, start=1):
        if rule.id in seen:
            yield f"rule {place} ({rule.id}): there is another one of that id"
        seen.add(rule.id)
        for name, given, known in (
            ("category", rule.then.category, taxonomy.names),
            ("department", rule.then.department, departments),
        ):
            if given is not None and given not in known:
                meant = nearest(given, known)
                advice = f"{meant} is meant?" if meant else f"there are {listed(known, 20)}"
                yield f"rule {place} ({rule.id}).then.{name}: no {name} {given!r}; {advice}"


@cache
def _default() -> Rules:
    file = resources.files("abax.mail") / "rules.toml"
    return Rules.parsed(file.read_text(encoding="utf-8"), "rules.toml")


@lru_cache(maxsize=512)
def _phrases(phrases: tuple[str, ...]) -> Phrases[str]:
    return Phrases((phrase, phrase) for phrase in phrases)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    """Raises ValueError for what is no regular expression. The package ``regex`` can end a search."""
    import regex

    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise ValueError(f"is no regular expression: {error}") from error


def _fits(text: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, glob.lower()) for glob in globs)
