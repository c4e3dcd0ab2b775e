"""Any reported figure, opened down to the journal lines that it sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.dates import Period
from abax.errors import UnknownFigure
from abax.ledger.aging import AGED_REPORTS, aged
from abax.ledger.cashflow import CASH_FLOW
from abax.ledger.layout import RESULT_CLASSES, Closing, Part, Scope, span
from abax.ledger.model import (
    AGING_BUCKETS,
    AgedReport,
    Lineage,
    LineageAccount,
    LineageLine,
    OpenItem,
    Side,
)
from abax.ledger.statements import BALANCE_SHEET, INCOME_STATEMENT
from abax.ledger.store import Ledger, hashed
from abax.ledger.trial_balance import retained_earnings_account
from abax.money import ZERO, trimmed

STATEMENT_LAYOUTS: Final = {layout.report: layout for layout in (INCOME_STATEMENT, BALANCE_SHEET, CASH_FLOW)}
REPORTS: Final = (*STATEMENT_LAYOUTS, "trial_balance", *AGED_REPORTS)

_OF_PARTNER: Final = "partner:"
_TOTAL: Final = "total"

_PICKED: Final = """
    WITH picked AS (
        SELECT unnest($accounts::VARCHAR[]) AS account_id, unnest($signs::INTEGER[]) AS sign,
               unnest($firsts::INTEGER[]) AS first, unnest($lasts::INTEGER[]) AS last,
               unnest($closings::BOOLEAN[]) AS closing
    )"""
_IN_PICKED: Final = "month_no BETWEEN first AND last AND (closing IS NULL OR closing = is_closing)"

_BY_ACCOUNT: Final = """{picked}
    SELECT account_id, sum(sign * amount), sum(lines)::BIGINT
    FROM {cube} JOIN picked USING (account_id) WHERE {in_picked} GROUP BY account_id"""

_LARGEST: Final = """{picked}
    SELECT line_id, sign, posting_date FROM journal_lines JOIN picked USING (account_id)
    WHERE {in_picked} AND fiscal_year BETWEEN $first_year AND $last_year AND {posted}
    ORDER BY abs(amount) DESC, line_id LIMIT $limit"""

_LINES: Final = """
    SELECT line_id, entry_name, journal, posting_date, account_id, partners.name, label, amount
    FROM journal_lines LEFT JOIN partners USING (partner_id)
    WHERE line_id IN (SELECT unnest($ids::VARCHAR[])) AND posting_date BETWEEN $first_day AND $last_day
    ORDER BY posting_date, entry_name, line_id"""


@dataclass(frozen=True)
class _Slice:
    """An account's lines over a span of months, times ``sign``; ``closing`` None takes both kinds of line."""

    account_id: str
    sign: int
    first: int
    last: int
    closing: bool | None


def explain(
    ledger: Ledger, report: str, line: str, period: str, limit: int | None = None, as_of: date | None = None
) -> Lineage:
    """Open one figure: its accounts, and its journal lines in order of posting, in the figure's sign.

    - ``report`` is a statement, ``line`` one of its lines, ``period`` a month, quarter or year such as
      ``2025-03``, ``2025-Q1``, ``2025``;
    - or ``trial_balance``: ``line`` is an account code, the figure its closing balance of the period;
    - or ``aged_receivables``, ``aged_payables``: ``line`` is ``total``, a bucket or a partner's name, looked
      for in this order; ``partner:NAME`` always is the partner, also one who is called ``total``. ``period``
      is a day such as ``2025-03-31``; the amounts are what was open of each line.

    ``limit`` keeps only the largest lines; accounts, figure and count stay whole. ``as_of`` is that of the
    package which shows the figure. Raises UnknownFigure, naming what there is, and what ``aged`` raises.
    """
    if report in AGED_REPORTS:
        return _explain_aged(ledger, report, line, period, limit)
    if report not in REPORTS:
        raise UnknownFigure("report", report, REPORTS)
    span_of = ledger.find_period(period)
    if span_of is None:
        raise UnknownFigure("period", period, (known.label for known in ledger.periods()))
    slices = _slices(ledger, report, line, span_of)
    accounts = _accounts(ledger, slices, as_of)
    lines = _lines(ledger, slices, as_of, limit)
    return _lineage(ledger, (report, line, period), accounts, lines)


