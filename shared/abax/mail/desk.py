"""What a message is looked at with: categories, rules, classifiers, the books, and a model where it helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from pydantic import Field, model_validator

from abax.errors import AbaxError, listed
from abax.mail.contracts import Books, Model, Share, Tone
from abax.mail.known import Known
from abax.mail.rules import Rules
from abax.mail.taxonomy import Taxonomy

if TYPE_CHECKING:
    from abax.mail.classifier import Classifier
    from abax.writing.client import Client

TASKS: Final = ("category", "sentiment", "urgency", "action")
"""What a language model can be asked to decide."""
ANSWERED: Final = ("category", "department", "sentiment", "urgency", "wanted", "actions", "by")
"""What one that was trained to sort mail can be."""


class Sorting(Model):
    """What is asked of a model that was trained to sort mail (`abax.mail.sorting`), by task of
    `abax.mail.answering`; ``training.adapters.weigh`` measures what to set. Nothing by default.

    The adapter that ships makes nothing better by a bound: of 172 free mails whose scenes neither knew, 62
    had a category less sure than 0.5; of these the classifiers had 47 % right, the adapter 44 %."""

    below: dict[str, float] = Field(default_factory=dict)
    """What is less sure than this is asked; tasks that are not here are not."""
    right: dict[str, Share] = Field(default_factory=dict)
    """How sure its answers are."""

    @model_validator(mode="after")
    def _is_whole(self) -> Sorting:
        if wrong := sorted(set(self.below) - set(ANSWERED)):
            raise ValueError(f"nothing answers {listed(wrong)}; there are {listed(ANSWERED)}")
        if wrong := sorted(set(self.below) - set(self.right)):
            raise ValueError(f"below has {listed(wrong)}, and right says not how sure they are")
        return self


class Policy(Model):
    """From when on something is sure, and what a language model may decide."""

    sure: Share = 0.55
    """A category that is less sure goes to a person."""
    ask_below: Share = 0.6
    """What is less sure is asked of a model that may decide it."""
    decides: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By model, the tasks that it has shown to decide well: none by default. ``*`` for any model.

    Asked of 109 written messages, the default model gave 67 answers that could stand, and was right in 8 of
    64 categories, 6 of 66 feelings, 22 of 61 urgencies, and 44 of 67 times on whether anything is wanted."""
    trust: Share = 0.6
    """How sure an answer of the model is, as measured."""
    sorting: Sorting = Sorting()
    large_amount: Decimal = Decimal(50000)
    """An amount from which on a message is the more urgent, in any currency."""
    quoted: int = 2600
    """Letters of a message that a model is shown."""

    def tasks(self, model: str) -> tuple[str, ...]:
        """What a model may decide."""
        return tuple(self.decides.get(model, self.decides.get("*", ())))


@dataclass(frozen=True)
class Desk:
    """All that triage needs beside the messages."""

    taxonomy: Taxonomy = field(default_factory=Taxonomy.default)
    rules: Rules = field(default_factory=Rules.default)
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)
    """By task: ``category``, ``spam``, ``action``, ``sentiment``, ``urgency``; words alone do the others."""
    books: Books = field(default_factory=Books)
    own_addresses: tuple[str, ...] = ()
    client: Client | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    mask: bool = True
    """Personal data is masked in what a language model sees."""
    tone: Tone = Tone.FORMAL
    language: str = "en"
    """Of those who read what triage says."""
    policy: Policy = field(default_factory=Policy)
    faults: tuple[str, ...] = ()
    """What is wrong with the desk itself, such as a classifier that cannot be used: a person looks at
    everything then, and is told."""

    @classmethod
    def default(
        cls,
        *,
        now: datetime | None = None,
        books: Books | None = None,
        own_addresses: tuple[str, ...] = (),
        client: Client | None = None,
        mask: bool = True,
        tone: Tone = Tone.FORMAL,
        language: str = "en",
        policy: Policy | None = None,
    ) -> Desk:
        """With what ships."""
        return cls(
            classifiers=shipped(),
            books=books or Books(),
            own_addresses=own_addresses,
            client=client,
            now=now or datetime.now(UTC),
            mask=mask,
            tone=tone,
            language=language,
            policy=policy or Policy(),
        )

    @cached_property
    def known(self) -> Known:
        """The books, indexed. The last ones that were indexed are kept for the desks after this one."""
        if _indexed and _indexed[-1].books is self.books:
            return _indexed[-1]
        found = Known(self.books)
        _indexed[:] = [found]
        return found


_indexed: list[Known] = []


@cache
def shipped() -> Mapping[str, Classifier]:
    """The classifiers that ship, by task; none of a task whose file is not there."""
    from abax.mail.classifier import SHIPPED, Classifier

    found = {}
    for name in SHIPPED:
        try:
            found[name] = Classifier.load(name)
        except (AbaxError, FileNotFoundError):
            continue
    return found
