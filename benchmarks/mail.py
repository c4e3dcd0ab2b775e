"""Mail from its bytes to triage, ticket and drafted reply: how many messages a minute one worker does.

The messages are the real ones of the SpamAssassin corpus under the development data, in batches of ten, as a
function gets them from its queue. Everything of ``process_mail`` is done: bytes, triage, ticket and draft
are kept, on edge mode's folder and SQLite file. Then the same, message by message; and both again with the
default model made to decide what classifiers are unsure of, which it may not as it ships. The corpus is
newsletters, lists, friends and spam of 2002: more of it is unsure than of a company's mail.

``ABAX_BENCH_MAILS`` is how many of them, ``ABAX_BENCH_MODEL_MAILS`` how many with the model, 0 for none.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from abax.adapters.runtime import RuntimeModel, available
from abax.compose import edge
from abax.errors import InvalidRequest, ModelError
from abax.ports import TextModel, TextRequest, TextResult
from abax.workflow.context import MailContext
from abax.workflow.mail import Taken, take_in
from abax.workflow.mail_practice import set_practice

from tests.support.data import DATA

MAILS = int(os.environ.get("ABAX_BENCH_MAILS", "397"))
MODEL_MAILS = int(os.environ.get("ABAX_BENCH_MODEL_MAILS", "397"))
ONE_BY_ONE = 4
"""With the model, one in so many is done message by message as well."""
BATCH = 10
AIM = 120
"""Messages a minute, of the whole work in one worker with the default model."""
REFERENCE = 1.8
"""Messages a minute of the system that this one answers to, with a model of 3 B parameters."""
KEY = {"decides": {"*": ["category", "action"]}}
"""The policy by which the model decides where a message goes, and whether anything is wanted, wherever
classifiers are unsure of it."""


class Counted:
    """A model whose requests are counted."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.name = model.name
        self.stream = model.stream
        self.asked = 0
        self.cached = 0
        self.read = 0

    @property
    def adapters(self) -> frozenset[str]:
        """The model's."""
        return self._model.adapters

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text."""
        [result] = self.generate_all([request], deadline)
        if isinstance(result, TextResult):
            return result
        raise result

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts, together."""
        self.asked += len(requests)
        results = self._model.generate_all(requests, deadline)
        texts = [result for result in results if isinstance(result, TextResult)]
        self.cached += sum(text.cached_tokens for text in texts)
        self.read += sum(text.prompt_tokens for text in texts)
        return results


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit and ours; ``peer`` is the aim, or the system that this one answers to."""
    contents = list(mails())[:MAILS]
    rows = measured("as it ships", contents, BATCH, None)
    rows += measured("as it ships", contents, 1, None)
    few = contents[:: max(len(contents) // MODEL_MAILS, 1)][:MODEL_MAILS] if MODEL_MAILS else []
    if few and available():
        model = RuntimeModel()
        rows += measured("the model decides what is unsure", few, BATCH, model)
        rows += measured("the model decides what is unsure", few[::ONE_BY_ONE], 1, model)
        model.close()
    return rows


def mails() -> Iterator[bytes]:
    """All messages, those of each kind spread evenly over the whole. Raises FileNotFoundError."""
    folder = DATA / "mail" / "spamassassin"
    kinds = [sorted(kind.iterdir()) for kind in sorted(folder.iterdir()) if kind.is_dir()]
    placed = [(at / len(kind), path) for kind in kinds for at, path in enumerate(kind)]
    if not placed:
        raise FileNotFoundError(folder)
    yield from (path.read_bytes() for _, path in sorted(placed))


def measured(
    case: str, contents: Sequence[bytes], size: int, model: TextModel | None
) -> list[dict[str, Any]]:
    """All messages through a fresh worker, in batches of a size; what is loaded once is loaded before."""
    counted = Counted(model) if model is not None else None
    with TemporaryDirectory(prefix="abax-bench-") as folder:
        context = _context(Path(folder), counted)
        take_in(context, [_warm()])
        if counted is not None:
            counted.asked = counted.cached = counted.read = 0
        taken: list[Taken] = []
        took: list[float] = []
        for start in range(0, len(contents), size):
            begun = time.perf_counter()
            taken += take_in(context, contents[start : start + size])
            took.append(time.perf_counter() - begun)
    how = f"in batches of {size}" if size > 1 else "one by one"
    return _rows(f"{len(contents)} mails, {case}, {how}", taken, took, counted)


def _context(home: Path, model: Counted | None) -> MailContext:
    house = edge(home)
    practice: dict[str, Any] = {"own": "ar@house.example"}
    set_practice(house.mail.records, practice | ({"policy": KEY} if model else {}))
    return replace(house.mail, model=model, seconds=600.0)


def _warm() -> bytes:
    words = "Qwerty zxcvb? " * 40  # nothing that anybody could be sure of
    return f"From: a@b.example\r\nSubject: Hm\r\nMessage-ID: <w@b.example>\r\n\r\n{words}\r\n".encode()


def _rows(
    case: str, taken: Sequence[Taken], took: Sequence[float], model: Counted | None
) -> list[dict[str, Any]]:
    made = [one for one in taken if one.triage is not None]
    rate = round(60 * len(taken) / sum(took), 1)
    replies = sum(one.reply is not None for one in made)
    rows = [
        row(case, "rate", "mails/min", rate, AIM, "aim"),
        row(case, "rate beside the reference", "mails/min", rate, REFERENCE, "reference"),
        row(case, "batch, p50" if len(took) < len(taken) else "mail, p50", "ms", percentile(took, 50)),
        row(case, "batch, p95" if len(took) < len(taken) else "mail, p95", "ms", percentile(took, 95)),
        row(case, "share that needed the model", "%", _percent(model.asked if model else 0, len(made))),
        row(case, "share with a drafted reply", "%", _percent(replies, len(made))),
    ]
    if model is not None:
        decided = sum(bool(one.triage and one.triage.model) for one in made)
        rows += [
            row(case, "share in which it decided something", "%", _percent(decided, len(made))),
            row(case, "prompt tokens out of the prefix cache", "%", _percent(model.cached, model.read)),
        ]
    return rows


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def percentile(seconds: Sequence[float], percent: int) -> float:
    """In milliseconds."""
    if len(seconds) < 2:
        return round(1000 * seconds[0], 1) if seconds else 0.0
    return round(1000 * statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1], 1)


def row(
    case: str, metric: str, unit: str, ours: float, peer: float | None = None, name: str = ""
) -> dict[str, Any]:
    """One result."""
    ratio = round(ours / peer, 2) if peer and ours else None
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": name,
        "ratio": ratio,
    }
