"""The wording of templates: a file ``<service>.toml`` with a table for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from abax.writing.spelling import LANGUAGES

FALLBACK: Final = "en"
"""The language of what has no wording in the one wanted."""


@dataclass(frozen=True)
class Wording:
    """The sentences of one service in one language."""

    language: str
    sentences: dict[str, str]
    rule: dict[str, int]

    def say(self, key: str, **values: object) -> str:
        """The sentence of that key with its values. Raises KeyError for a value that it needs."""
        return self.sentences[key].format(**values)

    @property
    def words(self) -> str:
        """All its sentences: what may begin with a capital letter here."""
        return "\n".join(self.sentences.values())


@cache
def _file(service: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / f"{service}.toml").read_text(encoding="utf-8"))


def languages_of(service: str) -> tuple[str, ...]:
    """The languages that a service has wording for."""
    return tuple(code for code in LANGUAGES if code in _file(service))


@cache
def wording(service: str, language: str) -> Wording:
    """The wording in that language, in English where it has none in it."""
    content = _file(service)
    chosen = language if language in content else FALLBACK
    return Wording(chosen, content[chosen], content.get("rule", {}))


def paragraphs(*parts: str | Iterable[str]) -> str:
    """Paragraphs with an empty line between them; lines of one part stay together, empty parts fall out."""
    texts = [part if isinstance(part, str) else "\n".join(line for line in part if line) for part in parts]
    return "\n\n".join(text for text in texts if text)


def sentences(*parts: str) -> str:
    """Sentences in one paragraph, empty ones left out."""
    return " ".join(part for part in parts if part)
