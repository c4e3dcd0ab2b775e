"""FastAPI's names, imported at three quarters of the usual cost: cold starts pay for every model built.

FastAPI brings some forty Pydantic models of the OpenAPI document. Only the document itself uses them, so here
they are left to be built then.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def _models_built_on_first_use() -> Iterator[None]:
    rebuild = BaseModel.__dict__["model_rebuild"]

    def rebuild_if_used(cls: type[BaseModel], **how: Any) -> bool | None:
        """FastAPI asks for its recursive models at once, and says nothing more; a first use says how."""
        return rebuild.__func__(cls, **how) if how else None

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(rebuild_if_used)  # type: ignore[method-assign, assignment, arg-type]
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]


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
    from fastapi import Body, Depends, FastAPI, Header, Query, Request, Response
    from fastapi import Path as PathParameter
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, StreamingResponse
    from starlette.exceptions import HTTPException

__all__ = [
    "Body",
    "Depends",
    "FastAPI",
    "FileResponse",
    "HTTPException",
    "Header",
    "JSONResponse",
    "PathParameter",
    "Query",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "StreamingResponse",
    "pydantic_2_alone",
]
