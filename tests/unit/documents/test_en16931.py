"""EN 16931's rules: right invoices keep them, and each change of one thing breaks the right one."""

import re
from decimal import Decimal

import pytest
from abax.documents import en16931
from abax.documents.contracts import (
    Address,
    Adjustment,
    Party,
    SupportingDocument,
    Tax,
    ThirdPartyPayment,
)
from abax.documents.einvoice import read_invoice
from abax.documents.rules.model import Outcome, Subject

from tests.support.data import development_data
from tests.unit.documents.einvoices import CII, UBL

EXTENSION = (
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
    "#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
)


def failed(extraction):
    return {one.rule for one in en16931.check(Subject(extraction)) if one.outcome is Outcome.FAILED}


def changed(path, value, extraction=None):
    """The sample invoice with one value changed; ``lines[0].quantity`` names it."""
    extraction = extraction or read_invoice(UBL.encode())
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"[a-z_]+|\d+", path)]
    return extraction.model_copy(update={"contract": _put(extraction.contract, steps, value)})


def _put(whole, steps, value):
    if not steps:
        return value
    if isinstance(whole, tuple):
        place = steps[0]
        return (*whole[:place], _put(whole[place], steps[1:], value), *whole[place + 1 :])
    return whole.model_copy(update={steps[0]: _put(getattr(whole, steps[0]), steps[1:], value)})


def of_category(code, *, rate=Decimal(0), exemption="why", **parties):
    """The sample with all of it in one tax category, and no tax."""
    extraction = read_invoice(UBL.encode())
    contract = extraction.contract
    update = {
        "lines": tuple(
            line.model_copy(update={"tax_category": code, "tax_rate": rate}) for line in contract.lines
        ),
        "adjustments": tuple(
            one.model_copy(update={"tax_category": code, "tax_rate": rate}) for one in contract.adjustments
        ),
        "taxes": (
            Tax(category=code, rate=rate, base=contract.totals.net, amount=Decimal(0), exemption=exemption),
        ),
        "totals": contract.totals.model_copy(
            update={"tax": Decimal(0), "gross": Decimal("235.00"), "due": Decimal("135.00")}
        ),
        "specification": "urn:cen.eu:en16931:2017",
        **parties,
    }
    return extraction.model_copy(update={"contract": contract.model_copy(update=update)})


def test_the_right_invoice_keeps_all_rules_in_both_syntaxes():
    for xml in (UBL, CII):
        checks = en16931.check(Subject(read_invoice(xml.encode())))
        assert [one for one in checks if one.outcome is Outcome.FAILED] == []
        assert sum(one.outcome is Outcome.PASSED for one in checks) > 100


def test_rules_have_their_own_ids_texts_and_severities():
    ids = [rule.id for rule in en16931.RULES]
    assert len(ids) == len(set(ids)) > 220
    for rule in en16931.RULES:
        assert rule.text.endswith(".") or rule.text.endswith("ID.")
        assert rule.severity


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("specification", None, "BR-01"),
        ("number", None, "BR-02"),
        ("issue_date", None, "BR-03"),
        ("type_code", None, "BR-04"),
        ("currency", None, "BR-05"),
        ("seller.name", None, "BR-06"),
        ("buyer.name", None, "BR-07"),
        ("seller.address", Address(), "BR-08"),
        ("seller.address.country", None, "BR-09"),
        ("buyer.address", Address(), "BR-10"),
        ("buyer.address.country", None, "BR-11"),
        ("totals.lines", None, "BR-12"),
        ("totals.net", None, "BR-13"),
        ("totals.gross", None, "BR-14"),
        ("totals.due", None, "BR-15"),
        ("lines", (), "BR-16"),
        ("payee", Party(identifier="1"), "BR-17"),
        ("tax_representative", Party(vat_id="DE1"), "BR-18"),
        ("tax_representative", Party(name="R", vat_id="DE1"), "BR-19"),
        ("tax_representative", Party(name="R", vat_id="DE1", address=Address(city="X")), "BR-20"),
        ("tax_representative", Party(name="R", address=Address(country="DE")), "BR-56"),
        ("lines[0].position", None, "BR-21"),
        ("lines[0].quantity", None, "BR-22"),
        ("lines[1].unit", None, "BR-23"),
        ("lines[1].net_amount", None, "BR-24"),
        ("lines[1].description", None, "BR-25"),
        ("lines[1].unit_price", None, "BR-26"),
        ("lines[1].unit_price", Decimal("-1"), "BR-27"),
        ("lines[0].gross_price", Decimal("-1"), "BR-28"),
        ("period_end", "2024-01-01", "BR-29"),
        ("adjustments[0].amount", None, "BR-31"),
        ("adjustments[0].tax_category", None, "BR-32"),
        ("adjustments[1].amount", None, "BR-36"),
        ("adjustments[1].tax_category", None, "BR-37"),
        ("lines[0].adjustments", (Adjustment(reason="x"),), "BR-41"),
        ("lines[0].adjustments", (Adjustment(amount=Decimal(1)),), "BR-42"),
        ("lines[0].adjustments", (Adjustment(is_charge=True, reason="x"),), "BR-43"),
        ("lines[0].adjustments", (Adjustment(is_charge=True, amount=Decimal(1)),), "BR-44"),
        ("taxes[0].base", None, "BR-45"),
        ("taxes[0].amount", None, "BR-46"),
        ("taxes[0].category", None, "BR-47"),
        ("taxes[0].rate", None, "BR-48"),
        ("terms.means_code", None, "BR-49"),
        ("bank_accounts[0].iban", None, "BR-50"),
        ("terms.card_number", "1234567890123456", "BR-51"),
        ("supporting_documents", (SupportingDocument(description="x"),), "BR-52"),
        ("tax_currency", "PLN", "BR-53"),
        ("lines[0].attributes", (("Colour", ""),), "BR-54"),
        ("references.preceding", (("", None),), "BR-55"),
        ("ship_to", Party(address=Address(city="X")), "BR-57"),
        ("bank_accounts", (), "BR-61"),
        ("lines[0].tax_category", None, "BR-CO-04"),
        ("seller.vat_id", "QQ123", "BR-CO-09"),
        ("totals.lines", Decimal("250.01"), "BR-CO-10"),
        ("lines[0].net_amount", Decimal("199.99"), "BR-CO-10"),
        ("totals.allowances", Decimal("20.01"), "BR-CO-11"),
        ("totals.allowances", None, "BR-CO-11"),
        ("totals.charges", Decimal("4.99"), "BR-CO-12"),
        ("totals.net", Decimal("235.01"), "BR-CO-13"),
        ("totals.tax", Decimal("38.66"), "BR-CO-14"),
        ("totals.gross", Decimal("273.64"), "BR-CO-15"),
        ("totals.due", Decimal("173.66"), "BR-CO-16"),
        ("totals.prepaid", None, "BR-CO-16"),
        ("taxes[1].amount", Decimal("3.49"), "BR-CO-17"),
        ("taxes", (), "BR-CO-18"),
        ("taxes[0].base", Decimal("184.99"), "BR-S-08"),
        ("taxes[1].amount", Decimal("3.51"), "BR-S-09"),
        ("taxes[0].exemption", "why", "BR-S-10"),
        ("taxes[0].category", "Z", "BR-Z-01"),
        ("lines[0].tax_rate", Decimal(0), "BR-S-05"),
        ("adjustments[0].tax_rate", Decimal(0), "BR-S-06"),
        ("adjustments[1].tax_rate", Decimal(0), "BR-S-07"),
        ("lines[1].tax_category", "E", "BR-E-01"),
        ("type_code", "999", "BR-CL-01"),
        ("currency", "EURO", "BR-CL-04"),
        ("tax_currency", "XYZ", "BR-CL-05"),
        ("tax_point_code", "5", "BR-CL-06"),
        ("seller.address.country", "GER", "BR-CL-14"),
        ("lines[0].origin", "XX", "BR-CL-15"),
        ("terms.means_code", "999", "BR-CL-16"),
        ("taxes[0].category", "X", "BR-CL-17"),
        ("lines[0].tax_category", "X", "BR-CL-18"),
        ("adjustments[0].reason_code", "FC", "BR-CL-19"),
        ("adjustments[1].reason_code", "95", "BR-CL-20"),
        ("taxes[0].exemption_code", "VATEX-1", "BR-CL-22"),
        ("lines[0].unit", "PCE", "BR-CL-23"),
        ("lines[0].unit", "Stück", "BR-CL-23"),
        ("supporting_documents[0].media_type", "application/xml", "BR-CL-24"),
        ("terms.means_code", None, "BR-DE-1"),
        ("seller.address.city", None, "BR-DE-3"),
        ("seller.address.postcode", None, "BR-DE-4"),
        ("seller.contact", None, "BR-DE-5"),
        ("seller.phone", None, "BR-DE-6"),
        ("seller.email", None, "BR-DE-7"),
        ("buyer.address.city", None, "BR-DE-8"),
        ("buyer.address.postcode", None, "BR-DE-9"),
        ("ship_to", Party(address=Address(country="DE", postcode="1")), "BR-DE-10"),
        ("ship_to", Party(address=Address(country="DE", city="X")), "BR-DE-11"),
        ("taxes[0].rate", None, "BR-DE-14"),
        ("references.buyer_reference", None, "BR-DE-15"),
        ("seller.vat_id", None, "BR-DE-16"),
        ("type_code", "386", "BR-DE-17"),
        ("bank_accounts[0].iban", "DE89370400440532013001", "BR-DE-19"),
        ("terms.means_code", "59", "BR-DE-20"),
        ("attachments", ("a.pdf", "A.pdf"), "BR-DE-22"),
        ("bank_accounts", (), "BR-DE-23-a"),
        ("terms.card_number", "1234", "BR-DE-23-b"),
        ("terms.means_code", "48", "BR-DE-24-a"),
        ("terms.means_code", "48", "BR-DE-24-b"),
        ("terms.means_code", "59", "BR-DE-25-a"),
        ("terms.means_code", "59", "BR-DE-25-b"),
        ("type_code", "384", "BR-DE-26"),
        ("seller.phone", "12", "BR-DE-27"),
        ("seller.email", "ida@", "BR-DE-28"),
        ("terms.mandate", "M-1", "BR-DE-30"),
        ("terms.mandate", "M-1", "BR-DE-31"),
        ("process", None, "PEPPOL-EN16931-R001"),
        ("tax_currency", "EUR", "PEPPOL-EN16931-R005"),
        ("buyer.electronic_address", None, "PEPPOL-EN16931-R010"),
        ("seller.electronic_address", None, "PEPPOL-EN16931-R020"),
        ("adjustments[0].percent", Decimal(11), "PEPPOL-EN16931-R040"),
        ("adjustments[0].base", None, "PEPPOL-EN16931-R041"),
        ("adjustments[0].percent", None, "PEPPOL-EN16931-R042"),
        ("lines[0].price_discount", Decimal("4.99"), "PEPPOL-EN16931-R046"),
        ("currency", "USD", "PEPPOL-EN16931-R051"),
        ("totals.tax_in_tax_currency", Decimal(-1), "PEPPOL-EN16931-R055"),
        ("terms.means_code", "59", "PEPPOL-EN16931-R061"),
        ("lines[0].period_start", "2024-01-31", "PEPPOL-EN16931-R110"),
        ("lines[0].period_end", "2024-03-01", "PEPPOL-EN16931-R111"),
        ("lines[0].quantity", Decimal(5), "PEPPOL-EN16931-R120"),
        ("lines[1].price_quantity", Decimal(0), "PEPPOL-EN16931-R121"),
        ("lines[1].unit", "C62", "PEPPOL-EN16931-R130"),
    ],
)
def test_one_change_breaks_the_right_rule(path, value, rule):
    from datetime import date

    value = (
        date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(r"\d{4}-..-..", value) else value
    )
    assert rule in failed(changed(path, value))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (' schemeID="EM">post', ">post", "BR-62"),
        (' schemeID="EM">rechnung', ">rechnung", "BR-63"),
        (' schemeID="0160"', "", "BR-64"),
        ('schemeID="EM">post', 'schemeID="Mail">post', "BR-CL-25"),
        ('schemeID="0160"', 'schemeID="GTIN"', "BR-CL-21"),
        ("<cbc:CompanyID>HRB", '<cbc:CompanyID schemeID="HRB">HRB', "BR-CL-11"),
        (
            "<cac:PartyName>",
            '<cac:PartyIdentification><cbc:ID schemeID="GLN">1</cbc:ID></cac:PartyIdentification>'
            "<cac:PartyName>",
            "BR-CL-10",
        ),
        (
            "<cac:ClassifiedTaxCategory>",
            '<cac:CommodityClassification><cbc:ItemClassificationCode listID="7">1'
            "</cbc:ItemClassificationCode></cac:CommodityClassification><cac:ClassifiedTaxCategory>",
            "BR-CL-13",
        ),
        ('currencyID="EUR">173.65', 'currencyID="EURO">173.65', "BR-CL-03"),
        (">173.65<", ">173.650<", "BR-DEC-18"),
        (">250.00<", ">250.000<", "BR-DEC-09"),
        (">20.00</cbc:Amount>", ">20.001</cbc:Amount>", "BR-DEC-01"),
        (">200.00</cbc:BaseAmount>", ">200.000</cbc:BaseAmount>", "BR-DEC-02"),
        (">5.00</cbc:Amount>", ">5.000</cbc:Amount>", "BR-DEC-05"),
        (">185.00<", ">185.000<", "BR-DEC-19"),
        (">35.15<", ">35.150<", "BR-DEC-20"),
        (">38.65<", ">38.650<", "BR-DEC-13"),
        (
            '<cbc:LineExtensionAmount currencyID="EUR">50.00<',
            '<cbc:LineExtensionAmount currencyID="EUR">50.000<',
            "BR-DEC-23",
        ),
        ("<cbc:DueDate>2024-04-04</cbc:DueDate>", "", "BR-CO-25"),
        ("#TAGE=14#PROZENT=2.00#", "#TAGE=14#PROZENT=2,00#", "BR-DE-18"),
        ("kosit:xrechnung_3.0", "kosit:xrechnung", "BR-DE-21"),
    ],
)
def test_one_change_in_the_xml_breaks_the_right_rule(old, new, rule):
    xml = UBL.replace(old, new, 1)
    assert xml != UBL
    if rule == "BR-CO-25":
        xml = re.sub(r"<cac:PaymentTerms>.*?</cac:PaymentTerms>", "", xml, flags=re.DOTALL)
    assert rule in failed(read_invoice(xml.encode()))


