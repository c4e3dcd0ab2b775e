"""Lambda on one machine: every execution environment is a process under AWS's own runtime client.

An environment starts cold, is frozen (SIGSTOP) between invocations and used again; it is thrown away when
its handler times out, exits, answers too much or could not be loaded. Errors carry the names that the cloud
gives them, so that a state machine's ``Retry`` works on both.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infra.local.runtime_api import PAYLOAD_LIMIT, Invocation, Kind, Report, RuntimeApi

INIT_LIMIT: Final = 10.0
"""Seconds that loading the handler may take before they count against the timeout."""


class Throttled(Exception):
    """All of a function's reserved environments are busy."""

    def __init__(self, name: str, reserved: int) -> None:
        super().__init__(f"Rate Exceeded: all {reserved} reserved environments of {name} are busy")


class EventTooLarge(Exception):
    """An event over the limit for synchronous invocation."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} byte payload is too large for the RequestResponse invocation type")


@dataclass(frozen=True)
class FunctionSpec:
    """A function as it is configured."""

    name: str
    """Short name: its folder's."""
    arn: str
    handler: str
    folder: Path
    layers: tuple[Path, ...] = ()
    image: bool = False
    """A container image: what it installs, the Python that runs the engine has."""
    timeout: float = 3.0
    memory: int = 128
    reserved: int | None = None
    """How many environments may run at a time."""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The name in the cloud."""
        return self.arn.rsplit(":", 1)[-1]


@dataclass(frozen=True)
class Runtime:
    """What a function runs on besides its own code."""

    command: tuple[str, ...] = (sys.executable,)
    """The Python that runs it."""
    packages: tuple[Path, ...] = ()
    """Folders that are searched after the function's and its layers': what the cloud's runtime brings."""


@dataclass(frozen=True)
class Outcome:
    """What came of one invocation."""

    payload: bytes
    failed: bool
    """Whether ``payload`` is an error: ``{"errorType": …, "errorMessage": …}``."""
    duration: float
    """Seconds in the handler."""
    init: float | None
    """Seconds that the cold start took; None for a warm environment."""
    logs: str = ""

    @property
    def value(self) -> Any:
        """The payload, decoded."""
        return json.loads(self.payload or b"null")


