"""FatturaPA, the invoice of Italy (``FatturaElettronica``, formats FPA12 and FPR12).

It is no invoice of EN 16931: it states no net total and no tax total, so both are summed up here; what the
buyer pays to the state in the seller's place (``DatiRitenuta``, split payments) counts as prepaid; and the
reasons for untaxed supplies are codes of its own (``Natura``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from abax.documents.contracts import (
    Address,
    Adjustment,
    BankAccount,
    DocumentType,
    Line,
    Party,
    References,
    Subtype,
    Tax,
    Terms,
    Totals,
    TradeDocument,
)
from abax.documents.einvoice.codes import InvoiceType
from abax.documents.einvoice.parts import bank_account
from abax.documents.einvoice.tree import Node, Reader

_TYPES: dict[str, InvoiceType] = {
    "TD04": DocumentType.CREDIT_MEMO,
    "TD05": DocumentType.DEBIT_MEMO,
    "TD08": DocumentType.CREDIT_MEMO,
    "TD09": DocumentType.DEBIT_MEMO,
}
_SUBTYPES = {
    **dict.fromkeys(("TD02", "TD03"), Subtype.DOWN_PAYMENT),
    **dict.fromkeys(("TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD27", "TD28"), Subtype.SELF_BILLED),
}
_MEANS = {
    **dict.fromkeys(("MP01", "MP04"), "cash"),
    **dict.fromkeys(("MP02", "MP03"), "cheque"),
    **dict.fromkeys(("MP05", "MP07", "MP18"), "credit transfer"),
    "MP08": "card",
    **dict.fromkeys(("MP09", "MP10", "MP11", "MP12", "MP16", "MP17", "MP19", "MP20", "MP21"), "direct debit"),
    "MP22": "clearing",
    "MP23": "online payment",
}
_CATEGORIES = {"N1": "O", "N2": "O", "N3.1": "G", "N3.2": "K", "N3": "Z", "N4": "E", "N5": "E", "N6": "AE"}
"""``Natura`` to UNTDID 5305; by its first two letters where the whole is not here."""
_GENERAL = "DatiGenerali/DatiGeneraliDocumento"
_AMOUNT = re.compile(r"-?\d{1,15}\.\d{2,8}")
_NOBODY = ("0000000", "XXXXXXX", "999999")
"""Addressees that are none."""


def contract(root: Node, read: Reader) -> TradeDocument:
    """The contract of the first invoice in a ``FatturaElettronica``."""
    header, bodies = root.first("FatturaElettronicaHeader"), list(root.all("FatturaElettronicaBody"))
    body = bodies[0] if bodies else root
    if len(bodies) > 1:
        read.findings.append(f"it holds {len(bodies)} invoices, of which the first was read")
    code = read.text("type_code", body, f"{_GENERAL}/TipoDocumento")
    read.beside("type_code", "scheme", root, "@versione")
    lines = tuple(_line(read, place, node) for place, node in enumerate(_all(body, "DettaglioLinee")))
    taxes = tuple(_tax(read, place, node) for place, node in enumerate(_all(body, "DatiRiepilogo")))
    payments = list(body.all("DatiPagamento/DettaglioPagamento"))
    return TradeDocument(
        type=_TYPES.get(code or "", DocumentType.SUPPLIER_INVOICE),
        subtype=_SUBTYPES.get(code or "", Subtype.STANDARD),
        type_code=code,
        number=read.text("number", body, f"{_GENERAL}/Numero"),
        issue_date=read.day("issue_date", body, f"{_GENERAL}/Data"),
        due_date=_first_due(read, payments),
        currency=read.compact("currency", body, f"{_GENERAL}/Divisa"),
        specification=read.text("specification", header, "DatiTrasmissione/FormatoTrasmissione"),
        notes=_notes(read, body),
        seller=_party(read, "seller", header, "CedentePrestatore"),
        buyer=_buyer(read, header),
        references=_references(read, body),
        bank_accounts=_bank_accounts(read, payments),
        terms=_terms(read, payments),
        lines=lines,
        adjustments=_adjustments(read, body),
        taxes=taxes,
        totals=_totals(read, body, taxes, payments),
        attachments=_attachments(read, body),
    )


def _all(body: Node, name: str) -> Iterator[Node]:
    return body.all(f"DatiBeniServizi/{name}")


def _notes(read: Reader, body: Node) -> tuple[str, ...]:
    found = [
        read.text(f"notes[{place}]", node, ".", lines=True)
        for place, node in enumerate(body.all(f"{_GENERAL}/Causale"))
    ]
    return tuple(text for text in found if text)


# --- parties --------------------------------------------------------------------------------------------

_ADDRESS = {
    "city": ("Sede/Comune",),
    "postcode": ("Sede/CAP",),
    "region": ("Sede/Provincia",),
    "country": ("Sede/Nazione",),
}
_PARTY = {
    "tax_number": ("DatiAnagrafici/CodiceFiscale",),
    "phone": ("Contatti/Telefono",),
    "email": ("Contatti/Email",),
}


def _joined(read: Reader, path: str, node: Node | None, *ways: str, between: str = " ") -> str | None:
    """Values that make one together, with the evidence of the first."""
    found = [value for way in ways if node is not None and (value := node.value(way)) is not None]
    if not found:
        return None
    text = between.join(" ".join(raw.split()) for _, raw in found)
    read.derived(path, text, found[0][0])
    return text


def _party(read: Reader, at: str, header: Node | None, way: str) -> Party:
    node = header.first(way) if header else None
    if node is None:
        return Party()
    who, tax = "DatiAnagrafici/Anagrafica", "DatiAnagrafici/IdFiscaleIVA"
    name = read.text(f"{at}.name", node, f"{who}/Denominazione")
    vat_id = _joined(read, f"{at}.vat_id", node, f"{tax}/IdPaese", f"{tax}/IdCodice", between="")
    street = _joined(read, f"{at}.address.street", node, "Sede/Indirizzo", "Sede/NumeroCivico")
    rea = ("IscrizioneREA/Ufficio", "IscrizioneREA/NumeroREA")
    texts: dict[str, Any] = read.texts(at, node, _PARTY)
    return Party(
        **texts,
        name=name or _joined(read, f"{at}.name", node, f"{who}/Nome", f"{who}/Cognome"),
        vat_id=vat_id,
        registration=_joined(read, f"{at}.registration", node, *rea),
        address=Address(**read.texts(f"{at}.address", node, _ADDRESS), street=street),
    )


def _buyer(read: Reader, header: Node | None) -> Party:
    """With where its invoices are sent to."""
    buyer = _party(read, "buyer", header, "CessionarioCommittente")
    way, path = "DatiTrasmissione/CodiceDestinatario", "buyer.electronic_address"
    found = header.value(way) if header else None
    if found is None or found[1] in _NOBODY:
        way = "DatiTrasmissione/PECDestinatario"
    return buyer.model_copy(update={"electronic_address": read.text(path, header, way)})


# --- lines and taxes ------------------------------------------------------------------------------------

_LINE_TEXTS = {
    "position": ("NumeroLinea",),
    "item_number": ("CodiceArticolo/CodiceValore",),
    "description": ("Descrizione",),
    "unit": ("UnitaMisura",),
    "account": ("RiferimentoAmministrazione",),
}
_LINE_AMOUNTS = {
    "quantity": ("Quantita",),
    "unit_price": ("PrezzoUnitario",),
    "net_amount": ("PrezzoTotale",),
    "tax_rate": ("AliquotaIVA",),
}


def _line(read: Reader, place: int, node: Node) -> Line:
    at = f"lines[{place}]"
    days = {"period_start": ("DataInizioPeriodo",), "period_end": ("DataFinePeriodo",)}
    values: dict[str, Any] = {
        **read.texts(at, node, _LINE_TEXTS),
        **read.amounts(at, node, _LINE_AMOUNTS),
        **read.days(at, node, days),
    }
    adjustments = tuple(
        _adjustment(read, f"{at}.adjustments[{number}]", one)
        for number, one in enumerate(node.children("ScontoMaggiorazione"))
    )
    return Line(**values, adjustments=adjustments, tax_category=_category(read, f"{at}.tax_category", node))


def _adjustment(read: Reader, at: str, node: Node) -> Adjustment:
    """A discount (``SC``) or a surcharge (``MG``)."""
    kind = node.value("Tipo")
    charge = kind is not None and kind[1] == "MG"
    read.derived(f"{at}.is_charge", str(charge).lower(), node.path)
    ways = {"percent": ("Percentuale",), "amount": ("Importo",)}
    amounts: dict[str, Any] = read.amounts(at, node, ways)
    return Adjustment(is_charge=charge, **amounts)


def _adjustments(read: Reader, body: Node) -> tuple[Adjustment, ...]:
    """Of the whole, and what goes to the pension fund of a profession."""
    found: list[Adjustment] = []
    for node in body.all(f"{_GENERAL}/ScontoMaggiorazione"):
        found.append(_adjustment(read, f"adjustments[{len(found)}]", node))
    for node in body.all(f"{_GENERAL}/DatiCassaPrevidenziale"):
        at = f"adjustments[{len(found)}]"
        amounts = {
            "percent": ("AlCassa",),
            "amount": ("ImportoContributoCassa",),
            "base": ("ImponibileCassa",),
            "tax_rate": ("AliquotaIVA",),
        }
        read.derived(f"{at}.is_charge", "true", node.path)
        values: dict[str, Any] = read.amounts(at, node, amounts)
        reason = read.text(f"{at}.reason_code", node, "TipoCassa")
        found.append(Adjustment(is_charge=True, reason_code=reason, **values))
    return tuple(found)


def _category(read: Reader, path: str, node: Node) -> str:
    found = node.value("Natura") or node.value("AliquotaIVA") or (node.path, "")
    nature = found[1] if found[1].startswith("N") else ""
    read.derived(path, found[1], found[0])
    return _CATEGORIES.get(nature) or _CATEGORIES.get(nature[:2]) or ("O" if nature else "S")


def _tax(read: Reader, place: int, node: Node) -> Tax:
    at = f"taxes[{place}]"
    amounts = {"rate": ("AliquotaIVA",), "base": ("ImponibileImporto",), "amount": ("Imposta",)}
    texts = {"exemption": ("RiferimentoNormativo",), "exemption_code": ("Natura",)}
    values: dict[str, Any] = {**read.amounts(at, node, amounts), **read.texts(at, node, texts)}
    return Tax(**values, category=_category(read, f"{at}.category", node))


def _totals(read: Reader, body: Node, taxes: tuple[Tax, ...], payments: list[Node]) -> Totals:
    found = read.amounts(
        "totals",
        body,
        {"gross": (f"{_GENERAL}/ImportoTotaleDocumento",), "rounding": (f"{_GENERAL}/Arrotondamento",)},
    )
    sums = {"net": [tax.base for tax in taxes], "tax": [tax.amount for tax in taxes]}
    sources = {"net": "ImponibileImporto", "tax": "Imposta"}
    for name, values in sums.items():
        where = body.value(f"DatiBeniServizi/DatiRiepilogo/{sources[name]}")
        if where is not None and None not in values:
            found[name] = sum((value for value in values if value is not None), Decimal(0))
            read.derived(f"totals.{name}", str(found[name]), where[0])
    if "gross" not in found and "net" in found and "tax" in found:
        found["gross"] = found["net"] + found["tax"]
        read.derived("totals.gross", str(found["gross"]), body.path)
    withheld = [node.value(".") for node in _withheld(body)]
    paid = [Decimal(one[1]) for one in withheld if one and _AMOUNT.fullmatch(one[1])]
    if paid and withheld[0] is not None:
        found["prepaid"] = sum(paid, Decimal(0))
        read.derived("totals.prepaid", str(found["prepaid"]), withheld[0][0])
    dues = [read.amount("totals.due", node, "ImportoPagamento") for node in payments]
    if dues and None not in dues:
        found["due"] = sum((due for due in dues if due is not None), Decimal(0))
        read.derived("totals.due", str(found["due"]), payments[0].path)
    return Totals(**found)


def _withheld(body: Node) -> Iterator[Node]:
    """Amounts that the buyer pays to the state in the seller's place: withheld tax, and split payments."""
    yield from body.all(f"{_GENERAL}/DatiRitenuta/ImportoRitenuta")
    for node in _all(body, "DatiRiepilogo"):
        when = node.value("EsigibilitaIVA")
        if when is not None and when[1] == "S":
            yield from node.all("Imposta")


