"""The tables of Dynamics 365 Finance that are read, and how they hang together.

Joins are on record ids, which are unique within a table and a data partition. Exports and links may have
dropped ``PARTITION``, may keep what was deleted and only mark it, and go by either of two names in places.
"""
# ruff: noqa: SIM300 — columns in upper case are no constants

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select

from abax.erp.dialects import Blank, Text
from abax.erp.source import Query, Schema
from abax.ledger.model import Company

Needs = dict[str, tuple[str, ...]]

COMBINATION: Final = "DIMENSIONATTRIBUTEVALUECOMBINATION"
PERIOD: Final = "FISCALCALENDARPERIOD"

NO_DIMENSION: Final = re.compile("MAINACCOUNT|SYSTEMGENERATED.*", re.IGNORECASE)
"""Attributes that are none: the account itself, and what journals keep customers, banks and the like in."""

NEEDED: Final[Needs] = {
    "GENERALJOURNALACCOUNTENTRY": (
        *("RECID", "GENERALJOURNALENTRY", "LEDGERDIMENSION", "ACCOUNTINGCURRENCYAMOUNT", "ISCREDIT"),
        *("TRANSACTIONCURRENCYAMOUNT", "TRANSACTIONCURRENCYCODE", "POSTINGTYPE", "TEXT"),
    ),
    "GENERALJOURNALENTRY": (
        *("RECID", "ACCOUNTINGDATE", "JOURNALNUMBER", "JOURNALCATEGORY", "LEDGER", "POSTINGLAYER"),
        *("FISCALCALENDARPERIOD", "SUBLEDGERVOUCHER"),
    ),
    "LEDGER": ("RECID", "ACCOUNTINGCURRENCY", "CHARTOFACCOUNTS", "FISCALCALENDAR", "PRIMARYFORLEGALENTITY"),
    "MAINACCOUNT": ("RECID", "MAINACCOUNTID", "NAME", "TYPE", "LEDGERCHARTOFACCOUNTS"),
    COMBINATION: ("RECID", "MAINACCOUNT"),
    PERIOD: ("RECID", "FISCALCALENDARYEAR", "STARTDATE", "ENDDATE", "TYPE"),
}
ENTITY: Final = ("RECID", "DATAAREA", "NAME")
ENTITY_TABLES: Final = ("COMPANYINFO", "DIRPARTYTABLE")
"""Legal entities are parties; some copies have the former of their own. Where neither says their data areas,
ledgers do, which are called after them."""
CALENDAR: Final = ("CALENDAR", "FISCALCALENDAR")
"""Names of a period's column for its calendar."""

_TRANSACTION: Final = (
    *("RECID", "ACCOUNTNUM", "TRANSDATE", "DUEDATE", "INVOICE", "VOUCHER", "AMOUNTMST", "DATAAREAID"),
)
_SETTLEMENT: Final = ("TRANSRECID", "TRANSDATE", "SETTLEAMOUNTMST", "EXCHADJUSTMENT")
_TRADER: Final = ("ACCOUNTNUM", "PARTY", "DATAAREAID")

