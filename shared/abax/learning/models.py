"""A text model whose adapters are those of the registry: which version answers, the rollout says.

A request names an adapter, such as ``extract``. The version that answers it is live, or gets a share of the
work; a shadow answers beside it, in the same pass over the weights, and nobody hears it. What became of each
is kept while a version is watched. Where no version is live, what ships answers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final, Protocol

from abax.errors import InvalidRequest, ModelError, OutOfTime, StorageError
from abax.learning import watch
from abax.learning.registry import Entry, Registry
from abax.learning.rollout import SHADOWED, Choice, Plan, Seen, choose, differing
from abax.ports import RecordStore, TextModel, TextPiece, TextRequest, TextResult

logger = logging.getLogger("abax.learning")

REFRESH: Final = 60.0
"""Seconds after which the registry is looked into again."""

Outcome = TextResult | InvalidRequest | ModelError


class Closable(TextModel, Protocol):
    """A text model that holds memory."""

    def close(self) -> None:
        """Give it back."""


Make = Callable[[Sequence[Path]], Closable]
"""A model with these adapter files besides its own, each named by its file."""


@dataclass
class _Open:
    """A model with the versions of a moment."""

    model: Closable
    labels: frozenset[str]
    plans: Mapping[str, Plan]
    users: int = 0
    replaced: bool = False


@dataclass(frozen=True)
class _Asked:
    """A request, and who answers it."""

    request: TextRequest
    choice: Choice
    name: str
    """The adapter that it named."""
    key: str
    watched: bool


@dataclass(eq=False)
class RollingModel:
    """The TextModel port on another one, with the adapters of a registry. For several threads, too."""

    make: Make
    registry: Registry
    records: RecordStore
    folder: Path
    """Where files of adapters are kept on this machine."""
    shadowed: float = SHADOWED
    """Share of the requests that a shadow answers as well."""
    refresh: float = REFRESH
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _now: _Open | None = None
    _looked: float = 0.0

    @property
    def name(self) -> str:
        """The model's own; neither it nor the registry is opened for it."""
        return self.make(()).name

    @property
    def adapters(self) -> frozenset[str]:
        """Those that it has of its own, and the names of the registry that have a live version."""
        with self._using() as now:
            own = {name for name in now.model.adapters if name not in now.labels}
            return frozenset(own | {name for name, plan in now.plans.items() if plan.live is not None})

    def generate(self, request: TextRequest, deadline: float | None = None) -> TextResult:
        """One text. Raises InvalidRequest, ModelError."""
        [result] = self.generate_all([request], deadline)
        if isinstance(result, TextResult):
            return result
        raise result

    def generate_all(
        self, requests: Sequence[TextRequest], deadline: float | None = None
    ) -> list[TextResult | InvalidRequest | ModelError]:
        """Several texts, with the shadows' beside them."""
        with self._using() as now:
            asked = [self._asked(now, request) for request in requests]
            shadows = [one for one in asked if one.choice.shadow is not None]
            sent = [_with(one.request, one.choice.answers) for one in asked]
            beside = [_with(one.request, one.choice.shadow) for one in shadows]
            made = now.model.generate_all([*sent, *beside], deadline)
            results = [
                self._heard(now, one, result, deadline)
                for one, result in zip(asked, made[: len(asked)], strict=True)
            ]
            heard = {id(one): result for one, result in zip(asked, results, strict=True)}
            for one, result in zip(shadows, made[len(asked) :], strict=True):
                self._shadowed(one, heard[id(one)], result)
            return results

    def stream(
        self, request: TextRequest, deadline: float | None = None, cancel: Event | None = None
    ) -> Iterator[TextPiece]:
        """One text as it is written, by the version whose turn it is, without a shadow."""
        with self._using() as now:
            asked = self._asked(now, request)
            for piece in now.model.stream(_with(request, asked.choice.answers), deadline, cancel):
                if piece.result is not None:
                    self._keep(asked, asked.choice.answers, piece.result)
                yield piece

    def close(self) -> None:
        """Give the memory back; the next request opens the model again."""
        with self._lock:
            now, self._now = self._now, None
        if now is not None:
            now.replaced = True
            _close_unused(now)

    # --- one request ---

    def _asked(self, now: _Open, request: TextRequest) -> _Asked:
        plan = now.plans.get(request.adapter)
        if plan is None:
            return _Asked(request, Choice(None), request.adapter, "", watched=False)
        key = key_of(request)
        choice = choose(plan, key, self.shadowed)
        return _Asked(
            request, choice, request.adapter, key, watched=plan.live is not None or plan.trial is not None
        )

    def _heard(self, now: _Open, asked: _Asked, result: Outcome, deadline: float | None) -> Outcome:
        """The answer that counts: where a version on trial has none, that of the live one."""
        answers = asked.choice.answers
        self._keep(asked, answers, result)
        if answers is None or not answers.status.on_trial or isinstance(result, TextResult | OutOfTime):
            return result
        plan = now.plans[asked.name]
        logger.warning("%s gave no answer, the live version is asked: %s", answers.label, result)
        [again] = now.model.generate_all([_with(asked.request, plan.live)], deadline)
        return again

    def _shadowed(self, asked: _Asked, heard: Outcome, result: Outcome) -> None:
        differs: list[str] = []
        if isinstance(heard, TextResult) and isinstance(result, TextResult):
            differs = differing(_value(heard), _value(result))
        self._keep(asked, asked.choice.shadow, result, shadow=True, differs=tuple(differs))

    def _keep(
        self,
        asked: _Asked,
        entry: Entry | None,
        result: Outcome,
        *,
        shadow: bool = False,
        differs: tuple[str, ...] = (),
    ) -> None:
        """Keep what became of it. What runs out of time says nothing of a version. That it cannot be kept
        costs nobody his answer."""
        if not asked.watched or isinstance(result, OutOfTime):
            return
        version = entry.version if entry else 0
        failed = not isinstance(result, TextResult) or (
            asked.request.schema is not None and result.parsed is None and result.finish == "stop"
        )
        seen = Seen(version, asked.key, datetime.now(UTC), shadow, failed, differs)
        try:
            watch.keep(self.records, asked.name, seen)
        except StorageError as error:
            logger.error("what %s %s answered is not kept: %s", asked.name, version, error)

    # --- the versions of the moment ---

    @contextmanager
    def _using(self) -> Iterator[_Open]:
        """The model with the versions of now; it stays open as long as somebody uses it."""
        with self._lock:
            now = self._current()
            now.users += 1
        try:
            yield now
        finally:
            with self._lock:
                now.users -= 1
            _close_unused(now)

    def _current(self) -> _Open:
        if self._now is not None and self.clock() - self._looked < self.refresh:
            return self._now
        self._looked = self.clock()
        try:
            plans = {name: Plan.of(self.registry.book(name)) for name in self.registry.names()}
        except StorageError as error:
            logger.error("the registry of adapters cannot be read, the versions stay as they are: %s", error)
            plans = dict(self._now.plans) if self._now else {}
        return self._with_plans(plans)

    def _with_plans(self, plans: Mapping[str, Plan]) -> _Open:
        files = self._files(plans)
        usable = {name: _usable(plan, files) for name, plan in plans.items()}
        labels = frozenset(files)
        if self._now is not None and labels == self._now.labels:
            self._now.plans = usable
            return self._now
        before, self._now = self._now, _Open(self.make(list(files.values())), labels, usable)
        if before is not None:
            before.replaced = True
            _close_unused(before)
        return self._now

    def _files(self, plans: Mapping[str, Plan]) -> dict[str, Path]:
        """The files of all versions that may answer, by their labels; one that is damaged is left out."""
        found = {}
        for plan in plans.values():
            for entry in (plan.live, plan.trial):
                if entry is None:
                    continue
                try:
                    found[entry.label] = self.registry.file(entry, self.folder)
                except StorageError as error:
                    logger.error("%s cannot answer: %s", entry.label, error)
        return found


def key_of(request: TextRequest) -> str:
    """What a request is about: its key, or a hash of its messages."""
    if request.key:
        return request.key
    told = json.dumps([dict(one) for one in request.messages], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _close_unused(now: _Open) -> None:
    if now.replaced and now.users == 0:
        now.model.close()


def _usable(plan: Plan, files: Mapping[str, Path]) -> Plan:
    """Without versions whose files are not there."""
    live, trial = (one if one and one.label in files else None for one in (plan.live, plan.trial))
    return replace(plan, live=live, trial=trial)


def _with(request: TextRequest, entry: Entry | None) -> TextRequest:
    """The request to a version; to what ships it goes as it is."""
    return replace(request, adapter=entry.label) if entry is not None else request


def _value(result: TextResult) -> Any:
    return result.text.strip() if result.parsed is None else result.parsed
