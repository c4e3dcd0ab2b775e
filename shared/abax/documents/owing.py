"""What is owed of the whole: less what was paid before and what is withheld, by what adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from abax.documents.contracts import DocumentType
from abax.documents.fields import Fields
from abax.documents.reckoning import CENT
from abax.documents.spans import Value
from abax.documents.steps import NETS, SIGNS, Step, is_withheld


def fill(fields: Fields, steps: Sequence[Step], whole: Step | None) -> None:
    """What is owed and what was paid before, where rows below the whole tell it."""
    if fields.type is not DocumentType.RECEIPT:
        _below_whole(fields, steps, whole)
    _between(fields)
    _at_odds(fields)


def settle(fields: Fields) -> None:
    """The whole is owed, where nothing else is said."""
    if "totals.gross" in fields.values and not {"totals.due", "totals.prepaid"} & fields.values.keys():
        found = fields.evidence["totals.gross"]
        fields.values["totals.due"] = fields.values["totals.gross"]
        fields.evidence["totals.due"] = found.model_copy(update={"confidence": 0.8 * found.confidence})


def _below_whole(fields: Fields, steps: Sequence[Step], whole: Step | None) -> None:
    """Rows right below the whole that lead from it to a last one, each taken off, are what was paid before
    and what is withheld, whatever they are called."""
    if whole is None:
        gross = fields.values.get("totals.gross")
        whole = next((one for one in steps if one.amount == gross and one.kind not in (*NETS, *SIGNS)), None)
    if whole is None or whole.kind == "totals.due" or whole.amount <= 0:
        return
    taken: list[Step] = []
    for step in steps[steps.index(whole) + 1 :]:
        off = sum((abs(one.amount) for one in taken), Decimal(0))
        left = whole.amount - off
        if taken and step.kind not in (*NETS, *SIGNS) and _is_left(step, left, taken):
            _put(fields, taken, step, left)
            return
        if len(taken) > 1 and abs(step.amount) == off:
            continue  # their sum
        if not _is_taken(step, whole.amount) or step.amount == whole.amount:
            return
        taken.append(step)


def _is_left(step: Step, left: Decimal, taken: Sequence[Step]) -> bool:
    """It is the rest, and no part that is to be paid later; where more was paid than is owed, it is what
    comes back."""
    if left >= 0:
        return step.amount == left and _is_told(step, taken)
    return abs(step.amount) == -left and any(one.kind == "totals.prepaid" for one in taken)


def _is_told(step: Step, taken: Sequence[Step]) -> bool:
    """A word or a sign says that it is what is left: two amounts of several days are parts of a payment."""
    if step.kind == "totals.due":
        return True
    dated = any(value.type == "date" for value in step.row.row.values)
    return not dated and any(one.amount < 0 or one.kind in _OFF for one in taken)


_OFF: Final = ("totals.prepaid", "totals.allowances", "withheld", "held")


def _is_taken(step: Step, whole: Decimal) -> bool:
    if step.kind in _HELD or not step.amount:
        return step.kind in (*_HELD, "totals.prepaid")
    row = step.row.row
    return step.kind not in _KEPT and not (_EARLY.search(row.text) or _is_small_share(step, whole))


_HELD: Final = ("withheld", "held")


def _is_small_share(step: Step, whole: Decimal) -> bool:
    """It is the few per cent of the whole that it says: a discount for those who pay early."""
    return any(
        isinstance(value.value, Decimal)
        and 0 < abs(value.value) <= _FEW
        and abs(whole * abs(value.value) / 100 - abs(step.amount)) <= CENT
        for value in step.row.row.values
        if value.type == "percent"
    )


_FEW: Final = 5
"""Per cent."""
_KEPT: Final = frozenset({"totals.tax", "totals.charges", "totals.rounding", *NETS})
_EARLY: Final = re.compile(
    r"skont|escompte|cash disc|early|prompt|pronto pago|betalingskort|if paid|sconto cassa", re.IGNORECASE
)
"""What would be taken off by somebody who pays early."""


def _put(fields: Fields, taken: Sequence[Step], due: Step, left: Decimal) -> None:
    paid = [step for step in taken if step.kind not in _HELD]
    before = sum((abs(step.amount) for step in paid), Decimal(0))
    fields.drop("totals.prepaid")
    if paid:
        row = paid[0].row
        fields.put("totals.prepaid", before, 0.85, "rule", row.words, row.row.page)
    if fields.values.get("totals.due") != left:
        fields.drop("totals.due")
        fields.put("totals.due", left, 0.85, "rule", due.row.words, due.row.row.page)
    if abs(fields.values.get("totals.allowances", 0)) in {abs(step.amount) for step in taken}:
        fields.drop("totals.allowances")


def _between(fields: Fields) -> None:
    """What stands between the whole and what is still owed, and is their difference, was paid before."""
    gross, due = fields.values.get("totals.gross"), fields.values.get("totals.due")
    if gross is None or due is None or gross == due or "totals.rounding" in fields.values:
        return
    money = list(shown(fields))
    rows = {value: {v.seg.row for v in money if v.value == value} for value in (gross, due)}
    for value in money:
        between = any(row < value.seg.row for row in rows[gross]) and any(
            value.seg.row < row for row in rows[due]
        )
        held = is_withheld(fields.sight.rows[value.seg.row].text)
        if between and not held and abs(value.value) == abs(gross - due):  # type: ignore[arg-type]
            fields.drop("totals.prepaid")
            fields.put_value("totals.prepaid", gross - due, value, 0.8, "rule")
            return


def _at_odds(fields: Fields) -> None:
    """Totals that contradict each other: what is owed is not the net total, nor of another sign than the
    whole; a till says how its whole was paid, not what was paid before."""
    net, tax, gross, due, paid = (
        fields.values.get(f"totals.{name}") for name in ("net", "tax", "gross", "due", "prepaid")
    )
    if gross is None:
        return
    if due is not None and due == -gross and gross < 0:
        fields.values["totals.due"] = gross
    only_net = net is not None and tax and due == net and net + tax == gross
    if only_net and paid is None and not _is_withheld(fields):
        fields.drop("totals.due")
    if paid and due == gross and fields.evidence["totals.due"].method != "rule":
        fields.drop("totals.prepaid")
    if fields.type is DocumentType.RECEIPT and paid is not None and paid >= gross:
        fields.drop("totals.prepaid")


def _is_withheld(fields: Fields) -> bool:
    return any(is_withheld(row.text) for row in fields.sight.rows)


def shown(fields: Fields) -> Iterator[Value]:
    """Amounts that are no line's."""
    for value in fields.sight.values:
        if value.type == "amount":
            words = value.seg.words_of(value.start, value.end)
            if id(words[0]) not in fields.in_lines:
                yield value
