"""Opening a ledger: classes, mapping, bounds, and what is refused."""

from datetime import date

import pytest
from abax.errors import InvalidMapping, UnmappedAccount
from abax.ledger import Ledger, StatementClass, build_package, explain, trial_balance, write_tables

from tests.support.books import CHART, Books, Entry, rewrite, write_books

SALE = Entry("2024-05-05", [("1100", "10"), ("4000", "-10")])


def test_an_account_with_lines_and_no_class_is_named(opened):
    with pytest.raises(UnmappedAccount, match="4000 Account 4000"):
        opened([SALE], accounts={**CHART, "4000": None})


def test_an_account_without_lines_needs_no_class(opened):
    assert opened([SALE], accounts={**CHART, "5000": None}).years == [2024]


def test_a_line_on_an_account_that_the_chart_lacks_is_named(opened):
    with pytest.raises(UnmappedAccount, match=r"4000 \(not in the chart"):
        opened([SALE], accounts={"1100": "receivables"})


def test_the_mapping_overrides_the_class_of_the_source(opened):
    ledger = opened([SALE], mapping={"4000": "other_income"})
    assert ledger.accounts["4000"].statement_class is StatementClass.OTHER_INCOME


def test_the_mapping_gives_a_class_where_the_source_has_none(opened):
    ledger = opened([SALE], accounts={**CHART, "4000": None}, mapping={"4000": "revenue"})
    assert ledger.accounts["4000"].statement_class is StatementClass.REVENUE


def test_a_mapping_to_no_known_class_is_refused_with_the_classes_there_are(opened):
    with pytest.raises(InvalidMapping, match=r"4000 is mapped to 'income'.*revenue"):
        opened([SALE], mapping={"4000": "income"})


def test_a_ledger_without_partitions_opens_empty(opened):
    ledger = opened([])
    assert ledger.years == []
    assert list(ledger.periods()) == []


def test_fetch_is_asked_for_the_keys_of_the_manifest(tmp_path):
    manifest = write_books(tmp_path, Books([SALE]))
    asked = []

    def fetch(key):
        asked.append(key)
        return tmp_path / key

    with Ledger.open(manifest, fetch) as ledger:
        assert ledger.years == [2024]
    assert "2024/journal_lines.parquet" in asked
    assert "accounts.parquet" in asked


def test_a_path_with_a_quote_in_it_can_be_read(tmp_path):
    folder = tmp_path / "O'Hara's books"
    with Ledger.open(write_books(folder, Books([SALE])), folder.joinpath) as ledger:
        assert ledger.years == [2024]


def test_the_scratch_folder_goes_when_the_ledger_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with Ledger.open(write_books(tmp_path, Books([SALE])), tmp_path.joinpath) as ledger:
        assert ledger.rows("SELECT current_setting('temp_directory')")[0][0].startswith(
            str(tmp_path / "scratch")
        )
    assert list((tmp_path / "scratch").iterdir()) == []


def test_threads_and_memory_are_bounded(tmp_path):
    manifest = write_books(tmp_path, Books([SALE]))
    with Ledger.open(manifest, tmp_path.joinpath, memory_limit="64MB", threads=1) as ledger:
        settings = ledger.rows("SELECT current_setting('threads'), current_setting('memory_limit')")
    assert settings == [(1, "61.0 MiB")]


def test_a_day_inside_a_month_cuts_that_month(opened):
    ledger = opened([SALE, Entry("2024-05-20", [("1100", "5"), ("4000", "-5")])])
    assert ledger.cutoff(date(2024, 5, 31)) is None
    assert ledger.cutoff(date(2024, 5, 25)) is None
    rows = {row.code: row.closing for row in trial_balance(ledger, 2024, date(2024, 5, 10)).rows}
    assert rows["1100"] == 10


