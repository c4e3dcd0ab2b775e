"""Analyses of received orders: what is ordered, what it is worth, and where it is not what was offered.

Lines are matched by article number, else by words (``order_matching``). A difference is serious where it
costs us or cannot be done without asking: a lower price, a discount, a higher quantity, an earlier delivery,
a longer payment, another article, anything not offered. In another currency prices are not compared,
quantities are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from abax.errors import InvalidRequest
from abax.money import rounded
from abax.writing.claims import compact
from abax.writing.outputs import OrderAnalysis as Answer
from abax.writing.services.contracts import Difference, Order, OrderContext, OrderLine
from abax.writing.services.order_matching import matched
from abax.writing.services.order_reading import ReadOrder, amount_in, day_in, read_order
from abax.writing.services.wording import Wording, paragraphs, sentences, wording
from abax.writing.services.work import Told, Work, language_note
from abax.writing.spelling import language_of, plain
from abax.writing.truth import Facts

_HUNDRED: Final = Decimal(100)


def order_analysis(context: OrderContext) -> Work:
    """The analysis by rules, told by template; an order that is text is read first."""
    if context.order is not None:
        return analysed(context, context.order)
    found = _read(context)
    confidence = 0.5 if found.unread else 0.8
    work = analysed(context, found.order, found.unread, confidence, found.quote_number)
    return replace(work, worked_on=lambda answer: _as_answered(context, answer))


def _read(context: OrderContext) -> ReadOrder:
    currency = context.quote.currency if context.quote else ""
    return read_order(context.text, currency, context.quote, context.today)


def _as_answered(context: OrderContext, answer: Answer) -> Work:
    """The analysis of the order that a model took out of the text. Raises InvalidRequest for words that the
    text does not have, and for a quantity that is no number."""
    text, language = " ".join(context.text.split()), language_of(context.text)
    quoted = [answer.number, answer.date]
    quoted += [
        part
        for item in answer.items
        for part in (item.article, item.quantity, item.unit_price, item.delivery)
    ]
    if alien := next((part for part in quoted if " ".join(part.split()) not in text), None):
        raise InvalidRequest(f"{alien!r} is not in the order", "text")
    lines = []
    for item in answer.items:
        quantity = amount_in(item.quantity, language)
        if quantity is None:
            raise InvalidRequest(f"{item.quantity!r} is no quantity", "text")
        price, day = amount_in(item.unit_price, language), day_in(item.delivery, language)
        lines.append(OrderLine(description=item.article, quantity=quantity, unit_price=price, deliver_by=day))
    known = _read(context).order
    dated = day_in(answer.date, language) or known.dated
    number = answer.number or known.number
    order = known.model_copy(update={"lines": tuple(lines), "number": number, "dated": dated})
    return analysed(context, order, confidence=0.7)


def analysed(
    context: OrderContext,
    order: Order,
    unread: tuple[str, ...] = (),
    confidence: float = 1.0,
    quote_number: str = "",
) -> Work:
    """The analysis of an order that is known, and how sure its reading is; ``quote_number`` is that of the
    quote that it refers to."""
    words = wording("order", context.language)
    told = Told(words.language)
    value = worth(order)
    found = tuple(differences(order, context.quote, context.tolerance, quote_number))
    text = paragraphs(
        sentences(
            _head(context, order, words, told), _value(order, value, words, told), _terms(order, words, told)
        ),
        [words.say("items"), *(_item(line, n, order, words, told) for n, line in enumerate(order.lines))]
        if order.lines
        else "",
        _told_differences(order, context.quote, found, words, told),
    )
    lines = [
        f"{_label(line)}, {line.quantity} {line.unit}".strip() for line in (context.quote or order).lines
    ]
    return Work(
        text=text,
        facts=_all_facts(context, order, value, words).also(quote_number),
        shown=tuple(told.shown),
        language=words.language,
        confidence=confidence if order.lines else 0.3,
        fields=_fields(order, value, found, unread),
        task={"quote": lines} if context.quote else {},
        prose={"order": context.text},
        notes=language_note(context.language, words.language) + _reading_notes(order, unread),
    )


def _all_facts(context: OrderContext, order: Order, value: Decimal, words: Wording) -> Facts:
    sums = [(value, order.currency)]
    if context.quote:
        sums += [(worth(context.quote), context.quote.currency)]
    orders = _facts(order) | _facts(context.quote)
    return Facts.of(context.customer, context.today, orders, sums, words=words.words) | Facts(
        language=words.language
    )


def _fields(
    order: Order, value: Decimal, found: tuple[Difference, ...], unread: tuple[str, ...]
) -> dict[str, Any]:
    days = [line.deliver_by for line in order.lines if line.deliver_by]
    days += [order.deliver_by] if order.deliver_by else []
    return {
        "value": value,
        "currency": order.currency,
        "order": order,
        "unread": unread,
        "earliest_delivery": min(days, default=None),
        "differences": found,
        "accept": bool(order.lines) and not unread and not any(one.serious for one in found),
    }


def _reading_notes(order: Order, unread: tuple[str, ...]) -> tuple[str, ...]:
    none = () if order.lines else ("the order has no lines",)
    return (*none, *(f"not understood: {line}" for line in unread))


def worth(order: Order) -> Decimal:
    """The sum of the lines that have a price, less their discounts, at the currency's decimals."""
    total = sum(
        (line.quantity * price for line in order.lines if (price := _net(line)) is not None), Decimal(0)
    )
    return rounded(total, order.currency)


