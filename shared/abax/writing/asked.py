"""A question taken apart: which lines, which periods, what about them, and which words nobody understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from abax.dates import Granularity
from abax.writing.figures import Figures
from abax.writing.lexicon import Lexicon, Line, Words, words_in
from abax.writing.reading import MONTH_NAMES, When, whens, word_set

FILLERS: Final = word_set(
    "what whats was were is are the a an of in on at for our ours my their its this company companys "
    "how much did do does we have had has us show me give tell please can could you and to by from "
    "during stand stood come came be amount amounts figure figures value number total balance level i "
    "know want like would eur euro euros in as end reported recorded made make earn earned close closed "
    "closing books year years fiscal fy period then there between which"
)
CHANGE: Final = word_set(
    "change changed changes grow grew grown growth increase increased increases decrease decreased "
    "decline declined fall fell fallen rise rose risen develop developed development evolve evolved "
    "difference compare compared comparison versus vs than more less higher lower against move moved"
)
SHARE: Final = word_set("share percentage percent proportion part")
MOST: Final = word_set("most largest biggest highest greatest")
AHEAD: Final = word_set(
    "forecast forecasts forecasted expect expected expects outlook will predicted prediction"
)
CAUSE: Final = word_set("why because reason reasons cause causes caused should recommend advice explain")

_MOST_OF: Final[tuple[tuple[str, str], ...]] = (
    (r"who owes (?:us )?(?:the )?MOST|MOST debtors?|MOST open receivables?", "aged_receivables"),
    (r"(?:whom?|who) do we owe (?:the )?MOST|MOST creditors?|MOST open payables?", "aged_payables"),
    (r"MOST (?:expenses?|costs?)(?: accounts?)?|MOST accounts? of expenses?", "expenses"),
)
_RELATIVE: Final[tuple[tuple[str, str], ...]] = (
    (
        r"(?:last|previous|prior|preceding) (?:fiscal |financial )?year|(?:the )?year before|"
        r"a year (?:ago|earlier)",
        "before",
    ),
    (
        r"(?:this|current|latest|closed) (?:fiscal |financial )?year|year to date|so far|to date|"
        r"now|currently|today",
        "this",
    ),
    (r"next (?:fiscal |financial )?year|(?:next|coming) (?:12|twelve) months", "next"),
    (r"(?:last|latest) month", "month"),
    (r"(?:last|latest) quarter", "quarter"),
)
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}


@dataclass
class Asked:
    """What a question asks for."""

    lines: list[list[Line]] = field(default_factory=list)
    """Each with all that its name may mean."""
    periods: list[str] = field(default_factory=list)
    """Labels in the order named; ``next`` for the year ahead. Empty: the closed year."""
    intents: set[str] = field(default_factory=set)
    """Among change, share, ahead, cause, many, and ``most:…``."""
    strange: list[str] = field(default_factory=list)
    """Words that mean nothing here."""


def taken_apart(question: str, figures: Figures, lexicon: Lexicon) -> Asked:
    """The parts of a question. Names in the books go before dates, these before what is said of them."""
    asked, text = Asked(), f" {' '.join(question.split())} "
    text = _without_name(text, figures.package.company.name, lexicon)
    text = _dates(text, asked, figures)
    words = words_in(text)
    text = _phrases(f" {' '.join(words)} ", asked, figures, lexicon)
    _sort_words(words_in(text), asked)
    return asked


def _without_name(text: str, company: str, lexicon: Lexicon) -> str:
    """The company may be named, in full or by the beginning of its name; nobody else may be."""
    parts = company.split()
    for name in (" ".join(parts[:count]) for count in range(len(parts), 0, -1)):
        if not lexicon.at(words_in(name), 0)[0]:  # a company may be called Cash & Carry
            text = re.sub(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


def _dates(text: str, asked: Asked, figures: Figures) -> str:
    """Dates written out, unless they are codes of accounts: taken out of the text, in the order named. In
    lower case no abbreviation looks like a currency."""
    codes = {row.code for balance in figures.package.trial_balances for row in balance.rows}
    found: list[When] = sorted(whens(text.lower()), key=lambda when: when.start)
    for when in found:
        if text[when.start : when.end] not in codes - set(figures.years):
            asked.periods.append(when.label)
            text = text[: when.start] + " " * (when.end - when.start) + text[when.end :]
    return text


def _phrases(text: str, asked: Asked, figures: Figures, lexicon: Lexicon) -> str:
    text = _superlatives(text, asked)
    text = _names(tuple(text.split()), asked, lexicon)
    text = _relative(text, asked, figures)
    return _parts_of_year(text, asked, figures)


def _superlatives(text: str, asked: Asked) -> str:
    most = f"(?:{'|'.join(sorted(MOST))})"
    for pattern, of in _MOST_OF:
        text, count = re.subn(rf" (?:{pattern.replace('MOST', most)})(?= )", " ", text)
        if count:
            asked.intents.add(f"most:{of}")
    return text


def _names(words: Words, asked: Asked, lexicon: Lexicon) -> str:
    """Lines and partners, longest names first; what is left of the text."""
    rest: list[str] = []
    place = 0
    while place < len(words):
        length, lines = lexicon.at(words, place)
        if not length or (length == 1 and words[place] in FILLERS | CHANGE | MOST):
            rest.append(words[place])
            place += 1
            continue
        if lines not in asked.lines:
            asked.lines.append(lines)
        place += length
    return f" {' '.join(rest)} "


def _relative(text: str, asked: Asked, figures: Figures) -> str:
    year = figures.package.year
    labels = {
        "this": str(year),
        "before": str(year - 1),
        "next": "next",
        "month": (figures.labels(Granularity.MONTH) or [""])[-1],
        "quarter": (figures.labels(Granularity.QUARTER) or [""])[-1],
    }
    for pattern, meaning in _RELATIVE:
        for match in re.finditer(rf" (?:{pattern})(?= )", text):
            if labels[meaning] not in asked.periods:
                asked.periods.append(labels[meaning])
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text


def _parts_of_year(text: str, asked: Asked, figures: Figures) -> str:
    """Months and quarters without a year are those of the year named, else of the closed one."""
    years = [label for label in asked.periods if label.isdigit()]
    year = years[0] if len(years) == 1 else str(figures.package.year)
    months = "|".join(MONTH_NAMES)
    pattern = rf" (?:(?P<month>{months})|q(?P<quarter>[1-4])|(?P<nth>{'|'.join(_ORDINALS)}) quarter)(?= )"
    found = []
    for match in re.finditer(pattern, text):
        if match["month"]:
            found.append(_month_label(figures, year, MONTH_NAMES.index(match["month"]) + 1))
        else:
            found.append(f"{year}-Q{match['quarter'] or _ORDINALS[match['nth']]}")
    if found:
        asked.periods = [label for label in asked.periods if label != year] + found
    return re.sub(pattern, " ", text)


def _month_label(figures: Figures, year: str, number: int) -> str:
    """The month of that name in a fiscal year, which may end in another month than December."""
    columns = figures.package.statement("income_statement", "month").periods
    known = [c.label for c in columns if str(c.fiscal_year) == year and c.label.endswith(f"-{number:02d}")]
    return known[0] if known else f"{year}-{number:02d}"


def _sort_words(words: Iterable[str], asked: Asked) -> None:
    words = list(words)
    if any(pair == ("how", "many") for pair in pairwise(words)):
        asked.intents.add("many")
    for word in words:
        meant = next((name for name, known in _INTENTS.items() if word in known), "")
        if meant:
            asked.intents.add(meant)
        elif word not in FILLERS and not (word in ("many", "days", "times") and asked.lines):
            asked.strange.append(word)


_INTENTS: Final = {"change": CHANGE, "share": SHARE, "ahead": AHEAD, "cause": CAUSE}
