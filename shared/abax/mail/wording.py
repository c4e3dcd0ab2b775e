"""The words of a language that triage goes by, from ``words/<language>.toml`` and, for what is asked,
``asking/<language>.toml``: data, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from abax.documents.dates import MONTHS
from abax.documents.language import scores_of
from abax.mail.contracts import Message
from abax.mail.phrases import Phrases, Word, folded

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pl")
"""Those that there are words for. Mail in another language is read with the words of the nearest one."""


@dataclass(frozen=True, eq=False)
class Wording:
    """What is looked for in texts of one language. Labels of phrases are the names in its file."""

    language: str
    asks: Phrases[str]
    """What asks: ``request``, ``need``, ``waiting`` (something is missing), ``placing`` (an order),
    ``conditional``. What does not: ``aside`` (by itself), ``courtesy`` (nor does its sentence). What else
    tells of it: ``permission`` (may we?), ``settled`` (is it so?), ``received`` (have you got it?),
    ``possible`` (may it be?), ``back``, ``paid`` (it is, they say), ``subordinate`` (it only explains)."""
    doing: Phrases[str]
    """What one is asked to do: kinds of actions, and ``send``, ``pass``, ``do``, ``arrive``, ``change``,
    ``check`` and ``tell``, whose kind is that of what they are about."""
    objects: Phrases[str]
    """What it is about, by the kind of action that is wanted of it."""
    joining: frozenset[str]
    """``and``, ``or``."""
    articles: frozenset[str]
    """Words behind which no verb stands: ``your transfer``."""
    where: frozenset[str]
    """``when``, ``why``: words of questions that want more than yes or no."""
    whether: frozenset[str]
    questions: frozenset[str]
    """Words that questions begin with."""
    urgency: Phrases[str]
    """``critical``, ``high``, ``soon``, ``harm`` (what has failed), ``stake`` (what may come to
    harm), ``low``, ``legal``, ``stop``, ``repeated``."""
    sentiment: Phrases[str]
    """``praise``, ``positive``, ``mockable`` (praise that may be irony), ``thanks``, ``negative``,
    ``strong``, ``rebuke`` (``does anybody read this?``), ``weary``, ``polite``, ``matter`` (what is
    wrong, without feeling) and ``mishap`` (what may be)."""
    threats: Phrases[str]
    """``threat``: what makes a threat of a word like ``court``."""
    negations: frozenset[str]
    roles: Phrases[str]
    """``supplier``, ``customer``: what only those write who are ours."""
    ours: frozenset[str]
    yours: frozenset[str]
    """Words that say whose something is: the writer's, or the reader's."""
    things: Phrases[str]
    """What belongs to somebody: ``sold`` (an invoice), ``bought`` (an order)."""
    labels: Phrases[str]
    """What numbers are called, by the kind of entity."""
    number_words: frozenset[str]
    """Words between a label and its number."""
    amount_words: frozenset[str]
    currencies: Mapping[str, str]
    """Currencies in words, to ISO 4217."""
    whens: Phrases[str]
    """Relative dates; labels say how they are reckoned."""
    before: frozenset[str]
    """Words that stand before a day by which something is wanted."""
    after: Phrases[str]
    """What stands behind one."""
    origin: frozenset[str]
    """Words before the day that something is dated."""
    lasting: frozenset[str]
    """Words before the end of a span: ``valid until``."""
    units: frozenset[str]
    """What is counted: a number before it is no day."""
    months: frozenset[str]
    """Names of months in full, folded."""


@cache
def wording(language: str) -> Wording:
    """The words of a language. Raises KeyError for none of ``LANGUAGES``."""
    if language not in LANGUAGES:
        raise KeyError(language)
    content, asking = _content(language), _content(language, "asking")
    dates = content["dates"]
    return Wording(
        language=language,
        asks=_phrases(asking["asks"], _ASKS),
        doing=_phrases(asking["doing"]),
        objects=_phrases(asking["objects"]),
        joining=_set(asking["words"]["joining"]),
        articles=_set(asking["words"]["articles"]),
        where=_set(asking["words"]["where"]),
        whether=_set(asking["words"]["whether"]),
        questions=_set(asking["asks"]["question"]),
        urgency=_phrases(content["urgency"]),
        sentiment=_phrases(content["sentiment"], _FEELINGS),
        threats=_phrases(content["sentiment"], ("threat",)),
        negations=_set(content["sentiment"]["negation"]),
        roles=_phrases(content["roles"], ("supplier", "customer")),
        ours=_set(content["roles"]["ours"]),
        yours=_set(content["roles"]["yours"]),
        things=_phrases(content["roles"], ("sold", "bought")),
        labels=Phrases([*_pairs(content["labels"], _KINDS), *_pairs(numbers()["labels"])]),
        number_words=_set(content["labels"]["number"]),
        amount_words=_set(content["amounts"]["label"]),
        currencies={folded(word): code for word, code in content["amounts"]["currencies"].items()},
        whens=Phrases(dates["when"].items(), _classes(language, dates)),
        before=_set(dates["before"]),
        after=Phrases((phrase, "after") for phrase in dates["after"]),
        origin=_set(dates["origin"]),
        lasting=_set(dates["lasting"]),
        units=_set(dates["units"]),
        months=frozenset(_months(language)),
    )


_ASKS: Final = (
    *("request", "need", "placing", "waiting", "aside", "courtesy", "conditional"),
    *("permission", "settled", "received", "possible", "back", "paid", "subordinate"),
)
_FEELINGS: Final = (
    *("rebuke", "praise", "mockable", "thanks", "weary"),
    *("positive", "negative", "strong", "matter", "polite", "mishap"),
)
"""Of a phrase that has several, the first counts."""
_KINDS: Final = ("invoice", "order", "customer", "supplier", "contract", "delivery", "ticket", "tracking")


def language_of(message: Message) -> tuple[str, float]:
    """The message's language and how sure that is; of a few words the likeliest of ``LANGUAGES``."""
    if message.language:
        return message.language, 0.95
    scores = scores_of(f"{message.subject}\n{message.text}")
    ours = sorted(((scores.get(one, 0.0), one) for one in LANGUAGES), reverse=True)
    (most, first), (second, _) = ours[0], ours[1]
    return (first, 0.7 if second == 0 else 0.4 + 0.2 * (1 - second / most)) if most > 0 else ("en", 0.2)


