"""A batch of the queue of mail: read together, and what is wrong with one message is no other's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abax.errors import AbaxError
from abax.workflow.context import MailContext
from abax.workflow.mail import content_of, keys_in, take_in

Body = str | bytes | Mapping[str, Any]


def take_batch(context: MailContext, bodies: Mapping[str, Body]) -> dict[str, Exception]:
    """Take in what messages of the queue name: the error of each that must come back, by its id.

    All are read together. Where that goes wrong, each is tried by itself, so that what a single message did
    to the batch stays with it; what was done by then is known, and not done again.
    """
    failed: dict[str, Exception] = {}
    contents: dict[str, list[bytes]] = {}
    for message, body in bodies.items():
        try:
            contents[message] = [content_of(context.services.objects, key) for key in keys_in(body)]
        except AbaxError as error:
            failed[message] = error
    if _taken(context, [content for parts in contents.values() for content in parts]) is not None:
        for message, parts in contents.items():
            alone = _taken(context, parts)
            if alone is not None:
                failed[message] = alone
    return failed


def _taken(context: MailContext, contents: Sequence[bytes]) -> Exception | None:
    try:
        take_in(context, contents)
    except Exception as error:  # noqa: BLE001 (the edge: it is logged where the queue is, by message)
        return error
    return None
