"""Books that the ledger's tests share."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.ledger import Ledger

from tests.support.books import Entry, Settlement, build_ledger

Opener = Callable[..., Ledger]

TWO_YEARS = [
    Entry("2024-01-10", [("1000", "1000"), ("3000", "-1000")]),
    Entry("2024-01-15", [("1500", "360"), ("1000", "-360")]),
    Entry("2024-02-05", [("1100", "500"), ("4000", "-500")], partner="p1", due="2024-03-06"),
    Entry("2024-02-20", [("5000", "200"), ("2000", "-200")], partner="p2", due="2024-03-21"),
    Entry("2024-03-31", [("6500", "10"), ("1500", "-10")]),
    Entry("2024-12-31", [("8000", "30"), ("2300", "-30")]),
    Entry("2025-01-20", [("1000", "300"), ("1100", "-300")], partner="p1"),
    Entry("2025-02-10", [("1100", "800"), ("4000", "-800")], partner="p1", due="2025-03-12"),
    Entry("2025-03-05", [("6000", "450"), ("1000", "-450")]),
]
"""A small company: capital, a machine, sales, a purchase, depreciation, tax; nothing after March 2025."""

SETTLED = [Settlement("L2.0", "L6.1", "2025-01-20", "300")]
PARTNERS = {"p1": "Buyer", "p2": "Seller"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Builds and opens books; closes them after the test."""
    ledgers: list[Ledger] = []

    def build(entries: Any, **more: Any) -> Ledger:
        folder = tmp_path / str(len(ledgers))
        ledgers.append(build_ledger(folder, entries, **more))
        return ledgers[-1]

    yield build
    for ledger in ledgers:
        ledger.close()
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def ledger(opened: Opener) -> Ledger:
    """The small company's books, opened."""
    return opened(TWO_YEARS, settlements=SETTLED, partners=PARTNERS)
