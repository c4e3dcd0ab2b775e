"""Books that Odoo 17 itself kept, on a real PostgreSQL server: our figures against Odoo's own reports."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.errors import (
    SourceInterrupted,
    SourceRefused,
    SourceUnreachable,
    UnknownCompany,
    UnknownYear,
    UnsupportedSchema,
)
from abax.ledger import Ledger, aged, require, run_checks, trial_balance
from abax.ledger.model import LedgerManifest

from tests.support.data import development_data
from tests.support.postgres import Server

pytestmark = pytest.mark.postgres

COMPANY = "YourCompany"
AS_OF = date(2026, 10, 31)
BUCKETS = ("current", "30_days", "60_days", "90_days", "120_days", "older")
AGED = {"aged_receivables": "receivable", "aged_payables": "payable"}


@pytest.fixture(scope="session")
def dump() -> Path:
    return development_data("erp/odoo17") / "odoo17.sql.gz"


@pytest.fixture(scope="session")
def url(postgres: Server, dump: Path) -> str:
    """A database that no test changes."""
    return postgres.create("odoo17", dump)


@pytest.fixture
def own_copy(postgres: Server, url: str) -> str:
    """A database that the test may spoil; its name is ``spoilt``."""
    postgres.psql("postgres", "DROP DATABASE IF EXISTS spoilt WITH (FORCE)")
    postgres.psql("postgres", "CREATE DATABASE spoilt TEMPLATE odoo17")
    return postgres.url("spoilt")


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "objects")


@pytest.fixture(scope="session")
def ledger(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    objects = FolderObjects(tmp_path_factory.mktemp("objects"))
    with Ledger.open(extracted(url, COMPANY, objects), objects.fetch) as opened:
        yield opened


def extracted(url: str, name: str, objects: FolderObjects) -> LedgerManifest:
    """Everything of one company."""
    with open_source(url) as source:
        company = source.company(name)
        return LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, {}, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
        )


def report(dump: Path, name: str) -> Any:
    """One of Odoo's own reports, with amounts as exact decimals at the cent."""
    text = (dump.parent / "reports" / f"{COMPANY}__{name}.json").read_text()
    return json.loads(text, parse_float=lambda number: Decimal(number).quantize(Decimal("0.01")))


def without_nothing(rows: dict[str, tuple[Decimal, ...]]) -> dict[str, tuple[Decimal, ...]]:
    """Only rows with a figure in them: reports differ in whether they list the others."""
    return {key: figures for key, figures in rows.items() if any(figures)}


# --- against Odoo's reports ------------------------------------------------------------------------------


def test_the_source_says_what_it_is_and_never_its_password(url: str) -> None:
    with open_source(url) as source:
        assert (source.erp, source.version) == ("odoo", "17")
        assert [(c.company_id, c.name, c.currency) for c in source.companies()] == [
            ("1", "YourCompany", "USD"),
            ("2", "Nordwind GmbH", "EUR"),
        ]
        assert source.company("yourcompany") == source.company("1")
        assert [year.year for year in source.years(source.company("1"))] == [2024, 2025, 2026]
        assert source.label.endswith("/odoo17")
        for name in (source.label, source.source_id):
            assert "correct" not in name
            assert "abax:" not in name


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_trial_balance_equals_odoos_to_the_cent(dump: Path, ledger: Ledger, year: int) -> None:
    theirs = {
        row["code"]: (row["initial_balance"], row["debit"], row["credit"], row["ending_balance"])
        for row in report(dump, f"oca_trial_balance_{year}")
    }
    ours = {
        row.code: (row.opening, row.debit, row.credit, row.closing)
        for row in trial_balance(ledger, year).rows
    }
    assert without_nothing(ours) == without_nothing(theirs)
    assert year == 2024 or ours["999999"][0] != 0, "earlier results stand in the undistributed-profits row"


