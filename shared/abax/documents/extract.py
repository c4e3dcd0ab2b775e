"""Stage 5, extraction: the typed contract, each value with its evidence."""

from __future__ import annotations

from pydantic import Field

from abax.documents.contracts import Contract, Evidence, Model


class Alternative(Model):
    """A value that was not chosen, for a person to pick."""

    value: str
    evidence: Evidence


class Extraction(Model):
    """A contract and the evidence of each of its values, by the paths of ``contracts.fields_of``."""

    contract: Contract
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    alternatives: dict[str, tuple[Alternative, ...]] = Field(default_factory=dict)
    """By path, the likeliest first; for values that were not found, too."""
    findings: tuple[str, ...] = ()
    """What a person should know: that the visible page says otherwise than the XML, and where."""
