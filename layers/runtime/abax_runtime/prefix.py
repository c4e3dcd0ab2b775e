"""Stored prefixes: the state of a fixed beginning of prompts, evaluated once, mapped by each request.

Two files: ``NAME``, the cache's planes (``KvCache.save``), and ``NAME.json`` beside it:
``{"text", "tokens", "fingerprint", "attention", "key"}``. The key is a hash of the other four, so that one
can tell whether a stored prefix is the one that an application wants.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from abax_runtime.errors import InvalidModel, InvalidParameter
from abax_runtime.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FOLDER = "prefixes"
"""Beside a model's file: the prefixes that applications have stored by name."""
TURNED = 4
"""So many of the last tokens may differ from the prompt's, where words run on beyond the prefix."""


class StoredPrefix(Record):
    """What a stored prefix is of."""

    path: Path
    text: str
    tokens: list[int]
    fingerprint: str
    """Of the model that evaluated it, with its adapter (``Model.fingerprint``)."""
    attention: str

    @property
    def key(self) -> str:
        """The same for the same text, model and attention, whoever built it."""
        told = json.dumps([self.text, self.tokens, self.fingerprint, self.attention])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def check(self, fingerprint: str, attention: str, prompt: list[int]) -> None:
        """Raises ``InvalidParameter`` where this prefix is not one of the prompt, or of another model."""
        if fingerprint != self.fingerprint:
            raise InvalidParameter(
                "prefix", f"{self.path} was built for another model or adapter; build it anew"
            )
        if attention != self.attention:
            raise InvalidParameter("prefix", f"{self.path} was built with attention {self.attention}")
        sure = max(1, len(self.tokens) - TURNED)
        if prompt[:sure] != self.tokens[:sure]:
            raise InvalidParameter("prefix", f"the prompt does not begin with the text of {self.path}")


def store(prefix: StoredPrefix, save: Callable[[Path], object]) -> StoredPrefix:
    """Writes both files; ``save`` writes the planes. A prefix that is there already is replaced.

    Raises ``InvalidParameter`` where something else is.
    """
    _check_place(prefix.path)
    prefix.path.parent.mkdir(parents=True, exist_ok=True)
    save(prefix.path)
    told = prefix._asdict() | {"key": prefix.key}
    del told["path"]
    _beside(prefix.path).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return prefix


def read(path: Path | str) -> StoredPrefix:
    """What is stored at ``path``. Raises ``InvalidParameter`` where nothing is, ``InvalidModel`` for junk."""
    path = Path(path)
    try:
        told = json.loads(_beside(path).read_text(encoding="utf-8"))
        prefix = StoredPrefix(path, told["text"], told["tokens"], told["fingerprint"], told["attention"])
        key = told["key"]
    except OSError as error:
        raise InvalidParameter(
            "prefix", f"no stored prefix at {path}: {_beside(path).name}: {error.strerror}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidModel(f"{_beside(path)} does not describe a stored prefix: {error!r}") from error
    if key != prefix.key or not _are_tokens(prefix.tokens):
        raise InvalidModel(f"{_beside(path)} was changed after it was stored; build it anew")
    return prefix


def place(model: Path | str, fingerprint: str, name: str) -> Path:
    """Where the prefix of that name lies for a model: beside its file, apart from other models'."""
    return Path(model).parent / FOLDER / fingerprint[:12] / name


def _check_place(path: Path) -> None:
    if path.exists() or _beside(path).exists():
        try:
            read(path)
        except (InvalidModel, InvalidParameter) as error:
            raise InvalidParameter(
                "prefix",
                f"{path} or {_beside(path).name} is there and is no stored prefix: name another place",
            ) from error


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _are_tokens(tokens: Any) -> bool:
    return isinstance(tokens, list) and bool(tokens) and all(type(token) is int for token in tokens)
