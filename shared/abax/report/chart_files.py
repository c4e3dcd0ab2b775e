"""Charts of a forecast as files: SVG that needs nothing else, and PNG drawn from the very same SVG."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from markupsafe import Markup

from abax.errors import FontNeeded, InvalidRequest, PackageNeeded, listed
from abax.ledger.model import ClosePackage, Forecast
from abax.report import forecast_charts
from abax.report.drawing import Chart, short, text
from abax.report.templates import asset
from abax.report.view import day

FORMATS: Final = ("svg", "png")
ZOOM: Final = 3
"""Dots of a PNG to a unit of its SVG: 300 dots an inch where the chart is printed 16 cm wide."""

_FONTS: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, "DejaVu Sans", sans-serif'
_EDGE, _HEAD, _FOOT = 24, 84, 34
"""Room around a chart, for its heading and legend above it, and for the words below it."""
_ACROSS: Final = 4
"""Charts of the overview beside each other."""
_SMALL_HEAD: Final = 44


def write_charts(
    forecast: Forecast, package: ClosePackage, folder: Path, formats: Collection[str] = FORMATS
) -> list[Path]:
    """Write every chart that the forecast has the figures for into ``folder``, and give the files' paths.

    ``<line>.svg`` is a line's history and fan, ``<line>-backtest.svg`` its backtest; ``bridge.svg``,
    ``scores.svg`` and ``overview.svg`` are of all lines. Each is a whole picture with heading, legend and
    source. Raises InvalidRequest for an unknown format; PackageNeeded where PNG is asked for and resvg_py is
    not installed, FontNeeded where there is no font to set its words in.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise InvalidRequest(f"there is no {listed(unknown)}; use {listed(FORMATS)}", "formats")
    drawn = chart_files(forecast, package)
    fonts = _fonts() if "png" in formats else []
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in drawn.items():
        for kind in (known for known in FORMATS if known in formats):
            path = folder / f"{name}.{kind}"
            path.write_bytes(picture.encode() if kind == "svg" else as_png(picture, fonts))
            written.append(path)
    return written


def chart_files(forecast: Forecast, package: ClosePackage) -> dict[str, str]:
    """Whole pictures as SVG by name."""
    source = f"{package.company.name} · {forecast.currency} · known up to {day(forecast.history_end)}"
    courses = forecast_charts.courses(package, forecast)
    found: dict[str, Chart | None] = {}
    for course in courses:
        found[course.line.line] = forecast_charts.fan(course, forecast)
        found[f"{course.line.line}-backtest"] = forecast_charts.backtest(course, forecast)
    found["bridge"] = forecast_charts.bridge(forecast.bridge, forecast.currency)
    found["scores"] = forecast_charts.scores(forecast)
    pictures = {_file_name(name): picture(chart, source) for name, chart in found.items() if chart}
    small = forecast_charts.overview(courses, forecast)
    return pictures | ({"overview": overview_picture(small, source)} if small else {})


def picture(chart: Chart, source: str) -> str:
    """One chart as a whole picture: heading, what it says, legend, drawing, source."""
    width = chart.width + 2 * _EDGE
    height = _HEAD + chart.height + _FOOT
    marks = [
        text(_EDGE, 30, chart.title, "heading"),
        text(_EDGE, 49, chart.note, "says"),
        *_legend(chart),
        _placed(chart, _EDGE, _HEAD),
        text(_EDGE, height - 12, source, "source"),
    ]
    return _document(width, height, f"{chart.title} – {source}", marks)


