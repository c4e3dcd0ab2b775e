"""What is wrong with a field of what was given, in our words: what it holds, and what is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sized
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest

if TYPE_CHECKING:
    from pydantic import ValidationError

Fault = Mapping[str, Any]
"""One error of Pydantic's: ``type``, ``input``, ``ctx`` and ``msg``."""

_LONGEST: Final = 40

_WANTED: Final = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a number",
    "string": "a text",
    "date": "a day such as 2025-12-31",
    "datetime": "an instant such as 2025-12-31T12:00:00Z",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "an object",
    "model": "an object",
    "mapping": "an object",
}
"""By the first word of the error's type, such as ``int_parsing``."""

_PATTERNS: Final = {"^[A-Z]{3}$": "a currency's three capital letters, such as EUR"}

_SAID: Final[dict[str, Callable[[Fault, Mapping[str, Any]], str]]] = {
    "missing": lambda fault, bounds: "is missing",
    "extra_forbidden": lambda fault, bounds: "there is no such field; is it misspelt?",
    "json_invalid": lambda fault, bounds: f"is not JSON: {bounds.get('error', '')}",
    "greater_than_equal": lambda fault, bounds: _must(fault, f"at least {bounds['ge']}"),
    "greater_than": lambda fault, bounds: _must(fault, f"more than {bounds['gt']}"),
    "less_than_equal": lambda fault, bounds: _must(fault, f"at most {bounds['le']}"),
    "less_than": lambda fault, bounds: _must(fault, f"less than {bounds['lt']}"),
    "literal_error": lambda fault, bounds: _must(fault, str(bounds["expected"])),
    "enum": lambda fault, bounds: _must(fault, str(bounds["expected"])),
    "string_too_short": lambda fault, bounds: _sized(fault, "at least", bounds["min_length"], "characters"),
    "string_too_long": lambda fault, bounds: _sized(fault, "at most", bounds["max_length"], "characters"),
    "too_short": lambda fault, bounds: _sized(fault, "at least", bounds["min_length"], "items"),
    "too_long": lambda fault, bounds: _sized(fault, "at most", bounds["max_length"], "items"),
    "string_pattern_mismatch": lambda fault, bounds: _must(
        fault, _PATTERNS.get(bounds["pattern"], f"like {bounds['pattern']}")
    ),
}


def refused(error: ValidationError, otherwise: str = "") -> InvalidRequest:
    """The first fault as a refusal that names the field, such as ``invoices.0.amount``; where it is none's
    alone, ``otherwise``."""
    first = error.errors(include_url=False)[0]
    return InvalidRequest(told(first), ".".join(map(str, first["loc"])) or otherwise)


def told(fault: Fault) -> str:
    """The sentence that follows the field's name."""
    kind = str(fault["type"])
    if kind in _SAID:
        return _SAID[kind](fault, fault.get("ctx") or {})
    wanted = _WANTED.get(kind.partition("_")[0])
    if wanted is not None:
        return _must(fault, wanted)
    return str(fault["msg"]).removeprefix("Value error, ")  # the words of a validator of ours


def _must(fault: Fault, wanted: str) -> str:
    return f"is {_given(fault.get('input'))}; it must be {wanted}"


def _sized(fault: Fault, bound: str, size: int, of: str) -> str:
    given = fault.get("input")
    held = len(given) if isinstance(given, Sized) else 0
    return f"{f'holds {held} {of}' if held else 'is empty'}; it must hold {bound} {size}"


def _given(value: object) -> str:
    """A plain value as JSON, cut short; of others what they are alone: nobody knows what is in them."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
