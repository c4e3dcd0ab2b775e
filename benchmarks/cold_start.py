"""Cold start of the API handler: from importing it to its first answer, beside an empty FastAPI app's.

Both answer an API Gateway event through Mangum, each run in a fresh interpreter, taking turns. The job
that is asked for lies in DynamoDB, which a moto server plays in a process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

RUNS: Final = 15
FUNCTION: Final = Path(__file__).parents[1] / "functions" / "serve_api"
JOB: Final = "20260101T000000-0123456789"
PEER_NAME: Final = "an empty FastAPI app on Mangum, GET /v1/health"

EMPTY_APP: Final = """
from fastapi import FastAPI
from mangum import Mangum
app = FastAPI()
@app.get("/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
handler = Mangum(app, lifespan="off")
"""

MEASURE: Final = """
import asyncio, json, sys, time
event = json.loads(sys.argv[1])
asyncio.set_event_loop(asyncio.new_event_loop())
begun = time.perf_counter()
{imports}
answer = handler(event, None)
taken = time.perf_counter() - begun
assert answer["statusCode"] == 200, answer
print(taken * 1000)
"""

SERVER: Final = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger('werkzeug').disabled = True
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer); medians of RUNS runs."""
    with _aws() as environment:
        _keep_a_job(environment)
        cases = {"health": "/v1/health", "job": f"/v1/jobs/{JOB}"}
        taken: dict[str, list[float]] = {name: [] for name in (*cases, "peer")}
        for _ in range(RUNS):
            taken["peer"].append(_milliseconds(EMPTY_APP, "/v1/health", environment))
            for name, path in cases.items():
                taken[name].append(_milliseconds("from app import handler", path, environment))
    peer = statistics.median(taken["peer"])
    shown = {name: path.replace(JOB, "{id}") for name, path in cases.items()}
    return [_row(f"GET {shown[name]}", statistics.median(taken[name]), peer) for name in cases]


def _row(case: str, ours: float, peer: float) -> dict[str, Any]:
    return {
        "case": case,
        "metric": "import to first answer",
        "unit": "ms",
        "ours": round(ours),
        "peer": round(peer),
        "peer_name": PEER_NAME,
        "ratio": round(ours / peer, 2),
    }


def _milliseconds(imports: str, path: str, environment: dict[str, str]) -> float:
    code = MEASURE.format(imports=imports)
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(_event(path))],
        env={**environment, "PYTHONPATH": str(FUNCTION)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


def _event(path: str) -> dict[str, Any]:
    """What API Gateway hands over, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.com"},
        "requestContext": {
            "domainName": "api.example.com",
            "stage": "$default",
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        },
        "isBase64Encoded": False,
    }


@contextmanager
def _aws() -> Iterator[dict[str, str]]:
    """A moto server in a process of its own, and the environment of a function that talks to it."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        yield {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.stdout.readline().strip()}",
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "PYDANTIC_DISABLE_PLUGINS": "__all__",  # as infra/api.yaml has it; for the peer too
            "ABAX_BUCKET": "bench",
            "ABAX_JOBS_TABLE": "bench",
            "ABAX_RECORDS_TABLE": "bench",
            "ABAX_CLOSE_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:close",
            "ABAX_GROUP_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:group",
            "ABAX_DOCUMENT_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:document",
            "ABAX_TEXT_FUNCTION": "generate_text",
            "ABAX_TEXTS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/texts",
            "ABAX_MAIL_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/mail",
            "ABAX_MAIL_OUTS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/mailouts",
        }
    finally:
        server.stdin.close()
        server.wait()


def _keep_a_job(environment: dict[str, str]) -> None:
    code = (
        "from datetime import UTC, datetime\n"
        "from abax.adapters.aws.jobs import DynamoJobs\n"
        "from abax.adapters.aws.session import client\n"
        "from abax.ports import Job\n"
        "key = [{'AttributeName': 'job_id', 'KeyType': 'HASH'}]\n"
        "kind = [{'AttributeName': 'job_id', 'AttributeType': 'S'}]\n"
        "client('dynamodb').create_table(TableName='bench', KeySchema=key, AttributeDefinitions=kind,"
        " BillingMode='PAY_PER_REQUEST')\n"
        "now = datetime.now(UTC)\n"
        f"DynamoJobs('bench').create(Job(job_id='{JOB}', kind='close', request={{}}, client_token='t',"
        " fingerprint='f', created_at=now, updated_at=now))\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
