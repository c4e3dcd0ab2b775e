"""Reports that source systems made themselves, as their own report runners write them: JSON files.

ERPNext: ``{"report", "filters", "columns", "result"}`` of ``frappe.desk.query_report``. Odoo: rows of OCA's
``account_financial_report``, and sums by account type and by account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from abax.errors import InvalidRequest
from abax.ledger.tie_out import SINCE_EVER, Days, Line, Measure, Open, Reason, Sum, TheirReport, Theirs
from abax.money import ZERO

CENT: Final = Decimal("0.01")
NOT_AN_ORACLE: Final = "prints nil where a denominator is missing, and leaves accounts without a type out"
SIDES: Final = {"Accounts Receivable": ("aged_receivables", 1), "Accounts Payable": ("aged_payables", -1)}
NOT_DUE, DUE_TODAY = 0, 1
"""Places in AGING_BUCKETS. ERPNext's first range holds both what is due today and what is not due yet."""


def read_reports(folder: Path) -> list[TheirReport]:
    """All reports in a folder. Raises InvalidRequest for a file that is no report that we know."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InvalidRequest(f"there are no reports (*.json) in {folder}", "reports")
    return [_read(file) for file in files]


def _read(file: Path) -> TheirReport:
    try:
        found = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{file.name} cannot be read: {error}", "reports") from error
    try:
        if isinstance(found, dict) and {"report", "filters", "result"} <= found.keys():
            return replace(_erpnext(found, file.name), erp="erpnext")
        return replace(_odoo(found, file), erp="odoo")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        why = error if type(error) is ValueError else repr(error)
        raise InvalidRequest(f"{file.name} is not of a report's shape: {why}", "reports") from error


# --- ERPNext --------------------------------------------------------------------------------------------


def _erpnext(found: Mapping[str, Any], file: str) -> TheirReport:
    name, filters = str(found["report"]), found["filters"]
    rows = [row for row in found["result"] if row]
    company = str(filters["company"])
    readers = {
        "Trial Balance": _trial_balance,
        "Profit and Loss Statement": _profit_and_loss,
        "Balance Sheet": _balance_sheet,
        "General Ledger": _general_ledger,
        "Accounts Receivable": _aged_items,
        "Accounts Payable": _aged_items,
        "Accounts Receivable Summary": _aged_partners,
        "Accounts Payable Summary": _aged_partners,
    }
    if name not in readers:
        return TheirReport(
            company, file, file, (), left_out=f"ERPNext's {name} is no oracle: it {NOT_AN_ORACLE}"
        )
    figures = tuple(readers[name](rows, filters, name))
    whole = frozenset(_leaves(rows)) if name in _WHOLE else frozenset()
    return TheirReport(company, file, file, figures, whole)


_WHOLE: Final = ("Trial Balance",)


def _leaves(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    parents = {row.get("parent_account") for row in rows}
    return [row["account"] for row in rows if _is_account(row) and row["account"] not in parents]


def _is_account(row: Mapping[str, Any]) -> bool:
    return "account" in row and not str(row["account"]).startswith("'")


def _below(rows: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Every account of a report's tree with the leaves under it; a leaf with itself."""
    parent = {row["account"]: row.get("parent_account") for row in rows if _is_account(row)}
    found: dict[str, set[str]] = {account: set() for account in parent}
    for leaf in _leaves(rows):
        at = leaf
        while at in parent:
            found[at].add(leaf)
            at = str(parent[at])
    return {account: frozenset(leaves) for account, leaves in found.items()}


def _trial_balance(rows: list[dict[str, Any]], filters: Mapping[str, Any], _: str) -> Iterator[Theirs]:
    """Openings and closings are gross there, by account and side: net they are compared."""
    start, end = _day(filters["from_date"]), _day(filters["to_date"])
    below = _below(rows)
    everything = frozenset(_leaves(rows))
    for row in rows:
        account = row["account"]
        accounts = below[account] if _is_account(row) else everything
        opening = _net(row, "opening")
        unclosed = Reason(
            "results of earlier years that were not closed stand outside their openings",
            Sum(accounts, Days.BEFORE, start, end),
        )
        kept = Sum(accounts, Days.BEFORE, start, end)
        yield Theirs(account, "opening", opening, kept, (unclosed,))
        for measure in (Measure.DEBIT, Measure.CREDIT):
            value = _cents(row[measure.value])
            yield Theirs(account, measure.value, value, Sum(accounts, Days.WITHIN, start, end, measure))
        yield Theirs(
            account, "closing", _net(row, "closing"), Sum(accounts, Days.UNTIL, start, end), (unclosed,)
        )


def _net(row: Mapping[str, Any], which: str) -> Decimal:
    return _cents(row[f"{which}_debit"]) - _cents(row[f"{which}_credit"])


