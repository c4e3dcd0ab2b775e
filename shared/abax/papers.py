"""The routes of documents and their reviews. They join the app when first asked for."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote
from uuid import uuid4

from abax.errors import FileTooLarge, InvalidRequest, NotFound
from abax.ports import Job
from abax.views import job_path, job_view
from abax.web import Depends, FastAPI, JSONResponse, PathParameter, Query, Request, Response
from abax.workflow import drafts
from abax.workflow.context import Documents, Services
from abax.workflow.document_request import MOST_BYTES, ReviewRequest
from abax.workflow.intake import INBOX, UPLOADS, request_document, request_key
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
                    "properties": {
                        "key": {"type": "string", "description": "Under inbox/ in the bucket"},
                        "name": {"type": "string"},
                        "bytes": {"type": "integer", "description": "Instead of a key: of a file to be sent"},
                    },
                }
            },
        },
    }
}
"""The body of an upload, which no model can say: any content, the key of an object, or a file's size."""


_NO_NAME: Final = re.compile(r"[^\w.() -]")
"""What is left out of a file's name where it becomes part of an address."""


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

        The body is the file itself, of whatever type: PDF, image, XML, DOCX, text, mail, ZIP or signed. As
        ``application/json`` it names an object, ``{"key": "inbox/…"}``, or the size of a file that is too
        large for one call (6 MB in the cloud), ``{"name": "scan.pdf", "bytes": 9000000}``: the answer (201)
        says where to PUT it, and under which ``key`` to ask for it then.
        """
        _house(services)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        asked = _asked(body) if kind == "application/json" else {}
        if "bytes" in asked:
            return JSONResponse(_upload(services, asked, request), 201)
        if kind == "application/json":
            sent = request_key(services, _key_of(asked), str(asked.get("name") or ""))
        else:
            sent = request_document(services, name, body)
        return _answer(services, sent, request)

    @app.put("/v1/documents/uploads/{token}/{name}", tags=["documents"], response_class=JSONResponse)
    def put_document(
        token: Annotated[str, PathParameter(pattern="^[0-9a-f]{32}$")],
        name: Annotated[str, PathParameter(max_length=100)],
        request: Request,
        body: Annotated[bytes, Depends(_body)],
    ) -> Response:
        """The file itself, at the address that ``POST /v1/documents`` has given for it in edge mode; in the
        cloud that address is the bucket's own."""
        _house(services)
        sent = request_document(services, name, body)
        services.objects.put(f"{INBOX}uploads/{token}/{name}", body)
        return _answer(services, sent, request)

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


def _asked(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"not JSON: {error}", "body") from None
    return content if isinstance(content, dict) else {}


def _key_of(asked: dict[str, Any]) -> str:
    if not isinstance(asked.get("key"), str):
        raise InvalidRequest('must name an object, such as {"key": "inbox/invoice.pdf"}', "key")
    return str(asked["key"])


def _upload(services: Services, asked: dict[str, Any], request: Request) -> dict[str, Any]:
    """Where a file of that size is to be put, and the key to ask for it with afterwards."""
    size = asked["bytes"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise InvalidRequest("must be the size of the file", "bytes")
    name = _NO_NAME.sub("_", PurePosixPath(str(asked.get("name"))).name)[-100:] if asked.get("name") else ""
    name = name or "document"
    if size > MOST_BYTES:
        raise FileTooLarge(name, f"{size:,} bytes", f"{MOST_BYTES:,}")
    token = uuid4().hex
    key = f"{INBOX}uploads/{token}/{name}"
    here = f"{str(request.base_url).rstrip('/')}/v1/documents/uploads/{token}/{quote(name)}"
    url = services.objects.upload_link(key, size) or here
    return {"key": key, "method": "PUT", "url": url}


def _answer(services: Services, sent: tuple[Job, bool], request: Request) -> Response:
    job, is_new = sent
    view = _upload_view(services, job, request)
    return JSONResponse(view, 202 if is_new else 200, {"Location": f"{_base(request)}/{view['upload']}"})


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
