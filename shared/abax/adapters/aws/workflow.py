"""The state machine behind a job, in Step Functions."""

from __future__ import annotations

import json

from abax.adapters.aws.session import client
from abax.ports import Job


class StateMachine:
    """The Workflow port on a state machine. The execution bears the job's id, so a second start finds it."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def start(self, job: Job) -> str:
        """Start the execution, unless it was started before; gives back its ARN."""
        states = client("stepfunctions")
        given = json.dumps({"job_id": job.job_id})
        try:
            answer = states.start_execution(stateMachineArn=self._arn, name=job.job_id, input=given)
        except states.exceptions.ExecutionAlreadyExists:
            return f"{self._arn.replace(':stateMachine:', ':execution:')}:{job.job_id}"
        return str(answer["executionArn"])

    def stop(self, execution: str, reason: str) -> None:
        """Stop the execution; one that has ended stays as it is."""
        states = client("stepfunctions")
        try:
            states.stop_execution(executionArn=execution, cause=reason[:256])
        except states.exceptions.ExecutionDoesNotExist:
            return
