"""How a writer feels: by words, with what negates them, and by a classifier where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abax.mail.contracts import Claim, Sentiment
from abax.mail.phrases import Hit, Word
from abax.mail.reading import Reading, Sentence
from abax.mail.wording import Wording

_POINTS: Final = {
    "praise": 2.0,
    "positive": 1.0,
    "mockable": 1.0,
    "thanks": 0.6,
    "matter": -0.3,
    "weary": -0.9,
    "negative": -1.4,
    "rebuke": -2.0,
    "strong": -2.6,
}
"""How much words say of feelings. What is the matter (``wrong``, ``late``) is no feeling yet; to have had to
ask again (``for the third time``) is the beginning of one."""
_MOCKED: Final = -1.8
"""Congratulations on what went wrong are none."""
_SOURED: Final = -0.3
_THREAT: Final = -1.9
"""A threat of courts or stopped supply is not friendly, however polite."""
_LEGAL: Final = -0.5
"""Courts and lawyers that are spoken of without a threat."""
_NEGATED: Final = 3
"""Words before a hit among which a negation counts."""
_SUBJECT: Final = 0.7
_FELT: Final = 1.0
"""Points from which on a sentence shows a feeling of its own."""
_BEFORE: Final = 0.5
"""What is left of a feeling when the opposite one follows."""
_CRY: Final = 0.5
_EXCLAIMED: Final = -0.4
_MOST_FAULTS: Final = 2
_GLAD: Final = 1.25
_SORRY: Final = 1.2
"""Points from which on a text is positive or negative: mail of trade says thanks as a form."""
_SLOPE: Final = 1.3
_BY_WORDS: Final = 0.5
"""What words weigh beside a classifier."""
_CLEAR: Final = 1.6
_BY_CLEAR_WORDS: Final = 0.8
"""What they weigh from ``_CLEAR`` points on: classifiers rarely see irony, and shrink from the edges."""
_FLOOR: Final = 1e-4
_ILLS: Final = frozenset({"matter", "mishap", "weary", "negative", "rebuke", "strong"})


def sentiment(
    reading: Reading, wording: Wording, classified: Mapping[str, float] | None = None
) -> Claim[Sentiment]:
    """The claim; ``classified`` are a classifier's shares by label."""
    seen = [_Seen(sentence, tuple(_hits(sentence, wording))) for sentence in reading.sentences]
    felt = _felt(seen, wording)
    total = sum(points for points, _ in felt) + _spared(seen)
    total += _cries(reading, total) + _exclaimed(seen, total)
    shares, method = _shares(total), "words"
    if classified:
        weight = _BY_CLEAR_WORDS if abs(total) >= _CLEAR else _BY_WORDS
        shares, method = mixed(shares, classified, weight), "classifier"
    value = Sentiment(max(shares, key=lambda name: shares[name]))
    return Claim(
        value=value,
        confidence=round(min(1.0, shares[value]), 4),
        evidence=_evidence(value, felt),
        method=method,
    )


@dataclass(frozen=True)
class _Seen:
    """A sentence with what is found in it."""

    sentence: Sentence
    hits: tuple[Hit[str], ...]

    def has(self, label: str) -> bool:
        return any(hit.label == label for hit in self.hits)


def _felt(seen: Sequence[_Seen], wording: Wording) -> list[tuple[float, Sentence]]:
    """What each sentence shows; thanks, and the worst threat, count once."""
    worth = _worth(seen)
    felt = _outweighed([(_points(one, worth, wording), one.sentence) for one in seen])
    felt += [(_POINTS["thanks"], one.sentence) for one in seen if one.has("thanks")][:1]
    threats = [(_threat(one.sentence, wording), one.sentence) for one in seen]
    return [*felt, min(threats, key=lambda one: one[0])]


def _outweighed(felt: Sequence[tuple[float, Sentence]]) -> list[tuple[float, Sentence]]:
    """What is felt at the end outweighs what was felt before it: ``a rocky start, but all is well now``."""
    last = max((at for at, (points, _) in enumerate(felt) if abs(points) >= _FELT), default=0)
    sign = felt[last][0]
    return [
        (points * _BEFORE if at < last and points * sign < 0 else points, sentence)
        for at, (points, sentence) in enumerate(felt)
    ]


