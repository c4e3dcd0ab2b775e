"""The tables of Dynamics 365 Finance, filled as the system fills them: record ids by table, empty texts and
1900-01-01 for nothing, headers that know the company and lines that do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from tests.support.scenario.history import (
    CHART,
    CONTROL,
    COST_CENTRES,
    PARTNERS,
    RETAINED,
    SPECIAL_PERIOD,
    Event,
    History,
    Line,
    money,
)
from tests.support.scenario.tables import TableSet, Value

PARTITION: Final = 5637144576
OTHER_PARTITION: Final = 5637144577
NEVER: Final = datetime(1900, 1, 1)

OPENING, OPERATING, CLOSING = 0, 1, 2
BY_HAND: Final = 14
CLOSING_SHEET: Final = 13
TRANSFER: Final = 19
CUSTOMER, VENDOR = 31, 41
PAYMENT = 15
PROFIT_AND_LOSS, REVENUE, EXPENSE, BALANCE, ASSET, LIABILITY, EQUITY, TOTAL = 0, 1, 2, 3, 4, 5, 6, 8

_ID = "RECID bigint, RECVERSION int default 1, PARTITION bigint default 5637144576"
_TRADE = (
    f"{_ID}, DATAAREAID nvarchar(4), ACCOUNTNUM nvarchar(20), TRANSDATE datetime, "
    "DUEDATE datetime default '1900-01-01 00:00:00', DOCUMENTDATE datetime default '1900-01-01 00:00:00', "
    "INVOICE nvarchar(20) default '', VOUCHER nvarchar(20) default '', TRANSTYPE int default 2, "
    "AMOUNTCUR numeric(32,6), AMOUNTMST numeric(32,6), CURRENCYCODE nvarchar(3), EXCHRATE numeric(32,16), "
    "SETTLEAMOUNTCUR numeric(32,6) default 0, SETTLEAMOUNTMST numeric(32,6) default 0, "
    "EXCHADJUSTMENT numeric(32,6) default 0, CLOSED datetime default '1900-01-01 00:00:00', "
    "LASTSETTLEDATE datetime default '1900-01-01 00:00:00', APPROVED int default 1, "
    "POSTINGPROFILE nvarchar(10) default 'GEN', DEFAULTDIMENSION bigint default 0"
)
_SETTLED = (
    f"{_ID}, DATAAREAID nvarchar(4), TRANSRECID bigint, OFFSETRECID bigint default 0, TRANSDATE datetime, "
    "SETTLEAMOUNTCUR numeric(32,6) default 0, SETTLEAMOUNTMST numeric(32,6), "
    "EXCHADJUSTMENT numeric(32,6) default 0, CANBEREVERSED int default 1"
)
_MASTER = f"{_ID}, DATAAREAID nvarchar(4), ACCOUNTNUM nvarchar(20), PARTY bigint, CURRENCY nvarchar(3)"
TABLES: Final = {
    "DIRPARTYTABLE": f"{_ID}, NAME nvarchar(100), DATAAREA nvarchar(4) default '', "
    "PARTYNUMBER nvarchar(40) default '', PRIMARYCONTACTEMAIL bigint default 0",
    "LOGISTICSELECTRONICADDRESS": f"{_ID}, LOCATOR nvarchar(255) default '', TYPE int default 2",
    "LEDGER": f"{_ID}, NAME nvarchar(16), ACCOUNTINGCURRENCY nvarchar(3), REPORTINGCURRENCY nvarchar(3), "
    "CHARTOFACCOUNTS bigint, FISCALCALENDAR bigint, PRIMARYFORLEGALENTITY bigint, "
    "DEFAULTEXCHANGERATETYPE bigint default 1",
    "FISCALCALENDARYEAR": f"{_ID}, FISCALCALENDAR bigint, NAME nvarchar(10), STARTDATE datetime, "
    "ENDDATE datetime",
    "FISCALCALENDARPERIOD": f"{_ID}, CALENDAR bigint, FISCALCALENDARYEAR bigint, NAME nvarchar(60), "
    "STARTDATE datetime, ENDDATE datetime, TYPE int",
    "MAINACCOUNTCATEGORY": f"{_ID}, ACCOUNTCATEGORYREF int, ACCOUNTCATEGORY nvarchar(20), "
    "DESCRIPTION nvarchar(60) default '', CLOSED int default 0",
    "MAINACCOUNT": f"{_ID}, MAINACCOUNTID nvarchar(20), NAME nvarchar(60), TYPE int, "
    "LEDGERCHARTOFACCOUNTS bigint, ACCOUNTCATEGORYREF int default 0, CLOSETYPE int default 0",
    "DIMENSIONATTRIBUTE": f"{_ID}, NAME nvarchar(60), DIMENSIONKEYCOLUMNNAME nvarchar(64) default '', "
    "DIMENSIONVALUECOLUMNNAME nvarchar(64) default ''",
    "DIMENSIONATTRIBUTEVALUE": f"{_ID}, DIMENSIONATTRIBUTE bigint, ENTITYINSTANCE bigint, "
    "DISPLAYVALUE nvarchar(30), ACTIVEFROM datetime default '1900-01-01 00:00:00', "
    "ACTIVETO datetime default '1900-01-01 00:00:00'",
    "DIMENSIONFINANCIALTAG": f"{_ID}, VALUE nvarchar(30), DESCRIPTION nvarchar(60)",
    "DIMENSIONATTRIBUTEVALUECOMBINATION": f"{_ID}, DISPLAYVALUE nvarchar(500), MAINACCOUNT bigint, "
    "MAINACCOUNTVALUE nvarchar(20), LEDGERDIMENSIONTYPE int default 0, "
    "SYSTEMGENERATEDATTRIBUTEVENDOR bigint, SYSTEMGENERATEDATTRIBUTEVENDORVALUE nvarchar(30), "
    "COSTCENTER bigint, COSTCENTERVALUE nvarchar(30) default '', "
    "D2_REGION bigint, D2_REGIONVALUE nvarchar(30) default ''",
    "DIMENSIONATTRIBUTEVALUEGROUPCOMBINATION": f"{_ID}, DIMENSIONATTRIBUTEVALUECOMBINATION bigint, "
    "DIMENSIONATTRIBUTEVALUEGROUP bigint, ORDINAL int default 1",
    "DIMENSIONATTRIBUTELEVELVALUE": f"{_ID}, DIMENSIONATTRIBUTEVALUEGROUP bigint, "
    "DIMENSIONATTRIBUTEVALUE bigint, DISPLAYVALUE nvarchar(30), ORDINAL int default 1",
    "GENERALJOURNALENTRY": f"{_ID}, ACCOUNTINGDATE datetime, DOCUMENTDATE datetime, "
    "DOCUMENTNUMBER nvarchar(20) default '', JOURNALNUMBER nvarchar(20), JOURNALCATEGORY int default 0, "
    "LEDGER bigint, POSTINGLAYER int default 0, FISCALCALENDARPERIOD bigint, FISCALCALENDARYEAR bigint, "
    "SUBLEDGERVOUCHER nvarchar(20) default '', SUBLEDGERVOUCHERDATAAREAID nvarchar(4)",
    "GENERALJOURNALACCOUNTENTRY": f"{_ID}, GENERALJOURNALENTRY bigint, LEDGERDIMENSION bigint, "
    "MAINACCOUNT bigint default 0, LEDGERACCOUNT nvarchar(500) default '', "
    "ACCOUNTINGCURRENCYAMOUNT numeric(32,6), REPORTINGCURRENCYAMOUNT numeric(32,6) default 0, "
    "TRANSACTIONCURRENCYAMOUNT numeric(32,6), TRANSACTIONCURRENCYCODE nvarchar(3), ISCREDIT int, "
    "ISCORRECTION int default 0, POSTINGTYPE int default 14, TEXT nvarchar(60) default ''",
    "CUSTTABLE": _MASTER,
    "VENDTABLE": _MASTER,
    "CUSTTRANS": _TRADE,
    "VENDTRANS": _TRADE,
    "CUSTSETTLEMENT": _SETTLED,
    "VENDSETTLEMENT": _SETTLED,
    "EXCHANGERATE": f"{_ID}, EXCHANGERATECURRENCYPAIR bigint, EXCHANGERATE numeric(32,16), "
    "VALIDFROM datetime, VALIDTO datetime",
    "EXCHANGERATECURRENCYPAIR": f"{_ID}, EXCHANGERATETYPE bigint, FROMCURRENCYCODE nvarchar(3), "
    "TOCURRENCYCODE nvarchar(3), EXCHANGERATEDISPLAYFACTOR int default 1",
}
CATEGORIES: Final = (
    *("CASH", "AR", "INV", "PREPAIDEXP", "OTHERCA", "PPE", "ACCUDEP", "OTHERASSET", "AP", "NOTESPAY"),
    *("OTHERCURLIA", "LONGTERMDEBT", "COMMONSTOCK", "RETEARN", "SALES", "OTHERINC", "COGS", "SALARYEXP"),
    *("ADMINEXP", "DEPREXP", "INTEXP", "INCTAXEXP", "TAXEXP"),
)
COST_CENTRE, REGION = "CostCenter", "D2_Region"
_COLUMNS: Final = {COST_CENTRE: "COSTCENTER", REGION: "D2_REGION"}


def at(day: date) -> datetime:
    """A day as the database has it."""
    return datetime.combine(day, time())


@dataclass(frozen=True)
class Posting:
    """A line of a voucher: account, signed amount, and what is out of the ordinary about it."""

    account: str
    amount: Decimal
    text: str = ""
    posting: int = BY_HAND
    currency: str | None = None
    foreign: Decimal | None = None
    storno: bool = False
    dimensions: Mapping[str, str] = field(default_factory=dict)


def posting(account: str, amount: str, **more: object) -> Posting:
    """Short for tests."""
    return Posting(account, Decimal(amount), **more)  # type: ignore[arg-type]


class Books:
    """Tables being filled. Accounts go by their codes, legal entities by their data areas."""

    def __init__(self) -> None:
        self.tables = TableSet()
        self.flag = TRANSFER
        """Posting type of what closes a year."""
        for name, columns in TABLES.items():
            self.tables.table(name, columns)
        self._last: dict[str, int] = defaultdict(lambda: 1000)
        self._ledgers: dict[str, tuple[int, int, str]] = {}
        self._accounts: dict[tuple[str, str], int] = {}
        self._types: dict[str, int] = {}
        self._combinations: dict[tuple[object, ...], int] = {}
        self._values: dict[tuple[str, str], int] = {}
        self._attributes: dict[str, int] = {}
        self._periods: list[tuple[int, int, date, date, int, int]] = []
        self._charts: dict[str, str] = {}
        self._posted: list[tuple[str, date, int, Sequence[Posting]]] = []
        for number, code in enumerate(CATEGORIES, 1):
            self.add("MAINACCOUNTCATEGORY", ACCOUNTCATEGORYREF=number, ACCOUNTCATEGORY=code)
        self.add("DIMENSIONATTRIBUTE", NAME="MainAccount", DIMENSIONVALUECOLUMNNAME="MAINACCOUNTVALUE")
        self.add("DIMENSIONATTRIBUTE", NAME="SystemGeneratedAttributeVendor")
        for name, column in _COLUMNS.items():
            self._attributes[name] = self.add(
                "DIMENSIONATTRIBUTE", NAME=name, DIMENSIONKEYCOLUMNNAME=column,
                DIMENSIONVALUECOLUMNNAME=f"{column}VALUE",
            )  # fmt: skip

    def add(self, table: str, **values: Value) -> int:
        """A row; its record id, which is no other's of the same table."""
        self._last[table] += 1
        self.tables.add(table, RECID=self._last[table], **values)
        return self._last[table]

    # --- set-up ---

    def calendar(self, years: Iterable[tuple[str, date, date]], months: int = 12) -> int:
        """Fiscal years, each of an opening period, ``months`` operating ones and a closing one."""
        self._last["FISCALCALENDAR"] += 1
        calendar = self._last["FISCALCALENDAR"]
        for name, start, end in years:
            year = self.add(
                "FISCALCALENDARYEAR", FISCALCALENDAR=calendar, NAME=name, STARTDATE=at(start), ENDDATE=at(end)
            )
            self.period(calendar, year, "Opening", start, start, OPENING)
            first = start
            for number in range(1, months + 1):
                last = end if number == months else _next_month(first) - timedelta(1)
                self.period(calendar, year, f"Period {number}", first, last, OPERATING)
                first = last + timedelta(1)
            self.period(calendar, year, "Closing", end, end, CLOSING)
        return calendar

    def period(self, calendar: int, year: int, name: str, start: date, end: date, kind: int) -> int:
        """A fiscal period."""
        id_ = self.add(
            "FISCALCALENDARPERIOD", CALENDAR=calendar, FISCALCALENDARYEAR=year, NAME=name,
            STARTDATE=at(start), ENDDATE=at(end), TYPE=kind,
        )  # fmt: skip
        self._periods.append((id_, calendar, start, end, kind, year))
        return id_

    def legal_entity(self, area: str, name: str, currency: str, calendar: int, chart: str) -> int:
        """A company with its ledger; its party."""
        party = self.add("DIRPARTYTABLE", NAME=name, DATAAREA=area)
        ledger = self.add(
            "LEDGER", NAME=area, ACCOUNTINGCURRENCY=currency, REPORTINGCURRENCY="USD",
            CHARTOFACCOUNTS=_number(chart), FISCALCALENDAR=calendar, PRIMARYFORLEGALENTITY=party,
        )  # fmt: skip
        self._ledgers[area] = (ledger, calendar, currency)
        self._charts[area] = chart
        return party

    def account(self, chart: str, code: str, name: str, kind: int, category: str = "") -> int:
        """A main account."""
        self._accounts[chart, code] = self.add(
            "MAINACCOUNT", MAINACCOUNTID=code, NAME=name, TYPE=kind, LEDGERCHARTOFACCOUNTS=_number(chart),
            ACCOUNTCATEGORYREF=CATEGORIES.index(category) + 1 if category else 0,
        )  # fmt: skip
        self._types[code] = kind
        return self._accounts[chart, code]

    def account_id(self, area: str, code: str) -> int:
        """The record of a company's account."""
        return self._accounts[self._charts[area], code]

    def value(self, dimension: str, code: str, name: str = "", **more: Value) -> int:
        """A value of a dimension, with a name where it is one of a list of the users' own."""
        if (dimension, code) not in self._values:
            entity = self.add("DIMENSIONFINANCIALTAG", VALUE=code, DESCRIPTION=name) if name else 1
            self._values[dimension, code] = self.add(
                "DIMENSIONATTRIBUTEVALUE", DIMENSIONATTRIBUTE=self._attributes[dimension],
                ENTITYINSTANCE=entity, DISPLAYVALUE=code, **more,
            )  # fmt: skip
        return self._values[dimension, code]

    def combination(self, area: str, code: str, dimensions: Mapping[str, str]) -> int:
        """The ledger account of a main account and dimensions, in columns and in the tables under them."""
        key = (self._charts[area], code, *sorted(dimensions.items()))
        if key not in self._combinations:
            columns = {f"{_COLUMNS[name]}VALUE": value for name, value in dimensions.items()}
            id_ = self.add(
                "DIMENSIONATTRIBUTEVALUECOMBINATION", MAINACCOUNT=self.account_id(area, code),
                DISPLAYVALUE="-".join([code, *dimensions.values()]), MAINACCOUNTVALUE=code, **columns,
            )  # fmt: skip
            self._combinations[key] = id_
            for name, value in dimensions.items():  # as if every dimension came by a structure of its own
                self._last["DIMENSIONATTRIBUTEVALUEGROUP"] += 1
                group = self._last["DIMENSIONATTRIBUTEVALUEGROUP"]
                self.add(
                    "DIMENSIONATTRIBUTEVALUEGROUPCOMBINATION", DIMENSIONATTRIBUTEVALUECOMBINATION=id_,
                    DIMENSIONATTRIBUTEVALUEGROUP=group,
                )  # fmt: skip
                self.add(
                    "DIMENSIONATTRIBUTELEVELVALUE", DIMENSIONATTRIBUTEVALUEGROUP=group,
                    DIMENSIONATTRIBUTEVALUE=self.value(name, value), DISPLAYVALUE=value,
                )  # fmt: skip
        return self._combinations[key]

    # --- what is posted ---

    def voucher(
        self, area: str, number: str, day: date, *lines: Posting, kind: int = OPERATING, layer: int = 0
    ) -> int:
        """A posted voucher: its header's record."""
        ledger, calendar, currency = self._ledgers[area]
        period, year = next(
            (id_, year)
            for id_, of, start, end, type_, year in self._periods
            if (of, type_) == (calendar, kind) and start <= day <= end
        )
        entry = self.add(
            "GENERALJOURNALENTRY", ACCOUNTINGDATE=at(day), DOCUMENTDATE=at(day), LEDGER=ledger,
            JOURNALNUMBER=f"J{len(self._posted):06d}", POSTINGLAYER=layer, FISCALCALENDARPERIOD=period,
            FISCALCALENDARYEAR=year, SUBLEDGERVOUCHER=number, SUBLEDGERVOUCHERDATAAREAID=area,
        )  # fmt: skip
        for line in lines:
            foreign = line.amount if line.foreign is None else line.foreign
            self.add(
                "GENERALJOURNALACCOUNTENTRY", GENERALJOURNALENTRY=entry,
                LEDGERDIMENSION=self.combination(area, line.account, line.dimensions),
                ACCOUNTINGCURRENCYAMOUNT=line.amount, TRANSACTIONCURRENCYAMOUNT=foreign,
                TRANSACTIONCURRENCYCODE=line.currency or currency,
                ISCREDIT=int((line.amount < 0) != line.storno), ISCORRECTION=int(line.storno),
                POSTINGTYPE=line.posting, TEXT=line.text,
            )  # fmt: skip
        if layer == 0:
            self._posted.append((area, day, kind, lines))
        return entry

    def close_year(
        self, area: str, start: date, end: date, closing: str, retained: str, number: str = "YEC"
    ) -> None:
        """What closing a year writes: an opening voucher with all balances, before it a closing voucher of
        ``all`` accounts or of the ``result``; ``none`` for the former alone."""
        balances: dict[str, Decimal] = defaultdict(Decimal)
        for of, day, _, lines in self._posted:
            for line in lines if of == area and start <= day <= end else ():
                balances[line.account] += line.amount
        result = {code: by for code, by in balances.items() if by and self._types[code] in (0, 1, 2)}
        rest = {code: by for code, by in balances.items() if by and code not in result}
        moved = sum(result.values(), Decimal(0))
        closed = {"none": {}, "all": {**result, **rest}, "result": {**result, retained: -moved}}[closing]
        if closed:
            self._transfer(area, number, end, {code: -by for code, by in closed.items()}, CLOSING)
        rest[retained] = rest.get(retained, Decimal(0)) + moved
        self._transfer(area, number, end + timedelta(1), rest, OPENING)

    def _transfer(self, area: str, number: str, day: date, amounts: Mapping[str, Decimal], kind: int) -> None:
        lines = [Posting(code, by, posting=self.flag) for code, by in amounts.items() if by]
        self.voucher(area, number, day, *lines, kind=kind)

    # --- customers and vendors ---

    def trader(self, area: str, side: str, number: str, name: str, party: int | None = None) -> None:
        """A customer (``CUST``) or vendor (``VEND``)."""
        party = party or self.add("DIRPARTYTABLE", NAME=name)
        self.add(f"{side}TABLE", DATAAREAID=area, ACCOUNTNUM=number, PARTY=party)

    def transaction(
        self, area: str, side: str, number: str, day: date, amount: Decimal, **more: Value
    ) -> int:
        """A transaction of one: its record."""
        _, _, currency = self._ledgers[area]
        values: dict[str, Value] = {
            "AMOUNTCUR": amount,
            "AMOUNTMST": amount,
            "CURRENCYCODE": currency,
            "EXCHRATE": Decimal(100),
            **more,
        }
        return self.add(f"{side}TRANS", DATAAREAID=area, ACCOUNTNUM=number, TRANSDATE=at(day), **values)

    def settle(
        self, area: str, side: str, of: int, by: int, day: date, amount: Decimal,
        adjusted: Decimal = Decimal(0),
    ) -> None:  # fmt: skip
        """So much of one transaction, valued on the day, was settled by another: a row for each of them."""
        for own, other, worth, off in ((of, by, amount, adjusted), (by, of, -amount, Decimal(0))):
            self.add(
                f"{side}SETTLEMENT", DATAAREAID=area, TRANSRECID=own, OFFSETRECID=other, TRANSDATE=at(day),
                SETTLEAMOUNTCUR=worth, SETTLEAMOUNTMST=worth, EXCHADJUSTMENT=off,
            )  # fmt: skip

    def rate(self, source: str, target: str, day: date, per_hundred: Decimal, kind: int = 1) -> None:
        """From ``day`` on 100 of ``source`` are worth so many of ``target``."""
        pair = self.add(
            "EXCHANGERATECURRENCYPAIR", EXCHANGERATETYPE=kind, FROMCURRENCYCODE=source, TOCURRENCYCODE=target
        )
        self.add(
            "EXCHANGERATE", EXCHANGERATECURRENCYPAIR=pair, EXCHANGERATE=per_hundred, VALIDFROM=at(day),
            VALIDTO=datetime(2154, 12, 31),
        )  # fmt: skip

    # --- shapes of copies ---

    def other_partition(self) -> None:
        """Everything once more in another partition, under the same record ids, with other amounts."""
        for name in self.tables.names():
            for row in list(self.tables.rows(name)):
                amounts = {
                    key: value * 3 for key, value in row.items() if isinstance(value, Decimal)
                }  # what is left balances all the same
                self.tables.add(name, **{**row, **amounts, "PARTITION": OTHER_PARTITION})

    def without_partition(self) -> None:
        """As exports and links have it."""
        for name in self.tables.names():
            self.tables.drop(name, "PARTITION")

    def without_dimension_columns(self) -> None:
        """Combinations as they were before the system generated columns for them."""
        for column in _COLUMNS.values():
            self.tables.drop("DIMENSIONATTRIBUTEVALUECOMBINATION", column, f"{column}VALUE")


