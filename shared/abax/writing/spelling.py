"""How numbers, amounts, dates and counts are written in the languages of outgoing texts, and their words.

The forms are those of the Unicode CLDR (version 46: number symbols, long dates), with ISO 4217 codes for
currencies, since a dollar sign names several.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from abax.money import decimals


def words(text: str) -> tuple[str, ...]:
    """The words of a text that is easier to read as one."""
    return tuple(text.split())


LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pl")
"""ISO 639-1 codes of the languages that texts to outsiders are written in."""

_MARKS: Final = {
    "en": (",", "."),
    "de": (".", ","),
    "fr": ("\u00a0", ","),
    "es": (".", ","),
    "it": (".", ","),
    "nl": (".", ","),
    "pl": ("\u00a0", ","),
}
"""What parts thousands, and the decimal mark."""

MONTHS: Final[dict[str, tuple[str, ...]]] = {
    "en": words("January February March April May June July August September October November December"),
    "de": words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    "fr": words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    "es": words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    "it": words(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
    ),
    "nl": words("januari februari maart april mei juni juli augustus september oktober november december"),
    "pl": words(
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
    ),
}
"""As dates have them, January first."""

_OTHER_MONTHS: Final[tuple[str, ...]] = (
    "jan janv ene gen styczeń sty jänner jän",
    "feb févr fév febr luty lut feber",
    "mar mrz maa mrt marzec märz",
    "apr avr abr kwiecień kwi",
    "mag maj may",
    "jun giu czerwiec cze",
    "jul juil lug lipiec lip",
    "aug aoû ago sierpień sie",
    "sep sept set wrzesień wrz setiembre",
    "oct okt ott październik paź",
    "nov listopad lis",
    "dec dez déc dic grudzień gru",
)
"""Short and other forms by month."""

WEEKDAYS: Final[dict[str, tuple[str, ...]]] = {
    "en": words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "de": words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    "fr": words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "es": words("lunes martes miércoles jueves viernes sábado domingo"),
    "it": words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
    "nl": words("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
    "pl": words("poniedziałek wtorek środa czwartek piątek sobota niedziela"),
}
"""Monday first."""

_OTHER_WEEKDAYS: Final = ("", "", "środę środy", "", "", "sobotę soboty sonnabend", "niedzielę niedzieli")


def plain(word: str) -> str:
    """A word in small letters without accents, as words are compared: ``Março`` and ``marco`` are one."""
    letters = unicodedata.normalize("NFKD", word.casefold().replace("ł", "l"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _numbered(tables: Iterable[Iterable[str]]) -> dict[str, int]:
    return {plain(word): place for words in tables for place, word in enumerate(words, 1)}


MONTH_NUMBERS: Final[dict[str, int]] = _numbered(MONTHS.values()) | {
    plain(word): place for place, words in enumerate(_OTHER_MONTHS, 1) for word in words.split()
}
"""Every form of a month's name in any of the languages, plain, to its number."""

WEEKDAY_NUMBERS: Final[dict[str, int]] = _numbered(WEEKDAYS.values()) | {
    plain(word): place for place, words in enumerate(_OTHER_WEEKDAYS, 1) for word in words.split()
}
"""Every name of a day of the week, plain, to its number; Monday is 1."""

UNITS: Final[dict[str, str]] = {
    "day": "day days tag tage tagen tages jour jours día días giorno giorni giornata dag dagen dzień dni "
    "dniach dniu "
    "calendar-day kalendertage kalendertagen werktage werktagen",
    "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken tydzień "
    "tygodnie "
    "tygodni tygodnia",
    "month": "month months monat monate monaten monats mois mes meses mese mesi maand maanden miesiąc "
    "miesiące "
    "miesięcy miesiąca",
    "year": "year years jahr jahre jahren jahres an ans année années año años anno anni jaar jaren rok "
    "lata lat roku",
    "hour": "hour hours stunde stunden heure heures hora horas ora ore uur uren godzina godziny godzin hrs",
    "minute": "minute minutes minuten minutos minuto minuti minuut minuty minut min mins",
    "%": "% percent per-cent prozent pour-cent por-ciento per-cento procent procenta procentów pct",
}
"""Words for what is counted, to one name; a hyphen stands for a blank."""

UNIT_WORDS: Final = tuple(word.replace("-", " ") for words in UNITS.values() for word in words.split())
"""As they are written."""

