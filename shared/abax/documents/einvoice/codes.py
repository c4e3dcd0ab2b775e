"""What the codes of e-invoices mean to a contract."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from abax.documents.contracts import DocumentType, Subtype

CREDIT_CODES = frozenset(
    ("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532")
)
"""UNTDID 1001: documents that lower what is owed."""
DEBIT_CODES = frozenset(("80", "84", "383"))
SUBTYPES = {
    "325": Subtype.PRO_FORMA,
    "386": Subtype.DOWN_PAYMENT,
    "503": Subtype.DOWN_PAYMENT,
    "204": Subtype.PARTIAL,
    "326": Subtype.PARTIAL,
    "875": Subtype.PARTIAL,
    "876": Subtype.PARTIAL,
    "877": Subtype.FINAL,
    "218": Subtype.FINAL,
    "261": Subtype.SELF_BILLED,
    "389": Subtype.SELF_BILLED,
    "527": Subtype.SELF_BILLED,
    "471": Subtype.SELF_BILLED,
    "500": Subtype.SELF_BILLED,
    "501": Subtype.SELF_BILLED,
    "502": Subtype.SELF_BILLED,
    "384": Subtype.CORRECTION,
    "385": Subtype.CONSOLIDATED,
}
MEANS = {
    "10": "cash",
    "20": "cheque",
    "21": "cheque",
    "22": "cheque",
    "23": "cheque",
    "25": "cheque",
    "26": "cheque",
    "30": "credit transfer",
    "31": "credit transfer",
    "42": "credit transfer",
    "45": "credit transfer",
    "58": "credit transfer",
    "48": "card",
    "54": "card",
    "55": "card",
    "49": "direct debit",
    "59": "direct debit",
    "57": "standing order",
    "68": "online payment",
    "97": "clearing",
}
"""UNTDID 4461, in words."""
TAX_POINT_CODES = {"5": "3", "29": "35", "72": "432"}
"""CII has UNTDID 2475 where the standard (BT-8) has UNTDID 2005."""
LINE_ROLES = {"GROUP": "group", "DETAIL": "detail", "INFORMATION": "information"}

IBAN_FORM = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_SKONTO = re.compile(r"#\s*SKONTO\s*#([^\r\n]*)")


InvoiceType = Literal[DocumentType.SUPPLIER_INVOICE, DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO]


def document_type(code: str | None, *, credit_note: bool = False) -> InvoiceType:
    """What a type code makes of a document to the one who receives it."""
    if code in DEBIT_CODES:
        return DocumentType.DEBIT_MEMO
    if credit_note or code in CREDIT_CODES:
        return DocumentType.CREDIT_MEMO
    return DocumentType.SUPPLIER_INVOICE


def subtype(code: str | None) -> Subtype:
    """The kind of invoice that a type code says."""
    return SUBTYPES.get(code or "", Subtype.STANDARD)


def discounts(text: str) -> list[tuple[int | None, Decimal | None, Decimal | None]]:
    """Days, percent and base of the discounts that XRechnung writes into the payment terms:
    ``#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#``."""
    found = []
    for match in _SKONTO.finditer(text):
        parts = dict(part.split("=", 1) for part in match[1].split("#") if "=" in part)
        days = parts.get("TAGE", "").strip()
        percent, base = _decimal(parts.get("PROZENT")), _decimal(parts.get("BASISBETRAG"))
        found.append((int(days) if days.isdecimal() and len(days) < 5 else None, percent, base))
    return found


def _decimal(text: str | None) -> Decimal | None:
    plain = (text or "").strip()
    return Decimal(plain) if re.fullmatch(r"-?\d{1,20}(\.\d{1,10})?", plain) else None
