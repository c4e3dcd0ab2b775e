"""Examples for adapters: one seed, one set; no issuer in two splits; nothing that is evaluated on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from abax.documents import answering
from abax.documents.contracts import DocumentType

from tests.support.data import development_data
from training.adapters import examples, extract, leaks, printed
from training.adapters.examples import Example, Refused

PAGE = "receipt\n\nMolino Verde Ltd\n12 Mill Lane\n3 May 2024\nFlour 4.20\nSalt 1.10\nTotal | 5.30\nThank you"


def example(**changes: str) -> Example:
    told = {
        "task": "extract",
        "name": "a",
        "answer": '{"number":"1"}',
        "source": "synthetic",
        "licence": "Apache-2.0",
        "language": "en",
        "group": "Molino Verde Ltd",
        "kind": "receipt",
        "split": "train",
    }
    messages = ({"role": "user", "content": changes.pop("page", PAGE)},)
    return Example(**{**told, **changes}, messages=messages)  # type: ignore[arg-type]


def nothing_leaks(_: Example) -> str | None:
    return None


def test_the_same_seed_makes_the_same_examples_and_another_others() -> None:
    first, again, other = (list(extract.synthetic(20, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_no_issuer_of_generated_documents_is_in_two_splits() -> None:
    made = [one for one in extract.synthetic(120, 5) if isinstance(one, Example)]
    groups = {
        split: {one.group for one in made if one.split == split} for split in ("train", "valid", "test")
    }
    assert groups["train"]
    assert groups["test"]
    assert not groups["train"] & (groups["valid"] | groups["test"])
    assert not groups["valid"] & groups["test"]


def test_every_value_of_an_answer_stands_in_the_document() -> None:
    for one in extract.synthetic(40, 3):
        assert isinstance(one, Example)
        shown = " ".join(one.seen.replace(answering.BREAK, " ").split())
        wrapped = [text for text in extract.parsed(one).values() if " ".join(text.split()) not in shown]
        assert all(set(text.split()) <= set(shown.split()) for text in wrapped), one.name


def test_an_answer_has_only_fields_that_were_asked_for() -> None:
    for one in extract.synthetic(60, 4):
        assert isinstance(one, Example)
        asked = tuple(filter(None, one.seen.partition("\n")[0].partition(": ")[2].split(", ")))
        assert all(answering.wanted(answering.bare(path), asked) for path in extract.parsed(one)), one.name


def test_a_split_is_told_by_the_group_alone_and_folds_part_the_groups() -> None:
    names = [f"issuer {number}" for number in range(200)]
    assert [examples.split_of(name) for name in names] == [examples.split_of(name.upper()) for name in names]
    tested = [{name for name in names if examples.split_of(name, fold, 4) == "test"} for fold in range(4)]
    assert set().union(*tested) == set(names)
    assert sum(map(len, tested)) == len(names)


def test_two_answers_to_one_prompt_are_both_refused_and_a_double_once(tmp_path: Path) -> None:
    made = [
        example(name="a", page="receipt\n\nA"),
        example(name="b", page="receipt\n\nA", answer='{"number":"2"}'),
        example(name="c", page="receipt\n\nC"),
        example(name="d", page="receipt\n\nC"),
        example(name="e", page="receipt\n\nE", answer=" "),
    ]
    build = examples.write(tmp_path, made, nothing_leaks)
    assert {one.name: one.why for one in build.refused} == {
        "a": "contradictory",
        "b": "contradictory",
        "d": "double",
        "e": "empty",
    }
    assert [one.name for one in examples.read(tmp_path / "train.jsonl")] == ["c"]
    rows = (tmp_path / "refused.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(row)["name"] for row in rows] == ["e", "a", "b", "d"]


def test_the_card_counts_what_the_set_is_made_of(tmp_path: Path) -> None:
    build = examples.write(tmp_path, [example(), Refused("x", "sroie", "empty")], nothing_leaks)
    told = examples.card(build, len, {"seed": 1})
    train = told["splits"]["train"]
    assert train["examples"] == 1
    assert train["kind"] == {"receipt": 1}
    assert train["prompt_tokens"]["max"] == len(PAGE)
    assert told["refused"] == {"sroie: empty": 1}
    assert told["groups_in_two_splits"] == 0
    assert len(train["sha256"]) == 64


def test_what_is_in_an_evaluation_set_is_refused_by_its_issuer_and_by_its_words(tmp_path: Path) -> None:
    kept = leaks.Kept()
    kept.add(PAGE.partition("\n\n")[2], ["MOLINO VERDE LTD."])
    other = example(group="Somebody else")
    misread = replace(other, messages=({"role": "user", "content": PAGE.replace("Flour", "F1our")},))
    fresh = example(group="Somebody else", page="receipt\n\nBrot und Butter\nSumme 3,20\nDanke und bis bald")
    assert "issuer" in str(kept.leak(example()))
    assert "text" in str(kept.leak(other))
    assert "text" in str(kept.leak(misread))
    assert kept.leak(fresh) is None
    build = examples.write(tmp_path, [example(), other, fresh], kept.leak)
    assert build.counts == {"train": 1, "valid": 0, "test": 0}
    assert all(one.why.startswith("leak: ") for one in build.refused)


def test_the_documents_and_mails_of_the_golden_tests_are_kept_out() -> None:
    kept = leaks.golden(leaks.Kept())
    page = sorted((leaks.GOLDEN / "documents" / "blind").glob("*.html"))[0]
    words = leaks._TAG.sub(" ", page.read_text("utf-8"))
    assert kept.alike(words) > 0.95
    assert len(kept.issuers) > 100
    row = (leaks.GOLDEN / "mail" / "checked-de.jsonl").read_text("utf-8").splitlines()[0]
    assert all(kept.alike(text) > 0.95 for text in leaks._texts(json.loads(row)))


def test_generated_documents_are_seldom_held_for_those_of_an_evaluation_set() -> None:
    kept = leaks.golden(leaks.Kept())
    made = [one for one in extract.synthetic(120, 9) if isinstance(one, Example)]
    assert sum(kept.leak(one) is not None for one in made) <= 2


def test_receipts_are_asked_for_what_is_printed_on_them(tmp_path: Path) -> None:
    folder = development_data("documents/sroie")
    (tmp_path / "few_ocr_keys.jsonl").write_text(
        "\n".join((folder / "train_ocr_keys.jsonl").read_text("utf-8").splitlines()[:12]) + "\n", "utf-8"
    )
    made = [one for one in extract.sroie(tmp_path, 0, 5) if isinstance(one, Example)]
    assert len(made) == 12
    for one in made:
        values = extract.parsed(one)
        assert {"seller.name", "totals.gross"} & values.keys()
        flat = " ".join(one.seen.split())
        assert all(text in flat for text in values.values())


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("Müller GmbH", "Firma MULLER  gmbh, Köln", "MULLER gmbh"),
        ("Mill Lane 4, Leeds", "Mill Lane 4\nLeeds", "Mill Lane 4 Leeds"),
        ("DE", "le prix de vente", None),
        ("DE", "DE 80333 München", "DE"),
        ("1234", "no. 91234", None),
        ("Mill Lane", "Mill | Lane", None),
        ("Acme (UK)", "Acme (UK) Ltd", "Acme (UK)"),
    ],
)
def test_a_value_is_found_as_it_is_printed(value: str, text: str, found: str | None) -> None:
    assert printed.in_text(value, text) == found


def test_types_that_have_no_contract_are_not_taught() -> None:
    assert DocumentType.UNKNOWN not in extract.TYPES
