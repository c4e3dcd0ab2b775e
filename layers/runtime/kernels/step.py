"""One forward pass: every thread reads the program from top to bottom and does what chunks it can claim.

``chunks`` says into how many parts an operation falls, ``perform`` does one of them. Neither looks at the
number of threads in a way that changes a result: any number of them makes the same values, bit for bit.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from abax_runtime.program import (
    ATTEND,
    EMBED,
    GATE,
    MERGE,
    MOST_CHUNKS,
    NO_FLOATS,
    NORM,
    PRODUCT,
    ROTATE,
    ROTATIONS,
    Attend,
    Embed,
    Gate,
    Merge,
    Norm,
    Pool,
    Product,
    Rotate,
    Rotations,
    Segment,
    places,
    words,
)
from numba import types

from kernels import matmul
from kernels.adapters import make_adapting
from kernels.attention import make_attention, make_cache_writer, make_totals
from kernels.attention import scratch_bytes as attention_scratch
from kernels.bundle import bundle
from kernels.pointwise import (
    make_angles,
    make_dequantise,
    make_gate,
    make_norm,
    make_quantise,
    make_rotate,
)
from kernels.simd import ADDRESS, Simd, function
from kernels.threads import (
    CONTROL,
    RECORD,
    c_function,
    larger,
    make_counter,
    make_waiting,
    make_words,
    smaller,
)

EMBEDS, ROTATION, NORMS, PRODUCTS, ROTATES = (
    places(kind) for kind in (Embed, Rotations, Norm, Product, Rotate)
)
ATTENDS, MERGES, GATES, POOLS = (places(kind) for kind in (Attend, Merge, Gate, Pool))
SEGMENT_WORDS = words(Segment)

ROW_CHUNKS = 32
"""Row by row work falls into about so many chunks."""
STRIP = 32
"""Rows of a matrix that products take together; chunks are whole strips."""
CHUNKS_PER_THREAD = 4
FEW_TOKENS = 16
MANY_TOKENS_ROWS = 64
"""Rows in a chunk for more tokens than that."""
MOST_ROWS = 1024


def exports(simd: Simd):
    """What ``abax_runtime.context`` and ``abax_runtime.workers`` call."""
    step = make_step(simd)
    return [
        ("step_run", step.step, types.void(ADDRESS)),
        ("step_work", step.work, types.void(ADDRESS, ADDRESS)),
        ("step_stop", step.stop, types.void(ADDRESS)),
        ("step_scratch_bytes", step.scratch_bytes, types.int64(*[ADDRESS] * 4)),
    ]


@cache
def make_step(simd: Simd) -> ModuleType:
    """``step(control)`` for the caller's thread, ``work(control, thread)`` for others, ``stop(control)``."""
    word, waiting, operations = make_words(simd).word, make_waiting(simd), make_operations(simd)
    chunks, perform, run = operations.chunks, operations.perform, make_run(simd)
    timed = make_timed(simd)

    @function
    def alone(control):
        """One thread: no counters."""
        scratch, record = word(control, CONTROL.scratch), word(control, CONTROL.program)
        for _ in range(word(control, CONTROL.operations)):
            for chunk in range(chunks(control, record)):
                perform(control, record, chunk, scratch)
            record += RECORD

    @function
    def together(control, thread, step):
        """This thread's part of a step."""
        scratch = word(control, CONTROL.scratch) + thread * word(control, CONTROL.scratch_bytes)
        record, counter = word(control, CONTROL.program), word(control, CONTROL.counters)
        for _ in range(word(control, CONTROL.operations)):
            if not run(control, record, counter, step, scratch):
                return
            record += RECORD
            counter += 64

    @function
    def step(control):
        if word(control, CONTROL.clock) != 0:
            timed(control, waiting.begin_step(control))
        elif word(control, CONTROL.threads) == 1:
            alone(control)
        else:
            together(control, 0, waiting.begin_step(control))

    @function
    def work(control, thread):
        """Take part in every step until there will be no more."""
        done = 0
        while True:
            done = waiting.await_step(control, done)
            if done < 0:
                return
            together(control, thread, done)

    return bundle(step=step, work=work, stop=waiting.stop, scratch_bytes=operations.scratch_bytes)


