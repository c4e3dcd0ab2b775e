"""What is known of suppliers, documents, orders and receipts, from a store."""

from datetime import date
from decimal import Decimal

import pytest
from abax.adapters.local.records import SqliteRecords
from abax.documents import known
from abax.documents.contracts import (
    Address,
    BankAccount,
    DocumentType,
    Line,
    MasterDataForm,
    Party,
    References,
    Totals,
    TradeDocument,
)
from abax.documents.extract import Extraction
from abax.documents.rules.keys import plain_number
from abax.documents.validate import KnownSupplier, Outcome, validate
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2024, 3, 10)
IBAN = "DE89370400440532013000"


@pytest.fixture
def store(tmp_path):
    return SqliteRecords(tmp_path / "records.db")


def invoice(number="R-17", **changes):
    values = {
        "type": DocumentType.SUPPLIER_INVOICE,
        "number": number,
        "issue_date": date(2024, 3, 5),
        "currency": "EUR",
        "seller": Party(name="Mühle GmbH", vat_id="DE136695976", address=Address(country="DE")),
        "bank_accounts": (BankAccount(iban=IBAN),),
        "totals": Totals(net=Decimal("250.00"), tax=Decimal("47.50"), gross=Decimal("297.50")),
        **changes,
    }
    return TradeDocument(**values)


def failed(store, contract, document_id="new"):
    facts = known.gather(store, contract, document_id, today=TODAY)
    found = validate(Extraction(contract=contract), None, facts)
    return {one.rule for one in found if one.outcome is Outcome.FAILED}


def test_an_empty_store_knows_nothing_and_alarms_nobody(store):
    facts = known.gather(store, invoice(), today=TODAY)
    assert not facts.suppliers_kept
    assert not facts.orders_kept
    assert failed(store, invoice()) == set()


def test_a_document_is_no_duplicate_of_itself_but_of_its_copy(store):
    assert known.remember(store, "d1", invoice())
    assert failed(store, invoice(), "d1") == set()
    assert "duplicate" in failed(store, invoice(), "d2")
    assert "near-duplicate" in failed(store, invoice("R I7"), "d2")


def test_a_document_is_kept_once_and_can_be_forgotten(store):
    order = {"references": References(order_number="PO-1")}
    assert known.remember(store, "d1", invoice(**order))
    assert not known.remember(store, "d1", invoice(**order))
    known.forget(store, "d1")
    known.forget(store, "never")
    assert failed(store, invoice(**order), "d2") == set()
    assert list(store.items("invoiced")) == []


def test_two_copies_that_meet_see_each_other(store):
    first = known.meet(store, invoice(), "d1", today=TODAY)
    assert first.documents == ()
    second = known.meet(store, invoice(), "d2", today=TODAY)
    assert [one.document_id for one in second.documents] == ["d1"]
    again = known.gather(store, invoice(), "d1", today=TODAY)
    assert [one.document_id for one in again.documents] == ["d2"]
    assert known.meet(store, invoice(), "d2", today=TODAY) == second


def test_what_was_interrupted_is_made_whole_when_it_is_done_again(store):
    class Broken:
        def __init__(self, puts):
            self.puts = puts

        def __getattr__(self, name):
            return getattr(store, name)

        def put(self, space, key, item, *, if_absent=False):
            self.puts -= 1
            if self.puts < 0:
                raise ConnectionError
            return store.put(space, key, item, if_absent=if_absent)

    for puts in range(3):
        with pytest.raises(ConnectionError):
            known.remember(Broken(puts), "d1", invoice())
    known.remember(store, "d1", invoice())
    assert "duplicate" in failed(store, invoice(), "d2")
    known.forget(store, "d1")
    assert failed(store, invoice(), "d2") == set()


def test_of_copies_that_come_at_once_one_is_the_first(store):
    assert known.claim(store, "d1", invoice()) == "d1"
    assert known.claim(store, "d2", invoice("r 17")) == "d1"
    assert known.claim(store, "d1", invoice()) == "d1"
    assert known.claim(store, "d3", invoice("R-18")) == "d3"
    assert known.claim(store, "d4", invoice(None)) == "d4"


def test_a_supplier_is_found_by_vat_id_tax_number_or_name(store):
    known.put_supplier(
        store,
        KnownSupplier(
            key="s1",
            name="Mühle GmbH",
            names=("Alte Mühle",),
            vat_ids=("DE136695976",),
            tax_numbers=("151/815/08156",),
        ),
    )
    for party in (
        Party(name="Anders", vat_id="de 136 695 976"),
        Party(tax_number="15181508156"),
        Party(name="MUEHLE gmbh".replace("UE", "Ü")),
        Party(name="Alte Mühle e.K."),
        Party(name="Alte Mühle, Inh. Roth"[:10]),
    ):
        supplier, namesake = known.find_supplier(store, party)
        assert supplier is not None, party
        assert supplier.key == "s1"
        assert namesake is None
    assert known.find_supplier(store, Party(name="Bäckerei Kern")) == (None, None)


