"""SAP for the registry: what an installation must have, what it may have, and what is to be chosen of it."""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, literal_column, select, union_all

from abax.erp.sap.books import CENTRES, MAIL, NAMES, NO_VERSION, RATES, SELLING, Sap
from abax.erp.sap.items import INDEXES
from abax.erp.sap.lines import NEEDED, FromDocuments, FromIndexes, FromNewLedger, FromUniversalJournal
from abax.erp.sap.opening import FIRST, LEFT_OUT
from abax.erp.sap.reader import CONTROLS, DECIMALS, MASTER, PARTNERS, TEXTS, headers
from abax.erp.sap.totals import LEADING, TOTALS
from abax.erp.source import ErpModule, Found, Query, Schema, Setting, Verdict
from abax.errors import InvalidRequest, listed

AUTOMATIC: Final = "auto"
ENGLISH: Final = "E"

CORE: Final[dict[str, tuple[str, ...]]] = {
    "T001": ("MANDT", "BUKRS", "BUTXT", "WAERS", "KTOPL", "PERIV"),
    "SKA1": ("MANDT", "KTOPL", "SAKNR", "XBILK"),
}
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "BKPF": (*("MANDT", "BUKRS", "BELNR", "GJAHR", "BLART", "BUDAT", "MONAT", "WAERS", "BSTAT"),),
}
"""All ways but that by the universal journal need them; each of its rows has what they have."""
_FURTHER: Final = (
    *("T000", "T002", "T009", "T009B", "T030", "T880", "TKA02", "FAGL_011ZC", "FAGL_TLDGRP_MAP"),
    *("FINSC_LD_CMP", "FINSC_LEDGER_REP"),
)
_CALENDARS: Final = {
    "T009": ("MANDT", "PERIV", "XKALE"),
    "T009B": ("MANDT", "PERIV", "BDATJ", "BUMON", "BUTAG", "POPER", "RELJR"),
}


class SapModule(ErpModule):
    """SAP ECC and S/4HANA."""

    erp = "sap"
    title = "SAP"
    tables: Sequence[str] = tuple(
        dict.fromkeys(
            (
                *CORE,
                *HEADERS,
                *MASTER,
                *(name for tables in NEEDED.values() for name in tables),
                *RATES,
                *(name for tables in CENTRES.values() for name in tables),
                *(name for name, *_ in NAMES.values()),
                *MAIL,
                *TOTALS,
                *_FURTHER,
            )
        )
    )
    settings: Sequence[Setting] = (
        Setting("client", "client (MANDT)"),
        Setting("ledger", "ledger (RLDNR)", LEADING),
        Setting("language", "language of texts, by SAP's letter (SPRAS)", ENGLISH),
        Setting("lines", "table to read journal lines from", AUTOMATIC),
        Setting("fsv", "financial statement version (VERSN) that tells what accounts are for", NO_VERSION),
        Setting("opening", "what to do with balances carried forward to the first year", LEFT_OUT),
        Setting("rate_type", "type of exchange rates (KURST)", SELLING),
    )

    def probe(self, schema: Schema) -> Verdict:
        """S/4HANA where there is a universal journal, else ECC."""
        version = "s4" if schema.has("ACDOCA") else "ecc"
        way = _ways(schema)[0] if _ways(schema) else _nearest(schema)
        needed = {**CORE, **_headers(way), **NEEDED[way]}
        parts = [(name, column) for name, columns in needed.items() for column in columns]
        there = sum(schema.has(*part) for part in parts)
        return Verdict(version, schema.missing(needed), there / len(parts), _lacks(schema, way))

    def choices(self, schema: Schema, name: str) -> Query | None:
        """Clients that have documents; ledgers; languages; ways of reading lines that are open here."""
        declared = _Choices(Found(schema, ""))
        makers = {
            "client": declared.clients,
            "ledger": declared.ledgers,
            "language": declared.languages,
            "lines": declared.ways,
            "opening": declared.openings,
            "fsv": declared.statement_versions,
        }
        return makers[name]() if name in makers else None

    def declare(self, found: Found) -> Sap:
        """By the way that the settings ask for, or the best one here. Raises InvalidRequest."""
        asked = found.settings.get("lines", AUTOMATIC)
        return Sap(found, asked if asked in _ways(found.schema) else _best(found))


