"""Personal data in a text: found by shape, check digits and the words around it, and masked.

Numbers of invoices and orders, and amounts, are what mail is about: nothing is taken for personal data that
the text calls such a number. What has neither check digits nor a word that tells what it is stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from typing import Final

from abax.documents import identifiers

__all__ = ["ALL", "Personal", "counts", "masked", "people_in", "personal"]

ALL: Final = frozenset(
    {"email", "iban", "card", "tax_id", "national_id", "birth_date", "phone", "address", "name"}
)
"""All kinds."""


@dataclass(frozen=True, slots=True, order=True)
class Personal:
    """A piece of personal data: ``text[start:end]``."""

    kind: str
    start: int
    end: int


def personal(text: str, names: Collection[str] = ()) -> list[Personal]:
    """All personal data in a text, in order; none overlaps another.

    ``names``: of people who are known to be named there, such as the sender's and those in the greeting when
    the text is one sentence of the mail (`people_in`). Their single words count, too.
    """
    covered = bytearray(len(text))
    found: list[Personal] = []
    for find in (
        _emails, _ibans, _cards, _tax_ids, _national_ids, _birth_dates, _phones, _addresses,
        partial(_names, names=names),
    ):  # fmt: skip
        for one in find(text):
            if covered.find(1, one.start, one.end) < 0:
                covered[one.start : one.end] = b"\1" * (one.end - one.start)
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def masked(text: str, kinds: Collection[str] = ALL, names: Collection[str] = ()) -> str:
    """A text with its personal data replaced by what it is, ``[iban]``."""
    out, at = [], 0
    for one in personal(text, names):
        if one.kind in kinds:
            out += [text[at : one.start], f"[{one.kind}]"]
            at = one.end
    return "".join([*out, text[at:]])


def counts(text: str) -> dict[str, int]:
    """How much personal data a text holds, by kind."""
    found: dict[str, int] = {}
    for one in personal(text):
        found[one.kind] = found.get(one.kind, 0) + 1
    return found


# --- numbers --------------------------------------------------------------------------------------------

_OUR_NUMBER: Final = re.compile(
    r"(?:invoices?|inv|orders?|po|customer|client|credit note|quote|offer|contract|policy|delivery|ticket"
    r"|case|tracking|parcel|shipment|item|article|serial|part"
    r"|rechnung\w*|bestell\w*|auftrag\w*|kunden\w*|liefer\w*|vertrags?\w*|gutschrift\w*|angebot\w*"
    r"|sendung\w*|artikel\w*|vorgang\w*|beleg\w*|mahnung\w*"
    r"|factures?|commandes?|clients?|contrat|devis|colis|livraison|avoir|dossier"
    r"|facturas?|pedidos?|cliente|contrato|presupuesto|albar\u00e1n|env\u00edo|expediente"
    r"|fattur[ae]|ordin[ei]|contratto|preventivo|spedizione|pratica"
    r"|factu(?:ur|ren)|bestelling|klant\w*|offerte|zending|dossiernummer|ordernummer"
    r"|faktur\w*|zam\u00f3wieni\w*|klienta|umow\w*|przesy\u0142\w*|zlecen\w*|ref(?:erence|erenz|\u00e9rence"
    r"|erencia|\.)?|betreff)"
    r"(?:[\s-]{0,2}(?:no|nr|num|number|nummer|num\u00e9ro|numero|n\u00famero|numer|id|n\u00b0"
    r"|n\u00ba)\.?)?[\s:#.\u2116\u00ba\u00b0-]{0,4}$",
    re.IGNORECASE,
)
_BEFORE: Final = 48


def _before(text: str, start: int) -> str:
    """What stands before a place in its line."""
    return text[max(0, start - _BEFORE) : start].rpartition("\n")[2]


def _is_our_number(text: str, start: int) -> bool:
    return bool(_OUR_NUMBER.search(_before(text, start)))


_EMAIL: Final = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")


def _emails(text: str) -> Iterator[Personal]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Personal("email", match.start(), match.end())


_IBAN_START: Final = re.compile(r"[A-Za-z]{2}\s?\d{2}")
_CAPITALS: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_IBAN_LABEL: Final = re.compile(r"IBAN[^\w\n]{0,6}$", re.IGNORECASE)


def _ibans(text: str) -> Iterator[Personal]:
    if not _IBAN_START.search(text):
        return
    for found in identifiers.find_ibans(text):
        if found.valid or _IBAN_LABEL.search(_before(text, found.start)):
            yield Personal("iban", found.start, found.end)
    for match in _SMALL_IBAN.finditer(text):
        if identifiers.iban_is_valid(match.group().translate(_CAPITALS).replace(" ", "")):
            yield Personal("iban", match.start(), match.end())


_SMALL_IBAN: Final = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?!\w)")
_CARD: Final = re.compile(r"(?<![\w.,/-])(?:\d[ -]?){12,18}\d(?![\w/]|[.,-]\d)")
_ISSUER: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]"
    r"|[68]\d)\d{11}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|(?:50|5[6-9]|6[0-9])\d{14,17}"
)


def _cards(text: str) -> Iterator[Personal]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if _ISSUER.fullmatch(digits) and _luhn(digits) and not _is_our_number(text, match.start()):
            yield Personal("card", match.start(), match.end())


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the sum of all digits ends with 0."""
    total = sum(int(digit) for digit in digits[-1::-2])
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return total % 10 == 0


