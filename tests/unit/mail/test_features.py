import numpy as np
import pytest
from abax.mail.contracts import Mailbox, Message
from abax.mail.features import (
    MARK,
    Recipe,
    bare_text,
    mail_text,
    rarity_of,
    rows_of,
    traits_of,
    wire_text,
    words_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

SMALL = Recipe(buckets=1 << 12)


def dense(rows):
    found = np.zeros((len(rows), rows.width), np.float32)
    for row in range(len(rows)):
        begin, end = rows.starts[row], rows.starts[row + 1]
        found[row, rows.places[begin:end]] = rows.values[begin:end]
    return found


def message(**given):
    told = {
        "message_id": "1@a.example",
        "digest": "",
        "thread_id": "",
        "sender": Mailbox(address="a@a.example"),
    }
    return Message(**told | given)


def test_a_row_has_length_one_and_words_and_pieces_share_it():
    rows = dense(rows_of(["where is my invoice"], SMALL))
    words, pieces = rows[0, : SMALL.buckets], rows[0, SMALL.buckets :]
    assert words @ words == pytest.approx(0.5, abs=1e-5)
    assert pieces @ pieces == pytest.approx(0.5, abs=1e-5)


def test_the_order_of_words_counts_by_their_pairs_alone():
    one, other = dense(rows_of(["we paid you", "you paid we"], SMALL))
    assert 0.3 < one @ other < 0.99
    singles = dense(rows_of(["we paid you", "you paid we"], Recipe(run=1, buckets=1 << 12)))
    assert singles[0] @ singles[1] == pytest.approx(1, abs=1e-5)


def test_words_are_small_and_figures_keep_their_length_alone():
    assert words_of("Invoice INV-20260412 over 95 €!") == ["invoice", "inv", "0000", "over", "00", "€", "!"]


def test_rare_places_weigh_more_than_common_ones():
    rows = rows_of(["invoice late", "invoice lost", "invoice wrong"], SMALL)
    rarity = rarity_of(rows)
    having = np.bincount(rows.places[rows.values > 0], minlength=rows.width)
    assert rarity[having == 3].max() == pytest.approx(1)
    assert rarity.max() == pytest.approx(np.log(4) + 1)


def test_products_are_those_of_the_dense_matrix():
    texts = ["please pay", "", "the parcel is late and the parcel is broken", "pay the parcel"]
    rows = rows_of(texts, SMALL)
    whole = dense(rows)
    matrix = np.random.default_rng(1).normal(size=(rows.width, 3)).astype(np.float32)
    assert np.allclose(rows.times(matrix), whole @ matrix, atol=1e-4)
    assert np.allclose(rows.gram(), whole @ whole.T, atol=1e-5)
    places, turned = rows.turned_times(matrix[:4])
    assert np.allclose(turned, (whole.T @ matrix[:4])[places], atol=1e-5)
    assert np.allclose(dense(rows.take(np.array([2, 0]))), whole[[2, 0]])


def test_inner_products_are_the_same_however_many_rows_share_a_place():
    texts = [f"common words here and number {'x' * (number % 7)}" for number in range(60)]
    rows = rows_of(texts, SMALL)
    whole = dense(rows)
    assert np.allclose(rows.gram(), whole @ whole.T, atol=1e-4)


def test_traits_are_words_of_their_own():
    plain, marked = dense(rows_of(["hello", f"hello{MARK}has:list-id to:0"], SMALL))
    assert (marked != 0).sum() == (plain != 0).sum() + 2
    pieces = slice(0, 2 * SMALL.buckets)
    assert np.allclose(plain[pieces], marked[pieces])


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_becomes_a_row_of_finite_numbers(text):
    rows = rows_of([text], SMALL)
    assert len(rows) == 1
    assert np.isfinite(rows.values).all()


def test_traits_tell_how_a_mail_was_sent_and_no_address():
    sent = message(
        sender=Mailbox(address="win1000@lucky.example", name=""),
        reply_to=(Mailbox(address="x@elsewhere.example"),),
        subject="WIN BIG NOW!!!",
        whole_text="Click http://lucky.example/1",
        headers={"precedence": ("bulk",), "content-type": ('text/html; charset="utf-8"',)},
    )
    traits = set(traits_of(sent))
    assert {"precedence:bulk", "type:text/html", "charset:utf-8", "nameless", "answers-elsewhere"} <= traits
    assert {"subject:capitals", "figures-in-sender", "id-of-another"} <= traits
    assert not any("lucky" in trait or "@" in trait for trait in traits)


def test_what_other_filters_said_is_no_trait():
    assert not any("spam" in trait for trait in traits_of(message(headers={"x-spam-status": ("Yes",)})))


def test_categories_are_told_from_what_its_writer_says_and_spam_from_all_of_it():
    sent = message(subject="Parcel", text="Where is it?", whole_text="Where is it?\n> It was sent.")
    assert mail_text(sent) == "Parcel\nWhere is it?"
    assert wire_text(sent).startswith("Parcel\nWhere is it?\n> It was sent." + MARK)


def test_a_text_of_which_nobody_knows_how_it_was_sent_has_the_traits_of_its_text_alone():
    body, _, traits = bare_text("Parcel", "Click here now!").partition(MARK)
    assert body == "Parcel\nClick here now!"
    assert "says:click" in traits.split()
    assert set(traits.split()) < set(traits_of(message(subject="Parcel", whole_text="Click here now!")))
