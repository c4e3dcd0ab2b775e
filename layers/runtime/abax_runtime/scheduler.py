"""Continuous batching: requests queue, join free slots, share each step, and leave as they finish.

One thread owns the context. Each of its turns: admit, drop what was given up, plan the rows of one step,
evaluate them, hand every task its logits.

- Running texts go first, each with its pending tokens and a draft; prompts get what is left of the batch, and
  no more than a part of it while texts are running, so that a long prompt does not hold them up.
- A slot remembers the tokens it holds. A new request takes the free slot that shares most with its prompt,
  or gets a copy of what is shared; from a busy slot, as soon as it is there.
- An error ends the request that it belongs to, and no other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, deque
from functools import partial

from abax_runtime.errors import DeadlinePassed, InvalidModel, RuntimeFault
from abax_runtime.pace import Pace
from abax_runtime.record import TYPE_CHECKING, Record
from abax_runtime.task import Rows, Task, shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from abax_runtime.adapter import Adapter
    from abax_runtime.context import Context
    from abax_runtime.prefix import StoredPrefix

    T = TypeVar("T")

GUESSES = 15
"""Draft rows of a step, shared by all texts that are running; with a text's own row they are 16."""

PROMPT_SHARE = 4
"""Prompts get at most one in this many of the batch's rows while texts are running…"""

PAUSE = 0.15
"""…and at most as many as take so many seconds…"""

LEAST_ROWS = 8
"""…but not less than these."""

WORTH_COPYING = 16
"""Tokens that another slot must share beyond what the chosen one has."""

FIRST_STEP = 32
"""Rows of the very first step where somebody has a deadline: it tells how fast this machine is."""


class Slot:
    """A sequence of the context: the tokens it holds, and the task at work in it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.task: Task | None = None
        self.left = 0.0
        self.kept: list[int] = []
        """Tokens that the last task has left here."""
        self.adapter: Adapter | None = None
        """What their state was computed with."""

    @property
    def held(self) -> list[int]:
        """The tokens whose state is there."""
        return self.kept if self.task is None else self.task.tokens[: self.task.evaluated]

    def take(self, task: Task) -> None:
        """Gives the slot to a task, whose state goes on from what is there."""
        self.task, self.adapter = task, task.adapter

    def shares(self, task: Task, tokens: list[int]) -> int:
        """How many first ``tokens`` of this slot's are a task's too, and computed with its adapter."""
        return shared(tokens, task.tokens) if self.adapter is task.adapter else 0

    def release(self, valid: bool) -> Task:
        """Sends the task off; its tokens stay for whoever shares a beginning with them, if they are valid."""
        assert self.task is not None, "the slot is free"
        self.kept = self.held if valid else []
        task, self.task, self.left = self.task, None, time.monotonic()
        return task


class Donor(Record):
    """A busy slot that has, or will soon have, the beginning of another task's prompt."""

    slot: Slot
    task: Task
    length: int


class Call:
    """Something to be done by the scheduler's thread, and its answer."""

    def __init__(self, function: Callable[[], Any], rows: int = 0) -> None:
        self._function, self.rows = function, rows
        self._answer: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def run(self) -> None:
        """Does it."""
        try:
            self._answer.put((self._function(), None))
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            self.refuse(error)

    def refuse(self, error: Exception) -> None:
        """Answers with an error."""
        self._answer.put((None, error))

    def result(self) -> Any:
        """Waits for the answer; raises the error."""
        value, error = self._answer.get()
        if error is not None:
            raise error
        return value


class Statistics(Record):
    """What the scheduler did since it began, and what it is at."""

    running: int
    queued: int
    slots: int
    steps: int
    rows: int
    step_seconds: float
    finished: dict[str, int]
    """Requests by how they ended; errors by their code."""


