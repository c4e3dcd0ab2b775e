"""The report as one page: no framework, no network, everything inside."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from abax.forecast.statements import POSITIONS, TOTALS
from abax.ledger.model import ClosePackage, Forecast, ForecastLine
from abax.money import ZERO, told
from abax.report import charts, numbers, view
from abax.report.lines import LineIndex
from abax.report.panel import panel_json
from abax.writing.narrative import Narrative, Sentence

if TYPE_CHECKING:
    from jinja2 import Template

_POLICY: Final = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def render_html(
    package: ClosePackage,
    forecast: Forecast,
    index: LineIndex | None = None,
    narrative: Narrative | None = None,
) -> str:
    """The whole report as one HTML document that asks nothing of any network.

    With ``index`` every figure opens down to its journal lines, those in sentences too; without it figures
    are plain text. Texts from the books are escaped, and the page's own policy lets nothing but its own
    script and style run.
    """
    seen = view.View(package, linked=index is not None)
    style, script = asset("report.css"), asset("report.js")
    return _template().render(
        package=package,
        forecast=forecast,
        narrative=narrative,
        pieces=lambda sentence: sentence_pieces(sentence, seen),
        view=seen,
        charts=charts.all_charts(seen, forecast, index),
        sparkline=charts.sparkline,
        policy=_POLICY.format(style=digest(style), script=digest(script)),
        style=Markup(style),  # noqa: S704 — our own file
        script=Markup(script),  # noqa: S704 — our own file
        data=Markup(panel_json(package, index)) if index else None,  # noqa: S704 — JSON without any "<"
        outlook=[_outlook(line, package.company.currency) for line in forecast.lines],
        outlook_months=next(([p.label for p in line.points] for line in forecast.lines if line.points), []),
        headings=view.bucket_headings(),
        cuts=view.CUTS,
        day=view.day,
        told=partial(told, currency=package.company.currency),
        ratio=numbers.ratio,
        held=sum(len(group.lines) for group in index.groups) if index else 0,
        lines=index.line_count if index else 0,
    )


def sentence_pieces(sentence: Sentence, seen: view.View) -> list[tuple[str, str]]:
    """A sentence cut into text and link, in order: its figures lead to where they open, the rest nowhere."""
    pieces, rest = [], sentence.text
    for cited in sentence.cited:
        before, found, after = rest.partition(cited.shown)
        paths = cited.figure.opens if found else []
        if paths and seen.linked:
            pieces += [(before, ""), (found, f"#{paths[0]}")]
            rest = after
    return [(text, href) for text, href in [*pieces, (rest, "")] if text]


def _outlook(line: ForecastLine, currency: str) -> dict[str, Any]:
    """A forecast line as the table shows it."""
    whole = sum((point.value for point in line.points), ZERO)
    flow = line.line not in POSITIONS
    return {
        "label": line.label,
        "method": line.method,
        "note": line.note,
        "strong": line.method in TOTALS,
        "points": [
            {
                "value": numbers.split_amount(point.value, currency),
                "low": numbers.compact(point.low),
                "high": numbers.compact(point.high),
            }
            for point in line.points
        ],
        "total": numbers.split_amount(whole, currency) if flow and line.points else None,
        "mase": _share(line.mase),
        "naive": _share(line.naive_mase),
        "better": line.mase is not None and line.naive_mase is not None and line.mase < line.naive_mase,
        "coverage": f"{line.coverage:.0%}" if line.coverage is not None else numbers.NOTHING,
    }


def _share(value: float | None) -> str:
    return numbers.NOTHING if value is None else f"{value:.2f}"


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(asset("report.html.j2"))


@lru_cache(maxsize=4)
def asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """How a content security policy names the one script or style that may be inside the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
