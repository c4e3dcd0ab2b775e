"""What a user asks the writer for, whichever way it arrives."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from abax.workflow.request import Order
from abax.writing.services import SERVICES, context_of, service

Content = Annotated[dict[str, Any], Field(description="The facts; each service says which it knows")]


class WritingRequest(Order):
    """Texts to be written from facts: body of a message in the queue ``texts``, and of ``POST
    /v1/writer/{service}``, where the path names the service."""

    kind = "writing"

    service: Annotated[str, Field(description=f"One of {', '.join(SERVICES)}")]
    context: Content | None = None
    contexts: Annotated[
        list[Content] | None, Field(min_length=1, max_length=500, description="Several at once instead")
    ] = None
    model: Annotated[
        Literal["auto", "never", "always"],
        Field(description="Whether a model words it: only where it is proven to, never, always"),
    ] = "auto"
    at_most: Annotated[int, Field(ge=1, le=64, description="Texts that a model words together")] = 8
    wait: Annotated[
        bool, Field(description="Answer with the text if it is done in time; else a job at once")
    ] = True
    callback: Annotated[
        str | None, Field(max_length=2000, description="URL that a signed POST tells when the job has ended")
    ] = None

    @property
    def all(self) -> list[dict[str, Any]]:
        """Its contexts, one or several."""
        return self.contexts if self.contexts is not None else [self.context or {}]

    def shown(self) -> dict[str, Any]:
        """Small, and without the facts: the whole request lies in an object."""
        given = self.model_dump(
            mode="json", exclude_defaults=True, include={"service", "model", "wait", "callback"}
        )
        return {**given, "contexts": len(self.all)}

    def checked(self) -> Self:
        """Itself, once its service is known and its only context has been read; of several, each that is at
        fault is told among the results. Raises NotFound, InvalidRequest."""
        service(self.service)
        if self.context is not None:
            context_of(self.service, self.context)
        return self

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.context is None) == (self.contexts is None):
            raise ValueError("give either context or contexts")
        return self
