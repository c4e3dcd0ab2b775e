"""How ``abax mail`` shows messages and what was made of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from abax import terminal
from abax.commands.common import print_json

if TYPE_CHECKING:
    from abax.mail.contracts import Attachment, Message, Reply, Triage

COLOURS: Final = {"P1": "red", "P2": "yellow", "P3": "dim"}
LONGEST: Final = 100
"""Letters of a sentence that a claim rests on; --json has them all."""
SHORT_ID: Final = 10
"""Letters of an id that lists show, where these tell it from the others."""


class Seen:
    """A message that was read."""

    def __init__(
        self, message: Message, triage: Triage | None, reply: Reply | None = None, mail_id: str = ""
    ) -> None:
        self.message = message
        self.triage = triage
        self.reply = reply
        self.mail_id = mail_id

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "mail_id": self.mail_id or None,
            "message": self.message.model_dump(mode="json", exclude_defaults=True),
            "triage": self.triage.model_dump(mode="json") if self.triage else None,
            "reply": self.reply.model_dump(mode="json") if self.reply else None,
        }


def print_seen(found: Sequence[Seen], as_json: bool) -> None:
    """One message with all that is said of it, or a table of several."""
    if as_json:
        print_json([one.as_json() for one in found])
        return
    out = terminal.console()
    if len(found) == 1 and found[0].triage is not None:
        print_one(out, found[0])
        return
    table = Table("from", "subject", "is", "to", "P", "asks for", "by", "reply", box=None, pad_edge=False)
    for one in found:
        table.add_row(*_cells(one))
    out.print(table)
    people = sum(one.triage.needs_person for one in found if one.triage is not None)
    replies = sum(one.reply is not None for one in found)
    out.print(
        f"[bold]{len(found):,} read, {people:,} for a person to look at, {replies:,} replies drafted[/]"
    )


def _cells(one: Seen) -> list[str]:
    message, triage = one.message, one.triage
    sender = escape(message.sender.name or message.sender.address)[:28]
    subject = escape(message.subject)[:44]
    if triage is None:
        return [sender, subject, "", "", "", "", "", ""]
    actions = triage.asked.actions
    priority = str(triage.priority.value)
    return [
        sender,
        subject,
        f"{triage.category.value} {triage.category.confidence:.0%}",
        triage.queue or "–",
        f"[{COLOURS.get(priority, 'default')}]{priority}[/]",
        ", ".join(dict.fromkeys(action.kind.replace("_", " ") for action in actions)),
        next((str(action.due) for action in actions if action.due), ""),
        one.reply.kind.replace("_", " ") if one.reply else "",
    ]


def print_one(out: Console, one: Seen) -> None:
    """A message with all that is said of it, and the reply."""
    message, triage = one.message, one.triage
    assert triage is not None
    table = Table.grid(padding=(0, 2))
    before = ""
    for name, value, why in _lines(message, triage):
        shown = "″" if why and why == before else shortened(why, LONGEST)
        table.add_row(f"[dim]{name}[/]", escape(value), f"[dim]{escape(shown)}[/]")
        before = why or before
    out.print(table)
    if one.reply is not None:
        out.print(f"\n[bold]Drafted reply[/] ({one.reply.kind}, {one.reply.confidence:.0%})", soft_wrap=True)
        out.print(escape(one.reply.body), soft_wrap=True)


def _lines(message: Message, triage: Triage) -> Iterator[tuple[str, str, str]]:
    """What is said of a message: name, value, and what it rests on."""
    sender = f"{message.sender.name} <{message.sender.address}>".strip()
    yield "from", sender, ""
    yield "subject", message.subject, ""
    for attachment in message.attachments:
        if not attachment.inline:
            yield "attached", _attached(attachment), ""
    if message.invitation:
        yield "calendar", next(_entries(message), "an entry"), ""
    yield "category", f"{triage.category.value} ({triage.category.confidence:.0%})", triage.category.evidence
    yield "goes to", f"{triage.department.value}, queue {triage.queue or 'none'}", triage.department.evidence
    yield "urgency", f"{triage.urgency.value}, {triage.priority.value}", triage.urgency.evidence
    for reason in triage.reasons:
        yield "", reason.text, reason.evidence
    yield "sentiment", str(triage.sentiment.value), triage.sentiment.evidence
    for action in triage.asked.actions:
        due = f" by {action.due}" if action.due else ""
        yield "asked", f"{action.kind.replace('_', ' ')}{due}", action.evidence
    for entity in triage.entities:
        known = {True: f", in the books: {entity.partner}", False: ", not in the books", None: ""}[
            entity.known
        ]
        yield entity.kind, f"{entity.value}{known}", entity.evidence
    for point in triage.key_points:
        yield "point", point.value, ""
    yield "next", triage.next_step.value, ""
    for why in triage.why_person:
        yield "a person", why, ""
    if not triage.answerable:
        yield "no answer", triage.why_unanswerable, ""
    for problem in message.problems:
        yield "problem", problem, ""


def _attached(attachment: Attachment) -> str:
    size = f"{attachment.size / 1000:,.0f} kB" if attachment.size >= 1000 else f"{attachment.size:,} bytes"
    return f"{attachment.name or 'without a name'}, {attachment.media_type}, {size}"


def _entries(message: Message) -> Iterator[str]:
    """Headings of calendar entries as they stand in the text: what, when and where."""
    for found in _ENTRY.finditer(message.whole_text):
        yield " · ".join(line.strip() for line in found[0].splitlines() if line.strip())


_ENTRY: Final = re.compile(
    r"^(?:Invitation|Cancelled|Answer to an invitation|Another time proposed|Calendar entry)\b.*"
    r"(?:\n(?:When|Where|Organizer|Answer): .*)*",
    re.MULTILINE,
)
"""As ``abax.mail.invitation`` writes them."""


def shortened(text: str, most: int) -> str:
    """A text of at most so many letters, cut between words and marked where it was cut."""
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rpartition(' ')[0].rstrip(' ,;:') or text[: most - 2]} …"


# --- lists ----------------------------------------------------------------------------------------------


def print_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """What was taken in, a line each."""
    columns = ("mail", "from", "subject", "is", "to", "P", "ticket", "reply", "")
    table = Table(*columns, box=None, pad_edge=False)
    names = short_ids([row["mail_id"] for row in rows])
    for row in rows:
        sender = row["sender"]["name"] or row["sender"]["address"]
        cells = [names[row["mail_id"]], shortened(sender, 26), shortened(row["subject"], 40), row["category"]]
        states = [_ticket(row["ticket"]), _reply(row["reply"])]
        look = "a person" if row["needs_person"] else ""
        table.add_row(*map(escape, [*cells, row["queue"], row["priority"], *states, look]))
    terminal.console().print(table)


def print_states(out: Console, row: Mapping[str, Any]) -> None:
    """How a message's ticket and reply fare, and why."""
    ticket, reply = row["ticket"], row["reply"]
    notes = []
    if ticket is not None:
        notes.append(("ticket", _ticket(ticket), (ticket["error"] or {}).get("message", "")))
    if reply is not None:
        notes.append(("reply", reply["state"], reply_note(reply)))
    for name, state, note in notes:
        out.print(f"{name}: {state}{f' ({note})' if note else ''}", markup=False, soft_wrap=True)


