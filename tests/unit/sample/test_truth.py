"""What is in the database adds up to what the generator counted while it told the story."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from abax.dates import FiscalCalendar
from abax.sample import YEARS

NORDLICHT, HARBOUR = "Nordlicht Maschinenbau GmbH", "Harbour Tools Ltd"
CALENDARS = {NORDLICHT: FiscalCalendar(12, 31), HARBOUR: FiscalCalendar(3, 31)}
CENT = Decimal("0.01")
RESULT = ("income", "expense")

POSTED = """
    SELECT l.date, a.code, a.account_type, l.debit, l.credit
    FROM account_move_line l
    JOIN account_account a ON a.id = l.account_id
    JOIN res_company c ON c.id = l.company_id
    WHERE l.parent_state = 'posted' AND c.name = ?
"""


def cents(value: float) -> Decimal:
    return Decimal(str(value)).quantize(CENT)


def is_result(account_type: str) -> bool:
    return account_type.startswith(RESULT)


def read_back(lines, calendar: FiscalCalendar, year: int):
    """Opening, debit and credit by account code, earlier results with undistributed profits."""
    start, end = calendar.start_of(year), calendar.end_of(year)
    opening, debit, credit = (defaultdict(Decimal) for _ in range(3))
    for day, code, kind, debited, credited in lines:
        posted = date.fromisoformat(day)
        if start <= posted <= end:
            debit[code] += cents(debited)
            credit[code] += cents(credited)
        elif posted < start:
            opening["retained" if is_result(kind) else code] += cents(debited) - cents(credited)
    retained = next(code for _, code, kind, _, _ in lines if kind == "equity_unaffected")
    opening[retained] += opening.pop("retained", Decimal(0))
    return opening, debit, credit


@pytest.mark.parametrize("company", [NORDLICHT, HARBOUR])
def test_the_trial_balance_read_back_is_the_one_that_was_told(full_books, rows, company):
    lines = rows(POSTED, company)
    for year, truth in full_books.truth[company].items():
        opening, debit, credit = read_back(lines, CALENDARS[company], year)
        for code, row in truth.trial_balance.items():
            assert (row.opening, row.debit, row.credit) == (opening[code], debit[code], credit[code]), (
                year,
                code,
            )
            assert row.closing == row.opening + row.debit - row.credit
        moved = {code for book in (opening, debit, credit) for code, amount in book.items() if amount}
        assert moved <= set(truth.trial_balance)


@pytest.mark.parametrize("company", [NORDLICHT, HARBOUR])
def test_every_trial_balance_sums_to_zero(full_books, company):
    for truth in full_books.truth[company].values():
        assert sum(row.closing for row in truth.trial_balance.values()) == 0
        assert sum(row.opening for row in truth.trial_balance.values()) == 0


@pytest.mark.parametrize("company", [NORDLICHT, HARBOUR])
def test_revenue_result_and_cash_follow_from_the_lines(full_books, rows, company):
    lines = rows(POSTED, company)
    for year, truth in full_books.truth[company].items():
        start, end = CALENDARS[company].start_of(year), CALENDARS[company].end_of(year)
        within = [
            (kind, cents(d) - cents(c)) for day, _, kind, d, c in lines if str(start) <= day <= str(end)
        ]
        until = [(kind, cents(d) - cents(c)) for day, _, kind, d, c in lines if day <= str(end)]
        assert truth.revenue == -sum(amount for kind, amount in within if kind == "income")
        assert truth.net_result == -sum(amount for kind, amount in within if is_result(kind))
        assert truth.closing_cash == sum(amount for kind, amount in until if kind == "asset_cash")
        assert truth.posted_lines == len(within)


RESIDUALS = """
    SELECT a.account_type, sum(round(
        l.balance
        - coalesce((SELECT sum(p.amount) FROM account_partial_reconcile p
                    WHERE p.debit_move_id = l.id AND p.max_date <= :day), 0)
        + coalesce((SELECT sum(p.amount) FROM account_partial_reconcile p
                    WHERE p.credit_move_id = l.id AND p.max_date <= :day), 0), 2))
    FROM account_move_line l
    JOIN account_account a ON a.id = l.account_id
    JOIN res_company c ON c.id = l.company_id
    WHERE l.parent_state = 'posted' AND l.date <= :day AND c.name = :company
      AND a.account_type IN ('asset_receivable', 'liability_payable')
    GROUP BY 1
"""


@pytest.mark.parametrize("company", [NORDLICHT, HARBOUR])
def test_open_items_as_of_each_year_end_follow_from_the_reconciliations(full_books, connection, company):
    connection.execute("CREATE INDEX IF NOT EXISTS d ON account_partial_reconcile (debit_move_id)")
    connection.execute("CREATE INDEX IF NOT EXISTS c ON account_partial_reconcile (credit_move_id)")
    for year in YEARS:
        day = CALENDARS[company].end_of(year)
        found = dict(connection.execute(RESIDUALS, {"day": str(day), "company": company}).fetchall())
        truth = full_books.truth[company][year]
        assert cents(found["asset_receivable"]) == truth.open_receivables
        assert cents(found["liability_payable"]) == -truth.open_payables


def test_the_number_of_posted_lines_is_told(full_books, rows):
    ((count,),) = rows(
        "SELECT count(*) FROM account_move_line WHERE parent_state='posted' AND account_id IS NOT NULL"
    )
    assert count == full_books.posted_lines >= 20_000


def test_every_entry_posted_or_not_balances_to_the_cent(rows):
    off = rows(
        "SELECT move_id, sum(balance) AS off FROM account_move_line GROUP BY 1 HAVING abs(off) > 0.001"
    )
    assert off == []


def test_debit_credit_and_balance_agree_on_every_line(rows):
    wrong = rows("""SELECT id FROM account_move_line
        WHERE abs(debit - credit - balance) > 0.001 OR debit * credit <> 0 OR debit < 0 OR credit < 0
           OR balance * amount_currency < 0""")
    assert wrong == []


def test_every_amount_reads_back_exactly_to_the_cent(rows):
    for debit, credit in rows("SELECT debit, credit FROM account_move_line"):
        for value in (debit, credit):
            assert Decimal(str(value)) == cents(value)


def test_the_residual_on_a_line_is_its_balance_less_its_reconciliations(connection):
    connection.execute("CREATE INDEX IF NOT EXISTS d ON account_partial_reconcile (debit_move_id)")
    connection.execute("CREATE INDEX IF NOT EXISTS c ON account_partial_reconcile (credit_move_id)")
    wrong = connection.execute("""
        SELECT l.id FROM account_move_line l JOIN account_account a ON a.id = l.account_id
        WHERE a.reconcile AND l.parent_state = 'posted' AND abs(l.amount_residual - l.balance
            + coalesce((SELECT sum(amount) FROM account_partial_reconcile WHERE debit_move_id = l.id), 0)
            - coalesce((SELECT sum(amount) FROM account_partial_reconcile WHERE credit_move_id = l.id), 0)
            ) > 0.001
    """).fetchall()
    assert wrong == []
