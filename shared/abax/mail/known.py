"""What the books know of a message: its numbers among open and settled items, and which partner writes.

Numbers are compared group by group, letters and digits, without what parts them and without leading zeros:
``INV/2026/0042`` is ``INV-2026-42``, and not ``INV-202642``. A number whose groups are written together is
found by all its letters and digits, zeros included. What a partner calls an item is a number of it too, for
that partner; for others as long as nobody else calls an item of his the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from abax.mail.contracts import Books, Mailbox, Open, Paid, Settled
from abax.mail.phrases import Phrases, folded, word_set

_GROUPS: Final = re.compile(r"[A-Z]+|[0-9]+")
_LEGAL: Final = word_set(
    "gmbh ag kg ohg ug se co mbh ek ev ltd limited inc llc llp plc corp corporation company sa sas "
    "sarl eurl sl slu srl spa snc sas bv nv vof sp z o oo zoo sk sro as ab oy oyj aps group holding "
    "the and und"
)
_SHORTEST_NAME: Final = 5
_FEWEST_DIGITS: Final = 4
_PUBLIC: Final = word_set(
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com aol.com gmx.de "
    "gmx.net web.de t-online.de orange.fr free.fr wanadoo.fr laposte.net libero.it virgilio.it wp.pl "
    "onet.pl o2.pl interia.pl ziggo.nl kpnmail.nl planet.nl protonmail.com proton.me"
)
"""Domains whose addresses are anybody's."""


def is_public(domain: str) -> bool:
    """Whether anybody can have an address of that domain."""
    return domain.lower() in _PUBLIC


@dataclass(frozen=True)
class Match:
    """Items of the books that a number means."""

    number: str
    """As the books have it."""
    partner: str
    """Empty where items of several partners have it."""
    exact: bool
    """False where only its end was written."""


def key_of(number: str) -> str:
    """A number as it compares: ``inv-2026-0042`` is ``INV|2026|42``."""
    groups = _GROUPS.findall(number.upper())
    return "|".join(group.lstrip("0") or "0" if group.isdigit() else group for group in groups)


