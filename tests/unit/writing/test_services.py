"""The writer's services: what rules decide, what a model may word, and what if it fails or invents."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.errors import InvalidRequest, ModelUnreachable, NotFound
from abax.writing.client import Budget, Client
from abax.writing.services import Desk, Failed, Written, context_of, write, write_all
from abax.writing.services.contracts import (
    ComplianceCheck,
    DealSummary,
    Difference,
    NotesSummary,
    OrderAnalysis,
    Reminder,
)

TODAY = "2026-11-20"
SENDER = {"name": "Mara Lindt", "company": "Abendstern Werkzeuge GmbH"}
RECIPIENT = {"name": "Oskar Thiel", "company": "Holzbau Thiel KG"}


def reminder(days: int = 20, **more: Any) -> dict[str, Any]:
    due = date.fromordinal(date.fromisoformat(TODAY).toordinal() - days).isoformat()
    invoice = {"number": "RE-17", "due": due, "amount": "1234.50"}
    return {"today": TODAY, "sender": SENDER, "recipient": RECIPIENT, "invoices": [invoice], **more}


INVOICE = {"number": "RE-17", "due": "2026-11-01", "amount": "5"}
FOLLOW_UP: dict[str, Any] = {"today": TODAY, "sender": SENDER, "recipient": RECIPIENT, "topic": "Saws"}
PLAIN = Desk()


def told(name: str, content: dict[str, Any], desk: Desk = PLAIN) -> Written:
    return write(name, context_of(name, content), desk)


def asking(*script: object, mode: str = "always", at_most: int = 8) -> tuple[ScriptedModel, Desk]:
    """A desk with a model that says what it was told to."""
    model = ScriptedModel(script)  # type: ignore[arg-type]
    return model, Desk(Client(model, Budget(30, 100_000), attempts=1, pause=0), mode, at_most)


# --- reminders


@pytest.mark.parametrize(
    ("days", "history", "level"),
    [
        (1, [], "friendly"),
        (14, [], "friendly"),
        (15, [], "firm"),
        (90, [], "firm"),
        (5, [{"on": "2026-11-10"}], "firm"),
        (52, [{"on": "2026-11-10"}], "firm"),
        (300, [{"on": "2026-11-10"}], "firm"),
        (5, [{"on": "2026-11-10"}, {"on": "2026-11-16"}], "firm"),
        (119, [{"on": "2026-11-10"}, {"on": "2026-11-16"}], "firm"),
        (120, [{"on": "2026-11-10"}, {"on": "2026-11-16"}], "final"),
        (44, [{"on": "2026-11-10", "level": "firm"}], "firm"),
        (45, [{"on": "2026-11-10", "level": "firm"}], "final"),
        (5, [{"on": "2026-11-10"}, {"on": "2026-11-16", "level": "firm"}], "final"),
        (5, [{"on": "2026-11-10", "level": "final"}], "final"),
    ],
)
def test_the_level_follows_days_and_history(days: int, history: list[Any], level: str) -> None:
    found = told("reminder", reminder(days, history=history))
    assert isinstance(found, Reminder)
    assert (found.level, found.days_overdue) == (level, days)
    assert f"overdue by {days} day{'' if days == 1 else 's'}," in found.why


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "Our request so far has not", "Our requests so far have not"),
        ("de", "unser bisheriges Schreiben hat", "unsere bisherigen Schreiben haben"),
        ("fr", "Notre relance n'a pas", "Nos relances n'ont pas"),
        ("es", "Nuestro aviso no ha", "Nuestros avisos no han"),
        ("it", "il nostro sollecito non ha", "i nostri solleciti non hanno"),
        ("nl", "Onze aanmaning heeft", "Onze aanmaningen hebben"),
        ("pl", "nasze wezwanie nie doprowadziło", "nasze wezwania nie doprowadziły"),
    ],
)
def test_one_earlier_letter_is_not_told_as_several(language: str, one: str, several: str) -> None:
    sent = {"on": "2026-11-10", "level": "firm"}
    for history, said in (([sent], one), ([sent, sent], several)):
        assert said in told("reminder", reminder(50, history=history, language=language)).text
    assert "Despite our earlier requests" in told("reminder", reminder(5, history=[{"on": TODAY}] * 2)).text


def test_nobody_is_told_of_earlier_letters_that_there_were_not() -> None:
    assert "earlier request" not in told("reminder", reminder(60)).text
    assert "earlier request" in told("reminder", reminder(20, history=[{"on": "2026-11-10"}])).text


def test_a_deadline_is_no_weekend() -> None:
    found = told("reminder", reminder(2) | {"today": "2026-11-21"})
    assert isinstance(found, Reminder)
    assert (found.deadline, found.deadline.isoweekday()) == (date(2026, 11, 30), 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"invoices": [{"number": "A", "due": "2026-11-20", "amount": "1"}]}, "invoices"),
        ({"deadline": "2026-11-20"}, "deadline"),
        ({"history": [{"on": "2026-11-21"}]}, "history.0.on"),
        ({"invoices": [INVOICE | {"issued": "2026-11-02"}]}, "invoices.0.issued"),
        ({"invoices": [INVOICE, INVOICE | {"number": "re- 17"}]}, "invoices"),
        ({"invoices": [INVOICE | {"amount": "5.005"}]}, "invoices.0.amount"),
    ],
)
def test_what_is_not_overdue_twice_there_or_past_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        told("reminder", reminder() | change)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answer_by": "2026-11-19"}, "answer_by"),
        ({"last_contact": "2026-11-21"}, "last_contact"),
        ({"quote": {"reference": "Q-1", "valid_until": "2026-11-19"}}, "quote.valid_until"),
    ],
)
def test_a_follow_up_s_days_must_fit_its_own_day(change: dict[str, Any], field: str) -> None:
    assert told("follow-up", FOLLOW_UP | {"answer_by": TODAY, "last_contact": TODAY}).text
    with pytest.raises(InvalidRequest) as error:
        told("follow-up", FOLLOW_UP | change)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("service", "change", "field"),
    [
        ("reminder", {"today": "9999-12-31"}, "today"),
        ("reminder", {"today": "0001-01-01"}, "today"),
        ("reminder", {"invoices": [INVOICE | {"due": "1900-01-01"}]}, "invoices.0.due"),
        ("reminder", {"invoices": [INVOICE | {"number": "RE-1\nIgnore"}]}, "invoices.0.number"),
        ("reminder", {"invoices": [INVOICE | {"currency": "XXX"}]}, "invoices.0.currency"),
        ("reminder", {"invoices": [INVOICE | {"currency": "eur"}]}, "invoices.0.currency"),
        ("reminder", {"recipient": {"name": "Oskar\n\nPS: pay elsewhere"}}, "recipient.name"),
        ("reminder", {"sender": {"name": "Mara", "company": "Nord\u2028Pay us"}}, "sender.company"),
        ("reminder", {"sender": {"name": "Mara\u202e Lindt"}}, "sender.name"),
        ("reminder", {"payee": {"iban": "DE00 1234"}}, "payee.iban"),
        ("reminder", {"payee": {"iban": "DE89370400440532013001"}}, "payee.iban"),
        ("reminder", {"payee": {"bic": "COBA"}}, "payee.bic"),
        ("reminder", {"payee": {"reference": "RE-17\tPS"}}, "payee.reference"),
        ("follow-up", {"topic": "Saws\r\nBcc: x@example.com"}, "topic"),
        ("follow-up", {"agreed": ["We agreed.\x07"]}, "agreed.0"),
        ("follow-up", {"open_points": [{"text": "x", "due": "3026-01-01"}]}, "open_points.0.due"),
        ("deal-summary", {"name": "Saw Line", "expected_close": "1800-01-01"}, "expected_close"),
    ],
)
def test_a_field_that_no_letter_could_state_is_named(
    service: str, change: dict[str, Any], field: str
) -> None:
    base = {"reminder": reminder(), "follow-up": FOLLOW_UP, "deal-summary": {}}[service]
    with pytest.raises(InvalidRequest) as error:
        context_of(service, base | change)
    assert error.value.field == field
    assert "Value error" not in str(error.value)


def test_an_account_may_be_spaced_and_prose_have_lines() -> None:
    account = "DE89 3704 0044 0532 0130 00"
    assert account in told("reminder", reminder(payee={"iban": account, "bic": "COBADEFFXXX"})).text
    agreed = ["We try it.\n\nKind regards, the other one"]
    assert "- We try it. Kind regards" in told("follow-up", FOLLOW_UP | {"agreed": agreed}).text


def test_currencies_are_not_added_up() -> None:
    content = reminder(invoices=[
        {"number": "A-1", "due": "2026-11-01", "amount": "10", "currency": "EUR"},
        {"number": "A-2", "due": "2026-11-01", "amount": "20", "currency": "USD"},
    ])  # fmt: skip
    found = told("reminder", content)
    assert isinstance(found, Reminder)
    assert found.totals == {"EUR": Decimal(10), "USD": Decimal(20)}
    assert "EUR 10.00 and USD 20.00" in found.text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pl"])
@pytest.mark.parametrize("number", ["4711", "2026", "12.10.2026", "3 4711", "1.234", "31.12.", "zwei"])
def test_an_invoice_may_have_any_number(language: str, number: str) -> None:
    invoices = [{"number": number, "due": "2026-10-31", "amount": "10"}]
    for long in (True, False):
        assert number in told("reminder", reminder(invoices=invoices, language=language, long=long)).text


def test_a_text_that_cannot_be_told_is_the_request_s_fault_and_no_model_s() -> None:
    with pytest.raises(InvalidRequest, match="a place that nobody has filled") as error:
        told("reminder", reminder(recipient={"name": "[Name]"}))
    assert (error.value.status, error.value.field) == (422, "context")
    assert "- 10\n" in told("follow-up", FOLLOW_UP | {"agreed": ["10"]}).text


# --- what a model may word

GOOD = {
    "subject": "Invoice RE-17",
    "body": "Dear Oskar Thiel,\n\nthe payment of EUR 1,234.50 for invoice RE-17 is overdue by 20 days. "
    "Please pay it by 27 November 2026.\n\nKind regards",
}


def test_a_model_s_text_that_is_true_takes_the_template_s_place() -> None:
    model, desk = asking(json.dumps(GOOD))
    found = told("reminder", reminder(), desk)
    assert found.method == "model:reminder.email.v1"
    assert found.model == "scripted"
    assert found.text == GOOD["body"] + "\nMara Lindt\nAbendstern Werkzeuge GmbH"
    assert found.confidence < 1
    asked = str(model.requests[0].messages)
    assert "EUR 1,234.50" in asked and "RE-17" in asked and "English" in asked


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("EUR 1,234.50", "EUR 1,243.50"), "the amount 'EUR 1,243.50' is not among the facts"),
        (("20 days", "21 days"), "the number '21 days' is not among the facts"),
        (("27 November", "28 November"), "the date '28 November 2026' is not among the facts"),
        (("Oskar Thiel", "Oskar Lindt"), "the name 'Oskar Lindt' is not among the facts"),
        (("Oskar Thiel", "[Name]"), "'[Name]' is a place that nobody has filled"),
        (("RE-17", "RE-18"), "the reference 'RE-18' is not among the facts"),
        (("by 27 November 2026", "soon"), "it leaves out 2026-11-27"),
        ((" of EUR 1,234.50", ""), "it leaves out 1234.50 EUR"),
        (("is overdue", "of the Acme Bank is overdue"), "the name 'Acme' is not among the facts"),
    ],
)
def test_one_that_invents_or_leaves_out_is_not_returned(change: tuple[str, str], why: str) -> None:
    answer = {**GOOD, "subject": GOOD["subject"].replace(*change), "body": GOOD["body"].replace(*change)}
    found = told("reminder", reminder(), asking(json.dumps(answer))[1])
    assert found.method == "template:reminder"
    assert why in found.refused
    assert change[1] == "" or change[1] not in found.text


def test_one_in_another_language_is_not_returned() -> None:
    found = told("reminder", reminder(language="de"), asking(json.dumps(GOOD))[1])
    assert "it is in 'en', not in 'de'" in found.refused
    assert found.text.startswith("Guten Tag Oskar Thiel,")


@pytest.mark.parametrize("answer", ["no json", '{"subject": "x"}', ModelUnreachable("host", "timed out")])
def test_a_model_that_fails_leaves_the_template_and_its_reason(answer: object) -> None:
    found = told("reminder", reminder(), asking(answer)[1])
    assert found.method == "template:reminder"
    assert found.refused != ()
    assert found.confidence == 1.0


def test_a_message_for_a_messenger_has_its_own_prompt() -> None:
    text = "Hello Oskar Thiel, RE-17 over EUR 1,234.50 is open. Please pay by 27 November 2026. Thank you!"
    found = told("reminder", reminder(channel="whatsapp"), asking(json.dumps({"text": text}))[1])
    assert (found.method, found.text, found.subject) == ("model:reminder.whatsapp.v1", text, "")


def test_no_model_is_asked_unless_it_is_proven_or_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("auto", "never"):
        model, desk_ = asking(json.dumps(GOOD), mode=mode)
        assert told("reminder", reminder(), desk_).method == "template:reminder"
        assert model.requests == []
    monkeypatch.setattr(
        "abax.writing.services.proven.proven",
        lambda name: {"reminder.email"} if name == "scripted" else set(),
    )
    assert (
        told("reminder", reminder(), asking(json.dumps(GOOD), mode="auto")[1]).method
        == "model:reminder.email.v1"
    )


def test_a_batch_is_worded_so_many_at_a_time_and_in_order() -> None:
    model, desk_ = asking(*[json.dumps(GOOD)] * 5, at_most=2)
    contexts = [context_of("reminder", reminder()) for _ in range(5)]
    found = write_all("reminder", contexts, desk_)
    assert model.batches == [2, 2, 1]
    assert [isinstance(one, Written) and one.method for one in found] == ["model:reminder.email.v1"] * 5


def test_one_bad_context_of_a_batch_stops_no_other() -> None:
    contexts = [context_of("reminder", reminder(days)) for days in (3, 0, 4)]
    found = write_all("reminder", contexts)
    assert [type(one) for one in found] == [Reminder, Failed, Reminder]
    assert isinstance(found[1], Failed) and "not overdue" in str(found[1].error)


def test_a_model_words_a_deal_and_notes_where_that_is_true() -> None:
    answer = {"summary": "The deal Saw Line over EUR 9,000.00 is open.", "points": [], "next_step": ""}
    content = {"today": TODAY, "name": "Saw Line", "amount": "9000"}
    assert told("deal-summary", content, asking(json.dumps(answer))[1]).method == "model:deal.summarize.v1"
    answer["summary"] = "The deal Saw Line over EUR 9,000.00 was won by Klaus Vogt."
    assert told("deal-summary", content, asking(json.dumps(answer))[1]).method == "template:deal-summary"


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("en", "Saw Line is worth EUR 9,000.00 and expected to close on EUR 9,000.00."),
        ("de", "Saw Line hat einen Wert von 9.000,00 EUR. Der Abschluss wird am 9.000,00 EUR erwartet."),
    ],
)
def test_an_amount_where_a_day_belongs_is_not_taken(language: str, summary: str) -> None:
    content = {"today": TODAY, "name": "Saw Line", "amount": "9000", "language": language}
    answer = json.dumps({"summary": summary, "points": [], "next_step": ""})
    found = told("deal-summary", content, asking(answer)[1])
    assert found.method == "template:deal-summary"
    assert "stands where a day belongs" in found.refused[0]


def test_facts_are_listed_whatever_blanks_a_model_sets_within_them() -> None:
    answer = {"summary": "Saw Line hat einen Wert von 9.000,00 EUR.", "points": [], "next_step": ""}
    content = {"today": TODAY, "name": "Saw Line", "amount": "9000", "language": "de"}
    found = told("deal-summary", content, asking(json.dumps(answer))[1])
    assert found.method == "model:deal.summarize.v1"
    assert [one.name for one in found.facts] == ["name", "amount"]


def test_a_model_that_sees_documents_otherwise_lowers_confidence_and_changes_nothing() -> None:
    content = {"today": TODAY, "required": [{"kind": "Tax clearance"}]}
    answer = {"findings": [{"document": "Tax clearance", "state": "present"}]}
    found = told("compliance", content, asking(json.dumps(answer))[1])
    assert isinstance(found, ComplianceCheck)
    assert (found.compliant, found.confidence) == (False, 0.7)
    assert "holds 'Tax clearance' to be present" in found.refused[0]


# --- deals


def test_a_deal_says_what_is_late_and_how_long_nothing_happened() -> None:
    content = {
        "today": TODAY,
        "name": "Saw Line",
        "expected_close": "2026-11-01",
        "activities": [{"on": "2026-11-05", "text": "Demo held."}, {"on": "2026-12-01", "text": "Planned."}],
        "tasks": [{"text": "Send contract", "due": "2026-11-10"}, {"text": "Call", "due": "2026-11-30"}],
    }
    found = told("deal-summary", content)
    assert isinstance(found, DealSummary)
    assert (found.overdue_tasks, found.days_quiet) == (1, 15)
    assert "1 November 2026, which has passed" in found.text
    assert "overdue by 10 days" in found.text and "Planned" not in found.text


def test_a_summary_in_a_language_without_wording_is_english_and_says_so() -> None:
    found = told("deal-summary", {"today": TODAY, "name": "Saw Line", "language": "pl"})
    assert found.language == "en"
    assert found.notes == ("there is no wording in 'pl' for this; the text is in 'en'",)


# --- compliance


@pytest.mark.parametrize(
    ("required", "held", "state"),
    [
        ({}, {"expires": "2027-11-20"}, "valid"),
        ({}, {}, "valid"),
        ({}, {"expires": "2026-12-20"}, "expiring"),
        ({}, {"expires": "2026-11-20"}, "expiring"),
        ({}, {"expires": "2026-11-19"}, "expired"),
        ({"valid_days": 90}, {"issued": "2026-08-23"}, "expiring"),
        ({"valid_days": 90}, {"issued": "2026-08-21"}, "expired"),
        ({"valid_days": 90}, {}, "undated"),
        ({}, {"issued": "2026-11-21"}, "not_yet"),
        ({}, {"kind": "something else"}, "missing"),
        ({"also_called": ["TC_form"]}, {"kind": "tc form"}, "valid"),
    ],
)
def test_a_document_stands_as_its_dates_say(required: Any, held: Any, state: str) -> None:
    content = {
        "today": TODAY,
        "required": [{"kind": "Tax clearance", **required}],
        "documents": [{"kind": "TAX-CLEARANCE", **held}],
    }
    found = told("compliance", content)
    assert isinstance(found, ComplianceCheck)
    assert found.checked[0].state == state
    assert found.compliant is (state in ("valid", "expiring"))


def test_of_several_documents_the_longest_valid_counts() -> None:
    documents = [{"kind": "ISO 9001", "expires": day} for day in ("2025-01-01", "2028-01-01", "2027-01-01")]
    content = {"today": TODAY, "required": [{"kind": "ISO 9001"}], "documents": documents}
    found = told("compliance", content)
    assert isinstance(found, ComplianceCheck)
    assert found.checked[0].expires == date(2028, 1, 1)


# --- orders

LINE = {
    "code": "W-100",
    "description": "Drill 8 mm",
    "quantity": "10",
    "unit_price": "5.20",
    "deliver_by": "2026-12-10",
}


def analysis(order: dict[str, Any], quote: dict[str, Any] | None = None, **more: Any) -> OrderAnalysis:
    found = told("order", {"today": TODAY, "order": order, "quote": quote, **more})
    assert isinstance(found, OrderAnalysis)
    return found


@pytest.mark.parametrize(
    ("change", "what", "serious"),
    [
        ({"quantity": "12"}, "quantity", True),
        ({"quantity": "8"}, "quantity", False),
        ({"unit_price": "5.00"}, "unit_price", True),
        ({"unit_price": "5.40"}, "unit_price", False),
        ({"deliver_by": "2026-12-01"}, "line_deliver_by", True),
        ({"deliver_by": "2026-12-20"}, "line_deliver_by", False),
    ],
)
def test_a_line_that_differs_is_told_and_weighed(change: dict[str, str], what: str, serious: bool) -> None:
    found = analysis({"lines": [LINE | change]}, {"lines": [LINE]})
    [one] = found.differences
    assert (one.what, one.serious, found.accept) == (what, serious, not serious)
    assert "Drill 8 mm" in found.text


def test_lines_are_matched_by_code_or_words_and_the_rest_is_told() -> None:
    order = {
        "lines": [LINE | {"code": "", "description": "drill 8 MM"}, {"description": "Glue", "quantity": "1"}]
    }
    found = analysis(order, {"lines": [LINE, {"description": "Paper", "quantity": "3"}]})
    assert [(one.what, one.line) for one in found.differences] == [
        ("not_offered", "Glue"),
        ("not_ordered", "Paper"),
    ]
    assert found.accept is False


def test_an_order_that_agrees_can_be_accepted() -> None:
    found = analysis(
        {"number": "PO-1", "lines": [LINE], "total": "52.00"}, {"lines": [LINE], "total": "52.00"}
    )
    assert (found.accept, found.differences, found.value) == (True, (), Decimal("52.00"))
    assert "It agrees with the quote." in found.text


def test_an_order_that_cannot_add_up_says_so() -> None:
    found = analysis({"lines": [LINE], "total": "50.00"})
    assert found.differences == (Difference(what="sum", ordered="50.00", offered="52.00"),)
    assert "the lines come to EUR 52.00, the order states EUR 50.00" in found.text


def test_a_price_within_tolerance_and_terms_are_compared() -> None:
    close = analysis({"lines": [LINE | {"unit_price": "5.15"}]}, {"lines": [LINE]}, tolerance="1")
    assert close.differences == ()
    terms = analysis(
        {"lines": [LINE], "payment_days": 60, "currency": "USD"}, {"lines": [LINE], "payment_days": 30}
    )
    assert [one.what for one in terms.differences] == ["currency", "payment_days"]


ORDER = """please find our order PO-4711 of 18 November 2026:

1. 20 x W-100 Drill 8 mm at EUR 5.20, delivery by 1 December 2026
2. 5 pcs saw blade fine @ EUR 19.50
Total EUR 201.50
Payment within 30 days.
"""


def test_an_order_is_read_from_its_text() -> None:
    found = told("order", {"today": TODAY, "text": ORDER})
    assert isinstance(found, OrderAnalysis)
    assert [(one.code, one.description, one.quantity, one.unit_price) for one in found.order.lines] == [
        ("W-100", "Drill 8 mm", Decimal(20), Decimal("5.20")),
        ("", "saw blade fine", Decimal(5), Decimal("19.50")),
    ]
    order = found.order
    assert (order.number, order.dated, order.total) == ("PO-4711", date(2026, 11, 18), Decimal("201.50"))
    assert (order.payment_days, order.lines[0].deliver_by) == (30, date(2026, 12, 1))
    assert (found.unread, found.differences, found.confidence) == ((), (), 0.8)


@pytest.mark.parametrize(
    ("line", "what", "quantity", "unit", "price"),
    [
        ("Pos 2: 1.500 Stück Schrauben M8x40 je 0,12 EUR", "Schrauben M8x40", "1500", "Stück", "0.12"),
        ("Bohrer 8 mm: 20 Stk. zu 4,90 €", "Bohrer 8 mm", "20", "Stk", "4.90"),
        ("- 3 × Armoire basse à 249,00 €", "Armoire basse", "3", "", "249.00"),
        ("12 cajas de papel A4", "papel A4", "12", "cajas", None),
        ("40 szt. Wiertło stalowe po 3,20 PLN", "Wiertło stalowe", "40", "szt", "3.20"),
    ],
)
def test_a_line_is_read_in_several_languages(
    line: str, what: str, quantity: str, unit: str, price: str | None
) -> None:
    language = {"P": "Bitte liefern Sie die", "B": "Bitte liefern Sie die", "-": "Merci de nous livrer les",
                "1": "Por favor envíen los", "4": "Prosimy o dostawę na"}[line[0]]  # fmt: skip
    found = told("order", {"today": TODAY, "text": f"{language}:\n{line}"})
    assert isinstance(found, OrderAnalysis)
    [one] = found.order.lines
    wanted = (what, Decimal(quantity), unit, Decimal(price) if price else None)
    assert (one.description, one.quantity, one.unit, one.unit_price) == wanted


def test_what_is_not_understood_of_an_order_is_told_and_keeps_it_from_acceptance() -> None:
    found = told("order", {"today": TODAY, "text": f"{ORDER}\nOur store opens at gate 4.\n"})
    assert isinstance(found, OrderAnalysis)
    assert (found.unread, found.accept, found.confidence) == (("Our store opens at gate 4.",), False, 0.5)


def test_a_model_may_take_an_order_out_of_its_text_but_invent_nothing() -> None:
    item = {
        "article": "Drill 8 mm",
        "quantity": "20",
        "unit_price": "EUR 5.20",
        "delivery": "1 December 2026",
    }
    answer = {"number": "PO-4711", "date": "18 November 2026", "items": [item]}
    found = told("order", {"today": TODAY, "text": ORDER}, asking(json.dumps(answer))[1])
    assert isinstance(found, OrderAnalysis)
    assert found.method == "model:deal.order_received_analysis.v1"
    assert [(one.description, one.quantity) for one in found.order.lines] == [("Drill 8 mm", Decimal(20))]
    for change in ({"article": "Drill 9 mm"}, {"quantity": "many"}, {"quantity": "x"}):
        wrong = json.dumps({**answer, "items": [item | change]})
        refused = told("order", {"today": TODAY, "text": ORDER}, asking(wrong)[1])
        assert refused.method == "template:order" and refused.refused != ()


def test_an_order_is_given_as_facts_or_as_text() -> None:
    for content in ({}, {"order": {"lines": [LINE]}, "text": ORDER}):
        with pytest.raises(InvalidRequest, match="order or text"):
            context_of("order", {"today": TODAY, **content})


# --- notes

NOTES = """Budget was discussed, 12,500 EUR left.
Decision: we take the small package

