"""A source's books beside its own reports, from end to end: read, laid down, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abax.errors import (
    InvalidRequest,
    LedgerError,
    MalformedValue,
    NoCurrency,
    UnsupportedCalendar,
    listed,
)

if TYPE_CHECKING:
    from abax.erp import Source
    from abax.ledger.model import Company, LedgerManifest
    from abax.ledger.tie_out import TheirReport, TieOut
    from abax.ports import ObjectStore


def tie_outs(
    source: Source,
    reports: Sequence[TheirReport] | None,
    companies: Sequence[str],
    mapping: Mapping[str, str],
    objects: ObjectStore,
    on_company: Callable[[str], None],
) -> Iterator[TieOut]:
    """Compare each company's reports with its ledger; without ``companies``, of all that have any. Without
    reports, the totals that the source itself keeps are compared.

    What is extracted already is not read again. A company whose books are not fit for it, such as one with
    accounts that are not mapped, is given with the problem that it has, and the others are compared. Raises
    UnknownCompany, InvalidRequest where a company has no reports, and SourceError where reading ends.
    """
    from abax.ledger.tie_out import TieOut

    _require_own(source, reports or ())
    for company in _companies(source, reports, companies):
        on_company(company.name)
        try:
            yield _compared(source, company, reports, mapping, objects)
        except _UNFIT as error:
            yield TieOut(company=company.name, lines=[], left_out={}, problem=str(error))


_UNFIT: Final = (LedgerError, NoCurrency, UnsupportedCalendar, MalformedValue)
"""What is wrong with the books of one company, and says nothing of the next."""


def _compared(
    source: Source,
    company: Company,
    reports: Sequence[TheirReport] | None,
    mapping: Mapping[str, str],
    objects: ObjectStore,
) -> TieOut:
    from abax.ledger import Ledger
    from abax.ledger.tie_out import own_totals, tie_out

    manifest = _extracted(source, source.company(company.company_id), mapping, objects)
    with Ledger.open(manifest, objects.fetch) as ledger:
        if reports is not None:
            return tie_out(ledger, [report for report in reports if _is_of(report, company)])
        if "balances" in manifest.master:
            return tie_out(ledger, [own_totals(ledger)])
    raise InvalidRequest(f"{source.erp} keeps no totals of its own; give reports", "reports")


def _require_own(source: Source, reports: Sequence[TheirReport]) -> None:
    """Refuse the reports of another ERP: they would differ in every line."""
    others = sorted({report.erp for report in reports} - {source.erp, ""})
    if others:
        told = f"the reports are of {listed(others)}, and the database is of {source.erp}"
        raise InvalidRequest(told, "reports")


def _companies(source: Source, reports: Sequence[TheirReport] | None, asked: Sequence[str]) -> list[Company]:
    known = [source.company(name) for name in asked] or source.companies()
    if reports is None:
        return known
    chosen = [company for company in known if any(_is_of(report, company) for report in reports)]
    without = [company.name for company in known if asked and company not in chosen]
    if without or not chosen:
        held = sorted({report.company for report in reports})
        raise InvalidRequest(
            f"there are no reports on {listed(without or [c.name for c in known])}, but on {listed(held)}",
            "company",
        )
    return chosen


def _is_of(report: TheirReport, company: Company) -> bool:
    return _plain(report.company) in (_plain(company.name), _plain(company.company_id))


def _plain(name: str) -> str:
    """As names of report files have it: letters and digits alone."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _extracted(
    source: Source, company: Company, mapping: Mapping[str, str], objects: ObjectStore
) -> LedgerManifest:
    from abax.erp import extract_master, extract_year
    from abax.ledger.model import LedgerManifest

    return LedgerManifest(
        erp=source.erp,
        erp_version=source.version,
        source_id=source.source_id,
        company=company,
        master=extract_master(source, company, mapping, objects),
        years=[extract_year(source, company, year, objects) for year in source.years(company)],
        mapping=dict(mapping),
        settings=dict(source.books.settings),
    )


def reports_in(folder: Path) -> list[TheirReport]:
    """The reports of a folder. Raises InvalidRequest."""
    from abax.erp.reports import read_reports

    if not folder.is_dir():
        raise InvalidRequest(f"{folder} is no folder", "reports")
    return read_reports(folder)
