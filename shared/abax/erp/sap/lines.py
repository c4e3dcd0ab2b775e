"""Journal lines, out of whichever tables of the installation can be read.

==========  ===========================================================================================
acdoca      S/4HANA's universal journal, by ledger; amounts are signed
bseg        documents, where BSEG is a table: on older databases it is a cluster, which SQL cannot read
faglflexa   the new general ledger of ECC, by ledger; amounts are signed
bsis        the indexes of open and cleared items: BSIS, BSAS, BSID, BSAD, BSIK, BSAK
==========  ===========================================================================================

A document counts when it is posted: not while it is parked (V, W, Z), noted (S), recurring (D) or a model
(M), and not when it is of other ledgers only (L, U). Reversed documents count, and so do those that reverse
them.
Period 000 carries balances over to the next year, which a ledger does by itself.
"""

# ruff: noqa: SIM300  (columns in capitals are no constants)

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from abax.dates import FiscalCalendar, ListedCalendar
from abax.erp.dialects import DateOf, Joined, Unpadded
from abax.erp.sap.due import due_day
from abax.erp.sap.reader import (
    SLASH,
    ZERO,
    Reader,
    first_given,
    given,
    is_none_of,
    keyed,
    nothing,
    optional,
    prefixed,
)
from abax.erp.source import Query
from abax.ledger.model import Company

NOT_POSTED: Final = ("V", "W", "Z", "S", "D", "M")
OF_LEDGERS: Final = ("L", "U")
"""Documents of a ledger group that the leading ledger is not in."""
CARRIED_FORWARD: Final = "000"
ACTUAL: Final = ("0", "2")
"""Record types: what was posted, and what was allocated; plans are others."""
CONTROL: Final = {"D": ("KUNNR", "BSID", "BSAD"), "K": ("LIFNR", "BSIK", "BSAK")}
"""Account types of customers and vendors: the partner's key, the indexes of open and cleared items."""
DEBIT_OR_CREDIT: Final = ("SHKZG", "DMBTR", "WRBTR")

_KEY: Final = ("MANDT", "BUKRS", "BELNR", "GJAHR", "BUZEI")
DAYS: Final = ("ZBD1T", "ZBD2T", "ZBD3T")
"""Terms of payment: days after the baseline date."""
_TERMS: Final = ("ZFBDT", *DAYS, "REBZG")
INVOICE: Final = ("REBZJ", "REBZZ")
"""Beside REBZG, the invoice's number: its year and line. Not all copies of these tables have them."""
_SUBLEDGER: Final = (*_KEY, "HKONT", *DEBIT_OR_CREDIT, *_TERMS, "BUDAT", "BLDAT", "AUGDT", "BSTAT")

NEEDED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "acdoca": {
        "ACDOCA": (
            *("RCLNT", "RLDNR", "RBUKRS", "GJAHR", "BELNR", "DOCLN", "POPER", "BUDAT", "BLART", "BSTAT"),
            *("RACCT", "DRCRK", "HSL", "WSL", "RWCUR", "KOART", "KUNNR", "LIFNR", "NETDT", "AUGDT"),
        )
    },
    "bseg": {"BSEG": (*(*_KEY, "KOART", *DEBIT_OR_CREDIT, "HKONT", "KUNNR", "LIFNR", *_TERMS, "AUGDT"),)},
    "faglflexa": {
        "FAGLFLEXA": (
            *("RCLNT", "RLDNR", "RBUKRS", "RYEAR", "DOCNR", "DOCLN", "GJAHR", "BELNR", "POPER", "BUDAT"),
            *("RRCTY", "BSTAT", "RACCT", "DRCRK", "HSL", "WSL", "RWCUR"),
        )
    },
    "bsis": {
        "SKB1": ("MANDT", "BUKRS", "SAKNR", "MITKZ"),
        **dict.fromkeys(("BSIS", "BSAS"), (*_KEY, "HKONT", *DEBIT_OR_CREDIT)),
        **dict.fromkeys(CONTROL["D"][1:], (*_SUBLEDGER, CONTROL["D"][0])),
        **dict.fromkeys(CONTROL["K"][1:], (*_SUBLEDGER, CONTROL["K"][0])),
    },
}
"""By way of reading: its tables and columns, in the order in which ways are tried."""


