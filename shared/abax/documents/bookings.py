"""How suppliers were booked before: learned from the ledger's journal lines, and from what reviewers said.

A supplier's document is a journal entry with a credit on an account of payables that names a partner. What
else the entry holds is where it was booked: taxes on accounts that stand in a usual rate to the rest, and the
rest on accounts of costs, stock, assets or prepayments.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import Field

from abax.documents.contracts import Model, Party

if TYPE_CHECKING:
    from abax.ledger import Ledger

RATES: Final = tuple(
    Decimal(tenths) / 10
    for tenths in (
        *(250, 240, 230, 220, 210, 200, 190, 180, 170, 160, 150, 140, 135, 130, 120, 100, 95, 90, 81, 80, 77),
        *(70, 60, 55, 50, 48, 40, 38, 30, 26, 25, 21),
    )
)
"""Percent: rates of taxes on turnover, by which an account of such a tax is known."""

MOST_ENTRIES: Final = 200_000
"""Journal lines of suppliers' documents that are looked at, the newest first."""

_LEGAL_FORM: Final = re.compile(
    r"\b(gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|e ?k|se|ltd|limited|llc|llp|inc|corp|co|plc|sarl|sas|sasu|sa|eurl|"
    r"srl|spa|snc|bv|nv|vof|sl|slu|sau|sp z ?o ?o|sp j|sp k|oy|ab|as|aps)\b"
)


class BookedAccount(Model):
    """An account that a supplier's documents were booked on."""

    account: str
    entries: int
    amount: Decimal = Decimal(0)
    words: dict[str, int] = Field(default_factory=dict)
    """Of the lines' labels, and how often."""


class History(Model):
    """How one supplier was booked."""

    partner: str
    """The key that the ledger has for it."""
    name: str
    entries: int
    payable: str
    """The account of payables."""
    accounts: tuple[BookedAccount, ...] = ()
    """The most used first."""


class TaxAccount(Model):
    """An account that takes the tax of suppliers' documents."""

    account: str
    rate: Decimal
    entries: int


class Bookings(Model):
    """What is known of how a company books its suppliers' documents."""

    company: str = ""
    currency: str = ""
    partners: dict[str, History] = Field(default_factory=dict)
    """By ``plain_name``, and by VAT id where a reviewer has told it."""
    taxes: tuple[TaxAccount, ...] = ()
    """The most used first."""
    payable: str = ""
    """The account of payables that is most used."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """The chart: code to name."""

    def of(self, party: Party) -> History | None:
        """How this supplier was booked; None where it never was."""
        found = self.partners.get(party.vat_id or "") or self.partners.get(plain_name(party.name or ""))
        return found or self._like(plain_name(party.name or ""))

    def _like(self, name: str) -> History | None:
        """A partner whose name holds all words of the other, of which there are several."""
        words = set(name.split())
        if len(words) < 2:
            return None
        near = [
            key
            for key in self.partners
            if len(known := set(key.split())) > 1 and (known <= words or words <= known)
        ]
        return self.partners[near[0]] if len(near) == 1 else None


def plain_name(name: str) -> str:
    """A company's name without its legal form, accents and punctuation: the same however it is written."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    joined = re.sub(r"(?<=\b\w)\.\s?(?=\w\b)", "", letters)  # "s.a.r.l." as one word
    words = re.sub(r"[^\w]+", " ", joined).strip()
    without = " ".join(_LEGAL_FORM.sub(" ", words).split())
    return without or words


def words_of(text: str) -> list[str]:
    """The words of a text that may say what was bought."""
    return re.findall(r"[^\W\d_]{3,}", text.casefold())


# --- learning -------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    entry: str
    partner: str | None
    name: str
    account: str
    statement_class: str
    amount: Decimal
    label: str


def learned(ledger: Ledger) -> Bookings:
    """What a ledger's journal lines say."""
    entries = _entries(ledger)
    taxes = _tax_accounts(entries)
    by_partner: dict[str, list[list[_Line]]] = defaultdict(list)
    for entry in entries:
        partner = next(line for line in entry if _is_payable(line))
        by_partner[plain_name(partner.name) or str(partner.partner)].append(entry)
    of_taxes = {tax.account for tax in taxes}
    partners = {name: _history(found, of_taxes) for name, found in by_partner.items()}
    payables = Counter(history.payable for history in partners.values())
    return Bookings(
        company=ledger.company.name,
        currency=ledger.currency,
        partners={name: history for name, history in partners.items() if history.accounts},
        taxes=taxes,
        payable=payables.most_common(1)[0][0] if payables else "",
        accounts={account.code: account.name for account in ledger.accounts.values()},
    )


def _entries(ledger: Ledger) -> list[list[_Line]]:
    """The lines of each entry that credits payables of a partner."""
    rows = ledger.rows(
        "WITH documents AS (SELECT DISTINCT entry_id FROM journal_lines JOIN chart USING (account_id) "
        "WHERE statement_class = 'payables' AND partner_id IS NOT NULL AND amount < 0 "
        "AND NOT is_opening AND NOT is_closing) "
        "SELECT entry_id, partner_id, coalesce(partners.name, ''), chart.code, statement_class, amount, "
        "coalesce(label, '') FROM journal_lines JOIN documents USING (entry_id) "
        "JOIN chart USING (account_id) LEFT JOIN partners USING (partner_id) "
        f"ORDER BY posting_date DESC, entry_id, line_id LIMIT {MOST_ENTRIES}"
    )
    found: dict[str, list[_Line]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_Line(*row))
    return [entry for entry in found.values() if _is_document(entry)]


