"""What business papers have in common: letterhead, address window, facts about the document, footer."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from abax.documents.contracts import BankAccount, Party
from abax.documents.synthetic.content import Draft
from abax.documents.synthetic.parties import Company
from abax.documents.synthetic.sheet import Rich, Segment, Sheet
from abax.documents.synthetic.style import Style

_WHIM = 0.06
"""How often a document departs from its house's habits."""
Fact = tuple[str, list[Segment]]
"""A label, and the value beside or below it."""


class Frame:
    """A paper with its cursor: ``y`` is where the next line's top is."""

    def __init__(
        self, draft: Draft, style: Style, rng: random.Random, issuer_path: str, partner_path: str
    ) -> None:
        self.draft, self.style, self.rng = draft, style, rng
        self.issuer_path, self.partner_path = issuer_path, partner_path
        width, height = style["page"] if draft.issuer.country != "US" else (612.0, 792.0)
        self.sheet = Sheet(width, height, style["family"], style["size"])
        self.left, self.right = style["margin"], width - style["margin"]
        self.size = style["size"]
        self.leading = self.size * 1.28
        self.y = 30.0
        self.bottom = height - 40.0
        self.printed_bank = False

    def chance(self, share: float, key: int) -> bool:
        """A choice that a house makes once, and seldom otherwise."""
        if self.rng.random() < _WHIM:
            return self.rng.random() < share
        name = self.draft.issuer.party.name
        return random.Random(f"{name}/{self.draft.language}/{key}").random() < share  # noqa: S311

    # ------------------------------------------------------------ flow

    def room(self, height: float) -> None:
        """Go on to a new page unless so much still fits."""
        if self.y + height > self.bottom:
            self.turn()

    def turn(self) -> None:
        """A new page with its short head."""
        self.footer()
        self.sheet.turn()
        self.y = 40.0
        if self.style["head"] in ("name", "left", "left_right"):
            self.line(self.name(self.draft.issuer.party, self.issuer_path), bold=True)
            self.y += 8
        self.bottom = self.sheet.height - 40.0
        self.reserve_footer()

    def line(
        self,
        rich: Rich,
        x: float | None = None,
        size: float | None = None,
        bold: bool = False,
        align: str = "l",
    ) -> None:
        """One line at the cursor."""
        size = size or self.size
        self.sheet.put(self.left if x is None else x, self.y + size, rich, size, bold, align)
        self.y += size * 1.28

    def paragraph(self, rich: Rich, width: float | None = None, size: float | None = None) -> None:
        """Text over as many lines as it needs."""
        for part in self.sheet.wrapped(rich, width or self.right - self.left, size):
            self.room(self.leading)
            self.line(part, size=size)

    # ------------------------------------------------------------ parties

    def name(self, party: Party, path: str) -> list[Segment]:
        """The party's name."""
        return [(party.name or "", f"{path}.name")]

    def place(self, party: Party, path: str) -> list[Segment]:
        """Postcode and town, in the country's order."""
        a = party.address
        code: Segment = (a.postcode or "", f"{path}.address.postcode")
        city: Segment = (a.city or "", f"{path}.address.city")
        country = a.country or ""
        if country == "US":
            return [city, (f", {a.region} ", f"{path}.address.region"), code]
        if country in ("GB", "IE", "AU"):
            return [city, (self.style.layout.get("town_gap", " "), None), code]
        prefix: list[Segment] = (
            [(f"{country}-", f"{path}.address.country")] if self.style["country_line"] == "prefix" else []
        )
        return [*prefix, code, (" ", None), city]

    def address(self, company: Company, party: Party, path: str) -> list[list[Segment]]:
        """Name and address, a line each."""
        lines: list[list[Segment]] = [
            self.name(party, path),
            [(party.address.street or "", f"{path}.address.street")],
            self.place(party, path),
        ]
        if self.style["country_line"] in ("name", "code") and (
            self.draft.issuer.country != self.draft.partner.country or self.chance(0.3, 1)
        ):
            shown = company.country_name if self.style["country_line"] == "name" else company.country
            lines.append([(shown, f"{path}.address.country")])
        return lines

    def contacts(self, company: Company, path: str) -> list[list[Segment]]:
        """Telephone, mail and web."""
        party = company.party
        rows: list[list[Segment]] = [
            [(f"{self.style.label('phone')} ", None), (party.phone or "", f"{path}.phone")]
        ]
        if self.chance(0.4, 2):
            rows.append([(f"{self.style.label('fax')} {company.fax}", None)])
        rows.append([(f"{self.style.label('email')} ", None), (party.email or "", f"{path}.email")])
        if self.chance(0.6, 3):
            rows.append([(company.web, None)])
        return rows

    def identifiers(self, company: Company, path: str) -> list[list[Segment]]:
        """Tax and register numbers."""
        party = company.party
        rows: list[list[Segment]] = []
        if party.vat_id:
            rows.append(
                [(f"{self.style.label('vat_id')} ", None), (self.vat(party.vat_id), f"{path}.vat_id")]
            )
        if party.tax_number and (not party.vat_id or self.chance(0.5, 4)):
            rows.append(
                [(f"{self.style.label('tax_number')} ", None), (party.tax_number, f"{path}.tax_number")]
            )
        if party.registration and self.chance(0.6, 5):
            rows.append(
                [(f"{self.style.label('registration')} ", None), (party.registration, f"{path}.registration")]
            )
        return rows

    def vat(self, number: str) -> str:
        """A VAT number as it is printed: with blanks, or in Italy and Poland without the country."""
        if number[:2] in ("PL", "IT", "ES") and self.style["country_line"] != "code":
            number = number[2:]
        if number.startswith("CHE"):
            return f"CHE-{number[3:6]}.{number[6:9]}.{number[9:]} MWST"
        return f"{number[:2]} {number[2:]}" if self.style["spaced_vat"] and number[:2].isalpha() else number

    def bank_rows(self, bank: BankAccount, path: str = "bank_accounts[0]") -> list[list[Segment]]:
        """Bank, account and code, a line each."""
        style = self.style
        self.printed_bank = True
        rows: list[list[Segment]] = []
        if bank.bank_name:
            rows.append([(bank.bank_name, f"{path}.bank_name")])
        if bank.iban:
            shown = bank.iban
            if style["spaced_iban"]:
                shown = " ".join(shown[i : i + 4] for i in range(0, len(shown), 4))
            rows.append([(f"{style.label('iban')} ", None), (shown, f"{path}.iban")])
        if bank.account_number:
            rows.append(
                [(f"{style.label('account')} ", None), (bank.account_number, f"{path}.account_number")]
            )
        if bank.bic:
            rows.append([(f"{style.label('bic')} ", None), (bank.bic, f"{path}.bic")])
        return rows

    def bank_blocks(self, accounts: Sequence[BankAccount]) -> list[list[Segment]]:
        """All accounts, one below the other."""
        return [
            row
            for place, one in enumerate(accounts)
            for row in self.bank_rows(one, f"bank_accounts[{place}]")
        ]

    # ------------------------------------------------------------ letterhead

    def letterhead(self) -> None:
        """The issuer's name and perhaps address, in one of eight ways."""
        kind, company, path = self.style["head"], self.draft.issuer, self.issuer_path
        big = self.size * self.style["head_scale"]
        rows: list[list[Segment]] = []
        if kind not in ("none", "name") or self.style["foot"] == "none":
            rows += self.address(company, company.party, path)[1:]
        if self.style["head_contact"]:
            rows += self.contacts(company, path)
        if self.style["head_ids"] or self.style["foot"] in ("none", "line"):
            rows += self.identifiers(company, path)
        if kind == "none":
            self.y += 20
            if self.style["foot"] == "none":
                kind = "left"
            else:
                return
        if kind == "left_right":
            self._two_sided(rows, big)
            return
        x, align = {"right": (self.right, "r"), "centre": (self.sheet.width / 2, "c")}.get(
            kind, (self.left, "l")
        )
        top = self.y
        if kind == "band":
            self.sheet.box(0, 0, self.sheet.width, top + big * 1.6, colour=self.style["colour"])
        if self.style["logo"] and kind in ("left", "right"):
            size = self.style["logo_size"]
            away = self.right - size if kind == "left" else self.left
            self.sheet.box(away, top, away + size * 1.4, top + size, colour=self.style["colour"])
        self.line(self.name(company.party, path), x, big, True, align)
        if company.slogan:
            self.line(company.slogan, x, self.size * 0.9, False, align)
        for row in rows:
            self.line(row, x, self.size * 0.9, False, align)
        if kind == "boxed":
            self.sheet.box(self.left - 6, top - 2, self.right + 6, self.y + 4)
        self.y += 14

    def _two_sided(self, rows: list[list[Segment]], big: float) -> None:
        top = self.y
        self.line(self.name(self.draft.issuer.party, self.issuer_path), None, big, True)
        low, self.y = self.y, top
        for row in rows:
            self.line(row, self.right, self.size * 0.85, False, "r")
        self.y = max(low, self.y) + 4
        self.sheet.rule(self.left, self.y, self.right)
        self.y += 12

    # ------------------------------------------------------------ recipient

    def recipient(self, label_key: str, extra: Sequence[list[Segment]] = ()) -> float:
        """The address window. Gives where it ends; the cursor stays at its top, for what stands beside it."""
        style, partner = self.style, self.draft.partner
        party = self._partner_party()
        x = self.left if style["recipient"] == "left" else self.left + (self.right - self.left) * 0.55
        top = self.y
        if style["sender_line"]:
            self._sender_line(x)
        if style["recipient_label"]:
            self.line(style.label(label_key), x, self.size, self.chance(0.5, 6))
        for row in [*self.address(partner, party, self.partner_path), *extra]:
            self.line(row, x)
        if style["recipient_box"]:
            self.sheet.box(x - 5, top - 3, x + (self.right - self.left) * 0.44, self.y + 5)
        end, self.y = self.y, top
        return end

    def _partner_party(self) -> Party:
        contract: Any = self.draft.contract
        found = getattr(contract, self.partner_path.split(".")[0], None)
        return found if isinstance(found, Party) else self.draft.partner.party

    def _sender_line(self, x: float) -> None:
        company, path = self.draft.issuer, self.issuer_path
        mark = self.style["mark"]
        row: list[Segment] = [*self.name(company.party, path), (mark, None)]
        row += [(company.party.address.street or "", f"{path}.address.street"), (mark, None)]
        self.line([*row, *self.place(company.party, path)], x, self.size * 0.7)
        self.y += 4

    # ------------------------------------------------------------ facts

    def facts(self, facts: list[Fact], beside: float) -> None:
        """Labels with their values, in one of the ways that a style has; ``beside`` is where the address
        window ends."""
        kind = self.style["meta"]
        if kind in ("grid", "strip"):
            self.y = max(self.y, beside) + 10
            self._strip(facts, boxed=kind == "grid")
            return
        if kind == "inline":
            self.y = max(self.y, beside) + 10
            self._inline(facts)
            return
        if kind == "two_columns":
            self.y = max(self.y, beside) + 10
            half = (len(facts) + 1) // 2
            top = self.y
            self._list(facts[:half], self.left, 0.2)
            low, self.y = self.y, top
            self._list(facts[half:], self.left + (self.right - self.left) * 0.52, 0.2)
            self.y = max(low, self.y)
            return
        free_right = self.style["recipient"] == "left"
        if free_right or kind == "sentence":
            self._list(facts, self.left + (self.right - self.left) * (0.6 if free_right else 0.0), 0.2)
        else:
            self._list(facts, self.left, 0.24)
        self.y = max(self.y, beside)

    def _list(self, facts: list[Fact], x: float, share: float) -> None:
        width = max([self.sheet.measure(label) for label, _ in facts], default=0) + 8
        step = max(width, (self.right - self.left) * share)
        for label, value in facts:
            self.sheet.put(x, self.y + self.size, label)
            if self.style["meta_align"] == "r":
                at = min(self.right, x + step + (self.right - self.left) * 0.2)
                self.sheet.put(at, self.y + self.size, value, align="r")
            else:
                self.sheet.put(x + step, self.y + self.size, value)
            self.y += self.leading

    def _strip(self, facts: list[Fact], boxed: bool) -> None:
        per_row = self.style["strip"] if len(facts) > 4 else max(len(facts), 1)
        width = (self.right - self.left) / per_row
        small = self.size * 0.82
        for start in range(0, len(facts), per_row):
            for place, (label, value) in enumerate(facts[start : start + per_row]):
                x = self.left + place * width + 3
                self.sheet.put(x, self.y + small + 2, label.rstrip(" :"), small, grey=0.3)
                for row, part in enumerate(self.sheet.wrapped(value, width - 6)[:2]):
                    self.sheet.put(x, self.y + small + 4 + self.size * (1 + row), part)
                if boxed:
                    self.sheet.box(x - 3, self.y, x - 3 + width, self.y + small + self.size * 2 + 10)
            self.y += small + self.size * 2 + 10

    def _inline(self, facts: list[Fact]) -> None:
        row: list[Segment] = []
        for label, value in facts:
            piece: list[Segment] = [(f"{label} ", None), *value, ("    ", None)]
            if sum(self.sheet.measure(text) for text, _ in row + piece) > self.right - self.left and row:
                self.line(row)
                row = []
            row += piece
        if row:
            self.line(row)

    # ------------------------------------------------------------ title and footer

    def title(self, text: str, number: list[Segment], beside: bool = False) -> None:
        """The document's title, perhaps with its number."""
        style = self.style
        shown = text.upper() if style["upper_title"] else text
        rich: list[Segment] = [(shown, "type"), *number]
        size = style["title_size"]
        while self.sheet.measure(shown, size, True) > (self.right - self.left) * 0.8:
            size *= 0.85
        place = style["title_place"]
        if place == "centre":
            self.line(rich, self.sheet.width / 2, size, True, "c")
        elif place == "top_right" and not beside:
            self.line(rich, self.right, size, True, "r")
        else:
            self.line(rich, None, size, True)
        self.y += self.size * 0.6

    def footer_height(self) -> float:
        """What the footer takes."""
        rows = {"columns": 5, "labelled": 6, "lines": 3, "line": 1, "none": 0}[self.style["foot"]]
        return float(rows * self.style["foot_size"] * 1.3 + 14)

    def reserve_footer(self) -> None:
        """Keep the footer's room free on this page."""
        self.bottom = self.sheet.height - 30 - self.footer_height()

    def footer(self) -> None:
        """Address, contact, bank and register at the page's foot."""
        style, company = self.style, self.draft.issuer
        kind, size = style["foot"], style["foot_size"]
        path = self.issuer_path
        y = self.sheet.height - 26 - self.footer_height()
        bank = self._foot_bank()
        address: list[list[Segment]] = [list(row) for row in self.address(company, company.party, path)]
        blocks = [
            address,
            self.contacts(company, path),
            bank,
            [*self._management(), *self.identifiers(company, path)],
        ]
        if kind in ("columns", "labelled"):
            shown = [block for block in blocks if block][-style["foot_columns"] :]
            if self.chance(0.5, 7):
                self.sheet.rule(self.left, y - 2, self.right)
            self._foot_columns(shown, y, size)
        elif kind in ("line", "lines"):
            mark: Segment = (self.style["mark"], None)
            groups = [[part for row in block for part in (*row, mark)][:-1] for block in blocks if block]
            if kind == "line":
                groups = groups[:1]
            for row, group in enumerate(groups[:4]):
                while (
                    self.sheet.measure("".join(t for t, _ in group), size) > self.right - self.left
                    and len(group) > 2
                ):
                    group = group[:-2]
                self.sheet.put(
                    self.sheet.width / 2, y + (row + 1) * size * 1.3, group, size, align="c", grey=0.2
                )

    def _foot_columns(self, shown: list[list[list[Segment]]], y: float, size: float) -> None:
        width = (self.right - self.left) / max(len(shown), 1)
        for place, block in enumerate(shown):
            for row, segments in enumerate(block[:7]):
                fitted = size
                text = "".join(part for part, _ in segments)
                while self.sheet.measure(text, fitted) > width - 4 and fitted > 4.5:
                    fitted *= 0.94
                self.sheet.put(
                    self.left + place * width, y + (row + 1) * size * 1.3, segments, fitted, grey=0.15
                )

    def _management(self) -> list[list[Segment]]:
        if self.draft.issuer.country in ("DE", "AT", "CH", "NL"):
            return [[(f"{self.style.label('manager')} {self.draft.issuer.manager}", None)]]
        return []

    def _foot_bank(self) -> list[list[Segment]]:
        contract: Any = self.draft.contract
        accounts = getattr(contract, "bank_accounts", ())
        own = self.issuer_path == "seller"
        if accounts and own and self.style["bank_place"] == "foot":
            return self.bank_blocks(accounts)
        if not accounts and own and self.chance(0.5, 8):
            rows = self.bank_rows(self.draft.issuer.bank)
            return [[(text, None) for text, _ in row] for row in rows]
        return []

    def number_pages(self) -> None:
        """Page numbers, once it is known how many there are."""
        place = self.style["page_number"]
        leaves = self.sheet.leaves
        template = self.style.word("labels", "page")
        if place == "none" or (len(leaves) == 1 and self.chance(0.5, 9)):
            return
        for number in range(1, len(leaves) + 1):
            self.sheet.leaves.append(self.sheet.leaves.pop(0))
            text = template.format(n=number, m=len(leaves))
            x, align = (self.right, "r") if place != "foot" else (self.sheet.width / 2, "c")
            y = 24 if place in ("head", "meta") else self.sheet.height - 12
            self.sheet.put(x, y, text, self.size * 0.85, align=align)

    def each(self, rows: Sequence[Rich], draw: Callable[[Rich], None]) -> None:
        """Draw all rows."""
        for row in rows:
            draw(row)
