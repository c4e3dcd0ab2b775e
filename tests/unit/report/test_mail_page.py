"""The page of mail: what stands on it, what is covered, and what of very many messages is left out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from abax.mail.contracts import Books, Priority, Settled
from abax.mail.desk import Desk
from abax.mail.privacy import personal
from abax.mail.triage import triage as triaged
from abax.report.evidence import finder, pieces, quote
from abax.report.mail import Leave, Shown, render_mail_html
from abax.report.mail_charts import all_charts, why_kind
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from tests.support.letters import BOOKS, letter
from tests.support.triaged import ACCOUNT, ASKS, MARKUP, NOW, message, named, reply, said, shown, triage


def page(*given: Shown, **how: object) -> str:
    return render_mail_html(given or [shown()], BOOKS, NOW, **how)  # type: ignore[arg-type]


def words(html: str) -> str:
    """What a reader sees, with single blanks."""
    body = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(body.split())


# --- evidence -------------------------------------------------------------------------------------------


def test_evidence_is_found_across_wrapped_lines_and_marked_as_it_stands() -> None:
    text = "Hello.\nPlease  send it\n  by Friday. Thanks"
    span = finder(text)("Please send it by Friday.")
    assert span == (7, 35) and text[slice(*span)] == "Please  send it\n  by Friday."
    assert finder(text)("Please pay.") is None and finder(text)("") is None


def test_what_overlaps_is_cut_so_that_every_piece_says_all_that_rests_on_it() -> None:
    found = pieces("abcdef", {1: (0, 4), 2: (2, 6)})
    assert [(piece.text, piece.marks) for piece in found] == [("ab", (1,)), ("cd", (1, 2)), ("ef", (2,))]
    assert quote(found, 2) == "cdef"


@given(st.text("ab \n@.", max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_all_that_is_not_personal_is_kept_in_order(text: str, data: st.DataObject) -> None:
    places = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(places, places).map(lambda two: (min(two), max(two))), max_size=4))
    marks = dict(enumerate((span for span in spans if span[0] < span[1]), 1))
    assert "".join(piece.text for piece in pieces(text, marks)) == text
    hidden = personal(text)
    kept = "".join(piece.text for piece in pieces(text, marks, hidden) if not piece.covered)
    covered = {place for one in hidden for place in range(one.start, one.end)}
    assert kept == "".join(letter for place, letter in enumerate(text) if place not in covered)


@given(st.lists(st.sampled_from(["Pay", "now.", "Why?", "\n", " ", "\n\n", "  - ", "ü", "> "]), max_size=20))
@settings(max_examples=60, deadline=None)
def test_every_sentence_that_triage_reads_is_found_again(parts: list[str]) -> None:
    from abax.mail.reading import sentences_of

    text = "".join(parts)
    find = finder(text)
    for sentence in sentences_of(text):
        span = find(sentence)
        assert span is not None and " ".join(text[slice(*span)].split()) == sentence


# --- one message ----------------------------------------------------------------------------------------


def test_every_claim_stands_with_its_share_and_links_to_the_sentence_that_it_rests_on() -> None:
    html = page()
    for text in (
        "category billing 92 %",
        "accounts receivable 70 %",
        "priority P2",
        "sentiment neutral 50 %",
    ):
        assert text in words(html)
    links = set(re.findall(r'href="#(m1-e\d+)"', html))
    marks = dict(re.findall(r'<mark id="(m1-e\d+)"[^>]*>([^<]*)', html))
    assert links == marks.keys() and len(links) == 3
    assert any(text.split() == ASKS.split() for text in marks.values())
    assert "Copy of  invoice INV/2026/0042" in marks.values()


def test_evidence_that_is_not_in_the_text_is_quoted_without_a_link() -> None:
    assert '<q class="quote">X-Order: PO-1</q>' in page()


def test_numbers_are_held_against_the_books() -> None:
    text = words(page())
    assert "invoice INV/2026/0042 known: Brightwater Ltd" in text
    assert "open: 1,250.00 EUR, due 4 Oct 2026, 50 days overdue" in text
    assert "paid: 310.00 EUR on 30 Sep 2026" in text
    assert "order PO-1 not in the books" in text


def test_what_was_settled_is_told_and_nothing_of_another_partner_s_items() -> None:
    def settled(partner: str, gross: str) -> Settled:
        return Settled(
            number="INV-7",
            partner=partner,
            posting_date=date(2026, 8, 1),
            settled_on=date(2026, 9, 2),
            gross=Decimal(gross),
            currency="EUR",
            side="receivable",
        )

    books = Books(settled=(settled("Brightwater Ltd", "90.00"), settled("Other Ltd", "77.77")))
    asked = triage(entities=(named("invoice", "INV-7", ASKS, known=True, partner="Brightwater Ltd"),))
    text = words(render_mail_html([Shown(message(), asked)], books, NOW))
    assert "settled: 90.00 EUR on 2 Sep 2026" in text and "77.77" not in text


def test_without_books_the_page_says_that_nothing_was_checked() -> None:
    assert "no books: there is no close yet" in words(render_mail_html([shown()], Books(), NOW))


@pytest.mark.parametrize(
    ("leave", "says"),
    [
        (Leave("itself", "by rule:receipt"), "may leave without a person: by rule:receipt."),
        (Leave("person", "no rule"), "leaves once a person has approved it: no rule."),
        (Leave("nobody", "it would go to ourselves"), "may not leave: it would go to ourselves."),
    ],
)
def test_a_draft_says_whether_it_may_leave_and_why(leave: Leave, says: str) -> None:
    text = words(page(Shown(message(), triage(), reply(), leave)))
    assert says in text and "the copy is on its way." in text and "template:invoice_copy" in text


def test_a_message_without_a_reply_says_why_there_is_none() -> None:
    changed = triage(answerable=False, why_unanswerable="it comes from a list")
    assert "None: it comes from a list." in words(page(Shown(message(), changed)))


def test_a_text_that_is_too_long_is_cut_and_the_page_says_by_how_much() -> None:
    text = "word " * 4000
    html = page(shown(text=text))
    assert "12,000 letters more are not shown" in html and len(html) < 80_000


def test_what_a_message_says_is_text_and_never_markup() -> None:
    changed = triage(next_step=said(MARKUP), why_person=(MARKUP,), queue=MARKUP, category=said(MARKUP))
    html = page(Shown(message().model_copy(update={"subject": MARKUP}), changed, reply()), shown(2))
    assert MARKUP not in html and "onerror=" not in re.sub(re.escape(str(escape(MARKUP))), "", html)


# --- personal data --------------------------------------------------------------------------------------


def test_personal_data_is_covered_wherever_it_stands() -> None:
    changed = triage(
        next_step=said("Call Anna Schmidt."),
        key_points=(said(ACCOUNT, ACCOUNT),),
        why_person=("write to anna.schmidt@brightwater.example",),
    )
    html = page(Shown(message(), changed, reply()), shown(2))
    for secret in ("Anna", "Schmidt", "schmidt@", "DE89", "0532 0130"):
        assert secret not in html
    assert "[name], brightwater.example" in html
    assert "iban <b>[iban]</b>" in html and "Our account is [iban]." in words(html)


def test_the_house_that_bears_the_name_of_its_writer_is_covered_too() -> None:
    changed = message().model_copy(
        update={"sender": message().sender.model_copy(update={"address": "a@schmidt.example"})}
    )
    assert "schmidt.example" not in page(Shown(changed, triage()))


def test_where_the_settings_say_so_personal_data_is_shown() -> None:
    html = page(mask=False)
    for shown_ in ("Anna Schmidt", "anna.schmidt@brightwater.example", "DE89 3704 0044 0532 0130 00"):
        assert shown_ in html
    assert "shown, as the mail settings say" in html


# --- many -----------------------------------------------------------------------------------------------


def test_the_charts_count_departments_by_priority_categories_languages_and_reasons() -> None:
    found = [triage(), triage(), triage(priority=said(Priority.P1), language=said("de"), why_person=())]
    charts = {chart.name: chart.svg for chart in all_charts(found)}
    assert "accounts receivable, P1: 1" in charts["departments"]
    assert "accounts receivable, P2: 2" in charts["departments"]
    assert "billing: 3" in charts["categories"]
    assert "English: 2" in charts["languages"] and "German: 1" in charts["languages"]
    assert "category not sure: 2" in charts["why"]
    assert all('role="img"' in svg and "<desc" in svg for svg in charts.values())


def test_rare_rows_of_a_chart_stand_together() -> None:
    found = [triage(category=said(f"kind_{number}")) for number in range(20)]
    [chart] = [chart for chart in all_charts(found) if chart.name == "categories"]
    assert "8 others: 8" in chart.svg and chart.svg.count("<rect") == 13


def test_the_reasons_of_triage_are_told_by_kind() -> None:
    doubtful = letter("Blah.", "Hm")
    silent = letter("", "")
    desk = Desk(now=NOW, faults=("the classifier of category that … cannot be used: it is broken",))
    why = [text for one in triaged([doubtful, silent], desk) for text in one.why_person]
    assert {why_kind(text) for text in why} >= {"category not sure", "classifier not usable", "without text"}
    assert why_kind("an angry complaint") == "an angry complaint"


def test_the_most_pressing_stand_first_and_what_is_left_out_is_said() -> None:
    late = shown(1, priority=said(Priority.P3))
    first = shown(2, priority=said(Priority.P1), category=said("first_of_all"))
    html = page(*[late] * 7, first, most_shown=3, most_listed=5)
    assert html.count("<article") == 3 and html.count("<tr data-of") == 5
    assert words(html).index("first of all") < words(html).index("billing 92 %")
    assert (
        "The 3 most pressing messages are shown whole below, 5 are listed here; the charts count all 8."
        in (words(html))
    )
    assert "most pressing messages are shown" not in words(page(late, first))


def test_a_mailbox_of_thousands_makes_a_page_of_a_few_megabytes() -> None:
    amount = Decimal(5000)
    html = page(*(shown(number) for number in range(int(amount))))
    assert len(html.encode()) < 8_000_000
    assert "5,000 messages" in words(html) and html.count("<article") == 300


def test_the_page_asks_nothing_of_any_network() -> None:
    html = page(shown(), shown(2))
    assert "default-src &#39;none&#39;" in html
    plain = re.sub(r"<script>.*</script>|&[#\w]+;", "", html, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href|action)=["'](?!#|data:)""", plain)
