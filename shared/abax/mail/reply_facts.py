"""What a reply may state: whose account the sender may ask about, and which of its items the message means.

Nothing is taken from anywhere but the books and the message. What another partner has is never looked at once
the sender is known, and nothing at all while it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from abax.mail.contracts import Books, Entity, Message, Open, Paid, Triage
from abax.mail.phrases import folded

RECEIVABLE: Final = "receivable"
PAYABLE: Final = "payable"

# --- whose account --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sender:
    """Which partner writes, and how that is known."""

    partner: str = ""
    """Empty where it is not known."""
    how: str = ""
    """``contact`` (the address is on record), ``domain`` (it bears the partner's whole name) or ``part`` (it
    bears a part of it)."""
    why: str = ""
    """Why it is not known, or not for certain; for people."""


_FORMS: Final = frozenset(
    "gmbh mbh ag kg kgaa ohg gbr ug se ev eg ltd limited plc llc llp inc corp corporation co company sa sas sarl "
    "sasu eurl sci sl slu srl spa snc sapa bv nv vof cv oy ab as aps sp zoo oo spolka sro kft cie".split()
)
_SMALL: Final = frozenset("und and et y e en i the der die das la le les el il of de del di von z o".split())
_PUBLIC: Final = frozenset(
    "gmail googlemail outlook hotmail live msn yahoo ymail gmx web t-online freenet posteo mailbox icloud me mac "
    "aol proton protonmail orange wanadoo free laposte sfr bbox neuf libero virgilio tiscali alice tin wp onet "
    "interia o2 poczta ziggo kpnmail xs4all planet hetnet telenet skynet terra telefonica bluewin mail email".split()
)
"""Names of domains at which anybody may have an address."""
_SECOND_LEVEL: Final = frozenset("co com org net gov edu ac".split())
_SHORTEST: Final = 5
"""Letters of a single word of a name that may tell whose domain it is."""
_SURE: Final = ("contact", "domain", "part")


def sender_of(message: Message, books: Books) -> Sender:
    """The partner of the books that a message comes from, by the address that an answer goes to. A name alone
    tells nothing, for anybody may write any name."""
    if doubt := _forged(message):
        return Sender(why=doubt)
    address = message.sender.address.casefold()
    found = {partner: how for partner in _partners(books) if (how := _known_by(address, partner, books))}
    for how in _SURE:
        partners = [partner for partner, own in found.items() if own == how]
        if len(partners) == 1:
            why = f"its domain bears only a part of the name {partners[0]}" if how == "part" else ""
            return Sender(partners[0], how, why)
        if partners:
            return Sender(why=f"its address may belong to {' or '.join(sorted(partners))}")
    return Sender(why="its address is not known to belong to any partner of the books")


def _forged(message: Message) -> str:
    """Why the sender's address may be somebody else's."""
    said = " ".join(message.headers.get("authentication-results", ())).lower()
    if "dmarc=fail" in said or ("spf=fail" in said and "dkim=pass" not in said):
        return "the mail server could not confirm that the message comes from its sender's address"
    if any(one.domain != message.sender.domain for one in message.reply_to if one.address):
        return "answers are to go to another domain than the message comes from"
    return ""


def _partners(books: Books) -> list[str]:
    named = [*books.partners, *(one.partner for one in (*books.items, *books.paid, *books.contacts))]
    return list(dict.fromkeys(name for name in named if name))


def _known_by(address: str, partner: str, books: Books) -> str:
    domain = address.rpartition("@")[2]
    recorded = {one.address.casefold() for one in books.contacts if one.partner == partner}
    if address in recorded or f"@{domain}" in recorded:
        return "contact"
    label = _registered(domain)
    if not label or label in _PUBLIC:
        return ""
    return max((_named(label, words) for words in _name_words(partner)), key=_RANK.__getitem__)


_RANK: Final = {"": 0, "part": 1, "domain": 2}


def _registered(domain: str) -> str:
    """The part of a domain that somebody has registered: ``acme`` of ``mail.acme.co.uk``. What stands before
    it is free to choose."""
    labels = domain.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels = labels[:-1]
    return labels[-2] if len(labels) > 1 else ""


def _name_words(partner: str) -> Iterator[tuple[str, ...]]:
    """The words of a name as domains write them: ``müller`` as ``muller`` and as ``mueller``."""
    written = partner.casefold().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}))
    for name in dict.fromkeys((partner, written)):
        yield tuple(re.findall(r"[a-z0-9]+", folded(re.sub(r"['’.]", "", name))))


def _named(label: str, words: Sequence[str]) -> str:
    """Whether a domain bears a name: all of it (with or without its legal form), or words of it in a row."""
    own = [word for word in words if word not in _FORMS and word not in _SMALL]
    bare = label.replace("-", "")
    if not own or len(bare) < 3:
        return ""
    if bare in {"".join(words), "".join(own), "".join(word for word in words if word not in _FORMS)}:
        return "domain"
    longest = max(own, key=len)
    for start in range(len(own)):
        for end in range(start + 1, len(own) + 1):
            run = own[start:end]
            if "".join(run) == bare and len(bare) >= _SHORTEST and (start == 0 or longest in run):
                return "part"
    return ""


# --- which items ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """All that the books have under one number of one partner."""

    number: str
    items: tuple[Open, ...] = ()
    paid: tuple[Paid, ...] = ()

    @property
    def side(self) -> str:
        """``receivable``, ``payable``, or empty where the books do not say."""
        return next((one.side for one in (*self.items, *self.paid) if one.side), "")


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
        sides = {match.entry.side for match in self.matches} or {entry.side for entry in self.entries}
        return next(iter(sides)) if len(sides) == 1 else ""

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries that something is open of."""
        return tuple(entry for entry in self.entries if entry.items)


