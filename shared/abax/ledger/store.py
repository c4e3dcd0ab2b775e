"""A ledger opened for reading: Parquet files behind DuckDB views, and one small cube that reports build on.

::

    journal_lines ──► cube: account × fiscal month × closing or not ──► statements, trial balance, ratios
         │                                                                   ▲
         └──► entry check, open items, lineage          chart: account ──► statement class
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from abax import __version__
from abax.dates import Calendar, Granularity, Period
from abax.disk import named_when_full
from abax.errors import InvalidMapping, UnmappedAccount
from abax.ledger.layout import month_number
from abax.ledger.mapping import Classes
from abax.ledger.model import (
    FURTHER_MASTER_TABLES,
    FURTHER_YEAR_TABLES,
    MASTER_TABLES,
    TABLES,
    YEAR_TABLES,
    Account,
    Company,
    LedgerManifest,
    StatementClass,
)
from abax.ledger.scan import BALANCED, MONTH_NO, cells, weighed_cells
from abax.ledger.suggest import suggested

if TYPE_CHECKING:  # at run time it is loaded where a ledger is opened: the API answers without it
    import duckdb

_NAMED: Final = {
    "accounts": "* REPLACE (coalesce(nullif(code, ''), account_id) AS code, coalesce(name, '') AS name)",
    "journal_lines": f"* REPLACE (coalesce(nullif(entry_name, ''), entry_id) AS entry_name), {MONTH_NO}",
}
"""How tables are read: an account without a code and an entry without a number go by the source's key."""
_WIDENED: Final = ("partners", "settlements", "items", "item_settlements")
"""Tables that have got columns since they were first written."""


class Cutoff(NamedTuple):
    """Where the books stop: after fiscal month ``month``, and in that month after ``day``, which is
    ``date.max`` where the month counts whole."""

    month: int
    day: date


