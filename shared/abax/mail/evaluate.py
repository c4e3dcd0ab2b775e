"""How well mail is understood: each answer against the truth, with counts and what each figure is worth.

``evaluate`` judges classifiers of a folder of texts by cross-validation (each part of the texts is judged by
a classifier that learnt from the others, and copies are never parted), and the whole triage on a folder of
mails whose truth is known. ``page`` shows the figures in one HTML file without outside parts.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from abax.mail import learning
from abax.mail.classifier import Embedder
from abax.mail.contracts import Message, Triage
from abax.mail.datasets import Dataset, Labelled, dataset_of
from abax.mail.learning import Example, Settings, Vectors
from abax.mail.message import read

if TYPE_CHECKING:
    from datetime import datetime

Triager = Callable[[Sequence[Message], "datetime | None"], Sequence[Triage]]
"""Triages messages as of an instant; None: now."""

CONFIDENCE: Final = 1.96
"""Standard deviations of Wilson's interval: 95 % of all samples."""
_CONFUSIONS: Final = 25
_WORST: Final = 20
BY_FOLDS: Final = (
    "Cross-validated in {folds} parts: each text was judged by a classifier that learnt from the other parts "
    "alone; texts that are nearly the same are in one part."
)
BY_TRIAGE: Final = (
    "Each mail went through the whole triage, as it would arrive; what its truth leaves out is not judged."
)


@dataclass(frozen=True)
class Judged:
    """One answer."""

    wanted: str
    found: str
    sure: float
    language: str = ""
    name: str = ""

    @property
    def right(self) -> bool:
        """Whether it is what was wanted."""
        return self.found == self.wanted


