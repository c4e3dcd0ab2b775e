"""Journal lines out of a local PostgreSQL to Parquet, several months at once as a close reads a large ledger,
beside psql's ``\\copy`` of the same rows to nowhere.

Both read the same throw-away server, over books in Odoo 17's shape that the server itself made up. Ours does
more: types, fiscal months, Parquet. It runs in a process of its own, whose memory counts. "rows" is the way
for drivers without COPY: SQLAlchemy, in batches, here on pg8000 all the same; one month, once.
Figures are the fastest of RUNS runs; ``ABAX_BENCH_LINES`` gives another number of lines.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINES = int(os.environ.get("ABAX_BENCH_LINES", "10_000_000"))
YEAR = 2025
RUNS = 2
DATABASE = "bench"
COMPANY = "1"

Best = dict[str, dict[str, float]]


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (of speeds)."""
    from tests.support.postgres import running

    best: Best = {}
    peer = float("inf")
    with running() as server:
        url = server.create(DATABASE, SCHEMA, LEDGER.format(entries=LINES // 4, year=YEAR))
        server.psql(DATABASE, "VACUUM ANALYZE account_move_line")
        query = _query(url)
        for turn in range(RUNS):
            peer = min(peer, timed(lambda: server.copy(DATABASE, query, Path(os.devnull))))
            for path in ("copy", "stream") if not turn else ("copy",):
                measured(best, path, [sys.executable, "-m", __spec__.name, path, url])
    return rows_of(best, LINES, "COPY to Parquet", "psql \\copy to nowhere", peer)


def rows_of(best: Best, lines: int, title: str, peer_name: str, peer: float) -> list[dict[str, Any]]:
    """What the runs of both ways came to."""
    rows = []
    for path, name in (("copy", title), ("stream", "rows to Parquet")):
        case = f"{name}, {round(best[path]['lines']):,} lines"
        speed = round(best[path]["lines"] / best[path]["seconds"])
        rows.append(row(case, "speed", "rows/s", speed, round(lines / peer), peer_name))
        rows.append(row(case, "CPU time of ours", "s", round(best[path]["cpu"], 2)))
        rows.append(row(case, "peak memory", "MB", round(best[path]["megabytes"], 1)))
    case = f"telling whether any of {lines:,} lines moved"
    rows.append(row(case, "speed", "rows/s", round(lines / best["copy"]["marks"])))
    return rows


def row(
    case: str, metric: str, unit: str, ours: float, peer: float | None = None, peer_name: str = ""
) -> dict[str, Any]:
    """One result."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": peer_name,
        "ratio": round(ours / peer, 2) if peer else None,
    }


def measured(best: Best, path: str, command: list[str]) -> None:
    """Run one way of reading in a process of its own, and keep its outcome if it is the fastest."""
    outcome = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    if path not in best or outcome["seconds"] < best[path]["seconds"]:
        best[path] = outcome


def timed(work: Callable[[], Any]) -> float:
    """How many seconds it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def extracted(path: str, url: str, company: str, lines: int) -> str:
    """One extraction in this process, all parts or, value by value, one of them; its figures as JSON."""
    from abax.adapters.local.objects import FolderObjects
    from abax.erp import extract_year, open_source
    from abax.erp.connect import Database
    from abax.workflow.close import side_by_side

    if path == "stream":
        Database.copies = property(lambda self: False)  # type: ignore[method-assign,assignment]
    with open_source(url) as source, tempfile.TemporaryDirectory() as folder:
        found = source.company(company)
        begun = time.perf_counter()
        parts = source.parts(found)
        marks = time.perf_counter() - begun
        if sum(part.lines for part in parts) != lines:
            raise ValueError(f"{parts} are not {lines} lines")

        def read(part: Any) -> int:
            with open_source(url) as own:
                return extract_year(own, found, part, FolderObjects(Path(folder))).lines

        spent, begun = time.process_time(), time.perf_counter()
        counts = side_by_side(read, parts) if path == "copy" else [read(parts[0])]
        outcome = {
            "lines": sum(counts),
            "seconds": time.perf_counter() - begun,
            "cpu": time.process_time() - spent,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "marks": marks,
        }
    return json.dumps(outcome)


def _query(url: str) -> str:
    """The statement that ours runs, as text for psql."""
    from abax.erp import open_source

    with open_source(url) as source:
        company = source.company(COMPANY)
        calendar = company.calendar
        query = source.books.journal_lines(company, calendar.start_of(YEAR), calendar.end_of(YEAR))
        dialect = source.database.connection.dialect
        return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


SCHEMA = """
CREATE TABLE res_company (
    id integer PRIMARY KEY, name varchar, currency_id integer, parent_path varchar, parent_id integer,
    fiscalyear_last_day integer, fiscalyear_last_month varchar, account_opening_move_id integer);
CREATE TABLE res_currency (id integer PRIMARY KEY, name varchar);
CREATE TABLE res_currency_rate (
    id integer PRIMARY KEY, currency_id integer, company_id integer, name date, rate numeric,
    write_date timestamp);
CREATE TABLE res_partner (id integer PRIMARY KEY, name varchar, complete_name varchar, write_date timestamp);
CREATE TABLE account_account (
    id integer PRIMARY KEY, company_id integer, code varchar, account_type varchar, name jsonb,
    write_date timestamp);
CREATE TABLE account_journal (id integer PRIMARY KEY, code varchar);
CREATE TABLE account_move (id integer PRIMARY KEY, state varchar);
CREATE UNLOGGED TABLE account_move_line (
    id integer PRIMARY KEY, move_id integer, journal_id integer, company_id integer, account_id integer,
    company_currency_id integer, sequence integer, currency_id integer, partner_id integer,
    full_reconcile_id integer, product_id integer, create_uid integer, write_uid integer, move_name varchar,
    parent_state varchar, ref varchar, name varchar, matching_number varchar, display_type varchar, date date,
    invoice_date date, date_maturity date, analytic_distribution jsonb, debit numeric, credit numeric,
    balance numeric, amount_currency numeric, amount_residual numeric, quantity numeric, price_unit numeric,
    price_subtotal numeric, price_total numeric, tax_tag_invert boolean, reconciled boolean,
    create_date timestamp, write_date timestamp);
CREATE TABLE account_partial_reconcile (
    id integer PRIMARY KEY, debit_move_id integer, credit_move_id integer, amount numeric, max_date date,
    write_date timestamp);
INSERT INTO res_currency VALUES (1, 'EUR'), (2, 'USD');
INSERT INTO res_company VALUES (1, 'Bench SE', 1, '1/', NULL, 31, '12', NULL);
INSERT INTO account_journal VALUES (1, 'INV'), (2, 'BILL'), (3, 'BNK1'), (4, 'MISC');
"""

LEDGER = """
INSERT INTO account_account SELECT n, 1, (100000 + n)::varchar, 'expense',
    jsonb_build_object('en_US', 'Account ' || n), now() FROM generate_series(1, 300) n;
INSERT INTO res_partner SELECT n, 'Partner ' || n, 'Partner ' || n, now() FROM generate_series(1, 2000) n;
INSERT INTO account_move SELECT n, 'posted' FROM generate_series(1, {entries}) n;
INSERT INTO account_move_line
SELECT e * 4 + p, e, 1 + e % 4, 1, 1 + (e * 7 + p * 31) % 300, 1, 100, 1 + (e % 10 = 0)::int, 1 + e % 2000,
    NULL, NULL, 1, 1, 'INV/{year}/' || lpad(e::varchar, 6, '0'), 'posted', 'order ' || e,
    CASE WHEN p < 2 THEN 'Goods delivered, item ' || e * 4 + p END, NULL, 'product', day, day,
    CASE WHEN p = 3 THEN day + 30 END,
    CASE WHEN p < 2 THEN jsonb_build_object((1 + e % 20)::varchar, 100.0) END,
    greatest(signed, 0.00), greatest(-signed, 0.00), signed, signed, 0.00, 1.00, signed, signed, signed,
    false, false, now(), now()
FROM generate_series(1, {entries}) e, generate_series(0, 3) p, LATERAL (
    SELECT DATE '{year}-01-01' + (e::bigint * 365 / ({entries} + 1))::int AS day,
        round((100 + (e::bigint * 104729 + p / 2) % 1000003)::numeric / 100, 2) * (1 - 2 * (p % 2)) AS signed
) AS drawn;
CREATE INDEX ON account_move_line (date);
"""

if __name__ == "__main__":
    sys.stdout.write(extracted(sys.argv[1], sys.argv[2], COMPANY, LINES))
