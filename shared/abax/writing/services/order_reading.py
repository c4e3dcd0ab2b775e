"""An order as its text has it: number, date, lines with quantities, prices and dates, by rules alone.

A line of the order begins with a quantity (``20 x …``, ``20 pcs …``) or has one with a unit behind its words
(``Drill 8 mm: 20 pcs``). Its amount is the price of one unless the line says that it is a sum. What is not
understood is no line; ``unread`` says which lines have digits and were left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from abax.writing.claims import Claim, Count, Day, Sum, values
from abax.writing.services.contracts import Order, OrderLine
from abax.writing.spelling import language_of
from abax.writing.truth import Facts, claims_of

_COUNTED: Final = (
    r"pcs?|pieces?|units?|ea|boxes|box|sets?|pairs?|st(?:ü|ue)ck|stk|karton|kartons|paar|rollen?|pi[èe]ces?|unités?|"
    r"unidades|uds?|cajas?|pezzi|pz|stuks?|dozen|szt(?:uk)?|kg|rolls?|pallets?|paletten"
)
_UNITS: Final = rf"{_COUNTED}|g|t|l|m|cm|mm|m2|m3|liter|meter"
"""Lengths and the like are quantities at the beginning of a line, and sizes elsewhere."""
_NUMBER: Final = r"\d{1,3}(?:[ .,']\d{3})*(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_LONGEST: Final = 300
"""Characters of a line that may be one of an order."""
_PLACE: Final = re.compile(
    r"^\s*(?:pos(?:ition)?\.?\s*\d+\s*[.:)]?|[-*•]|\d{1,2}[.)](?=\s))\s*", re.IGNORECASE
)
_FIRST: Final = re.compile(
    rf"^(?P<quantity>{_NUMBER})\s*(?:(?P<unit>{_UNITS})\b\.?\s*(?:x\b|×)?|x\b|×)\s*"
    r"(?:of |von |de |di |van )?(?P<what>.+)$",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    rf"^(?P<what>.*?[^\W\d_]{{3}}.*?)\s*[:,;|–-]?\s+"
    rf"(?P<quantity>{_NUMBER})\s*(?P<unit>{_COUNTED})\b\.?.*$",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"^(?:art(?:icle|ikel)?\.?(?:[ -]?n[or]\.?)?\s*)?"
    r"(?P<code>(?=\w*[-/.]?\w*\d)[A-Z][\w/.-]*\d[\w/-]*)\s*[:,;–-]?\s+"
)
_OWN_NUMBER: Final = re.compile(
    r"(?:purchase order|order|p\.?o\.?|bestellung|auftrag|commande|pedido|ordine|bestelling|zam[óo]wienie)"
    r"\s*(?:number|no\.?|nr\.?|nummer|n[°ºo]\.?|numer|#)?\s*:?\s*"
    r"(?P<number>#?(?=[\w/.-]*\d)[\w][\w/.-]*[\w])",
    re.IGNORECASE,
)
_DELIVERY: Final = re.compile(r"deliver|liefer|livr|entreg|consegn|lever|dostaw", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"\b(?:total|sum|summe|gesamt\w*|montant|importe|totale|totaal|razem|suma)\b", re.IGNORECASE
)
_PAYMENT: Final = re.compile(r"pay|zahl|paiement|pago|pagament|betal|płatn|net(?:to)?\b", re.IGNORECASE)
_JOINTS: Final = re.compile(
    r"\s*[,;(|–-]?\s*\b(?:at|@|à|zu|je|per|por|a|tegen|po|each|for|für|by|bis|on|am|le|el|il|op|do|dnia|delivery|"
    r"Lieferung|livraison|entrega|consegna|levering|dostawa|deliver|price|Preis|prix|precio|prezzo|prijs|cena)\b\s*[:)]?"
    r"(?=\s*(?:\ufffc|$))|@\s*(?=\ufffc)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReadOrder:
    """What an order's text gave."""

    order: Order
    unread: tuple[str, ...]
    """Lines with digits that were not understood."""


