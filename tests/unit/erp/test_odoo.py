"""What Odoo keeps where, in each version."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from abax.erp import open_source
from abax.erp.odoo import CLASSES, TYPE_NAMES, OdooModule
from abax.erp.source import COMPANY_COLUMNS, RATE_COLUMNS, Found, Schema, completed, source_columns
from abax.errors import MalformedValue, UnsupportedSchema
from abax.ledger.model import TABLES, Company
from sqlalchemy.dialects import postgresql, sqlite

from tests.support.postgres import Server
from tests.unit.erp.books import LINES, STAMP, VERSIONS, Books

Write = Callable[[Books], str]
Read = Callable[..., dict[str, list[tuple[Any, ...]]]]

ACME = Company(company_id="1", name="Acme", currency="EUR")


def column(rows: list[tuple[Any, ...]], table: str, *names: str) -> list[Any]:
    """Some columns of a canonical table's rows."""
    places = [list(TABLES[table]).index(name) for name in names]
    return [row[places[0]] if len(places) == 1 else tuple(row[place] for place in places) for row in rows]


def lines_by_id(rows: list[tuple[Any, ...]], *names: str) -> dict[str, Any]:
    """Journal lines' columns by line id."""
    return dict(
        zip(column(rows, "journal_lines", "line_id"), column(rows, "journal_lines", *names), strict=True)
    )


# --- versions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_is_told_by_its_tables(version: int, written: Write) -> None:
    with open_source(written(Books(version))) as source:
        assert (source.erp, source.version) == ("odoo", str(version))


@pytest.mark.parametrize("version", VERSIONS)
def test_all_versions_give_the_same_canonical_tables(version: int, written: Write, read: Read) -> None:
    assert read(written(Books(version))) == read(written(Books(17)), "Acme")


@pytest.mark.postgres
@pytest.mark.parametrize("version", VERSIONS)
def test_postgresql_with_its_json_columns_gives_the_same_as_sqlite(
    version: int, written: Write, read: Read, postgres: Server
) -> None:
    assert read(postgres.create(f"shape{version}", Books(version).script())) == read(written(Books(version)))


@pytest.mark.parametrize(
    ("version", "table", "gone"),
    [
        (15, "account_account", "user_type_id"),
        (16, "account_account", "account_type"),
        (17, "account_move_line", "analytic_distribution"),
        (17, "account_account", "code"),
        (18, "account_account", "code_store"),
        (18, "account_move_line", "company_id"),
    ],
)
def test_a_missing_column_is_named_with_the_version_that_the_rest_suggests(
    version: int, table: str, gone: str, written: Write
) -> None:
    books = Books(version)
    books.drop(table, gone)
    with (
        pytest.raises(UnsupportedSchema, match=rf"lacks column {table}\.{gone}; .* suggests Odoo {version}$"),
        open_source(written(books)),
    ):
        pass


def test_what_is_told_apart_only_by_absent_columns_counts_as_17() -> None:
    schema = Schema({"account_account": frozenset({"id", "code", "company_id", "account_type"})})
    assert OdooModule().probe(schema).version == "17"


@pytest.mark.parametrize(
    "dialect", [postgresql.dialect(), sqlite.dialect()], ids=lambda dialect: dialect.name
)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_declaration_has_the_canonical_columns_in_order(version: int, dialect: Any) -> None:
    books = Books(version)
    schema = Schema({table: frozenset(books.names(table)) for table in books.columns})
    odoo = OdooModule().declare(Found(schema, str(version)))
    span = (date(2024, 1, 1), date(2024, 12, 31))
    for names, query in (
        (COMPANY_COLUMNS, odoo.companies()),
        (source_columns("accounts"), odoo.accounts(ACME)),
        (source_columns("partners"), completed("partners", odoo.partners(ACME))),
        (RATE_COLUMNS, odoo.rates(ACME)),
        (source_columns("journal_lines"), odoo.journal_lines(ACME, *span)),
        (source_columns("settlements"), odoo.settlements(ACME, *span)),
    ):
        assert tuple(query.selected_columns.keys()) == names
        assert str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def test_all_types_have_a_class_and_odoo_15_knows_them_all_by_name() -> None:
    assert set(TYPE_NAMES.values()) == set(CLASSES)


# --- accounts and partners -------------------------------------------------------------------------------


def test_accounts_carry_code_english_name_type_and_class(written: Write, read: Read) -> None:
    accounts = read(written(Books()))["accounts"]
    assert ("5", "600000", 'Expenses, "general"', "expense", "operating_expenses") in accounts
    assert ("7", "009000", "Guarantees", "off_balance", "off_balance") in accounts
    assert ("6", "999999", "Undistributed profits", "equity_unaffected", "retained_earnings") in accounts


