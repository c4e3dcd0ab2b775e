"""Tasks of state machines that wait for somebody outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from abax.adapters.aws.session import client


class StepTokens:
    """The TaskTokens port on Step Functions."""

    def answer(self, token: str, result: Mapping[str, Any]) -> bool:
        """End the task with the result; False where it has ended already, or has run out of time."""
        states = client("stepfunctions")
        try:
            states.send_task_success(taskToken=token, output=json.dumps(result))
        except (states.exceptions.TaskTimedOut, states.exceptions.TaskDoesNotExist):
            return False
        return True
