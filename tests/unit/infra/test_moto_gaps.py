"""What moto does not do and the engine does: one test a gap; where it is cheap, bare moto beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.aws import require_supported
from infra.local.engine import LocalEngine
from infra.local.template import TemplateError, load
from tests.workflows.tiny import application, engine, eventually, execute

TEMPLATE = """
Globals:
  Function: {Runtime: python3.12, Handler: app.handler, Timeout: 10}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}
      NotificationConfiguration:
        QueueConfigurations:
          - Event: s3:ObjectCreated:*
            Queue: !GetAtt Arrivals.Arn
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
  Arrivals: {Type: AWS::SQS::Queue}
  Dead: {Type: AWS::SQS::Queue}
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 1
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo
      ReservedConcurrentExecutions: 1
      Environment: {Variables: {SELF: !Sub "${AWS::StackName}/${Bucket}"}}
  Sort:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: sort
      Events:
        Work:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Call
        States:
          Call:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: {FunctionName: "${Echo}", Payload: {"id.$": "$$.Execution.Id", "say.$": "$.say"}}
            OutputPath: $.Payload
            End: true
      DefinitionSubstitutions: {Echo: !GetAtt Echo.Arn}
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Start
        States:
          Start:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync:2
            Parameters: {StateMachineArn: "${Machine}", "Name.$": "$.name", Input: {"say.$": "$.say"}}
            OutputPath: $.output
            End: true
      DefinitionSubstitutions: {Machine: !Ref Machine}
  Daily:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      State: DISABLED
      Targets:
        - {Id: queue, Arn: !GetAtt Arrivals.Arn, Input: '{"constant": true}'}
        - {Id: function, Arn: !GetAtt Echo.Arn, Input: '{"say": "due"}'}
"""

ECHO = """
import os, time
def handler(event, context):
    print("heard", event)
    if event.get("say") == "wait":
        time.sleep(1)
    if event.get("say") == "fail":
        raise LookupError("as told")
    return {**event, "self": os.environ["SELF"], "endpoint": os.environ["AWS_ENDPOINT_URL"]}
"""

SORT = """
import json
def handler(event, context):
    print("batch", json.dumps([record["body"] for record in event["Records"]]))
    bad = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in bad]}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    with engine(tmp_path_factory.mktemp("gaps"), TEMPLATE, {"echo": ECHO, "sort": SORT}) as running:
        yield running


@pytest.fixture(scope="module")
def bare(running: LocalEngine) -> dict[str, str]:
    """The plain resources of the template in a region that only moto's own CloudFormation has touched."""
    folder = running.lambdas.log("echo").parents[1]
    resources = load(folder / "template.yaml").template["Resources"]
    plain = {name: resources[name] for name in ("Bucket", "Table", "Arrivals", "Machine", "MachineRole")}
    plain["Machine"]["Properties"]["DefinitionString"] = (
        '{"StartAt": "A", "States": {"A": {"Type": "${Kind}"}}}'
    )
    plain["Machine"]["Properties"]["DefinitionSubstitutions"] = {"Kind": "Succeed"}
    formation = elsewhere(running, "cloudformation")
    formation.create_stack(StackName="bare", TemplateBody=json.dumps({"Resources": plain}))
    listed = formation.list_stack_resources(StackName="bare")["StackResourceSummaries"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in listed}


def elsewhere(running: LocalEngine, service: str) -> Any:
    return boto3.client(service, endpoint_url=running.aws_url, region_name="us-east-1", **KEYS)


KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


def drained(running: LocalEngine, queue: str) -> list[str]:
    """Bodies of the messages that wait in a queue, which is empty afterwards."""
    queues, url = running.client("sqs"), running.resources[queue]
    bodies = []
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            bodies.append(message["Body"])
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def test_a_state_machine_from_the_template_is_interpreted(running: LocalEngine, bare: dict[str, str]) -> None:
    ended = execute(running, running.resources["Machine"], {"say": "hello"})
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["say"] == "hello"
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        elsewhere(running, "stepfunctions").start_execution(stateMachineArn=bare["Machine"], input="{}")


