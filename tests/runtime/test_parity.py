"""The native step against the plain numpy computation: every tensor type, architecture, rope and pattern.

Differences are the root mean square over a row of logits, by the spread of all logits. With weights in
floating point every row must be ``CLOSE``: what is left are sums in another order, and keys and values as
float16. With quantised weights the reference rounds activations to int8 as the kernels do. A sum in another
order lets a quant fall to the other side of a half now and then, and what comes after it in that text then
differs as much as two roundings do; but the rows before it must be ``CLOSE`` all the same, and all of them
``ROUNDED``: within about twice of what rounding costs here, 1 %, as it costs llama.cpp.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from abax_runtime.cache import Attention
from abax_runtime.model import Model

from tests.runtime.reference import Array, Reference, full
from tests.support.models import ARCHITECTURES, Made, Small, small
from tests.support.quants import BLOCKS, TYPES

CLOSE, ROUNDED = 1e-4, 2.5e-2
TOKENS = [int(token) for token in np.random.default_rng(5).integers(3, 330, 200)]


def native(made: Made, tokens: Sequence[int] = TOKENS[:40], *, cut: Sequence[int] = (), **how: Any) -> Array:
    """[T, vocabulary] of the native step; ``cut`` names the tokens before which a new step begins."""
    found = []
    given = {"length": 256, "threads": 1, **how}
    with Model.load(made.path) as model, model.context(**given) as context:
        for start, end in zip((0, *cut), (*cut, len(tokens)), strict=True):
            count = end - start
            context.step(tokens[start:end], range(start, end), [0] * count, range(count))
            found += [np.array(context.logits(n)) for n in range(count)]
    return np.array(found, np.float64)


def reference(made: Made, *, exact: bool = False, **how: Any) -> Reference:
    """Rounding as the kernels do, or not at all (``exact``)."""
    kinds = {name: kind for name, kind in made.types.items() if BLOCKS[kind][0] > 1}
    return Reference(made.metadata, made.weights, rounded=() if exact else kinds, half_cache=not exact, **how)


def apart(got: Array, wanted: Array) -> Array:
    """[T] root mean square differences of the rows, by the spread of what was wanted."""
    assert got.shape == wanted.shape
    found: Array = np.sqrt(np.mean((got - wanted) ** 2, axis=1)) / wanted.std()
    return found


def check(made: Made, got: Array, wanted: Array) -> None:
    """Fails unless the logits agree as well as the types of the weights allow."""
    rows = apart(got, wanted)
    if all(BLOCKS[kind][0] == 1 for kind in made.types.values()):
        assert rows.max() < CLOSE
        return
    assert rows.max() < ROUNDED
    if len(rows) >= 16:
        assert np.quantile(rows, 0.25) < CLOSE


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kind", TYPES)
def test_logits_agree_for_every_type_and_architecture(kind: str, architecture: str) -> None:
    made = small(Small(architecture=architecture, type=kind, layers=1))
    check(made, native(made), reference(made).logits(TOKENS[:40]))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kind", TYPES)
def test_through_more_layers_rounding_costs_no_more_than_it_must(kind: str, architecture: str) -> None:
    made = small(Small(architecture=architecture, type=kind, layers=4, tied=True))
    exact = reference(made, exact=True).logits(TOKENS[:40])
    must = np.sqrt(np.mean(apart(reference(made).logits(TOKENS[:40]), exact) ** 2))
    assert np.sqrt(np.mean(apart(native(made), exact) ** 2)) < 1.2 * must


@pytest.mark.parametrize("count", [1, 2, 5, 15, 16, 17, 33, 64, 129, 200])
@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_1", "Q6_K"])
def test_prompts_of_every_length_agree(kind: str, count: int) -> None:
    made = small(Small(type=kind, architecture="qwen3", layers=1))
    check(made, native(made, TOKENS[:count]), reference(made).logits(TOKENS[:count]))


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"])
@pytest.mark.parametrize(
    "shape",
    [
        Small(width=96, heads=3, kv_heads=1, head_size=32, feed_forward=160, layers=1),
        Small(width=64, heads=2, kv_heads=2, head_size=128, feed_forward=96, architecture="qwen3", layers=1),
        Small(
            width=160, heads=14, kv_heads=2, head_size=16, feed_forward=224, architecture="qwen2", layers=1
        ),
        Small(width=576, heads=9, kv_heads=3, head_size=64, feed_forward=1536, layers=1, tied=True),
    ],
    ids=["narrow", "wide heads", "many heads", "as the default model"],
)
def test_odd_shapes_agree(kind: str, shape: Small) -> None:
    made = small(Small(**{**vars(shape), "type": kind}))
    check(made, native(made, cut=(20, 21)), reference(made).logits(TOKENS[:40]))


SCALED = [*itertools.product(ARCHITECTURES, ["linear", "yarn"]), ("llama", "llama3")]


@pytest.mark.parametrize(("architecture", "rope"), SCALED)
def test_scaled_ropes_agree(architecture: str, rope: str) -> None:
    made = small(Small(architecture=architecture, rope=rope, type="F32"))
    check(made, native(made, TOKENS), reference(made).logits(TOKENS))


@pytest.mark.parametrize("output", ["F16", "Q8_0", "Q6_K"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "separate"])
def test_an_output_of_another_type_agrees(output: str, tied: bool) -> None:
    made = small(Small(type="Q4_K", output_type=output, tied=tied, layers=1))
    check(made, native(made), reference(made).logits(TOKENS[:40]))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("cut", [(1, 2, 3), (5,), (37, 38), (3, 7, 14, 30)])
def test_however_a_text_is_cut_into_steps_its_logits_are_the_same_to_the_bit(
    kind: str, cut: tuple[int, ...]
) -> None:
    made = small(Small(type=kind))
    assert np.array_equal(native(made, cut=cut), native(made))


@pytest.mark.parametrize("kind", ["F32", "Q4_1"])
@pytest.mark.parametrize("rows", [1, 2, 5, 16])
def test_far_into_a_text_a_draft_computes_what_single_steps_would_to_the_bit(kind: str, rows: int) -> None:
    made = small(Small(type=kind, layers=1))
    assert np.array_equal(native(made, TOKENS, cut=range(120, 200, rows)), native(made, TOKENS))


@pytest.mark.parametrize("kind", ["F32", "Q4_0", "Q5_K"])
@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_changes_nothing(kind: str, threads: int) -> None:
    made = small(Small(type=kind))
    assert np.array_equal(native(made, threads=threads, cut=(30,)), native(made, cut=(30,)))


def test_a_cache_of_q8_costs_little() -> None:
    made = small(Small(type="F32"))
    assert apart(native(made, TOKENS, kv="q8_0"), reference(made).logits(TOKENS)).max() < ROUNDED


def _local(query: Array, key: Array) -> Array:
    return query - key < 24


def _strided(query: Array, key: Array) -> Array:
    return (query - key < 24) | (key % 7 == 0)


def _blocks(query: Array, key: Array) -> Array:
    return (query // 20 - key // 20 <= 1) | (key < 5)


PATTERNS: dict[str, tuple[Attention, Callable[[Any, Any], Any]]] = {
    "full": (Attention(), full),
    "local_window": (Attention("local_window", window=24), _local),
    "strided": (Attention("strided", window=24, stride=7), _strided),
    "block_local_global": (Attention("block_local_global", block=20, global_tokens=5), _blocks),
}


@pytest.mark.parametrize("kv", ["f16", "q8_0"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_sparse_attention_is_what_masked_attention_would_be(pattern: str, kv: str) -> None:
    made = small(Small(type="F32"))
    attention, mask = PATTERNS[pattern]
    wanted = reference(made, mask=mask).logits(TOKENS)
    for cut in ((), (100, 101, 102, 103), (33, 150)):
        got = native(made, TOKENS, cut=cut, attention=attention, kv=kv)
        assert apart(got, wanted).max() < (CLOSE if kv == "f16" else ROUNDED)


def test_patterns_differ_from_each_other() -> None:
    made = small(Small(type="F32"))
    found = [reference(made, mask=mask).logits(TOKENS) for _, mask in PATTERNS.values()]
    assert all(apart(one, found[0]).max() > 10 * ROUNDED for one in found[1:])


def _turns(lengths: Sequence[int]) -> Iterator[list[tuple[int, int, int]]]:
    """Steps of rows (slot, from, to) that bring texts of these lengths forward at different speeds."""
    done = [0] * len(lengths)
    for turn in range(1, 100):
        rows = []
        for slot, length in enumerate(lengths):
            count = min(length - done[slot], 1 + (turn * (slot + 3)) % 5)
            if count:
                rows.append((slot, done[slot], done[slot] + count))
                done[slot] += count
        if not rows:
            return
        yield rows


@pytest.mark.parametrize("kind", ["BF16", "Q4_1"])
def test_sequences_in_one_step_do_not_touch_each_other(kind: str) -> None:
    made = small(Small(type=kind, architecture="qwen2"))
    texts = [TOKENS[20 * n : 20 * n + length] for n, length in enumerate((9, 33, 1, 20))]
    found: list[list[Array]] = [[] for _ in texts]
    with Model.load(made.path) as model, model.context(length=64, sequences=4, threads=1) as context:
        for rows in _turns([len(text) for text in texts]):
            places = [(slot, n) for slot, start, end in rows for n in range(start, end)]
            context.step(
                [texts[slot][n] for slot, n in places],
                [n for _, n in places],
                [slot for slot, _ in places],
                range(len(places)),
            )
            for row, (slot, _) in enumerate(places):
                found[slot].append(np.array(context.logits(row), np.float64))
    for text, logits in zip(texts, found, strict=True):
        assert np.array_equal(np.array(logits), native(made, text))


def test_stepping_again_from_an_earlier_position_forgets_what_came_after() -> None:
    made = small(Small())
    wrong, right = TOKENS[100:130], TOKENS[:30]
    with Model.load(made.path) as model, model.context(length=64, threads=1) as context:
        context.step(right[:10] + wrong[10:], range(30), [0] * 30, [29])
        context.step(right[10:], range(10, 30), [0] * 20, range(20))
        got = np.array([context.logits(n) for n in range(20)], np.float64)
    assert np.array_equal(got, native(made, right)[10:])


def test_only_the_rows_that_were_asked_for_have_logits_and_in_that_order() -> None:
    made = small(Small())
    with Model.load(made.path) as model, model.context(length=64, threads=1) as context:
        context.step(TOKENS[:30], range(30), [0] * 30, [29, 3, 17])
        got = np.array([context.logits(n) for n in range(3)], np.float64)
    assert np.array_equal(got, native(made, TOKENS[:30])[[29, 3, 17]])
