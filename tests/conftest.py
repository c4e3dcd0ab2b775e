"""Fixtures and rules for the whole suite."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.dovecot import dovecot, line, mailbox  # noqa: F401  (fixtures: one server for the session)
from tests.support.mariadb import mariadb  # noqa: F401  (fixtures: one server each for the whole session)
from tests.support.postgres import postgres  # noqa: F401

# A suite started in the background inherits an ignored Ctrl-C, and would hand it on to the programs it tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Whether a machine has a model unpacked must not decide what a test sees; those that want one say so.
os.environ["ABAX_MODEL_URL"] = "none:"

ABSENT_DATA = "no development data"
"""The one reason for which a test may be skipped in CI: everything else CI installs for itself."""


LONG = (
    "tests/e2e/test_sam",
    "tests/unit/workflow/test_close",
    "tests/workflows/",
    "tests/kernels/",
    "tests/e2e/",
    "tests/unit/erp/",
    "tests/unit/writing/",
    "tests/unit/ledger/",
    "tests/runtime/",
)
"""Where the files lie that take longest. One that comes last leaves the other cores idle."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers, each of which takes the next file, begin with the long ones."""

    def place(item: pytest.Item) -> int:
        return next((place for place, at in enumerate(LONG) if item.nodeid.startswith(at)), len(LONG))

    if hasattr(config, "workerinput"):
        items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """In CI a test that skips for want of a program fails instead."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if ABSENT_DATA not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"
    return report


LARGE = 20_000
"""Characters of two values that are compared."""


@pytest.hookimpl(wrapper=True)
def pytest_assertrepr_compare(left: object, right: object) -> Iterator[None]:
    """Of large tables that differ, say where first. In CI pytest looks for every difference, for minutes, and
    prints them all, 100,000 lines once."""
    with pytest.MonkeyPatch.context() as patch:
        if len(repr((left, right))) > LARGE:
            patch.delenv("CI", raising=False)
        return (yield)
