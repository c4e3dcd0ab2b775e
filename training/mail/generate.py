"""Generated mails of finance operations in seven languages, with their truth; the same for the same seed.

A mail is a subject, a greeting, what its topic says and asks, a mood, a pace, a closing and a name, each from
``phrases/<language>.toml`` and ``situations/<language>.toml``, its slots filled, then written more or less
carefully. Phrases are dealt into ``PARTS`` parts, and a mail takes all of its phrases from one part: what was
learnt from two parts is judged by wordings that it has never seen.

Labels are those of the guide in ``tests/golden/mail/README.md``: mail that only informs is of low urgency,
threats are negative and of high urgency, and what is at stake makes a day's nearness critical.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

PHRASES = Path(__file__).parent / "phrases"
FEELINGS = Path(__file__).parent / "feelings.toml"
TOPICS = Path(__file__).parent / "topics.toml"
SITUATIONS = Path(__file__).parent / "situations"
LANGUAGES = tuple(sorted(path.stem for path in PHRASES.glob("*.toml")))
PARTS = 3
FINISHED = ("automatic", "spam")
"""Topics whose phrases are whole bodies."""
_WEIGHTS = {"complaint": 1.3, "other": 1.2, "spam": 0.8, "automatic": 0.8}
_FEELING_ALONE = {"other": ("positive", "low"), "complaint": ("negative", "normal")}
"""Categories of mails that show a feeling and tell nothing else: which, and how urgent they are."""
_ALONE = 0.22
_INFORMS = 0.12
"""Share of mails that ask for nothing."""
_PACES = {"normal": 0.44, "high": 0.22, "critical": 0.18, "low": 0.16}
_NEARNESS = {"now": "critical", "days": "high", "far": "normal"}
"""How urgent it is that something is at stake, by when it is."""
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


_Sentence = tuple[str, bool | None]
Takes = Callable[[int], bool]
"""Whether a phrase is taken, by its place in its list."""


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
    sentences: tuple[_Sentence, ...]
    """What its sentences are, and whether each asks for something; None where it does without saying so, as
    what is wrong, or is in haste, often does."""

    used: tuple[str, ...] = ()
    """The phrases that it is made of, before their slots were filled."""
    slots: tuple[tuple[str, str], ...] = ()
    """What they were filled with: the slot's name and the text."""

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
    """The phrases of a language, continued by those of ``feelings.toml``, ``topics.toml`` and its
    situations."""
    found = _read(PHRASES / f"{language}.toml")
    for more in (
        _by_kind(_read(FEELINGS)[language]),
        {"topics": _read(TOPICS)[language]},
        _read(SITUATIONS / f"{language}.toml"),
    ):
        found = _continued(found, more)
    return found


def lists(language: str, file: str, topic: str, sort: str) -> list[str]:
    """The phrases of a topic that one of the files has: ``phrases``, ``topics`` or ``situations``."""
    topics = {
        "phrases": lambda: _read(PHRASES / f"{language}.toml")["topics"],
        "topics": lambda: _read(TOPICS)[language],
        "situations": lambda: _read(SITUATIONS / f"{language}.toml")["topics"],
    }[file]()
    return list(topics.get(topic, {}).get(sort, ()))


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _by_kind(feelings: dict[str, list[str]]) -> dict[str, Any]:
    """Moods and paces apart."""
    moods = {name: feelings[name] for name in ("positive", "negative")}
    return {"mood": moods, "pace": {name: own for name, own in feelings.items() if name not in moods}}


def _continued(first: Any, more: Any) -> Any:
    """Lists one behind the other, within tables of the same names."""
    if isinstance(first, list):
        return [*first, *more]
    return first | {
        name: _continued(first[name], own) if name in first else own for name, own in more.items()
    }


def generate(count: int, seed: int) -> Iterator[Made]:
    """So many mails, of all languages and topics."""
    rng = random.Random(seed)
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        topics = sorted(phrases_of(language)["topics"])
        category = rng.choices(topics, [_WEIGHTS.get(topic, 1.0) for topic in topics])[0]
        yield _careless(_Writer(rng, language, rng.randrange(PARTS)).mail(category), rng)


