"""Do a reward model and PPO beat DPO here? The same adapter, questions, pairs and processor time for each.

    python -m training.experiments.preference prepare --from ADAPTER.gguf    questions, kept-out ones, pairs
    python -m training.experiments.preference arm dpo --seconds 600          sft, dpo, ppo, group: with torch
    python -m training.experiments.preference judge dpo                      start, and each arm
    python -m training.experiments.preference table

Questions are generated receipts, asked for some of their fields: of a seed of their own, those of training
from the generator's issuers for training, those kept out from its issuers for testing. All arms have the same
rate, which was tuned for none of them.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from abax.documents.contracts import DocumentType
from abax_runtime.gguf import open_gguf
from abax_runtime.models import default_model
from abax_runtime.tokenizer import load_tokenizer

from training.adapters import examples, extract, judged, leaks, preferences, sampling
from training.adapters.examples import Example
from training.adapters.export import export
from training.adapters.plan import Limits, Preferring

if TYPE_CHECKING:
    from training.experiments.reinforced import Course

OUT: Final = Path("build") / "experiments" / "preference"
ARMS: Final = ("sft", "dpo", "ppo", "group")
SEED: Final = 7741
"""Of the documents: no adapter is trained on it."""
ADAPTER: Final = "extract"
DRAWS: Final = 2000
"""Of the bootstrap."""


# --- questions and pairs --------------------------------------------------------------------------------


def prepare(asked: argparse.Namespace) -> None:
    """Write questions and pairs, and keep the adapter at the start."""
    start = asked.out / "start" / f"{ADAPTER}.gguf"
    start.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(asked.start, start)
    kept = list(_short(asked.kept, "test", asked.longest))
    _write(asked.out / "kept.jsonl", kept)
    guard = leaks.golden(leaks.Kept())
    for one in kept:
        guard.add(one.seen, [one.group])
    questions = [one for one in _short(asked.questions, "train", asked.longest) if guard.leak(one) is None]
    _write(asked.out / "questions.jsonl", questions)
    if not kept or not questions:
        raise SystemExit(f"{len(questions)} questions and {len(kept)} kept out are short enough: --longest")
    begun = time.process_time()
    made = list(sampling.sampled(questions, start, asked.answers, seed=SEED))
    build = preferences.write(asked.out / "pairs", _divided(made), guard.leak)
    seconds = {"sampling_seconds": str(round(time.process_time() - begun))}
    told = preferences.card(build, _length(), {"from": str(asked.start), "seed": SEED} | seconds)
    print(json.dumps(told, indent=1))


def _divided(made: Sequence[Any]) -> Iterator[Any]:
    """A sixth of the pairs' issuers judge the reward model."""
    for one in made:
        valid = examples.split_of(one.group, 0, 6) == "test" if isinstance(one, preferences.Pair) else False
        yield replace(one, split="valid") if valid else one


def _short(count: int, split: str, longest: int) -> Iterator[Example]:
    """The first so many receipts with a short question and answer."""
    length, found, seed = _length(), 0, SEED + (split == "test")
    for one in extract.synthetic(40 * count, seed, (DocumentType.RECEIPT,)):
        if found == count:
            return
        if isinstance(one, Example) and one.split == split and _fits(one, longest, length):
            found += 1
            yield one


def _fits(one: Example, longest: int, length: Callable[[str], int]) -> bool:
    said = length(one.answer)
    return said <= 120 and said + sum(length(each["content"]) for each in one.messages) <= longest


def _length() -> Callable[[str], int]:
    with open_gguf(default_model()) as file:
        tokenizer = load_tokenizer(file.metadata)
    return lambda text: len(tokenizer.encode(text))


def _write(path: Path, ones: Sequence[Example]) -> None:
    rows = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in ones)
    path.write_text("".join(rows), "utf-8")


# --- arms -----------------------------------------------------------------------------------------------


def arm(asked: argparse.Namespace) -> None:
    """Train one arm for its seconds of processor time, and write its adapter."""
    import torch

    torch.set_num_threads(1)
    folder = asked.out / asked.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun = time.process_time()
    told = {"sft": _sft, "dpo": _dpo}.get(asked.name, _reinforced)(asked, folder)
    told |= {"seconds": round(time.process_time() - begun)}
    export(folder, folder / f"{ADAPTER}.gguf", ADAPTER)
    (folder / "told.json").write_text(json.dumps(told, indent=1), "utf-8")


