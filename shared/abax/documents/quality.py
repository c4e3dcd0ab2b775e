"""Stage 6, quality check: calibrated confidence of each value, and whether all that is needed is there.

Scores of rankers and rules are turned into chances by curves that were fitted on documents that they had not
seen (``models/calibration.json``: for each group of fields a rising line through a few points).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from abax.documents.contracts import DocumentType, Evidence, Model, fields_of
from abax.documents.extract import Extraction

if TYPE_CHECKING:
    from abax.documents.classify import Classification

TOUCHLESS: Final = 0.9
"""Values below this chance are doubtful."""
_INVOICE: Final = ("number", "issue_date", "currency", "seller.name", "totals.gross")
_ORDER: Final = ("number", "issue_date", "seller.name", "buyer.name", "lines")
_GOODS: Final = ("number", "issue_date", "lines")
REQUIRED: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.SUPPLIER_INVOICE: _INVOICE,
    DocumentType.CUSTOMER_INVOICE: (*_INVOICE, "buyer.name"),
    DocumentType.CREDIT_MEMO: _INVOICE,
    DocumentType.DEBIT_MEMO: _INVOICE,
    DocumentType.RECEIPT: ("issue_date", "seller.name", "totals.gross"),
    DocumentType.PURCHASE_ORDER: _ORDER,
    DocumentType.SALES_ORDER: _ORDER,
    DocumentType.DELIVERY_NOTE: _GOODS,
    DocumentType.GOODS_RECEIPT: _GOODS,
    DocumentType.GOODS_ISSUE: _GOODS,
    DocumentType.PAYMENT_ADVICE: ("payer.name", "total", "remittances"),
    DocumentType.ACCOUNT_STATEMENT: ("issuer.name", "closing_balance"),
    DocumentType.JOURNAL_VOUCHER: ("number", "lines"),
    DocumentType.MASTER_DATA_FORM: ("party.name",),
}
"""Without these a document of its type cannot be worked on."""
EXPECTED: Final[dict[DocumentType, tuple[str, ...]]] = {
    DocumentType.SUPPLIER_INVOICE: (
        "totals.net",
        "totals.tax",
        "taxes",
        "lines",
        "seller.vat_id",
        "buyer.name",
    ),
    DocumentType.CUSTOMER_INVOICE: ("totals.net", "totals.tax", "taxes", "lines", "seller.vat_id"),
    DocumentType.CREDIT_MEMO: ("totals.net", "totals.tax", "lines", "buyer.name"),
    DocumentType.RECEIPT: ("seller.address.text",),
    DocumentType.PURCHASE_ORDER: ("delivery_date", "totals.net"),
    DocumentType.SALES_ORDER: ("delivery_date", "totals.net"),
    DocumentType.PAYMENT_ADVICE: ("payment_date", "payee.name"),
    DocumentType.ACCOUNT_STATEMENT: ("opening_balance", "entries", "holder.name"),
    DocumentType.JOURNAL_VOUCHER: ("posting_date", "total_debit", "total_credit"),
    DocumentType.MASTER_DATA_FORM: ("party.address.city", "bank_accounts"),
}
"""What most documents of the type have."""
_LINE: Final = re.compile(r"^(?:lines|remittances|entries)\[\d+\]\.(\w+)$")
_GROUPS: Final = (
    ("amount", re.compile(r"^totals\.|^total|_balance$")),
    ("date", re.compile(r"_date$|^period_|^effective$")),
    ("name", re.compile(r"\.name$")),
    ("address", re.compile(r"\.address\.")),
    ("tax", re.compile(r"^taxes")),
    ("bank", re.compile(r"^bank_accounts|^account\.")),
    ("terms", re.compile(r"^terms\.")),
    ("number", re.compile(r"^number$")),
    ("reference", re.compile(r"^references|^reference$|identifier$")),
    ("party", re.compile(r"^(?:seller|buyer|payer|payee|issuer|holder|company|party|ship_to)\.")),
)


class Quality(Model):
    """How good an extraction is. Its evidence now carries calibrated confidences."""

    extraction: Extraction
    confidence: float
    """That all required values are right."""
    completeness: float
    """The share of required and expected values that are there."""
    missing: tuple[str, ...] = ()
    """Paths of the required ones that are not."""
    doubtful: tuple[str, ...] = ()
    """Paths of values below the confidence that touchless work asks for."""


def assess(extraction: Extraction, classification: Classification) -> Quality:
    """The extraction with calibrated confidences, what it lacks and what is doubtful in it."""
    type_ = classification.type
    values = fields_of(extraction.contract)
    evidence = {
        path: found.model_copy(update={"confidence": calibrated(path, found, type_)})
        for path, found in extraction.evidence.items()
    }
    required, expected = REQUIRED.get(type_, ()), EXPECTED.get(type_, ())
    missing = tuple(path for path in required if not _there(path, values))
    lacking = [path for path in (*required, *expected) if not _there(path, values)]
    known = len(required) + len(expected)
    sure = [evidence[path].confidence for path in required if path in evidence]
    lines = [
        found.confidence for path, found in evidence.items() if path.endswith((".net_amount", ".quantity"))
    ]
    confidence = (
        0.0 if missing else min([classification.confidence, *sure, *(lines if "lines" in required else ())])
    )
    doubtful = tuple(path for path, found in evidence.items() if found.confidence < TOUCHLESS)
    return Quality(
        extraction=extraction.model_copy(update={"evidence": evidence}),
        confidence=round(confidence, 4),
        completeness=1.0 - len(lacking) / known if known else 1.0,
        missing=missing,
        doubtful=doubtful,
    )


def _there(path: str, values: dict[str, Any]) -> bool:
    return path in values or any(other.startswith(f"{path}[") for other in values)


def group_of(path: str) -> str:
    """The group of fields that is calibrated together."""
    line = _LINE.match(path)
    if line:
        return "line_text" if line.group(1) in ("description", "text", "unit", "item_number") else "line"
    return next((name for name, pattern in _GROUPS if pattern.search(path)), "other")


def calibrated(path: str, found: Evidence, type_: DocumentType) -> float:
    """The chance that a value is right, by its score and the group of its field. XML says what it says, and
    how often a model is right was counted."""
    if found.method in ("xml", "person", "model"):
        return found.confidence
    family = "receipt" if type_ is DocumentType.RECEIPT else "business"
    curves = _curves()
    curve = curves.get(f"{family}/{group_of(path)}") or curves.get(family)
    return along(curve, found.confidence) if curve else found.confidence


def along(curve: list[list[float]], score: float) -> float:
    """A point on a line through points that rise."""
    xs = [x for x, _ in curve]
    place = bisect_right(xs, score)
    if place == 0:
        return curve[0][1]
    if place == len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (y1 - y0) * (score - x0) / (x1 - x0) if x1 > x0 else y1


@lru_cache(maxsize=1)
def _curves() -> dict[str, list[list[float]]]:
    file = resources.files("abax.documents.models").joinpath("calibration.json")
    if not file.is_file():
        return {}
    curves: dict[str, list[list[float]]] = json.loads(file.read_text())
    return curves
