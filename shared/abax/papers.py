"""The routes of documents and their reviews. They join the app when first asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from abax.errors import InvalidRequest, NotFound
from abax.ports import Job
from abax.views import job_path, job_view
from abax.web import Depends, FastAPI, JSONResponse, Query, Request, Response
from abax.workflow import drafts
from abax.workflow.context import Documents, Services
from abax.workflow.document_request import ReviewRequest
from abax.workflow.intake import UPLOADS, request_document, request_key
from abax.workflow.reviews import REVIEWS, decide, open_reviews

if TYPE_CHECKING:
    from abax.documents.pipeline import Fact

UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["key"],
                    "properties": {
                        "key": {"type": "string", "description": "Under inbox/ in the bucket"},
                        "name": {"type": "string"},
                    },
                }
            },
        },
    }
}
"""The body of an upload, which no model can say: any content, or the key of an object."""


def add_paper_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""
    _add_documents(app, services)
    _add_reviews(app, services)


def _add_documents(app: FastAPI, services: Services) -> None:
    @app.post("/v1/documents", tags=["documents"], response_class=JSONResponse, openapi_extra=UPLOAD)
    def send_document(
        request: Request,
        body: Annotated[bytes, Depends(_body)],
        name: Annotated[str, Query(max_length=1000, description="What the file is called")] = "document",
    ) -> Response:
        """Read a document (202), or find what was made of the same content before (200).

        The body is the file itself, of whatever type: PDF, image, XML, DOCX, text, mail or ZIP. As
        ``application/json`` it names an object: ``{"key": "inbox/…"}``.
        """
        _house(services)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        job, is_new = _sent(services, kind, name, body)
        view = _upload_view(services, job, request)
        return JSONResponse(view, 202 if is_new else 200, {"Location": f"{_base(request)}/{view['upload']}"})

    @app.get("/v1/documents/{document_id}", tags=["documents"], response_class=JSONResponse)
    def get_document(document_id: str, request: Request) -> Response:
        """What a document says, where each value was found, what the rules say, and where it goes; of an
        upload that holds several, which there are."""
        house = _house(services)
        upload = house.records.get(UPLOADS, document_id)
        try:
            return JSONResponse(_document_view(house, drafts.get_fact(services.objects, document_id)))
        except NotFound:
            if upload is None:
                raise
        return JSONResponse(_upload_view(services, services.jobs.get(upload["job_id"]), request))


def _add_reviews(app: FastAPI, services: Services) -> None:
    @app.get("/v1/reviews", tags=["documents"], response_class=JSONResponse)
    def list_reviews(queue: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """The documents that wait for a person, with the reasons and the deadline."""
        found = open_reviews(_house(services).records, queue)
        return JSONResponse({"reviews": [review for _, review in zip(range(limit), found, strict=False)]})

    @app.post("/v1/reviews/{document_id}", tags=["documents"], response_class=JSONResponse)
    def decide_review(document_id: str, body: ReviewRequest) -> Response:
        """Approve a document as it is, correct it (values by path, or the whole entry), or reject it.

        Corrections are kept as labelled data. Whoever decides first is heard (409 for the second).
        """
        _house(services)
        return JSONResponse(decide(services, document_id, body))


async def _body(request: Request) -> bytes:
    return await request.body()


def _house(services: Services) -> Documents:
    if services.documents is None:
        raise NotFound("nothing here reads documents")
    return services.documents


def _sent(services: Services, kind: str, name: str, body: bytes) -> tuple[Job, bool]:
    if kind != "application/json":
        return request_document(services, name, body)
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"not JSON: {error}", "body") from None
    if not isinstance(content, dict) or not isinstance(content.get("key"), str):
        raise InvalidRequest('must name an object, such as {"key": "inbox/invoice.pdf"}', "key")
    return request_key(services, content["key"], str(content.get("name") or ""))


def _upload_view(services: Services, job: Job, request: Request) -> dict[str, Any]:
    view: dict[str, Any] = job_view(job, request).model_dump(mode="json", exclude={"request", "results"})
    view |= {"upload": job.request["digest"], "name": job.request["name"]}
    view["job"] = job_path(request, job.job_id)
    if "documents.json" in job.results:
        view |= drafts.get_json(services.objects, job.results["documents.json"])
    return view


def _document_view(house: Documents, fact: Fact) -> dict[str, Any]:
    waiting = house.records.get(REVIEWS, fact.document_id)
    shown: dict[str, Any] = fact.model_dump(mode="json", exclude_defaults=False)
    extraction = shown["quality"].pop("extraction")
    contract = fact.contract.model_dump(mode="json", exclude_defaults=True)
    return {
        **{name: shown.pop(name) for name in ("document_id", "name", "digest")},
        "way": str(fact.decision.way),
        "waits": waiting is not None,
        "type": str(fact.contract.type),
        "contract": contract,
        "evidence": extraction["evidence"],
        "alternatives": extraction["alternatives"],
        **shown,
    }


def _base(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/v1/documents"
