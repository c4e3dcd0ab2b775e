"""The block of totals: the rows below the lines, what each is by its words, and its amount."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.documents import lexicon
from abax.documents.adjusting import SUM
from abax.documents.fields import Fields
from abax.documents.listing import WITHHELD, Priced, priced_row
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
    """Rows with one amount at their end below the last line; the last ones of all where no line is known."""
    found: list[Priced] = []
    begun = False
    for row in fields.sight.rows:
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            begun, found = True, []
            continue
        priced = priced_row(row)
        if priced is not None:
            found.append(priced)
    block = found[:_MOST] if begun else found[-_MOST:]
    return [Step(_kind(priced), priced.amount, priced) for priced in block]


def _kind(row: Priced) -> str:
    """What the row is by its label, which stands right before the amount; empty where nobody knows."""
    segs = row.row.segs
    label = segs[-2] if len(segs) > 1 and not any(v.type == "amount" for v in segs[-2].values) else segs[-1]
    if is_withheld(row.row.text):
        return "withheld"
    labels = [one for one in label.labels or segs[0].labels if one.start <= 12]
    kinds = [kind for one in labels for kind in one.kinds]
    if any(kind == "totals.tax" for kind in kinds) and not SUM.match(lexicon.plain(label.text)):
        return "totals.tax"
    told = next((kind for kind in kinds if kind in SIGNS or kind in WHOLE or kind in _OTHERS), "")
    return told or ("totals.tax" if _is_tax(label.text) else "")


_OTHERS: Final = (*NETS, "totals.prepaid")


def is_withheld(text: str) -> bool:
    """A row speaks of what the buyer keeps: a tax that he pays himself, or a builder's security."""
    plain = lexicon.plain(text)
    return WITHHELD.search(plain) is not None or _HELD_BACK.search(plain) is not None


_HELD_BACK: Final = re.compile(r"retenuedegarantie|einbehalt|retentionheld|lessretention|bauabzug|degarantia")


def _is_tax(text: str) -> bool:
    """A rate and a tax's name: ``9% btw``, ``QST 9.975%``."""
    named = TAX.search(text) is not None and _RATE.search(text) is not None
    return named and SUM.match(lexicon.plain(text)) is None


_RATE: Final = re.compile(r"\d\s?%")
