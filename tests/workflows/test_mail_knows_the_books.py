"""What a close keeps of partners' accounts, in answers to mail: from an ERP's tables to a draft's words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from abax.compose import Edge, edge
from abax.ledger.model import PartnerAccounts
from abax.mail.contracts import Reply
from abax.workflow import jobs, mail_practice
from abax.workflow.close import run_close
from abax.workflow.mail import take_in
from abax.workflow.mail_practice import books_for, practice_of, set_practice
from abax.workflow.mail_replies import reply_of
from abax.workflow.outcome import PARTNERS, RESULTS
from abax.workflow.request import CloseRequest
from abax.writing import spelling

from tests.support import sample
from tests.support.mails import OWN, eml

pytestmark = pytest.mark.timeout(300)

PAID_ONCE = """
    SELECT i.move_name, p.id, p.name, i.debit, r.max_date FROM account_partial_reconcile r
    JOIN account_move_line i ON i.id = r.debit_move_id JOIN res_partner p ON p.id = i.partner_id
    JOIN account_journal j ON j.id = i.journal_id JOIN account_move_line c ON c.id = r.credit_move_id
    JOIN account_journal bank ON bank.id = c.journal_id
    WHERE i.company_id = 1 AND j.type = 'sale' AND bank.type = 'bank' AND r.amount = i.debit
    AND r.max_date BETWEEN '2025-03-01' AND '2025-12-01' ORDER BY i.id LIMIT 1"""
BOOKKEEPER = "bookkeeping@otherwise.example"
"""The address that the ERP has: its domain bears nobody's name."""


@dataclass(frozen=True)
class Paid:
    """An invoice of the sample company that its customer has paid at once."""

    number: str
    partner: str
    amount: Decimal
    day: date


@pytest.fixture(scope="module")
def paid() -> Paid:
    [(number, _, partner, amount, day)] = sample.rows(sample.small_books().path, PAID_ONCE)
    return Paid(number, partner, Decimal(str(amount)), date.fromisoformat(day))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, paid: Paid) -> Iterator[Edge]:
    """A closed sample company, whose ERP has one address of one customer's."""
    folder = tmp_path_factory.mktemp("house")
    has = f"UPDATE res_partner SET email = 'Accounts <{BOOKKEEPER.title()}>' WHERE name = '{paid.partner}'"
    made = edge(folder / "home", {"erp": {"url": sample.url(sample.broken_books(folder, has))}})
    set_practice(made.mail.records, {"own": OWN})
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    asked = CloseRequest(secret="erp", company=sample.COMPANY, year=sample.YEAR, mapping=mapping)
    run_close(made.context, jobs.create(made.services.jobs, asked)[0].job_id)
    mail_practice.forget()
    yield made
    mail_practice.forget()


def answered(house: Edge, number: int, body: str, sender: str) -> Reply:
    """The draft that answers a message."""
    content = eml(number, subject="Our payment", body=body, sender=sender)
    [taken] = take_in(house.mail, [content])
    _, reply = reply_of(house.mail.records, taken.mail_id)
    return reply


def kept(house: Edge) -> PartnerAccounts:
    [key] = [key for key in house.services.objects.keys("closes/") if key.endswith(f"/{PARTNERS}")]
    return PartnerAccounts.model_validate_json(house.services.objects.get(key))


def test_who_asks_after_a_paid_invoice_is_told_when_and_how_much_was_paid(house: Edge, paid: Paid) -> None:
    question = f"Dear all,\n\nhave you received our payment of invoice {paid.number}?\n\nKind regards,\nAna"
    reply = answered(house, 1, question, f"Ana <{BOOKKEEPER}>")
    amount = spelling.amount(paid.amount, "EUR", "en")
    assert reply.kind == "invoice_status"
    assert f"Invoice {paid.number} is settled in our books. Recorded: {amount} on " in reply.body
    assert spelling.day(paid.day, "en") in reply.body
    told = {fact.name: fact.value for fact in reply.facts}
    assert told[f"invoice.{paid.number}.paid"] == f"{paid.amount} EUR"
    assert told[f"invoice.{paid.number}.paid_on"] == paid.day.isoformat()
    assert told["sender.partner"] == paid.partner


