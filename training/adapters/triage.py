"""Examples for the adapter ``triage``: what a mail wants, as ``abax.mail.answering`` asks for it.

Sources: mails that are generated from phrases (``training.mail.generate``), a part of whose phrases is kept
out; scenes that were written whole (``training.mail.scenes``); sentences of EmailIntent, questions of
banking77 and spam of SpamAssassin, of which only what their labels say is asked; mails that people have set
right, a JSON line each (``abax.mail.datasets``). The same seed makes the same examples.
"""

from __future__ import annotations

import random
import tomllib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from abax.mail import answering
from abax.mail.answering import Sender
from abax.mail.contracts import Books, Message
from abax.mail.datasets import Labelled, dataset_of
from abax.mail.deeds import forms_of
from abax.mail.entities import Named, named
from abax.mail.known import Known
from abax.mail.message import read
from abax.mail.reading import Sentence
from abax.mail.reading import read as reading_of
from abax.mail.wording import wording_for
from abax.writing.prompts import prompt

from training.adapters.examples import SPLITS, Example, Refused, split_of
from training.adapters.leaks import Kept
from training.mail import generate
from training.mail.generate import FINISHED, Made
from training.mail.scenes import BY, DEPARTMENTS, Scene, scenes

TASK: Final = "triage"
TRUTHS: Final = Path(generate.__file__).parent / "truths.toml"
GENERATED: Final = 2400
"""Generated mails, where no number is given."""
PARTS: Final = 8
"""Parts of the phrases: one is for testing, one tells when to stop."""
TESTED: Final = 280
"""Generated mails of each of the two."""
SHORTEST: Final = 12
"""Letters of a mail's own text; of less nothing can be said."""
TELLING: Final = 7
"""One in so many scenes tells when to stop."""
TELLINGS: Final = 3
"""How often a scene is told, with other names, typing errors and greetings."""
LICENCES: Final = {
    "synthetic": "Apache-2.0 (made by training.mail.generate)",
    "scenes": "Apache-2.0 (training.mail.scenes)",
    "email_intent": "Apache-2.0",
    "banking77": "CC-BY-4.0",
    "spamassassin": "PDDL-1.0 (texts may be copyright of their senders)",
    "corrections": "the user's own",
}
MOST: Final = {"email_intent": 260, "banking77": 140, "spamassassin": 90}
"""Examples that are taken of a set."""
ALL: Final = 0.85
"""Share of mails that are asked for all that is known of them, names apart."""
NAMED: Final = 0.12
"""Share that is asked for names."""
SLOTS: Final = {
    "invoice": "invoice", "order": "order", "customer": "customer", "contract": "contract",
    "ticket": "ticket", "tracking": "tracking", "amount": "amount", "date": "date", "soon": "date",
}  # fmt: skip
"""What a slot holds is of which kind."""
USUAL: Final = {
    "order": "A", "delivery": "L", "technical": "S", "product": "A", "complaint": "S", "contract": "J",
    "spam": "N", "automatic": "N", "other": "N",
}  # fmt: skip
"""Departments of categories that do not say another."""
INTENTS: Final = {
    "refund": ("request_refund",),
    "cancel": ("cancel_transfer",),
    "change_data": ("edit_personal_details",),
    "explain": (
        "age_limit", "card_acceptance", "card_delivery_estimate", "country_support", "exchange_rate",
        "supported_cards_and_currencies", "transfer_timing", "why_verify_identity", "exchange_charge",
        "fiat_currency_support", "top_up_limits",
    ),
}  # fmt: skip
"""Intents of banking77 that are a kind of action; questions are asked to explain, the others are not asked as
questions."""


@dataclass(frozen=True)
class Case:
    """A mail and what is known of it, by task of ``answering``."""

    name: str
    source: str
    language: str
    group: str
    split: str
    subject: str
    body: str
    truth: Mapping[str, Any]
    sender: Sender = Sender.SOMEBODY
    kind: str = ""

    @cached_property
    def message(self) -> Message:
        """As it would come."""
        given = {"from": "someone@sender.example", "subject": self.subject, "body": self.body}
        told = Labelled.model_validate({"id": self.name, **given})
        return read(told.content()).message

    def example(self, rng: random.Random, asked: Sequence[str] = ()) -> Example:
        """The mail as it is asked for: for some tasks, else for all that is known, or some of it."""
        message = self.message
        shown = answering.variables(message, self.sender, mask=True)["mail"]
        truth = dict(_shown(self.truth, shown))
        tasks = asked or _asked(sorted(truth, key=answering.TASKS.index), rng)
        given = answering.variables(message, self.sender, tasks, mask=True)
        request = prompt(answering.PROMPT).request(given, f"{rng.getrandbits(32):08x}")
        return Example(
            task=TASK,
            name=self.name,
            messages=tuple(request.messages),
            answer=answering.answer(
                {task: truth[task] for task in tasks if truth.get(task) not in (None, "")}
            ),
            source=self.source,
            licence=LICENCES[self.source],
            language=self.language,
            group=self.group,
            kind=self.kind or str(self.truth.get("category", "")),
            split=self.split,
            grounds=request.source or "",
        )