def _tax_ids(text: str) -> Iterator[Personal]:
    for found in identifiers.find_vat_ids(text):
        if found.valid and any(letter.isdigit() for letter in found.value):
            yield Personal("tax_id", found.start, found.end)
    for match in _TAX_NUMBER.finditer(text):
        yield Personal("tax_id", match.start("number"), match.end("number"))


_TAX_NUMBER: Final = re.compile(
    r"(?:steuer-?(?:nummer|nr)\.?|st\.?-?nr\.?|\bNIP|partita iva|p\. ?iva|num\u00e9ro fiscal|btw-(?:nummer"
    r"|nr)\.?|\bUTR)[\s:#.]{1,4}"
    r"(?P<number>(?:PL|IT|NL)?\d(?:[\d /.-]{6,16})\d(?:B\d{2})?)(?!\d)",
    re.IGNORECASE,
)

_NATIONAL: Final[tuple[tuple[str, str, str, bool], ...]] = (
    ("stdnum.it.codicefiscale", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "", False),
    ("stdnum.es.dni", r"\d{8}-?[A-HJ-NP-TV-Z]", "", False),
    ("stdnum.es.nie", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", "", False),
    ("stdnum.fr.nir", r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|20) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", "", False),
    ("", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        r"nino|national insurance(?: number| no\.?)?|ni (?:number|no\.?)", True),
    ("stdnum.pl.pesel", r"\d{11}", r"pesel", True),
    ("stdnum.nl.bsn", r"\d{3}[ .]?\d{3}[ .]?\d{3}|\d{4}[ .]\d{2}[ .]\d{3}",
        r"bsn|burgerservicenummer|sofi-?nummer", True),
    (
        "stdnum.de.idnr",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        r"steuer-?id\w*|identifikationsnummer|id-?nr\.?|tax id",
        True,
    ),
    ("", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", r"sozialversicherungs-?(?:nummer|nr\.?)|rentenversicherungs\w*|svnr"
                                        r"|sv-nummer", True),
    ("stdnum.us.ssn", r"\d{3}-\d{2}-\d{4}", r"ssn|social security(?: number| no\.?)?", True),
    ("", r"[A-Z\d]{8,9}", r"passport(?: number| no\.?)?|reisepass-?(?:nummer|nr\.?)|personalausweis\w*"
                          r"|passeport|pasaporte|passaporto|paspoort\w*|paszport\w*", True),
)  # fmt: skip
"""Module of python-stdnum, shape, the words before it, and whether these are needed."""


@lru_cache(maxsize=1)
def _national() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    found = []
    for module, shape, words, needed in _NATIONAL:
        label = (
            re.compile(
                rf"(?:{words})[\s:#.-]{{0,4}}(?:lautet |ist |is |est |es |\u00e8 |to )?$", re.IGNORECASE
            )
            if needed
            else None
        )
        found.append((module, re.compile(rf"(?<![\w-])(?:{shape})(?![\w-])"), label))
    return tuple(found)


def _national_ids(text: str) -> Iterator[Personal]:
    for module, shape, label in _national():
        for match in shape.finditer(text):
            before = _before(text, match.start())
            if label is not None and not label.search(before):
                continue
            if label is None and _OUR_NUMBER.search(before):
                continue
            if not module or import_module(module).is_valid(match.group()):
                yield Personal("national_id", match.start(), match.end())


_BORN: Final = re.compile(
    r"\b(?:date of birth|d\.?o\.?b\b\.?|born(?: on)?|birth ?date|birthday|geburtsdatum"
    r"|geb(?:oren)?\b\.?(?: am)?|geburtstag|date de naissance|n\u00e9e?(?:\(e\))? le"
    r"|fecha de nacimiento|nacid[oa] el|data di nascita|nat[oa] il|geboortedatum|geboren op|data urodzenia"
    r"|urodzon[ya]|ur\.)"
    r"[\s:]{0,3}(?:is |ist |est |es |\u00e8 |am |on )?"
    r"(?P<date>\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd"
    r"|th)?\.? (?:de |of )?[^\W\d_]{3,12}\.?,? (?:de )?(?:19|20)\d{2}"
    r"|[A-Z][a-z]{2,8} \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2})",
    re.IGNORECASE,
)


def _birth_dates(text: str) -> Iterator[Personal]:
    for match in _BORN.finditer(text):
        yield Personal("birth_date", match.start("date"), match.end("date"))


_PHONE: Final = re.compile(r"(?<![\w.,/+-])(?:\+|\(\+|\(?0|\d)[\d\s()/.\u2013-]{5,22}\d(?![\w]|[.,/-]\d)")
_PHONE_LABEL: Final = re.compile(
    r"(?:\b(?:tele(?:phone|fono|foon|fon)?|tel|tlf|tfno|tel\u00e9f\w{0,3}|phone|ph|mob(?:ile?)?|cell|fax"
    r"|handy|t\u00e9l(?:\u00e9phone)?"
    r"|portable|m\u00f3vil|cellulare|mobiel|kom(?:\u00f3rka|\u00f3rkowy)?"
    r"|durchwahl|direct|whats ?app|hotline|call (?:me|us)(?: (?:on|at))?"
    r"|[tmfp](?=[:.]))\b)[\s:.()#\w]{0,14}$",
    re.IGNORECASE,
)


def _phones(text: str) -> Iterator[Personal]:
    for match in _PHONE.finditer(text):
        first = match.group().split("\n")[0].rstrip(" (.-/\u2013")
        digits = re.sub(r"\D", "", first)
        if 7 <= len(digits) <= 15 and _is_phone(first, digits, _before(text, match.start())):
            yield Personal("phone", match.start(), match.start() + len(first))


def _is_phone(text: str, digits: str, before: str) -> bool:
    """By its country, by the word before it, or by how it is written."""
    if _DATE.search(text):
        return False
    if _PHONE_LABEL.search(before):
        return True
    if _OUR_NUMBER.search(before):
        return False
    if text.startswith(("+", "(+")):
        return len(digits) >= 8
    if digits.startswith("00"):
        return len(digits) >= 11 and digits[2] != "0"
    return bool(_AREA.fullmatch(text)) and 9 <= len(digits) <= 12


_DATE: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})(?!\d)"
)
_AREA: Final = re.compile(
    r"\(0\d{1,5}\)[ /-]?\d{2,}(?:[ -]\d{2,}){0,4}|0[1-9]\d{0,4}[ /-]{1,3}\d{2,}(?:[ -]\d{2,}){0,4}"
    r"|0[1-9](?:\.\d{2}){4}"
)
"""An area code with its zero, and the rest: ``(030) 1234567``, ``0171/234 56 78``, ``01.23.45.67.89``."""


