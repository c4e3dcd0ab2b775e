"""Finds the benchmarks, runs them, prints their tables, and keeps them with the machine they ran on."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import benchmarks

RESULTS = Path(__file__).parents[1] / "build" / "bench"
PACKAGES = (
    *("duckdb", "sqlalchemy", "pg8000", "pydantic", "fastapi", "mangum", "botocore", "pandas", "moto"),
    *("numba", "llvmlite", "llguidance", "tokenizers", "llama_cpp_python"),
)
COLUMNS = ("case", "metric", "unit", "ours", "peer", "peer_name", "ratio")

Row = Mapping[str, Any]


def names() -> list[str]:
    """The benchmarks there are: modules of this package that have a ``run()``."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name[0] != "_"]
    return [name for name in found if hasattr(importlib.import_module(f"benchmarks.{name}"), "run")]


def run_all(wanted: Sequence[str], console: Console) -> int:
    """Run the named benchmarks, or all; the exit code."""
    known = names()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        console.print(f"[red]no benchmark {', '.join(unknown)}[/]; there are {', '.join(known)}")
        return 2
    for name in wanted or known:
        begun = time.perf_counter()
        rows = list(importlib.import_module(f"benchmarks.{name}").run())
        path = write(name, rows)
        show(console, name, rows)
        console.print(f"[dim]{time.perf_counter() - begun:.0f} s, written to {path}[/]\n")
    return 0


def write(name: str, rows: Sequence[Row], folder: Path = RESULTS) -> Path:
    """Write ``<name>.json``, the list of rows, and ``<name>.machine.json`` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(rows, indent=2, default=str) + "\n")
    (folder / f"{name}.machine.json").write_text(json.dumps(machine(), indent=2) + "\n")
    return path


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "versions": dict(_versions(PACKAGES)),
    }


def show(console: Console, name: str, rows: Iterable[Row]) -> None:
    """One row per figure."""
    table = Table(title=name, title_justify="left", box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in ("ours", "peer", "ratio") else "left")
    for row in rows:
        table.add_row(*(_shown(row.get(column)) for column in COLUMNS))
    console.print(table)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _versions(packages: Iterable[str]) -> Iterable[tuple[str, str]]:
    for package in packages:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine()
    )
