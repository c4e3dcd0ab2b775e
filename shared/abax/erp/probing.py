"""What a database is, told without giving up at the first thing that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import Field

from abax.erp.connect import Database, connected
from abax.erp.opened import Source
from abax.erp.registry import candidates_for, choices_of, declared
from abax.erp.source import ErpModule, Schema, Verdict
from abax.errors import LedgerError, SettingNeeded, SourceError
from abax.ledger.model import Company, Frozen

_PARTS: Final = {
    "fiscal periods": "periods",
    "open items of a subledger": "all_items",
    "settlements of journal lines": "all_settlements",
    "addresses of partners": "addresses",
    "dimensions": "dimensions",
    "the source's own totals": "balances",
}
"""What a declaration may give besides companies, accounts, partners, rates and journal lines."""
_ALWAYS: Final = ("companies", "accounts", "partners", "exchange rates", "journal lines")
_STRANGER: Final = 0.05


class Candidate(Frozen):
    """A kind of ERP that the database could be."""

    erp: str
    title: str
    version: str
    likeness: float
    """Share of the tables and columns needed that are there, 0 to 1."""
    missing: list[str]


class ProbedSetting(Frozen):
    """Something to be chosen of the source."""

    name: str
    help: str
    chosen: str | None
    """None where it is needed and was not given."""
    choices: list[tuple[str, str]]
    """Values, and what they are called."""


class ProbedCompany(Frozen):
    """A company, and what of it can be read."""

    company: Company
    years: dict[int, int]
    """Fiscal year to number of journal lines."""
    problem: str = ""
    """Why it cannot be closed as it is."""


class Probe(Frozen):
    """What a database is."""

    label: str
    found: Candidate | None
    """The kind that it is; None where that is open."""
    candidates: list[Candidate]
    """All that it could be, the likeliest first."""
    reads: list[str] = Field(default_factory=list)
    lacks: dict[str, list[str]] = Field(default_factory=dict)
    """What cannot be read, and the tables and columns that it would take."""
    settings: list[ProbedSetting] = Field(default_factory=list)
    companies: list[ProbedCompany] = Field(default_factory=list)
    problem: str = ""
    """Why nothing more can be said yet."""


def probe(url: str, erp: str | None = None, settings: Mapping[str, str] | None = None) -> Probe:
    """Look at the database at ``url``: which ERP and version, what of it can be read, what is missing, what
    is to be chosen, which companies and years. Raises InvalidRequest, SourceUnreachable, SourceRefused."""
    modules = candidates_for(erp)
    with connected(url) as database:
        schema = database.schema([table for module in modules for table in module.tables])
        verdicts = sorted(
            ((module.probe(schema), module) for module in modules),
            key=lambda one: (bool(one[0].missing), -one[0].likeness),
        )
        likely = [_candidate(*one) for one in verdicts if one[0].likeness > _STRANGER]
        whole = [one for one in verdicts if not one[0].missing]
        if len(whole) != 1:
            return Probe(
                label=database.label, found=None, candidates=likely, problem=_open(len(whole), likely)
            )
        return _told(database, schema, *whole[0], likely, settings or {})


def _open(whole: int, likely: Sequence[Candidate]) -> str:
    if whole > 1:
        return "several kinds of ERP have all that they need here; say which with --erp"
    return "parts of it are missing" if likely else "nothing of any ERP known here is in it"


def _candidate(verdict: Verdict, module: ErpModule) -> Candidate:
    return Candidate(
        erp=module.erp,
        title=module.title,
        version=verdict.version,
        likeness=round(verdict.likeness, 3),
        missing=list(verdict.missing),
    )


def _told(
    database: Database,
    schema: Schema,
    verdict: Verdict,
    module: ErpModule,
    likely: list[Candidate],
    given: Mapping[str, str],
) -> Probe:
    told = Probe(
        label=database.label,
        found=_candidate(verdict, module),
        candidates=likely,
        lacks={what: list(missing) for what, missing in verdict.lacks.items()},
        settings=_settings(database, schema, module, given),
    )
    try:
        source = Source(database, declared(database, schema, verdict, module, given))
    except SettingNeeded as needed:
        return told.model_copy(update={"problem": str(needed)})
    companies = source.companies()
    parts = [what for what, method in _PARTS.items() if companies and _gives(source, method, companies[0])]
    update = {"reads": [*_ALWAYS, *parts], "companies": [_company(source, company) for company in companies]}
    return told.model_copy(update=update)


def _gives(source: Source, method: str, company: Company) -> bool:
    return getattr(source.books, method)(company) is not None


def _settings(
    database: Database, schema: Schema, module: ErpModule, given: Mapping[str, str]
) -> list[ProbedSetting]:
    found = []
    for setting in module.settings:
        choices = choices_of(database, module, schema, setting)
        only = choices[0][0] if len(choices) == 1 else None
        chosen = given.get(setting.name, setting.default if setting.default is not None else only)
        found.append(ProbedSetting(name=setting.name, help=setting.help, chosen=chosen, choices=choices))
    return found


def _company(source: Source, company: Company) -> ProbedCompany:
    try:
        whole = source.company(company.company_id)
        return ProbedCompany(company=whole, years={year.year: year.lines for year in source.years(whole)})
    except (SourceError, LedgerError) as error:
        return ProbedCompany(company=company, years={}, problem=str(error))
