"""Grounded strings: fields whose value must be copied from a source text, so that none can be invented.

A string schema with ``"x-grounded": true`` (in pydantic ``Annotated[str, Grounded]``) takes only substrings
of the source. With ``"x-grounded": "words"`` (``Grounded(words=True)``) they also begin and end where words
do.

What counts as a substring: runs of white space in the source become one space and its ends are trimmed
(`copying.normalised`); a value is found in that, case and accents as they stand, and neither begins nor ends with a
space. In the JSON it is spelled in one way only: quotes, backslashes and control characters escaped as
`json.dumps` does, all else as itself in UTF-8. ``minLength`` is 1 unless the schema says 0. ``maxLength``,
``minLength``, ``enum``, ``const`` and an anchored ``pattern`` (``^…$``, of which the longest match at each
place counts) narrow the values further. Where nothing in the source will do, an optional field is left out,
a nullable one is null, and a required one makes the schema one that cannot be met. A union of a grounded
and a free string is free.

How it is enforced: the grammar sees a stand-in character for the value (`ground`), and while the value is
being written a `copying.Value` says which tokens go on with it: those that the source has next, at any of the
places where it reads like the value so far. A token may hold the end of the value, the closing quote and
what follows. No token leads where the value cannot be ended within its bounds.

The choice was measured, on the 49,152 tokens of the default model and one core: the substring expressions
of llguidance (0.1 s to compile and 0.1 s for the first mask at 16 KB, more than a second with a maximum
length, and spaces at the ends need an intersection that overruns its limits) against this walk over the
places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from abax_runtime.copying import Rule, Source, Values
from abax_runtime.errors import InvalidSchema
from abax_runtime.schema import Schema, escape_pointer, rebuilt, resolve

KEYWORD = "x-grounded"


class GroundedMarker:
    """The annotation of a grounded string in a pydantic model."""

    def __init__(self, *, words: bool = False) -> None:
        self.words = words

    def __call__(self, *, words: bool = False) -> GroundedMarker:
        """The same with settings: ``Annotated[str, Grounded(words=True)]``."""
        return GroundedMarker(words=words)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """Adds the keyword to what pydantic says of the type."""
        return {**handler(core_schema), KEYWORD: "words" if self.words else True}


Grounded: Final = GroundedMarker()


class Grounding(NamedTuple):
    """A schema with stand-ins for its grounded strings, the values of each, and where there were none."""

    schema: Schema
    values: dict[str, Values]
    missing: tuple[str, ...]


def is_grounded(schemas: Iterable[Schema]) -> bool:
    """Whether any of these schemas marks a grounded string."""
    return any(isinstance(node, dict) and node.get(KEYWORD) for node in schemas)


def ground(schema: Schema, source: Source, stand_ins: Sequence[str]) -> Grounding:
    """Replaces each grounded string by one of the stand-in characters, the same for the same rule.

    Raises:
        InvalidSchema: what is marked is no string, or has a keyword that cannot be kept with it.
    """
    values: dict[Rule, Values] = {}
    missing: list[str] = []

    def change(node: Schema, pointer: str) -> Schema | None:
        if not isinstance(node, dict) or KEYWORD not in node:
            return None
        if node[KEYWORD] not in (True, False, "words"):
            raise InvalidSchema("schema", f'{pointer}/{KEYWORD} is true, false or "words"')
        return spread(node, pointer) if node[KEYWORD] else None

    def spread(node: dict[str, Any], pointer: str) -> Schema:
        node = _inlined(schema, node, pointer)
        for key in ("anyOf", "oneOf"):
            if key in node:
                return {**_bare(node), key: [branch(option, node, pointer) for option in node[key]]}
        kind = node.get("type", "string")
        if kind == "array" and isinstance(node.get("items"), dict):
            return {**_bare(node), "items": branch(node["items"], node, pointer)}
        kinds = kind if isinstance(kind, list) else [kind]
        if "string" not in kinds:
            raise InvalidSchema("schema", f"{pointer} is marked {KEYWORD}, and is no string but {kind}")
        others = [other for other in kinds if other != "string"]
        listed = "enum" in node or "const" in node
        leaf = given(node) if listed else copied(node, pointer)
        if leaf is False:
            missing.append(pointer)
        return {"anyOf": [leaf, {"type": others}]} if others and not listed else leaf

    def branch(option: Any, node: dict[str, Any], pointer: str) -> Schema:
        option = _inlined(schema, option, pointer) if isinstance(option, dict) else option
        texts = isinstance(option, dict) and (
            "string" in option.get("type", "string") or "anyOf" in option or "oneOf" in option
        )
        if texts:
            return spread({**option, KEYWORD: node[KEYWORD]}, pointer)
        return rebuilt(option, change, pointer)

    def given(node: dict[str, Any]) -> Schema:
        options = node["enum"] if "enum" in node else [node["const"]]
        words = node[KEYWORD] == "words"
        kept = [one for one in options if not isinstance(one, str) or source.holds(one, words=words)]
        return {**_bare(node), "enum": kept} if kept else False

    def copied(node: dict[str, Any], pointer: str) -> Schema:
        rule = _rule(node, pointer)
        if rule not in values:
            if len(values) == len(stand_ins):
                raise InvalidSchema("schema", f"more than {len(values)} kinds of grounded strings")
            values[rule] = Values(source, rule)
        if not values[rule]:
            return False
        return {"const": stand_ins[list(values).index(rule)]}

    changed = rebuilt(schema, change)
    return Grounding(changed, dict(zip(stand_ins, values.values(), strict=False)), tuple(missing))


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != KEYWORD}


def _inlined(root: Schema, node: dict[str, Any], pointer: str) -> dict[str, Any]:
    """The node with a local reference replaced by what it points at."""
    seen: set[str] = set()
    while isinstance(reference := node.get("$ref"), str):
        target = resolve(root, reference)
        if reference in seen or not isinstance(target, dict):
            raise InvalidSchema("schema", f"{pointer}: {reference} leads to no schema")
        seen.add(reference)
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _rule(node: dict[str, Any], pointer: str) -> Rule:
    for key in ("format", "allOf", "not"):
        if key in node:
            raise InvalidSchema("schema", f"{pointer}: {key} is not supported for a grounded string")
    bounds = {key: node.get(key) for key in ("minLength", "maxLength")}
    for key, bound in bounds.items():
        if bound is not None and (type(bound) is not int or bound < 0):
            raise InvalidSchema("schema", f"{pointer}/{escape_pointer(key)} is a whole number, not {bound!r}")
    shortest = 1 if bounds["minLength"] is None else bounds["minLength"]
    longest = bounds["maxLength"]
    if longest is not None and longest < shortest:
        raise InvalidSchema("schema", f"{pointer}: no text has {shortest} to {longest} characters")
    pattern = _pattern(node["pattern"], pointer) if "pattern" in node else None
    return Rule(node[KEYWORD] == "words", shortest, longest, pattern)


def _pattern(pattern: Any, pointer: str) -> str:
    if not isinstance(pattern, str) or not (pattern.startswith("^") and pattern.endswith("$")):
        raise InvalidSchema("schema", f"{pointer}: the pattern of a grounded string is of the form ^…$")
    try:
        return re.compile(f"(?:{pattern[1:-1]})").pattern
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidSchema("schema", f"{pointer}: {pattern!r} is no pattern: {error}") from error
