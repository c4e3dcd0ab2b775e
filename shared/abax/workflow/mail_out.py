"""What deals with the world outside: tickets that leave, replies that leave, and mailboxes that are looked
into; one message of the queue ``mailouts`` each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abax.errors import InvalidRequest
from abax.workflow.context import MailOutContext
from abax.workflow.events import parse_object
from abax.workflow.mail import INBOX, digest_of
from abax.workflow.mail_fetch import Folder, fetch
from abax.workflow.mail_replies import send_reply
from abax.workflow.mail_request import OutTask
from abax.workflow.mail_tickets import tell_ticket


def run_out(
    context: MailOutContext, body: str | bytes | Mapping[str, Any], deadline: float = float("inf")
) -> str:
    """Do what a message asks for, and say what became of it: ``{"task": "ticket", "mail_id": …,
    "ticket": …}``,
    ``{"task": "send", "reply_id": …}`` or ``{"task": "fetch", "mailbox": …, "folder": …}``, which ends at the
    ``deadline``, an instant of ``time.monotonic()``.

    Raises:
        InvalidRequest: it asks for nothing that is done here.
        AbaxError: it could not be done, for now or for good; the queue brings it back.
    """
    content = parse_object(body)
    task = content.get("task")
    if task == OutTask.TICKET:
        return tell_ticket(context, _named(content, "mail_id"), str(content.get("ticket", "")))
    if task == OutTask.SEND:
        return send_reply(context, _named(content, "reply_id"))
    if task == OutTask.FETCH and context.mailbox is not None:
        return _fetched(context, content, deadline)
    raise InvalidRequest(f"{task!r} is no task; there are {', '.join(OutTask)}", "task")


def soonest(bodies: Mapping[str, str | bytes | Mapping[str, Any]]) -> list[str]:
    """The order in which messages that came together are dealt with, by their ids: replies, for which people
    wait, before tickets, whose systems may be down; looks into mailboxes last, which take the time left."""
    order = {str(task): place for place, task in enumerate((OutTask.SEND, OutTask.TICKET, OutTask.FETCH))}

    def place(message: str) -> int:
        try:
            return order.get(str(parse_object(bodies[message]).get("task")), 0)
        except InvalidRequest:
            return 0

    return sorted(bodies, key=place)


def _fetched(context: MailOutContext, content: Mapping[str, Any], deadline: float) -> str:
    """Fetch what is new into the bucket, which tells of it as of any other mail."""
    secret, connect = _named(content, "mailbox"), context.mailbox
    assert connect is not None

    def keep(body: bytes) -> None:
        context.objects.put(f"{INBOX}imap/{digest_of(body)}.eml", body, "message/rfc822")

    folder = Folder(secret, _named(content, "folder"), lambda: connect(secret))
    found = fetch(folder, context.records, keep, deadline)
    return f"{found.taken} fetched, {len(found.skipped)} not{', more to come' if found.more else ''}"


def _named(content: Mapping[str, Any], name: str) -> str:
    if not isinstance(content.get(name), str) or not content[name]:
        raise InvalidRequest(f"names no {name}", name)
    return str(content[name])
