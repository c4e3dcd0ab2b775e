"""What an endpoint understands of the chat protocol: all of it at first, less as it refuses parts.

``json_schema`` holds the text to a schema, strictly or as far as the endpoint will; one without it gets
``json_object``, one without that the schema in words. Only our own ``serve`` takes fields from a source. Some
know ``max_completion_tokens`` alone, or no temperature, seed or stream options.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from abax.ports import TextRequest


class Form(StrEnum):
    """How an endpoint is told to answer with JSON."""

    STRICT = "strict json_schema"
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


_LESSER: Final = {Form.STRICT: Form.SCHEMA, Form.SCHEMA: Form.OBJECT, Form.OBJECT: Form.TEXT}
_REFUSES: Final = (400, 404, 415, 422, 501)
"""Status codes by which a part of a request is turned down."""
_FORM_WORDS: Final = re.compile(
    r"response_format|json_schema|json_object|json mode|structured|guided|grammar|schema", re.IGNORECASE
)


@dataclass(frozen=True)
class Dialect:
    """The parts of the protocol that an endpoint understands."""

    form: Form = Form.STRICT
    grounding: bool = True
    """Fields marked ``x-grounded``, and the source they are taken from."""
    limit: str = "max_tokens"
    temperature: bool = True
    seed: bool = True
    stream_options: bool = True

    def body(self, model: str, request: TextRequest, *, stream: bool = False) -> dict[str, Any]:
        """The request in these words."""
        body: dict[str, Any] = {
            "model": model,
            "messages": self._messages(request),
            self.limit: request.max_tokens,
        }
        if self.temperature:
            body["temperature"] = request.temperature
        if request.stop:
            body["stop"] = list(request.stop)
        if request.seed is not None and self.seed:
            body["seed"] = request.seed
        if request.schema is not None and self.form is not Form.TEXT:
            body["response_format"] = self._response_format(request)
            if self._grounds(request):
                body["source"] = request.source
        if stream:
            body["stream"] = True
            if self.stream_options:
                body["stream_options"] = {"include_usage": True}
        return body

    def without(self, status: int, said: str) -> Dialect | None:
        """What is left of it once a request in it was turned down in these words; None where the refusal is
        of something else."""
        if status not in _REFUSES:
            return None
        if self.grounding and ("x-grounded" in said or re.search(r"\bsource\b", said)):
            return replace(self, grounding=False)
        if self.limit == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit="max_completion_tokens")
        if self.stream_options and "stream_options" in said:
            return replace(self, stream_options=False)
        if self.temperature and "temperature" in said:
            return replace(self, temperature=False)
        if self.seed and re.search(r"\bseed\b", said):
            return replace(self, seed=False)
        if self.form in _LESSER and _FORM_WORDS.search(said):
            return replace(self, form=_LESSER[self.form])
        return None

    def _messages(self, request: TextRequest) -> list[dict[str, str]]:
        messages = [dict(message) for message in request.messages]
        if request.schema is None or self.form in (Form.STRICT, Form.SCHEMA):
            return messages
        told = _in_words(request)
        if messages and messages[0]["role"] == "system":
            return [{**messages[0], "content": f"{messages[0]['content']}\n{told}"}, *messages[1:]]
        return [{"role": "system", "content": told}, *messages]

    def _response_format(self, request: TextRequest) -> dict[str, Any]:
        if self.form is Form.OBJECT:
            return {"type": "json_object"}
        strict = self.form is Form.STRICT
        schema = _told(request.schema, strict=strict, grounded=self._grounds(request))
        described = {"name": "answer", "schema": schema, "strict": strict}
        return {"type": "json_schema", "json_schema": described}

    def _grounds(self, request: TextRequest) -> bool:
        return self.grounding and self.form is Form.STRICT and request.source is not None


def _told(schema: Any, *, strict: bool, grounded: bool) -> Any:
    """The schema without marks that only we know; where it is strict, every property must be there, as strict
    endpoints want it."""
    if isinstance(schema, list):
        return [_told(one, strict=strict, grounded=grounded) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {
        key: {name: _told(one, strict=strict, grounded=grounded) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _told(value, strict=strict, grounded=grounded)
        for key, value in schema.items()
        if not (key.startswith("x-") and not grounded) and not (strict and key == "default")
    }
    if strict and isinstance(schema.get("properties"), Mapping):
        kept["required"] = list(schema["properties"])
    return kept


def _in_words(request: TextRequest) -> str:
    plain = _told(request.schema, strict=False, grounded=False)
    schema = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object that meets this JSON schema, and with nothing else: {schema}"
