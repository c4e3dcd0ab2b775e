"""E-invoices: find the XML (UBL, CII, FatturaPA), read it into a contract, and compare the page with it."""

from abax.documents.einvoice.invoice import attachments, find, read_invoice
from abax.documents.einvoice.visible import compare

__all__ = ["attachments", "compare", "find", "read_invoice"]
