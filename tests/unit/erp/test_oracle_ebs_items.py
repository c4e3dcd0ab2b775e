"""Oracle's receivables and payables as of any day: what is applied, adjusted and paid, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from abax.erp.oracle_ebs import OracleEbsModule
from abax.erp.registry import MODULES
from abax.errors import AbaxError
from abax.ledger import Ledger, aged
from sqlalchemy import true

from tests.support import postgres as pg
from tests.support.scenario.oracle_ebs_books import OTHER_ORG, EbsBooks
from tests.unit.erp.ebs import ledger_of, opened, small_books

Reading = Callable[[], AbstractContextManager[Ledger]]

JAN, FEB, MARCH = date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10)
DUE = date(2024, 2, 9)
LATER = date(2025, 6, 30)
PAYABLES = "aged_payables"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULES, "oracle_ebs", OracleEbsModule())


@pytest.fixture
def books() -> EbsBooks:
    return small_books()


@pytest.fixture
def reading(books: EbsBooks, tmp_path: Path) -> Reading:
    """The books as a ledger."""
    return lambda: ledger_of(books.tables.sqlite(tmp_path / "books.sqlite"), tmp_path)


def amounts(**expected: str) -> dict[str, Decimal]:
    return {document: Decimal(amount) for document, amount in expected.items()}


def sold(books: EbsBooks, number: str, worth: str, day: date = JAN, **more: Any) -> dict[str, Any]:
    return books.transaction(number, 501, day, DUE, Decimal(worth), "1200", **more)


def bought(books: EbsBooks, number: str, amount: str, dues: int = 1, **more: Any) -> dict[str, Any]:
    days = [DUE + timedelta(30 * place) for place in range(dues)]
    return books.bill(number, 601, JAN, days, Decimal(amount), "3300", **more)


# --- receivables ---


def test_what_is_applied_later_is_still_open(books: EbsBooks, reading: Reading) -> None:
    invoice = sold(books, "INV", "119")
    receipt = books.receipt("RCT", 501, FEB, Decimal(119), "1200")
    books.apply(receipt, invoice, FEB, Decimal(100))
    books.apply(receipt, invoice, MARCH, Decimal(19))
    assert invoice["ACCTD_AMOUNT_DUE_REMAINING"] == 0  # which is what it is now
    with reading() as ledger:
        assert opened(ledger, JAN - timedelta(1)) == {}
        assert opened(ledger, JAN) == amounts(INV="119")
        assert opened(ledger, FEB) == amounts(INV="19", RCT="-19")
        assert opened(ledger, MARCH) == {}
        [item] = aged(ledger, "aged_receivables", FEB - timedelta(1)).items
        assert (item.partner, item.due_date, item.bucket) == ("Kunde Eins", DUE, 0)
        assert ledger.rows("SELECT partner_id, name FROM partners ORDER BY 1") == [("C:501", "Kunde Eins")]


def test_an_application_that_was_taken_back_counts_until_then(books: EbsBooks, reading: Reading) -> None:
    invoice = sold(books, "INV", "100")
    receipt = books.receipt("RCT", 501, FEB, Decimal(100), "1200")
    books.apply(receipt, invoice, FEB, Decimal(100))
    books.unapply(receipt, MARCH)
    with reading() as ledger:
        assert opened(ledger, FEB) == {}
        assert opened(ledger, MARCH) == amounts(INV="100", RCT="-100")


def test_a_receipt_that_bounced_was_open_until_then(books: EbsBooks, reading: Reading) -> None:
    receipt = books.receipt("RCT", 501, FEB, Decimal(100), "1200")
    books.bounce(receipt, MARCH)
    with reading() as ledger:
        assert opened(ledger, FEB) == amounts(RCT="-100")
        assert opened(ledger, MARCH) == {}


def test_a_receipt_on_account_or_of_nobody_is_open_on_its_own_account(
    books: EbsBooks, reading: Reading
) -> None:
    receipt = books.receipt("RCT", 501, FEB, Decimal(100), "2500")
    books.receipt("WHO", None, FEB, Decimal(7), "1200")
    books.apply(receipt, None, MARCH, Decimal(60), account="1200")
    with reading() as ledger:
        # What is unapplied is a liability here, and no receivable.
        assert opened(ledger, FEB) == amounts(WHO="-7")
        assert opened(ledger, MARCH) == amounts(RCT="-60", WHO="-7")
        assert {item.partner for item in aged(ledger, "aged_receivables", FEB).items} == {"(no partner)"}
        sums = ledger.rows(
            "SELECT account_id, sum(amount) - (SELECT coalesce(sum(amount), 0) FROM item_settlements s "
            "WHERE s.item_id = any_value(items.item_id)) FROM items WHERE document = 'RCT' GROUP BY 1"
        )
        assert sorted(sums) == [("1200", -60), ("2500", -40)]


def test_the_worth_taken_off_is_that_of_each_side(books: EbsBooks, reading: Reading) -> None:
    """USD 100 sold at 0.90, paid at 0.95: the invoice loses 90, the receipt 95."""
    invoice = sold(books, "INV", "90", INVOICE_CURRENCY_CODE="USD", EXCHANGE_RATE=Decimal("0.9"))
    receipt = books.receipt("RCT", 501, FEB, Decimal(95), "1200", EXCHANGE_RATE=Decimal("0.95"))
    books.apply(receipt, invoice, MARCH, Decimal("47.5"), Decimal(45))
    with reading() as ledger:
        assert opened(ledger, MARCH) == amounts(INV="45", RCT="-47.5")


def test_discounts_credit_memos_and_adjustments_take_something_off(books: EbsBooks, reading: Reading) -> None:
    one, two, three = (sold(books, name, "100") for name in ("ONE", "TWO", "THREE"))
    receipt = books.receipt("RCT", 501, FEB, Decimal(97), "1200")
    books.apply(receipt, one, FEB, Decimal(97), discount=Decimal(3))
    memo = sold(books, "MEMO", "-40", kind="CM")
    books.apply(memo, two, FEB, Decimal(30))
    books.adjust(three, FEB, Decimal(-100))
    books.adjust(three, MARCH, Decimal(5))
    with reading() as ledger:
        assert opened(ledger, JAN) == amounts(ONE="100", TWO="100", THREE="100", MEMO="-40")
        assert opened(ledger, FEB) == amounts(TWO="70", MEMO="-10")
        assert opened(ledger, MARCH) == amounts(TWO="70", MEMO="-10", THREE="5")


def test_a_memo_that_is_refunded_and_a_receipt_applied_to_a_memo(books: EbsBooks, reading: Reading) -> None:
    memo, other = sold(books, "MEMO", "-40", kind="CM"), sold(books, "OTHER", "-20", kind="CM")
    refund: dict[str, Any] = {"PAYMENT_SCHEDULE_ID": -8, "ACCTD_AMOUNT_DUE_REMAINING": Decimal(0)}
    books.apply(memo, refund, FEB, Decimal(40), STATUS="ACTIVITY")
    receipt = books.receipt("RCT", 501, FEB, Decimal(1), "1200")
    books.apply(receipt, other, MARCH, Decimal(-20))
    with reading() as ledger:
        assert opened(ledger, FEB) == amounts(OTHER="-20", RCT="-1")
        assert opened(ledger, MARCH) == amounts(RCT="-21")


@pytest.mark.parametrize("trap", ["pending", "unconfirmed", "other unit", "oracle's own", "bill"])
def test_what_is_not_ours_or_not_yet_changes_nothing(books: EbsBooks, reading: Reading, trap: str) -> None:
    invoice = sold(books, "INV", "100")
    if trap == "pending":
        books.adjust(invoice, FEB, Decimal(-50), status="W")
    elif trap == "unconfirmed":
        books.apply(sold(books, "MEMO", "0", kind="CM"), dict(invoice), FEB, Decimal(50), CONFIRMED_FLAG="N")
        books.tables.rows("AR_PAYMENT_SCHEDULES_ALL")[-1]["ACCTD_AMOUNT_DUE_REMAINING"] = 0
    elif trap == "other unit":
        sold(books, "INV", "55", ORG_ID=OTHER_ORG)
    elif trap == "oracle's own":
        books.receipt("On Account", 501, JAN, Decimal(9), "1200")["PAYMENT_SCHEDULE_ID"] = -1
        books.tables.rows("AR_RECEIVABLE_APPLICATIONS_ALL")[-1]["PAYMENT_SCHEDULE_ID"] = -1
    else:
        sold(books, "BILL", "44", kind="BR")
    with reading() as ledger:
        assert [opened(ledger, day) for day in (JAN, LATER)] == [amounts(INV="100")] * 2


# --- payables ---


def test_payments_and_discounts_take_off_on_their_day(books: EbsBooks, reading: Reading) -> None:
    bill = bought(books, "BILL", "200")
    books.pay(bill, FEB, Decimal(147), discount=Decimal(3))
    books.pay(bill, MARCH, Decimal(50))
    with reading() as ledger:
        assert opened(ledger, JAN, PAYABLES) == amounts(BILL="-200")
        assert opened(ledger, FEB, PAYABLES) == amounts(BILL="-50")
        assert opened(ledger, MARCH, PAYABLES) == {}
        [item] = aged(ledger, PAYABLES, FEB).items
        assert (item.partner, item.due_date, item.bucket) == ("Lieferant Eins", DUE, 1)


def test_a_void_payment_counts_until_it_was_voided(books: EbsBooks, reading: Reading) -> None:
    books.void(bought(books, "BILL", "200"), FEB, Decimal(200), MARCH)
    with reading() as ledger:
        assert opened(ledger, FEB, PAYABLES) == {}
        assert opened(ledger, MARCH, PAYABLES) == amounts(BILL="-200")


def test_a_cancelled_invoice_was_open_until_then(books: EbsBooks, reading: Reading) -> None:
    books.cancel(bought(books, "BILL", "200", dues=2), MARCH)
    books.cancel(bought(books, "YEN", "10000", base=Decimal("61.7"), INVOICE_CURRENCY_CODE="JPY"), MARCH)
    with reading() as ledger:
        assert opened(ledger, MARCH - timedelta(1), PAYABLES) == amounts(BILL="-200", YEN="-61.7")
        assert opened(ledger, MARCH, PAYABLES) == {}


def test_a_credit_memo_is_owed_to_us(books: EbsBooks, reading: Reading) -> None:
    memo = bought(books, "MEMO", "-30")
    books.pay(memo, FEB, Decimal(-10))
    with reading() as ledger:
        assert opened(ledger, FEB, PAYABLES) == amounts(MEMO="20")


def test_an_invoice_in_instalments_is_worth_what_it_was_booked_at_to_the_cent(
    books: EbsBooks, reading: Reading
) -> None:
    """USD 100 in three instalments, worth 66.67: 22.22, 22.22 and 22.23, and nothing is left in the end."""
    bill = bought(books, "BILL", "100", dues=3, base=Decimal("66.67"), INVOICE_CURRENCY_CODE="USD")
    books.pay(bill, FEB, Decimal("33.33"))
    books.pay(bill, FEB, Decimal(10), instalment=2)
    books.pay(bill, MARCH, Decimal("23.33"), instalment=2)
    books.pay(bill, MARCH, Decimal("33.34"), instalment=3)
    with reading() as ledger:
        whole = [item.residual for item in aged(ledger, PAYABLES, JAN).items]
        assert sorted(whole) == [Decimal("-22.23"), Decimal("-22.22"), Decimal("-22.22")]
        assert opened(ledger, FEB, PAYABLES) == amounts(BILL="-37.78")
        assert opened(ledger, MARCH, PAYABLES) == {}


def test_prepayments_applied_and_tax_withheld_take_off(books: EbsBooks, reading: Reading) -> None:
    bill, split = bought(books, "BILL", "200"), bought(books, "SPLIT", "100", dues=2)
    books.distribution(bill, FEB, Decimal(-80), LINE_TYPE_LOOKUP_CODE="PREPAY", PREPAY_DISTRIBUTION_ID=1)
    books.distribution(bill, FEB, Decimal(-16), LINE_TYPE_LOOKUP_CODE="REC_TAX", PREPAY_DISTRIBUTION_ID=2)
    books.distribution(bill, FEB, Decimal(-1), LINE_TYPE_LOOKUP_CODE="AWT", POSTED_FLAG="N")
    books.distribution(split, MARCH, Decimal(-10), LINE_TYPE_LOOKUP_CODE="AWT")
    with reading() as ledger:
        assert opened(ledger, JAN, PAYABLES) == amounts(BILL="-200", SPLIT="-100")
        assert opened(ledger, FEB, PAYABLES) == amounts(BILL="-104", SPLIT="-100")
        assert opened(ledger, MARCH, PAYABLES) == amounts(BILL="-104", SPLIT="-90")


def test_invoices_on_hold_and_of_other_units_do_not_count(books: EbsBooks, reading: Reading) -> None:
    bought(books, "HOLD", "200", accounted=False)
    bought(books, "OTHER", "200", ORG_ID=OTHER_ORG)
    bought(books, "BILL", "1")
    with reading() as ledger:
        assert opened(ledger, LATER, PAYABLES) == amounts(BILL="-1")


def test_what_is_settled_later_changes_that_year_s_watermark(
    books: EbsBooks, tmp_path: Path, reading: Reading
) -> None:
    bill, invoice = bought(books, "BILL", "200"), sold(books, "INV", "10")

    def watermarks() -> dict[int, str]:
        with reading() as ledger:
            return {part.year: part.watermark for part in ledger.manifest.years}

    marks = [watermarks()]
    books.pay(bill, LATER, Decimal(200))
    marks.append(watermarks())
    books.adjust(invoice, LATER, Decimal(-10))
    marks.append(watermarks())
    assert len({mark[2024] for mark in marks}) == 1
    assert len({mark[2025] for mark in marks}) == 3


# --- any order of events, against plain sums ---


class Chance:
    """Things that happen in no order, and what is open of each document by day."""

    def __init__(self, seed: int) -> None:
        self.books, self.random = small_books(), Random(seed)
        self.moves: list[tuple[str, str, date, Decimal]] = []
        """Report, document, day, what it does to what is open."""
        for number in range(25):
            self.receivable(f"R{number:02}")
            self.payable(f"P{number:02}")

    def day(self, after: date = date(2024, 1, 1)) -> date:
        return min(after + timedelta(self.random.randint(0, 200)), date(2025, 12, 31))

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 99_999)).scaleb(-2)

    def note(self, report: str, document: str, day: date, amount: Decimal) -> None:
        self.moves.append((report, document, day, amount))

    def receivable(self, name: str) -> None:
        day, worth = self.day(), self.amount()
        invoice = self.books.transaction(name, 501, day, self.day(day), worth, "1200")
        self.note("aged_receivables", name, day, worth)
        paid = self.day(day)
        receipt = self.books.receipt(f"C{name}", 501, paid, worth, "1200")
        self.note("aged_receivables", f"C{name}", paid, -worth)
        used, part = self.day(paid), (worth * self.random.randint(1, 100) / 100).quantize(Decimal("0.01"))
        lost = Decimal(self.random.choice(("0", "0.01")))
        self.books.apply(receipt, invoice, used, part, part - lost)
        self.note("aged_receivables", name, used, lost - part)
        self.note("aged_receivables", f"C{name}", used, part)
        if self.random.random() < 0.4:
            back = self.day(used)
            self.books.unapply(receipt, back)
            self.note("aged_receivables", name, back, part - lost)
            self.note("aged_receivables", f"C{name}", back, -part)
        if self.random.random() < 0.4:
            adjusted, by = self.day(day), self.amount()
            self.books.adjust(invoice, adjusted, -by)
            self.note("aged_receivables", name, adjusted, -by)

    def payable(self, name: str) -> None:
        day, amount = self.day(), self.amount() + 1
        dues = [self.day(day) for _ in range(self.random.randint(1, 3))]
        bill = self.books.bill(name, 601, day, dues, amount, "3300")
        self.note(PAYABLES, name, day, -amount)
        for number in range(1, len(dues) + 1):
            paid, part = self.day(day), self.random.randint(0, 30) * Decimal("0.01")
            self.books.pay(bill, paid, part, number, Decimal("0.01"))
            self.note(PAYABLES, name, paid, part + Decimal("0.01"))
        if self.random.random() < 0.3:
            paid = self.day(day)
            back = self.day(paid)
            self.books.void(bill, paid, amount, back)
            self.note(PAYABLES, name, paid, amount)
            self.note(PAYABLES, name, back, -amount)

    def expected(self, report: str, day: date) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for whose, document, on, amount in self.moves:
            if whose == report and on <= day:
                found[document] = found.get(document, Decimal(0)) + amount
        return {document: amount for document, amount in found.items() if amount}


def _agrees(chance: Chance, url: str, folder: Path) -> None:
    with ledger_of(url, folder) as ledger:
        for report in ("aged_receivables", PAYABLES):
            for day in (date(2024, 3, 31), date(2024, 7, 1), date(2024, 12, 31), date(2025, 12, 31)):
                assert opened(ledger, day, report) == chance.expected(report, day)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_open_items_are_the_sums_of_it(seed: int, tmp_path: Path) -> None:
    chance = Chance(seed)
    _agrees(chance, chance.books.tables.sqlite(tmp_path / "books.sqlite"), tmp_path)


@pytest.mark.postgres
def test_whatever_happens_on_postgresql_too(postgres: pg.Server, tmp_path: Path) -> None:
    chance = Chance(4)
    bought(chance.books, "YEN", "100", dues=3, base=Decimal("66.67"), INVOICE_CURRENCY_CODE="JPY")
    chance.note(PAYABLES, "YEN", JAN, Decimal("-66.67"))
    _agrees(chance, chance.books.tables.postgres(postgres, "ebs_items"), tmp_path)


# --- what these tests would find ---


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("TAKEN_OFF", ("ACTIVITY",)),
        ("UNAPPLIED", ("UNAPP",)),
        ("UNAPPLIED", ("APP",)),
        ("APPROVED", "W"),
        ("DEDUCTED", ()),
        ("NOT_READ", "CM"),
        ("RECEIPT", "INV"),
        ("_confirmed", lambda use: true()),
        ("Receivables._ours", lambda books, schedule: true()),
        ("Payables._counts", lambda books, invoice: true()),
        ("Payables._cancelled", lambda books: books._paid()),
        ("Payables._worth", lambda books, part, amount: amount),
    ],
)
def test_a_rule_that_is_not_kept_shows(
    books: EbsBooks, reading: Reading, monkeypatch: pytest.MonkeyPatch, place: str, wrong: object
) -> None:
    monkeypatch.setattr(f"abax.erp.oracle_ebs.items.{place}", wrong)
    assert _told(books, reading) != TOLD


def test_with_all_rules_kept_nothing_of_it_shows(books: EbsBooks, reading: Reading) -> None:
    assert _told(books, reading) == TOLD


TOLD = [
    amounts(INV="100"),
    amounts(GONE="-300", YEN="-6.2"),
    amounts(INV="70", RCT="-70"),
    amounts(YEN="-5.58"),
]


def _told(books: EbsBooks, reading: Reading) -> object:
    """What is told of books with a trap for each rule, or why they are refused."""
    invoice = sold(books, "INV", "100")
    receipt = books.receipt("RCT", 501, FEB, Decimal(100), "1200")
    books.apply(receipt, invoice, FEB, Decimal(30))
    books.apply(receipt, None, FEB, Decimal(20), account="1200")
    books.adjust(invoice, FEB, Decimal(-1), status="W")
    memo = {**invoice, "CLASS": "CM", "PAYMENT_SCHEDULE_ID": 9}
    books.apply(memo, dict(invoice), FEB, Decimal(2), CONFIRMED_FLAG="N")
    sold(books, "BILL", "44", kind="BR")
    sold(books, "OTHER", "55", ORG_ID=OTHER_ORG)
    bought(books, "HOLD", "200", accounted=False)
    books.cancel(bought(books, "GONE", "300"), MARCH)
    bill = bought(books, "YEN", "1000", base=Decimal("6.2"), INVOICE_CURRENCY_CODE="JPY")
    books.distribution(bill, FEB, Decimal(-100), LINE_TYPE_LOOKUP_CODE="AWT")
    try:
        with reading() as ledger:
            reports = ("aged_receivables", PAYABLES)
            return [opened(ledger, day, report) for day in (JAN, MARCH) for report in reports]
    except AbaxError as refused:
        return repr(refused)