def _shown(truth: Mapping[str, Any], shown: str) -> Iterator[tuple[str, Any]]:
    """What is known of what is shown: texts that a typing error or a cut has changed are not asked for."""
    for task, value in truth.items():
        if task == "names":
            if all(text in shown for texts in value.values() for text in texts):
                yield task, value
        elif task != "by" or value in shown:
            yield task, value


def _asked(known: Sequence[str], rng: random.Random) -> list[str]:
    """Which tasks are asked of those known."""
    quick = [task for task in known if task != "names"]
    names = [task for task in known if task == "names" and (rng.random() < NAMED or not quick)]
    if rng.random() >= ALL and quick:
        drawn = set(rng.sample(quick, min(len(quick), rng.choice((1, 2, 2, 3)))))
        quick = [task for task in quick if task in drawn]
    return quick + names


# --- generated mails ------------------------------------------------------------------------------------


def generated(count: int, seed: int, splits: Sequence[str] = SPLITS) -> Iterator[Case]:
    """Mails of phrases, of which each split has its own."""
    for split in splits:
        rng = random.Random(f"triage/{seed}/{split}")
        number = count if split == "train" else min(TESTED, count)
        takes = partial(takes_of, split, seed)
        for place, made in enumerate(generate.dealt(number, f"{seed}/{split}", takes)):
            yield Case(
                name=f"{split}-{seed}-{place}",
                source="synthetic",
                language=made.language,
                group=f"phrases of {split}",
                split=split,
                subject=made.subject,
                body=made.body,
                truth=dict(truth_of(made)),
                sender=_sender(made.category, _department(made), rng),
            )


def takes_of(split: str, seed: int, place: int) -> bool:
    """Whether a phrase at a place of its list is one of a split's."""
    part = (place - seed) % PARTS
    return part == {"test": 0, "valid": 1}.get(split, part) and (split != "train" or part > 1)


def truth_of(made: Made) -> Iterator[tuple[str, Any]]:
    """What is true of a generated mail; tasks of which its phrases do not tell are left out."""
    yield "category", made.category
    if department := _department(made):
        yield "department", department
    if made.category != "spam":
        yield "sentiment", made.sentiment
    yield "urgency", made.urgency
    yield from _wanted(made)
    names, deadline = _named(made)
    yield "names", names
    soon = [text for slot, text in made.slots if slot == "soon"]
    if len(soon) == 1 and made.category not in FINISHED:
        yield "by", soon[0]
    elif made.urgency in ("low", "normal") and not soon and not deadline:
        yield "by", ""


def _department(made: Made) -> str:
    """Whom it is for: whom its phrases are for, if they agree; empty where they tell of none or of two."""
    told = {mark for mark in map(_departments(made.language, made.category).get, made.used) if mark}
    found = {USUAL[made.category] if mark == "." else mark for mark in told - {"-"}}
    if not told and made.category in USUAL:
        found = {USUAL[made.category]}
    return DEPARTMENTS[found.pop()] if len(found) == 1 and "?" not in told else ""


def _wanted(made: Made) -> Iterator[tuple[str, Any]]:
    """Whether something is wanted, and what, as far as each sentence that may ask is one that tells."""
    if made.category in FINISHED or all(asks is False for _, asks in made.sentences):
        yield from (("wanted", False), ("actions", []))
        return
    if not any(asks for _, asks in made.sentences):
        return
    yield "wanted", True
    kinds = [kind for text in made.used if (kind := _deeds(made.language, made.category).get(text))]
    asking = sum(bool(asks) for _, asks in made.sentences)
    told = [kind for kind in kinds if kind not in ("-", "?")]
    wording = wording_for(made.language)
    others = any(
        asks is not True and "request" in forms_of(Sentence(text, 1), wording)
        for text, asks in made.sentences
    )
    if len(told) >= asking and "?" not in kinds and not others:
        yield "actions", list(dict.fromkeys(told))[:4]


