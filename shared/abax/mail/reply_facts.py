"""Which items of its sender's account a message means, by the books and the message alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from abax.mail.contracts import Entity, Message, Triage
from abax.mail.phrases import folded
from abax.mail.reply_accounts import Entry


@dataclass(frozen=True)
class Match:
    """An entry that a message means."""

    entry: Entry
    how: str
    """``same`` (its number), ``short`` (the end of it), ``spelling`` (nearly), ``amount`` or ``only``."""
    asked: str = ""
    """The number as the message writes it, where that is another."""


@dataclass(frozen=True)
class Found:
    """What a message names of an account."""

    entries: tuple[Entry, ...] = ()
    """All of the sender's, in the order of the books."""
    matches: tuple[Match, ...] = ()
    unknown: tuple[str, ...] = ()
    """Numbers of invoices that the message names and the account does not have, as they are written."""

    @property
    def side(self) -> str:
        """Of what is meant, else of the whole account; empty where it has both or none."""
        named = {match.entry.side for match in self.matches} - {""}
        sides = named or {entry.side for entry in self.entries} - {""}
        return next(iter(sides)) if len(sides) == 1 else ""

    @property
    def named(self) -> bool:
        """Whether the message names any invoice."""
        return bool(self.matches or self.unknown)

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries that something is open of."""
        return tuple(entry for entry in self.entries if entry.items)


def found_in(message: Message, triage: Triage, entries: Sequence[Entry]) -> Found:
    """What a message names of its sender's account: of these entries, none where he is not known."""
    named = [entity for entity in triage.entities if entity.kind == "invoice"]
    matches = _by_number(f"{message.subject}\n{message.text}", entries, named)
    covered = {groups(name) for match in matches for name in match.entry.names}
    rest = [entity.text for entity in named if not _is_covered(entity, covered, matches)]
    if not matches and not rest:
        matches = _by_number(message.quoted, entries, ()) or _by_amount(triage.entities, entries)
    return Found(tuple(entries), tuple(matches), _whole(rest))


def _whole(numbers: Sequence[str]) -> tuple[str, ...]:
    """The numbers that can be repeated, once each, without those that are only the end of another."""
    found = {groups(number): number for number in reversed(numbers) if is_number(number)}
    ends = {own[start:] for own in found for start in range(1, len(own))}
    return tuple(
        dict.fromkeys(number for number in numbers if number in found.values() and groups(number) not in ends)
    )


def is_number(text: str) -> bool:
    """Whether a number as a message writes it can be repeated in an answer: short, with digits, no words."""
    if not re.fullmatch(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_#-]{0,28}", text) or re.search(
        r"[A-Za-z]{7}", text
    ):
        return False
    return all(re.search(r"\d", word) for word in text.split(" ")[1:])


def groups(number: str) -> tuple[str, ...]:
    """A number's runs of letters and of digits, small and without leading zeros: ``INV-0042`` is
    ``("inv", "42")``."""
    return tuple(part.lstrip("0") or "0" for part in re.findall(r"\d+|[a-z]+", folded(number)))


def _by_number(text: str, entries: Sequence[Entry], named: Sequence[Entity]) -> list[Match]:
    written = [Match(entry, "same") for entry in _written(entries, text)]
    have = {match.entry.number for match in written}
    for entity in named:
        match = _alike(entity, [entry for entry in entries if entry.number not in have], written)
        if match is not None:
            written.append(match)
            have.add(match.entry.number)
    return written


def _written(entries: Sequence[Entry], text: str) -> Iterator[Entry]:
    """The entries whose numbers stand in a text, each called as it is there. A reference of digits alone may
    be an amount or a year: it is found where it is said to be an invoice's."""
    for entry in entries:
        if _occurs(entry.number, text):
            yield replace(entry, called=entry.number)
        elif any(not one.isdecimal() and _occurs(one, text) for one in entry.references):
            yield entry


def _occurs(number: str, text: str) -> bool:
    """Whether a number stands in a text, however its parts are joined."""
    parts = groups(number)
    if sum(map(len, parts)) < 4 or not any(part.isdigit() for part in parts):
        return False
    body = r"[ ./_\-\u2010\u2011\u2013]{0,3}".join(
        rf"0*{part}(?!\d)" if part.isdigit() else re.escape(part) for part in parts
    )
    return (
        re.search(rf"(?<![a-z0-9])(?<!\d[.,/-]){body}(?![a-z0-9]|[./_-][a-z0-9])", folded(text)) is not None
    )


def _alike(entity: Entity, entries: Sequence[Entry], written: Sequence[Match]) -> Match | None:
    """The one entry that a number stands for which is not quite its own."""
    asked = groups(entity.value)
    if any(asked == groups(name) for match in written for name in match.entry.names):
        return None
    for how, alike in (("same", _is_same), ("short", _is_end), ("spelling", _is_misspelt)):
        found = [entry for entry in entries if any(alike(entity.value, name) for name in entry.names)]
        if len(found) == 1:
            return Match(found[0], how, entity.text if how == "spelling" else "")
    return None


def _is_same(asked: str, number: str) -> bool:
    return groups(asked) == groups(number) or _bare(asked) == _bare(number)


def _is_end(asked: str, number: str) -> bool:
    own, whole = groups(asked), groups(number)
    return sum(map(str.isdigit, asked)) >= 3 and len(own) < len(whole) and whole[-len(own) :] == own


_LOOKALIKES: Final = str.maketrans("oilsbz", "011582")


def _is_misspelt(asked: str, number: str) -> bool:
    """Letters taken for digits, two neighbours exchanged, one character too many or too few. Another digit is
    another number."""
    one, other = _bare(asked), _bare(number)
    if min(len(one), len(other)) < 4:
        return False
    if one.translate(_LOOKALIKES) == other.translate(_LOOKALIKES):
        return True
    if len(one) == len(other):
        places = [place for place in range(len(one)) if one[place] != other[place]]
        swapped = len(places) == 2 and places[1] == places[0] + 1
        return swapped and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _bare(number: str) -> str:
    return re.sub(r"[^a-z0-9]", "", folded(number))


def _is_covered(entity: Entity, covered: set[tuple[str, ...]], matches: Sequence[Match]) -> bool:
    """Whether the number belongs to an entry that was found, whole or a part of it."""
    own = groups(entity.value)
    if any(match.asked == entity.text for match in matches):
        return True
    return any(own == whole or own == whole[-len(own) :] or own == whole[: len(own)] for whole in covered)


def _by_amount(entities: Sequence[Entity], entries: Sequence[Entry]) -> list[Match]:
    """The one open entry of an amount that the message names; where none is open of it, the one that came to
    it or was paid by it."""
    sums = {size for entity in entities if entity.kind == "amount" for size in _size(entity.value)}
    found = [entry for entry in entries if sums & _open_sums(entry)]
    found = found or [entry for entry in entries if sums & _past_sums(entry)]
    return [Match(found[0], "amount")] if len(found) == 1 else []


def _open_sums(entry: Entry) -> set[tuple[Decimal, str]]:
    return {(abs(item.residual), item.currency) for item in entry.items}


def _past_sums(entry: Entry) -> set[tuple[Decimal, str]]:
    came_to = {(abs(done.gross), done.currency) for done in entry.settled}
    return came_to | {(paid.amount, paid.currency) for paid in entry.paid}


def _size(value: str) -> Iterator[tuple[Decimal, str]]:
    amount, _, currency = value.partition(" ")
    try:
        yield abs(Decimal(amount)), currency
    except InvalidOperation:
        return
