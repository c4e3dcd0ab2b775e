"""Small hand-made books in the shape of each Odoo version, in SQLite or as a PostgreSQL script.

One company (EUR, calendar year): a USD sale half paid, a purchase by a second one, an entry each of what must
not count, and analytics on one line.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

Row = Sequence[Any]

VERSIONS = (15, 16, 17, 18)
STAMP = "2026-01-01 10:00:00"

ACCOUNTS = [
    # id, code, name, type, and the type's name in Odoo 15
    (1, "101000", "Bank", "asset_cash", "Bank and Cash"),
    (2, "121000", "Receivables", "asset_receivable", "Receivable"),
    (3, "211000", "Payables", "liability_payable", "Payable"),
    (4, "400000", "Sales", "income", "Income"),
    (5, "600000", 'Expenses, "general"', "expense", "Expenses"),
    (6, "999999", "Undistributed profits", "equity_unaffected", "Current Year Earnings"),
    (7, "009000", "Guarantees", "off_balance", "Off-Balance Sheet"),
]

MOVES = [(1, "posted"), (2, "posted"), (3, "posted"), (4, "draft"), (5, "cancel"), (6, "posted")]


def line(key: int, move: int, account: int | None, day: str, name: str | None, **rest: Any) -> dict[str, Any]:
    """A journal line in short: ``debit``, ``credit``, ``usd``, ``partner``, ``due`` and others by name."""
    return {"id": key, "move": move, "account": account, "date": day, "name": name, **rest}


LINES = [
    # A sale of USD 110.00 at 1.10, due in a month.
    line(1, 1, 2, "2024-03-01", None, debit=100.0, usd=110.0, partner=1, due="2024-03-31"),
    line(2, 1, 4, "2024-03-01", 'Désirée, "x"\nb', credit=100.0, usd=-110.0, partner=1),
    line(3, 1, None, "2024-03-01", "a note", display="line_note"),
    # USD 55.00 of it paid.
    line(4, 2, 1, "2024-04-02", "", debit=50.0, usd=55.0, partner=1),
    line(5, 2, 2, "2024-04-02", "payment", credit=50.0, usd=-55.0, partner=1),
    # A purchase of the next year, with analytics; 0.1 + 0.2 as floating point has it.
    line(6, 3, 5, "2025-01-15", "paper", debit=0.1 + 0.2, partner=2, analytic=9),
    line(7, 3, 3, "2025-01-15", "paper", credit=0.1 + 0.2, partner=2),
    # What must not count: a draft and a cancelled entry.
    line(8, 4, 5, "2025-02-01", "draft", debit=999.0),
    line(9, 4, 1, "2025-02-01", "draft", credit=999.0),
    line(10, 5, 5, "2025-02-01", "cancelled", debit=888.0),
    line(11, 5, 1, "2025-02-01", "cancelled", credit=888.0),
    # Off the balance sheet.
    line(12, 6, 7, "2025-12-31", "guarantee", debit=5.0),
    line(13, 6, 7, "2025-12-31", "guarantee", credit=5.0),
]


class Books:
    """The books as rows by table, to be changed by a test before they are written."""

    def __init__(self, version: int = 17) -> None:
        self.version = version
        self.columns: dict[str, str] = {}
        self.rows: dict[str, list[list[Any]]] = {}
        self._masters()
        self._accounts()
        self._entries()

    def table(self, name: str, columns: str, rows: Sequence[Row]) -> None:
        """Declare a table: ``name type, …`` and its rows."""
        self.columns[name] = columns
        self.rows[name] = [list(row) for row in rows]

    def names(self, table: str) -> list[str]:
        """Column names of a table."""
        return [part.split()[0] for part in self.columns[table].split(", ")]

    def drop(self, table: str, column: str) -> None:
        """Do without a column."""
        place = self.names(table).index(column)
        kept = self.columns[table].split(", ")
        del kept[place]
        self.columns[table] = ", ".join(kept)
        for row in self.rows[table]:
            del row[place]

    def put(self, table: str, key: int, **values: Any) -> None:
        """Change fields of the row with that id."""
        names = self.names(table)
        row = next(row for row in self.rows[table] if row[0] == key)
        for name, value in values.items():
            row[names.index(name)] = value

    def add(self, table: str, **values: Any) -> None:
        """Add a row; fields not given are null."""
        self.rows[table].append([values.get(name) for name in self.names(table)])

    def post(self, *given: Any, **rest: Any) -> None:
        """Add a posted journal line, as ``line`` has it."""
        self.rows["account_move_line"].append(self._line(line(*given, **rest)))

    def sqlite(self, file: Path) -> str:
        """Write an SQLite file; its URL."""
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as connection, connection:
            for name, columns in self.columns.items():
                connection.execute(f"CREATE TABLE {name} ({columns})")
                marks = ", ".join("?" * len(self.names(name)))
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", self.rows[name])
        return f"sqlite:///{file}"

    def script(self) -> str:
        """The same as SQL for PostgreSQL."""
        return "\n".join(self._statements())

    def _statements(self) -> Iterator[str]:
        for name, columns in self.columns.items():
            yield f"CREATE TABLE {name} ({columns});"
            for row in self.rows[name]:
                yield f"INSERT INTO {name} VALUES ({', '.join(map(literal, row))});"

    def _masters(self) -> None:
        since_17 = self.version >= 17
        self.table("res_currency", "id integer, name varchar", [(1, "EUR"), (2, "USD"), (3, "GBP")])
        self.table(
            "res_currency_rate",
            "id integer, currency_id integer, company_id integer, name date, rate numeric, "
            "write_date timestamp",
            [(1, 2, None, "2024-01-01", 1.1, STAMP), (2, 2, None, "2025-01-01", 1.25, STAMP)],
        )
        full_name = "complete_name" if since_17 else "display_name"
        self.table(
            "res_partner",
            f"id integer, name varchar, {full_name} varchar, write_date timestamp",
            [(1, "Ada", "Ada", STAMP), (2, None, "Bolt, Invoices", STAMP), (3, "Unused", "Unused", STAMP)],
        )
        tree = ", parent_id integer, parent_path varchar" if since_17 else ", parent_id integer"
        self.table(
            "res_company",
            "id integer, name varchar, currency_id integer, fiscalyear_last_day integer, "
            f"fiscalyear_last_month varchar, account_opening_move_id integer{tree}",
            [(1, "Acme", 1, 31, "12", None, None, *(["1/"] if since_17 else []))],
        )
        self.table("account_journal", "id integer, code varchar", [(1, "INV"), (2, "BNK")])

    def _accounts(self) -> None:
        name_type = "varchar" if self.version == 15 else "jsonb"
        if self.version == 15:
            types = "id integer, name varchar, type varchar, internal_group varchar"
            self.table("account_account_type", types, [(row[0], row[4], "other", "x") for row in ACCOUNTS])
        columns = f"id integer, name {name_type}, write_date timestamp, "
        columns += {15: "user_type_id integer, internal_group varchar"}.get(
            self.version, "account_type varchar"
        )
        columns += ", code_store jsonb" if self.version == 18 else ", code varchar, company_id integer"
        self.table("account_account", columns, [self._account(*row) for row in ACCOUNTS])
        if self.version == 18:
            rel = "account_account_id integer, res_company_id integer"
            self.table("account_account_res_company_rel", rel, [(row[0], 1) for row in ACCOUNTS])

    def _account(self, key: int, code: str, name: str, kind: str, _: str) -> list[Any]:
        named = name if self.version == 15 else json.dumps({"de_DE": "Konto", "en_US": name})
        kinds = [key, "asset"] if self.version == 15 else [kind]
        codes = [json.dumps({"1": code})] if self.version == 18 else [code, 1]
        return [key, named, STAMP, *kinds, *codes]

    def _entries(self) -> None:
        self.table("account_move", "id integer, state varchar", MOVES)
        analytic = "analytic_account_id integer" if self.version == 15 else "analytic_distribution jsonb"
        self.table(
            "account_move_line",
            "id integer, move_id integer, move_name varchar, journal_id integer, company_id integer, "
            "account_id integer, partner_id integer, currency_id integer, parent_state varchar, "
            "display_type varchar, name varchar, date date, date_maturity date, debit numeric, "
            f"credit numeric, amount_currency numeric, {analytic}, write_date timestamp",
            [self._line(given) for given in LINES],
        )
        self.table(
            "account_partial_reconcile",
            "id integer, debit_move_id integer, credit_move_id integer, amount numeric, max_date date, "
            "write_date timestamp",
            [(1, 1, 5, 50.0, None, STAMP)],
        )

    def _line(self, given: dict[str, Any]) -> list[Any]:
        states = dict(MOVES)
        plain = None if self.version == 15 else "product"
        analytic = given.get("analytic")
        if analytic and self.version > 15:
            analytic = f'{{"{analytic}": 100.0}}'
        debit, credit = given.get("debit", 0), given.get("credit", 0)
        return [
            given["id"],
            given["move"],
            f"MISC/{given['move']}",
            1,
            given.get("company", 1),
            given["account"],
            given.get("partner"),
            given.get("currency", 2 if "usd" in given else 1),
            states.get(given["move"], "posted"),
            given.get("display", plain),
            given["name"],
            given["date"],
            given.get("due"),
            debit,
            credit,
            given.get("usd", debit - credit if isinstance(debit, int | float) else 0),
            analytic,
            STAMP,
        ]


def literal(value: Any) -> str:
    """A value as SQL; floating point to the digits that it stands for."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(round(value, 12) if isinstance(value, float) else value)
    return "'" + str(value).replace("'", "''") + "'"
