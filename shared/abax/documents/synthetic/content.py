"""What a document says: its contract, right to the cent, before it is laid out."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from abax.documents.contracts import (
    AccountStatement,
    Adjustment,
    BankAccount,
    Contract,
    Discount,
    DocumentType,
    JournalVoucher,
    Line,
    MasterDataForm,
    Party,
    PaymentAdvice,
    References,
    Remittance,
    StatementEntry,
    Subtype,
    Tax,
    Terms,
    Totals,
    TradeDocument,
    Unidentified,
    VoucherLine,
)
from abax.documents.synthetic.parties import LANGUAGES, Company, catalogue, choice_of, company, filled, places
from abax.documents.synthetic.style import wording

INVOICES = (DocumentType.SUPPLIER_INVOICE, DocumentType.CUSTOMER_INVOICE)
ORDERS = (DocumentType.PURCHASE_ORDER, DocumentType.SALES_ORDER)
UNPRICED = (DocumentType.DELIVERY_NOTE, DocumentType.GOODS_RECEIPT, DocumentType.GOODS_ISSUE)
SUBTYPES: dict[DocumentType, tuple[Subtype, ...]] = {
    **dict.fromkeys(
        INVOICES,
        (
            Subtype.PRO_FORMA,
            Subtype.DOWN_PAYMENT,
            Subtype.PARTIAL,
            Subtype.FINAL,
            Subtype.SELF_BILLED,
            Subtype.CORRECTION,
            Subtype.RECURRING,
            Subtype.REMINDER,
            Subtype.CONSOLIDATED,
        ),
    ),
    DocumentType.PURCHASE_ORDER: (Subtype.BLANKET, Subtype.CONTRACT, Subtype.SCHEDULING_AGREEMENT),
    DocumentType.RECEIPT: (Subtype.CASH_SALE,),
}
"""Besides standard."""
_CENT = Decimal("0.01")
_WITHHELD = {"IT": 0.12, "ES": 0.12}
_TILL_TRADES = ("food", "food", "office", "fashion", "health", "services")


@dataclass(frozen=True)
class Draft:
    """A document's content, and what the layout needs to know besides."""

    contract: Contract
    language: str
    title: str
    """Key of the title's wordings."""
    issuer: Company
    partner: Company
    we_issue: bool
    """We are who wrote it; else who got it."""
    gross_lines: bool = False
    """Line amounts hold the tax."""
    exempt: bool = False
    withheld: Decimal | None = None
    """What the buyer pays to the tax office instead."""


