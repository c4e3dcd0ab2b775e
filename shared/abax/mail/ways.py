"""The ways in which mail can be sorted, to be judged beside each other: what the model adds, and what it is
worth by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from abax.mail.desk import ANSWERED, TASKS, Desk, Sorting
from abax.mail.sorting import sorter

ALL: Final = Sorting(below=dict.fromkeys(ANSWERED, 2.0), right=dict.fromkeys(ANSWERED, 1.0))
"""The adapter is asked of everything, and its word is taken."""
SETS: Final = ("actions", "by_when")
"""What is judged by F1 and has no labels."""


def ways(desk: Desk) -> dict[str, Desk]:
    """Desks by how they sort: ``classifiers`` with words alone; ``model``, all by the model as it is;
    ``adapter``, all by the model with its adapter; ``both`` as the desk's policy has it. Those whose model is
    not there are left out."""
    found = {"classifiers": replace(desk, client=None)}
    if desk.client is None:
        return found
    plain = {"sorting": Sorting(), "decides": {"*": TASKS}, "ask_below": 1.0}
    found["model"] = replace(desk, policy=desk.policy.model_copy(update=plain))
    taught = replace(desk, policy=desk.policy.model_copy(update={"sorting": ALL}))
    if sorter(taught) is not None:
        found |= {"adapter": taught, "both": desk}
    return found


def beside(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """By task and way the macro F1, of sets the F1, from what `evaluate` made of each way."""
    found: dict[str, dict[str, float]] = {}
    for way, told in figures.items():
        for task, one in told["tasks"].items():
            if task != "answerable":
                found.setdefault(task, {})[way] = one["macro_f1"]
        for name in SETS:
            if name in told["sets"]:
                found.setdefault(name, {})[way] = told["sets"][name]["f1"]
    return found
