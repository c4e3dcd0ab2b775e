"""The tax breakdown: from its table, from rows with a rate, by the lines of a rate, or worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from abax.documents import lexicon
from abax.documents.contracts import Evidence
from abax.documents.fields import Fields
from abax.documents.listing import WITHHELD
from abax.documents.pages import Word
from abax.documents.reckoning import CENT
from abax.documents.spans import Row, Value

_WELL_KNOWN: Final = (
    "0 2.1 2.5 2.6 3 3.8 4 4.8 5 5.5 6 7 7.5 7.7 8 8.1 8.25 8.5 9 10 10.5 12 13 13.5 14 15 16 17 18 19 20 21"
    " 22 23 24 25 25.5 27 28"
)
RATES: Final = frozenset(map(Decimal, _WELL_KNOWN.split()))
"""Rates of the taxes of the countries that we know."""
_HIGHEST: Final = 30
_DISCOUNT: Final = re.compile(
    r"skonto|\brabatt?\b|discount|escompte|remise|descuento|\bdto\b|sconto|korting|upust"
    r"|ritenuta|irpf|retenci|withh|retenue|einbehalt|zins|inter[eé]s",
    re.IGNORECASE,
)
TAX: Final = re.compile(
    r"\b(?:[CSI]?GST|HST|PST|QST|TPS|TVQ|TVH|PTU|VAT|TVA|IVA|IGIC|BTW|T\.V\.A|I\.V\.A|MwSt|USt|moms|DPH"
    r"|ALV|KDV|PDV|DDV|tax)\b|steuer|podat|impost|recargo de equivalencia",
    re.IGNORECASE,
)
CATEGORY: Final = re.compile(r"\((S|Z|E|AE|K|G|O|L|M|B)\)")


@dataclass(slots=True)
class Part:
    """One rate's part of the breakdown, and where it stands."""

    rate: Decimal
    base: Decimal | None
    amount: Decimal
    row: Row
    sure: float = 0.88

    @property
    def words(self) -> list[Word]:
        """All of its row."""
        return [word for seg in self.row.segs for word in seg.words]


def fill(fields: Fields) -> None:
    """The tax breakdown, and what it says of the totals."""
    parts = _without_repeats(_parts(fields))
    for place, part in enumerate(parts):
        path, words, page = f"taxes[{place}]", part.words, part.row.page
        category = CATEGORY.search(" ".join(word.text for word in words))
        if category:
            fields.put(f"{path}.category", category.group(1), 0.85, "table", words, page)
        fields.put(f"{path}.rate", part.rate, part.sure, "table", words, page)
        fields.put(f"{path}.base", part.base, part.sure, "table", words, page)
        fields.put(f"{path}.amount", part.amount, part.sure, "table", words, page)
    if parts:
        _summed_up(fields, parts)
    else:
        _worked_out(fields)


def _summed_up(fields: Fields, parts: Sequence[Part]) -> None:
    """Where net and tax are those of one rate, the sums of all are meant, if they make the gross total; what
    several taxes are raised on together counts once."""
    bases = [part.base for part in parts if part.base is not None]
    if len(bases) < len(parts):
        return
    tax = sum((part.amount for part in parts), Decimal(0))
    nets = [sum(bases, Decimal(0))]
    most = max(bases, key=abs)
    if len(bases) > 1 and most in _told_nets(fields):
        nets.insert(0, most)
    net = next((one for one in nets if fields.values.get("totals.gross", one + tax) == one + tax), None)
    if net is None:
        return
    money = [value for value in fields.sight.values if value.type == "amount"]
    printed = {value.value: value for value in reversed(money)}
    for path, value in {"totals.net": net, "totals.tax": tax, "totals.gross": net + tax}.items():
        if fields.values.get(path) == value:
            continue
        shown = printed.get(value)
        if path == "totals.gross" and shown is None:
            return
        fields.drop(path)
        if shown is not None:
            fields.put_value(path, value, shown, 0.8, "rule")
        elif len(parts) > 1 and all(base in printed for base in bases):
            fields.put(path, value, 0.7, "rule")