def read_order(text: str, currency: str = "") -> ReadOrder:
    """The order in a text. ``currency`` is taken where it names none; euros without it."""
    language = language_of(text)
    lines: list[OrderLine] = []
    known: dict[str, object] = {}
    unread: list[str] = []
    currencies: list[str] = []
    for line in (_PLACE.sub("", one).strip() for one in text.splitlines()):
        claims = claims_of(line, Facts(language=language))
        currencies += [
            one.currencies[0] for claim in claims for one in claim.readings if isinstance(one, Sum)
        ]
        if found := _line(line, claims, language):
            lines.append(found)
        elif not _fact(line, claims, known) and any(letter.isdigit() for letter in line):
            unread.append(line)
    named = next(iter(currencies), currency or "EUR")
    order = Order.model_validate({**known, "currency": named, "lines": lines})
    return ReadOrder(order, tuple(unread))


def _line(line: str, claims: Sequence[Claim], language: str) -> OrderLine | None:
    match = _FIRST.match(line) or _LAST.match(line) if len(line) <= _LONGEST else None
    if match is None or _TOTAL.match(line) or _PAYMENT.match(line):
        return None
    quantity = values(match["quantity"], language)
    what = _description(match, claims)
    if not quantity or len(re.findall(r"[^\W\d_]", what)) < 3:
        return None
    code = _CODE.match(what)
    prices = [one.value for claim in claims for one in claim.readings if isinstance(one, Sum)]
    days = _days(claims)
    return OrderLine(
        code=code["code"] if code else "",
        description=(what[code.end() :] if code else what)[:200],
        quantity=quantity[0],
        unit=match["unit"] or "",
        unit_price=None if not prices or _TOTAL.search(line) else prices[0],
        deliver_by=days[-1] if days else None,
    )


def _description(match: re.Match[str], claims: Sequence[Claim]) -> str:
    """The words of a line without its quantity, price and date."""
    start, end = match.span("what")
    text = match.string
    for claim in claims:
        if claim.kind in ("amount", "date") and claim.end <= len(text):
            text = text[: claim.start] + "\ufffc" * (claim.end - claim.start) + text[claim.end :]
    what = re.sub("\ufffc+", "\ufffc", text[start:end])
    while (shorter := _JOINTS.sub(" ", what).replace("\ufffc", " ").strip(" ,;:()|–-=")) != what:
        what = shorter
    return " ".join(what.split())


def _days(claims: Sequence[Claim]) -> list[date]:
    found = []
    for claim in claims:
        for one in claim.readings:
            if isinstance(one, Day) and one.year and one.month and one.day:
                found.append(date(one.year, one.month, one.day))
                break
    return found


def _fact(line: str, claims: Sequence[Claim], known: dict[str, object]) -> bool:
    """Whether a line says something of the order as a whole, which is then known."""
    before = len(known)
    days = _days(claims)
    sums = [one.value for claim in claims for one in claim.readings if isinstance(one, Sum)]
    counts = [
        one for claim in claims for one in claim.readings if isinstance(one, Count) and one.unit == "day"
    ]
    if (own := _OWN_NUMBER.search(line)) and "number" not in known:
        known["number"] = own["number"].lstrip("#")
    if days:
        known.setdefault("deliver_by" if _DELIVERY.search(line) else "dated", days[0])
    if sums and _TOTAL.search(line):
        known["total"] = sums[-1]
    if counts and _PAYMENT.search(line) and counts[0].value == int(counts[0].value):
        known["payment_days"] = int(counts[0].value)
    return len(known) > before


def amount_in(text: str, language: str) -> Decimal | None:
    """The one number or amount that a few words state; None where there is none or there are several."""
    claims = claims_of(text, Facts(language=language))
    found = {one.value for claim in claims for one in claim.readings if isinstance(one, Sum | Count)}
    return found.pop() if len(found) == 1 else None


def day_in(text: str, language: str) -> date | None:
    """The first full date that a few words state."""
    return next(iter(_days(claims_of(text, Facts(language=language)))), None)
