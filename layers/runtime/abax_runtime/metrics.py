"""What a server counts, in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abax_runtime.request import Generation
    from abax_runtime.scheduler import Statistics

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of the histograms' buckets, seconds."""


class Histogram:
    """Seconds, by bucket."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self._counts)

    def observe(self, seconds: float) -> None:
        """Counts one."""
        self._counts[next((at for at, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))] += 1
        self.total += seconds

    def lines(self, name: str) -> Iterator[str]:
        """Cumulative buckets, sum and count."""
        below = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._counts, strict=True):
            below += count
            yield f'{name}_bucket{{le="{bound}"}} {below}'
        yield f"{name}_sum {self.total:.6f}"
        yield f"{name}_count {below}"


class Metrics:
    """Counted by the server's event loop alone."""

    def __init__(self) -> None:
        self.responses: Counter[tuple[str, int]] = Counter()
        self.tokens: Counter[str] = Counter()
        self.first_token, self.whole = Histogram(), Histogram()

    def note(self, generation: Generation) -> None:
        """Counts a finished text."""
        timings = generation.timings
        for name in ("prompt", "cached", "completion"):
            self.tokens[name] += getattr(generation, f"{name}_tokens")
        for name in ("drafted", "accepted", "forced"):
            self.tokens[name] += getattr(generation, name)
        self.first_token.observe(timings.first_token_s)
        self.whole.observe(timings.first_token_s + timings.decode_s)

    def text(self, engine: Statistics) -> str:
        """The page that is scraped."""
        return "\n".join(self._lines(engine)) + "\n"

    def _lines(self, engine: Statistics) -> Iterator[str]:
        yield from _family("abax_http_responses_total", "counter", "Answers by path and status.")
        for (path, status), count in sorted(self.responses.items()):
            yield f'abax_http_responses_total{{path="{path}",status="{status}"}} {count}'
        yield from _family("abax_generations_total", "counter", "Texts by how they ended.")
        for finish, count in sorted(engine.finished.items()):
            yield f'abax_generations_total{{finish="{finish}"}} {count}'
        yield from _family("abax_tokens_total", "counter", "Tokens of finished texts, by kind.")
        for kind, count in sorted(self.tokens.items()):
            yield f'abax_tokens_total{{kind="{kind}"}} {count}'
        for name in ("running", "queued", "slots"):
            yield from _family(f"abax_{name}", "gauge", f"Sequences: {name}.")
            yield f"abax_{name} {getattr(engine, name)}"
        yield from _family("abax_steps_total", "counter", "Passes over the weights.")
        yield f"abax_steps_total {engine.steps}"
        yield from _family("abax_rows_total", "counter", "Tokens evaluated in them.")
        yield f"abax_rows_total {engine.rows}"
        yield from _family("abax_step_seconds_total", "counter", "Time spent in them.")
        yield f"abax_step_seconds_total {engine.step_seconds:.6f}"
        yield from _family("abax_first_token_seconds", "histogram", "From request to first token.")
        yield from self.first_token.lines("abax_first_token_seconds")
        yield from _family("abax_generation_seconds", "histogram", "From request to last token.")
        yield from self.whole.lines("abax_generation_seconds")


def _family(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"
