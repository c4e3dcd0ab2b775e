"""Cash to come, of a close's open items and the deals that somebody hands in: predicted, kept, explained.

::

    close ──► open items, what was settled in the year before ──┐
    deals (JSON) ── less those whose invoice is in the books ───┴──► predictions ──► flows, alerts ──► kept
                     └─ notes of those that rules are unsure of ─────────┘
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from abax.errors import Conflict, InvalidRequest, NotFound, ObjectMissing, nearest
from abax.forecast import cash
from abax.forecast.cash import Every, Item, Kind, Prediction
from abax.forecast.days_to_pay import Invoice, PaymentHistory
from abax.forecast.deals import Deal, Practice, Said
from abax.forecast.hindsight import Hindsight, hindsight
from abax.ledger.model import ClosePackage, PartnerAccounts, PartnerItem
from abax.money import ISO_4217, ZERO, rounded
from abax.ports import Job, ObjectStore
from abax.workflow import drafts
from abax.workflow.cashflow_deals import not_booked, read_deals
from abax.workflow.outcome import package_of, partners_of

if TYPE_CHECKING:
    from abax.writing.client import Client

KEPT: Final = "cashflows/"
LONGEST: Final = 730
SIDES: Final = {Kind.RECEIVABLE: "receivable", Kind.PAYABLE: "payable"}
MOST_ITEMS: Final = 5000
"""Items in the list, the soonest: a function may answer with 6 MB."""


class CashflowRequest(BaseModel):
    """Body of ``POST /v1/cashflow/predict``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: Annotated[str, Field(max_length=100, description="A close; the newest where it is left out")] = ""
    deals: Annotated[tuple[Deal, ...], Field(max_length=5000)] = ()
    practice: Practice = Practice()
    horizon: Annotated[int, Field(ge=1, le=LONGEST, description="Days")] = 91
    every: Every = Every.WEEK
    opening: Annotated[
        Decimal | None, Field(description="Cash at the start; that of the balance sheet where it is left out")
    ] = None
    floor: Annotated[
        Decimal | None, Field(description="Told where cash, in the books' currency, may fall below it")
    ] = None
    confidence: Annotated[
        float, Field(ge=0, le=1, description="Leaves out of the list what is less sure")
    ] = 0
    model: Annotated[
        bool, Field(description="Ask the language model about notes that rules alone cannot read")
    ] = False


def predict(
    objects: ObjectStore, job: Job, request: CashflowRequest, client: Client | None = None
) -> dict[str, Any]:
    """What is paid when, by item and by period; kept under its ``id``, the same for the same request and the
    same reading of its notes. ``client`` is asked about notes that rules cannot read; without one rules
    stand, which is told.

    Raises:
        Conflict: the close has no open items to go by: it was made before they were kept, or has failed.
        InvalidRequest: a deal names a stage that the practice does not have, or an id twice.
    """
    known = partners_of(objects, job)
    if known is None:
        raise Conflict(f"the close {job.job_id} keeps no open items; close again")
    package = package_of(objects, job)
    _require_sound(request)
    seen = {side: hindsight(invoices_of(known, side), known.as_of, known.since) for side in SIDES.values()}
    histories = {kind: history_of(known, side, seen[side]) for kind, side in SIDES.items()}
    to_come, warnings = not_booked(request.deals, known)
    read = read_deals(to_come, request.practice, histories[Kind.RECEIVABLE], client)
    predictions = [*(cash.of_item(item, histories[item.kind]) for item in items_of(known)), *read.predictions]
    if not predictions:
        warnings.append("no open items and no deals: nothing is to come that anybody knows of")
    opening = request.opening if request.opening is not None else _cash(package)
    told = _told(known, package, request, (predictions, histories), opening)
    told["assumptions"] += read.told
    told["warnings"] = warnings
    told["hindsight"] = {side: _hindsight(found) for side, found in seen.items()}
    told["id"] = _id(job, request, read.said)
    told["job_id"] = job.job_id
    drafts.put_json(objects, f"{KEPT}{told['id']}.json", told)
    return told


def kept(objects: ObjectStore, cashflow_id: str) -> dict[str, Any]:
    """A prediction that was made. Raises NotFound."""
    try:
        found: dict[str, Any] = drafts.get_json(objects, f"{KEPT}{cashflow_id}.json")
    except ObjectMissing:
        raise NotFound(f"no cash-flow prediction {cashflow_id!r}") from None
    return found