def _sft(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from training.adapters.train import Supervised, begin

    plan = _plan(asked)
    with open_gguf(default_model()) as file:
        start, _ = begin(asked.out / "start" / f"{ADAPTER}.gguf", file, plan)
        rows = [one.chosen for one in _twos(asked, file, "train")]
        run = Supervised(file, rows, [], folder, plan, Limits(minutes=asked.seconds / 60), "", start)
    run.clock = time.process_time
    run.go()
    return {"steps": run.state.step, "tokens": run.state.tokens, "loss": run.state.points[-1]["loss"]}


def _dpo(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from training.adapters.prefer import PreferenceRun
    from training.adapters.train import begin

    plan, begun = _plan(asked), time.process_time()
    with open_gguf(default_model()) as file:
        start, _ = begin(asked.out / "start" / f"{ADAPTER}.gguf", file, plan)
        twos = _twos(asked, file, "train")
        run = PreferenceRun(file, twos, [], folder, plan, Limits(), "", start)
    run.refer()
    spent = time.process_time() - begun
    run.limits = Limits(minutes=max(asked.seconds - spent, 1) / 60)
    run.clock = time.process_time
    run.go()
    last = run.state.points[-10:]
    return {
        "steps": run.state.step,
        "tokens": run.state.tokens,
        "reference_seconds": round(spent),
        "loss": last[-1]["loss"],
        "right": sum(point["right"] for point in last) / len(last),
    }


def _reinforced(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from training.adapters.train import Supervised, begin
    from training.experiments import reinforced

    plan, course = _plan(asked), reinforced.Course(rate=asked.rate)
    questions = list(examples.read(asked.out / "questions.jsonl"))
    with open_gguf(default_model()) as file:
        start, _ = begin(asked.out / "start" / f"{ADAPTER}.gguf", file, plan)
        run = Supervised(file, [], [], folder, plan, Limits(), "", start)
        clock = reinforced.Clock(asked.seconds)
        drawing = reinforced.Drawing(file, run, questions, folder, course)
        if asked.name == "group":
            told: dict[str, Any] = {"rounds": reinforced.group(run, drawing, course, clock)}
        else:
            told = _ppo(asked, run, drawing, course, clock)
    run.finish()
    return told | {"course": asdict(course)}


def _ppo(asked: argparse.Namespace, run: Any, drawing: Any, course: Course, clock: Any) -> dict[str, Any]:
    from training.experiments import reinforced

    with open_gguf(default_model()) as file:
        pairs, valid = (_twos(asked, file, split) for split in ("train", "valid"))
    reward = reinforced.Reward(run)
    losses = reward.learn(pairs, course, lambda: clock.over(course.reward_share))
    right = reward.right(valid) if valid else None
    told = {"reward_steps": len(losses), "reward_right": right, "reward_pairs": len(valid)}
    return told | {"rounds": reinforced.ppo(run, reward, drawing, course, clock)}


def _twos(asked: argparse.Namespace, file: Any, split: str) -> Any:
    from training.adapters.prefer import pairs_of

    return pairs_of(asked.out / "pairs" / f"{split}.jsonl", file, 2048)


def _plan(asked: argparse.Namespace) -> Preferring:
    """With the start's rank and alpha. So many passes that the time ends them."""
    from training.adapters import start

    with open_gguf(default_model()) as file:
        begun = start.read(asked.out / "start" / f"{ADAPTER}.gguf", file)
    return Preferring(
        rank=begun.rank, alpha=begun.alpha, rate=asked.rate, passes=100.0, batch_tokens=1600, sft=asked.sft
    )


# --- what came out --------------------------------------------------------------------------------------


def judge(asked: argparse.Namespace) -> None:
    """Judge the start or an arm on what was kept out."""
    ones = list(examples.read(asked.out / "kept.jsonl"))
    found = judged.receipts(ones, asked.out / asked.name / f"{ADAPTER}.gguf")
    (asked.out / asked.name / "results.json").write_text(found.model_dump_json(indent=1), "utf-8")


def table(asked: argparse.Namespace) -> None:
    """Print the table."""
    scores = {
        name: [unit["score"] for unit in json.loads(path.read_text("utf-8"))["units"]]
        for name in ("start", *ARMS)
        if (path := asked.out / name / "results.json").exists()
    }
    print("| | all values right | F1 of values | F1 against the start, 95 % | better / worse |")
    print("|---|---|---|---|---|")
    for name, ours in scores.items():
        low, high = difference(ours, scores["start"])
        better = sum(one > other for one, other in zip(ours, scores["start"], strict=True))
        worse = sum(one < other for one, other in zip(ours, scores["start"], strict=True))
        whole, f1 = sum(one == 1.0 for one in ours), sum(ours) / len(ours)
        told = f"{low:+.3f} to {high:+.3f} | {better} / {worse}" if name != "start" else "|"
        print(f"| {name} | {whole} of {len(ours)} | {f1:.3f} | {told} |")


def difference(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """95 % of the bootstrapped means of the differences, question by question (Efron 1979)."""
    rng, apart = random.Random(1), [one - other for one, other in zip(ours, theirs, strict=True)]
    means = sorted(sum(rng.choices(apart, k=len(apart))) / len(apart) for _ in range(DRAWS))
    return means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS) - 1]


# --- the command line -----------------------------------------------------------------------------------


def main() -> int:
    """One step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    steps = parser.add_subparsers(required=True)
    made = steps.add_parser("prepare")
    made.add_argument("--from", dest="start", type=Path, required=True)
    for name, given in (("questions", 200), ("kept", 100), ("answers", 4), ("longest", 450)):
        made.add_argument(f"--{name}", type=int, default=given)
    made.set_defaults(run=prepare)
    trained = steps.add_parser("arm")
    trained.add_argument("name", choices=ARMS)
    trained.add_argument("--seconds", type=float, default=600)
    trained.add_argument("--rate", type=float, default=5e-5)
    trained.add_argument("--sft", type=float, default=0.0)
    trained.set_defaults(run=arm)
    told = steps.add_parser("judge")
    told.add_argument("name", choices=("start", *ARMS))
    told.set_defaults(run=judge)
    steps.add_parser("table").set_defaults(run=table)
    asked = parser.parse_args()
    asked.run(asked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
