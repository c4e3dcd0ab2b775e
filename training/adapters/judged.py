"""What an adapter answers on a fixed set, document by document, so that two can be compared in pairs.

A file of results, as the guard of ``abax.learning`` reads it::

    {"evaluation": "receipts", "set_sha256": "…", "adapter_sha256": "…", "units": [
      {"name": "a", "score": 0.75, "group": "company a"}, …]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from abax_runtime.engine import Engine
from abax_runtime.sampler import Sampling

from training.adapters import sampling
from training.adapters.examples import Example

TOGETHER: Final = 4
"""Questions at once."""


def judged(
    evaluation: str,
    ones: Sequence[Example],
    adapter: Path | None,
    score: Callable[[str, str, str], float] = sampling.score,
) -> dict[str, Any]:
    """Results of an adapter, None for the base as it is, on examples: greedy, with grammar and grounding.
    ``score`` is told the kind, what was said and what is true. Raises what the runtime does, a
    ``RuntimeFault``."""
    name, files = (adapter.stem, [adapter]) if adapter is not None else ("", [])
    told = hashlib.sha256("\n".join(f"{one.prompt_hash} {one.answer}" for one in ones).encode())
    units = []
    with Engine.open(length=4096, sequences=TOGETHER, adapters=files) as engine:
        for at in range(0, len(ones), TOGETHER):
            part = ones[at : at + TOGETHER]
            made = engine.generate_all([sampling.question(one, name, Sampling()) for one in part])
            for one, each in zip(part, made, strict=True):
                if isinstance(each, Exception):
                    raise each
                value = score(one.kind, each.text, one.answer)
                units.append({"name": one.name, "score": round(value, 6), "group": one.group})
    return {
        "evaluation": evaluation,
        "set_sha256": told.hexdigest(),
        "adapter_sha256": hashlib.sha256(adapter.read_bytes()).hexdigest() if adapter else "",
        "units": units,
    }