def test_reasons_of_allowances_and_charges_are_asked_twice():
    without = changed("adjustments[0].reason", None, changed("adjustments[0].reason_code", None))
    assert {"BR-33", "BR-CO-21"} <= failed(without)
    without = changed("adjustments[1].reason", None, changed("adjustments[1].reason_code", None))
    assert {"BR-38", "BR-CO-22"} <= failed(without)


def test_a_seller_of_whom_nothing_is_known_is_told():
    bare = changed("seller.vat_id", None, changed("seller.registration", None))
    assert {"BR-CO-26", "BR-S-02", "BR-S-03", "BR-S-04"} <= failed(bare)


BUYER = Party(name="Achat SARL", vat_id="FR40303265045", address=Address(country="FR"))
THERE = Party(address=Address(country="FR"))


@pytest.mark.parametrize(
    ("code", "parties"),
    [
        ("Z", {}),
        ("E", {}),
        ("AE", {"buyer": BUYER}),
        ("K", {"buyer": BUYER, "ship_to": THERE}),
        ("G", {"buyer": BUYER}),
    ],
)
def test_categories_without_tax_ask_for_what_they_need(code, parties):
    exemption = None if code == "Z" else "why"
    right = of_category(code, exemption=exemption, **parties)
    assert failed(right) == set()
    letters = {"K": "IC"}.get(code, code)
    reason = None if exemption else "why"
    assert f"BR-{letters}-10" in failed(changed("taxes[0].exemption", reason, right))
    assert f"BR-{letters}-05" in failed(changed("lines[0].tax_rate", Decimal(19), right))
    assert f"BR-{letters}-06" in failed(changed("adjustments[0].tax_rate", Decimal(19), right))
    assert f"BR-{letters}-07" in failed(changed("adjustments[1].tax_rate", Decimal(19), right))
    assert f"BR-{letters}-08" in failed(changed("taxes[0].base", Decimal("234.99"), right))
    assert f"BR-{letters}-09" in failed(changed("taxes[0].amount", Decimal("0.01"), right))
    assert f"BR-{letters}-01" in failed(changed("taxes", (right.contract.taxes[0],) * 2, right))
    nobody = changed("seller.vat_id", None, right)
    assert {f"BR-{letters}-02", f"BR-{letters}-03", f"BR-{letters}-04"} <= failed(nobody)
    if parties:
        unknown = changed("buyer.vat_id", None, right)
        assert (f"BR-{letters}-02" in failed(unknown)) is (code != "G")


