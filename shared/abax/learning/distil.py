"""A larger model labels documents, so that the small one can learn from it.

The teacher is asked in the form of ``documents.answering``, window by window. What it answers is not believed
but checked: a value that the document does not print is dropped and counted; a document of which nothing is
left, or that says two things of itself, or whose sums do not add up, is refused and listed.

::

    <folder>/truth.jsonl      what ``training.adapters data --corrections`` reads, as of document labels
    <folder>/files/…          the documents
    <folder>/labels/…         a label each, by the document's hash: they make up ``truth.jsonl``
    <folder>/journal.jsonl    what became of each document, in order
    <folder>/refused.jsonl    those that were refused, and why

The same command goes on where it stopped: what has a label, or was refused, is not asked again. What the
teacher could not answer is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from abax.documents import answering, lexicon
from abax.documents.answering import Window
from abax.documents.classify import Classification
from abax.documents.contracts import Contract, DocumentType, fields_of
from abax.documents.corrections import FORMAT
from abax.documents.extract import Extraction
from abax.documents.inbox import Received, Refused, receive
from abax.documents.pages import Reading
from abax.documents.pipeline import Context, read, run_stage
from abax.documents.rules import arithmetic
from abax.documents.validate import Outcome, Severity, validate
from abax.errors import (
    DocumentError,
    InvalidRequest,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    ModelUnreachable,
)
from abax.ports import Ocr, TextModel, TextRequest, TextResult
from abax.writing.repair import value_of

SECRET: Final = "abax/text/teacher"  # noqa: S105 (a name)
"""Whose ``key`` the teacher's endpoint is given."""
LABELLED, REFUSED, FAILED = "labelled", "refused", "failed"
CONSTANT: Final = frozenset({"number", "issue_date", "currency", "seller.vat_id", "buyer.vat_id"})
"""What a document says once, on however many pages: two answers contradict each other."""
_SUMS: Final = frozenset(rule.id for rule in arithmetic.RULES)
_FORM: Final = (
    " Copy values letter by letter. Nested names are objects. A list has an object for each row, with the"
    " values that are there. The names are: "
)


@dataclass(frozen=True)
class Budget:
    """What the teacher may be asked; None is no bound."""

    requests: int | None = None
    tokens: int | None = None
    """Of prompts and answers together."""


@dataclass
class Report:
    """What was done."""

    documents: int = 0
    """In the folder."""
    labelled: int = 0
    known: int = 0
    """Labelled or refused before."""
    left: int = 0
    """Not looked at: the budget was spent."""
    refused: Counter[str] = field(default_factory=Counter)
    """By the first words of the reason."""
    failed: int = 0
    """The teacher could not answer; they are asked again next time."""
    values: int = 0
    dropped: int = 0
    """Values that the documents do not print."""
    requests: int = 0
    tokens: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "refused": dict(self.refused)}


