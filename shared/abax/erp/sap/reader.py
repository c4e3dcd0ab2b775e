"""What every part of reading SAP needs: one client's rows, amounts at their true decimals, texts by language.

Characters that are not filled in are a blank on some databases, empty or null on others; nothing is compared
with a blank here, ``said`` makes all of them null.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal_column, null, or_, select

from abax.erp.dialects import Joined
from abax.erp.source import Found, Schema
from abax.ledger.model import Company
from abax.money import decimals

STORED: Final = 2
"""Decimals with which the database has every amount, whatever its currency has."""
NEXT_BEST: Final = ("E", "D")
"""Languages, by SAP's own letters, for texts that are not there in the one asked for."""
SLASH: Final[ColumnElement[str]] = literal_column("'/'")
ZERO: Final[ColumnElement[Any]] = literal_column("0")


TEXTS, CONTROLS, DECIMALS = "SKAT", "SKB1", "TCURX"
"""Names of accounts; which accounts are reconciliation accounts; decimals of currencies."""
PARTNERS: Final = ("KNA1", "LFA1")
MASTER: Final[dict[str, tuple[str, ...]]] = {
    TEXTS: ("MANDT", "SPRAS", "KTOPL", "SAKNR", "TXT20", "TXT50"),
    CONTROLS: ("MANDT", "BUKRS", "SAKNR", "MITKZ"),
    DECIMALS: ("CURRKEY", "CURRDEC"),
    "KNA1": ("MANDT", "KUNNR", "NAME1"),
    "LFA1": ("MANDT", "LIFNR", "NAME1"),
}
"""Read where they are there."""


def headers(schema: Schema, table: Callable[..., Any]) -> Any:
    """Who has posted when: the documents' headers, or what the universal journal has of them."""
    if schema.has("BKPF"):
        return table("BKPF")
    rows = table("ACDOCA")
    return select(
        rows.c.RCLNT.label("MANDT"),
        rows.c.RBUKRS.label("BUKRS"),
        rows.c.GJAHR,
        rows.c.BUDAT,
        func.substr(rows.c.POPER, 2, 2).label("MONAT"),
        rows.c.RWCUR.label("WAERS"),
    ).subquery("headers")


