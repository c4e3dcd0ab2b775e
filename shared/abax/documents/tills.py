"""Rows of a till as lines: codes that stand above their names, and how many stand before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from abax.documents import lexicon, listing
from abax.documents.contents import counts_up
from abax.documents.grids import Item
from abax.documents.listing import Priced
from abax.documents.pages import Word
from abax.documents.spans import Row, Sight


def lines(rows: Sequence[Priced], sight: Sight) -> list[Item]:
    """Rows that add up as lines, with the codes above them and the numbers before their texts."""
    items = listing.listed(rows, sight)
    _codes_above(items, rows, sight)
    _leading_counts(items)
    return items


def _codes_above(items: Sequence[Item], rows: Sequence[Priced], sight: Sight) -> None:
    """Codes right above the first line and most others are theirs, not those of the lines before."""
    codes = [_code_above(one.row, sight) for one in rows]
    if not codes or codes[0] is None or sum(code is not None for code in codes) * 2 <= len(codes):
        return
    for item, code, after in zip(items, codes, [*codes[1:], None], strict=True):
        if code is not None:
            item.cells["item_number"], item.pages["item_number"] = [code], item.page
        if after is not None:
            item.more = [part for part in item.more if (part[0][0].x0, part[0][0].y0) != (after.x0, after.y0)]


def _code_above(row: Row, sight: Sight) -> Word | None:
    """The code in the row right above, which has nothing else."""
    above = sight.rows[row.number - 1] if row.number else row
    near = above.page == row.page and 0 <= row.y0 - above.y0 < _NEXT * sight.height
    if above is row or not near or len(above.segs) > 1:
        return None
    words = above.segs[0].words
    text = "".join(word.text for word in words)
    if not _CODE.fullmatch(text) or abs(words[0].x0 - row.segs[0].x0) > 3 * sight.height:
        return None
    return replace(words[0], text=text, x1=words[-1].x1)


_NEXT: Final = 2.0
"""Heights of a line from one row to the next."""
_CODE: Final = re.compile(r"[A-Z]{0,3}\d{5,14}")


def _leading_counts(items: Sequence[Item]) -> None:
    """``2 Fish & Chips``: numbers before most texts say how many, unless they count the lines."""
    found = [item for item in items if "quantity" not in item.cells and _is_counted(item)]
    if len(found) < 2 or len(found) * 3 < len(items) * 2:
        return
    numbers = [item.cells["description"][0].text for item in found]
    if len(found) == len(items) and counts_up(numbers):
        return
    for item in found:
        first, *rest = item.cells["description"]
        item.cells |= {"quantity": [first], "description": rest}
        item.pages["quantity"] = item.pages["description"]


def _is_counted(item: Item) -> bool:
    """Its text begins with a small number that no unit follows."""
    words = item.cells.get("description", ())
    if len(words) < 2 or not _SMALL.fullmatch(words[0].text):
        return False
    after = lexicon.plain(words[1].text)
    return after.isalpha() and len(after) > 2 and after not in lexicon.units()


_SMALL: Final = re.compile(r"[1-9]\d{0,2}")
