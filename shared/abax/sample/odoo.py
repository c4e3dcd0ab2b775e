"""Writes a story into a SQLite database as Odoo 15, 16, 17 or 18 would hold it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from abax.sample.books import Entry, Line, Settlement
from abax.sample.chart import Account
from abax.sample.company import Story
from abax.sample.firm import Firm
from abax.sample.partners import Partner
from abax.sample.rates import divided
from abax.sample.schema import statements, tables

Row = dict[str, object]
_STAMP = "2026-01-05 06:00:00"
_LANGUAGE = "en_US"
_INVOICES = ("out_invoice", "out_refund", "in_invoice", "in_refund")

_CATEGORIES = {"out": "invoice", "in_": "vendor_bill"}

_OLD_TYPES: dict[str, tuple[str, str, str]] = {
    # account_type from 16 on: name, type and internal group of the account_account_type it was before
    "asset_receivable": ("Receivable", "receivable", "asset"),
    "liability_payable": ("Payable", "payable", "liability"),
    "asset_cash": ("Bank and Cash", "liquidity", "asset"),
    "liability_credit_card": ("Credit Card", "liquidity", "liability"),
    "asset_current": ("Current Assets", "other", "asset"),
    "asset_non_current": ("Non-current Assets", "other", "asset"),
    "asset_prepayments": ("Prepayments", "other", "asset"),
    "asset_fixed": ("Fixed Assets", "other", "asset"),
    "liability_current": ("Current Liabilities", "other", "liability"),
    "liability_non_current": ("Non-current Liabilities", "other", "liability"),
    "equity": ("Equity", "other", "equity"),
    "equity_unaffected": ("Current Year Earnings", "other", "equity"),
    "income_other": ("Other Income", "other", "income"),
    "income": ("Income", "other", "income"),
    "expense": ("Expenses", "other", "expense"),
    "expense_depreciation": ("Depreciation", "other", "expense"),
    "expense_direct_cost": ("Cost of Revenue", "other", "expense"),
    "off_balance": ("Off-Balance Sheet", "other", "off_balance"),
}
_JOURNALS = (
    # code, type, name, role of its account
    ("INV", "sale", "Customer Invoices", ""),
    ("BILL", "purchase", "Vendor Bills", ""),
    ("MISC", "general", "Miscellaneous Operations", ""),
    ("EXCH", "general", "Exchange Difference", ""),
    ("BNK1", "bank", "Bank", "bank"),
    ("BNK2", "bank", "Call Money", "savings"),
    ("CSH1", "cash", "Cash", "petty_cash"),
    ("CARD", "bank", "Company Card", "card"),
)
_CURRENCIES = (
    ("EUR", "€", "Euro", 978, "after", True),
    ("GBP", "£", "Pound sterling", 826, "before", True),
    ("USD", "$", "United States dollar", 840, "before", False),
)


@dataclass
class _Writer:
    """Ids given so far, and the rows collected for each table."""

    story: Story
    version: int
    rows: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    currencies: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[int, str], int] = field(default_factory=dict)
    journals: dict[tuple[int, str], int] = field(default_factory=dict)
    taxes: dict[tuple[int, str], int] = field(default_factory=dict)
    analytics: dict[tuple[int, str], int] = field(default_factory=dict)
    fulls: dict[Line, int] = field(default_factory=dict)
    _next: defaultdict[str, Callable[[], int]] = field(
        default_factory=lambda: defaultdict(lambda: count(1).__next__)
    )

    def add(self, table: str, **row: object) -> int:
        """Collect a row under the next id of its table."""
        number = self._next[table]()
        self.rows[table].append(
            {
                "id": number,
                "create_uid": 1,
                "write_uid": 1,
                "create_date": _STAMP,
                "write_date": _STAMP,
                **row,
            }
        )
        return number

    def named(self, text: str) -> str:
        """A translated name: plain text up to 15, JSON by language from 16 on."""
        return text if self.version == 15 else json.dumps({_LANGUAGE: text}, ensure_ascii=False)


def write(connection: sqlite3.Connection, story: Story, version: int) -> None:
    """Create the tables of that version and fill them."""
    writer = _Writer(story, version)
    for collect in (_base, _charts, _analytic_accounts, _moves, _reconciliations, _move_rows, _properties):
        collect(writer)
    shape = tables(version)
    for statement in statements(version):
        connection.execute(statement)
    for table, rows in writer.rows.items():
        if table in shape:
            _insert(connection, table, list(shape[table]), rows)


def _insert(connection: sqlite3.Connection, table: str, columns: list[str], rows: list[Row]) -> None:
    """Insert what these rows hold of the version's columns; the others stay null."""
    held = {name for row in rows for name in row}
    empty = {column: None for column in columns if column in held}
    names = ", ".join(f'"{column}"' for column in empty)
    marks = ", ".join(f":{column}" for column in empty)
    values = ({**empty, **row} for row in rows)
    connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)


