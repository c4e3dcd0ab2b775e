"""Tiers: each prompt is asked of its tier's model, or of the one there is."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest
from abax.adapters.endpoint import EndpointModel
from abax.adapters.local.objects import FolderObjects
from abax.adapters.local.records import SqliteRecords
from abax.adapters.local.secrets import FileSecrets
from abax.adapters.scripted import ScriptedModel
from abax.compose import helping_model, text_model
from abax.errors import InvalidRequest
from abax.ports import TextModel, TextRequest
from abax.settings import ModelSettings
from abax.writing.cache import RecordCache
from abax.writing.client import Budget, Client
from abax.writing.prompts import Shares, Tier, catalogue, prompt
from abax.writing.prompts.rendering import Template
from abax.writing.tiers import Models

ASKED = prompt("close.reword_fact")
GOOD = json.dumps({"sentence": "Well."})


def test_a_prompt_is_asked_of_its_tier_s_model_and_counted_there() -> None:
    plain, strong = ScriptedModel([GOOD], "plain"), ScriptedModel([GOOD], "strong")
    models = Models(plain, {Tier.STRONG: strong})
    client = Client(models, Budget(10, 1000))
    client.ask(dataclasses.replace(ASKED, tier=Tier.STRONG), sentence="x")
    client.ask(dataclasses.replace(ASKED, tier=Tier.BALANCED), sentence="x")
    assert (len(plain.requests), len(strong.requests)) == (1, 1)
    assert [model for _, model in client.metrics.rows] == ["plain", "strong"]


def test_an_adapter_is_looked_for_at_the_model_of_the_prompt_s_tier() -> None:
    plain = ScriptedModel([GOOD], "plain", adapters=["write"])
    strong = ScriptedModel([GOOD], "strong")
    client = Client(Models(plain, {Tier.STRONG: strong}), Budget(10, 1000))
    for tier in (Tier.STRONG, Tier.BALANCED):
        client.ask(dataclasses.replace(ASKED, tier=tier, adapter="write"), sentence="x")
    assert [model for _, model in client.metrics.rows] == ["plain:write", "strong"]
    assert (plain.requests[0].adapter, strong.requests[0].adapter) == ("write", "")


def test_several_models_are_a_model_too() -> None:
    models: TextModel = Models(ScriptedModel(["a", "b", "c"], "plain", adapters=["write"]))
    request = TextRequest([{"role": "user", "content": "x"}])
    assert (models.name, models.adapters) == ("plain", {"write"})
    assert models.generate(request).text == "a"
    assert [getattr(one, "text", one) for one in models.generate_all([request])] == ["b"]
    assert [piece.text for piece in models.stream(request)] == ["c", ""]
    assert Models.of(models) is models


def test_the_client_gives_the_version_that_settings_share_out() -> None:
    models = Models(ScriptedModel([]), shares=Shares({"deal.summarize": {1: 1.0}}))
    assert Client(models, Budget(1, 1)).prompt("deal.summarize", "deal-1").version == 1


@pytest.fixture
def two_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second version of a prompt, in other words."""
    first = prompt("notes.summarize", 1)
    ids = {**catalogue._files(), "notes.summarize.v2": ""}
    second = dataclasses.replace(
        first, version=2, messages=(("user", Template("{{ language }}: {{ notes }}")),)
    )
    read = catalogue._read
    monkeypatch.setattr(catalogue, "_files", lambda: ids)
    monkeypatch.setattr(catalogue, "_read", lambda label: second if label == second.label else read(label))


