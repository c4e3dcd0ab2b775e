"""The adapter ``write`` on contexts that were kept out, the production way: asked, held to facts, counted.

========== ====================================================================================
source     what is written
========== ====================================================================================
kept-out   contexts, mails and closes of companies that no example to learn from is about
golden     the project's hundred contexts, ``tests/golden/writing/drafts.jsonl``
prompts    the cases that lie beside the prompts which name the adapter
========== ====================================================================================
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final

from abax.adapters.runtime import RuntimeModel
from abax.errors import InvalidRequest, ModelError
from abax.ports import TextModel
from abax.writing.check import rewording_fault
from abax.writing.client import Budget, Client
from abax.writing.evaluate import Draft, Drafts, WritingCase, cases_in, invented
from abax.writing.evaluate import evaluate as drafted
from abax.writing.outputs import Reworded
from abax.writing.prompts import evaluation, prompt, registry

from training.adapters import leaks, write, write_figures, write_replies
from training.adapters.write_teacher import ADAPTER

GOLDEN: Final = leaks.GOLDEN / "writing" / "drafts.jsonl"
TOGETHER: Final = 8
"""Drafts that are decoded together where many are wanted."""
ALONE: Final = 5
"""Drafts of the golden ones that are timed by themselves."""
SECONDS: Final = 300.0
TOKENS: Final = 1_000_000
SERVICES: Final = ("reminder", "follow-up", "deal-summary", "notes")
REWORD: Final = "close.reword_fact"


def evaluate(test: Path, adapters: Path, adapter: str, count: int, source: str) -> dict[str, Any]:
    """Figures of ``count`` contexts of a source, ``""`` for all three; ``adapter`` is a file's name in
    ``adapters``, or empty for the base as it is."""
    seed = int(_command(test).get("seed", 1))
    with _model(adapters / f"{adapter}.gguf" if adapter else None) as model:
        judge = _Judge(model, count, seed)
        told = {name: one() for name, one in judge.sources.items() if source in ("", name)}
    if not told:
        raise InvalidRequest(f"there is no source {source!r}; there are {', '.join(judge.sources)}", "source")
    return told


def drafts(test: Path, adapter: Path | None, count: int) -> dict[str, tuple[Draft, ...]]:
    """What comes of so many contexts that were kept out, and of so many of the golden ones."""
    with _model(adapter) as model:
        judge = _Judge(model, count, int(_command(test).get("seed", 1)))
        return {"kept-out": tuple(judge.drafts()), "golden": judge.golden_drafts().drafts}


def _command(test: Path) -> dict[str, Any]:
    """What the set was made with."""
    card = test.with_name("card.json")
    return dict(json.loads(card.read_text("utf-8"))["command"]) if card.exists() else {}


@contextmanager
def _model(path: Path | None) -> Iterator[TextModel]:
    """The default model, with the adapter of a file or with none."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = str(path) if path else ""
    model = RuntimeModel()
    try:
        found = model.adapters
        if path and ADAPTER not in found:
            raise InvalidRequest(f"{path} is no adapter of {model.name}", "adapter")
        yield model
    finally:
        model.close()
        os.environ.pop(_VARIABLE)
        if before is not None:
            os.environ[_VARIABLE] = before


_VARIABLE: Final = "ABAX_RUNTIME_ADAPTERS"


