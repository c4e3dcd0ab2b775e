"""Types of documents that rules are about."""

from __future__ import annotations

from typing import Final

from abax.documents.contracts import DocumentType

T = DocumentType

PAYABLE: Final = frozenset({T.SUPPLIER_INVOICE, T.CREDIT_MEMO, T.DEBIT_MEMO})
"""What a supplier charges us."""
INVOICES: Final = PAYABLE | {T.CUSTOMER_INVOICE}
CHARGES: Final = INVOICES | {T.RECEIPT}
ORDERS: Final = frozenset({T.PURCHASE_ORDER, T.SALES_ORDER})
GOODS: Final = frozenset({T.GOODS_RECEIPT, T.GOODS_ISSUE, T.DELIVERY_NOTE})
PRICED: Final = CHARGES | ORDERS
TRADE: Final = PRICED | GOODS
PAID_BY_BANK: Final = PAYABLE | {T.MASTER_DATA_FORM}