def test_balances_by_account_type_equal_odoos(dump: Path, ledger: Ledger) -> None:
    types = dict(ledger.rows("SELECT account_id, source_type FROM accounts"))
    for span, theirs in report(dump, "core_balance_by_account_type").items():
        start, end = span.split("..")
        first = date.min if start == "inception" else date.fromisoformat(start)
        ours: dict[str, Decimal] = dict.fromkeys(theirs, Decimal(0))
        for account, amount in ledger.rows(
            "SELECT account_id, sum(amount) FROM journal_lines WHERE posting_date BETWEEN ? AND ? GROUP BY 1",
            first,
            date.fromisoformat(end),
        ):
            ours[types[account]] = ours.get(types[account], Decimal(0)) + amount
        assert ours == theirs, span


@pytest.mark.parametrize("name", AGED)
def test_aged_items_equal_odoos_by_partner_bucket_and_item(dump: Path, ledger: Ledger, name: str) -> None:
    [account] = report(dump, f"oca_aged_{AGED[name]}_{AS_OF}")
    ours = aged(ledger, name, AS_OF)

    assert ours.total == account["residual"]
    assert tuple(ours.buckets) == tuple(account[bucket] for bucket in BUCKETS)
    assert {p.partner: (p.total, *p.buckets) for p in ours.partners} == {
        partner["name"]: (partner["residual"], *(partner[bucket] for bucket in BUCKETS))
        for partner in account["partners"]
    }
    assert {(i.line_id, i.partner, i.posting_date, i.residual, i.bucket) for i in ours.items} == {
        (
            line["line_rec"].removeprefix("account.move.line(").removesuffix(",)"),
            line["partner"],
            date.fromisoformat(line["date"]),
            line["residual"],
            [bool(line[bucket]) for bucket in BUCKETS].index(True),
        )
        for partner in account["partners"]
        for line in partner["move_lines"]
    }


def test_what_partners_owe_today_equals_odoos(dump: Path, ledger: Ledger) -> None:
    theirs = report(dump, "core_partner_due_today")
    for name, side, sign in (("aged_receivables", "credit", 1), ("aged_payables", "debit", -1)):
        ours = {p.partner: p.total * sign for p in aged(ledger, name, date(2026, 11, 20)).partners}
        for partner, due in theirs.items():
            assert ours.get(partner, Decimal(0)) == due[side], (name, partner)


@pytest.mark.parametrize("company", ["YourCompany", "Nordwind GmbH"])
def test_both_companies_pass_the_hard_checks(url: str, company: str, objects: FolderObjects) -> None:
    with Ledger.open(extracted(url, company, objects), objects.fetch) as opened:
        checks = run_checks(opened)
        require(opened, checks)
    assert all(check.passed for check in checks)


# --- what goes wrong -------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused(postgres: Server, url: str) -> None:
    with pytest.raises(
        SourceRefused, match=r"odoo17 refused access: password authentication failed"
    ) as caught:
        open_source(postgres.url("odoo17", password="hunter2 secret")).__enter__()
    assert "hunter2" not in str(caught.value)


def test_no_password_is_refused(url: str) -> None:
    with pytest.raises(SourceRefused), open_source(url.replace(":correct%20horse", "")):
        pass


def test_an_unknown_database_is_refused_by_name(postgres: Server, url: str) -> None:
    with pytest.raises(SourceRefused, match="nowhere"), open_source(postgres.url("nowhere")):
        pass


def test_a_closed_port_is_unreachable_after_a_few_tries() -> None:
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:9.*refused") as caught:
        open_source("postgresql://u:p@127.0.0.1:9/odoo").__enter__()
    assert caught.value.retryable


def test_an_unknown_host_is_unreachable() -> None:
    with (
        pytest.raises(SourceUnreachable, match="no-such-host"),
        open_source("postgresql://u@no-such-host.invalid/x"),
    ):
        pass


def test_a_server_without_encryption_is_refused_where_it_is_asked_for(postgres: Server, url: str) -> None:
    with pytest.raises(SourceRefused, match="SSL"), open_source(url + "?sslmode=require"):
        pass
    with open_source(url + "?sslmode=disable") as source:
        assert source.companies()


