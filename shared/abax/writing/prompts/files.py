"""Prompt files: ``<name>.v<version>.toml``, read and held to what they declare.

::

    id = "notes.summarize.v1"       purpose, tier (fast, balanced, strong), output (a pydantic type)
    max_tokens, max_prompt_tokens   temperature (0), partial (false), source (a variable, or none)
    adapter (none)                  which the model answers with, where it has that one
    [variables.notes]               kind (text), trusted (false), required (true), most (characters), about
    [[messages]]                    role (system, user, assistant) and content, a template
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from abax.errors import InvalidRequest, listed
from abax.writing.prompts.prompt import Kind, Prompt, Tier, Variable
from abax.writing.prompts.rendering import Template

ID: Final = re.compile(r"(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\.v(?P<version>[1-9]\d*)")
SUFFIX: Final = ".toml"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED: Final = {
    "id": str,
    "purpose": str,
    "tier": str,
    "output": str,
    "max_tokens": int,
    "max_prompt_tokens": int,
    "messages": list,
}
_OPTIONAL: Final[dict[str, Any]] = {
    "variables": dict,
    "temperature": (int, float),
    "partial": bool,
    "source": str,
    "adapter": str,
}
_VARIABLE: Final = {"kind": str, "trusted": bool, "required": bool, "most": int, "about": str}
_Enum = TypeVar("_Enum", Tier, Kind)
_ROLES: Final = ("system", "user", "assistant")


def parsed(file: str, text: str) -> Prompt:
    """A prompt file's content.

    Raises:
        InvalidRequest: it is no TOML, lacks something, has something unknown, or contradicts its own name or
            its variables.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"is no TOML: {error}", file) from error
    _check(content, _REQUIRED, _REQUIRED | _OPTIONAL, file)
    match = ID.fullmatch(content["id"])
    if match is None or file != content["id"] + SUFFIX:
        raise InvalidRequest(f"has the id {content['id']!r}, which is not NAME.vNUMBER or another's", file)
    made = Prompt(
        name=match["name"],
        version=int(match["version"]),
        purpose=content["purpose"],
        tier=_one_of(Tier, content["tier"], "tier", file),
        variables=tuple(_variable(name, one, file) for name, one in content.get("variables", {}).items()),
        output_name=content["output"],
        messages=tuple(_message(one, file) for one in content["messages"]),
        max_tokens=content["max_tokens"],
        max_prompt_tokens=content["max_prompt_tokens"],
        temperature=float(content.get("temperature", 0)),
        partial=content.get("partial", False),
        source=content.get("source", ""),
        adapter=content.get("adapter", ""),
    )
    _check_whole(made, file)
    return made


def _variable(name: str, content: Any, file: str) -> Variable:
    field = f"{file} variables.{name}"
    if not _NAME.fullmatch(name) or not isinstance(content, dict):
        raise InvalidRequest("is no variable", field)
    _check(content, {}, _VARIABLE, field)
    return Variable(
        name=name,
        kind=_one_of(Kind, content.get("kind", Kind.TEXT), "kind", field),
        trusted=content.get("trusted", False),
        required=content.get("required", True),
        most=content.get("most", 0),
        about=content.get("about", ""),
    )


def _message(content: Any, file: str) -> tuple[str, Template]:
    if not isinstance(content, dict) or content.keys() != {"role", "content"}:
        raise InvalidRequest("has a message that is not a role and a content", file)
    if content["role"] not in _ROLES or not isinstance(content["content"], str):
        raise InvalidRequest(f"has a message of role {content['role']!r}; use {listed(_ROLES)}", file)
    return content["role"], Template(content["content"].strip())


def _check(
    content: Mapping[str, Any], needed: Mapping[str, Any], known: Mapping[str, Any], file: str
) -> None:
    if missing := sorted(set(needed) - set(content)):
        raise InvalidRequest(f"lacks {listed(missing)}", file)
    if unknown := sorted(set(content) - set(known)):
        raise InvalidRequest(f"has {listed(unknown)}, which no prompt has", file)
    for name, value in content.items():
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise InvalidRequest(f"{name} is {type(value).__name__}, which it cannot be", file)


def _check_whole(prompt: Prompt, file: str) -> None:
    """What its parts say of each other."""
    if not prompt.messages or prompt.messages[-1][0] != "user":
        raise InvalidRequest("ends with another message than a user's", file)
    if min(prompt.max_tokens, prompt.max_prompt_tokens) < 1 or not 0 <= prompt.temperature <= 2:
        raise InvalidRequest("has limits or a temperature that no model takes", file)
    fences = {variable.name for variable in prompt.variables if variable.is_fenced}
    declared = {variable.name for variable in prompt.variables}
    for _, template in prompt.messages:
        template.check(fences)
    used = {name for _, template in prompt.messages for name in template.names}
    if used != declared:
        raise InvalidRequest(f"declares {sorted(declared)} and uses {sorted(used)}", file)
    if prompt.adapter and not _NAME.fullmatch(prompt.adapter):
        raise InvalidRequest(f"adapter is {prompt.adapter!r}, which is no name of one", file)
    if prompt.source and prompt.source not in declared:
        raise InvalidRequest(f"takes its source from {prompt.source!r}, which it does not declare", file)
    for role, template in prompt.messages:
        if role == "system" and template.names & fences:
            raise InvalidRequest(
                f"lets {listed(sorted(template.names & fences))} into a system message", file
            )


def _one_of(kind: type[_Enum], value: str, what: str, file: str) -> _Enum:
    try:
        return kind(value)
    except ValueError:
        raise InvalidRequest(f"{what} is {value!r}; use {listed(kind)}", file) from None
