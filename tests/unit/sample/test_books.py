"""The books under the story: balance, settlement, exchange differences, years."""

from datetime import date

import pytest
from abax.errors import UnbalancedEntry
from abax.sample.books import Entry, money
from abax.sample.documents import Item, Part, issue, pay
from abax.sample.firm import Firm, day_in, is_workday, months_after, workday, workday_before
from abax.sample.profiles import HARBOUR, NORDLICHT
from abax.sample.rates import Rates, divided, euro_and_pound
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2024, 5, 6)


def firm(rate_then: int = 860_000, rate_now: int = 840_000) -> Firm:
    return Firm(NORDLICHT, Rates("GBP", [date(2022, 1, 1), date(2024, 6, 1)], [rate_then, rate_now]), 1, 1000)


def customer(currency: str):
    return next(partner for partner in NORDLICHT.customers if partner.currency == currency)


@given(st.integers(-(10**14), 10**14), st.integers(1, 10**8))
def test_division_rounds_to_the_nearest_cent(numerator, denominator):
    assert abs(divided(numerator, denominator) * denominator - numerator) * 2 <= denominator
    assert divided(-numerator, denominator) == -divided(numerator, denominator)


def test_an_unbalanced_entry_is_refused():
    books = firm().books
    lines = [books.line("bank", 100, "in"), books.line("sales_parts", -99, "out")]
    with pytest.raises(UnbalancedEntry, match=r"0\.01"):
        books.post(Entry("MISC", DAY, lines))


def test_nothing_enters_a_closed_month():
    books = firm().books
    books.close_month(date(2024, 5, 31))
    with pytest.raises(AssertionError, match="closed"):
        books.post(Entry("MISC", DAY, []))


def test_an_invoice_with_two_taxes_balances_and_is_settled_in_two_payments():
    seller = firm()
    items = [Item("Machine", "sales_machines", 100_001, "S"), Item("Manual", "sales_books", 5_003, "S_LOW")]
    invoice = issue(seller, "out_invoice", customer("EUR"), DAY, items)
    claim = invoice.control()
    assert claim.amount == 100_001 + 19_000 + 5_003 + 350
    pay(seller, date(2024, 6, 3), [Part(claim, 400)])
    assert claim.residual == claim.amount - divided(claim.amount * 400, 1000)
    pay(seller, date(2024, 7, 1), [Part(claim)])
    assert claim.residual == 0 and not seller.books.open_items


@pytest.mark.parametrize(("now", "role", "sign"), [(900_000, "fx_loss", 1), (820_000, "fx_gain", -1)])
def test_a_foreign_invoice_paid_at_another_rate_leaves_an_exchange_difference(now, role, sign):
    seller = firm(860_000, now)
    invoice = issue(
        seller, "out_invoice", customer("GBP"), DAY, [Item("Parts", "sales_export", 86_000, "S_EXPORT")]
    )
    pay(seller, date(2024, 6, 20), [Part(invoice.control())])
    difference = 100_000 - divided(86_000 * 1_000_000, now)
    assert seller.books.balance(role) == difference and difference * sign > 0
    assert seller.books.balance("receivables") == 0 and not seller.books.open_items
    assert sum(settlement.exchange is not None for settlement in seller.books.settlements) == 1


def test_a_reverse_charge_posts_both_taxes_and_leaves_the_net_to_pay():
    buyer = firm()
    supplier = next(partner for partner in NORDLICHT.suppliers if partner.region == "eu")
    bill = issue(buyer, "in_invoice", supplier, DAY, [Item("Bars", "materials", 50_000, "P_EU")])
    assert bill.control().amount == -50_000
    assert buyer.books.balance("input_vat_eu") == -buyer.books.balance("output_vat_eu") == 9_500


def test_closing_a_year_carries_its_result_to_undistributed_profits():
    books = firm().books
    books.post(Entry("MISC", DAY, [books.line("bank", 700, "sale"), books.line("sales_parts", -700, "sale")]))
    books.close_year(2024)
    assert books.truth[2024].net_result == money(700) == books.truth[2024].closing_cash
    books.close_year(2025)
    opening = {code: row.opening for code, row in books.truth[2025].trial_balance.items()}
    assert opening == {"1800": money(700), "2970": money(-700)}


def test_what_one_concern_draws_does_not_shift_another():
    one, other = firm(), firm()
    one.dice("sales").random()
    assert one.dice("payroll").random() == other.dice("payroll").random()


@given(st.dates(date(2022, 1, 1), date(2026, 12, 31)))
def test_working_days_are_found_on_either_side(day):
    assert workday_before(day) <= day <= workday(day)
    assert is_workday(workday(day)) and is_workday(workday_before(day))


@given(st.randoms(use_true_random=False), st.dates(date(2022, 1, 1), date(2025, 12, 1)))
def test_a_random_day_is_a_working_day_of_its_month(rng, day):
    found = day_in(rng, day.replace(day=1))
    assert is_workday(found) and (found.year, found.month) == (day.year, day.month)


def test_months_are_counted_over_the_year_s_end():
    assert months_after(date(2023, 11, 1), 3) == date(2024, 2, 1)


def test_the_two_profiles_close_in_different_months():
    assert NORDLICHT.calendar.end_of(2024) == NORDLICHT.opens.replace(year=2024)
    assert HARBOUR.calendar.end_of(2022) == HARBOUR.opens


def test_rates_are_the_same_for_the_same_seed_only():
    assert euro_and_pound(7) == euro_and_pound(7)
    assert euro_and_pound(7) != euro_and_pound(8)
