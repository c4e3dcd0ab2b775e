"""Text to tokens and back, by the vocabulary that the model's file carries.

Two families: byte-level byte-pair encoding (``gpt2``, in ``bytepairs``) and SentencePiece (``llama``, in
``sentences``). What they share is here: special tokens, the flags, and decoding.

Keys of the metadata: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, "Tokenizer".
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cached_property

from abax_runtime.arrays import Strings, ValueType
from abax_runtime.errors import InvalidModel, InvalidParameter, Unsupported
from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Final, Protocol

    class Lookup(Protocol):
        """Finds a text's number."""

        def find(self, text: str) -> int | None:
            """None: it is not there."""


class TokenType(IntEnum):
    """What a token is for (``tokenizer.ggml.token_type``)."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


STOPS: Final = (
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<end_of_utterance>",
    "<EOT>",
    "<｜end▁of▁sentence｜>",
)
"""Tokens that end an answer whatever the file calls them: many files name only one of theirs."""


class Tokenizer(ABC):
    """A vocabulary, and how to read and write text with it. May be used from several threads."""

    bos_by_default: int | None = None
    eos_by_default: int | None = None
    adds_bos_by_default = False

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._metadata = metadata
        self._tokens: Sequence[str] = self._array("tokens", None)
        self.size: Final = len(self._tokens)
        if not self.size:
            raise InvalidModel("tokenizer.ggml.tokens is missing or empty")
        self.bos: Final = self._id("bos", self.bos_by_default)
        self.eos: Final = self._id("eos", self.eos_by_default)
        self.add_bos: Final = bool(self._value("add_bos_token", self._adds_bos()))
        self.add_eos: Final = bool(self._value("add_eos_token", False))

    # ------------------------------------------------------------------------------------------ encoding

    def encode(
        self,
        text: str,
        *,
        special: bool = False,
        bos: bool | None = None,
        said: Mapping[int, str] | None = None,
    ) -> list[int]:
        """The tokens of ``text``.

        ``special``: names of control tokens in the text become those tokens; without it they are text like
        any other. ``bos``: begin with the token for that, if there is one; None: as the file says, and end
        with its counterpart if the file says so. Half of a surrogate pair becomes U+FFFD. ``said``: by their
        code points, characters of the text that stand for others, which name no token.
        """
        if not text.isascii():
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        ids = [self.bos] if self.bos is not None and (self.add_bos if bos is None else bos) else []
        follows_special = True
        for part in self._parts(text, special):
            if isinstance(part, int):
                ids.append(part)
            elif part:
                ids += self._encode(part.translate(said) if said else part, follows_special)
            follows_special = isinstance(part, int)
        if bos is None and self.add_eos and self.eos is not None:
            ids.append(self.eos)
        return ids

    def _parts(self, text: str, special: bool) -> Iterator[str | int]:
        """The text, and the special tokens in it; where two begin at one place the longer is meant."""
        names = self._special if special else self._user_defined
        present = [name for name in names if name in text]
        if not present:
            yield text
            return
        import re

        present.sort(key=len, reverse=True)
        for number, part in enumerate(re.split(f"({'|'.join(map(re.escape, present))})", text)):
            yield names[part] if number % 2 else part

    @abstractmethod
    def _encode(self, text: str, follows_special: bool) -> Sequence[int]:
        """Tokens of text without special tokens; ``follows_special``: it begins, or comes after one."""

    # ------------------------------------------------------------------------------------------ decoding

    def decode(self, ids: Sequence[int], *, special: bool = False) -> str:
        """The text of a whole sequence; ``special``: with the names of control tokens.

        What is no UTF-8 becomes U+FFFD. A space that ``encode`` put before the text is taken away again, so
        use ``decoder`` for what continues another text.
        """
        data = b"".join(
            self._name(id).encode() if special and self.is_control(id) else self.piece(id) for id in ids
        )
        return data.decode("utf-8", "replace")

    def decoder(self) -> StreamDecoder:
        """For tokens that come one by one."""
        return StreamDecoder(self)

    def piece(self, id: int) -> bytes:
        """The bytes that a token stands for; none for a control token."""
        if not 0 <= id < self.size:
            raise InvalidParameter("token", f"{id} is not one of {self.size}")
        return self._piece(self._name(id), self._types[id])

    def pieces(self) -> list[bytes]:
        """The bytes of every token, by number. The list is made once; do not change it."""
        return self._pieces

    @cached_property
    def _pieces(self) -> list[bytes]:
        return [self._piece(name, kind) for name, kind in zip(self._tokens, self._types, strict=False)]

    def _piece(self, name: str, kind: int) -> bytes:
        if kind == TokenType.NORMAL:
            return self._bytes(name)
        if kind == TokenType.USER_DEFINED:
            return name.encode()
        if kind == TokenType.BYTE:
            return bytes((_byte(name),))
        return b""

    @abstractmethod
    def _bytes(self, name: str) -> bytes:
        """The bytes that a normal token stands for."""

    def is_control(self, id: int) -> bool:
        """Whether a token steers the model and is no text."""
        return self._types[id] in (TokenType.CONTROL, TokenType.UNKNOWN)

    def control_names(self, text: str) -> list[str]:
        """Names of control tokens in a text: what ``encode`` with ``special`` would take for these tokens."""
        return [name for name, id in self._special.items() if name in text and self.is_control(id)]

    def _name(self, id: int) -> str:
        return self._tokens[id]

    # ---------------------------------------------------------------------------------------- vocabulary

    @cached_property
    def stop(self) -> frozenset[int]:
        """Tokens that end an answer: end of text, of turn, of message."""
        named = {self.eos, *(self._id(kind, None) for kind in ("eot", "eom"))}
        return frozenset(
            id for id in (*named, *(self._numbers.find(name) for name in STOPS)) if id is not None
        )

    @cached_property
    def _numbers(self) -> Lookup:
        """Every token's number by its name in the file."""
        return lookup(self._tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        """The same, for who needs them all."""
        return dict(zip(self._tokens, range(self.size), strict=True))

    @cached_property
    def _types(self) -> bytes:
        """Every token's type, a byte each. Tokens that end an answer are control tokens, said so or not."""
        given = self._array("token_type", ())
        if given and len(given) < self.size:
            raise InvalidModel(f"tokenizer.ggml.token_type has {len(given)} values for {self.size} tokens")
        try:
            types = bytearray(given or bytes((TokenType.NORMAL,)) * self.size)
        except (TypeError, ValueError) as error:
            raise InvalidModel(f"tokenizer.ggml.token_type: {error}") from error
        for id in self.stop:
            types[id] = TokenType.CONTROL
        return bytes(types[: self.size])

    @cached_property
    def _special(self) -> dict[str, int]:
        kinds = (TokenType.CONTROL, TokenType.UNKNOWN, TokenType.USER_DEFINED)
        return {name: id for id in self._of_types(kinds) if (name := self._name(id))}

    @cached_property
    def _user_defined(self) -> dict[str, int]:
        return {name: id for id in self._of_types((TokenType.USER_DEFINED,)) if (name := self._name(id))}

    def _of_types(self, kinds: Sequence[int]) -> Iterator[int]:
        for kind in kinds:
            id = self._types.find(kind)
            while id >= 0:
                yield id
                id = self._types.find(kind, id + 1)

    # ------------------------------------------------------------------------------------------ metadata

    def _adds_bos(self) -> bool:
        return self.adds_bos_by_default

    def _value(self, key: str, default: Any) -> Any:
        return self._metadata.get(f"tokenizer.ggml.{key}", default)

    def _array(self, key: str, default: Any) -> Any:
        found = self._value(key, default)
        if found is not None and (isinstance(found, str) or not isinstance(found, Sequence)):
            raise InvalidModel(f"tokenizer.ggml.{key} is no array")
        if key in ("tokens", "merges") and not _are_texts(found or ()):
            raise InvalidModel(f"tokenizer.ggml.{key} is no array of texts")
        return found if found is not None else ()

    def _id(self, kind: str, default: int | None) -> int | None:
        """The token that plays a part, by the file or by default. Raises InvalidModel when it is none."""
        found = self._value(f"{kind}_token_id", None)
        if found is None:
            return default if default is not None and default < self.size else None
        if not isinstance(found, int) or not 0 <= found < self.size:
            raise InvalidModel(f"tokenizer.ggml.{kind}_token_id is {found!r}; there are {self.size} tokens")
        return found


class StreamDecoder:
    """Text of tokens that come one by one; the bytes of a character are held back until it is complete."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._piece = tokenizer.piece
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, id: int) -> str:
        """The text that a further token completes."""
        return self._decoder.decode(self._piece(id))

    def finish(self) -> str:
        """What is left: U+FFFD for a character that was never completed."""
        return self._decoder.decode(b"", final=True)


class _Numbered:
    """The texts of a list by number, of equal ones the last."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.find = dict(zip(texts, range(len(texts)), strict=True)).get


def lookup(texts: Sequence[str]) -> Lookup:
    """Where each of the texts stands. A file's own array finds them by itself, without being decoded."""
    return texts if isinstance(texts, Strings) else _Numbered(texts)


def load_tokenizer(metadata: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that a file's metadata describe. Raises Unsupported and InvalidModel.

    Cheap: tables are made when they are first needed.
    """
    model = metadata.get("tokenizer.ggml.model")
    if model == "gpt2":
        from abax_runtime.bytepairs import BytePairTokenizer

        return BytePairTokenizer(metadata)
    if model == "llama":
        from abax_runtime.sentences import SentenceTokenizer

        return SentenceTokenizer(metadata)
    raise Unsupported(f"tokenizer {model!r}; supported are 'gpt2' and 'llama'")


def _are_texts(values: Sequence[Any]) -> bool:
    """Whether an array, whose values are all of one type, is of strings; a file's own says so undecoded."""
    kind = getattr(values, "kind", None)
    return not values or (kind is ValueType.STRING if kind is not None else isinstance(values[0], str))


def _byte(name: str) -> int:
    """41 of ``<0x41>``."""
    try:
        if len(name) == 6 and name.startswith("<0x") and name.endswith(">"):
            return int(name[3:5], 16)
    except ValueError:
        pass
    raise InvalidModel(f"the token {name!r} is said to be a byte")
