"""How well replies are drafted: cases whose facts are known, each a line of ``replies-*.jsonl``.

::

    {"id", "language", "tone", "today", "message": {"from", "to", "subject", "date", "body"},
     "own": {"name", "address", "company"}, "books": {"as_of", "items": […], "paid": […]},
     "expects": {"reply": bool, "kind", "or_kinds": […], "mentions": […], "forbids": […]}}

Cases do not say which addresses are on record: the sender's domain is, where it bears the name of one
partner.

A fact that may be written in several ways has them parted by ``|``. The day that the books are of may stand
in the sentence that says so, even where the same day would be wrong elsewhere.

A draft is read again with the readers of documents, which know nothing of how drafts are written: each
amount, date and number of it must be one of the books' for this very partner, or one that the message names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from abax.documents.amounts import find_amounts
from abax.documents.dates import find_dates, month_of
from abax.errors import InvalidRequest
from abax.mail.contracts import Books, Contact, Mailbox, Message, Model, Open, Paid, Reply, Tone, Triage
from abax.mail.datasets import Labelled
from abax.mail.message import read
from abax.mail.phrases import folded
from abax.mail.replies import draft, rendered
from abax.mail.reply_accounts import Accounts
from abax.mail.reply_facts import groups
from abax.mail.reply_texts import wording
from abax.writing.truth import Facts, faults

FAULTS: Final = (
    "no reply where one is due", "reply where none is due", "wrong kind", "missing fact", "forbidden fact",
    "invented amount", "invented date", "invented number", "invented name", "not rendered",
)  # fmt: skip
"""What can be wrong with a draft."""


class WantedReply(Model):
    """What is true of a case's answer."""

    reply: bool
    kind: str = ""
    or_kinds: tuple[str, ...] = ()
    """As right."""
    mentions: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()


class CaseMail(Model):
    """The message of a case."""

    sender: str = Field(alias="from")
    to: str = ""
    subject: str = ""
    date: datetime | None = None
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)


class CaseOwn(Model):
    """Who answers."""

    name: str = ""
    address: str
    company: str = ""


class CaseBooks(Model):
    """What the books hold."""

    as_of: date | None = None
    items: tuple[Open, ...] = ()
    paid: tuple[Paid, ...] = ()


class ReplyCase(Model):
    """A message, what is known, and what an answer must and must not say."""

    id: str
    language: str
    tone: Tone = Tone.FORMAL
    today: date
    message: CaseMail
    own: CaseOwn
    books: CaseBooks
    expects: WantedReply
    note: str = ""

    @cached_property
    def mail(self) -> Message:
        """The message as it would have come."""
        given = self.message
        fields = given.model_dump(by_alias=True) | {"id": self.id}
        return read(Labelled.model_validate(fields).content()).message

    @cached_property
    def known(self) -> Books:
        """The books."""
        partners = [item.partner for item in self.books.items] + [one.partner for one in self.books.paid]
        books = Books(
            company=self.own.company,
            as_of=self.books.as_of,
            source="case",
            items=self.books.items,
            partners=tuple(dict.fromkeys(partners)),
            paid=self.books.paid,
        )
        domain = self.mail.sender.domain
        named = Accounts(books).bearing(domain)
        on_record = [Contact(partner=one, address=f"@{domain}") for one in named if len(named) == 1]
        return books.model_copy(update={"contacts": tuple(on_record)})

    @property
    def now(self) -> datetime:
        """When it is answered."""
        return datetime.combine(self.today, time(9), UTC)


@dataclass(frozen=True)
class Verdict:
    """One case and what is wrong with its draft."""

    case: ReplyCase
    reply: Reply | None
    problems: tuple[tuple[str, str], ...]
    """Of ``FAULTS``, with what it is."""


