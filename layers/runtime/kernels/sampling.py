"""What choosing a token costs natively: passes over the logits, float32 [count], of one row.

A pass looks at 32 logits together and is done with most groups in one comparison: a mask has no bit for any
of them, or none is above the least of the largest so far. Sums are in float64, in the order of the groups and
on one thread, so the number of threads changes nothing.
"""

from __future__ import annotations

from types import SimpleNamespace

from numba import types

from kernels.pointwise import make_exp
from kernels.simd import Simd, function

GROUP = 32
"""Logits looked at together: as many as a mask has in a word."""

LOWEST = types.float32(float("-inf"))


def make_argmax(simd: Simd):
    """``argmax(logits, count)``."""
    f32, load_f32 = simd.vectors("f32", GROUP), simd.load_f32

    @function
    def argmax(logits, count):
        """The first of the largest logits; -1 where all are -inf or no numbers."""
        best, token = LOWEST, -1
        whole = count // GROUP * GROUP
        for group in range(0, whole, GROUP):
            if f32.largest(f32.load(logits + group * 4)) > best:
                for i in range(group, group + GROUP):
                    value = load_f32(logits + i * 4)
                    if value > best:
                        best, token = value, i
        for i in range(whole, count):
            value = load_f32(logits + i * 4)
            if value > best:
                best, token = value, i
        return token

    return argmax


def make_heap(simd: Simd):
    """``sink`` and ``rise``: a heap of tokens and their logits, two arrays, with the last in order on top."""
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    load_i32, store_i32 = simd.load_i32, simd.store_i32

    @function
    def behind(value, token, other, other_token):
        """Whether a token comes after another: a smaller logit, or a larger number."""
        return value < other or (value == other and token > other_token)

    @function
    def sink(tokens, values, count, at, token, value):
        """Puts a token into the heap at ``at`` or below."""
        while 2 * at + 1 < count:
            child = 2 * at + 1
            token_at, value_at = load_i32(tokens + child * 4), load_f32(values + child * 4)
            if child + 1 < count:
                other, other_value = load_i32(tokens + child * 4 + 4), load_f32(values + child * 4 + 4)
                if behind(other_value, other, value_at, token_at):
                    child, token_at, value_at = child + 1, other, other_value
            if behind(value, token, value_at, token_at):
                break
            store_i32(tokens + at * 4, token_at)
            store_f32(values + at * 4, value_at)
            at = child
        store_i32(tokens + at * 4, token)
        store_f32(values + at * 4, value)

    @function
    def rise(tokens, values, at, token, value):
        """Puts a token into the heap at ``at`` or above."""
        while at > 0:
            parent = (at - 1) // 2
            token_at, value_at = load_i32(tokens + parent * 4), load_f32(values + parent * 4)
            if behind(value_at, token_at, value, token):
                break
            store_i32(tokens + at * 4, token_at)
            store_f32(values + at * 4, value_at)
            at = parent
        store_i32(tokens + at * 4, token)
        store_f32(values + at * 4, value)

    return SimpleNamespace(sink=sink, rise=rise)


def make_top(simd: Simd):
    """``top(logits, count, most, tokens, values)``."""
    f32 = simd.vectors("f32", GROUP)
    load_f32, store_f32 = simd.load_f32, simd.store_f32
    load_i32, store_i32 = simd.load_i32, simd.store_i32
    heap = make_heap(simd)
    sink, rise = heap.sink, heap.rise

    @function
    def take(logits, begin, end, most, tokens, values, found):
        """Adds those of a group that are among the largest so far; how many there are then."""
        for i in range(begin, end):
            value = load_f32(logits + i * 4)
            if found < most:
                if value > LOWEST:
                    rise(tokens, values, found, types.int32(i), value)
                    found += 1
            elif value > load_f32(values):
                sink(tokens, values, most, 0, types.int32(i), value)
        return found

    @function
    def top(logits, count, most, tokens, values):
        """The ``most`` largest logits, largest first and the first of equals first: int32 and float32 [most].

        Returns how many there are; -inf is none of them.
        """
        found, whole = 0, count // GROUP * GROUP
        for group in range(0, whole, GROUP):
            if found < most or f32.largest(f32.load(logits + group * 4)) > load_f32(values):
                found = take(logits, group, group + GROUP, most, tokens, values, found)
        found = take(logits, whole, count, most, tokens, values, found)
        for last in range(found - 1, 0, -1):
            token, value = load_i32(tokens + last * 4), load_f32(values + last * 4)
            store_i32(tokens + last * 4, load_i32(tokens))
            store_f32(values + last * 4, load_f32(values))
            sink(tokens, values, last, 0, token, value)
        return found

    return top


