"""One close, made once for all tests of the report."""

from __future__ import annotations

import pytest
from abax.forecast import forecast_package
from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex

from tests.golden.books import golden_close


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[ClosePackage, Forecast, LineIndex]:
    """The golden close, its forecast and its lines."""
    package, index = golden_close(tmp_path_factory.mktemp("golden"))
    return package, forecast_package(package), index
