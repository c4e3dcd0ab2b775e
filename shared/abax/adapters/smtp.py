"""Mail by SMTP (RFC 5321): the bytes as they are, once.

The secret names the server::

    {"url": "smtps://user@mail.example.com", "password": "…"}

``smtps`` is TLS from the first byte (port 465), ``smtp+starttls`` TLS after the greeting (587), and ``smtp``
is plain (25), for a server on the same machine.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from abax.errors import InvalidRequest, MailRefused, MailUnreachable, MailUnsure

TIMEOUT: Final = 30.0
"""Seconds that any one answer may take."""
PORTS: Final = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


class SmtpSender:
    """The MailSender port on an SMTP server."""

    def __init__(self, secret: Callable[[], Mapping[str, str]], timeout: float = TIMEOUT) -> None:
        """``secret`` is asked at each message."""
        self._secret = secret
        self._timeout = timeout

    def ready(self) -> None:
        """Raises InvalidRequest for a secret that names no server, UnknownSecret."""
        _address(self._secret().get("url", ""))

    def send(self, content: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Send once, in a connection of its own: to all recipients, or to none. Raises InvalidRequest for a
        secret that names no server, UnknownSecret, and as the port has it."""
        secret = self._secret()
        exchange = _Exchange(_address(secret.get("url", "")), secret.get("password", ""), self._timeout)
        server = exchange.connected()
        try:
            exchange.envelope(server, content, sender, recipients)
            return exchange.given(server, content)
        finally:
            _left(server)


@dataclass(frozen=True)
class _Exchange:
    """One message on its way."""

    parts: SplitResult
    password: str
    timeout: float

    @property
    def name(self) -> str:
        """The server, as errors name it."""
        return str(self.parts.hostname)

    def connected(self) -> smtplib.SMTP:
        host, port = self.name, self.parts.port or PORTS[self.parts.scheme]
        try:
            if self.parts.scheme == "smtps":
                context = ssl.create_default_context()
                server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout, context=context)
            else:
                server = smtplib.SMTP(host, port, timeout=self.timeout)
            return self._greeted(server)
        except smtplib.SMTPAuthenticationError as error:
            raise MailRefused(self.name, _said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnreachable(self.name, str(error) or type(error).__name__) from error

    def _greeted(self, server: smtplib.SMTP) -> smtplib.SMTP:
        if self.parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if self.parts.username:
            server.login(unquote(self.parts.username), self.password or unquote(self.parts.password or ""))
        return server

    def envelope(self, server: smtplib.SMTP, content: bytes, sender: str, recipients: Sequence[str]) -> None:
        """From whom and to whom. Until the text is given, nothing can have been sent."""
        wide = not content.isascii() and server.has_extn("8bitmime")
        try:
            answers = [server.mail(sender, ["BODY=8BITMIME"] if wide else [])]
            answers += [server.rcpt(one) for one in recipients]
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnreachable(self.name, str(error) or type(error).__name__) from error
        for code, said in answers:
            if not 200 <= code < 300:
                self._refused(code, said)

    def given(self, server: smtplib.SMTP, content: bytes) -> str:
        try:
            code, said = server.data(content)
        except smtplib.SMTPDataError as error:  # it would not even listen
            self._refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnsure(self.name, str(error) or type(error).__name__) from error
        if code != 250:
            self._refused(code, said)
        return said.decode(errors="replace")

    def _refused(self, code: int, said: bytes | str) -> NoReturn:
        """Raises: a code of 400 to 499 is for now, any other for good."""
        error = MailUnreachable if 400 <= code < 500 else MailRefused
        raise error(self.name, _said(code, said))


def _said(code: int, said: bytes | str) -> str:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {words}"[:300]


def _left(server: smtplib.SMTP) -> None:
    """Say goodbye; what has been said about the message stands, whatever becomes of that."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _address(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise InvalidRequest("must be like smtps://user@host", "url")
    return parts
