"""Which rules an e-invoice has to keep, and whether it does."""

from __future__ import annotations

import re
from typing import Final

from abax.documents.contracts import TradeDocument
from abax.documents.en16931 import categories, core, lists, peppol, xrechnung
from abax.documents.rules.model import Check, Rule, Subject, run

_STANDARD: Final = "urn:cen.eu:en16931"
_XRECHNUNG: Final = ("kosit:xrechnung", "kosit:standard:xrechnung", "kosit:extension:xrechnung")
_PEPPOL: Final = "peppol.eu"
_VERSION: Final = re.compile(r":xrechnung_(\d+)")
_FIRST_WITH_NETWORK: Final = 3
"""The version of XRechnung that took Peppol's rules over."""
_EXTENSION: Final = "kosit:extension:xrechnung"

_BASE: Final = (*core.RULES, *categories.RULES, *lists.RULES)
RULES: Final[tuple[Rule, ...]] = (
    *_BASE,
    core.DUE,
    lists.MIME,
    *peppol.RULES,
    *xrechnung.RULES,
    *xrechnung.EXTENSION_RULES,
)
"""All that there are."""


def rules_for(specification: str | None) -> tuple[Rule, ...]:
    """The rules that a specification identifier (BT-24) promises to keep. None are those of ZUGFeRD 1.0, of
    Factur-X MINIMUM and BASIC WL, which are no invoices in the standard's sense, and of other standards."""
    if specification is not None and not specification.startswith(_STANDARD):
        return ()
    named = specification or ""
    extended = _EXTENSION in named
    base = (*_BASE, *(() if extended else (core.DUE, lists.MIME)))
    german = xrechnung.RULES if any(name in named for name in _XRECHNUNG) else ()
    version = _VERSION.search(named)
    with_network = _PEPPOL in named or (version is not None and int(version[1]) >= _FIRST_WITH_NETWORK)
    network = peppol.RULES if with_network else ()
    return (*base, *network, *german, *(xrechnung.EXTENSION_RULES if extended else ()))


def check(subject: Subject) -> tuple[Check, ...]:
    """Each rule's result; none for what is no e-invoice."""
    contract = subject.extraction.contract
    if not isinstance(contract, TradeDocument) or not _from_xml(subject):
        return ()
    return tuple(run(rules_for(contract.specification), subject))


def _from_xml(subject: Subject) -> bool:
    return any(one.method == "xml" for one in subject.extraction.evidence.values())
