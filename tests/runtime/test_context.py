"""Steps of a context: what they refuse, threads on busy machines, embeddings, the end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from abax_runtime.context import Context
from abax_runtime.errors import ContextOverflow, InvalidParameter
from abax_runtime.model import Model
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.reference import Reference
from tests.support.models import Made, Small, small

TEXT = [17 + n * 29 % 300 for n in range(200)]


@pytest.fixture(scope="module")
def made() -> Made:
    return small(Small(type="Q4_1"))


@pytest.fixture(scope="module")
def model(made: Made) -> Iterator[Model]:
    with Model.load(made.path) as opened:
        yield opened


@pytest.fixture(scope="module")
def context(model: Model) -> Iterator[Context]:
    with model.context(length=256, sequences=3, batch=64, threads=2) as opened:
        yield opened


def after(context: Context, tokens: list[int], start: int = 0, slot: int = 0) -> bytes:
    """The last token's logits, bit by bit."""
    for begin in range(0, len(tokens), context.batch):
        part = tokens[begin : begin + context.batch]
        positions = range(start + begin, start + begin + len(part))
        context.step(part, positions, [slot] * len(part), [len(part) - 1])
    return context.logits(0).tobytes()


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, 179), max_size=8), aside=st.integers(0, 12))
def test_no_cut_and_no_company_changes_a_bit(context: Context, cuts: set[int], aside: int) -> None:
    wanted = after(context, TEXT[:180])
    edges = [0, *sorted(cuts | {60, 120}), 180]
    for start, end in pairwise(edges):
        other = TEXT[:aside] if end - start + aside <= context.batch else []
        if end - start > context.batch:
            after(context, TEXT[start:end], start)
            continue
        rows = range(end - start)
        context.step(
            [*TEXT[start:end], *other],
            [*range(start, end), *range(len(other))],
            [*[0 for _ in rows], *[2] * len(other)],
            [len(rows) - 1],
        )
    assert context.logits(0).tobytes() == wanted


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 8])
def test_any_number_of_threads_gives_the_same_bits(model: Model, context: Context, threads: int) -> None:
    with model.context(length=256, batch=64, threads=threads) as many:
        for count in (1, 2, 17, 64, 200):
            assert after(many, TEXT[:count]) == after(context, TEXT[:count])


def test_threads_on_one_core_beside_a_busy_one_agree_and_end(model: Model, context: Context) -> None:
    wanted = [after(context, TEXT[:count]) for count in range(1, 60)]
    allowed = os.sched_getaffinity(0)
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        core = {min(allowed)}
        os.sched_setaffinity(0, core)
        os.sched_setaffinity(busy.pid, core)
        with model.context(length=256, batch=64, threads=3) as squeezed:
            assert [after(squeezed, TEXT[:count]) for count in range(1, 60)] == wanted
    finally:
        os.sched_setaffinity(0, allowed)
        busy.kill()
        busy.wait()


def test_contexts_of_one_model_run_side_by_side(model: Model, context: Context) -> None:
    wanted = after(context, TEXT[:100])
    found: list[bytes] = []

    def work() -> None:
        with model.context(length=256, batch=64, threads=2) as own:
            found.extend(after(own, TEXT[:100]) for _ in range(5))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [wanted] * 15


def test_idle_threads_use_no_processor_time(model: Model) -> None:
    with model.context(length=64, threads=4) as idle:
        after(idle, TEXT[:5])
        threading.Event().wait(0.05)
        before = os.times()
        threading.Event().wait(0.5)
        spent = os.times()
    assert spent.user + spent.system - before.user - before.system < 0.1


def test_switching_between_programs_loses_nothing(context: Context) -> None:
    wanted, vector = after(context, TEXT[:30]), context.embed(TEXT[:40], slot=1)
    states = context.states(TEXT[:9], range(9), [2] * 9, layers=[0, 1])
    for _ in range(3):
        assert context.states(TEXT[:9], range(9), [2] * 9, layers=[0, 1]) == states
        assert context.embed(TEXT[:40], slot=1) == vector
        assert after(context, TEXT[:30]) == wanted


