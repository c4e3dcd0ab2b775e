"""What functions ask of models becomes metrics by prompt and model."""

from __future__ import annotations

import json

import pytest
from abax import handlers
from abax.adapters.scripted import ScriptedModel
from abax.writing.client import Budget, Client
from abax.writing.prompts import prompt


def test_a_function_tells_once_what_it_asked_of_models(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "abax/test")
    model = ScriptedModel(['{"sentence": "Well."}'], "m")
    Client(model, Budget(10, 1000)).ask(prompt("close.reword_fact"), sentence="x")
    handlers.tell_usage(model)
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "abax/test"
    assert (told["prompt"], told["model"], told["calls"], told["answered"]) == (
        "close.reword_fact.v1", "m", 1, 1,
    )  # fmt: skip
    handlers.tell_usage(model)
    handlers.tell_usage(None)
    assert capsys.readouterr().out == ""
