"""The lines of an order in one sentence or line of its text: quantity, article, price and day in any order.

::

    Please deliver 10 pcs A-100 at 12.50 EUR and 5 pcs B-200 at 3.00
                   └─ quantity    └─ price       └─ the next one begins with its quantity
    A-100 Drill: 10 pcs, 12.50 each; B-200 Saw: 5 pcs
                 └─ quantity behind its article: the next one begins behind a separator
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from abax.writing.claims import GONE, Claim, Day, Sum, compact, values
from abax.writing.services.contracts import OrderLine
from abax.writing.services.days import next_day
from abax.writing.services.order_words import (
    ARTICLE,
    CANCELLING,
    CONNECTOR,
    COUNTED,
    COURTESY,
    DISCOUNT,
    EACH,
    JOINT,
    MEASURED,
    NUMBER,
    ORDERING,
    SUM,
    UNITS,
)
from abax.writing.spelling import COUNT_WORDS, plain
from abax.writing.truth import Facts, claims_of

_LONGEST: Final = 600
"""Characters of a sentence that is looked at."""
_CODE: Final = r"(?=[\w/.-]*\d)(?=[\w/.-]*[A-Z])[A-Z\d][\w/-]*(?:\.\w+)*"
_FEWEST: Final = 3
"""Letters of a description."""
_LEAST_OF_A_LEAD: Final = 6
"""Words that stand before a quantity and are no article any more."""


@dataclass(frozen=True)
class Look:
    """What is known before a line is read."""

    language: str = ""
    today: date = date.min
    currency: str = ""
    """The one that a sign such as ``$`` rather means."""
    codes: frozenset[str] = frozenset()
    """Article numbers of the quote, compact."""
    words: frozenset[str] = frozenset()
    """Words of what was quoted, plain."""


@dataclass(frozen=True)
class Item:
    """A line of an order as it was read."""

    line: OrderLine
    text: str
    currency: str = ""
    doubtful: bool = False
    """Something in it contradicts itself, and a person should look."""


@dataclass(frozen=True)
class Items:
    """What a sentence orders."""

    items: tuple[Item, ...] = ()
    lost: tuple[str, ...] = ()
    """Parts with a quantity and no article."""
    before: str = ""
    """What stands before the first of them and is none of it."""
    day: date | None = None
    """By when all of them are wanted."""


@dataclass(frozen=True)
class _Mark:
    kind: str
    start: int
    end: int
    value: Decimal = Decimal(0)
    word: str = ""
    """A quantity's unit, an amount's currency."""
    role: str = ""
    """Of an amount: ``each``, ``sum`` or nothing."""
    day: date | None = None


def items_in(text: str, look: Look) -> Items:
    """The lines that a sentence orders; none where it has no quantity of anything."""
    if len(text) > _LONGEST or CANCELLING.search(text):
        return Items()
    marks = [*_discounts(text), *_prices(text, look), *_dates(text, look)]
    left = _blanked(text, marks)
    counts = _quantities(left, look, any(one.kind == "price" for one in marks))
    if not counts:
        return Items()
    marks += counts
    begins = _begins_with_quantity(left, counts)
    cuts = _cuts(left, counts, begins)
    items = [_item(text, marks, start, end, look) for start, end in cuts]
    found = tuple(one for one in items if one is not None)
    lost = tuple(
        text[start:end].strip(" ,;") for one, (start, end) in zip(items, cuts, strict=True) if one is None
    )
    before = text[: counts[0].start].strip() if begins else ""
    return _with_one_day(Items(found, lost, before))


def _with_one_day(found: Items) -> Items:
    """A day behind the last of several lines is that of all of them."""
    *others, last = found.items or (None,)
    if last is None or not others or last.line.deliver_by is None:
        return found
    if any(one is not None and one.line.deliver_by for one in others):
        return found
    without = replace(last, line=last.line.model_copy(update={"deliver_by": None}))
    return replace(found, items=(*found.items[:-1], without), day=last.line.deliver_by)


def _blanked(text: str, marks: Sequence[_Mark]) -> str:
    for one in marks:
        text = text[: one.start] + GONE * (one.end - one.start) + text[one.end :]
    return text


# --- prices, days, discounts ----------------------------------------------------------------------------

_BEFORE_PRICE: Final = re.compile(rf"(?:(?<!\w)(?:{JOINT}|{SUM}|{EACH})[\s:.]*)+$", re.IGNORECASE)
_AFTER_PRICE: Final = re.compile(
    rf"^\s*(?:(?:(?:HT|net|netto|hors taxes?|excl\.? VAT|plus VAT|zzgl\. MwSt\.?)\s+)?(?P<each>each|apiece|"
    rf"cada un[oa]|cadauno|l'uno|l'unité|(?:an? |the |das |die |der |la |le |"
    rf"el |il |lo |al "
    rf"|het |de )(?:{UNITS}|caja|boîte|kiste|flasche)|(?:pièce|pce|stück|stk|pc|piece|ea|ud|pz|stuk|"
    rf"szt)(?=\s*(?:[.,;)]|$)))(?!\w)"
    rf"|(?:/|(?<=\s)(?:per|pro|je|par|por|al|za|für|for)(?=\s))\s*(?:(?P<many>{NUMBER})\s*)?"
    rf"(?P<unit>(?:{UNITS}|sztukę|unité|unidad|unità|unit)(?!\w)\.?)?)",
    re.IGNORECASE,
)
_BARE_PRICE: Final = re.compile(
    rf"(?:(?<!\w)(?:at|à|je|zu je|zum preis von|unit price|price|preis|stückpreis|einzelpreis|EP|"
    rf"prix(?: unitaire)?|"
    rf"precio(?: unitario)?|prezzo(?: unitario)?|prijs|stukprijs|cena|po)\s*:?|@)\s*(?P<n>{NUMBER})"
    rf"(?!\s*(?:%|x\b|×|{UNITS}|er\b)(?!\w))(?=\s*(?:[,;.)]?\s*$|[,;)]|(?:{CONNECTOR}|{JOINT})(?!\w)|"
    rf"{GONE}|/))",
    re.IGNORECASE,
)
_IS_SUM: Final = re.compile(rf"(?<!\w)(?:{SUM})(?!\w)|=", re.IGNORECASE)
_IS_EACH: Final = re.compile(rf"(?<!\w)(?:{EACH})(?!\w)|@", re.IGNORECASE)
_BEFORE_DAY: Final = re.compile(rf"(?:(?<!\w)(?:{JOINT})[\s:.]*)+$", re.IGNORECASE)


def _discounts(text: str) -> list[_Mark]:
    for pattern in DISCOUNT:
        if match := pattern.search(text):
            share = Decimal(match["share"].replace(",", "."))
            return [_Mark("discount", match.start(), match.end(), share)]
    return []


def _prices(text: str, look: Look) -> list[_Mark]:
    """Amounts with their words before and behind them; then plain numbers behind a word of price."""
    found = []
    for claim in claims_of(text, Facts(language=look.language)):
        sums = [one for one in claim.readings if isinstance(one, Sum)]
        if claim.kind == "amount" and sums:
            codes = sums[0].currencies
            code = look.currency if look.currency in codes else codes[0]
            found.append(_price(text, claim.start, claim.end, sums[0].value, code))
    left = _blanked(text, found)
    for match in _BARE_PRICE.finditer(left):
        if value := values(match["n"], look.language):
            found.append(_price(text, match.start("n"), match.end("n"), value[-1], ""))
    return sorted(found, key=lambda one: one.start)


def _price(text: str, start: int, end: int, value: Decimal, code: str) -> _Mark:
    before = _BEFORE_PRICE.search(text[:start])
    said = before.group() if before else ("=" if text[:start].rstrip().endswith("=") else "")
    after = _AFTER_PRICE.match(text[end:])
    if after and (after["unit"] or after["each"] or after["many"]):
        many = values(after["many"], "")[0] if after["many"] else Decimal(1)
        value, end, role = value / many, end + after.end(), "each"
    else:
        role = "sum" if _IS_SUM.search(said) else "each" if _IS_EACH.search(said) else ""
    return _Mark("price", start - len(said.lstrip()) if before else start, end, value, code, role)


def _dates(text: str, look: Look) -> Iterator[_Mark]:
    for claim in claims_of(text, Facts(language=look.language)):
        day = _day(claim, look.today)
        if day is not None:
            before = _BEFORE_DAY.search(text[: claim.start])
            yield _Mark("date", before.start() if before else claim.start, claim.end, day=day)


def _day(claim: Claim, today: date) -> date | None:
    days = [one for one in claim.readings if isinstance(one, Day)]
    if claim.kind != "date" or not days or not (days[0].day or days[0].weekday):
        return None
    return next_day(days[0], today)


# --- quantities -----------------------------------------------------------------------------------------

_NAMED: Final = re.compile(
    rf"(?<!\w)(?:menge|anzahl|qty|quantity|quantité|qté|cantidad|cant|quantità|q\.tà|aantal|hoeveelheid|"
    rf"ilość)"
    rf"\s*[.:=]?\s*(?P<n>{NUMBER})\s*(?:(?P<unit>{UNITS})(?!\w)\.?)?",
    re.IGNORECASE,
)
_WITH_UNIT: Final = re.compile(
    rf"(?<![\w.,/-])(?P<n>{NUMBER}|[^\W\d_]+)\s*(?P<unit>{COUNTED})(?!\w)\.?(?:\s*[x×](?=\s))?", re.IGNORECASE
)
_TIMES: Final = re.compile(rf"(?<![\w.,/-])(?P<n>{NUMBER})\s*(?:x(?![^\W\dA-Z_])|×|\*)\s*(?=\S)")
_TIMES_BEHIND: Final = re.compile(rf"(?<=\s)[x×]\s?(?P<n>\d+)(?![\w.,]*\w)(?!\s*(?:[x×]|{UNITS})(?!\w))")
_SIZED: Final = re.compile(rf"\s*{NUMBER}\s*(?:{UNITS})\b\s+[^\W\d]", re.IGNORECASE)
_MEASURE: Final = re.compile(
    rf"(?:^|[,;:|]\s*|(?<={GONE})\s*)(?P<n>{NUMBER})\s*(?P<unit>{MEASURED})(?!\w)\.?", re.IGNORECASE
)
_BARE: Final = re.compile(rf"(?<![\w.,/-])(?P<n>\d[\d.,']*)\s+(?P<what>{_CODE}|[^\W\d_][\w'’-]+)")
_LINKED_BY_WORD: Final = re.compile(rf"(?:{GONE}|(?<!\w)(?:{CONNECTOR}))\s*$", re.IGNORECASE)
_DIRECTLY: Final = re.compile(
    r"(?<!\w)(?:us|uns|me|mir|nous|moi|nos|ci|mi|ons|mij|nam|the|following|folgende|les|los|le|die|de|"
    r"hereby|wir|"
    r"hiermit)(?!\w)",
    re.IGNORECASE,
)
_NO_ARTICLE: Final = re.compile(
    rf"{UNITS}|(?:work|business )?days?|(?:werk|arbeits)?tage?n?|weeks?|wochen?|months?|monate?n?|jours?|"
    rf"semaines?|"
    r"días?|semanas?|giorni|settimane|dagen|weken|dni|tygodni\w*|uhr|hours?|people|persons?|personen|"
    r"percent|prozent",
    re.IGNORECASE,
)
"""What a number counts that is nothing to be delivered."""
_PACKED: Final = re.compile(r"(?:à|zu|of|de|mit|with|je|per|pro|di|van|po|x|×)\s*$", re.IGNORECASE)
_LINKED: Final = re.compile(rf"(?:^|[,;:]|(?<!\w)(?:{CONNECTOR}))\s*$", re.IGNORECASE)


def _quantities(left: str, look: Look, priced: bool) -> list[_Mark]:
    """Each quantity in what is left of a sentence, in order."""
    found: list[_Mark] = []
    for pattern in (_NAMED, _TIMES, _WITH_UNIT, _TIMES_BEHIND):
        for match in pattern.finditer(left):
            mark = _quantity(match, look)
            if mark and not _overlaps(mark, found) and _counts(match, left, found, pattern):
                found.append(mark)
    found += [one for one in _measured(left, look, bool(found)) if not _overlaps(one, found)]
    if not found:
        return sorted(_bare(left, look, priced), key=lambda one: one.start)
    return sorted([*found, *_bare_beside(left, look, found)], key=lambda one: one.start)


def _quantity(match: re.Match[str], look: Look) -> _Mark | None:
    parts = match.groupdict()
    number = parts["n"]
    if number[0].isdigit():
        several = values(number, look.language)
    else:
        counted = COUNT_WORDS.get(look.language, {}).get(number.lower())
        several = [counted] if counted is not None else []
    if not several:
        return None
    start = match.start("n") if match.re in (_MEASURE, _BARE) else match.start()
    return _Mark("quantity", start, match.end(), several[0], parts.get("unit") or "")


def _overlaps(mark: _Mark, others: Sequence[_Mark]) -> bool:
    return any(mark.start < one.end and one.start < mark.end for one in others)


def _counts(match: re.Match[str], left: str, found: Sequence[_Mark], pattern: re.Pattern[str]) -> bool:
    """Whether it counts articles: no size of a pack, as in ``2 x 5 kg``, nor ``40 x 60 cm``."""
    before, after = left[: match.start()], left[match.end() :]
    if pattern is _TIMES:
        begins = not before.strip() or _LINKED.search(before) or ORDERING.search(before)
        return not after[:1].isdigit() or bool(begins and _SIZED.match(after))
    if pattern is _TIMES_BEHIND:
        return re.search(r"(?<!\S)\d+(?:[.,]\d+)?\s*$", before) is None
    if pattern is _WITH_UNIT:
        behind = [one for one in found if one.end <= match.start()]
        near = bool(behind) and match.start() - behind[-1].end <= 12
        return not near or bool(before[behind[-1].end :].strip() and not _PACKED.search(before))
    return True


def _measured(left: str, look: Look, counted: bool) -> list[_Mark]:
    """Lengths, weights and the like that are ordered: beside pieces, only those that follow a verb of
    ordering or another line."""
    led = _led(left)
    marks = [(match, _quantity(match, look)) for match in _MEASURE.finditer(led)]
    return [
        one
        for match, one in marks
        if one is not None
        and (not counted or (match.start("n") > 0 and _LINKED_BY_WORD.search(led[: match.start("n")])))
    ]


def _bare(left: str, look: Look, priced: bool) -> list[_Mark]:
    """Plain numbers before an article: of the quote, with a number of its own, or with a price; or right
    behind a verb of ordering."""
    found: list[_Mark] = []
    for match in _BARE.finditer(left):
        before = left[: match.start()]
        verbs = list(ORDERING.finditer(before))
        directly = bool(verbs) and not _DIRECTLY.sub("", before[verbs[-1].end() :]).strip(" ,:")
        begins = directly or _LINKED.search(before) or not _content(before)
        known = re.fullmatch(_CODE, match["what"]) or plain(match["what"]) in look.words
        if begins and not _NO_ARTICLE.fullmatch(match["what"]) and (known or priced or directly or found):
            mark = _quantity(match, look)
            if mark is not None:
                found.append(replace(mark, end=match.end("n")))
    return found


def _bare_beside(left: str, look: Look, found: Sequence[_Mark]) -> Iterator[_Mark]:
    """Plain numbers that begin another line beside those with units: each with something read, its price,
    before the next one."""
    for match in _BARE.finditer(left):
        mark = _quantity(match, look)
        if mark is None or _NO_ARTICLE.fullmatch(match["what"]) or not _LINKED.search(left[: match.start()]):
            continue
        end = min((one.start for one in found if one.start > match.start()), default=len(left))
        known = plain(match["what"]) in look.words or compact(match["what"]) in look.codes
        if not _overlaps(mark, found) and (known or GONE in left[match.end() : end]):
            yield replace(mark, end=match.end("n"))


def _led(left: str) -> str:
    """With what says that something is ordered taken out, in its place."""
    end = max((match.end() for match in ORDERING.finditer(left)), default=0)
    if not end:
        return left
    if courtesy := COURTESY.match(left[end:].lstrip()):
        end += len(left[end:]) - len(left[end:].lstrip()) + courtesy.end()
    return GONE * end + left[end:]


# --- where one ends and the next begins -----------------------------------------------------------------

_SEPARATOR: Final = re.compile(rf"\s*[,;]\s+|\s+(?:{CONNECTOR})\s+", re.IGNORECASE)


def _begins_with_quantity(left: str, counts: Sequence[_Mark]) -> bool:
    """Whether articles follow their quantities; else they stand before them."""
    end = counts[1].start if len(counts) > 1 else len(left)
    before, after = left[: counts[0].start], left[counts[0].end : end]
    if not _content(after):
        return False
    verbs = list(ORDERING.finditer(before))
    if not _content(before[verbs[-1].end() :] if verbs else before):
        return True
    if verbs:
        return _follows_its_verb(before[verbs[-1].end() :], after)
    if re.search(_CODE, before):
        return False
    coded = len(counts) == 1 and re.search(_CODE, after) is not None
    return coded or len(before.split()) > _LEAST_OF_A_LEAD


def _follows_its_verb(said: str, after: str) -> bool:
    """Whether a quantity behind a verb of ordering and some words begins what is ordered: ``deliver to our
    store 10 pcs``, not ``order the saw A-100 (2 units)``."""
    said = said.rpartition(":")[2]
    if not _content(said):
        return True
    coded = re.search(_CODE, said) is not None and re.search(_CODE, after) is None
    return not (coded or said.rstrip().endswith(("(", ",")))


def _cuts(left: str, counts: Sequence[_Mark], begins: bool) -> list[tuple[int, int]]:
    """The spans of the lines."""
    if begins:
        starts = [one.start for one in counts]
        return list(zip(starts, [*starts[1:], len(left)], strict=True))
    cuts, start = [], 0
    for one, following in pairwise(counts):
        ends = [
            match.end()
            for match in _SEPARATOR.finditer(left, one.end, following.start)
            if _content(left[match.end() : following.start]) and left[match.end()] != GONE
        ]
        cut = ends[0] if ends else following.start
        cuts.append((start, cut))
        start = cut
    return [*cuts, (start, len(left))]


def _content(text: str) -> bool:
    """Whether words are left that may be an article."""
    bare = _bared(text)
    return (
        bool(re.search(_CODE, bare))
        or len(re.findall(r"[^\W\d_]", bare)) >= _FEWEST
        or bool(re.search(r"\d{4}", bare))
    )


# --- one line -------------------------------------------------------------------------------------------

_EDGE: Final = re.compile(
    rf"^(?:(?:{CONNECTOR}|{JOINT})(?![\w'/.-]*\d|[\w'])|[\s,;:()|.–=@-])+|"
    rf"(?:[\s,;:(|–=@-]+(?:{CONNECTOR}|{JOINT})|[\s,;:(|.–=@-])+$",
    re.IGNORECASE,
)
_AT_THE_START: Final = re.compile(
    rf"^(?:{ARTICLE}(?P<marked>[\w][\w/.-]*\d[\w/-]*|\d[\w/.-]*)|(?P<code>{_CODE}|\d{{4,}}(?:[-/.]\d+)*))"
    r"(?=[\s,;:)|–-]|$)[\s,;:)|–-]*",
    re.IGNORECASE,
)
_SET_APART: Final = re.compile(
    rf"[\s,;(|–-]+(?:\(\s*)?(?:{ARTICLE})(?P<marked>\w[\w/.-]*\d[\w/-]*|\d[\w/.-]+)\)?|"
    rf"\(\s*(?P<code>{_CODE})\s*\)",
    re.IGNORECASE,
)
_IS_CODE: Final = re.compile(rf"{_CODE}|\d{{4,}}(?:[-/.]\d+)*")


_MORE: Final = re.compile(
    r"^(?:more|further|additional|weitere[rns]?|autres?|más|altri|extra)\s+(?:of\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(
    rf"(?:(?<!\w)(?:{CONNECTOR})|[,;])\s+(?:one|an?|another|ein\w*|une?|un[ao]|een|jed\w+|"
    rf"{NUMBER}(?=\s+[^\W\d_]{{3}}))\s",
    re.IGNORECASE,
)
"""Begins a line that was not told from the one before it."""


def _bared(text: str) -> str:
    """What is left without joints, connectors and what has been read."""
    words = re.sub(f"{GONE}+", " ", text)
    while (shorter := _EDGE.sub("", words)) != words:
        words = shorter
    return words


def _item(text: str, marks: Sequence[_Mark], start: int, end: int, look: Look) -> Item | None:
    """The line that a span of a sentence orders; None where nothing is left to be its article."""
    own = [one for one in marks if start <= one.start and one.end <= end]
    quantity = next(one for one in own if one.kind == "quantity")
    blank = _blanked(text, marks)[start:end]
    led = _led(blank[: quantity.start - start]) + blank[quantity.start - start :]
    words = " ".join(_bared(re.sub(f"{GONE}+", f" {GONE} ", led)).replace(GONE, " ").split())
    code, what = _article(words, look)
    if not code and len(re.findall(r"[^\W\d_]", what)) < _FEWEST:
        return None
    price, doubtful = _unit_price([one for one in own if one.kind == "price"], quantity.value)
    line = OrderLine(
        code=code,
        description=what[:200],
        quantity=quantity.value,
        unit=quantity.word,
        unit_price=price,
        discount=next((one.value for one in own if one.kind == "discount"), None),
        deliver_by=next((one.day for one in reversed(own) if one.kind == "date"), None),
    )
    currency = next((one.word for one in own if one.kind == "price" and one.word), "")
    doubtful = doubtful or _ANOTHER.search(words) is not None
    return Item(line, text[start:end].strip(" ,;"), currency, doubtful)


def _article(words: str, look: Look) -> tuple[str, str]:
    """The article number and the description in the words of a line. A number is one where it begins them, is
    marked as one, stands in brackets, or is one of the quote."""
    words = re.sub(r"^(?:of|von|de|di|van|d'|x|×)\s+", "", words, flags=re.IGNORECASE)
    match = _AT_THE_START.match(words)
    if match and (match["marked"] or _IS_CODE.fullmatch(match["code"] or "")):
        return match["marked"] or match["code"], _tidy(words[match.end() :])
    match = _SET_APART.search(words)
    if match and (match["marked"] or _IS_CODE.fullmatch(match["code"] or "")):
        rest = f"{words[: match.start()]} {words[match.end() :]}"
        return match["marked"] or match["code"], _tidy(rest)
    for word in words.split():
        bare = word.strip(",;:()")
        if compact(bare) in look.codes:
            return bare, _tidy(words.replace(word, " ", 1))
    return "", _tidy(words)


def _tidy(words: str) -> str:
    words = re.sub(r"\([\s,;]*\)", " ", words)
    words = _bared(_MORE.sub("", " ".join(words.split())))
    if words.count("(") != words.count(")"):
        words = re.sub(r"[()]", " ", words)
    return " ".join(re.sub(r"\s+(?=[,;])", "", words).split())


def _unit_price(prices: Sequence[_Mark], quantity: Decimal) -> tuple[Decimal | None, bool]:
    """The price of one, and whether amounts contradict each other. Of two, one may be the sum of the line."""
    if not prices:
        return None, False
    if len(prices) == 1:
        [one] = prices
        return _exact(one.value / quantity if one.role == "sum" and quantity else one.value)
    first, second = sorted(one.value for one in prices[:2])
    if quantity * first == second:
        return _exact(first)
    if quantity * second == first:
        return _exact(second)
    each = next((one.value for one in prices if one.role == "each"), prices[0].value)
    return _exact(each)[0], True


def _exact(price: Decimal) -> tuple[Decimal | None, bool]:
    """A price of at most four decimals; more cannot be what was meant."""
    rounded = price.quantize(Decimal("0.0001"))
    if rounded != price:
        return None, True
    short = price.quantize(Decimal("0.01"))
    return (short if short == price else rounded.normalize()), False
