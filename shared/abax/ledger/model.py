"""The canonical double-entry model: what every ERP's books become, and what every report is built from.

Amounts are signed, debit positive, in the company's functional currency unless a name says otherwise.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from abax.dates import Calendar, FiscalCalendar, ListedCalendar, ListedYear
from abax.money import STORED_TYPE


class Side(StrEnum):
    """Where an account shows: which half of the balance sheet, the income statement, or nowhere."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    RESULT = "result"
    OFF_BALANCE = "off_balance"


class StatementClass(StrEnum):
    """What an account is for the statements. Every source account is mapped to one, never guessed."""

    CASH = "cash"
    RECEIVABLES = "receivables"
    INVENTORY = "inventory"
    PREPAYMENTS = "prepayments"
    OTHER_CURRENT_ASSETS = "other_current_assets"
    FIXED_ASSETS = "fixed_assets"
    OTHER_NON_CURRENT_ASSETS = "other_non_current_assets"
    PAYABLES = "payables"
    CREDIT_CARDS = "credit_cards"
    SHORT_TERM_DEBT = "short_term_debt"
    OTHER_CURRENT_LIABILITIES = "other_current_liabilities"
    LONG_TERM_DEBT = "long_term_debt"
    OTHER_NON_CURRENT_LIABILITIES = "other_non_current_liabilities"
    EQUITY = "equity"
    RETAINED_EARNINGS = "retained_earnings"
    TRANSLATION_RESERVE = "translation_reserve"
    NON_CONTROLLING_INTEREST = "non_controlling_interest"
    REVENUE = "revenue"
    OTHER_INCOME = "other_income"
    COST_OF_SALES = "cost_of_sales"
    OPERATING_EXPENSES = "operating_expenses"
    DEPRECIATION = "depreciation"
    INTEREST_INCOME = "interest_income"
    INTEREST_EXPENSE = "interest_expense"
    INCOME_TAX = "income_tax"
    OFF_BALANCE = "off_balance"

    @property
    def side(self) -> Side:
        """The statement, or half of it, where the class belongs."""
        return _SIDES[self]


_C: Final = StatementClass
_OF_SIDE: Final[dict[Side, tuple[StatementClass, ...]]] = {
    Side.ASSET: (
        *(_C.CASH, _C.RECEIVABLES, _C.INVENTORY, _C.PREPAYMENTS, _C.OTHER_CURRENT_ASSETS),
        *(_C.FIXED_ASSETS, _C.OTHER_NON_CURRENT_ASSETS),
    ),
    Side.LIABILITY: (
        *(_C.PAYABLES, _C.CREDIT_CARDS, _C.SHORT_TERM_DEBT, _C.OTHER_CURRENT_LIABILITIES),
        *(_C.LONG_TERM_DEBT, _C.OTHER_NON_CURRENT_LIABILITIES),
    ),
    Side.EQUITY: (_C.EQUITY, _C.RETAINED_EARNINGS, _C.TRANSLATION_RESERVE, _C.NON_CONTROLLING_INTEREST),
    Side.RESULT: (
        *(_C.REVENUE, _C.OTHER_INCOME, _C.COST_OF_SALES, _C.OPERATING_EXPENSES, _C.DEPRECIATION),
        *(_C.INTEREST_INCOME, _C.INTEREST_EXPENSE, _C.INCOME_TAX),
    ),
    Side.OFF_BALANCE: (_C.OFF_BALANCE,),
}
_SIDES: Final = {own: side for side, classes in _OF_SIDE.items() for own in classes}