def _told_nets(fields: Fields) -> set[Decimal]:
    """What taxes may be raised on together: the net total, or what the lines make."""
    told = {fields.values.get("totals.net"), sum(_sums_of_lines(fields).values(), Decimal(0))}
    return {value for value in told if value}


def _without_repeats(parts: Sequence[Part]) -> list[Part]:
    """Each rate and amount once, with its base where one of the rows tells it."""
    found: dict[tuple[Decimal, Decimal, str], Part] = {}
    for part in parts:
        name = _SHARED.search(part.row.text)
        key = part.rate, part.amount, name.group() if name else ""
        first = found.setdefault(key, part)
        if first.base is None and part.base is not None:
            found[key] = part
    return list(found.values())


_SHARED: Final = re.compile(r"\b(?:[CSI]GST|UTGST|PST|QST)\b")
"""Taxes that several authorities share: equal ones are two."""


def _parts(fields: Fields) -> list[Part]:
    found: list[Part] = []
    of_lines = _sums_of_lines(fields)
    for row in fields.sight.rows:
        if any(id(word) in fields.in_lines for seg in row.segs for word in seg.words):
            continue
        found += _of_row(fields, row, of_lines)
    guessed = [one for one in found if one.sure < _UNSURE]
    found = [one for one in found if one.sure >= _UNSURE]
    parts = [one for one in found if one.sure > _UNSURE]
    told = sum((part.amount for part in _without_repeats(parts)), Decimal(0))
    if not parts or (len(parts) < len(found) and told != fields.values.get("totals.tax")):
        parts = _told_together(fields, found) or parts
    parts = parts or _within(fields, found)
    if not parts:
        guessed = _without_repeats(guessed)
        whole = sum((part.amount for part in guessed), Decimal(0))
        parts = guessed if whole and whole == fields.values.get("totals.tax") else []
    _raised_on(fields, parts)
    _in_prices(fields, parts)
    _in_sales(fields, parts)
    return parts


_UNSURE: Final = 0.7
_GUESSED: Final = 0.6
"""A rate with an amount behind it, in a row that says nothing of a tax."""


def _told_together(fields: Fields, parts: Sequence[Part]) -> list[Part]:
    """Rates and taxes without what they are raised on, where together they are the tax of the whole."""
    parts = _without_repeats(parts)
    tax = sum((part.amount for part in parts), Decimal(0))
    gross = fields.values.get("totals.gross")
    if not tax or gross is None:
        return []
    shown = {value.value for value in fields.sight.values if value.type == "amount"}
    if tax != fields.values.get("totals.tax") and gross - tax not in shown:
        return []
    fields.values["totals.tax"] = tax
    fields.evidence.setdefault("totals.tax", Evidence(method="rule", confidence=_UNSURE))
    return parts


def _within(fields: Fields, parts: Sequence[Part]) -> list[Part]:
    """The one tax that the whole has in it: its share says so."""
    parts = _without_repeats(parts)
    gross = fields.values.get("totals.gross")
    if len(parts) != 1 or gross is None or "totals.tax" in fields.values:
        return []
    part = parts[0]
    if not _is_in(part, gross):
        return []
    part.base = gross - part.amount
    fields.put("totals.tax", part.amount, _UNSURE, "rule", part.words, part.row.page)
    return parts


