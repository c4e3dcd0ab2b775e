"""Customers' and vendors' open and cleared items, so that what was open can be told for any day.

An item is cleared as a whole, on its clearing date. A partial payment stays beside its invoice as an item of
its own until the rest is paid; it is due with the invoice.
"""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select, union_all

from abax.erp.dialects import DateOf, Unpadded
from abax.erp.sap.due import due_day, is_credit
from abax.erp.sap.lines import (
    CONTROL,
    DAYS,
    INVOICE,
    NEEDED,
    NOT_POSTED,
    FromDocuments,
    FromUniversalJournal,
    Lines,
    posting_day,
    same_document,
)
from abax.erp.sap.reader import Reader, dated, is_none_of, keyed, nothing, optional, prefixed, said
from abax.erp.source import Query
from abax.ledger.model import Company

INDEXES: Final = {name: NEEDED["bsis"][name] for _, *names in CONTROL.values() for name in names}
"""The indexes of open and cleared items, of customers and of vendors."""


def items_of(reader: Reader, lines: Lines) -> Items | None:
    """How items are read beside these lines; None where they cannot be."""
    if isinstance(lines, FromUniversalJournal):
        return ItemsOfJournal(reader, lines)
    if not reader.schema.missing(INDEXES):
        return ItemsOfIndexes(reader)
    return ItemsOfDocuments(reader, lines) if isinstance(lines, FromDocuments) else None


class Items(ABC):
    """One way of reading items."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @abstractmethod
    def all(self, company: Company) -> Query:
        """``source_columns("items")``."""

    @abstractmethod
    def settlements(self, company: Company) -> Query:
        """``source_columns("item_settlements")``."""

    @abstractmethod
    def partners(self, company: Company, kind: str) -> Query:
        """The keys of the customers (D) or vendors (K) of these items."""


class _ByIndicator(Items):
    """Items with a debit or credit indicator."""

    _COLUMNS: Final = (
        *("MANDT", "BUKRS", "GJAHR", "BELNR", "BUZEI", "BUDAT", "BLDAT", "HKONT", "SHKZG", "DMBTR", "AUGDT"),
        *("ZFBDT", "REBZG", "REBZJ", "REBZZ", "NETDT", "XBLNR"),
    )

    @abstractmethod
    def _rows(self, company: Company, name: str, kinds: Iterable[str] = tuple(CONTROL)) -> Any:
        """_COLUMNS and DAYS, KOART and PARTNER, of all items that count."""

    def all(self, company: Company) -> Query:
        """Amounts by the indicator. A credit that belongs to an invoice is due when that is."""
        rows, invoice = self._rows(company, "items"), self._rows(company, "invoices")
        own, its = due_day(rows, rows.c.BLDAT), due_day(invoice, invoice.c.BLDAT)
        belongs = and_(invoice.c.KOART == rows.c.KOART, invoice.c.BELNR == rows.c.REBZG)
        if self._names_lines:
            exactly = and_(invoice.c.GJAHR == rows.c.REBZJ, invoice.c.BUZEI == rows.c.REBZZ)
            joined, its = rows.outerjoin(invoice, and_(belongs, exactly)), its
        else:
            latest = select(func.max(its)).where(
                belongs, invoice.c.PARTNER == rows.c.PARTNER, invoice.c.GJAHR <= rows.c.GJAHR
            )
            joined, its = rows, latest.correlate(rows).scalar_subquery()
        with_invoice = func.coalesce(its, own)
        return select(
            _key(rows).label("item_id"),
            Unpadded(rows.c.BELNR).label("document"),
            rows.c.HKONT.label("account_id"),
            _partner_of(rows).label("partner_id"),
            DateOf(rows.c.BUDAT).label("posting_date"),
            case((is_credit(rows), with_invoice), else_=own).label("due_date"),
            self._amount(company, rows).label("amount"),
            said(rows.c.XBLNR).label("reference"),
        ).select_from(joined)

    @property
    @abstractmethod
    def _names_lines(self) -> bool:
        """Whether an item says which line of which year's invoice it belongs to."""

    def settlements(self, company: Company) -> Query:
        """All of an item, on its clearing date; or on its own day where that is later."""
        rows = self._rows(company, "cleared")
        later = case((rows.c.AUGDT > rows.c.BUDAT, rows.c.AUGDT), else_=rows.c.BUDAT)
        return select(
            _key(rows).label("item_id"),
            DateOf(later).label("settled_on"),
            self._amount(company, rows).label("amount"),
        ).where(dated(rows.c.AUGDT).is_not(None))

    def partners(self, company: Company, kind: str) -> Query:
        """Of all items."""
        return select(self._rows(company, "of_items", [kind]).c.PARTNER)

    def _amount(self, company: Company, rows: Any) -> ColumnElement[Any]:
        amount = self.reader.real_in(rows.c.DMBTR, company.currency)
        return case((rows.c.SHKZG == "H", -amount), else_=amount)

    def _columns(self, kind: str, rows: Any, **others: Any) -> list[ColumnElement[Any]]:
        columns = [(others.get(name, optional(rows, name))).label(name) for name in self._COLUMNS]
        days = [rows.c[name].label(name) for name in DAYS]
        partner = rows.c[CONTROL[kind][0]].label("PARTNER")
        return [literal_column(f"'{kind}'").label("KOART"), *columns, *days, partner]


