"""Document contracts: the typed fields of each type of document, and where each value was found.

Names and meanings follow EN 16931-1 (the semantic model of an invoice) where it has them; ``BT-…`` and
``BG-…`` are its numbers. Amounts are signed as printed: a credit memo's are positive where the document
prints them so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class DocumentType(StrEnum):
    """What a document is to us."""

    PURCHASE_ORDER = "purchase_order"
    SUPPLIER_INVOICE = "supplier_invoice"
    CUSTOMER_INVOICE = "customer_invoice"
    SALES_ORDER = "sales_order"
    GOODS_RECEIPT = "goods_receipt"
    GOODS_ISSUE = "goods_issue"
    CREDIT_MEMO = "credit_memo"
    DEBIT_MEMO = "debit_memo"
    DELIVERY_NOTE = "delivery_note"
    PAYMENT_ADVICE = "payment_advice"
    ACCOUNT_STATEMENT = "account_statement"
    RECEIPT = "receipt"
    JOURNAL_VOUCHER = "journal_voucher"
    MASTER_DATA_FORM = "master_data_form"
    UNKNOWN = "unknown"


class Subtype(StrEnum):
    """Which kind of its type a document is."""

    STANDARD = "standard"
    BLANKET = "blanket"
    """An order by value or quantity that later calls draw on."""
    CONTRACT = "contract"
    SCHEDULING_AGREEMENT = "scheduling_agreement"
    PRO_FORMA = "pro_forma"
    DOWN_PAYMENT = "down_payment"
    PARTIAL = "partial"
    FINAL = "final"
    SELF_BILLED = "self_billed"
    CORRECTION = "correction"
    RECURRING = "recurring"
    REMINDER = "reminder"
    CASH_SALE = "cash_sale"
    CONSOLIDATED = "consolidated"


class Model(BaseModel):
    """Base of all parts: immutable, and nothing in it that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Model):
    """BG-5, BG-8, BG-12, BG-15. ``text`` is the whole as printed, in one line, parted by commas."""

    text: str | None = None
    street: str | None = None
    additional: str | None = None
    city: str | None = None
    postcode: str | None = None
    region: str | None = None
    country: str | None = None
    """ISO 3166-1, two letters."""


class Party(Model):
    """Who sells, buys, is paid or gets the goods."""

    name: str | None = None
    trading_name: str | None = None
    address: Address = Address()
    vat_id: str | None = None
    """With its country's prefix, without blanks."""
    tax_number: str | None = None
    """Of a national tax office."""
    registration: str | None = None
    """In a register of companies."""
    identifier: str | None = None
    """What the other side knows it by: customer or supplier number, GLN."""
    electronic_address: str | None = None
    other_identifiers: tuple[str, ...] = ()
    """Where it has several (BT-29, BT-46)."""
    legal_information: str | None = None
    """Legal form, capital, seat of the court and the like (BT-33)."""
    contact: str | None = None
    phone: str | None = None
    email: str | None = None


class BankAccount(Model):
    """Where to pay (BG-17)."""

    iban: str | None = None
    account_number: str | None = None
    bic: str | None = None
    bank_name: str | None = None
    holder: str | None = None


class Discount(Model):
    """A discount for paying early."""

    percent: Decimal | None = None
    days: int | None = None
    until: date | None = None
    base: Decimal | None = None


class Terms(Model):
    """When and how to pay."""

    text: str | None = None
    net_days: int | None = None
    discounts: tuple[Discount, ...] = ()
    means: str | None = None
    """Such as credit transfer, direct debit, card, cash."""
    means_code: str | None = None
    """UNTDID 4461, where the document says one (BT-81)."""
    means_text: str | None = None
    """As the document words it (BT-82)."""
    remittance: str | None = None
    """What the payer is to write on the payment (BT-83)."""
    mandate: str | None = None
    creditor_id: str | None = None
    debited_account: str | None = None
    """The buyer's account that a direct debit draws on (BT-91)."""
    card_number: str | None = None
    """The last digits of the card that was used (BT-87)."""
    card_holder: str | None = None


class Adjustment(Model):
    """An allowance, or where ``is_charge`` a charge, on a line or on the whole (BG-20, 21, 27, 28)."""

    is_charge: bool = False
    amount: Decimal | None = None
    base: Decimal | None = None
    percent: Decimal | None = None
    reason: str | None = None
    reason_code: str | None = None
    tax_category: str | None = None
    tax_rate: Decimal | None = None


class Line(Model):
    """A line of goods or services (BG-25)."""

    position: str | None = None
    parent: str | None = None
    """The position that this line is a part of; its amount is in that one's already."""
    role: str | None = None
    """``group``, ``detail`` or ``information``, where lines have parts; information adds to no total."""
    item_number: str | None = None
    """The seller's."""
    buyer_item_number: str | None = None
    standard_item_number: str | None = None
    description: str | None = None
    details: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    """Net, after its discount, for ``price_quantity`` units."""
    gross_price: Decimal | None = None
    """Before its discount."""
    price_discount: Decimal | None = None
    """What was taken off the gross price (BT-147)."""
    price_quantity: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    net_amount: Decimal | None = None
    tax_category: str | None = None
    tax_rate: Decimal | None = None
    """Percent."""
    tax_amount: Decimal | None = None
    gross_amount: Decimal | None = None
    order_number: str | None = None
    order_line: str | None = None
    account: str | None = None
    """The buyer's accounting reference, where the line has one."""
    object_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    delivery_date: date | None = None
    note: str | None = None
    origin: str | None = None
    """Country, two letters."""
    attributes: tuple[tuple[str, str], ...] = ()
    classification: tuple[str, ...] = ()


class Tax(Model):
    """One rate's part of the tax breakdown (BG-23)."""

    category: str | None = None
    rate: Decimal | None = None
    base: Decimal | None = None
    amount: Decimal | None = None
    exemption: str | None = None
    exemption_code: str | None = None


class Totals(Model):
    """BG-22."""

    lines: Decimal | None = None
    allowances: Decimal | None = None
    charges: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    tax_in_tax_currency: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = None
    rounding: Decimal | None = None
    due: Decimal | None = None


class References(Model):
    """Numbers of other documents and projects."""

    order_number: str | None = None
    sales_order_number: str | None = None
    contract_number: str | None = None
    delivery_note_number: str | None = None
    goods_receipt_number: str | None = None
    tender: str | None = None
    project: str | None = None
    buyer_reference: str | None = None
    object_id: str | None = None
    account: str | None = None
    """The buyer's accounting reference (BT-19)."""
    preceding: tuple[tuple[str, date | None], ...] = ()
    """Invoices that this document corrects or settles: number and date (BG-3)."""


class SupportingDocument(Model):
    """A document that explains an invoice (BG-24), inside of it or elsewhere."""

    reference: str | None = None
    description: str | None = None
    uri: str | None = None
    """Where it lies; never fetched."""
    filename: str | None = None
    media_type: str | None = None


class ThirdPartyPayment(Model):
    """An amount that the buyer pays for somebody else with this invoice (XRechnung's BG-DEX-09)."""

    kind: str | None = None
    amount: Decimal | None = None
    description: str | None = None


class _Contract(Model):
    number: str | None = None
    issue_date: date | None = None
    currency: str | None = None
    """ISO 4217."""
    language: str | None = None
    """ISO 639-1."""
    subtype: Subtype = Subtype.STANDARD
    type_code: str | None = None
    """UNTDID 1001, where the document says one (BT-3)."""
    notes: tuple[str, ...] = ()


