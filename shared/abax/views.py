"""What the API's routes share: how jobs and problems look, and what makes a request safe to repeat."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from abax.errors import InvalidRequest, Unauthorized, status_of
from abax.ports import Job, JobState
from abax.web import JSONResponse, Request, Response
from abax.workflow.context import Services


class JobView(BaseModel):
    """A job as the API shows it."""

    job_id: str
    state: JobState
    step: str
    progress: Annotated[float, Field(ge=0, le=1)]
    message: str
    request: dict[str, Any]
    results: Annotated[dict[str, str], Field(description="Result name to the path that it is fetched from")]
    error: Annotated[dict[str, str] | None, Field(description="type and message of what ended the job")]
    created_at: datetime
    updated_at: datetime


PROBLEM: Final = {
    "description": "What went wrong, as RFC 9457 has it",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string", "description": "The error's code, such as UnknownJob"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "field": {"type": "string", "description": "The part of the request at fault"},
                },
            }
        }
    },
}
"""Written out, since a model here would be built anew for every route at every cold start."""


def client_token(given: str | None, header: str | None) -> str | None:
    """The client token, from the body or the header."""
    if header and given not in (None, header):
        raise InvalidRequest("differs from the Idempotency-Key header", "client_token")
    return header or given


def job_view(job: Job, request: Request) -> JobView:
    base = job_path(request, job.job_id)
    fields = job.model_dump(include=set(JobView.model_fields))
    return JobView.model_validate(
        {**fields, "results": {name: f"{base}/results/{name}" for name in job.results}}
    )


def job_path(request: Request, job_id: str) -> str:
    return f"{request.scope.get('root_path', '')}/v1/jobs/{job_id}"


def problem(code: str, status: int, detail: str, field: str | None = None) -> JSONResponse:
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code).capitalize()
    body = {"type": code, "title": title, "status": status, "detail": detail, "field": field or None}
    headers = {"WWW-Authenticate": "Bearer"} if status == Unauthorized.status else None
    given = {name: value for name, value in body.items() if value is not None}
    return JSONResponse(given, status, headers, media_type="application/problem+json")


def answer_of(services: Services, job: Job, request: Request) -> Response:
    """The text of a job, its error, or where to follow it."""
    from abax.workflow.texts import result_of  # what most calls of the API do without

    if job.state is JobState.SUCCEEDED:
        return JSONResponse(result_of(services.objects, job))
    if job.error:
        told = job.error
        return problem(told["type"], status_of(told["type"]), told["message"], told.get("field"))
    view = job_view(job, request).model_dump(mode="json")
    return JSONResponse(view, 202, {"Location": job_path(request, job.job_id)})
