"""Jobs in DynamoDB.

One item per job, and one per client token (``job_id`` = ``token#<token>``, ``holds`` = the job's id), written
in one transaction, so that two requests with one token cannot both make a job. Attributes are strings but for
``progress`` and ``expires_at``, so that the state machine can write a failure by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from abax.adapters.aws.session import client
from abax.errors import UnknownJob
from abax.ports import Job, JobState

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Item = Mapping[str, Mapping[str, str]]

KEPT: Final = timedelta(days=400)
"""How long a job stays to be looked up; its results are kept by the bucket's own rules."""

BY_KIND: Final = "by_kind"
_ALIVE: Final = (JobState.QUEUED, JobState.RUNNING)


class DynamoJobs:
    """The JobStore port on a DynamoDB table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def create(self, job: Job) -> Job:
        """Keep a new job, or give back the one that has its client token."""
        from botocore.exceptions import ClientError

        expires_at = str(int((job.created_at + KEPT).timestamp()))
        token = {
            "job_id": {"S": _token_id(job.client_token)},
            "holds": {"S": job.job_id},
            "expires_at": {"N": expires_at},
        }
        writes = [self._new(token), self._new({**_item(job), "expires_at": {"N": expires_at}})]
        try:
            client("dynamodb").transact_write_items(TransactItems=writes)
        except ClientError as error:
            if _code(error) != "TransactionCanceledException":
                raise
            return self._holder(job.client_token, error)
        return job

    def get(self, job_id: str) -> Job:
        """Raises UnknownJob."""
        item = self._get_item(job_id)
        if item is None or "kind" not in item:
            raise UnknownJob(job_id)
        return _job(item)

    def update(self, job_id: str, **changes: Any) -> Job:
        """Change fields of an unfinished job. Raises UnknownJob."""
        from botocore.exceptions import ClientError

        names, values = _assignments({**changes, "updated_at": datetime.now(UTC)})
        alive = {f":{state}": {"S": state.value} for state in _ALIVE}
        try:
            answer = client("dynamodb").update_item(
                TableName=self._table,
                Key={"job_id": {"S": job_id}},
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in names),
                ConditionExpression=f"#state IN ({', '.join(alive)})",
                ExpressionAttributeNames={f"#{name}": name for name in {*names, "state"}},
                ExpressionAttributeValues=alive | {f":{name}": value for name, value in values.items()},
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if _code(error) != "ConditionalCheckFailedException":
                raise
            return self.get(job_id)
        return _job(answer["Attributes"])

    def recent(self, limit: int = 20, kind: str = "close") -> list[Job]:
        """The newest jobs, newest first."""
        answer = client("dynamodb").query(
            TableName=self._table,
            IndexName=BY_KIND,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": kind}},
            ScanIndexForward=False,
            Limit=limit,
        )
        return [_job(item) for item in answer["Items"]]

    def _new(self, item: Item) -> dict[str, Any]:
        put = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(job_id)"}
        return {"Put": put}

    def _holder(self, token: str, error: ClientError) -> Job:
        """The job that has the token; ``error`` again where none has and something else went wrong.

        Of two requests at the same instant one is refused before the other's items can be read: it waits."""
        for pause in (0.0, 0.1, 0.3, 0.9):
            time.sleep(pause)
            item = self._get_item(_token_id(token))
            if item is not None:
                return self.get(item["holds"]["S"])
        raise error

    def _get_item(self, job_id: str) -> Item | None:
        key = {"job_id": {"S": job_id}}
        answer = client("dynamodb").get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item


def _token_id(token: str) -> str:
    return f"token#{token}"


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


# --- items and jobs -------------------------------------------------------------------------------------

_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "progress": lambda value: str(Decimal(str(value))),
    "request": lambda value: json.dumps(value, sort_keys=True),
    "results": lambda value: json.dumps(value, sort_keys=True),
    "created_at": lambda value: value.isoformat(),
    "updated_at": lambda value: value.isoformat(),
}


def _item(job: Job) -> dict[str, dict[str, str]]:
    fields = {name: getattr(job, name) for name in Job.model_fields if name != "error"}
    names, values = _assignments({name: value for name, value in fields.items() if value is not None})
    return {name: values[name] for name in names}


def _assignments(changes: Mapping[str, Any]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Attribute names, and their values as DynamoDB types them."""
    flat = {name: value for name, value in changes.items() if name != "error"}
    if error := changes.get("error"):
        flat |= {"error_type": error["type"], "error_cause": error["message"]}
    values = {
        name: {"N" if name == "progress" else "S": _WRITERS.get(name, str)(value)}
        for name, value in flat.items()
    }
    return list(values), values


def _job(item: Item) -> Job:
    text = {name: next(iter(value.values())) for name, value in item.items()}
    kind = text.get("error_type")
    return Job.model_validate(
        {
            **{name: value for name, value in text.items() if name in Job.model_fields},
            "request": json.loads(text["request"]),
            "results": json.loads(text["results"]),
            "error": kind and {"type": kind, "message": _cause(text.get("error_cause", ""))},
        }
    )


def _cause(cause: str) -> str:
    """The message in what a state machine knows of an error: a Lambda error arrives as JSON."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause
