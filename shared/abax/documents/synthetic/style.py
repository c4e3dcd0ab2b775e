"""How one issuer's documents look and what words they use: drawn once for each issuer, kept for all of its
documents."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

from abax.documents.synthetic.parties import Company, choice_of
from abax.documents.synthetic.sheet import Segment, families

_SYMBOLS = {
    "EUR": "€",
    "GBP": "£",
    "USD": "$",
    "PLN": "zł",
    "CHF": "CHF",
    "MYR": "RM",
    "AUD": "$",
    "CZK": "Kč",
}


_HEADS = "left right right centre band boxed name none left_right side side"
_METAS = "list list list grid strip inline sentence two_columns cells cells"
_TOTALS = "right right right right_wide left row table boxed run in_table"
_TITLE_PLACES = (
    "above_table above_table above_meta above_meta top_right centre beside_head beside_head cell subject"
)
_COLUMNS = (
    "classic classic quantity_first description_first item_first short tax full two item_last priced_first"
)
_BRITISH = ("joined", "joined", "apart", "capitals", "county", "county capitals", "county beside")
"""How town, county and postcode stand in British and Irish addresses."""
_BILINGUAL = ("titles", "labels", "columns", "totals")


@cache
def wording(language: str) -> dict[str, Any]:
    """The words of one language, as its file in ``wording`` has them."""
    file = resources.files(__package__) / "wording" / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8"))


@cache
def texts() -> dict[str, Any]:
    """Running text by language, as ``texts.toml`` has it."""
    return tomllib.loads((resources.files(__package__) / "texts.toml").read_text("utf-8"))


def prose(rng: random.Random, language: str, count: int, key: str = "letter") -> str:
    """Some sentences of running text."""
    variants = texts()[language][key].split(" | ")
    text = " ".join(rng.sample(variants, min(count, len(variants))))
    while "###" in text:
        text = text.replace("###", str(rng.randint(10, 99999)), 1)
    return text


@dataclass
class Style:
    """The choices that make an issuer's documents alike."""

    language: str
    country: str
    currency: str
    house: str
    """Whose words these are: the same house chooses the same ones."""
    layout: dict[str, Any]
    numbers: str
    dates: str
    words: dict[str, str] = field(default_factory=dict)
    second: str | None = None
    """The other language of a bilingual house."""

    def __getitem__(self, name: str) -> Any:
        return self.layout[name]

    def word(self, section: str, key: str) -> str:
        """The issuer's own wording."""
        place = f"{section}.{key}"
        if place not in self.words:
            variants = wording(self.language)[section][key]
            rng = random.Random(f"{self.house}/{place}")  # noqa: S311
            said = choice_of(rng, variants)
            if self.second and section in _BILINGUAL and key not in ("page", "tax"):
                other = choice_of(rng, wording(self.second)[section][key])
                said = said if other.casefold() == said.casefold() else f"{said} / {other}"
            self.words[place] = said.replace("{currency}", self.currency)
        return str(self.words[place])

    def sign(self) -> str:
        """The currency's sign, or its code where it has none."""
        return _SYMBOLS.get(self.currency, self.currency)

    def label(self, key: str) -> str:
        """A label, with the colon that this issuer sets or leaves out."""
        return self.word("labels", key) + str(self["colon"])

    def sentence(self, key: str, **values: Segment) -> list[Segment]:
        """A sentence with its blanks filled by tagged values; empty where a blank is not given."""
        template = self.word("sentences", key)
        values.setdefault("currency", (self.currency, None))
        segments: list[Segment] = []
        for text, name, _, _ in Formatter().parse(template):
            if text:
                segments.append((text, None))
            if name:
                if name not in values:
                    return []
                segments.append(values[name])
        return segments

    def amount(self, value: Decimal, places: int = 2) -> str:
        """A number as this issuer writes it."""
        grouping, point = _marks(self.numbers)
        whole, _, cents = f"{abs(value):.{places}f}".partition(".")
        groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)][::-1]
        text = grouping.join(groups) + (point + cents if places else "")
        if value >= 0:
            return text
        shape: str = self["negative"]
        return shape.replace("0", text)

    def money(self, value: Decimal, path: str | None, decorated: bool) -> list[Segment]:
        """An amount, with the currency before or after it where ``decorated``."""
        text = self.amount(value)
        shape: str = self["money"] if decorated else "0"
        before, _, after = shape.partition("0")
        sign = self.sign()
        segments: list[Segment] = []
        for mark in (before, None, after):
            if mark is None:
                segments.append((text, path))
            elif mark:
                name = "".join({"S": sign, "C": self.currency}.get(c, c) for c in mark)
                glued = "currency" if mark.strip() != mark else path
                segments.append((name, glued))
        return segments

    def quantity(self, value: Decimal) -> str:
        """A quantity with as many decimals as it has, or this issuer's fixed number of them."""
        exponent = value.normalize().as_tuple().exponent
        places = max(-exponent if isinstance(exponent, int) else 0, self["quantity_places"])
        return self.amount(value, places)

    def rate(self, value: Decimal) -> str:
        """A percentage without its sign."""
        exponent = value.normalize().as_tuple().exponent
        places = max(-exponent if isinstance(exponent, int) else 0, self["rate_places"])
        return self.amount(value, places)

    def day(self, value: date) -> str:
        """A date as this issuer writes it."""
        month = wording(self.language)["numbers"]["months"].split(" | ")[value.month - 1]
        return self.dates.format(
            d=value.day, m=value.month, y=value.year, yy=value.year % 100, month=month, mon=month[:3]
        )