CATEGORIES: Final = "account categories"
OPEN_ITEMS: Final = "open items"
PARTNER_NAMES: Final = "partner names"
ADDRESSES: Final = "addresses of partners"
PAYMENTS: Final = "what of settlements are payments"
RATES: Final = "exchange rates"
RATES_USED: Final = "exchange rates of transactions"
YEAR_NAMES: Final = "names of fiscal years"
ATTRIBUTES: Final = "dimension attributes"
DIMENSIONS: Final = "dimensions"
DIMENSION_NAMES: Final = "dimension names"
OPTIONAL: Final[dict[str, Needs]] = {
    CATEGORIES: {
        "MAINACCOUNT": ("ACCOUNTCATEGORYREF",),
        "MAINACCOUNTCATEGORY": ("ACCOUNTCATEGORYREF", "ACCOUNTCATEGORY"),
    },
    OPEN_ITEMS: {
        "GENERALJOURNALENTRY": ("SUBLEDGERVOUCHERDATAAREAID",),
        "CUSTTRANS": _TRANSACTION,
        "CUSTSETTLEMENT": _SETTLEMENT,
        "VENDTRANS": _TRANSACTION,
        "VENDSETTLEMENT": _SETTLEMENT,
    },
    PARTNER_NAMES: {"CUSTTABLE": _TRADER, "VENDTABLE": _TRADER, "DIRPARTYTABLE": ("RECID", "NAME")},
    ADDRESSES: {
        "DIRPARTYTABLE": ("RECID", "NAME", "PRIMARYCONTACTEMAIL"),
        "LOGISTICSELECTRONICADDRESS": ("RECID", "LOCATOR"),
    },
    PAYMENTS: {
        **dict.fromkeys(("CUSTTRANS", "VENDTRANS"), ("TRANSTYPE",)),
        **dict.fromkeys(("CUSTSETTLEMENT", "VENDSETTLEMENT"), ("OFFSETRECID",)),
    },
    RATES: {
        "LEDGER": ("DEFAULTEXCHANGERATETYPE",),
        "EXCHANGERATE": ("EXCHANGERATECURRENCYPAIR", "EXCHANGERATE", "VALIDFROM"),
        "EXCHANGERATECURRENCYPAIR": ("RECID", "EXCHANGERATETYPE", "FROMCURRENCYCODE", "TOCURRENCYCODE"),
    },
    RATES_USED: {"CUSTTRANS": ("CURRENCYCODE", "EXCHRATE"), "VENDTRANS": ("CURRENCYCODE", "EXCHRATE")},
    YEAR_NAMES: {"FISCALCALENDARYEAR": ("RECID", "NAME")},
    ATTRIBUTES: {"DIMENSIONATTRIBUTE": ("RECID", "NAME")},
    DIMENSIONS: {
        "DIMENSIONATTRIBUTE": ("RECID", "NAME"),
        "DIMENSIONATTRIBUTEVALUE": ("RECID", "DIMENSIONATTRIBUTE"),
        "DIMENSIONATTRIBUTEVALUEGROUPCOMBINATION": (COMBINATION, "DIMENSIONATTRIBUTEVALUEGROUP"),
        "DIMENSIONATTRIBUTELEVELVALUE": (
            *("DIMENSIONATTRIBUTEVALUEGROUP", "DIMENSIONATTRIBUTEVALUE", "DISPLAYVALUE"),
        ),
    },
    DIMENSION_NAMES: {
        "DIMENSIONATTRIBUTE": ("RECID", "NAME"),
        "DIMENSIONATTRIBUTEVALUE": ("RECID", "DIMENSIONATTRIBUTE", "ENTITYINSTANCE", "DISPLAYVALUE"),
        "DIMENSIONFINANCIALTAG": ("RECID", "VALUE", "DESCRIPTION"),
    },
}
"""What each takes. Dimensions take theirs only where the combinations have no columns for them."""
TELLING: Final = (CATEGORIES, OPEN_ITEMS, PARTNER_NAMES, RATES, DIMENSIONS, DIMENSION_NAMES)
"""Of these, what people miss when it is lacking."""


def missing(schema: Schema) -> list[str]:
    """What the ledger cannot be read without."""
    lacking = schema.missing(NEEDED)
    if not schema.has("LEDGER", "NAME") and entity_table(schema) is None:
        lacking += schema.missing({ENTITY_TABLES[-1]: ENTITY})
    if PERIOD in schema.tables and not any(schema.has(PERIOD, name) for name in CALENDAR):
        lacking.append(f"column {PERIOD}.{CALENDAR[0]}")
    return lacking


