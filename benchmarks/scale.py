"""Statements for three years by month, with all hard checks, from 100,000 to 100,000,000 journal lines.

Ours opens Parquet files, a part a month as a split extraction leaves them; each run is a process of its own.
Beside it, in the same run and taking turns: pandas doing the same work (see ``statements``), the sums alone
as plain SQL in PostgreSQL, and one bare DuckDB grouping, which nothing that reads every line can beat.
Figures are the fastest of RUNS runs. ``ABAX_BENCH_SIZES`` gives other sizes, ``100_000_000`` among them,
which takes some minutes and 2 GB of disk to make.
"""

from __future__ import annotations

import calendar
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.statements import FIRST_YEAR, NET_RESULT, TOTAL_ASSETS, in_pandas

SIZES = "100_000 1_000_000 10_000_000"
PANDAS_UP_TO = SQL_UP_TO = 10_000_000
RUNS = 3
MONTHS = [(FIRST_YEAR + place // 12, place % 12 + 1) for place in range(36)]
BYTES_A_LINE = 20
"""Of Parquet, rather more than less."""

Row = dict[str, Any]


def run() -> list[Row]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (peer by ours)."""
    sizes = [int(size) for size in os.environ.get("ABAX_BENCH_SIZES", SIZES).split()]
    return [row for lines in sizes for row in _measured(lines)]


def _measured(lines: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="abax-bench-", dir=os.environ.get("TMPDIR", "/tmp")) as place:
        folder = Path(place)
        folder.chmod(0o777)
        if shutil.disk_usage(folder).free < 2 * lines * BYTES_A_LINE:
            yield row(f"{lines:,} lines: not run, no space in {folder.parent}", "size", "GB", 0.0)
            return
        generate(folder, lines)
        with ExitStack() as stack:
            sides = dict(_sides(folder, lines, stack))
            best = _best(sides)
    _require_same(best)
    case = f"3 years by month with all checks, {lines:,} lines"
    ours = best.pop("ours")
    for name, peer in best.items():
        yield row(case, "in process", "s", ours["seconds"], peer["seconds"], name)
    yield row(case, "CPU time", "s", ours["cpu"])
    peer = best.get("pandas", {}).get("peak memory")
    yield row(case, "peak memory", "MB", ours["peak memory"], peer, "pandas" if peer else "")


def row(case: str, metric: str, unit: str, ours: float, peer: float | None = None, name: str = "") -> Row:
    """One result."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": round(ours, 3),
        "peer": peer and round(peer, 3),
        "peer_name": name,
        "ratio": round(peer / ours, 2) if peer else None,
    }


def _sides(folder: Path, lines: int, stack: ExitStack) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    def process(side: str) -> Callable[[], dict[str, Any]]:
        return lambda: _in_process(side, folder)

    yield "ours", process("ours")
    if lines <= PANDAS_UP_TO and importlib.util.find_spec("pandas"):
        yield "pandas", process("pandas")
    if lines <= SQL_UP_TO:
        yield "SQL in PostgreSQL", _in_postgres(folder, stack)
    yield "one bare DuckDB grouping", process("bare")


def _best(sides: dict[str, Callable[[], dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """What each side came to, with its fastest time: sides take turns, so that a busy moment hits all."""
    outcomes: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for turn in range(RUNS):
        for name, once in sides.items():
            if not turn or outcomes[name][0]["seconds"] < 20:
                outcomes[name].append(once())
    return {name: min(found, key=lambda outcome: outcome["seconds"]) for name, found in outcomes.items()}


def _require_same(best: dict[str, dict[str, Any]]) -> None:
    for figure in (NET_RESULT, TOTAL_ASSETS):
        found = {tuple(outcome[figure]) for outcome in best.values() if figure in outcome}
        if len(found) != 1:
            raise ValueError(f"the sides came to different figures of {figure}: the comparison means nothing")


def _in_process(side: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, side, str(folder)], capture_output=True, check=True, text=True
    )
    return dict(json.loads(done.stdout))


# --- the books --------------------------------------------------------------------------------------------


def generate(folder: Path, lines: int) -> None:
    """Balanced entries of two to six lines over 300 accounts and 36 months, one part a month.

    Deterministic: every number comes from its position by modular arithmetic. Memory does not grow with the
    number of lines."""
    import duckdb
    from abax.ledger import StatementClass, write_tables

    classes = [own for own in StatementClass if own is not StatementClass.OFF_BALANCE]
    accounts = [
        (str(n), f"{n:04d}", f"Account {n}", None, classes[n % len(classes)].value) for n in range(300)
    ]
    partners = [(str(n), f"Partner {n}", None) for n in range(500)]
    write_tables(folder, {"accounts": accounts, "partners": partners})
    entries = lines // 4
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2; SET memory_limit = '1GB'; SET preserve_insertion_order = false")
        for place, (year, month) in enumerate(MONTHS):
            part = folder / part_of(year, month)
            part.mkdir(parents=True)
            sql = LINES_OF_MONTH.format(
                first=f"{year}-{month:02d}-01",
                days=calendar.monthrange(year, month)[1],
                start=entries * place // 36,
                end=entries * (place + 1) // 36,
            )
            file = part / "journal_lines.parquet"
            connection.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")


def part_of(year: int, month: int) -> str:
    """The folder of one month's tables."""
    return f"{year}/{month:02d}"


LINES_OF_MONTH = """
    WITH entries AS (
        SELECT entry, 2 + entry % 5 AS places, DATE '{first}' + (entry * 2083 % {days})::INTEGER AS day
        FROM range({start}, {end}) AS entries (entry)
    ), drafts AS (
        SELECT *, (entry * 31 + place * 17) * 104729 % 300 AS account,
               (1 + (entry * 7919 + place * 104729) % 1000003) * (1 - 2 * (place % 2)) AS own,
               list_sum(list_transform(range(places - 1), lambda other:
                   (1 + (entry * 7919 + other * 104729) % 1000003) * (1 - 2 * (other % 2)))) AS others
        FROM entries, range(6) AS places (place) WHERE place < places
    ), balanced AS (
        SELECT *, if(place < places - 1, own, -others)::BIGINT AS cents FROM drafts
    )
    SELECT 'L' || entry || '.' || place AS line_id, 'E' || entry AS entry_id,
           'MISC/' || year(day) || '/' || entry AS entry_name, 'MISC' AS journal,
           account::VARCHAR AS account_id,
           (entry % 500)::VARCHAR AS partner_id, day AS posting_date, day + 30 AS due_date,
           year(day)::SMALLINT AS fiscal_year, month(day)::UTINYINT AS fiscal_month,
           (cents / 100::DECIMAL(18,4))::DECIMAL(18,4) AS amount, greatest(amount, 0)::DECIMAL(18,4) AS debit,
           greatest(-amount, 0)::DECIMAL(18,4) AS credit, 'EUR' AS document_currency,
           amount AS document_amount, 'line ' || place AS label, NULL::VARCHAR AS dimensions,
           false AS is_opening, false AS is_closing
    FROM balanced"""


def manifest() -> Any:
    """Names the generated files."""
    from abax.ledger import Company, LedgerManifest, YearPartition

    return LedgerManifest(
        erp="generated",
        erp_version="1",
        source_id="benchmark",
        company=Company(company_id="1", name="Benchmark", currency="EUR"),
        master={table: f"{table}.parquet" for table in ("accounts", "partners")},
        years=[
            YearPartition(
                year=year,
                watermark=f"{year}-{month}",
                lines=0,
                keys={"journal_lines": f"{part_of(year, month)}/journal_lines.parquet"},
            )
            for year, month in MONTHS
        ],
    )


# --- the sides --------------------------------------------------------------------------------------------


def ours(folder: Path) -> dict[str, Any]:
    """The checks and the statements by month, as a close computes them."""
    from abax.dates import Granularity
    from abax.ledger import Ledger, require
    from abax.ledger.package import LAYOUTS, cover
    from abax.ledger.statements import Balances, build

    with Ledger.open(manifest(), folder.joinpath) as ledger:
        require(ledger)
        balances, coverage = Balances(ledger), cover(ledger, FIRST_YEAR + 2)
        income, position, _ = (build(ledger, balances, own, coverage, Granularity.MONTH) for own in LAYOUTS)
    return {
        NET_RESULT: [str(value) for value in income.row("net_result").values],
        TOTAL_ASSETS: [str(value) for value in position.row("total_assets").values],
    }


def bare(folder: Path) -> dict[str, Any]:
    """Sums by account and month, and nothing else."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.sql(
            "SELECT account_id, fiscal_year, fiscal_month, sum(amount) "
            f"FROM '{folder}/*/*/journal_lines.parquet' GROUP BY ALL"
        ).fetchall()
    return {}


def _in_postgres(folder: Path, stack: ExitStack) -> Callable[[], dict[str, Any]]:
    """Fill a server with the columns that the sums need; what takes the sums."""
    from tests.support.postgres import running

    server = stack.enter_context(running())
    file = folder / "lines.csv"
    _write_csv(folder, file)
    server.create(
        "scale", SQL_TABLES, f"COPY lines FROM '{file}' (FORMAT csv)", SQL_CHART.format(folder=folder)
    )
    server.psql("scale", "VACUUM ANALYZE lines")
    file.unlink()

    def once() -> dict[str, Any]:
        begun = time.perf_counter()
        printed = server.psql("scale", SQL_SUMS)
        seconds = time.perf_counter() - begun
        return {"seconds": seconds, NET_RESULT: [line for line in printed.splitlines() if line]}

    return once


def _write_csv(folder: Path, file: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET threads = 2; SET memory_limit = '1GB'")
        connection.execute(
            "COPY (SELECT entry_id[2:]::BIGINT, account_id::INTEGER, fiscal_year, fiscal_month, is_closing, "
            f"amount, debit, credit FROM '{folder}/*/*/journal_lines.parquet') TO '{file}' (HEADER false)"
        )
        connection.execute(
            f"COPY (SELECT account_id, statement_class FROM '{folder}/accounts.parquet') "
            f"TO '{folder}/chart.csv' (HEADER false)"
        )
    for written in (file, folder / "chart.csv"):
        written.chmod(0o644)


SQL_TABLES = """
CREATE UNLOGGED TABLE lines (
    entry_id bigint, account_id integer, fiscal_year smallint, fiscal_month smallint, is_closing boolean,
    amount numeric(18,4), debit numeric(18,4), credit numeric(18,4));
CREATE TABLE chart (account_id integer PRIMARY KEY, statement_class varchar);
"""
SQL_CHART = "COPY chart FROM '{folder}/chart.csv' (FORMAT csv)"
SQL_SUMS = """
SET work_mem = '256MB';
SELECT entry_id FROM lines GROUP BY entry_id HAVING sum(amount) <> 0 OR bool_or(amount IS NULL);
SELECT fiscal_year FROM lines GROUP BY fiscal_year HAVING sum(debit) <> sum(credit) OR sum(amount) <> 0;
CREATE TEMP TABLE cells AS
SELECT fiscal_year, fiscal_month, statement_class, is_closing, sum(amount) AS amount
FROM lines JOIN chart USING (account_id) GROUP BY 1, 2, 3, 4;
SELECT round(-sum(amount) FILTER (WHERE statement_class IN ('revenue', 'other_income', 'cost_of_sales',
    'operating_expenses', 'depreciation', 'interest_income', 'interest_expense', 'income_tax')), 2)
FROM cells WHERE NOT is_closing GROUP BY fiscal_year, fiscal_month ORDER BY fiscal_year, fiscal_month;
"""

SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "pandas": in_pandas, "bare": bare}


def main(side: str, folder: str) -> None:
    """One run of one side, as JSON on standard output. Importing is not counted."""
    for needed in ("pandas", "pyarrow.parquet") if side == "pandas" else ("duckdb", "abax.ledger.package"):
        importlib.import_module(needed)

    begun, spent = time.perf_counter(), time.process_time()
    outcome = SIDES[side](Path(folder))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - spent
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    memory = int(peak[1]) / 1024 if peak else 0.0
    print(json.dumps({**outcome, "seconds": seconds, "cpu": cpu, "peak memory": memory}))


if __name__ == "__main__":
    main(*sys.argv[1:])
