"""The judge of replies finds planted faults, and none in what we draft: on cases written by hand, and on
books and questions by chance."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from abax.commands import replies
from abax.errors import InvalidRequest
from abax.mail.contracts import Reply, Tone, Triage
from abax.mail.replies import draft
from abax.mail.reply_evaluate import ReplyCase, cases_in, evaluate_replies, judged
from abax.writing.spelling import LANGUAGES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.support.replies import BOOKS, FakeDesk, triage_of

GOLDEN = Path(__file__).parents[2] / "golden" / "mail"


def case_of(**changes: object) -> ReplyCase:
    """A case of the test books."""
    fields: dict[str, object] = {
        "id": "case-1",
        "language": "en",
        "tone": "formal",
        "today": "2026-11-22",
        "message": {
            "from": "A. Schmidt <a.schmidt@bergmann-technik.example>",
            "to": "accounts@lindenhof.example",
            "subject": "INV-2041",
            "date": "2026-11-20T08:00:00+00:00",
            "body": "Is INV-2041 still open?",
        },
        "own": {"name": "Accounts", "address": "accounts@lindenhof.example", "company": "Lindenhof GmbH"},
        "books": BOOKS.model_dump(include={"as_of", "items", "paid"}),
        "expects": {
            "reply": True,
            "kind": "invoice_status",
            "mentions": ["INV-2041", "1,250.00|1250.00", "30 November 2026"],
            "forbids": ["980.50", "INV-3001"],
        },
    }
    return ReplyCase.model_validate(fields | changes)


def triaged(case: ReplyCase, *numbers: str) -> tuple[Triage, FakeDesk]:
    mail = case.mail.model_copy(update={"language": case.language})
    return triage_of(mail, numbers=numbers), FakeDesk(books=case.known, now=case.now, tone=case.tone)


def reply_to(case: ReplyCase, *numbers: str) -> Reply:
    triage, desk = triaged(case, *numbers)
    reply = draft(case.mail, triage, desk)
    assert reply is not None
    return reply


def test_a_right_answer_has_no_fault() -> None:
    assert judged(case_of(), reply_to(case_of(), "INV-2041")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "faults"),
    [
        ("1,250.00", "1,205.00", {"invented amount", "missing fact"}),
        ("30 November 2026", "29 November 2026", {"invented date", "missing fact"}),
        ("INV-2041", "INV-3001", {"missing fact", "forbidden fact", "invented number"}),
        ("Invoice", "Kowal, invoice 77", {"invented number", "invented name"}),
        ("1,250.00", "1,250.00 and GBP 980.50", {"forbidden fact"}),
    ],
)
def test_planted_faults_are_found(right: str, wrong: str, faults: set[str]) -> None:
    reply = reply_to(case_of(), "INV-2041")
    changed = reply.model_copy(update={"body": reply.body.replace(right, wrong)})
    assert {name for name, _ in judged(case_of(), changed)} == faults


def test_a_reply_too_many_or_too_few_is_a_fault() -> None:
    silent = case_of(expects={"reply": False, "kind": "none"})
    assert judged(silent, reply_to(silent, "INV-2041"))[0] == ("reply where none is due", "invoice_status")
    assert judged(case_of(), None) == [("no reply where one is due", "invoice_status")]
    assert judged(silent, None) == []


def test_another_kind_is_a_fault_unless_it_is_as_right() -> None:
    reply = reply_to(case_of(), "INV-2041").model_copy(update={"kind": "receipt"})
    assert ("wrong kind", "receipt for invoice_status") in judged(case_of(), reply)
    expects = case_of().expects.model_copy(update={"or_kinds": ("receipt",)})
    assert judged(case_of(expects=expects), reply) == []


def test_the_day_of_the_books_is_no_forbidden_day_where_it_says_so() -> None:
    expects = case_of().expects.model_copy(update={"forbids": ("31 October 2026",)})
    case = case_of(expects=expects)
    reply = reply_to(case, "INV-2041")
    assert judged(case, reply) == []
    changed = reply.model_copy(update={"body": reply.body.replace("30 November 2026", "31 October 2026")})
    assert "forbidden fact" in {name for name, _ in judged(case, changed)}


def test_a_line_that_is_no_case_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "replies-x.jsonl").write_text(f"{case_of().model_dump_json(by_alias=True)}\n{{}}\n")
    with pytest.raises(InvalidRequest, match=r"replies-x\.jsonl, line 2"):
        list(cases_in([tmp_path]))


@pytest.mark.skipif(not any(GOLDEN.glob("replies-*.jsonl")), reason="the cases are not here")
def test_on_the_cases_written_by_hand_nothing_is_invented_and_nothing_disclosed() -> None:
    report = evaluate_replies(list(cases_in([GOLDEN]))).as_dict()
    faults = report["faults"]
    assert report["cases"] >= 100
    assert [
        faults[name] for name in faults if name.startswith(("invented", "forbidden", "not rendered"))
    ] == [0] * 6
    assert faults["reply where none is due"] == 0
    assert report["right"] >= 0.95 * report["cases"], report["wrong"]


def test_the_command_prints_counts_and_keeps_all_figures(tmp_path: Path) -> None:
    right = case_of()
    wrong = case_of(id="case-2", expects=right.expects.model_copy(update={"forbids": ("1,250.00",)}))
    lines = "".join(f"{one.model_dump_json(by_alias=True)}\n" for one in (right, wrong))
    (tmp_path / "replies-x.jsonl").write_text(lines)
    app = typer.Typer()
    app.command()(replies.evaluate)
    run = CliRunner().invoke(app, [str(tmp_path), "--json", str(tmp_path / "figures.json")])
    assert run.exit_code == 0, run.output
    assert "2 cases, 2 drafted, 1 without any fault" in run.output
    assert "case-2: forbidden fact: 1,250.00" in run.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["faults"]["forbidden fact"] == 1
    shown = CliRunner().invoke(app, [str(tmp_path), "--show", "case-1"])
    assert "falls due on 30 November 2026" in shown.output


# --- by chance ------------------------------------------------------------------------------------------

PARTNERS = ("Bergmann Technik GmbH", "Nordwind Handel KG", "Aurelio Conti Srl", "Zielona Dolina Sp. z o.o.")
QUESTIONS = {
    "en": (
        "Is {} still open?",
        "Has {} been paid?",
        "Please send a statement of account.",
        "We will pay {} soon.",
    ),
    "de": (
        "Ist {} noch offen?",
        "Wurde {} bezahlt?",
        "Bitte einen Kontoauszug.",
        "Wir werden {} bald bezahlen.",
    ),
    "fr": ("La facture {} est-elle payée ?", "Quand payez-vous {} ?", "Merci d'envoyer un relevé de compte."),
    "es": ("¿Está pagada la factura {}?", "¿Cuándo pagan {}?", "Envíen un estado de cuenta, por favor."),
    "it": ("La fattura {} è stata pagata?", "Quando pagherete {}?", "Vorremmo un estratto conto."),
    "nl": (
        "Is factuur {} al betaald?",
        "Wanneer betaalt u {}?",
        "Graag een overzicht van openstaande facturen.",
    ),
    "pl": ("Czy faktura {} jest zapłacona?", "Kiedy zapłacicie {}?", "Prosimy o wyciąg z konta."),
}

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
sizes = st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
numbers = st.one_of(
    st.integers(1000, 999999).map(lambda n: f"INV-{n}"),
    st.integers(10000, 9999999).map(str),
    st.tuples(st.integers(2024, 2027), st.integers(1, 9999)).map(lambda n: f"RE/{n[0]}/{n[1]:04}"),
)


@st.composite
def books(draw: st.DrawFn) -> dict[str, object]:
    """Items and payments of several partners, each number once."""
    known = draw(st.lists(numbers, min_size=1, max_size=12, unique=True))
    items, paid = [], []
    for number in known:
        partner, side = draw(st.sampled_from(PARTNERS)), draw(st.sampled_from(("receivable", "payable")))
        currency = draw(st.sampled_from(("EUR", "USD", "PLN", "JPY")))
        size = draw(sizes) if currency != "JPY" else Decimal(draw(st.integers(1, 10**7)))
        state = draw(st.sampled_from(("open", "part", "paid", "credit")))
        if state != "paid":
            sign = (-1 if side == "payable" else 1) * (-1 if state == "credit" else 1)
            due = draw(st.none() | days)
            items.append(
                {"number": number, "partner": partner, "posting_date": date(2025, 1, 1), "due_date": due,
                 "residual": size * sign, "currency": currency, "side": side}
            )  # fmt: skip
        if state in ("paid", "part"):
            for day in draw(st.lists(days, min_size=1, max_size=3)):
                paid.append(
                    {"number": number, "partner": partner, "paid_on": day, "amount": draw(sizes),
                     "currency": "EUR", "side": draw(st.sampled_from(("", side)))}
                )  # fmt: skip
    return {"as_of": draw(st.none() | days), "items": items, "paid": paid}


@given(data=st.data(), held=books(), language=st.sampled_from(LANGUAGES), tone=st.sampled_from(list(Tone)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_of_whatever_books_nothing_is_invented_or_disclosed(
    data: st.DataObject, held: dict[str, list[dict[str, object]]], language: str, tone: Tone
) -> None:
    own = {str(one["number"]) for one in (*held["items"], *held["paid"])}
    asked = data.draw(st.sampled_from(sorted(own)) | numbers)
    domain = data.draw(
        st.sampled_from(("bergmann-technik", "nordwind", "aurelioconti", "elsewhere", "gmail"))
    )
    question = data.draw(st.sampled_from(QUESTIONS[language]))
    text, named = question.format(asked), [asked] if "{}" in question else []
    about = {"from": f"x@{domain}.example", "to": "a@lindenhof.example", "subject": "?", "body": text}
    case = case_of(
        language=language,
        tone=tone,
        message=about | {"date": datetime(2026, 11, 20, tzinfo=UTC)},
        books=held,
        expects={"reply": True, "kind": "", "mentions": (), "forbids": ()},
    )
    triage, desk = triaged(case, *named)
    reply = draft(case.mail, triage, desk)
    assert reply is not None
    assert "did not pass its check" not in reply.why
    found = [problem for problem in judged(case, reply) if problem[0] != "wrong kind"]
    assert found == [], reply.body
    whose = next((fact.value for fact in reply.facts if fact.name == "sender.partner"), "")
    others = {str(one["number"]) for one in (*held["items"], *held["paid"]) if one["partner"] != whose} - {
        asked
    }
    assert not [number for number in others if number in reply.body.replace(asked, "")], reply.body


def test_days_ahead_and_behind_are_told_apart() -> None:
    today = date(2026, 11, 22)
    for due, says in ((today, "falls due"), (today - timedelta(days=1), "was due")):
        item = BOOKS.items[0].model_copy(update={"due_date": due})
        case = case_of(books={"as_of": today, "items": [item], "paid": []})
        assert says in reply_to(case, "INV-2041").body