class _Choices(Sap):
    """What there is to choose from."""

    def __init__(self, found: Found) -> None:
        super(Sap, self).__init__(found)

    def clients(self) -> Query:
        """Those with documents, called what they are called."""
        code, header = self._table("T001"), headers(self._schema, self._table)
        used = select(header.c.MANDT).where(header.c.MANDT == code.c.MANDT, header.c.BUKRS == code.c.BUKRS)
        if not self._schema.has("T000", "MANDT", "MTEXT"):
            return select(code.c.MANDT, code.c.MANDT.label("label")).where(used.exists()).distinct()
        client = self._table("T000")
        return (
            select(code.c.MANDT, client.c.MTEXT)
            .select_from(code.outerjoin(client, client.c.MANDT == code.c.MANDT))
            .where(used.exists())
            .distinct()
        )

    def ledgers(self) -> Query | None:
        """Those that some company code keeps."""
        for name in ("FINSC_LD_CMP", "FAGLFLEXT"):
            if self._schema.has(name, "RLDNR"):
                rows = self._table(name)
                return select(rows.c.RLDNR, rows.c.RLDNR.label("label")).distinct()
        return None

    def languages(self) -> Query | None:
        """All that SAP knows, with their letters in ISO 639."""
        if not self._schema.has("T002", "SPRAS", "LAISO"):
            return None
        language = self._table("T002")
        return select(language.c.SPRAS, language.c.LAISO)

    def ways(self) -> Query:
        """The best one by itself, or one by name."""
        names = {AUTOMATIC: "the best there is", **{way: listed(NEEDED[way]) for way in _ways(self._schema)}}
        return _listed(names)

    def openings(self) -> Query:
        """Left out, as the postings behind them are read; or taken, as those are gone."""
        return _listed(
            {LEFT_OUT: "left out: all postings are there", FIRST: "taken: earlier postings are not"}
        )

    def statement_versions(self) -> Query | None:
        """Those that accounts are assigned to, and none."""
        if not self._schema.has("FAGL_011ZC", "VERSN"):
            return None
        item = self._table("FAGL_011ZC")
        versions = select(item.c.VERSN, item.c.VERSN.label("label")).distinct()
        found = union_all(_said(NO_VERSION, "-"), versions).subquery("versions")
        return select(found)


def _listed(choices: Mapping[str, str]) -> Query:
    found = union_all(*[_said(value, label) for value, label in choices.items()]).subquery("choices")
    return select(found)


def _said(value: str, label: str) -> Query:
    columns: list[ColumnElement[Any]] = [
        literal_column(f"'{text}'").label(name) for name, text in (("value", value), ("label", label))
    ]
    return select(*columns)


def _ways(schema: Schema) -> list[str]:
    """The ways of reading lines for which nothing is missing, the best first."""
    return [way for way, tables in NEEDED.items() if not schema.missing({**_headers(way), **tables})]


def _headers(way: str) -> Mapping[str, tuple[str, ...]]:
    return {} if way == FromUniversalJournal.way else HEADERS


def _nearest(schema: Schema) -> str:
    """The way for which the least is missing."""

    def share(way: str) -> float:
        parts = [(name, column) for name, columns in NEEDED[way].items() for column in columns]
        return sum(schema.has(*part) for part in parts) / len(parts)

    return max(("bseg", "bsis", "faglflexa", "acdoca"), key=share)


def _best(found: Found) -> str:
    """Documents hold the leading ledger only. The new general ledger's tables are there in every ECC, and
    empty where it was never put to use. Raises InvalidRequest."""
    ways = _ways(found.schema)
    ledger = found.settings.get("ledger", LEADING)
    if FromUniversalJournal.way in ways:
        return FromUniversalJournal.way
    if ledger == LEADING and FromDocuments.way in ways:
        return FromDocuments.way
    if FromNewLedger.way in ways and (ledger != LEADING or FromIndexes.way not in ways or _in_use(found)):
        return FromNewLedger.way
    if ledger != LEADING:
        where = "FAGLFLEXA or ACDOCA"
        raise InvalidRequest(f"ledger {ledger} is kept in {where}, which cannot be read", "settings")
    return FromIndexes.way


def _in_use(found: Found) -> bool:
    rows = _Choices(found)._table("FAGLFLEXA")
    mine = (rows.c.RCLNT == found.settings.get("client", ""), rows.c.RLDNR == LEADING)
    return bool(found.rows(select(rows.c.DOCNR).where(*mine).limit(1)))


def _lacks(schema: Schema, way: str) -> dict[str, list[str]]:
    """What cannot be read, and what it would take."""
    has_items = way in (FromUniversalJournal.way, FromDocuments.way) or not schema.missing(INDEXES)
    totals = [schema.missing({name: columns}) for name, columns in TOTALS.items()]
    found = {
        "fiscal year variants": schema.missing(_CALENDARS),
        "open items": [] if has_items else schema.missing(INDEXES),
        "exchange rates": schema.missing(RATES),
        "cost centres": schema.missing(CENTRES["cost_center"]),
        "profit centres": schema.missing(CENTRES["profit_center"]),
        "names of accounts": schema.missing({TEXTS: MASTER[TEXTS]}),
        "reconciliation accounts": schema.missing({CONTROLS: MASTER[CONTROLS]}),
        "decimals of currencies": schema.missing({DECIMALS: MASTER[DECIMALS]}),
        "partner names": schema.missing({name: MASTER[name] for name in PARTNERS}),
        "totals": [] if not all(totals) else min(totals, key=len),
    }
    return {what: missing for what, missing in found.items() if missing}
