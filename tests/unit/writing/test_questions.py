"""Questions: answered to the cent from the close, or refused."""

from __future__ import annotations

import pytest
from abax.writing import Answer, answer
from abax.writing.check import fault, unnamed
from abax.writing.lexicon import SYNONYMS
from abax.writing.reading import When, claims
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.writing.conftest import Closed


def asked(closed: Closed, question: str) -> Answer:
    return answer(*closed, question)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("What was revenue in 2025?", "Revenue came to EUR 135,602.10 in 2025."),
        ("turnover 2024", "Revenue came to EUR 126,960.66 in 2024."),
        ("How much did we sell?", ""),
        ("What were our sales in March 2025?", "Revenue came to EUR 11,740.14 in March 2025."),
        ("sales in Q2 2025", "Revenue came to EUR 33,680.48 in Q2 2025."),
        ("sales in the second quarter", "Revenue came to EUR 33,680.48 in Q2 2025."),
        ("What was the net profit last year?", "Net result came to EUR 23,446.83 in 2024."),
        ("cost of goods sold in 2025", "Cost of sales came to EUR 55,596.86 in 2025."),
        (
            "How much cash did we have on 31 Dec 2024?",
            "Cash stood at EUR 49,666.61 at the end of December 2024.",
        ),
        ("gross margin", "Gross margin was 59.0 % in 2025."),
        ("DSO 2025", "Days sales outstanding was 73 days in 2025."),
        ("How many days sales outstanding in 2024?", "Days sales outstanding was 60 days in 2024."),
        ("equity", "Total equity stood at EUR 109,256.11 at the end of 2025."),
        ("What is overdue?", "Overdue receivables came to EUR 20,740.24 on 31 Dec 2025."),
        ("Materials in 2025", "Materials had a debit balance of EUR 55,596.86 at the end of 2025."),
        ("account 4000", "Sales had a credit balance of EUR 135,602.10 at the end of 2025."),
        ("What was Kestrel & Rowe <Instruments> Ltd's revenue?", "Revenue came to EUR 135,602.10 in 2025."),
        (
            "How much did revenue grow in 2025?",
            "Revenue rose by EUR 8,641.44, or 6.8 %, from EUR 126,960.66 in 2024 to EUR 135,602.10 in 2025.",
        ),
        (
            "How did interest expense change between 2024 and 2025?",
            "Interest expense fell by EUR 144.00, or 12.7 %, "
            "from EUR 1,134.00 in 2024 to EUR 990.00 in 2025.",
        ),
        (
            "What share of revenue was cost of sales in 2025?",
            "Cost of sales came to 41.0 % of Revenue in 2025: EUR 55,596.86 against EUR 135,602.10.",
        ),
        (
            "gross margin change 2025",
            "Gross margin did not change: 59.0 % in 2024 and in 2025.",
        ),
        (
            "What was the largest expense?",
            "The largest expense account was Materials, with EUR 55,596.86 in 2025.",
        ),
        (
            "revenue and net result in 2025",
            "Revenue came to EUR 135,602.10 in 2025. Net result came to EUR 25,809.28 in 2025.",
        ),
    ],
)
def test_a_question_is_answered_to_the_cent(full: Closed, question: str, says: str) -> None:
    found = asked(full, question)
    assert found.answer == says
    assert found.answered == bool(says)
    assert bool(found.figures) == bool(says)


def test_the_largest_debtor_is_named_with_what_is_owed(full: Closed) -> None:
    found = asked(full, "Who owes us the most?")
    assert "owed most to us: EUR" in found.answer
    assert found.figures[0].report == "aged_receivables"


def test_the_forecast_answers_questions_about_what_is_ahead(full: Closed) -> None:
    year = asked(full, "What revenue do we expect next year?")
    assert year.answer.startswith("Revenue of EUR") and year.answer.endswith("January 2026 to December 2026.")
    assert year.figures[0].formula == "sum" and len(year.figures[0].of[0]) == 12
    month = asked(full, "cash forecast for March 2026")
    assert month.answer.endswith("is forecast for the end of March 2026.")


