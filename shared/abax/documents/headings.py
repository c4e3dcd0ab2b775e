"""Headings of tables: where several words of the lexicon that name columns stand in a row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Final

from abax.documents import lexicon
from abax.documents.grids import NUMERIC, Column
from abax.documents.spans import Row, Seg, Sight, Value


def heading(sight: Sight, place: int, allowed: Sequence[str]) -> tuple[list[Column], int] | None:
    """Columns of the heading that begins in a row, and the row after it."""
    rows = sight.rows
    start = rows[place]
    if _has_numbers(start):
        return None
    if _covered(start, allowed) < _MOSTLY:
        return _over_products(sight, place, allowed)
    zone = [start]
    at = place + 1
    while at < len(rows) and len(zone) < 6 and rows[at].page == start.page:
        if rows[at].y0 - zone[-1].y1 > 1.1 * sight.height or _has_numbers(rows[at]):
            break
        if _is_sentence(rows[at], allowed):
            break
        zone.append(rows[at])
        at += 1
    best: list[Column] | None = None
    length = 0
    below = _valued_below(sight, place)
    for size in range(1, len(zone) + 1):
        columns = _resolved(_in_one_cell(_clusters(zone[:size], allowed), zone[:size], below), allowed)
        if columns and (best is None or _told(columns) > _told(best)):
            best, length = columns, size
    known = best is not None and (
        _is_table(best)
        or _is_list(best, zone[:length])
        or _is_priced(best, start)
        or _is_over(best, start, below)
    )
    if best is None or not known:
        return _over_products(sight, place, allowed)
    while length < len(zone) and _goes_on(zone[length], best, sight, allowed):
        length += 1
    return _with_unknown(best, zone[:length], allowed), place + length


def _over_products(sight: Sight, place: int, allowed: Sequence[str]) -> tuple[list[Column], int] | None:
    """A row of words hardly one of which is known, right above one whose numbers stand below its words and
    multiply: the arithmetic tells that it heads a table, and which columns make the amount."""
    row = sight.rows[place]
    told = any(":" in seg.text for seg in row.segs)
    if "unit_price" not in allowed or told or len(row.segs) < _LEAST_HEADS:
        return None
    below = _valued_below(sight, place)
    if not below or below[0].y0 - row.y1 > _NEAR * sight.height:
        return None
    first = next((one for one in below if _factors_in(one)), None)
    if first is None:
        return None
    columns, factors = _columns_of(row, allowed), _factors_in(first)
    heads = [column for value in factors if (column := _column_over(value, columns, first)) is not None]
    before = below[: below.index(first)]
    if len({id(head) for head in heads}) < len(factors) or not all(
        any(
            _places(value) == _IN_CENTS and _column_over(value, columns, one) is heads[-1]
            for value in _money(one)
        )
        for one in before
    ):
        return None
    for number, column in enumerate(columns):
        if column.kind in ("", *_FACTORS):
            column.kind = f"?{number}"
    for head, kind in zip(heads, _FACTORS, strict=True):
        head.kind = kind
    return columns, place + 1


_FACTORS: Final = ("quantity", "unit_price", "net_amount")


def _columns_of(row: Row, allowed: Sequence[str]) -> list[Column]:
    """All cells of a row as headings; those that nobody knows have no kind."""
    columns: list[Column] = []
    for seg in row.segs:
        known = _headings_of(seg, allowed)
        if len(known) > 1:
            columns += [Column(kinds, x0, x1, text=text) for kinds, x0, x1, text in known]
        else:
            kinds, text = (known[0][0], known[0][3]) if known else ((), seg.text)
            columns.append(Column(kinds, seg.x0, seg.x1, text=text))
    _resolved([column for column in columns if column.kinds], allowed)
    return columns


_LEAST_HEADS: Final = 4
_NEAR: Final = 2.5
"""Heights of a line between a heading and its first row."""


def _column_over(value: Value, columns: Sequence[Column], row: Row) -> Column | None:
    """The heading that a number stands under; as many cells as headings stand in their order."""
    if len(row.segs) == len(columns):
        return columns[next(place for place, seg in enumerate(row.segs) if seg is value.seg)]
    return next((one for one in columns if one.x0 < value.x1 and one.x1 > value.x0), None)


def _factors_in(row: Row) -> list[Value]:
    """The quantity, the price and the amount of a row, where one is the product of two before it; of these
    the one with fewer decimals is the quantity."""
    found = _money(row)[:_MOST_NUMBERS]
    for last in range(len(found) - 1, 1, -1):
        if _places(found[last]) != _IN_CENTS:
            continue
        for one, other in combinations(found[:last], 2):
            first, second = _decimal(one), _decimal(other)
            if 1 not in (first, second) and _makes(first * second, _decimal(found[last])):
                turned = _places(one) > _places(other)
                return [*((other, one) if turned else (one, other)), found[last]]
    return []


def _money(row: Row) -> list[Value]:
    return [value for value in row.values if value.type == "amount" and _decimal(value)]


def _makes(product: Decimal, amount: Decimal) -> bool:
    """Whether a quantity times a price is an amount, the price being for one or for so many units."""
    return any(abs(product / base - amount) <= _CENT for base in _BASES)


_BASES: Final = (1, 100, 1000)


def _decimal(value: Value) -> Decimal:
    assert isinstance(value.value, Decimal)
    return value.value


def _places(value: Value) -> int:
    return -int(_decimal(value).as_tuple().exponent)


_IN_CENTS: Final = 2
_CENT: Final = Decimal("0.011")
_MOST_NUMBERS: Final = 10
"""A row with more is no line of goods."""


def _valued_below(sight: Sight, place: int) -> list[Row]:
    """The first rows with amounts below a heading."""
    page = sight.rows[place].page
    near = sight.rows[place + 1 : place + 1 + 2 * _SHOWN]
    return [row for row in near if row.page == page and any(v.type == "amount" for v in row.values)][:_SHOWN]


_SHOWN: Final = 4
"""Rows that show whether a heading of several words is one."""


def _in_one_cell(columns: list[Column], zone: Sequence[Row], below: Sequence[Row]) -> list[Column]:
    """``Ext. Cost``: words that could each head a column head one, where a single number stands below them in
    each row."""
    for seg in (seg for row in zone for seg in row.segs if len(seg.words) > 1):
        parts = [column for column in columns if seg.x0 <= column.x0 and column.x1 <= seg.x1]
        kinds = tuple(dict.fromkeys(kind for part in parts for kind in part.kinds if kind in NUMERIC))
        if len(parts) < 2 or not kinds or not _is_over_one(seg, below):
            continue
        text = "".join(part.text for part in parts)
        columns = [column for column in columns if column not in parts] + [
            Column(kinds, seg.x0, seg.x1, text=text)
        ]
    return sorted(columns, key=lambda column: column.x0)


def _is_over_one(seg: Seg, below: Sequence[Row]) -> bool:
    """Nothing but one bare number stands under a heading, in every row."""
    under = [[other for other in row.segs if other.x0 < seg.x1 and other.x1 > seg.x0] for row in below]
    filled = [segs for segs in under if segs]
    return len(filled) * 2 > len(below) and all(
        len(segs) == 1
        and sum(value.type in ("amount", "percent") for value in segs[0].values) == 1
        and not any(letter.isalpha() for letter in segs[0].text)
        for segs in filled
    )


def _told(columns: Sequence[Column]) -> int:
    """How many headings are columns."""
    return len(columns) + sum(column.stacked or column.joined for column in columns)


_MOSTLY: Final = 0.4
"""A row of headings has at least this share of its letters in them; prose has less."""


def _is_sentence(row: Row, allowed: Sequence[str]) -> bool:
    """A row of many words, hardly one of them a heading."""
    return max(len(seg.words) for seg in row.segs) > 4 and _covered(row, allowed) < _MOSTLY


def _covered(row: Row, allowed: Sequence[str]) -> float:
    """The share of a row's letters that are headings."""
    letters = sum(len(lexicon.plain(seg.text)) for seg in row.segs)
    return sum(len(text) for *_, text in _headings_in(row, allowed)) / letters if letters else 0.0


