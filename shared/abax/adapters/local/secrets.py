"""Secrets from the environment and from a file that only its owner can read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from abax.errors import InvalidRequest, UnknownSecret


class FileSecrets:
    """The SecretStore port at the edge: ``ABAX_SECRET_<NAME>`` in the environment (JSON, or a bare URL), then
    ``secrets.json``, then what was given in memory."""

    def __init__(self, path: Path, in_memory: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.path = path
        self._in_memory = dict(in_memory or {})

    def get(self, reference: str) -> Mapping[str, str]:
        """The secret's fields. Raises UnknownSecret; InvalidRequest where the file is open to others."""
        if reference in self._in_memory:
            return self._in_memory[reference]
        variable = variable_of(reference)
        if value := os.environ.get(variable):
            return _fields(value, variable)
        stored = self._stored()
        if reference not in stored:
            raise UnknownSecret(
                reference,
                f"${variable} or this home",
                f"with: abax secret put {reference} --url …, or --key …",
            )
        return stored[reference]

    def put(self, reference: str, secret: Mapping[str, str]) -> None:
        """Keep a secret in the file, readable by its owner alone."""
        stored = {**self._stored(), reference: dict(secret)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(".part")
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(stored, file, indent=2)
        scratch.replace(self.path)

    def names(self) -> list[str]:
        """The references in the file."""
        return sorted(self._stored())

    def _stored(self) -> dict[str, dict[str, str]]:
        if not self.path.exists():
            return {}
        if self.path.stat().st_mode & 0o077:
            raise InvalidRequest(f"others can read {self.path}; run chmod 600 on it", "secret")
        try:
            stored = json.loads(self.path.read_text())
        except ValueError as error:
            raise InvalidRequest(f"{self.path} is not JSON: {error}", "secret") from None
        return {name: _checked(fields, f"{self.path}: {name}") for name, fields in stored.items()}


def variable_of(reference: str) -> str:
    """The environment variable that may hold a secret: ``erp/main`` in ``ABAX_SECRET_ERP_MAIN``."""
    return "ABAX_SECRET_" + re.sub(r"\W", "_", reference).upper()


def _fields(value: str, where: str) -> dict[str, str]:
    if not value.lstrip().startswith("{"):
        return {"url": value.strip()}
    try:
        return _checked(json.loads(value), where)
    except ValueError as error:
        raise InvalidRequest(f"${where} is not JSON: {error}", "secret") from None


def _checked(fields: object, where: str) -> dict[str, str]:
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise InvalidRequest(f'{where} must be a JSON object of texts, such as {{"url": "…"}}', "secret")
    return fields
