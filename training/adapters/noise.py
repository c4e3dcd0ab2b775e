"""Variety for generated documents: misread characters, lost blanks and rows, other capitals and widths."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from abax.documents.layout import rows_of
from abax.documents.pages import Word
from abax.documents.synthetic.noise import misread, turned

Marked = tuple[Word, str | None]
"""A word and the path of the field that it prints."""
RATES: Final = (0.003, 0.006, 0.012, 0.025, 0.05)
"""Shares of misread characters."""
BROKEN: Final = 0.3
"""Share of pages whose issuer's name goes on in a row of its own, where it can."""
NAME: Final = "seller.name"


def as_scanned(words: Sequence[Marked], size: tuple[float, float], rng: random.Random) -> list[Marked]:
    """As OCR reads a crooked page: characters mistaken, words joined, cut or lost. What a field prints is
    then what was read."""
    rate = rng.choice(RATES)
    lying = turned([word for word, _ in words], *size, rng.gauss(0, 0.5))
    found: list[Marked] = []
    for word, (_, path) in zip(lying, words, strict=True):
        read = misread([word], rng, rate)
        if found and read and _joins(found[-1], (read[0], path)) and rng.random() < rate:
            before = found.pop()[0]
            read[0] = replace(read[0], text=before.text + read[0].text, x0=before.x0)
        found += [(one, path) for one in read]
    return found


def _joins(left: Marked, right: Marked) -> bool:
    """Whether two words stand beside one another and belong to the same field, or both to none."""
    height = left[0].y1 - left[0].y0
    beside = abs(left[0].y0 - right[0].y0) < height / 2 and 0 <= right[0].x0 - left[0].x1 < height
    return left[1] == right[1] and beside


def varied(words: Sequence[Marked], rng: random.Random) -> list[Marked]:
    """The page as another house would print it: without some rows that no field stands on, a name over two
    rows, in capitals, wider or narrower."""
    kept = _without_rows(words, rng, rng.choice((0.0, 0.0, 0.2, 0.5)))
    if rng.random() < BROKEN:
        kept = _broken(kept, rng)
    if rng.random() < 0.08:
        kept = [(replace(word, text=word.text.upper()), path) for word, path in kept]
    width = rng.choice((1.0, 1.0, 0.9, 1.15))
    return [(_moved(word, width), path) for word, path in kept]


def _without_rows(words: Sequence[Marked], rng: random.Random, share: float) -> list[Marked]:
    told = {id(word) for word, path in words if path is not None}
    gone: set[int] = set()
    for row in rows_of([word for word, _ in words]) if share else ():
        if not any(id(word) in told for word in row) and rng.random() < share:
            gone |= {id(word) for word in row}
    return [(word, path) for word, path in words if id(word) not in gone]


def _broken(words: Sequence[Marked], rng: random.Random) -> list[Marked]:
    """The first name that has a row for itself, broken between two of its words; all below moves down."""
    paths = {id(word): path for word, path in words}
    for row in rows_of([word for word, _ in words]):
        if len(row) > 1 and all(paths[id(word)] == NAME for word in row):
            cut = rng.randrange(1, len(row))
            down = 1.2 * (row[0].y1 - row[0].y0)
            left = row[0].x0 - row[cut].x0
            over = {id(word) for word in row[cut:]}
            edge = max(word.y1 for word in row) - down / 2
            return [
                (_shifted(word, left, down), path)
                if id(word) in over
                else (_shifted(word, 0.0, down), path)
                if word.y0 > edge
                else (word, path)
                for word, path in words
            ]
    return list(words)


def _shifted(word: Word, right: float, down: float) -> Word:
    return replace(word, x0=word.x0 + right, x1=word.x1 + right, y0=word.y0 + down, y1=word.y1 + down)


def _moved(word: Word, width: float) -> Word:
    """Blanks and letters alike wider or narrower: what a wide blank parts stays so, and nothing else."""
    return word if width == 1.0 else replace(word, x0=word.x0 * width, x1=word.x1 * width)
