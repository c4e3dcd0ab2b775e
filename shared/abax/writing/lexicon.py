"""What people call the lines of a close: the statements' names, plain English, the names in the books."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from abax.ledger.model import ClosePackage

Words = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """Something that a question can be about."""

    report: str
    line: str


SYNONYMS: Final[dict[str, str]] = {
    "income_statement/revenue": (
        "revenue, revenues, sales, turnover, net sales, top line, sales revenue, income from sales"
    ),
    "income_statement/cost_of_sales": (
        "cost of sales, costs of sales, cost of goods sold, cogs, cost of materials sold"
    ),
    "income_statement/gross_profit": "gross profit, gross result, gross income",
    "income_statement/operating_expenses": (
        "operating expenses, operating expense, operating costs, opex, overheads, overhead"
    ),
    "income_statement/other_income": "other income, other operating income",
    "income_statement/ebitda": "ebitda",
    "income_statement/depreciation": (
        "depreciation, amortisation, amortization, depreciation and amortisation, depreciation and "
        "amortization"
    ),
    "income_statement/ebit": "ebit, operating profit, operating result, operating income",
    "income_statement/interest_income": "interest income, interest received, interest earned",
    "income_statement/interest_expense": (
        "interest expense, interest expenses, interest paid, interest cost, interest costs"
    ),
    "income_statement/profit_before_tax": (
        "profit before tax, pre tax profit, pretax profit, earnings before tax, ebt, result before tax"
    ),
    "income_statement/income_tax": "income tax, income taxes, tax, taxes, tax expense, corporate tax",
    "income_statement/net_result": (
        "net result, net profit, net income, net earnings, profit, profits, earnings, bottom line, "
        "result, profit after tax, net loss, loss"
    ),
    "balance_sheet/cash": (
        "cash, cash balance, cash position, cash at bank, money in the bank, bank balance, liquid funds"
    ),
    "balance_sheet/receivables": "receivables, trade receivables, accounts receivable, debtors",
    "balance_sheet/inventory": "inventory, inventories, stock, stocks",
    "balance_sheet/prepayments": "prepayments, prepaid expenses",
    "balance_sheet/current_assets": "current assets",
    "balance_sheet/fixed_assets": "fixed assets, property plant and equipment, tangible assets",
    "balance_sheet/non_current_assets": "non current assets",
    "balance_sheet/total_assets": "total assets, assets, balance sheet total",
    "balance_sheet/payables": "payables, trade payables, accounts payable, creditors",
    "balance_sheet/short_term_debt": "short term debt, short term loans, current debt",
    "balance_sheet/long_term_debt": "long term debt, long term loans, non current debt",
    "balance_sheet/current_liabilities": "current liabilities",
    "balance_sheet/non_current_liabilities": "non current liabilities",
    "balance_sheet/total_liabilities": "total liabilities, liabilities",
    "balance_sheet/equity": "share capital, paid in capital, contributed capital",
    "balance_sheet/retained_earnings": "retained earnings, profit brought forward",
    "balance_sheet/total_equity": "equity, total equity, shareholders equity, net assets",
    "cash_flow/operating_cash_flow": (
        "operating cash flow, cash flow from operations, cash flow from operating activities, cash from "
        "operations"
    ),
    "cash_flow/investing_cash_flow": "investing cash flow, cash flow from investing activities",
    "cash_flow/investment_in_fixed_assets": (
        "investment in fixed assets, capital expenditure, capital expenditures, capex, investments"
    ),
    "cash_flow/financing_cash_flow": "financing cash flow, cash flow from financing activities",
    "cash_flow/net_change_in_cash": "net change in cash, change in cash, net cash flow",
    "ratios/gross_margin": "gross margin, gross profit margin",
    "ratios/ebitda_margin": "ebitda margin",
    "ratios/ebit_margin": "ebit margin, operating margin",
    "ratios/net_margin": "net margin, profit margin, net profit margin, return on sales",
    "ratios/current_ratio": "current ratio",
    "ratios/quick_ratio": "quick ratio, acid test",
    "ratios/cash_ratio": "cash ratio",
    "ratios/equity_ratio": "equity ratio",
    "ratios/debt_to_equity": "debt to equity, gearing, debt equity ratio, debt to equity ratio",
    "ratios/return_on_equity": "return on equity, roe",
    "ratios/return_on_assets": "return on assets, roa",
    "ratios/return_on_capital_employed": "return on capital employed, roce",
    "ratios/days_sales_outstanding": "days sales outstanding, dso, collection period",
    "ratios/days_payables_outstanding": "days payables outstanding, dpo",
    "ratios/days_inventory_outstanding": "days inventory outstanding, dio",
    "ratios/cash_conversion_cycle": "cash conversion cycle",
    "ratios/interest_coverage": "interest coverage, interest cover",
    "ratios/net_debt_to_ebitda": "net debt to ebitda, leverage",
    "aged_receivables/total": (
        "open receivables, unpaid invoices, owed to us, customers owe us, customers owe, owed by customers"
    ),
    "aged_payables/total": (
        "open payables, unpaid bills, owed to suppliers, we owe suppliers, owe suppliers, owe our suppliers"
    ),
    "aged_receivables/overdue": (
        "overdue, overdue receivables, overdue invoices, past due, late invoices, overdue from customers"
    ),
    "aged_payables/overdue": "overdue payables, overdue bills, overdue to suppliers",
}
"""Line to what people call it. ``overdue`` stands for all buckets but the first."""


def words_in(text: str) -> Words:
    """Lower-case words and numbers, as names are compared: ``O'Brien & Co.`` is ``obrien``, ``co``."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'s ", " ").replace("’s ", " ")
    return tuple(re.findall(r"[^\W_]+", re.sub(r"['’]", "", plain)))


