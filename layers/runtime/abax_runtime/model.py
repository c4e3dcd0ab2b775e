"""A model: its configuration and its weights, checked and mapped, ready to make contexts of.

with Model.load() as model, model.context(length=1024) as context:
    context.step(tokens, range(len(tokens)), [0] * len(tokens), [len(tokens) - 1])
    best = max(range(model.config.vocabulary), key=context.logits(0).__getitem__)
"""

from __future__ import annotations

from functools import cached_property
from threading import Thread
from weakref import WeakSet

from abax_runtime.cache import Attention
from abax_runtime.config import Config, read_config
from abax_runtime.context import Context
from abax_runtime.cpu import available_memory
from abax_runtime.errors import InvalidModel, ModelMissing, NotEnoughMemory, Unsupported
from abax_runtime.gguf import Gguf, Tensor, TensorType, open_gguf
from abax_runtime.models import default_model
from abax_runtime.native import Native, load
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from abax_runtime.adapter import Adapter
    from abax_runtime.cache import KvForm
    from abax_runtime.chat import ChatTemplate
    from abax_runtime.tokenizer import Tokenizer

__all__ = ["Attention", "Config", "Context", "Layer", "Model", "Weights"]


class Layer(Record):
    """The tensors of one layer; biases and norms of heads are None where the model has none."""

    attention_norm: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    query_bias: Tensor | None
    key_bias: Tensor | None
    value_bias: Tensor | None
    query_norm: Tensor | None
    key_norm: Tensor | None
    attention_output: Tensor
    feed_forward_norm: Tensor
    gate: Tensor
    up: Tensor
    down: Tensor


class Weights(Record):
    """All tensors of a model."""

    embedding: Tensor
    layers: tuple[Layer, ...]
    output_norm: Tensor
    output: Tensor
    """The embedding itself where the two are tied."""
    rope_divisors: tuple[float, ...] | None
    """One for each rotated pair's frequency, as Llama 3 stretches its rope."""


