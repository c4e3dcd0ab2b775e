"""The HTTP API: order a close, follow it, fetch its results, open its figures, ask about them; have texts
written and documents read. The same app serves behind the gateway of the cloud, which checks tokens, and in
edge mode, where ``BearerKey`` asks for the key."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from mimetypes import guess_type
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Final, Literal

from abax import __version__
from abax.errors import AbaxError, InvalidRequest, NotFound, Unauthorized, UnknownSecret
from abax.faults import told
from abax.ports import Job
from abax.views import PROBLEM, JobView, client_token, job_path, job_view, problem
from abax.web import (
    FastAPI,
    FileResponse,
    Header,
    HTTPException,
    JSONResponse,
    Query,
    RedirectResponse,
    Request,
    RequestValidationError,
    Response,
    pydantic_2_alone,
)
from abax.workflow import jobs
from abax.workflow.context import Services
from abax.workflow.outcome import RESULTS, explain_figure
from abax.workflow.request import CloseRequest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_LINES: Final = 5000
"""Journal lines in one answer: what fits the 6 MB that a Lambda function may answer with."""

Limit = Annotated[int, Query(ge=1, le=MOST_LINES)]

WORD_PATHS: Final = re.compile(r"/v1/generate|/v1/questions|/openapi\.json")
"""Paths that the routes of ``abax.words`` matter to."""

BOOK_PATHS: Final = re.compile(r"/v1/groups|/v1/jobs/[^/]+/(segments/.*|statements|budget)|/openapi\.json")
"""Paths that the routes of ``abax.books`` matter to."""

PAPER_PATHS: Final = re.compile(r"/v1/documents(/uploads/.*|/[^/]+)?|/v1/reviews(/[^/]+)?|/openapi\.json")
"""Paths that the routes of ``abax.papers`` matter to."""

MAIL_PATHS: Final = re.compile(r"/v1/mail(/.*)?|/openapi\.json")
"""Paths that the routes of ``abax.mails`` matter to."""

LETTER_PATHS: Final = re.compile(r"/v1/writer(/[^/]+)?|/openapi\.json")
"""Paths that the routes of ``abax.letters`` matter to."""

CASHFLOW_PATHS: Final = re.compile(r"/v1/cashflow/.*|/openapi\.json")
"""Paths that the routes of ``abax.cashflows`` matter to."""

FORECAST_PATHS: Final = re.compile(r"/v1/forecasts(/[^/]+)?|/v1/closes/[^/]+/forecast|/openapi\.json")
"""Paths that the routes of ``abax.forecasts`` matter to."""

OPEN_PATHS: Final = ("/v1/health", "/openapi.json")
"""Paths that answer without a key: nothing of anybody's books is there."""


def create_app(services: Services) -> FastAPI:
    """The app over the given services."""
    with pydantic_2_alone():
        return _app(services)


def _app(services: Services) -> FastAPI:
    app = FastAPI(
        title="Abax",
        version=__version__,
        summary="Financial closes: books in, statements out, every word held to them",
        responses={"4XX": PROBLEM, "5XX": PROBLEM},
        docs_url=None,  # its page would load scripts from elsewhere; openapi.json says it all
        redoc_url=None,
    )
    _add_close_routes(app, services)
    _add_job_routes(app, services)
    app.add_middleware(LateRoutes, paths=WORD_PATHS, declare=lambda: _add_word_routes(app, services))
    app.add_middleware(LateRoutes, paths=BOOK_PATHS, declare=lambda: _add_book_routes(app, services))
    app.add_middleware(LateRoutes, paths=PAPER_PATHS, declare=lambda: _add_paper_routes(app, services))
    app.add_middleware(LateRoutes, paths=LETTER_PATHS, declare=lambda: _add_letter_routes(app, services))
    app.add_middleware(LateRoutes, paths=MAIL_PATHS, declare=lambda: _add_mail_routes(app, services))
    app.add_middleware(LateRoutes, paths=CASHFLOW_PATHS, declare=lambda: _add_cashflow_routes(app, services))
    app.add_middleware(LateRoutes, paths=FORECAST_PATHS, declare=lambda: _add_forecast_routes(app, services))
    _add_error_handlers(app)

    @app.get("/v1/health", tags=["service"])
    async def health() -> dict[str, str]:
        """Whether the API answers, and which version it is."""
        return {"status": "ok", "version": __version__}

    return app


