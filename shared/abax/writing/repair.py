"""JSON out of what a model wrote without a grammar: fences, talk around it, commas, ends that are missing."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_FENCE: Final = re.compile(r"```[\w-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_WORDS: Final = {"True": "true", "False": "false", "None": "null"}
_CLOSERS: Final = {"{": "}", "[": "]"}
LONGEST: Final = 200_000
"""Characters that are looked at."""


def value_of(text: str, *, cut: bool = False) -> Any:
    """The JSON value in a text: as it stands, else mended.

    Mended are code fences and talk around the first object or list, commas before a closing bracket, Python's
    ``True``, ``False`` and ``None``, line breaks inside strings, and closing brackets that are missing. Where
    the text is ``cut``, what it ends in the middle of (a string, a number, a name without its value) is left
    out, never guessed at.

    Raises:
        ValueError: there is no value in it.
    """
    try:
        return json.loads(text)
    except ValueError:
        pass
    body = _body(text[:LONGEST])
    try:
        return json.loads(_mended(body, cut), strict=False)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _body(text: str) -> str:
    """From the first bracket on, inside a fence where there is one."""
    fence = _FENCE.search(text)
    inner = fence[1] if fence and re.search(r"[{\[]", fence[1]) else text
    start = re.search(r"[{\[]", inner)
    if start is None:
        raise ValueError("there is no JSON object in it")
    return inner[start.start() :]


def _mended(text: str, cut: bool) -> str:
    """The first whole value, mended on the way; open brackets are closed at the end."""
    parts: list[str] = []
    opened: list[int] = []
    for token in _tokens(text):
        if token in _CLOSERS:
            opened.append(len(parts))
        elif token in ("}", "]"):
            if _CLOSERS[parts[opened.pop()]] != token:
                raise ValueError("its brackets do not match")
            _drop_comma(parts)
        parts.append(_WORDS.get(token, token))
        if not opened:
            return "".join(parts)
    if cut:
        _drop_unfinished(parts, opened)
    _drop_comma(parts)
    return "".join(parts) + "".join(_CLOSERS[parts[place]] for place in reversed(opened))


_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\],:]|\s+|[^"{}\[\],:\s]+', re.DOTALL)


def _tokens(text: str) -> list[str]:
    """Strings, brackets, commas, colons, blanks and other words: all of a text that begins with a bracket."""
    return _TOKEN.findall(text)


def _drop_comma(parts: list[str]) -> None:
    """A comma before the end of a list or an object."""
    place = len(parts) - 1
    while place >= 0 and parts[place].isspace():
        place -= 1
    if place >= 0 and parts[place] == ",":
        del parts[place:]


def _drop_unfinished(parts: list[str], opened: list[int]) -> None:
    """What the text ends in the middle of: an object inside another, whole; else the last value with its
    name; and a list of which nothing is there yet."""
    inner = next((at for at, place in enumerate(opened) if at and parts[place] == "{"), None)
    if inner is not None:
        del parts[opened[inner] :], opened[inner:]
    _drop_value(parts)
    while len(opened) > 1 and opened[-1] == len(parts) - 1:
        del parts[opened.pop() :]
        _drop_value(parts)


def _drop_value(parts: list[str]) -> None:
    """Back to the last comma or bracket."""
    while parts[-1] not in (",", "{", "[", "}", "]"):
        parts.pop()