# --- payment, references, files -------------------------------------------------------------------------


def _first_due(read: Reader, payments: list[Node]) -> date | None:
    """The last day of the first instalment."""
    node = next((one for one in payments if one.value("DataScadenzaPagamento")), None)
    return read.day("due_date", node, "DataScadenzaPagamento")


def _bank_accounts(read: Reader, payments: list[Node]) -> tuple[BankAccount, ...]:
    found: list[BankAccount] = []
    seen: set[str] = set()
    for node in payments:
        iban = node.value("IBAN")
        if iban is None or iban[1] in seen:
            continue
        seen.add(iban[1])
        account = bank_account(
            read,
            len(found),
            node,
            number=("IBAN",),
            holder=("Beneficiario",),
            bic=("BIC",),
            bank=("IstitutoFinanziario",),
        )
        if account is not None:
            found.append(account)
    return tuple(found)


def _terms(read: Reader, payments: list[Node]) -> Terms:
    node = payments[0] if payments else None
    found = node.value("ModalitaPagamento") if node else None
    means = _MEANS.get(found[1]) if found else None
    if found is not None and means is not None:
        read.derived("terms.means", found[1], found[0])
    remittance = read.text("terms.remittance", node, "CodicePagamento")
    return Terms(means=means, remittance=remittance)


