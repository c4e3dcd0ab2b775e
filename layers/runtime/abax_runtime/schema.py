"""JSON schemas as data: read from a dict, a text or a pydantic type, walked, closed, tested for an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from abax_runtime.errors import InvalidSchema

Schema = dict[str, Any] | bool

_MAPS = ("$defs", "definitions", "properties", "patternProperties", "dependentSchemas")
_LISTS = ("prefixItems", "anyOf", "oneOf", "allOf")
_SINGLE = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
_UNIONS = ("anyOf", "oneOf")
_DEEPEST = 100


def read_schema(schema: object) -> Schema:
    """A copy of the schema as plain JSON data, from a dict, a bool, JSON text, a pydantic model or adapter.

    Raises InvalidSchema for what is none of these.
    """
    for method in ("model_json_schema", "json_schema"):
        if callable(produce := getattr(schema, method, None)):
            schema = produce()
            break
    try:
        read = json.loads(schema if isinstance(schema, str) else json.dumps(schema))
    except json.JSONDecodeError as error:
        raise InvalidSchema("schema", f"not JSON: {error}") from error
    except (TypeError, ValueError) as error:
        raise InvalidSchema("schema", f"not a JSON schema: {error}") from error
    except RecursionError as error:
        raise InvalidSchema("schema", f"nested more than {_DEEPEST} deep") from error
    if not isinstance(read, dict | bool):
        raise InvalidSchema("schema", f"a schema is an object, not {type(read).__name__}")
    _check_depth(read)
    _check_kinds(read, "#")
    return read


def subschemas(node: object) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The schemas directly inside a schema, each with its path from it."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in _MAPS and isinstance(value, dict):
            yield from (((key, name), child) for name, child in value.items())
        elif key in _LISTS and isinstance(value, list):
            yield from (((key, str(index)), child) for index, child in enumerate(value))
        elif key in _SINGLE and isinstance(value, dict | bool):
            yield (key,), value


def every_schema(node: Schema) -> Iterator[Schema]:
    """A schema and all that are inside it."""
    yield node
    for _, child in subschemas(node):
        yield from every_schema(child)


def rebuilt(node: Schema, change: Callable[[Schema, str], Schema | None], pointer: str = "#") -> Schema:
    """A copy in which each schema is what ``change(schema, pointer)`` makes of it; if None, its parts are."""
    changed = change(node, pointer)
    if changed is not None or not isinstance(node, dict):
        return node if changed is None else changed
    copy: dict[str, Any] = {
        key: dict(value)
        if key in _MAPS and isinstance(value, dict)
        else list(value)
        if key in _LISTS and isinstance(value, list)
        else value
        for key, value in node.items()
    }
    for path, child in subschemas(node):
        new = rebuilt(child, change, "/".join((pointer, *map(escape_pointer, path))))
        if len(path) == 1:
            copy[path[0]] = new
        elif isinstance(copy[path[0]], list):
            copy[path[0]][int(path[1])] = new
        else:
            copy[path[0]][path[1]] = new
    return copy


def escape_pointer(name: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def resolve(root: Schema, reference: str) -> Any:
    """What a local `$ref` such as `#/$defs/line` points at; None when there is nothing."""
    node: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict) and name in node:
            node = node[name]
        else:
            return None
    return node


def closed(schema: Schema) -> Schema:
    """Objects that list their properties and say nothing of others get no others.

    What is generated still fits the schema as it was, and the end of an object becomes certain. A schema that
    merges objects (`allOf`, or a reference or union beside properties) stays as it is: there the parts must
    stay open for each other.
    """
    if any(_merges(node) for node in every_schema(schema)):
        return schema
    return _closed(schema)


def _closed(schema: Schema) -> Schema:
    def close(node: Schema, pointer: str) -> Schema | None:
        if isinstance(node, dict) and "properties" in node and not any(key in node for key in _OTHERS):
            if not set(node["properties"]).issuperset(node.get("required", ())):
                return None
            return rebuilt({**node, "additionalProperties": False}, close, pointer)
        return None

    return rebuilt(schema, close)


_OTHERS = ("additionalProperties", "patternProperties", "unevaluatedProperties", "minProperties")
"""Keywords that speak of properties which are not listed, or may need some."""


def _merges(node: Schema) -> bool:
    if not isinstance(node, dict):
        return False
    shape = any(key in node for key in ("properties", "required", "additionalProperties"))
    return "allOf" in node or (shape and any(key in node for key in ("$ref", *_UNIONS)))


def has_end(schema: Schema) -> bool:
    """Whether some finite value can fit: false where required parts contain themselves for ever.

    The least fixed point over local references: those that end are found first, then those that lean on them.
    """
    references = {
        node["$ref"]
        for node in every_schema(schema)
        if isinstance(node, dict) and str(node.get("$ref", "")).startswith("#")
    }
    ending: set[str] = set()
    while found := {name for name in references - ending if _ends(resolve(schema, name), ending)}:
        ending |= found
    return _ends(schema, ending)


def _ends(node: Any, ending: set[str]) -> bool:
    if not isinstance(node, dict):
        return True
    reference = str(node.get("$ref", ""))
    if reference.startswith("#") and reference not in ending:
        return False
    unions = (node[key] for key in _UNIONS if isinstance(node.get(key), list) and node[key])
    if not all(any(_ends(option, ending) for option in options) for options in unions):
        return False
    return all(_ends(part, ending) for part in _needed(node))


def _needed(node: dict[str, Any]) -> Iterator[Any]:
    """The parts without which no value fits."""
    yield from node.get("allOf") or ()
    kind = node.get("type", "object" if "properties" in node else "array" if "items" in node else None)
    if kind in ("object", ["object"]):
        properties = node.get("properties") or {}
        yield from (properties.get(name) for name in node.get("required") or ())
    if kind in ("array", ["array"]) and node.get("minItems"):
        yield from (node.get("prefixItems") or ())[: node["minItems"]]
        if node["minItems"] > len(node.get("prefixItems") or ()):
            yield node.get("items")


def _check_kinds(node: Any, pointer: str) -> None:
    """That keywords have values of the kind that they must have, so that a schema can be walked."""
    if not isinstance(node, dict | bool):
        raise InvalidSchema("schema", f"{pointer} is a schema, not {type(node).__name__}")
    for key, value in node.items() if isinstance(node, dict) else ():
        kind = next((kind for keys, kind in _KINDS.items() if key in keys), None)
        if kind is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            name = " or ".join(_NAMES[one] for one in (kind if isinstance(kind, tuple) else (kind,)))
            raise InvalidSchema("schema", f"{pointer}/{escape_pointer(key)} is {name}")
    for path, child in subschemas(node):
        _check_kinds(child, "/".join((pointer, *map(escape_pointer, path))))
    if isinstance(node, dict) and not all(isinstance(name, str) for name in node.get("required", ())):
        raise InvalidSchema("schema", f"{pointer}/required is a list of names")


_KINDS: dict[tuple[str, ...], Any] = {
    _MAPS: dict,
    (*_LISTS, "required", "enum"): list,
    _SINGLE: (dict, bool),
    ("$ref", "pattern", "format"): str,
    ("type",): (str, list),
    tuple(f"{bound}{of}" for bound in ("min", "max") for of in ("Items", "Length", "Properties")): int,
}
_NAMES = {dict: "an object", list: "a list", bool: "true or false", str: "a text", int: "a whole number"}


def _check_depth(schema: Schema) -> None:
    level: list[Any] = [schema]
    for _ in range(2 * _DEEPEST):
        level = (
            [
                child
                for node in level
                for child in (node.values() if isinstance(node, dict) else node)
                if isinstance(child, dict | list)
            ]
            if not isinstance(schema, bool)
            else []
        )
        if not level:
            return
    raise InvalidSchema("schema", f"nested more than {_DEEPEST} deep")