def test_definition_substitutions_are_filled_in(running: LocalEngine, bare: dict[str, str]) -> None:
    definition = running.client("stepfunctions").describe_state_machine(
        stateMachineArn=running.resources["Machine"]
    )["definition"]
    parameters = json.loads(definition)["States"]["Call"]["Parameters"]
    assert parameters["FunctionName"] == running.lambdas.functions["echo"].arn
    assert parameters["Payload"]["id.$"] == "$$.Execution.Id"


def test_a_lambda_invocation_runs_the_handler_in_its_own_process(running: LocalEngine) -> None:
    answer = running.client("lambda").invoke(
        FunctionName=running.resources["Echo"], Payload=b'{"say": "hi"}', LogType="Tail"
    )
    said = json.loads(answer["Payload"].read())
    assert said == {"say": "hi", "self": f"abax/{running.resources['Bucket']}", "endpoint": running.aws_url}
    assert "FunctionError" not in answer


def test_a_raised_error_is_a_function_error(running: LocalEngine) -> None:
    answer = running.client("lambda").invoke(
        FunctionName=running.resources["Echo"], Payload=b'{"say": "fail"}'
    )
    assert answer["FunctionError"]
    assert json.loads(answer["Payload"].read())["errorType"] == "LookupError"


def test_a_throttled_invocation_is_refused_by_name(running: LocalEngine) -> None:
    lambdas = running.client("lambda")
    busy = threading.Thread(target=lambda: running.invoke("echo", {"say": "wait"}))
    busy.start()
    eventually(lambda: running.lambdas.busy("echo"))
    with pytest.raises(ClientError) as refused:
        lambdas.invoke(FunctionName=running.resources["Echo"], Payload=b"{}")
    busy.join()
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_an_event_that_is_too_large_is_refused_by_name(running: LocalEngine) -> None:
    body = json.dumps({"say": "x" * 7_000_000}).encode()
    with pytest.raises(ClientError) as refused:
        running.client("lambda").invoke(FunctionName=running.resources["Echo"], Payload=body)
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_executions_without_a_name_are_different_ones(running: LocalEngine) -> None:
    first, second = (execute(running, running.resources["Machine"], {"say": say}) for say in ("one", "two"))
    assert first["name"] != second["name"]
    assert json.loads(second["output"])["say"] == "two"


def test_a_stopped_execution_is_aborted_at_once_and_stays_so(running: LocalEngine) -> None:
    machines = running.client("stepfunctions")
    arn = machines.start_execution(stateMachineArn=running.resources["Machine"], input='{"say": "wait"}')[
        "executionArn"
    ]
    eventually(lambda: running.lambdas.busy("echo"))
    machines.stop_execution(executionArn=arn)
    assert machines.describe_execution(executionArn=arn)["status"] == "ABORTED"
    eventually(lambda: not running.lambdas.busy("echo"))
    assert machines.describe_execution(executionArn=arn)["status"] == "ABORTED"


def test_jsonata_is_evaluated(running: LocalEngine) -> None:
    machines = running.client("stepfunctions")
    total = {"Type": "Pass", "Output": {"sum": "{% $sum($states.input.lines.amount) %}"}, "End": True}
    machine = machines.create_state_machine(
        name="jsonata",
        roleArn="arn:aws:iam::123456789012:role/any",
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Total", "States": {"Total": total}}),
    )["stateMachineArn"]
    ended = execute(running, machine, {"lines": [{"amount": 2}, {"amount": 40}]})
    assert json.loads(ended["output"]) == {"sum": 42}


def test_bucket_notifications_are_configured_and_delivered(
    running: LocalEngine, bare: dict[str, str]
) -> None:
    objects = running.client("s3")
    drained(running, "Arrivals")
    for key in ("out/ignored", "in/noticed"):
        objects.put_object(Bucket=running.resources["Bucket"], Key=key, Body=b"")
    arrived = eventually(lambda: drained(running, "Arrivals"))
    records = [record for body in arrived for record in json.loads(body).get("Records", [])]
    assert [unquote_plus(record["s3"]["object"]["key"]) for record in records] == ["in/noticed"]
    theirs = elsewhere(running, "s3").get_bucket_notification_configuration(Bucket=bare["Bucket"])
    assert "QueueConfigurations" not in theirs


