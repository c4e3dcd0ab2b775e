"""What an adapter file says of itself, by the runtime that would use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abax.errors import InvalidRequest, ModelUnavailable


def inspect(path: Path) -> dict[str, Any]:
    """``base_sha256``, the hashes of the bases that it was trained for; ``name``; and ``form`` and
    ``data_sha256``, where it tells them.

    Raises:
        InvalidRequest: it is damaged, no adapter, or one for another base than the default model.
        ModelUnavailable: the runtime is not installed.
    """
    try:
        from abax_runtime.adapter import base_hash, describe
        from abax_runtime.errors import RuntimeFault
        from abax_runtime.gguf import open_gguf
        from abax_runtime.models import default_model
    except ImportError as error:
        raise ModelUnavailable(f"the model runtime is not installed: {error}; run make setup") from error
    try:
        with open_gguf(path) as gguf:
            told, training = describe(gguf), gguf.metadata
            form, data = (str(training.get(f"abax.training.{key}", "")) for key in ("form", "data_sha256"))
        with open_gguf(default_model()) as base:
            own = base_hash(base)
    except RuntimeFault as error:
        raise InvalidRequest(str(error), "adapter") from error
    if told.base_hashes and own not in told.base_hashes:
        named = f"{told.base_name or 'unnamed'}, {told.base_hashes[0][:16]}…"
        raise InvalidRequest(
            f"{path} was trained for another base ({named}); ours has the hash {own[:16]}…", "adapter"
        )
    return {"base_sha256": told.base_hashes, "name": told.name, "form": form, "data_sha256": data}