def _named(made: Made) -> tuple[dict[str, list[str]], bool]:
    """What slots were filled with, beside amounts and dates that stand in phrases, and whether a day is said
    to be a deadline."""
    found: dict[str, list[str]] = {}
    for slot, text in made.slots:
        kind = SLOTS.get(slot)
        if kind and text in f"{made.subject}\n{made.body}" and text not in found.setdefault(kind, []):
            found[kind].append(text)
    rules, deadline = _by_rules(made.language, made.subject, made.body)
    for kind in ("amount", "date"):
        known = " ".join(found.get(kind, []))
        more = [one.text for one in rules.of(kind) if one.text not in known]
        if more and not any(text in one for one in more for text in found.get(kind, [])):
            found[kind] = [*found.get(kind, []), *more]
    return {kind: texts for kind, texts in found.items() if texts}, deadline


def _by_rules(language: str, subject: str, body: str) -> tuple[Named, bool]:
    told = Labelled.model_validate({"id": "one", "from": "a@b.example", "subject": subject, "body": body})
    reading = reading_of(read(told.content()).message, datetime(2026, 3, 2, tzinfo=UTC))
    names = named(reading, wording_for(language), _NOTHING, "")
    return names, any(when.deadline for one in reading.sentences for when in names.days_of(one))


_NOTHING: Final = Known(Books())


@cache
def _truths() -> dict[str, Any]:
    return tomllib.loads(TRUTHS.read_text(encoding="utf-8"))


@cache
def _deeds(language: str, topic: str) -> dict[str, str]:
    """The kind of action by phrase."""
    found: dict[str, str] = {}
    for sort in ("asks", "says"):
        for file, told in _truths().get(topic, {}).get(sort, {}).items():
            found |= _by_phrase(generate.lists(language, file, topic, sort), told.split())
    return found


@cache
def _departments(language: str, topic: str) -> dict[str, str]:
    """The mark of a department by phrase."""
    found: dict[str, str] = {}
    for sort, files in _truths().get(topic, {}).get("departments", {}).items():
        for file, told in files.items():
            found |= _by_phrase(generate.lists(language, file, topic, sort), told)
    return found


def _by_phrase(texts: Sequence[str], told: Sequence[str]) -> dict[str, str]:
    """Of lists that are as long as the one that is told of; of others, phrases are unknown."""
    return dict(zip(texts, told, strict=True)) if len(texts) == len(told) else dict.fromkeys(texts, "?")


def _sender(category: str, department: str, rng: random.Random) -> Sender:
    """Mostly somebody: what is known of senders is true, and does not tell all."""
    if category == "automatic":
        return Sender.MACHINE if rng.random() < 0.6 else Sender.SOMEBODY
    sides = {"accounts_receivable": Sender.CUSTOMER, "accounts_payable": Sender.SUPPLIER}
    if department in sides and rng.random() < 0.2:
        return sides[department]
    return Sender.SOMEBODY


# --- scenes ---------------------------------------------------------------------------------------------


def split_of_scene(scene: Scene, fold: int = 0, folds: int = 5) -> str:
    """``train``, ``valid`` or ``test``."""
    if split_of(scene.name, fold, folds) == "test":
        return "test"
    return "valid" if split_of(f"valid {scene.name}", 0, TELLING) == "test" else "train"


def staged(seed: int, fold: int, folds: int) -> Iterator[Case]:
    """Scenes, each told several times; all tellings of one are in one split."""
    rng = random.Random(f"scenes/{seed}")
    for scene in scenes():
        split = split_of_scene(scene, fold, folds)
        for number in range(TELLINGS if split == "train" else 1):
            yield _told(scene, number, split, rng)


def _told(scene: Scene, number: int, split: str, rng: random.Random) -> Case:
    made = generate.staged(scene.language, scene.subject, BY.sub(r"\1", scene.text), scene.category, rng)
    by = [text for found in BY.finditer(scene.text) if "{" not in (text := found[1])]
    slots = [name for found in BY.finditer(scene.text) if "{" in (name := found[1])]
    filled = dict(made.slots)
    by += [generate.with_slots(text, filled) for text in slots]
    truth = {
        "category": scene.category,
        "department": scene.department,
        "urgency": scene.urgency,
        "wanted": bool(scene.actions),
        "actions": list(scene.actions),
        "names": _named(made)[0],
        "by": by[0] if by else "",
    }
    if scene.category != "spam":
        truth["sentiment"] = scene.sentiment
    sender = scene.sender or _sender(scene.category, scene.department, rng)
    return Case(
        name=f"{scene.name}-{number}",
        source="scenes",
        language=scene.language,
        group=scene.name,
        split=split,
        subject=made.subject,
        body=made.body,
        truth=truth,
        sender=sender,
    )


# --- real mails -----------------------------------------------------------------------------------------


