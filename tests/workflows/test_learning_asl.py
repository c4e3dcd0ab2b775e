"""The learning state machine agrees with the code around it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from abax.errors import all_errors
from abax.workflow.learning import STEPS

from infra.local.template import read

ROOT = Path(__file__).parents[2]
MACHINE = json.loads((ROOT / "infra/statemachines/learning.asl.json").read_text())
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
INVOCATIONS = {name: state for name, state in STATES.items() if "lambda:invoke" in state.get("Resource", "")}
INVOKING = pytest.mark.parametrize("name", INVOCATIONS)
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


def following(state: dict[str, Any]) -> set[str]:
    found = {state["Next"]} if "Next" in state else set()
    found |= {choice["Next"] for choice in state.get("Choices", ())} | {state.get("Default", "")}
    return (found | {rule["Next"] for rule in state.get("Catch", ())}) - {""}


def test_every_step_has_a_state_and_no_state_another() -> None:
    steps = {state["Parameters"]["Payload"]["step"] for state in INVOCATIONS.values()}
    assert steps == set(STEPS)


def test_every_state_can_be_reached_and_leads_somewhere() -> None:
    reached, open_states = set(), [MACHINE["StartAt"]]
    while open_states:
        name = open_states.pop()
        if name not in reached:
            reached.add(name)
            open_states += following(STATES[name])
    assert reached == set(STATES)
    ends = {name for name, state in STATES.items() if not following(state)}
    assert {STATES[name]["Type"] for name in ends} == {"Succeed", "Fail"}


@INVOKING
def test_exactly_the_retryable_errors_are_retried(name: str) -> None:
    retried = {error for rule in INVOCATIONS[name]["Retry"] for error in rule["ErrorEquals"]}
    assert retried == {error.__name__ for error in all_errors() if error.retryable} | SERVICE_ERRORS


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if "Retry" in state])
def test_every_retry_backs_off_with_jitter(name: str) -> None:
    for rule in STATES[name]["Retry"]:
        assert rule["JitterStrategy"] == "FULL"
        assert rule["BackoffRate"] >= 2 and rule["MaxAttempts"] >= 3 and rule["MaxDelaySeconds"] <= 600


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] == "Task"])
def test_what_fails_is_given_up_and_what_is_tried_out_taken_back(name: str) -> None:
    caught = {error: rule["Next"] for rule in STATES[name].get("Catch", ()) for error in rule["ErrorEquals"]}
    if not name.startswith(("Tell", "GiveUp")):
        assert caught == {"States.ALL": "GiveUp"}


def test_phases_are_watched_one_after_the_other() -> None:
    for phase, following_phase in (("Shadow", "Share"), ("Share", "Live"), ("Live", "Learnt")):
        assert STATES[phase]["Next"] == f"Wait{phase}"
        choices = {one["StringEquals"]: one["Next"] for one in STATES[f"{phase}Seen"]["Choices"]}
        assert choices == {"stay": f"Wait{phase}", "back": "RollBack", "on": following_phase}


def test_both_ways_to_a_trainer_lead_to_the_same_steps() -> None:
    for verb, then in (("Train", "Register"), ("Evaluate", "Judge")):
        task, queue = STATES[f"{verb}ByTask"], STATES[f"{verb}ByQueue"]
        assert (task["Resource"], queue["Resource"]) == (
            "arn:aws:states:::ecs:runTask.sync",
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        )
        assert task["Next"] == queue["Next"] == then
        assert queue["Parameters"]["MessageBody"]["token.$"] == "$$.Task.Token"
        assert task["TimeoutSeconds"] == queue["TimeoutSeconds"] == 86400


def test_every_placeholder_is_given_by_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(MACHINE)))
    machine = read(ROOT / "infra/learning.yaml")["Resources"]["Learn"]["Properties"]
    assert used == machine["DefinitionSubstitutions"].keys()


def test_the_queue_hides_an_order_as_long_as_a_training_may_take() -> None:
    queue = read(ROOT / "infra/learning.yaml")["Resources"]["Trainings"]["Properties"]
    assert queue["VisibilityTimeout"] == 43_200  # the most that SQS allows
