"""How well documents are read: each field against the truth, calibration, types, touchless rate, time, cost.

``evaluate`` runs the stages from reading to routing over a folder whose truth is known (``datasets`` says in
which formats) and gives figures with counts; ``page`` shows them in one HTML file without outside parts.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from abax.documents import lexicon, scoring
from abax.documents.classify import Classification
from abax.documents.contracts import Contract, TradeDocument
from abax.documents.datasets import Case, Unread, cases_of
from abax.documents.pipeline import STAGES, Context, Draft, Source, run_stage
from abax.documents.quality import Quality
from abax.documents.scoring import Fault, Printed, Score, Tally
from abax.errors import DocumentError

SROIE: Final = {
    "company": "seller.name",
    "date": "issue_date",
    "address": "seller.address.text",
    "total": "totals.gross",
}
TRAINED_ON_SROIE: Final = (
    "The rankers that ship were trained on the public training part of this set, so its figures flatter "
    "them; `python -m training.documents sroie` keeps the companies that are judged out of the training."
)
WORST: Final = 12
"""Documents that are shown with their faults."""
USD_PER_GB_SECOND: Final = 0.0000133334
"""AWS Lambda on arm64, list price; a function of ``MEMORY_GB``."""
MEMORY_GB: Final = 2.0


@dataclass
class Result:
    """One document's."""

    name: str
    issuer: str
    true_type: str
    found_type: str
    score: Score
    seconds: dict[str, float]
    touchless: bool
    generated: bool
    weight: float = 1.0
    official: dict[str, bool] = field(default_factory=dict)
    """SROIE's four entities by its exact rule."""
    attainable: dict[str, bool] = field(default_factory=dict)
    """Whether the words hold what the rule asks for at all."""


@dataclass
class Report:
    """What came out of a folder."""

    dataset: str
    results: list[Result]
    failed: list[tuple[str, str]]
    unjudged: list[str]
    """Read without an error; nobody tells what is true of them."""
    type_given: bool

    def as_dict(self) -> dict[str, Any]:
        """Figures with counts, as the JSON file has them."""
        return _figures(self)


def evaluate(
    dataset: Path,
    *,
    context: Context | None = None,
    type_given: bool = False,
    limit: int | None = None,
) -> Report:
    """Read every document of a folder and judge what was found. ``type_given`` judges extraction by itself,
    with the true type. Raises UnknownFormat where the folder holds nothing that can be judged."""
    context = context or Context()
    results: list[Result] = []
    failed: list[tuple[str, str]] = []
    unjudged: list[str] = []
    for case in islice(cases_of(dataset), limit):
        if isinstance(case, Unread):
            failed.append((case.name, str(case.error)))
            continue
        try:
            draft, seconds = _read(case, context, type_given)
        except DocumentError as error:
            failed.append((case.name, str(error)))
            continue
        if case.contract is None:
            unjudged.append(case.name)
        else:
            results.append(_judged(case, case.contract, draft, seconds))
    _weigh(results)
    return Report(str(dataset.name), results, failed, unjudged, type_given)


def _read(case: Case, context: Context, type_given: bool) -> tuple[Draft, dict[str, float]]:
    """The document through all stages, and the seconds of each."""
    begun = time.perf_counter()
    reading = case.read(context.ocr)
    seconds = {"preprocess": time.perf_counter() - begun}
    draft = Draft(document_id=case.name, name=case.name, digest=case.name, kind="", language=reading.language)
    source = Source(reading, _xml_of(case))
    for name in STAGES:
        if name == "classify" and case.contract is not None and (type_given or case.texts):
            sure = Classification(type=case.contract.type, confidence=1.0, reasons=("given",))
            draft = draft.model_copy(update={"classification": sure})
            continue
        draft = run_stage(name, draft, source, context)
    return draft, seconds | draft.seconds


