"""What asking models takes: calls, tokens, seconds and money, by prompt and model, and how much was any use.

Two versions of a prompt that run side by side stand in two rows, and so can be compared.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any, Final, Protocol, Self, runtime_checkable
from weakref import WeakKeyDictionary

from abax.errors import InvalidRequest
from abax.ports import TextModel, TextResult

MILLION: Final = 1_000_000
REMEMBERED: Final = 1000
"""Latencies that percentiles are taken over, the last ones."""
NAMESPACE: Final = "abax"


@dataclass(frozen=True)
class Price:
    """What a million tokens of a model cost."""

    prompt: Decimal = Decimal(0)
    completion: Decimal = Decimal(0)
    cached: Decimal | None = None
    """Prompt tokens that were read before; None: as others."""

    def of(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int) -> Decimal:
        """What so many tokens cost; ``cached_tokens`` are some of the prompt's."""
        read = (prompt_tokens - cached_tokens) * self.prompt
        reread = cached_tokens * (self.prompt if self.cached is None else self.cached)
        return (read + reread + completion_tokens * self.completion) / MILLION


@dataclass(frozen=True)
class Prices:
    """Prices by model name, in one currency. A model that is not named costs nothing, as one of ours."""

    by_model: Mapping[str, Price] = field(default_factory=dict)
    currency: str = "EUR"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a setting such as ``{"currency": "USD", "models": {"m": {"prompt": "0.15", "completion":
        "0.60"}}}``, prices of a million tokens; nothing gives none.

        Raises:
            InvalidRequest: it is no such JSON, or a price is below 0.
        """
        try:
            content = json.loads(text or "{}", parse_float=Decimal)
            models = {str(name): _price(one) for name, one in content.get("models", {}).items()}
        except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
            raise InvalidRequest(
                f'is not {{"currency": …, "models": {{name: {{"prompt": …, "completion": …}}}}}}: {error}',
                "model_prices",
            ) from error
        return cls(models, str(content.get("currency", "EUR")))

    def of(self, model: str) -> Price:
        """A model's price."""
        return self.by_model.get(model, Price())


def _price(content: Mapping[str, Any]) -> Price:
    made = Price(**{name: Decimal(str(value)) for name, value in content.items()})
    if min(made.prompt, made.completion, made.cached or Decimal(0)) < 0:
        raise ValueError("a price is below 0")
    return made


