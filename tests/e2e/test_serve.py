"""``abax serve`` as a process of its own, asked over HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import sample

BODY = {"secret": "erp", "company": sample.COMPANY, "year": sample.YEAR}


class Served:
    """A running ``abax serve`` and a client that has its key."""

    def __init__(self, home: Path) -> None:
        environment = {**os.environ, "ABAX_HOME": str(home), "ABAX_SECRET_ERP": sample.url()}
        environment.pop("ABAX_API_KEY", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "abax.cli", "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        address = re.search(r"http://[\d.:]+", self.process.stdout.readline())
        key = self.process.stdout.readline().removeprefix("key: ").strip()
        assert address is not None
        headers = {"Authorization": f"Bearer {key}"}
        self.key = key
        self.client = httpx.Client(base_url=address.group(), headers=headers, timeout=30)

    def job(self, job_id: str) -> dict[str, Any]:
        return self.client.get(f"/v1/jobs/{job_id}").raise_for_status().json()

    def until(self, job_id: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 90
        while not reached(job := self.job(job_id)):
            assert time.monotonic() < deadline, job
            time.sleep(0.02)
        return job

    def end(self, number: int) -> int:
        self.client.close()
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Served]]:
    running: list[Served] = []

    def one() -> Served:
        running.append(Served(tmp_path))
        return running[-1]

    yield one
    for served in running:
        if served.process.poll() is None:
            served.end(signal.SIGKILL)


def finished(job: dict[str, Any]) -> bool:
    return job["state"] in ("succeeded", "failed", "cancelled")


def test_a_close_over_http_from_order_to_figure(start: Callable[[], Served]) -> None:
    served = start()
    assert httpx.get(f"{served.client.base_url}/v1/health").json()["status"] == "ok"
    assert httpx.post(f"{served.client.base_url}/v1/closes", json=BODY).status_code == 401
    ordered = served.client.post("/v1/closes", json=BODY, headers={"Idempotency-Key": "t"})
    assert ordered.status_code == 202
    job = served.until(ordered.json()["job_id"], finished)
    assert job["state"] == "succeeded", job
    assert sample.COMPANY in served.client.get(job["results"]["report.html"]).text
    assert served.client.get(job["results"]["report.xlsx"]).content.startswith(b"PK")
    path = f"/v1/jobs/{job['job_id']}/explain/income_statement/revenue/2025"
    assert served.client.get(path).json()["line_count"] > 0
    again = served.client.post("/v1/closes", json=BODY, headers={"Idempotency-Key": "t"})
    assert (again.status_code, again.json()["job_id"]) == (200, job["job_id"])
    anew = served.client.post("/v1/closes", json=BODY).json()
    assert "closed before" in served.until(anew["job_id"], finished)["message"]
    assert served.end(signal.SIGTERM) == 0


def test_a_job_whose_books_are_wrong_fails_with_the_reason(start: Callable[[], Served]) -> None:
    served = start()
    job_id = served.client.post("/v1/closes", json={**BODY, "company": "Nobody"}).json()["job_id"]
    job = served.until(job_id, finished)
    assert (job["state"], job["error"]["type"]) == ("failed", "UnknownCompany")


def test_a_server_that_was_killed_finishes_its_jobs_when_it_is_back(
    start: Callable[[], Served], tmp_path: Path
) -> None:
    served = start()
    job_id = served.client.post("/v1/closes", json=BODY).json()["job_id"]
    served.until(job_id, lambda job: job["progress"] > 0.1)
    served.end(signal.SIGKILL)
    read = {path: path.stat().st_mtime_ns for path in tmp_path.glob("objects/ledger/*/*/*/*/partition.json")}
    again = start()
    assert again.key == served.key
    assert again.until(job_id, finished)["state"] == "succeeded"
    assert {path: path.stat().st_mtime_ns for path in read} == read
    assert again.end(signal.SIGINT) == 0


def test_a_server_told_to_stop_leaves_its_job_to_the_next(start: Callable[[], Served]) -> None:
    served = start()
    job_id = served.client.post("/v1/closes", json=BODY).json()["job_id"]
    served.until(job_id, lambda job: job["state"] == "running")
    assert served.end(signal.SIGTERM) == 0
    again = start()
    assert again.until(job_id, finished)["state"] == "succeeded"


def test_a_running_job_can_be_cancelled(start: Callable[[], Served]) -> None:
    served = start()
    job_id = served.client.post("/v1/closes", json=BODY).json()["job_id"]
    served.until(job_id, lambda job: job["state"] == "running")
    assert served.client.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    time.sleep(1)
    assert served.job(job_id)["state"] == "cancelled"
    other = served.client.post("/v1/closes", json={**BODY, "year": 2022}).json()["job_id"]
    assert served.until(other, finished)["state"] == "succeeded"


def test_a_message_in_the_queue_starts_a_close(start: Callable[[], Served], tmp_path: Path) -> None:
    from abax.compose import edge

    served = start()
    queue = edge(tmp_path).queue
    event = {"specversion": "1.0", "id": "1", "source": "erp", "type": "abax.close.requested"}
    queue.send({**event, "data": BODY})
    deadline = time.monotonic() + 30
    while not (jobs := served.client.get("/v1/jobs").json()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert served.until(jobs[0]["job_id"], finished)["state"] == "succeeded"


def test_texts_are_answered_streamed_and_written_by_the_queue(
    start: Callable[[], Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "script.json"
    script.write_text('[["^Hello", "Good day to you."]]')
    monkeypatch.setenv("ABAX_MODEL_URL", f"script:{script}")
    served = start()
    assert served.client.post("/v1/generate", json={"prompt": "Hello"}).json()["text"] == "Good day to you."
    with served.client.stream("POST", "/v1/generate", json={"prompt": "Hello", "stream": True}) as answer:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    assert len(lines) > 3 and lines[-1] == "data: [DONE]"
    queued = served.client.post("/v1/generate", json={"prompt": "Hello", "wait": False})
    assert queued.status_code == 202
    job = served.until(queued.json()["job_id"], finished)
    assert served.client.get(job["results"]["text.json"]).json()["text"] == "Good day to you."
    assert served.end(signal.SIGTERM) == 0


def test_one_folder_has_one_server(start: Callable[[], Served], tmp_path: Path) -> None:
    start()
    environment = {**os.environ, "ABAX_HOME": str(tmp_path)}
    second = subprocess.run(
        [sys.executable, "-m", "abax.cli", "serve", "--port", "0"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert "another abax serve works on" in second.stderr


def test_a_taken_port_is_named(start: Callable[[], Served], tmp_path: Path) -> None:
    port = start().client.base_url.port
    second = subprocess.run(
        [sys.executable, "-m", "abax.cli", "serve", "--port", str(port), "--home", str(tmp_path / "other")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
