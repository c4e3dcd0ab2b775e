"""FastAPI's names, imported at three quarters of the usual cost: cold starts pay for every model built.

FastAPI brings some forty Pydantic models of the OpenAPI document. Only the document itself uses them, so here
they are left to be built then; and the collector, which finds nothing to free in an import, rests meanwhile.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def _models_built_on_first_use() -> Iterator[None]:
    was_collecting = gc.isenabled()
    gc.disable()
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        if was_collecting:
            gc.enable()


@contextmanager
def pydantic_2_alone() -> Iterator[None]:
    """While routes are declared: FastAPI asks of every type whether it is one of Pydantic 1's, and to know it
    imports all of Pydantic 1. None of ours is; told that there is no such package, it goes on without."""
    hidden = "pydantic.v1" not in sys.modules
    if hidden:
        sys.modules["pydantic.v1"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["pydantic.v1"]


with _models_built_on_first_use():
    from fastapi import FastAPI, Header, Query, Request, Response
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
    from starlette.exceptions import HTTPException

__all__ = [
    "FastAPI",
    "FileResponse",
    "HTTPException",
    "Header",
    "JSONResponse",
    "Query",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "pydantic_2_alone",
]