def lacks(schema: Schema) -> dict[str, Sequence[str]]:
    """What cannot be read, and which tables and columns it would take."""
    found = {what: schema.missing(OPTIONAL[what]) for what in TELLING}
    if entity_table(schema) is None:
        found["data areas of legal entities"] = schema.missing({ENTITY_TABLES[-1]: ENTITY})
    if generated_columns(schema):
        del found[DIMENSIONS]
    return {what: parts for what, parts in found.items() if parts}


def entity_table(schema: Schema) -> str | None:
    """The table that says the data areas of legal entities, where one does."""
    return next((name for name in ENTITY_TABLES if schema.has(name, *ENTITY)), None)


def generated_columns(schema: Schema) -> dict[str, str]:
    """The columns that the system generated for dimensions: those of values, by those of their keys."""
    columns = schema.tables.get(COMBINATION, frozenset())
    keys = [name for name in sorted(columns) if f"{name}VALUE" in columns]
    return {name: f"{name}VALUE" for name in keys if not NO_DIMENSION.fullmatch(name)}


class Heads(NamedTuple):
    """Headers of journal entries, joined with what says whose they are and when they were posted."""

    entry: Any
    ledger: Any
    entity: Any
    period: Any
    rows: Any


class Lines(NamedTuple):
    """Journal lines joined with their headers, and with what they are posted on."""

    line: Any
    heads: Heads
    main_account: ColumnElement[Any]
    rows: Any


