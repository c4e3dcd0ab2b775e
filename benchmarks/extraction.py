"""A million journal lines out of a local PostgreSQL: ours to Parquet, beside psql's ``\\copy`` to a bare CSV.

Both run the same query, on a throw-away server, over books in Odoo 17's shape that the server itself made up.
Ours does more: types, fiscal months, Parquet. It runs in a process of its own, whose memory counts.
"rows" is the way for drivers without COPY: SQLAlchemy, in batches, here on pg8000 all the same; one run.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LINES = 1_000_000
YEAR = 2025
RUNS = 3
DATABASE = "bench"


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (of speeds); medians of RUNS."""
    from tests.support.postgres import running

    with running() as server, tempfile.TemporaryDirectory(prefix="abax-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        url = server.create(DATABASE, SCHEMA, LEDGER.format(entries=LINES // 4, year=YEAR))
        server.psql(DATABASE, "VACUUM ANALYZE account_move_line")
        query = _query(url)
        peers = [
            _timed(lambda: server.copy(DATABASE, query, Path(folder) / "plain.csv")) for _ in range(RUNS)
        ]
        peer = round(LINES / statistics.median(peers))
        rows = []
        for path, title, runs in (("copy", "COPY to Parquet", RUNS), ("stream", "rows to Parquet", 1)):
            speed, memory = _measure(path, url, runs)
            case = f"{title}, {LINES:,} lines"
            rows.append(
                _row(case, "speed", "rows/s", speed, peer, "psql \\copy to CSV", round(speed / peer, 2))
            )
            rows.append(_row(case, "peak memory", "MB", memory, None, "", None))
        rows.insert(1, _row(f"COPY to CSV alone, {LINES:,} lines", *_spooled(url, peer)))
    return rows


def _row(
    case: str, metric: str, unit: str, ours: float, peer: float | None, peer_name: str, ratio: float | None
) -> dict[str, Any]:
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": peer_name,
        "ratio": ratio,
    }


def _measure(path: str, url: str, runs: int) -> tuple[int, float]:
    """Rows per second and peak megabytes of one way of reading, medians of ``runs`` processes."""
    outcomes = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name, path, url], capture_output=True, check=True
        )
        outcomes.append(json.loads(done.stdout))
    seconds = statistics.median(outcome["seconds"] for outcome in outcomes)
    return round(LINES / seconds), round(statistics.median(outcome["megabytes"] for outcome in outcomes), 1)


def _spooled(url: str, peer: int) -> tuple[str, str, int, int, str, float]:
    speed, _ = _measure("spool", url, RUNS)
    return "speed", "rows/s", speed, peer, "psql \\copy to CSV", round(speed / peer, 2)


def _query(url: str) -> str:
    """The statement that ours runs, as text for psql."""
    from abax.erp import open_source

    with open_source(url) as source:
        company = source.company("1")
        calendar = company.calendar
        query = source.books.journal_lines(company, calendar.start_of(YEAR), calendar.end_of(YEAR))
        dialect = source.database.connection.dialect
        return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _extract(path: str, url: str) -> dict[str, float]:
    """One extraction in this process."""
    from abax.adapters.local.objects import FolderObjects
    from abax.erp import extract_year, open_source
    from abax.erp.connect import Database
    from abax.erp.scratch import scratch

    if path == "stream":
        Database.copies = property(lambda self: False)  # type: ignore[method-assign,assignment]
    with open_source(url) as source, tempfile.TemporaryDirectory() as folder:
        company = source.company("1")
        summary = source.year(company, YEAR)
        start = time.perf_counter()
        if path == "spool":
            calendar = company.calendar
            query = source.books.journal_lines(company, calendar.start_of(YEAR), calendar.end_of(YEAR))
            with scratch() as place:
                place.spool(source.database, "journal_lines", query)
        else:
            partition = extract_year(source, company, summary, FolderObjects(Path(folder)))
            if partition.lines != LINES:
                raise ValueError(f"{partition.lines} lines read of {LINES}")
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


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
CREATE TABLE account_move_line (
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
    SELECT DATE '{year}-01-01' + (e::bigint * 7919 % 365)::int AS day,
        round((100 + (e::bigint * 104729 + p / 2) % 1000003)::numeric / 100, 2) * (1 - 2 * (p % 2)) AS signed
) AS drawn;
"""

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_extract(sys.argv[1], sys.argv[2])))