class Environment:
    """One execution environment: a process, its Runtime API and its scratch folder."""

    def __init__(self, spec: FunctionSpec, runtime: Runtime, base: Mapping[str, str], log: Path) -> None:
        self.spec = spec
        self._runtime = runtime
        self.usable = True
        self._log = log
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{spec.name}-"))
        self._api = RuntimeApi()
        self._started = time.monotonic()
        self._init: float | None = None
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*runtime.command, "-m", "awslambdaric", spec.handler],
                cwd=spec.folder,
                env=self._variables(base),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches us alone, and should we be killed, the kernel hangs up
                # on a stopped orphaned group, so that a frozen environment does not outlive us.
                process_group=0,
            )
        threading.Thread(target=self._watch, name=f"watch-{spec.name}", daemon=True).start()

    def invoke(self, event: bytes) -> Outcome:
        """Run the handler on ``event``. The environment may be unusable afterwards."""
        cold = self._init is None
        at = self._log.stat().st_size
        if not cold:
            self._signal(signal.SIGCONT)
        request_id = str(uuid.uuid4())
        failure = self._await_init() if cold else None
        began = time.monotonic()
        self._note(f"START RequestId: {request_id} Version: $LATEST")
        report = failure or self._run(request_id, event)
        duration = time.monotonic() - began
        self._note(f"END RequestId: {request_id}\n{self._summary(request_id, duration, cold)}")
        if report.kind in (Kind.RESPONSE, Kind.ERROR):
            self._signal(signal.SIGSTOP)
        else:
            self.kill()
        return Outcome(
            payload=self._payload(report, request_id),
            failed=report.kind is not Kind.RESPONSE,
            duration=duration,
            init=self._init if cold else None,
            logs=self._log.read_bytes()[at:].decode(errors="replace"),
        )

    def kill(self) -> None:
        """End the process, whatever it is doing; an invocation under way fails with Runtime.ExitError."""
        self.usable = False
        self._process.kill()

    def discard(self) -> None:
        """Kill the process and remove every trace of it."""
        self.kill()
        self._process.wait()
        self._api.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _await_init(self) -> Report | None:
        """Wait until the runtime asks for work; gives back what went wrong instead."""
        try:
            report = self._api.reports.get(timeout=INIT_LIMIT)
        except queue.Empty:
            report = Report(Kind.READY)  # from here on the function's own timeout counts
        self._init = time.monotonic() - self._started
        return None if report.kind is Kind.READY else report

    def _run(self, request_id: str, event: bytes) -> Report:
        """Give the event to the runtime and wait for its report, or until time is up."""
        deadline = time.time() + self.spec.timeout
        self._api.give(Invocation(request_id, event, int(deadline * 1000), self.spec.arn))
        while (left := deadline - time.time()) > 0:
            try:
                report = self._api.reports.get(timeout=left)
            except queue.Empty:
                break
            if report.request_id == request_id or report.kind in (Kind.EXIT, Kind.INIT_ERROR):
                return report
        return Report(Kind.TIMED_OUT)

    def _payload(self, report: Report, request_id: str) -> bytes:
        if report.kind is Kind.TIMED_OUT:
            message = f"{request_id} Task timed out after {self.spec.timeout:.2f} seconds"
            return _error("Sandbox.Timedout", message)
        if report.kind is Kind.TOO_LARGE:
            return _error(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
            )
        if report.kind is Kind.EXIT:
            status = report.body.decode()
            return _error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with {status}")
        return report.body

    def _watch(self) -> None:
        code = self._process.wait()
        status = f"error: exit status {code}" if code >= 0 else f"error: signal: {signal.Signals(-code).name}"
        self.usable = False
        self._api.reports.put(Report(Kind.EXIT, status.encode()))

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _note(self, text: str) -> None:
        with self._log.open("ab") as output:
            output.write(f"{text}\n".encode())

    def _summary(self, request_id: str, duration: float, cold: bool) -> str:
        figures = [f"Duration: {duration * 1000:.2f} ms", f"Memory Size: {self.spec.memory} MB"]
        figures += [f"Max Memory Used: {self._peak_memory()} MB"]
        figures += [f"Init Duration: {self._init * 1000:.2f} ms"] if cold and self._init else []
        return "\t".join([f"REPORT RequestId: {request_id}", *figures])

    def _peak_memory(self) -> int:
        """Megabytes of resident memory at its highest; 0 once the process is gone."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        return int(kilobytes) // 1024

    def _variables(self, base: Mapping[str, str]) -> dict[str, str]:
        spec = self.spec
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._scratch),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "TMPDIR": str(self._scratch),
            "PYTHONPATH": os.pathsep.join(map(str, [spec.folder, *spec.layers, *self._runtime.packages])),
            **base,
            **spec.variables,
            "_HANDLER": spec.handler,
            "LAMBDA_TASK_ROOT": str(spec.folder),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": spec.full_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/local/{spec.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": self._scratch.name,
        }


class Lambdas:
    """All functions and their environments. Safe to call from many threads."""

    def __init__(self, logs: Path, runtime: Runtime | None = None, at_once: int | None = None) -> None:
        """``<logs>/<function>.log`` receives what a function prints. Of one function no more than ``at_once``
        invocations run at a time, and others wait: a machine has fewer processors than a cloud."""
        self._runtime = runtime or Runtime()
        self._at_once = at_once
        self._room: dict[str, threading.BoundedSemaphore] = {}
        self.functions: dict[str, FunctionSpec] = {}
        self._logs = logs
        self._base: dict[str, str] = {}
        self._idle: dict[str, list[Environment]] = {}
        self._busy: dict[str, list[Environment]] = {}
        self._lock = threading.Lock()
        self._closed = False
        logs.mkdir(parents=True, exist_ok=True)

    def share(self, variables: Mapping[str, str]) -> None:
        """Set environment variables for every function that starts from now on."""
        self._base.update(variables)

    def add(self, spec: FunctionSpec) -> None:
        """Make a function known."""
        self.functions[spec.name] = spec
        self._idle[spec.name] = []
        self._busy[spec.name] = []
        if self._at_once and spec.reserved is None:
            self._room[spec.name] = threading.BoundedSemaphore(self._at_once)
        self.log(spec.name).write_bytes(b"")

    def find(self, name: str) -> FunctionSpec:
        """The function of that short name, full name or ARN. Raises KeyError."""
        for spec in self.functions.values():
            if name in (spec.name, spec.full_name, spec.arn):
                return spec
        raise KeyError(f"no function {name!r}; there are {', '.join(sorted(self.functions))}")

    def log(self, name: str) -> Path:
        """The file that a function's output is kept in."""
        return self._logs / f"{name}.log"

    def invoke(self, name: str, event: bytes) -> Outcome:
        """Invoke a function and wait. Raises KeyError, Throttled or EventTooLarge."""
        spec = self.find(name)
        if len(event) > PAYLOAD_LIMIT:
            raise EventTooLarge(len(event))
        with self._room.get(spec.name, nullcontext()):
            environment = self._take(spec)
            try:
                return environment.invoke(event)
            finally:
                self._give_back(environment)

    def kill(self, name: str) -> int:
        """Kill the environments that are at work for a function; says how many there were."""
        with self._lock:
            busy = list(self._busy[self.find(name).name])
        for environment in busy:
            environment.kill()
        return len(busy)

    def busy(self, name: str) -> int:
        """How many environments are at work for a function."""
        with self._lock:
            return len(self._busy[self.find(name).name])

    def close(self) -> None:
        """End every environment; invocations under way fail."""
        with self._lock:
            self._closed = True
            idle = [environment for pool in self._idle.values() for environment in pool]
            busy = [environment for pool in self._busy.values() for environment in pool]
            self._idle = {name: [] for name in self._idle}
        for environment in busy:
            environment.kill()
        for environment in idle:
            environment.discard()

    def _take(self, spec: FunctionSpec) -> Environment:
        with self._lock:
            if self._closed:
                raise RuntimeError("the local engine has been stopped")
            if spec.reserved is not None and len(self._busy[spec.name]) >= spec.reserved:
                raise Throttled(spec.name, spec.reserved)
            environment = self._warm(spec.name) or self._fresh(spec)
            self._busy[spec.name].append(environment)
        return environment

    def _fresh(self, spec: FunctionSpec) -> Environment:
        runtime = Runtime() if spec.image else self._runtime
        return Environment(spec, runtime, self._base, self.log(spec.name))

    def _warm(self, name: str) -> Environment | None:
        """The environment that was used last, if it is still alive."""
        while self._idle[name]:
            environment = self._idle[name].pop()
            if environment.usable:
                return environment
            environment.discard()
        return None

    def _give_back(self, environment: Environment) -> None:
        name = environment.spec.name
        with self._lock:
            self._busy[name].remove(environment)
            if environment.usable and not self._closed:
                self._idle[name].append(environment)
                return
        environment.discard()


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
