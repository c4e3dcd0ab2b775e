"""Oracle E-Business Suite R12: its general ledger by the flexfield's set-up, its receivables and payables."""

from abax.erp.oracle_ebs.books import OracleEbs, OracleEbsModule

__all__ = ["OracleEbs", "OracleEbsModule"]
