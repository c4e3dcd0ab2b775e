"""Invoices, memos, orders, delivery notes and goods movements on paper."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from abax.documents.contracts import DocumentType, Line, Subtype, Tax, TradeDocument
from abax.documents.synthetic.content import INVOICES, ORDERS, UNPRICED, Draft, cents
from abax.documents.synthetic.frame import Fact, Frame
from abax.documents.synthetic.parties import choice_of, places
from abax.documents.synthetic.sheet import Rich, Segment, Sheet
from abax.documents.synthetic.style import Style, prose
from abax.documents.synthetic.table import Column, Grid, Row

_ZERO = Decimal(0)
_SALUTATIONS = {
    "en": "Dear Sir or Madam,",
    "de": "Sehr geehrte Damen und Herren,",
    "fr": "Madame, Monsieur,",
    "es": "Estimados señores:",
    "it": "Egregi Signori,",
    "nl": "Geachte heer, mevrouw,",
    "pl": "Szanowni Państwo,",
}
_OF = {
    "en": " dated ",
    "de": " vom ",
    "fr": " du ",
    "es": " de ",
    "it": " del ",
    "nl": " d.d. ",
    "pl": " z dnia ",
}


_SUBJECT = {
    "en": "Subject: | Re:",
    "de": "Betreff: | Betr.:",
    "fr": "Objet : | Objet:",
    "es": "Asunto: | Ref.:",
    "it": "Oggetto: | Ogg.:",
    "nl": "Betreft: | Onderwerp:",
    "pl": "Dotyczy: | Temat:",
}
_PACKAGES = {
    "en": "Packages", "de": "Packstücke", "fr": "Nombre de colis", "es": "Bultos", "it": "N. colli",
    "nl": "Aantal colli", "pl": "Liczba paczek",
}  # fmt: skip
_REASON = {
    "en": ("Incoterms", "DAP"),
    "de": ("Lieferbedingung", "frei Haus"),
    "fr": ("Motif", "Vente"),
    "es": ("Portes", "Pagados"),
    "it": ("Causale del trasporto", "VENDITA"),
    "nl": ("Leveringsvoorwaarde", "Franco"),
    "pl": ("Warunki dostawy", "DAP"),
}
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


def paint(draft: Draft, style: Style, rng: random.Random) -> Sheet:
    """The document on as many pages as it needs."""
    return _Paper(draft, style, rng).painted()


class _Paper(Frame):
    def __init__(self, draft: Draft, style: Style, rng: random.Random) -> None:
        assert isinstance(draft.contract, TradeDocument)
        self.doc: TradeDocument = draft.contract
        buyer_writes = draft.issuer.party.name == self.doc.buyer.name
        paths = ("buyer", "seller") if buyer_writes else ("seller", "buyer")
        super().__init__(draft, style, rng, *paths)
        self.number_key = f"{'invoice' if self.doc.type in INVOICES else self.doc.type.value}_number"
        self.title_place = self._title_place()

    def painted(self) -> Sheet:
        self.reserve_footer()
        style = self.style
        self._head()
        self.y = max(self.y, style.layout.get("window", 0.0)) + 8
        beside = self.recipient(self._recipient_label(), self._recipient_extra())
        if self.title_place == "above_meta":
            self.y = beside + 10
            self._title(beside=True)
            beside = self.y
        if self._dated_by_place() and self.doc.issue_date:
            self.y = beside + 4
            self.place_and_day(self.doc.issue_date)
            beside = self.y
        self.facts(self._all_facts(), beside)
        self._ship_to()
        if self.title_place == "above_table":
            self.y += 10
            self._title(beside=True)
        elif self.title_place == "subject":
            self._subject()
        self._intro()
        if style["prose"] and self.doc.type not in UNPRICED:
            self._prose()
        if style["notes_before"]:
            self._terms()
        self.y += 6
        self._table()
        if self.doc.type not in UNPRICED:
            self._totals()
        self.y += 10
        if not style["notes_before"]:
            self._terms()
        if style["prose"] and self.doc.type in INVOICES:
            self._prose()
        self._closing()
        self.footer()
        self.number_pages()
        return self.sheet

    # ------------------------------------------------------------ head

    def _title_place(self) -> str:
        """Where the title stands; ``none`` where only the label of the number names the document."""
        if self.style["untitled"] and self.doc.type in INVOICES and self.doc.subtype is Subtype.STANDARD:
            return "none"
        place: str = self.style["title_place"]
        if place == "cell" and self.style["meta"] not in ("inline", "cells"):
            return "above_meta"
        return place

    def _head(self) -> None:
        """The letterhead, and a title that stands on it or beside it."""
        top = self.y
        if self.title_place == "beside_head":
            shown, size = self.style.word("titles", self.draft.title), self.style["title_size"]
            name = self.draft.issuer.party.name or ""
            taken = self.sheet.measure(name, self.size * self.style["head_scale"], True)
            free = self.right - self.left - taken - self.sheet.measure(shown, size, True)
            alone = self.style["head"] in ("left", "name") and not self.style["logo"]
            if alone and free > 30 and not self.style["head_joined"]:
                self.line([(shown, "type")], self.right, size, True, "r")
                self.y, low = top, self.y
                self.letterhead()
                self.y = max(self.y, low)
                return
            self.title_place = "top_right"
        self.letterhead()
        if self.title_place in ("top_right", "centre") and self.low:
            self.title_place = "above_meta"
        elif self.title_place in ("top_right", "centre"):
            self._title()

    def _subject(self) -> None:
        """The title as a letter's subject, with what it is about."""
        words = _SUBJECT[self.draft.language].split(" | ")
        word = words[self.chance(0.5, 201)]
        row: list[Segment] = [(f"{word} " if self.chance(0.75, 202) else "", None)]
        row.append((self.style.word("titles", self.draft.title), "type"))
        if self._number_in_title():
            row += self._number_segments()
        elif self.doc.references.preceding:
            number, day = self.doc.references.preceding[0]
            row += [(" ", None), (number, "references.preceding[0]")]
            if day:
                row.append((_OF[self.draft.language] + self.style.day(day), None))
        self.y += 10
        for part in self.sheet.wrapped(row, self.right - self.left, bold=True):
            self.line(part, bold=True)
        self.y += 4

    def _dated_by_place(self) -> bool:
        return bool(self.style["place_and_day"] and self.doc.type is not DocumentType.RECEIPT)

    def _all_facts(self) -> list[Fact]:
        """The facts, after the title where it is one of them."""
        facts = self._facts()
        if self.title_place != "cell":
            return facts
        return [(self.style.word("titles", self.draft.title), [("", "type")]), *facts]

    def _number_segments(self) -> list[Segment]:
        mark = {"de": " Nr. ", "fr": " N° ", "es": " nº ", "pl": " nr ", "nl": " nr. ", "it": " n. "}.get(
            self.draft.language, ""
        )
        if not mark or self.chance(0.25, 203):
            mark = self.rng.choice([" Nr. ", " No. ", " ", " # "]) if not mark else " "
        return [(mark, None), (self.doc.number or "", "number")]

    def _title(self, beside: bool = False) -> None:
        number: list[Segment] = []
        if self._number_in_title():
            number = self._number_segments()
            if self.style["title_date"] and self.doc.issue_date and not self._dated_by_place():
                word = _OF[self.draft.language] if self.chance(0.8, 10) else ", "
                number += [(word, None), (self.style.day(self.doc.issue_date), "issue_date")]
        self.title(self.style.word("titles", self.draft.title), number, beside)

    def _number_in_title(self) -> bool:
        told = self.style["title_number"] or self.style["meta"] == "sentence"
        return bool(told and self.title_place not in ("none", "cell", "beside_head"))

    def _recipient_label(self) -> str:
        if self.partner_path == "seller":
            return "supplier"
        return "ship_to" if self.doc.type is DocumentType.DELIVERY_NOTE else "bill_to"

    def _recipient_extra(self) -> list[list[Segment]]:
        party = self.doc.seller if self.partner_path == "seller" else self.doc.buyer
        if self.style["buyer_vat"] == "address" and party.vat_id:
            return [
                [
                    (f"{self.style.label('vat_id')} ", None),
                    (self.vat(party.vat_id), f"{self.partner_path}.vat_id"),
                ]
            ]
        return []

    def _facts(self) -> list[Fact]:
        doc, style = self.doc, self.style
        facts: list[Fact] = []
        if not self._number_in_title():
            facts.append((style.label(self.number_key), [(doc.number or "", "number")]))
        date_key = "invoice_date" if doc.type in INVOICES else "date"
        told = self._number_in_title() and style["title_date"] and self.title_place != "subject"
        if doc.issue_date and not told and not self._dated_by_place():
            facts.append((style.label(date_key), [(style.day(doc.issue_date), "issue_date")]))
        if doc.due_date and style["due_place"] in ("meta", "both"):
            facts.append((style.label("due_date"), [(style.day(doc.due_date), "due_date")]))
        facts += self._party_facts() + self._reference_facts()
        if doc.delivery_date and self.chance(0.5, 11):
            facts.append((style.label("delivery_date"), [(style.day(doc.delivery_date), "delivery_date")]))
        if doc.period_start and doc.period_end:
            span: list[Segment] = [(style.day(doc.period_start), "period_start"), (" - ", None)]
            facts.append((style.label("period"), [*span, (style.day(doc.period_end), "period_end")]))
        if style["bank_place"] == "meta" and doc.bank_accounts and self.issuer_path == "seller":
            facts += self._bank_facts()
        if doc.type in UNPRICED:
            facts += self._transport_facts()
        if self.chance(0.25, 12):
            head, tail = facts[:2], facts[2:]
            self.rng.shuffle(tail)
            facts = head + tail
        return facts

    def _transport_facts(self) -> list[Fact]:
        """Who carries how much, and why: nothing that a contract asks for."""
        style, rng, language = self.style, self.rng, self.draft.language
        names = places()["names"]
        whole = (rng.randint(4, 9000), rng.randint(1, 40))
        facts: list[tuple[float, int, Fact]] = [
            (0.4, 211, (style.label("carrier"), [(f"{choice_of(rng, names['last'])} Trans", None)])),
            (0.4, 212, (style.label("weight"), [(f"{style.amount(Decimal(whole[0]), 0)} kg", None)])),
            (0.3, 213, (f"{_PACKAGES[language]}{style['colon']}", [(str(whole[1]), None)])),
            (0.25, 214, (f"{_REASON[language][0]}{style['colon']}", [(_REASON[language][1], None)])),
            (0.3, 215, (style.label("storage"), [(f"{rng.randint(1, 40):02}", None)])),
        ]
        return [fact for share, key, fact in facts if self.chance(share, key)]

    def _bank_facts(self) -> list[Fact]:
        rows = self.bank_rows(self.doc.bank_accounts[0])
        return [(row[0][0].strip(), row[1:]) for row in rows if len(row) > 1]

    def _party_facts(self) -> list[Fact]:
        style = self.style
        facts: list[Fact] = []
        party = self.doc.buyer if self.partner_path == "buyer" else self.doc.seller
        if party.identifier:
            key = "customer_number" if self.partner_path == "buyer" else "supplier_number"
            facts.append((style.label(key), [(party.identifier, f"{self.partner_path}.identifier")]))
        if style["buyer_vat"] == "meta" and party.vat_id:
            facts.append((style.label("vat_id"), [(self.vat(party.vat_id), f"{self.partner_path}.vat_id")]))
        contact = self.draft.issuer.party.contact
        if contact and self.chance(0.35, 13):
            facts.append((style.label("contact"), [(contact, f"{self.issuer_path}.contact")]))
        return facts

    def _reference_facts(self) -> list[Fact]:
        refs, style, doc_date = self.doc.references, self.style, self.doc.issue_date
        pairs = (
            ("order_number", refs.order_number, "order_number"),
            ("their_sales_order", refs.sales_order_number, "sales_order_number"),
            ("contract_number", refs.contract_number, "contract_number"),
            ("delivery_note", refs.delivery_note_number, "delivery_note_number"),
            ("project", refs.project, "project"),
            ("reference", refs.buyer_reference, "buyer_reference"),
        )
        facts: list[Fact] = [
            (style.label(key), [(value, f"references.{field}")]) for key, value, field in pairs if value
        ]
        if refs.order_number and doc_date and self.chance(0.15, 103):
            earlier = style.day(doc_date - timedelta(days=self.rng.randint(2, 60)))
            facts[0][1].append(
                (f" / {earlier}" if self.chance(0.5, 104) else _OF[self.draft.language] + earlier, None)
            )
        if refs.preceding:
            number, day = refs.preceding[0]
            value: list[Segment] = [(number, "references.preceding[0]")]
            if day and self.chance(0.5, 14):
                value += [(f" / {style.day(day)}", None)]
            facts.append((style.label("invoice_ref"), value))
        return facts

    def _ship_to(self) -> None:
        if not self.doc.ship_to:
            return
        self.y += 8
        self.line(self.style.label("ship_to"), bold=self.chance(0.5, 15))
        company = self.draft.partner
        for row in self.address(company, self.doc.ship_to, "ship_to"):
            self.line(row)

    def _intro(self) -> None:
        doc = self.doc
        if doc.type is DocumentType.RECEIPT or (
            not self.style["intro"] and doc.subtype is not Subtype.REMINDER and self.title_place != "none"
        ):
            return
        kind = doc.subtype.value if doc.subtype is Subtype.REMINDER else doc.type.value
        key = f"intro_{'invoice' if doc.type in INVOICES and kind != 'reminder' else kind}"
        values: dict[str, Segment] = {}
        if doc.references.order_number:
            values["order"] = (doc.references.order_number, "references.order_number")
        if doc.references.preceding:
            values["invoice"] = (doc.references.preceding[0][0], "references.preceding[0]")
        self.y += 6
        if self.chance(0.3, 106):
            self.line(_SALUTATIONS[self.draft.language])
            self.y += 4
        self.paragraph(self.style.sentence(key, **values))

    def _prose(self) -> None:
        """Running text, as insurers and lawyers write it around their figures."""
        for _ in range(self.rng.randint(1, 3)):
            self.y += 4
            self.paragraph(prose(self.rng, self.draft.language, self.rng.randint(1, 4)))

    # ------------------------------------------------------------ lines

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

    # ------------------------------------------------------------ totals

    def _totals(self) -> None:
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

    def _tax_cells(self, xs: list[float], cells: list[list[Segment]], bold: bool = False) -> None:
        size = self.size * (0.85 if bold else 0.9)
        for x, cell in zip(xs, cells, strict=False):
            self.sheet.put(x, self.y + self.size, cell, size, bold, "r")
        self.y += self.leading

    # ------------------------------------------------------------ below

    def _terms(self) -> None:
        doc, style = self.doc, self.style
        self.room(self.leading * 4)
        if doc.type in INVOICES or doc.type in ORDERS or doc.type is DocumentType.DEBIT_MEMO:
            for sentence in self._term_sentences():
                if sentence:
                    self.paragraph(sentence)
        if self.draft.exempt and doc.type not in UNPRICED:
            self.paragraph(style.sentence("exempt"))
        if doc.type in INVOICES and self.issuer_path == "seller" and doc.bank_accounts:
            self._bank_text()
        if doc.subtype is Subtype.PRO_FORMA and self.chance(0.7, 20):
            self.paragraph(style.sentence("no_invoice"))
        if style["conditions"]:
            self.paragraph(style.sentence("conditions"), size=self.size * 0.85)

    def _term_sentences(self) -> list[list[Segment]]:
        doc, style = self.doc, self.style
        found: list[list[Segment]] = []
        days: Segment = (str(doc.terms.net_days), "terms.net_days")
        if doc.terms.discounts:
            one = doc.terms.discounts[0]
            percent: Segment = (style.rate(one.percent or _ZERO), "terms.discounts[0].percent")
            sdays: Segment = (str(one.days), "terms.discounts[0].days")
            found.append(style.sentence("terms_discount", percent=percent, sdays=sdays, days=days))
            if doc.totals.gross and doc.issue_date and self.chance(0.4, 105):
                off = cents(doc.totals.gross * (one.percent or _ZERO) / 100)
                until = style.day(doc.issue_date + timedelta(days=one.days or 0))
                reduced = style.amount(doc.totals.gross - off)
                share = f"{style.rate(one.percent or _ZERO)} % = {style.amount(off)}"
                found.append([(f"{share} ({until}: {reduced})", None)])
        elif doc.terms.net_days and style["terms_place"] in ("text", "both"):
            label = f"{style.label('terms')} " if self.chance(0.4, 21) else ""
            found.append([(label, None), *style.sentence("terms_net", days=days)])
        if doc.due_date and style["due_place"] in ("text", "both", "totals"):
            found.append(style.sentence("terms_date", due=(style.day(doc.due_date), "due_date")))
        if doc.type in INVOICES and self.chance(0.3, 22):
            found.append(style.sentence("remit_text", number=(doc.number or "", "number")))
        return found

    def _bank_text(self) -> None:
        place = self.style["bank_place"]
        no_room_below = self.style["foot"] in ("none", "line") or (
            place == "foot" and self.style["foot_columns"] < 2
        )
        if place in ("text", "box") or (place == "foot" and no_room_below):
            rows = self.bank_blocks(self.doc.bank_accounts)
            top = self.y + 4
            self.y += 6
            if self.chance(0.4, 23):
                joined: list[Segment] = []
                for row in rows:
                    joined += [*row, ("  ", None)]
                self.paragraph(joined)
            else:
                for row in rows:
                    self.line(row)
            if place == "box":
                self.sheet.box(self.left - 4, top, self.left + 260, self.y + 4)

    def _closing(self) -> None:
        style = self.style
        if self.doc.type in UNPRICED or style["signature"]:
            self.room(40)
            self.y += 22
            self.sheet.rule(self.left, self.y, self.left + 150)
            self.line(style.word("sentences", "signature"), size=self.size * 0.85)
        elif style["intro"] and self.chance(0.3, 24):
            self.y += 8
            self.line(style.word("sentences", "closing"))
            self.line(self.draft.issuer.manager)