_REFERENCES = {
    "order_number": ("DatiGenerali/DatiOrdineAcquisto/IdDocumento",),
    "contract_number": ("DatiGenerali/DatiContratto/IdDocumento",),
    "goods_receipt_number": ("DatiGenerali/DatiRicezione/IdDocumento",),
    "delivery_note_number": ("DatiGenerali/DatiDDT/NumeroDDT",),
    "tender": ("DatiGenerali/DatiOrdineAcquisto/CodiceCIG", "DatiGenerali/DatiContratto/CodiceCIG"),
    "project": ("DatiGenerali/DatiOrdineAcquisto/CodiceCUP", "DatiGenerali/DatiContratto/CodiceCUP"),
}


def _references(read: Reader, body: Node) -> References:
    preceding = []
    for place, node in enumerate(body.all("DatiGenerali/DatiFattureCollegate")):
        path = f"references.preceding[{place}]"
        day = read.day(path, node, "Data")
        preceding.append((read.text(path, node, "IdDocumento") or "", day))
    return References(**read.texts("references", body, _REFERENCES), preceding=tuple(preceding))


def _attachments(read: Reader, body: Node) -> tuple[str, ...]:
    found: list[str] = []
    for node in body.all("Allegati"):
        if name := read.text(f"attachments[{len(found)}]", node, "NomeAttachment"):
            found.append(name)
    return tuple(found)


def name_of(node: Node) -> str | None:
    """What the file is called that an element holds: it stands beside it."""
    outer = node.element.getparent()
    return outer.findtext("{*}NomeAttachment") if outer is not None else None


def embedded(root: Node) -> Iterator[Node]:
    """The elements that hold a file."""
    return root.all("FatturaElettronicaBody/Allegati/Attachment")
