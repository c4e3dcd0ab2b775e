"""The traits of real books that the sample promises are there, and large enough to matter."""

import json
from collections import Counter, defaultdict
from datetime import date

import pytest

LINE = """
    SELECT l.* FROM account_move_line l JOIN account_account a ON a.id = l.account_id
    WHERE l.parent_state = 'posted'
"""


def count(rows, sql, *values) -> int:
    ((number,),) = rows(sql, *values)
    return number


def test_two_companies_with_their_own_currency_and_fiscal_year(full_books, rows):
    found = rows("""SELECT c.name, k.name, fiscalyear_last_month, fiscalyear_last_day
        FROM res_company c JOIN res_currency k ON k.id = c.currency_id ORDER BY c.id""")
    assert found == [("Nordlicht Maschinenbau GmbH", "EUR", "12", 31), ("Harbour Tools Ltd", "GBP", "3", 31)]
    assert full_books.companies == tuple(name for name, *_ in found)


def test_the_parent_holds_most_of_the_lines(rows):
    lines = dict(
        rows("SELECT company_id, count(*) FROM account_move_line WHERE parent_state='posted' GROUP BY 1")
    )
    assert 0.65 < lines[1] / sum(lines.values()) < 0.8


def test_rates_cover_every_month_and_move(rows):
    rates = rows("SELECT substr(name, 1, 7), rate FROM res_currency_rate WHERE rate <> 1 AND company_id = 1")
    assert {month for month, _ in rates} >= {
        f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)
    }
    assert 0.78 < min(rate for _, rate in rates) < max(rate for _, rate in rates) < 0.95
    assert len({rate for _, rate in rates}) > 500


def test_both_rates_of_a_day_are_each_other_s_inverse(rows):
    pairs = rows("""SELECT a.rate * b.rate FROM res_currency_rate a
        JOIN res_currency_rate b ON a.name = b.name
        WHERE a.company_id = 1 AND b.company_id = 2 AND a.rate <> 1""")
    assert pairs and all(abs(product - 1) < 1e-5 for (product,) in pairs)


@pytest.mark.parametrize(("state", "least"), [("draft", 40), ("cancel", 40)])
def test_drafts_and_cancelled_entries_would_spoil_the_figures(rows, state, least):
    assert count(rows, "SELECT count(*) FROM account_move WHERE state = ?", state) >= least
    gross = count(rows, "SELECT sum(debit) FROM account_move_line WHERE parent_state = ?", state)
    assert gross > 2_000_000
    others = rows("""SELECT 1 FROM account_move m JOIN account_move_line l ON l.move_id = m.id
        WHERE m.state = ? AND l.parent_state <> m.state""", state)  # fmt: skip
    assert others == []


def test_reversals_undo_what_they_point_at(rows):
    pairs = rows("""SELECT r.id, o.id FROM account_move r JOIN account_move o ON o.id = r.reversed_entry_id
        WHERE r.move_type = 'entry'""")
    assert len(pairs) >= 40
    for reversal, original in pairs:
        turned = Counter(
            rows("SELECT account_id, -balance FROM account_move_line WHERE move_id = ?", reversal)
        )
        assert turned == Counter(
            rows("SELECT account_id, balance FROM account_move_line WHERE move_id = ?", original)
        )


def test_credit_notes_point_at_their_invoice_and_are_matched_with_it(rows):
    notes = rows("""SELECT n.name, i.move_type, n.ref, i.name FROM account_move n
        JOIN account_move i ON i.id = n.reversed_entry_id WHERE n.move_type = 'out_refund'""")
    assert len(notes) >= 30
    assert all(kind == "out_invoice" and name in ref for _, kind, ref, name in notes)
    assert count(rows, "SELECT count(*) FROM account_move WHERE payment_state = 'reversed'") >= 5