def dealt(count: int, seed: str, takes: Takes, part: int = PARTS) -> Iterator[Made]:
    """So many mails, of as many of each topic, of the phrases whose places in their lists are taken; ``part``
    is what these are called."""
    rng = random.Random(seed)
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        topics = sorted(phrases_of(language)["topics"])
        writer = _Writer(rng, language, part, takes)
        yield _careless(writer.mail(rng.choice(topics)), rng)


def staged(language: str, subject: str, text: str, category: str, rng: random.Random) -> Made:
    """A mail that is written whole, its slots filled, written more or less carefully; of mood and pace it
    says nothing."""
    return _careless(_Writer(rng, language, PARTS, lambda place: True).staged(subject, text, category), rng)


def with_slots(text: str, slots: Mapping[str, str]) -> str:
    """A text with these slots filled."""
    for name, filled in slots.items():
        text = text.replace(f"{{{name}}}", filled)
    return text


def phrases_apart(takes: Takes | None = None) -> Iterator[tuple[str, int, str, str, str]]:
    """Phrases by themselves, all or those taken: language, part, kind, the mood or pace that each shows, and
    its text. Kinds are ``mood``, ``pace``, ``says``, ``asks``, and ``threat``, which is a mood and a pace.
    What complaints say shows a mood too, and is left out."""
    for language in LANGUAGES:
        phrases = phrases_of(language)
        for kind in ("mood", "pace"):
            for label, texts in phrases[kind].items():
                yield from _dealt(language, kind, label, texts, takes)
        yield from _dealt(language, "threat", "negative", phrases["threat"]["all"], takes)
        yield from _composed(language, takes)
        for topic, told in phrases["topics"].items():
            for kind, label in (("says", "neutral"), ("asks", "normal")):
                if topic != "complaint":
                    yield from _dealt(language, kind, label, told.get(kind, ()), takes)


def _dealt(
    language: str, kind: str, label: str, texts: Sequence[str], takes: Takes | None
) -> Iterator[tuple[str, int, str, str, str]]:
    for at, text in enumerate(texts):
        if takes is None or takes(at):
            yield language, at % PARTS, kind, label, text


def _composed(language: str, takes: Takes | None) -> Iterator[tuple[str, int, str, str, str]]:
    """Irony, stakes and wishes, each part's own put together."""
    for part in range(PARTS):
        writer = _Writer(random.Random(part), language, part, takes)
        for _ in range(12):
            yield language, part, "mood", "negative", writer.irony()
        for nearness, pace in _NEARNESS.items():
            for text in dict.fromkeys(writer.stake(nearness) for _ in range(8)):
                yield language, part, "pace", pace, text


