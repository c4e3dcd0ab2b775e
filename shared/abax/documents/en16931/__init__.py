"""EN 16931's business rules."""

from __future__ import annotations

from abax.documents.rules.model import Check, Subject


def check(subject: Subject) -> tuple[Check, ...]:
    """To come."""
    return ()
