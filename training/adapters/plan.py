"""The settings of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What decides a run; the same plan on the same data makes the same adapter."""

    rank: int = 16
    alpha: float = 32.0
    rate: float = 1.5e-3
    """Of learning, at its highest."""
    warmup: float = 0.03
    """Share of the run."""
    passes: float = 2.0
    batch_tokens: int = 4096
    accumulate: int = 1
    real: int = 3
    """How often a real document counts in a pass beside the generated ones."""
    longest: int = 2304
    """Tokens of an example."""
    clip: float = 1.0
    seed: int = 1


@dataclass(frozen=True)
class Preferring(Plan):
    """What decides a run of preference tuning; rank and alpha are those of the adapter at its start."""

    rate: float = 5e-5
    passes: float = 1.0
    beta: float = 0.1
    """How dearly it is bought to move away from the start."""
    sft: float = 0.0
    """Weight of the chosen answer's own loss, by token."""


@dataclass(frozen=True)
class Limits:
    """What does not change the result of a run that ends by itself."""

    minutes: float = math.inf
    """Of training, over all of its sittings; the rate falls so that it is at its end then."""
    checkpoint_minutes: float = 5.0
    steps: int | None = None
    """Of this sitting: for trying out."""
    threads: int | None = None
