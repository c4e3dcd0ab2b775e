"""Every prompt, each in a file ``<name>.<version>.toml`` beside this one: messages, variables, typed output.

A change of words is a new version and a new file, so that what was written can be traced to what was asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from string import Template
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from abax.errors import InvalidRequest, NotFound, listed
from abax.ports import TextRequest


class Reworded(BaseModel):
    """One sentence."""

    model_config = ConfigDict(extra="forbid")

    sentence: Annotated[str, Field(min_length=1, max_length=400)]


OUTPUTS: Final[dict[str, type[BaseModel]]] = {"Reworded": Reworded}
"""The types that prompt files name."""


@dataclass(frozen=True)
class Prompt:
    """One version of one prompt."""

    name: str
    version: int
    purpose: str
    variables: tuple[str, ...]
    output: type[BaseModel]
    messages: tuple[tuple[str, str], ...]
    """Role and template of each message; ``$name`` stands for a variable."""
    max_tokens: int
    temperature: float

    @property
    def label(self) -> str:
        """Name and version, as results record them."""
        return f"{self.name}@{self.version}"

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The output's JSON schema, without titles, which would be tokens to read."""
        return dict(_plain(self.output.model_json_schema()))

    def request(self, variables: Mapping[str, str]) -> TextRequest:
        """What a model is asked. Raises InvalidRequest for a variable that is missing or not the prompt's."""
        missing, unknown = set(self.variables) - variables.keys(), variables.keys() - set(self.variables)
        if missing or unknown:
            problem = (
                f"is not given {listed(sorted(missing))}" if missing else f"has no {listed(sorted(unknown))}"
            )
            raise InvalidRequest(f"prompt {self.label} {problem}", "variables")
        return TextRequest(
            messages=[
                {"role": role, "content": Template(text).substitute(variables)}
                for role, text in self.messages
            ],
            max_tokens=self.max_tokens,
            schema=self.schema,
            temperature=self.temperature,
        )


def prompt(name: str, version: int | None = None) -> Prompt:
    """The prompt of that name, its newest version unless told. Raises NotFound, naming what there is."""
    known = registry()
    versions = [one.version for one in known if one.name == name]
    wanted = max(versions, default=0) if version is None else version
    found = next((one for one in known if (one.name, one.version) == (name, wanted)), None)
    if found is None:
        raise NotFound(f"no prompt {name}@{version or 'any'}; there are {listed(one.label for one in known)}")
    return found


@cache
def registry() -> tuple[Prompt, ...]:
    """All prompts, read once.

    Raises:
        InvalidRequest: a file whose content contradicts its name, its variables or the known outputs.
    """
    files = [file for file in resources.files(__package__).iterdir() if file.name.endswith(".toml")]
    return tuple(
        parsed(file.name, file.read_text(encoding="utf-8")) for file in sorted(files, key=lambda f: f.name)
    )


def parsed(file: str, text: str) -> Prompt:
    """A prompt file's content. Raises InvalidRequest as ``registry`` does."""
    content = tomllib.loads(text)
    messages = tuple((one["role"], one["content"]) for one in content["messages"])
    used = {name for _, words in messages for name in Template(words).get_identifiers()}
    if file != f"{content['name']}.{content['version']}.toml":
        raise InvalidRequest(f"holds {content['name']} version {content['version']}", file)
    if used != set(content["variables"]):
        raise InvalidRequest(f"declares {content['variables']} and uses {sorted(used)}", file)
    if content["output"] not in OUTPUTS:
        raise InvalidRequest(f"names output {content['output']!r}; there are {listed(OUTPUTS)}", file)
    return Prompt(
        name=content["name"],
        version=content["version"],
        purpose=content["purpose"],
        variables=tuple(content["variables"]),
        output=OUTPUTS[content["output"]],
        messages=messages,
        max_tokens=content["max_tokens"],
        temperature=content["temperature"],
    )


def _plain(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in ("title", "description")}
    return [_plain(value) for value in schema] if isinstance(schema, list) else schema
