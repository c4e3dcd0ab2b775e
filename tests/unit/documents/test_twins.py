"""Two files of one invoice: what they say themselves, and what a reader got wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from abax.documents.evaluate import Report, evaluate, page

SAMPLES = Path(__file__).parent / "samples"
UBL, CII = ((SAMPLES / f"invoice_{syntax}.xml").read_text(encoding="utf-8") for syntax in ("ubl", "cii"))


def judged(folder: Path, ubl: str, cii: str) -> Report:
    (folder / "a_ubl.xml").write_text(ubl, encoding="utf-8")
    (folder / "a_cii.xml").write_text(cii, encoding="utf-8")
    return evaluate(folder)


def causes(report: Report) -> set[tuple[str, str]]:
    return {(fault.path, fault.cause) for result in report.results for fault in result.score.faults}


def test_a_value_that_one_file_alone_has_is_told_apart_and_counts_for_nobody(tmp_path: Path) -> None:
    assert "<cbc:ID>" in UBL
    number = UBL.partition("<cbc:ID>")[2].partition("<")[0]
    before = judged(tmp_path, UBL, CII)
    report = judged(tmp_path, UBL.replace(f"<cbc:ID>{number}<", f"<cbc:ID>{number}-7<", 1), CII)
    assert causes(report) - causes(before) == {("number", "twins differ")}
    figures = report.as_dict()
    assert figures["fields"]["number"]["wrong"] == 0
    assert figures["causes"]["number: twins differ"] == 2
    assert "counts for nothing" in page(figures)


def test_a_reader_that_misses_what_both_files_have_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from abax.documents.einvoice import ubl

    monkeypatch.setitem(ubl._PARTY, "name", ("Nothing",))
    found = causes(judged(tmp_path, UBL, CII))
    assert ("seller.name", "missed") in found
    assert ("seller.name", "twins differ") not in found


def test_a_sum_of_nothing_is_no_sum(tmp_path: Path) -> None:
    total = "<cbc:PayableAmount"
    assert total in UBL
    more = UBL.replace(total, f'<cbc:PrepaidAmount currencyID="EUR">0.00</cbc:PrepaidAmount>{total}', 1)
    assert not any(path == "totals.prepaid" for path, _ in causes(judged(tmp_path, more, CII)))
