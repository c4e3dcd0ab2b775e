"""How well documents are read: each field against the truth, calibration, types, touchless rate, time, cost.

``evaluate`` runs the stages from reading to routing over a folder whose truth is known (``datasets`` says in
which formats) and gives figures with counts; ``page`` shows them in one HTML file without outside parts.

What was learnt is judged on issuers that it was not learnt from: with ``Folds`` each part of the folder's
issuers is read by rankers that were fitted on the other parts, and none of whose issuers they have seen.
``kept_out`` keeps to the issuers that the shipped adapter has not seen (``datasets.is_kept_out``); together,
the rankers are fitted on all others, once. ``alone`` judges the language model by itself, without rules and
rankers.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, Protocol

from abax.documents import answering, asking, lexicon, ranker, scoring, watching
from abax.documents.classify import Classification
from abax.documents.contracts import Contract, DocumentType, TradeDocument
from abax.documents.datasets import Case, Unread, cases_of, is_kept_out
from abax.documents.pages import Reading
from abax.documents.pipeline import STAGES, Context, Draft, Source, run_stage
from abax.documents.quality import Quality
from abax.documents.ranker import Ranker
from abax.documents.scoring import Fault, Printed, Score, Tally
from abax.documents.twins import Said, Twins
from abax.documents.watching import Asked, Watched
from abax.errors import DocumentError, InvalidRequest

SROIE: Final = {
    "company": "seller.name",
    "date": "issue_date",
    "address": "seller.address.text",
    "total": "totals.gross",
}
WITHOUT_ADDRESS: Final = ("company", "date", "total")
"""The words that come with the set break off at commas, and hardly any address is among them."""
TRAINED_ON_SROIE: Final = (
    "The rankers that ship were trained on the public training part of this set, so these figures flatter "
    "them: --folds 5 keeps the companies that are judged out of the training."
)
UNSEEN: Final = (
    "Each receipt was read by rankers that were trained on the other companies: no company is in both parts. "
    "The curves of the confidences are those that ship."
)
BY_FOLDS: Final = (
    "Cross-validation in {folds} parts: each issuer's documents were read by rankers that were fitted on the "
    "documents of the others."
)
KEPT_OUT: Final = (
    "These issuers were kept out of the training of the adapter; the rankers that read here were fitted on "
    "the documents of the others."
)
SEEN: Final = (
    "The adapter that ships has learnt from four fifths of the issuers of SROIE and ZUGFeRD: where the "
    "folder holds those, --kept-out judges the rest of them."
)
UNSEEN_BY_ADAPTER: Final = "Only issuers that were kept out of the training of the adapter that ships."
ALONE: Final = "The language model read by itself: no rules, no rankers, the type given or told as ever."
SHIPPED: Final = (
    "Read by what ships. Its rankers have learnt from generated documents and from public examples: where "
    "the folder holds those, --folds keeps the issuers that are judged out of the training."
)
FROM_WORDS: Final = "Read from the words that came with the set: a folder of its pictures judges our own OCR."
FROM_PICTURES: Final = "Read from pictures through our own OCR."
ALONE_SECONDS: Final = 60.0
"""What a model may take for a document that it reads by itself."""
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
    answered: dict[str, bool] = field(default_factory=dict)
    """Whether anything was found."""
    pictured: bool = False
    """It was read from a picture."""
    language: str = ""
    asked: Asked = field(default_factory=Asked)
    """What a language model was asked."""


@dataclass
class Report:
    """What came out of a folder."""

    dataset: str
    results: list[Result]
    failed: list[tuple[str, str]]
    unjudged: list[str]
    """Read without an error; nobody tells what is true of them."""
    type_given: bool
    folds: int = 0
    """Into how many parts the issuers were cut; 0 where the rankers are those that ship."""
    model: str = ""
    """The language model that was asked; none where it is empty."""
    alone: bool = False
    """It read by itself, without rules and rankers."""
    kept_out: bool = False
    """Only issuers that its adapter has not seen."""

    def as_dict(self) -> dict[str, Any]:
        """Figures with counts, as the JSON file has them."""
        return _figures(self)


class Trainer(Protocol):
    """Fits rankers on documents whose truth is known. None is part of what ships: ``training`` has one."""

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Ranker]:
        """Rankers by the name that they are chosen by."""


@dataclass(frozen=True)
class Folds:
    """Cross-validation by issuer."""

    count: int
    trainer: Trainer


def evaluate(
    dataset: Path,
    *,
    context: Context | None = None,
    type_given: bool = False,
    limit: int | None = None,
    folds: Folds | None = None,
    alone: bool = False,
    kept_out: bool = False,
) -> Report:
    """Read every document of a folder and judge what was found. ``type_given`` judges extraction by itself,
    with the true type. Raises UnknownFormat where the folder holds nothing that can be judged, and
    InvalidRequest where a model is to read alone that has no adapter for it."""
    context = context or Context()
    watched = Watched(context.model) if context.model is not None else None
    if alone and (watched is None or answering.ADAPTER not in watched.adapters):
        name = watched.name if watched is not None else "none"
        raise InvalidRequest(f"the model {name} has no adapter {answering.ADAPTER!r} to read with", "model")
    report = Report(dataset.name, [], [], [], type_given, folds.count if folds else 0)
    report.model, report.alone, report.kept_out = watched.name if watched else "", alone, kept_out
    context = replace(context, model=watched)
    for cases, rankers in _parts(cases_of(dataset), folds, limit, kept_out):
        with ranker.instead(rankers):
            for case in cases:
                _add(report, case, context)
    _weigh(report.results)
    return report


def _parts(
    cases: Iterable[Case | Unread], folds: Folds | None, limit: int | None, kept_out: bool
) -> Iterator[tuple[Iterable[Case | Unread], Mapping[str, Ranker]]]:
    """Documents, and the rankers that are to read them. Of a folder of which a part is judged, the rankers
    learn from all others."""
    if folds is None:
        judged = (case for case in cases if isinstance(case, Unread) or not kept_out or _is_kept(case))
        yield islice(judged, limit), {}
        return
    listed = list(cases) if kept_out else list(islice(cases, limit))
    told = [case for case in listed if isinstance(case, Case) and case.contract is not None]
    if kept_out:
        kept = [case for case in told if _is_kept(case)]
        yield kept[:limit], folds.trainer([case for case in told if not _is_kept(case)])
        return
    fold_of = folds_of([case.issuer for case in told], folds.count)
    yield [case for case in listed if isinstance(case, Unread) or case.contract is None], {}
    for fold in range(folds.count):
        others = [case for case in told if fold_of[case.issuer] != fold]
        yield [case for case in told if fold_of[case.issuer] == fold], folds.trainer(others)


def _is_kept(case: Case) -> bool:
    return is_kept_out(case.issuer)


def folds_of(issuers: Iterable[str], count: int) -> dict[str, int]:
    """A fold for each issuer, all about as large, the same each time."""
    mixed = sorted(set(issuers), key=lambda issuer: hashlib.sha256(issuer.encode()).digest())
    return {issuer: place % count for place, issuer in enumerate(mixed)}


def _add(report: Report, case: Case | Unread, context: Context) -> None:
    if isinstance(case, Unread):
        report.failed.append((case.name, str(case.error)))
        return
    if case.ourselves:
        context = replace(context, ourselves=case.ourselves)
    try:
        begun = time.perf_counter()
        reading = case.read(context.ocr)
        took = time.perf_counter() - begun
        draft, found_type = _through(case, reading, context, report)
    except DocumentError as error:
        report.failed.append((case.name, str(error)))
        return
    if case.contract is None:
        report.unjudged.append(case.name)
    else:
        seconds = {"preprocess": took} | draft.seconds
        report.results.append(_judged(case, case.contract, draft, (found_type, seconds)))
        report.results[-1].language = case.contract.language or reading.language or ""
        if isinstance(context.model, Watched):
            report.results[-1].asked = context.model.taken()
        if case.texts and draft.quality is not None:
            _official(case, draft.quality, reading, report.results[-1])


def _through(case: Case, reading: Reading, context: Context, report: Report) -> tuple[Draft, str]:
    """The document through all stages, and the type that it was taken for. What the truth knows of the four
    entities of a receipt is judged with the type given, whatever was found."""
    draft = Draft(document_id=case.name, name=case.name, digest=case.name, kind="", language=reading.language)
    source = Source(reading, _xml_of(case))
    found_type = ""
    for name in STAGES:
        if name == "extract" and report.alone and draft.extraction is None:
            draft = _read_alone(draft, case, reading, context)
        else:
            draft = run_stage(name, draft, source, context)
        if name == "classify" and draft.classification:
            found_type = draft.classification.type.value
            if case.contract is not None and (report.type_given or case.texts):
                sure = Classification(type=case.contract.type, confidence=1.0, reasons=("given",))
                draft = draft.model_copy(update={"classification": sure})
    return draft, found_type


def _read_alone(draft: Draft, case: Case, reading: Reading, context: Context) -> Draft:
    """What the model makes of it by itself: all that its type is asked for, or of a receipt of SROIE what its
    key tells, as it was taught."""
    assert draft.classification is not None
    assert context.model is not None
    begun = time.perf_counter()
    kind = draft.classification.type
    entities = tuple(path for path in answering.answerable(kind) if path in SROIE.values())
    found = asking.alone(reading, kind, entities if case.texts else (), context.model, ALONE_SECONDS)
    took = {**draft.seconds, "extract": time.perf_counter() - begun}
    return draft.model_copy(update={"extraction": found, "seconds": took})


def _judged(case: Case, truth: Contract, draft: Draft, seen: tuple[str, dict[str, float]]) -> Result:
    assert draft.quality is not None
    found_type, seconds = seen
    found = draft.quality.extraction.contract
    evidence = draft.quality.extraction.evidence
    sure_of = {path: one.confidence for path, one in evidence.items()}
    printed = Printed(case.reading) if case.hidden else None
    xml = _xml_of(case)
    twins = Twins(Said(xml, evidence), case.twin) if xml is not None and case.twin is not None else None
    score = scoring.score(
        case.name, found, truth, sure_of, printed, case.only, extra=not case.hidden, twins=twins
    )
    return Result(
        case.name,
        case.issuer,
        truth.type.value,
        found_type,
        score,
        seconds,
        draft.decision is not None and draft.decision.way == "touchless",
        case.generated,
        pictured=case.words is None,
    )


def _xml_of(case: Case) -> bytes | None:
    if case.file is not None and case.file.suffix == ".xml":
        return case.file.read_bytes()
    return None


def _official(case: Case, quality: Quality, reading: Reading, result: Result) -> None:
    """SROIE's rule: the very text of the key. The words that came with the set break off at commas, so that
    a key may not be among them at all."""
    contract = quality.extraction.contract
    assert isinstance(contract, TradeDocument)
    evidence = quality.extraction.evidence
    found = {
        "company": contract.seller.name or "",
        "date": evidence["issue_date"].text if "issue_date" in evidence else "",
        "address": contract.seller.address.text or "",
        "total": _own_words(evidence["totals.gross"].text) if "totals.gross" in evidence else "",
    }
    everything = lexicon.plain(reading.text)
    for name, key in case.texts:
        if name in found:
            result.official[name] = _as_key(found[name]) == _as_key(key)
            result.answered[name] = bool(found[name])
            result.attainable[name] = lexicon.plain(key) in everything


def _own_words(text: str) -> str:
    """An amount without a currency that a blank parts from it: the keys have ``RM4.50``, and ``4.50`` for
    ``RM 4.50``."""
    words = text.split()
    digits = [place for place, word in enumerate(words) if any(map(str.isdigit, word))]
    return " ".join(words[digits[0] : digits[-1] + 1]) if digits else text


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
        if not name.startswith(_PARTS):
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
        "folds": report.folds,
        "learnt": _learnt(report),
        "issuers": len({result.issuer for result in results}),
        "header": _tally(header),
        "header_by_distinct": _weighed(results),
        "lines": _tally(lines),
        "fields": {name: _tally(fields[name]) for name in sorted(fields, key=_of_parts)},
        "by_type": _apart(results, lambda result: result.true_type),
        "by_language": _apart(results, lambda result: result.language or "unknown"),
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
    if report.model:
        told = UNSEEN_BY_ADAPTER if report.kept_out else SEEN
        how = {"name": report.model, "alone": report.alone, "learnt": told}
        figures["model"] = how | watching.figures([result.asked for result in results])
    if any(result.official for result in results):
        figures["sroie"] = _sroie(results, report.folds)
    return figures


def _learnt(report: Report) -> str:
    """What the rankers have seen."""
    if report.alone:
        return ALONE
    if not report.folds:
        return SHIPPED
    return KEPT_OUT if report.kept_out else BY_FOLDS.format(folds=report.folds)


def _apart(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, dict[str, Any]]:
    """Documents of a kind: how many, F1 of header fields, F1 of whole lines."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(result)
    found = {}
    for name, members in sorted(groups.items()):
        header, lines = Tally(), Tally()
        for result in members:
            lines.add(result.score.lines)
            for field_name, tally in result.score.fields.items():
                if not field_name.startswith(_PARTS):
                    header.add(tally)
        row = {"documents": len(members), "header_f1": header.f1, "lines_f1": lines.f1}
        found[name] = {key: round(one, 4) if isinstance(one, float) else one for key, one in row.items()}
    return found