def test_an_unfinished_year_says_how_far_it_goes(part: Closed) -> None:
    assert (
        asked(part, "revenue in 2026").answer == "Revenue came to EUR 104,722.52 in 2026 up to 30 Sep 2026."
    )
    refused = asked(part, "How much did revenue grow in 2026?")
    assert refused.reason is not None and refused.reason.type == "NotComparable"
    assert asked(part, "How did revenue change from Q1 2025 to Q1 2026?").answered


@pytest.mark.parametrize(
    ("question", "kind", "says"),
    [
        ("What was revenue per employee in 2025?", "NotUnderstood", "per, employee"),
        ("What was revenue in Germany?", "NotUnderstood", "germany"),
        ("Was revenue not higher in 2025?", "NotUnderstood", "not"),
        ("How much revenue did Acme make?", "NotUnderstood", "acme"),
        ("Why did profit fall?", "NotInFigures", "not why"),
        ("Should we raise prices?", "NotInFigures", "what to do"),
        ("How many customers do we have?", "NotInFigures", "no things"),
        ("How many sales in 2025?", "NotInFigures", "no things"),
        ("What was revenue in 2019?", "NoPeriod", "2024, 2025"),
        ("What was revenue in June 2030?", "NoPeriod", "2024, 2025"),
        ("What was the weather?", "NotUnderstood", "weather"),
        ("", "NoFigure", "no line"),
        ("revenue of 12,345.67 in 2025", "NotUnderstood", "12"),
        ("What will tax be next year?", "NoFigure", "not forecast"),
        ("revenue forecast for 2031", "NoPeriod", "January|2026"),
        ("receivables from customers on 2020-01-01 overdue", "NotUnderstood|NoPeriod", ""),
        ("growth of revenue in 2024", "NoPeriod", "2023"),
        ("Which share of revenue?", "NotUnderstood", "one line in one other"),
        ("average revenue", "NotUnderstood", "average"),
        ("budgeted revenue", "NotUnderstood", "budgeted"),
        ("revenue 2024 2025 and cash and equity and assets", "NotUnderstood", "figures"),
    ],
)
def test_what_the_figures_do_not_hold_is_refused_with_the_reason(
    full: Closed, question: str, kind: str, says: str
) -> None:
    found = asked(full, question)
    assert not found.answered and found.answer == "" and found.figures == []
    assert found.reason is not None
    assert found.reason.type in kind.split("|")
    assert any(part in found.reason.message for part in says.split("|"))


WORDS = sorted({name.strip() for names in SYNONYMS.values() for name in names.split(",")})
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "2024",
            "2025",
            "2026",
            "Q1",
            "2025-03",
            "March",
            "2025-12-31",
            "last",
            "year",
            "next",
            "month",
            "how",
            "much",
            "grow",
            "share",
            "most",
            "owes",
            "us",
            "forecast",
            "expected",
            "overdue",
            "account",
            "4000",
            "Materials",
            "Sales",
            "why",
            "many",
            "days",
            "per",
            "not",
        ]
    ),
    st.text(alphabet="abc 019.,%'\"<>", max_size=6),
)


@settings(max_examples=120, deadline=None)
@given(pieces=st.lists(PIECES, max_size=7), name=st.sampled_from(["full", "part"]))
def test_no_answer_ever_has_a_number_that_is_not_in_the_close(
    closes: dict[str, Closed], pieces: list[str], name: str
) -> None:
    closed = closes[name]
    found = asked(closed, " ".join(pieces))
    assert found.answered != (found.reason is not None)
    if not found.answered:
        assert found.answer == ""
        return
    figures = closed.figures
    assert found.figures and all(figures.holds(figure) for figure in found.figures)
    text = unnamed(found.answer, found.figures)
    whens = {claim.label for claim in claims(text) if isinstance(claim, When)}
    assert fault(found.answer, found.figures, whens, figures) == ""
