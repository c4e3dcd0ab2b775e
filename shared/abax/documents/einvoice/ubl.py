"""UBL 2.1 invoices and credit notes, with XRechnung's extension (lines in lines, payments for others)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abax.documents.contracts import (
    Address,
    Adjustment,
    BankAccount,
    Line,
    Party,
    References,
    SupportingDocument,
    Tax,
    Terms,
    ThirdPartyPayment,
    Totals,
    TradeDocument,
)
from abax.documents.einvoice import codes
from abax.documents.einvoice.parts import bank_account, means_word, note, put_back, skonto
from abax.documents.einvoice.tree import Node, Reader

_NEST = 20
"""Levels of lines in lines that are read."""

_VAT_SCHEMES = frozenset({"VAT", "GST"})
"""Schemes of value-added taxes; what is of another one is a tax number."""

_ADDRESS = {
    "street": ("StreetName",),
    "city": ("CityName",),
    "postcode": ("PostalZone",),
    "region": ("CountrySubentity",),
    "country": ("Country/IdentificationCode",),
}
_PARTY = {
    "name": ("PartyLegalEntity/RegistrationName", "PartyName/Name"),
    "registration": ("PartyLegalEntity/CompanyID",),
    "legal_information": ("PartyLegalEntity/CompanyLegalForm",),
    "electronic_address": ("EndpointID",),
    "contact": ("Contact/Name",),
    "phone": ("Contact/Telephone",),
    "email": ("Contact/ElectronicMail",),
}
_REFERENCES = {
    "order_number": ("OrderReference/ID",),
    "sales_order_number": ("OrderReference/SalesOrderID",),
    "contract_number": ("ContractDocumentReference/ID",),
    "delivery_note_number": ("DespatchDocumentReference/ID",),
    "goods_receipt_number": ("ReceiptDocumentReference/ID",),
    "tender": ("OriginatorDocumentReference/ID",),
    "project": ("ProjectReference/ID",),
    "buyer_reference": ("BuyerReference",),
    "account": ("AccountingCost",),
}
_TOTALS = {
    "lines": ("LineExtensionAmount",),
    "allowances": ("AllowanceTotalAmount",),
    "charges": ("ChargeTotalAmount",),
    "net": ("TaxExclusiveAmount",),
    "gross": ("TaxInclusiveAmount",),
    "prepaid": ("PrepaidAmount",),
    "rounding": ("PayableRoundingAmount",),
    "due": ("PayableAmount",),
}
_LINE_TEXTS = {
    "position": ("ID",),
    "item_number": ("Item/SellersItemIdentification/ID",),
    "buyer_item_number": ("Item/BuyersItemIdentification/ID",),
    "standard_item_number": ("Item/StandardItemIdentification/ID",),
    "description": ("Item/Name",),
    "order_line": ("OrderLineReference/LineID",),
    "order_number": ("OrderLineReference/OrderReference/ID",),
    "account": ("AccountingCost",),
    "origin": ("Item/OriginCountry/IdentificationCode",),
    "tax_category": ("Item/ClassifiedTaxCategory/ID",),
}
_LINE_AMOUNTS = {
    "unit_price": ("Price/PriceAmount",),
    "price_quantity": ("Price/BaseQuantity",),
    "gross_price": ("Price/AllowanceCharge/BaseAmount",),
    "price_discount": ("Price/AllowanceCharge/Amount",),
    "net_amount": ("LineExtensionAmount",),
    "tax_rate": ("Item/ClassifiedTaxCategory/Percent",),
    "tax_amount": ("TaxTotal/TaxAmount",),
}
_PERIOD = {"period_start": ("InvoicePeriod/StartDate",), "period_end": ("InvoicePeriod/EndDate",)}


def contract(root: Node, read: Reader) -> TradeDocument:
    """The contract of an ``Invoice`` or ``CreditNote``."""
    credit_note = root.local == "CreditNote"
    code = read.text("type_code", root, "InvoiceTypeCode", "CreditNoteTypeCode")
    currency = read.compact("currency", root, "DocumentCurrencyCode")
    tax_currency = read.compact("tax_currency", root, "TaxCurrencyCode")
    return TradeDocument(
        type=codes.document_type(code, credit_note=credit_note),
        subtype=codes.subtype(code),
        type_code=code,
        number=read.text("number", root, "ID"),
        currency=currency,
        tax_currency=tax_currency,
        exchange_rate=read.amount("exchange_rate", root, "TaxExchangeRate/CalculationRate"),
        process=read.text("process", root, "ProfileID"),
        specification=read.text("specification", root, "CustomizationID"),
        notes=tuple(note(read, place, node) for place, node in enumerate(_filled(root, "Note"))),
        seller=_seller(root, read),
        buyer=_party(read, "buyer", root.first("AccountingCustomerParty/Party")),
        payee=_other_party(read, "payee", root.first("PayeeParty")),
        tax_representative=_other_party(read, "tax_representative", root.first("TaxRepresentativeParty")),
        ship_to=_ship_to(read, root.first("Delivery")),
        references=_references(root, read),
        bank_accounts=_bank_accounts(root, read),
        terms=_terms(root, read),
        lines=tuple(_lines(read, root)),
        adjustments=_adjustments(read, "", root),
        taxes=_taxes(read, root, currency),
        totals=_totals(read, root, currency, tax_currency),
        attachments=_attachments(root, read),
        supporting_documents=tuple(_supporting(root, read)),
        third_party_payments=_third_party_payments(root, read),
        **_dates(root, read),  # type: ignore[arg-type]
    )


def _filled(root: Node, way: str) -> list[Node]:
    return [node for node in root.all(way) if node.text]


def _dates(root: Node, read: Reader) -> dict[str, object]:
    found: dict[str, object] = dict(
        read.days(
            "",
            root,
            {
                "issue_date": ("IssueDate",),
                "due_date": ("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"),
                "tax_point_date": ("TaxPointDate",),
                "delivery_date": ("Delivery/ActualDeliveryDate",),
                **_PERIOD,
            },
        )
    )
    if code := read.text("tax_point_code", root, "InvoicePeriod/DescriptionCode"):
        found["tax_point_code"] = code
    return found


def _address(read: Reader, at: str, node: Node | None) -> Address:
    if node is None:
        return Address()
    more = [node.first("AdditionalStreetName"), node.first("AddressLine/Line")]
    additional = ", ".join(part.text for part in more if part is not None and part.text)
    if additional:
        first = next(part for part in more if part is not None and part.text)
        read.derived(f"{at}.additional", additional, first.path)
    return Address(**read.texts(at, node, _ADDRESS), additional=additional or None)


def _seller(root: Node, read: Reader) -> Party:
    return _party(read, "seller", root.first("AccountingSupplierParty/Party"))


def _party(read: Reader, at: str, node: Node | None) -> Party:
    if node is None:
        return Party()
    found = read.texts(at, node, _PARTY)
    trading = None
    if node.first("PartyLegalEntity/RegistrationName"):
        trading = read.text(f"{at}.trading_name", node, "PartyName/Name")
    read.beside(f"{at}.electronic_address", "scheme", node, "EndpointID/@schemeID")
    read.beside(f"{at}.registration", "scheme", node, "PartyLegalEntity/CompanyID/@schemeID")
    identifier, others = _identifiers(read, at, node)
    vat_id, tax_number = _tax_ids(read, at, node)
    return Party(
        **found,
        trading_name=trading,
        identifier=identifier,
        other_identifiers=others,
        vat_id=vat_id,
        tax_number=tax_number,
        address=_address(read, f"{at}.address", node.first("PostalAddress")),
    )


def _identifiers(read: Reader, at: str, node: Node) -> tuple[str | None, tuple[str, ...]]:
    """Without the creditor identifier of direct debits, which the same element holds."""
    every = node.all("PartyIdentification/ID")
    nodes = [one for one in every if one.attribute("schemeID") != "SEPA" and one.text]
    for place, one in enumerate(nodes):
        path = f"{at}.identifier" if place == 0 else f"{at}.other_identifiers[{place - 1}]"
        read.text(path, one, ".")
        read.beside(path, "scheme", one, "@schemeID")
    values = [one.text for one in nodes]
    return (values[0] if values else None), tuple(values[1:])


def _tax_ids(read: Reader, at: str, node: Node) -> tuple[str | None, str | None]:
    """VAT identifier and tax number; the scheme tells one from the other."""
    vat_id = tax_number = None
    for registration in node.all("PartyTaxScheme"):
        scheme = registration.first("TaxScheme/ID")
        if scheme is None or scheme.text.upper() in _VAT_SCHEMES:
            vat_id = vat_id or read.compact(f"{at}.vat_id", registration, "CompanyID")
        else:
            tax_number = tax_number or read.text(f"{at}.tax_number", registration, "CompanyID")
    return vat_id, tax_number


def _other_party(read: Reader, at: str, node: Node | None) -> Party | None:
    return _party(read, at, node) if node is not None else None


def _ship_to(read: Reader, delivery: Node | None) -> Party | None:
    if delivery is None:
        return None
    location = delivery.first("DeliveryLocation")
    name = read.text("ship_to.name", delivery, "DeliveryParty/PartyName/Name")
    identifier = read.text("ship_to.identifier", location, "ID")
    read.beside("ship_to.identifier", "scheme", location, "ID/@schemeID")
    address = _address(read, "ship_to.address", location.first("Address") if location else None)
    if name is None and identifier is None and address == Address():
        return None
    return Party(name=name, identifier=identifier, address=address)


def _references(root: Node, read: Reader) -> References:
    found = read.texts("references", root, _REFERENCES)
    for node in root.children("AdditionalDocumentReference"):
        kind = node.first("DocumentTypeCode")
        if kind is not None and kind.text == "130" and "object_id" not in found:
            put_back(found, "object_id", read.text("references.object_id", node, "ID"))
            read.beside("references.object_id", "scheme", node, "ID/@schemeID")
        if kind is not None and kind.text == "50" and "project" not in found:
            put_back(found, "project", read.text("references.project", node, "ID"))
    preceding: list[tuple[str, date | None]] = []
    for node in root.all("BillingReference"):
        credited = node.children("CreditNoteDocumentReference")
        for document in node.children("InvoiceDocumentReference") or credited:
            path = f"references.preceding[{len(preceding)}]"
            day = read.day(path, document, "IssueDate")
            preceding.append((read.text(path, document, "ID") or "", day))
    return References(**found, preceding=tuple(preceding))


def _bank_accounts(root: Node, read: Reader) -> tuple[BankAccount, ...]:
    found: list[BankAccount] = []
    for node in root.all("PaymentMeans/PayeeFinancialAccount"):
        if account := bank_account(
            read,
            len(found),
            node,
            number=("ID",),
            holder=("Name",),
            bic=("FinancialInstitutionBranch/ID", "FinancialInstitutionBranch/FinancialInstitution/ID"),
            bank=("FinancialInstitutionBranch/FinancialInstitution/Name", "FinancialInstitutionBranch/Name"),
        ):
            found.append(account)
    return tuple(found)


def _terms(root: Node, read: Reader) -> Terms:
    notes = [node.text for node in root.all("PaymentTerms/Note") if node.text]
    text = read.text("terms.text", root, "PaymentTerms/Note", lines=True) if notes else None
    if text is not None and len(notes) > 1:
        text = "\n".join(notes)
    code = read.text("terms.means_code", root, "PaymentMeans/PaymentMeansCode")
    creditor = None
    for way in ("AccountingSupplierParty/Party/PartyIdentification/ID", "PayeeParty/PartyIdentification/ID"):
        for node in root.where(way, "schemeID", "SEPA"):
            creditor = creditor or read.text("terms.creditor_id", node, ".")
    mandate = "PaymentMeans/PaymentMandate"
    return Terms(
        text=text,
        discounts=skonto(read, text),
        means=means_word(read, code),
        means_code=code,
        means_text=read.text("terms.means_text", root, "PaymentMeans/PaymentMeansCode/@name"),
        remittance=read.text("terms.remittance", root, "PaymentMeans/PaymentID"),
        mandate=read.text("terms.mandate", root, f"{mandate}/ID"),
        creditor_id=creditor,
        debited_account=read.compact("terms.debited_account", root, f"{mandate}/PayerFinancialAccount/ID"),
        card_number=read.text("terms.card_number", root, "PaymentMeans/CardAccount/PrimaryAccountNumberID"),
        card_holder=read.text("terms.card_holder", root, "PaymentMeans/CardAccount/HolderName"),
    )


def _adjustments(read: Reader, at: str, node: Node) -> tuple[Adjustment, ...]:
    found = []
    for place, one in enumerate(node.all("AllowanceCharge")):
        path = f"{at}adjustments[{place}]"
        texts = {
            "reason": ("AllowanceChargeReason",),
            "reason_code": ("AllowanceChargeReasonCode",),
            "tax_category": ("TaxCategory/ID",),
        }
        amounts = {
            "amount": ("Amount",),
            "base": ("BaseAmount",),
            "percent": ("MultiplierFactorNumeric",),
            "tax_rate": ("TaxCategory/Percent",),
        }
        charge = read.flag(one, "ChargeIndicator")
        read.derived(f"{path}.is_charge", str(charge).lower(), one.path)
        values = {**read.texts(path, one, texts), **read.amounts(path, one, amounts)}
        found.append(Adjustment(is_charge=charge, **values))  # type: ignore[arg-type]
    return tuple(found)


def _tax_total(root: Node, currency: str | None) -> Node | None:
    """The one in the invoice's currency."""
    totals = root.children("TaxTotal")
    for total in totals:
        amount = total.first("TaxAmount")
        if amount is not None and amount.attribute("currencyID") == currency:
            return total
    with_parts = (total for total in totals if total.children("TaxSubtotal"))
    return next(with_parts, totals[0] if totals else None)