def _is_list(columns: Sequence[Column], zone: Sequence[Row]) -> bool:
    """``Service | Amount``: two headings make a table where they are all that stands in their row."""
    kinds = {column.kind for column in columns}
    return kinds in _LISTS and len(zone) == 1 and len(zone[0].segs) == 2


_LISTS: Final = (
    {"description", "net_amount"},
    {"description", "gross_amount"},
    {"description", "quantity"},
    {"item_number", "quantity"},
)


def _is_over(columns: Sequence[Column], start: Row, below: Sequence[Row]) -> bool:
    """``Service | Zone | Amount``: a text and an amount, with what nobody knows between them, above rows that
    begin below the one and end below the other."""
    if {column.kind for column in columns} not in _LISTS[:2] or len(start.segs) < _LEAST_HEADS - 1:
        return False
    text, amount = columns[0], columns[-1]
    ends = [row.segs[-1] for row in below if abs(row.segs[0].x0 - text.x0) < row.segs[0].height]
    under = sum(seg.x0 < amount.x1 and seg.x1 > amount.x0 for seg in ends)
    short = all(len(seg.words) < _LONG for seg in start.segs)
    return short and amount.kind in NUMERIC and under > 0 and under * 2 > len(below)


_LONG: Final = 5
"""Words, that no heading has."""


