"""The layout of what Python hands to the native step: the control block, and one record per operation.

A step is one forward pass. It is written down once per context as a *program*, a table of records in the
order of the computation; each native thread reads it from top to bottom. Everything here is in words of 8
bytes (int64, addresses too; a float fills a word as float64). ``kernels.step`` compiles against this module,
so the two sides cannot disagree: ``places(Product).columns`` is the word of a product's record that holds its
columns.

Sizes: T rows (tokens) in the step, J of them wanted (with logits).
"""

from __future__ import annotations

import struct

from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final, TypeVar

    Layout = TypeVar("Layout", bound=tuple[Any, ...])

WORD: Final = 8
LINE: Final = 64
"""A cache line; what threads write often lies on lines of its own."""

RECORD_WORDS: Final = 32

F16_CACHE, Q8_CACHE = range(2)
"""How a cache keeps its keys and values; see ``abax_runtime.cache``."""

FULL, LOCAL_WINDOW, STRIDED, BLOCK_LOCAL_GLOBAL = range(4)
"""Which earlier positions a query sees; see ``abax_runtime.cache.Attention``."""

KEYS_TOGETHER: Final = 16
"""Keys lie in the cache in groups of so many, value by value across the group."""

CHUNK_BITS: Final = 14
MOST_CHUNKS: Final = (1 << CHUNK_BITS) - 1
"""Chunks that an operation may have. Its counter holds, from the lowest bit on, how many are finished, how
many are claimed, how many there are, and the step's number in the bits that are left."""
STEP_SHIFT: Final = 3 * CHUNK_BITS
STEP_MASK: Final = (1 << 64 - STEP_SHIFT) - 1


class Control(Record):
    """The block that all threads of a context share. Lines are chosen so that no two writers share one."""

    generation: int
    """The number of the step that is under way or over; workers wait for it to change."""
    rest_1: int
    sleepers: int
    """Workers that sleep in the kernel until ``generation`` changes."""
    rest_2: int
    stop: int
    threads: int
    program: int
    """Address of the records."""
    operations: int
    counters: int
    """Address of one line per operation: its chunks claimed and finished, see ``kernels.threads``."""
    scratch: int
    scratch_bytes: int
    """Each thread's own memory: thread n has ``scratch + n * scratch_bytes``."""
    clock: int
    """Address of a ``uint64_t clock(void)`` in nanoseconds, or 0: operations are not timed."""
    times: int
    """Address of nanoseconds per operation, added up over steps, where there is a clock."""
    sched_yield: int
    syscall: int
    """Addresses of the C library's functions: the native library links none."""
    futex: int
    """The number of the system call."""
    tokens: int
    """T."""
    outputs: int
    """J."""
    tiles: int
    """Attention's tiles in this step."""
    splits: int
    """Ranges of keys whose attention is computed side by side; 1: one after the other."""
    token_ids: int
    """Addresses of int64 [T]: token, position, slot of the cache."""
    positions: int
    slots: int
    wanted: int
    """Address of int64 [J]: the rows with logits."""
    tile_table: int
    """Address of records of ``Tile``."""
    runs: int
    """How many runs of rows have an adapter; 0: none has."""
    run_table: int
    """Address of records of ``Run``."""
    inner_floats: int
    """float32 [T][INNER]: what the first of an adapter's two matrices makes of each row."""
    inner_quants: int
    """int8 [T][INNER], for each 16 of them a scale, float32, and their sum, int32."""
    inner_scales: int
    inner_sums: int


class Tile(Record):
    """Rows of one slot whose attention is computed together."""

    row: int
    rows: int
    slot: int


MOST_RANK: Final = 256
"""Of an adapter's matrices."""
INNER: Final = 3 * MOST_RANK
"""Inner values of a row: those of the three products that share an input."""
RANK_STEP: Final = 16
"""Ranks are filled up with zeros to a multiple of this."""


class Run(Record):
    """Rows one behind the other that have the same adapter."""

    row: int
    rows: int
    adapter: int
    """Address of its records of ``Entry``, one for each ``Site``."""


