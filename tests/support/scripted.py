"""A model without weights: its logits are what a rule says of the tokens so far. For edge cases.

The context keeps what it was given, slot by slot and position by position, as a cache of keys and values
would, and a rule sees only that: a scheduler that loses, doubles or misplaces a token gets another text.
"""

from __future__ import annotations

import ctypes
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from abax_runtime.cache import Attention
from abax_runtime.engine import Engine
from abax_runtime.errors import ContextOverflow, InvalidParameter
from abax_runtime.native import load

STOP, TURN = 256, 257
"""Control tokens; all others are bytes."""

SIZE = 258

Rule = Callable[[Sequence[int]], "int | Sequence[float]"]
"""The token that follows, or logits for all."""


class ByteTokenizer:
    """A token for each byte."""

    size, bos, eos, stop, add_bos = SIZE, None, STOP, frozenset({STOP}), False

    def control_names(self, text: str) -> list[str]:
        return []

    def encode(
        self, text: str, *, special: bool = False, bos: bool | None = None, said: object = None
    ) -> list[int]:
        return list(text.encode())

    def decode(self, ids: Sequence[int], *, special: bool = False) -> str:
        return bytes(id for id in ids if id < 256).decode(errors="replace")

    def piece(self, id: int) -> bytes:
        return bytes([id]) if id < 256 else b""

    def pieces(self) -> list[bytes]:
        return [self.piece(id) for id in range(SIZE)]

    def is_control(self, id: int) -> bool:
        return id >= 256

    def decoder(self) -> ByteDecoder:
        return ByteDecoder()


class ByteDecoder:
    """Holds back what is not yet a character."""

    def __init__(self) -> None:
        import codecs

        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, id: int) -> str:
        return self._decoder.decode(bytes([id]) if id < 256 else b"")

    def finish(self) -> str:
        return self._decoder.decode(b"", final=True)


class ScriptedContext:
    """Slots that hold tokens; ``steps`` records each step's rows as (slot, first position, tokens)."""

    def __init__(
        self, rule: Rule, *, length: int = 256, sequences: int = 4, batch: int = 64, seconds: float = 0.0
    ) -> None:
        self.rule, self.length, self.sequences, self.batch = rule, length, sequences, batch
        self.seconds = seconds
        self.attention = Attention()
        self.held: list[list[int]] = [[] for _ in range(sequences)]
        self.adapted: list[list[Any]] = [[] for _ in range(sequences)]
        """What each held token was read with."""
        self.steps: list[list[tuple[int, int, list[int]]]] = []
        self.copies: list[tuple[int, int, int]] = []
        self.closed = False
        self.stored: dict[Path, list[int]] = {}
        self._logits = (ctypes.c_float * 0)()

    def step(
        self,
        tokens: Sequence[int],
        positions: Sequence[int],
        sequences: Sequence[int],
        outputs: Sequence[int],
        adapters: Mapping[int, Any] | None = None,
    ) -> None:
        assert not self.closed and 0 < len(tokens) <= self.batch
        time.sleep(self.seconds * len(tokens))
        seen = [self._row(*row) for row in zip(tokens, positions, sequences, strict=True)]
        for position, slot in zip(positions, sequences, strict=True):
            own, adapter = self.adapted[slot], (adapters or {}).get(slot)
            assert all(one is adapter for one in own[:position]), "what is held was read with another"
            own[position:] = [adapter]
        self.steps.append(_grouped(tokens, positions, sequences))
        logits = [value for output in outputs for value in self._answer(seen[output])]
        self._logits = (ctypes.c_float * len(logits))(*logits)

    def _row(self, token: int, position: int, slot: int) -> list[int]:
        held = self.held[slot]
        assert position <= len(held), f"position {position} of slot {slot}, which holds {len(held)}"
        if position >= self.length:
            raise ContextOverflow(position + 1, self.length)
        if len(self.held[slot]) == position or held[position] != token:
            del held[position:]
            held.append(token)
        return held[: position + 1]

    def _answer(self, seen: Sequence[int]) -> Sequence[float]:
        answer = self.rule(seen)
        if isinstance(answer, int):
            return [10.0 if token == answer else 0.0 for token in range(SIZE)]
        return answer

    def logits_address(self, number: int) -> int:
        return ctypes.addressof(self._logits) + number * SIZE * 4

    def embed(self, tokens: Sequence[int], *, layers: Any = None, slot: int = 0) -> list[float]:
        self.held[slot], self.adapted[slot] = list(tokens), [None] * len(tokens)
        return [float(len(tokens)), float(sum(tokens)), 0.0]

    def copy(self, slot_from: int, slot_to: int, length: int) -> None:
        assert len(self.held[slot_from]) >= length
        self.copies.append((slot_from, slot_to, length))
        self.held[slot_to] = self.held[slot_from][:length]
        self.adapted[slot_to] = self.adapted[slot_from][:length]

    def save_prefix(self, path: Path, slot: int, length: int, adapter: Any = None) -> None:
        path.write_bytes(b"planes")
        self.stored[path] = self.held[slot][:length]

    def load_prefix(self, path: Path, slot: int, adapter: Any = None) -> int:
        if path not in self.stored:
            raise InvalidParameter("prefix", "not stored here")
        self.held[slot], self.adapted[slot] = list(self.stored[path]), [adapter] * len(self.stored[path])
        return len(self.held[slot])

    def close(self) -> None:
        self.closed = True


