"""What the stages of a document work with, out of records and the ledger: who we are, what earlier documents
said, how suppliers were booked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from abax.errors import Conflict, ObjectMissing
from abax.ports import JobState, ObjectStore, RecordStore
from abax.workflow import drafts
from abax.workflow.context import DocumentContext
from abax.workflow.outcome import close_of, open_ledger

if TYPE_CHECKING:
    from abax.documents.bookings import Bookings
    from abax.documents.classify import Ourselves
    from abax.documents.pipeline import Context
    from abax.ports import Job

SETTINGS: Final = "settings"
OURSELVES: Final = "ourselves"
POLICY: Final = "policy"
BOOKINGS: Final = "bookings"
"""Space of what reviewers booked; one item for each document."""

KEPT_SECONDS: Final = 30.0
"""How long settings and bookings are remembered by a process: they change seldom, and each document needs
them."""

_remembered: dict[int, tuple[float, Context]] = {}


def context_for(context: DocumentContext) -> Context:
    """What the stages of a document work with."""
    read_at, base = _remembered.get(id(context.records), (float("-inf"), None))
    if base is None or time.monotonic() - read_at > KEPT_SECONDS:
        base = _looked_up(context)
        _remembered.clear()
        _remembered[id(context.records)] = (time.monotonic(), base)
    return base


def forget() -> None:
    """Look everything up again: for those who have changed it."""
    _remembered.clear()


def _looked_up(context: DocumentContext) -> Context:
    from abax.documents.pipeline import Context
    from abax.documents.route import Policy

    return Context(
        ocr=context.ocr,
        model=context.model,
        records=context.records,
        ourselves=ourselves(context.records),
        bookings=bookings(context),
        policy=Policy.model_validate(context.records.get(SETTINGS, POLICY) or {}),
    )


def ourselves(records: RecordStore) -> Ourselves:
    """Who we are, as it was set."""
    from abax.documents.classify import Ourselves

    return Ourselves.model_validate(records.get(SETTINGS, OURSELVES) or {})


# --- bookings -------------------------------------------------------------------------------------------


def bookings(context: DocumentContext) -> Bookings | None:
    """How suppliers were booked, by the ledger of the newest close and by reviewers; None without either."""
    from abax.documents.bookings import Bookings, with_corrections

    of_ledger = _of_ledger(context)
    told: list[dict[str, Any]] = [item for _, item in context.records.items(BOOKINGS)]
    if of_ledger is None and not told:
        return None
    return with_corrections(of_ledger or Bookings(), told)


def _of_ledger(context: DocumentContext) -> Bookings | None:
    """Learned once for each close, and kept beside it."""
    closed = (job for job in context.jobs.recent(20, "close") if job.state is JobState.SUCCEEDED)
    job = next(closed, None)
    return None if job is None else _learned(context.objects, job)


def _learned(objects: ObjectStore, job: Job) -> Bookings | None:
    from abax.documents.bookings import Bookings, learned

    try:
        key = f"documents/bookings/{close_of(objects, job)}.json"
    except Conflict:
        return None
    try:
        return Bookings.model_validate_json(objects.get(key))
    except ObjectMissing:
        pass
    with open_ledger(objects, job) as ledger:
        found = learned(ledger)
    objects.put(key, found.model_dump_json().encode(), drafts.JSON)
    return found
