"""Mail as one page for those who sort it: many messages at a glance, then each with what is said of it, and
every claim beside the sentence that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from markupsafe import Markup

from abax.mail.contracts import Action, Books, Claim, Entity, Message, Reply, Triage
from abax.mail.known import Known
from abax.money import told
from abax.report import mail_charts
from abax.report.mail_charts import plain
from abax.report.mail_text import Cover, Text
from abax.report.templates import asset, digest, template
from abax.report.view import day

MOST_SHOWN: Final = 300
"""Messages that are shown whole: so many make a page of a few megabytes."""
MOST_LISTED: Final = 5000
"""Messages that have a line of the list."""

_SURE, _FAIR = 0.8, 0.55
_POLICY: Final = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Leave:
    """Whether a drafted reply may leave: by itself, once a person has approved it, or not at all."""

    way: Literal["itself", "person", "nobody"]
    why: str = ""


@dataclass(frozen=True)
class Shown:
    """A message to be shown, with what was made of it."""

    message: Message
    triage: Triage
    reply: Reply | None = None
    leave: Leave | None = None


def render_mail_html(
    shown: Sequence[Shown],
    books: Books,
    now: datetime,
    *,
    mask: bool = True,
    most_shown: int = MOST_SHOWN,
    most_listed: int = MOST_LISTED,
) -> str:
    """The page for messages, the most pressing first; with ``mask`` no personal data is on it.

    Of many, the charts count all, and the most pressing alone are listed and shown; the page says so.
    """
    ordered = sorted(shown, key=_pressing)
    known, today = Known(books), now.date()
    style, script = asset("charts.css") + asset("report.css") + asset("mail.css"), asset("mail.js")
    mails = [_mail(place, one, known, today, mask) for place, one in enumerate(ordered[:most_shown], 1)]
    return template("mail.html.j2").render(
        count=len(ordered),
        tiles=_tiles(ordered),
        charts=mail_charts.all_charts([one.triage for one in ordered], mask) if len(ordered) > 1 else [],
        rows=[_row(place, one, mask) for place, one in enumerate(ordered[:most_listed], 1)],
        mails=mails,
        books=books,
        checked=known.holds_items,
        as_of=day(books.as_of) if books.as_of else "",
        read=f"{day(today)} {now:%H:%M}",
        mask=mask,
        policy=_POLICY.format(style=digest(style), script=digest(script)),
        style=Markup(style),  # noqa: S704 — our own file
        script=Markup(script),  # noqa: S704 — our own file
    )


# --- all of them ----------------------------------------------------------------------------------------


def _pressing(one: Shown) -> tuple[str, bool, date]:
    due = min((action.due for action in one.triage.asked.actions if action.due), default=date.max)
    return str(one.triage.priority.value), not one.triage.needs_person, due


def _tiles(shown: Sequence[Shown]) -> list[tuple[str, int]]:
    found = [one.triage for one in shown]
    return [
        ("messages", len(found)),
        ("for a person to look at", sum(one.needs_person for one in found)),
        ("with priority P1", sum(one.priority.value == "P1" for one in found)),
        ("that ask for something", sum(one.asked.wanted.value for one in found)),
        ("replies drafted", sum(one.reply is not None for one in shown)),
    ]


def _row(place: int, one: Shown, mask: bool) -> dict[str, Any]:
    """A line of the list."""
    cover, triage = Cover(one.message, mask), one.triage
    dues = [action.due for action in triage.asked.actions if action.due]
    return {
        "id": f"m{place}",
        "priority": str(triage.priority.value),
        "sender": cover.sender(),
        "subject": cover.said(one.message.subject) or "(no subject)",
        "category": plain(triage.category.value),
        "department": plain(triage.department.value),
        "asks": ", ".join(dict.fromkeys(plain(action.kind) for action in triage.asked.actions)),
        "due": day(min(dues)) if dues else "",
        "person": triage.needs_person,
    }


# --- one of them ----------------------------------------------------------------------------------------


def _mail(place: int, one: Shown, known: Known, today: date, mask: bool) -> dict[str, Any]:
    """A message as the page shows it."""
    message, triage = one.message, one.triage
    text = Text(f"m{place}", message, _evidence(triage), mask)
    sent = message.sent_at or message.received_at
    return {
        **_row(place, one, mask),
        "text": text,
        "sent": f"{day(sent.date())} {sent:%H:%M}" if sent else "",
        "queue": triage.queue,
        "why_person": [text.said(why) for why in triage.why_person],
        "problems": [text.said(problem) for problem in message.problems],
        "attachments": [text.said(file.name) for file in message.attachments if not file.inline],
        "claims": list(_claims(triage, text)),
        "reasons": [(text.said(one.text), text.quoted(one.evidence)) for one in triage.reasons],
        "actions": [_action(one, text) for one in triage.asked.actions],
        "entities": [_entity(one, known, today, text) for one in triage.entities],
        "points": [(text.said(one.value), text.quoted(one.evidence)) for one in triage.key_points],
        "next": text.said(triage.next_step.value),
        "personal": ", ".join(f"{count} {plain(kind)}" for kind, count in triage.personal.items()),
        "rules": ", ".join(triage.rules),
        "reply": _reply(one, text),
        "unanswered": triage.why_unanswerable or "no answer is due",
    }


def _evidence(triage: Triage) -> list[str]:
    """All sentences that something rests on, each once."""
    claims = (triage.category, triage.department, triage.priority, triage.urgency, triage.sentiment)
    said = [
        *(claim.evidence for claim in (*claims, triage.asked.wanted)),
        *(reason.evidence for reason in triage.reasons),
        *(action.evidence for action in triage.asked.actions),
        *(entity.evidence for entity in triage.entities),
        *(point.evidence for point in triage.key_points),
    ]
    return [one for one in dict.fromkeys(said) if one]


def _claims(triage: Triage, text: Text) -> Iterator[dict[str, Any]]:
    yield _claim("category", plain(triage.category.value), triage.category, text)
    yield _claim("department", plain(triage.department.value), triage.department, text)
    yield _claim("priority", str(triage.priority.value), triage.priority, text)
    yield _claim("urgency", str(triage.urgency.value), triage.urgency, text)
    yield _claim("sentiment", str(triage.sentiment.value), triage.sentiment, text)
    wants = "something" if triage.asked.wanted.value else "nothing"
    yield _claim("asks for", wants, triage.asked.wanted, text)
    yield _claim("language", mail_charts.language(triage.language.value), triage.language, text)


def _claim(name: str, value: str, claim: Claim[Any], text: Text) -> dict[str, Any]:
    return {
        "name": name,
        "value": text.said(value),
        "method": claim.method,
        "quote": text.quoted(claim.evidence),
        **_share(claim.confidence),
    }


def _share(confidence: float) -> dict[str, Any]:
    grade = "good" if confidence >= _SURE else "fair" if confidence >= _FAIR else "bad"
    return {"share": round(100 * confidence), "grade": grade}


def _action(action: Action, text: Text) -> dict[str, Any]:
    return {
        "kind": plain(action.kind),
        "due": day(action.due) if action.due else "",
        "quote": text.quoted(action.evidence),
        **_share(action.confidence),
    }


def _entity(entity: Entity, known: Known, today: date, text: Text) -> dict[str, Any]:
    return {
        "kind": plain(entity.kind),
        "value": text.named(entity),
        "standing": [(kind, text.said(words)) for kind, words in _standing(entity, known, today)],
        "quote": text.quoted(entity.evidence),
        **_share(entity.confidence),
    }


def _standing(entity: Entity, known: Known, today: date) -> Iterator[tuple[str, str]]:
    """What the books say of it: known or not, open, paid, settled; of its own partner's items alone."""
    if entity.known is None:
        return
    if not entity.known:
        yield "bad", "not in the books"
        return
    yield "good", f"known: {entity.partner}" if entity.partner else "known"
    for item in known.open_items(entity.value):
        if entity.partner in ("", item.partner):
            yield "fair", f"open: {told(abs(item.residual), item.currency)}{_due(item.due_date, today)}"
    for paid in known.payments(entity.value):
        if entity.partner in ("", paid.partner):
            yield "good", f"paid: {told(paid.amount, paid.currency)} on {day(paid.paid_on)}"
    for done in known.settled(entity.value):
        if entity.partner in ("", done.partner):
            yield "good", f"settled: {told(abs(done.gross), done.currency)} on {day(done.settled_on)}"


def _due(due: date | None, today: date) -> str:
    if due is None:
        return ""
    late = (today - due).days
    return f", due {day(due)}" + (f", {late:,} days overdue" if late > 0 else "")


_LEAVES: Final = {
    "itself": "may leave without a person",
    "person": "leaves once a person has approved it",
    "nobody": "may not leave",
}


def _reply(one: Shown, text: Text) -> dict[str, Any] | None:
    """The draft, and whether it may leave."""
    reply, leave = one.reply, one.leave
    if reply is None:
        return None
    why = "; ".join(dict.fromkeys(why for why in (leave.why if leave else "", reply.why) if why))
    return {
        "kind": plain(reply.kind),
        "subject": text.said(reply.subject),
        "body": text.said(reply.body),
        "tone": str(reply.tone),
        "method": reply.method,
        "facts": [tuple(map(text.said, (fact.name, fact.shown, fact.source))) for fact in reply.facts],
        "way": leave.way if leave else "person",
        "leaves": _LEAVES[leave.way if leave else "person"],
        "why": text.said(why),
        **_share(reply.confidence),
    }
