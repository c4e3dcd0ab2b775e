"""How well documents are told apart: counts by true and told type, figures by type, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Model

_BINS = 10


class Told(Model):
    """One document: what it is, and what was said of it."""

    name: str
    source: str
    """Which part of the set it is from: ``generated`` or the name of real data."""
    truth: DocumentType
    told: DocumentType
    confidence: float
    reasons: tuple[str, ...] = ()


class TypeFigures(Model):
    """One type's figures."""

    count: int
    precision: float | None
    recall: float | None
    f1: float | None


class TypeReport(Model):
    """All figures of one set."""

    count: int
    accuracy: float
    by_source: dict[str, tuple[int, float]]
    """Source to count and accuracy."""
    types: dict[str, TypeFigures]
    matrix: dict[str, dict[str, int]]
    """True type to told type to count."""
    calibration_error: float
    """Expected, over ten bins of confidence."""
    bins: tuple[tuple[float, float, int], ...] = ()
    """Mean confidence, accuracy and count of each bin that is not empty."""
    worst: tuple[Told, ...] = Field(default=())
    """Wrong ones, the surest first."""


def told_of(name: str, source: str, truth: DocumentType, classification: Classification) -> Told:
    """One line of the report."""
    return Told(
        name=name,
        source=source,
        truth=truth,
        told=classification.type,
        confidence=classification.confidence,
        reasons=classification.reasons,
    )


def report_of(told: Sequence[Told], worst: int = 20) -> TypeReport:
    """The figures of a set."""
    matrix: dict[str, dict[str, int]] = {}
    for one in told:
        row = matrix.setdefault(one.truth.value, {})
        row[one.told.value] = row.get(one.told.value, 0) + 1
    sources = sorted({one.source for one in told})
    bins, error = _calibration(told)
    wrong = sorted((one for one in told if one.told is not one.truth), key=lambda one: -one.confidence)
    return TypeReport(
        count=len(told),
        accuracy=_share(told),
        by_source={s: (len(part := [t for t in told if t.source == s]), _share(part)) for s in sources},
        types={kind.value: _figures(kind, told) for kind in DocumentType if _occurs(kind, told)},
        matrix=matrix,
        calibration_error=error,
        bins=bins,
        worst=tuple(wrong[:worst]),
    )


def _occurs(kind: DocumentType, told: Iterable[Told]) -> bool:
    return any(kind in (one.truth, one.told) for one in told)


def _share(told: Sequence[Told]) -> float:
    return round(sum(one.told is one.truth for one in told) / len(told), 4) if told else 0.0


def _figures(kind: DocumentType, told: Sequence[Told]) -> TypeFigures:
    both = Counter((one.truth is kind, one.told is kind) for one in told)
    right, missed, wrong = both[True, True], both[True, False], both[False, True]
    precision = right / (right + wrong) if right + wrong else None
    recall = right / (right + missed) if right + missed else None
    f1 = 2 * right / (2 * right + missed + wrong) if right + missed + wrong else None
    return TypeFigures(count=right + missed, precision=precision, recall=recall, f1=f1)


def _calibration(told: Sequence[Told]) -> tuple[tuple[tuple[float, float, int], ...], float]:
    parts: dict[int, list[Told]] = {}
    for one in told:
        parts.setdefault(min(int(one.confidence * _BINS), _BINS - 1), []).append(one)
    bins = []
    error = 0.0
    for place in sorted(parts):
        part = parts[place]
        mean = sum(one.confidence for one in part) / len(part)
        bins.append((round(mean, 4), _share(part), len(part)))
        error += len(part) / len(told) * abs(mean - _share(part))
    return tuple(bins), round(error, 4)


def as_text(report: TypeReport) -> str:
    """The report as a person reads it."""
    rows = [f"{report.count} documents, {report.accuracy:.2%} of them told rightly"]
    rows += [f"  {source}: {count}, {share:.2%}" for source, (count, share) in report.by_source.items()]
    rows.append(f"expected calibration error {report.calibration_error:.3f}")
    for kind, figures in report.types.items():
        precision, recall = (_percent(value) for value in (figures.precision, figures.recall))
        others = {k: n for k, n in report.matrix.get(kind, {}).items() if k != kind}
        rows.append(
            f"  {kind:<18} {figures.count:>5}  precision {precision}  recall {recall}  {_mixed(others)}"
        )
    return "\n".join(rows)


def _percent(value: float | None) -> str:
    return "    –" if value is None else f"{value:6.1%}"


def _mixed(others: dict[str, int]) -> str:
    named: list[Any] = sorted(others.items(), key=lambda one: -one[1])
    return "told as " + ", ".join(f"{kind} {count}" for kind, count in named) if named else ""