TABLES: Final[dict[str, dict[str, str]]] = {
    "accounts": {
        "account_id": "VARCHAR",
        "code": "VARCHAR",
        "name": "VARCHAR",
        "source_type": "VARCHAR",
        "statement_class": "VARCHAR",  # null where neither the source's type nor the mapping gives one
    },
    "partners": {
        "partner_id": "VARCHAR",
        "name": "VARCHAR",
        "group_company": "VARCHAR",  # company_id of the company of the group that the partner is
    },
    "addresses": {
        # Whom mail comes from: of the partners' records and of their contacts, as the source has them.
        "partner_id": "VARCHAR",
        "email": "VARCHAR",
    },
    "fx_rates": {
        "currency": "VARCHAR",
        "rate_date": "DATE",
        "rate": "DECIMAL(38,12)",  # functional units for one foreign unit
    },
    "dimensions": {
        # What the values in journal_lines.dimensions are called: several rows where a name is valid by date.
        "value_id": "VARCHAR",
        "dimension": "VARCHAR",
        "code": "VARCHAR",
        "name": "VARCHAR",
        "parent_id": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
    },
    "balances": {
        # The source's own totals: an oracle for the journal lines, never input to a report.
        "account_id": "VARCHAR",
        "fiscal_year": "SMALLINT",
        "opening": STORED_TYPE,  # at the year's beginning; null where the source has none
        "amount": STORED_TYPE,  # moved in the year, debit positive, what was carried forward not in it
    },
    "journal_lines": {
        "line_id": "VARCHAR",  # the source's key of the line
        "entry_id": "VARCHAR",  # the source's key of the journal entry
        "entry_name": "VARCHAR",  # its number, as people quote it
        "journal": "VARCHAR",
        "account_id": "VARCHAR",
        "partner_id": "VARCHAR",
        "posting_date": "DATE",
        "due_date": "DATE",
        "fiscal_year": "SMALLINT",
        "fiscal_month": "UTINYINT",  # 1 to 12
        "amount": STORED_TYPE,  # debit - credit
        "debit": STORED_TYPE,
        "credit": STORED_TYPE,
        "document_currency": "VARCHAR",
        "document_amount": STORED_TYPE,  # signed like amount
        "label": "VARCHAR",
        "dimensions": "VARCHAR",  # JSON object: dimension value id to share in percent; null for none
        "is_opening": "BOOLEAN",
        "is_closing": "BOOLEAN",
    },
    "settlements": {
        # One row per matching of a debit with a credit line; amount is positive, functional currency.
        "debit_line_id": "VARCHAR",
        "credit_line_id": "VARCHAR",
        "settled_on": "DATE",
        "amount": STORED_TYPE,
        "is_payment": "BOOLEAN",  # whether either line is of a payment; null where the source does not tell
    },
    "items": {
        # Receivables and payables as a subledger of its own keeps them.
        "item_id": "VARCHAR",
        "document": "VARCHAR",  # its number, as people quote it
        "account_id": "VARCHAR",
        "partner_id": "VARCHAR",
        "posting_date": "DATE",
        "due_date": "DATE",
        "amount": STORED_TYPE,
        "reference": "VARCHAR",  # the partner's own number of it; null where that is document, or not told
    },
    "item_settlements": {
        # What takes something off an item: amount is signed like the item's.
        "item_id": "VARCHAR",
        "settled_on": "DATE",
        "amount": STORED_TYPE,
        "is_payment": "BOOLEAN",  # null where the source does not tell
    },
    "entry_references": {
        # Suppliers' own numbers of their bills, of sources without a subledger.
        "entry_id": "VARCHAR",
        "posting_date": "DATE",
        "reference": "VARCHAR",
    },
}
"""Parquet tables and their DuckDB column types. Where the source keeps no subledger apart from its journal,
open items are receivable and payable journal lines less their settlements up to the day asked for."""

MASTER_TABLES: Final = ("accounts", "partners", "fx_rates")
FURTHER_MASTER_TABLES: Final = ("addresses", "dimensions", "balances")
"""Of sources that keep them."""
YEAR_TABLES: Final = ("journal_lines", "settlements")
ITEM_TABLES: Final = ("items", "item_settlements")
"""Further year tables, of sources with a subledger."""
FURTHER_YEAR_TABLES: Final = (*ITEM_TABLES, "entry_references")
"""Of sources that keep them."""


class Frozen(BaseModel):
    """Base of everything that is stored as JSON: immutable, decimals as strings."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class FiscalPeriod(Frozen):
    """A fiscal month as the source lists it, in the year that the source books it in."""

    year: int
    start: date
    end: date


class Company(Frozen):
    """A legal entity that keeps books."""

    company_id: str
    name: str
    currency: str
    """Functional currency, ISO 4217."""
    fiscal_year_end_month: int = 12
    fiscal_year_end_day: int = 31
    periods: tuple[FiscalPeriod, ...] = ()
    """Ascending and without gaps, where fiscal years are not all of twelve months that end on that day."""

    @property
    def calendar(self) -> Calendar:
        """The company's fiscal calendar."""
        rule = FiscalCalendar(self.fiscal_year_end_month, self.fiscal_year_end_day)
        if not self.periods:
            return rule
        years = [list(months) for _, months in groupby(self.periods, lambda period: period.year)]
        return ListedCalendar(
            tuple(ListedYear(of[0].year, of[0].start, tuple(month.end for month in of)) for of in years), rule
        )


