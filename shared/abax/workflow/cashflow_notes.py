"""What free-text notes of deals say of their days: read by rules, and where those are of no use by a model.

::

    notes ──► days that are named and after today ──► one of them, said plainly ─────────► Said, by rules
                          │                            └─ several, or with an if ─┐
                          └─────────────────────────────────────────────► model picks one ──► Said, by model

Nothing is invented: a model picks among the days that stand in the notes, or that follow from words there,
and quotes what it rests on. What is picked has yet to be after its invoice (``forecast.cash``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from abax.documents.language import scores_of
from abax.errors import InvalidRequest, ModelError
from abax.forecast.deals import Deal, Practice, Said, why_not
from abax.mail.phrases import Phrases, folded, words_of
from abax.mail.reading import Sentence, sentences_of
from abax.mail.when import When, whens
from abax.mail.wording import wording_for

if TYPE_CHECKING:
    from abax.writing.client import Client

PROMPT: Final = "cashflow.predict_dates"
UNDATED: Final = 0.85
"""What is left of the trust in a day that is reckoned, where nothing says from when."""
NOTHING: Final = "none"
"""What a model picks where the notes do not say when it is paid."""
_QUOTE: Final = 400
_EVEN: Final = 0.5
"""A model that is no surer than this says nothing."""
_AGO: Final = timedelta(days=28)
"""A day that is the same whether told today or so long ago needs no day of writing."""
_SHORTEST: Final = 6
"""Letters of evidence; fewer stand in any text."""

_PAID: Final = {
    "en": "pay,pays,paying,payment*,payable,be paid,get paid,gets paid,remit*,settle,settles,wire,transfer",
    "de": "zahlt,zahle,zahlen,zahlung*,gezahlt,bezahl*,überweis*,begleich*",
    "fr": "paie*,paye*,paiement*,règle*,régl*,virement*",
    "es": "pag*,abon*,transfer*",
    "it": "pag*,bonific*,salda*,saldo",
    "nl": "betal*,betaal*,overmak*",
    "pl": "zapłac*,płat*,przele*,uregul*",
}
_INVOICED: Final = {
    "en": "invoic*,bill,bills,billed,billing",
    "de": "rechnung*,fakturier*",
    "fr": "factur*",
    "es": "factur*",
    "it": "fattur*",
    "nl": "factu*",
    "pl": "faktur*",
}
_DOUBTED: Final = {
    "en": "not,no,never,cannot,t,if,unless,maybe,perhaps,might,could,possibly,probably,hopefully,earliest,"
    "have,has,had,was,were,last,previous,or,instead of",
    "de": "nicht,kein*,nie,falls,sofern,wenn,vielleicht,eventuell,könnte*,hoffentlich,vermutlich,frühestens,"
    "hat,haben,hatte*,wurde*,letzte*,oder,statt",
    "fr": "pas,jamais,si,peut,pourrai*,espère*,probablement,ont,avons,avait,dernière,ou,au lieu",
    "es": "no,nunca,si,quizá*,podría*,ojalá,probablemente,ha,han,hemos,última,o,en lugar",
    "it": "non,mai,se,forse,potrebbe*,probabilmente,ha,hanno,abbiamo,ultima,o,invece",
    "nl": "niet,geen,nooit,als,indien,misschien,mogelijk,waarschijnlijk,hopelijk,heeft,hebben,vorige,of",
    "pl": "nie,nigdy,jeśli,jeżeli,może,mogą,prawdopodobnie,zapłacił*,ostatni*,albo,lub",
}
"""Words by language, commas between: what is paid, what is invoiced, and what makes neither sure."""


@dataclass(frozen=True)
class Named:
    """A day that notes name."""

    day: date
    role: str
    """``paid``, ``invoiced``, or empty where no word says which."""
    plain: bool
    """Neither denied nor conditional, and no matter of the past."""
    undated: bool
    """Reckoned from today, for want of the day of writing."""
    text: str
    """The words for the day."""
    quote: str
    """Its sentence."""


@dataclass(frozen=True)
class Unread:
    """Notes that name days, none of them plainly that of payment."""

    deal: Deal
    days: tuple[Named, ...]


def read(deal: Deal, practice: Practice, today: date) -> Said | Unread | None:
    """What the notes of a deal say plainly; the days that they name where it takes more than rules to say
    which is meant; None where they name none that is to come."""
    named = tuple(one for one in days_in(deal, today) if not why_not(one.day, today))
    paid, invoiced = (_plainly(named, role) for role in ("paid", "invoiced"))
    if paid is None and invoiced is None:
        return Unread(deal, named) if named else None
    first = paid or invoiced
    assert first is not None
    undated = any(one is not None and one.undated for one in (paid, invoiced))
    warning = "its notes name a day that is reckoned from today: nothing says when they were written"
    return Said(
        by="notes",
        invoiced=invoiced.day if invoiced else None,
        paid=paid.day if paid else None,
        trust=practice.trust * (UNDATED if undated else 1.0),
        quote=first.quote,
        warnings=(warning,) if undated else (),
    )


def _plainly(named: Sequence[Named], role: str) -> Named | None:
    """The day of that role: none where several are named, or where any is in doubt."""
    ones = [one for one in named if one.role == role]
    sure = all(one.plain for one in ones) and len({one.day for one in ones}) == 1
    return ones[-1] if sure else None


# --- by rules -------------------------------------------------------------------------------------------


def days_in(deal: Deal, today: date) -> list[Named]:
    """Every day that its notes name, in order, in the likeliest language in which they name any."""
    for language in _languages(deal.notes):
        if found := list(_days(deal, today, language)):
            return found
    return []


def _days(deal: Deal, today: date, language: str) -> Iterator[Named]:
    """A sentence that begins with a day that is over is dated so, and those behind it with it."""
    wording, written = wording_for(language), deal.notes_on
    for place, text in enumerate(sentences_of(deal.notes), 1):
        sentence = Sentence(text, place)
        found = whens(sentence, written or today, wording)
        if found and _dates(found[0], text, today):
            written = found[0].value
            found = whens(sentence, written, wording)[1:]
        before = {one.start: one.value for one in whens(sentence, today - _AGO, wording)}
        ends = [0, *(one.end for one in found)]
        for one, end in zip(found, ends, strict=False):
            role = _role(sentence, (end, one), one is found[-1], language)
            undated = written is None and before.get(one.start) != one.value
            plain = not _is_doubted(sentence, language)
            yield Named(one.value, role, plain, undated, one.text, text[:_QUOTE])


def _dates(one: When, text: str, today: date) -> bool:
    """Whether a day dates its sentence: ``2026-11-02: called, …``."""
    return one.start <= 1 and one.value <= today and text[one.end :].lstrip()[:1] in (":", "-", "–", ",")


def _languages(text: str) -> list[str]:
    """The languages that notes may be in: those whose words for paying or invoicing they have first, and of
    them the likeliest."""
    words, scores = words_of(text), scores_of(text)
    hits = {one: sum(1 for _ in _roles(one).find(words)) for one in _PAID}
    return sorted(_PAID, key=lambda one: (hits[one] > 0, scores.get(one, 0.0), hits[one]), reverse=True)


def _role(sentence: Sentence, place: tuple[int, When], is_last: bool, language: str) -> str:
    """What a day is of, by the words between the day before it and itself, or behind the last one."""
    start, one = place
    before = [word for word in sentence.words if start <= word.start and word.end <= one.start]
    behind = [word for word in sentence.words if word.start >= one.end] if is_last else []
    for words in (before, behind):
        labels = {hit.label for hit in _roles(language).find(words)}
        for role in ("paid", "invoiced"):  # what is paid is an invoice, too
            if role in labels:
                return role
    return ""


def _is_doubted(sentence: Sentence, language: str) -> bool:
    """Whether a sentence denies, asks, sets a condition, or tells of the past."""
    return sentence.is_question or next(_doubts(language).find(sentence.words), None) is not None


@cache
def _roles(language: str) -> Phrases[str]:
    tables = {"paid": _PAID, "invoiced": _INVOICED}
    return Phrases([(word, role) for role, words in tables.items() for word in words[language].split(",")])


@cache
def _doubts(language: str) -> Phrases[str]:
    return Phrases([(word, "doubt") for word in _DOUBTED[language].split(",")])


# --- by a model -----------------------------------------------------------------------------------------


def ask(
    unread: Sequence[Unread], practice: Practice, today: date, client: Client
) -> Mapping[str, Said | str]:
    """What a model makes of notes, by the deal's id: all asked together. A text says why its answer does not
    count."""
    if not unread:
        return {}
    prompt = client.prompt(PROMPT, unread[0].deal.id)
    answers = client.ask_all(prompt, [_variables(one, today) for one in unread])
    found: dict[str, Said | str] = {}
    for one, answer in zip(unread, answers, strict=True):
        if isinstance(answer, InvalidRequest | ModelError):
            found[one.deal.id] = str(answer)
            continue
        found[one.deal.id] = judged = _judged(answer, one, practice, client.name_of(prompt))
        if isinstance(judged, str):
            client.refuse(prompt)
    return found


def _variables(one: Unread, today: date) -> dict[str, Any]:
    days = {named.day: named.text for named in one.days}
    shown = [f"{day.isoformat()}: {text}" for day, text in sorted(days.items())]
    nothing = f"{NOTHING}: the notes do not say when it is paid"
    return {"today": today, "days": [*shown, nothing], "notes": one.deal.notes}


def _judged(answer: Any, one: Unread, practice: Practice, model: str) -> Said | str:
    """The answer if it rests on the notes, else why it does not."""
    if answer.expected_on == NOTHING:
        return "the model finds no day of payment in them"
    named = [known for known in one.days if known.day.isoformat() == answer.expected_on]
    if not named:
        return f"the model names {answer.expected_on}, which they do not"
    shown = next((known for known in named if _shows(answer.evidence, known)), None)
    if shown is None:
        return f"the model picks {answer.expected_on}, and quotes no words of theirs that show it"
    if answer.confidence <= _EVEN:
        return f"the model picks {answer.expected_on}, and is only {answer.confidence:.0%} sure"
    return Said(
        by="model",
        paid=shown.day,
        trust=min(practice.trust * (UNDATED if shown.undated else 1.0), answer.confidence),
        quote=answer.evidence,
        model=model,
    )


def _shows(evidence: str, named: Named) -> bool:
    """Whether words are of the sentence that names a day, and enough to be told from any others."""
    quoted, sentence = (" ".join(folded(text).split()) for text in (evidence, named.quote))
    return sum(letter.isalnum() for letter in quoted) >= _SHORTEST and quoted in sentence
