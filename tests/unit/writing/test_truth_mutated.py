"""A hundred true drafts, changed in one place each: the change is found, unless it says another fact."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from abax.writing import spelling
from abax.writing.services import context_of, service
from abax.writing.services.work import Work
from abax.writing.truth import faults

FILE = Path(__file__).parents[2] / "golden" / "writing" / "drafts.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
OTHERS = ("Klaus Vogt", "Vogt", "Mr Bean", "Zorblax AG")


def work_of(case: dict[str, Any]) -> Work:
    work: Work = service(case["service"]).work(context_of(case["service"], case["context"]))
    return work


def digits(text: str, chance: random.Random) -> Iterator[str]:
    for match in re.finditer(r"\d", text):
        if chance.random() < 0.1:
            other = (int(match[0]) + chance.randint(1, 9)) % 10
            yield f"{text[: match.start()]}{other}{text[match.end() :]}"


def months(text: str, language: str, chance: random.Random) -> Iterator[str]:
    for name in spelling.MONTHS[language]:
        for match in re.finditer(rf"\b{name}\b", text):
            other = chance.choice([month for month in spelling.MONTHS[language] if month != name])
            yield text[: match.start()] + other + text[match.end() :]


def names(text: str, case: dict[str, Any]) -> Iterator[str]:
    for person in ("sender", "recipient"):
        name = case["context"][person]["name"]
        if name and name in text:
            yield from (text.replace(name, other) for other in (*OTHERS, f"{name.split()[0]} Vogt"))


def test_a_changed_name_or_currency_is_always_found() -> None:
    for case in CASES:
        work = work_of(case)
        assert faults(work.text, work.facts) == []
        for changed in names(work.text, case):
            assert faults(changed, work.facts) != [], changed
        for match in re.finditer("EUR|GBP|PLN", work.text):
            changed = f"{work.text[: match.start()]}USD{work.text[match.end() :]}"
            assert faults(changed, work.facts) != [], changed


def test_a_changed_digit_or_month_is_found_unless_it_says_another_fact() -> None:
    """Of these changes one or two in a hundred make another date or number that is among the facts too."""
    chance, tried = random.Random(17), Counter[str]()
    for case in CASES:
        work = work_of(case)
        language = case["context"]["language"]
        for kind, changes in (
            ("digit", digits(work.text, chance)),
            ("month", months(work.text, language, chance)),
        ):
            for changed in changes:
                tried[kind] += 1
                tried[f"{kind} missed"] += faults(changed, work.facts) == []
    assert tried["digit"] > 500 and tried["month"] > 300
    assert tried["digit missed"] <= 0.015 * tried["digit"]
    assert tried["month missed"] <= 0.03 * tried["month"]
