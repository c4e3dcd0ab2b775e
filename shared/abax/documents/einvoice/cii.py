"""UN/CEFACT Cross Industry Invoice: D16B (Factur-X, ZUGFeRD 2, XRechnung), from MINIMUM to EXTENDED, and
ZUGFeRD 1.0, whose older names answer to those of today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from abax.documents.contracts import (
    Address,
    Adjustment,
    BankAccount,
    Discount,
    Line,
    Party,
    References,
    SupportingDocument,
    Tax,
    Terms,
    Totals,
    TradeDocument,
)
from abax.documents.einvoice import codes
from abax.documents.einvoice.parts import bank_account, means_word, note, put_back, skonto
from abax.documents.einvoice.tree import Node, Reader

ZUGFERD_1_NAMES = {
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "ApplicablePercent": "RateApplicablePercent",
    "SpecifiedTradeAccountingAccount": "ReceivableSpecifiedTradeAccountingAccount",
}
"""ZUGFeRD 1.0's names to D16B's."""

_DATED = ("DateTimeString", "DateString")
_LINE_AGREEMENT = "SpecifiedLineTradeAgreement"
_LINE_DELIVERY = "SpecifiedLineTradeDelivery"
_LINE_SETTLEMENT = "SpecifiedLineTradeSettlement"
_PRODUCT = "SpecifiedTradeProduct"
_PLAIN_TAX = f"{_LINE_SETTLEMENT}/ApplicableTradeTax"
_REFERENCE = ("IssuerAssignedID", "ID")

_ADDRESS = {
    "street": ("LineOne", "StreetName"),
    "city": ("CityName",),
    "postcode": ("PostcodeCode",),
    "region": ("CountrySubDivisionName", "CountrySubDivisionID"),
    "country": ("CountryID",),
}
_PARTY = {
    "name": ("Name",),
    "trading_name": ("SpecifiedLegalOrganization/TradingBusinessName",),
    "registration": ("SpecifiedLegalOrganization/ID",),
    "legal_information": ("Description",),
    "electronic_address": ("URIUniversalCommunication/URIID", "URIUniversalCommunication/CompleteNumber"),
    "contact": ("DefinedTradeContact/PersonName", "DefinedTradeContact/DepartmentName"),
    "phone": ("DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber",),
    "email": (
        "DefinedTradeContact/EmailURIUniversalCommunication/URIID",
        "DefinedTradeContact/EmailURIUniversalCommunication/CompleteNumber",
    ),
}
_TOTALS = {
    "lines": ("LineTotalAmount",),
    "allowances": ("AllowanceTotalAmount",),
    "charges": ("ChargeTotalAmount",),
    "net": ("TaxBasisTotalAmount",),
    "gross": ("GrandTotalAmount",),
    "prepaid": ("TotalPrepaidAmount",),
    "rounding": ("RoundingAmount",),
    "due": ("DuePayableAmount",),
}
_LINE_TEXTS = {
    "position": ("AssociatedDocumentLineDocument/LineID",),
    "item_number": (f"{_PRODUCT}/SellerAssignedID",),
    "buyer_item_number": (f"{_PRODUCT}/BuyerAssignedID",),
    "standard_item_number": (f"{_PRODUCT}/GlobalID",),
    "description": (f"{_PRODUCT}/Name",),
    "origin": (f"{_PRODUCT}/OriginTradeCountry/ID",),
    "order_number": tuple(f"{_LINE_AGREEMENT}/BuyerOrderReferencedDocument/{name}" for name in _REFERENCE),
    "order_line": (f"{_LINE_AGREEMENT}/BuyerOrderReferencedDocument/LineID",),
    "account": (f"{_LINE_SETTLEMENT}/ReceivableSpecifiedTradeAccountingAccount/ID",),
    "tax_category": (f"{_PLAIN_TAX}/CategoryCode",),
    "unit": (
        f"{_LINE_DELIVERY}/BilledQuantity/@unitCode",
        f"{_LINE_AGREEMENT}/NetPriceProductTradePrice/BasisQuantity/@unitCode",
    ),
}
_SUMMATION = tuple(
    f"{_LINE_SETTLEMENT}/{name}"
    for name in ("SpecifiedTradeSettlementLineMonetarySummation", "SpecifiedTradeSettlementMonetarySummation")
)
_LINE_AMOUNTS = {
    "quantity": (f"{_LINE_DELIVERY}/BilledQuantity",),
    "unit_price": (f"{_LINE_AGREEMENT}/NetPriceProductTradePrice/ChargeAmount",),
    "price_quantity": (
        f"{_LINE_AGREEMENT}/NetPriceProductTradePrice/BasisQuantity",
        f"{_LINE_AGREEMENT}/GrossPriceProductTradePrice/BasisQuantity",
    ),
    "gross_price": (f"{_LINE_AGREEMENT}/GrossPriceProductTradePrice/ChargeAmount",),
    "price_discount": (
        f"{_LINE_AGREEMENT}/GrossPriceProductTradePrice/AppliedTradeAllowanceCharge/ActualAmount",
    ),
    "net_amount": tuple(f"{way}/LineTotalAmount" for way in _SUMMATION),
    "tax_amount": tuple(f"{way}/TaxTotalAmount" for way in _SUMMATION),
    "gross_amount": tuple(f"{way}/GrandTotalAmount" for way in _SUMMATION),
    "tax_rate": (f"{_PLAIN_TAX}/RateApplicablePercent",),
}


def contract(root: Node, read: Reader) -> TradeDocument:
    """The contract of a ``CrossIndustryInvoice`` or ZUGFeRD 1.0's ``CrossIndustryDocument``."""
    context, document = root.first("ExchangedDocumentContext"), root.first("ExchangedDocument")
    trade = root.first("SupplyChainTradeTransaction")
    agreement, delivery, settlement = (
        trade.first(f"ApplicableHeaderTrade{part}") if trade else None
        for part in ("Agreement", "Delivery", "Settlement")
    )
    code = read.text("type_code", document, "TypeCode")
    currency = read.compact("currency", settlement, "InvoiceCurrencyCode")
    language = read.text("language", document, "LanguageID")
    parties = agreement or Node(root.element, "", "")
    return TradeDocument(
        type=codes.document_type(code),
        subtype=codes.subtype(code),
        type_code=code,
        number=read.text("number", document, "ID"),
        language=language[:2].lower() if language else None,
        currency=currency,
        tax_currency=read.compact("tax_currency", settlement, "TaxCurrencyCode"),
        exchange_rate=read.amount(
            "exchange_rate", settlement, "TaxApplicableTradeCurrencyExchange/ConversionRate"
        ),
        process=read.text("process", context, "BusinessProcessSpecifiedDocumentContextParameter/ID"),
        specification=read.text("specification", context, "GuidelineSpecifiedDocumentContextParameter/ID"),
        notes=_notes(document, read),
        seller=_party(read, "seller", parties.first("SellerTradeParty")),
        buyer=_party(read, "buyer", parties.first("BuyerTradeParty")),
        payee=_other_party(read, "payee", settlement, "PayeeTradeParty"),
        tax_representative=_other_party(
            read, "tax_representative", agreement, "SellerTaxRepresentativeTradeParty"
        ),
        ship_to=_other_party(read, "ship_to", delivery, "ShipToTradeParty"),
        invoicee=_other_party(read, "invoicee", settlement, "InvoiceeTradeParty"),
        references=_references(agreement, delivery, settlement, read),
        bank_accounts=_bank_accounts(settlement, read),
        terms=_terms(settlement, read),
        lines=_lines(trade, read),
        adjustments=_header_adjustments(settlement, read),
        taxes=_taxes(settlement, read),
        totals=_totals(settlement, read, currency),
        attachments=_attachments(agreement, read),
        supporting_documents=tuple(_supporting(agreement, read)),
        tax_point_code=_tax_point_code(settlement, read),
        **_dates(document, delivery, settlement, read),
    )


