"""What is known besides a document: its supplier, what came before, its order and receipts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from abax.documents.classify import Ourselves
from abax.documents.contracts import DocumentType, Model


class KnownSupplier(Model):
    """A supplier of the register."""

    key: str
    name: str | None = None
    names: tuple[str, ...] = ()
    """Further ones that it goes by."""
    vat_ids: tuple[str, ...] = ()
    tax_numbers: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    """Approved accounts: IBANs, or account numbers where there are none."""
    country: str | None = None
    blocked: bool = False


class SeenDocument(Model):
    """A document that came before."""

    document_id: str
    type: DocumentType
    issuer: str
    """The supplier's key."""
    number: str | None = None
    amount: Decimal | None = None
    """What it asks for: due, else gross."""
    currency: str | None = None
    issue_date: date | None = None


class OrderLine(Model):
    """A line of an order or of a goods receipt."""

    position: str | None = None
    item_number: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    """Net, for ``price_quantity`` units."""
    price_quantity: Decimal | None = None
    net_amount: Decimal | None = None


class KnownOrder(Model):
    """An order that we placed."""

    number: str
    supplier: str | None = None
    """Its key."""
    currency: str | None = None
    net: Decimal | None = None
    lines: tuple[OrderLine, ...] = ()


class KnownReceipt(Model):
    """Goods that came in for an order."""

    number: str
    order_number: str | None = None
    lines: tuple[OrderLine, ...] = ()


class Tolerances(Model):
    """How far an invoice may be off its order."""

    price_percent: Decimal = Decimal(2)
    quantity_percent: Decimal = Decimal(0)
    total_percent: Decimal = Decimal(2)
    total_amount: Decimal = Decimal(10)
    """In the document's currency; the larger of the two counts."""


class Known(Model):
    """All that rules may compare one document with. Without a store, it knows nothing."""

    today: date = Field(default_factory=date.today)
    ourselves: Ourselves = Ourselves()
    suppliers_kept: bool = False
    """Whether suppliers are kept at all, so that an unknown one is worth telling."""
    supplier: KnownSupplier | None = None
    namesake: KnownSupplier | None = None
    """Another supplier whose name is the same or nearly so."""
    account_owners: dict[str, str] = Field(default_factory=dict)
    """Of the document's accounts: which supplier of the register has each."""
    documents: tuple[SeenDocument, ...] = ()
    """Those that this one may be a copy of."""
    orders_kept: bool = False
    order: KnownOrder | None = None
    receipts: tuple[KnownReceipt, ...] = ()
    invoiced: tuple[OrderLine, ...] = ()
    """What earlier invoices charged for the order."""
    tolerances: Tolerances = Tolerances()
