"""A trainer at work: a command of the house's own, given a folder with all that it needs.

::

    <folder>/order.json      what is asked for (``orders.Order``)
    <folder>/data/…          to train: truth.jsonl and files/, as ``abax document labels`` writes them,
                             and drafts.jsonl: replies as drafted, approved, edited or rejected
    <folder>/candidate.gguf  to judge: the version
    <folder>/live.gguf       the one that is live, where one is; to train, what may be gone on from
    <folder>/out/            what the command writes:
        adapter.gguf         to train
        card.json            {"data_sha256", "form", "command", "machine", "base_sha256", "note"}, as known
        candidate/*.json     to judge: ``results.Results``, an evaluation each
        live/*.json          the same of the live version, or of what ships
    <folder>/log.txt         what it printed

The command is run with the folder as its last argument. One that was interrupted finds its folder as it left
it, and can go on.
"""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from abax.errors import AbaxError, InvalidRequest, TrainingFailed
from abax.learning import orders, results
from abax.learning.orders import Answer, Order, Task
from abax.learning.registry import (
    Lineage,
    Registry,
    digest_of,
    digest_of_all,
    file_key,
    require_named,
)
from abax.ports import ObjectStore, PutBack, Queue, TaskTokens

FACTS: Final = ("data_sha256", "form", "command", "machine", "base_sha256", "note")
"""What a command may say of the adapter that it made."""
_LOOK: Final = 0.5
_TAIL: Final = 3
"""Lines of the log that an error tells."""

Hand = Callable[[Path, Order], None]
"""Writes what there is to learn from into a folder."""
Inspect = Callable[[Path], Mapping[str, Any]]
"""What an adapter file says of itself: ``base_sha256`` and ``name``. Raises InvalidRequest for one that
cannot be used."""


@dataclass(frozen=True)
class Trainer:
    """A command that trains and judges, and where it works."""

    command: str
    home: Path
    """Folders of orders are made here."""
    hand: Hand
    inspect: Inspect
    stop: Callable[[], bool] = lambda: False
    """Whether it must end now."""


def work(objects: ObjectStore, trainer: Trainer, order: Order) -> Answer:
    """Do what an order asks for, unless it was done; the answer, kept.

    Raises:
        TrainingFailed: the command ended with an error, or did not write what was asked.
        PutBack: it was stopped; the same order goes on where it was.
        InvalidRequest: what it wrote makes no sense.
    """
    if orders.has_answer(objects, order):
        return orders.answer_of(objects, order)
    folder = trainer.home / order.name / order.id
    _prepare(objects, trainer, order, folder)
    _run(trainer, order, folder)
    made = _trained if order.task is Task.TRAIN else _judged
    return orders.answer(objects, order, made(objects, trainer, order, folder))


@dataclass(frozen=True)
class Worker:
    """A trainer at a queue of orders: ``{"name": "extract", "order": "…", "token": "…"}``."""

    objects: ObjectStore
    trainer: Trainer
    queue: Queue
    tokens: TaskTokens

    def next(self) -> str | None:
        """Do the next order of the queue, and wake what waits for it; what was done in words, None where
        there was none. An order that fails is answered, too: whoever waits reads why."""
        told: list[str] = []

        def handle(message: Mapping[str, Any]) -> None:
            label = f"{message.get('name')}/{message.get('order')}"
            try:
                self.do(label)
                told.append(f"order {label} is done")
            except AbaxError as error:
                told.append(f"order {label} failed: {error}")
            self.tokens.answer(str(message.get("token")), {"order": str(message.get("order"))})

        return told[0] if self.queue.receive(handle) and told else None

    def do(self, label: str) -> Answer:
        """Do one order, ``<name>/<id>``. Raises what ``work`` does; the order says so, too."""
        name, _, order_id = label.partition("/")
        order = orders.get(self.objects, name, order_id)
        try:
            return work(self.objects, self.trainer, order)
        except AbaxError as error:
            orders.fail(self.objects, order, error.as_dict())
            raise


