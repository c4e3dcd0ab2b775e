"""The upper part of a trade paper: letterhead, title, and the facts about the document."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from abax.documents.contracts import DocumentType, Subtype, TradeDocument
from abax.documents.synthetic.content import INVOICES, UNPRICED, Draft
from abax.documents.synthetic.frame import Fact, Frame
from abax.documents.synthetic.parties import choice_of, places
from abax.documents.synthetic.sheet import Segment
from abax.documents.synthetic.style import Style

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


class Headed(Frame):
    """A paper of trade with its head."""

    def __init__(self, draft: Draft, style: Style, rng: random.Random) -> None:
        assert isinstance(draft.contract, TradeDocument)
        self.doc: TradeDocument = draft.contract
        buyer_writes = draft.issuer.party.name == self.doc.buyer.name
        paths = ("buyer", "seller") if buyer_writes else ("seller", "buyer")
        super().__init__(draft, style, rng, *paths)
        self.number_key = f"{'invoice' if self.doc.type in INVOICES else self.doc.type.value}_number"
        self.title_place = self._title_place()

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
