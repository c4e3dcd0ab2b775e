"""The routes of the writer. They join the app when first asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from abax.errors import ModelUnavailable
from abax.faults import refused
from abax.views import answer_of, client_token
from abax.web import FastAPI, Header, JSONResponse, Request, Response
from abax.workflow.context import Services
from abax.workflow.texts import request_text
from abax.workflow.writing_request import WritingRequest
from abax.writing.services import SERVICES, example_of, schema_of, service


class WriterBody(BaseModel):
    """What the writer is to write."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    context: dict[str, Any] | None = None
    """The facts; ``GET /v1/writer/{name}`` says which the service knows."""
    contexts: Annotated[list[dict[str, Any]] | None, Field(min_length=1, max_length=500)] = None
    """Several at once instead."""
    model: Literal["auto", "never", "always"] = "auto"
    """Whether a model words it: only where it is proven to, never, always."""
    at_most: Annotated[int, Field(ge=1, le=64)] = 8
    """Texts that a model words together."""
    wait: bool = True
    """Answer with the text if it is done in time; else with a job at once."""
    callback: Annotated[str | None, Field(max_length=2000)] = None
    """URL that a signed POST tells when the job has ended."""
    client_token: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """The same token is the same job."""


def add_letter_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""

    @app.get("/v1/writer", tags=["writer"])
    def list_services() -> list[dict[str, str]]:
        """What can be written."""
        return [{"service": one.name, "about": one.about} for one in SERVICES.values()]

    @app.get("/v1/writer/{name}", tags=["writer"])
    def describe(name: str) -> dict[str, Any]:
        """The JSON schemas of a service's context and result, and a context to begin with."""
        found = service(name)
        return {
            "service": found.name,
            "about": found.about,
            "context": schema_of(name),
            "example": example_of(name),
            "result": found.result.model_json_schema(),
        }

    @app.post("/v1/writer/{name}", tags=["writer"], response_class=JSONResponse)
    def write(
        name: str,
        body: WriterBody,
        request: Request,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> Response:
        """Have texts written from facts: the result (200) where it is done within 20 seconds, else its job
        (202).

        ``context`` gives one result; ``contexts`` gives ``results``, one for each, in order: one that nothing
        can be written for has ``index`` and ``error`` (``type``, ``message``, ``field``) instead and stops no
        other; ``failed`` counts them. Nothing leaves that says more than its facts: ``method`` says who
        worded it, ``refused`` why a model's text was not taken.
        """
        if services.texts is None:
            raise ModelUnavailable("nothing here writes texts")
        token = client_token(body.client_token, idempotency_key)
        wanted = _request(service(name).name, body).model_copy(update={"client_token": token}).checked()
        return answer_of(services, request_text(services, services.texts, wanted), request)


def _request(name: str, body: WriterBody) -> WritingRequest:
    try:
        return WritingRequest.model_validate({"service": name, **body.model_dump(exclude_unset=True)})
    except ValidationError as error:
        raise refused(error, "context") from None
