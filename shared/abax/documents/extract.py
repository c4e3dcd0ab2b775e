"""Stage 5, extraction: the typed contract, each value with its evidence."""

from __future__ import annotations

from pydantic import Field

from abax.documents.contracts import Box, Contract, Evidence, Model


class Alternative(Model):
    """A value that was not chosen, for a person to pick."""

    value: str
    evidence: Evidence


class Difference(Model):
    """A value that the visible page shows otherwise than the e-invoice's XML."""

    path: str
    xml: str
    visible: str
    """What the page shows in its place; empty where it shows nothing of the kind."""
    page: int | None = None
    box: Box | None = None


class Extraction(Model):
    """A contract and the evidence of each of its values, by the paths of ``contracts.fields_of``."""

    contract: Contract
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    alternatives: dict[str, tuple[Alternative, ...]] = Field(default_factory=dict)
    """By path, the likeliest first; for values that were not found, too."""
    findings: tuple[str, ...] = ()
    """What a person should know: that the visible page says otherwise than the XML, and where."""
    differences: tuple[Difference, ...] = ()
    """Each of them is in ``findings`` too, in words."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """What an e-invoice says beside a value, such as ``seller.electronic_address@scheme``."""
