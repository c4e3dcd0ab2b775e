"""The wording of replies, and the words that tell what a message asks: a file a language in ``answers``.

What says a fact is the same in each tone; greeting, thanks, regret, a request to pay and the closing differ.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, cached_property
from importlib import resources
from typing import Final

from abax.mail.contracts import Model, Tone
from abax.writing.spelling import LANGUAGES

OTHERWISE: Final = "en"
"""The language of answers to those whose own is none of ours."""


class ToneWords(Model):
    """What a tone decides."""

    greeting: str
    thanks: str
    pay: str
    """A request to pay what is overdue."""
    regret: str
    """Before anything is said of a complaint; admits nothing."""
    close: str


class Wording(Model):
    """The texts of one language."""

    language: str
    tones: dict[Tone, ToneWords]
    say: dict[str, str]
    """Sentences by what they say; ``{number}`` and the like stand for facts."""
    asks: dict[str, tuple[str, ...]]
    """Patterns by what they tell of a message, for text in small letters without accents."""

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """One pattern for each thing that a message may ask or say."""
        return {name: re.compile("|".join(parts)) for name, parts in self.asks.items()}

    @cached_property
    def words(self) -> str:
        """All texts: their capital letters make no names."""
        tones = [text for words in self.tones.values() for text in words.model_dump().values()]
        return re.sub(r"\{\w+\}", " ", " ".join([*tones, *self.say.values()]))


@cache
def wording(language: str) -> Wording:
    """The wording of a language (ISO 639-1); the English one where there is none."""
    code = language if language in LANGUAGES else OTHERWISE
    text = (resources.files("abax.mail") / "answers" / f"{code}.toml").read_text(encoding="utf-8")
    return Wording.model_validate({"language": code, **tomllib.loads(text)})
