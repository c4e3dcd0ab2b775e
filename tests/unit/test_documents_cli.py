"""``abax document``: files in, facts out, and exit codes that a script can go by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.cli import app
from abax.documents import picking, pipeline
from abax.workflow import document_known
from typer.testing import CliRunner, Result

from tests.support.invoices import ubl


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    document_known.forget()
    yield tmp_path / "home"
    document_known.forget()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "post"
    made.mkdir()
    for number in range(3):
        (made / f"{number}.xml").write_bytes(ubl(f"R-{number}", line="90.00"))
    return made


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["document", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return content


def test_one_file_is_shown_with_its_values_and_reasons(folder: Path) -> None:
    shown = run(folder / "0.xml")
    assert shown.exit_code == 1
    for words in ("supplier invoice", "review", "R-0", "119.00", "Papier Krause GmbH", "90.00"):
        assert words in shown.stdout


def test_what_needs_nobody_ends_with_0(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "checked", lambda *given: ())
    assert run(folder / "0.xml").exit_code == 0


def test_a_model_is_asked_where_one_is_named_and_its_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "weak", lambda fields, sure: ["number"])
    (tmp_path / "answers.json").write_text('["no JSON", "no JSON"]')
    (tmp_path / "letter.txt").write_text("Invoice\n\nQwertz X-77\n")
    script = f"script:{tmp_path / 'answers.json'}"
    [fact] = told(tmp_path / "letter.txt", "--model", script)["documents"]
    assert fact["notes"] == ["the model scripted gave no answer (it is no JSON)"]
    [fact] = told(tmp_path / "letter.txt")["documents"]
    assert fact["notes"] == []


def test_what_cannot_be_read_ends_with_3_and_leaves_the_rest(folder: Path) -> None:
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 cut")
    found = run(folder, "--workers", 1, "--json")
    assert found.exit_code == 3
    content = json.loads(found.stdout)
    assert len(content["documents"]) == 3
    [refused] = content["refused"]
    assert (refused["name"], refused["error"]["type"]) == ("bad.pdf", "DamagedFile")


def test_a_folder_is_read_by_several_processes_in_order(folder: Path) -> None:
    found = told(folder, "--workers", 2)
    assert [one["name"] for one in found["documents"]] == ["0.xml", "1.xml", "2.xml"]


def test_nothing_is_kept_unless_it_is_said(folder: Path) -> None:
    run(folder / "0.xml")
    assert (
        told(folder / "0.xml")["documents"][0]["decision"]["reasons"]
        == told(folder / "0.xml")["documents"][0]["decision"]["reasons"]
    )
    assert json.loads(run("reviews", "--json").stdout) == []


def test_what_is_kept_waits_for_a_person_and_is_labelled_by_her(folder: Path, tmp_path: Path) -> None:
    assert run(folder / "0.xml", "--keep").exit_code == 1
    [waiting] = json.loads(run("reviews", "--json").stdout)
    assert "0.xml" in run("reviews").stdout
    done = run("review", waiting["document_id"][:12], "--set", "lines[0].net_amount=100.00", "--by", "Ana")
    assert done.exit_code == 0 and "1 approved" in done.stdout
    assert json.loads(run("reviews", "--json").stdout) == []
    run("labels", tmp_path / "labels")
    [label] = [json.loads(line) for line in (tmp_path / "labels/truth.jsonl").read_text().splitlines()]
    assert label["contract"]["lines"][0]["net_amount"] == "100.00"
    assert (tmp_path / "labels" / label["file"]).read_bytes() == ubl("R-0", line="90.00")


def test_a_review_takes_one_verdict(folder: Path) -> None:
    run(folder / "0.xml", "--keep")
    [waiting] = json.loads(run("reviews", "--json").stdout)
    for arguments in ([], ["--approve", "--reject"], ["--set", "number"]):
        assert run("review", waiting["document_id"], *arguments).exit_code != 0
    assert run("review", "nonesuch", "--approve").exit_code != 0
    assert run("review", waiting["document_id"], "--reject").exit_code == 0


def test_a_page_is_written_on_request(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "shown.html"
    run(folder / "0.xml", "--show", page)
    text = page.read_text()
    assert "Papier Krause GmbH" in text and "http://" not in text.replace("http://www.w3.org", "")


def test_who_we_are_is_kept(home: Path) -> None:
    said = json.loads(run("ourselves", "--name", "Nordlicht GmbH", "--vat-id", "DE1").stdout)
    assert said["names"] == ["Nordlicht GmbH"]
    assert json.loads(run("ourselves").stdout) == said


def test_what_we_sent_ourselves_is_no_supplier_s(folder: Path) -> None:
    run("ourselves", "--name", "Papier Krause")
    [found] = told(folder / "0.xml")["documents"]
    assert found["contract"]["type"] == "customer_invoice"


def test_generated_documents_come_with_their_truth(tmp_path: Path) -> None:
    assert run("generate", tmp_path / "made", "--count", 2, "--type", "receipt").exit_code == 0
    rows = [json.loads(line) for line in (tmp_path / "made/documents.jsonl").read_text().splitlines()]
    assert {row["contract"]["type"] for row in rows} == {"receipt"}
    assert all((tmp_path / "made" / row["file"]).is_file() for row in rows)
    assert run("generate", tmp_path / "other", "--type", "letter").exit_code != 0


@pytest.mark.parametrize("arguments", [["/no/such/file"], ["--json"]])
def test_what_is_no_file_is_told(arguments: list[str]) -> None:
    assert run(*arguments).exit_code != 0


def test_an_evaluation_writes_its_figures_with_counts(tmp_path: Path) -> None:
    run("generate", tmp_path / "made", "--count", 3, "--type", "supplier_invoice")
    figures, page = tmp_path / "figures.json", tmp_path / "figures.html"
    arguments = ["evaluate", "documents", tmp_path / "made", "--json", figures, "--html", page]
    done = CliRunner().invoke(app, [*map(str, arguments), "--ocr", "none"])
    assert done.exit_code == 0 and "documents: 3" in done.stdout
    content = json.loads(figures.read_text())
    assert content["documents"] == 3 and content["generated_share"] == 1
    assert content["fields"]["number"].keys() >= {"precision", "recall", "f1", "right"}
    assert "<html" in page.read_text()