class ItemsOfIndexes(_ByIndicator):
    """BSID and BSAD, BSIK and BSAK."""

    @property
    def _names_lines(self) -> bool:
        return all(self.reader.has(name, *INVOICE) for name in INDEXES)

    def _rows(self, company: Company, name: str, kinds: Iterable[str] = tuple(CONTROL)) -> Any:
        parts = []
        for kind in kinds:
            for index in map(self.reader.table, CONTROL[kind][1:]):
                posted = is_none_of(index.c.BSTAT, NOT_POSTED)
                mine = self.reader.of(company, index)
                parts.append(select(*self._columns(kind, index)).where(mine, posted))
        return union_all(*parts).subquery(name)


class ItemsOfDocuments(_ByIndicator):
    """The customers' and vendors' lines of BSEG."""

    def __init__(self, reader: Reader, lines: FromDocuments) -> None:
        super().__init__(reader)
        self._lines = lines

    @property
    def _names_lines(self) -> bool:
        return self.reader.has("BSEG", *INVOICE)

    def _rows(self, company: Company, name: str, kinds: Iterable[str] = tuple(CONTROL)) -> Any:
        rows, header = self.reader.table("BSEG"), self.reader.table("BKPF")
        heads = {
            "BUDAT": header.c.BUDAT,
            "BLDAT": optional(header, "BLDAT"),
            "XBLNR": optional(header, "XBLNR"),
        }
        parts = [
            select(*self._columns(kind, rows, **heads))
            .select_from(rows.join(header, same_document(rows, header)))
            .where(
                self.reader.of(company, rows),
                self.reader.of(company, header),
                rows.c.KOART == kind,
                self._lines.posted_header(header),
            )
            for kind in kinds
        ]
        return union_all(*parts).subquery(name)


class ItemsOfJournal(Items):
    """The customers' and vendors' rows of ACDOCA, which has net due dates of its own."""

    def __init__(self, reader: Reader, lines: FromUniversalJournal) -> None:
        super().__init__(reader)
        self._lines = lines

    def all(self, company: Company) -> Query:
        """Signed amounts of the ledger."""
        rows = self.reader.table("ACDOCA")
        partner = case(
            *[
                (rows.c.KOART == kind, prefixed(f"{kind}:", rows.c[names[0]], of=rows.c[names[0]]))
                for kind, names in CONTROL.items()
            ]
        )
        with_heads, reference = self._with_heads(rows)
        return (
            select(
                self._key(rows).label("item_id"),
                Unpadded(rows.c.BELNR).label("document"),
                rows.c.RACCT.label("account_id"),
                partner.label("partner_id"),
                posting_day(company, rows.c.BUDAT, rows.c.GJAHR, rows.c.POPER, "0").label("posting_date"),
                DateOf(rows.c.NETDT).label("due_date"),
                self.reader.real_in(rows.c.HSL, company.currency).label("amount"),
                reference.label("reference"),
            )
            .select_from(with_heads)
            .where(self._counted(company, rows))
        )

    def settlements(self, company: Company) -> Query:
        """All of an item, on its clearing date; or on its own day where that is later."""
        rows = self.reader.table("ACDOCA")
        later = case((rows.c.AUGDT > rows.c.BUDAT, rows.c.AUGDT), else_=rows.c.BUDAT)
        return select(
            self._key(rows).label("item_id"),
            DateOf(later).label("settled_on"),
            self.reader.real_in(rows.c.HSL, company.currency).label("amount"),
        ).where(self._counted(company, rows), dated(rows.c.AUGDT).is_not(None))

    def partners(self, company: Company, kind: str) -> Query:
        """Of all items."""
        rows = self.reader.table("ACDOCA")
        mine = (self._counted(company, rows), rows.c.KOART == kind)
        return select(rows.c[CONTROL[kind][0]]).where(*mine).distinct()

    def _with_heads(self, rows: Any) -> tuple[Any, ColumnElement[Any]]:
        """``rows`` joined with the documents' headers, and the reference that these have."""
        if not self.reader.has("BKPF", "MANDT", "BUKRS", "BELNR", "GJAHR", "XBLNR"):
            return rows, nothing()
        head = self.reader.table("BKPF")
        same = and_(
            head.c.MANDT == rows.c.RCLNT,
            head.c.BUKRS == rows.c.RBUKRS,
            head.c.BELNR == rows.c.BELNR,
            head.c.GJAHR == rows.c.GJAHR,
        )
        return rows.outerjoin(head, same), said(head.c.XBLNR)

    def _counted(self, company: Company, rows: Any) -> ColumnElement[bool]:
        return and_(self._lines.counted(company, rows), rows.c.KOART.in_(list(CONTROL)))

    def _key(self, rows: Any) -> ColumnElement[Any]:
        return keyed(rows.c.RLDNR, rows.c.GJAHR, rows.c.BELNR, rows.c.DOCLN)


def _key(rows: Any) -> ColumnElement[Any]:
    return keyed(rows.c.GJAHR, rows.c.BELNR, rows.c.BUZEI)


def _partner_of(rows: Any) -> ColumnElement[Any]:
    """``D:`` and a customer's key, ``K:`` and a vendor's."""
    return case(
        *[(rows.c.KOART == kind, prefixed(f"{kind}:", rows.c.PARTNER, of=rows.c.PARTNER)) for kind in CONTROL]
    )