def found_in(message: Message, triage: Triage, books: Books, partner: str) -> Found:
    """What a message names of its sender's account. Of an unknown sender nothing is looked up."""
    entries = tuple(entries_of(books, partner)) if partner else ()
    named = [entity for entity in triage.entities if entity.kind == "invoice"]
    matches = _by_number(f"{message.subject}\n{message.text}", entries, named)
    covered = {groups(match.entry.number) for match in matches}
    rest = [entity.text for entity in named if not _is_covered(entity, covered, matches)]
    if not matches and not rest:
        matches = _by_number(message.quoted, entries, ()) or _by_amount(triage.entities, entries)
    return Found(entries, tuple(matches), tuple(dict.fromkeys(filter(is_number, rest))))


def entries_of(books: Books, partner: str) -> Iterator[Entry]:
    """A partner's entries, in the order of the books."""
    items = [item for item in books.items if item.partner == partner]
    paid = [payment for payment in books.paid if payment.partner == partner]
    for number in dict.fromkeys(one.number for one in (*items, *paid)):
        yield Entry(
            number,
            tuple(item for item in items if item.number == number),
            tuple(sorted((one for one in paid if one.number == number), key=lambda one: one.paid_on)),
        )


def is_number(text: str) -> bool:
    """Whether a number as a message writes it can be repeated in an answer: short, without words, with digits."""
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
    written = [Match(entry, "same") for entry in entries if _occurs(entry.number, text)]
    have = {match.entry.number for match in written}
    for entity in named:
        match = _alike(entity, [entry for entry in entries if entry.number not in have], written)
        if match is not None:
            written.append(match)
            have.add(match.entry.number)
    return written


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
    if any(asked == groups(match.entry.number) for match in written):
        return None
    for how, alike in (("same", _is_same), ("short", _is_end), ("spelling", _is_misspelt)):
        found = [entry for entry in entries if alike(entity.value, entry.number)]
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
    """The one open entry of an amount that the message names."""
    sums = {size for entity in entities if entity.kind == "amount" for size in _size(entity.value)}
    found = [
        entry for entry in entries if any((abs(item.residual), item.currency) in sums for item in entry.items)
    ]
    return [Match(found[0], "amount")] if len(found) == 1 else []


def _size(value: str) -> Iterator[tuple[Decimal, str]]:
    amount, _, currency = value.partition(" ")
    try:
        yield abs(Decimal(amount)), currency
    except InvalidOperation:
        return
