"""The least rights that reading an ERP takes: a script for whoever runs its database."""

from __future__ import annotations

from typing import Final

from abax.erp.registry import MODULES
from abax.errors import InvalidRequest, listed

HOMES: Final = {"odoo": "postgresql", "axelor": "postgresql", "erpnext": "mariadb"}
"""The database that each ERP comes with."""
DIALECTS: Final = ("postgresql", "mariadb")


def grant_script(erp: str, user: str, dialect: str | None = None) -> str:
    """SQL that makes a login which may read the ERP's tables that Abax reads, and nothing else.

    Some tables are of other versions or optional: grants on tables that are not there are to be left out.
    Raises InvalidRequest for an ERP, a dialect or a name that makes no sense.
    """
    if erp not in MODULES:
        raise InvalidRequest(f"{erp!r} is none of the known kinds: {listed(MODULES)}", "erp")
    chosen = dialect or HOMES[erp]
    if chosen not in DIALECTS:
        raise InvalidRequest(f"{chosen!r} is none of {listed(DIALECTS)}", "dialect")
    if not user.replace("_", "").isalnum():
        raise InvalidRequest(f"{user!r} is no name for a login: letters, digits and _ only", "user")
    tables = sorted(MODULES[erp].tables)
    lines = _postgresql(user, tables) if chosen == "postgresql" else _mariadb(user, tables)
    return "\n".join(
        [f"-- What Abax reads of {erp}. Choose a password, and run this in its database.", *lines, ""]
    )


def _postgresql(user: str, tables: list[str]) -> list[str]:
    return [
        f"CREATE ROLE {user} LOGIN PASSWORD 'change me';",
        f"ALTER ROLE {user} SET default_transaction_read_only = on;",
        f"GRANT USAGE ON SCHEMA public TO {user};",
        *(f'GRANT SELECT ON "{table}" TO {user};' for table in tables),
    ]


def _mariadb(user: str, tables: list[str]) -> list[str]:
    return [
        f"CREATE USER {user} IDENTIFIED BY 'change me';",
        *(f"GRANT SELECT ON `{table}` TO {user};" for table in tables),
    ]
