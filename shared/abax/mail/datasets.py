"""Folders of texts and mails whose truth is known, in the formats that training and evaluation read.

====================  =================================================================================
``*.jsonl``           our own, a mail a line: ``{"id", "language", "from", "to", "subject", "date" (ISO
                      8601), "body", "headers": {…}, "truth": {"category", "department", "sentiment",
                      "urgency", "action": bool, "actions": [{"kind", "by"}], "entities": [{"kind",
                      "value"}], "answerable": bool}}``; what the truth leaves out is not judged. Or a text
                      a line: ``{"text", "label"}``, or ``"category"`` for the label
``*.csv``, ``*.tsv``  a text and its label a line: columns ``text`` and ``category`` or ``label``
                      (banking77), or no heading and the label first (EmailIntent)
folders of mails      a raw mail a file, a folder a label; of folders named as SpamAssassin's, such as
                      ``easy-ham-1``, the labels are ``ham`` and ``spam``
====================  =================================================================================

Copies, and what is nearly one, are of one group, so that no evaluation knows what it is asked already.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final, TypeVar
from zlib import crc32

from pydantic import AliasChoices, Field, ValidationError, field_validator

from abax.errors import InvalidRequest
from abax.mail import features
from abax.mail.contracts import Model, Sentiment, Urgency
from abax.mail.features import MARK, words_of
from abax.mail.learning import Example
from abax.mail.message import read

Line = TypeVar("Line", bound=Model)

FIELDS: Final = ("category", "department", "sentiment", "urgency", "action")
"""Parts of the truth of a mail that a classifier can learn."""
_SKETCH: Final = 16
"""Hashes of a text that stand for all of its runs of words."""
_ALIKE: Final = 0.6
"""Part of them that two texts share that are nearly the same."""


class TrueAction(Model):
    """Something that a mail asks for."""

    kind: str
    by: date | None = None


class TrueEntity(Model):
    """Something that a mail names."""

    kind: str
    value: str


class Truth(Model):
    """What is true of a mail; None where nobody has said."""

    category: str | None = None
    department: str | None = None
    sentiment: Sentiment | None = None
    urgency: Urgency | None = None
    action: bool | None = None
    actions: tuple[TrueAction, ...] | None = None
    entities: tuple[TrueEntity, ...] | None = None
    answerable: bool | None = None

    def label(self, field: str) -> str | None:
        """The truth of one of ``FIELDS`` as a label; ``yes`` and ``no`` of ``action``."""
        value = getattr(self, field)
        if value is None:
            return None
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)


class Labelled(Model):
    """A mail with its truth."""

    id: str
    language: str = ""
    sender: str = Field(default="", alias="from")
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    truth: Truth = Truth()

    @field_validator("to", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def content(self) -> bytes:
        """The mail as it would come: RFC 5322 bytes."""
        mail = EmailMessage(policy=SMTP)
        named = {
            "From": self.sender,
            "To": ", ".join(self.to),
            "Subject": self.subject,
            "Date": self.date.strftime("%a, %d %b %Y %H:%M:%S %z") if self.date is not None else "",
            "Message-ID": f"<{re.sub(r'[^A-Za-z0-9.-]', '-', self.id)}@labelled.invalid>",
        }
        given = {name.title(): value for name, value in self.headers.items()}
        for name, value in (named | {"Message-ID": named["Message-ID"]} | given).items():
            if value and name.lower() not in _OF_THE_BODY and name.title() not in mail:
                mail[name] = " ".join(value.split())
        mail.set_content(self.body)
        return bytes(mail)


_OF_THE_BODY: Final = ("content-type", "content-transfer-encoding", "mime-version")


@dataclass(frozen=True)
class Dataset:
    """A folder's examples, or its mails where their whole truth is known."""

    name: str
    task: str
    """``label``, ``action`` or ``spam``; of ``mails``, ``mail``."""
    examples: tuple[Example, ...] = ()
    mails: tuple[Labelled, ...] = ()

    def of_field(self, field: str) -> tuple[Example, ...]:
        """The mails as examples of one of ``FIELDS``; those whose truth leaves it out are not among them."""
        return grouped(_of_mails(self.mails, field)) if self.mails else self.examples


def dataset_of(folder: Path) -> Dataset:
    """Read a folder, or one file of it; cases of replies (``replies-*.jsonl``) may lie beside its mails.

    Raises:
        InvalidRequest: it holds nothing of the formats above.
    """
    files = [folder] if folder.is_file() else sorted(path for path in folder.glob("*") if path.is_file())
    lines = [path for path in files if path.suffix == ".jsonl" and not path.name.startswith("replies-")]
    if lines and _holds_texts(lines[0]):
        return _of_texts(folder, [one for path in lines for one in _texts(path) if one.label])
    if lines:
        return Dataset(folder.stem, "mail", mails=tuple(one for path in lines for one in _labelled(path)))
    for path in files:
        if path.suffix in (".csv", ".tsv"):
            return _of_texts(folder, list(_rows(path)))
    folders = sorted(path for path in folder.glob("*") if path.is_dir() and any(path.iterdir()))
    if len(folders) < 2:
        raise InvalidRequest(
            f"{folder} holds no *.jsonl, *.csv or *.tsv, nor a folder of mails for each label", "dataset"
        )
    examples = [one for path in folders for one in _raw(path)]
    spam = {one.label for one in examples} <= {"ham", "spam"}
    return Dataset(folder.name, "spam" if spam else "label", grouped(examples))


def _of_texts(folder: Path, examples: list[Example]) -> Dataset:
    asked = {one.label for one in examples} <= {"yes", "no"}
    return Dataset(folder.name, "action" if asked else "label", grouped(examples))