def settled_days(rows, account_type: str) -> list[int]:
    """Days from due date to settlement, by reconciliation of invoices."""
    side, other = ("debit", "credit") if account_type == "asset_receivable" else ("credit", "debit")
    found = rows(
        f"""SELECT l.date_maturity, o.date FROM account_partial_reconcile p
            JOIN account_move_line l ON l.id = p.{side}_move_id
            JOIN account_move_line o ON o.id = p.{other}_move_id
            JOIN account_move m ON m.id = l.move_id AND m.move_type IN ('out_invoice', 'in_invoice')
            JOIN account_account a ON a.id = l.account_id WHERE a.account_type = ?""",
        account_type,
    )
    return [(date.fromisoformat(paid) - date.fromisoformat(due)).days for due, paid in found]


@pytest.mark.parametrize("account_type", ["asset_receivable", "liability_payable"])
def test_receivables_and_payables_are_paid_late(rows, account_type):
    days = settled_days(rows, account_type)
    late = [day for day in days if day > 0]
    assert len(late) > 500
    assert 4 < sum(late) / len(late) < 40


def test_customers_have_habits(rows):
    found = rows("""SELECT l.partner_id, julianday(p.max_date) - julianday(l.date_maturity)
        FROM account_partial_reconcile p JOIN account_move_line l ON l.id = p.debit_move_id
        JOIN account_move m ON m.id = l.move_id AND m.move_type = 'out_invoice'""")
    habits = defaultdict(list)
    for partner, days in found:
        habits[partner].append(days)
    means = [sum(days) / len(days) for days in habits.values() if len(days) >= 10]
    assert max(means) > 20 and min(means) < 0


def test_some_invoices_are_paid_in_part_and_some_never(rows):
    assert count(rows, "SELECT count(*) FROM account_move WHERE payment_state = 'partial'") >= 5
    never = count(
        rows,
        """SELECT count(*) FROM account_move WHERE payment_state = 'not_paid' AND state = 'posted'
        AND move_type IN ('out_invoice', 'in_invoice') AND invoice_date_due < '2025-09-01'""",
    )
    assert never >= 3


def test_one_payment_may_settle_several_bills(rows):
    most = count(
        rows,
        """SELECT max(n) FROM (SELECT count(*) n FROM account_partial_reconcile p
        JOIN account_move_line l ON l.id = p.debit_move_id JOIN account_account a ON a.id = l.account_id
        WHERE a.account_type = 'liability_payable' GROUP BY p.debit_move_id)""",
    )
    assert most >= 3


def test_reconciliations_are_dated_by_the_later_line(rows):
    wrong = rows("""SELECT p.id FROM account_partial_reconcile p
        JOIN account_move_line d ON d.id = p.debit_move_id
        JOIN account_move_line c ON c.id = p.credit_move_id WHERE p.max_date <> max(d.date, c.date)""")
    assert wrong == []


def test_fully_matched_lines_share_a_full_reconciliation(rows):
    open_but_full = rows("""SELECT id FROM account_move_line
        WHERE full_reconcile_id IS NOT NULL AND (amount_residual <> 0 OR NOT reconciled)""")
    assert open_but_full == []
    assert count(rows, "SELECT count(*) FROM account_full_reconcile") > 2_000


def test_foreign_invoices_leave_exchange_differences_both_ways(rows):
    found = dict(
        rows("""SELECT a.account_type, count(*) FROM account_move_line l
        JOIN account_account a ON a.id = l.account_id JOIN account_journal j ON j.id = l.journal_id
        WHERE j.code = 'EXCH' GROUP BY 1""")
    )
    assert found["income_other"] >= 20 and found["expense"] >= 20
    assert (
        count(rows, "SELECT count(*) FROM account_partial_reconcile WHERE exchange_move_id IS NOT NULL") >= 40
    )


def test_the_companies_mirror_each_other_s_invoices(rows):
    pairs = rows("""SELECT i.company_id, b.company_id, i.amount_total, b.amount_total, i.date, b.date,
            i.currency_id, b.currency_id
        FROM account_move b JOIN account_move i ON i.name = b.ref AND i.move_type = 'out_invoice'
        WHERE b.move_type = 'in_invoice' AND b.company_id <> i.company_id""")
    assert len(pairs) >= 60
    assert {pair[:2] for pair in pairs} == {(1, 2), (2, 1)}
    assert all(pair[2] == pair[3] and pair[4] == pair[5] and pair[6] == pair[7] for pair in pairs)


