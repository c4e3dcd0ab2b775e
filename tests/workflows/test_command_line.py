"""``python -m infra.local`` from outside: it serves, refuses, and leaves nothing behind."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.engine import ROOT
from infra.local.samples import DEFAULTS, default_event
from tests.support.interrupted import unmeasured
from tests.workflows.tiny import eventually

COMMAND = [sys.executable, "-m", "infra.local"]


def processes_of(group_leader: int) -> list[int]:
    """Processes of the session that ``group_leader`` leads, itself left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == group_leader and int(entry.parent.name) != group_leader and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """``up`` in a session of its own, and a client that holds the key that it printed."""
    command = [*COMMAND, "up", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=unmeasured(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    url = process.stdout.readline().split()[-1].removesuffix("/v1")
    key = process.stdout.readline().split()[-1]
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        yield process, client
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_up_serves_until_a_signal_and_leaves_no_process(
    served: tuple[subprocess.Popen[str], httpx.Client], number: signal.Signals
) -> None:
    process, api = served
    assert api.get("/v1/health").json()["status"] == "ok"
    assert httpx.get(f"{api.base_url}/v1/health").status_code == 401
    assert processes_of(process.pid)
    os.kill(process.pid, number)
    code = process.wait(timeout=30)
    assert code == (-9 if number is signal.SIGKILL else 0)
    eventually(lambda: not processes_of(process.pid), 5)


def test_a_signal_that_another_thread_takes_ends_it_too(
    served: tuple[subprocess.Popen[str], httpx.Client],
) -> None:
    process, api = served
    assert api.get("/v1/health").json()["status"] == "ok"
    threads = sorted(int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir())
    other = next(thread for thread in threads if thread != process.pid)
    tgkill = 234 if platform.machine() == "x86_64" else 131
    assert ctypes.CDLL(None).syscall(tgkill, process.pid, other, signal.SIGTERM) == 0
    assert process.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [*COMMAND, "up", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert port in done.stderr and "Traceback" not in done.stderr


def invoke(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "invoke", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=150
    )


def test_invoke_prints_answer_logs_and_duration() -> None:
    done = invoke("serve_api", "events/apigateway/post_close_bad.json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["statusCode"] == 422
    assert "REPORT RequestId" in done.stderr and "cold" in done.stderr


def test_invoke_does_the_steps_before_the_one_that_it_was_asked_for() -> None:
    done = invoke("build_statements", "events/states/check.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout).keys() == {"close"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("no_such_function",), "extract_erp"),
        (("serve_api", "no/such/event.json"), "no/such/event.json"),
        (("no_such_function", "events/states/plan.json"), "extract_erp"),
    ],
)
def test_mistakes_are_explained(arguments: tuple[str, ...], complaint: str) -> None:
    done = invoke(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr and "Traceback" not in done.stderr


def test_every_function_has_a_sample_event() -> None:
    assert DEFAULTS.keys() == {path.name for path in (ROOT / "functions").iterdir()}
    assert all(default_event(function).is_file() for function in DEFAULTS)
