"""Postcodes by their countries' shapes, and the town, region and country of a line that has one."""

from __future__ import annotations

import re
from typing import Final

from abax.documents import lexicon

POSTCODE: Final = re.compile(
    r"(?P<pl>(?:(?<![\w/.-])|(?<=\bPL-))\d{2}-\d{3}(?![\w/-]))|(?P<gb>\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b)"
    r"|(?P<nl>(?<!\d)\d{4}\s?[A-Z]{2}\b)|(?P<us>\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b)"
    r"|(?P<pt>(?<![\w/-])\d{4}-\d{3}(?![\w/-]))"
    r"|(?P<led>\b(?:A|B|D|F|I|E|L|S|N|AT|BE|CH|CZ|DE|DK|EE|ES|FI|FR|IT|LT|LU|LV|NL|NO|SE|SI|SK)-(?:\d{4,5}|\d{3}\s\d{2})\b(?!-))"
    r"|(?P<five>(?<![\d/-])(?<!HRB\s)(?<!HRA\s)\d{5}(?![\d/-]))"
    r"|(?P<se>(?<!\d)(?<!\d\s)\d{3}\s\d{2}(?![\d\s]*\d))|(?P<four>(?<![\d/-])(?<!\d\.)(?<!\d\s)\d{4}(?![\d/-]|\s\d))"
    r"|(?P<ca>\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b)|(?P<ie>\b[AC-FHKNPRTV-Y]\d[\dW]\s[A-Z\d]{4}\b)"
    r"|(?P<six>(?<!\d)\d{6}(?!\d))"
)
_LEADS: Final = {
    "D": "DE",
    "F": "FR",
    "A": "AT",
    "I": "IT",
    "E": "ES",
    "B": "BE",
    "L": "LU",
    "S": "SE",
    "N": "NO",
}
"""Countries by the one letter before a postcode."""
STREET: Final = re.compile(
    r"(?:str\.|stra\u00dfe|strasse|weg|platz|allee|gasse|ring|damm|ufer|street|road|avenue|lane|drive|way|court|square"
    r"|\brue\b|\bavenue\b|\bboulevard\b|\bbd\b|\bplace\b|\bquai\b|\bcalle\b|\bc/|\bavda\b|\bpaseo\b|\bplaza\b|\bvia\b"
    r"|\bviale\b|\bpiazza\b|\bcorso\b|straat|laan|\bplein|gracht|kade|\bul\.|\bal\.|\baleja\b|\bplac\b|\bjalan\b|\brd\b"
    r"|\bst\b|\bave\b|\bblvd\b|\blot\b|\bjln\b|p\.?\s?o\.?\s?box|postfach|carrer|polígono|rua\b|vej\b|gatan\b)",
    re.IGNORECASE,
)
SEPARATORS: Final = re.compile(
    r"\s*[\u00b7\u2022|\u2219*\u25cf\u25aa]\s*|\s+[-\u2013\u2014]\s+|\s*,\s*|\s{3,}"
)
_OTHER_NUMBER: Final = re.compile(
    r"(?:\b(?:tel\w*|fon|fax|mob\w*|t|f|ph|phone|hr[ab]|siret|siren|rcs|kvk|cif|nif|nip|gln|vat|box|postfach)\b"
    r"\.?:?|\+)\s*[\d\s./()+-]*$",
    re.IGNORECASE,
)
"""What stands before digits that are no postcode."""
VAGUE: Final = frozenset({"four", "six", "se"})
"""Shapes that other numbers have, too."""


def postcode_in(text: str) -> re.Match[str] | None:
    """The postcode of a line: of several numbers the one that is most surely one, else the last."""
    found = [one for one in POSTCODE.finditer(text) if not _OTHER_NUMBER.search(text[: one.start()])]
    return max(found, key=lambda one: (one.lastgroup not in VAGUE, one.start()), default=None)


def city_of(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Postcode, city, country and region of ``DE 80333 M\u00fcnchen`` or ``London SW1B 3BN``."""
    parts = [part for part in re.split(r"\s*,\s*", text) if part]
    told = postcode_in(text)
    code = told.group() if told is not None else ""
    piece = next((part for part in parts if code and code in part), text)
    match = postcode_in(piece)
    if match is None:
        return None, text, None, None
    postcode, region = match.group(), None
    country = None
    if match.lastgroup == "us":
        letters, postcode = postcode[:2], postcode[3:]
        if match.start() == 0 and letters in _PREFIXES:
            country = letters
        else:
            region = letters
    elif match.lastgroup == "led":
        letters, _, digits = postcode.partition("-")
        country = _LEADS.get(letters, letters)
        postcode = postcode if country in ("LT", "LV") else digits
    before, after = piece[: match.start()].strip(" ,-"), piece[match.end() :].strip(" ,-")
    prefix = re.fullmatch(r"([A-Z]{1,2})", before)
    if prefix:
        country = _LEADS.get(before, before if len(before) == 2 else None)
        before = ""
    after, named = _without_country(after)
    before, named_before = _without_country(before)
    province = re.search(r"\s*\(([A-Z]{2})\)$|\s([A-Z]{2})$", after)
    if province and match.lastgroup == "five":
        region, after = province.group(1) or province.group(2), after[: province.start()].strip()
    city = after if after and not re.fullmatch(r"\d+", after) else before
    place = parts.index(piece) if piece in parts else 0
    ahead = parts[place - 1] if place else ""
    if city and city == before and ahead and not any(map(str.isdigit, ahead)) and not STREET.search(ahead):
        city, region = ahead, region or before
    if not city:
        rest = [part for part in parts if part != piece]
        city = (ahead if ahead and not any(map(str.isdigit, ahead)) else "") or (rest[-1] if rest else "")
    if len(parts) > 1 and lexicon.plain(parts[-1]) in lexicon.countries():
        country = country or lexicon.countries()[lexicon.plain(parts[-1])]
    city = re.split(r"\s[\u2013\u2014\u00b7|/-]\s|\s{2,}", city)[0]
    return postcode, city.strip(" ,") or None, country or named or named_before, region


_PREFIXES: Final = frozenset(lexicon.COUNTRIES)


def _without_country(text: str) -> tuple[str, str | None]:
    parts = re.split(r"\s*[,(-]\s*", text.rstrip(")"))
    if len(parts) > 1 and lexicon.plain(parts[-1]) in lexicon.countries():
        return text[: text.rfind(parts[-1])].rstrip(" ,(-"), lexicon.countries()[lexicon.plain(parts[-1])]
    return text, None
