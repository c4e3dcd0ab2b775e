"""A real SMTP server for tests, in this process, that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.postgres import free_port


class Post:
    """What a server is told to say, and what it was given."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[tuple[str, list[str], bytes]] = []
        """Sender, recipients and the very bytes of each message that was taken."""
        self.says: dict[str, str] = {}
        """Command (MAIL, RCPT, DATA) to an answer of its own; ``drop`` breaks the line."""

    @property
    def url(self) -> str:
        """As Abax takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(  # noqa: N802 (the server's name for it)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = self.says.get("DATA", "250 taken as 42")
        if said.startswith(("250", "drop")):
            content = envelope.original_content or b""
            self.got.append((str(envelope.mail_from), list(envelope.rcpt_tos), content))
        if said == "drop":
            transport: Any = server.transport
            transport.abort()
            await asyncio.sleep(0)
        return said


@contextmanager
def running() -> Iterator[Post]:
    """A server; nobody is asked for a password."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        post.port = controller.port
        yield post
    finally:
        controller.stop()