def _judged(case: Case, truth: Contract, draft: Draft, seconds: dict[str, float]) -> Result:
    assert draft.quality is not None
    assert draft.classification is not None
    found = draft.quality.extraction.contract
    sure_of = {path: one.confidence for path, one in draft.quality.extraction.evidence.items()}
    printed = Printed(case.reading) if case.hidden else None
    score = scoring.score(case.name, found, truth, sure_of, printed, case.only, extra=not case.hidden)
    result = Result(
        case.name,
        case.issuer,
        truth.type.value,
        draft.classification.type.value,
        score,
        seconds,
        draft.decision is not None and draft.decision.way == "touchless",
        case.generated,
    )
    if case.texts:
        _official(case, draft.quality, result)
    return result


def _xml_of(case: Case) -> bytes | None:
    if case.file is not None and case.file.suffix == ".xml":
        return case.file.read_bytes()
    return None


def _official(case: Case, quality: Quality, result: Result) -> None:
    """SROIE's rule: the very text of the key. The words that came with the set break off at commas, so that
    a key may not be among them at all."""
    contract = quality.extraction.contract
    assert isinstance(contract, TradeDocument)
    evidence = quality.extraction.evidence
    found = {
        "company": contract.seller.name or "",
        "date": evidence["issue_date"].text if "issue_date" in evidence else "",
        "address": contract.seller.address.text or "",
        "total": evidence["totals.gross"].text if "totals.gross" in evidence else "",
    }
    everything = lexicon.plain(case.reading.text)
    for name, key in case.texts:
        if name in found:
            result.official[name] = _as_key(found[name]) == _as_key(key)
            result.attainable[name] = lexicon.plain(key) in everything


def _as_key(text: str) -> str:
    return " ".join(text.strip(" ()").split())


def _weigh(results: Sequence[Result]) -> None:
    """Copies of one invoice count as one: each by the share of its copies."""
    keys = Counter(_copy_key(result) for result in results)
    for result in results:
        result.weight = 1 / keys[_copy_key(result)]


def _copy_key(result: Result) -> str:
    parts = result.name.lower().rsplit(".", 1)[0].split("_")
    return "_".join(parts[-2:]) if result.name.lower().endswith(".pdf") and len(parts) > 1 else result.name


# ---------------------------------------------------------------- figures


def _figures(report: Report) -> dict[str, Any]:
    results = report.results
    fields = _totals(results)
    header, lines = Tally(), Tally()
    for name, tally in fields.items():
        if not name.startswith(tuple(f"{part}." for part in scoring.LINE_PARTS)):
            header.add(tally)
    for result in results:
        lines.add(result.score.lines)
    judged = [(sure, ok) for result in results for _, sure, ok in result.score.judged]
    error, bins = scoring.calibration(judged)
    exact = sum(result.score.exact() for result in results)
    figures: dict[str, Any] = {
        "dataset": report.dataset,
        "documents": len(results),
        "distinct": round(sum(result.weight for result in results), 1),
        "generated_share": _share(result.generated for result in results),
        "failed": [{"document": name, "error": error_text} for name, error_text in report.failed],
        "unjudged": report.unjudged,
        "header": _tally(header),
        "header_by_distinct": _weighed(results),
        "lines": _tally(lines),
        "fields": {name: _tally(tally) for name, tally in sorted(fields.items())},
        "exact_headers": {"count": exact, "of": len(results)},
        "calibration": {"expected_error": round(error, 4), "values": len(judged), "bins": bins},
        "types": _types(results, report.type_given),
        "touchless": _touchless(results),
        "causes": dict(scoring.causes(f for r in results for f in r.score.faults).most_common(40)),
        "worst": _worst(results),
        "seconds": _seconds(results),
    }
    figures["usd_per_1000"] = round(
        1000 * USD_PER_GB_SECOND * MEMORY_GB * _mean(sum(result.seconds.values()) for result in results), 4
    )
    if any(result.official for result in results):
        figures["sroie"] = _sroie(results)
    return figures


def _totals(results: Iterable[Result]) -> dict[str, Tally]:
    found: dict[str, Tally] = defaultdict(Tally)
    for result in results:
        for name, tally in result.score.fields.items():
            found[name].add(tally)
    return found