@cache
def _marks(sample: str) -> tuple[str, str]:
    """Grouping mark and decimal point of a written 1234.50."""
    point = sample[-3]
    return sample[1 : sample.index("2")], point


def style_of(company: Company, language: str, form: str) -> Style:
    """The company's style for one form of document: ``trade``, ``receipt``, ``ledger`` and so on. Forms of
    one company share fonts, formats and letterhead."""
    rng = random.Random(f"{company.key}/{company.party.name}/{language}")  # noqa: S311
    numbers, dates = _formats(rng, company, language)
    layout = _house(rng, language) | _body(random.Random(f"{company.party.name}/{form}"), company)  # noqa: S311
    house = f"{company.party.name}/{language}"
    second = _second(random.Random(f"{house}/second"), company, language)  # noqa: S311
    return Style(language, company.country, company.currency, house, layout, numbers, dates, second=second)


def _second(rng: random.Random, company: Company, language: str) -> str | None:
    """Another language that all words are printed in too: in countries that have several, and in export."""
    others = {"BE": ("fr", "nl"), "CH": ("de", "fr", "it"), "LU": ("de", "fr")}.get(company.country, ())
    if rng.random() < (0.3 if others else 0.04):
        return next((one for one in (*others, "en") if one != language), None)
    return None


def _formats(rng: random.Random, company: Company, language: str) -> tuple[str, str]:
    table = wording(language)["numbers"]
    numbers = table["formats_ch"] if company.country == "CH" and "formats_ch" in table else table["formats"]
    if language == "en" and company.country not in ("GB", "IE", "US", "AU", "MY") and rng.random() < 0.6:
        numbers = "1.234,50"
    dates = table["dates_us"] if company.country == "US" else table["dates"]
    return choice_of(rng, numbers), choice_of(rng, dates)


def _house(rng: random.Random, language: str) -> dict[str, Any]:
    """What all documents of a house share."""
    return {
        **_paper(rng),
        "family": rng.choice(families(language == "pl")),
        "size": rng.choice([7.5, 8, 8.5, 9, 9, 9.5, 10, 10.5]),
        "head": rng.choice(_HEADS.split()),
        "head_joined": rng.random() < 0.3,
        "owner": rng.random() < 0.06,
        "one_line": rng.random() < 0.12,
        "vat_form": rng.choice(["plain", "plain", "spaced", "national", "national", "bare"]),
        "vat_tail": rng.choice([" MWST", " MWST", " TVA", ""]),
        "head_scale": rng.choice([1.4, 1.6, 2.0]),
        "logo_size": rng.choice([24, 36, 48]),
        "strip": rng.choice([2, 3, 3, 4, 5, 6]),
        "mark": rng.choice([" · ", " - ", ", ", " | ", " • ", " – "]),
        "fact_mark": rng.choice(["    ", "    ", " · ", ", ", " | "]),
        "head_contact": rng.random() < 0.55,
        "head_ids": rng.random() < 0.3,
        "logo": rng.random() < 0.4,
        "colour": tuple(rng.choice([0.1, 0.3, 0.5, 0.75, 0.85]) for _ in range(3)),
        "foot": rng.choice(["columns", "columns", "columns", "line", "lines", "none", "labelled"]),
        "foot_columns": rng.choice([3, 4, 4]),
        "foot_size": rng.choice([6, 6.5, 7, 7.5]),
        "colon": rng.choice([":", ":", "", " :"]),
        "negative": rng.choice(["-0", "-0", "-0", "0-", "(0)", "- 0"]),
        "money": rng.choice(["0", "0", "0 S", "0 C", "S 0", "S0", "C 0", "0 S", "0S"]),
        "line_money": rng.random() < 0.18,
        "quantity_places": rng.choice([0, 0, 0, 0, 1, 2, 3]),
        "rate_places": rng.choice([0, 0, 0, 1, 2]),
        "rate_sign": rng.choice(["%", " %", " %"]),
        "page_number": rng.choice(["foot", "foot_right", "head", "none", "meta"]),
        "spaced_iban": rng.random() < 0.7,
        "upper_title": rng.random() < 0.2,
    }


