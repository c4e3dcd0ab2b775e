"""The TextModel port for an edge that has no model itself: each text is a job that is waited for.

The API's function in the cloud holds none; the one that does answers it within seconds (``workflow.texts``).
What is not written in time is given up, and its job cancelled: nobody would read it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Any, Final

from abax.errors import InvalidRequest, JobFinished, ModelError, ModelFailed, OutOfTime
from abax.ports import Job, JobState, TextModel, TextPiece, TextRequest, TextResult, unknown_adapter
from abax.workflow import jobs
from abax.workflow.context import Services, Texts
from abax.workflow.text_request import GenerateRequest
from abax.workflow.texts import SECONDS, order_text, result_of

_LEAST: Final = 1.0
"""Seconds with which it is worth while to begin."""


def model_of(services: Services, texts: Texts) -> TextModel:
    """The model in this process, else the one that texts are ordered of."""
    return texts.model or OrderedTexts(services, texts)


class OrderedTexts:
    """Texts of another function's model, one after the other."""

    def __init__(self, services: Services, texts: Texts) -> None:
        self._services = services
        self._texts = texts

    @property
    def name(self) -> str:
        """Whatever writes texts here; results name it."""
        return "the language model"

    @property
    def adapters(self) -> frozenset[str]:
        """None is known here."""
        return frozenset()

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text, ordered and waited for. Raises InvalidRequest, ModelFailed, OutOfTime."""
        if request.adapter:
            raise unknown_adapter(request.adapter, self.name, self.adapters)
        left = SECONDS if deadline is None else min(SECONDS, deadline - time.monotonic())
        if left < _LEAST:
            raise OutOfTime()
        job, _ = order_text(self._services.objects, self._services.jobs, _order(request))
        self._texts.runner.run(job.job_id, left)
        job = self._services.jobs.get(job.job_id)
        if job.state is JobState.SUCCEEDED:
            return _result(result_of(self._services.objects, job))
        if job.state is JobState.FAILED:
            raise ModelFailed((job.error or {}).get("message", "it ended without a word"))
        self._give_up(job)
        raise ModelFailed("it took longer than an answer can wait")

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """One after the other, as far as time goes."""
        found: list[TextResult | InvalidRequest | ModelError] = []
        for request in requests:
            try:
                found.append(self.generate(request, deadline))
            except (InvalidRequest, ModelError) as error:
                found.append(error)
        return found

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """In one piece."""
        result = self.generate(request, deadline)
        if cancel is None or not cancel.is_set():
            yield TextPiece(result.text, result)

    def _give_up(self, job: Job) -> None:
        try:
            jobs.cancel(self._services, job.job_id)
        except JobFinished:
            return  # just now: too late all the same


def _order(request: TextRequest) -> GenerateRequest:
    return GenerateRequest.model_validate(
        {
            "messages": [dict(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "stop": list(request.stop),
            "schema": request.schema,
            "source": request.source,
        }
    )


def _result(content: Mapping[str, Any]) -> TextResult:
    names = ("text", "finish", "model", "parsed", "prompt_tokens", "completion_tokens", "cached_tokens")
    return TextResult(**{name: content[name] for name in names})
