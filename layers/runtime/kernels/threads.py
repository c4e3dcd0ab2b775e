"""How threads share a step: chunks claimed from a counter per operation, and sleep between steps.

An operation's counter is one word, so that one atomic exchange changes all of it at once:

    bits 42-63  the step's number       28-41  chunks     14-27  claimed     0-13  finished

A thread that comes to an operation claims chunks until none is left, then waits until all are finished.
Whoever claims first in a step writes the number of chunks; nothing has to be reset between steps. A thread
that wakes late finds operations finished and passes them; one that wakes after its step is over finds
counters that are full, or of a later step, and claims nothing. So no thread is ever waited for, only chunks
are: one that the scheduler has put aside holds up the chunk in its hands and nothing else.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from abax_runtime.program import (
    CHUNK_BITS,
    MOST_CHUNKS,
    RECORD_WORDS,
    STEP_MASK,
    STEP_SHIFT,
    WORD,
    Control,
    places,
)
from llvmlite import ir
from numba import types

from kernels.bundle import bundle
from kernels.simd import ADDRESS, Operation, Simd, function
from kernels.simd.memory import pointer

CONTROL = places(Control)
RECORD = RECORD_WORDS * WORD

FIELD, FIELD_MASK = CHUNK_BITS, MOST_CHUNKS
HALF_OF_STEPS = STEP_MASK // 2 + 1
CLAIM = 1 << FIELD

SPINS = 400
"""Pauses before a waiting thread begins to yield: about ten microseconds."""
YIELDS = 300
"""Yields before a worker that waits for the next step lets the kernel put it to sleep: some 100 µs."""

FUTEX_WAIT, FUTEX_WAKE = 128, 129  # private to the process
EVERYONE = 1 << 30
"""Threads to wake."""


@cache
def make_words(simd: Simd) -> ModuleType:
    """``word(block, n)`` and ``number(block, n)``: what stands in a record, as int64 or as float64."""
    load_word = simd.load_i64

    @function
    def word(block, number):
        return load_word(block + number * WORD)

    @function
    def number(block, number):
        return load_f64(block + number * WORD)

    return bundle(word=word, number=number)


@cache
def make_counter(simd: Simd) -> ModuleType:
    """Chunks of one operation: ``claim`` one, ``finish`` it."""
    load, add, exchange_if = simd.atomic_load, simd.atomic_add, simd.atomic_exchange_if

    @function
    def claim(counter, step, chunks):
        """The number of a chunk that is now this thread's, or -1. ``chunks``: how many there are in all."""
        seen = load(counter)
        while True:
            behind = (step - (seen >> STEP_SHIFT)) & STEP_MASK
            claimed = (seen >> FIELD) & FIELD_MASK
            if behind >= HALF_OF_STEPS or (behind == 0 and claimed == (seen >> 2 * FIELD) & FIELD_MASK):
                return -1  # this step is over, or all chunks are claimed
            wanted = seen + CLAIM
            if behind != 0:
                claimed = 0
                wanted = (step << STEP_SHIFT) | (chunks << 2 * FIELD) | (CLAIM if chunks > 0 else 0)
            found = exchange_if(counter, seen, wanted)
            if found == seen:
                return claimed if chunks > 0 else -1
            seen = found

    @function
    def finish(counter):
        """Say that a claimed chunk is done; what was written for it is there for who sees it finished."""
        add(counter, 1)

    return bundle(claim=claim, finish=finish)


@cache
def make_waiting(simd: Simd) -> ModuleType:
    """Of workers, until a step begins or an operation is finished; ``begin_step`` and ``stop`` end it."""
    word, load, add, pause = make_words(simd).word, simd.atomic_load, simd.atomic_add, simd.pause
    call_yield = c_function("call_yield", types.int32, 0)
    call_system = c_function("call_system", types.int64, 5)

    @function
    def rest(control, rounds):
        """Spin at first, then yield."""
        if rounds < SPINS:
            pause()
        else:
            call_yield(word(control, CONTROL.sched_yield))

    @function
    def await_finished(control, counter, step):
        """Wait until all chunks are finished. False: the step is over."""
        rounds = 0
        while True:
            seen = load(counter)
            if (step - (seen >> STEP_SHIFT)) & STEP_MASK != 0:
                return False
            if seen & FIELD_MASK == (seen >> 2 * FIELD) & FIELD_MASK:
                return True
            rest(control, rounds)
            rounds += 1

    @function
    def await_ready(control, ready):
        """Wait until the word at ``ready`` says that it is done for this step."""
        step = word(control, CONTROL.generation)
        rounds = 0
        while load(ready) != step:
            rest(control, rounds)
            rounds += 1

    @function
    def sleep(control, last):
        """Until ``wake``; the kernel looks once more whether ``last`` is still the step's number."""
        generation, sleepers = control + CONTROL.generation * WORD, control + CONTROL.sleepers * WORD
        add(sleepers, 1)
        number, system = word(control, CONTROL.futex), word(control, CONTROL.syscall)
        call_system(system, number, generation, FUTEX_WAIT, last, 0)
        add(sleepers, -1)

    @function
    def await_step(control, last):
        """Wait for another step than ``last`` to begin; its number, or -1 if there will be none."""
        rounds = 0
        while load(control + CONTROL.generation * WORD) == last:
            if rounds < SPINS + YIELDS:
                rest(control, rounds)
                rounds += 1
            else:
                sleep(control, last)
        if load(control + CONTROL.stop * WORD) != 0:
            return -1
        return load(control + CONTROL.generation * WORD)

    @function
    def begin_step(control):
        """Number the next step, which is written down, and wake who sleeps."""
        generation = control + CONTROL.generation * WORD
        step = add(generation, 1) + 1
        if add(control + CONTROL.sleepers * WORD, 0) > 0:
            number, system = word(control, CONTROL.futex), word(control, CONTROL.syscall)
            call_system(system, number, generation, FUTEX_WAKE, EVERYONE, 0)
        return step

    @function
    def stop(control):
        """Let all workers return."""
        add(control + CONTROL.stop * WORD, 1)
        begin_step(control)

    return bundle(
        await_finished=await_finished,
        await_ready=await_ready,
        await_step=await_step,
        begin_step=begin_step,
        stop=stop,
    )


def _load_f64(builder, address):
    return builder.load(pointer(builder, address), typ=ir.DoubleType(), align=8)


load_f64 = Operation("load_f64", types.float64, [ADDRESS], _load_f64)


def c_function(name: str, result, arguments: int) -> Operation:
    """``name(address, *numbers)``: call the C function at an address; libraries of kernels link none."""
    word = ir.IntType(64)

    def emit(builder, address, *numbers):
        kind = ir.FunctionType(ir.IntType(result.bitwidth), [word] * arguments)
        return builder.call(builder.inttoptr(address, kind.as_pointer()), numbers)

    return Operation(name, result, [ADDRESS] * (1 + arguments), emit)


@function
def smaller(a, b):
    return a if a < b else b


@function
def larger(a, b):
    return a if a > b else b
