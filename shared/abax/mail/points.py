"""What of a message a person should read, and what to do next: its own sentences, and what the books say."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from abax.mail.asks import is_courtesy
from abax.mail.contracts import Action, Asked, Claim, Reason
from abax.mail.entities import Named
from abax.mail.known import Known
from abax.mail.reading import Reading, Sentence
from abax.mail.whys import why_in
from abax.mail.wording import LANGUAGES, Wording
from abax.writing import spelling

MOST: Final = 4
LONGEST: Final = 280
_ASKS: Final = 3.0
_REASON: Final = 1.5
_ENTITY: Final = 0.8
_MOST_ENTITIES: Final = 3
_LEAST: Final = 0.8
_FEWEST_WORDS: Final = 3


class Alarm(NamedTuple):
    """What must be done before anything that is asked: the end of its name in the texts, and its sentence."""

    name: str
    evidence: str


def key_points(
    reading: Reading, wording: Wording, wants: Asked, names: Named, reasons: Sequence[Reason]
) -> tuple[Claim[str], ...]:
    """At most four sentences that carry what is asked, numbers, amounts, days and reasons, in their order; of
    a message that carries none its first sentence that says something."""
    scored = [
        (_score(sentence, wants, names, reasons), sentence)
        for sentence in reading.body
        if len(sentence.words) >= _FEWEST_WORDS and not is_courtesy(sentence, wording)
    ]
    best = sorted(scored, key=lambda one: (-one[0], one[1].place))[:MOST]
    kept = [one for one in best if one[0] >= _LEAST] or best[:1]
    if not kept and reading.sentences[0].text:
        kept = [(_LEAST, reading.sentences[0])]
    return tuple(_point(score, sentence) for score, sentence in sorted(kept, key=lambda one: one[1].place))


def _score(sentence: Sentence, wants: Asked, names: Named, reasons: Sequence[Reason]) -> float:
    evidence = sentence.evidence
    asks = max((action.confidence for action in wants.actions if action.evidence == evidence), default=0.0)
    entities = sum(entity.evidence == evidence for entity in names.entities)
    bears = any(reason.evidence == evidence for reason in reasons)
    return _ASKS * asks + _ENTITY * min(entities, _MOST_ENTITIES) + _REASON * bears - 0.02 * sentence.place


def _point(score: float, sentence: Sentence) -> Claim[str]:
    text = sentence.text if len(sentence.text) <= LONGEST else f"{sentence.text[: LONGEST - 1]}…"
    confidence = round(min(0.95, 0.4 + 0.1 * max(0.0, score)), 4)
    return Claim(value=text, confidence=confidence, evidence=sentence.evidence, method="words")


def next_step(
    category: str,
    wants: Asked,
    names: Named,
    known: Known,
    why_person: Collection[str],
    language: str,
    confidence: float,
    alarm: Alarm | None = None,
) -> Claim[str]:
    """What to do next, in the language of whoever reads it; English where there are no words of it. An
    ``alarm`` goes before what is asked."""
    texts = _texts(language)
    action = _first(wants.actions)
    if category in ("automatic", "spam") and not why_person:
        return Claim(value=texts[category], confidence=confidence, method="words")
    if alarm is not None:
        said, evidence, sure = texts[f"grave_{alarm.name}"], alarm.evidence, 1.0
    elif action is None:
        said, evidence, sure = texts["nothing"], "", wants.wanted.confidence
    else:
        said, evidence, sure = texts[action.kind], action.evidence, action.confidence
    parts = [said, *_due(action, texts), *_of_books(names, known, language)]
    if why_person:
        whys = "; ".join(why_in(why, language) for why in why_person)
        parts.insert(0, texts["person"].format(why=whys))
    books = any(entity.known is not None for entity in names.of("invoice"))
    return Claim(
        value=" ".join(parts),
        confidence=1.0 if alarm is not None else round(min(sure, confidence), 4),
        evidence=evidence,
        method="ledger" if books else "words",
    )


def _first(actions: Sequence[Action]) -> Action | None:
    """The action that is wanted soonest, else the surest."""
    return min(actions, key=lambda one: (one.due or date.max, -one.confidence), default=None)


def _due(action: Action | None, texts: dict[str, str]) -> list[str]:
    return [texts["due"].format(date=_day(action.due))] if action and action.due else []


def _of_books(names: Named, known: Known, language: str) -> list[str]:
    """What the books say of the first invoices that are named."""
    lines, texts = [], _texts(language)
    for entity in names.of("invoice")[:3]:
        if entity.known is False and entity.confidence >= 0.8:
            lines.append(texts["unknown"].format(number=entity.value))
        elif entity.known:
            lines += _of_item(entity.value, known, texts, language)
    return lines


def _of_item(number: str, known: Known, texts: dict[str, str], language: str) -> list[str]:
    items = known.open_items(number)
    if items:
        item = items[0]
        amount = _amount(item.residual, item.currency, language)
        due = item.due_date or item.posting_date
        return [texts["open"].format(number=number, amount=amount, date=_day(due))]
    if paid := known.payments(number):
        return [texts["paid"].format(number=number, date=_day(max(one.paid_on for one in paid)))]
    settled = known.settled(number)
    return [
        texts["settled"].format(number=number, date=_day(done))
        for done in sorted(one.settled_on for one in settled)[-1:]
    ]


def _amount(residual: Decimal, currency: str, language: str) -> str:
    """``1,250.00 EUR``, or with the marks of the language."""
    size = abs(residual).quantize(Decimal("0.01"))
    if language in LANGUAGES and language != "en":
        return spelling.amount(size, currency, language)
    return f"{size:,f} {currency}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _texts(language: str) -> dict[str, str]:
    table = _table()
    return table.get(language, table["en"])


@cache
def _table() -> dict[str, dict[str, str]]:
    file = resources.files("abax.mail") / "next_steps.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