def cents(value: Decimal) -> Decimal:
    """Rounded to two decimals, halves up."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def draft(
    rng: random.Random, kind: DocumentType, subtype: Subtype, issuer: Company, partner: Company
) -> Draft:
    """A document of this type from ``issuer`` to ``partner``."""
    language = issuer.language
    if kind in (DocumentType.PAYMENT_ADVICE,):
        return _payment_advice(rng, issuer, partner, language)
    if kind is DocumentType.ACCOUNT_STATEMENT:
        return _statement(rng, issuer, partner, language)
    if kind is DocumentType.JOURNAL_VOUCHER:
        return _voucher(rng, issuer, partner, language)
    if kind is DocumentType.MASTER_DATA_FORM:
        return _form(rng, issuer, partner, language)
    if kind is DocumentType.UNKNOWN:
        return Draft(Unidentified(language=language), language, "quotation", issuer, partner, False)
    return _trade(rng, kind, subtype, issuer, partner, language)


# ---------------------------------------------------------------- trade documents


def _trade(
    rng: random.Random,
    kind: DocumentType,
    subtype: Subtype,
    issuer: Company,
    partner: Company,
    language: str,
) -> Draft:
    buyer_writes = _buyer_writes(kind, subtype)
    seller, buyer = (partner, issuer) if buyer_writes else (issuer, partner)
    issued = date(2016, 1, 1) + timedelta(days=rng.randrange(3900))
    gross_lines = kind is DocumentType.RECEIPT or (kind in INVOICES and rng.random() < 0.06)
    seldom = 0.7 if seller.country != buyer.country else 0.04
    exempt = kind is not DocumentType.RECEIPT and rng.random() < seldom
    rates = [Decimal("0")] if exempt else _rates(rng, seller)
    currency = seller.currency if rng.random() < 0.94 else rng.choice(["EUR", "USD", "GBP", "CHF"])
    sign = -1 if kind is DocumentType.CREDIT_MEMO and rng.random() < 0.25 else 1
    priced = kind not in UNPRICED
    places_ = range(_count(rng, kind))
    lines = tuple(_line(rng, at, seller, language, rates, sign, gross_lines, kind) for at in places_)
    adjustments = _adjustments(rng, lines, rates, language) if kind in INVOICES and not gross_lines else ()
    prepaid = kind in INVOICES and (subtype is Subtype.FINAL or rng.random() < 0.08)
    taxes, totals = _totals(rng, lines, adjustments, gross_lines, prepaid)
    withheld = _withheld(rng, seller, totals) if kind in INVOICES and not prepaid else None
    if withheld:
        totals = totals.model_copy(update={"due": (totals.gross or Decimal(0)) - withheld})
    terms, due = (
        _terms(rng, issued)
        if kind in INVOICES or kind in ORDERS or kind is DocumentType.DEBIT_MEMO
        else (Terms(), None)
    )
    contract = TradeDocument(
        type=kind,  # type: ignore[arg-type]
        number=_number(rng, issued),
        issue_date=issued,
        currency=currency if priced else None,
        language=language,
        subtype=subtype,
        seller=_known_as(rng, seller.party),
        buyer=_known_as(rng, buyer.party),
        ship_to=_ship_to(rng, buyer) if kind is not DocumentType.RECEIPT else None,
        due_date=due if kind in INVOICES or kind is DocumentType.DEBIT_MEMO else None,
        delivery_date=issued + timedelta(days=rng.choice([-9, -3, -1, 0, 0]))
        if kind in INVOICES
        else issued + timedelta(days=rng.randint(2, 50)),
        period_start=issued.replace(day=1) if subtype is Subtype.RECURRING else None,
        period_end=issued.replace(day=28) if subtype is Subtype.RECURRING else None,
        references=_references(rng, kind, subtype, issued),
        bank_accounts=_accounts(rng, seller) if kind in INVOICES else (),
        terms=terms,
        lines=tuple(_unpriced(line) for line in lines) if not priced else lines,
        adjustments=adjustments,
        taxes=taxes if priced else (),
        totals=totals if priced else Totals(),
    )
    ours = _we_issue(kind, buyer_writes)
    title = _title(kind, subtype)
    return Draft(contract, language, title, issuer, partner, ours, gross_lines, exempt, withheld)


def _withheld(rng: random.Random, seller: Company, totals: Totals) -> Decimal | None:
    if rng.random() > _WITHHELD.get(seller.country, 0.01):
        return None
    return cents((totals.net or Decimal(0)) * Decimal(rng.choice([15, 20, 5])) / 100)


def _we_issue(kind: DocumentType, buyer_writes: bool) -> bool:
    """Whether whoever keeps the books wrote the document."""
    if kind in INVOICES:
        return buyer_writes is (kind is DocumentType.SUPPLIER_INVOICE)
    return kind in {*ORDERS, DocumentType.GOODS_RECEIPT, DocumentType.GOODS_ISSUE}


def _buyer_writes(kind: DocumentType, subtype: Subtype) -> bool:
    return kind in (DocumentType.PURCHASE_ORDER, DocumentType.GOODS_RECEIPT) or subtype is Subtype.SELF_BILLED


def _title(kind: DocumentType, subtype: Subtype) -> str:
    if subtype not in (Subtype.STANDARD, Subtype.CASH_SALE):
        return subtype.value
    return "invoice" if kind in INVOICES else kind.value


def _count(rng: random.Random, kind: DocumentType) -> int:
    if kind is DocumentType.RECEIPT:
        return rng.choice([1, 1, 2, 3, 4, 5, 7, 9, 12, 18])
    if rng.random() < 0.06:
        return rng.randint(18, 70)
    return rng.choice([1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 11])


def _rates(rng: random.Random, seller: Company) -> list[Decimal]:
    table = [Decimal(rate) for rate in places()[seller.country]["rates"]]
    main = rng.choice(table)
    return [main, rng.choice(table)] if rng.random() < 0.22 and seller.country != "US" else [main]


def _line(
    rng: random.Random,
    place: int,
    seller: Company,
    language: str,
    rates: list[Decimal],
    sign: int,
    gross_lines: bool,
    kind: DocumentType,
) -> Line:
    of_till = kind is DocumentType.RECEIPT
    trade = rng.choice(_TILL_TRADES) if of_till and rng.random() < 0.85 else seller.trade
    unit, low, high, names = rng.choice(catalogue()["trades"][trade])
    name = names.split(" | ")[LANGUAGES.index(language)]
    places_ = 2 if low >= 0.5 or rng.random() < 0.3 else rng.choice([3, 4])
    price = Decimal(str(round(low + (high - low) * rng.random() ** 2, places_))).quantize(
        Decimal(1).scaleb(-places_)
    )
    if of_till and rng.random() < 0.7:
        price = cents(price / rng.choice([1, 2, 5]))
    if unit in ("kg", "hour", "metre", "litre", "tonne") and rng.random() < 0.5:
        quantity = Decimal(rng.randint(2, 40 if of_till else 900)) / rng.choice(
            [4, 2, 10, 100] if unit != "hour" else [4, 2]
        )
    elif of_till:
        quantity = Decimal(rng.choice([1, 1, 1, 1, 2, 2, 3, 4, 6, 10]))
    elif unit in ("flat", "month"):
        quantity = Decimal(rng.choice([1, 1, 1, 3, 12]))
    else:
        quantity = Decimal(rng.choice([1, 1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 25, 40, 100, 250, 1000]))
    quantity *= sign
    discount = (
        Decimal(rng.choice([2, 3, 5, 10, 15, 20])) if rng.random() < 0.06 and kind in INVOICES else None
    )
    amount = cents(quantity * price)
    adjustments: tuple[Adjustment, ...] = ()
    if discount:
        off = cents(amount * discount / 100)
        adjustments = (Adjustment(amount=off, base=amount, percent=discount),)
        amount -= off
    rate = rng.choice(rates)
    return Line(
        position=str(rng_step(seller) * (place + 1)),
        item_number=item_number(rng, seller),
        description=_described(rng, name),
        details=_details(rng, language) if rng.random() < 0.2 else None,
        quantity=quantity,
        unit=choice_of(random.Random(f"{seller.party.name}/{unit}"), wording(language)["units"][unit]),  # noqa: S311
        unit_price=price,
        adjustments=adjustments,
        tax_rate=rate,
        net_amount=None if gross_lines else amount,
        gross_amount=amount if gross_lines else None,
        delivery_date=None,
    )


def rng_step(seller: Company) -> int:
    """How an issuer counts its positions: 1, 2, 3 or 10, 20, 30."""
    return 10 if len(seller.party.name or "") % 4 == 0 else 1


def item_number(rng: random.Random, seller: Company) -> str:
    """An item number in the seller's own shape."""
    shapes = [
        "######",
        "AA-####",
        "####.###",
        "A#####",
        "########",
        "AAA####-##",
        "##-###-##",
        "#####",
        "#############",
    ]
    shape = random.Random(f"{seller.party.name}/items").choice(shapes)  # noqa: S311
    return filled(rng, shape)


