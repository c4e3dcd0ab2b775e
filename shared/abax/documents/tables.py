"""Tables: rows of words that stand in the same columns, with what is written above them."""

from __future__ import annotations

from collections.abc import Sequence

from abax.documents.pages import Page


def with_tables(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages with their tables."""
    return tuple(pages)