def _dated(way: str) -> tuple[str, ...]:
    return tuple(f"{way}/{name}" for name in _DATED)


def _dates(
    document: Node | None, delivery: Node | None, settlement: Node | None, read: Reader
) -> dict[str, Any]:
    period = "BillingSpecifiedPeriod"
    ways = {
        "due_date": _dated("SpecifiedTradePaymentTerms/DueDateDateTime"),
        "tax_point_date": _dated("ApplicableTradeTax/TaxPointDate"),
        "period_start": _dated(f"{period}/StartDateTime"),
        "period_end": _dated(f"{period}/EndDateTime"),
    }
    delivered = _dated("ActualDeliverySupplyChainEvent/OccurrenceDateTime")
    return {
        **read.days("", document, {"issue_date": _dated("IssueDateTime")}),
        **read.days("", delivery, {"delivery_date": delivered}),
        **read.days("", settlement, ways),
    }


def _tax_point_code(settlement: Node | None, read: Reader) -> str | None:
    code = read.text("tax_point_code", settlement, "ApplicableTradeTax/DueDateTypeCode")
    return codes.TAX_POINT_CODES.get(code, code) if code else None


def _notes(document: Node | None, read: Reader) -> tuple[str, ...]:
    nodes = document.all("IncludedNote") if document else iter(())
    found: list[str] = []
    for node in nodes:
        way = "Content" if node.first("Content") else "ContentCode"
        if text := note(read, len(found), node, way, "SubjectCode"):
            found.append(text)
    return tuple(found)


