"""The routes of mail and of drafted replies. They join the app when first asked for."""

from __future__ import annotations

import json
from itertools import islice
from typing import Annotated, Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from abax.errors import FileTooLarge, InvalidRequest, NotFound
from abax.faults import told
from abax.mail.contracts import Mailbox, Message, Reply, Triage
from abax.web import Depends, FastAPI, JSONResponse, PathParameter, Query, Request, Response
from abax.workflow.context import Mails, Services
from abax.workflow.mail import (
    INBOX,
    content_of,
    listed,
    message_of,
    require_readable,
    row_of,
    send_in,
    triage_of,
)
from abax.workflow.mail_corrections import correct
from abax.workflow.mail_replies import decide_reply, reply_bytes, reply_of
from abax.workflow.mail_request import MOST_BYTES, CorrectionRequest, MailRequest, ReplyRequest, as_mail


class TicketView(BaseModel):
    """How a message's ticket fares."""

    state: Annotated[str, Field(description="waiting, told, or kept where tickets go nowhere")]
    tries: int
    error: Annotated[dict[str, str] | None, Field(description="What the last try came upon")]
    at: str | None


class SendingView(BaseModel):
    """What is known of an approved reply on its way out."""

    model_config = ConfigDict(extra="ignore")

    state: Annotated[
        str, Field(description="sending, sent, refused, withheld, or unsure: it may have been sent")
    ]
    at: str
    why: str = ""
    name: Annotated[str, Field(description="What the server that took it calls it")] = ""
    where: Annotated[str, Field(description="Where it lies, if it was only kept and not sent on")] = ""


class ReplyView(BaseModel):
    """How a reply fares."""

    reply_id: str
    state: Annotated[
        str,
        Field(
            description="drafted, approved, rejected, sent, unsure (it may have been sent) or withheld; what"
            " was refused or withheld on its way out is surely not sent, and may be edited and approved anew"
        ),
    ]
    kind: str
    digest: Annotated[str, Field(description="SHA-256 of the bytes that are, or would be, sent")]
    by: Annotated[str, Field(description="Who decided: a person, or rule:…")]
    why: str
    sending: SendingView | None


class MailRow(BaseModel):
    """A message as lists show it."""

    mail_id: str
    message_id: str
    thread_id: str
    received_at: str
    sent_at: str | None
    sender: Mailbox
    subject: str
    language: str
    category: str
    department: str
    queue: str
    priority: str
    urgency: str
    sentiment: str
    confidence: float
    wanted: Annotated[bool, Field(description="Whether anything is asked of us")]
    needs_person: bool
    model: Annotated[str, Field(description="The language model that had a say; empty without one")]
    documents: Annotated[list[str], Field(description="Jobs that read its attachments")]
    corrected: Annotated[bool, Field(description="A person has said what is true of it")] = False
    problems: list[str]
    ticket: TicketView | None
    reply: ReplyView | None


class MailList(BaseModel):
    """Messages, newest first."""

    mail: list[MailRow]


class MailPage(MailRow):
    """All that is known of a message."""

    message: Message
    triage: Triage
    draft: Annotated[Reply | None, Field(description="The reply as it is worded now")]


class Sent(BaseModel):
    """Mail that was taken, and is read in the background."""

    digest: Annotated[str, Field(description="SHA-256 of the message's bytes")]
    mail: Annotated[str, Field(description="Where it can be followed")]


class Place(BaseModel):
    """Where a large message is to be put; it is read once it is there."""

    key: str
    method: str
    url: str


SEND: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "message/rfc822": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {
                "schema": {
                    "anyOf": [
                        MailRequest.model_json_schema(ref_template="#/components/schemas/{model}"),
                        {
                            "type": "object",
                            "required": ["key"],
                            "properties": {
                                "key": {"type": "string", "description": "Under mail/ in the bucket"}
                            },
                        },
                        {
                            "type": "object",
                            "required": ["bytes"],
                            "properties": {
                                "bytes": {"type": "integer", "description": "Size of a large message"}
                            },
                        },
                    ]
                }
            },
        },
    }
}
"""The body of a message that is sent in: as it is, as JSON, as the key of an object, or its size."""


def add_mail_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""
    _add_sending(app, services)
    _add_looking(app, services)
    _add_correcting(app, services)
    _add_replies(app, services)


def _add_sending(app: FastAPI, services: Services) -> None:
    @app.post(
        "/v1/mail",
        tags=["mail"],
        status_code=202,
        response_model=Sent,
        responses={201: {"model": Place}},
        openapi_extra=SEND,
    )
    def send_mail(request: Request, body: Annotated[bytes, Depends(_body)]) -> Response:
        """Have a message read and routed (202): as ``message/rfc822``, or as JSON with ``from``, ``to``,
        ``subject``, ``body`` and ``attachments``.

        ``{"key": "mail/…"}`` names an object instead. For a message that is too large for one call (6 MB in
        the cloud), ``{"bytes": 9000000}`` is answered (201) with the ``url`` to PUT it to; it is read then.
        """
        mails = _house(services)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        asked = _asked(body) if kind == "application/json" else {}
        if "bytes" in asked:
            return JSONResponse(_place(services, asked["bytes"], request), 201)
        if kind != "application/json":
            return _taken(send_in(services.objects, mails, body), request)
        if "key" in asked:
            return _taken(send_in(services.objects, mails, _named(services, asked["key"])), request)
        return _taken(send_in(services.objects, mails, as_mail(_as_request(asked))), request)

    @app.put(
        "/v1/mail/uploads/{token}", tags=["mail"], status_code=202, response_model=Sent, openapi_extra=SEND
    )
    def put_mail(
        token: Annotated[str, PathParameter(pattern="^[0-9a-f]{32}$")],
        request: Request,
        body: Annotated[bytes, Depends(_body)],
    ) -> Response:
        """A large message, at the address that ``POST /v1/mail`` has given for it in edge mode; in the cloud
        that address is the bucket's own."""
        return _taken(send_in(services.objects, _house(services), body), request)