def _paper(rng: random.Random) -> dict[str, Any]:
    """Mostly A4; some A5, some lying."""
    kind = rng.random()
    if kind < 0.04:
        return {"page": (419.5, 595.3), "margin": rng.choice([22, 28, 34])}
    if kind < 0.07:
        return {"page": (841.9, 595.3), "margin": rng.choice([34, 48, 62])}
    return {"page": (595.3, 841.9), "margin": rng.choice([28, 34, 42, 48, 56, 62, 70])}


def _body(rng: random.Random, company: Company) -> dict[str, Any]:
    """What all documents of one form share in a house."""
    french = company.country in ("FR", "BE", "ES", "IT")
    return {
        "recipient": rng.choice(["right", "left", "left"] if not french else ["right", "right", "left"]),
        "recipient_label": rng.random() < (0.75 if company.language == "en" else 0.45),
        "recipient_box": rng.random() < 0.2,
        "sender_line": rng.random() < (0.6 if company.language == "de" else 0.1),
        "supplier_block": rng.random() < (0.8 if company.language == "pl" else 0.15),
        "country_line": rng.choice(["name", "code", "prefix", "none", "none"]),
        "british": rng.choice(_BRITISH),
        "meta": rng.choice(_METAS.split()),
        "meta_side": rng.choice(["right", "right", "left"]),
        "meta_align": rng.choice(["l", "l", "r"]),
        "title_place": rng.choice(_TITLE_PLACES.split()),
        "untitled": rng.random() < 0.04,
        "place_and_day": rng.random() < 0.12,
        "title_size": rng.choice([8.5, 10, 11, 12, 13, 14, 16, 18, 22, 26]),
        "title_number": rng.random() < 0.35,
        "title_date": rng.random() < 0.25,
        "prose": rng.random() < 0.14,
        "bare": rng.random() < 0.06,
        "rules": rng.choice(["none", "header", "rows", "grid", "fill", "zebra", "outer", "fill"]),
        "columns": rng.choice(_COLUMNS.split()),
        "header_upper": rng.random() < 0.2,
        "header_currency": rng.choice([""] * 7 + [" {c}", " ({c})", ", {c}", " {s}", " in {c}"]),
        "ordered": rng.random() < 0.35,
        "item_in_text": rng.random() < 0.15,
        "unit_with_quantity": rng.random() < 0.3,
        "header_bold": rng.random() < 0.65,
        "header_lines": rng.random() < 0.25,
        "left_amounts": rng.random() < 0.08,
        "row_gap": rng.choice([2, 3, 4, 6, 9]),
        "totals": rng.choice(_TOTALS.split()),
        "breakdown_gross": rng.random() < 0.4,
        "breakdown_total": rng.random() < 0.3,
        "totals_label": rng.choice(["l", "l", "r"]),
        "breakdown": rng.choice(["lines", "lines", "lines", "table", "plain", "row"]),
        "gross_bold": rng.random() < 0.7,
        "due_first": rng.random() < 0.06,
        "bank_place": rng.choice(["foot", "foot", "text", "box", "meta"]),
        "terms_place": rng.choice(["text", "text", "meta", "both"]),
        "due_place": rng.choice(["meta", "meta", "text", "both", "totals"]),
        "intro": rng.random() < 0.6,
        "conditions": rng.random() < 0.5,
        "notes_before": rng.random() < 0.12,
        "signature": rng.random() < 0.2,
        "buyer_vat": rng.choice(["none", "meta", "address", "meta"]),
        "carry": rng.random() < 0.35,
        "barcode": rng.random() < 0.08,
        "reference_extra": rng.random() < 0.35,
    }
