"""Aged receivables and payables as of any day."""

from datetime import date, timedelta

import pytest
from abax.errors import InvalidRequest, UnknownFigure
from abax.ledger import AGING_BUCKETS, aged, build_package, explain

from tests.support.books import Entry, Settlement


def invoice(day, amount, due, partner="p1"):
    return Entry(day, [("1100", amount), ("4000", str(-int(amount)))], partner=partner, due=due)


def receipt(day, amount, partner="p1"):
    return Entry(day, [("1000", amount), ("1100", str(-int(amount)))], partner=partner)


def test_an_item_is_open_for_what_was_not_settled_by_that_day(ledger):
    assert int(aged(ledger, "aged_receivables", date(2025, 1, 19)).total) == 500
    assert int(aged(ledger, "aged_receivables", date(2025, 1, 20)).total) == 200


def test_items_settled_since_are_still_open_on_the_day(opened):
    books = [invoice("2024-01-01", "100", "2024-01-31"), receipt("2024-04-01", "100")]
    ledger = opened(books, settlements=[Settlement("L0.0", "L1.1", "2024-04-01", "100")])
    before, after = (aged(ledger, "aged_receivables", day) for day in (date(2024, 3, 31), date(2024, 4, 1)))
    assert [int(item.residual) for item in before.items] == [100]
    assert (after.items, int(after.total)) == ([], 0)


def test_a_payment_that_nothing_was_matched_with_is_an_item_of_its_own(opened):
    ledger = opened([invoice("2024-01-01", "100", "2024-01-31"), receipt("2024-02-01", "60")])
    report = aged(ledger, "aged_receivables", date(2024, 3, 1))
    assert [int(item.residual) for item in report.items] == [100, -60]
    assert int(report.total) == 40


def test_a_partner_whose_items_cancel_is_still_listed(opened):
    ledger = opened(
        [invoice("2024-01-01", "100", None), receipt("2024-01-01", "100")], partners={"p1": "Buyer"}
    )
    report = aged(ledger, "aged_receivables", date(2024, 1, 1))
    assert [(partner.partner, int(partner.total)) for partner in report.partners] == [("Buyer", 0)]


def test_payables_are_negative(ledger):
    report = aged(ledger, "aged_payables", date(2024, 12, 31))
    assert [(partner.partner, int(partner.total)) for partner in report.partners] == [("Seller", -200)]


@pytest.mark.parametrize(
    ("overdue", "bucket"),
    [(-5, "not due"), (0, "not due"), (1, "1–30"), (30, "1–30"), (31, "31–60"), (60, "31–60"), (61, "61–90"),
     (90, "61–90"), (91, "91–120"), (120, "91–120"), (121, "over 120"), (900, "over 120")],
)  # fmt: skip
def test_an_item_goes_to_the_bucket_of_its_days_overdue(opened, overdue, bucket):
    due = date(2024, 6, 1)
    ledger = opened([invoice("2024-01-01", "100", due.isoformat())])
    report = aged(ledger, "aged_receivables", due + timedelta(overdue))
    assert AGING_BUCKETS[report.items[0].bucket] == bucket
    assert int(report.buckets[AGING_BUCKETS.index(bucket)]) == 100


def test_an_item_without_a_due_date_is_not_due(opened):
    report = aged(opened([invoice("2020-01-01", "100", None)]), "aged_receivables", date(2024, 1, 1))
    assert (report.items[0].due_date, report.items[0].bucket) == (None, 0)


def test_postings_after_the_day_do_not_exist_yet(ledger):
    assert aged(ledger, "aged_receivables", date(2024, 1, 31)).items == []


def test_partners_that_share_a_name_are_told_apart(opened):
    books = [invoice("2024-01-01", "1", None, "p1"), invoice("2024-01-01", "2", None, "p2"),
             invoice("2024-01-01", "4", None, None)]  # fmt: skip
    report = aged(opened(books, partners={"p1": "Twin", "p2": "Twin"}), "aged_receivables", date(2024, 1, 1))
    totals = {partner.partner: int(partner.total) for partner in report.partners}
    assert totals == {"Twin (p1)": 1, "Twin (p2)": 2, "(no partner)": 4}


def test_there_are_two_aged_reports(ledger):
    with pytest.raises(UnknownFigure, match="aged_receivables, aged_payables"):
        aged(ledger, "aged_stock", date(2024, 1, 1))


def test_a_day_after_the_years_that_were_read_is_refused_where_later_ones_have_postings(opened):
    ledger = opened([invoice("2024-01-01", "100", "2024-01-31")], later_years=True)
    message = r"as_of: open items on 2025-01-01 .* read up to 2024-12-31 only.*close fiscal year 2025"
    asked = date(2025, 1, 1)
    with pytest.raises(InvalidRequest, match=message) as caught:
        aged(ledger, "aged_receivables", asked)
    assert caught.value.field == "as_of"
    with pytest.raises(InvalidRequest, match=message):
        explain(ledger, "aged_payables", "total", asked.isoformat())
    with pytest.raises(InvalidRequest, match=message):
        build_package(ledger, 2024, as_of=asked)


def test_the_last_day_that_was_read_can_be_asked_for(opened):
    ledger = opened([invoice("2024-01-01", "100", "2024-01-31")], later_years=True)
    assert int(aged(ledger, "aged_receivables", date(2024, 12, 31)).total) == 100


def test_any_later_day_can_be_asked_for_where_nothing_is_posted_after_the_years_read(opened):
    ledger = opened([invoice("2024-01-01", "100", "2024-01-31")])
    assert int(aged(ledger, "aged_receivables", date(2031, 1, 1)).total) == 100
