"""Documents written by hand, as issuers of many countries lay out their paper, and the truth about each.

``python -m tests.support.hand_documents OUT [blind|second]`` prints each to ``OUT/printed/<name>.pdf``, those
that ask for it as a crooked, noisy scan too (``OUT/scanned/<name>.png``), and writes the ``truth.jsonl`` of
each folder, which ``abax evaluate documents OUT/printed`` reads. Nothing is trained on them, and nothing is
fitted to one of them: what fails here names a cause, and is mended in general. ``HAND`` has odd papers of
many trades, ``BLIND`` the ordinary mail of a company, written apart from the code that reads it, and so has
``SECOND``, which was written when ``BLIND`` had been looked at.
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
BLIND = HAND.with_name("blind")
SECOND = HAND.with_name("second")
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


def documents(folder: Path = HAND) -> list[HandDocument]:
    """All of a folder's, by name."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


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


def main(out: Path, source: Path = HAND) -> None:
    """All documents of a folder, printed and scanned, each with its truth."""
    rows: dict[str, list[str]] = {"printed": [], "scanned": []}
    for folder in rows:
        (out / folder).mkdir(parents=True, exist_ok=True)
    for document, pdf in printed(documents(source), out / "printed"):
        rows["printed"].append(row_of(document, pdf.name))
        if document.scan:
            picture = out / "scanned" / f"{document.name}.png"
            picture.write_bytes(scanned(pdf, document.scan["angle"]))
            rows["scanned"].append(row_of(document, picture.name))
    for folder, found in rows.items():
        (out / folder / "truth.jsonl").write_text("\n".join(found) + "\n", encoding="utf-8")
    print(f"{len(rows['printed'])} documents and {len(rows['scanned'])} scans in {out}")


def row_of(document: HandDocument, file: str) -> str:
    """A document's line in ``truth.jsonl``."""
    contract = document.contract.model_dump(mode="json", exclude_defaults=True)
    contract |= {"type": document.contract.type.value}
    row: dict[str, Any] = {"file": file, "issuer": document.name, "contract": contract}
    if document.ourselves:
        row["ourselves"] = document.ourselves.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(row, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), HAND.with_name(sys.argv[2] if sys.argv[2:] else HAND.name))
