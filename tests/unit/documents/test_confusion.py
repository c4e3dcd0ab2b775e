"""Figures of how well documents are told apart."""

from __future__ import annotations

from abax.documents.confusion import Told, as_text, report_of
from abax.documents.contracts import DocumentType

RECEIPT, ORDER = DocumentType.RECEIPT, DocumentType.PURCHASE_ORDER


def told(truth: DocumentType, said: DocumentType, confidence: float, source: str = "generated") -> Told:
    return Told(name="x", source=source, truth=truth, told=said, confidence=confidence)


SET = (
    told(RECEIPT, RECEIPT, 0.95, "real"),
    told(RECEIPT, RECEIPT, 0.95, "real"),
    told(RECEIPT, ORDER, 0.55),
    told(ORDER, ORDER, 0.85),
)


def test_accuracy_is_given_by_source_too() -> None:
    report = report_of(SET)
    assert report.accuracy == 0.75
    assert report.by_source == {"generated": (2, 0.5), "real": (2, 1.0)}


def test_precision_and_recall_are_by_type() -> None:
    figures = report_of(SET).types
    assert (figures["receipt"].precision, figures["receipt"].count) == (1.0, 3)
    assert figures["purchase_order"].precision == 0.5
    assert figures["purchase_order"].recall == 1.0


def test_the_matrix_counts_told_types_by_true_type() -> None:
    assert report_of(SET).matrix == {
        "receipt": {"receipt": 2, "purchase_order": 1},
        "purchase_order": {"purchase_order": 1},
    }


def test_the_calibration_error_weighs_bins_by_their_size() -> None:
    report = report_of(SET)
    assert report.calibration_error == round(0.5 * 0.05 + 0.25 * 0.55 + 0.25 * 0.15, 4)
    assert sum(count for _, _, count in report.bins) == 4


def test_wrong_ones_are_named_and_the_report_reads_as_text() -> None:
    report = report_of(SET)
    assert [one.told for one in report.worst] == [ORDER]
    assert "4 documents, 75.00% of them told rightly" in as_text(report)
    assert "told as purchase_order 1" in as_text(report)


def test_an_empty_set_has_no_figures() -> None:
    assert report_of([]).count == 0
