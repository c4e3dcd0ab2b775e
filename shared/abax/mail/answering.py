"""What a model that was trained for it sees of a mail, and what it answers: triage in the contract's words.

The same functions make the examples of ``training/adapters`` and the requests of triage, so that a model is
asked what it was taught. It sees which tasks are asked, what sort of sender writes, the subject and what the
writer says now, as far as ``BUDGET`` goes. It answers those tasks alone, with labels of ours and with texts
as they are printed, each of which stands in what is shown::

    category, actions, names                 {"category":"billing","actions":["send_document"],
    From: somebody                            "names":{"invoice":["RE-20771"]}}
    Subject: Copy please …
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from abax.mail import privacy
from abax.mail.contracts import Deed, Message, Sentiment, Urgency
from abax.writing.prompts.prompt import tokens_in

PROMPT: Final = "mail.sort"
"""The prompt that has the wording; its version is that of the form."""
TASKS: Final = ("category", "department", "sentiment", "urgency", "wanted", "actions", "by", "names")
"""What can be asked, in the order in which it is answered."""
BUDGET: Final = 230
"""Tokens of a mail's own text that are shown, about; of a longer one the beginning and the end."""
BEGINNING: Final = 0.65
"""Share of them that the beginning gets."""
CUT: Final = "[…]"

Category = Literal[
    "billing", "payment", "order", "delivery", "technical", "account", "product", "complaint", "contract",
    "spam", "automatic", "other",
]  # fmt: skip
Department = Literal[
    "accounts_receivable", "accounts_payable", "sales", "logistics", "support", "legal", "none"
]
Printed = Annotated[str, Field(max_length=60, json_schema_extra={"x-grounded": "words"})]


class Sender(StrEnum):
    """What sort of sender writes, as far as books and headers tell."""

    CUSTOMER = "a customer"
    SUPPLIER = "a supplier"
    MACHINE = "a machine"
    OURSELVES = "ourselves"
    SOMEBODY = "somebody"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(_Answer):
    """What a mail names, by kind, as printed; kinds that it does not name are left out."""

    invoice: list[Printed] | SkipJsonSchema[None] = None
    order: list[Printed] | SkipJsonSchema[None] = None
    customer: list[Printed] | SkipJsonSchema[None] = None
    supplier: list[Printed] | SkipJsonSchema[None] = None
    contract: list[Printed] | SkipJsonSchema[None] = None
    delivery: list[Printed] | SkipJsonSchema[None] = None
    ticket: list[Printed] | SkipJsonSchema[None] = None
    tracking: list[Printed] | SkipJsonSchema[None] = None
    amount: list[Printed] | SkipJsonSchema[None] = None
    date: list[Printed] | SkipJsonSchema[None] = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Kind and text of each."""
        told = self.model_dump(exclude_none=True)
        return tuple((kind, text) for kind, texts in told.items() for text in texts)


class Sorted(_Answer):
    """An answer: what was asked, and no more; None is what was not."""

    category: Category | SkipJsonSchema[None] = None
    department: Department | SkipJsonSchema[None] = None
    sentiment: Sentiment | SkipJsonSchema[None] = None
    urgency: Urgency | SkipJsonSchema[None] = None
    wanted: bool | SkipJsonSchema[None] = None
    """Whether anything is wanted of us."""
    actions: Annotated[list[Deed], Field(max_length=4)] | SkipJsonSchema[None] = None
    """What, in order."""
    by: Printed | SkipJsonSchema[None] = None
    """By when; left out where the mail does not say. No empty text: of the tokens that close one, those that
    open the next value as well are none that a grounded text may begin with."""
    names: Names | SkipJsonSchema[None] = None


NAMED: Final = tuple(Names.model_fields)
"""Kinds of what a mail names that can be asked for."""


def variables(
    message: Message, sender: Sender, tasks: Sequence[str] = TASKS, *, mask: bool
) -> dict[str, Any]:
    """What the prompt is given of a message. ``mask``: without personal data."""
    text = f"Subject: {' '.join(message.subject.split())}\n{shortened(message.text)}"
    asked = ", ".join(task for task in TASKS if task in tasks)
    return {"tasks": asked, "sender": sender.value, "mail": privacy.masked(text) if mask else text}


def shortened(text: str, budget: int = BUDGET) -> str:
    """A text of about so many tokens: its words from the beginning and from the end, the middle left out;
    blank lines are no words."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    plain = "\n".join(line for line in lines if line)
    if tokens_in(plain) <= budget:
        return plain
    words = plain.replace("\n", " \n ").split(" ")
    first = _fitting(words, budget * BEGINNING)
    last = _fitting(words[first:][::-1], budget * (1 - BEGINNING))
    shown = (*words[:first], CUT, *words[len(words) - last :])
    return " ".join(shown).replace(" \n ", "\n").strip()


def _fitting(words: Sequence[str], room: float) -> int:
    """How many of the words have room, from the first on."""
    for place, word in enumerate(words):
        room -= tokens_in(word) or 1
        if room < 0:
            return place
    return len(words)


def answer(told: Mapping[str, Any]) -> str:
    """The answer that says so, by task, in the order that the grammar keeps. Raises ValidationError for what
    is none."""
    made = Sorted.model_validate(dict(told)).model_dump(mode="json", exclude_none=True)
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))
