"""Grounded strings: whatever the logits, no value that is not in the source, and never a dead end."""

from __future__ import annotations

import json
import re
from functools import cache
from random import Random
from typing import Annotated, Any

import jsonschema
import pytest
from abax_runtime.copying import Pieces, Rule, Source, Values, normalised
from abax_runtime.errors import InvalidParameter, InvalidSchema
from abax_runtime.gguf import open_gguf
from abax_runtime.grammar import Grammar, compile_schema
from abax_runtime.grounding import Grounded
from abax_runtime.tokenizer import load_tokenizer
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from tests.support.models import tokenizer_metadata
from tests.support.texts import allowed, random_text
from tests.support.vocabularies import SmallTokenizer

SMALL = SmallTokenizer()
PLAIN_LETTERS = SmallTokenizer(
    ("é", " the", '":"', '","', 'é"'), bytes(range(32, 127))
)  # writes é, and no other letter beyond ASCII

SOURCES = (
    'Rechnung Nr. 2024/17\nMüller & Söhne "GmbH" \\ Co\tKG\n\n Summe   119,00 €  IBAN DE12 3456 ',
    "請求書 番号 №42 東京株式会社 合計 ￥1,200 \U0001f600 ok",
    "नमस्ते दुनिया कुल ४२ रुपये — مرحبا بالعالم ١٢٣",
    "a",
    '""\\\\" \x00\x01\x7f b \\u0041 \\n "quoted" ends"',
    "Northwind Invoice No 12 the the the  Northwind Ltd 12.00 12.00 12",
)
GROUNDED = {"type": "string", "x-grounded": True}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 99}
LINE = {"type": "object", "properties": {"item": GROUNDED, "count": NUMBER}, "required": ["item", "count"]}
PAPER = {
    "type": "object",
    "properties": {
        "supplier": GROUNDED,
        "short": {**GROUNDED, "maxLength": 6},
        "iban": {"type": ["string", "null"], "x-grounded": True, "maxLength": 30},
        "free": {"type": "string", "maxLength": 6},
        "word": {"type": "string", "x-grounded": "words"},
        "tags": {"type": "array", "items": {**GROUNDED, "minLength": 2, "maxLength": 9}, "maxItems": 3},
        "lines": {"type": "array", "items": LINE, "maxItems": 2},
    },
    "required": ["supplier", "short", "iban", "free", "lines"],
}


def grounded_values(value: dict[str, Any]) -> list[str]:
    found = [value[name] for name in ("supplier", "short", "iban", "word") if value.get(name) is not None]
    return [*found, *value.get("tags", ()), *(line["item"] for line in value["lines"])]


def check(text: str, source: str) -> None:
    """That a text fits the schema, and its grounded values are the source's."""
    value = json.loads(text)
    jsonschema.validate(value, PAPER)
    for one in grounded_values(value):
        assert one in normalised(source)
        assert one == one.strip(" ")
    if "word" in value:
        assert Source(source, Pieces([])).holds(value["word"], words=True)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("seed", range(25))
def test_random_logits_never_invent_a_value_and_never_get_stuck(source, seed):
    grammar = compile_schema(PAPER, SMALL, grounded_in=source)

    check(random_text(grammar, Random(seed)), source)


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=60), st.integers(0, 2**32), st.floats(0.05, 0.9))
def test_any_text_can_be_a_source(source, seed, eager):
    assume(any(len(word) > 1 for word in normalised(source).split()))  # or the tags would have no values
    grammar = compile_schema(PAPER, SMALL, grounded_in=source)

    check(random_text(grammar, Random(seed), eager=eager), source)


@settings(max_examples=100, deadline=None)
@given(st.text('aé"üz €\\', min_size=1, max_size=30), st.integers(0, 2**32))
def test_letters_that_the_vocabulary_cannot_write_are_left_out(source, seed):
    assume(re.search('[aéz"\\\\]', source))
    schema = {"type": "array", "items": GROUNDED, "minItems": 1, "maxItems": 5}

    values = json.loads(random_text(compile_schema(schema, PLAIN_LETTERS, grounded_in=source), Random(seed)))

    assert all(value in normalised(source) and not set(value) & set("ü€") for value in values)


@cache
def default_tokenizer(path):
    return load_tokenizer(open_gguf(path).metadata)


