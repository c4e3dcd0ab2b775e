"""Extraction: one company's tables out of any source, as Parquet objects. The same for every ERP.

::

    source ── COPY, or rows in batches ──► scratch file ── DuckDB: types, derived columns ──► Parquet objects

A part, which is a fiscal year or one month of a large one, is complete once its ``partition.json`` is there,
which is written last; what is complete is not read again. Memory stays flat whatever the number of lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from abax.dates import Calendar
from abax.erp.opened import Source
from abax.erp.plain import CSV
from abax.erp.scratch import OnRows, Scratch, quoted, scratch
from abax.erp.source import Query, YearSummary, completed, days_of
from abax.errors import InvalidMapping, MalformedValue, MissingRate
from abax.ledger.model import (
    FURTHER_YEAR_TABLES,
    YEAR_TABLES,
    Company,
    StatementClass,
    YearPartition,
)
from abax.ports import ObjectStore

_NOTHING: Final[dict[str, str]] = {}


def extract_master(
    source: Source, company: Company, mapping: Mapping[str, str], objects: ObjectStore
) -> dict[str, str]:
    """Read the chart, partners, rates and what else does not go by year, unless it is there already; table to
    object key.

    ``mapping`` is account code to statement class and goes before the source's own account types. Raises
    InvalidMapping, MalformedValue, any SourceError, StorageFull.
    """
    _require_classes(mapping)
    base = f"{_base(source, company)}/master/{source.master_watermark(company, mapping)}"
    tables = source.master(company)
    keys = {table: f"{base}/{table}.parquet" for table in tables}
    if all(objects.exists(key) for key in keys.values()):
        return keys
    derived = {"accounts": {"statement_class": _statement_class(source.books.classes, mapping)}}
    with scratch() as folder:
        reading = _Reading(source, company, folder)
        for table, query in tables.items():
            objects.put_file(keys[table], reading.table(table, query, derived.get(table, _NOTHING)))
    return keys


def extract_year(
    source: Source,
    company: Company,
    summary: YearSummary,
    objects: ObjectStore,
    on_rows: OnRows | None = None,
) -> YearPartition:
    """Read the journal lines and settlements of a fiscal year, or of a month of it, unless they are there
    already.

    ``on_rows`` hears how many lines were read so far. Raises MalformedValue naming the line, MissingRate, any
    SourceError, StorageFull, and whatever ``on_rows`` raises; then the part is not complete, and the next try
    starts it anew.
    """
    base = f"{_base(source, company)}/{summary.name}/{summary.watermark}"
    if objects.exists(f"{base}/partition.json"):
        return YearPartition.model_validate_json(objects.get(f"{base}/partition.json"))
    with scratch() as folder:
        files, lines = _Reading(source, company, folder).part(summary.year, summary.period, on_rows)
        keys = {table: f"{base}/{table}.parquet" for table in files}
        for table, file in files.items():
            objects.put_file(keys[table], file)
    partition = YearPartition(
        year=summary.year, period=summary.period, watermark=summary.watermark, lines=lines, keys=keys
    )
    objects.put(f"{base}/partition.json", partition.model_dump_json().encode(), "application/json")
    return partition


@dataclass(frozen=True)
class _Reading:
    """One company's tables on their way into a scratch folder."""

    source: Source
    company: Company
    scratch: Scratch

    def table(
        self, table: str, query: Query, derived: Mapping[str, str], on_rows: OnRows | None = None
    ) -> Path:
        """One canonical table as a Parquet file. What was copied and does not fit is read again, value by
        value, which tells what it is."""
        spooled = self.scratch.spool(self.source.database, table, query, on_rows)
        try:
            return self.scratch.convert(self.source.label, table, spooled, derived)
        except MalformedValue:
            if spooled.spelling is CSV:
                raise
        spooled = self.scratch.spool(self.source.database, table, query, on_rows, by_value=True)
        return self.scratch.convert(self.source.label, table, spooled, derived)

    def part(self, year: int, period: int | None, on_rows: OnRows | None) -> tuple[dict[str, Path], int]:
        """The tables of a fiscal year or month, and how many journal lines it has."""
        company, books, calendar = self.company, self.source.books, self.company.calendar
        span = days_of(calendar, year, period)
        derived = {
            "fiscal_year": str(year),
            "fiscal_month": str(period or _fiscal_month(calendar, year)),
            "amount": "debit - credit",
        }
        lines = self.table("journal_lines", books.journal_lines(company, *span), derived, on_rows)
        self._require_rates(lines)
        found = {"journal_lines": lines}
        for table in (*YEAR_TABLES[1:], *FURTHER_YEAR_TABLES):
            rows: Query | None = getattr(books, table)(company, *span)
            if rows is not None:
                found[table] = self.table(table, completed(table, rows), _NOTHING)
        [(count,)] = self.scratch.rows(f"SELECT count(*) FROM {quoted(lines)}")
        return found, count

    def _require_rates(self, lines: Path) -> None:
        """No line may carry an amount in a foreign currency, none in ours, and no rate that explains it."""
        functional = self.company.currency
        unvalued = self.scratch.rows(
            f"SELECT document_currency, posting_date, entry_name FROM {quoted(lines)} WHERE amount = 0 "
            f"AND document_amount <> 0 AND document_currency <> {quoted(functional)} "
            "ORDER BY posting_date, entry_name"
        )
        first = self._first_rates() if unvalued else {}
        lacking = [row for row in unvalued if first.get(row[0], date.max) > row[1]]
        if lacking:
            currency, on, _ = lacking[0]
            entries = dict.fromkeys(str(entry) for code, _, entry in lacking if code == currency)
            raise MissingRate(currency, functional, on, list(entries))

    def _first_rates(self) -> dict[str, date]:
        """The first day of each currency's rates."""
        rates = self.table("fx_rates", self.source.books.rates(self.company), _NOTHING)
        return dict(self.scratch.rows(f"SELECT currency, min(rate_date) FROM {quoted(rates)} GROUP BY 1"))


def _base(source: Source, company: Company) -> str:
    return f"ledger/{source.source_id}/{company.company_id}"


def _require_classes(mapping: Mapping[str, str]) -> None:
    for account, given in mapping.items():
        if given not in set(StatementClass):
            raise InvalidMapping(account, given, StatementClass)


def _statement_class(by_type: Mapping[str, str], by_code: Mapping[str, str]) -> str:
    """SQL for an account's class: what the mapping says of its code, else what its type is for."""
    return f"coalesce({_lookup('code', by_code)}, {_lookup('source_type', by_type)})"


def _lookup(column: str, words: Mapping[str, str]) -> str:
    if not words:
        return "NULL"
    keys, values = (", ".join(quoted(word) for word in part) for part in (words, words.values()))
    return f"map([{keys}], [{values}])[{column}]"


def _fiscal_month(calendar: Calendar, year: int) -> str:
    cases = [
        f"WHEN posting_date <= DATE '{month.end}' THEN {month.first_month}" for month in calendar.months(year)
    ]
    return f"CASE {' '.join(cases)} END"
