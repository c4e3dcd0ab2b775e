"""Companies that do not exist: names, addresses, contacts, and identifiers with right check digits."""

from __future__ import annotations

import random
import string
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from abax.documents.contracts import Address, BankAccount, Party

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl")


@cache
def places() -> dict[str, Any]:
    """Countries and the parts of names, as ``places.toml`` has them."""
    return _table("places.toml")


@cache
def catalogue() -> dict[str, Any]:
    """Goods by trade, as ``catalogue.toml`` has them."""
    return _table("catalogue.toml")


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / name).read_text("utf-8"))


def choice_of(rng: random.Random, variants: str) -> str:
    """One of the variants that `` | `` parts."""
    return rng.choice(variants.split(" | "))


def filled(rng: random.Random, shape: str) -> str:
    """``#`` becomes a digit, ``A`` a letter: ``D0# AA#A`` → ``D04 XK7T``."""
    return "".join(
        rng.choice(string.digits) if c == "#" else rng.choice("ABCEGHJKLMNPRSTVWXY") if c == "A" else c
        for c in shape
    )


@dataclass(frozen=True)
class Company:
    """A company with all that it may print of itself."""

    key: str
    """Stays the same on all its documents."""
    country: str
    language: str
    currency: str
    trade: str
    party: Party
    bank: BankAccount
    sort_code: str
    web: str
    fax: str
    country_name: str
    manager: str
    register: str
    slogan: str


def company(seed: str, languages: tuple[str, ...] = LANGUAGES, country: str | None = None) -> Company:
    """The company of this seed, always the same one; ``country`` narrows it."""
    rng = random.Random(seed)  # noqa: S311
    if country is None:
        country, language = _country(rng, languages)
    else:
        spoken = [one for one in places()[country]["languages"] if one in languages]
        language = rng.choice(spoken or places()[country]["languages"])
    facts = places()[country]
    name = company_name(rng, language, facts["forms"])
    domain = "".join(c for c in _plain(name.split()[0]) if c.isalnum()) + "." + country.lower()
    address = _address(rng, facts, country)
    person = f"{choice_of(rng, places()['names']['first'])} {choice_of(rng, places()['names']['last'])}"
    vat_id = vat_number(rng, country, facts["vat"]) if "vat" in facts else None
    tax_number = filled(rng, choice_of(rng, facts["tax_number"])) if "tax_number" in facts else None
    party = Party(
        name=name,
        address=address,
        vat_id=vat_id,
        tax_number=tax_number,
        registration=_registration(rng, country),
        contact=person,
        phone=filled(rng, choice_of(rng, facts["phone"])),
        email=f"{rng.choice(['info', 'office', 'sales', 'mail', 'accounts'])}@{domain}",
    )
    iban = iban_number(rng, country, facts["iban"]) if "iban" in facts else None
    bank = BankAccount(
        iban=iban,
        account_number=None if iban else filled(rng, "########"),
        bic=filled(rng, "AAAA")
        + country
        + rng.choice(["2L", "FF", "MM", "21", "P2", "33"])
        + rng.choice(["XXX", ""]),
        bank_name=choice_of(rng, places()["names"]["banks"]),
        holder=name,
    )
    return Company(
        key=vat_id or iban or name.casefold(),
        country=country,
        language=language,
        currency=facts["currency"],
        trade=rng.choice(sorted(catalogue()["trades"])),
        party=party,
        bank=bank,
        sort_code=filled(rng, "##-##-##"),
        web=f"www.{domain}",
        fax=filled(rng, choice_of(rng, facts["phone"])),
        country_name=choice_of(rng, facts["name"]),
        manager=person,
        register=party.registration or "",
        slogan=rng.choice(
            [
                "",
                "",
                f"seit {rng.randint(1890, 2010)}" if language == "de" else f"Est. {rng.randint(1890, 2010)}",
            ]
        ),
    )


def _country(rng: random.Random, languages: tuple[str, ...]) -> tuple[str, str]:
    language = rng.choice(languages)
    fitting = [code for code, facts in places().items() if code != "names" and language in facts["languages"]]
    home = [code for code in fitting if places()[code]["languages"][0] == language] or fitting
    return rng.choice(home if rng.random() < 0.9 else fitting), language