class Ledger:
    """One company's books, read-only. Not to be shared between threads; close it, or use ``with``.

    Attributes: ``manifest``, ``company``, ``accounts`` (by account id; those with a statement class),
    ``balanced`` (whether every entry balances and every line has an amount).
    """

    def __init__(self, manifest: LedgerManifest, connection: duckdb.DuckDBPyConnection) -> None:
        self.manifest = manifest
        self.accounts: dict[str, Account] = {}
        self.balanced = True
        self._connection = connection
        self._scratch: TemporaryDirectory[str] | None = None
        self._cubes: dict[Cutoff, str] = {}

    @classmethod
    def open(
        cls,
        manifest: LedgerManifest,
        fetch: Callable[[str], Path],
        *,
        memory_limit: str = "400MB",
        threads: int = 2,
        temp_directory: Path | None = None,
    ) -> Self:
        """Open the tables that ``manifest`` names; ``fetch`` turns an object key into a local file.

        ``memory_limit`` bounds DuckDB's buffers; what does not fit spills into ``temp_directory`` (one of its
        own by default). Raises UnmappedAccount, InvalidMapping, ObjectMissing.
        """
        import duckdb

        ledger = cls(manifest, duckdb.connect())
        try:
            ledger._limit(memory_limit, threads, temp_directory)
            ledger._declare(fetch)
            ledger._classify()
            ledger._gather()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database and its scratch files."""
        self._connection.close()
        if self._scratch:
            self._scratch.cleanup()

    @property
    def company(self) -> Company:
        """Whose books these are."""
        return self.manifest.company

    @property
    def currency(self) -> str:
        """The functional currency: that of every amount."""
        return self.manifest.company.currency

    @cached_property
    def calendar(self) -> Calendar:
        """The company's fiscal calendar."""
        return self.company.calendar

    @property
    def has_items(self) -> bool:
        """Whether the source keeps receivables and payables in a subledger of their own."""
        return any("items" in year.keys for year in self.manifest.years)

    @cached_property
    def years(self) -> list[int]:
        """Fiscal years with postings, ascending."""
        return [year for (year,) in self.rows("SELECT DISTINCT fiscal_year FROM cube ORDER BY 1")]

    @cached_property
    def input_hash(self) -> str:
        """Hash of what every figure depends on: extracted partitions, mapping, and the version of Abax."""
        manifest = self.manifest
        return hashed(
            manifest.source_id,
            manifest.company.model_dump(mode="json"),
            manifest.master,
            [[part.year, part.watermark, part.lines] for part in manifest.years],
            manifest.mapping,
            manifest.settings,
            manifest.accept_unbalanced,
            __version__,
        )

    def rows(self, sql: str, *places: object, **names: object) -> list[tuple[Any, ...]]:
        """Run one statement, with ``?`` or ``$name`` parameters, over ``journal_lines``, ``settlements``,
        ``partners``, ``chart`` and ``cube``. Raises StorageFull where DuckDB has no room left to spill."""
        with named_when_full("the scratch folder of the ledger"):
            return self._connection.execute(sql, names or places or None).fetchall()

    def find_period(self, label: str) -> Period | None:
        """The fiscal month, quarter or year of that label, among the years with postings."""
        return next((period for period in self.periods() if period.label == label), None)

    def periods(self) -> Iterable[Period]:
        """All years, then quarters, then months from the first year with postings to the last."""
        years = range(self.years[0], self.years[-1] + 1) if self.years else range(0)
        for granularity in reversed(Granularity):
            yield from chain.from_iterable(self.calendar.periods(year, granularity) for year in years)

    @cached_property
    def read_up_to(self) -> date | None:
        """The last day that these books tell about; None where nothing is posted after them."""
        held = [part.year for part in self.manifest.years]
        return self.calendar.end_of(max(held)) if held and self.manifest.later_years else None

    def cutoff(self, as_of: date | None) -> Cutoff | None:
        """Where ``as_of`` cuts the books off; None where nothing lies behind it.

        Months that have ended by then count whole even if a late posting date stands in them: an adjustment
        belongs to the fiscal month that the source gave it."""
        if as_of is None:
            return None
        year, month = self.calendar.year_of(as_of), self.calendar.month_of(as_of)
        ended = as_of >= self.calendar.months(year)[month - 1].end
        cut = Cutoff(month_number(year, month), date.max if ended else as_of)
        behind = (
            "SELECT 1 FROM cube WHERE month_no > $month OR (month_no = $month AND last_day > $day) LIMIT 1"
        )
        return cut if self.rows(behind, **cut._asdict()) else None

    def posted_by(self, as_of: date | None) -> str:
        """SQL condition on ``journal_lines`` that takes the very lines that ``cube(as_of)`` sums."""
        cut = self.cutoff(as_of)
        if cut is None:
            return "true"
        return f"(month_no < {cut.month} OR (month_no = {cut.month} AND posting_date <= DATE '{cut.day}'))"

    def cube(self, as_of: date | None = None) -> str:
        """Name of the table of cells (account, fiscal year, month, is_closing; amount, debit, credit, lines)
        up to ``as_of``: the month that holds that day stops on it, and later months are not there."""
        cut = self.cutoff(as_of)
        if cut is None:
            return "cube"
        if cut not in self._cubes:
            name = f"cube_{len(self._cubes)}"
            self.rows(f"CREATE TEMP TABLE {name} AS {_cells_up_to(cut)}")
            self._cubes[cut] = name
        return self._cubes[cut]

    @contextmanager
    def without(self, entries: Sequence[str]) -> Iterator[None]:
        """Meanwhile the cells of these journal entries, by key, stand in the table ``set_aside``: what the
        checks take off the cube."""
        part = cells(where="WHERE entry_id IN (SELECT unnest($entries::VARCHAR[]))")
        self.rows(
            f"INSERT INTO set_aside SELECT cells.*, statement_class FROM ({part}) AS cells "
            "JOIN chart USING (account_id)",
            entries=list(entries),
        )
        try:
            yield
        finally:
            self.rows("DELETE FROM set_aside")

    def _limit(self, memory_limit: str, threads: int, temp_directory: Path | None) -> None:
        if temp_directory is None:
            self._scratch = TemporaryDirectory(prefix="abax-")
            temp_directory = Path(self._scratch.name)
        self.rows(f"SET memory_limit = {_quoted(memory_limit)}")
        self.rows(f"SET threads = {int(threads)}")
        self.rows(f"SET temp_directory = {_quoted(temp_directory)}")
        self.rows("SET preserve_insertion_order = false")
        self.rows("SET enable_progress_bar = false")
        self.rows("SET parquet_metadata_cache = true")
        self.rows("SET autoinstall_known_extensions = false")

    def _declare(self, fetch: Callable[[str], Path]) -> None:
        keys: dict[str, list[str]] = {table: [] for table in TABLES}
        for part in [self.manifest.master, *(year.keys for year in self.manifest.years)]:
            for table, key in part.items():
                keys[table].append(key)
        for table in (*MASTER_TABLES, *FURTHER_MASTER_TABLES, *YEAR_TABLES, *FURTHER_YEAR_TABLES):
            source = _source(table, [fetch(key) for key in keys[table]])
            self.rows(f"CREATE TEMP VIEW {table} AS SELECT {_NAMED.get(table, '*')} FROM {source}")

    def _classify(self) -> None:
        """The chart: every account with its class, the mapping's word over the source's."""
        mapping = Classes(self.manifest.mapping)
        chart = []
        for account_id, code, name, kind, given in self.rows(
            "SELECT account_id, code, name, source_type, statement_class FROM accounts "
            "ORDER BY code, account_id"
        ):
            known = mapping.of(code, kind) or (self._class(code, given) if given else None)
            chart.append((account_id, code, name, known))
            if known:
                self.accounts[account_id] = Account(
                    account_id=account_id, code=code, name=name, statement_class=known
                )
        columns = [[row[place] for row in chart] for place in range(4)]
        self.rows(
            "CREATE TEMP TABLE chart AS SELECT unnest($ids::VARCHAR[]) AS account_id, "
            "unnest($codes::VARCHAR[]) AS code, unnest($names::VARCHAR[]) AS name, "
            "unnest($classes::VARCHAR[]) AS statement_class",
            **dict(zip(("ids", "codes", "names", "classes"), columns, strict=True)),
        )

    @staticmethod
    def _class(code: str, given: str) -> StatementClass:
        try:
            return StatementClass(given)
        except ValueError:
            raise InvalidMapping(code, given, StatementClass) from None

    def _gather(self) -> None:
        self.rows(f"CREATE TEMP TABLE weighed AS {weighed_cells()}")
        self.rows(
            "CREATE TEMP TABLE cube AS SELECT weighed.* EXCLUDE (high, low, valued), statement_class "
            "FROM weighed LEFT JOIN chart USING (account_id)"
        )
        [(self.balanced,)] = self.rows(BALANCED)
        self.rows("DROP TABLE weighed")
        self.rows("CREATE TEMP TABLE set_aside AS FROM cube LIMIT 0")
        unmapped = self.rows(
            "SELECT DISTINCT account_id, code, name, source_type FROM cube "
            "LEFT JOIN accounts USING (account_id) "
            "WHERE cube.statement_class IS NULL ORDER BY code, account_id"
        )
        if unmapped:
            raise UnmappedAccount([_unmapped(*account) for account in unmapped])


