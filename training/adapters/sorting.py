"""The adapter ``triage`` on mails that were kept out, through the runtime with grammar and grounding."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from abax.documents.answering import likelihoods
from abax.mail import answering
from abax.mail.answering import Sorted
from abax.mail.evaluate import Judged, Told, figures_of, set_figures
from abax.writing.prompts import prompt
from abax_runtime.engine import Engine
from abax_runtime.request import Generation, Request
from abax_runtime.sampler import Sampling
from pydantic import ValidationError

from training.adapters import examples
from training.adapters.examples import Example

LABELS: Final = ("category", "department", "sentiment", "urgency", "wanted", "by")
"""Tasks with one answer; the others have several."""
TOGETHER: Final = 8
"""Mails that are answered at once."""
NONE: Final = "-"
"""What leaves out what was asked says: of a day, that there is none."""

BROKEN: Final = "broken"


def evaluate(test: Path, adapters: Path, adapter: str, count: int, source: str) -> dict[str, Any]:
    """Figures of the first examples of a source, of all sources where it is empty; ``adapter`` is a file's
    name in ``adapters``, or empty for the base as it is."""
    chosen = list(islice((one for one in examples.read(test) if source in ("", one.source)), count))
    files = [adapters / f"{adapter}.gguf"] if adapter else []
    begun = time.monotonic()
    with Engine.open(length=1024, sequences=TOGETHER, adapters=files) as engine:
        found = [one and one.said for one in answers(engine, chosen, adapter)]
    seconds = time.monotonic() - begun
    return {
        "mails": len(chosen),
        "answers that read": {"right": sum(one is not None for one in found), "of": len(chosen)},
        **judged(chosen, found),
        "seconds a mail": round(seconds / max(len(chosen), 1), 3),
    }


@dataclass(frozen=True)
class Answer:
    """What a model answers, and how likely it held each label, by task."""

    said: Sorted
    likely: Mapping[str, float]


def answers(engine: Engine, asked: Sequence[Example], adapter: str) -> Iterator[Answer | None]:
    """What a model answers; None where it was cut, or broke. Raises what a request may raise."""
    form = prompt(answering.PROMPT)
    for at in range(0, len(asked), TOGETHER):
        requests = [
            Request(
                messages=[dict(message) for message in one.messages],
                max_tokens=form.max_tokens,
                schema=form.schema,
                source=one.grounds,
                adapter=adapter,
                sampling=Sampling(logprobs=0),
            )
            for one in asked[at : at + TOGETHER]
        ]
        for made in engine.generate_all(requests):
            if isinstance(made, Exception):
                raise made
            yield _read(made)


def _read(made: Generation) -> Answer | None:
    try:
        said = Sorted.model_validate_json(made.text)
    except ValidationError:
        return None
    pieces = [(one.piece, one.logprob) for one in made.logprobs or ()]
    return Answer(said, likelihoods(made.text, pieces))


def judged(asked: Sequence[Example], found: Sequence[Sorted | None]) -> dict[str, Any]:
    """Accuracy and macro F1 of each task with one answer, precision, recall and F1 of the others; what a mail
    is not asked for is not judged."""
    labels: dict[str, list[Judged]] = defaultdict(list)
    sets: dict[str, list[Told]] = defaultdict(list)
    for one, answer in zip(asked, found, strict=True):
        told = answer.model_dump(mode="json", exclude_none=True) if answer else {}
        true = json.loads(one.answer)
        for task in tasks(one):
            if task in LABELS:
                said = str(told.get(task, NONE)) if answer else BROKEN
                labels[task].append(Judged(str(true.get(task, NONE)), said, 1.0))
            else:
                wanted, got = _pairs(true[task]), _pairs(told.get(task, ()))
                sets[task].append(Told(one.language, frozenset(wanted), frozenset(got)))
    return {task: _of_labels(task, rows) for task, rows in labels.items()} | {
        task: {name: figures[name] for name in ("precision", "recall", "f1")} | {"mails": figures["mails"]}
        for task, rows in sets.items()
        for figures in [set_figures(rows)]
    }


def score(asked: Example, found: Sorted | None) -> float:
    """The share of what a mail is asked for that is right; of a task with several answers its F1."""
    told = found.model_dump(mode="json", exclude_none=True) if found else {}
    true, rights = json.loads(asked.answer), []
    for task in tasks(asked):
        if task in LABELS:
            rights.append(float(found is not None and told.get(task, NONE) == true.get(task, NONE)))
        else:
            ours, theirs = set(_pairs(told.get(task, ()))), set(_pairs(true[task]))
            both = len(ours) + len(theirs)
            rights.append(2 * len(ours & theirs) / both if both else float(found is not None))
    return fmean(rights)


def tasks(asked: Example) -> list[str]:
    """What a mail is asked for."""
    return asked.seen.partition("\n")[0].split(", ")


def _of_labels(task: str, rows: Sequence[Judged]) -> dict[str, Any]:
    figures = figures_of(rows)
    accuracy = {name: figures["accuracy"][name] for name in ("right", "of")}
    return {"accuracy": accuracy} | ({} if task == "by" else {"macro_f1": figures["macro_f1"]})


def _pairs(told: Sequence[str] | Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    if isinstance(told, Mapping):
        return [(kind, text) for kind, texts in told.items() for text in texts]
    return [(kind, "") for kind in told]
