r"""Byte-level byte-pair encoding, as GPT-2 and most models since use it.

Text is cut into words by the model's own pattern; a word's bytes are written as 256 printable letters; and of
all neighbours in a word, those that were merged first in training are merged first.

Long texts go through `tokenizers`. Making its tables takes 50 ms and more, which the first answer of a cold
function would wait for; so short ones are encoded here, until so many have come that the tables pay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush

from abax_runtime.errors import InvalidModel, Unsupported
from abax_runtime.record import TYPE_CHECKING
from abax_runtime.tokenizer import Tokenizer, lookup

if TYPE_CHECKING:
    from typing import Any, Final

    import tokenizers

    from abax_runtime.tokenizer import Lookup

_CONTRACTION = "'s|'t|'re|'ve|'m|'ll|'d"
_ANY_CONTRACTION = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
_GPT2 = rf"{_CONTRACTION}| ?\p{{L}}+| ?\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+"
_AFTER_NUMBER = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LLAMA3 = rf"{_ANY_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_AFTER_NUMBER}"
_QWEN2 = rf"{_ANY_CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{_AFTER_NUMBER}"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*|\p{{N}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CASED_LETTERS = (
    "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af"
    "\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5"
    "\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba"
    "\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45"
    "\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe"
    "\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102"
    "\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139"
    "\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3"
    "\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06"
    "\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3"
    "\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df"
    "\U0001e900-\U0001e943"
)
_PUNCTUATION = "[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"
_HAN_AND_HANGUL = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"

PATTERNS: Final[Mapping[str, tuple[str, ...]]] = {
    "default": (r"[\p{P}\$\+<=>\^~\|]+", _GPT2, r"\p{N}+", "[0-9][0-9][0-9]"),
    **dict.fromkeys(("gpt-2", "phi-2", "mpt", "olmo"), (_GPT2,)),
    **dict.fromkeys(("smollm", "starcoder", "refact", "minerva-7b"), (r"\p{N}", _GPT2)),
    **dict.fromkeys(
        ("llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "smaug-bpe", "dbrx"), (_LLAMA3,)
    ),
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "megrez", "stablelm2"), (_QWEN2,)),
    "tekken": (_TEKKEN,),
    "deepseek-llm": (
        r"[\r\n]",
        rf"\s?[{_CASED_LETTERS}]+",
        rf"\s?{_PUNCTUATION}",
        r"\s+$",
        _HAN_AND_HANGUL,
        r"\p{N}+",
    ),
    "deepseek-coder": (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _HAN_AND_HANGUL, r"\p{N}"),
}
"""Patterns by ``tokenizer.ggml.pre``: each in turn cuts what the one before left into matches and the rest.

They are the models' own (from their ``tokenizer.json``), in the form in which llama.cpp's ``llama-vocab.cpp``
keeps them by these names; for ``tekken``, the model's, of which llama.cpp has an approximation.
"""

WHOLE_WORDS: Final = frozenset({"llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "tekken"})
"""Where a word that is a token is that token, even if merges would not lead there."""

QUICK_TEXT: Final = 4096
QUICK_TOTAL: Final = 16384
"""Characters of one text, and of all, up to which texts are encoded here. (At about 1 µs a character.)"""


def _letters() -> str:
    """The letter that stands for each byte: printable Latin-1 for itself, others from U+0100 on (GPT-2)."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    moved = iter(range(256, 512))
    return "".join(chr(byte if byte in printable else next(moved)) for byte in range(256))


LETTERS: Final = _letters()
_BYTES: Final = {ord(letter): byte for byte, letter in enumerate(LETTERS)}


