"""Till receipts on narrow paper, and invoices written as a plain mail."""

from __future__ import annotations

import random
from decimal import Decimal

from abax.documents.contracts import TradeDocument
from abax.documents.synthetic.content import INVOICES, Draft
from abax.documents.synthetic.sheet import Rich, Segment, Sheet
from abax.documents.synthetic.style import Style

_ZERO = Decimal(0)


def paint_receipt(draft: Draft, style: Style, rng: random.Random) -> Sheet:
    """A receipt as a till prints it."""
    return _Slip(draft, style, rng).painted()


class _Slip:
    def __init__(self, draft: Draft, style: Style, rng: random.Random) -> None:
        assert isinstance(draft.contract, TradeDocument)
        self.doc, self.draft, self.style, self.rng = draft.contract, draft, style, rng
        family = (
            rng.choice(["courier", "courier", "helvetica"]) if draft.language != "pl" else style["family"]
        )
        rows = 46 + 3 * len(self.doc.lines)
        size = rng.choice([7.0, 8.0, 9.0])
        self.sheet = Sheet(rng.choice([190.0, 220.0, 250.0]), rows * size * 1.35 + 40, family, size)
        self.size, self.y = size, 12.0
        self.left, self.right = 10.0, self.sheet.width - 10
        self.centred = rng.random() < 0.75

    def painted(self) -> Sheet:
        self._head()
        self._meta()
        self._rule()
        self._lines()
        self._rule()
        self._totals()
        self._foot()
        leaf = self.sheet.leaf
        leaf.height = min(leaf.height, self.y + 20)
        return self.sheet

    # ------------------------------------------------------------ placing

    def _line(self, rich: Rich, bold: bool = False, size: float | None = None) -> None:
        for part in self.sheet.wrapped(rich, self.right - self.left, size, bold):
            while part and not part[-1][0].strip():
                part.pop()
            x, align = (self.sheet.width / 2, "c") if self.centred else (self.left, "l")
            self.sheet.put(x, self.y + self.size, part, size, bold, align)
            self.y += (size or self.size) * 1.35

    def _pair(self, left: Rich, right: Rich, bold: bool = False, size: float | None = None) -> None:
        self.sheet.put(self.left, self.y + self.size, left, size, bold)
        self.sheet.put(self.right, self.y + self.size, right, size, bold, "r")
        self.y += (size or self.size) * 1.35

    def _rule(self) -> None:
        mark = self.style["rules"]
        if mark in ("none", "rows"):
            count = int((self.right - self.left) / self.sheet.measure("-"))
            self.sheet.put(self.left, self.y + self.size, ("-" if mark == "none" else "=") * count)
            self.y += self.size * 1.3
        else:
            self.y += self.size * 0.6

    # ------------------------------------------------------------ parts

    def _head(self) -> None:
        party, style = self.doc.seller, self.style
        self._line([(party.name or "", "seller.name")], True, self.size * self.rng.choice([1, 1.2, 1.4]))
        a = party.address
        street: list[Segment] = [(a.street or "", "seller.address.street")]
        place: list[Segment] = [
            (a.postcode or "", "seller.address.postcode"),
            (" ", None),
            (a.city or "", "seller.address.city"),
        ]
        if a.country in ("GB", "IE", "AU", "US"):
            place = [place[2], place[1], place[0]]
        if self.rng.random() < 0.3:
            self._line([*street, (", ", None), *place])
        else:
            self._line(street)
            self._line(place)
        if self.rng.random() < 0.6:
            self._line([(f"{style.label('phone')} ", None), (party.phone or "", "seller.phone")])
        if party.vat_id and self.rng.random() < 0.8:
            self._line([(f"{style.label('vat_id')} ", None), (party.vat_id, "seller.vat_id")])
        elif party.tax_number:
            label = "GST ID" if a.country == "MY" else style.label("tax_number")
            self._line([(f"{label} ", None), (party.tax_number, "seller.tax_number")])
        self.y += self.size * 0.6
        if self.rng.random() < 0.75:
            self._line([(style.word("titles", "receipt"), "type")], True)
            self.y += 3

    def _meta(self) -> None:
        doc, style = self.doc, self.style
        number: list[Segment] = [(f"{style.label('receipt_number')} ", None), (doc.number or "", "number")]
        clock = f"{self.rng.randint(7, 21):02}:{self.rng.randint(0, 59):02}"
        if self.rng.random() < 0.4:
            clock += f":{self.rng.randint(0, 59):02}"
        assert doc.issue_date is not None
        label = f"{style.label('date')} " if self.rng.random() < 0.5 else ""
        day: list[Segment] = [(label, None), (style.day(doc.issue_date), "issue_date"), (f" {clock}", None)]
        rows: list[Rich] = [
            number,
            day,
            [(f"{style.label('cashier')} {self.draft.issuer.manager.split()[0]}", None)],
        ]
        if self.rng.random() < 0.3:
            rows.append([(f"{style.label('till')} {self.rng.randint(1, 12):02}", None)])
        self.rng.shuffle(rows)
        if self.rng.random() < 0.25:
            self._bottom = rows
            return
        self._bottom = []
        for row in rows[: self.rng.choice([2, 3, 4])] if number in rows[:2] and day in rows[:2] else rows:
            self.sheet.put(self.left, self.y + self.size, row)
            self.y += self.size * 1.35

    def _lines(self) -> None:
        style = self.style
        kind = self.rng.choice(["one", "two", "two_first", "code"])
        mark = self.rng.choice(["x", "X", "*", "@"])
        for place, line in enumerate(self.doc.lines):
            path = f"lines[{place}]"
            amount: list[Segment] = [(style.amount(line.gross_amount or _ZERO), f"{path}.gross_amount")]
            if self.rng.random() < 0.3:
                amount.append((f" {self.rng.choice('AB')}", None))
            text = line.description or ""
            room = int((self.right - self.left) / self.sheet.measure("n")) - 12
            name: list[Segment] = [(text[: max(room, 8)].rstrip(), f"{path}.description")]
            quantity: list[Segment] = [
                (style.quantity(line.quantity or _ZERO), f"{path}.quantity"),
                (f" {mark} ", None),
                (style.amount(line.unit_price or _ZERO), f"{path}.unit_price"),
            ]
            if kind == "code":
                self.sheet.put(
                    self.left, self.y + self.size, [(line.item_number or "", f"{path}.item_number")]
                )
                self.y += self.size * 1.35
            if kind == "two_first":
                self.sheet.put(self.left, self.y + self.size, name)
                self.y += self.size * 1.35
                self._pair([("  ", None), *quantity], amount)
            else:
                self._pair(name, amount)
                if kind != "one" or (line.quantity or 1) != 1:
                    self.sheet.put(self.left + 12, self.y + self.size, quantity)
                    self.y += self.size * 1.35

    def _totals(self) -> None:
        style, totals = self.style, self.doc.totals
        before = self.rng.random() < 0.5
        if before:
            self._taxes()
        gross = totals.gross or _ZERO
        if self.rng.random() < 0.2:
            count = sum((line.quantity or _ZERO for line in self.doc.lines), _ZERO)
            self._pair(f"{style.word('columns', 'quantity')}:", style.quantity(count))
        size = self.size * self.rng.choice([1, 1.2, 1.5])
        label = style.word("totals", "gross")
        while self.sheet.measure(label, size, True) > (self.right - self.left) * 0.6 and size > 5:
            size *= 0.9
        self._pair(label, style.money(gross, "totals.gross", True), True, size)
        if self.rng.random() < 0.12:
            self._pair(style.word("totals", "rounding"), style.amount(_ZERO))
        if self.rng.random() < 0.55:
            given = (gross // 10 + 1) * 10 if self.rng.random() < 0.6 else gross
            self._pair(style.word("totals", "cash"), style.amount(given))
            self._pair(style.word("totals", "change"), style.amount(given - gross))
        elif self.rng.random() < 0.8:
            self._pair(style.word("totals", "card"), style.amount(gross))
        if not before and self.rng.random() < 0.8:
            self._taxes()

    def _taxes(self) -> None:
        style = self.style
        for place, tax in enumerate(self.doc.taxes):
            rate = f"{style.rate(tax.rate or _ZERO)}{style['rate_sign']}"
            base = style.amount(tax.base or _ZERO)
            path = "totals.tax" if len(self.doc.taxes) == 1 else f"taxes[{place}].amount"
            label = style.word("totals", "tax").format(rate=rate, base=base)
            self._pair(label, [(style.amount(tax.amount or _ZERO), path)])
        if self.rng.random() < 0.4:
            net: list[Segment] = [(style.amount(self.doc.totals.net or _ZERO), "totals.net")]
            self._pair(style.word("totals", "net"), net)

    def _foot(self) -> None:
        self.y += self.size
        for row in self._bottom:
            self._line(row)
        self._line(self.style.word("sentences", "thanks"))
        if self.rng.random() < 0.3:
            self._line(self.draft.issuer.web)


def paint_mail(draft: Draft, style: Style, rng: random.Random) -> Sheet:
    """A document as a plain text, a value a line, as small firms mail it."""
    doc = draft.contract
    assert isinstance(doc, TradeDocument)
    family = "courier" if draft.language != "pl" else style["family"]
    sheet = Sheet(595.3, 841.9, family, 9.0)
    rows = _mail_rows(draft, doc, style, rng)
    y = 40.0
    for row in rows:
        for part in sheet.wrapped(row, 500):
            if y > 800:
                sheet.turn()
                y = 40.0
            if part:
                sheet.put(45, y, part)
            y += 11.5
    return sheet


def _mail_rows(draft: Draft, doc: TradeDocument, style: Style, rng: random.Random) -> list[Rich]:
    kind = "invoice" if doc.type in INVOICES else doc.type.value
    seller_writes = draft.issuer.party.name == doc.seller.name
    writer, reader = ("seller", "buyer") if seller_writes else ("buyer", "seller")
    rows: list[Rich] = [
        [(style.word("titles", draft.title), "type")],
        "",
        [(f"{style.label(f'{kind}_number')} ", None), (doc.number or "", "number")],
    ]
    if doc.issue_date:
        rows.append([(f"{style.label('date')} ", None), (style.day(doc.issue_date), "issue_date")])
    if doc.due_date:
        rows.append([(f"{style.label('due_date')} ", None), (style.day(doc.due_date), "due_date")])
    if doc.references.order_number:
        rows.append(
            [
                (f"{style.label('order_number')} ", None),
                (doc.references.order_number, "references.order_number"),
            ]
        )
    for path in (writer, reader):
        party = doc.seller if path == "seller" else doc.buyer
        label = style.label("supplier" if path == "seller" else "bill_to")
        rows += ["", label, [(party.name or "", f"{path}.name")]]
        rows.append([(party.address.street or "", f"{path}.address.street")])
        place = [(party.address.postcode or "", f"{path}.address.postcode"), (" ", None)]
        rows.append([*place, (party.address.city or "", f"{path}.address.city")])
    if doc.seller.vat_id:
        rows.append([(f"{style.label('vat_id')} ", None), (doc.seller.vat_id, "seller.vat_id")])
    rows += ["", *_mail_lines(doc, style, rng), ""]
    if doc.totals.gross is not None:
        pairs = (("net", doc.totals.net), ("tax_plain", doc.totals.tax), ("gross", doc.totals.gross))
        for key, value in pairs:
            path = f"totals.{key.removesuffix('_plain')}"
            rows.append([(f"{style.word('totals', key)}: ", None), *style.money(value or _ZERO, path, True)])
    if doc.bank_accounts and doc.bank_accounts[0].iban:
        rows.append("")
        rows.append([(f"{style.label('iban')} ", None), (doc.bank_accounts[0].iban, "bank_accounts[0].iban")])
    return [*rows, "", style.word("sentences", "closing"), draft.issuer.manager]


def _mail_lines(doc: TradeDocument, style: Style, rng: random.Random) -> list[Rich]:
    rows: list[Rich] = []
    mark = rng.choice(["- ", "* ", "", "  "])
    for place, line in enumerate(doc.lines):
        path = f"lines[{place}]"
        row: list[Segment] = [(mark, None), (style.quantity(line.quantity or _ZERO), f"{path}.quantity")]
        row += [(f" {line.unit} ", f"{path}.unit"), (line.description or "", f"{path}.description")]
        amount = line.gross_amount if line.net_amount is None else line.net_amount
        if amount is not None:
            field = "gross_amount" if line.net_amount is None else "net_amount"
            row += [("  ", None), (style.amount(amount), f"{path}.{field}")]
        rows.append(row)
    return rows
