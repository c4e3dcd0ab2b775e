"""Texts to read, and what a model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

PROSE: Final = Path(__file__).parents[1] / "data" / "text.txt"


def prose() -> str:
    """A short story of ours, about 1,160 tokens of the default model."""
    return PROSE.read_text()


@cache
def reference(characters: int) -> str:
    """So much of Python's own language reference, as ``pydoc_data`` carries it in every interpreter."""
    from pydoc_data.topics import topics

    return "\n".join(topics[name] for name in sorted(topics))[:characters]


def losses(logits: NDArray[np.float32], following: Sequence[int]) -> NDArray[np.float64]:
    """[T] negative log-probabilities of the tokens that followed, from logits [T, vocabulary]."""
    exact = logits.astype(np.float64)
    top = exact.max(axis=1)
    total = top + np.log(np.exp(exact - top[:, None]).sum(axis=1))
    found: NDArray[np.float64] = total - exact[np.arange(len(exact)), list(following)]
    return found
