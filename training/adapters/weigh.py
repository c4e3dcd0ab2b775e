"""What the classifiers and the adapter ``triage`` make of the same mails, so that the rule that joins them is
decided on figures: mails of the valid split, whose phrases neither has learnt from.

python -m training.adapters.weigh --data ../shared/data/mail --adapters build/adapters/triage

The classifiers that ship have learnt all phrases and scenes; these here learn those of the training split
alone. For each task: what is right by the classifiers, by the adapter, and by the adapter where the
classifiers are less sure than a bound, for several bounds (``abax.mail.desk.Sorting``).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from abax.mail import learning
from abax.mail.classifier import Classifier
from abax.mail.contracts import Claim, Triage
from abax.mail.desk import ANSWERED, Desk
from abax.mail.evaluate import Judged, Told, figures_of, set_figures
from abax.mail.sorting import UNKNOWN
from abax.mail.triage import triage
from abax_runtime.engine import Engine

from training.adapters.sorting import TOGETHER, answers
from training.adapters.triage import TASK, Case, Sources, split_of_scene, takes_of
from training.mail import __main__ as classifying
from training.mail import generate
from training.mail.scenes import scenes

MAILS: Final = 3500
"""That classifiers learn from."""
BOUNDS: Final = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 2.0)
"""How sure the classifiers must be not to be asked about."""
MARGINS: Final = (-0.4, -0.2, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
"""By how much likelier the adapter must hold its word."""


def classifiers(data: Path, seed: int) -> dict[str, Classifier]:
    """Classifiers of all tasks that know the phrases of the training split alone. ``data``: the folder of
    ``email_intent`` and ``spamassassin``."""
    takes = partial(takes_of, "train", seed)
    mails = [
        mail
        for part in range(generate.PARTS)
        for mail in generate.dealt(
            MAILS // generate.PARTS, f"{seed}/{part}", partial(_of_both, takes, part), part
        )
    ]
    heard = [one for one in scenes() if split_of_scene(one) == "train"]
    found = {}
    for name, (gather, settings) in classifying.TASKS.items():
        apart: dict[str, Any] = {"heard": heard} if name in ("category", "sentiment", "urgency") else {}
        if name in ("sentiment", "urgency"):
            apart["takes"] = takes
        found[name] = learning.train(gather(mails, data, **apart), name, settings)
    return found


def _of_both(takes: generate.Takes, part: int, place: int) -> bool:
    """Whether a phrase is taken, and of a part of those that classifiers are judged apart by."""
    return takes(place) and place % generate.PARTS == part


def opinions(cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
    """Of each mail the truth, and what a desk says with how sure it is."""
    return [
        {"name": case.name, "source": case.source, "truth": dict(case.truth), "said": said_of(one)}
        for case, one in zip(cases, triage([case.message for case in cases], desk), strict=True)
    ]


def said_of(one: Triage) -> dict[str, Any]:
    """By task of ``answering``: the value, how sure it is, and who said so."""
    claims: dict[str, Claim[Any]] = {
        "category": one.category,
        "department": one.department,
        "sentiment": one.sentiment,
        "urgency": one.urgency,
        "wanted": one.asked.wanted,
    }
    told: dict[str, Any] = {
        task: [str(claim.value) if task != "wanted" else claim.value, claim.confidence, claim.method]
        for task, claim in claims.items()
    }
    told["actions"] = [[action.kind, action.confidence] for action in one.asked.actions]
    return told


def kept(sources: Sources, splits: Sequence[str] = ("valid",)) -> list[Case]:
    """Mails of which all is known, of these splits."""
    return [one for one in sources.cases(splits) if one.source in ("synthetic", "scenes")]


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON line each."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def by_adapter(cases: Sequence[Case], adapters: Path) -> list[dict[str, Any]]:
    """What the adapter says of each mail, asked for all tasks at once, and how likely it held each label;
    nothing where it broke off."""
    rng = random.Random(0)
    asked = [one.example(rng, ANSWERED) for one in cases]
    with Engine.open(length=1024, sequences=TOGETHER, adapters=[adapters / f"{TASK}.gguf"]) as engine:
        found = list(answers(engine, asked, TASK))
    return [
        {"adapter": one.said.model_dump(mode="json", exclude_none=True), "likely": one.likely}
        if one
        else {"adapter": {}, "likely": {}}
        for one in found
    ]


# --- the rule -------------------------------------------------------------------------------------------


def joined(rows: Sequence[Mapping[str, Any]], task: str, below: float) -> dict[str, Any]:
    """Figures of a task where the adapter's word is taken of what is less sure: accuracy and macro F1, how
    many were asked, and the share of these that the adapter has right."""
    judged, asked, right = [], 0, 0
    for row in rows:
        true, (said, sure, method) = row["truth"].get(task), row["said"][task]
        if true is None:
            continue
        other = row["adapter"].get(task)
        if sure < below and other is not None and not method.startswith("rule:"):
            asked, right, said = asked + 1, right + (other == true), other
        judged.append(Judged(str(true), str(said), 1.0))
    figures = figures_of(judged)
    share = round(right / asked, 3) if asked else None
    accuracy = figures["accuracy"]["share"]
    return {"accuracy": accuracy, "macro_f1": figures["macro_f1"], "asked": asked, "right": share}


def likelier(rows: Sequence[Mapping[str, Any]], task: str, margin: float) -> dict[str, Any]:
    """Figures of a task where the adapter's word is taken that it held likelier than the classifiers theirs,
    by a margin."""
    judged, taken, right = [], 0, 0
    for row in rows:
        true, (said, sure, method) = row["truth"].get(task), row["said"][task]
        if true is None:
            continue
        other, likely = row["adapter"].get(task), row["likely"].get(task, 0.0)
        if other is not None and other != said and likely - sure > margin and not method.startswith("rule:"):
            taken, right, said = taken + 1, right + (other == true), other
        judged.append(Judged(str(true), str(said), 1.0))
    figures = figures_of(judged)
    share = round(right / taken, 3) if taken else None
    accuracy = figures["accuracy"]["share"]
    return {"accuracy": accuracy, "macro_f1": figures["macro_f1"], "taken": taken, "right": share}


def acting(rows: Sequence[Mapping[str, Any]], below: float) -> dict[str, Any]:
    """Precision, recall and F1 of the kinds of action: by words (0), the adapter's for those that words do
    not tell (1), the adapter's (2)."""
    told = []
    for row in rows:
        if "actions" not in row["truth"]:
            continue
        words = {kind for kind, _ in row["said"]["actions"]}
        other = set(row["adapter"].get("actions", ()))
        unknown = words & set(UNKNOWN) - other
        if below > 1:
            words = other
        elif below > 0 and other and (unknown or not words):
            words = (words - unknown) | set(sorted(other - words)[: max(len(unknown), not words)])
        truth = frozenset((kind, "") for kind in row["truth"]["actions"])
        told.append(Told("", truth, frozenset((kind, "") for kind in words)))
    figures = set_figures(told)
    return {name: figures[name] for name in ("precision", "recall", "f1")}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="email_intent and spamassassin")
    parser.add_argument("--adapters", type=Path, required=True, help="the folder of triage.gguf")
    parser.add_argument("--claims", type=Path, help="where the classifiers' opinions are kept")
    asked = parser.parse_args()
    cases = kept(Sources())
    if asked.claims and asked.claims.exists():
        rows = [json.loads(line) for line in asked.claims.read_text("utf-8").splitlines()]
    else:
        desk = replace(Desk.default(), classifiers=classifiers(asked.data, Sources().seed))
        rows = opinions(cases, desk)
        if asked.claims:
            write(asked.claims, rows)
    for row, told in zip(rows, by_adapter(cases, asked.adapters), strict=True):
        row.update(told)
    if asked.claims:
        write(asked.claims.with_suffix(".joined.jsonl"), rows)
    for source in ("synthetic", "scenes"):
        part = [row for row in rows if row["source"] == source]
        for task in ("category", "department", "sentiment", "urgency", "wanted"):
            for below in BOUNDS:
                print(source, task, below, json.dumps(joined(part, task, below)))
            for margin in MARGINS:
                print(source, task, f"by {margin}", json.dumps(likelier(part, task, margin)))
        for below in (0, 1, 2):
            print(source, "actions", below, json.dumps(acting(part, below)))


if __name__ == "__main__":
    main()