def wording_for(language: str) -> Wording:
    """The words of a language, English ones where there are none of it."""
    return wording(language if language in LANGUAGES else "en")


@cache
def numbers() -> dict[str, Any]:
    """What numbers look like in every language: ``prefixes`` by kind, ``tracking``, ``labels``."""
    return _content("numbers")


def _content(name: str, folder: str = "words") -> dict[str, Any]:
    file = resources.files("abax.mail") / folder / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _phrases(table: Mapping[str, Iterable[str]], names: Iterable[str] | None = None) -> Phrases[str]:
    return Phrases(_pairs(table, names))


def _pairs(
    table: Mapping[str, Iterable[str]], names: Iterable[str] | None = None
) -> Iterator[tuple[str, str]]:
    for name in names or table:
        yield from ((phrase, name) for phrase in table.get(name, ()))


def _set(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in folded(phrase).split())


def _classes(language: str, dates: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    weekdays = {folded(word): day for day, names in enumerate(dates["weekdays"]) for word in names.split()}
    return {
        "weekday": weekdays,
        "month": _months(language),
        "#": {folded(word): number for word, number in dates["numbers"].items()},
    }


def _months(language: str) -> dict[str, int]:
    names = [MONTHS[key].split() for key in (language, f"{language}2") if key in MONTHS]
    return {_plain(name): place for row in names for place, name in enumerate(row, start=1)}


def _plain(month: str) -> str:
    """``maerz`` as folding leaves ``März``; the phrase matcher folds the text, not this table."""
    return month.replace("maerz", "marz").replace("jaenner", "janner")


def has_any(words: Iterable[Word], wanted: frozenset[str]) -> bool:
    """Whether one of the words is wanted."""
    return any(word.text in wanted for word in words)
