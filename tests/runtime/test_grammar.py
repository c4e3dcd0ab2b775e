"""Grammars: texts that keep to them whatever the logits, forced tokens, drafts and taking back."""

from __future__ import annotations

import enum
import json
import re
import subprocess
import sys
from random import Random
from typing import Literal

import jsonschema
import pytest
from abax_runtime.errors import InvalidParameter, InvalidSchema
from abax_runtime.grammar import Grammar, compile_choices, compile_regex, compile_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter

from tests.support.texts import allowed, random_text
from tests.support.vocabularies import SmallTokenizer

TOKENIZER = SmallTokenizer()
TEXT, NUMBER = {"type": "string", "maxLength": 12}, {"type": "integer", "minimum": 0, "maximum": 999}
LINE = {"type": "object", "properties": {"item": TEXT, "count": NUMBER}, "required": ["item", "count"]}
INVOICE = {
    "type": "object",
    "properties": {
        "supplier": TEXT,
        "currency": {"enum": ["EUR", "USD"]},
        "note": {"type": ["string", "null"], "maxLength": 5},
        "lines": {"type": "array", "items": LINE, "maxItems": 3},
    },
    "required": ["supplier", "currency", "lines"],
}


def grammar(schema: object, **settings: object) -> Grammar:
    return compile_schema(schema, TOKENIZER, **settings)


def takes(grammar: Grammar, text: str) -> bool:
    """Whether a whole text keeps to a grammar."""
    matcher, ids = grammar.matcher(), TOKENIZER.encode(text)
    if matcher.accepts(ids) < len(ids):
        return False
    for token in ids:
        matcher.accept(token)
    return TOKENIZER.eos in allowed(matcher.mask())


@pytest.mark.parametrize("seed", range(40))
def test_random_choices_among_allowed_tokens_give_a_text_that_fits_the_schema(seed):
    value = json.loads(random_text(grammar(INVOICE), Random(seed)))

    jsonschema.validate(value, INVOICE)
    assert set(value) <= set(INVOICE["properties"])


def test_json_is_compact_and_keeps_the_order_of_the_schema():
    assert takes(grammar(INVOICE), '{"supplier":"A","currency":"EUR","lines":[]}')
    assert not takes(grammar(INVOICE), '{"supplier": "A", "currency": "EUR", "lines": []}')
    assert not takes(grammar(INVOICE), '{"currency":"EUR","supplier":"A","lines":[]}')


def test_separators_may_have_spaces_as_json_dumps_writes_them():
    spaced = grammar(INVOICE, separators=(", ", ": "))

    assert takes(spaced, '{"supplier": "A", "currency": "EUR", "lines": []}')
    assert not takes(spaced, '{"supplier":"A","currency":"EUR","lines":[]}')


def test_a_listed_object_gets_no_other_properties_unless_the_schema_speaks_of_them():
    listed = {"type": "object", "properties": {"a": NUMBER}, "required": ["a"]}

    assert not takes(grammar(listed), '{"a":1,"b":2}')
    assert takes(grammar({**listed, "additionalProperties": NUMBER}), '{"a":1,"b":2}')
    assert takes(grammar({**listed, "required": ["a", "b"]}), '{"a":1,"b":2}')


def test_parts_of_a_merged_object_stay_open_for_each_other():
    parts = [{"properties": {name: NUMBER}, "required": [name]} for name in "ab"]

    assert takes(grammar({"type": "object", "allOf": parts}), '{"a":1,"b":2}')


def test_a_schema_comes_as_a_dict_as_text_as_a_pydantic_model_or_as_a_type_adapter():
    class Kind(enum.StrEnum):
        BILL = "bill"
        CREDIT = "credit"

    class Line(BaseModel):
        item: str = Field(max_length=5)
        count: int | None

    class Paper(BaseModel):
        kind: Kind
        sign: Literal[1, -1]
        lines: list[Line]

    text = '{"kind":"bill","sign":-1,"lines":[{"item":"a","count":null}]}'

    assert takes(grammar(Paper), text)
    assert takes(grammar(json.dumps(Paper.model_json_schema())), text)
    assert takes(grammar(TypeAdapter(list[Paper])), f"[{text},{text}]")


def test_any_json_is_a_schema_too():
    assert takes(grammar({}), '{"a":[1,null]}')
    assert takes(grammar(True), '"x"')


