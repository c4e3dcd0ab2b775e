"""The taxonomy: which categories and departments there are. It is the user's, in a file; one ships.

A file that makes no sense is refused with the place that is at fault: ``category 3 (order).department``.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, model_validator

from abax.errors import InvalidTaxonomy, listed, nearest
from abax.mail.contracts import Model, Priority, Urgency
from abax.mail.phrases import Phrases
from abax.mail.reading import Reading, Sentence
from abax.mail.wording import LANGUAGES

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

Usual = Literal[
    "", "send_document", "pay", "confirm", "correct", "refund", "call_back", "explain", "deliver",
    "change_data", "cancel", "decide",
]  # fmt: skip

_USUAL: Final = 1.0
_STRONG: Final = 2.5
_SUBJECT: Final = 1.6
_LATE: Final = 12
"""Sentences after which words count for half: what a mail is about stands before."""
_SMOOTHING: Final = 0.6
_SHARPNESS: Final = 1.15


class Department(Model):
    """Who takes mail, and into which queue it goes."""

    name: Name
    queue: str = ""
    """Its own name where none is given."""


class Category(Model):
    """What mail can be about."""

    name: Name
    department: Name
    supplier_department: str = ""
    """Who takes it where a supplier of ours writes; as ``department`` where none is given."""
    wants_nothing: bool = False
    """Whatever such mail asks for does not count: spam, and what machines write for information."""
    wants_answer: bool = False
    """Such mail wants an answer even where it asks for nothing in words: a complaint."""
    usual: Usual = ""
    """The kind of action that such mail wants where it does not say: ``deliver`` where goods are late."""
    description: str = ""
    """For people, and for a language model that is asked."""
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Phrases that speak for it, by language."""
    strong: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Phrases that nearly settle it, by language."""


class Route(Model):
    """A department that takes mail of some categories where the mail says so."""

    department: Name
    categories: Annotated[tuple[Name, ...], Field(min_length=1)]
    weight: Annotated[float, Field(gt=0, le=10)] = 1.0
    """What each of its phrases says for it."""
    words: dict[str, tuple[str, ...]]
    """Phrases that speak for it, by language."""


class Taxonomy(Model):
    """Categories, departments, routes and priorities."""

    name: str
    version: int = 1
    unsure: str
    """The category of what no word tells."""
    priorities: dict[Urgency, Priority] = Field(
        default_factory=lambda: {
            Urgency.CRITICAL: Priority.P1,
            Urgency.HIGH: Priority.P2,
            Urgency.NORMAL: Priority.P3,
            Urgency.LOW: Priority.P3,
        }
    )
    departments: Annotated[tuple[Department, ...], Field(alias="department", min_length=1)]
    categories: Annotated[tuple[Category, ...], Field(alias="category", min_length=2)]
    routes: Annotated[tuple[Route, ...], Field(alias="route")] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Taxonomy:
        departments = {one.name for one in self.departments}
        names = [one.name for one in self.categories]
        for place, category in enumerate(self.categories, start=1):
            for department in (category.department, category.supplier_department or category.department):
                if department not in departments:
                    raise ValueError(
                        f"category {place} ({category.name}): there is no department {department!r}"
                        f"{_meant(department, departments)}"
                    )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"category {twice[0]} stands there twice")
        if self.unsure not in names:
            raise ValueError(f"unsure: there is no category {self.unsure!r}{_meant(self.unsure, names)}")
        for place, route in enumerate(self.routes, start=1):
            for given, known in ((route.categories, names), ((route.department,), sorted(departments))):
                for name in given:
                    if name not in known:
                        raise ValueError(f"route {place}: there is no {name!r}{_meant(name, known)}")
        missing = [level.value for level in Urgency if level not in self.priorities]
        if missing:
            raise ValueError(f"priorities: {listed(missing)} have none")
        return self

    @property
    def label(self) -> str:
        """Name and version, as results record them."""
        return f"{self.name}@{self.version}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All categories."""
        return tuple(category.name for category in self.categories)

    def category(self, name: str) -> Category:
        """The category of that name. Raises KeyError."""
        return self._by_name[name]

    def has_department(self, name: str) -> bool:
        """Whether there is one of that name."""
        return any(department.name == name for department in self.departments)

    def queue(self, department: str) -> str:
        """The queue of a department; its name where it has no other."""
        return next((one.queue or one.name for one in self.departments if one.name == department), department)

    @classmethod
    def default(cls) -> Taxonomy:
        """The one that ships, for finance operations."""
        return _default()

    @classmethod
    def read(cls, path: Path) -> Taxonomy:
        """A user's own. Raises InvalidTaxonomy, saying where."""
        try:
            return cls.parsed(path.read_text(encoding="utf-8"), path.name)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidTaxonomy(str(error), path.name) from error

    @classmethod
    def parsed(cls, text: str, origin: str) -> Taxonomy:
        """The taxonomy of a TOML text. Raises InvalidTaxonomy, saying where in ``origin``."""
        try:
            return _checked(tomllib.loads(text), origin)
        except tomllib.TOMLDecodeError as error:
            raise InvalidTaxonomy(str(error), origin) from error

    def shares(self, reading: Reading, language: str) -> tuple[dict[str, float], dict[str, Sentence]]:
        """How much the words speak for each category, as shares of 1, and the sentence that does most.

        Without a word the categories are alike, so that whatever else there is decides.
        """
        points: dict[str, float] = dict.fromkeys(self.names, 0.0)
        best: dict[str, tuple[float, Sentence]] = {}
        seen: dict[tuple[str, str], int] = {}
        for sentence in reading.sentences:
            here: dict[str, float] = {}
            for hit in self._phrases(language).longest(sentence.words):
                for name, weight in hit.label:
                    seen[name, hit.phrase] = seen.get((name, hit.phrase), 0) + 1
                    here[name] = here.get(name, 0.0) + _weight(weight, sentence, seen[name, hit.phrase])
            for name, value in here.items():
                points[name] += value
                if value > best.get(name, (0.0, sentence))[0]:
                    best[name] = (value, sentence)
        return _shared(points), {name: sentence for name, (_, sentence) in best.items()}

    def settles(self, name: str, reading: Reading, language: str) -> bool:
        """Whether a phrase that settles a category stands in a message."""
        phrases = self._strong(name, language)
        return any(next(phrases.find(sentence.words), None) for sentence in reading.sentences)

    def routes_of(self, category: str, language: str) -> Phrases[tuple[str, float]] | None:
        """Phrases that say which department takes mail of a category, with what each weighs; None where
        there are none."""
        key = (category, language)
        if key not in self._routed:
            entries = [
                (phrase, (route.department, route.weight))
                for route in self.routes
                if category in route.categories
                for phrase in _of_language(route.words, language)
            ]
            self._routed[key] = Phrases(entries) if entries else None
        return self._routed[key]

    @cached_property
    def _by_name(self) -> dict[str, Category]:
        return {category.name: category for category in self.categories}

    @cached_property
    def _indexes(self) -> dict[str, Phrases[_Weights]]:
        return {}

    @cached_property
    def _settling(self) -> dict[tuple[str, str], Phrases[str]]:
        return {}

    def _strong(self, name: str, language: str) -> Phrases[str]:
        key = (name, language)
        if key not in self._settling:
            phrases = _of_language(self.category(name).strong, language)
            self._settling[key] = Phrases((phrase, name) for phrase in phrases)
        return self._settling[key]

    @cached_property
    def _routed(self) -> dict[tuple[str, str], Phrases[tuple[str, float]] | None]:
        return {}

    def _phrases(self, language: str) -> Phrases[_Weights]:
        if language not in self._indexes:
            self._indexes[language] = Phrases(_weights(self.categories, language).items())
        return self._indexes[language]


