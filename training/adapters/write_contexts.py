"""What there is to write about: people, companies and invoices, from the sample ledger and made up.

Everything is drawn with the generator that is handed in, so the same seed gives the same contexts. A company
that is written to is the group of its examples.
"""

from __future__ import annotations

import random
import string
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from abax.sample.company import simulate
from abax.writing import spelling
from abax.writing.services.contracts import Channel, Level
from abax.writing.spelling import words

WORDS: Final = Path(__file__).parent / "write_words"
LEDGERS: Final = (11, 12, 13)
"""Seeds of the ledgers that invoices are taken from; none is the sample's own."""
PERMILLE: Final = 60
CENT: Final = Decimal("0.01")
_FIRST: Final = words(
    "Anneke Birgit Camille Dorota Elena Farid Greta Hugo Inès Jonas Katja Lucía Matteo Nadia Otto Paola "
    "Quentin Rosa Silvan Teresa Ulrich Valentina Wanda Xavier Yara Zofia Martijn Ewa Gonzalo Chiara Klaus "
    "Maud Bram Agnieszka Pilar Fabio Henrike Loïc Sander Magda"
)
_LAST: Final = words(
    "Albers Bergman Castellani Dąbrowska Eriksen Fournier Grabowski Hartwig Iglesias Jacobs Keulen Lambert "
    "Marchetti Nowicki Olsen Petit Quintero Rademacher Salvi Timmerman Urbina Vermeulen Wójcik Zanetti "
    "Achterberg Bonnet Cornelius Delgado Engels Fabbri Gallego Heuvel Jaworski Kessel Lorenzi Mertens"
)
_STEMS: Final = words(
    "Aldermoor Birkenau Corvina Dunmere Eschbach Falkenried Granoble Hollandse Isarwerk Jurabois Kestrelby "
    "Lindau Montaval Norderoog Ombrone Pallas Querfurt Ribera Sandholm Torrealta Ulmenhof Valdemar Westhoek "
    "Yserland Zamora Ostrava Brezno Calvados Dorsten Emilia Fuerte Gardenia Havelland Illyria Jastrow"
)
_TRADES: Final = words(
    "Logistik Metall Foods Textiles Bau Druck Elektro Verpackung Energie Pharma Transport Möbel Glas Agro "
    "Optik Keramik Services Trading Technik Papier"
)
_FORMS: Final = ("GmbH", "AG", "KG", "SARL", "SAS", "S.r.l.", "S.p.A.", "S.L.", "B.V.", "Ltd", "sp. z o.o.")
_CURRENCIES: Final = ("EUR", "EUR", "EUR", "EUR", "GBP", "USD", "CHF", "PLN", "SEK")
_IBANS: Final = {"DE": 18, "NL": 0, "FR": 23, "AT": 16, "BE": 12}
"""Countries with the digits behind the check digits."""


@cache
def words_of(language: str) -> dict[str, Any]:
    """The further wording of a language."""
    return tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Billed:
    """An invoice of the sample ledger."""

    number: str
    issued: date
    due: date
    amount: Decimal
    currency: str


@cache
def ledger() -> Mapping[str, tuple[Billed, ...]]:
    """The customers of several sample ledgers and what they were billed."""
    found: dict[str, list[Billed]] = defaultdict(list)
    for seed in LEDGERS:
        for firm in simulate(seed, PERMILLE).firms:
            for entry in firm.books.entries:
                if entry.kind != "out_invoice" or entry.state != "posted" or entry.partner is None:
                    continue
                amount = Decimal(abs(entry.control().foreign)) / 100
                if entry.due and amount > 0:
                    one = Billed(entry.name, entry.day, entry.due, amount, entry.currency)
                    found[entry.partner.name].append(one)
    return {name: tuple(bills) for name, bills in sorted(found.items())}


