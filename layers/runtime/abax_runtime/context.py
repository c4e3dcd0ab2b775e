"""A context: the memory that one model runs in, and its steps.

Nothing is allocated after it is made. A step writes its rows into the control block, and all threads (the
caller's is one of them) carry out the program; see ``abax_runtime.program`` and ``abax_runtime.forward``.
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from array import array
from itertools import pairwise

from abax_runtime import cpu
from abax_runtime.cache import CacheShape, KvCache
from abax_runtime.errors import ContextOverflow, InvalidParameter, NotEnoughMemory
from abax_runtime.forward import SITES, Buffers, Forward
from abax_runtime.program import (
    INNER,
    KEYS_TOGETHER,
    LINE,
    OPERATIONS,
    RANK_STEP,
    RECORD_WORDS,
    STEP_MASK,
    STEP_SHIFT,
    WORD,
    Activations,
    Control,
    Run,
    Tile,
    pack,
    places,
    words,
)
from abax_runtime.record import TYPE_CHECKING
from abax_runtime.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Final, Self

    from abax_runtime.adapter import Adapter
    from abax_runtime.cache import Attention, KvForm
    from abax_runtime.model import Model
    from abax_runtime.program import Operation

    ProgramName = range | tuple[int, ...] | str | None
    """``logits``, the layers of a run, or those whose states are pooled (None: the final norm's result)."""

TILE_ROWS: Final = 48
"""Rows of queries, over all heads that share keys, whose attention is computed together."""
SPLIT_ROWS: Final = 16
"""In steps of up to so many rows the splits of attention are computed side by side."""
SPLIT_KEYS: Final = 128
"""Keys of a split, where a slot does not have more than 32 times as many."""
MOST_SPLITS: Final = 32

_AT: Final = places(Control)
_TILE_WORDS: Final = words(Tile)
_RUN_WORDS: Final = words(Run)
_ROWS: Final = ("token_ids", "positions", "slots", "wanted")
"""What a step is told, one number per row."""


_ADAPTING: Final = ("run_table", "inner_floats", "inner_quants", "inner_scales", "inner_sums")
NO_ADAPTERS: Final[Mapping[int, Adapter]] = {}


class Arena:
    """Named buffers in one mapping, each on cache lines of its own; untouched pages cost nothing."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = dict(sizes)
        padded = {name: -(-size // LINE) * LINE + LINE for name, size in sizes.items()}
        try:
            self._map = mmap.mmap(-1, sum(padded.values()), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as problem:
            total, available = sum(padded.values()), cpu.available_memory()
            raise NotEnoughMemory("the context", total, available) from problem
        self._hold = ctypes.c_char.from_buffer(self._map)
        at = ctypes.addressof(self._hold)
        self._addresses: dict[str, int] = {}
        for name, size in padded.items():
            self._addresses[name] = at
            at += size

    def __getitem__(self, name: str) -> int:
        """A buffer's address."""
        return self._addresses[name]

    def view(self, name: str, kind: str) -> memoryview:
        """A buffer as an array of ``kind`` (struct's letter)."""
        area = (ctypes.c_char * self.sizes[name]).from_address(self[name])
        return memoryview(area).cast("B").cast(kind)  # type: ignore[call-overload,no-any-return]

    def close(self) -> None:
        if not self._map.closed:
            del self._hold
            self._map.close()


class Context:
    """Slots for sequences, and steps over them. One thread at a time may use it."""

    def __init__(
        self,
        model: Model,
        *,
        length: int,
        sequences: int,
        batch: int,
        threads: int | None,
        kv: KvForm,
        kv_path: Path | str | None,
        attention: Attention,
    ) -> None:
        _check_sizes(model, length, sequences, batch, threads)
        self.model, self.length, self.sequences = model, length, sequences
        self.batch, self.attention = min(batch, length * sequences), attention
        self.threads = threads or cpu.threads()
        config = model.config
        self._split_keys = max(
            SPLIT_KEYS, -(-length // MOST_SPLITS // KEYS_TOGETHER // 2) * KEYS_TOGETHER * 2
        )
        shape = CacheShape(sequences, length, config.layers, config.kv_heads, config.head_size, kv)
        sizes = self._sizes()
        _check_memory(model, shape.total_bytes if kv_path is None else 0, sizes)
        self._cache = KvCache(shape, kv_path)
        self._arena = Arena(sizes)
        self._buffers = _buffers(self._arena)
        self._forward = Forward(model, self._buffers, self._cache, attention, self._split_keys)
        self._control = self._arena.view("control", "q")
        self._rows = [self._arena.view(name, "q") for name in _ROWS]
        self._tiles = self._arena.view("tile_table", "q")
        self._runs = self._arena.view("run_table", "q")
        self._logits = self._arena.view("logits", "f")
        self._outputs = 0
        self._used: ProgramName = ""
        self._programs: dict[ProgramName, tuple[ctypes.Array[ctypes.c_char], int]] = {}
        self._workers = Workers(model.native, self._arena["control"], self.threads - 1)
        self._closer = weakref.finalize(self, _close, self._workers, self._arena, self._cache)
        self._write_control()
        self._use("logits")

    # Steps

    def step(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        sequences: Sequence[int],
        outputs: Sequence[int],
        adapters: Mapping[int, Adapter] | None = None,
    ) -> None:
        """One forward pass over T rows.

        Row i is the token ``tokens[i]`` of slot ``sequences[i]`` at ``positions[i]``: its keys and values are
        written there, and it looks at what the slot holds up to there. Rows of one slot stand together, their
        positions ascend. To go back, step again from an earlier position. Row ``outputs[j]`` gets logits j.
        ``adapters``: those of slots that have one; what a slot holds must be of the same adapter.

        Raises ``ContextOverflow`` for a position beyond the slot, ``InvalidParameter``, ``ModelChanged``.
        """
        self._use("logits")
        self._run(tokens, positions, sequences, outputs, adapters or {})

    def logits(self, number: int) -> memoryview:
        """Logits ``number`` of the last step: float32 [vocabulary], writable, until the next step."""
        size = self.model.config.vocabulary
        return self._logits[self._checked(number) * size : (number + 1) * size]

    def logits_address(self, number: int) -> int:
        """Where they lie."""
        return self._buffers.logits + self._checked(number) * self.model.config.vocabulary * 4

    def embed(
        self, tokens: Sequence[int], *, layers: Sequence[int] | None = None, slot: int = 0
    ) -> list[float]:
        """The mean over tokens of the final norm's result, or of what each of ``layers`` (from 0) hands on,
        one after the other: [len(layers) * width]. The slot's former content is lost."""
        width, count = self.model.config.width, len(layers) if layers is not None else 1
        chosen = None if layers is None else tuple(layers)
        if not tokens or (chosen is not None and not chosen):
            raise InvalidParameter("tokens" if not tokens else "layers", "there are none")
        if len(tokens) > self.length:
            raise ContextOverflow(len(tokens), self.length)
        if chosen is not None and not all(0 <= one < self.model.config.layers for one in chosen):
            raise InvalidParameter("layers", f"{list(chosen)} of {self.model.config.layers}")
        sums = self._arena.view("pooled", "f")
        ctypes.memset(self._arena["pooled"], 0, self._arena.sizes["pooled"])
        self._use(chosen)
        for begin in range(0, len(tokens), self.batch):
            part = tokens[begin : begin + self.batch]
            self._run(part, range(begin, begin + len(part)), [slot] * len(part), ())
        order = range(count) if chosen is None else [sorted(set(chosen)).index(one) for one in chosen]
        return [value / len(tokens) for place in order for value in sums[place * width : (place + 1) * width]]

    def states(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        sequences: Sequence[int],
        layers: Sequence[int],
    ) -> list[bytes]:
        """What each of ``layers`` (from 0) hands on of the rows of a step, as ``step`` describes them:
        float32 [T][width] a layer. Rows of several texts, each in a slot of its own, share the weights' way
        through the caches. Raises as ``step`` does."""
        wanted = sorted(set(layers))
        if not wanted:
            raise InvalidParameter("layers", "there are none")
        if not 0 <= wanted[0] <= wanted[-1] < self.model.config.layers:
            raise InvalidParameter("layers", f"{list(layers)} of {self.model.config.layers}")
        found: dict[int, bytes] = {}
        for begin, last in zip((0, *(one + 1 for one in wanted)), wanted, strict=False):
            self._use(range(begin, last + 1))
            self._run(tokens, positions, sequences, ())
            size = len(tokens) * self.model.config.width
            found[last] = self._arena.view("residual", "f")[:size].tobytes()
        return [found[one] for one in layers]

    def _run(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        sequences: Sequence[int],
        outputs: Sequence[int],
        adapters: Mapping[int, Adapter] = NO_ADAPTERS,
    ) -> None:
        self._check(tokens, positions, sequences, outputs)
        self.model.gguf.check_unchanged()
        self._cache.check_all(sequences, positions)
        for view, values in zip(self._rows, (tokens, positions, sequences, outputs), strict=True):
            view[: len(values)] = array("q", values)
        tiles = list(self._tile(sequences))
        self._tiles[: len(tiles) * _TILE_WORDS] = array("q", [number for tile in tiles for number in tile])
        # Steps of few rows have too few tiles to keep all threads busy.
        splits = max(positions) // self._split_keys + 1 if len(tokens) <= SPLIT_ROWS else 1
        sizes = (len(tokens), len(outputs), len(tiles), splits)
        self._control[_AT.tokens : _AT.splits + 1] = array("q", sizes)
        runs = list(self._adapted(sequences, adapters)) if adapters else []
        self._runs[: len(runs) * _RUN_WORDS] = array("q", [number for run in runs for number in run])
        self._control[_AT.runs] = len(runs)
        self._outputs = len(outputs)
        self._workers.run()

    def _tile(self, sequences: Sequence[int]) -> Iterator[Tile]:
        """Cut each slot's rows into tiles."""
        most = self._query_rows() // self.model.config.group
        begin, count = 0, len(sequences)
        while begin < count:
            slot, end = sequences[begin], begin + 1
            while end < count and end - begin < most and sequences[end] == slot:
                end += 1
            yield Tile(begin, end - begin, slot)
            begin = end

    def _adapted(self, sequences: Sequence[int], adapters: Mapping[int, Adapter]) -> Iterator[Run]:
        """Rows that have an adapter, those together that stand together and have the same."""
        begin, count = 0, len(sequences)
        while begin < count:
            adapter, end = adapters.get(sequences[begin]), begin + 1
            while end < count and adapters.get(sequences[end]) is adapter:
                end += 1
            if adapter is not None:
                if adapter.model is not self.model:
                    raise InvalidParameter("adapters", f"{adapter.path} was loaded for another model")
                yield Run(begin, end - begin, adapter.address)
            begin = end

    # Slots

    def copy(self, slot_from: int, slot_to: int, length: int) -> None:
        """Copy the first ``length`` positions of one slot to another."""
        self._check_slot(slot_from, length)
        self._check_slot(slot_to, length)
        if slot_from != slot_to and length:
            self._cache.copy(slot_from, slot_to, length)

    def save_prefix(self, path: Path | str, slot: int, length: int, adapter: Adapter | None = None) -> None:
        """Keep what the slot holds of its first ``length`` positions, computed with an adapter, in a file."""
        self._check_slot(slot, length)
        if length < 1:
            raise InvalidParameter("length", "an empty prefix")
        self._cache.save(path, slot, length, self.model.fingerprint(adapter))

    def load_prefix(self, path: Path | str, slot: int, adapter: Adapter | None = None) -> int:
        """Map a stored prefix into a slot; the number of its positions. Writing to the slot leaves the file
        as it is.

        Raises ``InvalidModel`` for a file of another model, adapter or form, ``InvalidParameter`` if it is
        too long.
        """
        self._check_slot(slot, 0)
        return self._cache.load(path, slot, self.model.fingerprint(adapter))

    # The end

    def close(self) -> None:
        """Stop the threads and give the memory back; views of logits must not be used any more."""
        self._closer()

    @property
    def closed(self) -> bool:
        return not self._closer.alive

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Timing

    def measure(self) -> None:
        """Time each operation from now on; see ``times``."""
        ctypes.memset(self._arena["times"], 0, self._arena.sizes["times"])
        self._control[_AT.clock] = self._workers.clock_address

    def times(self) -> dict[str, float]:
        """Seconds by kind of operation since ``measure``, as the caller's thread saw them."""
        records, count = self._programs["logits"]
        numbers = memoryview(records).cast("B").cast("q")[::RECORD_WORDS]
        spent = self._arena.view("times", "q")
        found = dict.fromkeys(OPERATIONS, 0.0)
        for operation in range(count):
            found[OPERATIONS[numbers[operation]]] += spent[operation] / 1e9
        return found

    # What is set up once

    def _sizes(self) -> dict[str, int]:
        """Bytes of each buffer."""
        config, rows = self.model.config, self.batch
        widest = max(config.width, config.query_width, config.feed_forward)
        operations = 16 + 10 * config.layers
        return {
            "control": words(Control) * WORD,
            "counters": operations * LINE,
            "times": operations * WORD,
            **dict.fromkeys(_ROWS, rows * WORD),
            "tile_table": rows * _TILE_WORDS * WORD,
            "run_table": rows * _RUN_WORDS * WORD,
            "inner_floats": rows * INNER * 4,
            "inner_quants": rows * INNER,
            "inner_scales": rows * INNER // RANK_STEP * 4,
            "inner_sums": rows * INNER // RANK_STEP * 4,
            "ready": config.layers * SITES * LINE,
            "residual": rows * config.width * 4,
            "delta": rows * config.width * 4,
            **_activation_sizes("narrow", rows, config.width),
            **_activation_sizes("mixed", rows, config.query_width),
            **_activation_sizes("wide", rows, config.feed_forward),
            "queries": rows * config.query_width * 4,
            "keys": rows * config.key_width * 4,
            "values": rows * config.key_width * 4,
            "turned": rows * config.query_width * 4,
            "frequencies": config.rope.dimensions // 2 * 8,
            "cosines": rows * config.rope.dimensions // 2 * 4,
            "sines": rows * config.rope.dimensions // 2 * 4,
            "partial": (MOST_SPLITS + 1) * SPLIT_ROWS * config.heads * (config.head_size + 2) * 4,
            "pooled": config.layers * config.width * 4,
            "scratch": self.threads
            * self.model.native.step_scratch_bytes(widest, rows, self._query_rows(), config.head_size),
            "logits": rows * config.vocabulary * 4,
        }

    def _query_rows(self) -> int:
        """Queries of a tile, over the heads that share keys."""
        group = self.model.config.group
        return max(1, TILE_ROWS // group) * group

    def _write_control(self) -> None:
        frequencies = self.model.config.rope.frequencies(self.model.weights.rope_divisors)
        self._arena.view("frequencies", "d")[:] = array("d", frequencies)
        arena, control = self._arena, self._control
        control[_AT.threads] = self.threads
        for name in ("counters", "times", "scratch", *_ROWS, "tile_table", *_ADAPTING):
            control[getattr(_AT, name)] = arena[name]
        control[_AT.scratch_bytes] = arena.sizes["scratch"] // self.threads
        self._workers.write_addresses(control)

    def _use(self, name: ProgramName) -> None:
        """Make the program of this name the one that is run; programs are written when first wanted."""
        if name == self._used:
            return
        if name not in self._programs:
            self._programs[name] = self._written(name)
        records, count = self._programs[name]
        self._control[_AT.program] = ctypes.addressof(records)
        self._control[_AT.operations] = count
        # Counters that a shorter program does not touch must not fall behind by half of what they can count.
        over = self._control[_AT.generation] & STEP_MASK
        signed = (over << STEP_SHIFT) - (over >> 63 - STEP_SHIFT << 64)
        counters = self._arena.view("counters", "q")[:: LINE // WORD]
        counters[:] = array("q", [signed]) * len(counters)
        self._used = name

    def _written(self, name: ProgramName) -> tuple[ctypes.Array[ctypes.c_char], int]:
        program: Iterator[Operation]
        if isinstance(name, str):
            program = self._forward.logits()
        elif isinstance(name, range):
            program = self._forward.through(name)
        else:
            program = self._forward.pooled(name, self._arena["pooled"])
        packed = pack(program)
        return ctypes.create_string_buffer(packed, len(packed)), len(packed) // (RECORD_WORDS * WORD)

    # Checks

    def _check(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        sequences: Sequence[int],
        outputs: Sequence[int],
    ) -> None:
        count = len(tokens)
        if self.closed:
            raise InvalidParameter("context", "it is closed")
        if not 0 < count <= self.batch or len(outputs) > self.batch:
            raise InvalidParameter("tokens", f"{count} rows in a step of 1 to {self.batch}")
        if len(positions) != count or len(sequences) != count:
            raise InvalidParameter("positions", "there must be a position and a slot for each token")
        _check_range("tokens", tokens, self.model.config.vocabulary)
        _check_range("sequences", sequences, self.sequences)
        if max(positions) >= self.length:
            raise ContextOverflow(max(positions) + 1, self.length)
        _check_range("positions", positions, self.length)
        if outputs:
            _check_range("outputs", outputs, count)
        places_of_rows = zip(sequences, positions, strict=True)
        if count > 1 and any(a[0] == b[0] and a[1] >= b[1] for a, b in pairwise(places_of_rows)):
            raise InvalidParameter("positions", "the positions of a slot must ascend")

    def _check_slot(self, slot: int, length: int) -> None:
        _check_range("slot", (slot,), self.sequences)
        if not 0 <= length <= self.length:
            raise InvalidParameter("length", f"{length} of {self.length} positions")

    def _checked(self, number: int) -> int:
        if not 0 <= number < self._outputs:
            raise InvalidParameter("logits", f"number {number} of the {self._outputs} that were wanted")
        return number


def _check_range(field: str, values: Sequence[int], limit: int) -> None:
    if not (min(values) >= 0 and max(values) < limit):
        raise InvalidParameter(field, f"{min(values)} to {max(values)} where 0 to {limit - 1} are valid")


def _check_sizes(model: Model, length: int, sequences: int, batch: int, threads: int | None) -> None:
    for field, value in (
        ("length", length),
        ("sequences", sequences),
        ("batch", batch),
        ("threads", threads),
    ):
        if value is not None and value < 1:
            raise InvalidParameter(field, f"{value} is below 1")
    if length > model.config.context_length:
        raise InvalidParameter("length", f"{length}; this model was made for {model.config.context_length}")
    if threads is not None and threads > 256:
        raise InvalidParameter("threads", f"{threads} is above 256")


def _check_memory(model: Model, cache_bytes: int, sizes: Mapping[str, int]) -> None:
    """Of the logits only one row is sure to be used."""
    buffers = sum(sizes.values()) - sizes["logits"] + model.config.vocabulary * 4
    needed, available = model.gguf.size + cache_bytes + buffers, cpu.available_memory()
    if needed > available:
        raise NotEnoughMemory("the model with this context", needed, available)


def _activation_sizes(name: str, rows: int, columns: int) -> dict[str, int]:
    count = rows * columns
    sizes = {"floats": count * 4, "quants": count, "scales": count // 8, "sums": count // 4}
    return {f"{name}.{part}": size for part, size in sizes.items()}


def _buffers(arena: Arena) -> Buffers:
    narrow, mixed, wide = (_activations(arena, name) for name in ("narrow", "mixed", "wide"))
    return Buffers(
        residual=arena["residual"],
        delta=arena["delta"],
        narrow=narrow,
        mixed=mixed,
        wide=wide,
        queries=arena["queries"],
        keys=arena["keys"],
        values=arena["values"],
        turned=arena["turned"],
        frequencies=arena["frequencies"],
        cosines=arena["cosines"],
        sines=arena["sines"],
        partial=arena["partial"],
        ready=arena["ready"],
        logits=arena["logits"],
    )


def _activations(arena: Arena, name: str) -> Activations:
    return Activations(*(arena[f"{name}.{part}"] for part in Activations._fields))


def _close(workers: Workers, arena: Arena, cache: KvCache) -> None:
    workers.stop()
    arena.close()
    cache.close()
