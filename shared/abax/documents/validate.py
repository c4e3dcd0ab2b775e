"""Stage 7, validation: rules as data, each of which says what it compared."""

from __future__ import annotations

from enum import StrEnum

from abax.documents.contracts import Model


class Severity(StrEnum):
    """What a failed rule means."""

    INFO = "info"
    WARNING = "warning"
    """A person should look."""
    ERROR = "error"
    """The document cannot be booked as it is."""
    ALARM = "alarm"
    """Possible fraud: raised loudly, never passed."""


class Outcome(StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    """What it needs is not there."""


class Check(Model):
    """One rule's result."""

    rule: str
    severity: Severity
    outcome: Outcome
    text: str
    """The rule in words."""
    compared: str = ""
    """What was compared, with the values: ``lines 100.00 + 20.00 = 120.00, totals.net 120.00``."""
    paths: tuple[str, ...] = ()
    """The values at issue."""
