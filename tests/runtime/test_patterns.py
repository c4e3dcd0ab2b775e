"""Patterns without backtracking agree with Python's own, and end soon whatever they are."""

from __future__ import annotations

import re
import time

import pytest
from abax_runtime.patterns import MOST_LOOKS, Pattern, Unmatchable
from hypothesis import given, settings
from hypothesis import strategies as st

CHARACTER = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[a-c0]", r"\d", r"\w", r"\S", "é"])


def _more(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", "*?"])
    return st.one_of(
        st.builds("{}{}".format, part, part),
        st.builds("(?:{}|{})".format, part, part),
        st.builds("(?:{}){}".format, part, repeat),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(CHARACTER, _more, max_leaves=6), st.text("abc0é \n", max_size=8))
def test_the_longest_match_is_the_longest_that_python_accepts(pattern: str, text: str) -> None:
    compiled = Pattern(pattern)
    longest = max((end for end in range(len(text) + 1) if re.fullmatch(pattern, text[:end])), default=-1)
    assert compiled.ends(text, [(0, len(text))]) == [longest]
    assert compiled.empty == bool(re.fullmatch(pattern, ""))


def test_each_place_has_its_own_match_within_its_span() -> None:
    assert Pattern(r"\d+").ends("a12b345", [(0, 7), (1, 7), (2, 7), (4, 6)]) == [-1, 3, 3, 6]


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a|aa)+b", "(.*)*(.*)*b", "(a?){100}a{100}"])
def test_what_python_never_ends_with_ends_soon(pattern: str) -> None:
    begun = time.monotonic()
    assert Pattern(pattern).ends("a" * 60, [(0, 60)]) == [-1]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"(a)\1", "back reference"),
        (r"\bx", "anchor"),
        ("(?=a)a", "look ahead"),
        ("(?i)a", "flag"),
        ("(?i:a)", "flag"),
        ("(?>a)", "atomic group"),
        ("a++", "possessive"),
        ("a$|^b", "anchor"),
        ("([", "unterminated"),
        ("((a{100}){100}){100}", "more than 500"),
        ("(" * 5000 + ")" * 5000, "recursion"),
    ],
)
def test_what_an_automaton_cannot_do_is_refused_by_name(pattern: str, problem: str) -> None:
    with pytest.raises(Unmatchable, match=problem):
        Pattern(pattern)


def test_a_pattern_of_very_many_states_is_refused() -> None:
    text = f"{'ab' * 20_000}{'aab' * 9_000}{'abbaab' * 9_000}"
    spans = [(begin, len(text)) for begin in range(0, len(text), 50)]
    with pytest.raises(Unmatchable, match=r"states|steps"):
        Pattern("(a|b)*a(a|b){60}").ends(text * 3, spans)


def test_a_source_that_takes_too_long_is_refused() -> None:
    long = "a" * 3000
    with pytest.raises(Unmatchable, match=f"{MOST_LOOKS:,}"):
        Pattern("a+").ends(long, [(0, 3000)] * 2000)


def test_repeats_of_nothing_end() -> None:
    assert Pattern("(){1000000000}(a||){3}").ends("aaaa", [(0, 4)]) == [3]
    assert Pattern("(){5,1000000}b").ends("b", [(0, 1)]) == [1]
