"""E-invoices: find the XML, read it (UBL, CII) into a contract, and compare the visible page with it."""

from abax.documents.einvoice.invoice import attachments, find, read_invoice
from abax.documents.einvoice.visible import compare

__all__ = ["attachments", "compare", "find", "read_invoice"]
