"""The page of mail in a real browser: claims light their sentences, and nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from abax.mail.contracts import Priority
from abax.report.mail import render_mail_html

from tests.support.browser import Browser, Page, chromium
from tests.support.letters import BOOKS
from tests.support.triaged import ASKS, MARKUP, NOW, said, shown

pytestmark = pytest.mark.browser

LINK = "#m1 .claims a.quote[data-e='2']"
"""What the department of the first message rests on."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "triage.html"
    others = [
        shown(
            2,
            text="A parcel is late.\n" + "word " * 300,
            category=said("delivery"),
            priority=said(Priority.P3),
        ),
        shown(3, text="", needs_person=False, why_person=(), priority=said(Priority.P3)),
    ]
    path.write_text(render_mail_html([shown(), *others], BOOKS, NOW), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, path: Path) -> Iterator[Page]:
    """The page, open in a wide window; afterwards nothing may have been logged, thrown or fetched."""
    tab = browser.page()
    tab.look(1280)
    tab.open(path)
    yield tab
    assert tab.problems == []
    assert {url.partition("#")[0] for url in tab.requests} <= {path.as_uri(), "data:,"}


def lit(page: Page) -> list[str]:
    found: list[str] = page.run("[...document.querySelectorAll('mark.lit')].map(mark => mark.textContent)")
    return [" ".join(text.split()) for text in found]


def test_pointing_at_a_claim_lights_its_sentence_in_the_text_and_back(page: Page) -> None:
    page.run(f'document.querySelector("{LINK}").dispatchEvent(new Event("mouseover", {{bubbles: true}}))')
    assert lit(page) == [ASKS]
    page.run(f'document.querySelector("{LINK}").dispatchEvent(new Event("mouseout", {{bubbles: true}}))')
    assert lit(page) == []
    page.run("document.querySelector('#m1-e2').dispatchEvent(new Event('mouseover', {bubbles: true}))")
    assert page.run(f'document.querySelector("{LINK}").classList.contains("lit")')
    assert page.run("document.querySelectorAll('#m2 .lit').length") == 0


def test_a_click_leads_to_the_sentence_and_it_stays_marked(page: Page) -> None:
    page.click(LINK)
    page.wait_for("location.hash === '#m1-e2'")
    assert page.run("document.querySelector('mark:target').textContent").split() == ASKS.split()
    assert page.run("document.activeElement.id") == "m1-e2"


def test_it_works_by_keyboard(page: Page) -> None:
    page.run(f'document.querySelector("{LINK}").focus()')
    assert lit(page) == [ASKS]
    page.press("Enter")
    page.wait_for("location.hash === '#m1-e2'")


def test_without_a_script_every_claim_has_its_sentence_beside_it(browser: Browser, path: Path) -> None:
    tab = browser.page()
    tab.look(1280)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(path, "#m1-e2")
    assert tab.run(f'document.querySelector("{LINK}").checkVisibility()')
    assert ASKS in tab.run(f'document.querySelector("{LINK}").textContent')
    assert tab.run("document.querySelector('mark:target') !== null")
    assert tab.run("document.querySelector('.find').checkVisibility()") is False


def test_messages_are_found_by_words_and_by_who_must_look(page: Page) -> None:
    shown_ = "[...document.querySelectorAll('article.mail')].filter(one => !one.hidden).map(one => one.id)"
    find = "document.querySelector('.find [type=search]')"
    page.run(f"{find}.value = 'parcel late'; {find}.dispatchEvent(new Event('input', {{bubbles: true}}))")
    assert page.run(shown_) == ["m2"]
    assert page.run("document.querySelector('.find output').textContent") == "1 of 3"
    page.run(f"{find}.value = ''; document.querySelector('.find [type=checkbox]').click()")
    assert page.run(shown_) == ["m1", "m2"]
    assert page.run("[...document.querySelectorAll('tr[data-of]')].filter(row => row.hidden).length") == 1


def test_what_a_message_says_is_text_and_never_markup(page: Page) -> None:
    assert MARKUP in page.run("document.querySelector('#m1 .body').textContent")
    assert page.run("document.querySelectorAll('main script, main img').length") == 0
    assert page.run("document.title") == "3 messages"


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("dark", [False, True])
def test_only_tables_scroll_sideways(page: Page, width: int, dark: bool) -> None:
    page.look(width, dark=dark)
    page.run("document.querySelectorAll('.mail').forEach(one => { one.style.contentVisibility = 'visible' })")
    assert page.run("document.documentElement.scrollWidth") <= width
    ground = page.run("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) is dark


def test_every_part_has_a_name_for_those_who_do_not_see_it(page: Page) -> None:
    nameless = page.run(
        """[...document.querySelectorAll('nav, section, article, svg[role=img], [role=region], input')]
        .filter(one => !one.matches('[aria-label], [aria-labelledby]') && !one.closest('label')
        && !one.querySelector(':scope > h2')).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    levels = page.run("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))
