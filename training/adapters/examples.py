"""An example to learn from, files of them, and what a set is made of."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

SPLITS: Final = ("train", "valid", "test")


@dataclass(frozen=True)
class Example:
    """A conversation up to the answer, the answer, and where both are from."""

    task: str
    """``extract``, ``triage`` or ``write``."""
    name: str
    messages: tuple[Mapping[str, str], ...]
    answer: str
    """As the model is to write it; for ``extract`` and ``triage`` JSON."""
    source: str
    """``synthetic``, ``sroie``, ``zugferd``, ``corrections``."""
    licence: str
    language: str
    group: str
    """Who issued it: of one group, all examples are in one split."""
    kind: str
    """The type of document, or the category of mail."""
    split: str
    grounds: str = ""
    """What values must be taken from, of examples that test."""

    @property
    def prompt_hash(self) -> str:
        """Of what is asked."""
        return _hash(json.dumps([dict(one) for one in self.messages], ensure_ascii=False))

    @property
    def seen(self) -> str:
        """What the model is shown last: the document or the mail."""
        return self.messages[-1]["content"]


@dataclass(frozen=True)
class Refused:
    """What is not learnt from, and why."""

    name: str
    source: str
    why: str
    """``empty``, ``contradictory``, ``double``, ``leak: …`` or an error; ``empty field (…)`` of one alone."""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def split_of(group: str, fold: int = 0, folds: int = 5) -> str:
    """The split of a group, by its name alone: a fold is kept out for testing, a twentieth of the others
    tells when to stop."""
    digest = hashlib.sha256(group.casefold().encode()).digest()
    if digest[0] % folds == fold:
        return "test"
    return "valid" if digest[1] % 20 == 0 else "train"


def read(path: Path) -> Iterator[Example]:
    """The examples of a file, one at a time."""
    with path.open(encoding="utf-8") as rows:
        for row in rows:
            told = json.loads(row)
            yield Example(**{**told, "messages": tuple(told["messages"])})


def write(folder: Path, made: Iterable[Example | Refused], leak: Callable[[Example], str | None]) -> Build:
    """Write ``train.jsonl``, ``valid.jsonl`` and ``test.jsonl`` and the refused ones beside them.

    Streams: examples go to a draft, and from there without those whose prompt has several answers. ``leak``
    says why an example must not be learnt from; those for testing are not asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers: dict[str, set[str]] = defaultdict(set)
    refused: list[Refused] = []
    draft = folder / "draft.jsonl"
    with draft.open("w", encoding="utf-8") as rows:
        for one in made:
            problem = one if isinstance(one, Refused) else _problem(one, leak)
            if problem is not None:
                refused.append(problem)
            elif isinstance(one, Example):
                answers[one.prompt_hash].add(_hash(one.answer))
                rows.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
    counts = _sorted_out(folder, draft, answers, refused)
    draft.unlink()
    with (folder / "refused.jsonl").open("w", encoding="utf-8") as rows:
        rows.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in refused)
    return Build(folder, counts, tuple(refused))


def _problem(one: Example, leak: Callable[[Example], str | None]) -> Refused | None:
    if not one.answer.strip():
        return Refused(one.name, one.source, "empty")
    why = leak(one) if one.split != "test" else None
    return Refused(one.name, one.source, f"leak: {why}") if why else None


def _sorted_out(
    folder: Path, draft: Path, answers: Mapping[str, set[str]], refused: list[Refused]
) -> dict[str, int]:
    """From the draft to a file for each split."""
    seen: set[str] = set()
    files = {split: (folder / f"{split}.jsonl").open("w", encoding="utf-8") for split in SPLITS}
    counts = dict.fromkeys(SPLITS, 0)
    for one in read(draft):
        if len(answers[one.prompt_hash]) > 1 or one.prompt_hash in seen:
            why = "double" if len(answers[one.prompt_hash]) == 1 else "contradictory"
            refused.append(Refused(one.name, one.source, why))
            continue
        seen.add(one.prompt_hash)
        files[one.split].write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
        counts[one.split] += 1
    for file in files.values():
        file.close()
    return counts


@dataclass(frozen=True)
class Build:
    """A set that was written."""

    folder: Path
    counts: Mapping[str, int]
    refused: tuple[Refused, ...]


def card(build: Build, length: Callable[[str], int], command: Mapping[str, Any]) -> dict[str, Any]:
    """What the set is made of, for people and scripts; written to ``card.json``. ``length`` counts tokens."""
    return card_of(build, lambda path: _facts(path, length), ("prompt", "answer"), command)


def card_of(
    build: Build,
    facts: Callable[[Path], Iterable[Mapping[str, Any]]],
    parts: Sequence[str],
    command: Mapping[str, Any],
) -> dict[str, Any]:
    """A card by what ``facts`` tells of each row of a file: ``source``, ``kind``, ``language``, ``licence``,
    ``group``, and the tokens of each of its parts."""
    told: dict[str, Any] = {"command": dict(command), "splits": {}, "refused": _why(build.refused)}
    groups: dict[str, set[str]] = {}
    for split in SPLITS:
        path = build.folder / f"{split}.jsonl"
        found = list(facts(path))
        groups[split] = {fact["group"] for fact in found}
        told["splits"][split] = _told(found, parts) | {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest()
        }
    told["groups_in_two_splits"] = len(groups["train"] & (groups["valid"] | groups["test"]))
    (build.folder / "card.json").write_text(json.dumps(told, indent=1, ensure_ascii=False), "utf-8")
    return told


def _why(refused: Iterable[Refused]) -> dict[str, int]:
    return dict(Counter(f"{one.source}: {one.why.partition(' (')[0]}" for one in refused))


def _facts(path: Path, length: Callable[[str], int]) -> Iterator[dict[str, Any]]:
    for one in read(path):
        yield {
            "source": one.source,
            "kind": one.kind,
            "language": one.language,
            "licence": one.licence,
            "group": f"{one.source}/{one.group}",
            "prompt": sum(length(message["content"]) for message in one.messages),
            "answer": length(one.answer),
        }


def _told(found: list[Mapping[str, Any]], parts: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"examples": len(found), "groups": len({fact["group"] for fact in found})}
    for name in ("source", "kind", "language", "licence"):
        told[name] = dict(sorted(Counter(fact[name] for fact in found).items()))
    for name in parts:
        told[f"{name}_tokens"] = spread([fact[name] for fact in found])
    return told


def spread(numbers: list[int]) -> dict[str, int]:
    """Median, 95th percentile, most and sum."""
    if not numbers:
        return {}
    ranked = sorted(numbers)
    at = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    found = {name: ranked[min(int(share * len(ranked)), len(ranked) - 1)] for name, share in at.items()}
    return found | {"sum": sum(ranked)}
