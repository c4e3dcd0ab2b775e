"""Documents through all eight stages: how long each stage takes, and how many an hour on all cores.

Text-layer PDFs and scanned pages come from the generator (none of them is anybody's), e-invoices are written
out. Then a thousand documents through edge mode's queue, and fewer through the bucket, queue and state
machine of the emulated cloud, while one in a hundred handlers is killed at random: none may be lost, none
doubled. Where the default model and its adapter ``extract`` are here, some of the PDFs are read once more
with them: grammar, grounding, the shared beginning of prompts and drafting are on.

``ABAX_BENCH_PARTS`` names the parts to run: ``stages``, ``model``, ``queue``, ``cloud``.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from abax.adapters.ocr import choose
from abax.adapters.runtime import RuntimeModel, available
from abax.compose import Edge, edge
from abax.documents import answering, watching
from abax.documents.inbox import Refused
from abax.documents.pipeline import Context, process
from abax.documents.synthetic import generate
from abax.documents.watching import Asked, Watched
from abax.workflow.document_request import digest_of
from abax.workflow.drafts import get_fact
from abax.workflow.intake import request_document
from abax.workflow.jobs import DOCUMENT
from abax.workflow.reviews import REVIEWS

from benchmarks.support.readers import work_through
from tests.support.invoices import ubl
from tests.support.killing import killed_at_random

TEXT_PDFS = int(os.environ.get("ABAX_BENCH_PDFS", "300"))
INVOICES = 300
SCANS = int(os.environ.get("ABAX_BENCH_SCANS", "30"))
FOLDER = int(os.environ.get("ABAX_BENCH_FOLDER", "1000"))
MODEL_PDFS = int(os.environ.get("ABAX_BENCH_MODEL_PDFS", "60"))
CLOUD = int(os.environ.get("ABAX_BENCH_CLOUD", "60"))
PARTS = os.environ.get("ABAX_BENCH_PARTS", "stages,model,queue,cloud").split(",")
KILLED = 0.01
CORES = 2
SEED = 20_261
AIMS = {"text-layer PDFs": 300.0, "e-invoices": 100.0, "scanned pages": 4000.0}
"""Milliseconds at the 95th percentile."""

File = tuple[str, bytes]


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit and ours; ``peer`` is the aim, where there is one."""
    rows: list[dict[str, Any]] = []
    if "stages" in PARTS:
        rows += measured("text-layer PDFs", list(text_pdfs(TEXT_PDFS)), "none")
        invoices = [(f"{number}.xml", ubl(f"R-{number}")) for number in range(INVOICES)]
        rows += measured("e-invoices", invoices, "none")
        rows += measured("scanned pages", list(scans(SCANS)), "")
    if "model" in PARTS and available():
        rows += with_the_model(list(text_pdfs(MODEL_PDFS)))
    if "queue" in PARTS:
        rows += folder_through_the_queue(FOLDER)
    if "cloud" in PARTS:
        rows += folder_on_the_engine(CLOUD)
    return rows


def text_pdfs(count: int) -> Iterator[File]:
    """Generated documents of all types and languages, as PDF with a text layer."""
    for sample in generate(count, SEED):
        yield f"{sample.name}.pdf", sample.pdf


def scans(count: int) -> Iterator[File]:
    """The first page of generated documents as a picture."""
    from abax.documents.preprocess import render

    for sample in generate(count, SEED + 1):
        body = io.BytesIO()
        render(sample.pdf, 1, 200).save(body, "PNG")
        yield f"{sample.name}.png", body.getvalue()


# --- stages ---------------------------------------------------------------------------------------------


def measured(case: str, files: Sequence[File], ocr: str) -> list[dict[str, Any]]:
    """One after the other in this process for the times, then on all cores for the rate."""
    context = Context(ocr=choose(ocr))
    process(*files[0], context)  # what is loaded once is no part of a document's time
    times: list[float] = []
    stages: dict[str, list[float]] = {}
    refused = 0
    for file in files:
        begun = time.perf_counter()
        found = process(*file, context)
        times.append(1000 * (time.perf_counter() - begun))
        refused += sum(isinstance(one, Refused) for one in found)
        for one in found:
            if isinstance(one, Refused):
                continue
            for stage, took in one.seconds.items():
                stages.setdefault(stage, []).append(1000 * took)
    named = f"{case} ({len(files)} files, {refused} refused)"
    rows = [
        row(named, "all eight stages, p50", "ms", percentile(times, 50)),
        row(named, "all eight stages, p95", "ms", percentile(times, 95), AIMS[case]),
        *(
            row(named, f"{stage}, p50 / p95", "ms", percentile(took, 50)) | {"p95": percentile(took, 95)}
            for stage, took in stages.items()
        ),
    ]
    aim = 15_000 if case == "text-layer PDFs" else None
    return [*rows, row(named, f"on {CORES} cores", "documents/h", hourly(files, ocr), aim)]


