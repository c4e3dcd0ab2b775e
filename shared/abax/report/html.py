"""The report as one page: no framework, no network, everything inside."""

from __future__ import annotations

from functools import partial
from typing import Final

from markupsafe import Markup

from abax.ledger.model import ClosePackage, Forecast
from abax.money import told
from abax.report import charts, numbers, view
from abax.report.forecast_section import render_forecast
from abax.report.lines import LineIndex
from abax.report.panel import panel_json
from abax.report.templates import asset, digest, template
from abax.writing.narrative import Narrative, Sentence

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
    style = asset("charts.css") + asset("report.css") + asset("forecast.css")
    script = asset("report.js")
    return template("report.html.j2").render(
        package=package,
        narrative=narrative,
        pieces=lambda sentence: sentence_pieces(sentence, seen),
        view=seen,
        charts=charts.all_charts(seen, forecast, index),
        sparkline=charts.sparkline,
        policy=_POLICY.format(style=digest(style), script=digest(script)),
        style=Markup(style),  # noqa: S704 — our own file
        script=Markup(script),  # noqa: S704 — our own file
        data=Markup(panel_json(package, index)) if index else None,  # noqa: S704 — JSON without any "<"
        outlook=render_forecast(package, forecast),
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