def evaluate(
    folder: Path,
    *,
    folds: int = 5,
    embed: Embedder | None = None,
    triager: Triager | None = None,
    settings: Settings | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Figures of a folder, in any format of ``datasets``. Of mails with their truth ``triager`` is judged, so
    it must be given. Raises InvalidRequest where the folder holds nothing that can be judged."""
    dataset = dataset_of(folder)
    if dataset.mails:
        if triager is None:
            raise ValueError("mails with their truth are judged by a triage, and none was given")
        return _of_mails(dataset, dataset.mails[:limit], triager)
    return _of_texts(dataset, dataset.examples[:limit], folds, embed, settings)


# --- texts with a label ---------------------------------------------------------------------------------


def _of_texts(
    dataset: Dataset,
    examples: Sequence[Example],
    folds: int,
    embed: Embedder | None,
    settings: Settings | None,
) -> dict[str, Any]:
    begun = time.perf_counter()
    vectors = Vectors(embed.name, embed([one.text for one in examples])) if embed is not None else None
    embedding = time.perf_counter() - begun
    judged, spent = cross_validate(examples, folds, settings or learning.settings_for(dataset.task), vectors)
    figures = figures_of(judged)
    seconds = {
        "embedding": round(embedding, 2),
        "training_a_fold": round(spent["training"] / folds, 2),
        "a_text": round(spent["judging"] / len(examples) + embedding / len(examples), 6),
        "all": round(time.perf_counter() - begun, 2),
    }
    return {
        "dataset": dataset.name,
        "how": BY_FOLDS.format(folds=folds),
        "folds": folds,
        "texts": len(examples),
        "groups": len({one.group for one in examples}),
        "embeddings": embed.name if embed is not None else "",
        "tasks": {dataset.task: figures},
        "seconds": seconds,
    }


def cross_validate(
    examples: Sequence[Example], folds: int, settings: Settings, vectors: Vectors | None = None
) -> tuple[list[Judged], dict[str, float]]:
    """Every example judged by a classifier of the other folds; seconds of ``training`` and ``judging``."""
    fold_of = learning.folds_of(examples, folds)
    found: dict[int, Judged] = {}
    spent = {"training": 0.0, "judging": 0.0}
    for fold in range(folds):
        kept, out = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        begun = time.perf_counter()
        model = learning.train(
            [examples[int(at)] for at in kept],
            "fold",
            settings,
            vectors.take(kept) if vectors is not None else None,
        )
        trained = time.perf_counter()
        given = _Given(vectors.name, vectors.values[out]) if vectors is not None else None
        shares = model.shares([examples[int(at)].text for at in out], given)
        spent["training"] += trained - begun
        spent["judging"] += time.perf_counter() - trained
        for at, row, best in zip(out, shares, model.decided(shares), strict=True):
            one = examples[int(at)]
            found[int(at)] = Judged(one.label, model.labels[best], float(row[best]), one.language, one.text)
    return [found[at] for at in range(len(examples))], spent


class _Given:
    """Embeddings that are there already, handed out in the order in which they are asked for."""

    def __init__(self, name: str, values: np.ndarray[Any, Any]) -> None:
        self.name, self._values, self._at = name, values, 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        begin, self._at = self._at, self._at + len(texts)
        return self._values[begin : self._at]


# --- mails with their whole truth -----------------------------------------------------------------------


def _of_mails(dataset: Dataset, mails: Sequence[Labelled], triager: Triager) -> dict[str, Any]:
    begun = time.perf_counter()
    pairs = list(_triaged(mails, triager))
    seconds = time.perf_counter() - begun
    tasks: dict[str, dict[str, Any]] = {}
    for field, claim in _CLAIMS.items():
        judged = [one for mail, triage in pairs for one in _judged(mail, field, claim(triage))]
        if judged:
            tasks[field] = figures_of(judged)
    sets = {name: set_figures(_told(mail, triage, name) for mail, triage in pairs) for name in _SETS}
    return {
        "dataset": dataset.name,
        "how": BY_TRIAGE,
        "mails": len(mails),
        "languages": dict(sorted(Counter(one.language for one in mails).items())),
        "tasks": tasks,
        "sets": {name: figures for name, figures in sets.items() if figures["mails"]},
        "model_needed": wilson(sum(bool(triage.model) for _, triage in pairs), len(pairs)),
        "for_a_person": wilson(sum(triage.needs_person for _, triage in pairs), len(pairs)),
        "seconds": {"all": round(seconds, 3), "a_mail": round(seconds / max(1, len(pairs)), 5)},
    }


def _triaged(mails: Sequence[Labelled], triager: Triager) -> Iterable[tuple[Labelled, Triage]]:
    """Mails of one day together, as of its last of them: what is urgent depends on the day."""
    dated = sorted(mails, key=lambda one: one.date.isoformat() if one.date is not None else "")
    for _, day in groupby(dated, key=lambda one: one.date.date() if one.date is not None else None):
        part = list(day)
        messages = [read(one.content()).message for one in part]
        yield from zip(part, triager(messages, part[-1].date), strict=True)


_CLAIMS: Final[Mapping[str, Callable[[Triage], tuple[str, float]]]] = {
    "category": lambda triage: (triage.category.value, triage.category.confidence),
    "department": lambda triage: (triage.department.value, triage.department.confidence),
    "sentiment": lambda triage: (triage.sentiment.value.value, triage.sentiment.confidence),
    "urgency": lambda triage: (triage.urgency.value.value, triage.urgency.confidence),
    "action": lambda triage: ("yes" if triage.asked.wanted.value else "no", triage.asked.wanted.confidence),
    "answerable": lambda triage: ("yes" if triage.answerable else "no", 1.0),
}


def _judged(mail: Labelled, field: str, claim: tuple[str, float]) -> list[Judged]:
    wanted = mail.truth.label(field)
    return [Judged(wanted, *claim, mail.language, mail.id)] if wanted is not None else []


class Told(NamedTuple):
    """What is to be found in one mail, and what was: pairs of a kind and a value. Of what has no kinds, or no
    values, that part is empty."""

    language: str
    wanted: frozenset[tuple[str, str]] | None
    """None: not judged."""
    found: frozenset[tuple[str, str]]


def _told(mail: Labelled, triage: Triage, name: str) -> Told:
    wanted, found = _SETS[name]
    true = wanted(mail)
    return Told(mail.language, None if true is None else frozenset(true), frozenset(found(triage)))


def _wanted_days(mail: Labelled) -> Pairs | None:
    actions = mail.truth.actions
    return None if actions is None else [("", one.by.isoformat()) for one in actions if one.by is not None]


def _found_days(triage: Triage) -> Pairs:
    return [("", one.due.isoformat()) for one in triage.asked.actions if one.due is not None]


def _wanted_actions(mail: Labelled) -> Pairs | None:
    return None if mail.truth.actions is None else [(one.kind, "") for one in mail.truth.actions]


def _found_actions(triage: Triage) -> Pairs:
    return [(one.kind, "") for one in triage.asked.actions]


def _wanted_names(mail: Labelled) -> Pairs | None:
    entities = mail.truth.entities
    return None if entities is None else [(one.kind, _plain(one.value)) for one in entities]


def _found_names(triage: Triage) -> Pairs:
    return [(one.kind, _plain(one.value)) for one in triage.entities]


Pairs = Sequence[tuple[str, str]]
_SETS: Final[Mapping[str, tuple[Callable[[Labelled], Pairs | None], Callable[[Triage], Pairs]]]] = {
    "by_when": (_wanted_days, _found_days),
    "actions": (_wanted_actions, _found_actions),
    "entities": (_wanted_names, _found_names),
}


def _plain(value: str) -> str:
    """Letters and figures alone: how a number is parted is not what it is."""
    return "".join(sign for sign in value.casefold() if sign.isalnum())


# --- figures --------------------------------------------------------------------------------------------


def figures_of(judged: Sequence[Judged]) -> dict[str, Any]:
    """Accuracy with its interval, macro F1, each label's figures, the confusion matrix and calibration."""
    labels = sorted({one.wanted for one in judged} | {one.found for one in judged})
    by_label = {label: _label_figures(judged, label) for label in labels}
    asked = [row for row in by_label.values() if row["of"]]
    sure, right = [one.sure for one in judged], [one.right for one in judged]
    wrong = sorted((one for one in judged if not one.right), key=lambda one: -one.sure)
    confused = Counter((one.wanted, one.found) for one in wrong)
    found: dict[str, Any] = {
        "accuracy": wilson(sum(right), len(judged)),
        "macro_f1": round(sum(row["f1"] for row in asked) / len(asked), 4) if asked else None,
        "labels": by_label,
        "matrix": _matrix(judged),
        "confused": [
            {"wanted": wanted, "found": other, "count": count}
            for (wanted, other), count in confused.most_common(_CONFUSIONS)
        ],
        "calibration": _calibration(sure, right),
        "worst": [
            {"text": one.name[:160], "wanted": one.wanted, "found": one.found, "sure": round(one.sure, 3)}
            for one in wrong[:_WORST]
        ],
    }
    languages = sorted({one.language for one in judged if one.language})
    if languages:
        found["by_language"] = {
            language: wilson(sum(one.right for one in part), len(part))
            for language in languages
            for part in [[one for one in judged if one.language == language]]
        }
    return found


def _label_figures(judged: Sequence[Judged], label: str) -> dict[str, Any]:
    right = sum(one.right for one in judged if one.wanted == label)
    of = sum(one.wanted == label for one in judged)
    found = sum(one.found == label for one in judged)
    return _prf(right, of, found)


def _prf(right: int, of: int, found: int) -> dict[str, Any]:
    """Precision, recall and F1 with their counts; 0 where nothing is right."""
    return {
        "precision": round(right / found, 4) if found else 0.0,
        "recall": round(right / of, 4) if of else 0.0,
        "f1": round(2 * right / (of + found), 4) if of + found else 0.0,
        "right": right,
        "of": of,
        "found": found,
    }


def _matrix(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """What was wanted, then what was found, with counts."""
    matrix: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        matrix[one.wanted][one.found] += 1
    return {wanted: dict(sorted(row.items())) for wanted, row in sorted(matrix.items())}


def _calibration(sure: Sequence[float], right: Sequence[bool]) -> dict[str, Any]:
    held, borne = np.array(sure, float), np.array(right, bool)
    bins = [
        {
            "from": round(number / 10, 1),
            "count": round(share * len(held)),
            "confidence": round(confidence, 4),
            "right": round(share_right, 4),
        }
        for number, share, confidence, share_right in learning.calibration(held, borne)
    ]
    return {"ece": round(learning.calibration_error(held, borne), 4), "values": len(held), "bins": bins}


def set_figures(pairs: Iterable[Told]) -> dict[str, Any]:
    """Of sets: what was found of what was wanted, over all mails that say what is wanted, for each language
    and for each kind; and of mails that are not right in whole, which kinds were found for those missed."""
    told = [one for one in pairs if one.wanted is not None]
    whole = sum(one.wanted == one.found for one in told)
    kinds = sorted({kind for one in told for kind, _ in (one.wanted or set()) | one.found} - {""})
    figures = {"mails": len(told), **_overlap(told), "whole": wilson(whole, len(told))}
    figures["errors"] = _errors(told)
    languages = sorted({one.language for one in told if one.language})
    if languages:
        parts = {name: [one for one in told if one.language == name] for name in languages}
        figures["by_language"] = {
            name: {"mails": len(part), **_overlap(part)} for name, part in parts.items()
        }
    if kinds:
        figures["labels"] = {kind: _overlap([_of_kind(one, kind) for one in told]) for kind in kinds}
        figures["confused"] = _beside(told)
    return figures


def _overlap(told: Sequence[Told]) -> dict[str, Any]:
    """Precision, recall and F1 of sets together."""
    right = sum(len((one.wanted or frozenset()) & one.found) for one in told)
    return _prf(right, sum(len(one.wanted or ()) for one in told), sum(len(one.found) for one in told))


def _of_kind(one: Told, kind: str) -> Told:
    wanted, found = (
        frozenset(pair for pair in pairs if pair[0] == kind)
        for pairs in (one.wanted or frozenset(), one.found)
    )
    return Told(one.language, wanted, found)


def _errors(told: Sequence[Told]) -> dict[str, int]:
    """Mails that are wrong: nothing was found (``missed``), nothing is wanted (``invented``), ``other``."""
    wrong = [one for one in told if one.wanted != one.found]
    missed = sum(not one.found for one in wrong)
    invented = sum(not one.wanted for one in wrong)
    return {"missed": missed, "invented": invented, "other": len(wrong) - missed - invented}


def _beside(told: Sequence[Told]) -> list[dict[str, Any]]:
    """Kinds that were missed with those that were found in their mails and not wanted; empty for none."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in told:
        wanted, found = ({kind for kind, _ in pairs} for pairs in (one.wanted or frozenset(), one.found))
        missed, invented = sorted(wanted - found), sorted(found - wanted)
        if missed or invented:
            counts.update(product(missed or [""], invented or [""]))
    return [
        {"wanted": wanted, "found": found, "count": count}
        for (wanted, found), count in counts.most_common(_CONFUSIONS)
    ]


def wilson(right: int, of: int) -> dict[str, Any]:
    """A share with its counts and the interval that holds the true one in 95 of 100 samples (Wilson, Probable
    inference, the law of succession, and statistical inference, 1927)."""
    if not of:
        return {"share": None, "low": None, "high": None, "right": 0, "of": 0}
    share, square = right / of, CONFIDENCE**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = CONFIDENCE * (share * (1 - share) / of + square / (4 * of * of)) ** 0.5 / (1 + square / of)
    return {
        "share": round(share, 4),
        "low": round(max(0.0, middle - half), 4),
        "high": round(min(1.0, middle + half), 4),
        "right": right,
        "of": of,
    }


def page(figures: dict[str, Any]) -> str:
    """The figures as one HTML file."""
    from importlib import resources

    from jinja2 import Environment

    template = resources.files("abax.mail").joinpath("evaluate.html.j2").read_text(encoding="utf-8")
    return (
        Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        .from_string(template)
        .render(f=figures)
    )
