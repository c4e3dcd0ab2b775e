"""The entry that a supplier's document proposes: balanced always, and on the accounts used before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.documents.bookings import BookedAccount, Bookings, History, TaxAccount, with_corrections
from abax.documents.contracts import DocumentType, Line, Party, Tax, Totals, TradeDocument
from abax.documents.posting import Unbooked, propose, split
from abax.documents.route import ProposedEntry
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 1, 31)

BOOKINGS = Bookings(
    company="Nordlicht",
    currency="EUR",
    partners={
        "papier krause": History(
            partner="p7",
            name="Papier Krause GmbH",
            entries=20,
            payable="3300",
            accounts=(
                BookedAccount(account="6815", entries=15, words={"paper": 12, "toner": 9}),
                BookedAccount(account="6300", entries=5, words={"chairs": 5, "desk": 3}),
            ),
        )
    },
    taxes=(
        TaxAccount(account="1406", rate=Decimal(19), entries=90),
        TaxAccount(account="1401", rate=Decimal(7), entries=12),
    ),
    payable="3300",
    accounts={"6815": "Office supplies", "6300": "Other costs", "4980": "Tools"},
)


def invoice(**fields: object) -> TradeDocument:
    given = {
        "type": DocumentType.SUPPLIER_INVOICE,
        "number": "R-1",
        "issue_date": date(2026, 1, 15),
        "currency": "EUR",
        "seller": Party(name="Papier Krause G.m.b.H."),
        "taxes": (Tax(rate=Decimal(19), base=Decimal("100.00"), amount=Decimal("19.00")),),
        "totals": Totals(net=Decimal("100.00"), tax=Decimal("19.00"), gross=Decimal("119.00")),
    }
    return TradeDocument(**(given | fields))


def booked(document: TradeDocument, bookings: Bookings = BOOKINGS) -> ProposedEntry:
    entry = propose(document, bookings, TODAY)
    assert isinstance(entry, ProposedEntry), entry
    assert sum((line.amount for line in entry.lines), Decimal(0)) == 0
    return entry


def amounts(entry: ProposedEntry) -> dict[str, Decimal]:
    return {line.account: line.amount for line in entry.lines}


def test_an_invoice_goes_where_its_supplier_was_booked_and_its_tax_to_the_account_of_its_rate() -> None:
    entry = booked(invoice())
    assert amounts(entry) == {
        "6815": Decimal("100.00"),
        "1406": Decimal("19.00"),
        "3300": Decimal("-119.00"),
    }
    assert (entry.posting_date, entry.currency, entry.partner) == (date(2026, 1, 15), "EUR", "p7")
    assert "15 of 20 entries" in entry.lines[0].reason


def test_lines_go_to_the_accounts_that_their_words_were_booked_on() -> None:
    lines = (
        Line(description="Copy paper A4", net_amount=Decimal(60)),
        Line(description="Desk chairs", net_amount=Decimal(40)),
    )
    entry = booked(invoice(lines=lines))
    assert (amounts(entry)["6815"], amounts(entry)["6300"]) == (Decimal(60), Decimal(40))


def test_an_account_that_the_document_names_is_taken_where_the_chart_has_it() -> None:
    lines = (Line(description="Paper", net_amount=Decimal(100), account="4980"),)
    assert amounts(booked(invoice(lines=lines)))["4980"] == Decimal(100)
    lines = (Line(description="Paper", net_amount=Decimal(100), account="no such"),)
    assert amounts(booked(invoice(lines=lines)))["6815"] == Decimal(100)


def test_a_credit_memo_is_booked_the_other_way_round_whichever_sign_it_prints() -> None:
    plain = booked(invoice(type=DocumentType.CREDIT_MEMO))
    minus = booked(
        invoice(
            type=DocumentType.CREDIT_MEMO,
            taxes=(Tax(rate=Decimal(19), amount=Decimal("-19.00")),),
            totals=Totals(gross=Decimal("-119.00")),
        )
    )
    assert amounts(plain) == amounts(minus)
    assert amounts(plain)["3300"] == Decimal("119.00")


def test_two_rates_go_to_two_accounts() -> None:
    taxes = (Tax(rate=Decimal(19), amount=Decimal("19.00")), Tax(rate=Decimal(7), amount=Decimal("0.70")))
    entry = booked(invoice(taxes=taxes, totals=Totals(gross=Decimal("129.70"))))
    assert amounts(entry)["1406"] == Decimal("19.00") and amounts(entry)["1401"] == Decimal("0.70")
    assert amounts(entry)["6815"] == Decimal("110.00")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seller": Party(name="Never Seen Ltd")}, "never booked before"),
        ({"totals": Totals()}, "no total"),
        ({"type": DocumentType.DELIVERY_NOTE}, "only suppliers' invoices"),
    ],
)
def test_without_what_it_takes_no_entry_is_proposed_and_the_reason_is_told(
    change: dict[str, object], reason: str
) -> None:
    found = propose(invoice(**change), BOOKINGS, TODAY)
    assert isinstance(found, Unbooked) and reason in found.reason


def test_a_tax_without_any_account_for_it_is_not_guessed() -> None:
    found = propose(invoice(), BOOKINGS.model_copy(update={"taxes": ()}), TODAY)
    assert isinstance(found, Unbooked) and "tax" in found.reason


def test_what_a_reviewer_booked_outweighs_what_little_was_known() -> None:
    told = [
        {"name": "New Supplier SARL", "vat_id": "FR1", "payable": "3300", "accounts": {"4980": ["drill"]}}
    ]
    grown = with_corrections(BOOKINGS, told)
    entry = booked(invoice(seller=Party(name="NEW SUPPLIER S.A.R.L.")), grown)
    assert amounts(entry)["4980"] == Decimal("100.00")
    by_vat = booked(invoice(seller=Party(name="N. Supplier", vat_id="FR1")), grown)
    assert amounts(by_vat)["4980"] == Decimal("100.00")


MONEY = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2, allow_nan=False)
WEIRD = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=5, allow_nan=False)
MAYBE = st.one_of(st.none(), MONEY, WEIRD)
LINES = st.lists(
    st.builds(
        Line,
        description=st.sampled_from(["paper", "chairs", "something else", None]),
        net_amount=MAYBE,
        tax_rate=st.sampled_from([None, Decimal(19), Decimal(7)]),
        account=st.sampled_from([None, "4980", "none"]),
    ),
    max_size=6,
)
TAXES = st.lists(
    st.builds(Tax, rate=st.sampled_from([None, Decimal(19), Decimal(7), Decimal(3)]), amount=MAYBE),
    max_size=3,
)
DOCUMENTS = st.builds(
    invoice,
    type=st.sampled_from([DocumentType.SUPPLIER_INVOICE, DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO]),
    currency=st.sampled_from(["EUR", "JPY", "KWD", None]),
    lines=LINES.map(tuple),
    taxes=TAXES.map(tuple),
    totals=st.builds(Totals, gross=MAYBE, net=MAYBE, tax=MAYBE, due=MAYBE),
)


@given(DOCUMENTS)
def test_whatever_a_document_says_its_entry_balances(document: TradeDocument) -> None:
    entry = propose(document, BOOKINGS, TODAY)
    if isinstance(entry, ProposedEntry):
        assert sum((line.amount for line in entry.lines), Decimal(0)) == 0
        assert all(line.account and line.amount != 0 for line in entry.lines)
        assert 0 <= entry.confidence <= 1


@given(MONEY, st.lists(st.decimals(0, 1_000_000, places=2), min_size=1).filter(any))
def test_parts_sum_to_the_whole(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(split(amount, weights, "EUR"), Decimal(0)) == amount