@pytest.mark.parametrize("source", SOURCES)
def test_the_default_models_vocabulary_neither_invents_nor_gets_stuck(source, default_model):
    grammar = compile_schema(PAPER, default_tokenizer(default_model), grounded_in=source)

    for seed in range(12):
        check(random_text(grammar, Random(seed)), source)


@pytest.mark.parametrize("family", ["bytes", "pieces"])
@pytest.mark.parametrize("source", SOURCES)
def test_both_families_of_tokenizers_neither_invent_nor_get_stuck(family, source):
    grammar = compile_schema(PAPER, small_tokenizer(family), grounded_in=source)

    for seed in range(8):
        check(random_text(grammar, Random(seed)), source)


@cache
def small_tokenizer(family):
    return load_tokenizer(tokenizer_metadata(family))


def texts(schema: dict[str, Any], source: str, count: int = 60) -> set[Any]:
    grammar = compile_schema(schema, SMALL, grounded_in=source)
    return {json.loads(random_text(grammar, Random(seed))) for seed in range(count)}


def test_every_value_of_a_short_source_can_be_written():
    assert texts(GROUNDED, " a  b\n", 200) == {"a", "b", "a b"}


def test_case_and_accents_are_kept():
    assert texts(GROUNDED, "É e", 100) == {"É", "e", "É e"}


def test_an_empty_value_needs_leave():
    assert "" not in texts(GROUNDED, "a")
    assert texts({**GROUNDED, "minLength": 0}, "a") == {"", "a"}


def test_bounds_count_characters_and_not_their_escapes():
    assert texts({**GROUNDED, "minLength": 3, "maxLength": 3}, '"é\\€" ü') == {'"é\\', "é\\€", '\\€"', '" ü'}


def test_values_can_be_held_to_whole_words():
    words = {"type": "string", "x-grounded": "words"}

    assert texts(words, "Total 119") == {"Total", "119", "Total 119"}
    assert {"東", "京"} <= texts(words, "東京", 100)


def test_a_pattern_takes_its_longest_match_at_each_place():
    amount = {**GROUNDED, "pattern": "^[0-9]+,[0-9]{2}$"}

    assert texts(amount, "Netto 100,00 Summe 119,50") == {
        "100,00",
        "00,00",
        "0,00",
        "119,50",
        "19,50",
        "9,50",
    }


def test_an_enum_keeps_what_occurs():
    currency = {"enum": ["EUR", "USD", None], "x-grounded": True}

    assert texts(currency, "total 12 EUR") == {"EUR", None}
    assert texts({"const": "a  b", "x-grounded": True}, "x a b") == {"a  b"}


def test_what_the_source_lacks_is_null_or_left_out():
    dated = {**GROUNDED, "pattern": "^[0-9]+$"}
    nullable = {"anyOf": [dated, {"type": "null"}]}
    optional = {"type": "object", "properties": {"date": dated, "all": {"type": "array", "items": dated}}}

    assert texts(nullable, "no figures") == {None}
    grammar = compile_schema(optional, SMALL, grounded_in="no figures")
    written = {random_text(grammar, Random(seed)) for seed in range(30)}
    assert written == {"{}", '{"all":[]}'}


def test_a_required_value_that_the_source_lacks_makes_a_schema_that_cannot_be_met():
    paper = {"type": "object", "properties": {"who": GROUNDED}, "required": ["who"]}

    with pytest.raises(InvalidSchema, match="#/properties/who: nothing in the source"):
        compile_schema(paper, SMALL, grounded_in=" \n ")


@pytest.mark.parametrize("mark", [True, "words"])
def test_a_source_of_nothing_but_space_has_no_value(mark):
    schema = {"type": "object", "properties": {"x": {"type": "string", "x-grounded": mark}}}
    for source in ("", " \n\t"):
        assert compile_schema(schema, SMALL, grounded_in=source).matcher().forced()
        with pytest.raises(InvalidSchema, match="nothing in the source"):
            compile_schema({**schema, "required": ["x"]}, SMALL, grounded_in=source)


def test_a_pattern_that_backtracking_never_ends_with_is_worked_out_soon():
    slow = {**GROUNDED, "pattern": "^(a+)+b$"}
    assert texts({"anyOf": [slow, {"type": "null"}]}, "a" * 100 + " ") == {None}


