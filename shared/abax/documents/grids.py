"""A table as it was read: the kinds of its columns, and its lines with a cell under each.

``headings`` finds where one begins, ``placing`` which column a word stands in, ``filling`` takes its rows
and ``contents`` knows columns by what stands in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from abax.documents.contracts import DocumentType
from abax.documents.pages import Word
from abax.documents.spans import Value

TRADE: Final = (
    "position",
    "item_number",
    "buyer_item_number",
    "standard_item_number",
    "description",
    "quantity",
    "ordered_quantity",
    "unit",
    "unit_price",
    "gross_price",
    "discount",
    "tax_rate",
    "tax_amount",
    "net_amount",
    "gross_amount",
    "delivery_date",
    "order_number",
)
REMITTANCES: Final = (
    "position",
    "document_number",
    "document_date",
    "text",
    "remittance_gross",
    "deduction",
    "paid",
)
ENTRIES: Final = (
    "booked",
    "value_date",
    "document_number",
    "text",
    "debit",
    "credit",
    "net_amount",
    "balance",
    "due_date",
)
VOUCHER: Final = (
    "position",
    "account",
    "account_name",
    "text",
    "cost_center",
    "debit",
    "credit",
    "net_amount",
    "tax_rate",
)
KINDS: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.PAYMENT_ADVICE: REMITTANCES,
    DocumentType.ACCOUNT_STATEMENT: ENTRIES,
    DocumentType.JOURNAL_VOUCHER: VOUCHER,
}
"""Columns that the main table of a type may have; all other types have ``TRADE``."""
NUMERIC: Final = frozenset(
    {
        "quantity",
        "ordered_quantity",
        "unit_price",
        "gross_price",
        "discount",
        "tax_rate",
        "tax_amount",
        "net_amount",
        "gross_amount",
        "tax_base",
        "remittance_gross",
        "deduction",
        "paid",
        "debit",
        "credit",
        "balance",
    }
)
TEXTS: Final = frozenset({"description", "text"})
ENDS: Final = (
    "totals.gross",
    "totals.due",
    "totals.net",
    "totals.lines",
    "totals.any",
    "totals.tax",
    "totals.prepaid",
    "totals.allowances",
    "totals.charges",
    "totals.rounding",
    "cash",
    "closing_balance",
    "paid_total",
    "total_debit",
    "total_credit",
    "terms.text",
    "iban",
    "terms.means",
    "bank_name",
)


@dataclass(slots=True)
class Column:
    """A column under its heading."""

    kinds: tuple[str, ...]
    """What its heading may mean, the likeliest first."""
    x0: float
    x1: float
    kind: str = ""
    text: str = ""
    joined: bool = False
    """Its heading is parted over two rows."""
    stacked: bool = False
    """A heading of numbers stands above one of descriptions: so do the cells."""


@dataclass(slots=True)
class Item:
    """One line of a table: cells by kind, each with its words, and the rows of text below it."""

    cells: dict[str, list[Word]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    more: list[tuple[list[Word], int]] = field(default_factory=list)
    page: int = 0
    bottom: float = 0.0
    """Of its last row with numbers."""
    reach: float = 0.0
    """Of its last row."""
    mark: str | None = None
    """The decimal mark of its quantity, where the whole column tells."""
    untaxed: bool = False
    """The heading over its amount says that it holds no tax."""
    adjustments: list[Item] = field(default_factory=list)
    """Rows below it that take something off its amount or add to it."""

    def text(self, kind: str) -> str:
        """A cell's words."""
        return " ".join(word.text for word in self.cells.get(kind, ()))

    def has_number(self, kind: str) -> bool:
        """Whether a cell has a digit."""
        return any(letter.isdigit() for letter in self.text(kind))


@dataclass(slots=True)
class Grid:
    """A table: its columns and its lines."""

    columns: list[Column]
    items: list[Item]
    first: int
    """Its first row, the heading."""
    last: int

    def has(self, *kinds: str) -> bool:
        """Whether it has any of these columns."""
        return any(column.kind in kinds for column in self.columns)


def rename(grid: Grid, column: Column, kind: str) -> None:
    """A column's cells are of this kind from now on; of none, they are left out."""
    for item in grid.items:
        words = item.cells.pop(column.kind, None)
        page = item.pages.pop(column.kind, item.page)
        if words and kind:
            item.cells[kind] = words
            item.pages[kind] = page
    column.kind = kind


def same(one: Sequence[Column], other: Sequence[Column]) -> bool:
    """Whether two headings are of one table."""
    kinds, others = {c.kind for c in one}, {c.kind for c in other}
    return len(kinds & others) >= 0.7 * max(len(kinds), len(others))