_Weights = tuple[tuple[str, float], ...]
"""Categories with what a phrase weighs for each."""


def _weights(categories: Iterable[Category], language: str) -> dict[str, _Weights]:
    """By phrase; one that several categories have says less for each."""
    found: dict[str, dict[str, float]] = {}
    for category in categories:
        for table, weight in ((category.words, _USUAL), (category.strong, _STRONG)):
            for phrase in _of_language(table, language):
                found.setdefault(phrase, {})[category.name] = weight
    return {
        phrase: tuple((name, weight / math.sqrt(len(names))) for name, weight in names.items())
        for phrase, names in found.items()
    }


def _of_language(table: Mapping[str, Sequence[str]], language: str) -> Sequence[str]:
    """The words of a language; of one that the file has none for, English ones, else all."""
    if language in table:
        return table[language]
    return table.get("en") or [phrase for phrases in table.values() for phrase in phrases]


def _weight(weight: float, sentence: Sentence, times: int) -> float:
    weight = weight * _SUBJECT if sentence.is_subject else weight
    return weight / times / (2 if sentence.place > _LATE else 1)


def _shared(points: Mapping[str, float]) -> dict[str, float]:
    raised = {name: (value + _SMOOTHING) ** (2 * _SHARPNESS) for name, value in points.items()}
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}


@cache
def _default() -> Taxonomy:
    file = resources.files("abax.mail") / "taxonomy.toml"
    return Taxonomy.parsed(file.read_text(encoding="utf-8"), "taxonomy.toml")


def _checked(content: Mapping[str, Any], origin: str) -> Taxonomy:
    try:
        taxonomy = Taxonomy.model_validate(content)
        for language in LANGUAGES:
            taxonomy._phrases(language)
            for name in taxonomy.names:
                taxonomy.routes_of(name, language)
    except ValidationError as error:
        raise InvalidTaxonomy(place_of(error, content), origin) from error
    except ValueError as error:
        raise InvalidTaxonomy(str(error), origin) from error
    return taxonomy


def place_of(error: ValidationError, content: Mapping[str, Any]) -> str:
    """The first fault of a file, with its place as a person counts: ``category 3 (order).department: …``."""
    first = error.errors()[0]
    place, value = "", content
    for part in first["loc"]:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else {}
            name = value.get("name") or value.get("id") if isinstance(value, dict) else None
            place += f" {part + 1}" + (f" ({name})" if name else "")
        else:
            value = value.get(part, {}) if isinstance(value, Mapping) else {}
            place += f".{part}" if place else str(part)
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _meant(given: str, known: Iterable[str]) -> str:
    found = nearest(given, known)
    return f"; {found} is meant?" if found else ""


__all__ = ["Category", "Department", "Route", "Taxonomy", "place_of"]