_PARTS: Final = tuple(f"{part}." for part in scoring.LINE_PARTS)


def _of_parts(name: str) -> tuple[bool, str]:
    """Fields of the whole document go before those of its parts."""
    return "." in name, name


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
            if not name.startswith(_PARTS):
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
    if given:
        return {"given": True}
    matrix: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        matrix[result.true_type][result.found_type] += 1
    right = sum(matrix[name][name] for name in matrix)
    seen = {name for row in matrix.values() for name in row} | set(matrix)
    return {
        "accuracy": _accuracy(results),
        "accuracy_real": _accuracy([result for result in results if not result.generated]),
        "accuracy_generated": _accuracy([result for result in results if result.generated]),
        "right": right,
        "of": len(results),
        "labels": [kind.value for kind in DocumentType if kind.value in seen],
        "matrix": {name: dict(row) for name, row in sorted(matrix.items())},
    }


def _accuracy(results: Sequence[Result]) -> float | None:
    return _share(result.true_type == result.found_type for result in results) if results else None


def _touchless(results: Sequence[Result]) -> dict[str, Any]:
    passed = [result for result in results if result.touchless]
    return {
        "rate": _share(result.touchless for result in results),
        "count": len(passed),
        "of_them_exact": sum(result.score.exact() for result in passed),
    }


