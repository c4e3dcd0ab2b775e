"""What a caller asks for and what comes back.

::

    Request ──► Engine.submit ──► Ticket ──► Delta, Delta, … the last one with the Generation
"""

from __future__ import annotations

import queue
import threading

from abax_runtime.errors import InvalidParameter
from abax_runtime.record import TYPE_CHECKING, Record
from abax_runtime.sampler import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any, Literal, TypedDict

    Finish = Literal["stop", "stop_string", "length", "deadline", "cancelled"]
    """Why a text ended: the model (or its grammar) was done, a stop string came, ``max_tokens`` or the
    context was full, the time was up, the caller gave up."""

GREEDY = Sampling()

LONGEST_SOURCE = 200_000
"""Characters of a source: many times a context. All may be gone through for each token of a value, while
the texts beside it wait."""


class Request(Record):
    """One text to be generated. Either ``prompt`` or ``messages`` is given."""

    prompt: str | Sequence[int] | None = None
    """Raw text (control tokens in it count as such), or token ids."""
    messages: Sequence[Mapping[str, str]] | None = None
    """Chat messages, ``{"role": …, "content": …}``; rendered with the model's own template."""
    max_tokens: int = 256
    sampling: Sampling = GREEDY
    schema: Any = None
    """A JSON schema (mapping or text) or a pydantic type: the text will be valid JSON of it."""
    source: str | None = None
    """The text that grounded fields of the schema must be taken from, of at most ``LONGEST_SOURCE``."""
    stop: Sequence[str] = ()
    """Texts that end the generation; they are not part of the result."""
    deadline: float | None = None
    """An instant of ``time.monotonic()`` by which the result is wanted, finished or not."""
    prefix: Path | str | None = None
    """A stored prefix file that the prompt begins with."""
    adapter: str = ""
    """The name of an adapter of the engine's; empty: the model as it is."""
    draft: bool = True
    """Whether to guess ahead by looking up the last tokens in the text so far."""
    cancel: threading.Event | None = None
    overflow: Literal["length", "slide"] = "length"
    """At the end of the context: finish, or forget the older half and go on."""
    keep: int = 4
    """How many first tokens sliding never forgets."""


if TYPE_CHECKING:

    class Options(TypedDict, total=False):
        """The fields of ``Request`` but the prompt, as keywords."""

        messages: Sequence[Mapping[str, str]] | None
        max_tokens: int
        sampling: Sampling
        schema: Any
        source: str | None
        stop: Sequence[str]
        deadline: float | None
        prefix: Path | str | None
        adapter: str
        draft: bool
        cancel: threading.Event | None
        overflow: Literal["length", "slide"]
        keep: int


class Alternative(Record):
    """A token that could have stood there."""

    token: int
    piece: bytes
    logprob: float


class TokenLogprob(Record):
    """How likely a token of the text was; forced tokens are certain (0.0)."""

    token: int
    piece: bytes
    logprob: float
    top: tuple[Alternative, ...] = ()


class Timings(Record):
    """Seconds. ``queue_s`` waiting for a slot, ``prefill_s`` from there to the first token, ``decode_s`` from
    the first token to the end, ``first_token_s`` from submission to the first token."""

    queue_s: float = 0.0
    prefill_s: float = 0.0
    decode_s: float = 0.0
    first_token_s: float = 0.0


class Generation(Record):
    """A finished text."""

    text: str
    tokens: tuple[int, ...]
    finish: Finish
    prompt_tokens: int
    cached_tokens: int = 0
    """Prompt tokens whose state was there already."""
    drafted: int = 0
    accepted: int = 0
    forced: int = 0
    timings: Timings = Timings()
    logprobs: tuple[TokenLogprob, ...] | None = None
    parsed: Any = None
    """The value of the text where a schema was given and the text is whole."""

    @property
    def completion_tokens(self) -> int:
        """How many tokens the text has, those of a cut stop string included."""
        return len(self.tokens)