def _next_month(day: date) -> date:
    later = day.replace(day=1) + timedelta(32)
    return later.replace(day=min(day.day, 28))


def _number(chart: str) -> int:
    return 7000 + sum(chart.encode())


# --- the history ---

COMPANY: Final = "HANS"
SETTINGS: Final = {"partition": str(PARTITION)}
MAPPING: Final = {
    "3000": "other_non_current_liabilities",
    "3400": "credit_cards",
    "7000": "interest_income",
}
"""What neither categories nor types say."""

_SORTS: Final = {
    "fixed_assets": (ASSET, "PPE"),
    "other_non_current_assets": (ASSET, "OTHERASSET"),
    "cash": (ASSET, "CASH"),
    "inventory": (ASSET, "INV"),
    "receivables": (ASSET, "AR"),
    "other_current_assets": (ASSET, "OTHERCA"),
    "prepayments": (ASSET, "PREPAIDEXP"),
    "equity": (EQUITY, ""),
    "retained_earnings": (BALANCE, "RETEARN"),
    "other_non_current_liabilities": (LIABILITY, ""),
    "long_term_debt": (LIABILITY, "LONGTERMDEBT"),
    "short_term_debt": (LIABILITY, "NOTESPAY"),
    "payables": (LIABILITY, "AP"),
    "credit_cards": (LIABILITY, ""),
    "other_current_liabilities": (LIABILITY, "OTHERCURLIA"),
    "revenue": (REVENUE, ""),
    "other_income": (PROFIT_AND_LOSS, "OTHERINC"),
    "cost_of_sales": (PROFIT_AND_LOSS, "COGS"),
    "operating_expenses": (EXPENSE, ""),
    "depreciation": (EXPENSE, "DEPREXP"),
    "interest_income": (REVENUE, ""),
    "interest_expense": (EXPENSE, "INTEXP"),
    "income_tax": (EXPENSE, "INCTAXEXP"),
}
_SIDE: Final = {"receivable": "CUST", "payable": "VEND"}
_ROLE: Final = {"customer": "CUST", "supplier": "VEND"}


