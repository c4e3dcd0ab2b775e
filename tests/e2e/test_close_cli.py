"""``abax close`` in processes of its own: killed half-way and run again, and on a disk that fills up."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sample
from tests.support.data import development_data
from tests.support.interrupted import unmeasured
from tests.support.postgres import Server

ABAX = [sys.executable, "-m", "abax.cli"]
MAIN = "from abax.cli import main; main()"
CLOSE = ["close", "--url", sample.url(), "--company", sample.COMPANY, "--year", str(sample.YEAR), "--json"]


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ABAX_HOME": str(home)}
    return subprocess.run([*ABAX, *arguments], env=environment, capture_output=True, text=True, check=False)


def partitions(home: Path) -> dict[str, int]:
    """Fiscal years whose extraction is complete, and when each file of theirs was written."""
    complete = {path.parent for path in home.glob("objects/ledger/*/*/*/*/partition.json")}
    return {str(file): file.stat().st_mtime_ns for folder in complete for file in folder.iterdir()}


def kill_once(home: Path, ready: str, limit: float = 60) -> None:
    """Start a close and kill it, without any warning, as soon as a file like ``ready`` is there."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*ABAX, *CLOSE], env=unmeasured(ABAX_HOME=str(home)), stdout=quiet, stderr=quiet
    )
    deadline = time.monotonic() + limit
    while not any(home.glob(ready)):
        assert process.poll() is None, "the close ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_a_killed_close_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kill_once(tmp_path, "objects/ledger/*/*/2023/*/partition.json")
    finished = partitions(tmp_path)
    assert finished
    assert not list(tmp_path.glob("objects/closes/*/done.json"))
    (job,) = json.loads(run(tmp_path, "jobs", "--json").stdout)
    assert job["state"] == "running"

    done = run(tmp_path, *CLOSE)
    assert done.returncode == 0, done.stderr
    assert f"going on with job {job['job_id']}" in done.stderr
    assert json.loads(done.stdout)["job_id"] == job["job_id"]
    assert finished.items() <= partitions(tmp_path).items()
    (job,) = json.loads(run(tmp_path, "jobs", "--json").stdout)
    assert job["state"] == "succeeded"


def test_a_close_killed_after_its_statements_keeps_them(tmp_path: Path) -> None:
    kill_once(tmp_path, "objects/closes/*/statements.json")
    (statements,) = tmp_path.glob("objects/closes/*/statements.json")
    written = (statements.stat().st_mtime_ns, partitions(tmp_path))
    assert run(tmp_path, *CLOSE).returncode == 0
    assert (statements.stat().st_mtime_ns, partitions(tmp_path)) == written


def test_ctrl_c_ends_a_close_politely(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*ABAX, *CLOSE],
        env=unmeasured(ABAX_HOME=str(tmp_path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any(tmp_path.glob("objects/jobs/*/plan.json")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.xfail(f"this user may not mount a disk: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_more_room_lets_the_close_go_on(small_disk: Path) -> None:
    full = run(small_disk, *CLOSE)
    assert full.returncode == 1
    (line,) = [line for line in full.stderr.splitlines() if line.startswith("error: ")]
    assert f"no space left in {small_disk}" in line
    assert "Traceback" not in full.stderr
    finished = partitions(small_disk)
    assert finished
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    done = run(small_disk, *CLOSE)
    assert done.returncode == 0, done.stderr
    assert finished.items() <= partitions(small_disk).items()


def test_a_limit_on_file_sizes_is_named_as_well(tmp_path: Path) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); {MAIN}"
    environment = {**os.environ, "ABAX_HOME": str(tmp_path)}
    full = subprocess.run(
        [sys.executable, "-c", limited, *CLOSE], env=environment, capture_output=True, text=True, check=False
    )
    assert full.returncode == 1
    assert "error: no space left in" in full.stderr
    assert run(tmp_path, *CLOSE).returncode == 0


@pytest.mark.postgres
def test_books_on_a_postgresql_server_are_closed_and_a_wrong_password_is_named(
    postgres: Server, tmp_path: Path
) -> None:
    dump = development_data("erp/odoo17") / "odoo17.sql.gz"
    url = postgres.create("close_by_hand", dump)
    asked = ("close", "--erp", "odoo", "--company", "YourCompany", "--year", "2026")
    done = run(tmp_path, *asked, "--url", url, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statements"]["company"]["currency"] == "USD"
    refused = run(tmp_path, *asked, "--url", postgres.url("close_by_hand", password="hunter2"))
    assert refused.returncode == 1
    assert "refused access" in refused.stderr
    assert "hunter2" not in refused.stderr
