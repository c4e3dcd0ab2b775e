"""The lines of a trade paper: which columns there are, and what stands in their cells."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from abax.documents.contracts import DocumentType, Line
from abax.documents.synthetic.content import ORDERS, UNPRICED
from abax.documents.synthetic.heads import Headed
from abax.documents.synthetic.parties import choice_of
from abax.documents.synthetic.sheet import Rich, Segment
from abax.documents.synthetic.table import Column, Grid, Row

_ZERO = Decimal(0)
_HEADINGS = {
    "ordered": {
        "en": "Ordered | Qty ordered | Order qty",
        "de": "Bestellt | Bestellmenge | Sollmenge",
        "fr": "Commandé | Qté commandée",
        "es": "Pedido | Cant. pedida",
        "it": "Ordinato | Q.tà ordinata",
        "nl": "Besteld | Aantal besteld",
        "pl": "Zamówiono | Ilość zamówiona",
    },
    "service_day": {
        "en": "Date | Service date",
        "de": "Datum | Leistungsdatum",
        "fr": "Date",
        "es": "Fecha",
        "it": "Data",
        "nl": "Datum",
        "pl": "Data",
    },
}


class Listed(Headed):
    """A paper of trade with its lines."""

    def _table(self) -> None:
        columns = self._columns()
        rows = [self._cells(place, line, columns) for place, line in enumerate(self.doc.lines)]
        running, sums = _ZERO, []
        for line in self.doc.lines:
            running += (line.gross_amount if self.draft.gross_lines else line.net_amount) or _ZERO
            sums.append(running)
        self._grouped(rows, sums)
        grid = Grid(self, columns, rows, sums if self.doc.type not in UNPRICED else None)
        grid.draw()
        self.last_edge = grid.edges[columns[-1].key][0]
        self.y += 6

    def _grouped(self, rows: list[Row], sums: list[Decimal]) -> None:
        """Rows that only say which delivery or order the ones below come from."""
        if not self.chance(0.1, 101) or len(rows) < 2 or self.doc.type is DocumentType.RECEIPT:
            return
        day = self.doc.delivery_date or self.doc.issue_date
        for place in sorted({0, len(rows) // 2}, reverse=True):
            number = f"{self.rng.randint(1000, 9999999)}"
            key, name = ("delivery_ref", "delivery") if self.chance(0.6, 102) else ("order_ref", "order")
            values: dict[str, Segment] = {
                name: (number, None),
                "date": (self.style.day(day) if day else "", None),
            }
            rows.insert(place, {"description": [self.style.sentence(key, **values)]})
            sums.insert(place, sums[place - 1] if place else _ZERO)

    def _columns(self) -> list[Column]:
        style, order = self.style, self._order()
        right = {"quantity", "unit_price", "net_amount", "tax_rate", "discount", "tax_amount", "ordered"}
        columns = []
        for key in order:
            word = key
            if key == "quantity" and self.doc.type in UNPRICED and style["reference_extra"]:
                word = "quantity_delivered"
            heading = self._heading(key, word)
            columns.append(Column(key, heading, "r" if key in right else "l", key == "description"))
        return columns

    def _heading(self, key: str, word: str) -> str:
        style = self.style
        if key in ("ordered", "service_day"):
            return choice_of(random.Random(f"{style.house}/{key}"), _HEADINGS[key][self.draft.language])  # noqa: S311
        said = style.word("columns", word)
        if key in ("unit_price", "net_amount") and style.currency not in said:
            said += str(style["header_currency"]).format(c=style.currency, s=style.sign())
        return said.upper() if style["header_upper"] else said

    def _order(self) -> list[str]:
        doc, style = self.doc, self.style
        orders = {
            "classic": "position item_number description quantity unit unit_price discount net_amount",
            "quantity_first": "quantity unit item_number description unit_price discount net_amount",
            "description_first": "description item_number quantity unit unit_price tax_rate net_amount",
            "item_first": "item_number description quantity unit unit_price discount tax_rate net_amount",
            "short": "description quantity unit_price discount net_amount",
            "tax": "position description quantity unit unit_price tax_rate discount net_amount",
            "full": "position item_number description tax_rate quantity unit unit_price discount net_amount",
            "two": "description net_amount",
            "item_last": "position description item_number quantity unit unit_price discount net_amount",
            "priced_first": "service_day description unit_price quantity unit discount net_amount",
        }
        if style["bare"] and doc.type not in UNPRICED:
            return ["description", "net_amount"]
        kind = style["columns"]
        if kind == "two" and (doc.type in UNPRICED or doc.type in ORDERS or len(doc.lines) > 8):
            kind = "short"
        keys = orders[kind].split()
        if doc.type in UNPRICED:
            keys = [key for key in keys if key != "service_day"]
            if style["ordered"]:
                keys.insert(keys.index("quantity"), "ordered")
        if kind == "two":
            return keys
        if doc.type in UNPRICED:
            keys = [key for key in keys if key not in ("unit_price", "discount", "tax_rate", "net_amount")]
            if style["carry"]:
                keys.append("storage")
            if style["left_amounts"]:
                keys.append("serial")
        if not any(line.adjustments for line in doc.lines):
            keys = [key for key in keys if key != "discount"]
        if len({line.tax_rate for line in doc.lines}) > 1 and "tax_rate" not in keys and "net_amount" in keys:
            keys.insert(keys.index("net_amount"), "tax_rate")
        if style["item_in_text"]:
            keys = [key for key in keys if key != "item_number"]
        if style["unit_with_quantity"]:
            keys = [key for key in keys if key != "unit"]
        return keys

    def _cells(self, place: int, line: Line, columns: list[Column]) -> Row:
        path = f"lines[{place}]"
        keys = {column.key for column in columns}
        cells: Row = {key: self._cell(key, line, path) for key in keys}
        if self.style["item_in_text"] and line.item_number:
            label = self.style.word("columns", "item_number")
            extra: Rich = [(f"{label} ", None), (line.item_number, f"{path}.item_number")]
            cells["description"].insert(self.rng.choice([0, 1]), extra)
        return cells

    def _cell(self, key: str, line: Line, path: str) -> list[Rich]:
        style = self.style
        if key == "description":
            texts: list[Rich] = [[(line.description or "", f"{path}.description")]]
            return [*texts, [(line.details, f"{path}.details")]] if line.details else texts
        if key == "quantity":
            quantity: list[Segment] = [(style.quantity(line.quantity or _ZERO), f"{path}.quantity")]
            if style["unit_with_quantity"]:
                quantity.append((f" {line.unit}", f"{path}.unit"))
            return [quantity]
        if key == "unit_price" and line.unit_price is not None:
            exponent = line.unit_price.as_tuple().exponent
            places = max(2, -exponent if isinstance(exponent, int) else 2)
            return [[(style.amount(line.unit_price, places), f"{path}.unit_price")]]
        if key == "net_amount":
            value = line.gross_amount if self.draft.gross_lines else line.net_amount
            field = "gross_amount" if self.draft.gross_lines else "net_amount"
            return [style.money(value or _ZERO, f"{path}.{field}", style["line_money"])]
        if key == "tax_rate" and line.tax_rate is not None:
            return [[(style.rate(line.tax_rate), f"{path}.tax_rate"), (style["rate_sign"], None)]]
        if key == "discount" and line.adjustments:
            percent = line.adjustments[0].percent or _ZERO
            return [[(style.rate(percent), f"{path}.adjustments[0].percent"), (style["rate_sign"], None)]]
        if key == "ordered":
            more = self.rng.choice([0, 0, 0, 0, 1, 2, 10])
            return [[(style.quantity((line.quantity or _ZERO) + more), None)]]
        if key == "service_day" and self.doc.issue_date:
            return [[(style.day(self.doc.issue_date - timedelta(days=self.rng.randint(0, 30))), None)]]
        if key == "storage":
            return [f"{self.rng.randint(1, 40):02}-{self.rng.randint(1, 99):02}"]
        if key == "serial":
            return [f"L{self.rng.randint(1000, 99999)}"]
        value_text = getattr(line, key, None)
        return [[(str(value_text), f"{path}.{key}")]] if value_text else []