def with_the_model(files: Sequence[File]) -> list[dict[str, Any]]:
    """The same documents without the model and with it, one after the other: what all stages take, of what
    was asked alone what the model took, and what it read and wrote. Nothing where the adapter is not here."""
    model = RuntimeModel()
    if answering.ADAPTER not in model.adapters:
        return []
    watched, asked = Watched(model), list[Asked]()
    rows = []
    for how, context in (
        ("without the model", Context(ocr=choose("none"))),
        ("with the model", Context(ocr=choose("none"), model=watched)),
    ):
        process(*files[0], context)
        watched.taken()
        times = []
        for file in files:
            begun = time.perf_counter()
            process(*file, context)
            times.append(1000 * (time.perf_counter() - begun))
            asked.append(watched.taken())
        named = f"text-layer PDFs {how} ({len(files)} files)"
        rows += [row(named, f"all eight stages, p{p}", "ms", percentile(times, p)) for p in (50, 95)]
    model.close()
    told = watching.figures(asked[len(files) :])
    named = f"text-layer PDFs with the model ({len(files)} files, {told['documents']} asked)"
    for metric, key in (("the model", "seconds"), ("the model, of a processor", "processor_seconds")):
        took = {"p50": told[f"{key}_median"], "p95": told[f"{key}_p95"]}
        rows += [row(named, f"{metric}, {p}", "ms", round(1000 * one, 1)) for p, one in took.items() if one]
    names = ("unanswered", "prompt_tokens", "cached_tokens", "completion_tokens")
    return [*rows, *(row(named, name.replace("_", " "), "in all", told[name]) for name in names)]


def hourly(files: Sequence[File], ocr: str) -> float:
    """Documents an hour on all cores, each file in a process that has read others before."""
    pool = ProcessPoolExecutor(CORES, get_context("spawn"), initializer=_start, initargs=(ocr,))
    with pool:
        list(pool.map(_read, files[: 2 * CORES]))
        begun = time.perf_counter()
        list(pool.map(_read, files, chunksize=4))
        return round(3600 * len(files) / (time.perf_counter() - begun))


_context = Context()


def _start(ocr: str) -> None:
    global _context
    _context = Context(ocr=choose(ocr, 1))
    process("warm.xml", ubl(), _context)


def _read(file: File) -> int:
    return len(process(*file, _context))


def percentile(values: Sequence[float], percent: int) -> float:
    """Of some milliseconds."""
    if len(values) < 2:
        return round(values[0], 1) if values else 0.0
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


# --- edge mode's queue ----------------------------------------------------------------------------------


def folder_through_the_queue(count: int) -> list[dict[str, Any]]:
    """A folder sent in at once, every second file a PDF, and worked on by a process a core, with handlers
    killed at random; each that was killed is followed by a new process."""
    files = list(mixed(count))
    with TemporaryDirectory(prefix="abax-bench-") as folder:
        house = edge(Path(folder))
        begun = time.perf_counter()
        for file in files:
            request_document(house.services, *file)
        sent = time.perf_counter() - begun
        killed = work_through(house.home, CORES, KILLED, SEED, 60 + 3.0 * count)
        took = time.perf_counter() - begun
        lost, doubled = lost_and_doubled(house, files)
    case = f"{count:,} documents through edge mode's queue, {killed} handlers killed"
    return [
        row(case, "lost", "documents", lost, 0),
        row(case, "doubled", "documents", doubled, 0),
        row(case, "sending them in", "s", round(sent, 1)),
        row(case, "all of it", "s", round(took, 1)),
        row(case, "rate", "documents/h", round(3600 * count / took)),
    ]