def _amount(cents: int) -> float:
    """The number nearest to the amount, which is what SQLite keeps (see schema)."""
    return cents / 100


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _base(writer: _Writer) -> None:
    """Currencies with their rates, countries, partners, companies."""
    for name, symbol, full, number, position, active in _CURRENCIES:
        writer.currencies[name] = writer.add(
            "res_currency", name=name, symbol=symbol, full_name=full, iso_numeric=number, position=position,
            active=active, decimal_places=2, rounding="0.01",
        )  # fmt: skip
    for firm in writer.story.firms:
        for partner in (firm.profile.partner, *firm.profile.customers, *firm.profile.suppliers):
            _partner(writer, partner)
    for firm in writer.story.firms:
        _company(writer, firm)


def _partner(writer: _Writer, partner: Partner) -> None:
    if partner.country not in writer.countries:
        name = writer.named(partner.country)
        writer.countries[partner.country] = writer.add("res_country", name=name, code=partner.country)
    number = writer.add(
        "res_partner", name=partner.name, display_name=partner.name, complete_name=partner.name,
        ref=partner.key, street=partner.street, zip=partner.zip, city=partner.city,
        country_id=writer.countries[partner.country], vat=partner.vat,
        lang="de_DE" if partner.country in ("DE", "AT", "CH") else "en_US", type="contact", active=True,
        is_company=True, supplier_rank=int(bool(partner.supplies)), customer_rank=int(not partner.supplies),
    )  # fmt: skip
    writer.partners[partner.key] = number
    writer.rows["res_partner"][-1]["commercial_partner_id"] = number


def _company(writer: _Writer, firm: Firm) -> None:
    profile = firm.profile
    number = writer.add(
        "res_company", name=profile.name, partner_id=writer.partners[profile.partner.key],
        currency_id=writer.currencies[profile.currency], sequence=10, parent_path=f"{profile.company_id}/",
        active=True, fiscalyear_last_day=profile.calendar.end_day,
        fiscalyear_last_month=str(profile.calendar.end_month),
        account_opening_date=_day(profile.opens + timedelta(days=1)), chart_template="generic_coa",
        account_fiscal_country_id=writer.countries[profile.partner.country], expects_chart_of_accounts=True,
        anglo_saxon_accounting=False,
    )  # fmt: skip
    assert number == profile.company_id
    own = writer.currencies[profile.currency]
    writer.add("res_currency_rate", currency_id=own, company_id=number, name="2010-01-01", rate="1.0")
    foreign = writer.currencies[firm.rates.foreign]
    for day, units in zip(firm.rates.days, firm.rates.units, strict=True):
        rate = f"{units // 1_000_000}.{units % 1_000_000:06d}"
        writer.add("res_currency_rate", currency_id=foreign, company_id=number, name=_day(day), rate=rate)


def _charts(writer: _Writer) -> None:
    """Account types, accounts, journals and taxes of each company."""
    for name, kind, group in _OLD_TYPES.values():
        initial = group in ("asset", "liability") or name == "Equity"
        writer.add(
            "account_account_type",
            name=name,
            type=kind,
            internal_group=group,
            include_initial_balance=initial,
        )
    for firm in writer.story.firms:
        company = firm.profile.company_id
        for account in sorted(firm.profile.chart.values(), key=lambda account: account.code):
            _account(writer, company, account)
        for sequence, (code, kind, name, role) in enumerate(_JOURNALS, start=5):
            default = writer.accounts.get((company, role))
            writer.journals[company, code] = writer.add(
                "account_journal", company_id=company, code=code, type=kind, name=writer.named(name),
                sequence=sequence, default_account_id=default, invoice_reference_type="invoice",
                invoice_reference_model="odoo", active=True, refund_sequence=kind in ("sale", "purchase"),
                payment_sequence=False, show_on_dashboard=True,
            )  # fmt: skip
        for sequence, tax in enumerate(firm.profile.taxes, start=1):
            writer.taxes[company, tax.key] = writer.add(
                "account_tax", company_id=company, sequence=sequence, tax_group_id=company,
                type_tax_use=tax.use, country_id=writer.countries[firm.profile.partner.country],
                amount_type="percent", name=writer.named(tax.name), tax_exigibility="on_invoice",
                amount=f"{tax.percent}.0000", active=True, price_include=False, include_base_amount=False,
                is_base_affected=True,
            )  # fmt: skip
        row = next(row for row in writer.rows["res_company"] if row["id"] == company)
        row["transfer_account_id"] = writer.accounts[company, "transfer"]
        row["currency_exchange_journal_id"] = writer.journals[company, "EXCH"]
        row["income_currency_exchange_account_id"] = writer.accounts[company, "fx_gain"]
        row["expense_currency_exchange_account_id"] = writer.accounts[company, "fx_loss"]