def test_intra_community_supplies_are_delivered_somewhere_at_some_time():
    right = of_category("K", buyer=BUYER, ship_to=THERE)
    assert "BR-IC-12" in failed(changed("ship_to", None, right))
    timeless = changed("period_start", None, changed("period_end", None, right))
    assert "BR-IC-11" in failed(timeless)


def test_outside_of_vat_nobody_is_identified_and_nothing_else_is_sold():
    seller = Party(name="Verein", registration="VR 1", address=Address(country="DE"))
    right = of_category("O", rate=None, seller=seller)
    assert failed(right) == set()
    assert {"BR-O-02", "BR-O-03", "BR-O-04"} <= failed(changed("seller.vat_id", "DE136695976", right))
    assert "BR-O-05" in failed(changed("lines[0].tax_rate", Decimal(0), right))
    assert {"BR-O-12", "BR-S-01"} <= failed(changed("lines[0].tax_category", "S", right))
    assert "BR-O-13" in failed(changed("adjustments[0].tax_category", "Z", right))
    assert "BR-O-14" in failed(changed("adjustments[1].tax_category", "Z", right))
    two = (*right.contract.taxes, Tax(category="Z", rate=Decimal(0), base=Decimal(0), amount=Decimal(0)))
    assert "BR-O-11" in failed(changed("taxes", two, right))


