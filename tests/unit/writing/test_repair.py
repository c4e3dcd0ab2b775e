"""Mending what a model wrote into the JSON that it meant, and no further."""

from __future__ import annotations

import json

import pytest
from abax.writing.repair import value_of
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Sure! Here it is:\n```\n{"a": [1, 2]}\n```\nAnything else?', {"a": [1, 2]}),
        ('The answer is {"a": {"b": 2}} as asked.', {"a": {"b": 2}}),
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1, 2], "b": {"c": 3}}),
        ('{"a": True, "b": None, "c": False}', {"a": True, "b": None, "c": False}),
        ('{"a": "True, None"}', {"a": "True, None"}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}),
        ('{"a": "with } and ] and , in it"', {"a": "with } and ] and , in it"}),
        ('[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    ],
)
def test_what_was_meant_is_read(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize("text", ["", "no json", "[1, 2}", '{"a": 1 2}', '{"a": "unfinished', "{a: 1}"])
def test_what_was_not_meant_so_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        value_of(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "whole", "b": "cut in the mid', {"a": "whole"}),
        ('{"a": 1, "b": 12', {"a": 1}),
        ('{"a": 1, "b": ', {"a": 1}),
        ('{"a": 1, "b', {"a": 1}),
        ('{"items": [{"x": 1, "y": 2}, {"x": 3', {"items": [{"x": 1, "y": 2}]}),
        ('{"items": [{"x": 1, "y": 2}, {', {"items": [{"x": 1, "y": 2}]}),
        ('{"n": 5, "items": [{"x": 1', {"n": 5}),
        ('{"n": 5, "items": ["one", "two", "thr', {"n": 5, "items": ["one", "two"]}),
        ('{"a": 1, "b": {"c": {"d": 2}, "e": 3', {"a": 1}),
        ('{"a": "wh', {}),
        ('{"a": 1, "b}c\\', {"a": 1}),
    ],
)
def test_of_a_cut_text_nothing_unfinished_is_kept(text: str, value: object) -> None:
    assert value_of(text, cut=True) == value


@given(JSON.filter(lambda value: isinstance(value, dict | list)), st.booleans())
def test_whole_json_is_read_as_it_is(value: object, cut: bool) -> None:
    assert value_of(json.dumps(value), cut=cut) == value
    assert value_of(f"Here:\n```json\n{json.dumps(value)}\n```\nDone.", cut=cut) == value


@given(JSON.filter(lambda value: isinstance(value, dict)), st.data())
def test_a_cut_object_gives_only_what_the_whole_one_has(
    value: dict[str, object], data: st.DataObject
) -> None:
    whole = json.dumps(value)
    cut = whole[: data.draw(st.integers(1, len(whole)))]
    found = value_of(cut, cut=True)
    assert set(found) <= set(value)
    assert all(_within(one, value[name]) for name, one in found.items())


def _within(part: object, whole: object) -> bool:
    """Whether a value is the other one, or a list that begins as it does."""
    if isinstance(part, list) and isinstance(whole, list):
        return all(_within(one, other) for one, other in zip(part, whole, strict=False))
    return part == whole


@given(st.text(st.sampled_from('{}[]",: \\n1a`'), max_size=60), st.booleans())
def test_any_text_gives_a_value_or_a_value_error(text: str, cut: bool) -> None:
    try:
        value_of(text, cut=cut)
    except ValueError as error:
        assert str(error)


def test_depth_is_no_way_to_break_it() -> None:
    with pytest.raises(ValueError):
        value_of("talk " + "[" * 150_000)
