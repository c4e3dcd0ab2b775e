"""The error tree: codes, statuses, what may be retried, and messages that say what to do."""

from datetime import date
from decimal import Decimal

import pytest
from abax import errors


def test_the_drawn_tree_lists_every_class():
    drawn = errors.__doc__ or ""
    assert [error.__name__ for error in errors.all_errors() if error.__name__ not in drawn] == []


def test_class_names_are_unique_since_they_are_the_public_codes():
    names = [error.__name__ for error in errors.all_errors()]
    assert len(names) == len(set(names))


def test_only_what_may_pass_by_itself_is_retried():
    assert {error.__name__ for error in errors.all_errors() if error.retryable} == {
        "SourceUnreachable",
        "SourceInterrupted",
        "ModelUnreachable",
    }


@pytest.mark.parametrize("error", errors.all_errors())
def test_every_error_has_an_http_error_status(error):
    assert 400 <= error.status <= 599


def test_long_lists_are_cut_short():
    assert errors.listed(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert errors.listed([]) == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.UnmappedAccount(["4711 Mystery"]), ["4711 Mystery", "mapping"]),
        (errors.UnbalancedEntry([("INV/1", Decimal("0.01"))]), ["INV/1", "0.01"]),
        (errors.CheckFailed("cash", Decimal("3.50"), ["E1"]), ["cash", "3.50", "E1"]),
        (
            errors.NoPostings("Acme", date(2024, 1, 1), date(2024, 12, 31)),
            ["Acme", "2024-01-01", "2024-12-31"],
        ),
        (errors.UnknownYear("Acme", 2020, []), ["Acme", "2020", "no posted entry"]),
        (errors.MissingRate("USD", "EUR", date(2024, 5, 1), ["E9"]), ["USD", "EUR", "2024-05-01", "E9"]),
        (errors.InvalidMapping("4000", "income", ["revenue"]), ["mapping", "4000", "'income'", "revenue"]),
        (errors.UnsupportedSchema("db", ["account_move"], "Odoo 12"), ["db", "account_move", "Odoo 12"]),
        (errors.StorageFull("/tmp"), ["/tmp", "finished parts are kept"]),
    ],
)
def test_messages_name_what_where_and_the_remedy(error, words):
    assert [word for word in words if word not in str(error)] == []


def test_an_error_is_carried_as_type_and_message():
    assert errors.UnknownJob("j1").as_dict() == {"type": "UnknownJob", "message": "no job 'j1'"}


def test_amounts_in_messages_are_written_as_money():
    assert str(errors.CheckFailed("it balances", Decimal("1234567.5000"))).endswith("is off by 1,234,567.50")
    assert "E1 (off by -1,000.00), E2 (off by 0.0005)" in str(
        errors.UnbalancedEntry([("E1", Decimal(-1000)), ("E2", Decimal("0.0005"))])
    )
