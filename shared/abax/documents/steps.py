"""The block of totals: the rows below the lines, what each is by its words, and its amount."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.documents import lexicon
from abax.documents.adjusting import SUM
from abax.documents.fields import Fields
from abax.documents.listing import WITHHELD, Priced, priced_row
from abax.documents.spans import Label, Row, Seg, Sight, Value
from abax.documents.taxing import TAX

SIGNS: Final = {
    "totals.charges": 1,
    "totals.allowances": -1,
    "totals.tax": 1,
    "totals.rounding": 1,
    "withheld": -1,
}
"""What changes a sum, and how."""
WHOLE: Final = ("totals.gross", "totals.due", "totals.any")
NETS: Final = ("totals.net", "totals.lines")
_MOST: Final = 12
"""Rows of a block of totals."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the block of totals: what it is and its amount."""

    kind: str
    amount: Decimal
    row: Priced


def steps_of(fields: Fields) -> list[Step]:
    """Rows with one amount at their end below the last line, and totals that stand below their names in a
    row; the last ones of all where no line is known."""
    found: list[Step | Priced] = []
    begun = False
    used: set[int] = set()
    for row in fields.sight.rows:
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            begun, found = True, []
            continue
        across = _across(row, fields.sight) if row.number not in used else []
        found += across
        used |= {step.row.row.number for step in across}
        priced = priced_row(row) if row.number not in used else None
        if priced is not None:
            found.append(priced)
    block = found[:_MOST] if begun else found[-_MOST:]
    return [one if isinstance(one, Step) else Step(_kind(one), one.amount, one) for one in block]


def _across(head: Row, sight: Sight) -> list[Step]:
    """Amounts below a row of totals' names, from left to right."""
    if len(head.segs) < _NAMES or any(value.type == "amount" for value in head.values):
        return []
    kinds = [_kind_of(seg.labels, seg.text) for seg in head.segs]
    if sum(map(bool, kinds)) < _NAMES:
        return []
    found: list[list[Step]] = [[] for _ in head.segs]
    last = head
    for row in sight.rows[head.number + 1 : head.number + 1 + _BELOW]:
        money = [value for value in row.values if value.type == "amount" and isinstance(value.value, Decimal)]
        if row.page != head.page or row.y0 - last.y1 > _NEAR * sight.height or not money:
            break
        last = row
        for value in money:
            place = min(range(len(kinds)), key=lambda place: _apart(head.segs[place], value))
            if kinds[place] and _apart(head.segs[place], value) < _ASIDE * sight.height:
                words = value.seg.words_of(value.start, value.end)
                amount = value.value
                assert isinstance(amount, Decimal)
                row_ = Priced(row, amount, words, frozenset({kinds[place]}))
                found[place].append(Step(kinds[place], amount, row_))
    return [step for column in found for step in column]


_NAMES: Final = 3
_BELOW: Final = 4
"""Rows of amounts below their names."""
_ASIDE: Final = 4
_NEAR: Final = 2.5
"""Heights of a line."""


def _apart(seg: Seg, value: Value) -> float:
    """How far a value stands beside a heading; below zero where it stands under it."""
    return max(seg.x0 - value.x1, value.x0 - seg.x1)


def _kind(row: Priced) -> str:
    """What the row is by its label, which stands right before the amount; empty where nobody knows."""
    segs = row.row.segs
    label = segs[-2] if len(segs) > 1 and not any(v.type == "amount" for v in segs[-2].values) else segs[-1]
    if is_withheld(row.row.text):
        return "withheld" if WITHHELD.search(lexicon.plain(row.row.text)) else "held"
    return _kind_of(label.labels or segs[0].labels, label.text)


def _kind_of(labels: Sequence[Label], text: str) -> str:
    """The kind that labels at the start of a text say."""
    kinds = [kind for one in labels if one.start <= _START for kind in one.kinds]
    if any(kind == "totals.tax" for kind in kinds) and not SUM.match(lexicon.plain(text)):
        return "totals.tax"
    told = next((kind for kind in kinds if kind in SIGNS or kind in WHOLE or kind in _OTHERS), "")
    return told or ("totals.tax" if _is_tax(text) else "")


_START: Final = 12
"""Letters that may stand before a label."""
_OTHERS: Final = (*NETS, "totals.prepaid")


def is_withheld(text: str) -> bool:
    """A row speaks of what the buyer keeps: a tax that he pays himself, or a builder's security."""
    plain = lexicon.plain(text)
    return WITHHELD.search(plain) is not None or _HELD_BACK.search(plain) is not None


_HELD_BACK: Final = re.compile(r"retenuedegarantie|einbehalt|retentionheld|lessretention|bauabzug|degarantia")


def _is_tax(text: str) -> bool:
    """A rate and a tax's name, or its name alone: ``9% btw``, ``QST 9.975%``, ``Tax (reverse charge)``."""
    name = TAX.search(text)
    if name is None or SUM.match(lexicon.plain(text)):
        return False
    return (
        _RATE.search(text) is not None
        or _NAME_ALONE.fullmatch(text[: name.start()] + text[name.end() :]) is not None
    )


_NAME_ALONE: Final = re.compile(r"[^\w(]*(?:\([^)]*\)[^\w(]*)?")
_RATE: Final = re.compile(r"\d\s?%")
