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


def test_the_longer_the_agreement_the_longer_the_draft():
    text = list(range(100))
    lengths = [
        len(PromptLookup([*text, 500, *text[10 : 10 + agreeing]]).propose(50)) for agreeing in range(1, 7)
    ]

    assert lengths == [1, 2, 4, 8, 16, 16]
    assert len(PromptLookup([*text, *text[:9]], draft=6).propose(50)) == 6


def test_drafts_shrink_when_refused_and_grow_back_when_right():
    text = list(range(100))
    lookup = PromptLookup([*text, 500, 10, 11, 12, 13])
    full = len(lookup.propose(50))
    lookup.extend(700, 20, 21, 22, 23)
    shrunk = lookup.propose(50)
    lookup.extend(*shrunk)
    regrown = len(lookup.propose(50))

    assert full == 8
    assert len(shrunk) == 4
    assert regrown >= full


def test_tokens_of_the_text_itself_can_be_copied():
    lookup = PromptLookup([1])
    lookup.extend(5, 6, 7, 8, 1, 5, 6)

    assert lookup.propose(2) == [7, 8]


def test_a_grammar_passes_over_places_whose_draft_it_refuses():
    lookup = PromptLookup([1, 40, 41, 1, 50, 51, 7, 1])

    assert lookup.propose(4, lambda draft, limit: draft if draft[0] == 50 else []) == [50]
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

    draft = lookup.propose(30, matcher.fitted)

    assert TOKENIZER.decode(draft) == 'e Ltd","total":'
    lookup.extend(*draft)
    assert lookup.propose(30, matcher.fitted) == []


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
