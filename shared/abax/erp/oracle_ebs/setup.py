"""What is read of Oracle E-Business Suite, and how a ledger of it is set up: its calendar, what the segments
of its accounting flexfield are for, where its results go, and which operating units keep its subledgers."""

# ruff: noqa: SIM300 - columns are in capitals, which that rule takes for constants

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, func, or_, select

from abax.erp.oracle_ebs.items import NEEDED as FOR_OPEN_ITEMS
from abax.erp.oracle_ebs.items import RECEIVABLES_ACCOUNTS, operating_units
from abax.erp.source import Found
from abax.errors import SettingNeeded, UnsupportedSchema

TITLE: Final = "Oracle E-Business Suite"
GENERAL_LEDGER: Final = 101
"""The application that owns the accounting flexfield, GL#."""
ACCOUNT_SEGMENT: Final = "GL_ACCOUNT"
DIMENSIONS: Final = {
    "GL_BALANCING": "balancing",
    "FA_COST_CTR": "cost_center",
    "GL_INTERCOMPANY": "intercompany",
}
"""What a segment with this attribute is called here; others go by their own names."""

SUBLEDGER: Final = "Receivables"
SALES: Final = "Sales Invoices"
"""Source and category of journals that receivables hand over."""
LEDGERS: Final = ("PRIMARY", "SECONDARY", "ALC")
"""Categories; ledger sets have another one. The latter two repeat a primary ledger's journals."""
CARRIED_OVER: Final = "Balance Sheet Close"
"""The category of journals that close a balance sheet, and of those that open it again."""

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "GL_LEDGERS": (
        *("LEDGER_ID", "NAME", "CHART_OF_ACCOUNTS_ID", "CURRENCY_CODE", "PERIOD_SET_NAME"),
        *("ACCOUNTED_PERIOD_TYPE", "LEDGER_CATEGORY_CODE", "RET_EARN_CODE_COMBINATION_ID"),
    ),
    "GL_JE_HEADERS": (
        *("JE_HEADER_ID", "LEDGER_ID", "JE_CATEGORY", "JE_SOURCE", "PERIOD_NAME", "NAME", "CURRENCY_CODE"),
        *("STATUS", "ACTUAL_FLAG", "DEFAULT_EFFECTIVE_DATE", "DOC_SEQUENCE_VALUE", "DESCRIPTION"),
    ),
    "GL_JE_LINES": (
        *("JE_HEADER_ID", "JE_LINE_NUM", "CODE_COMBINATION_ID", "EFFECTIVE_DATE", "ENTERED_DR", "ENTERED_CR"),
        *("ACCOUNTED_DR", "ACCOUNTED_CR", "DESCRIPTION"),
    ),
    "GL_CODE_COMBINATIONS": (
        *("CODE_COMBINATION_ID", "CHART_OF_ACCOUNTS_ID", "ACCOUNT_TYPE", "SUMMARY_FLAG", "TEMPLATE_ID"),
    ),
    "GL_PERIODS": (
        *("PERIOD_SET_NAME", "PERIOD_NAME", "PERIOD_YEAR", "PERIOD_NUM", "START_DATE"),
        *("END_DATE", "ADJUSTMENT_PERIOD_FLAG"),
    ),
    "FND_ID_FLEX_SEGMENTS": (
        *("APPLICATION_ID", "ID_FLEX_CODE", "ID_FLEX_NUM", "APPLICATION_COLUMN_NAME", "FLEX_VALUE_SET_ID"),
    ),
    "FND_SEGMENT_ATTRIBUTE_VALUES": (
        *("APPLICATION_ID", "ID_FLEX_CODE", "ID_FLEX_NUM", "APPLICATION_COLUMN_NAME"),
        *("SEGMENT_ATTRIBUTE_TYPE", "ATTRIBUTE_VALUE"),
    ),
}
_VALUE: Final = ("FLEX_VALUE_SET_ID", "FLEX_VALUE")
FOR_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "FND_FLEX_VALUES": ("FLEX_VALUE_ID", *_VALUE),
    "FND_FLEX_VALUES_TL": ("FLEX_VALUE_ID", "LANGUAGE", "DESCRIPTION"),
}
NAMED_ALONE: Final = ("FND_FLEX_VALUES_TL", "FND_FLEX_VALUES_VL", "FND_FLEX_VALUES")
"""Of which copies may have made one table, with values and texts in one."""
ALONE: Final = (*_VALUE, "DESCRIPTION")
FOR_BALANCES: Final[dict[str, tuple[str, ...]]] = {
    "GL_BALANCES": (
        *("LEDGER_ID", "CODE_COMBINATION_ID", "CURRENCY_CODE", "ACTUAL_FLAG", "TEMPLATE_ID"),
        *("TRANSLATED_FLAG", "PERIOD_YEAR", "PERIOD_NUM", "BEGIN_BALANCE_DR", "BEGIN_BALANCE_CR"),
        *("PERIOD_NET_DR", "PERIOD_NET_CR"),
    )
}
FOR_RATES: Final[dict[str, tuple[str, ...]]] = {
    "GL_DAILY_RATES": (
        *("FROM_CURRENCY", "TO_CURRENCY", "CONVERSION_DATE", "CONVERSION_TYPE", "CONVERSION_RATE"),
    )
}