def _worst(results: Sequence[Result]) -> list[dict[str, Any]]:
    listed = sorted(results, key=lambda result: (-_faults(result), -len(result.score.faults)))[:WORST]
    return [
        {"document": result.name, "faults": [_fault(fault) for fault in result.score.faults[:15]]}
        for result in listed
        if result.score.faults
    ]


def _faults(result: Result) -> int:
    """How many are the reader's."""
    return sum(fault.cause != scoring.DIFFER for fault in result.score.faults)


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


def _sroie(results: Sequence[Result], folds: int) -> dict[str, Any]:
    """The official task: a text is right where it is the very text of the key. In total over all entities,
    apart for companies that no ranker has seen, and for keys that the given words hold at all."""
    seen = Counter(result.issuer for result in results)
    once = [result for result in results if folds or seen[result.issuer] == 1]
    return {
        **{name: _entity(results, [name]) for name in SROIE},
        "total_of_three": _entity(results, WITHOUT_ADDRESS),
        "total_of_four": _entity(results, list(SROIE)),
        "unseen": {
            "receipts": len(once),
            "companies": "out of the training" if folds else "once in the set",
            **{name: _entity(once, [name])["f1"] for name in SROIE},
            "total_of_three": _entity(once, WITHOUT_ADDRESS)["f1"],
            "total_of_four": _entity(once, list(SROIE))["f1"],
        },
        "note": UNSEEN if folds else TRAINED_ON_SROIE,
        "pictures": FROM_PICTURES if all(result.pictured for result in results) else FROM_WORDS,
    }


def _entity(results: Sequence[Result], names: Sequence[str]) -> dict[str, Any]:
    """Counts and figures of some entities by the exact rule; one that is not found is no answer."""
    pairs = [(result, name) for result in results for name in names]
    right = sum(result.official.get(name, False) for result, name in pairs)
    answered = sum(result.answered.get(name, False) for result, name in pairs)
    reach = [result.official.get(name, False) for result, name in pairs if result.attainable.get(name)]
    f1 = 2 * right / (len(pairs) + answered) if pairs else 0.0
    return {
        "right": right,
        "answered": answered,
        "of": len(pairs),
        "precision": round(right / answered, 4) if answered else None,
        "recall": round(right / len(pairs), 4) if pairs else None,
        "f1": round(f1, 4),
        "attainable": len(reach),
        "right_of_attainable": _share(reach),
    }


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
