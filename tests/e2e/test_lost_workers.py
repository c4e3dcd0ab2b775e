"""Workers that die while they read a large ledger month by month: whoever comes next goes on."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.compose import Edge, edge
from abax.erp import opened
from abax.ledger.model import LedgerManifest
from abax.ports import Job
from abax.workflow import jobs
from abax.workflow.close import run_step
from abax.workflow.request import CloseRequest

from tests.support import sample

WORKER = """
import json, sys, time
from pathlib import Path
from abax.compose import edge
from abax.erp import opened, scratch
from abax.workflow.close import run_step

home, url, moment, event = Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
opened.SPLIT_LINES, scratch.REPORT_EVERY = 500, 10

def stop(*arguments, **options):
    print("here", flush=True)
    time.sleep(60)

if moment == "reading":
    scratch.Sink.write = stop
if moment == "converting":
    scratch.Scratch.convert = stop
house = edge(home, {"erp": {"url": url}})
if moment == "storing":
    put = type(house.context.objects).put_file
    kept = []
    def put_one(self, key, path):
        if kept:
            stop()
        kept.append(key)
        put(self, key, path)
    type(house.context.objects).put_file = put_one
if moment == "marking":
    type(house.context.objects).put = stop
run_step(house.context, event)
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    monkeypatch.setattr(opened, "SPLIT_LINES", 500)
    yield edge(tmp_path / "home", {"erp": {"url": sample.url()}})


def planned(house: Edge) -> tuple[Job, list[dict[str, Any]]]:
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    asked = CloseRequest(secret="erp", company=sample.COMPANY, year=2023, mapping=mapping)
    job = jobs.create(house.services.jobs, asked)[0]
    parts = run_step(house.context, {"step": "plan", "job_id": job.job_id})["parts"]
    return job, [{"step": "extract", "job_id": job.job_id, **part} for part in parts]


def killed(house: Edge, event: dict[str, Any], moment: str) -> None:
    """Let a worker of its own come to a moment of a step, and kill it there."""
    command = [sys.executable, "-c", WORKER, str(house.home), sample.url(), moment, json.dumps(event)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "here\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL


def settled(house: Edge, job: Job) -> LedgerManifest:
    for step in ("settle", "check"):
        run_step(house.context, {"step": step, "job_id": job.job_id})
    return LedgerManifest.model_validate_json(house.context.objects.get(f"jobs/{job.job_id}/manifest.json"))


@pytest.mark.parametrize("moment", ["reading", "converting", "storing", "marking"])
def test_a_worker_killed_at_any_moment_leaves_nothing_half_there(house: Edge, moment: str) -> None:
    job, parts = planned(house)
    first = next(event for event in parts if event["period"])
    killed(house, first, moment)
    assert not [key for key in house.context.objects.keys("ledger/") if key.endswith("partition.json")]
    for event in parts:
        assert run_step(house.context, event)["lines"] > 0
    manifest = settled(house, job)
    assert [(part.year, part.period) for part in manifest.years] == [
        (event["year"], event["period"]) for event in parts
    ]


def test_months_that_were_read_are_not_read_again_after_a_worker_is_lost(house: Edge) -> None:
    job, parts = planned(house)
    for event in parts[:3]:
        run_step(house.context, event)
    objects = house.context.objects
    before = {key: objects.fetch(key).stat().st_mtime_ns for key in objects.keys("ledger/")}
    assert parts[3]["period"] is not None
    killed(house, parts[3], "converting")
    for event in parts:
        run_step(house.context, event)
    assert run_step(house.context, {"step": "settle", "job_id": job.job_id}) == {"again": []}
    assert (
        before.items()
        <= {key: objects.fetch(key).stat().st_mtime_ns for key in objects.keys("ledger/")}.items()
    )


def test_a_part_that_no_worker_came_back_with_is_read_when_all_are_settled(house: Edge) -> None:
    job, parts = planned(house)
    killed(house, parts[0], "reading")
    manifest = settled(house, job)
    assert len(manifest.years) == len(parts)
