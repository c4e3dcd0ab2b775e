"""Which prompts a model may be asked without being told to."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def proven(model: str) -> frozenset[str]:
    """The prompts that a model (``MODEL``, or ``MODEL:ADAPTER`` with one of its adapters) has been shown to
    do well with, by ``proven.toml``."""
    content = tomllib.loads((resources.files(__package__) / "proven.toml").read_text(encoding="utf-8"))
    return frozenset(content.get(model, {}).get("prompts", ()))
