"""Token rows in batches: of like length, so that little is filled up, in an order that the seed fixes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import Final, TypeVar

from abax_runtime.chat import ChatTemplate
from abax_runtime.prompts import chat_tokens
from abax_runtime.tokenizer import Tokenizer

from training.adapters.examples import Example

POOL: Final = 64
"""Batches whose rows are sorted together by length."""


@dataclass(frozen=True)
class Row:
    """An example as tokens; from ``start`` on they are the answer, with the token that ends it."""

    tokens: tuple[int, ...]
    start: int

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def answers(self) -> int:
        """Tokens of the answer."""
        return len(self.tokens) - self.start


One = TypeVar("One", bound=Sized)
"""What is learnt from; its length is its tokens."""


def row_of(example: Example, tokenizer: Tokenizer, template: ChatTemplate) -> Row:
    """An example as the runtime reads it: a document cannot end its own turn."""
    prompt = chat_tokens(example.messages, template, tokenizer)
    answer = [*tokenizer.encode(example.answer, bos=False), *tokenizer.encode(END, special=True, bos=False)]
    return Row((*prompt, *answer), len(prompt))


END: Final = "<|im_end|>"
"""ChatML's; what the base itself ends an answer with."""


def fitting(rows: Iterable[One], longest: int) -> tuple[list[One], int]:
    """The rows of at most so many tokens, and how many are longer."""
    kept, dropped = [], 0
    for row in rows:
        if len(row) > longest:
            dropped += 1
        else:
            kept.append(row)
    return kept, dropped


def batches(rows: Sequence[Sized], tokens: int, seed: int) -> list[list[int]]:
    """Places of the rows of each batch of at most so many tokens, filling counted, for one pass."""
    rng = random.Random(seed)
    order = list(range(len(rows)))
    rng.shuffle(order)
    mean = sum(len(row) for row in rows) / max(len(rows), 1)
    pool = max(1, int(POOL * tokens / max(mean, 1)))
    found: list[list[int]] = []
    for at in range(0, len(order), pool):
        found += _cut(sorted(order[at : at + pool], key=lambda one: len(rows[one])), rows, tokens)
    rng.shuffle(found)
    return found


def _cut(order: Sequence[int], rows: Sequence[Sized], tokens: int) -> list[list[int]]:
    found: list[list[int]] = []
    for one in order:
        fits = found and len(rows[one]) * (len(found[-1]) + 1) <= tokens
        if fits:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def waste(rows: Sequence[Sized], cut: Sequence[Sequence[int]]) -> float:
    """Share of the tokens of all batches that only fill up."""
    padded = sum(max(len(rows[one]) for one in batch) * len(batch) for batch in cut)
    return 1 - sum(len(rows[one]) for batch in cut for one in batch) / max(padded, 1)
