"""Requests that share a context: joining, leaving, copying, deadlines, errors. On a model without weights."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from abax_runtime.engine import Engine
from abax_runtime.errors import DeadlinePassed, InvalidParameter, RuntimeFault
from abax_runtime.request import Delta, Request
from abax_runtime.sampler import Sampling
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripted import Rule, ScriptedContext, babble, echo, saying, scripted_engine

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


def test_a_prompt_is_read_in_steps_of_at_most_the_batch(made: Made) -> None:
    engine, context = made(babble, batch=16)
    engine.generate("x" * 40, max_tokens=1)
    assert [len(tokens) for [(_, _, tokens)] in context.steps] == [16, 16, 8]


def test_texts_share_steps_and_leave_as_they_finish(made: Made) -> None:
    engine, context = made(babble)
    requests = [Request(f"prompt {n}", max_tokens=n, draft=False) for n in (3, 9, 6)]
    results = engine.generate_all(requests)
    assert [len(result.tokens) for result in results] == [3, 9, 6]
    assert any(len(step) == 3 for step in context.steps)
    assert len(context.steps[-1]) == 1


def test_a_text_is_the_same_alone_and_among_others(made: Made) -> None:
    prompts = [f"{n} is a number, and " * (n + 1) for n in range(9)]
    alone = [made(echo)[0].generate(prompt, max_tokens=30).text for prompt in prompts]
    engine, _ = made(echo, sequences=3, batch=24)
    together = engine.generate_all([Request(prompt, max_tokens=30) for prompt in prompts])
    assert [one.text for one in together] == alone


def test_a_long_prompt_does_not_hold_up_running_texts(made: Made) -> None:
    engine, context = made(babble, batch=64)
    first = engine.submit(Request("short", max_tokens=40, draft=False))
    deltas = iter(first)
    next(deltas)
    engine.generate("y" * 120, max_tokens=1)
    first.result()
    shared = [step for step in context.steps if len(step) == 2]
    assert shared
    assert all(max(len(tokens) for *_, tokens in step) <= 16 for step in shared)


def test_on_a_slow_machine_a_prompt_is_read_in_smaller_parts(made: Made) -> None:
    engine, context = made(babble, batch=256, length=1024, seconds=0.004)
    first = engine.submit(Request("short", max_tokens=60, draft=False))
    deltas = iter(first)
    next(deltas)
    engine.generate("y" * 300, max_tokens=1)
    first.result()
    parts = [len(tokens) for step in context.steps if len(step) == 2 for *_, tokens in step]
    assert 8 <= max(parts[2:]) <= 32


def test_the_beginning_that_a_free_slot_holds_is_not_read_again(made: Made) -> None:
    engine, context = made(babble)
    engine.generate("The same beginning. One.", max_tokens=4)
    context.steps.clear()
    result = engine.generate("The same beginning. Two!", max_tokens=4)
    assert result.cached_tokens == len("The same beginning. ")
    assert context.steps[0] == [(0, 20, list(b"Two!"))]


def test_a_slot_that_holds_much_else_is_kept_and_what_is_shared_is_copied(made: Made) -> None:
    engine, context = made(babble, sequences=2, length=512)
    system = "You are brief and polite. "
    engine.generate(f"{system}{'A long talk. ' * 10}", max_tokens=2)
    other = engine.generate(f"{system}Hello", max_tokens=2)
    assert (other.cached_tokens, context.copies) == (len(system), [(0, 1, len(system))])
    again = engine.generate(f"{system}{'A long talk. ' * 10}", max_tokens=2)
    assert again.cached_tokens == again.prompt_tokens - 1


def test_the_same_prompt_again_is_read_but_for_its_last_token(made: Made) -> None:
    engine, _ = made(babble)
    first = engine.generate("All of it", max_tokens=4)
    second = engine.generate("All of it", max_tokens=4)
    assert (second.text, second.cached_tokens) == (first.text, len("All of it") - 1)


def test_a_conversation_goes_on_in_the_slot_that_holds_it(made: Made) -> None:
    engine, _ = made(babble, length=512)
    history = [{"role": "user", "content": "Hello there"}]
    answer = engine.generate(messages=history, max_tokens=8)
    history += [{"role": "assistant", "content": answer.text}, {"role": "user", "content": "And?"}]
    cached = engine.generate(messages=history, max_tokens=1).cached_tokens
    assert cached == len("[user]Hello there[assistant]") + len(answer.text) - 1


def test_requests_that_come_together_read_their_common_beginning_once(made: Made) -> None:
    engine, context = made(babble, length=512, batch=32)
    common = "The instructions, which are the same for all. " * 3
    results = engine.generate_all([Request(f"{common}{n}", max_tokens=3) for n in range(4)])
    assert [result.cached_tokens for result in results] == [0] + [len(common)] * 3
    assert len(context.copies) == 3
    fresh = [made(babble, length=512)[0].generate(f"{common}{n}", max_tokens=3).text for n in range(4)]
    assert [result.text for result in results] == fresh


def test_a_request_whose_donor_is_cancelled_reads_the_beginning_itself(made: Made) -> None:
    engine, _ = made(babble, length=512, batch=8, seconds=0.001)
    common = "x" * 200
    cancel = threading.Event()
    first = engine.submit(Request(f"{common}1", max_tokens=3, cancel=cancel))
    second = engine.submit(Request(f"{common}2", max_tokens=3))
    time.sleep(0.05)
    cancel.set()
    assert first.result(5).finish == "cancelled"
    assert second.result(5).text == made(babble, length=512)[0].generate(f"{common}2", max_tokens=3).text


def test_more_requests_than_slots_wait_their_turn(made: Made) -> None:
    engine, _ = made(babble, sequences=2)
    results = engine.generate_all([Request(f"{n}?", max_tokens=5) for n in range(11)])
    assert [len(result.tokens) for result in results] == [5] * 11


def test_a_cancelled_text_ends_with_what_it_has(made: Made) -> None:
    engine, _ = made(babble, seconds=0.002)
    cancel = threading.Event()
    ticket = engine.submit(Request("go", max_tokens=200, cancel=cancel, draft=False))
    deltas = iter(ticket)
    first = next(deltas)
    cancel.set()
    result = ticket.result(5)
    assert result.finish == "cancelled"
    assert 0 < len(result.tokens) < 200
    assert result.text.startswith(first.text)


def test_leaving_a_stream_early_frees_its_slot(made: Made) -> None:
    engine, _ = made(babble, sequences=1, seconds=0.001)
    for _delta in engine.stream("go", max_tokens=200, draft=False):
        break
    assert len(engine.generate("next", max_tokens=2).tokens) == 2
    assert engine.statistics().finished == {"cancelled": 1, "length": 1}


def test_a_request_that_waits_for_a_slot_can_be_cancelled(made: Made) -> None:
    engine, _ = made(babble, sequences=1, seconds=0.002)
    running = engine.submit(Request("a", max_tokens=100, draft=False))
    waiting = engine.submit(Request("b", max_tokens=100))
    waiting.cancel()
    assert waiting.result(5).finish == "cancelled"
    assert waiting.result(5).tokens == ()
    running.cancel()
    assert running.result(5).finish == "cancelled"


def test_a_deadline_ends_a_text_before_it_and_not_much(made: Made) -> None:
    engine, _ = made(babble, seconds=0.02)
    engine.generate("warm", max_tokens=5, draft=False)
    left: list[float] = []
    while len(left) < 4 and not any(0 <= seconds < 0.1 for seconds in left):  # a busy machine may stall
        deadline = time.monotonic() + 0.4
        result = engine.generate("go", max_tokens=200, deadline=deadline, draft=False)
        left.append(deadline - time.monotonic())
        assert result.finish == "deadline"
    assert any(0 <= seconds < 0.1 for seconds in left)


def test_a_prompt_that_cannot_be_read_in_time_ends_at_once(made: Made) -> None:
    engine, _ = made(babble, length=2048, seconds=0.002)
    engine.generate("w" * 64, max_tokens=2)
    begun = time.monotonic()
    result = engine.generate("z" * 2000, deadline=begun + 1.0)
    assert (result.finish, result.text) == ("deadline", "")
    assert time.monotonic() - begun < 0.5


def test_a_deadline_that_passes_in_the_queue_is_an_error(made: Made) -> None:
    engine, _ = made(babble, sequences=1, seconds=0.005)
    running = engine.submit(Request("a", max_tokens=200, draft=False))
    with pytest.raises(DeadlinePassed):
        engine.generate("b", deadline=time.monotonic() + 0.1)
    running.cancel()


def test_a_deadline_in_the_past_is_refused(made: Made) -> None:
    engine, _ = made(babble)
    with pytest.raises(DeadlinePassed):
        engine.generate("a", deadline=time.monotonic() - 1)


def test_an_error_in_one_text_leaves_the_others_alone(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _ = made(babble)
    calm = engine.submit(Request("calm", max_tokens=20))
    ticket = engine.submit(Request("doomed", max_tokens=20, sampling=Sampling(seed=666)))
    assert len(calm.result(5).tokens) == 20
    assert len(ticket.result(5).tokens) == 20

    def broken(*_: object) -> None:
        raise RuntimeFault("the sampler broke")

    with monkeypatch.context() as patch:
        patch.setattr("abax_runtime.engine.Sampler", lambda *_: type("Broken", (), {"choose": broken})())
        doomed = Request("doomed", max_tokens=20)
        tickets = [engine.submit(doomed)]
    tickets.append(engine.submit(Request("calm", max_tokens=20)))
    with pytest.raises(RuntimeFault, match="the sampler broke"):
        tickets[0].result(5)
    assert tickets[1].result(5).text == calm.result().text


def test_an_error_of_a_step_ends_its_texts_and_the_engine_lives_on(made: Made) -> None:
    def fragile(seen: Any) -> Any:
        if bytes(seen).endswith(b"!"):
            raise RuntimeFault("the weights are gone")
        return babble(seen)

    engine, context = made(fragile)
    with pytest.raises(RuntimeFault, match="the weights are gone"):
        engine.generate("boom!")
    context.held[0] = []
    result = engine.generate("boom, all is well", max_tokens=3)
    assert result.cached_tokens == 0
    assert engine.statistics().finished == {"RuntimeFault": 1, "length": 1}


def test_a_listener_that_fails_gives_its_request_up(made: Made) -> None:
    engine, _ = made(babble)

    def listener(event: Delta | Exception) -> None:
        raise ValueError("nobody home")

    ticket = engine.submit(Request("a", max_tokens=50), listener)
    with pytest.raises(ValueError, match="nobody home"):
        ticket.result(5)
    assert len(engine.generate("b", max_tokens=2).tokens) == 2


def test_many_threads_may_use_one_engine(made: Made) -> None:
    engine, _ = made(echo, sequences=3)
    wanted = {n: made(echo)[0].generate(f"thread {n}", max_tokens=20).text for n in range(8)}
    found: dict[int, str] = {}
    threads = [
        threading.Thread(
            target=lambda n=n: found.update({n: engine.generate(f"thread {n}", max_tokens=20).text})
        )
        for n in wanted
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == wanted


def test_closing_an_engine_ends_what_runs_and_what_waits(made: Made) -> None:
    engine, context = made(babble, sequences=1, seconds=0.005)
    tickets = [engine.submit(Request("a", max_tokens=200, draft=False)) for _ in range(3)]
    deltas = iter(tickets[0])
    next(deltas)
    engine.close()
    assert [ticket.result(5).finish for ticket in tickets] == ["cancelled"] * 3
    assert context.closed
    with pytest.raises(RuntimeFault, match="closed"):
        engine.generate("b")
    engine.close()


def test_embeddings_wait_for_a_free_slot_and_spoil_no_text(made: Made) -> None:
    engine, _ = made(babble, sequences=1, seconds=0.001)
    ticket = engine.submit(Request("a", max_tokens=50, draft=False))
    assert engine.embed(["two"], normalise=False) == [[3.0, float(sum(b"two")), 0.0]]
    assert ticket.result(5).text == made(babble)[0].generate("a", max_tokens=50, draft=False).text
    assert engine.generate("two", max_tokens=1).cached_tokens == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abcd", min_size=1, max_size=50),
            st.integers(1, 40),
            st.booleans(),
            st.sampled_from([0.0, 0.8]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 4),
    st.integers(4, 40),
)
def test_however_texts_meet_each_is_what_it_is_alone(
    wanted: list[tuple[str, int, bool, float]], sequences: int, batch: int
) -> None:
    requests = [
        Request(prompt, max_tokens=count, draft=draft, sampling=Sampling(temperature=temperature, seed=7))
        for prompt, count, draft, temperature in wanted
    ]
    with scripted_engine(ScriptedContext(echo, sequences=sequences, batch=batch)) as engine:
        together = engine.generate_all(requests)
    for request, result in zip(requests, together, strict=True):
        with scripted_engine(ScriptedContext(echo)) as engine:
            alone = engine.submit(request._replace(draft=False)).result()
        assert (result.text, result.tokens, result.finish) == (alone.text, alone.tokens, alone.finish)


def test_a_token_list_with_unknown_ids_is_refused(made: Made) -> None:
    engine, _ = made(saying("x"))
    with pytest.raises(InvalidParameter, match="token ids"):
        engine.generate([1, 2, 300])


# --- adapters ---

NAMES = ("", "one", "two")


def adapted(made: Made, **sizes: Any) -> tuple[Engine, ScriptedContext]:
    """An engine that knows two adapters; its context refuses to go on from what another has read."""
    engine, context = made(babble, **sizes)
    known = {"": None, "one": object(), "two": object()}
    engine.adapters = SimpleNamespace(get=known.get)  # type: ignore[assignment]
    return engine, context


def test_what_a_slot_holds_is_shared_with_the_same_adapter_only(made: Made) -> None:
    engine, _ = adapted(made, sequences=4)
    prompt = "A beginning that is long enough to be copied. "
    found = [
        engine.generate(f"{prompt}{n}", max_tokens=3, adapter=name).cached_tokens
        for n, name in enumerate((*NAMES, *NAMES))
    ]
    assert found == [0, 0, 0, *[len(prompt)] * 3]


def test_a_busy_slot_lends_to_the_same_adapter_only(made: Made) -> None:
    engine, context = adapted(made, sequences=4, batch=32)
    prompt = "The same long beginning of several requests at once. "
    requests = [Request(f"{prompt}{n}", max_tokens=8, adapter=name) for n, name in enumerate((*NAMES, "one"))]
    results = engine.generate_all(requests)
    assert all(not isinstance(result, Exception) for result in results)
    assert [length for *_, length in context.copies] == [len(prompt)]


@settings(max_examples=40, deadline=None)
@given(
    asked=st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 3), st.integers(0, 9)), max_size=12),
    sequences=st.integers(1, 4),
)
def test_no_text_goes_on_from_what_another_adapter_has_read(
    asked: list[tuple[str, int, int]], sequences: int
) -> None:
    engines: list[Engine] = []

    def make(rule: Rule, **sizes: Any) -> tuple[Engine, ScriptedContext]:
        context = ScriptedContext(rule, **sizes)
        engines.append(scripted_engine(context))
        return engines[-1], context

    engine, _ = adapted(make, sequences=sequences)
    try:
        requests = [
            Request(
                "Some words that many prompts begin with. "[: 12 * words] + str(end),
                max_tokens=6,
                adapter=name,
            )
            for name, words, end in asked
        ]
        results = engine.generate_all(requests)
    finally:
        engines[0].close()
    assert [result for result in results if isinstance(result, Exception)] == []
