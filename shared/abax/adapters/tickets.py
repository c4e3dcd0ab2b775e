"""Tickets to whoever keeps them: a webhook or a mail, by queue.

Where a ticket goes is a setting, an address by queue with ``*`` for the rest:

=====================  =============================================================================
``https://HOST/PATH``  a POST of the ticket's JSON, signed as callbacks are, its key in
                       ``Idempotency-Key``
``mailto:ADDRESS``     a mail with its text, the JSON attached; its Message-ID is made of the key, so
                       that the same ticket told twice is the same mail
nothing                nowhere: it is kept, and lists show it
=====================  =============================================================================

Tickets share a queue and its workers with replies, so they must not hold these up: an address that keeps us
waiting and then fails is left alone for a while, and its tickets come back from the queue.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, Protocol

from abax.errors import AbaxError, CallbackFailed, InvalidRequest
from abax.ports import MailSender, Notice

TICKET_SECRET: Final = "abax/mail/tickets"  # noqa: S105 (a name)
"""The secret whose ``key`` signs tickets."""
REST: Final = "*"
"""Stands for every queue that is not named."""
MAILTO: Final = "mailto:"
TIMEOUT: Final = 5.0
"""Seconds that each step of a POST may take: a webhook takes a ticket and looks at it later."""
SLOW: Final = 1.0
"""Seconds from which on a try that failed has held up others."""
ALONE: Final = 45.0
"""Seconds that an address is left alone after such a try; less than the queue waits before the next."""
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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``routes`` and ``own``, the address that ticket mails come from, are asked at each ticket."""
        self._routes = routes
        self._posts = posts
        self._sender = sender
        self._own = own
        self._clock = clock
        self._until: dict[str, float] = {}

    def tell(self, notice: Notice) -> str:
        """Tell once; where it went. Fails at once where the address has just kept somebody waiting."""
        routes = self._routes()
        where = routes.get(notice.queue, routes.get(REST, ""))
        if where:
            self._told(where, notice)
        return where

    def _told(self, where: str, notice: Notice) -> None:
        server = MAILTO if where.startswith(MAILTO) else where
        begun = self._clock()
        if (left := self._until.get(server, begun) - begun) > 0:
            raise CallbackFailed(
                where.partition("?")[0], f"it has just kept us waiting, and is left alone for {left:.0f} s"
            )
        try:
            self._given(where, notice)
        except AbaxError:
            if (now := self._clock()) - begun >= SLOW:
                self._until[server] = now + ALONE
            raise
        self._until.pop(server, None)

    def _given(self, where: str, notice: Notice) -> None:
        if where.startswith(MAILTO):
            self._mail(where.removeprefix(MAILTO), notice)
        else:
            self._posts.send(where, notice.body, {"Idempotency-Key": notice.key})

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
