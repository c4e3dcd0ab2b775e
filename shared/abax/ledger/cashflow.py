"""The cash flow statement, indirect: what moved in every account that is not cash, seen from cash.

Every journal balances, so cash moves by the opposite of what all other accounts move by. Each class goes to
one section. Depreciation, an expense that pays nobody, is added back and taken out of what was invested, for
its other side stands in fixed assets.
"""

from __future__ import annotations

from typing import Final

from abax.ledger.layout import (
    LABELS,
    RESULT_CLASSES,
    Closing,
    Layout,
    Part,
    Row,
    Scope,
    figure,
    subtotal,
    total,
)
from abax.ledger.model import StatementClass


def _change(*classes: StatementClass) -> list[Row]:
    """An asset that grows ties cash up, a liability that grows frees it: both are the sign turned."""
    return [
        figure(
            f"change_in_{c.value}",
            f"Change in {LABELS[c][0].lower()}{LABELS[c][1:]}",
            Part((c,), -1, Scope.PERIOD),
        )
        for c in classes
    ]


def _flow(sign: int, *classes: StatementClass) -> Part:
    return Part(classes, sign, Scope.PERIOD, Closing.WITHOUT)


def _cash_flow() -> Layout:
    c = StatementClass
    operating = [
        figure("net_result", "Net result", _flow(-1, *RESULT_CLASSES)),
        figure("depreciation", "Depreciation added back", _flow(1, c.DEPRECIATION)),
        *_change(c.RECEIVABLES, c.INVENTORY, c.PREPAYMENTS, c.OTHER_CURRENT_ASSETS),
        *_change(c.PAYABLES, c.CREDIT_CARDS, c.OTHER_CURRENT_LIABILITIES, c.OTHER_NON_CURRENT_LIABILITIES),
    ]
    investing = [
        figure(
            "investment_in_fixed_assets",
            "Investment in fixed assets, less disposals",
            Part((c.FIXED_ASSETS,), -1, Scope.PERIOD),
            _flow(-1, c.DEPRECIATION),
        ),
        *_change(c.OTHER_NON_CURRENT_ASSETS),
    ]
    financing = [
        *_change(c.SHORT_TERM_DEBT, c.LONG_TERM_DEBT, c.EQUITY),
        figure(
            "change_in_retained_earnings",
            "Dividends and other changes in retained earnings",
            Part((c.RETAINED_EARNINGS,), -1, Scope.PERIOD),
            Part(RESULT_CLASSES, -1, Scope.PERIOD, Closing.ONLY),
        ),
        *_change(c.NON_CONTROLLING_INTEREST),
    ]
    rates = figure(
        "effect_of_exchange_rates",
        "Effect of exchange rates on cash",
        Part((c.TRANSLATION_RESERVE,), -1, Scope.PERIOD),
        level=0,
    )
    rows = (
        *operating,
        subtotal("operating_cash_flow", "Cash flow from operating activities", operating),
        *investing,
        subtotal("investing_cash_flow", "Cash flow from investing activities", investing),
        *financing,
        subtotal("financing_cash_flow", "Cash flow from financing activities", financing),
        rates,
        total("net_change_in_cash", "Net change in cash", [*operating, *investing, *financing, rates]),
        figure("opening_cash", "Cash at the beginning", Part((c.CASH,), 1, Scope.BEFORE), level=0),
        figure("closing_cash", "Cash at the end", Part((c.CASH,), 1, Scope.TO_DATE), level=0),
    )
    return Layout("cash_flow", "Cash flow statement", rows)


CASH_FLOW: Final = _cash_flow()
