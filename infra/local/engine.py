"""The whole application on one machine, from its own template.

::

    HTTP ──► gateway ──┐                        ┌──► S3, DynamoDB, SQS, Secrets Manager (moto)
    queue ─► triggers ─┼──► lambdas ──► handler ┤
    rule ──► triggers ─┘       ▲                └──► Step Functions (moto) ──┐
                               └─────────────────────────────────────────────┘
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from infra.local import triggers
from infra.local.aws import CREDENTIALS, Cloud
from infra.local.gateway import Gateway
from infra.local.lambdas import FunctionSpec, Lambdas, Outcome, Runtime
from infra.local.template import Application, FunctionCode, load

ROOT: Final = Path(__file__).parents[2]

PARAMETERS: Final = {
    "Stage": "local",
    "JwtIssuer": "https://localhost",
    "JwtAudience": "abax",
}

API_FUNCTION: Final = "serve_api"

MODEL_VARIABLE: Final = "ABAX_RUNTIME_MODEL"


class LocalEngine:
    """Context manager: everything of the template is up inside, and nothing is left of it outside.

    ``resources`` maps logical ids (``StorageBucket``) to physical ones. One engine per process.
    """

    def __init__(
        self,
        template: Path = ROOT / "template.yaml",
        parameters: Mapping[str, str] | None = None,
        logs: Path = ROOT / "build" / "local" / "logs",
        api_port: int = 0,
        runtime: Runtime | None = None,
    ) -> None:
        self.api_key = secrets.token_urlsafe(24)
        self.resources: dict[str, str] = {}
        self._template = template
        self._parameters = parameters
        self._api_port = api_port
        self.lambdas = Lambdas(logs, runtime, at_once=max(4, 2 * (os.cpu_count() or 1)))
        self._cloud = Cloud(self.lambdas.invoke)
        self._gateway: Gateway | None = None
        self._pollers: list[triggers.QueuePoller] = []
        self._running = False
        self._provisioned = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bring everything up, unless it is. What is up by the time of an error is taken down again.

        Raises:
            TemplateError: the template asks for something that cannot be done here.
            OSError: ``api_port`` is taken.
        """
        if self._running:
            return
        atexit.register(self.stop)
        self._running = True
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Take everything down. Harmless when it is down already."""
        if not self._running:
            return
        self._running = False
        atexit.unregister(self.stop)
        for poller in self._pollers:
            poller.stop()
        if self._gateway:
            self._gateway.stop()
        if self._provisioned:
            self._cloud.stop_executions()
        self.lambdas.close()
        self._cloud.stop()

    @property
    def api_url(self) -> str:
        """Where the HTTP API answers. Raises RuntimeError for a template without ``serve_api``."""
        if self._gateway is None:
            raise RuntimeError(f"this template has no function {API_FUNCTION}")
        return self._gateway.url

    @property
    def aws_url(self) -> str:
        """The endpoint of all AWS services, for AWS_ENDPOINT_URL."""
        return self._cloud.url

    def environment(self) -> dict[str, str]:
        """Variables under which any AWS SDK talks to this engine."""
        return {**CREDENTIALS, "AWS_ENDPOINT_URL": self._cloud.url}

    def client(self, service: str) -> Any:
        """A boto3 client of the engine."""
        return self._cloud.client(service)

    def invoke(self, function: str, event: Any) -> Outcome:
        """Invoke a function directly. Raises KeyError, Throttled or EventTooLarge."""
        return self.lambdas.invoke(function, json.dumps(event).encode())

    def kill(self, function: str) -> int:
        """Kill the environments in which a function is at work; says how many there were."""
        return self.lambdas.kill(function)

    def logs(self, function: str) -> str:
        """All that a function's environments have printed so far."""
        return self.lambdas.log(function).read_text(errors="replace")

    def fire(self, rule: str) -> int:
        """Make a schedule's rule (by logical id or name) due now; says how many targets it has."""
        name = self.resources.get(rule, rule)
        return triggers.fire(self._cloud, self.lambdas, name)

    def put_secret(self, name: str, value: Mapping[str, str]) -> None:
        """Create a secret, or change it."""
        vault = self.client("secretsmanager")
        try:
            vault.create_secret(Name=name, SecretString=json.dumps(dict(value)))
        except vault.exceptions.ResourceExistsException:
            vault.put_secret_value(SecretId=name, SecretString=json.dumps(dict(value)))

    def _start(self) -> None:
        application = load(self._template)
        if any(code.name == API_FUNCTION for code in application.functions.values()):
            # First of all, for a port that is taken ends it.
            self._gateway = Gateway(
                lambda event: self.lambdas.invoke(API_FUNCTION, event), self.api_key, self._api_port
            )
        self._cloud.start()
        parameters = PARAMETERS if self._parameters is None else self._parameters
        self.resources = self._cloud.provision(application.template, parameters)
        self._provisioned = True
        quiet = {"POWERTOOLS_TRACE_DISABLED": "true", "AWS_XRAY_SDK_ENABLED": "false"}
        self.lambdas.share({**self.environment(), **quiet, **_models(application)})
        self._add_functions(application)
        self._take_over_queues()
        if self._gateway:
            self._gateway.start()

    def _add_functions(self, application: Application) -> None:
        configured = self.client("lambda")
        for name, code in application.functions.items():
            found = configured.get_function(FunctionName=self.resources[name])
            self.lambdas.add(_spec(code, found))

    def _take_over_queues(self) -> None:
        """Poll for ourselves what moto would deliver one by one, and deaf to partial failures."""
        mappings, queues = self.client("lambda"), self.client("sqs")
        for mapping in mappings.list_event_source_mappings()["EventSourceMappings"]:
            mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
            arn = mapping["EventSourceArn"]
            trigger = triggers.QueueTrigger(
                queue_url=queues.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"],
                queue_arn=arn,
                function=self.lambdas.find(mapping["FunctionArn"]).name,
                batch_size=mapping["BatchSize"],
                partial="ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []),
            )
            poller = triggers.QueuePoller(trigger, queues, self.lambdas)
            poller.start()
            self._pollers.append(poller)


def _models(application: Application) -> dict[str, str]:
    """Where functions find the default model: in a built layer, which the cloud would mount at /opt, else
    where this machine keeps it. Their own home is a scratch folder."""
    layers = [layer for code in application.functions.values() for layer in code.layers]
    built = next((path for layer in layers for path in sorted(layer.glob("models/*.gguf"))), None)
    if built is not None:
        return {MODEL_VARIABLE: str(built)}
    from abax_runtime.errors import ModelMissing
    from abax_runtime.models import default_model

    try:
        return {MODEL_VARIABLE: str(default_model())}
    except ModelMissing:
        return {}


def _spec(code: FunctionCode, found: Mapping[str, Any]) -> FunctionSpec:
    configuration = found["Configuration"]
    reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions")
    return FunctionSpec(
        name=code.name,
        arn=configuration["FunctionArn"],
        handler=configuration["Handler"],
        folder=code.folder,
        image=code.is_image,
        layers=tuple(layer / "python" if (layer / "python").is_dir() else layer for layer in code.layers),
        timeout=float(configuration["Timeout"]),
        memory=int(configuration["MemorySize"]),
        reserved=None if reserved is None else int(reserved),
        # Numbers of the template are still numbers here, as they are in no environment.
        variables={name: str(value) for name, value in _variables(configuration).items()},
    )


def _variables(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = configuration.get("Environment", {}).get("Variables", {})
    return found
