"""Make an adapter, step by step; everything goes under ``build/adapters/NAME``.

python -m training.adapters data extract --data ../shared/data/documents --synthetic 9000
python -m training.adapters train extract --minutes 300
python -m training.adapters export extract          writes extract.gguf
python -m training.adapters evaluate extract        the untrained base and the adapter on the kept-out fold
python -m training.adapters quantise extract        the adapter in F32, Q8_0 and Q4_1, merged and applied
python -m training.adapters card extract --machine "2 cores"    extract.md
python -m training.adapters pairs extract --corrections FOLDER      and prefer, judge: preference tuning
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from abax_runtime.errors import RuntimeFault

from training.adapters import tuning

BUILD: Final = Path("build") / "adapters"
ABOUT: Final = Path(__file__).parent / "about"
"""What each adapter is for, and its limits, in the words of who judged it."""
ADAPTERS: Final = ("extract", "triage", "write")
"""Each a module of its name, whose ``sources`` are of what was asked for, with their ``examples``, and whose
``kept_out`` adds what of them is for testing."""
JUDGES: Final = {"extract": ("evaluate", "sroie"), "triage": ("sorting", ""), "write": ("write_evaluate", "")}
"""Modules whose ``evaluate`` judges an adapter, and by which source; empty for all of them."""


def data(asked: argparse.Namespace) -> None:
    """Build the examples, and say what they are."""
    from abax_runtime.gguf import open_gguf
    from abax_runtime.models import default_model
    from abax_runtime.tokenizer import load_tokenizer

    from training.adapters import examples, leaks

    recipe = import_module(f"training.adapters.{asked.adapter}")
    sources = recipe.sources(asked)
    kept = recipe.kept_out(sources, leaks.golden(leaks.Kept()))
    build = examples.write(asked.out / "data", sources.examples(), kept.leak)
    with open_gguf(default_model()) as file:
        tokenizer = load_tokenizer(file.metadata)
    command = {name: str(value) for name, value in vars(asked).items() if name != "run"}
    told = examples.card(build, lambda text: len(tokenizer.encode(text)), command)
    print(json.dumps(told, indent=1, ensure_ascii=False))


def train(asked: argparse.Namespace) -> int:
    """Learn."""
    from training.adapters.loop import NothingToLearn, OtherRun, TooLittleMemory
    from training.adapters.plan import Limits, Plan
    from training.adapters.start import UnfitStart
    from training.adapters.train import train as run

    told: dict[str, Any] = vars(asked)
    plan = Plan(**{one.name: told[one.name] for one in fields(Plan)})
    limits = Limits(**{one.name: told[one.name] for one in fields(Limits)})
    try:
        run(asked.out / "data", asked.out / "run", plan, limits, asked.start)
    except (TooLittleMemory, OtherRun, NothingToLearn, UnfitStart, RuntimeFault) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def export(asked: argparse.Namespace) -> None:
    """Write the GGUF adapter."""
    from training.adapters.export import export as write

    path = write(asked.out / "run", asked.out / f"{asked.adapter}.gguf", asked.adapter, kind=asked.kind)
    print(f"{path}: {path.stat().st_size:,} bytes")


def evaluate(asked: argparse.Namespace) -> None:
    """Compare with the untrained base on what was kept out."""
    from training.adapters import cards

    module, usual = JUDGES[asked.adapter]
    judge = import_module(f"training.adapters.{module}").evaluate
    source = usual if asked.source is None else asked.source
    test = asked.out / "data" / "test.jsonl"
    title = f"Kept out: {source or 'all sources'}, the first {asked.count}"
    (asked.out / f"{asked.adapter}.gguf").stat()
    for name in ("", asked.adapter) if asked.base else (asked.adapter,):
        figures = judge(test, asked.out, name, asked.count, source)
        cards.keep(asked.out, title, {name or "untrained": figures})
        print(json.dumps({"adapter": name or "none", **figures}, indent=1))


def quantise(asked: argparse.Namespace) -> None:
    """Compare the adapter in F32, Q8_0 and Q4_1, merged and applied, on the kept-out fold."""
    from training.adapters import cards
    from training.adapters.evaluate import evaluate as judge
    from training.adapters.quantisation import forms, table

    test, made = asked.out / "data" / "test.jsonl", []
    title = f"What rounding costs: {asked.source}, the first {asked.count}"
    for form in forms(
        asked.file or asked.out / f"{asked.adapter}.gguf",
        lambda model, folder, name: judge(test, folder, name, asked.count, asked.source, model),
    ):
        cards.keep(asked.out, title, {form.name: form.told})
        print(json.dumps({"form": form.name, **form.told}), file=sys.stderr)
        made.append(form)
    print(table(made))


def card(asked: argparse.Namespace) -> None:
    """Write the card from what the other steps left behind."""
    from training.adapters import cards

    about = asked.about or ABOUT / f"{asked.adapter}.md"
    told = cards.card(asked.out, asked.adapter, about.read_text("utf-8"), asked.machine)
    (asked.out / f"{asked.adapter}.md").write_text(told, encoding="utf-8")
    print(asked.out / f"{asked.adapter}.md")


def _parser() -> argparse.ArgumentParser:
    from abax_runtime.models import NAME

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    steps = parser.add_subparsers(required=True, title="steps", description=f"The base is {NAME}.")

    def step(
        name: str, run: Callable[[argparse.Namespace], Any], adapters: Sequence[str] = ADAPTERS
    ) -> argparse.ArgumentParser:
        one = steps.add_parser(name, help=(run.__doc__ or "").rstrip("."))
        one.add_argument("adapter", choices=adapters)
        one.add_argument("--out", type=Path)
        one.set_defaults(run=run)
        return one

    made = step("data", data)
    made.add_argument("--data", type=Path, help="folder of the sets to learn from: sroie and zugferd_pdf")
    made.add_argument("--corrections", type=Path, help="what `abax document labels` wrote")
    for name, given in (("synthetic", None), ("fold", 0), ("folds", 5), ("seed", 1)):
        made.add_argument(f"--{name}", type=int, default=given)
    learnt = step("train", train)
    learnt.add_argument("--start", type=Path, help="a GGUF adapter, or a run, to go on from")
    _of_training(learnt)
    tuning.add_to(step)
    step("export", export).add_argument("--kind", choices=("f16", "q8_0"), default="q8_0")
    judged = step("evaluate", evaluate)
    judged.add_argument("--count", type=int, default=40)
    judged.add_argument("--source", help="one of its sources; empty: all of them")
    judged.add_argument("--base", action="store_true", help="the untrained base as well")
    quantised = step("quantise", quantise, ("extract",))
    quantised.add_argument("--count", type=int, default=40)
    quantised.add_argument("--source", default="sroie")
    quantised.add_argument("--file", type=Path, help="another adapter than that of the folder")
    told = step("card", card)
    told.add_argument("--about", type=Path, help="what it is for, then ## Limits (about/NAME.md)")
    told.add_argument("--machine", required=True)
    return parser


def _of_training(parser: argparse.ArgumentParser) -> None:
    from training.adapters.plan import Limits, Plan

    for one in (*fields(Plan), *fields(Limits)):
        kind = int if isinstance(one.default, int) or one.default is None else float
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind, default=one.default)


def main() -> int:
    """The command line."""
    asked = _parser().parse_args()
    asked.out = asked.out or BUILD / asked.adapter
    if missing := _missing(asked):
        print(missing, file=sys.stderr)
        return 1
    try:
        return asked.run(asked) or 0
    except FileNotFoundError as error:
        steps = "the steps before this one make it (--help)"
        print(f"there is no {error.filename}: {steps}", file=sys.stderr)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        print(
            "torch is not here: run this step by .venv-train/bin/python, which `make train` makes",
            file=sys.stderr,
        )
    except RuntimeFault as error:
        print(error, file=sys.stderr)
    return 1


BROUGHT: Final = ("data", "corrections", "replies", "start", "about")
"""What a user hands in, and no step makes."""


def _missing(asked: argparse.Namespace) -> str:
    """What is named and is not there; empty where all is."""
    given = {name: getattr(asked, name, None) for name in BROUGHT}
    gone = [
        f"{path} (--{'from' if name == 'start' and asked.run is not train else name})"
        for name, path in given.items()
        if isinstance(path, Path) and not path.exists()
    ]
    return f"there is no {gone[0]}" if gone else ""


if __name__ == "__main__":
    sys.exit(main())
