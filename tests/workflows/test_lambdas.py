"""Lambda on one machine behaves as Lambda does: cold and warm, frozen in between, limits, crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.lambdas import EventTooLarge, FunctionSpec, Lambdas, Throttled
from infra.local.runtime_api import PAYLOAD_LIMIT

Define = Callable[..., FunctionSpec]


@pytest.fixture
def lambdas(tmp_path: Path) -> Iterator[Lambdas]:
    pool = Lambdas(tmp_path / "logs")
    yield pool
    pool.close()


@pytest.fixture
def define(tmp_path: Path, lambdas: Lambdas) -> Define:
    """Adds a function ``f`` with the given source; ``body`` is that of its handler."""

    def add(body: str, head: str = "", **settings: object) -> FunctionSpec:
        folder = tmp_path / "f"
        folder.mkdir()
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        (folder / "app.py").write_text(f"import os, time\n{head}\ndef handler(event, context):\n{lines}\n")
        arn = "arn:aws:lambda:eu-central-1:123456789012:function:stage-f"
        spec = FunctionSpec("f", arn, "app.handler", folder, **{"timeout": 10.0, **settings})  # type: ignore[arg-type]
        lambdas.add(spec)
        return spec

    return add


def in_background(call: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    return thread, results


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def state_of(pid: int) -> str:
    """The kernel's letter for a process, such as T for stopped; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def test_the_first_invocation_is_cold_and_the_next_one_reuses_its_process(
    lambdas: Lambdas, define: Define
) -> None:
    define("seen.append(event)\nreturn [os.getpid(), seen]", head="seen = []")
    first, second = lambdas.invoke("f", b"1"), lambdas.invoke("f", b"2")
    assert first.init is not None and second.init is None
    assert first.value[0] == second.value[0]  # type: ignore[index]
    assert second.value[1] == [1, 2]  # type: ignore[index]


def test_an_idle_environment_is_frozen(lambdas: Lambdas, define: Define) -> None:
    define("return os.getpid()")
    pid = lambdas.invoke("f", b"{}").value
    assert isinstance(pid, int)
    until(lambda: state_of(pid) == "T")
    assert lambdas.invoke("f", b"{}").value == pid


def test_invocations_at_the_same_time_get_environments_of_their_own(lambdas: Lambdas, define: Define) -> None:
    define("time.sleep(0.5)\nreturn os.getpid()")
    calls = [in_background(lambda: lambdas.invoke("f", b"{}").value) for _ in range(2)]
    for thread, _ in calls:
        thread.join()
    assert calls[0][1] != calls[1][1]


def test_a_handler_that_takes_too_long_is_cut_off_and_its_environment_thrown_away(
    lambdas: Lambdas, define: Define
) -> None:
    define("if event == 'slow': time.sleep(60)\nreturn os.getpid()", timeout=0.5)
    before = lambdas.invoke("f", b"1").value
    late = lambdas.invoke("f", b'"slow"')
    assert late.failed
    assert late.value["errorType"] == "Sandbox.Timedout"  # type: ignore[index]
    assert "timed out after 0.50 seconds" in late.value["errorMessage"]  # type: ignore[index]
    after = lambdas.invoke("f", b"1")
    assert after.init is not None and after.value != before


def test_a_handler_that_exits_is_reported_as_a_runtime_exit(lambdas: Lambdas, define: Define) -> None:
    define("os._exit(3)")
    gone = lambdas.invoke("f", b"{}")
    assert gone.failed and gone.value["errorType"] == "Runtime.ExitError"  # type: ignore[index]
    assert "exit status 3" in gone.value["errorMessage"]  # type: ignore[index]


def test_an_exception_travels_by_its_class_name_and_the_environment_lives_on(
    lambdas: Lambdas, define: Define
) -> None:
    define("if event: raise Odd('too odd')\nreturn os.getpid()", head="class Odd(Exception): pass")
    pid = lambdas.invoke("f", b"0").value
    raised = lambdas.invoke("f", b"1")
    assert raised.failed
    assert (raised.value["errorType"], raised.value["errorMessage"]) == ("Odd", "too odd")  # type: ignore[index]
    assert lambdas.invoke("f", b"0").value == pid


def test_an_answer_over_six_megabytes_is_refused(lambdas: Lambdas, define: Define) -> None:
    define("return 'x' * event")
    assert not lambdas.invoke("f", str(PAYLOAD_LIMIT - 2).encode()).failed
    refused = lambdas.invoke("f", str(PAYLOAD_LIMIT - 1).encode())
    assert refused.failed and refused.value["errorType"] == "Function.ResponseSizeTooLarge"  # type: ignore[index]
    assert not lambdas.invoke("f", b"1").failed


def test_an_event_over_six_megabytes_is_refused(lambdas: Lambdas, define: Define) -> None:
    define("return 1")
    with pytest.raises(EventTooLarge):
        lambdas.invoke("f", b'"' + b"x" * PAYLOAD_LIMIT + b'"')


