"""Accounts of the books, by who may ask about them: an index, made once for all messages.

A sender is known by the address that an answer goes to, if that or its domain is on record, or another one of
a domain that bears his name. A name alone tells nothing, for anybody may write any name and register any
domain. What one partner has is never shown to another, and nothing at all to those who are not known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from abax.mail.contracts import Books, Contact, Message, Open, Paid, Settled
from abax.mail.phrases import folded
from abax.mail.resembling import Lookalikes
from abax.writing.reading import word_set

RECEIVABLE: Final = "receivable"
PAYABLE: Final = "payable"


@dataclass(frozen=True)
class Sender:
    """Which partner writes, and how that is known."""

    partner: str = ""
    """Empty where it is not known."""
    how: str = ""
    """``contact`` (the address is on record, or its domain as such) or ``domain`` (another address of it is,
    and it bears the partner's name)."""
    why: str = ""
    """Why it is not known; for people."""
    resembles: bool = False
    """Whether it is not known and looks as though it were a partner's."""


@dataclass(frozen=True)
class Entry:
    """All that the books have under one number of one partner."""

    number: str
    items: tuple[Open, ...] = ()
    paid: tuple[Paid, ...] = ()
    settled: tuple[Settled, ...] = ()
    called: str = ""
    """How answers call it: by the one reference that its partner has of it, else by its number."""

    @property
    def references(self) -> tuple[str, ...]:
        """What its partner calls it, where that is another number."""
        return tuple(dict.fromkeys(one.reference for one in self._rows if one.reference))

    @property
    def names(self) -> tuple[str, ...]:
        """The numbers by which it may be asked after."""
        return (self.number, *self.references)

    @property
    def name(self) -> str:
        """What it is called in answers."""
        [only] = self.references if len(self.references) == 1 else (self.number,)
        return self.called or only

    @property
    def side(self) -> str:
        """``receivable``, ``payable``, or empty where the books do not say."""
        return next((one.side for one in self._rows if one.side), "")

    @property
    def _rows(self) -> tuple[Open | Paid | Settled, ...]:
        return (*self.items, *self.paid, *self.settled)


class Accounts:
    """Books by partner."""

    def __init__(self, books: Books) -> None:
        """Indexes are made as they are asked for."""
        self.books = books

    @cached_property
    def partners(self) -> tuple[str, ...]:
        """All names."""
        books = self.books
        every: tuple[Open | Paid | Settled | Contact, ...]
        every = (*books.items, *books.paid, *books.settled, *books.contacts)
        named = [one.partner for one in every]
        return tuple(dict.fromkeys(name for name in (*books.partners, *named) if name))

    def entries(self, partner: str) -> tuple[Entry, ...]:
        """A partner's entries, in the order of the books."""
        return self._entries.get(partner, ()) if partner else ()

    def sender(self, message: Message) -> Sender:
        """The partner that a message comes from."""
        if doubt := _forged(message):
            return Sender(why=doubt)
        address = message.sender.address.casefold()
        for how, partners in self._candidates(address, message.sender.domain.casefold()):
            if len(partners) == 1:
                return Sender(partners[0], how)
            if partners:
                return Sender(why=f"its address may belong to {' or '.join(partners)}")
        return self._stranger(message.sender.domain.casefold())

    def named_in(self, text: str) -> set[str]:
        """The partners whose whole name stands in a text."""
        words = _plain_words(text)
        return {
            name
            for place, word in enumerate(words)
            for parts, name in self._names.get(word, ())
            if tuple(words[place : place + len(parts)]) == parts
        }

    def _candidates(self, address: str, domain: str) -> Iterator[tuple[str, list[str]]]:
        """Partners by how the address tells of them, the surest way first."""
        yield "contact", sorted(self._recorded.get(address, set()) | self._recorded.get(f"@{domain}", set()))
        yield "domain", sorted(self._of_domain(domain).intersection(self.bearing(domain)))

    def _of_domain(self, domain: str) -> set[str]:
        """The partners with an address on record in a domain, or in the next one above it that has any."""
        labels = domain.split(".")
        above = (".".join(labels[place:]) for place in range(len(labels) - 1))
        return next(filter(None, map(self._domains.get, above)), set())

    def bearing(self, domain: str) -> list[str]:
        """The partners whose whole name a domain is, else those of whose name it is a part."""
        found = {} if _is_public(domain) else self._labels.get(_registered(domain).replace("-", ""), {})
        return [name for name, how in found.items() if how == "domain"] or sorted(found)

    def _stranger(self, domain: str) -> Sender:
        """Nobody who is known, with whom he may be taken for."""
        if _is_public(domain) or self._of_domain(domain):
            return Sender(why=_UNKNOWN)
        like = self._lookalikes.of(domain) or " or ".join(self.bearing(domain))
        if not like:
            return Sender(why=_UNKNOWN)
        return Sender(why=f"{_UNKNOWN}: its domain {domain} only looks like {like}", resembles=True)

    @cached_property
    def _domains(self) -> dict[str, set[str]]:
        """Partners by the domains of which an address is on record, but those that are anybody's."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for address, partners in self._recorded.items():
            domain = address.rpartition("@")[2]
            if not _is_public(domain):
                found[domain] |= partners
        return dict(found)

    @cached_property
    def _lookalikes(self) -> Lookalikes:
        """Domains on record, then what domains may be called that are a partner's whole name."""
        named = [
            (label, f"the name {partner}")
            for label, partners in self._labels.items()
            for partner, how in partners.items()
            if how == "domain"
        ]
        return Lookalikes([*((_registered(one), one) for one in self._domains), *named])

    @cached_property
    def _recorded(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for contact in self.books.contacts:
            found[contact.address.casefold()].add(contact.partner)
        return dict(found)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        """What domains may be called, with the partners that they are the name of, or a part of the name."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for partner in self.partners:
            for words in _name_words(partner):
                for label, how in _labels_of(words):
                    if found[label].get(partner) != "domain":
                        found[label][partner] = how
        return dict(found)

    @cached_property
    def _names(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        found: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for partner in self.partners:
            words = tuple(_plain_words(partner))
            if sum(map(len, words)) > 3:
                found[words[0]].append((words, partner))
        return dict(found)

    @cached_property
    def _entries(self) -> dict[str, tuple[Entry, ...]]:
        items: defaultdict[tuple[str, str], list[Open]] = defaultdict(list)
        paid: defaultdict[tuple[str, str], list[Paid]] = defaultdict(list)
        settled: defaultdict[tuple[str, str], list[Settled]] = defaultdict(list)
        for item in self.books.items:
            items[item.partner, item.number].append(item)
        for one in self.books.paid:
            paid[one.partner, one.number].append(one)
        for done in self.books.settled:
            settled[done.partner, done.number].append(done)
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for key in dict.fromkeys((*items, *paid, *settled)):
            booked = sorted(paid.get(key, ()), key=lambda one: one.paid_on)
            entry = Entry(key[1], tuple(items.get(key, ())), tuple(booked), tuple(settled.get(key, ())))
            found[key[0]].append(entry)
        return {partner: tuple(entries) for partner, entries in found.items()}


def accounts_of(books: Books) -> Accounts:
    """The index of books; that of the last ones is kept."""
    if not _last or _last[-1].books is not books:
        _last[:] = [Accounts(books)]
    return _last[-1]


_last: list[Accounts] = []


def _plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", folded(text))


_UNKNOWN: Final = "its address is not known to belong to any partner of the books"


# --- addresses ------------------------------------------------------------------------------------------

_FORMS: Final = word_set(
    "gmbh mbh ag kg kgaa ohg gbr ug se ev eg ltd limited plc llc llp inc corp corporation co company sa sas "
    "sarl sasu eurl sci sl slu srl spa snc sapa bv nv vof cv oy ab as aps sp zoo oo spolka sro kft cie"
)
_SMALL: Final = word_set("und and et y e en i the der die das la le les el il of de del di von z o")
_PUBLIC: Final = word_set(
    "gmail googlemail outlook hotmail live msn yahoo ymail gmx web t-online freenet posteo mailbox icloud me "
    "mac aol proton protonmail orange wanadoo free laposte sfr bbox neuf libero virgilio tiscali alice tin "
    "wp onet interia o2 poczta ziggo kpnmail xs4all planet hetnet telenet skynet terra telefonica bluewin "
    "mail email"
)
"""Names of domains at which anybody may have an address."""
_SECOND_LEVEL: Final = word_set("co com org net gov edu ac")
_SHORTEST: Final = 5
"""Letters of a part of a name that may tell whose domain it is."""
_FEWEST: Final = 3
"""Letters of a whole name."""


def _is_public(domain: str) -> bool:
    """Whether anybody may have an address there."""
    return _registered(domain) in _PUBLIC


def _forged(message: Message) -> str:
    """Why the sender's address may be somebody else's."""
    said = " ".join(message.headers.get("authentication-results", ())).lower()
    if "dmarc=fail" in said or ("spf=fail" in said and "dkim=pass" not in said):
        return "the mail server could not confirm that the message comes from its sender's address"
    if any(one.domain != message.sender.domain for one in message.reply_to if one.address):
        return "answers are to go to another domain than the message comes from"
    return ""


def _registered(domain: str) -> str:
    """The part of a domain that somebody has registered: ``acme`` of ``mail.acme.co.uk``. What stands before
    it is free to choose."""
    labels = domain.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels = labels[:-1]
    return labels[-2] if len(labels) > 1 else ""


def _name_words(partner: str) -> Iterator[tuple[str, ...]]:
    """The words of a name as domains write them: ``müller`` as ``muller`` and as ``mueller``."""
    written = partner.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    for name in dict.fromkeys((partner, written)):
        yield tuple(re.findall(r"[a-z0-9]+", folded(re.sub(r"['’.]", "", name))))


def _labels_of(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a domain of that name may be called: all of it, with or without its legal form, or words of it in
    a row, from the first on or around the longest."""
    own = [word for word in words if word not in _FORMS and word not in _SMALL]
    if not own:
        return
    longest = max(own, key=len)
    for start in range(len(own)):
        for end in range(start + 1, len(own) + 1):
            label = "".join(own[start:end])
            if len(label) >= _SHORTEST and (start == 0 or longest in own[start:end]):
                yield label, "part"
    for whole in (words, own, [word for word in words if word not in _FORMS]):
        if len("".join(whole)) >= _FEWEST:
            yield "".join(whole), "domain"
