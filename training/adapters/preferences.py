"""Pairs of answers to one question, of which one is better: what preference tuning learns from.

============  ==================================================================  =====================
source        chosen                                                              rejected
============  ==================================================================  =====================
corrections   the answer with what a person set right (``abax document labels``)  as it was read before
replies       the text that a person sent (``abax mail judgements``)              the draft before that
sampled       the best of several answers of an adapter (``sampling``)            the worst of them
============  ==================================================================  =====================

Files are as of ``examples``: ``train.jsonl``, ``valid.jsonl`` and ``test.jsonl`` by issuer,
``refused.jsonl``, ``card.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from abax.documents import answering
from abax.documents.answering import Window
from abax.documents.contracts import DocumentType, fields_of
from abax.documents.corrections import before
from abax.documents.datasets import Case, Unread, cases_of
from abax.documents.pages import Reading
from abax.errors import AbaxError
from abax.mail.replies import LANGUAGE_NAMES
from abax.writing.prompts import prompt

from training.adapters import printed
from training.adapters.examples import SPLITS, Build, Example, Refused, card_of, split_of

OWN: Final = "the user's own"


@dataclass(frozen=True)
class Pair:
    """A conversation up to the answer, two answers, and where they are from."""

    task: str
    """``extract`` or ``write``."""
    name: str
    messages: tuple[Mapping[str, str], ...]
    chosen: str
    rejected: str
    source: str
    """``corrections``, ``replies`` or ``sampled``."""
    licence: str
    language: str
    group: str
    """Who issued the document or wrote the mail: of one group, all pairs are in one split."""
    kind: str
    split: str

    def example(self, answer: str) -> Example:
        """The question with one of the answers."""
        told = {name: value for name, value in vars(self).items() if name not in ("chosen", "rejected")}
        return Example(**told, answer=answer)

    @property
    def key(self) -> str:
        """Of what is asked and both answers, in this order."""
        return _hash(self.messages, self.chosen, self.rejected)

    @property
    def opposite(self) -> str:
        """The key of the pair the other way round."""
        return _hash(self.messages, self.rejected, self.chosen)


def _hash(*told: Any) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


# --- files ----------------------------------------------------------------------------------------------


def read(path: Path) -> Iterator[Pair]:
    """The pairs of a file, one at a time."""
    with path.open(encoding="utf-8") as rows:
        for row in rows:
            told = json.loads(row)
            yield Pair(**{**told, "messages": tuple(told["messages"])})


def write(folder: Path, made: Iterable[Pair | Refused], leak: Callable[[Example], str | None]) -> Build:
    """Write the pairs of each split, and the refused ones beside them: ``empty``, ``same`` (both answers
    are), ``contradictory`` (the pair is there both ways), ``double``, ``leak: …`` (those that test may)."""
    folder.mkdir(parents=True, exist_ok=True)
    refused: list[Refused] = []
    kept: dict[str, Pair] = {}
    for one in made:
        problem = one if isinstance(one, Refused) else _problem(one, leak)
        if problem is not None:
            refused.append(problem)
        elif isinstance(one, Pair) and one.key in kept:
            refused.append(Refused(one.name, one.source, "double"))
        elif isinstance(one, Pair):
            kept[one.key] = one
    for one in kept.values():
        if one.opposite in kept:
            refused.append(Refused(one.name, one.source, "contradictory"))
    sound = [one for one in kept.values() if one.opposite not in kept]
    for split in SPLITS:
        _write(folder / f"{split}.jsonl", [one for one in sound if one.split == split])
    _write(folder / "refused.jsonl", refused)
    counts = {split: sum(one.split == split for one in sound) for split in SPLITS}
    return Build(folder, counts, tuple(refused))


def _write(path: Path, ones: Iterable[Pair | Refused]) -> None:
    with path.open("w", encoding="utf-8") as rows:
        rows.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in ones)


def _problem(one: Pair, leak: Callable[[Example], str | None]) -> Refused | None:
    why: str | None = None
    if not one.chosen.strip() or not one.rejected.strip():
        why = "empty"
    elif one.chosen.split() == one.rejected.split():
        why = "same"
    elif one.split != "test" and (found := leak(one.example(one.chosen))):
        why = f"leak: {found}"
    return Refused(one.name, one.source, why) if why else None


def card(build: Build, length: Callable[[str], int], command: Mapping[str, Any]) -> dict[str, Any]:
    """What the pairs are made of, with the hash of each file; written to ``card.json``. ``length`` counts
    tokens."""
    return card_of(build, lambda path: _facts(path, length), ("prompt", "chosen", "rejected"), command)


def _facts(path: Path, length: Callable[[str], int]) -> Iterator[dict[str, Any]]:
    for one in read(path):
        yield {
            "source": one.source,
            "kind": one.kind,
            "language": one.language,
            "licence": one.licence,
            "group": f"{one.source}/{one.group}",
            "prompt": sum(length(message["content"]) for message in one.messages),
            "chosen": length(one.chosen),
            "rejected": length(one.rejected),
        }


# --- judged drafts --------------------------------------------------------------------------------------


def replies(file: Path, fold: int, folds: int) -> Iterator[Pair | Refused]:
    """What people said of drafted replies, of the file that ``abax mail judgements`` wrote.

    What a person worded anew and sent is preferred to the draft. A draft of a model that was rejected makes a
    pair where a template's text for the same question was approved later; else it says only what is bad.
    """
    rows = sorted(_rows(file), key=lambda row: str(row["at"]))
    for place, row in enumerate(rows):
        if not row["stated"]:
            yield Refused(row["reply_id"], "replies", "its draft states nothing, or does not tell what")
        elif row["verdict"] == "approve":
            if row["body"] != row["drafted"]:
                yield _reply(row, row["body"], fold, folds)
        elif instead := _approved_later(row, rows[place + 1 :]):
            yield _reply(row, instead, fold, folds)
        else:
            yield Refused(row["reply_id"], "replies", "rejected, and nothing else was approved")


def _approved_later(rejected: Mapping[str, Any], later: Iterable[Mapping[str, Any]]) -> str | None:
    """The text of a template for what a model worded in vain."""
    asked = _question(rejected)
    for row in later:
        of_template = row["method"].startswith("template:") and row["body"] == row["drafted"]
        if row["verdict"] == "approve" and of_template and _question(row) == asked:
            return str(row["body"])
    return None


def _question(row: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """As ``abax.mail.replies`` asks a model, with a fence of its own for each question."""
    told = {
        "language": LANGUAGE_NAMES[row["language"]],
        "tone": row["tone"],
        "facts": {str(place): text for place, text in enumerate(row["stated"], 1)},
        "mail": row["mail"],
    }
    return tuple(prompt("mail.reply").request(told, _hash(told)[:8]).messages)


def _reply(row: Mapping[str, Any], chosen: str, fold: int, folds: int) -> Pair:
    return Pair(
        task="write",
        name=row["reply_id"],
        messages=_question(row),
        chosen=_body(chosen),
        rejected=_body(row["drafted"]),
        source="replies",
        licence=OWN,
        language=row["language"],
        group=row["sender"],
        kind=row["kind"],
        split=split_of(row["sender"], fold, folds),
    )


def _body(text: str) -> str:
    return json.dumps({"body": text.strip()}, ensure_ascii=False, separators=(",", ":"))


# --- corrected documents --------------------------------------------------------------------------------


def corrections(folder: Path, fold: int, folds: int) -> Iterator[Pair | Refused]:
    """What people set right, of the folder that ``abax document labels`` wrote; documents in which all was
    right have no pair."""
    labels = {row["file"]: row for row in _rows(folder / "truth.jsonl")}
    for case in cases_of(folder):
        if isinstance(case, Unread):
            yield Refused(case.name, "corrections", str(case.error))
        elif labels[case.name].get("corrected"):
            yield from _corrected(case, labels[case.name], split_of(case.issuer, fold, folds))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]


def _corrected(case: Case, label: Mapping[str, Any], split: str) -> Iterator[Pair | Refused]:
    assert case.contract is not None
    kind = case.contract.type
    if "type" in label["corrected"] or kind is DocumentType.UNKNOWN:
        yield Refused(case.name, "corrections", "its type was another: another question was answered")
        return
    try:
        was, reading = before(label), case.reading
    except AbaxError as error:
        yield Refused(case.name, "corrections", str(error))
        return
    for number, window in enumerate(answering.windows(reading)):
        after, earlier = (
            answering.answer(kind, _shown(fields_of(contract), reading, window, case.only))
            for contract in (case.contract, was)
        )
        yield Pair(
            task="extract",
            name=f"{case.name}#{number}",
            messages=answering.messages(kind, window.text, case.only),
            chosen=after,
            rejected=earlier,
            source="corrections",
            licence=OWN,
            language=reading.language or "",
            group=case.issuer,
            kind=kind.value,
            split=split,
        )


def _shown(
    truth: Mapping[str, Any], reading: Reading, window: Window, only: tuple[str, ...]
) -> dict[str, str]:
    """Of the values those that a window prints and that are asked for."""
    source = answering.source_of(window, reading)
    return {
        path: text
        for path, text in printed.values_of(truth, reading, window).items()
        if answering.wanted(answering.bare(path), only) and printed.grounded(text, source)
    }