class BytePairTokenizer(Tokenizer):
    """``tokenizer.ggml.model`` = ``gpt2``."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        super().__init__(metadata)
        self._pre: Final = str(self._value("pre", "default"))
        if self._pre not in PATTERNS:
            raise Unsupported(f"pre-tokenizer {self._pre!r}; supported are {', '.join(PATTERNS)}")
        self._quickly = 0

    def _adds_bos(self) -> bool:
        return self._value("pre", "default") in WHOLE_WORDS

    def _encode(self, text: str, follows_special: bool) -> Sequence[int]:
        if len(text) <= QUICK_TEXT and self._quickly < QUICK_TOTAL:
            ids = self._quick.encode(text)
            if ids is not None:
                self._quickly += len(text)
                return ids
        ids = self._library.encode(text, add_special_tokens=False).ids
        return [id for id in ids if id < self.size] if self._missing else ids

    @cached_property
    def _quick(self) -> QuickEncoder:
        return QuickEncoder(self._numbers, lookup(self._array("merges", ())), self._pre)

    @cached_property
    def _missing(self) -> list[str]:
        """Bytes that are no token of their own. They are left out, and keep their neighbours apart."""
        return [letter for letter in LETTERS if letter not in self._ids]

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers

        vocabulary = self._ids | {letter: self.size + n for n, letter in enumerate(self._missing)}
        merges = [tuple(merge.split(" ", 1)) for merge in self._array("merges", ())]
        try:
            made = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=self._pre in WHOLE_WORDS))
        except BaseException as error:  # the library raises nothing narrower than Exception, or it panics
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise InvalidModel(f"tokenizer.ggml.merges: {error}") from error
            raise
        made.pre_tokenizer = pre_tokenizers.Sequence(
            [
                *(pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[self._pre]),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        return made

    def _bytes(self, name: str) -> bytes:
        try:
            return name.translate(_BYTES).encode("latin-1")
        except UnicodeEncodeError:  # letters that stand for no byte
            return name.encode()


class QuickEncoder:
    """The same without preparation, for short texts."""

    def __init__(self, tokens: Lookup, merges: Lookup, pre: str) -> None:
        self.tokens = tokens
        self.merges = merges
        """By both halves with a space between them, as the file has them."""
        self.whole_words = pre in WHOLE_WORDS
        self.usable = all(map(str.isascii, PATTERNS[pre]))
        self.patterns = [re.compile(_by_class(pattern)) for pattern in PATTERNS[pre] if self.usable]
        self.words: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int] | None:
        """The tokens; None for a text that only the library can cut into words."""
        classes = text if text.isascii() else text.translate(_CLASSES)
        if not self.usable or _UNASSIGNED in classes:
            return None
        ids: list[int] = []
        for start, end in self._spans(classes):
            word = text[start:end]
            if word not in self.words:
                self.words[word] = self._word(word.encode().decode("latin-1").translate(LETTERS))
            ids += self.words[word]
        return ids

    def _spans(self, classes: str) -> list[tuple[int, int]]:
        """Where each word begins and ends."""
        spans = [(0, len(classes))]
        for pattern in self.patterns:
            spans = [part for start, end in spans for part in _cut(pattern, classes, start, end)]
        return spans

    def _word(self, word: str) -> list[int]:
        """Tokens of a word that is written in letters for bytes."""
        if self.whole_words and (whole := self.tokens.find(word)) is not None:
            return [whole]
        ids = []
        for part in self._merged(word):
            if (id := self.tokens.find(part)) is not None:
                ids.append(id)
            elif len(part) > 1:
                raise InvalidModel(f"tokenizer.ggml.merges: {part!r} is no token")
        return ids

    def _merged(self, word: str) -> list[str]:
        """The parts that are left when nothing more can be merged; of equal merges the leftmost is first."""
        parts, count = list(word), len(word)
        before, after = list(range(-1, count - 1)), list(range(1, count + 1))
        rank_of = self.merges.find

        def rank(left: int) -> int | None:
            if left < 0 or after[left] >= count:
                return None
            return rank_of(f"{parts[left]} {parts[after[left]]}")

        queue = [(found, left) for left in range(count) if (found := rank(left)) is not None]
        heapify(queue)
        while queue:
            expected, left = heappop(queue)
            if not parts[left] or rank(left) != expected:
                continue  # one of the two has been merged with another since
            right = after[left]
            parts[left], parts[right] = parts[left] + parts[right], ""
            after[left] = after[right]
            if after[right] < count:
                before[after[right]] = left
            for neighbour in (before[left], left):
                if (found := rank(neighbour)) is not None:
                    heappush(queue, (found, neighbour))
        return [part for part in parts if part]


def _cut(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The matches within a span, and what lies between them."""
    for match in pattern.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
        yield match.span()
        start = match.end()
    if start < end:
        yield start, end


# Python's own patterns know no Unicode classes. So every letter beyond ASCII is replaced by one that stands
# for its class, and in the patterns a class is replaced by its ASCII members and those letters.

_STANDING_FOR: Final = {
    "Lu": "\u00c0",
    "Ll": "\u00e0",
    "Lt": "\u01c5",
    "Lm": "\u02b0",
    "Lo": "\u00aa",
    "M": "\u0300",
    "N": "\u00b2",
    "P": "\u00a1",
    "S": "\u00a2",
    "space": "\u00a0",
    "other": "\u00ad",
}
_UNASSIGNED: Final = "\uffff"
"""Unknown to this Python; the library may know a later Unicode."""

_ASCII_MEMBERS: Final = {
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "P": r"!-#%-*,-/:;?@\[-\]_{}",
    "S": r"$+<=>\^`|~",
    "space": r" \t\n\r\f\v",
}
_SPACES: Final = frozenset("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(n) for n in range(0x2000, 0x200B)
}


class _Classes(dict[int, str]):
    """Table for ``str.translate`` that fills itself."""

    def __missing__(self, code: int) -> str:
        from unicodedata import category

        letter, kind = chr(code), category(chr(code))
        if code < 128:
            found = letter
        elif letter in _SPACES:
            found = _STANDING_FOR["space"]
        elif kind == "Cn":
            found = _UNASSIGNED
        else:
            found = _STANDING_FOR.get(kind) or _STANDING_FOR.get(kind[0], _STANDING_FOR["other"])
        self[code] = found
        return found


_CLASSES: Final = _Classes()


def _by_class(pattern: str) -> str:
    """A pattern over letters that stand for classes."""
    within = False
    out = []
    for piece in re.findall(r"\\p\{\w+\}|\\.|.", pattern):
        members = _members(piece)
        if piece in "[]":
            within = piece == "["
        if members and not within:
            members = f"[^{members}]" if piece == r"\S" else f"[{members}]"
        out.append(members or piece)
    return "".join(out)


def _members(piece: str) -> str:
    r"""What belongs to ``\p{…}`` or ``\s``, as it stands within brackets; nothing for other pieces."""
    if piece in (r"\s", r"\S"):
        names = ["space"]
    elif piece.startswith(r"\p{"):
        names = [name for name in _STANDING_FOR if name.startswith(piece[3:-1])]
    else:
        return ""
    return "".join(_ASCII_MEMBERS.get(name, "") + _STANDING_FOR[name] for name in names)
