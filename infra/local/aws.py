"""AWS on one machine: moto's server in this process, and what it needs to behave like the cloud for us.

=====================================================  ==================================================
What moto 5.2.5 does not do                            What bridges it
=====================================================  ==================================================
interpret state machines unless told to                ``Cloud.provision`` switches it on, and creates
                                                       again those that CloudFormation made before
invoke functions without Docker, throttle them         ``_invoked_by``
name executions that are started without a name        ``_named_executions``
stop an execution before its task is over              ``_stopped_at_once``
let one state machine start another                    ``_nested_executions``
keep events from schedules, which hear none            ``_deaf_schedules``
evaluate JSONata                                       ``_jsonata``
fire schedules, batch messages, hear partial failures  ``infra.local.triggers``
provision SAM, nested stacks, Fn::Sub, substitutions   ``infra.local.template``
apply some properties on provisioning                  ``IGNORED``
=====================================================  ==================================================

``tests/unit/infra/test_moto_gaps.py`` holds each of these to its word.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any, Final
from unittest.mock import patch
from urllib.request import Request, urlopen
from uuid import uuid4

import boto3
from botocore.config import Config

from infra.local.lambdas import EventTooLarge, Outcome, Throttled
from infra.local.template import REGION, Node, TemplateError

STACK: Final = "abax"

CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}

_PORT: Final = "MOTO_PORT"

Invoke = Callable[[str, bytes], Outcome]


class Cloud:
    """An AWS account that lives in this process. One at a time: moto keeps its state in globals."""

    def __init__(self, invoke: Invoke) -> None:
        """``invoke`` runs every Lambda invocation, by whomever."""
        self.url = ""
        self._invoke = invoke
        self._undo = ExitStack()
        self._clients: dict[str, Any] = {}
        # One session, because each one reads the service descriptions anew.
        self._session = boto3.session.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    def start(self) -> None:
        """Serve on a free port of the loopback interface."""
        from moto.server import ThreadedMotoServer

        if _PORT in os.environ:
            raise RuntimeError("a local engine is running in this process already; stop it first")
        for chatty in ("moto", "werkzeug"):
            logging.getLogger(chatty).setLevel(logging.CRITICAL)
        # Undone last, when no request can come any more.
        bridges = (_jsonata(), _named_executions(), _nested_executions(), _stopped_at_once())
        for bridge in (*bridges, _deaf_schedules(), _invoked_by(self._invoke)):
            self._undo.enter_context(bridge)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        self._undo.callback(_shut, server)
        port = server.get_host_and_port()[1]
        self.url = f"http://127.0.0.1:{port}"
        # moto's own clients, such as the state machines', find their way by this variable.
        os.environ[_PORT] = str(port)
        self._undo.callback(os.environ.pop, _PORT, None)
        self._undo.callback(self._post, "reset", {})
        self._undo.callback(self._interpret, False)

    def stop(self) -> None:
        """Forget everything and serve no longer."""
        self._undo.close()
        self._clients.clear()

    def client(self, service: str) -> Any:
        """The boto3 client of one of this cloud's services; it may be shared by threads."""
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=900, max_pool_connections=50)
            self._clients[service] = self._session.client(service, endpoint_url=self.url, config=config)
        return self._clients[service]

    def provision(self, template: Mapping[str, Node], parameters: Mapping[str, str]) -> dict[str, str]:
        """Create everything in a folded template; gives back physical ids by logical id.

        Raises:
            TemplateError: a resource type that moto cannot make.
        """
        require_supported(template)
        formation = self.client("cloudformation")
        formation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        )
        pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
        resources = {
            summary["LogicalResourceId"]: summary["PhysicalResourceId"]
            for page in pages
            for summary in page["StackResourceSummaries"]
        }
        self._apply_ignored(template, resources)
        self._make_machines_run()
        return resources

    def _apply_ignored(self, template: Mapping[str, Node], resources: Mapping[str, str]) -> None:
        for name, resource in template["Resources"].items():
            for (kind, key), apply in IGNORED.items():
                value = resource.get("Properties", {}).get(key)
                if resource["Type"] == kind and value is not None:
                    apply(self, resources[name], self._resolved(value, resources))

    def _resolved(self, value: Node, resources: Mapping[str, str]) -> Node:
        """A property's value with references to queues and functions as ARNs."""
        if isinstance(value, list):
            return [self._resolved(item, resources) for item in value]
        if not isinstance(value, dict):
            return value
        if "Ref" in value:
            return resources[value["Ref"]]
        if "Fn::GetAtt" in value:
            return self._arn(resources[value["Fn::GetAtt"][0]])
        return {key: self._resolved(item, resources) for key, item in value.items()}

    def _arn(self, physical_id: str) -> str:
        if physical_id.startswith("http"):
            attributes = self.client("sqs").get_queue_attributes(
                QueueUrl=physical_id, AttributeNames=["QueueArn"]
            )
            return str(attributes["Attributes"]["QueueArn"])
        found = self.client("lambda").get_function_configuration(FunctionName=physical_id)
        return str(found["FunctionArn"])

    def _make_machines_run(self) -> None:
        """CloudFormation's state machines lie where nothing is interpreted: move them to where it is."""
        machines = self.client("stepfunctions")
        listed = machines.list_state_machines()["stateMachines"]
        found = [machines.describe_state_machine(stateMachineArn=m["stateMachineArn"]) for m in listed]
        self._interpret(True)
        for machine in found:
            machines.create_state_machine(
                name=machine["name"], definition=machine["definition"], roleArn=machine["roleArn"]
            )

    def _interpret(self, machines: bool) -> None:
        """Whether moto interprets state machines, or only keeps them."""
        self._post("config", {"stepfunctions": {"execute_state_machine": machines}})

    def stop_executions(self) -> None:
        """Stop whatever state machines still run; each ends with the task that it is in."""
        machines = self.client("stepfunctions")
        for machine in machines.list_state_machines()["stateMachines"]:
            running = machines.list_executions(
                stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
            )
            for execution in running["executions"]:
                # One that ends by itself at this very moment makes moto fail; either way it has stopped.
                with suppress(machines.exceptions.ClientError):
                    machines.stop_execution(executionArn=execution["executionArn"], cause="the engine stops")

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        request = Request(f"{self.url}/moto-api/{path}", json.dumps(body).encode(), method="POST")  # noqa: S310
        with urlopen(request, timeout=30):  # noqa: S310 (the loopback interface)
            pass


