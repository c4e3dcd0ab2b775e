"""What asking models takes, by prompt and model: tokens, seconds, money, and how much of it was any use."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.errors import InvalidRequest
from abax.ports import TextResult
from abax.writing.client import Budget, Client
from abax.writing.metrics import Metrics, Price, Prices, Usage, usage_of
from abax.writing.prompts import prompt
from abax.writing.tiers import Models

ASKED = prompt("close.reword_fact")
GOOD = json.dumps({"sentence": "Well."})


def test_tokens_cost_what_the_table_says_and_those_read_before_less() -> None:
    price = Price(Decimal("0.15"), Decimal("0.60"), Decimal("0.05"))
    assert price.of(1_000_000, 500_000, 400_000) == Decimal("0.09") + Decimal("0.02") + Decimal("0.30")
    assert Price(Decimal(1), Decimal(2)).of(1_000_000, 0, 1_000_000) == 1


def test_prices_are_read_to_the_last_digit() -> None:
    prices = Prices.parse('{"currency": "USD", "models": {"m": {"prompt": 0.1, "completion": "0.3"}}}')
    assert prices.currency == "USD"
    assert prices.of("m") == Price(Decimal("0.1"), Decimal("0.3"))
    assert prices.of("our own") == Price() and Prices.parse("") == Prices()


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        '{"models": {"m": {"prompt": -1}}}',
        '{"models": {"m": {"word": 1}}}',
        '{"models": {"m": 1}}',
    ],
)
def test_prices_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="model_prices"):
        Prices.parse(text)


def test_a_call_is_counted_with_its_failures() -> None:
    texts = [TextResult("a", "stop", "m", None, 10, 4, 6), TextResult("b", "length", "m", None, 20, 5, 0)]
    usage = usage_of([*texts, ValueError()], 1.5, 1, Price(Decimal(100), Decimal(200)))
    assert (usage.calls, usage.answered, usage.prompt_tokens, usage.completion_tokens) == (3, 1, 30, 9)
    assert (usage.cached_tokens, usage.seconds) == (6, 1.5)
    assert usage.cost == Decimal("0.0048")


def test_a_client_counts_by_prompt_and_model_at_the_table_s_prices() -> None:
    prices = Prices({"m": Price(Decimal(1000), Decimal(1000))})
    models = Models(ScriptedModel([GOOD, "no use", GOOD], "m"), prices=prices)
    client = Client(models, Budget(10, 1000), pause=0)
    client.ask(ASKED, sentence="x")
    client.ask(ASKED, sentence="y")
    [(key, usage)] = client.metrics.rows.items()
    assert key == ("close.reword_fact.v1", "m")
    assert (usage.calls, usage.answered) == (3, 2)
    assert usage.cost == Decimal(usage.prompt_tokens + usage.completion_tokens) / 1000 == client.spent.cost


def test_versions_side_by_side_can_be_compared() -> None:
    metrics = Metrics()
    metrics.add("deal.summarize.v1", "m", Usage(calls=10, answered=9))
    metrics.add("deal.summarize.v2", "m", Usage(calls=10, answered=10))
    metrics.add("deal.summarize.v2", "n", Usage(calls=10, answered=10))
    metrics.add("deal.summarize_all.v1", "m", Usage(calls=1))
    metrics.refuse("deal.summarize.v1", "m", 3)
    compared = metrics.compared("deal.summarize")
    assert {label: usage.usable for label, usage in compared.items()} == {
        "deal.summarize.v1": 0.6,
        "deal.summarize.v2": 1.0,
    }
    assert metrics.total.calls == 31


def test_latencies_are_told_by_share() -> None:
    metrics = Metrics()
    for seconds in range(1, 101):
        metrics.add("p.q.v1", "m", Usage(calls=1, seconds=seconds))
    assert (metrics.latency("p.q.v1", "m", 0.5), metrics.latency("p.q.v1", "m", 0.95)) == (51, 96)
    assert metrics.latency("p.q.v1", "other", 0.5) is None


def test_a_line_in_the_log_becomes_metrics_of_the_cloud_and_is_told_once() -> None:
    metrics = Metrics()
    metrics.add("p.q.v1", "m", Usage(calls=2, answered=1, seconds=0.5, cost=Decimal("0.25")))
    [line] = metrics.embedded(1_764_000_000_000, "abax/dev")
    told = json.loads(json.dumps(line))
    [directive] = told["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["prompt", "model"]] and directive["Namespace"] == "abax/dev"
    assert all(isinstance(told[one["Name"]], int | float) for one in directive["Metrics"])
    assert (told["prompt"], told["model"], told["calls"], told["cost"]) == ("p.q.v1", "m", 2, 0.25)
    metrics.clear()
    assert metrics.embedded(0) == []


def test_what_clients_of_one_model_spend_is_counted_together() -> None:
    model = ScriptedModel([GOOD, GOOD], "m")
    for _ in range(2):
        Client(model, Budget(10, 1000)).ask(ASKED, sentence="x")
    assert Models.of(model).metrics.total.calls == 2
    assert Models.of(ScriptedModel([])).metrics.total.calls == 0
