"""Time to the first token, from the start of a process, with the files in the page cache.

Ours is ``Engine.open`` and ``generate``, as a function uses them. llama.cpp is driven through bare ctypes
declarations, without the start-up of its Python package. Both: tokenize, prefill on two threads, choose one
token, write it. The packages lie in folders on the search path, as in a Lambda layer (no editable install
whose finder is imported at every start), with their byte code cached. With a prefix cache, ours maps a stored
prefix and llama.cpp loads a saved sequence. Medians of RUNS fresh processes that take turns.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Final

from benchmarks.support.models import default_model
from benchmarks.support.sides import PEER_NAME, opened, peer_missing
from benchmarks.support.texts import prose

RUNS: Final = int(os.environ.get("ABAX_BENCH_ROUNDS", "15"))
PREFIX, NEW = 600, 60
ROOT: Final = Path(__file__).parents[1]
LAYER: Final = ROOT / "layers" / "runtime"
PLAIN_PYTHON: Final = str(getattr(sys, "_base_executable", sys.executable))
"""The interpreter without the virtual environment around it."""

OURS: Final = """
import sys
from abax_runtime.engine import Engine
with Engine.open(sys.argv[1], threads=2, sequences=1) as engine:
    prompt = open(sys.argv[2]).read()
    print(engine.generate(prompt, max_tokens=1, prefix=sys.argv[3] or None).text, flush=True)
"""
PEERS: Final = """
import ctypes, sys
from benchmarks.support.sides import Peer
peer = Peer(sys.argv[1], threads=2)
tokens = peer.tokens(open(sys.argv[2]).read())
done = 0
if sys.argv[3]:
    held, count = (ctypes.c_int32 * 2048)(), ctypes.c_size_t()
    library = peer._library
    library.llama_state_seq_load_file(peer._context, sys.argv[3].encode(), 0, held, 2048, ctypes.byref(count))
    done = count.value
    assert tokens[:done] == held[:done]
while done < len(tokens):
    peer.feed(tokens[done:done + 512], done)
    done += 512
print(peer.choose(), flush=True)
"""
BOTH: Final = {"ours": OURS, "peer": PEERS}


def run() -> Iterator[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (ours by peer: below 1 is faster)."""
    model = default_model()
    sides = ("ours",) if peer_missing() else ("ours", "peer")
    with tempfile.TemporaryDirectory(prefix="abax-bench-") as name:
        folder = Path(name)
        prompts = _prompts(model, folder)
        kept = _prefixes(model, folder, sides)
        none = dict.fromkeys(sides, Path())
        yield _row("prompt of 16 tokens", _medians(model, prompts["16"], none))
        case = f"prompt of {PREFIX} known and {NEW} new tokens"
        yield _row(f"{case}, no prefix cache", _medians(model, prompts["long"], none))
        yield _row(f"{case}, prefix cache", _medians(model, prompts["long"], kept))


def _prompts(model: Path, folder: Path) -> dict[str, Path]:
    """Texts of so many tokens."""
    with opened("ours", model, threads=1) as ours:
        tokens = ours.tokens(prose())
        texts = {
            name: ours.text(tokens[:count])
            for name, count in (("16", 16), ("prefix", PREFIX), ("long", PREFIX + NEW))
        }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


def _prefixes(model: Path, folder: Path, sides: tuple[str, ...]) -> dict[str, Path]:
    """The first tokens' state, stored as each side does it."""
    from abax_runtime.engine import Engine

    kept = {side: folder / f"{side}.prefix" for side in sides}
    with Engine.open(model, sequences=1) as engine:
        engine.build_prefix(kept["ours"], (folder / "prefix").read_text())
    if "peer" in sides:
        with opened("peer", model, threads=2) as peer:
            tokens = peer.tokens((folder / "prefix").read_text())
            for start in range(0, len(tokens), 512):
                peer.feed(tokens[start : start + 512], start)
            peer.save(kept["peer"], tokens)
    return kept


def _medians(model: Path, prompt: Path, prefixes: Mapping[str, Path]) -> dict[str, float]:
    """Milliseconds for each side."""
    taken: dict[str, list[float]] = {side: [] for side in prefixes}
    for _ in range(RUNS):
        for side, prefix in prefixes.items():
            taken[side].append(_milliseconds(side, model, prompt, prefix))
    return {side: statistics.median(found) for side, found in taken.items()}


def _milliseconds(side: str, model: Path, prompt: Path, prefix: Path) -> float:
    words = [str(model), str(prompt), "" if prefix == Path() else str(prefix)]
    begun = time.perf_counter()
    environment = {name: own for name, own in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (LAYER, ROOT, _package_of_peer())))
    command = [PLAIN_PYTHON, "-c", BOTH[side], *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        found = process.stdout.readline()
        taken = time.perf_counter() - begun
    if process.returncode or not found:
        raise RuntimeError(f"{side} ended with {process.returncode}")
    return taken * 1000


@cache
def _package_of_peer() -> Path:
    """A folder with the peer's package alone: what else lies beside it must not be imported at start-up."""
    folder = Path(tempfile.mkdtemp(prefix="abax-peer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("llama_cpp", "typing_extensions"):
        found = PathFinder.find_spec(name)
        if found and found.origin:
            whole = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
            (folder / whole.name).symlink_to(whole)
    return folder


def _row(case: str, found: Mapping[str, float]) -> dict[str, Any]:
    ours, peer = found["ours"], found.get("peer")
    return {
        "case": case,
        "metric": "process start to first token",
        "unit": "ms",
        "ours": round(ours, 1),
        "peer": peer and round(peer, 1),
        "peer_name": PEER_NAME if peer else "",
        "ratio": round(ours / peer, 2) if peer else None,
    }
