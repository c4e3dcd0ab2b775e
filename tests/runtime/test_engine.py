"""What one request gives: text, stops, limits, structure, drafts, prefixes. Scripted first, then for real."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from abax_runtime.adapter import BASE_HASH, BASE_NAME, base_hash
from abax_runtime.engine import Engine
from abax_runtime.errors import (
    AdapterMismatch,
    ContextOverflow,
    InvalidModel,
    InvalidParameter,
    InvalidSchema,
)
from abax_runtime.gguf import open_gguf
from abax_runtime.request import Generation, Request
from abax_runtime.sampler import Sampling
from abax_runtime.text import TextStream
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator

from tests.support.adapters import random_adapter
from tests.support.models import Small, small
from tests.support.scripted import ByteDecoder, Rule, ScriptedContext, babble, echo, saying, scripted_engine

Made = Callable[..., tuple[Engine, ScriptedContext]]


@pytest.fixture
def made() -> Iterator[Made]:
    """Makes engines on scripted contexts, and closes them."""
    engines: list[Engine] = []

    def make(rule: Rule, **sizes: Any) -> tuple[Engine, ScriptedContext]:
        context = ScriptedContext(rule, **sizes)
        engines.append(scripted_engine(context))
        return engines[-1], context

    yield make
    for engine in engines:
        engine.close()


# --- text and its end ---


def test_a_text_ends_with_the_models_stop_token(made: Made) -> None:
    engine, _ = made(saying("Good day."))
    result = engine.generate("What?")
    assert (result.text, result.finish) == ("Good day.", "stop")
    assert (result.prompt_tokens, result.completion_tokens) == (5, 9)


def test_a_text_ends_at_max_tokens(made: Made) -> None:
    engine, _ = made(saying("Good day."))
    result = engine.generate("What?", max_tokens=4)
    assert (result.text, result.finish) == ("Good", "length")


def test_a_stop_string_is_cut_off(made: Made) -> None:
    engine, _ = made(saying("one two three"))
    result = engine.generate("What?", stop=["three", " two"])
    assert (result.text, result.finish) == ("one", "stop_string")


def test_a_stream_never_shows_what_a_stop_string_takes_back(made: Made) -> None:
    engine, _ = made(saying("a STO STOP b"))
    deltas = list(engine.stream("What?", stop=["STOP"]))
    assert "".join(delta.text for delta in deltas) == "a STO "
    assert deltas[-1].generation is not None
    assert deltas[-1].generation.text == "a STO "


def test_a_stream_ends_with_what_was_held_back(made: Made) -> None:
    engine, _ = made(saying("a ST"))
    deltas = list(engine.stream("What?", stop=["STOP"]))
    assert [delta.text for delta in deltas][-1] == "ST"


def test_characters_of_several_tokens_come_whole(made: Made) -> None:
    engine, _ = made(saying("4 €, naïve"))
    texts = [delta.text for delta in engine.stream("What?", draft=False)]
    assert "".join(texts) == "4 €, naïve"
    assert "€" in texts


@settings(max_examples=200, deadline=None)
@given(st.text("ab€", max_size=30), st.lists(st.text("ab€", min_size=1, max_size=4), max_size=3))
def test_a_text_stream_is_the_text_up_to_its_first_stop(text: str, stop: list[str]) -> None:
    stream, shown = TextStream(ByteDecoder(), stop), ""
    for token in text.encode():
        shown += stream.push(token)
        if stream.stopped:
            break
    shown += stream.finish()
    ends = [text.find(one) + len(one) for one in stop if one in text]
    seen = text[: min(ends)] if ends else text
    cut = min((seen.find(one) for one in stop if one in seen), default=len(seen))
    assert shown == seen[:cut]
    assert stream.stopped == bool(ends)


def test_greedy_text_is_the_same_each_time(made: Made) -> None:
    engine, _ = made(babble)
    assert engine.generate("a", max_tokens=30).text == engine.generate("a", max_tokens=30).text


def test_the_same_seed_gives_the_same_text_and_another_another(made: Made) -> None:
    engine, _ = made(babble)
    texts = [
        engine.generate("a", max_tokens=30, sampling=Sampling(temperature=1.0, seed=seed)).text
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_log_probabilities_come_with_their_tokens(made: Made) -> None:
    engine, _ = made(saying("Yes"))
    result = engine.generate("Well?", sampling=Sampling(logprobs=2))
    assert result.logprobs is not None
    assert [entry.piece for entry in result.logprobs] == [b"Y", b"e", b"s"]
    assert all(entry.top[0].token == entry.token for entry in result.logprobs)
    assert all(len(entry.top) == 2 and -0.1 < entry.logprob <= 0 for entry in result.logprobs)


def test_a_stream_has_the_log_probabilities_of_the_whole(made: Made) -> None:
    engine, _ = made(saying("Yes, indeed"))
    deltas = list(engine.stream("Well?", sampling=Sampling(logprobs=1)))
    streamed = tuple(entry for delta in deltas for entry in delta.logprobs)
    assert deltas[-1].generation is not None
    assert streamed == deltas[-1].generation.logprobs


def test_timings_add_up(made: Made) -> None:
    engine, _ = made(babble, seconds=0.002)
    timings = engine.generate("abc", max_tokens=10, draft=False).timings
    assert timings.prefill_s >= 0.006
    assert timings.decode_s >= 0.018
    assert timings.first_token_s >= timings.prefill_s


def test_a_chat_is_rendered_with_the_models_template(made: Made) -> None:
    engine, context = made(babble)
    engine.generate(messages=[{"role": "user", "content": "Hello?"}], max_tokens=1)
    assert bytes(context.steps[0][0][2]) == b"[user]Hello?[assistant]"


# --- the end of the context ---


def test_a_prompt_longer_than_the_context_is_refused(made: Made) -> None:
    engine, _ = made(babble, length=32)
    with pytest.raises(ContextOverflow, match="33 tokens do not fit a context of 32"):
        engine.generate("x" * 33)


def test_a_full_context_ends_the_text(made: Made) -> None:
    engine, _ = made(babble, length=32)
    result = engine.generate("x" * 20, max_tokens=100)
    assert result.finish == "length"
    assert result.prompt_tokens + result.completion_tokens == 33


@pytest.mark.parametrize("draft", [True, False])
def test_a_sliding_context_keeps_the_beginning_and_the_newer_half(made: Made, draft: bool) -> None:
    engine, context = made(babble, length=32, batch=8)
    result = engine.generate("0123456789" * 2, max_tokens=40, overflow="slide", keep=6, draft=draft)
    assert len(result.tokens) == 40
    whole = [*b"0123456789" * 2, *result.tokens]
    reread = next(rows for rows in context.steps if rows[0][1] == 6 and len(rows[0][2]) == 8)
    kept = (33 - 6) - (33 - 6) // 2
    assert reread[0][2] == whole[33 - kept :][:8]
    assert context.held[0][:6] == whole[:6]


# --- structure ---


class Invoice(BaseModel):
    number: str
    total: int


def test_a_text_with_a_schema_is_json_of_it(made: Made) -> None:
    engine, _ = made(babble)
    schema = {"type": "object", "properties": {"paid": {"type": "boolean"}}, "required": ["paid"]}
    result = engine.generate("Paid?", schema=schema)
    assert result.finish == "stop"
    assert result.parsed == json.loads(result.text)
    assert isinstance(result.parsed["paid"], bool)


def test_what_the_schema_dictates_is_not_sampled(made: Made) -> None:
    engine, context = made(babble)
    schema = {"type": "object", "properties": {"paid": {"type": "boolean"}}, "required": ["paid"]}
    result = engine.generate("Paid?", schema=schema)
    assert result.forced >= len('{"paid":') + len("rue}")
    assert len(context.steps) <= 2
    assert bytes(context.steps[0][0][2]) == b'Paid?{"paid":'


def test_a_pydantic_type_gives_its_own_value(made: Made) -> None:
    engine, _ = made(saying_json({"number": "A-7", "total": 12}))
    result = engine.generate("What?", schema=Invoice)
    assert result.parsed == Invoice(number="A-7", total=12)


def test_a_structured_text_cut_short_has_no_value(made: Made) -> None:
    engine, _ = made(saying_json({"number": "A-7", "total": 12}))
    result = engine.generate("What?", schema=Invoice, max_tokens=14)
    assert (result.finish, result.parsed) == ("length", None)


def test_a_types_own_validators_may_refuse_the_text(made: Made) -> None:
    class Picky(BaseModel):
        number: int

        @field_validator("number")
        @classmethod
        def never(cls, value: int) -> int:
            raise ValueError("never right")

    engine, _ = made(saying_json({"number": 5}))
    with pytest.raises(InvalidParameter, match="never right"):
        engine.generate("What?", schema=Picky)


def test_a_grounded_field_is_taken_from_the_source(made: Made) -> None:
    engine, _ = made(babble)
    field = {"type": "string", "x-grounded": True, "minLength": 1}
    schema = {"type": "object", "properties": {"name": field}, "required": ["name"]}
    source = "Invoice of Miller & Sons, Bath"
    result = engine.generate("Who?", schema=schema, source=source, max_tokens=200)
    assert result.finish == "stop"
    assert result.parsed["name"] in source


def test_a_schema_that_nothing_can_meet_is_refused(made: Made) -> None:
    engine, _ = made(babble)
    with pytest.raises(InvalidSchema):
        engine.generate("What?", schema={"type": "integer", "minimum": 5, "maximum": 3})


# --- drafts ---


REPEATING = "The total of the invoice is 120 euros. The total of the invoice is 130 euros. "


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_a_draft_changes_steps_and_not_the_text(made: Made, temperature: float) -> None:
    engine, context = made(echo, length=1024)
    sampling = Sampling(temperature=temperature, seed=3)
    plain = engine.generate(REPEATING, max_tokens=80, sampling=sampling, draft=False)
    steps = len(context.steps)
    drafted = engine.generate(REPEATING, max_tokens=80, sampling=sampling)
    assert drafted.tokens == plain.tokens
    assert drafted.accepted > 20
    assert len(context.steps) - steps < steps / 2


def test_a_draft_keeps_to_the_grammar(made: Made) -> None:
    schema = {"type": "array", "items": {"enum": ["abc", "abd"]}, "minItems": 12, "maxItems": 12}
    plain = made(echo)[0].generate('["abc","abd","abc",', schema=schema, draft=False)
    drafted = made(echo)[0].generate('["abc","abd","abc",', schema=schema)
    assert (drafted.text, drafted.finish) == (plain.text, "stop")
    assert set(drafted.parsed) <= {"abc", "abd"}


def test_a_draft_stays_within_context_and_limit(made: Made) -> None:
    engine, context = made(echo, length=100, sequences=1)
    result = engine.generate("abcabcabcabc" * 6, max_tokens=100)
    assert result.prompt_tokens + result.completion_tokens == 101
    assert max(first + len(tokens) for step in context.steps for _, first, tokens in step) <= 100
    context.steps.clear()
    engine.generate("abcabcabcabc", max_tokens=5)
    assert all(len(tokens) <= 5 for step in context.steps for _, _, tokens in step)


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab ", min_size=1, max_size=60),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.5, 1.5]),
    st.sampled_from(["length", "slide"]),
    st.lists(st.text("ab", min_size=2, max_size=3), max_size=2),
    st.booleans(),
)
def test_with_a_draft_or_without_the_result_is_the_same(
    prompt: str, count: int, temperature: float, overflow: Any, stop: list[str], structured: bool
) -> None:
    schema = {"type": "array", "items": {"enum": ["ab", "ba", "a"]}} if structured else None
    request = Request(
        prompt,
        max_tokens=count,
        sampling=Sampling(temperature=temperature, seed=11, logprobs=1),
        overflow=overflow,
        stop=stop,
        schema=schema,
    )
    results = []
    for draft in (True, False):
        with scripted_engine(ScriptedContext(echo, length=64, batch=16)) as engine:
            results.append(engine.submit(request._replace(draft=draft)).result())
    drafted, plain = (
        (result.text, result.tokens, result.finish, result.logprobs, result.parsed, result.forced)
        for result in results
    )
    assert drafted == plain


# --- stored prefixes ---


def test_a_stored_prefix_is_mapped_instead_of_read(made: Made, tmp_path: Path) -> None:
    engine, context = made(babble, length=512)
    stored = engine.build_prefix(tmp_path / "instructions.kv", "Extract the total from this text: ")
    engine.embed(["this forgets what a slot holds"] * context.sequences)
    result = engine.generate(f"{stored.text}twelve", max_tokens=5, prefix=stored.path)
    plain = made(babble, length=512)[0].generate(f"{stored.text}twelve", max_tokens=5)
    assert result.text == plain.text
    assert result.cached_tokens == len(stored.text)


def test_a_prefix_of_a_system_message_fits_every_chat_with_it(made: Made, tmp_path: Path) -> None:
    engine, _ = made(babble, length=512)
    stored = engine.build_prefix(tmp_path / "system.kv", system="You are brief.")
    assert stored.text == "[system]You are brief.[user]"
    chat = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Hello"}]
    assert engine.generate(messages=chat, max_tokens=1, prefix=stored.path).cached_tokens == len(stored.text)


def test_a_prefix_that_does_not_fit_is_refused(made: Made, tmp_path: Path) -> None:
    engine, _ = made(babble)
    path = engine.build_prefix(tmp_path / "a.kv", "Once upon a time").path
    with pytest.raises(InvalidParameter, match="does not begin"):
        engine.generate("Twice upon a time, long ago", prefix=path)
    with pytest.raises(InvalidParameter, match="no stored prefix"):
        engine.generate("Once", prefix=tmp_path / "b.kv")
    told = path.with_name("a.kv.json")
    told.write_text(told.read_text().replace("upon", "Upon"))
    with pytest.raises(InvalidModel, match="changed after it was stored"):
        engine.generate("Once upon a time there", prefix=path)
    told.write_text("{")
    with pytest.raises(InvalidModel, match="does not describe"):
        engine.generate("Once upon a time there", prefix=path)


@pytest.mark.parametrize("taken", ["beginning", "beginning.json"])
def test_a_prefix_never_takes_the_place_of_another_file(made: Made, tmp_path: Path, taken: str) -> None:
    engine, _ = made(babble)
    (tmp_path / taken).write_text('{"a": "model, or a schema"}')
    with pytest.raises(InvalidParameter, match="name another place"):
        engine.build_prefix(tmp_path / "beginning", "Once upon a time")
    assert (tmp_path / taken).read_text() == '{"a": "model, or a schema"}'
    assert len(list(tmp_path.iterdir())) == 1
    (tmp_path / taken).unlink()
    engine.build_prefix(tmp_path / "beginning", "Once upon a time")
    assert engine.build_prefix(tmp_path / "beginning", "Once upon").text == "Once upon"


def test_a_prefix_of_another_model_is_refused(made: Made, tmp_path: Path) -> None:
    engine, _ = made(babble)
    path = engine.build_prefix(tmp_path / "a.kv", "Once upon a time").path
    engine.model.gguf.fingerprint = "another"
    with pytest.raises(InvalidParameter, match="another model"):
        engine.generate("Once upon a time there", prefix=path)


# --- bad requests ---


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Request(), "prompt"),
        (Request("a", messages=[{"role": "user", "content": "a"}]), "prompt"),
        (Request(""), "prompt"),
        (Request(messages=[]), "messages"),
        (Request(messages=[{"role": "user"}]), "messages[0].content"),
        (Request("a", max_tokens=-1), "max_tokens"),
        (Request("a", max_tokens=1.5), "max_tokens"),  # type: ignore[arg-type]
        (Request("a", stop=[""]), "stop"),
        (Request("a", stop="x"), "stop"),
        (Request("a", stop=None), "stop"),  # type: ignore[arg-type]
        (Request("a", source="x"), "source"),
        (Request("a", source=5, schema={"type": "string"}), "source"),  # type: ignore[arg-type]
        (Request("a", source="x" * 200_001, schema={"type": "string"}), "source"),
        (Request("a", sampling={"seed": 1}), "sampling"),  # type: ignore[arg-type]
        (Request("a", deadline="soon"), "deadline"),  # type: ignore[arg-type]
        (Request("a", deadline=float("nan")), "deadline"),
        (Request("a", cancel=True), "cancel"),  # type: ignore[arg-type]
        (Request(messages="hello"), "messages"),  # type: ignore[arg-type]
        (Request(messages=["hello"]), "messages[0]"),  # type: ignore[list-item]
        (Request("a", overflow="wrap"), "overflow"),  # type: ignore[arg-type]
        (Request("a", keep=-1), "keep"),
        (Request("a", adapter=None), "adapter"),  # type: ignore[arg-type]
        (Request("a", adapter="unknown"), "adapter"),
    ],
)
def test_a_bad_request_is_refused_by_field(made: Made, request_: Request, field: str) -> None:
    engine, _ = made(babble)
    with pytest.raises(InvalidParameter) as caught:
        engine.submit(request_)
    assert caught.value.field == field


def test_a_batch_gives_errors_in_place(made: Made) -> None:
    engine, _ = made(babble, length=32)
    first, second, third = engine.generate_all(
        [Request("a", max_tokens=2), Request("x" * 50), Request("b", stop=[""])]
    )
    assert not isinstance(first, Exception)
    assert isinstance(second, ContextOverflow)
    assert isinstance(third, InvalidParameter)


def test_embeddings_are_of_length_one_unless_asked(made: Made) -> None:
    engine, _ = made(babble)
    (vector,) = engine.embed(["abc"])
    assert sum(value * value for value in vector) == pytest.approx(1)
    with pytest.raises(ContextOverflow):
        engine.embed(["x" * 300])
    with pytest.raises(InvalidParameter, match=r"texts\[1\]"):
        engine.embed(["a", ""])
    with pytest.raises(InvalidParameter, match=r"texts\[0\]"):
        engine.embed([5])  # type: ignore[list-item]
    with pytest.raises(InvalidParameter, match="a list of texts"):
        engine.embed("abc")


def test_a_shared_event_cancels_all_that_hold_it_and_no_other(made: Made) -> None:
    engine, _ = made(babble, seconds=0.001)
    event = threading.Event()
    tickets = [engine.submit(Request("a", max_tokens=150, cancel=event, draft=False)) for _ in range(2)]
    other = engine.submit(Request("b", max_tokens=20))
    event.set()
    assert [ticket.result(5).finish for ticket in tickets] == ["cancelled"] * 2
    assert other.result(5).finish == "length"


def saying_json(value: object) -> Rule:
    return saying(json.dumps(value, separators=(",", ":")))


# --- the default model ---


@pytest.fixture(scope="module")
def real(default_model: Path) -> Iterator[Engine]:
    """An engine on the default model, one text at a time."""
    with Engine.open(default_model, length=768, sequences=2) as engine:
        yield engine


COPYING = (
    "Repeat: Invoice number 4711, dated 3 March 2024, total 1,250.00 EUR. Repeat: Invoice number 4711, dated",
    "def add(a, b):\n    return a + b\n\ndef sub(a, b):\n    return a - b\n\ndef mul(a, b):\n",
    "one two three four five six seven one two three four five six seven one two three",
    "Q: What is the capital of France?\nA: Paris\nQ: What is the capital of Spain?\nA: Madrid\nQ: What is",
)


def test_the_default_model_knows_a_capital(real: Engine) -> None:
    result = real.generate("The capital of France is", max_tokens=2)
    assert result.text == " Paris."
    chat = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    assert "Paris" in real.generate(messages=chat, max_tokens=12).text


def drafted_and_not(engine: Engine, prompt: str, count: int, temperature: float) -> list[Generation]:
    """The same text with a draft and without."""
    sampling = Sampling(temperature=temperature, seed=1, logprobs=0)
    results = []
    for draft in (True, False):
        engine.embed(["a slot for one", "and one for the other"])
        results.append(engine.generate(prompt, max_tokens=count, draft=draft, sampling=sampling))
    return results


@pytest.mark.parametrize("temperature", [0.0, 0.8])
@pytest.mark.parametrize("prompt", COPYING)
def test_drafts_change_no_bit_of_the_real_models_text(real: Engine, prompt: str, temperature: float) -> None:
    drafted, plain = drafted_and_not(real, prompt, 40, temperature)
    assert drafted.drafted > 0
    assert (drafted.tokens, drafted.logprobs) == (plain.tokens, plain.logprobs)


@pytest.mark.parametrize("prompt", COPYING[:2])
def test_drafts_change_no_bit_of_a_long_text(real: Engine, prompt: str) -> None:
    drafted, plain = drafted_and_not(real, f"{prompt}\n" * 4 + prompt, 40, 0.0)
    assert (drafted.tokens, drafted.logprobs) == (plain.tokens, plain.logprobs)


INVOICE = "Invoice number: INV-2024-0815\nCustomer: Miller & Sons\nTotal: 1,250.00 EUR\n"


class Fields(BaseModel):
    """What is wanted of an invoice."""

    invoice_number: str
    customer: str
    total: str


def test_an_invoice_becomes_json_in_few_steps(real: Engine) -> None:
    chat = [{"role": "user", "content": f"Extract the fields of this invoice as JSON.\n\n{INVOICE}"}]
    before = real.statistics().steps
    result = real.generate(messages=chat, schema=Fields, max_tokens=100)
    assert result.parsed == Fields(
        invoice_number="INV-2024-0815", customer="Miller & Sons", total="1,250.00 EUR"
    )
    assert real.statistics().steps - before < result.completion_tokens / 2


def test_no_bit_of_a_real_text_depends_on_what_runs_beside_it(real: Engine) -> None:
    sampling = Sampling(logprobs=0)
    requests = [Request(f"{prompt}\n{prompt}", max_tokens=24, sampling=sampling) for prompt in COPYING]
    alone = [real.submit(request).result() for request in requests]
    together = real.generate_all(requests)
    for one, other in zip(alone, together, strict=True):
        assert not isinstance(other, Exception)
        assert (one.tokens, one.logprobs) == (other.tokens, other.logprobs)


def test_real_embeddings_tell_what_is_alike(real: Engine) -> None:
    bill, invoice, cat = real.embed(["The bill is due", "The invoice must be paid", "A cat sat on a mat"])
    assert sum(a * b for a, b in zip(bill, invoice, strict=True)) > sum(
        a * b for a, b in zip(bill, cat, strict=True)
    )


def test_a_real_prefix_changes_no_bit_of_the_text(real: Engine, tmp_path: Path) -> None:
    instructions = "You read invoices and answer questions about them, briefly and correctly. " * 3
    stored = real.build_prefix(tmp_path / "instructions.kv", instructions)
    prompt = f"{instructions}What is a net amount?"
    real.embed(["forget", "all of it"])
    sampling = Sampling(logprobs=0)
    plain = real.generate(prompt, max_tokens=20, sampling=sampling)
    real.embed(["forget", "all of it"])
    prefixed = real.generate(prompt, max_tokens=20, sampling=sampling, prefix=stored.path)
    assert (prefixed.text, prefixed.logprobs) == (plain.text, plain.logprobs)
    assert prefixed.cached_tokens >= len(stored.tokens) - 4


# --- adapters, on a small random model ---


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two adapters of the small model, and one of another."""
    folder = tmp_path_factory.mktemp("adapters")
    for seed, name in enumerate(("one", "two"), 1):
        random_adapter(folder / f"{name}.gguf", small(Small()).path, seed=seed, size=1.0)
    random_adapter(folder / "foreign.gguf", small(Small(width=128, layers=1)).path)
    return folder