@dataclass(frozen=True)
class ReplyReport:
    """All cases."""

    verdicts: tuple[Verdict, ...]
    counts: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Figures with counts, and each case that has a fault."""
        bad = [one for one in self.verdicts if one.problems]
        languages = sorted({one.case.language for one in self.verdicts})
        return {
            "cases": len(self.verdicts),
            "right": len(self.verdicts) - len(bad),
            "drafted": sum(one.reply is not None for one in self.verdicts),
            "faults": {name: self.counts[name] for name in FAULTS},
            "by_language": {
                language: {
                    "cases": sum(one.case.language == language for one in self.verdicts),
                    "right": sum(one.case.language == language and not one.problems for one in self.verdicts),
                }
                for language in languages
            },
            "wrong": [
                {"id": one.case.id, "problems": [f"{name}: {what}" for name, what in one.problems]}
                for one in bad
            ],
        }


Triager = Callable[[ReplyCase], tuple[Triage, Any]]
"""Triage of a case's message, and the desk that it was done at."""


def cases_in(paths: Iterable[Path]) -> Iterator[ReplyCase]:
    """The cases of files, or of the ``replies-*.jsonl`` of folders. Raises InvalidRequest."""
    for path in paths:
        for file in sorted(path.glob("replies-*.jsonl")) if path.is_dir() else [path]:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if line.strip():
                    yield _case(line, f"{file.name}, line {number}")


def _case(line: str, where: str) -> ReplyCase:
    try:
        return ReplyCase.model_validate_json(line)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise InvalidRequest(
            f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}", "cases"
        ) from None


def evaluate_replies(cases: Sequence[ReplyCase], triager: Triager | None = None) -> ReplyReport:
    """Draft an answer to each case and judge it."""
    triager = triager or triaged
    verdicts = []
    for case in cases:
        triage, desk = triager(case)
        reply = draft(case.mail, triage, desk)
        verdicts.append(Verdict(case, reply, tuple(judged(case, reply))))
    counts = Counter(name for one in verdicts for name, _ in one.problems)
    return ReplyReport(tuple(verdicts), counts=counts)


def triaged(case: ReplyCase) -> tuple[Triage, Any]:
    """Triage by what ships, without a model."""
    from abax.mail.desk import Desk
    from abax.mail.triage import triage

    desk = Desk.default(books=case.known, own_addresses=(case.own.address,), now=case.now, tone=case.tone)
    [one] = triage([case.mail], desk)
    return one, desk


# --- judging --------------------------------------------------------------------------------------------


def judged(case: ReplyCase, reply: Reply | None) -> list[tuple[str, str]]:
    """What is wrong with a draft: kinds of ``FAULTS``, each with what it is."""
    return list(_problems(case, reply))


def _problems(case: ReplyCase, reply: Reply | None) -> Iterator[tuple[str, str]]:
    wanted = case.expects
    if reply is None:
        if wanted.reply:
            yield "no reply where one is due", wanted.kind
        return
    if not wanted.reply:
        yield "reply where none is due", reply.kind
    elif reply.kind not in (wanted.kind, *wanted.or_kinds):
        yield "wrong kind", f"{reply.kind} for {wanted.kind}"
    body = _undated(reply)
    yield from (("missing fact", fact) for fact in wanted.mentions if not _says(reply.body, fact))
    yield from (("forbidden fact", fact) for fact in wanted.forbids if _says(body, fact))
    yield from _invented(case, reply)
    content = rendered(reply, case.mail, Mailbox(address=case.own.address, name=case.own.name))
    if read(content).message.whole_text.split() != reply.body.split():
        yield "not rendered", "its bytes do not hold its text"


def _undated(reply: Reply) -> str:
    """The body without the sentence that says of which day the books are."""
    day = next((fact.shown for fact in reply.facts if fact.name == "books.as_of"), "")
    told = wording(reply.language).say["as_of"].format(as_of=day)
    return reply.body.replace(told, "") if day else reply.body


def _says(body: str, fact: str) -> bool:
    """Whether a text states a fact, in any of its ways, or in another way of writing that day or amount."""
    return any(_stands(body, way) for way in fact.split("|"))


def _stands(body: str, fact: str) -> bool:
    if re.search(rf"(?<![\w]){re.escape(_flat(fact))}(?!\w|[.,]\d)", _flat(body)):
        return True
    days = {one.value for one in find_dates(fact)}
    if days:
        return bool(days & {one.value for line in body.splitlines() for one in find_dates(line)})
    sums = _sums(fact) if re.fullmatch(r"[\d.,\s]+[.,]\d\d(?: [A-Z]{3})?", fact) else set()
    return bool(sums & _sums(body)) or _has_number(body, fact)


