"""``abax train``: what people see of it, and what it says to what makes no sense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.records import SqliteRecords
from abax.cli import app
from abax.errors import AbaxError, InvalidRequest, NotPublishable, TeacherNeeded
from abax.learning.registry import Registry
from typer.testing import CliRunner

from infra.local.engine import MODEL_VARIABLE
from tests.support.adapters import random_adapter
from tests.support.learning import BETTER, WORSE, label, results, seen
from tests.support.models import Small, small


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(MODEL_VARIABLE, str(small().path))
    monkeypatch.setenv("USER", "Ana")
    monkeypatch.delenv("ABAX_TEACHER", raising=False)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["train", *map(str, arguments)])
    if isinstance(done.exception, AbaxError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def told(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--json"))


def adapter(folder: Path, seed: int = 1, base: Path | None = None) -> Path:
    path = folder / f"extract{seed}.gguf"
    random_adapter(path, base or small().path, rank=2, alpha=4.0, seed=seed)
    return path


def judged(folder: Path, sha256: str) -> tuple[str | Path, ...]:
    for name, scores, of in (("new", BETTER, sha256), ("live", WORSE, "")):
        (folder / name).mkdir(exist_ok=True)
        text = results(scores, adapter=of).model_dump_json()
        (folder / name / "receipts.json").write_text(text)
    return "--candidate", folder / "new", "--other", folder / "live"


def test_status_counts_by_type_and_issuer(home: Path) -> None:
    objects, records = FolderObjects(home / "objects"), SqliteRecords(home / "abax.db")
    assert "nothing was handled yet" in run("status")
    for number in range(4):
        label(objects, records, number, corrected=number < 3)
    for number in range(100, 152):
        seen(records, number)
    shown = run("status")
    assert "3 of 56 corrected, due: 5.4% of 56 corrected, 5.0% is enough" in shown
    assert shown.splitlines()[-1].split()[-5:] == ["56", "4", "3", "3", "5.4%"]
    [extract] = told("status")
    assert extract["due"] and extract["total"]["corrected"] == 3


def test_a_version_is_registered_judged_published_and_taken_back(home: Path, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"data_sha256": "d" * 64, "form": "extract/1", "command": "make train"}))
    path = adapter(tmp_path)
    assert "extract@1 is candidate" in run("registry", "add", path, "--name", "extract", "--card", card)
    assert "was registered before" in run("registry", "add", path, "--name", "extract")
    [entry] = told("registry", "list")
    assert (entry["lineage"]["data_sha256"], entry["history"][0]["by"]) == ("d" * 64, "Ana")
    with pytest.raises(NotPublishable, match="has not accepted it"):
        run("registry", "publish", "extract", "1")
    options = judged(tmp_path, entry["lineage"]["file_sha256"])
    assert "extract@1: accepted" in run("registry", "judge", "extract", "1", *options)
    steps = [run("registry", "publish", "extract", "1").strip() for _ in range(3)]
    assert steps == ["extract@1 is shadow", "extract@1 is share 20%", "extract@1 is live"]
    shown = json.loads(run("registry", "show", "extract", "1"))
    assert shown["status"] == "live" and shown["decision"]["evaluations"][0]["wins"] == 12
    assert "what ships answers" in run("registry", "rollback", "extract", "--why", "wrong totals")
    assert "wrong totals" in run("registry", "list", "extract").replace("\n", " ")


def test_results_of_another_file_do_not_count(home: Path, tmp_path: Path) -> None:
    run("registry", "add", adapter(tmp_path), "--name", "extract")
    with pytest.raises(InvalidRequest, match=r"receipts judges the file ffffff.*, and not extract@1"):
        run("registry", "judge", "extract", "1", *judged(tmp_path, "f" * 64))


def test_files_that_cannot_be_used_are_refused_with_the_reason(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="there is no"):
        run("registry", "add", tmp_path / "none.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF nonsense")
    with pytest.raises(InvalidRequest, match=r"broken\.gguf"):
        run("registry", "add", broken, "--name", "extract")
    path = tmp_path / "other.gguf"
    random_adapter(path, small(Small(seed=7)).path, rank=2, metadata={"abax.base.sha256": "0" * 64})
    with pytest.raises(InvalidRequest, match="was trained for another base"):
        run("registry", "add", path, "--name", "extract")
    named = tmp_path / "named.gguf"
    random_adapter(named, small().path, rank=2, metadata={"general.name": "triage"})
    with pytest.raises(InvalidRequest, match="says that it is triage, not extract"):
        run("registry", "add", named, "--name", "extract")
    card = tmp_path / "card.json"
    card.write_text("{")
    with pytest.raises(InvalidRequest, match=r"card\.json cannot be read as JSON"):
        run("registry", "add", adapter(tmp_path), "--name", "extract", "--card", card)
    with pytest.raises(InvalidRequest, match="name"):
        run("registry", "add", adapter(tmp_path), "--name", "Extract!")
    assert not Registry(FolderObjects(home / "objects")).names()


def test_training_needs_a_trainer_and_labelling_a_teacher(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="set ABAX_TRAINER"):
        run("run", "extract", "--force")
    assert "nothing is due" in run("run", "extract")
    with pytest.raises(TeacherNeeded, match="ABAX_TEACHER"):
        run("distil", tmp_path, tmp_path / "out")
    with pytest.raises(InvalidRequest, match="'poem'"):
        run("distil", _document(tmp_path), tmp_path / "out", "--teacher", "script:x", "--type", "poem")


def test_a_teacher_labels_a_folder(home: Path, tmp_path: Path) -> None:
    source, script = _document(tmp_path), tmp_path / "answers.json"
    script.write_text(json.dumps(['{"number": "INV-7", "buyer": {"name": "Nobody"}}']))
    options = ("--teacher", f"script:{script}", "--type", "supplier_invoice")
    shown = run("distil", source, tmp_path / "out", *options)
    assert "1 of 1 labelled" in shown and "1 that no document prints were dropped" in shown
    again = told("distil", source, tmp_path / "out", *options)
    assert (again["known"], again["requests"]) == (1, 0)
    (source / "b.txt").write_text("Invoice number: INV-8\n" * 3)
    assert "1 left" in run("distil", source, tmp_path / "out", *options, "--tokens", "1", code=3)


def _document(folder: Path) -> Path:
    (folder / "in").mkdir()
    (folder / "in/a.txt").write_text("Acme Tools Ltd\nInvoice number: INV-7\n")
    return folder / "in"


def test_a_misspelt_adapter_and_a_folder_without_results_are_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no adapter 'triag'; did you mean triage"):
        run("run", "triag")
    path = adapter(tmp_path)
    run("registry", "add", path, "--name", "extract")
    with pytest.raises(InvalidRequest, match=r"no results in .*; `python -m training.adapters judge"):
        run("registry", "judge", "extract", "1", "--candidate", tmp_path / "no", "--other", tmp_path / "no")
