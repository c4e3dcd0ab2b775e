"""What starts functions besides a direct call: queues with their batches and retries, and schedules.

Bucket notifications need nothing of ours once they are configured: moto delivers them.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from typing import Any, Final

from infra.local.lambdas import Lambdas, Throttled
from infra.local.template import REGION

PAUSE: Final = 0.1
"""Seconds between looks into an empty queue."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueueTrigger:
    """An SQS event source mapping."""

    queue_url: str
    queue_arn: str
    function: str
    batch_size: int
    partial: bool
    """Whether the function reports which messages of a batch failed."""


class QueuePoller:
    """Feeds a queue to its function. What fails stays and comes back after the visibility timeout; after
    ``maxReceiveCount`` tries the queue itself moves it to its dead-letter queue."""

    def __init__(self, trigger: QueueTrigger, sqs: Any, lambdas: Lambdas) -> None:
        self.trigger = trigger
        self._sqs = sqs
        self._lambdas = lambdas
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name=f"poll-{trigger.function}", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Stop polling; a batch under way is finished first."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> int:
        """Take one batch through the function; says how many messages there were."""
        received = self._sqs.receive_message(
            QueueUrl=self.trigger.queue_url,
            MaxNumberOfMessages=min(self.trigger.batch_size, 10),
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = received.get("Messages", [])
        if messages:
            failed = self._deliver(messages)
            for message in messages:
                if message["MessageId"] not in failed:
                    self._sqs.delete_message(
                        QueueUrl=self.trigger.queue_url, ReceiptHandle=message["ReceiptHandle"]
                    )
        return len(messages)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            if not self.step():
                self._stopping.wait(PAUSE)

    def _deliver(self, messages: list[dict[str, Any]]) -> set[str]:
        """Invoke the function with a batch; the ids of the messages that failed."""
        event = {"Records": [self._record(message) for message in messages]}
        everything = {message["MessageId"] for message in messages}
        try:
            outcome = self._lambdas.invoke(self.trigger.function, json.dumps(event).encode())
        except Throttled:
            return everything
        if outcome.failed:
            _log.warning("%s failed: %s", self.trigger.function, outcome.payload.decode())
            return everything
        return failed_items(outcome.value, everything) if self.trigger.partial else set()

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {key[0].lower() + key[1:]: value for key, value in attribute.items()}
                for name, attribute in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.trigger.queue_arn,
            "awsRegion": REGION,
        }


def failed_items(answer: Any, everything: set[str]) -> set[str]:
    """The failed messages that a partial batch response names.

    As in the cloud, an empty answer means that all went well, and one that names an unknown message or none
    at all means that the whole batch failed.
    """
    if not answer or not answer.get("batchItemFailures"):
        return set()
    named = {str(item.get("itemIdentifier", "")) for item in answer["batchItemFailures"]}
    return named if named <= everything else everything


def fire(cloud: Any, lambdas: Lambdas, rule: str) -> int:
    """Do what EventBridge does when a rule is due: send each target its constant input.

    Gives back how many targets there were; a rule that is switched off can still be fired by hand.
    """
    targets = cloud.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    for target in targets:
        _send(cloud, lambdas, target["Arn"], target.get("Input", "{}"))
    return len(targets)


def _send(cloud: Any, lambdas: Lambdas, arn: str, body: str) -> None:
    service, name = arn.split(":")[2], arn.split(":")[-1]
    if service == "sqs":
        queues = cloud.client("sqs")
        queues.send_message(QueueUrl=queues.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=body)
    elif service == "states":
        cloud.client("stepfunctions").start_execution(stateMachineArn=arn, input=body)
    elif service == "lambda":
        lambdas.invoke(name, body.encode())
    else:
        raise ValueError(f"a schedule cannot be delivered to {arn} here")
