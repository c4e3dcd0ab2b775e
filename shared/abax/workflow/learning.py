"""Adapters that learn, step by step: the same steps under the state machine and in edge mode.

::

    status ─► (train) ─► register ─► (judge) ─► judge ─┬─► shadow ─► watch ─► share ─► watch ─► live ─► watch
      └─ nothing is due, or nobody trains              └─► refused      └─────────┴── roll_back ──┴────┘

A trainer works between the steps: a container task, or a machine of the house that takes orders off a queue.
Every step may run twice: orders are made and answered once, a version is registered once, and a step that was
taken is found taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from abax.errors import AbaxError, InvalidRequest, NotFound
from abax.learning import orders, watch
from abax.learning.guard import decide
from abax.learning.orders import Answer, Order, Task
from abax.learning.practice import Practice
from abax.learning.registry import Book, Entry, Registry, Status, file_key
from abax.learning.rollout import Counts, Course, Verdict, counts_of, verdict
from abax.learning.status import Report, learnt_until, report, reports
from abax.ports import ObjectStore, RecordStore
from abax.workflow import learnt

logger = logging.getLogger("abax.learning")

BY: Final = "abax"
"""Who changes the registry where no person does."""
PHASES: Final = (Status.SHADOW, Status.SHARE, Status.LIVE)


@dataclass(frozen=True)
class LearningContext:
    """What continuous learning works with."""

    objects: ObjectStore
    records: RecordStore
    practice: Practice = field(default_factory=Practice)
    trainer: str = ""
    """How a trainer is reached: ``task``, ``queue``, ``here``; nobody trains where it is empty."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def registry(self) -> Registry:
        """Of the house."""
        return Registry(self.objects, self.clock)


def all_reports(context: LearningContext) -> list[Report]:
    """What was handled and corrected since the last training, by adapter."""
    registry = context.registry
    books = {name: registry.book(name) for name in registry.names()}
    return reports(learnt.handled(context.objects, context.records), books, context.practice.threshold)


# --- steps ----------------------------------------------------------------------------------------------


