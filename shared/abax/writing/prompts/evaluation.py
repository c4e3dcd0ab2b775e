"""How well a prompt does with a model: its evaluation set, asked and checked case by case.

The set lies beside the prompt, ``<id>.eval.jsonl``, a case a line::

    {"case": "…", "inputs": {variable: value}, "checks": {…}}

========================  ==================================================================================
check                     holds when
========================  ==================================================================================
``contains``, ``lacks``   each text of the list is, or is not, in the answer (small and capital letters alike)
``equals``                by path (``items.0.article``): the answer's value is this one
``one_of``                by path: it is one of these
``count``                 by path: the list has so many entries
``longest``               by path: the text has at most so many characters
``numbers_from``          every number in the answer stands in these variables too
========================  ==================================================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any, Final

from pydantic import BaseModel

from abax.errors import InvalidRequest, NotFound, listed
from abax.ports import TextModel
from abax.writing.client import Budget, Client
from abax.writing.prompts.prompt import Kind, Prompt
from abax.writing.prompts.rendering import shown

SUFFIX: Final = ".eval.jsonl"
SECONDS: Final = 60.0
"""For each case, on average."""
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class Case:
    """One case of an evaluation set."""

    name: str
    inputs: Mapping[str, Any]
    checks: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    case: str
    answer: Mapping[str, Any] | None
    problem: str = ""
    """Why there is no answer."""
    failed: tuple[str, ...] = ()
    """The checks that do not hold, and why."""

    @property
    def passed(self) -> bool:
        """Whether there is an answer and every check holds."""
        return self.answer is not None and not self.failed


@dataclass(frozen=True)
class Report:
    """How well one prompt did with one model."""

    prompt: str
    model: str
    outcomes: tuple[Outcome, ...]
    usage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Cases with an answer of the right type."""
        return sum(outcome.answer is not None for outcome in self.outcomes)

    @property
    def passed(self) -> int:
        """Cases whose checks all hold."""
        return sum(outcome.passed for outcome in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """All of it, for a file."""
        return {
            "prompt": self.prompt,
            "model": self.model,
            "cases": len(self.outcomes),
            "answered": self.answered,
            "passed": self.passed,
            "usage": dict(self.usage),
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


def cases_of(prompt: Prompt) -> tuple[Case, ...]:
    """The prompt's evaluation set.

    Raises:
        NotFound: it has none.
        InvalidRequest: a line is no case of this prompt.
    """
    file = resources.files("abax.writing.prompts") / f"{prompt.label}{SUFFIX}"
    if not file.is_file():
        raise NotFound(f"prompt {prompt.label} has no evaluation set ({prompt.label}{SUFFIX})")
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(_case(prompt, number, line) for number, line in enumerate(lines, 1) if line.strip())


def evaluate(prompt: Prompt, model: TextModel, cases: Sequence[Case] | None = None) -> Report:
    """Ask all cases together, and check each answer. Raises as ``cases_of``."""
    cases = cases_of(prompt) if cases is None else cases
    most = 2 * prompt.max_tokens * len(cases)
    client = Client(model, Budget(SECONDS * max(len(cases), 1), most))
    answers = client.ask_all(prompt, [case.inputs for case in cases])
    outcomes = tuple(_outcome(case, answer) for case, answer in zip(cases, answers, strict=True))
    return Report(prompt.label, client.name_of(prompt), outcomes, client.spent.as_dict())


def _case(prompt: Prompt, number: int, line: str) -> Case:
    where = f"{prompt.label}{SUFFIX} line {number}"
    try:
        content = json.loads(line)
        case = Case(str(content["case"]), content["inputs"], content["checks"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"is no case: {error!r}", where) from error
    if unknown := sorted(set(case.checks) - set(_CHECKS)):
        raise InvalidRequest(f"has the checks {listed(unknown)}; there are {listed(_CHECKS)}", where)
    kinds = {variable.name: variable.kind for variable in prompt.variables}
    inputs = {name: _value(kinds.get(name), value) for name, value in case.inputs.items()}
    return Case(case.name, inputs, case.checks)


def _value(kind: Kind | None, value: Any) -> Any:
    """JSON's value as the variable's."""
    if kind is Kind.DATE:
        return date.fromisoformat(value)
    if kind is Kind.NUMBER and not isinstance(value, bool):
        return Decimal(str(value))
    return value


def _outcome(case: Case, answer: BaseModel | Exception) -> Outcome:
    if not isinstance(answer, BaseModel):
        return Outcome(case.name, None, str(answer))
    content = answer.model_dump(mode="json")
    failed = [
        problem
        for name, wanted in case.checks.items()
        for problem in _CHECKS[name](content, wanted, case.inputs)
    ]
    return Outcome(case.name, content, failed=tuple(failed))


# --- checks ---------------------------------------------------------------------------------------------


def _contains(answer: Any, wanted: Sequence[str], inputs: Mapping[str, Any]) -> Iterator[str]:
    said = _text(answer).lower()
    yield from (f"{text!r} is not in it" for text in wanted if text.lower() not in said)


def _lacks(answer: Any, wanted: Sequence[str], inputs: Mapping[str, Any]) -> Iterator[str]:
    said = _text(answer).lower()
    yield from (f"{text!r} is in it" for text in wanted if text.lower() in said)


def _equals(answer: Any, wanted: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[str]:
    for path, value in wanted.items():
        if (found := _at(answer, path)) != value:
            yield f"{path} is {found!r}, not {value!r}"


def _one_of(answer: Any, wanted: Mapping[str, Sequence[Any]], inputs: Mapping[str, Any]) -> Iterator[str]:
    for path, values in wanted.items():
        if (found := _at(answer, path)) not in values:
            yield f"{path} is {found!r}, none of {values}"


def _count(answer: Any, wanted: Mapping[str, int], inputs: Mapping[str, Any]) -> Iterator[str]:
    for path, count in wanted.items():
        found = _at(answer, path)
        if not isinstance(found, list) or len(found) != count:
            yield f"{path} has {len(found) if isinstance(found, list) else 'no'} entries, not {count}"


def _longest(answer: Any, wanted: Mapping[str, int], inputs: Mapping[str, Any]) -> Iterator[str]:
    for path, most in wanted.items():
        if len(str(_at(answer, path))) > most:
            yield f"{path} has {len(str(_at(answer, path)))} characters, more than {most}"


def _numbers_from(answer: Any, wanted: Sequence[str], inputs: Mapping[str, Any]) -> Iterator[str]:
    known = {number for name in wanted for number in _NUMBER.findall(str(shown(inputs.get(name, ""))))}
    said = _NUMBER.findall(_text(answer))
    yield from (f"{number} is in none of its facts" for number in dict.fromkeys(said) if number not in known)


_CHECKS: Final[dict[str, Callable[[Any, Any, Mapping[str, Any]], Iterator[str]]]] = {
    "contains": _contains,
    "lacks": _lacks,
    "equals": _equals,
    "one_of": _one_of,
    "count": _count,
    "longest": _longest,
    "numbers_from": _numbers_from,
}


def _text(answer: Any) -> str:
    """All texts and numbers of an answer, a line each."""
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    if isinstance(answer, list):
        return "\n".join(map(_text, answer))
    return "" if answer is None else str(answer)


def _at(answer: Any, path: str) -> Any:
    """The value at a path of names and places; None where there is none."""
    for part in path.split("."):
        if isinstance(answer, list) and part.isdigit() and int(part) < len(answer):
            answer = answer[int(part)]
        elif isinstance(answer, Mapping):
            answer = answer.get(part)
        else:
            return None
    return answer