def _raised_on(fields: Fields, parts: Sequence[Part]) -> None:
    """What taxes without a base are raised on: the only choice of lines that they are the shares of. Where
    several parts of the lines would do, nobody knows."""
    bare = [part for part in parts if part.base is None and part.rate and part.amount]
    lines = _amounts_of_lines(fields)
    if not bare or not 0 < len(lines) <= _MOST_CHOSEN:
        return
    sums = _sums_of_some(lines)
    found = [[base for base in sums if _is_share(base, part.rate, part.amount)] for part in bare]
    if any(len(bases) != 1 for bases in found):
        return
    bases = [one[0] for one in found]
    within = abs(sum(bases, Decimal(0))) <= abs(sum(lines, Decimal(0)))
    if within or len(set(bases)) == 1 or len(bare) < len(parts):
        for part, base in zip(bare, bases, strict=True):
            part.base = base


def _in_prices(fields: Fields, parts: Sequence[Part]) -> None:
    """What taxes without a base are raised on where the prices have them in: what is left of the lines of a
    rate, and for the last one what is left of the net total."""
    whole = _sums_of_lines(fields, "gross_amount")
    for part in parts:
        rest = whole.get(part.rate, Decimal(0)) - part.amount
        if part.base is None and part.amount and _is_share(rest, part.rate, part.amount):
            part.base = rest
    bare = [part for part in parts if part.base is None]
    net = fields.values.get("totals.net")
    if len(bare) == 1 and len(parts) > 1 and net is not None:
        rest = net - sum((part.base for part in parts if part.base is not None), Decimal(0))
        if bare[0].amount and _is_share(rest, bare[0].rate, bare[0].amount):
            bare[0].base = rest


def _in_sales(fields: Fields, parts: Sequence[Part]) -> None:
    """Tills print what was sold at each rate with its tax in it: together these are the whole."""
    if not parts or any(part.base is not None or not part.amount for part in parts):
        return
    shown = {value.value for value in fields.sight.values if value.type == "amount"}
    found = [[one for one in shown if isinstance(one, Decimal) and _is_in(part, one)] for part in parts]
    if all(len(sold) == 1 for sold in found) and sum(sold[0] for sold in found) == fields.values.get(
        "totals.gross"
    ):
        for part, sold in zip(parts, found, strict=True):
            part.base = sold[0] - part.amount


def _is_in(part: Part, whole: Decimal) -> bool:
    return abs(whole * part.rate / (100 + part.rate) - part.amount) <= CENT


_MOST_CHOSEN: Final = 8
"""Lines of which some are taxed; of more, some would make any sum."""


def _sums_of_some(lines: Sequence[Decimal]) -> set[Decimal]:
    """The sums of all choices among lines."""
    sums = {Decimal(0)}
    for amount in lines:
        sums |= {one + amount for one in sums}
    return sums


def _amounts_of_lines(fields: Fields) -> list[Decimal]:
    return [value for path, value in fields.values.items() if _NET_OF_LINE.fullmatch(path)]


_NET_OF_LINE: Final = re.compile(r"lines\[\d+\]\.net_amount")


def _of_row(fields: Fields, row: Row, of_lines: Mapping[Decimal | None, Decimal]) -> Iterator[Part]:
    """A rate and an amount that is this share of another one: of the row, of the total or of the lines."""
    text = row.text
    taxed = TAX.search(text) is not None
    if (_DISCOUNT.search(text) and not taxed) or WITHHELD.search(lexicon.plain(text)):
        return
    money = [value for value in row.values if value.type == "amount" and isinstance(value.value, Decimal)]
    rates = [v for v in row.values if v.type == "percent" and _is_rate(v, taxed)]
    if not rates:
        rates = [value for value in money if abs(_decimal(value)) in RATES]
    sums = [value for value in money if _places(value) == 2][:_MOST_AMOUNTS]
    used: set[int] = set()
    for rate in rates:
        percent = abs(_decimal(rate))
        left = [value for value in sums if value is not rate and id(value) not in used]
        pair = _pair(percent, left)
        if pair is not None:
            used |= {id(value) for value in pair}
            yield Part(percent, _decimal(pair[0]), _decimal(pair[1]), row)
        elif rate.type == "percent" and left and taxed:
            amount = _decimal(left[-1])
            base = _base_of(fields, of_lines, percent, amount)
            if base is not None or ((amount or not percent) and _is_all_tax(fields, amount)):
                used.add(id(left[-1]))
                yield Part(percent, base, amount, row, 0.8)
            elif percent and amount:
                yield Part(percent, None, amount, row, _UNSURE)
        elif rate.type == "percent" and percent and (behind := [v for v in left if v.x0 >= rate.x1]):
            yield Part(percent, None, _decimal(behind[0]), row, _GUESSED)


