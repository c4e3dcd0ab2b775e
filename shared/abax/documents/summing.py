"""Totals by what adds up below the lines: sum, charges, discounts, taxes and the whole, each in its row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from abax.documents import owing, steps
from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.owing import shown
from abax.documents.steps import NETS, SIGNS, WHOLE, Step


def fill(fields: Fields) -> None:
    """Where the lines with charges, discounts and taxes make a whole that is named, those are the totals."""
    _without_tax(fields)
    block = steps.steps_of(fields)
    whole = _by_lines(fields, block) or _by_net(fields, block)
    owing.fill(fields, block, whole)
    _sum_told(fields, block)
    _no_tax(fields, block)
    _net_of_till(fields)


def _by_lines(fields: Fields, block: Sequence[Step]) -> Step | None:
    """The whole that the lines make, with what is named between them."""
    lines = _sum_of_lines(fields)
    if lines is None:
        return None
    if "totals.gross" not in fields.values and "totals.net" not in fields.values:
        _named_net(fields, lines)
    return _made(fields, lines, block)


def _by_net(fields: Fields, block: Sequence[Step]) -> Step | None:
    """The whole that a net total makes with several taxes or one that is withheld, where the lines do not
    tell."""
    least = abs(fields.values.get("totals.gross", Decimal(0)))
    for place, step in reversed(list(enumerate(block))):
        if step.kind in (*NETS, "totals.any") and sum(one.kind in _CHARGED for one in block[place:]) > 1:
            whole = _made(fields, step.amount, block[place + 1 :], least)
            if whole is not None:
                return whole
    return None


_CHARGED: Final = ("totals.tax", "withheld")


def _made(fields: Fields, start: Decimal, block: Sequence[Step], least: Decimal = Decimal(0)) -> Step | None:
    """The first row that a sum makes with rows before it; one without a name is the whole where taxes lead
    to it. What is less than the whole that is known is a part of it."""
    for place, step in enumerate(block):
        named = step.kind in WHOLE or (not step.kind and _taxes(block[:place]))
        if not named or step.amount == start or abs(step.amount) < least:
            continue
        found = _explained(start, block[:place], step.amount)
        if found is not None:
            _put(fields, start, found, step)
            return step
    return None


def _sum_told(fields: Fields, block: Sequence[Step]) -> None:
    """The sum of the lines, where a row of its own is called so; else a sum without tax is the net total."""
    lines, net = fields.values.get("totals.lines"), fields.values.get("totals.net")
    made = {lines, _sum_of_lines(fields)} - {None}
    told = next((step for step in block if step.kind == "totals.lines" and step.amount in made), None)
    if told is not None and lines is None:
        fields.put("totals.lines", told.amount, 0.85, "rule", told.row.words, told.row.row.page)
    if told is None and lines is not None and lines == net:
        fields.drop("totals.lines")


def _no_tax(fields: Fields, block: Sequence[Step]) -> None:
    """``Tax (reverse charge)  0.00`` where the net total is the whole."""
    gross = fields.values.get("totals.gross")
    told = next((step for step in _taxes(block) if not step.amount), None)
    if told is not None and gross is not None and fields.values.get("totals.net", gross) == gross:
        fields.put("totals.tax", told.amount, 0.8, "rule", told.row.words, told.row.row.page)


def _taxes(block: Sequence[Step]) -> list[Step]:
    return [step for step in block if step.kind == "totals.tax"]


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
    rows = [value.seg.row for value in shown(fields) if value.value == gross]
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
    for value in shown(fields):
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


def _explained(lines: Decimal, block: Sequence[Step], whole: Decimal) -> list[Step] | None:
    """The steps from the sum of the lines to the whole: all taxes, charges and discounts, or all but a few
    that are told twice."""
    changes = [step for step in block if step.kind in SIGNS]
    taxed = any(step.kind == "totals.tax" for step in changes)
    for left_out in range(min(len(changes), 3 if len(changes) <= _FEW else 1) + 1):
        for without in combinations(changes, left_out):
            used = [step for step in changes if step not in without]
            if taxed and not any(step.kind == "totals.tax" for step in used):
                continue  # the lines have their tax in them
            if used and _is_rounded(lines + sum(map(_change, used)), whole, used):
                return used
    return None


_FEW: Final = 6
"""Changes of which up to three may be told twice; of more, one: all choices among them would take long."""


def _is_rounded(made: Decimal, whole: Decimal, used: Sequence[Step]) -> bool:
    """The same, or a whole of coins of five that no row of its own leads to, as the Swiss have it."""
    if made == whole:
        return True
    taxed = all(step.kind == "totals.tax" for step in used)
    return taxed and whole % _COIN == 0 and made % _COIN != 0 and abs(made - whole) < _COIN / 2


_COIN: Final = Decimal("0.05")


def _change(step: Step) -> Decimal:
    sign = SIGNS[step.kind]
    return sign * abs(step.amount) if sign < 0 else step.amount


def _put(fields: Fields, lines: Decimal, used: Sequence[Step], whole: Step) -> None:
    sums = {kind: sum((_change(step) for step in used if step.kind == kind), Decimal(0)) for kind in SIGNS}
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
        fields.drop("totals.due")
        fields.put("totals.due", whole.amount, 0.85, "rule", whole.row.words, whole.row.row.page)
    money = list(shown(fields))
    for path, value in told.items():
        if not value or fields.values.get(path) == value:
            continue
        fields.drop(path)
        seen = next((v for v in money if v.value == value), None)
        if seen is not None:
            fields.put_value(path, value, seen, 0.8, "rule")
        elif path == "totals.tax":
            fields.put(path, value, 0.7, "rule", whole.row.words, whole.row.row.page)
