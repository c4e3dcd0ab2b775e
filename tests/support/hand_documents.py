"""Documents written by hand, as issuers of many countries lay out their paper, and the truth about each.

``python -m tests.support.hand_documents OUT`` prints each to ``OUT/<name>.pdf``, those that ask for it as a
crooked, noisy scan too (``OUT/<name>.scan.png``), and writes the truth beside them. Nothing is trained on
them, and nothing is fitted to one of them: what fails here names a cause, and is mended in general.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from abax.documents.classify import Ourselves
from abax.documents.contracts import CONTRACT, Contract

from tests.support.browser import chromium

HAND = Path(__file__).parents[1] / "golden" / "documents" / "hand"
SCAN_DPI = 200


@dataclass(frozen=True)
class HandDocument:
    """One page, or a few, as HTML, and what it says."""

    name: str
    html: Path
    contract: Contract
    scan: dict[str, float] | None = None
    """How crooked the scan lies, in degrees; none where the document is only printed."""
    ourselves: Ourselves | None = None
    """Who reads it, where the document's direction depends on that."""


def documents() -> list[HandDocument]:
    """All of them, by name."""
    return [_read(path) for path in sorted(HAND.glob("*.json"))]


def _read(path: Path) -> HandDocument:
    told: dict[str, Any] = json.loads(path.read_text())
    ourselves = Ourselves.model_validate(told["ourselves"]) if "ourselves" in told else None
    contract = CONTRACT.validate_python(told["contract"])
    return HandDocument(path.stem, path.with_suffix(".html"), contract, told.get("scan"), ourselves)


def printed(wanted: Iterable[HandDocument], out: Path) -> Iterator[tuple[HandDocument, Path]]:
    """Each document with its PDF, printed by the browser."""
    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = browser.page()
        for document in wanted:
            page.open(document.html)
            yield document, page.pdf(out / f"{document.name}.pdf")


def scanned(pdf: Path, angle: float, seed: int = 7) -> bytes:
    """The first page as a grey scanner sees it: turned a little, uneven, with grain, as PNG."""
    import numpy as np
    import pypdfium2
    from PIL import Image, ImageFilter

    document = pypdfium2.PdfDocument(pdf)
    drawn = document[0].render(scale=SCAN_DPI / 72).to_pil().convert("L")
    document.close()
    turned = drawn.rotate(angle, Image.Resampling.BICUBIC, fillcolor=252)
    blurred = turned.filter(ImageFilter.GaussianBlur(0.6))
    grain = np.random.default_rng(seed).normal(0.0, 7.0, blurred.size[::-1])
    shade = np.linspace(0.0, random.Random(seed).uniform(6.0, 14.0), blurred.size[0])[None, :]
    worn = np.clip(np.asarray(blurred, dtype=np.float64) * 0.92 + 12 + grain - shade, 0, 255)
    saved = BytesIO()
    Image.fromarray(worn.astype(np.uint8)).save(saved, "PNG", dpi=(SCAN_DPI, SCAN_DPI))
    return saved.getvalue()


def main(out: Path) -> None:
    """All documents, printed and scanned, each with its truth."""
    count = scans = 0
    for document, pdf in printed(documents(), out):
        truth = document.contract.model_dump_json(indent=1, exclude_defaults=True)
        (out / f"{document.name}.json").write_text(truth)
        count += 1
        if document.scan:
            (out / f"{document.name}.scan.png").write_bytes(scanned(pdf, document.scan["angle"]))
            scans += 1
    print(f"{count} documents and {scans} scans in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
