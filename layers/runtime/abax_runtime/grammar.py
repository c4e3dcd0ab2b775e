"""Grammars that generated text must keep to: a JSON schema, a regular expression, or a list of choices.

A `Grammar` is compiled once (`compile_schema`, `compile_regex`, `compile_choices`; all cached) and gives a
`Matcher` to each text. The matcher says before each token which ones may come (`mask`), which ones must
(`forced`), and how many of a draft may (`accepts`). Once the text is whole, only an end token may follow.

Underneath is llguidance. JSON is compact: no white space but what the separators say. Objects that list
their properties and say nothing of others get no others, in the order of the schema. Grounded strings (see
`abax_runtime.grounding`) are stand-ins to llguidance: extra tokens, after those of the model, one private
character each. When one may come, the matcher hands over to the source text until the value is closed.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast
from weakref import WeakKeyDictionary, ref

from abax_runtime.copying import Pieces, Source
from abax_runtime.errors import InvalidParameter, InvalidSchema
from abax_runtime.grounding import ground, is_grounded
from abax_runtime.schema import (
    Schema,
    closed,
    escape_pointer,
    every_schema,
    has_end,
    read_schema,
    subschemas,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
    from llguidance._lib import JsonCompileOptions

    from abax_runtime.copying import Value, Values
    from abax_runtime.tokenizer import Tokenizer

COMPACT = (",", ":")
"""Separators of items and of keys, as for `json.dumps`."""

_STAND_INS = [chr(0xF0000 + number) for number in range(64)]
"""Characters of a private plane: each is a token to llguidance, and none to the model."""

_STAND_IN = re.compile(f"([{_STAND_INS[0]}-{_STAND_INS[-1]}])")

_STAND_IN_BYTES = b"\xf3\xb0"
"""How they all begin in UTF-8."""

_UNSAFE = b'"' + _STAND_IN_BYTES[:1]
"""In a token, it could go past the beginning of a grounded value unseen."""

_SIGNS = (b'"', b",", b"}", b"]")
"""What can end a value in JSON."""

_SLICES = [r'[^"\\\x00-\x1F\x7F]{1,30}', r'[^"\\\x00-\x1F\x7F]+']
"""Kinds of tokens whose part of the mask llguidance keeps: what most of a free string is made of."""

_FIRST_SIGNS = ("", "\n", ".")

_KEPT_GRAMMARS, _KEPT_SOURCES = 64, 8
_Kept = TypeVar("_Kept")


def compile_schema(
    schema: object,
    tokenizer: Tokenizer,
    *,
    grounded_in: str | None = None,
    separators: tuple[str, str] = COMPACT,
) -> Grammar:
    """The grammar of the JSON texts that fit a schema: a dict, its text, a pydantic model or a TypeAdapter.

    ``grounded_in`` is the source text of the strings that are marked as grounded.

    Raises:
        InvalidSchema: no schema, one that nothing can fit, or one with unsupported keywords; says where.
        InvalidParameter: a string is marked as grounded and there is no source.
    """
    plain = closed(read_schema(schema))
    if not has_end(plain):
        raise InvalidSchema("schema", "its required parts contain themselves without end")
    vocabulary = vocabulary_of(tokenizer)
    if not is_grounded(every_schema(plain)):
        return Grammar(tokenizer, _compiled_schema(vocabulary, plain, separators, ()))
    if grounded_in is None:
        raise InvalidParameter("source", "the schema marks strings as grounded: give the text they are in")
    probe, *stand_ins = _unused(plain)
    plain, values, missing = ground(plain, vocabulary.source(grounded_in), stand_ins)
    prototype = _compiled_schema(vocabulary, plain, separators, missing)
    grounded = {_STAND_INS.index(one): value for one, value in values.items()}
    return Grammar(tokenizer, prototype, grounded, _STAND_INS.index(probe))


def compile_regex(pattern: str, tokenizer: Tokenizer) -> Grammar:
    """The grammar of the texts that match a regular expression as a whole: Rust's syntax, no look-around.

    Raises:
        InvalidSchema: it is no expression, or nothing matches it.
    """
    from llguidance import LLMatcher

    return Grammar(tokenizer, vocabulary_of(tokenizer).compiled(LLMatcher.grammar_from_regex(pattern)))


def compile_choices(choices: Sequence[str], tokenizer: Tokenizer) -> Grammar:
    """The grammar of a few given texts.

    Raises:
        InvalidSchema: there are none, or one is empty.
    """
    from llguidance import LLMatcher

    if isinstance(choices, str) or not choices or not all(isinstance(one, str) and one for one in choices):
        raise InvalidSchema("choices", "a list of texts, none of them empty")
    lark = "start: " + " | ".join(json.dumps(one, ensure_ascii=False) for one in dict.fromkeys(choices))
    return Grammar(tokenizer, vocabulary_of(tokenizer).compiled(LLMatcher.grammar_from_lark(lark)))


class Grammar:
    """What texts must keep to, for one tokenizer. ``grounded``: the values that each stand-in stands for."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        prototype: LLMatcher,
        grounded: Mapping[int, Values] | None = None,
        probe: int = -1,
    ) -> None:
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary_of(tokenizer)
        self.grounded = dict(grounded or {})
        self.probe = self.vocabulary.width + probe
        self._prototype = prototype

    def matcher(self) -> Matcher:
        """For a text that begins."""
        return Matcher(self, self._prototype.deep_copy())