def _worth(seen: Sequence[_Seen]) -> dict[str, float]:
    """What words say in this text. Congratulations on what went wrong are meant to hurt where nothing else is
    praised, and a single kind word of somebody weary is none."""
    labels = [hit.label for one in seen for hit in one.hits]
    worth = dict(_POINTS)
    if _ILLS.intersection(labels) and not {"praise", "positive"}.intersection(labels):
        worth["mockable"] = _MOCKED
    if "weary" in labels and "praise" not in labels and labels.count("positive") == 1:
        worth["positive"] = _SOURED
    return worth


def _spared(seen: Sequence[_Seen]) -> float:
    """What a long list of faults is spared: it is a matter still, and no feeling."""
    faults = sum(hit.label == "matter" for one in seen for hit in one.hits)
    return -_POINTS["matter"] * max(0, faults - _MOST_FAULTS)


def _exclaimed(seen: Sequence[_Seen], total: float) -> float:
    """What ``!`` adds to a joy that is more than thanks."""
    loud = any(
        one.sentence.text.rstrip().endswith("!") and len(one.sentence.words) > 1 and not one.has("thanks")
        for one in seen[1:]
    )
    return -_EXCLAIMED if loud and total >= _POINTS["positive"] else 0.0


def _evidence(value: Sentiment, felt: Sequence[tuple[float, Sentence]]) -> str:
    """The sentence that shows a feeling most; empty for none."""
    if value is Sentiment.NEUTRAL:
        return ""
    sign = 1 if value is Sentiment.POSITIVE else -1
    points, sentence = max(felt, key=lambda one: sign * one[0])
    return sentence.evidence if sign * points > 0 else ""


def anger(reading: Reading, wording: Wording) -> Sentence | None:
    """The sentence in which the writer is beside himself, if there is one."""
    for sentence in reading.sentences:
        if any(
            hit.label == "strong" and not _is_negated(hit, sentence.words, wording)
            for hit in _hits(sentence, wording)
        ):
            return sentence
    return None


def mixed(words: Mapping[str, float], classified: Mapping[str, float], weight: float) -> dict[str, float]:
    """Two opinions as one, shares of 1: their geometric mean, in which ``words`` weigh ``weight``. So what
    is made of two is no surer than the surer one."""
    both = {
        name: max(classified.get(name, 0.0), _FLOOR) ** (1 - weight) * max(share, _FLOOR) ** weight
        for name, share in words.items()
    }
    total = sum(both.values())
    return {name: share / total for name, share in both.items()}


def _hits(sentence: Sentence, wording: Wording) -> list[Hit[str]]:
    return wording.sentiment.longest(sentence.words)


def _points(seen: _Seen, worth: Mapping[str, float], wording: Wording) -> float:
    sentence, points = seen.sentence, 0.0
    for hit in seen.hits:
        value = worth.get(hit.label, 0.0) if hit.label != "thanks" else 0.0
        if hit.label not in ("weary", "rebuke") and _is_negated(hit, sentence.words, wording):
            value = -0.5 * value if value > 0 else 0.0
        points += value
    if points < 0 and sentence.text.rstrip().endswith("!"):
        points += _EXCLAIMED
    return points * _SUBJECT if sentence.is_subject else points


def _threat(sentence: Sentence, wording: Wording) -> float:
    """What a sentence that speaks of courts, collectors or stopped supply shows."""
    if not any(hit.label in ("legal", "stop") for hit in wording.urgency.find(sentence.words)):
        return 0.0
    return _THREAT if next(wording.threats.find(sentence.words), None) else _LEGAL


def _is_negated(hit: Hit[str], words: Sequence[Word], wording: Wording) -> bool:
    before = words[max(0, hit.first - _NEGATED) : hit.first]
    return any(word.text in wording.negations for word in before)


def _cries(reading: Reading, total: float) -> float:
    """What shouting adds to what is felt anyway."""
    text = reading.message.text
    letters = [letter for letter in text[:600] if letter.isalpha()]
    shouted = len(letters) > 30 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters)
    cries = min(3, text.count("!!") + 2 * shouted) * _CRY
    return cries if total > _GLAD else -cries if total < 0 or shouted else 0.0


def _shares(points: float) -> dict[str, float]:
    """Shares of the three by points: even at the edges of the band, neutral between them."""
    raised = {
        Sentiment.POSITIVE.value: math.exp(_SLOPE * max(-6.0, min(6.0, points - _GLAD))),
        Sentiment.NEUTRAL.value: 1.0,
        Sentiment.NEGATIVE.value: math.exp(_SLOPE * max(-6.0, min(6.0, -points - _SORRY))),
    }
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}
