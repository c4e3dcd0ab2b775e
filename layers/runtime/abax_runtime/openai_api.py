"""The OpenAI API's words for what the engine does: bodies to requests, texts to answers, errors to errors.

Beyond OpenAI's own fields a body may have ``top_k``, ``min_p``, ``repetition_penalty``, ``source`` (the text
for grounded fields of the schema) and ``deadline_s`` (seconds from now): ``extra_body`` of OpenAI's client.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from abax_runtime.errors import (
    ContextOverflow,
    DeadlinePassed,
    InvalidParameter,
    ModelChanged,
    NotEnoughMemory,
    RuntimeFault,
)
from abax_runtime.request import Request
from abax_runtime.sampler import Sampling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from abax_runtime.request import Generation, TokenLogprob

Json = dict[str, Any]

REFUSED = {
    "tools": "tool calls are not supported; ask for a json_schema response_format instead",
    "functions": "function calls are not supported; ask for a json_schema response_format instead",
    "logit_bias": "is not supported",
    "frequency_penalty": "is not supported; repetition_penalty is",
    "presence_penalty": "is not supported; repetition_penalty is",
    "suffix": "is not supported",
    "echo": "is not supported",
    "audio": "is not supported",
}
"""Fields that would change the answer. Those that would not (``user``, ``metadata``…) are ignored."""

FINISH = {
    "stop": "stop",
    "stop_string": "stop",
    "length": "length",
    "deadline": "length",
    "cancelled": "stop",
}

DEFAULT_COMPLETION = 16
"""Tokens that OpenAI's own completion endpoint gives when nothing is said."""


class Body:
    """A JSON object whose fields are checked as they are taken."""

    def __init__(self, content: bytes) -> None:
        try:
            fields = json.loads(content)
        except ValueError as error:
            raise InvalidParameter("body", f"is not JSON: {error}") from error
        except RecursionError as error:
            raise InvalidParameter("body", "is nested too deep") from error
        if not isinstance(fields, dict):
            raise InvalidParameter("body", "is not a JSON object")
        self.fields: Json = fields

    def get(self, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """A field's value; ``default`` where it is absent or null."""
        value = self.fields.get(name)
        if value is None:
            return default
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InvalidParameter(
                name, f"must be of type {' or '.join(_JSON_NAMES[kind] for kind in kinds)}"
            )
        return value

    def refuse_unsupported(self) -> None:
        """Raises ``InvalidParameter`` for a field that would be ignored though it matters."""
        for name, problem in REFUSED.items():
            if self.fields.get(name):
                raise InvalidParameter(name, problem)
        for name in ("n", "best_of"):
            if self.get(name, int, 1) != 1:
                raise InvalidParameter(name, "only 1 is supported")


_JSON_NAMES: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}


class Call(NamedTuple):
    """A body, understood."""

    request: Request
    stream: bool
    include_usage: bool
    chat: bool


def chat_call(body: Body, length: int) -> Call:
    """``POST /v1/chat/completions``. ``length`` is the context's: the most tokens when none are asked for."""
    messages = [_message(at, message) for at, message in enumerate(body.get("messages", list, []))]
    wanted = body.get("max_completion_tokens", int, body.get("max_tokens", int, length))
    logprobs = body.get("top_logprobs", int, 0) if body.get("logprobs", bool, False) else None
    return _call(body, Request(messages=messages, schema=_schema(body)), wanted, logprobs, chat=True)


def completion_call(body: Body, length: int) -> Call:
    """``POST /v1/completions``: one prompt, as text or token ids."""
    prompt = body.get("prompt", (str, list), "")
    if isinstance(prompt, list) and prompt and isinstance(prompt[0], str | list):
        if len(prompt) > 1:
            raise InvalidParameter("prompt", "one prompt at a time is supported")
        prompt = prompt[0]
    wanted = min(body.get("max_tokens", int, DEFAULT_COMPLETION), length)
    request = Request(prompt, schema=_schema(body))
    return _call(body, request, wanted, body.get("logprobs", int), chat=False)