@dataclass
class Usage:
    """What calls have taken."""

    calls: int = 0
    answered: int = 0
    """Calls to a model that gave a usable answer."""
    remembered: int = 0
    """Answers out of the cache, which took no call."""
    refused: int = 0
    """Answers that whoever asked found to be wrong."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens that the model had read before."""
    seconds: float = 0.0
    cost: Decimal = Decimal(0)

    def add(self, other: Usage) -> None:
        """Count another's too."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def usable(self) -> float | None:
        """The share of calls whose answer could be used and was not refused; None without a call."""
        return (self.answered - self.refused) / self.calls if self.calls else None

    def as_dict(self) -> dict[str, Any]:
        """For logs: whole numbers, seconds to the millisecond, money as text."""
        return {**vars(self), "seconds": round(self.seconds, 3), "cost": f"{self.cost:f}"}


def usage_of(results: Iterable[object], seconds: float, answered: int, price: Price) -> Usage:
    """What one call for several texts has taken; what is no text counts as a call."""
    results = list(results)
    texts = [result for result in results if isinstance(result, TextResult)]
    tokens = [(text.prompt_tokens, text.completion_tokens, text.cached_tokens) for text in texts]
    return Usage(
        calls=len(results),
        answered=answered,
        prompt_tokens=sum(one[0] for one in tokens),
        completion_tokens=sum(one[1] for one in tokens),
        cached_tokens=sum(one[2] for one in tokens),
        seconds=seconds,
        cost=sum((price.of(*one) for one in tokens), Decimal(0)),
    )


class Metrics:
    """Usage by prompt and model. May be shared by clients and threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[str, str], Usage] = {}
        self._latencies: dict[tuple[str, str], deque[float]] = {}

    def add(self, prompt: str, model: str, usage: Usage) -> None:
        """Count what a call with a prompt (its label) has taken; its seconds are one latency."""
        with self._lock:
            self._rows.setdefault((prompt, model), Usage()).add(usage)
            if usage.calls:
                latencies = self._latencies.setdefault((prompt, model), deque(maxlen=REMEMBERED))
                latencies.append(usage.seconds)

    def clear(self) -> None:
        """Begin anew, once what there was has been told."""
        with self._lock:
            self._rows.clear()
            self._latencies.clear()

    def refuse(self, prompt: str, model: str, count: int = 1) -> None:
        """Whoever asked found so many answers to be wrong: a number that its facts do not hold, say."""
        self.add(prompt, model, Usage(refused=count))

    @property
    def rows(self) -> dict[tuple[str, str], Usage]:
        """Usage by prompt and model, as of now."""
        with self._lock:
            return {key: Usage(**vars(usage)) for key, usage in sorted(self._rows.items())}

    @property
    def total(self) -> Usage:
        """All of it."""
        whole = Usage()
        for usage in self.rows.values():
            whole.add(usage)
        return whole

    def latency(self, prompt: str, model: str, share: float) -> float | None:
        """Seconds within which that share of the last calls were answered; None without any."""
        with self._lock:
            known = sorted(self._latencies.get((prompt, model), ()))
        return known[min(int(share * len(known)), len(known) - 1)] if known else None

    def compared(self, name: str) -> dict[str, Usage]:
        """Usage of each version of a prompt, by label, whatever the model: the side-by-side of a trial."""
        found: dict[str, Usage] = {}
        for (label, _), usage in self.rows.items():
            if label.rpartition(".v")[0] == name:
                found.setdefault(label, Usage()).add(usage)
        return found

    def embedded(self, instant: int, namespace: str = NAMESPACE) -> list[dict[str, Any]]:
        """One document in CloudWatch's embedded metric format for each prompt and model; ``instant`` counts
        milliseconds since 1970. Written to a function's log as a line, it becomes metrics by itself."""
        return [
            {
                "_aws": {
                    "Timestamp": instant,
                    "CloudWatchMetrics": [
                        {"Namespace": namespace, "Dimensions": [["prompt", "model"]], "Metrics": _UNITS}
                    ],
                },
                "prompt": prompt,
                "model": model,
                "calls": usage.calls,
                "answered": usage.answered,
                "remembered": usage.remembered,
                "refused": usage.refused,
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "cached_tokens": usage.cached_tokens,
                "seconds": round(usage.seconds, 3),
                "cost": float(usage.cost),
            }
            for (prompt, model), usage in self.rows.items()
        ]


_UNITS: Final = [
    *(
        {"Name": name, "Unit": "Count"}
        for name in ("calls", "answered", "remembered", "refused")
    ),
    *({"Name": name, "Unit": "Count"} for name in ("prompt_tokens", "completion_tokens", "cached_tokens")),
    {"Name": "seconds", "Unit": "Seconds"},
    {"Name": "cost", "Unit": "None"},
]  # fmt: skip


# --- whose they are -------------------------------------------------------------------------------------


@runtime_checkable
class Counting(Protocol):
    """Models that bring what they are counted with."""

    @property
    def metrics(self) -> Metrics:
        """What they were asked."""

    @property
    def prices(self) -> Prices:
        """What they cost."""


_metrics: WeakKeyDictionary[TextModel, Metrics] = WeakKeyDictionary()
_lock = Lock()


def metrics_of(model: TextModel) -> Metrics:
    """What a model was asked, whoever asked it: its own, or the one that is kept for it."""
    if isinstance(model, Counting):
        return model.metrics
    with _lock:
        return _metrics.setdefault(model, Metrics())


def count(name: str, model: TextModel, results: Sequence[object], seconds: float, answered: int) -> None:
    """Count texts that a model was asked for without a prompt of ours, under a name that stands for one."""
    price = model.prices.of(model.name) if isinstance(model, Counting) else Price()
    metrics_of(model).add(name, model.name, usage_of(results, seconds, answered, price))