class Reader:
    """The tables of one client."""

    def __init__(self, found: Found, table: Callable[..., Any]) -> None:
        self.schema = found.schema
        self.rows = found.rows
        self.table = table
        self.client = found.settings.get("client", "")
        self.ledger = found.settings.get("ledger", "0L")
        self.language = found.settings.get("language", "E")

    def of(self, company: Company, rows: Any, client: str = "MANDT", code: str = "BUKRS") -> Any:
        """Whether a row is the company's."""
        return and_(rows.c[client] == self.client, rows.c[code] == company.company_id)

    def mine(self, rows: Any, client: str = "MANDT") -> ColumnElement[bool]:
        """Whether a row is the client's."""
        found: ColumnElement[bool] = rows.c[client] == self.client
        return found

    def has(self, name: str, *columns: str) -> bool:
        """Whether a table is there, with these columns."""
        return self.schema.has(name, *columns)

    def real(self, amount: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[Any]:
        """An amount at the decimals of its currency, which is a column."""
        shifts = [
            (currency.in_(codes), amount * literal_column(factor)) for factor, codes in self._shifted.items()
        ]
        return case(*shifts, else_=amount) if shifts else amount

    def real_in(self, amount: ColumnElement[Any], currency: str) -> ColumnElement[Any]:
        """An amount at the decimals of a currency."""
        for factor, codes in self._shifted.items():
            if currency in codes:
                return amount * literal_column(factor)
        return amount

    def texts(self, name: str, keys: Sequence[str], columns: Sequence[str], language: str = "SPRAS") -> Any:
        """One row per key of a table of texts, in the best language that there is; ``language`` is the column
        that says which."""
        text = self.table(name)
        by_key = [text.c[key] for key in keys]
        turn = func.row_number().over(partition_by=by_key, order_by=self.best_language(text.c[language]))
        ranked = (
            select(*by_key, *[text.c[column] for column in columns], turn.label("turn"))
            .where(self.mine(text))
            .subquery(f"{name}_by_language")
        )
        return (
            select(*[ranked.c[column] for column in (*keys, *columns)])
            .where(ranked.c.turn == 1)
            .subquery(f"{name}_text")
        )

    def best_language(self, letter: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        """An order of languages: the one asked for first."""
        wanted = dict.fromkeys((self.language, *NEXT_BEST))
        return [case(*[(letter == one, place) for place, one in enumerate(wanted)], else_=9), letter]

    def controlling_area(self, company: Company) -> str:
        """The controlling area of a company code; empty where nothing tells."""
        for name in ("TKA02", "CSKS"):
            if self.has(name, "MANDT", "BUKRS", "KOKRS"):
                area = self.table(name)
                found = self.rows(select(func.min(area.c.KOKRS)).where(self.of(company, area)))
                if found and found[0][0]:
                    return str(found[0][0]).strip()
        return ""

    @cached_property
    def _shifted(self) -> dict[str, list[str]]:
        """Factor to the currencies whose amounts take it: 100 for those without decimals."""
        found: dict[str, list[str]] = defaultdict(list)
        for code, places in self._decimals():
            shift = STORED - int(places)
            if shift:
                found["1" + "0" * shift if shift > 0 else f"0.{'0' * (-shift - 1)}1"].append(code.strip())
        return {factor: sorted(codes) for factor, codes in sorted(found.items())}

    def _decimals(self) -> list[tuple[Any, ...]]:
        """Currencies with their decimals; without SAP's own list, those used, as ISO has them."""
        if self.has(DECIMALS, *MASTER[DECIMALS]):
            currency = self.table(DECIMALS)
            return self.rows(select(currency.c.CURRKEY, currency.c.CURRDEC))
        code, header = self.table("T001"), headers(self.schema, self.table)
        own, foreign = (select(rows.c.WAERS).where(self.mine(rows)).distinct() for rows in (code, header))
        used = {str(key).strip() for query in (own, foreign) for (key,) in self.rows(query) if key}
        return [(key, decimals(key)) for key in sorted(used)]


def said(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text, null where it is blank."""
    return func.nullif(func.ltrim(text), "")


def given(text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a text is filled in: every letter comes after the blank. ``said`` takes longer."""
    found: ColumnElement[bool] = text > literal_column("' '")
    return found


def first_given(*texts: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first text that is filled in; null where none is."""
    return case(*[(given(text), text) for text in texts], else_=nothing())


def is_none_of(status: ColumnElement[Any], these: Sequence[str]) -> ColumnElement[bool]:
    """Whether a status, which may be null, is none of these."""
    return or_(status.is_(None), status.not_in(these))


def dated(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """A date's eight letters, null where there is none: that is noughts, or one where a copy has numbers."""
    return func.nullif(func.nullif(said(text), "00000000"), "0")


def nothing() -> ColumnElement[Any]:
    """A null among texts."""
    return cast(null(), String(10))


def optional(rows: Any, name: str) -> ColumnElement[Any]:
    """A column, null where the table has it not."""
    found: ColumnElement[Any] = rows.c[name] if name in rows.c else nothing()
    return found


def keyed(*parts: ColumnElement[Any]) -> ColumnElement[Any]:
    """Keys joined to one."""
    joined: list[ColumnElement[Any]] = []
    for part in parts:
        joined += [SLASH, part] if joined else [part]
    return Joined(*joined)


def prefixed(prefix: str, key: ColumnElement[Any], *, of: ColumnElement[Any]) -> ColumnElement[Any]:
    """A key behind a prefix; null where ``of`` is blank."""
    return case((given(of), Joined(literal_column(f"'{prefix}'"), key)), else_=nothing())