def _address(read: Reader, at: str, node: Node | None) -> Address:
    if node is None:
        return Address()
    parts = (node.first("LineTwo"), node.first("LineThree"))
    more = [part for part in parts if part is not None and part.text]
    additional = ", ".join(part.text for part in more)
    if more:
        read.derived(f"{at}.additional", additional, more[0].path)
    return Address(**read.texts(at, node, _ADDRESS), additional=additional or None)


def _party(read: Reader, at: str, node: Node | None) -> Party:
    if node is None:
        return Party()
    read.beside(f"{at}.electronic_address", "scheme", node, "URIUniversalCommunication/URIID/@schemeID")
    read.beside(f"{at}.registration", "scheme", node, "SpecifiedLegalOrganization/ID/@schemeID")
    identifier, others = _identifiers(read, at, node)
    return Party(
        **read.texts(at, node, _PARTY),
        identifier=identifier,
        other_identifiers=others,
        vat_id=_tax_id(read, f"{at}.vat_id", node, "VA", compact=True),
        tax_number=_tax_id(read, f"{at}.tax_number", node, "FC"),
        address=_address(read, f"{at}.address", node.first("PostalTradeAddress")),
    )


def _identifiers(read: Reader, at: str, node: Node) -> tuple[str | None, tuple[str, ...]]:
    nodes = [one for name in ("ID", "GlobalID") for one in node.children(name) if one.text]
    for place, one in enumerate(nodes):
        path = f"{at}.identifier" if place == 0 else f"{at}.other_identifiers[{place - 1}]"
        read.text(path, one, ".")
        read.beside(path, "scheme", one, "@schemeID")
    values = [one.text for one in nodes]
    return (values[0] if values else None), tuple(values[1:])


def _tax_id(read: Reader, path: str, node: Node, scheme: str, *, compact: bool = False) -> str | None:
    for one in node.where("SpecifiedTaxRegistration/ID", "schemeID", scheme):
        if value := (read.compact if compact else read.text)(path, one, "."):
            return value
    return None


def _other_party(read: Reader, at: str, node: Node | None, way: str) -> Party | None:
    party = node.first(way) if node else None
    return _party(read, at, party) if party is not None else None