@cache
def make_run(simd: Simd):
    """``run(control, record, counter, step, scratch)``: this thread's part of one operation, and the wait for
    the others'. False: the step is over."""
    counting, waiting, operations = make_counter(simd), make_waiting(simd), make_operations(simd)

    @function
    def run(control, record, counter, step, scratch):
        most = operations.chunks(control, record)
        chunk = counting.claim(counter, step, most)
        while chunk >= 0:
            operations.perform(control, record, chunk, scratch)
            counting.finish(counter)
            chunk = counting.claim(counter, step, most)
        return waiting.await_finished(control, counter, step)

    return run


@cache
def make_timed(simd: Simd):
    """``timed(control, step)``: the caller's part of a step, adding up how long each operation took."""
    word, run = make_words(simd).word, make_run(simd)
    clock, load_i64, store_i64 = c_function("clock", types.int64, 0), simd.load_i64, simd.store_i64

    @function
    def timed(control, step):
        count, first = word(control, CONTROL.operations), word(control, CONTROL.program)
        counters, times = word(control, CONTROL.counters), word(control, CONTROL.times)
        scratch, address = word(control, CONTROL.scratch), word(control, CONTROL.clock)
        for number in range(count):
            begun = clock(address)
            record, counter = first + number * RECORD, counters + number * 64
            run(control, record, counter, step, scratch)
            spent = clock(address) - begun
            store_i64(times + number * 8, load_i64(times + number * 8) + spent)

    return timed


@cache
def make_operations(simd: Simd) -> ModuleType:
    """``chunks(control, record)``, ``perform(control, record, chunk, scratch)`` and ``scratch_bytes``."""
    word, by_row, norms = make_words(simd).word, make_row_operation(simd), make_norms(simd)
    products, gates = make_products(simd), make_gates(simd)
    attend, pool = make_attention(simd), make_pool(simd)

    @function
    def chunks(control, record):
        operation = word(record, 0)
        if operation == PRODUCT:
            return products.chunks(control, record)
        if operation == GATE:
            return gates.chunks(control, record)
        if operation == ATTEND:
            units = word(control, CONTROL.tiles) * word(control, CONTROL.splits)
            return units * word(record, ATTENDS.kv_heads)
        if operation == NORM and word(record, NORMS.wanted) != 0:
            return row_chunks(word(control, CONTROL.outputs))
        if operation < ATTEND or operation == MERGE:
            return row_chunks(word(control, CONTROL.tokens))
        return 1

    @function
    def perform(control, record, chunk, scratch):
        operation = word(record, 0)
        if operation == PRODUCT:
            products.product(control, record, chunk, scratch)
        elif operation == GATE:
            gates.gate(control, record, chunk, scratch)
        elif operation == ATTEND:
            attend(control, record, chunk, scratch)
        elif operation == NORM and word(record, NORMS.wanted) != 0:
            count = word(control, CONTROL.outputs)
            for row in range(first_row(count, chunk), first_row(count, chunk + 1)):
                norms.norm_wanted(control, record, row)
        elif operation < ATTEND or operation == MERGE:
            count = word(control, CONTROL.tokens)
            for row in range(first_row(count, chunk), first_row(count, chunk + 1)):
                by_row(control, record, operation, row)
        else:
            pool(control, record)

    return bundle(chunks=chunks, perform=perform, scratch_bytes=make_scratch_bytes(simd))


