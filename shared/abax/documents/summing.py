"""Totals by what adds up below the lines: sum, charges, discounts, taxes and the whole, each in its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from abax.documents import lexicon
from abax.documents.adjusting import SUM
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.listing import WITHHELD, Priced, priced_row
from abax.documents.spans import Value

_SIGNS: Final = {
    "totals.charges": 1,
    "totals.allowances": -1,
    "totals.tax": 1,
    "totals.rounding": 1,
    "withheld": -1,
}
_WHOLE: Final = ("totals.gross", "totals.due", "totals.any")
_MOST: Final = 12
"""Rows of a block of totals."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the block of totals: what it is and its amount."""

    kind: str
    amount: Decimal
    row: Priced


def fill(fields: Fields) -> None:
    """Where the lines with charges, discounts and taxes make a whole that is named, those are the totals."""
    _without_tax(fields)
    _by_lines(fields)
    _prepaid(fields)
    _net_of_till(fields)
    if "totals.gross" in fields.values and not {"totals.due", "totals.prepaid"} & fields.values.keys():
        found = fields.evidence["totals.gross"]
        fields.values["totals.due"] = fields.values["totals.gross"]
        fields.evidence["totals.due"] = found.model_copy(update={"confidence": 0.8 * found.confidence})


def _by_lines(fields: Fields) -> None:
    lines = _sum_of_lines(fields)
    if lines is None:
        return
    steps = _steps(fields)
    if "totals.gross" not in fields.values and "totals.net" not in fields.values:
        _named_net(fields, lines)
    for place, step in enumerate(steps):
        if step.kind not in _WHOLE or step.amount == lines:
            continue
        found = _explained(lines, steps[:place], step.amount)
        if found is not None:
            _put(fields, lines, found, step)
            return


def _prepaid(fields: Fields) -> None:
    """What stands between the whole and what is still owed, and is their difference, was paid before."""
    gross, due = fields.values.get("totals.gross"), fields.values.get("totals.due")
    if gross is None or due is None or gross == due or "totals.rounding" in fields.values:
        return
    rows = {value: {v.seg.row for v in _shown(fields) if v.value == value} for value in (gross, due)}
    for value in _shown(fields):
        between = any(row < value.seg.row for row in rows[gross]) and any(
            value.seg.row < row for row in rows[due]
        )
        text = lexicon.plain(fields.sight.rows[value.seg.row].text)
        if between and not WITHHELD.search(text) and abs(value.value) == abs(gross - due):  # type: ignore[arg-type]
            fields.drop("totals.prepaid")
            fields.put_value("totals.prepaid", gross - due, value, 0.8, "rule")
            return


def _net_of_till(fields: Fields) -> None:
    """A till's lines are net where the tax is added to their sum."""
    if fields.type is not DocumentType.RECEIPT:
        return
    net, tax, gross = (fields.values.get(f"totals.{name}") for name in ("net", "tax", "gross"))
    paths = [path for path in fields.values if _GROSS.fullmatch(path)]
    whole = sum((fields.values[path] for path in paths), Decimal(0))
    if not paths or not tax or net != whole or net + tax != gross:
        return
    for path in paths:
        told = path.replace("gross", "net")
        fields.values.setdefault(told, fields.values[path])
        fields.evidence.setdefault(told, fields.evidence[path])
        fields.drop(path)


_GROSS: Final = re.compile(r"lines\[\d+\]\.gross_amount")


def _without_tax(fields: Fields) -> None:
    """``Total (VAT excluded)`` is the net total, not the whole."""
    gross = fields.values.get("totals.gross")
    if gross is None or fields.values.get("totals.net", gross) != gross or fields.values.get("totals.tax"):
        return
    rows = [value.seg.row for value in _shown(fields) if value.value == gross]
    if not rows or not all(_EXCLUDED.search(fields.sight.rows[row].text) for row in rows):
        return
    found = fields.evidence["totals.gross"]
    for path in ("totals.gross", "totals.net"):
        fields.drop(path)
    if fields.values.get("totals.due") == gross:
        fields.drop("totals.due")
    fields.values["totals.net"], fields.evidence["totals.net"] = gross, found


def _named_net(fields: Fields, lines: Decimal) -> None:
    """The sum of the lines, where its row says that it is without tax."""
    for value in _shown(fields):
        if value.value == lines and _EXCLUDED.search(fields.sight.rows[value.seg.row].text):
            fields.put_value("totals.net", lines, value, 0.8, "rule")
            return


