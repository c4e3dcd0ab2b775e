"""Names in a text: what begins with a capital letter and is no ordinary word of any of seven languages.

Strict on purpose: an unknown word with a capital letter is a name that nobody knows, since a text that is
wrongly refused costs a nicer wording, and one that is wrongly believed a customer. In German, where all nouns
have one, the ends and parts of words tell most nouns.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from abax.writing.claims import Claim, Sheet, cleaned, compact
from abax.writing.ordinary import ADDRESSED, GREETINGS, ORDINARY
from abax.writing.spelling import COUNT_WORDS, plain

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’&-][^\W\d_]+)*")
_ELISION: Final = re.compile(
    r"(?:[cdjlmnst]|qu|dell|all|nell|sull|dall|un|quest|lorsqu|jusqu)['’](?=\w)", re.IGNORECASE
)
_FORMS: Final = (
    "gmbh ag kg kgaa ohg ug se ltd limited plc llc llp inc corp corporation co sa sas sarl sasu eurl sci sl "
    "slu srl spa snc sapa bv nv vof oy ab as aps spzoo sp zoo sro kft"
)
_COMPANY_FORMS: Final = frozenset(_FORMS.split())
_COUNTS: Final = frozenset(word for table in COUNT_WORDS.values() for word in table)
_LONGEST: Final = 8
"""Words of a name that are looked at together."""


@dataclass(frozen=True)
class Known:
    """Names that may be said, and words that are none."""

    names: frozenset[str]
    words: frozenset[str] = frozenset()

    def numbered(self, text: str) -> Iterator[re.Pattern[str]]:
        """Those of the names in a text that have more than letters in them (references, addresses), or a
        number word, longest first, however spaced."""
        there = _bare(text)
        return (re.compile(_spaced(name), re.IGNORECASE) for name, bare in self._marked if bare in there)

    @cached_property
    def _marked(self) -> list[tuple[str, str]]:
        """Such names, longest first, and their letters and signs alone."""
        marked = [cleaned(name).strip() for name in self.names if _is_marked(name)]
        chosen = sorted({name for name in marked if re.search(r"[^\d.,\s]", name)}, key=len, reverse=True)
        return [(name, _bare(name)) for name in chosen]

    @cached_property
    def whole(self) -> frozenset[tuple[str, ...]]:
        """The words of each name."""
        return frozenset(tuple(words_of(name)) for name in self.names)

    @cached_property
    def slices(self) -> dict[str, list[tuple[str, ...]]]:
        """Words in a row of each name, small, by the first of them, longest first."""
        found: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        for name in self.names:
            words = () if "@" in name or "://" in name else tuple(words_of(name))
            for start in range(len(words)):
                for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
                    found[words[start]].add(words[start:end])
        return {first: sorted(parts, key=len, reverse=True) for first, parts in found.items()}


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text).casefold()


def _is_marked(name: str) -> bool:
    return bool(re.search(r"\d|@|://|\w\.\w", name)) or not _COUNTS.isdisjoint(name.casefold().split())


def words_of(text: str) -> list[str]:
    """The words of a name, small, as names are compared: without points and possessive endings."""
    return [_small(word) for word, _, _ in _words(cleaned(text))]


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word with its span, without an article in front of its apostrophe: ``l'Azienda``."""
    for match in _WORD.finditer(text):
        joined = _ELISION.match(match.group())
        start = match.start() + (joined.end() if joined else 0)
        yield text[start : match.end()], start, match.end()


def _small(word: str) -> str:
    return re.sub(r"['’]s?$|['’](?=s$)", "", word).casefold().replace("’", "'")


def _spaced(name: str) -> str:
    """A pattern for the name: blanks within it may be wider, and within an account or a telephone number
    fewer or more."""
    bare = re.sub(r"\s", "", name)
    loose = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z\d]{8,30}|\+?[\d()/-]{7,}", bare, re.IGNORECASE)
    body = " ?".join(map(re.escape, bare)) if loose else r"\s+".join(map(re.escape, name.split()))
    return rf"(?<!\w)(?<!\w[/_])(?<!\d[.,-]){body}(?!\w|[.,/-]\d|@)"


def blank_known(sheet: Sheet, known: Known) -> None:
    """Take the known references and addresses out, so that their digits are no numbers."""
    for pattern in known.numbered(sheet.left):
        sheet.blank(*(match.span() for match in pattern.finditer(sheet.left)))