def test_a_source_must_be_given():
    with pytest.raises(InvalidParameter, match="source"):
        compile_schema(PAPER, SMALL)


def test_half_of_a_surrogate_pair_is_no_source():
    with pytest.raises(InvalidParameter, match="source"):
        compile_schema(PAPER, SMALL, grounded_in="a\ud800")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "x-grounded": True},
        {"type": "string", "x-grounded": "yes"},
        {**GROUNDED, "format": "date"},
        {**GROUNDED, "pattern": "[0-9]"},
        {**GROUNDED, "pattern": "^([$"},
        {**GROUNDED, "pattern": r"^(a)\1$"},
        {**GROUNDED, "maxLength": -1},
        {**GROUNDED, "minLength": 3, "maxLength": 2},
        {"$ref": "#/$defs/none", "x-grounded": True},
    ],
)
def test_what_cannot_be_grounded_is_refused(schema):
    with pytest.raises(InvalidSchema):
        compile_schema({"type": "array", "items": schema}, SMALL, grounded_in="a 12")


def test_pydantic_models_mark_their_fields():
    class Item(BaseModel):
        name: Annotated[str, Grounded, Field(max_length=20)]

    class Paper(BaseModel):
        who: Annotated[str | None, Grounded]
        word: Annotated[str, Grounded(words=True)]
        all: Annotated[list[str], Grounded] = Field(max_length=2)
        items: list[Item] = Field(max_length=2)

    grammar = compile_schema(Paper, SMALL, grounded_in=SOURCES[0])

    for seed in range(20):
        paper = Paper.model_validate_json(random_text(grammar, Random(seed)))
        for value in filter(None, (paper.who, paper.word, *paper.all, *(item.name for item in paper.items))):
            assert value in normalised(SOURCES[0])


def test_shared_and_nested_definitions_are_grounded_too():
    schema = {
        "$defs": {
            "party": {
                "type": "object",
                "properties": {"name": {"$ref": "#/$defs/name"}},
                "required": ["name"],
            },
            "name": {**GROUNDED, "maxLength": 9},
        },
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/party"}, "b": {"anyOf": [{"$ref": "#/$defs/party"}, NUMBER]}},
        "required": ["a", "b"],
    }

    for seed in range(20):
        value = json.loads(random_text(compile_schema(schema, SMALL, grounded_in=SOURCES[5]), Random(seed)))
        assert value["a"]["name"] in normalised(SOURCES[5])
        assert isinstance(value["b"], int) or value["b"]["name"] in normalised(SOURCES[5])


def test_private_characters_in_schema_and_source_are_ordinary():
    schema = {
        "type": "object",
        "properties": {"\U000f0000": {"enum": ["\U000f0001"]}, "b": GROUNDED, "c": {"type": "string"}},
        "required": ["\U000f0000", "b"],
    }
    source = "\U000f0002 \U000f0000"
    grammar = compile_schema(schema, SMALL, grounded_in=source)

    for seed in range(20):
        value = json.loads(random_text(grammar, Random(seed)))
        assert value["\U000f0000"] == "\U000f0001"
        assert value["b"] in source


def start(grammar: Grammar, text: str):
    matcher = grammar.matcher()
    for token in SMALL.encode(text):
        matcher.accept(token)
    return matcher


def test_a_token_may_end_the_value_close_it_and_go_on():
    grammar = compile_schema(PAPER, SMALL, grounded_in="Ada Lovelace said so.")
    last = SMALL.encode('o","')
    assert len(last) == 1

    matcher = start(grammar, '{"supplier":"said s')

    assert last[0] in allowed(matcher.mask())
    matcher.accept(last[0])
    assert SMALL.decode(matcher.forced()) == 'short":"'


