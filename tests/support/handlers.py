"""Loads a function's ``app.py`` as Lambda does: as a top-level module, fresh each time."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from types import ModuleType

FUNCTIONS = Path(__file__).parents[2] / "functions"


def load(function: str) -> ModuleType:
    """The module of ``functions/<function>/app.py``, with a logger that writes to the present stdout."""
    logging.Logger.manager.loggerDict.pop(function, None)
    spec = importlib.util.spec_from_file_location(f"app_{function}", FUNCTIONS / function / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class LambdaContext:
    """What the runtime hands to a handler, as far as powertools looks at it."""

    function_name = "test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:test"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """Plenty."""
        return 60_000
