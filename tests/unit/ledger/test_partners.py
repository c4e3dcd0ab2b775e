"""What those who write may be told of their accounts: open items, and items that were settled of late."""

from datetime import date
from decimal import Decimal

import pytest
from abax.ledger import aged, partner_accounts
from abax.ledger.model import Payment
from abax.ledger.partners import months_before

from tests.support.books import Entry, Settlement

JUNE = date(2025, 6, 30)
PARTNERS = {"p1": "Buyer", "p2": "Seller"}


def invoice(day, amount, name, partner="p1", due=None):
    return Entry(
        day, [("1100", amount), ("4000", str(-Decimal(amount)))], partner=partner, name=name, due=due
    )


def receipt(day, amount, partner="p1"):
    return Entry(day, [("1000", amount), ("1100", str(-Decimal(amount)))], partner=partner)


def told(ledger, **more):
    """By number: what it came to, what is open of it, when it was settled, what was paid."""
    accounts = partner_accounts(ledger, JUNE, **more)
    return {
        item.number: (
            str(item.gross),
            str(item.residual),
            item.settled_on and item.settled_on.isoformat(),
            [(payment.paid_on.isoformat(), str(payment.amount)) for payment in item.payments],
        )
        for item in accounts.items
    }


PAID = [invoice("2025-01-10", "119", "R1", due="2025-02-09"), receipt("2025-02-03", "119")]


def test_an_invoice_that_was_paid_is_told_with_its_payment(opened):
    ledger = opened(PAID, settlements=[Settlement("L0.0", "L1.1", "2025-02-03", "119", paid=True)])
    assert told(ledger) == {"R1": ("119.00", "0.00", "2025-02-03", [("2025-02-03", "119.00")])}


def test_what_settled_an_invoice_is_no_payment_where_the_source_does_not_say_so(opened):
    for says in (False, None):
        ledger = opened(PAID, settlements=[Settlement("L0.0", "L1.1", "2025-02-03", "119", paid=says)])
        assert told(ledger) == {"R1": ("119.00", "0.00", "2025-02-03", [])}


def test_an_invoice_paid_in_part_is_told_with_both(opened):
    books = [invoice("2025-01-10", "119", "R1"), receipt("2025-02-03", "50")]
    ledger = opened(books, settlements=[Settlement("L0.0", "L1.1", "2025-02-03", "50", paid=True)])
    assert told(ledger) == {"R1": ("119.00", "69.00", "2025-02-03", [("2025-02-03", "50.00")])}


def test_a_supplier_s_invoice_is_told_with_what_we_paid(opened):
    books = [
        Entry("2025-01-10", [("5000", "80"), ("2000", "-80")], partner="p2", name="B7"),
        Entry("2025-02-01", [("2000", "80"), ("1000", "-80")], partner="p2"),
    ]
    matched = [Settlement("L1.0", "L0.1", "2025-02-01", "80", paid=True)]
    ledger = opened(books, settlements=matched, partners=PARTNERS)
    [item] = partner_accounts(ledger, JUNE).items
    assert (item.number, item.partner, item.side, item.gross) == ("B7", "Seller", "payable", Decimal(-80))
    assert item.payments == [Payment(paid_on=date(2025, 2, 1), amount=Decimal("80.00"))]


def test_a_payment_that_was_taken_back_leaves_no_payment(opened):
    books = [*PAID, Entry("2025-03-01", [("1100", "119"), ("1000", "-119")], partner="p1", name="BACK")]
    matched = [
        Settlement("L0.0", "L1.1", "2025-02-03", "119", paid=True),
        Settlement("L0.0", "L1.1", "2025-03-01", "-119", paid=True),
    ]
    assert told(opened(books, settlements=matched))["R1"] == ("119.00", "119.00", "2025-03-01", [])


def test_what_was_settled_before_the_months_asked_for_is_left_out(opened):
    ledger = opened(PAID, settlements=[Settlement("L0.0", "L1.1", "2025-02-03", "119", paid=True)])
    assert told(ledger, months=4) == {}
    assert list(told(ledger, months=5)) == ["R1"]


def test_what_was_settled_later_is_open_on_the_day(opened):
    books = [invoice("2025-01-10", "119", "R1"), receipt("2025-07-01", "119")]
    ledger = opened(books, settlements=[Settlement("L0.0", "L1.1", "2025-07-01", "119", paid=True)])
    assert told(ledger) == {"R1": ("119.00", "119.00", None, [])}


