"""Code lists that documents are checked against."""

from __future__ import annotations

from decimal import Decimal
from typing import Final


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES: Final = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT "
    "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH "
    "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
    "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
    "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS XI XK YE YT ZA ZM ZW"
)
"""ISO 3166-1, with Northern Ireland's XI and Kosovo's XK."""
CURRENCIES: Final = _codes(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS "
    "KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR "
    "SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD "
    "USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS "
    "XUA XXX YER ZAR ZMW ZWL"
)
"""ISO 4217."""
DOCUMENT_CODES: Final = _codes(
    "71 80 81 82 83 84 102 130 202 203 204 211 218 219 261 262 295 296 308 325 326 331 380 381 382 383 "
    "384 385 386 387 388 389 390 393 394 395 396 420 456 457 458 471 472 473 500 501 502 503 527 532 553 "
    "575 623 633 751 780 817 870 875 876 877 935"
)
"""UNTDID 1001, invoices and credit notes."""
MEANS_CODES: Final = frozenset(
    [*map(str, range(1, 69)), "70", *map(str, range(74, 79)), *map(str, range(91, 99)), "ZZZ"]
)
"""UNTDID 4461."""
TAX_CATEGORIES: Final = _codes("AE B E G K L M O S Z")
"""UNTDID 5305, as EN 16931 restricts it; B is Italy's split payment."""
ALLOWANCE_CODES: Final = frozenset([*map(str, range(1, 107)), "ZZZ"])
"""UNTDID 5189."""
CHARGE_CODES: Final = _codes(
    "AA AAA AAC AAD AAE AAF AAH AAI AAS AAT AAV AAY AAZ ABA ABB ABC ABD ABF ABK ABL ABN ABR ABS ABT ABU "
    "ACF ACG ACH ACI ACJ ACK ACL ACM ACS ADC ADE ADJ ADK ADL ADM ADN ADO ADP ADQ ADR ADT ADW ADY ADZ AEA "
    "AEB AEC AED AEF AEH AEI AEJ AEK AEL AEM AEN AEO AEP AES AET AEU AEV AEW AEX AEY AEZ AJ AU CA CAB CAD "
    "CAE CAF CAI CAJ CAK CAL CAM CAN CAO CAP CAQ CAR CAS CAT CAU CAV CAW CAX CAY CAZ CD CG CS CT DAB DAC "
    "DAD DAF DAG DAH DAI DAJ DAK DAL DAM DAN DAO DAP DAQ DL EG EP ER FAA FAB FAC FC FH FI GAA HAA HD HH "
    "IAA IAB ID IF IR IS KO L1 LA LAA LAB LF MAE MI ML NAA OA PA PAA PC PL PRV RAB RAC RAD RAF RE RF RH "
    "RV SA SAA SAD SAE SAI SG SH SM SU TAB TAC TT TV V1 V2 WH XAA YY ZZZ"
)
"""UNTDID 7161."""
TAX_POINT_CODES: Final = _codes("3 35 432")
"""UNTDID 2005, as EN 16931 restricts it."""
MIME_TYPES: Final = frozenset(
    {
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
ADDRESS_SCHEMES: Final = _codes(
    "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0158 0170 0177 0183 0184 0188 "
    "0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 "
    "0213 0215 0216 0217 0218 0219 0220 0221 0225 0230 0235 0240 0244 9901 9902 9904 9905 9906 9907 9910 "
    "9913 9914 9915 9917 9918 9919 9920 9921 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 "
    "9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 "
    "9954 9955 9956 9957 9958 9959 AN AQ AS AU EM XR01 XR02 XR03"
)
"""CEF's list of electronic address schemes."""
NOT_UNITS: Final = _codes("PCE PCS STCK STÜCK STUECK HRS KG STD TAG STUNDEN MONAT PIECE UNIT STUNDE TAGE")
"""What is written for units most often in place of a code of UN/ECE Recommendation 20."""

_ARTICLE_132: Final = "abcdefghijklmnopq"
_ARTICLE_143: Final = ("a", "b", "c", "d", "e", "f", "fa", "g", "h", "i", "j", "k", "l")
_ARTICLE_151: Final = ("a", "aa", "b", "c", "d", "e")
EXEMPTION_CODES: Final = frozenset(
    [
        "VATEX-EU-79-C",
        "VATEX-EU-132",
        *(f"VATEX-EU-132-1{letter}".upper() for letter in _ARTICLE_132),
        *(f"VATEX-EU-135-1{letter}".upper() for letter in "abcdefghijkl"),
        "VATEX-EU-135-1",
        "VATEX-EU-143",
        *(f"VATEX-EU-143-1{letter}".upper() for letter in _ARTICLE_143),
        "VATEX-EU-144",
        "VATEX-EU-146-1E",
        "VATEX-EU-148",
        *(f"VATEX-EU-148-{letter}".upper() for letter in "abcdefg"),
        "VATEX-EU-151",
        *(f"VATEX-EU-151-1{letter}".upper() for letter in _ARTICLE_151),
        "VATEX-EU-153",
        "VATEX-EU-159",
        "VATEX-EU-309",
        *(f"VATEX-EU-{letters}".upper() for letters in ("g", "o", "ic", "ae", "d", "f", "i", "j")),
        *(f"VATEX-FR-{letters}" for letters in ("FRANCHISE", "CNWVAT", "CGI261-1", "CGI261-2", "CGI261-3")),
        *(f"VATEX-FR-{letters}" for letters in ("CGI261-4", "CGI261-5", "CGI261-7", "CGI261-8", "CGI261A")),
        *(
            f"VATEX-FR-{letters}"
            for letters in ("CGI261B", "CGI261C-1", "CGI261C-2", "CGI261C-3", "CGI261D-1")
        ),
        *(
            f"VATEX-FR-{letters}"
            for letters in ("CGI261D-1BIS", "CGI261D-2", "CGI261D-3", "CGI261D-4", "CGI261E-1")
        ),
        *(
            f"VATEX-FR-{letters}"
            for letters in ("CGI261E-2", "CGI277A", "CGI275", "298SEXDECIESA", "CGI295", "AE")
        ),
    ]
)
"""CEF's list of reasons why no VAT is charged."""


def _rates(text: str) -> frozenset[Decimal]:
    return frozenset(Decimal(rate) for rate in text.split())


VAT_RATES: Final = {
    "AT": _rates("20 13 10 5 19"),
    "BE": _rates("21 12 6"),
    "BG": _rates("20 9"),
    "CH": _rates("8.1 7.7 8 2.6 2.5 3.8 3.7 3.6 2.4 7.6"),
    "CY": _rates("19 9 5 3 18"),
    "CZ": _rates("21 15 12 10 20 14"),
    "DE": _rates("19 7 16 5 10.7 5.5 9.5 9 8.4 7.8"),
    "DK": _rates("25"),
    "EE": _rates("24 22 20 13 9 5"),
    "ES": _rates("21 10 4 5 7.5 2 18 8 16 7 3 6.5 9.5 13.5 15 20 12 10.5"),
    "FI": _rates("25.5 24 14 13.5 10 23 13"),
    "FR": _rates("20 10 5.5 2.1 8.5 19.6 7 1.05 1.75 0.9 13"),
    "GB": _rates("20 5 17.5 15 12.5"),
    "GR": _rates("24 13 6 17 9 4 23 6.5 16 5"),
    "HR": _rates("25 13 5 10 23 22"),
    "HU": _rates("27 18 5 25 20"),
    "IE": _rates("23 21 13.5 9 4.8 4.5 5.6 5.4 4"),
    "IT": _rates("22 10 5 4 21 20"),
    "LI": _rates("8.1 7.7 8 2.6 2.5 3.8 3.7"),
    "LT": _rates("21 9 5 12"),
    "LU": _rates("17 16 15 14 13 12 8 7 6 3"),
    "LV": _rates("21 12 5 22 10"),
    "MT": _rates("18 12 7 5"),
    "NL": _rates("21 9 6 19"),
    "NO": _rates("25 15 12 11.11 14 8 10 6"),
    "PL": _rates("23 8 5 22 7 3 4"),
    "PT": _rates("23 13 6 22 12 5 16 9 4 18 10 21 20"),
    "RO": _rates("21 19 11 9 5 24 20"),
    "SE": _rates("25 12 6"),
    "SI": _rates("22 9.5 5 20 8.5"),
    "SK": _rates("23 20 19 10 5 6"),
}
"""Percent: all rates that a country has or had since about 2008; compensation rates of farmers too."""