def write(
    history: History, closing: str = "all", dimensions: str = "columns", partition: bool = True
) -> TableSet:
    """The history's books. Years are closed by vouchers of ``all`` accounts, of the ``result``, or by opening
    vouchers alone (``none``). ``dimensions`` are in ``columns`` of their own or in ``tables``; without
    ``partition`` the copy has not kept that column."""
    books = Books()
    _set_up(books, history)
    records: dict[str, int] = {}
    for event in history.events:
        _post(books, history, event, records)
    for year in history.years[:-1]:
        books.close_year(COMPANY, year.start, year.end, closing, RETAINED, f"YEC{year.name}")
    _add_strangers(books, history)
    if partition:
        books.other_partition()
    else:
        books.without_partition()
    if dimensions == "tables":
        books.without_dimension_columns()
    return books.tables


def _set_up(books: Books, history: History) -> None:
    calendar = books.calendar([(f"FY {year.name}", year.start, year.end) for year in history.years])
    for area, name in ((COMPANY, history.name), ("OTHR", "Other Ltd")):
        books.legal_entity(area, name, history.currency, calendar, "Shared")
    for account in CHART:
        books.account("Shared", account.code, account.name, *_SORTS[account.statement_class])
    books.account("Shared", "9999", "All assets", TOTAL)
    for code, name in COST_CENTRES.items():
        books.value(COST_CENTRE, code, name)
    for partner in PARTNERS:
        books.trader(COMPANY, _ROLE[partner.role], partner.key, partner.name)
    for rate in history.rates:
        books.rate(rate.currency, history.currency, rate.day, rate.per_unit * 100)
        books.rate(rate.currency, history.currency, rate.day, rate.per_unit * 70, kind=2)


