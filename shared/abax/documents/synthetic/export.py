"""Samples as a folder::

    documents.jsonl   a line each: name, file, pages, words, split, issuer, layout, ourselves, contract
    statistics.json   what the set is made of
    pdf/NAME.pdf      with a text layer
    pages/NAME-1.jpg  as scanned, each by its own noise, where pictures are asked for
    words/NAME.json   by page: width, height, and of each word its text, box and the field that it prints

``contract`` has the values that the document prints, by the names of ``contracts``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from abax.documents.synthetic.generate import Sample, statistics
from abax.documents.synthetic.noise import Noise, picture


def write(
    folder: Path, samples: Iterable[Sample], *, pictures: bool = False, strength: float = 1.0
) -> dict[str, Any]:
    """Write the samples and give their statistics. ``strength`` is how bad the scans are, from 0 to 2."""
    for part in ("pdf", "words", *(["pages"] if pictures else [])):
        (folder / part).mkdir(parents=True, exist_ok=True)
    kept: list[Sample] = []
    with (folder / "documents.jsonl").open("w", encoding="utf-8") as rows:
        for sample in samples:
            (folder / "pdf" / f"{sample.name}.pdf").write_bytes(sample.pdf)
            words = folder / "words" / f"{sample.name}.json"
            words.write_text(json.dumps(_words(sample), ensure_ascii=False), "utf-8")
            shown = _pictures(folder, sample, strength) if pictures else []
            rows.write(json.dumps(_row(sample, shown), ensure_ascii=False) + "\n")
            kept.append(sample)
    told = statistics(kept)
    (folder / "statistics.json").write_text(json.dumps(told, indent=1), "utf-8")
    return told


def _row(sample: Sample, pictures: list[str]) -> dict[str, Any]:
    return {
        "name": sample.name,
        "file": f"pdf/{sample.name}.pdf",
        "pages": pictures,
        "words": f"words/{sample.name}.json",
        "split": sample.split,
        "issuer": sample.issuer,
        "layout": sample.layout,
        "ourselves": sample.ourselves.model_dump(mode="json", exclude_defaults=True),
        "contract": sample.contract.model_dump(mode="json", exclude_defaults=True)
        | {"type": sample.contract.type.value},
    }


def _words(sample: Sample) -> list[dict[str, Any]]:
    return [
        {
            "width": leaf.width,
            "height": leaf.height,
            "words": [
                [word.text, *(round(edge, 2) for edge in (word.x0, word.y0, word.x1, word.y1)), path]
                for word, path in zip(leaf.words, leaf.paths, strict=True)
            ],
        }
        for leaf in sample.leaves
    ]


def _pictures(folder: Path, sample: Sample, strength: float) -> list[str]:
    rng = random.Random(sample.name)  # noqa: S311
    names = []
    for page in range(1, len(sample.leaves) + 1):
        noise = Noise.drawn(rng, strength)
        name = f"pages/{sample.name}-{page}.jpg"
        picture(sample, page, noise, rng).save(
            folder / name, "JPEG", quality=noise.quality, dpi=(noise.dpi, noise.dpi)
        )
        names.append(name)
    return names
