"""How soon somebody must do something, with every reason for it.

Reasons add up to points; points, with a classifier's opinion where there is one, make the level. Days are
reckoned from when the message is looked at, so that a deadline that has passed in the queue counts as passed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from abax.mail.asks import is_courtesy
from abax.mail.contracts import Asked, Claim, Reason, Urgency
from abax.mail.entities import Named
from abax.mail.known import Known
from abax.mail.reading import Reading, Sentence
from abax.mail.sentiment import anger, mixed
from abax.mail.wording import Wording, has_any

LEVELS: Final = (Urgency.LOW, Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
_CENTRES: Final = (-1.4, 0.4, 2.3, 4.6)
"""Points that are typical of each level."""
_SPREAD: Final = 0.95
_WORDS: Final = {
    "critical": 3.6,
    "high": 1.3,
    "soon": 0.6,
    "harm": 0.5,
    "stake": 0.0,
    "legal": 1.7,
    "stop": 1.7,
    "repeated": 0.4,
    "low": -2.0,
}
_AT_ONCE: Final = 3.6
"""What harm adds where it is near: today, tomorrow, or said to be urgent."""
_SPOKEN_OF: Final = 0.5
"""What courts and lawyers add without a threat."""
_FAR: Final = 5
"""Days from which on a deadline takes the haste out of words: ``urgent, by the end of the month``."""
_PATIENT: Final = 0.4
_TROUBLES: Final = frozenset({"matter", "weary", "negative", "rebuke", "strong"})
_TOMORROW: Final = 1.1
_MOST_DAYS: Final = 2
_DEADLINES: Final = ((0, 2.2), (1, 1.5), (2, 1.0), (3, 0.8), (7, 0.2))
_COUNTED: Final = 14
"""Days ahead that are told by working days; further ones are far anyway."""
_SATURDAY: Final = 5
_FAR_OFF: Final = 0.1
"""Points of a deadline, by the most working days that are left."""
_SAID: Final = {
    "critical": "says that it cannot wait",
    "high": "says that it is urgent",
    "soon": "wants it soon",
    "harm": "speaks of harm",
    "stake": "speaks of what must not come to harm",
    "legal": "speaks of legal steps",
    "stop": "speaks of a stop of deliveries or of an account",
    "repeated": "is not the first message about it",
    "low": "says that there is no hurry",
}
_WANTED: Final = 0.4
_UNWANTED: Final = -1.2
_IDLE: Final = 4.0
"""How much likelier it is that mail can wait where it wants nothing."""
_PRESSING: Final = 1.2
_FADING: Final = 0.65
_BY_WORDS: Final = 0.7
_MANY: Final = Decimal(10)


class Weighed(NamedTuple):
    """A reason and what it adds."""

    points: float
    reason: Reason


@dataclass(frozen=True)
class Judged:
    """The level with its reasons, those that say most first."""

    claim: Claim[Urgency]
    reasons: tuple[Reason, ...]


def urgency(
    reading: Reading,
    wording: Wording,
    names: Named,
    wants: Asked,
    known: Known,
    today: date,
    large: Decimal,
    classified: Mapping[str, float] | None = None,
    partner: str = "",
) -> Judged:
    """How urgent a message is. ``large`` is the amount from which on one counts; ``partner`` is who writes by
    the books, empty where they know nobody."""
    weighed = [
        *_words(reading, wording, _near(names, wants, today)),
        *_deadlines(reading, wants, names, today),
        *_amounts(names, large),
        *_marked(reading),
        *_feelings(reading, wording),
        *_overdue(names, known, today, partner),
    ]
    points = _added(weighed) + _of_asking(wants, weighed)
    shares, method = _shares(points), "words"
    if classified:
        shares, method = mixed(shares, _asked_for(classified, wants), _BY_WORDS), "classifier"
    level = Urgency(max(shares, key=lambda name: shares[name]))
    ordered = sorted(weighed, key=lambda one: -abs(one.points))
    evidence = next((one.reason.evidence for one in ordered if one.reason.evidence), "")
    claim = Claim(value=level, confidence=round(min(1.0, shares[level]), 4), evidence=evidence, method=method)
    return Judged(claim, tuple(one.reason for one in ordered))


def _of_asking(wants: Asked, weighed: Sequence[Weighed]) -> float:
    """What it says that something is wanted; where nothing is, and nothing else presses, it can wait."""
    if wants.wanted.value:
        return _WANTED
    return 0.0 if any(one.points > _PRESSING for one in weighed) else _UNWANTED


def _asked_for(classified: Mapping[str, float], wants: Asked) -> dict[str, float]:
    """A classifier's opinion with what it does not know: that nothing is wanted."""
    low = Urgency.LOW.value
    factor = 1.0 if wants.wanted.value else _IDLE
    raised = {name: share * (factor if name == low else 1.0) for name, share in classified.items()}
    total = sum(raised.values())
    return {name: share / total for name, share in raised.items()}


