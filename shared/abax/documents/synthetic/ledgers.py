"""Payment advices, account statements, journal vouchers and master-data forms on paper."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from abax.documents.contracts import (
    AccountStatement,
    JournalVoucher,
    MasterDataForm,
    PaymentAdvice,
    StatementEntry,
)
from abax.documents.synthetic.content import Draft
from abax.documents.synthetic.frame import Fact, Frame
from abax.documents.synthetic.sheet import Rich, Segment, Sheet
from abax.documents.synthetic.style import Style
from abax.documents.synthetic.table import Column, Grid, Row

_ZERO = Decimal(0)


def paint(draft: Draft, style: Style, rng: random.Random) -> Sheet:
    """The document on as many pages as it needs."""
    match draft.contract:
        case PaymentAdvice():
            return _Advice(draft, style, rng, "payer", "payee").painted(draft.contract)
        case AccountStatement():
            return _Statement(draft, style, rng, "issuer", "holder").painted(draft.contract)
        case JournalVoucher():
            return _Voucher(draft, style, rng, "company", "company").painted(draft.contract)
        case MasterDataForm():
            return _Form(draft, style, rng, "", "party").painted(draft.contract)
    raise TypeError(draft.contract.type)


def _amount_column(frame: Frame, key: str, heading: str) -> Column:
    return Column(key, frame.style.word("columns", heading), "r")


class _Advice(Frame):
    def painted(self, doc: PaymentAdvice) -> Sheet:
        style = self.style
        self.reserve_footer()
        self.letterhead()
        beside = self.recipient("supplier")
        as_letter = self.chance(0.3, 241)
        facts: list[Fact] = []
        if not as_letter:
            facts.append((style.label("payment_advice_number"), [(doc.number or "", "number")]))
        if as_letter and doc.issue_date:
            self.y = beside + 6
            self.place_and_day(doc.issue_date)
            beside = self.y
        elif doc.issue_date and self.chance(0.6, 25):
            facts.append((style.label("date"), [(style.day(doc.issue_date), "issue_date")]))
        if doc.payment_date:
            facts.append((style.label("payment_date"), [(style.day(doc.payment_date), "payment_date")]))
        if doc.payee.identifier:
            facts.append((style.label("supplier_number"), [(doc.payee.identifier, "payee.identifier")]))
        self.facts(facts, beside)
        self.y += 8
        number: list[Segment] = [(" ", None), (doc.number or "", "number")] if as_letter else []
        self.title(style.word("titles", "payment_advice"), number, beside=True)
        self.paragraph(style.sentence("intro_payment_advice"))
        self.y += 6
        self._table(doc)
        self.y += 6
        label = style.word("totals", "payment_total")
        total = style.money(doc.total or _ZERO, "total", True)
        self.room(30)
        y = self.y + self.size
        at = self.right - self.sheet.measure("".join(t for t, _ in total), bold=True) - 12
        self.sheet.put(at, y, label + style["colon"], bold=True, align="r")
        self.sheet.put(self.right - 5, y, total, bold=True, align="r")
        self.y += 24
        if doc.bank_accounts:
            for row in self.bank_rows(doc.bank_accounts[0]):
                self.line(row)
        self.footer()
        self.number_pages()
        return self.sheet

    def _table(self, doc: PaymentAdvice) -> None:
        style = self.style
        deductions = any(item.deduction for item in doc.remittances)
        columns = [Column("document_number", style.word("columns", "document"), "l", True)]
        columns.append(Column("document_date", style.word("columns", "date")))
        if any(item.text for item in doc.remittances):
            columns.append(Column("text", style.word("columns", "text")))
        columns.append(_amount_column(self, "gross", "gross_amount"))
        if deductions or self.chance(0.2, 242):
            columns.append(_amount_column(self, "deduction", "deduction"))
        columns.append(_amount_column(self, "paid", "paid"))
        if self.chance(0.4, 26):
            columns[0], columns[1] = columns[1], columns[0]
        rows: list[Row] = []
        for place, item in enumerate(doc.remittances):
            path = f"remittances[{place}]"
            row: Row = {
                "document_number": [[(item.document_number or "", f"{path}.document_number")]],
                "document_date": [[(style.day(item.document_date), f"{path}.document_date")]]
                if item.document_date
                else [],
                "gross": [[(style.amount(item.gross or _ZERO), f"{path}.gross")]],
                "paid": [[(style.amount(item.paid or _ZERO), f"{path}.paid")]],
            }
            row["text"] = [[(item.text, f"{path}.text")]] if item.text else []
            none: list[Rich] = [style.amount(_ZERO)] if self.chance(0.4, 243) else []
            row["deduction"] = (
                [[(style.amount(item.deduction), f"{path}.deduction")]] if item.deduction else none
            )
            rows.append(row)
        Grid(self, columns, rows).draw()


class _Statement(Frame):
    def painted(self, doc: AccountStatement) -> Sheet:
        style = self.style
        of_bank = self.draft.title == "bank_statement"
        self.number = self._numbered(doc)
        self.short_days = self.chance(0.3, 253)
        self.sided = of_bank and self.chance(0.3, 254)
        self.two_rows = of_bank and self.chance(0.3, 255)
        self.reserve_footer()
        self.letterhead()
        beside = self.recipient("bill_to")
        self.facts(self._facts(doc), beside)
        self.y += 10
        self.title(style.word("titles", self.draft.title), self.number, beside=True)
        if style["intro"]:
            self.paragraph(style.sentence("intro_account_statement"))
        opening = self._balanced(doc.opening_balance or _ZERO, "opening_balance")
        closing = self._balanced(doc.closing_balance or _ZERO, "closing_balance")
        in_table = self.chance(0.4, 27)
        if not in_table:
            self._balance("opening", opening)
        self._table(doc, opening if in_table else None, closing if in_table else None)
        if not in_table:
            self._balance("closing", closing)
        self.footer()
        self.number_pages()
        return self.sheet

    def _numbered(self, doc: AccountStatement) -> list[Segment]:
        """``4/2026`` behind the title, in some houses."""
        if not self.chance(0.25, 251):
            return []
        year = f"/{doc.period_end.year}" if doc.period_end and self.chance(0.5, 252) else ""
        return [(" ", None), (doc.number or "", "number"), (year, None)]

    def _day(self, day: date) -> str:
        """The day of an entry: banks leave the year out."""
        if not self.short_days:
            return self.style.day(day)
        if self.draft.issuer.country == "US":
            return f"{day.month:02}/{day.day:02}"
        return (
            f"{day.day:02}.{day.month:02}." if self.style.dates.count(".") else f"{day.day:02}/{day.month:02}"
        )

    def _facts(self, doc: AccountStatement) -> list[Fact]:
        style = self.style
        facts: list[Fact] = []
        if self.chance(0.8, 28) and not self.number:
            facts.append((style.label("statement_number"), [(doc.number or "", "number")]))
        if doc.issue_date:
            facts.append((style.label("date"), [(style.day(doc.issue_date), "issue_date")]))
        if doc.period_start and doc.period_end and self.chance(0.85, 29):
            span: list[Segment] = [(style.day(doc.period_start), "period_start"), (" - ", None)]
            facts.append((style.label("period"), [*span, (style.day(doc.period_end), "period_end")]))
        if doc.account.iban or doc.account.account_number:
            for row in self.bank_rows(doc.account, "account"):
                facts.append((row[0][0].strip(), row[1:]))
        if doc.holder.identifier:
            facts.append((style.label("customer_number"), [(doc.holder.identifier, "holder.identifier")]))
        return facts

    def _balanced(self, value: Decimal, path: str) -> list[Segment]:
        """A balance with its sign, or with the letter of its side."""
        if not self.sided:
            return self.style.money(value, path, True)
        sides = {"de": "SH", "en": ("DR", "CR"), "it": "DA", "es": "DH", "fr": "DC", "nl": "DC", "pl": "WM"}
        side = sides[self.draft.language][value >= 0]
        return [(self.style.amount(abs(value)), path), (f" {side}", None)]

    def _balance(self, key: str, value: list[Segment]) -> None:
        self.y += 6
        self.room(24)
        y = self.y + self.size
        self.sheet.put(self.left, y, self.style.word("totals", key), bold=True)
        self.sheet.put(self.right - 5, y, value, bold=True, align="r")
        self.y += self.leading + 4

    def _table(self, doc: AccountStatement, opening: Rich | None, closing: Rich | None) -> None:
        style = self.style
        kind = self.rng.choice(["two", "two", "signed", "two_balance", "signed_balance", "marks"])
        columns = [Column("booked", style.word("columns", "date"))]
        if any(entry.value_date for entry in doc.entries) and kind != "marks":
            columns.append(
                Column("value_date", "Valuta" if self.draft.language in ("de", "it", "fr", "nl") else "Value")
            )
        if any(entry.document_number for entry in doc.entries):
            columns.append(Column("document_number", style.word("columns", "document")))
        columns.append(Column("text", style.word("columns", "text"), "l", True))
        if kind.startswith("two"):
            columns += [_amount_column(self, "debit", "debit"), _amount_column(self, "credit", "credit")]
        else:
            columns.append(_amount_column(self, "amount", "net_amount"))
        if kind.endswith("balance"):
            columns.append(_amount_column(self, "balance", "balance"))
        rows = [self._row(place, entry, kind) for place, entry in enumerate(doc.entries)]
        last = columns[-1].key
        if opening:
            rows.insert(0, {"text": [style.word("totals", "opening")], last: [opening]})
        if closing:
            rows.append({"text": [style.word("totals", "closing")], last: [closing]})
        Grid(self, columns, rows).draw()

    def _row(self, place: int, entry: StatementEntry, kind: str) -> Row:
        style, path = self.style, f"entries[{place}]"
        amount = entry.amount or _ZERO
        of_bank = self.draft.title == "bank_statement"
        row: Row = {
            "booked": [[(self._day(entry.booked), f"{path}.booked")]] if entry.booked else [],
            "value_date": [[(self._day(entry.value_date), f"{path}.value_date")]] if entry.value_date else [],
            "document_number": [[(entry.document_number or "", f"{path}.document_number")]],
            "text": self._texts(entry, path),
            "balance": [[(style.amount(entry.balance or _ZERO), f"{path}.balance")]],
        }
        if kind == "marks":
            sign = (
                ("+" if amount >= 0 else "-")
                if self.draft.language != "de"
                else ("H" if amount >= 0 else "S")
            )
            row["amount"] = [[(style.amount(abs(amount)), f"{path}.amount"), (f" {sign}", None)]]
        else:
            row["amount"] = [[(style.amount(amount), f"{path}.amount")]]
        raises = "credit" if of_bank else "debit"
        side = raises if amount >= 0 else ("debit" if raises == "credit" else "credit")
        row[side] = [[(style.amount(abs(amount)), f"{path}.amount")]]
        return row

    def _texts(self, entry: StatementEntry, path: str) -> list[Rich]:
        """What a booking says; banks put its kind on a line of its own."""
        text: list[Rich] = [[(entry.text or "", f"{path}.text")]]
        if not self.two_rows:
            return text
        kinds = _BOOKINGS[self.draft.language]
        return [kinds[(entry.amount or _ZERO) >= 0], *text]


_BOOKINGS = {
    "en": ("Direct debit", "Credit transfer"),
    "de": ("Basislastschrift", "Gutschrift Überweisung"),
    "fr": ("Prélèvement", "Virement reçu"),
    "es": ("Adeudo", "Transferencia recibida"),
    "it": ("Addebito SDD", "Bonifico a vostro favore"),
    "nl": ("Incasso", "Bijschrijving"),
    "pl": ("Polecenie zapłaty", "Przelew przychodzący"),
}


class _Voucher(Frame):
    def painted(self, doc: JournalVoucher) -> Sheet:
        style = self.style
        self.letterhead_small()
        self.title(style.word("titles", "journal_voucher"), [])
        facts: list[Fact] = [(style.label("voucher_number"), [(doc.number or "", "number")])]
        if doc.posting_date:
            facts.append((style.label("posting_date"), [(style.day(doc.posting_date), "posting_date")]))
        if doc.issue_date:
            facts.append((style.label("date"), [(style.day(doc.issue_date), "issue_date")]))
        facts.append((style.label("currency"), [(doc.currency or "", "currency")]))
        if style["meta"] in ("grid", "strip", "inline", "cells", "two_columns"):
            self.facts(facts, self.y)
        else:
            self._list(facts, self.left, 0.25)
        self.y += 10
        self._table(doc)
        self.y += 24
        self.room(40)
        for key, name, path in (
            ("prepared_by", doc.prepared_by, "prepared_by"),
            ("approved_by", doc.approved_by, "approved_by"),
        ):
            if name and self.chance(0.8, 30):
                self.line([(f"{style.label(key)} ", None), (name, path)])
        self.number_pages()
        return self.sheet

    def letterhead_small(self) -> None:
        """Only the company's name."""
        self.line(self.name(self.draft.issuer.party, "company"), bold=True)
        self.y += 10

    def _table(self, doc: JournalVoucher) -> None:
        style = self.style
        columns = [Column("account", style.word("columns", "gl_account"))]
        if self.chance(0.7, 31):
            columns.append(Column("account_name", style.word("columns", "account_name"), "l", True))
        columns.append(Column("text", style.word("columns", "text"), "l", True))
        if any(line.cost_center for line in doc.lines):
            columns.append(Column("cost_center", style.word("columns", "cost_center")))
        columns += [_amount_column(self, "debit", "debit"), _amount_column(self, "credit", "credit")]
        rows: list[Row] = []
        for place, line in enumerate(doc.lines):
            path = f"lines[{place}]"
            row: Row = {}
            for key in ("account", "account_name", "text", "cost_center"):
                value = getattr(line, key)
                row[key] = [[(value, f"{path}.{key}")]] if value else []
            for key in ("debit", "credit"):
                value = getattr(line, key)
                row[key] = [[(style.amount(value), f"{path}.{key}")]] if value is not None else []
            rows.append(row)
        rows.append(
            {
                "text": [style.word("totals", "voucher_total")],
                "debit": [[(style.amount(doc.total_debit or _ZERO), "total_debit")]],
                "credit": [[(style.amount(doc.total_credit or _ZERO), "total_credit")]],
            }
        )
        Grid(self, columns, rows).draw()


