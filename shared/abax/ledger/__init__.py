"""The ledger: canonical books in; statements, checks and ratios out, every figure open to its lines."""

from abax.ledger.aging import aged
from abax.ledger.checks import require, run_checks
from abax.ledger.lineage import explain
from abax.ledger.model import (
    AGING_BUCKETS,
    MASTER_TABLES,
    TABLES,
    YEAR_TABLES,
    Account,
    AgedReport,
    Check,
    ClosePackage,
    Company,
    LedgerManifest,
    Lineage,
    LineKind,
    Notice,
    OpenItem,
    PartnerAccounts,
    Ratio,
    Side,
    Statement,
    StatementClass,
    StatementLine,
    TrialBalance,
    TrialBalanceRow,
    YearPartition,
)
from abax.ledger.package import build_package
from abax.ledger.partners import partner_accounts
from abax.ledger.store import Ledger, write_tables
from abax.ledger.trial_balance import trial_balance

__all__ = [
    "AGING_BUCKETS",
    "MASTER_TABLES",
    "TABLES",
    "YEAR_TABLES",
    "Account",
    "AgedReport",
    "Check",
    "ClosePackage",
    "Company",
    "Ledger",
    "LedgerManifest",
    "LineKind",
    "Lineage",
    "Notice",
    "OpenItem",
    "PartnerAccounts",
    "Ratio",
    "Side",
    "Statement",
    "StatementClass",
    "StatementLine",
    "TrialBalance",
    "TrialBalanceRow",
    "YearPartition",
    "aged",
    "build_package",
    "explain",
    "partner_accounts",
    "require",
    "run_checks",
    "trial_balance",
    "write_tables",
]
