"""Tables as queries expect them, where a copy has not got all: nulls for columns, no rows for tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, cast, literal_column, null, select
from sqlalchemy.types import TypeEngine


def filled(rows: Any, lacking: Mapping[str, TypeEngine[Any]], name: str) -> Any:
    """``rows`` with nulls for the columns ``lacking``, of these types, as databases with types compare no
    others; called ``name``."""
    return select(*rows.c, *_nulls(lacking)).subquery(name)


def empty(columns: Mapping[str, TypeEngine[Any]], name: str) -> Any:
    """A table that is not there: no rows."""
    nothing: ColumnElement[bool] = literal_column("1") == literal_column("0")
    return select(*_nulls(columns)).where(nothing).subquery(name)


def _nulls(columns: Mapping[str, TypeEngine[Any]]) -> list[ColumnElement[Any]]:
    return [cast(null(), kind).label(column) for column, kind in columns.items()]
