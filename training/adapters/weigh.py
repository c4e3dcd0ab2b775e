"""What the classifiers and the adapter ``triage`` make of the same mails, so that the rule that joins them is
decided on figures: mails of the valid split, whose phrases neither has learnt from.

The classifiers that ship have learnt all phrases; these here learn those of the training split alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from abax.mail import learning
from abax.mail.classifier import Classifier
from abax.mail.contracts import Triage
from abax.mail.desk import Desk
from abax.mail.triage import triage

from training.adapters.triage import Case, Sources, takes_of
from training.mail import __main__ as classifying
from training.mail import generate

MAILS: Final = 3500
"""That classifiers learn from."""


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
    found = {}
    for name, (gather, settings) in classifying.TASKS.items():
        apart = {"takes": takes} if name in ("sentiment", "urgency") else {}
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
    claims = {
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


def by_classifiers(data: Path, sources: Sources, path: Path) -> None:
    """Write what classifiers say of the valid split."""
    desk = replace(Desk.default(), classifiers=classifiers(data, sources.seed))
    write(path, opinions(kept(sources), desk))
