"""Records behave as named tuples do."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import NamedTuple

import pytest
from abax_runtime.errors import InvalidParameter
from abax_runtime.record import Record
from abax_runtime.sampler import Sampling


class Theirs(NamedTuple):
    first: int
    second: str = "b"
    third: tuple[int, ...] = ()


class Ours(Record):
    first: int
    second: str = "b"
    third: tuple[int, ...] = ()

    @property
    def doubled(self) -> int:
        """A record may have members of its own."""
        return self.first * 2


MADE: list[Callable[[type], tuple[object, ...]]] = [
    lambda kind: kind(1),
    lambda kind: kind(1, "x"),
    lambda kind: kind(1, third=(2,)),
    lambda kind: kind(third=(1, 2), first=3, second=""),
    lambda kind: kind._make((1, "y", ())),
    lambda kind: kind(1)._replace(second="z"),
]


@pytest.mark.parametrize("make", MADE)
def test_a_record_is_the_tuple_that_a_named_tuple_is(make: Callable[[type], tuple[object, ...]]) -> None:
    ours, theirs = make(Ours), make(Theirs)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert Ours._make(ours)._asdict() == Theirs._make(theirs)._asdict()  # type: ignore[arg-type]


def test_fields_are_known_by_name_and_place() -> None:
    made = Ours(4)
    assert (made.first, made.second, made.third, made.doubled) == (4, "b", (), 8)
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    with pytest.raises(AttributeError):
        made.first = 5  # type: ignore[misc]


def test_records_are_copied_and_pickled() -> None:
    made = Ours(4, "x", (1,))
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert type(pickle.loads(pickle.dumps(made))) is Ours


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((1, "a", (), 4), {}), ((1,), {"first": 1}), ((1,), {"fourth": 2}), ((), {"second": "x"})],
)
def test_what_does_not_fit_is_refused(given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="first, second, third"):
        Ours(*given, **named)  # type: ignore[arg-type]


def test_an_instance_is_checked_when_it_is_made_and_when_it_is_replaced() -> None:
    with pytest.raises(InvalidParameter, match="top_k"):
        Sampling(top_k=-1)
    with pytest.raises(InvalidParameter, match="temperature"):
        Sampling()._replace(temperature=1000.0)