def _has_number(body: str, fact: str) -> bool:
    own = groups(fact)
    return len(own) > 1 and any(groups(token) == own for token in body.split())


def _sums(text: str) -> set[Decimal]:
    return {abs(one.value) for line in text.splitlines() for one in find_amounts(line)}


def _flat(text: str) -> str:
    return " ".join(folded(text).split())


def _invented(case: ReplyCase, reply: Reply) -> Iterator[tuple[str, str]]:
    """What the books do not have for the partner who is written to, and the message does not name."""
    about = next((fact.value for fact in reply.facts if fact.name == "sender.partner"), "")
    truth = _Truth(case, about)
    joined = re.sub(r"(?<=\d)[\u00a0\u202f](?=\d{3}(?!\d))", "", reply.body)
    left = _without(joined, (number for number in truth.numbers if re.search(r"[^\W\d]|\d{5}", number)))
    for found in sorted(find_dates(left), key=lambda one: -len(one.text)):
        if found.value not in truth.days:
            yield "invented date", found.text
        left = left.replace(found.text, " ")
    for line in left.splitlines():
        for amount in find_amounts(line):
            if amount.currency and abs(amount.value) not in truth.sums:
                yield "invented amount", amount.text
            line = line.replace(amount.text, " ") if amount.currency else line
        rest = _without(line, truth.numbers)
        yield from (("invented number", token) for token in re.findall(r"\S*\d\S*", rest))
    yield from (("invented name", name) for name in truth.strange_names(reply))


def _without(text: str, numbers: Iterable[str]) -> str:
    for number in sorted(numbers, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(number)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


class _Truth:
    """All that an answer to a case may state, gathered without regard to how answers are drafted; about the
    partner that the reply says it is for. Whether that is the right one, the forbidden facts tell."""

    def __init__(self, case: ReplyCase, partner: str) -> None:
        books, text = case.books, f"{case.message.subject}\n{case.message.body}"
        items = [item for item in books.items if item.partner == partner]
        paid = [one for one in books.paid if one.partner == partner]
        self._case = case
        self._partner = partner
        own = [*(one.number for one in items), *(one.number for one in paid)]
        self.numbers = set(own) | set(re.findall(r"[\w./#-]*\d[\w/#-]*", text))
        days: list[date | None] = [
            books.as_of,
            *(item.due_date for item in items),
            *(one.paid_on for one in paid),
        ]
        self.days = {day for day in days if day is not None} | {one.value for one in find_dates(text)}
        self.days |= set(_partial(text, case.today.year))
        self.sums = {abs(item.residual) for item in items} | {one.amount for one in paid}
        for currency in {item.currency for item in items}:
            for side in ("receivable", "payable"):
                sums = [item.residual for item in items if (item.currency, item.side) == (currency, side)]
                self.sums.add(abs(sum(sums, Decimal(0))))

    def strange_names(self, reply: Reply) -> list[str]:
        """Names in a reply that are neither the house's nor the partner's."""
        facts = Facts.of(
            *(self._case.own.company, self._case.own.name, self._partner, *self.numbers, *self.days),
            *((size, code) for size in self.sums for code in self._currencies),
            language=reply.language,
            words=wording(reply.language).words,
        )
        return [fault for fault in faults(reply.body, facts) if fault.startswith("the name")]

    @property
    def _currencies(self) -> set[str]:
        books = self._case.books
        return {one.currency for one in books.items} | {one.currency for one in books.paid}


def _partial(text: str, year: int) -> Iterator[date]:
    """Days that a message names without their year: in this year and the next."""
    named = re.findall(r"(?<!\d)(\d{1,2})(?:\.|er|st|nd|rd|th)? (?:de |of )?([^\W\d_]{3,})", text)
    numeric = re.findall(r"(?<!\d)(\d{1,2})[./-](\d{1,2})\b", text)
    pairs = [(day, month_of(word)) for day, word in named] + [(day, int(month)) for day, month in numeric]
    for day, month in pairs:
        for candidate in (year, year + 1):
            try:
                yield date(candidate, month or 0, int(day))
            except ValueError:
                continue
