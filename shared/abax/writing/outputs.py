"""What prompts of ours give back: one type for each kind of answer, small enough for a small model.

Nothing here has been checked against any fact: who asks does that. ``Quoted`` texts occur word for word in
the material, and those ``x-one-of`` a variable are one of its texts, where the model decodes under a grammar;
of other models that is not sure.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Line = Annotated[str, Field(min_length=1, max_length=240)]
Text = Annotated[str, Field(min_length=1, max_length=2400)]
Quoted = Annotated[str, Field(max_length=240, json_schema_extra={"x-grounded": "words"})]


class Output(BaseModel):
    """Base of all answers: nothing in them that they do not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reworded(Output):
    """One sentence."""

    sentence: Annotated[str, Field(min_length=1, max_length=400)]


class EmailDraft(Output):
    """A mail to send: its subject and what it says, greeting to closing, without the sender's name."""

    subject: Annotated[str, Field(min_length=1, max_length=120)]
    body: Text


class ShortText(Output):
    """A message for a messenger: a few sentences."""

    text: Annotated[str, Field(min_length=1, max_length=700)]


class DealSummary(Output):
    """A deal in brief."""

    summary: Annotated[str, Field(min_length=1, max_length=700)]
    points: Annotated[list[Line], Field(max_length=6)] = []
    """What matters of it, most important first."""
    next_step: Annotated[str, Field(max_length=240)] = ""


class DocumentState(StrEnum):
    """How it stands with a required document."""

    PRESENT = "present"
    MISSING = "missing"
    EXPIRED = "expired"
    UNCLEAR = "unclear"


class DocumentFinding(Output):
    """One required document."""

    document: Annotated[str, Field(max_length=240, json_schema_extra={"x-one-of": "required"})]
    state: DocumentState
    valid_until: date | None = None
    reason: Annotated[str, Field(max_length=240)] = ""


class ComplianceFindings(Output):
    """The required documents, one finding for each."""

    findings: Annotated[list[DocumentFinding], Field(min_length=1, max_length=30)]


class OrderedItem(Output):
    """One line of an order, in the order's own words; empty where it says nothing."""

    article: Quoted
    quantity: Quoted = ""
    unit_price: Quoted = ""
    delivery: Quoted = ""


class OrderAnalysis(Output):
    """An order that was received."""

    number: Quoted = ""
    date: Quoted = ""
    items: Annotated[list[OrderedItem], Field(max_length=40)]
    open_questions: Annotated[list[Line], Field(max_length=6)] = []
    """What must be asked before it can be confirmed."""


class NotedAction(Output):
    """Something that somebody is to do."""

    what: Quoted
    owner: Quoted = ""
    due: Quoted = ""
    """As the notes say it."""


class NotesSummary(Output):
    """Notes of a meeting or a call."""

    summary: Annotated[str, Field(min_length=1, max_length=500)]
    decisions: Annotated[list[Line], Field(max_length=8)] = []
    actions: Annotated[list[NotedAction], Field(max_length=12)] = []


class ExpectedPayment(Output):
    """Which of the days that notes name is that of payment; the evidence is words of theirs."""

    expected_on: Annotated[str, Field(max_length=20, json_schema_extra={"x-one-of": "days:"})]
    confidence: Annotated[float, Field(ge=0, le=1)]
    evidence: Quoted


class MailFindings(Output):
    """What a message is about and wants, in words of its taxonomy; the evidence is a sentence of it."""

    category: Annotated[str, Field(max_length=60, json_schema_extra={"x-one-of": "categories:"})]
    sentiment: Annotated[str, Field(pattern="^(positive|neutral|negative)$")]
    urgency: Annotated[str, Field(pattern="^(low|normal|high|critical)$")]
    wants_action: bool
    evidence: Quoted


class ReplyText(Output):
    """The body of a reply, greeting to closing."""

    body: Text