@pytest.mark.parametrize(("code", "letters"), [("L", "IG"), ("M", "IP")])
def test_island_taxes_are_rates_of_their_amounts(code, letters):
    right = of_category(code, exemption=None)
    assert failed(right) == set()
    assert f"BR-{letters}-09" in failed(changed("taxes[0].amount", Decimal(1), right))
    assert f"BR-{letters}-10" in failed(changed("taxes[0].exemption", "why", right))


def test_peppol_asks_for_a_reference_to_something():
    peppol = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
    right = changed("specification", peppol)
    assert failed(right) == set()
    one = changed("references.buyer_reference", None, right)
    assert failed(one) == set()
    assert failed(changed("references.order_number", None, one)) == {"PEPPOL-EN16931-R003"}


def test_split_payment_is_italian():
    assert "BR-B-01" in failed(of_category("B", exemption=None))


def test_the_extension_has_its_own_rules():
    right = changed("specification", EXTENSION)
    assert failed(right) == set()
    payment = ThirdPartyPayment(kind="toll", amount=Decimal("10.00"), description="road")
    paid = changed("third_party_payments", (payment,), right)
    assert "BR-DEX-09" in failed(paid)
    assert failed(changed("totals.due", Decimal("183.65"), paid)) == set()
    assert "BR-CO-16" in failed(changed("totals.due", Decimal("183.65"), changed("specification", None)))
    for name, rule in (("kind", "BR-DEX-10"), ("amount", "BR-DEX-11"), ("description", "BR-DEX-12")):
        assert rule in failed(changed(f"third_party_payments[0].{name}", None, paid))
    part = right.contract.lines[0].model_copy(
        update={"position": "1.1", "parent": "1", "standard_item_number": None}
    )
    whole = changed("lines", (*right.contract.lines, part), right)
    assert failed(whole) == set()
    assert "BR-DEX-02" in failed(changed("lines[2].net_amount", Decimal(1), whole))
    assert "BR-DEX-03" in failed(changed("lines[2].tax_category", None, whole))
    xml_inside = changed("supporting_documents[0].media_type", "application/xml", right)
    assert failed(xml_inside) == set()
    assert "BR-DEX-01" in failed(changed("supporting_documents[0].media_type", "text/html", right))


def test_a_tax_that_was_rounded_line_by_line_is_only_worth_a_look():
    checks = en16931.check(Subject(changed("taxes[1].amount", Decimal("3.52"))))
    found = next(one for one in checks if one.rule == "BR-CO-17")
    assert (found.outcome, found.severity) == ("failed", "warning")
    far = en16931.check(Subject(changed("taxes[1].amount", Decimal("4.52"))))
    assert next(one for one in far if one.rule == "BR-CO-17").severity == "error"


def test_each_result_says_what_was_compared():
    checks = {one.rule: one for one in en16931.check(Subject(changed("totals.gross", Decimal("273.64"))))}
    assert checks["BR-CO-15"].compared == "net 235.00 + tax 38.65 = 273.65, totals.gross 273.64"
    assert checks["BR-CO-15"].paths == ("totals.gross",)
    assert "250.00" in checks["BR-CO-10"].compared


def test_other_standards_are_not_held_to_this_one():
    assert en16931.rules_for("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort") == ()
    assert en16931.rules_for("urn:factur-x.eu:1p0:minimum") == ()
    assert en16931.check(Subject(changed("specification", "urn:factur-x.eu:1p0:basicwl"))) == ()


def test_all_sample_invoices_keep_the_rules_that_they_promise():
    root = development_data("documents")
    files = [*(root / "xrechnung_xml").glob("*.xml"), *(root / "zugferd_pdf" / "xml").rglob("*.xml")]
    held = 0
    for file in files:
        extraction = read_invoice(file.read_bytes(), file.name)
        checks = en16931.check(Subject(extraction))
        held += bool(checks)
        broken = {one.rule for one in checks if one.outcome is Outcome.FAILED}
        # This sample of ZUGFeRD 2.0 gives charges' codes as the reasons of allowances.
        assert broken == ({"BR-CL-19"} if "Fremdwaehrung" in file.name else set()), file.name
    assert len(files) == 133
    assert held == 120