def test_a_name_without_english_is_given_in_another_language(written: Write, read: Read) -> None:
    books = Books()
    books.put("account_account", 1, name='{"fr_FR": "Banque"}')
    assert ("1", "101000", "Banque", "asset_cash", "cash") in read(written(books))["accounts"]


def test_a_type_added_by_hand_in_odoo_15_has_no_class(written: Write, read: Read) -> None:
    books = Books(15)
    books.put("account_account_type", 5, name="Marketing")
    assert ("5", "600000", 'Expenses, "general"', "Marketing", None) in read(written(books))["accounts"]


def test_the_mapping_goes_before_the_type(written: Write, read: Read) -> None:
    accounts = read(written(Books()), mapping={"600000": "interest_expense"})["accounts"]
    classes = dict(column(accounts, "accounts", "code", "statement_class"))
    assert classes["600000"] == "interest_expense"
    assert classes["400000"] == "revenue"


def test_only_partners_on_posted_lines_are_read_and_unnamed_contacts_by_full_name(
    written: Write, read: Read
) -> None:
    assert read(written(Books()))["partners"] == [("1", "Ada", None), ("2", "Bolt, Invoices", None)]


@pytest.mark.parametrize("version", [17, 18])
def test_a_branch_uses_its_roots_chart_and_codes(version: int, written: Write, read: Read) -> None:
    books = Books(version)
    books.add("res_company", id=12, name="Branch", currency_id=1, parent_id=1, parent_path="1/12/")
    books.post(50, 7, 5, "2024-05-05", "b", debit=3, company=12)
    books.post(51, 7, 1, "2024-05-05", "b", credit=3, company=12)
    found = read(written(books), "Branch")
    assert len(found["journal_lines"]) == 2
    assert column(found["accounts"], "accounts", "code") == CODES


CODES = ["009000", "101000", "121000", "211000", "400000", "600000", "999999"]


def test_an_account_of_another_chart_is_read_where_it_is_posted_to(written: Write, read: Read) -> None:
    books = Books()
    books.put("account_account", 5, company_id=2)
    books.put("account_account", 6, company_id=2)
    assert column(read(written(books))["accounts"], "accounts", "account_id") == [
        "7",
        "1",
        "2",
        "3",
        "4",
        "5",
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_account_without_code_and_name_goes_by_its_id(version: int, written: Write, read: Read) -> None:
    books = without_names(version)
    accounts = read(written(books), mapping={"5": "interest_expense"})["accounts"]
    assert ("5", "5", "", "expense", "interest_expense") in accounts


def without_names(version: int) -> Books:
    """Books that hold nulls where names and numbers should be."""
    books = Books(version)
    code = {"code_store": '{"7": "600000"}'} if version == 18 else {"code": None}
    books.put("account_account", 5, name=None, **code)
    books.put("account_move_line", 6, move_name=None)
    return books


def test_an_entry_without_a_number_goes_by_its_id(written: Write, read: Read) -> None:
    names = lines_by_id(read(written(without_names(17)))["journal_lines"], "entry_name")
    assert names["6"] == "3"


@pytest.mark.postgres
@pytest.mark.parametrize("version", VERSIONS)
def test_nulls_are_the_same_on_postgresql(version: int, written: Write, read: Read, postgres: Server) -> None:
    books = without_names(version)
    assert read(postgres.create(f"nulls{version}", books.script())) == read(written(books))


# --- lines -----------------------------------------------------------------------------------------------


def test_only_posted_lines_with_an_account_are_read(written: Write, read: Read) -> None:
    ids = column(read(written(Books()))["journal_lines"], "journal_lines", "line_id")
    assert sorted(map(int, ids)) == [1, 2, 4, 5, 6, 7, 12, 13]
    assert len(LINES) == 13


def test_a_line_has_the_due_date_that_it_was_given_or_none(written: Write, read: Read) -> None:
    due = lines_by_id(read(written(Books()))["journal_lines"], "due_date")
    assert due["1"] == date(2024, 3, 31)
    assert due["2"] is None


def test_foreign_lines_keep_currency_and_signed_amount(written: Write, read: Read) -> None:
    money = lines_by_id(
        read(written(Books()))["journal_lines"], "amount", "document_currency", "document_amount"
    )
    assert money["1"] == (Decimal(100), "USD", Decimal(110))
    assert money["2"] == (Decimal(-100), "USD", Decimal(-110))
    assert money["6"] == (Decimal("0.3"), "EUR", Decimal("0.3"))


def test_a_line_without_a_currency_is_in_the_companys(written: Write, read: Read) -> None:
    books = Books(15)
    books.put("account_move_line", 6, currency_id=None, amount_currency=None)
    money = lines_by_id(read(written(books))["journal_lines"], "document_currency", "document_amount")
    assert money["6"] == ("EUR", Decimal("0.3"))


@pytest.mark.parametrize("version", VERSIONS)
def test_analytics_become_dimensions_in_percent(version: int, written: Write, read: Read) -> None:
    dimensions = lines_by_id(read(written(Books(version)))["journal_lines"], "dimensions")
    assert dimensions["6"] == '{"9": 100.0}'
    assert dimensions["7"] is None


def test_empty_labels_are_not_missing_ones(written: Write, read: Read) -> None:
    labels = lines_by_id(read(written(Books()))["journal_lines"], "label")
    assert labels["1"] is None
    assert labels["4"] == ""
    assert labels["2"] == 'Désirée, "x"\nb'


def test_lines_of_the_opening_entry_are_marked(written: Write, read: Read) -> None:
    books = Books()
    books.put("res_company", 1, account_opening_move_id=2)
    opening = lines_by_id(read(written(books))["journal_lines"], "is_opening")
    assert {line for line, is_opening in opening.items() if is_opening} == {"4", "5"}


def test_lines_have_fiscal_year_and_month_of_an_odd_fiscal_year(written: Write, read: Read) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month="3", fiscalyear_last_day=31)
    months = lines_by_id(read(written(books))["journal_lines"], "fiscal_year", "fiscal_month")
    assert months["1"] == (2024, 12)
    assert months["4"] == (2025, 1)
    assert months["6"] == (2025, 10)
    assert months["12"] == (2026, 9)


