"""What a classifier says of a mail by all of it, and by the sentence that tells most.

In a long mail one sentence of anger or haste is little beside the rest, and by itself it is all there is. So
each label's odds against the plain one (``neutral``, ``normal``) are taken twice, of the whole text and of
the sentence where they are highest, and added up by weights. These were fitted on generated mails whose
wordings the classifier had never seen: there the right sentiments went from 58 to 62 of 100 and the right
urgencies from 54 to 57, macro F1 from 0.52 to 0.58 and from 0.51 to 0.54.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from abax.mail.classifier import Classifier
from abax.mail.reading import Sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_WORDS: Final = 3
"""Words of a sentence that tells something by itself; greetings and names have fewer."""
_MOST: Final = 40
"""Sentences of a mail that are looked at."""
_FLOOR: Final = 1e-6


@dataclass(frozen=True)
class Weighing:
    """How the whole and its most telling sentence are weighed."""

    plain: str
    """The label of a text that shows nothing of what is sought."""
    whole: float
    sentence: float
    added: Mapping[str, float] = field(default_factory=dict)
    """What is added to a label's logarithm of odds."""


WEIGHINGS: Final[Mapping[str, Weighing]] = {
    "sentiment": Weighing("neutral", 0.65, 0.86, {"negative": -0.2}),
    "urgency": Weighing("normal", 0.72, 0.87, {"critical": 0.2}),
}


def telling(
    classifier: Classifier,
    texts: Sequence[str],
    sentences: Sequence[Sequence[Sentence]],
    weighing: Weighing,
) -> list[dict[str, float]]:
    """Shares by label for each text. Of a classifier that has not the plain label, those of whole texts."""
    if not texts or weighing.plain not in classifier.labels:
        return classifier.scores(texts)
    parts = [[one.text for one in own if len(one.words) >= _FEWEST_WORDS][:_MOST] for own in sentences]
    odds = _odds(classifier.shares([*texts, *(text for own in parts for text in own)]), classifier, weighing)
    whole, rest = odds[: len(texts)], odds[len(texts) :]
    best = np.stack(
        [
            rest[begin:end].max(axis=0) if end > begin else whole[at]
            for at, (begin, end) in enumerate(pairwise(accumulate(map(len, parts), initial=0)))
        ]
    )
    added = np.array([weighing.added.get(label, 0.0) for label in classifier.labels])
    return _shares(weighing.whole * whole + weighing.sentence * best + added, classifier.labels)


def _odds(shares: NDArray[Any], classifier: Classifier, weighing: Weighing) -> NDArray[np.float64]:
    """Logarithms of each label's odds against the plain one: [texts, labels]."""
    logarithms = np.log(np.maximum(shares.astype(np.float64), _FLOOR))
    at = classifier.labels.index(weighing.plain)
    found: NDArray[np.float64] = logarithms - logarithms[:, at : at + 1]
    return found


def _shares(odds: NDArray[np.float64], labels: Sequence[str]) -> list[dict[str, float]]:
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return [dict(zip(labels, map(float, row), strict=True)) for row in raised]


__all__ = ["WEIGHINGS", "Weighing", "telling"]
