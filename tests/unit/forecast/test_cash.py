"""Open items and deals as cash to come."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from abax.forecast.cash import (
    Every,
    Item,
    Kind,
    alerts,
    by_currency,
    crossing,
    flows,
    of_deal,
    of_item,
    spans,
)
from abax.forecast.days_to_pay import Invoice, PaymentHistory
from abax.forecast.deals import Deal, Practice
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 3, 31)  # a Tuesday


def history(*late: int, partner: str = "Hale Ltd") -> PaymentHistory:
    made = []
    for number, days in enumerate(late):
        due = TODAY - timedelta(days=150 + number)
        made.append(Invoice(str(number), partner, due - timedelta(days=30), due, due + timedelta(days=days)))
    return PaymentHistory(made, TODAY)


def item(due: int = 10, amount: str = "1000", partner: str = "Hale Ltd", currency: str = "EUR") -> Item:
    day = TODAY + timedelta(days=due)
    kind = Kind.RECEIVABLE if Decimal(amount) > 0 else Kind.PAYABLE
    return Item("R-1", kind, partner, Decimal(amount), currency, day - timedelta(days=30), day)


def test_an_item_is_paid_as_its_partner_pays() -> None:
    found = of_item(item(), history(*[5] * 20))
    assert found.expected == TODAY + timedelta(days=15) and found.source == "history"
    assert found.confidence == pytest.approx(1.0) and found.reasons[-1].text.startswith("Hale Ltd paid 20")
    assert found.paid_by(TODAY + timedelta(days=14)) == 0.0
    assert found.paid_by(TODAY + timedelta(days=15)) == pytest.approx(1.0)


def test_without_history_the_due_day_counts_and_says_so() -> None:
    found = of_item(item(), history(5, 5))
    assert found.expected == TODAY + timedelta(days=10) and found.source == "due day"
    assert found.reasons[-1].rule == "no history" and found.confidence < 0.5
    overdue = of_item(item(due=-40), history())
    assert overdue.expected == TODAY + timedelta(days=1)
    assert "41 days after its due day" in [reason.text for reason in overdue.reasons]


def test_where_due_days_foretold_better_days_go_by_them_and_chances_by_what_was_learnt() -> None:
    learnt = history(*[0, 30] * 10)
    doubted = PaymentHistory(learnt.invoices, TODAY, doubt="due days were nearer")
    found = of_item(item(), doubted)
    assert found.expected == TODAY + timedelta(days=10) and found.source == "due day"
    assert found.late == TODAY + timedelta(days=40) and found.reasons[-1].text == "due days were nearer"
    assert found.paid_by(TODAY + timedelta(days=12)) == pytest.approx(0.5)
    [*_, last] = flows([found], spans(TODAY, 14, Every.WEEK))
    assert last.low < last.position < last.high
    stale = of_item(item(due=-400), doubted)
    assert stale.expected is None and "nobody knows whether it is ever paid" in stale.warnings[-1]


def test_what_is_long_overdue_is_not_expected_tomorrow() -> None:
    found = of_item(item(due=-400), history())
    assert found.expected is None and found.paid_by(TODAY + timedelta(days=400)) == 0.0
    assert found.warnings == ("401 days after its due day: nobody knows whether it is ever paid",)


def test_what_is_open_for_longer_than_anything_was_is_told() -> None:
    found = of_item(item(due=-90), history(*[5] * 20))
    assert found.warnings == ("open for longer than any of 20 invoices that were paid",)
    assert found.expected == TODAY + timedelta(days=1)


def test_a_deal_is_paid_after_its_invoice_as_its_partner_pays() -> None:
    deal = Deal(
        id="D-1", partner="Hale Ltd", amount=Decimal(500), currency="EUR", stage="won", stage_since=TODAY
    )
    found = of_deal(deal, Practice(), history(*[5] * 20))
    assert found.invoiced == TODAY + timedelta(days=10) and found.due == TODAY + timedelta(days=40)
    assert found.expected == TODAY + timedelta(days=45) and found.source == "rules + history"
    assert found.probability == 0.97 and found.paid_by(TODAY + timedelta(days=60)) == pytest.approx(0.97)


def test_weeks_end_on_sunday_and_months_on_their_last_day() -> None:
    weeks = spans(TODAY, 13, Every.WEEK)
    assert [(one.label, one.start, one.end) for one in weeks[:2]] == [
        ("2026-W14", date(2026, 4, 1), date(2026, 4, 5)),
        ("2026-W15", date(2026, 4, 6), date(2026, 4, 12)),
    ]
    months = spans(date(2026, 11, 15), 60, Every.MONTH)
    assert [(one.label, one.end) for one in months] == [
        ("2026-11", date(2026, 11, 30)),
        ("2026-12", date(2026, 12, 31)),
        ("2027-01", date(2027, 1, 31)),
    ]


def test_flows_add_up_to_the_position_and_a_floor_is_watched() -> None:
    known = history(*[0, 14] * 10)
    ones = [of_item(item(amount="1000"), known), of_item(item(amount="-400", due=3), known)]
    found = flows(ones, spans(TODAY, 60, Every.WEEK), Decimal(100))
    assert found[-1].position == Decimal(100) + sum((flow.net for flow in found), Decimal(0))
    assert found[-1].position == Decimal("700") and found[-1].low == found[-1].high
    middle = found[1]
    assert middle.low < middle.position < middle.high
    told = alerts(ones, found, Decimal(0))
    assert told and told[0].span.label == "2026-W14" and 0.05 <= told[0].probability <= 1
    assert not alerts(ones, found, Decimal(-1000))


def test_a_floor_may_be_crossed_between_two_ends_that_are_safe() -> None:
    known = history(*[0, 14] * 10)
    receipt, payment = of_item(item(amount="1000"), known), of_item(item(amount="-400", due=3), known)
    periods = spans(TODAY, 60, Every.WEEK)
    # Half of the time the bill goes first: by its due day, two weeks before half of the receipts.
    found = crossing([receipt, payment], periods, Decimal(0), Decimal(100))
    largest = max(
        one.probability
        for one in alerts([receipt, payment], flows([receipt, payment], periods, Decimal(100)), Decimal(0))
    )
    assert largest - 0.04 <= found <= 1.0
    assert crossing([receipt, payment], periods, Decimal(-1000)) == 0.0
    assert crossing([receipt, payment], periods, Decimal(5000)) == 1.0
    assert crossing([], periods, Decimal(5), Decimal(10)) == 0.0
    # Two bills at different times, each as likely as not in its week: either is enough.
    bills = [of_item(item(amount="-60", due=due), known) for due in (3, 40)]
    assert crossing([*bills, receipt], spans(TODAY, 90, Every.WEEK), Decimal(0), Decimal(50)) > 0.5


def test_currencies_are_kept_apart() -> None:
    known = history(*[0] * 10)
    found = by_currency([of_item(item(), known), of_item(item(currency="USD"), known)])
    assert {name: len(ones) for name, ones in found.items()} == {"EUR": 1, "USD": 1}


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.integers(-5000, 5000).filter(bool)), min_size=1, max_size=8),
    st.lists(st.integers(-10, 90), min_size=0, max_size=25),
    st.integers(1, 120),
)
def test_chances_grow_and_no_more_is_paid_than_is_open(
    rows: list[tuple[int, int]], late: list[int], horizon: int
) -> None:
    known = history(*late)
    ones = [of_item(item(due, str(amount)), known) for due, amount in rows]
    for one in ones:
        chances = [one.paid_by(TODAY + timedelta(days=day)) for day in range(0, 500, 20)]
        assert chances[0] == 0.0 and all(0 <= a <= b <= 1 + 1e-9 for a, b in pairwise(chances))
        assert one.expected is None or one.expected > TODAY
    for flow in flows(ones, spans(TODAY, horizon, Every.WEEK)):
        assert flow.payments <= 0 <= flow.receipts and flow.low <= flow.position <= flow.high
