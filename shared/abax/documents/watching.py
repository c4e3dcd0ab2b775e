"""A text model that is watched: how often it is asked for a document, how long it takes, what it reads."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from threading import Event
from typing import Any

from abax.errors import InvalidRequest, ModelError
from abax.ports import TextModel, TextPiece, TextRequest, TextResult


@dataclass
class Asked:
    """What a model was asked for one document."""

    questions: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    """Of this process: what a model that runs in it takes of all cores, however busy the machine is."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    unanswered: int = 0


class Watched:
    """The TextModel port, which counts what goes through it, until ``taken``. For one thread."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self._asked = Asked()

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def adapters(self) -> frozenset[str]:
        """The model's."""
        return self._model.adapters

    def taken(self) -> Asked:
        """What was asked since the last time."""
        asked, self._asked = self._asked, Asked()
        return asked

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises what the model does."""
        [result] = self.generate_all([request], deadline)
        if isinstance(result, TextResult):
            return result
        raise result

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts."""
        begun, used = time.perf_counter(), time.process_time()
        results = self._model.generate_all(requests, deadline)
        self._asked.seconds += time.perf_counter() - begun
        self._asked.processor_seconds += time.process_time() - used
        self._asked.questions += len(results)
        for result in results:
            if not isinstance(result, TextResult):
                self._asked.unanswered += 1
                continue
            self._asked.unanswered += result.parsed is None
            self._asked.prompt_tokens += result.prompt_tokens
            self._asked.cached_tokens += result.cached_tokens
            self._asked.completion_tokens += result.completion_tokens
        return results

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text as it is written; it is not counted."""
        return self._model.stream(request, deadline, cancel)


def figures(asked: Sequence[Asked]) -> dict[str, Any]:
    """Of documents: how many a model was asked for, what it took for each of those, in seconds and tokens."""
    some = [one for one in asked if one.questions]
    return {
        "documents": len(some),
        "of": len(asked),
        "questions": sum(one.questions for one in some),
        "unanswered": sum(one.unanswered for one in some),
        **_spread("seconds", [one.seconds for one in some]),
        **_spread("processor_seconds", [one.processor_seconds for one in some]),
        "prompt_tokens": sum(one.prompt_tokens for one in some),
        "cached_tokens": sum(one.cached_tokens for one in some),
        "completion_tokens": sum(one.completion_tokens for one in some),
    }


def _spread(name: str, values: Sequence[float]) -> dict[str, float | None]:
    """Median and 95th percentile."""
    found = {
        f"{name}_median": median(values) if values else None,
        f"{name}_p95": quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else None,
    }
    return {key: None if value is None else round(value, 3) for key, value in found.items()}