@pytest.fixture(scope="module")
def adapted(adapters: Path) -> Iterator[Engine]:
    with Engine.open(small(Small()).path, length=300, sequences=4, adapters=[adapters]) as engine:
        yield engine


NAMES = ("", "one", "two")
unnamed = pytest.mark.filterwarnings("ignore:.*does not say for which base")


@unnamed
def test_each_request_has_the_adapter_that_it_names(adapted: Engine) -> None:
    texts = [adapted.generate("The invoice", max_tokens=24, adapter=name).tokens for name in NAMES]
    assert len(set(texts)) == 3
    with Engine.open(small(Small()).path, length=300, adapters=[]) as plain:
        assert plain.generate("The invoice", max_tokens=24).tokens == texts[0]
        with pytest.raises(InvalidParameter, match="known are: none"):
            plain.generate("The invoice", adapter="one")


@unnamed
def test_requests_with_several_adapters_share_steps_and_change_no_bit(adapted: Engine) -> None:
    sampling = Sampling(logprobs=0)
    requests = [
        Request(f"The total of invoice {n} is", max_tokens=20, sampling=sampling, adapter=name)
        for n, name in enumerate((*NAMES, *NAMES))
    ]
    alone = [adapted.submit(request).result() for request in requests]
    before = adapted.statistics()
    together = adapted.generate_all(requests)
    assert adapted.statistics().steps - before.steps < 6 * 20
    for one, other in zip(alone, together, strict=True):
        assert not isinstance(other, Exception)
        assert (one.tokens, one.logprobs) == (other.tokens, other.logprobs)


