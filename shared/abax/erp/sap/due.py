"""When an open item is due.

The net due date where the database has it. Else the baseline date, which is the document's where it is left
open, and the last of up to three terms of payment that is given. A credit without an invoice to belong to has
no terms: it is due on its baseline date; with V instead of an invoice it has its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_

from abax.erp.dialects import DateOf, DaysLater
from abax.erp.sap.reader import ZERO, dated, given


def due_day(rows: Any, document_day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day by an item's own terms."""
    days = case(
        (and_(is_credit(rows), not_(given(rows.c.REBZG))), ZERO),
        (rows.c.ZBD3T > 0, rows.c.ZBD3T),
        (rows.c.ZBD2T > 0, rows.c.ZBD2T),
        else_=func.coalesce(rows.c.ZBD1T, ZERO),
    )
    own = DaysLater(DateOf(func.coalesce(dated(rows.c.ZFBDT), document_day)), days)
    return func.coalesce(DateOf(rows.c.NETDT), own) if "NETDT" in rows.c else own


def is_credit(rows: Any) -> ColumnElement[bool]:
    """Whether an item takes off what a customer owes, or what is owed to a vendor."""
    return or_(
        and_(rows.c.KOART == "D", rows.c.SHKZG == "H"),
        and_(rows.c.KOART == "K", rows.c.SHKZG == "S"),
    )
