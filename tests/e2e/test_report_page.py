"""The report in a real browser: what a reader sees, clicks and prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from abax.forecast import forecast_package
from abax.ledger.model import ClosePackage
from abax.report import render_html

from tests.golden.books import golden_close
from tests.support.browser import Browser, Page, chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def close(tmp_path_factory: pytest.TempPathFactory) -> tuple[ClosePackage, Path]:
    """The golden close and its page."""
    folder = tmp_path_factory.mktemp("page")
    package, index = golden_close(folder)
    path = folder / "report.html"
    path.write_text(render_html(package, forecast_package(package), index), encoding="utf-8")
    return package, path


@pytest.fixture
def page(browser: Browser, close: tuple[ClosePackage, Path]) -> Iterator[Page]:
    """The page, open in a wide window; afterwards nothing may have been logged, thrown or fetched."""
    tab = browser.page()
    tab.look(1280)
    tab.open(close[1])
    yield tab
    assert tab.problems == []
    assert {url.partition("#")[0] for url in tab.requests} <= {close[1].as_uri(), "data:,"}


def shown(text: str) -> Decimal:
    """An amount as the page sets it."""
    return Decimal(text.replace("\u202f", "").replace("\u2212", "-").removesuffix(" EUR"))


def test_a_clicked_figure_opens_its_lines_and_they_sum_to_it(
    page: Page, close: tuple[ClosePackage, Path]
) -> None:
    figure = close[0].statement("income_statement", "year").value("operating_expenses", "2025")
    page.click('a[href="#income_statement/operating_expenses/2025"]')
    page.wait_for("document.getElementById('panel').open")
    assert shown(page.run("document.getElementById('panel-figure').textContent")) == figure
    amounts = page.run(
        "[...document.querySelectorAll('#panel-lines tbody .amount')].map(cell => cell.textContent)"
    )
    assert len(amounts) == 12
    assert sum(map(shown, amounts)) == figure
    assert shown(page.run("document.getElementById('panel-sum').textContent")) == figure
    assert page.run("document.getElementById('panel-proof').textContent").startswith("✓")


def test_every_link_to_a_figure_adds_up_exactly(page: Page) -> None:
    wrong = page.run(
        """[...new Set([...document.querySelectorAll('a[href*="/"]')].map(a => a.getAttribute('href')))]
        .map(href => href.slice(1).split('/').map(decodeURIComponent))
        .filter(path => !path[0].startsWith('aged_'))
        .filter(path => [abax.sum, abax.sumOfLines].some(sum => sum(...path) !== abax.figure(...path)))
        .map(path => path.join('/'))"""
    )
    assert wrong == []
    assert page.run("document.querySelectorAll('a[href*=\"/\"]').length") > 1000


def test_it_works_by_keyboard(page: Page) -> None:
    link = 'a[href="#balance_sheet/cash/2026"]'
    page.run(f"document.querySelector('{link}').focus({{preventScroll: false}})")
    page.press("Enter")
    page.wait_for("document.getElementById('panel').open")
    assert page.run("document.getElementById('panel').contains(document.activeElement)")
    page.press("Escape")
    page.wait_for("!document.getElementById('panel').open")
    page.wait_for("location.hash === ''")
    assert page.run(f"document.activeElement === document.querySelector('{link}')")


def test_a_link_with_a_hash_opens_the_figure_and_an_account_of_it(
    page: Page, close: tuple[ClosePackage, Path]
) -> None:
    page.open(close[1], "#income_statement/gross_profit/2026-Q1/5000")
    page.wait_for("document.getElementById('panel').open")
    assert page.run("document.getElementById('panel-title').textContent") == "Gross profit"
    assert page.run("document.querySelectorAll('#panel-accounts tbody tr').length") == 2
    assert page.run("document.querySelectorAll('#panel-lines tbody tr').length") == 3


def test_a_partners_open_items_sum_to_what_it_owes(page: Page, close: tuple[ClosePackage, Path]) -> None:
    owes = max(close[0].aged[0].partners, key=lambda partner: partner.total)
    page.click("table.aged tbody td.sum a")
    page.wait_for("document.getElementById('panel').open")
    assert page.run("document.getElementById('panel-title').textContent") == owes.partner
    assert shown(page.run("document.getElementById('panel-sum').textContent")) == owes.total


def test_beyond_the_cap_the_panel_says_which_command_shows_all(browser: Browser, tmp_path: Path) -> None:
    package, index = golden_close(tmp_path, most=60)
    path = tmp_path / "capped.html"
    path.write_text(render_html(package, forecast_package(package), index), encoding="utf-8")
    page = browser.page()
    page.open(path, "#income_statement/revenue/2024")
    page.wait_for("document.getElementById('panel').open")
    assert (
        page.run("document.querySelector('.beyond code').textContent")
        == "abax explain income_statement revenue 2024"
    )
    assert page.run("document.getElementById('panel-proof').textContent").startswith("✓")


def test_an_unknown_figure_opens_nothing(page: Page, close: tuple[ClosePackage, Path]) -> None:
    page.open(close[1], "#income_statement/unheard_of/2026")
    assert page.run("document.getElementById('panel').open") is False


def test_statements_switch_between_year_quarter_and_month(page: Page) -> None:
    tables = "[...document.querySelectorAll('#income-statement .scroll')]"
    visible = f"{tables}.filter(table => table.checkVisibility()).map(table => table.className)"
    assert page.run(visible) == ["scroll cut-year"]
    page.click("button[data-cut=month]")
    assert page.run(visible) == ["scroll cut-month"]
    assert page.run("document.querySelector('button[data-cut=month]').getAttribute('aria-pressed')") == "true"


@pytest.mark.parametrize("width", [1280, 768, 380])
@pytest.mark.parametrize("dark", [False, True])
def test_only_tables_scroll_sideways(page: Page, tmp_path: Path, width: int, dark: bool) -> None:
    page.look(width, dark=dark)
    page.click("button[data-cut=month]")
    assert page.run("document.documentElement.scrollWidth") <= width
    shot = page.screenshot(tmp_path / "page.png", whole=False).read_bytes()
    assert shot.startswith(b"\x89PNG") and len(shot) > 20_000
    ground = page.run("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) is dark


def test_words_stand_out_from_what_is_behind_them(page: Page) -> None:
    """Contrast of at least 4.5 (WCAG AA) for the text colours on every ground, light and dark."""
    for dark in (False, True):
        page.look(1280, dark=dark)
        names = ("ink", "soft", "accent", "good", "bad", "paper", "surface", "sunken")
        style = "getComputedStyle(document.documentElement)"
        hexes = {name: page.run(f"{style}.getPropertyValue('--{name}')") for name in names}
        light = {name: luminance(value) for name, value in hexes.items()}
        for text in ("ink", "soft", "accent", "good", "bad"):
            for ground in ("paper", "surface", "sunken"):
                high, low = sorted((light[text], light[ground]), reverse=True)
                assert (high + 0.05) / (low + 0.05) >= 4.5, (dark, text, ground)


def test_it_prints_every_section_on_a4(page: Page, tmp_path: Path) -> None:
    printed = page.pdf(tmp_path / "report.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", printed)
    sizes = {tuple(sorted(round(float(side)) for side in box.split()[2:])) for box in boxes}
    assert sizes == {(595, 842)}
    assert 8 <= len(boxes) <= 16


def luminance(colour: str) -> float:
    """Relative luminance of a hexadecimal colour (WCAG 2)."""
    digits = colour.strip().lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    shares = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
