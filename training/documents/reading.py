"""How often a model with the adapter ``extract`` is right where it is asked: ``models/reading.json``.

python -m training.documents.reading ask OUT.jsonl --sroie FOLDER --hidden FOLDER --synthetic 60 --count 60
python -m training.documents.reading fit OUT.jsonl ...

Documents are those that the adapter has not learnt from: issuers of SROIE and of e-invoices in PDFs that were
kept out of its training, and generated ones of the generator's test split. ``ask`` asks for what the pipeline
would ask for, and writes a row for each value that came back; it goes on where it was. ``fit`` makes of the
rows, for each family and group of fields, the share that is right and a line that rises with the likelihood
that the model gave a value.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from abax.adapters.runtime import RuntimeModel
from abax.documents import asking, quality, scoring, weighing
from abax.documents.contracts import Contract, fields_of
from abax.documents.datasets import Case, Unread, cases_of, is_kept_out
from abax.documents.fields import Fields, filled
from abax.documents.pages import Reading
from abax.documents.synthetic import generate
from abax.ports import TextModel

MODELS: Final = Path(quality.__file__).parent / "models"
SEED: Final = 7351
"""Another than the trainings'."""
SECONDS: Final = 600.0
LEAST: Final = 20
"""Values of a group, below which it is counted with its family."""


@dataclass(frozen=True)
class Known:
    """A document whose truth is known."""

    name: str
    reading: Reading
    contract: Contract
    only: tuple[str, ...] = ()
    """Paths that the truth knows of; all where it is empty."""
    partial: bool = False
    """What the truth does not say may be right."""


def known(asked: argparse.Namespace) -> Iterator[Known]:
    """The documents, source by source."""
    for folder in filter(None, (asked.sroie, asked.hidden)):
        kept = (case for case in cases_of(folder) if _is_kept(case))
        for case in islice(kept, asked.count):
            assert isinstance(case, Case)
            assert case.contract is not None
            yield Known(case.name, case.reading, case.contract, case.only, case.hidden)
    for sample in generate(asked.synthetic, SEED, split="test"):
        yield Known(sample.name, sample.reading, sample.contract)


def _is_kept(case: Case | Unread) -> bool:
    return isinstance(case, Case) and case.contract is not None and is_kept_out(case.issuer)


def rows(document: Known, model: TextModel) -> list[dict[str, Any]]:
    """A row for each value that the model read: whether it is right, how likely it held it, and what rules
    and rankers had found in its place."""
    contract = document.contract
    fields = Fields(document.reading, contract.type, contract.subtype)
    filled(fields)
    wanted = asking.lacking(fields)
    begun = time.process_time()
    ways = asking.ways_of(fields.sight)
    said, notes = asking.answers(document.reading, contract.type, wanted, model, ways, SECONDS)
    took = round(time.process_time() - begun, 3)
    found: list[dict[str, Any]] = [{"document": document.name, "seconds": took, "notes": list(notes)}]
    truth = fields_of(contract)
    for path, one in zip(weighing.dense(said), said.values(), strict=True):
        if document.only and scoring.field_of(path) not in document.only:
            continue
        true = [value for other, value in truth.items() if scoring.field_of(other) == scoring.field_of(path)]
        if document.partial and not true:
            continue
        told = {"family": fields.family, "path": path, "likelihood": one.likelihood}
        told["right"] = any(scoring.same(one.value, value) for value in true)
        if path in fields.values:
            told["sure"] = quality.calibrated(path, fields.evidence[path], contract.type)
            told["rule_right"] = any(scoring.same(fields.values[path], value) for value in true)
            told["same"] = scoring.same(one.value, fields.values[path])
        found.append(told)
    return found


def ask(asked: argparse.Namespace) -> None:
    """Ask for every document that the file does not know yet."""
    done = {row["document"] for row in _read([asked.files[0]]) if "document" in row}
    model = RuntimeModel()
    with asked.files[0].open("a", encoding="utf-8") as out:
        for document in known(asked):
            if document.name not in done:
                out.writelines(json.dumps(row) + "\n" for row in rows(document, model))
                out.flush()


def fit(asked: argparse.Namespace) -> None:
    """Write ``models/reading.json``, and tell what it says."""
    made = curves([row for row in _read(asked.files) if "path" in row])
    (MODELS / "reading.json").write_text(json.dumps(made, indent=0, sort_keys=True) + "\n", "utf-8")
    print(f"where both err, alike: {made['alike']:.2f}")
    for name, one in sorted(made["groups"].items()):
        print(f"{name:24} {one['share']:.3f} of {one['values']}")


def curves(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For each family, and each group of it that has enough values: their count, the share that is right, and
    a line from the likelihood to the chance; and how often the model errs like rules where both err. One
    right and one wrong value more keep all from certainty."""
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for row in told:
        point = (float(row["likelihood"]), bool(row["right"]))
        groups[row["family"]].append(point)
        groups[f"{row['family']}/{quality.group_of(row['path'])}"].append(point)
    erring = [row["same"] for row in told if "same" in row and not row["right"] and not row["rule_right"]]
    return {
        "alike": round((sum(erring) + 1) / (len(erring) + 2), 4),
        "groups": {
            name: _counted(members)
            for name, members in groups.items()
            if "/" not in name or len(members) >= LEAST
        },
    }


def _counted(members: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]

    xs = np.array([x for x, _ in members] + [0.0, 1.0])
    ys = np.array([float(y) for _, y in members] + [0.0, 1.0])
    line = IsotonicRegression(y_min=0.02, y_max=0.98, out_of_bounds="clip").fit(xs, ys)
    grid = np.unique(np.quantile(xs, np.linspace(0, 1, 7)))
    curve = [[round(float(x), 4), round(float(y), 4)] for x, y in zip(grid, line.predict(grid), strict=True)]
    share = (sum(right for _, right in members) + 1) / (len(members) + 2)
    return {"values": len(members), "share": round(share, 4), "curve": curve}


def _read(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        if file.exists():
            yield from map(json.loads, file.read_text("utf-8").splitlines())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=("ask", "fit"))
    parser.add_argument("files", type=Path, nargs="+", help="rows of answers")
    parser.add_argument("--sroie", type=Path)
    parser.add_argument("--hidden", type=Path)
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--count", type=int, default=60, help="of each folder")
    asked = parser.parse_args()
    (ask if asked.task == "ask" else fit)(asked)


if __name__ == "__main__":
    main()