class Matcher:
    """Where one text is in its grammar."""

    def __init__(self, grammar: Grammar, inner: LLMatcher) -> None:
        self._grammar, self._vocabulary, self._inner = grammar, grammar.vocabulary, inner
        self._value: Value | None = None
        self._ended = False
        self._closing: int | None = None
        self._rests: dict[int, int] = {}
        self._trail: list[tuple[int, Value | None]] = []
        """For each accepted token, the steps that the inner matcher made and the value as it was before."""

    @property
    def finished(self) -> bool:
        """Whether the text is whole and nothing but an end token may follow, or has."""
        return self._ended or (self._value is None and bool(self._inner.is_stopped()))

    def mask(self) -> bytes:
        """A bit for each token that may come next: 32-bit words, little-endian, lowest bit first."""
        vocabulary = self._vocabulary
        if self._ended:
            mask = vocabulary.stop_mask
        elif self._value is None:
            whole = self._computed()
            if not (self._grammar.grounded and vocabulary.unsafe):
                return whole
            mask = int.from_bytes(whole, "little") & ~vocabulary.unsafe
        else:
            mask = self._value_mask(self._value)
        return mask.to_bytes(vocabulary.width // 8, "little")

    def accept(self, token: int) -> None:
        """Moves past a token. Raises InvalidParameter when it may not come."""
        if not self._try(token):
            raise InvalidParameter("token", f"{token} is not what the grammar allows here")

    def accepts(self, tokens: Sequence[int]) -> int:
        """How many of the tokens, from the first, may come one after the other; end tokens do not count."""
        if self._grammar.grounded:
            count = 0
            for token in tokens:
                if token in self._vocabulary.stop or not self._try(token):
                    break
                count += 1
            self.rollback(count)
            return count
        stop = next((at for at, token in enumerate(tokens) if token in self._vocabulary.stop), len(tokens))
        return 0 if self._ended else int(self._inner.validate_tokens(list(tokens[:stop])))

    def fitted(self, draft: Sequence[int], limit: int) -> list[int]:
        """What of a draft may come; where it ends a value by breaking off, with what ends it in the grammar.

        A draft that is copied from a source goes on after a value as the source does. In JSON a quote, comma
        or bracket comes instead, and mostly the next name after it.
        """
        count = self.accepts(draft)
        kept = list(draft[:count])
        if not 0 < count < min(len(draft), limit):
            return kept[:limit]
        for token in kept:
            self._try(token)
        kept += self._ending()
        self.rollback(count)
        return kept[:limit]

    def forced(self) -> list[int]:
        """The tokens that must come next, as the tokenizer writes them; none where there is a choice."""
        if self._ended or self._value is not None:
            return []
        text = self._inner.compute_ff_bytes()
        if not text or (self._grammar.grounded and _STAND_IN_BYTES in text):
            return self._written(_before_value(text))
        return list(self._inner.compute_ff_tokens())

    def rollback(self, count: int) -> None:
        """Takes back the last accepted tokens."""
        if not 0 <= count <= len(self._trail):
            raise InvalidParameter("count", f"{count} tokens to take back, of {len(self._trail)}")
        if not count:
            return
        self._value = self._trail[-count][1]
        steps = sum(steps for steps, _ in self._trail[-count:])
        del self._trail[-count:]
        self._ended, self._closing = False, None
        if steps:
            self._inner.rollback(steps)

    def copy(self) -> Matcher:
        """One that goes on from here by itself."""
        other = Matcher(self._grammar, self._inner.deep_copy())
        other._value, other._ended, other._trail = self._value, self._ended, list(self._trail)
        return other

    def _ending(self) -> list[int]:
        """The sign that a value can end with here, and what must follow it."""
        for sign in _SIGNS:
            if self._try(self._vocabulary.whole(sign)):
                text = b"" if self._value is not None else _before_value(self._inner.compute_ff_bytes())
                self.rollback(1)
                return self._written(sign + text) if text or sign == b'"' else []
        return []

    def _written(self, text: bytes) -> list[int]:
        """The tokens of a text that must come; fewer where the text breaks off within a character."""
        tokens = self._vocabulary.encode(text.decode(errors="replace")) if text else []
        return tokens[: self.accepts(tokens)]

    def _computed(self) -> bytes:
        mask = bytes(self._inner.compute_bitmask())
        if self._inner.is_error():
            raise InvalidSchema("schema", f"too costly to keep to: {_summary(self._inner.get_error())}")
        return mask[: self._vocabulary.width // 8]

    def _value_mask(self, value: Value) -> int:
        """The tokens that go on with a grounded value or close it."""
        if self._closing is None:
            self._closing, self._rests = int.from_bytes(self._computed(), "little"), {}
        mask, across = value.options()
        if value.complete:
            mask |= self._closing
        for token, rest in across:
            if rest not in self._rests:
                self._rests[rest] = self._closing >> rest & 1 or self._inner.validate_tokens([rest])
            if self._rests[rest]:
                mask |= 1 << token
        return mask

    def _try(self, token: int) -> bool:
        """Moves past a token if it may come."""
        before = self._value
        if self._ended or not 0 <= token < self._vocabulary.size:
            return False
        if token in self._vocabulary.stop:
            return self._end()
        if not (piece := self._vocabulary.pieces[token]):
            return False
        if before is not None and (after := before.advanced(piece)) is not None:
            self._value = after
            self._trail.append((0, before))
            return True
        if before is not None:
            token = self._vocabulary.whole(before.closed(piece))
        elif self._grammar.grounded and self._vocabulary.unsafe >> token & 1:
            return False
        if token < 0 or self._inner.try_consume_tokens([token]) != 1:
            return False
        self._value, self._closing = None, None
        self._trail.append((1 + self._enter(piece), before))
        return True

    def _end(self) -> bool:
        if self._value is None and self._inner.is_accepting():
            self._ended = True
            self._trail.append((0, None))
        return self._ended

    def _enter(self, piece: bytes) -> int:
        """After a quote that opens a grounded value, goes past its stand-in; the steps made.

        A free string would take the probe as well, a character that the schema never mentions.
        """
        if (
            not self._grammar.grounded
            or piece[-1:] != b'"'
            or self._inner.validate_tokens([self._grammar.probe])
        ):
            return 0
        for stand_in, values in self._grammar.grounded.items():
            if self._inner.try_consume_tokens([self._vocabulary.width + stand_in]):
                self._value = values.opening
                return 1
        return 0


class Vocabulary:
    """A tokenizer as llguidance needs it, with the grammars and sources that were compiled for it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        from llguidance import LLTokenizer

        self.pieces = tokenizer.pieces()
        self.size = len(self.pieces)
        self.width = -(-self.size // 32) * 32
        self.stop = sorted(tokenizer.stop)
        self.stop_mask = sum(1 << token for token in self.stop)
        self.unsafe = sum(1 << token for token, piece in enumerate(self.pieces) if _UNSAFE in piece)
        self._of = ref(tokenizer)
        self.tokenizer: LLTokenizer = LLTokenizer(
            cast("TokenizerWrapper", _Wrapper(self)),
            n_vocab=self.width + len(_STAND_INS) + 1,
            eos_token=self._end(),
            slices=_SLICES,
        )
        self._of_piece: Pieces | None = None
        self._grammars: OrderedDict[str, LLMatcher] = OrderedDict()
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._lock = Lock()

    def _end(self) -> list[int]:
        """The end tokens; where a model has none, a token that is never one of its own."""
        return self.stop or [self.width + len(_STAND_INS)]

    @property
    def of_piece(self) -> Pieces:
        """The tokens by their bytes."""
        if self._of_piece is None:
            self._of_piece = Pieces(self.pieces)
        return self._of_piece

    def encode(self, text: str) -> list[int]:
        """The tokens of a text in the middle of another, as the tokenizer writes it.

        Some tokenizers begin a text with a space; then it is written after a sign, which is taken away again.
        What the tokenizer cannot write as it stands is written with the longest pieces first.
        """
        tokenizer, wanted = self._of(), text.encode()
        if tokenizer is None:
            return self._longest_first(wanted)
        for sign in _FIRST_SIGNS:
            tokens = tokenizer.encode(sign + text, bos=False)
            spare = sum(len(self.pieces[token]) for token in tokens) - len(wanted)
            while tokens and spare > 0:
                spare -= len(self.pieces[tokens.pop(0)])
            if not spare and b"".join([self.pieces[token] for token in tokens]) == wanted:
                return tokens
        return self._longest_first(wanted)

    def _longest_first(self, text: bytes) -> list[int]:
        """The tokens of a text, or of as much of it as the vocabulary can write."""
        tokens: list[int] = []
        known, place = self.of_piece.tokens, 0
        while place < len(text):
            longest = min(self.of_piece.reach.get(text[place : place + 2], 1), len(text) - place)
            sizes = (size for size in range(longest, 0, -1) if text[place : place + size] in known)
            if not (size := next(sizes, 0)):
                break
            tokens.append(known[text[place : place + size]])
            place += size
        return tokens

    def whole(self, piece: bytes | None) -> int:
        """The token that is these bytes, -1 for none."""
        return self.of_piece.tokens.get(piece, -1) if piece else -1

    def source(self, text: str) -> Source:
        """A source text, kept for the next that asks."""
        with self._lock:
            return _kept(self._sources, text, _KEPT_SOURCES, lambda: Source(text, self.of_piece))

    def compiled(self, grammar: str) -> LLMatcher:
        """A matcher at the beginning of a text, to be copied; copies share what they learn of the grammar."""
        with self._lock:
            return _kept(self._grammars, grammar, _KEPT_GRAMMARS, lambda: self._compile(grammar))

    def _compile(self, grammar: str) -> LLMatcher:
        matcher = self._matcher(grammar)
        if matcher.is_error():
            raise InvalidSchema("schema", _summary(matcher.get_error()))
        return matcher

    def problem(self, grammar: str) -> str:
        """Why a grammar cannot be compiled; empty when it can."""
        return _summary(self._matcher(grammar).get_error())

    def _matcher(self, grammar: str) -> LLMatcher:
        from llguidance import LLMatcher

        return LLMatcher(self.tokenizer, grammar, log_level=0)


def _kept(kept: OrderedDict[str, _Kept], key: str, most: int, make: Callable[[], _Kept]) -> _Kept:
    """What is kept under a key, or else made and kept, with what was longest unused forgotten."""
    if key not in kept:
        kept[key] = make()
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
    return kept[key]


_vocabularies: WeakKeyDictionary[Tokenizer, Vocabulary] = WeakKeyDictionary()
_vocabularies_lock = Lock()


def vocabulary_of(tokenizer: Tokenizer) -> Vocabulary:
    """The tokenizer for grammars; made once (some tenths of a second for 50,000 tokens)."""
    with _vocabularies_lock:
        if tokenizer not in _vocabularies:
            _vocabularies[tokenizer] = Vocabulary(tokenizer)
        return _vocabularies[tokenizer]


class _Wrapper:
    """What llguidance asks of a tokenizer. Tokens without bytes are special: no text holds them."""

    is_tokenizer_wrapper = True
    bos_token_id = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        pieces = vocabulary.pieces
        padding = [b""] * (vocabulary.width - vocabulary.size)
        tokens = [*pieces, *padding, *(character.encode() for character in _STAND_INS), b""]
        self.special_token_ids = [token for token, piece in enumerate(tokens) if not piece]
        for token in self.special_token_ids:
            tokens[token] = b"<%d>" % token
        self.tokens = tokens
        self.eos_token_id = vocabulary._end()[0]
        self._vocabulary, self._first = ref(vocabulary), vocabulary.width
        self._writes_all = all(one in pieces for one in {bytes([b]) for b in "".join(_STAND_INS).encode()})

    def __call__(self, text: str | bytes) -> list[int]:
        text = text if isinstance(text, str) else text.decode(errors="replace")
        vocabulary = self._vocabulary()
        if vocabulary is None or self._writes_all:
            return [] if vocabulary is None else vocabulary.encode(text)
        tokens: list[int] = []
        for part in _STAND_IN.split(text):
            stand_in = part in _STAND_INS
            tokens += [self._first + _STAND_INS.index(part)] if stand_in else vocabulary.encode(part)
        return tokens


def _before_value(text: bytes) -> bytes:
    """What must come before the next grounded value."""
    at = text.find(_STAND_IN_BYTES)
    return text if at < 0 else text[:at]


# JSON schemas for llguidance


def _compiled_schema(
    vocabulary: Vocabulary, schema: Schema, separators: tuple[str, str], missing: Sequence[str]
) -> LLMatcher:
    try:
        return vocabulary.compiled(_json_grammar(schema, separators))
    except InvalidSchema as error:
        where, problem = _located(vocabulary, schema)
        if where in missing:
            problem = "nothing in the source can be its value"
        raise InvalidSchema("schema", f"{where}: {problem}") from error


def _json_grammar(schema: Schema, separators: tuple[str, str]) -> str:
    from llguidance import LLMatcher

    items, keys = map(re.escape, separators)
    options: JsonCompileOptions = {
        "whitespace_flexible": False,
        "item_separator": items,
        "key_separator": keys,
    }
    whole = schema if isinstance(schema, dict) else {"anyOf": [schema]}
    try:
        return LLMatcher.grammar_from_json_schema(json.dumps(whole), overrides=options)
    except ValueError as error:  # too deep for its reader
        raise InvalidSchema("schema", f"cannot be read: {error}") from error


def _located(vocabulary: Vocabulary, schema: Schema) -> tuple[str, str]:
    """The innermost part of a schema that cannot be compiled by itself, and why."""
    shared = {key: schema[key] for key in _SHARED if isinstance(schema, dict) and key in schema}

    def problem(part: Schema) -> str:
        return vocabulary.problem(
            _json_grammar({**shared, **part} if isinstance(part, dict) else part, COMPACT)
        )

    node, where, why = schema, "#", problem(schema)
    while True:
        for path, child in subschemas(node):
            if path[0] not in _SHARED and (inner := problem(child)):
                node, where, why = child, "/".join((where, *map(escape_pointer, path))), inner
                break
        else:
            return where, why


_SHARED = ("$defs", "definitions")


def _unused(schema: Schema) -> list[str]:
    """The stand-ins that the schema itself has not."""
    text = json.dumps(schema, ensure_ascii=False)
    return [character for character in _STAND_INS if character not in text]


def _summary(message: str) -> str:
    """The line of a message that says what is wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("error:")), lines[0] if lines else "")
