"""Text as numbers: words, pairs of words and pieces of words, each hashed to a place, weighed, cut to length.

::

    text ──► words, pairs, pieces ──► places (CRC-32) ──► 1 + ln(count), times rarity ──► one row

A row is three vectors side by side, of words (with pairs), of pieces (letters within a word, with its ends
marked) and of traits where there are any, each of length one by its share. Weighting: sublinear term
frequency and smoothed inverse document frequency, as in Manning, Raghavan and Schütze, Introduction to
Information Retrieval (2008), section 6.4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol
from zlib import crc32

import numpy as np

from abax.mail.contracts import Message
from abax.mail.text_traits import text_traits
from abax.mail.wire_traits import wire_traits

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARK: Final = "\x1f"
"""What stands before the traits of a message, which are words of their own and are not cut up."""
MOST_WORDS: Final = 2000
"""Words of a text that are looked at; what a mail wants stands before that."""
LONGEST_WORD: Final = 24
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[?!€$£%]")
_DIGITS: Final = re.compile(r"\d+")
_CHUNK: Final = 1 << 22
"""Numbers that a product holds at a time."""


@dataclass(frozen=True)
class Recipe:
    """What a text is cut into."""

    run: int = 2
    """The longest run of words that counts as one feature; begin and end of the text count as words."""
    shortest: int = 2
    longest: int = 5
    """Letters of a piece, the marks of a word's ends included."""
    piece_share: float = 0.5
    """How much of a row's squared length its pieces have; the words have the rest of one."""
    trait_share: float = 1.0
    """How much its traits have, beside the others' one."""
    buckets: int = 1 << 18
    """Places of each part, a power of two."""

    @property
    def width(self) -> int:
        """Places of all parts."""
        return 3 * self.buckets


class ByPlace(Protocol):
    """A matrix [width, columns] of which rows can be taken: an array, or what needs no room for noughts."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Width and columns."""

    def __getitem__(self, places: NDArray[np.int32], /) -> NDArray[Any]:
        """The rows of some places."""