def _tally(tally: Tally) -> dict[str, Any]:
    rounded = {
        name: None if value is None else round(value, 4)
        for name, value in (("precision", tally.precision), ("recall", tally.recall), ("f1", tally.f1))
    }
    counts = {"right": tally.right, "wrong": tally.wrong, "missed": tally.missed, "invented": tally.invented}
    return {**rounded, **counts}


def _weighed(results: Iterable[Result]) -> dict[str, Any]:
    """Header fields and lines, copies of one invoice counted once."""
    header, lines = [0.0, 0.0], [0.0, 0.0]
    for result in results:
        for name, tally in result.score.fields.items():
            if not name.startswith(tuple(f"{part}." for part in scoring.LINE_PARTS)):
                header[0] += result.weight * tally.right
                header[1] += result.weight * (tally.right + tally.wrong + tally.missed)
        tally = result.score.lines
        lines[0] += result.weight * tally.right
        lines[1] += result.weight * (tally.right + tally.wrong + tally.missed)
    return {
        "header_recall": round(header[0] / header[1], 4) if header[1] else None,
        "line_recall": round(lines[0] / lines[1], 4) if lines[1] else None,
    }


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _types(results: Sequence[Result], given: bool) -> dict[str, Any]:
    """The confusion matrix: true type to found type, with counts."""
    if given or any(result.official for result in results):
        return {"given": True}
    matrix: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        matrix[result.true_type][result.found_type] += 1
    right = sum(matrix[name][name] for name in matrix)
    real = [result for result in results if not result.generated]
    return {
        "accuracy": round(right / len(results), 4) if results else None,
        "accuracy_real": _share(result.true_type == result.found_type for result in real) if real else None,
        "right": right,
        "of": len(results),
        "matrix": {name: dict(row) for name, row in sorted(matrix.items())},
    }


def _touchless(results: Sequence[Result]) -> dict[str, Any]:
    passed = [result for result in results if result.touchless]
    return {
        "rate": _share(result.touchless for result in results),
        "count": len(passed),
        "of_them_exact": sum(result.score.exact() for result in passed),
    }


def _worst(results: Sequence[Result]) -> list[dict[str, Any]]:
    listed = sorted(results, key=lambda result: -len(result.score.faults))[:WORST]
    return [
        {"document": result.name, "faults": [_fault(fault) for fault in result.score.faults[:15]]}
        for result in listed
        if result.score.faults
    ]


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "path": fault.path,
        "cause": fault.cause,
        "expected": fault.expected[:120],
        "found": fault.found[:120],
        "confidence": round(fault.confidence, 3),
    }


def _seconds(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    names = list(dict.fromkeys(name for result in results for name in result.seconds))
    table = {name: [result.seconds[name] for result in results if name in result.seconds] for name in names}
    table["all"] = [sum(result.seconds.values()) for result in results]
    return {
        name: {
            "median": round(median(values), 4),
            "p95": round(quantiles(values, n=20)[-1] if len(values) > 1 else values[0], 4),
        }
        for name, values in table.items()
        if values
    }


def _sroie(results: Sequence[Result]) -> dict[str, Any]:
    """The official task: every entity is asked for, so precision and recall are the share of right ones."""
    seen = Counter(result.issuer for result in results)
    found: dict[str, Any] = {}
    for name in SROIE:
        hits = [result.official.get(name, False) for result in results]
        reach = [result.attainable.get(name, False) for result in results]
        once = [result.official.get(name, False) for result in results if seen[result.issuer] == 1]
        found[name] = {
            "right": sum(hits),
            "of": len(hits),
            "f1": _share(hits),
            "attainable": sum(reach),
            "f1_of_attainable": _share(hit for hit, can in zip(hits, reach, strict=True) if can),
            "f1_companies_seen_once": _share(once),
        }
    found["note"] = TRAINED_ON_SROIE
    found["overall_f1"] = _mean(found[name]["f1"] for name in SROIE)
    return found


# ---------------------------------------------------------------- the page


def page(figures: dict[str, Any]) -> str:
    """The figures as one HTML file."""
    from importlib import resources

    from jinja2 import Environment

    template = resources.files("abax.documents").joinpath("evaluate.html.j2").read_text(encoding="utf-8")
    return (
        Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        .from_string(template)
        .render(f=figures)
    )
