"""What a person says of a document: values set right, by the paths of ``contracts.fields_of``.

A correction is kept as a label; ``abax document labels`` writes all of them as a folder with ``truth.jsonl``,
which evaluation and training read::

    labels/<document_id>.json
      format        "abax.label/1"
      document_id, name, kind
      file          object key of the file's content
      pages         of the file, where it holds several documents
      contract      the whole contract, as the person left it
      corrected     path -> {"was": …, "is": …}; empty where all was right
      by, at
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from abax.documents.contracts import CONTRACT, Contract, Evidence, fields_of
from abax.documents.extract import Extraction
from abax.errors import InvalidRequest

if TYPE_CHECKING:
    from abax.documents.pipeline import Fact

FORMAT: Final = "abax.label/1"

_STEP: Final = re.compile(r"([a-z_][a-z0-9_]*)((?:\[\d+\])*)")
_TUPLE: Final = re.compile(r"\((?:(?:'[^'\\]*'|\"[^\"\\]*\"),? ?)+\)")
_MOST: Final = 10_000


def corrected(extraction: Extraction, changes: Mapping[str, Any]) -> Extraction:
    """The extraction with values set by their paths; None takes a value away, and a place after the last one
    of a list adds to it. Raises InvalidRequest, naming the path."""
    content: dict[str, Any] = extraction.contract.model_dump(mode="json")
    for path, value in changes.items():
        _set(content, path, value)
    contract = _validated(content, changes)
    values = fields_of(contract)
    evidence = {path: known for path, known in extraction.evidence.items() if path in values}
    told = [path for path in values if any(_within(path, changed) for changed in changes)]
    evidence |= {path: Evidence(method="person", confidence=1.0, text=str(values[path])) for path in told}
    return extraction.model_copy(update={"contract": contract, "evidence": evidence})


def label(fact: Fact, final: Contract, file_key: str, by: str, at: str) -> dict[str, Any]:
    """A reviewed document as labelled data."""
    before, after = _plain(fact.contract), _plain(final)
    changed = {
        path: {"was": before.get(path), "is": after.get(path)}
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }
    return {
        "format": FORMAT,
        "document_id": fact.document_id,
        "name": fact.name,
        "kind": fact.kind,
        "file": file_key,
        "pages": list(fact.pages),
        "contract": final.model_dump(mode="json", exclude_defaults=True) | {"type": final.type},
        "corrected": changed,
        "by": by,
        "at": at,
    }


def before(kept: Mapping[str, Any]) -> Contract:
    """The contract as it was read before the person corrected it, of a label. Raises InvalidRequest, naming
    the path, where the label does not hold together."""
    content = CONTRACT.validate_python(kept["contract"]).model_dump(mode="json")
    was = {path: change["was"] for path, change in kept["corrected"].items()}
    for path in sorted((path for path, value in was.items() if value is None), key=_natural, reverse=True):
        _unset(content, path)  # from the end of a list, so that no place moves
    for path in sorted((path for path, value in was.items() if value is not None), key=_natural):
        _set(content, path, _tuple_of(was[path]))
    return _validated(content, {})


def _unset(content: dict[str, Any], path: str) -> None:
    node, last = _place(content, path)
    if isinstance(last, int):
        _set_in_list(node, last, None, path)
    else:
        node.pop(last, None)


def _natural(path: str) -> list[tuple[int, int, str]]:
    """Places in the order of numbers."""
    return [(1, step, "") if isinstance(step, int) else (0, 0, step) for step in _steps(path)]


def _tuple_of(text: str) -> Any:
    """A list of texts, as a label writes it: ``('a', 'b')``; any other text as it is."""
    return list(literal_eval(text)) if _TUPLE.fullmatch(text) else text


def _plain(contract: Contract) -> dict[str, Any]:
    return {path: str(value) for path, value in fields_of(contract).items()}


def _within(path: str, changed: str) -> bool:
    return path == changed or path.startswith((f"{changed}.", f"{changed}["))


def _set(content: dict[str, Any], path: str, value: Any) -> None:
    node, last = _place(content, path)
    if isinstance(last, int):
        _set_in_list(node, last, value, path)
    else:
        node[last] = value


def _place(content: dict[str, Any], path: str) -> tuple[Any, str | int]:
    """What holds a path's value, made where it is missing, and the last step to it."""
    steps = _steps(path)
    node: Any = content
    for step, following in pairwise(steps):
        node = _inner(node, step, path, [] if isinstance(following, int) else {})
    return node, steps[-1]


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.split("."):
        found = _STEP.fullmatch(part)
        if found is None:
            raise InvalidRequest(f"{path!r} is no path of a value, such as lines[0].quantity", "corrections")
        steps.append(found[1])
        steps += [int(place) for place in re.findall(r"\d+", found[2])]
    return steps


def _inner(node: Any, step: str | int, path: str, fresh: Any) -> Any:
    if isinstance(step, int):
        if not isinstance(node, list) or step > len(node):
            raise InvalidRequest(f"{path}: there are {len(node)}", "corrections")
        if step == len(node):
            node.append(fresh)
        return node[step]
    if node.get(step) is None:
        node[step] = fresh
    if not isinstance(node[step], type(fresh)):
        raise InvalidRequest(f"{path} is no path of this document", "corrections")
    return node[step]


def _set_in_list(node: Any, place: int, value: Any, path: str) -> None:
    if not isinstance(node, list) or place > min(len(node), _MOST):
        raise InvalidRequest(f"{path} is no path of this document", "corrections")
    if value is None:
        del node[place : place + 1]
    else:
        node[place : place + 1] = [value]


def _validated(content: dict[str, Any], changes: Mapping[str, Any]) -> Contract:
    if "type" in changes:
        content = _of_type(content, changes["type"])
    try:
        return CONTRACT.validate_python(_texts(content))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise InvalidRequest(f"{where or 'type'}: {first['msg']}", "corrections") from None


def _of_type(content: dict[str, Any], wanted: Any) -> dict[str, Any]:
    """What a contract of another type has in common with this one."""
    try:
        empty = CONTRACT.validate_python({"type": wanted})
    except ValidationError:
        raise InvalidRequest(f"{wanted!r} is no type of document", "corrections") from None
    return {name: value for name, value in content.items() if name in type(empty).model_fields}


def _texts(value: Any) -> Any:
    """Numbers as texts, so that no amount passes through binary floating point."""
    if isinstance(value, dict):
        return {name: _texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return repr(value) if isinstance(value, float) else value