def _invoked_by(invoke: Invoke) -> AbstractContextManager[Any]:
    """Let Lambda invocations go to ``invoke``: moto would ask Docker."""
    from moto.awslambda.models import LambdaFunction
    from moto.core.exceptions import JsonRESTError

    def refusal(status: int, code: str, error: Exception) -> JsonRESTError:
        refused = JsonRESTError(code, str(error))
        refused.code = status
        return refused

    def run(function: Any, event: Any = None) -> tuple[str, bool, str]:
        body = b"{}" if event in (None, "{}") else json.dumps(event).encode()
        try:
            outcome = invoke(function.function_name, body)
        except Throttled as error:
            raise refusal(429, "TooManyRequestsException", error) from error
        except EventTooLarge as error:
            raise refusal(413, "RequestEntityTooLargeException", error) from error
        return outcome.payload.decode(), outcome.failed, outcome.logs[-4096:]

    return patch.object(LambdaFunction, "_invoke_lambda", run)


def _jsonata() -> AbstractContextManager[Any]:
    """Plug in an evaluator of JSONata: moto brings none."""
    from jsonata import Jsonata
    from moto.stepfunctions.parser.asl.jsonata import jsonata

    return patch.object(jsonata, "_eval_jsonata", lambda expression: Jsonata(expression).evaluate(None))


def _named_executions() -> AbstractContextManager[Any]:
    """Give executions that are started without a name one of their own: moto calls all of them None."""
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend

    start = StepFunctionsParserBackend.start_execution

    def named(backend: Any, machine: str, name: str | None, *others: Any, **more: Any) -> Any:
        return start(backend, machine, name or str(uuid4()), *others, **more)

    return patch.object(StepFunctionsParserBackend, "start_execution", named)


