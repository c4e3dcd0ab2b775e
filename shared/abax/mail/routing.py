"""Which department takes mail whose category is known: by what it says of who owes whom, and of what it is.

Three things speak, each with its sentence: whose invoice, order or reminder it is (``our invoice`` is what a
supplier writes, ``your invoice`` a customer), phrases that only one side writes (``when do we get paid``),
and the taxonomy's routes (a complaint of a late delivery is for logistics). The books outweigh words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from abax.mail.contracts import Claim
from abax.mail.desk import Desk
from abax.mail.entities import Named
from abax.mail.reading import Reading, Sentence
from abax.mail.wording import Wording

_LEDGER: Final = 4.0
_ROLE: Final = 1.0
_WHOSE: Final = 1.0
_REACH: Final = 3
"""How many words may stand between ``our`` and what is ours: ``our last two invoices``."""
_UNSAID: Final = 0.6
_LEAST_SURE: Final = 0.7
_MOST_SURE: Final = 0.95
_A_POINT: Final = 0.1
_BY_BOOKS: Final = 0.97


@dataclass(frozen=True)
class _Point:
    """Something that speaks for a department, or for a side."""

    name: str
    weight: float
    evidence: str
    method: str = "words"


def department_of(
    category: Claim[str], reading: Reading, wording: Wording, names: Named, partner: str, desk: Desk
) -> Claim[str]:
    """The department with most said for it; the category's own where nothing is said, or as much for both."""
    of = desk.taxonomy.category(category.value)
    points = list(_of_routes(category.value, reading, wording, desk))
    if of.supplier_department:
        sides = {"supplier": of.supplier_department, "customer": of.department}
        points += [
            _Point(sides[point.name], point.weight, point.evidence, point.method)
            for point in _of_sides(reading, wording, names, partner, desk)
        ]
    sums: dict[str, float] = {of.department: 0.0}
    for point in points:
        sums[point.name] = sums.get(point.name, 0.0) + point.weight
    name = max(sums, key=lambda one: sums[one])
    best = max((point for point in points if point.name == name), key=lambda one: one.weight, default=None)
    if best is None:
        sure = _UNSAID if of.supplier_department else 1.0
        return category.model_copy(update={"value": name, "confidence": round(category.confidence * sure, 4)})
    margin = sums[name] - max((value for one, value in sums.items() if one != name), default=0.0)
    sure = _BY_BOOKS if best.method == "ledger" else min(_MOST_SURE, _LEAST_SURE + _A_POINT * margin)
    return Claim(
        value=name,
        confidence=round(category.confidence * sure, 4),
        evidence=best.evidence,
        method=best.method,
    )


def _of_routes(category: str, reading: Reading, wording: Wording, desk: Desk) -> Iterator[_Point]:
    seen: set[str] = set()
    routes = desk.taxonomy.routes_of(category, wording.language)
    if routes is None:
        return
    for sentence in reading.sentences:
        for hit in routes.longest(sentence.words):
            if hit.phrase not in seen:
                seen.add(hit.phrase)
                department, weight = hit.label
                yield _Point(department, weight, sentence.evidence)


def _of_sides(reading: Reading, wording: Wording, names: Named, partner: str, desk: Desk) -> Iterator[_Point]:
    """Who writes, a ``supplier`` or a ``customer``: by the books where they know one side alone, and by
    words."""
    sides = [desk.known.partners.get(partner, "")] if partner else []
    for one in names.of("invoice"):
        if one.known:
            sides += [item.side for item in desk.known.open_items(one.value)]
            sides += [item.side for item in desk.known.settled(one.value)]
    known = {side for side in sides if side}
    if len(known) == 1:
        yield _Point("supplier" if known == {"payable"} else "customer", _LEDGER, "", "ledger")
    for sentence in reading.sentences:
        for hit in wording.roles.longest(sentence.words):
            yield _Point(hit.label, _ROLE, sentence.evidence)
        for side in whose(sentence, wording):
            yield _Point(side, _WHOSE, sentence.evidence)


def whose(sentence: Sentence, wording: Wording) -> Iterator[str]:
    """The side that writes, for each thing of a sentence that is said to be ours or yours: what is ``sold``
    and ours is a supplier's, what is ``bought`` and ours is a customer's."""
    for hit in wording.things.longest(sentence.words):
        before = sentence.words[max(0, hit.first - _REACH - 1) : hit.first]
        behind = sentence.words[hit.last : hit.last + 1] if wording.language in ("pl", "it") else ()
        near = [word.text for word in (*before, *behind)]
        owner = next((one for one in reversed(near) if one in wording.ours or one in wording.yours), "")
        if owner:
            yield "supplier" if (owner in wording.ours) == (hit.label == "sold") else "customer"


__all__ = ["department_of", "whose"]
