"""The document's real state machine over a handler that does as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.engine import ROOT, LocalEngine
from tests.workflows.tiny import engine, eventually, execute, states_entered

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
  Jobs:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: job_id, AttributeType: S}}]
      KeySchema: [{{AttributeName: job_id, KeyType: HASH}}]
  ProcessDocument:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: process_document}}
  Document:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {ROOT / "infra/statemachines/document.asl.json"}
      DefinitionSubstitutions:
        ProcessDocument: !GetAtt ProcessDocument.Arn
        JobsTable: !Ref Jobs
"""

HANDLER = """
import json, os
from pathlib import Path

def handler(event, context):
    trace = Path(os.environ["TRACE"])
    about = event.get("document_id") or event.get("file") or ""
    what = f"{event['step']} {about}".strip()
    with trace.joinpath("log").open("a") as log:
        log.write(what + "\\n")
    if "token" in event:
        trace.joinpath("token").write_text(event["token"])
    if event["step"] == "give_up":
        trace.joinpath("error").write_text(json.dumps(event["error"]))
    answer = json.loads(trace.joinpath("answers").read_text()).get(what, {})
    if isinstance(answer, str):
        raise type(answer, (Exception,), {})("because " + answer)
    return answer
"""


class Stage:
    """An engine with the real machine, and what its handler answers."""

    def __init__(self, running: LocalEngine, trace: Path) -> None:
        self.running = running
        self.trace = trace

    def answers(self, files: list[dict[str, Any]], seconds: int = 60, **others: Any) -> None:
        """What steps answer, by step and what it is about (``__`` is a space); an error's name is raised."""
        taken = {"files": files, "finished": not files, "review_seconds": seconds}
        spaced = {name.replace("__", " "): answer for name, answer in others.items()}
        self.trace.joinpath("answers").write_text(json.dumps({"take_in": taken, **spaced}))
        self.trace.joinpath("log").write_text("")
        self.trace.joinpath("token").unlink(missing_ok=True)

    def run(self) -> dict[str, Any]:
        return execute(self.running, self.running.resources["Document"], {"job_id": "j1"})

    def log(self) -> list[str]:
        return self.trace.joinpath("log").read_text().splitlines()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, trace = tmp_path_factory.mktemp("document"), tmp_path_factory.mktemp("trace")
    with engine(folder, TEMPLATE, {"process_document": HANDLER}, Trace=str(trace)) as running:
        yield Stage(running, trace)


def file(name: str, path: str, *documents: tuple[str, str], seconds: int = 60) -> dict[str, Any]:
    found = [{"document_id": document, "way": way} for document, way in documents]
    return {"job_id": "j1", "file": name, "path": path, "documents": found, "review_seconds": seconds}


def test_what_is_through_at_once_takes_one_call(stage: Stage) -> None:
    stage.answers([])
    ended = stage.run()
    assert ended["status"] == "SUCCEEDED" and stage.log() == ["take_in"]
    assert states_entered(stage.running, ended) == ["TakeIn", "Left", "Done"]


def test_a_scan_goes_stage_by_stage(stage: Stage) -> None:
    read = file("f", "done", ("d", "open"))
    stage.answers([file("f", "full")], read__f=read, route__d={"document_id": "d", "way": "touchless"})
    assert stage.run()["status"] == "SUCCEEDED"
    stages = ["classify", "identify", "extract", "quality", "validate", "route"]
    assert stage.log() == ["take_in", "read f", *(f"{name} d" for name in stages), "finish"]


def test_a_file_that_turns_out_to_be_no_simple_one_is_read_in_full(stage: Stage) -> None:
    stage.answers([file("f", "fast")], fast__f=file("f", "full"), read__f=file("f", "done"))
    assert stage.run()["status"] == "SUCCEEDED"
    assert stage.log() == ["take_in", "fast f", "read f", "finish"]


def test_a_document_that_fails_is_given_up_and_its_siblings_go_on(stage: Stage) -> None:
    read = file("f", "done", ("bad", "open"), ("good", "open"))
    stage.answers(
        [file("f", "full"), file("g", "full")],
        read__f=read,
        read__g="DamagedFile",
        extract__bad="StageCrashed",
        route__good={"document_id": "good", "way": "touchless"},
    )
    assert stage.run()["status"] == "SUCCEEDED"
    log = stage.log()
    assert {"give_up bad", "give_up g", "route good"} <= set(log) and "quality bad" not in log
    assert log[-1] == "finish" and log.count("extract bad") == 1


def test_a_review_goes_on_when_its_token_is_answered(stage: Stage) -> None:
    stage.answers([file("f", "done", ("d", "review"))])
    machines = stage.running.client("stepfunctions")
    arn = machines.start_execution(
        stateMachineArn=stage.running.resources["Document"], input=json.dumps({"job_id": "j1"})
    )["executionArn"]
    eventually(lambda: stage.trace.joinpath("token").exists())
    assert machines.describe_execution(executionArn=arn)["status"] == "RUNNING"
    machines.send_task_success(taskToken=stage.trace.joinpath("token").read_text(), output="{}")
    eventually(lambda: machines.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    assert stage.log() == ["take_in", "review d", "settle d", "finish"]


def test_a_review_that_nobody_decides_is_settled_at_its_deadline(stage: Stage) -> None:
    stage.answers([file("f", "done", ("d", "review"), seconds=2)], seconds=2)
    ended = stage.run()
    assert ended["status"] == "SUCCEEDED"
    assert stage.log() == ["take_in", "review d", "settle d", "finish"]


def test_what_ends_the_whole_upload_is_recorded_in_its_job(stage: Stage) -> None:
    stage.answers([], take_in="StorageFull")
    item = {"job_id": {"S": "j1"}, "state": {"S": "running"}}
    stage.running.client("dynamodb").put_item(TableName=stage.running.resources["Jobs"], Item=item)
    assert stage.run()["error"] == "StorageFull"
    found = stage.running.client("dynamodb").get_item(
        TableName=stage.running.resources["Jobs"], Key={"job_id": {"S": "j1"}}
    )["Item"]
    assert (found["state"]["S"], found["error_type"]["S"]) == ("failed", "StorageFull")
