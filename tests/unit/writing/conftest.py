"""Two closes of the golden books, made once: one of a finished year, one of a year that is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
from abax.forecast import forecast_package
from abax.ledger import build_package
from abax.ledger.model import ClosePackage, Forecast
from abax.writing.figures import Figures

from tests.golden.books import AS_OF, golden_ledger


@dataclass(frozen=True, repr=False)
class Closed:
    """A close as words are made from it: ``*closed`` is what most of them are made from."""

    package: ClosePackage
    forecast: Forecast

    def __repr__(self) -> str:
        return f"Closed({self.package.year})"

    def __iter__(self) -> Iterator[ClosePackage | Forecast]:
        return iter((self.package, self.forecast))

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.package, self.forecast)


@pytest.fixture(scope="session")
def closes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Closed]:
    with golden_ledger(tmp_path_factory.mktemp("books")) as ledger:
        packages = {"full": build_package(ledger, 2025), "part": build_package(ledger, 2026, as_of=AS_OF)}
    return {name: Closed(package, forecast_package(package)) for name, package in packages.items()}


@pytest.fixture
def full(closes: dict[str, Closed]) -> Closed:
    """Fiscal year 2025, to its end."""
    return closes["full"]


@pytest.fixture
def part(closes: dict[str, Closed]) -> Closed:
    """Fiscal year 2026, up to September."""
    return closes["part"]
