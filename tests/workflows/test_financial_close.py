"""The real state machine over handlers that do as they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.engine import ROOT, LocalEngine
from tests.workflows.tiny import engine, eventually, execute, states_entered

FUNCTIONS = {
    "ExtractErp": "extract_erp",
    "BuildStatements": "build_statements",
    "ForecastMetrics": "forecast_metrics",
    "GenerateText": "generate_text",
    "RenderReport": "render_report",
}

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
  Close:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {definition}
      DefinitionSubstitutions:
        JobsTable: !Ref Jobs
{substitutions}
"""

HANDLER = """
import json, os, time
from pathlib import Path

def handler(event, context):
    trace = Path(os.environ["TRACE"])
    what = " ".join(str(event[key]) for key in ("step", "year", "period") if event.get(key) is not None)
    done = trace.joinpath("log").read_text().splitlines()
    with trace.joinpath("log").open("a") as log:
        log.write(what + "\\n")
    orders = json.loads(trace.joinpath("orders").read_text()).get(what, [])
    attempt = done.count(what)
    order = orders[attempt] if attempt < len(orders) else None
    if order == "exit":
        os._exit(1)
    if order == "sleep":
        time.sleep(30)
    if order:
        raise type(order, (Exception,), {})("because " + order)
    parts = [{"year": 2024, "period": None}, {"year": 2025, "period": 3}]
    return {"parts": parts, "reused": trace.joinpath("reused").exists()} if what == "plan" else {}
"""


class Stage:
    """An engine with the real machine, and the orders that its handlers follow."""

    def __init__(self, running: LocalEngine, trace: Path) -> None:
        self.running = running
        self.trace = trace

    def orders(self, **orders: list[str | None]) -> None:
        """What each attempt at a step is to do: raise an error, exit, sleep or nothing; ``__`` is a space."""
        self.trace.joinpath("log").write_text("")
        self.trace.joinpath("reused").unlink(missing_ok=True)
        spaced = {step.replace("__", " "): attempts for step, attempts in orders.items()}
        self.trace.joinpath("orders").write_text(json.dumps(spaced))

    def job(self, **fields: str) -> None:
        item = {"job_id": "j1", "state": "running", **fields}
        self.running.client("dynamodb").put_item(
            TableName=self.running.resources["Jobs"],
            Item={name: {"S": value} for name, value in item.items()},
        )

    def recorded(self) -> dict[str, str]:
        found = self.running.client("dynamodb").get_item(
            TableName=self.running.resources["Jobs"], Key={"job_id": {"S": "j1"}}
        )
        return {name: value["S"] for name, value in found["Item"].items()}

    def run(self) -> dict[str, Any]:
        return execute(self.running, self.running.resources["Close"], {"job_id": "j1"})

    def log(self) -> list[str]:
        return self.trace.joinpath("log").read_text().splitlines()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, trace = tmp_path_factory.mktemp("close"), tmp_path_factory.mktemp("trace")
    functions = "\n".join(
        f"  {logical}:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: {name}}}"
        for logical, name in FUNCTIONS.items()
    )
    template = TEMPLATE.format(
        functions=functions,
        definition=ROOT / "infra/statemachines/financial_close.asl.json",
        substitutions="\n".join(f"        {logical}: !GetAtt {logical}.Arn" for logical in FUNCTIONS),
    )
    handlers = dict.fromkeys(FUNCTIONS.values(), HANDLER)
    with engine(folder, template, handlers, Trace=str(trace)) as running:
        yield Stage(running, trace)


def test_a_close_goes_through_its_steps_in_order(stage: Stage) -> None:
    stage.orders()
    ended = stage.run()
    assert ended["status"] == "SUCCEEDED"
    log = stage.log()
    assert (log[0], sorted(log[1:3])) == ("plan", ["extract 2024", "extract 2025 3"])
    assert log[3:] == ["settle", "check", "statements", "forecast", "narrate", "report", "finish"]


def test_a_close_of_the_same_books_does_nothing_twice(stage: Stage) -> None:
    stage.orders()
    stage.trace.joinpath("reused").touch()
    assert stage.run()["status"] == "SUCCEEDED"
    assert stage.log() == ["plan", "finish"]


def test_what_can_be_retried_is_retried(stage: Stage) -> None:
    stage.orders(
        plan=["SourceUnreachable"],
        extract__2024=["exit"],
        extract__2025__3=["exit", "SourceInterrupted"],
        check=["sleep"],
    )
    ended = stage.run()
    assert ended["status"] == "SUCCEEDED"
    counts = {
        step: stage.log().count(step)
        for step in ("plan", "extract 2024", "extract 2025 3", "check", "finish")
    }
    assert counts == {"plan": 2, "extract 2024": 2, "extract 2025 3": 3, "check": 2, "finish": 1}


def test_an_error_of_the_books_is_recorded_and_not_retried(stage: Stage) -> None:
    stage.orders(check=["UnbalancedEntry"])
    stage.job()
    ended = stage.run()
    assert (ended["status"], ended["error"]) == ("FAILED", "UnbalancedEntry")
    assert stage.log()[-1] == "check" and stage.log().count("check") == 1
    job = stage.recorded()
    assert (job["state"], job["error_type"]) == ("failed", "UnbalancedEntry")
    assert json.loads(job["error_cause"])["errorMessage"] == "because UnbalancedEntry"
    assert job["updated_at"] > "2026"


def test_an_error_in_one_year_fails_the_close_under_its_own_name(stage: Stage) -> None:
    stage.orders(extract__2025__3=["SourceRefused"])
    stage.job()
    assert stage.run()["error"] == "SourceRefused"
    assert stage.recorded()["error_type"] == "SourceRefused"


def test_a_failure_leaves_a_cancelled_job_as_it_is(stage: Stage) -> None:
    stage.orders(statements=["CheckFailed"])
    stage.job(state="cancelled")
    ended = stage.run()
    assert (ended["status"], ended["error"]) == ("FAILED", "CheckFailed")
    assert stage.recorded() == {"job_id": "j1", "state": "cancelled"}


def test_a_step_that_learns_of_the_cancellation_ends_the_run_without_failing(stage: Stage) -> None:
    stage.orders(statements=["JobCancelled"])
    stage.job(state="cancelled")
    ended = stage.run()
    assert ended["status"] == "SUCCEEDED"
    assert states_entered(stage.running, ended)[-1] == "Cancelled"
    assert stage.recorded()["state"] == "cancelled"


def test_a_run_can_be_stopped(stage: Stage) -> None:
    stage.orders(plan=["sleep"])
    machines = stage.running.client("stepfunctions")
    started = machines.start_execution(
        stateMachineArn=stage.running.resources["Close"], input=json.dumps({"job_id": "j1"})
    )
    eventually(stage.log)
    machines.stop_execution(executionArn=started["executionArn"], error="Cancelled", cause="on request")
    assert machines.describe_execution(executionArn=started["executionArn"])["status"] == "ABORTED"
    eventually(lambda: not stage.running.lambdas.busy("extract_erp"))
    assert stage.log() == ["plan"]
    assert machines.describe_execution(executionArn=started["executionArn"])["status"] == "ABORTED"
