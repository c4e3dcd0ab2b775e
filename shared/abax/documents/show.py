"""A document as one HTML page that needs nothing else: the page's picture with a box for each value, the
values with their confidences, and what the rules say."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from abax.documents.contracts import Evidence, fields_of
from abax.documents.inbox import FileKind, Received, Refused
from abax.documents.kinds import PICTURES
from abax.documents.pages import Page, PageSource, Reading
from abax.documents.validate import Outcome, Severity
from abax.errors import DocumentError

if TYPE_CHECKING:
    from abax.documents.pipeline import Fact

DPI: Final = 110
SURE: Final = 0.95
DOUBTFUL: Final = 0.8

_PICTURED: Final = PICTURES | {FileKind.PDF}


@dataclass(frozen=True)
class Shown:
    """A document to be shown, with what it was read from."""

    fact: Fact
    file: Received
    reading: Reading


def render_html(shown: Iterable[Shown], refused: Iterable[Refused] = ()) -> str:
    """The page for some documents, and for files that could not be read."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("abax.documents", "."), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("show.html.j2")
    documents = [_document(place, one) for place, one in enumerate(shown)]
    failed = [{"name": one.name, "told": str(one.error)} for one in refused]
    return template.render(documents=documents, refused=failed)


def _document(place: int, shown: Shown) -> dict[str, Any]:
    fact = shown.fact
    extraction = fact.quality.extraction
    values = fields_of(extraction.contract)
    wrong = {path for check in _failed(fact) for path in check["paths"]}
    rows = [
        _row(f"d{place}", path, value, extraction.evidence.get(path), path in wrong)
        for path, value in values.items()
        if path not in ("type", "subtype")
    ]
    pages = [_page(page, shown.file, rows) for page in shown.reading.pages if page.number in fact.pages]
    return {
        "name": fact.name,
        "type": str(fact.contract.type).replace("_", " "),
        "sure": f"{fact.classification.confidence:.0%}",
        "subtype": str(fact.identity.subtype).replace("_", " "),
        "issuer": fact.identity.issuer or "",
        "way": str(fact.decision.way),
        "queue": fact.decision.queue.replace("_", " "),
        "reasons": fact.decision.reasons,
        "confidence": f"{fact.quality.confidence:.0%}",
        "completeness": f"{fact.quality.completeness:.0%}",
        "missing": fact.quality.missing,
        "checks": _failed(fact),
        "passed": sum(check.outcome is Outcome.PASSED for check in fact.checks),
        "entry": fact.decision.entry,
        "findings": extraction.findings,
        "problems": fact.problems,
        "notes": fact.notes,
        "rows": rows,
        "pages": pages,
        "path": fact.path,
        "milliseconds": {name: f"{1000 * taken:.0f}" for name, taken in fact.seconds.items()},
    }


_LOUDEST: Final = (Severity.ALARM, Severity.ERROR, Severity.WARNING, Severity.INFO)


def _failed(fact: Fact) -> list[dict[str, Any]]:
    """What the rules found wrong, the loudest first."""
    failed = [check for check in fact.checks if check.outcome is Outcome.FAILED]
    failed.sort(key=lambda check: _LOUDEST.index(check.severity))
    return [check.model_dump(mode="json") for check in failed]


def _row(prefix: str, path: str, value: Any, evidence: Evidence | None, wrong: bool) -> dict[str, Any]:
    confidence = evidence.confidence if evidence else None
    return {
        "id": f"{prefix}-{path}",
        "path": path,
        "value": "; ".join(map(str, value)) if isinstance(value, tuple) else str(value),
        "printed": evidence.text if evidence and evidence.text != str(value) else "",
        "confidence": "" if confidence is None else f"{confidence:.0%}",
        "grade": _grade(confidence),
        "method": evidence.method if evidence else "",
        "source": evidence.source if evidence else "",
        "short": _short(evidence.source) if evidence else "",
        "page": evidence.page if evidence else None,
        "box": evidence.box if evidence else None,
        "wrong": wrong,
    }


def _short(source: str) -> str:
    """The end of an XML path, without namespaces."""
    steps = [step.rpartition(":")[2] for step in source.split("/")]
    return f"…/{'/'.join(steps[-2:])}" if len(steps) > 3 else source


def _grade(confidence: float | None) -> str:
    if confidence is None:
        return "unknown"
    return "sure" if confidence >= SURE else "fair" if confidence >= DOUBTFUL else "poor"


def _page(page: Page, file: Received, rows: list[dict[str, Any]]) -> dict[str, Any]:
    boxes = [_box(page, row) for row in rows if row["page"] == page.number and row["box"] is not None]
    picture, problem = _picture(page, file)
    return {
        "number": page.number,
        "picture": picture,
        "ratio": f"{page.width:.4f} / {page.height:.4f}",
        "lines": () if picture else _lines(page),
        "columns": f"{page.width:.0f}",
        "rows": f"{page.height:.0f}",
        "problem": page.problem or problem,
        "source": page.source,
        "boxes": boxes,
    }


def _box(page: Page, row: dict[str, Any]) -> dict[str, Any]:
    box = row["box"]
    width, height = page.width or 1.0, page.height or 1.0
    return {
        **row,
        "left": f"{100 * box.x0 / width:.3f}",
        "top": f"{100 * box.y0 / height:.3f}",
        "width": f"{100 * (box.x1 - box.x0) / width:.3f}",
        "height": f"{100 * (box.y1 - box.y0) / height:.3f}",
    }


def _picture(page: Page, file: Received) -> tuple[str, str]:
    """The page as a PNG in a data URL, or why there is none."""
    if page.source is PageSource.MARKUP or file.kind not in _PICTURED:
        return "", ""
    from abax.documents.preprocess import render

    try:
        image = render(file.content, page.number, DPI, page.rotation)
    except DocumentError as error:
        return "", str(error)
    body = io.BytesIO()
    image.convert("L").quantize(16).save(body, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(body.getvalue()).decode()}", ""


def _lines(page: Page) -> list[dict[str, Any]]:
    """Words of a page without a picture, each where it stands."""
    width, height = page.width or 1.0, page.height or 1.0
    return [
        {
            "text": word.text,
            "left": f"{100 * word.x0 / width:.3f}",
            "top": f"{100 * word.y0 / height:.3f}",
            "size": f"{100 * (word.y1 - word.y0) / width:.3f}",
        }
        for line in page.lines
        for word in line.words
    ]