Span = tuple[date, date]
"""First and last day."""


class Lines(ABC):
    """One way of reading."""

    way: ClassVar[str]

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @abstractmethod
    def posted(self, company: Company, span: Span | None = None) -> Query:
        """``source_columns("journal_lines")`` of all days; with a span, of its days and perhaps of a few
        others."""

    def _dimensions(
        self, company: Company, rows: Any, centre: str, others: Sequence[tuple[str, str]]
    ) -> ColumnElement[Any]:
        """Where a line belongs, each with all of its amount; ``centre`` is the cost centre's column."""
        area: Any = self.reader.controlling_area(company)
        if "KOKRS" in rows.c:
            area = case((given(rows.c.KOKRS), rows.c.KOKRS), else_=area)
        keys = [
            (rows.c[name], Joined(literal_column(f"'{prefix}:'"), area, SLASH, rows.c[name]))
            for prefix, name in (("cost_center", centre), ("profit_center", "PRCTR"))
            if name in rows.c
        ]
        keys += [
            (rows.c[name], Joined(literal_column(f"'{prefix}:'"), rows.c[name]))
            for prefix, name in others
            if name in rows.c
        ]
        return _json([(given(column), key) for column, key in keys]) if keys else nothing()


def _json(keys: Sequence[tuple[ColumnElement[bool], ColumnElement[Any]]]) -> ColumnElement[Any]:
    """Each key that is there with 100; null without any. Every key is worked out once."""
    parts: list[ColumnElement[Any]] = []
    for place, (there, key) in enumerate(keys):
        before = [other for other, _ in keys[:place]]
        quote: ColumnElement[Any] = literal_column("'\"'")
        opened = case((or_(*before), literal_column("',\"'")), else_=quote) if before else quote
        parts.append(
            case((there, Joined(opened, key, literal_column("'\":100'"))), else_=literal_column("''"))
        )
    whole = Joined(literal_column("'{'"), *parts, literal_column("'}'"))
    return case((or_(*[there for there, _ in keys]), whole), else_=nothing())


