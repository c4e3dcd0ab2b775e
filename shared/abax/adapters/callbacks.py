"""Callbacks to where callers asked for them: signed, over TLS, and never into the house's own network."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from abax import __version__
from abax.errors import CallbackFailed, InvalidRequest, UnknownSecret
from abax.ports import SecretStore
from abax.workflow.texts import CALLBACK_SECRET, require_allowed

SIGNATURE_HEADER: Final = "Abax-Signature"
TIMEOUT: Final = 10.0
"""Seconds for the whole exchange's every step."""

Resolve = Callable[[str, int], list[str]]


def signature(key: str, body: bytes, at: int) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA256 over ``<seconds>.<body>``, so that none can be replayed."""
    digest = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def addresses_of(host: str, port: int) -> list[str]:
    """Every address that a host name stands for. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class SignedCallbacks:
    """The Callbacks port over HTTP. The connection goes to an address that was looked at, so that a name
    cannot change its meaning in between; redirects are not followed."""

    def __init__(
        self,
        secrets: SecretStore,
        network: str = "public",
        resolve: Resolve = addresses_of,
        secret: str = CALLBACK_SECRET,
        timeout: float = TIMEOUT,
    ) -> None:
        """``network`` ``private`` allows private addresses and plain http, for a house that calls itself;
        ``secret`` is the reference of the secret whose ``key`` signs; ``timeout`` is that of each step."""
        self._secrets = secrets
        self._network = network
        self._resolve = resolve
        self._secret = secret
        self._timeout = timeout

    def send(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """POST once, ``headers`` beside our own. Raises CallbackFailed, InvalidRequest, UnknownSecret."""
        require_allowed(url, self._network)
        parts = urlsplit(url)
        key = self._key()
        address = self._address(parts)
        ours = {
            **(headers or {}),
            "Content-Type": "application/json",
            "Host": parts.netloc.rpartition("@")[2],
            "User-Agent": f"abax/{__version__}",
            SIGNATURE_HEADER: signature(key, body, int(time.time())),
        }
        try:
            status = _posted(parts, _Way(address, self._timeout), body, ours)
        except (OSError, http.client.HTTPException) as error:
            raise CallbackFailed(_shown(parts), str(error) or type(error).__name__) from error
        if not 200 <= status < 300:
            raise CallbackFailed(_shown(parts), f"it answered {status}")

    def _key(self) -> str:
        key = self._secrets.get(self._secret).get("key")
        if not key:
            raise UnknownSecret(self._secret, "the secret store", 'with a JSON body {"key": …}')
        return key

    def _address(self, parts: SplitResult) -> str:
        """One address of the host; all of them must be allowed."""
        host, port = str(parts.hostname), _port(parts)
        try:
            found = self._resolve(host, port)
        except OSError as error:
            raise CallbackFailed(_shown(parts), f"{host} is not found: {error}") from error
        inside = [address for address in found if not ip_address(address.partition("%")[0]).is_global]
        if inside and self._network != "private":
            raise InvalidRequest(f"{host} stands for {inside[0]}, which is no public address", "callback")
        if not found:
            raise CallbackFailed(_shown(parts), f"{host} has no address")
        return found[0]


class _Way(NamedTuple):
    """The address that was chosen, and the seconds that each step may take."""

    address: str
    timeout: float


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was chosen, whatever the host's name means by now."""

    def __init__(self, host: str, port: int, way: _Way, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=way.timeout)
        self._way = way
        self._context = context

    def connect(self) -> None:
        """To the address; TLS checks the certificate against the name."""
        sock = socket.create_connection((self._way.address, self.port), self._way.timeout)
        self.sock = self._context.wrap_socket(sock, server_hostname=self.host) if self._context else sock


def _posted(parts: SplitResult, way: _Way, body: bytes, headers: Mapping[str, str]) -> int:
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(str(parts.hostname), _port(parts), way, context)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _shown(parts: SplitResult) -> str:
    """The address without its query, which may hold somebody's token."""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
