"""Settings: read once, from the environment, into one typed object per function.

Each class lists exactly the variables that its function reads; ``tests/unit/test_settings.py`` compares
them with the template.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from abax.errors import InvalidRequest


@dataclass(frozen=True)
class Settings:
    """Base: a field ``jobs_table`` is read from the variable ``ABAX_JOBS_TABLE``."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read every field from the environment.

        Raises:
            InvalidRequest: a variable without a default is not set.
        """
        source = os.environ if environ is None else environ
        values = {
            name: source[variable] for name, variable in cls.variables().items() if source.get(variable)
        }
        try:
            return cls(**values)
        except TypeError:
            missing = [v for n, v in cls.variables().items() if n not in values]
            raise InvalidRequest(f"set the environment variable {' or '.join(missing)}") from None

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Field name to environment variable."""
        return {field.name: f"ABAX_{field.name.upper()}" for field in fields(cls)}


@dataclass(frozen=True)
class StepSettings(Settings):
    """What the functions behind the state machine read."""

    bucket: str
    jobs_table: str


@dataclass(frozen=True)
class StarterSettings(Settings):
    """What a function that starts the state machine reads."""

    bucket: str
    jobs_table: str
    close_state_machine: str


@dataclass(frozen=True)
class LocalSettings(Settings):
    """Edge mode: a folder for everything, and the key that the API asks for (made up when not set)."""

    home: str = str(Path.home() / ".abax")
    api_key: str = ""
