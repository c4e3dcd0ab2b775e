"""What leaves because of mail: tickets and replies, one message of the queue ``mailouts`` each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from abax.errors import InvalidRequest
from abax.workflow.context import MailOutContext
from abax.workflow.events import parse_object
from abax.workflow.mail_replies import send_reply
from abax.workflow.mail_request import OutTask
from abax.workflow.mail_tickets import tell_ticket


def run_out(context: MailOutContext, body: str | bytes | Mapping[str, Any]) -> str:
    """Do what a message asks for, and say what became of it: ``{"task": "ticket", "mail_id": …}`` or
    ``{"task": "send", "reply_id": …}``.

    Raises:
        InvalidRequest: it asks for nothing that is done here.
        AbaxError: it could not be done, for now or for good; the queue brings it back.
    """
    content = parse_object(body)
    task = content.get("task")
    if task == OutTask.TICKET:
        return tell_ticket(context, _named(content, "mail_id"))
    if task == OutTask.SEND:
        return send_reply(context, _named(content, "reply_id"))
    raise InvalidRequest(f"{task!r} is no task; there are {', '.join(OutTask)}", "task")


def _named(content: Mapping[str, Any], name: str) -> str:
    if not isinstance(content.get(name), str) or not content[name]:
        raise InvalidRequest(f"names no {name}", name)
    return str(content[name])
