"""The one way to a model for all that has a prompt: retries, a budget, typed answers, counted tokens."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from abax.errors import InvalidRequest, ModelError, ModelFailed
from abax.ports import TextModel, TextRequest, TextResult
from abax.writing.prompts import Prompt

logger = logging.getLogger("abax.writing")

Variables = Mapping[str, str]
Problem = InvalidRequest | ModelError

CUT: Final = {"length": "its tokens", "deadline": "its time", "cancelled": "the call"}
"""How a text can end early, and what ended."""


@dataclass(frozen=True)
class Budget:
    """What a piece of work may spend."""

    seconds: float
    tokens: int
    """Completion tokens; a call is made only while its most fits."""


@dataclass
class Spent:
    """What has been spent so far."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


class Client:
    """Asks a model with registered prompts. One for one piece of work; not for several threads."""

    def __init__(
        self,
        model: TextModel,
        budget: Budget,
        attempts: int = 2,
        pause: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What cannot be reached, or writes what cannot be used, is asked up to ``attempts`` times, the first
        time after ``pause`` seconds, while the budget lasts."""
        self.model = model
        self.spent = Spent()
        self._budget = budget
        self._attempts = attempts
        self._pause = pause
        self._clock = clock
        self._deadline = clock() + budget.seconds

    def ask(self, prompt: Prompt, **variables: str) -> BaseModel:
        """One answer of the prompt's type. Raises InvalidRequest or ModelError."""
        [answer] = self.ask_all(prompt, [variables])
        if isinstance(answer, Problem):
            raise answer
        return answer

    def ask_all(self, prompt: Prompt, variables: Sequence[Variables]) -> list[BaseModel | Problem]:
        """An answer for each set of variables, decoded together; a problem stands in its place."""
        requests = [prompt.request(one) for one in variables]
        answers: list[BaseModel | Problem] = [ModelFailed("it was not asked")] * len(requests)
        waiting = list(range(len(requests)))
        for attempt in range(1, self._attempts + 1):
            for place, answer in zip(
                waiting, self._asked(prompt, [requests[p] for p in waiting]), strict=True
            ):
                answers[place] = answer
            waiting = [place for place in waiting if _again(answers[place])]
            if not waiting or attempt == self._attempts or self._left() <= self._pause:
                break
            time.sleep(self._pause)
            requests = [_varied(request, attempt) for request in requests]
        return answers

    def _asked(self, prompt: Prompt, requests: list[TextRequest]) -> list[BaseModel | Problem]:
        most = sum(request.max_tokens for request in requests)
        if self._left() <= 0 or self.spent.completion_tokens + most > self._budget.tokens:
            return [ModelFailed("the budget for words is spent")] * len(requests)
        begun = self._clock()
        results = self.model.generate_all(requests, self._deadline)
        self._count(prompt, results, self._clock() - begun)
        return [_typed(prompt, result) for result in results]

    def _left(self) -> float:
        return self._deadline - self._clock()

    def _count(self, prompt: Prompt, results: Sequence[TextResult | Problem], seconds: float) -> None:
        texts = [result for result in results if isinstance(result, TextResult)]
        counts = {
            "calls": len(results),
            "prompt_tokens": sum(text.prompt_tokens for text in texts),
            "completion_tokens": sum(text.completion_tokens for text in texts),
            "seconds": round(seconds, 3),
        }
        for name, count in counts.items():
            setattr(self.spent, name, getattr(self.spent, name) + count)
        logger.info(
            "%s asked with %s: %s",
            self.model.name,
            prompt.label,
            json.dumps(counts),
            extra={"counts": counts},
        )


def _typed(prompt: Prompt, result: TextResult | Problem) -> BaseModel | Problem:
    if isinstance(result, Problem):
        return result
    if result.finish in CUT:
        return ModelFailed(f"the text was cut: {CUT[result.finish]} ended")
    try:
        value: Any = json.loads(result.text) if result.parsed is None else result.parsed
        return prompt.output.model_validate(value)
    except (ValueError, ValidationError) as error:
        first = str(error).splitlines()[0]
        return ModelFailed(f"it wrote no {prompt.output.__name__}: {first}")


def _again(answer: BaseModel | Problem) -> bool:
    """Worth another try: nobody answered, or what was written is unusable; a cut text would be cut again."""
    if isinstance(answer, ModelFailed):
        return "it wrote no" in str(answer)
    return isinstance(answer, ModelError) and answer.retryable


def _varied(request: TextRequest, attempt: int) -> TextRequest:
    """The same with a little chance, since the likeliest words were no use."""
    return replace(request, temperature=max(request.temperature, 0.3), seed=attempt)
