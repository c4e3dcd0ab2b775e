"""Papers that are none of our types: letters, articles, minutes, code, quotations and forms."""

from __future__ import annotations

import random

from abax.documents.contracts import DocumentType, Subtype, TradeDocument
from abax.documents.synthetic import trade
from abax.documents.synthetic.content import Draft, draft
from abax.documents.synthetic.frame import Frame
from abax.documents.synthetic.parties import choice_of, places
from abax.documents.synthetic.sheet import Sheet
from abax.documents.synthetic.style import Style, prose, texts

KINDS = (
    "letter",
    "letter",
    "article",
    "minutes",
    "code",
    "quotation",
    "quotation",
    "survey",
    "cv",
    "mail",
    "table",
)


_NAMES = ("total", "amount", "invoice", "order", "value", "count", "item", "price", "tax", "index", "data")


def paint(made: Draft, style: Style, rng: random.Random) -> Sheet:
    """One such paper."""
    kind = rng.choice(KINDS)
    if kind == "quotation":
        return _quotation(made, style, rng)
    return _Paper(made, style, rng, kind).painted()


def _quotation(made: Draft, style: Style, rng: random.Random) -> Sheet:
    like = draft(rng, DocumentType.SALES_ORDER, Subtype.STANDARD, made.issuer, made.partner)
    contract = like.contract
    assert isinstance(contract, TradeDocument)
    style.words["labels.sales_order_number"] = choice_of(rng, texts()[made.language]["quotation_number"])
    style.words["sentences.intro_sales_order"] = choice_of(rng, texts()[made.language]["quotation_intro"])
    sheet = trade.paint(
        Draft(contract, like.language, "quotation", like.issuer, like.partner, False), style, rng
    )
    for leaf in sheet.leaves:
        leaf.paths = [None] * len(leaf.paths)
    return sheet


class _Paper(Frame):
    def __init__(self, made: Draft, style: Style, rng: random.Random, kind: str) -> None:
        super().__init__(made, style, rng, "seller", "buyer")
        self.kind = kind
        self.words = texts()[made.language]

    def painted(self) -> Sheet:
        self.reserve_footer()
        getattr(self, f"_{self.kind}")()
        if self.kind in ("letter", "minutes"):
            self.footer()
        self.number_pages()
        for leaf in self.sheet.leaves:
            leaf.paths = [None] * len(leaf.paths)
        return self.sheet

    def _sentences(self, key: str, count: int) -> str:
        return prose(self.rng, self.draft.language, count, key)

    def _letter(self) -> None:
        self.letterhead()
        self.y = self.recipient("bill_to") + 16
        day = f"{self.rng.randint(1, 28):02}.{self.rng.randint(1, 12):02}.{self.rng.randint(2016, 2026)}"
        self.line(f"{self.draft.partner.party.address.city}, {day}", self.right, align="r")
        self.y += 12
        self.line(self._sentences("subject", 1), bold=True)
        self.y += 8
        for _ in range(self.rng.randint(1, 4)):
            self.paragraph(self._sentences("letter", self.rng.randint(2, 5)))
            self.y += 8
        self.line(self.style.word("sentences", "closing"))
        self.y += 20
        self.line(self.draft.issuer.manager)

    def _article(self) -> None:
        self.line(self._sentences("headline", 1), size=self.size * 1.8, bold=True)
        for _ in range(self.rng.randint(3, 12)):
            self.y += 6
            self.paragraph(self._sentences("article", self.rng.randint(3, 6)))

    def _minutes(self) -> None:
        self.line(self._sentences("minutes_title", 1), size=self.size * 1.5, bold=True)
        names = places()["names"]
        for _ in range(self.rng.randint(2, 5)):
            self.line(f"- {choice_of(self.rng, names['first'])} {choice_of(self.rng, names['last'])}")
        for number in range(1, self.rng.randint(3, 8)):
            self.y += 5
            self.line(f"{number}. {self._sentences('subject', 1)}", bold=True)
            self.paragraph(self._sentences("letter", self.rng.randint(1, 3)))

    def _code(self) -> None:
        names = _NAMES
        for _ in range(self.rng.randint(12, 50)):
            a, b = self.rng.choice(names), self.rng.choice(names)
            self.room(self.leading)
            self.line(
                self.rng.choice(
                    [
                        f"def {a}_{b}({b}):",
                        f"    {a} = {b} + {self.rng.randint(1, 99)}",
                        f"    return {a}.get('{b}', None)",
                        f"if ({a} > {b}) {{ {a} = 0; }}",
                        f"import {a}.{b}",
                        f"SELECT {a}, SUM({b}) FROM {a}s GROUP BY 1;",
                        f"<{a} id='{b}'>{self.rng.randint(1, 999)}</{a}>",
                        "}",
                        f"# {a} of {b}",
                    ]
                )
            )

    def _survey(self) -> None:
        self.line(self._sentences("survey_title", 1), size=self.size * 1.5, bold=True)
        for question in self.words["survey"].split(" | "):
            self.y += 8
            self.line(question)
            self.sheet.rule(self.left, self.y + 10, self.right)
            self.y += 12

    def _cv(self) -> None:
        names = places()["names"]
        self.line(
            f"{choice_of(self.rng, names['first'])} {choice_of(self.rng, names['last'])}", size=18, bold=True
        )
        for heading in self.words["cv"].split(" | "):
            self.y += 8
            self.line(heading, bold=True)
            for _ in range(self.rng.randint(1, 4)):
                year = self.rng.randint(1990, 2024)
                self.paragraph(f"{year} - {year + self.rng.randint(1, 6)}  {self._sentences('article', 1)}")

    def _mail(self) -> None:
        self.line(f"From: {self.draft.issuer.party.email}")
        self.line(f"To: {self.draft.partner.party.email}")
        self.line(f"Subject: {self._sentences('subject', 1)}")
        self.y += 8
        for _ in range(self.rng.randint(1, 4)):
            self.paragraph(self._sentences("letter", self.rng.randint(1, 4)))
            self.y += 6
        self.line(self.style.word("sentences", "closing"))

    def _table(self) -> None:
        self.line(self._sentences("table_title", 1), size=self.size * 1.4, bold=True)
        self.y += 6
        columns = self.rng.randint(3, 6)
        width = (self.right - self.left) / columns
        for _ in range(self.rng.randint(8, 40)):
            self.room(self.leading)
            for place in range(columns):
                cell = (
                    choice_of(self.rng, self.words["cells"]) if place == 0 else str(self.rng.randint(0, 9000))
                )
                self.sheet.put(self.left + place * width, self.y + self.size, cell)
            self.y += self.leading
