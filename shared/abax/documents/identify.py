"""Stage 4, type identification: which kind of its type, whose, and in which layout."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from statistics import median
from typing import Final

from abax.documents import identifiers, lexicon, titles, traits
from abax.documents.classify import Classification, party_label
from abax.documents.contracts import DocumentType, Model, Subtype
from abax.documents.pages import Page, Reading, TextLine
from abax.documents.traits import Sighting


class Identity(Model):
    """Subtype, issuer and layout family."""

    subtype: Subtype
    issuer: str | None = None
    """A key that stays the same on all documents of one issuer: VAT id, IBAN, or the name made plain."""
    layout: str = ""
    """Documents that look alike have the same one."""
    reasons: tuple[str, ...] = ()


_SUBTYPED: Final = {
    DocumentType.SUPPLIER_INVOICE: ("invoice",),
    DocumentType.CUSTOMER_INVOICE: ("invoice",),
    DocumentType.PURCHASE_ORDER: ("purchase_order",),
    DocumentType.SALES_ORDER: ("purchase_order",),
}
_OF_PAYEE: Final = (
    DocumentType.SUPPLIER_INVOICE,
    DocumentType.CUSTOMER_INVOICE,
    DocumentType.CREDIT_MEMO,
    DocumentType.DEBIT_MEMO,
    DocumentType.RECEIPT,
)
"""Types whose printed bank account is the issuer's."""
_ABOUT_OTHERS: Final = (DocumentType.MASTER_DATA_FORM, DocumentType.JOURNAL_VOUCHER)
"""Types whose printed numbers are seldom the issuer's."""
_SIDE_TITLE: Final = 0.6
"""A title that says the subtype counts from this share of the foremost title's score."""
_LEAST: Final = 0.3
"""What a title scores at least that says the subtype."""
_YOURS: Final = (
    "ihre",
    "your",
    "votre",
    "su",
    "vostra",
    "vs",
    "uw",
    "wasz",
    "panstwa",
    "customer",
    "kunde",
    "client",
)


def identify(reading: Reading, classification: Classification) -> Identity:
    """Subtype, issuer and layout family of a document of this type."""
    seen = traits.sightings(reading)
    subtype, why = _subtype(classification.type, seen)
    issuer, whose = _issuer(reading, classification.type)
    return Identity(
        subtype=subtype,
        issuer=issuer,
        layout=layout_of(reading),
        reasons=tuple(reason for reason in (why, whose) if reason),
    )


# ---------------------------------------------------------------- subtype


def _subtype(kind: DocumentType, seen: list[Sighting]) -> tuple[Subtype, str]:
    if kind is DocumentType.RECEIPT:
        return Subtype.CASH_SALE, ""
    if kind is DocumentType.CREDIT_MEMO and traits.is_correction(seen):
        return Subtype.CORRECTION, "its title says that it corrects"
    wanted = _SUBTYPED.get(kind, ())
    fitting = [one for one in seen if one.kind in wanted and one.standing not in ("label", "sentence")]
    label = traits.own_label(seen)
    if not fitting and label is not None and label.kind in wanted and label.subtype is not None:
        return label.subtype, f"the label “{label.text}” on page {label.page}"
    for one in fitting:
        if one.subtype is not None and one.score >= max(fitting[0].score * _SIDE_TITLE, _LEAST):
            return one.subtype, f"the title “{one.text}” on page {one.page}"
    if "invoice" in wanted:
        for one in seen:
            if one.subtype is Subtype.SELF_BILLED:
                return Subtype.SELF_BILLED, f"it says “{one.text}”"
    return Subtype.STANDARD, ""


# ---------------------------------------------------------------- issuer


def _issuer(reading: Reading, kind: DocumentType) -> tuple[str | None, str]:
    """The key, and where it was found."""
    found = sorted(_vat_ids(reading), key=lambda one: -one[1])
    if found and found[0][1] > -2 and kind not in _ABOUT_OTHERS:
        return found[0][0], f"the VAT id {found[0][0]}"
    if kind in _OF_PAYEE:
        for page in reading.pages:
            for line in page.lines:
                for iban in identifiers.find_ibans(line.text):
                    if iban.valid:
                        return iban.value, f"the account {iban.value}"
    name = _name(reading)
    return (lexicon.plain(name), f"the name “{name}”") if name else (None, "")


def _vat_ids(reading: Reading) -> Iterator[tuple[str, float]]:
    """VAT ids, and how much the place of each is the issuer's."""
    for page in reading.pages:
        for place, line in enumerate(page.lines):
            for value in _in_line(line, reading.language):
                yield value, _issuers_place(page, place, line) - 0.2 * (page.number - 1)


