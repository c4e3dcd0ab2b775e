"""The registry in use: evaluation sets, the command line, and beginnings that a runtime reads beforehand."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from abax.adapters.runtime import RuntimeModel
from abax.adapters.scripted import ScriptedModel
from abax.cli import app
from abax.errors import InvalidRequest, ModelFailed, NotFound
from abax.ports import TextRequest
from abax.writing.client import Budget, Client
from abax.writing.outputs import NotesSummary
from abax.writing.prompts import Prompt, prompt, registry
from abax.writing.prompts.evaluation import Case, cases_of, evaluate
from abax_runtime.__main__ import main as runtime
from abax_runtime.adapter import BASE_HASH, base_hash
from abax_runtime.gguf import open_gguf
from typer.testing import CliRunner

from tests.support.adapters import random_adapter
from tests.support.models import Small, small

NOTES = prompt("notes.summarize")


# --- evaluation sets


@pytest.mark.parametrize("one", registry(), ids=lambda one: one.label)
def test_every_prompt_has_an_evaluation_set_whose_cases_can_be_asked(one: Prompt) -> None:
    cases = cases_of(one)
    assert len(cases) >= 2 and len({case.name for case in cases}) == len(cases)
    assert all(case.checks and one.request(case.inputs) for case in cases)


@pytest.mark.parametrize(
    "one", [o for o in registry() if any(v.is_fenced for v in o.variables)], ids=lambda o: o.label
)
def test_prompts_with_text_from_outside_are_judged_on_text_that_gives_orders(one: Prompt) -> None:
    assert any("orders" in case.name for case in cases_of(one))


def judged(answer: dict[str, Any], **checks: Any) -> tuple[str, ...]:
    """The checks that fail for an answer."""
    case = Case("c", {"language": "English", "notes": "Anna pays 20 EUR on 3 May."}, checks)
    report = evaluate(NOTES, ScriptedModel([json.dumps(answer)]), [case])
    return report.outcomes[0].failed


ANSWER = {"summary": "Anna pays 20 EUR.", "actions": [{"what": "pay", "owner": "Anna"}]}


@pytest.mark.parametrize(
    ("checks", "fails"),
    [
        ({"contains": ["anna", "20 eur"]}, ""),
        ({"contains": ["Bob"]}, "'Bob' is not in it"),
        ({"lacks": ["Bob"]}, ""),
        ({"lacks": ["ANNA"]}, "'ANNA' is in it"),
        ({"equals": {"actions.0.owner": "Anna"}}, ""),
        ({"equals": {"actions.1.owner": "Anna"}}, "actions.1.owner is None, not 'Anna'"),
        ({"one_of": {"actions.0.owner": ["Anna", "Bob"]}}, ""),
        ({"one_of": {"actions.0.owner": ["Bob"]}}, "none of"),
        ({"count": {"actions": 1}}, ""),
        ({"count": {"actions": 2}}, "has 1 entries, not 2"),
        ({"count": {"summary": 1}}, "has no entries"),
        ({"longest": {"summary": 17}}, ""),
        ({"longest": {"summary": 16}}, "has 17 characters"),
        ({"numbers_from": ["notes"]}, ""),
        ({"numbers_from": ["language"]}, "20 is in none of its facts"),
    ],
)
def test_a_check_holds_or_says_why_not(checks: dict[str, Any], fails: str) -> None:
    found = judged(ANSWER, **checks)
    assert fails in "\n".join(found) and bool(found) is bool(fails)


def test_a_report_tells_answers_that_are_wrong_from_none_at_all() -> None:
    cases = [Case(name, {"language": "English", "notes": name}, {"contains": ["yes"]}) for name in "abc"]
    script = [("^.*\n<notes-\\w+>\na\n", '{"summary": "yes"}'), ("\nb\n", '{"summary": "no"}'), ("", "?")]
    report = evaluate(NOTES, ScriptedModel(script), cases)
    assert (len(report.outcomes), report.answered, report.passed) == (3, 2, 1)
    told = report.as_dict()
    assert (told["prompt"], told["model"], told["usage"]["calls"]) == ("notes.summarize.v1", "scripted", 4)
    assert "it wrote no NotesSummary" in told["outcomes"][2]["problem"]


def test_a_prompt_without_an_evaluation_set_says_which_file_is_missing() -> None:
    with pytest.raises(NotFound, match=r"notes\.summarize\.v7\.eval\.jsonl"):
        cases_of(dataclasses.replace(NOTES, version=7))


@pytest.mark.parametrize("line", ["{", "[]", '{"case": "x", "inputs": {}, "checks": {"rhymes": []}}'])
def test_a_line_that_is_no_case_is_named(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "notes.summarize.v1.eval.jsonl").write_text(f"\n{line}\n")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(InvalidRequest, match=r"notes\.summarize\.v1\.eval\.jsonl line 2"):
        cases_of(NOTES)


# --- the command line


@pytest.fixture
def abax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_prompts_are_listed_and_shown(abax: Callable[..., Any]) -> None:
    assert "deal.summarize.v1" in abax("prompts", "list").stdout
    ids = [one["id"] for one in json.loads(abax("prompts", "list", "--json").stdout)]
    assert ids == [one.label for one in registry()]
    shown = json.loads(abax("prompts", "show", "notes.summarize").stdout)
    assert [one["name"] for one in shown["variables"]] == ["language", "notes"]
    assert shown["schema"]["properties"].keys() == NotesSummary.model_fields.keys()


def test_a_prompt_is_evaluated_with_a_model_of_choice(abax: Callable[..., Any], tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(
        json.dumps([["accruals", '{"summary": "Anna, Tom, 30 November", "actions": []}'], [".*", "?"]])
    )
    arguments = ("evaluate", "prompts", "notes.summarize.v1", "--model", f"script:{script}")
    done = abax(*arguments, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].split()[:5] == ["notes.summarize.v1", "scripted", "3", "1", "0"]
    [report] = json.loads((tmp_path / "out.json").read_text())
    assert report["outcomes"][0]["failed"] == ["actions has 0 entries, not 2"]
    assert isinstance(abax(*arguments, "--at-least", "0.5").exception, InvalidRequest | SystemExit)


def test_who_waits_for_a_model_sees_for_what_and_then_why_it_did_not_answer(
    abax: Callable[..., Any], tmp_path: Path
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([["accruals", '{"summary": "Anna", "actions": []}'], [".*", "?"]]))
    some = abax("evaluate", "prompts", "notes.summarize.v1", "--model", f"script:{script}")
    assert some.exit_code == 0
    assert some.stderr.startswith("notes.summarize.v1: 3 cases, 180 s at most")
    assert "notes.summarize.v1: 2 not answered: " in some.stderr


def test_a_model_that_answers_nothing_is_no_success(abax: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    none = abax("evaluate", "prompts", "notes.summarize.v1", "--model", f"http://127.0.0.1:{port}/v1")
    assert isinstance(none.exception, ModelFailed) and none.exit_code != 0
    assert "notes.summarize.v1: 3 not answered: " in none.stderr
    assert f"127.0.0.1:{port}" in none.stderr


# --- beginnings that were read beforehand


def test_beginnings_are_stored_once_and_every_request_is_spared_them(
    abax: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small(context=4096)).path, path)
    lines = abax("prompts", "beginnings").stdout
    assert len(lines.splitlines()) == len(registry())
    fast = abax("prompts", "beginnings", "--tier", "fast").stdout.splitlines()
    assert len(fast) == sum(one.tier == "fast" for one in registry()) < len(registry())
    wanted = "".join(line for line in lines.splitlines(True) if "notes.summarize" in line or "reword" in line)
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.StringIO(wanted))
        assert runtime(["prefix", "all", "-", "--model", str(path), "--length", "4096"]) == 0
    assert capsys.readouterr().out.count("notes.summarize.v1-") == 2
    [told] = (path.parent / "prefixes").glob("*/notes.summarize.v1-*.json")
    model = RuntimeModel(lambda: path)
    client = Client(model, Budget(60, 9000), attempts=1)
    client.ask_all(NOTES, [{"language": "English", "notes": "Anna pays."}])
    model.close()
    assert client.spent.cached_tokens == len(json.loads(told.read_text())["tokens"]) > 200
    assert client.spent.prompt_tokens - client.spent.cached_tokens < 100


def test_the_beginning_of_a_prompt_with_an_adapter_is_stored_and_used_with_it(
    abax: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, adapted = tmp_path / "model.gguf", dataclasses.replace(NOTES, adapter="write")
    bare = dataclasses.replace(NOTES, adapter="")
    shutil.copy(small(Small(context=4096)).path, path)
    with open_gguf(path) as gguf:
        told = {BASE_HASH: base_hash(gguf)}
    (tmp_path / "adapters").mkdir()
    random_adapter(tmp_path / "adapters" / "write.gguf", path, metadata=told)
    monkeypatch.delenv("ABAX_RUNTIME_ADAPTERS", raising=False)
    monkeypatch.setattr("abax_runtime.models.LAYER", str(tmp_path))
    monkeypatch.setattr("abax.writing.prompts.registry", lambda: (adapted,))
    [row] = json.loads(abax("prompts", "list", "--json").stdout)
    assert row["adapter"] == "write" and " write " in abax("prompts", "list").stdout
    monkeypatch.setattr("sys.stdin", io.StringIO(abax("prompts", "beginnings").stdout))
    assert runtime(["prefix", "all", "-", "--model", str(path), "--length", "4096"]) == 0
    model = RuntimeModel(lambda: path, "little")
    variables = {"language": "English", "notes": "Anna pays."}
    cached = []
    for asked in (adapted, bare):
        client = Client(model, Budget(60, 9000), attempts=1)
        client.ask_all(asked, [variables])
        cached.append((client.name_of(asked), client.spent.cached_tokens > 200))
    model.close()
    assert cached == [("little:write", True), ("little", False)]


def test_a_stored_beginning_changes_no_text(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small(context=4096)).path, path)
    request = NOTES.request({"language": "English", "notes": "Anna pays."}, mark="0a1b2c3d")
    plain = _written(path, request)
    _store(path, NOTES)
    stored = _written(path, request)
    assert (stored.text, stored.prompt_tokens) == (plain.text, plain.prompt_tokens)
    assert (plain.cached_tokens, stored.cached_tokens > 300) == (0, True)


def test_a_stored_beginning_that_is_damaged_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(small(Small(context=4096)).path, path)
    [stored] = _store(path, NOTES)
    request = NOTES.request({"language": "English", "notes": "Anna pays."}, mark="0a1b2c3d")
    stored.write_bytes(stored.read_bytes()[:-100])
    assert _written(path, request).cached_tokens == 0
    assert "is not used" in caplog.text


def _store(model: Path, one: Prompt) -> list[Path]:
    messages = [{"role": role, "content": content} for role, content in one.beginning]
    lines = model.with_suffix(".jsonl")
    lines.write_text(json.dumps({"name": one.beginning_name, "messages": messages}))
    assert runtime(["prefix", "all", str(lines), "--model", str(model), "--length", "4096"]) == 0
    return [path for path in (model.parent / "prefixes").glob("*/*") if path.suffix != ".json"]


def _written(path: Path, request: TextRequest) -> Any:
    model = RuntimeModel(lambda: path)
    try:
        return model.generate(request)
    finally:
        model.close()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1"),
        ('{"name": "x"}', "line 1"),
        ('{"name": "../x", "messages": []}', "no name for a file"),
        ('{"name": 1, "messages": []}', "no name for a file"),
        ("", "names no beginning"),
    ],
)
def test_lines_that_name_no_beginning_are_refused(
    line: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines").write_text(line)
    assert (
        runtime(["prefix", "all", str(tmp_path / "lines"), "--model", str(small(Small(context=4096)).path)])
        == 1
    )
    assert says in capsys.readouterr().err