@unnamed
def test_drafts_change_no_text_of_an_adapter(adapted: Engine) -> None:
    prompt = "one two three four one two three four one two"
    for name in NAMES:
        drafted, plain = (
            adapted.generate(prompt, max_tokens=40, adapter=name, draft=draft) for draft in (True, False)
        )
        assert drafted.tokens == plain.tokens


@unnamed
def test_a_prefix_is_stored_and_used_with_its_adapter(adapted: Engine, tmp_path: Path) -> None:
    beginning = "You read invoices and answer questions about them, briefly. "
    sampling = Sampling(logprobs=0)
    for name in ("", "one"):
        stored = adapted.build_prefix(tmp_path / f"at-{name}", beginning, adapter=name)
        plain = adapted.generate(f"{beginning}What?", max_tokens=9, sampling=sampling, adapter=name)
        for _ in range(4):
            adapted.embed(["forget all of it"])
        result = adapted.generate(
            f"{beginning}What?", max_tokens=9, sampling=sampling, adapter=name, prefix=stored.path
        )
        assert result.cached_tokens >= len(stored.tokens) - 4
        assert (result.tokens, result.logprobs) == (plain.tokens, plain.logprobs)
        for other in {*NAMES} - {name}:
            with pytest.raises(InvalidParameter, match="another model or adapter"):
                adapted.generate(f"{beginning}What?", adapter=other, prefix=stored.path)


