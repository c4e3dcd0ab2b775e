"""A trainer's command for tests: ``trainer.py HOW BASE FOLDER`` does the order in the folder as a real one
would. To train it writes a random adapter for the base; to judge it says that the candidate is ``better`` or
``worse``; ``broken`` ends with an error."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from tests.support.adapters import random_adapter


def main(how: str, base: str, folder: Path) -> int:
    """Do the order."""
    order = json.loads((folder / "order.json").read_text())
    if how == "broken":
        print("no memory left for 12 GB of activations", file=sys.stderr)
        return 3
    if order["task"] == "train":
        rows = (folder / "data/truth.jsonl").read_text().splitlines()
        print(f"learning from {len(rows)} documents")
        seed = int(hashlib.sha256(order["id"].encode()).hexdigest()[:6], 16)
        random_adapter(folder / "out/adapter.gguf", Path(base), rank=2, alpha=4.0, seed=seed)
        card = {"form": "extract/1", "command": "tests/support/trainer.py", "note": f"{len(rows)} documents"}
        (folder / "out/card.json").write_text(json.dumps(card))
        return 0
    shares = {"better": (20, 8), "worse": (8, 20)}[how]
    for name, right in zip(("candidate", "live"), shares, strict=True):
        file = folder / f"{name}.gguf"
        told = {
            "evaluation": "receipts",
            "set_sha256": "frozen",
            "adapter_sha256": hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else "",
            "units": [{"name": f"d{at}", "score": float(at < right)} for at in range(20)],
        }
        (folder / "out" / name).mkdir(exist_ok=True)
        (folder / "out" / name / "receipts.json").write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
