"""The desk that mail is looked at on: what ships, or what the house has set, with its books and its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from abax.mail.classifier import Classifier
from abax.mail.desk import Desk, Policy, shipped
from abax.mail.rules import Rules
from abax.mail.taxonomy import Taxonomy
from abax.ports import ObjectStore
from abax.workflow.context import MailContext
from abax.workflow.mail_practice import Practice, books_for, practice_of
from abax.writing.client import Budget, Client

TOKENS: Final = 20_000
"""Completion tokens that the messages of a batch may take together."""


def desk_for(context: MailContext, now: datetime) -> Desk:
    """The desk for a batch of messages. Raises InvalidRequest where the house's files make no sense."""
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


_read: dict[tuple[str, str, tuple[tuple[str, str], ...]], _Tools] = {}
"""What was read of objects, which never change under a key."""


def _tools(objects: ObjectStore, practice: Practice) -> _Tools:
    key = (practice.taxonomy, practice.rules, tuple(practice.classifiers.items()))
    if key not in _read:
        _read[key] = _tools_read(objects.fetch, *key)
    return _read[key]


def _tools_read(
    fetch: Callable[[str], Path], taxonomy: str, rules: str, own: tuple[tuple[str, str], ...]
) -> _Tools:
    """Those of the house, by object key, else what ships. Rules that ship speak of the categories that ship:
    with a taxonomy of its own, a house has its own rules alone, and its own classifier of categories."""
    categories = Taxonomy.read(fetch(taxonomy)) if taxonomy else Taxonomy.default()
    first = Rules(()) if taxonomy else Rules.default()
    said = first.and_(Rules.read(fetch(rules), categories)) if rules else first
    ours = {task: Classifier.load(str(fetch(key))) for task, key in own}
    ships = {task: one for task, one in shipped().items() if not (taxonomy and task == "category")}
    return _Tools(categories, said, {**ships, **ours})