def part_name(year: int, period: int | None) -> str:
    """What a fiscal year, or one fiscal month of it, is called in object keys and messages."""
    return str(year) if period is None else f"{year}-{period:02d}"


class YearPartition(Frozen):
    """One fiscal year of one company as it was extracted, or one fiscal month of a large year."""

    year: int
    period: int | None = None
    """The fiscal month; a year is split into its months or lies in one part."""
    watermark: str
    """Changes whenever the source's lines or settlements of that year do."""
    lines: int
    keys: dict[str, str]
    """Year table to object key."""


class LedgerManifest(Frozen):
    """Everything needed to open a ledger: the company, and where its tables lie."""

    erp: str
    erp_version: str
    source_id: str
    """Names the database without its credentials."""
    company: Company
    master: dict[str, str]
    """Master table to object key."""
    years: list[YearPartition]
    """Ascending; every year with postings up to the newest that the close looks at, whole or by month."""
    closing: int | None = None
    """The fiscal year being closed; the newest one when left open."""
    later_years: bool = False
    """Whether the source holds postings in fiscal years after those here."""
    mapping: dict[str, str] = Field(default_factory=dict)
    """Account code to statement class: the user's word over the source's type."""
    settings: dict[str, str] = Field(default_factory=dict)
    """What was chosen of the source, such as a client or a ledger."""
    accept_unbalanced: tuple[str, ...] = ()
    """Numbers of journal entries that are taken as they are although they do not balance; ``*`` for any."""

    @property
    def closed_year(self) -> int:
        """The fiscal year that the close is for."""
        return self.years[-1].year if self.closing is None else self.closing


class Account(Frozen):
    """An account of the chart."""

    account_id: str
    code: str
    name: str
    statement_class: StatementClass


class LineKind(StrEnum):
    """How a statement line comes about."""

    FIGURE = "figure"
    """A sum of journal lines."""
    SUBTOTAL = "subtotal"
    """A sum of figures above it."""
    TOTAL = "total"
    """A sum that closes a section."""


class StatementLine(Frozen):
    """One row of a statement: ``values`` runs parallel to the statement's ``periods``."""

    line: str
    """Its name on command lines and links, such as ``gross_profit``."""
    label: str
    kind: LineKind
    level: int = 0
    """Indentation."""
    values: list[Decimal]


class Column(Frozen):
    """A period as a statement shows it."""

    label: str
    start: date
    end: date
    fiscal_year: int


class Statement(Frozen):
    """A statement cut by month, quarter or year. Flows are signed so that every line adds up (costs are
    negative); balance-sheet figures are positive on their own side."""

    report: str
    """``income_statement``, ``balance_sheet`` or ``cash_flow``."""
    title: str
    granularity: str
    currency: str
    periods: list[Column]
    lines: list[StatementLine]

    def row(self, line: str) -> StatementLine:
        """The line of that name. Raises KeyError."""
        return next_or_raise(self.lines, line)

    def value(self, line: str, period: str) -> Decimal:
        """One figure. Raises KeyError for a line or period that is not there."""
        labels = [column.label for column in self.periods]
        if period not in labels:
            raise KeyError(period)
        return self.row(line).values[labels.index(period)]


def next_or_raise(lines: list[StatementLine], line: str) -> StatementLine:
    """The line of that name. Raises KeyError."""
    for row in lines:
        if row.line == line:
            return row
    raise KeyError(line)


class TrialBalanceRow(Frozen):
    """One account over one fiscal year. ``closing = opening + debit - credit``."""

    account_id: str
    code: str
    name: str
    statement_class: StatementClass
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


class TrialBalance(Frozen):
    """All accounts that moved or carry a balance. Results of earlier years stand in the opening balance of
    the chart's account of class ``retained_earnings`` where it has exactly one, else in a row of ours with
    the code ``retained_earnings``. Off-balance accounts are left out."""

    year: int
    start: date
    end: date
    rows: list[TrialBalanceRow]


AGING_BUCKETS: Final = ("not due", "1–30", "31–60", "61–90", "91–120", "over 120")


class OpenItem(Frozen):
    """An unsettled, or partly settled, receivable or payable on a given day. Debit positive."""

    line_id: str
    entry_name: str
    account_code: str
    partner: str
    posting_date: date
    due_date: date | None
    """None where the source gives none: such an item is not due."""
    bucket: int
    """Place in AGING_BUCKETS."""
    residual: Decimal


