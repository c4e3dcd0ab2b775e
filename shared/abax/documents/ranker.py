"""Rankers at run time: boosted trees whose nodes were exported by the training, applied by numpy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FOLDER: Final = "abax.documents.models"


@dataclass(frozen=True)
class Ranker:
    """One yes-or-no model for each field, all over the same features."""

    fields: tuple[str, ...]
    feature: NDArray[np.int16]
    """(trees, nodes): the feature a node asks for; -1 in a leaf."""
    threshold: NDArray[np.float32]
    """(trees, nodes): up to it, the left child is next; in a leaf, what the leaf adds."""
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    first: NDArray[np.int32]
    """(fields + 1): where each field's trees begin."""
    base: NDArray[np.float32]
    depth: int

    def scores(self, rows: Sequence[Sequence[float]], fields: Sequence[str]) -> NDArray[np.float64]:
        """(rows, fields): the chance of each, from 0 to 1."""
        if not rows:
            return np.zeros((0, len(fields)))
        x = np.asarray(rows, dtype=np.float32)
        return np.stack([self._field(x, self.fields.index(name)) for name in fields], axis=1)

    def _field(self, x: NDArray[np.float32], field: int) -> NDArray[np.float64]:
        first, last = self.first[field], self.first[field + 1]
        if first == last:
            return np.full(len(x), 1 / (1 + np.exp(-self.base[field])))
        asks, threshold, children = self._flat
        values = x.ravel()
        row = (np.arange(len(x)) * x.shape[1])[:, None]
        node = np.repeat((np.arange(first, last) * self.feature.shape[1])[None, :], len(x), axis=0)
        for _ in range(self.depth):
            goes_left = values.take(row + asks.take(node)) <= threshold.take(node)
            node = children.take(2 * node + goes_left)
        total = threshold.take(node).sum(axis=1, dtype=np.float64) + self.base[field]
        result: NDArray[np.float64] = 1 / (1 + np.exp(-total))
        return result

    @cached_property
    def _flat(self) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        """The nodes of all trees in one row: what each asks for, its threshold, its right and its left child.
        A leaf is its own child."""
        trees, nodes = self.feature.shape
        own = np.arange(trees * nodes).reshape(trees, nodes)
        start = own[:, :1]
        leaf = self.feature < 0
        right, left = (np.where(leaf, own, start + child) for child in (self.right, self.left))
        asks = np.maximum(self.feature, 0).astype(np.intp)
        return asks.ravel(), self.threshold.ravel(), np.stack([right, left], axis=2).ravel()

    def dump(self) -> bytes:
        """As ``load`` reads it."""
        buffer = BytesIO()
        np.savez_compressed(
            buffer,
            fields=np.array(self.fields),
            feature=self.feature,
            threshold=self.threshold,
            left=self.left,
            right=self.right,
            first=self.first,
            base=self.base,
            depth=np.array(self.depth),
        )
        return buffer.getvalue()


def load(content: bytes) -> Ranker:
    """A ranker from its file; nothing in it runs."""
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    arrays["fields"] = tuple(str(name) for name in arrays["fields"])
    arrays["depth"] = int(arrays["depth"])
    return Ranker(**arrays)


_INSTEAD: ContextVar[Mapping[str, Ranker] | None] = ContextVar("rankers", default=None)


@contextmanager
def instead(rankers: Mapping[str, Ranker]) -> Iterator[None]:
    """Use these in place of the shipped ones: an evaluation's, which have not seen its documents."""
    token = _INSTEAD.set(rankers)
    try:
        yield
    finally:
        _INSTEAD.reset(token)


def chosen(name: str) -> Ranker:
    """The ranker of this name: the shipped one, unless an evaluation brings its own."""
    return (_INSTEAD.get() or {}).get(name) or shipped(name)


@lru_cache(maxsize=16)
def shipped(name: str) -> Ranker:
    """The ranker that ships as ``models/<name>.npz``."""
    return load(resources.files(FOLDER).joinpath(f"{name}.npz").read_bytes())