def _root(code: str) -> int:
    """Odoo's id of an account root: its first two characters as code points."""
    return ord(code[0]) * 1000 + ord(code[1])


def _account(writer: _Writer, company: int, account: Account) -> None:
    _, old_type, group = _OLD_TYPES[account.type]
    number = writer.add(
        "account_account", company_id=company, code=account.code,
        code_store=json.dumps({str(company): account.code}), name=writer.named(account.name),
        account_type=account.type, user_type_id=list(_OLD_TYPES).index(account.type) + 1,
        internal_type=old_type, internal_group=group, root_id=_root(account.code), deprecated=False,
        include_initial_balance=group in ("asset", "liability") or account.type == "equity",
        reconcile=account.reconcile, is_off_balance=group == "off_balance", non_trade=False,
    )  # fmt: skip
    writer.accounts[company, account.role] = number
    writer.rows["account_account_res_company_rel"].append(
        {"account_account_id": number, "res_company_id": company}
    )


def _analytic_accounts(writer: _Writer) -> None:
    """Two plans, departments and markets, with accounts of their own in each company."""
    plans = ("Departments", "Markets")
    for number, plan in enumerate(plans, start=1):
        writer.add("account_analytic_group", name=plan, complete_name=plan)
        name = plan if writer.version == 16 else writer.named(plan)
        writer.add(
            "account_analytic_plan",
            name=name,
            complete_name=plan,
            parent_path=f"{number}/",
            sequence=10 * number,
        )
    for firm in writer.story.firms:
        for plan_id, names in enumerate((firm.profile.departments, firm.profile.markets), start=1):
            for key, text in names.items():
                writer.analytics[firm.profile.company_id, key] = writer.add(
                    "account_analytic_account", name=writer.named(text), code=key,
                    company_id=firm.profile.company_id, plan_id=plan_id, root_plan_id=plan_id,
                    group_id=plan_id, active=True,
                )  # fmt: skip


def _entries(writer: _Writer) -> Iterator[tuple[Firm, Entry]]:
    pairs = [(firm, entry) for firm in writer.story.firms for entry in firm.books.entries]
    return iter(sorted(pairs, key=lambda pair: pair[1].day))


def _moves(writer: _Writer) -> None:
    """Give every entry and line its id before anything refers to it."""
    next_move, next_line = count(1), count(1)
    for _, entry in _entries(writer):
        entry.move_id = next(next_move)
        for line in entry.lines:
            line.line_id = next(next_line)


def _reconciliations(writer: _Writer) -> None:
    """Partial reconciliations, and a full one for each group of lines that settle each other."""
    for firm in writer.story.firms:
        groups = _groups(firm.books.settlements)
        exchanges = {
            line: s.exchange for s in firm.books.settlements if s.exchange for line in (s.debit, s.credit)
        }
        for group in groups:
            if not any(line.residual or line.residual_foreign for line in group):
                exchange = next((exchanges[line] for line in group if line in exchanges), None)
                number = writer.add(
                    "account_full_reconcile", exchange_move_id=exchange.move_id if exchange else None
                )
                writer.rows["account_full_reconcile"][-1]["name"] = f"A{number}"
                writer.fulls.update(dict.fromkeys(group, number))
        for settlement in firm.books.settlements:
            _partial(writer, firm, settlement)