def _slices(ledger: Ledger, report: str, line: str, period: Period) -> list[_Slice]:
    if report == "trial_balance":
        return _account_slices(ledger, line, period)
    rows = STATEMENT_LAYOUTS[report].rows
    parts = next((row.parts for row in rows if row.line == line), None)
    if parts is None:
        raise UnknownFigure(f"line of {report}", line, (row.line for row in rows))
    return _netted(slice_ for part in parts for slice_ in _part_slices(ledger, part, period))


def _account_slices(ledger: Ledger, code: str, period: Period) -> list[_Slice]:
    """The closing balance of an account: result accounts since the year's start, retained earnings with the
    results of earlier years, all others since the first posting."""
    carried = retained_earnings_account(ledger)
    own = [
        a
        for a in ledger.accounts.values()
        if a.code == code and a.statement_class.side is not Side.OFF_BALANCE
    ]
    if not own and code != carried.code:
        known = sorted({account.code for account in ledger.accounts.values()})
        raise UnknownFigure("account", code, known)
    slices = []
    for account in own:
        scope = Scope.YEAR_TO_DATE if account.statement_class.side is Side.RESULT else Scope.TO_DATE
        slices.append(_Slice(account.account_id, 1, *span(scope, period), None))
    if code == carried.code:
        slices += _part_slices(ledger, Part(RESULT_CLASSES, 1, Scope.EARLIER_YEARS), period)
    return slices


def _part_slices(ledger: Ledger, part: Part, period: Period) -> list[_Slice]:
    closing = {Closing.WITH: None, Closing.WITHOUT: False, Closing.ONLY: True}[part.closing]
    first, last = span(part.scope, period)
    return [
        _Slice(account.account_id, part.sign, first, last, closing)
        for account in ledger.accounts.values()
        if account.statement_class in part.classes
    ]


def _netted(slices: Iterable[_Slice]) -> list[_Slice]:
    """Slices of the same lines become one; those that cancel out, none: depreciation added back and taken out
    of what was invested, say."""
    signs: Counter[tuple[str, int, int, bool | None]] = Counter()
    for one in slices:
        signs[one.account_id, one.first, one.last, one.closing] += one.sign
    return [_Slice(key[0], sign, *key[1:]) for key, sign in signs.items() if sign]


def _named(slices: list[_Slice]) -> dict[str, object]:
    return {
        "accounts": [one.account_id for one in slices],
        "signs": [one.sign for one in slices],
        "firsts": [one.first for one in slices],
        "lasts": [one.last for one in slices],
        "closings": [one.closing for one in slices],
    }


def _accounts(ledger: Ledger, slices: list[_Slice], as_of: date | None) -> list[LineageAccount]:
    sql = _BY_ACCOUNT.format(picked=_PICKED, cube=ledger.cube(as_of), in_picked=_IN_PICKED)
    return _sorted_accounts(ledger, ledger.rows(sql, **_named(slices)))


def _sorted_accounts(ledger: Ledger, sums: Iterable[tuple[str, Decimal, int]]) -> list[LineageAccount]:
    found = [
        LineageAccount(
            account_id=key,
            code=ledger.accounts[key].code,
            name=ledger.accounts[key].name,
            amount=trimmed(amount, ledger.currency),
            lines=count,
        )
        for key, amount, count in sums
    ]
    return sorted(found, key=lambda account: (account.code, account.account_id))