def _taxes(read: Reader, root: Node, currency: str | None) -> tuple[Tax, ...]:
    total = _tax_total(root, currency)
    parts = total.children("TaxSubtotal") if total else []
    if not parts:
        parts = list(root.all("TaxTotal/TaxSubtotal"))
    found = []
    for place, node in enumerate(parts):
        path = f"taxes[{place}]"
        texts = {
            "category": ("TaxCategory/ID",),
            "exemption": ("TaxCategory/TaxExemptionReason",),
            "exemption_code": ("TaxCategory/TaxExemptionReasonCode",),
        }
        amounts = {
            "rate": ("TaxCategory/Percent", "Percent"),
            "base": ("TaxableAmount",),
            "amount": ("TaxAmount",),
        }
        values = {**read.texts(path, node, texts), **read.amounts(path, node, amounts)}
        found.append(Tax(**values))  # type: ignore[arg-type]
    return tuple(found)


def _totals(read: Reader, root: Node, currency: str | None, tax_currency: str | None) -> Totals:
    node = root.first("LegalMonetaryTotal", "RequestedMonetaryTotal")
    found = read.amounts("totals", node, _TOTALS)
    for name, ways in _TOTALS.items():
        read.beside(f"totals.{name}", "currency", node, f"{ways[0]}/@currencyID")
    total = _tax_total(root, currency)
    put_back(found, "tax", read.amount("totals.tax", total, "TaxAmount"))
    read.beside("totals.tax", "currency", total, "TaxAmount/@currencyID")
    if tax_currency and tax_currency != currency:
        for amount in root.where("TaxTotal/TaxAmount", "currencyID", tax_currency):
            put_back(found, "tax_in_tax_currency", read.amount("totals.tax_in_tax_currency", amount, "."))
    return Totals(**found)