class _Form(Frame):
    def painted(self, doc: MasterDataForm) -> Sheet:
        style = self.style
        self.line(self.draft.issuer.party.name or "", bold=True)
        self.y += 8
        self.title(style.word("titles", self.draft.title), [])
        self.paragraph(style.sentence("intro_master"))
        self.y += 10
        boxed = self.chance(0.5, 32)
        for label, value in self._fields(doc):
            self.room(24)
            self.sheet.put(self.left, self.y + self.size + 3, label)
            x = self.left + (self.right - self.left) * 0.36
            if value:
                self.sheet.put(x + 4, self.y + self.size + 3, value)
            if boxed:
                self.sheet.box(x, self.y, self.right, self.y + self.size + 8)
            else:
                self.sheet.rule(x, self.y + self.size + 6, self.right)
            self.y += self.size + 11
        self.y += 20
        self.room(40)
        self.sheet.rule(self.left, self.y, self.left + 140)
        self.line(style.word("sentences", "signature"))
        return self.sheet

    def _fields(self, doc: MasterDataForm) -> list[Fact]:
        style, party = self.style, doc.party
        words = _FORM_WORDS[self.draft.language]
        facts: list[Fact] = []
        if doc.number:
            facts.append((style.label("form_number"), [(doc.number, "number")]))
        if doc.issue_date:
            facts.append((style.label("date"), [(style.day(doc.issue_date), "issue_date")]))
        facts.append((words[0], [(party.name or "", "party.name")]))
        facts.append((words[1], [(party.address.street or "", "party.address.street")]))
        facts.append((words[2], self.place(party, "party")))
        facts.append((words[3], [(self.draft.partner.country_name, "party.address.country")]))
        facts.append(
            (style.label("vat_id"), [(self.vat(party.vat_id), "party.vat_id")] if party.vat_id else [])
        )
        facts.append(
            (style.label("tax_number"), [(party.tax_number, "party.tax_number")] if party.tax_number else [])
        )
        facts.append((style.label("contact"), [(party.contact or "", "party.contact")]))
        facts.append((style.label("phone"), [(party.phone or "", "party.phone")]))
        facts.append((style.label("email"), [(party.email or "", "party.email")]))
        if doc.bank_accounts:
            account = doc.bank_accounts[0]
            pairs = (("bank", "bank_name"), ("iban", "iban"), ("account", "account_number"), ("bic", "bic"))
            for key, field in pairs:
                value = getattr(account, field)
                if value:
                    facts.append((style.label(key), [(value, f"bank_accounts[0].{field}")]))
        days = f"{doc.terms.net_days}"
        facts.append((style.label("terms"), [(days, "terms.net_days"), (f" {words[4]}", None)]))
        return facts


_FORM_WORDS = {
    "en": ("Company name", "Street", "Postcode / town", "Country", "days net"),
    "de": ("Firma", "Straße", "PLZ / Ort", "Land", "Tage netto"),
    "fr": ("Raison sociale", "Rue", "Code postal / ville", "Pays", "jours net"),
    "es": ("Razón social", "Calle", "C.P. / población", "País", "días"),
    "it": ("Ragione sociale", "Via", "CAP / città", "Paese", "giorni"),
    "nl": ("Bedrijfsnaam", "Straat", "Postcode / plaats", "Land", "dagen netto"),
    "pl": ("Nazwa firmy", "Ulica", "Kod / miejscowość", "Kraj", "dni"),
}
