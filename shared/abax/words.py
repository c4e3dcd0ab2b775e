"""The routes that write and answer: texts, and questions about a close. They join the app when first asked
for, since each one that is declared lengthens every cold start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from abax.errors import AbaxError, InvalidRequest, ModelUnavailable
from abax.views import answer_of, client_token, job_path
from abax.web import FastAPI, Header, JSONResponse, Request, Response, StreamingResponse
from abax.workflow.context import Services, Texts
from abax.workflow.outcome import ask_close
from abax.workflow.text_request import GenerateRequest
from abax.workflow.texts import request_text, stream_text

if TYPE_CHECKING:
    from abax.ports import TextPiece
    from abax.writing import Answer


class QuestionRequest(BaseModel):
    """A question about one close."""

    model_config = ConfigDict(extra="forbid")

    job_id: Annotated[str, Field(min_length=1, max_length=200, description="The job of the close")]
    question: Annotated[str, Field(min_length=1, max_length=500)]


def add_word_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""

    @app.post("/v1/generate", tags=["words"], response_class=JSONResponse)
    def generate(
        body: GenerateRequest,
        request: Request,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> Response:
        """Have a text written: the text (200) where it is done within 20 seconds, else its job (202).

        ``callback`` is told when a job has ended, by a POST with an ``Abax-Signature`` header:
        ``t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>``.
        """
        if services.texts is None:
            raise ModelUnavailable("nothing here writes texts")
        if body.stream:
            return _streamed(services.texts, body)
        token = client_token(body.client_token, idempotency_key)
        wanted = body.model_copy(update={"client_token": token})
        return answer_of(services, request_text(services, services.texts, wanted), request)

    @app.post("/v1/questions", tags=["words"], response_class=JSONResponse)
    def ask(body: QuestionRequest, request: Request) -> Response:
        """Answer a question about a close from its figures, each cited with the paths that explain it.

        A question that the figures hold no answer to is answered with ``answered: false`` and the reason.
        """
        job = services.jobs.get(body.job_id)
        found = ask_close(services.objects, job, body.question)
        return JSONResponse(_answer(found, f"{job_path(request, job.job_id)}/explain"))


def _streamed(texts: Texts, body: GenerateRequest) -> Response:
    """The text as server-sent events. What goes wrong before the first piece is an error like any other."""
    if texts.model is None:
        raise InvalidRequest("texts are streamed in edge mode (abax serve); leave it out here", "stream")
    pieces = stream_text(texts.model, body)
    first = next(pieces, None)
    return StreamingResponse(_events(first, pieces), media_type="text/event-stream")


def _events(first: TextPiece | None, rest: Iterator[TextPiece]) -> Iterator[str]:
    piece = first
    try:
        while piece is not None:
            content = {"text": piece.text, **({"result": asdict(piece.result)} if piece.result else {})}
            yield f"data: {json.dumps(content, ensure_ascii=False, default=str)}\n\n"
            piece = next(rest, None)
        yield "data: [DONE]\n\n"
    except AbaxError as error:
        yield f"event: error\ndata: {json.dumps(error.as_dict())}\n\n"


def _answer(found: Answer, base: str) -> dict[str, Any]:
    content: dict[str, Any] = found.model_dump(mode="json")
    for shown, figure in zip(content["figures"], found.figures, strict=True):
        shown["explain"] = [f"{base}/{path}" for path in figure.opens]
    return content