class Delta(Record):
    """A piece of a text on its way. The pieces together are ``Generation.text``."""

    text: str
    tokens: tuple[int, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    generation: Generation | None = None
    """There in the last piece only."""


class Ticket:
    """The caller's end of a submitted request. Iterate for the pieces, or wait for ``result``.

    ``whole``: nobody wants pieces; one comes at the end, and no thread is woken before.
    """

    def __init__(
        self,
        cancel: threading.Event | None,
        listener: Callable[[Delta | Exception], None] | None = None,
        *,
        whole: bool = False,
    ) -> None:
        self.whole = whole
        self._given_up = False
        self._cancel = cancel
        self._events: queue.SimpleQueue[Delta | Exception] = queue.SimpleQueue()
        self._listener = listener
        self._outcome: Generation | Exception | None = None

    @property
    def cancelled(self) -> bool:
        """Whether somebody gave this request up."""
        return self._given_up or (self._cancel is not None and self._cancel.is_set())

    def cancel(self) -> None:
        """Gives the request up: it ends with ``finish="cancelled"`` after the running step."""
        self._given_up = True

    def put(self, event: Delta | Exception) -> None:
        """Hands a piece, or the error that ended the request, to the caller (called by the scheduler)."""
        if self._listener is None:
            return self._events.put(event)
        try:
            return self._listener(event)
        except Exception as error:  # noqa: BLE001 - a listener's own fault; result() raises it
            self._listener = None
            self.cancel()
            return self._events.put(error)

    def result(self, timeout: float | None = None) -> Generation:
        """The finished text. Raises what ended the request, or ``TimeoutError`` after ``timeout`` seconds."""
        while self._outcome is None:
            self._take(timeout)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def __iter__(self) -> Iterator[Delta]:
        """The pieces as they come; leaving early cancels the request."""
        try:
            while self._outcome is None:
                delta = self._take(None)
                if delta is not None:
                    yield delta
        finally:
            if self._outcome is None:
                self.cancel()
        if isinstance(self._outcome, Exception):
            raise self._outcome

    def _take(self, timeout: float | None) -> Delta | None:
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(f"no result after {timeout} s") from None
        if isinstance(event, Exception):
            self._outcome = event
            return None
        self._outcome = event.generation
        return event


def check(request: Request) -> None:
    """Raises ``InvalidParameter`` for what is wrong with a request whatever the model is."""
    if (request.prompt is None) == (request.messages is None):
        raise InvalidParameter("prompt", "give either a prompt or messages")
    if isinstance(request.max_tokens, bool) or not isinstance(request.max_tokens, int):
        raise InvalidParameter("max_tokens", "must be a whole number")
    if request.max_tokens < 0:
        raise InvalidParameter("max_tokens", f"must not be negative, is {request.max_tokens}")
    if not isinstance(request.stop, list | tuple) or not all(
        isinstance(text, str) and text for text in request.stop
    ):
        raise InvalidParameter("stop", "must be a list of texts, none of them empty")
    _check_kinds(request)
    if request.source is not None and request.schema is None:
        raise InvalidParameter("source", "grounds the fields of a schema; there is none")
    if request.overflow not in ("length", "slide"):
        raise InvalidParameter("overflow", f"is length or slide, not {request.overflow!r}")
    if isinstance(request.keep, bool) or not isinstance(request.keep, int) or request.keep < 0:
        raise InvalidParameter("keep", "must be a whole number that is not negative")
    if request.messages is not None:
        _check_messages(request.messages)


def _check_kinds(request: Request) -> None:
    """What the engine's own thread would stumble over."""
    deadline, cancel = request.deadline, request.cancel
    if not isinstance(request.sampling, Sampling):
        raise InvalidParameter("sampling", f"is a Sampling, not {type(request.sampling).__name__}")
    if deadline is not None and (not isinstance(deadline, int | float) or deadline != deadline):
        raise InvalidParameter("deadline", "is an instant of time.monotonic()")
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        raise InvalidParameter("cancel", f"is a threading.Event, not {type(cancel).__name__}")
    if not isinstance(request.adapter, str):
        raise InvalidParameter("adapter", f"is a name, not {type(request.adapter).__name__}")
    if request.source is not None and not isinstance(request.source, str):
        raise InvalidParameter("source", f"is a text, not {type(request.source).__name__}")
    if request.source is not None and len(request.source) > LONGEST_SOURCE:
        raise InvalidParameter(
            "source", f"has {len(request.source):,} characters, at most {LONGEST_SOURCE:,}"
        )


def _check_messages(messages: Sequence[Mapping[str, str]]) -> None:
    if isinstance(messages, str) or not messages:
        raise InvalidParameter("messages", "must be a list that is not empty")
    for at, message in enumerate(messages):
        if not callable(getattr(message, "get", None)):
            raise InvalidParameter(f"messages[{at}]", "must have a role and a content")
        for key in ("role", "content"):
            if not isinstance(message.get(key), str):
                raise InvalidParameter(f"messages[{at}].{key}", "must be a text")


if TYPE_CHECKING:
    Outcome = Generation | Exception
    """What a batch gives for each of its requests."""
