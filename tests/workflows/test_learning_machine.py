"""The real learning state machine over a handler that does as it is told: the branches that a healthy house
does not see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.engine import ROOT, LocalEngine
from tests.workflows.tiny import engine, execute, states_entered

TEMPLATE = f"""
Parameters:
  Trace: {{Type: String}}
Globals:
  Function:
    Runtime: python3.12
    Handler: app.handler
    Timeout: 3
    Environment: {{Variables: {{TRACE: !Ref Trace}}}}
Resources:
  Trainings:
    Type: AWS::SQS::Queue
  TrainAdapters:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: train_adapters}}
  Learn:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {ROOT / "infra/statemachines/learning.asl.json"}
      DefinitionSubstitutions:
        TrainAdapters: !GetAtt TrainAdapters.Arn
        Trainings: !Ref Trainings
        TrainerTask: none
        TrainerCluster: none
        TrainerSubnets: subnet-1,subnet-2
"""

HANDLER = """
import json, os
from pathlib import Path

def handler(event, context):
    trace = Path(os.environ["TRACE"])
    with trace.joinpath("log").open("a") as log:
        log.write(json.dumps(event) + "\\n")
    answers = json.loads(trace.joinpath("answers").read_text()).get(event["step"], {})
    answer = answers.pop(0) if isinstance(answers, list) else answers
    if isinstance(answer, str):
        raise type(answer, (Exception,), {})("because " + answer)
    return answer
"""


class Stage:
    """An engine with the real machine, and what its handler answers."""

    def __init__(self, running: LocalEngine, trace: Path) -> None:
        self.running = running
        self.trace = trace

    def run(self, **answers: Any) -> dict[str, Any]:
        self.trace.joinpath("answers").write_text(json.dumps(answers))
        self.trace.joinpath("log").write_text("")
        given = {"name": "extract", "force": False}
        return execute(self.running, self.running.resources["Learn"], given, 240)

    def states(self, execution: dict[str, Any]) -> list[str]:
        return states_entered(self.running, execution)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.trace.joinpath("log").read_text().splitlines()]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, trace = tmp_path_factory.mktemp("learning"), tmp_path_factory.mktemp("trace")
    with engine(folder, TEMPLATE, {"train_adapters": HANDLER}, Trace=str(trace)) as running:
        yield Stage(running, trace)


def told(way: str) -> dict[str, Any]:
    return {"way": way, "why": "3 corrections", "order": "o1"}


def test_due_without_a_trainer_tells_by_an_event(stage: Stage) -> None:
    ended = stage.run(status=told("untrained"))
    assert ended["status"] == "SUCCEEDED"
    assert stage.states(ended) == ["Status", "Due", "TellDue", "NoTrainer"]
    history = stage.running.client("stepfunctions").get_execution_history(executionArn=ended["executionArn"])
    [sent] = [
        json.loads(event["taskScheduledEventDetails"]["parameters"])["Entries"][0]
        for event in history["events"]
        if event.get("taskScheduledEventDetails", {}).get("resourceType") == "events"
    ]
    assert (sent["Source"], sent["DetailType"]) == ("abax.learning", "adapter due, no trainer")
    assert json.dumps(sent["Detail"]).count("3 corrections") == 1


def test_a_container_that_cannot_be_started_is_given_up_with_its_order(stage: Stage) -> None:
    ended = stage.run(status=told("task"))
    assert ended["status"] == "FAILED"
    assert stage.states(ended) == ["Status", "Due", "TrainByTask", "GiveUp", "Failed"]
    given_up = stage.log()[-1]
    assert given_up["step"] == "give_up" and given_up["state"]["status"]["order"] == "o1"
    assert given_up["error"]["type"].startswith("ECS.") or "luster" in given_up["error"]["message"]


def test_a_status_that_fails_ends_the_execution_with_its_error(stage: Stage) -> None:
    ended = stage.run(status="StorageError")
    assert (ended["status"], ended["error"]) == ("FAILED", "StorageError")
    assert stage.log()[-1]["name"] == "extract" and "status" not in stage.log()[-1]["state"]
