"""Documents that are little ledgers: payment advices, account statements, journal vouchers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from abax.documents.contracts import DocumentType
from abax.documents.rules.arithmetic import equal
from abax.documents.rules.model import Result, Rule, Severity, Subject

_ZERO: Final = Decimal(0)


def _advice_total(subject: Subject) -> Iterator[Result]:
    paid = [row.paid if row.paid is not None else row.gross for row in subject.contract.remittances]
    if None not in paid:
        worked_out = sum((amount for amount in paid if amount is not None), _ZERO)
        yield equal(
            subject, subject.contract.total, worked_out, f"sum of {len(paid)} payments", "total", units=0
        )


def _advice_rows(subject: Subject) -> Iterator[Result]:
    for place, row in enumerate(subject.contract.remittances):
        if row.gross is not None and row.paid is not None:
            deduction = abs(row.deduction) if row.deduction is not None else _ZERO
            how = f"{row.gross:f} - {deduction:f}"
            path = f"remittances[{place}].paid"
            yield equal(subject, row.paid, row.gross - deduction, how, path)


def _advice_once(subject: Subject) -> Iterator[Result]:
    numbers = [row.document_number for row in subject.contract.remittances if row.document_number]
    twice = {number for number in numbers if numbers.count(number) > 1}
    for number in sorted(twice):
        yield Result(False, f"{number} is paid {numbers.count(number)} times", ("remittances",))
    if numbers and not twice:
        yield Result(True, f"{len(numbers)} documents, each once", ("remittances",))


def _statement_balance(subject: Subject) -> Iterator[Result]:
    contract = subject.contract
    amounts = [entry.amount for entry in contract.entries]
    if None in amounts:
        return
    moved = sum(amounts, _ZERO)
    how = f"opening {contract.opening_balance:f} + {len(amounts)} entries {moved:f}"
    paths = ("opening_balance", "entries")
    worked_out = contract.opening_balance + moved
    yield equal(subject, contract.closing_balance, worked_out, how, "closing_balance", units=0, more=paths)


def _statement_running(subject: Subject) -> Iterator[Result]:
    balance = subject.contract.opening_balance
    for place, entry in enumerate(subject.contract.entries):
        if entry.amount is None or balance is None:
            balance = entry.balance
            continue
        worked_out = balance + entry.amount
        if entry.balance is not None:
            how = f"{balance:f} + {entry.amount:f}"
            yield equal(subject, entry.balance, worked_out, how, f"entries[{place}].balance", units=0)
        balance = entry.balance if entry.balance is not None else worked_out


def _statement_period(subject: Subject) -> Iterator[Result]:
    start, end = subject.contract.period_start, subject.contract.period_end
    for place, entry in enumerate(subject.contract.entries):
        if entry.booked is not None:
            passed = start <= entry.booked <= end
            yield Result(passed, f"{entry.booked} from {start} to {end}", (f"entries[{place}].booked",))


def _voucher_balance(subject: Subject) -> Iterator[Result]:
    lines = subject.contract.lines
    debit = sum((line.debit for line in lines if line.debit is not None), _ZERO)
    credit = sum((line.credit for line in lines if line.credit is not None), _ZERO)
    yield Result(debit == credit, f"debit {debit:f}, credit {credit:f}", ("lines",))


def _voucher_totals(subject: Subject) -> Iterator[Result]:
    for side in ("debit", "credit"):
        said = getattr(subject.contract, f"total_{side}")
        if said is not None:
            amounts = [getattr(line, side) for line in subject.contract.lines]
            worked_out = sum((amount for amount in amounts if amount is not None), _ZERO)
            yield equal(subject, said, worked_out, f"sum of {side}s", f"total_{side}", units=0)


def _voucher_sides(subject: Subject) -> Iterator[Result]:
    for place, line in enumerate(subject.contract.lines):
        sides = [amount for amount in (line.debit, line.credit) if amount]
        shown = f"lines[{place}]: debit {line.debit}, credit {line.credit}"
        yield Result(
            len(sides) == 1 and bool(line.account), f"{shown}, account {line.account}", (f"lines[{place}]",)
        )


_ADVICE: Final = frozenset({DocumentType.PAYMENT_ADVICE})
_STATEMENT: Final = frozenset({DocumentType.ACCOUNT_STATEMENT})
_VOUCHER: Final = frozenset({DocumentType.JOURNAL_VOUCHER})
E, W = Severity.ERROR, Severity.WARNING

RULES: Final = (
    Rule(
        "advice-total",
        "The documents paid add up to the payment.",
        E,
        _advice_total,
        ("remittances", "total"),
        _ADVICE,
    ),
    Rule("advice-rows", "Gross less deduction is what was paid.", W, _advice_rows, ("remittances",), _ADVICE),
    Rule("advice-once", "No document is paid twice.", W, _advice_once, ("remittances",), _ADVICE),
    Rule(
        "statement-balance",
        "Opening balance and entries come to the closing balance.",
        E,
        _statement_balance,
        ("opening_balance", "closing_balance"),
        _STATEMENT,
    ),
    Rule(
        "statement-running",
        "Each balance follows from the one before.",
        W,
        _statement_running,
        ("entries",),
        _STATEMENT,
    ),
    Rule(
        "statement-period",
        "Entries lie within the statement's period.",
        W,
        _statement_period,
        ("period_start", "period_end", "entries"),
        _STATEMENT,
    ),
    Rule("voucher-balance", "Debits equal credits.", E, _voucher_balance, ("lines",), _VOUCHER),
    Rule("voucher-totals", "The totals are those of the lines.", E, _voucher_totals, ("lines",), _VOUCHER),
    Rule(
        "voucher-sides",
        "Each line has an account and either a debit or a credit.",
        E,
        _voucher_sides,
        ("lines",),
        _VOUCHER,
    ),
)
"""Payments, balances and postings."""
