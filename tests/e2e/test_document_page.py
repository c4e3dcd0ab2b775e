"""The page that shows a document, in a real browser: boxes where the words are, and nothing fetched."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from abax.documents import preprocess
from abax.documents.classify import Classification
from abax.documents.contracts import Box, DocumentType, Evidence, Party, Subtype, Totals, TradeDocument
from abax.documents.extract import Extraction
from abax.documents.identify import Identity
from abax.documents.inbox import FileKind, Received
from abax.documents.pages import Reading, Word
from abax.documents.pipeline import Fact
from abax.documents.quality import Quality
from abax.documents.route import Decision, Way
from abax.documents.show import Shown, render_html
from abax.documents.validate import Check, Outcome, Severity

from tests.support.browser import Browser, Page, chromium

pytestmark = pytest.mark.browser

NAME = "<script>alert(1)</script> & Söhne"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def invoice_pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    body = io.BytesIO()
    canvas = Canvas(body, pagesize=(595, 842))
    canvas.setFont("Helvetica", 12)
    canvas.drawString(60, 760, "Invoice R-17")
    canvas.drawString(420, 400, "Total 119.00 EUR")
    canvas.save()
    return body.getvalue()


def evidence(reading: Reading, text: str, confidence: float) -> Evidence:
    word: Word = next(word for page in reading.pages for word in page.words if text in word.text)
    box = Box(x0=word.x0, y0=word.y0, x1=word.x1, y1=word.y1)
    return Evidence(method="ranker", confidence=confidence, text=word.text, page=1, box=box)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Reading]:
    content = invoice_pdf()
    digest = hashlib.sha256(content).hexdigest()
    file = Received("invoice.pdf", FileKind.PDF, content, digest)
    reading = preprocess.read(file)
    contract = TradeDocument(
        type=DocumentType.SUPPLIER_INVOICE,
        number="R-17",
        seller=Party(name=NAME),
        totals=Totals(gross=Decimal("119.00")),
    )
    extraction = Extraction(
        contract=contract,
        evidence={
            "number": evidence(reading, "R-17", 0.99),
            "totals.gross": evidence(reading, "119.00", 0.4),
        },
    )
    failed = Check(
        rule="totals",
        severity=Severity.ALARM,
        outcome=Outcome.FAILED,
        text="The totals add up.",
        compared="100.00 + 20.00 = 120.00, totals.gross 119.00",
        paths=("totals.gross",),
    )
    fact = Fact(
        document_id=digest,
        name="invoice.pdf",
        digest=digest,
        kind="pdf",
        pages=(1,),
        classification=Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=0.98),
        identity=Identity(subtype=Subtype.STANDARD),
        quality=Quality(extraction=extraction, confidence=0.4, completeness=0.5, missing=("issue_date",)),
        checks=(failed,),
        decision=Decision(way=Way.REVIEW, queue="fraud", reasons=("totals: The totals add up.",)),
    )
    path = tmp_path_factory.mktemp("page") / "shown.html"
    path.write_text(render_html([Shown(fact, file, reading)]), encoding="utf-8")
    return path, reading


@pytest.fixture
def page(browser: Browser, shown: tuple[Path, Reading]) -> Iterator[Page]:
    """The page, open in a wide window; afterwards nothing may have been logged, thrown or fetched."""
    tab = browser.page()
    tab.look(1280)
    tab.open(shown[0])
    yield tab
    assert tab.problems == []
    fetched = {url for url in tab.requests if not url.startswith("data:")}
    assert fetched == {shown[0].resolve().as_uri()}


def test_a_box_lies_where_its_word_stands_on_the_picture(page: Page, shown: tuple[Path, Reading]) -> None:
    known = shown[1].pages[0]
    word = next(word for word in known.words if "119.00" in word.text)
    page.wait_for("document.querySelector('.page img').complete")
    picture = page.run("document.querySelector('.page img').getBoundingClientRect().toJSON()")
    box = page.run("document.querySelector('[data-of$=\"totals.gross\"]').getBoundingClientRect().toJSON()")
    assert picture["width"] / picture["height"] == pytest.approx(known.width / known.height, rel=0.02)
    middle = (box["x"] + box["width"] / 2 - picture["x"]) / picture["width"]
    assert middle == pytest.approx((word.x0 + word.x1) / 2 / known.width, abs=0.01)
    across = (box["y"] + box["height"] / 2 - picture["y"]) / picture["height"]
    assert across == pytest.approx((word.y0 + word.y1) / 2 / known.height, abs=0.01)


def test_values_confidences_and_failed_rules_can_be_read(page: Page) -> None:
    text = page.run("document.body.innerText")
    for words in ("R-17", "99%", "119.00", "40%", "The totals add up.", "100.00 + 20.00 = 120.00"):
        assert words in text
    assert "issue_date" in text and "fraud" in text
    assert page.run("document.querySelectorAll('.check.alarm').length") == 1
    assert page.run("document.querySelector('[data-of$=\"totals.gross\"]').className") == "box poor wrong"


def test_what_a_document_says_is_text_and_never_markup(page: Page) -> None:
    assert NAME in page.run("document.querySelector('table.values').innerText")
    assert page.run("document.querySelectorAll('table.values script').length") == 0


def test_pointing_at_a_value_lights_its_box(page: Page) -> None:
    hover = "document.querySelector('tr[id$=\"-number\"]').dispatchEvent(new Event('mouseenter'))"
    page.run(hover)
    assert page.run("document.querySelector('[data-of$=\"-number\"]').classList.contains('lit')")


def test_nothing_runs_over_the_edge_of_a_narrow_window(page: Page) -> None:
    page.look(380, dark=True)
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
