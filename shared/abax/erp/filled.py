"""Tables with nulls for columns that a copy of them has not got, so that queries need not ask each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, cast, null, select
from sqlalchemy.types import TypeEngine


def filled(rows: Any, lacking: Mapping[str, TypeEngine[Any]], name: str) -> Any:
    """``rows`` with nulls for the columns ``lacking``, of these types, as databases with types compare no
    others; called ``name``."""
    nulls: list[ColumnElement[Any]] = [cast(null(), kind).label(column) for column, kind in lacking.items()]
    return select(*rows.c, *nulls).subquery(name)