def _in_line(line: TextLine, language: str | None) -> list[str]:
    found = [one.value for one in identifiers.find_vat_ids(line.text) if one.valid or one.value[:2] == "GB"]
    if found:
        return found
    words = [word.text for word in line.words]
    country = _COUNTRY.get(language or "")
    for start in range(min(len(words) - 1, 24)):
        joined = ""
        for place in range(start, min(start + 3, len(words) - 1)):
            joined += lexicon.plain(words[place])
            kinds = lexicon.labels().get(joined, ())
            if "vat_id" in kinds or "tax_number" in kinds:
                value = identifiers.national_vat("".join(words[place + 1 : place + 3]), country)
                value = value or identifiers.national_vat(words[place + 1], country)
                if value:
                    return [value]
    return []


_COUNTRY: Final = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pl": "PL"}


def _issuers_place(page: Page, place: int, line: TextLine) -> float:
    """Above 0 in the letterhead and the footer, below 0 beside the other side's address."""
    y = line.words[0].y0 / (page.height or 1.0)
    score = 3.0 if y > 0.85 else 1.5 if y < 0.16 else 0.0
    if any(lexicon.plain(word.text) in _YOURS for word in line.words[:2]):
        score -= 4.0
    side = _block_label(page, place)
    return score + {"seller": 1.5, "buyer": -3.0}.get(side or "", 0.0)


def _block_label(page: Page, place: int) -> str | None:
    """The party that the block of lines above this one is labelled with."""
    first = page.lines[place].words[0]
    height = first.y1 - first.y0
    lowest = first.y0
    for back in range(place, max(-1, place - 8), -1):
        start = page.lines[back].words[0]
        if abs(start.x0 - first.x0) > height or lowest - start.y0 > height * 2.5:
            break
        lowest = start.y0
        side = party_label(page, back)
        if side:
            return side
    return None


def _name(reading: Reading) -> str | None:
    """The first line of the letterhead with a legal form in it, else that of the footer, else the first that
    is no title, label or figure."""
    if not reading.pages:
        return None
    page = reading.pages[0]
    candidates = [line for place, line in enumerate(page.lines) if party_label(page, place) != "buyer"]
    head = [line for line in candidates if line.words[0].y0 < page.height * 0.22]
    foot = [line for line in candidates if line.words[0].y0 > page.height * 0.86]
    for line in (*head[:6], *foot):
        name = _company(line)
        if name:
            return name
    return next((line.text for line in head if _is_name(line)), None)


_FORMS: Final = lexicon.LEGAL_FORMS | {"spk", "spj"}
_MARK: Final = re.compile(r"\s[·|–-]\s|,\s|\s{2,}")


def _company(line: TextLine) -> str | None:
    """The part of the line that ends in a legal form."""
    for part in _MARK.split(line.text):
        words = part.split()[:8]
        plain = [lexicon.plain(word) for word in words]
        for end in range(len(words), 1, -1):
            forms = {"".join(plain[end - count : end]) for count in (1, 2, 3) if count < end}
            if forms & _FORMS and not _labels(plain[0]):
                return " ".join(words[:end])
    return None


def _is_name(line: TextLine) -> bool:
    words = traits.words_of(line)
    told = not words or titles.find(words, 0) or _labels("".join(words)) or _labels(words[0])
    return not told and sum(c.isalpha() for c in line.text) > 3 and not any(c.isdigit() for c in line.text)


def _labels(plain: str) -> bool:
    return plain in lexicon.labels() or plain in lexicon.columns()


# ---------------------------------------------------------------- layout


def layout_of(reading: Reading) -> str:
    """A short key from coarse geometry: the page's shape, its margin and its usual size of letters, the outer
    headings of its table, whether a footer stands below. Documents of one issuer that look alike share it,
    whatever they say."""
    if not reading.pages or not reading.pages[0].lines:
        return ""
    page = reading.pages[0]
    height, width = page.height or 1.0, page.width or 1.0
    shape = "narrow" if width < 0.6 * height else "wide" if width > height else "upright"
    margin = round(min(line.words[0].x0 for line in page.lines) / width * 50)
    size = round(median(word.y1 - word.y0 for word in page.words) / height * 400)
    headings = _headings(reading)
    outer = " ".join([*headings[:2], *headings[-1:]])
    parts = (shape, str(margin), str(size), outer, _footer(page))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _headings(reading: Reading) -> list[str]:
    """Of all rows that read as headings, the one with the most of them."""
    columns = lexicon.columns()
    best: list[str] = []
    for line in (line for page in reading.pages for line in page.lines):
        found = [plain for word in line.words if (plain := lexicon.plain(word.text)) in columns]
        if len(found) > max(len(best), 2) and len(found) * 2 > len(line.words):
            best = found
    return best


def _footer(page: Page) -> str:
    """What stands at the page's foot: nothing, one column or several."""
    feet = [line for line in page.lines if line.words[0].y0 > page.height * 0.88]
    starts = {round(line.words[0].x0 / (page.width or 1.0) * 8) for line in feet}
    return str(min(len(starts), 2))