def _partial(writer: _Writer, firm: Firm, settlement: Settlement) -> None:
    debit, credit = settlement.debit, settlement.credit
    writer.add(
        "account_partial_reconcile", debit_move_id=debit.line_id, credit_move_id=credit.line_id,
        full_reconcile_id=writer.fulls.get(debit), company_id=firm.profile.company_id,
        exchange_move_id=settlement.exchange.move_id if settlement.exchange else None,
        debit_currency_id=writer.currencies[debit.currency],
        credit_currency_id=writer.currencies[credit.currency], max_date=_day(settlement.on),
        amount=_amount(settlement.amount), debit_amount_currency=_amount(settlement.foreign),
        credit_amount_currency=_amount(settlement.foreign),
    )  # fmt: skip


def _groups(settlements: list[Settlement]) -> list[list[Line]]:
    """Lines connected by settlements, in the order in which they were first settled."""
    neighbours: dict[Line, list[Line]] = {}
    for settlement in settlements:
        neighbours.setdefault(settlement.debit, []).append(settlement.credit)
        neighbours.setdefault(settlement.credit, []).append(settlement.debit)
    groups, seen = [], set[Line]()
    for start in neighbours:
        group, stack = [], [start]
        while stack:
            line = stack.pop()
            if line not in seen:
                seen.add(line)
                group.append(line)
                stack.extend(neighbours[line])
        if group:
            groups.append(group)
    return groups


def _move_rows(writer: _Writer) -> None:
    for firm, entry in _entries(writer):
        _move(writer, firm, entry)
        for sequence, line in enumerate(entry.lines, start=1):
            _line(writer, firm, entry, line, sequence)
        if entry.payment:
            _payment(writer, firm, entry)
        if entry.opening:
            writer.rows["res_company"][firm.profile.company_id - 1]["account_opening_move_id"] = entry.move_id


def _move(writer: _Writer, firm: Firm, entry: Entry) -> None:
    partner = writer.partners[entry.partner.key] if entry.partner else None
    is_invoice = entry.kind in _INVOICES
    writer.add(
        "account_move", name=entry.name, sequence_prefix=entry.prefix or None, sequence_number=entry.number,
        ref=entry.ref or None, journal_id=writer.journals[firm.profile.company_id, entry.journal],
        company_id=firm.profile.company_id, partner_id=partner, commercial_partner_id=partner,
        currency_id=writer.currencies[entry.currency],
        reversed_entry_id=entry.reverses.move_id if entry.reverses else None, state=entry.state,
        move_type=entry.kind, auto_post=False if writer.version == 15 else "no",
        payment_state=_payment_state(entry), date=_day(entry.day),
        invoice_partner_display_name=entry.partner.name if entry.partner else None,
        payment_reference=entry.name if is_invoice and entry.state == "posted" else None,
        invoice_date=_day(entry.day) if is_invoice else None,
        invoice_date_due=_day(entry.due) if is_invoice else None, is_storno=False,
        always_tax_exigible=not is_invoice, to_check=False, checked=True,
        posted_before=entry.state != "draft", is_move_sent=False, **_totals(entry, is_invoice),
    )  # fmt: skip


def _totals(entry: Entry, is_invoice: bool) -> Row:
    """Odoo's summary columns: in document currency unsigned, then signed in company currency."""
    if not is_invoice:
        return {
            "amount_total": _amount(entry.total),
            "amount_total_signed": _amount(entry.total),
            "amount_residual": 0,
        }
    sign = -1 if entry.kind in ("in_invoice", "out_refund") else 1
    control = entry.control()
    tax = [line for line in entry.lines if line.kind == "tax"]
    tax_foreign, tax_amount = sum(line.foreign for line in tax), sum(line.amount for line in tax)
    return {
        "amount_untaxed": _amount(sign * (control.foreign + tax_foreign)),
        "amount_tax": _amount(-sign * tax_foreign),
        "amount_total": _amount(sign * control.foreign),
        "amount_residual": _amount(sign * control.residual_foreign),
        "amount_untaxed_signed": _amount(control.amount + tax_amount),
        "amount_untaxed_in_currency_signed": _amount(control.foreign + tax_foreign),
        "amount_tax_signed": _amount(-tax_amount),
        "amount_total_signed": _amount(control.amount),
        "amount_total_in_currency_signed": _amount(control.foreign),
        "amount_residual_signed": _amount(control.residual),
        "invoice_currency_rate": "1.0"
        if control.amount == control.foreign
        else f"{control.foreign / control.amount:.6f}",
    }


