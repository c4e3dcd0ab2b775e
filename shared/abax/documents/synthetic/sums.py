"""Below the lines of a trade paper: sums, taxes by rate, what is due."""

from __future__ import annotations

from decimal import Decimal

from abax.documents.contracts import Tax
from abax.documents.synthetic.content import ORDERS
from abax.documents.synthetic.goods import Listed
from abax.documents.synthetic.sheet import Segment

_ZERO = Decimal(0)
_WITHHELD = {
    "en": "Withholding tax",
    "de": "Steuerabzug",
    "fr": "Retenue",
    "es": "Retención IRPF",
    "it": "Ritenuta d'acconto",
    "nl": "Inhouding",
    "pl": "Kaucja gwarancyjna",
}
_WHOLE = {
    "en": "Invoice total", "de": "Gesamtbetrag brutto", "fr": "Total TTC", "es": "Total factura",
    "it": "Totale fattura", "nl": "Totaal incl. btw", "pl": "Razem brutto",
}  # fmt: skip
"""The whole, where less of it is due."""


class Summed(Listed):
    """A paper of trade with its sums."""

    def _totals(self) -> None:
        if self._in_one_row():
            self._taxes_and_whole()
            return
        rows = self._total_rows()
        style = self.style
        place = style["totals"]
        self.room(len(rows) * (self.leading + 2) + 10)
        if style["breakdown"] == "table":
            self._breakdown()
        if place == "row":
            self._totals_row(rows)
            return
        if place in ("run", "in_table"):
            self._totals_run(rows) if place == "run" else self._totals_in_table(rows)
            return
        span = {"left": 0.45, "right": 0.42, "right_wide": 0.55, "table": 1.0, "boxed": 0.42}[place]
        x1 = self.left + (self.right - self.left) * span if place == "left" else self.right
        widest = max(self.sheet.measure(label) for label, _, _ in rows)
        amounts = max(self.sheet.measure("".join(t for t, _ in value), bold=True) for _, value, _ in rows)
        x0 = min(x1 - (self.right - self.left) * span, x1 - widest - amounts - 14)
        top = self.y
        for label, value, strong in rows:
            bold = strong and style["gross_bold"]
            if strong and self.chance(0.5, 16):
                self.sheet.rule(x0, self.y, x1)
            y = self.y + self.size + 1
            if style["totals_label"] == "r":
                self.sheet.put(x1 - amounts - 12, y, label, bold=bold, align="r")
            else:
                self.sheet.put(max(x0, self.left), y, label, bold=bold)
            self.sheet.put(x1 - 5, y, value, bold=bold, align="r")
            self.y += self.leading + 2
        if place == "boxed":
            self.sheet.box(x0 - 5, top - 2, x1, self.y + 2)

    def _totals_run(self, rows: list[tuple[str, list[Segment], bool]]) -> None:
        """Each sum as a text of its own: the amount right behind its label."""
        x, align = (self.right, "r") if self.chance(0.7, 221) else (self.left, "l")
        for label, value, strong in rows:
            self.line([(f"{label} ", None), *value], x, None, strong and self.style["gross_bold"], align)

    def _totals_in_table(self, rows: list[tuple[str, list[Segment], bool]]) -> None:
        """The sums as further rows of the table: labels end where the last column begins."""
        grid = self.style["rules"] in ("grid", "rows", "outer")
        self.y -= 5
        for label, value, strong in rows:
            bold = strong and self.style["gross_bold"]
            y = self.y + self.size + 1
            self.sheet.put(min(self.last_edge, self.right - 60) - 4, y, label, bold=bold, align="r")
            self.sheet.put(self.right - 5, y, value, bold=bold, align="r")
            self.y += self.leading + 3
            if grid:
                self.sheet.rule(self.left, self.y - 1, self.right)

    def _totals_row(self, rows: list[tuple[str, list[Segment], bool]]) -> None:
        width = (self.right - self.left) / max(len(rows), 3)
        for place, (label, value, strong) in enumerate(rows):
            x = self.left + place * width
            size = self.size
            while self.sheet.measure(label, size) > width - 4 and size > 5:
                size *= 0.93
            self.sheet.put(x + 2, self.y + self.size, label, size)
            self.sheet.put(x + 2, self.y + self.size * 2.4, value, bold=strong)
            self.sheet.box(x, self.y - 2, x + width, self.y + self.size * 3)
        self.y += self.size * 3 + 6

    def _total_rows(self) -> list[tuple[str, list[Segment], bool]]:
        doc, style, totals = self.doc, self.style, self.doc.totals
        rows: list[tuple[str, list[Segment], bool]] = []
        money = style.money
        if totals.lines is not None:
            rows.append(
                (style.word("columns", "net_amount"), money(totals.lines, "totals.lines", True), False)
            )
        for place, one in enumerate(doc.adjustments):
            key = "shipping" if one.is_charge else "allowance"
            rate = f"{style.rate(one.percent)}{style['rate_sign']}" if one.percent else ""
            label = style.word("totals", key).format(rate=rate)
            amount = (one.amount or _ZERO) * (1 if one.is_charge else -1)
            rows.append((label, money(amount, f"adjustments[{place}].amount", True), False))
        if totals.net is not None and not (self.draft.exempt and self.chance(0.5, 17)):
            rows.append((style.word("totals", "net"), money(totals.net, "totals.net", True), False))
        rows += self._tax_rows()
        gross = totals.gross if totals.gross is not None else _ZERO
        key = "order_total" if doc.type in ORDERS else "gross"
        further = totals.prepaid is not None or self.draft.withheld
        label = _WHOLE[self.draft.language] if further else style.word("totals", key)
        rows.append((label + style["colon"], money(gross, "totals.gross", True), True))
        if totals.prepaid is not None and totals.due is not None:
            key = "prepaid" if totals.due else "card"
            rows.append((style.word("totals", key), money(-totals.prepaid, "totals.prepaid", True), False))
            rows.append((style.word("totals", "due"), money(totals.due, "totals.due", True), True))
        if self.draft.withheld and totals.due is not None:
            base = totals.net or _ZERO
            rate = style.rate((self.draft.withheld * 100 / base).quantize(Decimal(1))) if base else ""
            label = f"{_WITHHELD[self.draft.language]} {rate}{style['rate_sign']}"
            rows.append((label, money(-self.draft.withheld, None, True), False))
            rows.append((style.word("totals", "due"), money(totals.due, "totals.due", True), True))
        if style["due_first"]:
            rows = rows[-1:] + rows[:-1]
        return rows

    def _tax_rows(self) -> list[tuple[str, list[Segment], bool]]:
        doc, style = self.doc, self.style
        single = len(doc.taxes) == 1
        if style["breakdown"] in ("plain", "table") or not doc.taxes:
            path = "totals.tax"
            return [
                (style.word("totals", "tax_plain"), style.money(doc.totals.tax or _ZERO, path, True), False)
            ]
        rows: list[tuple[str, list[Segment], bool]] = []
        for place, tax in enumerate(doc.taxes):
            if not tax.rate and self.chance(0.4, 18):
                continue
            rate = f"{style.rate(tax.rate or _ZERO)}{style['rate_sign']}"
            base = style.amount(tax.base or _ZERO)
            label = style.word("totals", "tax").format(rate=rate, base=base)
            path = "totals.tax" if single else f"taxes[{place}].amount"
            rows.append((label, style.money(tax.amount or _ZERO, path, True), False))
        return rows

    def _breakdown(self) -> None:
        """Taxes by rate, as a small table: base and tax, perhaps their sum, and a last row that adds up."""
        style, top = self.style, self.y
        keys = ["breakdown_rate", "breakdown_base", "breakdown_tax"]
        if style["breakdown_gross"]:
            keys.append("gross_amount")
        heads = [style.word("columns" if key == "gross_amount" else "totals", key) for key in keys]
        step = max(50.0, *(self.sheet.measure(head, self.size * 0.85, True) + 8 for head in heads))
        xs = [self.left + step * (place + 1) for place in range(len(keys))]
        self._tax_cells(xs, [[(head, None)] for head in heads], bold=True)
        for place, tax in enumerate(self.doc.taxes):
            self._tax_cells(xs, self._tax_row(place, tax))
        if style["breakdown_total"] and len(self.doc.taxes) > 1:
            totals = self.doc.totals
            values = (totals.net, totals.tax, totals.gross)
            cells: list[list[Segment]] = [[(style.amount(value or _ZERO), None)] for value in values]
            self._tax_cells(xs, [[(style.word("totals", "voucher_total"), None)], *cells])
        if style["totals"] in ("right", "boxed") and self.chance(0.5, 19):
            self.y = top
        else:
            self.y += 6

    def _tax_row(self, place: int, tax: Tax) -> list[list[Segment]]:
        style = self.style
        base, amount = tax.base or _ZERO, tax.amount or _ZERO
        return [
            [(style.rate(tax.rate or _ZERO), f"taxes[{place}].rate"), (style["rate_sign"], None)],
            [(style.amount(base), f"taxes[{place}].base")],
            [(style.amount(amount), f"taxes[{place}].amount")],
            [(style.amount(base + amount), None)],
        ]

    def _in_one_row(self) -> bool:
        """Whether base, rate, tax and whole stand in a row over the page, and nothing else is told."""
        doc = self.doc
        plain = doc.totals.prepaid is None and not self.draft.withheld and not doc.adjustments
        return bool(self.style["breakdown"] == "row" and doc.taxes and plain)

    def _taxes_and_whole(self) -> None:
        """Headings over a row for each rate: base, rate, tax; the whole at the end, as Spain has it."""
        style, doc = self.style, self.doc
        words = [style.word("totals", key) for key in ("breakdown_base", "breakdown_rate", "breakdown_tax")]
        key = "order_total" if doc.type in ORDERS else "gross"
        heads = [*words, style.word("totals", key)]
        width = (self.right - self.left) / len(heads)
        self.room(self.leading * (len(doc.taxes) + 2))
        right = self.chance(0.6, 42)
        xs = [self.left + width * (place + (1 if right else 0)) + (-6 if right else 3) for place in range(4)]
        align, top = "r" if right else "l", self.y
        self._spread(xs, [[(head, None)] for head in heads], align, self.size * 0.88)
        for place, tax in enumerate(doc.taxes):
            rate, base, amount, _ = self._tax_row(place, tax)
            last = place == len(doc.taxes) - 1
            gross = style.money(doc.totals.gross or _ZERO, "totals.gross", True) if last else []
            self._spread(xs, [base, rate, amount, gross], align, self.size)
        if style["rules"] in ("grid", "outer", "header"):
            self.sheet.box(self.left, top - 2, self.right, self.y + 2)
        self.y += 6

    def _spread(self, xs: list[float], cells: list[list[Segment]], align: str, size: float) -> None:
        for x, cell in zip(xs, cells, strict=True):
            if cell:
                self.sheet.put(x, self.y + size, cell, size, align=align)
        self.y += self.leading + 2

    def _tax_cells(self, xs: list[float], cells: list[list[Segment]], bold: bool = False) -> None:
        size = self.size * (0.85 if bold else 0.9)
        for x, cell in zip(xs, cells, strict=False):
            self.sheet.put(x, self.y + self.size, cell, size, bold, "r")
        self.y += self.leading