@dataclass
class World:
    """Draws what a text is about."""

    rng: random.Random

    # --- who

    def company(self) -> str:
        """A customer of the ledger, or a company that is made up."""
        if self.rng.random() < 0.5:
            return self.rng.choice(tuple(ledger()))
        return self.made_up()

    def made_up(self) -> str:
        """A company that is in no ledger."""
        parts = [self.rng.choice(_STEMS), self.rng.choice(_TRADES), self.rng.choice(_FORMS)]
        return " ".join(parts)

    def person(self) -> str:
        """First and last name."""
        return f"{self.rng.choice(_FIRST)} {self.rng.choice(_LAST)}"

    def sender(self, language: str) -> dict[str, str]:
        """Who writes."""
        role = self.rng.choice(words_of(language)["prose"]["roles"]) if self.rng.random() < 0.4 else ""
        found = {"name": self.person(), "company": self.made_up(), "role": role}
        if self.rng.random() < 0.3:
            found["email"] = f"{self.rng.choice(('office', 'billing', 'accounts'))}@{self._domain()}"
        return found

    def _domain(self) -> str:
        return f"{self.rng.choice(_STEMS).lower()}.example"

    # --- what

    def number(self, year: int) -> str:
        """The number of an invoice, in one of many forms."""
        digits = str(self.rng.randrange(10 ** self.rng.choice((3, 4, 5))))
        forms = (
            "RE-{y}-{d}",
            "{y}/{d}",
            "F{y}{d}",
            "INV-{d}",
            "R{d}",
            "{y}-{d}",
            "FV/{d}/{y}",
            "{d}{y}",
            "A-{d}",
        )
        return self.rng.choice(forms).format(y=year, d=digits.rjust(4, "0"))

    def amount(self, largest: int = 5) -> Decimal:
        """An amount with cents, mostly."""
        size = Decimal(self.rng.randrange(1, 10 ** self.rng.randint(3, largest)))
        return size + (Decimal(self.rng.randrange(100)) * CENT if self.rng.random() < 0.8 else 0)

    def currency(self) -> str:
        """An ISO code, mostly the euro."""
        return self.rng.choice(_CURRENCIES)

    def day(self, start: date, first: int, last: int) -> date:
        """So many days after ``start``."""
        return start + timedelta(days=self.rng.randint(first, last))

    def iban(self) -> str:
        """An account number whose check digits are right, in groups of four."""
        country, count = self.rng.choice(tuple(_IBANS.items()))
        letters = "".join(self.rng.choices(string.ascii_uppercase, k=4)) if country == "NL" else ""
        inner = letters + "".join(self.rng.choices(string.digits, k=count or 10))
        value = "".join(str(int(sign, 36)) for sign in f"{inner}{country}00")
        whole = f"{country}{98 - int(value) % 97:02d}{inner}"
        return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))

    def prose(self, language: str, kind: str, most: int, least: int = 0) -> list[str]:
        """Some of the matters of a language, in an order of their own."""
        known = words_of(language)["prose"][kind]
        return self.rng.sample(known, self.rng.randint(least, min(most, len(known))))

    def bills(self, company: str, count: int, today: date) -> list[dict[str, Any]]:
        """Overdue invoices: the ledger's, moved so that they are overdue on ``today``, or made up."""
        known = ledger().get(company, ())
        chosen = self.rng.sample(known, min(count, len(known)))
        currency = self.currency()
        found = []
        for place in range(count):
            own = chosen[place] if place < len(chosen) and self.rng.random() < 0.7 else None
            due = today - timedelta(
                days=self.rng.choice((self.rng.randint(2, 20), self.rng.randint(15, 130)))
            )
            issued = due - timedelta(
                days=(own.due - own.issued).days if own else self.rng.choice((14, 30, 45))
            )
            found.append(
                {
                    "number": own.number if own else self.number(issued.year),
                    "issued": issued if self.rng.random() < 0.6 else None,
                    "due": due,
                    "amount": own.amount if own else self.amount(),
                    "currency": own.currency if own else currency,
                }
            )
        return list({one["number"]: one for one in found}.values())


TODAY: Final = date(2026, 3, 2)


def reminder(world: World, language: str, company: str) -> dict[str, Any]:
    """A context of a reminder."""
    rng = world.rng
    today = world.day(TODAY, 0, 700)
    chat = rng.random() < 0.3
    bills = world.bills(company, rng.choices((1, 2, 3), (0.6, 0.28, 0.12))[0], today)
    found: dict[str, Any] = {
        "language": language,
        "today": today,
        "channel": Channel.WHATSAPP if chat else Channel.EMAIL,
        "long": not chat and rng.random() < 0.45,
        "sender": world.sender(language),
        "recipient": {"name": world.person() if rng.random() < 0.8 else "", "company": company},
        "invoices": bills,
        "level": rng.choice([None, None, *Level]),
    }
    last = max(one["due"] for one in bills)
    if rng.random() < 0.5:
        found["history"] = [
            {"on": world.day(last, 1, max(1, (today - last).days))} for _ in range(rng.randint(1, 2))
        ]
    if rng.random() < 0.12:
        found["promised"] = world.day(today, -20, -1)
    if rng.random() < 0.6:
        payee = {"holder": found["sender"]["company"], "iban": world.iban(), "reference": bills[0]["number"]}
        found["payee"] = {
            name: value for name, value in payee.items() if name == "iban" or rng.random() < 0.6
        }
    if rng.random() < 0.4:
        found["deadline"] = world.day(today, 4, 30)
    return found


