"""Why a person must look first, in the language of whoever reads it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

_SLOT: Final = re.compile(r"\\{(\w+)\\}")


def why_in(why: str, language: str) -> str:
    """A reason as triage gives it, in another language; as it is where nobody has put it into that."""
    for one in _table():
        found = one.pattern.fullmatch(why)
        if found is not None:
            return one.texts.get(language, one.texts["en"]).format_map(found.groupdict())
    return why


class _Why(NamedTuple):
    """A reason: what it looks like in English, and its texts by language."""

    pattern: re.Pattern[str]
    texts: Mapping[str, str]


@cache
def _table() -> tuple[_Why, ...]:
    content = tomllib.loads((resources.files("abax.mail") / "whys.toml").read_text(encoding="utf-8"))
    return tuple(_Why(_pattern(texts["en"]), texts) for texts in content["why"])


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_SLOT.sub(r"(?P<\1>.+?)", re.escape(text)), re.DOTALL)
