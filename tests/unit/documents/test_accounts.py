"""Statements, advices and vouchers: with headings and without."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents import accounts, spans
from abax.documents.classify import Classification
from abax.documents.contracts import (
    AccountStatement,
    Contract,
    DocumentType,
    JournalVoucher,
    PaymentAdvice,
    Subtype,
)
from abax.documents.extract import extract
from abax.documents.identify import Identity
from abax.documents.pages import Reading

from tests.unit.documents.made import page_of


def contract_of(text: str, type_: DocumentType) -> Contract:
    read = Reading((page_of(text),), language="en")
    return extract(
        read, Classification(type=type_, confidence=1.0), Identity(subtype=Subtype.STANDARD)
    ).contract


def test_entries_without_headings_are_rows_of_a_date_a_text_and_amounts() -> None:
    sight = spans.look(
        Reading(
            (
                page_of("""
02.04.2026   Transfer from a sailing club           6,545.00      7,545.00
07.04.2026   Electricity                              412.18      7,132.82
"""),
            ),
            language="en",
        )
    )
    found = accounts.loose_entries(sight)
    assert [(item.text("text"), item.text("net_amount"), item.text("balance")) for item in found] == [
        ("Transfer from a sailing club", "6,545.00", "7,545.00"),
        ("Electricity", "412.18", "7,132.82"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "order", "day"),
    [
        ("28", "12", "dmy", date(2025, 12, 28)),
        ("2", "1", "dmy", date(2026, 1, 2)),
        ("1", "15", "mdy", date(2026, 1, 15)),
        ("31", "2", "dmy", None),
    ],
)
def test_a_date_without_a_year_has_that_of_the_statement(
    first: str, second: str, order: str, day: date | None
) -> None:
    assert accounts.day_before(first, second, date(2026, 1, 31), order) == day


def test_balances_and_totals_are_no_entries() -> None:
    found = contract_of(
        """
Account statement    1/2026 from 01/01/2026 to 31/01/2026

Date          Description                      Debit       Credit
              Opening balance                            1,000.00
05/01/2026    Rent                            400.00
09/01/2026    Customer Miller                              250.00
              Totals                          400.00       250.00
              Closing balance                              850.00
""",
        DocumentType.ACCOUNT_STATEMENT,
    )
    assert isinstance(found, AccountStatement)
    assert [entry.text for entry in found.entries] == ["Rent", "Customer Miller"]


def test_paid_documents_without_headings_are_rows_of_a_number_and_amounts() -> None:
    found = contract_of(
        """
Remittance advice

We pay today:
R-4711   03/02/2026        200.00        4.00       196.00
R-4712   05/02/2026         50.00                    50.00
Total payment                                       246.00
""",
        DocumentType.PAYMENT_ADVICE,
    )
    assert isinstance(found, PaymentAdvice)
    assert [one.document_number for one in found.remittances] == ["R-4711", "R-4712"]
    assert found.remittances[0].deduction == Decimal("4.00")


def test_the_number_of_an_account_before_its_name_is_the_account() -> None:
    found = contract_of(
        """
Journal voucher

Account name              Cost center       Debit       Credit
4711 Rent of the hall            3515      100.00
1200 Bank                                               100.00
""",
        DocumentType.JOURNAL_VOUCHER,
    )
    assert isinstance(found, JournalVoucher)
    assert [line.account for line in found.lines] == ["4711", "1200"]
