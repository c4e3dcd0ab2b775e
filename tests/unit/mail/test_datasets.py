import json
from pathlib import Path

import pytest
from abax.errors import InvalidRequest
from abax.mail.datasets import Labelled, dataset_of, grouped, unlabelled
from abax.mail.learning import Example
from abax.mail.message import read

MAIL = {
    "id": "a/1",
    "language": "de",
    "from": "Eva Müller <eva@kunde.example>",
    "to": "rechnung@wir.example",
    "subject": "Rechnung – Größe",
    "date": "2026-03-04T09:30:00+01:00",
    "body": "Bitte die Rechnung korrigieren.\n",
    "headers": {"precedence": "bulk", "Content-Type": "text/html"},
    "truth": {"category": "billing", "action": True, "actions": [{"kind": "correct", "by": "2026-03-10"}]},
}


def written(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_with_a_heading_has_texts_and_labels(tmp_path):
    written(tmp_path, "train.csv", 'text,category\n"Where, please, is it?",delivery\nNo VAT,billing\n')
    found = dataset_of(tmp_path)
    assert found.task == "label"
    assert [(one.text, one.label) for one in found.examples] == [
        ("Where, please, is it?", "delivery"),
        ("No VAT", "billing"),
    ]


def test_a_table_with_tabs_has_labels_first_and_quotes_that_mean_nothing(tmp_path):
    written(tmp_path, "train.tsv", 'Yes\t"Send it to me, he said.\nNo\tIt rains.\n')
    found = dataset_of(tmp_path)
    assert found.task == "action"
    assert [(one.label, one.text) for one in found.examples] == [
        ("yes", '"Send it to me, he said.'),
        ("no", "It rains."),
    ]


def test_folders_of_mails_are_spam_and_ham_by_their_names(tmp_path):
    for folder, subject in (("easy-ham-1", "Minutes"), ("hard_ham", "News"), ("spam-2", "Win")):
        written(tmp_path, f"{folder}/1.txt", f"From: a@b.example\nSubject: {subject}\n\nHello\n")
    found = dataset_of(tmp_path)
    assert found.task == "spam"
    assert [one.label for one in found.examples] == ["ham", "ham", "spam"]
    assert found.examples[2].text.startswith("Win\nHello")


def test_labelled_mails_come_as_they_would_arrive(tmp_path):
    written(tmp_path, "x.jsonl", json.dumps(MAIL) + "\n\n")
    [mail] = dataset_of(tmp_path).mails
    message = read(mail.content()).message
    assert message.subject == "Rechnung – Größe"
    assert message.sender.address == "eva@kunde.example"
    assert message.text.strip() == "Bitte die Rechnung korrigieren."
    assert message.header("precedence") == "bulk"
    assert message.sent_at == mail.date


def test_each_field_of_the_truth_can_be_learnt_and_what_it_leaves_out_cannot(tmp_path):
    written(tmp_path, "x.jsonl", json.dumps(MAIL) + "\n" + json.dumps(MAIL | {"id": "2", "truth": {}}))
    dataset = dataset_of(tmp_path)
    [one] = dataset.of_field("action")
    assert (one.label, one.language) == ("yes", "de")
    assert [one.label for one in dataset.of_field("category")] == ["billing"]
    assert dataset.of_field("sentiment") == ()


def test_a_line_that_is_no_mail_is_named(tmp_path):
    written(tmp_path, "x.jsonl", json.dumps(MAIL) + '\n{"id": 7}\n')
    with pytest.raises(InvalidRequest, match=r"x\.jsonl, line 2: id"):
        dataset_of(tmp_path)


def test_a_folder_of_nothing_is_refused(tmp_path):
    with pytest.raises(InvalidRequest, match="holds no"):
        dataset_of(tmp_path)
    with pytest.raises(InvalidRequest, match="nothing to read"):
        unlabelled(tmp_path)


def test_copies_are_of_one_group_and_other_texts_are_not():
    text = "Dear customer, please find attached the minutes of our meeting of last week in Cologne."
    found = grouped(
        [
            Example(text, "a"),
            Example("Where is my parcel, it has been two weeks now", "b"),
            Example(text.replace("Cologne", "Leeds"), "a"),
        ]
    )
    assert found[0].group == found[2].group != found[1].group


def test_mails_and_tables_without_labels_are_read(tmp_path):
    written(tmp_path, "a.eml", "From: a@b.example\nSubject: Late\n\nWhere is it?\n")
    written(tmp_path, "b.csv", "text\nNo label here\n")
    assert unlabelled(tmp_path) == [("a.eml", "Late\nWhere is it?"), ("b.csv:1", "No label here")]


def test_a_mail_without_anything_can_be_sent():
    message = read(Labelled.model_validate({"id": "1"}).content()).message
    assert message.text.strip() == ""


PAIRS = [
    ("Bank statement 4711 is ready", "bank"),
    ("Bank statement 4711 is ready, thank you", "bank"),
    ("Your travel expenses for October", "expenses"),
    ("Your travel expenses for October - please check.", "expenses"),
]


def test_lines_of_texts_with_labels_are_read_as_tables_are(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in PAIRS)
    )
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": "Hello", "category": "bank"}) + "\n")
    found = dataset_of(tmp_path)
    assert (found.task, len(found.examples)) == ("label", 5)
    assert [(one.text, one.label) for one in found.of_field("category")][:4] == PAIRS
    assert found.examples[4].label == "bank"
    assert unlabelled(tmp_path)[0] == ("a.jsonl:1", PAIRS[0][0])


def test_lines_of_yes_and_no_are_examples_of_what_asks(tmp_path: Path) -> None:
    lines = [{"text": "Please pay", "label": "Yes"}, {"text": "Thank you", "label": "no"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = dataset_of(tmp_path)
    assert (found.task, [one.label for one in found.examples]) == ("action", ["yes", "no"])


def test_a_line_with_a_field_that_there_is_not_says_which_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "txt": "Hello"}')
    with pytest.raises(InvalidRequest, match=r"line 1: txt: there is no such field; a mail has id, language"):
        dataset_of(tmp_path)


def test_copies_are_found_whether_a_subject_says_the_same_as_the_body_or_not(tmp_path: Path) -> None:
    """The same texts as a table and as mails are of the same groups, so that both are judged alike."""
    (tmp_path / "train.csv").write_text(
        "text,label\n" + "".join(f'"{text}",{label}\n' for text, label in PAIRS)
    )
    for place, (text, label) in enumerate(PAIRS):
        folder = tmp_path / "mails" / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{place}.eml").write_text(f"From: a@b.example\nSubject: {text}\n\n{text}\n")
    tables, mails = dataset_of(tmp_path / "train.csv"), dataset_of(tmp_path / "mails")
    groups = [len({one.group for one in found.examples}) for found in (tables, mails)]
    assert groups[0] == groups[1] == 2
