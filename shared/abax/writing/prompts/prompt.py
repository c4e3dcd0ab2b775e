"""One version of one prompt: what it needs, what it asks, what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from pydantic import BaseModel

from abax.errors import InvalidRequest, listed
from abax.ports import TextRequest
from abax.writing.fence import STANDING, fenced, neutral, new_mark
from abax.writing.prompts.rendering import Template, shown

OUTPUTS: Final = "abax.writing.outputs"
"""Where an output type lies that is named without its module."""
ONE_OF: Final = "x-one-of"
"""Marks a text of an output that is one of a variable's."""
MOST_ITEMS: Final = 500
"""Entries of a variable that is a list or a table of facts."""


class Tier(StrEnum):
    """How much of a model a prompt needs: settings say which model that is."""

    FAST = "fast"
    BALANCED = "balanced"
    STRONG = "strong"


class Kind(StrEnum):
    """What a variable holds."""

    TEXT = "text"
    TEXTS = "texts"
    """A list of texts; ``{{ it }}`` gives lines that begin with a dash."""
    FACTS = "facts"
    """Names with values; ``{{ it }}`` gives ``name: value`` lines."""
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True)
class Variable:
    """Something that a prompt is given."""

    name: str
    kind: Kind = Kind.TEXT
    trusted: bool = False
    """Written by Abax itself or by whoever asks. Anything else is fenced."""
    required: bool = True
    most: int = 0
    """Characters beyond which it is cut, and says so; 0 for none."""
    about: str = ""

    @property
    def is_fenced(self) -> bool:
        """Whether its value stands between fences; numbers, dates and flags can say nothing."""
        return not self.trusted and self.kind in (Kind.TEXT, Kind.TEXTS, Kind.FACTS)

    def checked(self, value: Any) -> Any:
        """The value, if it is of the variable's kind. Raises InvalidRequest."""
        if isinstance(value, bool) is not (self.kind is Kind.FLAG) or not isinstance(
            value, _TYPES[self.kind]
        ):
            raise InvalidRequest(f"is {type(value).__name__}, and {self.kind} is wanted", self.name)
        if isinstance(value, Sized) and not isinstance(value, str) and len(value) > MOST_ITEMS:
            raise InvalidRequest(f"has {len(value):,} entries, at most {MOST_ITEMS}", self.name)
        return value

    def cut(self, text: str) -> str:
        """The text, no longer than the variable may be; what is missing is said."""
        over = len(text) - self.most
        return f"{text[: self.most]}\n[{over:,} more characters]" if self.most and over > 0 else text


_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.TEXTS: (list, tuple),
    Kind.FACTS: (Mapping,),
    Kind.NUMBER: (int, Decimal),
    Kind.DATE: (date,),
    Kind.FLAG: (bool,),
}
_NOTHING: Final[dict[Kind, Any]] = {Kind.TEXT: "", Kind.TEXTS: (), Kind.FACTS: {}, Kind.FLAG: False}