class Tables:
    """The tables of one source, in one partition if any was chosen."""

    def __init__(
        self,
        schema: Schema,
        table: Callable[..., Any],
        partition: str,
        rows: Callable[[Query], list[tuple[Any, ...]]] = lambda query: [],
    ) -> None:
        self.schema = schema
        self._rows = rows
        self._table = table
        self._partition = partition
        self._kept: dict[tuple[str, str | None], Any] = {}

    def __call__(self, name: str, alias: str | None = None) -> Any:
        """A table, without rows that a copy has marked as deleted."""
        made = self._table(name, alias)
        mark = next((column for column in ("ISDELETE", "IsDelete") if column in made.c), None)
        if mark is None:
            return made
        if (name, alias) not in self._kept:
            deleted = func.coalesce(func.lower(Text(made.c[mark])), "0").in_(["1", "true", "t"])
            self._kept[name, alias] = select(*made.c).where(~deleted).subquery(alias or name)
        return self._kept[name, alias]

    def has(self, what: str) -> bool:
        """Whether there is all that something takes."""
        return not self.schema.missing(OPTIONAL[what])

    def on(self, left: Any, right: Any, **keys: str) -> ColumnElement[bool]:
        """Joins columns of ``left`` to those of ``right``, within a partition."""
        return and_(*[left.c[a] == right.c[b] for a, b in keys.items()], *self.same_partition(left, right))

    def same_partition(self, left: Any, right: Any) -> list[ColumnElement[bool]]:
        """That two rows are of one partition, where both know theirs."""
        both = "PARTITION" in left.c and "PARTITION" in right.c
        return [left.c.PARTITION == right.c.PARTITION] if both else []

    def within(self, row: Any) -> list[ColumnElement[bool]]:
        """That a row is in the partition that was chosen."""
        chosen = self._partition and "PARTITION" in row.c
        return [row.c.PARTITION == int(self._partition)] if chosen else []

    def owned(self, company: Company, ledger: Any, entity: Any) -> list[ColumnElement[bool]]:
        """That a ledger is the company's."""
        return [entity.c.DATAAREA == company.company_id, *self.within(ledger)]

    def entity(self, alias: str = "legal_entity") -> Any:
        """Legal entities, from whichever table says their data areas."""
        name = entity_table(self.schema)
        if name is not None:
            return self(name, alias)
        if ("LEDGER", alias) not in self._kept:
            self._kept["LEDGER", alias] = self._entities_by_ledger().subquery(alias)
        return self._kept["LEDGER", alias]

    def _entities_by_ledger(self) -> Query:
        """Legal entities by their ledgers; a party's name is used where there are parties."""
        ledger = self("LEDGER", "own_ledger")
        area = case(self._areas, value=ledger.c.NAME, else_=ledger.c.NAME) if self._areas else ledger.c.NAME
        rows, name = ledger, ledger.c.NAME
        for parties in ENTITY_TABLES:
            if self.schema.has(parties, "RECID", "NAME"):
                party = self(parties, f"named_{parties.lower()}")
                rows = rows.outerjoin(party, self.on(ledger, party, PRIMARYFORLEGALENTITY="RECID"))
                name = case((Blank(party.c.NAME), name), else_=party.c.NAME)
        partition = [ledger.c.PARTITION] if "PARTITION" in ledger.c else []
        return select(
            ledger.c.PRIMARYFORLEGALENTITY.label("RECID"),
            area.label("DATAAREA"),
            name.label("NAME"),
            *partition,
        ).select_from(rows)

    @cached_property
    def _areas(self) -> dict[str, str]:
        """Names of ledgers to data areas as vouchers spell them: databases may tell capitals apart."""
        if not self.schema.has("GENERALJOURNALENTRY", "SUBLEDGERVOUCHERDATAAREAID"):
            return {}
        area = self("GENERALJOURNALENTRY").c.SUBLEDGERVOUCHERDATAAREAID
        known = {
            str(found).casefold(): str(found) for (found,) in self._rows(select(area).distinct()) if found
        }
        names = [str(name) for (name,) in self._rows(select(self("LEDGER").c.NAME)) if name]
        return {name: known[name.casefold()] for name in names if known.get(name.casefold(), name) != name}

    @property
    def calendar(self) -> str:
        """The column of a period that says its calendar."""
        return next((name for name in CALENDAR if self.schema.has(PERIOD, name)), CALENDAR[0])

    def categorised(self, rows: Any, account: Any, alias: str | None = None) -> tuple[Any, Any]:
        """``rows`` joined with accounts' categories, and these; None where there are none."""
        if not self.has(CATEGORIES):
            return rows, None
        category = self("MAINACCOUNTCATEGORY", alias)
        by_number = self.on(account, category, ACCOUNTCATEGORYREF="ACCOUNTCATEGORYREF")
        return rows.outerjoin(category, by_number), category

    def heads(self, prefix: str = "") -> Heads:
        """Headers of entries, under names of their own for use inside another query."""
        entry, ledger, period = (
            self(name, f"{prefix}{name.lower()}" if prefix else None)
            for name in ("GENERALJOURNALENTRY", "LEDGER", PERIOD)
        )
        entity = self.entity(f"{prefix}legal_entity")
        rows = (
            entry.join(ledger, self.on(entry, ledger, LEDGER="RECID"))
            .join(entity, self.on(ledger, entity, PRIMARYFORLEGALENTITY="RECID"))
            .join(period, self.on(entry, period, FISCALCALENDARPERIOD="RECID"))
        )
        return Heads(entry, ledger, entity, period, rows)

    def lines(self, prefix: str = "") -> Lines:
        """Journal lines. Some carry a copy of their main account, some have it in their combination alone."""
        heads = self.heads(prefix)
        line, combination = (
            self(name, f"{prefix}{name.lower()}" if prefix else None)
            for name in ("GENERALJOURNALACCOUNTENTRY", COMBINATION)
        )
        none: ColumnElement[int] = literal_column("0")  # no parameter: rows are grouped by this
        own = [func.nullif(row.c.MAINACCOUNT, none) for row in (combination, line) if "MAINACCOUNT" in row.c]
        main_account = func.coalesce(*own) if len(own) > 1 else own[0]
        rows = heads.rows.join(line, self.on(line, heads.entry, GENERALJOURNALENTRY="RECID")).outerjoin(
            combination, self.on(line, combination, LEDGERDIMENSION="RECID")
        )
        return Lines(line, heads, main_account, rows)
