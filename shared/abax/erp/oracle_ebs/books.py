"""Oracle E-Business Suite R12: a ledger of its General Ledger, on Oracle or on a copy of its tables.

A company is a ledger. An account is a natural account, the value of that segment of a code combination which
the flexfield's set-up calls GL_ACCOUNT; its other segments are dimensions. What counts are posted, actual
journals in money; both sides of a reversal do.

Lines carry the day on which they took effect, within the normal period that they were booked in: what is in
an adjustment period stands in the last normal one before it. Nothing is booked when a year begins: results
start at nil and go to retained earnings by themselves, as they do in a ledger here. Where the year is closed
by journals all the same, those of the income statement are closing entries; those of the balance sheet, with
their reversals in the next year, carry balances over and are left out, and taken off Oracle's own totals.

GL_BALANCES holds only what is posted, by period; of its rows, those in the ledger's currency that are neither
budget nor encumbrance, nor translated, nor of summary accounts, add up to the lines.
"""

# ruff: noqa: SIM300 - columns are in capitals, which that rule takes for constants

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
)

from abax.erp.dialects import Blank, DatePart, DayOf, Joined, JsonText, Text
from abax.erp.filled import filled
from abax.erp.oracle_ebs.items import NEEDED as FOR_OPEN_ITEMS
from abax.erp.oracle_ebs.items import NULLS, SUPPLIERS_MAIL, Payables, Receivables, together
from abax.erp.oracle_ebs.items import OPTIONAL as BESIDE_OPEN_ITEMS
from abax.erp.oracle_ebs.setup import (
    ALONE,
    CARRIED_OVER,
    FOR_BALANCES,
    FOR_NAMES,
    FOR_RATES,
    LEDGERS,
    NAMED_ALONE,
    NEEDED,
    TITLE,
    Segment,
    looked_up,
)
from abax.erp.source import RATE_COLUMNS, Declaration, ErpModule, Found, Query, Schema, Setting, Verdict
from abax.errors import MalformedValue
from abax.ledger.model import Company, StatementClass
from abax.money import STORED_DECIMALS

RETAINED: Final = "O/retained earnings"
"""Ours: the account that a ledger's results go to, whatever type it has."""

_C = StatementClass
CLASSES: Final[dict[str, StatementClass]] = {
    "R": _C.REVENUE,
    "E": _C.OPERATING_EXPENSES,
    "O": _C.EQUITY,
    RETAINED: _C.RETAINED_EARNINGS,
}
"""By account type. Which of the assets (A) and liabilities (L) an account is, no table says."""

RESULT_CLOSED: Final = ("Income Statement Close", "Income Offset")
US: Final = "US"

_OPTIONAL: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "open items": FOR_OPEN_ITEMS,
    "the source's own totals": FOR_BALANCES,
    "exchange rates": FOR_RATES,
    "names of accounts and segments": FOR_NAMES,
    **BESIDE_OPEN_ITEMS,
}


