"""Three years of statements by month, with all hard checks, from a million journal lines in Parquet.

Ours and pandas do the same work, each in processes of its own: the four checks, then income statement,
balance sheet and cash flow by month. Ours computes in DECIMAL; pandas in whole numbers of 1/10000, its
fastest exact way.
"""

from __future__ import annotations

import importlib.util
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINES = 1_000_000
FIRST_YEAR = 2023
RUNS = 5
NET_RESULT = "net result by month"
TOTAL_ASSETS = "total assets by month"


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (peer by ours); medians of RUNS runs."""
    with tempfile.TemporaryDirectory(prefix="abax-bench-") as folder:
        generate(Path(folder))
        ours = measure("ours", folder)
        peer = measure("pandas", folder) if importlib.util.find_spec("pandas") else None
        rest = measure("package", folder)
    if peer and (peer[NET_RESULT], peer[TOTAL_ASSETS]) != (ours[NET_RESULT], ours[TOTAL_ASSETS]):
        raise ValueError("pandas came to other figures: the comparison means nothing")
    case = f"3 years by month with all checks, {LINES:,} lines"
    rows = [
        row(case, metric, unit, ours[metric], peer and peer[metric])
        for metric, unit in (("in process", "s"), ("whole process", "s"), ("peak memory", "MB"))
    ]
    case = f"whole close package, {LINES:,} lines, {rest['open items']:,} of them open items"
    rows.append(row(case, "in process", "s", rest["in process"], None))
    rows.append(row(f"one figure opened, {LINES:,} lines", "in process", "s", rest["explain"], None))
    return rows


def row(case: str, metric: str, unit: str, ours: float, peer: float | None) -> dict[str, Any]:
    """One result."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "peer_name": "pandas" if peer else "",
        "ratio": round(peer / ours, 2) if peer else None,
    }


def measure(side: str, folder: str) -> dict[str, Any]:
    """Run one side RUNS times in fresh processes; numbers become medians."""
    outcomes = []
    for _ in range(RUNS):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name, side, folder], capture_output=True, check=True, text=True
        )
        outcomes.append({"whole process": time.perf_counter() - start, **json.loads(done.stdout)})
    return {
        key: round(statistics.median(outcome[key] for outcome in outcomes), 3)
        if isinstance(value, float)
        else value
        for key, value in outcomes[0].items()
    }