@pytest.mark.parametrize(
    ("schema", "where", "problem"),
    [
        ("{", "", "not JSON"),
        ("[]", "", "a schema is an object"),
        (7, "", "a schema is an object"),
        ({"type": {1, 2}}, "", "not a JSON schema"),
        ({"type": "strin"}, "#", "strin"),
        ({"type": "object", "properties": {"a/b": {"type": 5}}}, "#/properties/a~1b", "type"),
        ({"type": "array", "items": {"pattern": "([", "type": "string"}}, "#/items", "unclosed"),
        ({"anyOf": [{"type": "integer", "minimum": 5, "maximum": 4}]}, "#/anyOf/0", "minimum"),
        ({"$ref": "#/$defs/none"}, "#", "none"),
        ({"type": "string", "format": "nothing"}, "#", "nothing"),
        ({"enum": []}, "#", "empty"),
        ({"not": {}}, "#", "not"),
        (False, "#", ""),
    ],
)
def test_what_is_no_schema_or_cannot_be_met_is_named_with_its_place(schema, where, problem):
    with pytest.raises(InvalidSchema) as error:
        grammar(schema)

    assert str(error.value).startswith(f"schema: {where}")
    assert problem in str(error.value)


def test_a_value_that_must_contain_itself_is_refused_and_one_that_may_is_not():
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    endless = {"$defs": {"node": {**node, "required": ["next"]}}, "$ref": "#/$defs/node"}
    finite = {"$defs": {"node": node}, "$ref": "#/$defs/node"}

    with pytest.raises(InvalidSchema, match="contain themselves"):
        grammar(endless)
    assert takes(grammar(finite), '{"next":{"next":{}}}')


def test_a_schema_nested_out_of_reach_is_refused():
    deep = "".join(['{"items":' * 5000, "{}", "}" * 5000])

    with pytest.raises(InvalidSchema, match="nested"):
        grammar(deep)


KEYWORDS = st.sampled_from(
    [
        *("type", "properties", "required", "items", "prefixItems", "minItems", "anyOf", "oneOf", "allOf"),
        *(
            "$ref",
            "$defs",
            "enum",
            "const",
            "pattern",
            "minLength",
            "maxLength",
            "x-grounded",
            "minProperties",
        ),
        *("additionalProperties", "minimum", "multipleOf", "format", "not"),
    ]
)
WORDS = st.sampled_from(
    ["object", "array", "string", "integer", "#/$defs/a", "#", "#/items", "^a+$", "words", "a"]
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYWORDS, inner, max_size=4),
        st.dictionaries(WORDS, inner, max_size=2),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYWORDS, ANYTHING, max_size=4))
def test_whatever_is_given_for_a_schema_is_compiled_or_refused_as_one(schema):
    try:
        matcher = grammar(schema, grounded_in="a text of 12 words").matcher()
    except InvalidSchema:
        return
    assert allowed(matcher.mask())


def test_forced_tokens_are_what_the_schema_leaves_no_choice_about():
    matcher = grammar(INVOICE).matcher()
    written = ""
    while new := matcher.forced():
        for token in new:
            matcher.accept(token)
        written += TOKENIZER.decode(new)

    assert '{"supplier":"'.startswith(written)
    assert len(written) >= len('{"supplier')


def test_a_whole_text_allows_only_the_end():
    matcher = grammar({"const": "a"}).matcher()
    for token in TOKENIZER.encode('"a"'):
        matcher.accept(token)

    assert matcher.finished
    assert matcher.forced() == []
    assert allowed(matcher.mask()) == [TOKENIZER.eos]
    matcher.accept(TOKENIZER.eos)
    assert matcher.finished
    with pytest.raises(InvalidParameter):
        matcher.accept(TOKENIZER.eos)


def test_a_token_out_of_place_is_refused_and_changes_nothing():
    matcher = grammar(INVOICE).matcher()
    before = matcher.mask()

    for token in (TOKENIZER.encode("x")[0], TOKENIZER.eos, TOKENIZER.size - 1, TOKENIZER.size + 40, -1):
        with pytest.raises(InvalidParameter):
            matcher.accept(token)
    assert matcher.mask() == before


