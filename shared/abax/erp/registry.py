"""The ERPs that Abax knows, and how a database is told to be one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from abax.erp.axelor import AxelorModule
from abax.erp.connect import Database, connected
from abax.erp.erpnext import ErpNextModule
from abax.erp.odoo import OdooModule
from abax.erp.opened import Source
from abax.erp.source import Declaration, ErpModule, Verdict
from abax.errors import InvalidRequest, UnsupportedSchema, listed

MODULES: Final[dict[str, ErpModule]] = {
    module.erp: module for module in (AxelorModule(), ErpNextModule(), OdooModule())
}

_STRANGER: Final = 0.2
"""With less than this share of what an ERP needs, a database is not that ERP with parts missing."""


@contextmanager
def open_source(url: str, erp: str | None = None) -> Iterator[Source]:
    """Connect to the ERP database at ``url`` and find out what it is.

    ``erp`` names the kind; it is found out when left open. Raises InvalidRequest, SourceUnreachable,
    SourceRefused, or UnsupportedSchema naming the missing tables and columns.
    """
    candidates = _candidates(erp)
    with connected(url) as database:
        yield Source(database, recognised(database, candidates))


def recognised(database: Database, candidates: Sequence[ErpModule]) -> Declaration:
    """The declaration of whichever candidate the database looks like most. Raises UnsupportedSchema."""
    schema = database.schema([table for module in candidates for table in module.tables])
    verdicts = [(module.probe(schema), module) for module in candidates]
    verdict, module = max(verdicts, key=lambda found: found[0].likeness)
    if verdict.missing:
        raise UnsupportedSchema(database.label, verdict.missing, _suggestion(verdict, module))
    return module.declare(schema, verdict.version)


def _candidates(erp: str | None) -> list[ErpModule]:
    if erp is None:
        return list(MODULES.values())
    if erp.lower() not in MODULES:
        raise InvalidRequest(f"{erp!r} is none of the known kinds: {listed(MODULES)}", "erp")
    return [MODULES[erp.lower()]]


def _suggestion(verdict: Verdict, module: ErpModule) -> str:
    if verdict.likeness < _STRANGER:
        return f"no ERP known here ({listed(MODULES)})"
    return f"{module.erp.capitalize()} {verdict.version}"
