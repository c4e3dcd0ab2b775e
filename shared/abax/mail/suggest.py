"""What to label next: texts that a classifier is least sure of, no two of them alike.

Least margin (Scheffer, Decomain and Wrobel, Active hidden Markov models for information extraction, 2001)
times how far a text is from those that are taken already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from abax.mail.classifier import Classifier, Embedder
from abax.mail.features import Rows, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN: Final = 3


@dataclass(frozen=True)
class Suggestion:
    """A text that a label would teach most."""

    place: int
    """Its place among the texts that were given."""
    text: str
    doubt: float
    """How close its two likeliest labels are: 0 to 1."""
    likeliest: tuple[tuple[str, float], ...]
    """Its likeliest labels with their shares."""


def suggest(
    texts: Sequence[str], classifier: Classifier, count: int, embed: Embedder | None = None
) -> list[Suggestion]:
    """Up to ``count`` texts, the one that teaches most first; copies of one that is taken are never among
    them."""
    if not texts or count < 1:
        return []
    shares = classifier.shares(texts, embed)
    ordered = np.sort(shares, axis=1)
    doubt = 1 - (ordered[:, -1] - ordered[:, -2])
    rows = rows_of(texts, classifier.recipe)
    found = []
    for at in _spread(rows, doubt, count):
        best = np.argsort(-shares[at])[:_SHOWN]
        likeliest = tuple((classifier.labels[label], round(float(shares[at, label]), 4)) for label in best)
        found.append(Suggestion(at, texts[at], round(float(doubt[at]), 4), likeliest))
    return found


def _spread(rows: Rows, doubt: NDArray[Any], count: int) -> list[int]:
    """Places by doubt times distance, one after the other."""
    apart = np.ones(len(rows), np.float32)
    taken: list[int] = []
    for _ in range(min(count, len(rows))):
        worth = doubt * apart
        best = int(worth.argmax())
        if taken and apart[best] < _COPY:
            break
        taken.append(best)
        apart = np.minimum(apart, 1 - _likeness(rows, best))
        apart[best] = 0
    return taken


_COPY: Final = 0.02
"""So near to a text that is taken that it teaches nothing more."""


def _likeness(rows: Rows, at: int) -> NDArray[np.float32]:
    """The cosine of each row with one of them."""
    begin, end = rows.starts[at], rows.starts[at + 1]
    one = np.zeros((rows.width, 1), np.float32)
    one[rows.places[begin:end], 0] = rows.values[begin:end]
    likeness: NDArray[np.float32] = np.clip(rows.times(one)[:, 0], 0, 1)
    return likeness
