import json
import random

import pytest
from abax.cli import app
from abax.mail.classifier import Classifier
from typer.testing import CliRunner

WORDS = {
    "billing": ["invoice", "vat", "charged", "credit", "amount"],
    "delivery": ["parcel", "truck", "pallet", "courier", "ramp"],
}
FILLING = ["we", "our", "the", "please", "it", "was", "not", "and", "is", "to"]


@pytest.fixture
def folder(tmp_path):
    rng = random.Random(1)
    rows = ["text,category"]
    for number in range(60):
        label = sorted(WORDS)[number % 2]
        rows.append(
            " ".join(rng.sample([*rng.sample(WORDS[label], 3), *rng.sample(FILLING, 4)], 7)) + f",{label}"
        )
    written = tmp_path / "set"
    written.mkdir()
    (written / "train.csv").write_text("\n".join(rows), encoding="utf-8")
    return written


def ran(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_company_teaches_its_own_categories_and_is_told_what_to_label_next(folder, tmp_path):
    out = tmp_path / "own.npz"
    told = ran("mail", "train", folder, "--out", out, "--json")
    assert told.exit_code == 0, told.output
    facts = json.loads(told.output)
    assert facts["examples"] == 60
    assert facts["accuracy"] > 0.8
    assert facts["bytes"] == out.stat().st_size
    assert Classifier.load(out).labels == ("billing", "delivery")

    unlabelled = tmp_path / "more"
    unlabelled.mkdir()
    (unlabelled / "b.csv").write_text(
        "text\nthe invoice amount vat\nthe invoice on the pallet\n", encoding="utf-8"
    )
    found = ran("mail", "suggest", out, unlabelled, "--count", "1", "--json")
    assert found.exit_code == 0, found.output
    [one] = json.loads(found.output)
    assert one["name"] == "b.csv:2"
    assert set(one["likeliest"]) == {"billing", "delivery"}


def test_a_folder_is_judged_by_parts_with_all_figures_in_files(folder, tmp_path):
    found = ran(
        "evaluate",
        "mail",
        folder,
        "--folds",
        "3",
        "--json",
        tmp_path / "f.json",
        "--html",
        tmp_path / "f.html",
    )
    assert found.exit_code == 0, found.output
    figures = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert figures["tasks"]["label"]["accuracy"]["of"] == 60
    assert "billing" in (tmp_path / "f.html").read_text(encoding="utf-8")
    assert "macro F1" in found.output


def test_labelled_mails_go_through_the_triage_that_ships(tmp_path):
    mail = {
        "id": "1",
        "language": "en",
        "from": "Ann <ann@customer.example>",
        "to": "office@us.example",
        "subject": "Invoice 4711",
        "date": "2026-03-04T09:30:00+01:00",
        "body": "Hello,\n\nplease send us a copy of invoice 4711.\n\nAnn\n",
        "truth": {"category": "billing", "action": True, "answerable": True},
    }
    (tmp_path / "x.jsonl").write_text(json.dumps(mail), encoding="utf-8")
    found = ran("evaluate", "mail", tmp_path, "--json", tmp_path / "f.json")
    assert found.exit_code == 0, found.output
    figures = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert {name: task["accuracy"]["right"] for name, task in figures["tasks"].items()} == {
        "category": 1,
        "action": 1,
        "answerable": 1,
    }


def test_a_task_that_mails_do_not_have_is_refused(folder, tmp_path):
    found = ran("mail", "train", folder, "--out", tmp_path / "x.npz", "--task", "colour")
    assert found.exit_code != 0
    assert "colour" in str(found.exception or found.output)