def with_entry(*amounts: str, label: str = "x") -> Books:
    """Books with one more line for each amount, all debits of one entry."""
    books = Books()
    for key, amount in enumerate(amounts, 50):
        books.post(key, 7, 5, "2025-03-03", label, debit=float(amount), usd=float(amount))
    return books


@pytest.mark.postgres
def test_amounts_of_four_decimals_and_long_labels_are_the_same_on_postgresql(
    written: Write, read: Read, postgres: Server
) -> None:
    books = with_entry("20.125", "1234567.1000000001", "0.00010", "-0.1234", label="é" * 20_000)
    theirs = read(postgres.create("decimals", books.script()))
    assert theirs == read(written(books))
    found = lines_by_id(theirs["journal_lines"], "debit", "label")
    assert found["50"] == (Decimal("20.125"), "é" * 10_000)
    assert found["51"][0] == Decimal("1234567.1")


@pytest.mark.postgres
def test_amounts_of_more_decimals_are_refused_on_postgresql_as_on_sqlite(
    written: Write, read: Read, postgres: Server
) -> None:
    books = with_entry("0.00005", "0.0001")
    for url in (written(books), postgres.create("fine", books.script())):
        with pytest.raises(
            MalformedValue, match=r"debit '0\.00005 \(more than 4 decimals\)' of journal line 50;"
        ):
            read(url)


@pytest.mark.postgres
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "20255-01-01", "infinity", "0044-03-15 BC"])
def test_dates_beyond_reckoning_are_named_on_postgresql(day: str, postgres: Server) -> None:
    books = Books()
    books.put("account_move_line", 6, date=day)
    with (
        open_source(postgres.create("typo", books.script())) as source,
        pytest.raises(MalformedValue, match=f"posting date {day} of journal line 6;"),
    ):
        source.years(source.company("1"))


@pytest.mark.postgres
def test_postgresql_counts_lines_by_the_same_fiscal_years_as_sqlite(written: Write, postgres: Server) -> None:
    books = Books()
    books.put("res_company", 1, fiscalyear_last_month="4", fiscalyear_last_day=5)
    for key, day in enumerate(["2024-04-05", "2024-04-06", "2025-02-28", "2025-04-05", "2025-04-06"], 50):
        books.post(key, 7, 5, day, "x", debit=1)

    def counted(url: str) -> list[tuple[int, int]]:
        with open_source(url) as source:
            return [(year.year, year.lines) for year in source.years(source.company("1"))]

    assert counted(postgres.create("odd", books.script())) == counted(written(books))


# --- settlements -----------------------------------------------------------------------------------------


def test_a_settlement_without_a_date_counts_from_the_later_line(written: Write, read: Read) -> None:
    assert read(written(Books()))["settlements"] == [("1", "5", date(2024, 4, 2), Decimal(50), None)]


def test_a_settlement_counts_in_the_year_of_its_date(written: Write, read: Read) -> None:
    books = Books()
    books.put("account_partial_reconcile", 1, max_date="2025-01-01")
    assert read(written(books))["settlements"] == [("1", "5", date(2025, 1, 1), Decimal(50), None)]


def test_a_settlement_with_a_draft_does_not_count(written: Write, read: Read) -> None:
    books = Books()
    books.add("account_partial_reconcile", id=2, debit_move_id=8, credit_move_id=5, amount=1.0)
    assert len(read(written(books))["settlements"]) == 1


