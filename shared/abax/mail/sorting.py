"""What a model that was trained to sort mail says of what words and classifiers are unsure of.

It is asked where the policy says (`Sorting`), for the doubtful tasks alone, and only if the model has the
adapter and the house sorts by the categories that it was taught. Its answers are labels of ours, held to the
grammar, and days as the mail prints them. They come before the rules, which have the last word, as over
everything else; what a mail asks for in so many words stays.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, get_args

from abax.errors import InvalidRequest, ModelError
from abax.mail import answering
from abax.mail.answering import Category, Sender, Sorted
from abax.mail.contracts import Action, Asked, Claim, Message
from abax.mail.reading import Reading, Sentence
from abax.mail.when import whens
from abax.mail.wording import Wording

if TYPE_CHECKING:
    from abax.mail.desk import Desk
    from abax.writing.prompts import Prompt

logger = logging.getLogger("abax.mail")

UNKNOWN: Final = ("other", "explain")
"""Kinds of action that words give where they do not tell more."""
_LONGEST: Final = 300


@dataclass(frozen=True)
class Sorter:
    """A model that may be asked."""

    prompt: Prompt
    name: str
    """``MODEL:ADAPTER``."""

    @property
    def method(self) -> str:
        """How claims name it."""
        return f"model:{self.prompt.label}"


def sorter(desk: Desk) -> Sorter | None:
    """Who is asked; None where there is no model with the adapter, nothing that it decides, or other
    categories than it was taught."""
    if desk.client is None or not any(desk.policy.sorting.below.values()):
        return None
    prompt = desk.client.prompt(answering.PROMPT, "")
    model = desk.client.models.for_tier(prompt.tier)
    if set(desk.taxonomy.names) != set(get_args(Category)) or prompt.adapter not in model.adapters:
        return None
    return Sorter(prompt, desk.client.name_of(prompt))


def sender_of(message: Message, side: str, *, ours: bool) -> Sender:
    """What sort of sender writes. ``side``: ``receivable`` or ``payable`` as the books have its partner, else
    empty. A machine is what says that it answers by itself: invoices come from machines too."""
    if ours:
        return Sender.OURSELVES
    if message.header("auto-submitted").lower().startswith("auto-replied"):
        return Sender.MACHINE
    return {"receivable": Sender.CUSTOMER, "payable": Sender.SUPPLIER}.get(side, Sender.SOMEBODY)


def answers(
    asked: Sequence[tuple[Message, Sender, Sequence[str]]], who: Sorter, desk: Desk
) -> list[Sorted | None]:
    """The answers on messages, each with its sender and its tasks, asked together; None for those without."""
    if desk.client is None or not asked:
        return [None] * len(asked)
    given = [answering.variables(message, sender, tasks, mask=desk.mask) for message, sender, tasks in asked]
    found: list[Sorted | None] = []
    for (_, _, tasks), answer in zip(asked, desk.client.ask_all(who.prompt, given), strict=True):
        if isinstance(answer, InvalidRequest | ModelError):
            logger.info("no answer for a message: %s", answer)
        found.append(_of(tasks, answer) if isinstance(answer, Sorted) else None)
    return found


def _of(tasks: Sequence[str], answer: Sorted) -> Sorted:
    """The answer without what was not asked."""
    return answer.model_copy(update={task: None for task in answering.TASKS if task not in tasks})


def claimed(
    claim: Claim[Any], value: Any, task: str, who: Sorter, desk: Desk, evidence: str = ""
) -> Claim[Any]:
    """A claim with the model's word: surer where it says the same, else the model's, as sure as it was when
    it was measured."""
    if value is None:
        return claim
    sure = desk.policy.sorting.right[task]
    if value == claim.value:
        return claim.model_copy(update={"confidence": max(claim.confidence, sure)})
    return Claim(value=value, confidence=sure, evidence=evidence, method=who.method)


def wanting(asked: Asked, said: Sorted, reading: Reading, wording: Wording, who: Sorter, desk: Desk) -> Asked:
    """What is asked, with the model's word on whether, what and by when, as far as it was asked for it."""
    wanted, likely = asked.wanted, _likeliest(reading)
    if said.wanted is not None:
        wanted = claimed(wanted, said.wanted, "wanted", who, desk, likely.evidence if said.wanted else "")
    if not wanted.value:
        return asked.model_copy(update={"wanted": wanted, "actions": ()})
    actions = asked.actions
    if said.actions is not None:
        actions = _acting(asked.actions, said.actions, likely, desk)
    if said.by and actions:
        day = day_of(said.by, reading.day, wording)
        actions = (actions[0].model_copy(update={"due": day or actions[0].due}), *actions[1:])
    return Asked(wanted=wanted, actions=actions)


def _acting(
    actions: Sequence[Action], kinds: Sequence[str], likely: Sentence, desk: Desk
) -> tuple[Action, ...]:
    """Actions of the kinds that the model says: in the places of those that words tell no kind of, else
    behind the others; with the policy that also asks where words tell one, in the place of all."""
    new = [
        Action(
            kind=kind,
            text=likely.text[:_LONGEST],
            evidence=likely.evidence,
            confidence=desk.policy.sorting.right["actions"],
        )
        for kind in dict.fromkeys(kinds)
    ]
    if not actions or not new:
        return tuple(actions) or tuple(new)
    if desk.policy.sorting.below["actions"] > 1:
        spans = (*actions, *[actions[-1]] * len(new))
        return tuple(old.model_copy(update={"kind": one.kind}) for old, one in zip(spans, new, strict=False))
    kept = [one for one in actions if one.kind not in UNKNOWN or one.kind in kinds]
    told = {one.kind for one in kept}
    room = iter([one for one in actions if one not in kept])
    changed = [
        old.model_copy(update={"kind": one.kind})
        for one in new
        if one.kind not in told and (old := next(room, None)) is not None
    ]
    return (*kept, *changed) or tuple(actions)


def _likeliest(reading: Reading) -> Sentence:
    """The sentence that a wish rests on which no word tells: a question, else the longest."""
    body = [one for one in reading.body if one.words] or [reading.sentences[0]]
    return max(body, key=lambda one: (one.is_question, len(one.words)))


def day_of(text: str, today: date, wording: Wording) -> date | None:
    """The day that a printed text means, if it is not over; None where it means none."""
    days = [one.value for one in whens(Sentence(text, 1), today, wording) if one.value >= today]
    return min(days, default=None)


def doubtful(sure: Mapping[str, float], desk: Desk) -> list[str]:
    """The tasks that are less sure than the policy wants, in the order in which they are answered."""
    below = desk.policy.sorting.below
    return [task for task in answering.TASKS if sure.get(task, 1.0) < below.get(task, 0.0)]
