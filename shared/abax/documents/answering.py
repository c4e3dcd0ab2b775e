"""What a model that was trained for it sees of a document, and what it answers: values as they are printed.

The same functions make the examples of ``training/adapters`` and the requests of the pipeline, so that a
model is asked what it was taught. Pages become rows of words, with `` | `` where a wide blank parts them; a
long document becomes several windows, whose answers are joined (`joined`). The answer is JSON by the paths of
``contracts``, without what is not there. Values are strings as printed (`typed` reads them), so that each can
be held to the source; each row of a list names what it has, for a small model loses count of columns::

    {"number":"RE-1","seller":{"name":"A GmbH"},"lines":[{"description":"Screws","net_amount":"1,40"}]}
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import median
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from abax.documents.contracts import CONTRACT, Contract, DocumentType
from abax.documents.layout import rows_of, slope_of
from abax.documents.meaning import Ways, meaning, ways_of
from abax.documents.pages import Page, Reading, Word
from abax.ports import TextRequest

VERSION: Final = "extract/2"
"""Of the form of prompt and answer: an adapter serves the one that it was trained with."""
ADAPTER: Final = "extract"
"""The adapter that answers so."""
GAP: Final = 1.2
"""A blank wider than so many heights of a line parts two columns."""
BREAK: Final = " | "
BUDGET: Final = 700
"""Tokens of a document that one window holds, about."""
ANSWER: Final = 1300
"""Tokens of an answer, at most."""
TASK: Final = (
    "Read the document and answer with JSON: each value as it is printed, lists row by row. "
    "Leave out what is not there."
)
UNPRINTED: Final = frozenset(
    {"type", "subtype", "language", "type_code", "role", "action", "process", "specification", "attachments"}
)
"""What a document says as a whole, and no single place of it."""
_PIECE: Final = re.compile(r"\d|[^\W\d_]{1,3}|[^\w\s]|_")
_PLACE: Final = re.compile(r"\[\d+\]")
_STEP: Final = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


# --- what is seen ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """As much of a document as is read at once."""

    page: int
    """Of its first row, from 1."""
    rows: tuple[tuple[Word, ...], ...]

    @property
    def text(self) -> str:
        """The rows as a model sees them."""
        return "\n".join(map(row_text, self.rows))


def windows(reading: Reading, budget: int = BUDGET) -> list[Window]:
    """The document in parts of at most so many tokens, cut between rows, where it can be between pages."""
    found: list[Window] = []
    open_rows: list[tuple[Word, ...]] = []
    first, room = 0, budget
    for page in reading.pages:
        rows = [tuple(row) for row in _rows(page)]
        costs = [cost(row_text(row)) + 1 for row in rows]
        if open_rows and sum(costs) > room:
            found.append(Window(first, tuple(open_rows)))
            open_rows, room = [], budget
        for row, price in zip(rows, costs, strict=True):
            if open_rows and price > room:
                found.append(Window(first, tuple(open_rows)))
                open_rows, room = [], budget
            first = first if open_rows else page.number
            open_rows.append(row)
            room -= price
    if open_rows:
        found.append(Window(first, tuple(open_rows)))
    return found


def _rows(page: Page) -> list[list[Word]]:
    return rows_of(page.words, slope_of(page.words))


def row_text(row: Sequence[Word]) -> str:
    """The words of a row, parted where it is."""
    if not row:
        return ""
    wide = GAP * median(word.y1 - word.y0 for word in row)
    parts = [row[0].text]
    for left, right in pairwise(row):
        parts += (BREAK if right.x0 - left.x1 > wide else " ", right.text)
    return "".join(parts)


def cost(text: str) -> int:
    """About how many tokens a text takes: digits and marks one each, letters in threes at most."""
    return len(_PIECE.findall(text))


def source_of(window: Window, reading: Reading) -> str:
    """What values must be taken from: the rows as seen, and the lines by their columns, in which a value that
    goes on below reads in one."""
    shown = {id(word) for row in window.rows for word in row}
    lines = [
        " ".join(word.text for word in line.words if id(word) in shown)
        for page in reading.pages
        for line in page.lines
    ]
    return window.text + "\n\u241e\n" + "\n".join(filter(None, lines))


def messages(kind: DocumentType, text: str, only: Sequence[str] = ()) -> tuple[dict[str, str], ...]:
    """The conversation that ends before the answer; its beginning is the same for all documents. ``only``
    names the fields that are wanted, such as ``seller.name`` or ``lines``; all where it is empty."""
    wanted = f"{kind.value}: {', '.join(only)}" if only else kind.value
    return (
        {"role": "system", "content": TASK},
        {"role": "user", "content": f"{wanted}\n\n{text}"},
    )


def request(
    kind: DocumentType, window: Window, reading: Reading, only: tuple[str, ...] = (), key: str = ""
) -> TextRequest:
    """What a model with the adapter is asked for one window, with the grammar that its answer keeps."""
    return TextRequest(
        adapter=ADAPTER,
        likelihoods=True,
        messages=messages(kind, window.text, only),
        max_tokens=ANSWER,
        schema=schema(kind, only),
        source=source_of(window, reading),
        key=key,
    )


# --- what is answered -----------------------------------------------------------------------------------


def answer(kind: DocumentType, values: Mapping[str, str]) -> str:
    """The JSON of printed values by their paths, in the order of the contract, which the grammar keeps.
    Values that the contract has no place for are left out."""
    order = {path: place for place, path in enumerate(answerable(kind))}
    tree: dict[str, Any] = {}
    for path in sorted((path for path in values if bare(path) in order), key=lambda path: order[bare(path)]):
        _plant(tree, path, values[path])
    return json.dumps(_ordered(tree, "", order), ensure_ascii=False, separators=(",", ":"))


def bare(path: str) -> str:
    """A path without places: ``lines.quantity``."""
    return _PLACE.sub("", path)


def _plant(tree: dict[str, Any], path: str, text: str) -> None:
    node = tree
    steps = [(found[1], found[2]) for found in map(_STEP.fullmatch, path.split(".")) if found]
    for place, (name, index) in enumerate(steps):
        last = place == len(steps) - 1
        if index is None:
            if last:
                node[name] = text
            else:
                node = node.setdefault(name, {})
            continue
        members = node.setdefault(name, {})
        if last:
            members[int(index)] = text
        else:
            node = members.setdefault(int(index), {})


def _ordered(node: dict[str, Any], before: str, order: Mapping[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in node.items():
        path = f"{before}{name}"
        if not isinstance(value, dict):
            found[name] = value
        elif not all(isinstance(key, int) for key in value):
            found[name] = _ordered(value, f"{path}.", order)
        else:
            members = [value[place] for place in sorted(value)]
            found[name] = [one if isinstance(one, str) else _row(one, path, order) for one in members]
    return found


def _row(member: Mapping[str, str], path: str, order: Mapping[str, int]) -> dict[str, str]:
    return {name: member[name] for name in sorted(member, key=lambda name: order[f"{path}.{name}"])}


def values_of(parsed: Any) -> dict[str, str]:
    """Printed values by path, of an answer; what is no answer in our form has none."""
    found: dict[str, str] = {}
    if isinstance(parsed, dict):
        _gather(parsed, "", found)
    return found


def _gather(node: dict[str, Any], before: str, found: dict[str, str]) -> None:
    for name, value in node.items():
        path = f"{before}{name}"
        if isinstance(value, str) and value:
            found[path] = value
        elif isinstance(value, dict):
            _gather(value, f"{path}.", found)
        elif isinstance(value, list):
            found.update(_listed(path, value))


def _listed(path: str, items: list[Any]) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(items):
        if isinstance(item, str):
            yield f"{path}[{place}]", item
        elif isinstance(item, dict):
            yield from (
                (f"{path}[{place}].{name}", value)
                for name, value in item.items()
                if isinstance(value, str) and value
            )


def likelihoods(text: str, pieces: Sequence[tuple[bytes, float]]) -> dict[str, float]:
    """By path how likely a model held each value of an answer: the product of its tokens' shares, from the
    tokens that the text was written in (``TextResult.pieces``). Empty where these are not known.

    Strings stand in a text in the order in which the parsed answer holds them, names before their values.
    """
    if not pieces:
        return {}
    ends = list(accumulate(len(piece) for piece, _ in pieces))
    raw = b"".join(piece for piece, _ in pieces)
    spans = [match.span() for match in _STRING.finditer(raw)]
    paths = list(_strings(json.loads(text), ""))
    found: dict[str, float] = {}
    for path, (start, end) in zip(paths, spans, strict=False):
        if path:
            first, last = bisect_right(ends, start + 1), bisect_left(ends, end - 1)
            found[path] = math.exp(sum(share for _, share in pieces[first : last + 1]))
    return found


_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')


def _strings(node: Any, path: str) -> Iterator[str]:
    """The path of each string of an answer, in order; nothing for names of fields and columns."""
    if isinstance(node, str):
        yield path
    elif isinstance(node, dict):
        for name, value in node.items():
            yield ""
            yield from _strings(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _strings(value, f"{path}[{place}]")


def joined(answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of a document's windows as one: lists one after another, and of any other value the first,
    but of totals and balances the last, for those stand at the end."""
    found: dict[str, Any] = {}
    for values in answers:
        start = _lengths(found)
        for path, text in values.items():
            head, bracket, rest = path.partition("[")
            if bracket:
                place, _, tail = rest.partition("]")
                found[f"{head}[{int(place) + start.get(head, 0)}]{tail}"] = text
            elif path.startswith("totals.") or "total" in path or path == "closing_balance":
                found[path] = text
            else:
                found.setdefault(path, text)
    return found


