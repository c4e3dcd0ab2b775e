"""Charts of many messages: where people would rather look than read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Final

from abax.mail.contracts import Priority, Triage
from abax.mail.privacy import masked
from abax.report.charts import Bar, Row, lying_bars
from abax.report.drawing import Chart

MOST_ROWS: Final = 12
"""Rows of a chart; what is rarer stands in one row together."""
LANGUAGES: Final = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "": "not told",
}  # fmt: skip

_WHY: Final = (
    ("its category is ", "category not sure"),
    ("it may be about ", "may be of another kind"),
    ("it is encrypted", "encrypted"),
    ("it has no text", "without text"),
    ("it has attachments and no text", "attachments alone"),
    ("it is in a language", "language without words"),
    ("it names ", "another partner's invoice"),
    ("the classifier of ", "classifier not usable"),
)
"""Reasons that differ by what they name, by how they begin; those of rules are in the rules' own words."""


def all_charts(triaged: Sequence[Triage], mask: bool = True) -> list[Chart]:
    """Messages by department and priority, by category and by language, and why people must look, with
    ``mask`` without personal data."""
    why = [kind for one in triaged for kind in {why_kind(text) for text in one.why_person}]
    if mask:
        seen = {kind: masked(kind) for kind in set(why)}
        why = [seen[kind] for kind in why]
    made = [
        _by_department(triaged),
        _counted("categories", "What they are about", (plain(one.category.value) for one in triaged)),
        _counted("why", "Why a person must look", why, "result"),
        _counted("languages", "Languages", (language(one.language.value) for one in triaged)),
    ]
    return [chart for chart in made if chart]


def why_kind(text: str) -> str:
    """What kind of reason it is that a person must look."""
    return next((kind for begins, kind in _WHY if text.startswith(begins)), text)


def plain(name: str) -> str:
    """A name of a category, department or kind for people."""
    return name.replace("_", " ")


def language(code: str) -> str:
    """A language's name, its code where we have none."""
    return LANGUAGES.get(code, code)


def _by_department(triaged: Sequence[Triage]) -> Chart | None:
    counts: dict[str, Counter[str]] = {}
    for one in triaged:
        priority = str(one.priority.value)
        counts.setdefault(plain(one.department.value), Counter())[priority] += 1
    if not counts:
        return None
    rows = [Row(name, tuple(_stacked(name, own)), f"{own.total():,}") for name, own in _most(counts).items()]
    title = "Who they are for"
    drawn = lying_bars("departments", title, "Messages by department, each by priority.", rows)
    return Chart("departments", title, drawn, [(one.value.lower(), one.value) for one in Priority])


def _stacked(name: str, counts: Counter[str]) -> Iterator[Bar]:
    """Bars one behind the other, the most pressing first."""
    sizes = [counts[one.value] for one in Priority]
    for one, size, end in zip(Priority, sizes, accumulate(sizes), strict=True):
        if size:
            title = f"{name}, {one.value}: {size:,}"
            yield Bar(Decimal(size), one.value.lower(), title, start=Decimal(end - size))


def _counted(name: str, title: str, values: Iterable[str], kind: str = "now") -> Chart | None:
    counts = {value: Counter({"": count}) for value, count in Counter(values).items()}
    if not counts:
        return None
    rows = [
        Row(value, (Bar(Decimal(own.total()), kind, f"{value}: {own.total():,}"),), f"{own.total():,}")
        for value, own in _most(counts).items()
    ]
    return Chart(name, title, lying_bars(name, title, f"{title}: messages.", rows))


def _most(counts: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """The largest first; those that are left over together."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1].total(), one[0]))
    shown, rest = dict(ordered[:MOST_ROWS]), ordered[MOST_ROWS:]
    if rest:
        shown[f"{len(rest)} others"] = sum((own for _, own in rest), Counter())
    return shown
