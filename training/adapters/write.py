"""Examples for the adapter ``write``: facts in, text out, asked as the writer's services ask a model.

Contexts are drawn from sample ledgers and made up; each goes the production way with a model that answers in
one of many wordings (``write_letters``), and only what passes the writer's own checks is learnt. Companies
that are written to are in one split alone.
"""

from __future__ import annotations

import json
import random
import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from abax.ports import TextRequest
from abax.writing.prompts import prompt
from abax.writing.services import Desk, Failed, context_of, write_all
from abax.writing.services.contracts import Context, Written
from abax.writing.spelling import LANGUAGES
from abax_runtime.gguf import open_gguf
from abax_runtime.models import default_model
from abax_runtime.tokenizer import Tokenizer, load_tokenizer

from training.adapters import leaks, write_contexts, write_figures, write_letters, write_replies
from training.adapters.examples import Example, Refused, split_of
from training.adapters.leaks import Kept
from training.adapters.write_contexts import World
from training.adapters.write_figures import Told
from training.adapters.write_letters import Voice, as_json, facts_in
from training.adapters.write_replies import MailCase
from training.adapters.write_teacher import ADAPTER, Teacher, marked

TASK: Final = ADAPTER
LICENCE: Final = "Apache-2.0 (made by training.adapters.write)"
SOURCE: Final = "synthetic"
EXAMPLES: Final = 3200
SHARES: Final = {
    "reminder": 0.4,
    "follow-up": 0.22,
    "deal-summary": 0.08,
    "notes": 0.08,
    "reply": 0.14,
    "figures": 0.08,
}
"""Of the examples."""
_ASKED: Final = re.compile(r"a (?P<length>\w+) (?P<what>reminder|message) in \w+\. It is the (?P<level>\w+)")
FACTS: Final = 38
"""Sentences that the closes of a ledger give, about."""


@dataclass(frozen=True)
class Case:
    """A context of a service, and to whom it is."""

    name: str
    service: str
    context: Context
    group: str
    split: str


def cases(
    service: str, count: int, seed: int, fold: int = 0, folds: int = 5, split: str = ""
) -> Iterator[Case]:
    """So many contexts of a service of the desk, in all its languages; of one split where one is given."""
    rng = random.Random(f"{service}/{seed}")
    world = World(rng)
    made = 0
    while made < count:
        language = rng.choice(_LANGUAGES.get(service, LANGUAGES))
        company = world.company()
        own = split_of(company, fold, folds)
        content = _CONTEXTS[service](world, language, company)
        if split and own != split:
            continue
        made += 1
        yield Case(f"{service}-{seed}-{made}", service, context_of(service, content), company, own)


_WORDING: Final = {"reminder": "reminder", "follow-up": "follow_up", "deal-summary": "deal", "notes": "notes"}
"""The file of a service's wording."""
_LANGUAGES: Final = {"deal-summary": ("en", "de")}
_CONTEXTS: Final[dict[str, Callable[[World, str, str], dict[str, Any]]]] = {
    "reminder": write_contexts.reminder,
    "follow-up": write_contexts.follow_up,
    "deal-summary": write_contexts.deal,
    "notes": write_contexts.notes,
}


def taught(case: Case, rng: random.Random) -> Example | Refused:
    """A context with the text that a model should write of it, if the writer takes it."""
    teacher = Teacher(lambda request: _composed(case, request, rng))
    [told] = write_all(case.service, [case.context], Desk(teacher.client(), "always"))
    if isinstance(told, Failed):
        return Refused(case.name, SOURCE, f"no context ({told.error})")
    if teacher.asked is None:
        return Refused(case.name, SOURCE, f"not asked ({'; '.join(told.refused)})")
    if told.refused or not told.method.startswith("model:"):
        return Refused(case.name, SOURCE, f"not taken ({told.refused[0] if told.refused else told.method})")
    of = Kind(case.name, case.service, case.context.language, case.group, case.split)
    return example_of(of, teacher.asked, teacher.answered, rng)


@dataclass(frozen=True)
class Kind:
    """What an example is of."""

    name: str
    kind: str
    language: str
    group: str
    split: str


def example_of(of: Kind, request: TextRequest, answer: str, rng: random.Random) -> Example | Refused:
    """An answer that was taken, as an example; refused where it needs more tokens than the prompt grants."""
    if _length(answer) >= request.max_tokens:
        return Refused(of.name, SOURCE, f"too long (more than the {request.max_tokens} tokens of its prompt)")
    messages = tuple(marked(request, rng).messages)
    return Example(TASK, of.name, messages, answer, SOURCE, LICENCE, of.language, of.group, of.kind, of.split)