_MOST_AMOUNTS: Final = 16
"""Of a row that are looked at."""


def _is_all_tax(fields: Fields, amount: Decimal) -> bool:
    """It is the whole tax of a document whose net total nobody knows."""
    return amount == fields.values.get("totals.tax") and "totals.net" not in fields.values


def _is_rate(value: Value, taxed: bool) -> bool:
    """A percentage that may be a tax's: any below the highest where the row speaks of tax."""
    rate = _decimal(value)
    return rate in RATES or (taxed and 0 <= rate <= _HIGHEST)


def _places(value: Value) -> int:
    return -int(_decimal(value).as_tuple().exponent)


def _decimal(value: Value) -> Decimal:
    assert isinstance(value.value, Decimal)
    return value.value


def _pair(rate: Decimal, sums: Sequence[Value]) -> tuple[Value, Value] | None:
    """Base and tax of a rate among the amounts of a row."""
    for base in sums:
        for tax in sums:
            one, other = _decimal(base), _decimal(tax)
            if base is not tax and one != other and _is_share(one, rate, other):
                return base, tax
    return None


def _is_share(base: Decimal, rate: Decimal, tax: Decimal) -> bool:
    return abs(base * rate / 100 - tax) <= max(CENT, abs(base) * Decimal("0.00005"))


def _base_of(
    fields: Fields, of_lines: Mapping[Decimal | None, Decimal], rate: Decimal, tax: Decimal
) -> Decimal | None:
    """What a tax is raised on: the net total, or the lines that have its rate."""
    for name in ("net", "lines"):
        net = fields.values.get(f"totals.{name}")
        if isinstance(net, Decimal) and _is_share(net, rate, tax):
            return net
    lines = of_lines.get(rate) or of_lines.get(None)
    if lines and abs(lines * rate / 100 - tax) <= CENT * 2:
        return lines
    return None


def _sums_of_lines(fields: Fields, name: str = "net_amount") -> dict[Decimal | None, Decimal]:
    """The sum of the lines of each rate."""
    sums: dict[Decimal | None, Decimal] = {}
    place = 0
    while any(f"lines[{place}].{one}" in fields.values for one in _OF_LINES):
        amount = fields.values.get(f"lines[{place}].{name}")
        rate = fields.values.get(f"lines[{place}].tax_rate")
        if amount is not None:
            sums[rate] = sums.get(rate, Decimal(0)) + amount
        place += 1
    return sums


_OF_LINES: Final = ("description", "net_amount", "quantity")


def _worked_out(fields: Fields) -> None:
    """One rate that no row tells: the share that the tax has of the net total, and the rate of all lines."""
    net, tax, gross = (fields.values.get(f"totals.{name}") for name in ("net", "tax", "gross"))
    if net is None and gross is not None and tax is not None:
        net = gross - tax
    if not isinstance(net, Decimal) or not isinstance(tax, Decimal) or not net or not tax:
        return
    told = {value for path, value in fields.values.items() if _RATE_OF_LINE.fullmatch(path)}
    near = [rate for rate in (told or RATES) if rate and _is_share(net, rate, tax)]
    if len(near) != 1:
        return
    for name, value in (("rate", near[0]), ("base", net), ("amount", tax)):
        fields.put(f"taxes[0].{name}", value, 0.6, "rule")


_RATE_OF_LINE: Final = re.compile(r"lines\[\d+\]\.tax_rate")
