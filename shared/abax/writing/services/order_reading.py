"""An order as its text has it: number, date, lines with quantities, prices and dates, by rules alone.

Lines are read in sentences, lists and tables, in seven languages (``order_lines``, ``order_tables``). An
amount is the price of one unless the line says that it is a sum. What is not understood is no line:
``unread`` says which lines and sentences have digits and were left out, and which contradict themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.writing.claims import Claim, Count, Day, Sum, cleaned, compact, values
from abax.writing.services.contracts import Order
from abax.writing.services.notes_reading import sentences_of
from abax.writing.services.order_lines import Item, Items, Look, items_in
from abax.writing.services.order_tables import Columns, columns_in, row_in
from abax.writing.services.order_words import (
    CASH_DISCOUNT,
    DELIVERY,
    DISCOUNT,
    OWN_NUMBER,
    PAYMENT,
    QUOTE_NUMBER,
    TOTAL,
)
from abax.writing.spelling import language_of, plain
from abax.writing.truth import Facts, claims_of

_PLACE: Final = re.compile(
    r"^\s*(?:(?:pos(?:ition)?|item|ligne|riga|regel)\.?\s*\d+\s*[.:)]?(?=\s)|[-*•·]|\d{1,2}[.)](?=\s))\s*",
    re.IGNORECASE,
)
_CENTS: Final = re.compile(r"(?P<n>(?:\d{1,3}(?:[ .,']\d{3})+|\d+)[.,]\d\d)\s*$")
_LONGEST: Final = 2000
"""Characters of a line that is read; none of an order is as long."""
_SHOWN: Final = 100
"""Characters that are told of one that is not."""
_TERMS: Final = re.compile(rf"(?:{TOTAL.pattern})|(?:we |wir |nous )?(?:{PAYMENT.pattern})", re.IGNORECASE)


@dataclass(frozen=True)
class ReadOrder:
    """What an order's text gave."""

    order: Order
    unread: tuple[str, ...]
    """Lines and sentences with digits that were not understood, or contradict themselves."""
    quote_number: str = ""
    """Of the quote that it refers to."""


@dataclass
class _Reading:
    look: Look
    items: list[Item] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)


def read_order(
    text: str, currency: str = "", quote: Order | None = None, today: date = date.min
) -> ReadOrder:
    """The order in a text. ``currency`` is taken where it names none, euros without it; the articles of
    ``quote`` are known again, and a day without a year is the next one from ``today`` on."""
    look = _look(text, currency, quote, today)
    found = _Reading(look)
    columns: Columns = ()
    for raw in text.splitlines():
        if len(raw) > _LONGEST:
            found.unread.append(f"{raw[:_SHOWN].strip()}…")
            continue
        line = cleaned(raw)
        if heading := columns_in(line):
            columns = heading
            continue
        _read_line(line, columns, found)
    return _gathered(found, currency)


def _look(text: str, currency: str, quote: Order | None, today: date) -> Look:
    lines = quote.lines if quote else ()
    words = {plain(word) for line in lines for word in re.findall(r"[^\W\d_]{3,}", line.description)}
    tokens = [line.code for line in lines if line.code]
    tokens += [
        word
        for line in lines
        for word in re.findall(r"(?=\w*[-/]?\d)[A-Z][\w/-]*\d[\w/-]*", line.description)
    ]
    codes = frozenset(compact(token) for token in tokens)
    return Look(language_of(text), today, currency, codes, frozenset(words))


def _read_line(line: str, columns: Columns, found: _Reading) -> None:
    row = None if TOTAL.match(line.strip()) else row_in(line, columns, found.look)
    if row is not None:
        _keep(Items((row,)), found)
        return
    for sentence in sentences_of(_PLACE.sub("", line).strip()):
        _read_sentence(sentence, found)


def _read_sentence(text: str, found: _Reading) -> None:
    claims = claims_of(text, Facts(language=found.look.language))
    found.currencies += [
        _code(one, found.look) for claim in claims for one in claim.readings if isinstance(one, Sum)
    ]
    items = Items() if _TERMS.match(text) or _discounts_all(text) else items_in(text, found.look)
    if items.items:
        _keep(items, found)
        _fact(items.before, claims_of(items.before, Facts(language=found.look.language)), found)
        if items.day is not None:
            found.known.setdefault("deliver_by", items.day)
    elif not _fact(text, claims, found) and _has_digits(text, claims):
        found.unread.append(text)