def _described(rng: random.Random, name: str) -> str:
    extra = rng.random()
    if extra < 0.12:
        return f"{name} {filled(rng, 'AA ##')}"
    if extra < 0.2:
        return f"{name}, {rng.randint(2, 90)}x{rng.randint(2, 90)} mm"
    return name


def _details(rng: random.Random, language: str) -> str:
    month = choice_of(rng, wording(language)["numbers"]["months"])
    return choice_of(rng, catalogue()["details"][language]).format(n=rng.randint(100, 99999), month=month)


def _adjustments(
    rng: random.Random, lines: tuple[Line, ...], rates: list[Decimal], language: str
) -> tuple[Adjustment, ...]:
    found = []
    base = sum((line.net_amount or Decimal(0) for line in lines), Decimal(0))
    if rng.random() < 0.08:
        percent = Decimal(rng.choice([2, 3, 5, 10]))
        found.append(
            Adjustment(amount=cents(base * percent / 100), base=base, percent=percent, tax_rate=rates[0])
        )
    if rng.random() < 0.14:
        amount = Decimal(rng.choice(["4.90", "5.95", "8.50", "12.00", "25.00", "49.90", "180.00"]))
        found.append(Adjustment(is_charge=True, amount=amount, reason="shipping", tax_rate=rates[0]))
    return tuple(found)


