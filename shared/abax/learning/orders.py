"""What a trainer is asked for, and what it answers: objects beside the registry.

::

    learning/<name>/<order id>/order.json     ``Order``: train, or judge a version
    learning/<name>/<order id>/answer.json    ``Answer``, once; or failed.json, with the error
    learning/<name>/<order id>/results/…      of an order to judge: ``Results`` of candidate and other

An order is made once, and answered once: whoever does it twice finds the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from abax.errors import InvalidRequest, ObjectMissing, StorageError, TrainingFailed
from abax.learning.registry import NAME, Lineage
from abax.learning.results import Results
from abax.ports import ObjectStore

ROOT: Final = "learning/"
LONGEST: Final = timedelta(days=2)
"""After so long an order without an answer is given up."""


class Task(StrEnum):
    """What a trainer can be asked for."""

    TRAIN = "train"
    """An adapter."""
    JUDGE = "judge"
    """What each frozen evaluation says of a version and of the one that is live."""


class Order(BaseModel):
    """What a trainer is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1)]
    task: Task
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    at: AwareDatetime
    why: str = ""
    since: AwareDatetime | None = None
    """What was corrected until then has been learnt from."""
    parent: int | None = None
    """The live version, to go on from or to be compared with; None is what ships."""
    version: int | None = None
    """The candidate that is to be judged."""


class Answer(BaseModel):
    """What a trainer gave."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lineage: Lineage | None = None
    """Of a training: the file lies in the registry's folder already."""
    candidate: tuple[Results, ...] = ()
    """Of a judgement."""
    other: tuple[Results, ...] = ()


def place(objects: ObjectStore, order: Order) -> Order:
    """Keep an order; one of that id that is there already is given back instead."""
    body = order.model_dump_json(exclude_defaults=True).encode()
    if objects.create(_key(order.name, order.id, "order"), body, "application/json"):
        return order
    return get(objects, order.name, order.id)


def get(objects: ObjectStore, name: str, order_id: str) -> Order:
    """Raises InvalidRequest where there is none, StorageError for one that is damaged."""
    key = _key(name, order_id, "order")
    try:
        return Order.model_validate_json(objects.get(key))
    except ObjectMissing:
        raise InvalidRequest(f"there is no order {order_id!r} of {name!r}", "order") from None
    except ValidationError as error:
        raise StorageError(f"the object {key!r} is no order: {error}") from error


def answer(objects: ObjectStore, order: Order, given: Answer) -> Answer:
    """Keep an answer; where there is one already, that one stands and is given back."""
    body = given.model_dump_json(exclude_defaults=True).encode()
    if objects.create(_key(order.name, order.id, "answer"), body, "application/json"):
        return given
    return answer_of(objects, order)


def answer_of(objects: ObjectStore, order: Order) -> Answer:
    """Raises TrainingFailed where there is none, and says why if somebody knows."""
    try:
        return Answer.model_validate_json(objects.get(_key(order.name, order.id, "answer")))
    except ObjectMissing:
        raise TrainingFailed(f"order {order.id} to {order.task} {order.name}", _why(objects, order)) from None
    except ValidationError as error:
        raise StorageError(f"the answer of order {order.id} makes no sense: {error}") from error


def has_answer(objects: ObjectStore, order: Order) -> bool:
    """Whether it was answered."""
    return objects.exists(_key(order.name, order.id, "answer"))


def fail(objects: ObjectStore, order: Order, error: Mapping[str, Any]) -> None:
    """Write down that an order came to nothing."""
    body = json.dumps({**error, "at": datetime.now(UTC).isoformat(timespec="seconds")}).encode()
    objects.put(_key(order.name, order.id, "failed"), body, "application/json")


def is_open(objects: ObjectStore, order: Order, now: datetime) -> bool:
    """Whether somebody may be at it."""
    over = any(objects.exists(_key(order.name, order.id, end)) for end in ("answer", "failed"))
    return not over and now - order.at < LONGEST


def all_of(objects: ObjectStore, name: str) -> Iterator[Order]:
    """The orders of a name, the oldest first."""
    for key in objects.keys(f"{ROOT}{name}/"):
        if key.endswith("/order.json"):
            yield get(objects, name, key.split("/")[2])


def _why(objects: ObjectStore, order: Order) -> str:
    try:
        told = json.loads(objects.get(_key(order.name, order.id, "failed")))
    except ObjectMissing:
        return "it has no answer"
    return str(told.get("message", told))


def _key(name: str, order_id: str, what: str) -> str:
    return f"{ROOT}{name}/{order_id}/{what}.json"
