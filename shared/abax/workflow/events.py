"""How a request travels: bare JSON, or CloudEvents 1.0 with it as ``data``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from abax.errors import InvalidRequest
from abax.faults import told
from abax.workflow.request import CloseRequest, Order

if TYPE_CHECKING:
    from abax.workflow.text_request import GenerateRequest
    from abax.workflow.writing_request import WritingRequest

CLOSE_REQUESTED: Final = "abax.close.requested"
TEXT_REQUESTED: Final = "abax.text.requested"
WRITING_REQUESTED: Final = "abax.writing.requested"

Model = TypeVar("Model", bound=BaseModel)
Ordered = TypeVar("Ordered", bound=Order)


class CloudEvent(BaseModel):
    """The envelope of CloudEvents 1.0 in its JSON format; extension attributes pass."""

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    type: Annotated[str, Field(min_length=1)]
    subject: str | None = None
    time: AwareDatetime | None = None
    datacontenttype: str | None = None
    data: Any = None


def close_requested(request: CloseRequest, source: str = "abax") -> CloudEvent:
    """The event that asks for a close."""
    return CloudEvent(
        id=uuid4().hex,
        source=source,
        type=CLOSE_REQUESTED,
        time=datetime.now(UTC),
        datacontenttype="application/json",
        data=request.model_dump(mode="json", exclude_defaults=True),
    )


def parse_close(body: str | bytes | Mapping[str, Any], delivery: str | None = None) -> CloseRequest:
    """The request in a message's body: a CloseRequest, or a CloudEvent that carries one.

    A queue may deliver a message twice; unless the request brings a client token, the event's source and id
    (else ``delivery``, the transport's message id) stand in for it, so that the second one makes no new job.

    Raises:
        InvalidRequest: naming the field at fault.
    """
    return _parsed(CloseRequest, CLOSE_REQUESTED, parse_object(body), delivery)


def parse_text(body: str | bytes | Mapping[str, Any], delivery: str | None = None) -> GenerateRequest:
    """The request for a text in a message's body, as ``parse_close`` reads one for a close."""
    from abax.workflow.text_request import GenerateRequest

    return _parsed(GenerateRequest, TEXT_REQUESTED, parse_object(body), delivery)


def parse_wanted(
    body: str | bytes | Mapping[str, Any], delivery: str | None = None
) -> GenerateRequest | WritingRequest:
    """The request for a text, or for one of the writer (it names a ``service``), in a message's body, as
    ``parse_close`` reads one for a close. Raises NotFound for a service that there is not."""
    content = parse_object(body)
    bare = content if "specversion" not in content else content.get("data")
    is_writing = content.get("type") == WRITING_REQUESTED or (isinstance(bare, Mapping) and "service" in bare)
    if not is_writing:
        return parse_text(content, delivery)
    from abax.workflow.writing_request import WritingRequest

    return _parsed(WritingRequest, WRITING_REQUESTED, content, delivery).checked()


def _parsed(model: type[Ordered], kind: str, content: Mapping[str, Any], delivery: str | None) -> Ordered:
    if "specversion" not in content:
        return _with_token(_validated(model, content), delivery)
    event = _validated(CloudEvent, content)
    if event.type != kind:
        raise InvalidRequest(f"{event.type!r} is not {kind!r}", "type")
    if not isinstance(event.data, Mapping):
        raise InvalidRequest(f"must be an object that describes the {model.kind}", "data")
    return _with_token(_validated(model, event.data, "data."), _event_token(event))


def parse_object(body: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """A message's body as a JSON object. Raises InvalidRequest."""
    if isinstance(body, Mapping):
        return body
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"not JSON: {error}", "body") from None
    if not isinstance(content, dict):
        raise InvalidRequest("must be a JSON object", "body")
    return content


def _validated(model: type[Model], content: Mapping[str, Any], within: str = "") -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), within + ".".join(map(str, first["loc"]))) from None


def _with_token(request: Ordered, token: str | None) -> Ordered:
    return request if request.client_token else request.model_copy(update={"client_token": token})


def _event_token(event: CloudEvent) -> str:
    """Source and id together are unique by the standard; they may be longer than a token may."""
    return hashlib.sha256(f"{event.source} {event.id}".encode()).hexdigest()