class AgedPartner(Frozen):
    """A partner's open items by days overdue; ``buckets`` runs parallel to AGING_BUCKETS."""

    partner: str
    buckets: list[Decimal]
    total: Decimal


class AgedReport(Frozen):
    """Aged receivables or payables on a day."""

    report: str
    """``aged_receivables`` or ``aged_payables``."""
    as_of: date
    partners: list[AgedPartner]
    buckets: list[Decimal]
    total: Decimal
    items: list[OpenItem]


class Payment(Frozen):
    """What was paid of an item on a day, as the source books it."""

    paid_on: date
    amount: Decimal
    """Positive: what it took off the item, with a discount that was taken along with it."""


class PartnerItem(Frozen):
    """What somebody may ask after: a receivable or payable that is open, or was settled of late."""

    number: str
    """As people quote it."""
    reference: str = ""
    """What its partner calls it, where that is another number; empty where the source does not tell."""
    partner: str
    side: str
    """``receivable`` or ``payable``."""
    posting_date: date
    due_date: date | None
    gross: Decimal
    """What it came to. Debit positive, as the residual."""
    residual: Decimal
    """Nil where it is settled."""
    settled_on: date | None
    """The last day on which anything was taken off it."""
    payments: list[Payment] = Field(default_factory=list)
    """By day, all that were made of it; none where the source does not say which of what settled it were
    payments, or where one was taken back."""


class PartnerAddress(Frozen):
    """An e-mail address that the source has of a partner, in small letters."""

    partner: str
    address: str


class PartnerAccounts(Frozen):
    """What those who write may be told of their accounts: the content of ``partners.json``. As names and
    addresses of people are in it, it is no result that is handed out."""

    company: str
    currency: str
    """Of all amounts."""
    as_of: date
    since: date
    """Items that were settled before are left out."""
    items: list[PartnerItem]
    addresses: list[PartnerAddress] = Field(default_factory=list)
    """Of partners with items here."""
    left_out: int = 0
    """Items that were settled since then, but are too many to be kept: the older ones."""


class Ratio(Frozen):
    """An analyst's ratio by fiscal year; a value is None where a denominator is missing or zero."""

    ratio: str
    label: str
    group: str
    """liquidity, leverage, profitability, efficiency or cash cycle."""
    unit: str
    """``x``, ``%`` (12.5 is 12.5 %) or ``days``."""
    formula: str
    values: dict[str, Decimal | None]


class Check(Frozen):
    """The outcome of one hard check."""

    check: str
    label: str
    passed: bool
    difference: Decimal
    detail: str
    entries: list[tuple[str, Decimal]] = Field(default_factory=list)
    """The journal entries at fault, each with what it is off by."""


class Notice(Frozen):
    """Something a reader should know that is no error, such as a month without postings."""

    code: str
    message: str


class ClosePackage(Frozen):
    """All that a close computes from the ledger: the content of ``statements.json``."""

    company: Company
    year: int
    as_of: date
    """The last day that statements, trial balances and ratios cover: the day asked for where it lies in the
    year, else the year's end, or the last posting of an unfinished year. Aged reports carry their own day."""
    input_hash: str
    """Hash of everything the figures were computed from."""
    statements: list[Statement]
    """Each report at each granularity."""
    trial_balances: list[TrialBalance]
    aged: list[AgedReport]
    ratios: list[Ratio]
    checks: list[Check]
    notices: list[Notice]

    def statement(self, report: str, granularity: str) -> Statement:
        """Raises KeyError."""
        for statement in self.statements:
            if (statement.report, statement.granularity) == (report, granularity):
                return statement
        raise KeyError((report, granularity))


class LineageAccount(Frozen):
    """One account's part of a figure."""

    account_id: str
    code: str
    name: str
    amount: Decimal
    """In the figure's sign."""
    lines: int


class LineageLine(Frozen):
    """One journal line behind a figure."""

    line_id: str
    entry_name: str
    journal: str
    posting_date: date
    account_code: str
    account_name: str
    partner: str
    label: str
    amount: Decimal
    """In the figure's sign: the amounts of all lines sum to the figure."""


class Lineage(Frozen):
    """A figure opened down to its journal lines."""

    report: str
    line: str
    period: str
    figure: Decimal
    currency: str
    line_count: int
    """How many journal lines the figure sums; ``lines`` may hold only the largest of them."""
    accounts: list[LineageAccount]
    lines: list[LineageLine]
    content_hash: str