def by_month(rows, company: int, year: int) -> list[float]:
    found = rows("""SELECT substr(l.date, 6, 2), -sum(l.balance) FROM account_move_line l
        JOIN account_account a ON a.id = l.account_id
        WHERE l.parent_state = 'posted' AND a.account_type = 'income'
          AND l.company_id = ? AND substr(l.date, 1, 4) = ?
        GROUP BY 1 ORDER BY 1""", company, str(year))  # fmt: skip
    return [amount for _, amount in found]


def test_sales_have_seasons(rows):
    years = [by_month(rows, 1, year) for year in (2023, 2024, 2025)]
    for months in years:
        assert len(months) == 12
        mean = sum(months) / 12
        assert months[7] < 0.88 * mean < 1.03 * mean < months[10]  # August against November


def test_sales_grow_mildly(full_books):
    years = full_books.truth["Nordlicht Maschinenbau GmbH"]
    for year in (2024, 2025):
        assert 1.0 < years[year].revenue / years[year - 1].revenue < 1.1


def test_wage_levies_are_paid_the_month_after(rows):
    for code in ("3730", "3740"):
        found = rows("""SELECT substr(l.date, 1, 7), sum(l.credit), sum(l.debit) FROM account_move_line l
            JOIN account_account a ON a.id = l.account_id
            WHERE a.code = ? AND a.company_id = 1 AND l.parent_state = 'posted'
            GROUP BY 1 ORDER BY 1""", code)  # fmt: skip
        withheld = [round(credit, 2) for _, credit, _ in found]
        paid = [round(debit, 2) for _, _, debit in found]
        assert len(found) == 37
        assert paid[1:] == withheld[:-1]


def test_assets_are_written_off_each_month_and_one_is_sold(rows):
    months = rows("""SELECT DISTINCT substr(l.date, 1, 7) FROM account_move_line l JOIN account_account a
        ON a.id = l.account_id WHERE a.account_type = 'expense_depreciation' AND l.company_id = 1""")
    assert len(months) == 36
    ((sold,),) = (
        rows("""SELECT sum(l.credit) FROM account_move_line l JOIN account_account a ON a.id = l.account_id
        WHERE a.code = '0440' AND a.company_id = 1 AND l.parent_state = 'posted'""")
    )
    assert sold == 320_000


def balance(rows, company: int, code: str, day: str = "2025-12-31") -> float:
    return round(count(rows, """SELECT coalesce(sum(l.balance), 0) FROM account_move_line l
        JOIN account_account a ON a.id = l.account_id
        WHERE l.parent_state = 'posted' AND a.code = ? AND l.company_id = ? AND l.date <= ?""",
        code, company, day), 2)  # fmt: skip


def test_the_loan_shrinks_and_costs_interest(rows):
    owed = [balance(rows, 1, "3150", f"{year}-11-30") for year in (2022, 2023, 2024, 2025)]
    assert owed[0] == 0 > owed[3] > owed[2]
    assert all(
        balance(rows, 1, "3151", f"{year}-12-31") < 0 == balance(rows, 1, "3151", f"{year}-11-30")
        for year in (2024, 2025)
    )
    assert balance(rows, 1, "7310") > 100_000


def test_tax_accounts_are_cleared_each_quarter_and_the_debt_is_settled(rows):
    for day in ("2023-03-31", "2024-06-30", "2025-12-31"):
        assert balance(rows, 1, "3806", day) == balance(rows, 1, "1406", day) == 0
        assert balance(rows, 2, "2200", day) == balance(rows, 2, "2201", day) == 0
    returns = rows("SELECT count(*) FROM account_move WHERE ref LIKE 'VAT return%' AND state = 'posted'")
    assert returns[0][0] >= 12 * 2 + 15 * 2 - 3


