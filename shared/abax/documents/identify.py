"""Stage 4, type identification: which kind of its type, whose, and in which layout."""

from __future__ import annotations

from abax.documents.contracts import Model, Subtype


class Identity(Model):
    """Subtype, issuer and layout family."""

    subtype: Subtype
    issuer: str | None = None
    """A key that stays the same on all documents of one issuer: VAT id, IBAN, or the name made plain."""
    layout: str = ""
    """Documents that look alike have the same one."""
    reasons: tuple[str, ...] = ()
