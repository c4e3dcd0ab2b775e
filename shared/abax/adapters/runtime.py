"""The text model in this process: the runtime of ours, on a GGUF file. It is loaded by the first request."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

from abax.errors import InvalidRequest, ModelError, ModelFailed, ModelUnavailable, OutOfTime
from abax.ports import TextPiece, TextRequest, TextResult

if TYPE_CHECKING:
    from abax_runtime.engine import Engine
    from abax_runtime.request import Generation, Outcome, Request

logger = logging.getLogger("abax.model")

LENGTH: Final = 4096
"""Tokens of prompt and text together."""
SEQUENCES: Final = 8
"""Texts decoded at once."""
DEFAULT: Final = "SmolLM2-135M-Instruct"
"""What the default model is called."""


class RuntimeModel:
    """The TextModel port on ``abax_runtime``. Requests that meet share each pass over the weights."""

    def __init__(
        self, path: Callable[[], Path] | None = None, name: str = "", adapters: Sequence[Path] = ()
    ) -> None:
        """``path`` gives the GGUF file when it is needed (it may have to be fetched); none is the default.
        ``adapters`` are files that requests may name besides those that are found for it."""
        self._path = path
        self._name = name
        self._more = adapters
        self._engine: Engine | None = None
        self._useless: set[tuple[str, str]] = set()
        """Names of stored prefixes that cannot be used, with their adapters."""
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The file's name, or the default model's."""
        return self._name or _default_name()

    @property
    def adapters(self) -> frozenset[str]:
        """Those that were found for the file (``abax_runtime.adapter.found_adapters``)."""
        try:
            return frozenset(_adapters(self._opened()))
        except (ModelError, InvalidRequest) as error:
            logger.warning("the adapters of %s are not known: %s", self.name, error)
            return frozenset()

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises InvalidRequest, ModelError."""
        [result] = self.generate_all([request], deadline)
        if isinstance(result, TextResult):
            return result
        raise result

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts, decoded together."""
        try:
            outcomes = self._outcomes(requests, deadline)
        except (ModelError, InvalidRequest) as error:
            return [error] * len(requests)
        return [
            _problem(outcome) if isinstance(outcome, Exception) else self._result(outcome, request.adapter)
            for request, outcome in zip(requests, outcomes, strict=True)
        ]

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text as it is written. Raises InvalidRequest, ModelError."""
        engine = self._opened()
        try:
            wanted = _request(request, deadline, cancel, self._prefix(engine, request))
            for delta in engine.submit(wanted):
                done = delta.generation
                yield TextPiece(delta.text, self._result(done, request.adapter) if done else None)
        except Exception as error:
            raise _problem(error) from error

    def close(self) -> None:
        """Give the memory back; the next request loads the model again."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _outcomes(self, requests: Sequence[TextRequest], deadline: float | None) -> list[Outcome]:
        """What each comes to; a text under which the weights were replaced is begun again with new ones."""
        engine = self._opened()
        from abax_runtime.errors import ModelChanged

        wanted = [_request(request, deadline, prefix=self._prefix(engine, request)) for request in requests]
        outcomes = engine.generate_all(wanted)
        for at, outcome in enumerate(outcomes):
            if wanted[at].prefix and _is_of_prefix(outcome):
                wanted[at] = self._without_prefix(requests[at], wanted[at], outcome)
                outcomes[at] = ModelChanged(str(outcome))
        cut = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, ModelChanged)]
        again = self._opened().generate_all([wanted[at] for at in cut]) if cut else []
        for at, outcome in zip(cut, again, strict=True):
            outcomes[at] = outcome
        return outcomes

    def _prefix(self, engine: Engine, request: TextRequest) -> Path | None:
        """The stored beginning of the request's messages, where one was built for these weights and this
        adapter. What is wrong with the adapter the request itself is told."""
        if not request.prefix or (request.prefix, request.adapter) in self._useless:
            return None
        from abax_runtime.errors import RuntimeFault
        from abax_runtime.prefix import place

        try:
            adapter = engine.adapters.get(request.adapter) if request.adapter else None
        except RuntimeFault:
            return None
        path = place(engine.model.gguf.path, engine.model.fingerprint(adapter), request.prefix)
        return path if path.is_file() else None

    def _without_prefix(self, request: TextRequest, wanted: Request, error: object) -> Request:
        """The request without its prefix, which cannot be used here; it is left alone from now on."""
        self._useless.add((request.prefix, request.adapter))
        logger.warning("the stored prefix %s is not used: %s", request.prefix, error)
        return wanted._replace(prefix=None)

    def _opened(self) -> Engine:
        """The engine, opened once, and again when its weights were replaced. Raises ModelUnavailable."""
        with self._lock:
            if self._engine is not None and _outdated(self._engine):
                self._engine.close()
                self._engine = None
                self._useless.clear()
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _open(self) -> Engine:
        try:
            from abax_runtime.engine import Engine

            path = self._path() if self._path else None
            found = _with_found(path, self._more) if self._more else None
            return Engine.open(path, length=LENGTH, sequences=SEQUENCES, adapters=found)
        except ImportError as error:
            raise ModelUnavailable(f"the model runtime is not installed: {error}; run make setup") from error
        except Exception as error:
            raise _problem(error) from error

    def _result(self, made: Generation, adapter: str) -> TextResult:
        return TextResult(
            text=made.text,
            finish=made.finish,
            model=self.name,
            parsed=made.parsed,
            prompt_tokens=made.prompt_tokens,
            completion_tokens=made.completion_tokens,
            cached_tokens=made.cached_tokens,
            timings={name: round(value, 4) for name, value in made.timings._asdict().items()},
            adapter=adapter,
            pieces=tuple((one.piece, one.logprob) for one in made.logprobs or ()),
        )


