"""Ours and llama.cpp under one face, so that a benchmark is written once.

llama.cpp is driven through the ctypes declarations of ``llama-cpp-python``, without the package's own
start-up (no numpy, no templates), at its defaults: weights mapped, keys and values as float16, repacking and
flash attention as it likes best. Where only the computation is compared, flash attention is off.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import json
import sys
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

PEER_NAME: Final = "llama.cpp"
BATCH: Final = 512


class Side(Protocol):
    """One model with one context."""

    vocabulary: int

    def feed(self, tokens: Sequence[int], start: int, *, every: bool = False) -> None:
        """Compute up to ``BATCH`` tokens at positions from ``start``; logits of the last, or of every one."""

    def logits(self) -> memoryview:
        """float32 [rows that were asked for][vocabulary] of the last feed, valid until the next."""

    def choose(self, row: int = 0) -> int:
        """The likeliest token of a row of logits."""

    def close(self) -> None:
        """Free model and context."""


class Peer:
    """llama.cpp."""

    def __init__(
        self, path: Path, *, threads: int, length: int = 2048, flash: bool | None = None, sequences: int = 1
    ) -> None:
        self._library = library = llama()
        how = library.llama_model_default_params()
        self._model = library.llama_model_load_from_file(str(path).encode(), how)
        if not self._model:
            raise ValueError(f"llama.cpp cannot load {path}")
        given = library.llama_context_default_params()
        given.n_ctx, given.n_batch, given.n_ubatch, given.n_seq_max = length, BATCH, BATCH, sequences
        given.n_threads = given.n_threads_batch = threads
        given.flash_attn_type = -1 if flash is None else int(flash)
        given.kv_unified = True
        self._context = library.llama_init_from_model(self._model, given)
        if not self._context:
            raise ValueError(f"llama.cpp cannot make a context of {length} for {path}")
        self._vocab = library.llama_model_get_vocab(self._model)
        self.vocabulary: int = library.llama_vocab_n_tokens(self._vocab)
        self._batch = library.llama_batch_init(BATCH, 0, 1)
        self._sampler = library.llama_sampler_init_greedy()
        self._chosen_from: Sequence[int] = ()
        self._adapters: dict[Path, Any] = {}

    def adapt(self, path: Path | None) -> None:
        """Use a low-rank adapter from now on, or none."""
        library = self._library
        if path is not None and path not in self._adapters:
            self._adapters[path] = library.llama_adapter_lora_init(self._model, str(path).encode())
            if not self._adapters[path]:
                raise ValueError(f"llama.cpp cannot load {path}")
        chosen = [] if path is None else [self._adapters[path]]
        which, scales = (library.llama_adapter_lora_p_ctypes * 1)(*chosen), (ctypes.c_float * 1)(1.0)
        if code := library.llama_set_adapters_lora(self._context, which, len(chosen), scales):
            raise RuntimeError(f"llama_set_adapters_lora: {code}")

    def feed(self, tokens: Sequence[int], start: int, *, every: bool = False) -> None:
        """See ``Side``; what was at ``start`` and after is forgotten first."""
        memory = self._library.llama_get_memory(self._context)
        self._library.llama_memory_seq_rm(memory, 0, start, -1)
        rows = [(token, start + n, 0) for n, token in enumerate(tokens)]
        self._decode(rows, range(len(tokens)) if every else [len(tokens) - 1])

    def step(self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int]) -> None:
        """Rows of several sequences; what they held from there on is forgotten first."""
        memory = self._library.llama_get_memory(self._context)
        for sequence in set(sequences):
            first = positions[list(sequences).index(sequence)]
            self._library.llama_memory_seq_rm(memory, sequence, first, -1)
        self._decode(list(zip(tokens, positions, sequences, strict=True)), range(len(tokens)))

    def _decode(self, rows: Sequence[tuple[int, int, int]], outputs: Sequence[int]) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for n, (token, position, sequence) in enumerate(rows):
            batch.token[n], batch.pos[n], batch.n_seq_id[n], batch.logits[n] = token, position, 1, 0
            batch.seq_id[n][0] = sequence
        for n in outputs:
            batch.logits[n] = 1
        if code := self._library.llama_decode(self._context, batch):
            raise RuntimeError(f"llama_decode: {code}")
        self._chosen_from = outputs

    def logits(self) -> memoryview:
        """See ``Side``."""
        first = self._library.llama_get_logits(self._context)
        rows = len(self._chosen_from)
        whole = ctypes.cast(first, ctypes.POINTER(ctypes.c_float * (rows * self.vocabulary))).contents
        return memoryview(whole).cast("B").cast("f", (rows, self.vocabulary))

    def choose(self, row: int = 0) -> int:
        """See ``Side``; by llama.cpp's own greedy sampler."""
        return int(self._library.llama_sampler_sample(self._sampler, self._context, self._chosen_from[row]))

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """The text's tokens by llama.cpp's own tokenizer."""
        data = text.encode()
        found = (ctypes.c_int32 * (len(data) + 8))()
        count = self._library.llama_tokenize(self._vocab, data, len(data), found, len(found), True, special)
        return list(found[:count])

    def timed_sampling(self, answers: Sequence[Sequence[int]], schema: Mapping[str, Any] | None) -> float:
        """Seconds to sample through answers, each token anew from the last logits, bound to a schema or not.

        The logits are made to favour the answer's own token, so that the grammar never has to search for it.
        """
        library = self._library
        self.feed([0], 0)
        logits = self.logits()
        spent = 0.0
        for answer in answers:
            chain = library.llama_sampler_chain_init(library.llama_sampler_chain_default_params())
            if schema is not None:
                text = _converter().json_schema_to_gbnf(json.dumps(schema)).encode()
                rules = library.llama_sampler_init_grammar(self._vocab, text, b"root")
                library.llama_sampler_chain_add(chain, rules)
            library.llama_sampler_chain_add(chain, library.llama_sampler_init_greedy())
            for token in answer:
                before, logits[0, token] = logits[0, token], 1e6
                begun = time.perf_counter()
                if library.llama_sampler_sample(chain, self._context, 0) != token:
                    raise ValueError(f"llama.cpp's grammar refuses token {token}")
                spent += time.perf_counter() - begun
                logits[0, token] = before
            library.llama_sampler_free(chain)
        return spent

    def save(self, path: Path, tokens: Sequence[int]) -> None:
        """Write the state of the first sequence, which holds these tokens, to a file."""
        given = (ctypes.c_int32 * len(tokens))(*tokens)
        self._library.llama_state_seq_save_file(self._context, str(path).encode(), 0, given, len(tokens))

    def close(self) -> None:
        """See ``Side``."""
        self._library.llama_sampler_free(self._sampler)
        self._library.llama_batch_free(self._batch)
        self._library.llama_free(self._context)
        self._library.llama_model_free(self._model)


