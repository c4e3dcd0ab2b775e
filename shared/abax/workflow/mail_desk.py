"""The desk that mail is looked at on: what ships, or what the house has set, with its books and its model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from abax.errors import InvalidRequest, ObjectMissing
from abax.mail.classifier import Classifier
from abax.mail.desk import Desk, Policy, shipped
from abax.mail.rules import Rules
from abax.mail.taxonomy import Taxonomy
from abax.ports import ObjectStore
from abax.workflow.context import MailContext
from abax.workflow.mail_practice import Practice, books_for, practice_of
from abax.workflow.mail_settings import require_queues, unfit
from abax.writing.client import Budget, Client

logger = logging.getLogger("abax.mail")

TOKENS: Final = 20_000
"""Completion tokens that the messages of a batch may take together."""


def desk_for(context: MailContext, now: datetime) -> Desk:
    """The desk for a batch of messages. Raises InvalidRequest where the house's taxonomy or rules make no
    sense. A classifier of its own that cannot be used is a fault of the desk: mail is read without it, and
    goes to a person with the reason."""
    practice = practice_of(context.records)
    objects = context.services.objects
    tools = _tools(objects, practice)
    return Desk(
        taxonomy=tools.taxonomy,
        rules=tools.rules,
        classifiers=tools.classifiers,
        books=books_for(objects, context.services.jobs, practice),
        own_addresses=practice.addresses,
        client=_client(context),
        now=now,
        mask=practice.mask,
        tone=practice.tone,
        language=practice.language,
        policy=Policy.model_validate(practice.policy),
        faults=tools.faults,
    )


def _client(context: MailContext) -> Client | None:
    if context.model is None:
        return None
    return Client(context.model, Budget(max(context.seconds, 0.0), TOKENS))


@dataclass(frozen=True)
class _Tools:
    """What is read from files, once."""

    taxonomy: Taxonomy
    rules: Rules
    classifiers: Mapping[str, Classifier]
    faults: tuple[str, ...]
    """Why classifiers that the house has set are not among them."""


_read: dict[tuple[str, str, tuple[tuple[str, str], ...]], _Tools] = {}
"""What was read of objects, which never change under a key."""


def _tools(objects: ObjectStore, practice: Practice) -> _Tools:
    key = (practice.taxonomy, practice.rules, tuple(practice.classifiers.items()))
    if key in _read:
        return _read[key]
    found = _tools_read(objects.fetch, *key)
    for fault in found.faults:
        logger.error("%s", fault)
    if not found.faults:
        _read[key] = found
    return found


def require_together(objects: ObjectStore, practice: Practice) -> None:
    """Raises InvalidRequest for settings whose taxonomy, rules, classifiers and tickets do not fit."""
    key = (practice.taxonomy, practice.rules, tuple(practice.classifiers.items()))
    found = _tools_read(objects.fetch, *key)
    if found.faults:
        raise InvalidRequest(found.faults[0], "classifiers")
    require_queues(practice.tickets, found.taxonomy, found.rules)


def _tools_read(
    fetch: Callable[[str], Path], taxonomy: str, rules: str, own: tuple[tuple[str, str], ...]
) -> _Tools:
    """Those of the house, by object key, else what ships. Rules that ship speak of the categories that ship:
    with a taxonomy of its own, a house has its own rules alone, and its own classifier of categories."""
    categories = Taxonomy.read(fetch(taxonomy)) if taxonomy else Taxonomy.default()
    first = Rules(()) if taxonomy else Rules.default()
    said = first.and_(Rules.read(fetch(rules), categories)) if rules else first
    ours, faults = _own_read(fetch, own, categories)
    ships = {task: one for task, one in shipped().items() if not (taxonomy and task == "category")}
    return _Tools(categories, said, {**ships, **ours}, faults)


def _own_read(
    fetch: Callable[[str], Path], own: tuple[tuple[str, str], ...], taxonomy: Taxonomy
) -> tuple[dict[str, Classifier], tuple[str, ...]]:
    """The house's own classifiers by task, and why others cannot be used."""
    ours: dict[str, Classifier] = {}
    faults: list[str] = []
    for task, key in own:
        try:
            ours[task] = usable(task, Classifier.restore(fetch(key).read_bytes(), key), taxonomy)
        except (InvalidRequest, ObjectMissing) as error:
            faults.append(f"the classifier of {task} that the mail settings name cannot be used: {error}")
    return ours, tuple(faults)


def usable(task: str, classifier: Classifier, taxonomy: Taxonomy) -> Classifier:
    """A classifier that triage can ask for a task. Raises InvalidRequest for one that looks at embeddings, of
    which triage makes none, and for one whose labels nobody knows."""
    if classifier.dense is not None:
        raise InvalidRequest(
            f"{classifier.name} looks at embeddings of {classifier.dense.embedder}, and mail is read without;"
            " train it again without --embeddings",
            "classifiers",
        )
    if why := unfit(task, classifier, taxonomy):
        raise InvalidRequest(f"{classifier.name}: {why}")
    return classifier
