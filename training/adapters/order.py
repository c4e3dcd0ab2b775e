"""A trainer's command for ``abax train``: does the order that lies in a folder (``abax.learning.work``).

ABAX_TRAINER="python -m training.adapters.order --minutes 60 --frozen build/adapters/extract/data/test.jsonl"

To train it makes the examples, with what people corrected among them, learns, and exports; to judge it lets
the candidate and the other one answer the frozen examples, and gives each a score (``judged``).
Interrupted, the same folder goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from abax.documents import answering
from abax.learning.results import Results
from abax.mail import answering as mail
from abax.writing.prompts import prompt

from training.adapters.judged import judged
from training.adapters.tuning import keep

FORMS: Final = {
    "extract": answering.VERSION,
    "triage": prompt(mail.PROMPT).label,
    "write": "abax.writing.prompts",
}
"""What a version of each is asked by."""
TORCH: Final = Path(".venv-train/bin/python")
"""What has torch; the steps around it do without."""


def train(folder: Path, name: str, asked: argparse.Namespace) -> None:
    """Make ``out/adapter.gguf`` and ``out/card.json``."""
    build = folder / "build"
    more = ["--data", str(asked.data)] if asked.data else []
    if not (build / "data/card.json").is_file():
        given = ["--corrections", str(folder / "data"), "--synthetic", str(asked.synthetic), *more]
        _step(sys.executable, "data", name, build, *given)
    _step(str(asked.torch), "train", name, build, "--minutes", str(asked.minutes))
    _step(sys.executable, "export", name, build)
    shutil.copyfile(build / f"{name}.gguf", folder / "out/adapter.gguf")
    learnt = json.loads((build / "data/card.json").read_bytes())["splits"]["train"]
    card = {"data_sha256": learnt["sha256"], "form": FORMS[name], "command": " ".join(sys.argv[:-1])}
    (folder / "out/card.json").write_text(json.dumps(card, indent=1))


def _step(python: str, step: str, name: str, build: Path, *more: str) -> None:
    command = [python, "-m", "training.adapters", step, name, "--out", str(build), *more]
    subprocess.run(command, check=True)


def judge(folder: Path, name: str, asked: argparse.Namespace) -> None:
    """Write what each frozen file says of the candidate, and of the live version or the base."""
    for side in ("candidate", "live"):
        adapter = folder / f"{side}.gguf"
        for test in asked.frozen:
            found = judged(name, test, adapter if adapter.is_file() else None, asked.count)
            keep(map(_of_its_set, found), folder / "out" / side)


def _of_its_set(one: Results) -> Results:
    """Named by its set as well: several frozen files may have the same sources."""
    return one.model_copy(update={"evaluation": f"{one.evaluation}-{one.set_sha256[:8]}"})


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=330)
    parser.add_argument("--synthetic", type=int, default=9000)
    parser.add_argument("--data", type=Path, help="folder with sroie and zugferd_pdf")
    parser.add_argument(
        "--frozen", type=Path, action="append", default=[], help="test.jsonl, as often as wanted"
    )
    parser.add_argument("--count", type=int, help="the first examples of each alone")
    parser.add_argument("--torch", type=Path, default=TORCH, help="the Python that has torch")
    asked = parser.parse_args()
    order = json.loads((asked.folder / "order.json").read_bytes())
    if order["task"] == "judge" and not asked.frozen:
        print("to judge, name --frozen files", file=sys.stderr)
        return 2
    {"train": train, "judge": judge}[order["task"]](asked.folder, order["name"], asked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