def _call(body: Body, request: Request, max_tokens: int, logprobs: int | None, *, chat: bool) -> Call:
    body.refuse_unsupported()
    if max_tokens < 1:
        raise InvalidParameter("max_tokens", "must be at least 1")
    stop = body.get("stop", (str, list), [])
    deadline = body.get("deadline_s", (int, float))
    if deadline is not None and not 0 < deadline < math.inf:
        raise InvalidParameter("deadline_s", "must be a number of seconds above 0")
    request = request._replace(
        max_tokens=max_tokens,
        sampling=_sampling(body, logprobs),
        source=body.get("source", str),
        stop=[stop] if isinstance(stop, str) else stop,
        deadline=None if deadline is None else time.monotonic() + deadline,
    )
    options = body.get("stream_options", dict, {})
    return Call(request, body.get("stream", bool, False), options.get("include_usage") is True, chat)


def _sampling(body: Body, logprobs: int | None) -> Sampling:
    """OpenAI's default temperature is 1; what it has no word for keeps the runtime's own defaults."""
    plain = Sampling()
    if logprobs is not None and not 0 <= logprobs <= 20:
        raise InvalidParameter("top_logprobs", "must be from 0 to 20")
    return Sampling(
        temperature=float(body.get("temperature", (int, float), 1.0)),
        top_k=body.get("top_k", int, plain.top_k),
        top_p=float(body.get("top_p", (int, float), plain.top_p)),
        min_p=float(body.get("min_p", (int, float), plain.min_p)),
        repetition_penalty=float(body.get("repetition_penalty", (int, float), plain.repetition_penalty)),
        seed=body.get("seed", int),
        logprobs=logprobs,
    )


def _message(at: int, message: Any) -> dict[str, str]:
    """Text parts are joined; a developer is what a system was; other kinds of content are refused by name."""
    if not isinstance(message, dict):
        raise InvalidParameter(f"messages[{at}]", "must be an object")
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "developer", "user", "assistant"):
        raise InvalidParameter(f"messages[{at}].role", f"{role!r} is not supported")
    if isinstance(content, list):
        content = "".join(_part(at, part) for part in content)
    if not isinstance(content, str):
        raise InvalidParameter(f"messages[{at}].content", "must be a text, or a list of text parts")
    return {"role": "system" if role == "developer" else role, "content": content}


def _part(at: int, part: Any) -> str:
    if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
        raise InvalidParameter(f"messages[{at}].content", "only parts of type text are supported")
    return str(part["text"])


