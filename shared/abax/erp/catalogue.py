"""Which tables a database has, and in which of its schemas: asked of its catalogue, in its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, Select, column, func, literal_column, select, table
from sqlalchemy.engine.reflection import ObjectKind

from abax.erp.source import Schema
from abax.errors import InvalidRequest, listed

_Row = tuple[str, str, str]
"""Schema, table, column."""


def schema_of(connection: Connection, tables: Sequence[str], owner: str | None = None) -> Schema:
    """Which of ``tables`` are there (views and synonyms count), and their columns, in the schema ``owner`` or
    else in the one that has most of them. Raises InvalidRequest where two have equally many."""
    if connection.dialect.name in _CATALOGUES:
        queries = _CATALOGUES[connection.dialect.name](tables)
        rows = [_plain(row) for query in queries for row in connection.execute(query)]
        return as_asked(chosen(rows, owner), tables)
    names = [*tables, *(name.lower() for name in tables if name.isupper())]
    seen = sqlalchemy.inspect(connection).get_multi_columns(
        schema=owner, filter_names=names, kind=ObjectKind.ANY
    )
    columns = {name: frozenset(str(column["name"]) for column in those) for (_, name), those in seen.items()}
    schema = as_asked(Schema(columns, dict.fromkeys(columns, owner) if owner else {}), tables)
    if connection.dialect.name not in ("mysql", "mariadb"):
        return schema
    found = connection.execute(_indexes_of_mysql(tables, owner))
    return replace(schema, indexes={(name, first): index for name, first, index in found})


def as_asked(schema: Schema, tables: Sequence[str]) -> Schema:
    """``schema`` under the names of ``tables``. ERPs whose names are in capitals are often copied under small
    ones, columns and all; what the copy calls them is kept beside."""
    asked = {name.casefold(): name for name in tables}
    known: dict[str, frozenset[str]] = {}
    spelled: dict[tuple[str, str], str] = {}
    for actual, columns in sorted(schema.tables.items()):
        name = actual if actual in tables else asked.get(actual.casefold(), actual)
        if name in known:
            continue
        capitals = {column.upper() if name.isupper() else column: column for column in sorted(columns)}
        known[name] = frozenset(capitals)
        spelled |= {(name, column): own for column, own in capitals.items() if own != column}
        spelled |= {(name, ""): actual} if name != actual else {}
    owners = {asked.get(name.casefold(), name): owner for name, owner in schema.owners.items()}
    return Schema(known, owners, spelled)


def chosen(rows: Iterable[_Row], owner: str | None) -> Schema:
    """One schema's table of each name: of ``owner``, else of whichever has most of them."""
    found: dict[tuple[str, str], set[str]] = {}
    for schema, name, column_name in rows:
        if owner is None or schema.casefold() == owner.casefold():
            found.setdefault((schema, name), set()).add(column_name)
    held = Counter(schema for schema, _ in found)
    tables: dict[str, frozenset[str]] = {}
    owners: dict[str, str] = {}
    for name in {name for _, name in found}:
        having = sorted(
            (schema for schema, other in found if other == name), key=lambda one: (-held[one], one)
        )
        if len(having) > 1 and held[having[0]] == held[having[1]]:
            raise InvalidRequest(
                f"{name} is in the schemas {listed(having)} alike; name one: …?schema={having[0]}", "url"
            )
        tables[name], owners[name] = frozenset(found[having[0], name]), having[0]
    return Schema(tables, owners)


def _plain(row: Sequence[Any]) -> _Row:
    schema, name, column_name = (str(value) for value in row)
    return schema, name, column_name


def _named(view: str, owner: str, schema: str, name: str, tables: Sequence[str]) -> Select[Any]:
    """Schema, table and column of all ``tables`` from a catalogue view that calls its columns so."""
    where = table(view, column(schema), column(name), column("COLUMN_NAME"), schema=owner)
    return select(where.c[schema], where.c[name], where.c.COLUMN_NAME).where(where.c[name].in_(tables))


def _indexes_of_mysql(tables: Sequence[str], owner: str | None) -> Select[Any]:
    """Table, first column and name of each index. MariaDB before 11 takes the disk for so slow that it reads
    a whole table for one month of it, at more than twice the time."""
    names = ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "INDEX_NAME", "SEQ_IN_INDEX")
    where = table("STATISTICS", *[column(name) for name in names], schema="information_schema")
    return (
        select(where.c.TABLE_NAME, where.c.COLUMN_NAME, where.c.INDEX_NAME)
        .where(where.c.SEQ_IN_INDEX == 1, where.c.TABLE_SCHEMA.in_([owner or func.database()]))
        .where(where.c.TABLE_NAME.in_(tables))
    )


def _of_mssql(tables: Sequence[str]) -> list[Select[Any]]:
    return [_named("COLUMNS", "INFORMATION_SCHEMA", "TABLE_SCHEMA", "TABLE_NAME", tables)]


def _of_hana(tables: Sequence[str]) -> list[Select[Any]]:
    return [
        _named("TABLE_COLUMNS", "SYS", "SCHEMA_NAME", "TABLE_NAME", tables),
        _named("VIEW_COLUMNS", "SYS", "SCHEMA_NAME", "VIEW_NAME", tables),
    ]


def _of_oracle(tables: Sequence[str]) -> list[Select[Any]]:
    """Tables and views; and what a synonym of APPS stands for, as the schema APPS."""
    synonym = table(
        "ALL_SYNONYMS",
        *[column(c) for c in ("OWNER", "SYNONYM_NAME", "TABLE_OWNER", "TABLE_NAME")],
        schema="SYS",
    )
    columns = table(
        "ALL_TAB_COLUMNS", *[column(c) for c in ("OWNER", "TABLE_NAME", "COLUMN_NAME")], schema="SYS"
    )
    behind = (
        select(literal_column("'APPS'"), synonym.c.SYNONYM_NAME, columns.c.COLUMN_NAME)
        .select_from(
            synonym.join(
                columns,
                (synonym.c.TABLE_OWNER == columns.c.OWNER) & (synonym.c.TABLE_NAME == columns.c.TABLE_NAME),
            )
        )
        .where(synonym.c.OWNER == "APPS", synonym.c.SYNONYM_NAME.in_(tables))
        .where(synonym.c.TABLE_NAME != synonym.c.SYNONYM_NAME)
    )
    return [_named("ALL_TAB_COLUMNS", "SYS", "OWNER", "TABLE_NAME", tables), behind]


_CATALOGUES: Final = {"mssql": _of_mssql, "oracle": _of_oracle, "hana": _of_hana}
