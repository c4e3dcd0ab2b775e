"""The state machine's text agrees with the code around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.errors import JobCancelled, all_errors
from abax.workflow.close import STEPS

from infra.local.template import read

ROOT = Path(__file__).parents[2]
MACHINE = json.loads((ROOT / "infra/statemachines/financial_close.asl.json").read_text())
STATES: dict[str, Any] = MACHINE["States"]

SERVICE_ERRORS = {
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}


def flattened(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states.items():
        yield name, state
        yield from flattened(state.get("ItemProcessor", {}).get("States", {}))


INVOCATIONS = {
    name: state
    for name, state in flattened(STATES)
    if state["Type"] == "Task" and state["Resource"] == "arn:aws:states:::lambda:invoke"
}
INVOKING = pytest.mark.parametrize("name", INVOCATIONS)


def happy_path(start: str) -> Iterator[dict[str, Any]]:
    """The states of a close that is not reused, in order, the Map's own step in its place."""
    name: str | None = start
    while name:
        state = STATES[name]
        yield from (inner for _, inner in flattened(state.get("ItemProcessor", {}).get("States", {})))
        yield state
        name = state.get("Next") or state.get("Default")


@INVOKING
def test_exactly_the_retryable_errors_are_retried(name: str) -> None:
    retryable = {error.__name__ for error in all_errors() if error.retryable}
    retried = {error for rule in INVOCATIONS[name]["Retry"] for error in rule["ErrorEquals"]}
    assert retried == retryable | SERVICE_ERRORS


@INVOKING
def test_every_retry_backs_off_with_jitter(name: str) -> None:
    for rule in INVOCATIONS[name]["Retry"]:
        assert rule["JitterStrategy"] == "FULL"
        assert rule["BackoffRate"] >= 2 and rule["MaxAttempts"] >= 3 and rule["MaxDelaySeconds"] <= 60


def test_every_failure_is_recorded_and_a_cancelled_close_is_none() -> None:
    for name, state in STATES.items():
        if state["Type"] in ("Task", "Map") and name not in ("RecordFailure", "Narrate"):
            assert [(rule["ErrorEquals"], rule["Next"]) for rule in state["Catch"]] == [
                ([JobCancelled.__name__], "Cancelled"),
                (["States.ALL"], "RecordFailure"),
            ]
    assert STATES["RecordFailure"]["Next"] == "Failed"
    assert [rule["Next"] for rule in STATES["RecordFailure"]["Catch"]] == ["Failed"]


def test_no_close_fails_for_want_of_words() -> None:
    assert [(rule["ErrorEquals"], rule["Next"]) for rule in STATES["Narrate"]["Catch"]] == [
        ([JobCancelled.__name__], "Cancelled"),
        (["States.ALL"], "Report"),
    ]
    assert STATES["Narrate"]["Next"] == "Report"


def test_steps_run_in_the_workflow_s_order() -> None:
    order = [
        state["Parameters"]["Payload"]["step"]
        for state in happy_path(MACHINE["StartAt"])
        if state["Type"] == "Task"
    ]
    assert order == list(STEPS)


def test_a_reused_close_goes_straight_to_its_end() -> None:
    choice = STATES["Reused"]["Choices"]
    assert [(rule["Variable"], rule["BooleanEquals"], rule["Next"]) for rule in choice] == [
        ("$.plan.reused", True, "Finish")
    ]


@INVOKING
def test_each_step_goes_to_a_function_that_does_it(name: str) -> None:
    parameters = INVOCATIONS[name]["Parameters"]
    logical = parameters["FunctionName"].strip("${}")
    resource = read(ROOT / "infra/workflows.yaml")["Resources"][logical]
    function = resource["Properties"]
    image = ROOT / resource.get("Metadata", {}).get("Dockerfile", "")
    folder = ROOT / "infra" / function["CodeUri"] if "CodeUri" in function else image.parent
    handler = (folder / "app.py").read_text()
    assert f'"{parameters["Payload"]["step"]}"' in handler
    assert INVOCATIONS[name]["TimeoutSeconds"] >= function["Timeout"]


def test_every_placeholder_is_given_by_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(MACHINE)))
    machine = read(ROOT / "infra/workflows.yaml")["Resources"]["FinancialClose"]["Properties"]
    assert used == machine["DefinitionSubstitutions"].keys()


def test_nothing_but_keys_and_names_of_parts_travels_between_states() -> None:
    for state in INVOCATIONS.values():
        kept = state.get("ResultSelector", {}).keys()
        assert state["ResultPath"] is None or kept == {"parts.$", "reused.$"}
