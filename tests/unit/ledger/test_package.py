"""The close package as a whole."""

from datetime import date

import pytest
from abax.errors import InvalidRequest, NoPostings, UnbalancedEntry
from abax.ledger import ClosePackage, build_package

from tests.support.books import Entry

from .conftest import TWO_YEARS


def notices(package):
    return {notice.code: notice.message for notice in package.notices}


def test_it_holds_every_report_at_every_granularity(ledger):
    package = build_package(ledger, 2025)
    assert {(own.report, own.granularity) for own in package.statements} == {
        (report, granularity)
        for report in ("income_statement", "balance_sheet", "cash_flow")
        for granularity in ("month", "quarter", "year")
    }
    assert [balance.year for balance in package.trial_balances] == [2024, 2025]
    assert [report.report for report in package.aged] == ["aged_receivables", "aged_payables"]
    assert len(package.checks) == 4


def test_it_survives_json(ledger):
    package = build_package(ledger, 2025)
    assert ClosePackage.model_validate_json(package.model_dump_json()) == package


def test_months_without_postings_are_noticed_and_no_error(ledger):
    assert notices(build_package(ledger, 2025))["months_without_postings"] == (
        "nothing is posted in 2024-04, 2024-05, 2024-06, 2024-07, 2024-08, 2024-09, 2024-10, 2024-11"
    )


def test_opening_balances_are_noticed_since_the_cash_flow_shows_them_as_flows(opened):
    start = Entry("2024-01-01", [("1000", "1000"), ("3000", "-1000")], opening=True)
    assert "2024-01" in notices(build_package(opened([start]), 2024))["opening_entries"]


def test_an_unfinished_year_is_noticed(ledger):
    message = notices(build_package(ledger, 2025))["unfinished_year"]
    assert "2025 is covered up to 2025-03-05, not to its end on 2025-12-31" in message
    assert "unfinished_year" not in notices(build_package(ledger, 2024))


def test_a_mapping_for_an_account_that_is_not_there_is_noticed(opened):
    package = build_package(opened(TWO_YEARS, mapping={"4711": "revenue"}), 2025)
    assert "4711" in notices(package)["mapping_without_account"]


def test_books_without_interest_and_tax_say_that_ebit_is_the_net_result(opened):
    start = Entry("2024-01-01", [("1000", "1000"), ("3000", "-1000")])
    plain = opened([start], accounts={"1000": "cash", "3000": "equity"})
    taxed = opened([start], accounts={"1000": "cash", "3000": "equity", "7000": "income_tax"})
    assert "nothing_below_ebit" in notices(build_package(plain, 2024))
    assert "nothing_below_ebit" not in notices(build_package(taxed, 2024))


def test_aged_reports_are_of_the_day_asked_for_even_after_the_year(ledger):
    package = build_package(ledger, 2024, as_of=date(2025, 1, 20))
    assert package.as_of == date(2024, 12, 31)
    assert [(report.as_of, int(report.total)) for report in package.aged] == [
        (date(2025, 1, 20), 200),
        (date(2025, 1, 20), -200),
    ]


def test_a_day_after_the_year_leaves_its_statements_whole_and_later_postings_out(ledger):
    late, plain = build_package(ledger, 2024, as_of=date(2025, 3, 31)), build_package(ledger, 2024)
    parts = ("year", "as_of", "statements", "trial_balances", "ratios", "checks", "notices")
    assert [getattr(late, part) for part in parts] == [getattr(plain, part) for part in parts]
    assert [report.as_of for report in late.aged] == [date(2025, 3, 31)] * 2
    assert int(late.aged[0].total) == 1000


def test_a_day_before_the_year_makes_no_sense(ledger):
    with pytest.raises(InvalidRequest, match="as_of: 2024-12-31 lies before fiscal year 2025"):
        build_package(ledger, 2025, as_of=date(2024, 12, 31))


def test_a_year_without_postings_cannot_be_closed(ledger):
    with pytest.raises(NoPostings):
        build_package(ledger, 2026)


def test_unsound_books_cannot_be_closed(opened):
    with pytest.raises(UnbalancedEntry):
        build_package(opened([Entry("2024-06-01", [("1000", "1")])]), 2024)


def test_the_same_inputs_give_the_same_hash_and_another_day_another(ledger):
    package = build_package(ledger, 2025)
    assert build_package(ledger, 2025).input_hash == package.input_hash
    assert build_package(ledger, 2025, as_of=date(2025, 6, 30)).input_hash != package.input_hash
