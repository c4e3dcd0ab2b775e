"""What Abax says of a history's books in some ERP, beside what it must say of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Final

from abax.adapters.local.objects import FolderObjects
from abax.dates import Granularity
from abax.erp import extract_master, extract_year, open_source
from abax.ledger import Ledger, aged, build_package, partner_accounts
from abax.ledger.model import ClosePackage, LedgerManifest, LineKind, PartnerAccounts
from abax.ledger.segments import segments

from tests.support.scenario.history import ACCOUNTS, COST_CENTRES, History, money
from tests.support.scenario.statements import Report, expected_statements

FOREIGN_CLASSES: Final = ("inventory", "revenue")
SIDES: Final = {"aged_receivables": "receivable", "aged_payables": "payable"}

Aged = dict[str, list[Decimal]]
Centres = dict[tuple[int, str | None, str], Decimal]
"""Fiscal year by the year it ends in, cost centre, statement class."""


@dataclass(frozen=True)
class Told:
    """What Abax says of one ERP's books."""

    checks: dict[str, bool]
    statements: dict[tuple[str, str], Report]
    """By report and granularity."""
    aged: dict[tuple[str, date], Aged]
    centres: Centres
    accounts: dict[tuple[int, str], Decimal]
    """What moved in each fiscal year by account, without leading zeros in its code."""
    known: PartnerAccounts
    """What became of each invoice, by the last of ``days_of``."""
    foreign: dict[str, Decimal] | None
    """What was sold and bought in each foreign currency; None where an ERP keeps no such amounts."""


def writer(erp: str) -> ModuleType:
    """The module that books a history into this ERP."""
    return importlib.import_module(f"tests.support.scenario.{erp}")


def days_of(happened: History) -> tuple[date, date, date]:
    """A day in the second year, its last, and one in the third year."""
    return happened.months[19][0] + timedelta(13), happened.years[1].end, happened.months[31][1]


def read(url: str, books: ModuleType, happened: History, folder: Path) -> Told:
    """Close the books at ``url`` for all three years."""
    objects = FolderObjects(folder)
    with open_source(url, settings=books.SETTINGS) as source:
        company = source.company(books.COMPANY)
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, books.MAPPING, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
            mapping=books.MAPPING,
            settings=books.SETTINGS,
        )
    with Ledger.open(manifest, objects.fetch) as ledger:
        package = build_package(ledger, ledger.years[-1])
        return Told(
            checks={check.check: check.passed for check in package.checks},
            statements=_statements(package, happened),
            aged={
                (report, day): {row.partner: list(row.buckets) for row in aged(ledger, report, day).partners}
                for report in SIDES
                for day in days_of(happened)
            },
            centres=_centres(ledger, happened),
            accounts=_accounts(ledger, happened),
            known=partner_accounts(ledger, days_of(happened)[-1], months=60),
            foreign=_foreign(ledger) if getattr(books, "FOREIGN_AMOUNTS", True) else None,
        )


def _statements(package: ClosePackage, happened: History) -> dict[tuple[str, str], Report]:
    found = {}
    for cut, spans in spans_of(happened).items():
        for report in ("income_statement", "balance_sheet", "cash_flow"):
            statement = package.statement(report, cut)
            columns = [(column.start, column.end) for column in statement.periods]
            found[report, cut] = {
                row.line: [
                    dict(zip(columns, row.values, strict=True)).get(span, Decimal(0)) for span in spans
                ]
                for row in statement.lines
            }
    return found


def spans_of(happened: History) -> dict[str, list[tuple[date, date]]]:
    years = [(year.start, year.end) for year in happened.years]
    return {Granularity.MONTH.value: happened.months, Granularity.YEAR.value: years}


def _centres(ledger: Ledger, happened: History) -> Centres:
    """By the report on segments, which adds up to the income statement by itself."""
    values = ledger.rows("SELECT value_id, dimension, code, name FROM dimensions")
    named = {key: _cost_centre(code or "", name or "") for key, _, code, name in values}
    [dimension] = {dimension for key, dimension, *_ in values if named[key]}
    found: Centres = {}
    for label in ledger.years:
        year = happened.year_of(ledger.calendar.end_of(label))
        report = segments(ledger, dimension, str(label))
        for line in (line for line in report.lines if line.kind is LineKind.FIGURE):
            columns = [(named[segment.value_id], place) for place, segment in enumerate(report.segments)]
            for centre, value in [
                *((c, line.values[place]) for c, place in columns),
                (None, line.unassigned),
            ]:
                place_of = (year.name, centre, line.line)
                found[place_of] = found.get(place_of, Decimal(0)) - value
    return {place: amount for place, amount in found.items() if amount}