def intents(folder: Path, seed: int) -> Iterator[Case]:
    """Sentences of EmailIntent: whether they want something."""
    for name, one in _some(folder, "email_intent", seed, ("Yes", "yes", "No", "no")):
        truth = {"wanted": one.label.lower() == "yes"}
        yield _of_set("email_intent", name, one, "", one.text, truth)


def banking(folder: Path, seed: int) -> Iterator[Case]:
    """Questions of banking77: what is wanted, where the intent says it."""
    kinds = {intent: kind for kind, found in INTENTS.items() for intent in found}
    for name, one in _some(folder, "banking77", seed, tuple(kinds)):
        kind = kinds[one.label]
        if one.text.rstrip().endswith("?") is (kind == "explain"):
            yield _of_set("banking77", name, one, "", one.text, {"wanted": True, "actions": [kind]})


def spam(folder: Path, seed: int) -> Iterator[Case]:
    """Spam of SpamAssassin; what its other mails are about, nobody has said."""
    truth = {
        "category": "spam",
        "department": "none",
        "urgency": "low",
        "wanted": False,
        "actions": [],
    }
    for path in _sampled(sorted(folder.glob("spam-*/*")), MOST["spamassassin"], seed):
        message = read(path.read_bytes()).message
        if message.text.strip():
            split = split_of(message.subject or path.name)
            yield Case(
                path.name, "spamassassin", message.language or "en", path.name, split,
                " ".join(message.subject.split()), message.text, truth, kind="spam",
            )  # fmt: skip


def corrections(path: Path) -> Iterator[Case]:
    """Mails that people have set right."""
    for one in dataset_of(path).mails:
        truth = one.truth.model_dump(mode="json", exclude_none=True, include=set(answering.TASKS))
        if one.truth.action is not None:
            truth["wanted"] = one.truth.action
        if one.truth.actions is not None:
            truth["actions"] = list(dict.fromkeys(action.kind for action in one.truth.actions))[:4]
        yield Case(
            one.id, "corrections", one.language, one.sender or one.id, split_of(one.sender or one.id),
            one.subject, one.body, truth,
        )  # fmt: skip


def _of_set(source: str, name: str, one: Any, subject: str, body: str, truth: Mapping[str, Any]) -> Case:
    split = split_of(f"{source} {one.group}")
    return Case(name, source, "en", one.group or name, split, subject, body, truth, kind=source)


def _some(folder: Path, source: str, seed: int, labels: Sequence[str]) -> Iterator[tuple[str, Any]]:
    texts = [one for one in dataset_of(folder).examples if one.label in labels and len(one.text) > 20]
    for number, one in enumerate(_sampled(texts, MOST[source], seed)):
        yield f"{source}-{number}", one


def _sampled(texts: Sequence[Any], most: int, seed: int) -> list[Any]:
    return random.Random(f"sample/{seed}").sample(texts, min(most, len(texts)))


# --- all of them ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sources:
    """Where examples come from."""

    synthetic: int = GENERATED
    """Generated mails."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Of published sets, by name."""
    corrections: Path | None = None
    fold: int = 0
    folds: int = 5
    seed: int = 1

    def cases(self, splits: Sequence[str] = SPLITS) -> Iterator[Case]:
        """All mails of these splits, source by source."""
        readers = {"email_intent": intents, "banking77": banking, "spamassassin": spam}
        found = [readers[name](folder, self.seed) for name, folder in self.folders.items()]
        if self.corrections is not None:
            found.append(corrections(self.corrections))
        found.append(staged(self.seed, self.fold, self.folds))
        yield from (case for case in chain.from_iterable(found) if case.split in splits)
        yield from generated(self.synthetic, self.seed, splits)

    def examples(self) -> Iterator[Example | Refused]:
        """All of them as examples; of the mails that nothing is known of, that they are empty."""
        rng = random.Random(f"triage/{self.seed}")
        for case in self.cases():
            if case.truth and len(case.message.text) >= SHORTEST:
                yield case.example(rng)
            else:
                yield Refused(case.name, case.source, "empty")


def sources(asked: Namespace) -> Sources:
    """What the command line asks for; sets that ``--data`` does not have are left out."""
    folders = {name: asked.data / name for name in MOST} if asked.data else {}
    return Sources(
        synthetic=GENERATED if asked.synthetic is None else asked.synthetic,
        folders={name: folder for name, folder in folders.items() if folder.exists()},
        corrections=asked.corrections,
        fold=asked.fold,
        folds=asked.folds,
        seed=asked.seed,
    )


def kept_out(sources: Sources, kept: Kept) -> Kept:
    """With the mails that are for testing."""
    for one in sources.cases(("test",)):
        kept.add(f"{one.subject}\n{one.body}")
    return kept