_TAXED: Final = (
    r"(?:iva|i\.v\.a\.?|btw|mwst|ust|vat|tva|tax(?:es?)?|gst|dph|moms|mehrwertsteuer|umsatzsteuer|podatku)\b"
)
_EXCLUDED: Final = re.compile(
    rf"\b{_TAXED}\W{{0,3}}(?:escl|excl|exkl)|\bh\.?t\.?(?!\w)|\bnett?o\b|\bimponibile\b"
    rf"|\b(?:ohne|zzgl\.?|ex[ck]l\.?|excluding|exclusief|hors|sans|sin|senza|plus|ex|before|bez)\s(?:\w+\s)?{_TAXED}",
    re.IGNORECASE,
)


def _sum_of_lines(fields: Fields) -> Decimal | None:
    amounts: list[Decimal] = []
    place = 0
    while f"lines[{place}].description" in fields.values:
        amount = fields.values.get(f"lines[{place}].net_amount")
        if not isinstance(amount, Decimal):
            return None
        amounts.append(amount)
        place += 1
    return sum(amounts, Decimal(0)) if amounts else None


def _steps(fields: Fields) -> list[Step]:
    """Rows with one labelled amount below the first line."""
    found: list[Step] = []
    begun = False
    for row in fields.sight.rows:
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            begun, found = True, []
            continue
        priced = priced_row(row) if begun else None
        if priced is None:
            continue
        kind = _kind(priced)
        if kind:
            found.append(Step(kind, priced.amount, priced))
    return found[:_MOST]


def _kind(row: Priced) -> str:
    """What the row is by its label, which stands right before the amount."""
    segs = row.row.segs
    label = segs[-2] if len(segs) > 1 and not any(v.type == "amount" for v in segs[-2].values) else segs[-1]
    if WITHHELD.search(lexicon.plain(row.row.text)):
        return "withheld"
    labels = [one for one in label.labels or segs[0].labels if one.start <= 12]
    kinds = [kind for one in labels for kind in one.kinds]
    if any(kind == "totals.tax" for kind in kinds) and not SUM.match(lexicon.plain(label.text)):
        return "totals.tax"
    return next((kind for kind in kinds if kind in _SIGNS or kind in _WHOLE or kind in _NETS), "")


_NETS: Final = ("totals.net", "totals.lines")


def _explained(lines: Decimal, steps: Sequence[Step], whole: Decimal) -> list[Step] | None:
    """The steps from the sum of the lines to the whole: all taxes, charges and discounts, or all but a few
    that are told twice."""
    changes = [step for step in steps if step.kind in _SIGNS]
    taxed = any(step.kind == "totals.tax" for step in changes)
    for left_out in range(min(len(changes), 3) + 1):
        for without in combinations(changes, left_out):
            used = [step for step in changes if step not in without]
            if taxed and not any(step.kind == "totals.tax" for step in used):
                continue  # the lines have their tax in them
            if used and lines + sum(map(_change, used)) == whole:
                return used
    return None


def _change(step: Step) -> Decimal:
    sign = _SIGNS[step.kind]
    return sign * abs(step.amount) if sign < 0 else step.amount


def _put(fields: Fields, lines: Decimal, used: Sequence[Step], whole: Step) -> None:
    sums = {kind: sum((_change(step) for step in used if step.kind == kind), Decimal(0)) for kind in _SIGNS}
    told = {
        "totals.lines": lines,
        "totals.net": lines + sums["totals.charges"] + sums["totals.allowances"],
        "totals.tax": sums["totals.tax"],
        "totals.gross": whole.amount - sums["withheld"],
        "totals.charges": sums["totals.charges"],
        "totals.allowances": -sums["totals.allowances"],
    }
    if told["totals.net"] == lines:
        del told["totals.lines"]
    if not sums["totals.tax"]:
        del told["totals.net"], told["totals.tax"]
    if sums["withheld"]:
        fields.drop("totals.gross")
        fields.values["totals.due"] = whole.amount
    for path, value in told.items():
        if not value or fields.values.get(path) == value:
            continue
        fields.drop(path)
        shown = next((v for v in _shown(fields) if v.value == value), None)
        if shown is not None:
            fields.put_value(path, value, shown, 0.8, "rule")
        elif path == "totals.tax":
            fields.put(path, value, 0.7, "rule", whole.row.words, whole.row.row.page)


def _shown(fields: Fields) -> Iterator[Value]:
    """Amounts that are no line's."""
    for value in fields.sight.values:
        words = value.seg.words_of(value.start, value.end)
        if value.type == "amount" and id(words[0]) not in fields.in_lines:
            yield value
