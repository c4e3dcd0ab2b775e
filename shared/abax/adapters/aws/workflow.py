"""The state machines behind jobs, in Step Functions."""

from __future__ import annotations

import json
from collections.abc import Mapping

from abax.adapters.aws.session import client
from abax.ports import Job


class StateMachines:
    """The Workflow port on a state machine for each kind of job. The execution bears the job's id, so that a
    second start finds it."""

    def __init__(self, arns: Mapping[str, str]) -> None:
        self._arns = arns

    def start(self, job: Job) -> str:
        """Start the execution, unless it was started before; gives back its ARN."""
        states, arn = client("stepfunctions"), self._arns[job.kind]
        given = json.dumps({"job_id": job.job_id})
        try:
            answer = states.start_execution(stateMachineArn=arn, name=job.job_id, input=given)
        except states.exceptions.ExecutionAlreadyExists:
            return f"{arn.replace(':stateMachine:', ':execution:')}:{job.job_id}"
        return str(answer["executionArn"])

    def stop(self, execution: str, reason: str) -> None:
        """Stop the execution; one that has ended stays as it is."""
        states = client("stepfunctions")
        try:
            states.stop_execution(executionArn=execution, cause=reason[:256])
        except states.exceptions.ExecutionDoesNotExist:
            return
