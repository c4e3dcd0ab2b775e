"""Arrays of strings as a GGUF file has them: each is its length, a little-endian int64, and its bytes.

A vocabulary is two arrays of some fifty thousand. Going through all lengths to find where one ends, and then
making Python's strings one by one, would take longer than the model takes for its first token.
"""

from __future__ import annotations

from numba import types

from kernels.simd import Simd, function


def exports(simd: Simd):
    """The C functions: addresses, sizes and counts are int64."""
    load_i64, load_u8, store_i8 = simd.load_i64, simd.load_u8, simd.store_i8
    whole = types.int64

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
    def lines(strings, count, to):
        """Copies the strings, a zero byte after each; the bytes written, or -1 if a string has a zero byte.

        The strings must have been gone through with ``end``: they take 7 bytes less each in the copy.
        """
        start, zeros = to, 0
        for _ in range(count):
            length = load_i64(strings)
            strings += 8
            for i in range(length):
                byte = load_u8(strings + i)
                zeros += byte == 0
                store_i8(to + i, types.int8(byte))
            store_i8(to + length, types.int8(0))
            strings += length
            to += length + 1
        return to - start if zeros == 0 else -1

    return [
        ("strings_end", end, whole(whole, whole, whole)),
        ("strings_lines", lines, whole(whole, whole, whole)),
    ]
