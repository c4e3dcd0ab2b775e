"""What is weighed about a value by the values around it."""

from __future__ import annotations

from decimal import Decimal

from abax.documents import candidates
from abax.documents.contracts import DocumentType
from abax.documents.spans import Value, look
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.documents.made import reading_of


def amounts_of(numbers: list[int]) -> tuple[candidates._Context, list[Value]]:
    sight = look(reading_of("\n".join(f"{number}.00" for number in numbers), "en"))
    values = [value for value in sight.values if value.type == "amount"]
    return candidates._Context(sight, values, DocumentType.RECEIPT), values


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_where_else_an_amount_stands_and_the_largest_below_it(numbers: list[int]) -> None:
    context, values = amounts_of(numbers)
    for place, value in enumerate(values):
        later = [other.value for other in values[place + 1 :]]
        assert (context.last_at[value.value] > place) == (value.value in later)
        assert (context.first_at[value.value] < place) == (value.value in [v.value for v in values[:place]])
        assert (context.most_after[place] <= value.value) == all(other <= value.value for other in later)


def test_cash_given_and_change_are_looked_for_right_below() -> None:
    context, _ = amounts_of([8, 10, 2])
    assert context.tendered(0, Decimal(8))
    context, _ = amounts_of([8, *[1] * candidates._BELOW, 10, 2])
    assert not context.tendered(0, Decimal(8))
