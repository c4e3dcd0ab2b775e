"""``abax mail FILE… --show page.html``: messages as a page for those who sort them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from abax import terminal
from abax.compose import Edge

if TYPE_CHECKING:
    from abax.mail.contracts import Message, Reply, Triage
    from abax.report.mail import Leave, Shown
    from abax.workflow.mail_practice import Practice

SOMEBODY: Final = "person:somebody"
"""Who would approve a reply, to find out whether anybody may."""


def write_page(house: Edge, target: Path, seen: Iterable[tuple[Message, Triage, Reply | None]]) -> None:
    """Write the page of messages with what was made of them, checked against the house's books, and with
    personal data covered where its settings say so."""
    from abax.report.mail import render_mail_html
    from abax.workflow.mail_practice import books_for, practice_of

    practice, now = practice_of(house.mail.records), datetime.now(UTC)
    books = books_for(house.services.objects, house.services.jobs, practice)
    shown = [_shown(house, practice, one, now) for one in seen]
    target.write_text(render_mail_html(shown, books, now, mask=practice.mask), encoding="utf-8")
    terminal.console(stderr=True).print(f"written to {escape(str(target))}", soft_wrap=True)


def _shown(
    house: Edge, practice: Practice, one: tuple[Message, Triage, Reply | None], now: datetime
) -> Shown:
    from abax.report.mail import Shown

    message, triage, reply = one
    leave = _leave(house, practice, reply, (message, triage), now) if reply is not None else None
    return Shown(message, triage, reply, leave)


def _leave(
    house: Edge, practice: Practice, reply: Reply, about: tuple[Message, Triage], now: datetime
) -> Leave:
    """Whether a draft may leave: by itself, by a person's approval, or not at all. Changes nothing."""
    from abax.mail.sending import may_send
    from abax.report.mail import Leave

    rules, records, own = practice.answers, house.mail.records, practice.addresses
    ruled = may_send(reply, *about, rules, records, now=now, own_addresses=own)
    if ruled.allowed and practice.own:
        return Leave("itself", f"by {ruled.by}")
    if ruled.allowed:
        return Leave("person", "the mail settings name no address of ours that it could come from")
    approved = reply.model_copy(update={"approved_by": SOMEBODY})
    by_person = may_send(approved, *about, rules, records, now=now, own_addresses=own)
    return Leave("person" if by_person.allowed else "nobody", ruled.why)