def _nested_executions() -> AbstractContextManager[Any]:
    """Let a task start an execution: moto hands its parameters on as the task spells them, and looks for the
    answer's so, in capitals that the API has not."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_sfn

    task_of = state_task_service_sfn.StateTaskServiceSfn
    start = task_of._eval_service_task

    def spelled(task: Any, *, env: Any, normalised_parameters: dict[str, Any], **more: Any) -> None:
        given = {name[0].lower() + name[1:]: value for name, value in normalised_parameters.items()}
        start(task, env=env, normalised_parameters=given, **more)
        answer = env.stack.pop()
        env.stack.append({name[0].upper() + name[1:]: value for name, value in answer.items()})

    return patch.object(task_of, "_eval_service_task", spelled)


def _deaf_schedules() -> AbstractContextManager[Any]:
    """Let rules without a pattern, which are schedules, hear no events: in moto they hear all of them."""
    from moto.events.models import EventPattern

    matches = EventPattern.matches_event

    def heard(pattern: Any, event: Any) -> bool:
        return bool(pattern._pattern) and bool(matches(pattern, event))

    return patch.object(EventPattern, "matches_event", heard)


@contextmanager
def _stopped_at_once() -> Iterator[None]:
    """Let a stopped execution be aborted from that moment, whatever becomes of the task it is in: in moto it
    runs on until then, and fails if the task does."""
    from moto.stepfunctions.parser.api import ExecutionStatus
    from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

    stop, terminated = Execution.stop, BaseExecutionWorkerCommunication.terminated

    def stop_now(execution: Any, stop_date: datetime, error: str | None, cause: str | None) -> None:
        stop(execution, stop_date, error, cause)
        if execution.exec_status == ExecutionStatus.RUNNING:
            execution.exec_status, execution.stop_date = ExecutionStatus.ABORTED, stop_date

    def terminated_unless_stopped(worker: Any) -> None:
        if worker.execution.exec_status != ExecutionStatus.ABORTED:
            terminated(worker)

    with (
        patch.object(Execution, "stop", stop_now),
        patch.object(BaseExecutionWorkerCommunication, "terminated", terminated_unless_stopped),
    ):
        yield


def _shut(server: Any) -> None:
    """Stop moto's server; it leaves its socket open by itself."""
    server.stop()
    server._server.server_close()


def require_supported(template: Mapping[str, Node]) -> None:
    """Raises TemplateError, naming the resource types of a folded template that moto cannot make."""
    from moto.cloudformation.parsing import get_model_map

    unknown = {body["Type"] for body in template["Resources"].values()} - get_model_map().keys()
    if unknown:
        raise TemplateError(
            f"moto cannot make {', '.join(sorted(unknown))}: support it, or list it as CLOUD_ONLY"
        )


# --- properties that moto's CloudFormation drops ----------------------------------------------------------


def _versioning(cloud: Cloud, bucket: str, value: Node) -> None:
    cloud.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=value)


def _public_access_block(cloud: Cloud, bucket: str, value: Node) -> None:
    cloud.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=value)


def _notifications(cloud: Cloud, bucket: str, value: Node) -> None:
    kinds = {
        "QueueConfigurations": ("Queue", "QueueArn"),
        "LambdaConfigurations": ("Function", "LambdaFunctionArn"),
    }
    wanted: dict[str, Any] = {}
    for kind, (theirs, ours) in kinds.items():
        for rule in value.get(kind, []):
            entry = {ours: rule[theirs], "Events": [rule["Event"]]}
            if "Filter" in rule:
                rules = rule["Filter"]["S3Key"]["Rules"]
                entry["Filter"] = {"Key": {"FilterRules": rules}}
            wanted.setdefault(kind.replace("LambdaC", "LambdaFunctionC"), []).append(entry)
    cloud.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)


def _time_to_live(cloud: Cloud, table: str, value: Node) -> None:
    cloud.client("dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=value)


def _point_in_time_recovery(cloud: Cloud, table: str, value: Node) -> None:
    cloud.client("dynamodb").update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification=value
    )


IGNORED: Final[dict[tuple[str, str], Callable[[Cloud, str, Node], None]]] = {
    ("AWS::S3::Bucket", "VersioningConfiguration"): _versioning,
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration"): _public_access_block,
    ("AWS::S3::Bucket", "NotificationConfiguration"): _notifications,
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): _time_to_live,
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"): _point_in_time_recovery,
}
"""Properties that moto's CloudFormation drops, and how each is applied after all."""