def _references(
    agreement: Node | None, delivery: Node | None, settlement: Node | None, read: Reader
) -> References:
    at = "references"

    def reference(name: str) -> tuple[str, ...]:
        return tuple(f"{name}ReferencedDocument/{way}" for way in _REFERENCE)

    found = {
        **read.texts(
            at,
            agreement,
            {
                "order_number": reference("BuyerOrder"),
                "sales_order_number": reference("SellerOrder"),
                "contract_number": reference("Contract"),
                "project": ("SpecifiedProcuringProject/ID",),
                "buyer_reference": ("BuyerReference",),
            },
        ),
        **read.texts(
            at,
            delivery,
            {
                "delivery_note_number": (*reference("DespatchAdvice"), *reference("DeliveryNote")),
                "goods_receipt_number": reference("ReceivingAdvice"),
            },
        ),
        **read.texts(at, settlement, {"account": ("ReceivableSpecifiedTradeAccountingAccount/ID",)}),
    }
    for node in agreement.children("AdditionalReferencedDocument") if agreement else []:
        kind = node.first("TypeCode")
        name = {"130": "object_id", "50": "tender"}.get(kind.text if kind else "")
        if name is not None and name not in found:
            put_back(found, name, read.text(f"{at}.{name}", node, *_REFERENCE))
            read.beside(f"{at}.{name}", "scheme", node, "ReferenceTypeCode")
    return References(**found, preceding=_preceding(settlement, read))


def _preceding(settlement: Node | None, read: Reader) -> tuple[tuple[str, date | None], ...]:
    found: list[tuple[str, date | None]] = []
    for node in settlement.children("InvoiceReferencedDocument") if settlement else []:
        path = f"references.preceding[{len(found)}]"
        day = read.day(
            path, node, *_dated("FormattedIssueDateTime"), *_dated("IssueDateTime"), "IssueDateTime"
        )
        found.append((read.text(path, node, *_REFERENCE) or "", day))
    return tuple(found)


def _bank_accounts(settlement: Node | None, read: Reader) -> tuple[BankAccount, ...]:
    found: list[BankAccount] = []
    for means in settlement.children("SpecifiedTradeSettlementPaymentMeans") if settlement else []:
        node = means.first("PayeePartyCreditorFinancialAccount")
        bank = means.first("PayeeSpecifiedCreditorFinancialInstitution")
        if node is None:
            continue
        if account := bank_account(
            read,
            len(found),
            node,
            number=("IBANID", "ProprietaryID"),
            holder=("AccountName",),
            bic=("BICID",),
            bank=("Name",),
            branch=bank,
        ):
            found.append(account)
    return tuple(found)


def _terms(settlement: Node | None, read: Reader) -> Terms:
    way = "SpecifiedTradePaymentTerms"
    texts = [node.text for node in settlement.all(f"{way}/Description") if node.text] if settlement else []
    text = read.text("terms.text", settlement, f"{way}/Description", lines=True)
    if len(texts) > 1:
        text = "\n".join(texts)
    means = "SpecifiedTradeSettlementPaymentMeans"
    code = read.text("terms.means_code", settlement, f"{means}/TypeCode")
    card = f"{means}/ApplicableTradeSettlementFinancialCard"
    written = skonto(read, text)
    return Terms(
        text=text,
        discounts=(*written, *_discounts(settlement, read, len(written))),
        means=means_word(read, code),
        means_code=code,
        means_text=read.text("terms.means_text", settlement, f"{means}/Information"),
        remittance=read.text("terms.remittance", settlement, "PaymentReference"),
        mandate=read.text("terms.mandate", settlement, f"{way}/DirectDebitMandateID"),
        creditor_id=read.text("terms.creditor_id", settlement, "CreditorReferenceID"),
        debited_account=read.compact(
            "terms.debited_account", settlement, f"{means}/PayerPartyDebtorFinancialAccount/IBANID"
        ),
        card_number=read.text("terms.card_number", settlement, f"{card}/ID"),
        card_holder=read.text("terms.card_holder", settlement, f"{card}/CardholderName"),
    )


def _discounts(settlement: Node | None, read: Reader, start: int) -> Iterator[Discount]:
    way = "SpecifiedTradePaymentTerms/ApplicableTradePaymentDiscountTerms"
    for place, node in enumerate(settlement.all(way) if settlement else (), start):
        at = f"terms.discounts[{place}]"
        amounts = read.amounts(at, node, {"percent": ("CalculationPercent",), "base": ("BasisAmount",)})
        days = read.amount(f"{at}.days", node, "BasisPeriodMeasure")
        yield Discount(
            **amounts,
            days=int(days) if days is not None and 0 <= days < 10_000 else None,
            until=read.day(f"{at}.until", node, *_dated("BasisDateTime")) if days is None else None,
        )


