"""A letter put together sentence by sentence, which keeps each fact that it states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from abax.mail.contracts import Books, Open, Tone, UsedFact
from abax.mail.reply_accounts import PAYABLE, Entry
from abax.mail.reply_facts import Match, is_number
from abax.mail.reply_texts import Wording
from abax.money import trimmed
from abax.writing import spelling

MESSAGE: Final = "message"
LEDGER: Final = "ledger"
MOST_LINES: Final = 40
"""Items that a list has; beyond, a person sends a file."""


class Letter:
    """What is being written. Each method adds to its end."""

    def __init__(self, words: Wording, tone: Tone, books: Books, today: date) -> None:
        """``today`` tells what is overdue."""
        self.words = words
        self.facts: list[UsedFact] = []
        self.stated: list[str] = []
        """The sentences that answer, without greeting, thanks and closing."""
        self.overdue = False
        """Something that is stated as open is overdue."""
        self.unpaid = False
        """Something is stated that the partner owes, and nothing has been paid of."""
        self._tone = words.tones[tone]
        self._books = books
        self._today = today
        self._blocks: list[str] = []

    @property
    def body(self) -> str:
        """The whole text; lines end with ``\\n``."""
        return "\n\n".join(self._blocks) + "\n"

    @property
    def states_account(self) -> bool:
        """Whether anything of an account is in it."""
        return any(
            fact.name.startswith(("invoice.", "statement.")) and fact.source != MESSAGE for fact in self.facts
        )

    def open(self) -> None:
        """Greeting and thanks."""
        self._blocks += [self._tone.greeting, self._tone.thanks]

    def close(self) -> None:
        """The closing, and who signs."""
        company = self._books.company
        if company:
            self._keep("company", company, company, self._ledger())
        self._blocks.append(f"{self._tone.close}\n{company}".rstrip())

    def say(self, key: str, **slots: str) -> None:
        """A paragraph of the wording."""
        self._state(self.words.say[key].format(**slots))

    def request(self) -> None:
        """Ask for what is overdue."""
        self._state(self._tone.pay)

    def regret(self) -> None:
        """Regret that somebody had to complain."""
        self._blocks.append(self._tone.regret)

    def state_of_books(self) -> None:
        """Say from which day the answer is."""
        if self._books.as_of is not None:
            self.say("as_of", as_of=self.day("books.as_of", self._books.as_of, self._ledger()))

    def match(self, match: Match) -> None:
        """Say which number is taken for another."""
        if match.how == "spelling":
            self.say("meant", number=self.written("invoice", match.asked), meant=self.reference(match.entry))

    def entry(self, entry: Entry, *, owed: bool) -> None:
        """How it stands with one number; ``owed`` where it is what we owe."""
        number = self.reference(entry)
        parts = [self._payments(entry, number, owed)] if entry.paid else []
        parts += [self._open(item, number, owed, rest=bool(parts)) for item in entry.items]
        parts = parts or [self._settled(entry, number)]
        self.unpaid |= not owed and not entry.paid and any(item.residual > 0 for item in entry.items)
        self._state(" ".join(parts))

    def items(self, entries: Sequence[Entry], *, total: bool = False) -> None:
        """A list of what is open, and its total where there are several and nothing is left out."""
        open_ = [item for entry in entries for item in entry.items]
        lines = [self._line(item) for item in open_[:MOST_LINES]]
        if total and 1 < len(open_) <= MOST_LINES:
            lines += self._totals(open_)
        self._state("\n".join(lines))

    # --- facts ------------------------------------------------------------------------------------------

    def reference(self, entry: Entry) -> str:
        """The number of an entry, as its partner knows it."""
        return self._name(entry.number, entry.name)

    def written(self, kind: str, text: str) -> str:
        """A number as the message writes it."""
        return self._keep(f"message.{kind}", text, text, MESSAGE)

    def number_of(self, kind: str, text: str) -> str:
        """The same where it can be repeated, else nothing."""
        return self.written(kind, text) if is_number(text) else ""

    def amount(self, name: str, value: Decimal, currency: str) -> str:
        """An amount of the books; its sign is told in words."""
        size = trimmed(abs(value), currency)
        shown = spelling.amount(size, currency, self.words.language)
        return self._keep(name, f"{size:f} {currency}", shown, self._ledger())

    def day(self, name: str, value: date, source: str) -> str:
        """A day."""
        return self._keep(name, value.isoformat(), spelling.day(value, self.words.language), source)

    # --- parts ------------------------------------------------------------------------------------------

    def _payments(self, entry: Entry, number: str, owed: bool) -> str:
        told = [
            self.words.say["payment"].format(
                amount=self.amount(f"invoice.{entry.number}.paid", paid.amount, paid.currency),
                day=self.day(f"invoice.{entry.number}.paid_on", paid.paid_on, self._ledger()),
            )
            for paid in entry.paid
        ]
        key = ("owed_part" if owed else "part") if entry.items else "paid"
        listed = spelling.listed(told, self.words.language)
        return self.words.say[key].format(number=number, payments=listed)

    def _settled(self, entry: Entry, number: str) -> str:
        """That nothing is open, and since when: the books do not tell by which payments."""
        last = max(one.settled_on for one in entry.settled)
        day = self.day(f"invoice.{entry.number}.settled_on", last, self._ledger())
        return self.words.say["settled"].format(number=number, day=day)

    def _open(self, item: Open, number: str, owed: bool, *, rest: bool) -> str:
        """One open item: what is still to be paid, or a credit."""
        amount = self.amount(f"invoice.{item.number}.residual", item.residual, item.currency)
        if (item.residual > 0) == owed:
            return self.words.say["owed_credit" if owed else "credit"].format(number=number, amount=amount)
        stem = "rest" if rest else "owed" if owed else "open"
        if item.due_date is None:
            return self.words.say[f"{stem}_undated"].format(number=number, amount=amount)
        late = item.due_date < self._today
        self.overdue |= late
        due = self.day(f"invoice.{item.number}.due_date", item.due_date, self._ledger())
        return self.words.say[f"{stem}_overdue" if late else stem].format(
            number=number, amount=amount, due=due
        )

    def _line(self, item: Open) -> str:
        number = self._name(item.number, item.reference or item.number)
        amount = self.amount(f"invoice.{item.number}.residual", item.residual, item.currency)
        owed = item.side == PAYABLE
        if (item.residual > 0) == owed:
            return self.words.say["line_owed_credit" if owed else "line_credit"].format(
                number=number, amount=amount
            )
        if item.due_date is None:
            return self.words.say["line_undated"].format(number=number, amount=amount)
        self.overdue |= item.due_date < self._today
        due = self.day(f"invoice.{item.number}.due_date", item.due_date, self._ledger())
        return self.words.say["line"].format(number=number, amount=amount, due=due)

    def _totals(self, items: Sequence[Open]) -> list[str]:
        """What is owed by currency, credits taken off; nothing where these are more."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for item in items:
            sums[item.currency] += -item.residual if item.side == PAYABLE else item.residual
        return [
            self.words.say["total"].format(amount=self.amount(f"statement.total.{currency}", total, currency))
            for currency, total in sums.items()
            if total > 0
        ]

    def _name(self, number: str, shown: str) -> str:
        kind = "number" if shown == number else "reference"
        return self._keep(f"invoice.{number}.{kind}", shown, shown, self._ledger())

    def _state(self, text: str) -> None:
        self._blocks.append(text)
        self.stated.append(text)

    def _ledger(self) -> str:
        return f"{LEDGER}:{self._books.source}" if self._books.source else LEDGER

    def _keep(self, name: str, value: str, shown: str, source: str) -> str:
        fact = UsedFact(name=name, value=value, shown=shown, source=source)
        if fact not in self.facts:
            self.facts.append(fact)
        return shown
