"""Reminders of overdue invoices: friendly, firm, final, in seven languages, as e-mail and WhatsApp message.

The level follows from the days overdue of the oldest invoice and from the reminders that went out before; the
thresholds are in ``reminder.toml``. A later reminder is never milder than the last one and at most one step
firmer: the final one comes after a firm one, or after two milder ones once the delay is very long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from abax.errors import InvalidRequest
from abax.money import decimals
from abax.writing.services.contracts import Channel, DueInvoice, Level, ReminderContext
from abax.writing.services.sense import Bound, Sense
from abax.writing.services.wording import Wording, paragraphs, sentences, wording
from abax.writing.services.work import Told, Work, reach, signature
from abax.writing.truth import Facts

_LEVELS: Final = tuple(Level)
_SATURDAY: Final = 6


def reminder(context: ReminderContext) -> Work:
    """The reminder by template. Raises InvalidRequest where an invoice is not overdue or stands there twice,
    a day cannot be, or the deadline has passed."""
    _check(context)
    if twice := _twice([invoice.number for invoice in context.invoices]):
        raise InvalidRequest(
            f"invoice {twice} stands there twice: its open amount is asked for once", "invoices"
        )
    overdue = {invoice.number: (context.today - invoice.due).days for invoice in context.invoices}
    if early := next((number for number, days in overdue.items() if days <= 0), None):
        raise InvalidRequest(f"invoice {early} is not overdue on {context.today}", "invoices")
    words = wording("reminder", context.language)
    level, why = level_of(context, words.rule)
    deadline = context.deadline or _deadline(context.today, words.rule[level])
    if deadline <= context.today:
        raise InvalidRequest(f"{deadline} is not after {context.today}", "deadline")
    letter = _Letter(context, words, level, deadline, overdue)
    text = letter.text()
    totals = _totals(context.invoices)
    oldest = max(overdue.values())
    return Work(
        text=text,
        subject=letter.subject() if context.channel is Channel.EMAIL else "",
        facts=_facts(context, words, overdue, deadline),
        shown=tuple(letter.told.shown),
        language=words.language,
        must_say=_must_say(context, totals, deadline),
        sense=_sense(context, words, overdue, deadline),
        most=3000 if context.channel is Channel.EMAIL and context.long else 900,
        fields={
            "channel": context.channel,
            "level": level,
            "why": why,
            "days_overdue": oldest,
            "deadline": deadline,
            "totals": totals,
        },
        task={
            "level": level.value,
            "channel": context.channel.value,
            "length": "long" if context.long else "short",
        },
    )


def _check(context: ReminderContext) -> None:
    """Refuse days that contradict each other and parts of a cent, naming the field."""
    for place, one in enumerate(context.invoices):
        if one.issued and one.issued > min(one.due, context.today):
            after = "it is due" if one.issued > one.due else str(context.today)
            raise InvalidRequest(f"{one.issued} is after {after}", f"invoices.{place}.issued")
        if one.amount != round(one.amount, decimals(one.currency)):
            raise InvalidRequest(
                f"{one.amount} has more than the {decimals(one.currency)} decimals of {one.currency}",
                f"invoices.{place}.amount",
            )
    for place, sent in enumerate(context.history):
        if sent.on > context.today:
            raise InvalidRequest(f"{sent.on} is after {context.today}", f"history.{place}.on")


def _twice(numbers: Iterable[str]) -> str:
    """The first of the numbers that comes again, however it is spaced."""
    seen: set[str] = set()
    for number in numbers:
        if (bare := "".join(number.split()).casefold()) in seen:
            return number
        seen.add(bare)
    return ""


def level_of(context: ReminderContext, rule: dict[str, int]) -> tuple[Level, str]:
    """How firm the reminder is, and why."""
    if context.level is not None:
        return context.level, "as asked for"
    days = max((context.today - invoice.due).days for invoice in context.invoices)
    count = len(context.history)
    last = max((_LEVELS.index(one.level) for one in context.history), default=-1)
    why = f"overdue by {days} {'day' if days == 1 else 'days'}, earlier reminders: {count}"
    if last < 0:
        return (Level.FIRM if days >= rule["firm_days"] else Level.FRIENDLY), why
    return _LEVELS[max(last, _step(days, count, last, rule))], f"{why}, the last one {_LEVELS[last]}"


def _step(days: int, count: int, last: int, rule: dict[str, int]) -> int:
    """The place of the level that days and reminders lead to, at most one above that of the last."""
    due = days >= rule["final_days"] or count >= rule["final_reminders"]
    if due and last >= _LEVELS.index(Level.FIRM):
        return _LEVELS.index(Level.FINAL)
    if days >= rule["final_days_unfirm"] and count >= rule["final_reminders"]:
        return _LEVELS.index(Level.FINAL)
    firm = days >= rule["firm_days"] or count >= rule["firm_reminders"]
    return _LEVELS.index(Level.FIRM if firm else Level.FRIENDLY)


def _deadline(today: date, days: int) -> date:
    """So many days on, and no Saturday or Sunday."""
    end = today + timedelta(days=days)
    return end + timedelta(days=max(0, 8 - end.isoweekday())) if end.isoweekday() >= _SATURDAY else end


def _totals(invoices: tuple[DueInvoice, ...]) -> dict[str, Decimal]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        totals[invoice.currency] += invoice.amount
    return dict(totals)


def _facts(context: ReminderContext, words: Wording, overdue: dict[str, int], deadline: date) -> Facts:
    days = [(count, "day") for count in overdue.values()]
    totals = [(value, currency) for currency, value in _totals(context.invoices).items()]
    facts = Facts.of(
        context.sender, context.recipient, context.invoices, context.payee, days, totals, deadline
    )
    facts = facts.also(
        context.today, [one.on for one in context.history], context.promised, words=words.words
    )
    return facts | Facts(language=words.language)


def _sense(context: ReminderContext, words: Wording, overdue: dict[str, int], deadline: date) -> Sense:
    invoices = context.invoices
    return Sense(
        kind="reminder",
        language=words.language,
        bound=tuple(
            Bound(
                one.number,
                frozenset([(one.amount, one.currency)]),
                frozenset([one.due, *([one.issued] if one.issued else [])]),
                frozenset([overdue[one.number]]),
            )
            for one in invoices
        ),
        roles=(
            ("pay", frozenset([deadline])),
            ("due", frozenset(one.due for one in invoices)),
            ("issued", frozenset(one.issued for one in invoices if one.issued)),
            ("wrote", frozenset(one.on for one in context.history)),
            ("promised", frozenset([context.promised] if context.promised else [])),
            ("stand", frozenset([context.today])),
        ),
        totals=frozenset((value, code) for code, value in _totals(invoices).items()),
        delay=max(overdue.values()),
        writer=context.sender.name,
        readers=tuple(filter(None, (context.recipient.name, context.recipient.company))),
    )


def _must_say(context: ReminderContext, totals: dict[str, Decimal], deadline: date) -> tuple[Facts, ...]:
    numbers = [Facts.of(invoice.number) for invoice in context.invoices]
    return (
        *numbers,
        *(Facts.of((value, currency)) for currency, value in totals.items()),
        Facts.of(deadline),
    )


class _Letter:
    """One reminder as it is put together."""

    def __init__(
        self, context: ReminderContext, words: Wording, level: Level, deadline: date, overdue: dict[str, int]
    ) -> None:
        self.context = context
        self.words = words
        self.level = level
        self.told = Told(words.language)
        self._overdue = overdue
        self._deadline = self.told.day("rule:deadline", deadline)

    def subject(self) -> str:
        return self.words.say(f"subject_{self.level}", numbers=self._numbers())

    def text(self) -> str:
        """Long or short, for its channel."""
        short = not self.context.long
        opening = sentences(self._opening(), self._delay() if short else "", self._history())
        ask = sentences(self._ask(), self._consequence(), self._pay_line() if short else "")
        if short and self.context.channel is Channel.WHATSAPP:
            return "\n".join((self._greeting(), sentences(opening, ask), self._closing_line()))
        if short:
            return paragraphs(self._greeting(), opening, ask, self._closing())
        listed, pay = self._list(), self._pay()
        rest = sentences(self.words.say("paid") if self.level is not Level.FINAL else "", self._questions())
        return paragraphs(self._greeting(), opening, listed, ask, pay, rest, self._closing())

    def _greeting(self) -> str:
        name = self.context.recipient.name
        if not name or self.words.language == "pl":
            return self.words.say("greeting_unknown")
        return self.words.say("greeting", contact=self.told.name("recipient.name", name))

    def _numbers(self) -> str:
        numbers = [one.number for one in self.context.invoices]
        return self.told.listed(
            [self.told.name(f"invoices.{n}.number", one) for n, one in enumerate(numbers)]
        )

    def _amounts(self) -> str:
        totals = _totals(self.context.invoices)
        return self.told.listed(
            [self.told.amount(f"rule:total.{code}", value, code) for code, value in totals.items()]
        )

    def _opening(self) -> str:
        one = len(self.context.invoices) == 1
        what = (
            self.words.say("one", number=self._numbers())
            if one
            else self.words.say("many", numbers=self._numbers())
        )
        before = ("_first", "", "_many")[min(len(self.context.history), 2)]
        before = before if self.level is not Level.FRIENDLY else ""
        return self.words.say(f"opening_{self.level}{before}", what=what, amounts=self._amounts())

    def _delay(self) -> str:
        return self.words.say(
            "overdue", days=self.told.days("rule:days_overdue", max(self._overdue.values()))
        )

    def _history(self) -> str:
        parts = []
        if self.context.history and self.level is not Level.FRIENDLY:
            last = max(one.on for one in self.context.history)
            parts.append(self.words.say("history", last=self.told.day("history.on", last)))
        if self.context.promised:
            promised = self.told.day("promised", self.context.promised)
            parts.append(self.words.say("promised", promised=promised))
        return sentences(*parts)

    def _list(self) -> list[str]:
        lines = [self._line(place, one) for place, one in enumerate(self.context.invoices)]
        if len(lines) > 1:
            lines.append(self.words.say("total", amounts=self._amounts()))
        return [self.words.say("list"), *lines]

    def _line(self, place: int, one: DueInvoice) -> str:
        path = f"invoices.{place}"
        issued = {"issued": self.told.day(f"{path}.issued", one.issued)} if one.issued else {}
        return self.words.say(
            "line_issued" if one.issued else "line",
            number=one.number,
            amount=self.told.amount(f"{path}.amount", one.amount, one.currency),
            due=self.told.day(f"{path}.due", one.due),
            days=self.told.days(f"rule:{path}.days_overdue", self._overdue[one.number]),
            **issued,
        )

    def _ask(self) -> str:
        return self.words.say(f"ask_{self.level}", deadline=self._deadline)

    def _consequence(self) -> str:
        return self.words.say("consequence_final") if self.level is Level.FINAL else ""

    def _pay(self) -> list[str]:
        payee = self.context.payee
        if payee is None:
            return []
        given = {name: getattr(payee, name) for name in ("holder", "iban", "bic", "reference")}
        lines = [
            self.words.say(name, **{name: self.told.name(f"payee.{name}", value)})
            for name, value in given.items()
            if value
        ]
        return [self.words.say("pay_to"), *lines] if lines else []

    def _pay_line(self) -> str:
        payee = self.context.payee
        return (
            f"{self.words.say('iban', iban=self.told.name('payee.iban', payee.iban))}."
            if payee and payee.iban
            else ""
        )

    def _questions(self) -> str:
        ways = reach(self.context.sender)
        return (
            self.words.say("questions", reach=", ".join(self.told.name("sender.reach", way) for way in ways))
            if ways
            else ""
        )

    def _closing(self) -> list[str]:
        lines = [self.told.name("sender", line) for line in signature(self.context.sender) if line]
        return [self.words.say("closing"), *lines]

    def _closing_line(self) -> str:
        return ", ".join(self._closing())
