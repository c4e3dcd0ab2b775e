"""How a writer feels: by words, with what negates them, and by a classifier where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from abax.mail.contracts import Claim, Sentiment
from abax.mail.phrases import Hit, Word
from abax.mail.reading import Reading, Sentence
from abax.mail.wording import Wording

_POINTS: Final = {"positive": 1.0, "negative": -1.4, "strong": -2.6, "matter": -0.3}
"""How much words say of feelings. What is the matter (``wrong``, ``late``) is no feeling yet."""
_THREAT: Final = -1.1
"""A threat of courts or stopped supply is not friendly, however polite."""
_NEGATED: Final = 3
"""Words before a hit among which a negation counts."""
_SUBJECT: Final = 0.7
_CRY: Final = 0.5
_GLAD: Final = 1.25
_SORRY: Final = 1.2
"""Points from which on a text is positive or negative: mail of trade says thanks as a form."""
_SLOPE: Final = 1.3
_BY_WORDS: Final = 0.5
"""What words weigh beside a classifier."""
_FLOOR: Final = 1e-4


def sentiment(
    reading: Reading, wording: Wording, classified: Mapping[str, float] | None = None
) -> Claim[Sentiment]:
    """The claim; ``classified`` are a classifier's shares by label."""
    total = 0.0
    worst: tuple[float, Sentence | None] = (0.0, None)
    best: tuple[float, Sentence | None] = (0.0, None)
    for sentence in reading.sentences:
        points = _points(sentence, wording)
        total += points
        worst = min(worst, (points, sentence), key=lambda one: one[0])
        best = max(best, (points, sentence), key=lambda one: one[0])
    shares = _shares(total + _cries(reading, total))
    method = "words"
    if classified:
        shares, method = mixed(shares, classified, _BY_WORDS), "classifier"
    value = Sentiment(max(shares, key=lambda name: shares[name]))
    bearing = {Sentiment.NEGATIVE: worst[1], Sentiment.POSITIVE: best[1]}.get(value)
    return Claim(
        value=value,
        confidence=round(min(1.0, shares[value]), 4),
        evidence=bearing.evidence if bearing else "",
        method=method,
    )


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


def _points(sentence: Sentence, wording: Wording) -> float:
    points = 0.0
    for hit in _hits(sentence, wording):
        value = _POINTS.get(hit.label, 0.0)
        if _is_negated(hit, sentence.words, wording):
            value = -0.5 * value if value > 0 else 0.0
        points += value
    if any(hit.label in ("legal", "stop") for hit in wording.urgency.find(sentence.words)):
        points += _THREAT
    return points * _SUBJECT if sentence.is_subject else points


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
