"""Prompts are files that say what they need and what comes back."""

from __future__ import annotations

from pathlib import Path

import abax.writing.prompts as prompts
import pytest
from abax.errors import InvalidRequest, NotFound
from abax.writing.prompts import OUTPUTS, parsed, prompt, registry

FOLDER = Path(prompts.__file__).parent
GOOD = """
name = "greet"
version = 2
purpose = "Says hello."
variables = ["who"]
output = "Reworded"
max_tokens = 10
temperature = 0.0
[[messages]]
role = "user"
content = "Greet $who for $$5."
"""


def test_every_file_is_registered_once_with_a_purpose() -> None:
    assert sorted(f"{one.name}.{one.version}.toml" for one in registry()) == sorted(
        path.name for path in FOLDER.glob("*.toml")
    )
    assert all(one.purpose and one.messages and one.output in OUTPUTS.values() for one in registry())


def test_examples_in_a_prompt_are_valid_answers() -> None:
    for one in registry():
        for role, content in one.messages:
            if role == "assistant":
                one.output.model_validate_json(content)


def test_a_prompt_is_asked_with_its_variables_and_its_schema() -> None:
    request = parsed("greet.2.toml", GOOD).request({"who": "Anna $name {x}"})
    assert request.messages == [{"role": "user", "content": "Greet Anna $name {x} for $5."}]
    assert request.schema is not None and request.schema["required"] == ["sentence"]
    assert request.max_tokens == 10


@pytest.mark.parametrize(("given", "says"), [({}, "not given who"), ({"who": "x", "why": "y"}, "has no why")])
def test_missing_and_unknown_variables_are_named(given: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        parsed("greet.2.toml", GOOD).request(given)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("greet.1.toml", GOOD, "holds greet version 2"),
        ("greet.2.toml", GOOD.replace('["who"]', "[]"), "uses"),
        ("greet.2.toml", GOOD.replace("Reworded", "Poem"), "names output 'Poem'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(file: str, text: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        parsed(file, text)


def test_the_newest_version_is_taken_unless_told() -> None:
    assert prompt("reword_fact").version == max(
        one.version for one in registry() if one.name == "reword_fact"
    )
    assert prompt("reword_fact", 1).label == "reword_fact@1"


def test_an_unknown_prompt_is_named_beside_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"no prompt poem@any; there are reword_fact@1"):
        prompt("poem")
