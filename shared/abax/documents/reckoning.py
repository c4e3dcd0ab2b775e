"""What the columns of a table are by their numbers, where headings say otherwise or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import permutations
from typing import Final

from abax.documents import amounts
from abax.documents.grids import NUMERIC, Grid, rename

CENT: Final = Decimal("0.011")
"""How far a product may be from its amount."""
BASES: Final = (Decimal(1), Decimal(100), Decimal(1000), Decimal(10))
"""Prices are for so many units."""
_MOST: Final = 0.7
"""The share of the lines that an arithmetic must hold for."""
_MOST_COLUMNS: Final = 24
"""Wider tables are no invoice's."""
_Numbers = dict[str, list[Decimal | None]]


def multiplies(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    """Whether a quantity times a price makes an amount, to the cent or as far as its price is rounded."""
    return abs(quantity * price - amount) <= max(CENT, abs(amount) * Decimal("0.0001"))


def settle_goods(grid: Grid, mark: str | None) -> None:
    """Quantity, price and amount are columns that multiply; a second price is the one before its discount."""
    numbers = _numbers(grid, mark)
    told = [kind for kind in ("quantity", "unit_price") if kind in numbers]
    total = next((kind for kind in ("net_amount", "gross_amount") if kind in numbers), None)
    if total is None or (len(told) == 2 and _share(numbers, (*told, total), _is_product) >= 0.5):
        return
    best = _best(numbers, total, _is_product)
    if best is None:
        return
    first, second = _quantity_first(grid, numbers, best)
    for kind, meant in ((first, "quantity"), (second, "unit_price")):
        if kind == meant:
            continue
        for column in grid.columns:
            if column.kind == meant:
                old = "gross_price" if meant == "unit_price" and not grid.has("gross_price") else ""
                rename(grid, column, old)
        rename(grid, next(column for column in grid.columns if column.kind == kind), meant)


def settle_sums(grid: Grid, mark: str | None) -> None:
    """Net, tax and gross amounts are columns that add up, or that a rate leads from one to the other; where
    lines have one number alone, it is their amount."""
    numbers = _numbers(grid, mark)
    told = _net_tax_gross(numbers)
    if told is None:
        if not grid.has("quantity", "net_amount", "gross_amount") and "unit_price" in numbers:
            _name(grid, {"unit_price": "net_amount"})
        return
    _name(grid, {kind: meant for kind, meant in zip(told, _NET_TAX_GROSS, strict=True) if kind})


_NET_TAX_GROSS: Final = ("net_amount", "tax_amount", "gross_amount")


def _net_tax_gross(numbers: _Numbers) -> tuple[str, str, str] | None:
    """The columns of net, tax and gross amounts, of which one may be missing; of several the one with the
    largest amounts, for prices may be printed both ways, too."""
    money = [name for name in numbers if name not in _NO_MONEY]
    summed = [name for name in money if name in _NET_TAX_GROSS]
    found: list[tuple[Decimal, int, tuple[str, str, str]]] = []
    for net, other in permutations(money, 2):
        if net in _PRICES and any(name not in (net, other) for name in summed):
            continue
        size = sum((abs(value) for value in numbers[net] if value is not None), Decimal(0))
        tax = next((name for name in money if _adds(numbers, net, name, other)), "")
        rated = (net, "tax_rate", other) if "tax_rate" in numbers else None
        if tax:
            names = net, tax, other
        elif rated and _share(numbers, rated, _is_with_tax) >= _MOST:
            names = net, "", other
        elif rated and _share(numbers, rated, _is_tax) >= _MOST:
            names = net, other, ""
        else:
            continue
        found.append((size, sum(map(bool, names)), names))
    return max(found)[2] if found else None


_NO_MONEY: Final = frozenset({"quantity", "ordered_quantity", "tax_rate", "discount"})
_PRICES: Final = frozenset({"unit_price", "gross_price"})


def _adds(numbers: _Numbers, net: str, tax: str, gross: str) -> bool:
    """A tax that is less than the net amount makes the gross amount with it."""
    if len({net, tax, gross}) < 3:
        return False
    rows = [row for row in _rows(numbers, (net, tax, gross)) if row[1]]
    holds = sum(row[0] + row[1] == row[2] and abs(row[1]) < abs(row[0]) / 2 for row in rows)
    return holds >= _MOST * len(rows) and (len(rows) > 1 or (len(rows) == 1 and tax == "tax_amount"))


def _is_with_tax(net: Decimal, rate: Decimal, gross: Decimal) -> bool:
    return abs(net * (100 + rate) / 100 - gross) <= CENT


def _is_tax(net: Decimal, rate: Decimal, tax: Decimal) -> bool:
    return abs(net * rate / 100 - tax) <= CENT


def _name(grid: Grid, meant: Mapping[str, str]) -> None:
    """Columns get other names, all at once; who had them before has none."""
    columns = {kind: next(column for column in grid.columns if column.kind == kind) for kind in meant}
    for place, column in enumerate(columns.values()):
        rename(grid, column, f"?named{place}")
    for column in grid.columns:
        if column.kind in meant.values():
            rename(grid, column, "")
    for kind, column in columns.items():
        rename(grid, column, meant[kind])


def settle_paid(grid: Grid, mark: str | None) -> None:
    """What was paid is the gross amount less the deduction."""
    numbers = _numbers(grid, mark)
    if not grid.has("remittance_gross"):
        _whole_and_paid(grid, mark)
        numbers = _numbers(grid, mark)
    told = [kind for kind in ("remittance_gross", "deduction", "paid") if kind in numbers]
    if len(told) == 3 and _share(numbers, told, _is_rest) >= 0.5:
        return
    found = [
        names for names in permutations(numbers, 3) if _share(numbers, names, _is_rest, least=2) >= _MOST
    ]
    if not found:
        return
    names = min(found, key=lambda one: [_place(grid, kind) for kind in one])
    columns = [next(column for column in grid.columns if column.kind == kind) for kind in names]
    for place, column in enumerate(columns):
        rename(grid, column, f"?paid{place}")
    for column, kind in zip(columns, ("remittance_gross", "deduction", "paid"), strict=True):
        for other in grid.columns:
            if other.kind == kind:
                rename(grid, other, "")
        rename(grid, column, kind)


def _whole_and_paid(grid: Grid, mark: str | None) -> None:
    """An unknown column of numbers is the gross amount, where with what is deducted it makes what is paid."""
    for column in grid.columns:
        if not column.kind.startswith("?"):
            continue
        rows = [
            [_number(item.text(kind), mark) or Decimal(0) for kind in (column.kind, "deduction", "paid")]
            for item in grid.items
            if column.kind in item.cells and "paid" in item.cells
        ]
        if rows and sum(_is_rest(*row) for row in rows) >= _MOST * len(rows):
            rename(grid, column, "remittance_gross")
            return


def _place(grid: Grid, kind: str) -> int:
    return next(place for place, column in enumerate(grid.columns) if column.kind == kind)


def _numbers(grid: Grid, mark: str | None) -> _Numbers:
    """The numbers of each column that has them in most of its lines."""
    found: _Numbers = {}
    for column in grid.columns[:_MOST_COLUMNS]:
        if column.kind not in NUMERIC and not column.kind.startswith("?"):
            continue
        cells = [_number(item.text(column.kind), mark) for item in grid.items]
        if sum(cell is not None for cell in cells) * 2 > len(cells):
            found[column.kind] = cells
    return found


def _number(text: str, mark: str | None) -> Decimal | None:
    text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text).replace("%", "")
    found = next(amounts.find_amounts(text, mark), None)
    return found.value if found else None


