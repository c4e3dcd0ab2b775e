"""Axelor's books by hand, in its true schema, on PostgreSQL."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.postgres import Server

_TYPES = {
    "created_on": "timestamp",
    "updated_on": "timestamp",
    "created_by": "bigint",
    "updated_by": "bigint",
}


def true_schema(description: str) -> dict[str, dict[str, str]]:
    """The tables that a text describes, with their columns and types: ``### name (…)``, then
    ``column type, …``. What is described twice has the columns of both."""
    tables: dict[str, dict[str, str]] = {}
    for name, columns in re.findall(r"^### (\w+)[^\n]*\n([^\n]*)", description, re.MULTILINE):
        found = tables.setdefault(name, {})
        for part in re.split(r",\s*(?![^()]*\))", columns):
            words = part.split(" FK->")[0].split()
            if words:
                found[words[0]] = " ".join(words[1:]) or _TYPES[words[0]]
    return tables


def schema(description: str) -> str:
    """``CREATE TABLE`` for each of them."""
    return "\n".join(
        f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())});"
        for name, columns in true_schema(description).items()
    )


@dataclass
class Books:
    """Rows of tables, and a shorthand for moves."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    moves: int = 0
    lines: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.append((table, values))

    def account(self, code: str, kind: int, company: int = 1) -> None:
        self.accounts[code] = 1000 + len(self.accounts)
        own = self.accounts[code]
        self.add(
            "account_account", id=own, code=code, name=f"Account {code}", account_type=kind, company=company
        )

    def move(self, reference: str, day: str, *lines: tuple[str, str], **more: Any) -> None:
        """Account and signed amount, debit positive; ``line`` among ``more`` is for every line."""
        self.moves += 1
        of_lines = more.pop("line", {})
        move = {
            "id": self.moves,
            "reference": reference,
            "date_val": day,
            "company": 1,
            "journal": 1,
            "currency": 1,
            "company_currency": 1,
            "status_select": 3,
            "ignore_in_accounting_ok": False,
            "auto_year_closure_move": False,
            "functional_origin_select": 0,
            **more,
        }
        self.add("account_move", **move)
        for code, amount in lines:
            number = len(self.lines) + 1
            self.lines[reference, len([1 for known, _ in self.lines if known == reference])] = number
            sides = {"debit": amount, "credit": 0} if amount[0] != "-" else {"debit": 0, "credit": amount[1:]}
            line = {
                "id": number,
                "move": self.moves,
                "account": self.accounts[code],
                "name": f"line {number}",
                "currency_amount": amount.lstrip("-"),
                **sides,
                # Copies that mislead whoever joins on them.
                "account_id": 9_999,
                "partner_id": 9_999,
                "account_code": "stale",
                **of_lines,
            }
            self.add("account_move_line", **line)

    def create(self, server: Server, database: str, description: Path) -> str:
        """The URL of a database that holds them."""
        inserts = [
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(_literal, values.values()))});"
            for table, values in self.rows
        ]
        return server.create(database, schema(description.read_text()), "\n".join(inserts))


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else json.dumps(value)
