"""Prompt lookup: what is proposed, how it learns, and what it costs."""

from __future__ import annotations

import time
from random import Random

from abax_runtime.drafting import PromptLookup
from abax_runtime.grammar import compile_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.vocabularies import SmallTokenizer

TOKENIZER = SmallTokenizer()


def test_what_followed_the_last_tokens_before_is_proposed():
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3])

    assert lookup.propose(3) == [4, 5, 6]
    assert lookup.propose(1) == [4]
    assert lookup.propose(0) == []


def test_nothing_is_proposed_where_the_last_token_is_new():
    assert PromptLookup([1, 2, 3]).propose(8) == []
    assert PromptLookup([]).propose(8) == []


def test_the_place_that_agrees_with_most_of_the_text_is_taken():
    lookup = PromptLookup([9, 1, 2, 3, 50, 51, 7, 7, 1, 2, 3, 60, 61, 9, 1, 2, 3])

    assert lookup.propose(2) == [50, 51]


def test_of_equal_places_the_one_after_what_was_copied_last_is_taken():
    labels = [1, 10, 11, 2, 1, 20, 21, 2, 1, 30, 31, 2]
    lookup = PromptLookup([*labels, 99])
    lookup.extend(20)
    assert lookup.propose(1) == [21]
    lookup.extend(21, 98, 1)

    assert lookup.propose(1) == [30]


DEAR = [1 + 0.5 * rows for rows in range(17)]
"""Each row of a draft costs half a step."""

FREE = [1.0] * 31


def test_the_longer_the_agreement_the_longer_the_draft():
    text = list(range(100))
    lengths = [
        len(PromptLookup([*text, 500, *text[10 : 10 + agreeing]]).propose(50)) for agreeing in range(1, 7)
    ]

    assert lengths == sorted(lengths)
    assert lengths[0] < 2 < 4 < lengths[-1]


def test_the_dearer_the_rows_the_shorter_the_draft():
    text = list(range(100))
    agreeing = [*text, 500, *text[10:15]]
    cheap, dear = (
        len(PromptLookup(agreeing).propose(16, prices=[1 + each * rows for rows in range(17)]))
        for each in (0.05, 0.5)
    )

    assert 1 <= dear < cheap <= 16
    assert PromptLookup(agreeing).propose(16, prices=[1 + rows for rows in range(17)]) == []


def test_rows_that_others_pay_for_too_make_longer_drafts():
    agreeing = [*range(100), 500, *range(10, 15)]
    alone, among = (len(PromptLookup(agreeing).propose(16, None, DEAR, others)) for others in (0, 7))

    assert alone > among


def test_a_draft_ends_before_the_row_from_which_on_steps_cost_more():
    agreeing = [*range(100), 500, *range(10, 30)]
    prices = [1 + 0.1 * rows + (rows > 6) for rows in range(17)]

    assert len(PromptLookup(agreeing).propose(16, None, prices)) == 6


def test_drafts_end_where_they_keep_going_wrong_and_grow_where_they_are_right():
    wrong, right = (PromptLookup([*range(100), 500, 10, 11]) for _ in range(2))
    first = [len(lookup.propose(16, None, DEAR)) for lookup in (wrong, right)]
    for at in range(30, 60, 3):
        wrong.propose(16, None, DEAR)
        wrong.extend(700 + at, at, at + 1)
        right.extend(*right.propose(3, None, DEAR), 800 + at, at, at + 1)

    assert wrong.propose(16, None, DEAR) == []
    assert len(right.propose(16, None, DEAR)) > first[0] == first[1] > 0


def test_tokens_of_the_text_itself_can_be_copied():
    lookup = PromptLookup([1])
    lookup.extend(5, 6, 7, 8, 1, 5, 6)

    assert lookup.propose(2) == [7, 8]


def test_a_grammar_passes_over_places_whose_draft_it_refuses():
    lookup = PromptLookup([1, 40, 41, 1, 50, 51, 7, 1])

    assert lookup.propose(4, lambda draft, limit: draft if draft[0] == 50 else [])[0] == 50
    assert lookup.propose(4, lambda draft, limit: []) == []


def test_a_grammar_adds_the_end_of_a_value_to_what_is_copied():
    schema = {
        "type": "object",
        "properties": {"who": {"type": "string"}, "total": {"type": "integer"}},
        "required": ["who", "total"],
    }
    matcher = compile_schema(schema, TOKENIZER).matcher()
    lookup = PromptLookup(TOKENIZER.encode("Acme Ltd\nLondon\n\nTotal 12"))
    for token in TOKENIZER.encode('{"who":"Acm'):
        matcher.accept(token)
        lookup.extend(token)

    draft = lookup.propose(30, matcher.fitted, FREE)

    assert TOKENIZER.decode(draft) == 'e Ltd","total":'
    lookup.extend(*draft)
    assert lookup.propose(30, matcher.fitted, FREE) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60), st.integers(0, 20))
def test_every_draft_is_a_piece_of_the_text_of_at_most_the_limit(prompt, text, limit):
    lookup, seen = PromptLookup(prompt), list(prompt)
    for token in text:
        draft = lookup.propose(limit)
        assert len(draft) <= limit
        assert any(seen[at : at + len(draft)] == draft for at in range(len(seen) + 1))
        lookup.extend(token)
        seen.append(token)


def test_a_draft_costs_microseconds():
    random = Random(3)
    lookup = PromptLookup([random.randrange(50) for _ in range(4000)])
    text = [random.randrange(50) for _ in range(500)]

    started = time.thread_time()
    for token in text:
        lookup.propose(16)
        lookup.extend(token)

    assert (time.thread_time() - started) / len(text) < 500e-6