@dataclass(frozen=True)
class Rows:
    """A sparse matrix by rows; each has at least one entry."""

    starts: NDArray[np.int64]
    """[rows + 1]"""
    places: NDArray[np.int32]
    """[entries], ascending within a row"""
    values: NDArray[np.float32]
    """[entries]"""
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, chosen: NDArray[Any]) -> Rows:
        """Some of its rows, in the order of their numbers in ``chosen``."""
        sizes = np.diff(self.starts)[chosen]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        at = within + np.repeat(self.starts[:-1][chosen], sizes)
        return Rows(starts, self.places[at], self.values[at], self.width)

    def times(self, matrix: ByPlace) -> NDArray[np.float32]:
        """The product with a matrix [width, columns]: [rows, columns]."""
        found = np.zeros((len(self), matrix.shape[1]), np.float32)
        rows_at_once = max(1, _CHUNK // max(1, matrix.shape[1]) * len(self) // max(1, len(self.places)))
        for begin in range(0, len(self), rows_at_once):
            end = min(begin + rows_at_once, len(self))
            first, last = self.starts[begin], self.starts[end]
            terms = matrix[self.places[first:last]].astype(np.float32) * self.values[first:last, None]
            found[begin:end] = np.add.reduceat(terms, self.starts[begin:end] - first, axis=0)
        return found

    def turned_times(self, matrix: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The product of its transpose with a matrix [rows, columns]: the places that have entries, and
        their rows of the product [places, columns]."""
        order = np.argsort(self.places, kind="stable")
        places, values = self.places[order], self.values[order]
        owners = np.repeat(np.arange(len(self)), np.diff(self.starts))[order]
        used, starts = np.unique(places, return_index=True)
        found = np.empty((len(used), matrix.shape[1]), np.float32)
        for column in range(matrix.shape[1]):
            found[:, column] = np.add.reduceat(matrix[owners, column] * values, starts)
        return used.astype(np.int32), found

    def gram(self) -> NDArray[np.float32]:
        """All inner products of its rows: [rows, rows].

        Places that many rows share are multiplied as a dense matrix, those that few share together with all
        that as many share, the others one by one.
        """
        count = len(self)
        found = np.zeros((count, count), np.float32)
        order = np.argsort(self.places, kind="stable")
        values = self.values[order]
        owners = np.repeat(np.arange(count), np.diff(self.starts))[order]
        _, starts, sizes = np.unique(self.places[order], return_index=True, return_counts=True)
        often = sizes > max(_FEW, count // 25)
        for size in range(1, _FEW + 1):
            _add_alike(found, owners, values, starts[sizes == size], size)
        between = (sizes > _FEW) & ~often
        for begin, size in zip(starts[between], sizes[between], strict=True):
            rows, part = owners[begin : begin + size], values[begin : begin + size]
            found[rows[:, None], rows] += part[:, None] * part
        _add_dense(found, owners, values, list(zip(starts[often], sizes[often], strict=True)))
        return found


def _add_alike(
    found: NDArray[np.float32],
    owners: NDArray[np.int64],
    values: NDArray[np.float32],
    starts: NDArray[np.int64],
    size: int,
) -> None:
    """Add the inner products over columns of one size, given by where their entries begin."""
    together = max(1, _CHUNK // (size * size))
    flat = found.reshape(-1)
    for first in range(0, len(starts), together):
        entries = starts[first : first + together, None] + np.arange(size)
        rows, part = owners[entries], values[entries]
        at = rows[:, :, None] * len(found) + rows[:, None, :]
        np.add.at(flat, at.ravel(), (part[:, :, None] * part[:, None, :]).ravel())


_FEW: Final = 24
"""Rows that share a place whose products are added together with those of other such places."""


def _add_dense(
    found: NDArray[np.float32],
    owners: NDArray[np.int64],
    values: NDArray[np.float32],
    columns: Sequence[tuple[int, int]],
) -> None:
    """Add the inner products over columns that are given by where their entries begin and how many."""
    together = 1024
    for first in range(0, len(columns), together):
        part = columns[first : first + together]
        dense = np.zeros((len(found), len(part)), np.float32)
        for column, (begin, size) in enumerate(part):
            dense[owners[begin : begin + size], column] = values[begin : begin + size]
        found += dense @ dense.T


def rows_of(texts: Sequence[str], recipe: Recipe, rarity: NDArray[Any] | None = None) -> Rows:
    """A row for each text. ``rarity`` [width] is the weight of each place, one if left out."""
    shares = (1 - recipe.piece_share, recipe.piece_share, recipe.trait_share)
    starts, places, values = [0], [], []
    for text in texts:
        size = 0
        for part, hashes in enumerate(_hashed(text, recipe)):
            at, weights = _weighed(hashes, recipe.buckets, part * recipe.buckets, rarity)
            length = float(np.sqrt(weights @ weights))
            places.append(at)
            values.append(weights * np.float32(np.sqrt(shares[part]) / length if length else 0.0))
            size += len(at)
        starts.append(starts[-1] + size)
    empty: list[NDArray[Any]] = [np.empty(0, np.int32)]
    return Rows(
        np.array(starts, np.int64),
        np.concatenate(places or empty).astype(np.int32),
        np.concatenate(values or empty).astype(np.float32),
        recipe.width,
    )


def _weighed(
    hashes: Sequence[int], buckets: int, base: int, rarity: NDArray[Any] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    found = np.array(hashes or [0], np.int64) & (buckets - 1)
    at, counts = np.unique(found, return_counts=True)
    at += base
    weights = (1 + np.log(counts)).astype(np.float32) * (1.0 if hashes else 0.0)
    if rarity is not None:
        weights = weights * rarity[at].astype(np.float32)
    return at, weights


def rarity_of(rows: Rows) -> NDArray[np.float32]:
    """The weight of each place [width]: ``ln((1 + texts) / (1 + texts that have it)) + 1``."""
    having = np.bincount(rows.places[rows.values > 0], minlength=rows.width)
    weights: NDArray[np.float32] = (np.log((1 + len(rows)) / (1 + having)) + 1).astype(np.float32)
    return weights


def _hashed(text: str, recipe: Recipe) -> tuple[list[int], list[int], list[int]]:
    """Hashes of words and runs, of pieces, and of traits."""
    body, _, traits = text.partition(MARK)
    words = words_of(body)
    found = [_hash(word) for word in words]
    bounded = ["^", *words, "$"] if words else []
    for length in range(2, recipe.run + 1):
        found += [_hash(" ".join(bounded[at : at + length])) for at in range(len(bounded) - length + 1)]
    cut_up = words if recipe.piece_share else ()
    pieces = [piece for word in cut_up for piece in _pieces(word, recipe.shortest, recipe.longest)]
    return found, pieces, [_hash(trait) for trait in traits.split()]


def words_of(text: str) -> list[str]:
    """Words in small letters and signs that tell something; figures as so many noughts, four at most."""
    plain = unicodedata.normalize("NFKC", text[: MOST_WORDS * LONGEST_WORD]).lower().replace("’", "'")
    plain = _DIGITS.sub(lambda run: "0" * min(4, len(run[0])), plain)
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain)[:MOST_WORDS]]


@lru_cache(maxsize=1 << 17)
def _hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=1 << 16)
def _pieces(word: str, shortest: int, longest: int) -> tuple[int, ...]:
    marked = f" {word} "
    return tuple(
        crc32(marked[at : at + size].encode("utf-8", "surrogatepass"))
        for size in range(shortest, min(longest, len(marked)) + 1)
        for at in range(len(marked) - size + 1)
    )


# --- what of a message is looked at ---------------------------------------------------------------------


def mail_text(message: Message) -> str:
    """Subject and what its writer says now: what categories, sentiment and urgency are told from."""
    return f"{message.subject}\n{message.text}"


def wire_text(message: Message) -> str:
    """Subject, the whole body and traits of how it was sent: what spam is told from."""
    return f"{message.subject}\n{message.whole_text}{MARK}{' '.join(traits_of(message))}"


def bare_text(subject: str, body: str) -> str:
    """The same of a text of which nobody knows how it was sent."""
    return f"{subject}\n{body}{MARK}{' '.join(text_traits(subject, body))}"


def traits_of(message: Message) -> Iterator[str]:
    """What headers, form and wording tell, one word each. No address, host or date is among them."""
    yield from wire_traits(message)
    yield from text_traits(message.subject, message.whole_text)