@pytest.mark.parametrize("later", ["2024-06-01", "2024-12-31", "2025-01-01", "2026-05-02"])
@pytest.mark.parametrize("day", [date(2024, 5, 5), date(2024, 5, 31)])
def test_a_day_cuts_off_every_later_month_whether_of_its_year_or_not(opened, day, later):
    ledger = opened([SALE, Entry(later, [("1100", "5"), ("4000", "-5")])])
    amounts = ledger.rows(f"SELECT amount FROM {ledger.cube(day)} WHERE account_id = '1100'")
    posted = ledger.rows(
        f"SELECT amount FROM journal_lines WHERE account_id = '1100' AND {ledger.posted_by(day)}"
    )
    assert amounts == posted == [(10,)]


def test_a_month_that_has_ended_counts_whole_even_with_a_later_posting_date_in_it(tmp_path):
    manifest = write_books(tmp_path, Books([SALE, Entry("2024-06-03", [("1100", "5"), ("4000", "-5")])]))
    change = "UPDATE stored SET posting_date = '2024-07-09' WHERE fiscal_month = 5"
    rewrite(tmp_path / "2024" / "journal_lines.parquet", change)
    with Ledger.open(manifest, tmp_path.joinpath) as ledger:
        for day in (date(2024, 5, 31), date(2024, 6, 2)):
            cash = explain(ledger, "balance_sheet", "receivables", "2024", as_of=day)
            assert [line.amount for line in cash.lines] == [cash.figure] == [10]


def test_an_account_without_code_or_name_goes_by_the_key_of_the_source(tmp_path):
    manifest = write_books(tmp_path, Books([SALE]))
    rewrite(tmp_path / "accounts.parquet", "UPDATE stored SET code = NULL, name = NULL")
    with Ledger.open(manifest, tmp_path.joinpath) as ledger:
        rows = build_package(ledger, 2024).trial_balances[0].rows
        found = [(row.code, row.name, int(row.closing)) for row in rows]
        assert found == [("1100", "", 10), ("3900", "", 0), ("4000", "", -10)]
        assert explain(ledger, "trial_balance", "1100", "2024").figure == 10


def test_an_account_without_code_name_or_class_is_named_by_its_key(tmp_path):
    manifest = write_books(tmp_path, Books([SALE]))
    rewrite(
        tmp_path / "accounts.parquet",
        "UPDATE stored SET code = NULL, name = NULL, statement_class = NULL WHERE account_id = '1100'",
    )
    with pytest.raises(UnmappedAccount, match="1100") as caught:
        Ledger.open(manifest, tmp_path.joinpath)
    assert "not in the chart" not in str(caught.value)


def test_a_line_without_an_account_is_refused(tmp_path):
    manifest = write_books(tmp_path, Books([SALE]))
    rewrite(
        tmp_path / "2024" / "journal_lines.parquet",
        "UPDATE stored SET account_id = NULL WHERE account_id = '4000'",
    )
    with pytest.raises(UnmappedAccount, match=r"none \(not in the chart\)"):
        Ledger.open(manifest, tmp_path.joinpath)


def test_the_input_hash_changes_with_partitions_and_mapping_only(tmp_path):
    plain = write_books(tmp_path / "a", Books([SALE]))
    again = write_books(tmp_path / "b", Books([SALE]))
    mapped = write_books(tmp_path / "c", Books([SALE], mapping={"4000": "other_income"}))
    later = write_books(tmp_path / "d", Books([SALE, SALE]))
    folders = ((plain, "a"), (again, "b"), (mapped, "c"), (later, "d"))
    hashes = []
    for manifest, folder in folders:
        with Ledger.open(manifest, (tmp_path / folder).joinpath) as ledger:
            hashes.append(ledger.input_hash)
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_written_tables_keep_nulls_quotes_and_decimals(tmp_path):
    import duckdb

    rows = [("1", 'say "hi"\n', None), ("2", "", "x")]
    files = write_tables(tmp_path, {"partners": rows})
    kept = duckdb.sql(f"SELECT * FROM '{files['partners']}' ORDER BY 1").fetchall()
    assert kept == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["partners.parquet"]
