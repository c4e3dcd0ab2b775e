"""The document's state machine agrees with the code around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.errors import all_errors
from abax.workflow.documents import STAGE_ORDER, STEPS

from infra.local.template import read

ROOT = Path(__file__).parents[2]
MACHINE = json.loads((ROOT / "infra/statemachines/document.asl.json").read_text())
SERVICE_ERRORS = {
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
}


def flattened(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states.items():
        yield name, state
        yield from flattened(state.get("ItemProcessor", {}).get("States", {}))


STATES = dict(flattened(MACHINE["States"]))
INVOCATIONS = {name: state for name, state in STATES.items() if "lambda:invoke" in state.get("Resource", "")}
INVOKING = pytest.mark.parametrize("name", INVOCATIONS)


def step_of(name: str) -> str:
    return str(INVOCATIONS[name]["Parameters"]["Payload"]["step"])


def test_every_step_has_a_state_and_no_state_another() -> None:
    assert {step_of(name) for name in INVOCATIONS} == set(STEPS)


def test_the_stages_follow_each_other_in_their_order() -> None:
    order, name = [], "Classify"
    while name != "Routed":
        order.append(step_of(name))
        name = STATES[name]["Next"]
    assert order == list(STAGE_ORDER[1:])


@INVOKING
def test_exactly_the_retryable_errors_are_retried(name: str) -> None:
    retried = {error for rule in INVOCATIONS[name]["Retry"] for error in rule["ErrorEquals"]}
    retryable = {error.__name__ for error in all_errors() if error.retryable}
    timeouts = set() if name == "Review" else {"States.Timeout"}  # that of a review is a decision
    assert retried == retryable | SERVICE_ERRORS | timeouts


@INVOKING
def test_every_retry_backs_off_with_jitter(name: str) -> None:
    for rule in INVOCATIONS[name]["Retry"]:
        assert rule["JitterStrategy"] == "FULL"
        assert rule["BackoffRate"] >= 2 and rule["MaxAttempts"] >= 3 and rule["MaxDelaySeconds"] <= 60


@INVOKING
def test_a_file_or_document_that_fails_is_given_up_alone(name: str) -> None:
    caught = {error: rule["Next"] for rule in STATES[name].get("Catch", ()) for error in rule["ErrorEquals"]}
    if name in ("TakeIn", "Finish"):
        assert caught == {"JobCancelled": "Cancelled", "States.ALL": "RecordFailure"}
    elif name in ("Fast", "Read"):
        assert caught == {"States.ALL": "GiveUpFile"}
    elif not name.startswith("GiveUp"):
        assert caught["States.ALL"] == "GiveUpDocument"


def test_a_review_waits_for_its_token_and_its_deadline_rejects() -> None:
    review = STATES["Review"]
    assert review["Resource"].endswith(".waitForTaskToken")
    assert review["Parameters"]["Payload"]["token.$"] == "$$.Task.Token"
    assert review["TimeoutSecondsPath"] == "$.review_seconds"
    assert review["Catch"][0] == {"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": "Settle"}


@INVOKING
def test_each_state_waits_as_long_as_its_function_may_take(name: str) -> None:
    function = read(ROOT / "infra/documents.yaml")["Resources"]["ProcessDocument"]["Properties"]
    assert INVOCATIONS[name].get("TimeoutSeconds", function["Timeout"]) >= function["Timeout"]


def test_every_placeholder_is_given_by_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(MACHINE)))
    machine = read(ROOT / "infra/documents.yaml")["Resources"]["Document"]["Properties"]
    assert used == machine["DefinitionSubstitutions"].keys()