def test_a_draft_is_taken_as_far_as_it_keeps_to_the_grammar():
    matcher = grammar(INVOICE).matcher()
    good, bad = TOKENIZER.encode('{"supplier":"Ac'), TOKENIZER.encode("\n")

    assert matcher.accepts(good + bad + good) == len(good)
    assert matcher.accepts(bad) == 0
    assert matcher.accepts([]) == 0
    assert matcher.accepts([TOKENIZER.eos]) == 0


def test_a_draft_that_breaks_off_in_a_value_gets_the_end_of_the_value_and_the_next_name():
    matcher = grammar(INVOICE).matcher()
    for token in TOKENIZER.encode('{"supplier":"'):
        matcher.accept(token)

    fitted = matcher.fitted(TOKENIZER.encode("Acme\nStreet 1"), 40)

    assert TOKENIZER.decode(fitted).startswith('Acme","currency":"')
    assert matcher.accepts(fitted) == len(fitted)
    assert matcher.fitted(TOKENIZER.encode("Acme\nStreet 1"), 5) == fitted[:5]
    assert matcher.fitted(TOKENIZER.encode("\nStreet"), 5) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 40))
def test_tokens_that_are_taken_back_leave_the_state_as_it_was(seed, first, second):
    tokenizer, random = TOKENIZER, Random(seed)
    matcher = grammar(INVOICE).matcher()
    masks = [matcher.mask()]
    for _ in range(first + second):
        if matcher.finished:
            break
        matcher.accept(random.choice(allowed(masks[-1])))
        masks.append(matcher.mask())
    back = min(second, len(masks) - 1)

    other = matcher.copy()
    matcher.rollback(back)

    assert matcher.mask() == masks[len(masks) - 1 - back]
    assert other.mask() == masks[-1]
    assert tokenizer.size <= 8 * len(masks[0])


def test_only_accepted_tokens_can_be_taken_back():
    with pytest.raises(InvalidParameter, match="count"):
        grammar(INVOICE).matcher().rollback(1)


@pytest.mark.parametrize("seed", range(10))
def test_a_regular_expression_is_matched_as_a_whole(seed):
    text = random_text(compile_regex("[A-Z]{2}[0-9]{3}(-x)?", TOKENIZER), Random(seed))

    assert re.fullmatch("[A-Z]{2}[0-9]{3}(-x)?", text)


def test_where_more_may_follow_the_end_may_come_as_well():
    matcher = compile_regex("[0-9]+", TOKENIZER).matcher()
    matcher.accept(TOKENIZER.encode("7")[0])

    assert TOKENIZER.eos in allowed(matcher.mask())
    assert not matcher.finished
    matcher.accept(TOKENIZER.eos)
    assert matcher.finished
    matcher.rollback(1)
    assert not matcher.finished


def test_choices_are_taken_letter_by_letter():
    choices = ['say "no"', "yes", "yesterday", "ünïcode\n"]
    found = {random_text(compile_choices(choices, TOKENIZER), Random(seed)) for seed in range(60)}

    assert found == set(choices)


@pytest.mark.parametrize("choices", [[], "yes", ["a", ""], ["a", 1]])
def test_choices_are_a_list_of_texts(choices):
    with pytest.raises(InvalidSchema, match="choices"):
        compile_choices(choices, TOKENIZER)


def test_a_bad_expression_is_refused():
    with pytest.raises(InvalidSchema, match="unclosed"):
        compile_regex("([", TOKENIZER)


def test_grammars_are_compiled_once_for_a_tokenizer():
    one, other = grammar(INVOICE), grammar(json.dumps(INVOICE))

    assert one._prototype is other._prototype


def test_a_tokenizer_without_an_end_token_can_be_constrained():
    class Endless(SmallTokenizer):
        stop = frozenset()

        def __init__(self):
            super().__init__()
            self.stop = frozenset()

    text = random_text(compile_schema(INVOICE, Endless()), Random(1))

    jsonschema.validate(json.loads(text), INVOICE)


def test_grammars_need_neither_numpy_nor_pydantic():
    program = (
        "import sys; from abax_runtime.grammar import compile_schema;"
        "from tests.support.vocabularies import SmallTokenizer;"
        "compile_schema({'type': 'string'}, SmallTokenizer()).matcher().mask();"
        "print([name for name in ('numpy', 'torch', 'pydantic', 'numba') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
