"""What a user asks for when asking for a text, whichever way it arrives."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abax.workflow.request import Order


class Message(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: Annotated[str, Field(max_length=200_000)]


class GenerateRequest(Order):
    """A text to be written: body of ``POST /v1/generate`` and of a message in the queue ``texts``."""

    kind = "text"

    prompt: Annotated[
        str | None,
        Field(min_length=1, max_length=200_000, description="What the user says; or give messages"),
    ] = None
    messages: Annotated[list[Message] | None, Field(min_length=1, max_length=200)] = None
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = 256
    temperature: Annotated[float, Field(ge=0, le=2, description="0: the same words each time")] = 0.0
    seed: Annotated[int | None, Field(ge=0, le=2**32 - 1)] = None
    stop: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=16, default_factory=list)
    ]
    json_schema: Annotated[
        dict[str, Any] | None, Field(alias="schema", description="JSON schema that the text will meet")
    ] = None
    source: Annotated[
        str | None,
        Field(
            max_length=200_000, description="Text that fields marked x-grounded are taken from, word for word"
        ),
    ] = None
    adapter: Annotated[
        str, Field(max_length=100, description="The model's adapter to answer with, such as write")
    ] = ""
    wait: Annotated[
        bool, Field(description="Answer with the text if it is done in time; else a job at once")
    ] = True
    stream: Annotated[bool, Field(description="Server-sent events; in edge mode only")] = False
    callback: Annotated[
        str | None, Field(max_length=2000, description="URL that a signed POST tells when the job has ended")
    ] = None

    def shown(self) -> dict[str, Any]:
        """Small, and without what was said: the whole request lies in an object."""
        said = self.prompt or "".join(message.content for message in self.messages or [])
        given = self.model_dump(
            mode="json", exclude_defaults=True, include={"max_tokens", "wait", "callback"}
        )
        return {**given, "characters": len(said)}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give either prompt or messages")
        if self.messages and self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's")
        if self.source is not None and self.json_schema is None:
            raise ValueError("source grounds the fields of a schema, and there is none")
        if self.stream and self.callback:
            raise ValueError("a stream is followed by its reader: leave callback out")
        return self
