"""Stage 8, routing: touchless when confident and clean, else to a person; with a journal entry to book."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from abax.documents.classify import Classification
from abax.documents.contracts import DocumentType, Model
from abax.documents.quality import REQUIRED, Quality
from abax.documents.validate import Check, Outcome, Severity
from abax.errors import listed


class Way(StrEnum):
    """Where a document goes."""

    TOUCHLESS = "touchless"
    REVIEW = "review"
    APPROVED = "approved"
    """A person has passed it, as it was or corrected."""
    REJECTED = "rejected"


class ProposedLine(Model):
    """One journal line: signed, debit positive."""

    account: str
    amount: Decimal
    text: str = ""
    cost_center: str | None = None
    reason: str = ""
    """Why this account."""


class ProposedEntry(Model):
    """A balanced journal entry, in the document's currency."""

    posting_date: date
    currency: str
    lines: tuple[ProposedLine, ...]
    confidence: float
    partner: str | None = None


class Decision(Model):
    """Where the document goes and why."""

    way: Way
    queue: str = ""
    """Of reviewers: ``accounts_payable``, ``fraud`` and the like."""
    reasons: tuple[str, ...] = ()
    entry: ProposedEntry | None = None


class Policy(Model):
    """From when on a document needs no person."""

    document: float = 0.85
    """How sure the quality check must be that all required values are right."""
    type: float = 0.9
    entry: float = 0.5
    """How sure the accounts of the proposed entry must be."""
    largest: Decimal | None = None
    """Gross amount above which a person always looks."""


QUEUES: dict[DocumentType, str] = {
    DocumentType.SUPPLIER_INVOICE: "accounts_payable",
    DocumentType.CREDIT_MEMO: "accounts_payable",
    DocumentType.DEBIT_MEMO: "accounts_payable",
    DocumentType.RECEIPT: "accounts_payable",
    DocumentType.CUSTOMER_INVOICE: "accounts_receivable",
    DocumentType.PAYMENT_ADVICE: "accounts_receivable",
    DocumentType.SALES_ORDER: "sales",
    DocumentType.PURCHASE_ORDER: "purchasing",
    DocumentType.DELIVERY_NOTE: "purchasing",
    DocumentType.GOODS_RECEIPT: "purchasing",
    DocumentType.GOODS_ISSUE: "sales",
    DocumentType.ACCOUNT_STATEMENT: "treasury",
    DocumentType.JOURNAL_VOUCHER: "general_ledger",
    DocumentType.MASTER_DATA_FORM: "master_data",
    DocumentType.UNKNOWN: "unclear",
}
"""Which reviewers look at a type."""

FRAUD = "fraud"


def route(
    classification: Classification,
    quality: Quality,
    checks: Sequence[Check],
    entry: ProposedEntry | None = None,
    unbooked: str = "",
    problems: Sequence[str] = (),
    policy: Policy | None = None,
) -> Decision:
    """Where a document goes. ``unbooked`` says why there is no entry where there should be one; ``problems``
    are pages that could not be read. A failed rule of severity ALARM is never passed."""
    policy = policy or Policy()
    alarms = _failed(checks, Severity.ALARM)
    if alarms:
        return Decision(way=Way.REVIEW, queue=FRAUD, reasons=tuple(alarms + _failed(checks, Severity.ERROR)))
    reasons = [
        *_failed(checks, Severity.ERROR),
        *_failed(checks, Severity.WARNING),
        *_doubts(classification, quality, policy, known=_passed(checks, ("supplier-known",))),
        *_unproven(classification, quality, checks, entry),
        *(f"could not be read: {problem}" for problem in problems),
        *_of_entry(entry, unbooked, policy),
        *_of_size(quality, policy),
    ]
    way = Way.REVIEW if reasons else Way.TOUCHLESS
    queue = QUEUES[classification.type] if reasons else ""
    return Decision(way=way, queue=queue, reasons=tuple(dict.fromkeys(reasons)), entry=entry)


def _failed(checks: Sequence[Check], severity: Severity) -> list[str]:
    """What failed, and what was compared."""
    return [
        f"{check.rule}: {check.text}" + (f" ({check.compared})" if check.compared else "")
        for check in checks
        if check.outcome is Outcome.FAILED and check.severity is severity
    ]


def _doubts(
    classification: Classification, quality: Quality, policy: Policy, *, known: bool = False
) -> list[str]:
    doubts = []
    if classification.type is DocumentType.UNKNOWN:
        doubts.append("its type is not known")
    elif classification.confidence < policy.type:
        doubts.append(f"its type is {classification.type} with {classification.confidence:.0%} only")
    if quality.missing:
        doubts.append(f"not found: {listed(quality.missing)}")
    doubtful = [path for path in quality.doubtful if matters(path, classification.type, known=known)]
    if doubtful:
        doubts.append(f"doubtful: {listed(doubtful)}")
    if quality.confidence < policy.document:
        doubts.append(f"all required values are right with {quality.confidence:.0%} only")
    return doubts + [f"differs: {finding}" for finding in quality.extraction.findings]