def _labelled(path: Path) -> Iterator[Labelled]:
    yield from _lines(path, Labelled)


class _Text(Model):
    """A text with its label, a line of ``*.jsonl``."""

    text: str
    label: str = Field(default="", validation_alias=AliasChoices("label", "category"))
    language: str = ""


def _holds_texts(path: Path) -> bool:
    """Whether the first line of a file is a text, and no mail."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        first = next((line for line in stream if line.strip()), "")
    try:
        content = json.loads(first)
    except ValueError:
        return False
    return isinstance(content, dict) and "text" in content


def _texts(path: Path) -> Iterator[Example]:
    """The texts of a file; those without a label have an empty one."""
    for one in _lines(path, _Text):
        label = one.label.strip()
        yield Example(
            one.text, label.lower() if label.lower() in ("yes", "no") else label, language=one.language
        )


def _lines(path: Path, form: type[Line]) -> Iterator[Line]:
    """The lines of a file. Raises InvalidRequest, naming the line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield form.model_validate_json(line)
            except ValidationError as problem:
                first = problem.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise InvalidRequest(
                    f"{path.name}, line {number}: {f'{where}: ' if where else ''}{_told(first)}", "dataset"
                ) from None


def _told(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        fields = [field.alias or name for name, field in Labelled.model_fields.items()]
        return (
            f"there is no such field; a mail has {', '.join(fields)}, its labels in truth,"
            " and a text has text and label"
        )
    return str(fault["msg"])


def _of_mails(mails: Iterable[Labelled], field: str) -> Iterator[Example]:
    for one in mails:
        label = one.truth.label(field)
        if label is not None:
            yield Example(features.mail_text(read(one.content()).message), label, language=one.language)


def _rows(path: Path) -> Iterator[Example]:
    """A table's lines that have a label."""
    for text, label in _table(path):
        if label:
            yield Example(text, label.lower() if label.lower() in ("yes", "no") else label)


def _table(path: Path) -> Iterator[tuple[str, str]]:
    """Texts and labels; quotes mean something where commas part, and nothing where tabs do."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        tabs = path.suffix == ".tsv"
        text_at, label_at = 1, 0
        table = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(stream)
        for number, row in enumerate(table):
            names = [cell.strip().lower() for cell in row]
            if number == 0 and "text" in names:
                text_at = names.index("text")
                label_at = next((names.index(name) for name in ("category", "label") if name in names), -1)
            elif len(row) > max(text_at, label_at):
                yield row[text_at], row[label_at].strip() if label_at >= 0 else ""


def _raw(folder: Path) -> Iterator[Example]:
    """Mails as they came, of one label."""
    name = folder.name.lower()
    parts = re.split(r"[^a-z]+", name)
    label = next((word for word in ("ham", "spam") if word in parts), folder.name)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != "cmds":
            yield Example(features.wire_text(read(path.read_bytes()).message), label)


# --- copies ---------------------------------------------------------------------------------------------


def grouped(examples: Iterable[Example]) -> tuple[Example, ...]:
    """Examples with their groups: texts that share most of their runs of words are of one.

    A text is sketched by the smallest of its hashed runs of three words, as in Broder, On the resemblance and
    containment of documents (1997).
    """
    listed = list(examples)
    sketches = [_sketch(one.text) for one in listed]
    holders: dict[int, list[int]] = defaultdict(list)
    for at, sketch in enumerate(sketches):
        for run in sketch:
            holders[run].append(at)
    leader = list(range(len(listed)))
    for at, sketch in enumerate(sketches):
        shared = Counter(other for run in sketch for other in holders[run][:_SKETCH] if other < at)
        for other, count in shared.items():
            if count >= _ALIKE * max(len(sketch), len(sketches[other])):
                leader[_led(leader, at)] = _led(leader, other)
    return tuple(replace(one, group=one.group or f"like {_led(leader, at)}") for at, one in enumerate(listed))


def _sketch(text: str) -> frozenset[int]:
    subject, _, body = text.partition(MARK)[0].partition("\n")
    runs = {run for part in (subject, body) for run in _runs(part)} or {""}
    return frozenset(sorted(crc32(run.encode("utf-8", "surrogatepass")) for run in runs)[:_SKETCH])


def _runs(text: str) -> Iterator[str]:
    """Runs of three words. None goes from a subject into the body, which may say the same once more."""
    words = words_of(text)
    if words:
        yield from (" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


def _led(leader: list[int], at: int) -> int:
    while leader[at] != at:
        leader[at] = leader[leader[at]]
        at = leader[at]
    return at


# --- without labels -------------------------------------------------------------------------------------


def unlabelled(folder: Path) -> list[tuple[str, str]]:
    """Names and texts of what lies in a folder, or in one file: lines of tables and ``*.jsonl``, and mails.

    Raises InvalidRequest where there is nothing."""
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    found = [named for path in files for named in _named(path)]
    if not found:
        raise InvalidRequest(f"there is nothing to read in {folder}", "folder")
    return found


def _named(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix == ".jsonl":
        if _holds_texts(path):
            yield from ((f"{path.name}:{number}", one.text) for number, one in enumerate(_texts(path), 1))
            return
        for mail in _labelled(path):
            yield mail.id, features.mail_text(read(mail.content()).message)
    elif path.suffix in (".csv", ".tsv"):
        for number, (text, _) in enumerate(_table(path), 1):
            yield f"{path.name}:{number}", text
    else:
        yield path.name, features.mail_text(read(path.read_bytes()).message)
