"""The steps of preference tuning, as ``python -m training.adapters`` has them: pairs to guard."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import chain, islice
from pathlib import Path
from typing import Any

from abax.errors import InvalidRequest, listed
from abax.learning.guard import decide
from abax.learning.results import Results, read_folder
from abax_runtime.errors import RuntimeFault

from training.adapters import examples, leaks, preferences
from training.adapters.examples import Example, Refused
from training.adapters.plan import Limits, Preferring
from training.adapters.preferences import Pair
from training.adapters.start import UnfitStart


def add_to(step: Callable[[str, Callable[[argparse.Namespace], Any]], argparse.ArgumentParser]) -> None:
    """Join the command line; ``step`` makes the parser of one of its steps."""
    made = step("pairs", pairs)
    made.add_argument("--corrections", type=Path, help="the folder that `abax document labels` wrote")
    made.add_argument("--replies", type=Path, help="the judgements.jsonl that `abax mail judgements` wrote")
    made.add_argument("--from", dest="start", type=Path, help="the adapter whose own answers are drawn")
    told = (("sample", 0), ("answers", 4), ("longest", 500), ("fold", 0), ("folds", 5), ("seed", 1))
    for name, given in told:
        made.add_argument(f"--{name}", type=int, default=given)
    tuned = step("prefer", prefer)
    tuned.add_argument("--from", dest="start", type=Path, required=True, help="a GGUF adapter, or a run")
    tuned.add_argument("--pairs", type=Path, help="their folder")
    for one in (*fields(Preferring), *fields(Limits)):
        kind = int if isinstance(one.default, int) or one.default is None else float
        tuned.add_argument(f"--{one.name.replace('_', '-')}", type=kind, default=one.default)
    seen = step("judge", judge)
    seen.add_argument("--from", dest="start", type=Path, help="a GGUF adapter; the base as it is without")
    seen.add_argument("--to", type=Path, required=True, help="folder of the results, a file each evaluation")
    seen.add_argument("--count", type=int, default=40, help="of each source")
    held = step("guard", guard)
    for name in ("before", "after"):
        held.add_argument(f"--{name}", type=Path, required=True, help="a folder that `judge` wrote")


def pairs(asked: argparse.Namespace) -> int:
    """Build pairs of answers, and say what they are."""
    from abax_runtime.gguf import open_gguf
    from abax_runtime.models import default_model
    from abax_runtime.tokenizer import load_tokenizer

    kept = leaks.golden(leaks.Kept())
    if (tests := asked.out / "data" / "test.jsonl").exists():
        for one in examples.read(tests):
            kept.add(one.seen, [one.group])
    with open_gguf(default_model()) as file:
        tokenizer = load_tokenizer(file.metadata)

    def length(text: str) -> int:
        return len(tokenizer.encode(text))

    if not (asked.corrections or asked.replies or asked.sample):
        print(
            "name what to make pairs of: --corrections, --replies, or --sample with --from", file=sys.stderr
        )
        return 1
    try:
        build = preferences.write(asked.out / "pairs", _made(asked, length), kept.leak)
    except RuntimeFault as error:
        print(error, file=sys.stderr)
        return 1
    command = {name: str(value) for name, value in vars(asked).items() if name != "run"}
    print(json.dumps(preferences.card(build, length, command), indent=1, ensure_ascii=False))
    return 0


def _made(asked: argparse.Namespace, length: Callable[[str], int]) -> Iterator[Pair | Refused]:
    if asked.corrections:
        yield from preferences.corrections(asked.corrections, asked.fold, asked.folds)
    if asked.replies:
        yield from preferences.replies(asked.replies, asked.fold, asked.folds)
    if asked.sample:
        from training.adapters import sampling

        if asked.start is None:
            raise SystemExit("--sample draws answers of an adapter: name it by --from")
        files = [asked.out / "data" / f"{split}.jsonl" for split in ("train", "valid")]
        ones = chain.from_iterable(map(examples.read, files))
        short = islice((one for one in ones if _tokens(one, length) <= asked.longest), asked.sample)
        yield from sampling.sampled(short, asked.start, asked.answers, seed=asked.seed)


def _tokens(one: Example, length: Callable[[str], int]) -> int:
    return length(one.answer) + sum(length(each["content"]) for each in one.messages)


def prefer(asked: argparse.Namespace) -> int:
    """Learn which of two answers is better."""
    from training.adapters.loop import NothingToLearn, OtherRun, TooLittleMemory
    from training.adapters.prefer import prefer as run

    told: dict[str, Any] = vars(asked)
    plan = Preferring(**{one.name: told[one.name] for one in fields(Preferring)})
    limits = Limits(**{one.name: told[one.name] for one in fields(Limits)})
    folder = asked.out / "prefer" / "run"
    try:
        run(asked.pairs or asked.out / "pairs", folder, plan, limits, asked.start)
    except (TooLittleMemory, OtherRun, NothingToLearn, UnfitStart, RuntimeFault) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def judge(asked: argparse.Namespace) -> int:
    """Write one by one what an adapter gets right of what was kept out, for the guard."""
    from training.adapters.judged import judged

    try:
        found = judged(asked.adapter, asked.out / "data" / "test.jsonl", asked.start, asked.count)
    except (RuntimeFault, InvalidRequest) as error:
        print(error, file=sys.stderr)
        return 1
    keep(found, asked.to)
    for one in found:
        print(f"{one.evaluation}: {one.mean:.4f} of {len(one.units)}")
    return 0


def keep(found: Iterable[Results], folder: Path) -> None:
    """A file for each evaluation."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        (folder / f"{one.evaluation.replace('/', '-')}.json").write_text(
            one.model_dump_json(indent=1), "utf-8"
        )


def _results_of(name: str, folder: Path) -> list[Results]:
    """Those that ``judge`` wrote of an adapter. Raises InvalidRequest."""
    found = read_folder(folder)
    others = sorted(one.evaluation for one in found if not one.evaluation.startswith(f"{name}/"))
    if others or len({one.adapter_sha256 for one in found}) > 1:
        what = f"judges {listed(others)}, not {name}" if others else "judges several files"
        raise InvalidRequest(f"{folder} {what}")
    return found


def guard(asked: argparse.Namespace) -> int:
    """Say whether the later results may replace the earlier ones: worse on none, and better on one."""
    try:
        before, after = (_results_of(asked.adapter, folder) for folder in (asked.before, asked.after))
        decision = decide(after, before)
    except InvalidRequest as error:
        print(error, file=sys.stderr)
        return 2
    for one in decision.evaluations:
        print(
            f"{one.evaluation}: {one.other:.4f} before, {one.candidate:.4f} after, of {one.documents} in"
            f" {one.groups} groups; {one.wins} won, {one.losses} lost: {one.verdict}"
        )
    print(
        "may be published" if decision.accepted else f"is not to be published: {'; '.join(decision.reasons)}"
    )
    return 0 if decision.accepted else 1
