"""The narrative of a close: facts as plain sentences, reworded by a model where that proves itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from abax.errors import InvalidRequest, ModelError
from abax.ledger.model import ClosePackage, Forecast
from abax.ports import TextModel
from abax.writing.check import fault, rewording_fault
from abax.writing.client import Budget, Client
from abax.writing.facts import Fact, close_facts
from abax.writing.figures import Figures
from abax.writing.narrative import MODEL, RULES, Cited, Dropped, Narrative, Sentence
from abax.writing.outputs import Reworded
from abax.writing.reading import Number, claims, normalised

PROMPT: Final = "close.reword_fact"
BUDGET: Final = Budget(seconds=5.0, tokens=1000)
"""A close waits no longer than this for better words."""
REWORDED: Final = 5
"""How many facts, the first ones, a model is asked to reword, all at once."""


def write_narrative(
    package: ClosePackage,
    forecast: Forecast | None = None,
    model: TextModel | None = None,
    why_plain: str = "",
    budget: Budget = BUDGET,
) -> Narrative:
    """The facts of a close in sentences, every number of which is checked against the close.

    Without a ``model`` each fact's own sentence stands (``why_plain`` says why there is none); with one, its
    rewording does where it passes the check. A model that fails leaves the plain sentences, and its reason.
    """
    figures = Figures(package, forecast)
    told, dropped = _plain(close_facts(figures), figures)
    if model is None or not told:
        sentences = [_sentence(fact, fact.text, fact.cited, RULES) for fact in told]
        return Narrative(sentences=sentences, dropped=dropped, why_plain=why_plain)
    client = Client(model, budget)
    asked = client.prompt(PROMPT, f"{package.company.name} {package.year}")
    answers = client.ask_all(asked, [{"sentence": fact.text} for fact in told[:REWORDED]])
    sentences, refused = _chosen(told, answers, figures)
    return Narrative(
        sentences=sentences,
        dropped=dropped + refused,
        model=client.name_of(asked),
        prompt=asked.label,
        why_plain=_silence(answers),
        problems=_problems(answers),
        prompt_tokens=client.spent.prompt_tokens,
        completion_tokens=client.spent.completion_tokens,
        seconds=round(client.spent.seconds, 2),
    )


def _plain(facts: Sequence[Fact], figures: Figures) -> tuple[list[Fact], list[Dropped]]:
    """Facts whose own sentence passes the check, and those of which it does not."""
    told, dropped = [], []
    for fact in facts:
        if why := fault(fact.text, fact.figures, fact.whens, figures):
            dropped.append(Dropped(fact=fact.name, text=fact.text, why=why, by=RULES))
        else:
            told.append(fact)
    return told, dropped


def _chosen(
    facts: Sequence[Fact], answers: Sequence[object], figures: Figures
) -> tuple[list[Sentence], list[Dropped]]:
    """For each fact the model's sentence where there is one that may stand, else the plain one."""
    sentences, refused = [], []
    for fact, answer in zip_longest(facts, answers):
        text = " ".join(answer.sentence.split()) if isinstance(answer, Reworded) else fact.text
        why = "" if text == fact.text else rewording_fault(text, fact.text, fact.figures, figures)
        if why:
            refused.append(Dropped(fact=fact.name, text=text, why=why, by=MODEL))
        stands = text != fact.text and not why
        cited = _as_shown(text, fact) if stands else fact.cited
        sentences.append(_sentence(fact, text if stands else fact.text, cited, MODEL if stands else RULES))
    return sentences, refused


def _sentence(fact: Fact, text: str, cited: Sequence[Cited], by: str) -> Sentence:
    return Sentence(fact=fact.name, text=text, cited=list(cited), by=by)


def _as_shown(text: str, fact: Fact) -> list[Cited]:
    """The fact's figures with the characters that state them in ``text``."""
    plain = normalised(text)
    shown = [plain[claim.start : claim.end].strip() for claim in claims(text) if isinstance(claim, Number)]
    return [Cited(shown=words, figure=one.figure) for words, one in zip(shown, fact.cited, strict=True)]


def _problems(answers: Sequence[object]) -> list[str]:
    said = [
        f"{answer.code}: {' '.join(str(answer).split())}"
        for answer in answers
        if isinstance(answer, InvalidRequest | ModelError)
    ]
    return list(dict.fromkeys(said))


def _silence(answers: Sequence[object]) -> str:
    """Why the model said nothing at all, if it did not."""
    said_something = any(isinstance(answer, Reworded) for answer in answers)
    return "" if said_something else _problems(answers)[0]