class Lexicon:
    """Every name that one close understands."""

    def __init__(self, package: ClosePackage) -> None:
        self._names: dict[Words, list[Line]] = {}
        for names in (
            _spoken(),
            _statements(package),
            _ratios(package),
            _accounts(package),
            _partners(package),
        ):
            self._add(names)
        self.longest = max(map(len, self._names), default=0)

    def _add(self, names: Iterable[tuple[str, Line]]) -> None:
        """Names that mean nothing yet; one that several of the same kind share means all of them."""
        found: defaultdict[Words, list[Line]] = defaultdict(list)
        for name, line in names:
            words = words_in(name)
            if words and words not in self._names and line not in found[words]:
                found[words].append(line)
        self._names |= {words: lines for words, lines in found.items() if lines}

    def at(self, words: Words, place: int) -> tuple[int, list[Line]]:
        """How many words from ``place`` on are the longest name there, and what it may mean."""
        for length in range(min(self.longest, len(words) - place), 0, -1):
            if lines := self._names.get(words[place : place + length]):
                return length, lines
        return 0, []


def _spoken() -> Iterator[tuple[str, Line]]:
    for path, names in SYNONYMS.items():
        report, _, line = path.partition("/")
        for name in names.split(","):
            yield name, Line(report, line)


def _statements(package: ClosePackage) -> Iterator[tuple[str, Line]]:
    """Labels and names; what stands in several statements is meant in the first: net result, depreciation."""
    seen: set[str] = set()
    for statement in package.statements:
        if statement.granularity == "year":
            for row in statement.lines:
                for name in {row.label.casefold(), row.line.replace("_", " ")} - seen:
                    yield name, Line(statement.report, row.line)
            seen |= {row.label.casefold() for row in statement.lines}
            seen |= {row.line.replace("_", " ") for row in statement.lines}


def _ratios(package: ClosePackage) -> Iterator[tuple[str, Line]]:
    for ratio in package.ratios:
        yield ratio.label, Line("ratios", ratio.ratio)


def _accounts(package: ClosePackage) -> Iterator[tuple[str, Line]]:
    for balance in package.trial_balances:
        for row in balance.rows:
            for name in (row.name, row.code, f"account {row.code}", f"{row.code} {row.name}"):
                yield name, Line("trial_balance", row.code)


def _partners(package: ClosePackage) -> Iterator[tuple[str, Line]]:
    for report in package.aged:
        for partner in report.partners:
            yield partner.partner, Line(report.report, partner.partner)