def _post(books: Books, history: History, event: Event, records: dict[str, int]) -> None:
    """An event as a voucher; a payment in a foreign currency has a second one for the exchange difference."""
    kind = CLOSING if event.period == SPECIAL_PERIOD else OPERATING
    lines, difference = list(event.split()), Decimal(0)
    if event.currency != history.currency and event.settles:
        lines, difference = _without_difference(lines)
        adjusting = [line for line in event.lines if line.account not in (*CONTROL, "1000")]
        if adjusting and event.control:
            parts = [_posting(line, event, history) for line in adjusting]
            parts.append(Posting(event.control.account, difference, posting=_balance(event)))
            books.voucher(COMPANY, f"{event.document}-X", event.day, *parts)
    books.voucher(
        COMPANY, event.document, event.day, *[_posting(line, event, history) for line in lines], kind=kind
    )
    if event.control:
        _trade(books, history, event, records, difference)


def _without_difference(lines: list[Line]) -> tuple[list[Line], Decimal]:
    """Money and the control account at the day's rate; what that is more than what was booked."""
    paid = next(line for line in lines if line.account == "1000")
    control = next(line for line in lines if line.account in CONTROL)
    whole = Line(control.account, -paid.cents, -paid.document_amount)
    return [paid, whole], money(control.cents + paid.cents)