def _with_found(path: Path | None, more: Sequence[Path]) -> list[Path]:
    """Files of adapters besides those that are found for a model's file. Raises RuntimeFault."""
    from abax_runtime.adapter import found_adapters
    from abax_runtime.gguf import open_gguf
    from abax_runtime.models import default_model

    with open_gguf(path or default_model()) as base:
        return [*found_adapters(base).values(), *more]


def _adapters(engine: Engine) -> list[str]:
    """What the engine's requests may name. Raises ModelUnavailable for a setting that names nothing."""
    from abax_runtime.errors import RuntimeFault

    try:
        return engine.adapters.names
    except RuntimeFault as error:
        raise _problem(error) from error


def _is_of_prefix(outcome: Outcome) -> bool:
    """Whether a request came to nothing because of its stored prefix."""
    from abax_runtime.errors import InvalidModel, InvalidParameter

    refused = isinstance(outcome, InvalidParameter) and outcome.field == "prefix"
    return refused or isinstance(outcome, InvalidModel)


def _outdated(engine: Engine) -> bool:
    """Whether the file is another one by now. If so, waits for what runs: all of it ends at its next step."""
    from abax_runtime.errors import ModelChanged

    try:
        engine.model.gguf.check_unchanged()
    except ModelChanged as change:
        logger.warning("%s; opening it again", change)
        while (now := engine.statistics()).running or now.queued:
            time.sleep(0.01)
        return True
    return False


def _default_name() -> str:
    try:
        from abax_runtime.errors import RuntimeFault
        from abax_runtime.models import NAME, default_model
    except ImportError:
        return DEFAULT
    try:
        path = default_model()
    except RuntimeFault:
        return DEFAULT
    return DEFAULT if path.name == NAME else path.stem


def _request(
    request: TextRequest,
    deadline: float | None,
    cancel: Event | None = None,
    prefix: Path | None = None,
) -> Request:
    from abax_runtime.errors import RuntimeFault
    from abax_runtime.request import Request
    from abax_runtime.sampler import Sampling

    try:
        return Request(
            messages=list(request.messages),
            max_tokens=request.max_tokens,
            sampling=Sampling(
                temperature=request.temperature,
                seed=request.seed,
                logprobs=0 if request.likelihoods else None,
            ),
            schema=request.schema,
            source=request.source,
            stop=tuple(request.stop),
            deadline=deadline,
            cancel=cancel,
            prefix=prefix,
            adapter=request.adapter,
        )
    except RuntimeFault as error:
        raise _problem(error) from error


def _problem(error: Exception) -> InvalidRequest | ModelError:
    """The runtime's error as one of ours. One that it did not raise on purpose is logged with its traceback:
    this is the edge of native code, and neither a close nor a batch may fail for want of words."""
    from abax_runtime import errors as faults

    if isinstance(error, InvalidRequest | ModelError):
        return error
    if isinstance(error, faults.InvalidParameter) and error.field == "adapters":
        return ModelUnavailable(f"ABAX_RUNTIME_ADAPTERS: {str(error).removeprefix('adapters: ')}")
    if isinstance(error, faults.InvalidParameter):
        return InvalidRequest(str(error).removeprefix(f"{error.field}: "), error.field)
    if isinstance(error, faults.ContextOverflow):
        return InvalidRequest(str(error), "messages")
    if isinstance(error, faults.DeadlinePassed):
        return OutOfTime()
    if isinstance(error, faults.RuntimeFault | OSError | MemoryError):
        return ModelUnavailable(f"{type(error).__name__}: {error}")
    logger.error("the model broke", exc_info=error)
    return ModelFailed(f"the model broke: {type(error).__name__}: {error}")


def available() -> bool:
    """Whether the runtime and a default model seem to be here; loads neither."""
    try:
        from abax_runtime.errors import RuntimeFault
        from abax_runtime.models import default_model
    except ImportError:
        return False
    try:
        return os.access(default_model(), os.R_OK)
    except RuntimeFault:
        return False