def _is_payable(line: _Line) -> bool:
    return line.statement_class == "payables" and line.partner is not None and line.amount < 0


def _is_document(entry: list[_Line]) -> bool:
    """Whether an entry books one supplier's document, and no payment."""
    payable = [line for line in entry if _is_payable(line)]
    partners = {line.partner for line in payable}
    pays = any(line.statement_class in ("cash", "credit_cards") for line in entry)
    return len(partners) == 1 and not pays and sum((line.amount for line in entry), Decimal(0)) == 0


def _tax_accounts(entries: Iterable[list[_Line]]) -> tuple[TaxAccount, ...]:
    """Accounts of the balance sheet that stand in a usual rate to the costs beside them, nearly always."""
    seen: dict[str, Counter[Decimal | None]] = defaultdict(Counter)
    for entry in entries:
        sides = [line for line in entry if line.statement_class in _TAX_CLASSES]
        base = sum((line.amount for line in entry if line.statement_class in _COST_CLASSES), Decimal(0))
        for line in sides:
            seen[line.account][_rate(line.amount, base) if len(sides) == 1 else None] += 1
    found = []
    for account, rates in seen.items():
        told = Counter({rate: count for rate, count in rates.items() if rate is not None})
        alone = rates.total() - rates[None]
        if told and told.total() >= 0.6 * max(alone, 1):
            found += [
                TaxAccount(account=account, rate=rate, entries=count)
                for rate, count in told.items()
                if rate is not None and count >= 0.02 * told.total()
            ]
    return tuple(sorted(found, key=lambda tax: (-tax.entries, tax.account, tax.rate)))


_TAX_CLASSES: Final = ("other_current_assets", "other_current_liabilities", "prepayments")
_COST_CLASSES: Final = (
    *("cost_of_sales", "operating_expenses", "inventory", "fixed_assets", "other_non_current_assets"),
    *("interest_expense", "depreciation", "income_tax", "other_income", "revenue"),
)


def _rate(tax: Decimal, base: Decimal) -> Decimal | None:
    """The usual rate that a tax is of its base; None for none. Cents may be rounded."""
    if base == 0 or tax == 0 or (tax < 0) != (base < 0):
        return None
    near = min(RATES, key=lambda rate: abs(base * rate / 100 - tax))
    return near if abs(base * near / 100 - tax) <= Decimal("0.02") + abs(tax) / 500 else None


def _history(entries: list[list[_Line]], taxes: set[str]) -> History:
    payable: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        payable[next(line.account for line in entry if _is_payable(line))] += 1
        costs = [line for line in entry if line.statement_class != "payables" and line.account not in taxes]
        for account in {line.account for line in costs}:
            counts[account] += 1
        for line in costs:
            amounts[line.account] += line.amount
            words[line.account].update(set(words_of(line.label)))
    first = next(line for line in entries[0] if _is_payable(line))
    return History(
        partner=str(first.partner),
        name=first.name,
        entries=len(entries),
        payable=payable.most_common(1)[0][0],
        accounts=tuple(
            BookedAccount(
                account=account,
                entries=count,
                amount=amounts[account],
                words=dict(words[account].most_common(60)),
            )
            for account, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            if amounts[account] != 0
        ),
    )


# --- what reviewers said --------------------------------------------------------------------------------


def with_corrections(bookings: Bookings, told: Iterable[Mapping[str, Any]]) -> Bookings:
    """The bookings and what reviewers have booked since: each is
    ``{"name", "vat_id", "payable", "accounts": {account: [words]}}`` and counts as much as three entries."""
    partners = dict(bookings.partners)
    for entry in told:
        name = plain_name(str(entry.get("name") or ""))
        known = partners.get(name) or History(
            partner=name,
            name=str(entry.get("name") or ""),
            entries=0,
            payable=str(entry.get("payable") or ""),
        )
        grown = _grown(known, entry.get("accounts") or {}, str(entry.get("payable") or ""))
        for key in filter(None, (name, str(entry.get("vat_id") or ""))):
            partners[key] = grown
    return bookings.model_copy(update={"partners": partners})


WEIGHT: Final = 3
"""Entries that one correction counts as."""


def _grown(known: History, accounts: Mapping[str, Iterable[str]], payable: str) -> History:
    booked = {one.account: one for one in known.accounts}
    for account, words in accounts.items():
        before = booked.get(account) or BookedAccount(account=account, entries=0)
        counted = Counter(before.words)
        counted.update(dict.fromkeys(set(words), WEIGHT))
        booked[account] = before.model_copy(
            update={"entries": before.entries + WEIGHT, "words": dict(counted.most_common(60))}
        )
    ordered = sorted(booked.values(), key=lambda one: (-one.entries, one.account))
    return known.model_copy(
        update={
            "entries": known.entries + WEIGHT,
            "accounts": tuple(ordered),
            "payable": payable or known.payable,
        }
    )
