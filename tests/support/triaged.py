"""Messages with what is said of them, written down: pages of mail can be tested whatever triage finds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from abax.mail.contracts import (
    Action,
    Asked,
    Claim,
    Entity,
    Mailbox,
    Message,
    Priority,
    Reason,
    Reply,
    Sentiment,
    Tone,
    Triage,
    Urgency,
    UsedFact,
)
from abax.report.mail import Leave, Shown

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ASKS = "Please send it to us by Friday, otherwise we cannot pay."
NAMES = "Subject: Copy of invoice INV/2026/0042"
ACCOUNT = "Our account is DE89 3704 0044 0532 0130 00."
MARKUP = "<script>document.title = 'owned'</script><img src=x onerror=alert(1)>"
TEXT = f"""Hello,

we have been waiting for a copy since June.
Please send it to us by
   Friday, otherwise we cannot pay. {ACCOUNT}
{MARKUP}

Kind regards
Anna Schmidt
"""


def said(value: Any, evidence: str = "", confidence: float = 0.92, method: str = "classifier") -> Claim[Any]:
    return Claim[Any](value=value, confidence=confidence, evidence=evidence, method=method)


def message(number: int = 1, text: str = TEXT, **more: Any) -> Message:
    return Message(
        message_id=f"{number}@brightwater.example",
        digest="0" * 64,
        thread_id="1",
        sender=Mailbox(address="anna.schmidt@brightwater.example", name="Anna Schmidt"),
        subject="Re: Copy of  invoice INV/2026/0042",
        text=text,
        whole_text=text,
        language="en",
        sent_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        **more,
    )


def triage(**changes: Any) -> Triage:
    standing = {
        "message_id": "1@brightwater.example",
        "thread_id": "1",
        "taxonomy": "test@1",
        "language": said("en", method="words"),
        "category": said("billing", NAMES),
        "department": said("accounts_receivable", ASKS, 0.7, "ledger"),
        "sentiment": said(Sentiment.NEUTRAL, confidence=0.5),
        "urgency": said(Urgency.NORMAL, ASKS),
        "reasons": (Reason(kind="deadline", text="asks for it by 27 Nov 2026", evidence=ASKS),),
        "priority": said(Priority.P2, ASKS),
        "queue": "receivables",
        "asked": Asked(
            wanted=said(True, ASKS),
            actions=(
                Action(
                    kind="send_document", text=ASKS, due=date(2026, 11, 27), evidence=ASKS, confidence=0.9
                ),
            ),
        ),
        "entities": (
            named("invoice", "INV/2026/0042", NAMES, known=True, partner="Brightwater Ltd"),
            named("invoice", "INV/2026/0031", ASKS, known=True, partner="Brightwater Ltd"),
            named("order", "PO-1", "X-Order: PO-1", known=False),
            named("iban", "DE89370400440532013000", ACCOUNT),
        ),
        "key_points": (said(ASKS, ASKS),),
        "next_step": said("Send what is asked for."),
        "personal": {"iban": 1, "name": 1},
        "needs_person": True,
        "why_person": ("its category is billing with 45% only",),
        "answerable": True,
    }
    return Triage.model_validate({**standing, **changes})


def named(kind: str, value: str, evidence: str, **more: Any) -> Entity:
    return Entity(kind=kind, value=value, text=value, evidence=evidence, confidence=0.9, **more)


def reply() -> Reply:
    return Reply(
        reply_id="r",
        message_id="1@brightwater.example",
        thread_id="1",
        kind="invoice_copy",
        to=Mailbox(address="anna.schmidt@brightwater.example"),
        subject="Re: Copy of invoice INV/2026/0042",
        body="Dear Ms Schmidt,\n\nthe copy is on its way.\n",
        language="en",
        tone=Tone.FORMAL,
        facts=(UsedFact(name="invoice", value="INV/2026/0042", shown="INV/2026/0042", source="message"),),
        confidence=0.9,
        method="template:invoice_copy",
    )


def shown(number: int = 1, *, text: str = TEXT, **changes: Any) -> Shown:
    """A message with a draft that a person must approve."""
    return Shown(
        message(number, text), triage(**changes), reply(), Leave("person", "no rule lets it go by itself")
    )
