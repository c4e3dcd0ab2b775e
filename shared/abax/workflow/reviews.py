"""Documents that wait for a person: opened with a deadline, decided once, then settled.

Whoever decides first is heard: a person, or the deadline, which rejects. What was decided wakes the work that
waits under the review's token: the state machine's task, or a message to the worker in edge mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from abax.errors import Conflict, NotFound
from abax.ports import ObjectStore, RecordStore
from abax.workflow import drafts
from abax.workflow.context import DocumentContext, Services
from abax.workflow.document_known import BOOKINGS, context_for, forget
from abax.workflow.document_request import ReviewRequest, Verdict

if TYPE_CHECKING:
    from abax.documents.pipeline import Fact
    from abax.documents.route import ProposedEntry
    from abax.workflow.documents import Work

REVIEWS: Final = "reviews"
"""Space of the open reviews, by document."""
VERDICTS: Final = "verdicts"
"""Space of what was decided, by document; nothing of it is ever changed."""
DEADLINE: Final = "deadline"
"""Who has decided where nobody did in time."""


# --- opening --------------------------------------------------------------------------------------------


def open_review(work: Work) -> dict[str, Any]:
    """Put a document before a person. Opening it again, with a fresh token, is harmless."""
    records, document_id = work.context.records, work.document_id
    fact = drafts.get_fact(work.context.objects, document_id)
    seconds = work.context.review_seconds
    known = records.get(REVIEWS, document_id) or {}
    now = datetime.now(UTC)
    token = str(work.event.get("token", ""))
    review = {
        "document_id": document_id,
        "job_id": work.job.job_id,
        "token": token,
        "name": fact.name,
        "type": str(fact.contract.type),
        "queue": fact.decision.queue,
        "reasons": list(fact.decision.reasons),
        "opened_at": known.get("opened_at") or now.isoformat(timespec="seconds"),
        "deadline": known.get("deadline") or (now + timedelta(seconds=seconds)).isoformat(timespec="seconds"),
    }
    if records.get(VERDICTS, document_id) is None:
        records.put(REVIEWS, document_id, review)
    elif token and work.context.tokens is not None:  # decided before this task began to wait
        work.context.tokens.answer(token, {"document_id": document_id})
    return {"document_id": document_id, "way": "review"}


def open_reviews(records: RecordStore, queue: str | None = None) -> Iterator[dict[str, Any]]:
    """The open reviews, without their tokens; of one queue of reviewers where it is named."""
    for _, review in records.items(REVIEWS):
        if queue in (None, review["queue"]):
            yield {name: value for name, value in review.items() if name != "token"}


# --- deciding -------------------------------------------------------------------------------------------


def decide(services: Services, document_id: str, request: ReviewRequest) -> dict[str, Any]:
    """Keep what a person decided, and wake what waits for it: the review as it was, and the verdict.

    Raises:
        NotFound: the document does not wait, or no longer.
        Conflict: somebody else, or the deadline, has decided already.
        InvalidRequest: a correction names no value of the document, or a value that it cannot have.
    """
    assert services.documents is not None
    records = services.documents.records
    review = records.get(REVIEWS, document_id)
    if review is None:
        raise NotFound(f"no document {document_id!r} waits for a person; GET /v1/reviews lists those that do")
    _require_possible(services.objects, document_id, request)
    if not _decided(records, document_id, request):
        raise Conflict(f"the review of {document_id} has been decided already")
    services.documents.tokens.answer(str(review["token"]), {"document_id": document_id})
    shown = {name: value for name, value in review.items() if name != "token"}
    return shown | {"verdict": str(request.verdict)}


def _require_possible(objects: ObjectStore, document_id: str, request: ReviewRequest) -> None:
    from abax.documents.corrections import corrected

    if request.corrections:
        corrected(drafts.get_fact(objects, document_id).quality.extraction, request.corrections)


def _decided(records: RecordStore, document_id: str, request: ReviewRequest) -> bool:
    item = request.model_dump(mode="json") | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    return records.put(VERDICTS, document_id, item, if_absent=True)


def overdue(records: RecordStore, now: datetime) -> list[dict[str, Any]]:
    """Open reviews whose deadline has passed."""
    return [
        review for _, review in records.items(REVIEWS) if datetime.fromisoformat(review["deadline"]) <= now
    ]


# --- settling -------------------------------------------------------------------------------------------


def settle(work: Work) -> dict[str, Any]:
    """Make of a document what was decided; where nobody has decided (the deadline passed), it is rejected.

    A correction is checked by the rules again, proposes its entry anew, and is kept as labelled data.
    """
    context, document_id = work.context, work.document_id
    overrun = ReviewRequest(verdict=Verdict.REJECT, by=DEADLINE, note="nobody decided in time")
    _decided(context.records, document_id, overrun)  # where somebody has, that stays
    said = context.records.get(VERDICTS, document_id) or {}
    verdict = ReviewRequest.model_validate({name: value for name, value in said.items() if name != "at"})
    before = drafts.get_fact(context.objects, document_id)
    after = _settled(context, before, verdict)
    drafts.put_fact(context.objects, after, "settled")
    _learn(context, before, after, verdict, str(said["at"]))
    context.records.delete(REVIEWS, document_id)
    return {"document_id": document_id, "way": str(after.decision.way)}


def _settled(context: DocumentContext, fact: Fact, verdict: ReviewRequest) -> Fact:
    from abax.documents.route import Decision, Way

    reasons = [*fact.decision.reasons, f"{verdict.verdict} by {verdict.by or 'a reviewer'}"]
    reasons += [verdict.note] if verdict.note else []
    if verdict.verdict is Verdict.REJECT:
        rejected = Decision(way=Way.REJECTED, queue=fact.decision.queue, reasons=tuple(reasons))
        return fact.model_copy(update={"decision": rejected})
    changed = _revised(context, fact, verdict)
    entry = _booked(changed, verdict) or changed.decision.entry or _proposed(context, changed)
    approved = Decision(way=Way.APPROVED, queue=fact.decision.queue, reasons=tuple(reasons), entry=entry)
    return changed.model_copy(update={"decision": approved})


def _revised(context: DocumentContext, fact: Fact, verdict: ReviewRequest) -> Fact:
    """The fact with its corrections, checked by the rules again."""
    from abax.documents import known
    from abax.documents.corrections import corrected
    from abax.documents.pipeline import checked

    if not verdict.corrections:
        return fact
    extraction = corrected(fact.quality.extraction, verdict.corrections)
    quality = fact.quality.model_copy(update={"extraction": extraction})
    said = fact.classification.model_copy(update={"type": extraction.contract.type})
    known.forget(context.records, fact.document_id)  # it is kept again as it reads now
    checks = checked(fact.document_id, extraction, said, context_for(context))
    unbooked = fact.decision.model_copy(update={"entry": None})
    return fact.model_copy(
        update={"quality": quality, "classification": said, "checks": checks, "decision": unbooked}
    )


def _proposed(context: DocumentContext, fact: Fact) -> ProposedEntry | None:
    from abax.documents.pipeline import entry_for

    return entry_for(fact.contract, context_for(context))[0]


def _booked(fact: Fact, verdict: ReviewRequest) -> ProposedEntry | None:
    """The entry as the reviewer wrote it."""
    from abax.documents.route import ProposedEntry, ProposedLine

    if not verdict.entry:
        return None
    lines = tuple(ProposedLine(**line.model_dump(), reason="a reviewer's") for line in verdict.entry)
    on = fact.contract.issue_date or datetime.now(UTC).date()
    currency = fact.contract.currency or ""
    return ProposedEntry(posting_date=on, currency=currency, lines=lines, confidence=1.0)


def _learn(context: DocumentContext, before: Fact, after: Fact, verdict: ReviewRequest, at: str) -> None:
    """What is rejected was never seen. What is passed makes its issuer known, and is labelled data, and so is
    how it was booked."""
    from abax.documents import known
    from abax.documents.corrections import label

    if verdict.verdict is Verdict.REJECT:
        known.forget(context.records, after.document_id)
        return
    known.approve_supplier(context.records, after.contract)
    kept = label(before, after.contract, drafts.content_key(after.digest), verdict.by, at)
    drafts.put_json(context.objects, f"labels/{after.document_id}.json", kept)
    booking = _booking(after) if verdict.entry else None
    if booking is not None:
        context.records.put(BOOKINGS, after.document_id, booking)
        forget()


def _booking(fact: Fact) -> dict[str, Any] | None:
    """How a reviewer booked a supplier's document, as ``with_corrections`` reads it."""
    from abax.documents.bookings import words_of
    from abax.documents.contracts import TradeDocument

    entry, contract = fact.decision.entry, fact.contract
    if entry is None or not isinstance(contract, TradeDocument):
        return None
    tax = {abs(one.amount) for one in contract.taxes if one.amount}
    owed = max(entry.lines, key=lambda line: abs(line.amount))
    costs = [line for line in entry.lines if line is not owed and abs(line.amount) not in tax]
    described = " ".join(line.description or "" for line in contract.lines) if len(costs) == 1 else ""
    accounts = {
        line.account: words_of(f"{line.text} {described}") for line in costs if line.amount != Decimal(0)
    }
    return {
        "name": contract.seller.name,
        "vat_id": contract.seller.vat_id,
        "payable": owed.account,
        "accounts": accounts,
    }