def _profit_and_loss(rows: list[dict[str, Any]], filters: Mapping[str, Any], _: str) -> Iterator[Theirs]:
    below, roots = _below(rows), _roots(rows)
    income, expense = (_of_root(rows, below, sign) for sign in (-1, 1))
    totals = {"'Total Income (Credit)'": (income, -1), "'Total Expense (Debit)'": (expense, 1)}
    for row in rows:
        account = row["account"]
        for column, start, end in _columns(row, filters):
            value = _cents(row[column])
            if _is_account(row):
                meaning = Sum(below[account], Days.WITHIN, start, end, sign=roots[account], closing=False)
            elif account in totals:
                accounts, sign = totals[account]
                meaning = Sum(accounts, Days.WITHIN, start, end, sign=sign, closing=False)
            else:
                meaning = Sum(income | expense, Days.WITHIN, start, end, sign=-1, closing=False)
            yield Theirs(account, column, value, meaning)


def _balance_sheet(rows: list[dict[str, Any]], filters: Mapping[str, Any], _: str) -> Iterator[Theirs]:
    below, roots = _below(rows), _roots(rows)
    assets, others = (_of_root(rows, below, sign) for sign in (1, -1))
    for row in rows:
        account = row["account"]
        for column, start, end in _columns(row, filters):
            value = _cents(row[column])
            if _is_account(row):
                yield Theirs(
                    account, column, value, Sum(below[account], Days.UNTIL, start, end, sign=roots[account])
                )
            elif account == "'Total Asset (Debit)'":
                yield Theirs(account, column, value, Sum(assets, Days.UNTIL, start, end))
            elif account == "'Provisional Profit / Loss (Credit)'":
                yield Theirs(account, column, value, Sum(assets | others, Days.UNTIL, start, end))
            elif account == "'Total (Credit)'":
                yield Theirs(account, column, value, Sum(assets, Days.UNTIL, start, end))