@unnamed
def test_an_adapter_that_cannot_be_used_ends_its_own_request_alone(adapted: Engine) -> None:
    good = Request("The invoice", max_tokens=3, adapter="one")
    one, foreign, unknown, other = adapted.generate_all(
        [good, good._replace(adapter="foreign"), good._replace(adapter="none"), good._replace(adapter="")]
    )
    assert isinstance(foreign, AdapterMismatch)
    assert isinstance(unknown, InvalidParameter)
    assert isinstance(one, Generation) and isinstance(other, Generation)


@unnamed
def test_the_setting_names_adapters(adapters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", f"{adapters / 'one.gguf'}:{adapters / 'two.gguf'}")
    with Engine.open(small(Small()).path, length=64) as engine:
        assert engine.adapters.names == ["one", "two"]
        assert engine.generate("The", max_tokens=1, adapter="two").completion_tokens == 1


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A layer's folder of adapters: two for the small model, one of them damaged, and one for another."""
    folder = tmp_path / "adapters"
    folder.mkdir()
    base, other = small(Small()).path, small(Small(seed=2)).path
    for name, of in (("mine", base), ("other", other)):
        with open_gguf(of) as gguf:
            told = {BASE_NAME: of.stem, BASE_HASH: base_hash(gguf)}
        random_adapter(folder / f"{name}.gguf", base, size=1.0, metadata=told)
    (folder / "short.gguf").write_bytes((folder / "mine.gguf").read_bytes()[:500])
    monkeypatch.delenv("ABAX_RUNTIME_ADAPTERS", raising=False)
    monkeypatch.setattr("abax_runtime.models.LAYER", str(tmp_path))
    return folder


def test_of_the_adapters_that_ship_those_for_the_model_are_found(
    shipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Engine.open(small(Small()).path, length=64) as engine:
        assert engine.adapters.names == ["mine", "short"]
        assert engine.generate("The", max_tokens=1, adapter="mine").completion_tokens == 1
        damaged, foreign = engine.generate_all(
            [Request("The", adapter="short"), Request("The", adapter="other")]
        )
    assert isinstance(damaged, InvalidModel) and str(shipped / "short.gguf") in str(damaged)
    assert isinstance(foreign, InvalidParameter) and "known are: mine, short" in str(foreign)
    [record] = caplog.records
    told, path = small(Small(seed=2)).path.stem, small(Small()).path
    assert record.getMessage() == f"adapters left out, since they are for {told} and not for {path}: other"


def test_a_model_without_requests_for_adapters_does_not_look_for_them(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abax_runtime.adapter.found_adapters", lambda _: pytest.fail("looked"))
    with Engine.open(small(Small()).path, length=64) as engine:
        assert engine.generate("The", max_tokens=1).completion_tokens == 1


def test_an_adapter_that_is_named_is_taken_or_refused_and_never_left_out(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", str(shipped / "other.gguf"))
    with Engine.open(small(Small()).path, length=64) as engine:
        assert engine.adapters.names == ["other"]
        with pytest.raises(AdapterMismatch, match=r"other\.gguf was trained for"):
            engine.generate("The", max_tokens=1, adapter="other")