def test_two_versions_run_side_by_side_and_are_compared(two_versions: None) -> None:
    """The second one is answered well here, the first one not always."""
    shares = catalogue.shares_of('{"notes.summarize": {"1": 0.8, "2": 0.2}}')
    script = [
        ("^Notes:.*\n<.*\nnote 1?[13579]\n", "?"),
        ("That cannot be used", "?"),
        ("", '{"summary": "Good."}'),
    ]
    client = Client(Models(ScriptedModel(script), shares=shares), Budget(60, 1_000_000), attempts=1)
    met: dict[str, str] = {}
    for number in range(200):
        asked = client.prompt("notes.summarize", f"note {number}")
        met[f"note {number}"] = asked.label
        client.ask_all(asked, [{"language": "English", "notes": f"note {number % 20}"}])
    compared = client.metrics.compared("notes.summarize")
    assert {label: usage.calls for label, usage in compared.items()} == dict(Counter(met.values()))
    first, second = (compared[f"notes.summarize.v{version}"] for version in (1, 2))
    assert 20 <= second.calls <= 60 and second.usable == 1.0
    assert first.usable is not None and 0.3 < first.usable < 0.7
    assert all(client.prompt("notes.summarize", key).label == label for key, label in met.items())


def made(tmp_path: Path, **settings: str) -> TextModel:
    secrets = FileSecrets(
        tmp_path / "secrets.json", {"abax/text/model": {"key": "main", "key_strong": "other"}}
    )
    return text_model(ModelSettings(**settings), FolderObjects(tmp_path), secrets)


def test_settings_name_a_model_for_each_tier(tmp_path: Path) -> None:
    models = made(
        tmp_path,
        model_url="https://one.example.com/v1",
        model_name="plain",
        model_fast="https://one.example.com/v1#small",
        model_strong="https://two.example.com/v1#big",
        model_balanced="https://three.example.com/v1",
    )
    assert isinstance(models, Models)
    assert {tier: models.for_tier(tier).name for tier in Tier} == {
        Tier.FAST: "small",
        Tier.BALANCED: "default",
        Tier.STRONG: "big",
    }
    assert models.name == "plain"
    assert all(isinstance(models.for_tier(tier), EndpointModel) for tier in Tier)


def test_a_key_goes_to_no_other_host_than_its_own(tmp_path: Path) -> None:
    models = made(
        tmp_path,
        model_url="https://one.example.com/v1",
        model_fast="https://one.example.com/v1#small",
        model_strong="https://two.example.com/v1#big",
        model_balanced="https://three.example.com/v1#third",
    )
    assert isinstance(models, Models)
    keys = {model.name: model._headers().get("Authorization") for model in models.tiers.values()}  # type: ignore[attr-defined]
    assert keys == {"small": "Bearer main", "big": "Bearer other", "third": None}


def test_answers_are_kept_where_records_are_if_there_is_such_a_place(tmp_path: Path) -> None:
    records = SqliteRecords(tmp_path / "abax.db")
    settings = ModelSettings("none:", model_cache_seconds="60")
    secrets = FileSecrets(tmp_path / "secrets.json")
    models = text_model(settings, FolderObjects(tmp_path), secrets, records)
    assert isinstance(models, Models) and isinstance(models.cache, RecordCache)


def test_prices_shares_and_how_long_answers_are_kept_are_settings(tmp_path: Path) -> None:
    models = made(
        tmp_path,
        model_url="none:",
        model_prices='{"models": {"none": {"prompt": 1}}}',
        model_cache_seconds="60",
        prompt_shares='{"deal.summarize": {"1": 1}}',
    )
    assert isinstance(models, Models)
    assert models.cache is not None and models.prices.of("none").prompt == 1
    assert models.shares.version("deal.summarize", "x") == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("model_cache_seconds", "soon"),
        ("model_prices", "cheap"),
        ("prompt_shares", "half"),
        ("model_fast", "ftp://x"),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        made(tmp_path, model_url="none:", **{setting: value})


def test_mail_is_helped_by_tiers_too_unless_no_model_is_wanted(tmp_path: Path) -> None:
    objects, secrets = FolderObjects(tmp_path), FileSecrets(tmp_path / "secrets.json")
    records = SqliteRecords(tmp_path / "abax.db")
    tiers = {"model_fast": "https://one.example.com/v1#small"}
    models = helping_model(
        ModelSettings("https://two.example.com/v1", "big", **tiers), objects, secrets, records
    )
    assert isinstance(models, Models)
    assert models.for_tier(prompt("mail.triage").tier).name == "small"
    assert models.for_tier(prompt("mail.reply").tier).name == "big"
    assert helping_model(ModelSettings("none:", **tiers), objects, secrets, records) is None