@dataclass(frozen=True)
class _Judge:
    model: TextModel
    count: int
    seed: int

    @property
    def sources(self) -> dict[str, Callable[[], dict[str, Any]]]:
        return {"kept-out": self.kept_out, "golden": self.golden, "prompts": self.prompts}

    def client(self) -> Client:
        return Client(self.model, Budget(SECONDS, TOKENS))

    # --- sources

    def kept_out(self) -> dict[str, Any]:
        """Of each kind its share of the count."""
        return _figures_of(Drafts(self.model.name, tuple(self.drafts())))

    def golden(self) -> dict[str, Any]:
        """The hundred, and what they take one at a time."""
        told, cases = _figures_of(self.golden_drafts()), self.golden_cases()
        alone = drafted(cases[:: max(1, len(cases) // ALONE)], self.client)
        templates = drafted(cases)
        return told | {
            "templates": {"taken": {"right": sum(one.taken for one in templates.drafts), "of": len(cases)}},
            "seconds alone": median(one.seconds for one in alone.drafts),
        }

    def prompts(self) -> dict[str, Any]:
        """The cases beside the prompts, by the harness of prompts."""
        told: dict[str, Any] = {}
        for one in registry():
            if one.adapter == ADAPTER:
                report = evaluation.evaluate(one, self.model)
                told[one.label] = {"right": report.passed, "of": len(report.outcomes)}
        return told

    # --- kinds

    def drafts(self) -> Iterator[Draft]:
        """Of each kind its share of the count."""
        for service in SERVICES:
            own = write.cases(service, self._share(service), self.seed, split="test")
            cases = [WritingCase(one.name, one.service, one.context) for one in own]
            yield from drafted(cases, self.client, TOGETHER).drafts
        yield from self._replies()
        yield from self._figures()

    def golden_drafts(self) -> Drafts:
        return drafted(self.golden_cases(), self.client, TOGETHER)

    def golden_cases(self) -> list[WritingCase]:
        return list(islice(cases_in(GOLDEN), self.count))

    def _share(self, kind: str) -> int:
        return max(1, round(self.count * write.SHARES[kind]))

    def _replies(self) -> Iterator[Draft]:
        for case in write_replies.cases(self._share("reply"), self.seed, split="test"):
            begun = time.monotonic()
            reply = write_replies.answered(case, self.client())
            seconds = time.monotonic() - begun
            taken = reply.method.startswith("model:")
            why = () if taken else (reply.why.rpartition("; ")[2],)
            told = [*(fact.shown for fact in reply.facts), *(case.message.text.split())]
            yield Draft(
                case.name,
                "reply",
                taken,
                taken,
                seconds,
                why,
                tuple(invented(reply.body, told)) if taken else (),
            )

    def _figures(self) -> Iterator[Draft]:
        ledgers = 1 + self._share("figures") // write.FACTS
        kept = write_figures.told(self.seed + 1000, ledgers)
        for number, one in enumerate(islice(kept, self._share("figures"))):
            yield self._reworded(f"figures-{number}", one)

    def _reworded(self, name: str, one: write_figures.Told) -> Draft:
        """A sentence of a close that no example is of."""
        begun = time.monotonic()
        try:
            answer = self.client().ask(prompt(REWORD), sentence=one.text)
        except (InvalidRequest, ModelError) as error:
            return Draft(name, "figures", False, False, time.monotonic() - begun, (str(error),))
        text = " ".join(answer.sentence.split()) if isinstance(answer, Reworded) else ""
        why = "" if text == one.text else rewording_fault(text, one.text, one.figures, one.of)
        strange = tuple(invented(text, _with_digits(one.text))) if not why else ()
        return Draft(
            name, "figures", not why, not why, time.monotonic() - begun, (why,) if why else (), strange
        )


def _with_digits(text: str) -> list[str]:
    """The words of a sentence that have digits."""
    return [word.strip(",.;:()") for word in text.split() if any(sign.isdigit() for sign in word)]


def _figures_of(told: Drafts) -> dict[str, Any]:
    """As cards have them: right of so many."""
    whole = told.as_dict()
    return _counts(whole) | {
        "by kind": {kind: _counts(one) for kind, one in whole["by_kind"].items()},
        "not taken at first": whole["reasons"],
    }


def _counts(told: dict[str, Any]) -> dict[str, Any]:
    cases = told["cases"]
    return {
        "at first try": {"right": told["first"], "of": cases},
        "taken": {"right": told["taken"], "of": cases},
        "invented": told["invented"],
        "seconds": told["seconds"],
    }
