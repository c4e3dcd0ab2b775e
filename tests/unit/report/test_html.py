"""The page as text: self-contained, escaped, small, and whole even where there is nothing to show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from abax.ledger.model import Check, ClosePackage, Forecast, Notice
from abax.report import LineIndex, render_html

Closed = tuple[ClosePackage, Forecast, LineIndex]
VOID = {"meta", "link", "br", "img", "input", "path", "rect", "circle", "polyline", "polygon"}


class Outline(HTMLParser):
    """Elements as they open and close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_elements_nest_and_ids_are_unique(closed: Closed) -> None:
    outline = Outline(render_html(*closed))
    assert outline.open == []
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_is_asked_of_a_network(closed: Closed) -> None:
    page = render_html(*closed)
    outline = Outline(page)
    for _, attributes in outline.tags:
        for name in ("src", "href", "action", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert "http://" not in page and "https://" not in page
    policy = next(a["content"] for _, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'; style-src 'sha256-")


def test_no_inline_style_or_handler_needs_a_weaker_policy(closed: Closed) -> None:
    for _, attributes in Outline(render_html(*closed)).tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)


def test_texts_from_the_books_cannot_become_markup(closed: Closed) -> None:
    page = render_html(*closed)
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in page


def test_every_figure_of_the_statements_is_a_link_that_the_panel_knows(closed: Closed) -> None:
    package, _, index = closed
    page = render_html(*closed)
    links = set(re.findall(r'href="#((?:income_statement|balance_sheet|cash_flow)/[^"]+)"', page))
    for statement in package.statements:
        for row in statement.lines:
            for column in statement.periods:
                assert f"{statement.report}/{row.line}/{column.label}" in links
                assert row.line in index.recipes[statement.report]


def test_tables_name_their_rows_and_columns(closed: Closed) -> None:
    headings = [attributes for tag, attributes in Outline(render_html(*closed)).tags if tag == "th"]
    assert headings
    assert all(attributes.get("scope") for attributes in headings)


def test_charts_say_what_they_show(closed: Closed) -> None:
    page = render_html(*closed)
    for name in ("revenue", "cash", "costs", "aged", "capital"):
        assert f'aria-labelledby="chart-{name}-t chart-{name}-d"' in page


def test_an_unfinished_year_is_compared_with_the_same_months(closed: Closed) -> None:
    page = render_html(*closed)
    assert "vs. same months of 2025" in page
    assert "2026 to 30 Sep" in page


def test_without_lines_figures_are_plain_text(closed: Closed) -> None:
    package, forecast, _ = closed
    page = render_html(package, forecast)
    assert "#income_statement/" not in page
    assert "<dialog" not in page
    assert Outline(page).open == []


def test_a_failed_check_shows(closed: Closed) -> None:
    package, forecast, index = closed
    failed = Check(
        check="cash_flow",
        label="cash",
        passed=False,
        difference=package.trial_balances[0].rows[0].debit,
        detail="in 2026-01",
    )
    page = render_html(package.model_copy(update={"checks": [failed]}), forecast, index)
    assert "0 of 1 checks passed" in page
    assert "in 2026-01" in page


def test_a_close_with_almost_nothing_in_it_is_still_a_page(closed: Closed) -> None:
    package, forecast, index = closed
    bare = package.model_copy(
        update={
            "aged": [report.model_copy(update={"partners": [], "items": []}) for report in package.aged],
            "ratios": [],
            "trial_balances": [],
            "notices": [Notice(code="x", message="nothing here")],
            "statements": [
                statement.model_copy(update={"lines": [], "periods": []}) for statement in package.statements
            ],
        }
    )
    page = render_html(bare, forecast.model_copy(update={"lines": []}), index)
    assert Outline(page).open == []
    assert "Nothing is open." in page
    assert "No forecast" in page
    assert "Nothing here." in page