def test_a_module_that_cannot_be_loaded_fails_the_invocation(lambdas: Lambdas, define: Define) -> None:
    define("return 1", head="import no_such_module")
    failed = lambdas.invoke("f", b"{}")
    assert failed.failed and failed.value["errorType"] == "Runtime.ImportModuleError"  # type: ignore[index]
    assert "no_such_module" in failed.logs


def test_reserved_concurrency_throttles(lambdas: Lambdas, define: Define) -> None:
    define("time.sleep(1)", reserved=1)
    thread, _ = in_background(lambda: lambdas.invoke("f", b"{}"))
    until(lambda: lambdas.busy("f"))
    with pytest.raises(Throttled):
        lambdas.invoke("f", b"{}")
    thread.join()
    assert not lambdas.invoke("f", b"{}").failed


def test_killing_a_function_fails_what_it_was_doing(lambdas: Lambdas, define: Define) -> None:
    define("time.sleep(60)", timeout=60.0)
    thread, results = in_background(lambda: lambdas.invoke("f", b"{}").value["errorType"])  # type: ignore[index]
    until(lambda: lambdas.busy("f"))
    time.sleep(0.3)
    assert lambdas.kill("f") == 1
    thread.join()
    assert results == ["Runtime.ExitError"]


def test_the_context_tells_name_memory_and_remaining_time(lambdas: Lambdas, define: Define) -> None:
    define(
        "return [context.function_name, context.memory_limit_in_mb, context.get_remaining_time_in_millis()]",
        memory=512,
    )
    name, memory, left = lambdas.invoke("f", b"{}").value  # type: ignore[misc]
    assert (name, memory) == ("stage-f", "512")
    assert 8_000 < left <= 10_000


def test_environment_variables_of_the_function_and_of_everyone_reach_the_handler(
    lambdas: Lambdas, define: Define
) -> None:
    lambdas.share({"EVERYONE": "1", "MINE": "overridden"})
    define("return [os.environ['EVERYONE'], os.environ['MINE']]", variables={"MINE": "2"})
    assert lambdas.invoke("f", b"{}").value == ["1", "2"]


def test_output_is_kept_with_a_report_line(lambdas: Lambdas, define: Define) -> None:
    define("print('hello', event)")
    first, second = lambdas.invoke("f", b"1"), lambdas.invoke("f", b"2")
    assert "hello 1" in first.logs and "Init Duration" in first.logs
    assert "hello 2" in second.logs and "hello 1" not in second.logs and "Init Duration" not in second.logs
    assert first.logs + second.logs == lambdas.log("f").read_text()


def test_layers_are_importable(lambdas: Lambdas, define: Define, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "in_the_layer.py").write_text("answer = 42")
    define("return in_the_layer.answer", head="import in_the_layer", layers=(layer,))
    assert lambdas.invoke("f", b"{}").value == 42


def test_scratch_space_belongs_to_one_environment_and_goes_with_it(lambdas: Lambdas, define: Define) -> None:
    define("return tempfile.mkdtemp()", head="import tempfile")
    first, second = (Path(str(lambdas.invoke("f", b"{}").value)) for _ in range(2))
    assert first.parent == second.parent and first.is_dir()
    lambdas.close()
    assert not first.parent.exists()


def test_closing_leaves_no_process_behind(lambdas: Lambdas, define: Define) -> None:
    define("if event: time.sleep(60)\nreturn os.getpid()", timeout=60.0)
    idle = lambdas.invoke("f", b"0").value
    assert isinstance(idle, int)
    thread, results = in_background(lambda: lambdas.invoke("f", b"1").failed)
    until(lambda: lambdas.busy("f"))
    lambdas.close()
    thread.join()
    assert results == [True]
    assert state_of(idle) == ""


def test_an_unknown_function_is_named(lambdas: Lambdas) -> None:
    with pytest.raises(KeyError, match="no function 'nowhere'"):
        lambdas.invoke("nowhere", b"{}")


def test_frozen_environments_do_not_outlive_a_killed_engine(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "app.py").write_text("import os\ndef handler(event, context): return os.getpid()")
    script = f"""
import time
from pathlib import Path
from infra.local.lambdas import FunctionSpec, Lambdas
pool = Lambdas(Path({str(tmp_path / "logs")!r}))
pool.add(FunctionSpec("f", "arn:aws:lambda:x:1:function:f", "app.handler", Path({str(folder)!r})))
print(pool.invoke("f", b"0").value, flush=True)
time.sleep(60)
"""
    root = Path(__file__).parents[2]
    engine = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=root, start_new_session=True
    )
    assert engine.stdout is not None
    pid = int(engine.stdout.readline())
    until(lambda: state_of(pid) == "T")
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait()
    engine.stdout.close()
    until(lambda: state_of(pid) in ("", "Z"))
