"""What holds for any balanced books whatever, tried on random ones."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from abax.dates import Granularity
from abax.ledger import AGING_BUCKETS, Ledger, Statement, aged, explain, package, require, trial_balance
from abax.ledger.lineage import STATEMENT_LAYOUTS
from abax.ledger.model import LineKind
from abax.ledger.statements import Balances
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import COMPANY, Settlement, balanced_books, build_ledger, line_id

CALENDAR = COMPANY.calendar
tried = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def opened(entries, **more) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder, build_ledger(Path(folder), entries, **more) as ledger:
        yield ledger


def statements(ledger) -> dict[tuple[str, str], Statement]:
    """Every statement of every year, by report and granularity."""
    coverage = package.cover(ledger, ledger.years[-1], history=9)
    drawn = package.statements(ledger, Balances(ledger), coverage)
    return {(own.report, own.granularity): own for own in drawn}


@tried
@given(balanced_books)
def test_balanced_books_pass_every_check(entries):
    with opened(entries) as ledger:
        assert all(check.passed for check in require(ledger))


@tried
@given(balanced_books)
def test_every_subtotal_is_the_sum_of_the_figures_that_it_stands_for(entries):
    with opened(entries) as ledger:
        for statement in statements(ledger).values():
            rows = {row.line: row for row in STATEMENT_LAYOUTS[statement.report].rows}
            figures = [line for line in statement.lines if line.kind is LineKind.FIGURE]
            for line in statement.lines:
                if line.kind is not LineKind.FIGURE:
                    summed = [own.values for own in figures if within(rows[own.line], rows[line.line])]
                    nothing = [Decimal(0)] * len(statement.periods)
                    assert line.values == [sum(column) for column in zip(nothing, *summed, strict=True)]


def within(figure, whole) -> bool:
    """Whether all that ``figure`` sums is part of what ``whole`` sums."""
    return all(any(inside(part, other) for other in whole.parts) for part in figure.parts)


def inside(part, other) -> bool:
    """Whether ``part`` takes some or all of the classes of ``other``, in the same way."""
    return replace(part, classes=()) == replace(other, classes=()) and set(part.classes) <= set(other.classes)


@tried
@given(balanced_books)
def test_the_balance_sheet_balances_in_every_column(entries):
    with opened(entries) as ledger:
        drawn = statements(ledger)
        for granularity in Granularity:
            balance = drawn["balance_sheet", granularity]
            assert balance.row("total_assets").values == balance.row("total_liabilities_and_equity").values


@tried
@given(balanced_books)
def test_the_cash_flow_leads_from_opening_to_closing_cash_in_every_column(entries):
    with opened(entries) as ledger:
        drawn = statements(ledger)
        for granularity in Granularity:
            flow = drawn["cash_flow", granularity]
            known = {line.line: line.values for line in flow.lines}
            zero = [Decimal(0)] * len(flow.periods)
            opening, closing = known.get("opening_cash", zero), known.get("closing_cash", zero)
            moved = known["net_change_in_cash"]
            assert [one + other for one, other in zip(opening, moved, strict=True)] == closing
            assert opening[1:] == closing[:-1]
            balance = drawn["balance_sheet", granularity]
            cash = {line.line: line.values for line in balance.lines}.get("cash", zero)
            assert cash == closing


@tried
@given(balanced_books)
def test_months_sum_to_quarters_and_years(entries):
    with opened(entries) as ledger:
        drawn = statements(ledger)
        for report in ("income_statement", "cash_flow"):
            months = drawn[report, "month"]
            for granularity in ("quarter", "year"):
                coarse = drawn[report, granularity]
                for line in coarse.lines:
                    if line.line in ("opening_cash", "closing_cash"):
                        continue
                    for column, value in zip(coarse.periods, line.values, strict=True):
                        own = zip(months.periods, months.row(line.line).values, strict=True)
                        assert value == sum(
                            (part for month, part in own if column.start <= month.start <= column.end),
                            Decimal(0),
                        )


@tried
@given(balanced_books)
def test_the_trial_balance_sums_to_zero_and_each_year_opens_where_the_last_closed(entries):
    with opened(entries) as ledger:
        for year in ledger.years:
            rows = trial_balance(ledger, year).rows
            assert sum(row.opening for row in rows) == sum(row.closing for row in rows) == 0
            assert all(row.closing == row.opening + row.debit - row.credit for row in rows)


@tried
@given(balanced_books, st.data())
def test_any_statement_figure_is_the_sum_of_the_lines_behind_it(entries, data):
    with opened(entries) as ledger:
        drawn = statements(ledger)
        statement = data.draw(st.sampled_from(list(drawn.values())))
        column = data.draw(st.sampled_from(statement.periods))
        for line in statement.lines:
            lineage = explain(ledger, statement.report, line.line, column.label)
            assert lineage.figure == statement.value(line.line, column.label)
            assert lineage.figure == sum((own.amount for own in lineage.lines), Decimal(0))
            assert lineage.line_count == len(lineage.lines) == len({own.line_id for own in lineage.lines})


@tried
@given(balanced_books)
def test_any_trial_balance_account_is_the_sum_of_the_lines_behind_it(entries):
    with opened(entries) as ledger:
        year = ledger.years[-1]
        for row in trial_balance(ledger, year).rows:
            lineage = explain(ledger, "trial_balance", row.code, str(year))
            assert lineage.figure == row.closing == sum((own.amount for own in lineage.lines), Decimal(0))


@tried
@given(balanced_books)
def test_entries_marked_as_closing_leave_the_balance_sheet_as_it_is(entries):
    with opened(entries) as ledger:
        totals = [line for line in statements(ledger)["balance_sheet", "month"].lines if line.level == 0]
    unmarked = [type(entry)(entry.day, entry.lines, entry.partner, entry.due) for entry in entries]
    with opened(unmarked) as ledger:
        plain = statements(ledger)["balance_sheet", "month"]
        assert [plain.row(line.line) for line in totals] == totals


@tried
@given(balanced_books, st.dates(date(2022, 12, 31), date(2026, 12, 31)))
def test_open_items_sum_to_the_balance_of_the_receivable_accounts_whatever_was_settled(entries, day):
    with opened(entries, settlements=matched(entries)) as ledger:
        report = aged(ledger, "aged_receivables", day)
        posted = [own for own in receivables(entries) if own.day <= day.isoformat()]
        assert report.total == sum((own.amount for own in posted), Decimal(0))
        assert report.total == sum(report.buckets) == sum(own.total for own in report.partners)
        for line in ("total", *AGING_BUCKETS, *(own.partner for own in report.partners)):
            lineage = explain(ledger, "aged_receivables", line, day.isoformat())
            assert lineage.figure == sum((own.amount for own in lineage.lines), Decimal(0))


@tried
@given(balanced_books, st.data())
def test_a_day_gives_the_books_as_if_nothing_had_been_posted_since(entries, data):
    ordered = sorted(entries, key=lambda entry: entry.day)
    settled = matched(ordered)
    shown = data.draw(st.sampled_from(ordered)).day
    day = data.draw(st.dates(date.fromisoformat(shown), CALENDAR.end_of(int(shown[:4]))))
    by_then = [entry for entry in ordered if entry.day <= day.isoformat()]
    settled_by_then = [own for own in settled if own.day <= day.isoformat()]
    with opened(by_then, settlements=settled_by_then) as ledger:
        expected = package.build_package(ledger, day.year, day)
    with opened(ordered, settlements=settled) as ledger:
        found = package.build_package(ledger, day.year, day)
        assert found == expected.model_copy(update={"input_hash": found.input_hash})
        statement = data.draw(st.sampled_from(found.statements))
        column = data.draw(st.sampled_from(statement.periods)).label
        for line in statement.lines:
            lineage = explain(ledger, statement.report, line.line, column, as_of=day)
            assert lineage.figure == statement.value(line.line, column)
            assert lineage.figure == sum((own.amount for own in lineage.lines), Decimal(0))
            assert all(own.posting_date <= day for own in lineage.lines)
        for row in found.trial_balances[-1].rows:
            assert explain(ledger, "trial_balance", row.code, str(day.year), as_of=day).figure == row.closing


class Item(NamedTuple):
    line_id: str
    day: str
    amount: Decimal


def receivables(entries) -> list[Item]:
    return [
        Item(line_id(number, place), entry.day, amount)
        for number, entry in enumerate(entries)
        for place, (code, amount) in enumerate(entry.lines)
        if code == "1100"
    ]


def matched(entries) -> list[Settlement]:
    """Debits paired with credits in order, each for half of the smaller, on the later of their days."""
    items = receivables(entries)
    pairs = zip(
        (own for own in items if own.amount > 0), (own for own in items if own.amount < 0), strict=False
    )
    return [
        Settlement(one.line_id, other.line_id, max(one.day, other.day), min(one.amount, -other.amount) / 2)
        for one, other in pairs
    ]