def reply_note(reply: Mapping[str, Any]) -> str:
    """Where a reply went, or why it did not, and what can be done."""
    sending, why = reply["sending"] or {}, reply["why"]
    if reply["state"] == "unsure":
        return f"{why}; approve --again sends it once more"
    if reply["state"] == "withheld" and sending:
        return f"{why}; it was not sent: edit it, or approve it anew"
    if reply["state"] == "approved" and sending:
        return "somebody is sending it, or died at it; approve --again sends it once more"
    return str(sending.get("where") or why)


def _ticket(ticket: Mapping[str, Any] | None) -> str:
    if ticket is None:
        return "–"
    failed = ticket["state"] == "waiting" and ticket["tries"]
    return f"waiting, failed {ticket['tries']}×" if failed else str(ticket["state"])


def _reply(reply: Mapping[str, Any] | None) -> str:
    """A reply's state in one or two words."""
    if reply is None:
        return "–"
    sending = reply["sending"] or {}
    if reply["state"] == "sent":
        return "in the outbox" if sending.get("where") else "sent"
    return "sending" if reply["state"] == "approved" and sending else str(reply["state"])


# --- ids ------------------------------------------------------------------------------------------------


def short_ids(ids: Collection[str]) -> dict[str, str]:
    """Beginnings of ids by which each can be told from the others; of a message that came under the
    Message-ID of another, both parts of its id."""
    heads = {one.partition("-")[0] for one in ids}
    head = next(size for size in range(SHORT_ID, 65) if len({one[:size] for one in heads}) == len(heads))
    tails = {one.partition("-")[2] for one in ids}
    tail = next(size for size in range(4, 65) if len({one[:size] for one in tails}) == len(tails))
    return {one: "-".join(filter(None, (first[:head], rest[:tail]))) for one, first, rest in _parted(ids)}


def is_meant(given: str, mail_id: str) -> bool:
    """Whether an id begins as it was given, part by part."""
    wanted, own = given.split("-"), mail_id.split("-")
    return len(wanted) <= len(own) and all(map(str.startswith, own, wanted))


def _parted(ids: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for one in ids:
        first, _, rest = one.partition("-")
        yield one, first, rest