def matters(path: str, type_: DocumentType, *, known: bool = False) -> bool:
    """Whether a doubt about a value keeps a document from going on: what its type must have, what is booked,
    paid or owed, when, and who the parties are. A telephone number does not; nor do addresses where the
    supplier is ``known``: his and ours are on file."""
    plain = re.sub(r"\[\d+\]", "", path)
    if plain.startswith(_BOOKED) or plain in _WHEN:
        return True
    party = _OF_PARTY.match(plain)
    if party:
        return not (known and party["role"] in ("seller", "buyer") and party["part"] == "address")
    asked = REQUIRED.get(type_, ())
    return plain in asked or ("lines" in asked and plain in _OF_LINES)


_BOOKED: Final = ("totals.", "taxes.", "bank_accounts.iban", "bank_accounts.account_number", "remittances.")
_OF_LINES: Final = ("lines.description", "lines.quantity", "lines.net_amount")
_WHEN: Final = ("issue_date", "due_date", "posting_date", "payment_date", "effective")
_OF_PARTY: Final = re.compile(
    r"(?P<role>seller|buyer|payer|payee|issuer|holder|company|party|ship_to|tax_representative)"
    r"\.(?P<part>name|address|vat_id|tax_number)\b"
)
_TRADE_PROOFS: Final = (
    ("gross-total", "lines-total"),
    ("gross-total", "net-total"),
    ("gross-total", "tax-amount"),
)
_PROOFS: Final[dict[DocumentType, tuple[tuple[str, ...], ...]]] = {
    DocumentType.SUPPLIER_INVOICE: _TRADE_PROOFS,
    DocumentType.CUSTOMER_INVOICE: _TRADE_PROOFS,
    DocumentType.CREDIT_MEMO: _TRADE_PROOFS,
    DocumentType.DEBIT_MEMO: _TRADE_PROOFS,
    DocumentType.RECEIPT: (("gross-total",), ("lines-total",)),
    DocumentType.PURCHASE_ORDER: (("lines-total",), ("net-total",)),
    DocumentType.SALES_ORDER: (("lines-total",), ("net-total",), ("order-quantities",)),
    DocumentType.DELIVERY_NOTE: (("order-quantities",), ("receipt-quantities",)),
    DocumentType.GOODS_RECEIPT: (("order-quantities",), ("receipt-quantities",)),
    DocumentType.PAYMENT_ADVICE: (("advice-total",),),
    DocumentType.ACCOUNT_STATEMENT: (("statement-balance",),),
    DocumentType.JOURNAL_VOUCHER: (("voucher-sides",),),
}
"""Rules that, when all of one group pass, show by the document's own figures, or an order's, that it was read
right. Types that have none here are shown right by nothing that they say."""


def _unproven(
    classification: Classification,
    quality: Quality,
    checks: Sequence[Check],
    entry: ProposedEntry | None,
) -> list[str]:
    """What is not booked as earlier documents were, and comes from nobody known, must prove itself. XML and
    people say what they say: there nothing was guessed."""
    if entry is not None or _passed(checks, ("supplier-known",)):
        return []
    evidence = quality.extraction.evidence.values()
    if evidence and all(found.method in ("xml", "person") for found in evidence):
        return []
    if any(_passed(checks, group) for group in _PROOFS.get(classification.type, ())):
        return []
    return ["nothing proves it: its supplier is not known, no entry is proposed, and no sums confirm it"]


def _passed(checks: Sequence[Check], rules: tuple[str, ...]) -> bool:
    """All these rules were applied and passed."""
    passed = {check.rule for check in checks if check.outcome is Outcome.PASSED}
    return passed.issuperset(rules)


def _of_entry(entry: ProposedEntry | None, unbooked: str, policy: Policy) -> list[str]:
    if unbooked:
        return [f"no entry is proposed: {unbooked}"]
    if entry is not None and entry.confidence < policy.entry:
        return [f"the accounts of the entry are right with {entry.confidence:.0%} only"]
    return []


def _of_size(quality: Quality, policy: Policy) -> list[str]:
    totals = getattr(quality.extraction.contract, "totals", None)
    gross = totals.gross if totals is not None else None
    if policy.largest is None or gross is None or abs(gross) <= policy.largest:
        return []
    return [f"{gross} is above {policy.largest}, from where on a person looks"]