def _is_product(one: Decimal, other: Decimal, amount: Decimal) -> bool:
    return any(multiplies(one / base, other, amount) for base in BASES)


def _is_rest(gross: Decimal, off: Decimal, paid: Decimal) -> bool:
    return abs(gross) - abs(off) == abs(paid)


def _rows(numbers: _Numbers, names: Sequence[str]) -> Iterator[tuple[Decimal, ...]]:
    for row in zip(*(numbers[name] for name in names), strict=True):
        if None not in row:
            yield tuple(value for value in row if value is not None)


def _share(
    numbers: _Numbers,
    names: Sequence[str],
    holds: Callable[[Decimal, Decimal, Decimal], bool],
    least: int = 1,
) -> float:
    """For which share of the lines with all three numbers an arithmetic holds; 0 where it tells nothing."""
    rows = list(_rows(numbers, names))
    telling = sum(row[0] != 1 and row[1] not in (0, 1) and row[0] != row[2] for row in rows)
    if len(rows) < least or not telling:
        return 0.0
    return sum(holds(*row) for row in rows) / len(rows)


def _best(
    numbers: _Numbers, total: str, holds: Callable[[Decimal, Decimal, Decimal], bool]
) -> tuple[str, str] | None:
    """The two columns that make the amount of most lines; those that are called so go before others."""
    others = [name for name in numbers if name not in (total, "tax_rate", "tax_amount")]
    ranked = [
        (
            _share(numbers, (one, other, total), holds),
            sum(name in _CALLED for name in (one, other)),
            one,
            other,
        )
        for place, one in enumerate(others)
        for other in others[place + 1 :]
    ]
    best = max(ranked, default=None)
    return (best[2], best[3]) if best is not None and best[0] >= _MOST else None


_CALLED: Final = frozenset({"quantity", "unit_price", "gross_price", "ordered_quantity"})


def _quantity_first(grid: Grid, numbers: _Numbers, pair: tuple[str, str]) -> tuple[str, str]:
    """Which of two factors is the quantity: as headings say, else the one with fewer decimals."""
    one, other = pair
    if other in ("quantity", "ordered_quantity") or one in ("unit_price", "gross_price"):
        return other, one
    if one in ("quantity", "ordered_quantity") or other in ("unit_price", "gross_price"):
        return one, other
    places = [
        max((-int(value.as_tuple().exponent) for value in numbers[name] if value is not None), default=0)
        for name in pair
    ]
    if places[0] != places[1]:
        return (one, other) if places[0] < places[1] else (other, one)
    return (one, other) if _place(grid, one) < _place(grid, other) else (other, one)
