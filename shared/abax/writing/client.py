"""The one way to a model for all that has a prompt: retries, a budget, typed answers, counted tokens.

::

    prompt + variables ─► request ─► cache? ─► model of the prompt's tier ─► mended, typed ─► answer
                             ▲                                                  └─ no use ─┐
                             └────────── once more, with what was wrong with it ◄──────────┘
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from abax.errors import InvalidRequest, ModelError, ModelFailed
from abax.ports import TextModel, TextPiece, TextRequest, TextResult
from abax.writing.cache import key_of, plain
from abax.writing.fence import new_mark
from abax.writing.metrics import Metrics, Usage, usage_of
from abax.writing.prompts import Prompt, Tier, chosen
from abax.writing.repair import value_of
from abax.writing.tiers import Models

logger = logging.getLogger("abax.writing")

Variables = Mapping[str, Any]
Problem = InvalidRequest | ModelError

CUT: Final = {"length": "its tokens", "deadline": "its time", "cancelled": "the call"}
"""How a text can end early, and what ended."""
SPENT: Final = "the budget for words is spent"
_QUOTED: Final = 1500
"""Characters of an unusable answer that its correction shows."""


@dataclass(frozen=True)
class Budget:
    """What a piece of work may spend."""

    seconds: float
    tokens: int
    """Completion tokens; a call is made only while its most fits."""


class Client:
    """Asks models with registered prompts. One for one piece of work; not for several threads."""

    def __init__(
        self,
        model: TextModel,
        budget: Budget,
        attempts: int = 2,
        pause: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``model`` may be ``Models``: then each prompt is asked of its tier's. What cannot be reached, or
        writes what cannot be used, is asked up to ``attempts`` times, after about ``pause`` seconds, while
        the budget lasts."""
        self.model = model
        self.models = Models.of(model)
        self.spent = Usage()
        self._budget = budget
        self._attempts = attempts
        self._pause = pause
        self._clock = clock
        self._deadline = clock() + budget.seconds
        self._have: dict[tuple[Tier, str], bool] = {}
        """Whether the model of a tier has an adapter: asked once."""

    @property
    def metrics(self) -> Metrics:
        """What all clients of these models have spent, by prompt and model."""
        return self.models.metrics

    def prompt(self, name: str, key: str) -> Prompt:
        """The version of a prompt that the work ``key`` gets, by the shares that settings give. Raises
        NotFound."""
        return chosen(name, key, self.models.shares)

    def ask(self, prompt: Prompt, **variables: Any) -> BaseModel:
        """One answer of the prompt's type. Raises InvalidRequest or ModelError."""
        [answer] = self.ask_all(prompt, [variables])
        if isinstance(answer, Problem):
            raise answer
        return answer

    def ask_all(self, prompt: Prompt, variables: Sequence[Variables]) -> list[BaseModel | Problem]:
        """An answer for each set of variables, decoded together; a problem stands in its place."""
        way = self._way(prompt)
        wanted = self._wanted(way, variables)
        waiting = list({id(one): one for one in wanted if one.answer is None}.values())
        for attempt in range(1, self._attempts + 1):
            self._ask(way, waiting)
            waiting = [one for one in waiting if one.again]
            if not waiting or attempt == self._attempts or self._left() <= self._pause:
                break
            time.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
            for one in waiting:
                one.correct(attempt)
        return [one.answer or ModelFailed("it was not asked") for one in wanted]

    def stream(self, prompt: Prompt, cancel: Event | None = None, **variables: Any) -> Iterator[TextPiece]:
        """One answer as it is written. The last piece carries the whole, which nobody has checked. Raises
        InvalidRequest or ModelError."""
        way = self._way(prompt)
        request = prompt.request(variables, adapter=way.adapter)
        if not self._affords(request.max_tokens):
            raise ModelFailed(SPENT)
        begun = self._clock()
        for piece in way.model.stream(request, self._deadline, cancel):
            if piece.result is not None:
                useful = int(not isinstance(_typed(prompt, piece.result)[0], ModelFailed))
                self._count(way, [piece.result], self._clock() - begun, useful)
            yield piece

    def name_of(self, prompt: Prompt) -> str:
        """The name of the model that a prompt is asked of, by its tier: ``MODEL``, or ``MODEL:ADAPTER``."""
        return self._way(prompt).name

    def refuse(self, prompt: Prompt, count: int = 1) -> None:
        """Count answers that proved wrong: the share of usable ones tells versions of a prompt apart."""
        self.metrics.refuse(prompt.label, self.name_of(prompt), count)

    def _way(self, prompt: Prompt) -> _Way:
        """Of whom a prompt is asked. A model without its adapter answers as it is, which is logged."""
        model, key = self.models.for_tier(prompt.tier), (prompt.tier, prompt.adapter)
        if prompt.adapter and key not in self._have:
            self._have[key] = prompt.adapter in model.adapters
            if not self._have[key]:
                logger.info("%s has no adapter %s: %s goes without", model.name, prompt.adapter, prompt.label)
        return _Way(prompt, model, prompt.adapter if self._have.get(key) else "")

    def _wanted(self, way: _Way, variables: Sequence[Variables]) -> list[_Wanted]:
        """One for each set of variables, the same one for equal sets where answers are kept."""
        cache = self.models.cache
        known: dict[str, _Wanted] = {}
        wanted = []
        for one in variables:
            key = key_of(way.model.name, way.prompt, one, way.adapter) if cache is not None else None
            made = known.get(key or "") or self._begun(way, one, key)
            if key:
                known[key] = made
            wanted.append(made)
        if hits := sum(one.remembered for one in known.values()):
            self._spend(way, Usage(remembered=hits))
        return wanted

    def _begun(self, way: _Way, variables: Variables, key: str | None) -> _Wanted:
        try:
            mark = new_mark(str(value) for value in variables.values())
            made = _Wanted(way.prompt.request(variables, mark, way.adapter), key, mark=mark)
        except InvalidRequest as error:
            return _Wanted(TextRequest([]), None, error)
        if key and self.models.cache is not None and (kept := self.models.cache.get(key)):
            answer, _ = _typed(way.prompt, kept)
            if not isinstance(answer, Problem):
                made.answer, made.remembered = answer, True
        return made

    def _ask(self, way: _Way, waiting: Sequence[_Wanted]) -> None:
        if not waiting:
            return
        if not self._affords(sum(one.request.max_tokens for one in waiting)):
            for one in waiting:
                one.answer, one.wrong = one.answer or ModelFailed(SPENT), None
            return
        begun = self._clock()
        results = way.model.generate_all([one.request for one in waiting], self._deadline)
        for one, result in zip(waiting, results, strict=True):
            one.answer, one.wrong = _typed(way.prompt, result, one.mark)
            if one.key and self.models.cache is not None and isinstance(result, TextResult) and one.keeps:
                self.models.cache.put(one.key, plain(result))
        useful = sum(not isinstance(one.answer, Problem) for one in waiting)
        self._count(way, results, self._clock() - begun, useful)

    def _affords(self, tokens: int) -> bool:
        return self._left() > 0 and self.spent.completion_tokens + tokens <= self._budget.tokens

    def _left(self) -> float:
        return self._deadline - self._clock()

    def _count(self, way: _Way, results: Sequence[object], seconds: float, useful: int) -> None:
        self._spend(way, usage_of(results, seconds, useful, self.models.prices.of(way.model.name)))

    def _spend(self, way: _Way, usage: Usage) -> None:
        self.spent.add(usage)
        self.metrics.add(way.prompt.label, way.name, usage)
        counts = usage.as_dict()
        logger.info(
            "%s asked with %s: %s",
            way.name,
            way.prompt.label,
            json.dumps(counts),
            extra={"counts": counts, "prompt": way.prompt.label, "model": way.name},
        )


