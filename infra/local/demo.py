"""``make demo``: a close as a user would ask for it, over HTTP, on the whole application on one machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from abax.compose import cloud_services, edge
from abax.errors import AbaxError
from abax.ledger.model import ClosePackage, Forecast
from abax.ports import Job, JobState
from abax.report.terminal import print_package
from abax.sample import SampleBooks, build
from abax.settings import StarterSettings
from abax.terminal import job_progress
from abax.workflow.context import Services
from abax.workflow.outcome import close_of, manifest_of
from abax.writing import Narrative
from rich.console import Console
from rich.markup import escape

from infra.local.engine import ROOT, LocalEngine

FOLDER: Final = ROOT / "build" / "demo"
FILES: Final = ("report.html", "report.json", "report.xlsx")
SECRET: Final = "abax/erp/sample"  # noqa: S105 - the name of one
POLL_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 300


class DemoFailed(AbaxError):
    """The close of the sample company did not succeed."""


def run(console: Console, folder: Path = FOLDER) -> None:
    """Build the sample company, bring the engine up, close the books over HTTP, show what came of it.

    Raises:
        DemoFailed: the job failed, or did not end in time.
    """
    begun = time.perf_counter()
    books = build(folder / "sample.sqlite")
    company, year = books.companies[0], books.years[-1]
    console.print(f"sample books: {books.posted_lines:,} posted journal lines in {_short(books.path)}")
    with LocalEngine() as engine, _aws_is(engine):
        engine.put_secret(SECRET, {"url": f"sqlite:///{books.path.resolve()}"})
        up = time.perf_counter()
        console.print(f"local engine: template.yaml is up, its API at {engine.api_url} ({up - begun:.1f} s)")
        with _client(engine) as api:
            job = _close(console, api, _request(books, company, year))
            closed = time.perf_counter()
            package, outlook, words = _statements(api, job)
            _download(api, job, folder)
        _keep(engine, job["job_id"], folder / "home")
    print_package(console, package, outlook, words)
    _farewell(console, folder, package)
    seconds = time.perf_counter() - begun
    console.print(f"[dim]{seconds:.1f} s in all, {closed - up:.1f} s of it from request to result[/]")


def _request(books: SampleBooks, company: str, year: int) -> dict[str, Any]:
    return {"secret": SECRET, "company": company, "year": year, "mapping": dict(books.mapping[company])}


def _close(console: Console, api: httpx.Client, request: Mapping[str, Any]) -> dict[str, Any]:
    console.print(f"POST /v1/closes: {escape(request['company'])}, {request['year']}")
    job: dict[str, Any] = api.post("/v1/closes", json=request).raise_for_status().json()
    deadline = time.monotonic() + PATIENCE_SECONDS
    with job_progress(console) as show:
        while not JobState(job["state"]).finished:
            if time.monotonic() > deadline:
                raise DemoFailed(f"job {job['job_id']} is still at step {job['step']}; see build/local/logs")
            time.sleep(POLL_SECONDS)
            job = api.get(f"/v1/jobs/{job['job_id']}").raise_for_status().json()
            show(Job(kind="close", client_token="", fingerprint="", **job))
    if job["state"] != JobState.SUCCEEDED:
        error = job["error"] or {"type": "none", "message": job["message"]}
        raise DemoFailed(f"the close has {job['state']}: {error['type']}: {error['message']}")
    return job


def _statements(api: httpx.Client, job: Mapping[str, Any]) -> tuple[ClosePackage, Forecast, Narrative]:
    package, outlook, words = (
        api.get(job["results"][f"{name}.json"]).raise_for_status().content
        for name in ("statements", "forecast", "narrative")
    )
    return (
        ClosePackage.model_validate_json(package),
        Forecast.model_validate_json(outlook),
        Narrative.model_validate_json(words),
    )


def _download(api: httpx.Client, job: Mapping[str, Any], folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(api.get(job["results"][name]).raise_for_status().content)


def _keep(engine: LocalEngine, job_id: str, home: Path) -> None:
    """Copy the job, its ledger and its results, for ``abax explain`` once the engine is gone."""
    cloud, local = _services(engine), edge(home).services
    job = cloud.jobs.get(job_id)
    for key in _keys(cloud, job):
        if not local.objects.exists(key):
            local.objects.put_file(key, cloud.objects.fetch(key))
    local.jobs.create(job)


def _keys(cloud: Services, job: Job) -> Iterator[str]:
    manifest = manifest_of(cloud.objects, job)
    yield from manifest.master.values()
    for year in manifest.years:
        yield from year.keys.values()
    yield from cloud.objects.keys(f"jobs/{job.job_id}/")
    yield from cloud.objects.keys(f"closes/{close_of(cloud.objects, job)}/")


def _services(engine: LocalEngine) -> Services:
    made = engine.resources
    machine = made["WorkflowsFinancialClose"]
    return cloud_services(StarterSettings(made["StorageBucket"], made["StorageJobsTable"], machine))


@contextmanager
def _aws_is(engine: LocalEngine) -> Iterator[None]:
    """Have this process's AWS clients talk to the engine."""
    kept = dict(os.environ)
    os.environ.update(engine.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _client(engine: LocalEngine) -> httpx.Client:
    """A client that carries the key to the API, and to nobody else that it is redirected to."""
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    return httpx.Client(base_url=engine.api_url, headers=headers, timeout=60, follow_redirects=True)


def _farewell(console: Console, folder: Path, package: ClosePackage) -> None:
    page = (folder / "report.html").resolve()
    console.print(f"\n[bold green]report:[/] {page}", soft_wrap=True)
    console.print("next:")
    home = _short(folder / "home")
    for command in (
        f".venv/bin/abax explain income_statement revenue {package.year} --home {home}",
        f'.venv/bin/abax ask "How did cash change in {package.year}?" --home {home}',
        f".venv/bin/abax forecast --assume 'revenue growth=+5%' --home {home}",
    ):
        console.print(f"  {command}", soft_wrap=True)


def _short(path: Path) -> Path:
    """As seen from where the user stands, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
