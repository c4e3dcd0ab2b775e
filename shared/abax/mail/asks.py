"""What is wanted of us: which sentences ask for something, what for, and by when.

Words and forms of asking decide together with a classifier of sentences, where there is one: what reads like
courtesy (``do not hesitate to ask``) asks for nothing, whatever a classifier says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from abax.mail.contracts import Action, Asked, Claim
from abax.mail.entities import Named
from abax.mail.reading import Reading, Sentence
from abax.mail.when import When
from abax.mail.wording import Wording, has_any

MOST: Final = 6
"""Actions of one message; the surest are kept."""
WANTED: Final = 0.5
_FORMS: Final = {"request": 3.2, "need": 3.1, "waiting": 3.0}
"""What forms of asking add to the logarithm of the odds."""
_NOTHING: Final = -2.6
_TWICE: Final = 0.8
_PLACED: Final = 0.88
"""How sure it is that an order that is placed wants to be delivered, whatever courtesies are around it."""
_QUESTION: Final = 2.9
_OPENING: Final = 0.6
_COURTESY: Final = -4.5
_CONDITION: Final = -0.9
_SUBJECT: Final = -0.6
_TRUST: Final = 0.45
"""How much of a classifier's log odds is taken over."""
_LOUDEST: Final = 3.5
_DOUBT: Final = {"request": -0.35, "need": -0.35, "question": -0.5, "waiting": -0.35}
"""The most that a classifier takes off where a form of asking is there: it has learnt fewer than we know."""
_SETTLES: Final = frozenset({"correct", "refund"})
"""Kinds that a document is sent for: ``send us a corrected invoice`` asks for the correction."""
_LONGER: Final = 0.3
_SOONER: Final = 0.5
_MORE: Final = 0.2
"""What a further word of a phrase, the first place and a further phrase add to a kind."""
_TAKES_EFFECT: Final = frozenset({"cancel", "change_data"})
_VERBS_LAST: Final = ("de", "nl")
"""Languages whose verbs may stand at the end of what they ask."""
_VERB_WITHIN: Final = 2
_FEWEST: Final = 3
"""Words of a second thing to do: ``correct and resend`` is one."""
_DENIED: Final = 3
"""Words before one that it is paid among which a negation denies it."""
_SHORTEST: Final = 2
_LONGEST_TEXT: Final = 300


@dataclass(frozen=True)
class _Asking:
    sentence: Sentence
    share: float
    kind: str
    outright: bool
    """It asks in so many words, and does not only say what is missing."""
    first: str = ""
    """Of a second thing that a sentence asks for: what its first one is."""


def asked(
    reading: Reading,
    wording: Wording,
    names: Named,
    classified: Mapping[int, float] | None = None,
    *,
    machine: bool = False,
) -> Asked:
    """What the message asks for. ``classified`` are a classifier's shares that a sentence asks, by place;
    what a ``machine`` sent asks for little."""
    shares = {
        sentence.place: _share(sentence, wording, (classified or {}).get(sentence.place), machine)
        for sentence in reading.sentences
    }
    asking = [
        one
        for sentence in reading.sentences
        if shares[sentence.place] >= WANTED
        for one in _parts(_asking(sentence, shares[sentence.place], reading, wording), wording)
    ]
    actions = tuple(_actions(asking, reading, names))
    return Asked(wanted=_wanted(reading, shares, classified is not None), actions=actions)


def _asking(sentence: Sentence, share: float, reading: Reading, wording: Wording) -> _Asking:
    labels = forms_of(sentence, wording)
    outright = (
        sentence.is_question
        or not labels.isdisjoint(("request", "need", "placing"))
        or "waiting" not in labels
    )
    before = _before(sentence, reading) if outright else ()
    return _Asking(sentence, share, kind_of(sentence, wording, before), outright)


def _parts(one: _Asking, wording: Wording) -> list[_Asking]:
    """What a sentence asks for: one thing, or two that ``and`` joins."""
    second = _second(one, wording)
    return [one] if second is None else [replace(one, kind=second.first), second]


