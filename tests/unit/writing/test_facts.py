"""The facts of a close: right, in order, and open to the books."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from abax.forecast import forecast_package
from abax.ledger import build_package, explain
from abax.ledger.model import ClosePackage
from abax.writing import answer
from abax.writing.facts import close_facts
from abax.writing.figures import Figures, names_of

from tests.golden.books import AS_OF, golden_ledger
from tests.support.books import Entry, build_ledger
from tests.unit.writing.conftest import Closed


def told(package: ClosePackage) -> dict[str, str]:
    return {fact.name: fact.text for fact in close_facts(Figures(package, forecast_package(package)))}


def test_a_finished_year_is_held_against_the_one_before(full: Closed) -> None:
    assert list(told(full.package).values()) == [
        "Revenue came to EUR 136 thousand in 2025, 6.8 % more than in 2024.",
        "The net result in 2025 was a profit of EUR 25.8 thousand, "
        "after a profit of EUR 23.4 thousand in 2024.",
        "The gross margin was 59.0 % of revenue in 2025, against 59.0 % in 2024.",
        "Cash stood at EUR 62.4 thousand on 31 Dec 2025, after EUR 49.7 thousand at the end of 2024.",
        "Operating activities brought in EUR 17.6 thousand of cash in 2025.",
        "Cost of sales rose by EUR 3,543 to EUR 55.6 thousand in 2025, "
        "the largest movement apart from revenue.",
        "On the balance sheet, trade receivables rose by EUR 12.2 thousand to EUR 33.2 thousand "
        "by 31 Dec 2025.",
        "Customers owed EUR 33.2 thousand on 31 Dec 2025, of which EUR 20.7 thousand or 62.4 % was overdue.",
        "Sales were outstanding for 73 days in 2025, against 60 days in 2024.",
        "Revenue of EUR 140 thousand is forecast for January 2026 to December 2026, "
        "after EUR 136 thousand in 2025.",
    ]


def test_an_unfinished_year_is_held_against_the_same_months(part: Closed) -> None:
    story = told(part.package)
    assert "in 2026 up to 30 Sep 2026, 6.6 % more than in the same months of 2025" in story["revenue"]
    assert story["outlook"].endswith("for October 2026 to September 2027, after EUR 136 thousand in 2025.")


def test_a_month_that_is_not_over_is_compared_with_nothing(tmp_path: Path) -> None:
    with golden_ledger(tmp_path) as ledger:
        package = build_package(ledger, 2026, as_of=AS_OF.replace(day=20))
    story = told(package)
    assert "movement" not in story
    assert "than" not in story["revenue"]


@pytest.mark.parametrize("name", ["full", "part"])
def test_every_fact_opens_to_journal_lines_that_sum_to_its_figures(
    closes: dict[str, Closed], name: str, tmp_path: Path
) -> None:
    closed = closes[name]
    as_of = AS_OF if name == "part" else None
    with golden_ledger(tmp_path) as ledger:
        for fact in close_facts(closed.figures):
            paths = [path for figure in fact.figures for path in figure.opens]
            assert paths, fact.name
            for path in dict.fromkeys(paths):
                known = closed.figures.get(path)
                assert known is not None
                assert explain(ledger, *names_of(path), limit=1, as_of=as_of).figure == known.value, path


def entries(*sales: tuple[str, str]) -> list[Entry]:
    return [Entry(day, [("1000", amount), ("4000", f"-{amount}")]) for day, amount in sales]


def test_losses_overdrafts_and_first_years_are_called_what_they_are(tmp_path: Path) -> None:
    books = [
        Entry("2025-03-01", [("1000", "100"), ("4000", "-100")]),
        Entry("2025-04-01", [("6000", "900"), ("1000", "-900")]),
        Entry("2025-12-31", [("6000", "1"), ("1000", "-1")]),
    ]
    with build_ledger(tmp_path, books) as ledger:
        story = told(build_package(ledger, 2025))
    assert story["revenue"] == "Revenue came to EUR 100.00 in 2025."
    assert story["result"] == "The net result in 2025 was a loss of EUR 801.00."
    assert story["cash"] == "Cash was overdrawn by EUR 801.00 on 31 Dec 2025."
    assert story["operations"] == "Operating activities used up EUR 801.00 of cash in 2025."
    assert "margin" not in story and "overdue" not in story


def test_books_without_sales_tell_what_they_have(tmp_path: Path) -> None:
    books = [Entry("2025-01-01", [("1000", "50"), ("3000", "-50")])]
    with build_ledger(tmp_path, books) as ledger:
        story = told(build_package(ledger, 2025))
    assert set(story) == {"cash"}


def test_what_did_not_move_is_not_said_to_have_moved(tmp_path: Path) -> None:
    with build_ledger(
        tmp_path, entries(("2024-06-30", "100"), ("2025-06-30", "100"), ("2025-12-31", "0"))
    ) as ledger:
        package = build_package(ledger, 2025)
    story = told(package)
    assert story["revenue"] == "Revenue came to EUR 100.00 in 2025."
    assert package.statement("income_statement", "year").value("revenue", "2024") == Decimal(100)


def test_a_change_from_a_small_base_is_told_as_what_it_was_and_is(tmp_path: Path) -> None:
    with build_ledger(tmp_path, entries(("2024-06-30", "100"), ("2025-12-31", "13034.90"))) as ledger:
        package = build_package(ledger, 2025)
    outlook = forecast_package(package)
    assert told(package)["revenue"] == "Revenue came to EUR 13.0 thousand in 2025, after EUR 100.00 in 2024."
    asked = answer(package, outlook, "How much did revenue grow in 2025?").answer
    assert asked == "Revenue rose by EUR 12,934.90, from EUR 100.00 in 2024 to EUR 13,034.90 in 2025."