def company_name(rng: random.Random, language: str, forms: str) -> str:
    """A name of a surname, of syllables, of initials or of two surnames; with a legal form."""
    names = places()["names"]
    trade = choice_of(rng, names[f"trades_{language}"])
    coined = "".join(rng.choices(names["syllables"].split(), k=rng.choice([2, 3]))).capitalize()
    last, other = choice_of(rng, names["last"]), choice_of(rng, names["last"])
    initials = filled(rng, rng.choice(["AA", "AAA", "A&A", "A+A"]))
    if rng.random() < 0.05:
        return f"{choice_of(rng, names['first'])} {last}"  # one who trades under the own name
    core = rng.choice(
        [
            f"{coined} {trade}",
            f"{coined}{trade.lower()}" if language in ("de", "nl") else f"{coined} {trade}",
            f"{last} {trade}",
            f"{last} & {other}",
            f"{choice_of(rng, names['first'])} {last} {trade}",
            f"{initials} {trade} {coined}",
            f"{coined} {last}",
            f"{trade} {last}",
            coined,
        ]
    )
    name = f"{core} {choice_of(rng, forms)}" if rng.random() < 0.93 else core
    return name.upper() if rng.random() < 0.12 else name


def _address(rng: random.Random, facts: dict[str, Any], country: str) -> Address:
    street = choice_of(rng, facts["streets"]).format(n=rng.randint(1, 240), s=rng.randint(1, 19))
    city, _, region = _counted(rng, choice_of(rng, facts["cities"])).partition(", ")
    inside = rng.random() < _BUILDINGS and "buildings" in facts
    return Address(
        street=street,
        additional=_counted(rng, choice_of(rng, facts["buildings"])) if inside else None,
        city=city,
        postcode=filled(rng, choice_of(rng, facts["postcode"])),
        region=region or None,
        country=country,
    )


_BUILDINGS = 0.1
"""How many have a building, a floor or an estate in their address."""


def _counted(rng: random.Random, text: str) -> str:
    """``#`` becomes a digit from 1."""
    return "".join(rng.choice("123456789") if c == "#" else c for c in text)


def _registration(rng: random.Random, country: str) -> str | None:
    shapes = {
        "DE": "HRB ##### | HRB #### | HRA ##### | HRB ## ###",
        "AT": "FN ######a",
        "GB": "0#######",
        "IE": "######",
        "NL": "########",
        "PL": "0000######",
        "IT": "MI-#######",
        "FR": "### ### ###",
        "MY": "(#######-X)",
    }
    return filled(rng, choice_of(rng, shapes[country])) if country in shapes else None


def vat_number(rng: random.Random, country: str, shape: str) -> str:
    """A VAT number of this country that passes its check digits."""
    from stdnum import get_cc_module

    module = get_cc_module(country.lower(), "vat")
    prefix = shape[: len(shape) - len(shape.lstrip(string.ascii_uppercase))] if country != "CH" else "CHE"
    if country == "FR":
        from stdnum import luhn

        body = filled(rng, "########")
        siren = body + luhn.calc_check_digit(body)
        return f"FR{(12 + 3 * int(siren) % 97) % 97:02}{siren}"
    while True:
        number = prefix + filled(rng, shape[len(prefix) :])
        if country == "NL":
            number = number[:-2] + f"{rng.randint(1, 9):02}"
        if country == "CH" or module is None:
            from stdnum.ch import uid

            if uid.is_valid(number):
                return number
        elif module.is_valid(number):
            return number


def iban_number(rng: random.Random, country: str, shape: str) -> str:
    """An IBAN with right check digits, the national ones of Belgium and Spain too."""
    body = filled(rng, shape)
    if country == "BE":
        body = body[:10] + f"{int(body[:10]) % 97 or 97:02}"
    if country == "ES":
        from stdnum.es import ccc

        body = body[:8] + ccc.calc_check_digits(body) + body[10:]
    digits = "".join(str(int(c, 36)) for c in f"{body}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{body}"


def _plain(text: str) -> str:
    table = str.maketrans("äöüßéèąćęłńóśźżáíúñç&+", "aouseeacelnoszzaiunc--")
    return text.lower().translate(table)
