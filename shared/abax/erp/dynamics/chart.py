"""What the main accounts of Dynamics 365 Finance are for: their category says it, or else their type."""

from __future__ import annotations

from typing import Final

from abax.ledger.model import StatementClass

_C = StatementClass
BY_CATEGORY: Final[dict[str, StatementClass]] = {
    **dict.fromkeys(("CASH", "CASHEQUIV"), _C.CASH),
    "AR": _C.RECEIVABLES,
    **dict.fromkeys(("INV", "WIP"), _C.INVENTORY),
    "PREPAIDEXP": _C.PREPAYMENTS,
    **dict.fromkeys(("SHORTTERMINVEST", "NOTESREC", "OTHERCA"), _C.OTHER_CURRENT_ASSETS),
    **dict.fromkeys(("PPE", "ACCUDEP"), _C.FIXED_ASSETS),
    **dict.fromkeys(("LONGTERMINVEST", "INTANASSET", "OTHERASSET"), _C.OTHER_NON_CURRENT_ASSETS),
    "AP": _C.PAYABLES,
    **dict.fromkeys(("NOTESPAY", "CURRENTMATLTD"), _C.SHORT_TERM_DEBT),
    **dict.fromkeys(
        ("TAXPAY", "INTPAY", "DIVPAY", "LEASEPAY", "SINKPAY", "OTHERCURLIA"), _C.OTHER_CURRENT_LIABILITIES
    ),
    "LONGTERMDEBT": _C.LONG_TERM_DEBT,
    **dict.fromkeys(
        ("COMMONSTOCK", "PREFERREDSTOCK", "ADDPAIDINCAPCOM", "ADDPAIDINCAPPREF", "TREASTOCK"), _C.EQUITY
    ),
    **dict.fromkeys(("COMMONDIV", "PREFERREDDIV"), _C.EQUITY),
    "RETEARN": _C.RETAINED_EARNINGS,
    **dict.fromkeys(("SALES", "SALERETDIS"), _C.REVENUE),
    **dict.fromkeys(("OTHERINC", "GAINLOSSASSET"), _C.OTHER_INCOME),
    "COGS": _C.COST_OF_SALES,
    **dict.fromkeys(
        ("SELLEXP", "ADMINEXP", "MANUEXP", "TANDEEXP", "PROJEXP", "SALARYEXP", "OTHEREMPEXP", "OTHEREXP"),
        _C.OPERATING_EXPENSES,
    ),
    **dict.fromkeys(("DEPREXP", "AMORTINTAGASSET"), _C.DEPRECIATION),
    "INTEXP": _C.INTEREST_EXPENSE,
    "INCTAXEXP": _C.INCOME_TAX,
    **dict.fromkeys(("STATISTICAL", "ENCUMBRANCE", "PRE-ENCUMBRANCE"), _C.OFF_BALANCE),
}
"""The default main account categories. What one of them is for is left open where it does not say."""

TYPES: Final = {
    0: "Profit and loss",
    1: "Revenue",
    2: "Expense",
    3: "Balance sheet",
    4: "Asset",
    5: "Liability",
    6: "Equity",
}
"""Of a main account. Totals and reporting accounts have others; nothing is posted on them."""
BY_TYPE: Final = {"Revenue": _C.REVENUE, "Expense": _C.OPERATING_EXPENSES, "Equity": _C.EQUITY}
CLASSES: Final[dict[str, StatementClass]] = {**BY_CATEGORY, **BY_TYPE}

RESULT_TYPES: Final = (0, 1, 2)
ASSET_OR_LIABILITY: Final = (4, 5)
EQUITY: Final = 6
EQUITY_CATEGORIES: Final = [
    code for code, given in BY_CATEGORY.items() if given in (_C.EQUITY, _C.RETAINED_EARNINGS)
]