def explained(objects: ObjectStore, cashflow_id: str, key: str = "") -> dict[str, Any]:
    """Assumptions and hindsight of a prediction, and the reasons of each item or of one. Raises NotFound."""
    found = kept(objects, cashflow_id)
    items = [one for one in found["items"] if key in ("", one["key"])]
    if key and not items:
        left = sum(found["left_out"].values())
        hint = (
            f"; {left} are left out of it, as later than its horizon, not sure enough or too many"
            if left
            else ""
        )
        raise NotFound(f"the prediction {cashflow_id} lists no item {key!r}{hint}")
    return {name: found[name] for name in ("id", "as_of", "assumptions", "warnings", "hindsight")} | {
        "items": items
    }


def _id(job: Job, request: CashflowRequest, said: Sequence[Said]) -> str:
    told = [job.job_id, request.model_dump_json(), *(one.model_dump_json() for one in said)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _require_sound(request: CashflowRequest) -> None:
    seen: set[str] = set()
    for place, deal in enumerate(request.deals):
        if deal.stage and deal.stage not in request.practice.stages:
            known = request.practice.stages
            meant = nearest(deal.stage, known)
            hint = f"; did you mean {meant}?" if meant else f": {', '.join(known)}"
            raise InvalidRequest(f"there is no stage {deal.stage!r}{hint}", f"deals.{place}.stage")
        if deal.currency not in ISO_4217:
            raise InvalidRequest(f"{deal.currency!r} is no currency of ISO 4217", f"deals.{place}.currency")
        if deal.id in seen:
            raise InvalidRequest(f"{deal.id!r} is there twice", f"deals.{place}.id")
        seen.add(deal.id)


# --- what the books say ---------------------------------------------------------------------------------


def items_of(known: PartnerAccounts) -> Iterable[Item]:
    """What is open, as money to us."""
    for item in known.items:
        if item.residual:
            kind = Kind.RECEIVABLE if item.side == "receivable" else Kind.PAYABLE
            yield Item(
                item.number,
                kind,
                item.partner,
                item.residual,
                known.currency,
                item.posting_date,
                item.due_date,
            )


def history_of(known: PartnerAccounts, side: str, seen: Hindsight | None) -> PaymentHistory:
    """How partners of a side pay; days are foretold from it only where that would have been nearer than due
    days."""
    doubt = ""
    if seen is not None and seen.error >= seen.naive_error:
        doubt = (
            f"in hindsight it would have been {seen.error:g} days off, the due day {seen.naive_error:g}:"
            " the due day counts"
        )
    return PaymentHistory(invoices_of(known, side), known.as_of, known_from=known.since, doubt=doubt)


def invoices_of(known: PartnerAccounts, side: str) -> list[Invoice]:
    """Invoices of a side with when they were paid; credit notes and what is paid in advance are none."""
    sign = 1 if side == "receivable" else -1
    return [_invoice(one) for one in known.items if one.side == side and one.gross * sign > 0]


def _invoice(item: PartnerItem) -> Invoice:
    paid = item.settled_on if not item.residual else None
    due = item.due_date or item.posting_date
    return Invoice(item.number, item.partner, item.posting_date, due, paid, float(abs(item.gross)))


def _cash(package: ClosePackage) -> Decimal:
    balance = package.statement("balance_sheet", "month")
    line = next((line for line in balance.lines if line.line == "cash"), None)
    return line.values[-1] if line is not None else Decimal(0)


# --- what is told ---------------------------------------------------------------------------------------


def _told(
    known: PartnerAccounts,
    package: ClosePackage,
    request: CashflowRequest,
    found: tuple[Sequence[Prediction], dict[Kind, PaymentHistory]],
    opening: Decimal,
) -> dict[str, Any]:
    predictions, histories = found
    last = known.as_of + timedelta(days=request.horizon)
    shown = [
        one
        for one in predictions
        if one.confidence >= request.confidence and (one.expected is None or one.expected <= last)
    ]
    shown.sort(key=lambda one: (one.expected or date.max, one.key))
    later = [one for one in predictions if one.expected is not None and one.expected > last]
    periods = cash.spans(known.as_of, request.horizon, request.every)
    by_currency = {known.currency: [], **cash.by_currency(predictions)}
    views = {
        currency: _view(ones, periods, currency, *_start(currency, known, opening, request))
        for currency, ones in sorted(by_currency.items())
    }
    return {
        "company": known.company,
        "currency": known.currency,
        "as_of": known.as_of.isoformat(),
        "horizon": request.horizon,
        "opening": str(opening),
        "items": [_item(one) for one in shown[:MOST_ITEMS]],
        "left_out": {
            "less sure": sum(one.confidence < request.confidence for one in predictions),
            "later": len(later),
            f"beyond the first {MOST_ITEMS}": max(0, len(shown) - MOST_ITEMS),
        },
        "currencies": views,
        "assumptions": [*_assumptions(known, package, request, histories), *_blind(predictions)],
    }


def _start(
    currency: str, known: PartnerAccounts, opening: Decimal, request: CashflowRequest
) -> tuple[Decimal, Decimal | None]:
    """Opening cash and floor: those of the books' currency alone are known."""
    return (opening, request.floor) if currency == known.currency else (ZERO, None)


def _view(
    ones: Sequence[Prediction],
    periods: Sequence[cash.Span],
    currency: str,
    opening: Decimal,
    floor: Decimal | None,
) -> dict[str, Any]:
    flows = cash.flows(ones, periods, opening)
    return {
        "opening": str(opening),
        "floor": None if floor is None else str(floor),
        "below_floor": None if floor is None else cash.crossing(ones, periods, floor, opening),
        "periods": [
            {
                "label": flow.span.label,
                "start": flow.span.start.isoformat(),
                "end": flow.span.end.isoformat(),
                **{
                    name: str(rounded(getattr(flow, name), currency))
                    for name in ("receipts", "payments", "position", "low", "high")
                },
            }
            for flow in flows
        ],
        "alerts": [
            {"label": one.span.label, "floor": str(one.floor), "probability": one.probability}
            for one in (cash.alerts(ones, flows, floor) if floor is not None else ())
        ],
    }


def _item(one: Prediction) -> dict[str, Any]:
    days = {
        "invoiced": one.invoiced,
        "due": one.due,
        "expected": one.expected,
        "early": one.early,
        "late": one.late,
    }
    return {
        "key": one.key,
        "kind": str(one.kind),
        "partner": one.partner,
        "amount": str(one.amount),
        "currency": one.currency,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "confidence": one.confidence,
        "probability": one.probability,
        "source": one.source,
        "reasons": [{"rule": reason.rule, "text": reason.text} for reason in one.reasons],
        "warnings": list(one.warnings),
    }


def _assumptions(
    known: PartnerAccounts,
    package: ClosePackage,
    request: CashflowRequest,
    histories: dict[Kind, PaymentHistory],
) -> list[str]:
    whose = known.company or package.company.name
    told = [
        f"open items of {whose} on {known.as_of}, and what was settled since {known.since}",
        *(
            f"{SIDES[kind]}s: {history.paid} paid invoices"
            + (f"; {history.why_not}" if history.why_not else ", learnt from")
            for kind, history in histories.items()
        ),
        "items are paid independently of one another; intervals hold 80 %",
        "open items and deals alone: no wages, taxes, rents or purchases to come",
    ]
    if known.left_out:
        told.append(f"{known.left_out} older settled items were too many to be kept")
    others = sorted({deal.currency for deal in request.deals} - {known.currency})
    if others:
        told.append(
            f"{', '.join(others)} by itself, from nothing: opening cash"
            f"{' and floor are' if request.floor is not None else ' is'} in {known.currency}"
        )
    if request.deals:
        practice = request.practice
        told.append(
            f"deals without terms are due {practice.terms} days after their invoice; more than"
            f" {practice.stuck_after} days in a stage add {practice.stuck_delay}"
        )
    return told


def _blind(predictions: Sequence[Prediction]) -> list[str]:
    """What no interval holds."""
    blind = sum(one.curve is None and one.expected is not None for one in predictions)
    told = "go by a day alone, for want of anything like them: intervals do not hold that they may be late"
    return [f"{blind} items {told}"] if blind else []


def _hindsight(found: Hindsight | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**vars(found), "origins": [day.isoformat() for day in found.origins]}
