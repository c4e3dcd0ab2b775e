"""Numbers with a shape of their own: IBAN, BIC, VAT ids, tax numbers, telephone, mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

IBAN_LENGTHS: Final[dict[str, int]] = {
    "AD": 24,
    "AE": 23,
    "AL": 28,
    "AT": 20,
    "AZ": 28,
    "BA": 20,
    "BE": 16,
    "BG": 22,
    "BH": 22,
    "BR": 29,
    "CH": 21,
    "CR": 22,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DK": 18,
    "DO": 28,
    "EE": 20,
    "EG": 29,
    "ES": 24,
    "FI": 18,
    "FO": 18,
    "FR": 27,
    "GB": 22,
    "GE": 22,
    "GI": 23,
    "GL": 18,
    "GR": 27,
    "GT": 28,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IL": 23,
    "IS": 26,
    "IT": 27,
    "JO": 30,
    "KW": 30,
    "KZ": 20,
    "LB": 28,
    "LC": 32,
    "LI": 21,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "MC": 27,
    "MD": 24,
    "ME": 22,
    "MK": 19,
    "MR": 27,
    "MT": 31,
    "MU": 30,
    "NL": 18,
    "NO": 15,
    "PK": 24,
    "PL": 28,
    "PS": 29,
    "PT": 25,
    "QA": 29,
    "RO": 24,
    "RS": 22,
    "SA": 24,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "SM": 27,
    "TN": 24,
    "TR": 26,
    "UA": 29,
    "VG": 24,
    "XK": 20,
}
_IBAN: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=IBAN))(?P<c>[A-Z]{2})\s?\d{2}(?:[\s.\u00a0-]?[A-Z0-9]){11,30}(?![a-z])"
)
_BIC: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{4}\s?[A-Z]{2}\s?[A-Z0-9]{2}(?:\s?[A-Z0-9]{3})?(?![A-Za-z0-9])")
_VAT: Final[dict[str, str]] = {
    "AT": r"U\d{8}",
    "BE": r"[01]?\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(?:\d{9}(?:\d{3})?|GD\d{3}|HA\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(?:\d{12}|\d{9})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}(?:MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}(?:\d{3})?",
    "CHE": r"\d{9}",
}
_VAT_FULL: Final = re.compile("|".join(f"(?:{country}{shape})" for country, shape in _VAT.items()))
_VAT_FIND: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?<!\d-)(?P<c>{'|'.join(_VAT)})[\s.-]?"
    r"(?P<n>[A-Z0-9](?:[\s.-]?[A-Z0-9+*]){1,13})(?![a-z0-9])"
)
_NATIONAL_VAT: Final[dict[str, str]] = {
    "ES": r"[A-HJNP-SUVW]-?\d{7}-?[0-9A-J]|\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]",
    "IT": r"\d{11}",
    "PL": r"\d{10}|\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}",
    "NL": r"\d{9}\s?B\s?\d{2}",
    "GB": r"\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?",
    "PT": r"\d{9}|\d{3}\s\d{3}\s\d{3}",
    "BE": r"[01]\d{3}\.?\s?\d{3}\.?\s?\d{3}",
    "DK": r"\d{8}|\d{2}(?:\s\d{2}){3}",
    "CHE": r"\d{3}\.\d{3}\.\d{3}",
    "DE": r"\d{9}|\d{3}\s\d{3}\s\d{3}",
    "AT": r"U\d{8}",
    "FR": r"\d{2}\s?\d{3}\s?\d{3}\s?\d{3}",
    "SE": r"\d{12}",
}
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?:\+|00)?\(?\d[\d\s()/.\u2013-]{5,20}\d")
_DIRTY: Final = re.compile(r"[\s.\u00a0-]")


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier with its span in the text; ``value`` is without blanks and marks."""

    value: str
    start: int
    end: int
    valid: bool = True
    """Its check digits are right."""


def iban_is_valid(value: str) -> bool:
    """Whether length and check digits are right."""
    if IBAN_LENGTHS.get(value[:2]) != len(value) or not value.isalnum():
        return False
    return int("".join(str(int(letter, 36)) for letter in value[4:] + value[:4])) % 97 == 1


def find_ibans(text: str) -> Iterator[Found]:
    """IBANs, in groups or not; those with wrong check digits, too."""
    for match in _IBAN.finditer(text):
        length = IBAN_LENGTHS.get(match["c"])
        bare = _DIRTY.sub("", match.group())
        value, end = bare, match.end()
        if length and len(bare) > length:
            end = _end_of(match.group(), length) + match.start()
            value = bare[:length]
        if length or len(bare) >= 15:
            digits = sum(letter.isdigit() for letter in value)
            if digits >= 10:
                yield Found(value, match.start(), end, iban_is_valid(value))


def _end_of(text: str, letters: int) -> int:
    seen = 0
    for place, letter in enumerate(text):
        seen += _DIRTY.match(letter) is None
        if seen == letters:
            return place + 1
    return len(text)


