"""The forecast in a real browser: its charts are there, told apart in grey, and no words overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.ledger.model import ClosePackage
from abax.report import render_html, write_charts

from tests.golden.books import golden_close
from tests.golden.outlook import golden_outlook
from tests.support.browser import Browser, Page, chromium

pytestmark = pytest.mark.browser

DRAWINGS = "[...document.querySelectorAll('#forecast svg.chart:not(.key)')]"
OVERLAPS = """
(root => {
  const wrong = [];
  for (const drawing of root) {
    const edge = (drawing.closest('figure') || drawing).getBoundingClientRect();
    const words = [...drawing.querySelectorAll('text')].filter(one => one.checkVisibility()).map(one => {
      const box = one.getBoundingClientRect(), slack = box.height * 0.16;
      return {said: one.textContent, left: box.left, right: box.right,
              top: box.top + slack, bottom: box.bottom - slack};
    }).filter(one => one.right > one.left);
    words.forEach((one, place) => {
      if (one.left < edge.left - 0.5 || one.right > edge.right + 0.5) wrong.push(['beyond', one.said]);
      for (const other of words.slice(place + 1))
        if (one.left < other.right && other.left < one.right
            && one.top < other.bottom && other.top < one.bottom)
          wrong.push([one.said, other.said]);
    });
  }
  return wrong;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def close(tmp_path_factory: pytest.TempPathFactory) -> tuple[ClosePackage, Path]:
    """The golden close with a forecast that tells all that one may tell, and its page."""
    folder = tmp_path_factory.mktemp("page")
    package, index = golden_close(folder)
    path = folder / "report.html"
    path.write_text(render_html(package, golden_outlook(package), index), encoding="utf-8")
    return package, path


@pytest.fixture
def page(browser: Browser, close: tuple[ClosePackage, Path]) -> Iterator[Page]:
    """The page with everything unfolded; afterwards nothing may have been logged, thrown or fetched."""
    tab = browser.page()
    tab.look(1280)
    tab.open(close[1])
    tab.run("document.querySelectorAll('#forecast details').forEach(one => one.open = true)")
    yield tab
    assert tab.problems == []
    assert {url.partition("#")[0] for url in tab.requests} <= {close[1].as_uri(), "data:,"}


def test_words_that_overlap_would_be_found(page: Page) -> None:
    page.run("document.querySelectorAll('#forecast .label').forEach(one => one.style.fontSize = '60px')")
    assert ["Jan", "Jul"] in page.run(f"{OVERLAPS}({DRAWINGS})")


def style(page: Page, selector: str, what: str) -> Any:
    return page.run(f"getComputedStyle(document.querySelector({selector!r}))[{what!r}]")


def test_every_chart_is_drawn_and_has_a_size(page: Page) -> None:
    drawn = page.run(
        f"{DRAWINGS}.map(one => [one.querySelector('title').textContent, one.getBoundingClientRect().width])"
    )
    titles = [title for title, _ in drawn]
    assert titles[:4] == ["Revenue", "Net result", "Cash", "Bridge of the net result"]
    assert "Error in the backtest" in titles and "Revenue, backtest" in titles
    assert len(titles) == 19
    assert min(width for _, width in drawn) > 150


@pytest.mark.parametrize("width", [1280, 1024, 390])
def test_no_words_of_a_chart_overlap_or_leave_it(page: Page, width: int) -> None:
    page.look(width)
    assert page.run(f"{OVERLAPS}({DRAWINGS})") == []
    assert page.run("document.documentElement.scrollWidth") <= width


def test_in_grey_lines_differ_by_dashes_and_areas_by_hatching(page: Page) -> None:
    page.call("Emulation.setEmulatedMedia", media="print")
    assert style(page, "#forecast polyline.now-line", "strokeDasharray") == "none"
    assert style(page, "#forecast polyline.ahead-line", "strokeDasharray") != "none"
    assert style(page, "#forecast polygon.far", "fill").startswith("url(")
    assert style(page, "#forecast polygon.fan", "fill").startswith("rgb(")
    assert style(page, "#forecast rect.down", "fill").startswith("url(")
    whole, up = (grey(style(page, f"#forecast rect.{kind}", "fill")) for kind in ("whole", "up"))
    assert up - whole > 90
    ground = grey(style(page, "#forecast circle.hollow", "fill"))
    assert ground - grey(style(page, "#forecast circle.ahead", "fill")) > 90
    page.call("Emulation.setEmulatedMedia", media="")


def grey(colour: str) -> float:
    """How light a colour is on a grey printer, 0 to 255."""
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_hatching_is_seen_in_dark_colours_too(page: Page) -> None:
    page.look(1280, dark=True)
    ground = grey(style(page, "#forecast .far-ground", "fill"))
    assert ground < 60
    assert grey(style(page, "#forecast .far-stroke", "stroke")) - ground > 90


def test_what_matters_is_in_sight_and_the_rest_is_folded(
    browser: Browser, close: tuple[ClosePackage, Path]
) -> None:
    tab = browser.page()
    tab.look(1280)
    tab.open(close[1])
    folded = tab.run(
        "[...document.querySelectorAll('#forecast details')]"
        ".map(one => [one.querySelector('summary').firstChild.textContent.trim(), one.open])"
    )
    assert [name for name, is_open in folded if is_open] == ["Income statement"]
    assert len(folded) == 8
    for selector in (".alerts", ".taken", ".fans", ".held", ".scores"):
        assert tab.run(f"document.querySelector('#forecast {selector}').checkVisibility()")


def test_it_prints_with_the_close_on_a4(page: Page, tmp_path: Path) -> None:
    printed = page.pdf(tmp_path / "report.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", printed)
    assert {tuple(sorted(round(float(side)) for side in box.split()[2:])) for box in boxes} == {(595, 842)}
    assert len(boxes) <= 16


def test_a_file_opens_by_itself(browser: Browser, close: tuple[ClosePackage, Path], tmp_path: Path) -> None:
    written = write_charts(golden_outlook(close[0]), close[0], tmp_path, {"svg"})
    assert len(written) == 25
    tab = browser.page()
    for name in ("revenue", "cash-backtest", "bridge", "scores", "overview"):
        tab.open(tmp_path / f"{name}.svg")
        assert tab.run("document.documentElement.tagName") == "svg"
        fill = tab.run("getComputedStyle(document.querySelector('text')).fill")
        assert grey(fill) < 90
        assert tab.run(f"{OVERLAPS}([document.documentElement])") == [], name
    assert tab.problems == []
    assert all(url.startswith("file:") for url in tab.requests)
