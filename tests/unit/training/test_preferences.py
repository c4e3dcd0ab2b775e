"""Pairs of answers: what people set right, what an adapter says by itself, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.documents import answering
from abax.documents.contracts import DocumentType, Line, Party, Totals, TradeDocument, fields_of
from abax.documents.corrections import before
from abax.errors import InvalidRequest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.training.test_adapter_examples import example, nothing_leaks
from training.adapters import evaluate, preferences, sampling
from training.adapters.examples import Example, Refused
from training.adapters.preferences import Pair

WORDS = [
    ("Molino", 20, 20), ("Verde", 80, 20), ("Ltd", 130, 20), ("Invoice", 20, 50), ("A-17", 90, 50),
    ("3", 20, 80), ("May", 40, 80), ("2024", 80, 80), ("Flour", 20, 120), ("4.20", 200, 120),
    ("Total", 20, 160), ("5.30", 200, 160),
]  # fmt: skip


def pair(**changes: Any) -> Pair:
    told: dict[str, Any] = {
        "task": "extract",
        "name": "a",
        "messages": ({"role": "user", "content": "receipt\n\nTotal 5.30"},),
        "chosen": '{"number":"1"}',
        "rejected": '{"number":"2"}',
        "source": "sampled",
        "licence": "",
        "language": "en",
        "group": "Molino Verde Ltd",
        "kind": "receipt",
        "split": "train",
    }
    return Pair(**told | changes)


def page(text: str) -> tuple[dict[str, str], ...]:
    return ({"role": "user", "content": text},)


def test_pairs_that_say_nothing_or_say_both_are_refused_and_listed(tmp_path: Path) -> None:
    made: list[Pair | Refused] = [
        pair(name="kept"),
        pair(name="again"),
        pair(name="one way", messages=page("B")),
        pair(name="the other", messages=page("B"), chosen='{"number":"2"}', rejected='{"number":"1"}'),
        pair(name="same", messages=page("C"), rejected='{"number":"1"} '),
        pair(name="blank", messages=page("D"), chosen=" "),
        pair(name="leaks", messages=page("secret")),
        pair(name="tests", messages=page("secret"), split="test"),
        Refused("unread", "corrections", "damaged"),
    ]
    build = preferences.write(
        tmp_path, made, lambda one: "its text is in an evaluation set" if one.seen == "secret" else None
    )
    assert {one.name: one.why for one in build.refused} == {
        "again": "double",
        "one way": "contradictory",
        "the other": "contradictory",
        "same": "same",
        "blank": "empty",
        "leaks": "leak: its text is in an evaluation set",
        "unread": "damaged",
    }
    assert list(preferences.read(tmp_path / "train.jsonl")) == [made[0]]
    assert list(preferences.read(tmp_path / "test.jsonl")) == [made[7]]
    listed = (tmp_path / "refused.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(row)["name"] for row in listed} == {one.name for one in build.refused}


def test_the_card_tells_what_the_pairs_are_and_the_hash_of_each_file(tmp_path: Path) -> None:
    build = preferences.write(tmp_path, [pair(), pair(messages=page("B"), language="de")], nothing_leaks)
    told = preferences.card(build, len, {"step": "pairs"})
    assert told == json.loads((tmp_path / "card.json").read_text("utf-8"))
    train = told["splits"]["train"]
    assert (train["examples"], train["groups"], train["language"]) == (2, 1, {"de": 1, "en": 1})
    assert train["chosen_tokens"]["max"] == len(pair().chosen)
    assert len(train["sha256"]) == 64
    assert told["groups_in_two_splits"] == 0


# --- corrections ----------------------------------------------------------------------------------------


def invoice(**changes: Any) -> TradeDocument:
    told = TradeDocument(
        type=DocumentType.SUPPLIER_INVOICE,
        number="A-17",
        issue_date=date(2024, 5, 3),
        seller=Party(name="Molino Verde Ltd"),
        totals=Totals(gross=Decimal("5.30")),
    )
    return told.model_copy(update=changes)


def label(was: TradeDocument, now: TradeDocument, file: str = "a.words.json") -> dict[str, Any]:
    """As the review queue writes it."""
    earlier, later = ({path: str(v) for path, v in fields_of(one).items()} for one in (was, now))
    changed = {
        path: {"was": earlier.get(path), "is": later.get(path)}
        for path in sorted(earlier.keys() | later.keys())
        if earlier.get(path) != later.get(path)
    }
    kept = now.model_dump(mode="json", exclude_defaults=True) | {"type": now.type}
    return {"file": file, "contract": kept, "corrected": changed}


def labelled(folder: Path, *labels: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    words = [[text, x, y, x + 9 * len(text), y + 14] for text, x, y in WORDS]
    for one in labels:
        told = {"width": 400, "height": 300, "words": words}
        (folder / one["file"]).write_text(json.dumps(told), "utf-8")
    (folder / "truth.jsonl").write_text("".join(json.dumps(one) + "\n" for one in labels), "utf-8")
    return folder


def test_a_correction_is_preferred_to_what_was_read_before(tmp_path: Path) -> None:
    was = invoice(number="5.30", totals=Totals(gross=Decimal("4.20")), issue_date=None)
    folder = labelled(tmp_path, label(was, invoice()))
    (made,) = preferences.corrections(folder, 0, 5)
    assert isinstance(made, Pair)
    chosen, rejected = json.loads(made.chosen), json.loads(made.rejected)
    assert (chosen["number"], chosen["totals"]["gross"]) == ("A-17", "5.30")
    assert "2024" in chosen["issue_date"]
    assert rejected["totals"]["gross"] == "4.20"
    assert "issue_date" not in rejected
    assert chosen["seller"] == rejected["seller"]
    assert made.messages[-1]["content"].startswith("supplier_invoice\n\n")
    assert made.source == "corrections"


def test_a_document_in_which_all_was_right_has_no_pair_and_another_type_is_refused(tmp_path: Path) -> None:
    other = invoice(type=DocumentType.CUSTOMER_INVOICE)
    folder = labelled(tmp_path, label(invoice(), invoice()), label(other, invoice(), "b.words.json"))
    (refused,) = preferences.corrections(folder, 0, 5)
    assert isinstance(refused, Refused)
    assert refused.name == "b.words.json"
    assert "type" in refused.why


SOLD = [Line(description=text, quantity=count) for text in ("Flour", "Salt") for count in (None, Decimal(2))]
LINES = st.lists(st.sampled_from(SOLD), max_size=12).map(tuple)
TEXTS = st.none() | st.sampled_from(["a", "it's", '"b"'])
PARTIES = st.builds(
    Party, name=TEXTS, other_identifiers=st.lists(st.sampled_from(["x1", "y", "it's"]), max_size=3).map(tuple)
)
INVOICES = st.builds(
    lambda lines, number, seller: invoice(lines=lines, number=number, seller=seller), LINES, TEXTS, PARTIES
)


@given(INVOICES, INVOICES)
def test_what_was_read_before_a_correction_can_be_told_from_its_label(
    was: TradeDocument, now: TradeDocument
) -> None:
    restored = before(json.loads(json.dumps(label(was, now))))
    assert fields_of(restored) == fields_of(was)


def test_a_label_that_does_not_hold_together_is_refused_by_its_path() -> None:
    told = label(invoice(), invoice(number="B"))
    told["corrected"]["lines[3].quantity"] = {"was": "1", "is": None}
    with pytest.raises(InvalidRequest, match=r"lines\[3\]"):
        before(told)


# --- an adapter's own answers ---------------------------------------------------------------------------


def test_of_several_answers_the_best_is_preferred_to_the_worst() -> None:
    truth = example(answer='{"number":"A-17","totals":{"gross":"5.30"}}')
    said = ['{"number":"A-17"}', '{"number":"A-17","totals":{"gross":"5,30"}}', '{"number":"B"}', '{"num']
    made = sampling.paired(truth, said)
    assert isinstance(made, Pair)
    assert (made.chosen, made.rejected) == (said[1], said[3])
    assert made.messages == truth.messages


def test_answers_that_are_equally_good_make_no_pair() -> None:
    made = sampling.paired(example(answer='{"number":"1"}'), ['{"number":"2"}', "{}"])
    assert isinstance(made, Refused)
    assert made.why == "all answers are equally good"


@given(
    st.dictionaries(st.sampled_from(["number", "currency", "note"]), st.text("ab1", min_size=1), min_size=1)
)
def test_the_true_answer_scores_one_and_none_scores_more(values: dict[str, str]) -> None:
    kind = DocumentType.RECEIPT
    true = answering.answer(kind, values)
    if not evaluate.values(true):
        return
    assert evaluate.score("receipt", true, true) == 1.0
    assert 0 <= evaluate.score("receipt", '{"number":"a"}', true) <= 1
    assert evaluate.score("receipt", "no answer", true) == 0.0


def test_what_tests_is_never_asked_for_pairs(tmp_path: Path) -> None:
    one: Example = replace(example(), split="test")
    with pytest.raises(ValueError, match="in the split test"):
        next(sampling.sampled([one], tmp_path))


# --- judged drafts --------------------------------------------------------------------------------------


def judged(**changes: Any) -> dict[str, Any]:
    return {
        "reply_id": "r1",
        "kind": "invoice_status",
        "language": "en",
        "tone": "formal",
        "sender": "5f2c",
        "mail": "Has A-17 been paid?",
        "stated": ["Invoice A-17 over 5.30 EUR is open."],
        "drafted": "Dear Sir or Madam,\n\nInvoice A-17 over 5.30 EUR is open.\n",
        "method": "template:invoice_status",
        "body": "Hello Ana,\n\nA-17 (5.30 EUR) is still open.\n",
        "verdict": "approve",
        "at": "2024-05-03T10:00:00+00:00",
    } | changes


def replies(folder: Path, *rows: dict[str, Any]) -> list[Pair | Refused]:
    file = folder / "judgements.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return list(preferences.replies(file, 0, 5))


def test_what_a_person_wrote_and_sent_is_preferred_to_the_draft(tmp_path: Path) -> None:
    (made,) = replies(tmp_path, judged())
    assert isinstance(made, Pair)
    assert json.loads(made.chosen) == {"body": "Hello Ana,\n\nA-17 (5.30 EUR) is still open."}
    assert json.loads(made.rejected)["body"].startswith("Dear Sir or Madam")
    asked = made.messages[-1]["content"]
    assert "Invoice A-17 over 5.30 EUR is open." in asked
    assert "Has A-17 been paid?" in asked
    assert (made.task, made.group) == ("write", "5f2c")
    assert replies(tmp_path, judged()) == [made]


def test_a_rejected_draft_needs_a_text_that_was_approved_later_for_the_same_question(tmp_path: Path) -> None:
    template = "Dear Sir or Madam,\n\nInvoice A-17 over 5.30 EUR is open.\n"
    rejected = judged(method="model:mail.reply.v1", drafted="Paid!", body="Paid!", verdict="reject")
    later = judged(reply_id="r2", at="2024-05-04T10:00:00+00:00", body=template)
    (made,) = replies(tmp_path, rejected, later)
    assert isinstance(made, Pair)
    assert (json.loads(made.chosen)["body"], json.loads(made.rejected)["body"]) == (template.strip(), "Paid!")
    for other in (
        {"at": "2024-05-02T10:00:00+00:00"},
        {"stated": ["Invoice B is open."]},
        {"verdict": "reject"},
    ):
        refused = [one for one in replies(tmp_path, rejected, later | other) if isinstance(one, Refused)]
        assert "r1" in {one.name for one in refused}


def test_a_draft_that_was_approved_as_it_was_says_nothing_of_what_is_worse(tmp_path: Path) -> None:
    assert replies(tmp_path, judged(body=judged()["drafted"])) == []