def test_versioning_and_public_access_block_are_applied(running: LocalEngine, bare: dict[str, str]) -> None:
    objects, bucket = running.client("s3"), running.resources["Bucket"]
    assert objects.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert objects.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert "Status" not in elsewhere(running, "s3").get_bucket_versioning(Bucket=bare["Bucket"])


def test_time_to_live_and_recovery_are_applied(running: LocalEngine, bare: dict[str, str]) -> None:
    tables, table = running.client("dynamodb"), running.resources["Table"]
    live = tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    backups = tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    theirs = elsewhere(running, "dynamodb").describe_time_to_live(TableName=bare["Table"])
    assert theirs["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_a_queue_is_read_in_batches_and_only_what_failed_comes_back(running: LocalEngine) -> None:
    queues, url = running.client("sqs"), running.resources["Work"]
    entries = [{"Id": str(n), "MessageBody": f"{'bad' if n == 2 else 'good'} {n}"} for n in range(4)]
    queues.send_message_batch(QueueUrl=url, Entries=entries)
    dead = eventually(lambda: drained(running, "Dead"))
    assert dead == ["bad 2"]
    batches = [
        json.loads(line.removeprefix("batch "))
        for line in running.logs("sort").splitlines()
        if line.startswith("batch ")
    ]
    assert sorted(body for batch in batches for body in batch) == [
        "bad 2",
        "bad 2",
        "good 0",
        "good 1",
        "good 3",
    ]
    assert len(batches[0]) > 1


def test_moto_does_not_deliver_queue_messages_beside_us(running: LocalEngine) -> None:
    mappings = running.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert [mapping["State"] for mapping in mappings] == ["Disabled"]


def test_a_schedule_can_be_made_due(running: LocalEngine) -> None:
    drained(running, "Arrivals")
    assert running.fire("Daily") == 2
    assert drained(running, "Arrivals") == ['{"constant": true}']
    assert "heard {'say': 'due'}" in running.logs("echo")


def test_a_schedule_hears_no_events(running: LocalEngine) -> None:
    entry = {"Source": "abax.test", "DetailType": "news", "Detail": "{}"}
    told = running.client("events").put_events(Entries=[entry])
    assert told["FailedEntryCount"] == 0 and len(told["Entries"]) == 1


def test_a_secret_can_be_put_twice(running: LocalEngine) -> None:
    for url in ("sqlite:///old", "sqlite:///new"):
        running.put_secret("abax/test", {"url": url})
    found = running.client("secretsmanager").get_secret_value(SecretId="abax/test")["SecretString"]
    assert json.loads(found) == {"url": "sqlite:///new"}


def test_a_second_engine_in_the_process_is_refused(running: LocalEngine, tmp_path: Path) -> None:
    other = engine(tmp_path, "Resources: {Queue: {Type: AWS::SQS::Queue}}", {})
    with pytest.raises(RuntimeError, match="running in this process already"):
        other.start()
    assert running.client("sqs").list_queues()["QueueUrls"]


def test_a_resource_that_moto_cannot_make_is_named(tmp_path: Path, running: LocalEngine) -> None:
    path = application(tmp_path, "Resources: {Lake: {Type: AWS::LakeFormation::DataLakeSettings}}", {})
    with pytest.raises(TemplateError, match="AWS::LakeFormation::DataLakeSettings"):
        require_supported(load(path).template)


def test_one_state_machine_starts_another_and_has_what_it_gave_or_that_it_failed(
    running: LocalEngine,
) -> None:
    outer = running.resources["Outer"]
    told = execute(running, outer, {"name": "inner-1", "say": "hello"})
    assert (told["status"], json.loads(told["output"])["say"]) == ("SUCCEEDED", "hello")
    assert json.loads(told["output"])["id"].endswith(":inner-1")
    failed = execute(running, outer, {"name": "inner-2", "say": "fail"})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.TaskFailed")
