"""A model that answers as it is told to: what is learnt goes the very way that a model's words go.

The writer's own code renders the prompt, reads the answer and holds it to the facts. What it does not take,
nobody learns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from threading import Event

from abax.errors import InvalidRequest, ModelError
from abax.ports import TextPiece, TextRequest, TextResult
from abax.writing.client import Budget, Client

ADAPTER = "write"
_MARK = re.compile(r"(</?[a-z]+-)[0-9a-f]{8}>")


@dataclass(eq=False)
class Teacher:
    """Answers each request with what ``compose`` makes of it, and keeps the last."""

    compose: Callable[[TextRequest], str]
    asked: TextRequest | None = None
    answered: str = ""
    adapters: frozenset[str] = field(default_factory=lambda: frozenset({ADAPTER}))

    @property
    def name(self) -> str:
        """Who writes."""
        return "teacher"

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """The composed answer."""
        self.asked, self.answered = request, self.compose(request)
        return TextResult(self.answered, "stop", self.name, adapter=request.adapter)

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """An answer to each."""
        return [self.generate(one, deadline) for one in requests]

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """The whole answer as one piece."""
        yield TextPiece("", self.generate(request, deadline))

    def client(self) -> Client:
        """A client that asks this model once."""
        return Client(self, Budget(seconds=600.0, tokens=1_000_000), attempts=1)


def marked(request: TextRequest, rng: Random) -> TextRequest:
    """The request with fences whose code is drawn by ``rng``, so that the same seed gives the same text."""
    code = f"{rng.getrandbits(32):08x}"
    messages = [
        {**message, "content": _MARK.sub(rf"\g<1>{code}>", message["content"])}
        for message in request.messages
    ]
    return replace(request, messages=messages)
