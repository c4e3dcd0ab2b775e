"""SentencePiece vocabularies (``llama``), through the ``sentencepiece`` library.

A GGUF holds the pieces, scores and types, and not the model file that the library reads; so that is written
here anew. Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto, in the
wire format of https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property

from abax_runtime.errors import InvalidModel
from abax_runtime.record import TYPE_CHECKING
from abax_runtime.tokenizer import Tokenizer, TokenType

if TYPE_CHECKING:
    from typing import Any, Final

    from sentencepiece import SentencePieceProcessor

SPACE: Final = "▁"
"""How a piece writes a space."""


class SentenceTokenizer(Tokenizer):
    """``tokenizer.ggml.model`` = ``llama``."""

    bos_by_default, eos_by_default, adds_bos_by_default = 1, 2, True

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        super().__init__(metadata)
        self._space_before: Final = bool(self._value("add_space_prefix", True))

    def _encode(self, text: str, follows_special: bool) -> Sequence[int]:
        if follows_special and self._space_before:
            text = f" {text}"
        ids: list[int] = self._library.encode(text, out_type=int)
        return ids

    def decode(self, ids: Sequence[int], *, special: bool = False) -> str:
        """As of every tokenizer, without the space that ``encode`` put before the text."""
        text = super().decode(ids, special=special)
        begins_with_text = bool(ids) and not (special and self.is_control(ids[0]))
        return text.removeprefix(" ") if self._space_before and begins_with_text else text

    def _bytes(self, name: str) -> bytes:
        return name.replace(SPACE, " ").encode()

    @cached_property
    def _library(self) -> SentencePieceProcessor:
        from sentencepiece import SentencePieceProcessor

        try:
            return SentencePieceProcessor(model_proto=self._model())
        except RuntimeError as error:
            raise InvalidModel(f"the vocabulary is no SentencePiece model: {error}") from error

    def _model(self) -> bytes:
        """The file that the library reads: ModelProto."""
        scores = self._array("scores", ()) or (0.0,) * self.size
        if len(scores) < self.size:
            raise InvalidModel(f"tokenizer.ggml.scores has {len(scores)} values for {self.size} tokens")
        unknown = self._unknown()
        types = self._library_types(unknown)
        pieces = [
            _head(len(data)) + data + b"\x15" + score + _KINDS[kind]
            for data, score, kind in zip(
                map(str.encode, self._distinct()), _floats(scores), types, strict=False
            )
        ]
        return b"".join([*pieces, _bytes(2, self._trainer(unknown, types)), _bytes(3, _NORMALIZER)])

    def _unknown(self) -> int:
        """The token for what no token is; the library wants exactly one."""
        named = self._id("unknown", None)
        first = self._types.find(TokenType.UNKNOWN)
        return named if named is not None else max(first, 0)

    def _library_types(self, unknown: int) -> bytearray:
        """Types as the library should see them.

        Special tokens are found before it sees a text. What the user defined may also come about by merging.
        """
        types = bytearray(self._types).translate(_LIBRARY_TYPES)
        types[unknown] = TokenType.UNKNOWN
        return types

    def _distinct(self) -> list[str]:
        """Names of the tokens; empty and repeated ones, which the library refuses, get one of their own."""
        names = list(self._tokens)
        if len(self._ids) < self.size or "" in self._ids:
            for id, name in enumerate(names):
                if not name or self._ids[name] != id:
                    names[id] = f"<unnamed {id}>"
        return names

    def _trainer(self, unknown: int, types: bytearray) -> bytes:
        """TrainerSpec: the library needs the kind of model, and which tokens play a part."""
        every_byte = types.count(TokenType.BYTE) == 256
        spec = _number(3, 2) + _number(4, self.size) + _number(35, every_byte) + _number(40, unknown)
        for part, field in ((self.bos, 41), (self.eos, 42), (None, 43)):
            spec += _number(field, -1 if part is None else part)
        return spec + _bytes(45, self._distinct()[unknown].encode())


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; negative numbers as 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _floats(values: Sequence[float]) -> Iterator[bytes]:
    """Each as its four bytes. Raises InvalidModel for what is no number."""
    try:
        packed = struct.pack(f"<{len(values)}f", *values)
    except (struct.error, OverflowError) as error:
        raise InvalidModel(f"tokenizer.ggml.scores: {error}") from error
    return (value for (value,) in struct.iter_unpack("4s", packed))


@cache
def _head(size: int) -> bytes:
    """What stands before a piece of ``size`` bytes; a score in five bytes and a type in two follow it."""
    name = _varint(1 << 3 | 2) + _varint(size)
    return _varint(1 << 3 | 2) + _varint(len(name) + size + 7) + name


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _library_type(kind: int) -> int:
    if kind == TokenType.UNKNOWN:
        return TokenType.CONTROL
    if kind == TokenType.USER_DEFINED:
        return TokenType.NORMAL
    return kind if kind in list(TokenType) else TokenType.UNUSED


_LIBRARY_TYPES: Final = bytes(map(_library_type, range(256)))
_KINDS: Final = [_number(3, kind) for kind in range(7)]
_NORMALIZER: Final = _bytes(1, b"identity") + _number(3, 0) + _number(4, 0) + _number(5, 1)
"""NormalizerSpec: text as it is, without a space before it, all spaces kept, and written as ``▁``."""
