"""Arrays of strings as a GGUF file has them: each is its length, a little-endian int64, and its bytes.

A vocabulary is two arrays of some fifty thousand. Going through all lengths to find where one ends, and then
making Python's strings one by one, would take longer than the model takes for its first token. So would a
dictionary of them, for the hundred look-ups of a short text.

An index is where each string begins (int64 [count], from the start of the array), and a hash table of int64,
a power of two of them: 0, or a string's place plus 1 in the upper 40 bits and its number in the lower 24.
"""

from __future__ import annotations

from numba import types

from kernels.simd import Simd, function

NUMBER_BITS = 24
MOST_NUMBERS = (1 << NUMBER_BITS) - 1
MOST_PROBES = 1024
"""A half empty table needs a handful; but a file may be made to have all its strings hash to one place."""


WHOLE = types.int64


def exports(simd: Simd):
    """The C functions: addresses, sizes and counts are int64."""
    return [*_walks(simd), *_indexes(simd)]


def _walks(simd: Simd):
    """Through all strings, from the first to the last."""
    load_i64, load_u8, store_i8 = simd.load_i64, simd.load_u8, simd.store_i8

    @function
    def end(strings, size, count):
        """Bytes that ``count`` strings take, of the ``size`` that there are; -1 if they do not fit."""
        at = 0
        for _ in range(count):
            if size - at < 8:
                return -1
            length = load_i64(strings + at)
            at += 8
            if length < 0 or length > size - at:
                return -1
            at += length
        return at

    @function
    def lines(strings, size, count, to):
        """Copies the strings, a zero byte after each; the bytes written, 7 less for each than they take.

        -1 if a string has a zero byte, or if they do not fit: they lie in a file that may have been written
        to since ``end`` went through them, and ``to`` has room for what ``size`` bytes then held.
        """
        start, zeros, left = to, 0, size - 8 * count
        for _ in range(count):
            if left < 0:
                return -1
            length = load_i64(strings)
            if length < 0 or length > left:
                return -1
            strings += 8
            for i in range(length):
                byte = load_u8(strings + i)
                zeros += byte == 0
                store_i8(to + i, types.int8(byte))
            store_i8(to + length, types.int8(0))
            left -= length
            strings += length
            to += length + 1
        return to - start if zeros == 0 else -1

    return [
        ("strings_end", end, WHOLE(*[WHOLE] * 3)),
        ("strings_lines", lines, WHOLE(*[WHOLE] * 4)),
    ]


def _search(simd: Simd):
    """Where a string stands in the hash table of an index, or belongs."""
    load_i64, load_u8 = simd.load_i64, simd.load_u8

    @function
    def hashed(string, length):
        """FNV-1a (Fowler, Noll and Vo 1991), of 64 bits."""
        found = types.uint64(0xCBF29CE484222325)
        for i in range(length):
            found = (found ^ types.uint64(load_u8(string + i))) * types.uint64(0x100000001B3)
        return found ^ (found >> types.uint64(32))

    @function
    def same(one, other, length):
        i = 0
        while i < length and load_u8(one + i) == load_u8(other + i):
            i += 1
        return i == length

    @function
    def place_of(strings, size, table, mask, string, length):
        """The entry of a string, or the empty one where it belongs; -1 if that is not found soon.

        What is compared with may have another length than when it was indexed, and end beyond ``size``.
        """
        at = types.int64(hashed(string, length)) & mask
        for _ in range(MOST_PROBES):
            entry = load_i64(table + at * 8)
            if entry == 0:
                return at
            place = (entry >> NUMBER_BITS) - 1
            other = strings + place
            fits = load_i64(other) == length and length <= size - place - 8
            if fits and same(other + 8, string, length):
                return at
            at = (at + 1) & mask
        return types.int64(-1)

    return place_of


def _indexes(simd: Simd):
    """Make an index, and look strings up in it."""
    load_i64, store_i64, place_of = simd.load_i64, simd.store_i64, _search(simd)

    @function
    def index(strings, size, count, starts, table, slots):
        """Makes the index in ``starts`` and in ``table`` (``slots`` zeros). Of equal strings the last counts.

        0; or -1, where the strings do not fit in ``size`` bytes, or too many of them hash to one place.
        """
        at = types.int64(0)
        for number in range(count):
            if size - at < 8:
                return types.int64(-1)
            length = load_i64(strings + at)
            if length < 0 or length > size - at - 8:
                return types.int64(-1)
            store_i64(starts + number * 8, at)
            place = place_of(strings, size, table, slots - 1, strings + at + 8, length)
            if place < 0:
                return types.int64(-1)
            store_i64(table + place * 8, (at + 1) << NUMBER_BITS | number)
            at += 8 + length
        return types.int64(0)

    @function
    def find(strings, size, table, slots, string, length):
        """The number of a string of ``length`` bytes, or -1."""
        place = place_of(strings, size, table, slots - 1, string, length)
        if place < 0:
            return types.int64(-1)
        entry = load_i64(table + place * 8)
        return entry & MOST_NUMBERS if entry != 0 else types.int64(-1)

    return [
        ("strings_index", index, WHOLE(*[WHOLE] * 6)),
        ("strings_find", find, WHOLE(*[WHOLE] * 6)),
    ]