def _before(sentence: Sentence, reading: Reading) -> list[Sentence]:
    """The sentence before one, then the subject."""
    return [reading.sentences[place] for place in dict.fromkeys((max(0, sentence.place - 1), 0))]


def is_courtesy(sentence: Sentence, wording: Wording) -> bool:
    """Whether a sentence is a form that asks for nothing."""
    return "courtesy" in forms_of(sentence, wording)


@lru_cache(maxsize=4096)
def forms_of(sentence: Sentence, wording: Wording) -> frozenset[str]:
    """The forms of asking, and of courtesy, that a sentence has."""
    return frozenset(hit.label for hit in wording.asks.find(sentence.words))


def kind_of(sentence: Sentence, wording: Wording, before: Sequence[Sentence] = ()) -> str:
    """What a sentence that asks wants done, by its words: of several kinds the one that says most. One that
    says nothing of it (``Could you do that?``) means what was said ``before``, the nearest first."""
    if "placing" in forms_of(sentence, wording):
        return "deliver"
    found = _kinds(sentence, wording)
    about_money = "pay" in found or "check" in forms_of(sentence, wording)
    if found.keys() <= {"pay", "explain"} and about_money and _is_paid(sentence, wording, before):
        return "confirm"
    if found.keys() <= {"explain"}:
        for other in before:
            spoken = {kind: weight for kind, weight in _kinds(other, wording).items() if kind != "explain"}
            if spoken and not found:
                found = spoken
                break
    if not found:
        return "explain" if sentence.is_question else "other"
    if len(found) > 1 and ("decide" in found or _is_paid(sentence, wording, before)):
        found.pop("pay", None)
    if found.keys() & _SETTLES:
        found = {kind: weight for kind, weight in found.items() if kind not in ("send_document", "explain")}
    elif sentence.is_question and "explain" in found and len(found) > 1:
        found["explain"] += 0.7
    elif len(found) > 1:
        found.pop("explain", None)
    return _most(found, wording)


def _most(found: Mapping[str, float], wording: Wording) -> str:
    return max(found, key=lambda kind: (found[kind], -wording.kind_order[kind]))


def _is_paid(sentence: Sentence, wording: Wording, before: Sequence[Sentence]) -> bool:
    """Whether the writer has paid what is spoken of: who says so wants it confirmed, and no money."""
    return any(
        hit.label == "paid"
        and not has_any(one.words[max(0, hit.first - _DENIED) : hit.last], wording.negations)
        for one in (sentence, *before)
        for hit in wording.asks.find(one.words)
    )


def _second(one: _Asking, wording: Wording) -> _Asking | None:
    """What a sentence asks for behind ``and``, where a verb says that it is another thing to do."""
    words = one.sentence.words
    for place in range(2, len(words) - 1):
        if words[place].text not in wording.joining:
            continue
        behind = words[place + 1 :]
        if len(behind) < _FEWEST:
            return None
        reach = len(behind) if wording.language in _VERBS_LAST else _VERB_WITHIN
        if not has_any(behind[:reach], wording.verbs):
            continue
        rest = Sentence(one.sentence.text[behind[0].start :], one.sentence.place)
        kind = kind_of(rest, wording) if _kinds(rest, wording) else "other"
        first = kind_of(Sentence(one.sentence.text[: words[place].start], one.sentence.place), wording)
        if kind not in (first, "other", "explain") and first not in ("other", "pay", "explain"):
            return replace(one, kind=kind, first=first)
    return None


def _kinds(sentence: Sentence, wording: Wording) -> dict[str, float]:
    """What its words weigh for each kind; what is said first is asked for, the rest is what it is about."""
    hits = list(wording.kinds.find(sentence.words))
    first = min((hit.first for hit in hits), default=0)
    found: dict[str, float] = {}
    for hit in hits:
        length = len(hit.phrase.replace("...", "").split())
        weight = 1.0 + _LONGER * (length - 1) + _SOONER * (hit.first == first)
        found[hit.label] = max(found.get(hit.label, 0.0) + _MORE, weight)
    return found


