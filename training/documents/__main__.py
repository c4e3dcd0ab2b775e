"""Train the rankers and calibrations that ship, and measure them on documents that they have not seen.

python -m training.documents rank --sroie FOLDER --hidden FOLDER --synthetic 2200   writes models/*.npz
python -m training.documents sroie --sroie FOLDER --folds 5                         by company
python -m training.documents hidden --hidden FOLDER --synthetic 600 --folds 4       by issuer
python -m training.documents calibrate --sroie FOLDER --hidden FOLDER --synthetic 300
                                                                  writes models/calibration.json

``--sroie`` is the folder of receipts with their words, ``--hidden`` one of PDFs with e-invoices in them.
Whoever issued a document that is judged is kept out of what the rankers learn from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from abax.documents import quality, ranker, scoring
from abax.documents.classify import Classification
from abax.documents.extract import extract
from abax.documents.identify import Identity
from abax.documents.ranker import Ranker

from training.documents import examples
from training.documents.boosted import fit
from training.documents.examples import Document, Rows

MODELS = Path(quality.__file__).parent / "models"
KINDS = ("amount", "date", "code", "party/writer", "party/addressee", "party/ship_to")
SEED = 1
ENTITIES = ("issue_date", "seller.name", "totals.gross")
"""What the key of a receipt tells, and its words hold."""
REAL = 3
"""How often a real document of business counts beside the generated ones."""
OPEN = frozenset({"bank", "tax", "terms", "other"})
"""Groups that the truth does not list wherever they are printed: what goes beyond it is not held wrong."""


def rankers_of(
    rows: Sequence[dict[str, Rows]], family: str, kinds: Sequence[str] = KINDS
) -> dict[str, Ranker]:
    """Rankers of a family of documents, by the name that they ship under."""
    found: dict[str, Ranker] = {}
    for kind in kinds:
        members = [one[kind] for one in rows if kind in one and one[kind].features]
        if not members:
            continue
        x = np.array([features for one in members for features in one.features], np.float32)
        targets = {
            name: np.array([hit for one in members for hit in one.targets[name]], bool)
            for name in members[0].targets
        }
        found[f"{family}_{kind.removeprefix('party/')}"] = fit(x, targets, rounds=70)
    return found


def rank(documents: Iterable[Document]) -> None:
    """Fit and write what ships."""
    rows: dict[str, list[dict[str, Rows]]] = {}
    for document in documents:
        rows.setdefault(document.family, []).extend([examples.rows_of(document)] * weight_of(document))
    for family, members in rows.items():
        for name, model in rankers_of(members, family).items():
            (MODELS / f"{name}.npz").write_bytes(model.dump())
            print(f"{name}: {len(model.dump()):,} bytes from {len(members)} documents", flush=True)


def weight_of(document: Document) -> int:
    """How often a document is learned from."""
    return REAL if document.partial else 1


def judged(documents: Iterable[Document], rankers: dict[str, Ranker]) -> list[tuple[str, str, float, bool]]:
    """Family, field, score and rightness of every value found by rankers that have not seen the documents."""
    found = []
    for document in documents:
        with ranker.instead(rankers):
            extraction = extract(
                document.reading,
                Classification(type=document.contract.type, confidence=1.0),
                Identity(subtype=document.contract.subtype),
            )
        sure = {path: one.confidence for path, one in extraction.evidence.items()}
        only = ENTITIES if document.texts else ()
        contracts = (document.name, extraction.contract, document.contract, sure)
        printed = scoring.Printed(document.reading) if document.partial else None
        strict = scoring.score(*contracts, printed, only=only, extra=not document.partial)
        lenient = scoring.score(*contracts, printed, only=only, extra=False)
        for score, loose in ((strict, False), (lenient, True)):
            found += [
                (document.family, name, value, ok)
                for name, value, ok in score.judged
                if (quality.group_of(name) in OPEN) is loose
            ]
    return found


def curves(points: Sequence[tuple[str, str, float, bool]]) -> dict[str, list[list[float]]]:
    """A rising line for each group that has enough values, and one for each family."""
    from sklearn.isotonic import IsotonicRegression

    groups: dict[str, list[tuple[float, bool]]] = {}
    for family, name, value, ok in points:
        groups.setdefault(family, []).append((value, ok))
        groups.setdefault(f"{family}/{quality.group_of(name)}", []).append((value, ok))
    found: dict[str, list[list[float]]] = {}
    for name, members in groups.items():
        if len(members) < 60 and "/" in name:
            continue
        xs, ys = np.array([x for x, _ in members]), np.array([float(y) for _, y in members])
        line = IsotonicRegression(y_min=0.0, y_max=0.995, out_of_bounds="clip").fit(xs, ys)
        grid = np.unique(np.quantile(xs, np.linspace(0, 1, 12)))
        found[name] = [
            [round(float(x), 4), round(float(y), 4)] for x, y in zip(grid, line.predict(grid), strict=True)
        ]
    return found


def folds_of(documents: Sequence[Document], count: int) -> list[int]:
    """A fold for each document; no issuer is in two."""
    issuers = sorted({one.issuer for one in documents})
    order = np.random.RandomState(0).permutation(len(issuers))
    fold = {issuers[place]: at % count for at, place in enumerate(order)}
    return [fold[one.issuer] for one in documents]


def by_folds(
    documents: Sequence[Document], more: Sequence[Document], count: int
) -> list[tuple[str, str, float, bool]]:
    """Every document judged by rankers of the other folds and of ``more``; all are of one family."""
    rows = [[examples.rows_of(one)] * weight_of(one) for one in documents]
    others = [examples.rows_of(one) for one in more]
    folds = folds_of(documents, count)
    found = []
    for fold in range(count):
        kept = [row for listed, at in zip(rows, folds, strict=True) if at != fold for row in listed]
        rankers = rankers_of([*kept, *others], documents[0].family)
        found += judged([one for one, at in zip(documents, folds, strict=True) if at == fold], rankers)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=("rank", "sroie", "hidden", "calibrate"))
    parser.add_argument("--sroie", type=Path)
    parser.add_argument("--hidden", type=Path)
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    receipts = list(examples.receipts(options.sroie / "train_ocr_keys.jsonl")) if options.sroie else []
    papers = list(examples.hidden(options.hidden)) if options.hidden else []
    made = list(examples.synthetic(options.synthetic, SEED, "train")) if options.synthetic else []
    if options.task == "rank":
        rank([*receipts, *papers, *made])
        return
    points = []
    for members, family in ((receipts, "receipt"), (papers, "business")):
        if members:
            points += by_folds(members, [one for one in made if one.family == family], options.folds)
    if options.task == "calibrate":
        calibrate(points, options.synthetic)
    else:
        told(points)


def told(points: Sequence[tuple[str, str, float, bool]]) -> None:
    """How many values of each field were found right."""
    for name in sorted({name for _, name, _, _ in points}):
        hits = [ok for _, other, _, ok in points if other == name]
        print(f"{name:32} {sum(hits):5} right of {len(hits)} found")


def calibrate(points: list[tuple[str, str, float, bool]], count: int) -> None:
    """Fit and write the curves, by real documents and by generated ones of issuers that nobody learned."""
    points += judged(examples.synthetic(count, SEED + 1, "test"), {})
    (MODELS / "calibration.json").write_text(json.dumps(curves(points), indent=0, sort_keys=True) + "\n")
    error, _ = scoring.calibration([(value, ok) for _, _, value, ok in points])
    print(f"{len(points):,} values, expected calibration error before: {error:.4f}")


if __name__ == "__main__":
    main()