# --- addresses ------------------------------------------------------------------------------------------

_WORD: Final = r"[A-Z\u00c0-\u017d][\w'\u2019.-]*"
_STREETS: Final = (
    r"(?:[A-Z\u00c4\u00d6\u00dc][\w\u00df-]{1,30}(?:stra(?:\u00df|ss)e|str\.|weg|platz|allee|gasse|ring|damm"
    r"|ufer|straat|laan|plein|kade|gracht|dreef|singel|weg|steeg)"
    r"|(?:[A-Z\u00c4\u00d6\u00dc][\w\u00df-]{1,30}[ -]){1,3}(?:Stra(?:\u00df|ss)e|Str\.|Weg|Platz|Allee|Ring"
    r"|Damm|Ufer))\s\d{1,4}(?:[ ]?[a-zA-Z](?!\w))?(?:[ ]?[-/][ ]?\d{1,4})?(?!\w)",
    rf"\d{{1,4}}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|av\.|boulevard|bd|place|chemin|all\u00e9e|impasse|quai"
    rf"|route|cours|square)\s(?:(?:de|du|des|la|le|les|d['\u2019]"
    rf"|l['\u2019])\s?){{0,3}}{_WORD}(?:[ -]{_WORD}){{0,3}}",
    rf"\b(?i:calle|c/|avda\.?|avenida|plaza|paseo|camino|carrer|ronda)\s?(?:(?:de|del|la|las|los"
    rf"|el)\s){{0,3}}{_WORD}(?:\s(?:de\s|la\s"
    rf"|del\s)?{_WORD}){{0,3}},?\s(?:n\.?[\u00ba\u00b0]\s?)?\d{{1,4}}\b",
    rf"\b(?i:via|viale|piazza|piazzale|corso|largo|vicolo|strada)\s(?:(?:di|del|della|dei|degli|delle|san"
    rf"|santa)\s){{0,2}}{_WORD}(?:\s{_WORD}){{0,3}},?\s(?:n\.\s?)?\d{{1,4}}(?:/?[a-zA-Z])?\b",
    r"\b\d{1,5}[a-zA-Z]?\s(?:[A-Z][\w'\u2019.-]*\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr"
    r"|Close|Way|Court|Ct|Square|Terrace|Boulevard|Blvd|Gardens|Crescent|Hill|Parade|Mews|Row)\b\.?",
    rf"\b(?:ul\.|al\.|pl\.|os\.|ulica|aleja)\s?{_WORD}(?:\s{_WORD}){{0,3}}\s\d{{1,4}}[a-zA-Z]?(?:\s?[/m.]{{1"
    rf",3}}\s?\d{{1,4}})?\b",
)
_TOWN_WORD: Final = r"[A-Z\u00c0-\u017d][\w'\u2019-]*"
_TOWN: Final = (
    rf"(?:(?:,\s?|\s?\n\s{{0,8}}|\s)(?:(?:[A-Z]{{1,2}}-)?\d{{4,5}}\s(?:[A-Z]{{2}}\s)?{_TOWN_WORD}(?:[ -]"
    rf"{_TOWN_WORD}){{0,2}}|\d{{2}}-\d{{3}}\s{_TOWN_WORD}(?:\s{_TOWN_WORD})?"
    rf"|{_TOWN_WORD}(?:\s{_TOWN_WORD})?,?\s[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}"
    rf"|[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}"
    rf"|{_TOWN_WORD}(?:\s{_TOWN_WORD})?,\s[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?))?"
)


