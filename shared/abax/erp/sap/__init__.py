"""SAP ECC and S/4HANA: which tables hold what, and which of them can be read."""

from abax.erp.sap.module import SapModule

__all__ = ["SapModule"]
