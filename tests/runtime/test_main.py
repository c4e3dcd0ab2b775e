"""The command line, as a process: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from abax_runtime.engine import Engine
from abax_runtime.prefix import place

from tests.support.adapters import random_adapter
from tests.support.interrupted import unmeasured
from tests.support.models import Small, small

COMMANDS = ("info", "fetch", "run", "chat", "bench", "quantize", "import", "adapter", "prefix", "serve")


def abax(*arguments: object, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line."""
    return subprocess.run(
        [sys.executable, "-m", "abax_runtime", *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )


def abax_ok(*arguments: object, given: str = "", **environment: str) -> str:
    """The same; it must end well."""
    done = abax(*arguments, given=given, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def model() -> Path:
    """A small random model."""
    return small(Small()).path


def test_help_names_every_command() -> None:
    said = abax_ok("--help")
    assert all(f"    {command} " in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert "usage: " in abax_ok(command, "--help")


def test_help_tells_the_defaults_of_the_attention_patterns() -> None:
    from abax_runtime.__main__ import PATTERN
    from abax_runtime.cache import Attention

    for name, told in PATTERN.items():
        assert told.endswith(f"({getattr(Attention(), name.replace('-', '_'))})")


def test_wrong_usage_ends_with_2() -> None:
    assert abax("frobnicate").returncode == 2
    assert abax("run", "--max-tokens", "0").returncode == 2


def test_info_tells_what_a_file_holds(model: Path) -> None:
    told = json.loads(abax_ok("info", model, "--json"))
    assert (told["architecture"], told["layers"], told["width"]) == ("llama", 2, 256)
    assert told["tensors"] == {"Q8_0": 16, "F32": 5}
    assert told["fits"] is True
    assert told["chat_template"] is True
    assert "2 of width 256" in abax_ok("info", model)


def test_run_prints_the_text_and_nothing_else(model: Path) -> None:
    told = json.loads(abax_ok("run", "-m", model, "-c", 300, "-p", "The invoice", "-n", 8, "--json"))
    assert told["completion_tokens"] == 8
    assert told["finish"] in ("length", "stop")
    done = abax("run", "-m", model, "-c", 300, "-p", "The invoice", "-n", 8)
    assert (done.stdout, done.stderr) == (f"{told['text']}\n", "")
    assert abax_ok("run", "-m", model, "-c", 300, "-n", 8, "--stream", given="The invoice") == done.stdout


def test_run_reads_its_prompt_from_a_file(model: Path, tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("The invoice")
    options = ("-m", model, "-c", 300, "-n", 5)
    assert abax_ok("run", *options, "-f", prompt) == abax_ok("run", *options, "-p", "The invoice")


def test_run_keeps_to_a_schema_and_a_source(model: Path, tmp_path: Path) -> None:
    field = {"type": "string", "x-grounded": True}
    schema = {"type": "object", "properties": {"name": field}, "required": ["name"]}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "source.txt").write_text("Miller & Sons")
    said = abax_ok(
        *("run", "-m", model, "-c", 300, "-p", "Who?", "-n", 100),
        *("--schema", tmp_path / "schema.json", "--source", tmp_path / "source.txt"),
    )
    assert json.loads(said)["name"] in "Miller & Sons"


def test_run_as_a_chat_uses_the_models_template(model: Path) -> None:
    options = ("run", "-m", model, "-c", 300, "-n", 3, "--json")
    chat = json.loads(abax_ok(*options, "--chat", "-p", "Hello"))
    prompt = "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    raw = json.loads(abax_ok(*options, "-p", prompt))
    assert (chat["tokens"], chat["prompt_tokens"]) == (raw["tokens"], raw["prompt_tokens"])


def test_run_takes_a_cache_in_a_file_and_a_pattern_of_attention(model: Path, tmp_path: Path) -> None:
    options = ("run", "-m", model, "-c", 300, "-p", "The invoice", "-n", 8)
    assert abax_ok(*options, "--kv-file", tmp_path / "kv") == abax_ok(*options)
    windowed = ("--attention", "local_window", "--window", 4)
    assert abax_ok(*options, *windowed) != abax_ok(*options)
    assert abax(*options, "--kv", "q8_0").returncode == 0


def test_run_gives_log_probabilities_as_json(model: Path) -> None:
    told = json.loads(
        abax_ok("run", "-m", model, "-c", 300, "-p", "Hello", "-n", 3, "--json", "--logprobs", 2)
    )
    assert len(told["logprobs"]) == told["completion_tokens"]
    assert all(len(entry["top"]) == 2 for entry in told["logprobs"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "-m", "/nowhere.gguf", "-p", "x"), "/nowhere.gguf"),
        (("run", "-m", __file__, "-p", "x"), "test_main.py"),
        (("run", "-p", "x", "--schema", "/nowhere.json"), "cannot be read"),
        (("run", "-p", "x", "--temperature", "-1"), "temperature"),
        (("info", "/nowhere.gguf"), "/nowhere.gguf"),
        (("quantize", "/nowhere.gguf", "x.gguf"), "/nowhere.gguf"),
        (("import", "/nowhere", "x.gguf"), "/nowhere"),
        (("quantize", "/nowhere.gguf", "/nowhere/x.gguf"), "no folder /nowhere"),
        (("quantize", "/nowhere.gguf", __file__), "no GGUF file"),
        (("import", "/nowhere", "/"), "is a folder"),
        (("prefix", "info", "/nowhere.kv"), "no stored prefix"),
        (("serve", "--port", "99999"), "port 99999"),
        (("serve", "--host", "192.0.2.1", "--port", "1"), "192.0.2.1 port 1"),
        (("run", "-p", "x", "-c", "64", "--kv-file", __file__), "File exists"),
    ],
)
def test_errors_are_one_line_without_traceback(arguments: tuple[str, ...], said: str, model: Path) -> None:
    done = abax(*arguments, ABAX_RUNTIME_MODEL=str(model))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_default_model_says_how_to_get_it(tmp_path: Path) -> None:
    environment = {"ABAX_RUNTIME_MODEL": "", "XDG_CACHE_HOME": str(tmp_path)}
    done = abax("run", "-p", "x", **environment)
    assert done.returncode == 1
    assert "python -m abax_runtime fetch" in done.stderr


def test_a_prompt_over_the_context_is_one_line(model: Path) -> None:
    done = abax("run", "-m", model, "-c", 20, "-p", "word " * 50)
    assert done.returncode == 1
    assert "do not fit a context of 20" in done.stderr


def test_chat_remembers_until_it_is_reset(model: Path) -> None:
    talk = "Hello\nAnd now?\n/reset\nHello\n/quit\nnever read\n"
    said = abax_ok("chat", "-m", model, "-c", 400, "-n", 6, given=talk)
    first, second, _, third = said.removeprefix("> ").split("> ")[:4]
    assert first == third
    assert second


def test_chat_forgets_the_oldest_when_the_context_is_full(model: Path) -> None:
    talk = "".join(f"Line {n} is about invoice {n}.\n" for n in range(12))
    done = abax("chat", "-m", model, "-c", 120, "-n", 20, given=talk)
    assert done.returncode == 0
    assert "error" not in done.stderr
    done = abax("chat", "-m", model, "-c", 40, "-n", 5, given="word " * 100 + "\nHello\n")
    assert done.returncode == 0
    assert "do not fit" in done.stderr


def test_chat_ends_with_its_input(model: Path) -> None:
    assert abax("chat", "-m", model, "-c", 300, "-n", 3, given="Hello\n").returncode == 0


def test_bench_measures_each_number_of_threads(model: Path) -> None:
    options = ("--prompt-tokens", 40, "--tokens", 10, "--repeat", 1, "-c", 60, "--threads", "1,2")
    rows = json.loads(abax_ok("bench", "-m", model, *options, "--json"))
    assert [row["threads"] for row in rows] == [1, 2]
    assert all(row["prefill_per_s"] > 0 and row["decode_per_s"] > 0 for row in rows)
    assert "prefill tok/s" in abax_ok("bench", "-m", model, *options)


def test_quantize_writes_a_smaller_model_that_runs(tmp_path: Path) -> None:
    target = tmp_path / "small.Q4_0.gguf"
    source = small(Small(type="F16")).path
    told = json.loads(abax_ok("quantize", source, target, "--type", "q4_0", "--json"))
    assert told["bytes"] == target.stat().st_size < source.stat().st_size / 2
    assert len(abax_ok("run", "-m", target, "-c", 100, "-p", "Hello", "-n", 3)) > 1
    assert abax("quantize", source, target, "--type", "q3").returncode == 1


def test_a_prefix_is_built_shown_and_used(model: Path, tmp_path: Path) -> None:
    stored = tmp_path / "instructions.kv"
    text = "The invoice total is the sum of the net amount and the tax. "
    options = ("-m", model, "-c", 300)
    assert "tokens" in abax_ok("prefix", "build", stored, "--text", text, *options)
    told = json.loads(abax_ok("prefix", "info", stored, "--json"))
    assert told["text"] == text
    run = ("run", *options, "-p", f"{text}So the customer", "-n", 6, "--json")
    plain, prefixed = json.loads(abax_ok(*run)), json.loads(abax_ok(*run, "--prefix", stored))
    assert prefixed["tokens"] == plain["tokens"]
    assert prefixed["cached_tokens"] >= int(told["tokens"]) - 4
    done = abax("run", *options, "-p", "Something else", "--prefix", stored)
    assert done.returncode == 1
    assert "does not begin" in done.stderr


def test_interrupting_ends_with_130_and_no_traceback(model: Path) -> None:
    command = [sys.executable, "-m", "abax_runtime", "chat", "-m", str(model), "-c", "300"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=unmeasured(), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in said


def test_the_way_to_the_first_token_imports_no_heavy_module(model: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from abax_runtime.__main__ import main; "
        f"main(['run', '-m', {str(model)!r}, '-c', '100', '-p', 'x', '-n', '1']); "
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "numba", "llvmlite", "pydantic", "jinja2", "asyncio", "http", "tokenizers", "logging"}
    heavy |= {
        "llguidance",
        "starlette",
        "sentencepiece",
        "email",
        "json",
        "typing",
        "dataclasses",
        "platform",
    }
    assert not [name for name in heavy if f"'{name}'" in done.stdout]


# --- adapters ---


@pytest.fixture(scope="module")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter of the small model."""
    told = {"abax.training.steps": 7, "abax.base.name": "small", "general.name": "Receipts"}
    path = tmp_path_factory.mktemp("adapters") / "receipts.gguf"
    return random_adapter(path, model, size=1.0, metadata=told).path


def test_adapters_are_listed_with_what_is_wrong_with_them(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "receipts.gguf").write_bytes(adapter.read_bytes())
    (tmp_path / "short.gguf").write_bytes(adapter.read_bytes()[:500])
    told = json.loads(abax_ok("adapter", "list", tmp_path, "--json"))
    assert [row["adapter"] for row in told] == ["receipts", "short"]
    assert (told[0]["ranks"], told[0]["matrices"], told[0]["base"]) == ([16], 14, "small")
    assert "short.gguf" in told[1]["error"]
    said = abax_ok("adapter", "list", ABAX_RUNTIME_ADAPTERS=str(tmp_path))
    assert "receipts " in said and "rank 16" in said and "short " in said
    none = abax("adapter", "list", ABAX_RUNTIME_ADAPTERS="")
    assert (none.returncode, none.stdout) == (0, "") and "no adapter" in none.stderr


def test_the_adapters_that_ship_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAX_RUNTIME_ADAPTERS", raising=False)
    shipped = sorted(Path("layers/runtime/adapters").resolve().glob("*.gguf"))
    told = json.loads(abax_ok("adapter", "list", "--json"))
    assert [(row["adapter"], row["file"]) for row in told] == [(path.stem, str(path)) for path in shipped]
    assert told == json.loads(abax_ok("adapter", "list", Path("layers/runtime/adapters").resolve(), "--json"))


def test_adapter_info_tells_rank_base_and_training(adapter: Path, model: Path) -> None:
    told = json.loads(abax_ok("adapter", "info", adapter, "--json"))
    assert (told["alpha"], told["targets"][0], told["training"]) == (32.0, "attn_q", {"steps": 7})
    assert told["parameters"] == 2 * 16 * sum((512, 384, 384, 512, 768, 768, 768))
    said = abax_ok("adapter", "info", adapter)
    assert "rank         16, alpha 32" in said and "training steps 7" in said
    assert abax_ok("adapter", "info", adapter, "-m", model)
    other = abax("adapter", "info", adapter, "-m", small(Small(width=128)).path)
    assert other.returncode == 1 and "blk.0.attn_q.weight" in other.stderr


def test_an_adapter_is_told_and_merged_by_its_name(adapter: Path, model: Path, tmp_path: Path) -> None:
    known = {"ABAX_RUNTIME_ADAPTERS": str(adapter.parent), "ABAX_RUNTIME_MODEL": str(model)}
    told = json.loads(abax_ok("adapter", "info", "receipts", "--json", **known))
    assert told["file"] == str(adapter)
    merged = tmp_path / "merged.gguf"
    abax_ok("adapter", "merge", "default", "receipts", merged, **known)
    assert merged.stat().st_size > 0
    unknown = abax("adapter", "info", "letters", **known)
    assert unknown.returncode == 1 and "letters" in unknown.stderr


def test_run_takes_an_adapter_by_name_and_by_file(adapter: Path, model: Path) -> None:
    run = ("run", "-m", model, "-c", 300, "-p", "The invoice", "-n", 12, "--json")
    plain = json.loads(abax_ok(*run))["tokens"]
    by_file = json.loads(abax_ok(*run, "--adapter", adapter))["tokens"]
    by_name = json.loads(abax_ok(*run, "--adapters", adapter.parent, "--adapter", "receipts"))["tokens"]
    by_setting = abax_ok(*run, "--adapter", "receipts", ABAX_RUNTIME_ADAPTERS=str(adapter.parent))
    assert by_file == by_name == json.loads(by_setting)["tokens"] != plain
    unknown = abax(*run, "--adapter", "letters", "--adapters", adapter)
    assert unknown.returncode == 1 and "known are: receipts" in unknown.stderr


def test_a_merged_model_needs_no_adapter(adapter: Path, model: Path, tmp_path: Path) -> None:
    merged = tmp_path / "merged.gguf"
    told = json.loads(abax_ok("adapter", "merge", model, adapter, merged, "--type", "f16", "--json"))
    assert told["bytes"] == merged.stat().st_size
    assert json.loads(abax_ok("info", merged, "--json"))["tensors"]["F16"] == 14
    run = ("run", "-c", 300, "-p", "The invoice", "-n", 3, "--json", "-m")
    adapted = json.loads(abax_ok(*run, model, "--adapter", adapter))["tokens"]
    assert json.loads(abax_ok(*run, merged))["tokens"] == adapted
    wrong = abax("adapter", "merge", small(Small(width=128)).path, adapter, tmp_path / "no.gguf")
    assert wrong.returncode == 1 and not (tmp_path / "no.gguf").exists()
    assert abax("adapter", "merge", model, adapter, merged, "--type", "Q2_K").returncode == 1


def test_a_prefix_is_built_for_an_adapter(adapter: Path, model: Path, tmp_path: Path) -> None:
    options = ("-m", model, "-c", 300, "--adapter", adapter)
    text = "You read invoices and answer briefly. "
    abax_ok("prefix", "build", tmp_path / "beginning", "--text", text, *options)
    run = ("run", *options, "-p", f"{text}What?", "-n", 4, "--json", "--prefix", tmp_path / "beginning")
    assert json.loads(abax_ok(*run))["cached_tokens"] > 5
    other = abax("run", "-m", model, "-c", 300, "-p", f"{text}What?", "--prefix", tmp_path / "beginning")
    assert other.returncode == 1 and "another model or adapter" in other.stderr


def test_beginnings_are_stored_with_the_adapters_that_they_name(
    adapter: Path, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(model.read_bytes())
    chats: list[dict[str, Any]] = [
        {"name": name, "messages": [{"role": "user", "content": "Hello there"}]} for name in "abc"
    ]
    chats[0]["adapter"], chats[1]["adapter"] = "receipts", "letters"
    lines = "".join(f"{json.dumps(chat)}\n" for chat in chats)
    options = ("-m", path, "-c", 300, "--adapters", adapter.parent)
    done = abax("prefix", "all", "-", *options, given=lines)
    assert done.returncode == 0 and done.stdout.count(" with receipts") == 1
    assert done.stderr.endswith("\nb: there is no adapter letters, so it is read without\n")
    with Engine.open(path, length=64, adapters=[adapter]) as engine:
        own = engine.model.fingerprint(engine.adapters.get("receipts"))
        plain = engine.model.fingerprint()
    assert [place(path, own, name).is_file() for name in "abc"] == [True, False, False]
    assert [place(path, plain, name).is_file() for name in "abc"] == [False, True, True]
    refused = abax("prefix", "all", "-", *options, given=json.dumps(chats[2] | {"adapter": 3}))
    assert refused.returncode == 1 and "line 1: 3 is no name of an adapter" in refused.stderr
