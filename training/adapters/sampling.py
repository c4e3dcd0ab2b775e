"""Pairs from what an adapter answers by itself: of several answers to a question the best and the worst.

On the questions of the training split alone, through the runtime with grammar and grounding, as it ships.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from abax.documents import answering
from abax.documents.contracts import DocumentType
from abax_runtime.engine import Engine
from abax_runtime.request import Request
from abax_runtime.sampler import Sampling

from training.adapters.evaluate import meanings
from training.adapters.examples import Example, Refused
from training.adapters.preferences import Pair

ANSWERS: Final = 4
"""Drawn to each question."""
TEMPERATURE: Final = 1.0


def asked_fields(example: Example) -> tuple[str, ...]:
    """The fields that an example of ``extract`` asks for; all where there is none."""
    first = example.seen.partition("\n")[0].partition(": ")[2]
    return tuple(filter(None, first.split(", ")))


def question(example: Example, adapter: str, sampling: Sampling) -> Request:
    """An example as the pipeline asks it."""
    return Request(
        messages=[dict(message) for message in example.messages],
        max_tokens=answering.ANSWER,
        sampling=sampling,
        schema=answering.schema(DocumentType(example.kind), asked_fields(example)),
        source=example.grounds or example.seen,
        adapter=adapter,
    )


def score(kind: str, said: str, true: str) -> float:
    """How right an answer of ``extract`` is, from 0 to 1: F1 of its values, each right where it reads as the
    same value at the same place. What is no whole answer is worth nothing."""
    type_ = DocumentType(kind)
    ours, theirs = (meanings(type_, values(text)) for text in (said, true))
    right: int = sum(ours.get(path) == value for path, value in theirs.items())
    return 2 * right / max(len(ours) + len(theirs), 1)


def values(answer: str) -> dict[str, str]:
    """Printed values by path; none where the answer was cut."""
    try:
        return answering.values_of(json.loads(answer))
    except ValueError:
        return {}


def sampled(
    ones: Iterable[Example], adapter: Path, answers: int = ANSWERS, heat: float = TEMPERATURE, seed: int = 1
) -> Iterator[Pair | Refused]:
    """A pair for each example to which the adapter has answers that are not equally good. Raises what the
    runtime does, a ``RuntimeFault``, and ValueError for examples that
    are not of extract, or not for training."""
    with Engine.open(length=4096, sequences=answers, adapters=[adapter]) as engine:
        for number, one in enumerate(ones):
            if one.split not in ("train", "valid") or one.task != "extract":
                told = f"{one.name} is an example of {one.task} in the split {one.split}"
                raise ValueError(
                    f"{told}; pairs are drawn of extract alone, and nothing is learnt from tests"
                )
            drawn = [
                Sampling(temperature=heat, top_k=0, top_p=1.0, min_p=0.0, seed=seed + number * answers + draw)
                for draw in range(answers)
            ]
            made = engine.generate_all([question(one, adapter.stem, each) for each in drawn])
            said = []
            for each in made:
                if isinstance(each, Exception):
                    raise each
                said.append(each.text)
            yield paired(one, said)


def paired(one: Example, said: Iterable[str]) -> Pair | Refused:
    """The best and the worst of some answers, of equals the first."""
    ranked = sorted(said, key=lambda text: score(one.kind, text, one.answer), reverse=True)
    best, worst = ranked[0], ranked[-1]
    if score(one.kind, best, one.answer) == score(one.kind, worst, one.answer):
        return Refused(one.name, "sampled", "all answers are equally good")
    told = {name: value for name, value in vars(one).items() if name not in ("answer", "source", "grounds")}
    return Pair(**told, chosen=best, rejected=worst, source="sampled")