class _Documents(Lines):
    """Lines with a debit or credit indicator, under headers."""

    @abstractmethod
    def _rows(self, company: Company) -> Any:
        """What has BSEG's columns, or as many of them as there are."""

    def posted(self, company: Company, span: Span | None = None) -> Query:
        """Sign by the indicator. A negative posting takes back from its own side what stood on the other."""
        rows, header = self._rows(company), self.reader.table("BKPF")
        debit, credit = self._sides(company, rows)
        amount = self.reader.real(rows.c.WRBTR, header.c.WAERS)
        return (
            select(
                keyed(rows.c.GJAHR, rows.c.BELNR, rows.c.BUZEI).label("line_id"),
                keyed(rows.c.GJAHR, rows.c.BELNR).label("entry_id"),
                Unpadded(rows.c.BELNR).label("entry_name"),
                header.c.BLART.label("journal"),
                rows.c.HKONT.label("account_id"),
                self._partner(rows).label("partner_id"),
                posting_day(company, header.c.BUDAT, header.c.GJAHR, header.c.MONAT).label("posting_date"),
                self._due(rows, header).label("due_date"),
                debit.label("debit"),
                credit.label("credit"),
                header.c.WAERS.label("document_currency"),
                case((rows.c.SHKZG == "H", -amount), else_=amount).label("document_amount"),
                first_given(optional(rows, "SGTXT"), optional(header, "BKTXT")).label("label"),
                self._dimensions(company, rows, "KOSTL", _OF_DOCUMENTS).label("dimensions"),
                ZERO.label("is_opening"),
                ZERO.label("is_closing"),
            )
            .select_from(rows.join(header, same_document(rows, header)))
            .where(
                self.reader.of(company, rows),
                self.reader.of(company, header),
                self.posted_header(header),
                *within(span, company, header.c.BUDAT, header.c.MONAT),
            )
        )

    def posted_header(self, header: Any) -> ColumnElement[bool]:
        """Whether a document counts."""
        status = header.c.BSTAT
        of_this = [
            header.c[name].in_(self._groups if name == "LDGRP" else [self.reader.ledger])
            for name in ("LDGRP", "RLDNR")
            if name in header.c
        ]
        return and_(is_none_of(status, NOT_POSTED), or_(is_none_of(status, OF_LEDGERS), *of_this))

    @cached_property
    def _groups(self) -> list[str]:
        """The ledger groups that the ledger is in; each ledger has one of its own name."""
        found = [self.reader.ledger]
        if self.reader.has("FAGL_TLDGRP_MAP", "MANDT", "LDGRP", "RLDNR"):
            known = self.reader.table("FAGL_TLDGRP_MAP")
            mine = (self.reader.mine(known), known.c.RLDNR == self.reader.ledger)
            found += [str(row[0]).strip() for row in self.reader.rows(select(known.c.LDGRP).where(*mine))]
        return sorted(set(found))

    def _sides(self, company: Company, rows: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        amount = self.reader.real_in(rows.c.DMBTR, company.currency)
        is_credit = rows.c.SHKZG == "H"
        if "XNEGP" not in rows.c:
            return case((is_credit, ZERO), else_=amount), case((is_credit, amount), else_=ZERO)
        negative = func.coalesce(rows.c.XNEGP, "") == "X"
        both = and_(is_credit, negative)
        return (
            case((both, -amount), (is_credit, ZERO), (negative, ZERO), else_=amount),
            case((both, ZERO), (is_credit, amount), (negative, -amount), else_=ZERO),
        )

    def _partner(self, rows: Any) -> ColumnElement[Any]:
        return case(
            *[
                (rows.c.KOART == kind, prefixed(f"{kind}:", rows.c[names[0]], of=rows.c[names[0]]))
                for kind, names in CONTROL.items()
            ],
            else_=prefixed("V:", rows.c.VBUND, of=rows.c.VBUND) if "VBUND" in rows.c else nothing(),
        )

    def _due(self, rows: Any, header: Any) -> ColumnElement[Any]:
        day = due_day(rows, optional(header, "BLDAT"))
        return case((rows.c.KOART.in_(list(CONTROL)), day), else_=DateOf(nothing()))


_OF_DOCUMENTS: Final = (("segment", "SEGMENT"), ("business_area", "GSBER"), ("functional_area", "FKBER"))
_OF_LEDGERS: Final = (("segment", "SEGMENT"), ("business_area", "RBUSA"), ("functional_area", "RFAREA"))


class FromDocuments(_Documents):
    """BSEG."""

    way = "bseg"

    def _rows(self, company: Company) -> Any:
        return self.reader.table("BSEG")


class FromIndexes(_Documents):
    """The six indexes, together."""

    way = "bsis"
    _COLUMNS = (
        *(*_KEY, "HKONT", "SGTXT", *DEBIT_OR_CREDIT, "XNEGP", "VBUND", "KOSTL", "PRCTR", "GSBER", "SEGMENT"),
        *(*_TERMS, "NETDT"),
    )

    def _rows(self, company: Company) -> Any:
        parts = [self._part("S", name, company) for name in ("BSIS", "BSAS")]
        for kind, (_, *names) in CONTROL.items():
            parts += [self._part(kind, name, company) for name in names]
        return union_all(*parts).subquery("indexes")

    def _part(self, kind: str, name: str, company: Company) -> Query:
        """The rows of one index. The general ledger's must not have those that subledgers have already."""
        index = self.reader.table(name)
        partners = [
            (index.c[key] if of == kind else nothing()).label(key) for of, (key, *_) in CONTROL.items()
        ]
        columns = [_number_or_text(index, column).label(column) for column in self._COLUMNS]
        rows = select(literal_column(f"'{kind}'").label("KOART"), *columns, *partners).where(
            self.reader.of(company, index)
        )
        if kind in CONTROL:
            return rows
        account = self.reader.table("SKB1")
        subledgers = select(account.c.SAKNR).where(
            self.reader.of(company, account), account.c.MITKZ.in_(list(CONTROL))
        )
        return rows.where(index.c.HKONT.not_in(subledgers))


class FromUniversalJournal(Lines):
    """ACDOCA."""

    way = "acdoca"

    def posted(self, company: Company, span: Span | None = None) -> Query:
        """Amounts are signed, so that the indicator only says on which side they stand."""
        rows = self.reader.table("ACDOCA")
        parts = (rows.c.RLDNR,) if len(self.ledgers) > 1 else ()
        amount = self.reader.real_in(rows.c.HSL, company.currency)
        is_credit = rows.c.DRCRK == "H"
        return select(
            keyed(*parts, rows.c.GJAHR, rows.c.BELNR, rows.c.DOCLN).label("line_id"),
            keyed(*parts, rows.c.GJAHR, rows.c.BELNR).label("entry_id"),
            Unpadded(rows.c.BELNR).label("entry_name"),
            rows.c.BLART.label("journal"),
            rows.c.RACCT.label("account_id"),
            self._partner(rows).label("partner_id"),
            posting_day(company, rows.c.BUDAT, rows.c.GJAHR, rows.c.POPER, "0").label("posting_date"),
            DateOf(rows.c.NETDT).label("due_date"),
            case((is_credit, ZERO), else_=amount).label("debit"),
            case((is_credit, -amount), else_=ZERO).label("credit"),
            rows.c.RWCUR.label("document_currency"),
            self.reader.real(rows.c.WSL, rows.c.RWCUR).label("document_amount"),
            first_given(optional(rows, "SGTXT")).label("label"),
            self._dimensions(company, rows, "RCNTR", _OF_LEDGERS).label("dimensions"),
            ZERO.label("is_opening"),
            ZERO.label("is_closing"),
        ).where(self.counted(company, rows), *within(span, company, rows.c.BUDAT, rows.c.POPER, "0"))

    def counted(self, company: Company, rows: Any) -> ColumnElement[bool]:
        """Whether a row is of the ledger, and no carry-forward."""
        return and_(
            self.reader.of(company, rows, "RCLNT", "RBUKRS"),
            rows.c.RLDNR.in_(self.ledgers),
            rows.c.POPER != CARRIED_FORWARD,
            is_none_of(rows.c.BSTAT, NOT_POSTED),
        )

    @cached_property
    def ledgers(self) -> list[str]:
        """The ledger, and those that it only extends."""
        found = [self.reader.ledger]
        if self.reader.has("FINSC_LEDGER_REP", "MANDT", "RLDNR", "RLDNR_PERS"):
            known = self.reader.table("FINSC_LEDGER_REP")
            mine = (self.reader.mine(known), known.c.RLDNR == self.reader.ledger)
            found += [
                str(row[0]).strip() for row in self.reader.rows(select(known.c.RLDNR_PERS).where(*mine))
            ]
        return sorted(set(found))

    def _partner(self, rows: Any) -> ColumnElement[Any]:
        return case(
            *[
                (rows.c.KOART == kind, prefixed(f"{kind}:", rows.c[names[0]], of=rows.c[names[0]]))
                for kind, names in CONTROL.items()
            ],
            else_=prefixed("V:", rows.c.RASSC, of=rows.c.RASSC) if "RASSC" in rows.c else nothing(),
        )


class FromNewLedger(Lines):
    """FAGLFLEXA."""

    way = "faglflexa"

    def posted(self, company: Company, span: Span | None = None) -> Query:
        """By ledger. What was allocated within the ledger has no document, and goes by its own number."""
        rows, header = self.reader.table("FAGLFLEXA"), self.reader.table("BKPF")
        document = case(
            (given(rows.c.BELNR), keyed(rows.c.GJAHR, rows.c.BELNR)),
            else_=keyed(literal_column("'G'"), rows.c.RYEAR, rows.c.DOCNR),
        )
        amount = self.reader.real_in(rows.c.HSL, company.currency)
        is_credit = rows.c.DRCRK == "H"
        partner = prefixed("V:", rows.c.RASSC, of=rows.c.RASSC) if "RASSC" in rows.c else nothing()
        return (
            select(
                keyed(rows.c.RYEAR, rows.c.DOCNR, rows.c.DOCLN).label("line_id"),
                document.label("entry_id"),
                Unpadded(first_given(rows.c.BELNR, rows.c.DOCNR)).label("entry_name"),
                header.c.BLART.label("journal"),
                rows.c.RACCT.label("account_id"),
                partner.label("partner_id"),
                posting_day(company, rows.c.BUDAT, rows.c.RYEAR, rows.c.POPER, "0").label("posting_date"),
                DateOf(nothing()).label("due_date"),
                case((is_credit, ZERO), else_=amount).label("debit"),
                case((is_credit, -amount), else_=ZERO).label("credit"),
                rows.c.RWCUR.label("document_currency"),
                self.reader.real(rows.c.WSL, rows.c.RWCUR).label("document_amount"),
                first_given(optional(header, "BKTXT")).label("label"),
                self._dimensions(company, rows, "RCNTR", _OF_LEDGERS).label("dimensions"),
                ZERO.label("is_opening"),
                ZERO.label("is_closing"),
            )
            .select_from(rows.outerjoin(header, self._header(company, rows, header)))
            .where(
                self.reader.of(company, rows, "RCLNT", "RBUKRS"),
                rows.c.RLDNR == self.reader.ledger,
                rows.c.RRCTY.in_(ACTUAL),
                rows.c.POPER != CARRIED_FORWARD,
                is_none_of(rows.c.BSTAT, NOT_POSTED),
                is_none_of(header.c.BSTAT, NOT_POSTED),
                *within(span, company, rows.c.BUDAT, rows.c.POPER, "0"),
            )
        )

    def _header(self, company: Company, rows: Any, header: Any) -> ColumnElement[bool]:
        return and_(
            self.reader.of(company, header),
            header.c.BELNR == rows.c.BELNR,
            header.c.GJAHR == rows.c.GJAHR,
        )


WAYS: Final[dict[str, type[Lines]]] = {
    kind.way: kind for kind in (FromUniversalJournal, FromDocuments, FromNewLedger, FromIndexes)
}


def _number_or_text(rows: Any, name: str) -> ColumnElement[Any]:
    """A column that the table may not have, of the type that it has elsewhere."""
    return ZERO if name in DAYS and name not in rows.c else optional(rows, name)


def same_document(rows: Any, header: Any) -> ColumnElement[bool]:
    """Whether a header is that of a row: document numbers repeat by company and by year."""
    return and_(*[rows.c[name] == header.c[name] for name in ("MANDT", "BUKRS", "BELNR", "GJAHR")])


def posting_day(company: Company, day: Any, year: Any, period: Any, zero: str = "") -> ColumnElement[Any]:
    """The posting date, which for a special period lies in the year's last normal one: what does not is put
    there. ``zero`` goes before periods of three digits."""
    first, last = _last_period(company, year)
    outside = and_(_is_special(company, period, zero), or_(day < first, day > last))
    return DateOf(case((outside, last), else_=day))


def within(
    span: Span | None, company: Company, day: Any, period: Any, zero: str = ""
) -> list[ColumnElement[bool]]:
    """A condition on columns as they are stored, so that a database can go by its indexes: posting dates in a
    span, and special periods, the dates of which may be others."""
    if span is None:
        return []
    first, last = (f"{end:%Y%m%d}" for end in span)
    return [or_(day.between(first, last), _is_special(company, period, zero))]


def _is_special(company: Company, period: Any, zero: str) -> ColumnElement[bool]:
    calendar = company.calendar
    years = calendar.by_year if isinstance(calendar, ListedCalendar) else [2023]
    found: ColumnElement[bool] = period > f"{zero}{max(len(calendar.months(year)) for year in years):02d}"
    return found


def _last_period(company: Company, year: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """First and last day of a fiscal year's last normal period, as eight letters."""
    calendar = company.calendar
    if isinstance(calendar, ListedCalendar):
        months = {listed.year: calendar.months(listed.year) for listed in calendar.listed}
        whens = [
            {str(number): f"{getattr(of[-1], end):%Y%m%d}" for number, of in months.items()}
            for end in ("start", "end")
        ]
        first, last = (case(when, value=year, else_="") for when in whens)
        return first, last
    assert isinstance(calendar, FiscalCalendar)
    month = calendar.months(2023)[-1]  # no leap year: a late posting goes to 28 February in all years
    begins = f"{month.start:%m%d}" if month.start.year == 2023 else "0101"
    begun, ended = (Joined(year, literal_column(f"'{day}'")) for day in (begins, f"{month.end:%m%d}"))
    return begun, ended
