"""What an adapter gets right of what was kept out, one by one, so that the guard of ``abax.learning`` can
compare two in pairs.

======= ========================================================================================
adapter score of one, from 0 to 1
======= ========================================================================================
extract F1 of a document's values, each right where it reads as the same value at the same place
triage  share of what a mail is asked for; of tasks with several answers, their F1
write   1 for a draft that is taken at the first try and states nothing of its own
======= ========================================================================================
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from abax.learning.registry import digest_of
from abax.learning.results import Results, Unit
from abax_runtime.engine import Engine
from abax_runtime.sampler import Sampling

from training.adapters import evaluate, examples, sorting, write_evaluate
from training.adapters.examples import Example
from training.adapters.write_teacher import ADAPTER

TOGETHER: Final = 4
"""Questions at once."""
DRAFTS: Final = 100
"""Of ``write``, where no count is given."""


def judged(name: str, test: Path, adapter: Path | None, count: int | None = None) -> list[Results]:
    """Of an adapter's file, None for the base as it is: by source of ``test``, the first ``count`` of each.

    Raises what the runtime does, a ``RuntimeFault``, and InvalidRequest for a file that is no adapter.
    """
    if name == "write":
        return list(_drafted(test, adapter, count or DRAFTS))
    found: dict[str, list[Example]] = defaultdict(list)
    for one in examples.read(test):
        if count is None or len(found[one.source]) < count:
            found[one.source].append(one)
    scores = sorted_ if name == "triage" else extracted
    return [
        _results(f"{name}/{source}", ones, scores(ones, adapter), adapter) for source, ones in found.items()
    ]


def receipts(ones: Sequence[Example], adapter: Path | None) -> Results:
    """Of some examples of ``extract``, whatever their source."""
    return _results("receipts", ones, extracted(ones, adapter), adapter)


def extracted(ones: Sequence[Example], adapter: Path | None) -> Iterator[float]:
    """Greedy, with grammar and grounding."""
    with Engine.open(length=4096, sequences=TOGETHER, adapters=_files(adapter)) as engine:
        for at in range(0, len(ones), TOGETHER):
            part = ones[at : at + TOGETHER]
            asked = [evaluate.question(one, _name(adapter), Sampling()) for one in part]
            for one, made in zip(part, engine.generate_all(asked), strict=True):
                if isinstance(made, Exception):
                    raise made
                yield evaluate.score(one.kind, made.text, one.answer)


def sorted_(ones: Sequence[Example], adapter: Path | None) -> Iterator[float]:
    """Greedy, with grammar and grounding."""
    with Engine.open(length=1024, sequences=sorting.TOGETHER, adapters=_files(adapter)) as engine:
        for one, told in zip(ones, sorting.answers(engine, ones, _name(adapter)), strict=True):
            yield sorting.score(one, told and told.said)


def _drafted(test: Path, adapter: Path | None, count: int) -> Iterator[Results]:
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"{ADAPTER}.gguf"  # prompts ask for it by name
        if adapter is not None:
            named.symlink_to(adapter.resolve())
        found = write_evaluate.drafts(test, named if adapter else None, count)
    files = {"kept-out": test, "golden": write_evaluate.GOLDEN}
    for source, drafts in found.items():
        yield Results(
            evaluation=f"write/{source}",
            set_sha256=_digest([digest_of(files[source]), *(f"{one.kind} {one.case}" for one in drafts)]),
            adapter_sha256=digest_of(adapter) if adapter else "",
            units=tuple(
                Unit(name=f"{one.kind}/{one.case}", score=float(one.first and not one.invented))
                for one in drafts
            ),
        )


def _results(evaluation: str, ones: Sequence[Example], scores: Iterable[float], file: Path | None) -> Results:
    return Results(
        evaluation=evaluation,
        set_sha256=_digest(f"{one.prompt_hash} {one.answer}" for one in ones),
        adapter_sha256=digest_of(file) if file else "",
        units=tuple(
            Unit(name=name, score=round(score, 6), group=one.group)
            for name, one, score in zip(_told_apart(ones), ones, scores, strict=True)
        ),
    )


def _told_apart(ones: Sequence[Example]) -> Iterator[str]:
    """Their names, those of what a document is asked again with a number: pairs are found by name."""
    seen: Counter[str] = Counter()
    for one in ones:
        seen[one.name] += 1
        yield one.name if seen[one.name] == 1 else f"{one.name} ({seen[one.name]})"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _files(adapter: Path | None) -> list[Path]:
    return [] if adapter is None else [adapter]


def _name(adapter: Path | None) -> str:
    return "" if adapter is None else adapter.stem