class _Writer:
    """Writes mails of one language with the phrases of one part, or with those whose places are taken."""

    def __init__(self, rng: random.Random, language: str, part: int, takes: Takes | None = None) -> None:
        self._rng, self._language, self._part = rng, language, part
        self._takes = takes or (lambda place: place % PARTS == part)
        self._phrases = phrases_of(language)
        self._used: list[str] = []
        self._slots: list[tuple[str, str]] = []

    def staged(self, subject: str, text: str, category: str) -> Made:
        """A mail that is written whole, with or without greeting, name and footer."""
        rng = self._rng
        subject, _, said = self._filled(f"{subject}\n{text}").partition("\n")
        body = said
        if rng.random() < 0.6 and category not in FINISHED:
            talk = [self._filled(self._one(self._phrases["small_talk"]))] if rng.random() < 0.15 else []
            body = self._letter([*talk, said])
        if rng.random() < 0.1:
            body += f"\n\n{self._filled(self._one(self._phrases['frames']['footers']))}"
        return self._made(subject, body, category, "", "", [(said, None)])

    def mail(self, category: str) -> Made:
        """A mail of that topic."""
        topic = self._phrases["topics"][category]
        subject = self._filled(self._one(topic["subjects"]))
        if category in FINISHED:
            return self._finished(category, subject, topic)
        if category in _FEELING_ALONE and self._rng.random() < _ALONE:
            return self._felt(category, subject)
        sentiment, urgency = self._feeling(category), self._pace()
        informs = self._rng.random() < _INFORMS and "informs" in topic
        threat = sentiment == "negative" and not informs and self._rng.random() < 0.14
        if informs:
            urgency = "low"
        elif threat and urgency in ("normal", "low"):
            urgency = "high"
        if urgency in ("high", "critical") and self._rng.random() < 0.3:
            subject = _PRESSING[self._language] + subject
        matter = _told(self._some(topic["informs"], 1)) if informs else self._matter(topic)
        sentences = self._sentences(matter, sentiment, urgency, threat=threat)
        body = self._sent([text for text, _ in sentences])
        return self._made(subject, body, category, sentiment, urgency, sentences)

    def irony(self) -> str:
        """Praise for what went wrong."""
        irony = self._phrases["irony"]
        return self._filled(f"{self._one(irony['mock'])} {self._one(irony['mishap'])}")

    def stake(self, nearness: str) -> str:
        """What comes to harm at a time that is near (``now``, ``days``) or ``far``; what is wished for at
        a time that is not now is as good as far."""
        stakes = self._phrases["stakes"]
        wish = nearness == "far" and self._rng.random() < 0.4
        return self._timed(stakes["wishes" if wish else "all"], nearness)

    def _timed(self, texts: Sequence[str], nearness: str) -> str:
        when = self._one(self._phrases["stakes"][nearness])
        return self._filled(self._one(texts)).replace("{when}", when)

    def _felt(self, category: str, subject: str) -> Made:
        """Praise or displeasure alone."""
        sentiment, urgency = _FEELING_ALONE[category]
        moods = self._phrases["mood"][sentiment]
        texts = [self._filled(text) for text in self._some(moods, self._rng.choice((1, 2, 3)))]
        sentences = _told(texts, None if sentiment == "negative" else False)
        body = self._sent([text for text, _ in sentences])
        return self._made(subject, body, category, sentiment, urgency, sentences)

    def _finished(self, category: str, subject: str, topic: dict[str, Any]) -> Made:
        body = self._filled(self._one(topic["bodies"]))
        if self._rng.random() < 0.35:
            body = f"{self._filled(self._one(self._phrases['greetings']))}\n\n{body}"
        if self._rng.random() < 0.25:
            body += f"\n\n{self._person()}"
        mood = "neutral"
        pace = "low" if category == "automatic" else self._rng.choice(("low", "low", "normal"))
        return self._made(subject, body, category, mood, pace, [(body, False)])

    def _made(
        self, subject: str, body: str, category: str, mood: str, pace: str, said: Sequence[_Sentence]
    ) -> Made:
        return Made(
            self._language, self._part, subject, body, category, mood, pace,
            tuple(said), tuple(self._used), tuple(self._slots),
        )  # fmt: skip

    def _feeling(self, category: str) -> str:
        shares = {
            "complaint": (0.02, 0.13, 0.85),
            "other": (0.35, 0.55, 0.1),
            "payment": (0.12, 0.56, 0.32),
        }.get(category, (0.2, 0.45, 0.35))
        return self._rng.choices(("positive", "neutral", "negative"), shares)[0]

    def _pace(self) -> str:
        return self._rng.choices(tuple(_PACES), tuple(_PACES.values()))[0]

    def _matter(self, topic: dict[str, Any]) -> list[_Sentence]:
        """What is told, and mostly what is asked."""
        rng = self._rng
        if rng.random() > 0.82:
            return _told(self._some(topic["says"], rng.choice((1, 2))), None)
        found = _told(self._some(topic["says"], rng.choice((0, 1, 1, 2))), None)
        return found + [(one, True) for one in self._some(topic["asks"], rng.choice((1, 1, 1, 2)))]

    def _sentences(
        self, matter: Sequence[_Sentence], sentiment: str, urgency: str, *, threat: bool
    ) -> list[_Sentence]:
        """What is said, in an order that letters have."""
        rng, found = self._rng, list(matter)
        moods = _told(self._moods(sentiment, threat=threat), None if sentiment == "negative" else False)
        found = found + moods if rng.random() < 0.6 else moods + found
        if not threat or urgency == "critical":
            place = rng.randrange(len(found) + 1)
            found[place:place] = _told(self._paced(urgency), None if urgency != "low" else False)
        found[:0] = _told(self._before())
        found += _told(self._behind())
        return [(self._filled(text), asked) for text, asked in found]

    def _moods(self, sentiment: str, *, threat: bool) -> list[str]:
        rng, moods = self._rng, self._phrases["mood"]
        if sentiment == "neutral":
            return self._some(moods["neutral"], 1) if rng.random() < 0.45 else []
        found = self._some(moods[sentiment], rng.choice((1, 1, 2)))
        if threat:
            return [*found[: rng.choice((0, 1))], *self._some(self._phrases["threat"]["all"], 1)]
        if sentiment == "negative" and rng.random() < 0.16:
            return [self.irony()]
        return [*found, *(self._some(moods["neutral"], 1) if rng.random() < 0.12 else ())]

    def _paced(self, urgency: str) -> list[str]:
        """What says how soon; of what can take its usual time, mostly nothing."""
        rng, pace, stakes = self._rng, self._phrases["pace"], self._phrases["stakes"]
        if urgency == "normal" and rng.random() < 0.65:
            return []
        draw = rng.random()
        if urgency == "critical" and draw < 0.55:
            return [self.stake("now")]
        if urgency == "high" and draw < 0.25:
            return [self.stake("days")]
        if urgency == "high" and draw < 0.45:
            return [self._timed(stakes["wishes"], "now")]
        if urgency == "normal" and draw < 0.5:
            return [self.stake("far")]
        return self._some(pace[urgency], rng.choice((1, 1, 2)) if urgency != "normal" else 1)

    def _before(self) -> list[str]:
        """Small talk, or the long story before the matter."""
        rng = self._rng
        if rng.random() < 0.15:
            return self._some(self._phrases["frames"]["context"], rng.choice((1, 2)))
        return [self._one(self._phrases["small_talk"])] if rng.random() < 0.25 else []

    def _behind(self) -> list[str]:
        """What is attached, or a word on something else."""
        rng, phrases = self._rng, self._phrases
        if rng.random() < 0.1:
            other = phrases["topics"][rng.choice(("billing", "payment", "order", "delivery", "account"))]
            return [f"{self._one(phrases['frames']['aside'])} {self._one(other['informs'])}"]
        return [self._one(phrases["attachments"])] if rng.random() < 0.15 else []

    def _sent(self, sentences: Sequence[str]) -> str:
        """A letter, a line without any form, or a letter that somebody passes on."""
        rng, frames = self._rng, self._phrases["frames"]
        if rng.random() < 0.14:
            return " ".join(sentences)
        letter = self._letter(sentences)
        if rng.random() < 0.12:
            letter += f"\n\n{self._filled(self._one(frames['footers']))}"
        if rng.random() < 0.06:
            letter = f"{self._one(frames['forwarded'])}\n\n{self._one(frames['header'])}\n\n{letter}"
        return letter

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
        own = self._own(phrases)
        return self._rng.choice(own or phrases)

    def _some(self, phrases: Sequence[str], count: int) -> list[str]:
        own = self._own(phrases)
        return self._rng.sample(own, min(count, len(own)))

    def _own(self, phrases: Sequence[str]) -> list[str]:
        return [text for place, text in enumerate(phrases) if self._takes(place)]

    def _person(self) -> str:
        return f"{self._rng.choice(_FIRST)} {self._rng.choice(_NAMES)}"

    def _filled(self, text: str) -> str:
        """A phrase with its slots filled."""
        self._used.append(text)
        for name in _SLOTS:
            if f"{{{name}}}" in text:
                filled = getattr(self, f"_{name}")()
                self._slots.append((name, filled))
                text = text.replace(f"{{{name}}}", filled)
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


def _told(texts: Sequence[str], asks: bool | None = False) -> list[_Sentence]:
    """Sentences, of which questions ask whatever the others do."""
    return [(text, True if text.endswith("?") else asks) for text in texts]


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
