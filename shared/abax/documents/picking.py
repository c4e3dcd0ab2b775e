"""A language model that was not trained for it picks among what is printed, where nothing sure was found.

For each value that a document of its type must have and that is missing, or likelier wrong than what the
model says (``MEASURED``), the model sees the lines of the document and may name one of the values that stand
on it, or none. So whatever it says stands in the source, can be read as what it is, and has its box; nothing
can be invented. A model that fails, or takes too long, costs the document nothing: ``Extraction.notes`` say
so.

The default model is of no use for it (``USEFUL``). Of 46 answers to what was less than 90 % sure, 3 were
right (63 hand-made documents of all types and 32 receipts of SROIE, types given), and 1 of 19 where nothing
had been found; rankers were right in 31 of the 59 cases. A question took 1.1 s of one core in the median,
1.8 s at most. The right value was among the choices in 45 of 50 such cases: a better model has something to
choose from. With its adapter the default model reads instead (``asking``).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from abax.documents.extract import Alternative
from abax.documents.pages import Word
from abax.documents.spans import Seg, Value
from abax.errors import InvalidRequest, ModelError
from abax.ports import TextRequest, TextResult

if TYPE_CHECKING:
    from abax.documents.fields import Fields
    from abax.ports import TextModel

logger = logging.getLogger("abax.documents")

SECONDS: Final = 2.5
"""What the model may take for one document."""
MEASURED: Final = {"SmolLM2-135M-Instruct": 0.06}
"""By model, the share of its answers that were right: so sure they are, and what is surer is not asked."""
UNMEASURED: Final = 0.3
"""The same for a model that nobody has measured."""
USEFUL: Final = 0.1
"""A model that was measured to be right less often is not asked."""
MOST_LETTERS: Final = 2000
"""Of a document that the model sees."""
MOST_CHOICES: Final = 30
"""Values that it may choose from, for each field."""
LONGEST_NAME: Final = 80
_MEANT: Final = {
    "number": "the number that this document itself has",
    "issue_date": "the date on which it was issued",
    "seller.name": "the company that sells and issued it",
    "buyer.name": "the company that buys and is written to",
    "totals.gross": "the total amount, tax included",
    "payer.name": "the company that pays",
    "total": "the amount that is paid in all",
    "issuer.name": "the bank or company that issued it",
    "closing_balance": "the balance at the end",
    "party.name": "the company that it is about",
}
"""What can be asked for, and how it is put to the model."""
_TASK: Final = (
    "You read business documents. From the document below, give each field its value exactly as it is "
    "printed there, or null where it is not there. Answer with JSON alone."
)
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True)
class Choice:
    """A value as it is printed, and where."""

    text: str
    value: Decimal | date | str
    words: Sequence[Word]
    seg: Seg


def is_useful(model: TextModel) -> bool:
    """Whether a model is worth asking, as far as it was measured."""
    return MEASURED.get(model.name, USEFUL) >= USEFUL


def ask(fields: Fields, model: TextModel, seconds: float = SECONDS) -> tuple[str, ...]:
    """Fill what is missing or weak with what the model picks; notes for a person where it could not."""
    sure = MEASURED.get(model.name, UNMEASURED)
    asked = {path: choices for path in weak(fields, sure) if (choices := choices_of(path, fields))}
    if not asked:
        return ()
    try:
        result = model.generate(_request(asked, fields), time.monotonic() + seconds)
    except (ModelError, InvalidRequest) as error:
        logger.warning("the model %s could not be asked: %s", model.name, error)
        return (f"the model {model.name} could not be asked: {error}",)
    if not isinstance(result.parsed, dict):
        return (f"the model {result.model} gave no answer ({why(result)})",)
    for path, choices in asked.items():
        answer = result.parsed.get(_key(path))
        if isinstance(answer, str) and answer in choices:
            _take(fields, path, choices[answer], sure)
    return ()


def why(result: TextResult) -> str:
    """Why a text is no answer."""
    return {"deadline": "it took too long", "length": "it had too much to say"}.get(
        result.finish, "it is no JSON"
    )


def weak(fields: Fields, sure: float) -> list[str]:
    """What the document must have, can be asked for, and was not found with so much certainty."""
    from abax.documents.quality import REQUIRED, calibrated

    return [
        path
        for path in REQUIRED.get(fields.type, ())
        if path in _MEANT
        and (path not in fields.values or calibrated(path, fields.evidence[path], fields.type) < sure)
    ]


# --- what it may choose from ----------------------------------------------------------------------------


def choices_of(path: str, fields: Fields) -> dict[str, Choice]:
    """The values on the document that could be this one, as they are printed."""
    if path.endswith(".name"):
        found = _names(fields)
    else:
        kind = "date" if path.endswith("_date") else "code" if path == "number" else "amount"
        values = [value for value in fields.sight.values if value.type == kind]
        if kind == "amount":
            values = [value for value in values if _is_money(value)] or values
            values.reverse()  # totals stand at the end
        found = map(_of_value, values)
    choices: dict[str, Choice] = {}
    for choice in found:
        if len(choices) == MOST_CHOICES:
            break
        choices.setdefault(choice.text, choice)
    return choices


def _of_value(value: Value) -> Choice:
    return Choice(value.text, value.value, value.seg.words_of(value.start, value.end), value.seg)


def _is_money(value: Value) -> bool:
    return isinstance(value.value, Decimal) and value.value.as_tuple().exponent == -2


def _names(fields: Fields) -> Iterator[Choice]:
    """Lines of letters, without the label before them."""
    for seg in fields.sight.segs:
        start = max((label.end for label in seg.labels), default=0)
        text = seg.text[start:].lstrip(" :.-–|")
        if len(text) > LONGEST_NAME or not _LETTERS.search(text):
            continue
        if not any(value.type in ("amount", "date", "iban", "percent") for value in seg.values):
            start = len(seg.text) - len(text)
            yield Choice(text, text, seg.words_of(start, len(seg.text)), seg)


# --- how it is asked ------------------------------------------------------------------------------------


def _key(path: str) -> str:
    return path.replace(".", "_")


def _request(asked: dict[str, dict[str, Choice]], fields: Fields) -> TextRequest:
    """Each field takes one of its choices, or null."""
    wanted = "\n".join(f"{_key(path)}: {_MEANT[path]}" for path in asked)
    shown = "\n".join(_shown(fields, [one.seg for choices in asked.values() for one in choices.values()]))
    schema = {
        "type": "object",
        "properties": {_key(path): {"enum": [*choices, None]} for path, choices in asked.items()},
        "required": [_key(path) for path in asked],
        "additionalProperties": False,
    }
    longest = (max(map(len, choices)) + len(path) for path, choices in asked.items())
    return TextRequest(
        messages=(
            {"role": "system", "content": _TASK},
            {"role": "user", "content": f"{shown}\n\nFields:\n{wanted}"},
        ),
        max_tokens=sum(longest) + 8 * len(asked) + 8,
        schema=schema,
    )


def _shown(fields: Fields, segs: Iterable[Seg]) -> list[str]:
    """The lines that the model sees: those with a choice in them, then those with labels, then any others, as
    many as there is room for, in the document's order."""
    chosen = {seg.row for seg in segs}
    rows = sorted(
        fields.sight.rows,
        key=lambda row: (row.number not in chosen, not any(True for _ in row.labels), row.number),
    )
    kept, left = [], MOST_LETTERS
    for row in rows:
        left -= len(row.text) + 1
        if left < 0:
            break
        kept.append(row)
    return [row.text for row in sorted(kept, key=lambda row: row.number)]


# --- what is made of its answer -------------------------------------------------------------------------


def _take(fields: Fields, path: str, choice: Choice, sure: float) -> None:
    """Choose what it says; what was there before becomes an alternative."""
    if path in fields.values:
        if fields.values[path] == choice.value:
            return
        before = Alternative(value=str(fields.values[path]), evidence=fields.evidence[path])
        fields.drop(path)
        fields.alternatives[path] = (before, *fields.alternatives.get(path, ()))
    fields.put(path, choice.value, sure, "model", choice.words, choice.seg.page, choice.text)
    others = tuple(one for one in fields.alternatives.pop(path, ()) if one.value != str(choice.value))
    if others:
        fields.alternatives[path] = others
