"""What is wanted of us: which sentences ask for something, what for, and by when.

Words and forms of asking decide together with a classifier of sentences, where there is one: what reads like
courtesy (``do not hesitate to ask``) asks for nothing, whatever a classifier says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from abax.mail.contracts import Action, Asked, Claim
from abax.mail.deeds import UNKNOWN, VAGUE, deeds_of, forms_of
from abax.mail.entities import Named
from abax.mail.phrases import folded
from abax.mail.reading import Reading, Sentence
from abax.mail.when import When
from abax.mail.wording import Wording, has_any

_POINT: Final = re.compile(r"(?:[-*•·–—]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
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
_SPOKEN: Final = {UNKNOWN: "other", VAGUE: "explain"}
_TAKES_EFFECT: Final = frozenset({"cancel", "change_data"})
_BACK: Final = 4
"""Sentences to which one may refer."""
_SHORTEST: Final = 2
_LONGEST_TEXT: Final = 300
_SHORT_MAIL: Final = 6
"""Sentences of a mail that may do no more than thank."""
_GREETING: Final = 5
_THANKED: Final = 0.9
_PLEASED: Final = frozenset({"thanks", "praise", "positive"})
_THANKS_FOR: Final = re.compile(
    r"(?:[^\W_]+[\s,]+){0,4}?(?:dank|danke|dankeschon|bedanken uns|thanks|thank you|merci|gracias|grazie"
    r"|bedankt|dziekuj\w+|dzieki)(?:[\s,]+[^\W_]+){0,3}?\s(?:fur|for|pour|por|per|voor|za)\s"
)
"""Thanks for something, such as help, which is no cry for it."""
_TROUBLES: Final = frozenset({"negative", "strong", "rebuke", "weary", "matter", "mishap"})


@dataclass(frozen=True)
class _Asking:
    sentence: Sentence
    share: float
    kind: str
    outright: bool
    """It asks in so many words, and does not only say what is missing, or that goods are needed."""


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
    listed = _listed(reading, shares)
    shares |= listed
    if thanks_only(reading, wording):
        return Asked(wanted=Claim(value=False, confidence=_THANKED, method="words"))
    asking = [
        one
        for sentence in reading.sentences
        if shares[sentence.place] >= WANTED and not _heads_list(sentence, listed)
        for one in _asking(sentence, shares[sentence.place], reading, wording)
    ]
    actions = tuple(_actions(asking, reading, names))
    return Asked(wanted=_wanted(reading, shares, classified is not None), actions=actions)


def thanks_only(reading: Reading, wording: Wording) -> bool:
    """Whether a message thanks and says no more: what its subject asks was asked before."""
    body = [sentence for sentence in reading.body if sentence.words]
    if not 0 < len(body) <= _SHORT_MAIL or any(not _is_thanks(one, wording) for one in body):
        return False
    subject = reading.sentences[0]
    is_reply = " ".join(reading.message.subject.split()) != subject.text
    return any("thanks" in _feelings(one, wording) for one in body) and (
        is_reply or _share(subject, wording, None, machine=False) < WANTED
    )


def _is_thanks(sentence: Sentence, wording: Wording) -> bool:
    """Whether a sentence thanks, praises, or is too short to do more than greet or say that all is well."""
    feelings = _feelings(sentence, wording)
    if feelings & _TROUBLES or sentence.is_question or _POINT.match(sentence.text):
        return False
    if has_any(sentence.words, wording.negations):
        return False
    if _THANKS_FOR.match(folded(sentence.text)):
        return True
    if _share(sentence, wording, None, machine=False) >= WANTED:
        return False
    return bool(feelings & _PLEASED) or len(sentence.words) <= _GREETING


def _feelings(sentence: Sentence, wording: Wording) -> frozenset[str]:
    return frozenset(hit.label for hit in wording.sentiment.find(sentence.words))


def _listed(reading: Reading, shares: Mapping[int, float]) -> dict[int, float]:
    """The shares of points of a list that a sentence asks for: ``please send us:``."""
    found: dict[int, float] = {}
    heading = 0.0
    for sentence in reading.body:
        if heading and _POINT.match(sentence.text):
            found[sentence.place] = max(heading, shares[sentence.place])
        else:
            share = shares[sentence.place]
            heading = share if sentence.text.endswith(":") and share >= WANTED else 0.0
    return found


def _heads_list(sentence: Sentence, listed: Mapping[int, float]) -> bool:
    """Whether what a sentence asks for stands in the points below it."""
    return sentence.place + 1 in listed and sentence.place not in listed


def _asking(sentence: Sentence, share: float, reading: Reading, wording: Wording) -> list[_Asking]:
    """What a sentence asks for: one thing, or several that are joined."""
    labels = forms_of(sentence, wording)
    outright = (
        sentence.is_question
        or not labels.isdisjoint(("request", "need", "placing"))
        or "waiting" not in labels
    )
    before = _before(sentence, reading) if outright else ()
    wanting = "need" in labels and not sentence.is_question and labels.isdisjoint(("request", "placing"))
    return [
        _Asking(sentence, share, kind, outright and not (wanting and kind == "deliver"))
        for kind in deeds_of(sentence, wording, before)
    ]


def _before(sentence: Sentence, reading: Reading) -> list[Sentence]:
    """The sentences before one, the nearest first, of which the subject is the second."""
    nearest = max(0, sentence.place - 1)
    places = (nearest, 0, *range(nearest - 1, max(0, nearest - _BACK), -1))
    return [reading.sentences[place] for place in dict.fromkeys(places)]


def is_courtesy(sentence: Sentence, wording: Wording) -> bool:
    """Whether a sentence is a form that asks for nothing."""
    return "courtesy" in forms_of(sentence, wording)


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
    kept = [one for one in kept if one.kind != UNKNOWN] or kept
    kept = [one for one in kept if one.kind != VAGUE] or kept
    surest = sorted(kept, key=lambda one: -one.share)[:MOST]
    wanted = sorted(surest, key=lambda one: one.sentence.place)
    days = [
        due_of(one.sentence, reading, names, strict=_is_strict(one))
        or (_day_of_order(one.sentence, reading, names) if one.kind == "deliver" else None)
        for one in wanted
    ]
    for one, due in zip(wanted, _with_the_rest(wanted, days, reading, names), strict=True):
        yield Action(
            kind=_SPOKEN.get(one.kind, one.kind),
            text=one.sentence.text[:_LONGEST_TEXT],
            due=due,
            evidence=one.sentence.evidence,
            confidence=round(one.share, 4),
        )


def _day_of_order(sentence: Sentence, reading: Reading, names: Named) -> date | None:
    """The day that an order is wanted for, which may stand in a line of its own."""
    later = reading.sentences[sentence.place + 1 :]
    found = (_due(names.days_of(one), reading.day, strict=False) for one in later)
    return next((day for day in found if day is not None), None)


def _is_strict(one: _Asking) -> bool:
    """Whether only a day that is said to be a deadline is one: the day that a termination takes effect is
    none, nor is one that somebody asks about."""
    return one.kind in _TAKES_EFFECT or (one.kind == "explain" and one.sentence.is_question)


def _with_the_rest(
    wanted: Sequence[_Asking], days: Sequence[date | None], reading: Reading, names: Named
) -> list[date | None]:
    """The days with the deadlines that no action has yet: each is that of the action before it that has none,
    else of the one behind it."""
    found = list(days)
    for sentence in reading.sentences:
        deadline = _due(names.days_of(sentence), reading.day, strict=True)
        if deadline is None or deadline in found or None not in found:
            continue
        free = [place for place, day in enumerate(found) if day is None]
        before = [place for place in free if wanted[place].sentence.place <= sentence.place]
        found[before[-1] if before else free[0]] = deadline
    return found


def due_of(sentence: Sentence, reading: Reading, names: Named, *, strict: bool = False) -> date | None:
    """By when what a sentence asks for is wanted: what it says itself, else what the next one or the subject
    says is a deadline. ``strict`` takes deadlines alone."""
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
