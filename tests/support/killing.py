"""Handlers that are killed at random while they work, as machines are that fail."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from infra.local.lambdas import Environment, Outcome


class Killings:
    """How many invocations there were, and how many were killed while at work."""

    def __init__(self) -> None:
        self.invocations = 0
        self.killed = 0


@contextmanager
def killed_at_random(share: float, seed: int, within: float = 0.4) -> Iterator[Killings]:
    """Of all invocations meanwhile, this share is killed at a random moment of its first seconds."""
    dice, counted, lock = random.Random(seed), Killings(), threading.Lock()
    invoke = Environment.invoke

    def invoke_and_perhaps_kill(environment: Environment, event: bytes) -> Outcome:
        with lock:
            doomed, moment = dice.random() < share, dice.random() * within
            counted.invocations += 1
        timer = threading.Timer(moment, environment.kill)
        if doomed:
            timer.start()
        try:
            outcome = invoke(environment, event)
        finally:
            timer.cancel()
        with lock:
            counted.killed += outcome.failed and b"Runtime.ExitError" in outcome.payload
        return outcome

    with patch.object(Environment, "invoke", invoke_and_perhaps_kill):
        yield counted