@dataclass(frozen=True)
class Distiller:
    """Who labels, and how."""

    teacher: TextModel
    target: Path
    budget: Budget = Budget()
    kind: DocumentType | None = None
    """The type of all documents; None: as each is classified."""
    ocr: Ocr | None = None
    progress: Callable[[Report], None] = lambda report: None
    """Told after each document."""

    def run(self, files: Sequence[Path]) -> Report:
        """Label files. What was done is kept, however it ends.

        Raises:
            ModelUnreachable, ModelRefused, ModelUnavailable: nobody answers, or not to us.
        """
        report = Report(documents=len(files))
        done = self._done()
        try:
            for path in files:
                self._file(path, done, report)
                self.progress(report)
        finally:
            self._write_truth()
        return report

    # --- one file ---

    def _file(self, path: Path, done: set[str], report: Report) -> None:
        content = path.read_bytes()
        for file in receive(path.name, content):
            if file.digest in done:
                report.known += 1
                continue
            try:
                outcome = self._labelled(file, report)
            except (_Unfit, DocumentError) as error:
                outcome = {"outcome": REFUSED, "why": str(error)}
                report.refused[str(error).partition(":")[0]] += 1
            if outcome is None:
                report.left += 1
                continue
            report.failed += outcome["outcome"] == FAILED
            report.labelled += outcome["outcome"] == LABELLED
            done.add(file.digest)
            self._note({"digest": file.digest, "name": path.name, "teacher": self.teacher.name, **outcome})

    def _labelled(self, file: Received | Refused, report: Report) -> dict[str, Any] | None:
        """What became of a file; None where the budget does not reach for it."""
        if isinstance(file, Refused):
            raise file.error
        kind, reading = self._read(file)
        windows = answering.windows(reading)
        if not windows:
            raise _Unfit("no words: nothing can be read without OCR")
        if not self._affords(windows, report):
            return None
        requests = [asked(kind, window, reading) for window in windows]
        results = self.teacher.generate_all(requests)
        report.requests += len(requests)
        report.tokens += sum(
            one.prompt_tokens + one.completion_tokens for one in results if isinstance(one, TextResult)
        )
        answers = []
        for window, result in zip(windows, results, strict=True):
            values = _values(result)
            if isinstance(values, str):
                return {"outcome": FAILED, "why": values}
            answers.append(checked(kind, values, answering.source_of(window, reading)))
        contract = contract_of(kind, [kept for kept, _ in answers])
        dropped = [text for _, gone in answers for text in gone]
        report.values += sum(len(kept) for kept, _ in answers)
        report.dropped += len(dropped)
        self._keep(file, contract)
        return {"outcome": LABELLED, "type": str(kind), "dropped": len(dropped)}

    def _read(self, file: Received) -> tuple[DocumentType, Reading]:
        """What a file is, and its words. Raises what keeps it from being labelled."""
        context = Context(ocr=self.ocr)
        drafts = read(file, context)
        if len(drafts) > 1:
            raise _Unfit(f"several documents: it holds {len(drafts)}; part it first")
        draft, source = drafts[0]
        draft = run_stage("classify", draft, source, context)
        if draft.extraction is not None:
            raise _Unfit("an e-invoice: it says by itself what a teacher would be asked")
        assert draft.classification is not None
        kind = self.kind or draft.classification.type
        if kind is DocumentType.UNKNOWN:
            raise _Unfit("unknown type: say it with --type")
        return kind, source.reading

    def _affords(self, windows: Sequence[Window], report: Report) -> bool:
        """Whether a document fits into what is left; its answers may each be as long as they can be."""
        most = sum(answering.cost(window.text) + answering.ANSWER for window in windows)
        budget = self.budget
        return (budget.requests is None or report.requests + len(windows) <= budget.requests) and (
            budget.tokens is None or report.tokens + most <= budget.tokens
        )

    # --- what is kept ---

    def _keep(self, file: Received, contract: Contract) -> None:
        name = f"files/{file.digest[:16]}{Path(file.name).suffix.lower()}"
        label = {
            "format": FORMAT,
            "document_id": file.digest,
            "name": file.name,
            "kind": str(file.kind),
            "file": name,
            "contract": contract.model_dump(mode="json", exclude_defaults=True) | {"type": contract.type},
            "corrected": {},
            "by": f"teacher:{self.teacher.name}",
            "form": answering.VERSION,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        for folder in ("files", "labels"):
            (self.target / folder).mkdir(parents=True, exist_ok=True)
        (self.target / name).write_bytes(file.content)
        scratch = self.target / "labels" / f"{file.digest}.part"
        scratch.write_text(json.dumps(label, ensure_ascii=False), encoding="utf-8")
        scratch.replace(scratch.with_suffix(".json"))

    def _note(self, told: Mapping[str, Any]) -> None:
        self.target.mkdir(parents=True, exist_ok=True)
        with (self.target / "journal.jsonl").open("a", encoding="utf-8") as rows:
            rows.write(json.dumps({**told, "form": answering.VERSION}, ensure_ascii=False) + "\n")

    def _journal(self) -> Iterator[dict[str, Any]]:
        """What became of documents; a line that was cut off by a crash is none."""
        path = self.target / "journal.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def _done(self) -> set[str]:
        """The digests of documents that need not be asked about again."""
        labelled = {path.stem for path in (self.target / "labels").glob("*.json")}
        refused = {row["digest"] for row in self._journal() if row["outcome"] == REFUSED}
        return labelled | refused

    def _write_truth(self) -> None:
        """All labels as one file, and the refused ones as another."""
        if not self.target.is_dir():
            return
        labels = sorted((self.target / "labels").glob("*.json"))
        known = {path.stem for path in labels}
        rows = [path.read_text(encoding="utf-8").strip() + "\n" for path in labels]
        (self.target / "truth.jsonl").write_text("".join(rows), encoding="utf-8")
        others = {row["digest"]: row for row in self._journal() if row["digest"] not in known}
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in others.values()]
        (self.target / "refused.jsonl").write_text("".join(lines), encoding="utf-8")


