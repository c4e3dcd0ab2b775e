"""Irony, rebukes, threats and harm that is near, in seven languages: mails with how people judge them.

As many are traps: patients' beds that somebody wants a price of, a ship that has arrived, faults that are
told without feeling, thanks that are a form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from abax.mail.contracts import Triage
from abax.mail.desk import shipped
from abax.mail.triage import triage

from tests.support.letters import desk, letter

EXAMPLES = [
    json.loads(line)
    for line in Path(__file__).with_name("feeling_examples.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module", params=["words", "classifiers"])
def judged(request) -> list[tuple[Mapping[str, str], Triage]]:
    messages = [letter(row["body"], row["subject"], row["language"]) for row in EXAMPLES]
    classifiers = shipped() if request.param == "classifiers" else {}
    return list(zip(EXAMPLES, triage(messages, desk(classifiers=classifiers)), strict=True))


def said(found: Triage, field: str) -> str:
    return found.sentiment.value.value if field == "sentiment" else found.urgency.value.value


def share(pairs: list[bool]) -> float:
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize(("field", "least"), [("sentiment", 0.95), ("urgency", 0.92)])
def test_examples_are_judged_as_people_do(judged, field, least):
    assert share([said(found, field) == row[field] for row, found in judged]) >= least


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pl"])
@pytest.mark.parametrize("field", ["sentiment", "urgency"])
def test_no_language_is_left_behind(judged, field, language):
    pairs = [said(found, field) == row[field] for row, found in judged if row["language"] == language]
    assert share(pairs) >= 0.8


@pytest.mark.parametrize(
    ("field", "value"),
    [("sentiment", "negative"), ("sentiment", "positive"), ("urgency", "critical"), ("urgency", "high")],
)
def test_what_is_rare_is_found_and_is_not_found_where_it_is_not(judged, field, value):
    found = [said(one, field) == value for row, one in judged if row[field] == value]
    right = [row[field] == value for row, one in judged if said(one, field) == value]
    assert share(found) >= 0.75
    assert share(right) >= 0.85
