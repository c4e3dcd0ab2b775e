"""A document's own date among others: of services, orders, laws, and documents that it speaks of.

Rankers learn where dates stand; these rules say what the words before a date make of it, in any layout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from abax.documents import lexicon, titles

if TYPE_CHECKING:
    from abax.documents.candidates import Candidate
    from abax.documents.spans import Sight

PLACED: Final = 0.7
"""``Leipzig, den 3. M\u00e4rz 2026`` in the upper part of the first page."""
OTHER: Final = 0.1
"""What remains of the chance of a date that is another document's."""
BESIDE: Final = 0.3
"""What remains where another date is said to be the document's."""
_JOINING: Final = frozenset(
    {"vom", "du", "del", "le", "den", "of", "il", "el", "van", "z", "dnia", "am", "on"}
)
"""Words that tell nothing by themselves: what stands before them does."""
_PLACE: Final = re.compile(
    r"^\s*[^\W\d_][^\d:,;()]{2,28},\s*(?:den|le|li|il|a|am|dnia|op)?\s*$", re.IGNORECASE
)
_YEAR: Final = re.compile(r"\d{4}|[./-]\d{2}$")
_UPPER: Final = 0.5


def weighed(found: Sequence[Candidate], scores: Sequence[float], sight: Sight) -> list[float]:
    """The chances of dates to be the document's own, with what the words before them say."""
    weights = list(scores)
    things = [_is_of_a_thing(one) for one in found]
    told = [_is_told(one) and not thing for one, thing in zip(found, things, strict=True)]
    for place, one in enumerate(found):
        if told[place]:
            continue
        placed = _follows_number(one, sight)
        if things[place] or (_of_another(one) and not placed):
            weights[place] *= OTHER
        elif not any(told) and (placed or _is_placed(one, sight)):
            weights[place] = max(weights[place], PLACED)
            told[place] = True
    if any(told):
        weights = [weight if own else BESIDE * weight for weight, own in zip(weights, told, strict=True)]
    return weights


def _is_told(one: Candidate) -> bool:
    """A label that means the date of issue stands right before it."""
    label = one.related.label
    return (
        label is not None
        and one.related.left.get("issue_date", 0.0) >= 0.95
        and label.kinds[0] == "issue_date"
        and not _joins(one)
    )


def _joins(one: Candidate) -> bool:
    """Only ``of``, ``vom``, ``du`` and the like stands between it and other words of its line."""
    seg, label = one.value.seg, one.related.label
    if label is not None and label.seg is seg and label.start <= 1 and label.kinds[0] == "issue_date":
        return False
    before = re.findall(r"[^\W_]+", seg.text[: one.value.start])
    return len(before) > 1 and lexicon.plain(before[-1]) in _JOINING


def _of_another(one: Candidate) -> bool:
    """``zu Rechnung 17 vom 3.5.``, ``D.P.R. 472 del 14/08/1996``: no title or number of its own is before."""
    if not _joins(one):
        return False
    seg = one.value.seg
    words = [lexicon.plain(word.text) for word in seg.words]
    if words and words[0] and titles.find(words, 0) is not None:
        return False
    first = seg.labels[0] if seg.labels else None
    own = first is not None and first.start <= 1 and first.kinds[0].startswith(("number.", "issue_date"))
    return not own and _PLACE.match(seg.text[: one.value.start]) is None


def _is_of_a_thing(one: Candidate) -> bool:
    """When a car was registered, a person born, or a period begins."""
    seg, start, label = one.value.seg, one.value.start, one.related.label
    said = [value.end for value in seg.values if value.type == "date" and value.end <= start]
    said += [each.start for each in seg.labels if each.end <= start]
    before = seg.text[max(said, default=0) : start]
    if _begins_period(one):
        return True
    if label is not None and label.seg is not seg:
        before = f"{label.seg.text} {before}"
    elif not before.strip() and seg.left is not None:
        before = seg.left.text
    return _OF_A_THING.search(before[-_NEAR:]) is not None


def _begins_period(one: Candidate) -> bool:
    """``Du 01/01/2026 au 31/01/2026``: no label but ``du`` says that it is the document's."""
    value, label = one.value, one.related.label
    after = next((v for v in value.seg.values if v.type == "date" and v.start >= value.end), None)
    if after is None or _UP_TO.fullmatch(value.seg.text[value.end : after.start]) is None:
        return False
    return label is None or label.length <= _SHORT


_SHORT: Final = 4
_UP_TO: Final = re.compile(
    r"\s*(?:[-\u2013\u2014]|to|until|through|bis(?: zum)?|au|al|hasta(?: el)?|tot(?: en met)?|t/m|do)\s*",
    re.IGNORECASE,
)
_NEAR: Final = 40
_OF_A_THING: Final = re.compile(
    r"\bmec\b|mise en circulation|immatricul|erstzulassung|\bez\b\W*$|first reg|date of (?:reg|birth)"
    r"|matriculaci|immatricol|eerste toelating|pierwsz\w+ rejestr|geboren|\bgeb\.|\bn\u00e9e? le|naissance"
    r"|nacimiento|nascita|urodz|baujahr",
    re.IGNORECASE,
)


def _follows_number(one: Candidate, sight: Sight) -> bool:
    """``N. 2204/26 del 03/02/2026`` right below the title, or ``Invoice INV-17 of 03/02/2026``."""
    seg = one.value.seg
    if sight.rows[seg.row].depth > _UPPER or seg.page != sight.rows[0].page:
        return False
    title = titles.find(own, 0) if (own := [lexicon.plain(word.text) for word in seg.words])[0] else None
    if title is not None and title.words < len(seg.starts):
        return _TITLED.fullmatch(seg.text[seg.starts[title.words] : one.value.start]) is not None
    if not _NUMBERED.fullmatch(seg.text[: one.value.start]):
        return False
    above = sight.rows[max(0, seg.row - 1)].segs
    first = ([lexicon.plain(word.text) for word in other.words] for other in above)
    return any(words[0] and titles.find(words, 0) is not None for words in first)


_CODE: Final = r"(?=\S*\d)\S+(?: ?/ ?\d+)?\s+(?:del|du|vom|of|van|z dnia|de|le|dated)\s*"
_NUMBERED: Final = re.compile(rf"\W*(?:n|nr|no|num|n\u00ba|n\u00b0)\W{{0,3}}{_CODE}", re.IGNORECASE)
_TITLED: Final = re.compile(rf"\W*(?:(?:n|nr|no|num|n\u00ba|n\u00b0)\b\W{{0,3}})?{_CODE}", re.IGNORECASE)


def _is_placed(one: Candidate, sight: Sight) -> bool:
    """After a place and a comma, as letters have it."""
    seg, first = one.value.seg, sight.rows[0].page
    return (
        seg.page == first
        and sight.rows[seg.row].depth < _UPPER
        and _PLACE.match(seg.text[: one.value.start]) is not None
        and _YEAR.search(one.value.text) is not None
    )
