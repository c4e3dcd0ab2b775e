"""Which prompts a model may be asked without being told to."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from abax.writing.prompts import prompt

if TYPE_CHECKING:
    from abax.writing.client import Client


def is_proven(name: str, client: Client) -> bool:
    """Whether the model that a client asks with a prompt is proven to do well with it, as it answers: with
    the prompt's adapter where it has that one. A model is opened, to see its adapters, only where it may be
    proven. Raises NotFound for a prompt that there is not."""
    asked = prompt(name)
    model = client.models.for_tier(asked.tier).name
    ways = [model, f"{model}:{asked.adapter}"] if asked.adapter else [model]
    return any(name in proven(way) for way in ways) and name in proven(client.name_of(asked))


@cache
def proven(model: str) -> frozenset[str]:
    """The prompts that a model (``MODEL``, or ``MODEL:ADAPTER`` with one of its adapters) has been shown to
    do well with, by ``proven.toml``."""
    content = tomllib.loads((resources.files(__package__) / "proven.toml").read_text(encoding="utf-8"))
    return frozenset(content.get(model, {}).get("prompts", ()))
