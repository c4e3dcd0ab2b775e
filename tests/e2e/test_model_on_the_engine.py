"""A close and texts end to end with the real runtime and the default model: template, layers, HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from abax.sample import SampleBooks, build
from abax.writing import Narrative

from infra.local.engine import MODEL_VARIABLE, PARAMETERS, ROOT, LocalEngine
from tests.support.models import default_model  # noqa: F401  (a fixture)
from tests.workflows.tiny import eventually

SECRET = "abax/books"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> SampleBooks:
    return build(tmp_path_factory.mktemp("books") / "books.sqlite", scale=0.05)


@pytest.fixture(scope="module")
def api(
    tmp_path_factory: pytest.TempPathFactory,
    books: SampleBooks,
    default_model: Path,  # noqa: F811
) -> Iterator[httpx.Client]:
    patch = pytest.MonkeyPatch()
    patch.setenv(MODEL_VARIABLE, str(default_model))
    logs = tmp_path_factory.mktemp("logs")
    with LocalEngine(ROOT / "template.yaml", PARAMETERS, logs=logs) as engine:
        engine.put_secret(SECRET, {"url": books.url})
        headers = {"Authorization": f"Bearer {engine.api_key}"}
        with httpx.Client(
            base_url=engine.api_url, headers=headers, timeout=120, follow_redirects=True
        ) as client:
            yield client
    patch.undo()


def finished(api: httpx.Client, job_id: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        job = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        return job if job["state"] in ("succeeded", "failed") else None

    return eventually(ended, 150)


def test_a_close_is_told_with_the_default_model_and_every_number_is_the_ledger_s(
    api: httpx.Client, books: SampleBooks
) -> None:
    company = books.companies[0]
    request = {"secret": SECRET, "company": company, "year": books.years[-1]}
    ordered = api.post("/v1/closes", json={**request, "mapping": books.mapping[company]}).json()
    job = finished(api, ordered["job_id"])
    assert job["state"] == "succeeded", job["error"]
    words = Narrative.model_validate_json(api.get(job["results"]["narrative.json"]).content)
    assert words.model == "SmolLM2-135M-Instruct:write"
    assert words.completion_tokens > 0 or "time" in words.why_plain
    assert len(words.sentences) >= 8
    for path in {path for one in words.sentences for cited in one.cited for path in cited.figure.opens}:
        assert api.get(f"/v1/jobs/{job['job_id']}/explain/{path}?limit=1").status_code == 200, path
    page = api.get(job["results"]["report.html"]).text
    assert words.counts in page
    asked = {"job_id": job["job_id"], "question": "How much did revenue grow?"}
    assert api.post("/v1/questions", json=asked).json()["answered"]


def test_the_default_model_writes_over_http_and_keeps_to_a_schema(api: httpx.Client) -> None:
    schema = {
        "type": "object",
        "properties": {"mood": {"enum": ["glad", "sad"]}},
        "required": ["mood"],
        "additionalProperties": False,
    }
    body = {"prompt": "I won the lottery! How do I feel?", "max_tokens": 20, "schema": schema}
    answer = api.post("/v1/generate", json=body)
    written = answer.json()
    if answer.status_code == 202:  # a machine too slow for the wait
        job = finished(api, written["job_id"])
        written = api.get(job["results"]["text.json"]).json()
    assert written.get("finish") == "stop", written
    assert written["parsed"]["mood"] in ("glad", "sad")
    assert written["prompt_tokens"] > 10 and written["completion_tokens"] > 3


def test_a_prompt_beyond_the_context_is_the_caller_s_mistake(api: httpx.Client) -> None:
    answer = api.post("/v1/generate", json={"prompt": "word " * 6000})
    assert (answer.status_code, answer.json()["type"]) == (422, "InvalidRequest")