class OracleEbsModule(ErpModule):
    """Oracle E-Business Suite for the registry."""

    erp = "oracle_ebs"
    title = TITLE
    tables: Sequence[str] = tuple(
        dict.fromkeys(
            (*NEEDED, *(t for part in _OPTIONAL.values() for t in part), *NAMED_ALONE, *SUPPLIERS_MAIL)
        )
    )
    settings = (
        Setting("ledger", "ledger"),
        Setting("org", "operating unit (several apart by commas)", default=""),
        Setting("language", "language", default=US),
    )

    def probe(self, schema: Schema) -> Verdict:
        """One version so far: 11i has no ledgers, but sets of books."""
        parts = [(name, column_name) for name, names in NEEDED.items() for column_name in names]
        there = sum(schema.has(*part) for part in parts)
        lacks = {what: schema.missing(wanted) for what, wanted in _OPTIONAL.items()}
        if _named_alone(schema):
            del lacks["names of accounts and segments"]
        if lacks["open items"]:
            lacks = {what: missing for what, missing in lacks.items() if what not in BESIDE_OPEN_ITEMS}
        return Verdict(
            "R12",
            schema.missing(NEEDED),
            there / len(parts),
            {what: missing for what, missing in lacks.items() if missing},
        )

    def choices(self, schema: Schema, name: str) -> Query | None:
        """Ledgers with what kind they are, operating units that have invoices, languages of value sets."""
        ledger = schema.table("GL_LEDGERS")
        if name == "ledger":
            kind = ledger.c.LEDGER_CATEGORY_CODE
            label = case(
                (kind == "PRIMARY", ledger.c.NAME), else_=Joined(ledger.c.NAME, literal_column("', '"), kind)
            )
            return select(ledger.c.LEDGER_ID, label.label("label")).where(kind.in_(LEDGERS))
        if name == "language":
            if not schema.has("FND_FLEX_VALUES_TL", "LANGUAGE"):
                return None
            spoken = schema.table("FND_FLEX_VALUES_TL").c.LANGUAGE
            return select(spoken, literal_column("''").label("label")).distinct()
        if schema.missing(FOR_OPEN_ITEMS):
            return None
        found = []
        for part in (schema.table("RA_CUSTOMER_TRX_ALL"), schema.table("AP_INVOICES_ALL")):
            whose = Joined(literal_column("'of '"), ledger.c.NAME).label("label")
            rows = part.join(ledger, part.c.SET_OF_BOOKS_ID == ledger.c.LEDGER_ID)
            found.append(select(part.c.ORG_ID, whose).select_from(rows).distinct())
        return together(*found, name="operating_units")

    def declare(self, found: Found) -> OracleEbs:
        """The declaration for one ledger. Raises SettingNeeded, UnsupportedSchema."""
        return OracleEbs(found)


