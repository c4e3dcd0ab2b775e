"""Which model a prompt is asked with: one for each tier, or one for all; with prices, shares and a cache.

``Models`` is a text model itself, the default one, so that whatever takes a model can be handed several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

from abax.errors import InvalidRequest, ModelError
from abax.ports import TextModel, TextPiece, TextRequest, TextResult
from abax.writing.cache import AnswerCache
from abax.writing.metrics import Metrics, Prices, metrics_of
from abax.writing.prompts import Shares, Tier


@dataclass(frozen=True)
class Models:
    """The models of a house, and how they are asked."""

    default: TextModel
    tiers: Mapping[Tier, TextModel] = field(default_factory=dict)
    """Those that are not the default one."""
    prices: Prices = field(default_factory=Prices)
    shares: Shares = field(default_factory=Shares)
    """Of prompts' versions that run side by side."""
    cache: AnswerCache | None = None
    metrics: Metrics = field(default_factory=Metrics)
    """What all clients of these models have spent."""

    @classmethod
    def of(cls, model: TextModel) -> Models:
        """One model for all, unless it is several already. What clients of one model spend is counted
        together."""
        if isinstance(model, Models):
            return model
        return cls(model, metrics=metrics_of(model))

    def for_tier(self, tier: Tier) -> TextModel:
        """The model of a tier."""
        return self.tiers.get(tier, self.default)

    @property
    def name(self) -> str:
        """The default model's."""
        return self.default.name

    @property
    def adapters(self) -> frozenset[str]:
        """The default model's."""
        return self.default.adapters

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text by the default model. Raises InvalidRequest, ModelError."""
        return self.default.generate(request, deadline)

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts by the default model."""
        return self.default.generate_all(requests, deadline)

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text by the default model, as it is written. Raises as ``generate``."""
        return self.default.stream(request, deadline, cancel)
