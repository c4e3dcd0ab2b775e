"""Build the sample books as a database file, or find them there already."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from abax.errors import InvalidRequest, StorageFull
from abax.sample.books import AccountTruth, YearTruth
from abax.sample.company import Story, simulate
from abax.sample.odoo import write
from abax.sample.schema import VERSIONS

YEARS = (2023, 2024, 2025)
"""The fiscal years that are complete in both companies."""


@dataclass(frozen=True)
class SampleBooks:
    """Where the sample books lie, and all that they must add up to."""

    path: Path
    companies: tuple[str, ...]
    """Names, the parent first."""
    years: tuple[int, ...]
    """Complete fiscal years. The opening entry lies in the year before; the subsidiary, whose year ends in
    March, also has nine months of the next one."""
    posted_lines: int
    mapping: dict[str, dict[str, str]]
    """Company to account code to statement class, for accounts whose Odoo type does not tell it."""
    truth: dict[str, dict[int, YearTruth]]
    """Company to fiscal year to what was added up while the story was made, never read back."""

    @property
    def url(self) -> str:
        """The database as SQLAlchemy names it."""
        return f"sqlite:///{self.path}"


def build(path: Path, seed: int = 7, version: int = 17, scale: float = 1.0) -> SampleBooks:
    """Write the sample company's books to ``path`` as SQLite in Odoo's schema.

    The same arguments give the same content, down to each row; what is there already is kept. ``version`` is
    Odoo's, 15 to 18, ``scale`` the size of the companies.

    Raises:
        InvalidRequest: no such version or scale, or ``path`` holds something else.
        StorageFull: no space left.
    """
    if version not in VERSIONS:
        raise InvalidRequest(f"no sample in Odoo {version}; choose 15, 16, 17 or 18", "version")
    permille = round(scale * 1000)
    if permille < 1:
        raise InvalidRequest(f"{scale} is too small; choose 0.001 or more", "scale")
    fingerprint = f"{_generator()}/{seed}/{version}/{permille}"
    kept = _kept(path)
    if kept is not None and kept[0] == fingerprint:
        return _from_json(path, kept[1])
    story = simulate(seed, permille)
    books = _describe(path, story)
    _write(path, story, version, fingerprint, books)
    return books


@cache
def _generator() -> str:
    """Hash of this package's source: other code, other books."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def _kept(path: Path) -> tuple[str, str] | None:
    """Fingerprint and description of the books at ``path``; None where there is no file."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT fingerprint, books FROM abax_sample").fetchone()
    except sqlite3.DatabaseError:
        row = None
    if row is None:
        raise InvalidRequest(f"{path} holds something else than sample books; name another file", "path")
    return str(row[0]), str(row[1])


def _write(path: Path, story: Story, version: int, fingerprint: str, books: SampleBooks) -> None:
    """Write beside the place and move there, so that a broken run leaves nothing half done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                write(connection, story, version)
                connection.execute("CREATE TABLE abax_sample (fingerprint varchar, books text)")
                connection.execute("INSERT INTO abax_sample VALUES (?, ?)", (fingerprint, _to_json(books)))
    except sqlite3.OperationalError as error:
        part.unlink(missing_ok=True)
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StorageFull(str(path.parent)) from error
        raise
    part.replace(path)


def _describe(path: Path, story: Story) -> SampleBooks:
    profiles = [firm.profile for firm in story.firms]
    return SampleBooks(
        path=path,
        companies=tuple(profile.name for profile in profiles),
        years=YEARS,
        posted_lines=story.posted_lines,
        mapping={
            profile.name: {a.code: a.statement_class for a in profile.chart.values() if a.statement_class}
            for profile in profiles
        },
        truth={firm.profile.name: dict(firm.books.truth) for firm in story.firms},
    )


def _to_json(books: SampleBooks) -> str:
    return json.dumps({**asdict(books), "path": None}, default=str, ensure_ascii=False)


def _from_json(path: Path, text: str) -> SampleBooks:
    found: dict[str, Any] = json.loads(text)
    truth = {
        company: {int(year): _year(values) for year, values in years.items()}
        for company, years in found["truth"].items()
    }
    return SampleBooks(
        path, tuple(found["companies"]), tuple(found["years"]), found["posted_lines"], found["mapping"], truth
    )


def _year(values: dict[str, Any]) -> YearTruth:
    rows = values.pop("trial_balance")
    lines = values.pop("posted_lines")
    trial_balance = {
        code: AccountTruth(**{name: Decimal(amount) for name, amount in row.items()})
        for code, row in rows.items()
    }
    amounts = {name: Decimal(amount) for name, amount in values.items()}
    return YearTruth(trial_balance=trial_balance, posted_lines=lines, **amounts)