class TradeDocument(_Contract):
    """Invoices, memos, orders, delivery notes, goods movements and receipts: goods or services from a seller
    to a buyer."""

    type: Literal[
        DocumentType.PURCHASE_ORDER,
        DocumentType.SUPPLIER_INVOICE,
        DocumentType.CUSTOMER_INVOICE,
        DocumentType.SALES_ORDER,
        DocumentType.GOODS_RECEIPT,
        DocumentType.GOODS_ISSUE,
        DocumentType.CREDIT_MEMO,
        DocumentType.DEBIT_MEMO,
        DocumentType.DELIVERY_NOTE,
        DocumentType.RECEIPT,
    ]
    seller: Party = Party()
    buyer: Party = Party()
    payee: Party | None = None
    tax_representative: Party | None = None
    ship_to: Party | None = None
    invoicee: Party | None = None
    """Who gets the invoice, where it is not the buyer."""
    due_date: date | None = None
    delivery_date: date | None = None
    tax_point_date: date | None = None
    tax_point_code: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    tax_currency: str | None = None
    exchange_rate: Decimal | None = None
    """From the document's currency to the tax currency."""
    references: References = References()
    bank_accounts: tuple[BankAccount, ...] = ()
    terms: Terms = Terms()
    lines: tuple[Line, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    taxes: tuple[Tax, ...] = ()
    totals: Totals = Totals()
    process: str | None = None
    """The business process (BT-23)."""
    specification: str | None = None
    """The rules that an e-invoice says it keeps (BT-24)."""
    attachments: tuple[str, ...] = ()
    """Names of the files that an e-invoice carries inside (BT-125)."""
    supporting_documents: tuple[SupportingDocument, ...] = ()
    third_party_payments: tuple[ThirdPartyPayment, ...] = ()


class Remittance(Model):
    """One paid document of a payment advice."""

    document_number: str | None = None
    document_date: date | None = None
    gross: Decimal | None = None
    deduction: Decimal | None = None
    """Discount or other deduction, positive."""
    paid: Decimal | None = None
    text: str | None = None


class PaymentAdvice(_Contract):
    """What a payer tells of a payment."""

    type: Literal[DocumentType.PAYMENT_ADVICE] = DocumentType.PAYMENT_ADVICE
    payer: Party = Party()
    payee: Party = Party()
    payment_date: date | None = None
    reference: str | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    remittances: tuple[Remittance, ...] = ()
    total: Decimal | None = None


class StatementEntry(Model):
    """One line of an account statement; ``amount`` is positive where it raises the balance."""

    booked: date | None = None
    value_date: date | None = None
    document_number: str | None = None
    text: str | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None


class AccountStatement(_Contract):
    """A bank's or a supplier's statement of account."""

    type: Literal[DocumentType.ACCOUNT_STATEMENT] = DocumentType.ACCOUNT_STATEMENT
    issuer: Party = Party()
    holder: Party = Party()
    account: BankAccount = BankAccount()
    period_start: date | None = None
    period_end: date | None = None
    opening_balance: Decimal | None = None
    closing_balance: Decimal | None = None
    entries: tuple[StatementEntry, ...] = ()


class VoucherLine(Model):
    """One line of a journal voucher."""

    account: str | None = None
    account_name: str | None = None
    text: str | None = None
    cost_center: str | None = None
    debit: Decimal | None = None
    credit: Decimal | None = None


class JournalVoucher(_Contract):
    """A request to book, as accountants write it."""

    type: Literal[DocumentType.JOURNAL_VOUCHER] = DocumentType.JOURNAL_VOUCHER
    company: Party = Party()
    posting_date: date | None = None
    text: str | None = None
    prepared_by: str | None = None
    approved_by: str | None = None
    lines: tuple[VoucherLine, ...] = ()
    total_debit: Decimal | None = None
    total_credit: Decimal | None = None


class MasterDataForm(_Contract):
    """A new or changed supplier or customer."""

    type: Literal[DocumentType.MASTER_DATA_FORM] = DocumentType.MASTER_DATA_FORM
    party: Party = Party()
    role: str | None = None
    """``supplier`` or ``customer``."""
    action: str | None = None
    """``create``, ``change`` or ``block``."""
    bank_accounts: tuple[BankAccount, ...] = ()
    terms: Terms = Terms()
    effective: date | None = None


class Unidentified(_Contract):
    """A document of no type that we know."""

    type: Literal[DocumentType.UNKNOWN] = DocumentType.UNKNOWN


Contract = Annotated[
    TradeDocument | PaymentAdvice | AccountStatement | JournalVoucher | MasterDataForm | Unidentified,
    Field(discriminator="type"),
]
CONTRACT: TypeAdapter[Contract] = TypeAdapter(Contract)
"""Reads and writes any contract."""


class Box(Model):
    """A rectangle on a page, in the page's own units, from its top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float


class Evidence(Model):
    """How one value was found, and how sure we are of it."""

    method: str
    """``xml``, ``text``, ``ranker``, ``table``, ``model``, ``person`` or ``rule``: worked out from others."""
    confidence: float
    """From 0 to 1; calibrated once ``quality`` has seen it."""
    text: str = ""
    """As the source writes it."""
    page: int | None = None
    """From 1; None where there are no pages."""
    box: Box | None = None
    source: str = ""
    """Where it is in a source without pages: an XML path, a character span."""


def fields_of(contract: BaseModel) -> dict[str, Any]:
    """Path to value of every value that is there: ``seller.name``, ``lines[0].quantity``,
    ``references.preceding[0]``. The same paths name evidence, rules and corrections."""
    found: dict[str, Any] = {}
    for name in type(contract).model_fields:
        _collect(getattr(contract, name), name, found)
    return found


def _collect(value: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(value, BaseModel):
        for name, inner in fields_of(value).items():
            found[f"{path}.{name}"] = inner
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel | tuple):
        for place, item in enumerate(value):
            _collect(item, f"{path}[{place}]", found)
    elif value not in (None, ()):
        found[path] = value