def _add_close_routes(app: FastAPI, services: Services) -> None:
    @app.post("/v1/closes", status_code=202, response_model=JobView, tags=["closes"])
    def order_close(
        body: CloseRequest,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> JobView:
        """Start a close (202), or find the one that the same token started (200)."""
        _require_secret(services, body.secret)
        token = client_token(body.client_token, idempotency_key)
        job, is_new = jobs.request_close(services, body.model_copy(update={"client_token": token}))
        view = job_view(job, request)
        response.headers["Location"] = job_path(request, job.job_id)
        if not is_new:
            response.status_code = 200
        return view


def _require_secret(services: Services, reference: str) -> None:
    """Raises InvalidRequest for a secret that is known not to be there."""
    try:
        if services.secrets is not None:
            services.secrets.get(reference)
    except UnknownSecret as error:
        raise InvalidRequest(str(error), "secret") from error


def _add_job_routes(app: FastAPI, services: Services) -> None:
    @app.get("/v1/jobs", response_model=list[JobView], tags=["jobs"])
    def list_jobs(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        kind: Literal["close", "text", "group", "document", "writing"] = "close",
    ) -> list[JobView]:
        """The newest jobs of a kind, newest first."""
        return [job_view(job, request) for job in services.jobs.recent(limit, kind)]

    @app.get("/v1/jobs/{job_id}", response_model=JobView, tags=["jobs"])
    def get_job(job_id: str, request: Request) -> JobView:
        """A job's state, step and progress; its results or its error once it has ended."""
        return job_view(services.jobs.get(job_id), request)

    @app.post("/v1/jobs/{job_id}/cancel", response_model=JobView, tags=["jobs"])
    def cancel_job(job_id: str, request: Request) -> JobView:
        """Stop a job. What it has finished stays, for the next one to use."""
        return job_view(jobs.cancel(services, job_id), request)

    @app.get("/v1/jobs/{job_id}/results/{name}", response_class=Response, tags=["jobs"])
    def get_result(job_id: str, name: str) -> Response:
        """A result: a redirect to a download link that works for some minutes, or the content itself."""
        job = services.jobs.get(job_id)
        if name not in job.results:
            known = ", ".join(job.results) or f"none yet: the job is {job.state}"
            raise NotFound(f"job {job_id} has no result {name!r}; there is {known}")
        return _result(services, job, name)

    @app.get("/v1/jobs/{job_id}/explain/{report}/{line}/{period}", tags=["figures"])
    def explain(
        job_id: str,
        report: str,
        line: str,
        period: str,
        limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 500,
    ) -> Response:
        """The accounts and journal lines behind one figure; they sum to it."""
        job = services.jobs.get(job_id)
        lineage = explain_figure(services.objects, job, report, line, period, limit)
        return Response(lineage.model_dump_json(), media_type="application/json")


def _result(services: Services, job: Job, name: str) -> Response:
    key = job.results[name]
    about = f"{job.request['company']}-{job.request['year']}" if job.kind == jobs.CLOSE else job.job_id
    filename = re.sub(r"[^\w.-]+", "-", f"{about}-{name}")
    if link := services.objects.link(key, filename):
        return RedirectResponse(link, status_code=307)
    return FileResponse(
        services.objects.fetch(key),
        media_type=RESULTS.get(name) or guess_type(name)[0] or "application/octet-stream",
        filename=filename,
        content_disposition_type="inline",
    )


# --- errors ---------------------------------------------------------------------------------------------


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(AbaxError)
    def on_purpose(request: Request, error: AbaxError) -> JSONResponse:
        return problem(error.code, error.status, str(error), getattr(error, "field", None))

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = _field(first["loc"])
        return problem("InvalidRequest", 422, f"{field}: {told(first)}", field)

    @app.exception_handler(HTTPException)
    def by_framework(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "NotFound", 405: "MethodNotAllowed"}.get(error.status_code, "InvalidRequest")
        return problem(code, error.status_code, f"{request.method} {request.url.path}: {error.detail}")

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        # Starlette raises the error on once this is sent, so it reaches the log with its traceback.
        return problem("InternalError", 500, "something went wrong that the log has the details of")


def _field(location: tuple[int | str, ...]) -> str:
    """Where in the request: ``mapping.400000`` for the body, ``query limit`` elsewhere."""
    kind, *inner = location
    name = ".".join(str(part) for part in inner if not isinstance(part, int) or kind != "body")
    return name or str(kind) if kind == "body" else f"{kind} {name}"


def _add_word_routes(app: FastAPI, services: Services) -> None:
    from abax.words import add_word_routes

    with pydantic_2_alone():
        add_word_routes(app, services)


def _add_book_routes(app: FastAPI, services: Services) -> None:
    from abax.books import add_book_routes

    with pydantic_2_alone():
        add_book_routes(app, services)


def _add_paper_routes(app: FastAPI, services: Services) -> None:
    from abax.papers import add_paper_routes

    with pydantic_2_alone():
        add_paper_routes(app, services)


def _add_mail_routes(app: FastAPI, services: Services) -> None:
    from abax.mails import add_mail_routes

    with pydantic_2_alone():
        add_mail_routes(app, services)


def _add_cashflow_routes(app: FastAPI, services: Services) -> None:
    from abax.cashflows import add_cashflow_routes

    with pydantic_2_alone():
        add_cashflow_routes(app, services)


def _add_forecast_routes(app: FastAPI, services: Services) -> None:
    from abax.forecasts import add_forecast_routes

    with pydantic_2_alone():
        add_forecast_routes(app, services)


def _add_letter_routes(app: FastAPI, services: Services) -> None:
    from abax.letters import add_letter_routes

    with pydantic_2_alone():
        add_letter_routes(app, services)


class LateRoutes:
    """ASGI middleware that declares routes at the first request for one of ``paths``: what few calls need,
    every cold start would pay for."""

    def __init__(self, app: ASGIApp, paths: re.Pattern[str], declare: Callable[[], None]) -> None:
        self._app = app
        self._paths = paths
        self._declare: Callable[[], None] | None = declare
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Declare if need be, and pass the request on."""
        if scope["type"] == "http" and self._paths.fullmatch(scope["path"]):
            with self._lock:
                declare, self._declare = self._declare, None
                if declare is not None:
                    declare()
        await self._app(scope, receive, send)


class BearerKey:
    """ASGI middleware that lets nobody through without the key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or self._allowed(scope):
            await self._app(scope, receive, send)
            return
        error = Unauthorized()
        await problem(error.code, error.status, str(error))(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self._expected)