def _share(sentence: Sentence, wording: Wording, classified: float | None, machine: bool) -> float:
    """How likely a sentence asks for something."""
    words = sentence.words
    if len(words) < _SHORTEST and not sentence.is_question:
        return 0.02
    labels = forms_of(sentence, wording)
    if "placing" in labels and not sentence.is_subject:
        return _PLACED
    odds = _NOTHING + max((_FORMS[name] for name in labels if name in _FORMS), default=0.0)
    odds += _TWICE * (len(labels & _FORMS.keys()) > 1)
    if sentence.is_question and words:
        odds += _QUESTION + _OPENING * (words[0].text in wording.questions)
    odds += _COURTESY * ("courtesy" in labels) + _CONDITION * ("conditional" in labels)
    odds += _SUBJECT * sentence.is_subject - 1.5 * machine
    if classified is not None and "courtesy" not in labels:
        pull = _TRUST * _log_odds(classified)
        odds += max(pull, _doubt(labels | ({"question"} if sentence.is_question else set())))
    return 1 / (1 + math.exp(-odds))


def _doubt(labels: Collection[str]) -> float:
    """The most that a classifier may take off, by the forms of asking that are there."""
    return max((_DOUBT[name] for name in labels if name in _DOUBT), default=-_LOUDEST)


def _log_odds(share: float) -> float:
    bounded = min(max(share, 1e-4), 1 - 1e-4)
    return max(-_LOUDEST, min(_LOUDEST, math.log(bounded / (1 - bounded))))


def _wanted(reading: Reading, shares: Mapping[int, float], classified: bool) -> Claim[bool]:
    """Whether anything is wanted: the surest sentence decides."""
    best = max(reading.sentences, key=lambda sentence: shares[sentence.place])
    share = shares[best.place]
    wanted = share >= WANTED
    return Claim(
        value=wanted,
        confidence=round(share if wanted else 1 - share, 4),
        evidence=best.evidence if wanted else "",
        method="classifier" if classified else "words",
    )


def _actions(asking: Sequence[_Asking], reading: Reading, names: Named) -> Iterator[Action]:
    """One for each sentence that asks: the subject only where none below it does, what merely says that
    something is missing only where nothing is asked outright."""
    body = [one for one in asking if not one.sentence.is_subject]
    kept = body or list(asking)
    kept = [one for one in kept if one.outright] or kept
    kept = [one for one in kept if one.kind != "other"] or kept
    surest = sorted(kept, key=lambda one: -one.share)[:MOST]
    for one in sorted(surest, key=lambda one: one.sentence.place):
        yield Action(
            kind=one.kind,
            text=one.sentence.text[:_LONGEST_TEXT],
            due=due_of(one.sentence, reading, names, strict=one.kind in _TAKES_EFFECT),
            evidence=one.sentence.evidence,
            confidence=round(one.share, 4),
        )


def due_of(sentence: Sentence, reading: Reading, names: Named, *, strict: bool = False) -> date | None:
    """By when what a sentence asks for is wanted: what it says itself, else what the next one or the subject
    says is a deadline. ``strict`` takes deadlines alone: the day that a termination takes effect is none."""
    own = _due(names.days_of(sentence), reading.day, strict=strict)
    if own is not None:
        return own
    places = [sentence.place + 1, sentence.place - 1, 0]
    for place in places:
        if 0 <= place < len(reading.sentences) and place != sentence.place:
            near = _due(names.days_of(reading.sentences[place]), reading.day, strict=True)
            if near is not None:
                return near
    return None


def _due(days: Sequence[When], today: date, *, strict: bool) -> date | None:
    """The day among those of a sentence: a deadline, else one ahead that is reckoned from today, else any
    day ahead that is not what something is dated."""
    ahead = [when for when in days if when.value >= today]
    deadlines = [when.value for when in ahead if when.deadline]
    if deadlines or strict:
        return min(deadlines, default=None)
    free = [when for when in ahead if not when.origin]
    return min([when.value for when in free if when.relative] or [when.value for when in free], default=None)