def test_an_unknown_company_names_those_there_are(url: str) -> None:
    with open_source(url) as source, pytest.raises(UnknownCompany, match="Nordwind GmbH"):
        source.company("Acme")


def test_an_unknown_year_names_those_there_are(url: str) -> None:
    with (
        open_source(url) as source,
        pytest.raises(UnknownYear, match=r"YourCompany .* 1999; it has 2024, 2025, 2026"),
    ):
        source.year(source.company("1"), 1999)


def test_a_dropped_table_is_named_with_the_version(postgres: Server, own_copy: str) -> None:
    postgres.psql("spoilt", "DROP TABLE account_partial_reconcile")
    with (
        pytest.raises(UnsupportedSchema, match=r"lacks table account_partial_reconcile; .* suggests Odoo 17"),
        open_source(own_copy),
    ):
        pass


def test_dropped_columns_are_all_named(postgres: Server, own_copy: str) -> None:
    postgres.psql("spoilt", "ALTER TABLE account_move_line DROP COLUMN debit, DROP COLUMN date_maturity")
    with pytest.raises(UnsupportedSchema) as caught, open_source(own_copy, "odoo"):
        pass
    assert caught.value.missing == (
        "column account_move_line.date_maturity",
        "column account_move_line.debit",
    )


def test_an_empty_database_is_no_erp(postgres: Server) -> None:
    with (
        pytest.raises(UnsupportedSchema, match="suggests no ERP known here"),
        open_source(postgres.create("empty")),
    ):
        pass


def test_without_the_entry_state_on_lines_the_entry_itself_is_asked(
    postgres: Server, own_copy: str, url: str, tmp_path: Path
) -> None:
    postgres.psql("spoilt", "ALTER TABLE account_move_line DROP COLUMN parent_state")
    assert contents(own_copy, FolderObjects(tmp_path / "a")) == contents(url, FolderObjects(tmp_path / "b"))


def contents(url: str, objects: FolderObjects) -> list[list[tuple[Any, ...]]]:
    manifest = extracted(url, COMPANY, objects)
    with Ledger.open(manifest, objects.fetch) as opened:
        return [
            opened.rows("SELECT * FROM journal_lines ORDER BY ALL"),
            opened.rows("SELECT * FROM settlements ORDER BY ALL"),
        ]


# --- resuming --------------------------------------------------------------------------------------------


def test_a_year_that_is_complete_is_not_read_again(url: str, objects: FolderObjects) -> None:
    with open_source(url) as source:
        company = source.company(COMPANY)
        summary = source.years(company)[0]
        rows: list[int] = []
        first = extract_year(source, company, summary, objects, rows.append)
        again = extract_year(source, company, summary, objects, rows.append)
    assert first == again
    assert first.lines == summary.lines == 294
    assert rows == [294], "the second time nothing was read"


def test_a_server_that_dies_while_reading_leaves_nothing_and_the_next_try_finishes(
    postgres: Server, own_copy: str, objects: FolderObjects
) -> None:
    make_long(postgres)

    def die(rows: int) -> None:
        postgres.kill_backends("spoilt")

    with open_source(own_copy) as source:
        company = source.company(COMPANY)
        summary = source.years(company)[0]
        with pytest.raises(SourceInterrupted, match="broke while reading") as caught:
            extract_year(source, company, summary, objects, die)
    assert caught.value.retryable
    assert list(objects.keys("")) == []

    with open_source(own_copy) as source:
        assert extract_year(source, company, summary, objects).lines == summary.lines


def test_a_crash_of_the_whole_server_is_an_interruption_too(
    postgres: Server, own_copy: str, objects: FolderObjects
) -> None:
    make_long(postgres)
    crashed: list[int] = []

    def crash(rows: int) -> None:
        if not crashed:
            crashed.append(rows)
            postgres.stop("immediate")

    try:
        with open_source(own_copy) as source:
            company = source.company(COMPANY)
            with pytest.raises(SourceInterrupted):
                extract_year(source, company, source.years(company)[0], objects, crash)
        assert list(objects.keys("")) == []
    finally:
        postgres.start()