@pytest.mark.parametrize(
    ("kind", "is_payment"),
    [("bank", True), ("cash", True), ("credit", True), ("sale", False), ("general", False)],
)
def test_a_settlement_with_a_line_of_a_bank_s_journal_is_a_payment(
    kind: str, is_payment: bool, written: Write, read: Read
) -> None:
    books = Books()
    columns = "id integer, code varchar, type varchar"
    books.table("account_journal", columns, [(1, "INV", "sale"), (2, "BNK", kind)])
    books.put("account_move_line", 5, journal_id=2)
    assert read(written(books))["settlements"] == [("1", "5", date(2024, 4, 2), Decimal(50), is_payment)]


# --- addresses -------------------------------------------------------------------------------------------

PEOPLE = [
    # id, name, email, whose contact, still active; Ada and Bolt are on posted lines
    (1, "Ada", "accounts@ada.example", 1, True),
    (2, "Bolt", None, 2, True),
    (3, "Unused", "nobody@unused.example", 3, True),
    (4, "Ben of Ada", "ben@ada.example", 1, None),
    (5, "Who has left", "gone@ada.example", 1, False),
    (6, "Cem of Bolt", "cem@bolt.example", 2, True),
    (7, "Dee of Unused", "dee@unused.example", 3, True),
]


def people(*columns: str) -> Books:
    """Books with PEOPLE, of whom these columns are kept."""
    kinds = {"email": "varchar", "commercial_partner_id": "integer", "active": "boolean"}
    rows = []
    for key, name, *rest in PEOPLE:
        of = dict(zip(kinds, rest, strict=True))
        rows.append((key, name, name, STAMP, *[of[column] for column in columns]))
    shape = ["id integer", "name varchar", "complete_name varchar", "write_date timestamp"]
    books = Books()
    books.table("res_partner", ", ".join([*shape, *[f"{name} {kinds[name]}" for name in columns]]), rows)
    return books


def test_addresses_are_those_of_partners_on_posted_lines_and_of_their_active_contacts(
    written: Write, read: Read
) -> None:
    books = people("email", "commercial_partner_id", "active")
    assert read(written(books))["addresses"] == [
        ("1", "accounts@ada.example"),
        ("1", "ben@ada.example"),
        ("2", "cem@bolt.example"),
    ]


def test_without_contacts_partners_have_their_own_addresses_alone(written: Write, read: Read) -> None:
    assert read(written(people("email")))["addresses"] == [("1", "accounts@ada.example")]


def test_without_addresses_there_is_no_table_of_them(written: Write, read: Read) -> None:
    assert "addresses" not in read(written(Books()))


@pytest.mark.postgres
def test_postgresql_gives_the_same_addresses_and_payments(
    written: Write, read: Read, postgres: Server
) -> None:
    books = people("email", "commercial_partner_id", "active")
    columns = "id integer, code varchar, type varchar"
    books.table("account_journal", columns, [(1, "INV", "sale"), (2, "BNK", "bank")])
    books.put("account_move_line", 5, journal_id=2)
    on_server = read(postgres.create("people", books.script()))
    assert on_server == read(written(books))
    assert [row[-1] for row in on_server["settlements"]] == [True]


# --- rates -----------------------------------------------------------------------------------------------


def rates(found: dict[str, list[tuple[Any, ...]]]) -> dict[tuple[str, date], Decimal]:
    """Rates by currency and day."""
    return {(currency, day): rate for currency, day, rate in found["fx_rates"]}


def test_rates_are_functional_units_per_foreign_unit(written: Write, read: Read) -> None:
    assert rates(read(written(Books()))) == {
        ("USD", date(2024, 1, 1)): Decimal("0.909090909091"),
        ("USD", date(2025, 1, 1)): Decimal("0.8"),
    }


def test_a_companys_own_rates_replace_shared_ones_from_their_first_day(written: Write, read: Read) -> None:
    books = Books()
    books.add("res_currency_rate", id=3, currency_id=2, company_id=1, name="2024-06-01", rate=2)
    books.add("res_currency_rate", id=4, currency_id=2, company_id=7, name="2024-07-01", rate=9)
    assert rates(read(written(books))) == {
        ("USD", date(2024, 1, 1)): Decimal("0.909090909091"),
        ("USD", date(2024, 6, 1)): Decimal("0.5"),
    }


def test_rates_are_relative_to_the_functional_currencys_own(written: Write, read: Read) -> None:
    books = Books()
    books.add("res_currency_rate", id=3, currency_id=1, name="2024-12-01", rate=0.5)
    assert rates(read(written(books)))["USD", date(2025, 1, 1)] == Decimal("0.4")
