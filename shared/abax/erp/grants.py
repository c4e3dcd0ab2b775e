"""The least rights that reading an ERP takes: a script for whoever runs its database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from abax.erp.registry import MODULES
from abax.errors import InvalidRequest, listed

HOMES: Final = {
    "axelor": "postgresql",
    "dynamics": "mssql",
    "erpnext": "mariadb",
    "odoo": "postgresql",
    "oracle_ebs": "oracle",
    "sap": "hana",
}
"""The database that each ERP comes with, or most often lies in."""

_EBS_HOMES: Final = {"HZ": "AR", "RA": "AR", "FND": "APPLSYS"}
"""Oracle's products have schemas of their names, with which their tables begin, but for these."""


def grant_script(erp: str, user: str, dialect: str | None = None, owner: str | None = None) -> str:
    """SQL that makes a login which may read the ERP's tables that Abax reads, and nothing else.

    ``owner`` is the database schema that holds them, where they share one. Some tables are of other versions
    or optional: grants on tables that are not there are to be left out. Raises InvalidRequest for an ERP, a
    dialect or a name that makes no sense.
    """
    if erp not in MODULES:
        raise InvalidRequest(f"{erp!r} is none of the known kinds: {listed(MODULES)}", "erp")
    chosen = dialect or HOMES[erp]
    if chosen not in _SCRIPTS:
        raise InvalidRequest(f"{chosen!r} is none of {listed(_SCRIPTS)}", "dialect")
    for what, name in (("user", user), ("owner", owner or "x")):
        if not name.replace("_", "").isalnum():
            raise InvalidRequest(f"{name!r} is no name: letters, digits and _ only", what)
    lines = _SCRIPTS[chosen](user, sorted(MODULES[erp].tables), owner)
    return "\n".join(
        [
            f"-- What Abax reads of {MODULES[erp].title}. Choose a password, and run this in its database.",
            *lines,
            "",
        ]
    )


def _postgresql(user: str, tables: Sequence[str], owner: str | None) -> list[str]:
    schema = owner or "public"
    return [
        f"CREATE ROLE {user} LOGIN PASSWORD 'change me';",
        f"ALTER ROLE {user} SET default_transaction_read_only = on;",
        f"GRANT USAGE ON SCHEMA {schema} TO {user};",
        *(f'GRANT SELECT ON {schema}."{table}" TO {user};' for table in tables),
    ]


def _mariadb(user: str, tables: Sequence[str], owner: str | None) -> list[str]:
    prefix = f"`{owner}`." if owner else ""
    return [
        f"CREATE USER {user} IDENTIFIED BY 'change me';",
        *(f"GRANT SELECT ON {prefix}`{table}` TO {user};" for table in tables),
    ]


def _mssql(user: str, tables: Sequence[str], owner: str | None) -> list[str]:
    """A user of the one database; SQL Server's views of its own settings show to anybody."""
    schema = owner or "dbo"
    return [
        f"CREATE LOGIN {user} WITH PASSWORD = 'change me', CHECK_POLICY = ON;",
        f"CREATE USER {user} FOR LOGIN {user} WITH DEFAULT_SCHEMA = {schema};",
        *(f"GRANT SELECT ON [{schema}].[{table}] TO {user};" for table in tables),
        "-- For one moment of the books, unless it is on already:",
        "-- ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON;",
    ]


def _oracle(user: str, tables: Sequence[str], owner: str | None) -> list[str]:
    """The products' own tables, which need no synonym: the catalogue says in which schema they are."""
    return [
        f'CREATE USER {user} IDENTIFIED BY "change me";',
        f"GRANT CREATE SESSION TO {user};",
        *(f"GRANT SELECT ON {owner or _product(table)}.{table} TO {user};" for table in tables),
    ]


def _product(table: str) -> str:
    prefix = table.partition("_")[0]
    return _EBS_HOMES.get(prefix, prefix)


def _hana(user: str, tables: Sequence[str], owner: str | None) -> list[str]:
    schema = owner or "SAPHANADB"
    return [
        f'CREATE USER {user} PASSWORD "Change_me_1" NO FORCE_FIRST_PASSWORD_CHANGE;',
        *(f'GRANT SELECT ON "{schema}"."{table}" TO {user};' for table in tables),
    ]


_SCRIPTS: Final[dict[str, Callable[[str, Sequence[str], str | None], list[str]]]] = {
    "postgresql": _postgresql,
    "mariadb": _mariadb,
    "mssql": _mssql,
    "oracle": _oracle,
    "hana": _hana,
}