def generate(folder: Path, lines: int = LINES) -> None:
    """Balanced entries of two to six lines over 300 accounts and 36 months, one folder per fiscal year.

    Deterministic: every number comes from its position by modular arithmetic."""
    import duckdb
    from abax.ledger import StatementClass, write_tables

    classes = [own for own in StatementClass if own is not StatementClass.OFF_BALANCE]
    accounts = [
        (str(n), f"{n:04d}", f"Account {n}", None, classes[n % len(classes)].value) for n in range(300)
    ]
    partners = [(str(n), f"Partner {n}", None) for n in range(500)]
    years = range(FIRST_YEAR, FIRST_YEAR + 3)
    settlements: dict[str, list[Any]] = {f"{year}/settlements": [] for year in years}
    write_tables(folder, {"accounts": accounts, "partners": partners, **settlements})
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(ENTRIES.format(entries=lines // 4))
        for year in years:
            file = folder / str(year) / "journal_lines.parquet"
            connection.execute(f"COPY ({YEAR_OF_LINES.format(year=year)}) TO '{file}' (FORMAT parquet)")


ENTRIES = f"""
    CREATE TABLE drafts AS
    SELECT entry, place, 2 + entry % 5 AS places,
           DATE '{FIRST_YEAR}-01-01' + (entry * 2083 % 1096)::INTEGER AS day,
           (entry * 31 + place * 17) * 104729 % 300 AS account,
           (1 + (entry * 7919 + place * 104729) % 1000003) * (1 - 2 * (place % 2)) AS cents
    FROM range({{entries}}) AS entries (entry), range(6) AS places (place)
    WHERE place < 2 + entry % 5;
    CREATE TABLE balanced AS
    SELECT * REPLACE (
        cents - CASE WHEN place < places - 1 THEN 0 ELSE sum(cents) OVER (PARTITION BY entry) END AS cents)
    FROM drafts"""

YEAR_OF_LINES = """
    SELECT 'L' || entry || '.' || place AS line_id, 'E' || entry AS entry_id,
           'MISC/' || year(day) || '/' || entry AS entry_name, 'MISC' AS journal,
           account::VARCHAR AS account_id,
           (entry % 500)::VARCHAR AS partner_id, day AS posting_date, day + 30 AS due_date,
           year(day)::SMALLINT AS fiscal_year, month(day)::UTINYINT AS fiscal_month,
           (cents / 100::DECIMAL(18,4))::DECIMAL(18,4) AS amount, greatest(amount, 0)::DECIMAL(18,4) AS debit,
           greatest(-amount, 0)::DECIMAL(18,4) AS credit, 'EUR' AS document_currency,
           amount AS document_amount, 'line ' || place AS label, NULL::VARCHAR AS dimensions,
           false AS is_opening, false AS is_closing
    FROM balanced WHERE year(day) = {year} ORDER BY day, entry, place"""


def ours(folder: Path) -> dict[str, Any]:
    """The checks and the statements by month, as a close computes them."""
    from abax.dates import Granularity
    from abax.ledger import Ledger, require
    from abax.ledger.package import LAYOUTS, cover
    from abax.ledger.statements import Balances, build

    start = time.perf_counter()
    with Ledger.open(manifest(), folder.joinpath) as ledger:
        require(ledger)
        balances, coverage = Balances(ledger), cover(ledger, FIRST_YEAR + 2)
        income, position, _ = (build(ledger, balances, own, coverage, Granularity.MONTH) for own in LAYOUTS)
    return {
        "in process": time.perf_counter() - start,
        NET_RESULT: [str(value) for value in income.row("net_result").values],
        TOTAL_ASSETS: [str(value) for value in position.row("total_assets").values],
    }


def package(folder: Path) -> dict[str, Any]:
    """A whole close package, and one figure opened down to 100 lines."""
    from abax.ledger import Ledger, build_package, explain

    with Ledger.open(manifest(), folder.joinpath) as ledger:
        start = time.perf_counter()
        built = build_package(ledger, FIRST_YEAR + 2)
        taken = time.perf_counter() - start
        start = time.perf_counter()
        explain(ledger, "balance_sheet", "receivables", built.statements[0].periods[-1].label, limit=100)
        opened = time.perf_counter() - start
        return {
            "in process": taken,
            "explain": opened,
            "open items": sum(len(own.items) for own in built.aged),
        }


def manifest() -> Any:
    """Names the generated files."""
    from abax.ledger import Company, LedgerManifest, YearPartition

    years = range(FIRST_YEAR, FIRST_YEAR + 3)
    return LedgerManifest(
        erp="generated",
        erp_version="1",
        source_id="benchmark",
        company=Company(company_id="1", name="Benchmark", currency="EUR"),
        master={table: f"{table}.parquet" for table in ("accounts", "partners")},
        years=[
            YearPartition(
                year=year,
                watermark=str(year),
                lines=LINES // 3,
                keys={table: f"{year}/{table}.parquet" for table in ("journal_lines", "settlements")},
            )
            for year in years
        ],
    )


def in_pandas(folder: Path) -> dict[str, Any]:
    """The same in pandas: whole numbers of 1/10000, strings as categories."""
    import pandas
    import pyarrow
    import pyarrow.parquet

    start = time.perf_counter()
    wanted = [
        "entry_id",
        "account_id",
        "fiscal_year",
        "fiscal_month",
        "amount",
        "debit",
        "credit",
        "is_closing",
    ]
    files = sorted(folder.rglob("journal_lines.parquet"))
    table = pyarrow.concat_tables([pyarrow.parquet.read_table(file, columns=wanted) for file in files])
    whole = {
        name: pyarrow.compute.multiply(table[name], 10000).cast(pyarrow.int64())
        for name in ("amount", "debit", "credit")
    }
    for name in ("entry_id", "account_id"):
        whole[name] = table[name].dictionary_encode()
    kept = {name: table[name] for name in ("fiscal_year", "fiscal_month", "is_closing")}
    lines = pyarrow.table({**whole, **kept}).to_pandas()
    chart = pandas.read_parquet(folder / "accounts.parquet").set_index("account_id")["statement_class"]
    lines["class"] = lines["account_id"].map(chart).astype("category")
    lines["month"] = lines["fiscal_year"].astype("int32") * 12 + lines["fiscal_month"] - 1
    pandas_checks(lines)
    income, position, cash = pandas_statements(lines)
    return {
        "in process": time.perf_counter() - start,
        NET_RESULT: in_cents(income["net_result"]),
        TOTAL_ASSETS: in_cents(position["total_assets"]),
        "cash lines": len(cash.columns),
    }


def pandas_checks(lines: Any) -> None:
    """Every entry balances, debits equal credits; the other two checks follow with the statements."""
    if lines["amount"].isna().any() or lines.groupby("entry_id", observed=True)["amount"].sum().any():
        raise ValueError("an entry does not balance")
    yearly = lines.groupby("fiscal_year")[["debit", "credit", "amount"]].sum()
    if (yearly["debit"] != yearly["credit"]).any() or yearly["amount"].any():
        raise ValueError("the trial balance does not sum to zero")


def pandas_statements(lines: Any) -> tuple[Any, Any, Any]:
    """Income statement, balance sheet, cash flow: one row per month."""
    import pandas
    from abax.ledger import Side, StatementClass

    by = ["month", "class"]
    moved = lines.groupby(by, observed=True)["amount"].sum().unstack(fill_value=0)
    flows = lines[~lines["is_closing"]].groupby(by, observed=True)["amount"].sum().unstack(fill_value=0)
    on = {side: [own.value for own in StatementClass if own.side is side] for side in Side}
    income = -flows[on[Side.RESULT]]
    for name, upto in SUBTOTALS.items():
        income[name] = income[upto].sum(axis=1)
    balance = moved.cumsum()
    position = pandas.concat(
        [balance[on[Side.ASSET]], -balance[on[Side.LIABILITY] + on[Side.EQUITY]]], axis=1
    )
    position["total_assets"] = balance[on[Side.ASSET]].sum(axis=1)
    results = -moved[on[Side.RESULT]].sum(axis=1)
    year_to_date = results.groupby(results.index // 12).cumsum()
    position["current_year_result"] = year_to_date
    position["retained_earnings"] += results.cumsum() - year_to_date
    claims = on[Side.LIABILITY] + on[Side.EQUITY]
    position["total_liabilities_and_equity"] = position[claims].sum(axis=1) + year_to_date
    if (position["total_assets"] != position["total_liabilities_and_equity"]).any():
        raise ValueError("the balance sheet does not balance")
    cash = -moved[[name for name in on[Side.ASSET] + claims if name != "cash"]]
    cash["net_result"], cash["added_back"] = income["net_result"], -income["depreciation"]
    cash["fixed_assets"] += income["depreciation"]
    if (cash.sum(axis=1) != moved["cash"]).any():
        raise ValueError("the cash flow does not explain the change in cash")
    return income, position, cash


SUBTOTALS = {
    "gross_profit": ["revenue", "cost_of_sales"],
    "ebitda": ["gross_profit", "operating_expenses", "other_income"],
    "ebit": ["ebitda", "depreciation"],
    "profit_before_tax": ["ebit", "interest_income", "interest_expense"],
    "net_result": ["profit_before_tax", "income_tax"],
}


def in_cents(series: Any) -> list[str]:
    """Whole numbers of 1/10000 as amounts with two decimals."""
    from decimal import Decimal

    return [str((Decimal(value) / 10000).quantize(Decimal("0.01"))) for value in series.tolist()]


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "pandas": in_pandas, "package": package}


def main(side: str, folder: str) -> None:
    """One run of one side, as JSON on standard output."""
    outcome = SIDES[side](Path(folder))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps({**outcome, "peak memory": int(peak[1]) / 1024 if peak else 0.0}))


if __name__ == "__main__":
    main(*sys.argv[1:])