def test_embeddings_are_means_of_hidden_states(made: Made, context: Context) -> None:
    reference = Reference(made.metadata, made.weights)
    tokens = TEXT[:150]
    _, first, second = reference.states(tokens)
    last = reference.hidden(tokens).mean(0)
    assert np.corrcoef(context.embed(tokens), last)[0, 1] > 0.999
    both = np.array(context.embed(tokens, layers=[1, 0])).reshape(2, -1)
    assert np.corrcoef(both[0], second.mean(0))[0, 1] > 0.999
    assert np.corrcoef(both[1], first.mean(0))[0, 1] > 0.999


def test_states_of_texts_side_by_side_are_those_of_each_alone(made: Made, context: Context) -> None:
    parts = [TEXT[:20], TEXT[40:77], TEXT[100:105]]
    together = [(token, at, slot) for slot, part in enumerate(parts) for at, token in enumerate(part)]
    found = context.states(*zip(*together, strict=True), layers=[1, 0])
    second, first = (np.frombuffer(layer, np.float32).reshape(len(together), -1) for layer in found)
    begin = 0
    for part in parts:
        own = slice(begin, begin := begin + len(part))
        _, *wanted = Reference(made.metadata, made.weights).states(part)
        assert np.corrcoef(first[own].ravel(), wanted[0].ravel())[0, 1] > 0.999
        assert np.corrcoef(second[own].ravel(), wanted[1].ravel())[0, 1] > 0.999
        alone = context.states(part, range(len(part)), [0] * len(part), layers=[1])
        assert alone[0] == second[own].tobytes()


def test_states_of_layers_that_are_not_there_are_refused(context: Context) -> None:
    for wrong in ([], [-1], [0, context.model.config.layers]):
        with pytest.raises(InvalidParameter) as caught:
            context.states([1], [0], [0], layers=wrong)
        assert caught.value.field == "layers"


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        (([], [], [], []), "tokens"),
        (([1] * 65, range(65), [0] * 65, []), "tokens"),
        (([99999], [0], [0], []), "tokens"),
        (([-1], [0], [0], []), "tokens"),
        (([1], [0, 1], [0], []), "positions"),
        (([1], [-1], [0], []), "positions"),
        (([1, 1], [5, 5], [0, 0], []), "positions"),
        (([1, 1], [5, 4], [0, 0], []), "positions"),
        (([1], [0], [3], []), "sequences"),
        (([1], [0], [0], [1]), "outputs"),
    ],
)
def test_rows_that_cannot_be_are_refused_by_name(context: Context, rows: tuple, field: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        context.step(*rows)
    assert caught.value.field == field


def test_a_position_beyond_the_slot_overflows(context: Context) -> None:
    with pytest.raises(ContextOverflow) as caught:
        context.step([1], [256], [0], [0])
    assert (caught.value.needed, caught.value.limit) == (257, 256)
    with pytest.raises(ContextOverflow):
        context.embed([1] * 257)


def test_logits_that_were_not_wanted_are_not_handed_out(context: Context) -> None:
    context.step([1, 2], [0, 1], [0, 0], [1])
    assert len(context.logits(0)) == context.model.config.vocabulary
    for wrong in (1, -1):
        with pytest.raises(InvalidParameter):
            context.logits(wrong)


def test_logits_can_be_written_to(context: Context) -> None:
    context.step([1], [0], [0], [0])
    context.logits(0)[7] = 1e9
    assert context.logits(0)[7] == 1e9


def test_a_context_ends_once_and_then_refuses(model: Model) -> None:
    ended = model.context(length=64, threads=2)
    after(ended, TEXT[:3])
    ended.close()
    ended.close()
    with pytest.raises(InvalidParameter, match="closed"):
        ended.step([1], [0], [0], [0])


def test_a_forgotten_context_stops_its_threads(model: Model) -> None:
    before = set(threading.enumerate())
    forgotten = model.context(length=64, threads=3)
    after(forgotten, TEXT[:3])
    own = set(threading.enumerate()) - before
    assert len(own) == 2
    del forgotten
    gc.collect()
    assert not any(thread.is_alive() for thread in own)


def test_closing_a_model_closes_its_contexts(made: Made) -> None:
    model = Model.load(made.path)
    left_open = model.context(length=64, threads=2)
    after(left_open, TEXT[:3])
    model.close()
    assert left_open.closed


def test_operations_are_timed_when_asked_for(model: Model) -> None:
    with model.context(length=64, threads=2) as timed:
        timed.measure()
        after(timed, TEXT[:20])
        times = timed.times()
    assert times["product"] > 0
    assert times["attend"] > 0
    assert times["pool"] == 0