def _lines(
    read: Reader, above: Node, parent: str | None = None, start: int = 0, level: int = 0
) -> Iterator[Line]:
    """The lines, each followed by those that are parts of it."""
    place = start
    nodes = above.children("SubInvoiceLine") if level else _top_lines(above)
    for node in nodes:
        has_parts = bool(node.spread().children("SubInvoiceLine"))
        line = _line(read, node, place, parent, "group" if has_parts else None)
        yield line
        place += 1
        if has_parts and level < _NEST:
            for part in _lines(read, node, line.position, place, level + 1):
                yield part
                place += 1


def _top_lines(root: Node) -> list[Node]:
    return root.children("InvoiceLine") or root.children("CreditNoteLine")


def _line(read: Reader, node: Node, place: int, parent: str | None, role: str | None) -> Line:
    at = f"lines[{place}]"
    quantity = ("InvoicedQuantity", "CreditedQuantity")
    values: dict[str, object] = {
        **read.texts(at, node, _LINE_TEXTS),
        **read.amounts(at, node, {**_LINE_AMOUNTS, "quantity": quantity}),
        **read.days(at, node, {**_PERIOD, "delivery_date": ("Delivery/ActualDeliveryDate",)}),
    }
    if parent is not None:
        read.derived(f"{at}.parent", parent, node.path)
    if role is not None:
        read.derived(f"{at}.role", role, node.path)
    standard = "Item/StandardItemIdentification/ID/@schemeID"
    read.beside(f"{at}.standard_item_number", "scheme", node, standard)
    read.beside(f"{at}.price_quantity", "unit", node, "Price/BaseQuantity/@unitCode")
    return Line(
        **values,  # type: ignore[arg-type]
        parent=parent,
        role=role,
        unit=read.text(f"{at}.unit", node, *(f"{way}/@unitCode" for way in quantity)),
        details=read.text(f"{at}.details", node, "Item/Description", lines=True),
        note=read.text(f"{at}.note", node, "Note", lines=True),
        adjustments=_adjustments(read, f"{at}.", node),
        object_id=_object_id(read, at, node),
        attributes=_attributes(read, at, node),
        classification=_classification(read, at, node),
    )


