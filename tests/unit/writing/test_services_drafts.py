"""A hundred drafts whose facts are known: every fact right, none invented, whoever words them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from abax.writing.services import SERVICES, Written, context_of, write
from abax.writing.services.wording import wording

FILE = Path(__file__).parents[2] / "golden" / "writing" / "drafts.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
AND = {"and", "und", "et", "y", "e", "en", "i"}
WORDING = {"reminder": "reminder", "follow-up": "follow_up"}


def written(case: dict[str, Any]) -> Written:
    return write(case["service"], context_of(case["service"], case["context"]))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.casefold()))


def without(text: str, parts: list[str]) -> str:
    """The text with each of the parts taken out, longest first, wherever it stands whole."""
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text)
    return text


def test_there_are_a_hundred_in_seven_languages() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) == 100
    assert {case["context"]["language"] for case in CASES} == {"en", "de", "fr", "es", "it", "nl", "pl"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_fact_is_right_and_nothing_is_added(case: dict[str, Any]) -> None:
    found = written(case)
    whole = f"{found.subject}\n{found.text}"
    assert [said for said in case["says"] if said not in whole] == []
    left = without(whole, case["says"])
    assert re.findall(r"\S*\d\S*", left) == []
    sentences = wording(WORDING[case["service"]], case["context"]["language"]).words
    assert words_of(left) - words_of(sentences) - AND == set()
    assert "{" not in whole and "None" not in whole


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_a_rule_decides_is_decided_right(case: dict[str, Any]) -> None:
    content = written(case).model_dump(mode="json")
    assert {name: content[name] for name in case["result"]} == case["result"]


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case["id"])
def test_the_facts_that_a_text_states_are_listed_with_it(case: dict[str, Any]) -> None:
    found = written(case)
    assert all(one.shown in f"{found.subject}\n{found.text}" for one in found.facts)
    digits = re.sub(r"\D", "", without(found.text, [one.shown for one in found.facts]))
    assert digits == ""


def test_every_service_says_what_it_takes() -> None:
    for one in SERVICES.values():
        assert one.context.model_json_schema()["properties"]["today"]["format"] == "date"
