"""Shapes of postcodes by country, words of streets, and what in a line is no address."""

from __future__ import annotations

import re
from typing import Final

POSTCODE: Final = re.compile(
    r"(?P<pl>(?:(?<![\w/.-])|(?<=\bPL-))\d{2}-\d{3}(?![\w/-]))"
    r"|(?P<gb>(?<![\w/-])[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?![\w/-]))"
    r"|(?P<nl>(?<!\d)\d{4}\s?[A-Z]{2}\b)|(?P<us>\b(?!CS|CP)[A-Z]{2},?\s\d{5}(?:-\d{4})?\b)"
    r"|(?P<pt>(?<![\w/-])\d{4}-\d{3}(?![\w/-]))|(?P<br>(?<![\w/.-])\d{5}-\d{3}(?![\w/-]))"
    r"|(?P<led>\b(?:[ABDEFHILNS]|FIN|AT|BE|BG|CH|CZ|DE|DK|EE|ES|FI|FR|GR|HR|HU|IT|LI|LT|LU|LV|NL|NO"
    r"|RO|SE|SI|SK)"
    r"-(?:\d{4,6}|\d{3}\s\d{2})\b(?!-))"
    r"|(?P<five>(?<![\d/-])(?<!HRB\s)(?<!HRA\s)\d{5}(?!\d|[/-]\d|\s\d{3}\b))"
    r"|(?P<se>(?<!\d)(?<!\d\s)\d{3}\s\d{2}(?![\d\s]*\d))"
    r"|(?P<four>(?<![\d/-])(?<!\d\.)(?<!\d\s)\d{4}(?![\d/-]|\s\d))"
    r"|(?P<ca>(?<![\w/-])[A-CEGHJ-NPR-TVXY]\d[A-Z][\s-]?\d[A-Z]\d(?![\w/-]))"
    r"|(?P<ie>(?<![\w/-])[AC-FHKNPRTV-Y]\d[\dW]\s(?=\d*[A-Z])[\dAC-FHKNPRTV-Y]{4}(?![\w/-]))"
    r"|(?P<six>(?<!\d)(?<!\d\s)\d{3}\s?\d{3}(?!\s?\d))"
)
STREET: Final = re.compile(
    r"(?:str\.|stra\u00dfe|strasse|weg|platz|allee|gasse|ring|damm|ufer|street|road|avenue|lane|drive"
    r"|way|court|square"
    r"|\brue\b|\bavenue\b|\bboulevard\b|\bbd\b|\bplace\b|\bquai\b|\bcalle\b|\bc/|\bavda\b|\bpaseo\b"
    r"|\bplaza\b|\bvia\b"
    r"|\bviale\b|\bpiazza\b|\bcorso\b|straat|laan|\bplein|gracht|kade|\bul\.|\bal\.|\baleja\b"
    r"|\bplac\b|\bjalan\b|\brd\b"
    r"|\bst\b|\bave\b|\bblvd\b|\blot\b|\bjln\b|p\.?\s?o\.?\s?box|postfach|carrer|polígono|rua\b|vej\b"
    r"|gatan\b)",
    re.IGNORECASE,
)
"""Anywhere in a word, as the names of streets are made in German and Dutch."""
_ROAD: Final = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|court|ct|square|sq|close|crescent"
    r"|terrace|gardens|grove|mews"
    r"|parade|quay|row|wharf|yard|estate|house|building|bldg|floor|suite|unit|cent(?:re|er)|works"
    r"|boulevard|blvd|highway|hwy"
    r"|p\.?\s?o\.?\s?box|lot|jalan|jln|taman|lorong|rue|boulevard|place|quai|chemin|all[\u00e9e]e"
    r"|calle|avda|paseo|plaza|via|viale"
    r"|piazza|corso|rua|(?:business|industrial|retail|science|technology|trading) (?:park|estate))\b"
    r"|(?:str\.|stra\u00dfe|strasse|weg|allee|gasse|damm|ufer|straat|laan|gracht|kade|plein|gatan"
    r"|vej)\b",
    re.IGNORECASE,
)
PLACE: Final = re.compile(
    r"((?:[^\W\d_][^\d,]{2,40}\s\d{1,4}\s?[a-zA-Z]?)"
    r"|(?:\d{1,4}[a-zA-Z]?\s[^\d,]{3,40})),\s([^\W\d_][^\d,]{1,30})"
)
"""A street with the number of a house, and a town."""
_OTHER_NUMBER: Final = re.compile(
    r"(?:\b(?:(?:tel\w*|t[\u00e9e]l|phone)(?:[\s.]*no)?|fon|fax|mob\w*|gsm|t|f|ph|phone|hr[ab]|fn"
    r"|siret|siren|rcs|ape|kvk|krs|regon|cif|nif|nip|gln|since|seit|sinds|depuis|desde|anno|founded|estd"
    r"|vat|tva|iva|loi|box|postfach|postbus|bp|cs|tsa)\b"
    r"\.?:?|\+|n\u00b0|n\u00ba)\s*[\d\s./()+-]*$",
    re.IGNORECASE,
)
"""What stands before digits that are no postcode."""
VAGUE: Final = frozenset({"four", "six", "se"})
"""Shapes that other numbers have, too."""
_FOREIGN: Final = re.compile(
    r"^\W*(?:(?:tel|t[\u00e9e]l|fon|phone|ph|fax|mob|mobil[e\u00e9]?|handy|hotline|gsm|e-?mail|mail"
    r"|web|internet|https?|www)\b"
    r"|(?:tele(?:fon|phone|foon|fono)\w*|t[\u00e9e]l[\u00e9e]phone|telefax)\b"
    r"|(?:u?st-?\s?id|ust|mwst|vat|tva|btw|iva|moms|gst|p\.?\s?iva|partita|part\.|c\.?\s?f\."
    r"|c\.\s?fisc|cod(?:ice|\.)|nif|n\.i\.f"
    r"|cif|c\.i\.f|nip|regon|krs|bdo|kvk|k\.v\.k|hr[ab]|fn|siret|siren|rcs|r\.c\.s|ape|naf|rea"
    r"|r\.e\.a|cvr|i[\u010dc]o?|di[\u010dc]"
    r"|abn|acn|pan|cin|gstin|ein|uen|uid|gln|duns|iban|bic|swift|blz|konto|kto|au capital"
    r"|capital (?:social|de)|kapita[\u0142l])\b|cap\."
    r"|(?:ag|amtsgericht|registergericht|handelsregister\w*|firmenbuch\w*|landesgericht|s[\u0105a]d)\b"
    r"|(?:registered (?:in|no|number)|company (?:reg|no|number)|co\.? ?reg|reg\.? ?(?:no|nr|merc)"
    r"|registro|inscrita|iscritta"
    r"|org\.?\s?n|orgnr|sort code|a/c|bank(?:verbindung)?\s*:|gesch[\u00e4a]fts?f|vorstand"
    r"|aufsichtsrat|inhaber|inh\.|steuer|st\.-?nr|loi)"
    r"|[tfme][.:]\s*[+(]?\d{2}|[tm]\s+[+(0])",
    re.IGNORECASE,
)
_LED_IN: Final = re.compile(
    r"^\W*(?:(?:registered (?:office|address)|si[\u00e8e]ge(?: social)?|sede (?:legale|operativa"
    r"|amm\w*\.?|social)"
    r"|domicilio (?:social|fiscal)|maatschappelijke zetel)(?:\s*[:.]\s*|\s+)"
    r"|(?:head office|(?:our |business |postal |mailing )?address|adresse(?: postale)?|sede|domicilio"
    r"|direcci[\u00f3o]n(?: fiscal| postal| de suministro)?|indirizzo"
    r"|zetel|(?:vestigings|bezoek|post)?adres|(?:post|haus)?anschrift|(?:firmen)?sitz|siedziba"
    r"|morada)\s*:\s*)",
    re.IGNORECASE,
)
"""Words that say that an address follows."""


def postcode_in(text: str) -> re.Match[str] | None:
    """The postcode of a line: of several numbers the one that is most surely one, else the last."""
    found = [one for one in POSTCODE.finditer(text) if not _OTHER_NUMBER.search(text[: one.start()])]
    return max(found, key=lambda one: (one.lastgroup not in VAGUE, one.start()), default=None)


def is_street(text: str) -> bool:
    """It has a word of streets, houses or places of trade, as a word by itself."""
    return _ROAD.search(text) is not None


def is_foreign(text: str) -> bool:
    """A piece of a line that begins with a label, or holds a mail address: no part of an address."""
    return "@" in text or "www." in text.lower() or _FOREIGN.match(text) is not None


def led_in(text: str) -> str:
    """Without the words that say that an address follows: ``Registered office: …``."""
    match = _LED_IN.match(text)
    return text[match.end() :] if match is not None and match.end() < len(text) else text
