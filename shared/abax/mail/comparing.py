"""Comparing a text with examples: a power of its inner products with each of them.

A power of what two texts share counts what they share together: with ``((1 + k) / 2)³`` each word, pair and
triple of features has its part, and none of them has to be written down (Schölkopf and Smola, Learning with
kernels, 2002, section 2.1). What a classifier keeps for it are the examples' rows, by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from abax.mail.classifier_parts import part, places_of
from abax.mail.features import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_POWER: Final = 8


@dataclass(frozen=True, eq=False)
class Compared:
    """Examples as columns of a sparse matrix, and what each of them says for each label."""

    power: int
    most: float
    """The inner product of an example with itself."""
    places: NDArray[np.int32]
    """Places that some example has, ascending."""
    starts: NDArray[np.int32]
    """Where each place's entries begin, and where the last one's end: [places + 1]"""
    owners: NDArray[np.uint16]
    """Which example each entry is of: [entries]"""
    values: NDArray[np.float16]
    """[entries]"""
    coefficients: NDArray[np.float16]
    """[examples, columns]: a label's own examples have large ones, the many others small ones."""

    @classmethod
    def of(cls, rows: Rows, power: int, most: float, coefficients: NDArray[np.float32]) -> Compared:
        """Examples as they were learnt from."""
        order = np.argsort(rows.places, kind="stable")
        owners = np.repeat(np.arange(len(rows)), np.diff(rows.starts))[order]
        values = rows.values[order].astype(np.float16)
        places, starts = np.unique(rows.places[order], return_index=True)
        ends = np.append(starts, len(order)).astype(np.int32)
        kept = coefficients.astype(np.float16)
        return cls(power, most, places, ends, owners.astype(np.uint16), values, kept)

    def inner(self, rows: Rows) -> NDArray[np.float32]:
        """Inner products with all examples: [rows, examples]."""
        found = np.empty((len(rows), len(self.coefficients)), np.float32)
        at = np.searchsorted(self.places, rows.places)
        known = self.places[np.minimum(at, len(self.places) - 1)] == rows.places
        for row, (begin, end) in enumerate(zip(rows.starts[:-1], rows.starts[1:], strict=True)):
            own = np.flatnonzero(known[begin:end]) + begin
            found[row] = self._shared(at[own], rows.values[own])
        return found

    def _shared(self, columns: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[Any]:
        """One text's inner products; it has ``values`` at the places of ``columns``."""
        begins, sizes = self.starts[columns], np.diff(self.starts)[columns]
        first = np.cumsum(sizes) - sizes
        entries = np.arange(sizes.sum()) + np.repeat(begins - first, sizes)
        weights = self._values[entries] * np.repeat(values, sizes)
        shared: NDArray[Any] = np.bincount(self.owners[entries], weights, len(self.coefficients))
        return shared

    def scores(self, inner: NDArray[np.float32]) -> NDArray[np.float32]:
        """What inner products with all examples come to: [rows, columns]."""
        found: NDArray[np.float32] = raised(inner, self.most, self.power) @ self._floats
        return found

    @cached_property
    def _floats(self) -> NDArray[np.float32]:
        return self.coefficients.astype(np.float32)

    @cached_property
    def _values(self) -> NDArray[np.float32]:
        return self.values.astype(np.float32)

    def parts(self) -> dict[str, NDArray[Any]]:
        """As arrays of a file."""
        return {
            "power": np.array([self.power], np.uint8),
            "most": np.array([self.most], np.float32),
            "seen_places": self.places,
            "seen_starts": self.starts,
            "seen_owners": self.owners,
            "seen_values": self.values,
            "coefficients": self.coefficients,
        }

    @classmethod
    def restored(cls, parts: Mapping[str, NDArray[Any]], width: int, columns: int) -> Compared:
        """What ``parts`` gave. Raises ValueError where they do not fit together."""
        power, most = int(part(parts, "power", np.uint8, 1)[0]), float(part(parts, "most", np.float32, 1)[0])
        if not 1 <= power <= MOST_POWER or not 0.1 <= most <= 1000:
            raise ValueError(f"it raises to the power {power} from {most}")
        places = places_of(parts, width, "seen_places")
        starts = part(parts, "seen_starts", np.int32, len(places) + 1)
        owners = part(parts, "seen_owners", np.uint16, None)
        values = part(parts, "seen_values", np.float16, len(owners))
        coefficients = part(parts, "coefficients", np.float16, None, columns)
        if not len(places) or starts[0] != 0 or starts[-1] != len(owners) or (np.diff(starts) < 1).any():
            raise ValueError("its examples' places do not fit their entries")
        if owners.max() >= len(coefficients):
            raise ValueError(f"it has {len(coefficients)} examples, and entries of others")
        return cls(power, most, places, starts, owners, values, coefficients)


def raised(inner: NDArray[np.float32], most: float, power: int) -> NDArray[np.float32]:
    """A power of inner products, in their own room: one where texts are the same, ``0.5 ** power`` where
    they share nothing."""
    inner *= np.float32(0.5 / most)
    inner += np.float32(0.5)
    base = inner.copy() if power > 1 else inner
    for _ in range(power - 1):
        inner *= base
    return inner