def _totals(
    rng: random.Random,
    lines: tuple[Line, ...],
    adjustments: tuple[Adjustment, ...],
    gross_lines: bool,
    prepaid: bool,
) -> tuple[tuple[Tax, ...], Totals]:
    sums: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.tax_rate or Decimal(0)] += (
            line.gross_amount if gross_lines else line.net_amount
        ) or Decimal(0)
    for one in adjustments:
        sums[one.tax_rate or Decimal(0)] += (one.amount or Decimal(0)) * (1 if one.is_charge else -1)
    taxes = []
    for rate, amount in sorted(sums.items(), reverse=True):
        base = cents(amount * 100 / (100 + rate)) if gross_lines else amount
        tax = amount - base if gross_lines else cents(base * rate / 100)
        taxes.append(Tax(rate=rate, base=base, amount=tax))
    net = sum((tax.base or Decimal(0) for tax in taxes), Decimal(0))
    tax_total = sum((tax.amount or Decimal(0) for tax in taxes), Decimal(0))
    gross = net + tax_total
    share = Decimal(rng.choice(["0.1", "0.25", "0.3", "0.5", "1", "1"]))
    paid = cents(gross * share) if prepaid else None
    line_sum = sum((line.net_amount or Decimal(0) for line in lines), Decimal(0)) if not gross_lines else None
    totals = Totals(
        lines=line_sum if adjustments else None,
        allowances=sum((a.amount or Decimal(0) for a in adjustments if not a.is_charge), Decimal(0)) or None,
        charges=sum((a.amount or Decimal(0) for a in adjustments if a.is_charge), Decimal(0)) or None,
        net=net,
        tax=tax_total,
        gross=gross,
        prepaid=paid,
        due=gross - paid if paid is not None else gross,
    )
    return tuple(taxes), totals


def _terms(rng: random.Random, issued: date) -> tuple[Terms, date]:
    days = rng.choice([7, 10, 14, 14, 20, 30, 30, 30, 45, 60, 90])
    discounts: tuple[Discount, ...] = ()
    if rng.random() < 0.2 and days >= 20:
        discounts = (
            Discount(percent=Decimal(rng.choice(["2", "3", "1.5"])), days=rng.choice([7, 8, 10, 14])),
        )
    return Terms(net_days=days, discounts=discounts), issued + timedelta(days=days)


def _number(rng: random.Random, issued: date) -> str:
    shape = rng.choice(
        [
            "######",
            "#######",
            "####",
            "{y}-####",
            "{y}/###",
            "A{y}#####",
            "AA-######",
            "{y}######",
            "##########",
            "AA{yy}-####",
            "{yy}/####",
            "###/##/{y}",
            "A-##-####",
            "{y}.####",
            "F##-###-#####",
            "AA#######",
            "{y}-##-A###",
        ]
    )
    head = shape.replace("{y}", "\0").replace("{yy}", "\1")
    return filled(rng, head).replace("\0", str(issued.year)).replace("\1", f"{issued.year % 100:02}")


def _known_as(rng: random.Random, party: Party) -> Party:
    if rng.random() < 0.5:
        return party.model_copy(
            update={
                "identifier": filled(rng, rng.choice(["#####", "######", "A####", "1#######", "##-####"]))
            }
        )
    return party


def _accounts(rng: random.Random, seller: Company) -> tuple[BankAccount, ...]:
    """One account, or two with those houses that have two."""
    if random.Random(f"{seller.key}/accounts").random() > 0.12:  # noqa: S311
        return (seller.bank,)
    return (
        seller.bank,
        company(f"{seller.key}/second bank", country=seller.country).bank.model_copy(
            update={"holder": seller.party.name}
        ),
    )


