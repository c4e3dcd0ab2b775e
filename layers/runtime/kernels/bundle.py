"""Kernels that belong together, under one name."""

from __future__ import annotations

from types import ModuleType
from typing import Any

__all__ = ["bundle"]


def bundle(**kernels: Any) -> ModuleType:
    """A namespace of kernels. A module to Numba, so that other kernels can say ``cache.write_key``."""
    made = ModuleType("bundle")
    made.__dict__.update(kernels)
    return made