class Ours:
    """``abax_runtime``."""

    def __init__(
        self, path: Path, *, threads: int, length: int = 2048, sequences: int = 1, **context: Any
    ) -> None:
        from abax_runtime.model import Model
        from abax_runtime.sampler import Sampler, Sampling

        self._model = Model.load(path)
        self._context = self._model.context(
            length=length, sequences=sequences, batch=BATCH, threads=threads, **context
        )
        self.vocabulary: int = self._model.config.vocabulary
        self._sampler = Sampler(Sampling(), self._model.native)
        self._rows: Sequence[int] = ()
        self._adapters: dict[Path, Any] = {}
        self._adapted: dict[int, Any] = {}

    def adapt(self, path: Path | None) -> None:
        """Use a low-rank adapter from now on, or none."""
        from abax_runtime.adapter import Adapter

        if path is not None and path not in self._adapters:
            self._adapters[path] = Adapter.load(path, self._model)
        slots = range(self._context.sequences)
        self._adapted = {} if path is None else dict.fromkeys(slots, self._adapters[path])

    def feed(self, tokens: Sequence[int], start: int, *, every: bool = False) -> None:
        """See ``Side``."""
        count = len(tokens)
        self._rows = range(count) if every else [count - 1]
        self._context.step(tokens, range(start, start + count), [0] * count, self._rows, self._adapted)

    def step(self, tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int]) -> None:
        """Rows of several sequences."""
        self._rows = range(len(tokens))
        self._context.step(tokens, positions, sequences, self._rows, self._adapted)

    def logits(self) -> memoryview:
        """See ``Side``."""
        address = self._context.logits_address(0)
        if any(
            self._context.logits_address(n) != address + 4 * n * self.vocabulary
            for n in range(len(self._rows))
        ):
            raise ValueError("the rows of logits do not lie one after another")
        whole = (ctypes.c_float * (len(self._rows) * self.vocabulary)).from_address(address)
        return memoryview(whole).cast("B").cast("f", (len(self._rows), self.vocabulary))

    def choose(self, row: int = 0) -> int:
        """See ``Side``; by our sampler."""
        address = self._context.logits_address(row)
        return int(self._sampler.choose(address, self.vocabulary, None, ()).token)

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """The text's tokens by our tokenizer."""
        return list(self._model.tokenizer.encode(text, special=special))

    def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        return str(self._model.tokenizer.decode(tokens))

    def close(self) -> None:
        """See ``Side``."""
        self._context.close()
        self._model.close()


SIDES: Final = {"ours": Ours, "peer": Peer}


def peer_missing() -> str:
    """Why llama.cpp cannot be run here; empty where it can."""
    try:
        llama()
    except (ImportError, OSError, RuntimeError) as problem:
        return f"llama-cpp-python is not there ({problem}); it needs a C++ compiler to be built"
    return ""


@cache
def llama() -> Any:
    """The ctypes declarations of ``llama-cpp-python``, without the rest of the package; silent."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None or not found.submodule_search_locations:
        raise ImportError("no module llama_cpp")
    if "llama_cpp" not in sys.modules:
        bare = types.ModuleType("llama_cpp")
        bare.__path__ = list(found.submodule_search_locations)
        sys.modules["llama_cpp"] = bare
    library = importlib.import_module("llama_cpp.llama_cpp")
    library.quiet = library.llama_log_callback(lambda level, text, data: None)
    library.llama_log_set(library.quiet, None)
    library.llama_backend_init()
    return library


def _converter() -> Any:
    llama()
    return importlib.import_module("llama_cpp.llama_grammar")


@cache
def ggml() -> ctypes.CDLL:
    """The tensor library under llama.cpp."""
    folder = Path(llama().__file__).parent / "lib"
    return ctypes.CDLL(str(next(folder.glob("libggml-base.*"))))


@contextlib.contextmanager
def opened(side: str, path: Path, **how: Any) -> Iterator[Any]:
    """One side, closed at the end."""
    one = SIDES[side](path, **how)
    try:
        yield one
    finally:
        one.close()
