"""The native step against the plain numpy computation: every tensor type, architecture, rope and pattern.

Two tolerances, both of the root mean square difference by the logits' own spread. ``TIGHT``: the reference
rounds activations to int8 as the kernels do, so what is left is the order of sums in float32, keys and values
as float16, and now and then a quant that falls to the other side of a half. ``LOOSE``: activations are not
rounded at all; rounding them to 127 steps of a block's largest costs about 1 % here, as it does llama.cpp.
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

TIGHT, LOOSE = 3e-3, 2e-2
TOKENS = [int(token) for token in np.random.default_rng(5).integers(3, 330, 200)]


def native(made: Made, tokens: Sequence[int] = TOKENS[:40], *, cut: Sequence[int] = (), **how: Any) -> Array:
    """[T, vocabulary] of the native step; ``cut`` names the tokens before which a new step begins."""
    model = Model.load(made.path)
    context = model.context(**{"length": 256, "threads": 1, **how})
    found = []
    try:
        for start, end in zip((0, *cut), (*cut, len(tokens)), strict=True):
            count = end - start
            context.step(tokens[start:end], range(start, end), [0] * count, range(count))
            found += [np.array(context.logits(n)) for n in range(count)]
    finally:
        context.close()
    return np.array(found, np.float64)


def reference(made: Made, *, exact: bool = False, **how: Any) -> Reference:
    """Rounding as the kernels do, or not at all (``exact``)."""
    kinds = {name: kind for name, kind in made.types.items() if BLOCKS[kind][0] > 1}
    return Reference(made.metadata, made.weights, rounded=() if exact else kinds, half_cache=not exact, **how)


def apart(got: Array, wanted: Array) -> float:
    """Root mean square difference by the spread of what was wanted."""
    assert got.shape == wanted.shape
    return float(np.sqrt(np.mean((got - wanted) ** 2)) / wanted.std())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kind", TYPES)
def test_logits_agree_for_every_type_and_architecture(kind: str, architecture: str) -> None:
    made = small(Small(architecture=architecture, type=kind))
    got = native(made)
    assert apart(got, reference(made).logits(TOKENS[:40])) < TIGHT
    assert apart(got, reference(made, exact=True).logits(TOKENS[:40])) < LOOSE


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("cut", [(1, 2, 3), (5,), (37, 38), (3, 7, 14, 30)])
def test_however_a_text_is_cut_into_steps_its_logits_are_the_same(kind: str, cut: tuple[int, ...]) -> None:
    made = small(Small(type=kind))
    assert apart(native(made, cut=cut), reference(made).logits(TOKENS[:40])) < TIGHT


@pytest.mark.parametrize("count", [1, 2, 5, 15, 16, 17, 33, 64, 129, 200])
@pytest.mark.parametrize("kind", ["Q8_0", "Q4_1", "Q6_K"])
def test_prompts_of_every_length_agree(kind: str, count: int) -> None:
    made = small(Small(type=kind, architecture="qwen3"))
    assert apart(native(made, TOKENS[:count]), reference(made).logits(TOKENS[:count])) < TIGHT


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"])
@pytest.mark.parametrize(
    "shape",
    [
        Small(width=96, heads=3, kv_heads=1, head_size=32, feed_forward=160),
        Small(width=64, heads=2, kv_heads=2, head_size=128, feed_forward=96, architecture="qwen3", tied=True),
        Small(
            width=160, heads=14, kv_heads=2, head_size=16, feed_forward=224, architecture="qwen2", layers=1
        ),
        Small(width=576, heads=9, kv_heads=3, head_size=64, feed_forward=1536, layers=1, tied=True),
    ],
    ids=["narrow", "wide heads", "many heads", "as the default model"],
)
def test_odd_shapes_agree(kind: str, shape: Small) -> None:
    made = small(Small(**{**vars(shape), "type": kind}))
    assert apart(native(made, cut=(20, 21)), reference(made).logits(TOKENS[:40])) < TIGHT


SCALED = [*itertools.product(ARCHITECTURES, ["linear", "yarn"]), ("llama", "llama3")]


@pytest.mark.parametrize(("architecture", "rope"), SCALED)
def test_scaled_ropes_agree(architecture: str, rope: str) -> None:
    made = small(Small(architecture=architecture, rope=rope, type="F32"))
    assert apart(native(made, TOKENS), reference(made).logits(TOKENS)) < TIGHT


@pytest.mark.parametrize("output", ["F16", "Q8_0", "Q6_K"])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "separate"])
def test_an_output_of_another_type_agrees(output: str, tied: bool) -> None:
    made = small(Small(type="Q4_K", output_type=output, tied=tied))
    assert apart(native(made), reference(made).logits(TOKENS[:40])) < TIGHT


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(threads: int) -> None:
    made = small(Small(type="Q4_0"))
    assert apart(native(made, threads=threads, cut=(30,)), reference(made).logits(TOKENS[:40])) < TIGHT


def test_a_cache_of_q8_costs_little() -> None:
    made = small(Small())
    assert apart(native(made, TOKENS, kv="q8_0"), reference(made, exact=True).logits(TOKENS)) < LOOSE


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
        assert apart(got, wanted) < (TIGHT if kv == "f16" else LOOSE)


def test_patterns_differ_from_each_other() -> None:
    made = small(Small(type="F32"))
    found = [reference(made, mask=mask).logits(TOKENS) for _, mask in PATTERNS.values()]
    assert all(apart(one, found[0]) > 10 * TIGHT for one in found[1:])


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


def test_sequences_in_one_step_do_not_touch_each_other() -> None:
    made = small(Small(type="Q4_1", architecture="qwen2"))
    texts = [TOKENS[20 * n : 20 * n + length] for n, length in enumerate((9, 33, 1, 20))]
    found: list[list[Array]] = [[] for _ in texts]
    context = Model.load(made.path).context(length=64, sequences=len(texts), threads=1)
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
    context.close()
    for text, logits in zip(texts, found, strict=True):
        assert apart(np.array(logits), reference(made).logits(text)) < TIGHT


def test_stepping_again_from_an_earlier_position_forgets_what_came_after() -> None:
    made = small(Small())
    context = Model.load(made.path).context(length=64, threads=1)
    wrong, right = TOKENS[100:130], TOKENS[:30]
    context.step(right[:10] + wrong[10:], range(30), [0] * 30, [29])
    context.step(right[10:], range(10, 30), [0] * 20, range(20))
    got = np.array([context.logits(n) for n in range(20)], np.float64)
    context.close()
    assert apart(got, reference(made).logits(right)[10:]) < TIGHT


def test_only_the_rows_that_were_asked_for_have_logits_and_in_that_order() -> None:
    made = small(Small())
    context = Model.load(made.path).context(length=64, threads=1)
    context.step(TOKENS[:30], range(30), [0] * 30, [29, 3, 17])
    got = np.array([context.logits(n) for n in range(3)], np.float64)
    context.close()
    assert apart(got, reference(made).logits(TOKENS[:30])[[29, 3, 17]]) < TIGHT
