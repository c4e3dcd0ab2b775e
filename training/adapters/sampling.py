"""Pairs from what an adapter answers by itself: of several answers to a question the best and the worst.

On the questions of the training split alone, through the runtime with grammar and grounding, as it ships.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from abax_runtime.engine import Engine
from abax_runtime.sampler import Sampling

from training.adapters.evaluate import question, score
from training.adapters.examples import Example, Refused
from training.adapters.preferences import Pair

ANSWERS: Final = 4
"""Drawn to each question."""
TEMPERATURE: Final = 1.0


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