def _prepare(objects: ObjectStore, trainer: Trainer, order: Order, folder: Path) -> None:
    (folder / "out").mkdir(parents=True, exist_ok=True)
    (folder / "order.json").write_text(order.model_dump_json(indent=1), encoding="utf-8")
    registry = Registry(objects)
    book = registry.book(order.name)
    if order.parent is not None:
        registry.file(book.get(order.parent), folder).replace(folder / "live.gguf")
    if order.task is Task.JUDGE:
        if order.version is None:
            raise InvalidRequest(f"order {order.id} names no version to judge", "version")
        registry.file(book.get(order.version), folder).replace(folder / "candidate.gguf")
    elif not (folder / "data").is_dir():
        draft = folder / "data.part"
        trainer.hand(draft, order)
        draft.replace(folder / "data")


def _run(trainer: Trainer, order: Order, folder: Path) -> None:
    words = [*shlex.split(trainer.command), str(folder)]
    what = f"the trainer's command ({order.task} {order.name})"
    with (folder / "log.txt").open("ab") as log:
        try:
            running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        except OSError as error:
            raise TrainingFailed(what, f"{words[0]} cannot be run: {error.strerror or error}") from error
        try:
            while running.poll() is None and not trainer.stop():
                try:
                    running.wait(_LOOK)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if stopped := running.poll() is None:
                running.terminate()
                running.wait()
    if stopped:
        raise PutBack
    if running.returncode:
        lines = (folder / "log.txt").read_text("utf-8", "replace").strip().splitlines()[-_TAIL:]
        raise TrainingFailed(what, f"it ended with {running.returncode}: {' / '.join(lines) or 'no word'}")


def _trained(objects: ObjectStore, trainer: Trainer, order: Order, folder: Path) -> Answer:
    path = folder / "out" / "adapter.gguf"
    if not path.is_file():
        raise TrainingFailed(f"order {order.id}", f"there is no {path}")
    card = folder / "out" / "card.json"
    facts = trainer.inspect(path)
    require_named(order.name, str(facts.get("name", "")), path)
    told = {**facts, **(object_in(card, "card") if card.is_file() else {})}
    digest, data = digest_of(path), folder / "data"
    known: dict[str, Any] = {
        "data_sha256": digest_of_all([one for one in data.rglob("*") if one.is_file()], data),
        "command": trainer.command,
        "machine": f"{platform.machine()}, {platform.processor() or platform.system()}",
        **{name: told[name] for name in FACTS if told.get(name)},
    }
    try:
        lineage = Lineage(
            name=order.name,
            file_sha256=digest,
            file_bytes=path.stat().st_size,
            data_until=order.at,
            parent=order.parent,
            **known,
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidRequest(f"{card}: {where}: {first['msg']}", "card") from None
    objects.put_file(file_key(order.name, digest), path)
    return Answer(lineage=lineage)


def object_in(path: Path, field: str) -> dict[str, Any]:
    """The JSON object in a file. Raises InvalidRequest."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{path} cannot be read as JSON: {error}", field) from None
    if not isinstance(told, dict):
        raise InvalidRequest(f"{path} must hold an object", field)
    return told


def _judged(objects: ObjectStore, trainer: Trainer, order: Order, folder: Path) -> Answer:
    found = {
        name: tuple(results.read(sorted((folder / "out" / name).glob("*.json"))))
        for name in ("candidate", "live")
    }
    if not found["candidate"]:
        raise TrainingFailed(f"order {order.id}", f"there is nothing in {folder / 'out' / 'candidate'}")
    for name in ("candidate", "live"):
        file = folder / f"{name}.gguf"
        results.require_of(found[name], digest_of(file) if file.is_file() else "", file.name)
    return Answer(candidate=found["candidate"], other=found["live"])