class ForecastPoint(Frozen):
    """One month ahead."""

    label: str
    value: Decimal
    low: Decimal
    high: Decimal
    """``low`` to ``high`` holds the share of outcomes that ``Forecast.level`` names."""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    """The same for ``Forecast.outer_level``; None in forecasts that were made before it was told."""
    own: Decimal | None = None
    """What the line's own method said, where reconciliation changed it."""


class ForecastScore(Frozen):
    """What the backtest says of one method of a series; every figure is over the same origins and months."""

    method: str
    label: str
    mase: float | None
    smape: float | None
    """In percent, 0 to 200."""
    bias: float | None
    """Mean error (actual minus forecast) in units of the mean absolute actual value."""
    coverage: float | None
    """Share of months inside the interval of ``Forecast.level``."""
    weight: float = 0.0
    """Its share in the forecast that was chosen."""
    note: str = ""
    """Why it was not tried, or what it could not do."""


class ForecastTest(Frozen):
    """A month that is known, as it would have been forecast from an origin before it."""

    label: str
    ahead: int
    """Months from the origin."""
    actual: Decimal
    value: Decimal
    low: Decimal
    high: Decimal


class ForecastDriver(Frozen):
    """What a line's forecast is made of, in words and a figure: level, trend, season, what it hangs on."""

    driver: str
    """``level``, ``trend``, ``season``, or the line or the days that it follows: ``revenue``, ``dso``."""
    label: str
    value: Decimal
    unit: str
    """``currency``, ``percent``, ``days``, ``months`` or ``times``."""
    text: str = ""


class ForecastLine(Frozen):
    """One series' forecast and what its backtest says of it."""

    line: str
    label: str
    method: str
    points: list[ForecastPoint]
    mase: float | None
    """Mean absolute scaled error of the chosen method, rolling origin; None when too short to test."""
    naive_mase: float | None
    """The same of seasonal naive."""
    coverage: float | None
    """Share of backtest months inside the interval."""
    note: str = ""
    scores: list[ForecastScore] = Field(default_factory=list)
    """All methods that were tried or could not be, the chosen one first, then the least error first."""
    tested: list[ForecastTest] = Field(default_factory=list)
    """What the chosen method would have said of the last year, from its beginning."""
    drivers: list[ForecastDriver] = Field(default_factory=list)
    history: list[Decimal] = Field(default_factory=list)
    """The months that it was made from, oldest first; the last is that of ``Forecast.history_end``."""


class ForecastAssumption(Frozen):
    """Something that a reader took for given instead of what history says."""

    driver: str
    """``revenue``, ``price``, ``headcount``, ``dso`` …"""
    change: str
    """As it was written: ``+5%``, ``45``, ``-2000``."""
    start: str = ""
    """Label of the first month that it holds for; empty: from the first month ahead on."""
    text: str = ""
    """What it does, in words."""


class BridgeStep(Frozen):
    """A step from the result of the last twelve months to that of the next twelve."""

    line: str
    label: str
    amount: Decimal


class ForecastAlert(Frozen):
    """A floor of cash or a covenant that may be crossed."""

    alert: str
    """``cash_floor``, or the covenant's ratio."""
    label: str
    month: str
    """The first month in which it is likelier than ``least``."""
    limit: Decimal
    value: Decimal
    probability: float
    worst_month: str = ""
    """The month in which it is likeliest; empty where that is ``month``."""
    worst_value: Decimal | None = None
    worst_probability: float | None = None


class Forecast(Frozen):
    """The content of ``forecast.json``: months ahead by line and the statements that they make."""

    currency: str
    horizon: int
    level: float
    history_end: date
    lines: list[ForecastLine]
    notes: list[str] = Field(default_factory=list)
    """What holds for all lines, such as an unfinished month that was left out."""
    outer_level: float = 0.95
    statements: list[Statement] = Field(default_factory=list)
    """Income statement, balance sheet and cash flow of the months ahead: monthly columns, each to the cent,
    with lines and totals as those of a close have."""
    checks: list[Check] = Field(default_factory=list)
    """The hard checks of those statements."""
    assumptions: list[ForecastAssumption] = Field(default_factory=list)
    bridge: list[BridgeStep] = Field(default_factory=list)
    """From the net result of the last twelve months (first step) to that of the next twelve (last step), by
    what each line adds; empty with less than twelve months on either side."""
    alerts: list[ForecastAlert] = Field(default_factory=list)