def status(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Whether an adapter is to be trained, and by whom; if so, the order is made. ``force`` trains without
    being due."""
    name = _name(event)
    book = context.registry.book(name)
    since = learnt_until(book)
    found = report(name, learnt.handled(context.objects, context.records), since, context.practice.threshold)
    due = found.due or ("it was asked for" if event.get("force") else "")
    told = {"name": name, "why": due, "order": "", "total": found.total.as_dict()}
    if not due:
        return {**told, "way": "idle", "why": "nothing is due"}
    if why := _busy(context, book):
        return {**told, "way": "busy", "why": why}
    if not context.trainer:
        return {**told, "way": "untrained", "why": f"{due}; no trainer is registered"}
    order = _order(context, book, Task.TRAIN, why=due, since=since)
    return {**told, "way": context.trainer, "order": order.id}


def _busy(context: LearningContext, book: Book) -> str:
    """Why nothing is trained now; empty where something may be."""
    if book.trial is not None:
        return f"version {book.trial.version} is being tried out ({book.trial.status})"
    under_way = _under_way(context, book.name)
    return f"order {under_way.id} is being worked on" if under_way is not None else ""


def _under_way(context: LearningContext, name: str) -> Order | None:
    """The newest order that somebody may be at."""
    objects, now = context.objects, context.clock()
    found = [one for one in orders.all_of(objects, name) if orders.is_open(objects, one, now)]
    return found[-1] if found else None


def _order(context: LearningContext, book: Book, task: Task, **others: Any) -> Order:
    now = context.clock()
    live = book.live.version if book.live else None
    name = f"{now:%Y%m%dT%H%M%S}-{task}"
    return orders.place(
        context.objects, Order(id=name, task=task, name=book.name, at=now, parent=live, **others)
    )


def register(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Make what a training gave a version, and order that it be judged."""
    name = _name(event)
    trained = orders.get(context.objects, name, str(event.get("order")))
    lineage = orders.answer_of(context.objects, trained).lineage
    if lineage is None:
        raise InvalidRequest(f"order {trained.id} has no adapter for an answer", "order")
    path = context.objects.fetch(file_key(name, lineage.file_sha256))
    entry, is_new = context.registry.add(path, lineage, BY)
    if not is_new:
        logger.info("%s was registered before", entry.label)
    live = context.registry.book(name).live
    order = Order(
        id=f"{trained.id}-{Task.JUDGE}",
        task=Task.JUDGE,
        name=name,
        at=context.clock(),
        version=entry.version,
        parent=live.version if live else None,
    )
    return {"version": entry.version, "order": orders.place(context.objects, order).id}


def judge(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Let the guard look at what the frozen evaluations say of a candidate."""
    name, version = _name(event), _version(event)
    entry = context.registry.book(name).get(version)
    if entry.decision is None:
        order = orders.get(context.objects, name, str(event.get("order")))
        given = orders.answer_of(context.objects, order)
        practice = context.practice
        decision = decide(
            given.candidate,
            given.other,
            against=order.parent,
            tolerance=practice.tolerance,
            alpha=practice.alpha,
        )
        entry = context.registry.judge(name, version, decision, BY)
    assert entry.decision is not None
    logger.info("%s: %s", entry.label, "; ".join(entry.decision.reasons))
    return {"accepted": entry.decision.accepted, "why": "; ".join(entry.decision.reasons)}


def phase(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Let a version take the step that the event is named after: shadow, share or live."""
    status = Status(str(event["step"]))
    share = context.practice.share if status is Status.SHARE else 0.0
    why = str(event.get("why", ""))
    entry = context.registry.move(_name(event), _version(event), status, by=BY, why=why, share=share)
    return {"phase": str(entry.status), "wait_seconds": context.practice.look_seconds}


def look(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """What is to become of a version that is watched: ``on``, ``stay``, ``back``, or ``gone`` where somebody
    has taken it out of the phase."""
    book = context.registry.book(_name(event))
    entry = book.get(_version(event))
    if entry.status not in PHASES or str(event.get("phase", entry.status)) != entry.status:
        return {"course": "gone", "why": f"it is {entry.status} by now"}
    found = watched(context, book, entry)
    return {"course": str(found.course), "why": found.why}


def watched(context: LearningContext, book: Book, entry: Entry) -> Verdict:
    """What was counted of a version since its phase began, beside the one that it is to replace, or has."""
    is_live = entry.status is Status.LIVE
    other = book.before if is_live else book.live
    corrected = learnt.corrected_keys(context.objects, context.records, book.name)
    began = next((one.at for one in entry.history if one.status in PHASES), entry.since)
    ours = _counts(context, book, entry.version, entry.since, corrected)
    theirs = _counts(context, book, other.version if other else 0, began, corrected)
    waited = context.clock() - entry.since
    return verdict(ours, theirs, context.practice.limits, waited, live=is_live)


def _counts(
    context: LearningContext, book: Book, version: int, since: datetime, corrected: frozenset[str]
) -> Counts:
    return counts_of(watch.kept(context.records, book.name, version), version, since, corrected)


def roll_back(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Take a version back; the one that was live before is so again."""
    name, version = _name(event), _version(event)
    why = str(event.get("why") or "no reason was given")
    by = str(event.get("by") or BY)
    context.registry.move(name, version, Status.ROLLED_BACK, by=by, why=why)
    live = context.registry.book(name).live
    logger.warning("%s %s was rolled back: %s", name, version, why)
    return {"live": live.version if live else None}


def give_up(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """Write down that the orders of an execution came to nothing, and take back its version, if it is being
    tried out. ``state`` is what the execution knew by then."""
    name, error = _name(event), dict(event.get("error") or {})
    known = [dict(event.get("state") or {}).get(part) or {} for part in ("status", "candidate")]
    now = context.clock()
    for order_id in filter(None, (part.get("order") for part in known)):
        order = orders.get(context.objects, name, str(order_id))
        if orders.is_open(context.objects, order, now):
            orders.fail(context.objects, order, error)
    trial = context.registry.book(name).trial
    if trial is not None and trial.version == known[1].get("version"):
        why = str(error.get("message", error))
        roll_back(context, {"name": name, "version": trial.version, "why": why})
    return {"name": name, "error": error}


Step = Callable[[LearningContext, Mapping[str, Any]], dict[str, Any]]
STEPS: Final[dict[str, Step]] = {
    "status": status,
    "register": register,
    "judge": judge,
    "shadow": phase,
    "share": phase,
    "live": phase,
    "watch": look,
    "roll_back": roll_back,
    "give_up": give_up,
}


def run_step(context: LearningContext, event: Mapping[str, Any]) -> dict[str, Any]:
    """One step: ``{"step": …, "name": …}``, with the ``version`` or ``order`` that it is about.

    Raises:
        InvalidRequest: the event names no step, or not what the step is about.
        AbaxError: whatever the step itself finds wrong.
    """
    step = STEPS.get(str(event.get("step")))
    if step is None:
        raise InvalidRequest(f"{event.get('step')!r} is no step; use one of {', '.join(STEPS)}", "step")
    return step(context, event)


def _name(event: Mapping[str, Any]) -> str:
    name = str(event.get("name") or "")
    if not name:
        raise InvalidRequest("names no adapter, such as extract", "name")
    return name


def _version(event: Mapping[str, Any]) -> int:
    version = event.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise InvalidRequest(f"{version!r} is no version", "version")
    return version


# --- in one process -------------------------------------------------------------------------------------


def advance(
    context: LearningContext, name: str, work: Callable[[Order], Answer], *, force: bool = False
) -> dict[str, Any]:
    """Do what is next for an adapter, here and now, as the state machine would: watch what is tried out, or
    else train where it is due, or where that is wanted by ``force``. What was done, and why.

    Raises:
        TrainingFailed: what trains or judges ended with an error; the order says so, too.
        PutBack: the work was told to stop; the next call goes on with it.
    """
    book = context.registry.book(name)
    entry = book.trial or _fresh(context, book)
    if entry is not None and (found := _next_phase(context, book, entry)):
        return found
    if book.trial is not None:
        return {"done": "nothing", "why": f"{book.trial.label} is being watched"}
    order = _under_way(context, name) if context.trainer == "here" else None  # of a process that was stopped
    if order is None:
        told = status(context, {"name": name, "force": force})
        if told["way"] != "here":
            return {"done": "nothing", "why": told["why"]}
        order = orders.get(context.objects, name, told["order"])
    if order.task is Task.TRAIN:
        _worked(context, work, order)
        made = register(context, {"name": name, "order": order.id})
        order = orders.get(context.objects, name, made["order"])
    _worked(context, work, order)
    judged = judge(context, {"name": name, "version": order.version, "order": order.id})
    version = {"version": order.version, "why": judged["why"]}
    if not judged["accepted"]:
        return {"done": "refused", **version}
    phase(context, {"step": "shadow", "name": name, **version})
    return {"done": "shadow", **version}


def _fresh(context: LearningContext, book: Book) -> Entry | None:
    """The live version, while it is young enough to be watched."""
    live = book.live
    if live is None or context.clock() - live.since > context.practice.limits.patience:
        return None
    return live


def _next_phase(context: LearningContext, book: Book, entry: Entry) -> dict[str, Any] | None:
    """Take the next step of a trial, or take it back; None where it stays as it is."""
    if (context.clock() - entry.since).total_seconds() < context.practice.look_seconds:
        return None
    found = watched(context, book, entry)
    event = {"name": book.name, "version": entry.version, "why": found.why}
    if found.course is Course.BACK:
        return {"done": "rolled back", **event, **roll_back(context, event)}
    if found.course is Course.STAY or entry.status is Status.LIVE:
        return None
    step = str(PHASES[PHASES.index(entry.status) + 1])
    phase(context, {"step": step, **event})
    return {"done": step, **event}


def _worked(context: LearningContext, work: Callable[[Order], Answer], order: Order) -> None:
    try:
        work(order)
    except AbaxError as error:
        orders.fail(context.objects, order, error.as_dict())
        raise


def publish(context: LearningContext, name: str, version: int, by: str) -> Entry:
    """A person's word: the next step of a version: a candidate becomes a shadow, a shadow gets a share, a
    share goes live, and a retired one is live again. Raises NotFound, NotPublishable."""
    entry = context.registry.book(name).get(version)
    following = {Status.SHADOW: Status.SHARE, Status.SHARE: Status.LIVE, Status.RETIRED: Status.LIVE}
    to = following.get(entry.status, Status.SHADOW)
    share = context.practice.share if to is Status.SHARE else 0.0
    return context.registry.move(name, version, to, by=by, why="published by a person", share=share)


def take_back(context: LearningContext, name: str, by: str, why: str) -> Entry:
    """A person's word: what is tried out, or else what is live, is rolled back. Raises NotFound where there
    is neither."""
    book = context.registry.book(name)
    entry = book.trial or book.live
    if entry is None:
        raise NotFound(f"no version of {name!r} is tried out or live: what ships answers")
    return context.registry.move(name, entry.version, Status.ROLLED_BACK, by=by, why=why)