def test_a_token_that_ends_another_value_than_the_sources_is_refused():
    grammar = compile_schema(PAPER, SMALL, grounded_in="Ada Lovelace said no.")
    matcher = start(grammar, '{"supplier":"said ')

    assert SMALL.encode('o","')[0] not in allowed(matcher.mask())
    assert SMALL.encode('."')[0] not in allowed(matcher.mask())
    assert matcher.accepts(SMALL.encode('no","')) == len(SMALL.encode('no","'))
    assert matcher.accepts(SMALL.encode('yes","')) == 0


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 60))
def test_taking_back_and_copies_work_within_values(source, seed, first, second):
    random, matcher = Random(seed), compile_schema(PAPER, SMALL, grounded_in=source).matcher()
    masks, tokens = [matcher.mask()], []
    for _ in range(first + second):
        if matcher.finished:
            break
        tokens.append(random.choice(allowed(masks[-1])))
        matcher.accept(tokens[-1])
        masks.append(matcher.mask())
    back = min(second, len(tokens))
    other = matcher.copy()

    matcher.rollback(back)

    assert matcher.mask() == masks[len(masks) - 1 - back]
    assert other.mask() == masks[-1]
    again = tokens[len(tokens) - back :]
    again = again[: again.index(SMALL.eos)] if SMALL.eos in again else again
    assert matcher.accepts(again) == len(again)
    assert matcher.mask() == masks[len(masks) - 1 - back]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, 2**32), st.integers(0, 60))
def test_a_mask_allows_what_is_accepted_but_for_other_ways_to_write_what_is_forced(source, seed, steps):
    random, matcher = Random(seed), compile_schema(PAPER, SMALL, grounded_in=source).matcher()
    for _ in range(steps):
        if matcher.finished:
            break
        matcher.accept(random.choice(allowed(matcher.mask())))

    single = {token for token in range(SMALL.size) if token not in SMALL.stop and matcher.accepts([token])}
    masked = set(allowed(matcher.mask())) - SMALL.stop

    assert masked <= single
    if len(masked) != 1:
        assert all(SMALL.piece(token).startswith(b'"') for token in single - masked)


def test_a_union_of_a_grounded_and_a_free_string_is_free():
    schema = {"anyOf": [GROUNDED, {"type": "string", "maxLength": 3}]}
    grammar = compile_schema(schema, SMALL, grounded_in="source")

    assert start(grammar, '"xyz"').finished


def naive(text: str, rule: Rule) -> set[str]:
    """All values, the slow way."""
    spans = ((a, b) for a in range(len(text)) for b in range(a + 1, len(text) + 1))
    return {
        text[a:b]
        for a, b in spans
        if text[a] != " " and text[b - 1] != " "
        if b - a >= rule.shortest and (rule.longest is None or b - a <= rule.longest)
    }


def written(values: Values) -> set[str]:
    """All values, by every way to write them."""
    pieces = {token: piece for piece, token in values.source.pieces.tokens.items()}
    found, seen, open_ = set(), set(), [(b"", values.opening)]
    while open_:
        text, value = open_.pop()
        if value.complete:
            found.add(json.loads(b'"' + text + b'"'))
        inside = value.options().inside
        for token, piece in pieces.items():
            if inside >> token & 1 and text + piece not in seen:
                seen.add(text + piece)
                after = value.advanced(piece)
                assert after is not None
                open_.append((text + piece, after))
            elif not inside >> token & 1:
                assert value.advanced(piece) is None
    return found


@settings(max_examples=80, deadline=None)
@given(
    st.text('ab é"\\', max_size=9),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(3, 5)),
)
def test_the_walk_over_the_source_finds_all_values_and_no_others(text, shortest, longest):
    rule = Rule(shortest=shortest, longest=longest)
    values = Values(
        Source(text, Pieces([b"a", b"b", b" ", b'"', b"\\", b"\xc3", b"\xa9", b"ab", b'a"'])), rule
    )

    assert written(values) - {""} == naive(normalised(text), rule)
    assert values.empty == (shortest == 0)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SOURCES), st.booleans(), st.integers(0, 2**32))
def test_looking_ahead_changes_nothing(source, is_grounded, seed):
    random = Random(seed)
    schema = PAPER if is_grounded else json.loads(json.dumps(PAPER).replace("x-grounded", "x-plain"))
    grammar = compile_schema(schema, SMALL, grounded_in=source if is_grounded else None)
    plain, looking = grammar.matcher(), grammar.matcher()
    for _ in range(60):
        if plain.finished:
            break
        draft = [random.randrange(SMALL.size) for _ in range(random.randrange(4))]
        place = random.randrange(len(source))
        looking.fitted(SMALL.encode(source[place : place + 9]), random.randrange(1, 12))
        looking.accepts(draft)
        assert looking.forced() == plain.forced()
        mask = plain.mask()
        assert looking.mask() == mask
        token = random.choice(allowed(mask))
        plain.accept(token)
        looking.accept(token)
    assert looking.finished == plain.finished
