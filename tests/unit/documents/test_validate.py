"""Validation: each rule passes on what is right and fails on what is wrong, and says what it compared."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from abax.documents.classify import Classification, Ourselves
from abax.documents.contracts import (
    AccountStatement,
    Address,
    Adjustment,
    BankAccount,
    Discount,
    DocumentType,
    Evidence,
    JournalVoucher,
    Line,
    Party,
    PaymentAdvice,
    References,
    Remittance,
    StatementEntry,
    Subtype,
    Tax,
    Terms,
    Totals,
    TradeDocument,
    Unidentified,
    VoucherLine,
)
from abax.documents.extract import Difference, Extraction
from abax.documents.rules.arithmetic import line_total
from abax.documents.validate import (
    RULES,
    Known,
    KnownOrder,
    KnownReceipt,
    KnownSupplier,
    OrderLine,
    Outcome,
    SeenDocument,
    Severity,
    validate,
)
from abax.money import decimals, rounded
from hypothesis import given, settings
from hypothesis import strategies as st

TODAY = date(2024, 3, 10)
IBAN = "DE89370400440532013000"
OTHER_IBAN = "FR1420041010050500013M02606"


def invoice(**changes):
    """A right invoice of a German seller, with some values changed."""
    values = {
        "type": DocumentType.SUPPLIER_INVOICE,
        "number": "R-17",
        "issue_date": date(2024, 3, 5),
        "due_date": date(2024, 4, 4),
        "currency": "EUR",
        "seller": Party(name="Mühle GmbH", vat_id="DE136695976", address=Address(country="DE")),
        "buyer": Party(name="Abax AG", vat_id="ATU13585627"),
        "bank_accounts": (BankAccount(iban=IBAN, bic="COBADEFFXXX"),),
        "lines": (
            Line(
                position="1",
                item_number="G-1",
                description="Wheel",
                quantity=Decimal(4),
                unit="C62",
                unit_price=Decimal("50.00"),
                net_amount=Decimal("200.00"),
                tax_rate=Decimal(19),
            ),
            Line(
                position="2",
                item_number="F-1",
                description="Flour",
                quantity=Decimal(25),
                unit="KGM",
                unit_price=Decimal("2.00"),
                net_amount=Decimal("50.00"),
                tax_rate=Decimal(7),
            ),
        ),
        "taxes": (
            Tax(rate=Decimal(19), base=Decimal("200.00"), amount=Decimal("38.00")),
            Tax(rate=Decimal(7), base=Decimal("50.00"), amount=Decimal("3.50")),
        ),
        "totals": Totals(
            net=Decimal("250.00"), tax=Decimal("41.50"), gross=Decimal("291.50"), due=Decimal("291.50")
        ),
        **changes,
    }
    return TradeDocument(**values)


def totals(**changes):
    return invoice().totals.model_copy(update={name: Decimal(value) for name, value in changes.items()})


def checks(contract, known=None, **extraction):
    return {
        one.rule: one
        for one in validate(Extraction(contract=contract, **extraction), None, known or Known(today=TODAY))
    }


def failed(contract, known=None, **extraction):
    return {
        rule for rule, one in checks(contract, known, **extraction).items() if one.outcome is Outcome.FAILED
    }


def test_a_right_invoice_fails_no_rule():
    assert failed(invoice()) == set()


def test_every_rule_has_its_own_id_and_a_text_and_says_what_it_compared():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    for one in checks(invoice()).values():
        assert one.text.endswith(".")
        assert one.compared


def test_a_rule_that_lacks_what_it_needs_does_not_apply():
    found = checks(invoice())["order-prices"]
    assert (found.outcome, found.compared) == (Outcome.NOT_APPLICABLE, "without known.order")
    assert checks(invoice())["statement-balance"].outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"totals": totals(net="250.02")}, "gross-total"),
        ({"totals": totals(gross="291.52")}, "gross-total"),
        ({"totals": totals(due="291.48")}, "due-total"),
        ({"lines": invoice().lines[:1]}, "lines-total"),
        ({"totals": totals(tax="41.52")}, "tax-total"),
        ({"totals": totals(gross="-291.50")}, "amount-sign"),
        ({"totals": totals(lines="250.00", allowances="10.00")}, "net-total"),
        (
            {"adjustments": (Adjustment(amount=Decimal(5)),), "totals": totals(allowances="6.00")},
            "adjustments-total",
        ),
        (
            {"adjustments": (Adjustment(amount=Decimal(5), base=Decimal(200), percent=Decimal(2)),)},
            "adjustment-percent",
        ),
        ({"taxes": (Tax(rate=Decimal(19), base=Decimal("200.00"), amount=Decimal("38.03")),)}, "tax-amount"),
        ({"taxes": (Tax(rate=Decimal(19), base=Decimal("200.00"), amount=Decimal("38.00")),)}, "tax-bases"),
        (
            {"taxes": (Tax(rate=Decimal(19), base=Decimal("250.00"), amount=Decimal("47.50")),)},
            "tax-base-lines",
        ),
        ({"taxes": (Tax(rate=Decimal(17), base=Decimal("250.00"), amount=Decimal("42.50")),)}, "tax-rates"),
        ({"taxes": (), "totals": totals(tax="141.50")}, "tax-share"),
        ({"currency": "JPY", "totals": totals(gross="291.50")}, "amount-decimals"),
        ({"bank_accounts": (BankAccount(iban="DE89370400440532013001"),)}, "iban"),
        ({"bank_accounts": (BankAccount(iban=OTHER_IBAN),)}, "iban-country"),
        ({"bank_accounts": (BankAccount(bic="COBADE"),)}, "bic"),
        ({"bank_accounts": (BankAccount(iban=IBAN, bic="BNPAFRPP"),)}, "bic-country"),
        ({"seller": Party(name="M", vat_id="DE136695977")}, "vat-id"),
        ({"seller": Party(name="M", vat_id="FR40303265045", address=Address(country="DE"))}, "vat-country"),
        ({"seller": Party(name="M", tax_number="12/345", address=Address(country="DE"))}, "tax-number"),
        ({"seller": Party(name="M", address=Address(country="GER"))}, "country-codes"),
        ({"terms": Terms(creditor_id="DE99ZZZ09999999999")}, "creditor-id"),
        ({"terms": Terms(remittance="RF19 5390 0754 7034")}, "payment-reference"),
        ({"currency": "EURO"}, "currency-code"),
        ({"lines": (Line(standard_item_number="4012345001236"),)}, "item-numbers"),
        ({"number": None}, "required"),
        ({"issue_date": None}, "required"),
        ({"seller": Party(name="M")}, "seller-tax-id"),
        ({"seller": Party(vat_id="DE136695976")}, "required"),
        ({"totals": Totals()}, "required"),
        ({"issue_date": TODAY + timedelta(5)}, "date-future"),
        ({"issue_date": date(2014, 1, 1)}, "date-age"),
        ({"due_date": date(2024, 3, 4)}, "date-due"),
        ({"due_date": date(2026, 3, 4)}, "date-due-far"),
        ({"period_start": date(2024, 3, 2), "period_end": date(2024, 3, 1)}, "date-periods"),
        ({"delivery_date": date(2020, 1, 1)}, "date-delivery"),
        ({"references": References(preceding=(("R-1", date(2024, 5, 1)),))}, "date-preceding"),
        ({"terms": Terms(discounts=(Discount(days=60, percent=Decimal(2)),))}, "discounts"),
        ({"terms": Terms(discounts=(Discount(percent=Decimal(40)),))}, "discounts"),
    ],
)
def test_one_wrong_value_fails_the_right_rule(changes, rule):
    found = checks(invoice(**changes))[rule]
    assert found.outcome is Outcome.FAILED
    assert found.compared
    assert found.paths


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": Terms(creditor_id="DE98ZZZ09999999999", remittance="RF18 5390 0754 7034")},
        {
            "lines": (
                *invoice().lines[:1],
                invoice().lines[1].model_copy(update={"standard_item_number": "4012345001235"}),
            )
        },
        {"seller": Party(name="A", vat_id="EL094259216", address=Address(country="GR"))},
        {"seller": Party(name="A", vat_id="XI980780684", address=Address(country="GB"))},
        {"seller": Party(name="A", vat_id="CHE-107.787.577 MWST"), "bank_accounts": ()},
        {"seller": Party(name="A", vat_id="CHE107787577"), "bank_accounts": ()},
        {"seller": Party(name="A", vat_id="US123"), "bank_accounts": ()},
    ],
)
def test_right_check_digits_pass(changes):
    contract = invoice(**changes, taxes=()) if "seller" in changes else invoice(**changes)
    assert not failed(contract) & {
        "creditor-id",
        "payment-reference",
        "item-numbers",
        "vat-id",
        "vat-country",
    }


def test_what_was_compared_is_told_with_the_values():
    found = checks(invoice(totals=totals(gross="291.60", due="291.60")))["gross-total"]
    assert found.compared == "net 250.00 + tax 41.50 = 291.50, totals.gross 291.60"
    assert "totals.gross" in found.paths
    assert found.severity is Severity.ERROR


def test_printed_lines_may_be_gross():
    lines = (Line(quantity=Decimal(1), unit_price=Decimal("291.50"), net_amount=Decimal("291.50")),)
    assert "lines-total" not in failed(invoice(lines=lines, taxes=()))


def test_a_discount_may_be_a_percentage_alone():
    off = Line(
        quantity=Decimal(40),
        unit_price=Decimal("18.33"),
        adjustments=(Adjustment(percent=Decimal(2)),),
        net_amount=Decimal("718.54"),
    )
    assert checks(invoice(lines=(off,)))["line-amount"].outcome is Outcome.PASSED
    wrong = off.model_copy(update={"net_amount": Decimal("733.20")})
    assert checks(invoice(lines=(wrong,)))["line-amount"].outcome is Outcome.FAILED


def printed(lines, adjustments=(), **amounts):
    """A printed document of no certain country, with lines of these net amounts."""
    values = {name: Decimal(value) for name, value in amounts.items()}
    return invoice(
        seller=Party(name="A"),
        bank_accounts=(),
        taxes=(),
        lines=tuple(Line(net_amount=Decimal(amount)) for amount in lines),
        adjustments=tuple(Adjustment(is_charge=True, amount=Decimal(one)) for one in adjustments),
        totals=Totals(**values),
    )


@pytest.mark.parametrize(
    "contract",
    [
        printed(["69.80", "51.00", "24.90"], ["6.90"], net="130.02", tax="22.58", gross="152.60"),
        printed(["1262.20"], ["48.75"], net="1262.20", tax="104.13", gross="1415.08"),
        printed(["7237.50"], ["512.00"], gross="7749.50"),
        printed(["100.00"], tax="19.00", gross="119.00"),
        printed(["100.00"], gross="119.00").model_copy(update={"taxes": (Tax(amount=Decimal(19)),)}),
        printed(["1415.10"], net="1415.10", tax="114.62", rounding="-0.02", gross="1529.70", due="1529.70"),
    ],
)
def test_printed_totals_are_read_as_their_country_writes_them(contract):
    assert not failed(contract) & {"lines-total", "net-total", "gross-total", "due-total"}
    off = contract.totals.gross + Decimal("0.09")
    wrong = contract.model_copy(update={"totals": contract.totals.model_copy(update={"gross": off})})
    assert failed(wrong) & {"lines-total", "net-total", "gross-total", "due-total"}


def test_freight_that_no_total_has_is_told():
    assert "net-total" in failed(invoice(totals=totals(lines="250.00", charges="10.00")))


def test_a_credit_may_say_that_nothing_is_due():
    credit = {"type": DocumentType.CREDIT_MEMO, "lines": (), "taxes": ()}
    amounts = {"net": "-250.00", "tax": "-41.50", "gross": "-291.50"}
    assert "due-total" not in failed(invoice(**credit, totals=totals(**amounts, due="0.00")))
    assert "due-total" in failed(invoice(**credit, totals=totals(**amounts, due="5.00")))


def test_tax_that_buyers_withhold_is_no_difference():
    seller = Party(name="Studio Rossi", vat_id="IT00743110157", address=Address(country="IT"))
    amounts = Totals(
        net=Decimal("3328.00"), tax=Decimal("732.16"), gross=Decimal("4060.16"), due=Decimal("3420.16")
    )
    lines = (Line(net_amount=Decimal("3200.00")),)
    charge = (Adjustment(is_charge=True, amount=Decimal("128.00")),)
    right = invoice(seller=seller, totals=amounts, lines=lines, adjustments=charge, taxes=())
    assert "due-total" not in failed(right)
    off = right.model_copy(update={"totals": amounts.model_copy(update={"due": Decimal("3420.10")})})
    assert "due-total" in failed(off)


def test_what_is_not_taxed_may_be_in_no_breakdown():
    bottles = Line(net_amount=Decimal("32.00"), tax_rate=Decimal(0))
    amounts = totals(net="282.00", gross="323.50", due="323.50")
    assert failed(invoice(lines=(*invoice().lines, bottles), totals=amounts)) == set()


def test_a_part_of_a_larger_job_takes_off_what_was_charged_before():
    amounts = totals(lines="250.00", net="100.00", tax="19.00", gross="119.00", due="119.00")
    part = invoice(totals=amounts, taxes=(), subtype=Subtype.PARTIAL)
    assert checks(part)["net-total"].severity is Severity.WARNING
    assert checks(invoice(totals=amounts, taxes=()))["net-total"].severity is Severity.ERROR


def test_a_reminder_needs_no_number():
    assert "required" not in failed(invoice(number=None, subtype=Subtype.REMINDER))


def test_numbers_of_other_countries_than_their_prefix_are_of_the_addresss():
    indian = Party(name="A", vat_id="27AAPFU0939F1ZV", address=Address(country="IN"))
    assert checks(invoice(seller=indian))["vat-id"].outcome is Outcome.PASSED
    nowhere = indian.model_copy(update={"address": Address()})
    assert "vat-id" not in failed(invoice(seller=nowhere, buyer=Party(name="B")))


def test_parts_of_lines_are_not_counted_twice():
    part = Line(position="1.1", parent="1", net_amount=Decimal("200.00"))
    note = Line(position="3", role="information", net_amount=Decimal("9.00"))
    assert "lines-total" not in failed(invoice(lines=(*invoice().lines, part, note)))
    group = Line(position="0", role="group")
    parts = tuple(line.model_copy(update={"parent": "0"}) for line in invoice().lines)
    assert "lines-total" not in failed(invoice(lines=(group, *parts)))


def test_receipts_may_be_rounded_to_what_coins_there_are():
    receipt = {"type": DocumentType.RECEIPT, "currency": "CHF", "lines": (), "taxes": (), "bank_accounts": ()}
    near, far = totals(gross="291.52", due="291.50"), totals(due="291.45")
    assert "due-total" not in failed(invoice(**receipt, totals=near))
    assert "due-total" in failed(invoice(**receipt, totals=far))


def test_old_documents_are_worth_a_note_and_ancient_ones_a_look():
    assert checks(invoice(issue_date=date(2021, 1, 1)))["date-age"].severity is Severity.INFO
    assert checks(invoice(issue_date=date(2001, 1, 1)))["date-age"].severity is Severity.WARNING


def test_the_type_that_was_found_decides_which_rules_there_are():
    receipt = Classification(type=DocumentType.RECEIPT, confidence=1)
    extraction = Extraction(contract=invoice(number=None))
    found = {one.rule: one for one in validate(extraction, receipt, Known(today=TODAY))}
    assert found["required"].outcome is Outcome.PASSED
    assert failed(Unidentified()) == {"type-known"}


# Consistent documents always pass.

CURRENCY = st.sampled_from(["EUR", "USD", "JPY", "CHF", "TND", "KWD", "HUF"])
RATE = st.sampled_from([Decimal(19), Decimal(7), Decimal("5.5"), Decimal("8.1"), Decimal(0)])


@st.composite
def consistent(draw):
    """An invoice whose every amount follows from quantities, prices and rates, rounded as invoices are."""
    currency = draw(CURRENCY)
    unit = Decimal(1).scaleb(-decimals(currency))
    rows = draw(
        st.lists(
            st.tuples(
                st.decimals("0.001", "5000", places=3),
                st.decimals("0.0001", "9999", places=4),
                RATE,
                st.sampled_from([None, Decimal(1), Decimal(100)]),
                st.decimals("0", "5", places=2),
            ),
            min_size=1,
            max_size=12,
        )
    )
    lines = []
    for quantity, price, rate, per, off in rows:
        discount = Adjustment(amount=rounded(off, currency))
        bare = Line(
            quantity=quantity, unit_price=price, price_quantity=per, adjustments=(discount,), tax_rate=rate
        )
        lines.append(bare.model_copy(update={"net_amount": rounded(line_total(bare), currency)}))
    extra = Adjustment(is_charge=True, amount=draw(st.integers(0, 9999)) * unit, tax_rate=lines[0].tax_rate)
    bases = {}
    for part, amount in [*((line, line.net_amount) for line in lines), (extra, extra.amount)]:
        bases[part.tax_rate] = bases.get(part.tax_rate, Decimal(0)) + amount
    taxes = tuple(
        Tax(rate=rate, base=base, amount=rounded(base * rate / 100, currency)) for rate, base in bases.items()
    )
    of_lines = sum((line.net_amount for line in lines), Decimal(0))
    net, tax = of_lines + extra.amount, sum((one.amount for one in taxes), Decimal(0))
    prepaid = draw(st.integers(0, 1000)) * unit
    amounts = Totals(
        lines=of_lines,
        charges=extra.amount,
        net=net,
        tax=tax,
        gross=net + tax,
        prepaid=prepaid,
        due=net + tax - prepaid,
    )
    return invoice(currency=currency, lines=tuple(lines), adjustments=(extra,), taxes=taxes, totals=amounts)


SUMS = {
    "line-amount",
    "lines-total",
    "net-total",
    "adjustments-total",
    "tax-amount",
    "tax-total",
    "tax-bases",
    "tax-base-lines",
    "gross-total",
    "due-total",
    "amount-decimals",
}


@given(consistent())
@settings(max_examples=80, deadline=None)
def test_totals_that_are_consistent_always_pass(contract):
    assert not failed(contract) & SUMS


@given(
    consistent(),
    st.sampled_from(["lines", "net", "tax", "gross", "due", "charges"]),
    st.sampled_from([1, -1]),
)
@settings(max_examples=80, deadline=None)
def test_one_cent_beyond_the_tolerance_always_fails(contract, name, sign):
    unit = Decimal(1).scaleb(-decimals(contract.currency))
    beyond = 6 if contract.currency == "CHF" else 2  # whose totals are rounded to five cents
    wrong = getattr(contract.totals, name) + sign * beyond * unit
    off = contract.model_copy(update={"totals": contract.totals.model_copy(update={name: wrong})})
    assert failed(off) & SUMS


def test_a_charge_of_one_cent_with_its_sign_turned_is_no_charge_after_tax():
    line = Line(quantity=Decimal(1), unit_price=Decimal(10), net_amount=Decimal("10.00"))
    amounts = Totals(
        lines=Decimal("10.00"), charges=Decimal("-0.01"), net=Decimal("10.01"), gross=Decimal("10.01")
    )
    extra = Adjustment(is_charge=True, amount=Decimal("0.01"))
    assert "net-total" in failed(invoice(lines=(line,), adjustments=(extra,), totals=amounts))


@given(consistent(), st.integers(0, 11), st.sampled_from([1, -1]))
@settings(max_examples=50, deadline=None)
def test_a_line_that_is_off_by_more_than_its_rounding_always_fails(contract, place, sign):
    unit = Decimal(1).scaleb(-decimals(contract.currency))
    place %= len(contract.lines)
    line = contract.lines[place]
    wrong = line.model_copy(update={"net_amount": line.net_amount + sign * 2 * unit})
    off = contract.model_copy(
        update={"lines": (*contract.lines[:place], wrong, *contract.lines[place + 1 :])}
    )
    found = checks(off)
    assert found["line-amount"].outcome is Outcome.FAILED
    assert found["lines-total"].outcome is Outcome.FAILED


# Suppliers and accounts.

SUPPLIER = KnownSupplier(
    key="vat:DE136695976", name="Mühle GmbH", vat_ids=("DE136695976",), ibans=(IBAN,), country="DE"
)


def known(**values):
    return Known(**{"today": TODAY, "suppliers_kept": True, "supplier": SUPPLIER, **values})


def test_a_known_supplier_on_its_own_account_passes():
    assert failed(invoice(), known()) == set()


def test_a_change_of_a_known_suppliers_account_is_an_alarm():
    changed = invoice(bank_accounts=(BankAccount(iban="DE75512108001245126199"),))
    found = checks(changed, known())["bank-change"]
    assert (found.outcome, found.severity) == (Outcome.FAILED, Severity.ALARM)
    assert "DE75512108001245126199" in found.compared
    assert IBAN in found.compared
    assert found.paths == ("bank_accounts[0].iban",)


def test_a_second_account_beside_the_approved_one_is_an_alarm_too():
    both = invoice(bank_accounts=(BankAccount(iban=IBAN), BankAccount(iban="DE75512108001245126199")))
    assert checks(both, known())["bank-change"].severity is Severity.ALARM


def test_an_account_is_the_same_however_it_is_written():
    spaced = invoice(bank_accounts=(BankAccount(iban="de89 3704 0044 0532 0130 00"),))
    assert "bank-change" not in failed(spaced, known())


def test_a_first_account_is_to_be_approved():
    assert "bank-first" in failed(invoice(), known(supplier=SUPPLIER.model_copy(update={"ibans": ()})))


def test_an_account_of_another_supplier_is_an_alarm():
    found = checks(invoice(), known(account_owners={IBAN: "vat:FR1"}))["bank-owner"]
    assert (found.outcome, found.severity) == (Outcome.FAILED, Severity.ALARM)


def test_an_account_of_somebody_else_is_worth_a_look():
    own = (BankAccount(iban=IBAN, holder="MÜHLE G.m.b.H."),)
    assert "bank-holder" not in failed(invoice(bank_accounts=own))
    other = (BankAccount(iban=IBAN, holder="Quick Cash Ltd"),)
    assert "bank-holder" in failed(invoice(bank_accounts=other))
    factor = Party(name="Quick Cash Limited")
    assert "bank-holder" not in failed(invoice(bank_accounts=other, payee=factor))


def test_unknown_and_blocked_suppliers_are_told():
    assert "supplier-known" in failed(invoice(), known(supplier=None))
    assert checks(invoice())["supplier-known"].outcome is Outcome.NOT_APPLICABLE
    assert "supplier-blocked" in failed(
        invoice(), known(supplier=SUPPLIER.model_copy(update={"blocked": True}))
    )


def test_a_stranger_with_a_suppliers_name_is_an_alarm():
    found = checks(
        invoice(), known(supplier=None, namesake=SUPPLIER.model_copy(update={"vat_ids": ("DE1",)}))
    )
    assert found["supplier-namesake"].severity is Severity.ALARM
    assert found["supplier-namesake"].outcome is Outcome.FAILED


def test_invoices_to_others_and_our_own_are_told():
    ours = Ourselves(names=("Abax Aktiengesellschaft", "Abax AG"), vat_ids=("ATU13585627",))
    assert not failed(invoice(), known(ourselves=ours))
    assert "buyer-us" in failed(
        invoice(buyer=Party(name="Other", vat_id="DE136695976")), known(ourselves=ours)
    )
    assert "buyer-us" in failed(invoice(buyer=Party(name="Someone Else Ltd")), known(ourselves=ours))
    us = known(ourselves=Ourselves(vat_ids=("DE136695976",)))
    assert "seller-us" in failed(invoice(), us)


def seen(**values):
    return SeenDocument(
        **{
            "document_id": "d0",
            "type": DocumentType.SUPPLIER_INVOICE,
            "issuer": SUPPLIER.key,
            "number": "R-17",
            "amount": Decimal("291.50"),
            "currency": "EUR",
            "issue_date": date(2024, 3, 5),
            **values,
        }
    )


def test_a_second_copy_is_a_duplicate():
    found = checks(invoice(), known(documents=(seen(),)))
    assert found["duplicate"].outcome is Outcome.FAILED
    assert found["duplicate"].severity is Severity.ERROR
    assert "d0" in found["duplicate"].compared
    assert "duplicate" in failed(invoice(number="r 17"), known(documents=(seen(),)))


@pytest.mark.parametrize(
    "before",
    [
        seen(number="R-I7"),
        seen(number="R-l7"),
        seen(number="R-17", amount=Decimal("300.00")),
        seen(number="R-18", issue_date=date(2024, 3, 5)),
        seen(number="X-99", issue_date=date(2024, 3, 8)),
        seen(issuer="name:someone"),
    ],
)
def test_near_duplicates_are_worth_a_look(before):
    found = checks(invoice(), known(documents=(before,)))
    assert found["near-duplicate"].outcome is Outcome.FAILED
    assert found["near-duplicate"].severity is Severity.WARNING
    assert found["duplicate"].outcome is not Outcome.FAILED


@pytest.mark.parametrize(
    "before",
    [
        seen(number="R-16", issue_date=date(2024, 2, 5)),
        seen(number="X-99", amount=Decimal("291.51")),
        seen(type=DocumentType.PAYMENT_ADVICE),
    ],
)
def test_other_documents_of_a_supplier_are_no_duplicates(before):
    assert not failed(invoice(), known(documents=(before,))) & {"duplicate", "near-duplicate"}


# Orders and receipts.

ORDER = KnownOrder(
    number="PO-88",
    supplier=SUPPLIER.key,
    currency="EUR",
    net=Decimal("250.00"),
    lines=(
        OrderLine(
            position="10",
            item_number="F-1",
            description="Flour",
            quantity=Decimal(25),
            unit="KGM",
            unit_price=Decimal("2.00"),
            net_amount=Decimal("50.00"),
        ),
        OrderLine(
            position="20",
            item_number="G-1",
            description="Wheel",
            quantity=Decimal(4),
            unit="C62",
            unit_price=Decimal("50.00"),
            net_amount=Decimal("200.00"),
        ),
    ),
)
RECEIPT = KnownReceipt(number="GR-1", order_number="PO-88", lines=ORDER.lines)
FOR_ORDER = {"references": References(order_number="PO-88")}


def match(contract=None, **values):
    given_values = {"orders_kept": True, "order": ORDER, "receipts": (RECEIPT,), **values}
    return failed(contract or invoice(**FOR_ORDER), known(**given_values))


def with_line(place, **changes):
    lines = list(invoice().lines)
    lines[place] = lines[place].model_copy(update=changes)
    return invoice(**FOR_ORDER, lines=tuple(lines))


def test_an_invoice_that_fits_order_and_receipt_passes():
    assert match() == set()


def test_what_differs_from_order_or_receipt_is_told():
    assert "order-known" in match(order=None, receipts=())
    assert "order-supplier" in match(order=ORDER.model_copy(update={"supplier": "vat:FR1"}))
    assert "order-currency" in match(order=ORDER.model_copy(update={"currency": "USD"}))
    assert "order-prices" in match(with_line(0, unit_price=Decimal("51.01")))
    assert "order-quantities" in match(with_line(0, quantity=Decimal(5)))
    assert "receipt-quantities" in match(with_line(0, quantity=Decimal(5)))
    assert "order-units" in match(with_line(0, unit="KGM"))
    assert "order-total" in match(order=ORDER.model_copy(update={"net": Decimal("230.00")}))
    assert "receipt-there" in match(receipts=())
    stranger = Line(position="3", item_number="Z-9", description="Gift", quantity=Decimal(1))
    assert "order-lines" in match(invoice(**FOR_ORDER, lines=(*invoice().lines, stranger)))


def test_prices_within_the_tolerance_and_below_pass():
    assert "order-prices" not in match(with_line(0, unit_price=Decimal("51.00")))
    assert "order-prices" not in match(with_line(0, unit_price=Decimal("40.00")))


def test_what_was_charged_before_counts():
    before = (ORDER.lines[1].model_copy(update={"quantity": Decimal(1), "net_amount": Decimal("50.00")}),)
    assert {"order-quantities", "receipt-quantities", "order-total"} <= match(invoiced=before)


def test_lines_are_found_by_words_where_there_are_no_numbers():
    plain = tuple(line.model_copy(update={"item_number": None}) for line in invoice().lines)
    assert "order-lines" not in match(invoice(**FOR_ORDER, lines=plain))


# Little ledgers.


def test_a_payment_advice_adds_up():
    rows = (
        Remittance(document_number="R-1", gross=Decimal(100), deduction=Decimal(2), paid=Decimal(98)),
        Remittance(document_number="R-2", gross=Decimal(50), paid=Decimal(50)),
    )
    right = PaymentAdvice(
        payment_date=TODAY, payer=Party(name="A"), currency="EUR", remittances=rows, total=Decimal(148)
    )
    assert failed(right) == set()
    assert "advice-total" in failed(right.model_copy(update={"total": Decimal("148.01")}))
    wrong = rows[0].model_copy(update={"paid": Decimal(97)})
    assert {"advice-rows", "advice-total"} <= failed(
        right.model_copy(update={"remittances": (wrong, rows[1])})
    )
    assert "advice-once" in failed(right.model_copy(update={"remittances": (rows[0], rows[0])}))


def test_an_account_statement_runs_from_opening_to_closing():
    entries = (
        StatementEntry(booked=date(2024, 3, 1), amount=Decimal("-30.00"), balance=Decimal("70.00")),
        StatementEntry(booked=date(2024, 3, 2), amount=Decimal("5.50"), balance=Decimal("75.50")),
    )
    right = AccountStatement(
        issuer=Party(name="Bank"),
        currency="EUR",
        entries=entries,
        opening_balance=Decimal(100),
        closing_balance=Decimal("75.50"),
        period_start=date(2024, 3, 1),
        period_end=date(2024, 3, 31),
    )
    assert failed(right) == set()
    assert "statement-balance" in failed(right.model_copy(update={"closing_balance": Decimal("75.51")}))
    off = entries[1].model_copy(update={"balance": Decimal("75.00")})
    assert "statement-running" in failed(right.model_copy(update={"entries": (entries[0], off)}))
    assert "statement-period" in failed(right.model_copy(update={"period_end": date(2024, 3, 1)}))


def test_a_journal_voucher_balances():
    rows = (VoucherLine(account="4000", debit=Decimal(100)), VoucherLine(account="1200", credit=Decimal(100)))
    right = JournalVoucher(
        number="V1", posting_date=TODAY, lines=rows, total_debit=Decimal(100), total_credit=Decimal(100)
    )
    assert failed(right) == set()
    off = rows[1].model_copy(update={"credit": Decimal("99.99")})
    assert {"voucher-balance", "voucher-totals"} <= failed(right.model_copy(update={"lines": (rows[0], off)}))
    both = rows[0].model_copy(update={"credit": Decimal(1)})
    assert "voucher-sides" in failed(right.model_copy(update={"lines": (both, rows[1])}))


# E-invoices.

XML = {"evidence": {"number": Evidence(method="xml", confidence=1, page=1)}}


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        ("bank_accounts[0].iban", Severity.ALARM),
        ("totals.gross", Severity.ERROR),
        ("due_date", Severity.WARNING),
    ],
)
def test_what_the_page_shows_otherwise_than_the_xml_is_told(path, severity):
    contract = invoice(specification="urn:other")
    difference = Difference(path=path, xml="1", visible="2")
    found = checks(contract, differences=(difference,), findings=("page",), **XML)["xml-page"]
    assert (found.outcome, found.severity, found.paths) == (Outcome.FAILED, severity, (path,))
    assert checks(contract, **XML)["xml-page"].outcome is Outcome.PASSED
    assert checks(contract)["xml-page"].outcome is Outcome.NOT_APPLICABLE


def test_values_of_the_xml_that_cannot_be_read_are_told():
    contract = invoice(specification="urn:other")
    assert (
        checks(contract, findings=("due_date: '2024-13-01' is no date",), **XML)["xml-values"].outcome
        == "failed"
    )
    assert checks(contract, **XML)["xml-values"].outcome is Outcome.PASSED


def test_an_e_invoice_is_held_to_the_standard_that_it_names():
    found = checks(invoice(specification="urn:cen.eu:en16931:2017"), **XML)
    assert found["BR-08"].outcome is Outcome.PASSED
    assert found["BR-10"].outcome is Outcome.FAILED
    assert "BR-08" not in checks(invoice(specification="urn:cen.eu:en16931:2017"))
