"""What every service makes of its context before any model is asked: its text by template, and its facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from abax.writing import spelling
from abax.writing.services.contracts import Person
from abax.writing.services.sense import Sense
from abax.writing.truth import Facts

Shown = tuple[str, object, str]
"""A fact: where it stands in the context, its value, and how the text writes it."""


@dataclass
class Told:
    """Writes facts in one language, and remembers how each was written."""

    language: str
    shown: list[Shown] = field(default_factory=list)

    def name(self, path: str, value: str) -> str:
        """A name, reference or prose as it is."""
        return self._kept(path, value, value)

    def day(self, path: str, value: date) -> str:
        """A date."""
        return self._kept(path, value, spelling.day(value, self.language))

    def amount(self, path: str, value: Decimal, currency: str) -> str:
        """An amount of money."""
        return self._kept(path, f"{value} {currency}", spelling.amount(value, currency, self.language))

    def number(self, path: str, value: Decimal | int) -> str:
        """A plain number."""
        return self._kept(path, value, spelling.number(value, self.language))

    def days(self, path: str, value: int) -> str:
        """How many days."""
        return self._kept(path, value, spelling.days(value, self.language))

    def percent(self, path: str, value: Decimal | int) -> str:
        """A share of a hundred."""
        return self._kept(path, value, f"{spelling.number(value, self.language)} %")

    def listed(self, parts: list[str]) -> str:
        """``a, b and c``."""
        return spelling.listed(parts, self.language)

    def _kept(self, path: str, value: object, shown: str) -> str:
        self.shown.append((path, value, shown))
        return shown


@dataclass(frozen=True)
class Work:
    """A context worked through by rules and told by template."""

    text: str
    facts: Facts
    """All that a text about this context may say."""
    shown: tuple[Shown, ...]
    language: str
    subject: str = ""
    confidence: float = 1.0
    must_say: tuple[Facts, ...] = ()
    """What a text has to state at least, each in any spelling."""
    sense: Sense | None = None
    """What belongs together in it, where it is a letter that a model may word."""
    most: int = 4000
    """Characters."""
    fields: dict[str, Any] = field(default_factory=dict)
    """Of the result, beyond the text."""
    task: dict[str, Any] = field(default_factory=dict)
    """What a prompt is told that is ours: language, tone, length."""
    prose: dict[str, Any] = field(default_factory=dict)
    """What a prompt is told that others wrote."""
    notes: tuple[str, ...] = ()
    worked_on: Callable[[Any], Work] | None = None
    """What rules make of a model's typed answer, where it gives facts and no text. Raises InvalidRequest for
    one that the context does not bear out."""


def signature(person: Person) -> list[str]:
    """Name, role and company of who writes, a line each."""
    return [person.name, person.role, person.company]


def reach(person: Person) -> list[str]:
    """How to reach somebody."""
    return [way for way in (person.phone, person.email) if way]


def language_note(wanted: str, language: str) -> tuple[str, ...]:
    """Says where a text is not in the language wanted."""
    if wanted == language:
        return ()
    return (f"there is no wording in {wanted!r} for this; the text is in {language!r}",)