def test_what_the_progress_callback_raises_stops_the_reading_cleanly(
    postgres: Server, own_copy: str, objects: FolderObjects
) -> None:
    make_long(postgres)

    class CancelledError(Exception):
        pass

    def cancel(rows: int) -> None:
        raise CancelledError

    with open_source(own_copy) as source:
        company = source.company(COMPANY)
        with pytest.raises(CancelledError):
            extract_year(source, company, source.years(company)[0], objects, cancel)
    assert list(objects.keys("")) == []


def make_long(postgres: Server) -> None:
    """Fill 2024 of the spoilt database, so that much is still to come when the first rows are reported."""
    columns = (
        "move_id, move_name, journal_id, company_id, account_id, currency_id, parent_state, name, date, "
    )
    columns += "debit, credit, amount_currency, display_type, write_date"
    postgres.psql(
        "spoilt",
        f"INSERT INTO account_move_line (id, {columns}) SELECT 100000 + n, {columns} FROM account_move_line, "
        "generate_series(1, 300000) n WHERE id = 58",
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account_move_line SET debit = debit + 1, write_date = now() WHERE id = 58",
        "UPDATE account_move_line SET debit = debit + 1 WHERE id = 58",
        "UPDATE account_move_line SET account_id = 41 WHERE id = 58",
        "UPDATE account_move_line SET date_maturity = '2024-12-24' WHERE id = 58",
        "UPDATE account_move_line SET date = date + 1 WHERE id = 58",
        "UPDATE account_move_line SET partner_id = 83 - coalesce(partner_id, 41) WHERE id = 58",
        "UPDATE account_move_line SET journal_id = journal_id + 1 WHERE id = 58",
        "UPDATE account_move_line SET analytic_distribution = '{\"1\": 50}' WHERE id = 58",
        "UPDATE account_move_line SET name = 'committed late', write_date = '2020-01-01' WHERE id = 58",
        "UPDATE account_move_line SET name = 'x', write_date = now() WHERE id = 58",
        "DELETE FROM account_move_line WHERE id = 58",
        "UPDATE account_move_line SET parent_state = 'draft' WHERE id = 58",
        "UPDATE account_move_line SET debit = 250000 - debit, credit = 250000 - credit WHERE id IN (58, 59)",
        "INSERT INTO account_move_line SELECT (jsonb_populate_record(line, '{\"id\": 9000}')).* "
        "FROM account_move_line AS line WHERE id = 58",
        "UPDATE account_partial_reconcile SET amount = amount - 1 WHERE id = 1",
        "DELETE FROM account_partial_reconcile WHERE id = 1",
    ],
)
def test_any_change_of_the_year_changes_its_watermark_and_no_other(
    postgres: Server, url: str, own_copy: str, change: str
) -> None:
    postgres.psql("spoilt", change)
    before, after = watermarks(url), watermarks(own_copy)
    assert before[2024] != after[2024]
    assert {year: before[year] for year in (2025, 2026)} == {year: after[year] for year in (2025, 2026)}


def watermarks(url: str) -> dict[int, str]:
    with open_source(url) as source:
        return {year.year: year.watermark for year in source.years(source.company(COMPANY))}


def test_the_master_watermark_follows_accounts_rates_and_the_mapping(
    postgres: Server, url: str, own_copy: str
) -> None:
    def mark(address: str, mapping: dict[str, str]) -> str:
        with open_source(address) as source:
            return source.master_watermark(source.company(COMPANY), mapping)

    assert mark(url, {}) == mark(own_copy, {}) != mark(url, {"400000": "other_income"})
    seen = {mark(url, {})}
    for change in (
        "UPDATE account_account SET code = '1', write_date = now() WHERE id = 22",
        "UPDATE account_account SET code = '2' WHERE id = 22",
        "UPDATE res_currency_rate SET rate = rate * 2 WHERE id = 2",
        "UPDATE res_partner SET name = 'New', write_date = now() WHERE id = 42",
    ):
        postgres.psql("spoilt", change)
        assert mark(own_copy, {}) not in seen
        seen.add(mark(own_copy, {}))