def _schema(body: Body) -> Json | None:
    wanted = body.get("response_format", dict, {"type": "text"})
    kind = wanted.get("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    described = wanted.get("json_schema")
    if kind != "json_schema":
        raise InvalidParameter("response_format.type", f"{kind!r} is not text, json_object or json_schema")
    if not isinstance(described, dict) or not isinstance(described.get("schema"), dict):
        raise InvalidParameter("response_format.json_schema.schema", "must be an object")
    schema: Json = described["schema"]
    return schema


# --- answers ---


class Answer(NamedTuple):
    """What all parts of one answer have in common."""

    id: str
    created: int
    model: str
    chat: bool

    def whole(self, generation: Generation) -> Json:
        """The answer when nothing is streamed."""
        choice: Json = {"index": 0, "finish_reason": FINISH[generation.finish]}
        if self.chat:
            choice["message"] = {"role": "assistant", "content": generation.text, "refusal": None}
        else:
            choice["text"] = generation.text
        choice["logprobs"] = self._logprobs(generation.logprobs)
        return self._head("") | {"choices": [choice], "usage": usage(generation), "abax": details(generation)}

    def chunk(
        self,
        text: str,
        logprobs: Sequence[TokenLogprob] | None = None,
        finish: str | None = None,
        *,
        first: bool = False,
    ) -> Json:
        """A piece of a streamed answer."""
        choice: Json = {"index": 0, "finish_reason": finish, "logprobs": self._logprobs(logprobs or None)}
        if self.chat:
            choice["delta"] = ({"role": "assistant"} if first else {}) | ({"content": text} if text else {})
        else:
            choice["text"] = text
        return self._head(".chunk") | {"choices": [choice]}

    def last(self, generation: Generation) -> Json:
        """The piece of a streamed answer that has only the usage."""
        return self._head(".chunk") | {
            "choices": [],
            "usage": usage(generation),
            "abax": details(generation),
        }

    def _head(self, chunk: str) -> Json:
        kind = f"chat.completion{chunk}" if self.chat else "text_completion"
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _logprobs(self, entries: Sequence[TokenLogprob] | None) -> Json | None:
        if entries is None:
            return None
        return _chat_logprobs(entries) if self.chat else _completion_logprobs(entries)


def usage(generation: Generation) -> Json:
    """Tokens read and written."""
    return {
        "prompt_tokens": generation.prompt_tokens,
        "completion_tokens": generation.completion_tokens,
        "total_tokens": generation.prompt_tokens + generation.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": generation.cached_tokens},
    }


def details(generation: Generation) -> Json:
    """What OpenAI has no words for."""
    return {
        "finish": generation.finish,
        "drafted": generation.drafted,
        "accepted": generation.accepted,
        "forced": generation.forced,
        "timings": {name: round(seconds, 6) for name, seconds in generation.timings._asdict().items()},
    }


def _chat_logprobs(entries: Sequence[TokenLogprob]) -> Json:
    return {
        "content": [
            _entry(entry.piece, entry.logprob)
            | {"top_logprobs": [_entry(other.piece, other.logprob) for other in entry.top]}
            for entry in entries
        ],
        "refusal": None,
    }


def _entry(piece: bytes, logprob: float) -> Json:
    return {"token": piece.decode(errors="replace"), "logprob": _finite(logprob), "bytes": list(piece)}


def _completion_logprobs(entries: Sequence[TokenLogprob]) -> Json:
    tokens = [entry.piece.decode(errors="replace") for entry in entries]
    return {
        "tokens": tokens,
        "token_logprobs": [_finite(entry.logprob) for entry in entries],
        "top_logprobs": [
            {other.piece.decode(errors="replace"): _finite(other.logprob) for other in entry.top}
            for entry in entries
        ],
        "text_offset": [sum(map(len, tokens[:at])) for at in range(len(tokens))],
    }


def _finite(logprob: float) -> float:
    """JSON has no infinity; -9999 is what OpenAI says for a token that cannot come."""
    return max(logprob, -9999.0)


# --- embeddings ---


def embedding_inputs(body: Body) -> list[str | list[int]]:
    """``POST /v1/embeddings``: a text, token ids, or a list of either."""
    given = body.get("input", (str, list), [])
    if isinstance(given, str) or (given and isinstance(given[0], int)):
        given = [given]
    if not given:
        raise InvalidParameter("input", "must not be empty")
    if not all(isinstance(one, str | list) for one in given):
        raise InvalidParameter("input", "must be a text, token ids, or a list of either")
    return list(given)


def embedding_answer(body: Body, vectors: Sequence[Sequence[float]], tokens: int, model: str) -> Json:
    """Vectors as numbers, or as base64 of little-endian 32-bit floats."""
    packed = _wants_base64(body)
    data = [
        {"object": "embedding", "index": at, "embedding": _packed(vector) if packed else list(vector)}
        for at, vector in enumerate(vectors)
    ]
    counted = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": model, "usage": counted}


def check_embedding(body: Body, width: int) -> None:
    """Refuses what cannot be had before anything is computed."""
    _wants_base64(body)
    if body.get("dimensions", int, width) != width:
        raise InvalidParameter("dimensions", f"this model's embeddings have {width}")


def _wants_base64(body: Body) -> bool:
    wanted = body.get("encoding_format", str, "float")
    if wanted not in ("float", "base64"):
        raise InvalidParameter("encoding_format", f"{wanted!r} is not float or base64")
    return bool(wanted == "base64")


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


# --- errors ---


class Refusal(Exception):
    """An answer that is an error: HTTP status, OpenAI's type and code, and headers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.body: Json = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def refusal_of(error: RuntimeFault) -> Refusal:
    """The HTTP words for an error of the runtime."""
    message = str(error)
    if isinstance(error, InvalidParameter):
        return Refusal(400, message, code="invalid_value", param=error.field)
    if isinstance(error, ContextOverflow):
        return Refusal(400, message, code="context_length_exceeded", param="messages")
    if isinstance(error, DeadlinePassed):
        return Refusal(504, message, kind="timeout_error", code="deadline_passed")
    if isinstance(error, ModelChanged):
        return Refusal(503, message, kind="server_error", code="model_changed")
    if isinstance(error, NotEnoughMemory):
        return Refusal(503, message, kind="server_error", code="not_enough_memory")
    return Refusal(500, message, kind="server_error", code=error.code)