def test_who_is_told_is_known_by_the_address_that_the_erp_has(house: Edge, paid: Paid) -> None:
    question = f"Have you received our payment of invoice {paid.number}?"
    known = answered(house, 2, question, f"Ana <{BOOKKEEPER.upper()}>")
    other = answered(house, 3, question, "Ana <somebody@otherwise.example>")
    amount = spelling.amount(paid.amount, "EUR", "en")
    assert amount in known.body and known.why.startswith("the books are")
    assert [fact.source for fact in known.facts if fact.name == "sender.partner"] == ["contact"]
    assert amount not in other.body and "settled" not in other.body
    assert "not known to belong to any partner" in other.why


def test_a_payment_is_found_by_its_amount_where_no_number_is_named(house: Edge, paid: Paid) -> None:
    amount = f"EUR {paid.amount:,.2f}"
    question = f"We have transferred {amount} to you. Has our payment arrived?"
    reply = answered(house, 4, question, f"Ana <{BOOKKEEPER}>")
    assert f"Invoice {paid.number} is settled in our books." in reply.body
    assert f"{paid.number} is taken for what the message means by its amount" in reply.why


def test_addresses_are_in_no_result_and_in_no_log(
    house: Edge, paid: Paid, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail_practice.forget()
    answered(house, 5, f"Is invoice {paid.number} paid?", f"Ana <{BOOKKEEPER}>")
    assert BOOKKEEPER not in caplog.text.lower()
    assert PARTNERS not in RESULTS
    results = next(job for job in house.services.jobs.recent(5, "close")).results
    assert all(BOOKKEEPER.encode() not in house.services.objects.get(key).lower() for key in results.values())


def test_what_is_kept_is_bounded_by_the_months_before_the_closing_date(house: Edge, paid: Paid) -> None:
    known = kept(house)
    assert (known.as_of, known.since) == (date(2025, 12, 31), date(2024, 12, 31))
    settled = [item for item in known.items if not item.residual]
    assert settled and all(item.settled_on and item.settled_on > known.since for item in settled)
    assert any(item.payments for item in settled if item.side == "payable")
    assert [(one.partner, one.address) for one in known.addresses] == [(paid.partner, BOOKKEEPER)]


def test_a_close_from_before_this_was_kept_tells_of_open_items_alone(house: Edge) -> None:
    objects, practice = house.services.objects, practice_of(house.mail.records)
    mail_practice.forget()
    now = books_for(objects, house.services.jobs, practice)
    [key] = [key for key in objects.keys("closes/") if key.endswith(f"/{PARTNERS}")]
    content = objects.get(key)
    objects.fetch(key).unlink()
    mail_practice.forget()
    before = books_for(objects, house.services.jobs, practice)
    objects.put(key, content)
    mail_practice.forget()
    assert now.settled and now.paid and now.contacts
    assert not (before.settled or before.paid or before.contacts)
    by_number = [item.model_copy(update={"reference": ""}) for item in now.items]
    assert sorted(before.items, key=repr) == sorted(by_number, key=repr)
    assert any(item.reference for item in now.items)
    assert (before.company, before.as_of, before.source) == (now.company, now.as_of, now.source)


def test_what_an_address_is_set_to_goes_before_what_the_erp_has(house: Edge) -> None:
    practice = practice_of(house.mail.records).model_copy(update={"contacts": {BOOKKEEPER: "Somebody Else"}})
    mail_practice.forget()
    books = books_for(house.services.objects, house.services.jobs, practice)
    mail_practice.forget()
    assert [(one.partner, one.address) for one in books.contacts] == [("Somebody Else", BOOKKEEPER)]


def test_a_close_that_was_tidied_away_is_none(house: Edge, tmp_path: Path) -> None:
    from abax.adapters.local.objects import FolderObjects

    mail_practice.forget()
    empty = FolderObjects(tmp_path / "tidy")
    books = books_for(empty, house.services.jobs, practice_of(house.mail.records))
    mail_practice.forget()
    assert (books.items, books.settled, books.contacts) == ((), (), ())


def test_it_is_json_that_tells_money_as_text(house: Edge) -> None:
    [key] = [key for key in house.services.objects.keys("closes/") if key.endswith(f"/{PARTNERS}")]
    item = json.loads(house.services.objects.get(key))["items"][0]
    assert isinstance(item["gross"], str) and isinstance(item["residual"], str)
