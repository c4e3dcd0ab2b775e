"""The versions of each adapter: where each comes from, what it is worth, whether it answers.

::

    adapters/<name>/files/<sha256>.gguf     a file, by its content
    adapters/<name>/log/000007.json         what happened, in order: a ``Change`` each, none ever overwritten

All that is known of a name is its log, read from the beginning. A change is the next number of the log, made
only where nobody else has made it: of two at once one is heard, and the other is told. So a version that goes
live and the one that it takes the place of change in one step.

::

    candidate ─► shadow ─► share ─► live ─► retired        a version that goes live retires the one before
        │           └────────┴────────┴──► rolled back     the one before is live again
        └─► refused
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from abax.errors import AdapterChanged, AdapterDamaged, InvalidRequest, NotFound, NotPublishable, StorageError
from abax.learning.guard import Decision
from abax.ports import ObjectStore

ROOT: Final = "adapters/"
ADAPTERS: Final = ("extract", "triage", "write")
"""Those that Abax has work for."""
NAME: Final = r"[a-z][a-z0-9_]{0,30}"
_TRIES: Final = 20
_BLOCK: Final = 1 << 20


class Status(StrEnum):
    """Where a version stands."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    """It answers beside the live one, and nobody hears it."""
    SHARE = "share"
    """It answers a share of the requests."""
    LIVE = "live"
    RETIRED = "retired"
    """It was live."""
    ROLLED_BACK = "rolled back"
    REFUSED = "refused"

    @property
    def on_trial(self) -> bool:
        """Whether it is tried out; of a name one version is at a time."""
        return self in (Status.SHADOW, Status.SHARE)


_STEPS: Final = {
    Status.CANDIDATE: {Status.SHADOW, Status.SHARE, Status.LIVE, Status.REFUSED},
    Status.SHADOW: {Status.SHARE, Status.LIVE, Status.ROLLED_BACK},
    Status.SHARE: {Status.SHARE, Status.LIVE, Status.ROLLED_BACK},
    Status.LIVE: {Status.ROLLED_BACK},
    Status.RETIRED: {Status.LIVE},
    Status.ROLLED_BACK: {Status.SHADOW},
    Status.REFUSED: set(),
}
"""From which status a version may be moved to which; that a live one retires follows from another's."""