def _code(told: Sum, look: Look) -> str:
    return look.currency if look.currency in told.currencies else told.currencies[0]


def _keep(items: Items, found: _Reading) -> None:
    found.items += items.items
    found.currencies += [one.currency for one in items.items if one.currency]
    found.unread += [*(one.text for one in items.items if one.doubtful), *items.lost]


def _has_digits(text: str, claims: Sequence[Claim]) -> bool:
    """Whether it has digits that are no telephone number, address or account."""
    for claim in reversed(claims):
        if claim.kind in ("address", "account"):
            text = text[: claim.start] + text[claim.end :]
    return any(letter.isdigit() for letter in text)


def _gathered(found: _Reading, currency: str) -> ReadOrder:
    """One order in one currency: a price in another one is no price of it."""
    named = next(iter(found.currencies), currency or "EUR")
    lines = []
    for item in found.items:
        alien = bool(item.currency) and item.currency != named
        if alien and item.text not in found.unread:
            found.unread.append(item.text)
        lines.append(item.line.model_copy(update={"unit_price": None}) if alien else item.line)
    quote_number = found.known.pop("quote_number", "")
    order = Order.model_validate({**found.known, "currency": named, "lines": lines})
    return ReadOrder(order, tuple(found.unread), quote_number)


# --- what is said of the order as a whole ---------------------------------------------------------------


def _days(claims: Sequence[Claim]) -> list[date]:
    found = []
    for claim in claims:
        for one in claim.readings:
            if isinstance(one, Day) and one.year and one.month and one.day:
                found.append(date(one.year, one.month, one.day))
                break
    return found


def _discounts_all(text: str) -> bool:
    """Whether a sentence tells of a discount and of no article."""
    return any(pattern.match(text) for pattern in DISCOUNT) or CASH_DISCOUNT.search(text) is not None


def _fact(text: str, claims: Sequence[Claim], found: _Reading) -> bool:
    """Whether a sentence says something of the order as a whole, which is then known."""
    told = dict(_facts(text, claims))
    found.known.update(
        {name: value for name, value in told.items() if name not in found.known or name == "total"}
    )
    return bool(told) and not CASH_DISCOUNT.search(text)


def _facts(text: str, claims: Sequence[Claim]) -> Iterator[tuple[str, Any]]:
    days = _days(claims)
    sums = [one.value for claim in claims for one in claim.readings if isinstance(one, Sum)]
    counts = [
        one for claim in claims for one in claim.readings if isinstance(one, Count) and one.unit == "day"
    ]
    if quoted := QUOTE_NUMBER.search(text):
        yield "quote_number", quoted["number"].lstrip("#")
    if own := OWN_NUMBER.search(text):
        yield "number", own["number"].lstrip("#")
    if days:
        delivery = DELIVERY.search(text)
        if delivery or not quoted:
            yield ("deliver_by" if delivery else "dated"), days[-1 if delivery else 0]
    if sums and TOTAL.search(text):
        yield "total", sums[-1]
    elif TOTAL.match(text) and (bare := _CENTS.search(text)):
        yield "total", values(bare["n"], "")[0]
    if counts and PAYMENT.search(text) and counts[0].value == int(counts[0].value):
        yield "payment_days", int(counts[0].value)
    for pattern in DISCOUNT:
        if not CASH_DISCOUNT.search(text) and (share := pattern.search(text)):
            yield "discount", Decimal(share["share"].replace(",", "."))
            break


def amount_in(text: str, language: str) -> Decimal | None:
    """The one number or amount that a few words state; None where there is none or there are several."""
    claims = claims_of(text, Facts(language=language))
    found = {one.value for claim in claims for one in claim.readings if isinstance(one, Sum | Count)}
    return found.pop() if len(found) == 1 else None


def day_in(text: str, language: str) -> date | None:
    """The first full date that a few words state."""
    return next(iter(_days(claims_of(text, Facts(language=language)))), None)