def _net(line: OrderLine) -> Decimal | None:
    """The price of one less the discount of the line."""
    if line.unit_price is None:
        return None
    return line.unit_price * (_HUNDRED - (line.discount or 0)) / _HUNDRED


def _facts(order: Order | None) -> Facts:
    """An order's facts; the prices of its lines are amounts in its currency."""
    if order is None:
        return Facts()
    prices = [(line.unit_price, order.currency) for line in order.lines if line.unit_price is not None]
    return Facts.of(order, prices)


# --- comparing ------------------------------------------------------------------------------------------


def differences(
    order: Order, quote: Order | None, tolerance: Decimal, quote_number: str = ""
) -> Iterator[Difference]:
    """Where the order contradicts itself or is not what was offered, in the order of its lines."""
    yield from _of_sum(order)
    if quote is None:
        return
    if quote_number and quote.number and compact(quote_number) != compact(quote.number):
        yield Difference(what="quote", ordered=quote_number, offered=quote.number)
    yield from _of_terms(order, quote)
    pairs, left = matched(order.lines, quote.lines)
    comparable = order.currency == quote.currency
    for line, offered in zip(order.lines, pairs, strict=True):
        yield from _of_line(line, offered, tolerance, comparable)
    yield from (_line_of("not_ordered", line, "", str(line.quantity), serious=False) for line in left)


def _of_sum(order: Order) -> Iterator[Difference]:
    """Where the lines do not come to the total that the order states, before or after its discount."""
    priced = bool(order.lines) and all(line.unit_price is not None for line in order.lines)
    if order.total is None or not priced:
        return
    value = worth(order)
    less = rounded(value * (_HUNDRED - (order.discount or 0)) / _HUNDRED, order.currency)
    if rounded(order.total, order.currency) not in (value, less):
        yield Difference(what="sum", ordered=str(order.total), offered=str(less))


def _of_terms(order: Order, quote: Order) -> Iterator[Difference]:
    if order.currency != quote.currency:
        yield Difference(what="currency", ordered=order.currency, offered=quote.currency)
    pairs: tuple[tuple[str, object, object, Callable[[], bool]], ...] = (
        (
            "total",
            order.total if order.currency == quote.currency else None,
            quote.total,
            lambda: (order.total or 0) < (quote.total or 0),
        ),
        (
            "payment_days",
            order.payment_days,
            quote.payment_days,
            lambda: (order.payment_days or 0) > (quote.payment_days or 0),
        ),
        (
            "deliver_by",
            order.deliver_by,
            quote.deliver_by,
            lambda: _is_sooner(order.deliver_by, quote.deliver_by),
        ),
    )
    for what, ours, theirs, serious in pairs:
        if ours is not None and theirs is not None and ours != theirs:
            content = {"what": what, "ordered": str(ours), "offered": str(theirs), "serious": serious()}
            yield Difference.model_validate(content)
    if (order.discount or 0) != (quote.discount or 0):
        wanted, given = order.discount or Decimal(0), quote.discount or Decimal(0)
        yield Difference(what="discount", ordered=_told(wanted), offered=_told(given), serious=wanted > given)


def _told(value: Decimal | None) -> str:
    return str(value) if value else ""


def _is_sooner(wanted: date | None, offered: date | None) -> bool:
    return bool(wanted and offered and wanted < offered)


def _of_line(
    line: OrderLine, offered: OrderLine | None, tolerance: Decimal, comparable: bool
) -> Iterator[Difference]:
    if offered is None:
        yield _line_of("not_offered", line, str(line.quantity), "")
        return
    if line.code and offered.code and plain(compact(line.code)) != plain(compact(offered.code)):
        yield _line_of("code", line, line.code, offered.code)
    if line.quantity != offered.quantity:
        more = line.quantity > offered.quantity
        yield _line_of("quantity", line, str(line.quantity), str(offered.quantity), serious=more)
    if comparable:
        yield from _of_price(line, offered, tolerance)
    wanted, promised = line.deliver_by, offered.deliver_by
    if wanted and promised and wanted != promised:
        yield _line_of("line_deliver_by", line, str(wanted), str(promised), serious=wanted < promised)