def _replied(case: MailCase, rng: random.Random) -> Example | Refused:
    """A mail with the reply that a model should write, if the check of replies takes it."""
    teacher = Teacher(lambda request: write_replies.composed(case.plain, rng))
    reply = write_replies.answered(case, teacher.client())
    if teacher.asked is None or not reply.method.startswith("model:"):
        return Refused(case.name, SOURCE, f"not taken ({reply.why.rpartition('; ')[2]})")
    of = Kind(case.name, "reply", reply.language, case.group, case.split)
    return example_of(of, teacher.asked, teacher.answered, rng)


def _reworded(of: Kind, one: Told, rng: random.Random) -> Example | Refused:
    """A sentence of a report in other words."""
    text, why = write_figures.reworded(one, rng)
    if why:
        return Refused(of.name, SOURCE, f"not taken ({why})")
    request = prompt("close.reword_fact").request({"sentence": one.text})
    return example_of(of, request, as_json(sentence=text), rng)


def _composed(case: Case, request: TextRequest, rng: random.Random) -> str:
    """The answer to a request, from what it shows."""
    message = request.messages[-1]["content"]
    facts = facts_in(message)
    voice = Voice(_WORDING[case.service], case.context.language, rng)
    match case.service:
        case "reminder":
            return _reminder(message, facts, voice)
        case "follow-up":
            return write_letters.follow_up(facts, voice)
        case "deal-summary":
            return write_letters.deal(facts, voice)
    [plain] = write_all(case.service, [case.context])
    assert isinstance(plain, Written)
    return write_letters.notes(plain, voice)


def _reminder(message: str, facts: dict[str, str], voice: Voice) -> str:
    """A reminder as its prompt asks for it: a message for a messenger, or an e-mail, short or long."""
    asked = _ASKED.search(message)
    assert asked is not None, message
    letter = write_letters.Reminder(facts, asked["level"], voice)
    return letter.chat() if asked["what"] == "message" else letter.email(long=asked["length"] == "long")


def _length(text: str) -> int:
    return len(_tokenizer().encode(text))


_known: list[Tokenizer] = []


def _tokenizer() -> Tokenizer:
    if not _known:
        with open_gguf(default_model()) as file:
            _known.append(load_tokenizer(file.metadata))
    return _known[0]


# --- sources --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """What the examples are made of."""

    count: int = EXAMPLES
    fold: int = 0
    folds: int = 5
    seed: int = 1

    def examples(self) -> Iterator[Example | Refused]:
        """All of them, service by service."""
        for service in _CONTEXTS:
            yield from self._letters(service)
        yield from self._replies()
        yield from self._figures()

    def _letters(self, service: str) -> Iterator[Example | Refused]:
        rng = random.Random(f"words/{service}/{self.seed}")
        for case in cases(service, round(self.count * SHARES[service]), self.seed, self.fold, self.folds):
            yield taught(case, rng)

    def _replies(self) -> Iterator[Example | Refused]:
        rng = random.Random(f"words/reply/{self.seed}")
        count = round(self.count * SHARES["reply"])
        for case in write_replies.cases(count, self.seed, self.fold, self.folds):
            yield _replied(case, rng)

    def _figures(self) -> Iterator[Example | Refused]:
        rng = random.Random(f"words/figures/{self.seed}")
        ledgers = max(1, round(self.count * SHARES["figures"] / FACTS))
        for number, one in enumerate(write_figures.told(self.seed, ledgers)):
            split = split_of(one.company, self.fold, self.folds)
            yield _reworded(
                Kind(f"figures-{self.seed}-{number}", "figures", "en", one.company, split), one, rng
            )


def sources(asked: Namespace) -> Sources:
    """What the command line asks for."""
    count = EXAMPLES if asked.synthetic is None else asked.synthetic
    return Sources(count, asked.fold, asked.folds, asked.seed)


def kept_out(sources: Sources, kept: Kept) -> Kept:
    """With the letters and the contexts that the writer is judged by, and what prompts are tried on."""
    for file in sorted((leaks.GOLDEN / "writing").glob("*.jsonl")):
        for row in file.read_text(encoding="utf-8").splitlines():
            told = json.loads(row)
            kept.add(json.dumps(told, ensure_ascii=False), _companies(told))
    return kept


def _companies(told: Any) -> Iterator[str]:
    """Whoever is written to in a case of an evaluation."""
    if isinstance(told, dict):
        reader = told.get("recipient")
        if isinstance(reader, dict) and reader.get("company"):
            yield str(reader["company"])
        yield from chain.from_iterable(map(_companies, told.values()))