def _header_adjustments(settlement: Node | None, read: Reader) -> tuple[Adjustment, ...]:
    if settlement is None:
        return ()
    found = list(_adjustments(read, "", settlement.children("SpecifiedTradeAllowanceCharge")))
    for node in settlement.children("SpecifiedLogisticsServiceCharge"):
        at = f"adjustments[{len(found)}]"
        texts = read.texts(
            at, node, {"reason": ("Description",), "tax_category": ("AppliedTradeTax/CategoryCode",)}
        )
        amounts = read.amounts(
            at,
            node,
            {"amount": ("AppliedAmount",), "tax_rate": ("AppliedTradeTax/RateApplicablePercent",)},
        )
        read.derived(f"{at}.is_charge", "true", node.path)
        found.append(Adjustment(is_charge=True, **texts, **amounts))  # type: ignore[arg-type]
    return tuple(found)


def _adjustments(read: Reader, at: str, nodes: Iterable[Node]) -> Iterator[Adjustment]:
    for place, one in enumerate(nodes):
        path = f"{at}adjustments[{place}]"
        texts = {
            "reason": ("Reason",),
            "reason_code": ("ReasonCode",),
            "tax_category": ("CategoryTradeTax/CategoryCode",),
        }
        amounts = {
            "amount": ("ActualAmount",),
            "base": ("BasisAmount",),
            "percent": ("CalculationPercent",),
            "tax_rate": ("CategoryTradeTax/RateApplicablePercent",),
        }
        charge = read.flag(one, "ChargeIndicator/Indicator") or read.flag(one, "ChargeIndicator")
        read.derived(f"{path}.is_charge", str(charge).lower(), one.path)
        values: dict[str, Any] = {**read.texts(path, one, texts), **read.amounts(path, one, amounts)}
        yield Adjustment(is_charge=charge, **values)


def _taxes(settlement: Node | None, read: Reader) -> tuple[Tax, ...]:
    found = []
    for place, node in enumerate(settlement.children("ApplicableTradeTax") if settlement else ()):
        at = f"taxes[{place}]"
        texts = {
            "category": ("CategoryCode",),
            "exemption": ("ExemptionReason",),
            "exemption_code": ("ExemptionReasonCode",),
        }
        amounts = {
            "rate": ("RateApplicablePercent",),
            "base": ("BasisAmount",),
            "amount": ("CalculatedAmount",),
        }
        values: dict[str, Any] = {**read.texts(at, node, texts), **read.amounts(at, node, amounts)}
        found.append(Tax(**values))
    return tuple(found)


def _totals(settlement: Node | None, read: Reader, currency: str | None) -> Totals:
    node = (
        settlement.first(
            "SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"
        )
        if settlement
        else None
    )
    found = read.amounts("totals", node, _TOTALS)
    for name, ways in _TOTALS.items():
        read.beside(f"totals.{name}", "currency", node, f"{ways[0]}/@currencyID")
    for amount in node.children("TaxTotalAmount") if node else []:
        given = amount.attribute("currencyID")
        name = "tax" if given in (None, currency) and "tax" not in found else "tax_in_tax_currency"
        if name not in found:
            put_back(found, name, read.amount(f"totals.{name}", amount, "."))
            read.beside(f"totals.{name}", "currency", amount, "@currencyID")
    return Totals(**found)


def _lines(trade: Node | None, read: Reader) -> tuple[Line, ...]:
    nodes = trade.children("IncludedSupplyChainTradeLineItem") if trade else []
    return tuple(_line(read, place, node.spread()) for place, node in enumerate(nodes))


