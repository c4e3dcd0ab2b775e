"""A set for the document types, real and generated: ``python -m training.documents.typed_set OUT``.

Real are receipts of companies that the model has not learnt from, invoices and credit notes with their XML
taken away, mails and texts; generated are documents of issuers of the test split, as many of each type. Then
``abax evaluate documents OUT`` states how many types are told rightly, of the real ones and of the generated
ones apart, with the share of the generated.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from abax.documents.pages import Reading
from abax.documents.synthetic import generate

from training.documents import types

SEED = 4177
"""Another than the training's."""
GENERATED = 450
ONLY = ("type",)
"""What is judged of real documents, of whose fields nobody has told the truth."""


def rows(out: Path, count: int = GENERATED, real: bool = True) -> Iterator[dict[str, Any]]:
    """A row of ``truth.jsonl`` for each document, whose file is written beside it."""
    for sample in generate(count, SEED, split="test"):
        (out / f"{sample.name}.pdf").write_bytes(sample.pdf)
        contract = sample.contract.model_dump(mode="json", exclude_defaults=True)
        yield {
            "file": f"{sample.name}.pdf",
            "issuer": sample.issuer,
            "generated": True,
            "ourselves": sample.ourselves.model_dump(mode="json", exclude_defaults=True),
            "only": (*ONLY, "subtype"),
            "contract": contract | {"type": sample.contract.type.value},
        }
    if real:
        yield from _receipts(out)
        yield from _invoices(out)
        yield from _texts(out)


def _receipts(out: Path) -> Iterator[dict[str, Any]]:
    """As somebody else has read them: words with boxes."""
    for one in types.receipts():
        if one.part == "test" and one.reading is not None:
            page = one.reading.pages[0]
            words = [[word.text, word.x0, word.y0, word.x1, word.y1] for word in page.words]
            told = {"width": page.width, "height": page.height, "words": words}
            name = f"{one.name}.words.json"
            (out / name).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            yield _row(name, one)


def _invoices(out: Path) -> Iterator[dict[str, Any]]:
    for one in types.invoices():
        name = Path(one.name).name
        (out / name).write_bytes(without_attachments((types.DATA / "zugferd_pdf" / one.name).read_bytes()))
        yield _row(name, one)


def _texts(out: Path) -> Iterator[dict[str, Any]]:
    for one in (*types.mails(), *types.texts()):
        if one.part == "test" and one.reading is not None:
            name = f"{one.source}-{one.name.replace('/', '-')}.txt"
            (out / name).write_text(text_of(one.reading), encoding="utf-8")
            yield _row(name, one)


def _row(name: str, one: types.Example) -> dict[str, Any]:
    contract = {"type": one.truth.value}
    return {"file": name, "issuer": name, "generated": False, "only": ONLY, "contract": contract}


def text_of(reading: Reading) -> str:
    """The lines of a reading of text, without signs that nothing shows."""
    rows = [" ".join(word.text for word in line.words) for page in reading.pages for line in page.lines]
    return "\n".join("".join(c for c in row if c.isprintable()) for row in rows)


def without_attachments(content: bytes) -> bytes:
    """The pages of a PDF, and nothing else that is in it."""
    import pypdfium2

    source, bare = pypdfium2.PdfDocument(content), pypdfium2.PdfDocument.new()
    bare.import_pages(source)
    stream = BytesIO()
    bare.save(stream)
    bare.close()
    source.close()
    return stream.getvalue()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--generated", type=int, default=GENERATED, help="how many of them")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    found = list(rows(asked.out, asked.generated))
    lines = [json.dumps(row, ensure_ascii=False) for row in found]
    (asked.out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    share = sum(row["generated"] for row in found) / len(found)
    print(f"{len(found)} documents, {share:.0%} of them generated")
    for kind, count in sorted(Counter(row["contract"]["type"] for row in found).items()):
        print(f"  {kind:<18} {count:>4}")


if __name__ == "__main__":
    sys.exit(main())
