"""Mail for tests, and what is made of it by a desk that knows what each message is from its subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from abax.mail.contracts import (
    Asked,
    Claim,
    Message,
    Priority,
    Reply,
    Sentiment,
    Tone,
    Triage,
    Urgency,
)

OWN = "ar@house.example"


_NOBODYS = {"spam": "", "other": "unrouted"}
"""Categories that no department takes, with their queues."""


def eml(
    number: int = 1,
    *,
    subject: str = "billing: where is it",
    body: str = "Where is my invoice?",
    sender: str = "Ana <ana@customer.example>",
    message_id: str | None = None,
    received: str = "",
    attachments: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """A message; its subject says its category before the colon."""
    from email.message import EmailMessage
    from email.policy import SMTP

    mail = EmailMessage(policy=SMTP)
    if received:
        mail["Received"] = received
    mail["From"], mail["To"], mail["Subject"] = sender, OWN, subject
    mail["Date"] = datetime(2026, 11, 20, 9, number % 60, tzinfo=UTC)
    if message_id != "":
        mail["Message-ID"] = message_id or f"<{number}@customer.example>"
    mail.set_content(body)
    for name, content in attachments:
        mail.add_attachment(content, "application", "octet-stream", filename=name)
    if attachments:
        mail.set_boundary("=-=")
    return bytes(mail)


def triaged(messages: Sequence[Message], desk: Any) -> list[Triage]:
    """What each message is, by its subject; ``poison`` breaks."""
    return [_triage(message) for message in messages]


def _triage(message: Message) -> Triage:
    category = message.subject.partition(":")[0]
    if category == "poison":
        raise ZeroDivisionError("somewhere deep")

    def said(value: Any) -> Claim[Any]:
        return Claim[Any](value=value, confidence=0.95, method="rule:subject")

    return Triage(
        message_id=message.message_id,
        thread_id=message.thread_id,
        taxonomy="test 1",
        language=said("en"),
        category=said(category),
        department=said("none" if category in _NOBODYS else "accounts_receivable"),
        sentiment=said(Sentiment.NEUTRAL),
        urgency=said(Urgency.NORMAL),
        priority=said(Priority.P2),
        queue=_NOBODYS.get(category, "ar"),
        asked=Asked(wanted=said(True)),
        next_step=said("answer"),
        answerable=category != "automatic",
    )


def drafted(message: Message, triage: Triage, desk: Any) -> Reply | None:
    """A plain answer to every message that may be answered and is not spam."""
    if not triage.answerable or triage.category.value == "spam":
        return None
    return Reply(
        reply_id="r-" + message.message_id,
        message_id=message.message_id,
        thread_id=message.thread_id,
        kind="receipt",
        to=message.sender,
        subject="Re: " + message.subject,
        body="Thank you, we have it.\n",
        language="en",
        tone=Tone.FORMAL,
        confidence=0.95,
        method="template:receipt",
        written_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
    )


@pytest.fixture
def plain_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Triage and drafts by subject, so that a test of the way tells nothing of how mail is understood."""
    monkeypatch.setattr("abax.mail.triage.triage", triaged)
    monkeypatch.setattr("abax.mail.replies.draft", drafted)
    monkeypatch.setattr("abax.workflow.mail_desk.desk_for", lambda context, now: None)
