"""Invoices, memos, orders, delivery notes and goods movements on paper, from letterhead to signature."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from abax.documents.contracts import DocumentType, Subtype
from abax.documents.synthetic.content import INVOICES, ORDERS, UNPRICED, Draft, cents
from abax.documents.synthetic.sheet import Segment, Sheet
from abax.documents.synthetic.style import Style, prose
from abax.documents.synthetic.sums import Summed

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


def paint(draft: Draft, style: Style, rng: random.Random) -> Sheet:
    """The document on as many pages as it needs."""
    return _Paper(draft, style, rng).painted()


class _Paper(Summed):
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
