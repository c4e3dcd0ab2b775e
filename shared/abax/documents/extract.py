"""Stage 5, extraction: the typed contract, each value with its evidence.

Candidates of each category are ranked field by field (``candidates``, ``parties``, ``ranker``), amounts are
chosen together so that they add up, and lines come from tables or, without any, from what multiplies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from abax.documents.contracts import Box, Contract, Evidence, Model

if TYPE_CHECKING:
    from abax.documents.classify import Classification
    from abax.documents.identify import Identity
    from abax.documents.pages import Reading
    from abax.ports import TextModel


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
    notes: tuple[str, ...] = ()
    """What a person may want to know, such as that a model could not be asked."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """What an e-invoice says beside a value, such as ``seller.electronic_address@scheme``."""


def extract(
    reading: Reading,
    classification: Classification,
    identity: Identity,
    model: TextModel | None = None,
    seconds: float | None = None,
    key: str = "",
) -> Extraction:
    """What a document of this type says. ``model`` is asked for what rules and rankers leave open, and may
    take so many ``seconds`` (``asking.SECONDS`` where None are given); only what it can show in the text
    counts. Without it nothing is asked. ``key`` is the document's id: of an adapter that is on trial, the
    same version reads all of it, and what people correct of it counts for that version."""
    from abax.documents.fields import Fields, filled

    fields = Fields(reading, classification.type, identity.subtype)
    filled(fields)
    if model is None:
        return _extraction(fields)
    from abax.documents.asking import SECONDS, ask

    return _extraction(fields, ask(fields, model, SECONDS if seconds is None else seconds, key))


def _extraction(fields: Any, notes: tuple[str, ...] = ()) -> Extraction:
    from abax.documents.contracts import CONTRACT, fields_of

    contract = CONTRACT.validate_python(fields.contract())
    evidence = {path: fields.evidence[path] for path in fields_of(contract) if path in fields.evidence}
    return Extraction(
        contract=contract, evidence=evidence, alternatives=dict(fields.alternatives), notes=notes
    )