def _object_id(read: Reader, at: str, node: Node) -> str | None:
    for document in node.all("DocumentReference"):
        kind = document.first("DocumentTypeCode")
        if kind is None or kind.text == "130":
            read.beside(f"{at}.object_id", "scheme", document, "ID/@schemeID")
            return read.text(f"{at}.object_id", document, "ID")
    return None


def _attributes(read: Reader, at: str, node: Node) -> tuple[tuple[str, str], ...]:
    found = []
    for place, one in enumerate(node.all("Item/AdditionalItemProperty")):
        value = read.text(f"{at}.attributes[{place}]", one, "Value") or ""
        name = one.first("Name")
        found.append((name.text if name else "", value))
    return tuple(found)


def _classification(read: Reader, at: str, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for one in node.all("Item/CommodityClassification/ItemClassificationCode"):
        path = f"{at}.classification[{len(found)}]"
        if code := read.text(path, one, "."):
            read.beside(path, "scheme", one, "@listID")
            found.append(code)
    return tuple(found)


def _supporting(root: Node, read: Reader) -> Iterator[SupportingDocument]:
    place = 0
    for node in root.children("AdditionalDocumentReference"):
        kind = node.first("DocumentTypeCode")
        if kind is not None and kind.text in ("130", "50"):
            continue
        ways = {
            "reference": ("ID",),
            "description": ("DocumentDescription",),
            "uri": ("Attachment/ExternalReference/URI",),
            "filename": ("Attachment/EmbeddedDocumentBinaryObject/@filename",),
            "media_type": ("Attachment/EmbeddedDocumentBinaryObject/@mimeCode",),
        }
        yield SupportingDocument(**read.texts(f"supporting_documents[{place}]", node, ways))
        place += 1


def _attachments(root: Node, read: Reader) -> tuple[str, ...]:
    found: list[str] = []
    for node in root.all("AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject"):
        if name := read.text(f"attachments[{len(found)}]", node, "@filename"):
            found.append(name)
    return tuple(found)


def embedded(root: Node) -> Iterator[Node]:
    """The elements that hold a file."""
    return root.all("AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject")


def _third_party_payments(root: Node, read: Reader) -> tuple[ThirdPartyPayment, ...]:
    found = []
    for place, node in enumerate(root.children("PrepaidPayment")):
        at = f"third_party_payments[{place}]"
        texts = read.texts(at, node, {"kind": ("ID",), "description": ("InstructionID",)})
        found.append(ThirdPartyPayment(**texts, amount=read.amount(f"{at}.amount", node, "PaidAmount")))
    return tuple(found)
