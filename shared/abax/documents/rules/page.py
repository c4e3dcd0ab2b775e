"""An e-invoice's XML against its visible page, and against itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from abax.documents.extract import Difference
from abax.documents.rules.model import Result, Rule, Severity, Subject

_LOUD: Final = (
    ("bank_accounts", Severity.ALARM),
    ("totals", Severity.ERROR),
    ("number", Severity.ERROR),
    ("currency", Severity.ERROR),
)


def _severity(difference: Difference) -> Severity:
    return next((how for start, how in _LOUD if difference.path.startswith(start)), Severity.WARNING)


def _visible(subject: Subject) -> Iterator[Result]:
    for one in subject.extraction.differences:
        shown = f"{one.path}: XML {one.xml}, page {one.visible or 'nothing of it'}"
        yield Result(False, shown, (one.path,), _severity(one))
    seen = [path for path, one in subject.extraction.evidence.items() if one.method == "xml" and one.page]
    if seen and not subject.extraction.differences:
        yield Result(True, f"{len(seen)} values of the XML stand on the page", tuple(seen[:5]))


def _readable(subject: Subject) -> Iterator[Result]:
    if not any(one.method == "xml" for one in subject.extraction.evidence.values()):
        return
    differences = len(subject.extraction.differences)
    findings = subject.extraction.findings
    unread = findings[: len(findings) - differences] if differences else findings
    for finding in unread:
        yield Result(False, finding, (finding.partition(":")[0],))
    if not unread:
        yield Result(True, f"{len(subject.extraction.evidence)} values read")


RULES: Final = (
    Rule("xml-page", "The visible page says what the XML says.", Severity.WARNING, _visible),
    Rule("xml-values", "Every value of the XML can be read.", Severity.WARNING, _readable),
)
"""What holds for e-invoices of any kind."""