def _added(weighed: Sequence[Weighed]) -> float:
    """All reasons together: each further one that speaks for haste says less."""
    for_haste = sorted((one.points for one in weighed if one.points > 0), reverse=True)
    return sum(points * _FADING**place for place, points in enumerate(for_haste)) + sum(
        one.points for one in weighed if one.points < 0
    )


def _shares(points: float) -> dict[str, float]:
    raised = {
        level.value: math.exp(-0.5 * ((min(max(points, -2.0), 6.0) - centre) / _SPREAD) ** 2)
        for level, centre in zip(LEVELS, _CENTRES, strict=True)
    }
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}


class _Near(NamedTuple):
    """What the days of a message say of haste."""

    at_once: bool
    """Today or the next working day is named."""
    patient: bool
    """What is wanted is wanted days later."""


def _near(names: Named, wants: Asked, today: date) -> _Near:
    days = [when.value for _, when in names.days if not when.origin]
    due = [action.due for action in wants.actions if action.due]
    due = due or [when.value for _, when in names.days if when.deadline]
    return _Near(
        at_once=any(0 <= _working(today, day) <= 1 for day in (*days, *due) if day >= today),
        patient=bool(due) and (min(due) - today).days >= _FAR,
    )


def _words(reading: Reading, wording: Wording, near: _Near) -> Iterator[Weighed]:
    """Each kind of words once, where it is said first, and not where it is mere courtesy."""
    said: dict[str, Sentence] = {}
    for sentence in reading.sentences:
        labels = {hit.label for hit in wording.urgency.longest(sentence.words)}
        if "low" in labels:  # ``not urgent`` holds ``urgent``
            labels = {"low"}
        for label in labels:
            if label not in ("high", "soon", "critical") or not is_courtesy(sentence, wording):
                said.setdefault(label, sentence)
    at_once = (near.at_once or "high" in said) and "low" not in said
    for label, sentence in said.items():
        points, text = _WORDS[label], _SAID[label]
        if at_once and (label == "harm" or (label == "stake" and _is_trouble(reading, sentence, wording))):
            points, text = _AT_ONCE, "speaks of harm that is near"
        elif label in ("high", "soon") and near.patient:
            points *= _PATIENT
        elif label == "legal" and not next(wording.threats.find(sentence.words), None):
            points = _SPOKEN_OF
        kind = "history" if label == "repeated" else "words"
        if points:
            yield Weighed(points, Reason(kind=kind, text=text, evidence=sentence.evidence))


def _is_trouble(reading: Reading, at: Sentence, wording: Wording) -> bool:
    """Whether something is wrong or missing where a sentence speaks of what may come to harm: there, or in
    the sentence behind it."""
    return any(
        has_any(sentence.words, wording.negations)
        or any(hit.label in _TROUBLES for hit in wording.sentiment.find(sentence.words))
        for sentence in reading.sentences[at.place : at.place + 2]
    )