def _line(read: Reader, place: int, node: Node) -> Line:
    at = f"lines[{place}]"
    period = f"{_LINE_SETTLEMENT}/BillingSpecifiedPeriod"
    days = {
        "period_start": _dated(f"{period}/StartDateTime"),
        "period_end": _dated(f"{period}/EndDateTime"),
        "delivery_date": _dated(f"{_LINE_DELIVERY}/ActualDeliverySupplyChainEvent/OccurrenceDateTime"),
    }
    values: dict[str, Any] = {
        **read.texts(at, node, _LINE_TEXTS),
        **read.amounts(at, node, _LINE_AMOUNTS),
        **read.days(at, node, days),
    }
    read.beside(f"{at}.standard_item_number", "scheme", node, f"{_PRODUCT}/GlobalID/@schemeID")
    price = f"{_LINE_AGREEMENT}/NetPriceProductTradePrice/BasisQuantity/@unitCode"
    read.beside(f"{at}.price_quantity", "unit", node, price)
    document = "AssociatedDocumentLineDocument"
    role = read.text(f"{at}.role", node, f"{document}/LineStatusReasonCode")
    adjustments = node.all(f"{_LINE_SETTLEMENT}/SpecifiedTradeAllowanceCharge")
    return Line(
        **values,
        parent=read.text(f"{at}.parent", node, f"{document}/ParentLineID"),
        role=codes.LINE_ROLES.get(role.upper()) if role else None,
        details=read.text(f"{at}.details", node, f"{_PRODUCT}/Description", lines=True),
        note=read.text(f"{at}.note", node, f"{document}/IncludedNote/Content", lines=True),
        adjustments=tuple(_adjustments(read, f"{at}.", adjustments)),
        object_id=_object_id(read, at, node),
        attributes=_attributes(read, at, node),
        classification=_classification(read, at, node),
    )


def _object_id(read: Reader, at: str, node: Node) -> str | None:
    for document in node.all(f"{_LINE_SETTLEMENT}/AdditionalReferencedDocument"):
        kind = document.first("TypeCode")
        if kind is None or kind.text == "130":
            read.beside(f"{at}.object_id", "scheme", document, "ReferenceTypeCode")
            return read.text(f"{at}.object_id", document, *_REFERENCE)
    return None


def _attributes(read: Reader, at: str, node: Node) -> tuple[tuple[str, str], ...]:
    found = []
    for place, one in enumerate(node.all(f"{_PRODUCT}/ApplicableProductCharacteristic")):
        value = read.text(f"{at}.attributes[{place}]", one, "Value", "ValueMeasure") or ""
        name = one.first("Description", "TypeCode")
        found.append((name.text if name else "", value))
    return tuple(found)


def _classification(read: Reader, at: str, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for one in node.all(f"{_PRODUCT}/DesignatedProductClassification"):
        path = f"{at}.classification[{len(found)}]"
        if code := read.text(path, one, "ClassCode"):
            read.beside(path, "scheme", one, "ClassCode/@listID")
            found.append(code)
    return tuple(found)


def embedded(root: Node) -> Iterator[Node]:
    """The elements that hold a file."""
    way = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/AdditionalReferencedDocument"
    return root.all(f"{way}/AttachmentBinaryObject")


def _supporting(agreement: Node | None, read: Reader) -> Iterator[SupportingDocument]:
    place = 0
    for node in agreement.children("AdditionalReferencedDocument") if agreement else []:
        kind = node.first("TypeCode")
        if kind is not None and kind.text in ("130", "50"):
            continue
        ways = {
            "reference": _REFERENCE,
            "description": ("Name",),
            "uri": ("URIID",),
            "filename": ("AttachmentBinaryObject/@filename",),
            "media_type": ("AttachmentBinaryObject/@mimeCode",),
        }
        yield SupportingDocument(**read.texts(f"supporting_documents[{place}]", node, ways))
        place += 1


def _attachments(agreement: Node | None, read: Reader) -> tuple[str, ...]:
    found: list[str] = []
    nodes = agreement.all("AdditionalReferencedDocument/AttachmentBinaryObject") if agreement else iter(())
    for node in nodes:
        if name := read.text(f"attachments[{len(found)}]", node, "@filename"):
            found.append(name)
    return tuple(found)
