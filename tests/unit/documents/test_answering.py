"""What a trained model is shown of a document, and how its answer is read."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal

import pytest
from abax.documents import answering
from abax.documents.contracts import DocumentType
from abax.documents.layout import lines_of
from abax.documents.pages import Page, PageSource, Reading, Word
from abax.documents.synthetic import generate
from hypothesis import given, settings
from hypothesis import strategies as st

INVOICE = DocumentType.SUPPLIER_INVOICE
VALUES = {
    "totals.gross": "1.428,00 €",
    "lines[0].description": "Schrauben M8",
    "lines[0].net_amount": "1.000,00",
    "lines[1].description": "Muttern",
    "lines[1].quantity": "20",
    "lines[1].net_amount": "200,00",
    "seller.name": "Nordlicht GmbH",
    "issue_date": "03.05.2024",
    "references.preceding[0]": "RE-7",
}


def page(number: int, *rows: str) -> Page:
    """Rows of words of 10 by 10; ``|`` is a wide blank."""
    words = []
    for row, text in enumerate(rows):
        x = 0.0
        for word in text.split():
            if word == "|":
                x += 60
                continue
            words.append(Word(word, x, 20.0 * row, x + 8 * len(word), 20.0 * row + 10))
            x += 8 * len(word) + 4
    return Page(number, 600, 800, lines_of(words), PageSource.TEXT)


def test_an_answer_keeps_the_order_of_the_contract_and_is_read_back() -> None:
    text = answering.answer(INVOICE, VALUES)
    assert text == (
        '{"issue_date":"03.05.2024","seller":{"name":"Nordlicht GmbH"},"references":{"preceding":["RE-7"]},'
        '"lines":[{"description":"Schrauben M8","net_amount":"1.000,00"},'
        '{"description":"Muttern","quantity":"20","net_amount":"200,00"}],"totals":{"gross":"1.428,00 €"}}'
    )
    assert answering.values_of(json.loads(text)) == VALUES


def test_printed_values_are_read_as_what_they_are() -> None:
    contract = answering.typed(INVOICE, VALUES)
    assert contract.type is INVOICE
    assert contract.issue_date == date(2024, 5, 3)
    assert contract.totals.gross == Decimal("1428.00")  # type: ignore[union-attr]
    assert [line.net_amount for line in contract.lines] == [Decimal("1000.00"), Decimal("200.00")]  # type: ignore[union-attr]
    assert contract.references.preceding == (("RE-7", None),)  # type: ignore[union-attr]


TEXTS = st.text('aä"\\1, :[]{}\u2028', min_size=1, max_size=5)
ROWS = st.fixed_dictionaries({}, optional={"description": TEXTS, "net_amount": TEXTS})
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "number": TEXTS,
        "seller": st.fixed_dictionaries({}, optional={"name": TEXTS, "other_identifiers": st.lists(TEXTS)}),
        "lines": st.lists(ROWS, min_size=1),
        "notes": st.lists(TEXTS),
    },
)


@settings(deadline=None)
@given(ANSWERS, st.data())
def test_each_value_of_an_answer_has_the_likelihood_of_its_own_tokens(
    answer: dict[str, object], data: st.DataObject
) -> None:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    raw, pieces = text.encode(), []
    while raw:
        cut = data.draw(st.integers(1, 4))
        pieces.append((raw[:cut], -1.0))
        raw = raw[cut:]
    found = answering.likelihoods(text, pieces)
    values = answering.values_of(json.loads(text))
    assert values.keys() <= found.keys()
    for path, value in values.items():
        written = len(json.dumps(value, ensure_ascii=False).encode()) - 2
        tokens = -math.log(found[path])
        assert math.ceil(written / 4) <= round(tokens) <= written + 1


def test_an_answer_whose_tokens_are_not_told_has_no_likelihoods() -> None:
    assert answering.likelihoods('{"number":"1"}', ()) == {}


def test_a_likelihood_is_that_of_the_tokens_that_write_the_value() -> None:
    pieces = [(b'{"number":"', 0.0), (b"RE", -1.0), (b"-7", -2.0), (b'","total":"', -9.0), (b'5"}', -0.5)]
    found = answering.likelihoods('{"number":"RE-7","total":"5"}', pieces)
    assert found == {"number": pytest.approx(math.exp(-3)), "total": pytest.approx(math.exp(-0.5))}


@pytest.mark.parametrize(
    "answer", [None, [], "x", {"lines": [1, 2]}, {"lines": [["a", "b"], {"a": 1}]}, {"x": {"y": 3}}]
)
def test_what_is_no_answer_has_no_values(answer: object) -> None:
    assert answering.values_of(answer) == {}


def test_what_no_type_reads_is_left_out_of_the_contract() -> None:
    contract = answering.typed(INVOICE, {"issue_date": "soon", "totals.gross": "many", "no.such": "x"})
    assert contract.issue_date is None
    assert contract.totals.gross is None  # type: ignore[union-attr]


def test_rows_show_columns_by_their_blanks() -> None:
    reading = Reading((page(1, "Nordlicht GmbH | Rechnung RE-8", "Summe | 12,00"),))
    (window,) = answering.windows(reading)
    assert window.text == "Nordlicht GmbH | Rechnung RE-8\nSumme | 12,00"


def test_a_long_document_is_read_in_windows_that_hold_every_row_once() -> None:
    pages = tuple(page(n, *(f"Zeile {n}{row} | {row},00" for row in range(20))) for n in (1, 2, 3))
    windows = answering.windows(Reading(pages), budget=250)
    assert len(windows) > 1
    rows = [row for window in windows for row in window.text.splitlines()]
    assert rows == [f"Zeile {n}{row} | {row},00" for n in (1, 2, 3) for row in range(20)]
    assert all(answering.cost(window.text) <= 250 for window in windows)


def test_the_lists_of_windows_are_joined_and_totals_are_the_last() -> None:
    first = {"number": "1", "lines[0].description": "A", "totals.net": "5"}
    second = {"number": "2", "lines[0].description": "B", "lines[1].description": "C", "totals.net": "9"}
    assert answering.joined([first, second]) == {
        "number": "1",
        "lines[0].description": "A",
        "lines[1].description": "B",
        "lines[2].description": "C",
        "totals.net": "9",
    }


def test_what_is_asked_for_narrows_the_schema() -> None:
    schema = answering.schema(INVOICE, ("seller.name", "lines"))
    assert list(schema["properties"]) == ["seller", "lines"]
    assert list(schema["properties"]["seller"]["properties"]) == ["name"]
    asked = answering.messages(INVOICE, "x", ("seller.name", "lines"))[-1]["content"]
    assert asked == "supplier_invoice: seller.name, lines\n\nx"


def test_every_text_of_a_schema_is_held_to_the_source() -> None:
    def strings(node: object) -> list[dict[str, object]]:
        if isinstance(node, list):
            return [one for inner in node for one in strings(inner)]
        if not isinstance(node, dict):
            return []
        own = [node] if node.get("type") == "string" else []
        return own + [one for inner in node.values() for one in strings(inner)]

    for kind in DocumentType:
        assert all(one["x-grounded"] == "words" for one in strings(answering.schema(kind)))


def test_a_request_can_be_met_for_documents_of_every_type() -> None:
    for sample in generate(15, 2):
        for window in answering.windows(sample.reading):
            asked = answering.request(sample.contract.type, window, sample.reading)
            assert asked.source is not None
            assert asked.source.startswith(window.text)
            assert asked.schema is not None