def _add_looking(app: FastAPI, services: Services) -> None:
    @app.get("/v1/mail", tags=["mail"], response_model=MailList)
    def list_mail(
        queue: str = "", category: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> MailList:
        """What came in, newest first, each with the state of its ticket and of its reply."""
        found = islice(listed(_house(services).records, queue, category), limit)
        return MailList(mail=[MailRow.model_validate(row) for row in found])

    @app.get("/v1/mail/{mail_id}", tags=["mail"], response_model=MailPage)
    def get_mail(mail_id: str) -> MailPage:
        """A message, what was made of it and why, its ticket, and the drafted reply. By its id, or by the
        digest that it was sent in with."""
        records = _house(services).records
        row = row_of(records, mail_id)
        about = {
            "message": message_of(services.objects, row["mail_id"]),
            "triage": triage_of(services.objects, row["mail_id"]),
            "draft": reply_of(records, row["reply_id"])[1] if row["reply_id"] else None,
        }
        return MailPage.model_validate({**row, **about})


def _add_correcting(app: FastAPI, services: Services) -> None:
    @app.post("/v1/mail/{mail_id}/triage", tags=["mail"], response_model=MailRow)
    def correct_mail(mail_id: str, body: CorrectionRequest) -> MailRow:
        """Set right what was made of a message: its category, department, sentiment, urgency, what it wants.
        What is left out stays. A department that is told otherwise gets a new ticket, which names the one
        that it replaces. All that people say is kept, and learnt from (``abax mail labels``)."""
        mails = _house(services)
        row = correct(services.objects, mails.records, mails.outs, mail_id, body)
        return MailRow.model_validate(row)


def _add_replies(app: FastAPI, services: Services) -> None:
    @app.get("/v1/mail/{mail_id}/reply", tags=["mail"], response_class=Response)
    def get_reply(mail_id: str) -> Response:
        """The very bytes that are sent if the reply is approved, as message/rfc822."""
        records = _house(services).records
        _, reply = reply_of(records, _reply_id(services, mail_id))
        return Response(reply_bytes(services.objects, reply), media_type="message/rfc822")

    @app.post("/v1/mail/{mail_id}/reply", tags=["mail"], response_model=ReplyView)
    def decide(mail_id: str, body: ReplyRequest) -> ReplyView:
        """Approve the drafted reply: these very bytes are sent. Or reject it, or word it anew (``edit``),
        which makes a new draft that is still to be approved.

        Name the ``digest`` that was looked at, and nothing else can be approved by mistake (409). Whoever
        decides first is heard. What could not be sent, for no address of ours is set, is not approved (409);
        what was refused or withheld on its way out may be decided on anew.
        """
        mails = _house(services)
        reply_id = _reply_id(services, mail_id)
        return ReplyView.model_validate(
            decide_reply(services.objects, mails.records, mails.outs, reply_id, body, mails.ready)
        )


async def _body(request: Request) -> bytes:
    return await request.body()


def _house(services: Services) -> Mails:
    if services.mails is None:
        raise NotFound("nothing here reads mail")
    return services.mails


def _reply_id(services: Services, mail_id: str) -> str:
    row = row_of(_house(services).records, mail_id)
    if not row["reply_id"]:
        raise NotFound(f"no reply was drafted to mail {mail_id}")
    return str(row["reply_id"])


def _asked(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise InvalidRequest(f"not JSON: {error}", "body") from None
    if not isinstance(content, dict):
        raise InvalidRequest("must be an object", "body")
    return content


def _as_request(asked: dict[str, Any]) -> MailRequest:
    try:
        return MailRequest.model_validate(asked)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidRequest(told(first), ".".join(map(str, first["loc"]))) from None


def _named(services: Services, key: object) -> bytes:
    if not isinstance(key, str) or not key.startswith(INBOX) or ".." in key.split("/"):
        raise InvalidRequest(f"must begin with {INBOX}", "key")
    content = content_of(services.objects, key)
    require_readable(content)
    return content


def _place(services: Services, size: object, request: Request) -> dict[str, str]:
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise InvalidRequest("must be the size of the message", "bytes")
    if size > MOST_BYTES:
        raise FileTooLarge("the message", f"{size:,} bytes", f"{MOST_BYTES:,}")
    token = uuid4().hex
    key = f"{INBOX}uploads/{token}.eml"
    here = f"{str(request.base_url).rstrip('/')}/v1/mail/uploads/{token}"
    return {"key": key, "method": "PUT", "url": services.objects.upload_link(key, size) or here}


def _taken(digest: str, request: Request) -> Response:
    where = f"{request.scope.get('root_path', '')}/v1/mail/{digest}"
    return JSONResponse({"digest": digest, "mail": where}, 202, {"Location": where})
