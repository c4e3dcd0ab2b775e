"""What functions ask of models becomes metrics by prompt and model."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from abax import handlers
from abax.adapters.scripted import ScriptedModel
from abax.writing.client import Budget, Client
from abax.writing.prompts import prompt

from tests.support.handlers import LambdaContext


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


@dataclass(frozen=True)
class Mails:
    """As much of a context as the handler of mail looks at."""

    model: ScriptedModel
    seconds: float = 0.0


def test_the_function_that_reads_mail_tells_what_it_asked_of_models(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = Mails(ScriptedModel(['{"sentence": "Well."}'], "m"))

    def read(context: Mails, bodies: object) -> dict[str, Exception]:
        Client(context.model, Budget(10, 1000)).ask(prompt("close.reword_fact"), sentence="x")
        return {}

    monkeypatch.setattr(handlers, "_mail_context", lambda: house)
    monkeypatch.setattr("abax.workflow.mail_batch.take_batch", read)
    handlers.mail_handler("process_mail")({"Records": [{"messageId": "1", "body": "{}"}]}, LambdaContext())
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["model"], line["calls"]) for line in told if "prompt" in line] == [("m", 1)]
