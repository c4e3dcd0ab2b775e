"""Choosing tokens: filters in their order, seeds, penalties, log-probabilities, and what is refused."""

from __future__ import annotations

import ctypes
import math
import random
import threading
from array import array
from collections import Counter
from collections.abc import Sequence

import pytest
from abax_runtime.errors import InvalidParameter
from abax_runtime.native import Native, load
from abax_runtime.sampler import Choice, Random, Sampler, Sampling
from hypothesis import given, settings
from hypothesis import strategies as st

OPEN = {"top_k": 0, "top_p": 1.0, "min_p": 0.0}
"""No filter at all."""


@pytest.fixture(scope="module")
def native() -> Native:
    return load()


def choose(
    sampler: Sampler, logits: Sequence[float], mask: bytes | None = None, recent: Sequence[int] = ()
) -> Choice:
    row = array("f", logits)
    return sampler.choose(row.buffer_info()[0], len(row), mask, recent)


def mask_of(tokens: Sequence[int], size: int) -> bytes:
    return sum(1 << token for token in tokens).to_bytes(-(-size // 32) * 4, "little")


def logits_of(count: int, seed: int = 1) -> list[float]:
    draws = random.Random(seed)
    return [draws.gauss(0, 2) for _ in range(count)]


def shares(native: Native, logits: Sequence[float], count: int = 4000, **settings: float) -> dict[int, float]:
    """How often each token comes."""
    sampler = Sampler(Sampling(seed=7, **settings), native)
    found = Counter(choose(sampler, logits).token for _ in range(count))
    return {token: times / count for token, times in found.items()}


def softmax(logits: Sequence[float], temperature: float = 1.0) -> list[float]:
    weights = [math.exp((value - max(logits)) / temperature) for value in logits]
    return [weight / sum(weights) for weight in weights]


def test_temperature_zero_takes_the_largest_and_of_equals_the_first(native):
    assert choose(Sampler(Sampling(), native), [0.0, 3.0, 1.0, 3.0]).token == 1


def test_a_mask_holds_for_every_way_to_choose(native):
    logits = logits_of(100)
    mask = mask_of([3, 70, 99], 100)
    for settings_ in (
        {},
        {"temperature": 1.0},
        {"temperature": 9.0, **OPEN},
        {"temperature": 5.0, "top_k": 0},
    ):
        sampler = Sampler(Sampling(seed=1, **settings_), native)
        assert {choose(sampler, logits, mask).token for _ in range(60)} <= {3, 70, 99}


def test_a_mask_without_a_bit_is_refused(native):
    for settings_ in ({}, {"temperature": 1.0}, {"temperature": 1.0, **OPEN}):
        with pytest.raises(InvalidParameter, match="logits"):
            choose(Sampler(Sampling(**settings_), native), [1.0, 2.0], mask_of([], 2))


def test_logits_that_are_no_numbers_are_refused(native):
    with pytest.raises(InvalidParameter, match="no numbers"):
        choose(Sampler(Sampling(logprobs=2), native), [math.nan] * 40)


def test_without_filters_tokens_come_as_often_as_the_softmax_says(native):
    logits = [1.0, 0.0, 2.0, -1.0, 0.5]
    for temperature in (0.7, 1.0, 2.0):
        found = shares(native, logits, temperature=temperature, **OPEN)
        for token, share in enumerate(softmax(logits, temperature)):
            assert found.get(token, 0) == pytest.approx(share, abs=0.025)


def test_top_k_keeps_the_largest(native):
    found = shares(native, logits_of(50), temperature=3.0, top_k=4, top_p=1.0, min_p=0.0)

    assert set(found) == set(sorted(range(50), key=logits_of(50).__getitem__)[-4:])


def test_top_p_keeps_the_fewest_that_have_the_share_before_temperature_is_applied(native):
    logits = [math.log(share) for share in (0.5, 0.25, 0.15, 0.1)]

    assert set(shares(native, logits, temperature=8.0, top_k=0, top_p=0.7, min_p=0.0)) == {0, 1}
    assert set(shares(native, logits, temperature=8.0, top_k=0, top_p=0.8, min_p=0.0)) == {0, 1, 2}
    assert set(shares(native, logits, temperature=8.0, top_k=0, top_p=0.0, min_p=0.0)) == {0}


def test_min_p_keeps_what_has_a_share_of_the_likeliest(native):
    logits = [math.log(share) for share in (0.5, 0.3, 0.15, 0.05)]

    assert set(shares(native, logits, temperature=8.0, top_k=0, top_p=1.0, min_p=0.25)) == {0, 1, 2}
    assert set(shares(native, logits, temperature=8.0, top_k=0, top_p=1.0, min_p=1.0)) == {0}


def test_top_p_counts_what_top_k_has_left(native):
    flat = [0.0] * 100

    assert len(shares(native, flat, temperature=1.0, top_k=10, top_p=0.5, min_p=0.0)) == 5


@pytest.mark.parametrize("top_p", [0.3, 0.9, 0.999])
def test_wide_filters_over_many_tokens_keep_the_same_as_a_sort_would(native, top_p):
    logits = logits_of(3000)
    probabilities = softmax([ctypes.c_float(value).value for value in logits])
    order = sorted(range(3000), key=lambda token: -probabilities[token])
    kept, sum_ = set(), 0.0
    for token in order:
        if sum_ >= top_p:
            break
        kept.add(token)
        sum_ += probabilities[token]

    found = shares(native, logits, 800, temperature=50.0, top_k=0, top_p=top_p, min_p=0.0)

    edge = {order[place] for place in (len(kept) - 2, len(kept) - 1, len(kept))}  # rounding of the sums
    assert set(found) <= kept | edge
    assert len(found) > min(0.4 * len(kept), 200)


def test_wide_min_p_over_many_tokens_keeps_what_has_a_share_of_the_likeliest(native):
    logits = [value / 8 for value in logits_of(3000)]
    floor = max(logits) + math.log(0.2)

    found = shares(native, logits, 800, temperature=5.0, top_k=0, top_p=1.0, min_p=0.2)

    assert min(logits[token] for token in found) >= floor - 1e-5
    assert len(found) > 128


def test_repeated_tokens_are_less_likely_within_the_window(native):
    logits = [2.0, 1.9, -1.0, 0.0]
    penalised = Sampler(Sampling(repetition_penalty=1.5, repetition_window=2), native)

    assert choose(penalised, logits, recent=[0]).token == 1
    assert choose(penalised, logits, recent=[0, 3, 3]).token == 0
    assert choose(penalised, [-0.1, -0.12], recent=[0, 0]).token == 1
    assert choose(penalised, logits, recent=[-5, 10**6]).token == 0
    assert (
        choose(
            Sampler(Sampling(repetition_window=0, repetition_penalty=2.0), native), logits, recent=[0]
        ).token
        == 0
    )


def test_a_seed_gives_the_same_tokens_on_any_thread_and_another_seed_gives_others(native):
    rows = [logits_of(2000, seed) for seed in range(40)]

    def text(seed: int) -> list[int]:
        sampler = Sampler(Sampling(temperature=1.5, top_k=0, top_p=0.99, min_p=0.0, seed=seed), native)
        return [choose(sampler, row).token for row in rows]

    wanted, found = text(5), []
    threads = [threading.Thread(target=lambda: found.append(text(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [wanted] * 4
    assert text(6) != wanted


def test_without_a_seed_texts_differ(native):
    def text() -> list[int]:
        sampler = Sampler(Sampling(temperature=1.0, **OPEN), native)
        return [choose(sampler, [0.0] * 1000).token for _ in range(8)]

    assert text() != text()


def test_random_numbers_are_splitmix64s():
    draws = Random(1234567)
    wanted = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]

    assert [draws.next() for _ in range(4)] == [(number >> 11) / 2**53 for number in wanted]


def test_random_numbers_fill_the_unit_interval_evenly():
    draws = Random(-1)
    numbers = [draws.next() for _ in range(4000)]

    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
    assert sum(numbers) / 4000 == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("settings_", [{}, {"temperature": 0.9}, {"temperature": 1.0, **OPEN}])
def test_log_probabilities_are_the_models_own_whatever_the_settings(native, settings_):
    logits = logits_of(500)
    wanted = [math.log(share) for share in softmax(logits)]
    order = sorted(range(500), key=lambda token: -wanted[token])
    mask = mask_of(order[10:20], 500)
    sampler = Sampler(Sampling(seed=3, logprobs=4, repetition_penalty=1.7, **settings_), native)

    choice = choose(sampler, logits, mask, recent=order[:12])

    assert choice.token in order[10:20]
    assert choice.logprob == pytest.approx(wanted[choice.token], abs=1e-4)
    assert [token for token, _ in choice.top] == order[:4]
    assert [value for _, value in choice.top] == pytest.approx(
        [wanted[token] for token in order[:4]], abs=1e-4
    )


def test_without_being_asked_no_log_probability_is_worked_out(native):
    choice = choose(Sampler(Sampling(), native), [0.0, 1.0])

    assert math.isnan(choice.logprob)
    assert choice.top == ()
    assert choose(Sampler(Sampling(logprobs=0), native), [0.0, 1.0]).logprob == pytest.approx(
        -0.3133, abs=1e-3
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("temperature", value) for value in (-0.1, math.nan, math.inf, "1", True)),
        *(("top_k", value) for value in (-1, 1.5, None)),
        *((name, value) for name in ("top_p", "min_p") for value in (-0.1, 1.1, None)),
        *(("repetition_penalty", value) for value in (0, -1, math.inf)),
        *(("repetition_window", value) for value in (-1, 2.0)),
        *(("seed", value) for value in (2**64, 1.0, "a", True)),
        *(("logprobs", value) for value in (-1, 21, 1.0)),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(InvalidParameter, match=field) as error:
        Sampling(**{field: value})

    assert error.value.field == field


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=80),
    st.floats(0.05, 10),
    st.integers(0, 100),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 2**64 - 1),
)
def test_whatever_the_settings_a_token_is_chosen_that_no_filter_takes_out(
    logits, temperature, top_k, top_p, min_p, seed
):
    settings_ = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, seed=seed)

    token = choose(Sampler(settings_, load()), logits).token

    rank = sum(value > logits[token] for value in logits)
    assert rank < (top_k or len(logits))
    assert math.exp(logits[token] - max(logits)) >= min_p * (1 - 1e-5)
