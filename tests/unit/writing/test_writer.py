"""The narrative: plain sentences that stand by themselves, reworded where the rewording proves itself."""

from __future__ import annotations

import json

import pytest
from abax.adapters.scripted import NoModel, ScriptedModel
from abax.errors import ModelUnreachable
from abax.writing import Narrative, write_narrative
from abax.writing.check import fault
from abax.writing.facts import Fact, close_facts
from abax.writing.writer import REWORDED
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.writing.conftest import Closed


def said(text: str) -> str:
    return json.dumps({"sentence": text})


def written(closed: Closed, *script: object) -> Narrative:
    return write_narrative(*closed, ScriptedModel(script))  # type: ignore[arg-type]


def plain(closed: Closed) -> list[Fact]:
    return close_facts(closed.figures)


def test_without_a_model_the_facts_speak_for_themselves(full: Closed) -> None:
    words = write_narrative(*full, why_plain="nobody asked one")
    assert [sentence.text for sentence in words.sentences] == [fact.text for fact in plain(full)]
    assert (words.counts, words.way) == ("10 sentences, 0 dropped", "worded by rules: nobody asked one")
    assert Narrative.model_validate_json(words.model_dump_json()) == words


def test_a_rewording_that_holds_takes_the_fact_s_place_with_its_figures(full: Closed) -> None:
    now, before = "EUR 62.4 thousand on 31 December 2025", "EUR 49.7 thousand at the end of 2024"
    better = f"Cash reached {now}, compared with {before}."
    words = written(full, ("^Cash", said(better)), ("(?s).*", r'{"sentence": "\g<0>"}'))
    told = {sentence.fact: sentence for sentence in words.sentences}
    assert (told["cash"].text, told["cash"].by) == (better, "model")
    assert [one.shown for one in told["cash"].cited] == ["EUR 62.4 thousand", "EUR 49.7 thousand"]
    assert {sentence.by for name, sentence in told.items() if name != "cash"} == {"rules"}
    assert words.way == "1 worded by scripted, 9 by rules"


def test_an_invented_number_is_dropped_counted_and_the_plain_sentence_stands(full: Closed) -> None:
    words = written(
        full,
        ("^Revenue", said("Revenue came to EUR 999 thousand in 2025, 6.8 % more than in 2024.")),
        ("(?s).*", r'{"sentence": "\g<0>"}'),
    )
    assert words.counts == "10 sentences, 1 dropped"
    [dropped] = words.dropped
    assert (dropped.fact, dropped.by) == ("revenue", "model")
    assert "999 thousand" in dropped.why
    assert words.sentences[0].text == plain(full)[0].text


def test_only_the_first_facts_are_reworded_and_all_at_once(full: Closed) -> None:
    model = ScriptedModel([("(?s).*", r'{"sentence": "\g<0>"}')])
    words = write_narrative(*full, model)
    assert model.batches == [REWORDED]
    assert len(words.sentences) == 10
    assert (words.prompt, words.model, words.problems) == ("close.reword_fact.v1", "scripted", [])


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (NoModel(), "ModelUnavailable: no model is configured"),
        (ScriptedModel([ModelUnreachable("host", "timed out")] * 50), "ModelUnreachable: cannot reach"),
        (ScriptedModel(["nonsense"] * 50), "ModelFailed: it wrote no Reworded"),
        (ScriptedModel([]), "ModelFailed: the script has no line"),
    ],
)
def test_a_model_that_fails_leaves_the_plain_sentences_and_its_reason(
    full: Closed, model: ScriptedModel | NoModel, why: str
) -> None:
    words = write_narrative(*full, model)
    assert [sentence.text for sentence in words.sentences] == [fact.text for fact in plain(full)]
    assert words.why_plain.startswith(why)
    assert why in words.way


def test_one_answer_that_fails_is_noted_beside_those_that_did_not(full: Closed) -> None:
    words = written(
        full, ("^(?:Revenue|That cannot be used)", "nonsense"), ("(?s).*", r'{"sentence": "\g<0>"}')
    )
    assert words.why_plain == ""
    assert len(words.problems) == 1 and "it wrote no Reworded" in words.problems[0]


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(min_size=1, max_size=120), min_size=REWORDED, max_size=REWORDED))
def test_whatever_a_model_writes_no_number_appears_that_is_not_in_the_close(
    closes: dict[str, Closed], texts: list[str]
) -> None:
    closed = closes["full"]
    words = written(closed, *[said(text) for text in texts])
    facts = {fact.name: fact for fact in plain(closed)}
    for sentence in words.sentences:
        figures = [cited.figure for cited in sentence.cited]
        assert fault(sentence.text, figures, facts[sentence.fact].whens, closed.figures) == ""
        assert all(cited.shown in sentence.text for cited in sentence.cited)
