"""What a ledger tells of how suppliers are booked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from abax.compose import edge
from abax.documents.bookings import Bookings, learned, plain_name
from abax.documents.contracts import DocumentType, Party, Tax, Totals, TradeDocument
from abax.documents.posting import propose
from abax.documents.route import ProposedEntry
from abax.workflow import jobs
from abax.workflow.close import run_step
from abax.workflow.outcome import open_ledger
from abax.workflow.request import CloseRequest

from tests.support import sample


@pytest.fixture(scope="module")
def bookings(tmp_path_factory: pytest.TempPathFactory) -> Bookings:
    """Learned from the sample company's ledger."""
    house = edge(tmp_path_factory.mktemp("home"), {"erp": {"url": sample.url()}})
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    asked = CloseRequest(secret="erp", company=sample.COMPANY, year=2023, mapping=mapping)
    job = jobs.create(house.services.jobs, asked)[0]
    parts = run_step(house.context, {"step": "plan", "job_id": job.job_id})["parts"]
    for part in parts:
        run_step(house.context, {"step": "extract", "job_id": job.job_id, **part})
    for step in ("settle", "check"):
        run_step(house.context, {"step": step, "job_id": job.job_id})
    with open_ledger(house.services.objects, house.services.jobs.get(job.job_id)) as ledger:
        return learned(ledger)


def test_suppliers_are_learned_with_their_accounts(bookings: Bookings) -> None:
    assert len(bookings.partners) > 5
    for history in bookings.partners.values():
        assert history.entries > 0 and history.payable in bookings.accounts
        assert all(booked.account in bookings.accounts for booked in history.accounts)
        assert history.payable not in {booked.account for booked in history.accounts}


def test_accounts_of_taxes_are_known_by_their_rates(bookings: Bookings) -> None:
    assert {tax.rate for tax in bookings.taxes} & {Decimal(19), Decimal(7)}
    names = " ".join(bookings.accounts[tax.account] for tax in bookings.taxes).lower()
    assert "vat" in names or "tax" in names or "vorsteuer" in names
    costs = {booked.account for history in bookings.partners.values() for booked in history.accounts}
    assert not costs & {tax.account for tax in bookings.taxes}


def test_a_supplier_s_next_invoice_is_booked_as_its_last_ones_were(bookings: Bookings) -> None:
    known = max(bookings.partners.values(), key=lambda history: history.entries)
    document = TradeDocument(
        type=DocumentType.SUPPLIER_INVOICE,
        seller=Party(name=known.name.upper()),
        taxes=(Tax(rate=bookings.taxes[0].rate, amount=Decimal("19.00")),),
        totals=Totals(gross=Decimal("119.00")),
    )
    entry = propose(document, bookings, date(2024, 1, 1))
    assert isinstance(entry, ProposedEntry)
    assert [line.account for line in entry.lines] == [
        known.accounts[0].account,
        bookings.taxes[0].account,
        known.payable,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "MÜLLER + SÖHNE"),
        ("Café de la Paix S.A.R.L.", "cafe de la paix sarl"),
        ("Nordlicht Maschinenbau GmbH & Co. KG", "Nordlicht Maschinenbau"),
        ("Acme, Inc.", "ACME INC"),
        ("Zakład Sp. z o.o.", "zakład sp z o o"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other) != ""


def test_a_longer_name_finds_the_one_partner_that_it_can_mean(bookings: Bookings) -> None:
    name = next(name for name in bookings.partners if len(name.split()) > 1)
    assert bookings.of(Party(name=f"{name} Niederlassung Hamburg GmbH")) == bookings.partners[name]
    assert bookings.of(Party(name="Hamburg")) is None
    assert bookings.of(Party()) is None