def find_bics(text: str) -> Iterator[Found]:
    """What has the shape of a BIC; words in capitals may have it, too."""
    for match in _BIC.finditer(text):
        bare = match.group().replace(" ", "")
        if bare[4:6] in _BIC_COUNTRIES and len(bare) in (8, 11):
            yield Found(bare, match.start(), match.end(), any(letter.isdigit() for letter in bare))


_BIC_COUNTRIES: Final = frozenset(IBAN_LENGTHS) | {
    "US",
    "CA",
    "AU",
    "NZ",
    "SG",
    "MY",
    "IN",
    "CN",
    "JP",
    "MX",
    "ZA",
    "HK",
}


def find_vat_ids(text: str) -> Iterator[Found]:
    """VAT ids that carry their country's letters, which may stand before the word for it, too: ``IE VAT
    IE3344018SH``."""
    place = 0
    while match := _VAT_FIND.search(text, place):
        value = _DIRTY.sub("", match.group())
        shape = _VAT_FULL.match(value)
        place = match.end() if shape is not None else match.end("c")
        if shape is None:
            continue
        end = match.start() + _end_of(match.group(), len(shape.group()))
        if shape.end() == len(value) or match.string[end : end + 1].isspace():
            yield Found(shape.group(), match.start(), end, vat_is_valid(shape.group()))


def national_vat(text: str, country: str | None = None) -> str | None:
    """A VAT id that a country prints without its letters, with them: ``525-000-12-34`` is
    ``PL5250001234``."""
    bare = text.strip(" .:,")
    for code, shape in _NATIONAL_VAT.items():
        if country in (None, code) and re.fullmatch(shape, bare):
            value = code + _DIRTY.sub("", bare)
            if country == code or vat_is_valid(value):
                return value
    return None


_HOME: Final[dict[str, tuple[str, ...]]] = {
    "es": ("ES",), "it": ("IT",), "pl": ("PL",), "pt": ("PT",), "nl": ("NL", "BE"), "fr": ("BE",),
    "de": ("AT",),
}  # fmt: skip
"""Countries that print their VAT ids without letters, by the language of their documents."""


def is_tax_id(text: str, language: str | None) -> bool:
    """A number that is nothing but a company's tax id where documents are in this language."""
    bare = _DIRTY.sub("", text).replace("-", "")
    if language == "fr" and re.fullmatch(r"\d{14}", bare):
        from stdnum.fr import siret

        return bool(siret.is_valid(bare))
    countries = _HOME.get(language or "", ())
    return len(bare) >= 9 and any(
        (found := national_vat(text, country)) is not None and vat_is_valid(found) for country in countries
    )


_CALLED: Final = (
    (
        "ES",
        r"(?<!\w)(?:[NC]\.?\s?I\.?\s?F\.?)(?:\s?[/-]\s?(?:[NC]\.?I\.?F\.?|IVA|VAT))?\W{0,4}"
        r"(?:n[\u00bao]?\.?\W{0,3})?(?:ES)?\s?([A-HJNP-SUVWXYZ]\s?-?\s?\d{7}\s?-?\s?[0-9A-Z]"
        r"|\d{2}\.?\d{3}\.?\d{3}\s?-?\s?[A-Z])(?!\w)",
    ),
    (
        "IT",
        r"(?<!\w)P(?:art(?:ita)?)?\.?\s?I\.?\s?V\.?\s?A\.?(?:[^\d:]{0,24})?:?\W{0,3}"
        r"(?:IT)?\s?(\d{11})(?!\d)",
    ),
    (
        "PL",
        r"(?<!\w)NIP(?:\s?UE)?\W{0,3}(?:PL)?\s?(\d{3}[ -]?\d{2,3}[ -]?\d{2}[ -]?\d{2,3})(?!\d)",
    ),
    (
        "PT",
        r"(?<!\w)(?:NIF|NIPC|N\.?I\.?F\.?|contribuinte|contrib)\.?(?:\s?n[\u00ba.\u00b0]*)?"
        r"\W{0,4}(?:PT)?\s?(\d{3}\s?\d{3}\s?\d{3})(?!\d)",
    ),
    (
        "GB",
        r"(?<!\w)VAT(?:\s?reg(?:istration)?\.?)?(?:\s?(?:no|number|nr|id))?\.?\W{0,3}"
        r"(?:GB)?\s?(\d{3}\s?\d{4}\s?\d{2})(?!\d)",
    ),
    (
        "NL",
        r"(?<!\w)(?:btw|ob)(?:-?\s?(?:nr|nummer|id|identificatienummer))?\.?\W{0,3}(?:NL)?"
        r"\s?(\d{9}\.?B\.?\d{2})(?!\w)",
    ),
    (
        "BE",
        r"(?<!\w)(?:btw|tva)(?:[/ -]{1,3}(?:btw|tva|nr|n\u00b0))?\.?\W{0,3}(?:BE)"
        r"\s?([01]\d{3}\.?\d{3}\.?\d{3})(?!\d)",
    ),
    (
        "",
        r"(?<!\w)GSTIN(?:/UIN)?(?:\s?no)?\W{0,4}(\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]{3})(?!\w)",
    ),
    (
        "",
        r"(?<![\dA-Z])(\d{9}\s?RT\s?\d{4})(?!\d)",
    ),
)
"""What VAT ids are called where they are printed without their country, and their shapes."""
_BARE_SPANISH: Final = re.compile(r"[A-HJNP-SUVW]-?\d{7}-?[0-9A-J]")


