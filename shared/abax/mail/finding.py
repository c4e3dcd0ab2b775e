"""What a language model says of a message: within the taxonomy, and resting on one of its sentences.

The model sees the message fenced as data, with personal data masked where that is set. What it says of a
category that there is none of, or with words that the message does not have, is no answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from abax.errors import InvalidRequest, ModelError
from abax.mail import privacy
from abax.mail.contracts import Sentiment, Urgency
from abax.mail.phrases import folded
from abax.mail.reading import Reading, Sentence

if TYPE_CHECKING:
    from abax.mail.desk import Desk

logger = logging.getLogger("abax.mail")

PROMPT: Final = "mail.triage"
_SHORTEST: Final = 6
"""Letters of evidence; fewer stand in any text."""


@dataclass(frozen=True)
class Finding:
    """A model's answer that may stand."""

    category: str
    sentiment: Sentiment
    urgency: Urgency
    wanted: bool
    sentence: Sentence
    """The sentence that it rests on."""
    prompt: str
    model: str


def model_of(desk: Desk) -> str:
    """The name of the model that is asked; empty where none is."""
    if desk.client is None:
        return ""
    return desk.client.name_of(desk.client.prompt(PROMPT, ""))


def findings(readings: Sequence[Reading], desk: Desk) -> list[Finding | None]:
    """The model's answers, asked together; None where it has none that may stand."""
    client = desk.client
    if client is None or not readings:
        return [None] * len(readings)
    prompt = client.prompt(PROMPT, readings[0].message.message_id)
    model = client.name_of(prompt)
    shown = [shown_of(reading, desk) for reading in readings]
    categories = [f"{one.name}: {one.description}" for one in desk.taxonomy.categories]
    answers = client.ask_all(prompt, [{"categories": categories, "mail": text} for text in shown])
    found: list[Finding | None] = []
    for reading, answer in zip(readings, answers, strict=True):
        if isinstance(answer, InvalidRequest | ModelError):
            logger.info("no answer for a message: %s", answer)
            found.append(None)
        else:
            found.append(_grounded(answer, reading, desk, prompt.label, model))
    return found


def shown_of(reading: Reading, desk: Desk) -> str:
    """What a model sees of a message."""
    text = f"Subject: {reading.message.subject}\n{reading.message.text}"[: desk.policy.quoted]
    return privacy.masked(text) if desk.mask else text


def _grounded(answer: Any, reading: Reading, desk: Desk, prompt: str, model: str) -> Finding | None:
    sentence = sentence_with(answer.evidence, reading, masked=desk.mask)
    if sentence is None or answer.category not in desk.taxonomy.names:
        return None
    return Finding(
        category=answer.category,
        sentiment=Sentiment(answer.sentiment),
        urgency=Urgency(answer.urgency),
        wanted=bool(answer.wants_action),
        sentence=sentence,
        prompt=prompt,
        model=model,
    )


def sentence_with(evidence: str, reading: Reading, *, masked: bool) -> Sentence | None:
    """The sentence that evidence is a part of, or that is a part of it; None where it is no one's."""
    sought = " ".join(folded(evidence).split()).removeprefix("subject: ")
    if len(sought) < _SHORTEST:
        return None
    for sentence in (*reading.body, reading.sentences[0]):
        text = privacy.masked(sentence.text) if masked else sentence.text
        plain = " ".join(folded(text).split())
        if plain and (sought in plain or (len(plain) >= _SHORTEST and plain in sought)):
            return sentence
    return None
