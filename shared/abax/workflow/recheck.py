"""Late and back-dated postings: what has moved in the source since a close read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from abax.errors import InvalidRequest
from abax.ledger.diff import LedgerDiff, diff
from abax.ledger.model import LedgerManifest, YearPartition, part_name
from abax.workflow.jobs import requested
from abax.workflow.outcome import manifest_of
from abax.workflow.task import opened_source

if TYPE_CHECKING:
    from abax.erp import Source, YearSummary
    from abax.ports import Job, ObjectStore
    from abax.workflow.context import CloseContext

Place = tuple[int, int]
"""A fiscal year and a month of it, which is 0 for a whole year."""


class PartChange(BaseModel):
    """A fiscal year, or a month of a large one, whose lines or settlements are not what they were."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: int | None
    """Journal lines that the close read; none where it read no such part."""
    after: int | None


class Recheck(BaseModel):
    """What a source holds now against what a close read of it, up to the last year that it read."""

    model_config = ConfigDict(frozen=True)

    company: str
    currency: str
    parts: list[PartChange]
    chart_moved: bool
    """Whether accounts, partners or rates have changed; that alone moves no posting."""
    lines: LedgerDiff

    @property
    def same(self) -> bool:
        """Whether nothing was posted, taken back, changed or settled since."""
        return not self.parts


def recheck(context: CloseContext, job: Job, secret: str | None = None, lines: int = 20) -> Recheck:
    """Compare the marks of the source with those of a close, part by part, and name the lines that moved.

    Only parts that moved are read again; the next close finds them there. ``secret`` is the connection, where
    it is not that of the close; ``lines`` says how many journal lines to name.

    Raises InvalidRequest for a connection to another database, Conflict for a close that has not read its
    books yet, and any SourceError.
    """
    objects, manifest = context.objects, manifest_of(context.objects, job)
    request = requested(job)
    with opened_source(
        context.secrets, request.model_copy(update={"secret": secret or request.secret})
    ) as source:
        if source.source_id != manifest.source_id:
            raise InvalidRequest(f"{source.label} is not the database that close {job.job_id} read", "url")
        changes, now = _compared(source, manifest, objects)
    return Recheck(
        company=manifest.company.name,
        currency=manifest.company.currency,
        parts=changes,
        chart_moved=now.master != manifest.master,
        lines=diff(manifest, now, objects.fetch, lines=lines),
    )


def _compared(
    source: Source, manifest: LedgerManifest, objects: ObjectStore
) -> tuple[list[PartChange], LedgerManifest]:
    """The parts that moved, and the ledger as it would be read now."""
    from abax.erp import extract_master, extract_year

    company, read = manifest.company, {_place(part): part for part in manifest.years}
    by_month = {part.year for part in manifest.years if part.period is not None}
    newest = max((part.year for part in manifest.years), default=0)
    now = {_place(part): part for part in source.parts(company, by_month) if part.year <= newest}
    moved = {
        place
        for place in read.keys() | now.keys()
        if place not in read or place not in now or read[place].watermark != now[place].watermark
    }
    parts = [
        extract_year(source, company, now[place], objects) if place in moved else read[place]
        for place in sorted(now)
    ]
    changes = [
        PartChange(
            name=part_name(place[0], place[1] or None),
            before=read[place].lines if place in read else None,
            after=now[place].lines if place in now else None,
        )
        for place in sorted(moved)
    ]
    master = extract_master(source, company, manifest.mapping, objects)
    return changes, manifest.model_copy(update={"years": parts, "master": master})


def _place(part: YearPartition | YearSummary) -> Place:
    return part.year, part.period or 0