def bare(number: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(_GROUPS.findall(number.upper()))


class Known:
    """An index of books, made once for all messages."""

    def __init__(self, books: Books) -> None:
        self.books = books

    @property
    def holds_items(self) -> bool:
        """Whether there are items to compare with: else nothing is known to be unknown."""
        return bool(self.books.items or self.books.paid or self.books.settled)

    def number(self, text: str, *, by_end: bool = False, writer: str = "") -> Match | None:
        """The item that a number means, where ``writer`` is the partner that writes it. ``by_end`` takes one
        whose digits end with it, if it is the only one and so much is written that it cannot be chance."""
        keys = (key_of(text), f"={bare(text)}")
        found = next(filter(None, map(self._by_key.get, keys)), _NONE)
        called = next(filter(None, map(self._by_reference.get, keys)), _NONE)
        own = {one for one in found | called if one[1] == writer}
        if own or found:
            return _match(own or found, exact=True)
        if len(called) == 1:
            return _match(called, exact=True)
        if not by_end or sum(letter.isdigit() for letter in text) < _FEWEST_DIGITS:
            return None
        ends = self._by_end.get(_digits_key(text), _NONE)
        return _match(ends, exact=False) if len(ends) == 1 else None

    def open_items(self, number: str) -> list[Open]:
        """The open items of that number, as the books write it."""
        return [item for item in self.books.items if item.number == number]

    def payments(self, number: str) -> list[Paid]:
        """What was paid on it."""
        return [paid for paid in self.books.paid if paid.number == number]

    def settled(self, number: str) -> list[Settled]:
        """The items of that number that nothing is open of."""
        return [item for item in self.books.settled if item.number == number]

    def sender(self, mailbox: Mailbox) -> str:
        """The partner that writes: by the address or domain on record, else by a domain that is its name's;
        empty where that is nobody, or not only one."""
        domain = mailbox.domain
        on_record = self._on_record.get(mailbox.address.lower(), set()) | self._on_record.get(
            f"@{domain}", set()
        )
        if not on_record and domain and domain not in _PUBLIC:
            owner = re.sub(r"[^a-z0-9]", "", domain.rpartition(".")[0].rpartition(".")[2])
            on_record = set(self._by_domain_name.get(owner, ())) if len(owner) >= _SHORTEST_NAME else set()
        return next(iter(on_record)) if len(on_record) == 1 else ""

    @cached_property
    def partners(self) -> dict[str, str]:
        """All partners with the side of most of their items: ``receivable``, ``payable`` or empty."""
        sides: dict[str, Decimal] = dict.fromkeys(self.books.partners, Decimal(0))
        for item in self.books.items:
            weight = 1 if item.side == "receivable" else -1
            sides[item.partner] = sides.get(item.partner, Decimal(0)) + weight
        for paid in self.books.paid:
            sides.setdefault(paid.partner, Decimal(0))
        for settled in self.books.settled:
            weight = 1 if settled.side == "receivable" else -1
            sides[settled.partner] = sides.get(settled.partner, Decimal(0)) + weight
        return {
            name: "receivable" if sum_ > 0 else "payable" if sum_ < 0 else "" for name, sum_ in sides.items()
        }

    @cached_property
    def names(self) -> Phrases[str]:
        """Partners by their names without legal forms; those too short to be told from words are left out."""
        return Phrases(
            (" ".join(words), name)
            for name in self.partners
            if (words := name_words(name)) and len("".join(words)) >= _SHORTEST_NAME
        )

    @cached_property
    def _by_key(self) -> dict[str, frozenset[tuple[str, str]]]:
        return _by_keys((number, number, partner) for number, partner in self._numbers())

    @cached_property
    def _by_reference(self) -> dict[str, frozenset[tuple[str, str]]]:
        books = self.books
        every: tuple[Open | Paid | Settled, ...] = (*books.items, *books.paid, *books.settled)
        return _by_keys((one.reference, one.number, one.partner) for one in every if one.reference)

    @cached_property
    def _by_end(self) -> dict[str, frozenset[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = {}
        for number, partner in self._numbers():
            groups = [group for group in key_of(number).split("|") if group.isdigit()]
            for start in range(len(groups)):
                found.setdefault("|".join(groups[start:]), set()).add((number, partner))
        return {key: frozenset(items) for key, items in found.items()}

    @cached_property
    def _on_record(self) -> dict[str, set[str]]:
        """Partners by the addresses and domains on record."""
        found: dict[str, set[str]] = {}
        for contact in self.books.contacts:
            found.setdefault(contact.address.lower(), set()).add(contact.partner)
        return found

    @cached_property
    def _by_domain_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name in self.partners:
            words = name_words(name)
            for joined in {"".join(words), words[0] if words else ""} - {""}:
                found.setdefault(joined, set()).add(name)
        return found

    def _numbers(self) -> Iterator[tuple[str, str]]:
        for item in self.books.items:
            yield item.number, item.partner
        for paid in self.books.paid:
            yield paid.number, paid.partner
        for settled in self.books.settled:
            yield settled.number, settled.partner


def name_words(name: str) -> list[str]:
    """The words of a company's name, folded, without its legal form."""
    words = re.findall(r"[^\W_]+", folded(name))
    return [word for word in words if word not in _LEGAL] or words


_NONE: Final[frozenset[tuple[str, str]]] = frozenset()


def _by_keys(called: Iterable[tuple[str, str, str]]) -> dict[str, frozenset[tuple[str, str]]]:
    """Numbers with their partners, by the keys of what they are called."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for name, number, partner in called:
        for key in (key_of(name), f"={bare(name)}"):
            if key.strip("="):
                found[key].add((number, partner))
    return {key: frozenset(items) for key, items in found.items()}


def _digits_key(number: str) -> str:
    return "|".join(group for group in key_of(number).split("|") if group.isdigit())


def _match(found: Set[tuple[str, str]], *, exact: bool) -> Match:
    numbers, partners = sorted({number for number, _ in found}), {partner for _, partner in found}
    return Match(numbers[0], next(iter(partners)) if len(partners) == 1 else "", exact)