class Scheduler:
    """Runs requests on a context of several sequences, from a thread of its own."""

    def __init__(self, context: Context) -> None:
        self._context, self._batch = context, context.batch
        self._slots = [Slot(number) for number in range(context.sequences)]
        self._queue: deque[tuple[Task, StoredPrefix | None]] = deque()
        self._calls: deque[Call] = deque()
        self._donors: dict[Task, Donor] = {}
        self._pace = Pace()
        self._steps = self._rows = 0
        self._seconds = 0.0
        self._finished: Counter[str] = Counter()
        self._closing: RuntimeFault | None = None
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="abax-scheduler", daemon=True)
        self._thread.start()

    def submit(self, task: Task, prefix: StoredPrefix | None = None) -> None:
        """Queues a task; its ticket gets the pieces."""
        with self._wake:
            self._refuse_when_closed()
            self._queue.append((task, prefix))
            self._wake.notify()

    def call(self, function: Callable[[list[Slot]], T]) -> T:
        """Runs a function between two steps, alone with the context, and returns what it returns."""
        answer: T = self._asked(Call(lambda: function(self._slots)))
        return answer

    def with_slot(self, function: Callable[[Slot], T], rows: int) -> T:
        """The same, with a free slot whose content the function may spoil, as soon as there is one.

        ``rows``: how many it will evaluate, for those who have a deadline.
        """
        answer: T = self._asked(Call(lambda: function(self._spare_slot()), rows))
        return answer

    def _asked(self, call: Call) -> Any:
        with self._wake:
            self._refuse_when_closed()
            self._calls.append(call)
            self._wake.notify()
        return call.result()

    def statistics(self) -> Statistics:
        """A view of the work, from any thread."""
        running = sum(slot.task is not None for slot in self._slots)
        finished = dict(self._finished)
        slots = len(self._slots)
        return Statistics(running, len(self._queue), slots, self._steps, self._rows, self._seconds, finished)

    def close(self) -> None:
        """Ends what is running or queued as cancelled, and the thread."""
        with self._wake:
            self._closing = self._closing or RuntimeFault("the engine is closed")
            self._wake.notify()
        self._thread.join()

    def _refuse_when_closed(self) -> None:
        if self._closing is not None:
            raise self._closing

    # --- the thread ---

    def _run(self) -> None:
        try:
            while self._wait_for_work():
                self._turn()
        except Exception as error:  # noqa: BLE001 - nobody is above this thread: those who wait must hear of it
            self._closing = RuntimeFault(f"the scheduler stopped: {error!r}")
            self._fail_everything(error)
        self._drop_everything()

    def _wait_for_work(self) -> bool:
        with self._wake:
            while not (self._closing or self._queue or self._calls or self._tasks()):
                self._wake.wait()
        return self._closing is None

    def _turn(self) -> None:
        self._answer_calls()
        self._admit()
        self._drop_given_up()
        began = time.monotonic()
        step = self._plan()
        if step and self._evaluate(step):
            self._note(sum(len(rows.tokens) for rows in step), time.monotonic() - began)
        self._release_done()

    def _answer_calls(self) -> None:
        """Answers what was asked between steps; what needs a slot waits until one is free."""
        for call in list(self._calls):
            if not call.rows or any(slot.task is None for slot in self._slots):
                self._calls.remove(call)
                self._end_late(call.rows)
                call.run()

    def _spare_slot(self) -> Slot:
        """The free slot that was left longest ago; what it holds is forgotten."""
        slot = min((slot for slot in self._slots if slot.task is None), key=lambda slot: slot.left)
        slot.kept, slot.left = [], time.monotonic()
        return slot

    def _tasks(self) -> list[Task]:
        return [slot.task for slot in self._slots if slot.task is not None]

    def _note(self, rows: int, seconds: float) -> None:
        self._pace.note(rows, seconds)
        self._steps, self._rows, self._seconds = self._steps + 1, self._rows + rows, self._seconds + seconds

    # --- joining ---

    def _admit(self) -> None:
        while self._queue:
            free = [slot for slot in self._slots if slot.task is None]
            if not free:
                return
            task, prefix = self._queue.popleft()
            if self._still_wanted(task):
                self._guarded(task, partial(self._join, task, prefix, free))
            if task.done:
                self._count(task)

    def _join(self, task: Task, prefix: StoredPrefix | None, free: list[Slot]) -> None:
        """Gives a task a slot with as much of its prompt in it as there is."""
        slot, cached = self._choose(task, free)
        if prefix is not None and shared(prefix.tokens, task.tokens) > cached:
            slot.kept = []
            length = self._context.load_prefix(prefix.path, slot.number, task.adapter)
            if length != len(prefix.tokens):
                raise InvalidModel(f"{prefix.path} holds {length} positions, not {len(prefix.tokens)}")
            slot.kept, slot.adapter = prefix.tokens, task.adapter
            cached = shared(prefix.tokens, task.tokens)
        donor = self._donor(task, cached)
        task.start(cached)
        if task.done:
            return
        slot.take(task)
        if donor is not None:
            self._donors[task] = donor

    def _choose(self, task: Task, free: list[Slot]) -> tuple[Slot, int]:
        """The slot that shares most with a prompt, if little else would be lost with it; else the one that
        was left longest ago, with a copy of what is shared."""
        best = max(free, key=lambda slot: (slot.shares(task, slot.kept), -slot.left))
        oldest = min(free, key=lambda slot: slot.left)
        common, own = best.shares(task, best.kept), oldest.shares(task, oldest.kept)
        if 2 * common >= len(best.kept):
            return best, common
        if common < own + WORTH_COPYING:
            return oldest, own
        oldest.kept = []
        self._context.copy(best.number, oldest.number, common)
        return oldest, common

    def _donor(self, task: Task, cached: int) -> Donor | None:
        busy = [(slot.shares(task, slot.task.tokens), slot) for slot in self._slots if slot.task is not None]
        length, slot = max(busy, key=lambda pair: pair[0], default=(0, None))
        if slot is None or slot.task is None or length < cached + WORTH_COPYING:
            return None
        return Donor(slot, slot.task, length)

    def _copy_from_donors(self) -> None:
        """Copies what a busy slot has by now; forgets donors that left before they had it."""
        for task, donor in list(self._donors.items()):
            have = donor.slot.shares(task, donor.slot.held)
            coming = donor.slot.task is donor.task and donor.task.prefilling
            if coming and have < donor.length:
                continue
            del self._donors[task]
            if have > task.evaluated:
                self._context.copy(donor.slot.number, self._slot(task).number, have)
                task.resume(have)

    # --- leaving ---

    def _still_wanted(self, task: Task, ahead: float = 0.0) -> bool:
        """Ends a queued task that nobody wants any more, or whose time is up ``ahead`` seconds from now."""
        if task.ticket.cancelled:
            task.end("cancelled")
        elif task.request.deadline is not None and time.monotonic() + ahead >= task.request.deadline:
            task.fail(DeadlinePassed("the deadline passed while the request was queued"))
        return not task.done

    def _drop_queued(self, ahead: float) -> None:
        for entry in list(self._queue):
            if not self._still_wanted(entry[0], ahead):
                self._queue.remove(entry)
                self._count(entry[0])

    def _drop_given_up(self) -> None:
        for task in self._tasks():
            if task.ticket.cancelled:
                task.end("cancelled")
        self._release_done()

    def _release_done(self) -> None:
        for slot in self._slots:
            if slot.task is not None and slot.task.done:
                self._leave(slot)

    def _leave(self, slot: Slot, valid: bool = True) -> None:
        task = slot.release(valid)
        self._donors.pop(task, None)
        self._count(task)

    def _count(self, task: Task) -> None:
        self._finished[task.outcome] += 1

    def _fail_everything(self, error: Exception) -> None:
        for slot in self._slots:
            if slot.task is not None:
                slot.task.fail(error)
                self._leave(slot)
        while self._queue:
            self._queue.popleft()[0].fail(error)

    def _drop_everything(self) -> None:
        """Answers all who wait, when the thread ends."""
        for slot in self._slots:
            if slot.task is not None:
                slot.task.end("cancelled")
                self._leave(slot)
        while self._queue:
            self._queue.popleft()[0].end("cancelled")
        while self._calls:
            self._calls.popleft().refuse(self._closing or RuntimeFault("the engine is closed"))

    # --- the step ---

    def _plan(self) -> list[Rows]:
        """The rows of the next step; tasks whose deadline would pass in it end here instead."""
        while True:
            step = self._rows_of_all()
            if not self._end_late(sum(len(rows.tokens) for rows in step)):
                return step

    def _end_late(self, rows: int) -> bool:
        """Ends the texts whose deadline will pass while so many rows, or their own, are evaluated."""
        hurried = [task for task in self._tasks() if task.request.deadline is not None]
        if not hurried and not self._queue:
            return False
        now, seconds = time.monotonic(), self._pace.predict_all(rows, self._batch)
        self._drop_queued(seconds)
        late = [task for task in hurried if self._late(task, now, seconds)]
        for task in late:
            task.end("deadline")
        self._release_done()
        return bool(late)

    def _late(self, task: Task, now: float, seconds: float) -> bool:
        if task.request.deadline is None:
            return False
        needed = max(seconds, self._pace.predict_all(task.pending, self._batch))
        return now + needed > task.request.deadline

    def _rows_of_all(self) -> list[Rows]:
        self._copy_from_donors()
        tasks = self._tasks()
        running = [task for task in tasks if not task.prefilling]
        step = self._rows_of_running(running)
        if len(running) == len(tasks):
            return step
        room = self._batch - sum(len(rows.tokens) for rows in step)
        if running:
            most = min(room, max(LEAST_ROWS, self._batch // PROMPT_SHARE))
            room = self._pace.rows_within(PAUSE, LEAST_ROWS, most)
        if not self._pace.known and any(task.request.deadline is not None for task in tasks):
            room = min(room, FIRST_STEP)
        for task in tasks:
            if task.prefilling and task not in self._donors and room > 0:
                room -= self._add(step, task, room, GUESSES)
        self._release_done()
        return step

    def _rows_of_running(self, running: list[Task]) -> list[Rows]:
        step: list[Rows] = []
        room = self._batch
        for at, task in enumerate(running, start=1):
            waiting = len(running) - at
            room -= self._add(step, task, room - waiting, GUESSES // len(running), waiting)
        return step

    def _add(self, step: list[Rows], task: Task, room: int, guesses: int, waiting: int = 0) -> int:
        """Adds a task's rows to a step, to which as many tasks as are ``waiting`` will add theirs; how many
        they are."""
        others, before = len(step) + waiting, sum(len(rows.tokens) for rows in step) + waiting

        def prices(rows: int, most: int) -> list[float]:
            return self._pace.prices(before + rows, most)

        self._guarded(task, lambda: step.append(task.plan(room, guesses, prices, others)))
        return 0 if task.done else len(step[-1].tokens)

    def _evaluate(self, step: list[Rows]) -> bool:
        """Evaluates a step and hands out its logits; an error of the step itself ends all that are in it."""
        slots = [self._slot(rows.task) for rows in step]
        try:
            self._context.step(*_arguments(step, slots), _adapters(slots))
        except Exception as error:  # noqa: BLE001 - each caller gets it; the thread must outlive it
            for slot, rows in zip(slots, step, strict=True):
                rows.task.fail(error)
                self._leave(slot, valid=False)
            return False
        first = 0
        for rows in step:
            self._guarded(rows.task, partial(rows.task.absorb, rows, self._context.logits_address, first))
            first += rows.outputs
        return True

    def _slot(self, task: Task) -> Slot:
        return next(slot for slot in self._slots if slot.task is task)

    def _guarded(self, task: Task, action: Callable[[], None]) -> None:
        """Runs what concerns one task alone: its error is its own."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits for the result
            task.fail(error)


def _adapters(slots: list[Slot]) -> dict[int, Adapter]:
    """Those of the slots that have one, as ``Context.step`` takes them."""
    return {slot.number: slot.adapter for slot in slots if slot.adapter is not None}


def _arguments(step: list[Rows], slots: list[Slot]) -> tuple[list[int], list[int], list[int], list[int]]:
    """Tokens, positions, slots and output rows of a step, as ``Context.step`` takes them."""
    tokens: list[int] = []
    positions: list[int] = []
    numbers: list[int] = []
    outputs: list[int] = []
    for rows, slot in zip(step, slots, strict=True):
        size = len(rows.tokens)
        tokens += rows.tokens
        positions += range(rows.first, rows.first + size)
        numbers += [slot.number] * size
        outputs += range(len(tokens) - rows.outputs, len(tokens))
    return tokens, positions, numbers, outputs