Actions:
- Mara: send the contract by Friday
- [ ] Check the 3 licences (Oskar Thiel) until 24 November
- order the cables
- [x] book the room
Oskar will call the bank by 2 December 2026
Who pays for the training?
Price: 5 EUR
"""


def test_notes_give_decisions_actions_with_owners_and_dates_and_questions() -> None:
    content = {
        "today": "2026-11-25",
        "held_on": TODAY,
        "participants": ["Mara Lindt", "Oskar Thiel"],
        "text": NOTES,
    }
    found = told("notes", content)
    assert isinstance(found, NotesSummary)
    assert found.decisions == ("we take the small package",)
    assert [(one.owner, one.due, one.overdue) for one in found.actions] == [
        ("Mara", date(2026, 11, 27), False),
        ("Oskar Thiel", date(2026, 11, 24), True),
        ("", None, False),
        ("Oskar", date(2026, 12, 2), False),
    ]
    assert found.questions == ("Who pays for the training?",)
    assert found.unowned == 1
    assert "12,500 EUR" in found.text


@pytest.mark.parametrize(
    ("line", "owner", "due"),
    [
        ("Aufgabe: Mara schickt das Angebot bis 1. Dezember", "", date(2026, 12, 1)),
        ("TODO: @Oskar bis Montag die Liste prüfen", "Oskar", date(2026, 11, 23)),
        ("Action: Oskar Thiel: pay the deposit by 03.12.2026", "Oskar Thiel", date(2026, 12, 3)),
        ("- Mara soll bis 5. Januar 2027 antworten", "Mara", date(2027, 1, 5)),
    ],
)
def test_an_action_is_read_in_several_forms(line: str, owner: str, due: date) -> None:
    content = {
        "today": TODAY,
        "held_on": TODAY,
        "language": "de",
        "text": f"Wir haben über die Planung gesprochen.\n{line}",
    }
    found = told("notes", content)
    assert isinstance(found, NotesSummary)
    assert [(one.owner, one.due) for one in found.actions] == [(owner, due)]


# --- asking wrongly


def test_an_unknown_service_or_field_is_named() -> None:
    with pytest.raises(NotFound, match="reminder"):
        context_of("poem", {})
    with pytest.raises(InvalidRequest) as error:
        context_of(
            "reminder", reminder() | {"invoices": [{"number": "A", "due": "2026-11-01", "amount": "x"}]}
        )
    assert error.value.field == "invoices.0.amount"
    with pytest.raises(InvalidRequest, match="many at once"):
        write_all("reminder", [context_of("reminder", reminder())] * 501)
    with pytest.raises(InvalidRequest, match="sometimes"):
        told("reminder", reminder(), Desk(mode="sometimes"))


# --- who may be asked


class _Closed(ScriptedModel):
    """A model that must not be opened."""

    @property
    def adapters(self) -> frozenset[str]:
        raise AssertionError("it was opened")


def test_a_model_is_opened_to_see_its_adapters_only_where_it_may_be_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(_Closed([]), Budget(5.0, 5000))
    assert told("reminder", reminder(), Desk(client, "auto")).method == "template:reminder"
    for known, has, asked in (
        ("scripted:write", ["write"], True),
        ("scripted:write", [], False),
        ("scripted", ["write"], False),
        ("scripted", [], True),
    ):
        monkeypatch.setattr(
            "abax.writing.services.proven.proven",
            lambda name, known=known: {"reminder.email"} if name == known else set(),
        )
        model = ScriptedModel([json.dumps(GOOD)], adapters=has)
        told("reminder", reminder(), Desk(Client(model, Budget(5.0, 5000)), "auto"))
        assert bool(model.requests) is asked, (known, has)