def _ship_to(rng: random.Random, buyer: Company) -> Party | None:
    if rng.random() > 0.16:
        return None
    other = company(f"site/{rng.random()}", country=buyer.country).party.address
    return Party(name=buyer.party.name, address=other)


def _references(rng: random.Random, kind: DocumentType, subtype: Subtype, issued: date) -> References:
    many = kind not in (DocumentType.PURCHASE_ORDER, DocumentType.RECEIPT)
    old = issued - timedelta(days=rng.randint(5, 90))
    corrects = kind in (DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO) or subtype in (
        Subtype.CORRECTION,
        Subtype.REMINDER,
    )
    return References(
        order_number=_number(rng, issued) if many and rng.random() < 0.6 else None,
        sales_order_number=_number(rng, issued) if many and rng.random() < 0.15 else None,
        contract_number=_number(rng, issued) if rng.random() < 0.08 else None,
        delivery_note_number=_number(rng, issued) if kind in INVOICES and rng.random() < 0.3 else None,
        project=filled(rng, "A-####") if many and rng.random() < 0.1 else None,
        buyer_reference=filled(rng, rng.choice(["AA/##", "#####", "AAA-###"]))
        if many and rng.random() < 0.25
        else None,
        preceding=((_number(rng, old), old),) if corrects and rng.random() < 0.9 else (),
    )


def _unpriced(line: Line) -> Line:
    none = {"unit_price": None, "net_amount": None, "gross_amount": None, "tax_rate": None, "adjustments": ()}
    return line.model_copy(update=none)


# ---------------------------------------------------------------- payments, accounts, forms


def _payment_advice(rng: random.Random, issuer: Company, partner: Company, language: str) -> Draft:
    paid_on = date(2016, 1, 1) + timedelta(days=rng.randrange(3900))
    items: list[Remittance] = []
    texts = rng.random() < 0.25
    for _ in range(rng.choice([1, 2, 3, 4, 5, 8, 14, 30])):
        issued = paid_on - timedelta(days=rng.randint(8, 70))
        gross = Decimal(rng.randint(2000, 2_500_000)) / 100
        if items and rng.random() < 0.07:
            gross = -cents(gross / 20)
        off = cents(gross * Decimal(rng.choice(["0.02", "0.03"]))) if rng.random() < 0.3 else None
        items.append(
            Remittance(
                document_number=_number(rng, issued),
                document_date=issued,
                gross=gross,
                deduction=off,
                paid=gross - (off or Decimal(0)),
                text=_details(rng, language) if texts else None,
            )
        )
    contract = PaymentAdvice(
        number=_number(rng, paid_on),
        issue_date=paid_on,
        currency=issuer.currency,
        language=language,
        payer=_known_as(rng, issuer.party),
        payee=_known_as(rng, partner.party),
        payment_date=paid_on + timedelta(days=rng.choice([0, 0, 1, 2])),
        bank_accounts=(partner.bank,) if rng.random() < 0.7 else (),
        remittances=tuple(items),
        total=sum((item.paid or Decimal(0) for item in items), Decimal(0)),
    )
    return Draft(contract, language, "payment_advice", issuer, partner, rng.random() < 0.3)


def _statement(rng: random.Random, issuer: Company, partner: Company, language: str) -> Draft:
    start = date(2016 + rng.randrange(10), rng.randint(1, 12), 1)
    end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    of_bank = rng.random() < 0.6
    balance = opening = Decimal(rng.randint(-300_000, 3_000_000)) / 100
    entries = []
    days = sorted(rng.randint(0, (end - start).days) for _ in range(rng.choice([2, 4, 6, 9, 14, 22, 45])))
    for day in days:
        amount = Decimal(rng.randint(500, 900_000)) / 100 * rng.choice([1, -1])
        balance += amount
        entries.append(_entry(rng, start + timedelta(days=day), amount, balance, language, of_bank))
    bank = issuer.bank.model_copy(update={"bank_name": None, "holder": None})
    bank = partner.bank.model_copy(update={"bank_name": None, "holder": None}) if of_bank else BankAccount()
    contract = AccountStatement(
        number=str(rng.randint(1, 260)) if of_bank else _number(rng, end),
        issue_date=end + timedelta(days=rng.choice([0, 1, 2])),
        currency=issuer.currency,
        language=language,
        issuer=issuer.party,
        holder=_known_as(rng, partner.party),
        account=bank,
        period_start=start,
        period_end=end,
        opening_balance=opening,
        closing_balance=balance,
        entries=tuple(entries),
    )
    return Draft(
        contract, language, "bank_statement" if of_bank else "supplier_statement", issuer, partner, False
    )


