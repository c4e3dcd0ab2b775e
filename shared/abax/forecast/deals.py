"""Deals that are not paid yet: when each is invoiced and paid, by rules that name their reasons.

::

    invoiced already? ── its day ──────────────────────────────┐
    expected close, or stage entered + the stage's cycle time ──┴─► invoice day ──► + terms ──► payment day
        └─ in its stage for too long: later       └─ notes name another, and the rules are unsure: that one

Each step says why. What does not hold together (an invoice day before the deal began, a close that is long
over) is no error but a warning, and lowers the confidence. What notes say (``Said``, read elsewhere) counts
only where it can be: an invoice or a payment is after today, and a payment after its invoice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=3650)]
OVERDUE: Final = 0.7
"""What is left of the confidence where the expected close is over."""
STUCK: Final = 0.6
"""The same where a deal has been in its stage for too long."""
GUESSED: Final = 0.5
"""The same where no date says when it closes."""
FARTHEST: Final = 730
"""Days from today beyond which nobody means a day: it is misspelt, or of something else."""

_SHOWN: Final = 160
"""Letters of a quote that a reason shows."""


class Stage(BaseModel):
    """A step of selling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[Days, Field(description="From entering the stage until the invoice, usually")]
    probability: Annotated[Share, Field(description="That a deal in it is won")]


class Practice(BaseModel):
    """What holds for all deals of a house."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: Mapping[str, Stage] = Field(
        default_factory=lambda: {
            "lead": Stage(days=120, probability=0.1),
            "qualified": Stage(days=90, probability=0.25),
            "proposal": Stage(days=60, probability=0.4),
            "negotiation": Stage(days=30, probability=0.65),
            "won": Stage(days=10, probability=0.97),
            "delivered": Stage(days=3, probability=0.99),
            "invoiced": Stage(days=0, probability=0.99),
        }
    )
    terms: Annotated[Days, Field(description="Days from invoice to due day, where a deal has none")] = 30
    stuck_after: Annotated[Days, Field(description="Days in one stage that are too many")] = 60
    stuck_delay: Annotated[Days, Field(description="What they add")] = 30
    unsure_below: Annotated[
        Share, Field(description="Confidence below which notes are read, and count where they name a day")
    ] = 0.6
    trust: Annotated[
        float, Field(gt=0.5, le=1, description="The chance that it comes on the day that people name")
    ] = 0.75


class Deal(BaseModel):
    """A deal as the house knows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=200)]
    partner: Annotated[str, Field(max_length=300)] = ""
    title: Annotated[str, Field(max_length=500)] = ""
    amount: Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=6)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    stage: Annotated[str, Field(max_length=100)] = ""
    stage_since: date | None = None
    created: date | None = None
    expected_close: date | None = None
    invoiced_on: date | None = None
    invoice: Annotated[
        str, Field(max_length=200, description="The invoice's number in the books, which then count")
    ] = ""
    promised: Annotated[date | None, Field(description="When its partner said that it pays")] = None
    due: date | None = None
    terms: Days | None = None
    probability: Share | None = None
    notes: Annotated[str, Field(max_length=5000)] = ""
    notes_on: Annotated[
        date | None, Field(description="When they were written: what `next week` is reckoned from")
    ] = None

    @model_validator(mode="after")
    def _is_sound(self) -> Deal:
        if self.invoiced_on is not None and self.due is not None and self.due < self.invoiced_on:
            raise ValueError(f"due ({self.due}) lies before invoiced_on ({self.invoiced_on})")
        return self


class Said(BaseModel):
    """What somebody said of a deal's days."""

    model_config = ConfigDict(frozen=True)

    by: Literal["promise", "notes", "model"]
    """A field of the deal; its notes as rules read them; its notes as a language model does."""
    invoiced: date | None = None
    paid: date | None = None
    trust: Share
    """The chance that it comes on that day."""
    quote: str = ""
    """The words that it rests on."""
    model: str = ""
    warnings: tuple[str, ...] = ()


class Reason(BaseModel):
    """Why a day is what it is."""

    model_config = ConfigDict(frozen=True)

    rule: str
    text: str


class Dates(BaseModel):
    """When a deal is invoiced and due, by the rules."""

    model_config = ConfigDict(frozen=True)

    invoiced: date
    due: date
    confidence: float
    probability: float
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...] = ()


