"""Comparison with a file that was looked at and found good."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).parent


def assert_golden(name: str, text: str) -> None:
    """``text`` is what ``tests/golden/<name>`` holds; ``ABAX_UPDATE_GOLDEN=1`` writes it instead."""
    path = FOLDER / name
    if os.environ.get("ABAX_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != known:
        changes = difflib.unified_diff(
            known.splitlines(), text.splitlines(), "golden", "now", n=1, lineterm=""
        )
        shown = "\n".join(line[:400] for line in list(changes)[:40])
        raise AssertionError(f"{name} changed; look at it, then set ABAX_UPDATE_GOLDEN=1\n{shown}")