@dataclass(frozen=True)
class Prompt:
    """One version of one prompt."""

    name: str
    version: int
    purpose: str
    tier: Tier
    variables: tuple[Variable, ...]
    output_name: str
    """The answer's type: a name of ``abax.writing.outputs``, or ``package.module:Name``."""
    messages: tuple[tuple[str, Template], ...]
    """Role and content of each."""
    max_tokens: int
    """Of the answer."""
    max_prompt_tokens: int
    """Of what is asked, estimated (``tokens_in``)."""
    temperature: float
    partial: bool = False
    """Whether an answer that was cut may be used as far as it is whole."""
    source: str = ""
    """The variable that grounded fields of the answer are taken from, word for word."""
    adapter: str = ""
    """What a model answers it with that has an adapter of this name; others answer as they are."""

    @property
    def label(self) -> str:
        """Name and version, as files, results and figures have them: ``deal.summarize.v1``."""
        return f"{self.name}.v{self.version}"

    @cached_property
    def output(self) -> type[BaseModel]:
        """The answer's type. Raises InvalidRequest where there is no such type."""
        module, _, name = self.output_name.rpartition(":")
        try:
            found = getattr(import_module(module or OUTPUTS), name)
        except (ImportError, AttributeError) as error:
            raise InvalidRequest(
                f"its output {self.output_name!r} is not there: {error}", self.label
            ) from error
        if not (isinstance(found, type) and issubclass(found, BaseModel)):
            raise InvalidRequest(f"its output {self.output_name!r} is no pydantic type", self.label)
        return found

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The output's JSON schema, without titles, which would be tokens to read."""
        return dict(_plain(self.output.model_json_schema()))

    @cached_property
    def beginning(self) -> tuple[tuple[str, str], ...]:
        """What every request of this prompt begins with: role and content of its first messages, the last of
        them as far as it is fixed. A model may have read it beforehand."""
        fixed: list[tuple[str, str]] = []
        for role, template in self._messages:
            if text := template.beginning if template.is_fixed else template.beginning.rstrip():
                fixed.append((role, text))
            if not template.is_fixed:
                break
        return tuple(fixed)

    @cached_property
    def beginning_name(self) -> str:
        """What ``beginning`` is stored under: another text has another name."""
        told = json.dumps(self.beginning, ensure_ascii=False)
        return f"{self.label}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    def request(self, variables: Mapping[str, Any], mark: str = "", adapter: str = "") -> TextRequest:
        """What a model is asked; ``mark`` is the fences' code, drawn anew where none is given, ``adapter``
        the prompt's, where the model has it.

        Raises:
            InvalidRequest: a variable is missing, unknown or of another kind, or the whole is too long.
        """
        values = self._values(variables, mark)
        messages = [{"role": role, "content": template.render(values)} for role, template in self._messages]
        self._check_size(messages, values)
        return TextRequest(
            messages=messages,
            max_tokens=self.max_tokens,
            schema=_narrowed(self.schema, values),
            temperature=self.temperature,
            source=self._source(variables),
            prefix=self.beginning_name,
            adapter=adapter,
        )

    @cached_property
    def _messages(self) -> tuple[tuple[str, Template], ...]:
        """With the standing line about fences, where there may be any."""
        if not any(variable.is_fenced for variable in self.variables):
            return self.messages
        (role, first), *rest = self.messages
        if role == "system":
            return ((role, Template(f"{first.text.rstrip()}\n{STANDING}")), *rest)
        return (("system", Template(STANDING)), *self.messages)

    def _values(self, given: Mapping[str, Any], mark: str) -> dict[str, Any]:
        known = {variable.name: variable for variable in self.variables}
        missing = [one.name for one in self.variables if one.required and given.get(one.name) is None]
        unknown = sorted(set(given) - set(known))
        if missing or unknown:
            problem = f"is not given {listed(missing)}" if missing else f"has no {listed(unknown)}"
            raise InvalidRequest(f"prompt {self.label} {problem}", "variables")
        checked = {
            name: one.checked(given[name]) for name, one in known.items() if given.get(name) is not None
        }
        mark = mark or new_mark(str(shown(value)) for value in checked.values())
        tags = [variable.name for variable in self.variables if variable.is_fenced]
        return {
            name: _written(variable, checked[name], mark, tags)
            if name in checked
            else _NOTHING.get(variable.kind)
            for name, variable in known.items()
        }

    def _source(self, given: Mapping[str, Any]) -> str | None:
        """The text of the source as the model sees it between its fences."""
        found = next((one for one in self.variables if one.name == self.source), None)
        if found is None or given.get(found.name) is None:
            return None
        tags = [variable.name for variable in self.variables if variable.is_fenced]
        return neutral(found.cut(str(shown(given[found.name]))), tags)

    def _check_size(self, messages: Sequence[Mapping[str, str]], values: Mapping[str, Any]) -> None:
        whole = sum(tokens_in(message["content"]) for message in messages)
        if whole <= self.max_prompt_tokens:
            return
        sizes = {name: tokens_in(str(shown(value))) for name, value in values.items()}
        longest = max(sizes, key=lambda name: sizes[name])
        raise InvalidRequest(
            f"prompt {self.label} would take about {whole:,} tokens, at most {self.max_prompt_tokens:,}: "
            f"shorten {longest}, which has {sizes[longest]:,} of them",
            "variables",
        )


def tokens_in(text: str) -> int:
    """About how many tokens a model makes of a text: one for a short word, for three letters of a long one,
    for each digit and other sign, and for two bytes of other scripts. Of the default model's count that is
    1.15 times in English mail, 0.8 to 1.0 in six other languages."""
    count = text.count("\n")
    for word in text.split():
        letters = sum(character.isalpha() and character.isascii() for character in word)
        other = sum(
            len(character.encode()) for character in word if not character.isalnum() or character > "\x7f"
        )
        digits = sum(character.isdigit() for character in word)
        count += (
            (1 if 0 < letters <= 5 else -(-letters // 3))
            + digits
            + (other if word.isascii() else -(-other // 2))
        )
    return count


def _written(variable: Variable, value: Any, mark: str, tags: Sequence[str]) -> Any:
    """The value as its template gets it: what could be taken for more than data is made harmless."""
    if variable.is_fenced:
        text = variable.cut(str(shown(value)))
        return fenced(variable.name, text, mark, tags) if text.strip() else ""
    if isinstance(value, str):
        return neutral(variable.cut(value), tags)
    if isinstance(value, Mapping):
        return {neutral(str(name), tags): neutral(str(one), tags) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [neutral(str(one), tags) for one in value]
    return value


def _narrowed(schema: Any, values: Mapping[str, Any]) -> Any:
    """The schema with a request's choices: a text marked ``x-one-of`` with a list's name is one of that list;
    with a colon behind the name, what stands before the first colon of one of them."""
    if isinstance(schema, list):
        return [_narrowed(one, values) for one in schema]
    if not isinstance(schema, dict):
        return schema
    narrowed = {key: _narrowed(one, values) for key, one in schema.items() if key != ONE_OF}
    marked = str(schema.get(ONE_OF, ""))
    if choices := values.get(marked.removesuffix(":")):
        heads = [one.partition(":")[0].strip() if marked.endswith(":") else one for one in choices]
        narrowed["enum"] = list(dict.fromkeys(heads))
    return narrowed


def _plain(schema: Any) -> Any:
    """Without titles and descriptions; a property may be called so nevertheless."""
    if isinstance(schema, list):
        return [_plain(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _plain(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _plain(value)
        for key, value in schema.items()
        if key not in ("title", "description")
    }