UNIT_OF: Final[dict[str, str]] = {
    plain(word.replace("-", " ")): unit for unit, words in UNITS.items() for word in words.split()
}
"""Plain word to unit."""

SCALES: Final[dict[str, Decimal]] = {
    **dict.fromkeys(
        words("k thousand thousands tausend tsd mille mil mila duizend tysiąc tysiące tysięcy tys"),
        Decimal(10) ** 3,
    ),
    **dict.fromkeys(
        words(
            "m mn mio mln million millions millionen millón millones milione milioni miljoen milion miliony "
            "milionów"
        ),
        Decimal(10) ** 6,
    ),
    **dict.fromkeys(
        words("bn mrd mld billion milliarden milliarde milliards miliardi miljard miliard"), Decimal(10) ** 9
    ),
}

CURRENCY_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "€": ("EUR",),
    "£": ("GBP",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "us$": ("USD",),
    "¥": ("JPY", "CNY"),
    "zł": ("PLN",),
    "kč": ("CZK",),
    "₹": ("INR",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    **dict.fromkeys(("euro", "euros", "euri"), ("EUR",)),
    **dict.fromkeys(
        ("dollar", "dollars", "dollari", "dolares", "dólares", "dolarów"), ("USD", "CAD", "AUD", "NZD")
    ),
    **dict.fromkeys(("pound", "pounds", "pfund", "livres", "libras", "sterline", "funtów"), ("GBP",)),
    **dict.fromkeys(("franken", "francs", "franchi"), ("CHF",)),
    **dict.fromkeys(("złoty", "złote", "złotych", "zloty"), ("PLN",)),
}
"""What is written beside an amount, in small letters, to the codes that it may mean."""

_ONES: Final[dict[str, str]] = {
    "en": "a an one",
    "de": "ein eine einen einem einer eines",
    "fr": "un une",
    "es": "un una uno",
    "it": "un una uno",
    "nl": "een één",
    "pl": "jeden jedna jedno jednego jednej",
}
_COUNTS: Final[dict[str, str]] = {
    "en": "0:zero 0.5:half 0.5:halves "
    "2:two 3:three 4:four 5:five 6:six 7:seven 8:eight 9:nine 10:ten 11:eleven 12:twelve 13:thirteen "
    "14:fourteen 15:fifteen 16:sixteen 17:seventeen 18:eighteen 19:nineteen 20:twenty 30:thirty 40:forty "
    "50:fifty 60:sixty 70:seventy 80:eighty 90:ninety 12:dozen 12:dozens 100:hundred 100:hundreds "
    "1000:thousand 1000:thousands 1000000:million 1000000:millions 2:twice 3:thrice 14:fortnight 2:second "
    "3:third 4:fourth 5:fifth",
    "de": "0:null 0.5:halb 0.5:halbe 0.5:halben 0.5:halber 0.5:halbes 0.5:hälfte 1.5:anderthalb 30:dreissig "
    "2:zwei 3:drei 4:vier 5:fünf 6:sechs 7:sieben 8:acht 9:neun 10:zehn 11:elf 12:zwölf 13:dreizehn "
    "14:vierzehn 15:fünfzehn 16:sechzehn 17:siebzehn 18:achtzehn 19:neunzehn 20:zwanzig 30:dreißig "
    "40:vierzig "
    "50:fünfzig 60:sechzig 70:siebzig 80:achtzig 90:neunzig 12:dutzend 100:hundert 100:einhundert "
    "1000:tausend 1000:eintausend 1000000:million 1000000:millionen 2:zweimal 3:dreimal 2:zweite 2:zweiten "
    "2:zweiter 3:dritte 3:dritten 3:dritter 4:vierte 4:vierten",
    "fr": "0:zéro 0.5:moitié 0.5:demi 0.5:demie 30:trentaine "
    "2:deux 3:trois 4:quatre 5:cinq 6:six 7:sept 8:huit 9:neuf 10:dix 11:onze 12:douze 13:treize "
    "14:quatorze 15:quinze 16:seize 20:vingt 30:trente 40:quarante 50:cinquante 60:soixante 12:douzaine "
    "100:cent 1000:mille 1000000:million 1000000:millions 2:deuxième 3:troisième 4:quatrième 2:second "
    "2:seconde 15:quinzaine",
    "es": "0:cero 0.5:mitad 16:dieciséis 500:quinientos 700:setecientos 900:novecientos "
    "2:dos 3:tres 4:cuatro 5:cinco 6:seis 7:siete 8:ocho 9:nueve 10:diez 11:once 12:doce 13:trece "
    "14:catorce 15:quince 20:veinte 30:treinta 40:cuarenta 50:cincuenta 60:sesenta 70:setenta 80:ochenta "
    "90:noventa 12:docena 100:cien 100:ciento 1000:mil 1000000:millón 1000000:millones 2:segundo 2:segunda "
    "3:tercer 3:tercero 3:tercera",
    "it": "0:zero 0.5:metà 17:diciassette 18:diciotto 19:diciannove "
    "2:due 3:tre 4:quattro 5:cinque 6:sei 7:sette 8:otto 9:nove 10:dieci 11:undici 12:dodici "
    "13:tredici 14:quattordici 15:quindici 16:sedici 20:venti 30:trenta 40:quaranta 50:cinquanta 60:sessanta "
    "70:settanta 80:ottanta 90:novanta 12:dozzina 100:cento 1000:mille 1000:mila 1000000:milione "
    "1000000:milioni 2:secondo 2:seconda 3:terzo 3:terza",
    "nl": "0:nul 0.5:helft 0.5:halve 0.5:half 1.5:anderhalf 17:zeventien 18:achttien 19:negentien "
    "2:twee 3:drie 4:vier 5:vijf 6:zes 7:zeven 8:acht 9:negen 10:tien 11:elf 12:twaalf 13:dertien "
    "14:veertien 15:vijftien 16:zestien 20:twintig 30:dertig 40:veertig 50:vijftig 60:zestig 70:zeventig "
    "80:tachtig 90:negentig 12:dozijn 100:honderd 1000:duizend 1000000:miljoen 2:tweede 3:derde 4:vierde",
    "pl": "0:zero 0.5:połowa 0.5:połowę 0.5:połowy 0.5:połowie 0.5:pół 0.25:ćwierć 1.5:półtora "
    "16:szesnaście 17:siedemnaście 18:osiemnaście 19:dziewiętnaście 20:dwudziestu 30:trzydziestu "
    "70:siedemdziesiąt 80:osiemdziesiąt 90:dziewięćdziesiąt 200:dwieście 300:trzysta 400:czterysta "
    "500:pięćset 600:sześćset 700:siedemset 800:osiemset 900:dziewięćset 1000000:miliony "
    "1000000:milionów "
    "2:dwa 2:dwie 2:dwóch 2:dwoje 2:dwaj 3:trzy 3:trzech 4:cztery 4:czterech 5:pięć 5:pięciu 6:sześć "
    "6:sześciu 7:siedem 7:siedmiu 8:osiem 8:ośmiu 9:dziewięć 10:dziesięć 10:dziesięciu 11:jedenaście "
    "12:dwanaście 13:trzynaście 14:czternaście 14:czternastu 15:piętnaście 20:dwadzieścia 30:trzydzieści "
    "40:czterdzieści 50:pięćdziesiąt 60:sześćdziesiąt 12:tuzin 100:sto 1000:tysiąc 1000:tysiące 1000:tysięcy "
    "1000000:milion 2:drugi 2:drugie 2:druga 2:drugiego 3:trzeci 3:trzecie 3:trzecia",
}
_COMPOUND: Final[dict[str, str]] = {
    "de": r"\w+und(?:zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)|\w+(?:hundert|tausend)",
    "nl": r"\w+(?:en|ën)(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig)"
    r"|\w+(?:honderd|duizend)",
    "it": r"(?:vent|trent|quarant|cinquant|sessant|settant|ottant|novant)[ai]?\w*"
    r"(?:uno|due|tr[eé]|quattro|cinque|sei|sette|otto|nove)|\w+cento",
    "es": r"veinti\w+|dieci(?:séis|siete|ocho|nueve)|\w+cientos",
}


def _worded(language: str) -> dict[str, Decimal]:
    pairs = (entry.partition(":") for entry in _COUNTS[language].split())
    return {word: Decimal(value) for value, _, word in pairs}


COUNT_WORDS: Final[dict[str, dict[str, Decimal]]] = {language: _worded(language) for language in LANGUAGES}
"""Number words, ordinals and fractions by language, without those for one."""

AMBIGUOUS_COUNTS: Final = frozenset(
    words(
        "acht cent cento cien dos dozen due elf half mil mila mille mitad nove null nul once onze otto "
        "second seconda seconde secondo segunda segundo sei sept siete sto ten tre tres venti zero demi"
    )
)
"""Number words of one language that are ordinary words or names in another: they count in their own only."""

ONE_WORDS: Final[dict[str, frozenset[str]]] = {code: frozenset(text.split()) for code, text in _ONES.items()}
"""Words for one, which are articles too: they count only before a unit."""

COMPOUND_COUNTS: Final[dict[str, re.Pattern[str]]] = {
    language: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    for language, pattern in _COMPOUND.items()
}
"""Number words written as one word."""

_TELLING: Final[dict[str, str]] = {
    "en": "the and of to is for your our we you in this please with have are on by from not at be it will "
    "thank "
    "regards dear was",
    "de": "der die das und ist für ihre ihr wir sie im den bitte mit haben nicht zu von auf eine wird "
    "danke grüßen "
    "sehr geehrte ihnen dem noch uns wurde",
    "fr": "le la les et est pour votre nous vous des du dans avec ce une pas sur merci cordialement bonjour "
    "monsieur madame au qui sont notre en par été",
    "es": "el la los y es para su nosotros usted en con una no por gracias saludos estimado estimada que "
    "del las "
    "se le hemos sido",
    "it": "il la gli e è per vostra noi voi nel con una non di grazie saluti gentile che del della si le "
    "abbiamo "
    "stata stato sono",
    "nl": "de het en is voor uw wij u in met een niet van op bedankt groet geachte dit dat aan wordt "
    "hebben zijn "
    "ons onze te",
    "pl": "i jest dla w z nie na do się prosimy dziękujemy pozdrowieniami szanowny szanowni oraz o za przez "
    "państwa że został nie są po od",
}


def language_of(text: str) -> str:
    """The language that most of the small words of ``text`` belong to; empty where none stands out."""
    found = re.findall(r"[^\W\d_]+", text.lower())
    counts = {code: sum(word in _KNOWN[code] for word in found) for code in LANGUAGES}
    best, second = sorted(counts.values(), reverse=True)[:2]
    return max(counts, key=lambda code: counts[code]) if best > second else ""


_KNOWN: Final = {code: frozenset(words(text)) for code, text in _TELLING.items()}


# --- writing --------------------------------------------------------------------------------------------


def number(value: Decimal | int, language: str) -> str:
    """``1,234.5`` or ``1.234,5``: all its decimals, and no more."""
    parted, mark = _MARKS.get(language, _MARKS["en"])
    text = f"{Decimal(value).normalize():,f}"
    return text.replace(",", "\0").replace(".", mark).replace("\0", parted)


def amount(value: Decimal, currency: str, language: str) -> str:
    """``EUR 1,234.50`` in English, ``1.234,50 EUR`` elsewhere: at the currency's decimals, or more where the
    value has more."""
    places = max(decimals(currency), -int(value.normalize().as_tuple().exponent))
    parted, mark = _MARKS.get(language, _MARKS["en"])
    digits = f"{value:,.{places}f}".replace(",", "\0").replace(".", mark).replace("\0", parted)
    return f"{currency} {digits}" if language == "en" else f"{digits}\u00a0{currency}"


def day(value: date, language: str) -> str:
    """``15 March 2026``, ``15. März 2026``, ``15 de marzo de 2026``."""
    name = MONTHS.get(language, MONTHS["en"])[value.month - 1]
    first = {"fr": "1er", "it": "1º"}.get(language, "1")
    number_ = first if value.day == 1 else str(value.day)
    match language:
        case "de":
            return f"{value.day}. {name} {value.year}"
        case "es":
            return f"{value.day} de {name} de {value.year}"
        case _:
            return f"{number_} {name} {value.year}"


_DAYS: Final = {
    "en": ("day", "days"),
    "de": ("Tag", "Tage"),
    "fr": ("jour", "jours"),
    "es": ("día", "días"),
    "it": ("giorno", "giorni"),
    "nl": ("dag", "dagen"),
    "pl": ("dzień", "dni"),
}


def days(count: int, language: str) -> str:
    """``12 days``, ``1 Tag``: in the first case, as after a colon."""
    one, many = _DAYS.get(language, _DAYS["en"])
    return f"{number(count, language)} {one if count == 1 else many}"


_AND: Final = {"en": "and", "de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "pl": "i"}


def listed(parts: Iterable[str], language: str) -> str:
    """``a, b and c``."""
    found = list(parts)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {_AND.get(language, 'and')} {found[-1]}"