def follow_up(world: World, language: str, company: str) -> dict[str, Any]:
    """A context of a follow-up."""
    rng = world.rng
    today = world.day(TODAY, 0, 700)
    sender, reader = world.sender(language), world.person() if rng.random() < 0.8 else ""
    names = [name for name in (sender["name"], reader) if name]
    found: dict[str, Any] = {
        "language": language,
        "today": today,
        "sender": sender,
        "recipient": {"name": reader, "company": company},
        "topic": world.prose(language, "topics", 1, 1)[0],
        "agreed": world.prose(language, "agreed", 2),
        "open_points": tasks(world, language, names, today, 2),
    }
    if rng.random() < 0.7:
        found["last_contact"] = world.day(today, -15, -1)
    if rng.random() < 0.5:
        found["quote"] = {
            "reference": f"{rng.choice(('Q', 'AN', 'OF', 'D'))}-{rng.randrange(100, 9999)}",
            "currency": "EUR",
        }
        if rng.random() < 0.8:
            found["quote"] |= {"amount": world.amount(), "currency": world.currency()}
        if rng.random() < 0.6:
            found["quote"]["valid_until"] = world.day(today, 5, 60)
    if rng.random() < 0.5:
        found["next_step"] = world.prose(language, "steps", 1, 1)[0]
    if rng.random() < 0.5:
        found["answer_by"] = world.day(today, 3, 20)
    return found


def tasks(
    world: World, language: str, names: Sequence[str], today: date, most: int, first: int = 2
) -> list[dict[str, Any]]:
    """What is to be done, some of it by somebody and by a day, from ``first`` days after today on."""
    found: list[dict[str, Any]] = []
    for text in world.prose(language, "tasks", most):
        one: dict[str, Any] = {"text": text}
        if world.rng.random() < 0.7:
            one["owner"] = world.rng.choice(names)
        if world.rng.random() < 0.7:
            one["due"] = world.day(today, first, 30)
        found.append(one)
    return found


def deal(world: World, language: str, company: str) -> dict[str, Any]:
    """A context of a deal."""
    rng = world.rng
    today = world.day(TODAY, 0, 700)
    owner = world.person()
    found: dict[str, Any] = {
        "language": language,
        "today": today,
        "name": world.prose(language, "deals", 1, 1)[0],
        "customer": company if rng.random() < 0.85 else "",
        "stage": world.prose(language, "stages", 1, 1)[0],
        "amount": world.amount(6),
        "currency": world.currency(),
        "owner": owner if rng.random() < 0.6 else "",
        "tasks": tasks(world, language, [owner, world.person()], today, 2, -6),
        "risks": world.prose(language, "risks", 1),
    }
    if rng.random() < 0.6:
        found["probability"] = rng.randrange(5, 100, 5)
    if rng.random() < 0.6:
        found["expected_close"] = world.day(today, -10, 90)
    happened = world.prose(language, "activities", 2)
    found["activities"] = [
        {"on": world.day(today, -40, -1), "text": text, "person": owner if rng.random() < 0.4 else ""}
        for text in happened
    ]
    return found


def notes(world: World, language: str, company: str) -> dict[str, Any]:
    """Notes of a meeting, in the language of their summary."""
    rng, marks = world.rng, words_of(language)["notes"]
    today = world.day(TODAY, 0, 700)
    people = [world.person().split()[0] for _ in range(rng.randint(2, 3))]
    lines = [
        rng.choice(marks["mark_decision"]).format(text=one) for one in world.prose(language, "agreed", 2, 1)
    ]
    form = rng.choice(marks["mark_action"])
    for text in world.prose(language, "tasks", 2, 1):
        due = spelling.day(world.day(today, 2, 30), language)
        small = text[0].lower() + text[1:]
        lines.append(form.format(owner=rng.choice(people), text=text, small=small, date=due))
    lines += world.prose(language, "questions", 1)
    if rng.random() < 0.3:
        rng.shuffle(lines)
    return {
        "language": language,
        "today": today,
        "title": f"{world.prose(language, 'titles', 1, 1)[0]} {company}" if rng.random() < 0.5 else "",
        "participants": list(dict.fromkeys(people)),
        "text": "\n".join(lines),
    }
