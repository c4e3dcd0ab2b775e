"""What is asked for when mail is sent in as JSON, and what a person may say of what was made of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from abax.errors import InvalidRequest
from abax.mail.contracts import Deed, Sentiment, Urgency

MOST_BYTES: Final = 40 << 20
"""Of one message: what the largest providers take, and what Amazon SES hands on."""


class OutTask(StrEnum):
    """What a message of the queue ``mailouts`` asks for."""

    TICKET = "ticket"
    """Tell the ticket of ``mail_id``."""
    SEND = "send"
    """Send the approved ``reply_id``."""
    FETCH = "fetch"
    """Look into the ``folder`` of the mailbox that the secret ``mailbox`` opens."""


Address = Annotated[str, Field(max_length=500, description='ana@example.com or "Ana" <ana@example.com>')]


class SentAttachment(BaseModel):
    """A file that comes with a message sent in as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=300)]
    content: Annotated[str, Field(description="Base64")]
    media_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$", max_length=100)] = (
        "application/octet-stream"
    )


class MailRequest(BaseModel):
    """A message as JSON: for forms and programs that have no mail at hand."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    sender: Annotated[Address, Field(alias="from")]
    to: Annotated[tuple[Address, ...], Field(max_length=1000)] = ()
    cc: Annotated[tuple[Address, ...], Field(max_length=1000)] = ()
    subject: Annotated[str, Field(max_length=2000)] = ""
    body: Annotated[str, Field(max_length=2_000_000, description="Plain text")] = ""
    date: AwareDatetime | None = None
    message_id: Annotated[str, Field(max_length=900, description="The same id again is the same message")] = (
        ""
    )
    headers: Annotated[dict[str, str], Field(max_length=200)] = {}
    attachments: Annotated[tuple[SentAttachment, ...], Field(max_length=100)] = ()


def as_mail(request: MailRequest) -> bytes:
    """The message as RFC 5322 has it: the same bytes for the same request. Raises InvalidRequest."""
    mail = EmailMessage(policy=SMTP)
    named = {
        "From": request.sender,
        "To": ", ".join(request.to),
        "Cc": ", ".join(request.cc),
        "Subject": request.subject,
        "Message-ID": f"<{request.message_id.strip('<> ')}>" if request.message_id else "",
        **request.headers,
    }
    for name, value in named.items():
        if value:
            _set(mail, name, value)
    if request.date is not None:
        mail["Date"] = request.date
    mail.set_content(request.body)
    for attachment in request.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        mail.add_attachment(_decoded(attachment), kind, subtype, filename=attachment.name)
    if request.attachments:  # a boundary drawn by lot would make the same message other bytes
        mail.set_boundary(hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:40])
    return bytes(mail)


def _set(mail: EmailMessage, name: str, value: str) -> None:
    if not name.isascii() or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise InvalidRequest(f"{name!r} is no header's name", "headers")
    if name.lower() in ("content-type", "content-transfer-encoding", "mime-version"):
        raise InvalidRequest(f"{name} follows from the body; leave it out", "headers")
    try:
        mail[name] = value
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}", "headers") from None


def _decoded(attachment: SentAttachment) -> bytes:
    try:
        return base64.b64decode(attachment.content, validate=True)
    except binascii.Error as error:
        raise InvalidRequest(f"{attachment.name} is no base64: {error}", "attachments") from None


class ReplyVerdict(StrEnum):
    """What a person says of a drafted reply."""

    APPROVE = "approve"
    """These very bytes are sent."""
    REJECT = "reject"
    EDIT = "edit"
    """Other words: a new draft, which is still to be approved."""


class ReplyRequest(BaseModel):
    """Body of ``POST /v1/mail/{id}/reply``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: ReplyVerdict
    digest: Annotated[
        str,
        Field(
            pattern="^([0-9a-f]{64})?$",
            description="SHA-256 of the bytes that were looked at; refused where the draft has others by now",
        ),
    ] = ""
    subject: Annotated[str, Field(max_length=500, description="With edit: another subject")] = ""
    body: Annotated[str, Field(max_length=100_000, description="With edit: the words")] = ""
    again: Annotated[
        bool, Field(description="With approve: send a reply again of which nobody knows whether it was sent")
    ] = False
    by: Annotated[str, Field(max_length=200, description="Who decides")] = ""
    note: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        edits = self.verdict is ReplyVerdict.EDIT
        if edits and not self.body.strip():
            raise ValueError("an edit needs the new words, as body")
        if self.body.strip() and not edits:
            raise ValueError("a body goes with verdict edit alone")
        if self.subject and not edits:
            raise ValueError("a subject goes with verdict edit")
        if self.again and self.verdict is not ReplyVerdict.APPROVE:
            raise ValueError("again goes with verdict approve")
        return self


class WantedAction(BaseModel):
    """What a mail wants done, as a person says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Deed
    by: Annotated[date | None, Field(description="By when, where the mail says so")] = None


class CorrectionRequest(BaseModel):
    """Body of ``POST /v1/mail/{id}/triage``: what is true of a message. What it leaves out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Annotated[str, Field(max_length=40)] = ""
    department: Annotated[str, Field(max_length=40)] = ""
    sentiment: Sentiment | None = None
    urgency: Urgency | None = None
    wanted: Annotated[bool | None, Field(description="Whether anything is asked of us")] = None
    actions: Annotated[tuple[WantedAction, ...] | None, Field(max_length=10)] = None
    by: Annotated[str, Field(max_length=200, description="Who says so")] = ""
    note: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if not self.said:
            raise ValueError(
                "says nothing: name a category, department, sentiment, urgency, wanted, or actions"
            )
        if self.wanted is False and self.actions:
            raise ValueError("actions go with what is wanted")
        kinds = [action.kind for action in self.actions or ()]
        if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ValueError(
                f"{twice[0]} is there twice: give each action once, with the day by which it is wanted"
            )
        return self

    @property
    def said(self) -> frozenset[str]:
        """The parts of the truth that it names."""
        given = {name: getattr(self, name) for name in CorrectionRequest.model_fields}
        return frozenset(
            name for name, value in given.items() if value not in (None, "") and name not in ("by", "note")
        )