@lru_cache(maxsize=1)
def _called() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((country, re.compile(shape, re.IGNORECASE)) for country, shape in _CALLED)


def find_national_vat_ids(text: str, language: str | None) -> Iterator[Found]:
    """VAT ids without their country's letters, by what their country calls them: ``CIF B39441803``; in
    Spanish documents also as a line by themselves."""
    if language == "es" and _BARE_SPANISH.fullmatch(text.strip()):
        yield Found("ES" + text.strip().replace("-", ""), 0, len(text))
        return
    for country, pattern in _called():
        if country == "PT" and language == "es":
            continue
        for match in pattern.finditer(text):
            value = country + re.sub(r"[\s.-]", "", match.group(1)).upper()
            yield Found(value, match.start(1), match.end(1))


def vat_is_valid(value: str) -> bool:
    """Whether its check digits are right, by its country's rule."""
    from stdnum.ch import uid
    from stdnum.eu import vat
    from stdnum.gb import vat as british
    from stdnum.no import mva

    if value.startswith("CHE"):
        return bool(uid.is_valid(value))
    if value.startswith(("GB", "XI")):
        return bool(british.is_valid(value[2:]))
    if value.startswith("NO"):
        return bool(mva.is_valid(value if value.endswith("MVA") else f"{value}MVA"))
    return bool(vat.is_valid(value))


_REGISTERS: Final = (
    r"\bSIRET\s*(?:n[\u00b0o]\.?)?\s*:?\s*(\d{3}\s?\d{3}\s?\d{3}\s?\d{5})(?!\d)",
    r"\b(HR\s?[AB]\.?\s*:?\s*(?:Nr\.?\s*:?)?\s*\d[\d ]{1,7}\d(?:\s(?!AG\b)[A-Z]{1,3}\b)?)",
    r"\b(FN\s?\d{4,6}\s?[a-z])\b",
    r"\bI\u010cO?\W{0,3}(\d{8})(?!\d)",
    r"\bBHD\.?,?\s?\((?:Co\.?\s*(?:Reg\.?)?\s*No\.?\s*:?\s*)?(\d{4,7}-[A-Z])\)",
    r"\bK\.?v\.?K\.?(?:[\s-]?(?:nr|nummer|no|number))?\.?\s*:?\s*(\d{8})(?!\d)",
    r"\bR\.?C\.?S\.?\s+[A-Z][\w' -]{2,25}?\s+(?:[AB]\s)?(\d{3}\s?\d{3}\s?\d{3})(?!\s?\d)",
    r"\bSIREN\s*(?:n[\u00b0o]\.?)?\s*:?\s*(\d{3}\s?\d{3}\s?\d{3})(?!\s?\d)",
    r"\bKRS\s*(?:nr)?\s*:?\s*(\d{10})(?!\d)",
    r"\bR\.?E\.?A\.?\s*(?:n\.?)?\s*:?\s*([A-Z]{2}\s?[-\u2013]?\s?\d{5,7})(?!\d)",
    r"\b(?:Company|Co\.?|Registered)\s*(?:Reg(?:istration|istered|\.)?)?\s*(?:No|Number|Nr)\.?\s*:?\s*"
    r"([A-Z]{0,2}\d{5,8})(?!\d)",
    r"\bRegistered in [A-Z][\w& ]{3,30}?(?:,? ?(?:No|Number|Nr)\.?:?)?\s(\d{5,8})(?!\d)",
)
_REGISTER: Final = tuple(
    re.compile(pattern, re.IGNORECASE if "Reg" in pattern else 0) for pattern in _REGISTERS
)


def find_registrations(text: str) -> Iterator[Found]:
    """Numbers in registers of companies, by the words before them; those that tell the most first."""
    for pattern in _REGISTER:
        for match in pattern.finditer(text):
            yield Found(" ".join(match.group(1).split()), match.start(1), match.end(1))


_GLOBAL: Final = re.compile(
    r"\bGLN\W{0,3}(?P<a>\d{13})(?!\d)|(?<!\d)(?P<b>\d{13})\s\(GLN\)|\bDUNS\W{0,3}(?P<c>\d{9})(?!\d)"
    r"|(?<!\d)(?P<d>\d{9})\s\(DUNS\)"
)


def find_global_ids(text: str) -> Iterator[Found]:
    """What the whole world knows a party by: GLN and DUNS."""
    for match in _GLOBAL.finditer(text):
        name = match.lastgroup or "a"
        yield Found(match[name], match.start(name), match.end(name))


def find_emails(text: str) -> Iterator[Found]:
    """Mail addresses."""
    for match in _EMAIL.finditer(text):
        yield Found(match.group(), match.start(), match.end())


def find_phones(text: str) -> Iterator[Found]:
    """What may be a telephone number; only a label can tell."""
    for match in _PHONE.finditer(text):
        if 7 <= sum(letter.isdigit() for letter in match.group()) <= 15:
            yield Found(match.group().strip(), match.start(), match.end())
