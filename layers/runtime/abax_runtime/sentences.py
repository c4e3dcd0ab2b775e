"""SentencePiece vocabularies (``llama``), through the ``sentencepiece`` library.

A GGUF holds the pieces, scores and types, and not the model file that the library reads; so that is written
here anew. Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto, in the
wire format of https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from abax_runtime.errors import InvalidModel
from abax_runtime.tokenizer import Tokenizer, TokenType

if TYPE_CHECKING:
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
            _bytes(1, _bytes(1, name.encode()) + _float(2, score) + _number(3, kind))
            for name, score, kind in zip(self._distinct(), scores, types, strict=False)
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
        types = bytearray(self._types)
        table = bytes.maketrans(
            bytes((TokenType.UNKNOWN, TokenType.USER_DEFINED)), bytes((TokenType.CONTROL, TokenType.NORMAL))
        )
        types = types.translate(table)
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


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


_NORMALIZER: Final = _bytes(1, b"identity") + _number(3, 0) + _number(4, 0) + _number(5, 1)
"""NormalizerSpec: text as it is, without a space before it, all spaces kept, and written as ``▁``."""