def _deadlines(reading: Reading, wants: Asked, names: Named, today: date) -> Iterator[Weighed]:
    due = [(action.due, action.evidence) for action in wants.actions if action.due]
    if not due:
        due = [
            (when.value, _sentence(reading, place).evidence)
            for place, when in names.days
            if when.deadline and when.value >= reading.day
        ]
    if not due:
        yield from _tomorrow(reading, wants, names, today)
        return
    day, evidence = min(due)
    left = (day - today).days
    text = f"asks for it by {day.day} {day:%b %Y}, {_days(left)}"
    yield Weighed(_of_days(_working(today, day)), Reason(kind="deadline", text=text, evidence=evidence))


def _of_days(left: int) -> float:
    """Points of a deadline by the working days that are left."""
    return next((points for days, points in _DEADLINES if left <= days), _FAR_OFF)


def _working(today: date, day: date) -> int:
    """Working days from today to another day, less than nought for days that have passed: what is due on
    Monday is due tomorrow when it is Friday."""
    left = (day - today).days
    if not 0 < left <= _COUNTED:
        return left
    days = sum((today + timedelta(days=ahead)).weekday() < _SATURDAY for ahead in range(1, left + 1))
    return max(1, days)


def _tomorrow(reading: Reading, wants: Asked, names: Named, today: date) -> Iterator[Weighed]:
    """Something is wanted, and something happens tomorrow: ``the auditor comes tomorrow``. Many days are
    a tale: ``first Monday, then Tuesday, then Thursday``."""
    if len({when.value for _, when in names.days}) > _MOST_DAYS:
        return
    for place, when in names.days:
        if wants.wanted.value and not when.origin and (when.value - today).days == 1:
            evidence = _sentence(reading, place).evidence
            yield Weighed(_TOMORROW, Reason(kind="deadline", text="speaks of tomorrow", evidence=evidence))
            return


def _days(left: int) -> str:
    if left < 0:
        return f"{-left} day{'s' if left < -1 else ''} ago"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def _sentence(reading: Reading, place: int) -> Sentence:
    return reading.sentences[place]


def _amounts(names: Named, large: Decimal) -> Iterator[Weighed]:
    amounts = [(Decimal(entity.value.split()[0]), entity) for entity in names.of("amount")]
    if not amounts:
        return
    most, entity = max(amounts, key=lambda one: one[0])
    if most >= large > 0:
        text = f"is about {entity.value}, {'far ' if most >= large * _MANY else ''}more than {large:f}"
        points = 1.9 if most >= large * _MANY else 1.2
        yield Weighed(points, Reason(kind="amount", text=text, evidence=entity.evidence))


def _marked(reading: Reading) -> Iterator[Weighed]:
    message = reading.message
    for name, high in (("importance", "high"), ("x-priority", "1"), ("priority", "urgent")):
        value = message.header(name).strip().lower()
        if value.split(maxsplit=1)[:1] == [high]:
            evidence = f"{name.title()}: {message.header(name).strip()}"
            reason = Reason(kind="sender", text="is marked as important by its sender", evidence=evidence)
            yield Weighed(0.8, reason)
            return


def _feelings(reading: Reading, wording: Wording) -> Iterator[Weighed]:
    sentence = anger(reading, wording)
    if sentence is not None:
        reason = Reason(kind="words", text="its writer is angry", evidence=sentence.evidence)
        yield Weighed(0.4, reason)


def _overdue(names: Named, known: Known, today: date, partner: str) -> Iterator[Weighed]:
    """What the books say of the items named: what we owe and have not paid is the sooner to be looked at."""
    late = [
        ((today - item.due_date).days, item, entity)
        for entity in names.of("invoice")
        if entity.known
        for item in known.open_items(entity.value)
        if item.due_date and item.due_date < today
    ]
    if not late:
        return
    days, item, entity = max(late, key=lambda one: one[0])
    ours = item.side == "payable"
    since = f"{days} day{'s' if days > 1 else ''} overdue"
    if partner and item.partner != partner:
        text = f"{item.number} is {since} by the books, but is {item.partner}'s, not the sender's"
        yield Weighed(0.0, Reason(kind="ledger", text=text, evidence=entity.evidence))
        return
    who = "we" if ours else "they"
    text = f"{item.number} is {since} by the books, and {who} owe it"
    yield Weighed(0.8 if ours else 0.3, Reason(kind="ledger", text=text, evidence=entity.evidence))
