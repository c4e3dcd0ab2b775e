"""Calibrated confidences, and what a document lacks."""

from __future__ import annotations

from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Evidence, Party, TradeDocument
from abax.documents.extract import Extraction
from abax.documents.quality import along, assess, calibrated, group_of
from hypothesis import given
from hypothesis import strategies as st

INVOICE = Classification(type=DocumentType.SUPPLIER_INVOICE, confidence=0.99)


def test_what_is_required_and_not_there_is_missing_and_makes_the_document_unsure() -> None:
    contract = TradeDocument(type=DocumentType.SUPPLIER_INVOICE, number="1", seller=Party(name="A"))
    found = assess(Extraction(contract=contract), INVOICE)
    assert set(found.missing) == {"issue_date", "currency", "totals.gross"}
    assert found.confidence == 0.0
    assert 0 < found.completeness < 1


def test_a_value_below_what_touchless_work_asks_for_is_doubtful() -> None:
    contract = TradeDocument(type=DocumentType.SUPPLIER_INVOICE, number="1")
    evidence = {"number": Evidence(method="ranker", confidence=0.3)}
    found = assess(Extraction(contract=contract, evidence=evidence), INVOICE)
    assert found.doubtful == ("number",)


def test_what_xml_or_a_person_says_is_not_changed() -> None:
    said = Evidence(method="xml", confidence=1.0)
    assert calibrated("totals.gross", said, DocumentType.SUPPLIER_INVOICE) == 1.0


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1))
def test_a_higher_score_is_never_less_sure(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for path in ("totals.gross", "number", "seller.name", "lines[0].quantity", "taxes[0].rate"):
        sure = [
            calibrated(path, Evidence(method="ranker", confidence=score), DocumentType.SUPPLIER_INVOICE)
            for score in (low, high)
        ]
        assert sure[0] <= sure[1]
        assert 0 <= sure[0] <= 1


def test_between_its_points_a_curve_is_straight() -> None:
    curve = [[0.0, 0.0], [0.5, 0.2], [1.0, 1.0]]
    assert along(curve, 0.25) == 0.1
    assert along(curve, 2.0) == 1.0


def test_fields_are_calibrated_with_their_like() -> None:
    assert group_of("lines[3].description") == "line_text"
    assert group_of("lines[3].net_amount") == "line"
    assert group_of("totals.net") == "amount"
    assert group_of("buyer.address.city") == "address"