class Entry(Record):
    """What an adapter adds to the products of one site: B (A x), A being [rank][columns], B [rows][rank].
    After the last site's comes one of zeros.

    The A of up to three products are one matrix, since they share x; see ``kernels.adapters``.
    """

    whole: int
    """1: in int8, with scales; 0: in float32, beside products that read floats."""
    rows: int
    """Of all A; 0: nothing is added here."""
    rank: int
    """Of each of them."""
    a: int
    """Address."""
    b_first: int
    """Address of the first product's B, 0: none."""
    at_first: int
    """Its A's first row."""
    b_second: int
    at_second: int
    b_third: int
    at_third: int


class Site(Record):
    """Where an operation finds what adapters add to it."""

    entry: int
    """Bytes from an adapter's first record of ``Entry`` to its own."""
    ready: int
    """Address of a word: the last step whose A x are computed. 0: adapters do not concern it."""


NO_SITE: Final = Site(0, 0)


class Activations(Record):
    """Addresses of T rows of C columns in both forms that products read."""

    floats: int
    """float32 [T][C]."""
    quants: int
    """int8 [T][C]."""
    scales: int
    """float32 [T][C / 32]: each 32 quants are of max|x| / 127."""
    sums: int
    """int32 [T][C / 16]: sums of each 16 quants."""


class Planes(Record):
    """Where a layer's keys and values lie in the cache; see ``abax_runtime.cache``."""

    keys: int
    """Address of slot 0, head 0."""
    values: int
    head_bytes: int
    slot_bytes: int
    form: int


class Segment(Record):
    """One of the matrices that a product multiplies its activations by."""

    kind: int
    """The tensor type's GGML number."""
    weights: int
    """Address of [rows][columns]."""
    rows: int
    to: int
    """Address of float32 [T][rows]."""


NO_FLOATS: Final = 0
"""Where the floats of activations are that no product reads: they are not written."""

NO_SEGMENT: Final = Segment(0, 0, 0, 0)

OPERATIONS: Final = (
    "embed",
    "rotations",
    "norm",
    "product",
    "rotate",
    "attend",
    "merge",
    "gate",
    "pool",
)
EMBED, ROTATIONS, NORM, PRODUCT, ROTATE, ATTEND, MERGE, GATE, POOL = range(len(OPERATIONS))


class Embed(Record):
    """Each token's row of the embedding, as floats."""

    kind: int
    table: int
    row_bytes: int
    width: int
    to: int
    """float32 [T][width], the residual stream."""
    op: int = EMBED


class Rotations(Record):
    """Sine and cosine of each row's position times each pair's frequency, times the gain."""

    frequencies: int
    """float64 [pairs]."""
    pairs: int
    gain: float
    cosines: int
    """float32 [T][pairs]."""
    sines: int
    op: int = ROTATIONS


class Norm(Record):
    """Add what the last product gave to the residual stream, normalise, multiply by the weight, quantise.

    Of the wanted rows only: gathers them, and leaves the residual stream as it was.
    """

    wanted: int
    """0: all T rows. 1: the J rows with logits."""
    residual: int
    """float32 [T][width]."""
    delta: int
    """float32 [T][width], or 0: nothing to add."""
    weight: int
    """float32 [width]."""
    epsilon: float
    width: int
    to: Activations
    op: int = NORM


class Product(Record):
    """Activations by up to three matrices: float32 [T][rows] each."""

    wanted: int
    """0: T rows. 1: J rows."""
    columns: int
    source: Activations
    first: Segment
    second: Segment = NO_SEGMENT
    third: Segment = NO_SEGMENT
    site: Site = NO_SITE
    op: int = PRODUCT


class Rotate(Record):
    """Bias, norm and rotation of queries and keys; keys and values into the cache."""

    queries: int
    """float32 [T][heads * head_size], and the same of keys and values with their heads."""
    keys: int
    values: int
    query_bias: int
    """float32, or 0: none."""
    key_bias: int
    value_bias: int
    query_norm: int
    """float32 [head_size], or 0: none."""
    key_norm: int
    epsilon: float
    cosines: int
    sines: int
    pairs: int
    neighbours: int
    kv_heads: int
    group: int
    head_size: int
    scale: float
    """Of the queries: 1 / sqrt(head_size)."""
    to: int
    """float32 [kv_heads][T][group][head_size]: the queries that share a head of keys lie together."""
    planes: Planes
    op: int = ROTATE


