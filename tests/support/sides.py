"""Both sides of the adapters, held to one contract by tests: a folder, and AWS as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abax.ports import JobStore, ObjectStore, Queue, RecordStore, SecretStore

BUCKET = "abax-test"
TABLE = "abax-test-jobs"
RECORDS = "abax-test-records"
REGION = "eu-central-1"


@dataclass
class Side:
    """One implementation of each port, and a way to put a secret where it looks."""

    name: str
    objects: ObjectStore
    jobs: JobStore
    queue: Queue
    secrets: SecretStore
    put_secret: Any
    records: RecordStore


@contextmanager
def local_side(folder: Path) -> Iterator[Side]:
    """Adapters on a folder and SQLite."""
    from abax.adapters.local.jobs import SqliteJobs
    from abax.adapters.local.objects import FolderObjects
    from abax.adapters.local.queue import SqliteQueue
    from abax.adapters.local.records import SqliteRecords
    from abax.adapters.local.secrets import FileSecrets

    database, secrets = folder / "abax.db", FileSecrets(folder / "secrets.json")
    queue = SqliteQueue(database, "closes", max_tries=3, pause=0)
    jobs, records = SqliteJobs(database), SqliteRecords(database)
    yield Side("local", FolderObjects(folder / "objects"), jobs, queue, secrets, secrets.put, records)


@contextmanager
def aws_side(folder: Path) -> Iterator[Side]:
    """Adapters on AWS, which moto plays in this process."""
    from abax.adapters.aws.jobs import DynamoJobs
    from abax.adapters.aws.objects import S3Objects
    from abax.adapters.aws.queue import SqsQueue
    from abax.adapters.aws.records import DynamoRecords
    from abax.adapters.aws.secrets import ManagedSecrets
    from abax.adapters.aws.session import client

    with mocked_aws():
        make_bucket_and_tables()
        url = client("sqs").create_queue(QueueName="closes", Attributes={"VisibilityTimeout": "0"})[
            "QueueUrl"
        ]

        def put_secret(name: str, fields: Mapping[str, str]) -> None:
            client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(fields))

        objects = S3Objects(BUCKET, cache=folder / "cache")
        jobs, records = DynamoJobs(TABLE), DynamoRecords(RECORDS)
        yield Side("aws", objects, jobs, SqsQueue(url), ManagedSecrets(), put_secret, records)


@contextmanager
def mocked_aws() -> Iterator[None]:
    """moto in this process, with fresh clients of ours before and after."""
    from abax.adapters.aws.session import forget_clients
    from moto import mock_aws

    with mock_aws():
        forget_clients()
        yield
    forget_clients()


def make_bucket_and_tables() -> None:
    """What the templates make: the bucket, the table of jobs with its index, and that of records."""
    from abax.adapters.aws.session import client

    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("job_id", "kind", "created_at")
        ],
        KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_kind",
                "KeySchema": [
                    {"AttributeName": "kind", "KeyType": "HASH"},
                    {"AttributeName": "created_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    client("dynamodb").create_table(
        TableName=RECORDS,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("space", "key")],
        KeySchema=[
            {"AttributeName": "space", "KeyType": "HASH"},
            {"AttributeName": "key", "KeyType": "RANGE"},
        ],
    )
