"""The counter that chunks are claimed from."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from abax_runtime.program import STEP_MASK, STEP_SHIFT
from kernels.simd import Simd
from kernels.targets import TARGETS
from kernels.threads import make_counter, make_waiting
from numba import types

from tests.kernels.calling import Callable, aligned, made

Counter = np.ndarray


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    target = TARGETS["x86-64-v3"]
    simd, word = Simd(target), types.int64
    counter, waiting = make_counter(simd), make_waiting(simd)
    exports = [
        ("claim", counter.claim, word(word, word, word)),
        ("finish", counter.finish, types.void(word)),
        ("await_finished", waiting.await_finished, types.boolean(word, word, word)),
    ]
    return made(exports, target, tmp_path_factory.mktemp("threads"))


@pytest.fixture
def counter() -> Counter:
    return aligned(8, np.int64)


def claimed(native: Callable, counter: Counter, step: int, chunks: int) -> list[int]:
    """All chunks that are left."""
    found: list[int] = []
    while (chunk := native.call("claim", counter, step, chunks)) >= 0:
        found.append(chunk)
        native.call("finish", counter)
    return found


def over(native: Callable, counter: Counter, step: int) -> bool:
    """Whether waiting ends with all chunks finished."""
    return bool(native.call("await_finished", 0, counter, step) & 1)


def test_each_chunk_is_claimed_once_and_steps_follow_without_a_reset(
    native: Callable, counter: Counter
) -> None:
    for step in range(1, 6):
        assert claimed(native, counter, step, 3 + step) == list(range(3 + step))
        assert over(native, counter, step)


def test_an_operation_without_chunks_is_over_at_once(native: Callable, counter: Counter) -> None:
    assert claimed(native, counter, 1, 0) == []
    assert over(native, counter, 1)


def test_a_late_thread_claims_nothing_of_a_step_that_is_over(native: Callable, counter: Counter) -> None:
    claimed(native, counter, 7, 4)
    assert native.call("claim", counter, 7, 99) == -1
    claimed(native, counter, 8, 4)
    before = counter.copy()
    assert native.call("claim", counter, 7, 99) == -1
    assert not over(native, counter, 7)
    assert np.array_equal(counter, before)


def test_numbers_of_steps_may_wrap(native: Callable, counter: Counter) -> None:
    counter.view(np.uint64)[0] = (STEP_MASK - 2) << STEP_SHIFT
    for step in (STEP_MASK - 1, STEP_MASK, STEP_MASK + 1, STEP_MASK + 2):
        assert claimed(native, counter, step, 2) == [0, 1]
        assert native.call("claim", counter, step - 1, 2) == -1


def test_many_threads_share_all_chunks_without_loss(native: Callable, counter: Counter) -> None:
    found: list[list[int]] = [[] for _ in range(6)]
    start = threading.Barrier(len(found))

    def work(own: list[int]) -> None:
        start.wait()
        own.extend(claimed(native, counter, 1, 5000))

    workers = [threading.Thread(target=work, args=(own,)) for own in found]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(chunk for own in found for chunk in own) == list(range(5000))
    assert over(native, counter, 1)
