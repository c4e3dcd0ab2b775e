import pytest
from abax.mail.hypertext import text_of_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/><br>Three", "One\nTwo\n\nThree"),
        ("<div>One</div><div>Two <b>bold</b></div>", "One\nTwo bold"),
        ("a &amp; b &lt;c&gt; &#8364; &nbsp;5", "a & b <c> € 5"),
        ("<ul><li>One</li><li><p>Two</p></li></ul>", "- One\n- Two"),
        ("<ol><li>One<li>Two<ul><li>inner</li></ul></ol>", "1. One\n2. Two\n- inner"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<h1>Title</h1>text<hr>more", "Title\n\ntext\n________________________________\nmore"),
        ("write to <john@example.com> now", "write to <john@example.com> now"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("no tags at all", "no tags at all"),
        ("", ""),
        ("<p>unclosed <b>tags <p>twice", "unclosed tags\n\ntwice"),
    ],
)
def test_html_becomes_the_text_that_a_reader_sees(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


def test_the_cells_of_a_row_stand_in_one_line() -> None:
    rows = "<tr><th>Invoice</th><th>Amount</th></tr><tr><td><p>2026-17</p></td><td><p>1.234,50</p></td></tr>"
    assert (
        text_of_html(f"<table>{rows}</table><p>Thanks</p>")
        == "Invoice | Amount\n2026-17 | 1.234,50\n\nThanks"
    )


def test_a_table_that_only_sets_the_page_adds_no_marks() -> None:
    markup = "<table><tr><td></td><td><table><tr><td>Hello</td></tr></table></td><td></td></tr></table>"
    assert text_of_html(markup) == "Hello"


def test_quoted_parts_are_marked() -> None:
    markup = (
        "<div>Mine</div><blockquote><p>Yours</p><blockquote>Older</blockquote></blockquote><div>End</div>"
    )
    assert text_of_html(markup) == "Mine\n\n> Yours\n\n> > Older\nEnd"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">pay <b>now</b></div>',
        "<div style='DISPLAY: none !important'>pay <div>now</div></div>",
        '<span style="font-size:0px;">pay</span>',
        '<span style="color:red;visibility:hidden">pay</span>',
        "<p hidden>pay</p>",
        '<td style="max-height:0">pay</td>',
        "<script>pay('<b>')</script>",
        "<style>pay {}</style>",
        "<!-- pay <p>x</p> -->",
        "<head><title>pay</title></head>",
        '<p style="mso-hide:all">pay<p>',
    ],
)
def test_what_is_hidden_from_a_reader_is_left_out(hidden: str) -> None:
    assert text_of_html(f"<p>Hello</p>{hidden}<p>Bye</p>") == "Hello\n\nBye"


def test_a_head_without_end_does_not_swallow_the_body() -> None:
    assert text_of_html("<html><head><title>x</title><body><p>Hello</p></body>") == "Hello"


def test_a_hidden_part_without_end_shows_what_there_is_rather_than_nothing() -> None:
    assert text_of_html('<div style="display:none"><p>Hello</p>') == "Hello"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<a href="https://example.com/pay">Pay here</a>', "Pay here <https://example.com/pay>"),
        ('<a href="https://www.example.com/">example.com</a>', "example.com"),
        ('<a href="mailto:a@example.com?subject=x">write</a>', "write <a@example.com>"),
        ('<a href="mailto:a@example.com">a@example.com</a>', "a@example.com"),
        (f'<a href="https://track.example.com/{"x" * 300}">Offer</a>', "Offer <https://track.example.com/…>"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="https://example.com"><img src="x.png" alt="logo"></a>text', "text"),
    ],
)
def test_links_keep_where_they_lead_where_the_text_does_not_say_so(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


def test_a_mail_of_pictures_alone_says_what_they_are_called() -> None:
    assert (
        text_of_html('<img src="a" alt="Summer sale"><img src="b" alt=""><img alt="50 % off">')
        == "Summer sale\n50 % off"
    )


def test_letters_that_cannot_be_seen_are_left_out() -> None:
    assert text_of_html("pay&#8203;ment &#xE0041;&#x202E;due&zwnj;") == "payment due"


def test_a_signature_that_a_program_marked_begins_with_dashes() -> None:
    assert (
        text_of_html('<div>Hello</div><div class="gmail_signature">Ann Lee<br>Acme</div>')
        == "Hello\n-- \nAnn Lee\nAcme"
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000,
        "<a href='" * 100_000,
        "<!--" * 100_000,
        "</p>" * 200_000,
        "<td" * 100_000,
        "<blockquote>x" * 50_000,
        "<p style='" + "a:b;" * 50_000 + "'>x",
        "&" * 200_000,
        "<script>" * 50_000,
        "<ol><li>" * 50_000,
    ],
)
def test_no_markup_takes_long(markup: str) -> None:
    import time

    start = time.process_time()
    text_of_html(markup)
    assert time.process_time() - start < 3


def test_the_text_ends_where_it_may_be_no_longer() -> None:
    assert len(text_of_html("<p>word</p>" * 10_000, most=1_000)) <= 1_000
