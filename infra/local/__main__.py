"""The application on one machine, from the command line.

``python -m infra.local up`` serves it until Ctrl-C. ``python -m infra.local invoke FUNCTION [EVENT]`` feeds
one event to one function under the Lambda runtime client, as ``sam local invoke`` does where Docker is.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from infra.local.engine import LocalEngine
from infra.local.lambdas import Outcome
from infra.local.samples import DEFAULTS, PreparationError, default_event, prepare

SIGNAL_LATENCY: Final = 0.2
"""Seconds after which a signal is acted on at the latest."""

app = typer.Typer(help="The application on one machine.", no_args_is_help=True, add_completion=False)
out = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the HTTP API; 0 takes a free one.")] = 3000,
) -> None:
    """Bring everything up, print where it is, and serve until Ctrl-C."""
    with _terminable(), _engine(port) as engine:
        out.print(f"API        {engine.api_url}/v1")
        out.print(f"key        {engine.api_key}")
        out.print(f"AWS        {engine.aws_url}   (AWS_ENDPOINT_URL)")
        shown = (
            "StorageBucket",
            "StorageJobsTable",
            "QueuesCloses",
            "QueuesTexts",
            "WorkflowsFinancialClose",
        )
        for name in shown:
            out.print(f"{'':10} {name}: {engine.resources[name]}", markup=False)
        out.print("logs       build/local/logs/<function>.log")
        with suppress(KeyboardInterrupt):
            while True:  # a signal may reach any thread, and wakes only that one; this one acts on it
                time.sleep(SIGNAL_LATENCY)
        notes.print("stopping")


@app.command()
def invoke(
    function: Annotated[str, typer.Argument(help=f"One of {', '.join(DEFAULTS)}.")],
    event: Annotated[
        Path | None, typer.Argument(help="JSON file; the function's sample event if left out.")
    ] = None,
) -> None:
    """Feed one event to one function; print its answer, its logs and how long it took."""
    if function not in DEFAULTS:
        raise typer.BadParameter(f"choose one of {', '.join(DEFAULTS)}", param_hint="FUNCTION")
    path = event or default_event(function)
    given = _read(path)
    with _terminable(), _engine() as engine:
        try:
            prepared = prepare(engine, given)
        except PreparationError as error:
            notes.print(f"[red]{function}[/]: {error}")
            raise typer.Exit(1) from None
        outcome = engine.invoke(function, prepared)
    _show(function, path, outcome)
    if outcome.failed:
        raise typer.Exit(1)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="EVENT") from None
    if not isinstance(content, dict):
        raise typer.BadParameter(f"{path} must hold a JSON object", param_hint="EVENT")
    return content


def _show(function: str, path: Path, outcome: Outcome) -> None:
    """The answer on standard output, everything around it on standard error."""
    notes.print(outcome.logs.rstrip(), markup=False, style="dim")
    start = "warm" if outcome.init is None else f"cold, {outcome.init * 1000:.0f} ms to start"
    ended = "[red]failed[/]" if outcome.failed else "answered"
    notes.print(f"{function} {ended} {path.name} in {outcome.duration * 1000:.0f} ms ({start})")
    out.print_json(json.dumps(outcome.value))


@contextmanager
def _engine(port: int = 0) -> Iterator[LocalEngine]:
    """A running engine; a port that someone else has is the caller's mistake."""
    engine = LocalEngine(api_port=port)
    try:
        engine.start()
    except OSError as error:
        raise typer.BadParameter(f"port {port}: {error.strerror}", param_hint="--port") from None
    with engine:
        yield engine


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end things in as orderly a way as Ctrl-C."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


if __name__ == "__main__":
    app()
