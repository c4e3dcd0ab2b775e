"""The loss of tokens under a frozen output matrix, without keeping the logits."""

from __future__ import annotations

from typing import Any, Final

import torch

CHUNK: Final = 256
"""Tokens whose logits exist at once: of 49,152 words each, in float32, 50 MB."""


class _CrossEntropy(torch.autograd.Function):  # type: ignore[misc]
    """Makes the gradient of the hidden states on the way forward, while a chunk's logits are there.

    d loss / d logits = softmax(logits) - one-hot(wanted); the output matrix learns nothing.
    """

    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, matrix: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        gradient, told = torch.empty_like(hidden), hidden.new_empty(len(hidden), dtype=torch.float32)
        for start in range(0, len(hidden), CHUNK):
            part, words = hidden[start : start + CHUNK], wanted[start : start + CHUNK, None]
            logits = (part @ matrix.T).float()
            lost = torch.logsumexp(logits, 1, keepdim=True) - logits.gather(1, words)
            told[start : start + CHUNK] = lost[:, 0]
            shares = torch.softmax(logits, 1, out=logits)
            shares.scatter_add_(1, words, torch.full_like(words, -1, dtype=torch.float32))
            gradient[start : start + CHUNK] = shares.to(matrix.dtype) @ matrix
        ctx.save_for_backward(gradient)
        return told

    @staticmethod
    def backward(ctx: Any, *of: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        [gradient] = ctx.saved_tensors
        return gradient * of[0][:, None].to(gradient.dtype), None, None


def frozen_cross_entropy(hidden: torch.Tensor, matrix: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """-log p(wanted) [tokens], of hidden states [tokens][width], matrix [words][width] and wanted [tokens].
    The gradient goes to the hidden states alone."""
    told: torch.Tensor = _CrossEntropy.apply(hidden.to(matrix.dtype), matrix, wanted)
    return told
