"""The real state machines of a group and of its members' closes, over handlers that do as they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from infra.local.engine import ROOT
from tests.workflows.test_financial_close import FUNCTIONS, HANDLER, Stage
from tests.workflows.tiny import engine, eventually, execute

TEMPLATE = """
Parameters:
  Trace: {{Type: String}}
Globals:
  Function:
    Runtime: python3.12
    Handler: app.handler
    Timeout: 3
    Environment: {{Variables: {{TRACE: !Ref Trace}}}}
Resources:
  Jobs:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: job_id, AttributeType: S}}]
      KeySchema: [{{AttributeName: job_id, KeyType: HASH}}]
{functions}
  FinancialClose:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {machines}/financial_close.asl.json
      DefinitionSubstitutions:
        JobsTable: !Ref Jobs
{substitutions}
  GroupClose:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {machines}/group_close.asl.json
      DefinitionSubstitutions:
        JobsTable: !Ref Jobs
        FinancialClose: !Ref FinancialClose
        ExtractErp: !GetAtt ExtractErp.Arn
        BuildStatements: !GetAtt BuildStatements.Arn
        RenderReport: !GetAtt RenderReport.Arn
"""

OF_MEMBERS = (
    HANDLER.replace(
        'event[key]) for key in ("step", "year", "period")',
        'event[key]) for key in ("job_id", "step", "year", "period")',
    )
    .replace(
        "    parts = ",
        """    if event["step"] == "plan_group":
        names = json.loads(trace.joinpath("members").read_text())
        return {"members": [{"name": name, "job_id": event["job_id"] + "-" + name} for name in names]}
    parts = """,
    )
    .replace('what == "plan"', 'event["step"] == "plan"')
)
"""Says of each step whose it is, and plans closes of the members that the trace names."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, trace = tmp_path_factory.mktemp("group"), tmp_path_factory.mktemp("trace")
    template = TEMPLATE.format(
        functions="\n".join(
            f"  {logical}:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: {name}}}"
            for logical, name in FUNCTIONS.items()
        ),
        machines=ROOT / "infra/statemachines",
        substitutions="\n".join(f"        {logical}: !GetAtt {logical}.Arn" for logical in FUNCTIONS),
    )
    trace.joinpath("members").write_text(json.dumps(["wind", "sea"]))
    handlers = dict.fromkeys(FUNCTIONS.values(), OF_MEMBERS)
    with engine(folder, template, handlers, Trace=str(trace)) as running:
        yield Stage(running, trace)


def put(stage: Stage, *jobs: str) -> None:
    for job_id in jobs:
        stage.running.client("dynamodb").put_item(
            TableName=stage.running.resources["Jobs"],
            Item={"job_id": {"S": job_id}, "state": {"S": "running"}},
        )


def recorded(stage: Stage, job_id: str) -> dict[str, str]:
    found = stage.running.client("dynamodb").get_item(
        TableName=stage.running.resources["Jobs"], Key={"job_id": {"S": job_id}}
    )
    return {name: value["S"] for name, value in found["Item"].items()}


def run(stage: Stage, job_id: str) -> str:
    put(stage, job_id, f"{job_id}-wind", f"{job_id}-sea")
    machine = stage.running.resources["GroupClose"]
    return str(execute(stage.running, machine, {"job_id": job_id}, 120)["status"])


def test_all_members_are_closed_and_then_made_one(stage: Stage) -> None:
    stage.orders()
    assert run(stage, "g1") == "SUCCEEDED"
    log = stage.log()
    assert (log[0], log[-2:]) == ("g1 plan_group", ["g1 consolidate", "g1 publish"])
    for member in ("g1-wind", "g1-sea"):
        steps = [line.removeprefix(f"{member} ") for line in log if line.startswith(f"{member} ")]
        assert (steps[0], sorted(steps[1:3])) == ("plan", ["extract 2024", "extract 2025 3"])
        assert steps[3:] == ["settle", "check", "statements", "forecast", "narrate", "report", "finish"]


def test_a_member_that_fails_keeps_no_other_from_being_closed_and_the_group_records_what_is_told(
    stage: Stage,
) -> None:
    stage.orders(**{"g2-wind__check": ["UnmappedAccount"], "g2__consolidate": ["MemberFailed"]})
    assert run(stage, "g2") == "FAILED"
    log = stage.log()
    assert "g2-sea finish" in log and "g2-wind statements" not in log and "g2 publish" not in log
    member, group = recorded(stage, "g2-wind"), recorded(stage, "g2")
    assert (member["error_type"], group["error_type"]) == ("UnmappedAccount", "MemberFailed")
    assert json.loads(group["error_cause"])["errorMessage"] == "because MemberFailed"


def test_a_member_whose_close_could_not_record_its_end_is_recorded_by_the_group(stage: Stage) -> None:
    stage.orders(**{"g3-sea__plan": ["sleep"]})
    machines = stage.running.client("stepfunctions")
    put(stage, "g3", "g3-wind", "g3-sea")
    started = machines.start_execution(
        stateMachineArn=stage.running.resources["GroupClose"], input=json.dumps({"job_id": "g3"})
    )["executionArn"]
    eventually(lambda: "g3-sea plan" in stage.log())
    member = stage.running.resources["FinancialClose"].replace(":stateMachine:", ":execution:") + ":g3-sea"
    machines.stop_execution(executionArn=member, error="Stopped", cause="by hand")
    eventually(lambda: machines.describe_execution(executionArn=started)["status"] not in ("RUNNING",), 120)
    assert recorded(stage, "g3-sea")["state"] == "failed"
    assert "g3 consolidate" in stage.log()


def test_an_error_of_the_plan_is_recorded_and_nothing_is_closed(stage: Stage) -> None:
    stage.orders(g4__plan_group=["UnknownCompany"])
    assert run(stage, "g4") == "FAILED"
    assert stage.log() == ["g4 plan_group"]
    assert recorded(stage, "g4")["error_type"] == "UnknownCompany"
