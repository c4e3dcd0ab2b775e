"""Axelor's true schema on a real PostgreSQL: books made up from a seed, its own chart, its traps by hand."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.adapters.local.objects import FolderObjects
from abax.erp import extract_master, extract_year, open_source
from abax.errors import InvalidRequest, UnmappedAccount, UnsupportedSchema
from abax.ledger import Ledger, aged, run_checks
from abax.ledger.model import LedgerManifest
from sqlalchemy import select

from tests.support.axelor import Books, true_schema
from tests.support.data import development_data
from tests.support.postgres import Server
from tests.support.scenario import axelor
from tests.support.scenario.history import history
from tests.support.scenario.told import differences, read

TYPES = ("cash", "receivable", "income", "charge", "equity", "special", "commitment", "view")


def schema_file() -> Path:
    return development_data("erp/axelor_demo/axelor_8.1.5_schema.txt")


@pytest.mark.parametrize(
    ("seed", "signed", "closing", "year_end"), [(1, False, "batch", 12), (2, True, "hand", 6)]
)
def test_books_made_up_from_a_seed_give_what_follows_from_them(
    postgres: Server, tmp_path: Path, seed: int, signed: bool, closing: str, year_end: int
) -> None:
    happened = history(seed, year_end_month=year_end)
    tables = axelor.write(happened, signed, closing, true_schema(schema_file().read_text()))
    assert len(tables.columns("account_move_line")) > 60, "all that it has, not just what is read"
    url = tables.postgres(postgres, f"axelor_{seed}")
    assert differences(read(url, axelor, happened, tmp_path), happened) == []


@pytest.mark.parametrize(("closing", "read_of_it"), [("batch", set()), ("hand", {"RES-2023", "RES-2024"})])
def test_of_a_year_s_end_only_a_result_brought_into_equity_by_hand_is_read(
    postgres: Server, closing: str, read_of_it: set[str]
) -> None:
    tables = axelor.write(history(3), closing=closing, schema=true_schema(schema_file().read_text()))
    moves = [str(row["reference"]) for row in tables.rows("account_move")]
    machinery = {name for name in moves if name.startswith(("RES", "CLO", "OPE"))}
    assert len(machinery) > 80, "each balance out of the year and into the next"
    with open_source(tables.postgres(postgres, "axelor_closures")) as source:
        lines = source.books.posted_lines(source.company(axelor.COMPANY)).subquery()
        rows = source.database.rows(select(lines.c.entry_name, lines.c.is_closing).distinct())
    assert {name for name, _ in rows} & machinery == {name for name, flag in rows if flag} == read_of_it


def test_every_account_of_axelor_s_own_chart_has_a_class_but_those_that_carry_balances_over(
    postgres: Server, tmp_path: Path
) -> None:
    file = development_data("erp/axelor_demo/account_account.csv")
    made = Books()
    made.add("base_currency", id=1, code_iso="EUR")
    made.add("base_company", id=1, name="Axelor SAS", currency=1)
    made.add("account_journal", id=1, code="OD")
    kinds: dict[str, int] = {}
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows, delimiter=";"):
            kind = row["accountType.technicalTypeSelect"]
            if kind not in kinds:
                kinds[kind] = len(kinds) + 1
                made.add("account_account_type", id=kinds[kind], technical_type_select=kind)
            made.account(row["code"], kinds[kind])
    made.move("CAP", "2023-07-01", ("501000", "1000.000"), ("101000", "-1000.000"))
    hidden = [kinds[kind] for kind in ("view", "commitment")]
    accounts = [row for name, row in made.rows if name == "account_account"]
    unread = sum(row["account_type"] in hidden for row in accounts)
    with ledger_of(postgres, made, tmp_path) as ledger:
        [(known,)] = ledger.rows("SELECT count(*) FROM accounts")
        assert known == len(made.accounts) - unread > 700
        unclassed = ledger.rows("SELECT code FROM accounts WHERE statement_class IS NULL ORDER BY 1")
        assert unclassed == [("890000",), ("891000",)], "which carry balances over"
        assert balances(ledger) == {"501000": Decimal(1000), "101000": Decimal(-1000)}


@pytest.fixture
def books() -> Books:
    made = Books()
    made.add("base_currency", id=1, code_iso="EUR")
    made.add("base_currency", id=2, code_iso="USD")
    made.add("base_company", id=1, name="Axelor SAS", currency=1)
    made.add("base_company", id=2, name="Other SAS", currency=1)
    for end in ("2024-06-30", "2025-06-30"):
        made.add("base_year", id=int(end[:4]), company=1, to_date=end, type_select=1)
    made.add("base_year", id=1, company=1, to_date="2025-12-31", type_select=0)
    made.add("base_partner", id=7, full_name="P0007 - Client SARL", name="Client SARL")
    made.add("account_journal", id=1, code="VTE")
    for number, kind in enumerate(TYPES):
        made.add("account_account_type", id=number, technical_type_select=kind)
    chart = (("512", 0), ("411", 1), ("701", 2), ("601", 3), ("101", 4), ("120", 4), ("891", 5), ("801", 6))
    for code, kind in chart:
        made.account(code, kind)
    made.move("CAP", "2023-07-01", ("512", "1000.000"), ("101", "-1000.000"))
    made.move("VTE-1", "2023-09-01", ("411", "120.500"), ("701", "-120.500"), line={"partner": 7})
    return made


def ledger_of(server: Server, books: Books, folder: Path, mapping: dict[str, str] | None = None) -> Ledger:
    objects = FolderObjects(folder / "objects")
    with open_source(books.create(server, "axelor", schema_file())) as source:
        assert (source.erp, source.version) == ("axelor", "8")
        company = source.company("Axelor SAS")
        manifest = LedgerManifest(
            erp=source.erp,
            erp_version=source.version,
            source_id=source.source_id,
            company=company,
            master=extract_master(source, company, mapping or {}, objects),
            years=[extract_year(source, company, year, objects) for year in source.years(company)],
            mapping=mapping or {},
        )
    return Ledger.open(manifest, objects.fetch)


def balances(ledger: Ledger) -> dict[str, Decimal]:
    return dict(
        ledger.rows("SELECT code, sum(amount) FROM journal_lines JOIN accounts USING (account_id) GROUP BY 1")
    )


BEGUN = {"512": Decimal(1000), "101": Decimal(-1000), "411": Decimal("120.5"), "701": Decimal("-120.5")}


def test_lines_are_read_through_the_account_and_not_through_its_copies(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    with ledger_of(postgres, books, tmp_path) as ledger:
        assert balances(ledger) == BEGUN
        assert all(check.passed for check in run_checks(ledger))
        assert ledger.company.fiscal_year_end_month == 6
        assert ledger.years == [2024]
        assert ledger.rows("SELECT partner_id, name FROM partners") == [("7", "P0007 - Client SARL")]


def test_moves_that_are_not_posted_simulated_ignored_or_of_others_do_not_count(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    sale = (("411", "9.000"), ("701", "-9.000"))
    for status in (1, 4, 5):
        books.move(f"NO-{status}", "2023-10-01", *sale, status_select=status)
    books.move("IGN", "2023-10-01", *sale, ignore_in_accounting_ok=True)
    books.move("OTHER", "2023-10-01", *sale, company=2)
    books.move("OFF", "2023-10-01", ("801", "5.000"), ("801", "-5.000"))
    with ledger_of(postgres, books, tmp_path) as ledger:
        assert balances(ledger) == BEGUN
    books.move("DAY", "2023-10-01", *sale, status_select=2, ignore_in_accounting_ok=None)
    with ledger_of(postgres, books, tmp_path / "with") as ledger:
        assert balances(ledger)["411"] == Decimal("129.5")


def test_moves_of_the_daybook_may_be_left_out(postgres: Server, books: Books) -> None:
    books.move("DAY", "2023-10-01", ("411", "9.000"), ("701", "-9.000"), status_select=2)
    url = books.create(postgres, "axelor_definitive", schema_file())
    found = {}
    for chosen in ({}, {"status": "3"}):
        with open_source(url, settings=chosen) as source:
            lines = source.books.posted_lines(source.company("Axelor SAS")).subquery()
            rows = source.database.rows(select(lines.c.entry_name).distinct())
            found[chosen.get("status")] = {name for (name,) in rows}
    assert found == {None: {"CAP", "VTE-1", "DAY"}, "3": {"CAP", "VTE-1"}}
    with pytest.raises(InvalidRequest, match="status"), open_source(url, settings={"status": "5"}):
        pass


def test_a_year_s_closure_brings_the_result_into_equity_and_carries_nothing_over_twice(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    closing = {"auto_year_closure_move": True, "functional_origin_select": 2}
    books.move("RES", "2024-06-30", ("701", "120.500"), ("120", "-120.500"), **closing)
    books.move("BAL", "2024-06-30", ("512", "-1000.000"), ("891", "1000.000"), **closing)
    books.move("OPE", "2024-07-01", ("512", "1000.000"), ("891", "-1000.000"), functional_origin_select=1)
    books.move("AN", "2024-07-01", ("411", "120.500"), ("120", "-120.500"), functional_origin_select=1)
    with ledger_of(postgres, books, tmp_path, {"120": "retained_earnings"}) as ledger:
        assert balances(ledger) == {**BEGUN, "701": Decimal(0), "120": Decimal("-120.5")}
        names = ledger.rows("SELECT DISTINCT entry_name FROM journal_lines WHERE is_closing")
        assert names == [("RES",)]
        assert all(check.passed for check in run_checks(ledger))


def test_a_result_that_the_batch_brings_into_the_next_year_is_left_where_it_came_from(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    books.move("CLO", "2024-06-30", ("701", "120.500"), ("891", "-120.500"), auto_year_closure_move=True)
    books.move("RES", "2024-07-01", ("891", "120.500"), ("120", "-120.500"), functional_origin_select=1)
    with ledger_of(postgres, books, tmp_path) as ledger:
        assert balances(ledger) == BEGUN


def test_the_balances_that_the_books_began_with_count(postgres: Server, books: Books, tmp_path: Path) -> None:
    books.move("BEGAN-1", "2023-07-01", ("512", "50.000"), ("891", "-50.000"), functional_origin_select=1)
    books.move("BEGAN-2", "2023-07-01", ("891", "50.000"), ("101", "-50.000"))
    with pytest.raises(UnmappedAccount, match="891"):
        ledger_of(postgres, books, tmp_path)
    with ledger_of(postgres, books, tmp_path / "mapped", {"89*": "equity"}) as ledger:
        assert balances(ledger) == {
            **BEGUN, "512": Decimal(1050), "101": Decimal(-1050), "891": Decimal(0)
        }  # fmt: skip
        [(opening,)] = ledger.rows("SELECT count(*) FROM journal_lines WHERE is_opening")
        assert opening == 4


def test_what_is_reconciled_with_a_line_that_does_not_count_stays_open(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    books.move("SIM", "2023-10-15", ("512", "100.000"), ("411", "-100.000"), status_select=5)
    books.add("account_reconcile", id=1, amount="100.00", status_select=2, effective_date="2023-10-20",
              debit_move_line=books.lines["VTE-1", 0], credit_move_line=books.lines["SIM", 1])  # fmt: skip
    with ledger_of(postgres, books, tmp_path) as ledger:
        [item] = aged(ledger, "aged_receivables", date(2023, 10, 31)).items
        assert item.residual == Decimal("120.5")


def test_foreign_amounts_take_the_sign_of_their_line(postgres: Server, books: Books, tmp_path: Path) -> None:
    books.move("USD", "2023-11-01", ("411", "90.000"), ("701", "-90.000"), currency=2,
               line={"currency_amount": "100.000"})  # fmt: skip
    books.add(
        "base_currency_conversion_line",
        id=1, start_currency=2, end_currency=1, exchange_rate="0.900000", from_date="2023-11-01",
    )  # fmt: skip
    books.add(
        "base_currency_conversion_line",
        id=2, start_currency=2, end_currency=1, exchange_rate="0.950000", from_date="2023-11-01",
    )  # fmt: skip
    with open_source(books.create(postgres, "axelor_rates", schema_file())) as source:
        [(currency, _, units, _)] = source.database.rows(source.books.rates(source.company("Axelor SAS")))
        assert (currency, units) == ("USD", Decimal("0.95")), "the one written last"
    with ledger_of(postgres, books, tmp_path) as ledger:
        found = ledger.rows(
            "SELECT document_currency, document_amount FROM journal_lines WHERE entry_name = 'USD' ORDER BY 2"
        )
        assert found == [("USD", Decimal(-100)), ("USD", Decimal(100))]


def test_open_items_are_lines_less_confirmed_reconciliations(
    postgres: Server, books: Books, tmp_path: Path
) -> None:
    books.move("BNQ", "2023-10-15", ("512", "100.000"), ("411", "-100.000"), line={"partner": 7})
    pair = {"debit_move_line": books.lines["VTE-1", 0], "credit_move_line": books.lines["BNQ", 1]}
    books.add("account_reconcile", id=1, amount="60.00", status_select=2, effective_date="2023-10-20", **pair)
    books.add("account_reconcile", id=2, amount="40.00", status_select=2,
              reconciliation_date_time="2023-11-05 10:00:00", **pair)  # fmt: skip
    books.add("account_reconcile", id=3, amount="1.00", status_select=1, effective_date="2023-10-20", **pair)
    books.add("account_reconcile", id=4, amount="2.00", status_select=3, effective_date="2023-10-20", **pair)
    with ledger_of(postgres, books, tmp_path) as ledger:

        def opened(day: date) -> dict[str, Decimal]:
            items = aged(ledger, "aged_receivables", day).items
            return {item.entry_name: item.residual for item in items}

        assert opened(date(2023, 10, 19)) == {"VTE-1": Decimal("120.5"), "BNQ": Decimal(-100)}
        assert opened(date(2023, 10, 31)) == {"VTE-1": Decimal("60.5"), "BNQ": Decimal(-40)}
        assert opened(date(2023, 11, 30)) == {"VTE-1": Decimal("20.5")}


def test_analytic_shares_are_those_of_real_accounting(postgres: Server, books: Books, tmp_path: Path) -> None:
    books.add("account_analytic_axis", id=1, code="SITE")
    for number, code in ((1, "PARIS"), (2, "LYON")):
        books.add("account_analytic_account", id=number, code=code, analytic_axis=1)
    line = {"move_line": books.lines["VTE-1", 1], "date_val": "2023-09-01"}
    for number, (account, percent, kind) in enumerate(((1, "60.00", 3), (2, "40.00", 3), (2, "90.00", 2))):
        share = {"analytic_account": account, "percentage": percent, "type_select": kind}
        books.add("account_analytic_move_line", id=number, **line, **share)
    with ledger_of(postgres, books, tmp_path) as ledger:
        [(shares,)] = ledger.rows("SELECT dimensions FROM journal_lines WHERE dimensions IS NOT NULL")
        assert json.loads(shares) == {"SITE:PARIS": 60.0, "SITE:LYON": 40.0}


def test_an_account_whose_type_says_nothing_is_named(postgres: Server, books: Books, tmp_path: Path) -> None:
    books.add("account_account_type", id=50, technical_type_select="of our own")
    books.account("999", 50)
    books.move("ODD", "2023-12-01", ("999", "1.000"), ("512", "-1.000"))
    with pytest.raises(UnmappedAccount, match="999 Account 999"):
        ledger_of(postgres, books, tmp_path)


def test_a_missing_column_is_named(postgres: Server, books: Books) -> None:
    url = books.create(postgres, "axelor_spoilt", schema_file())
    postgres.psql("axelor_spoilt", "ALTER TABLE account_move DROP COLUMN auto_year_closure_move")
    missing = r"lacks column account_move\.auto_year_closure_move; .* suggests Axelor 8"
    with pytest.raises(UnsupportedSchema, match=missing), open_source(url):
        pass
