"""Small SAM applications in a temporary folder, and how to wait for what they do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from infra.local.engine import LocalEngine

T = TypeVar("T")

HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\n"


def application(folder: Path, template: str, functions: Mapping[str, str]) -> Path:
    """Write ``template.yaml`` and a folder with an ``app.py`` for each function; the template's path."""
    for name, source in functions.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "app.py").write_text(source)
    path = folder / "template.yaml"
    path.write_text(HEAD + template)
    return path


def engine(folder: Path, template: str, functions: Mapping[str, str], **parameters: str) -> LocalEngine:
    """An engine, not yet started, for such an application."""
    return LocalEngine(application(folder, template, functions), parameters, logs=folder / "logs")


def eventually(value: Callable[[], T], seconds: float = 20) -> T:
    """The first true value, or fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = value()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def execute(running: LocalEngine, machine: str, given: Any, seconds: float = 60) -> dict[str, Any]:
    """Run a state machine to its end."""
    machines = running.client("stepfunctions")
    arn = machines.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]

    def ended() -> dict[str, Any] | None:
        execution: dict[str, Any] = machines.describe_execution(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    return eventually(ended, seconds)


def states_entered(running: LocalEngine, execution: Mapping[str, Any]) -> list[str]:
    """The states that an execution went through, in order."""
    history = running.client("stepfunctions").get_execution_history(
        executionArn=execution["executionArn"], maxResults=1000
    )
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in history["events"]
        if "stateEnteredEventDetails" in event
    ]