def overview_picture(charts: Sequence[Chart], source: str) -> str:
    """All lines on one sheet, in rows of four."""
    first = charts[0]
    step_x, step_y = first.width + 16, first.height + _SMALL_HEAD
    rows = -(-len(charts) // _ACROSS)
    width = min(len(charts), _ACROSS) * step_x - 16 + 2 * _EDGE
    height = 48 + rows * step_y + _FOOT
    marks = [text(_EDGE, 30, "All lines", "heading")]
    for place, chart in enumerate(charts):
        x, y = _EDGE + place % _ACROSS * step_x, 48 + place // _ACROSS * step_y
        marks.append(text(x, y + 16, short(chart.title, 32), "tile"))
        marks.append(text(x, y + 32, chart.note, "small"))
        marks.append(_placed(chart, x, y + _SMALL_HEAD - 6))
    marks.append(text(_EDGE, height - 12, source, "source"))
    return _document(width, height, f"All lines – {source}", marks)


def as_png(drawn: str, fonts: Sequence[str] | None = None) -> bytes:
    """A picture's PNG. Raises PackageNeeded and FontNeeded."""
    found = _fonts() if fonts is None else fonts
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=drawn,
            zoom=ZOOM,
            font_files=list(found) or None,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )
    )


def _document(width: int, height: int, title: str, marks: Iterable[Markup]) -> str:
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}">'
            "<title>{2}</title><style>{3}</style>"
            '<rect class="sheet" width="{0}" height="{1}"/>{4}</svg>\n'
        ).format(width, height, title, Markup(_style()), Markup("").join(marks))  # noqa: S704 — our own file
    )


def _placed(chart: Chart, x: int, y: int) -> Markup:
    """The drawing inside another."""
    where = Markup('<svg x="{}" y="{}" width="{}" height="{}" ').format(x, y, chart.width, chart.height)
    return Markup(chart.svg.replace(Markup("<svg "), where, 1))  # noqa: S704 — it was Markup before


def _legend(chart: Chart) -> list[Markup]:
    marks, x = [], _EDGE
    for kind, words in chart.legend:
        sign = forecast_charts.key_marks(kind, chart.name)
        marks.append(
            Markup('<g class="chart" transform="translate({} {})">{}</g>').format(x, _HEAD - 23, sign)
        )
        marks.append(text(x + 30, _HEAD - 11, words, "says"))
        x += 48 + round(7.1 * len(words))
    return marks


def _style() -> str:
    """The page's style for drawings, with its colours on paper instead of their names."""
    colours = _colours()
    drawn = re.sub(r"var\(--([a-z-]+)\)", lambda found: colours[found[1]], asset("charts.css"))
    return drawn + _SHEET.format(fonts=_FONTS, **{name: colours[name] for name in ("ink", "soft", "surface")})


def _colours() -> dict[str, str]:
    """Of print, which the page's style names last, and its fonts."""
    named = re.findall(r"--([a-z-]+): ([^;]+);", asset("report.css"))
    return {**dict(named), "sans": _FONTS}


_SHEET: Final = """
svg.chart {{ width: auto; height: auto; }}
text {{ font-family: {fonts}; font-size: 12px; }}
.sheet {{ fill: {surface}; }}
.heading {{ fill: {ink}; font-size: 17px; font-weight: 600; }}
.says {{ fill: {ink}; }}
.tile {{ fill: {ink}; font-size: 13px; font-weight: 600; }}
.small, .source {{ fill: {soft}; font-size: 10.5px; }}
"""


def _fonts() -> list[str]:
    """Files of the font that matplotlib brings, which is there wherever Prophet is; none where the system has
    fonts of its own. Raises PackageNeeded without resvg_py, FontNeeded without any font."""
    if find_spec("resvg_py") is None:
        raise PackageNeeded("resvg_py", "charts")
    spec = find_spec("matplotlib")
    home = Path(spec.origin).parent / "mpl-data/fonts/ttf" if spec and spec.origin else None
    own = [str(home / name) for name in _FONT_FILES if home and (home / name).exists()]
    if not own and not any(next(place.rglob("*.[to]tf"), None) for place in _SYSTEM_FONTS if place.exists()):
        raise FontNeeded
    return own


_FAMILY: Final = "DejaVu Sans"
_FONT_FILES: Final = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_SYSTEM_FONTS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)
