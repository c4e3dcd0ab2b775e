"""A queue in SQS; its redrive policy, not this code, moves a message to the dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from abax.adapters.aws.session import client


class SqsQueue:
    """The Queue port on an SQS queue. Functions get their messages from the event source; ``receive`` serves
    tools and tests."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, message: Mapping[str, Any]) -> None:
        """Enqueue one JSON message."""
        client("sqs").send_message(QueueUrl=self._url, MessageBody=json.dumps(message))

    def receive(self, handle: Callable[[Mapping[str, Any]], None]) -> bool:
        """Hand the next message to ``handle``; one that fails shows again after the queue's time-out."""
        answer = client("sqs").receive_message(QueueUrl=self._url, MaxNumberOfMessages=1)
        messages = answer.get("Messages", [])
        for message in messages:
            handle(json.loads(message["Body"]))
            client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)
