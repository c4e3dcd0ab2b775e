"""Generated mails of finance operations in seven languages, with their truth; the same for the same seed.

A mail is a subject, a greeting, what its topic says and asks, a mood, a pace, a closing and a name, each from
``phrases/<language>.toml``, its slots filled, then written more or less carefully. Phrases are dealt into
``PARTS`` parts, and a mail takes all of its phrases from one part: what was learnt from two parts is judged
by wordings that it has never seen.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

PHRASES = Path(__file__).parent / "phrases"
FEELINGS = Path(__file__).parent / "feelings.toml"
TOPICS = Path(__file__).parent / "topics.toml"
LANGUAGES = tuple(sorted(path.stem for path in PHRASES.glob("*.toml")))
PARTS = 3
FINISHED = ("automatic", "spam")
"""Topics whose phrases are whole bodies."""
_WEIGHTS = {"complaint": 1.2, "spam": 1.3, "automatic": 1.2}
_NAMES = (
    "Weber", "Martin", "García", "Rossi", "de Vries", "Kowalska", "Smith", "Novak", "Dubois", "Müller",
    "Brown", "Jansen", "Ferrari", "López", "Wiśniewski", "Keller", "Moreau", "O'Brien", "Schmidt", "Bianchi",
)  # fmt: skip
_FIRST = ("Anna", "Tom", "Julia", "Marco", "Sophie", "Piotr", "Laura", "Jan", "Eva", "Paul", "Carmen", "Luca")
_COMPANIES = (
    "Nordlicht GmbH", "Atelier Bleu SARL", "Harbour & Sons Ltd", "Officine Riva S.p.A.", "Van Dijk B.V.",
    "Talleres Sol S.L.", "Zielony Młyn sp. z o.o.", "Brightwater Inc.", "Kessler AG", "Maison Perrin SAS",
)  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia",
}
_PREFIXES = {
    "en": ("Re: ", "Fwd: ", "FW: "),
    "de": ("AW: ", "WG: "),
    "nl": ("Re: ", "FW: "),
    "pl": ("Odp: ",),
}
_PRESSING = {
    "en": "URGENT: ", "de": "DRINGEND: ", "fr": "URGENT : ", "es": "URGENTE: ", "it": "URGENTE: ",
    "nl": "DRINGEND: ", "pl": "PILNE: ",
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A generated mail and what is true of it."""

    language: str
    part: int
    subject: str
    body: str
    category: str
    sentiment: str
    urgency: str
    sentences: tuple[tuple[str, bool], ...]
    """What its sentences are, and whether each asks for something."""

    @property
    def text(self) -> str:
        """As the classifiers see a mail."""
        return f"{self.subject}\n{self.body}"

    @property
    def group(self) -> str:
        """Mails of one group may share wordings."""
        return f"generated {self.part}"


@lru_cache
def phrases_of(language: str) -> dict[str, Any]:
    """The phrases of a language, continued by those of ``feelings.toml`` and ``topics.toml``."""
    found = tomllib.loads((PHRASES / f"{language}.toml").read_text(encoding="utf-8"))
    more = tomllib.loads(FEELINGS.read_text(encoding="utf-8"))[language]
    for kind in ("mood", "pace"):
        found[kind] = {name: [*own, *more[name]] for name, own in found[kind].items()}
    for name, told in tomllib.loads(TOPICS.read_text(encoding="utf-8"))[language].items():
        found["topics"][name] |= {kind: [*found["topics"][name][kind], *told[kind]] for kind in told}
    return found


def generate(count: int, seed: int) -> Iterator[Made]:
    """So many mails, of all languages and topics."""
    rng = random.Random(seed)
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        topics = sorted(phrases_of(language)["topics"])
        category = rng.choices(topics, [_WEIGHTS.get(topic, 1.0) for topic in topics])[0]
        yield _careless(_Writer(rng, language, rng.randrange(PARTS)).mail(category), rng)


def phrases_apart() -> Iterator[tuple[str, int, str, str, str]]:
    """Phrases by themselves: language, part, kind (``mood``, ``pace``, ``says`` or ``asks``), the mood or
    pace that each shows, and its text. What complaints say shows a mood too, and is left out."""
    for language in LANGUAGES:
        phrases = phrases_of(language)
        for kind in ("mood", "pace"):
            for label, texts in phrases[kind].items():
                for at, text in enumerate(texts):
                    yield language, at % PARTS, kind, label, text
        for topic, told in phrases["topics"].items():
            for kind, label in (("says", "neutral"), ("asks", "normal")):
                if topic != "complaint":
                    for at, text in enumerate(told.get(kind, ())):
                        yield language, at % PARTS, kind, label, text


