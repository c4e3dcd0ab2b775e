"""Text models without a model: one that says what it was told to, for tests, and one that is not there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import Any

from abax.errors import InvalidRequest, ModelError, ModelFailed, ModelUnavailable, OutOfTime
from abax.ports import TextPiece, TextRequest, TextResult, unknown_adapter

Line = str | tuple[str, str] | InvalidRequest | ModelError


class ScriptedModel:
    """The TextModel port on a script. Plain lines are given in order; a pair is for any request whose last
    message matches its pattern (``\\g<0>`` and groups stand for what matched); an error is raised."""

    def __init__(
        self,
        script: Sequence[Line],
        name: str = "scripted",
        seconds: float = 0.0,
        adapters: Collection[str] = (),
    ) -> None:
        """``seconds`` is how long each text takes; ``adapters`` may be named in requests."""
        self._lines = list(script)
        self._name = name
        self._adapters = frozenset(adapters)
        self._seconds = seconds
        self._lock = Lock()
        self.requests: list[TextRequest] = []
        """All that was asked so far."""
        self.batches: list[int] = []
        """How many were asked together, call by call."""

    @classmethod
    def read(cls, path: Path) -> ScriptedModel:
        """The script in a JSON file: a list of texts, or of pairs of pattern and text."""
        lines = json.loads(path.read_text())
        return cls([line if isinstance(line, str) else (line[0], line[1]) for line in lines])

    @property
    def name(self) -> str:
        """As it was given."""
        return self._name

    @property
    def adapters(self) -> frozenset[str]:
        """As they were given."""
        return self._adapters

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """The next line that fits."""
        [result] = self.generate_all([request], deadline)
        if isinstance(result, TextResult):
            return result
        raise result

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """The next fitting line for each."""
        with self._lock:
            self.batches.append(len(requests))
            self.requests += requests
            return [self._answer(request, deadline) for request in requests]

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """Word by word."""
        result = self.generate(request, deadline)
        for piece in re.findall(r"\s*\S+\s*", result.text):
            if cancel is not None and cancel.is_set():
                return
            yield TextPiece(piece)
        yield TextPiece("", result)

    def _answer(
        self, request: TextRequest, deadline: float | None
    ) -> TextResult | InvalidRequest | ModelError:
        if deadline is not None and deadline <= time.monotonic():
            return OutOfTime()
        if request.adapter and request.adapter not in self._adapters:
            return unknown_adapter(request.adapter, self._name, self._adapters)
        line = self._line(str(request.messages[-1]["content"]))
        if isinstance(line, InvalidRequest | ModelError):
            return line
        time.sleep(self._seconds)
        return _result(line, request, self._name, deadline)

    def _line(self, asked: str) -> str | InvalidRequest | ModelError:
        for place, line in enumerate(self._lines):
            if isinstance(line, tuple):
                if match := re.search(line[0], asked):
                    return match.expand(line[1])
                continue
            return self._lines.pop(place)  # type: ignore[return-value]
        return ModelFailed(f"the script has no line for {asked[:80]!r}")


def _result(text: str, request: TextRequest, name: str, deadline: float | None) -> TextResult:
    late = deadline is not None and time.monotonic() > deadline
    words = text.split()
    cut = len(words) > request.max_tokens
    kept = " ".join(words[: request.max_tokens]) if cut else text
    parsed: Any = None
    if request.schema is not None and not cut:
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = None
    return TextResult(
        text=kept,
        finish="deadline" if late else "length" if cut else "stop",
        model=name,
        parsed=parsed,
        prompt_tokens=sum(len(str(message["content"]).split()) for message in request.messages),
        completion_tokens=min(len(words), request.max_tokens),
        timings={"total_s": 0.0},
        adapter=request.adapter,
    )


class NoModel:
    """The TextModel port where no model is wanted: everything asked of it is unavailable, and says why."""

    def __init__(self, why: str = "no model is configured (ABAX_MODEL_URL is none:)") -> None:
        self._why = why

    @property
    def name(self) -> str:
        """Nothing."""
        return "none"

    @property
    def adapters(self) -> frozenset[str]:
        """None."""
        return frozenset()

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """Raises ModelUnavailable."""
        raise ModelUnavailable(self._why)

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """ModelUnavailable for each."""
        return [ModelUnavailable(self._why) for _ in requests]

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """Raises ModelUnavailable."""
        raise ModelUnavailable(self._why)