class OracleEbs(Declaration):
    """The books of one ledger."""

    erp = "oracle_ebs"
    classes: Mapping[str, StatementClass] = CLASSES

    def __init__(self, found: Found) -> None:
        super().__init__(found)
        self._filled: dict[tuple[str, str | None], Any] = {}
        self._set = looked_up(found, self._table)

    # --- master data ---

    def companies(self) -> Query:
        """The ledger; its years end as the last of its normal periods does."""
        ledger, period = self._table("GL_LEDGERS"), self._table("GL_PERIODS")
        ends = select(func.max(DayOf(period.c.END_DATE))).where(self._in_calendar(period), _normal(period))
        end = ends.scalar_subquery()
        return select(
            ledger.c.LEDGER_ID.label("company_id"),
            ledger.c.NAME.label("name"),
            ledger.c.CURRENCY_CODE.label("currency"),
            func.coalesce(DatePart("month", end), 12).label("fiscal_year_end_month"),
            func.coalesce(DatePart("day", end), 31).label("fiscal_year_end_day"),
        ).where(ledger.c.LEDGER_ID == self._set.ledger)

    def periods(self, company: Company) -> Query:
        """The normal periods of the ledger's calendar, of its own type."""
        period = self._table("GL_PERIODS")
        return (
            select(
                period.c.PERIOD_YEAR.label("year"),
                period.c.PERIOD_NUM.label("period"),
                DayOf(period.c.START_DATE).label("start_date"),
                DayOf(period.c.END_DATE).label("end_date"),
            )
            .where(self._in_calendar(period), _normal(period))
            .order_by(period.c.PERIOD_YEAR, period.c.PERIOD_NUM)
        )

    def accounts(self, company: Company) -> Query:
        """The natural accounts of the chart. Raises MalformedValue for one with lines of two types."""
        code, names = self._table("GL_CODE_COMBINATIONS"), self._names(self._set.account)
        value = code.c[self._set.account.column]
        kinds = [(value == account, kind) for account, kind in self._kinds.items()]
        return (
            select(
                value.label("account_id"),
                value.label("code"),
                func.coalesce(func.max(names.c.name), value).label("name"),
                case(
                    (value == self._set.retained, RETAINED), *kinds, else_=func.max(code.c.ACCOUNT_TYPE)
                ).label("source_type"),
            )
            .select_from(code.outerjoin(names, value == names.c.value))
            .where(self._in_chart(code))
            .group_by(value)
        )

    def partners(self, company: Company) -> Query:
        """Customers and suppliers of the operating units."""
        if not self._set.orgs:
            return self._nothing("partner_id", "name")
        return together(self._receivables.partners(), self._payables.partners(), name="partners")

    def addresses(self, company: Company) -> Query | None:
        """Of customers' parties and of suppliers' sites."""
        if not self._set.orgs:
            return None
        both = (self._receivables.addresses(), self._payables.addresses())
        parts = [part for part in both if part is not None]
        return together(*parts, name="addresses").distinct() if parts else None

    def rates(self, company: Company) -> Query:
        """Daily rates into the ledger's currency: Corporate before Spot before any other type."""
        if self._schema.missing(FOR_RATES):
            return self._nothing(*RATE_COLUMNS)
        rate = self._table("GL_DAILY_RATES")
        kind, day = rate.c.CONVERSION_TYPE, DayOf(rate.c.CONVERSION_DATE)
        turn = func.row_number().over(
            partition_by=[rate.c.FROM_CURRENCY, day],
            order_by=[case((kind == "Corporate", 0), (kind == "Spot", 1), else_=2), kind],
        )
        ranked = (
            select(
                rate.c.FROM_CURRENCY.label("currency"),
                day.label("rate_date"),
                rate.c.CONVERSION_RATE.label("functional_units"),
                literal(1).label("foreign_units"),
                turn.label("turn"),
            )
            .where(
                rate.c.TO_CURRENCY == self._set.currency,
                rate.c.FROM_CURRENCY != self._set.currency,
                rate.c.CONVERSION_RATE > 0,
            )
            .subquery("ranked")
        )
        return select(*[ranked.c[name] for name in RATE_COLUMNS]).where(ranked.c.turn == 1)

    def dimensions(self, company: Company) -> Query | None:
        """The values of the other segments."""
        parts = [self._values(segment) for segment in self._set.others]
        return together(*parts, name="dimension_values") if parts else None

    def balances(self, company: Company) -> Query | None:
        """GL_BALANCES by natural account and year, less what journals carried over.

        A combination's first row of a year tells how it began. Where journals carry over, Oracle lets years
        begin at nil: there is no opening to be had then.
        """
        if self._schema.missing(FOR_BALANCES):
            return None
        code, first = self._table("GL_CODE_COMBINATIONS"), self._period_totals()
        value = code.c[self._set.account.column]
        totals = (
            select(
                value.label("account_id"),
                first.c.fiscal_year,
                _exact(func.sum(case((first.c.turn == 1, first.c.opening), else_=0))).label("opening"),
                _exact(func.sum(first.c.amount)).label("amount"),
            )
            .select_from(first.join(code, first.c.combination == code.c.CODE_COMBINATION_ID))
            .where(self._in_chart(code))
            .group_by(value, first.c.fiscal_year)
        )
        return self._without_carried_over(totals.subquery("totals")) if self._set.carried_over else totals

    # --- the year's tables ---

    def posted_lines(self, company: Company) -> Query:
        """The lines of posted journals. One in a period that the calendar lacks has no posting date."""
        return self._lines(self._spans(), is_all=True)

    def journal_lines(self, company: Company, start: date, end: date) -> Query:
        """The lines of these days, by way of the periods that hold them: journals are indexed by period."""
        every = self._spans()
        near = select(every).where(every.c.first_day <= end, every.c.last_day >= start).subquery("near")
        lines = self._lines(near, is_all=False).subquery("lines_near")
        return select(lines).where(lines.c.posting_date.between(start, end))

    def _lines(self, span: Any, *, is_all: bool) -> Query:
        line, header, code = (
            self._table(name) for name in ("GL_JE_LINES", "GL_JE_HEADERS", "GL_CODE_COMBINATIONS")
        )
        day = DayOf(func.coalesce(line.c.EFFECTIVE_DATE, header.c.DEFAULT_EFFECTIVE_DATE))
        within = case(
            (day < span.c.first_day, span.c.first_day),
            (day > span.c.last_day, span.c.last_day),
            (span.c.first_day.is_not(None), day),
        )
        return (
            select(
                Joined(Text(line.c.JE_HEADER_ID), literal_column("'-'"), Text(line.c.JE_LINE_NUM)).label(
                    "line_id"
                ),
                header.c.JE_HEADER_ID.label("entry_id"),
                func.coalesce(Text(header.c.DOC_SEQUENCE_VALUE), header.c.NAME).label("entry_name"),
                Joined(header.c.JE_SOURCE, literal_column("' / '"), header.c.JE_CATEGORY).label("journal"),
                code.c[self._set.account.column].label("account_id"),
                null().label("partner_id"),
                within.label("posting_date"),
                cast(null(), Date).label("due_date"),
                _nil(line.c.ACCOUNTED_DR).label("debit"),
                _nil(line.c.ACCOUNTED_CR).label("credit"),
                header.c.CURRENCY_CODE.label("document_currency"),
                (_nil(line.c.ENTERED_DR) - _nil(line.c.ENTERED_CR)).label("document_amount"),
                func.coalesce(line.c.DESCRIPTION, header.c.DESCRIPTION, header.c.NAME).label("label"),
                self._dimensions(code).label("dimensions"),
                literal(0).label("is_opening"),
                case((header.c.JE_CATEGORY.in_(RESULT_CLOSED), 1), else_=0).label("is_closing"),
            )
            .select_from(
                line.join(header, line.c.JE_HEADER_ID == header.c.JE_HEADER_ID)
                .outerjoin(code, line.c.CODE_COMBINATION_ID == code.c.CODE_COMBINATION_ID)
                .join(span, header.c.PERIOD_NAME == span.c.PERIOD_NAME, isouter=is_all)
            )
            .where(self._posted(header), header.c.JE_CATEGORY != CARRIED_OVER)
        )

    def all_items(self, company: Company) -> Query | None:
        """What customers owe and what suppliers are owed."""
        if not self._set.orgs:
            return None
        return together(self._receivables.items(), self._payables.items(), name="subledgers")

    def all_item_settlements(self, company: Company) -> Query | None:
        """What settled either."""
        if not self._set.orgs:
            return None
        return together(self._receivables.settlements(), self._payables.settlements(), name="settled")

    # --- parts ---

    def _table(self, name: str, alias: str | None = None) -> Any:
        """With nulls for what this copy of it has not got and can be done without."""
        kinds = NULLS.get(name, {})
        lacking = {column: kind for column, kind in kinds.items() if not self._schema.has(name, column)}
        if not lacking:
            return super()._table(name, alias)
        if (name, alias) not in self._filled:
            self._filled[name, alias] = filled(super()._table(name, alias), lacking, alias or name)
        return self._filled[name, alias]

    def _has(self, wanted: Mapping[str, Sequence[str]]) -> bool:
        return not self._schema.missing(wanted)

    @property
    def _receivables(self) -> Receivables:
        books = self._set
        return Receivables(self._table, books.account.column, books.orgs, self._has, books.receivables)

    @property
    def _payables(self) -> Payables:
        books = self._set
        return Payables(
            self._table, books.account.column, books.ledger, books.currency, books.orgs, self._has
        )

    def _nothing(self, *names: str) -> Query:
        """No rows; nulls are without a type."""
        columns: list[Any] = [null().label(name) for name in names]
        return select(*columns).select_from(self._table("GL_LEDGERS")).where(false())

    def _posted(self, header: Any) -> ColumnElement[bool]:
        """Of the ledger, posted, neither budget nor encumbrance, and in money."""
        return and_(
            header.c.LEDGER_ID == self._set.ledger,
            header.c.STATUS == "P",
            header.c.ACTUAL_FLAG == "A",
            header.c.CURRENCY_CODE != "STAT",
        )

    def _in_chart(self, code: Any) -> ColumnElement[bool]:
        """Combinations that are booked on; summary accounts hold the sums of others."""
        return and_(
            code.c.CHART_OF_ACCOUNTS_ID == self._set.chart,
            func.coalesce(code.c.SUMMARY_FLAG, "N") == "N",
            code.c.TEMPLATE_ID.is_(None),
        )

    def _in_calendar(self, period: Any) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = period.c.PERIOD_SET_NAME == self._set.period_set
        if "PERIOD_TYPE" not in period.c:
            return mine
        return and_(mine, period.c.PERIOD_TYPE == self._set.period_type)

    def _spans(self) -> Any:
        """The days on which a period's lines may stand: its own, or those of the normal period before it;
        of the first one, for adjustments that come before that."""
        period = self._table("GL_PERIODS")
        of_year = {"partition_by": period.c.PERIOD_YEAR}
        days = {"first_day": period.c.START_DATE, "last_day": period.c.END_DATE}
        spans = []
        for name, day in days.items():
            normal = case((_normal(period), DayOf(day)))
            latest = func.max(normal).over(**of_year, order_by=period.c.PERIOD_NUM)
            spans.append(func.coalesce(latest, func.min(normal).over(**of_year)).label(name))
        return (
            select(period.c.PERIOD_NAME, period.c.PERIOD_YEAR, *spans)
            .where(self._in_calendar(period))
            .subquery("spans")
        )

    def _names(self, segment: Segment) -> Any:
        """Each value's description, in the language asked for or else in English."""
        if self._schema.missing(FOR_NAMES):
            return self._names_alone(segment, _named_alone(self._schema))
        value, text = self._table("FND_FLEX_VALUES"), self._table("FND_FLEX_VALUES_TL")
        language = self.settings.get("language") or US
        said = case((~Blank(text.c.DESCRIPTION), text.c.DESCRIPTION))
        own = func.max(case((text.c.LANGUAGE == language, said)))
        english = func.max(case((text.c.LANGUAGE == US, said)))
        return (
            select(value.c.FLEX_VALUE.label("value"), func.coalesce(own, english).label("name"))
            .select_from(value.join(text, value.c.FLEX_VALUE_ID == text.c.FLEX_VALUE_ID))
            .where(value.c.FLEX_VALUE_SET_ID == segment.value_set, text.c.LANGUAGE.in_([language, US]))
            .group_by(value.c.FLEX_VALUE)
            .subquery("names")
        )

    def _names_alone(self, segment: Segment, name: str | None) -> Any:
        """The same where one table has values and texts; no rows where none has."""
        if name is None:
            columns = [cast(null(), String(240)).label(column) for column in ("value", "name")]
            return select(*columns).where(literal_column("1") == literal_column("0")).subquery("names")
        text = self._table(name)
        said = case((~Blank(text.c.DESCRIPTION), text.c.DESCRIPTION))
        best: ColumnElement[Any] = func.max(said)
        if "LANGUAGE" in text.c:
            language = self.settings.get("language") or US
            own, english = (func.max(case((text.c.LANGUAGE == of, said))) for of in (language, US))
            best = func.coalesce(own, english)
        return (
            select(text.c.FLEX_VALUE.label("value"), best.label("name"))
            .where(text.c.FLEX_VALUE_SET_ID == segment.value_set)
            .group_by(text.c.FLEX_VALUE)
            .subquery("names")
        )

    def _values(self, segment: Segment) -> Query:
        code, names = self._table("GL_CODE_COMBINATIONS"), self._names(segment)
        value = code.c[segment.column]
        day = cast(null(), Date)
        return (
            select(
                _value_id(segment, value).label("value_id"),
                literal_column(f"'{segment.dimension}'").label("dimension"),
                value.label("code"),
                func.coalesce(func.max(names.c.name), value).label("name"),
                null().label("parent_id"),
                day.label("valid_from"),
                day.label("valid_to"),
            )
            .select_from(code.outerjoin(names, value == names.c.value))
            .where(self._in_chart(code), value.is_not(None))
            .group_by(value)
        )

    def _dimensions(self, code: Any) -> ColumnElement[Any]:
        pairs: list[Any] = []
        for segment in self._set.others:
            pairs += [_value_id(segment, code.c[segment.column]), literal_column("100")]
        return JsonText(*pairs) if pairs else null()

    def _period_totals(self) -> Any:
        """Rows of GL_BALANCES that count, numbered through each combination's year."""
        row = self._table("GL_BALANCES")
        turn = func.row_number().over(
            partition_by=[row.c.CODE_COMBINATION_ID, row.c.PERIOD_YEAR], order_by=row.c.PERIOD_NUM
        )
        return (
            select(
                row.c.CODE_COMBINATION_ID.label("combination"),
                row.c.PERIOD_YEAR.label("fiscal_year"),
                (_nil(row.c.BEGIN_BALANCE_DR) - _nil(row.c.BEGIN_BALANCE_CR)).label("opening"),
                (_nil(row.c.PERIOD_NET_DR) - _nil(row.c.PERIOD_NET_CR)).label("amount"),
                turn.label("turn"),
            )
            .where(
                row.c.LEDGER_ID == self._set.ledger,
                row.c.ACTUAL_FLAG == "A",
                row.c.CURRENCY_CODE == self._set.currency,
                row.c.TEMPLATE_ID.is_(None),
                row.c.TRANSLATED_FLAG.is_(None),
            )
            .subquery("period_totals")
        )

    def _without_carried_over(self, totals: Any) -> Query:
        line, header, code = (
            self._table(name) for name in ("GL_JE_LINES", "GL_JE_HEADERS", "GL_CODE_COMBINATIONS")
        )
        span, value = self._spans(), code.c[self._set.account.column]
        moved = func.sum(_nil(line.c.ACCOUNTED_DR) - _nil(line.c.ACCOUNTED_CR))
        carried = (
            select(value.label("account_id"), span.c.PERIOD_YEAR.label("fiscal_year"), moved.label("amount"))
            .select_from(
                line.join(header, line.c.JE_HEADER_ID == header.c.JE_HEADER_ID)
                .join(code, line.c.CODE_COMBINATION_ID == code.c.CODE_COMBINATION_ID)
                .join(span, header.c.PERIOD_NAME == span.c.PERIOD_NAME)
            )
            .where(self._posted(header), header.c.JE_CATEGORY == CARRIED_OVER)
            .group_by(value, span.c.PERIOD_YEAR)
            .subquery("carried")
        )
        same = and_(
            totals.c.account_id == carried.c.account_id, totals.c.fiscal_year == carried.c.fiscal_year
        )
        return select(
            totals.c.account_id,
            totals.c.fiscal_year,
            cast(null(), Numeric).label("opening"),
            _exact(totals.c.amount - _nil(carried.c.amount)).label("amount"),
        ).select_from(totals.outerjoin(carried, same))

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        """The type of each natural account whose combinations disagree about it: that of its lines. The type
        of a value may be changed; combinations keep the one that they were made with."""
        code = self._table("GL_CODE_COMBINATIONS")
        value, kind = code.c[self._set.account.column], code.c.ACCOUNT_TYPE
        several = (
            select(value).where(self._in_chart(code)).group_by(value).having(func.min(kind) != func.max(kind))
        )
        names = [name for (name,) in self._found.rows(several)]
        if not names:
            return {}
        line, header = self._table("GL_JE_LINES"), self._table("GL_JE_HEADERS")
        booked = (
            select(value, kind)
            .select_from(
                line.join(header, line.c.JE_HEADER_ID == header.c.JE_HEADER_ID).join(
                    code, line.c.CODE_COMBINATION_ID == code.c.CODE_COMBINATION_ID
                )
            )
            .where(self._posted(header), self._in_chart(code), value.in_(names))
            .distinct()
        )
        found: dict[str, str] = {}
        for name, given in self._found.rows(booked):
            if found.setdefault(name, given) != given:
                pair = f"{found[name]} and {given}"
                raise MalformedValue(
                    TITLE,
                    f"natural account {name} has lines of the account types {pair} in GL_CODE_COMBINATIONS",
                )
        return found


def _named_alone(schema: Schema) -> str | None:
    """The table that has both values and texts, where one does."""
    return next((name for name in NAMED_ALONE if schema.has(name, *ALONE)), None)


def _value_id(segment: Segment, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The segment's value with what it is a value of; null where it has none, in Oracle too, where a null
    that is joined to a text is nothing."""
    return case((value.is_not(None), Joined(literal_column(f"'{segment.dimension}:'"), value)))


def _normal(period: Any) -> ColumnElement[bool]:
    return func.coalesce(period.c.ADJUSTMENT_PERIOD_FLAG, "N") != "Y"


def _nil(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(amount, 0)


def _exact(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """A sum as it is stored: SQLite has no decimals, and leaves binary noise."""
    return func.round(amount, STORED_DECIMALS)