def _of_price(line: OrderLine, offered: OrderLine, tolerance: Decimal) -> Iterator[Difference]:
    price, asked = line.unit_price, offered.unit_price
    if price is not None and asked is not None and abs(price - asked) * _HUNDRED > tolerance * asked:
        yield _line_of("unit_price", line, str(price), str(asked), serious=price < asked)
    less, given = line.discount or Decimal(0), offered.discount or Decimal(0)
    if less != given:
        yield _line_of("line_discount", line, _told(less), _told(given), serious=less > given)


def _line_of(what: str, line: OrderLine, ordered: str, offered: str, serious: bool = True) -> Difference:
    return Difference.model_validate(
        {"what": what, "line": _label(line), "ordered": ordered, "offered": offered, "serious": serious}
    )


def _label(line: OrderLine) -> str:
    return line.description or line.code


# --- telling --------------------------------------------------------------------------------------------


def _head(context: OrderContext, order: Order, words: Wording, told: Told) -> str:
    number = words.say("head", number=told.name("order.number", order.number)) if order.number else ""
    parts = [number or words.say("head_plain")]
    if context.customer:
        parts.append(words.say("from", customer=told.name("customer", context.customer)))
    if order.dated:
        parts.append(words.say("of", date=told.day("order.dated", order.dated)))
    return " ".join(parts) + "."


def _value(order: Order, value: Decimal, words: Wording, told: Told) -> str:
    return words.say("value", amount=told.amount("rule:value", value, order.currency)) if value else ""


def _terms(order: Order, words: Wording, told: Told) -> str:
    by = (
        words.say("deliver_by", date=told.day("order.deliver_by", order.deliver_by))
        if order.deliver_by
        else ""
    )
    less = ""
    if order.discount:
        less = words.say("discount_wanted", share=told.percent("order.discount", order.discount))
    if order.payment_days is None:
        return sentences(by, less)
    paid = words.say("payment", days=told.days("order.payment_days", order.payment_days))
    return sentences(by, less, paid)


def _item(line: OrderLine, place: int, order: Order, words: Wording, told: Told) -> str:
    path = f"order.lines.{place}"
    names = " ".join(part for part in (line.code, line.description) if part)
    values = {
        "description": told.name(path, names),
        "quantity": told.number(f"{path}.quantity", line.quantity),
    }
    said = words.say("item_unit", unit=line.unit, **values) if line.unit else words.say("item", **values)
    if line.unit_price is not None:
        said += " " + words.say(
            "price", price=told.amount(f"{path}.unit_price", line.unit_price, order.currency)
        )
    if line.discount:
        said += ", " + words.say("less", share=told.percent(f"{path}.discount", line.discount))
    if line.deliver_by:
        said += ", " + words.say("deliver", date=told.day(f"{path}.deliver_by", line.deliver_by))
    return said


def _told_differences(
    order: Order, quote: Order | None, found: tuple[Difference, ...], words: Wording, told: Told
) -> list[str]:
    own = [_difference(one, order, quote or order, words, told) for one in found]
    if quote is None:
        return [*own, words.say("no_quote")]
    if order.currency != quote.currency:
        own.append(words.say("not_compared", ordered=order.currency, offered=quote.currency))
    if not found:
        return [words.say("same")]
    head = words.say("differences", number=told.name("quote.number", quote.number)) if quote.number else ""
    return [head or words.say("differences_plain"), *own]


def _difference(one: Difference, order: Order, quote: Order, words: Wording, told: Told) -> str:
    key = "deliver_by_d" if one.what == "deliver_by" else one.what
    theirs = order.currency if one.what == "sum" else quote.currency
    ordered = _shown(one.what, one.ordered, order.currency, words, told)
    return words.say(
        key, line=one.line, ordered=ordered, offered=_shown(one.what, one.offered, theirs, words, told)
    )


def _shown(what: str, value: str, currency: str, words: Wording, told: Told) -> str:
    path = f"rule:{what}"
    if not value:
        return words.say("nothing")
    match what:
        case "total" | "sum" | "unit_price":
            return told.amount(path, Decimal(value), currency)
        case "deliver_by" | "line_deliver_by":
            return told.day(path, date.fromisoformat(value))
        case "payment_days":
            return told.days(path, int(value))
        case "currency":
            return value
        case "discount" | "line_discount":
            return told.percent(path, Decimal(value))
        case "code" | "quote":
            return told.name(path, value)
    return told.number(path, Decimal(value))
