"""Versions of a prompt side by side: each gets a share of the work, and keeps it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from abax.errors import InvalidRequest


@dataclass(frozen=True)
class Shares:
    """How the work of prompts is divided: by name the share of each version, which sum to 1."""

    by_name: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a setting such as ``{"deal.summarize": {"1": 0.8, "2": 0.2}}``; nothing gives none.

        Raises:
            InvalidRequest: it is no such JSON, or the shares of a prompt do not sum to 1.
        """
        try:
            content = json.loads(text or "{}")
            return cls({str(name): _checked(name, shares) for name, shares in content.items()})
        except (ValueError, AttributeError, TypeError) as error:
            raise InvalidRequest(
                f'is not {{"prompt": {{"version": share}}}}: {error}', "prompt_shares"
            ) from error

    def version(self, name: str, key: str) -> int | None:
        """The version of a prompt for a piece of work: by a hash of the key, so that the same work always
        meets the same version. None where nothing is shared out."""
        point, end = _point(name, key), 0.0
        version = None
        for version, share in sorted(self.by_name.get(name, {}).items()):
            end += share
            if point < end:
                return version
        return version


def _checked(name: str, shares: Mapping[str, Any]) -> dict[int, float]:
    found = {int(version): float(share) for version, share in shares.items()}
    if not found or min(found.values()) < 0 or not math.isclose(sum(found.values()), 1, abs_tol=1e-6):
        raise InvalidRequest(f"the shares of {name} are {shares}, which do not sum to 1", "prompt_shares")
    return found


def _point(name: str, key: str) -> float:
    """From 0 up to 1, spread evenly over keys."""
    digest = hashlib.sha256(f"{name}\0{key}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
