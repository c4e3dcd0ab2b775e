"""Whether a sentence says only what the close holds. Each fault is a reason to drop the sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from abax.writing.figures import Figure, Figures
from abax.writing.reading import Claim, Number, Unreadable, When, claims, normalised, word_set, words_of

UP: Final = word_set(
    "rose rise rises risen rising grew grow grows grown growing growth increased increase increases "
    "increasing up higher more gained gain climbed expanded"
)
DOWN: Final = word_set(
    "fell fall falls fallen falling declined decline declines declining decreased decrease decreases "
    "decreasing down lower less dropped drop shrank contracted"
)
PLAIN: Final = word_set(
    "a an the this that these it its and while whereas which as of in on at to from for with by against "
    "after was were is are be been had has have came come coming stood stand standing reached reaching "
    "amounted amounting totalled totaling compared comparison versus than recorded reported"
)
"""Words that connect and claim nothing by themselves: a rewording may exchange these, and no others."""
_SIGNS: Final = frozenset({"profit", "loss", "overdrawn", "brought", "used"})
"""Words that give an amount its sign: they stay, in their order."""
_CHANGES: Final = frozenset({"change", "difference", "growth"})
_STEPS_TO: Final = frozenset({"by", "up", "down"})


def fault(text: str, cited: Sequence[Figure], whens: Collection[str], figures: Figures) -> str:
    """Why ``text`` cannot stand: a cited figure that the close does not hold, or a number or date in the text
    that is none of those cited. Empty when there is nothing against it."""
    strange = next((figure for figure in cited if not figures.holds(figure)), None)
    if strange is not None:
        return f"{strange.label or strange.path} is not a figure of this close"
    text = unnamed(text, cited)
    try:
        found = claims(text)
    except Unreadable as error:
        return str(error)
    for claim in found:
        if isinstance(claim, When) and claim.label not in whens:
            return f"{claim.label} is not a period that the sentence is about"
        if isinstance(claim, Number) and not any(claim.means(figure) for figure in cited):
            return f"{_quoted(text, claim)} is not among the figures of the close that the sentence is about"
    return ""


def unnamed(text: str, cited: Sequence[Figure]) -> str:
    """The text without the names of accounts and partners that it cites: their digits state nothing."""
    for figure in cited:
        if figure.report in ("trial_balance", "aged_receivables", "aged_payables"):
            for name in (figure.label, figure.label[:1].upper() + figure.label[1:]):
                text = text.replace(name, " ") if name else text
    return text


def rewording_fault(text: str, base: str, cited: Sequence[Figure], figures: Figures) -> str:
    """Why ``text`` may not stand in for the sentence ``base``, which is known to be right and names the
    figures ``cited`` in this order. It may only put the same claims into other plain words:

    - the same numbers and dates, in the same order, so that none changes its meaning;
    - a change is still a change (``by 5 %``, never ``to 5 %``), in the same direction;
    - all other words but the plain ones stay, in their order: no cause, judgement or name is added or lost;
    - one sentence, of about the same length, that does not stammer.
    """
    try:
        ours, theirs = claims(base), claims(text)
    except Unreadable as error:
        return str(error)
    return (
        fault(text, cited, {claim.label for claim in ours if isinstance(claim, When)}, figures)
        or _other_claims(text, ours, theirs, cited)
        or _other_meaning(text, base, theirs, cited)
        or _other_words(text, base)
        or _no_sentence(text, base)
    )


def _other_claims(text: str, ours: list[Claim], theirs: list[Claim], cited: Sequence[Figure]) -> str:
    if len(ours) != len(theirs):
        return f"it states {len(theirs)} numbers and dates, not {len(ours)}"
    numbers = iter(cited)
    for mine, claim in zip(ours, theirs, strict=True):
        same = (
            isinstance(claim, Number) and claim.means(next(numbers))
            if isinstance(mine, Number)
            else isinstance(claim, When) and claim.label == mine.label
        )
        if not same:
            place = "another number" if isinstance(mine, Number) else mine.label
            return f"{_quoted(text, claim)} stands where {place} belongs"
    return ""


def _other_meaning(text: str, base: str, theirs: list[Claim], cited: Sequence[Figure]) -> str:
    plain = normalised(text)
    numbers = [claim for claim in theirs if isinstance(claim, Number)]
    known = _left_words(base, cited)
    for place, (claim, figure) in enumerate(zip(numbers, cited, strict=True)):
        left = _left_of(plain, claim)
        steps = left in _STEPS_TO or (left == "of" and _says_change(plain[: claim.start]))
        if left != known[place] and steps != (figure.formula in _CHANGES):
            return f"{_quoted(text, claim)} reads as {'a change' if steps else 'an amount'}"
    if _signs(base) != _signs(text):
        return "profit and loss, or in and out, have changed places"
    ours, other = set(words_of(base)), set(words_of(text))
    for mine, opposite in ((UP, DOWN), (DOWN, UP)):
        if ours & mine and not other & mine:
            return "the direction is gone"
        if not ours & opposite and other & opposite:
            return "the direction is another"
    return ""


def _signs(text: str) -> list[str]:
    return [word for word in words_of(text) if word in _SIGNS]


def _left_words(base: str, cited: Sequence[Figure]) -> list[str]:
    plain = normalised(base)
    words = [_left_of(plain, claim) for claim in claims(base) if isinstance(claim, Number)]
    return words + [""] * (len(cited) - len(words))


def _left_of(plain: str, claim: Claim) -> str:
    before = words_of(plain[: claim.start])
    return before[-1] if before else ""


def _says_change(before: str) -> bool:
    words = words_of(before)
    return len(words) > 1 and words[-2] in UP | DOWN


def _other_words(text: str, base: str) -> str:
    ours, theirs = _telling(base), _telling(text)
    if alien := [word for word in theirs if word not in ours]:
        return f"{alien[0]!r} is not in the fact"
    return "" if ours == theirs else "its words are not those of the fact, or not in their order"


def _telling(text: str) -> list[str]:
    """The words that say something, numbers and dates left out."""
    plain = normalised(text)
    for claim in claims(text):
        plain = plain[: claim.start] + " " * (claim.end - claim.start) + plain[claim.end :]
    return [word for word in words_of(plain) if word not in PLAIN | UP | DOWN]


def _no_sentence(text: str, base: str) -> str:
    words = normalised(text).split()
    if any(one.lower() == other.lower() for one, other in pairwise(words)) or _pairs(text) > _pairs(base):
        return "it repeats itself"
    if not re.fullmatch(r"[A-Z].*[^\s.]\.", text) or re.search(r"[.!?:;]\s", text):
        return "it is not one plain sentence"
    return "" if 0.6 <= len(text) / len(base) <= 1.6 else "it is much shorter or longer than the fact"


def _pairs(text: str) -> int:
    """How many pairs of words come again."""
    pairs = list(pairwise(words_of(text)))
    return len(pairs) - len(set(pairs))


def _quoted(text: str, claim: Claim) -> str:
    return repr(normalised(text)[claim.start : claim.end].strip())