def test_insurance_is_paid_once_and_released_monthly(rows):
    assert balance(rows, 1, "1900", "2024-01-20") > 90_000
    assert balance(rows, 1, "1900", "2024-12-31") == 0
    assert (
        count(
            rows,
            """SELECT count(*) FROM account_move_line l JOIN account_account a ON a.id = l.account_id
        WHERE a.code = '6400' AND a.company_id = 1""",
        )
        == 36
    )


def test_taxes_on_sales_and_purchases_are_those_of_both_countries(rows):
    assert {amount for (amount,) in rows("SELECT amount FROM account_tax WHERE company_id = 1")} == {0, 7, 19}
    assert {amount for (amount,) in rows("SELECT amount FROM account_tax WHERE company_id = 2")} == {0, 20}
    used = rows(
        """SELECT DISTINCT t.company_id, t.amount FROM account_move_line l
        JOIN account_tax t ON t.id = l.tax_line_id"""
    )
    assert {(1, 7), (1, 19), (2, 20)} <= set(used)


def test_the_opening_entry_is_named_by_its_company_and_brings_open_items(rows):
    for company, day in ((1, "2022-12-31"), (2, "2022-03-31")):
        ((found, lines),) = rows("""SELECT m.date, count(l.partner_id) FROM res_company c JOIN account_move m
            ON m.id = c.account_opening_move_id JOIN account_move_line l ON l.move_id = m.id WHERE c.id = ?
            GROUP BY 1""", company)  # fmt: skip
        assert found == day and lines >= 50


def test_sections_and_notes_carry_no_account_and_no_amount(rows):
    found = rows(
        "SELECT display_type, account_id, balance FROM account_move_line WHERE display_type LIKE 'line_%'"
    )
    assert len(found) >= 30
    assert {kind for kind, _, _ in found} == {"line_section", "line_note"}
    assert all(account is None and amount == 0 for _, account, amount in found)


def test_costs_carry_departments_and_the_shares_sum_to_a_hundred(rows):
    found = rows(f"""SELECT l.analytic_distribution, a.account_type FROM ({LINE}) l
        JOIN account_account a ON a.id = l.account_id WHERE l.analytic_distribution IS NOT NULL""")
    assert all(sum(json.loads(shares).values()) == 100 for shares, _ in found)
    assert sum(kind.startswith("expense") for _, kind in found) > 1_500
    assert any("," in shares.split(":")[0] for shares, _ in found), "no share of two plans at once"
    assert any(len(json.loads(shares)) > 1 for shares, _ in found)


def test_analytic_items_sum_to_their_lines(rows):
    off = rows("""SELECT l.id, l.balance + sum(i.amount) AS off FROM account_move_line l
        JOIN account_analytic_line i ON i.move_line_id = l.id GROUP BY l.id HAVING abs(off) > 0.001""")
    assert off == []


def test_the_codes_of_the_two_charts_overlap(rows):
    shared = rows("""SELECT a.code, a.account_type, b.account_type
        FROM account_account a JOIN account_account b ON a.code = b.code
        WHERE a.company_id = 1 AND b.company_id = 2""")
    assert ("1200", "asset_receivable", "asset_cash") in shared


def test_numbers_are_unique_and_run_without_a_gap(rows):
    found = rows(
        """SELECT company_id, sequence_prefix, sequence_number FROM account_move
        WHERE sequence_prefix IS NOT NULL"""
    )
    assert len(set(found)) == len(found)
    runs = defaultdict(list)
    for company, prefix, number in found:
        runs[company, prefix].append(number)
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in runs.values())


def test_the_mapping_names_only_accounts_whose_type_does_not_tell(full_books, rows):
    assert set(full_books.mapping) == set(full_books.companies)
    codes = {(company, code) for company, code in rows("""SELECT c.name, a.code FROM account_account a
        JOIN res_company c ON c.id = a.company_id""")}  # fmt: skip
    for company, mapping in full_books.mapping.items():
        assert {"interest_expense", "income_tax", "inventory", "short_term_debt"} <= set(mapping.values())
        assert {(company, code) for code in mapping} <= codes