def dates_of(deal: Deal, practice: Practice, today: date, said: Said | None = None) -> Dates:
    """When it is invoiced and due. Raises KeyError for a stage that the practice does not have."""
    if deal.invoiced_on is not None:
        return _invoiced(deal, practice, deal.invoiced_on, today)
    stage = practice.stages[deal.stage] if deal.stage else None
    day, confidence, reasons, warnings = _closing(deal, stage, today)
    if deal.stage_since is not None and (stuck := (today - deal.stage_since).days) > practice.stuck_after:
        day += timedelta(days=practice.stuck_delay)
        confidence *= STUCK
        reasons.append(
            Reason(
                rule="stuck",
                text=f"in {deal.stage or 'its stage'} for {stuck} days, more than {practice.stuck_after}: "
                f"{practice.stuck_delay} days later",
            )
        )
    if day <= today:
        reasons.append(Reason(rule="not before tomorrow", text=f"{day} is over, and nothing is invoiced"))
        day = today + timedelta(days=1)
    if deal.created is not None and day < deal.created:
        warnings.append(f"would be invoiced on {day}, before it was created on {deal.created}")
        day, confidence = deal.created, confidence * GUESSED
    if said is not None and said.invoiced is not None:
        if problem := why_not(said.invoiced, today, deal.created):
            warnings.append(f"its notes speak of an invoice on {said.invoiced}, {problem}: the rules stand")
        else:
            reasons.append(reason_of(said, f"invoiced on {said.invoiced}, not {day}"))
            day, confidence = said.invoiced, max(confidence, said.trust)
    return _due(deal, practice, (day, confidence, reasons, warnings + _odd(deal, today)), stage)


def why_not(day: date, today: date, earliest: date | None = None) -> str:
    """Why nothing can be expected on a day that somebody names; empty where it can."""
    if day <= today:
        return "which is not after today"
    if earliest is not None and day < earliest:
        return f"which is before {earliest}"
    if (day - today).days > FARTHEST:
        return f"which is more than {FARTHEST} days ahead"
    return ""


def reason_of(said: Said, told: str) -> Reason:
    """That somebody said so, with the words."""
    quote = said.quote if len(said.quote) <= _SHOWN else f"{said.quote[:_SHOWN].rstrip()}…"
    words = f"“{quote}”: " if quote else ""
    whose = {"promise": "its partner's promise", "notes": "its notes", "model": f"its notes, by {said.model}"}
    return Reason(rule=said.by, text=f"{words}{told} ({whose[said.by]})")


def _odd(deal: Deal, today: date) -> list[str]:
    """Days that cannot be meant."""
    over = [
        f"its {name} ({day}) is after today"
        for name, day in (("created", deal.created), ("stage_since", deal.stage_since))
        if day is not None and day > today
    ]
    named = ("invoiced_on", "expected_close", "due")
    far = [
        f"its {name} ({day}) is more than {FARTHEST} days ahead: is it misspelt?"
        for name in named
        if (day := getattr(deal, name)) is not None and (day - today).days > FARTHEST
    ]
    return over + far


def _invoiced(deal: Deal, practice: Practice, day: date, today: date) -> Dates:
    warnings = [f"its invoice is of {day}, which is after today"] if day > today else []
    reasons = [Reason(rule="invoiced", text=f"invoiced on {day}")]
    return _due(deal, practice, (day, 0.6 if warnings else 0.95, reasons, warnings + _odd(deal, today)), None)


def _closing(deal: Deal, stage: Stage | None, today: date) -> tuple[date, float, list[Reason], list[str]]:
    """The day on which it would be invoiced, how sure that is, and why."""
    if deal.expected_close is not None:
        reasons = [Reason(rule="expected close", text=f"expected to close on {deal.expected_close}")]
        late = (today - deal.expected_close).days
        warnings = [f"its expected close is {late} days over"] if late > 0 else []
        return deal.expected_close, 0.75 * (OVERDUE if warnings else 1.0), reasons, warnings
    days = stage.days if stage is not None else 90
    since = deal.stage_since or deal.created
    begun = min(since or today, today)
    what = f"{deal.stage} usually takes {days} days" if stage is not None else f"without a stage, {days} days"
    text = f"{what}, from {begun}" + ("" if since else " (today: nothing says since when)")
    confidence = 0.6 * (GUESSED if stage is None or since is None else 1.0)
    return begun + timedelta(days=days), confidence, [Reason(rule="cycle time", text=text)], []


def _due(
    deal: Deal, practice: Practice, found: tuple[date, float, list[Reason], list[str]], stage: Stage | None
) -> Dates:
    day, confidence, reasons, warnings = found
    if deal.due is not None and deal.due >= day:
        due = deal.due
        reasons.append(Reason(rule="due", text=f"due on {due}"))
    else:
        if deal.due is not None:
            warnings.append(f"is due on {deal.due}, before its invoice of {day}: the terms count")
        terms = deal.terms if deal.terms is not None else practice.terms
        whose = "its own" if deal.terms is not None else "the usual"
        due = day + timedelta(days=terms)
        reasons.append(Reason(rule="terms", text=f"{whose} terms: {terms} days from the invoice"))
    probability = deal.probability
    if probability is None:
        probability = 0.99 if deal.invoiced_on is not None else stage.probability if stage else 0.5
    return Dates(
        invoiced=day,
        due=due,
        confidence=round(confidence, 3),
        probability=probability,
        reasons=tuple(reasons),
        warnings=tuple(warnings),
    )