# --- finding --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    starts: bool
    """It begins a line or a sentence."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def find_names(sheet: Sheet, known: Known, language: str) -> None:
    """Add a claim for each run of words with capital letters that are neither known nor ordinary."""
    tokens = list(_tokens(sheet.left))
    run: list[_Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        part = _known_part(sheet.left, tokens, place, known) if token.capital else ()
        called = _is_called(sheet.left, tokens, place)
        if part and _is_mixed(sheet.left, tokens, place, part, known):
            run += tokens[place : place + len(part) + 1]
        if part or not _strange(token, known, language, called):
            _close(sheet, run)
            place += max(len(part), 1)
            continue
        if run and sheet.left[run[-1].end : token.start].strip(" .&"):
            _close(sheet, run)
        run.append(token)
        place += 1
    _close(sheet, run)


def _is_mixed(text: str, tokens: Sequence[_Token], place: int, part: tuple[str, ...], known: Known) -> bool:
    """Whether a part of one name goes on with a part of another: the first name of one person, the second of
    the next."""
    after = place + len(part)
    if (
        part in known.whole
        or after >= len(tokens)
        or text[tokens[after - 1].end : tokens[after].start] != " "
    ):
        return False
    following = _known_part(text, tokens, after, known) if tokens[after].capital else ()
    words = {_small(tokens[place].text), _small(tokens[after].text)}
    return bool(following) and following not in known.whole and not words & (ORDINARY | known.words)


def _tokens(text: str) -> Iterator[_Token]:
    for word, start, end in _words(text):
        before = text[max(0, start - 40) : start].rstrip(" \t\"'“”„»«()*•·-")
        starts = not before or before[-1] in ".!?:;\n\ufffc>"
        yield _Token(word, start, end, starts)


def _close(sheet: Sheet, run: list[_Token]) -> None:
    if run:
        start, end = run[0].start, run[-1].end
        shown = sheet.whole[start:end]
        sheet.claims.append(Claim("name", shown, start, end, (compact(shown),)))
        run.clear()


def _known_part(text: str, tokens: Sequence[_Token], place: int, known: Known) -> tuple[str, ...]:
    """The words in a row of one known name that stand from ``place`` on, in one line."""
    first = _small(tokens[place].text)
    for candidate in (first, *_stems(first)):
        for part in known.slices.get(candidate, ()):
            row = tokens[place : place + len(part)]
            said = [_small(token.text) for token in row]
            if (
                len(said) == len(part)
                and all(map(_same, said, part))
                and "\n" not in text[row[0].end : row[-1].start]
            ):
                return part
    return ()


_ENDINGS: Final = (
    "s",
    "a",
    "u",
    "owi",
    "em",
    "iem",
    "ie",
    "y",
    "i",
    "ego",
    "emu",
    "im",
    "ą",
    "ę",
    "ej",
    "om",
    "ów",
)
"""What German and Polish put behind a name, by its case."""


def _stems(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            yield stem
            if ending != "s":
                yield from (stem + vowel for vowel in "aiy")


def _same(said: str, name: str) -> bool:
    return said == name or name in _stems(said)


def _is_called(text: str, tokens: Sequence[_Token], place: int) -> bool:
    """Whether the word stands where somebody is called by name: behind a greeting or a form of address."""
    if place == 0 or text[tokens[place - 1].end : tokens[place].start].strip(" ."):
        return False
    return tokens[place - 1].text.casefold() in GREETINGS


def _strange(token: _Token, known: Known, language: str, called: bool) -> bool:
    if not token.capital:
        return False
    word = _small(token.text)
    if called:
        return word not in ADDRESSED and word not in GREETINGS and word not in known.words
    if word in _COMPANY_FORMS and not token.starts:
        return True
    return not _ordinary(word, known.words) and not (
        all(map(_is_noun, word.split("-"))) if language == "de" else _hyphened(word, known.words)
    )


def _ordinary(word: str, more: Collection[str]) -> bool:
    full = re.sub(r"(?:n't|'(?:ve|ll|d|re|m|s))$", "", word)
    return not {word, full}.isdisjoint(ORDINARY) or word in more or plain(word) in more or len(word) == 1


def _hyphened(word: str, more: Collection[str]) -> bool:
    """``E-Mail``, ``Follow-up``: each part is ordinary."""
    parts = re.split("[-&']", word)
    return len(parts) > 1 and all(_ordinary(part, more) for part in parts)


_NOUN_ENDS: Final = (
    "ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen", "ität",
    "ismus",     "nis", "nisse", "tum", "ment", "mente", "enz", "anz", "age", "agen", "ierung",
)  # fmt: skip
_NO_NOUN: Final = 6
"""Letters below which an ending tells nothing."""


@lru_cache(maxsize=4096)
def _is_noun(word: str) -> bool:
    """A German noun by its ending, or a compound whose last part is an ordinary word."""
    if word in ORDINARY or (len(word) >= _NO_NOUN and word.endswith(_NOUN_ENDS)):
        return True
    bare = plain(word)
    stems = {bare, *(bare.removesuffix(ending) for ending in _CASES)}
    return any(_is_word(stem) or _is_compound(stem) for stem in stems if len(stem) > 2)


_CASES: Final = ("e", "en", "er", "ern", "es", "em", "n", "s")
_PLAIN: Final = frozenset(map(plain, ORDINARY))


def _is_word(stem: str) -> bool:
    return stem in _PLAIN


def _is_compound(stem: str) -> bool:
    return any(_is_word(stem[cut:]) and _first_part(stem[:cut]) for cut in range(2, len(stem) - 3))


def _first_part(part: str) -> bool:
    """The first part of a compound, with or without what joins it to the next."""
    ends = _NOUN_ENDS + tuple(f"{end}s" for end in _NOUN_ENDS)
    return any(
        _is_word(part.removesuffix(joint)) for joint in ("", "s", "es", "n", "en", "er")
    ) or part.endswith(ends)
