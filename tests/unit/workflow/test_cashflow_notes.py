"""Notes of deals: what they say plainly in seven languages, and what a model may make of the rest."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from abax.adapters.scripted import NoModel, ScriptedModel
from abax.forecast.deals import Deal, Practice, Said
from abax.workflow.cashflow_notes import Unread, ask, days_in, read
from abax.writing.client import Budget, Client

TODAY = date(2026, 11, 19)  # a Thursday
PRACTICE = Practice()


def deal(notes: str, **given: Any) -> Deal:
    return Deal(id="D-1", amount=Decimal(1000), currency="EUR", notes=notes, **given)


def found(notes: str, **given: Any) -> Said | Unread | None:
    return read(deal(notes, **given), PRACTICE, TODAY)


@pytest.mark.parametrize(
    ("notes", "paid"),
    [
        ("They will pay on 15 March after the budget is approved", "2027-03-15"),
        ("Invoice is to be paid by 15 January. Meeting on 1 December.", "2027-01-15"),
        ("Will pay next week", "2026-11-27"),
        ("zahlt Ende Mai", "2027-05-31"),
        ("Zahlung bis 15.3. zugesagt", "2027-03-15"),
        ("Kunde will bis 31.01.2027 überweisen", "2027-01-31"),
        ("il paiera le 15 mars", "2027-03-15"),
        ("pagará a finales de mayo", "2027-05-31"),
        ("pagherà entro fine maggio", "2027-05-31"),
        ("betaalt eind mei", "2027-05-31"),
        ("zapłaci do końca maja", "2027-05-31"),
    ],
)
def test_a_day_of_payment_is_read_where_it_is_said_plainly(notes: str, paid: str) -> None:
    said = found(notes)
    assert isinstance(said, Said) and said.by == "notes" and said.quote and said.quote in notes
    assert said.paid == date.fromisoformat(paid) and said.invoiced is None


def test_invoice_and_payment_are_told_apart() -> None:
    said = found("Rechnung geht am 1. Dezember raus, Zahlung Ende Januar")
    assert isinstance(said, Said)
    assert (said.invoiced, said.paid) == (date(2026, 12, 1), date(2027, 1, 31))
    said = found("Invoice goes out on 1 December, payment 30 days later")
    assert isinstance(said, Said) and (said.invoiced, said.paid) == (date(2026, 12, 1), None)


@pytest.mark.parametrize(
    "notes",
    [
        "Will not pay before 15 March",
        "paid the last one on 15 March",
        "If approved they pay on 15 March",
        "Do they pay on 15 March?",
        "hat am 3. März bezahlt",
        "Call again on 15 March",
        "Zahl der Teilnehmer steht am 1. Dezember fest",
        "Promised payment on 15 December. Now cannot pay before end of January.",
        "Pays on 15 December. Pays on 20 December.",
    ],
)
def test_what_is_denied_conditional_past_or_of_something_else_is_not_read_by_rules(notes: str) -> None:
    assert isinstance(found(notes), Unread)


@pytest.mark.parametrize(
    "notes", ["", "   \n ", "Nice people.", "They pay on 3 January 2041", "pays on 5 May 2026"]
)
def test_notes_without_a_day_to_come_say_nothing(notes: str) -> None:
    assert found(notes) is None


def test_what_is_reckoned_goes_by_the_day_of_writing_where_that_is_known() -> None:
    dated = found("2026-11-17: called, will pay next Friday")
    assert isinstance(dated, Said) and dated.paid == date(2026, 11, 27) and not dated.warnings
    given = found("will pay next Friday", notes_on=date(2026, 11, 10))
    assert isinstance(given, Said) and given.paid == date(2026, 11, 20) and given.trust == PRACTICE.trust
    undated = found("will pay next Friday")
    assert isinstance(undated, Said) and undated.trust < PRACTICE.trust
    assert "nothing says when they were written" in undated.warnings[0]


def test_days_of_mixed_notes_are_named_in_order_with_their_words() -> None:
    named = days_in(deal("Call on 1 December. Pays on 15 March."), TODAY)
    assert [(one.day, one.role, one.text) for one in named] == [
        (date(2026, 12, 1), "", "1 December"),
        (date(2027, 3, 15), "paid", "15 March"),
    ]


# --- by a model -----------------------------------------------------------------------------------------

NOTES = "Budget meeting on 1 December. If it is approved they pay on 15 March."


def unread(notes: str = NOTES) -> Unread:
    one = found(notes)
    assert isinstance(one, Unread)
    return one


def answered(
    day: str = "2027-03-15", confidence: float = 0.8, evidence: str = "they pay on 15 March"
) -> tuple[Said | str, ScriptedModel]:
    line = json.dumps({"expected_on": day, "confidence": confidence, "evidence": evidence})
    model = ScriptedModel([line], name="tester")
    client = Client(model, Budget(10, 1000), attempts=1)
    return ask([unread()], PRACTICE, TODAY, client)["D-1"], model


def test_a_model_picks_among_the_days_that_notes_name_and_quotes_them() -> None:
    said, model = answered()
    assert isinstance(said, Said) and said.by == "model" and said.paid == date(2027, 3, 15)
    assert (said.trust, said.quote, said.model) == (0.75, "they pay on 15 March", "tester")
    [request] = model.requests
    assert request.schema is not None
    assert request.schema["properties"]["expected_on"]["enum"] == ["2026-12-01", "2027-03-15", "none"]
    assert request.source is not None and request.source.startswith("Budget meeting")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"day": "2027-04-01"}, "names 2027-04-01, which they do not"),
        ({"day": "none"}, "finds no day of payment"),
        ({"evidence": "they promised to pay"}, "quotes no words of theirs"),
        ({"evidence": "Budget meeting on 1 December"}, "quotes no words of theirs that show it"),
        ({"evidence": "on 15"}, "quotes no words of theirs"),
        ({"confidence": 0.5}, "only 50% sure"),
    ],
)
def test_an_answer_that_does_not_rest_on_the_notes_is_refused(answer: dict[str, Any], why: str) -> None:
    said, _ = answered(**answer)
    assert isinstance(said, str) and why in said


def test_a_model_that_is_not_there_leaves_its_reason() -> None:
    told = ask([unread()], PRACTICE, TODAY, Client(NoModel(), Budget(10, 1000), attempts=1))
    assert "no model is configured" in str(told["D-1"])
    assert ask([], PRACTICE, TODAY, Client(NoModel(), Budget(10, 1000))) == {}
