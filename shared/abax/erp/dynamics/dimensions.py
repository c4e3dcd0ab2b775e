"""Financial dimensions of Dynamics 365, of any installation: which there are, and what lines say of them.

A ledger account's combination holds each dimension's value in a column that the system generated for it.
``DIMENSIONATTRIBUTE`` names these columns, in newer releases; else they go by the dimension's name. Where a
copy has none of them, the same is read from the tables under it: a combination consists of groups, one for
each structure, a group of levels, a level holds a value, and a value is one of a dimension's.
"""
# ruff: noqa: SIM300 — columns in upper case are no constants

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, literal, null, select

from abax.erp.dialects import Blank, DatePart, DayOf, Joined
from abax.erp.dynamics.tables import (
    ATTRIBUTES,
    COMBINATION,
    DIMENSION_NAMES,
    DIMENSIONS,
    NO_DIMENSION,
    Tables,
    generated_columns,
)
from abax.erp.source import Query

ALL: Final = 100
"""Percent of a line that its value has."""
_NO_END: Final = 2154
"""The year in which ends what has no end."""


@dataclass(frozen=True)
class Dimension:
    """A dimension, with the column of combinations that holds its value, or else its attribute's key."""

    name: str
    column: str | None = None
    key: int | None = None


class Dimensions:
    """What there is of dimensions in one source. ``rows`` looks up which."""

    def __init__(self, tables: Tables, rows: Callable[[Query], list[tuple[Any, ...]]]) -> None:
        self._tables = tables
        self._rows = rows
        self._found: Sequence[Dimension] | None = None

    @property
    def known(self) -> Sequence[Dimension]:
        """The dimensions by name: from the attributes where there are any, else from the columns alone."""
        if self._found is None:
            columns = generated_columns(self._tables.schema)
            self._found = sorted(self._attributes(columns), key=lambda one: one.name) or [
                Dimension(name, column)
                for name, column in columns.items()
                if not NO_DIMENSION.fullmatch(name)
            ]
        return self._found

    def of_lines(self, rows: Any, line: Any) -> tuple[Any, list[ColumnElement[Any]]]:
        """``rows``, joined with what is needed besides, and keys and percents of a line's values."""
        combination = self._tables(COMBINATION)
        values = {one.name: combination.c[one.column] for one in self.known if one.column}
        if by_key := [one for one in self.known if one.key is not None]:
            segments = self._segments(by_key)
            rows = rows.outerjoin(segments, segments.c.combination == line.c.LEDGERDIMENSION)
            values |= {one.name: segments.c[f"value_{place}"] for place, one in enumerate(by_key)}
        pairs: list[ColumnElement[Any]] = []
        for name, value in values.items():
            pairs += [case((Blank(value), null()), else_=_value_id(literal(name), value)), literal(ALL)]
        return rows, pairs

    def values(self) -> Query | None:
        """The canonical table of values; None where a copy does not have them."""
        tables, names = self._tables, [one.name for one in self.known]
        if not tables.has(DIMENSION_NAMES):
            return None
        attribute, value = tables("DIMENSIONATTRIBUTE"), tables("DIMENSIONATTRIBUTEVALUE")
        tag, code = tables("DIMENSIONFINANCIALTAG"), value.c.DISPLAYVALUE
        # Values of some dimensions are kept in other tables, under keys that a tag may have too.
        tagged = and_(tables.on(value, tag, ENTITYINSTANCE="RECID"), tag.c.VALUE == code)
        of_attribute = tables.on(value, attribute, DIMENSIONATTRIBUTE="RECID")
        return (
            select(
                _value_id(attribute.c.NAME, code).label("value_id"),
                attribute.c.NAME.label("dimension"),
                code.label("code"),
                case((Blank(tag.c.DESCRIPTION), code), else_=tag.c.DESCRIPTION).label("name"),
                null().label("parent_id"),
                _day(value, "ACTIVEFROM").label("valid_from"),
                _day(value, "ACTIVETO").label("valid_to"),
            )
            .select_from(value.join(attribute, of_attribute).outerjoin(tag, tagged))
            .where(attribute.c.NAME.in_(names), func.coalesce(code, "") != "", *tables.within(value))
        )

    def _attributes(self, columns: dict[str, str]) -> list[Dimension]:
        tables = self._tables
        if not tables.has(ATTRIBUTES):
            return []
        attribute = tables("DIMENSIONATTRIBUTE")
        named = [c for c in ("DIMENSIONVALUECOLUMNNAME",) if c in attribute.c]
        query = select(attribute.c.RECID, attribute.c.NAME, *[attribute.c[c] for c in named])
        known = []
        for key, name, *column in self._rows(query.where(*tables.within(attribute))):
            said = str(column[0] or "").upper() if column else ""
            own = said if said in columns.values() else columns.get(re.sub(r"\W", "", str(name)).upper())
            if not NO_DIMENSION.fullmatch(str(name)) and (own or tables.has(DIMENSIONS)):
                known.append(Dimension(str(name), own, None if own else int(key)))
        return known

    def _segments(self, known: Sequence[Dimension]) -> Any:
        """Each combination's values, one column for each of ``known``."""
        tables, group = self._tables, "DIMENSIONATTRIBUTEVALUEGROUP"
        groups, level = tables(f"{group}COMBINATION"), tables("DIMENSIONATTRIBUTELEVELVALUE")
        value, combination = tables("DIMENSIONATTRIBUTEVALUE"), groups.c[COMBINATION]
        columns = [
            func.max(case((value.c.DIMENSIONATTRIBUTE == one.key, level.c.DISPLAYVALUE))).label(
                f"value_{place}"
            )
            for place, one in enumerate(known)
        ]
        rows = groups.join(level, tables.on(groups, level, **{group: group})).join(
            value, tables.on(level, value, DIMENSIONATTRIBUTEVALUE="RECID")
        )
        return (
            select(combination.label("combination"), *columns)
            .select_from(rows)
            .where(*tables.within(groups))
            .group_by(combination)
            .subquery("segments")
        )


def _value_id(name: Any, value: Any) -> ColumnElement[Any]:
    """Of a value; without what JSON would have to mask."""
    return Joined(name, literal(":"), func.replace(func.replace(value, '"', "'"), "\\", "/"))


def _day(row: Any, column: str) -> ColumnElement[Any]:
    """A day from which or to which something is valid; null for none."""
    if column not in row.c:
        return null()
    year = DatePart("year", row.c[column])
    return case((and_(year > 1900, year < _NO_END), DayOf(row.c[column])), else_=null())
