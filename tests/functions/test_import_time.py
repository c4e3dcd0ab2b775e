"""Cold starts: what importing a handler may load, and how long that may take beside its framework."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.handlers import FUNCTIONS

ENVIRONMENT = {
    "ABAX_BUCKET": "b",
    "ABAX_JOBS_TABLE": "t",
    "ABAX_RECORDS_TABLE": "r",
    "ABAX_DOCUMENT_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:document",
    "ABAX_CLOSE_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:close",
    "ABAX_GROUP_STATE_MACHINE": "arn:aws:states:eu-central-1:123456789012:stateMachine:group",
    "ABAX_TEXT_FUNCTION": "abax-dev-generate_text",
    "ABAX_TEXTS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/abax-dev-texts",
    "ABAX_MAIL_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/abax-dev-mail",
    "ABAX_MAIL_OUTS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/123456789012/abax-dev-mailouts",
    "PATH": "/usr/bin:/bin",
}
HEAVY = {
    *(
        "abax_runtime",
        "boto3",
        "botocore",
        "duckdb",
        "httpx",
        "jinja2",
        "numpy",
        "pandas",
        "pg8000",
        "sqlalchemy",
    ),
    *("xlsxwriter", "cv2", "lxml", "onnxruntime", "PIL", "pypdfium2", "rapidocr"),
}
MOST_OURS_MS = 150
"""What our own modules may add to the framework's, on a slow machine."""
POWERTOOLS = {"botocore"}
"""Powertools loads a few small modules of it, and no client."""
ALLOWED = {
    "serve_api": set[str](),
    "start_close": POWERTOOLS,
    "start_document": POWERTOOLS,
    "process_document": POWERTOOLS,
    "extract_erp": POWERTOOLS,
    "build_statements": POWERTOOLS,
    "forecast_metrics": POWERTOOLS,
    "generate_text": POWERTOOLS,
    "render_report": POWERTOOLS,
    "process_mail": POWERTOOLS,
    "deliver_mail": POWERTOOLS,
    "train_adapters": POWERTOOLS,
}
FRAMEWORKS = {
    "serve_api": "import fastapi, mangum; fastapi.FastAPI()",
    "start_close": "from pydantic import BaseModel; import aws_lambda_powertools.utilities.batch\n"
    "class Model(BaseModel): pass",
    "start_document": "from pydantic import BaseModel; import aws_lambda_powertools.utilities.batch\n"
    "class Model(BaseModel): pass",
}
STEP_FRAMEWORK = (
    "from pydantic import BaseModel, TypeAdapter; from aws_lambda_powertools import Logger, Metrics\n"
    "from aws_lambda_powertools.metrics import MetricUnit\n"
    "class Model(BaseModel): pass"
)


def measured(code: str, folder: Path | None = None) -> tuple[float, set[str]]:
    """Milliseconds of processor time that ``code`` takes in a fresh interpreter, whatever else the machine
    does, and the top-level modules it loads."""
    script = (
        "import json, sys, time; begun = time.process_time()\n"
        f"{code}\n"
        "taken = time.process_time() - begun\n"
        "print(json.dumps([taken * 1000, sorted({name.split('.')[0] for name in sys.modules})]))"
    )
    environment = {**ENVIRONMENT, "PYTHONPATH": str(folder or "")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
    taken, modules = json.loads(done.stdout)
    return taken, set(modules)


@pytest.mark.parametrize("function", sorted(ALLOWED))
def test_a_handler_loads_nothing_heavy_before_it_is_needed(function: str) -> None:
    _, modules = measured("import app", FUNCTIONS / function)
    assert modules & HEAVY == ALLOWED[function]


def test_the_forecast_needs_no_database_at_all() -> None:
    code = "import abax.workflow.close, abax.forecast, abax.ledger.model, abax.adapters.aws.objects"
    _, modules = measured(code)
    assert not modules & {"duckdb", "sqlalchemy", "pandas", "numpy"}


@pytest.mark.parametrize("function", sorted(ALLOWED))
def test_importing_a_handler_costs_little_more_than_its_framework(function: str) -> None:
    ours = min(measured("import app", FUNCTIONS / function)[0] for _ in range(2))
    assert ours < 1.3 * taken_by(FRAMEWORKS.get(function, STEP_FRAMEWORK)) + MOST_OURS_MS


@cache
def taken_by(framework: str) -> float:
    """Milliseconds, the least of several tries."""
    return min(measured(framework)[0] for _ in range(3))


def test_the_api_leaves_pydantic_1_out_and_hides_it_from_nobody() -> None:
    code = "import sys, app; assert 'pydantic.v1' not in sys.modules; import pydantic.v1"
    measured(code, FUNCTIONS / "serve_api")