def _payment_state(entry: Entry) -> str:
    if entry.kind not in _INVOICES or entry.state != "posted":
        return "not_paid"
    control = entry.control()
    if not control.settled_by:
        return "not_paid"
    if control.residual:
        return "partial"
    others = [
        other.entry for s in control.settled_by for other in (s.debit, s.credit) if other is not control
    ]
    return "reversed" if all(e is not None and e.kind.endswith("refund") for e in others) else "paid"


def _line(writer: _Writer, firm: Firm, entry: Entry, line: Line, sequence: int) -> None:
    company, full = firm.profile.company_id, writer.fulls.get(line)
    writer.add(
        "account_move_line", move_id=entry.move_id, move_name=entry.name, parent_state=entry.state,
        ref=entry.ref or None, journal_id=writer.journals[company, entry.journal], company_id=company,
        sequence=sequence, company_currency_id=writer.currencies[firm.profile.currency],
        currency_id=writer.currencies[line.currency],
        partner_id=writer.partners[line.partner.key] if line.partner else None,
        name=line.label or (entry.name if line.is_open_item else None), date=_day(entry.day),
        invoice_date=_day(entry.day) if entry.kind in _INVOICES else None,
        date_maturity=_day(line.due) if line.is_open_item else None, full_reconcile_id=full,
        matching_number=_matching(writer, line, full), reconciled=bool(full), tax_tag_invert=False,
        blocked=False, is_imported=False, **_posting(writer, company, entry, line), **_amounts(line),
        **_pricing(firm, entry, line), **_analytic(writer, company, line),
    )  # fmt: skip
    for tax in line.taxes:
        row: Row = {"account_move_line_id": line.line_id, "account_tax_id": writer.taxes[company, tax]}
        writer.rows["account_move_line_account_tax_rel"].append(row)
    if line.analytic and entry.state == "posted":
        _analytic_lines(writer, firm, entry, line)


def _posting(writer: _Writer, company: int, entry: Entry, line: Line) -> Row:
    """What kind of line it is; sections and notes have no account, and only they had a type up to 15."""
    account = line.account
    return {
        "display_type": line.kind if account is None or writer.version > 15 else None,
        "exclude_from_invoice_tab": line.kind in ("tax", "payment_term") or entry.kind == "entry",
        "account_id": writer.accounts[company, account.role] if account else None,
        "account_internal_type": _OLD_TYPES[account.type][1] if account else None,
        "account_root_id": _root(account.code) if account else None,
        "tax_line_id": writer.taxes[company, line.tax] if line.tax else None,
        "tax_group_id": company if line.tax else None,
    }


def _amounts(line: Line) -> Row:
    return {
        "debit": _amount(max(line.amount, 0)),
        "credit": _amount(max(-line.amount, 0)),
        "balance": _amount(line.amount),
        "amount_currency": _amount(line.foreign),
        "amount_residual": _amount(line.residual),
        "amount_residual_currency": _amount(line.residual_foreign),
        "tax_base_amount": 0,
    }


def _pricing(firm: Firm, entry: Entry, line: Line) -> Row:
    """Quantity and price of a document's product line; nil on all others."""
    net = 0
    if line.kind == "product" and entry.kind in _INVOICES:
        net = line.foreign if entry.kind in ("in_invoice", "out_refund") else -line.foreign
    taxes = [firm.tax(key) for key in line.taxes]
    percent = sum(tax.percent for tax in taxes if not tax.contra)
    return {
        "quantity": line.quantity,
        "price_unit": _amount(divided(net, line.quantity or 1)),
        "price_subtotal": _amount(net),
        "price_total": _amount(divided(net * (100 + percent), 100)),
        "discount": 0,
    }


def _matching(writer: _Writer, line: Line, full: int | None) -> str | None:
    """Full reconciliations lend their number; a line matched in part shows a P."""
    if full is not None:
        return f"A{full}" if writer.version < 17 else str(full)
    return "P" if line.settled_by and writer.version < 17 else f"P{line.line_id}" if line.settled_by else None


def _analytic(writer: _Writer, company: int, line: Line) -> Row:
    """The distribution: one account up to 15, JSON from 16 on, plans joined in one key from 17 on."""
    if not line.analytic:
        return {}
    shares: dict[str, float] = {}
    for key, percent in line.analytic:
        ids = [str(writer.analytics[company, part]) for part in key.split(",")]
        for joined in [",".join(ids)] if writer.version >= 17 else ids:
            shares[joined] = shares.get(joined, 0.0) + percent
    largest = max(line.analytic, key=lambda share: share[1])[0].split(",")[0]
    return {
        "analytic_distribution": json.dumps(shares),
        "analytic_account_id": writer.analytics[company, largest],
    }