def _is_priced(columns: Sequence[Column], start: Row) -> bool:
    """``Delivery | Quantity | Amount``: two numbers beside a text whose heading nobody knows."""
    numbers = [column for column in columns if column.kind in NUMERIC]
    return (
        len(numbers) >= 2
        and len(start.segs) >= 3
        and start.segs[0].x1 < min(column.x0 for column in columns)
        and any(letter.isalpha() for letter in start.segs[0].text)
    )


def _with_unknown(columns: list[Column], zone: Sequence[Row], allowed: Sequence[str]) -> list[Column]:
    """The columns, with those whose heading nobody knows: their words must not go to the neighbours."""
    found = list(columns)
    for row in zone:
        for seg in row.segs:
            known = _headings_of(seg, allowed) or [((), seg.x0, seg.x1, seg.text)]
            for _, x0, x1, text in known:
                free = all(x1 <= column.x0 or x0 >= column.x1 for column in found)
                if free and len(text) > 1:
                    found.append(Column((), x0, x1, f"?{len(found)}", text))
    return sorted(found, key=lambda column: column.x0)


def _goes_on(row: Row, columns: Sequence[Column], sight: Sight, allowed: Sequence[str]) -> bool:
    """The row still belongs to the heading: all its words stand under columns and none is a value."""
    if _has_numbers(row) or row.y0 == 0:
        return False
    hits = len(_headings_in(row, allowed))
    return hits >= max(1, len(row.segs) // 2)


def _has_numbers(row: Row) -> bool:
    return any(
        value.type in ("amount", "date", "percent") and value.end - value.start > 1 for value in row.values
    )


def _headings_in(row: Row, allowed: Sequence[str]) -> list[tuple[tuple[str, ...], float, float, str]]:
    return [heading for seg in row.segs for heading in _headings_of(seg, allowed)]


_APART: Final = 1.8
"""A blank so much wider than the least of its row parts two headings."""


def _headings_of(seg: Seg, allowed: Sequence[str]) -> list[tuple[tuple[str, ...], float, float, str]]:
    found: list[tuple[tuple[str, ...], float, float, str]] = []
    table = lexicon.columns()
    place = 0
    words = seg.words
    blanks = [after.x0 - word.x1 for word, after in pairwise(words)]
    apart = max(_APART * min(blanks, default=0.0), 0.45 * seg.height) if len(blanks) > 1 else seg.x1
    while place < len(words):
        joined, best = "", None
        for end in range(place, min(place + 5, len(words))):
            if end > place and words[end].x0 - words[end - 1].x1 > apart:
                break
            joined += lexicon.plain(words[end].text)
            kinds = tuple(kind for kind in table.get(joined, ()) if kind in allowed)
            if kinds:
                best = (end, kinds, joined)
        if best is None:
            place += 1
            continue
        end, kinds, joined = best
        if found and words[place - 1].text in ("/", "|") and set(found[-1][0]) & set(kinds):
            first = found.pop()  # the same in a second language
            kinds = tuple(kind for kind in first[0] if kind in kinds)
            found.append((kinds, first[1], words[end].x1, first[3] + joined))
        else:
            found.append((kinds, words[place].x0, words[end].x1, joined))
        place = end + 1
    return found


def _clusters(zone: Sequence[Row], allowed: Sequence[str]) -> list[Column]:
    """Headings, those above one another made one column."""
    columns: list[Column] = []
    for place, row in enumerate(zone):
        for heading in _headings_in(row, allowed):
            kinds, x0, x1, text = _with_above(heading, zone[place - 1], allowed) if place else heading
            over = next((c for c in columns if x0 < c.x1 and x1 > c.x0), None)
            if over is None:
                columns.append(Column(kinds, x0, x1, text=text))
                continue
            joined = tuple(k for k in lexicon.columns().get(over.text + text, ()) if k in allowed)
            over.joined = over.joined or (bool(joined) and joined != over.kinds)
            over.stacked = not joined and "description" in kinds and not {*kinds, *NUMERIC} & {*over.kinds}
            over.kinds = joined or over.kinds + tuple(k for k in kinds if k not in over.kinds)
            over.text += text
            over.x0, over.x1 = min(over.x0, x0), max(over.x1, x1)
    return sorted(columns, key=lambda column: column.x0)


def _with_above(
    heading: tuple[tuple[str, ...], float, float, str], above: Row, allowed: Sequence[str]
) -> tuple[tuple[str, ...], float, float, str]:
    """A heading with the words above it that are none by themselves: ``F.`` above ``operación``."""
    _, x0, x1, text = heading
    for seg in above.segs:
        if seg.x0 < x1 and seg.x1 > x0 and len(seg.words) < 3 and not _headings_of(seg, allowed):
            joined = lexicon.plain(seg.text) + text
            kinds = tuple(kind for kind in lexicon.columns().get(joined, ()) if kind in allowed)
            if kinds:
                return kinds, min(x0, seg.x0), max(x1, seg.x1), joined
    return heading


def _resolved(columns: list[Column], allowed: Sequence[str]) -> list[Column]:
    """Each column its kind; none twice. The rightmost of two sums is the line's."""
    taken: set[str] = set()
    order = sorted(columns, key=lambda c: (len(c.kinds), -c.x0 if c.kinds[0] in _SUMS else c.x0))
    for column in order:
        kinds = [kind for kind in column.kinds if kind not in taken]
        if not kinds:
            column.kind = ""
            continue
        column.kind = _preferred(column, kinds, columns)
        taken.add(column.kind)
    return [column for column in columns if column.kind]


_SUMS: Final = frozenset({"net_amount", "gross_amount", "paid"})


def _preferred(column: Column, kinds: Sequence[str], columns: Sequence[Column]) -> str:
    place = columns.index(column) / max(len(columns) - 1, 1)
    if "position" in kinds and place > 0.25 and len(kinds) > 1:
        return next(kind for kind in kinds if kind != "position")
    if "position" in kinds and place == 0:
        return "position"
    if "value_date" in kinds and place < 0.7:
        return "value_date"
    others = {kind for other in columns if other is not column for kind in other.kinds}
    if column.stacked and "description" not in others:
        return kinds[0]
    column.stacked = False
    if set(kinds) >= {"item_number", "description"}:
        return "item_number" if "description" in others else "description"
    if {"item_number", "buyer_item_number"} <= set(kinds):
        return "item_number"
    for kind in ("net_amount", "paid", "remittance_gross", "gross_amount"):
        if kind in kinds and place == 1:
            return kind
    return kinds[0]


def _is_table(columns: Sequence[Column]) -> bool:
    kinds = {column.kind for column in columns}
    numbers = kinds & NUMERIC
    texts = kinds - NUMERIC
    return (len(kinds) >= 3 and bool(numbers) and bool(texts)) or (len(kinds) >= 3 and len(numbers) >= 3)


def move(columns: Sequence[Column], heads: Sequence[Column]) -> None:
    by_kind = {head.kind: head for head in heads}
    for column in columns:
        if column.kind in by_kind:
            column.x0, column.x1 = by_kind[column.kind].x0, by_kind[column.kind].x1