@lru_cache(maxsize=1)
def _address_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(f"(?:{street}){_TOWN}") for street in _STREETS)


def _addresses(text: str) -> Iterator[Personal]:
    for pattern in _address_patterns():
        for match in pattern.finditer(text):
            yield Personal("address", match.start(), match.end())


# --- names ----------------------------------------------------------------------------------------------

_PARTICLE: Final = r"(?:(?:von|van|der|den|de|del|della|di|da|la|le|du|ter|ten|zu|Mc|Mac|O['\u2019])\s?)"
_PERSON: Final = (
    rf"[A-Z\u00c0-\u017d][\w'\u2019-]*\.?(?: {_PARTICLE}{{0,2}}[A-Z\u00c0-\u017d][\w'\u2019-]+){{0,3}}"
)
_TITLE: Final = (
    r"Herrn?|Frau|Fr\.|Hr\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Mister|Monsieur|Madame|Mme|Mlle|M\.|Se\u00f1or(?:a|ita)?"
    r"|Sra?\.|D\u00f1a\.|Do\u00f1a|Don|Signor(?:a|e|ina)?|Sig\.(?:ra)?|Gent\.mo"
    r"|Dhr\.|Mevr\.|Mevrouw|Meneer|De heer|Pan(?:i|a|u)?|Dott\.(?:ssa)?|Ing\.|Prof\.|Dr\.?(?: med\.)?"
    r"|Dipl\.-Ing\."
)
_TITLED: Final = re.compile(rf"\b(?:(?:{_TITLE})\s){{1,3}}(?P<name>{_PERSON})")
_GREETED: Final = re.compile(
    r"^[ \t>]{0,6}(?i:dear|hello|hi|hey|good (?:morning|afternoon|evening)|hallo|lieber?|guten (?:tag|morgen"
    r"|abend)|moin|servus|sehr geehrter?|bonjour|bonsoir|salut|ch\u00e8re?|cher"
    r"|hola|estimad[oa]|querid[oa]|buenos d\u00edas|buenas tardes|ciao|buongiorno|buonasera|salve|gentile"
    r"|egregi[oa]|car[oa]|beste|geachte|goedemorgen|goedemiddag"
    rf"|dag|witam|cze\u015b\u0107|drog[ia]"
    rf"|szanown[ya])[ ,]{{1,2}}(?:(?:{_TITLE})\s){{0,3}}(?P<name>{_PERSON})(?=\s?[,!.:\n-]|\s*$)",
    re.MULTILINE,
)
_SIGNED: Final = re.compile(
    r"^[ \t>]{0,6}(?i:(?:with )?(?:best|kind|warm)(?:est)? (?:regards|wishes)|regards|best|thanks|thank you"
    r"|many thanks|cheers|(?:yours )?(?:sincerely|faithfully)(?: yours)?"
    r"|mit (?:freundlichen|besten|herzlichen) gr\u00fc(?:\u00df|ss)en|(?:viele|beste|liebe|freundliche"
    r"|herzliche) gr\u00fc(?:\u00df|ss)e|gru(?:\u00df|ss)|mfg|lg|vg|danke|vielen dank"
    r"|(?:bien )?cordialement|(?:sinc\u00e8res |meilleures )?salutations(?: distingu\u00e9es)?"
    r"|bien \u00e0 vous|merci(?: d'avance)?"
    r"|(?:un )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)?|atentamente|(?:muchas )?gracias|(?:cordiali"
    r"|distinti) saluti|cordialmente|grazie"
    r"|(?:met )?vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|hoogachtend|(?:alvast )?bedankt"
    r"|z powa\u017caniem|(?:serdecznie )?pozdrawiam(?: serdecznie)?|dzi\u0119kuj\u0119)"
    rf"[ ,.!\u2013-]{{0,3}}\n(?:[ \t>]{{0,6}}\n){{0,2}}[ \t>]{{0,6}}(?:(?:i\. ?[AV]\.|ppa\."
    rf"|p\.p\.)\s)?(?:(?:{_TITLE})\s){{0,3}}(?P<name>{_PERSON})[ \t]{{0,3}}(?=\n|,|\||$)",
    re.MULTILINE,
)
_INTRODUCED: Final = re.compile(
    r"\b(?i:my name is|i am called|account holder|card ?holder|beneficiary|mein name ist|ich hei(?:\u00df"
    r"|ss)e"
    r"|(?:konto)?inhaber(?:in)?|je m['\u2019]appelle|titulaire(?: du compte)?|me llamo|mi nombre es|titular"
    r"|mi chiamo|intestatario|intestato a|mijn naam is|ik heet|rekeninghouder|ten name van|nazywam si\u0119"
    rf"|posiadacz konta)[\s:]{{1,3}}(?:(?:{_TITLE})\s){{0,3}}(?P<name>{_PERSON})"
)
_NO_NAMES: Final = (
    "ab accounting accounts achats acquisti administración administratie ag all allemaal "
    "amministrazione as billing biuro boekhouding buchhaltung bv client cliente clientes co colleague "
    "colleagues collega company compras comptabilité consignee contabilidad contabilità control credit "
    "customer customers damen das debitorenbuchhaltung department dept die direction dobry dostawco "
    "dzień eg einkauf empfang equipe equipo everybody everyone finance firma fornitore fournisseur "
    "friend friends geschäftsfreunde gmbh group gruß grüße grüßen heer herren iedereen ihr ihre inc "
    "inkoop invoice kg klant kollege kollegen kolleginnen kreditorenbuchhaltung księgowość kunde kunden "
    "kundenservice kundin leute leverancier lieferant lieferanten llc llp logistics logistik logistyka "
    "ltd madam mesdames messieurs mevrouw mitglieder office ohg orders our oy oü panie panowie partner "
    "partners payment państwo plc proveedor receptie sa sales sarl sas sekretariat service señoras "
    "señores signori sir sirs sp spa spettabile spółka srl supplier suppliers support team the ufficio "
    "ug valued verkoop versand vertrieb your zarząd zoo zusammen "
)
_NO_PERSON: Final = frozenset(_NO_NAMES.split())
_MOST_NAMES: Final = 20
_NAME: Final = re.compile(r"[A-Z\u00c0-\u017d][\w'\u2019-]{2,}")


def people_in(text: str) -> list[str]:
    """The names in greetings, signatures, behind titles and where people say who they are."""
    known: dict[str, None] = {}
    for pattern in (_TITLED, _GREETED, _SIGNED, _INTRODUCED):
        for match in pattern.finditer(text):
            name = match["name"].strip(" .'\u2019-")
            if _may_be_person(name) and len(known) < _MOST_NAMES:
                known[name] = None
    return list(known)


def _names(text: str, names: Collection[str]) -> Iterator[Personal]:
    """Names, wherever they stand."""
    known = set(people_in(text))
    for name in names:
        if _may_be_person(name):
            known |= {name, *(word for word in re.split(r"[\s,]+", name) if _NAME.fullmatch(word))}
    for name in sorted(known, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w@.-]){re.escape(name)}(?![\w@-])", text):
            yield Personal("name", match.start(), match.end())


def _may_be_person(name: str) -> bool:
    words = [word.lower() for word in re.split(r"[ -]", name) if word]
    return bool(words) and len(name) > 1 and not any(word.strip(".") in _NO_PERSON for word in words)