def _lines(ledger: Ledger, slices: list[_Slice], as_of: date | None, limit: int | None) -> list[LineageLine]:
    if not slices:
        return []
    largest = _LARGEST.format(picked=_PICKED, in_picked=_IN_PICKED, posted=ledger.posted_by(as_of))
    years = {
        "first_year": min(one.first for one in slices) // 12,
        "last_year": max(one.last for one in slices) // 12,
        "limit": limit,
    }
    found = ledger.rows(largest, **_named(slices), **years)
    signs = {line_id: sign for line_id, sign, _ in found}
    return [_line(ledger, row, signs[row[0]]) for row in _full(ledger, [(key, day) for key, _, day in found])]


def _full(ledger: Ledger, found: Sequence[tuple[str, date]]) -> list[tuple[Any, ...]]:
    """All columns of a few lines; the span of days spares DuckDB most of the files."""
    if not found:
        return []
    days = [day for _, day in found]
    return ledger.rows(_LINES, ids=[key for key, _ in found], first_day=min(days), last_day=max(days))


def _line(ledger: Ledger, row: tuple[Any, ...], sign: int) -> LineageLine:
    line_id, entry_name, journal, posting_date, account_id, partner, label, amount = row
    account = ledger.accounts[account_id]
    return LineageLine(
        line_id=line_id,
        entry_name=entry_name or "",
        journal=journal or "",
        posting_date=posting_date,
        account_code=account.code,
        account_name=account.name,
        partner=partner or "",
        label=label or "",
        amount=trimmed(sign * amount, ledger.currency),
    )


def _explain_aged(ledger: Ledger, report: str, line: str, day: str, limit: int | None) -> Lineage:
    try:
        as_of = date.fromisoformat(day)
    except ValueError:
        raise UnknownFigure("day", day, ["days such as 2025-12-31"]) from None
    items = _items(aged(ledger, report, as_of), line)
    residuals = {item.line_id: item for item in items}
    kept = sorted(items, key=lambda item: (-abs(item.residual), item.line_id))[:limit]
    rows = _full(ledger, [(item.line_id, item.posting_date) for item in kept])
    lines = [
        _line(ledger, row, 1).model_copy(
            update={"amount": residuals[row[0]].residual, "partner": residuals[row[0]].partner}
        )
        for row in rows
    ]
    return _lineage(ledger, (report, line, day), _item_accounts(ledger, items), lines)


def _items(report: AgedReport, line: str) -> list[OpenItem]:
    if line == _TOTAL:
        return report.items
    if line in AGING_BUCKETS:
        return [item for item in report.items if AGING_BUCKETS[item.bucket] == line]
    name = line.removeprefix(_OF_PARTNER)
    partners = [partner.partner for partner in report.partners]
    if name not in partners:
        known = [_TOTAL, *AGING_BUCKETS, *(_line_of(partner) for partner in partners)]
        raise UnknownFigure(f"line of {report.report}", line, known)
    return [item for item in report.items if item.partner == name]


def _line_of(partner: str) -> str:
    """The line that opens a partner: the name as it is, unless it would be taken for something else."""
    taken = partner in (_TOTAL, *AGING_BUCKETS) or partner.startswith(_OF_PARTNER)
    return f"{_OF_PARTNER}{partner}" if taken else partner


def _item_accounts(ledger: Ledger, items: list[OpenItem]) -> list[LineageAccount]:
    sums: dict[str, list[Decimal]] = {}
    for item in items:
        sums.setdefault(item.account_code, []).append(item.residual)
    ids = {account.code: key for key, account in ledger.accounts.items() if account.code in sums}
    return _sorted_accounts(ledger, ((ids[code], sum(own, ZERO), len(own)) for code, own in sums.items()))


def _lineage(
    ledger: Ledger, name: tuple[str, str, str], accounts: list[LineageAccount], lines: list[LineageLine]
) -> Lineage:
    figure = sum((account.amount for account in accounts), trimmed(ZERO, ledger.currency))
    report, line, period = name
    return Lineage(
        report=report,
        line=line,
        period=period,
        figure=figure,
        currency=ledger.currency,
        line_count=sum(account.lines for account in accounts),
        accounts=accounts,
        lines=lines,
        content_hash=hashed(ledger.input_hash, name, figure, [account.model_dump() for account in accounts]),
    )
