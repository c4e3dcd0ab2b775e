"""How well letters and summaries are worded: contexts whose facts are known, each written and counted.

A context a line, as the writer takes it, with the service that it is for; ``says``, where it is given, are
all numbers, days, amounts and names that the text may state, as its language spells them::

    {"id": "…", "service": "reminder", "context": {…}, "says": ["RE-17", "1.234,50 EUR"]}

Who words a draft is asked once, and once more where what came back was not taken; what is never taken leaves
the template's text. ``invented`` is counted on what was taken, by striking out instead of by understanding:
what is left once all that may be said is struck out holds no digit.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from abax.errors import InvalidRequest
from abax.faults import refused
from abax.writing.prompts import prompt
from abax.writing.services import Desk, Failed, Written, context_of, service, write_all

if TYPE_CHECKING:
    from abax.writing.client import Client
    from abax.writing.prompts import Prompt
    from abax.writing.services.contracts import Context

UNWORDED: Final = ("compliance", "order")
"""Services whose texts no model words."""
REASONS: Final = (
    ("cut short", r"was cut"),
    ("not the form wanted", r"it wrote no|cannot be used"),
    ("a word of no fact", r"none of its facts' and no ordinary|asks something|takes it back|denies|neither"),
    ("a name of no fact", r"the name|names another"),
    ("a number or day of no fact", r"is not among the facts|none of its facts|is not a figure|not among"),
    ("what is not its own", r"does not belong|not said as what it is|stands where|reads as"),
    ("something left out", r"leaves out|left out"),
    ("another language", r"it is in '|not written in"),
    ("said twice, or too long", r"repeats|characters, at most|much more or less"),
)
"""Kinds of reasons for which a draft is not taken, each with what tells it."""


class Line(BaseModel):
    """A line of a file of contexts."""

    id: str = ""
    service: str
    context: dict[str, Any]
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class WritingCase:
    """A context, and what a text about it may say."""

    name: str
    service: str
    context: Context
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What came of one case."""

    case: str
    kind: str
    first: bool
    """The first draft was taken."""
    taken: bool
    """That or the second one was."""
    seconds: float
    reasons: tuple[str, ...] = ()
    """Why the first was not."""
    invented: tuple[str, ...] = ()
    """Of what was taken: words with digits that nothing which may be said accounts for."""


@dataclass(frozen=True)
class Drafts:
    """All cases with one writer."""

    writer: str
    drafts: tuple[Draft, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Counts in all and by kind, with the kinds of reasons; no text of any draft."""
        kinds = sorted({one.kind for one in self.drafts})
        return {
            "writer": self.writer,
            **_counts(self.drafts),
            "by_kind": {kind: _counts([one for one in self.drafts if one.kind == kind]) for kind in kinds},
            "reasons": dict(Counter(_kind(one.reasons[0]) for one in self.drafts if one.reasons)),
        }


def _counts(drafts: Sequence[Draft]) -> dict[str, Any]:
    return {
        "cases": len(drafts),
        "first": sum(one.first for one in drafts),
        "taken": sum(one.taken for one in drafts),
        "invented": sum(len(one.invented) for one in drafts),
        "seconds": round(median(one.seconds for one in drafts), 2) if drafts else None,
    }


def _kind(reason: str) -> str:
    return next((name for name, pattern in REASONS if re.search(pattern, reason)), "another")


def cases_in(path: Path) -> Iterator[WritingCase]:
    """The cases of a file whose text a model can word. Raises InvalidRequest, which names the line."""
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not row.strip():
            continue
        try:
            line = Line.model_validate_json(row)
        except ValidationError as error:
            raise InvalidRequest(str(refused(error, "case")), f"{path.name}, line {number}") from None
        if line.service not in UNWORDED:
            context = context_of(line.service, line.context)
            yield WritingCase(line.id or f"line {number}", line.service, context, line.says)


def evaluate(
    cases: Iterable[WritingCase], client: Callable[[], Client] | None = None, together: int = 1
) -> Drafts:
    """Write the cases: by a model where ``client`` gives one, anew for as many cases of a service as are
    written ``together``, else by the templates, whose texts are held to the same. The seconds of a draft are
    its share of what was written together."""
    name, drafts = "templates", list[Draft]()
    for kind, own in groupby(cases, lambda case: case.service):
        for some in _some(own, max(1, together)):
            asked = client() if client else None
            begun = time.monotonic()
            told = write_all(kind, [one.context for one in some], Desk(asked, "always" if asked else "never"))
            seconds = (time.monotonic() - begun) / len(some)
            name = asked.name_of(_prompt_of(some[0])) if asked else name
            pairs = zip(some, told, strict=True)
            drafts += [draft_of(case, one, seconds, modelled=asked is not None) for case, one in pairs]
    return Drafts(name, tuple(drafts))


def _some(cases: Iterator[WritingCase], most: int) -> Iterator[list[WritingCase]]:
    while some := list(islice(cases, most)):
        yield some


def _prompt_of(case: WritingCase) -> Prompt:
    return prompt(service(case.service).prompt(case.context))


def draft_of(case: WritingCase, told: Written | Failed, seconds: float, *, modelled: bool) -> Draft:
    """What came of a case, of the text that was written for it; nothing where its context is of no use."""
    if isinstance(told, Failed):
        return Draft(case.name, case.service, False, False, seconds, (str(told.error),))
    taken = told.method.startswith("model:") or not modelled
    may_say = [*case.says, *(fact.shown for fact in told.facts)]
    return Draft(
        case=case.name,
        kind=case.service,
        first=taken and not told.refused,
        taken=taken,
        seconds=seconds,
        reasons=told.refused,
        invented=tuple(invented(f"{told.subject}\n{told.text}", may_say)) if taken else (),
    )


def invented(text: str, may_say: Iterable[str]) -> list[str]:
    """Words with digits that are left of a text once all that it may say is struck out, longest first."""
    left = " ".join(text.split())
    for one in sorted({" ".join(one.split()) for one in may_say if one.strip()}, key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ", left)
    return re.findall(r"\S*\d\S*", left)