@dataclass(frozen=True)
class _Way:
    """Of whom a prompt is asked."""

    prompt: Prompt
    model: TextModel
    adapter: str
    """The prompt's, where the model has it."""

    @property
    def name(self) -> str:
        """The model's, as endpoints have it: ``MODEL:ADAPTER``. With an adapter it does other things well."""
        return f"{self.model.name}:{self.adapter}" if self.adapter else self.model.name


@dataclass
class _Wanted:
    """An answer that is wanted."""

    request: TextRequest
    key: str | None
    """What it is kept under, where it may be."""
    answer: BaseModel | Problem | None = None
    wrong: str | None = None
    """What was written though it is of no use."""
    remembered: bool = False
    corrected: bool = False
    mark: str = ""
    """The code of its fences, which is nobody's business."""

    @property
    def again(self) -> bool:
        """Worth another try: nobody answered, or what was written is no use; a cut text is cut again."""
        return self.wrong is not None or (isinstance(self.answer, ModelError) and self.answer.retryable)

    @property
    def keeps(self) -> bool:
        """Whether the answer may be kept: it can be used, and is what the first asking gives."""
        return not self.corrected and not isinstance(self.answer, Problem)

    def correct(self, attempt: int) -> None:
        """Ask the same with what was wrong about the answer, and with a little chance, since the likeliest
        words were no use."""
        if self.wrong is None:
            return
        messages = [
            *self.request.messages,
            {"role": "assistant", "content": self.wrong[:_QUOTED]},
            {
                "role": "user",
                "content": f"That cannot be used: {self.answer}. Answer again, with JSON alone.",
            },
        ]
        warmer = max(self.request.temperature, 0.3)
        self.request = replace(self.request, messages=messages, temperature=warmer, seed=attempt)
        self.corrected = True


def _typed(
    prompt: Prompt, result: TextResult | Problem, mark: str = ""
) -> tuple[BaseModel | Problem, str | None]:
    """The answer, and the text of one that is of no use."""
    if isinstance(result, Problem):
        return result, None
    cut = result.finish in CUT
    if cut and not (prompt.partial and result.finish == "length"):
        return ModelFailed(f"the text was cut: {CUT[result.finish]} ended"), None
    try:
        if mark and mark in result.text:
            raise ValueError("it holds the tag of a fence")
        value = value_of(result.text, cut=cut) if result.parsed is None else result.parsed
        return prompt.output.model_validate(value), None
    except (ValueError, ValidationError) as error:
        problem = ModelFailed(f"it wrote no {prompt.output.__name__}: {_told(error)}")
        return problem, None if cut else result.text


def _told(error: ValueError) -> str:
    """What was wrong, in one line, without the value itself."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0]
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
