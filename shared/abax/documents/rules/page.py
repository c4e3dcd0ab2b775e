"""An e-invoice's XML against its visible page, and against itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from abax.documents.extract import Difference
from abax.documents.rules.arithmetic import from_xml
from abax.documents.rules.model import Result, Rule, Severity, Subject

_UNREAD: Final = ("is no number", "is no date")
_UNNAMED: Final = "which the XML does not name"
"""How findings of the reader and of the comparison end."""
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
    if not from_xml(subject):
        return
    unread = [finding for finding in subject.extraction.findings if finding.endswith(_UNREAD)]
    for finding in unread:
        yield Result(False, finding, (finding.partition(":")[0],))
    if not unread:
        yield Result(True, f"{len(subject.extraction.evidence)} values read")


def _accounts(subject: Subject) -> Iterator[Result]:
    if not from_xml(subject):
        return
    for finding in subject.extraction.findings:
        if "account" in finding and finding.endswith(_UNNAMED):
            yield Result(False, finding, ("bank_accounts",))


RULES: Final = (
    Rule("xml-page", "The visible page says what the XML says.", Severity.WARNING, _visible),
    Rule("xml-values", "Every value of the XML can be read.", Severity.WARNING, _readable),
    Rule("xml-accounts", "The page shows no account that the XML does not name.", Severity.INFO, _accounts),
)
"""What holds for e-invoices of any kind."""
