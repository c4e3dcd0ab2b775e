"""How long partners take to pay: by the product-limit estimate, and drawn towards all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from abax.forecast.days_to_pay import LEAST, Invoice, PaymentHistory, expected
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 3, 31)


def invoice(number: int, partner: str, due: int, late: int | None, terms: int = 30) -> Invoice:
    """Due so many days before DAY, paid so many days after that."""
    day = DAY - timedelta(days=due)
    paid = None if late is None else day + timedelta(days=late)
    return Invoice(f"{partner}{number}", partner, day - timedelta(days=terms), day, paid)


def test_all_paid_is_the_share_of_days() -> None:
    late = [-2, 0, 0, 1, 3, 5, 8, 13, 21, 34]
    history = PaymentHistory([invoice(n, "a", 100, days) for n, days in enumerate(late)], DAY, strength=0.0)
    curve = history.curve("a")
    assert [round(curve.open_after(day), 9) for day in (-3, -2, 0, 4, 34)] == [1.0, 0.9, 0.7, 0.5, 0.0]
    assert (curve.quantile(0.5), curve.quantile(0.9), curve.quantile(1.0)) == (3, 21, 34)
    assert curve.quantile(0.5, since=5) == 13


def test_what_is_open_says_that_it_took_longer() -> None:
    """Freireich's remission times of 6-MP, the textbook example of the estimate: Klein and Moeschberger,
    table 4.1."""
    ends = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1)]
    ends += [(17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]
    made = []
    for number, (weeks, is_paid) in enumerate(ends):
        due = DAY - timedelta(days=weeks if not is_paid else 200)
        made.append(Invoice(str(number), "a", due, due, due + timedelta(days=weeks) if is_paid else None))
    curve = PaymentHistory(made, DAY, strength=0.0).curve("a")
    found = [round(curve.open_after(week), 3) for week in (6, 7, 10, 13, 16, 22, 23)]
    assert found == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]
    assert curve.quantile(0.9) is None


def test_what_was_paid_before_the_books_tell_is_no_proof_of_slow_payers() -> None:
    """Half pay on the due day, half 60 days later; of the old ones only the slow are known."""
    every = [invoice(n, "a", due, (0, 60)[n % 2]) for n, due in enumerate(range(62, 182, 2))]
    since = DAY - timedelta(days=90)
    known = [one for one in every if one.paid is not None and one.paid >= since]
    assert sum(one.paid == one.due for one in known) < len(known) / 3
    naive, right = (PaymentHistory(known, DAY, 0.0, start).curve("a") for start in (date.min, since))
    assert naive.open_after(0) > 0.7
    assert right.open_after(0) == pytest.approx(0.5, abs=0.05)


def test_a_partner_with_few_invoices_is_like_all_and_one_with_many_like_himself() -> None:
    all_late = [invoice(n, f"p{n % 12}", 200, 30) for n in range(240)]
    prompt = [invoice(n, "few", 150, 0) for n in range(1)] + [invoice(n, "many", 150, 0) for n in range(40)]
    history = PaymentHistory([*all_late, *prompt], DAY)
    assert history.curve("many").quantile(0.5) == 0
    assert history.curve("few").quantile(0.5) == 30
    assert history.curve("never seen").paid == 0


def test_nothing_is_known_of_the_future() -> None:
    made = [invoice(n, "a", 40, days) for n, days in enumerate([5] * LEAST + [60] * 5)]
    before = PaymentHistory(made, DAY)
    assert before.paid == LEAST
    assert PaymentHistory(made, DAY - timedelta(days=37)).paid == 0
    assert not PaymentHistory(made, DAY - timedelta(days=80)).invoices


def test_an_open_invoice_is_expected_after_today() -> None:
    made = [invoice(n, "a", 150, days) for n, days in enumerate([0, 2, 4, 6, 8, 10, 12, 14, 40, 60])]
    history = PaymentHistory(made, DAY, strength=0.0)
    found = expected(history, "a", DAY - timedelta(days=20))
    assert (
        found is not None and found.day == DAY + timedelta(days=20) and found.late == DAY + timedelta(days=40)
    )
    fresh = expected(history, "a", DAY + timedelta(days=30), DAY)
    assert (
        fresh is not None
        and fresh.day == DAY + timedelta(days=38)
        and fresh.early == DAY + timedelta(days=30)
    )
    assert expected(history, "a", DAY - timedelta(days=61)) is None
    assert expected(PaymentHistory(made[:3], DAY), "a", DAY) is None
    with pytest.raises(ValueError, match="8 are needed"):
        PaymentHistory(made[:3], DAY).curve("a")


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-20, 300), st.none() | st.integers(-25, 90)), min_size=9
    ),
    st.integers(0, 3),
    st.integers(-40, 120),
)
def test_shares_fall_and_days_come_after_today(
    rows: list[tuple[int, int, int | None]], who: int, ago: int
) -> None:
    made = [invoice(n, f"p{partner}", due, late) for n, (partner, due, late) in enumerate(rows)]
    history = PaymentHistory(made, DAY)
    if not history.is_enough:
        return
    curve = history.curve(f"p{who}")
    assert all(
        0 <= later <= earlier <= 1 + 1e-9
        for earlier, later in zip((1.0, *curve.open), curve.open, strict=False)
    )
    found = expected(history, f"p{who}", DAY - timedelta(days=ago))
    if found is not None:
        assert DAY < found.early <= found.day and (found.late is None or found.day <= found.late)