@dataclass(frozen=True)
class Segment:
    """A column of the code combinations, and what it is for."""

    column: str
    dimension: str
    value_set: int | None


@dataclass(frozen=True)
class SetUp:
    """What a ledger is made of."""

    ledger: int
    currency: str
    chart: int
    period_set: str
    period_type: str
    account: Segment
    others: Sequence[Segment]
    retained: str | None
    """The natural account that results go to."""
    orgs: Sequence[int]
    """Operating units whose open items are read."""
    receivables: str | None
    """The natural account of receivables, where only journals tell."""
    carried_over: bool
    """Whether balance sheets are closed and opened again by journals."""


def looked_up(found: Found, tables: Callable[..., Any]) -> SetUp:
    """The set-up of the ledger that was chosen. Raises SettingNeeded, UnsupportedSchema."""
    return _Look(found, tables).up()


class _Look:
    def __init__(self, found: Found, tables: Callable[..., Any]) -> None:
        self._found, self._tables = found, tables

    def up(self) -> SetUp:
        ledger, name, currency, chart, period_set, period_type, combination = self._ledger()
        segments = self._segments(chart)
        account = next((part for part in segments if part.dimension == ACCOUNT_SEGMENT), None)
        if account is None:
            where = f"chart of accounts {chart} in FND_SEGMENT_ATTRIBUTE_VALUES"
            raise _lacking(f"segment with the attribute {ACCOUNT_SEGMENT} for {where}")
        code, header = self._tables("GL_CODE_COMBINATIONS"), self._tables("GL_JE_HEADERS")
        retained = select(code.c[account.column]).where(code.c.CODE_COMBINATION_ID == combination)
        over = select(header.c.JE_HEADER_ID).where(
            header.c.LEDGER_ID == ledger, header.c.JE_CATEGORY == CARRIED_OVER, header.c.STATUS == "P"
        )
        return SetUp(
            ledger=ledger,
            currency=currency,
            chart=chart,
            period_set=period_set,
            period_type=period_type,
            account=account,
            others=[segment for segment in segments if segment is not account],
            retained=next((value for (value,) in self._found.rows(retained)), None),
            orgs=self._orgs(ledger, name),
            receivables=self._receivables(ledger, chart, account.column),
            carried_over=bool(self._found.rows(over.limit(1))),
        )

    def _ledger(self) -> tuple[int, str, str, int, str, str, int | None]:
        chosen = self._found.settings.get("ledger", "")
        books = self._tables("GL_LEDGERS")
        columns = (
            *("LEDGER_ID", "NAME", "CURRENCY_CODE", "CHART_OF_ACCOUNTS_ID", "PERIOD_SET_NAME"),
            *("ACCOUNTED_PERIOD_TYPE", "RET_EARN_CODE_COMBINATION_ID"),
        )
        rows = self._found.rows(
            select(*[books.c[name] for name in columns]).where(books.c.LEDGER_CATEGORY_CODE.in_(LEDGERS))
        )
        known = {str(row[0]): row for row in rows}
        if not known:
            raise _lacking("ledger in GL_LEDGERS")
        if chosen not in known:
            shown = [f"{key} ({row[1]})" for key, row in known.items()]
            raise SettingNeeded(TITLE, "ledger", "ledger", shown, chosen)
        key, name, currency, chart, period_set, period_type, combination = known[chosen]
        return int(key), name, currency, int(chart), period_set, period_type, combination

    def _segments(self, chart: int) -> list[Segment]:
        """The chart's segments; that of the natural account has its attribute for a dimension."""
        part, told = self._tables("FND_ID_FLEX_SEGMENTS"), self._tables("FND_SEGMENT_ATTRIBUTE_VALUES")
        keys = ("APPLICATION_ID", "ID_FLEX_CODE", "ID_FLEX_NUM", "APPLICATION_COLUMN_NAME")
        known = (ACCOUNT_SEGMENT, *DIMENSIONS)
        named = part.c.SEGMENT_NAME if "SEGMENT_NAME" in part.c else part.c.APPLICATION_COLUMN_NAME
        query = (
            select(
                part.c.APPLICATION_COLUMN_NAME,
                named,
                part.c.FLEX_VALUE_SET_ID,
                told.c.SEGMENT_ATTRIBUTE_TYPE,
            )
            .select_from(
                part.outerjoin(
                    told,
                    and_(
                        *[part.c[key] == told.c[key] for key in keys],
                        told.c.ATTRIBUTE_VALUE == "Y",
                        told.c.SEGMENT_ATTRIBUTE_TYPE.in_(known),
                    ),
                )
            )
            .where(
                part.c.APPLICATION_ID == GENERAL_LEDGER,
                part.c.ID_FLEX_CODE == "GL#",
                part.c.ID_FLEX_NUM == chart,
            )
            .order_by(part.c.APPLICATION_COLUMN_NAME)
        )
        rank = {attribute: place for place, attribute in enumerate(known)}
        found: dict[str, Segment] = {}
        taken: set[str] = set()
        for column_name, label, value_set, attribute in sorted(
            self._found.rows(query), key=lambda row: rank.get(row[3], len(rank))
        ):
            dimension = DIMENSIONS.get(attribute, attribute) or re.sub(r"\W+", "_", str(label)).lower()
            if column_name not in found:
                own = column_name.lower() if dimension in taken else dimension
                taken.add(own)
                found[column_name] = Segment(column_name, own, None if value_set is None else int(value_set))
        lacking = set(found) - set(self._tables("GL_CODE_COMBINATIONS").c.keys())
        if lacking:
            raise _lacking(*[f"column GL_CODE_COMBINATIONS.{name}" for name in sorted(lacking)])
        return list(found.values())

    def _receivables(self, ledger: int, chart: int, account: str) -> str | None:
        """The asset that receivables' own journals move the most. Not looked for where lines tell theirs."""
        schema = self._found.schema
        if schema.missing(FOR_OPEN_ITEMS) or not schema.missing(RECEIVABLES_ACCOUNTS):
            return None
        line, header, code = (
            self._tables(name) for name in ("GL_JE_LINES", "GL_JE_HEADERS", "GL_CODE_COMBINATIONS")
        )
        moved = func.sum(func.coalesce(line.c.ACCOUNTED_DR, 0) + func.coalesce(line.c.ACCOUNTED_CR, 0))
        value = code.c[account]
        query = (
            select(value)
            .select_from(
                line.join(header, line.c.JE_HEADER_ID == header.c.JE_HEADER_ID).join(
                    code, line.c.CODE_COMBINATION_ID == code.c.CODE_COMBINATION_ID
                )
            )
            .where(header.c.LEDGER_ID == ledger, header.c.STATUS == "P", header.c.ACTUAL_FLAG == "A")
            .where(or_(header.c.JE_SOURCE == SUBLEDGER, header.c.JE_CATEGORY == SALES))
            .where(code.c.ACCOUNT_TYPE == "A", code.c.CHART_OF_ACCOUNTS_ID == chart)
            .group_by(value)
            .order_by(moved.desc(), value)
        )
        return next((str(found) for (found,) in self._found.rows(query)), None)

    def _orgs(self, ledger: int, name: str) -> list[int]:
        """Those asked for, else the only one that has invoices in the ledger."""
        if self._found.schema.missing(FOR_OPEN_ITEMS):
            return []
        rows = self._found.rows(operating_units(self._tables, ledger))
        known = [str(key) for key in sorted(int(key) for (key,) in rows)]
        asked = [part.strip() for part in self._found.settings.get("org", "").split(",") if part.strip()]
        wrong = [part for part in asked if part not in known]
        if wrong or (len(known) > 1 and not asked):
            what = f"operating unit with invoices in ledger {name}"
            raise SettingNeeded(TITLE, "org", what, known, *wrong[:1])
        return [int(part) for part in asked or known]


def _lacking(*missing: str) -> UnsupportedSchema:
    return UnsupportedSchema(TITLE, missing)