def _accounts(ledger: Ledger, happened: History) -> dict[tuple[int, str], Decimal]:
    rows = ledger.rows(
        "SELECT fiscal_year, code, sum(amount) FROM journal_lines JOIN accounts USING (account_id) "
        "WHERE NOT is_closing GROUP BY ALL"
    )
    names = {label: happened.year_of(ledger.calendar.end_of(label)).name for label in ledger.years}
    return {(names[year], code.lstrip("0")): amount for year, code, amount in rows if amount}


def _foreign(ledger: Ledger) -> dict[str, Decimal]:
    """By currency. What is paid is left out: ERPs differ in how they book exchange differences."""
    return dict(
        ledger.rows(
            "SELECT document_currency, sum(document_amount) FROM journal_lines JOIN chart USING (account_id) "
            f"WHERE statement_class IN {FOREIGN_CLASSES} AND document_currency <> '{ledger.currency}' "
            "GROUP BY 1"
        )
    )


def _cost_centre(code: str, name: str) -> str | None:
    """Which of ours a dimension's value is, by its code, or by the number that its name begins with."""
    return next((c for c in COST_CENTRES if c in (code.lstrip("0"), name.partition(" ")[0])), None)


def differences(told: Told, happened: History) -> list[str]:
    """Every figure that is not what it must be; nothing where all are."""
    return [
        *(f"check {name} failed" for name, passed in told.checks.items() if not passed),
        *_statement_differences(told, happened),
        *_aged_differences(told, happened),
        *_centre_differences(told, happened),
        *_account_differences(told, happened),
        *_foreign_differences(told, happened),
    ]


def _statement_differences(told: Told, happened: History) -> Iterator[str]:
    for cut, spans in spans_of(happened).items():
        for report, lines in expected_statements(happened, spans).items():
            ours = told.statements[report, cut]
            for line in set(ours) - set(lines):
                yield f"{report} has a line {line}, which nothing happened for"
            for line, values in lines.items():
                for span, value, found in zip(spans, values, ours.get(line, [0] * len(spans)), strict=True):
                    if value != found:
                        yield f"{report} {line} of {span[1]}: {found}, not {value}"


def _aged_differences(told: Told, happened: History) -> Iterator[str]:
    for (report, day), ours in told.aged.items():
        theirs = happened.expected.aged(SIDES[report], day)
        for partner in sorted(set(ours) | set(theirs)):
            must = [money(cents) for cents in theirs.get(partner, [0] * 6)]
            found = ours.get(partner, [Decimal(0)] * 6)
            if must != found:
                yield f"{report} on {day}, {partner}: {found}, not {must}"


def _centre_differences(told: Told, happened: History) -> Iterator[str]:
    theirs = {
        (year.name, centre, kind): money(cents)
        for year in happened.years
        for centre, classes in happened.expected.by_cost_centre(year).items()
        for kind, cents in classes.items()
        if cents
    }
    for place in sorted(set(theirs) | set(told.centres), key=str):
        if theirs.get(place, 0) != told.centres.get(place, 0):
            yield f"cost centre {place}: {told.centres.get(place)}, not {theirs.get(place)}"


def _account_differences(told: Told, happened: History) -> Iterator[str]:
    theirs: dict[tuple[int, str], Decimal] = {}
    for event in happened.events:
        for line in event.lines:
            place = (happened.year_of(event.day).name, line.account.lstrip("0"))
            theirs[place] = theirs.get(place, Decimal(0)) + line.amount
    for place in sorted(set(theirs) | set(told.accounts)):
        if theirs.get(place, 0) != told.accounts.get(place, 0):
            yield f"account {place}: {told.accounts.get(place)}, not {theirs.get(place)}"


def _foreign_differences(told: Told, happened: History) -> Iterator[str]:
    traded = {currency: Decimal(0) for currency in happened.foreign}
    for event in happened.events:
        for line in event.lines:
            if event.currency in traded and ACCOUNTS[line.account].statement_class in FOREIGN_CLASSES:
                traded[event.currency] += line.document_amount
    if told.foreign is not None and told.foreign != traded:
        yield f"in foreign currencies {told.foreign}, not {traded}"
