"""What the adapters on AWS promise beyond the contract."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from abax.adapters.aws import objects as s3
from abax.adapters.aws.jobs import DynamoJobs
from abax.adapters.aws.objects import S3Objects
from abax.adapters.aws.secrets import ManagedSecrets
from abax.adapters.aws.session import client
from abax.adapters.aws.workflow import StateMachines
from abax.errors import InvalidRequest, StorageFull
from abax.ports import JobState

from tests.support.sides import BUCKET, REGION, TABLE, make_bucket_and_tables, mocked_aws
from tests.unit.adapters.test_contract import job


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        make_bucket_and_tables()
        yield


# --- objects


def test_a_link_downloads_under_a_readable_name() -> None:
    link = S3Objects(BUCKET).link("closes/k/report.html", "acme-2025-report.html")
    assert link is not None
    assert f"{BUCKET}" in link
    assert "closes/k/report.html" in link
    assert "acme-2025-report.html" in link
    assert "Signature" in link


def test_a_link_for_an_upload_takes_so_many_bytes_and_no_more() -> None:
    link = S3Objects(BUCKET).upload_link("inbox/uploads/t/scan.pdf", 1234)
    assert link is not None and "inbox/uploads/t/scan.pdf" in link
    signed = parse_qs(urlsplit(link).query)["X-Amz-SignedHeaders"][0]
    assert "content-length" in signed.split(";")


def test_a_fetched_object_is_downloaded_once(tmp_path: Path) -> None:
    objects = S3Objects(BUCKET, cache=tmp_path)
    objects.put("a.parquet", b"one")
    first = objects.fetch("a.parquet")
    client("s3").delete_object(Bucket=BUCKET, Key="a.parquet")
    assert objects.fetch("a.parquet") == first
    assert first.read_bytes() == b"one"


def test_the_cache_drops_old_files_and_spares_those_in_use(tmp_path: Path) -> None:
    objects = S3Objects(BUCKET, cache=tmp_path, cache_bytes=250)
    for name in ("old", "recent", "new"):
        objects.put(name, b"x" * 100)
    old, recent = objects.fetch("old"), objects.fetch("recent")
    long_ago = time.time() - s3.IN_USE_SECONDS - 1
    os.utime(old, (long_ago, long_ago))
    objects.fetch("new")
    assert not old.exists()
    assert recent.exists()
    objects.put("more", b"x" * 100)
    objects.fetch("more")
    assert recent.exists()


def test_a_full_scratch_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = S3Objects(BUCKET, cache=tmp_path)
    objects.put("a", b"one")

    def no_space(self: S3Objects, body: object, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(S3Objects, "_download", no_space)
    with pytest.raises(StorageFull, match=str(tmp_path)):
        objects.fetch("a")


# --- jobs


def test_a_failure_that_the_state_machine_recorded_reads_as_an_error() -> None:
    jobs = DynamoJobs(TABLE)
    jobs.create(job())
    said = {"errorType": "UnmappedAccount", "errorMessage": "no statement class for 6999", "stackTrace": []}
    client("dynamodb").update_item(
        TableName=TABLE,
        Key={"job_id": {"S": "job-1"}},
        UpdateExpression="SET #state = :f, error_type = :t, error_cause = :c, updated_at = :u",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={
            ":f": {"S": "failed"},
            ":t": {"S": "UnmappedAccount"},
            ":c": {"S": json.dumps(said)},
            ":u": {"S": "2026-01-02T03:04:05.678Z"},
        },
    )
    found = jobs.get("job-1")
    assert found.state is JobState.FAILED
    assert found.error == {"type": "UnmappedAccount", "message": "no statement class for 6999"}
    assert found.updated_at == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_a_job_and_its_token_expire_together() -> None:
    DynamoJobs(TABLE).create(job())
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert {item["job_id"]["S"] for item in items} == {"job-1", "token#token-1"}
    assert len({item["expires_at"]["N"] for item in items}) == 1


# --- the rest


def test_a_second_start_of_a_job_finds_the_first() -> None:
    made = client("stepfunctions").create_state_machine(
        name="close",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/r",
    )
    machine = StateMachines({"close": made["stateMachineArn"]})
    first = machine.start(job())
    assert first.endswith(":close:job-1")
    assert machine.start(job()) == first
    machine.stop(first, "enough")
    machine.stop(first.replace("job-1", "job-7"), "never was")


def test_a_secret_is_remembered_for_a_while() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="erp", SecretString="postgresql://u:p@h/db")
    store = ManagedSecrets()
    assert store.get("erp") == {"url": "postgresql://u:p@h/db"}
    secrets.put_secret_value(SecretId="erp", SecretString='{"url": "new"}')
    assert store.get("erp") == {"url": "postgresql://u:p@h/db"}
    assert ManagedSecrets().get("erp") == {"url": "new"}


def test_a_secret_that_is_no_json_is_named() -> None:
    client("secretsmanager").create_secret(Name="erp", SecretString="{broken")
    with pytest.raises(InvalidRequest, match="secret 'erp' is not JSON"):
        ManagedSecrets().get("erp")


def test_the_endpoint_variable_points_clients_elsewhere() -> None:
    code = "from abax.adapters.aws.session import client; print(client('s3').meta.endpoint_url)"
    environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_REGION": "eu-west-1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "http://127.0.0.1:4566"


def test_no_adapter_loads_boto_before_its_first_call() -> None:
    code = (
        "import sys; from abax.compose import cloud_services; from abax.settings import StarterSettings;"
        "cloud_services(StarterSettings('b', 't', 'arn'));"
        "print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
