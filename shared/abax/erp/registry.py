"""The ERPs that Abax knows, and how a database is told to be one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from abax.erp.axelor import AxelorModule
from abax.erp.connect import Database, connected
from abax.erp.dynamics import DynamicsModule
from abax.erp.erpnext import ErpNextModule
from abax.erp.odoo import OdooModule
from abax.erp.opened import Source
from abax.erp.oracle_ebs import OracleEbsModule
from abax.erp.sap import SapModule
from abax.erp.source import Declaration, ErpModule, Found, Schema, Setting, Verdict
from abax.errors import AmbiguousSource, InvalidRequest, SettingNeeded, UnsupportedSchema, listed, nearest

MODULES: Final[dict[str, ErpModule]] = {
    module.erp: module
    for module in (
        AxelorModule(),
        DynamicsModule(),
        ErpNextModule(),
        OdooModule(),
        OracleEbsModule(),
        SapModule(),
    )
}

_STRANGER: Final = 0.2
"""With less than this share of what an ERP needs, a database is not that ERP with parts missing."""


@contextmanager
def open_source(
    url: str, erp: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Source]:
    """Connect to the ERP database at ``url`` and find out what it is.

    ``erp`` names the kind; it is found out when left open. ``settings`` choose what the kind leaves to be
    chosen, such as a client or a ledger. Raises InvalidRequest, AmbiguousSource, SettingNeeded,
    SourceUnreachable, SourceRefused, or UnsupportedSchema naming the missing tables and columns.
    """
    candidates = candidates_for(erp)
    with connected(url) as database:
        yield Source(database, recognised(database, candidates, settings or {}))


def recognised(
    database: Database, candidates: Sequence[ErpModule], settings: Mapping[str, str]
) -> Declaration:
    """The declaration of whichever candidate the database looks like most. Raises UnsupportedSchema,
    AmbiguousSource, SettingNeeded."""
    schema = database.schema([table for module in candidates for table in module.tables])
    verdict, module = likeliest(database.label, schema, candidates)
    if verdict.missing:
        raise UnsupportedSchema(database.label, verdict.missing, _suggestion(verdict, module, candidates))
    return declared(database, schema, verdict, module, settings)


def declared(
    database: Database, schema: Schema, verdict: Verdict, module: ErpModule, settings: Mapping[str, str]
) -> Declaration:
    """The declaration of a kind that lacks nothing. Raises SettingNeeded, InvalidRequest."""
    chosen = _chosen(database, module, schema, settings)
    return module.declare(Found(schema, verdict.version, chosen, database.rows))


def likeliest(label: str, schema: Schema, candidates: Sequence[ErpModule]) -> tuple[Verdict, ErpModule]:
    """What ``schema`` looks like most, among ``candidates``. Raises AmbiguousSource where it lacks nothing of
    several."""
    verdicts = [(module.probe(schema), module) for module in candidates]
    whole = [module.title for verdict, module in verdicts if not verdict.missing]
    if len(whole) > 1:
        raise AmbiguousSource(label, whole)
    return max(verdicts, key=lambda found: (not found[0].missing, found[0].likeness))


def choices_of(
    database: Database, module: ErpModule, schema: Schema, setting: Setting
) -> list[tuple[str, str]]:
    """What there is to choose from for a setting: values, and what they are called."""
    query = module.choices(schema, setting.name)
    found = database.rows(query) if query is not None else []
    return sorted({(str(value).strip(), str(label or "").strip()) for value, label in found})


def _chosen(
    database: Database, module: ErpModule, schema: Schema, given: Mapping[str, str]
) -> dict[str, str]:
    """The settings that hold: those given, else the defaults, else the only choice that there is."""
    known = [setting.name for setting in module.settings]
    for name in given:
        if name not in known:
            has = f"it has {listed(known)}" if known else "it has none"
            raise InvalidRequest(f"{module.title} has no setting {name!r}; {has}", "settings")
    return {
        setting.name: _choice(database, module, schema, setting, given.get(setting.name))
        for setting in module.settings
    }


def _choice(
    database: Database, module: ErpModule, schema: Schema, setting: Setting, given: str | None
) -> str:
    if given is None and setting.default is not None:
        return setting.default
    found = choices_of(database, module, schema, setting)
    values = [value for value, _ in found]
    shown = [f"{value} ({label})" if label else value for value, label in found]
    if given is not None:
        wanted = [part.strip() for part in given.split(",")]
        wrong = [part for part in wanted if part not in values] if found else []
        if wrong:
            raise SettingNeeded(module.title, setting.name, setting.help, shown, wrong[0])
        return ",".join(wanted)
    if len(values) > 1:
        raise SettingNeeded(module.title, setting.name, setting.help, shown)
    return values[0] if values else ""


def require_settings(names: Iterable[str]) -> None:
    """Refuse what no ERP leaves to be chosen. Raises InvalidRequest."""
    known: dict[str, list[str]] = {}
    for module in MODULES.values():
        for setting in module.settings:
            known.setdefault(setting.name, []).append(module.title)
    for name in names:
        if name not in known:
            near = nearest(name, known)
            meant = f" (did you mean {near!r}?)" if near else ""
            there = listed((f"{one} ({listed(titles)})" for one, titles in sorted(known.items())), 40)
            raise InvalidRequest(f"no ERP has a setting {name!r}{meant}; there are {there}", "settings")


def candidates_for(erp: str | None) -> list[ErpModule]:
    """The kinds that a database may be: all, or the one named. Raises InvalidRequest."""
    if erp is None:
        return list(MODULES.values())
    if erp.lower() not in MODULES:
        raise InvalidRequest(f"{erp!r} is none of the known kinds: {listed(MODULES)}", "erp")
    return [MODULES[erp.lower()]]


def _suggestion(verdict: Verdict, module: ErpModule, candidates: Sequence[ErpModule]) -> str:
    if verdict.likeness < _STRANGER:
        if len(candidates) == 1:
            return f"another ERP than {module.title}, or none"
        return f"no ERP known here ({listed(MODULES)})"
    return f"{module.title} {verdict.version}"