class _Unfit(Exception):
    """Why a document cannot be labelled: a few words, a colon, and more."""


def files_of(source: Path, target: Path) -> list[Path]:
    """The files below a folder, in order, without what was written before. Raises InvalidRequest for a folder
    with none."""
    if not source.is_dir():
        raise InvalidRequest(f"there is no folder {source}", "folder")
    inside = target.resolve()
    found = [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.name[0] != "." and not path.resolve().is_relative_to(inside)
    ]
    if not found:
        raise InvalidRequest(f"{source} holds no file", "folder")
    return found


# --- asking ---------------------------------------------------------------------------------------------


def asked(kind: DocumentType, window: Window, reading: Reading) -> TextRequest:
    """What the teacher is asked: what the small model is, without its adapter, and with the form in words,
    which a teacher has not learnt."""
    request = answering.request(kind, window, reading)
    system, *others = request.messages
    told = {**system, "content": system["content"] + _FORM + ", ".join(answering.answerable(kind))}
    return replace(request, messages=(told, *others), adapter="")


def _values(result: TextResult | InvalidRequest | ModelError) -> dict[str, str] | str:
    """Printed values by path, or why there are none. Raises what befalls every document."""
    if isinstance(result, ModelUnreachable | ModelRefused | ModelUnavailable):
        raise result
    if not isinstance(result, TextResult):
        return str(result)
    if result.finish != "stop":
        return f"its answer was cut ({result.finish})"
    try:
        parsed = value_of(result.text) if result.parsed is None else result.parsed
    except ValueError as error:
        return f"its answer is no JSON: {error}"
    return answering.values_of(parsed)


# --- checking -------------------------------------------------------------------------------------------


def checked(kind: DocumentType, values: Mapping[str, str], source: str) -> tuple[dict[str, str], list[str]]:
    """The values that the source prints, and the paths of the others."""
    known = set(answering.answerable(kind))
    kept, dropped = {}, []
    for path, text in values.items():
        if answering.bare(path) in known and grounded(text, source):
            kept[path] = text
        else:
            dropped.append(path)
    return kept, dropped


def grounded(text: str, source: str) -> bool:
    """Whether a text stands in a source as whole words, whatever the blanks and the case."""
    words = r"\s+".join(map(re.escape, text.split()))
    return bool(words) and bool(re.search(rf"(?<!\w){words}(?!\w)", source, re.IGNORECASE))


def contract_of(kind: DocumentType, answers: Sequence[Mapping[str, str]]) -> Contract:
    """What the windows of a document say together. Raises what keeps it from being a label: nothing is left,
    or it contradicts itself."""
    for path in sorted(CONSTANT):
        told = {lexicon.plain(values[path]): values[path] for values in answers if values.get(path)}
        if len(told) > 1:
            raise _Unfit(f"contradictory: {path} is {' and '.join(sorted(told.values()))}")
    contract = answering.typed(kind, answering.joined(answers))
    if not set(fields_of(contract)) - answering.UNPRINTED:
        raise _Unfit("empty: no value that the teacher named is printed on it")
    sure = Classification(type=kind, confidence=1.0, reasons=("given",))
    for check in validate(Extraction(contract=contract), sure):
        if check.outcome is Outcome.FAILED and check.severity is Severity.ERROR and check.rule in _SUMS:
            raise _Unfit(f"contradictory: {check.text}: {check.compared}")
    return contract
