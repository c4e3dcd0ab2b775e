"""Whether the text layer of a PDF's page says what a person sees on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from abax.documents.language import wordlikeness
from abax.documents.pages import Word
from abax.documents.pdf import TextLayer
from abax.ports import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEW: Final = 15
"""Letters; a page with fewer has no text layer worth the name."""
_GARBAGE: Final = -6.4
"""Wordlikeness: real text of seven languages lies above -6.0, ciphered text below -6.7."""
_SAMPLE: Final = 250
"""Words that are enough to tell."""
_SCANNED: Final = 0.9
"""Confidence in words that a scanner's own recognition left."""


class Layer(StrEnum):
    """What a text layer is good for."""

    GOOD = "good"
    BLANK = "blank"
    """Nothing is on the page."""
    MISSING = "missing"
    """There is something to see, but no text."""
    GARBLED = "garbled"
    """Letters that are not those that are seen, as of fonts without a table of what they stand for."""
    SCANNED = "scanned"
    """A picture with recognised words behind it."""
    PARTIAL = "partial"
    """Pictures or outlines beside the text, which may hold words too."""


def judged(layer: TextLayer) -> Layer:
    """By the page's text and what it is made of; nothing is drawn for it."""
    shown, hidden = _letters(layer.words), _letters(layer.hidden)
    if hidden > 3 * shown and hidden >= _FEW and layer.pictures > 0.3:
        return Layer.GARBLED if _is_garbled(layer.hidden, 0.0) else Layer.SCANNED
    if shown < _FEW:
        if layer.pictures > 0.03 or layer.paths > 40:
            return Layer.MISSING
        return Layer.GOOD if shown else Layer.BLANK
    if _is_garbled(layer.words, layer.unmapped):
        return Layer.GARBLED
    return Layer.PARTIAL if layer.pictures > 0.25 or layer.paths > 1500 else Layer.GOOD


def _letters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words)


def _is_garbled(words: Sequence[Word], unmapped: float) -> bool:
    letters = "".join(word.text for word in words)
    strange = sum(
        letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs")
        for letter in letters
        if not letter.isascii()
    )
    if unmapped > 0.2 or strange > 0.1 * len(letters):
        return True
    likeness = wordlikeness([word.text for word in words[:_SAMPLE]])
    return likeness is not None and likeness < _GARBAGE


def unexplained(image: PageImage, layer: TextLayer, words: Sequence[Word]) -> float:
    """The share of what is printed on the page that stands outside the boxes of the words."""
    from abax.documents import imaging

    printed = imaging.ink(imaging.turned(imaging.array_of(image), layer.turned))
    covered = _mask(printed.shape, words, printed.shape[1] / layer.width)
    inked = int(printed.sum())
    return float((printed & ~covered).sum()) / inked if inked > 50 else 0.0


def _mask(shape: tuple[int, ...], words: Sequence[Word], scale: float) -> NDArray[np.bool_]:
    import numpy as np

    mask = np.zeros(shape, bool)
    for word in words:
        x0, y0, x1, y1 = (round(side * scale) for side in (word.x0, word.y0, word.x1, word.y1))
        mask[max(y0 - 2, 0) : y1 + 3, max(x0 - 2, 0) : x1 + 3] = True
    return mask


def scanned_words(layer: TextLayer) -> tuple[Word, ...]:
    """The words that a scanner's recognition left, less sure than printed ones, and those printed."""
    return (*layer.words, *(replace(word, confidence=_SCANNED) for word in layer.hidden))


def beside(words: Sequence[Word], recognized: Sequence[Word]) -> tuple[Word, ...]:
    """The words of the text layer, and of the recognised ones those that stand where it says nothing."""
    return (*words, *(word for word in recognized if not any(_covers(known, word) for known in words)))


def _covers(known: Word, word: Word) -> bool:
    width = min(known.x1, word.x1) - max(known.x0, word.x0)
    height = min(known.y1, word.y1) - max(known.y0, word.y0)
    area = (word.x1 - word.x0) * (word.y1 - word.y0)
    return width > 0 and height > 0 and width * height > 0.2 * area