def mixed(count: int) -> Iterator[File]:
    """Files with different content: e-invoices and text-layer PDFs by turns."""
    pdfs = text_pdfs(count // 2)
    for number in range(count):
        pdf = next(pdfs, None) if number % 2 else None
        yield pdf or (f"{number}.xml", ubl(f"F-{number}", net=f"{100 + number}.00"))


def lost_and_doubled(house: Edge, files: Sequence[File]) -> tuple[int, int]:
    """Files of which nothing came out, and what came out, was asked of a person, or is taken for a copy of
    itself, more often than once."""
    objects, documents = house.services.objects, house.services.documents
    assert documents is not None
    found = [key.split("/")[1] for key in objects.keys("documents/") if key.endswith("/fact.json")]
    facts = [get_fact(objects, one) for one in found]
    sent = {digest_of(content) for _, content in files}
    lost = len(sent - {fact.digest for fact in facts})
    jobs = len(house.services.jobs.recent(10 * len(files), DOCUMENT))
    reviews = [key for key, _ in documents.records.items(REVIEWS)]
    copies = sum(
        check.rule == "duplicate" and check.outcome == "failed"
        for fact in facts
        if fact.kind == "xml"
        for check in fact.checks
    )
    in_xml = sum(fact.kind == "xml" for fact in facts) - sum(name.endswith(".xml") for name, _ in files)
    return lost, max(jobs - len(sent), 0) + max(in_xml, 0) + len(set(reviews) - set(found)) + copies


# --- the engine -----------------------------------------------------------------------------------------


def folder_on_the_engine(count: int) -> list[dict[str, Any]]:
    """The same on the emulated cloud: a bucket, a queue, a state machine, functions killed at random."""
    from infra.local.engine import LocalEngine

    with LocalEngine() as engine:
        url = engine.resources["QueuesDocuments"]
        engine.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
        begun = time.perf_counter()
        with killed_at_random(KILLED, SEED) as counted:
            for number in range(count):
                key, body = f"inbox/folder/{number:04}.xml", ubl(f"F-{number}", net=f"{100 + number}.00")
                engine.client("s3").put_object(Bucket=bucket(engine), Key=key, Body=body)
            facts = _awaited(lambda: keys(engine, "documents/", "/fact.json"), count, 60 + 3.0 * count)
        took = time.perf_counter() - begun
        numbers = _numbers(engine, facts)
        runs = _executions(engine)
    killed = f"{counted.killed} of {counted.invocations:,} handlers killed"
    case = f"{count:,} e-invoices through the emulated cloud, {killed}"
    lost = count - len(set(numbers))
    doubled = len(numbers) - len(set(numbers)) + runs - count
    return [
        row(case, "lost", "documents", lost, 0),
        row(case, "doubled", "documents", doubled, 0),
        row(case, "all of it", "s", round(took, 1)),
    ]


def bucket(engine: Any) -> str:
    """Of the engine."""
    return str(engine.resources["StorageBucket"])


def keys(engine: Any, prefix: str, ending: str) -> list[str]:
    """Keys in the bucket."""
    pages = (
        engine.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket(engine), Prefix=prefix)
    )
    found = (item["Key"] for page in pages for item in page.get("Contents", ()))
    return [key for key in found if key.endswith(ending)]


def _awaited(look: Callable[[], list[str]], count: int, seconds: float) -> list[str]:
    deadline = time.monotonic() + seconds
    while len(found := look()) < count and time.monotonic() < deadline:
        time.sleep(2)
    return found


def _numbers(engine: Any, facts: Sequence[str]) -> list[str]:
    """The numbers of all invoices that came out."""
    found = []
    for key in facts:
        body = engine.client("s3").get_object(Bucket=bucket(engine), Key=key)["Body"].read()
        found.append(json.loads(body)["quality"]["extraction"]["contract"]["number"])
    return found


def _executions(engine: Any) -> int:
    pages = (
        engine.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=engine.resources["DocumentsDocument"])
    )
    return sum(len(page["executions"]) for page in pages)


def row(case: str, metric: str, unit: str, ours: float, aim: float | None = None) -> dict[str, Any]:
    """One result."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "ours": ours,
        "peer": aim,
        "peer_name": "" if aim is None else "aim",
        "ratio": round(aim / ours, 2) if aim and ours else None,
    }