def make_changes(simd: Simd):
    """``restrict(logits, count, mask, words)`` and ``penalise(logits, tokens, count, penalty)``."""
    f32, u32 = simd.vectors("f32", GROUP), simd.vectors("u32", GROUP)
    load_f32, store_f32, load_u32, load_i32 = simd.load_f32, simd.store_f32, simd.load_u32, simd.load_i32
    bits = u32.constant([1 << bit for bit in range(GROUP)])

    @function
    def restrict(logits, count, mask, words):
        """Sets the logits without a bit in the mask (uint32 [words], lowest bit first) to -inf."""
        whole = count // GROUP
        for group in range(min(whole, words)):
            word = load_u32(mask + group * 4)
            if word == types.uint32(0):
                f32.store(logits + group * GROUP * 4, f32.splat(LOWEST))
            elif word != types.uint32(0xFFFFFFFF):
                value = f32.load(logits + group * GROUP * 4)
                off = (u32.splat(word) & bits()) == types.uint32(0)
                f32.store(logits + group * GROUP * 4, f32.select(off, f32.splat(LOWEST), value))
        for i in range(min(whole, words) * GROUP, count):
            word = load_u32(mask + i // GROUP * 4) if i < words * GROUP else types.uint32(0)
            if (word >> types.uint32(i % GROUP)) & types.uint32(1) == types.uint32(0):
                store_f32(logits + i * 4, LOWEST)

    @function
    def penalise(logits, tokens, count, penalty):
        """Makes the tokens (int32 [count], each once) less likely: Keskar and others 2019, section 4.1."""
        factor = types.float32(penalty)
        for i in range(count):
            at = logits + types.int64(load_i32(tokens + i * 4)) * 4
            value = load_f32(at)
            store_f32(at, value / factor if value > 0 else value * factor)

    return SimpleNamespace(restrict=restrict, penalise=penalise)


def make_sums(simd: Simd):
    """``exp_sum`` and ``draw``: of the logits from a floor on, e^(scale (logit - peak))."""
    f32 = simd.vectors("f32", GROUP)
    exp = make_exp(simd, GROUP)
    one = simd.vectors("f32", 4)
    exp_one = make_exp(simd, 4)
    load_f32 = simd.load_f32

    @function
    def weight(logit, peak, scale, floor):
        if logit > LOWEST and logit >= floor:
            return types.float64(one.get(exp_one(one.splat((logit - peak) * scale)), 0))
        return 0.0

    @function
    def group_sum(at, peak, scale, floor):
        value = f32.load(at)
        part = f32.select(value > LOWEST, exp((value - peak) * scale), f32.zero())
        return types.float64(f32.sum(f32.select(value >= floor, part, f32.zero())))

    @function
    def exp_sum(logits, count, peak, scale, floor):
        """The sum; -inf adds nothing."""
        total, whole = 0.0, count // GROUP * GROUP
        at_most, by, least = types.float32(peak), types.float32(scale), types.float32(floor)
        for group in range(0, whole, GROUP):
            total += group_sum(logits + group * 4, at_most, by, least)
        for i in range(whole, count):
            total += weight(load_f32(logits + i * 4), at_most, by, least)
        return total

    @function
    def walk(logits, begin, end, peak, scale, floor, target):
        """The token at which the sum passes ``target``; else the last one possible, -1 for none."""
        token = -1
        for i in range(begin, end):
            part = weight(load_f32(logits + i * 4), peak, scale, floor)
            if part > 0:
                token = i
            if part > target:
                break
            target -= part
        return token

    @function
    def draw(logits, count, peak, scale, floor, target):
        """The token at which the sum of `exp_sum` passes ``target`` as it grows; else the last possible."""
        whole = count // GROUP * GROUP
        at_most, by, least = types.float32(peak), types.float32(scale), types.float32(floor)
        for group in range(0, whole, GROUP):
            part = group_sum(logits + group * 4, at_most, by, least)
            if part > target:
                return walk(logits, group, group + GROUP, at_most, by, least, target)
            target -= part
        token = walk(logits, whole, count, at_most, by, least, target)
        while token < 0 and whole > 0:
            whole -= GROUP
            token = walk(logits, whole, whole + GROUP, at_most, by, least, float("inf"))
        return token

    return SimpleNamespace(exp_sum=exp_sum, draw=draw)


def exports(simd: Simd):
    """The C functions: addresses and counts are int64, numbers float64."""
    whole, number = types.int64, types.float64
    changes, sums = make_changes(simd), make_sums(simd)
    return [
        ("sample_argmax", make_argmax(simd), whole(whole, whole)),
        ("sample_top", make_top(simd), whole(whole, whole, whole, whole, whole)),
        ("sample_restrict", changes.restrict, types.void(whole, whole, whole, whole)),
        ("sample_penalise", changes.penalise, types.void(whole, whole, whole, number)),
        ("sample_exp_sum", sums.exp_sum, number(whole, whole, number, number, number)),
        ("sample_draw", sums.draw, whole(whole, whole, number, number, number, number)),
    ]