def _posting(line: Line, event: Event, history: History) -> Posting:
    foreign = event.currency != history.currency
    kind = _balance(event) if line.account in CONTROL else CLOSING_SHEET if event.period else BY_HAND
    return Posting(
        line.account,
        line.amount,
        text=event.text,
        posting=kind,
        currency=event.currency if foreign else None,
        foreign=line.document_amount if foreign else None,
        storno=event.kind == "credit note",
        dimensions={COST_CENTRE: line.centres[0][0]} if line.centres else {},
    )


def _balance(event: Event) -> int:
    return CUSTOMER if event.side == "receivable" else VENDOR


def _trade(
    books: Books, history: History, event: Event, records: dict[str, int], difference: Decimal
) -> None:
    assert event.control and event.partner and event.side and event.due
    side = _SIDE[event.side]
    invoice = {"INVOICE": event.document} if not event.settles else {}
    kind = {"TRANSTYPE": PAYMENT} if event.kind in ("receipt", "payment") else {}
    records[event.document] = books.transaction(
        COMPANY, side, event.partner.key, event.day, event.control.amount - difference,
        VOUCHER=event.document, DUEDATE=at(event.due), CURRENCYCODE=event.currency, **invoice, **kind,
    )  # fmt: skip
    for settled in event.settles:
        of = history.event(settled.document)
        assert of.control
        sign = 1 if of.control.cents > 0 else -1
        worth = money(sign * settled.cents) + difference
        books.settle(
            COMPANY, side, records[settled.document], records[event.document], event.day, worth, difference
        )


def _add_strangers(books: Books, history: History) -> None:
    """What must not count: another company with the same numbers, other layers, what is not approved."""
    day = history.years[1].start + timedelta(20)
    strange = (Posting("6600", Decimal("13.13")), Posting("1000", Decimal("-13.13")))
    for event in history.events[:30]:
        books.voucher("OTHR", event.document, event.day, *strange)
    for layer in (1, 2):
        books.voucher(COMPANY, f"LAYER{layer}", day, *strange, layer=layer)
    books.transaction(COMPANY, "VEND", "S01", day, Decimal("-777.00"), VOUCHER="NOT-YET", APPROVED=0)
    books.transaction("OTHR", "CUST", "C01", day, Decimal("888.00"), VOUCHER="SI-00001")