def _entry(
    rng: random.Random, day: date, amount: Decimal, balance: Decimal, language: str, of_bank: bool
) -> StatementEntry:
    titles = wording(language)["titles"]
    names = places()["names"]
    if of_bank:
        who = f"{choice_of(rng, names['last'])} {choice_of(rng, names[f'trades_{language}'])}"
        what = choice_of(rng, wording(language)["labels"]["invoice_number"]) + " " + _number(rng, day)
        return StatementEntry(
            booked=day,
            value_date=day if rng.random() < 0.5 else None,
            text=f"{who} {what}" if rng.random() < 0.6 else who,
            amount=amount,
            balance=balance,
        )
    kind = "invoice" if amount > 0 else rng.choice(["credit_memo", "payment_advice"])
    return StatementEntry(
        booked=day,
        document_number=_number(rng, day),
        text=choice_of(rng, titles[kind]).capitalize(),
        amount=amount,
        balance=balance,
    )


def _voucher(rng: random.Random, issuer: Company, partner: Company, language: str) -> Draft:
    posted = date(2016, 1, 1) + timedelta(days=rng.randrange(3900))
    names = places()["names"]
    lines, total = [], Decimal(0)
    for _ in range(rng.choice([1, 1, 2, 3, 4, 6])):
        amount = Decimal(rng.randint(500, 5_000_000)) / 100
        total += amount
        lines.append(_voucher_line(rng, issuer, language, debit=amount))
    lines.append(_voucher_line(rng, issuer, language, credit=total))
    if rng.random() < 0.3:
        lines = lines[::-1]
    contract = JournalVoucher(
        number=_number(rng, posted),
        issue_date=posted if rng.random() < 0.5 else None,
        currency=issuer.currency,
        language=language,
        company=issuer.party,
        posting_date=posted,
        prepared_by=f"{choice_of(rng, names['first'])} {choice_of(rng, names['last'])}",
        approved_by=f"{choice_of(rng, names['first'])} {choice_of(rng, names['last'])}",
        lines=tuple(lines),
        total_debit=total,
        total_credit=total,
    )
    return Draft(contract, language, "journal_voucher", issuer, partner, True)


def _voucher_line(
    rng: random.Random,
    issuer: Company,
    language: str,
    debit: Decimal | None = None,
    credit: Decimal | None = None,
) -> VoucherLine:
    shape = random.Random(f"{issuer.key}/chart").choice(["####", "######", "#####", "########"])  # noqa: S311
    goods = rng.choice(catalogue()["trades"][issuer.trade])[3].split(" | ")[LANGUAGES.index(language)]
    return VoucherLine(
        account=filled(rng, shape),
        account_name=goods,
        text=_details(rng, language),
        cost_center=filled(rng, "####") if rng.random() < 0.6 else None,
        debit=debit,
        credit=credit,
    )


def _form(rng: random.Random, issuer: Company, partner: Company, language: str) -> Draft:
    day = date(2016, 1, 1) + timedelta(days=rng.randrange(3900))
    role = rng.choice(["supplier", "supplier", "customer"])
    contract = MasterDataForm(
        number=_number(rng, day) if rng.random() < 0.4 else None,
        issue_date=day,
        language=language,
        party=partner.party,
        role=role,
        bank_accounts=(partner.bank,) if role == "supplier" else (),
        terms=Terms(net_days=rng.choice([14, 30, 45])),
    )
    return Draft(contract, language, f"master_{role}", issuer, partner, rng.random() < 0.6)