def _lengths(values: Iterable[str]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for path in values:
        head, bracket, rest = path.partition("[")
        if bracket:
            lengths[head] = max(lengths.get(head, 0), int(rest.partition("]")[0]) + 1)
    return lengths


# --- the form that an answer keeps ----------------------------------------------------------------------


@lru_cache(maxsize=256)
def schema(kind: DocumentType, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """JSON schema of the answers for a type of document: every value is taken from the source."""
    return _object(_model(kind), "", only)


def _model(kind: DocumentType) -> type[BaseModel]:
    return type(CONTRACT.validate_python({"type": kind}))


def wanted(path: str, only: Sequence[str]) -> bool:
    """Whether a path, without places, is of the fields that are asked for, or leads to one."""
    return not only or any(f"{path}.".startswith(f"{one}.") or one.startswith(f"{path}.") for one in only)


_TEXTS: Final = (str, Decimal, date, int)
"""What a printed value can be read as."""
_VALUE: Final[dict[str, Any]] = {"type": "string", "x-grounded": "words"}


def _object(model: type[BaseModel], before: str, only: Sequence[str]) -> dict[str, Any]:
    parts = {
        name: part
        for name, field in model.model_fields.items()
        if name not in UNPRINTED
        and wanted(f"{before}{name}", only)
        and (part := _part(field.annotation, f"{before}{name}", only)) is not None
    }
    return {"type": "object", "properties": parts, "additionalProperties": False}


def _part(annotation: Any, path: str, only: Sequence[str]) -> dict[str, Any] | None:
    """Of one field; None for what no text can be."""
    inner = _bare(annotation)
    if _is_model(inner):
        return _object(inner, f"{path}.", only)
    if inner in _TEXTS:
        return _VALUE
    if get_origin(inner) is not tuple:
        return None
    member = get_args(inner)[0]
    return _rows_schema(member) if _is_model(member) else {"type": "array", "items": _VALUE}


def _rows_schema(member: type[BaseModel]) -> dict[str, Any]:
    cells = {name: _VALUE for name, field in member.model_fields.items() if _bare(field.annotation) in _TEXTS}
    row = {"type": "object", "properties": cells, "additionalProperties": False}
    return {"type": "array", "items": row, "minItems": 1}


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _bare(annotation: Any) -> Any:
    """Without its ``| None``."""
    if get_origin(annotation) in (Union, UnionType):
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation


@lru_cache(maxsize=len(DocumentType))
def answerable(kind: DocumentType) -> tuple[str, ...]:
    """The paths that an answer can have, in order, places left out: ``seller.name``, ``lines.quantity``."""
    return tuple(_paths(_model(kind), ""))


def _paths(model: type[BaseModel], before: str, within: bool = False) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _bare(field.annotation)
        if name in UNPRINTED:
            continue
        if inner in _TEXTS:
            yield f"{before}{name}"
        elif _is_model(inner) and not within:
            yield from _paths(inner, f"{before}{name}.")
        elif get_origin(inner) is tuple and not within:
            member = get_args(inner)[0]
            yield from _paths(member, f"{before}{name}.", True) if _is_model(member) else (f"{before}{name}",)


# --- what it means --------------------------------------------------------------------------------------


def typed(kind: DocumentType, values: Mapping[str, str], ways: Ways | None = None) -> Contract:
    """The contract that printed values make; what does not read as its type is left out. ``ways`` are the
    document's; None takes them from the values."""
    return contract_of(kind, read(kind, values, ways))


def contract_of(kind: DocumentType, values: Mapping[str, Any]) -> Contract:
    """The contract of values by their paths; members of lists close ranks."""
    content: dict[str, Any] = {"type": kind}
    for path, value in values.items():
        _plant(content, path, value)
    try:
        return CONTRACT.validate_python(_filled(content))
    except ValidationError as error:
        wrong = {".".join(map(str, one["loc"][1:2])) for one in error.errors()}
        return CONTRACT.validate_python({k: v for k, v in _filled(content).items() if k not in wrong})


def read(kind: DocumentType, values: Mapping[str, str], ways: Ways | None = None) -> dict[str, Any]:
    """Path to what a printed value means; without what does not read as the type of its field."""
    ways = ways or ways_of(values.values())
    model = _model(kind)
    found: dict[str, Any] = {}
    for path, text in values.items():
        value = _read(path, _annotation(model, path), text, ways)
        if value is not None:
            found[path] = value
    for path in [path for path in found if path.endswith("].quantity")]:
        found[path] = _by_product(found, path.removesuffix("quantity"))
    return found


def _by_product(found: Mapping[str, Any], base: str) -> Decimal:
    """The quantity of a line: ``1.000`` is one where one, and not a thousand, times the price makes the
    amount."""
    quantity: Decimal = found[f"{base}quantity"]
    price, amount = found.get(f"{base}unit_price"), found.get(f"{base}net_amount")
    if price is not None and amount is not None and quantity * price != amount:
        fewer = quantity / 1000
        return fewer if abs(fewer * price - amount) <= _CENT else quantity
    return quantity


_CENT: Final = Decimal("0.01")


def _annotation(model: type[BaseModel], path: str) -> Any:
    found: Any = model
    for step in path.split("."):
        name = step.partition("[")[0]
        if not _is_model(found) or name not in found.model_fields:
            return None
        found = _bare(found.model_fields[name].annotation)
        if get_origin(found) is tuple:
            found = get_args(found)[0]
    return found


def _read(path: str, annotation: Any, text: str, ways: Ways) -> Any:
    if annotation in _TEXTS:
        return meaning(path, annotation, text, ways)
    return (text, None) if get_origin(annotation) is tuple else None


def _filled(node: Any) -> Any:
    """Lists of what stood under places; gaps are nothing."""
    if not isinstance(node, dict):
        return node
    if node and all(isinstance(key, int) for key in node):
        return tuple(_filled(node[place]) for place in sorted(node))
    return {key: _filled(value) for key, value in node.items()}