def _unmapped(key: str | None, code: str | None, name: str | None, kind: str | None) -> str:
    """An account without a class, and what it looks like."""
    if not code:
        return f"{key or 'none'} (not in the chart)"
    looks = suggested(name or "", kind)
    return f"{code} {name or ''}".rstrip() + (f" (looks like {looks[0]})" if looks else "")


LINE_COLUMNS: Final = tuple(TABLES["journal_lines"])


class Tables:
    """Canonical tables as DuckDB views of any name, without anything that a ledger makes of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def declare(self, name: str, table: str, files: list[Path]) -> None:
        """Show ``files`` of a canonical table as ``name``; without any, an empty one."""
        self._connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {_source(table, files)}")

    def rows(self, sql: str, **names: object) -> list[tuple[Any, ...]]:
        """Run one statement, with ``$name`` parameters."""
        return self._connection.execute(sql, names or None).fetchall()


@contextmanager
def read_tables() -> Iterator[Tables]:
    """A DuckDB of bounded memory that spills into a folder of its own."""
    import duckdb

    with TemporaryDirectory(prefix="abax-") as scratch, duckdb.connect() as connection:
        for setting in ("memory_limit = '400MB'", "threads = 2", f"temp_directory = {_quoted(scratch)}"):
            connection.execute(f"SET {setting}")
        yield Tables(connection)


def _cells_up_to(cut: Cutoff) -> str:
    """Months that count whole come from the cube; one that is cut short is summed again from its lines."""
    if cut.day == date.max:
        return f"SELECT * FROM cube WHERE month_no <= {cut.month}"
    part = cells(where=f"WHERE month_no = {cut.month} AND posting_date <= DATE '{cut.day}'")
    return (
        f"SELECT * FROM cube WHERE month_no < {cut.month} UNION ALL "
        f"SELECT cells.*, statement_class FROM ({part}) AS cells JOIN chart USING (account_id)"
    )


def hashed(*parts: object) -> str:
    """SHA-256 over the JSON of ``parts``: the same parts give the same hash on every machine."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_tables(folder: Path, tables: Mapping[str, Iterable[Sequence[object]]]) -> dict[str, Path]:
    """Write canonical rows, their values in the order of TABLES, to Parquet; name to file.

    A name is a table, or a path that ends in one: ``2025/journal_lines`` goes to
    ``folder/2025/journal_lines.parquet``. Raises StorageFull."""
    files = {name: folder / f"{name}.parquet" for name in tables}
    with named_when_full(folder), _writer().cursor() as connection:
        for name, rows in tables.items():
            files[name].parent.mkdir(parents=True, exist_ok=True)
            _write_table(connection, TABLES[files[name].stem], rows, files[name])
    return files


@cache
def _writer() -> duckdb.DuckDBPyConnection:
    """Shared, for a new database costs more than a small table."""
    import duckdb

    return duckdb.connect()


def _write_table(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
    file: Path,
) -> None:
    lines = file.with_suffix(".jsonl")
    with lines.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(dict(zip(columns, row, strict=True)), default=str) + "\n")
    types = ", ".join(f"{name}: {_quoted(kind)}" for name, kind in columns.items())
    connection.execute(
        f"COPY (SELECT * FROM read_json({_quoted(lines)}, format = 'newline_delimited', "
        f"columns = {{{types}}})) TO {_quoted(file)} (FORMAT parquet)"
    )
    lines.unlink()


def _source(table: str, files: list[Path]) -> str:
    columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in TABLES[table].items())
    empty = f"SELECT {columns} WHERE false"
    if not files:
        return f"({empty})"
    read = f"read_parquet([{', '.join(_quoted(file) for file in files)}])"
    # Files may be older than a column.
    return f"({empty} UNION ALL BY NAME FROM {read})" if table in _WIDENED else read


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