def test_the_newest_are_kept_where_there_are_too_many_and_the_others_counted(opened):
    books, matched = [], []
    for number in range(1, 6):
        books += [invoice("2025-01-10", "10", f"R{number}"), receipt(f"2025-0{number}-20", "10")]
        at = 2 * number - 2
        matched.append(Settlement(f"L{at}.0", f"L{at + 1}.1", f"2025-0{number}-20", "10", paid=True))
    books.append(invoice("2025-01-11", "7", "OPEN"))
    accounts = partner_accounts(opened(books, settlements=matched), JUNE, most=2)
    assert [item.number for item in accounts.items] == ["R4", "R5", "OPEN"]
    assert accounts.left_out == 3


def test_what_is_open_is_what_the_aged_reports_have(ledger):
    for day in (date(2024, 6, 30), date(2025, 3, 31)):
        known = [item for item in partner_accounts(ledger, day).items if item.residual]
        both = [
            item
            for report in ("aged_receivables", "aged_payables")
            for item in aged(ledger, report, day).items
        ]
        shown = {(item.entry_name, item.partner, item.residual, item.due_date) for item in both}
        assert {(item.number, item.partner, item.residual, item.due_date) for item in known} == shown


def test_partners_of_one_name_are_told_apart_although_only_one_has_open_items(opened):
    books = [*PAID, invoice("2025-03-01", "5", "R2", partner="p2")]
    ledger = opened(
        books,
        settlements=[Settlement("L0.0", "L1.1", "2025-02-03", "119", paid=True)],
        partners={"p1": "Twin", "p2": "Twin"},
        addresses=[("p1", "one@twin.example"), ("p2", "two@twin.example")],
    )
    accounts = partner_accounts(ledger, JUNE)
    assert {item.number: item.partner for item in accounts.items} == {"R1": "Twin (p1)", "R2": "Twin (p2)"}
    assert {one.address: one.partner for one in accounts.addresses} == {
        "one@twin.example": "Twin (p1)",
        "two@twin.example": "Twin (p2)",
    }


@pytest.mark.parametrize(
    ("kept", "addresses"),
    [
        ("Ana <Ana@Buyer.Example>", ["ana@buyer.example"]),
        ("a@buyer.example; b@buyer.example", ["a@buyer.example", "b@buyer.example"]),
        ("Müller, Ana <ana@buyer.example>, x", ["ana@buyer.example"]),
        ("call us", []),
        ("a@localhost", []),
        ("@buyer.example", []),
        ("a@b@buyer.example", []),
    ],
)
def test_addresses_are_found_in_whatever_a_source_has_for_one(opened, kept, addresses):
    ledger = opened([invoice("2025-01-10", "1", "R1")], partners=PARTNERS, addresses=[("p1", kept)])
    found = partner_accounts(ledger, JUNE).addresses
    assert [(one.partner, one.address) for one in found] == [("Buyer", one) for one in addresses]


def test_addresses_of_partners_without_items_are_left_out(opened):
    ledger = opened([invoice("2025-01-10", "1", "R1")], addresses=[("p2", "a@seller.example")])
    assert partner_accounts(ledger, JUNE).addresses == []


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2025-06-30", 12, "2024-06-30"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2025-03-31", 1, "2025-02-28"),
        ("2025-01-31", 1, "2024-12-31"),
        ("2025-12-31", 1, "2025-11-30"),
        ("2025-01-15", 25, "2022-12-15"),
    ],
)
def test_months_are_counted_back(day, months, before):
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


def test_a_bill_is_told_with_the_supplier_s_own_number_where_that_is_another(opened):
    books = [
        Entry("2025-01-10", [("5000", "80"), ("2000", "-80")], partner="p2", name="B7", reference=" RE 44 "),
        Entry("2025-02-10", [("5000", "5"), ("2000", "-5")], partner="p2", name="B8", reference="B8"),
        Entry("2025-03-10", [("5000", "6"), ("2000", "-6")], partner="p2", name="B9"),
    ]
    items = partner_accounts(opened(books, partners=PARTNERS), JUNE).items
    assert {item.number: item.reference for item in items} == {"B7": "RE 44", "B8": "", "B9": ""}