def _grouped(
    tokens: Sequence[int], positions: Sequence[int], sequences: Sequence[int]
) -> list[tuple[int, int, list[int]]]:
    rows: list[tuple[int, int, list[int]]] = []
    for token, position, slot in zip(tokens, positions, sequences, strict=True):
        if rows and rows[-1][0] == slot:
            assert position == rows[-1][1] + len(rows[-1][2]), "rows of a slot are consecutive"
            rows[-1][2].append(token)
        else:
            rows.append((slot, position, [token]))
    assert len({slot for slot, *_ in rows}) == len(rows), "rows of a slot stand together"
    return rows


def scripted_engine(context: ScriptedContext) -> Engine:
    """An engine on a scripted context, with the real sampler."""
    return Engine(scripted_model(), context)  # type: ignore[arg-type]


def scripted_model() -> Any:
    """What an engine asks of a model."""

    def render(messages: Sequence[Mapping[str, str]], **_: Any) -> str:
        return "".join(f"[{one['role']}]{one['content']}" for one in messages) + "[assistant]"

    return SimpleNamespace(
        tokenizer=ByteTokenizer(),
        chat_template=SimpleNamespace(render=render),
        native=load(),
        gguf=SimpleNamespace(fingerprint="scripted", check_unchanged=lambda: None),
        config=SimpleNamespace(width=3, vocabulary=SIZE),
        close=lambda: None,
    )


def saying(text: str) -> Rule:
    """A model that answers every prompt that ends in "?" with a text, and then stops."""
    said = [*text.encode(), STOP]

    def rule(seen: Sequence[int]) -> int:
        asked = len(seen) - 1 - list(reversed(seen)).index(ord("?"))
        return said[min(len(seen) - asked, len(said)) - 1]

    return rule


def babble(seen: Sequence[int]) -> list[float]:
    """Logits that depend on every token so far, of printable characters only."""
    random = Random(zlib.crc32(bytes(token % 256 for token in seen)))
    return [random.gauss(0, 3) if 32 <= token < 127 else -50.0 for token in range(SIZE)]


def echo(seen: Sequence[int]) -> list[float]:
    """A model that tends to repeat what followed the last time the same two characters stood there."""
    logits = babble(seen)
    for at in range(len(seen) - 2, 1, -1):
        if list(seen[at - 2 : at]) == list(seen[-2:]):
            logits[seen[at]] += 16.0
            break
    return logits
