"""The data behind the page's panel, small enough to travel inside the page.

Amounts are integers of the smallest decimal that any of them uses, so that the page adds them up exactly.
Texts are held once and referred to by place; lines are columns, group after group.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from abax.ledger.layout import Closing, Scope
from abax.ledger.model import AgedReport, ClosePackage, Statement, StatementClass
from abax.money import decimals
from abax.report import numbers
from abax.report.lines import Ingredient, LineIndex

_EPOCH: Final = date(1970, 1, 1).toordinal()
_SCOPES: Final = tuple(Scope)
_CLOSINGS: Final = (Closing.WITH, Closing.WITHOUT, Closing.ONLY)
_CLASSES: Final = tuple(StatementClass)


class Texts:
    """Texts by the order in which they first came."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Where ``text`` stands."""
        return self.places.setdefault(text, len(self.places))


def panel_json(package: ClosePackage, index: LineIndex) -> str:
    """The panel's data as JSON that may stand inside a script element."""
    text = json.dumps(panel_data(package, index), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def panel_data(package: ClosePackage, index: LineIndex) -> dict[str, Any]:
    """Accounts, groups, lines, recipes, spans, figures and open items, as ``report.js`` reads them."""
    places = numbers.places(
        package.company.currency, [group.amount for group in index.groups] + _residuals(package)
    )
    texts = Texts()
    data = {
        "currency": package.company.currency,
        "places": places,
        "decimals": decimals(package.company.currency),
        "company": package.company.name,
        "accounts": [[a.code, a.name, _CLASSES.index(a.statement_class)] for a in index.accounts],
        "groups": _groups(index, places),
        "lines": _lines(index, texts, places),
        "recipes": {
            report: {line: [_ingredient(part) for part in parts] for line, parts in lines.items()}
            for report, lines in index.recipes.items()
        },
        "spans": {label: [spans[scope] for scope in _SCOPES] for label, spans in index.spans.items()},
        "reports": {**_statements(package, places), **_trial_balances(package, places)},
        "aged": {report.report: _aged(report, texts, places) for report in package.aged},
    }
    data["texts"] = list(texts.places)
    return data


def _residuals(package: ClosePackage) -> list[Any]:
    return [item.residual for report in package.aged for item in report.items]


def _groups(index: LineIndex, places: int) -> dict[str, list[Any]]:
    first, firsts = 0, []
    for group in index.groups:
        firsts.append(first if group.lines else -1)
        first += len(group.lines)
    return {
        "account": [group.account for group in index.groups],
        "month": [group.month for group in index.groups],
        "closing": [int(group.closing) for group in index.groups],
        "amount": [_safe(numbers.minor_units(group.amount, places)) for group in index.groups],
        "count": [group.count for group in index.groups],
        "first": firsts,
    }


def _lines(index: LineIndex, texts: Texts, places: int) -> dict[str, list[Any]]:
    lines = [line for group in index.groups for line in group.lines]
    return {
        "entry": [texts.place(line.entry_name) for line in lines],
        "journal": [texts.place(line.journal) for line in lines],
        "day": [line.posting_date.toordinal() - _EPOCH for line in lines],
        "partner": [texts.place(line.partner) for line in lines],
        "label": [texts.place(line.label) for line in lines],
        "amount": [_safe(numbers.minor_units(line.amount, places)) for line in lines],
    }


def _ingredient(part: Ingredient) -> list[Any]:
    classes = [_CLASSES.index(name) for name in part.classes]
    return [classes, part.sign, _SCOPES.index(part.scope), _CLOSINGS.index(part.closing), part.account_code]


def _statements(package: ClosePackage, places: int) -> dict[str, Any]:
    reports: dict[str, Any] = {}
    for statement in package.statements:
        report = reports.setdefault(statement.report, {"title": statement.title, "labels": {}, "figures": {}})
        for row in statement.lines:
            report["labels"][row.line] = row.label
            report["figures"].setdefault(row.line, {}).update(_figures(statement, row.values, places))
    return reports


def _figures(statement: Statement, values: Iterable[Any], places: int) -> dict[str, int | str]:
    labels = (column.label for column in statement.periods)
    return {label: _safe(numbers.minor_units(v, places)) for label, v in zip(labels, values, strict=True)}


def _trial_balances(package: ClosePackage, places: int) -> dict[str, Any]:
    labels: dict[str, str] = {}
    figures: dict[str, dict[str, int]] = {}
    for balance in package.trial_balances:
        for row in balance.rows:
            labels[row.code] = f"{row.code} {row.name}" if row.code != row.name else row.name
            own = figures.setdefault(row.code, {})
            own[str(balance.year)] = own.get(str(balance.year), 0) + numbers.minor_units(row.closing, places)
    safe = {code: {year: _safe(value) for year, value in own.items()} for code, own in figures.items()}
    return {"trial_balance": {"title": "Trial balance", "labels": labels, "figures": safe}}


def _aged(report: AgedReport, texts: Texts, places: int) -> dict[str, Any]:
    return {
        "day": report.as_of.isoformat(),
        "total": _safe(numbers.minor_units(report.total, places)),
        "partner": [texts.place(item.partner) for item in report.items],
        "entry": [texts.place(item.entry_name) for item in report.items],
        "account": [texts.place(item.account_code) for item in report.items],
        "posted": [item.posting_date.toordinal() - _EPOCH for item in report.items],
        "due": [item.due_date.toordinal() - _EPOCH if item.due_date else None for item in report.items],
        "bucket": [item.bucket for item in report.items],
        "amount": [_safe(numbers.minor_units(item.residual, places)) for item in report.items],
    }


def _safe(value: int) -> int | str:
    """Integers beyond what a browser's numbers hold exactly travel as text."""
    return value if -(2**53) < value < 2**53 else str(value)
