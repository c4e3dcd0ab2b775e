"""Twenty companies as one group: their ledgers opened, translated, added up, intercompany and capital out.

Every company has 250,000 journal lines of three years, one in forty of them with another company as partner;
the currencies are three, the parent owns four fifths of every other. ``ABAX_BENCH_QUICK`` makes it small.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.statements import FIRST_YEAR, generate, row

QUICK = bool(os.environ.get("ABAX_BENCH_QUICK"))
COMPANIES, LINES, RUNS = (4, 20_000, 1) if QUICK else (20, 250_000, 5)
CURRENCIES = ("EUR", "USD", "JPY")
RATES = {"USD": "0.9", "JPY": "0.006"}


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit and ours; medians of RUNS runs, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="abax-bench-") as folder:
        first = Path(folder) / "0"
        generate(first, LINES)
        for number in range(1, COMPANIES):
            shutil.copytree(first, first.with_name(str(number)))
        found = [_measured(folder) for _ in range(RUNS)]
    case = f"{COMPANIES} companies, {LINES * COMPANIES:,} journal lines, three years by month"
    return [
        row(case, metric, unit, round(statistics.median(own[metric] for own in found), 3), None)
        for metric, unit in (
            ("ledgers opened and read", "s"),
            ("consolidated", "s"),
            ("in process", "s"),
            ("whole process", "s"),
            ("processor time", "s"),
            ("peak memory", "MB"),
        )
    ]


def _measured(folder: str) -> dict[str, float]:
    start = time.perf_counter()
    command = [sys.executable, "-m", __spec__.name, folder]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return {**json.loads(done.stdout), "whole process": time.perf_counter() - start}


def consolidated(folder: Path) -> dict[str, float]:
    """One run: what it took, by part."""
    from abax.ledger.consolidation import consolidate
    from abax.ledger.group import Group, Member, kin_of, read_members
    from abax.ledger.translation import Rates

    names = [f"c{number}" for number in range(COMPANIES)]
    members = [
        Member.model_validate({"name": name, "known_as": [str(n)], "share": "1" if n == 0 else "0.8"})
        for n, name in enumerate(names)
    ]
    group = Group(name="Group", currency="EUR", parent="c0", members=members)
    kin = kin_of(group, [(own, "benchmark", own.name) for own in members])
    start = time.perf_counter()
    manifests = {own.name: manifest(number) for number, own in enumerate(members)}
    books = read_members(group, manifests, folder.joinpath, kin)
    read = time.perf_counter()
    found = consolidate(group, books, FIRST_YEAR + 2, Rates.of_csv(rates(), "EUR"))
    end = time.perf_counter()
    off = [check.label for check in found.checks if not check.passed and check.check != "intercompany"]
    if off or not found.differences:
        raise ValueError(f"the group does not hold: {off}")
    return {"ledgers opened and read": read - start, "consolidated": end - read, "in process": end - start}


def rates() -> str:
    """A file of rates for every month."""
    months = [f"{FIRST_YEAR + place // 12}-{place % 12 + 1:02d}" for place in range(36)]
    lines = [f"{name},{month},{rate},{rate}" for name, rate in RATES.items() for month in months]
    return "\n".join(["currency,month,closing,average", *lines])


def manifest(number: int) -> Any:
    """Names the files of one company."""
    from abax.ledger import Company, LedgerManifest, YearPartition

    currency = CURRENCIES[number % len(CURRENCIES)]
    tables = ("journal_lines", "settlements")
    return LedgerManifest(
        erp="generated",
        erp_version="1",
        source_id="benchmark",
        company=Company(company_id=f"c{number}", name=f"Company {number}", currency=currency),
        master={table: f"{number}/{table}.parquet" for table in ("accounts", "partners")},
        years=[
            YearPartition(
                year=year,
                watermark=str(year),
                lines=LINES // 3,
                keys={table: f"{number}/{year}/{table}.parquet" for table in tables},
            )
            for year in range(FIRST_YEAR, FIRST_YEAR + 3)
        ],
    )


if __name__ == "__main__":
    outcome = consolidated(Path(sys.argv[1]))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {
        "processor time": used.ru_utime + used.ru_stime,
        "peak memory": int(peak[1]) / 1024 if peak else 0.0,
    }
    print(json.dumps({**outcome, **taken}))
