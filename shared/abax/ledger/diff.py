"""Two ledgers of one company compared: what was posted, taken back or changed between two extractions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from abax.errors import InvalidRequest
from abax.ledger.model import Frozen, LedgerManifest
from abax.ledger.store import LINE_COLUMNS, read_tables

_WATCHED: Final = tuple(name for name in LINE_COLUMNS if name != "line_id")
"""Any of these makes a line another one."""

_JOINED: Final = """
    before_lines AS b FULL OUTER JOIN after_lines AS a USING (line_id)
    WHERE b.line_id IS NULL OR a.line_id IS NULL OR {differing}"""


class CellChange(Frozen):
    """An account's postings of one fiscal year, on both sides; debit positive."""

    code: str
    name: str
    year: int
    before: Decimal
    after: Decimal


class LineChange(Frozen):
    """A journal line that is on one side only, or is different: ``None`` where it is not."""

    line_id: str
    entry_name: str
    posting_date: date
    code: str
    before: Decimal | None
    after: Decimal | None


class LedgerDiff(Frozen):
    """What differs. ``lines`` holds the largest changes only; the counts are of all."""

    added: int
    removed: int
    changed: int
    cells: list[CellChange]
    lines: list[LineChange]

    @property
    def same(self) -> bool:
        """Whether nothing does."""
        return not (self.added or self.removed or self.changed)


def diff(
    before: LedgerManifest, after: LedgerManifest, fetch: Callable[[str], Path], *, lines: int = 50
) -> LedgerDiff:
    """Compare the journal lines of two ledgers. ``fetch`` turns an object key into a local file; ``lines``
    says how many to name. Years whose tables are the same objects are not read.

    Raises InvalidRequest for ledgers of different companies or sources.
    """
    owners = [(side.source_id, side.company.company_id) for side in (before, after)]
    if owners[0] != owners[1]:
        raise InvalidRequest(
            f"two ledgers of {before.company.name} ({before.source_id}) and {after.company.name} "
            f"({after.source_id}) cannot be compared",
            "snapshot",
        )
    shared = {part.keys["journal_lines"] for part in before.years} & {
        part.keys["journal_lines"] for part in after.years
    }
    with read_tables() as tables:
        for name, side in (("before", before), ("after", after)):
            keys = [part.keys["journal_lines"] for part in side.years]
            files = [fetch(key) for key in keys if key not in shared]
            tables.declare(f"{name}_lines", "journal_lines", files)
            tables.declare(f"{name}_accounts", "accounts", [fetch(side.master["accounts"])])
        return _diff(tables.rows, lines)


def _diff(rows: Callable[..., list[tuple[Any, ...]]], limit: int) -> LedgerDiff:
    differing = " OR ".join(f"b.{name} IS DISTINCT FROM a.{name}" for name in _WATCHED)
    joined = _JOINED.format(differing=differing)
    [(added, removed, changed)] = rows(
        "SELECT count(*) FILTER (b.line_id IS NULL), count(*) FILTER (a.line_id IS NULL), "
        f"count(*) FILTER (b.line_id = a.line_id) FROM (SELECT b, a FROM {joined})"
    )
    return LedgerDiff(
        added=added, removed=removed, changed=changed, cells=_cells(rows), lines=_lines(rows, joined, limit)
    )


def _cells(rows: Callable[..., list[tuple[Any, ...]]]) -> list[CellChange]:
    found = rows(
        """
        WITH sums AS (
            SELECT account_id, fiscal_year, sum(amount) AS before, 0 AS after
            FROM before_lines GROUP BY ALL
            UNION ALL
            SELECT account_id, fiscal_year, 0, sum(amount) FROM after_lines GROUP BY ALL
        ), named AS (
            SELECT account_id, code, name FROM after_accounts UNION
            SELECT account_id, code, name FROM before_accounts ANTI JOIN after_accounts USING (account_id)
        )
        SELECT coalesce(nullif(code, ''), account_id), coalesce(name, ''), fiscal_year,
               sum(before) AS old, sum(after) AS new
        FROM sums LEFT JOIN named USING (account_id)
        GROUP BY account_id, code, name, fiscal_year HAVING old <> new ORDER BY fiscal_year, 1"""
    )
    return [
        CellChange(code=code, name=name, year=year, before=old, after=new)
        for code, name, year, old, new in found
    ]


def _lines(rows: Callable[..., list[tuple[Any, ...]]], joined: str, limit: int) -> list[LineChange]:
    found = rows(
        f"""
        WITH moved AS (
            SELECT line_id, coalesce(a.entry_name, b.entry_name, a.entry_id, b.entry_id) AS entry_name,
                   coalesce(a.posting_date, b.posting_date) AS posting_date,
                   coalesce(a.account_id, b.account_id) AS account_id, b.amount AS old, a.amount AS new
            FROM {joined}
        ), named AS (SELECT account_id, any_value(code) AS code FROM (
            FROM after_accounts UNION ALL FROM before_accounts) GROUP BY account_id)
        SELECT line_id, entry_name, posting_date, coalesce(nullif(code, ''), account_id), old, new
        FROM moved LEFT JOIN named USING (account_id)
        ORDER BY abs(coalesce(new, 0) - coalesce(old, 0)) DESC, posting_date, line_id LIMIT $limit""",
        limit=limit,
    )
    return [
        LineChange(
            line_id=line_id, entry_name=entry, posting_date=day, code=code or "", before=old, after=new
        )
        for line_id, entry, day, code, old, new in found
    ]
