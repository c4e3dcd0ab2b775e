"""The circuit breaker: opens after failures in a row, lets one probe through, closes again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from abax.errors import ModelUnreachable
from abax.writing.breaker import Breaker, State


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def failed(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.enter(1)
        breaker.fail()


def test_it_opens_after_so_many_failures_in_a_row(clock: Clock) -> None:
    breaker = Breaker("host", failures=3, seconds=10, clock=clock)
    failed(breaker, 2)
    breaker.enter(1)
    breaker.succeed()
    failed(breaker, 2)
    assert breaker.state is State.CLOSED
    failed(breaker, 1)
    assert breaker.state is State.OPEN


def test_an_open_one_says_until_when(clock: Clock) -> None:
    breaker = Breaker("api.example.com", failures=2, seconds=10, clock=clock)
    failed(breaker, 2)
    clock.now = 4
    with pytest.raises(
        ModelUnreachable, match=r"api\.example\.com: 2 calls .* again from \d\d:\d\d:\d\d UTC on"
    ) as caught:
        breaker.enter(1)
    assert caught.value.retryable
    assert caught.value.until is not None
    left = caught.value.until - datetime.now(UTC)
    assert timedelta(seconds=5) < left < timedelta(seconds=8)


def test_one_probe_is_let_through_and_closes_it(clock: Clock) -> None:
    breaker = Breaker("host", failures=2, seconds=10, clock=clock)
    failed(breaker, 2)
    clock.now = 10
    assert breaker.state is State.HALF_OPEN
    breaker.enter(5)
    with pytest.raises(ModelUnreachable):
        breaker.enter(5)
    breaker.succeed()
    breaker.enter(5)
    assert breaker.state is State.CLOSED


def test_a_probe_that_fails_opens_it_for_twice_as_long(clock: Clock) -> None:
    breaker = Breaker("host", failures=2, seconds=10, clock=clock)
    failed(breaker, 2)
    clock.now = 10
    failed(breaker, 1)
    clock.now = 29
    assert breaker.state is State.OPEN
    clock.now = 30
    assert breaker.state is State.HALF_OPEN


def test_a_probe_that_nobody_hears_of_again_makes_room_for_the_next(clock: Clock) -> None:
    breaker = Breaker("host", failures=1, seconds=10, clock=clock)
    failed(breaker, 1)
    clock.now = 10
    breaker.enter(5)
    clock.now = 15
    breaker.enter(5)


def test_failures_of_calls_that_were_under_way_do_not_lengthen_it(clock: Clock) -> None:
    breaker = Breaker("host", failures=2, seconds=10, clock=clock)
    for _ in range(6):
        breaker.enter(1)
    for _ in range(6):
        breaker.fail()
    clock.now = 10
    assert breaker.state is State.HALF_OPEN
