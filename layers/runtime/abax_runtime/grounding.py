"""Grounded strings: fields whose value must be copied from a source text, so that none can be invented.

A string schema with ``"x-grounded": true`` (in pydantic ``Annotated[str, Grounded]``) takes only substrings
of the source. With ``"x-grounded": "words"`` (``Grounded(words=True)``) they also begin and end where words
do.

What counts as a substring: runs of white space in the source become one space and its ends are trimmed
(`copying.normalised`); a value is found in that, case and accents as they stand, and neither begins nor
ends with a space. In the JSON it is spelled in one way only: quotes, backslashes and control characters
escaped as `json.dumps` does, all else as itself in UTF-8.

``minLength`` is 1 unless the schema says 0. ``maxLength``, ``minLength``, ``enum``, ``const`` and an anchored
``pattern`` (``^…$``, of whose matches the longest at each place counts; see `patterns` for what it may hold)
narrow the values further. Where nothing in the source will do, an optional field is left out, a nullable one
is null, and a required one makes the schema one that cannot be met. A union of a grounded and a free string
is free.

How it is enforced: the grammar sees a stand-in character for the value (`ground`), and while the value is
being written a `copying.Value` says which tokens go on with it: those that the source has next, at any of the
places where it reads like the value so far. A token may hold the end of the value, the closing quote and
what follows. No token leads where the value cannot be ended within its bounds.

The choice was measured, on the 49,152 tokens of the default model and one core. The substring expressions
of llguidance: 0.1 s to compile and 0.1 s for the first mask at 16 KB, more than a second with a maximum
length, and values without spaces at their ends need an intersection that overruns its limits. This walk over
the places: 0.1 s in all, whatever the rule, and 0.1 ms for a mask after the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from abax_runtime.copying import Rule, Source, Values
from abax_runtime.errors import InvalidSchema
from abax_runtime.patterns import Unmatchable, compiled
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
    rewriting = _Rewriting(schema, source, stand_ins)
    changed = rebuilt(schema, rewriting.change)
    values = dict(zip(stand_ins, rewriting.values.values(), strict=False))
    return Grounding(changed, values, tuple(rewriting.missing))


class _Rewriting:
    """One schema on its way; what it finds in ``values`` and ``missing``."""

    def __init__(self, schema: Schema, source: Source, stand_ins: Sequence[str]) -> None:
        self._schema, self._source, self._stand_ins = schema, source, stand_ins
        self.values: dict[Rule, Values] = {}
        self.missing: list[str] = []

    def change(self, node: Schema, pointer: str) -> Schema | None:
        """The node without its grounded string; None where it is none."""
        if not isinstance(node, dict) or KEYWORD not in node:
            return None
        if node[KEYWORD] not in (True, False, "words"):
            raise InvalidSchema("schema", f'{pointer}/{KEYWORD} is true, false or "words"')
        return self._spread(node, pointer) if node[KEYWORD] else None

    def _spread(self, node: dict[str, Any], pointer: str) -> Schema:
        """The mark goes down to the strings of a union, an array or a list of types."""
        node = _inlined(self._schema, node, pointer)
        for key in ("anyOf", "oneOf"):
            if key in node:
                return {**_bare(node), key: [self._branch(option, node, pointer) for option in node[key]]}
        kind = node.get("type", "string")
        if kind == "array" and isinstance(node.get("items"), dict):
            return {**_bare(node), "items": self._branch(node["items"], node, pointer)}
        kinds = kind if isinstance(kind, list) else [kind]
        if "string" not in kinds:
            raise InvalidSchema("schema", f"{pointer} is marked {KEYWORD}, and is no string but {kind}")
        if "enum" in node or "const" in node:
            return self._listed(node, pointer)
        leaf, others = self._copied(node, pointer), [other for other in kinds if other != "string"]
        return {"anyOf": [leaf, {"type": others}]} if others else leaf

    def _branch(self, option: Any, node: dict[str, Any], pointer: str) -> Schema:
        option = _inlined(self._schema, option, pointer) if isinstance(option, dict) else option
        texts = isinstance(option, dict) and (
            "string" in option.get("type", "string") or "anyOf" in option or "oneOf" in option
        )
        if texts:
            return self._spread({**option, KEYWORD: node[KEYWORD]}, pointer)
        return rebuilt(option, self.change, pointer)

    def _listed(self, node: dict[str, Any], pointer: str) -> Schema:
        """Of given values those that occur."""
        options = node["enum"] if "enum" in node else [node["const"]]
        words = node[KEYWORD] == "words"
        kept = [one for one in options if not isinstance(one, str) or self._source.holds(one, words=words)]
        if not kept:
            self.missing.append(pointer)
        return {**_bare(node), "enum": kept} if kept else False

    def _copied(self, node: dict[str, Any], pointer: str) -> Schema:
        """A stand-in for what the source has."""
        rule = _rule(node, pointer)
        if rule not in self.values:
            if len(self.values) == len(self._stand_ins):
                raise InvalidSchema("schema", f"more than {len(self.values)} kinds of grounded strings")
            self.values[rule] = Values(self._source, rule)
        if not self.values[rule]:
            self.missing.append(pointer)
            return False
        return {"const": self._stand_ins[list(self.values).index(rule)]}


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
        compiled(pattern[1:-1])
    except Unmatchable as error:
        raise InvalidSchema(
            "schema", f"{pointer}: {pattern[:200]!r} is no pattern for a grounded string: {error}"
        ) from error
    return pattern[1:-1]