class Lineage(BaseModel):
    """Where a version comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    """``extract``, ``triage``, ``write``."""
    file_sha256: str
    file_bytes: Annotated[int, Field(gt=0)]
    base_sha256: tuple[str, ...] = ()
    """Of the bases that it was trained for."""
    data_sha256: str = ""
    """Of the examples that it has learnt from."""
    data_until: AwareDatetime | None = None
    """Corrections up to this instant are among them."""
    parent: int | None = None
    """The version that its training began with; none began with the base."""
    form: str = ""
    """Of prompt and answer, such as ``extract/1``."""
    command: str = ""
    machine: str = ""
    note: str = ""


class Change(BaseModel):
    """What happened to a version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    version: int
    status: Status
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Of the requests, where the status is that."""
    by: str
    at: AwareDatetime
    why: str = ""
    lineage: Lineage | None = None
    """Of the change that made it known."""
    decision: Decision | None = None
    """Of the change that judged it."""


@dataclass(frozen=True)
class Entry:
    """A version as it stands."""

    version: int
    lineage: Lineage
    status: Status
    share: float = 0.0
    decision: Decision | None = None
    history: tuple[Change, ...] = ()
    """What was done to it; that it retired is told by the change of the version that took its place."""

    @property
    def label(self) -> str:
        """``extract@3``: what it is called in requests and results, and its file's name."""
        return f"{self.lineage.name}@{self.version}"

    @property
    def since(self) -> datetime:
        """When its last change was made."""
        return self.history[-1].at

    def as_dict(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {
            "name": self.lineage.name,
            "version": self.version,
            "status": str(self.status),
            "share": self.share,
            "created_at": self.history[0].at.isoformat(timespec="seconds"),
            "lineage": self.lineage.model_dump(mode="json"),
            "decision": self.decision.model_dump(mode="json") if self.decision else None,
            "history": [
                one.model_dump(mode="json", exclude={"lineage", "decision"}, exclude_defaults=True)
                for one in self.history
            ],
        }


@dataclass(frozen=True)
class Book:
    """All versions of a name."""

    name: str
    changes: tuple[Change, ...] = ()
    entries: dict[int, Entry] = field(default_factory=dict)

    @property
    def live(self) -> Entry | None:
        """The version that answers; None where what ships does."""
        return next((one for one in self.entries.values() if one.status is Status.LIVE), None)

    @property
    def trial(self) -> Entry | None:
        """The version that is tried out."""
        return next((one for one in self.entries.values() if one.status.on_trial), None)

    @property
    def before(self) -> Entry | None:
        """The version that was live before, and would be again after a rollback of the live one."""
        went_live = [one.version for one in self.changes if one.status is Status.LIVE]
        retired = [version for version in went_live if self.entries[version].status is Status.RETIRED]
        return self.entries[retired[-1]] if retired else None

    def get(self, version: int) -> Entry:
        """Raises NotFound."""
        if version not in self.entries:
            known = ", ".join(map(str, self.entries)) or "none"
            raise NotFound(f"there is no version {version} of {self.name}; there are: {known}")
        return self.entries[version]


def book_of(name: str, changes: Iterable[Change]) -> Book:
    """What a log comes to."""
    book = Book(name)
    for change in changes:
        book = _after(book, change)
    return book


def _after(book: Book, change: Change) -> Book:
    entries = dict(book.entries)
    before = entries.get(change.version)
    if before is None:
        if change.lineage is None:
            raise StorageError(f"change {change.number} of {book.name} is of a version that was never made")
        before = Entry(change.version, change.lineage, change.status)
    if change.status is Status.LIVE:
        for version, one in entries.items():
            if one.status is Status.LIVE and version != change.version:
                entries[version] = replace(one, status=Status.RETIRED)
    if change.status is Status.ROLLED_BACK and before.status is Status.LIVE and book.before is not None:
        entries[book.before.version] = replace(book.before, status=Status.LIVE)
    entries[change.version] = replace(
        before,
        status=change.status,
        share=change.share,
        decision=change.decision or before.decision,
        history=(*before.history, change),
    )
    return Book(book.name, (*book.changes, change), entries)


# --- what is kept ---------------------------------------------------------------------------------------


class Registry:
    """The adapters of a house, in its objects. May be used from several threads and machines."""

    def __init__(
        self, objects: ObjectStore, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._objects = objects
        self._clock = clock
        self._read: dict[str, Change] = {}
        """Changes by key: they never change."""

    def names(self) -> list[str]:
        """The adapters that have a version, in order."""
        return sorted({key.split("/")[1] for key in self._objects.keys(ROOT) if "/log/" in key})

    def book(self, name: str) -> Book:
        """All versions of a name; an empty book for one that nobody has registered. Raises StorageError."""
        return book_of(name, (self._change(key) for key in self._objects.keys(f"{ROOT}{name}/log/")))

    def add(self, path: Path, lineage: Lineage, by: str) -> tuple[Entry, bool]:
        """Keep a file as the next version, a candidate. One that is there already is given back with False.

        ``lineage`` says whose: its hash and size must be the file's. Raises InvalidRequest, StorageError.
        """
        if (found := digest_of(path)) != lineage.file_sha256:
            raise InvalidRequest(f"{path} has the hash {found}, not {lineage.file_sha256}", "file_sha256")
        key = file_key(lineage.name, lineage.file_sha256)
        if not self._objects.exists(key):
            self._objects.put_file(key, path)
        for _ in range(_TRIES):
            book = self.book(lineage.name)
            for known in book.entries.values():
                if known.lineage.file_sha256 == lineage.file_sha256:
                    return known, False
            version = max(book.entries, default=0) + 1
            change = self._next(book, version, Status.CANDIDATE, by, lineage=lineage)
            if self._append(book, change):
                return _after(book, change).entries[version], True
        raise AdapterChanged(lineage.name)

    def judge(self, name: str, version: int, decision: Decision, by: str) -> Entry:
        """Keep what the guard says of a candidate: it is one still, or refused. Raises NotFound,
        NotPublishable, AdapterChanged."""
        book = self.book(name)
        entry = book.get(version)
        if entry.status is not Status.CANDIDATE:
            raise NotPublishable(name, version, f"it is {entry.status}, no candidate")
        status = Status.CANDIDATE if decision.accepted else Status.REFUSED
        why = "; ".join(decision.reasons)
        return self._made(book, self._next(book, version, status, by, why=why, decision=decision))

    def move(
        self, name: str, version: int, status: Status, *, by: str, why: str = "", share: float = 0.0
    ) -> Entry:
        """Let a version take a step. Asking for where it stands already changes nothing.

        Raises:
            NotFound: there is no such version.
            NotPublishable: it may not take the step: it was not judged against what is live, another version
                is being tried out, or the step leads nowhere.
            AdapterChanged: somebody else was quicker.
        """
        book = self.book(name)
        entry = book.get(version)
        if (entry.status, entry.share) == (status, share):
            return entry
        require_step(book, entry, status)
        return self._made(book, self._next(book, version, status, by, why=why, share=share))

    def file(self, entry: Entry, folder: Path) -> Path:
        """The version's file as ``<folder>/extract@3.gguf``, fetched at the first call and checked at each
        one's first use. Raises AdapterDamaged, ObjectMissing, StorageFull."""
        target = folder / f"{entry.label}.gguf"
        wanted = entry.lineage.file_sha256
        if target.is_file() and digest_of(target) == wanted:
            return target
        fetched = self._objects.fetch(file_key(entry.lineage.name, wanted))
        if (found := digest_of(fetched)) != wanted:
            raise AdapterDamaged(entry.label, f"its file has the hash {found[:16]}…, not {wanted[:16]}…")
        folder.mkdir(parents=True, exist_ok=True)
        scratch = target.with_suffix(".part")
        shutil.copyfile(fetched, scratch)
        scratch.replace(target)
        return target

    def _change(self, key: str) -> Change:
        if key not in self._read:
            try:
                self._read[key] = Change.model_validate_json(self._objects.get(key))
            except ValidationError as error:
                raise StorageError(f"the object {key!r} is no change of an adapter: {error}") from error
        return self._read[key]

    def _next(self, book: Book, version: int, status: Status, by: str, **others: Any) -> Change:
        number = max((one.number for one in book.changes), default=0) + 1
        return Change(number=number, version=version, status=status, by=by, at=self._clock(), **others)

    def _append(self, book: Book, change: Change) -> bool:
        body = change.model_dump_json(exclude_defaults=True).encode()
        return self._objects.create(
            f"{ROOT}{book.name}/log/{change.number:06d}.json", body, "application/json"
        )

    def _made(self, book: Book, change: Change) -> Entry:
        if not self._append(book, change):
            raise AdapterChanged(book.name)
        return _after(book, change).entries[change.version]


def require_step(book: Book, entry: Entry, status: Status) -> None:
    """Raises NotPublishable for a step that a version may not take."""
    name, version, live, trial = book.name, entry.version, book.live, book.trial
    if status not in _STEPS[entry.status]:
        raise NotPublishable(name, version, f"it is {entry.status}, from where nothing leads to {status}")
    if not (status.on_trial or status is Status.LIVE) or entry.status is Status.RETIRED:
        return
    if trial is not None and trial.version != version:
        raise NotPublishable(
            name, version, f"version {trial.version} is being tried out; roll it back or publish it first"
        )
    if entry.decision is None or not entry.decision.accepted:
        raise NotPublishable(name, version, "the guard has not accepted it: it must be judged first")
    if live is not None and live.version != version and entry.decision.against != live.version:
        against = entry.decision.against
        told = f"version {against}" if against else "what ships"
        raise NotPublishable(
            name, version, f"it was judged against {told}, and {live.version} is live by now"
        )


def require_named(name: str, told: str, path: Path) -> None:
    """Raises InvalidRequest for a file that says that it is another one of our adapters."""
    if told in ADAPTERS and told != name:
        raise InvalidRequest(f"{path} says that it is {told}, not {name}", "name")


def file_key(name: str, sha256: str) -> str:
    """The object that holds a file."""
    return f"{ROOT}{name}/files/{sha256}.gguf"


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def digest_of_all(paths: Sequence[Path], root: Path) -> str:
    """SHA-256 of several files with their names below ``root``, in order."""
    told = [[path.relative_to(root).as_posix(), digest_of(path)] for path in sorted(paths)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