class _Writer:
    """Writes mails of one language with the phrases of one part."""

    def __init__(self, rng: random.Random, language: str, part: int) -> None:
        self._rng, self._language, self._part = rng, language, part
        self._phrases = phrases_of(language)

    def mail(self, category: str) -> Made:
        """A mail of that topic."""
        topic = self._phrases["topics"][category]
        subject = self._filled(self._one(topic["subjects"]))
        if category in FINISHED:
            return self._finished(category, subject, topic)
        rng = self._rng
        asks = rng.random() < 0.72
        sentiment = self._sentiment(category)
        urgency = rng.choices(("normal", "high", "critical", "low"), (0.52, 0.2, 0.14, 0.14))[0]
        if urgency in ("high", "critical") and rng.random() < 0.3:
            subject = _PRESSING[self._language] + subject
        sentences = self._sentences(topic, sentiment, urgency, asks=asks)
        body = self._letter([text for text, _ in sentences])
        return Made(self._language, self._part, subject, body, category, sentiment, urgency, tuple(sentences))

    def _finished(self, category: str, subject: str, topic: dict[str, Any]) -> Made:
        body = self._filled(self._one(topic["bodies"]))
        if self._rng.random() < 0.35:
            body = f"{self._filled(self._one(self._phrases['greetings']))}\n\n{body}"
        if self._rng.random() < 0.25:
            body += f"\n\n{self._person()}"
        mood = "neutral"
        pace = "low" if category == "automatic" else self._rng.choice(("low", "low", "normal"))
        return Made(self._language, self._part, subject, body, category, mood, pace, ((body, False),))

    def _sentiment(self, category: str) -> str:
        shares = {
            "complaint": (0.02, 0.13, 0.85),
            "other": (0.35, 0.6, 0.05),
            "payment": (0.15, 0.6, 0.25),
        }.get(category, (0.2, 0.5, 0.3))
        return self._rng.choices(("positive", "neutral", "negative"), shares)[0]

    def _sentences(
        self, topic: dict[str, Any], sentiment: str, urgency: str, *, asks: bool
    ) -> list[tuple[str, bool]]:
        """What is said, in an order that letters have."""
        rng, phrases = self._rng, self._phrases
        found = [(one, False) for one in self._some(topic["says"], rng.choice((0, 1, 1, 2)) if asks else 1)]
        if asks:
            found += [(one, True) for one in self._some(topic["asks"], rng.choice((1, 1, 1, 2)))]
        if sentiment != "neutral":
            moods = [(one, False) for one in self._some(phrases["mood"][sentiment], rng.choice((1, 1, 2)))]
            found = found + moods if rng.random() < 0.6 else moods + found
        if urgency != "normal":
            place = rng.randrange(len(found) + 1)
            pace = [(one, False) for one in self._some(phrases["pace"][urgency], rng.choice((1, 1, 2)))]
            found[place:place] = pace
        if rng.random() < 0.3:
            found.insert(0, (self._one(phrases["small_talk"]), False))
        if rng.random() < 0.15:
            found.append((self._one(phrases["attachments"]), False))
        return [(self._filled(text), asked) for text, asked in found]

    def _letter(self, sentences: Sequence[str]) -> str:
        rng = self._rng
        joint = rng.choice((" ", " ", "\n", "\n\n"))
        lines = [self._filled(self._one(self._phrases["greetings"])), joint.join(sentences)]
        if rng.random() < 0.85:
            lines.append(f"{self._one(self._phrases['closings'])}\n{self._person()}".strip())
        if rng.random() < 0.2:
            lines.append(rng.choice(_COMPANIES))
        return "\n\n".join(line for line in lines if line)

    def _one(self, phrases: Sequence[str]) -> str:
        """A phrase of the part."""
        own = phrases[self._part :: PARTS]
        return self._rng.choice(own or phrases)

    def _some(self, phrases: Sequence[str], count: int) -> list[str]:
        own = phrases[self._part :: PARTS]
        return self._rng.sample(own, min(count, len(own)))

    def _person(self) -> str:
        return f"{self._rng.choice(_FIRST)} {self._rng.choice(_NAMES)}"

    def _filled(self, text: str) -> str:
        """A phrase with its slots filled."""
        for name in _SLOTS:
            if f"{{{name}}}" in text:
                text = text.replace(f"{{{name}}}", getattr(self, f"_{name}")())
        return text

    def _to(self) -> str:
        return self._rng.choice(_NAMES)

    def _company(self) -> str:
        return self._rng.choice(_COMPANIES)

    def _customer(self) -> str:
        return self._rng.choice((f"C-{self._figures(5)}", self._figures(6), f"K{self._figures(4)}"))

    def _invoice(self) -> str:
        number = self._figures(self._rng.randint(4, 7))
        return self._rng.choice(("INV-", "RE-", "", "2026-", "F/2026/", "INV/2026/")) + number

    def _order(self) -> str:
        return self._rng.choice(("PO-", "45000", "SO", "B-", "")) + self._figures(5)

    def _contract(self) -> str:
        return self._rng.choice(("V-", "CT-", "")) + self._figures(5)

    def _ticket(self) -> str:
        return self._rng.choice(("#", "TCK-", "INC")) + self._figures(6)

    def _tracking(self) -> str:
        return self._rng.choice(("1Z", "JD", "00")) + self._figures(12)

    def _days(self) -> str:
        return str(self._rng.randint(5, 90))

    def _product(self) -> str:
        return self._one(self._phrases["products"])

    def _subject(self) -> str:
        """What an automatic answer answers."""
        topic = self._rng.choice(("order", "billing", "delivery", "payment"))
        return self._filled(self._one(self._phrases["topics"][topic]["subjects"]))

    def _month(self) -> str:
        return self._rng.choice(_MONTHS[self._language].split())

    def _date(self) -> str:
        rng, day, month = self._rng, self._rng.randint(1, 28), self._rng.randint(1, 12)
        named = _MONTHS[self._language].split()[month - 1]
        forms = (f"{day:02}.{month:02}.2026", f"{day}/{month}/2026", f"{day} {named}", f"{day}. {named} 2026")
        return rng.choice(forms)

    _soon = _date

    def _amount(self) -> str:
        whole, cents = self._rng.randint(20, 48000), self._rng.randint(0, 99)
        figures = f"{whole:,}.{cents:02}" if self._language == "en" else _turned(f"{whole:,}.{cents:02}")
        sign = "zł" if self._language == "pl" else self._rng.choice(("EUR", "€", "euro"))
        if self._language == "en":
            return self._rng.choice((f"£{figures}", f"${figures}", f"EUR {figures}", f"{figures} USD"))
        return f"{figures} {sign}"

    def _figures(self, count: int) -> str:
        return "".join(self._rng.choices("0123456789", k=count))


