"""A teacher labels documents; only what they print is kept, and what contradicts itself is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.documents.contracts import DocumentType
from abax.documents.datasets import Case, cases_of
from abax.errors import InvalidRequest, ModelFailed, ModelRefused
from abax.learning.distil import Budget, Distiller, Report, files_of, grounded
from hypothesis import given
from hypothesis import strategies as st

INVOICE = """Acme Tools Ltd
Invoice number: {number}
Invoice date: 2026-03-05

Net total 100.00
VAT 19 % 19.00
Total EUR {gross}
"""
ANSWER: dict[str, Any] = {
    "number": "INV-1",
    "issue_date": "2026-03-05",
    "seller": {"name": "Acme Tools Ltd"},
    "totals": {"net": "100.00", "tax": "19.00", "gross": "119.00"},
}


def documents(folder: Path, count: int = 1, gross: str = "119.00") -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(1, count + 1):
        (folder / f"{number}.txt").write_text(INVOICE.format(number=f"INV-{number}", gross=gross))
    return folder


def distilled(
    source: Path, target: Path, *lines: Any, budget: Budget | None = None, kind: str = "supplier_invoice"
) -> tuple[Report, ScriptedModel]:
    teacher = ScriptedModel(
        [one if isinstance(one, Exception | tuple) else json.dumps(one) for one in lines], "big"
    )
    made = Distiller(teacher, target, budget or Budget(), DocumentType(kind))
    return made.run(files_of(source, target)), teacher


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_label_is_what_training_reads(tmp_path: Path) -> None:
    report, teacher = distilled(documents(tmp_path / "in"), tmp_path / "out", ANSWER)
    assert (report.labelled, report.dropped, report.requests) == (1, 0, 1)
    [case] = list(cases_of(tmp_path / "out"))
    assert isinstance(case, Case) and case.contract is not None
    told = case.contract.model_dump(mode="json", exclude_defaults=True)
    assert (told["number"], told["issue_date"], told["totals"]["gross"]) == ("INV-1", "2026-03-05", "119.00")
    assert "INV-1" in case.reading.text
    [row] = rows(tmp_path / "out/truth.jsonl")
    assert (row["by"], row["form"], row["corrected"]) == ("teacher:big", "extract/2", {})
    [asked] = teacher.requests
    assert asked.adapter == "" and asked.schema is not None and "seller.name" in asked.messages[0]["content"]


def test_what_the_document_does_not_print_is_dropped_and_counted(tmp_path: Path) -> None:
    invented = {**ANSWER, "due_date": "2026-04-05", "colour": "red", "buyer": {"name": "Nobody GmbH"}}
    report, _ = distilled(documents(tmp_path / "in"), tmp_path / "out", invented)
    assert (report.labelled, report.dropped, report.values) == (1, 3, 6)
    [row] = rows(tmp_path / "out/truth.jsonl")
    assert "due_date" not in row["contract"] and "buyer" not in row["contract"]


@pytest.mark.parametrize(
    ("answer", "gross", "why"),
    [
        ({"number": "X-99"}, "119.00", "empty"),
        ({}, "119.00", "empty"),
        (
            {**ANSWER, "totals": {"net": "100.00", "tax": "19.00", "gross": "191.00"}},
            "191.00",
            "contradictory",
        ),
    ],
)
def test_what_is_empty_or_contradicts_itself_is_refused_and_listed(
    tmp_path: Path, answer: dict[str, Any], gross: str, why: str
) -> None:
    report, _ = distilled(documents(tmp_path / "in", gross=gross), tmp_path / "out", answer)
    assert (report.labelled, dict(report.refused)) == (0, {why: 1})
    [row] = rows(tmp_path / "out/refused.jsonl")
    assert row["name"] == "1.txt" and row["why"].startswith(why)
    assert rows(tmp_path / "out/truth.jsonl") == []


def test_the_same_again_asks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    source, target = documents(tmp_path / "in", 2), tmp_path / "out"
    distilled(source, target, ANSWER, {"number": "INV-9"})
    before = (target / "truth.jsonl").read_bytes(), (target / "refused.jsonl").read_bytes()
    report, teacher = distilled(source, target)
    assert (report.known, report.requests, teacher.requests) == (2, 0, [])
    assert before == ((target / "truth.jsonl").read_bytes(), (target / "refused.jsonl").read_bytes())


def test_the_budget_ends_the_work_and_the_next_run_goes_on(tmp_path: Path) -> None:
    source, target = documents(tmp_path / "in", 3), tmp_path / "out"
    answers = [{**ANSWER, "number": f"INV-{number}"} for number in (1, 2, 3)]
    report, _ = distilled(source, target, *answers, budget=Budget(requests=2))
    assert (report.labelled, report.left, report.requests) == (2, 1, 2)
    report, _ = distilled(source, target, answers[2], budget=Budget(requests=2))
    assert (report.labelled, report.known, report.left) == (1, 2, 0)
    assert len(rows(target / "truth.jsonl")) == 3
    assert distilled(documents(tmp_path / "more"), tmp_path / "none", budget=Budget(tokens=10))[0].left == 1


def test_a_teacher_that_fails_on_one_is_asked_again_and_one_that_refuses_all_ends_it(tmp_path: Path) -> None:
    source, target = documents(tmp_path / "in", 2), tmp_path / "out"
    report, _ = distilled(source, target, ModelFailed("it broke"), {**ANSWER, "number": "INV-2"})
    assert (report.failed, report.labelled) == (1, 1)
    assert rows(target / "refused.jsonl")[0]["why"] == "it broke"
    report, _ = distilled(source, target, ANSWER)
    assert (report.labelled, report.known, rows(target / "refused.jsonl")) == (1, 1, [])
    with pytest.raises(ModelRefused):
        distilled(documents(tmp_path / "more", 3), target, ModelRefused("big", "wrong key"))
    assert len(rows(target / "truth.jsonl")) == 2  # what was labelled is kept


def test_a_label_survives_a_journal_that_was_cut_off(tmp_path: Path) -> None:
    source, target = documents(tmp_path / "in"), tmp_path / "out"
    distilled(source, target, ANSWER)
    journal = target / "journal.jsonl"
    journal.write_text(journal.read_text()[:-20])
    report, _ = distilled(source, target)
    assert report.known == 1 and len(rows(target / "truth.jsonl")) == 1


def test_an_unknown_type_needs_to_be_said(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("hello there\n")
    report = Distiller(ScriptedModel([]), tmp_path / "out").run(files_of(folder, tmp_path / "out"))
    assert dict(report.refused) == {"unknown type": 1}
    with pytest.raises(InvalidRequest, match="holds no file"):
        files_of(
            tmp_path / "out/labels" if (tmp_path / "out/labels").is_dir() else _empty(tmp_path), tmp_path
        )


def _empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


WORDS = st.lists(
    st.sampled_from(["Acme", "GmbH", "119.00", "-5", "ß", "a.b", "№", "(x)", "2,5"]), min_size=1, max_size=8
)


@given(WORDS, st.integers(0, 7), st.integers(1, 8))
def test_a_run_of_whole_words_is_grounded_whatever_the_blanks(
    words: list[str], start: int, count: int
) -> None:
    start %= len(words)
    end = start + count
    assert grounded("  ".join(words[start:end]), "\n".join(words))
    assert not grounded("x" + words[0], " ".join(words)) and not grounded(" ", " ".join(words))


def test_a_part_of_a_word_is_not_grounded() -> None:
    assert not grounded("19", "119.00 and 2019") and grounded("acme TOOLS", "Acme  Tools Ltd")
