"""The routes that cut a close's books otherwise, and close groups. They join the app when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from abax.errors import InvalidRequest, UnknownSecret
from abax.views import JobView, client_token, job_path, job_view
from abax.web import Body, FastAPI, Header, Query, Request, Response
from abax.workflow.context import Services
from abax.workflow.group import request_group
from abax.workflow.group_request import GroupRequest
from abax.workflow.outcome import package_of
from abax.workflow.views import budget_report, presented, segment_report

if TYPE_CHECKING:
    from pydantic import BaseModel


def add_book_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""
    _add_views(app, services)

    @app.post("/v1/groups", status_code=202, response_model=JobView, tags=["groups"])
    def order_group(
        body: GroupRequest,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> JobView:
        """Start the close of a group (202), or find the one that the same token started (200)."""
        for member in body.members:
            _require_secret(services, member.secret)
        token = client_token(body.client_token, idempotency_key)
        job, is_new = request_group(services, body.model_copy(update={"client_token": token}))
        response.headers["Location"] = job_path(request, job.job_id)
        if not is_new:
            response.status_code = 200
        return job_view(job, request)


def _add_views(app: FastAPI, services: Services) -> None:
    objects = services.objects

    @app.get("/v1/jobs/{job_id}/segments/{dimension:path}", tags=["figures"])
    def segments(job_id: str, dimension: str, period: str | None = None, top: bool = False) -> Response:
        """The income statement of a close by the values of a dimension."""
        return _json(segment_report(objects, services.jobs.get(job_id), dimension, period, top=top))

    @app.get("/v1/jobs/{job_id}/statements", tags=["figures"])
    def statements(
        job_id: str, currency: Annotated[str | None, Query(min_length=3, max_length=3)] = None
    ) -> Response:
        """The statements of a close, in another currency at the rates of the source where one is named."""
        job = services.jobs.get(job_id)
        return _json(presented(objects, job, currency) if currency else package_of(objects, job))

    @app.post("/v1/jobs/{job_id}/budget", tags=["figures"])
    def budget(
        job_id: str,
        body: Annotated[str, Body(media_type="text/csv")],
        by: str = "month",
        version: str | None = None,
    ) -> Response:
        """A budget (CSV: account,month,amount and, if need be, dimension,version) beside what was booked."""
        return _json(budget_report(objects, services.jobs.get(job_id), body, by, version))


def _json(content: BaseModel) -> Response:
    return Response(content.model_dump_json(), media_type="application/json")


def _require_secret(services: Services, reference: str) -> None:
    """Raises InvalidRequest for a secret that is known not to be there."""
    try:
        if services.secrets is not None:
            services.secrets.get(reference)
    except UnknownSecret as error:
        raise InvalidRequest(str(error), "members") from error