class Attend(Record):
    """Softmax of queries by keys, times values."""

    queries: int
    """As ``Rotate.to``."""
    kv_heads: int
    group: int
    head_size: int
    planes: Planes
    pattern: int
    window: int
    stride: int
    block: int
    global_tokens: int
    split_keys: int
    """So many keys are summed by themselves: a multiple of 32."""
    to: int
    """float32 [T][heads * head_size], if all splits of a tile are one unit."""
    partial: int
    """Else float32 [split][kv head][T][group][head_size + 2]: values, largest score, sum of weights."""
    op: int = ATTEND


class Merge(Record):
    """Bring splits together, and quantise."""

    kv_heads: int
    group: int
    head_size: int
    partial: int
    to: Activations
    op: int = MERGE


class Gate(Record):
    """silu(gate · x) * (up · x), quantised: the first half of the feed-forward network."""

    columns: int
    rows: int
    gate_kind: int
    gate_weights: int
    up_kind: int
    up_weights: int
    source: Activations
    to: Activations
    """Floats only where a product reads them: they would be the largest array of a step."""
    site: Site = NO_SITE
    op: int = GATE


class Pool(Record):
    """Add all rows up into one."""

    source: int
    """float32 [T][width]."""
    delta: int
    """float32 [T][width] to be added to it, or 0."""
    width: int
    to: int
    """float32 [width]."""
    op: int = POOL


Operation = Embed | Rotations | Norm | Product | Rotate | Attend | Merge | Gate | Pool

_LINE_REST: Final = LINE // WORD - 1
_NESTED: Final = {kind.__name__: kind for kind in (Activations, Planes, Segment, Site)}


def places(layout: type[Layout]) -> Layout:
    """An instance whose fields are the words that they stand at; an operation's own number stands at 0."""
    found: dict[str, Any] = {}
    word = 0
    for name, kind in sorted(layout.__annotations__.items(), key=lambda field: field[0] != "op"):
        if kind in ("int", "float"):
            found[name] = word
            word += _LINE_REST if name.startswith("rest") else 1
        else:
            inner: Any = _NESTED[kind]
            found[name] = inner(*range(word, word + len(inner._fields)))
            word += len(inner._fields)
    made: Any = layout
    return made(**found)  # type: ignore[no-any-return]


def words(layout: type[tuple[Any, ...]]) -> int:
    """How many words a layout takes."""
    return int(max(_numbers(places(layout)))) + 1


def _numbers(record: Iterable[Any]) -> list[Any]:
    """All numbers of a record, those of nested ones in their place."""
    numbers: list[Any] = []
    for value in record:
        if isinstance(value, tuple):
            numbers += value
        else:
            numbers.append(value)
    return numbers


def pack_words(record: Iterable[int]) -> bytes:
    """A record of whole numbers, as it lies in memory."""
    numbers = _numbers(record)
    return struct.pack(f"={len(numbers)}q", *numbers)


def pack(program: Iterable[Operation]) -> bytes:
    """The records, one after the other."""
    packers: dict[type, struct.Struct] = {}
    packed = []
    for operation in program:
        kind = type(operation)
        if kind not in packers:
            packers[kind] = _packer(kind)
        *numbers, op = _numbers(operation)
        packed.append(packers[kind].pack(op, *numbers))
    return b"".join(packed)


def _packer(layout: type[tuple[Any, ...]]) -> struct.Struct:
    """Writes a record, its operation's number first; zeros fill it up."""
    letters = ["q"]
    for name, kind in layout.__annotations__.items():
        if name != "op":
            letters.append({"int": "q", "float": "d"}.get(kind) or "q" * len(_NESTED[kind]._fields))
    used = "".join(letters)
    return struct.Struct(f"={used}{(RECORD_WORDS - len(used)) * WORD}x")