@cache
def make_scratch_bytes(simd: Simd):
    """``scratch_bytes(columns, batch, query_rows, head_size)``."""
    product_scratch = matmul.make_scratch_bytes(simd)

    @function
    def scratch_bytes(columns, batch, query_rows, head_size):
        """Of one thread: for products of so many columns and tokens, attention of so many queries."""
        product = product_scratch(columns) + 2 * 4 * larger(MANY_TOKENS_ROWS * batch, MOST_ROWS * FEW_TOKENS)
        return (larger(product, attention_scratch(query_rows, head_size)) + 127) // 64 * 64

    return scratch_bytes


@function
def row_chunks(count):
    return smaller(count, ROW_CHUNKS)


@function
def first_row(count, chunk):
    """The first row of a chunk."""
    return count * chunk // smaller(count, ROW_CHUNKS)


@cache
def make_row_operation(simd: Simd):
    """``by_row(control, record, operation, row)``: those that do one row after the other."""
    inputs, norm = make_inputs(simd), make_norms(simd).norm
    rotate, merge = make_rotate_and_store(simd), make_merge(simd)

    @function
    def by_row(control, record, operation, row):
        if operation == EMBED:
            inputs.embed(control, record, row)
        elif operation == ROTATIONS:
            inputs.rotations(control, record, row)
        elif operation == NORM:
            norm(record, row)
        elif operation == ROTATE:
            rotate(control, record, row)
        else:
            merge(control, record, row)

    return by_row


@cache
def make_inputs(simd: Simd) -> ModuleType:
    """``Embed`` and ``Rotations``: what a step begins with."""
    words = make_words(simd)
    word, number = words.word, words.number
    dequantise, angles = make_dequantise(simd), make_angles(simd)

    @function
    def embed(control, record, row):
        width = word(record, EMBEDS.width)
        token = word(word(control, CONTROL.token_ids), row)
        source = word(record, EMBEDS.table) + token * word(record, EMBEDS.row_bytes)
        dequantise(word(record, EMBEDS.kind), source, width, word(record, EMBEDS.to) + row * width * 4)

    @function
    def rotations(control, record, row):
        pairs = word(record, ROTATION.pairs)
        cosines = word(record, ROTATION.cosines) + row * pairs * 4
        sines = word(record, ROTATION.sines) + row * pairs * 4
        position, gain = word(word(control, CONTROL.positions), row), number(record, ROTATION.gain)
        angles(position, word(record, ROTATION.frequencies), pairs, gain, cosines, sines)

    return bundle(embed=embed, rotations=rotations)


