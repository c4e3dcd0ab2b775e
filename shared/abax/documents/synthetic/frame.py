"""What business papers have in common: letterhead, address window, facts about the document, footer."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from abax.documents.contracts import BankAccount, Party
from abax.documents.synthetic.content import Draft
from abax.documents.synthetic.parties import Company, choice_of, places
from abax.documents.synthetic.sheet import Rich, Segment, Sheet
from abax.documents.synthetic.style import Style

_WHIM = 0.06
"""How often a document departs from its house's habits."""
Fact = tuple[str, list[Segment]]
"""A label, and the value beside or below it."""
_OWNER = {
    "en": "t/a", "de": "Inh.", "fr": "Gérant :", "es": "Titular:", "it": "Titolare:", "nl": "h/o",
    "pl": "Właściciel:",
}  # fmt: skip
_ATTENTION = {
    "en": "Attn. | Attention: | c/o | FAO",
    "de": "z. Hd. Frau | z. Hd. Herrn | c/o | z. H.",
    "fr": "À l'attention de | à l'att. de M. | A l'att. de Mme | c/o",
    "es": "A la atención de | Att. | Atn. D.",
    "it": "Alla c.a. di | c.a. Sig. | Att.ne | c/o",
    "nl": "t.a.v. | T.a.v. mevr. | c/o",
    "pl": "do rąk | Sz. P. | c/o",
}
_ROOMS = {
    "en": "Accounts Payable | Purchasing Department | Finance Department | The Bursar",
    "de": "Buchhaltung | Abteilung Einkauf | Rechnungseingang | Kreditorenbuchhaltung",
    "fr": "Service comptabilité | Service achats | Direction financière",
    "es": "Dpto. de Contabilidad | Departamento de Compras | Administración",
    "it": "Ufficio acquisti | Ufficio contabilità | Amministrazione",
    "nl": "Afdeling Inkoop | Crediteurenadministratie | Boekhouding",
    "pl": "Dział zakupów | Księgowość | Dział finansowy",
}
_PLACE_AND_DAY = {
    "en": (("", ", "), ("", ", ")),
    "de": (("", ", den "), ("", ", ")),
    "fr": (("", ", le "), ("Fait à ", ", le ")),
    "es": (("En ", ", a "), ("", ", ")),
    "it": (("", ", "), ("", ", lì ")),
    "nl": (("", ", "), ("", ", ")),
    "pl": (("", ", dnia "), ("", ", ")),
}
_COURTS = {"DE": "Amtsgericht", "AT": "Handelsgericht", "FR": "RCS"}
_BARE = ("PL", "IT", "ES", "BE", "GB", "FR")
"""Countries whose own companies leave the country out of their number."""
_NATIONAL: dict[str, Callable[[str], str]] = {
    "PL": lambda n: f"{n[:3]}-{n[3:6]}-{n[6:8]}-{n[8:]}",
    "ES": lambda n: f"{n[0]}-{n[1:]}",
    "BE": lambda n: f"{n[:4]}.{n[4:7]}.{n[7:]}",
    "NL": lambda n: f"{n[:4]}.{n[4:6]}.{n[6:9]}.{n[9:]}",
    "GB": lambda n: f"{n[:3]} {n[3:7]} {n[7:]}",
    "DE": lambda n: f"{n[:3]} {n[3:6]} {n[6:]}",
    "FR": lambda n: f"{n[:2]} {n[2:5]} {n[5:8]} {n[8:]}",
}
"""How the part behind the country is written at home."""


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
        self.low = 0.0
        """Where a letterhead ends that stands beside the address window."""
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

    def _places(self, party: Party, path: str) -> list[list[Segment]]:
        """Town and postcode in one line, or as British and Irish post has them: apart, in capitals, with the
        county between them."""
        a, form = party.address, self.style["british"]
        if a.country not in ("GB", "IE") or form == "joined":
            return [self.place(party, path)]
        town = (a.city or "").upper() if form in ("capitals", "county capitals") else a.city or ""
        rows: list[list[Segment]] = [[(town, f"{path}.address.city")]]
        if a.region and form.startswith("county"):
            rows.append([(a.region, f"{path}.address.region")])
        code: Segment = (a.postcode or "", f"{path}.address.postcode")
        if form == "county beside" and a.region:
            rows[-1] += [(" ", None), code]
            return rows
        return [*rows, [code]]

    def address(self, company: Company, party: Party, path: str) -> list[list[Segment]]:
        """Name and address, a line each, or street and town in one; people and departments among them."""
        street: list[Segment] = [(party.address.street or "", f"{path}.address.street")]
        lines: list[list[Segment]] = [self.name(party, path)]
        if self.style["one_line"]:
            lines.append([*street, (self.style["mark"], None), *self.place(party, path)])
        else:
            lines += [street, *self._places(party, path)]
        if party.address.additional:
            above = len(lines) == 2 or self.chance(0.5, 41)
            lines.insert(1 if above else 2, [(party.address.additional, f"{path}.address.additional")])
        if path == self.partner_path:
            lines = self._with_person(lines)
        elif self.style["owner"] and len(lines) > 2:
            lines.insert(1, [(f"{_OWNER[self.draft.language]} {company.manager}", None)])
        if self.style["country_line"] in ("name", "code") and (
            self.draft.issuer.country != self.draft.partner.country or self.chance(0.3, 1)
        ):
            shown = company.country_name if self.style["country_line"] == "name" else company.country
            lines.append([(shown, f"{path}.address.country")])
        return lines

    def _with_person(self, lines: list[list[Segment]]) -> list[list[Segment]]:
        """To whose attention: a person or a department, above or below the company."""
        if self.rng.random() > 0.2:
            return lines
        names = places()["names"]
        person = f"{choice_of(self.rng, names['first'])} {choice_of(self.rng, names['last'])}"
        attention = choice_of(self.rng, _ATTENTION[self.draft.language])
        room = choice_of(self.rng, _ROOMS[self.draft.language])
        row = self.rng.choice([f"{attention} {person}", room, person])
        place = 0 if row == person and self.rng.random() < 0.6 else 1
        return [*lines[:place], [(row, None)], *lines[place:]]

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
            court = f"{_COURTS[company.country]} {party.address.city}, " if company.country in _COURTS else ""
            label = court if court and self.chance(0.5, 33) else f"{self.style.label('registration')} "
            rows.append([(label, None), (party.registration, f"{path}.registration")])
        return rows

    def vat(self, number: str) -> str:
        """A VAT number as it is printed: with blanks and stops, or without the country at home."""
        form, country = self.style["vat_form"], number[:2]
        if number.startswith("CHE"):
            tail = self.style["vat_tail"]
            return f"CHE-{number[3:6]}.{number[6:9]}.{number[9:]}{tail}"
        body = number[2:]
        if form == "national" and country in _NATIONAL:
            body = _NATIONAL[country](body)
        if country in _BARE and form != "plain" and country == self.draft.issuer.country:
            return body
        return f"{country} {body}" if form == "spaced" else country + body

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
        if kind == "side" and not self._window_is_left():
            kind = "right"
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
        if kind == "side":
            self._beside_window(rows, big)
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
        if self.style["head_joined"] and len(rows) > 1:
            rows = self._joined(rows)
        for row in rows:
            self.line(row, x, self.size * 0.9, False, align)
        if kind == "boxed":
            self.sheet.box(self.left - 6, top - 2, self.right + 6, self.y + 4)
        self.y += 14

    def _joined(self, rows: list[list[Segment]]) -> list[list[Segment]]:
        """The rows one after another, with marks between them, over as few lines as hold them."""
        lines: list[list[Segment]] = [[]]
        for row in rows:
            longer = [*lines[-1], (self.style["mark"], None), *row] if lines[-1] else row
            wide = self.sheet.measure("".join(text for text, _ in longer), self.size * 0.9)
            if lines[-1] and wide > (self.right - self.left) * 0.9:
                lines.append(row)
            else:
                lines[-1] = longer
        return lines

    def _window_is_left(self) -> bool:
        return bool(self.style["recipient"] == "left")

    def _beside_window(self, rows: list[list[Segment]], big: float) -> None:
        """The name on top, all else in a column at the right, as high as the address window."""
        right = self.chance(0.6, 34)
        name = self.name(self.draft.issuer.party, self.issuer_path)
        self.line(name, self.right if right else None, big, True, "r" if right else "l")
        self.y += 12
        top, x = self.y, self.left + (self.right - self.left) * 0.68
        if self.chance(0.5, 35):
            self.line(name, x, self.size * 0.85, True)
        loose = self.size * 0.4 if self.chance(0.3, 36) else 0.0
        for row in rows:
            self.line(row, x, self.size * 0.85)
            self.y += loose
        self.low, self.y = self.y, top

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
        if self.low:
            end = self.y = max(end, self.low) + 6
            self.low = 0.0
        return end

    def place_and_day(self, day: date) -> None:
        """``Leipzig, den 3. März 2026``, as letters have it."""
        city = self.draft.issuer.party.address.city or ""
        before, between = _PLACE_AND_DAY[self.draft.language][self.chance(0.5, 37)]
        row: list[Segment] = [(f"{before}{city}{between}", None), (self.style.day(day), "issue_date")]
        if self.chance(0.7, 38):
            self.line(row, self.right, align="r")
        else:
            self.line(row)

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
        if kind in ("inline", "cells"):
            self.y = max(self.y, beside) + 10
            self._inline(facts) if kind == "inline" else self.cells(facts)
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
                shown = label.rstrip(" :")
                fitted = small * min(1.0, (width - 6) / (self.sheet.measure(shown, small) or 1.0))
                self.sheet.put(x, self.y + small + 2, shown, fitted, grey=0.3)
                for row, part in enumerate(self.sheet.wrapped(value, width - 6)[:2]):
                    self.sheet.put(x, self.y + small + 4 + self.size * (1 + row), part)
                if boxed:
                    self.sheet.box(x - 3, self.y, x - 3 + width, self.y + small + self.size * 2 + 10)
            self.y += small + self.size * 2 + 10

    def cells(self, facts: Sequence[Fact]) -> None:
        """Labels with their values behind them, some beside one another, as in a form."""
        per_row = min(self.style["strip"], max(len(facts), 1))
        width = (self.right - self.left) / per_row
        boxed = self.chance(0.5, 39)
        for start in range(0, len(facts), per_row):
            row = [[(f"{label} ", None), *value] for label, value in facts[start : start + per_row]]
            parts = [self.sheet.wrapped(one, width - 8) for one in row]
            height = max(len(one) for one in parts) * self.leading + 6
            self.room(height)
            for place, lines in enumerate(parts):
                x = self.left + place * width
                for at, part in enumerate(lines):
                    self.sheet.put(x + 3, self.y + self.size + at * self.leading, part)
                if boxed:
                    self.sheet.box(x, self.y - 2, x + width, self.y + height - 2)
            self.y += height

    def _inline(self, facts: list[Fact]) -> None:
        row: list[Segment] = []
        mark = self.style["fact_mark"]
        for label, value in facts:
            piece: list[Segment] = [(f"{label} ", None), *value, (mark, None)]
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
        whole = shown + "".join(text for text, _ in number)
        while self.sheet.measure(whole, size, True) > (self.right - self.left) * 0.9:
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