def test_a_name_with_another_vat_id_is_a_namesake_and_no_supplier(store):
    known.put_supplier(store, KnownSupplier(key="s1", name="Mühle GmbH", vat_ids=("DE136695976",)))
    supplier, namesake = known.find_supplier(store, Party(name="Mühle GmbH", vat_id="FR40303265045"))
    assert supplier is None
    assert namesake is not None
    stranger = invoice(seller=Party(name="Muhle GmbH", vat_id="FR40303265045"), bank_accounts=())
    assert {"supplier-namesake", "supplier-known"} <= failed(store, stranger)


def test_a_changed_account_is_an_alarm_until_it_is_approved(store):
    known.approve_supplier(store, invoice())
    assert failed(store, invoice()) == set()
    other = invoice(bank_accounts=(BankAccount(iban="DE75512108001245126199"),))
    assert "bank-change" in failed(store, other)
    known.approve_supplier(store, other)
    assert failed(store, other) == set()
    assert failed(store, invoice()) == set()


def test_an_account_of_another_supplier_is_an_alarm(store):
    known.approve_supplier(store, invoice())
    thief = invoice(seller=Party(name="Other Ltd", vat_id="FR40303265045"))
    assert "bank-owner" in failed(store, thief)


def test_who_says_nothing_of_itself_is_known_by_its_account(store):
    known.approve_supplier(store, invoice())
    facts = known.gather(store, invoice(seller=Party()), today=TODAY)
    assert facts.supplier is not None
    assert facts.supplier.key == "vat:DE136695976"


def test_a_form_that_changes_an_account_is_an_alarm(store):
    known.approve_supplier(store, invoice())
    form = MasterDataForm(
        party=invoice().seller, action="change", bank_accounts=(BankAccount(iban="DE75512108001245126199"),)
    )
    assert "bank-change" in failed(store, form)


def test_a_form_may_block_a_supplier_and_makes_none_of_a_customer(store):
    known.approve_supplier(store, invoice())
    known.approve_supplier(store, MasterDataForm(party=invoice().seller, action="block"))
    assert "supplier-blocked" in failed(store, invoice())
    customer = MasterDataForm(party=Party(name="Kunde AG"), role="customer", action="create")
    assert known.approve_supplier(store, customer) is None


@pytest.mark.parametrize(
    "kind", [DocumentType.CUSTOMER_INVOICE, DocumentType.SALES_ORDER, DocumentType.RECEIPT]
)
def test_only_who_is_paid_by_bank_becomes_a_supplier(store, kind):
    assert known.approve_supplier(store, invoice(type=kind)) is None


def test_who_names_nobody_is_no_supplier(store):
    assert known.approve_supplier(store, invoice(seller=Party(), bank_accounts=())) is None


LINES = (
    Line(
        position="10", item_number="A", quantity=Decimal(10), unit_price=Decimal(25), net_amount=Decimal(250)
    ),
)
FOR_ORDER = {"references": References(order_number="po 88"), "lines": LINES}


def order(kind=DocumentType.PURCHASE_ORDER, **changes):
    return invoice("PO-88", type=kind, lines=LINES, **changes)


def test_orders_and_receipts_that_were_seen_are_matched(store):
    known.remember(store, "o", order())
    assert failed(store, invoice(**FOR_ORDER)) == {"receipt-there"}
    came = (LINES[0].model_copy(update={"quantity": Decimal(9)}),)
    receipt = invoice("GR-1", type=DocumentType.GOODS_RECEIPT, lines=came, references=FOR_ORDER["references"])
    known.remember(store, "g", receipt)
    assert failed(store, invoice(**FOR_ORDER)) == {"receipt-quantities"}
    rest = (LINES[0].model_copy(update={"quantity": Decimal(1)}),)
    known.remember(store, "g2", receipt.model_copy(update={"number": "GR-2", "lines": rest}))
    assert failed(store, invoice(**FOR_ORDER)) == set()


def test_what_was_charged_before_counts_and_what_was_credited_counts_back(store):
    known.remember(store, "o", order())
    known.remember(store, "i1", invoice("R-1", **FOR_ORDER))
    again = invoice("X-900", issue_date=date(2024, 1, 1), **FOR_ORDER)
    assert {"order-quantities", "order-total"} <= failed(store, again)
    known.remember(store, "c1", invoice("C-1", type=DocumentType.CREDIT_MEMO, **FOR_ORDER))
    assert not failed(store, again) & {"order-quantities", "order-total"}


def test_an_order_of_which_nothing_is_known_is_told_once_orders_are_kept(store):
    assert failed(store, invoice(**FOR_ORDER)) == set()
    known.remember(store, "o", order())
    unknown = invoice(references=References(order_number="PO-99"))
    assert "order-known" in failed(store, unknown)


@pytest.mark.parametrize(
    ("one", "other"),
    [("RE-2024/017", "re 2024 O17"), ("0000471102", "471102"), ("INV.5-l", "INV S1"), ("B8", "88")],
)
def test_numbers_are_the_same_however_they_are_written(one, other):
    assert plain_number(one) == plain_number(other)


@given(st.text(max_size=30))
def test_plain_numbers_stay_plain(text):
    assert plain_number(plain_number(text)) == plain_number(text)
