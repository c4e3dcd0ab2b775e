"""The face of the runtime: text from a prompt, alone, streamed, in batches, or joined with others.

>>> with Engine.open() as engine:                                  # doctest: +SKIP
...     engine.generate("The capital of France is", max_tokens=8).text
...     engine.generate(messages=[{"role": "user", "content": "Hello"}]).text
...     engine.generate(invoice, schema=Invoice, source=invoice).parsed
...     for delta in engine.stream("Once upon a time"): show(delta.text)

An engine may be used from several threads: requests that meet share each pass over the weights.
"""

from __future__ import annotations

import math
import time
from functools import cached_property, partial

from abax_runtime.drafting import PromptLookup
from abax_runtime.errors import ContextOverflow, DeadlinePassed, InvalidParameter, RuntimeFault
from abax_runtime.prompts import chat_tokens, raw_tokens
from abax_runtime.record import TYPE_CHECKING
from abax_runtime.request import Request, Ticket, check
from abax_runtime.sampler import Sampler
from abax_runtime.scheduler import Scheduler, Slot, Statistics
from abax_runtime.task import Task, Tools, shared
from abax_runtime.text import TextStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Any, Unpack

    from abax_runtime.adapter import Adapter, Adapters
    from abax_runtime.cache import Attention, KvForm
    from abax_runtime.context import Context
    from abax_runtime.grammar import Grammar
    from abax_runtime.model import Model
    from abax_runtime.prefix import StoredPrefix
    from abax_runtime.request import Delta, Generation, Options, Outcome


