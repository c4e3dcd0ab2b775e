"""An adapter on what was kept out, through the runtime with grammar and grounding: exact match by field."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from abax.documents import answering, lexicon
from abax.documents.contracts import DocumentType, fields_of
from abax_runtime.engine import Engine
from abax_runtime.request import Request
from abax_runtime.sampler import Sampling

from training.adapters import examples
from training.adapters.examples import Example


@dataclass
class Tally:
    """Counts by field, places left out."""

    true: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, kind: DocumentType, found: Mapping[str, str], true: Mapping[str, str]) -> None:
        """One document. A value is right if it reads as the same value at the same place."""
        ours, theirs = meanings(kind, found), meanings(kind, true)
        for path in theirs:
            self.true[answering.bare(path)] += 1
            self.right[answering.bare(path)] += ours.get(path) == theirs[path]
        for path in ours:
            self.found[answering.bare(path)] += 1

    def figures(self) -> dict[str, Any]:
        """Exact match by field, and of all values precision, recall and F1."""
        right, found, true = (sum(one.values()) for one in (self.right, self.found, self.true))
        return {
            "fields": {
                name: {"right": self.right[name], "of": count, "found": self.found[name]}
                for name, count in sorted(self.true.items())
            },
            "precision": round(right / max(found, 1), 4),
            "recall": round(right / max(true, 1), 4),
            "f1": round(2 * right / max(found + true, 1), 4),
        }


def meanings(kind: DocumentType, values: Mapping[str, str]) -> dict[str, Any]:
    """Path to what a printed value means: an amount, a date, or letters and digits alone."""
    typed = fields_of(answering.typed(kind, values))
    plain = {path: lexicon.plain(text) for path, text in values.items()}
    return plain | {
        path: value for path, value in typed.items() if not isinstance(value, str) and path in plain
    }


def evaluate(
    test: Path, adapters: Path, adapter: str, count: int, source: str, model: Path | None = None
) -> dict[str, Any]:
    """Figures of the first examples of a source; ``adapter`` is a file's name in ``adapters``, or empty for
    the base as it is, which is ``model`` or the default one."""
    chosen = list(islice((one for one in examples.read(test) if one.source == source), count))
    tally, seconds, finishes, tokens = Tally(), [], Counter[str](), 0
    files = [adapters / f"{adapter}.gguf"] if adapter else []
    with Engine.open(model, length=4096, sequences=1, adapters=files) as engine:
        for one in chosen:
            begun = time.monotonic()
            made = engine.generate_all([question(one, adapter, Sampling())])[0]
            if isinstance(made, Exception):
                raise made
            seconds.append(time.monotonic() - begun)
            finishes[made.finish] += 1
            tokens += made.completion_tokens
            tally.add(DocumentType(one.kind), values(made.text), values(one.answer))
    return {
        "source": source,
        "documents": len(chosen),
        **tally.figures(),
        "finished": dict(finishes),
        "tokens": tokens,
        "seconds_median": round(median(seconds), 3) if seconds else None,
    }


def question(example: Example, adapter: str, sampling: Sampling) -> Request:
    """An example as the pipeline asks it."""
    first = example.seen.partition("\n")[0].partition(": ")[2]
    return Request(
        messages=[dict(message) for message in example.messages],
        max_tokens=answering.ANSWER,
        sampling=sampling,
        schema=answering.schema(DocumentType(example.kind), tuple(filter(None, first.split(", ")))),
        source=example.grounds or example.seen,
        adapter=adapter,
    )


def values(answer: str) -> dict[str, str]:
    """Printed values by path; none where the answer was cut."""
    try:
        return answering.values_of(json.loads(answer))
    except ValueError:
        return {}


def score(kind: str, said: str, true: str) -> float:
    """How right an answer is, from 0 to 1: F1 of its values, each right where it reads as the same value at
    the same place. What is no whole answer is worth nothing, unless nothing was to be said."""
    type_ = DocumentType(kind)
    ours, theirs = (meanings(type_, values(text)) for text in (said, true))
    right: int = sum(ours.get(path) == value for path, value in theirs.items())
    return 2 * right / (len(ours) + len(theirs)) if ours or theirs else 1.0
