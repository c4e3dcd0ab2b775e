"""Secrets in AWS Secrets Manager."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Final

from abax.adapters.aws.session import client
from abax.errors import InvalidRequest, UnknownSecret

KEPT_SECONDS: Final = 60
"""How long a secret is remembered: long enough for one job's steps, short enough for a rotation."""

_UNKNOWN: Final = ("ResourceNotFoundException", "InvalidRequestException", "ValidationException")


class ManagedSecrets:
    """The SecretStore port on Secrets Manager. A reference is a secret's name or ARN, and may carry a prefix
    that the function's policy allows."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Mapping[str, str]]] = {}

    def get(self, reference: str) -> Mapping[str, str]:
        """The secret's fields. Raises UnknownSecret, and InvalidRequest where it is no JSON object."""
        read_at, fields = self._known.get(reference, (float("-inf"), {}))
        if time.monotonic() - read_at > KEPT_SECONDS:
            fields = _parsed(reference, self._read(reference))
            self._known[reference] = (time.monotonic(), fields)
        return fields

    def _read(self, reference: str) -> str:
        from botocore.exceptions import ClientError

        try:
            answer = client("secretsmanager").get_secret_value(SecretId=reference)
        except ClientError as error:
            if error.response["Error"]["Code"] in _UNKNOWN:
                raise UnknownSecret(reference, "AWS Secrets Manager", 'with a JSON body {"url": …}') from None
            raise
        return str(answer.get("SecretString", ""))


def _parsed(reference: str, text: str) -> Mapping[str, str]:
    """A JSON object of texts; a bare URL will do."""
    if not text.lstrip().startswith("{"):
        return {"url": text.strip()}
    try:
        content = json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"secret {reference!r} is not JSON: {error}", "secret") from None
    return {name: str(value) for name, value in content.items()}