def _analytic_lines(writer: _Writer, firm: Firm, entry: Entry, line: Line) -> None:
    """Analytic items: income positive, cost negative, one for each share (up to 15: one for the line)."""
    shares = (
        line.analytic if writer.version > 15 else ((max(line.analytic, key=lambda share: share[1])[0], 100),)
    )
    left, company = -line.amount, firm.profile.company_id
    for index, (key, percent) in enumerate(shares):
        amount = left if index == len(shares) - 1 else divided(-line.amount * percent, 100)
        left -= amount
        for row in _analytic_targets(writer, company, key):
            writer.add(
                "account_analytic_line", name=line.label or entry.name, amount=_amount(amount),
                date=_day(entry.day), company_id=company,
                category=_CATEGORIES.get(entry.kind[:3], "other"),
                currency_id=writer.currencies[firm.profile.currency], unit_amount=float(line.quantity),
                partner_id=writer.partners[line.partner.key] if line.partner else None, ref=entry.ref or None,
                general_account_id=writer.accounts[company, line.account.role] if line.account else None,
                journal_id=writer.journals[company, entry.journal], move_id=line.line_id,
                move_line_id=line.line_id, **row,
            )  # fmt: skip


def _analytic_targets(writer: _Writer, company: int, key: str) -> list[Row]:
    """Where an analytic item points: a column for each plan from 17 on, an item for each plan before."""
    found = [
        (2 if part in ("HOME", "EU", "EXPORT") else 1, writer.analytics[company, part])
        for part in key.split(",")
    ]
    if writer.version >= 17:
        return [{("account_id" if plan == 1 else "x_plan2_id"): number for plan, number in found}]
    kept = found if writer.version == 16 else found[:1]
    return [{"account_id": number, "plan_id": plan, "group_id": plan} for plan, number in kept]


def _payment(writer: _Writer, firm: Firm, entry: Entry) -> None:
    control, company = entry.control(), firm.profile.company_id
    inbound = entry.payment == "inbound"
    assert control.account is not None and entry.partner is not None
    number = writer.add(
        "account_payment", move_id=entry.move_id, journal_id=writer.journals[company, entry.journal],
        company_id=company, name=entry.name, state="paid", date=_day(entry.day), memo=entry.ref,
        currency_id=writer.currencies[entry.currency], partner_id=writer.partners[entry.partner.key],
        outstanding_account_id=writer.accounts[company, "bank"],
        destination_account_id=writer.accounts[company, control.account.role], payment_type=entry.payment,
        partner_type="customer" if inbound else "supplier", payment_reference=entry.ref,
        amount=_amount(abs(control.foreign)), amount_company_currency_signed=_amount(-control.amount),
        is_reconciled=not control.residual, is_matched=True, is_internal_transfer=False, is_sent=False,
        payment_method_id=1 if inbound else 2,
    )  # fmt: skip
    move = writer.rows["account_move"][-1]
    move["payment_id"] = move["origin_payment_id"] = number
    for row in writer.rows["account_move_line"][-len(entry.lines) :]:
        row["payment_id"] = number


def _properties(writer: _Writer) -> None:
    """Default receivable and payable accounts; the other company of the group has its own."""
    for kind, old_field in (("receivable", 1), ("payable", 2)):
        for firm in writer.story.firms:
            company, role = firm.profile.company_id, f"{kind}s"
            other = next(f for f in writer.story.firms if f is not firm).profile.partner
            for target, owner in ((role, None), (f"ic_{role}", f"res.partner,{writer.partners[other.key]}")):
                if (company, target) in writer.accounts:
                    writer.add(
                        "ir_property", name=f"property_account_{kind}_id", fields_id=old_field,
                        company_id=company, res_id=owner, type="many2one",
                        value_reference=f"account.account,{writer.accounts[company, target]}",
                    )  # fmt: skip
            row = next(row for row in writer.rows["res_partner"] if row["id"] == writer.partners[other.key])
            row[f"property_account_{kind}_id"] = json.dumps(
                {str(company): writer.accounts.get((company, f"ic_{role}"))}
            )