_SLOTS = (
    "subject", "to", "person", "company", "customer", "invoice", "order", "contract", "ticket", "tracking",
    "days", "product", "month", "date", "soon", "amount",
)  # fmt: skip


def _turned(figures: str) -> str:
    """``1,234.50`` as ``1.234,50``."""
    return figures.translate(str.maketrans(",.", ".,"))


def _careless(mail: Made, rng: random.Random) -> Made:
    """The mail as somebody in a hurry may have sent it."""
    subject, body = mail.subject, mail.body
    if rng.random() < 0.2:
        subject = rng.choice(_PREFIXES.get(mail.language, ("Re: ",))) + subject
    if rng.random() < 0.12 and mail.category not in FINISHED:
        subject = ""
    if rng.random() < 0.12:
        subject, body = subject.lower(), body.lower()
    if rng.random() < 0.1:
        body = _unaccented(body)
    if rng.random() < 0.2:
        body = _mistyped(body, rng)
    return replace(mail, subject=subject, body=body)


def _unaccented(text: str) -> str:
    """Without the signs that a foreign keyboard lacks."""
    plain = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    return "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))


def _mistyped(text: str, rng: random.Random) -> str:
    """With a letter in sixty left out, doubled or changed for its neighbour."""
    found = []
    for at, sign in enumerate(text):
        if sign.isalpha() and rng.random() < 1 / 60:
            sign = rng.choice(("", sign * 2, text[at - 1] if at and text[at - 1].isalpha() else sign))
        found.append(sign)
    return "".join(found)
