"""Answers that were given before: the same prompt, input and model at temperature 0 are not asked twice.

What is kept is the model's text with its counts, never a typed value: it is checked again when it is read.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Final, Protocol

from abax.ports import RecordStore, TextResult
from abax.writing.prompts import Prompt

SPACE: Final = "answers"
"""The space of the record store that answers are kept in."""
SECONDS: Final = 24 * 3600.0
MOST: Final = 1000


class AnswerCache(Protocol):
    """Answers by key; one that is too old is none."""

    def get(self, key: str) -> TextResult | None:
        """The answer, if there is one."""

    def put(self, key: str, answer: TextResult) -> None:
        """Keep an answer."""


def key_of(model: str, prompt: Prompt, variables: Mapping[str, Any], adapter: str = "") -> str | None:
    """The key of an answer: a hash of model, adapter, prompt version and input. None where chance has a part
    in it."""
    if prompt.temperature > 0:
        return None
    told = json.dumps(
        [model, adapter, prompt.label, variables], sort_keys=True, default=str, ensure_ascii=False
    )
    return hashlib.sha256(told.encode()).hexdigest()


class MemoryCache:
    """In this process: the answers used last, for so long. May be used from several threads."""

    def __init__(
        self, most: int = MOST, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, TextResult]] = OrderedDict()

    def get(self, key: str) -> TextResult | None:
        """The answer, unless it is too old or was pushed out."""
        with self._lock:
            at, answer = self._kept.get(key, (0.0, None))
            if answer is None:
                return None
            if self._clock() - at > self._seconds:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return answer

    def put(self, key: str, answer: TextResult) -> None:
        """Keep it; the one that was not used for longest makes room."""
        with self._lock:
            self._kept[key] = (self._clock(), answer)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class RecordCache:
    """In a record store, for all processes that share it."""

    def __init__(
        self, records: RecordStore, seconds: float = SECONDS, clock: Callable[[], float] = time.time
    ) -> None:
        """``clock`` counts seconds since 1970, on which several machines agree."""
        self._records = records
        self._seconds = seconds
        self._clock = clock

    def get(self, key: str) -> TextResult | None:
        """The answer; one that is too old is deleted."""
        item = self._records.get(SPACE, key)
        if item is None:
            return None
        if self._clock() - float(item["at"]) > self._seconds:
            self._records.delete(SPACE, key)
            return None
        return TextResult(
            text=str(item["text"]),
            finish=str(item["finish"]),
            model=str(item["model"]),
            prompt_tokens=int(item["prompt_tokens"]),
            completion_tokens=int(item["completion_tokens"]),
            adapter=str(item.get("adapter", "")),
        )

    def put(self, key: str, answer: TextResult) -> None:
        """Keep its text and counts."""
        item = {
            "at": int(self._clock()),
            "text": answer.text,
            "finish": answer.finish,
            "model": answer.model,
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
            "adapter": answer.adapter,
        }
        self._records.put(SPACE, key, item)


def plain(answer: TextResult) -> TextResult:
    """An answer as a cache keeps it: without its parsed value, and as if it had taken no time."""
    return replace(answer, parsed=None, cached_tokens=0, timings={})