@cache
def make_quantise_row(simd: Simd):
    """``quantise_row(floats, quants, scales, sums, columns, row)``."""
    quantise = make_quantise(simd)

    @function
    def quantise_row(floats, quants, scales, sums, columns, row):
        """Row ``row`` of activations, whose floats are there."""
        at = row * columns
        quantise(floats + at * 4, columns, quants + at, scales + at // 8, sums + at // 4)

    return quantise_row


@cache
def make_norms(simd: Simd) -> ModuleType:
    """``Norm``, of all rows or of the wanted ones."""
    words = make_words(simd)
    word, number = words.word, words.number
    norms, quantise_row = make_norm(simd), make_quantise_row(simd)

    @function
    def normalise(record, x, row):
        """Row ``row`` of the result from x, float32 [width]."""
        width, floats = word(record, NORMS.width), word(record, NORMS.to.floats)
        epsilon = number(record, NORMS.epsilon)
        norms.norm(x, word(record, NORMS.weight), width, epsilon, floats + row * width * 4)
        quants, scales = word(record, NORMS.to.quants), word(record, NORMS.to.scales)
        quantise_row(floats, quants, scales, word(record, NORMS.to.sums), width, row)

    @function
    def norm(record, row):
        width, delta = word(record, NORMS.width), word(record, NORMS.delta)
        x = word(record, NORMS.residual) + row * width * 4
        if delta != 0:
            norms.add(x, delta + row * width * 4, width)
        normalise(record, x, row)

    @function
    def norm_wanted(control, record, place):
        width, delta = word(record, NORMS.width), word(record, NORMS.delta)
        row = word(word(control, CONTROL.wanted), place)
        x = word(record, NORMS.to.floats) + place * width * 4
        norms.copy(word(record, NORMS.residual) + row * width * 4, width, x)
        if delta != 0:
            norms.add(x, delta + row * width * 4, width)
        normalise(record, x, place)

    return bundle(norm=norm, norm_wanted=norm_wanted)


@cache
def make_rotate_and_store(simd: Simd):
    """``Rotate``."""
    words = make_words(simd)
    word, number = words.word, words.number
    norms, turn, cache = make_norm(simd), make_rotate(simd), make_cache_writer(simd)
    f32 = simd.vectors("f32", 16)

    @function
    def prepare(x, bias, weight, epsilon, head_size):
        """Bias and norm of one head, where there are any."""
        if bias != 0:
            norms.add(x, bias, head_size)
        if weight != 0:
            norms.norm(x, weight, head_size, epsilon, x)

    @function
    def rotate(control, record, row):
        kv_heads, group = word(record, ROTATES.kv_heads), word(record, ROTATES.group)
        head_size, epsilon = word(record, ROTATES.head_size), number(record, ROTATES.epsilon)
        pairs, neighbours = word(record, ROTATES.pairs), word(record, ROTATES.neighbours)
        cosines = word(record, ROTATES.cosines) + row * pairs * 4
        sines = word(record, ROTATES.sines) + row * pairs * 4
        tokens, form = word(control, CONTROL.tokens), word(record, ROTATES.planes.form)
        position = word(word(control, CONTROL.positions), row)
        slot = word(word(control, CONTROL.slots), row) * word(record, ROTATES.planes.slot_bytes)
        scale = types.float32(number(record, ROTATES.scale))
        size = head_size * 4
        for head in range(kv_heads):
            bias = head * size
            for member in range(group):
                query = head * group + member
                x = word(record, ROTATES.queries) + (row * kv_heads * group + query) * size
                own = word(record, ROTATES.query_bias)
                prepare(
                    x, own + query * size if own else 0, word(record, ROTATES.query_norm), epsilon, head_size
                )
                turn(x, cosines, sines, pairs, neighbours)
                to = word(record, ROTATES.to) + ((head * tokens + row) * group + member) * size
                for d in range(0, size, 64):
                    f32.store(to + d, f32.load(x + d) * scale)
            plane = slot + head * word(record, ROTATES.planes.head_bytes)
            x = word(record, ROTATES.keys) + (row * kv_heads + head) * size
            own = word(record, ROTATES.key_bias)
            prepare(x, own + bias if own else 0, word(record, ROTATES.key_norm), epsilon, head_size)
            turn(x, cosines, sines, pairs, neighbours)
            cache.write_key(form, plane + word(record, ROTATES.planes.keys), position, head_size, x)
            x = word(record, ROTATES.values) + (row * kv_heads + head) * size
            own = word(record, ROTATES.value_bias)
            prepare(x, own + bias if own else 0, 0, epsilon, head_size)
            cache.write_value(form, plane + word(record, ROTATES.planes.values), position, head_size, x)

    return rotate


@cache
def make_merge(simd: Simd):
    """``Merge``."""
    word, totals, quantise_row = make_words(simd).word, make_totals(simd), make_quantise_row(simd)

    @function
    def merge(control, record, row):
        columns = word(record, MERGES.kv_heads) * word(record, MERGES.group) * word(record, MERGES.head_size)
        if word(control, CONTROL.splits) > 1:
            merge_row(control, record, row)
        floats, quants = word(record, MERGES.to.floats), word(record, MERGES.to.quants)
        scales, sums = word(record, MERGES.to.scales), word(record, MERGES.to.sums)
        quantise_row(floats, quants, scales, sums, columns, row)

    @function
    def merge_row(control, record, row):
        """Of each query, fold the second split and those after it into the first."""
        kv_heads, group = word(record, MERGES.kv_heads), word(record, MERGES.group)
        size, tokens = word(record, MERGES.head_size), word(control, CONTROL.tokens)
        each = (size + 2) * 4
        to = word(record, MERGES.to.floats) + row * kv_heads * group * size * 4
        for query in range(kv_heads * group):
            place = (query // group * tokens + row) * group + query % group
            total = word(record, MERGES.partial) + place * each
            for split in range(1, word(control, CONTROL.splits)):
                totals.fold(total, total + split * kv_heads * tokens * group * each, size)
            totals.finish(total, size, to + query * size * 4)

    return merge


@cache
def make_pool(simd: Simd):
    """``Pool``."""
    word, norms = make_words(simd).word, make_norm(simd)

    @function
    def pool(control, record):
        width, delta, to = word(record, POOLS.width), word(record, POOLS.delta), word(record, POOLS.to)
        for row in range(word(control, CONTROL.tokens)):
            norms.add(to, word(record, POOLS.source) + row * width * 4, width)
            if delta != 0:
                norms.add(to, delta + row * width * 4, width)

    return pool


@function
def chunk_rows(rows, tokens, threads):
    """Rows of a chunk, for matrices of so many rows together."""
    most = MOST_ROWS if tokens <= FEW_TOKENS else MANY_TOKENS_ROWS
    wanted = larger(rows // (threads * CHUNKS_PER_THREAD), rows // MOST_CHUNKS + 1)
    return smaller(most, (wanted + STRIP - 1) // STRIP * STRIP)


@cache
def make_products(simd: Simd) -> ModuleType:
    """``Product``."""
    word, adapting = make_words(simd).word, make_adapting(simd)
    multiply, row_bytes = matmul.make_product(simd), matmul.make_row_bytes(simd)

    @function
    def tokens_of(control, wanted):
        return word(control, CONTROL.outputs) if wanted != 0 else word(control, CONTROL.tokens)

    @function
    def product_rows(control, record):
        """Of a chunk of all segments."""
        rows = 0
        for segment in range(3):
            rows += word(record, PRODUCTS.first.rows + segment * SEGMENT_WORDS)
        tokens = tokens_of(control, word(record, PRODUCTS.wanted))
        return chunk_rows(rows, tokens, word(control, CONTROL.threads))

    @function
    def chunks(control, record):
        if tokens_of(control, word(record, PRODUCTS.wanted)) == 0:
            return 0
        each = product_rows(control, record)
        count = 1 if adapting.concerns(control, record + PRODUCTS.site.entry * 8) else 0
        for segment in range(3):
            count += (word(record, PRODUCTS.first.rows + segment * SEGMENT_WORDS) + each - 1) // each
        return count

    @function
    def product(control, record, chunk, scratch):
        site = record + PRODUCTS.site.entry * 8
        if not adapting.concerns(control, site):
            part(control, record, chunk, scratch)
        elif chunk > 0:
            part(control, record, chunk - 1, scratch)
        else:
            source, columns = record + PRODUCTS.source.floats * 8, word(record, PRODUCTS.columns)
            adapting.project(control, site, columns, source, scratch)

    @function
    def part(control, record, chunk, scratch):
        """Some rows of one of the matrices."""
        each, segment, number = product_rows(control, record), record, 0
        count = (word(segment, PRODUCTS.first.rows) + each - 1) // each
        while chunk >= count:
            chunk -= count
            segment += SEGMENT_WORDS * 8
            number += 1
            count = (word(segment, PRODUCTS.first.rows) + each - 1) // each
        kind, columns = word(segment, PRODUCTS.first.kind), word(record, PRODUCTS.columns)
        all_rows, row = word(segment, PRODUCTS.first.rows), chunk * each
        rows, to = smaller(each, all_rows - row), word(segment, PRODUCTS.first.to) + row * 4
        multiply(
            kind,
            word(segment, PRODUCTS.first.weights) + row * row_bytes(kind, columns),
            rows,
            columns,
            word(record, PRODUCTS.source.floats),
            word(record, PRODUCTS.source.quants),
            word(record, PRODUCTS.source.scales),
            word(record, PRODUCTS.source.sums),
            to,
            tokens_of(control, word(record, PRODUCTS.wanted)),
            all_rows,
            scratch,
        )
        site = record + PRODUCTS.site.entry * 8
        if adapting.concerns(control, site):
            adapting.add(control, site, number, row, rows, to, all_rows)

    return bundle(product=product, chunks=chunks)


@cache
def make_gates(simd: Simd) -> ModuleType:
    """``Gate``: some rows of two products, and the activations that they end in."""
    word, half, scratch_of_product = make_words(simd).word, make_half(simd), matmul.make_scratch_bytes(simd)
    quantise, silu_multiply, adapting = make_quantise(simd), make_gate(simd), make_adapting(simd)

    @function
    def chunks(control, record):
        rows = word(record, GATES.rows)
        each = chunk_rows(rows, word(control, CONTROL.tokens), word(control, CONTROL.threads))
        first = 1 if adapting.concerns(control, record + GATES.site.entry * 8) else 0
        return first + (rows + each - 1) // each

    @function
    def gate(control, record, chunk, scratch):
        site = record + GATES.site.entry * 8
        if not adapting.concerns(control, site):
            part(control, record, chunk, scratch)
        elif chunk > 0:
            part(control, record, chunk - 1, scratch)
        else:
            source, columns = record + GATES.source.floats * 8, word(record, GATES.columns)
            adapting.project(control, site, columns, source, scratch)

    @function
    def part(control, record, chunk, scratch):
        """Some rows of both matrices, float32 [T][rows] in scratch, then their part of the activations."""
        columns, all_rows = word(record, GATES.columns), word(record, GATES.rows)
        tokens = word(control, CONTROL.tokens)
        each = chunk_rows(all_rows, tokens, word(control, CONTROL.threads))
        row = chunk * each
        rows = smaller(each, all_rows - row)
        gates = scratch + scratch_of_product(columns)
        ups = gates + tokens * rows * 4
        half(record, GATES.gate_kind, row, rows, tokens, gates, scratch)
        half(record, GATES.up_kind, row, rows, tokens, ups, scratch)
        site = record + GATES.site.entry * 8
        if adapting.concerns(control, site):
            adapting.add(control, site, 0, row, rows, gates, rows)
            adapting.add(control, site, 1, row, rows, ups, rows)
        floats, quants = word(record, GATES.to.floats), word(record, GATES.to.quants)
        scales, sums = word(record, GATES.to.scales), word(record, GATES.to.sums)
        for token in range(tokens):
            at, own = token * all_rows + row, token * rows * 4
            made = floats + at * 4 if floats != NO_FLOATS else gates + own
            silu_multiply(gates + own, ups + own, rows, made)
            quantise(made, rows, quants + at, scales + at // 8, sums + at // 4)

    return bundle(gate=gate, chunks=chunks)


@cache
def make_half(simd: Simd):
    """``half(record, field, row, rows, tokens, to, scratch)``: one of a gate's two products."""
    word = make_words(simd).word
    multiply, row_bytes = matmul.make_product(simd), matmul.make_row_bytes(simd)

    @function
    def half(record, field, row, rows, tokens, to, scratch):
        """Gate or up; ``field`` is the word of its kind, its weights stand behind."""
        kind, columns = word(record, field), word(record, GATES.columns)
        multiply(
            kind,
            word(record, field + 1) + row * row_bytes(kind, columns),
            rows,
            columns,
            word(record, GATES.source.floats),
            word(record, GATES.source.quants),
            word(record, GATES.source.scales),
            word(record, GATES.source.sums),
            to,
            tokens,
            rows,
            scratch,
        )

    return half