class Engine:
    """A model, a context with room for some sequences, and the thread that runs requests on them."""

    def __init__(self, model: Model, context: Context, adapters: Sequence[Path | str] | None = ()) -> None:
        """Takes over an open model and a context of it; ``open`` makes both.

        ``adapters``: files, or folders of them, that requests may name; None: what is found.
        """
        self.model, self.length = model, context.length
        self._adapter_paths = adapters
        self._context = context
        self._scheduler = Scheduler(context)

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        length: int = 2048,
        sequences: int = 4,
        threads: int | None = None,
        kv: KvForm = "f16",
        kv_path: Path | str | None = None,
        attention: Attention | None = None,
        batch: int = 512,
        adapters: Sequence[Path | str] | None = None,
    ) -> Engine:
        """Maps a model (the default one where no path is given) and takes memory for its context.

        ``length`` tokens for each of ``sequences`` texts at once; memory is used as tokens fill it.
        ``kv_path``: keep them in a file there, for contexts larger than memory. ``adapters``: files, or
        folders of them, that requests may name; None: what is found (``adapter.found_adapters``). Raises
        ``ModelMissing``, ``InvalidModel``, ``Unsupported``, ``NotEnoughMemory``, ``InvalidParameter``.
        """
        from abax_runtime.model import Model

        model = Model.load(path)
        try:
            context = model.context(
                length=length,
                sequences=sequences,
                batch=batch,
                threads=threads,
                kv=kv,
                kv_path=kv_path,
                attention=attention,
            )
        except BaseException:
            model.close()
            raise
        return cls(model, context, adapters)

    @cached_property
    def adapters(self) -> Adapters:
        """What requests may name. Raises ``InvalidParameter`` for paths where nothing is."""
        from abax_runtime.adapter import Adapters

        return Adapters(self.model, self._adapter_paths)

    def generate(self, prompt: str | Sequence[int] | None = None, **options: Unpack[Options]) -> Generation:
        """The whole text. ``options`` are the fields of ``Request``.

        Raises ``InvalidParameter``, ``InvalidSchema``, ``ContextOverflow``, ``DeadlinePassed``,
        ``ModelChanged``; for an adapter that cannot be used ``InvalidModel``, ``Unsupported``,
        ``AdapterMismatch``.
        """
        return self.submit(Request(prompt, **options), whole=True).result()

    def stream(
        self, prompt: str | Sequence[int] | None = None, **options: Unpack[Options]
    ) -> Iterator[Delta]:
        """The text in pieces as they come, the last with the whole; leaving the loop cancels the rest."""
        return iter(self.submit(Request(prompt, **options)))

    def generate_all(self, requests: Iterable[Request]) -> list[Outcome]:
        """A text, or the error, for each request, in their order; as many at once as there are sequences."""
        return [_outcome(ticket) for ticket in [self._try_submit(request) for request in requests]]

    def submit(
        self,
        request: Request,
        listener: Callable[[Delta | Exception], None] | None = None,
        *,
        whole: bool = False,
    ) -> Ticket:
        """Queues a request. With a ``listener``, pieces go to it, from the engine's own thread.

        ``whole``: one piece, at the end.
        """
        check(request)
        if request.deadline is not None and request.deadline <= time.monotonic():
            raise DeadlinePassed("the deadline had passed before the request came")
        self.model.gguf.check_unchanged()
        prompt = self.tokens(request)
        if len(prompt) > self.length:
            raise ContextOverflow(len(prompt), self.length)
        adapter = self._adapter(request.adapter)
        prefix = None if request.prefix is None else self._stored_prefix(request.prefix, prompt, adapter)
        ticket = Ticket(request.cancel, listener, whole=whole)
        task = Task(request, prompt, ticket, self._tools(request, prompt), self.length, adapter)
        self._scheduler.submit(task, prefix)
        return ticket

    def tokens(self, request: Request) -> list[int]:
        """The token ids of a request's prompt, as the model will read them."""
        if request.messages is not None:
            ids = chat_tokens(request.messages, self.model.chat_template, self.model.tokenizer)
        elif isinstance(request.prompt, str):
            ids = raw_tokens(request.prompt, self.model.tokenizer)
        else:
            ids = self._checked_tokens(request.prompt or ())
        if not ids:
            raise InvalidParameter("prompt", "must not be empty")
        return ids

    def embed(
        self,
        texts: Sequence[str | Sequence[int]],
        *,
        layers: Sequence[int] | None = None,
        normalise: bool = True,
    ) -> list[list[float]]:
        """The mean of each text's hidden states: ``width`` floats (per layer, where ``layers`` are given), of
        length 1 when normalised. Texts may be token ids. Raises ``ContextOverflow``, ``InvalidParameter``.
        """
        if isinstance(texts, str):
            raise InvalidParameter("texts", "must be a list of texts, or of lists of token ids")
        batches = [self._embedding_tokens(at, text) for at, text in enumerate(texts)]
        vectors = [
            self._scheduler.with_slot(partial(self._embed, tokens, layers), len(tokens)) for tokens in batches
        ]
        return [_normalised(vector) for vector in vectors] if normalise else vectors

    def statistics(self) -> Statistics:
        """What the engine has done, and what it is at."""
        return self._scheduler.statistics()

    def close(self) -> None:
        """Cancels what runs, and gives memory and file back."""
        self._scheduler.close()
        self._context.close()
        self.model.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def build_prefix(
        self,
        path: Path | str,
        prompt: str | None = None,
        *,
        system: str | None = None,
        messages: Sequence[Mapping[str, str]] | None = None,
        adapter: str = "",
    ) -> StoredPrefix:
        """Evaluates a fixed beginning of prompts once, and stores its state at ``path`` (and ``path``.json).

        ``prompt`` is raw text; ``system`` a chat's system message; ``messages`` a chat's first ones, the last
        of which goes on. ``adapter``: that of the requests it is for. Raises ``InvalidParameter``,
        ``ContextOverflow``.
        """
        from pathlib import Path

        from abax_runtime import prefix

        text = prompt or ""
        if system is not None:
            messages = [{"role": "system", "content": system}, {"role": "user", "content": ""}]
        if messages is not None:
            text = self._beginning(messages)
        tokens = self.tokens(Request(text))
        self.generate(tokens, max_tokens=0, adapter=adapter)
        own = self._adapter(adapter)
        made = prefix.StoredPrefix(Path(path), text, tokens, self._fingerprint(own), self._attention)
        return self._scheduler.call(lambda slots: prefix.store(made, self._saver(slots, tokens, own)))

    def _embed(self, tokens: list[int], layers: Sequence[int] | None, slot: Slot) -> list[float]:
        return self._context.embed(tokens, layers=layers, slot=slot.number)

    def _embedding_tokens(self, at: int, text: str | Sequence[int]) -> list[int]:
        if not isinstance(text, str | list | tuple):
            raise InvalidParameter(f"texts[{at}]", "must be a text or a list of token ids")
        ids = self.model.tokenizer.encode(text) if isinstance(text, str) else self._checked_tokens(text)
        if not ids:
            raise InvalidParameter(f"texts[{at}]", "must not be empty")
        if len(ids) > self.length:
            raise ContextOverflow(len(ids), self.length)
        return ids

    def _beginning(self, messages: Sequence[Mapping[str, str]]) -> str:
        """What every chat begins with that begins with these, and goes on in the last of them."""
        if not messages:
            raise InvalidParameter("messages", "there is none")
        *first, last = messages
        chats = [[*first, {**last, "content": f"{last.get('content')}{end}"}] for end in "ab"]
        one, other = (self.model.chat_template.render(chat) for chat in chats)
        return one[: shared(one, other)]

    def _saver(self, slots: list[Slot], tokens: list[int], adapter: Adapter | None) -> Callable[[Path], None]:
        fitting = (slot for slot in slots if slot.adapter is adapter and slot.held[: len(tokens)] == tokens)
        held = next(fitting, None)
        if held is None:
            raise RuntimeFault("other requests took the prefix's place before it was stored; try again")
        return lambda path: self._context.save_prefix(path, held.number, len(tokens), adapter)

    def _adapter(self, name: str) -> Adapter | None:
        return self.adapters.get(name) if name else None

    def _stored_prefix(self, path: Path | str, prompt: list[int], adapter: Adapter | None) -> StoredPrefix:
        from abax_runtime import prefix

        stored = prefix.read(path)
        stored.check(self._fingerprint(adapter), self._attention, prompt)
        return stored

    def _fingerprint(self, adapter: Adapter | None) -> str:
        return self.model.gguf.fingerprint if adapter is None else self.model.fingerprint(adapter)

    @property
    def _attention(self) -> str:
        return repr(self._context.attention)

    def _tools(self, request: Request, prompt: list[int]) -> Tools:
        tokenizer = self.model.tokenizer
        grammar = None if request.schema is None else self._grammar(request)
        lookup = PromptLookup(prompt) if request.draft else None
        return Tools(
            tokenizer=tokenizer,
            sampler=Sampler(request.sampling, self.model.native),
            text=TextStream(tokenizer.decoder(), request.stop),
            matcher=None if grammar is None else grammar.matcher(),
            lookup=lookup,
            parse=None if grammar is None else _parser(request.schema),
        )

    def _grammar(self, request: Request) -> Grammar:
        from abax_runtime.grammar import compile_schema

        return compile_schema(request.schema, self.model.tokenizer, grounded_in=request.source)

    def _try_submit(self, request: Request) -> Ticket | Exception:
        try:
            return self.submit(request, whole=True)
        except RuntimeFault as error:
            return error

    def _checked_tokens(self, tokens: Sequence[int]) -> list[int]:
        size = self.model.tokenizer.size
        if not all(type(token) is int and 0 <= token < size for token in tokens):
            raise InvalidParameter("prompt", f"token ids are whole numbers from 0 to {size - 1}")
        return list(tokens)


def _outcome(ticket: Ticket | Exception) -> Outcome:
    """What a request came to, an error too."""
    if isinstance(ticket, Exception):
        return ticket
    try:
        return ticket.result()
    except Exception as error:  # noqa: BLE001 - one request's error is its own outcome
        return error


def _parser(schema: Any) -> Callable[[str], Any]:
    """Pydantic types make their own values."""
    import json

    return getattr(schema, "model_validate_json", json.loads)


def _normalised(vector: list[float]) -> list[float]:
    length = math.sqrt(math.fsum(value * value for value in vector))
    return [value / length for value in vector] if length else vector
