"""How good predictions would have been, told from what was known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from abax.forecast.days_to_pay import Invoice, PaymentHistory, chance
from abax.forecast.hindsight import hindsight

DAY = date(2026, 10, 31)


def invoice(number: int, late: int | None, amount: float = 100.0) -> Invoice:
    """The newest is due on DAY, the others every five days before; paid so many days late."""
    due = DAY - timedelta(days=5 * number)
    paid = None if late is None else due + timedelta(days=late)
    return Invoice(
        str(number),
        f"p{number % 3}",
        due - timedelta(days=30),
        due,
        paid if paid and paid <= DAY else None,
        amount,
    )


def test_who_always_pays_ten_days_late_is_foretold_to_the_day_and_the_cent() -> None:
    found = hindsight([invoice(n, 10) for n in range(80)], DAY)
    assert found is not None and (found.error, found.bias, found.near, found.inside) == (0.0, 0.0, 1.0, 1.0)
    assert found.naive_error == pytest.approx(9.3, abs=0.8)  # tomorrow, where the due day was over
    assert found.money_error == 0.0 and found.naive_money_error is not None
    assert found.naive_money_error > 0.2


def test_what_is_never_paid_is_no_wrong_day_but_wrong_money() -> None:
    made = [invoice(n, None if n % 4 == 0 else 10) for n in range(80)]
    found = hindsight(made, DAY)
    assert found is not None and found.error < 1 and found.unpaid > 0
    assert found.money_error is not None and found.naive_money_error is not None
    assert found.money_error < found.naive_money_error / 2


def test_nothing_that_was_known_later_is_used() -> None:
    made = [invoice(n, 10) for n in range(80)]
    origin = DAY - timedelta(days=60)
    then = hindsight(made, DAY, origins=(60,))
    # Other terms since: what was foretold then is the same, and wrong.
    since = [
        replace(one, paid=one.paid + timedelta(days=9)) if one.paid and one.paid > origin else one
        for one in made
    ]
    now = hindsight(since, DAY, origins=(60,))
    assert then is not None and now is not None
    assert then.error == 0.0 and now.error == 9.0 and now.bias == 9.0


def test_too_short_a_history_tells_nothing() -> None:
    assert hindsight([invoice(n, 10) for n in range(6)], DAY) is None
    assert hindsight([], DAY) is None


def test_the_chance_of_an_open_invoice_goes_from_none_to_all() -> None:
    made = [invoice(n, n % 20) for n in range(80)]
    history = PaymentHistory(made, DAY)
    due = DAY - timedelta(days=4)
    chances = [chance(history, "p1", due, DAY + timedelta(days=days)) for days in range(30)]
    assert chances[0] == 0.0 and chances[-1] == pytest.approx(1.0) and chances == sorted(chances)
    assert chance(history, "p1", DAY - timedelta(days=300), DAY + timedelta(days=9)) == 0.0
    with pytest.raises(ValueError, match="are needed"):
        chance(PaymentHistory(made[:5], DAY), "p1", due, DAY)
