"""The text of a group's state machine agrees with the code around it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from abax.errors import JobCancelled, all_errors
from abax.workflow.group import GROUP_STEPS

from infra.local.template import read
from tests.workflows.test_financial_close_asl import ROOT, SERVICE_ERRORS, flattened
from tests.workflows.test_financial_close_asl import STATES as CLOSE

MACHINE = json.loads((ROOT / "infra/statemachines/group_close.asl.json").read_text())
STATES: dict[str, Any] = MACHINE["States"]
INVOCATIONS = {
    name: state
    for name, state in flattened(STATES)
    if state["Type"] == "Task" and state["Resource"] == "arn:aws:states:::lambda:invoke"
}
INVOKING = pytest.mark.parametrize("name", INVOCATIONS)


def test_steps_run_in_the_workflow_s_order_with_the_members_closes_after_the_first() -> None:
    order, name = [], MACHINE["StartAt"]
    while name:
        state = STATES[name]
        order.append(state["Parameters"]["Payload"]["step"] if name in INVOCATIONS else name)
        name = state.get("Next")
    first, *others = GROUP_STEPS
    assert order == [first, "CloseMembers", *others, "Closed"]


@INVOKING
def test_exactly_the_retryable_errors_are_retried(name: str) -> None:
    retryable = {error.__name__ for error in all_errors() if error.retryable}
    retried = {error for rule in INVOCATIONS[name]["Retry"] for error in rule["ErrorEquals"]}
    assert retried == retryable | SERVICE_ERRORS


@INVOKING
def test_each_step_goes_to_a_function_that_does_it(name: str) -> None:
    parameters = INVOCATIONS[name]["Parameters"]
    function = read(ROOT / "infra/workflows.yaml")["Resources"][parameters["FunctionName"].strip("${}")]
    handler = (ROOT / "infra" / function["Properties"]["CodeUri"] / "app.py").read_text()
    assert f'"{parameters["Payload"]["step"]}"' in handler
    assert INVOCATIONS[name]["TimeoutSeconds"] >= function["Properties"]["Timeout"]


def test_every_failure_is_recorded_and_a_cancelled_group_is_none() -> None:
    for name in (*INVOCATIONS, "CloseMembers"):
        assert [(rule["ErrorEquals"], rule["Next"]) for rule in STATES[name]["Catch"]] == [
            ([JobCancelled.__name__], "Cancelled"),
            (["States.ALL"], "RecordFailure"),
        ]
    assert STATES["RecordFailure"] == CLOSE["RecordFailure"]


def test_a_member_has_as_long_as_any_close() -> None:
    member = STATES["CloseMembers"]["ItemProcessor"]["States"]["CloseMember"]
    close = json.loads((ROOT / "infra/statemachines/financial_close.asl.json").read_text())
    assert member["TimeoutSeconds"] > close["TimeoutSeconds"] and "HeartbeatSeconds" not in member
    assert MACHINE["TimeoutSeconds"] > member["TimeoutSeconds"]


def test_every_placeholder_is_given_by_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(MACHINE)))
    machine = read(ROOT / "infra/workflows.yaml")["Resources"]["GroupClose"]["Properties"]
    assert used == machine["DefinitionSubstitutions"].keys()


def test_nothing_but_keys_and_names_travels_between_states() -> None:
    for state in INVOCATIONS.values():
        assert state["ResultPath"] is None or state["ResultSelector"].keys() == {"members.$"}
