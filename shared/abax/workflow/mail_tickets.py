"""Tickets: what a department's system is told of a message, from a queue of its own.

The message is done before its ticket is told. A system that is down delays the ticket alone: it is told
again from the queue, in the end from its dead-letter queue, and its state says why it waits. A ticket is told
at least once: where the answer is lost on its way, it is told again under the same key.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from abax.errors import AbaxError, NotFound, ObjectMissing
from abax.mail.contracts import Ticket
from abax.ports import Notice, ObjectStore, RecordStore
from abax.workflow.context import MailOutContext
from abax.workflow.mail import part_key

logger = logging.getLogger("abax.mail")

TICKETS: Final = "mail_tickets"
"""Space of how each ticket fares, by mail id."""

WAITING, TOLD, KEPT = "waiting", "told", "kept"
"""Its states; kept: there is nobody to tell."""
REPLACED: Final = "replaced"
"""What becomes of a message of the queue whose ticket was set right before it was told."""


def tell_ticket(context: MailOutContext, mail_id: str, key: str = "") -> str:
    """Tell a message's ticket, unless it has been told; its state afterwards. ``key`` names the ticket that
    is meant: where another has taken its place since, nothing is told (``replaced``).

    Raises:
        NotFound: there is none.
        AbaxError: nobody took it; it is written down, and the queue brings it back.
    """
    ticket = ticket_of(context.objects, mail_id)
    if ticket is None:
        raise NotFound(f"mail {mail_id} has no ticket")
    if key and key != ticket.key:
        return REPLACED
    before = ticket_state(context.records, mail_id)
    if before["state"] != WAITING:
        return str(before["state"])
    notice = notice_of(ticket)
    try:
        where = context.tickets.tell(notice)
    except AbaxError as error:
        waiting = {"tries": int(before["tries"]) + 1, "error": error.as_dict()}
        _put(context.records, mail_id, {**before, **waiting})
        logger.warning("ticket %s waits: %s", notice.key, error)
        raise
    state, tries = (TOLD if where else KEPT), int(before["tries"]) + 1
    last = ticket.key if where else before.get("told", "")
    _put(context.records, mail_id, {"state": state, "tries": tries, "error": None, "told": last})
    return state


def ticket_state(records: RecordStore, mail_id: str) -> dict[str, Any]:
    """``state``, ``tries``, ``error`` of the last try, and ``at``: when it was last tried."""
    return records.get(TICKETS, mail_id) or {"state": WAITING, "tries": 0, "error": None, "at": None}


def last_told(records: RecordStore, mail_id: str) -> str:
    """The key of the ticket that a department was told last; empty where none was."""
    return str((records.get(TICKETS, mail_id) or {}).get("told", ""))


def told_anew(records: RecordStore, mail_id: str, told: str) -> None:
    """Another ticket has taken the place of a message's, which was ``told`` last: it waits to be told."""
    records.put(TICKETS, mail_id, {"state": WAITING, "tries": 0, "error": None, "at": None, "told": told})


def ticket_of(objects: ObjectStore, mail_id: str) -> Ticket | None:
    """A message's ticket; None where nobody is to be told."""
    try:
        return Ticket.model_validate_json(objects.get(part_key(mail_id, "ticket")))
    except ObjectMissing:
        return None


def notice_of(ticket: Ticket) -> Notice:
    """A ticket as it is told."""
    sender = f"{ticket.sender.name} <{ticket.sender.address}>".strip()
    lines = [
        f"{ticket.priority}  {ticket.category}  {ticket.department}",
        f"From: {sender}",
        f"Subject: {ticket.subject}",
        "",
        ticket.summary,
        "",
        f"Next: {ticket.triage.next_step.value}",
        *([f"Due: {ticket.due}"] if ticket.due else []),
        *(f"Reason: {reason.text}" for reason in ticket.triage.reasons),
        *([f"Documents: {', '.join(ticket.documents)}"] if ticket.documents else []),
        *([f"Drafted reply: {ticket.reply_id}"] if ticket.reply_id else []),
        f"Ticket: {ticket.key}",
        *([f"Replaces: {ticket.replaces}, set right by a person"] if ticket.replaces else []),
    ]
    return Notice(
        key=ticket.key,
        queue=ticket.queue,
        subject=f"[{ticket.priority}] {ticket.subject or ticket.category}",
        text="\n".join(lines) + "\n",
        body=ticket.model_dump_json().encode(),
    )


def _put(records: RecordStore, mail_id: str, item: dict[str, Any]) -> None:
    records.put(TICKETS, mail_id, {**item, "at": datetime.now(UTC).isoformat(timespec="seconds")})
