"""The look-up of a title in a row of words; ``title_words`` has what documents call themselves.

A title says the type, and perhaps the kind of the type: ``Schlussrechnung`` is an invoice, and a final one.
Compound words of Germanic languages are known by their endings too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from abax.documents.contracts import Subtype
from abax.documents.lexicon import Words, plain
from abax.documents.title_words import ENDINGS, GIVEN_BACK, NUMBERS, OWNED, SUBTITLES, TITLES

INVOICE: Final = "invoice"
QUOTATION: Final = "quotation"
KINDS: Final = (
    INVOICE,
    "credit_memo",
    "debit_memo",
    "purchase_order",
    "sales_order",
    "delivery_note",
    "goods_receipt",
    "goods_issue",
    "payment_advice",
    "account_statement",
    "receipt",
    "journal_voucher",
    "master_data_form",
    QUOTATION,
    "letter",
)
"""What titles tell: types without their direction, and two kinds of paper that are none of ours."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says."""

    kind: str
    subtype: Subtype | None
    words: int
    """How many words of the row it takes."""


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[tuple[str, ...], tuple[str, Subtype | None]]]:
    """By first word: the words of each title to what it says."""
    table: dict[str, dict[tuple[str, ...], tuple[str, Subtype | None]]] = {}
    named: list[tuple[str, Subtype | None, Words]] = [(kind, None, words) for kind, words in TITLES.items()]
    named += [(kind, subtype, words) for (kind, subtype), words in SUBTITLES.items()]
    for kind, subtype, by_language in named:
        for said in by_language.values():
            for title in said.split("|"):
                words = tuple(plain(word) for word in title.split())
                table.setdefault(words[0], {}).setdefault(words, (kind, subtype))
    return table


@lru_cache(maxsize=1)
def _misspelt() -> dict[str, tuple[str, Subtype | None]]:
    """Long titles with any one letter left out, joined, to what they say."""
    table: dict[str, tuple[str, Subtype | None]] = {}
    for titles in _table().values():
        for words, meaning in titles.items():
            joined = "".join(words)
            if len(joined) >= 7:
                for place in range(len(joined)):
                    table.setdefault(joined[:place] + joined[place + 1 :], meaning)
                table.setdefault(joined, meaning)
    return table


_LETTERS: Final = str.maketrans("0158694", "olsbgga")
"""Figures that letters are misread as."""


@lru_cache(maxsize=1)
def _pairs() -> dict[int, list[tuple[frozenset[str], str, Subtype | None]]]:
    """By length: the pairs of letters of each long title, and what it says."""
    found: dict[int, list[tuple[frozenset[str], str, Subtype | None]]] = {}
    for by_first in _table().values():
        for words, (kind, subtype) in by_first.items():
            joined = "".join(words)
            if len(joined) >= 9:
                found.setdefault(len(joined), []).append((pairs_of(joined), kind, subtype))
    return found


def find(words: list[str], start: int) -> Title | None:
    """The longest title that begins at this one of a row's plain words."""
    best: Title | None = None
    for title, (kind, subtype) in _table().get(words[start], {}).items():
        longer = best is None or len(title) > best.words
        if longer and tuple(words[start : start + len(title)]) == title:
            best = Title(kind, subtype, len(title))
    if best is None:
        return _compound(words[start])
    return best


def _compound(word: str) -> Title | None:
    if not word.endswith(tuple(ENDINGS)):
        return None
    for ending, kind in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return Title(kind, None, 1)
    return None


_JOINED: Final = ("nummer", "number", "numero", "nr")
"""Words for a number, as compounds end."""
_NOT_NAMED: Final = ("rekening",)
"""``Rekeningnummer`` is an account's."""
_BETWEEN: Final = ("de", "del", "la", "di", "da", "do", "della", "der", "van", "of")
_NUMBERS: Final = frozenset(NUMBERS.split())


def numbered(words: list[str]) -> Title | None:
    """What a label numbers: ``Rechnungsnummer``, ``Rechnungs-Nr.``, ``Nº factura``, ``Nr faktury``."""
    first, rest = words[0], words[1:]
    if first in _NUMBERS:
        while rest and rest[0] in (*_BETWEEN, *_NUMBERS):
            rest = rest[1:]
        owner = OWNED.get(rest[0]) if rest else None
        return Title(owner, None, 1) if owner else find(rest, 0) if rest else None
    if first.endswith(_JOINED):
        stem = next(first.removesuffix(one) for one in _JOINED if first.endswith(one))
    elif first.endswith("s") and rest and rest[0] in _NUMBERS:
        stem = first
    else:
        return None
    if len(stem) < _LEAST_STEM or stem in _NOT_NAMED:
        return None
    return find([stem], 0) or find([stem.removesuffix("s")], 0)


_LEAST_STEM: Final = 5


@lru_cache(maxsize=1)
def _given_back() -> tuple[str, ...]:
    return tuple(plain(one) for said in GIVEN_BACK.values() for one in said.split("|"))


def gives_back(joined: str) -> bool:
    """Whether a line's plain letters say that there is less to pay than before."""
    return any(one in joined for one in _given_back())


def pairs_of(joined: str) -> frozenset[str]:
    """Each two letters that follow one another."""
    return frozenset(joined[place : place + 2] for place in range(len(joined) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 to 1: the share of pairs that are common."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def resembling(joined: str, least: float = 0.72) -> Title | None:
    """The long title that shares most pairs of letters with badly misread words."""
    if not 8 <= len(joined) <= 40:
        return None
    joined = joined.translate(_LETTERS)
    pairs = pairs_of(joined)
    best, found = least, None
    for size in range(len(joined) - 2, len(joined) + 3):
        for title, kind, subtype in _pairs().get(size, ()):
            if (alike := likeness(pairs, title)) > best:
                best, found = alike, Title(kind, subtype, 0)
    return found


@lru_cache(maxsize=4096)
def misread(joined: str) -> Title | None:
    """The title that joined words say when one letter is wrong, missing or too many, besides figures that
    look like letters."""
    if len(joined) < 7 or len(joined) > 40:
        return None
    joined = joined.translate(_LETTERS)
    table = _misspelt()
    for place in range(-1, len(joined)):
        shorter = joined if place < 0 else joined[:place] + joined[place + 1 :]
        if shorter in table:
            kind, subtype = table[shorter]
            return Title(kind, subtype, 0)
    return None