def _roots(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """1 for accounts under a root of debits, -1 of credits: the report says so after the roots' totals."""
    sign, found = 1, {}
    signs = {"'Total Income (Credit)'": -1, "'Total Expense (Debit)'": 1, "'Total Asset (Debit)'": 1}
    signs |= {"'Total Liability (Credit)'": -1, "'Total Equity (Credit)'": -1}
    pending: list[str] = []
    for row in rows:
        if _is_account(row):
            pending.append(row["account"])
        elif row["account"] in signs:
            sign = signs[row["account"]]
            found.update(dict.fromkeys(pending, sign))
            pending = []
    return found | dict.fromkeys(pending, sign)


def _of_root(
    rows: Sequence[Mapping[str, Any]], below: Mapping[str, frozenset[str]], sign: int
) -> frozenset[str]:
    roots = _roots(rows)
    return frozenset(leaf for leaf in _leaves(rows) if roots[leaf] == sign)


def _columns(row: Mapping[str, Any], filters: Mapping[str, Any]) -> Iterator[tuple[str, date, date]]:
    """Columns of periods, such as ``dec_2025``: the month that they end in, and their days."""
    length = _PERIODS[filters.get("periodicity", "Yearly")]
    for name in row:
        matched = re.fullmatch(r"([a-z]{3})_(\d{4})", name)
        if matched and matched[1] in _MONTHS:
            after = int(matched[2]) * 12 + _MONTHS.index(matched[1]) + 1
            yield name, _first_of(after - length), _first_of(after) - timedelta(days=1)


def _first_of(month: int) -> date:
    """The first day of a month that is counted through from year 0."""
    return date(month // 12, month % 12 + 1, 1)


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PERIODS: Final = {"Monthly": 1, "Quarterly": 3, "Half-Yearly": 6, "Yearly": 12}


def _general_ledger(rows: list[dict[str, Any]], _: Mapping[str, Any], __: str) -> Iterator[Theirs]:
    for row in rows:
        if row.get("gl_entry"):
            for measure in (Measure.DEBIT, Measure.CREDIT):
                line = f"{row['voucher_no']} {row['account']}"
                yield Theirs(line, measure.value, _cents(row[measure.value]), Line(row["gl_entry"], measure))


def _aged_items(rows: list[Any], filters: Mapping[str, Any], name: str) -> Iterator[Theirs]:
    report, sign = SIDES[name]
    day = _day(filters["report_date"])
    for row in rows:
        if isinstance(row, dict):
            document = str(row["voucher_no"])
            open_now = Open(report, day, document=document, sign=sign)
            yield Theirs(document, "outstanding", _cents(row["outstanding"]), open_now)
            yield from _ranges(row, document, report, day, sign, document=document)
    yield from _grand_total(rows, report, day, sign)


def _aged_partners(rows: list[Any], filters: Mapping[str, Any], name: str) -> Iterator[Theirs]:
    report, sign = SIDES[name.removesuffix(" Summary")]
    day = _day(filters["report_date"])
    for row in rows:
        if isinstance(row, dict):
            partner = str(row["party"])
            open_now = Open(report, day, partner=partner, sign=sign)
            yield Theirs(partner, "outstanding", _cents(row["outstanding"]), open_now)
            yield from _ranges(row, partner, report, day, sign, partner=partner)
    yield from _grand_total(rows, report, day, sign)


def _ranges(
    row: Mapping[str, Any], line: str, report: str, day: date, sign: int, **of: str
) -> Iterator[Theirs]:
    for number in range(1, 6):
        meaning = Open(report, day, bucket=number, sign=sign, due_today=DUE_TODAY, **of)
        yield Theirs(line, f"range{number}", _cents(row.get(f"range{number}")), meaning)


def _grand_total(rows: Iterable[Any], report: str, day: date, sign: int) -> Iterator[Theirs]:
    total = sum((_cents(row["outstanding"]) for row in rows if isinstance(row, dict)), ZERO)
    yield Theirs("all", "outstanding", total, Open(report, day, sign=sign))


# --- Odoo -----------------------------------------------------------------------------------------------

_OCA_BUCKETS: Final = ("current", "30_days", "60_days", "90_days", "120_days", "older")


def _odoo(found: Any, file: Path) -> TheirReport:
    company, known, kind = file.stem.partition("__")
    if not known:
        raise ValueError("it should be called COMPANY__REPORT.json")
    if matched := re.fullmatch(r"oca_trial_balance_(\d{4})", kind):
        figures = _oca_trial_balance(found, int(matched[1]))
    elif matched := re.fullmatch(r"oca_aged_(receivable|payable)_(\d{4}-\d\d-\d\d)", kind):
        figures = _oca_aged(found, f"aged_{matched[1]}s", _day(matched[2]))
    elif kind == "core_balance_by_account_type":
        figures = _by_type(found)
    elif kind == "core_current_balance":
        figures = _current(found)
    else:
        return TheirReport(company, file.name, file.name, (), left_out="it does not say which day it is of")
    whole = frozenset(str(row["code"]) for row in found) if kind.startswith("oca_trial") else frozenset()
    return TheirReport(company, file.name, file.name, tuple(figures), whole)


def _oca_trial_balance(rows: list[dict[str, Any]], year: int) -> Iterator[Theirs]:
    start, end = date(year, 1, 1), date(year, 12, 31)
    for row in rows:
        code = str(row["code"])
        accounts = frozenset({code})
        opening = Sum(accounts, Days.BEFORE, start, end, carried=True)
        yield Theirs(code, "opening", _cents(row["initial_balance"]), opening)
        for measure in (Measure.DEBIT, Measure.CREDIT):
            value = _cents(row[measure.value])
            yield Theirs(code, measure.value, value, Sum(accounts, Days.WITHIN, start, end, measure))
        closing = Sum(accounts, Days.UNTIL, start, end, carried=True)
        yield Theirs(code, "closing", _cents(row["ending_balance"]), closing)


def _oca_aged(accounts: list[dict[str, Any]], report: str, day: date) -> Iterator[Theirs]:
    yield Theirs("all", "residual", _cents(sum(one["residual"] for one in accounts)), Open(report, day))
    partners: dict[str, list[dict[str, Any]]] = {}
    for account in accounts:
        for partner in account["partners"]:
            partners.setdefault(str(partner["name"]), []).append(partner)
    for name, rows in partners.items():
        whole = _cents(sum(row["residual"] for row in rows))
        yield Theirs(name, "residual", whole, Open(report, day, partner=name))
        for number, bucket in enumerate(_OCA_BUCKETS):
            value = _cents(sum(row[bucket] for row in rows))
            yield Theirs(name, bucket, value, Open(report, day, partner=name, bucket=number))


def _by_type(found: Mapping[str, Mapping[str, Any]]) -> Iterator[Theirs]:
    for span, sums in found.items():
        first, _, last = span.partition("..")
        start, end = SINCE_EVER if first == "inception" else _day(first), _day(last)
        for kind, value in sums.items():
            of_type = frozenset({f"type:{kind}"})
            yield Theirs(kind, span, _cents(value), Sum(of_type, Days.WITHIN, start, end))


def _current(found: Mapping[str, Any]) -> Iterator[Theirs]:
    for account, value in found.items():
        code = frozenset({account.split(" ", 1)[0]})
        yield Theirs(account, "balance", _cents(value), Sum(code, Days.UNTIL, SINCE_EVER, date.max))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _cents(value: object) -> Decimal:
    """A figure of a report, which are binary fractions, to the cent."""
    return Decimal(str(value or 0)).quantize(CENT)