class Model:
    """An open model, its weights mapped until it is closed."""

    def __init__(self, gguf: Gguf, native: Native) -> None:
        """Raises ``InvalidModel`` or ``Unsupported`` for a file whose tensors do not make its model."""
        self.gguf, self.native = gguf, native
        self._contexts: WeakSet[Context] = WeakSet()
        embedding = gguf.tensors.get("token_embd.weight")
        if embedding is None or len(embedding.shape) != 2:
            raise InvalidModel("there is no matrix token_embd.weight")
        self.config = read_config(gguf.metadata, embedding.shape[0])
        self.weights = _Finder(gguf, self.config).weights()

    @classmethod
    def load(cls, path: Path | str | None = None, *, target: str | None = None) -> Self:
        """Open a GGUF file, by default the default model's; ``target`` names a library for another CPU.

        Raises ``ModelMissing``, ``InvalidModel``, ``Unsupported``, ``NotEnoughMemory``.
        """
        gguf = open_gguf(path if path is not None else default_model())
        try:
            if gguf.size > (available := available_memory()):
                raise NotEnoughMemory(f"the model {gguf.path.name}", gguf.size, available)
            Thread(target=gguf.prefault, daemon=True).start()  # while tokenizer and context are made
            return cls(gguf, load(target))
        except BaseException:
            gguf.close()
            raise

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The file's own tokenizer. Raises ``InvalidModel``, ``Unsupported``."""
        from abax_runtime.tokenizer import load_tokenizer

        found = load_tokenizer(self.gguf.metadata)
        if found.size > self.config.vocabulary:
            raise InvalidModel(f"{found.size} tokens, and an embedding of {self.config.vocabulary}")
        return found

    @cached_property
    def chat_template(self) -> ChatTemplate:
        """The file's own chat template."""
        from abax_runtime.chat import load_chat_template

        return load_chat_template(self.gguf.metadata, self.tokenizer)

    def context(
        self,
        *,
        length: int = 2048,
        sequences: int = 1,
        batch: int = 512,
        threads: int | None = None,
        kv: KvForm = "f16",
        kv_path: Path | str | None = None,
        attention: Attention | None = None,
    ) -> Context:
        """Memory to run the model in: ``sequences`` slots of ``length`` positions, ``batch`` rows per step.

        ``threads`` None: as many as the CPUs that this process may use. ``kv_path``: keep the keys and values
        in a file there (removed at once, its space is freed at the latest when the process ends). Raises
        ``NotEnoughMemory``, ``InvalidParameter``, ``ModelMissing`` once the model is closed.
        """
        if self.gguf.closed:
            raise ModelMissing(f"{self.gguf.path}: the file is closed")
        context = Context(
            self,
            length=length,
            sequences=sequences,
            batch=batch,
            threads=threads,
            kv=kv,
            kv_path=kv_path,
            attention=attention or Attention(),
        )
        self._contexts.add(context)
        return context

    def fingerprint(self, adapter: Adapter | None = None) -> str:
        """32 hex digits: a key for what derives from the weights, and from an adapter's if there is one."""
        if adapter is None:
            return self.gguf.fingerprint
        from hashlib import blake2b

        return blake2b(f"{self.gguf.fingerprint} {adapter.fingerprint}".encode(), digest_size=16).hexdigest()

    def close(self) -> None:
        """Close all contexts and unmap the weights."""
        for context in list(self._contexts):
            context.close()
        self.gguf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Finder:
    """Finds each tensor by name and checks its shape and type."""

    def __init__(self, gguf: Gguf, config: Config) -> None:
        self._gguf, self._config = gguf, config
        self._left = set(gguf.tensors)

    def weights(self) -> Weights:
        """All tensors; a tensor that the file has beside them would be ignored, so it is refused."""
        config = self._config
        embedding = self._matrix("token_embd", config.vocabulary, config.width)
        tied = "output.weight" not in self._gguf.tensors
        found = Weights(
            embedding=embedding,
            layers=tuple(self._layers()),
            output_norm=self._vector("output_norm.weight", config.width),
            output=embedding if tied else self._matrix("output", config.vocabulary, config.width),
            rope_divisors=self._divisors(),
        )
        if self._left:
            raise Unsupported(f"the file has tensors that this model does not use, as {min(self._left)}")
        return found

    def _layers(self) -> Iterator[Layer]:
        config = self._config
        for number in range(config.layers):
            prefix = f"blk.{number}."
            yield Layer(
                attention_norm=self._vector(f"{prefix}attn_norm.weight", config.width),
                query=self._matrix(f"{prefix}attn_q", config.query_width, config.width),
                key=self._matrix(f"{prefix}attn_k", config.key_width, config.width),
                value=self._matrix(f"{prefix}attn_v", config.key_width, config.width),
                query_bias=self._maybe(f"{prefix}attn_q.bias", config.query_width),
                key_bias=self._maybe(f"{prefix}attn_k.bias", config.key_width),
                value_bias=self._maybe(f"{prefix}attn_v.bias", config.key_width),
                query_norm=self._maybe(f"{prefix}attn_q_norm.weight", config.head_size),
                key_norm=self._maybe(f"{prefix}attn_k_norm.weight", config.head_size),
                attention_output=self._matrix(f"{prefix}attn_output", config.width, config.query_width),
                feed_forward_norm=self._vector(f"{prefix}ffn_norm.weight", config.width),
                gate=self._matrix(f"{prefix}ffn_gate", config.feed_forward, config.width),
                up=self._matrix(f"{prefix}ffn_up", config.feed_forward, config.width),
                down=self._matrix(f"{prefix}ffn_down", config.width, config.feed_forward),
            )

    def _matrix(self, name: str, rows: int, columns: int) -> Tensor:
        return self._find(f"{name}.weight", (rows, columns))

    def _vector(self, name: str, size: int) -> Tensor:
        found = self._find(name, (size,))
        if found.type != TensorType.F32:
            raise Unsupported(f"{name} in {found.type.name}; norms and biases must be F32")
        return found

    def _maybe(self, name: str, size: int) -> Tensor | None:
        return self._vector(name, size) if name in self._gguf.tensors else None

    def _find(self, name: str, shape: tuple[int, ...]) -> Tensor:
        tensors: Mapping[str, Tensor] = self._gguf.tensors
        found = tensors.get(name)
        if found is None:
            raise InvalidModel(f"the tensor {name} is missing")
        if tuple(found.shape) != shape:
            raise InvalidModel(f"the tensor {name} is {tuple(found.shape)} where {shape} is due")
        self._left.discard(name)
        return found

    def _divisors(self) -> tuple[float, ...] | None:
        pairs = self._config.rope.dimensions // 2
        found = self._maybe("rope_freqs.weight", pairs)
        if found is None:
            return None
        divisors = tuple(memoryview(self._gguf.bytes(found)).cast("B").cast("f"))
        if not all(0 < divisor < float("inf") for divisor in divisors):
            raise InvalidModel("rope_freqs.weight holds a divisor that is not above 0")
        return divisors
