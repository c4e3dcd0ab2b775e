"""Tickets to whoever keeps them: a webhook or a mail, by queue.

Where a ticket goes is a setting, an address by queue with ``*`` for the rest:

=====================  =============================================================================
``https://HOST/PATH``  a POST of the ticket's JSON, signed as callbacks are, its key in
                       ``Idempotency-Key``
``mailto:ADDRESS``     a mail with its text, the JSON attached; its Message-ID is made of the key, so
                       that the same ticket told twice is the same mail
nothing                nowhere: it is kept, and lists show it
=====================  =============================================================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, Protocol

from abax.errors import InvalidRequest
from abax.ports import MailSender, Notice

TICKET_SECRET: Final = "abax/mail/tickets"  # noqa: S105 (a name)
"""The secret whose ``key`` signs tickets."""
REST: Final = "*"
"""Stands for every queue that is not named."""
OWN_MARK: Final = "abax-ticket"
"""Value of X-Loop in ticket mails, so that none of them is ever read as mail."""


class Posts(Protocol):
    """POSTs a signed body, as ``SignedCallbacks`` does."""

    def send(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Raises CallbackFailed, InvalidRequest, UnknownSecret."""


class RoutedTickets:
    """The TicketSink port: each queue's tickets to the address set for it."""

    def __init__(
        self,
        routes: Callable[[], Mapping[str, str]],
        posts: Posts,
        sender: MailSender,
        own: Callable[[], str] = str,
    ) -> None:
        """``routes`` and ``own``, the address that ticket mails come from, are asked at each ticket."""
        self._routes = routes
        self._posts = posts
        self._sender = sender
        self._own = own

    def tell(self, notice: Notice) -> str:
        """Tell once; where it went."""
        routes = self._routes()
        where = routes.get(notice.queue, routes.get(REST, ""))
        if where.startswith("mailto:"):
            self._mail(where.removeprefix("mailto:"), notice)
        elif where:
            self._posts.send(where, notice.body, {"Idempotency-Key": notice.key})
        return where

    def _mail(self, address: str, notice: Notice) -> None:
        own = self._own()
        if not own:
            raise InvalidRequest("ticket mails need an address of our own in the mail settings", "own")
        self._sender.send(ticket_mail(address, own, notice), own, [address])


def ticket_mail(address: str, own: str, notice: Notice) -> bytes:
    """The mail of a ticket: the same bytes for the same ticket. Raises InvalidRequest for an address that
    cannot stand in a header."""
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"], mail["To"], mail["Subject"] = own, address, _one_line(notice.subject)
    except ValueError as error:
        raise InvalidRequest(f"{address!r} is no address: {error}", "tickets") from None
    mail["Message-ID"] = f"<{hashlib.sha256(notice.key.encode()).hexdigest()[:32]}@tickets.abax.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Loop"] = OWN_MARK
    mail.set_content(notice.text)
    mail.add_attachment(notice.body, "application", "json", filename="ticket.json")
    # A boundary drawn by lot would make the same ticket other bytes.
    mail.set_boundary(hashlib.sha256(notice.body).hexdigest()[:40])
    return bytes(mail)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
