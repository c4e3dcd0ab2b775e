"""Numbers that labels tell: where they end, what is none, and whose a reference is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from abax.documents import dates, identifiers, lexicon
from abax.documents.boxes import Pair
from abax.documents.candidates import GENERIC, OWN_NUMBER
from abax.documents.contracts import DocumentType

NUMBER: Final = 0.9
"""The chance of a number in a box of its own."""
CODE: Final = re.compile(
    r"(?:[A-Z\u00c4\u00d6\u00dc]{1,5}[ ](?=[\w/-]*\d))?"
    r"(?=[\w./#*-]*\d)[^\W_][\w./-]*(?: (?=[\d/-])[\d/-]{1,7}(?![\w.,]))*(?:\s?/\s?[\w-]*\d[\w./-]*)?"
)
_AFTER: Final = re.compile(
    r"^\s*(?:$|[|\u00b7\u2022,;(\u2013\u2014]|-\s|/\s?\D|(?:vom|du|del|of|van|z dnia|dated|de) )"
)
AMOUNT: Final = re.compile(r"^\d{1,3}(?:[ .,']\d{3})*[.,]\d{2}$")
_NO_PREFIX: Final = frozenset(
    [
        "NO",
        "NR",
        "N",
        "ID",
        "REF",
        "EUR",
        "CHF",
        "USD",
        "GBP",
        "PLN",
        "VOM",
        "DU",
        "DEL",
        "OF",
        "AM",
        "PAGE",
        "SEITE",
        "BLATT",
    ]
)


def code_of(pair: Pair, *, whole: bool = False) -> tuple[int, str] | None:
    """The number that a label's text begins with, and its place; ``whole`` asks that nothing follows."""
    text, skip = pair.text, 0
    before, colon, after = text.partition(":")
    if colon and not any(map(str.isdigit, before)) and after.strip():
        skip = len(before) + 1 + len(after) - len(after.lstrip())
    match = CODE.match(text, skip)
    if match is None:
        return None
    code = match.group().rstrip(" .,;:-/")
    prefix = code.partition(" ")[0]
    if " " in code and prefix in _NO_PREFIX:
        skip, code = skip + len(prefix) + 1, code[len(prefix) + 1 :]
    rest = text[skip + len(code) :]
    if whole and not _AFTER.match(rest):
        return None
    if AMOUNT.match(code) or re.match(r"\s?[%\u20ac$\u00a3]|,\d", rest) or len(code) > 30:
        return None
    if dates.parse_date(code) is not None and not re.search(r"[A-Z]", code):
        return None
    return pair.start + skip, code


def number_of(
    pairs: Sequence[Pair], type_: DocumentType, language: str | None
) -> tuple[Pair, int, str] | None:
    """The document's own number in a row of boxes, behind a label of several words, or below a telling
    one."""
    own = (*OWN_NUMBER.get(type_, ()), "number.invoice")
    for wanted in own:
        for pair in pairs:
            if pair.kinds[0] != wanted or not (
                pair.boxed or (pair.how == "below" and len(pair.name) > GENERIC)
            ):
                continue
            code = code_of(pair)
            if code is not None and not identifiers.is_tax_id(code[1], language):
                return pair, *code
    return None


def number_beside(pairs: Sequence[Pair], type_: DocumentType) -> tuple[Pair, int, str] | None:
    """The number in a column of its own, right of a short label: ``N\u00ba factura   FE2632108``."""
    own = (*OWN_NUMBER.get(type_, ()), "number.invoice")
    for pair in pairs:
        if pair.how == "right" and pair.kinds[0] in own and pair.start == 0 and len(pair.name) > _LEAST + 1:
            code = code_of(pair, whole=True)
            if code is not None and len(code[1]) >= _LEAST:
                return pair, *code
    return None


_LEAST: Final = 5
"""Letters of a short label and of a number beside it."""


def is_named(label: str) -> bool:
    """The label says whose reference it is: ``Ihr Zeichen``, ``Your ref``, ``Leitweg-ID``."""
    return _THEIRS.search(label) is not None


_THEIRS: Final = re.compile(
    r"\b(?:ihr\w*|your|votre|vos|v/|su|vostro|vs|uw|wasz|pa\u0144stwa|buyer|customer|k\u00e4ufer\w*"
    r"|kunden\w*|client\w*"
    r"|cliente|klant\w*|nabywcy|acheteur|leitweg\w*|routing)\b",
    re.IGNORECASE,
)


def is_plain_reference(label: str) -> bool:
    """``Reference`` and nothing else."""
    return lexicon.plain(label) in _PLAIN


_PLAIN: Final = frozenset(
    lexicon.plain(word) for word in ("reference", "ref", "référence", "referenz", "referencia")
)
