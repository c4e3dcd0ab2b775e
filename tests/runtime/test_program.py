"""The layout that both sides share."""

from __future__ import annotations

import struct
from typing import get_args

import pytest
from abax_runtime.program import (
    LINE,
    OPERATIONS,
    RECORD_WORDS,
    WORD,
    Activations,
    Control,
    Norm,
    Operation,
    Product,
    Segment,
    pack,
    places,
    words,
)


@pytest.mark.parametrize("layout", get_args(Operation))
def test_every_operation_fits_its_record_and_has_its_own_number(layout: type[tuple[int, ...]]) -> None:
    assert words(layout) <= RECORD_WORDS
    assert OPERATIONS[layout._field_defaults["op"]] == layout.__name__.lower()
    assert places(layout).op == 0


def test_a_record_s_values_stand_where_its_places_say() -> None:
    norm = Norm(1, 11, 12, 13, 1e-5, 64, Activations(21, 22, 23, 24))
    at, record = places(Norm), pack([norm])
    assert struct.unpack_from("=q", record, at.residual * WORD) == (11,)
    assert struct.unpack_from("=d", record, at.epsilon * WORD) == (1e-5,)
    assert struct.unpack_from("=q", record, at.to.sums * WORD) == (24,)


def test_segments_stand_one_behind_the_other() -> None:
    at = places(Product)
    assert at.second.kind - at.first.kind == at.third.kind - at.second.kind == words(Segment)


def test_what_different_threads_write_lies_on_different_lines() -> None:
    at = places(Control)
    assert len({word * WORD // LINE for word in (at.generation, at.sleepers, at.stop)}) == 3
